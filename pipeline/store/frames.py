"""Rows → pandas. codebook.csv says what each table's columns are called, hold and mean; nothing else does.

dtypes: `string`, `Int64`, `boolean` (pandas' nullable ones), `float64` (missing is NaN), `decimal` (object column of
exact `Decimal` or None), `tuple` (object column of tuples of str), `path` (string: headings joined by " / "),
`slice` (string: a segment's text), `sentence` (string: the sentence around a claim).
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.store import rows
from pipeline.store.schema import StoreError

if TYPE_CHECKING:
    import pandas

PART = 20_000  # rows of a part
SOURCES = {
    "documents": "documents AS d ORDER BY d.name, d.sha256",
    "claims": "claims AS c JOIN documents AS d ON d.key = c.document ORDER BY d.name, d.sha256, c.number",
    "facts": "facts AS c JOIN documents AS d ON d.key = c.document ORDER BY d.name, d.sha256, c.number",
    "segments": "segments AS c JOIN documents AS d ON d.key = c.document ORDER BY d.name, d.sha256, c.number",
    "issues": "issues AS c JOIN documents AS d ON d.key = c.document ORDER BY d.name, d.sha256, c.number",
    "places": "places AS c ORDER BY c.place",
    "runs": "runs AS c ORDER BY c.id",
}
"""Tables that can be asked for, and where their rows come from."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a frame, as codebook.csv describes it."""

    table: str
    column: str
    dtype: str
    sql: str
    meaning: str
    meaning_zh: str


@cache
def codebook() -> tuple[Column, ...]:
    """Every column of every table, in order."""
    text = (files("pipeline.store") / "codebook.csv").read_text("utf-8")
    return tuple(Column(**row) for row in csv.DictReader(text.splitlines()))


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of one table, in order."""
    return tuple(column for column in codebook() if column.table == table)


CONVERT: dict[str, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "boolean": bool,
    "tuple": lambda text: tuple(json.loads(text)),
    "path": lambda text: " / ".join(json.loads(text)),
}
DTYPES = {"decimal": "object", "tuple": "object", "path": "string", "slice": "string", "sentence": "string"}
CUT: dict[str, Callable[[str, int, int], str]] = {
    "slice": lambda text, start, end: text[start:end],
    "sentence": lambda text, start, end: _sentence(text, start, end),
}
"""What is cut out of the text of a document, given the text and a span."""
SENTENCE = re.compile("[。！？!?；;]")
REACH = 150  # characters to either side of a claim in which the ends of its sentence are looked for


def frame(table: str, records: Iterable[Sequence[Any]]) -> pandas.DataFrame:
    """A frame with the table's columns and dtypes, from rows of Python values in the order of the codebook."""
    import pandas

    columns_ = columns(table)
    data = list(zip(*records, strict=True)) or [()] * len(columns_)
    series = {
        c.column: pandas.Series(list(values), dtype=DTYPES.get(c.dtype, c.dtype))
        for c, values in zip(columns_, data, strict=True)
    }
    return pandas.DataFrame(series)


def query(connection: sqlite3.Connection, table: str, filters: dict[str, Any]) -> pandas.DataFrame:
    """The rows of a table that match all filters: a column's name with a value, or several to choose from.

    Raises StoreError for a column that the table does not have.
    """
    return frame(table, converted(connection, columns(table), _select(connection, table, filters)))


def parts(connection: sqlite3.Connection, table: str, size: int = PART) -> Iterator[pandas.DataFrame]:
    """All rows of a table as frames of `size` rows, one at least; memory holds one of them."""
    found = iter(converted(connection, columns(table), _select(connection, table, {})))
    yield frame(table, islice(found, size))
    while rows_ := list(islice(found, size)):
        yield frame(table, rows_)


def _select(connection: sqlite3.Connection, table: str, filters: dict[str, Any]) -> sqlite3.Cursor:
    columns_ = columns(table)
    known = {c.column: c.sql for c in columns_ if c.dtype not in (*CUT, "tuple", "path")}
    clauses, values = [], []
    for name, wanted in filters.items():
        if name not in known:
            raise StoreError(f"{table} has no column {name!r} to filter by; known: {', '.join(known)}")
        options = list(wanted) if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
        given = [rows.to_sql(option) for option in options if option is not None]
        null = f" OR {known[name]} IS NULL" if len(given) < len(options) else ""
        clauses.append(f"({known[name]} IN ({', '.join('?' * len(given))}){null})")
        values += given
    source, order = SOURCES[table].split(" ORDER BY ")
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    selected = ", ".join(c.sql for c in columns_)
    return connection.execute(f"SELECT {selected} FROM {source}{where} ORDER BY {order}", values)


def converted(
    connection: sqlite3.Connection, columns_: Sequence[Column], found: Iterable[tuple[Any, ...]]
) -> Iterable[list[Any]]:
    """Rows as SQLite gives them → rows of Python values, texts cut out of their document."""
    converters = [CONVERT.get(c.dtype) for c in columns_]
    sliced = next((i for i, c in enumerate(columns_) if c.dtype in CUT), None)
    cut = CUT["slice" if sliced is None else columns_[sliced].dtype]
    start, end = (next((i for i, c in enumerate(columns_) if c.column == name), 0) for name in ("start", "end"))
    key, text = None, ""
    for row in found:
        values = [v if f is None or v is None else f(v) for f, v in zip(converters, row, strict=True)]
        if sliced is not None:
            if row[sliced] != key:
                key = row[sliced]
                text = connection.execute("SELECT text FROM documents WHERE key = ?", (key,)).fetchone()[0]
            values[sliced] = cut(text, row[start], row[end])
        yield values


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a span, on one line; what lies further than `REACH` is left out."""
    before, after = text[max(0, start - REACH) : start], text[end : end + REACH]
    ended = SENTENCE.search(after)
    own = SENTENCE.split(before)[-1] + text[start:end] + (after[: ended.end()] if ended else after)
    return " ".join(own.split())
