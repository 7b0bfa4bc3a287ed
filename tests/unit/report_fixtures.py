"""A decision that looks like a real one: a bundled case, and futures made up by a seeded generator."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from secondhall.case import Case, read_case
from secondhall.company.layout import OUTCOMES, SERIES
from secondhall.decide.board import Alternative, BoardPaper, Sensitivity, SwitchingValue
from secondhall.decide.board.frontier import frontier_of
from secondhall.decide.board.tree import grown
from secondhall.decide.decision import (
    BridgeLine,
    Contender,
    Counterfactual,
    Decision,
    FactCheck,
    Information,
    Reconciled,
)
from secondhall.decide.scoring import InsolvencyLimit
from secondhall.futures import Bands, Estimate, Futures, Interval, difference, probability, risk_of
from secondhall.futures.results import PERCENTS
from secondhall.months import Month

PATHS = 800
MONTHS = 120
M = 1e6


class MadeUpRule:
    """A rule with a name and words; it is never played."""

    def __init__(self, name: str, words: str) -> None:
        self.name = name
        self._words = words

    def words(self, case: Case) -> str:
        return self._words

    def terms(self, case: Case, slots: object) -> Any:
        raise NotImplementedError


def _world(seed: int) -> dict[str, np.ndarray]:
    """Return what every rule meets: [month, path]."""
    rng = np.random.default_rng(seed)
    bust_from = 8 + rng.geometric(1 / 12, PATHS)
    bust_for = 12 + rng.geometric(1 / 24, PATHS)
    t = np.arange(MONTHS)[:, None]
    bust = (t >= bust_from) & (t < bust_from + bust_for)
    level = np.exp(rng.normal(0, 0.35, PATHS)) * np.where(bust, 0.15, 1.0) * (1 + 0.01 * t)
    new = rng.poisson(5 * level).astype(float)
    ordered = new * rng.gamma(2.0, 2.2, (MONTHS, PATHS))
    seen = np.clip(bust * 0.9 + rng.normal(0.05, 0.06, (MONTHS, PATHS)), 0, 1)
    return {"bust": bust, "new_customers": new, "ordered_units": ordered, "bust_probability": seen}


def _played(world: Mapping[str, np.ndarray], extra: float, capex: float, opens: int) -> dict[str, np.ndarray]:
    t = np.arange(MONTHS)[:, None]
    capacity = 760 + extra * (t >= opens) + np.zeros((1, PATHS))
    sold = np.empty((MONTHS, PATHS))
    held, waiting, lost = np.full(PATHS, 380.0), np.zeros((MONTHS, PATHS)), np.zeros((MONTHS, PATHS))
    queue = np.zeros(PATHS)
    for month in range(MONTHS):
        wish = held * (1 - np.where(world["bust"][month], 0.02, 0.012)) + world["ordered_units"][month] * 0.6
        held = np.minimum(wish + queue, capacity[month])
        lost[month] = 0.15 * (wish + queue - held)
        queue = 0.85 * (wish + queue - held)
        sold[month], waiting[month] = held, queue
    hosting = sold * 520
    services, equipment = world["new_customers"] * 45_000, world["ordered_units"] * 9_000
    revenue = hosting + services + equipment
    fixed = 370_000 + 95_000 * (capacity > 760)
    ebitda = revenue - equipment * 0.85 - services * 0.5 - fixed
    spent = np.where((t >= opens - 9) & (t < opens), capex / 9, 0.0)
    write_offs = np.where((t == opens + 14) & (capex > 0) & world["bust"], capex * 0.8, 0.0)
    net = ebitda - 110_000 - 60_000 * (capacity > 760) - write_offs
    free = ebitda * 0.8 - spent
    cash = 4 * M + np.cumsum(free, axis=0)
    low = np.minimum.accumulate(cash, axis=0)
    injected = np.clip(-np.minimum(low, 0.0), 0.0, 15 * M)
    alive = (low > -15 * M).astype(float)
    return {
        "capacity": capacity, "sold_units": sold, "waiting_units": waiting, "hosting": hosting,
        "services": services, "equipment": equipment, "revenue": revenue, "ebitda": ebitda,
        "net_income": net, "free_cash_flow": free, "cash": (cash + injected) * alive, "alive": alive,
        "utilisation": sold / capacity, "monthly_recurring_revenue": hosting, "write_offs": write_offs,
        "injected": injected, "lost_units": lost,
    }  # fmt: skip


def _futures(rule: str, start: Month, series: dict[str, np.ndarray], capex: float) -> Futures:
    values = np.zeros((len(SERIES), len(PERCENTS), MONTHS))
    for place, name in enumerate(SERIES):
        if name in series:
            values[place] = np.quantile(series[name], np.array(PERCENTS) / 100, axis=1)
    years = tuple(range(start.year, (start + MONTHS - 1).year + 1))
    of_year = np.array([(start + month).year for month in range(MONTHS)])
    lines = ("revenue", "net_income", "free_cash_flow")
    annual = {n: np.stack([series[n][of_year == y].sum(axis=0) for y in years]) for n in lines}
    discount = 0.99 ** np.arange(MONTHS)[:, None]
    terminal = np.maximum(series["ebitda"][-12:].sum(axis=0), 0) * 4 * 0.99**MONTHS
    dead = series["alive"] == 0
    outcomes = {name: np.zeros(PATHS) for name in OUTCOMES} | {
        "npv": (series["free_cash_flow"] * discount).sum(axis=0) + terminal,
        "terminal_value": terminal,
        "injected": series["injected"][-1],
        "peak_funding": series["injected"][-1],
        "insolvency_month": np.where(dead.any(axis=0), dead.argmax(axis=0), -1).astype(float),
        "worst_year": annual["net_income"].min(axis=0),
        "write_offs": series["write_offs"].sum(axis=0),
        "first_commitment": np.full(PATHS, 1.0 if capex else -1.0),
    }
    bands = Bands(SERIES, values, np.zeros(len(SERIES)))
    return Futures(
        rule=rule, start=start, months=MONTHS, seed=7, paths=PATHS, outcomes=outcomes, annual=annual,
        years=years, bands=bands, kept={}, kept_from=start, terminal_discount=0.99**MONTHS,
    )  # fmt: skip


RULES = (
    ("never", "never commit a hall", 0.0, 0.0, 999, 0.0),
    ("utilisation 85 %", "the half hall when forecast utilisation passes 85 %", 500.0, 3.7 * M, 40, 0.0),
    ("as-happened", "the plan as-happened: commit paris2 in 2000-05", 1000.0, 6.5 * M, 11, 1.0),
    ("pre-leased 50 %", "commit the full hall when half of it is pre-leased", 1000.0, 6.5 * M, 60, 0.0),
    ("lease first", "lease 500 m2 fitted, then build at 85 %", 500.0, 0.4 * M, 30, 0.2),
    ("staged", "the half hall now, the rest at 85 %", 500.0, 3.7 * M, 11, 1.0),
)  # fmt: skip


@cache
def decision(name: str = "fluxus", *, recommend: str = "never", rule_name: str = "") -> Any:
    """Return a decision on a bundled case; ``rule_name`` renames the rule 'staged'."""
    case = read_case(name)
    world = _world(7)
    contenders = tuple(_contender(case, world, rule, rule_name) for rule in RULES)
    never = contenders[0].futures.outcomes["npv"]
    contenders = tuple(_against(contender, never) for contender in contenders)
    contenders = tuple(sorted(contenders, key=lambda c: -c.score.value))
    by_name = {contender.rule.name: contender for contender in contenders}
    return decision_of(case, contenders, by_name[recommend], by_name["never"])


def _contender(case: Case, world: Mapping[str, np.ndarray], rule: tuple[Any, ...], rule_name: str) -> Any:
    name, words, extra, capex, opens, now = rule
    name = rule_name if name == "staged" and rule_name else name
    series = {**{k: v.astype(float) for k, v in world.items() if k != "bust"}}
    series |= _played(world, extra, capex, opens)
    futures = _futures(words, case.start, series, capex)
    nothing = Estimate(0.0, 0.0)
    fields = {
        "rule": MadeUpRule(name, words), "futures": futures, "risk": risk_of(futures), "gain": nothing,
        "loss_probability": nothing, "score": nothing, "behind": nothing, "insolvency_over_never": nothing,
        "commits": probability(np.arange(PATHS) < (PATHS if now == 1 else 0.7 * PATHS if capex else 0)),
        "commits_now": probability(np.arange(PATHS) < now * PATHS),
        "irr": Interval(-0.31, 0.04, 0.22) if capex else None,
        "moic": Interval(0.1, 1.1, 2.3) if capex else None,
        "terminal_share": 0.38,
        "refused": "it makes the company insolvent in 12 % of futures, the limit is 10 %"
        if name == "as-happened" else None,
    }  # fmt: skip
    held = {field.name for field in dataclasses.fields(Contender)}
    return Contender(**{name: value for name, value in fields.items() if name in held})


def _against(contender: Any, never: np.ndarray) -> Any:
    npv = contender.futures.outcomes["npv"]
    score = Estimate(0.8 * npv.mean() + 0.2 * contender.risk.cvar_npv.value, 0.1 * M)
    found = {
        "gain": difference(npv, never),
        "loss_probability": probability(npv < never),
        "score": score,
    }
    return replaced(contender, **found)


def counterfactual() -> Any:
    """Return what a hall explains of the year 2001."""
    lines = (
        ("hosting", 3.9, 3.9), ("services", 4.1, 4.1), ("equipment", 5.2, 5.2),
        ("equipment_cost", -4.4, -4.4),
        ("energy_cost", -0.4, -0.35), ("hall_cost", -2.1, -1.2), ("staff_cost", -9.3, -8.1),
        ("sales_cost", -0.6, -0.6), ("overhead_cost", -1.7, -1.7), ("depreciation", -1.6, -0.9),
        ("write_offs", -3.4, 0.0), ("interest", -0.3, -0.05), ("tax", 0.0, 0.0),
    )  # fmt: skip
    bridge = tuple(
        BridgeLine(line=n, with_hall=w * M, without_hall=o * M, difference=Estimate((w - o) * M, 0.04 * M))
        for n, w, o in lines
    )
    return Counterfactual(
        plan="as-happened", year=2001,
        with_hall=Interval(-18.2 * M, -10.2 * M, -3.1 * M),
        without_hall=Interval(-10.1 * M, -3.9 * M, 1.2 * M),
        explained=Interval(-9.1 * M, -6.3 * M, -2.2 * M), mean_explained=Estimate(-6.2 * M, 0.06 * M),
        share_of_loss=Interval(0.31, 0.58, 0.9), near_facts=Interval(-8.0 * M, -6.6 * M, -4.1 * M),
        near_paths=212, bridge=bridge,
    )  # fmt: skip


def _checks(case: Case) -> tuple[Any, ...]:
    bands = {"5": (8.1, 14.2, 22.0), "6": (-17.9, -8.4, -1.8), "10": (0, 0, 310), "21": (150, 198, 262)}
    facts = {fact.fact: fact for fact in case.facts}
    return tuple(
        FactCheck(
            fact=key, words=facts[key].words, period=facts[key].period, source=facts[key].source,
            unit=facts[key].unit, value=facts[key].value, band=Interval(*band), inside=True,
        )
        for key, band in bands.items() if key in facts
    )  # fmt: skip


def _information(case: Case) -> tuple[Information, ...]:
    """Return two figures that are worth knowing and one that is not."""
    segment = next(iter(case.segments))
    churn = tuple(f"segments.{segment}.churn_monthly.{regime}" for regime in ("boom", "bust"))
    rows = (
        (f"segments.{segment}.churn_monthly", churn, 0.41, "worth 0.41 M EUR"),
        ("costs.overhead_monthly", ("costs.overhead_monthly",), 0.12, "worth 0.12 M EUR"),
        ("costs.draw_share", ("costs.draw_share",), -0.01, "worth nothing that can be told from zero"),
    )
    return tuple(
        Information(name, fields, Estimate(worth * M, 0.02 * M), Estimate(0.24, 0.01), f"{name}: {words}.")
        for name, fields, worth, words in rows
    )


def decision_of(case: Case, contenders: tuple[Any, ...], recommended: Any, never: Any) -> Any:
    """Return the decision around some contenders."""
    return Decision(
        case=case, month=case.start, seed=7, paths=PATHS, contenders=contenders, recommended=recommended,
        tied=tuple(c for c in contenders if c.refused is None)[:2], never=never,
        headline="Do not commit the second hall now.",
        do_now="Keep selling the 380 m2 that are free in the first hall; sign nothing for paris2.",
        what_would_change=(
            "Commit the half hall when forecast utilisation of the next nine months passes 85 %.",
            "Do not commit while the probability of a bust is above 20 %.",
        ),
        worth="Waiting is worth 2.1 M EUR ± 0.1 more than the plan as it happened.",
        risk_words="A year with a loss in 61 % ± 2 of futures; insolvency in 4 % ± 1; the shareholder is"
        " needed in 18 % ± 1, for 1.2 to 9.0 M EUR, middle 3.4.",
        risk_weight=0.2, insolvency_limit=0.1,
        counterfactual=counterfactual() if case.name == "fluxus" else None,
        fact_checks=_checks(case),
        reconciled=(
            Reconciled(line="revenue, hosting", books=2.1 * M, model=2.1 * M, equal=True, note=""),
            Reconciled(line="energy", books=0.21 * M, model=0.24 * M, equal=False,
                       note="the books hold a credit for November"),
        ) if case.name != "fluxus" else (),
        settings=MappingProxyType({"futures": PATHS, "search_evaluations": 60, "belief": "the statements"}),
        information=_information(case), perfect_information=Estimate(1.3 * M, 0.04 * M),
        board=_board(case, contenders, recommended, never),
    )  # fmt: skip


def _board(case: Case, contenders: tuple[Any, ...], recommended: Any, never: Any) -> BoardPaper:
    """Return a board's page: the real frontier and tree of the made-up futures, one plan beside."""
    rule = contenders[-1].rule
    first = np.where(np.arange(PATHS) < 300, 1.0, np.where(np.arange(PATHS) < 500, 20.0, -1.0))
    gain = contenders[-1].futures.outcomes["npv"] - never.futures.outcomes["npv"]
    near = Alternative(
        rule.name, rule.words(case), "3 months later in the middle", Estimate(0.1 * M, 0.08 * M),
        contenders[-1].gain, contenders[-1].risk.cvar_npv, contenders[-1].commits, case.start + 20,
    )  # fmt: skip
    return BoardPaper(
        frontier=frontier_of(contenders, recommended, (), InsolvencyLimit()),
        alternatives=(near,),
        switching=(
            SwitchingValue(
                "price",
                "price of new business",
                "halved to doubled",
                "staged",
                False,
                near.gain,
                Estimate(-0.13, 0.03),
                "12 ± 3 % lower",
            ),
        ),
        switching_paths=200,
        sensitivity=(Sensitivity("costs.draw_share", "the costs: share drawn", Estimate(0.31, 0.02)),),
        tree=grown(case, rule, first, gain, np.arange(PATHS) % 3 == 0),
    )


HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}\x1b[31m"


def hostile_decision() -> Any:
    """Return a decision that holds what would run, load or break a page if it were not escaped."""
    made = decision(rule_name=HOSTILE)
    case = made.case
    segments = {HOSTILE: next(iter(case.segments.values())), **case.segments}
    facts = (
        dataclasses.replace(case.facts[0], words=HOSTILE, source=f"javascript:alert(1) {HOSTILE}"),
        dataclasses.replace(case.facts[1], source='https://example.org/"onmouseover="alert(1) \x1b[31m'),
        *case.facts[2:],
    )
    evil = dataclasses.replace(
        case, segments=segments, facts=facts, title=HOSTILE, name=HOSTILE, sources={HOSTILE: HOSTILE},
        hashes={HOSTILE: HOSTILE},
    )  # fmt: skip
    return replaced(
        made, case=evil, headline=HOSTILE, do_now=HOSTILE, worth=HOSTILE, what_would_change=(HOSTILE,),
        counterfactual=replaced(made.counterfactual, plan=HOSTILE),
        settings={HOSTILE: HOSTILE, "belief": HOSTILE},
    )  # fmt: skip


def replaced(thing: Any, **fields: Any) -> Any:
    """Return a thing with other fields."""
    return dataclasses.replace(thing, **fields)
