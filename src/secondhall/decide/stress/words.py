"""The reverse stress test in words."""

from __future__ import annotations

from secondhall.decide.stress.reverse import Reverse
from secondhall.futures import Estimate

__all__ = ["one_in", "reverse_words"]


def reverse_words(found: Reverse) -> tuple[str, ...]:
    """Return what breaks the company, how bad that is and how likely, in sentences."""
    base = (
        f"Without any shock {found.base.said(scale=0.01)} % of the futures break (insolvent, or a covenant "
        f"breached; insolvent alone {found.insolvent.said(scale=0.01)} %)."
    )
    said = [base]
    if found.shock is None and found.distance is not None:
        said.append(
            "So the company breaks in at least half of its futures as it is believed: no shock is needed, "
            "and the distance is zero."
        )
    elif found.distance is None or found.probability is None or found.share is None:
        said.append(
            f"No shock of {', '.join(found.parts)} breaks half of them, each part up to "
            f"{found.farthest:.0f} standard deviations and from any month up to {found.latest} after the "
            "start."
        )
    else:
        said.append(f"The mildest shock that breaks half: {found.words}.")
        said.append(
            f"It breaks {found.share.said(scale=0.01)} % of them and is {found.distance.said(digits=2)} "
            f"standard deviations away; {one_in(found.probability)} is as bad (first-order reliability: a "
            "normal deviate beyond that distance in its direction)."
        )
    return tuple(said)


def one_in(probability: Estimate) -> str:
    """Return a probability as one future in so many.

    Examples
    --------
    >>> one_in(Estimate(0.083, 0.01))
    'about one future in 12 (8.3 ± 1.0 %)'
    """
    share = f"{probability.said(scale=0.01)} %"
    if probability.value <= 1e-4:
        return f"fewer than one future in 10,000 ({share})"
    return f"about one future in {round(1.0 / probability.value):,} ({share})"
