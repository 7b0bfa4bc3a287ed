"""The decision as plain data, for machines."""

from __future__ import annotations

from secondhall.decide.board.data import board_data
from secondhall.decide.decision import Contender, Decision
from secondhall.decide.programme.data import programme_data
from secondhall.decide.words import verdict

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


def contender_data(contender: Contender) -> dict[str, object]:
    """Return a rule's standing as plain data."""
    risk = contender.risk
    return {
        "rule": contender.rule.name,
        "words": contender.futures.rule,
        "futures": contender.futures.paths,
        "npv": contender.futures.value.as_data(),
        "gain_over_never": contender.gain.as_data(),
        "probability_worth_less_than_never": contender.loss_probability.as_data(),
        "score": contender.score.as_data(),
        "behind_best": contender.behind.as_data(),
        "cvar_npv": risk.cvar_npv.as_data(),
        "probability_of_a_loss": risk.loss.as_data(),
        "probability_of_insolvency": risk.insolvency.as_data(),
        "probability_shareholder_needed": risk.shareholder.as_data(),
        "shareholder_puts_in": None
        if risk.injection is None
        else [risk.injection.low, risk.injection.mid, risk.injection.high],
        "write_offs": risk.write_offs.as_data(),
        "commits_now": contender.commits_now.as_data(),
        "commits": contender.commits.as_data(),
        "refused": contender.refused,
    }


def _timing(decision: Decision) -> dict[str, object] | None:
    found = decision.timing
    if found is None:
        return None
    return {
        "option": found.option,
        "next_review": str(found.review),
        "waiting": [{"months": one.months, "cost": one.cost.as_data()} for one in found.waiting],
        "cancelling": [
            {"months_after_commitment": one.months, "cost": one.cost.as_data()} for one in found.cancelling
        ],
    }


def _bound(decision: Decision) -> dict[str, object] | None:
    found = decision.bound
    if found is None:
        return None
    return {
        "nothing_is_worth_more_than": found.upper.as_data(),
        "share_reached": found.reached(decision.recommended.gain),
        "perfect_foresight": found.perfect.as_data(),
        "parameters_and_regime_known": found.informed.as_data(),
        "value_of_waiting": found.waiting.as_data(),
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
        "knowing_everything": perfect.as_data(),
        "figures": [
            {
                "name": one.name,
                "fields": list(one.fields),
                "worth": one.worth.as_data(),
                "probability_that_it_changes_the_choice": one.changes.as_data(),
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
        "mean_explained": look.mean_explained.as_data(),
        "near_paths": look.near_paths,
        "bridge": [
            {
                "line": b.line,
                "with": b.with_hall,
                "without": b.without_hall,
                "difference": b.difference.as_data(),
            }
            for b in look.bridge
        ],
    }
