"""A dated plan: what is done is written down month by month, whatever comes. What Fluxus did (D6)."""

from __future__ import annotations

from dataclasses import dataclass

from secondhall.belief.facts.plan import dated_terms
from secondhall.case import Case, PlannedAction
from secondhall.company import RuleTerms, Slots
from secondhall.months import Month

__all__ = ["DatedPlan"]

_DOING = {
    "commit": "commit",
    "stop": "stop",
    "mothball": "mothball",
    "close": "close",
    "freeze_hiring": "freeze hiring",
    "dismiss_excess": "dismiss the posts in excess",
}


@dataclass(frozen=True, slots=True)
class DatedPlan:
    """Actions at stated months.

    Attributes
    ----------
    name
        short name.
    actions
        what is done when; an option that is named several times is committed copy by copy.
    """

    name: str
    actions: tuple[PlannedAction, ...]

    @classmethod
    def commit_now(cls, option: str, month: Month) -> DatedPlan:
        """Return the plan that commits an option in the given month."""
        action = PlannedAction(month=month, action="commit", target=option)
        return cls(f"commit {option} now", (action,))

    @classmethod
    def commit_at(cls, option: str, start: Month, months: int) -> DatedPlan:
        """Return the plan that commits an option so many months after the start."""
        if months == 0:
            return cls.commit_now(option, start)
        action = PlannedAction(month=start + months, action="commit", target=option)
        return cls(f"commit {option} in {action.month}", (action,))

    def without_commitments(self) -> DatedPlan:
        """Return the same plan with nothing committed: what happens to other halls and posts stays."""
        targets = {action.target for action in self.actions if action.action == "commit"}
        kept = tuple(
            action for action in self.actions if action.target is None or action.target not in targets
        )
        return DatedPlan(f"{self.name}, without the hall", kept)

    def words(self, case: Case) -> str:  # noqa: ARG002 - what every rule is asked
        """Return the plan in a sentence."""
        said = [
            f"{_DOING[action.action]}{f' {action.target}' if action.target else ''} in {action.month}"
            for action in self.actions
        ]
        return ", ".join(said) if said else "do nothing"

    def terms(self, case: Case, slots: Slots) -> RuleTerms:
        """Return the months of each slot; actions before the start are taken as done or as missed."""
        return dated_terms(self.actions, slots, case.start)
