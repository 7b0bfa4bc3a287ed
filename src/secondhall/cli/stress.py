"""``secondhall stress``."""

from __future__ import annotations

import sys

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from secondhall.case import Case
from secondhall.cli.inputs import case_at
from secondhall.cli.rules import parse_rule
from secondhall.cli.show import compiling_note, console, progress
from secondhall.decide.rules import Guards
from secondhall.decide.stress import Reverse, SideBySide, Standing, UnderScenario
from secondhall.decide.stress.data import reverse_data, side_by_side_data
from secondhall.decide.stress.words import reverse_words
from secondhall.futures import Estimate
from secondhall.json_text import as_json_text
from secondhall.report.words import Scale, estimate_percent, printable, scale_of
from secondhall.study import reverse_stress, stress

__all__ = ["run_stress"]

FIGURES = ("NPV", "over\nnever", "CVaR\n5 %", "insol.\n%", "coven.\n%", "peak\nfunding")


def run_stress(
    case: str,
    *,
    rule: str | None,
    reverse: bool,
    at: str | None,
    futures: int,
    seed: int,
    threads: int | None,
    guards: tuple[float, float],
    as_json: bool,
) -> None:
    """Set the scenarios side by side, or find what breaks the company, and print it."""
    standing = case_at(case, at)
    asked = None if rule is None else parse_rule(standing, rule, Guards(*guards))
    compiling_note(shown=not as_json)
    with progress(shown=sys.stderr.isatty() and not as_json) as report:
        if reverse:
            broken = reverse_stress(
                standing, asked, futures=futures, seed=seed, threads=threads, report=report
            )
        else:
            found = stress(standing, asked, futures=futures, seed=seed, threads=threads, report=report)
    if reverse:
        _say_reverse(standing, broken, as_json=as_json)
        return
    if as_json:
        typer.echo(as_json_text({"case": standing.name, **side_by_side_data(found)}))
        return
    _print(standing, found)


def _say_reverse(case: Case, found: Reverse, *, as_json: bool) -> None:
    if as_json:
        typer.echo(as_json_text({"case": case.name, **reverse_data(found)}))
        return
    screen = console()
    screen.print(Text(printable(f"{case.title} (from {case.start})"), style="dim"))
    screen.print(Text(printable(f"Stressed: {found.rule}"), style="bold"))
    for sentence in reverse_words(found):
        screen.print(Text(printable(sentence)))
    screen.print(Text(f"{found.paths:,} futures; each ± is one Monte-Carlo standard error.", style="dim"))


def _print(case: Case, found: SideBySide) -> None:
    screen, scale = console(), _scale(case, found)
    screen.print(Text(printable(f"{case.title} (from {case.start})"), style="dim"))
    screen.print(Text(printable(f"Stressed: {found.words}"), style="bold"))
    for one in found.scenarios:
        screen.print(Text(printable(f"\n{one.scenario}: {one.words}"), style="bold"))
        screen.print(_table(one, scale))
        screen.print(Text(printable(_chosen(one, scale))))
    said = (
        f"\nAmounts in {scale.label}; {found.paths:,} futures, seed {found.seed}, the same random numbers "
        f"under every scenario; each ± is one Monte-Carlo standard error. Chosen among {len(found.rules)} "
        "rules, whose figures are not searched anew. Covenant: breached at least once; peak funding: mean."
    )
    screen.print(Text(said, style="dim"))


def _scale(case: Case, found: SideBySide) -> Scale:
    standings = [standing for one in found.scenarios for standing in (one.never, one.rule)]
    return scale_of(
        [one.npv.value for one in standings] + [one.cvar.value for one in standings], case.currency
    )


def _table(one: UnderScenario, scale: Scale) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("rule", overflow="fold", width=30)
    for name in FIGURES:
        table.add_column(name, justify="right", no_wrap=True)
    standings = [one.never] if one.rule == one.never else [one.never, one.rule]
    for standing in standings:
        table.add_row(
            Text(printable(standing.rule)), *_cells(standing, scale, is_never=standing is one.never)
        )
    return table


def _cells(standing: Standing, scale: Scale, *, is_never: bool) -> list[str]:
    def amount(estimate: Estimate) -> str:
        return "\n±".join(scale.parts(estimate))

    def share(estimate: Estimate) -> str:
        return estimate_percent(estimate).replace(" %", "").replace(" ± ", "\n±")

    return [
        amount(standing.npv),
        "-" if is_never else amount(standing.gain),
        amount(standing.cvar),
        share(standing.insolvency),
        share(standing.breach),
        amount(standing.peak_funding),
    ]


def _chosen(one: UnderScenario, scale: Scale) -> str:
    """Return which rule would be chosen under a scenario, and what the stressed one is refused for."""
    if one.chosen == one.rule.rule:
        return "Would be chosen: the same rule."
    if one.refused:
        return f"Would be chosen: {one.chosen}. The stressed rule is refused: {one.refused}."
    return f"Would be chosen: {one.chosen}; its score is {scale.estimate(one.over_rule)} {scale.label} more."
