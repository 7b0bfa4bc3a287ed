"""What was learned as plain data, what ``--json`` prints: in the units of the case, by dotted names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from secondhall.case import REGIMES, Case
from secondhall.months import Month
from secondhall.report.learned_rows import ParameterRow, parameter_rows, regime_now

if TYPE_CHECKING:
    from secondhall.belief.posterior import Check, Convergence, Posterior, RegimePath
    from secondhall.decide.alarm import Alarm

__all__ = ["learned_data"]


def learned_data(case: Case, posterior: Posterior, alarms: Sequence[Alarm] = ()) -> dict[str, object]:
    """Return what was learned as plain data, in the units of the case."""
    regimes = posterior.regimes
    return {
        "evidence": list(posterior.evidence),
        "words": posterior.words,
        "known_before": str(posterior.until),
        "convergence": _convergence_data(posterior.convergence),
        "parameters": [_parameter_data(row) for row in parameter_rows(case, posterior)],
        "not_learned": _lesson_data(posterior, learned=False),
        "notes": _lesson_data(posterior, learned=True),
        "checks": [_check_data(check) for check in posterior.checks],
        "regime": None if regimes is None else _regime_now_data(regimes),
        "regimes": [] if regimes is None else _regime_data(regimes),
        "alarms": [_alarm_data(one) for one in alarms],
    }


def _convergence_data(convergence: Convergence) -> dict[str, object]:
    return {
        "worst_rhat": convergence.worst_rhat,
        "worst_rhat_of": convergence.worst_rhat_name,
        "least_effective_draws": convergence.least_ess,
        "least_effective_draws_of": convergence.least_ess_name,
        "divergences": convergence.divergences,
        "distance": convergence.distance,
        "acceptance": convergence.acceptance,
        "warnings": list(convergence.warnings),
        "refused": convergence.refused,
    }


def _lesson_data(posterior: Posterior, *, learned: bool) -> list[dict[str, object]]:
    chosen = (lesson for lesson in posterior.lessons if lesson.learned == learned)
    return [{"subject": lesson.subject, "words": lesson.words} for lesson in chosen]


def _check_data(check: Check) -> dict[str, object]:
    return {
        "fact": check.fact,
        "words": check.words,
        "period": check.period,
        "source": check.source,
        "unit": check.unit,
        "value": check.value,
        "band": list(check.band),
        "inside": check.inside,
    }


def _regime_now_data(regimes: RegimePath) -> dict[str, object]:
    now = regime_now(regimes)
    return {
        "month": now.month,
        **dict(zip(REGIMES, now.shares, strict=True)),
        "likeliest": now.likeliest,
        "since": now.since,
    }


def _alarm_data(alarm: Alarm) -> dict[str, object]:
    def month(of: Month | None) -> str | None:
        return None if of is None else str(of)

    return {
        "standing": str(alarm.standing),
        "threshold": alarm.threshold,
        "false_alarms_a_year": {"value": alarm.false_alarms_yearly, "error": alarm.false_alarms_error},
        "raised": {
            "earliest": month(alarm.earliest),
            "middle": month(alarm.middle),
            "latest": month(alarm.latest),
        },
        "probability_never": alarm.never,
        "probability_before_a_bust": alarm.before_bust,
        "words": alarm.words,
    }


def _parameter_data(row: ParameterRow) -> dict[str, object]:
    def points(three: tuple[float, float, float] | None) -> list[float] | None:
        return None if three is None else [point * row.size for point in three]

    return {
        "name": row.name,
        "words": row.words.said,
        "unit": row.words.unit,
        "prior": points(row.prior),
        "learned": points(row.learned),
        "width_kept": row.kept,
    }


def _regime_data(regimes: RegimePath) -> list[dict[str, object]]:
    filtered = regimes.filtered
    return [
        {
            "month": str(regimes.first + at),
            "given_all": [float(share) for share in row],
            "given_the_past": None if filtered is None else [float(share) for share in filtered[at]],
        }
        for at, row in enumerate(regimes.smoothed)
    ]
