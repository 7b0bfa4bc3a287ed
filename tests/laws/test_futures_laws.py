"""Laws of futures: the same bytes however they are split, the same chance for every rule, nothing from ahead.

None of these has a tolerance but the bands, whose quantiles are exact to the width of a bin.
"""

import subprocess
import sys
import textwrap
import tracemalloc
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from tests.strategies import Company, bundled, companies

from secondhall.belief import Prior
from secondhall.case import read_case
from secondhall.company import Parameters, engine, idle_terms, slots_of
from secondhall.company.layout import ANNUAL, LANES, OUTCOMES, SERIES, Floats, Rows
from secondhall.company.parameters import Integers, RuleTerms
from secondhall.decide.rules import ForecastUtilisation
from secondhall.futures import PERCENTS, Futures, Keep, RuleToPlay, play_rules
from secondhall.futures.bands import quantiles, ranges
from secondhall.months import Month

ROOT = Path(__file__).parents[2]
START = Month.parse("2026-01")
SEED = 11


@dataclass(frozen=True)
class Shared:
    """A belief in one set of parameters, the same on every path."""

    shared: Parameters
    words: str = "the same on every path"

    def known(self) -> Parameters:
        return self.shared

    def parameters(self, seed: int, paths: Integers) -> Parameters:
        return self.shared


def bytes_of(one: Futures) -> dict[str, bytes]:
    return {
        **{name: values.tobytes() for name, values in one.outcomes.items()},
        **{f"{name} a year": values.tobytes() for name, values in one.annual.items()},
        **{f"kept {name}": values.tobytes() for name, values in one.kept.items()},
        "bands": one.bands.values.tobytes(),
        "resolution": one.bands.resolution.tobytes(),
    }


def play_case(
    name: str, *, paths: int = 700, threads: int = 1, chunk: int = 256, seed: int = SEED
) -> tuple[Futures, ...]:
    case = read_case(name)
    slots = slots_of(case)
    option = next(iter(case.options))
    rules = [
        RuleToPlay("never", idle_terms(len(slots.slots))),
        RuleToPlay("forecast", ForecastUtilisation(option, 0.8).terms(case, slots)),
    ]
    keep = Keep(("cash", "sold_units"), case.start + 12, case.start + 40)
    return play_rules(
        Prior(case), rules, start=case.start, paths=paths, seed=seed, keep=keep, threads=threads, chunk=chunk
    )


# How it is split does not matter -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["fluxus", "northhall", "paris2006"])
def test_the_same_seed_gives_the_same_bytes_in_any_threads_and_chunks(name: str) -> None:
    reference = [bytes_of(one) for one in play_case(name)]
    for threads, chunk in ((2, 256), (1, 64), (2, 64), (2, 1024), (1, 4096), (5, 4096)):
        assert [bytes_of(one) for one in play_case(name, threads=threads, chunk=chunk)] == reference, (
            threads,
            chunk,
        )


def test_another_seed_gives_other_futures() -> None:
    first, other = play_case("paris2006"), play_case("paris2006", seed=SEED + 1)
    assert bytes_of(first[0])["npv"] != bytes_of(other[0])["npv"]


def test_fewer_paths_are_the_first_of_more() -> None:
    many, few = play_case("northhall", paths=700)[1], play_case("northhall", paths=130)[1]
    for name in OUTCOMES:
        assert many.outcomes[name][:130].tobytes() == few.outcomes[name].tobytes(), name
    assert many.kept["cash"][:, :130].tobytes() == few.kept["cash"].tobytes()


@settings(max_examples=20, derandomize=True, deadline=None, database=None)
@given(first=st.integers(0, 250), count=st.integers(1, 200))
def test_a_stretch_of_paths_alone_equals_the_slice(first: int, count: int) -> None:
    case = read_case("paris2006")
    belief, rule = Prior(case), ForecastUtilisation("paris_c", 0.8).terms(case, slots_of(case))

    def play(start: int, paths: int) -> engine.Played:
        p = belief.parameters(SEED, np.arange(start, start + paths))
        keep = engine.Kept(SERIES, 0, p.months)
        return engine.play_paths(
            p, belief.known(), rule, seed=SEED, paths=np.arange(start, start + paths), keep=keep
        )

    whole, alone = play(0, 450), play(first, count)
    here = slice(first, first + count)
    assert whole.outcomes[:, here].tobytes() == alone.outcomes.tobytes()
    assert whole.annual[:, :, here].tobytes() == alone.annual.tobytes()
    assert whole.kept[:, :, here].tobytes() == alone.kept.tobytes()


