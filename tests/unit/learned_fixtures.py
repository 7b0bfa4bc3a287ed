"""A posterior that looks like a real one: the statements of a bundled case, narrowed by seeded draws."""

from __future__ import annotations

import dataclasses
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from secondhall.belief import Check, Convergence, Lesson, Posterior, RegimePath
from secondhall.belief.posterior import CHAINS, DRAWS
from secondhall.case import Case, Quantity, RegimeQuantity, read_case
from secondhall.case.fields import section_fields
from secondhall.months import Month

SIZE = CHAINS * DRAWS
MONTHS = 120
BAND = (60.0, 80.0, 90.0, 100.0, 120.0)


@cache
def learned_case() -> Case:
    return read_case("northhall")


def _quantities(case: Case) -> dict[str, Quantity]:
    """Return every number of the segments and the market by its dotted name."""
    found: dict[str, Quantity] = {}
    held = [
        ("market", case.market),
        *((f"segments.{name}", record) for name, record in case.segments.items()),
    ]
    for place, record in held:
        for field in section_fields(place.split(".")[0]).values():
            value = record.get(field.name)
            if isinstance(value, RegimeQuantity):
                found |= {
                    f"{place}.{field.name}.{regime}": quantity
                    for regime, quantity in zip(("boom", "steady", "bust"), value.all, strict=True)
                }
            elif isinstance(value, Quantity):
                found[f"{place}.{field.name}"] = value
    return {name: quantity for name, quantity in found.items() if quantity.uncertain}


@cache
def posterior() -> Posterior:
    """Return the draws: a third to all of each statement's width, moved by up to a width."""
    case, rng = learned_case(), np.random.default_rng(5)
    priors = _quantities(case)
    values = {
        name: quantity.at_normal(rng.normal(0.0, 0.6) + rng.uniform(0.3, 1.05) * rng.standard_normal(SIZE))
        for name, quantity in priors.items()
    }
    return Posterior(
        evidence=("ledger",),
        words="2,345 contracts of 812 customers over 120 months",
        until=case.start,
        values=MappingProxyType(values),
        opening={},
        priors=MappingProxyType(priors),
        regimes=_regimes(case.start - MONTHS, rng),
        checks=_checks(),
        convergence=Convergence(
            1.013, "segments.sme.churn_monthly.bust", 412.0, "market.after_boom_bust", divergences=0,
            warnings=("few effective draws of market.after_boom_bust: 412, 800 wished",),
        ),
        lessons=(
            Lesson("segments.gpu_cloud.churn_monthly.bust", False, "no bust was lived, the statement stands"),
            Lesson("pipeline", False, "no order was closed; the case's own shares stand in"),
            Lesson("segments.sme", True, "nine contracts of unknown size took the mean size"),
        ),
        series=MappingProxyType(_series(case.start - 24)),
    )  # fmt: skip


def _regimes(first: Month, rng: np.random.Generator) -> RegimePath:
    t = np.arange(MONTHS)
    bust = np.clip(1 / (1 + np.exp(-(t - 60) / 2.0)) - 1 / (1 + np.exp(-(t - 84) / 2.0)), 0.01, 0.98)
    boom = (1 - bust) * np.where(t < 55, 0.6, 0.1)
    smoothed = np.stack([boom, 1 - boom - bust, bust], axis=1)
    noisy = np.clip(np.roll(smoothed, 2, axis=0) + rng.normal(0, 0.05, smoothed.shape), 0.005, None)
    filtered = noisy / noisy.sum(axis=1, keepdims=True)
    filtered[-1] = smoothed[-1]
    return RegimePath(first, smoothed, filtered)


def _checks() -> tuple[Check, ...]:
    rows = [("4", 90.0, "kW"), ("5", 114.0, "EUR M"), ("6", 131.0, "customers"), ("7", 70.0, "share")]
    return tuple(
        Check(f, f"figure number {f}", "2025-Q1", "annual report https://example.org/a", unit, value, BAND)
        for f, value, unit in rows
    )


def _series(first: Month) -> dict[str, dict[str, np.ndarray]]:
    age = np.arange(0.0, 61.0)
    made = {}
    for name, rate in (("enterprise", 0.004), ("sme", 0.012)):
        stays = np.exp(-rate * np.maximum(age - 12, 0))
        made[f"survival of {name}"] = {
            "age_months": age, "survival": stays, "low": stays**1.2, "high": stays**0.8,
        }  # fmt: skip
    month = np.arange(24.0)
    revenue = 1e6 * (1 + 0.02 * month)
    made["history"] = {"month": first.ordinal + month}
    for name, middle in (("revenue", revenue), ("utilisation", revenue / 2e6)):
        made["history"] |= {
            f"{name} low": 0.8 * middle, f"{name} mid": middle, f"{name} high": 1.25 * middle,
        }  # fmt: skip
    made["draws"] = {"number": np.arange(2000.0)}
    made["hazard of sme by months since the end of its term"] = {
        "from_month": np.array([0.0, 6.0, 12.0]), "leavers": np.array([4.0, 9.0, 0.0]),
        "hazard": np.array([0.02, 0.015, np.nan]), "low": np.array([0.01, 0.01, 0.0]),
        "high": np.array([0.04, 0.02, 1.0]),
    }  # fmt: skip
    made["something else"] = {"age_months": age[:3], "hazard": age[:3] / 100}
    return made


def changed(**fields: Any) -> Posterior:
    """Return the posterior with some fields changed."""
    return dataclasses.replace(posterior(), **fields)
