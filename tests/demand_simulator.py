"""The law of docs/equations.md (M1-M5, O1, O6-O8) drawn month by month in plain NumPy, to be learned from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from secondhall.belief.demand.unknowns import Table
from secondhall.belief.ledger.ledger import Ledger
from secondhall.case import Case, read_case
from secondhall.months import Month
from tests.cases import MINIMAL, write_case

REGIMES = ("boom", "steady", "bust")


def simulate_regimes(
    value: Mapping[str, float], months: int, first: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    """Draw the chain (M1)."""
    q = [value[f"market.{name}"] for name in ("after_boom_bust", "after_steady_boom", "after_bust_steady")]
    move = np.zeros((3, 3))
    for z, (likely, other) in enumerate([(2, 1), (0, 2), (1, 0)]):
        leave = 1 / value[f"market.mean_months.{REGIMES[z]}"]
        move[z, [z, likely, other]] = 1 - leave, leave * q[z], leave * (1 - q[z])
    path = [draw.choice(3, p=first)]
    while len(path) < months:
        path.append(draw.choice(3, p=move[path[-1]]))
    return np.array(path)


def simulate_ledger(
    case: Case, value: Mapping[str, float], regime: np.ndarray, draw: np.random.Generator
) -> tuple[Ledger, dict[str, float], np.ndarray]:
    """Return a ledger, what the last month should be learned as, and the log-intensity.

    `value` holds every parameter by its dotted name, nuisances too.
    """
    names, months = tuple(case.segments), regime.size
    shape = (len(names), months)
    new, left, risk, grown, base, squares, price = (np.zeros(shape) for _ in range(7))
    count, log_x, last = np.zeros(shape), np.zeros(shape), {}
    common, noise = draw.standard_normal(months), _price_noise(value, months, draw)
    drift = np.cumsum([np.log1p(value[f"market.price_drift_yearly.{REGIMES[z]}"]) / 12 for z in regime])
    for s, name in enumerate(names):
        of = {
            field[len(name) + 10 :]: v for field, v in value.items() if field.startswith(f"segments.{name}.")
        }
        level = [np.log(of[f"intensity_level.{z}"]) for z in REGIMES]
        a, sigma = of["intensity_common_share"], of["intensity_volatility_monthly"]
        d = level[regime[0]]
        b = np.log(of["opening_intensity"]) - d
        installed = int(draw.integers(20, 60))
        for t, z in enumerate(regime):
            b += of[f"intensity_growth_yearly.{REGIMES[z]}"] / 12
            shock = a * common[t] + np.sqrt(1 - a**2) * draw.standard_normal()
            d += of["intensity_reversion_monthly"] * (level[z] - d) + sigma * shock
            log_x[s, t] = b + d
            new[s, t] = draw.poisson(np.exp(b + d))
            risk[s, t] = installed // 2
            left[s, t] = draw.binomial(installed // 2, of[f"churn_monthly.{REGIMES[z]}"])
            sizes = draw.gamma(2.0, 5.0, size=installed)
            base[s, t], squares[s, t] = sizes.sum(), (sizes**2).sum()
            some = 1 - np.exp(-of["growth_chance"] * base[s, t] ** 2 / squares[s, t])
            spread = np.sqrt(of["growth_variance"] * squares[s, t] / some)
            moved = draw.normal(of[f"expansion_monthly.{REGIMES[z]}"] * base[s, t] / some, spread)
            grown[s, t] = moved if draw.random() < some else 0.0
            installed = max(installed + int(min(new[s, t], 20.0) - left[s, t]), 5)
        log_price = np.log(of["list_price_per_unit_month"]) + drift + noise
        count[s] = new[s]
        with np.errstate(divide="ignore", invalid="ignore"):
            error = of["price_noise"] * draw.standard_normal(months) / np.sqrt(count[s])
        price[s] = np.where(count[s] > 0, log_price + error, np.nan)
        last[f"segments.{name}.new_customers_per_month"] = float(np.exp(log_x[s, -1]))
        last[f"segments.{name}.list_price_per_unit_month"] = float(np.exp(log_price[-1]))
    seen = np.ones(shape, dtype=bool)
    ledger = Ledger(
        first=Month.parse("2020-01"), segments=names, new_customers=new, seen=seen, leavers=left,
        at_risk=risk, net_growth=grown, growth_base=base, growth_squares=squares, growth_seen=seen.copy(),
        price_log=price, price_count=count, order_sizes={name: np.zeros(0) for name in names},
    )  # fmt: skip
    return ledger, last, log_x


def _price_noise(value: Mapping[str, float], months: int, draw: np.random.Generator) -> np.ndarray:
    keep = 1 - value["market.price_reversion_monthly"]
    s = value["market.price_volatility_monthly"]
    y, path = draw.normal(0, s / np.sqrt(1 - keep**2)), []
    for _ in range(months):
        y = keep * y + s * draw.standard_normal()
        path.append(y)
    return np.array(path)


SMALL_SEGMENT = """\
  {name}:
    customers: {{value: 100, because: counted}}
    installed_units: {{value: 400, because: counted}}
    monthly_recurring_revenue: {{value: 60000, because: counted}}
    list_price_per_unit_month: {{low: 130, mid: 150, high: 180, because: three offers}}
    new_customers_per_month: {{value: 4, because: last year's mean}}
    intensity_growth_yearly: {{boom: 0.2, steady: 0.02, bust: -0.1, because: guessed}}
    intensity_level: {{boom: 1.5, steady: 1, bust: 0.4, because: guessed}}
    order_size_units: {{value: 4, because: last year's mean}}
    expansion_monthly: {{boom: 0.006, steady: 0.002, bust: -0.004, because: last year}}
    churn_monthly: {{boom: 0.01, steady: 0.015, bust: 0.04, because: last year}}
    out_of_term_share: {{value: 0.4, because: guessed}}
    term_months: {{value: 24, because: the standard contract}}
"""


def small_case(folder: Path) -> Case:
    """Return a case of two segments, each stated by single numbers, so that its priors are broad."""
    start, end = MINIMAL.index("segments:"), MINIMAL.index("halls:")
    segments = "".join(SMALL_SEGMENT.format(name=name) for name in ("retail", "web"))
    yaml = f"{MINIMAL[:start]}segments:\n{segments}\n{MINIMAL[end:]}"
    return read_case(write_case(folder, yaml=yaml))


def truth_from_prior(table: Table, case: Case, draw: np.random.Generator) -> dict[str, float]:
    """Draw every unknown from its prior by A1; the list price, whose prior is flat, is any number."""
    scores = draw.standard_normal(len(table.names))
    truth = {
        name: float(prior.at_normal(float(score)))
        for name, prior, score in zip(table.names, table.priors, scores, strict=True)
    }
    return truth | {f"segments.{name}.list_price_per_unit_month": 150.0 for name in case.segments}
