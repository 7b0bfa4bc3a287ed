"""Joins the stages: a question, its inputs, its answer, and where it came from.

The whole programme::

    case     = read_case("fluxus")
    belief   = learn(case)
    decision = plan(case, belief, futures=10_000, seed=7)  # searched on one set of futures, judged on another
    report   = write_report(decision, "out/")

and, when the hall is already empty::

    recovery = recover(case, at=Month.parse("2001-12"))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from secondhall.belief import Belief
from secondhall.belief.learning import SEED
from secondhall.belief.learning import learn as learn_belief
from secondhall.case import Case, read_case
from secondhall.company import slots_of
from secondhall.decide import Decision, Settings, decide, play_named
from secondhall.decide.choose import recommended_rule
from secondhall.decide.data import as_data
from secondhall.decide.rules import Rule
from secondhall.decide.stress import Reverse, SideBySide, side_by_side
from secondhall.decide.stress import reverse_stress as find_reverse
from secondhall.futures import Futures
from secondhall.months import Month
from secondhall.progress import Report, quiet
from secondhall.study.store import store_decision, store_futures, store_recovery

if TYPE_CHECKING:
    from secondhall.belief import Posterior
    from secondhall.decide.alarm import Alarm
    from secondhall.recover.programme import Goal
    from secondhall.recover.recovery import Recovery
    from secondhall.recover.recovery import Settings as RecoverySettings

__all__ = [
    "alarms",
    "as_data",
    "learn",
    "plan",
    "read_case",
    "recover",
    "recover_lived",
    "reverse_stress",
    "simulate",
    "store_decision",
    "store_futures",
    "store_recovery",
    "stress",
    "write_report",
]


def learn(
    case: Case,
    *,
    until: Month | None = None,
    scenario: str | None = None,
    seed: int = SEED,
    report: Report = quiet,
    fresh: bool = False,
) -> Belief:
    """Return what the data of a case say of its unknowns; without data, the case's own statements.

    Parameters
    ----------
    case
        the case, at its start or at one of its decision dates.
    until
        nothing that became known later is used; by default the start of the case.
    scenario
        a named scenario to impose on the futures.
    seed
        of the sampler.
    report
        called with (what is being done, done, total).
    fresh
        learn again, though a belief learned from the same inputs is stored.

    Examples
    --------
    >>> learn(read_case("paris2006")).known().paths
    1
    """
    return learn_belief(case, until=until, scenario=scenario, seed=seed, report=report, fresh=fresh)


def simulate(
    case: Case,
    belief: Belief,
    rules: Sequence[Rule],
    *,
    futures: int = 10_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> tuple[Futures, ...]:
    """Play rules over the same futures.

    Examples
    --------
    >>> from secondhall.decide.rules import Never
    >>> case = read_case("paris2006")
    >>> [one] = simulate(case, learn(case), [Never()], futures=64)
    >>> one.paths
    64
    """
    return play_named(case, belief, rules, paths=futures, seed=seed, threads=threads, report=report)


def alarms(
    case: Case, explained: Posterior, *, seed: int = SEED, threads: int | None = None, report: Report = quiet
) -> tuple[Alarm, ...]:
    """Return when the inflow of an explained past would have raised the alarm, at each decision date.

    Parameters
    ----------
    case
        a case with a history, at its start.
    explained
        learned from facts of after that start.
    seed
        of the beliefs of those dates, which are learned where they are not stored.
    threads, report
        as in `learn` and `simulate`.
    """
    from secondhall.decide.alarm import alarm

    found = []
    for date in (case.start, *case.decision_dates):
        standing = case.at(date)
        is_open = set(standing.halls) <= set(case.halls)  # no alarm warns of a hall that stands already
        if date < explained.until and is_open:
            belief = learn(standing, until=date, seed=seed, report=report)
            found.append(alarm(standing, belief, explained, seed=seed, threads=threads))
    return tuple(found)


def plan(
    case: Case,
    belief: Belief | None = None,
    *,
    at: Month | None = None,
    rules: Sequence[Rule] | None = None,
    futures: int = 8_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> Decision:
    """Recommend a rule.

    Parameters
    ----------
    case
        the case; ``at`` takes it at one of its decision dates.
    belief
        learned from the case; by default `learn` of it.
    at
        a decision date of the case.
    rules
        what to compare; by default the same kinds of rule for every case, their figures searched.
    futures, seed
        on which the finalists are judged.
    threads
        how many; all cores by default. The answer does not depend on it.
    report
        called with (what is being done, done, total).
    """
    standing = case if at is None else case.at(at)
    settings = replace(Settings(), futures=futures, threads=threads)
    believed = belief or learn(standing, report=report)
    return decide(standing, believed, rules=rules, seed=seed, settings=settings, report=report)


def stress(
    case: Case,
    rule: Rule | None = None,
    *,
    futures: int = 4_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> SideBySide:
    """Set the scenarios of a case side by side, for never and a rule.

    Parameters
    ----------
    case
        the case, at its start or at one of its decision dates.
    rule
        what is stressed; by default what `plan` recommends.
    futures, seed
        the futures, with the same random numbers under every scenario.
    threads, report
        as in `simulate`.
    """
    settings = replace(Settings(), futures=futures, threads=threads)
    base, stressed = _stressed(case, rule, seed, settings, report)
    beliefs: dict[str | None, Belief] = {None: base}
    beliefs |= {name: learn(case, scenario=name, report=report) for name in case.scenarios}
    return side_by_side(
        case,
        beliefs,
        stressed,
        paths=futures,
        seed=seed,
        weight=settings.risk_weight,
        limit=settings.limit,
        threads=threads,
        report=report,
    )


def reverse_stress(
    case: Case,
    rule: Rule | None = None,
    *,
    futures: int = 4_000,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> Reverse:
    """Find the mildest shock under which half of the futures break; the arguments are those of `stress`."""
    settings = replace(Settings(), futures=futures, threads=threads)
    base, stressed = _stressed(case, rule, seed, settings, report)
    return find_reverse(case, base, stressed, paths=futures, seed=seed, threads=threads, report=report)


def _stressed(
    case: Case, rule: Rule | None, seed: int, settings: Settings, report: Report
) -> tuple[Belief, Rule]:
    """Return the belief without a scenario, and the rule that is stressed."""
    base = learn(case, report=report)
    return base, rule or recommended_rule(case, base, seed=seed, settings=settings, report=report)


def recover(
    case: Case,
    belief: Belief | None = None,
    *,
    at: Month | None = None,
    companies: int = 20,
    goal: Goal | None = None,
    seed: int = 7,
    settings: RecoverySettings | None = None,
    report: Report = quiet,
) -> Recovery:
    """Plan the way out of a company as it stands.

    Parameters
    ----------
    case
        the case; the company knows its own figures when their period is over, published or not.
    belief
        learned from it; by default `learn` of it.
    at
        the last month whose books are closed, the month before a decision date of the case; by default the
        month before its start.
    companies
        how many other companies that the evidence allows get a plan of their own.
    goal, seed, settings, report
        as `secondhall.recover.recovery.recover` takes them.
    """
    from secondhall.recover.people import law_of
    from secondhall.recover.recovery import recover as plan_way_out
    from secondhall.recover.standing import standings

    inside = (case if at is None else case.at(at + 1)).inside()
    law_of(inside)  # what cannot be used is said before minutes of learning
    believed = belief or learn(inside, report=report)
    standing, *others = standings(inside, believed, seed=seed, others=companies)
    return plan_way_out(standing, others, goal=goal, seed=seed, settings=settings, report=report)


def recover_lived(
    case: Case,
    rule: Rule,
    *,
    until: Month,
    future: int,
    scenario: str | None = None,
    goal: Goal | None = None,
    seed: int = 7,
    settings: RecoverySettings | None = None,
    report: Report = quiet,
) -> Recovery:
    """Plan the way out of where a rule leads in one future of a run, at the end of the month ``until``."""
    from secondhall.recover.lived import lived_standing
    from secondhall.recover.recovery import recover as plan_way_out

    believed = learn(case, scenario=scenario, report=report)
    terms = rule.terms(case, slots_of(case))
    standing = lived_standing(case, believed, terms, until=until, seed=seed, future=future)
    return plan_way_out(standing, goal=goal, seed=seed, settings=settings, report=report)


def write_report(decision: Decision, folder: str | Path) -> Path:
    """Write the decision as one HTML file that opens offline, and return its path."""
    from secondhall.report import write_report as write

    return write(decision, Path(folder))
