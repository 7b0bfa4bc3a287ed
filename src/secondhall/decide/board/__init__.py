"""What a board is shown beside the answer: the tree, the frontier, other plans, what would turn it."""

from secondhall.decide.board.paper import BoardPaper, Branch

__all__ = ["BoardPaper", "Branch"]
