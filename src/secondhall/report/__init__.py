"""The report: a `Decision` in words, tables and pictures, for a terminal and as one HTML file.

What is slow to import (altair, vl_convert, jinja2) is imported only when a file is written.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from secondhall.report.summary import terminal_summary

if TYPE_CHECKING:
    from secondhall.decide.decision import Decision

__all__ = ["REPORT_NAME", "get_ready", "terminal_summary", "write_report"]

REPORT_NAME = "report.html"


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


def get_ready() -> None:
    """Start what draws the pictures, in the background: its half second passes while futures are played."""
    threading.Thread(target=_draw_nothing, daemon=True).start()


def _draw_nothing() -> None:
    import vl_convert

    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}, "encoding": {}})
