"""What each fate of a hall brings, measured in the company: the same futures lived with and without it.

A fate alone is exact; two together are added, but for room and moves, which the programme sees whole (Q).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case, Record
from secondhall.company import RuleTerms, idle_terms, no_measures, slots_of
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.progress import Report
from secondhall.recover.money import Money
from secondhall.recover.nothing import Bundles, Lives, Nothing, play
from secondhall.recover.problem import Fate
from secondhall.recover.standing import Standing

__all__ = ["HallEffects", "Refused", "effects_of", "fates_of", "hall_slots", "terms_of_fates"]


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be done with a hall at all, and why."""

    hall: str
    action: str
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class HallEffects:
    """What the fates do, laid out as `secondhall.recover.problem.Problem` wants it."""

    cash: Floats
    value: Floats
    units: Floats
    lost: Floats
    capacity: Floats
    is_open: Floats
    unit_cash: Floats
    unit_value: Floats


def hall_slots(case: Case) -> tuple[tuple[str, int], ...]:
    """Return the halls that stand or are being built, with their slots in the company."""
    slots = slots_of(case)
    standing = [n for n, record in case.halls.items() if record.text("state") != "closed"]
    return tuple((name, slots.of_hall(name)) for name in standing)


def fates_of(case: Case, months: int) -> tuple[tuple[Fate, ...], tuple[Refused, ...]]:
    """Return what may become of the halls in the months planned, and what may not, with the reason."""
    fates: list[Fate] = []
    refused: list[Refused] = []
    for place, (name, _) in enumerate(hall_slots(case)):
        record = case.halls[name]
        fates.append(Fate(hall=place, action="keep", month=0))
        for action, why in _possible(record):
            if why is not None:
                refused.append(Refused(name, action, why))
                continue
            fates += [Fate(hall=place, action=action, month=month) for month in range(months)]
    return tuple(fates), tuple(refused)


def _possible(record: Record) -> Iterator[tuple[str, str | None]]:
    """Yield each action with the reason that rules it out, None where it is possible."""
    state = record.text("state")
    leased = record.month("lease_end") is not None and record.number("rent_monthly").mid > 0.0
    building = "it is still under construction" if state == "building" else None
    asleep = "it is mothballed already" if state == "mothballed" else None
    rent = None if leased else "it pays no rent"
    yield "renegotiate", rent or _unless(record, "renegotiated_rent_share", "no landlord's offer is stated")
    yield "sublet", building or rent or _unless(record, "sublet_rent_share", "no subtenant is stated")
    yield "mothball", building or asleep
    yield "sell", _unless(record, "sale_price", "no buyer's price is stated")
    yield "close", building and f"{building}: it can be stopped"
    yield "stop", None if state == "building" else "it is not under construction"


def _unless(record: Record, field: str, why: str) -> str | None:
    return None if record.given(field) else f"{why} ({field})"


def terms_of_fates(case: Case, fates: tuple[Fate, ...]) -> RuleTerms:
    """(D6, H4 to H7) Return the terms under which each hall meets its fate; customers move as it does."""
    slots, names = slots_of(case), [name for name, _ in hall_slots(case)]
    count = len(slots.slots)
    idle, measures = idle_terms(count), no_measures(count)
    months = {name: idle.close_month.copy() for name in ("stop", "mothball", "close", "sell", "rent")}
    rent, longer, price = np.ones(count), np.zeros(count), np.zeros(count)
    for fate in fates:
        name = names[fate.hall]
        slot, record = slots.of_hall(name), case.halls[name]
        if fate.action in ("stop", "mothball", "close", "sell"):
            months[fate.action][slot] = fate.month
        if fate.action == "sell":
            price[slot] = record.number("sale_price").mid
        if fate.action == "sublet":
            months["mothball"][slot] = months["rent"][slot] = fate.month
            rent[slot] = 1.0 - record.number("sublet_rent_share").mid
        if fate.action == "renegotiate":
            months["rent"][slot] = fate.month
            rent[slot] = record.number("renegotiated_rent_share").mid
            longer[slot] = record.number("renegotiated_lease_months").mid
    acting = [fate.month for fate in fates if fate.action != "keep"]
    moves = case.recovery
    return replace(
        idle,
        stop_month=months["stop"],
        mothball_month=months["mothball"],
        close_month=months["close"],
        measures=replace(
            measures,
            sell_month=months["sell"],
            sale_price=price,
            rent_month=months["rent"],
            rent_share=rent,
            lease_added=longer,
            move_units=np.zeros((count, max(acting, default=-1) + 1)),
            costs=np.zeros(max(acting, default=-1) + 1),
            move_lost_share=moves.number("move_lost_share").mid,
            move_unit_cost=moves.number("move_cost_per_unit").mid,
        ),
    )


