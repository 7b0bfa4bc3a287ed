"""Sequential Monte Carlo on simulated pasts: from the statements of a case to what the facts leave of them.

The state of a particle is (x, b): the normal scores of the unknowns, and what chance holds, that is the path
of the regimes and a block of L simulated pasts l that have it in common. With figures v_k, their standard
deviations s_k, readings y_k and a tolerance t

    K_t(x, b, l) = exp(-1/2 sum_k ((y_k(x, b, l) - v_k)/(s_k t))^2)
    target_t(x, b) ∝ N(x; 0, I) p(b | x) (1/L) sum_l K_t(x, b, l)

At t = 1 the kernel is the figures' own error of measurement, so the target is no approximation: the mean
over l is an unbiased estimate of the likelihood, and drawing l in proportion to K_1 gives the exact posterior
of (x, past). The tolerance falls so that a share of the particles keeps its weight; each level is followed by
moves that leave its target as it is.

A move proposes a new past *and* the scores that go with it. Scores split into x = (z, c): z along the few
directions in which the figures move, c across. Each particle also lives its past at a reference z_0, and a
linear model y_l(z) = y_l(z_0) + J (z - z_0), R = diag((s t)^2), gives what each past would ask of z:

    q(z | b, c) = sum_l w_l N(z; m_l, P),  P = (I + J' R^-1 J)^-1,  m_l = P J' R^-1 r_l,
    r_l = v - y_l(z_0) + J z_0,            w_l ∝ N(r_l; 0, J J' + R)

    whole:   the block new, same regimes, c' = c;       z' from q(. | b', c')
    turn:    some months of regimes drawn anew;         z' from q(. | b', c')
    across:  b' = b, some of x drawn anew;              z' from q(. | b', c')
    along:   b' = b, c' = c;                            z' a step of Crank-Nicolson around the particles

accepted by Metropolis and Hastings with target and q, so that a poor linear model costs acceptance and
nothing else. J is a regression on pairs of lives with the same chance.

Sources: Wilkinson, *Stat. Appl. Genet. Mol. Biol.* 12 (2013) 129 (measurement error as the kernel); Andrieu
and Roberts, *Ann. Stat.* 37 (2009) 697 (an unbiased likelihood); Del Moral, Doucet and Jasra, *J. R. Stat.
Soc. B* 68 (2006) 411, and *Stat. Comput.* 22 (2012) 1009 (the levels); Cotter, Roberts, Stuart and White,
*Stat. Sci.* 28 (2013) 424, and Cui, Law and Marzouk, *J. Comput. Phys.* 304 (2016) 109 (the moves).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from secondhall.company.layout import Floats, Truths
from secondhall.company.parameters import Integers

__all__ = ["Sampled", "Sampler", "Settings", "log_likelihood"]


class Pasts(Protocol):
    """What is lived: pasts that are a function of scores [particle, unknown] and of what chance holds.

    What chance holds is [particle, number] whole numbers, as the pasts understand them.
    """

    def live(self, scores: Floats, chances: Integers) -> Floats:
        """Return readings [particle, figure, lane]."""

    def draw(self, scores: Floats, rng: np.random.Generator) -> Integers:
        """Draw what chance holds, as probable as it is at these scores."""

    def renew(self, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw anew what is as probable at any scores; the rest stays."""

    def turn(self, scores: Floats, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw a part of the rest anew, given what stays of it and the scores."""

    def log_probability(self, scores: Floats, chances: Integers) -> Floats:
        """Return [particle] of the log-probability of what `renew` leaves."""


Level = Callable[[float], None]
"""Called with the share of the way that is done."""

PAIRS = 1500
"""Pairs of lives that the linear model is fitted to: the latest ones."""

COARSE = 4.0
"""Above this tolerance one life at the particles' middle is reference enough."""

FEWEST = 0.03
"""Least share of the scores that a move across draws anew."""

RIDGE = 0.03
"""Of the mean square of a score, added to each: directions that the pairs hardly tried count as blind."""

BENDING = 5.0
"""A figure of so many deviations is seen through its logarithm: money and posts are nearly linear in it."""

WIDEST = 1e4
"""A tolerance at which every past will do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much work is done.

    Attributes
    ----------
    first
        draws of the prior to begin with.
    particles
        kept from then on.
    kept
        share of the particles that must keep their weight when the tolerance falls.
    sweeps
        sweeps of all moves at each level.
    last_sweeps
        sweeps at the last level before each snapshot.
    snapshots
        how often the particles are taken down at the last level; draws are particles x snapshots.
    levels
        after so many, the sampler gives up and says how far it came.
    """

    first: int = 500
    particles: int = 100
    kept: float = 0.4
    sweeps: int = 1
    last_sweeps: int = 5
    snapshots: int = 5
    levels: int = 60


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """What one run found.

    Attributes
    ----------
    scores
        [draw, unknown].
    chances, lanes
        [draw, number], [draw] the past of each draw.
    readings
        [draw, figure] of that past.
    tolerance
        the last one; 1 is exact.
    acceptance
        shares of the moves accepted at the last level: whole, turn, across, along.
    levels
        tolerances gone through.
    """

    scores: Floats
    chances: Integers
    lanes: Integers
    readings: Floats
    tolerance: float
    acceptance: tuple[float, ...]
    levels: tuple[float, ...]


def misfits(readings: Floats, figures: Floats, deviations: Floats) -> Floats:
    """Return [particle, lane] of sum_k ((y_k - v_k)/s_k)^2."""
    gaps = (readings - figures[None, :, None]) / deviations[None, :, None]
    total: Floats = np.einsum("pkl,pkl->pl", gaps, gaps)
    return total


def log_likelihood(misfit: Floats, tolerance: float) -> Floats:
    """Return [particle] of ln (1/L) sum_l K_t, of misfits [particle, lane]."""
    powers = -0.5 * misfit / tolerance**2
    top = powers.max(axis=1)
    found: Floats = top + np.log(np.exp(powers - top[:, None]).mean(axis=1))
    return found


@dataclass
class Sampler:
    """One run, independent of any other.

    Attributes
    ----------
    pasts
        what is lived.
    figures, deviations
        [figure].
    smooth
        [unknown] True where the figures move smoothly with the score when the chance stays: what bends the
        regimes or the counts of customers makes them jump, and only costs the linear model its use.
    rng
        where all chance of the run comes from.
    settings
        how much work is done.
    level
        called with the share of the way that is done.
    """

    pasts: Pasts
    figures: Floats
    deviations: Floats
    smooth: Truths
    rng: np.random.Generator
    settings: Settings = field(default_factory=Settings)
    level: Level = lambda _: None

    def run(self) -> Sampled:
        """Lower the tolerance to 1, or as far as it goes, and take down the particles."""
        settings = self.settings
        self._begin()
        levels: list[float] = []
        while self.tolerance > 1.0 and len(levels) < settings.levels:
            self._lower()
            levels.append(self.tolerance)
            self.level(self._done())
            for _ in range(settings.sweeps):
                self._sweep()
        taken, rates = [], []
        for _ in range(settings.snapshots):
            self._explore()
            self._aim()
            rates += [self._sweep() for _ in range(settings.last_sweeps)]
            taken.append(self._snapshot())
        scores, chances, lanes, readings = (
            np.stack(rows, axis=1).reshape(-1, *rows[0].shape[1:]) for rows in zip(*taken, strict=True)
        )
        self.level(1.0)
        return Sampled(
            scores=scores,
            chances=chances,
            lanes=lanes,
            readings=readings,
            tolerance=self.tolerance,
            acceptance=tuple(float(rate) for rate in np.mean(rates, axis=0)),
            levels=tuple(levels),
        )

    def _begin(self) -> None:
        count = self.settings.first
        self.unknowns = len(self.smooth)
        self.bent = self.figures > BENDING * self.deviations
        self.bent_figures = self._bend(self.figures[None, :, None])[0, :, 0]
        self.scores = self.rng.standard_normal((count, self.unknowns))
        self.chances = self.pasts.draw(self.scores, self.rng)
        self.readings = self.pasts.live(self.scores, self.chances)
        self.misfit = self._misfits(self.readings)
        self.tolerance = WIDEST
        self.step = 0.5
        self._pairs: list[tuple[Floats, Floats]] = []
        some = slice(0, count // 2)
        beside = self.scores[some] + 0.5 * self.smooth * self.rng.standard_normal((count // 2, self.unknowns))
        self._remember(
            self.scores[some], self.readings[some], beside, self.pasts.live(beside, self.chances[some])
        )

    def _misfits(self, readings: Floats) -> Floats:
        return misfits(readings, self.figures, self.deviations)

    def _bend(self, readings: Floats) -> Floats:
        """Return readings in deviations, the logarithm of those that are large beside their deviation."""
        bent = self.bent[None, :, None]
        share = np.maximum(readings / np.where(self.bent, self.figures, 1.0)[None, :, None], 0.01)
        size = np.where(self.bent, self.figures, 1.0)[None, :, None] / self.deviations[None, :, None]
        return np.where(bent, np.log(share) * size, readings / self.deviations[None, :, None])

    def _done(self) -> float:
        return 1.0 - math.log(max(self.tolerance, 1.0)) / math.log(WIDEST)

    def _remember(self, x: Floats, y: Floats, others: Floats, theirs: Floats) -> None:
        """Keep pairs of lives with the same chance: how the nearest past moves with the scores."""
        nearest = self._misfits(theirs).argmin(axis=1)
        rows = np.arange(len(x))
        near = self._bend(theirs)[rows, :, nearest] - self._bend(y)[rows, :, nearest]
        self._pairs.append(((others - x)[:, self.smooth], near))
        while sum(len(step) for step, _ in self._pairs) - len(self._pairs[0][0]) >= PAIRS:
            self._pairs.pop(0)

    def _lower(self) -> None:
        """Lower the tolerance until the wished share keeps its weight; resample."""
        before = log_likelihood(self.misfit, self.tolerance)
        wished = self.settings.kept * self.settings.particles

        def weights(tolerance: float) -> Floats:
            powers = log_likelihood(self.misfit, tolerance) - before
            shares = np.exp(powers - powers.max())
            return np.asarray(shares / shares.sum())

        def size(tolerance: float) -> float:
            return float(1.0 / np.square(weights(tolerance)).sum())

        low, high = 0.0, math.log(self.tolerance)
        if size(1.0) >= wished:
            high = 0.0
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if size(math.exp(middle)) < wished else (low, middle)
        self.tolerance = math.exp(high)
        chosen = systematic(weights(self.tolerance), self.settings.particles, self.rng)
        for name in ("scores", "chances", "readings", "misfit"):
            setattr(self, name, getattr(self, name)[chosen])
        self._explore()
        self._aim()

    def _explore(self) -> None:
        """Live the same pasts a little beside, in all smooth directions: what the linear model rests on."""
        kick = self.rng.standard_normal(self.scores.shape) * self.smooth
        beside = self.scores + min(0.5, 0.1 * self.tolerance) * kick
        self._remember(self.scores, self.readings, beside, self.pasts.live(beside, self.chances))

    def _aim(self) -> None:
        """Find the directions that the figures see, and what the linear model says along them."""
        steps = np.concatenate([step for step, _ in self._pairs])
        moves = np.concatenate([move for _, move in self._pairs])
        near = 1.0 / (1.0 + np.square(moves / self.tolerance).mean(axis=1))
        weighted = steps * near[:, None]
        gram = weighted.T @ steps
        slopes = np.linalg.solve(
            gram + RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram)), weighted.T @ moves
        )
        left, _, _ = np.linalg.svd(slopes, full_matrices=False)
        self.basis = np.zeros((self.unknowns, left.shape[1]))
        self.basis[self.smooth] = left
        self.slopes = slopes.T @ left
        along = self.scores @ self.basis
        self.reference = along.mean(axis=0)
        width = along.shape[1]
        spread = np.atleast_2d(np.cov(along, rowvar=False)) + 1e-6 * np.eye(width)
        self.root = np.linalg.cholesky(spread)
        self._loosen(moves - steps @ slopes, near)
        self.lives, self.references = self._lived(self.scores, self.chances)

    def _loosen(self, errors: Floats, near: Floats) -> None:
        """Set the linear model's own error beside the figures'; prepare its Gaussians."""
        own = np.average(np.minimum(np.square(errors), 9.0 * self.tolerance**2), axis=0, weights=near)
        noise = self.tolerance**2 + own
        width = self.slopes.shape[1]
        self.gain_precision = np.eye(width) + (self.slopes.T / noise) @ self.slopes
        self.gain = np.linalg.solve(self.gain_precision, self.slopes.T / noise)
        self.gain_root = np.linalg.cholesky(np.linalg.inv(self.gain_precision))
        self.predicted = np.linalg.cholesky(self.slopes @ self.slopes.T + np.diag(noise))

    def _lived(self, scores: Floats, chances: Integers) -> tuple[Floats, Floats]:
        """Return readings [particle, figure, lane] at a reference, and the reference [particle, direction].

        The reference is what the nearest past asks for when it is lived at the particles' middle; at a coarse
        tolerance it is the middle itself.
        """
        across = scores - (scores @ self.basis) @ self.basis.T
        middle = np.broadcast_to(self.reference, (len(scores), len(self.reference)))
        lives = self.pasts.live(across + middle @ self.basis.T, chances)
        if self.tolerance > COARSE:
            return lives, middle
        weights, means = self._asked(lives, middle)
        asked = means[np.arange(len(scores)), weights.argmax(axis=1)]
        return self.pasts.live(across + asked @ self.basis.T, chances), asked

    def _asked(self, lives: Floats, references: Floats) -> tuple[Floats, Floats]:
        """Return the log-weights [particle, lane] and the means [particle, lane, direction] of q."""
        gaps = self.bent_figures[:, None] - self._bend(lives)
        gaps += (references @ self.slopes.T)[:, :, None]
        residuals = np.moveaxis(gaps, 1, -1)
        whitened = np.linalg.solve(self.predicted, residuals.reshape(-1, residuals.shape[-1]).T)
        powers = -0.5 * np.square(whitened).sum(axis=0).reshape(residuals.shape[:2])
        powers -= powers.max(axis=1, keepdims=True)
        return powers - np.log(np.exp(powers).sum(axis=1, keepdims=True)), residuals @ self.gain.T

    def _log_q(self, along: Floats, weights: Floats, means: Floats) -> Floats:
        """Return [particle] of ln q(z | b, c), up to a constant."""
        away = along[:, None, :] - means
        powers = weights - 0.5 * np.einsum("pli,ij,plj->pl", away, self.gain_precision, away)
        top = powers.max(axis=1)
        found: Floats = top + np.log(np.exp(powers - top[:, None]).sum(axis=1))
        return found

    def _sweep(self) -> tuple[float, ...]:
        """Make each kind of move once; return the shares accepted."""
        whole = self._jump(self.scores, self.pasts.renew(self.chances, self.rng))
        turn = self._jump(self.scores, self.pasts.turn(self.scores, self.chances, self.rng))
        return whole, turn, self._refresh(), self._step_along()

    def _refresh(self) -> float:
        """Draw some of the scores anew, many on some particles and few on others; the past stays."""
        share = np.exp(self.rng.uniform(math.log(FEWEST), math.log(0.5), len(self.scores)))[:, None]
        fresh = self.rng.random(self.scores.shape) < share
        beside = np.where(fresh, self.rng.standard_normal(self.scores.shape), self.scores)
        held = self.pasts.log_probability(beside, self.chances)
        held -= self.pasts.log_probability(self.scores, self.chances)
        return self._jump(beside, self.chances, held)

    def _jump(self, scores: Floats, chances: Integers, held: Floats | float = 0.0) -> float:
        """Propose a past, what lies across, and the z that both ask for."""
        lives, references = self._lived(scores, chances)
        weights, means = self._asked(lives, references)
        below = np.cumsum(np.exp(weights), axis=1)
        lanes = (below < self.rng.random(len(below))[:, None] * below[:, -1:]).sum(axis=1)
        kick = self.rng.standard_normal((len(scores), self.basis.shape[1])) @ self.gain_root.T
        moved = means[np.arange(len(lanes)), lanes] + kick
        along = self.scores @ self.basis
        proposed = scores + (moved - scores @ self.basis) @ self.basis.T
        prior = 0.5 * (np.square(along).sum(axis=1) - np.square(moved).sum(axis=1))
        chance = self._log_q(along, *self._asked(self.lives, self.references)) - self._log_q(
            moved, weights, means
        )
        beside = scores + (references - scores @ self.basis) @ self.basis.T
        readings = self.pasts.live(proposed, chances)
        self._remember(beside, lives, proposed, readings)
        return self._decide(proposed, chances, prior + chance + held, (lives, references), readings)

    def _step_along(self) -> float:
        """Propose another z with the same past: a step around where the particles stand."""
        count, width = len(self.scores), self.basis.shape[1]
        reach = np.minimum(1.0, self.step * np.exp(0.5 * self.rng.standard_normal(count)))[:, None]
        along = self.scores @ self.basis
        kick = self.rng.standard_normal((count, width)) @ self.root.T
        moved = self.reference + np.sqrt(1.0 - reach**2) * (along - self.reference) + reach * kick
        proposed = self.scores + (moved - along) @ self.basis.T
        prior = self._against_reference(moved) - self._against_reference(along)
        readings = self.pasts.live(proposed, self.chances)
        self._remember(self.scores, self.readings, proposed, readings)
        lived = self.lives, self.references
        accepted = self._decide(proposed, self.chances, prior, lived, readings)
        self.step = float(np.clip(self.step * math.exp(accepted - 0.25), 0.02, 2.0))
        return accepted

    def _against_reference(self, along: Floats) -> Floats:
        """Return ln N(z; 0, I) - ln N(z; z_0, C), up to a constant."""
        whitened = np.linalg.solve(self.root, (along - self.reference).T)
        ratio: Floats = 0.5 * (np.square(whitened).sum(axis=0) - np.square(along).sum(axis=1))
        return ratio

    def _decide(
        self, scores: Floats, chances: Integers, ratio: Floats, lived: tuple[Floats, Floats], readings: Floats
    ) -> float:
        """Accept or refuse."""
        misfit = self._misfits(readings)
        gain = log_likelihood(misfit, self.tolerance) - log_likelihood(self.misfit, self.tolerance) + ratio
        yes = np.log(self.rng.random(len(scores))) < gain
        self.scores = np.where(yes[:, None], scores, self.scores)
        self.chances = np.where(yes[:, None], chances, self.chances)
        self.readings = np.where(yes[:, None, None], readings, self.readings)
        self.lives = np.where(yes[:, None, None], lived[0], self.lives)
        self.references = np.where(yes[:, None], lived[1], self.references)
        self.misfit = np.where(yes[:, None], misfit, self.misfit)
        return float(yes.mean())

    def _snapshot(self) -> tuple[Floats, Integers, Integers, Floats]:
        """Draw one past of each particle's block, in proportion to how near it comes."""
        powers = -0.5 * self.misfit / self.tolerance**2
        shares = np.exp(powers - powers.max(axis=1, keepdims=True))
        below = np.cumsum(shares, axis=1)
        lanes = (below < self.rng.random(len(below))[:, None] * below[:, -1:]).sum(axis=1)
        return self.scores, self.chances, lanes, self.readings[np.arange(len(lanes)), :, lanes]


def systematic(weights: Floats, count: int, rng: np.random.Generator) -> Integers:
    """Return `count` indices drawn in proportion to weights that sum to 1, with the least noise."""
    points = (np.arange(count) + rng.random()) / count
    chosen: Integers = np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)
    return chosen
