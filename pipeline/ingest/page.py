"""A printed page between its file format and its blocks: characters with boxes, lines, tables."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, combinations, pairwise, repeat
from operator import sub
from statistics import median
from typing import NamedTuple

from pipeline.ingest.reading import UNDRAWN
from pipeline.records import Box

SURE = 0.9  # of 1: a character recognised with less may be another one
_SPACING = 0.6  # of the character size: printers put up to a quarter between Chinese and Latin, with some slack
_GAP = 0.2  # between any other two characters this is a blank
_FIRST_IDEOGRAPHIC = 0x2E80
_RULERS = "—―─…⋯·._-=~～ \u3000"  # drawn in rows, with boxes that overlap


class Glyph(NamedTuple):
    """One character as drawn. There are a million of them in a long file: a tuple is the cheapest record."""

    character: str
    box: Box
    gap: str = ""  # what the format says stands before it: "" nothing, " " a blank by its guess, "\n" a new line
    score: float = 1.0  # how sure a recogniser is

    @property
    def size(self) -> float:
        """Height of the box."""
        return self.box[3] - self.box[1]


_new = partial(tuple.__new__, Glyph)


def drawn(characters: Iterable[str], boxes: Iterable[Box], gaps: Iterable[str]) -> list[Glyph]:
    """Glyphs from their columns, ten times as quick as one by one."""
    return [*map(_new, zip(characters, boxes, gaps, repeat(1.0)))]


_BLANK = Glyph(" ", UNDRAWN)


@dataclass(slots=True, eq=False)
class Line:
    """Characters side by side. `boxes` holds four floats a character of `text`, NaN for blanks put in between."""

    text: str
    boxes: array[float]
    box: Box
    size: float
    scores: dict[int, float] = field(default_factory=dict)  # by place in `text`: characters that may be others

    @property
    def left(self) -> float:
        """Left edge."""
        return self.box[0]

    @property
    def top(self) -> float:
        """Top edge, counted downward."""
        return self.box[1]

    @property
    def right(self) -> float:
        """Right edge."""
        return self.box[2]

    @property
    def bottom(self) -> float:
        """Bottom edge."""
        return self.box[3]


@dataclass(slots=True, eq=False)
class GridCell:
    """A cell of a ruled table: its box, its place counted from 1, its lines."""

    box: Box
    page: int
    row: int = 1
    column: int = 1
    row_span: int = 1
    column_span: int = 1
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Grid:
    """A ruled table; `edges` are the places of its vertical rules."""

    cells: list[GridCell]
    edges: tuple[float, ...]
    box: Box


@dataclass(slots=True)
class Page:
    """What one page shows, in reading order."""

    number: int
    width: float
    height: float
    items: list[Line | Grid] = field(default_factory=list)
    struck: list[Box] = field(default_factory=list)  # lines drawn through text
    characters: int = 0
    unknown: int = 0
    printed: int = 0  # characters of the page itself, without what is typed onto it
    shows: bool = False  # anything at all is drawn on it
    is_picture: bool = False  # a picture with hardly any text over it, as a stamped page number
    sideways: bool = False  # most of its text runs up or down
    comments: int = 0  # notes to its readers, and files pinned to it, that are no part of it
    files: int = 0
    recognised: bool = False  # its text was read from the picture


def once(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Leave out characters printed a second time at nearly the same place, as old printers do for bold type."""
    glyphs = list(glyphs)
    if len({(character, box[0] // 4, box[1] // 4) for character, box, _, _ in glyphs}) == len(glyphs):
        return glyphs  # as on most pages: nothing comes even near to itself
    kept: list[Glyph] = []
    seen: dict[tuple[str, int], list[Box]] = {}
    for glyph in glyphs:
        left, top, right, _ = glyph.box
        band = int(top / max(glyph.size, 1.0))
        near = (box for key in (band - 1, band, band + 1) for box in seen.get((glyph.character, key), ()))
        shift_x, shift_y = 0.3 * (right - left), 0.3 * glyph.size
        if glyph.character not in _RULERS and any(
            abs(box[0] - left) < shift_x and abs(box[1] - top) < shift_y for box in near
        ):
            continue
        seen.setdefault((glyph.character, band), []).append(glyph.box)
        kept.append(glyph)
    return kept


def filled_in(printed: Sequence[Glyph], typed: Sequence[Glyph]) -> list[Glyph]:
    """What is typed onto a page, as into a form, put after the printed character to its left; else at the end."""
    found = list(printed)
    runs: list[list[Glyph]] = []
    for glyph in typed:
        if runs and glyph.gap != "\n" and _on_line(glyph, runs[-1][0].box[1], runs[-1][0].box[3]):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    for run in runs:
        left, top, _, bottom = run[0].box
        right = run[-1].box[2]
        # blanks were printed to write on
        found = [
            other
            for other in found
            if other.character != " "
            or not _on_line(other, top, bottom)
            or not left - run[0].size < other.box[2] < right + run[0].size
        ]
        near = [place for place, other in enumerate(found) if _on_line(other, top, bottom) and other.box[0] < left]
        place = max(near, key=lambda place: found[place].box[2]) + 1 if near else len(found)
        found[place:place] = [run[0]._replace(gap=" " if near else "\n"), *run[1:]]
        if near and place + len(run) < len(found):
            after = found[place + len(run)]
            found[place + len(run)] = after._replace(gap=" " if _on_line(after, top, bottom) else "\n")
    return found


def _on_line(glyph: Glyph, top: float, bottom: float) -> bool:
    return min(glyph.box[3], bottom) - max(glyph.box[1], top) > 0.5 * min(glyph.size, bottom - top)


def lines(glyphs: Iterable[Glyph]) -> list[Line]:
    """Cut characters in reading order into lines: where the format says so, and where the place jumps."""
    found: list[Line] = []
    run: list[Glyph] = []
    before: Glyph | None = None
    for glyph in glyphs:
        # without a break by the format only a step back can be one
        if before and (glyph[2] == "\n" or glyph[1][0] < before[1][0]) and _breaks(before, glyph):
            found.append(_line(run))
            run = []
        run.append(glyph)
        before = glyph
    if run:
        found.append(_line(run))
    return [line for line in found if line.text.strip()]


def _breaks(before: Glyph, glyph: Glyph) -> bool:
    size = max(before.size, glyph.size, 1.0)
    apart = glyph.box[1] > before.box[3] or glyph.box[3] < before.box[1]
    if glyph.gap == "\n":
        # a format may break where type or font changes inside a line
        close = -0.2 * size < glyph.box[0] - before.box[2] < 0.3 * size
        overlap = min(before.box[3], glyph.box[3]) - max(before.box[1], glyph.box[1])
        return not (close and overlap > 0.6 * min(before.size, glyph.size))
    return apart and glyph.box[0] < before.box[0] - 2 * size


def _line(run: list[Glyph]) -> Line:
    while len(run) > 1 and run[-1].character.isspace():
        run = run[:-1]
    characters, places, gaps, scores = zip(*run, strict=True)
    text = "".join(characters)
    shown: Sequence[Box] = places
    if len(text.split()) > 1 or text != text.strip():
        shown = [box for character, box in zip(characters, places, strict=True) if not character.isspace()] or places
    if " " in gaps:
        run = [part for before, glyph in pairwise([_BLANK, *run]) for part in _spaced(before, glyph)]
        characters, places, gaps, scores = zip(*run, strict=True)
        text = "".join(characters)
    lefts, tops, rights, bottoms = zip(*shown, strict=True)
    box = (min(lefts), min(tops), max(rights), max(bottoms))
    unsure = {place: score for place, score in enumerate(scores) if score < SURE} if min(scores) < SURE else {}
    return Line(text, array("f", chain.from_iterable(places)), box, median(map(sub, bottoms, tops)), unsure)


def _spaced(before: Glyph, glyph: Glyph) -> tuple[Glyph, ...]:
    return (_BLANK, glyph) if glyph.gap == " " and before is not _BLANK and _is_blank(before, glyph) else (glyph,)


def _is_blank(before: Glyph, glyph: Glyph) -> bool:
    """Whether a blank that the format guesses is one: between Latin always, next to Chinese only where it is wide."""
    pair = (before.character, glyph.character)
    if any(character.isspace() for character in pair):
        return False
    chinese = [ord(character) >= _FIRST_IDEOGRAPHIC for character in pair]
    if not any(chinese):
        return True
    mixed = not all(chinese) and any(character.isascii() and character.isalnum() for character in pair)
    return glyph.box[0] - before.box[2] > (_SPACING if mixed else _GAP) * max(before.size, glyph.size)


def arrange(glyphs: Sequence[Glyph], tables: Sequence[Grid]) -> list[Line | Grid]:
    """Lines and tables in the order of their first characters; characters inside a cell become lines of that cell."""
    if not tables:
        return [*lines(glyphs)]
    placed = list(_place(glyphs, tables))
    filled = {id(cell): cell for glyph, _, cell in placed if cell is not None and not glyph.character.isspace()}
    true = {id(table) for table in tables if _is_table([cell for cell in table.cells if id(cell) in filled])}
    items: list[Line | Grid] = []
    within: dict[int, list[Glyph]] = {}  # by id of the cell
    free: list[Glyph] = []
    for glyph, table, cell in placed:
        if table is None or id(table) not in true:
            free.append(glyph)
            continue
        if not any(item is table for item in items):
            items += [*lines(free), table]
            free = []
        within.setdefault(id(cell), []).append(glyph)
    items += lines(free)
    for cell in (cell for table in tables for cell in table.cells):
        cell.lines = lines(within.get(id(cell), ()))
    return items


def _is_table(filled: Sequence[GridCell]) -> bool:
    """Whether rules enclose a table, and not just frame parts of a page: two cells with text stand side by side."""
    return any(
        one.row < other.row + other.row_span and other.row < one.row + one.row_span
        for one, other in combinations(filled[:50], 2)
    )


def _place(glyphs: Iterable[Glyph], tables: Sequence[Grid]) -> Iterator[tuple[Glyph, Grid | None, GridCell | None]]:
    """Each character with the table and cell that its middle lies in."""
    table: Grid | None = None
    cell: GridCell | None = None
    for glyph in glyphs:
        x, y = (glyph.box[0] + glyph.box[2]) / 2, (glyph.box[1] + glyph.box[3]) / 2
        if cell is None or not _holds(cell.box, x, y):  # most characters follow another of their cell
            table = next((table for table in tables if _holds(table.box, x, y)), None)
            cell = None if table is None else next((cell for cell in table.cells if _holds(cell.box, x, y)), None)
        yield (glyph, None, None) if cell is None else (glyph, table, cell)


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
