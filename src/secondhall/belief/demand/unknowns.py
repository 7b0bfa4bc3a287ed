"""The table of unknowns: their names, their priors and their places in the sampler's vector.

Besides the fields of the case there are nuisances that only the likelihood needs, named
``opening_intensity``, ``growth_chance``, ``growth_variance`` and ``price_noise``; their priors are broad and
stated here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from secondhall.belief.kernels.model import CHAIN, GROWTH, LEAVING, PRICE, SEGMENT, Places, Unknowns
from secondhall.belief.kernels.scores import Statements
from secondhall.belief.priors import prior_of
from secondhall.case import Case, Quantity
from secondhall.company.layout import REGIMES, Floats
from secondhall.company.parameters import Integers

__all__ = ["NUISANCES", "Table", "demand_table", "opening_prior", "stationary_regime"]

NUISANCES = ("opening_intensity", "growth_chance", "growth_variance", "price_noise")

OPENING_REACH = 5.0
"""A first month's intensity lies within this factor of the present one, at 90 %."""

LEAST_OPENING = 0.05
"""Customers a month: where a case says that nobody comes, as for a segment yet to open."""

GROWTH_CHANCE = Quantity(mid=0.01, low=0.001, high=0.1)
"""That a contract grows or shrinks in a month: one in a hundred, ten times less or more."""

GROWTH_VARIANCE = Quantity(mid=0.003, low=0.0001, high=0.09)
"""Of the net growth of a contract in a month, as a share of its capacity, squared: one contract in a hundred
changes by half its capacity; thirty times less or more."""

PRICE_NOISE = Quantity(mid=0.03, low=0.001, high=0.9)
"""Deviation of a contract's log price from the month's: 3 %, thirty times less or more."""

