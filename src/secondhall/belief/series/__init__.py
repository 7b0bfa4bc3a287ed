"""Learning from periodic figures alone."""
