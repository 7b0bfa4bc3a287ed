"""Month zero: what the model says of the month before the start, to be set beside the closed accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import OPEN, Floats
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


def month_zero(p: Parameters) -> MonthZero:
    """Return the run rate of the opening state (V1 to V3, C1 to C6 at the start)."""
    segment, regime = p.segment, p.firm_regime.start_probability

    def expected(rows: Floats) -> Floats:
        mean: Floats = (rows * regime).sum(axis=1)
        return mean

    churn, expansion = expected(p.segment_regime.churn), expected(p.segment_regime.expansion)
    arriving = np.exp(segment.log_intensity)
    free_share = np.where(
        segment.customers > 0.0, 1.0 - segment.locked / np.maximum(segment.customers, 1e-300), 1.0
    )
    given_back = segment.installed * (churn * free_share + np.maximum(-expansion, 0.0))
    new_units, grown = arriving * segment.size_mean, np.maximum(expansion, 0.0) * segment.installed
    opened = p.hall.state == OPEN
    room = np.where(opened, np.maximum(p.phase.capacity.sum(axis=1) - p.hall.sold, 0.0), 0.0).sum(axis=0)
    room = room + given_back.sum(axis=0)
    wanted = (new_units + grown).sum(axis=0)
    share = np.where(wanted > room, room / np.maximum(wanted, 1e-300), 1.0)
    services = (
        share * (segment.services_per_new_customer * arriving + segment.services_per_new_unit * new_units)
        + segment.services_per_customer * segment.customers
    )
    equipment = (
        share * segment.equipment_per_new_unit * (new_units + grown)
        + segment.equipment_per_unit * segment.installed
    )
    revenue = segment.mrr + services + equipment
    halls = np.where(opened, p.hall.fixed_cost + p.hall.rent, 0.0).sum(axis=0)
    energy = p.firm.energy_cost_per_unit * (p.hall.pue * p.hall.sold).sum(axis=0)
    sales = p.firm.commission_months * (share * segment.list_price * new_units).sum(axis=0)
    goods = (1.0 - p.firm.equipment_margin) * equipment.sum(axis=0)
    supplied = energy + halls + sales + p.firm.overhead + goods
    staff = (p.role.posts * p.role.monthly_cost).sum(axis=0)
    unpaid = (expected(p.segment_regime.bad_debt) * revenue).sum(axis=0)
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
        net_absorption=share * wanted - given_back.sum(axis=0),
        segment_revenue=revenue,
    )
