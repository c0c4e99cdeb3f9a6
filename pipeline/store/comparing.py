"""What comparing asks of the database, as plain rows: facts in the order of indicator and year, and reports."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

COLUMNS = "indicator, year, document, unit, status, scope, value_low, value_high, state, claims, period"
ORDER = "year, document, number"


class ToldFact(NamedTuple):
    """One fact with its year, which is known; `report` is the key of its document."""

    indicator: str
    year: int
    report: int
    unit: str | None
    status: str
    scope: str | None
    low: Decimal | None
    high: Decimal | None
    state: str
    claims: tuple[str, ...]
    period: str | None


class ToldReport(NamedTuple):
    """One readable document whose place is known; `document` is its file name."""

    key: int
    document: str
    place: str
    parent: str | None
    year: int | None


def facts(
    connection: sqlite3.Connection, indicators: Sequence[str] | None, places: Sequence[str] | None = None
) -> Iterator[ToldFact]:
    """The facts of these indicators, by default of all that have a code of the catalogue, ordered by indicator; of
    reports by these places only."""
    marks = "IS NOT NULL" if places is None else f"IN ({', '.join('?' * len(places))})"
    known = f"place {marks} AND year IS NOT NULL"
    if indicators is None:
        chosen = [code for (code,) in connection.execute("SELECT DISTINCT indicator FROM facts") if "|" not in code]
    else:
        chosen = list(dict.fromkeys(indicators))
    for code in sorted(chosen):
        found = connection.execute(
            f"SELECT {COLUMNS} FROM facts WHERE indicator = ? AND {known} ORDER BY {ORDER}", (code, *(places or ()))
        )
        for name, year, key, unit, status, scope, low, high, state, claims, period in found:
            yield ToldFact(name, year, key, unit, status, scope, low and Decimal(low),
                           high and Decimal(high), state, tuple(json.loads(claims)), period)  # fmt: skip


def reports(connection: sqlite3.Connection) -> list[ToldReport]:
    """The readable documents whose place is known, ordered by place, year and name."""
    found = connection.execute(
        "SELECT key, name, place, parent, year FROM documents WHERE place IS NOT NULL"
        " AND outcome IN ('ok', 'ok_partial') ORDER BY place, year, name, sha256"
    )
    return [ToldReport(*row) for row in found]


def unplaced(connection: sqlite3.Connection) -> int:
    """How many readable documents have no place or no year."""
    found = connection.execute(
        "SELECT count(*) FROM documents WHERE (place IS NULL OR year IS NULL) AND outcome IN ('ok', 'ok_partial')"
    )
    return int(found.fetchone()[0])


def masked(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Pseudonym and text of each document whose place is masked."""
    found = connection.execute(
        "SELECT place, text FROM documents WHERE instr(place, '#') AND outcome IN ('ok', 'ok_partial') ORDER BY sha256"
    )
    return [(place, text) for place, text in found]


def stamp(connection: sqlite3.Connection) -> tuple[str, int]:
    """A digest that another state of the archive does not have (which contents it holds, and what was run last), and
    how many documents there are."""
    digest = hashlib.sha256()
    documents = connection.execute("SELECT sha256, key FROM documents ORDER BY sha256").fetchall()
    for row in documents:
        digest.update(repr(row).encode())
    digest.update(repr(connection.execute("SELECT max(id), max(started), max(finished) FROM runs").fetchone()).encode())
    return digest.hexdigest()[:32], len(documents)
