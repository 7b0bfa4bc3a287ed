"""What the paper of a way out shows in tables: the ways on, the people, the customers, how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from secondhall.belief import Learned
from secondhall.case import Kind, ProvenanceRow
from secondhall.case.words import figure as stated
from secondhall.company.layout import Floats
from secondhall.futures import Estimate, Interval
from secondhall.futures.risk import difference
from secondhall.recover.flows import RoleFlow, role_flows
from secondhall.recover.programme import Plan
from secondhall.recover.proof import Proof, quantile
from secondhall.recover.recovery import Recovery
from secondhall.recover.words import listed, tide_names
from secondhall.report.learned_rows import in_words
from secondhall.report.tables import Known
from secondhall.report.words import Scale, estimate_money, estimate_percent, figure, scale_of
from secondhall.units import CapacityUnit, capacity, money, percent

__all__ = [
    "PeopleTable",
    "WayRow",
    "cards",
    "customer_rows",
    "distinct_tides",
    "known_grounds",
    "other_rows",
    "people_tables",
    "sure_rows",
    "way_rows",
]

BEARING = ("halls", "staff", "finance", "recovery")
"""Sections of a case that bear on a way out."""

_Pair = tuple[str, str]


def cards(recovery: Recovery) -> list[tuple[str, str, str]]:
    """Return the figures at the top: what, how much with its error, and what is meant."""
    proof, currency, problem = recovery.proof, recovery.case.currency, recovery.laid.problem
    under = "if nothing is done" if recovery.plan is None else "under the plan"

    def amount(estimate: Estimate) -> str:
        return estimate_money(estimate, currency)

    again = recovery.wants_more(proof)
    found = [
        ("Shareholder's cheque, middle", amount(quantile(proof.cheque, 0.5)), under),
        ("Cheque, worst of twenty", amount(quantile(proof.cheque, 0.95)), under),
        ("Lowest cash, middle", amount(quantile(proof.trough, 0.5)), "without the shareholder"),
        ("Lowest cash, worst of twenty", amount(quantile(proof.trough, 0.05)), "without the shareholder"),
        ("Insolvency", estimate_percent(proof.insolvency), f"of futures in {proof.months} months"),
        ("Another plan needed", estimate_percent(again), "of futures, at the end of this one"),
    ]
    found += [
        (f"EBITDA, months {first} to {min(proof.months, last)}", amount(earned), "mean")
        for first, last, earned in _years(proof)
    ]
    if recovery.plan is not None:
        gain = proof.gain_over(recovery.nothing)
        found.append(("More than doing nothing", amount(gain), "expected net present value"))
        kept = Estimate.of_mean(proof.kept["staff"][-1])
        end = recovery.case.start + proof.months - 1
        posts = f"{figure(kept.value, 0)} of {figure(float(problem.posts.sum()), 0)}"
        found.append(("Posts filled at the end", posts, f"mean in {end}, ± {figure(kept.error)}"))
    return found


@dataclass(frozen=True, slots=True)
class WayRow:
    """One way on beside the others; each pair is an amount and its standard error."""

    name: str
    words: str
    is_plan: bool
    cheque: _Pair
    worst: _Pair
    trough: _Pair
    insolvency: _Pair
    years: tuple[_Pair, ...]
    posts: _Pair
    gain: _Pair


def way_rows(recovery: Recovery) -> tuple[str, tuple[WayRow, ...]]:
    """Return the unit of the amounts and every way on that was played."""
    held = [
        sample for proof in recovery.proofs.values() for sample in (proof.cheque.max(), proof.trough.min())
    ]
    scale = scale_of([float(amount) for amount in held], recovery.case.currency)
    return scale.label, tuple(_way(recovery, proof, scale) for proof in recovery.proofs.values())


def _way(recovery: Recovery, proof: Proof, scale: Scale) -> WayRow:
    value, _, error = estimate_percent(proof.insolvency).partition(" % ± ")
    staff = Estimate.of_mean(proof.kept["staff"][-1])
    is_nothing = proof is recovery.nothing
    return WayRow(
        name=proof.name,
        words=proof.words,
        is_plan=recovery.plan is not None and proof is recovery.proof,
        cheque=scale.parts(quantile(proof.cheque, 0.5)),
        worst=scale.parts(quantile(proof.cheque, 0.95)),
        trough=scale.parts(quantile(proof.trough, 0.05)),
        insolvency=(value.removesuffix(" %"), error),
        years=tuple(scale.parts(earned) for _, _, earned in _years(proof)),
        posts=(figure(staff.value), figure(staff.error)),
        gain=("-", "") if is_nothing else scale.parts(proof.gain_over(recovery.nothing)),
    )


def _years(proof: Proof) -> list[tuple[int, int, Estimate]]:
    """Return the first and the last month of each planned year, and its mean EBITDA."""
    years = range(2 if proof.months > 12 else 1)
    return [(12 * n + 1, 12 * n + 12, Estimate.of_mean(proof.year("ebitda", n))) for n in years]


def distinct_tides(plan: Plan) -> dict[int, str]:
    """Return one tide of each kind of plan, with the names of all the tides that have it."""
    names = tide_names(len(plan.fates))
    kinds: dict[object, list[int]] = {}
    for tide in range(len(plan.fates)):
        key = (plan.fates[tide], plan.waves[tide], plan.redeployments[tide])
        kinds.setdefault(key, []).append(tide)
    if len(kinds) == 1:
        return {0: "whatever has been earned by the review"}
    return {tides[0]: f"in the {listed([names[tide] for tide in tides])}" for tides in kinds.values()}


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """Posts by role in one kind of tide, with their sum."""

    when: str
    rows: tuple[RoleFlow, ...]
    total: RoleFlow


def people_tables(recovery: Recovery) -> tuple[PeopleTable, ...]:
    """Return what becomes of the posts, once for each kind of plan that the tides have."""
    if recovery.plan is None:
        return ()
    found = []
    for tide, when in distinct_tides(recovery.plan).items():
        rows = role_flows(recovery, tide)
        names = [column.name for column in fields(RoleFlow) if column.name != "role"]
        sums = {name: sum(getattr(row, name) for row in rows) for name in names}
        found.append(PeopleTable(when, rows, RoleFlow(role="all roles", **sums)))
    return tuple(found)


def customer_rows(recovery: Recovery) -> tuple[tuple[str, str, str], ...]:
    """Return what becomes of the customers: what, how much, and what is meant."""
    plan, problem = recovery.plan, recovery.laid.problem
    found = []
    unit = CapacityUnit(recovery.case.unit)
    if plan is not None:
        places = plan.decision.fates[problem.tide]
        weight, s = problem.probability, np.arange(problem.tide.size)[:, None]
        moved = float(weight @ problem.fate_units[s, places].sum(axis=1))
        lost = float(weight @ problem.fate_lost[s, places].sum(axis=1).max(axis=1))
        unserved = float(weight @ plan.figures.unserved.max(axis=1))
        found += [
            ("must move", capacity(moved, unit), "out of halls that are given up, mean over futures"),
            ("leaves on the way", capacity(lost, unit), "takes the move as an occasion, mean over futures"),
            ("finds no room", capacity(unserved, unit), "in the fullest month, mean over futures"),
        ]
    end = recovery.case.start + recovery.proof.months - 1
    for proof in [recovery.nothing, *([recovery.proof] if plan is not None else [])]:
        there = Estimate.of_mean(proof.kept["customers"][-1])
        what = "customers if nothing is done" if proof is recovery.nothing else "customers under the plan"
        much = f"{figure(there.value)} ± {figure(there.error)}"
        found.append((what, much, f"mean in {end}; none are left where the company fails"))
    if plan is not None:
        apart = difference(recovery.proof.kept["customers"][-1], recovery.nothing.kept["customers"][-1])
        found.append(
            ("difference", f"{figure(apart.value)} ± {figure(apart.error)}", "over the same futures")
        )
    return tuple(found)


def other_rows(recovery: Recovery) -> tuple[tuple[str, str, str, str], ...]:
    """Return what the plan would be for other companies: what, and its 5, 50 and 95 % points."""
    others = recovery.others
    if others is None:
        return ()
    currency = recovery.case.currency

    def row(what: str, sample: Floats, is_money: bool) -> tuple[str, str, str, str]:
        band = Interval.of(sample) if sample.size else Interval(*[float("nan")] * 3)
        points = (band.low, band.mid, band.high)
        low, mid, high = (money(v, currency) if is_money else figure(v, 0) for v in points)
        return what, low, mid, high

    return (
        row("posts at the start", others.posts, False),
        row("posts that go", others.posts_leaving, False),
        row("shareholder's cheque, mean of each company", others.cheque, True),
    )


def known_grounds(recovery: Recovery) -> dict[str, Known]:
    """Return what bears on the way out: facts, inferences and assumptions, apart.

    What was learned is an inference, with the learned figure, whatever the case stated before.
    """
    learned = _learned(recovery)
    rows = [
        _as_learned(row, learned[name]) if (name := _name(row)) in learned else row
        for row in recovery.case.provenance()
        if row.section in BEARING
    ]

    def of(kind: Kind) -> list[ProvenanceRow]:
        return [row for row in rows if row.kind is kind]

    return {
        "facts": Known.of(of(Kind.FACT)),
        "inferences": Known.of(of(Kind.INFERENCE)),
        "assumptions": Known.of(of(Kind.ASSUMPTION)),
    }


def _learned(recovery: Recovery) -> Mapping[str, Floats]:
    belief = recovery.laid.standing.belief
    return belief.posterior.values if isinstance(belief, Learned) else {}


def _name(row: ProvenanceRow) -> str:
    return ".".join(part for part in (row.section, row.id, row.field) if part)


def _as_learned(row: ProvenanceRow, draws: Floats) -> ProvenanceRow:
    low, mid, high = (stated(float(value)) for value in np.quantile(draws, (0.05, 0.5, 0.95)))
    value, origin = f"{mid} ({low} to {high}, 90%)", f"learned; the case states {row.value}"
    return replace(row, kind=Kind.INFERENCE, value=value, origin=f"{origin}: {row.origin}".rstrip(": "))


def sure_rows(recovery: Recovery) -> tuple[tuple[str, str], ...]:
    """Return how good the plan is known to be, and over which futures."""
    plan, currency = recovery.plan, recovery.case.currency
    found = []
    if plan is not None:
        gain = recovery.proof.gain_over(recovery.nothing)
        found += [
            ("the search ended as", plan.status.value),
            ("no plan is better than", money(plan.bound, currency)),
            ("gap between the plan and that bound", percent(plan.gap, 2)),
            ("value of the plan in the programme, over nothing", money(plan.value, currency)),
            ("gain over nothing when played in the whole company", estimate_money(gain, currency)),
            ("cheque in the programme, mean", money(plan.expected_cheque, currency)),
            (
                "cheque when played in the whole company, mean",
                estimate_money(Estimate.of_mean(recovery.proof.cheque), currency),
            ),
        ]
    found += [
        ("futures in the programme", f"{recovery.laid.bundles.paths.size:,} that stand for all"),
        ("fresh futures in which every way was played", f"{recovery.proof.cheque.size:,}"),
        ("seed", str(recovery.seed)),
        ("law", recovery.laid.law.country),
        ("the belief rests on", in_words(recovery.case, recovery.laid.standing.words)),
    ]
    return tuple(found)
