"""A backtest as a table in words, and as one page that opens offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secondhall.backtest import Backtest, Score
from secondhall.report.words import figure, line_words, scale_of
from secondhall.units import percent

__all__ = ["BACKTEST_NAME", "ScoreRow", "line_scales", "score_rows", "verdict_words", "write_backtest"]

BACKTEST_NAME = "backtest.html"

UNITS_OF_MONEY = ("revenue", "hosting_revenue")


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One row of the table, as written; ``best`` where no other forecaster has a lower CRPS."""

    line: str
    ahead: str
    forecaster: str
    count: str
    coverage_50: str
    coverage_90: str
    crps: str
    bias: str
    best: bool


def line_scales(backtest: Backtest) -> dict[str, tuple[float, str]]:
    """Return for each line what one unit of its column is worth, and that unit."""
    scales = {}
    for line in backtest.lines:
        if line in UNITS_OF_MONEY:
            scale = scale_of([f.value for f in backtest.of(line)], backtest.currency)
            scales[line] = (scale.size, scale.label)
        else:
            shared = {"sold": backtest.unit, "utilisation": "%", "new_customers": "customers"}
            scales[line] = (0.01 if line == "utilisation" else 1.0, shared[line])
    return scales


def score_rows(backtest: Backtest, scores: Sequence[Score] | None = None) -> tuple[ScoreRow, ...]:
    """Return the table of scores, each line in its own unit."""
    held = backtest.scores() if scores is None else scores
    scales = line_scales(backtest)
    rows = []
    for score in held:
        size, unit = scales[score.line]
        digits = 0 if score.line == "sold" and size == 1.0 else 2
        rivals = [s.crps for s in held if (s.line, s.horizon) == (score.line, score.horizon)]
        rows.append(
            ScoreRow(
                line=f"{line_words(score.line)}, {unit}",
                ahead=_ahead(score.horizon, backtest.horizons),
                forecaster=score.forecaster,
                count=str(score.count),
                coverage_50=percent(score.coverage_50),
                coverage_90=percent(score.coverage_90),
                crps=figure(score.crps / size, digits),
                bias=("+" if score.bias > 0 else "") + figure(score.bias / size, digits),
                best=score.crps <= min(rivals),
            )
        )
    return tuple(rows)


def _ahead(horizon: int, horizons: Sequence[int]) -> str:
    """Write which months a horizon holds."""
    before = max((h for h in horizons if h < horizon), default=0)
    return f"{before + 1} to {horizon}"


def verdict_words(backtest: Backtest) -> str:
    """Say how the company did, and on how little that rests."""
    own = [s for s in backtest.scores() if s.forecaster == "secondhall"]
    count = sum(s.count for s in own)
    if not count:
        return "No figure came that could be compared."
    inside = sum(s.count * s.coverage_90 for s in own) / count
    cells = {(s.line, s.horizon) for s in own}
    best = sum(row.best for row in score_rows(backtest) if row.forecaster == "secondhall")
    return (
        f"{percent(inside)} of {count} figures lay in the bands of nine in ten. The lowest CRPS in {best} of "
        f"{len(cells)} comparisons of line and horizon. Figures of neighbouring periods and dates are not "
        "independent, so these counts say less than they seem to."
    )


def write_backtest(backtest: Backtest, folder: str | Path) -> Path:
    """Write ``backtest.html``: one file that opens offline and loads nothing from outside."""
    from secondhall.report.charts.backtest import backtest_pictures
    from secondhall.report.html import filled, write_page

    page = filled(
        "backtest.html.j2",
        {
            "backtest": backtest,
            "rows": score_rows(backtest),
            "verdict": verdict_words(backtest),
            "pictures": {"backtest": list(backtest_pictures(backtest, line_scales(backtest)))},
        },
    )
    return write_page(page, Path(folder) / BACKTEST_NAME)
