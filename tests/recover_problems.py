"""Restructurings to try the programme of `secondhall.recover` on: small ones and one of real size."""

from __future__ import annotations

import numpy as np

from secondhall.recover.problem import Fate, Problem, Quota, Redeployment, Waiver, Wave


def large_problem(seed: int) -> Problem:
    """Return 8 halls, 30 roles, 24 months, 50 scenarios in 3 tides, 48 waves; money in millions.

    Half the halls are nearly empty, months cost 0.005 a post, a hall 0.1 to 0.4 a month.
    """
    rng = np.random.default_rng(seed)
    months, review, scenarios, halls, roles = 24, 9, 50, 8, 30
    actions = ("renegotiate", "sublet", "mothball", "sell", "close", "stop")
    fates = [Fate(hall=h, action="keep", month=0) for h in range(halls)]
    fates += [Fate(hall=h, action=a, month=m) for h in range(halls) for a in actions for m in range(months)]
    size = rng.uniform(200, 2000, halls)
    sold = size * np.where(
        np.arange(halls) < halls // 2, rng.uniform(0.02, 0.15, halls), rng.uniform(0.5, 0.8, halls)
    )
    fixed = size * rng.uniform(0.0002, 0.0004, halls)
    growth = rng.normal(-0.004, 0.012, (scenarios, 1))
    tide = np.searchsorted(np.quantile(growth[:, 0], [1 / 3, 2 / 3]), growth[:, 0])
    month = np.arange(months)
    demand = sold.sum() * np.exp(growth * month)
    unit_cash = 0.0009 * rng.uniform(0.8, 1.2, (scenarios, 1)) * np.ones(months)
    discount = 0.99**month
    cash, value, units, lost, capacity, opened = _fates(
        fates, rng, size=size, sold=sold, fixed=fixed, demand=demand, unit_cash=unit_cash, discount=discount
    )
    need = rng.uniform(0.3, 1.2, (1, roles, 1)) * (0.8 + 0.2 * demand[:, None, :] / sold.sum())
    posts = np.floor(rng.uniform(2, 25, roles))
    need = need * 0.6 * posts[:, None]
    wage = rng.uniform(0.003, 0.008, (roles, 1)) * np.ones(months)
    last = np.where(month == months - 1, 12.0, 1.0)
    flow = demand * unit_cash - fixed.sum()
    natural = posts[:, None] * 0.99 ** (month + 1)
    return Problem(
        months=months, review=review, probability=np.full(scenarios, 1 / scenarios),
        tide=tide.astype(np.int64),
        halls=tuple(f"hall {h}" for h in range(halls)), roles=tuple(f"role {r}" for r in range(roles)),
        fates=tuple(fates), fate_cash=cash, fate_value=value, fate_units=units, fate_lost=lost,
        fate_capacity=capacity, fate_open=opened, demand=demand,
        unit_cash=unit_cash, unit_value=unit_cash * discount * last * 1.2, move_rate=60.0,
        posts=posts, attrition=np.full(roles, 0.01), floor=np.minimum(0.4 * posts[:, None], natural),
        need=need, need_per_hall=np.where(rng.random(roles) < 0.3, 0.05 * posts, 0.0),
        wage=wage, post_value=wage * discount * last, hire_value=1.5 * wage * discount * last,
        waves=large_waves(wage, months, discount), quotas=_quotas(months),
        redeployments=tuple(
            Redeployment(source=r, target=r + 1, most=3, cost=0.01, discount=tuple(discount.tolist()))
            for r in range(0, 10, 2)
        ),
        waiver=Waiver(cash=np.where(month == 0, 0.3, 0.0), value=0.3, line=np.full((scenarios, months), 1.5)),
        cash=np.full(scenarios, 2.0), flow=flow,
        line=np.full((scenarios, months), 2.0), minimum_cash=1.0,
        commitment=rng.uniform(15.0, 45.0, scenarios), fail_limit=0.05,
        value=(flow * discount * last).sum(axis=1) + 60.0,
    )  # fmt: skip


