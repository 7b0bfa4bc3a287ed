"""Which pictures a decision is shown in, each with what it says in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from altair.utils.schemapi import debug_mode

from secondhall.decide.bound.words import bounded
from secondhall.futures import Estimate, Futures
from secondhall.report.board import frontier_words, sensitivity_words, tree_words
from secondhall.report.charts.bound import bound_chart
from secondhall.report.charts.compare import Point, bridge, scatter
from secondhall.report.charts.drawing import Drawing
from secondhall.report.charts.fans import band_of, capacity_chart, fan, insolvent_share, lines, top_of
from secondhall.report.charts.frontier import beyond_words, frontier_chart
from secondhall.report.charts.sensitivity import sensitivity_chart
from secondhall.report.charts.svg import svg_of
from secondhall.report.charts.tree import tree_svg
from secondhall.report.tables import rival_of, rule_rows, rules_scale
from secondhall.report.words import estimate_percent, figure, scale_of

if TYPE_CHECKING:
    from secondhall.decide.decision import Contender, Decision

__all__ = ["Picture", "pictures"]

_WIDE = ("bound", "bridge", "frontier", "sensitivity")
BOUND_TITLE = "How near the best possible"
_ACTIVITIES = ("hosting", "services", "equipment")
_LAST = 2  # the row of the medians


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawn picture.

    Attributes
    ----------
    key, group, title
        its id in the page, the heading under which it stands, its own title.
    says
        what it shows, in words: its caption and what is read out in its place.
    svg
        the drawing.
    legend
        colour, style and words of each line.
    wide
        whether it needs the width of the page.
    """

    key: str
    group: str
    title: str
    says: str
    svg: str
    legend: tuple[tuple[str, str, str], ...]
    wide: bool


def pictures(decision: Decision) -> tuple[Picture, ...]:
    """Draw all pictures of a decision."""
    stages = (_bound, _frontier, _rules, _demand, _space, _money, _bridge)
    # What altair checks are our own charts, which the tests check; it would take half of the time.
    with debug_mode(False):
        drawn = tuple(
            Picture(key, group, title, says, svg_of(drawing, key), tuple(drawing.legend), key in _WIDE)
            for stage in stages
            for key, group, title, says, drawing in stage(decision)
        )
    return (*_tree(decision), *drawn)


_Drawn = Iterator[tuple[str, str, str, str, Drawing]]


def _bound(decision: Decision) -> _Drawn:
    found, best = decision.bound, decision.recommended
    if found is not None and found.perfect.value > 0.0:
        says = " ".join(bounded(decision.case, found, best))
        yield "bound", "rules", BOUND_TITLE, says, bound_chart(found, best, rules_scale(decision))


def _frontier(decision: Decision) -> _Drawn:
    if decision.board is not None:
        scale, found = rules_scale(decision), decision.board.frontier
        says = frontier_words(found, scale) + beyond_words(found, scale)
        yield "frontier", "board", "Value against risk: the frontier", says, frontier_chart(found, scale)
        if decision.board.sensitivity:
            says, chart = sensitivity_words(decision.board), sensitivity_chart(decision.board.sensitivity)
            yield "sensitivity", "board", "What moves the gain of the rule", says, chart


def _tree(decision: Decision) -> tuple[Picture, ...]:
    tree = None if decision.board is None else decision.board.tree
    if tree is None:
        return ()
    scale = rules_scale(decision)
    svg = tree_svg(tree, "tree", scale)
    return (Picture("tree", "board", "What the rule comes to", tree_words(tree, scale), svg, (), True),)


def _shown(decision: Decision) -> tuple[tuple[Contender, str], ...]:
    """Return the recommended contender and its rival, each with its name in titles."""
    best, rival = decision.recommended, rival_of(decision)
    named = ((best, f"{best.rule.name} (recommended)"),)
    return named if rival is best else (*named, (rival, rival.rule.name))


def _rules(decision: Decision) -> _Drawn:
    scale = rules_scale(decision)
    for key, title, x_title in (
        (
            "rules-cvar",
            "Value against the worst futures",
            f"mean NPV of the worst 5 % of futures, {scale.label}",
        ),
        ("rules-insolvency", "Value against insolvency", "probability of insolvency, %"),
    ):
        points = [
            Point(
                row.number,
                row.name,
                _risk(rival, key, scale.size),
                _over(rival.futures.value, scale.size),
                row.mark,
            )
            for row, rival in zip(rule_rows(decision), decision.contenders, strict=True)
            if row.judged
        ]
        best = next(p for p in points if p.mark == "recommended")
        best_value = decision.recommended.futures.value
        said = (
            "Each point is a rule, its bars two standard errors. The recommended one, "
            f"{best.name}: expected NPV {scale.estimate(best_value)} {scale.label}, "
            f"{x_title.split(',')[0]} {figure(best.risk.value)} ± {figure(best.risk.error)}."
        )
        yield (
            key,
            "rules",
            title,
            said,
            scatter(points, x_title=x_title, y_title=f"expected NPV, {scale.label}"),
        )


def _risk(rival: Contender, key: str, size: float) -> Estimate:
    if key == "rules-cvar":
        return _over(rival.risk.cvar_npv, size)
    return _over(rival.risk.insolvency, 0.01)


def _over(estimate: Estimate, size: float) -> Estimate:
    # One path has no error; a picture then shows the point alone.
    error = estimate.error / size if math.isfinite(estimate.error) else 0.0
    return Estimate(estimate.value / size, error)


