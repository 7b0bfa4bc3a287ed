"""The compiled half of the company: the only package that imports numba."""
