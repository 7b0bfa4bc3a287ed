"""The paper of a way out as one HTML file: it opens offline, runs no script and loads nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from secondhall.recover.recovery import Recovery
from secondhall.recover.words import (
    cautions,
    decided_at_review,
    decided_now,
    hall_words,
    headline,
    listed,
    money_words,
    needed_words,
    no_plan_words,
    refusal_words,
    signs,
    stop_or_go_further,
    tide_names,
    waiting_words,
)
from secondhall.report.charts.recovery import recovery_pictures
from secondhall.report.html import filled, write_page
from secondhall.report.learned_rows import in_words
from secondhall.report.recovery_costs import account_rows, cost_rows, severance_rows
from secondhall.report.recovery_rows import (
    cards,
    customer_rows,
    distinct_tides,
    known_grounds,
    other_rows,
    people_tables,
    sure_rows,
    way_rows,
)
from secondhall.units import percent

__all__ = ["RECOVERY_NAME", "render_recovery", "write_recovery"]

RECOVERY_NAME = "recovery.html"


def write_recovery(recovery: Recovery, folder: str | Path) -> Path:
    """Write ``recovery.html``: one file that opens offline and loads nothing from outside.

    Parameters
    ----------
    recovery : Recovery
        The way out to show, or why there is none.
    folder : path
        Where to write; it is made if it is missing, and a paper that is there is replaced in one step.

    Returns
    -------
    Path
        The file.
    """
    return write_page(render_recovery(recovery), Path(folder) / RECOVERY_NAME)


def render_recovery(recovery: Recovery) -> str:
    """Return the page; the same recovery gives the same bytes: it holds no clock and no path."""
    return filled("recovery.html.j2", _context(recovery))


def _context(recovery: Recovery) -> dict[str, Any]:
    pictures: dict[str, list[Any]] = {}
    for picture in recovery_pictures(recovery):
        pictures.setdefault(picture.group, []).append(picture)
    said = money_words(recovery)
    ways_scale, ways = way_rows(recovery)
    years, accounts_scale, accounts = account_rows(recovery)
    problem = recovery.laid.problem
    return {
        "recovery": recovery,
        "case": recovery.case,
        "headline": headline(recovery),
        "belief": in_words(recovery.case, recovery.laid.standing.words),
        "needed": needed_words(recovery),
        "cautions": cautions(recovery),
        "now": decided_now(recovery),
        "review": recovery.case.start + problem.review,
        "at_review": decided_at_review(recovery),
        "signs": list(zip(tide_names(recovery.thresholds.size + 1), signs(recovery), strict=True)),
        "stops": stop_or_go_further(recovery),
        "cards": cards(recovery),
        "pictures": pictures,
        "halls": _hall_rows(recovery),
        "people": people_tables(recovery),
        "calendar": recovery.calendar,
        "costs": _costs(recovery),
        "commitment": said(float(problem.commitment.mean())),
        "revolver": _revolver(recovery),
        "accounts": (years, accounts_scale, accounts),
        "customers": customer_rows(recovery),
        "ways": (ways_scale, ways),
        "refused": [(one.what, refusal_words(recovery, one)) for one in recovery.refusals],
        "no_plan_words": no_plan_words(recovery),
        "waiting": waiting_words(recovery),
        "others": other_rows(recovery),
        "closes": [(h, percent(s)) for h, s in recovery.others.closes.items()] if recovery.others else [],
        "sure": sure_rows(recovery),
        "known": known_grounds(recovery),
    }


def _hall_rows(recovery: Recovery) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each hall with what becomes of it, once for each kind of fate that the tides have."""
    plan = recovery.plan
    if plan is None:
        return []
    names = tide_names(len(plan.fates))
    rows = []
    for place, hall in enumerate(recovery.laid.problem.halls):
        kinds: dict[str, list[str]] = {}
        for tide, fates in enumerate(plan.fates):
            kinds.setdefault(hall_words(recovery, fates[place]), []).append(names[tide])
        when = [("" if len(kinds) == 1 else f"in the {listed(of)}", words) for words, of in kinds.items()]
        rows.append((hall, when))
    return rows


def _costs(recovery: Recovery) -> list[tuple[str, Any, str, Any, str]]:
    """Return what the measures cost, once for each kind of plan that the tides have."""
    plan, said = recovery.plan, money_words(recovery)
    found = []
    for tide, when in (distinct_tides(plan) if plan is not None else {}).items():
        people, rows = severance_rows(recovery, tide), cost_rows(recovery, tide)
        of_people, in_all = sum(row.amount for row in people), sum(row.amount for row in rows)
        found.append((when, people, said(of_people), rows, said(in_all)))
    return found


def _revolver(recovery: Recovery) -> str:
    """Return what the bank still lends and in how many of the futures it may refuse."""
    said, problem = money_words(recovery), recovery.laid.problem
    own = recovery.laid.standing.own.firm
    room = float(max(own.revolver_limit[0] - own.revolver[0], 0.0))
    if room <= 0.0:
        return "There is no revolving credit to draw on."
    refused = float(problem.probability @ (problem.line.min(axis=1) <= 0.0))
    return (
        f"{said(room)} of revolving credit can still be drawn; if nothing is done a covenant is broken, and "
        f"the bank may refuse from then on, in {percent(refused)} of futures."
    )
