"""Order sizes: the mean and the variation of the gamma law of O2, from first orders that found room.

An order is in the ledger when it found room, so in a month with room r its size has the density f(d) / F(r),
and only months with room for a usual order are used: elsewhere the ledger says which orders fitted, not which
came. A ledger writes rounded sizes; a size d in steps of w stands for the interval d - w/2 to d + w/2.

The posterior lives on the normal scores of the two priors (A1) and is drawn on a grid, which is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.belief.ledger.grid import grid_draws
from secondhall.belief.ledger.ledger import Ledger
from secondhall.belief.ledger.read import first_orders
from secondhall.belief.ledger.rows import ContractRows
from secondhall.belief.part import Part
from secondhall.belief.posterior import CHAINS, DRAWS, Check, Lesson
from secondhall.belief.priors import prior_of
from secondhall.case import Case, Quantity
from secondhall.company.layout import Floats

__all__ = ["Sizes", "learn_sizes", "size_draws", "steps_of"]

MEAN, VARIATION = "order_size_units", "order_size_variation"
FEWEST = 2
SIZING = 101
"""Marks the random numbers of this module beside those of the others."""
SCORES = 40.0
"""Normal scores within which the posterior is looked for: wide, as a statement may be far from the ledger."""
CONTRADICTED = 3.0
"""Deviations of the prior beyond which what was learned contradicts what the case states."""
SMALL_STEPS = 20
"""Sizes of fewer steps are taken as intervals; beyond, the density in the middle is that to 1 in 9,600."""
COARSE = 1e-3
"""Steps that are finer than this share of the median size are taken as none."""


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Sizes of orders that found room.

    Attributes
    ----------
    sizes, count
        [size] distinct sizes, each as often as it came.
    step
        the step in which sizes are written; 0 for none.
    room, orders
        [room] distinct rooms, each with the orders that came in it.
    """

    sizes: Floats
    count: Floats
    step: float
    room: Floats
    orders: Floats

    @classmethod
    def of(cls, sizes: Floats, room: Floats) -> Sizes:
        """Return the sizes of orders, [order], that found the given room."""
        distinct, count = np.unique(sizes, return_counts=True)
        rooms, orders = np.unique(room, return_counts=True)
        return cls(distinct, count.astype(np.float64), steps_of(distinct), rooms, orders.astype(np.float64))

    def log_likelihood(self, mean: Floats, variation: Floats) -> Floats:
        """Return the log likelihood of means and coefficients of variation (O2), which broadcast."""
        from scipy import special

        shape = variation**-2.0
        scale = mean / shape
        small = self.sizes < SMALL_STEPS * self.step
        count, sizes = self.count[~small], self.sizes[~small]
        total = (shape - 1.0) * (count * np.log(sizes)).sum() - (count * sizes).sum() / scale
        total = total - count.sum() * (special.gammaln(shape) + shape * np.log(scale))
        with np.errstate(divide="ignore", invalid="ignore"):
            for size, often in zip(self.sizes[small], self.count[small], strict=True):
                low, high = max(size - self.step / 2.0, 0.0) / scale, (size + self.step / 2.0) / scale
                near = special.gammainc(shape, high) - special.gammainc(shape, low)
                far = special.gammaincc(shape, low) - special.gammaincc(shape, high)
                total = total + often * np.log(np.maximum(near, far) / self.step)
            for room, orders in zip(self.room, self.orders, strict=True):
                total = total - orders * np.log(special.gammainc(shape, (room + self.step / 2.0) / scale))
        return np.asarray(np.where(np.isfinite(total), total, -np.inf))


def steps_of(sizes: Floats) -> float:
    """Return the decimal step in which sizes are written; 0 where it is too fine to matter.

    Examples
    --------
    >>> steps_of(np.array([0.1, 2.5, 3.0])), steps_of(np.array([3.14159265, 2.71828183]))
    (0.1, 0.0)
    """
    for digits in range(-3, 4):
        step = 10.0**-digits
        if step < COARSE * np.median(sizes):
            break
        if np.allclose(sizes, np.round(sizes, digits), rtol=0.0, atol=1e-6 * step):
            return step
    return 0.0


