"""How large a stochastic programme of a company is made."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["TreeProgramme"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeProgramme:
    """How large the programme is made and how long it is solved.

    Attributes
    ----------
    paths
        simulated paths that the tree is made from.
    scenarios
        into which they are gathered, each with its own demand and prices.
    fresh
        futures on which the policy is played in the company.
    dates
        months from the start at which is decided; the first is 0.
    children
        of a node at each date after the first, at most.
    least
        paths of a node, at least: fewer would be planned for as if they were foreseen.
    period_months
        over which what is sold is averaged; the dates are multiples of it.
    gap
        at which the optimum counts as exact, as a share of the objective.
    seconds
        after which the best so far is taken with its bound.
    """

    paths: int = 1000
    scenarios: int = 56
    fresh: int = 4000
    dates: tuple[int, ...] = (0, 12, 24)
    children: tuple[int, ...] = (4, 3)
    least: int = 20
    period_months: int = 6
    gap: float = 1e-3
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.dates[:1] != (0,) or list(self.dates) != sorted(set(self.dates)):
            raise ValueError(f"dates begin with 0 and rise, found {self.dates}")
        if len(self.children) != len(self.dates) - 1:
            raise ValueError("children are given for each date after the first")
        if any(date % self.period_months for date in self.dates):
            raise ValueError(f"dates are multiples of {self.period_months} months, found {self.dates}")

    def limited(self, futures: int, horizon_months: int) -> TreeProgramme:
        """Return the same for a decision on so many futures, with no date beyond the horizon."""
        dates = tuple(date for date in self.dates if date < horizon_months)
        return replace(
            self,
            paths=min(self.paths, futures),
            scenarios=min(self.scenarios, max(futures // 10, 1)),
            fresh=min(self.fresh, futures),
            dates=dates,
            children=self.children[: len(dates) - 1],
        )
