"""``secondhall simulate`` and ``secondhall compare``."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from secondhall.case import Case
from secondhall.cli.inputs import case_at
from secondhall.cli.rules import parse_rule
from secondhall.cli.show import compiling_note, console, progress
from secondhall.decide.rules import Guards
from secondhall.futures import PERCENTS, Estimate, Futures, difference, risk_of
from secondhall.json_text import as_json_text
from secondhall.report.words import printable
from secondhall.runs import RunStore
from secondhall.study import learn, simulate, store_futures
from secondhall.units import money

__all__ = ["run_compare"]

SHOWN = (
    "ordered_units",
    "sold_units",
    "capacity",
    "utilisation",
    "monthly_recurring_revenue",
    "revenue",
    "ebitda",
    "net_income",
    "cash",
    "net_debt",
    "staff",
    "bust_probability",
)


def run_compare(
    case: str,
    rules: Sequence[str],
    *,
    verb: str,
    at: str | None,
    scenario: str | None,
    futures: int,
    seed: int,
    threads: int | None,
    guards: tuple[float, float],
    as_json: bool,
) -> None:
    """Play rules over the same futures, store the run, print what came out."""
    standing = case_at(case, at)
    asked = [parse_rule(standing, text, Guards(*guards)) for text in rules]
    compiling_note(shown=not as_json)
    with progress(shown=sys.stderr.isatty() and not as_json) as report:
        played = simulate(
            standing,
            learn(standing, scenario=scenario, report=report),
            asked,
            futures=futures,
            seed=seed,
            threads=threads,
            report=report,
        )
    parameters = {"rules": list(rules), "futures": futures, "at": str(standing.start), "scenario": scenario}
    run = store_futures(RunStore(), standing, verb, played, parameters)
    if as_json:
        data = [_data(name, one, played[0]) for name, one in zip(rules, played, strict=True)]
        typer.echo(as_json_text({"case": standing.name, "run": run.id, "rules": data}))
        return
    _print_rules(standing, scenario, rules, played)
    if len(played) == 1:
        _print_bands(played[0])
    typer.echo(f"Run: {run.id} (secondhall runs show {run.id})")


def _data(name: str, one: Futures, first: Futures) -> dict[str, object]:
    risk = risk_of(one)
    gap = difference(one.outcomes["npv"], first.outcomes["npv"])
    return {
        "rule": name,
        "words": one.rule,
        "npv": {"value": one.value.value, "error": one.value.error},
        "over_the_first": {"value": gap.value, "error": gap.error},
        "cvar_npv": {"value": risk.cvar_npv.value, "error": risk.cvar_npv.error},
        "insolvency": {"value": risk.insolvency.value, "error": risk.insolvency.error},
        "shareholder": {"value": risk.shareholder.value, "error": risk.shareholder.error},
        "bands": {
            series: {f"p{p}": one.bands.of(series)[j].tolist() for j, p in enumerate(PERCENTS)}
            for series in one.bands.series
        },
    }


def _table(title: str) -> Table:
    """Return a table as narrow as the answer of ``plan``."""
    return Table(
        title=Text(printable(title)),
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
        pad_edge=False,
    )


def _print_rules(case: Case, scenario: str | None, rules: Sequence[str], played: Sequence[Futures]) -> None:
    under = "" if scenario is None else f", scenario {scenario}"
    table = _table(
        f"{case.name} from {case.start}{under}: {_counted(played[0].paths)}, seed {played[0].seed}"
    )

    table.add_column("rule", overflow="fold")
    for name in (
        "expected\nNPV",
        "over the\nfirst",
        "CVaR 5 %",
        "insolvent",
        "shareholder\nneeded",
        "peak\nfunding",
    ):
        table.add_column(name, justify="right")
    for name, one in zip(rules, played, strict=True):
        risk, gap = risk_of(one), difference(one.outcomes["npv"], played[0].outcomes["npv"])
        table.add_row(
            Text(printable(name)),
            _amount(one.value, case),
            _amount(gap, case),
            _amount(risk.cvar_npv, case),
            _share(risk.insolvency),
            _share(risk.shareholder),
            money(risk.peak_funding.mid, case.currency),
        )
    console().print(table)
    console().print("± is one Monte-Carlo standard error; all rules see the same futures.", style="dim")


def _print_bands(one: Futures) -> None:
    table = _table("5 % / 50 % / 95 % of futures, each December")
    table.add_column("series")
    months = [t for t in range(one.months) if (one.start + t).month == 12][:5]
    for t in months:
        table.add_column(str(one.start + t), justify="right")
    for series in SHOWN:
        band = one.bands.of(series)
        cells = [" / ".join(_short(band[j][t]) for j in (0, 2, 4)) for t in months]
        table.add_row(series.replace("_", " "), *cells)
    console().print(table)


def _amount(estimate: Estimate, case: Case) -> str:
    error = f"\n± {money(estimate.error, case.currency)}" if math.isfinite(estimate.error) else ""
    return f"{money(estimate.value, case.currency)}{error}"


def _share(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.1f} %\n± {100 * estimate.error:.1f}"


def _counted(paths: int) -> str:
    return "1 future" if paths == 1 else f"{paths:,} futures"


def _short(value: float) -> str:
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:.1f}M"
    if size >= 1e4:
        return f"{value / 1e3:.0f}k"
    return f"{value:.0f}" if size >= 10 else f"{value:.2f}"
