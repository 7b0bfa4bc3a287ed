"""What the programme is made from: futures in which nothing is committed, and the same with more room.

With more room, one more hall opens at once and costs nothing; it holds what the largest option holds with all
its copies. What it brings more than never, per unit that it sells more, is what a unit is worth: the company
itself says so, with churn, prices, services, equipment, staff and delays in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import Parameters, Slots, idle_terms, slots_of
from secondhall.company.layout import BUILDING, OPEN, Floats, Rows
from secondhall.decide.imposed import Imposed
from secondhall.decide.rules import DatedPlan
from secondhall.futures import Futures, Keep, RuleToPlay, play_rules

__all__ = ["SEEN", "Sample", "play_never", "sample_of"]

SEEN = ("sold_units", "waiting_units", "ordered_units", "monthly_recurring_revenue", "bust_probability")
"""Series from which the state is read that a rule may see."""

_NEVER = (
    *SEEN, "lost_units", "capacity", "hosting", "tax", "free_cash_flow", "ebitda", "cash", "revolver",
    "shareholder_injection", "alive", "regime",
)  # fmt: skip
_ROOMY = ("sold_units", "waiting_units", "lost_units", "free_cash_flow", "ebitda", "tax", "alive")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Paths and what was seen on them.

    Attributes
    ----------
    parameters
        of the paths.
    npv
        [path] of never.
    terminal
        [path] value of never at the end of the horizon, in the money of that time.
    never, roomy
        name to [month, path], without commitments and with more room.
    built, built_terminal
        the same where the option that is worth the most, committed now, is committed now.
    """

    parameters: Parameters
    slots: Slots
    npv: Floats
    terminal: Floats
    never: Mapping[str, Floats]
    roomy: Mapping[str, Floats]
    built: Mapping[str, Floats]
    built_terminal: Floats

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return self.parameters.months

    @property
    def paths(self) -> int:
        """How many paths."""
        return int(self.npv.size)


def sample_of(case: Case, belief: Belief, *, paths: int, seed: int, threads: int | None = None) -> Sample:
    """Play never and more room over the same futures; the case has an option."""
    slots = slots_of(case)
    never = play_never(
        case, belief, _NEVER, months=case.horizon_months, paths=paths, seed=seed, threads=threads
    )
    idle = idle_terms(len(slots.slots))
    commit = idle.commit_month.copy()
    commit[slots.first_new] = 0
    [roomy] = play_rules(
        Imposed(belief, lambda p: _with_room(p, slots), known_too=False),
        [RuleToPlay("more room", replace(idle, commit_month=commit))],
        start=case.start,
        paths=paths,
        seed=seed,
        banded=False,
        keep=Keep(_ROOMY, case.start, case.start + case.horizon_months),
        threads=threads,
    )
    built = _built(case, belief, slots, paths=paths, seed=seed, threads=threads)
    return Sample(
        parameters=belief.parameters(seed, np.arange(paths)),
        slots=slots,
        npv=never.outcomes["npv"],
        terminal=never.outcomes["terminal_value"] / never.terminal_discount,
        never=never.kept,
        roomy=roomy.kept,
        built=built.kept,
        built_terminal=built.outcomes["terminal_value"] / built.terminal_discount,
    )


def _built(
    case: Case, belief: Belief, slots: Slots, *, paths: int, seed: int, threads: int | None
) -> Futures:
    """Return the best of the plans that commit one option now."""
    plans = [DatedPlan.commit_now(option, case.start) for option in case.options if slots.of_option(option)]
    played = play_rules(
        belief,
        [RuleToPlay(plan.name, plan.terms(case, slots)) for plan in plans],
        start=case.start,
        paths=paths,
        seed=seed,
        banded=False,
        keep=Keep(("tax", "ebitda"), case.start, case.start + case.horizon_months),
        threads=threads,
    )
    return max(played, key=lambda one: one.value.value)


def play_never(
    case: Case,
    belief: Belief,
    series: tuple[str, ...],
    *,
    months: int,
    paths: int,
    seed: int,
    threads: int | None = None,
) -> Futures:
    """Play never and keep some series of the first months."""
    [never] = play_rules(
        belief,
        [RuleToPlay("never", idle_terms(len(slots_of(case).slots)))],
        start=case.start,
        paths=paths,
        seed=seed,
        banded=False,
        keep=Keep(series, case.start, case.start + months),
        threads=threads,
    )
    return never


def _with_room(p: Parameters, slots: Slots) -> Parameters:
    """Return parameters in which the first free slot is a hall that opens at once and costs nothing."""
    hall, phase, role, firm = (Rows(r.names, r.array.copy()) for r in (p.hall, p.phase, p.role, p.firm))
    h = slots.first_new
    options = [slots.of_option(slot.option) for slot in slots.slots[h:] if slot.option is not None]
    free = ("fixed_cost", "rent", "mothball_cost", "exit_penalty", "loan_to_cost", "has_slip", "leased")
    for name in free:
        getattr(hall, name)[h] = 0.0
    hall.pue[h] = (slots.units[h:, None] * p.hall.pue[h:]).sum(axis=0) / slots.units[h:].sum()
    phase.array[:, h] = 0.0
    phase.capacity[h, 0] = max(slots.units[list(copies)].sum() for copies in options)
    firm.set("extra_slip", 0.0)
    # The posts of a hall belong to the halls that cost money; those of the halls that stand are kept.
    standing = ((p.hall.state[:h] == OPEN) | (p.hall.state[:h] == BUILDING)).sum(axis=0)
    role.base[:] += role.per_open_hall * standing
    role.per_open_hall[:] = 0.0
    return replace(p, hall=hall, phase=phase, role=role, firm=firm)
