"""Write the case ``northhall``: a made-up operator whose ledgers follow a known truth.

The law is that of ``docs/equations.md``, contract by contract where the model keeps sums:

- M1 regimes: the planted spells of `Truth.spells` (a boom, then a bust), or a chain with ``planted=False``;
- M2-M4 log-intensity of new customers, M5 price of new business and of energy;
- O1 Poisson arrivals, O2 one gamma order each; those of `Ledgers.LARGE_KW` or more commence three months
  after signature, and GPU clouds take theirs in six steps;
- O5-O6 each customer out of term leaves with the hazard of the month's regime;
- O7-O8 each contract grows or shrinks with a chance and by a share whose product is the model's expansion:
  growth is a further contract, shrinking ends one and starts a smaller one;
- P a contract stands in one hall, the first with room for it; orders that find none wait, and lapse.

The books (`northhall_books`) follow V, C, W and F with the mid values of ``northhall_template.yaml``. What
differs from the model, each on purpose: arrivals are placed whole or not at all; contracts are not repriced
at renewal but carry their escalator; capacities are rounded to 0.1 kW. ``truth.json`` holds what the ledgers
were drawn from.

Run ``python -m secondhall.cases.northhall_generator FOLDER`` to write the case into a folder.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from secondhall.cases.northhall_books import keep_books, read_template
from secondhall.months import Month

__all__ = ["REGIMES", "TRUTH", "Contract", "Ledgers", "SegmentTruth", "Truth", "generate"]

REGIMES = ("boom", "steady", "bust")
_TEMPLATE = Path(__file__).parent / "northhall_template.yaml"
_CAUSES = ("regime", "intensity", "price", "arrivals", "sizes", "leavers", "growth", "waiting", "pipeline")
_CONTRACT_COLUMNS = (
    "contract",
    "customer",
    "segment",
    "hall",
    "capacity",
    "ramp_months",
    "monthly_recurring_revenue",
    "signed",
    "start",
    "term_months",
    "end",
    "notice_months",
    "escalator_yearly",
)
ByRegime = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class SegmentTruth:
    """What a segment's ledger is drawn from; by-regime values are for boom, steady, bust."""

    new_customers_per_month: float
    intensity_growth_yearly: ByRegime
    intensity_level: ByRegime
    intensity_reversion_monthly: float
    intensity_volatility_monthly: float
    intensity_common_share: float
    order_size_units: float
    order_size_variation: float
    expansion_monthly: ByRegime
    churn_monthly: ByRegime
    term_months: int
    escalator_yearly: float
    list_price_per_unit_month: float
    waiting_lapse_monthly: float = 0.25
    ramp_months: int = 0


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The true parameters of the made-up operator; prices and intensities are those of the first month."""

    spells: tuple[tuple[str, int], ...] = (("steady", 20), ("boom", 14), ("bust", 14), ("steady", 24))
    mean_months: ByRegime = (24.0, 48.0, 16.0)
    after_boom_bust: float = 0.55
    after_steady_boom: float = 0.5
    after_bust_steady: float = 0.9
    price_drift_yearly: ByRegime = (0.08, 0.025, -0.12)
    price_reversion_monthly: float = 0.1
    price_volatility_monthly: float = 0.008
    energy_price_per_mwh: float = 62.0
    energy_drift_yearly: ByRegime = (0.06, 0.06, 0.06)
    energy_volatility_monthly: float = 0.05
    growth_chance_share: float = 0.4
    halls: tuple[tuple[str, float, int, float], ...] = (
        ("north-1", 2000.0, 0, 14.0e6),
        ("north-2", 2500.0, 20, 18.5e6),
        ("north-3", 3400.0, 44, 28.9e6),
    )
    segments: dict[str, SegmentTruth] = field(
        default_factory=lambda: {
            "enterprise": SegmentTruth(
                new_customers_per_month=3.5,
                intensity_growth_yearly=(0.12, 0.04, -0.05),
                intensity_level=(1.25, 1.0, 0.5),
                intensity_reversion_monthly=0.2,
                intensity_volatility_monthly=0.07,
                intensity_common_share=0.5,
                order_size_units=12.0,
                order_size_variation=1.1,
                expansion_monthly=(0.006, 0.004, 0.001),
                churn_monthly=(0.006, 0.007, 0.013),
                term_months=36,
                escalator_yearly=0.025,
                list_price_per_unit_month=245.0,
            ),
            "sme": SegmentTruth(
                new_customers_per_month=8.6,
                intensity_growth_yearly=(0.08, 0.02, -0.06),
                intensity_level=(1.15, 1.0, 0.6),
                intensity_reversion_monthly=0.2,
                intensity_volatility_monthly=0.06,
                intensity_common_share=0.4,
                order_size_units=3.0,
                order_size_variation=0.8,
                expansion_monthly=(0.003, 0.002, 0.0),
                churn_monthly=(0.012, 0.013, 0.02),
                term_months=24,
                escalator_yearly=0.025,
                list_price_per_unit_month=300.0,
            ),
            "cloud_natives": SegmentTruth(
                new_customers_per_month=4.3,
                intensity_growth_yearly=(0.2, 0.03, -0.2),
                intensity_level=(1.45, 1.0, 0.25),
                intensity_reversion_monthly=0.25,
                intensity_volatility_monthly=0.1,
                intensity_common_share=0.6,
                order_size_units=4.5,
                order_size_variation=1.0,
                expansion_monthly=(0.012, 0.006, -0.006),
                churn_monthly=(0.018, 0.025, 0.06),
                term_months=12,
                escalator_yearly=0.0,
                list_price_per_unit_month=255.0,
            ),
            "gpu_cloud": SegmentTruth(
                new_customers_per_month=0.5,
                intensity_growth_yearly=(0.3, 0.06, -0.15),
                intensity_level=(1.5, 1.0, 0.3),
                intensity_reversion_monthly=0.25,
                intensity_volatility_monthly=0.1,
                intensity_common_share=0.5,
                order_size_units=60.0,
                order_size_variation=0.9,
                expansion_monthly=(0.012, 0.005, -0.006),
                churn_monthly=(0.015, 0.02, 0.05),
                term_months=24,
                escalator_yearly=0.0,
                list_price_per_unit_month=208.0,
                ramp_months=6,
            ),
        }
    )


TRUTH = Truth()


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


def generate(
    folder: Path,
    *,
    seed: int = 20260101,
    months: int = 72,
    start: str = "2026-01",
    truth: Truth = TRUTH,
    planted: bool = True,
) -> None:
    """Write the whole case into a folder, which is made if it is not there.

    Parameters
    ----------
    folder : Path
        Where ``case.yaml``, the ledgers and ``truth.json`` go; files of these names are overwritten.
    seed : int
        The same seed gives the same bytes.
    months : int
        Length of the ledgers, at least 24; the months of the planted spells and openings are scaled to it.
    start : str
        First month that is simulated; the ledgers end the month before.
    truth : Truth
        The parameters to draw from.
    planted : bool
        Whether the regimes follow `truth.spells`; else they are drawn from the chain, beginning steady.
    """
    if months < 24:
        raise ValueError(f"found {months} months, accepted 24 or more")
    truth = _scaled(truth, months)
    keys = np.random.SeedSequence(seed).spawn(len(_CAUSES))
    draws = {  # RandomState: NumPy promises never to change its draws, so the bytes stay the same for good
        cause: np.random.RandomState(np.random.MT19937(key)) for cause, key in zip(_CAUSES, keys, strict=True)
    }
    regimes = _planted(truth, months) if planted else _chain(truth, months, draws["regime"])
    ledgers = Ledgers(truth, regimes, draws)
    ledgers.play()
    first = Month.parse(start) - months
    template = _TEMPLATE.read_text(encoding="utf-8")
    books = keep_books(ledgers, read_template(template), first=first)
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(folder / "contracts.csv", *_contract_rows(ledgers, first))
    _write_csv(folder / "orders.csv", *_order_rows(truth, first + months, draws["pipeline"]))
    _write_csv(folder / "accounts.csv", ["period", "line", "value"], books.rows)
    _write_csv(
        folder / "plans.csv",
        ["plan", "month", "action", "target"],
        [["board-proposal", str(first + months + 1), "commit", "north-4"]],
    )
    text = _filled(template, {"start": start} | _counted(ledgers, months) | books.fills)
    (folder / "case.yaml").write_text(text, encoding="utf-8", newline="\n")
    _write_truth(folder / "truth.json", ledgers, seed, months, planted)


def _scaled(truth: Truth, months: int) -> Truth:
    planned = sum(length for _, length in truth.spells)
    if months == planned:
        return truth
    halls = tuple((name, kw, round(opens * months / planned), cost) for name, kw, opens, cost in truth.halls)
    spells = tuple((regime, max(round(length * months / planned), 1)) for regime, length in truth.spells)
    return replace(truth, halls=halls, spells=spells)


def _planted(truth: Truth, months: int) -> list[int]:
    path = [REGIMES.index(regime) for regime, length in truth.spells for _ in range(length)]
    return (path + [path[-1]] * months)[:months]


def _chain(truth: Truth, months: int, draw: np.random.RandomState) -> list[int]:
    """Draw the regimes (M1)."""
    to = {
        0: (2, 1, truth.after_boom_bust),
        1: (0, 2, truth.after_steady_boom),
        2: (1, 0, truth.after_bust_steady),
    }
    regime, path = 1, []
    for _ in range(months):
        leave, which = draw.random_sample(2)
        if leave < 1 / truth.mean_months[regime]:
            likely, other, chance = to[regime]
            regime = likely if which < chance else other
        path.append(regime)
    return path


def _contract_rows(ledgers: Ledgers, first: Month) -> tuple[list[str], list[list[object]]]:
    header = [*_CONTRACT_COLUMNS]
    rows = [
        [
            row.name,
            row.customer,
            row.segment,
            ledgers.truth.halls[row.hall][0],
            f"{row.capacity:.1f}",
            row.ramp_months,
            f"{row.monthly_recurring_revenue:.2f}",
            str(first + row.signed),
            str(first + row.start),
            row.term_months,
            "" if row.end is None else str(first + row.end),
            3,
            f"{row.escalator_yearly:g}",
        ]
        for row in ledgers.contracts
    ]
    return header, [list(row) for row in rows]


def _order_rows(
    truth: Truth, start: Month, draw: np.random.RandomState
) -> tuple[list[str], list[list[object]]]:
    """Write the pipeline: unusually large prospects, beside the ordinary inflow."""
    counts, larger = {"enterprise": 14, "sme": 10, "cloud_natives": 9, "gpu_cloud": 5}, 1.5
    stages, odds = ("lead", "proposal", "letter_of_intent", "contract_sent"), (0.45, 0.3, 0.15, 0.1)
    rows: list[list[object]] = []
    for name, count in counts.items():
        seg = truth.segments[name]
        for _ in range(count):
            stage = int(draw.choice(4, p=odds))
            capacity = larger * float(draw.gamma(2.0, seg.order_size_units / 2.0))
            opened = start - 1 - int(draw.randint(0, 9))
            close = start + max(0, int(draw.randint(0, 9)) - 2 * stage)
            guess = (
                f"{(0.1, 0.25, 0.5, 0.8)[stage] * draw.uniform(0.7, 1.2):.2f}"
                if draw.random_sample() < 0.5
                else ""
            )
            rows.append([name, f"{max(capacity, 0.5):.1f}", stages[stage], str(opened), str(close), guess])
    rows.sort(key=lambda row: (str(row[4]), str(row[0])))
    header = ["opportunity", "segment", "capacity", "stage", "opened", "expected_close", "probability"]
    return header, [[f"O{n:04d}", *row] for n, row in enumerate(rows, start=1)]


def _counted(ledgers: Ledgers, months: int) -> dict[str, str]:
    """Read off the ledger what the operator knows: inflow of twelve months, price of the last contracts."""
    fills = {}
    for name in ledgers.truth.segments:
        mean = sum(came[name] for came in ledgers.arrivals[-12:]) / 12
        spread = 1.645 * np.sqrt(1 / max(12 * mean, 1) + 0.1**2)
        low, high = mean * np.exp(-spread), mean * np.exp(spread)
        fills[f"new_{name}"] = f"low: {low:.2f}, mid: {mean:.2f}, high: {high:.2f}"
        recent = [row for row in ledgers.contracts if row.segment == name and row.signed >= months - 3]
        recent = recent or [row for row in ledgers.contracts if row.segment == name]
        price = sum(row.monthly_recurring_revenue for row in recent) / sum(row.capacity for row in recent)
        fills[f"price_{name}"] = f"low: {0.95 * price:.1f}, mid: {price:.1f}, high: {1.05 * price:.1f}"
    return fills


def _filled(template: str, fills: dict[str, str]) -> str:
    for name in sorted(fills, key=len, reverse=True):
        template = template.replace(f"FILL_{name}", fills[name])
    if "FILL_" in template:
        raise ValueError("the template asks for " + template.split("FILL_")[1].split("}")[0])
    return template


def _write_csv(path: Path, header: list[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_truth(path: Path, ledgers: Ledgers, seed: int, months: int, planted: bool) -> None:
    told = {
        "seed": seed,
        "months": months,
        "planted": planted,
        "parameters": asdict(ledgers.truth),
        "regimes": [REGIMES[regime] for regime in ledgers.regimes],
        "price_index": [round(value, 6) for value in ledgers.price_index],
        "energy_price_per_mwh": [round(value, 4) for value in ledgers.energy_price],
        "log_intensity": [
            {name: round(value, 6) for name, value in now.items()} for now in ledgers.log_intensity
        ],
        "arrivals": ledgers.arrivals,
        "lost_units": round(ledgers.lost_units, 1),
    }
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
