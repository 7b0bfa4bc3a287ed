"""Learn from the ledgers: each subject by its own method, put together draw by draw.

What is learned of demand, of order sizes, of attach and of the pipeline shares no unknown, so the posteriors
are independent and may be set beside each other in any order.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from secondhall.belief.ledger.attach import learn_attach
from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.pipeline import closed_orders, learn_pipeline
from secondhall.belief.ledger.predict import predict
from secondhall.belief.ledger.read import first_orders, ledger_lessons, ledger_of
from secondhall.belief.ledger.room import largest_room
from secondhall.belief.ledger.rows import ContractRows, contract_rows
from secondhall.belief.ledger.sizes import learn_sizes
from secondhall.belief.ledger.stated import stated_lessons
from secondhall.belief.ledger.survival import learn_survival
from secondhall.belief.part import Part
from secondhall.belief.posterior import CHAINS, DRAWS, Convergence, Lesson, Posterior, RegimePath
from secondhall.belief.trust import convergence_of, regime_chains
from secondhall.case import Case
from secondhall.company.layout import Floats
from secondhall.months import Month
from secondhall.progress import Report, quiet

__all__ = ["SHORTEST", "learn_ledger"]

SHORTEST = 12
"""Months of contracts below which the demand is not learned: a year shows no regime and hardly a trend."""


def learn_ledger(case: Case, *, until: Month, seed: int, report: Report = quiet) -> Posterior:
    """Return what the ledgers of a case say of its unknowns.

    Parameters
    ----------
    case
        a case with contracts; its statements are the priors.
    until
        the month that follows the last one that is known; nothing later is used.
    seed
        of every sampler.
    report
        called with (what is being done, done, total).
    """
    report("reading the ledgers", 0, 1)
    rows = contract_rows(case, until)
    ledger = ledger_of(case, rows)
    room = largest_room(case, rows)
    parts = [Part(lessons=ledger_lessons(rows, ledger))]
    regimes: RegimePath | None = None
    demand, regimes = _demand(case, ledger, seed, report)
    parts.append(demand)
    if rows.months:
        report("sizes, survival, services and pipeline", 0, 1)
        parts.append(learn_sizes(case, rows, ledger, room, seed=seed))
        parts.append(learn_survival(rows))
        parts.append(learn_attach(case, rows, until, seed=seed))
        parts.append(Part(lessons=stated_lessons(case, rows)))
    parts.append(learn_pipeline(case, until, seed=seed))
    parts.append(Part(checks=predict(ledger, demand.values, regimes, seed=seed)))
    report("sizes, survival, services and pipeline", 1, 1)
    return _together(case, rows, until, parts, regimes)


def _demand(case: Case, ledger: Ledger, seed: int, report: Report) -> tuple[Part, RegimePath | None]:
    """Return what was learned of demand; nothing where the ledger is too short for it."""
    if ledger.months < SHORTEST:
        words = (
            f"the ledger holds {ledger.months} months, {SHORTEST} are needed to learn of demand, churn, "
            "growth and regimes: the case's own statements stand in"
        )
        return Part(lessons=(Lesson("segments", False, words),)), None
    from secondhall.belief.ledger.demand import learn_demand

    return learn_demand(case, ledger, seed=seed, report=report)


def _together(
    case: Case, rows: ContractRows, until: Month, parts: list[Part], regimes: RegimePath | None
) -> Posterior:
    chains = {name: draws for part in parts for name, draws in part.values.items()}
    opening = {name: draws for part in parts for name, draws in part.opening.items()}
    convergence = convergence_of(chains | regime_chains(opening)) if chains else _nothing_learned()
    return Posterior(
        evidence=("ledger",),
        words=_words(case, rows, until),
        until=until,
        values={name: _flat(draws) for name, draws in chains.items()},
        opening=opening,
        priors={name: prior for part in parts for name, prior in part.priors.items()},
        regimes=regimes,
        checks=tuple(check for part in parts for check in part.checks),
        convergence=convergence,
        lessons=_distinct(parts),
        series=_series(parts),
    )


def _flat(draws: Floats) -> Floats:
    return np.ascontiguousarray(draws.reshape(CHAINS * DRAWS))


def _nothing_learned() -> Convergence:
    return Convergence(worst_rhat=np.nan, worst_rhat_name="", least_ess=np.nan, least_ess_name="")


def _distinct(parts: list[Part]) -> tuple[Lesson, ...]:
    """Return the lessons; of two that say of a field that it was not learned, the first."""
    kept: list[Lesson] = []
    missing: set[str] = set()
    for lesson in (lesson for part in parts for lesson in part.lessons):
        if not lesson.learned and lesson.subject in missing:
            continue
        if not lesson.learned:
            missing.add(lesson.subject)
        kept.append(lesson)
    return tuple(kept)


def _series(parts: list[Part]) -> Mapping[str, Mapping[str, Floats]]:
    return {name: columns for part in parts for name, columns in part.series.items()}


def _words(case: Case, rows: ContractRows, until: Month) -> str:
    if rows.months == 0:
        return f"no contract was signed before {until}: the case's own statements stand"
    customers = sum(first_orders(rows, s)[0].size for s in range(len(rows.segments)))
    span = f"{rows.first} to {until - 1}"
    orders = closed_orders(case, until)
    closed = f" and {orders.height:,} closed orders" if orders is not None and orders.height else ""
    return f"learned from {rows.frame.height:,} contracts of {customers:,} customers, {span}{closed}"