UNBOUNDED = Quantity(mid=math.inf)
BY_SEGMENT = ("intensity_reversion_monthly", "intensity_volatility_monthly", "intensity_common_share")
BY_REGIME = ("intensity_growth_yearly", "intensity_level", "churn_monthly", "expansion_monthly")
AFTER = ("after_boom_bust", "after_steady_boom", "after_bust_steady")
OF_THE_PRICE = ("price_reversion_monthly", "price_volatility_monthly")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The unknowns by name.

    Attributes
    ----------
    names
        [parameter] dotted names, certain ones too.
    priors
        [parameter] what is believed of each; a quantity that is not uncertain stays at its mid.
    segments
        names, in the order of the case.
    """

    names: tuple[str, ...]
    priors: tuple[Quantity, ...]
    segments: tuple[str, ...]

    @property
    def place(self) -> Mapping[str, int]:
        """Place of each name."""
        return {name: k for k, name in enumerate(self.names)}

    @property
    def free(self) -> Integers:
        """[free] places of those that are uncertain."""
        return np.array([k for k, prior in enumerate(self.priors) if prior.uncertain], dtype=np.int64)

    def statements(self) -> Statements:
        """Return the priors as the kernels read them."""
        rows = [_statement(prior) for prior in self.priors]
        return Statements(*(np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)))

    def places(self) -> Places:
        """Return where each field stands."""
        at = self.place

        def of(field: str) -> Integers:
            return np.array([at[f"segments.{s}.{field}"] for s in self.segments], dtype=np.int64)

        def by_regime(field: str) -> Integers:
            return np.stack([of(f"{field}.{z}") for z in REGIMES], axis=1)

        return Places(
            opening=of("opening_intensity"),
            reversion=of("intensity_reversion_monthly"),
            volatility=of("intensity_volatility_monthly"),
            common_share=of("intensity_common_share"),
            ceiling=of("intensity_ceiling_per_month"),
            growth_chance=of("growth_chance"),
            growth_variance=of("growth_variance"),
            price_noise=of("price_noise"),
            growth=by_regime("intensity_growth_yearly"),
            level=by_regime("intensity_level"),
            churn=by_regime("churn_monthly"),
            expansion=by_regime("expansion_monthly"),
            mean_months=np.array([at[f"market.mean_months.{z}"] for z in REGIMES], dtype=np.int64),
            price_drift=np.array([at[f"market.price_drift_yearly.{z}"] for z in REGIMES], dtype=np.int64),
            after=np.array([at[f"market.{field}"] for field in AFTER], dtype=np.int64),
            price_reversion=at["market.price_reversion_monthly"],
            price_volatility=at["market.price_volatility_monthly"],
        )

    def unknowns(self, *, together: bool) -> Unknowns:
        """Return how they are sampled.

        Parameters
        ----------
        together
            whether all that concerns a segment moves together, as it must where the evidence is sums of it
            all; else what leavers and growth speak of moves apart.
        """
        part, segment, blocks = [], [], dict[tuple[int, int], list[int]]()
        for k in self.free:
            key = self._part(self.names[k], together=together)
            part.append(key[0])
            segment.append(key[1])
            blocks.setdefault(key, []).append(int(k))
        joint = {key: block for key, block in blocks.items() if key[0] == SEGMENT and len(block) > 1}
        members = np.full((len(joint), max((len(m) for m in joint.values()), default=1)), -1, dtype=np.int64)
        for b, block in enumerate(joint.values()):
            members[b, : len(block)] = block
        return Unknowns(
            free=self.free,
            part=np.array(part, dtype=np.int64),
            segment=np.array(segment, dtype=np.int64),
            members=members,
            block_segment=np.array([key[1] for key in joint], dtype=np.int64),
            block_size=np.array([len(block) for block in joint.values()], dtype=np.int64),
        )

    def _part(self, name: str, *, together: bool) -> tuple[int, int]:
        section, *rest = name.split(".")
        if section != "segments":
            chain = rest[0] == "mean_months" or rest[0] in AFTER
            return (CHAIN if chain else PRICE), 0
        s, field = self.segments.index(rest[0]), rest[1]
        if field == "price_noise":
            return PRICE, 0
        if not together and field == "churn_monthly":
            return LEAVING, s
        if not together and field in ("expansion_monthly", "growth_chance", "growth_variance"):
            return GROWTH, s
        return SEGMENT, s


def demand_table(case: Case, *, nuisances: bool, extra: Sequence[tuple[str, Quantity]] = ()) -> Table:
    """Return the unknowns of a case's demand.

    Parameters
    ----------
    case
        the case.
    nuisances
        whether growth and prices are observed, so that their noise is to be learned.
    extra
        further (dotted name, prior); those of a segment are sampled with its demand, others with the prices.
    """
    rows = [*_market(case), *_segments(case, nuisances=nuisances), *extra]
    names, priors = zip(*rows, strict=True)
    return Table(names, priors, tuple(case.segments))


def opening_prior(stated: Quantity) -> Quantity:
    """Return the prior of the intensity before the first month, given what is stated of the present one."""
    mid = max(stated.mid, LEAST_OPENING)
    return Quantity(mid=mid, low=mid / OPENING_REACH, high=mid * OPENING_REACH)


def stationary_regime(case: Case) -> Floats:
    """(M1) Return [regime]: the share of its time that the chain spends in each, at the mids of the case."""
    mean = case.market.regimes("mean_months").mids
    to = np.zeros((3, 3))
    for z, (first, second, field) in enumerate(zip((2, 0, 1), (1, 2, 0), AFTER, strict=True)):
        leave, chance = 1.0 / mean[z], case.market.number(field).mid
        to[z, z], to[z, first], to[z, second] = 1.0 - leave, leave * chance, leave * (1.0 - chance)
    system = np.vstack([to.T - np.eye(3), np.ones(3)])
    share = np.linalg.lstsq(system, np.array([0.0, 0.0, 0.0, 1.0]), rcond=None)[0]
    return np.asarray(np.maximum(share, 1e-9) / np.maximum(share, 1e-9).sum())


def _believed(name: str, quantity: Quantity) -> tuple[str, Quantity]:
    prior = prior_of(name, quantity)
    return name, Quantity(mid=quantity.mid) if prior is None else prior


def _market(case: Case) -> Iterator[tuple[str, Quantity]]:
    for field in ("mean_months", "price_drift_yearly"):
        for z, quantity in zip(REGIMES, case.market.regimes(field).all, strict=True):
            yield _believed(f"market.{field}.{z}", quantity)
    for field in (*AFTER, *OF_THE_PRICE):
        yield _believed(f"market.{field}", case.market.number(field))


def _segments(case: Case, *, nuisances: bool) -> Iterator[tuple[str, Quantity]]:
    for s, record in case.segments.items():
        dotted = f"segments.{s}"
        yield f"{dotted}.opening_intensity", opening_prior(record.number("new_customers_per_month"))
        for field in BY_SEGMENT:
            yield _believed(f"{dotted}.{field}", record.number(field))
        for field in BY_REGIME:
            for z, quantity in zip(REGIMES, record.regimes(field).all, strict=True):
                yield _believed(f"{dotted}.{field}.{z}", quantity)
        ceiling = "intensity_ceiling_per_month"
        bounded = record.given(ceiling)
        yield f"{dotted}.{ceiling}", _believed(ceiling, record.number(ceiling))[1] if bounded else UNBOUNDED
        noises = zip(NUISANCES[1:], (GROWTH_CHANCE, GROWTH_VARIANCE, PRICE_NOISE), strict=True)
        for field, prior in noises:
            yield f"{dotted}.{field}", prior if nuisances else Quantity(mid=prior.mid)


def _statement(prior: Quantity) -> tuple[float, ...]:
    """Return the row of `Statements` of a prior."""
    per_score = 1.0 / NormalDist().inv_cdf((1.0 + prior.confidence) / 2.0)
    if prior.low is None or prior.high is None:
        return prior.mid, 0.0, 0.0, 0.0, per_score, -math.inf, math.inf
    above, below = prior.high - prior.mid, prior.mid - prior.low
    log_skew = math.log(above) - math.log(below) if above > 0.0 and below > 0.0 else 0.0
    return prior.mid, above, below, log_skew, per_score, prior.minimum, prior.maximum
