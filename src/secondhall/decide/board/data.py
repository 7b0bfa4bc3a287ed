"""The board's page as plain data, for machines."""

from __future__ import annotations

from secondhall.decide.board.paper import BoardPaper, Branch
from secondhall.futures import Estimate

__all__ = ["board_data"]


def board_data(board: BoardPaper | None) -> dict[str, object] | None:
    """Return the board's page as plain data."""
    if board is None:
        return None
    return {"tree": None if board.tree is None else _branch(board.tree)}


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "error": estimate.error}


def _branch(branch: Branch) -> dict[str, object]:
    return {
        "said": branch.said,
        "futures": branch.futures,
        "probability": _estimate(branch.probability),
        "gain_over_never": _estimate(branch.gain),
        "branches": [_branch(one) for one in branch.branches],
    }
