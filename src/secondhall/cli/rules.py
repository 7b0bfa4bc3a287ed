"""Reads a rule from the command line: ``never``, ``now:OPTION``, ``plan:NAME``, ``forecast:OPTION:0.9``..."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from secondhall.case import Case, PlannedAction
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Guards, Never, PreleasedShare, Rule
from secondhall.errors import Fault, InputError, quoted

__all__ = ["parse_rule"]

KINDS = ("never", "now", "plan", "forecast", "prelease")


def parse_rule(case: Case, text: str, guards: Guards) -> Rule:
    """Return the rule that a text names.

    Raises
    ------
    InputError
        When the kind, the option, the plan or the number is not one that the case knows.
    """
    kind, _, rest = text.partition(":")
    if kind == "never" and not rest:
        return Never()
    if kind == "plan":
        _known(text, rest, case.plans, "a plan of plans.csv")
        return DatedPlan(rest, _ahead(case, text, rest))
    if kind == "now":
        _known(text, rest, case.options, "an option of the case")
        return DatedPlan.commit_now(rest, case.start)
    if kind in ("forecast", "prelease"):
        option, _, level = rest.partition(":")
        _known(text, option, case.options, "an option of the case")
        share = _level(text, level)
        return (
            ForecastUtilisation(option, share, guards)
            if kind == "forecast"
            else PreleasedShare(option, share, guards)
        )
    near = difflib.get_close_matches(kind, KINDS, n=1)
    mend = f"write {near[0]}, if that is what was meant" if near else "write for example forecast:OPTION:0.9"
    raise _fault(text, f"one of {', '.join(KINDS)}", mend)


def _ahead(case: Case, text: str, plan: str) -> tuple[PlannedAction, ...]:
    """Return the plan's actions, unless it commits before the start: that hall would silently be missing."""
    actions = case.plans[plan]
    for action in actions:
        if action.action == "commit" and action.month < case.start:
            raise _fault(
                text,
                f"a plan that commits in {case.start} or later; this one does in {action.month}",
                "plan from an earlier date, or give the hall in the case as one under construction",
            )
    return actions


def _known(text: str, name: str, names: Iterable[str], what: str) -> None:
    if name not in names:
        known = ", ".join(names) or "none"
        near = difflib.get_close_matches(name, list(names), n=1)
        raise _fault(text, f"{what}: {known}", f"write {near[0]}" if near else "write one of these")


def _level(text: str, level: str) -> float:
    try:
        share = float(level)
    except ValueError:
        share = -1.0
    if not 0.0 < share <= 5.0:
        raise _fault(text, "a share above 0, such as 0.9", "write the share after the last colon")
    return share


def _fault(text: str, accepted: str, mend: str) -> InputError:
    return InputError([Fault(file="the command line", found=quoted(text), accepted=accepted, mend=mend)])
