"""Frames → workbooks. Text is written as text, numbers as numbers where a sheet holds them; nothing is a formula.

A sheet holds 1,048,576 rows and a cell 32,767 characters: more rows go on the next sheet, a longer text ends in `…`;
both are told in the notes, never done in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from pipeline.store.safe import CELL_CHARACTERS, is_exact, missing, plain, writable

if TYPE_CHECKING:
    import pandas

    from pipeline.store.export import Head, Notes

SHEET_ROWS = 1_048_576
TITLE = 20  # characters of the name of a sheet, which has room for the number of a further one
UNNAMED = re.compile(r"[\[\]:*?/\\']")  # what no sheet is named with
SAMPLE, WIDEST, ROOM = 100, 48, 3  # rows that tell how wide a column is; characters of the widest; for the arrow
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True,
           "in_memory": False}  # fmt: skip


def write(parts: Iterable[pandas.DataFrame], path: Path, notes: Notes, head: Head) -> None:
    """The parts of a table as one workbook, its sheet named after the table."""
    with workbook(path) as book:
        sheet = Sheet(book, UNNAMED.sub("", head.title)[:TITLE] or "1", notes, names=head.columns)
        for part in parts:
            sheet.add(part)
        sheet.close()


def workbook(path: Path) -> Any:
    """An open workbook that holds no formulas and whose bytes tell no time."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), OPTIONS)
    book.set_properties({"created": datetime(2000, 1, 1)})
    return book


class Sheet:
    """A table on a sheet, and on further sheets where it is longer than one."""

    def __init__(
        self, book: Any, name: str, notes: Notes, rows: int = SHEET_ROWS, names: dict[str, str] | None = None
    ) -> None:
        self.names = names or {}
        self.book, self.name, self.notes, self.rows = book, name, notes, rows
        self.bold = book.add_format({"bold": True})
        self.sheet: Any = None
        self.number, self.sheets, self.cut, self.columns = 0, 0, 0, 0
        self.widths: list[int] = []

    def add(self, frame: pandas.DataFrame) -> None:
        """Write the rows of a frame below those that were written before."""
        if self.sheet is None:
            self._begin(frame)
        for row in zip(*(list(self._column(frame[name])) for name in frame.columns), strict=True):
            self.number += 1
            if self.number >= self.rows:
                self._begin(frame)
                self.number = 1
            string, number, boolean = self.sheet.write_string, self.sheet.write_number, self.sheet.write_boolean
            for place, value in enumerate(row):
                if value is None:
                    continue
                if self.number <= SAMPLE:
                    self.widths[place] = max(self.widths[place], width(str(value)))
                kind = type(value)
                (string if kind is str else boolean if kind is bool else number)(self.number, place, value)

    def close(self) -> None:
        """Finish the last sheet and tell what did not fit."""
        self._end()
        if self.sheets > 1:
            self.notes.lines.append(f"{self.name}: more than {self.rows:,} rows, on {self.sheets} sheets")
        if self.cut:
            over = f"{self.cut:,} texts longer than {CELL_CHARACTERS:,} characters"
            self.notes.lines.append(f"{self.name}: {over} end in …; CSV has them whole")

    def _begin(self, frame: pandas.DataFrame) -> None:
        self._end()
        self.sheets += 1
        self.sheet = self.book.add_worksheet(self.name if self.sheets == 1 else f"{self.name} ({self.sheets})")
        self.sheet.freeze_panes(1, 0)
        self.columns = len(frame.columns)
        for place, name in enumerate(frame.columns):
            self.sheet.write_string(0, place, self.names.get(str(name), str(name)), self.bold)
        self.widths = [width(self.names.get(str(name), str(name))) for name in frame.columns]

    def _end(self) -> None:
        if self.sheet is None:
            return
        for place, wide in enumerate(self.widths):
            self.sheet.set_column(place, place, min(wide, WIDEST) + ROOM)
        if self.number and self.columns:
            self.sheet.autofilter(0, 0, self.number, self.columns - 1)

    def _column(self, column: pandas.Series[Any]) -> Iterator[Any]:
        """The values of a column as a sheet takes them: text, bool, a number, or None."""
        if str(column.dtype) == "string":
            return (None if missing(value) else self._text(value) for value in column)
        return map(self._value, column)

    def _value(self, value: Any) -> Any:
        if missing(value):
            return None
        if isinstance(value, (str, tuple)):
            return self._text(value if isinstance(value, str) else plain(value))
        if hasattr(value, "item"):  # numpy's scalars
            value = value.item()
        return value if is_exact(value) else plain(value)

    def _text(self, value: str) -> str:
        text = writable(value)
        if len(text) <= CELL_CHARACTERS:
            return text
        self.cut += 1
        return text[: CELL_CHARACTERS - 1] + "…"


def width(text: str) -> int:
    """How many Latin characters a text is as wide as, at most as far as a column is shown: Han characters take two."""
    return sum(1 + (east_asian_width(character) in "WF") for character in text[:WIDEST])