def _fates(fates, rng, *, size, sold, fixed, demand, unit_cash, discount):
    """Return what each fate does; a hall that ends loses some of its customers and saves its costs."""
    scenarios, months = demand.shape
    shape = (scenarios, len(fates), months)
    cash, lost, once = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    units = np.zeros(shape[:2])
    capacity, opened = np.zeros(shape[1:]), np.ones(shape[1:])
    share = {
        "keep": 1.0,
        "renegotiate": 1.0,
        "sublet": 0.5,
        "mothball": 0.0,
        "sell": 0.0,
        "close": 0.0,
        "stop": 0.6,
    }
    saved = {
        "keep": 0.0,
        "renegotiate": 0.2,
        "sublet": 0.4,
        "mothball": 0.7,
        "sell": 1.0,
        "close": 1.0,
        "stop": 0.3,
    }
    at_once = {
        "keep": 0.0,
        "renegotiate": -1.0,
        "sublet": -2.0,
        "mothball": -1.0,
        "sell": 3.0,
        "close": -9.0,
        "stop": -1.0,
    }
    luck = rng.uniform(0.8, 1.2, (scenarios, len(fates)))
    for f, fate in enumerate(fates):
        h, m, a = fate.hall, fate.month, fate.action
        capacity[f] = size[h]
        if a == "keep":
            continue
        capacity[f, m:] = size[h] * share[a]
        opened[f, m:] = float(share[a] > 0)
        if share[a] == 0.0:
            units[:, f] = sold[h] * demand[:, m] / demand[:, 0]
            lost[:, f, m:] = 0.25 * units[:, f, None]
        cash[:, f, m:] += saved[a] * fixed[h] - lost[:, f, m:] * unit_cash[:, m:]
        once[:, f, m] = at_once[a] * fixed[h] * luck[:, f]
    cash += once
    # What is saved in the last month goes on for a year more; what is paid once does not.
    value = (cash * discount).sum(axis=2) + 12.0 * discount[-1] * (cash[:, :, -1] - once[:, :, -1])
    return cash, value, units, lost, capacity, opened


def large_waves(wage, months, discount):
    """Return waves announced in 16 months, of one, of up to nine and of ten posts or more."""
    waves = []
    for announced in range(0, 24, 3 if months < 24 else 1):
        if announced >= 16:
            break
        for name, least, most, delay, paid in (
            ("individual", 1, 1, 2, 3.0),
            ("small", 2, 9, 3, 4.0),
            ("plan", 10, 999, 5, 9.0),
        ):
            leave = announced + delay
            at = np.where(np.arange(months) == leave, paid, 0.0)
            dismissal = wage.mean(axis=1)[:, None] * at
            fixed = np.where(np.arange(months) == announced, 0.4 if least == 10 else 0.02, 0.0)
            waves.append(
                Wave(
                    name=f"{name} {announced}", is_collective=least == 10, announced=announced,
                    least=least, most=most,
                    leave=leave, volunteers_leave=announced + 1, volunteer_share=0.3 if least == 10 else 0.0,
                    dismissal_cash=dismissal, dismissal_value=dismissal @ discount,
                    volunteer_cash=1.3 * dismissal, volunteer_value=1.3 * dismissal @ discount,
                    fixed_cash=fixed, fixed_value=float(fixed @ discount),
                )
            )  # fmt: skip
    return tuple(waves)


def _quotas(months):
    """Return at most ten posts without a plan in any three months."""
    small = [(announced, 3 * announced + k) for announced in range(16) for k in (0, 1)]
    return tuple(
        Quota(
            words=f"at most ten in the three months from {first}",
            waves=tuple(place for announced, place in small if first <= announced < first + 3),
            most=10,
        )
        for first in range(14)
    )
