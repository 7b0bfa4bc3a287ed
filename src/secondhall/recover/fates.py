"""What each fate of a hall brings, measured in the company: the same futures lived with and without it.

A fate alone is exact; two together are added, but for room and moves, which the programme sees whole (Q).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from secondhall.case import Case
from secondhall.company import RuleTerms, no_measures
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.progress import Report
from secondhall.recover.hall import Hall
from secondhall.recover.money import Money
from secondhall.recover.nothing import Bundles, Lives, Nothing, play
from secondhall.recover.problem import Fate
from secondhall.recover.standing import Standing

__all__ = ["HallEffects", "Refused", "effects_of", "fates_of", "terms_of_fates"]


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be done with a hall at all, and why."""

    hall: str
    action: str
    words: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HallEffects:
    """What the fates do: these fields of `secondhall.recover.problem.Problem`."""

    fate_cash: Floats
    fate_value: Floats
    fate_units: Floats
    fate_lost: Floats
    fate_capacity: Floats
    fate_open: Floats
    demand: Floats
    unit_cash: Floats
    unit_value: Floats


def fates_of(halls: Sequence[Hall], months: int) -> tuple[tuple[Fate, ...], tuple[Refused, ...]]:
    """Return what may become of the halls in the months planned, and what may not, with the reason."""
    fates: list[Fate] = []
    refused: list[Refused] = []
    for place, hall in enumerate(halls):
        fates.append(Fate(hall=place, action="keep", month=0))
        for action, why in _possible(hall):
            if why is not None:
                refused.append(Refused(hall.name, action, why))
                continue
            fates += [Fate(hall=place, action=action, month=month) for month in range(months)]
    return tuple(fates), tuple(refused)


def _possible(hall: Hall) -> Iterator[tuple[str, str | None]]:
    """Yield each action with the reason that rules it out, None where it is possible."""
    building = "it is still under construction" if hall.state == "building" else None
    asleep = "it is mothballed already" if hall.state == "mothballed" else None
    rent = None if hall.is_rented else "it pays no rent"
    yield "renegotiate", rent or _unless(hall.renegotiated_share, "no landlord's offer is stated")
    yield "sublet", building or rent or _unless(hall.sublet_share, "no subtenant is stated")
    yield "mothball", building or asleep
    yield "sell", building or _unless(hall.sale_price, "no buyer's price is stated")
    yield "close", building and f"{building}: it can be stopped"
    yield "stop", None if building else "it is not under construction"


def _unless(offer: float | None, why: str) -> str | None:
    return why if offer is None else None


def terms_of_fates(standing: Standing, fates: Sequence[Fate]) -> RuleTerms:
    """(D6, H4 to H7) Return the terms under which each hall meets its fate; customers move as it does."""
    count = standing.own.halls
    living, measures = standing.living, no_measures(count)
    months = {name: living.close_month.copy() for name in ("stop", "mothball", "close", "sell", "rent")}
    rent, longer, price = np.ones(count), np.zeros(count), np.zeros(count)
    for fate in fates:
        hall = standing.halls[fate.hall]
        if fate.action in ("stop", "mothball", "close", "sell"):
            months[fate.action][hall.slot] = fate.month
        if fate.action == "sell":
            price[hall.slot] = hall.sale_price
        if fate.action == "sublet":
            months["mothball"][hall.slot] = months["rent"][hall.slot] = fate.month
            rent[hall.slot] = 1.0 - (hall.sublet_share or 0.0)
        if fate.action == "renegotiate":
            months["rent"][hall.slot] = fate.month
            rent[hall.slot] = hall.renegotiated_share
            longer[hall.slot] = hall.renegotiated_months
    last = max((fate.month for fate in fates if fate.action != "keep"), default=-1)
    moves = standing.case.recovery
    return replace(
        living,
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
            move_units=np.zeros((count, last + 1)),
            costs=np.zeros(last + 1),
            move_lost_share=moves.number("move_lost_share").mid,
            move_unit_cost=moves.number("move_cost_per_unit").mid,
        ),
    )


def effects_of(
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
    months, slots = money.months, [hall.slot for hall in standing.halls]
    idle, worked = (
        play(standing, standing.living, seed=seed, paths=bundles.paths, follows_work=follows)
        for follows in (False, True)
    )
    unit_cash, unit_value = _unit(standing, bundles.paths, nothing, money, seed)
    units, lost = _moved(standing.case, fates, slots, nothing, months, _stays(standing, bundles.paths, seed))
    capacity, is_open = _offered(fates, slots, nothing, months)
    demand = nothing.hall_sold[slots, :months].sum(axis=0).T
    shape = (bundles.paths.size, len(fates))
    cash, value = np.zeros((*shape, months)), np.zeros(shape)
    posts = _posts_of_a_hall(standing, money, excess)
    for place, fate in enumerate(fates):
        report("measuring what each fate of a hall brings", place, len(fates))
        if fate.action == "keep":
            continue
        terms = terms_of_fates(standing, (fate,))
        lives = play(standing, terms, seed=seed, paths=bundles.paths, follows_work=True)
        cash[:, place] = (lives.flow - worked.flow)[:months].T
        value[:, place] = _worth(lives, money) - _worth(worked, money)
        room = capacity[place] + _elsewhere(fate, slots, nothing, months)
        crowded = np.maximum(demand - lost[:, place] - room, 0.0)
        cash[:, place] += unit_cash * crowded
        value[:, place] += (unit_value * crowded).sum(axis=1)
        value[:, place] -= posts * (1.0 - is_open[place, -1])
    effects = HallEffects(
        fate_cash=cash,
        fate_value=value,
        fate_units=units,
        fate_lost=lost,
        fate_capacity=capacity,
        fate_open=is_open,
        demand=demand,
        unit_cash=unit_cash,
        unit_value=unit_value,
    )
    return effects, idle


def _worth(lives: Lives, money: Money) -> Floats:
    """Return [path] present value with the staff paid after the months planned, and not before.

    In those months the programme pays the posts itself; after them they are as many as the work needs.
    """
    paid = np.where(np.arange(money.horizon) < money.months, 0.0, 1.0)[:, None] * lives.staff
    return money.worth(lives.free - paid, lives.earned - lives.staff)


def _unit(
    standing: Standing, paths: Integers, nothing: Nothing, money: Money, seed: int
) -> tuple[Floats, Floats]:
    """(Y5) Return [scenario, month] cash and value that is lost with a unit that finds no room."""
    earned = np.maximum(nothing.margin, 0.0)
    after = np.arange(money.horizon)[:, None] >= money.months
    margin = np.where(after, np.maximum(earned - nothing.served_by, 0.0), earned).T
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
    scenarios = nothing.hall_sold.shape[-1]
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
    """(Y3) Return what the posts of an open hall cost after the months planned where they are too many.

    After these months the company that was measured pays for the posts that the work needs; the programme
    pays for all that are left as if they were too many. With the hall goes the work, so the measured saving
    is one that the posts bring only in time.
    """
    role = standing.own.role
    tail = money.running(role.monthly_cost * money.index, excess)[:, -1]
    here = role.monthly_cost[:, 0] * money.index[money.months - 1] * money.discount[money.months - 1]
    after = tail - here * money.after_tax[money.months - 1]
    return float((role.per_open_hall[:, 0] * after).sum())
