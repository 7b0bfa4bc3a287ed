"""The pipeline of ``northhall``: orders that are open at the start, and what became of those before (O3).

A closed order that was won is the first contract of a customer: a share of those that came in the last months
came through the pipeline, at a stage drawn from the stages of the orders that are won. To each of them belong
the orders of its stage that were lost since the one before, a geometric number, so that each closed order was
won with the true odds of its stage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.cases.northhall_ledgers import Ledgers
from secondhall.cases.northhall_truth import STAGES, Truth
from secondhall.months import Month

__all__ = ["Order", "closed_orders", "open_orders", "order_rows"]

LARGER = 1.5
"""Orders that are tracked are larger than the ordinary ones."""
_COLUMNS = (
    "opportunity",
    "segment",
    "capacity",
    "stage",
    "opened",
    "expected_close",
    "probability",
    "closed",
    "outcome",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A row of the pipeline; months count from the first month of the ledger."""

    segment: str
    capacity: float
    stage: str
    opened: int
    expected_close: int
    probability: str = ""
    closed: int | None = None
    outcome: str = ""


def open_orders(truth: Truth, start: int, draw: np.random.RandomState) -> list[Order]:
    """Return the open pipeline: unusually large prospects, beside the ordinary inflow."""
    counts = {"enterprise": 14, "sme": 10, "cloud_natives": 9, "gpu_cloud": 5}
    odds = (0.45, 0.3, 0.15, 0.1)
    orders: list[Order] = []
    for name, count in counts.items():
        for _ in range(count):
            stage = int(draw.choice(4, p=odds))
            capacity = _asked(truth, name, draw)
            opened = start - 1 - int(draw.randint(0, 9))
            close = start + max(0, int(draw.randint(0, 9)) - 2 * stage)
            guess = (
                f"{(0.1, 0.25, 0.5, 0.8)[stage] * draw.uniform(0.7, 1.2):.2f}"
                if draw.random_sample() < 0.5
                else ""
            )
            orders.append(
                Order(
                    segment=name,
                    capacity=capacity,
                    stage=STAGES[stage],
                    opened=opened,
                    expected_close=close,
                    probability=guess,
                )
            )
    return sorted(orders, key=lambda order: (order.expected_close, order.segment))


def closed_orders(ledgers: Ledgers, start: int, draw: np.random.RandomState) -> list[Order]:
    """Return the orders that were decided in the last months before the start."""
    truth = ledgers.truth
    since = max(start - truth.pipeline_months, 0)
    won_at = np.array(truth.pipeline_odds) * np.array(truth.pipeline_stages)
    orders: list[Order] = []
    for row in ledgers.contracts:
        if row.origin != "new" or row.signed < since or draw.random_sample() >= truth.pipeline_share:
            continue
        stage = int(draw.choice(4, p=won_at / won_at.sum()))
        orders.append(_decided(truth, row.segment, row.capacity, stage, row.signed, "won", draw))
        for _ in range(int(draw.geometric(truth.pipeline_odds[stage])) - 1):
            capacity, closed = _asked(truth, row.segment, draw), since + int(draw.randint(0, start - since))
            orders.append(_decided(truth, row.segment, capacity, stage, closed, "lost", draw))
    return sorted(orders, key=lambda order: (order.closed or 0, order.segment, order.opened, order.capacity))


def order_rows(orders: list[Order], first: Month) -> tuple[list[str], list[list[object]]]:
    """Return the header and the rows of ``orders.csv``, whose ledgers begin in the month `first`."""
    rows: list[list[object]] = [
        [
            f"O{number:04d}",
            order.segment,
            f"{order.capacity:.1f}",
            order.stage,
            str(first + order.opened),
            str(first + order.expected_close),
            order.probability,
            "" if order.closed is None else str(first + order.closed),
            order.outcome,
        ]
        for number, order in enumerate(orders, start=1)
    ]
    return list(_COLUMNS), rows


def _asked(truth: Truth, segment: str, draw: np.random.RandomState) -> float:
    """Draw the capacity that a prospect asks for."""
    capacity = LARGER * float(draw.gamma(2.0, truth.segments[segment].order_size_units / 2.0))
    return max(capacity, 0.5)


def _decided(
    truth: Truth,
    segment: str,
    capacity: float,
    stage: int,
    closed: int,
    outcome: str,
    draw: np.random.RandomState,
) -> Order:
    """Return an order whose decision came a Poisson number of months after it might have been expected."""
    expected = closed - int(draw.poisson(truth.pipeline_delay_months + 1.0)) + 1
    opened = min(expected, closed) - int(draw.randint(0, 9))
    return Order(
        segment=segment,
        capacity=capacity,
        stage=STAGES[stage],
        opened=opened,
        expected_close=expected,
        closed=closed,
        outcome=outcome,
    )
