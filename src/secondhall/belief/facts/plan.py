"""A dated plan as the company follows it (D6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from secondhall.case import PlannedAction
from secondhall.company import RuleTerms, Slots, idle_terms
from secondhall.months import Month

__all__ = ["dated_terms"]


def dated_terms(actions: Sequence[PlannedAction], slots: Slots, start: Month) -> RuleTerms:
    """Return the months in which dated actions act on each slot.

    A dismissal lets go what the work does not need (W3), whatever number of posts is known to have left.
    Actions before the start are taken as done or as missed; an option that is named several times is
    committed copy by copy.
    """
    terms = idle_terms(len(slots.slots))
    months = {
        "commit": terms.commit_month.copy(),
        "stop": terms.stop_month.copy(),
        "mothball": terms.mothball_month.copy(),
        "close": terms.close_month.copy(),
    }
    used: dict[str, int] = {}
    freeze, dismiss = terms.freeze_month, terms.dismiss_month
    for action in actions:
        month = action.month - start
        if action.action == "freeze_hiring":
            freeze = month
        elif action.action == "dismiss_excess":
            dismiss = month
        elif action.target is not None:
            copy = 0
            if action.action == "commit":
                copy = used.get(action.target, 0)
                used[action.target] = copy + 1
            months[action.action][_slot(slots, action.target, copy)] = month
    return replace(
        terms,
        commit_month=months["commit"],
        stop_month=months["stop"],
        mothball_month=months["mothball"],
        close_month=months["close"],
        freeze_month=freeze,
        dismiss_month=dismiss,
    )


def _slot(slots: Slots, target: str, copy: int) -> int:
    copies = slots.of_option(target)
    return copies[min(copy, len(copies) - 1)] if copies else slots.of_hall(target)
