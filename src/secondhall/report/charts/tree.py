"""The decision tree as a picture: boxes from the left to the right, the wider a line the likelier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from markupsafe import escape

from secondhall.decide.board import Branch
from secondhall.report.board import gain_words, share_words
from secondhall.report.words import Scale, printable

__all__ = ["tree_svg"]

_WIDE, _GAP, _LINE, _ROOM = 236, 62, 15, 14
_LETTERS = 36
_WIDEST = 12.0


@dataclass(frozen=True, slots=True)
class _Box:
    """A branch at its place: left edge, middle height, its lines."""

    branch: Branch
    x: float
    y: float
    lines: tuple[str, ...]
    inside: tuple[_Box, ...]

    @property
    def height(self) -> float:
        return _LINE * len(self.lines) + 9.0

    def all(self) -> Iterator[_Box]:
        """Yield this box and those after it."""
        yield self
        for box in self.inside:
            yield from box.all()


def tree_svg(tree: Branch, key: str, scale: Scale) -> str:
    """Return the tree as SVG; what is in it is escaped, and its colours are the page's.

    Parameters
    ----------
    tree
        its root.
    key
        id of the picture in the page; ``key-title`` names it.
    scale
        of the gains.
    """
    root, height = _placed(tree, 0.0, 2.0, scale)
    depth = 1 + max(round(box.x / (_WIDE + _GAP)) for box in root.all())
    width = depth * _WIDE + (depth - 1) * _GAP + 4
    lines = [_line(box, after) for box in root.all() for after in box.inside]
    boxes = [_drawn(box) for box in root.all()]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" role="img" aria-labelledby="{key}-title">'
    )
    return head + "".join(lines + boxes) + "</svg>"


def _placed(branch: Branch, x: float, top: float, scale: Scale) -> tuple[_Box, float]:
    """Return a branch at its place below ``top``, and how far down it reaches."""
    lines = (*wrap(printable(branch.said), _LETTERS, max_lines=3, placeholder=" …"), *_figures(branch, scale))
    own = _LINE * len(lines) + 9.0
    inside, at = _side_by_side(branch, x + _WIDE + _GAP, top, scale)
    short = top + 0.5 * own - 0.5 * (inside[0].y + inside[-1].y) if inside else 0.0
    if short > 0.0:  # what comes after is lower than the box itself
        inside, at = _side_by_side(branch, x + _WIDE + _GAP, top + short, scale)
    y = 0.5 * (inside[0].y + inside[-1].y) if inside else top + 0.5 * own
    return _Box(branch, x, y, lines, tuple(inside)), max(at, y + 0.5 * own + _ROOM)


def _side_by_side(branch: Branch, x: float, top: float, scale: Scale) -> tuple[list[_Box], float]:
    """Return the branches after one, one below the other from ``top`` on, and how far down they reach."""
    inside, at = [], top
    for after in branch.branches:
        box, at = _placed(after, x, at, scale)
        inside.append(box)
    return inside, at


def _figures(branch: Branch, scale: Scale) -> tuple[str, str]:
    return share_words(branch), gain_words(branch.gain, scale)


def _line(box: _Box, after: _Box) -> str:
    x, end = box.x + _WIDE, after.x
    middle = 0.5 * (x + end)
    width = max(_WIDEST * after.branch.probability.value, 0.8)
    return (
        f'<path d="M{x:.1f} {box.y:.1f} C{middle:.1f} {box.y:.1f} {middle:.1f} {after.y:.1f} {end:.1f} '
        f'{after.y:.1f}" fill="none" stroke="var(--grey)" stroke-opacity="0.5" stroke-width="{width:.1f}"/>'
    )


def _drawn(box: _Box) -> str:
    top = box.y - 0.5 * box.height
    rect = (
        f'<rect x="{box.x:.1f}" y="{top:.1f}" width="{_WIDE}" height="{box.height:.1f}" rx="4" '
        f'fill="var(--panel)" stroke="var(--{_colour(box.branch)})" stroke-width="1.3"/>'
    )
    text = [
        _text(line, box.x + 8.0, top + _LINE * (at + 1), at, len(box.lines))
        for at, line in enumerate(box.lines)
    ]
    return rect + "".join(text)


def _text(line: str, x: float, y: float, at: int, count: int) -> str:
    figures = at >= count - 2
    weight = ' font-weight="bold"' if at == count - 1 else ""
    colour = "soft" if figures and at == count - 2 else "ink"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" fill="var(--{colour})"{weight}>{escape(line)}</text>'
    )


def _colour(branch: Branch) -> str:
    """Green where the gain is surely above zero, orange where it is surely below; grey else."""
    gain = branch.gain
    if not abs(gain.value) > 2.0 * gain.error:
        return "grey"
    return "green" if gain.value > 0.0 else "orange"
