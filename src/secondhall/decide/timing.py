"""Timing: what waiting costs, what cancelling costs and until when it is possible, when to look again.

Each figure is a difference between two plans over the same futures, so its error is that of a mean of
differences (R5).
"""

from __future__ import annotations

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case, PlannedAction
from secondhall.company import slots_of
from secondhall.decide.decision import Cancelling, Contender, Timing, Waiting
from secondhall.decide.rules import DatedPlan, Never, NotBefore, Rule
from secondhall.futures import Futures, RuleToPlay, difference, play_rules

__all__ = ["option_of", "timing_of"]

WAITS = (3, 6, 12)
"""Months of waiting that are priced."""

STEPS = 4
"""Months between commitment and opening at which cancelling is priced, at most."""

LOOK_AGAIN = 0.05
"""The next review is due before the rule has committed in this share of the futures."""

LONGEST = 12
"""Months to the next review, at most."""


def option_of(rule: Rule) -> str | None:
    """Return the option that a rule may commit, the first of several; None for never.

    Examples
    --------
    >>> from secondhall.decide.rules import PreleasedShare
    >>> option_of(PreleasedShare("hall_b", 0.5)), option_of(Never())
    ('hall_b', None)
    """
    if isinstance(rule, DatedPlan):
        return next((action.target for action in rule.actions if action.action == "commit"), None)
    return getattr(rule, "option", None)


def timing_of(
    case: Case, belief: Belief, recommended: Contender, *, paths: int, seed: int, threads: int | None
) -> Timing | None:
    """Return what waiting and cancelling cost; None for a rule that never commits.

    Parameters
    ----------
    case, belief
        of the decision.
    recommended
        the rule that is followed.
    paths, seed
        the futures.
    threads
        how many; all cores when None.
    """
    option = option_of(recommended.rule)
    if option is None:
        return None
    waits = [NotBefore(recommended.rule, case.start + months) for months in WAITS]
    after = _months_after(case, option)
    stops = [_cancelled(case, option, months) for months in after]
    rules = [recommended.rule, Never(), *waits, *stops]
    played = play_rules(
        belief,
        [RuleToPlay(rule.name, rule.terms(case, slots_of(case))) for rule in rules],
        start=case.start,
        paths=paths,
        seed=seed,
        banded=False,
        threads=threads,
    )
    followed, idle, *others = (one.outcomes["npv"] for one in played)
    late, stopped = others[: len(WAITS)], others[len(WAITS) :]
    return Timing(
        option=option,
        waiting=tuple(Waiting(m, difference(followed, npv)) for m, npv in zip(WAITS, late, strict=True)),
        cancelling=tuple(Cancelling(m, difference(idle, npv)) for m, npv in zip(after, stopped, strict=True)),
        review=case.start + _review(played[0]),
    )


def _months_after(case: Case, option: str) -> tuple[int, ...]:
    """Return months after the commitment at which it can still be cancelled; the last is the last one."""
    opens = case.options[option].phases()[0].months_after_commit
    last = max(int(opens) - 1, 1)
    return tuple(sorted({int(m) for m in np.linspace(1, last, min(STEPS, last)).round()}))


def _cancelled(case: Case, option: str, months: int) -> DatedPlan:
    """Return the plan that commits an option now and stops it so many months after."""
    actions = (
        PlannedAction(month=case.start, action="commit", target=option),
        PlannedAction(month=case.start + months, action="stop", target=option),
    )
    return DatedPlan(f"commit {option} now, cancelled after {months} months", actions)


def _review(followed: Futures) -> int:
    """Return the months to the next review: before the rule is likely to have fired."""
    first = followed.outcomes["first_commitment"]
    fired = [float(((first >= 0.0) & (first <= month)).mean()) for month in range(1, LONGEST + 1)]
    early = [month for month, share in enumerate(fired, start=1) if share > LOOK_AGAIN]
    return max(early[0] - 1, 1) if early else LONGEST
