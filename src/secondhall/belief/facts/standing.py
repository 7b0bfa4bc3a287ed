"""What a case states of the regime at its start, as evidence on the past that led there.

The statement of a later date is newer than what the regimes' own chain says from where the history begins:
people lived through those months. With the statement u_z and the chain's own probability p_z, drawn from the
statements alone, a past that ends in regime z weighs u_z / p_z, so that without facts the regime is as
stated, and facts count on top of it.
"""

from __future__ import annotations

import numpy as np

from secondhall.belief.facts.history import History
from secondhall.belief.facts.measure import Target
from secondhall.case import Case, Fact
from secondhall.company.layout import Floats

__all__ = ["chain_probability", "regime_statement"]

DRAWS = 4000
"""Draws of the statements over which the chain's probability is averaged."""

IMPOSSIBLE = 12.0
"""Reading, in deviations, of a regime that the case rules out."""


def regime_statement(case: Case, history: History) -> Target | None:
    """Return the statement as a figure of 0 with deviation 1; None where the case opens with its history.

    The reading is sqrt(-2 ln(w_z / max w)), w = u / p: the kernel of a figure gives back w_z.
    """
    opens = case.start - history.case.start - 1
    if opens < 0:
        return None
    weights = np.array(case.market.shares("start_regime")) / chain_probability(history, opens + 1)
    with np.errstate(divide="ignore"):
        readings = np.minimum(np.sqrt(-2.0 * np.log(weights / weights.max())), IMPOSSIBLE)
    fact = Fact(
        fact="start_regime",
        quantity="regime at the start",
        period=str(case.start - 1),
        first=case.start - 1,
        last=case.start - 1,
        value=0.0,
        unit=None,
        standard_deviation=1.0,
        published=case.start,
        words="What the case states of the regime at its start.",
        source="case.yaml",
    )
    return Target(fact, ("regime",), lambda kept: readings[kept["regime"][opens].astype(np.int64)])


def chain_probability(history: History, months: int) -> Floats:
    """Return [regime] probability after `months` months of the chain (M1), averaged over the statements."""
    rng = np.random.default_rng(history.seed)
    p = history.parameters(rng.standard_normal((DRAWS, len(history.unknowns))))
    leave, firm = p.firm_regime.leave_probability, p.firm
    boom, steady, bust = p.firm_regime.start_probability
    for _ in range(months):
        out = boom * leave[0], steady * leave[1], bust * leave[2]
        boom, steady, bust = (
            boom - out[0] + out[1] * firm.after_steady_boom + out[2] * (1.0 - firm.after_bust_steady),
            steady - out[1] + out[0] * (1.0 - firm.after_boom_bust) + out[2] * firm.after_bust_steady,
            bust - out[2] + out[0] * firm.after_boom_bust + out[1] * (1.0 - firm.after_steady_boom),
        )
    return np.array([boom.mean(), steady.mean(), bust.mean()])
