"""What becomes of the posts of each role under a plan, so that a reader sees that no skill is lost."""

from __future__ import annotations

from dataclasses import dataclass

from secondhall.recover.recovery import Recovery

__all__ = ["RoleFlow", "role_flows"]


@dataclass(frozen=True, slots=True)
class RoleFlow:
    """What becomes of the posts of one role by the end of the plan, in one tide.

    ``start - dismissed - volunteers - moved_out + moved_in - left + hired = end``; ``left`` (by themselves),
    ``hired``, ``end`` and ``need`` are means over futures. ``floor`` is what keeps the service running.
    """

    role: str
    start: float
    dismissed: int
    volunteers: int
    moved_in: int
    moved_out: int
    left: float
    hired: float
    end: float
    floor: float
    need: float


def role_flows(recovery: Recovery, tide: int) -> tuple[RoleFlow, ...]:
    """Return what becomes of the posts of each role; nothing without a plan."""
    plan, problem = recovery.plan, recovery.laid.problem
    if plan is None:
        return ()
    inside = problem.tide == tide
    weight = problem.probability * inside / problem.probability[inside].sum()
    is_open = sum(float(problem.fate_open[problem.fates.index(fate), -1]) for fate in plan.fates[tide])
    hired = weight @ plan.figures.hires[:, :, -1]
    need = weight @ problem.need[:, :, -1] + problem.need_per_hall * is_open
    dismissed, volunteers = plan.decision.dismissals[tide], plan.decision.volunteers[tide]
    found = []
    for place, role in enumerate(problem.roles):
        moves = [(problem.redeployments[one.redeployment], one.posts) for one in plan.redeployments[tide]]
        moved_in = sum(posts for pair, posts in moves if pair.target == place)
        moved_out = sum(posts for pair, posts in moves if pair.source == place)
        gone, willing = int(dismissed[:, place].sum()), int(volunteers[:, place].sum())
        start, kept = float(problem.posts[place]), float(plan.figures.posts[tide, place, -1])
        left = start - gone - willing - moved_out + moved_in - kept
        end, floor = kept + float(hired[place]), float(problem.floor[place, -1])
        found.append(
            RoleFlow(
                role, start, gone, willing, moved_in, moved_out, left, float(hired[place]), end, floor,
                float(need[place]),
            )
        )  # fmt: skip
    return tuple(found)
