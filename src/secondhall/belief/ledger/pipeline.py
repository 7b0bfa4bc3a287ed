"""The pipeline: how often an order is won at each stage, and how late its decision comes (O3).

Of a closed order the ledger holds one stage, that in which it was last forecast; the share won of those is
the probability that the company plays for an open order of the same stage. The prior of a stage is the beta
law with the mean and the deviation of the case's statement, so the posterior is Beta(a + won, b + lost).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import polars as pl

from secondhall.belief.part import Part
from secondhall.belief.posterior import CHAINS, DELAY, DRAWS, Lesson
from secondhall.belief.priors import prior_of
from secondhall.case import Case, Quantity
from secondhall.company.layout import Floats
from secondhall.months import Month

__all__ = ["beta_of", "closed_orders", "learn_pipeline"]

STAGES = ("lead", "proposal", "letter_of_intent", "contract_sent")
WINNING = 103
"""Marks the random numbers of this module beside those of the others."""
LEAST_WEIGHT = 0.1
"""A beta law of fewer observations than this would pile up at none and all."""


def beta_of(prior: Quantity) -> tuple[float, float]:
    """Return the two numbers of the beta law with a statement's mid as mean and its interval's deviation.

    Examples
    --------
    >>> beta_of(Quantity(mid=0.5, low=0.5 - 1.6449 * 0.1, high=0.5 + 1.6449 * 0.1))[0].__round__(2)
    12.0
    """
    score = NormalDist().inv_cdf((1.0 + prior.confidence) / 2.0)
    low = prior.mid if prior.low is None else prior.low
    high = prior.mid if prior.high is None else prior.high
    variance = ((high - low) / (2.0 * score)) ** 2
    weight = max(prior.mid * (1.0 - prior.mid) / variance - 1.0, LEAST_WEIGHT)
    return prior.mid * weight, (1.0 - prior.mid) * weight


def closed_orders(case: Case, until: Month) -> pl.DataFrame | None:
    """Return the orders whose outcome was known at a month; None where the case has no such columns."""
    if case.orders is None or "outcome" not in case.orders.columns:
        return None
    return case.orders.filter(pl.col("outcome").is_not_null() & (pl.col("closed") < until.ordinal))


def learn_pipeline(case: Case, until: Month, *, seed: int) -> Part:
    """Return what closed orders say of ``pipeline.lead`` to ``pipeline.contract_sent`` and of the delay."""
    orders = closed_orders(case, until)
    if orders is None or orders.height == 0:
        if case.orders is None:
            return Part()
        words = "orders.csv holds no closed order: the stated probabilities of the stages stand in"
        return Part(lessons=(Lesson("pipeline", False, words),))
    values: dict[str, Floats] = {}
    priors: dict[str, Quantity] = {}
    lessons: list[Lesson] = []
    for k, stage in enumerate(STAGES):
        name = f"pipeline.{stage}"
        prior = prior_of(name, case.pipeline.number(stage))
        of_stage = orders.filter(pl.col("stage") == stage)
        won = int((of_stage["outcome"] == "won").sum())
        lost = of_stage.height - won
        readable = stage.replace("_", " ")
        if prior is None:
            lessons.append(Lesson(name, False, f"the case states the odds of a {readable} as known"))
        elif of_stage.height == 0:
            lessons.append(
                Lesson(name, False, f"no order was closed as a {readable}: its stated odds stand in")
            )
        else:
            a, b = beta_of(prior)
            draws = np.random.default_rng([seed, WINNING, k]).beta(a + won, b + lost, (CHAINS, DRAWS))
            values[name], priors[name] = draws, prior
            lessons.append(
                Lesson(name, True, f"{won:,} of {of_stage.height:,} closed as a {readable} were won")
            )
    delay = (orders["closed"] - orders["expected_close"]).cast(pl.Float64).to_numpy()
    lessons.append(_delay_lesson(delay))
    lessons += _counted_twice(case, orders)
    months, orders_late = np.unique(delay, return_counts=True)
    late = {"months_late": months, "orders": orders_late.astype(np.float64)}
    return Part(
        values=values,
        priors=priors,
        lessons=tuple(lessons),
        series={DELAY: late},
    )


def _counted_twice(case: Case, orders: pl.DataFrame) -> list[Lesson]:
    """Say so where the open orders come on top of an intensity that was counted with such orders in it."""
    won = int((orders["outcome"] == "won").sum())
    expected = float((case.opening.pipeline_count * case.opening.pipeline_probability).sum())
    if won == 0 or expected == 0.0:
        return []
    words = (
        "the learned inflow counts all customers of the contracts, those who came through the pipeline too, "
        f"and the company plays the open orders, of which the case expects {expected:.0f} to be won, on top "
        "of it (O3): take those out of orders.csv that are ordinary business"
    )
    return [Lesson("pipeline", True, words)]


def _delay_lesson(delay: Floats) -> Lesson:
    mean = float(delay.mean())
    error = float(delay.std(ddof=1)) / delay.size**0.5 if delay.size > 1 else float("nan")
    told = "late" if mean >= 0.0 else "early"
    words = (
        f"{delay.size:,} orders were decided {abs(mean):.1f} months {told} on average, standard error "
        f"{error:.1f}; open orders are played as far from the month in which their close is expected"
    )
    return Lesson("pipeline", True, words)
