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
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from secondhall.cases.northhall_books import keep_books, read_template
from secondhall.cases.northhall_ledgers import Contract, Ledgers
from secondhall.cases.northhall_orders import closed_orders, open_orders, order_rows
from secondhall.cases.northhall_truth import REGIMES, TRUTH, SegmentTruth, Truth
from secondhall.months import Month

__all__ = ["REGIMES", "TRUTH", "Contract", "Ledgers", "SegmentTruth", "Truth", "generate"]

_TEMPLATE = Path(__file__).parent / "northhall_template.yaml"
_CAUSES = (
    "regime",
    "intensity",
    "price",
    "arrivals",
    "sizes",
    "leavers",
    "growth",
    "waiting",
    "pipeline",
    "closed",
)
"""One stream of random numbers a cause; a new one goes to the end, which leaves the others as they were."""
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
    orders = open_orders(truth, months, draws["pipeline"]) + closed_orders(ledgers, months, draws["closed"])
    _write_csv(folder / "orders.csv", *order_rows(orders, first))
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
