"""Edges of a decision: no demand, an option for nothing, one dearer than the company, fifty options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cases import MINIMAL

from secondhall.belief.prior import Prior
from secondhall.case import Case, check_case
from secondhall.decide import Decision, Settings, decide, verdict
from secondhall.decide.bound.words import bounded
from secondhall.decide.search import RuleSearch

FUTURES = 512
SETTINGS = replace(Settings(), futures=FUTURES, method=RuleSearch(sampled=8, generations=2))

Edit = Callable[[dict[str, Any]], None]


def healthy(d: dict[str, Any]) -> None:
    """Prices and demand at which the company of the small case lives well, and its hall fills."""
    retail = d["segments"]["retail"]
    retail["monthly_recurring_revenue"]["value"] = 160_000
    retail["list_price_per_unit_month"] = {"value": 400, "because": "a seller's market"}
    retail["new_customers_per_month"]["value"] = 5
    d["options"]["two"]["phases"]["value"] = [
        {"capacity_units": 500, "capex": 2_000_000, "months_after_commit": 12}
    ]


def no_demand(d: dict[str, Any]) -> None:
    d["segments"]["retail"]["new_customers_per_month"]["value"] = 0


def free(d: dict[str, Any]) -> None:
    d["options"]["two"]["phases"]["value"][0]["capex"] = 0
    d["options"]["two"]["fixed_cost_monthly"]["value"] = 0


def dear(d: dict[str, Any]) -> None:
    d["options"]["two"]["phases"]["value"][0]["capex"] = 10_000_000_000


def fifty(d: dict[str, Any]) -> None:
    """Fifty halls of one size, each a little dearer than the one before."""
    [phase] = d["options"]["two"]["phases"]["value"]
    for k in range(50):
        option = yaml.safe_load(yaml.safe_dump(d["options"]["two"]))
        option["phases"]["value"] = [{**phase, "capex": phase["capex"] * (1.0 + k / 10.0)}]
        d["options"][f"offer-{k:02}"] = option
    del d["options"]["two"]


def case_of(folder: Path, *edits: Edit) -> Case:
    d = yaml.safe_load(MINIMAL)
    for edit in (healthy, *edits):
        edit(d)
    (folder / "case.yaml").write_text(yaml.safe_dump(d), encoding="utf-8")
    case, faults = check_case(folder)
    assert case is not None, faults
    return case


def decided(folder: Path, *edits: Edit) -> Decision:
    case = case_of(folder, *edits)
    return decide(case, Prior(case), seed=3, settings=SETTINGS)


@pytest.mark.parametrize("edit", [no_demand, dear])
def test_nothing_is_built_without_demand_or_for_more_than_the_company_is_worth(
    tmp_path: Path, edit: Edit
) -> None:
    decision = decided(tmp_path, edit)
    assert verdict(decision.recommended) == "do not build"
    assert decision.recommended.gain.value == 0.0
    [said, *_] = bounded(decision.case, decision.bound, decision.recommended)
    assert (
        said
        == "Nothing can be worth more than doing nothing: not even who knew the whole future would commit."
    )


def test_an_option_for_nothing_is_taken_where_it_is_needed(tmp_path: Path) -> None:
    """More customers draw other leavers, so a hall for nothing may still be regretted in a few futures."""
    decision = decided(tmp_path, free)
    assert verdict(decision.recommended) in ("build", "wait")
    assert decision.recommended.gain.value > 3.0 * decision.recommended.gain.error
    now = next(c for c in decision.contenders if c.rule.name == "commit two now")
    assert now.loss_probability.value < 0.02
    assert now.refused is None or "screened" in now.refused


@pytest.mark.slow
def test_of_fifty_offers_the_cheapest_is_taken(tmp_path: Path) -> None:
    decision = decided(tmp_path, fifty)
    assert verdict(decision.recommended) in ("build", "wait")
    assert getattr(decision.recommended.rule, "option", "offer-00") == "offer-00"
    assert "offer-00" in decision.headline
