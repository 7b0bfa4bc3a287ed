"""A way out on a terminal: readable at 80 columns and without colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from secondhall.recover import words
from secondhall.recover.proof import quantile
from secondhall.report.words import printable
from secondhall.units import percent

if TYPE_CHECKING:
    from rich.console import Console

    from secondhall.recover.recovery import Recovery

__all__ = ["recovery_summary"]

MILLION = 1e6


def recovery_summary(recovery: Recovery, console: Console) -> None:
    """Print the plan, the ways on side by side, and what was refused.

    Parameters
    ----------
    recovery : Recovery
        What to show.
    console : rich.console.Console
        Where to print; nothing is told by colour alone.
    """
    case = recovery.case
    console.print(Text(f"{printable(case.name)}, books closed at the end of {recovery.month}", style="dim"))
    console.print(Text(printable(words.headline(recovery)), style="bold"))
    _say(console, "Decided now", words.decided_now(recovery))
    _say(
        console,
        f"Decided at the review, {case.start + recovery.laid.problem.review}",
        words.decided_at_review(recovery),
    )
    console.print()
    console.print(_ways(recovery))
    console.print(
        f"M {case.currency} over {recovery.laid.problem.months} months; ± is one Monte-Carlo standard error.",
        style="dim",
    )
    refused = [f"{one.what}: {words.refusal_words(recovery, one)}" for one in recovery.refusals]
    _say(console, "Refused", refused)
    _say(console, "Waiting", words.waiting_words(recovery))
    _say(console, "Beware", words.cautions(recovery))
    _say(console, "Other companies that the evidence allows", words.others_words(recovery))


def _say(console: Console, title: str, sentences: Sequence[str]) -> None:
    if not sentences:
        return
    console.print()
    console.print(Text(title, style="bold"))
    for sentence in sentences:
        console.print(Padding(Text(printable(sentence)), (0, 0, 0, 2)))


def _ways(recovery: Recovery) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("way on", overflow="fold")
    for name in (
        "cheque\n50 %",
        "cheque\n95 %",
        "insol-\nvent",
        "EBITDA\nyear 1",
        "EBITDA\nyear 2",
        "posts",
        "value over\nnothing",
    ):
        table.add_column(name, justify="right")
    for name, proof in recovery.proofs.items():
        gain = proof.gain_over(recovery.nothing)
        table.add_row(
            Text(printable(name)),
            *(f"{quantile(proof.cheque, share).value / MILLION:.1f}" for share in (0.5, 0.95)),
            percent(proof.insolvency.value),
            *(f"{proof.year('ebitda', year).mean() / MILLION:.1f}" for year in (0, 1)),
            f"{proof.kept['staff'][-1].mean():.0f}",
            gain.said(scale=MILLION),
        )
    return table
