"""The report as one HTML file: it opens offline, runs no script and loads nothing."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from secondhall import __version__
from secondhall.case import Fact
from secondhall.decide.bound.words import bounded
from secondhall.decide.words import timing
from secondhall.futures import Estimate
from secondhall.report.board import NO_ALTERNATIVE, switching_columns, switching_rows, switching_words
from secondhall.report.charts import pictures
from secondhall.report.charts.theme import PALETTE
from secondhall.report.tables import (
    bridge_lines,
    explained_words,
    fact_rows,
    known_values,
    measured_rows,
    perfect_words,
    programme_told,
    rule_rows,
    rules_scale,
    unequal,
    unit_words,
    unmeasured_words,
)
from secondhall.report.words import (
    estimate_percent,
    figure,
    interval_money,
    line_words,
    printable,
    scale_of,
)
from secondhall.units import money, percent

if TYPE_CHECKING:
    from secondhall.decide.decision import Decision, FactCheck

__all__ = ["filled", "linked", "render", "write_html", "write_page"]

_LINK = re.compile(r"https?://[^\s<>\"'`]+")
_AFTER_LINK = ".,;:)]"
# On a dark page the same hues, lighter; none of them is told from another by hue alone.
_DARK = {
    "ink": "#e6eaf0", "soft": "#a3afbd", "grid": "#333c47", "blue": "#56b4e9", "orange": "#f0874a",
    "green": "#3fc59d", "purple": "#d490bf", "grey": "#8a96a3",
}  # fmt: skip


def write_html(decision: Decision, path: str | Path) -> Path:
    """Write the report of a decision; what stands at ``path`` is replaced in one step.

    Examples
    --------
    The same decision gives the same bytes: the page holds no clock and no path.
    """
    return write_page(render(decision), Path(path))


def write_page(text: str, path: Path) -> Path:
    """Write a page in one step: a reader sees the old one or the new one and never half of one."""
    page = text.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is private; a report is as public as its folder allows.
        written.chmod(0o666 & ~_umask())
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    return path


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def render(decision: Decision) -> str:
    """Return the page."""
    return filled("report.html.j2", _context(decision))


def filled(template: str, context: dict[str, Any]) -> str:
    """Return a template filled in, with what every page shows the same."""
    shared = {
        "version": __version__,
        "light": PALETTE,
        "dark": _DARK,
        "svg": lambda picture: Markup(picture.svg),
    }
    page = _environment().get_template(template).render(shared | context)
    return "\n".join(line.rstrip() for line in printable(page).split("\n") if line.strip()) + "\n"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("secondhall.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"words": line_words, "linked": linked, "percent": percent, "figure": figure}
    return environment


def _context(decision: Decision) -> dict[str, Any]:
    case, currency = decision.case, decision.case.currency
    groups: dict[str, list[Any]] = {}
    for picture in pictures(decision):
        groups.setdefault(picture.group, []).append(picture)
    found = decision.counterfactual
    held = [line.with_hall for line in found.bridge] if found else []
    return {
        "decision": decision,
        "no_alternative": NO_ALTERNATIVE,
        "switching": (switching_columns, switching_rows, switching_words),
        "timing": timing(case, decision.timing),
        "bounded": bounded(case, decision.bound, decision.recommended),
        "case": case,
        "cards": _cards(decision),
        "rules": rule_rows(decision),
        "rules_scale": rules_scale(decision),
        "pictures": groups,
        "information": decision.information,
        "perfect": perfect_words(decision),
        "programme": programme_told(decision),
        "measured": measured_rows(decision),
        "unmeasured": unmeasured_words(decision),
        "explained": explained_words(decision),
        "bridge": bridge_lines(found) if found else (),
        "bridge_scale": scale_of(held, currency),
        "interval": lambda interval: interval_money(interval, currency),
        "money": lambda value: money(value, currency),
        "checks": [(row, _strip(row.check)) for row in fact_rows(decision)],
        "unequal": unequal(decision),
        "facts": [(fact, _fact_figure(fact), fact.known_from > decision.month) for fact in case.facts],
        "known": known_values(case.provenance()),
    }


def _cards(decision: Decision) -> list[tuple[str, str, str]]:
    """Return the figures at the top: what, how much, and what is meant."""
    best, currency = decision.recommended, decision.case.currency
    scale = rules_scale(decision)

    def amount(estimate: Estimate) -> str:
        value, error = scale.parts(estimate)
        return f"{value} {scale.label}" + (f" ± {error}" if error else "")

    cards = [("Expected NPV", amount(best.futures.value), "of the recommended rule")]
    if best is not decision.never:
        cards.append(("More than never", amount(best.gain), "over the same futures"))
    cards += [
        ("Worst 5 % of futures", amount(best.risk.cvar_npv), "mean NPV there (CVaR)"),
        ("A year with a loss", estimate_percent(best.risk.loss), "of futures"),
        ("Insolvency", estimate_percent(best.risk.insolvency), "of futures"),
    ]
    needed = best.risk.injection
    then = f"then {interval_money(needed, currency)}" if needed else "of futures"
    cards.append(("Shareholder needed", estimate_percent(best.risk.shareholder), then))
    return cards


def _strip(check: FactCheck) -> Markup:
    """Return a fact within its band as a small picture; all that goes in are numbers."""
    band = check.band
    low, high = min(band.low, check.value), max(band.high, check.value)
    room = 0.1 * (high - low) or 1.0
    low, span = low - room, high - low + 2 * room

    def at(value: float) -> float:
        return round(160 * (value - low) / span, 1)

    left, right = at(band.low), at(band.high)
    colour = "var(--blue)" if check.inside else "var(--orange)"
    return Markup(
        f'<svg class="strip" viewBox="0 0 160 16" width="160" height="16" aria-hidden="true">'
        f'<rect x="{left}" y="4" width="{max(right - left, 1):.1f}" height="8" fill="{colour}" '
        f'opacity="0.3"/>'
        f'<rect x="{at(band.mid) - 1:.1f}" y="2" width="2" height="12" fill="{colour}"/>'
        f'<circle cx="{at(check.value)}" cy="8" r="4.5" fill="var(--ink)"/></svg>'
    )


def _fact_figure(fact: Fact) -> str:
    if fact.value is None:
        return ""
    error = f" ± {fact.standard_deviation:,g}" if fact.standard_deviation else ""
    return f"{fact.value:,g}{error} {unit_words(fact.unit or '')}".strip()


def linked(text: str) -> Markup:
    """Return a text with its web addresses as links; all of it is escaped.

    Examples
    --------
    >>> print(linked("<b> https://example.org/a."))
    &lt;b&gt; <a href="https://example.org/a" rel="noopener noreferrer">https://example.org/a</a>.
    """
    parts: list[Markup] = []
    at = 0
    for match in _LINK.finditer(text):
        address = match[0].rstrip(_AFTER_LINK)
        parts.append(escape(text[at : match.start()]))
        parts.append(Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(address))
        at = match.start() + len(address)
    return Markup("").join([*parts, escape(text[at:])])
