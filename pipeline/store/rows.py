"""Record ⇄ row: a child table's columns are the fields of its record, and a field's type says how it is stored."""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, get_type_hints

from pipeline.records import Block, Box, Claim, Edit, Fact, Heading, Issue, Mention, Segment

RECORDS: dict[str, type[Any]] = {
    "blocks": Block,
    "edits": Edit,
    "headings": Heading,
    "segments": Segment,
    "mentions": Mention,
    "claims": Claim,
    "facts": Fact,
    "issues": Issue,
}
"""Child table → the record that each of its rows holds."""


def decimal_text(value: Decimal) -> str:
    """Canonical text: no exponent, no trailing zeros, one zero. Raises ValueError for NaN and infinities."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that can be stored")
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def storable(name: str) -> str:
    """A file name as text that UTF-8 can hold: bytes that were no UTF-8 are written out as \\udc80 and the like."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def to_sql(value: Any) -> Any:
    """A single value as SQLite stores it, by its own type."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, tuple):
        return _tuple_out(value)
    return int(value) if isinstance(value, bool) else value


def _decimal_out(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


@lru_cache(4096)  # the claims of a section share its heading path
def _tuple_out(value: tuple[Any, ...] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


ENCODERS: dict[Any, Callable[[Any], Any]] = {
    Decimal | None: _decimal_out,
    bool: int,
    tuple[str, ...]: _tuple_out,
    Box | None: _tuple_out,
}


def _tuple(text: str | None) -> tuple[Any, ...] | None:
    return None if text is None else tuple(json.loads(text))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


DECODERS: dict[Any, Callable[[Any], Any]] = {
    Decimal | None: _decimal,
    bool: bool,
    tuple[str, ...]: _tuple,
    Box | None: _tuple,
}


@cache
def names(table: str) -> tuple[str, ...]:
    """The columns of a child table: its record's fields, in order."""
    return tuple(field.name for field in fields(RECORDS[table]))


@cache
def _decoders(table: str) -> tuple[Callable[[Any], Any] | None, ...]:
    hints = get_type_hints(RECORDS[table])
    return tuple(DECODERS.get(hints[name]) for name in names(table))


@cache
def _encoders(table: str) -> tuple[Callable[[Any], tuple[Any, ...]], list[tuple[int, Callable[[Any], Any]]]]:
    """All fields of a record, and the places of those that are not stored as they are."""
    hints = get_type_hints(RECORDS[table])
    places = [(at, ENCODERS[hints[name]]) for at, name in enumerate(names(table)) if hints[name] in ENCODERS]
    return attrgetter(*names(table)), places


def to_row(table: str, record: Any) -> tuple[Any, ...]:
    """The record's fields as SQLite stores them."""
    values, places = _encoders(table)
    row = list(values(record))
    for at, encode in places:
        row[at] = encode(row[at])
    return tuple(row)


def from_row(table: str, row: tuple[Any, ...]) -> Any:
    """The record that `to_row` made the row from."""
    values = (v if decode is None else decode(v) for decode, v in zip(_decoders(table), row, strict=True))
    return RECORDS[table](*values)


def column_list(table: str) -> str:
    """The table's columns for a statement; quoted, since `end`, `table`, `row` and `column` are words of SQL."""
    return ", ".join(f'"{name}"' for name in names(table))


def pack_boxes(boxes: array[float] | None) -> bytes | None:
    """Character boxes, packed: type code, then little-endian numbers, compressed."""
    if boxes is None:
        return None
    plain = array(boxes.typecode, boxes)
    if sys.byteorder == "big":
        plain.byteswap()
    return boxes.typecode.encode() + zlib.compress(plain.tobytes(), 1)


def unpack_boxes(packed: bytes | None) -> array[float] | None:
    """What `pack_boxes` was given."""
    if packed is None:
        return None
    boxes: array[float] = array("d" if packed[:1] == b"d" else "f")
    boxes.frombytes(zlib.decompress(packed[1:]))
    if sys.byteorder == "big":
        boxes.byteswap()
    return boxes
