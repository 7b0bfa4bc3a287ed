"""The reverse stress test: the mildest shock under which half of the futures break.

A future breaks when the company becomes insolvent in it or breaches a covenant. Of all shocks under which
half of them break the one at the least distance beta is looked for, by differential evolution (Storn and
Price 1997) on common random numbers, then to and fro along its ray on more futures. As the parts of a shock
are independent normal scores, the share of futures at least as far in its direction is Phi(-beta): the
first-order reliability method (Hasofer and Lind, *J. Eng. Mech. Div. ASCE* 100 (1974) 111). It is taken
rather than a count of futures, since a shock that breaks a sound company is rarer than a few thousand futures
can count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.company.layout import Floats
from secondhall.decide.imposed import Imposed
from secondhall.decide.rules import Rule
from secondhall.decide.stress.shock import Dispersion, Shock, dispersion_of, imposed
from secondhall.decide.timing import option_of
from secondhall.futures import Estimate, RuleToPlay, play_rules, probability
from secondhall.progress import Report

__all__ = ["Reverse", "broken_share", "reverse_stress"]


HALF = 0.5
FARTHEST = 4.0
"""Standard deviations of a part, at most."""

LATEST = 36
"""Months after the start at which a shock may come, at most."""

SEARCH_PATHS = 256
GENERATIONS, POPULATION = 14, 24
SLIGHT = 0.2
"""Standard deviations below which a part is left out: it would only make the words longer."""

ALONG, STEP = 0.01, 1.1
"""Part of the distance to which the ray is searched; the factor by which it is gone out where it must be."""


@dataclass(frozen=True, slots=True)
class Reverse:
    """The mildest shock that breaks the company under a rule.

    Attributes
    ----------
    rule, words
        the rule, what the shock is.
    base
        share of the futures that break without any.
    insolvent
        share that becomes insolvent without any: the part of these that is no breach of a covenant.
    shock
        None where half break without any, and where none within the bounds breaks half.
    distance
        in standard deviations, with the error that comes from the error of the share; 0 where half break
        without any; None where none is found.
    share, milder_share, milder
        share that breaks under it; the shock a hundredth nearer along its ray, and its share, below a half.
    probability
        of a future at least as far in its direction, with its error; None without a shock.
    parts, farthest, latest
        what a shock was made of, and the bounds.
    paths
        futures on which the shock was settled.
    """

    rule: str
    words: str
    base: Estimate
    insolvent: Estimate
    shock: Shock | None
    distance: Estimate | None
    share: Estimate | None
    milder: Shock | None
    milder_share: Estimate | None
    probability: Estimate | None
    parts: tuple[str, ...]
    farthest: float
    latest: int
    paths: int


@dataclass
class _Hunt:
    """Shocks lived under one rule."""

    case: Case
    belief: Belief
    rule: Rule
    spread: Dispersion
    seed: int
    threads: int | None

    def at(self, scores: Floats, month: float) -> Shock:
        """Return the shock at so many standard deviations."""
        latest = min(LATEST, self.case.horizon_months - 1)
        parts = dict(zip(self.spread.parts, (float(score) for score in scores), strict=True))
        return self.spread.shock(min(round(month), latest), parts)

    def share(self, shock: Shock, paths: int) -> Estimate:
        """Return the share of futures that break under it."""
        return broken_share(self.case, self.belief, self.rule, shock, paths, self.seed, self.threads)[0]


def broken_share(
    case: Case, belief: Belief, rule: Rule, shock: Shock, paths: int, seed: int, threads: int | None = None
) -> tuple[Estimate, Estimate]:
    """Return the share of futures that break under a shock, and the share that become insolvent."""
    [played] = play_rules(
        Imposed(belief, lambda p: imposed(p, shock), known_too=False),
        [RuleToPlay(rule.name, rule.terms(case, slots_of(case)))],
        start=case.start,
        paths=paths,
        seed=seed,
        banded=False,
        threads=threads,
    )
    failed = played.outcomes["insolvency_month"] >= 0.0
    return probability(failed | (played.outcomes["covenant_breaches"] > 0.0)), probability(failed)


def reverse_stress(
    case: Case,
    belief: Belief,
    rule: Rule,
    *,
    paths: int,
    seed: int,
    threads: int | None = None,
    report: Report = lambda _what, _done, _total: None,
) -> Reverse:
    """Find the mildest shock under which half of the futures break.

    Parameters
    ----------
    case, belief, rule
        what is stressed.
    paths, seed
        the futures on which the shock is settled; it is looked for on fewer.
    threads
        how many; all cores when None.
    report
        called with (what is being done, done, total).
    """
    base, insolvent = broken_share(case, belief, rule, Shock(), paths, seed, threads)
    spread = dispersion_of(
        case, belief, builds=option_of(rule) is not None, paths=paths, seed=seed, threads=threads
    )
    hunt = _Hunt(case, belief, rule, spread, seed, threads)
    if base.value >= HALF:
        return _found(hunt, base, insolvent, paths, distance=Estimate(0.0, 0.0))
    place = _search(hunt, min(SEARCH_PATHS, paths), report)
    settled = None if place is None else _settle(hunt, *place, paths)
    if settled is None:
        return _found(hunt, base, insolvent, paths)
    near, far, direction, month = settled
    return _along(hunt, base, insolvent, paths, near, far, direction, month)


def _search(hunt: _Hunt, paths: int, report: Report) -> tuple[Floats, float] | None:
    """Return scores and month of the mildest shock that was seen to break half; None where none does."""
    from scipy.optimize import differential_evolution

    count = len(hunt.spread.parts)
    done = 0

    def loss(place: Floats) -> float:
        nonlocal done
        done += 1
        report("looking for the mildest shock that breaks", min(done, _plays()), _plays())
        share = hunt.share(hunt.at(place[:-1], place[-1]), paths).value
        size = float(np.linalg.norm(place[:-1]))
        return size if share >= HALF else _UNBROKEN * FARTHEST + HALF - share

    found = differential_evolution(
        loss,
        [*[(0.0, FARTHEST)] * count, (0.0, float(LATEST))],
        init=_first(count, hunt.seed),
        maxiter=GENERATIONS,
        polish=False,
        tol=0.0,
        rng=np.random.default_rng([hunt.seed, 2]),
    )
    return (found.x[:-1], float(found.x[-1])) if found.fun < _UNBROKEN * FARTHEST else None


_UNBROKEN = 10.0
"""Times the farthest part: more than the distance of any shock."""


def _plays() -> int:
    return POPULATION * (GENERATIONS + 1)


def _first(count: int, seed: int) -> Floats:
    """Return the first population: spread evenly, with the farthest corner and the end of each part alone."""
    from scipy.stats import qmc

    spread = qmc.LatinHypercube(count + 1, rng=np.random.default_rng([seed, 3])).random(POPULATION)
    places: Floats = spread * np.array([*[FARTHEST] * count, float(LATEST)])
    places[: count + 1, :count] = FARTHEST * np.vstack([np.ones(count), np.eye(count)])
    places[: count + 1, -1] = 0.0
    return places


def _settle(
    hunt: _Hunt, scores: Floats, month: float, paths: int
) -> tuple[float, float, Floats, float] | None:
    """Return how far along its ray a shock does not yet break half, how far it does, the ray, the month."""
    kept = np.where(scores >= SLIGHT, scores, 0.0)
    distance = float(np.linalg.norm(kept))
    if distance == 0.0:
        return None
    direction = kept / distance
    farthest = FARTHEST / float(direction.max())

    def breaks(far: float) -> bool:
        return hunt.share(hunt.at(far * direction, month), paths).value >= HALF

    far = distance
    while not breaks(far):
        if far >= farthest:
            return None
        far = min(far * STEP, farthest)
    near = 0.0
    while far - near > ALONG * far:
        middle = 0.5 * (near + far)
        near, far = (near, middle) if breaks(middle) else (middle, far)
    return near, far, direction, month


def _along(
    hunt: _Hunt,
    base: Estimate,
    insolvent: Estimate,
    paths: int,
    near: float,
    far: float,
    direction: Floats,
    month: float,
) -> Reverse:
    """Return what was found, with the errors that follow from the slope of the share along the ray."""
    from scipy.special import ndtr

    shock, milder = hunt.at(far * direction, month), hunt.at(near * direction, month)
    share, milder_share = hunt.share(shock, paths), hunt.share(milder, paths)
    low, high = (hunt.share(hunt.at(far * by * direction, month), paths).value for by in (0.85, 1.15))
    slope = (high - low) / (0.3 * far)
    error = share.error / slope if slope > 0.0 else float("inf")
    density = float(np.exp(-0.5 * far**2) / np.sqrt(2.0 * np.pi))
    return _found(
        hunt,
        base,
        insolvent,
        paths,
        shock=shock,
        distance=Estimate(far, error),
        share=share,
        milder=milder,
        milder_share=milder_share,
        probability=Estimate(float(ndtr(-far)), density * error),
    )


def _found(
    hunt: _Hunt,
    base: Estimate,
    insolvent: Estimate,
    paths: int,
    *,
    shock: Shock | None = None,
    distance: Estimate | None = None,
    share: Estimate | None = None,
    milder: Shock | None = None,
    milder_share: Estimate | None = None,
    probability: Estimate | None = None,
) -> Reverse:
    words = "" if shock is None else shock.words(hunt.case.start)
    return Reverse(
        hunt.rule.name,
        words,
        base,
        insolvent,
        shock,
        distance,
        share,
        milder,
        milder_share,
        probability,
        hunt.spread.parts,
        FARTHEST,
        LATEST,
        paths,
    )
