"""Per capita, per household, per village: which number an amount is divided by, and where that number is from.

A report's own figure (models/denominators.csv) counts before the user's table. Nothing is carried over from another
year or place; where there is no denominator the cell says so.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from pipeline.compare.cells import COMPARABLE, Cell
from pipeline.lexicon import rows

DIGITS = Context(prec=12)  # of a quotient
DIVISIBLE = ("count", "money", "area", "length", "mass", "volume", "duration")


class DenominatorError(ValueError):
    """A table of denominators that cannot be used; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Denominator:
    """A number to divide by, and where it is from."""

    low: Decimal
    high: Decimal
    state: str
    source: str


Key = tuple[str, int]


@cache
def codes() -> dict[str, tuple[str, ...]]:
    """人, 户 or 村 → the indicators that tell how many there are, the best first."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("denominators"):
        found[row["per"]] = (*found.get(row["per"], ()), row["indicator"])
    return found


def read(path: Path, per: str) -> dict[tuple[str, int | None], Denominator]:
    """(place, year) → denominator from a user's table: CSV with the columns place, year (empty: every year), per
    (人, 户, 村), value, source. Raises DenominatorError."""
    try:
        table = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    except OSError as error:
        raise DenominatorError(f"{path}: cannot be read ({error.strerror}); --denominators takes a CSV file") from error
    except UnicodeDecodeError as error:
        raise DenominatorError(f"{path}: not UTF-8; save it as “CSV UTF-8”") from error
    found: dict[tuple[str, int | None], Denominator] = {}
    for number, row in enumerate(table, 2):
        if missing := {"place", "per", "value"} - row.keys():
            raise DenominatorError(f"{path}: line 1 names no column {', '.join(sorted(missing))}")
        if row["per"] != per:
            continue
        try:
            value, year = Decimal((row["value"] or "").replace(",", "")), row.get("year") or None
            key = row["place"], None if year is None else int(year)
        except (InvalidOperation, ValueError) as error:
            given = f"{row['value']!r} or {row.get('year')!r}"
            raise DenominatorError(f"{path}: line {number}: {given} is no number") from error
        if value <= 0:
            raise DenominatorError(f"{path}: line {number}: nothing can be divided by {value}")
        found[key] = Denominator(value, value, "exact", row.get("source") or f"{path.name} line {number}")
    return found


def choose(
    key: Key, per: str, told: Mapping[tuple[str, int, str], Cell], table: Mapping[tuple[str, int | None], Denominator]
) -> Denominator | None:
    """The denominator for a place and year: the report's own, else the table's for that year, else for every year."""
    for code in codes()[per]:
        cell = told.get((*key, code))
        if cell and cell.state in COMPARABLE and cell.low and cell.high and cell.low > 0:
            return Denominator(cell.low, cell.high, cell.state, f"{code}: {', '.join(cell.documents)}")
    return table.get(key) or table.get((key[0], None))


def divided(cell: Cell, dimension: str, per: str, by: Denominator | None) -> Cell:
    """The cell per person, household or village. A cell without a value stays as it is; a value that cannot be divided
    is no_denominator, and one of a rate or level not_divisible."""
    if cell.state not in COMPARABLE:
        return cell
    if dimension not in DIVISIBLE:
        return replace(cell, state="not_divisible", low=None, high=None)
    if by is None:
        return replace(cell, state="no_denominator", low=None, high=None)
    low = None if cell.low is None else _plain(DIGITS.divide(cell.low, by.high))
    high = None if cell.high is None else _plain(DIGITS.divide(cell.high, by.low))
    state = max(cell.state, by.state, key=COMPARABLE.index)
    if state != "bounded" and low != high:
        state = "range"
    return replace(cell, state=state, unit=f"{cell.unit or ''}/{per}", low=low, high=high)


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value.normalize(), "f"))
