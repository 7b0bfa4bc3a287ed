"""Learn: from the evidence that a case has, each kind used where it is there.

A ledger of contracts says most, so it is used where there is one; else periodic figures; else a handful of
public facts. A case with none of them runs on its own statements, and says so.
"""

from __future__ import annotations

import polars as pl

from secondhall.belief.belief import Belief
from secondhall.belief.learned import Learned
from secondhall.belief.posterior import Posterior
from secondhall.belief.prior import Prior
from secondhall.belief.store import belief_file, load, save
from secondhall.case import Case
from secondhall.errors import NoAnswerError
from secondhall.months import Month
from secondhall.progress import Report, quiet

__all__ = ["SEED", "evidence_of", "learn", "posterior_of", "refusal"]

SEED = 7
"""The seed of learning; another one gives the same belief within its sampling error."""

SERIES_LINES = ("sold", "utilisation", "revenue", "hosting_revenue")
"""Lines of the accounts that tell of demand."""


def evidence_of(case: Case, until: Month) -> str | None:
    """Return what can be learned from: "ledger", "series", "facts"; None where there is nothing."""
    if case.contracts is not None and case.contracts.height > 0:
        return "ledger"
    accounts = case.known_accounts(until)
    if accounts is not None and accounts.filter(pl.col("line").is_in(SERIES_LINES)).height > 0:
        return "series"
    if case.history is not None and any(fact.value is not None for fact in case.known_facts(until)):
        return "facts"
    return None


def learn(
    case: Case,
    *,
    until: Month | None = None,
    scenario: str | None = None,
    seed: int = SEED,
    report: Report = quiet,
    fresh: bool = False,
) -> Belief:
    """Return what the data of a case say of its unknowns.

    Parameters
    ----------
    case
        the case, at its start or at one of its decision dates.
    until
        nothing that became known later is used; by default the start of the case.
    scenario
        a named scenario to impose on the futures; it is not part of what is learned.
    seed
        of the sampler.
    report
        called with (what is being done, done, total).
    fresh
        learn again, though a belief learned from the same inputs is stored.

    Raises
    ------
    NoAnswerError
        when the draws cannot be trusted, with the reason.
    """
    known_by = case.start if until is None else until
    if evidence_of(case, known_by) is None:
        return Prior(case, scenario)
    posterior = posterior_of(case, until=known_by, seed=seed, report=report, fresh=fresh)
    refused = refusal(case, posterior)
    if refused is not None:
        raise NoAnswerError(refused)
    return Learned(case, posterior, scenario)


def posterior_of(case: Case, *, until: Month, seed: int, report: Report, fresh: bool) -> Posterior:
    """Return what was learned, from the store where it stands there, whether it can be trusted or not.

    The case must have evidence; the parameters are those of `learn`.
    """
    evidence = evidence_of(case, until)
    assert evidence is not None
    stored = belief_file(case, until, seed)
    posterior = None if fresh else load(stored)
    if posterior is None:
        posterior = _sampled(case, evidence, until, seed, report)
        save(posterior, stored)
    return posterior


def refusal(case: Case, posterior: Posterior) -> str | None:
    """Return why nothing may be built on what was learned; None where it may."""
    if posterior.convergence.refused is None:
        return None
    return (
        f"What was learned of {case.name} cannot be trusted: {posterior.convergence.refused}. "
        "Give narrower statements or more data."
    )


def _sampled(case: Case, evidence: str, until: Month, seed: int, report: Report) -> Posterior:
    if evidence == "ledger":
        from secondhall.belief.ledger.learn import learn_ledger

        return learn_ledger(case, until=until, seed=seed, report=report)
    if evidence == "series":
        from secondhall.belief.series.learn import learn_series

        return learn_series(case, until=until, seed=seed, report=report)
    from secondhall.belief.facts.learn import learn_facts

    return learn_facts(case, until=until, seed=seed, report=report)
