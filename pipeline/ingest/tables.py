"""Heads of table cells: which words name the row and the column that a figure stands in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_FIGURE = re.compile(r"[约近超≥≤＞＜><]?[\d.,，:：/／~～—–\-−+±%％‰()（）XxＸ×…·\s]+[\u4e00-\u9fffA-Za-z]{0,3}")
_FIGURES = 0.3  # of the cells below the head and beside the first column; forms hold fewer figures
_YEAR = re.compile(r"(?:19|20)\d\d(?:年.{0,6})?")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the top left place of its grid (counted from 1), how far it stretches, and what it says."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    label: str = field(init=False)
    """The text as a head: without line breaks and blanks."""
    is_figure: bool = field(init=False)
    """Whether the cell holds a number, a mask or a dash rather than words; a year is words."""

    def __post_init__(self) -> None:
        label = "".join(self.text.split())
        object.__setattr__(self, "label", label)  # both are asked for many times
        object.__setattr__(self, "is_figure", bool(_FIGURE.fullmatch(label)) and not _YEAR.fullmatch(label))


Heads = dict[tuple[int, int], tuple[str | None, str | None]]


def heads(cells: Sequence[Cell]) -> Heads:
    """Row head and column head by (row, column) of each cell below the head rows."""
    columns = max((cell.column + cell.column_span - 1 for cell in cells), default=0)
    if columns < 2:
        return {}
    last = _last_head_row(cells, columns)
    top = [cell for cell in cells if cell.row <= last and cell.column_span < columns]
    above = {column: _join(_over(top, column)) for column in {cell.column for cell in cells}}
    words: dict[int, list[Cell]] = {}  # by row, from left to right: what can name the row
    for cell in sorted(cells, key=lambda cell: cell.column):
        if cell.label and not cell.is_figure:
            for row in range(cell.row, cell.row + cell.row_span):
                words.setdefault(row, []).append(cell)
    return {
        (cell.row, cell.column): (_row_head(words.get(cell.row, []), cell, not top), above[cell.column])
        for cell in cells
        if cell.row > last
    }


def _last_head_row(cells: Sequence[Cell], columns: int) -> int:
    """The last row of column heads; 0 for a form, whose labels stand to the left of what they name."""
    first = 1
    while any(cell.row == first and cell.column_span >= columns for cell in cells):
        first += 1  # a title over the whole width
    opening = [cell for cell in cells if cell.row == first]
    if len(opening) < 2 or any(cell.is_figure or (not cell.label and cell.column > 1) for cell in opening):
        return 0
    last = max(cell.row + cell.row_span - 1 for cell in opening)
    if last == first and any(cell.column_span > 1 for cell in opening):
        last += 1
    body = [cell for cell in cells if cell.row > last and cell.column > 1 and cell.label]
    return last if sum(cell.is_figure for cell in body) > _FIGURES * len(body) else 0


def _row_head(words: Sequence[Cell], cell: Cell, in_form: bool) -> str | None:
    """In a table the first words of the row, with the group that they stand in; in a form the nearest words."""
    left = [other for other in words if other.column < cell.column]
    if in_form or not left:
        return left[-1].label if left else None
    groups = 0
    while groups + 1 < len(left) and left[groups].row_span > cell.row_span:
        groups += 1
    return _join(left[: groups + 1])


def _over(top: Sequence[Cell], column: int) -> list[Cell]:
    """Head cells that stretch over a column, from above."""
    return sorted((c for c in top if c.column <= column < c.column + c.column_span), key=lambda c: c.row)


def _join(cells: Sequence[Cell]) -> str | None:
    return "/".join(dict.fromkeys(cell.label for cell in cells if cell.label)) or None
