"""Whether draws can be trusted: R-hat and effective sample size, and what they say in words.

R-hat is the rank-normalised split R-hat, the sample size the bulk one, of Vehtari, Gelman, Simpson, Carpenter
and Burkner, *Bayesian Analysis* 16 (2021) 667, who ask for R-hat below 1.01 and 100 draws a chain; ArviZ
computes both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from secondhall.belief.posterior import CHAINS, Convergence
from secondhall.company.layout import REGIMES, Floats

__all__ = [
    "ENOUGH_DRAWS",
    "FINE_RHAT",
    "LEAST_DRAWS",
    "WORST_RHAT",
    "convergence_of",
    "effective_sizes",
    "regime_chains",
    "rhats",
]

FINE_RHAT, WORST_RHAT = 1.02, 1.1
"""Above the first the draws are used with a warning, above the second they are not used."""

ENOUGH_DRAWS, LEAST_DRAWS = 100 * CHAINS, 12 * CHAINS
"""Effective draws: below the first with a warning, below the second not at all."""

SURE = 0.02
"""A regime that so few draws stand in, or all but so few, tells nothing of whether the chains agree."""

WIDEST_TOLERANCE = 3.0
"""Facts met only when their deviations are widened by more than this are not explained."""


def rhats(chains: Mapping[str, Floats]) -> dict[str, float]:
    """Return the R-hat of each name's [chain, draw]; a name that never moves has none and is left out."""
    import arviz

    return _each(chains, arviz.rhat)


def effective_sizes(chains: Mapping[str, Floats]) -> dict[str, float]:
    """Return the bulk effective sample size of each name's [chain, draw]."""
    import arviz

    return _each(chains, arviz.ess)


def regime_chains(opening: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return what the chains say of the regime at the start, [chain, draw] of 0 and 1, but for what is sure.

    ``opening`` holds ``firm_regime.start_probability`` [regime, draw] where the regime was learned.
    """
    stands = opening.get("firm_regime.start_probability")
    if stands is None:
        return {}
    chains = stands.reshape(len(REGIMES), CHAINS, -1)
    return {
        f"whether it is a {name} now" if name != "steady" else "whether times are steady now": chain
        for name, chain in zip(REGIMES, chains, strict=True)
        if SURE < chain.mean() < 1.0 - SURE
    }


def convergence_of(
    chains: Mapping[str, Floats],
    *,
    divergences: int | None = None,
    distance: float | None = None,
    acceptance: float | None = None,
    warnings: Sequence[str] = (),
    refused: str | None = None,
) -> Convergence:
    """Return how far the draws can be trusted.

    Parameters
    ----------
    chains
        name to [chain, draw].
    divergences, distance, acceptance
        as `Convergence` has them.
    warnings, refused
        what the method itself has to say.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> good = convergence_of({"x": rng.standard_normal((4, 500))})
    >>> good.warnings, good.refused
    ((), None)
    >>> apart = rng.standard_normal((4, 500)) + np.arange(4)[:, None]
    >>> convergence_of({"x": apart}).refused is None
    False
    """
    mixed, sizes = rhats(chains), effective_sizes(chains)
    rhat, rhat_name = max(((v, n) for n, v in mixed.items()), default=(math.nan, ""))
    size, size_name = min(((v, n) for n, v in sizes.items()), default=(math.nan, ""))
    said = list(warnings)
    stops = [] if refused is None else [refused]
    if rhat > WORST_RHAT:
        stops.append(f"the chains disagree on {rhat_name}: R-hat {rhat:.2f}, accepted {WORST_RHAT} or less")
    elif rhat > FINE_RHAT:
        said.append(f"the chains agree only roughly on {rhat_name}: R-hat {rhat:.3f}")
    if size < LEAST_DRAWS:
        stops.append(f"{size_name} was hardly explored: {size:.0f} effective draws, {LEAST_DRAWS} needed")
    elif size < ENOUGH_DRAWS:
        said.append(f"few effective draws of {size_name}: {size:.0f}, {ENOUGH_DRAWS} wished")
    if divergences:
        said.append(f"the sampler gave up {divergences} steps")
    if distance is not None and distance > WIDEST_TOLERANCE:
        stops.append(f"the facts are met only within {distance:.1f} times their deviation")
    elif distance is not None and distance > 1.0:
        said.append(f"the facts are met within {distance:.1f} times their deviation, not within one")
    return Convergence(
        worst_rhat=float(rhat),
        worst_rhat_name=rhat_name,
        least_ess=float(size),
        least_ess_name=size_name,
        divergences=divergences,
        distance=distance,
        acceptance=acceptance,
        warnings=tuple(said),
        refused="; ".join(stops) or None,
    )


def _each(chains: Mapping[str, Floats], measure: Callable[..., Any]) -> dict[str, float]:
    import xarray

    moving = {name: values for name, values in chains.items() if np.ptp(values) > 0.0}
    if not moving:
        return {}
    data = xarray.Dataset({name: (("chain", "draw"), values) for name, values in moving.items()})
    found = measure(data)
    return {name: float(found[name]) for name in moving}
