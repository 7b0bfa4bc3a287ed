"""``secondhall bench`` says how the engine stands, in ratios; its plain Python is the engine, uncompiled."""

import json

import numpy as np
import pytest

from secondhall.cli import bench
from secondhall.company import engine, idle_terms
from secondhall.company.bench import Subject, draw_calls, fastest, shortened, uncompiled
from secondhall.company.chance import Chance
from secondhall.company.layout import LANES, SERIES
from secondhall.company.oracle.play import play

TINY = bench.Size(
    engine_paths=128,
    rounds=1,
    floor_blocks=1,
    oracle_paths=64,
    plain_months=1,
    growing=(64, 128),
)


def test_bench_prints_every_ratio_with_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    bench.run_bench(million=False, as_json=False, size=TINY)
    said = capsys.readouterr().out
    for words in (
        "random draws alone",
        "NumPy oracle / engine",
        "plain Python / engine",
        "128 paths / 64 paths",
    ):
        assert words in said
    for target in ("at most 6", "at least 5", "at least 100", "at most 1.25"):
        assert target in said


def test_bench_gives_machines_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    bench.run_bench(million=False, as_json=True, size=TINY)
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert [figure["target"] for figure in figures] == [6, 5, 100, 1.25]
    for figure in figures:
        quotient = figure["nanoseconds"] / figure["against"]
        assert figure["ratio"] == pytest.approx(quotient)
        assert figure["met"] == (
            figure["ratio"] <= figure["target"] if figure["at_most"] else figure["ratio"] >= figure["target"]
        )


def test_a_figure_is_judged_on_the_right_side_of_its_bound() -> None:
    upper = bench.Figure("slow", 7.0, 1.0, 7.0, 6.0, at_most=True)
    lower = bench.Figure("fast", 7.0, 1.0, 7.0, 6.0, at_most=False)
    assert (upper.met, upper.verdict, upper.bound) == (False, "not met", "at most 6")
    assert (lower.met, lower.verdict, lower.bound) == (True, "met", "at least 6")


def test_the_least_of_several_runs_counts_and_jobs_take_turns() -> None:
    order: list[str] = []

    def slow_at_first() -> None:
        order.append("a")
        if len(order) == 1:
            sum(range(300_000))

    costs = fastest([(slow_at_first, 10), (lambda: order.append("b"), 10)], rounds=3)
    assert order == ["a", "b"] * 3
    # a loop of 300,000 takes a millisecond at the least, an empty one far below
    assert costs[0].nanoseconds * 10 < 1e6


def test_the_floor_makes_the_very_draws_of_the_company() -> None:
    """To 1e-12, as the samplers and their twin."""
    from secondhall.company.kernels.draws import play_draws

    played = bench.subject(LANES, 6)
    calls = draw_calls(played, seed=3, blocks=1)
    out = np.full((calls.kind.size, 2, LANES), np.nan)
    play_draws(3, 0, 1, calls, out)
    chance = Chance(3, np.arange(LANES))
    given = calls.arguments[0]
    for c in range(calls.kind.size):
        where = (int(calls.month[c]), int(calls.purpose[c]), int(calls.which[c]))
        first, second = given[calls.first[c]], given[calls.second[c]]
        expected = [
            lambda w=where: chance.uniforms(*w)[0],
            lambda w=where: chance.normals(*w)[0],
            lambda w=where, a=first: chance.poisson(*w, a),
            lambda w=where, a=first: chance.gamma(*w, a),
            lambda w=where, a=first, b=second: chance.binomial(*w, a, b),
        ][calls.kind[c]]()
        np.testing.assert_allclose(out[c, 0], expected, rtol=1e-12, atol=1e-13)


def test_every_purpose_of_the_company_is_in_the_floor() -> None:
    """A month: regime, pairs of normals, prices, four a segment. At the start: a regime, two draws a hall."""
    months = 6
    played = bench.subject(LANES, months)
    p = played.known
    pairs = (p.segments + 2) // 2
    known_deals = int((p.schedule.pipeline_count > 0).sum())
    a_month = 1 + pairs + 1 + 4 * p.segments
    calls = draw_calls(played, seed=3, blocks=1)
    assert calls.kind.size == 1 + 2 * p.halls + months * a_month + known_deals


MONTHS = 2

PLAY_UNCOMPILED = f"""
import json
import numba
import numpy as np
from secondhall.cli.bench import subject
from secondhall.company import engine
from secondhall.company.kernels.play import play_blocks
from secondhall.company.layout import LANES, SERIES

assert not hasattr(play_blocks, "signatures"), "compiled after all"
s = subject(LANES, {MONTHS})
keep = engine.Kept(SERIES, 0, {MONTHS})
played = engine.play_paths(s.parameters, s.known, s.rule, seed=7, paths=np.arange(LANES), keep=keep)
print(json.dumps(played.kept.tolist()))
"""


def test_the_engine_uncompiled_gives_the_numbers_of_the_oracle() -> None:
    """The plain Python of the bench is the same source, so it is a third twin: 1e-9, as the compiled one."""
    found = np.array(uncompiled(PLAY_UNCOMPILED))
    played: Subject = bench.subject(LANES, MONTHS)
    series, _, _ = play(played.parameters, played.known, played.rule, Chance(7, np.arange(LANES)))
    floor = 1e-3 * np.abs(series).max(axis=1, keepdims=True)
    assert found.shape == series.shape == (len(SERIES), MONTHS, LANES)
    apart = np.abs(found - series) > 1e-9 * np.maximum(np.abs(series), floor)
    assert not apart.any(), {SERIES[k] for k in np.argwhere(apart)[:, 0]}


def test_a_shortened_company_is_the_first_months_of_the_long_one() -> None:
    long = bench.subject(LANES)
    short = shortened(long.parameters, 5)
    rule = idle_terms(long.known.halls)

    def cash(p, known, months):  # type: ignore[no-untyped-def]
        keep = engine.Kept(("cash",), 0, months)
        return engine.play_paths(p, known, rule, seed=7, paths=np.arange(LANES), keep=keep).kept

    few = cash(short, shortened(long.known, 5), 5)
    assert few.tobytes() == cash(long.parameters, long.known, 5).tobytes()
