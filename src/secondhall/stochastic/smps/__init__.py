"""SMPS, the format in which stochastic programmes are published: a core, its periods, its scenarios.

Birge, Dempster, Gassmann, Gunn, King & Wallace 1987, *A standard input format for multiperiod stochastic
linear programs*, COAL Newsletter 17; Gassmann & Schweitzer 2001, *Annals of Operations Research* 104, 89.
"""

from secondhall.stochastic.smps.read import read_smps, read_smps_texts
from secondhall.stochastic.smps.write import smps_texts, write_smps

__all__ = ["read_smps", "read_smps_texts", "smps_texts", "write_smps"]
