"""Latent demand: intensities and regimes that nobody sees, sampled from whatever evidence speaks of them."""
