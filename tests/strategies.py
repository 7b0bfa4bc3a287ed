"""Random companies for property tests: any number of segments, halls, options, roles, any finances.

``companies()`` is a hypothesis strategy; ``random_company(rng)`` is the same from a NumPy generator.
Both give parameters inside the ranges of the case schema, with edge values mixed in on purpose: no
customers, no volatility, empty or mothballed halls, no revolver, covenants that bite, companies that fail
at once. ``bundled(case, how)`` is a bundled case under a rule, in the same form.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from hypothesis import strategies as st

from secondhall.belief import Prior
from secondhall.case import Case, read_case
from secondhall.company import engine, idle_terms, layout, slots_of
from secondhall.company.layout import (
    ANNUAL,
    BUILDING,
    MOTHBALLED,
    NEVER,
    OPEN,
    OUTCOMES,
    SERIES,
    UNCOMMITTED,
    Floats,
    Rows,
)
from secondhall.company.parameters import (
    FORECAST,
    PRELEASE,
    MeasureTerms,
    Parameters,
    RuleTerms,
    no_measures,
)
from secondhall.decide.rules import DatedPlan, ForecastUtilisation, Guards, Never, PreleasedShare, Rule


@dataclass(frozen=True)
class Shape:
    """How many of each."""

    segments: int
    standing: int
    building: int
    options: int
    phases: int
    roles: int
    months: int

    @property
    def halls(self) -> int:
        return self.standing + self.building + self.options


@dataclass(frozen=True, eq=False, repr=False)
class Company:
    """A company with its mid values, a rule and a seed: all that a play of it depends on."""

    parameters: Parameters
    known: Parameters
    rule: RuleTerms
    seed: int
    recipe: str
    """the call that makes it again"""

    def __repr__(self) -> str:
        return self.recipe

    @property
    def paths(self) -> int:
        return self.parameters.paths

    def play(self, rule: RuleTerms | None = None, parameters: Parameters | None = None) -> "Play":
        """Play it in the compiled engine, every series kept; under another rule or parameters if given."""
        p = self.parameters if parameters is None else parameters
        played = engine.play_paths(
            p,
            self.known,
            self.rule if rule is None else rule,
            seed=self.seed,
            paths=np.arange(self.paths),
            keep=engine.Kept(SERIES, 0, p.months),
        )
        return Play(played.kept, played.outcomes, played.annual)

    @cached_property
    def played(self) -> "Play":
        """Every series and outcome of its own rule."""
        return self.play()


@dataclass(frozen=True, eq=False)
class Play:
    """What a play left behind."""

    series: Floats
    """[series, month, path]"""
    outcomes: Floats
    """[outcome, path]"""
    annual: Floats
    """[line, calendar year, path]"""

    def of(self, name: str) -> Floats:
        """Return [month, path] of one series."""
        found: Floats = self.series[SERIES.index(name)]
        return found

    def outcome(self, name: str) -> Floats:
        """Return [path] of one outcome."""
        found: Floats = self.outcomes[OUTCOMES.index(name)]
        return found

    def year(self, name: str) -> Floats:
        """Return [calendar year, path] of an annual line."""
        found: Floats = self.annual[ANNUAL.index(name)]
        return found

    @property
    def bytes(self) -> bytes:
        return self.series.tobytes() + self.outcomes.tobytes() + self.annual.tobytes()


# Bundled cases -----------------------------------------------------------------------------------

BUNDLED = tuple(
    (case, how)
    for case in ("fluxus", "northhall", "paris2006")
    for how in ("never", "plan", "trigger", "scenario")
)
"""Names of the bundled companies: a case, and how it is played."""

_OPTIONS = {"fluxus": "paris2", "northhall": "north-4", "paris2006": "paris_c"}
_SCENARIOS = {"fluxus": "bust-2001", "northhall": "gpu-tenants-leave", "paris2006": "bust-at-opening"}


@cache
def bundled(case: str, how: str, *, paths: int = 64, seed: int = 7) -> Company:
    """Return a bundled case drawn from its prior, under a rule; ``scenario`` imposes one on a trigger."""
    read = read_case(case)
    belief = Prior(read, _SCENARIOS[case] if how == "scenario" else None)
    return Company(
        belief.parameters(seed, np.arange(paths)),
        belief.known(),
        _bundled_rule(read, case, how).terms(read, slots_of(read)),
        seed,
        f"bundled({case!r}, {how!r}, paths={paths}, seed={seed})",
    )


def _bundled_rule(read: Case, case: str, how: str) -> Rule | DatedPlan:
    option = _OPTIONS[case]
    if how == "never":
        return Never()
    if how == "plan":
        if read.plans:
            name, actions = next(iter(read.plans.items()))
            return DatedPlan(name, actions)
        return DatedPlan.commit_now(option, read.start + 3)
    if how == "trigger":
        return ForecastUtilisation(option, 0.8, Guards(0.6, 0.3))
    return PreleasedShare(option, 0.1, Guards(0.9, 0.1))


# Random companies --------------------------------------------------------------------------------


def shapes(months: int = 48) -> st.SearchStrategy[Shape]:
    """Return a strategy of shapes; a failing one shrinks towards one of each."""
    return st.builds(
        Shape,
        segments=st.integers(1, 4),
        standing=st.integers(1, 3),
        building=st.integers(0, 1),
        options=st.integers(1, 3),
        phases=st.integers(1, 3),
        roles=st.integers(1, 3),
        months=st.just(months),
    )


def companies(months: int = 48, paths: int = 64) -> st.SearchStrategy[Company]:
    """Return a strategy of random companies of ``paths`` paths with their own parameters each.

    A failing one is printed as the call of ``company_of`` that makes it again.
    """
    seeds = st.integers(min_value=0, max_value=2**31 - 1)
    return st.builds(company_of, seeds, shapes(months), st.just(paths))


def random_company(rng: np.random.Generator, *, months: int = 48, paths: int = 64) -> Company:
    """Return a random company of a random shape."""
    shape = Shape(
        segments=int(rng.integers(1, 5)),
        standing=int(rng.integers(1, 4)),
        building=int(rng.integers(0, 2)),
        options=int(rng.integers(1, 4)),
        phases=int(rng.integers(1, 4)),
        roles=int(rng.integers(1, 4)),
        months=months,
    )
    return company_of(int(rng.integers(0, 2**31)), shape, paths)


def company_of(seed: int, shape: Shape, paths: int = 64) -> Company:
    """Return a company of a shape; each path has its own parameters around common mid values."""
    rng = np.random.default_rng(seed)
    known = draw(rng, shape)
    spread = {
        name: jitter(rng, getattr(known, name), paths)
        for name in ("segment", "segment_regime", "hall", "phase", "role", "firm", "firm_regime")
    }
    parameters = Parameters(
        **spread,
        schedule=known.schedule,
        calendar=known.calendar,
        start_month_of_year=known.start_month_of_year,
        first_new_hall=known.first_new_hall,
    )
    rule = random_rule(rng, shape, known)
    return Company(parameters, known, rule, seed, f"company_of({seed}, {shape}, {paths})")


EXACT = {
    "state", "committed", "leased", "has_slip", "has_overrun", "term_months", "locked", "customers",
    "installed", "sold", "log_ceiling", "start_probability", "own_share", "common_share", "leverage_max",
    "capacity",
}  # fmt: skip
"""Rows that are counts, flags or tied to one another: the same on every path."""


def jitter(rng: np.random.Generator, rows: Rows, paths: int) -> Rows:
    """Return the rows for ``paths`` paths, each number a tenth or so off its mid value."""
    array = np.repeat(rows.array, paths, axis=-1)
    for k, name in enumerate(rows.names):
        if name not in EXACT:
            array[k] *= rng.uniform(0.9, 1.0, size=array[k].shape)
    return Rows(rows.names, array)


def draw(rng: np.random.Generator, shape: Shape) -> Parameters:
    """Return the mid values, one path."""
    segment = draw_segments(rng, shape)
    hall, phase = draw_halls(rng, shape, segment)
    return Parameters(
        segment=segment,
        segment_regime=draw_segment_regimes(rng, shape),
        hall=hall,
        phase=phase,
        role=draw_roles(rng, shape),
        firm=draw_firm(rng),
        firm_regime=draw_regimes(rng),
        schedule=draw_schedule(rng, shape, segment),
        calendar=draw_calendar(rng, shape),
        start_month_of_year=int(rng.integers(0, 12)),
        first_new_hall=shape.standing,
    )


def sometimes(rng: np.random.Generator, value: np.ndarray, *, zero: float = 0.2) -> np.ndarray:
    """Return the values, some of them replaced by 0."""
    return np.where(rng.random(np.shape(value)) < zero, 0.0, value)


def draw_segments(rng: np.random.Generator, shape: Shape) -> Rows:
    n = shape.segments
    rows = Rows.zeros(layout.SEGMENT, n, 1)
    customers = np.floor(sometimes(rng, rng.uniform(0, 200, n)))
    installed = customers * rng.uniform(0.5, 5.0, n)
    price = rng.uniform(50, 300, n)
    loading = rng.uniform(0, 1, n)
    values = {
        "customers": customers,
        "installed": installed,
        "mrr": installed * price * rng.uniform(0.7, 1.2, n),
        "reserved_customers": np.full(n, 2.0),
        "reserved_units": sometimes(rng, rng.uniform(0, 50, n), zero=0.5),
        "waiting_customers": np.full(n, 1.0),
        "waiting_units": sometimes(rng, rng.uniform(0, 10, n), zero=0.5),
        "receivables": installed * price * rng.uniform(0, 2, n),
        "list_price": price,
        "log_intensity": np.log(rng.uniform(0.05, 8.0, n)),
        "opening_gap": rng.normal(0.0, 0.2, n),
        "unlocking_scale": np.where(rng.random(n) < 0.5, 1.0, rng.uniform(0.2, 2.0, n)),
        "log_ceiling": np.where(rng.random(n) < 0.5, 700.0, np.log(rng.uniform(3, 20, n))),
        "reversion": rng.uniform(0, 0.5, n),
        "volatility": sometimes(rng, rng.uniform(0, 0.3, n)),
        "common_share": loading,
        "own_share": np.sqrt(1 - loading**2),
        "size_mean": rng.uniform(0.5, 6, n),
        "size_variance_ratio": sometimes(rng, rng.uniform(0.1, 2.0, n)),
        "realisation": rng.uniform(0.5, 1, n),
        "reserved_lapse": rng.uniform(0, 0.1, n),
        "waiting_lapse": np.where(rng.random(n) < 0.2, 1.0, rng.uniform(0.05, 0.5, n)),
        "term_months": rng.choice([0.0, 1.0, 12.0, 36.0], n),
        "renewal_months": rng.uniform(1, 24, n),
        "escalator": rng.uniform(0, 0.004, n),
        "services_per_new_customer": sometimes(rng, rng.uniform(0, 20_000, n)),
        "services_per_new_unit": sometimes(rng, rng.uniform(0, 500, n)),
        "services_per_customer": sometimes(rng, rng.uniform(0, 300, n)),
        "equipment_per_new_unit": sometimes(rng, rng.uniform(0, 3000, n)),
        "equipment_per_unit": sometimes(rng, rng.uniform(0, 10, n)),
        "payment_delay": rng.uniform(0, 3, n),
    }
    for name, value in values.items():
        rows.set(name, value[:, None])
    rows.set("locked", np.floor(rows.customers * 0.6))
    return rows


def draw_segment_regimes(rng: np.random.Generator, shape: Shape) -> Rows:
    size = (shape.segments, 3, 1)
    rows = Rows.zeros(layout.SEGMENT_REGIME, *size)
    rows.set("growth", rng.uniform(-0.03, 0.03, size))
    rows.set("log_level", np.log(rng.uniform(0.2, 1.5, size)))
    rows.set("expansion", rng.uniform(-0.02, 0.02, size))
    rows.set("churn", sometimes(rng, rng.uniform(0, 0.1, size)))
    rows.set("bad_debt", rng.uniform(0, 0.05, size))
    return rows


def draw_halls(rng: np.random.Generator, shape: Shape, segment: Rows) -> tuple[Rows, Rows]:
    n, phases = shape.halls, shape.phases
    hall, phase = Rows.zeros(layout.HALL, n, 1), Rows.zeros(layout.PHASE, n, phases, 1)
    installed = float(segment.installed.sum())
    fill = rng.uniform(0.3, 1.0)
    serving = 1 if rng.random() < 0.2 else shape.standing
    for h in range(n):
        standing, building = h < shape.standing, h < shape.standing + shape.building
        asleep = serving <= h < shape.standing
        standing_state = MOTHBALLED if asleep else OPEN
        hall.state[h] = standing_state if standing else (BUILDING if building else UNCOMMITTED)
        hall.committed[h] = NEVER if standing or not building else -float(rng.integers(1, 10))
        hall.sold[h] = installed / serving if standing and not asleep else 0.0
        hall.book[h] = rng.uniform(0, 2e6) if standing else (rng.uniform(0, 5e5) if building else 0.0)
        hall.leased[h] = float(rng.random() < 0.5)
        size = (installed / serving / fill + 1.0) if standing else rng.uniform(20, 400)
        offsets = np.cumsum(rng.integers(1, 14, phases))
        phase.capacity[h, :, 0] = size / phases
        phase.capex[h, :, 0] = 0.0 if standing else rng.uniform(2_000, 9_000) * size / phases
        phase.offset[h, :, 0] = 0.0 if standing else offsets
        phase.start_offset[h, :, 0] = 0.0 if standing else np.concatenate([[0], offsets[:-1]])
    values = {
        "life_months": np.floor(rng.uniform(1, 200, n)),
        "fixed_cost": rng.uniform(1_000, 30_000, n),
        "rent": sometimes(rng, rng.uniform(0, 20_000, n)),
        "mothball_cost": rng.uniform(0, 5_000, n),
        "pue": rng.uniform(1.1, 2.2, n),
        "lease_months": rng.uniform(12, 150, n),
        "exit_penalty": sometimes(rng, rng.uniform(0, 1e6, n)),
        "dismantling": sometimes(rng, rng.uniform(0, 3e5, n), zero=0.5),
        "exit_share": rng.uniform(0, 0.6, n),
        "stop_share": rng.uniform(0, 0.3, n),
        "loan_to_cost": sometimes(rng, rng.uniform(0, 0.8, n), zero=0.5),
        "has_slip": (rng.random(n) < 0.5) * 1.0,
        "slip_log_mean": rng.uniform(-1, 1, n),
        "slip_log_sd": rng.uniform(0, 1, n),
        "has_overrun": (rng.random(n) < 0.5) * 1.0,
        "overrun_log_mean": rng.uniform(-4, -1, n),
        "overrun_log_sd": rng.uniform(0, 1, n),
    }
    for name, value in values.items():
        hall.set(name, value[:, None])
    return hall, phase


def draw_roles(rng: np.random.Generator, shape: Shape) -> Rows:
    n = shape.roles
    rows = Rows.zeros(layout.ROLE, n, 1)
    values = {
        "posts": rng.uniform(0, 30, n),
        "monthly_cost": rng.uniform(2_000, 8_000, n),
        "base": rng.uniform(0, 10, n),
        "per_open_hall": sometimes(rng, rng.uniform(0, 5, n)),
        "per_customer": sometimes(rng, rng.uniform(0, 0.2, n)),
        "per_unit": sometimes(rng, rng.uniform(0, 0.02, n)),
        "per_new_customer": sometimes(rng, rng.uniform(0, 1, n)),
        "minimum": rng.uniform(0, 5, n),
        "attrition": rng.uniform(0, 0.05, n),
        "hiring_months": rng.uniform(1, 12, n),
        "leaving_months": rng.uniform(0, 12, n),
    }
    for name, value in values.items():
        rows.set(name, value[:, None])
    return rows


def draw_firm(rng: np.random.Generator) -> Rows:
    rows = Rows.zeros(layout.FIRM, 1)
    values = {
        "after_boom_bust": rng.random(),
        "after_steady_boom": rng.random(),
        "after_bust_steady": rng.random(),
        "price_reversion": rng.random(),
        "price_volatility": rng.uniform(0, 0.05),
        "energy_reversion": rng.random(),
        "energy_volatility": rng.uniform(0, 0.1),
        "energy_cost_per_unit": rng.uniform(0, 60),
        "overhead": rng.uniform(0, 60_000),
        "commission_months": rng.uniform(0, 3),
        "equipment_margin": rng.uniform(-0.2, 0.5),
        "inflation_factor": 1.02 ** (1 / 12),
        "maintenance_share": rng.uniform(0, 0.1),
        "supplier_delay": rng.uniform(0, 3),
        "cash": rng.uniform(-1e5, 2e6),
        "minimum_cash": rng.choice([0.0, 2e5]),
        "cash_rate": 0.001,
        "payables": rng.uniform(0, 3e5),
        "other_assets": rng.uniform(0, 2e6),
        "other_life_months": rng.uniform(1, 100),
        "revolver_limit": rng.choice([0.0, 5e5]),
        "revolver": 0.0,
        "revolver_rate": 0.005,
        "term_debt": rng.choice([0.0, 2e6]),
        "term_rate": 0.005,
        "term_repayment": 2e4,
        "interest_only_months": float(rng.integers(0, 24)),
        "project_repayment_months": rng.uniform(12, 120),
        "provisions": rng.uniform(0, 1e5),
        "provision_months": rng.uniform(1, 12),
        "shareholder_loan": rng.choice([0.0, 3e5]),
        "shareholder_rate": rng.choice([0.0, 0.004]),
        "shareholder_commitment": rng.choice([0.0, 1e6, 2e7]),
        "tax_rate": rng.uniform(0, 0.35),
        "tax_pool": rng.choice([0.0, 5e5]),
        "discount_factor": (1 + rng.uniform(0, 0.2)) ** (-1 / 12),
        "terminal_multiple": rng.uniform(0, 10),
        "impairment_fill_months": rng.uniform(0, 48),
        "net_absorption": rng.uniform(-2, 5),
        "ebitda": rng.uniform(-1e5, 3e5),
        "leverage_max": rng.choice([2.0, 1000.0]),
        "dscr_min": rng.choice([0.0, 1.2]),
        "liquidity_min": rng.choice([0.0, 1e5]),
        "receivables_recovery": rng.random(),
        "other_recovery": rng.random(),
        "extra_slip": rng.choice([0.0, 2.5]),
    }
    for name, value in values.items():
        rows.set(name, value)
    return rows


def draw_regimes(rng: np.random.Generator) -> Rows:
    rows = Rows.zeros(layout.FIRM_REGIME, 3, 1)
    rows.set("start_probability", rng.dirichlet(np.ones(3))[:, None])
    rows.set("leave_probability", 1.0 / rng.uniform(2, 60, (3, 1)))
    rows.set("price_drift", rng.uniform(-0.02, 0.01, (3, 1)))
    rows.set("energy_drift", rng.uniform(-0.01, 0.01, (3, 1)))
    return rows


def draw_schedule(rng: np.random.Generator, shape: Shape, segment: Rows) -> Rows:
    rows = Rows.zeros(layout.SCHEDULE, shape.segments, shape.months)
    for s in range(shape.segments):
        ends = rng.integers(0, shape.months, int(segment.locked[s, 0]))
        rows.unlocking[s] = np.bincount(ends, minlength=shape.months)
    some = rng.random((shape.segments, shape.months))
    rows.set("commencing_customers", np.where(some < 0.1, 2.0, 0.0))
    rows.set("commencing_units", np.where(some < 0.1, 5.0, 0.0))
    rows.set("commencing_mrr", np.where(some < 0.1, 700.0, 0.0))
    rows.set("pipeline_count", np.where(some > 0.8, rng.integers(1, 60, some.shape), 0.0))
    rows.set("pipeline_probability", rng.random(some.shape))
    rows.set("pipeline_units", rng.uniform(0.5, 3, some.shape))
    rows.set("lost_share", np.where(some > 0.98, 0.2, 0.0))
    return rows


def draw_calendar(rng: np.random.Generator, shape: Shape) -> Rows:
    rows = Rows.zeros(layout.CALENDAR, shape.months)
    forced = rng.random(shape.months) < 0.05
    rows.set("forced_regime", np.where(forced, rng.integers(0, 3, shape.months), -1))
    rows.set("price_shock", np.where(rng.random(shape.months) < 0.02, -0.2, 0.0))
    return rows


def random_rule(rng: np.random.Generator, shape: Shape, known: Parameters) -> RuleTerms:
    """Return a rule that mixes a dated plan with a trigger."""
    idle = idle_terms(shape.halls)

    def months() -> np.ndarray:
        drawn = rng.integers(0, shape.months, shape.halls)
        return np.where(rng.random(shape.halls) < 0.4, drawn, NEVER).astype(np.int64)

    candidates = np.arange(shape.standing + shape.building, shape.halls, dtype=np.int64)
    units = known.phase.capacity[..., 0].sum(axis=1)
    capex = known.phase.capex[..., 0].sum(axis=1)
    trigger = int(rng.choice([FORECAST, PRELEASE]))
    return RuleTerms(
        commit_month=np.where(np.isin(np.arange(shape.halls), candidates), months(), NEVER).astype(np.int64),
        stop_month=months(),
        mothball_month=months(),
        close_month=months(),
        freeze_month=int(rng.choice([idle.freeze_month, 20])),
        dismiss_month=int(rng.choice([idle.dismiss_month, 24])),
        trigger=trigger,
        threshold=float(rng.uniform(0.2, 1.0)),
        candidates=candidates,
        lead_months=known.phase.offset[:, 0, 0].copy(),
        option_units=units,
        option_funding=capex * (1 - known.hall.loan_to_cost[:, 0]),
        bust_limit=float(rng.choice([1.0, 0.5])),
        liquidity_share=float(rng.choice([0.0, 0.3])),
        known_commitment=float(known.firm.shareholder_commitment[0]),
        first_month=int(rng.choice([0, 0, shape.months // 3])),
        measures=random_measures(rng, shape, known),
    )


def random_measures(rng: np.random.Generator, shape: Shape, known: Parameters) -> MeasureTerms:
    """Return the measures of a restructuring; none at all in half of the cases."""
    if rng.random() < 0.5:
        return no_measures(shape.halls)
    months = int(rng.integers(1, shape.months + 1))

    def some(share: float, size: tuple[int, ...], high: float) -> np.ndarray:
        return np.where(rng.random(size) < share, rng.uniform(0.0, high, size), 0.0)

    def once(share: float) -> np.ndarray:
        drawn = rng.integers(0, shape.months, shape.halls)
        return np.where(rng.random(shape.halls) < share, drawn, NEVER).astype(np.int64)

    return MeasureTerms(
        sell_month=once(0.2),
        sale_price=rng.uniform(0, 2e6, shape.halls),
        rent_month=once(0.4),
        rent_share=rng.uniform(0.2, 1.0, shape.halls),
        lease_added=np.floor(rng.uniform(0, 48, shape.halls)),
        move_units=some(0.2, (shape.halls, months), float(known.hall.sold.max()) + 1.0),
        move_lost_share=float(rng.choice([0.0, 0.1])),
        move_unit_cost=float(rng.uniform(0, 500)),
        posts_leaving=some(0.1, (shape.roles, months), 8.0) - some(0.1, (shape.roles, months), 4.0),
        charges=some(0.1, (months,), 5e5),
        costs=some(0.2, (months,), 5e4),
        waived=np.where(rng.random(months) < 0.3, 1.0, 0.0),
    )
