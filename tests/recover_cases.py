"""Cases in distress, written as an operator would write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from secondhall.case import Case, read_case


def large_operator(folder: Path, seed: int = 7) -> Case:
    """Return an operator of 8 halls and 30 roles after a boom: half of its halls are nearly empty.

    Money in EUR, capacity in kW; costs, prices and posts by the kW are those of northhall.
    """
    rng = np.random.default_rng(seed)
    capacity = np.round(rng.uniform(800, 4000, 8), -1)
    fill = np.where(np.arange(8) < 4, rng.uniform(0.0, 0.15, 8), rng.uniform(0.55, 0.85, 8))
    sold = np.round(capacity * fill)
    lines = [
        "name: large", "currency: EUR", "unit: kW", "start: 2026-01", "horizon_months: 96",
        "market:", "  start_regime: {boom: 0, steady: 0.2, bust: 0.8}",
        "  mean_months:", "    boom: 20", "    steady: 48", "    bust: {low: 10, mid: 20, high: 40}",
        "segments:",
    ]  # fmt: skip
    for name, share, price in (("enterprise", 0.6, 190), ("cloud", 0.4, 160)):
        units = sold.sum() * share
        lines += [
            f"  {name}:",
            f"    customers: {round(units / 40)}",
            f"    installed_units: {units}",
            f"    monthly_recurring_revenue: {units * price}",
            "    out_of_term_share: 0.4",
            f"    list_price_per_unit_month: {price}",
            f"    new_customers_per_month: {{low: 0.3, mid: {share * 2.5}, high: 4}}",
            "    order_size_units: 20",
            "    intensity_level: {boom: 1.3, steady: 1, bust: {low: 0.1, mid: 0.3, high: 0.6}}",
            "    expansion_monthly: {boom: 0.01, steady: 0.003, bust: -0.004}",
            "    churn_monthly: {boom: 0.004, steady: 0.006, bust: {low: 0.008, mid: 0.015, high: 0.03}}",
            "    term_months: 24",
        ]
    lines.append("halls:")
    for h in range(8):
        kw, leased = capacity[h], h % 3 != 0
        lines += [
            f"  hall_{h + 1}:",
            f"    capacity_units: {kw}",
            f"    sold_units: {sold[h]}",
            f"    fixed_cost_monthly: {round(kw * 14)}",
            f"    mothball_cost_monthly: {round(kw * 4)}",
            f"    book_value: {round(kw * rng.uniform(1500, 5000))}",
            f"    exit_penalty: {{low: {round(kw * 60)}, mid: {round(kw * 150)}, high: {round(kw * 300)}}}",
            "    exit_value_share: {low: 0.02, mid: 0.12, high: 0.4}",
            f"    dismantling_cost: {round(kw * 25)}",
        ]
        if leased:
            lines += [
                f"    rent_monthly: {round(kw * rng.uniform(10, 22))}",
                f"    lease_end: {2029 + h}-06",
                "    renegotiated_rent_share: 0.85",
                f"    sublet_rent_share: {rng.uniform(0.2, 0.6):.2f}",
            ]
        if h in (0, 2, 6):
            lines.append(f"    sale_price: {round(kw * rng.uniform(300, 900))}")
    lines.append("staff:")
    for r in range(30):
        posts = int(rng.integers(2, 8))
        per_customer = posts * 0.4 / (sold.sum() / 40)
        driver = (
            f"per_open_hall: {posts * 0.05:.2f}",
            f"per_customer: {per_customer:.4f}",
            f"per_new_customer: {posts * 0.06:.2f}",
        )[r % 3]
        lines += [
            f"  role_{r + 1}:",
            f"    headcount: {posts}",
            f"    monthly_cost: {round(rng.uniform(4500, 8500), -2)}",
            f"    base: {posts * rng.uniform(0.1, 0.3):.1f}",
            f"    {driver}",
            f"    minimum: {max(1, posts // 4)}",
            "    attrition_monthly: 0.008",
            "    notice_months: 3",
            f"    severance_months: {rng.uniform(2, 6):.1f}",
            f"    seniority_years: {rng.uniform(1, 15):.1f}",
        ]
        if r % 7 == 0:
            lines += [f"    redeploy_to: role_{(r + 3) % 30 + 1}", "    redeploy_cost: 8000"]
    posts_cost = 30 * 4.5 * 6500
    lines += [
        "costs:",
        "  overhead_monthly: 120000",
        "finance:",
        "  cash: 6000000", "  minimum_cash: 2000000", "  revolver_limit: 5000000",
        "  minimum_liquidity: 4000000",
        f"  shareholder_commitment: {round(posts_cost * 25)}",
        "recovery:",
        "  law: france", "  move_units_monthly: 400", "  move_cost_per_unit: 120", "  move_lost_share: 0.06",
        "  procedure_cost: 600000", "  waiver_fee: 250000",
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_case(str(folder))
