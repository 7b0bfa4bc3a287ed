"""The decision as plain data, for machines."""

from __future__ import annotations

from secondhall.decide.board.data import board_data
from secondhall.decide.decision import Contender, Decision
from secondhall.decide.programme.data import programme_data
from secondhall.decide.words import verdict
from secondhall.futures import Estimate

__all__ = ["as_data", "contender_data"]


def as_data(decision: Decision) -> dict[str, object]:
    """Return the decision as plain data, what ``--json`` prints."""
    return {
        "case": decision.case.name,
        "month": str(decision.month),
        "verdict": verdict(decision.recommended),
        "recommended": decision.recommended.rule.name,
        "headline": decision.headline,
        "do_now": decision.do_now,
        "what_would_change": list(decision.what_would_change),
        "when": _timing(decision),
        "worth": decision.worth,
        "bound": _bound(decision),
        "risk": decision.risk_words,
        "insolvency_limit": decision.insolvency_limit,
        "rules": [contender_data(contender) for contender in decision.contenders],
        "counterfactual": _counterfactual(decision),
        "what_to_measure_next": _information(decision),
        "board": board_data(decision.board),
        "stochastic_programme": programme_data(decision.case, decision.programme),
        "facts": [
            {
                "fact": check.fact,
                "period": check.period,
                "value": check.value,
                "unit": check.unit,
                "band": [check.band.low, check.band.mid, check.band.high],
                "inside": check.inside,
                "source": check.source,
            }
            for check in decision.fact_checks
        ],
        "month_zero": [
            {"line": r.line, "books": r.books, "model": r.model, "equal": r.equal, "note": r.note}
            for r in decision.reconciled
        ],
        "settings": dict(decision.settings),
    }


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "error": estimate.error}


def contender_data(contender: Contender) -> dict[str, object]:
    """Return a rule's standing as plain data."""
    risk = contender.risk
    return {
        "rule": contender.rule.name,
        "words": contender.futures.rule,
        "futures": contender.futures.paths,
        "npv": _estimate(contender.futures.value),
        "gain_over_never": _estimate(contender.gain),
        "probability_worth_less_than_never": _estimate(contender.loss_probability),
        "score": _estimate(contender.score),
        "behind_best": _estimate(contender.behind),
        "cvar_npv": _estimate(risk.cvar_npv),
        "probability_of_a_loss": _estimate(risk.loss),
        "probability_of_insolvency": _estimate(risk.insolvency),
        "probability_shareholder_needed": _estimate(risk.shareholder),
        "shareholder_puts_in": None
        if risk.injection is None
        else [risk.injection.low, risk.injection.mid, risk.injection.high],
        "write_offs": _estimate(risk.write_offs),
        "commits_now": _estimate(contender.commits_now),
        "commits": _estimate(contender.commits),
        "refused": contender.refused,
    }


def _timing(decision: Decision) -> dict[str, object] | None:
    found = decision.timing
    if found is None:
        return None
    return {
        "option": found.option,
        "next_review": str(found.review),
        "waiting": [{"months": one.months, "cost": _estimate(one.cost)} for one in found.waiting],
        "cancelling": [
            {"months_after_commitment": one.months, "cost": _estimate(one.cost)} for one in found.cancelling
        ],
    }


def _bound(decision: Decision) -> dict[str, object] | None:
    found = decision.bound
    if found is None:
        return None
    return {
        "nothing_is_worth_more_than": _estimate(found.upper),
        "share_reached": found.reached(decision.recommended.gain),
        "perfect_foresight": _estimate(found.perfect),
        "parameters_and_regime_known": _estimate(found.informed),
        "value_of_waiting": _estimate(found.waiting),
        "months_between_dates": found.every,
        "plans": found.plans,
        "futures": found.paths,
        "futures_within_each": found.inner,
    }


def _information(decision: Decision) -> dict[str, object] | None:
    perfect = decision.perfect_information
    if perfect is None:
        return None
    return {
        "knowing_everything": _estimate(perfect),
        "figures": [
            {
                "name": one.name,
                "fields": list(one.fields),
                "worth": _estimate(one.worth),
                "probability_that_it_changes_the_choice": _estimate(one.changes),
                "told_from_zero": one.told,
                "words": one.words,
            }
            for one in decision.information
        ],
    }


def _counterfactual(decision: Decision) -> dict[str, object] | None:
    look = decision.counterfactual
    if look is None:
        return None

    def points(name: str) -> list[float] | None:
        interval = getattr(look, name)
        return None if interval is None else [interval.low, interval.mid, interval.high]

    names = ("with_hall", "without_hall", "explained", "share_of_loss", "near_facts")
    return {
        "plan": look.plan,
        "year": look.year,
        **{name: points(name) for name in names},
        "mean_explained": _estimate(look.mean_explained),
        "near_paths": look.near_paths,
        "bridge": [
            {
                "line": b.line,
                "with": b.with_hall,
                "without": b.without_hall,
                "difference": _estimate(b.difference),
            }
            for b in look.bridge
        ],
    }
