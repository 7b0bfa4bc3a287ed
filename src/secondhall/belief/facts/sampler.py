"""Sequential Monte Carlo on simulated pasts: from the statements of a case to what the facts leave of them.

The state of a particle is (x, b): the normal scores of the unknowns, and what chance holds, that is the path
of the regimes and whose chance each month lives. Given both, the past is one, with readings y(x, b). With
figures v_k, their standard deviations s_k and a tolerance t

    target_t(x, b) ∝ N(x; 0, I) p(b | x) K_t(y),   K_t(y) = exp(-1/2 sum_k ((y_k - v_k)/(s_k t))^2)

At t = 1 the kernel is the figures' own error of measurement, so the target is no approximation: it is the
posterior of (x, past). The tolerance falls so that a share of the particles keeps its weight; each level is
followed by moves that leave its target as it is.

A move proposes another chance, or other scores, and carries along what the figures ask for: scores split
into x = (z, c), z along the directions in which the figures move, and by a linear model (`linear`), for which
each particle also lives its past at a reference, the figures ask z to lie around m(b, c):

    renew:   the chance of some months new, c' = c;             z' = z + m(b', c') - m(b, c)
    turn:    some months of regimes drawn anew, c' = c;         z' likewise
    across:  b' = b, a step of Crank-Nicolson in some of c;     z' likewise
    bend:    b' = b, one around the particles' normal law
             in the scores that bend counts;                    z' likewise
    along:   b' = b, c' = c;                                    z' a step of Crank-Nicolson around m(b, c)

accepted by Metropolis and Hastings with the target. All but the last keep what z is off m, so errors of the
model that do not come with the change cancel; others only cost acceptance. Model and normal law are fitted
to the particles, anew every few sweeps: a move is exact for a given fit, the whole in the limit of many
particles (Beskos, Jasra, Kantas and Thiery, *Ann. Appl. Probab.* 26 (2016) 1111).

Sources: Wilkinson, *Stat. Appl. Genet. Mol. Biol.* 12 (2013) 129 (measurement error as the kernel); Del
Moral, Doucet and Jasra, *J. R. Stat. Soc. B* 68 (2006) 411, and *Stat. Comput.* 22 (2012) 1009 (the levels);
Cotter, Roberts, Stuart and White, *Stat. Sci.* 28 (2013) 424, and Cui, Law and Marzouk, *J. Comput. Phys.*
304 (2016) 109 (the moves); Graham and Storkey, *Electron. J. Stat.* 11 (2017) 5105 (chance as an unknown).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from scipy.optimize import brentq

from secondhall.belief.facts.linear import LinearModel
from secondhall.belief.resampling import systematic
from secondhall.company.layout import Floats, Truths
from secondhall.company.parameters import Integers

__all__ = ["FORGOTTEN", "Sampled", "Sampler", "Settings"]


class Pasts(Protocol):
    """What is lived: pasts that are a function of scores [particle, unknown] and of what chance holds.

    What chance holds is [particle, number] whole numbers, as the pasts understand them.
    """

    def live(self, scores: Floats, chances: Integers) -> Floats:
        """Return readings [particle, figure]."""

    def draw(self, scores: Floats, rng: np.random.Generator) -> Integers:
        """Draw what chance holds, as probable as it is at these scores."""

    def renew(self, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw anew a part of what is as probable at any scores; the rest stays."""

    def turn(self, scores: Floats, chances: Integers, rng: np.random.Generator) -> Integers:
        """Draw a part of the rest anew, given what stays of it and the scores."""

    def log_probability(self, scores: Floats, chances: Integers) -> Floats:
        """Return [particle] of the log-probability of what `renew` leaves."""


BENDING = 5.0
"""A figure of so many deviations is seen through its logarithm: money and posts are nearly linear in it."""

WIDEST = 1e4
"""A tolerance at which every past will do."""

