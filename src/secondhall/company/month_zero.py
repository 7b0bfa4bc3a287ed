"""Month zero: what the model says of the month before the start, to be set beside the closed accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import BUILDING, MOTHBALLED, OPEN, Floats
from secondhall.company.parameters import Parameters

__all__ = ["MonthZero", "month_zero"]


@dataclass(frozen=True, slots=True, eq=False)
class MonthZero:
    """The run rate of the opening state, [path] each but ``segment_revenue`` [segment, path].

    New customers are taken at their expected number, as far as the halls have room; prices, costs and
    posts as they stand at the start.
    """

    hosting: Floats
    services: Floats
    equipment: Floats
    energy: Floats
    halls: Floats
    staff: Floats
    sales: Floats
    overhead: Floats
    equipment_cost: Floats
    bad_debt: Floats
    supplied: Floats
    ebitda: Floats
    net_absorption: Floats
    segment_revenue: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Trade:
    """What an ordinary month brings at the start, [segment, path]; ``share`` [path] of it finds room."""

    arriving: Floats
    new_units: Floats
    grown: Floats
    given_back: Floats
    share: Floats


def month_zero(p: Parameters) -> MonthZero:
    """Return the run rate of the opening state (V1 to V3, C1 to C6 at the start)."""
    segment, trade = p.segment, ordinary_trade(p)
    services = (
        trade.share
        * (
            segment.services_per_new_customer * trade.arriving
            + segment.services_per_new_unit * trade.new_units
        )
        + segment.services_per_customer * segment.customers
    )
    equipment = (
        trade.share * segment.equipment_per_new_unit * (trade.new_units + trade.grown)
        + segment.equipment_per_unit * segment.installed
    )
    revenue = segment.mrr + services + equipment
    halls = hall_cost(p)
    energy = p.firm.energy_cost_per_unit * (p.hall.pue * p.hall.sold).sum(axis=0)
    sales = p.firm.commission_months * (trade.share * segment.list_price * trade.new_units).sum(axis=0)
    goods = (1.0 - p.firm.equipment_margin) * equipment.sum(axis=0)
    supplied = energy + halls + sales + p.firm.overhead + goods
    staff = (p.role.posts * p.role.monthly_cost).sum(axis=0)
    unpaid = (expected(p, p.segment_regime.bad_debt) * revenue).sum(axis=0)
    placed = trade.share * (trade.new_units + trade.grown).sum(axis=0)
    return MonthZero(
        hosting=segment.mrr.sum(axis=0),
        services=services.sum(axis=0),
        equipment=equipment.sum(axis=0),
        energy=energy,
        halls=halls,
        staff=staff,
        sales=sales,
        overhead=p.firm.overhead,
        equipment_cost=goods,
        bad_debt=unpaid,
        supplied=supplied,
        ebitda=revenue.sum(axis=0) - supplied - staff - unpaid,
        net_absorption=placed - trade.given_back.sum(axis=0),
        segment_revenue=revenue,
    )


def expected(p: Parameters, rows: Floats) -> Floats:
    """Return [segment, path] out of [segment, regime, path], weighted by the regimes at the start."""
    mean: Floats = (rows * p.firm_regime.start_probability).sum(axis=1)
    return mean


def ordinary_trade(p: Parameters) -> Trade:
    """Return the expected orders, growth and leavers of a month (O1, O2, O6 to O8, P2, P4)."""
    segment = p.segment
    churn, expansion = expected(p, p.segment_regime.churn), expected(p, p.segment_regime.expansion)
    arriving = np.exp(segment.log_intensity)
    locked = np.where(segment.customers > 0.0, segment.locked / np.maximum(segment.customers, 1e-300), 0.0)
    given_back = segment.installed * (churn * (1.0 - locked) + np.maximum(-expansion, 0.0))
    new_units, grown = arriving * segment.size_mean, np.maximum(expansion, 0.0) * segment.installed
    empty = np.maximum(p.phase.capacity.sum(axis=1) - p.hall.sold, 0.0)
    room = np.where(p.hall.state == OPEN, empty, 0.0).sum(axis=0) + given_back.sum(axis=0)
    wanted = (new_units + grown).sum(axis=0)
    share = np.where(wanted > room, room / np.maximum(wanted, 1e-300), 1.0)
    return Trade(arriving, new_units, grown, given_back, share)


def hall_cost(p: Parameters) -> Floats:
    """Return what the halls cost in a month (C2)."""
    hall = p.hall
    running = np.where(hall.state == OPEN, hall.fixed_cost, 0.0)
    asleep = np.where(hall.state == MOTHBALLED, hall.mothball_cost, 0.0)
    rented = (hall.state >= BUILDING) & (hall.state <= MOTHBALLED)
    cost: Floats = (running + asleep + np.where(rented, hall.rent, 0.0)).sum(axis=0)
    return cost
