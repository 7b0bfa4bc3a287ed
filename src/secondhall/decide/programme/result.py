"""What a stochastic programme of a company says."""

from __future__ import annotations

from dataclasses import dataclass

from secondhall.decide.programme.policy import Deed
from secondhall.futures import Estimate

__all__ = ["Branch", "InSample", "OutOfSample", "ProgrammeResult"]


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the tree, as a reader meets it.

    Attributes
    ----------
    depth
        0 at the start.
    month
        from the start.
    probability
        of passing through it.
    seen
        mean of each of `secondhall.decide.programme.tree.SIGNS`; None at the start, where all are alike.
    deeds
        what is done there.
    """

    depth: int
    month: int
    probability: float
    seen: tuple[float, ...] | None
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class InSample:
    """The programme's own figures, on the scenarios in its tree and in its linear economics.

    Each is in the measure by which rules are chosen, (1 - weight) expected NPV + weight CVaR, with the
    standard error of so many paths, as far as the scenarios differ.

    Attributes
    ----------
    paths, scenarios
        in the tree.
    status
        what is known of the optimum: exact, or an incumbent with a bound.
    worth
        of the best policy found, over never.
    bound
        no policy on this tree is worth more over never.
    played
        worth of the same policy on the same paths in the company: what the linear economics get wrong is the
        difference.
    vss
        what it is worth to plan for all paths, instead of doing first what is best for their mean (G11).
    evpi
        what it would be worth to know which path comes (G11).
    """

    paths: int
    scenarios: int
    status: str
    worth: Estimate
    bound: float
    played: Estimate
    vss: Estimate
    evpi: Estimate


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """The policy played in the company on futures that were not in its tree.

    Attributes
    ----------
    futures
        how many.
    worth
        over never, in the same measure as in sample.
    gain
        expected NPV over never.
    insolvency, insolvency_over_never
        its probability; what it is more than that of never.
    rule, over_rule
        the name of the rule that it is set beside, and what the policy is worth over it; None without one.
    """

    futures: int
    worth: Estimate
    gain: Estimate
    insolvency: Estimate
    insolvency_over_never: Estimate
    rule: str | None
    over_rule: Estimate | None


@dataclass(frozen=True, slots=True)
class ProgrammeResult:
    """What the stochastic programme of a case says.

    Attributes
    ----------
    inside, outside
        in sample and out of sample.
    branches
        the tree from the start down, each node before its children.
    """

    inside: InSample
    outside: OutOfSample
    branches: tuple[Branch, ...]

    @property
    def now(self) -> tuple[Deed, ...]:
        """What is done at the start."""
        return self.branches[0].deeds