SHORTEST_STEP = 0.2
"""Of Crank-Nicolson; the longest is 1, which draws anew."""

ROUNDS = 2
"""Moves of the scores in a sweep, of each kind: they mix last."""

HOLD = 5
"""Sweeps of the last level for which a linear model is kept."""

FORGOTTEN = 0.3
"""Particles whose scores correlate less with what they were have moved on: of a hundred unknowns that are
independent of what they were the largest correlation over 250 particles is about 0.2."""

BELIEVED = 40
"""Particles that the statements are worth beside the cloud, in the normal law of `Sampler.bend`."""


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
        sweeps at the last level before each snapshot, at most: fewer when all has moved on.
    snapshots
        how often the particles are taken down; draws are particles x snapshots.
    levels
        after so many, the sampler gives up and says how far it came.
    """

    first: int = 4000
    particles: int = 250
    kept: float = 0.7
    sweeps: int = 3
    last_sweeps: int = 150
    snapshots: int = 2
    levels: int = 80


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """What one run found.

    Attributes
    ----------
    scores
        [draw, unknown].
    chances
        [draw, number].
    readings
        [draw, figure].
    tolerance
        the last one; 1 is exact.
    acceptance
        shares of the moves accepted at the last level: renew, turn, across, bend, along.
    levels
        tolerances gone through.
    likeness
        the largest correlation of a score with what it was a snapshot before, over the particles.
    """

    scores: Floats
    chances: Integers
    readings: Floats
    tolerance: float
    acceptance: tuple[float, ...]
    levels: tuple[float, ...]
    likeness: float


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
    level: Callable[[float], None] = lambda _: None

    def run(self) -> Sampled:
        """Lower the tolerance to 1, or as far as it goes, and take down the particles."""
        settings = self.settings
        self.begin()
        levels: list[float] = []
        while self.tolerance > 1.0 and len(levels) < settings.levels:
            self.lower()
            levels.append(self.tolerance)
            self.level(0.5 * (1.0 - math.log(self.tolerance) / math.log(WIDEST)))
            for _ in range(settings.sweeps):
                self._sweep()
        self.rates: list[tuple[float, ...]] = []
        taken, alike = [], 0.0
        for snapshot in range(settings.snapshots):
            alike = max(alike, self._forget(snapshot))
            taken.append((self.scores, self.chances, self.readings))
        scores, chances, readings = (
            np.stack(rows, axis=1).reshape(-1, rows[0].shape[1]) for rows in zip(*taken, strict=True)
        )
        return Sampled(
            scores=scores,
            chances=chances,
            readings=readings,
            tolerance=self.tolerance,
            acceptance=tuple(float(rate) for rate in np.mean(self.rates, axis=0)),
            levels=tuple(levels),
            likeness=alike,
        )

    def _forget(self, snapshot: int) -> float:
        """Sweep at the last level until no score tells any more what it was; return how alike they are."""
        before, most, alike = self.scores, self.settings.last_sweeps, 1.0
        for n in range(most):
            if n % HOLD == 0:
                self._aim()
            self.rates.append(self._sweep())
            self.level(0.5 + 0.5 * (snapshot + (n + 1) / most) / self.settings.snapshots)
            if n % HOLD == HOLD - 1 or n == most - 1:
                alike = likeness(before, self.scores)
            if alike < FORGOTTEN:
                break
        return alike

    def begin(self) -> None:
        """Draw pasts from the statements."""
        count = self.settings.first
        self.unknowns = len(self.smooth)
        self.bent = self.figures > BENDING * self.deviations
        self.target = self._bend(self.figures[None])[0]
        self.scores = self.rng.standard_normal((count, self.unknowns))
        self.chances = self.pasts.draw(self.scores, self.rng)
        self.readings = self.pasts.live(self.scores, self.chances)
        self.tolerance = WIDEST

    def lower(self) -> None:
        """Lower the tolerance until the wished share keeps its weight; resample; aim."""
        misfit = self._misfits(self.readings)
        before = self.tolerance

        def weights(tolerance: float) -> Floats:
            powers = -0.5 * misfit * (tolerance**-2 - before**-2)
            shares = np.exp(powers - powers.max())
            return np.asarray(shares / shares.sum())

        def size(tolerance: float) -> float:
            return float(1.0 / np.square(weights(tolerance)).sum())

        wished = self.settings.kept * self.settings.particles
        self.tolerance = 1.0
        if size(1.0) < wished:
            short = brentq(lambda power: size(math.exp(power)) - wished, 0.0, math.log(before))
            self.tolerance = math.exp(short)
        chosen = systematic(weights(self.tolerance), self.settings.particles, self.rng)
        for name in ("scores", "chances", "readings"):
            setattr(self, name, getattr(self, name)[chosen])
        self._aim()

    def _misfits(self, readings: Floats) -> Floats:
        """Return [particle] of sum_k ((y_k - v_k)/s_k)^2."""
        total: Floats = np.square((readings - self.figures) / self.deviations).sum(axis=1)
        return total

    def _bend(self, readings: Floats) -> Floats:
        """Return readings in deviations, the logarithm of those that are large beside their deviation."""
        base = np.where(self.bent, self.figures, 1.0)
        share = np.maximum(readings / base, 0.01)
        return np.where(self.bent, np.log(share) * base / self.deviations, readings / self.deviations)

    def _aim(self) -> None:
        """Live the same pasts a little beside; fit the linear model; live all at its reference."""
        kick = self.rng.standard_normal(self.scores.shape) * self.smooth
        steps = min(0.5, 0.1 * self.tolerance) * kick
        moves = self._bend(self.pasts.live(self.scores + steps, self.chances)) - self._bend(self.readings)
        self.model = LinearModel.fitted(
            self.scores, steps, moves, smooth=self.smooth, tolerance=self.tolerance
        )
        self.asked = self._asked(self.scores, self.chances)
        self._gather()

    def _gather(self) -> None:
        """Fit a normal law to the scores that bend, not all to the cloud: it is small."""
        bent, count = self.scores[:, ~self.smooth], len(self.scores)
        share, own = count / (count + BELIEVED), np.eye(bent.shape[1])
        self.middle = share * bent.mean(axis=0)
        spread = np.atleast_2d(np.cov(bent, rowvar=False)) if bent.shape[1] else own
        self.spread = np.linalg.cholesky(share * spread + (1.0 - share) * own)

    def _asked(self, scores: Floats, chances: Integers) -> Floats:
        """Return m(b, c) [particle, direction]: where the figures ask z to lie, by the linear model."""
        there = self.model.moved(scores, self.model.reference)
        return self.model.asked(self.target, self._bend(self.pasts.live(there, chances)))

    def _sweep(self) -> tuple[float, ...]:
        """Make each kind of move once; return the shares accepted."""
        renewed, turned = self.renew(), self.turn()
        moved = [(self.across(), self.bend()) for _ in range(ROUNDS)]
        across, bent = np.mean(moved, axis=0)
        return renewed, turned, across, bent, self.along()

    def renew(self) -> float:
        """Live some months by another chance; return the share accepted, as all moves do."""
        return self._carry(self.scores, self.pasts.renew(self.chances, self.rng), 0.0)

    def turn(self) -> float:
        """Draw some months of the regimes anew."""
        return self._carry(self.scores, self.pasts.turn(self.scores, self.chances, self.rng), 0.0)

    def across(self) -> float:
        """Step in the directions in which some scores lie, as far as they are across."""
        count = math.ceil(self.unknowns ** self.rng.random())
        some = self.rng.choice(self.unknowns, count, replace=False)
        outside = np.eye(self.unknowns)[:, some] - self.model.basis @ self.model.basis[some].T
        left, sizes, _ = np.linalg.svd(outside, full_matrices=False)
        plane = left[:, sizes > 1e-6]
        before = self.scores @ plane
        step = self._steps()
        after = np.sqrt(1.0 - step**2) * before + step * self.rng.standard_normal(before.shape)
        beside = self.scores + (after - before) @ plane.T
        return self._carry(beside, self.chances, self._held(beside))

    def bend(self) -> float:
        """Step in some directions of what bends counts and regimes, as the cloud lies."""
        bent = ~self.smooth
        size = int(bent.sum())
        if size == 0:
            return 0.0
        before = np.linalg.solve(self.spread, (self.scores[:, bent] - self.middle).T).T
        count = math.ceil(size ** self.rng.random())
        plane, _ = np.linalg.qr(self.rng.standard_normal((size, count)))
        step, along = self._steps(), before @ plane
        moved = np.sqrt(1.0 - step**2) * along + step * self.rng.standard_normal(along.shape)
        after = before + (moved - along) @ plane.T
        beside = self.scores.copy()
        beside[:, bent] = self.middle + after @ self.spread.T
        ratio = 0.5 * (np.square(after) - np.square(before)).sum(axis=1)
        ratio -= 0.5 * (np.square(beside) - np.square(self.scores)).sum(axis=1)
        return self._carry(beside, self.chances, self._held(beside) + ratio)

    def _held(self, scores: Floats) -> Floats:
        """Return [particle] how much likelier the regimes are at other scores."""
        there = self.pasts.log_probability(scores, self.chances)
        return there - self.pasts.log_probability(self.scores, self.chances)

    def along(self) -> float:
        """Step in z around where the figures ask it to lie; the past stays."""
        before, root = self.model.along(self.scores), self.model.root
        off = np.linalg.solve(root, (before - self.asked).T).T
        step = self._steps()
        kick = np.sqrt(1.0 - step**2) * off + step * self.rng.standard_normal(off.shape)
        after = self.asked + kick @ root.T
        ratio = 0.5 * (np.square(kick) - np.square(off)).sum(axis=1)
        ratio -= 0.5 * (np.square(after) - np.square(before)).sum(axis=1)
        return self._decide(self.model.moved(self.scores, after), self.chances, ratio, self.asked)

    def _steps(self) -> Floats:
        """Draw the step of each particle, log-uniform: [particle, 1]."""
        return np.exp(self.rng.uniform(math.log(SHORTEST_STEP), 0.0, (len(self.scores), 1)))

    def _carry(self, scores: Floats, chances: Integers, held: Floats | float) -> float:
        """Propose a past and what lies across, with the z that goes along."""
        asked = self._asked(scores, chances)
        before = self.model.along(self.scores)
        after = before + asked - self.asked
        ratio = held - 0.5 * (np.square(after) - np.square(before)).sum(axis=1)
        return self._decide(self.model.moved(scores, after), chances, ratio, asked)

    def _decide(self, scores: Floats, chances: Integers, ratio: Floats, asked: Floats) -> float:
        """Accept or refuse."""
        readings = self.pasts.live(scores, chances)
        worse = self._misfits(readings) - self._misfits(self.readings)
        yes = np.log(self.rng.random(len(scores))) < ratio - 0.5 * worse / self.tolerance**2
        self.scores = np.where(yes[:, None], scores, self.scores)
        self.chances = np.where(yes[:, None], chances, self.chances)
        self.readings = np.where(yes[:, None], readings, self.readings)
        self.asked = np.where(yes[:, None], asked, self.asked)
        return float(yes.mean())


def likeness(before: Floats, after: Floats) -> float:
    """Return the largest correlation over the particles of an unknown with what it was."""
    one, other = before - before.mean(axis=0), after - after.mean(axis=0)
    sizes = np.sqrt(np.square(one).sum(axis=0) * np.square(other).sum(axis=0))
    found: float = np.abs((one * other).sum(axis=0) / np.maximum(sizes, 1e-300)).max()
    return found
