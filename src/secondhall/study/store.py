"""Stores what was computed as reproducible runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from secondhall.case import Case
from secondhall.decide import Contender, Decision, verdict
from secondhall.decide.data import contender_data
from secondhall.futures import PERCENTS, Futures, risk_of
from secondhall.json_text import as_json_text

if TYPE_CHECKING:
    from secondhall.recover.recovery import Recovery
    from secondhall.runs import Run, RunStore

__all__ = ["store_decision", "store_futures", "store_recovery"]

ROWS_AT_MOST = 200_000
"""Paths whose outcomes are stored row by row; of more, the first ones."""


def store_decision(store: RunStore, decision: Decision, report: Path | None) -> Run:
    """Store a decision as a reproducible run."""
    from secondhall.runs import Draft

    best = decision.recommended
    draft = Draft(
        verb="plan",
        case=decision.case.name,
        seed=decision.seed,
        inputs=decision.case.hashes,
        parameters={"at": str(decision.month), **decision.settings},
        summary={
            "verdict": verdict(best),
            "recommended": best.rule.name,
            "gain": best.gain.value,
            "gain error": best.gain.error,
            "insolvency": best.risk.insolvency.value,
            "insolvency error": best.risk.insolvency.error,
        },
    )
    finalists = [c.futures for c in decision.contenders if c.futures.bands.series]
    artefacts = {} if report is None else {"report.html": report.read_bytes()}
    return store.write(draft, _tables(finalists, [_flat(c) for c in decision.contenders]), artefacts)


def store_recovery(store: RunStore, recovery: Recovery, page: Path | None) -> Run:
    """Store a recovery as a reproducible run."""
    from secondhall.recover.data import recovery_data
    from secondhall.recover.proof import quantile
    from secondhall.runs import Draft

    data, proof = recovery_data(recovery), recovery.proof
    median, worst = (quantile(proof.cheque, share) for share in (0.5, 0.95))
    gain = proof.gain_over(recovery.nothing)
    draft = Draft(
        verb="recover",
        case=recovery.case.name,
        seed=recovery.seed,
        inputs=recovery.case.hashes,
        parameters={"books_closed": data["books_closed"], "goal": data["goal"]},
        summary={
            "needed": recovery.is_needed,
            "has a plan": recovery.plan is not None,
            "posts that leave": recovery.posts_leaving,
            "cheque 50 %": median.value,
            "cheque 50 % error": median.error,
            "cheque 95 %": worst.value,
            "cheque 95 % error": worst.error,
            "gain": gain.value,
            "gain error": gain.error,
        },
    )
    artefacts = {} if page is None else {"recovery.html": page.read_bytes()}
    artefacts["recovery.json"] = as_json_text(data).encode()
    return store.write(draft, {"outcomes": _ways(recovery)}, artefacts)


def _ways(recovery: Recovery) -> pl.DataFrame:
    """Return a row for each way on in each future."""
    return pl.concat(
        pl.DataFrame(
            {
                "way": [name] * one.cheque.size,
                "path": range(one.cheque.size),
                "cheque": one.cheque,
                "cash_trough": one.trough,
                "npv": one.outcomes["npv"],
                "insolvency_month": one.outcomes["insolvency_month"],
            }
        )
        for name, one in recovery.proofs.items()
    )


def store_futures(
    store: RunStore, case: Case, verb: str, futures: Sequence[Futures], parameters: Mapping[str, object]
) -> Run:
    """Store played futures as a reproducible run."""
    from secondhall.runs import Draft

    rows = []
    for one in futures:
        risk = risk_of(one)
        rows.append(
            {
                "rule": one.rule,
                "npv": one.value.value,
                "npv_error": one.value.error,
                "cvar_npv": risk.cvar_npv.value,
                "insolvency": risk.insolvency.value,
            }
        )
    draft = Draft(
        verb=verb,
        case=case.name,
        seed=futures[0].seed,
        inputs=case.hashes,
        parameters=dict(parameters),
        summary={"npv": futures[0].value.value, "npv error": futures[0].value.error},
    )
    return store.write(draft, _tables(futures, rows), {})


def _flat(contender: Contender) -> dict[str, object]:
    """Return a contender as one row: estimates as value and error columns."""
    row: dict[str, object] = {}
    for name, value in contender_data(contender).items():
        if isinstance(value, dict):
            row[name], row[f"{name}_error"] = value["value"], value["error"]
        elif name == "shareholder_puts_in":
            low, mid, high = value if isinstance(value, list) else (None, None, None)
            row |= {f"{name}_low": low, f"{name}_mid": mid, f"{name}_high": high}
        else:
            row[name] = value
    return row


def _tables(futures: Sequence[Futures], rules: Sequence[Mapping[str, object]]) -> dict[str, pl.DataFrame]:
    return {
        "rules": pl.DataFrame(list(rules)),
        "outcomes": pl.concat([_outcomes(one) for one in futures]),
        "bands": pl.concat([_bands(one) for one in futures]),
    }


def _outcomes(futures: Futures) -> pl.DataFrame:
    paths = min(futures.paths, ROWS_AT_MOST)
    columns = {name: values[:paths] for name, values in futures.outcomes.items()}
    return pl.DataFrame({"rule": [futures.rule] * paths, "path": range(paths), **columns})


def _bands(futures: Futures) -> pl.DataFrame:
    months = [str(futures.start + t) for t in range(futures.months)]
    frames = []
    for k, name in enumerate(futures.bands.series):
        values = futures.bands.values[k]
        frames.append(
            pl.DataFrame(
                {
                    "rule": [futures.rule] * len(months),
                    "series": [name] * len(months),
                    "month": months,
                    **{f"p{percent}": values[j] for j, percent in enumerate(PERCENTS)},
                }
            )
        )
    return pl.concat(frames)
