"""The contracts of ``northhall`` as they come and go, month by month (M1 to M5, O1 to O8, P)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from secondhall.cases.northhall_truth import Truth

__all__ = ["Contract", "Ledgers"]


@dataclass(slots=True, kw_only=True)
class Contract:
    """A row of the ledger; months count from the first month of the ledger.

    Its `origin` is new (a customer's first), growth (a further one) or rest (what is left after shrinking).
    """

    name: str
    customer: str
    segment: str
    hall: int
    capacity: float
    ramp_months: int
    monthly_recurring_revenue: float
    signed: int
    start: int
    term_months: int
    escalator_yearly: float
    end: int | None = None
    origin: str = "new"


@dataclass(slots=True, kw_only=True)
class _Customer:
    name: str
    segment: str
    free_from: int
    rows: list[Contract] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Wish:
    segment: str
    capacity: float


class Ledgers:
    """The contracts as they come and go, month by month.

    Parameters
    ----------
    truth : Truth
        What they are drawn from.
    regimes : sequence of int
        Regime of each month.
    draws : dict of RandomState
        One stream a cause, by name.
    """

    LARGE_KW = 40.0
    LARGE_LAG_MONTHS = 3

    def __init__(self, truth: Truth, regimes: Sequence[int], draws: dict[str, np.random.RandomState]) -> None:
        self.truth = truth
        self.regimes = regimes
        self.contracts: list[Contract] = []
        self.price_index: list[float] = []
        self.energy_price: list[float] = []
        self.arrivals: list[dict[str, int]] = []
        self.log_intensity: list[dict[str, float]] = []
        self.lost_units = 0.0
        self._draws = draws
        self._customers: list[_Customer] = []
        self._waiting: list[_Wish] = []
        self._named = 0
        self._taken = [0.0] * len(truth.halls)
        self._price = [0.0, 0.0, 0.0, 0.0]
        first = regimes[0]
        self._deviation = {
            name: float(np.log(seg.intensity_level[first])) for name, seg in truth.segments.items()
        }
        self._trend = {
            name: float(np.log(seg.new_customers_per_month)) - self._deviation[name]
            for name, seg in truth.segments.items()
        }

    def play(self) -> None:
        """Play every month."""
        for month, regime in enumerate(self.regimes):
            self._market(regime)
            wishes = self._orders()
            self._leavers(month, regime)
            self._growth(month, regime)
            self._place(month, wishes)

    def _market(self, regime: int) -> None:
        truth, eps = self.truth, self._draws["price"].standard_normal(2)
        price, noise, energy, energy_noise = self._price
        price += np.log1p(truth.price_drift_yearly[regime]) / 12
        energy += np.log1p(truth.energy_drift_yearly[regime]) / 12
        noise += -truth.price_reversion_monthly * noise + truth.price_volatility_monthly * eps[0]
        energy_noise += (
            -truth.price_reversion_monthly * energy_noise + truth.energy_volatility_monthly * eps[1]
        )
        self._price = [price, noise, energy, energy_noise]  # (M5)
        self.price_index.append(float(np.exp(price + noise)))
        self.energy_price.append(float(truth.energy_price_per_mwh * np.exp(energy + energy_noise)))
        draw = self._draws["intensity"]
        common = draw.standard_normal()
        now = {}
        for name, seg in truth.segments.items():
            loading = seg.intensity_common_share
            shock = loading * common + np.sqrt(1 - loading**2) * draw.standard_normal()  # (M4)
            self._trend[name] += seg.intensity_growth_yearly[regime] / 12  # (M2)
            gap = np.log(seg.intensity_level[regime]) - self._deviation[name]
            self._deviation[name] += float(
                seg.intensity_reversion_monthly * gap + seg.intensity_volatility_monthly * shock
            )  # (M3)
            now[name] = self._trend[name] + self._deviation[name]
        self.log_intensity.append(now)

    def _orders(self) -> list[_Wish]:
        """Return what waits and what is new, in the order in which it came."""
        wishes, came = self._waiting, {}
        for name, seg in self.truth.segments.items():
            came[name] = int(self._draws["arrivals"].poisson(np.exp(self.log_intensity[-1][name])))  # (O1)
            shape = 1 / seg.order_size_variation**2
            sizes = self._draws["sizes"].gamma(shape, seg.order_size_units / shape, size=came[name])  # (O2)
            wishes += [_Wish(segment=name, capacity=max(round(float(size), 1), 0.1)) for size in sizes]
        self.arrivals.append(came)
        return wishes

    def _leavers(self, month: int, regime: int) -> None:
        """End all the contracts of those who leave; the month before was the last one billed (O6)."""
        stay = []
        for customer in self._customers:
            is_free = customer.free_from <= month
            hazard = self.truth.segments[customer.segment].churn_monthly[regime]
            if is_free and self._draws["leavers"].random_sample() < hazard:
                for row in customer.rows:
                    self._end(row, month)
            else:
                stay.append(customer)
        self._customers = stay

    def _end(self, row: Contract, month: int) -> None:
        row.end = month - 1
        self._taken[row.hall] -= row.capacity

    def _growth(self, month: int, regime: int) -> None:
        """Let each running contract grow or shrink by a share, at the chance that keeps the mean (O7, O8)."""
        share, draw = self.truth.growth_chance_share, self._draws["growth"]
        for customer in self._customers:
            rate = self.truth.segments[customer.segment].expansion_monthly[regime]
            for row in [row for row in customer.rows if row.start < month]:
                if draw.random_sample() >= abs(rate) / share:
                    continue
                part = float(draw.gamma(4.0, share / 4.0))
                if rate > 0:
                    self._expand(customer, row, month, part)
                else:
                    self._contract(customer, row, month, min(part, 0.9))

    def _expand(self, customer: _Customer, row: Contract, month: int, part: float) -> None:
        capacity = max(round(row.capacity * part, 1), 0.1)
        hall = self._room(month, capacity)
        if hall is None:
            self.lost_units += capacity
            return
        self._sign(
            customer, hall, capacity, month=month, origin="growth", price=self._list_price(row.segment)
        )

    def _contract(self, customer: _Customer, row: Contract, month: int, part: float) -> None:
        capacity = max(round(row.capacity * (1 - part), 1), 0.1)
        price = row.monthly_recurring_revenue / row.capacity
        price *= (1 + row.escalator_yearly) ** ((month - row.start) // 12)
        self._end(row, month)
        customer.rows.remove(row)
        self._sign(customer, row.hall, capacity, month=month, origin="rest", price=price)

    def _list_price(self, segment: str) -> float:
        return self.truth.segments[segment].list_price_per_unit_month * self.price_index[-1]

    def _place(self, month: int, wishes: list[_Wish]) -> None:
        """Place each order in the first hall with room for it; the others wait, and some lapse (P)."""
        self._waiting = []
        for wish in wishes:
            seg = self.truth.segments[wish.segment]
            hall = self._room(month, wish.capacity)
            if hall is not None:
                lag = self.LARGE_LAG_MONTHS if wish.capacity >= self.LARGE_KW else 0
                self._named += 1
                customer = _Customer(
                    name=f"N{self._named:05d}",
                    segment=wish.segment,
                    free_from=month + lag + seg.term_months,
                )
                self._customers.append(customer)
                price = self._list_price(wish.segment)
                self._sign(customer, hall, wish.capacity, month=month, lag=lag, origin="new", price=price)
            elif self._draws["waiting"].random_sample() < seg.waiting_lapse_monthly:
                self.lost_units += wish.capacity
            else:
                self._waiting.append(wish)

    def _room(self, month: int, capacity: float) -> int | None:
        for hall, (_, holds, opens, _) in enumerate(self.truth.halls):
            if opens <= month and self._taken[hall] + capacity <= holds + 1e-9:
                return hall
        return None

    def _sign(
        self,
        customer: _Customer,
        hall: int,
        capacity: float,
        *,
        month: int,
        origin: str,
        price: float,
        lag: int = 0,
    ) -> None:
        """Add a row; only a customer's first one has a ramp, the others run out with it."""
        seg = self.truth.segments[customer.segment]
        row = Contract(
            name=f"C{len(self.contracts) + 1:05d}",
            customer=customer.name,
            segment=customer.segment,
            hall=hall,
            capacity=capacity,
            ramp_months=seg.ramp_months if origin == "new" else 0,
            monthly_recurring_revenue=round(float(price * capacity), 2),
            signed=month,
            start=month + lag,
            term_months=max(customer.free_from - month - lag, 0),
            escalator_yearly=seg.escalator_yearly,
            origin=origin,
        )
        customer.rows.append(row)
        self._taken[hall] += capacity
        self.contracts.append(row)
