"""The board's page as plain data, for machines."""

from __future__ import annotations

from secondhall.decide.board.paper import Alternative, BoardPaper, Branch, Place, SwitchingValue

__all__ = ["board_data"]


def board_data(board: BoardPaper | None) -> dict[str, object] | None:
    """Return the board's page as plain data."""
    if board is None:
        return None
    return {
        "tree": None if board.tree is None else _branch(board.tree),
        "frontier": {
            "futures": board.frontier.paths,
            "rules": [_place(place) for place in board.frontier.places],
            "searched": [_place(place) for place in board.frontier.searched],
        },
        "alternatives": [_alternative(one) for one in board.alternatives],
        "sensitivity": [
            {"field": one.name, "words": one.words, "share_of_variance": one.share.as_data()}
            for one in board.sensitivity
        ],
        "switching_values": {
            "futures": board.switching_paths,
            "levers": [_switching(one) for one in board.switching],
        },
    }


def _switching(one: SwitchingValue) -> dict[str, object]:
    return {
        "lever": one.lever,
        "what": one.what,
        "tried": one.reach,
        "against": one.against,
        "refused": one.refused,
        "gap_of_scores_now": one.gap.as_data(),
        "switches_at": None if one.at is None else one.at.as_data(),
        "words": one.words,
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "rule": place.name,
        "gain_over_never": place.gain.as_data(),
        "cvar_npv": place.cvar.as_data(),
        "refused": place.refused,
        "recommended": place.chosen,
        "undominated": place.undominated,
    }


def _alternative(one: Alternative) -> dict[str, object]:
    return {
        "rule": one.name,
        "words": one.words,
        "differs": one.differs,
        "behind_recommended": one.behind.as_data(),
        "gain_over_never": one.gain.as_data(),
        "cvar_npv": one.cvar.as_data(),
        "commits": one.commits.as_data(),
        "median_month": None if one.median_month is None else str(one.median_month),
    }


def _branch(branch: Branch) -> dict[str, object]:
    return {
        "said": branch.said,
        "futures": branch.futures,
        "probability": branch.probability.as_data(),
        "gain_over_never": branch.gain.as_data(),
        "branches": [_branch(one) for one in branch.branches],
    }
