"""The report: a `Decision` in words, tables and pictures, for a terminal and as one HTML file.

What is slow to import (altair, vl_convert, jinja2) is imported only when a file is written.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from secondhall.report.learned_summary import learned_summary
from secondhall.report.summary import terminal_summary

if TYPE_CHECKING:
    from secondhall.belief.posterior import Posterior
    from secondhall.case import Case
    from secondhall.decide.alarm import Alarm
    from secondhall.decide.decision import Decision

__all__ = [
    "LEARNED_NAME",
    "REPORT_NAME",
    "get_ready",
    "learned_summary",
    "terminal_summary",
    "write_learned",
    "write_report",
]

REPORT_NAME, LEARNED_NAME = "report.html", "learned.html"


def write_report(decision: Decision, folder: str | Path) -> Path:
    """Write ``report.html``: one file that opens offline and loads nothing from outside.

    Parameters
    ----------
    decision : Decision
        The answer to show.
    folder : path
        Where to write; it is made if it is missing. A report that is already there is replaced in one
        step, so that a reader sees the old one or the new one and never half of one.

    Returns
    -------
    Path
        The file.
    """
    from secondhall.report.html import write_html

    return write_html(decision, Path(folder) / REPORT_NAME)


def write_learned(
    case: Case, posterior: Posterior, folder: str | Path, *, seed: int, alarms: Sequence[Alarm] = ()
) -> Path:
    """Write ``learned.html``: what was learned and whether it can be trusted, in one file that opens offline.

    Parameters
    ----------
    case, posterior
        what was learned, of which case.
    folder : path
        where to write, as for `write_report`.
    seed
        of the sampler, to be shown.
    alarms
        when the inflow of an explained past would have raised one.
    """
    from secondhall.report.learned_page import write_learned as write

    return write(case, posterior, Path(folder) / LEARNED_NAME, seed=seed, alarms=alarms)


def get_ready() -> None:
    """Start what draws the pictures, in the background: its half second passes while futures are played."""
    threading.Thread(target=_draw_nothing, daemon=True).start()


def _draw_nothing() -> None:
    import vl_convert

    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}, "encoding": {}})
