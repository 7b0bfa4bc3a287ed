"""The compiled likelihoods of learning, and the loops that sample them."""
