"""The answer on a terminal: readable at 80 columns and without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from secondhall.decide.bound.words import bounded
from secondhall.decide.words import timing
from secondhall.report.board import board_parts
from secondhall.report.tables import (
    RuleRow,
    explained_words,
    fact_rows,
    perfect_words,
    programme_told,
    rule_rows,
    rules_scale,
    unequal,
    unmeasured_words,
)
from secondhall.report.words import interval_money, line_words, printable
from secondhall.units import money, percent

if TYPE_CHECKING:
    from secondhall.decide.decision import Decision

__all__ = ["terminal_summary"]

_WIDE = 125
_MARKS = {"recommended": ">", "refused": "x", "tied": "=", "": " "}
_STYLES = {"recommended": "bold", "refused": "dim", "tied": "", "": ""}


def terminal_summary(decision: Decision, console: Console) -> None:
    """Print the answer, the rules side by side, and what the answer stands on.

    Parameters
    ----------
    decision : Decision
        The answer to show.
    console : rich.console.Console
        Where to print; 80 columns are enough, and nothing is told by colour alone.
    """
    rules = _rules(decision, is_wide=console.width >= _WIDE)
    stands_on = (
        *board_parts(decision),
        *_programme(decision),
        *_measure(decision),
        *_counterfactual(decision),
        *_facts(decision),
        *_books(decision),
    )
    for part in (*_answer(decision), *rules, *stands_on):
        console.print(part)


def _answer(decision: Decision) -> list[RenderableType]:
    case = decision.case
    parts: list[RenderableType] = [
        Text(f"{printable(case.title)} (decision of {decision.month})", style="dim"),
        Text(printable(decision.headline), style="bold"),
        Text(),
        _told("Do now", [decision.do_now]),
        _told(
            "What would change that", list(decision.what_would_change) or ["nothing that the rules look at"]
        ),
        *([_told("When", list(timing(case, decision.timing)))] if decision.timing is not None else []),
        _told("What it is worth", [decision.worth, *bounded(case, decision.bound, decision.recommended)]),
        _told("The risk", [decision.risk_words]),
        _told("What was believed", [str(decision.settings["belief"])]),
    ]
    return parts


def _told(heading: str, sentences: list[str]) -> RenderableType:
    told = Table.grid(padding=(0, 1))
    told.add_column(width=2)
    told.add_column(overflow="fold")
    for sentence in sentences:
        told.add_row(" -" if len(sentences) > 1 else "", Text(printable(sentence)))
    both = Table.grid()
    both.add_row(Text(heading, style="bold"))
    both.add_row(told)
    return Padding(both, (0, 0, 1, 0))


def _table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for name in columns:
        is_right = name in right
        table.add_column(name, justify="right" if is_right else "left", no_wrap=is_right, overflow="fold")
    return table


_FIGURES = (
    "NPV",
    "over\nnever",
    "CVaR\n5 %",
    "worse\n%",
    "insol.\n%",
    "owner\n%",
    "then",
    "now\n%",
    "ever\n%",
)


def _rules(decision: Decision, *, is_wide: bool) -> list[RenderableType]:
    rows = rule_rows(decision)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("", width=1)
    table.add_column("rule", overflow="fold")
    for name in _FIGURES:
        table.add_column(name, justify="right", no_wrap=True)
    judged = tuple(row for row in rows if row.judged)
    _fill(table, judged, is_wide=is_wide)
    heading = f"Rules over the same {decision.paths:,} futures, amounts in {rules_scale(decision).label}"
    best = next(row for row in rows if row.mark == "recommended")
    return [
        Text(heading, style="bold"),
        table,
        _safe_text(f"> {best.name} is recommended: {best.words}"),
        *(
            Text(f"x {printable(row.name)} is refused: {printable(row.refused)}")
            for row in judged
            if row.refused
        ),
        _safe_text(_legend(judged)),
        *_screened(tuple(row for row in rows if not row.judged), is_wide=is_wide),
    ]


def _screened(rows: tuple[RuleRow, ...], *, is_wide: bool) -> list[RenderableType]:
    """Return the rules that were not judged, with the futures on which they were screened and the reason."""
    if not rows:
        return []
    table = _table(
        "rule", "NPV", "over\nnever", "insol.\n%", "why not", right=("NPV", "over\nnever", "insol.\n%")
    )
    for row in rows:
        cells = (_cell(pair, is_wide) for pair in (row.npv, row.gain, row.insolvent))
        table.add_row(Text(printable(row.name)), *cells, Text(printable(row.refused or "")))
    return [Text(), Text(f"Screened out on {rows[0].paths:,} futures of their own", style="bold"), table]


def _fill(table: Table, rows: tuple[RuleRow, ...], *, is_wide: bool) -> None:
    for row in rows:
        pairs = (row.npv, row.gain, row.cvar, row.worse, row.insolvent, row.shareholder)
        cells = [*pairs, (row.injection, ""), row.commits_now, row.commits]
        table.add_row(
            _MARKS[row.mark],
            Text(printable(row.name)),
            *(_cell(cell, is_wide) for cell in cells),
            style=_STYLES[row.mark],
        )


def _cell(pair: tuple[str, str], is_wide: bool) -> str:
    value, error = pair
    if is_wide:
        return f"{value} ± {error}" if error else value
    # One above the other, so that nine figures and their errors fit in 80 columns.
    return f"{value}\n±{error}" if error else value


def _legend(rows: tuple[RuleRow, ...]) -> str:
    marks = {row.mark for row in rows}
    tied = "= cannot be told from the best within two standard errors. " if "tied" in marks else ""
    return tied + _EXPLAINED


_EXPLAINED = (
    "Each ± is one Monte-Carlo standard error. NPV: expected net present value; over never: more than never "
    "committing; CVaR 5 %: mean NPV of the worst 5 % of futures; worse: worth less than never; insol.: "
    "insolvent; owner: the shareholder is needed; then: what the shareholder puts in there, middle; now, "
    "ever: commits in the first month, at any time."
)


MEASURED_AT_MOST = 3


def _programme(decision: Decision) -> list[RenderableType]:
    said, tree = programme_told(decision)
    if not said:
        return []
    return [
        Text(),
        _told("The stochastic programme beside it", list(said)),
        Text("What its policy does when", style="bold"),
        *(Padding(_safe_text(line.strip()), (0, 0, 0, len(line) - len(line.lstrip()))) for line in tree),
    ]


def _measure(decision: Decision) -> list[RenderableType]:
    if not decision.information:
        return []
    told = [one.words for one in decision.information if one.told][:MEASURED_AT_MOST]
    sentences = [*told, f"{perfect_words(decision)} {unmeasured_words(decision)}"]
    return [Text(), _told("What to measure next", sentences)]


def _counterfactual(decision: Decision) -> list[RenderableType]:
    found, currency = decision.counterfactual, decision.case.currency
    if found is None:
        return []
    table = _table(f"net income of {found.year}", "nine futures of ten")
    table.add_row("with the hall", interval_money(found.with_hall, currency))
    table.add_row("without the hall", interval_money(found.without_hall, currency))
    table.add_row("the hall's part", interval_money(found.explained, currency))
    heading = Text(f"{found.year} with and without the hall", style="bold")
    return [Text(), heading, _safe_text(explained_words(decision)), table]


def _facts(decision: Decision) -> list[RenderableType]:
    rows = fact_rows(decision)
    if not rows:
        return []
    table = _table("fact", "what", "period", "figure", "band, 5 to 95 %", "", right=("figure",))
    for row in rows:
        cells = (row.check.fact, row.quantity, row.check.period, row.figure, row.band, row.inside)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    inside = sum(row.check.inside for row in rows)
    said = f"Facts against what the model expected: {inside} of {len(rows)} inside their band"
    return [Text(), Text(said, style="bold"), table]


def _books(decision: Decision) -> list[RenderableType]:
    currency, lines = decision.case.currency, unequal(decision)
    parts: list[RenderableType] = [Text()]
    if not decision.reconciled:
        parts.append(Text("Month zero: the case holds no closed accounts to compare with."))
    elif not lines:
        parts.append(Text(f"Month zero equals the books: all {len(decision.reconciled)} lines."))
    else:
        table = _table("line", "books", "model", "note", right=("books", "model"))
        for line in lines:
            amounts = money(line.books, currency), money(line.model, currency)
            table.add_row(Text(printable(line_words(line.line))), *amounts, Text(printable(line.note)))
        said = f"Month zero differs from the books in {len(lines)} of {len(decision.reconciled)} lines"
        parts += [Text(said, style="bold"), table]
    doubts = len(decision.case.doubts)
    if doubts:
        parts.append(
            Text(f"{doubts} doubt{'s' if doubts > 1 else ''} about the input: see secondhall check.")
        )
    weight, limit = percent(decision.risk_weight), percent(decision.insolvency_limit)
    parts.append(
        Text(f"Seed {decision.seed}; weight on risk {weight}; limit on insolvency {limit}.", style="dim")
    )
    return parts


def _safe_text(text: str) -> Text:
    return Text(printable(text))