def size_draws(
    sizes: Sizes, mean: Quantity, variation: Quantity, size: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return [draw] of the mean and of the coefficient of variation; one that is certain stays as it is."""
    priors = (mean, variation)
    free = [k for k, quantity in enumerate(priors) if quantity.uncertain]

    def values(scores: list[Floats]) -> list[Floats]:
        given = iter(scores)
        found = [q.at_normal(next(given)) if q.uncertain else np.array(q.mid) for q in priors]
        return [np.maximum(value, 1e-9) for value in found]

    def density(*scores: Floats) -> Floats:
        prior = sum((-0.5 * score**2 for score in scores), start=np.zeros(1))
        return np.asarray(prior + sizes.log_likelihood(*values(list(scores))))

    drawn = grid_draws(density, [(-SCORES, SCORES)] * len(free), size, rng)
    found = values(list(drawn))
    return np.broadcast_to(found[0], size), np.broadcast_to(found[1], size)


def learn_sizes(case: Case, rows: ContractRows, ledger: Ledger, room: Floats, *, seed: int) -> Part:
    """Return what the ledger says of ``order_size_units`` and ``order_size_variation``, segment by segment.

    Parameters
    ----------
    case
        whose statements are the priors.
    rows, ledger
        from `contract_rows` and `ledger_of`.
    room
        [month] from `largest_room`.
    seed
        of the draws.
    """
    values: dict[str, Floats] = {}
    priors: dict[str, Quantity] = {}
    lessons: list[Lesson] = []
    checks: list[Check] = []
    for s, (name, record) in enumerate(case.segments.items()):
        dotted = f"segments.{name}"
        stated = {field: record.number(field) for field in (MEAN, VARIATION)}
        asked = {f: prior_of(f"{dotted}.{f}", q) for f, q in stated.items()}
        month, sizes = first_orders(rows, s)
        usable = ledger.seen[s][month.astype(int)] & (sizes > 0.0)
        sizes, found = sizes[usable], room[month.astype(int)][usable]
        lesson = _not_learned(name, stated, asked, sizes.size, month.size)
        if lesson is not None:
            lessons.append(lesson)
            continue
        rng = np.random.default_rng([seed, SIZING, s])
        learned = size_draws(
            Sizes.of(sizes, np.fmax(found, sizes)),
            asked[MEAN] or stated[MEAN],
            asked[VARIATION] or stated[VARIATION],
            CHAINS * DRAWS,
            rng,
        )
        for field, draws in zip((MEAN, VARIATION), learned, strict=True):
            prior = asked[field]
            if prior is not None:
                values[f"{dotted}.{field}"] = draws.reshape(CHAINS, DRAWS)
                priors[f"{dotted}.{field}"] = prior
                lessons += _contradiction(f"{dotted}.{field}", prior, draws, sizes)
        checks.append(_mean_check(case, name, sizes, learned, rng))
        lessons.append(
            Lesson(
                f"{dotted}.{MEAN}", True, f"{_orders(sizes.size)} of {name}{_unused(sizes.size, month.size)}"
            )
        )
    return Part(values=values, priors=priors, lessons=tuple(lessons), checks=tuple(checks))


def _not_learned(
    name: str,
    stated: dict[str, Quantity],
    asked: dict[str, Quantity | None],
    orders: int,
    in_all: int,
) -> Lesson | None:
    field = f"segments.{name}.{MEAN}"
    if all(prior is None for prior in asked.values()):
        words = f"the case states the order sizes of {name} as known: they were not learned"
        return Lesson(field, False, words)
    if stated[VARIATION].mid <= 0.0:
        words = f"the case says that the orders of {name} are of one size: {stated[MEAN].mid:g} stands"
        return Lesson(field, False, words)
    if orders < FEWEST:
        words = f"{_orders(orders)} of {name}{_unused(orders, in_all)}: its stated sizes stand in"
        return Lesson(field, False, words)
    return None


def _contradiction(name: str, prior: Quantity, draws: Floats, sizes: Floats) -> list[Lesson]:
    """Say so where the ledger lies far outside of what the case states."""
    learned = float(np.median(draws))
    if prior.at_normal(-CONTRADICTED) <= learned <= prior.at_normal(CONTRADICTED):
        return []
    words = (
        f"the ledger contradicts the case, which states {prior.low:g} to {prior.high:g}: its orders, on "
        f"average {sizes.mean():.3g}, give {learned:.3g}; what is learned cannot go beyond what a statement "
        "leaves open, so correct the statement or the ledger"
    )
    return [Lesson(name, True, words)]


def _orders(number: int) -> str:
    return {0: "no first order", 1: "one first order"}.get(number, f"{number:,} first orders")


def _unused(used: int, in_all: int) -> str:
    left = in_all - used
    return f", and {left:,} of months without room for the usual order, which were not used" if left else ""


def _mean_check(
    case: Case, name: str, sizes: Floats, learned: tuple[Floats, Floats], rng: np.random.Generator
) -> Check:
    mean, shape = learned[0], learned[1] ** -2.0
    n = sizes.size
    predicted = rng.gamma(n * shape, mean / shape / n)
    return Check(
        fact=f"mean order of {name}",
        words=f"mean capacity of {_orders(n)} of {name} in months with room",
        period="the ledger",
        source="contracts.csv",
        unit=case.unit,
        value=float(sizes.mean()),
        band=band_of(predicted),
    )


def band_of(predicted: Floats) -> tuple[float, float, float, float, float]:
    """Return the 5, 25, 50, 75 and 95 % points of draws."""
    five = np.quantile(predicted, (0.05, 0.25, 0.5, 0.75, 0.95))
    return (float(five[0]), float(five[1]), float(five[2]), float(five[3]), float(five[4]))