# The same futures for every rule -----------------------------------------------------------------


@settings(max_examples=30, derandomize=True, deadline=None, database=None)
@given(company=companies(), month=st.integers(1, 40), later=st.integers(1, 7))
def test_rules_that_differ_from_a_month_on_agree_before_it(company: Company, month: int, later: int) -> None:
    option = company.parameters.halls - 1
    before = company.play(committing(company, option, month + later))
    now = company.play(committing(company, option, month))
    assert before.series[:, :month].tobytes() == now.series[:, :month].tobytes()
    assert before.of("regime").tobytes() == now.of("regime").tobytes()


def committing(company: Company, slot: int, month: int) -> RuleTerms:
    terms = idle_terms(company.parameters.halls)
    when = terms.commit_month.copy()
    when[slot] = month
    return replace(terms, commit_month=when)


def test_rules_meet_the_same_market_to_the_end() -> None:
    never, built = (bundled("fluxus", how).played for how in ("never", "plan"))
    both_alive = (never.of("alive") > 0) & (built.of("alive") > 0)
    assert (built.outcome("commitments") > 0).any()
    for name in ("regime", "bust_probability"):
        assert never.of(name).tobytes() == built.of(name).tobytes(), name
    for name in ("new_customers", "ordered_units"):
        assert (never.of(name) == built.of(name))[both_alive].all(), name


# A rule sees only the past -----------------------------------------------------------------------


def imposed(p: Parameters, month: int) -> Parameters:
    """Return the parameters with another future from ``month`` on: a bust, a crash, everybody leaving."""
    calendar, schedule = p.calendar.array.copy(), p.schedule.array.copy()
    changed = replace(p, calendar=Rows(p.calendar.names, calendar), schedule=Rows(p.schedule.names, schedule))
    changed.calendar.forced_regime[month:] = 2.0
    changed.calendar.price_shock[month:] -= 0.3
    changed.calendar.energy_shock[month:] += 0.3
    for name in ("commencing_customers", "commencing_units", "pipeline_count"):
        getattr(changed.schedule, name)[:, month:] = 3.0
    changed.schedule.lost_share[:, month] = 0.9
    return changed


def assert_blind_to_the_future(company: Company, month: int) -> bool:
    """Play two futures that part in ``month``; return whether anything was committed before it."""
    one = company.played
    other = company.play(parameters=imposed(company.parameters, month))
    assert one.series[:, :month].tobytes() == other.series[:, :month].tobytes()
    # what is committed in a month was decided at the end of the month before
    first, second = one.outcome("first_commitment"), other.outcome("first_commitment")
    assert (np.where(first <= month, first, -1) == np.where(second <= month, second, -1)).all()
    return bool(((first >= 0) & (first <= month)).any())


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(company=companies(), month=st.integers(1, 46))
def test_a_rule_sees_only_the_past(company: Company, month: int) -> None:
    assert_blind_to_the_future(company, month)


@pytest.mark.parametrize("case", ["northhall", "paris2006"])
def test_a_trigger_of_a_bundled_case_sees_only_the_past(case: str) -> None:
    committed = [assert_blind_to_the_future(bundled(case, "trigger"), month) for month in (3, 12, 30, 60)]
    assert any(committed)


# Bands -------------------------------------------------------------------------------------------


def counted(sample: Floats, lows: float, highs: float, bins: int) -> Floats:
    place = np.clip((sample - lows) * (bins / (highs - lows)), 0, bins - 1).astype(int)
    return np.bincount(place, minlength=bins)


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(
    sample=arrays.arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6, width=32)),
    bins=st.integers(2, 600),
)
def test_a_quantile_is_the_order_statistic_to_the_width_of_a_bin(sample: Floats, bins: int) -> None:
    lows, highs = ranges(sample[None, None, :])
    counts = counted(sample, float(lows[0, 0]), float(highs[0, 0]), bins)
    found = quantiles(counts[None, None, :].astype(np.int64), lows, highs)[0, :, 0]
    exact = np.quantile(sample, np.array(PERCENTS) / 100, method="inverted_cdf")
    width = float((highs - lows)[0, 0]) / bins
    assert (np.abs(found - exact) <= width * (1 + 1e-9)).all()


