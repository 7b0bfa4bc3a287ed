"""Two-stage programmes with small integer recourse, searched in the space of their tenders.

The first stage x reaches the second only through its tenders chi = D x, such as the capacity that stands in a
period. Ahmed, Tawarmalani & Sahinidis 2004, *Mathematical Programming* 100, 355, branch on these: the
expected cost of recourse is a step function of chi, so a box of tenders that holds no step is solved. Here
the bound of a box is the convex envelope of the expected cost itself, not the mean of the scenarios'
envelopes: this is what a Lagrangian dual that keeps all scenarios together would give.
"""

from secondhall.stochastic.tender.recourse import Recourse, recourse_of
from secondhall.stochastic.tender.search import search_tenders

__all__ = ["Recourse", "recourse_of", "search_tenders"]
