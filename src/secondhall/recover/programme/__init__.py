"""The optimiser of a way out: a mixed-integer programme, its plan, and why what is not in it is not."""

from secondhall.recover.programme.decision import Decision, do_nothing
from secondhall.recover.programme.evaluate import Figures, evaluate
from secondhall.recover.programme.family import Family
from secondhall.recover.programme.goal import Cheque, Goal, Value
from secondhall.recover.programme.plan import Plan, PlannedMove, PlannedWave
from secondhall.recover.programme.refusals import Refusal, refusals
from secondhall.recover.programme.refuse import Reason
from secondhall.recover.programme.solve import NoPlan, solve
from secondhall.recover.programme.unsaved import Relief, Unsaved, unsaved

__all__ = [
    "Cheque",
    "Decision",
    "Family",
    "Figures",
    "Goal",
    "NoPlan",
    "Plan",
    "PlannedMove",
    "PlannedWave",
    "Reason",
    "Refusal",
    "Relief",
    "Unsaved",
    "Value",
    "do_nothing",
    "evaluate",
    "refusals",
    "solve",
    "unsaved",
]
