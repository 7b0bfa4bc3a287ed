"""What a board is shown beside the answer: the tree, the frontier, other plans, what would turn it."""

from secondhall.decide.board.paper import (
    Alternative,
    BoardPaper,
    Branch,
    Frontier,
    Place,
    Sensitivity,
    SwitchingValue,
)

__all__ = ["Alternative", "BoardPaper", "Branch", "Frontier", "Place", "Sensitivity", "SwitchingValue"]
