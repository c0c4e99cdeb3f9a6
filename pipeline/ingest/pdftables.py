"""Ruled tables of PDF pages, found by pdfplumber: from the rules that pdfium lists, or on its own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pdfplumber.page import Page as PlumberPage
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from pipeline.ingest.page import Grid, GridCell, Page
from pipeline.ingest.pdfdrawing import Drawing
from pipeline.ingest.pdfsecond import FAILURES, SecondReader, listed
from pipeline.ingest.reading import Reading
from pipeline.records import Box

MOST_RULES = 3000  # to look for tables among more takes too long
_SAME = 3.0  # points: rules closer than this are one


class RuledTables:
    """Looks for ruled tables, page by page; a page on which pdfplumber fails has none, and an issue says so."""

    def __init__(self, second: SecondReader, reading: Reading) -> None:
        self._second, self._reading = second, reading
        self._failed: list[int] = []

    def on_page(self, page: Page, drawn: Drawing) -> list[Grid]:
        """Tables of a page: by the rules that pdfium lists, or by a second reader where it does not place them."""
        if not drawn.placed:
            return self._second_opinion(page)
        rules = drawn.rules
        if len(rules) <= MOST_RULES:
            return tables_of_rules(rules, page.number)
        message = f"page {page.number}: {len(rules)} lines are drawn; tables are read as lines"
        self._reading.issue("tables_not_read", message)
        return []

    def _second_opinion(self, page: Page) -> list[Grid]:
        other = self._second.page(page.number)
        if other is None:
            self._failed.append(page.number)
            return []
        try:
            self._second.compare(page, other)
            found = _tables(other, page.number)
            other.close()
        except FAILURES:
            self._failed.append(page.number)
            return []
        return found

    def close(self) -> None:
        """Report the pages on which the second reader fails."""
        if self._failed:
            message = f"pages {listed(self._failed)}: a second reader fails; tables are read as lines"
            self._reading.issue("tables_not_read", message)


def _tables(page: PlumberPage, number: int) -> list[Grid]:
    dx, dy = page.cropbox[0], page.cropbox[1]
    grids: list[Grid] = []
    for table in page.find_tables():
        boxes = [(c[0] - dx, c[1] - dy, c[2] - dx, c[3] - dy) for c in table.cells]
        grids += [grid(part, number) for part in _parts(boxes)]
    return [found for found in grids if len(found.cells) > 1]


def tables_of_rules(rules: Sequence[Box], page: int) -> list[Grid]:
    """Tables of a page whose thin drawn lines are known: pdfplumber's way from lines to cells, without its reader."""
    edges = [
        {
            "x0": left if flat else (left + right) / 2,
            "x1": right if flat else (left + right) / 2,
            "top": (top + bottom) / 2 if flat else top,
            "bottom": (top + bottom) / 2 if flat else bottom,
            "width": right - left if flat else 0.0,
            "height": 0.0 if flat else bottom - top,
            "orientation": "h" if flat else "v",
        }
        for left, top, right, bottom in rules
        for flat in (right - left > bottom - top,)
    ]
    merged = merge_edges(edges, _SAME, _SAME, _SAME, _SAME) if edges else []
    merged = [edge for edge in merged if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= _SAME]
    cells = intersections_to_cells(edges_to_intersections(merged, _SAME, _SAME))
    grids = [grid(part, page) for found in cells_to_tables(cells) for part in _parts(found)]
    return [found for found in grids if len(found.cells) > 1]


def grid(boxes: Sequence[Box], page: int) -> Grid:
    """Cells in rows and columns by the edges that they share, row by row."""
    lefts = _edges(value for box in boxes for value in (box[0], box[2]))
    tops = _edges(value for box in boxes for value in (box[1], box[3]))
    cells = []
    for box in boxes:
        column, row = _index(lefts, box[0]), _index(tops, box[1])
        across, down = _index(lefts, box[2]) - column, _index(tops, box[3]) - row
        cells.append(GridCell(box, page, row + 1, column + 1, max(1, down), max(1, across)))
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Grid(cells, tuple(lefts), (lefts[0], tops[0], lefts[-1], tops[-1]))


def _parts(boxes: Sequence[Box]) -> list[list[Box]]:
    """Tables that touch each other are one for pdfplumber: cut where no inner rule goes on from one row to the next."""
    tops = _edges(box[1] for box in boxes)
    rows: list[list[Box]] = [[] for _ in tops]
    for box in boxes:
        rows[_index(tops, box[1])].append(box)
    inner = [set(_edges(box[0] for box in row)[1:]) for row in rows]
    parts: list[list[Box]] = [rows[0]]
    for index in range(1, len(rows)):
        above, below = inner[index - 1], inner[index]
        crossed = any(box[1] < tops[index] - _SAME and box[3] > tops[index] + _SAME for box in boxes)
        alike = any(abs(one - other) <= _SAME for one in above for other in below)
        if above and below and not alike and not crossed:
            parts.append([])
        parts[-1] = parts[-1] + rows[index]
    return parts


def _edges(values: Iterable[float]) -> list[float]:
    """Places in order, each once; those that lie closer together than a rule is wide count as one."""
    ordered = sorted(values)
    return ordered[:1] + [b for a, b in pairwise(ordered) if b - a > _SAME]


def _index(edges: Sequence[float], place: float) -> int:
    after = min(bisect_left(edges, place), len(edges) - 1)
    return after - 1 if after and place - edges[after - 1] <= edges[after] - place else after
