"""The board's page in words, for the terminal and the HTML report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from secondhall.futures import Estimate
from secondhall.report.tables import rules_scale
from secondhall.report.words import Scale, estimate_percent, printable

if TYPE_CHECKING:
    from secondhall.decide.board import Branch
    from secondhall.decide.decision import Decision

__all__ = ["board_parts", "branch_words", "gain_words", "share_words", "tree_words"]


def board_parts(decision: Decision) -> list[RenderableType]:
    """Return what the terminal shows of the board's page."""
    board = decision.board
    if board is None:
        return []
    return [*_tree(board.tree, rules_scale(decision))]


def branch_words(branch: Branch, scale: Scale) -> str:
    """Return how likely a branch is and what it is worth."""
    return f"{share_words(branch)}, {gain_words(branch.gain, scale)}"


def share_words(branch: Branch) -> str:
    """Return how many futures take a branch; of one that all take, how many these are."""
    if branch.probability.value == 1.0:
        return f"all {branch.futures:,} futures"
    return f"{estimate_percent(branch.probability)} of futures"


def gain_words(gain: Estimate, scale: Scale) -> str:
    """Return a gain over never with its error; where never itself is followed, that."""
    if gain == Estimate(0.0, 0.0):
        return "the same as never"
    plus = "+" if gain.value > 0.0 else ""
    return f"{plus}{scale.estimate(gain)} {scale.label} over never"


def _tree(root: Branch | None, scale: Scale) -> list[RenderableType]:
    if root is None:
        return []
    tree = Tree(_branch(root, scale), guide_style="dim")
    _grow(tree, root, scale)
    return [Text(), Text("What the rule comes to", style="bold"), tree]


def _grow(tree: Tree, branch: Branch, scale: Scale) -> None:
    for after in branch.branches:
        _grow(tree.add(_branch(after, scale)), after, scale)


def _branch(branch: Branch, scale: Scale) -> Text:
    return Text(printable(f"{branch.said}: {branch_words(branch, scale)}"))


def tree_words(root: Branch, scale: Scale) -> str:
    """Return the tree as its caption: the root, then when it commits."""
    whens = "; ".join(f"{after.said}: {branch_words(after, scale)}" for after in root.branches)
    return (
        f"Every future takes one way; the gains, weighted by their probabilities, add up to the rule's own, "
        f"{scale.estimate(root.gain)} {scale.label}. In words: {whens}."
    )