def effects_of(
    case: Case,
    standing: Standing,
    fates: tuple[Fate, ...],
    bundles: Bundles,
    nothing: Nothing,
    money: Money,
    excess: Floats,
    *,
    seed: int,
    report: Report,
) -> tuple[HallEffects, Lives]:
    """(Y4) Return what each fate brings over keeping its hall, scenario by scenario, and life without any.

    The units that find no room when a hall goes are the programme's own affair: what the company loses with
    them is added back at the price at which the programme charges them.
    """
    months, slots = money.months, [slot for _, slot in hall_slots(case)]
    idle = play(standing, idle_terms(standing.own.halls), seed=seed, paths=bundles.paths)
    unit_cash, unit_value = _unit(standing, bundles.paths, nothing, money, seed)
    units, lost = _moved(case, fates, slots, nothing, months, _stays(standing, bundles.paths, seed))
    capacity, is_open = _offered(fates, slots, nothing, months)
    shape = (bundles.paths.size, len(fates))
    cash, value = np.zeros((*shape, months)), np.zeros(shape)
    posts = _posts_of_a_hall(standing, money, excess)
    for place, fate in enumerate(fates):
        report("measuring what each fate of a hall brings", place, len(fates))
        if fate.action == "keep":
            continue
        lives = play(standing, terms_of_fates(case, (fate,)), seed=seed, paths=bundles.paths)
        cash[:, place] = (lives.flow - idle.flow)[:months].T
        value[:, place] = money.worth(lives.free - idle.free, lives.earned - idle.earned)
        room = capacity[place] + _elsewhere(fate, slots, nothing, months)
        crowded = np.maximum(nothing.sold[:months].T - lost[:, place] - room, 0.0)
        cash[:, place] += unit_cash * crowded
        value[:, place] += (unit_value * crowded).sum(axis=1)
        value[:, place] += posts * (1.0 - is_open[place, -1])
    effects = HallEffects(cash, value, units, lost, capacity, is_open, unit_cash, unit_value)
    return effects, idle


def _unit(
    standing: Standing, paths: Integers, nothing: Nothing, money: Money, seed: int
) -> tuple[Floats, Floats]:
    """(Y5) Return [scenario, month] cash and value that is lost with a unit that finds no room."""
    margin = np.maximum(nothing.margin, 0.0).T
    return margin[:, : money.months], money.running(margin, money.fading(_stays(standing, paths, seed)))


def _stays(standing: Standing, paths: Integers, seed: int) -> Floats:
    """Return [path] share of the customers that stays from month to month in steady times."""
    p = standing.parameters(seed, paths)
    weight = p.segment.installed + 1e-9
    churn: Floats = (p.segment_regime.churn[:, 1] * weight).sum(axis=0) / weight.sum(axis=0)
    return np.broadcast_to(1.0 - churn, paths.shape).copy()


def _moved(
    case: Case, fates: tuple[Fate, ...], slots: list[int], nothing: Nothing, months: int, stays: Floats
) -> tuple[Floats, Floats]:
    """Return [scenario, fate] units that must move out, and [scenario, fate, month] those lost on the way."""
    share = case.recovery.number("move_lost_share").mid
    scenarios = nothing.sold.shape[1]
    units = np.zeros((scenarios, len(fates)))
    lost = np.zeros((scenarios, len(fates), months))
    after = np.arange(months)
    for place, fate in enumerate(fates):
        if fate.action not in ("close", "sell", "mothball", "sublet"):
            continue
        units[:, place] = nothing.hall_sold[slots[fate.hall], max(fate.month - 1, 0)]
        fades = stays[:, None] ** np.maximum(after - fate.month, 0) * (after >= fate.month)
        lost[:, place] = share * units[:, place, None] * fades
    return units, lost


def _offered(
    fates: tuple[Fate, ...], slots: list[int], nothing: Nothing, months: int
) -> tuple[Floats, Floats]:
    """Return [fate, month] capacity of the hall, and whether its posts are needed."""
    capacity, is_open = np.zeros((len(fates), months)), np.zeros((len(fates), months))
    for place, fate in enumerate(fates):
        stays = np.arange(months) < fate.month if fate.action not in ("keep", "renegotiate") else True
        capacity[place] = nothing.capacity[slots[fate.hall], :months] * stays
        is_open[place] = nothing.is_open[slots[fate.hall], :months] * stays
    return capacity, is_open


def _elsewhere(fate: Fate, slots: list[int], nothing: Nothing, months: int) -> Floats:
    """Return [month] capacity of the other halls."""
    others = [slot for place, slot in enumerate(slots) if place != fate.hall]
    offered: Floats = nothing.capacity[others, :months].sum(axis=0)
    return offered


def _posts_of_a_hall(standing: Standing, money: Money, excess: Floats) -> float:
    """(Y3) Return what the posts of an open hall cost after the months planned beyond posts too many.

    A post too many goes by attrition in time, a post that is needed is filled again: the programme counts
    both as the first, and the difference belongs to the hall.
    """
    role = standing.own.role
    wage = role.monthly_cost * money.index
    filled = money.running(wage, np.ones_like(excess))[:, -1]
    fading = money.running(wage, excess)[:, -1]
    return float((role.per_open_hall[:, 0] * (filled - fading)).sum())
