"""Where the company would stand in one of its own futures: lived up to a month, then to be restructured.

The state is read off that future: halls, customers, posts, books, what is still to be built. What the
company cannot see there it still does not know: the regime is the one that its own filter believes in, and
how the market goes on is drawn as before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import Parameters, RuleTerms, slots_of
from secondhall.company.chance import Chance
from secondhall.company.layout import BUILDING, CLOSED, HALL_STATES, NEVER, UNCOMMITTED, Floats, Rows
from secondhall.company.oracle.play import play_months
from secondhall.company.oracle.state import Desk
from secondhall.company.parameters import Integers
from secondhall.errors import NoAnswerError
from secondhall.months import Month
from secondhall.recover.hall import Hall, halls_of
from secondhall.recover.standing import Standing, living_terms, one_of

__all__ = ["lived_standing"]

INDEXED = {
    "segment": ("services_per_new_customer", "services_per_new_unit", "services_per_customer"),
    "hall": ("fixed_cost", "rent", "mothball_cost"),
    "phase": ("capex",),
    "role": ("monthly_cost",),
    "firm": ("overhead",),
}
"""Rows in the money of the start, which the cost index (M6) has raised since."""

SEGMENT_STATE = (
    "customers", "installed", "mrr", "locked",
    "reserved_customers", "reserved_units", "waiting_customers", "waiting_units", "receivables",
)  # fmt: skip
FIRM_STATE = ("cash", "payables", "other_assets", "provisions", "revolver", "shareholder_loan", "tax_pool")
HALL_STATE = ("state", "sold", "book", "life_months")


@dataclass(frozen=True)
class _Later:
    """A belief that begins some months later, in what was seen of one future."""

    belief: Belief
    months: int
    seen: Parameters
    words: str = field(init=False)
    scenario: str | None = field(init=False)

    def __post_init__(self) -> None:
        """Keep what the belief rests on."""
        object.__setattr__(self, "words", f"{self.belief.words}; {self.months} months of one future lived")
        object.__setattr__(self, "scenario", self.belief.scenario)

    def known(self) -> Parameters:
        return self._begun(self.belief.known())

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        return self._begun(self.belief.parameters(seed, paths))

    def values(self, seed: int, paths: Integers) -> dict[str, Floats]:
        return self.belief.values(seed, paths)

    def _begun(self, p: Parameters) -> Parameters:
        for row in ("log_intensity", "opening_gap"):
            p.segment.set(row, getattr(self.seen.segment, row))
        p.firm_regime.set("start_probability", self.seen.firm_regime.start_probability)
        return replace(
            p,
            schedule=self.seen.schedule,
            calendar=self.seen.calendar,
            start_month_of_year=self.seen.start_month_of_year,
        )


def lived_standing(
    case: Case, belief: Belief, terms: RuleTerms, *, until: Month, seed: int, future: int
) -> Standing:
    """Return where the company stands at the end of a month of one future.

    Parameters
    ----------
    case, belief
        at their start.
    terms
        of the rule that the company lives by.
    until
        the last month that is lived.
    seed, future
        which future.

    Raises
    ------
    NoAnswerError
        When the company has failed by then.
    """
    months = until - case.start + 1
    path = np.array([future])
    p = belief.parameters(seed, path)
    desk = _lived(p, belief.known(), terms, Chance(seed, path), months)
    if desk.state.firm.alive[0] <= 0.0:
        failed = case.start + int(desk.state.outcome.insolvency_month[0])
        raise NoAnswerError(
            f"{case.name} is insolvent in {failed} in future {future}: nothing is left to plan."
        )
    seen = _seen(p, belief.known(), desk, months, case)
    later = replace(case, start=until + 1, horizon_months=case.horizon_months - months)
    living = living_terms(case)
    return Standing(later, _Later(belief, months, seen), seen, _halls(case, seen), living)


def _lived(p: Parameters, known: Parameters, terms: RuleTerms, chance: Chance, months: int) -> Desk:
    lived = play_months(p, known, terms, chance)
    for _ in range(months - 1):
        next(lived)
    return next(lived)


def _seen(p: Parameters, known: Parameters, desk: Desk, months: int, case: Case) -> Parameters:
    """Return the company as it stands, one path, in the money of that month."""
    own = one_of(p, 0)
    state, index = desk.state, float(desk.state.firm.cost_index[0])
    for group, indexed in INDEXED.items():
        for row in indexed:
            getattr(own, group).set(row, getattr(getattr(own, group), row) * index)
    _customers(own, known, desk)
    for row in HALL_STATE:
        own.hall.set(row, getattr(state.hall, row))
    committed = state.hall.committed
    own.hall.set("committed", np.where(committed > NEVER, committed - months, NEVER))
    lease = own.hall.lease_months + state.hall.lease_added
    own.hall.set("lease_months", np.where(committed > NEVER, lease, np.maximum(lease - months, 0.0)))
    own.hall.set("rent", own.hall.rent * state.hall.rent_share)
    own.role.set("posts", np.round(state.posts))
    _books(own, desk, months)
    schedule = Rows(own.schedule.names, p.schedule.array[..., months:].copy())
    schedule.set("unlocking", state.unlocking[:, months:, 0])
    return replace(
        own,
        schedule=schedule,
        calendar=Rows(p.calendar.names, p.calendar.array[:, months:].copy()),
        start_month_of_year=(case.start + months).month - 1,
    )


def _customers(own: Parameters, known: Parameters, desk: Desk) -> None:
    """Take over the customers, today's prices, and what the filter believes of the inflow (D1, D2)."""
    segment, firm = desk.state.segment, desk.state.firm
    for row in SEGMENT_STATE:
        own.segment.set(row, getattr(segment, row))
    own.segment.set("unlocking_scale", 1.0)
    own.segment.set("list_price", own.segment.list_price * np.exp(firm.price_trend + firm.price_noise))
    believed = np.stack([firm.seen_boom, firm.seen_steady, firm.seen_bust])
    level = (known.segment_regime.log_level * believed).sum(axis=1)
    own.segment.set("log_intensity", segment.seen_trend + segment.seen_deviation)
    own.segment.set("opening_gap", segment.seen_deviation - level)
    own.firm_regime.set("start_probability", believed)


