"""The bound in words: what nothing can be worth more than, and why the rule does not reach it."""

from __future__ import annotations

from secondhall.case import Case
from secondhall.decide.decision import Bound, Contender
from secondhall.decide.rules import Never
from secondhall.decide.words import with_error
from secondhall.futures import Estimate
from secondhall.units import percent

__all__ = ["bounded"]

NEAR = 0.9
"""Share of the bound from which a rule is called near the best possible."""


def bounded(case: Case, found: Bound | None, recommended: Contender) -> tuple[str, ...]:
    """Return what no rule can be worth more than, and why the rule does not reach it, in sentences."""
    if found is None:
        return ()
    said = _limits(case, found, recommended)
    if not isinstance(recommended.rule, Never):
        said.append(f"Not having to decide now is worth {_or_nothing(found.waiting, case)}.")
    said.append(
        f"Bounded is every way of telling, at a date every {found.every} months, when to commit one option "
        f"once, several copies of it at once among them, whatever is known of the past: {found.plans:,} "
        f"plans on {found.paths:,} futures, with {found.inner} futures within each at each date."
    )
    return tuple(said)


def _limits(case: Case, found: Bound, recommended: Contender) -> list[str]:
    """Return the bound, and why the rule does not reach it."""
    if found.perfect.value <= 0.0:
        return [
            "Nothing can be worth more than doing nothing: not even who knew the whole future would commit."
        ]
    share = found.reached(recommended.gain)
    reached = "" if isinstance(recommended.rule, Never) else f"; the rule reaches {percent(share)} of it"
    said = [
        f"Nothing can be worth more than {with_error(found.upper, case)} over doing nothing{reached}.",
        f"Who knew the whole future would reach {with_error(found.perfect, case)}.",
    ]
    return [*said, _short_of(case, found, recommended)] if share < NEAR else said


def _short_of(case: Case, found: Bound, recommended: Contender) -> str:
    """Return why a rule stays below the bound."""
    gain = recommended.gain
    known = Estimate(found.informed.value - gain.value, found.informed.error)
    rest = Estimate(found.upper.value - max(found.informed.value, gain.value), found.upper.error)
    return (
        "Why the rule does not reach that: to know the company's parameters and the true regime, as nobody "
        f"can, would be worth {_or_nothing(known, case)} more, and the bound cannot take that away; "
        f"{with_error(rest, case)} is what a rule that was not looked at may find, or slack of the bound: "
        "which of the two cannot be told."
    )


def _or_nothing(worth: Estimate, case: Case) -> str:
    if worth.value <= 2.0 * worth.error:
        return "nothing that can be told from zero"
    return with_error(worth, case)