@settings(max_examples=50, derandomize=True, deadline=None, database=None)
@given(seed=st.integers(0, 2**31), parts=st.integers(1, 9))
def test_counts_add_up_whoever_counted(seed: int, parts: int) -> None:
    sample = np.random.default_rng(seed).normal(size=500)
    whole = counted(sample, -4, 4, 64)
    split = sum(counted(part, -4, 4, 64) for part in np.array_split(sample, parts))
    assert (whole == split).all()


def test_the_bands_of_poisson_orders_are_its_quantiles() -> None:
    """A market without growth, noise or regimes orders Poisson(20) each month.

    The count k at a percent p of n paths has F(k) >= p and F(k - 1) < p up to four standard errors
    sqrt(p (1 - p) / n); the band lies within the width of a bin of it.
    """
    mean, paths = 20.0, 16_384
    p = calm_company(mean)
    [one] = play_rules(
        Shared(p), [RuleToPlay("never", idle_terms(p.halls))], start=START, paths=paths, seed=SEED, threads=1
    )
    band = one.bands.of("new_customers")
    width = float(one.bands.resolution[one.bands.series.index("new_customers")])
    assert width < 0.5
    nearest = np.rint(band)
    assert (np.abs(band - nearest) <= width * (1 + 1e-9)).all()
    share = np.array(PERCENTS)[:, None] / 100
    error = 4 * np.sqrt(share * (1 - share) / paths)
    assert (stats.poisson.cdf(nearest, mean) >= share - error).all()
    assert (stats.poisson.cdf(nearest - 1, mean) <= share + error).all()


def calm_company(orders: float) -> Parameters:
    """Return one path of Paris with one segment's orders at a constant mean and nobody else's."""
    p = Prior(read_case("paris2006")).known()
    segment, regimes = p.segment.array.copy(), p.segment_regime.array.copy()
    schedule = np.zeros_like(p.schedule.array)
    changed = replace(
        p,
        segment=Rows(p.segment.names, segment),
        segment_regime=Rows(p.segment_regime.names, regimes),
        schedule=Rows(p.schedule.names, schedule),
    )
    changed.segment.set("volatility", 0.0)
    changed.segment.log_intensity[:] = -700.0
    changed.segment.log_intensity[0] = np.log(orders)
    changed.segment_regime.set("growth", 0.0)
    changed.segment_regime.set("log_level", 0.0)
    changed.firm.set("cash", 1e12)
    return changed


# Memory ------------------------------------------------------------------------------------------


def test_memory_grows_only_by_the_outcomes_and_years_of_a_path() -> None:
    """Bands are counted, not stored: a path leaves 8 bytes an outcome and 8 a line and calendar year."""
    case = read_case("paris2006")
    belief = Prior(case)
    known = belief.known()
    rule = [RuleToPlay("never", idle_terms(known.halls))]

    def peak(paths: int) -> int:
        tracemalloc.start()
        play_rules(belief, rule, start=case.start, paths=paths, seed=SEED, threads=1, chunk=16 * LANES)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    few, many = 4_096, 20_480
    peak(few)
    a_path = 8 * (len(OUTCOMES) + len(ANNUAL) * known.years)
    # two per cent: a future of the pool weighs 2 KB a chunk of 1,024 paths
    grown = (peak(many) - peak(few)) / (many - few)
    assert 0.98 * a_path <= grown <= 1.02 * a_path + 2_048 / (16 * LANES)


@pytest.mark.slow
def test_a_million_paths_of_a_small_case_fit_in_a_gigabyte() -> None:
    code = """
        from secondhall.belief import Prior
        from secondhall.case import read_case
        from secondhall.company import idle_terms
        from secondhall.futures import RuleToPlay, play_rules
        case = read_case("paris2006")
        belief = Prior(case)
        rule = RuleToPlay("never", idle_terms(belief.known().halls))
        [one] = play_rules(belief, [rule], start=case.start, paths=1_000_000, seed=7)
        assert one.outcomes["npv"].size == 1_000_000
        status = open("/proc/self/status").read()
        print(status.split("VmHWM:")[1].split()[0])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={"PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == 0, done.stderr
    assert 1024 * int(done.stdout) < 1e9
