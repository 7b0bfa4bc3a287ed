"""The families of constraints: what can refuse a plan."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["DROPPABLE", "Family"]


class Family(StrEnum):
    """What refuses; its value is the subject of a sentence."""

    COMMITMENT = "the shareholder's commitment"
    ROOM = "the room and the pace of moves"
    FLOOR = "the floor under the posts"
    LAW = "the law's numbers"
    DELAY = "the law's delay"
    REDEPLOYMENT = "the number of posts that can be redeployed"
    FORESIGHT = "what is not known before the review"
    STRUCTURE = "one fate for each hall"


DROPPABLE = (Family.ROOM, Family.FLOOR, Family.LAW, Family.DELAY)
"""Those that are taken away one at a time, beside the commitment, to see which of them refuses."""