def _demand(decision: Decision) -> _Drawn:
    futures, unit = decision.recommended.futures, decision.case.unit
    for key, series, title, axis in (
        ("ordered", "ordered_units", "Demand: what is ordered", f"ordered capacity, {unit} a month"),
        ("customers", "new_customers", "Demand: new customers", "new customers a month"),
    ):
        yield key, "demand", title, _says(futures, series, axis), fan(futures, series, title=axis)
    axis = "probability of a bust as a rule sees it, %"
    says = "What the figures of the past reveal of the regime. " + _says(
        futures, "bust_probability", axis, 0.01
    )
    chart = fan(
        futures, "bust_probability", title=axis, size=0.01, colour="purple", domain=(0, 100), digits=0
    )
    yield "bust", "demand", "Is it a bust?", says, chart
    axis = f"orders lost for want of room, {unit} a month"
    chart = fan(futures, "lost_units", title=axis, colour="orange")
    title = f"Lost orders: {_shown(decision)[0][1]}"
    yield "lost", "demand", title, _says(futures, "lost_units", axis), chart


def _space(decision: Decision) -> _Drawn:
    shown, unit = _shown(decision), decision.case.unit
    domain = top_of([rival.futures for rival, _ in shown], ("capacity", "sold_units"))
    for at, (rival, name) in enumerate(shown):
        futures = rival.futures
        says = _says(futures, "sold_units", f"sold, {unit}")
        chart = capacity_chart(futures, unit=unit, domain=domain)
        yield f"capacity-{at}", "capacity", f"Capacity and what is sold: {name}", says, chart
    for at, (rival, name) in enumerate(shown):
        axis = "utilisation, % of open capacity"
        says = _says(rival.futures, "utilisation", axis, 0.01)
        chart = fan(
            rival.futures,
            "utilisation",
            title=axis,
            size=0.01,
            domain=(0, 105),
            digits=0,
            colour=_COLOURS[at],
        )
        yield f"utilisation-{at}", "capacity", f"Utilisation: {name}", says, chart


_COLOURS = ("blue", "orange")


def _money(decision: Decision) -> _Drawn:
    shown, currency = _shown(decision), decision.case.currency
    plays = [rival.futures for rival, _ in shown]
    scale = scale_of(top_of(plays, ("cash",)), currency)
    domain = top_of(plays, ("cash",), scale.size)
    for at, (rival, name) in enumerate(shown):
        axis = f"cash, {scale.label}"
        says = _says(rival.futures, "cash", axis, scale.size)
        chart = fan(rival.futures, "cash", title=axis, size=scale.size, domain=domain, colour=_COLOURS[at])
        yield f"cash-{at}", "cash", f"Cash: {name}", says, chart
    axis = f"EBITDA, {scale.label} a month"
    best = plays[0]
    chart = fan(best, "ebitda", title=axis, size=scale.size, digits=2)
    yield "ebitda", "cash", f"EBITDA: {shown[0][1]}", _says(best, "ebitda", axis, scale.size), chart
    named = {name: rival.futures for rival, name in shown}
    says = "Share of futures that have become insolvent by a month, with two standard errors. " + " ".join(
        f"By the end: {name} {estimate_percent(rival.risk.insolvency)}." for rival, name in shown
    )
    yield "insolvent", "cash", "Insolvency", says, insolvent_share(named, _COLOURS)
    yield from _revenue(decision)


def _revenue(decision: Decision) -> _Drawn:
    currency, (best, name) = decision.case.currency, _shown(decision)[0]
    futures = best.futures
    scale = scale_of(top_of([futures], ("monthly_recurring_revenue",)), currency)
    axis = f"monthly recurring revenue, {scale.label}"
    says = _says(futures, "monthly_recurring_revenue", axis, scale.size)
    chart = fan(futures, "monthly_recurring_revenue", title=axis, size=scale.size, digits=1)
    yield "mrr", "revenue", f"Recurring revenue: {name}", says, chart
    top = 1.08 * max(float(band_of(futures, line)[_LAST].max()) for line in _ACTIVITIES)
    scale = scale_of((top,), currency)
    says = (
        "Middle of the futures, activity by activity: hosting lives on the installed base, services and "
        "equipment on new customers. Middles of parts do not add up to the middle of their sum."
    )
    chart = lines(
        futures, _ACTIVITIES, ("blue", "orange", "green"), title=f"revenue, {scale.label} a month",
        size=scale.size, top=(top or 1.0) / scale.size,
    )  # fmt: skip
    yield "activities", "revenue", f"Revenue by activity: {name}", says, chart


def _bridge(decision: Decision) -> _Drawn:
    found = decision.counterfactual
    if found is None or not found.bridge:
        return
    held = [line.with_hall for line in found.bridge] + [line.without_hall for line in found.bridge]
    scale = scale_of(held, decision.case.currency)
    says = (
        f"From the net income of {found.year} without the hall of plan {found.plan} to the one with it: "
        f"means over the same futures. In all {scale.estimate(found.mean_explained)} {scale.label}."
    )
    yield "bridge", "bridge", f"Profit of {found.year} with and without the hall", says, bridge(found, scale)


def _says(futures: Futures, series: str, axis: str, size: float = 1.0) -> str:
    """Return where a series stands at the end of its second year and at the horizon, in words."""
    band = band_of(futures, series) / size
    digits = 0 if float(abs(band).max()) >= 50 else 1
    at = sorted({min(23, futures.months - 1), futures.months - 1})
    ends = "; ".join(
        f"{futures.start + m}: {figure(float(band[0, m]), digits)} to {figure(float(band[4, m]), digits)}, "
        f"middle {figure(float(band[2, m]), digits)}"
        for m in at
    )
    named = axis[0].upper() + axis[1:]
    return f"Nine futures of ten lie in the light band, half in the dark one. {named}: {ends}."
