"""Small pictures without axes, drawn by hand because a page holds a hundred; all that goes in are numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from secondhall.company.layout import Floats

if TYPE_CHECKING:
    from secondhall.belief.posterior import Check
    from secondhall.case import Quantity

__all__ = ["check_strip", "density_strip", "learned_density", "stated_density"]

_WIDE, _TALL = 220.0, 54.0
_POINTS = 81


def density_strip(draws: Floats, quantity: Quantity | None) -> Markup:
    """Return the density that was stated in grey and the learned one over it, each of its own height.

    Parameters
    ----------
    draws
        [draw] what was learned.
    quantity
        what was stated before; None if nothing was.
    """
    low, high = np.quantile(draws, (0.005, 0.995))
    if quantity is not None and quantity.uncertain:
        low, high = min(low, quantity.quantile(0.01)), max(high, quantity.quantile(0.99))
    room = 0.03 * (high - low) or 0.5
    low, high = low - room, high + room

    def at(values: Floats) -> Floats:
        placed: Floats = _WIDE * (values - low) / (high - low)
        return placed

    parts = []
    if quantity is not None and quantity.uncertain:
        x, height = stated_density(quantity)
        inside = (x >= low) & (x <= high)
        parts.append(_shape(at(x[inside]), height[inside], "grey", 0.38))
    x, height = learned_density(draws, float(low), float(high))
    parts.append(_shape(at(x), height, "blue", 0.45))
    ends = at(np.quantile(draws, (0.05, 0.5, 0.95)))
    parts.append(
        f'<rect x="{ends[0]:.1f}" y="{_TALL:.0f}" width="{max(ends[2] - ends[0], 1.0):.1f}" height="4" '
        f'fill="var(--blue)"/><rect x="{ends[1] - 1:.1f}" y="{_TALL - 3:.0f}" width="2" height="10" '
        f'fill="var(--ink)"/>'
    )
    if quantity is not None and quantity.uncertain:
        ends = at(np.array([quantity.quantile(0.05), quantity.quantile(0.95)]))
        parts.append(
            f'<rect x="{ends[0]:.1f}" y="{_TALL + 6:.0f}" width="{max(ends[1] - ends[0], 1.0):.1f}" '
            f'height="3" fill="var(--grey)"/>'
        )
    return Markup(
        f'<svg class="density" viewBox="0 0 {_WIDE:.0f} {_TALL + 10:.0f}" preserveAspectRatio="none" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def stated_density(quantity: Quantity) -> tuple[Floats, Floats]:
    """Return the density of a statement at the quantiles of an even grid of normal scores z.

    f(x(z)) = phi(z) / x'(z). What the field's range cuts off is not drawn: it rests on the end of the range.
    """
    z = np.linspace(-2.7, 2.7, _POINTS)
    x = replace(quantity, minimum=-math.inf, maximum=math.inf).at_normal(z)
    slope = np.gradient(x, z)
    drawn = (slope > 1e-9 * max(np.ptp(x), 1e-300)) & (x >= quantity.minimum) & (x <= quantity.maximum)
    height = np.exp(-0.5 * z[drawn] ** 2) / np.sqrt(2.0 * np.pi) / slope[drawn]
    return x[drawn], height


def learned_density(draws: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return a grid between two ends and the density of the draws on it.

    A Gaussian kernel of Silverman's width, 0.9 min(sd, interquartile range/1.34) n^-1/5 (*Density
    Estimation*, 1986, equation 3.31), and no narrower than a step of the grid.
    """
    x = np.linspace(low, high, 2 * _POINTS)
    quartiles = np.quantile(draws, (0.25, 0.75))
    spread = min(float(draws.std()), float(np.ptp(quartiles)) / 1.34) or float(draws.std())
    width = max(0.9 * spread * draws.size**-0.2, float(x[1] - x[0]))
    kernel = np.exp(-0.5 * ((x[:, None] - draws[None, :]) / width) ** 2)
    height: Floats = kernel.mean(axis=1) / (width * np.sqrt(2.0 * np.pi))
    return x, height


def _shape(x: Floats, height: Floats, colour: str, opacity: float) -> str:
    if x.size < 2 or height.max() <= 0.0:
        return ""
    y = _TALL - (_TALL - 3.0) * height / height.max()
    top = " ".join(f"L{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
    return (
        f'<path d="M{x[0]:.1f} {_TALL:.0f} {top} L{x[-1]:.1f} {_TALL:.0f} Z" fill="var(--{colour})" '
        f'fill-opacity="{opacity}" stroke="var(--{colour})" stroke-width="1"/>'
    )


def check_strip(check: Check) -> Markup:
    """Return a figure as a dot on the bands that hold half and nine tenths of what was predicted."""
    low, high = min(check.band[0], check.value), max(check.band[4], check.value)
    room = 0.1 * (high - low) or 1.0
    low, span = low - room, high - low + 2 * room

    def at(value: float) -> float:
        return 160 * (value - low) / span

    ends = [at(point) for point in check.band]
    colour = "var(--blue)" if check.inside else "var(--orange)"
    return Markup(
        f'<svg class="strip" viewBox="0 0 160 16" width="160" height="16" aria-hidden="true">'
        f'<rect x="{ends[0]:.1f}" y="5" width="{max(ends[4] - ends[0], 1):.1f}" height="6" fill="{colour}" '
        f'opacity="0.25"/><rect x="{ends[1]:.1f}" y="3" width="{max(ends[3] - ends[1], 1):.1f}" height="10" '
        f'fill="{colour}" opacity="0.4"/><rect x="{ends[2] - 1:.1f}" y="2" width="2" height="12" '
        f'fill="{colour}"/><circle cx="{at(check.value):.1f}" cy="8" r="4" fill="var(--ink)"/></svg>'
    )
