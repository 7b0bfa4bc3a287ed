"""The sampler of simulated pasts: closed forms, calibration on a small company, identities."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from tests.cases import SMALL_HISTORY

from secondhall.belief.facts.explain import explain
from secondhall.belief.facts.history import PATHS, History, Lives, history_of
from secondhall.belief.facts.measure import Target, targets_of
from secondhall.belief.facts.sampler import Sampler, Settings, likeness
from secondhall.belief.resampling import systematic
from secondhall.case import Fact, read_case
from secondhall.company.chance import Chance
from secondhall.company.layout import Floats
from secondhall.company.parameters import Integers
from secondhall.months import Month

SLOPE = np.array([2.0, -1.0, 0.5])
CHANCE = 0.7
FIGURE, DEVIATION = 4.0, 0.5


class Linear:
    """One figure that is linear in the scores, plus chance; no regimes."""

    def live(self, scores: Floats, chances: Integers) -> Floats:
        noise = Chance(1, chances[:, 0]).normals(0, 1, 0)[0]
        readings: Floats = (scores[:, :3] @ SLOPE + CHANCE * noise)[:, None]
        return readings

    def draw(self, scores: Floats, rng: np.random.Generator) -> Integers:
        return rng.integers(0, PATHS, (len(scores), 1))

    def renew(self, chances: Integers, rng: np.random.Generator) -> Integers:
        return rng.integers(0, PATHS, chances.shape)

    def turn(self, scores: Floats, chances: Integers, rng: np.random.Generator) -> Integers:
        return chances

    def log_probability(self, scores: Floats, chances: Integers) -> Floats:
        return np.zeros(len(scores))


def test_one_linear_gaussian_figure_gives_the_posterior_of_the_textbook() -> None:
    """x ~ N(0, I), y = a'x + e, v = y + m: a'x is Gaussian with known mean and variance.

    The two runs are independent, so the difference of each from the truth is a standard error of its
    effective draws; 5 of them. Draws of a run are correlated: their number is taken as the particles'.
    """
    prior = float(SLOPE @ SLOPE)
    noise = CHANCE**2 + DEVIATION**2
    mean, variance = prior * FIGURE / (prior + noise), prior * noise / (prior + noise)
    settings = Settings(first=800, particles=400, snapshots=1, last_sweeps=20)
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        figures, deviations = np.array([FIGURE]), np.array([DEVIATION])
        run = Sampler(Linear(), figures, deviations, np.ones(3, dtype=bool), rng, settings).run()
        along = run.scores @ SLOPE
        assert run.tolerance == 1.0
        assert abs(along.mean() - mean) < 5 * np.sqrt(variance / settings.particles)
        assert abs(along.var() / variance - 1) < 5 * np.sqrt(2 / settings.particles)
        # The past itself: y given v has the variance of the kernel and the rest in parallel.
        total = prior + CHANCE**2
        of_reading = total * DEVIATION**2 / (total + DEVIATION**2)
        gap = run.readings[:, 0].mean() - total * FIGURE / (total + DEVIATION**2)
        assert abs(gap) < 5 * np.sqrt(of_reading / settings.particles)


@pytest.mark.parametrize("move", ["renew", "across", "bend", "along"])
def test_each_move_alone_leaves_the_posterior_as_it_is(move: str) -> None:
    """Begin with weighed draws of the statements at tolerance 1, then make one kind of move, ten times.

    A coordinate that the figure does not see is watched too, and the third, which the figure sees but the
    sampler takes for one that bends. The draws are worth a fifth of the particles, as the weights keep more
    than that; 5 standard errors.
    """
    settings = Settings(first=12_000, particles=4_000, kept=0.2)
    smooth = np.array([True, True, False, False])

    rng = np.random.default_rng(12)
    sampler = Sampler(Linear(), np.array([FIGURE]), np.array([DEVIATION]), smooth, rng, settings)
    sampler.begin()
    sampler.lower()
    assert sampler.tolerance == 1.0
    accepted = [getattr(sampler, move)() for _ in range(10)]
    assert 0.1 < np.mean(accepted) <= 1.0
    prior, noise = float(SLOPE @ SLOPE), CHANCE**2 + DEVIATION**2
    mean, variance = prior * FIGURE / (prior + noise), prior * noise / (prior + noise)
    seen, blind = sampler.scores[:, :3] @ SLOPE, sampler.scores[:, 3]
    third = sampler.scores[:, 2]
    worth = settings.particles / 5
    assert abs(seen.mean() - mean) < 5 * np.sqrt(variance / worth)
    assert abs(seen.var() / variance - 1) < 5 * np.sqrt(2 / worth)
    assert abs(blind.mean()) < 5 / np.sqrt(worth)
    assert abs(blind.var() - 1) < 5 * np.sqrt(2 / worth)
    assert abs(third.mean() - SLOPE[2] * FIGURE / (prior + noise)) < 5 / np.sqrt(worth)
    assert abs(third.var() - (1 - SLOPE[2] ** 2 / (prior + noise))) < 5 * np.sqrt(2 / worth)


def test_a_score_that_moves_nothing_keeps_its_prior() -> None:
    rng = np.random.default_rng(3)
    smooth = np.array([True, True, True, True, False])

    settings = Settings(first=800, particles=400, snapshots=1, last_sweeps=20)
    run = Sampler(Linear(), np.array([FIGURE]), np.array([DEVIATION]), smooth, rng, settings).run()
    for column in (3, 4):
        assert abs(run.scores[:, column].mean()) < 5 / np.sqrt(settings.particles)
        assert abs(run.scores[:, column].var() - 1) < 5 * np.sqrt(2 / settings.particles)


def test_particles_are_alike_until_they_move_on() -> None:
    rng = np.random.default_rng(4)
    before = rng.standard_normal((400, 20))
    noise = rng.standard_normal((400, 20))
    assert likeness(before, before) == pytest.approx(1.0)
    # 20 correlations of 400 independent pairs: each is normal with deviation 1/20, one in a thousand above 4.
    assert likeness(before, noise) < 0.2
    one = noise.copy()
    one[:, 7] = 0.6 * before[:, 7] + 0.8 * noise[:, 7]
    assert abs(likeness(before, one) - 0.6) < 0.2


def test_systematic_choice_is_within_one_of_its_weight() -> None:
    weights = np.random.default_rng(5).dirichlet(np.ones(20))
    counts = np.bincount(systematic(weights, 100, np.random.default_rng(6)), minlength=20)
    assert (np.abs(counts - 100 * weights) < 1.0 + 1e-9).all()


def small_case(folder: Path) -> History:
    (folder / "case.yaml").write_text(SMALL_HISTORY, encoding="utf-8")
    case = read_case(folder)
    return history_of(case, case.start, seed=11)


def fact(quantity: str, period: str, first: Month, months: int, deviation: float) -> Fact:
    return Fact(
        fact=quantity,
        quantity=quantity,
        period=period,
        first=first,
        last=first + (months - 1),
        value=1.0,
        unit=None,
        standard_deviation=deviation,
        published=None,
        words="",
        source="",
    )


def small_targets(history: History) -> tuple[Target, ...]:
    since = history.case.start
    facts = (
        fact("revenue", "2000", since, 12, 30_000.0),
        fact("revenue", "2001", since + 12, 12, 50_000.0),
        fact("customers", "2001-12", since + 23, 1, 4.0),
    )
    return targets_of(facts, since=since, until=since + history.months)


@pytest.mark.slow
def test_ranks_of_the_truth_are_uniform_on_a_small_company(tmp_path: Path) -> None:
    """Simulation-based calibration (Talts et al. 2018): facts are made from draws of the statements.

    Ranks of the truth among the draws are uniform; chi-square of eight bins over all unknowns, a false alarm
    in a thousand. The unknowns of one replication are not independent after the facts, so each is tested by
    itself, with the level shared out.
    """
    history = small_case(tmp_path)
    targets = small_targets(history)
    deviations = np.array([target.deviation for target in targets])
    settings = Settings(first=300, particles=60, snapshots=1, last_sweeps=20)
    replications, thinned, bins = 80, 15, 8
    ranks = np.zeros((replications, len(history.unknowns)), dtype=int)
    for turn in range(replications):
        rng = np.random.default_rng([77, turn])
        truth = rng.standard_normal((1, len(history.unknowns)))
        lives = Lives(history, targets)
        lived = lives.live(truth, lives.draw(truth, rng))[0]
        figures = lived + deviations * rng.standard_normal(len(targets))
        run = Sampler(lives, figures, deviations, history.smooth, rng, settings).run()
        chosen = rng.choice(len(run.scores), thinned, replace=False)
        ranks[turn] = (run.scores[chosen] < truth).sum(axis=0)
    expected = replications / bins
    from scipy.stats import chi2

    level = chi2.ppf(1 - 1e-3 / len(history.unknowns), bins - 1)
    for column in range(ranks.shape[1]):
        counts = np.bincount(ranks[:, column] * bins // (thinned + 1), minlength=bins)
        assert ((counts - expected) ** 2 / expected).sum() < level, list(history.unknowns)[column]


TINY = Settings(first=32, particles=16, snapshots=1, sweeps=1, last_sweeps=1, levels=1)


def test_nothing_published_later_leaks_into_what_is_learned() -> None:
    case = read_case("fluxus")
    until = Month.parse("2000-04")
    later = tuple(
        dataclasses.replace(item, value=None if item.value is None else 3.0 * item.value + 1.0)
        if item.known_from > until
        else item
        for item in case.facts
    )
    assert later != case.facts
    one = explain(case, until=until, seed=5, settings=TINY)
    other = explain(dataclasses.replace(case, facts=later), until=until, seed=5, settings=TINY)
    assert np.array_equal(one.scores, other.scores)
    assert np.array_equal(one.chances, other.chances)


def test_another_known_fact_changes_what_is_learned() -> None:
    """The twin of the test above: had the facts no effect at all, that one would pass too."""
    case = read_case("fluxus")
    until = Month.parse("2000-04")
    known = tuple(dataclasses.replace(item, value=9.0) if item.fact == "2" else item for item in case.facts)
    one = explain(case, until=until, seed=5, settings=TINY)
    other = explain(dataclasses.replace(case, facts=known), until=until, seed=5, settings=TINY)
    assert not np.array_equal(one.scores, other.scores)
