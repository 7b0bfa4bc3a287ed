"""The board's page in words, for the terminal and the HTML report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from secondhall.futures import Estimate
from secondhall.report.tables import rules_scale
from secondhall.report.words import Scale, estimate_percent, printable

if TYPE_CHECKING:
    from secondhall.decide.board import Alternative, BoardPaper, Branch, Frontier
    from secondhall.decide.decision import Decision

__all__ = [
    "NO_ALTERNATIVE",
    "board_parts",
    "branch_words",
    "frontier_words",
    "gain_words",
    "sensitivity_words",
    "share_words",
    "switching_columns",
    "switching_rows",
    "switching_words",
    "tree_words",
]

REFUSED = " (refused as it stands)"

_NAMED = 3

NO_ALTERNATIVE = (
    "None: no rule that may be chosen comes within two standard errors or a tenth of the gain of the "
    "recommended one and differs from it in option, in kind of rule, or by a quarter of a year in timing."
)


def board_parts(decision: Decision) -> list[RenderableType]:
    """Return what the terminal shows of the board's page."""
    board = decision.board
    if board is None:
        return []
    scale = rules_scale(decision)
    return [
        *_tree(board.tree, scale),
        Text(),
        Text("Value against risk", style="bold"),
        Text(printable(frontier_words(board.frontier, scale))),
        Text(),
        *_alternatives(board.alternatives, scale),
        *_switching(board),
        *_sensitivity(board),
    ]


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


def frontier_words(frontier: Frontier, scale: Scale) -> str:
    """Return the frontier in a few sentences."""
    line, every = frontier.line, [place for place in frontier.places if place.refused is None]
    chosen = next(place for place in frontier.places if place.chosen)
    stands = "stands on it" if chosen.undominated else "lies behind it"
    ends = (line[0], line[-1]) if len(line) > 1 else line
    told = "; ".join(
        f"{place.name}: {gain_words(place.gain, scale)}, worst twentieth {scale.estimate(place.cvar)} "
        f"{scale.label}"
        for place in ends
    )
    said = (
        f"Of {len(every)} rules that may be chosen, on {frontier.paths:,} fresh futures, {len(line)} "
        f"{'is' if len(line) == 1 else 'are'} not dominated: none other has as much of value and of safety "
        f"and more of one. The recommended rule {stands}."
    )
    return f"{said} {'From the safest to the most valuable' if len(ends) > 1 else 'It is'}: {told}."


def _alternatives(found: Sequence[Alternative], scale: Scale) -> list[RenderableType]:
    heading = Text("Plans of nearly equal value that look different", style="bold")
    if not found:
        return [heading, Text(NO_ALTERNATIVE)]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("plan", overflow="fold")
    table.add_column("how it differs", overflow="fold")
    for name in ("score\nbehind", "over\nnever", "CVaR\n5 %", "ever\n%"):
        table.add_column(name, justify="right")
    for one in found:
        amounts = ("\n±".join(scale.parts(each)) for each in (one.behind, one.gain, one.cvar))
        ever = estimate_percent(one.commits).replace(" %", "").replace(" ±", "\n±")
        table.add_row(Text(printable(one.name)), Text(printable(one.differs)), *amounts, ever)
    return [heading, table]


def switching_rows(board: BoardPaper) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each lever in words, and where it lets each of the other rules win."""
    against = switching_columns(board)
    by_lever: dict[str, dict[str, str]] = {}
    for one in board.switching:
        by_lever.setdefault(f"{one.what} (tried: {one.reach})", {})[one.against] = one.words
    return tuple(
        (what, tuple(cells.get(name.removesuffix(REFUSED), "-") for name in against))
        for what, cells in by_lever.items()
    )


def switching_columns(board: BoardPaper) -> tuple[str, ...]:
    """Return the names of the other rules, those that are refused as things stand marked."""
    return tuple(dict.fromkeys(one.against + (REFUSED if one.refused else "") for one in board.switching))


def switching_words(board: BoardPaper) -> str:
    """Return what a switching value is, and on what it rests."""
    return (
        "Where each lever, moved alone, would let another rule draw level by its score, over "
        f"{board.switching_paths:,} futures with the same random numbers; ± is one standard error. The limit "
        "on insolvency is left aside here."
    )


def _switching(board: BoardPaper) -> list[RenderableType]:
    if not board.switching:
        return []
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for name in ("what would have to be", *(f"for {name}" for name in switching_columns(board))):
        table.add_column(Text(printable(name)), overflow="fold", vertical="bottom")
    for what, cells in switching_rows(board):
        table.add_row(Text(what), *(Text(printable(cell)) for cell in cells))
    heading = Text("What would have to be true for another choice to win", style="bold")
    return [Text(), heading, table, Text(switching_words(board), style="dim")]


def sensitivity_words(board: BoardPaper) -> str:
    """Return what moves the gain the most, and what the shares mean."""
    told = "; ".join(f"{one.words}: {estimate_percent(one.share)}" for one in board.sensitivity[:_NAMED])
    return (
        "Share of the variance of the gain over never that each figure explains by itself (first-order "
        f"index), ± one standard error. The rest is chance, and what figures do together. First: {told}."
    )


def _sensitivity(board: BoardPaper) -> list[RenderableType]:
    if not board.sensitivity:
        return []
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("figure", overflow="fold")
    table.add_column("share of the\nvariance, %", justify="right")
    for one in board.sensitivity:
        table.add_row(Text(printable(one.words)), estimate_percent(one.share).replace(" %", ""))
    return [Text(), Text("What moves the gain of the rule", style="bold"), table]


def tree_words(root: Branch, scale: Scale) -> str:
    """Return the tree as its caption: the root, then when it commits."""
    whens = "; ".join(f"{after.said}: {branch_words(after, scale)}" for after in root.branches)
    return (
        f"Every future takes one way; the gains, weighted by their probabilities, add up to the rule's own, "
        f"{scale.estimate(root.gain)} {scale.label}. In words: {whens}."
    )