def _books(own: Parameters, desk: Desk, months: int) -> None:
    firm, history = desk.state.firm, desk.state.history
    for row in FIRM_STATE:
        own.firm.set(row, getattr(firm, row))
    own.firm.set("term_debt", firm.term_debt + firm.project_debt)
    own.firm.set("interest_only_months", np.maximum(own.firm.interest_only_months - months, 0.0))
    left = np.maximum(own.firm.shareholder_commitment - firm.injected, 0.0)
    own.firm.set("shareholder_commitment", left)
    energy = np.exp(firm.energy_trend + firm.energy_noise)
    own.firm.set("energy_cost_per_unit", own.firm.energy_cost_per_unit * energy)
    own.firm.set("net_absorption", desk.line["absorption"])
    own.firm.set("ebitda", history.ebitda.mean(axis=0))


def _halls(case: Case, seen: Parameters) -> tuple[Hall, ...]:
    """Return the halls that stand or are being built by then; of one built since, no offer is known."""
    stated = {hall.name: hall for hall in halls_of(case)}
    found = []
    for place, slot in enumerate(slots_of(case).slots):
        status = int(seen.hall.state[place, 0])
        if status in (UNCOMMITTED, CLOSED):
            continue
        state = "building" if status == BUILDING else HALL_STATES[status]
        rented = seen.hall.leased[place, 0] > 0.0 and seen.hall.rent[place, 0] > 0.0
        plain = Hall(name=slot.name, slot=place, state=state, is_rented=bool(rented))
        found.append(replace(stated.get(slot.name, plain), slot=place, state=state))
    return tuple(found)
