"""Learning from a handful of public figures, through the company itself."""
