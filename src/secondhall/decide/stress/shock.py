"""A shock: a few numbers that are imposed on every future, and how far each is from what is believed.

Each part of a shock has a distance in standard deviations, taken from the futures of the belief itself:

- demand, price and energy: the spread, from future to future, of the log of the mean level over the first
  three years, after what the regimes of a future explain has been taken off (a bust is a part of its own);
- a bust: the normal score of the share of futures whose longest bust within the first five years is shorter;
- delay: the standard deviation of the slip of what is built.

So the parts are independent, and the distance of a shock is the root of the sum of their squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import Parameters, slots_of
from secondhall.company.layout import BOOM, BUST, Floats
from secondhall.decide.imposed import with_row
from secondhall.decide.rules import Never
from secondhall.futures import Keep, RuleToPlay, play_rules
from secondhall.months import Month

__all__ = ["PARTS", "Dispersion", "Shock", "dispersion_of", "imposed"]

PARTS = ("demand", "price", "energy", "bust", "delay")

LEVEL_MONTHS, BUST_MONTHS = 36, 60
"""Months over which levels are averaged, and within which busts are looked for."""


@dataclass(frozen=True, slots=True)
class Shock:
    """What is imposed.

    Attributes
    ----------
    month
        months after the start at which bust and prices come; demand and delay hold from the start.
    demand, price, energy
        logs of the factors on the level of new customers, the price of new business, the price of energy.
    bust
        months of a forced bust.
    delay
        months by which everything under construction is late.
    """

    month: int = 0
    demand: float = 0.0
    price: float = 0.0
    energy: float = 0.0
    bust: int = 0
    delay: float = 0.0

    def words(self, start: Month) -> str:
        """Return it in words.

        Examples
        --------
        >>> Shock(month=11, price=float(np.log(0.82)), bust=26).words(Month.parse("2000-04"))
        'a bust of 26 months from 2001-03 with prices of new business 18 % lower from 2001-03'
        """
        since = start + self.month
        bust = f"a bust of {self.bust} months from {since}" if self.bust else ""
        said = [
            f"{what} {_percent(value)} from {when}"
            for what, value, when in (
                ("demand", self.demand, start),
                ("prices of new business", self.price, since),
                ("energy", self.energy, since),
            )
            if round(100.0 * abs(np.expm1(value))) > 0
        ]
        if self.delay >= 0.5:
            said.append(f"everything under construction {self.delay:.0f} months late")
        parts = ", ".join(said[:-1]) + (" and " if len(said) > 1 else "") + "".join(said[-1:])
        return " with ".join(part for part in (bust, parts) if part) or "no shock"


def _percent(log_factor: float) -> str:
    change = float(np.expm1(log_factor))
    return f"{abs(change) * 100:.0f} % {'higher' if change > 0.0 else 'lower'}"


def imposed(p: Parameters, shock: Shock) -> Parameters:
    """Return parameters under a shock; the given ones stay as they are.

    Parameters
    ----------
    p
        of some paths.
    shock
        what is imposed; its month lies within the horizon.
    """
    month, last = shock.month, shock.month + shock.bust

    def forced(regime: Floats) -> Floats:
        regime[month:last] = BUST
        return regime

    def jump(by: float, rows: Floats) -> Floats:
        rows[month] += by
        return rows

    p = with_row(p, "calendar", "forced_regime", forced)
    p = with_row(p, "calendar", "price_shock", lambda rows: jump(shock.price, rows))
    p = with_row(p, "calendar", "energy_shock", lambda rows: jump(shock.energy, rows))
    p = with_row(p, "segment", "log_intensity", lambda level: level + shock.demand)
    return with_row(p, "firm", "extra_slip", lambda slip: slip + shock.delay)


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How far the parts of a shock spread in the futures of a belief.

    Attributes
    ----------
    demand, price, energy
        standard deviations of logs; 0 where nothing spreads.
    longest_bust
        [future] months of the longest bust within the first five years, in order.
    delay
        standard deviation of the slip in months; 0 where nothing that may be late is built.
    """

    demand: float
    price: float
    energy: float
    longest_bust: Floats
    delay: float

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that spread at all."""
        spreads = (self.demand, self.price, self.energy, float(np.ptp(self.longest_bust)), self.delay)
        return tuple(name for name, spread in zip(PARTS, spreads, strict=True) if spread > 0.0)

    def shock(self, month: int, scores: dict[str, float]) -> Shock:
        """Return the shock whose parts are so many standard deviations away, each to the worse."""
        return Shock(
            month=month,
            demand=-self.demand * scores.get("demand", 0.0),
            price=-self.price * scores.get("price", 0.0),
            energy=self.energy * scores.get("energy", 0.0),
            bust=self._bust(scores.get("bust", 0.0)),
            delay=self.delay * scores.get("delay", 0.0),
        )

    def _bust(self, score: float) -> int:
        """Return the length of a bust that only the share 1 - Phi(score) of the futures exceed; 0 at 0."""
        from scipy.special import ndtr

        if score <= 0.0:
            return 0
        return round(float(np.quantile(self.longest_bust, float(ndtr(score)))))


def dispersion_of(
    case: Case, belief: Belief, *, builds: bool, paths: int, seed: int, threads: int | None
) -> Dispersion:
    """Measure how far the parts of a shock spread.

    Parameters
    ----------
    case, belief
        whose futures.
    builds
        whether the rule may build, so that a delay means something even where nothing is under construction.
    paths, seed
        the futures.
    threads
        how many; all cores when None.
    """
    until = case.start + min(BUST_MONTHS, case.horizon_months)
    [played] = play_rules(
        belief,
        [RuleToPlay("never", Never().terms(case, slots_of(case)))],
        start=case.start,
        paths=paths,
        seed=seed,
        banded=False,
        keep=Keep(("regime", "new_customers"), case.start, until),
        threads=threads,
    )
    regimes, arrived = played.kept["regime"], played.kept["new_customers"]
    p, first = belief.parameters(seed, np.arange(paths)), regimes[:LEVEL_MONTHS]
    normals = np.random.default_rng([seed, 1]).standard_normal((2, *first.shape))
    levels = (
        np.log(arrived[:LEVEL_MONTHS].sum(axis=0) + 0.5),
        mean_level(
            first, p.firm_regime.price_drift, p.firm.price_reversion, p.firm.price_volatility, normals[0]
        ),
        mean_level(
            first, p.firm_regime.energy_drift, p.firm.energy_reversion, p.firm.energy_volatility, normals[1]
        ),
    )
    demand, price, energy = (beyond_the_regimes(level, first) for level in levels)
    return Dispersion(demand, price, energy, np.sort(longest_run(regimes == BUST)), _slip(p, builds=builds))


def mean_level(
    regimes: Floats, drift: Floats, reversion: Floats, volatility: Floats, normals: Floats
) -> Floats:
    """Return [path] the mean over months of the log of a price index (M5), with the noise of the normals."""
    which = regimes.astype(np.int64)
    trend = np.cumsum(np.take_along_axis(np.broadcast_to(drift, (3, which.shape[1])), which, axis=0), axis=0)
    noise, total = np.zeros(which.shape[1]), np.zeros(which.shape[1])
    for month in range(which.shape[0]):
        noise = noise + volatility * normals[month] - reversion * noise
        total += trend[month] + noise
    mean: Floats = total / which.shape[0]
    return mean


def beyond_the_regimes(level: Floats, regimes: Floats) -> float:
    """Return the standard deviation of a level beyond what months of boom and of bust explain, linearly."""
    months = np.stack([np.ones(level.size), *((regimes == z).sum(axis=0) for z in (BOOM, BUST))])
    fit, *_ = np.linalg.lstsq(months.T, level, rcond=None)
    return float((level - fit @ months).std())


def longest_run(held: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Floats:
    """Return [path] the most months in a row in which something holds, [month, path].

    Examples
    --------
    >>> longest_run(np.array([[True, False], [True, True], [False, True], [True, False]])).tolist()
    [2.0, 2.0]
    """
    now, most = np.zeros(held.shape[1]), np.zeros(held.shape[1])
    for month in held:
        now = np.where(month, now + 1.0, 0.0)
        most = np.maximum(most, now)
    return most


def _slip(p: Parameters, *, builds: bool) -> float:
    """Return the largest standard deviation of the slip of what is, or may be, built (A2)."""
    hall = p.hall
    may = np.arange(p.halls) >= (p.first_new_hall if builds else p.halls)
    open_to_it = (hall.has_slip[:, 0] > 0.0) & (may | (hall.state[:, 0] == 1.0))
    mean, sd = hall.slip_log_mean[:, 0], hall.slip_log_sd[:, 0]
    spread = np.exp(mean + sd**2 / 2.0) * np.sqrt(np.expm1(sd**2))
    return float(spread[open_to_it].max()) if open_to_it.any() else 0.0
