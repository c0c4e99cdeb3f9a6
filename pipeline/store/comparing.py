"""What comparing asks of the database, as plain rows: facts in the order of indicator and year, and reports.

Corrections count: the facts of a report with corrected claims are merged anew, and those that rest on one are marked.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.store import corrections

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
    corrected: bool = False  # a person corrected a claim that it rests on


class ToldReport(NamedTuple):
    """One readable document whose place is known; `document` is its file name."""

    key: int
    document: str
    place: str
    parent: str | None
    year: int | None
    level: str | None = None  # village, township, county, prefecture, province


def facts(
    connection: sqlite3.Connection, indicators: Sequence[str] | None, places: Sequence[str] | None = None
) -> Iterator[ToldFact]:
    """The facts of these indicators, by default of all that have a code of the catalogue, ordered by indicator; of
    reports by these places only."""
    marks = "IS NOT NULL" if places is None else f"IN ({', '.join('?' * len(places))})"
    known = f"place {marks} AND year IS NOT NULL"
    anew = {key: of_corrected(connection, key) for key in corrections.documents(connection)}
    within = {row[0] for row in connection.execute(f"SELECT key FROM documents WHERE place {marks}", places or ())
              if row[0] in anew}  # fmt: skip
    again = [fact for key in sorted(within) for fact in anew[key]]
    if indicators is None:
        codes = {code for (code,) in connection.execute("SELECT DISTINCT indicator FROM facts")}
        chosen = {code for code in codes | {fact.indicator for fact in again} if "|" not in code}
    else:
        chosen = set(indicators)
    for code in sorted(chosen):
        found = connection.execute(
            f"SELECT {COLUMNS} FROM facts WHERE indicator = ? AND {known} ORDER BY {ORDER}", (code, *(places or ()))
        )
        held = (_told(row) for row in found if row[2] not in anew)
        moved = [fact for fact in again if fact.indicator == code]
        yield from sorted([*held, *moved], key=lambda fact: (fact.year, fact.report)) if moved else held


def of_documents(connection: sqlite3.Connection, documents: Iterable[int]) -> Iterator[ToldFact]:
    """The facts of some documents whose year is known, document by document in its order."""
    anew = set(corrections.documents(connection))
    for key in documents:
        if key in anew:
            yield from of_corrected(connection, key)
            continue
        found = connection.execute(
            f"SELECT {COLUMNS} FROM facts WHERE document = ? AND year IS NOT NULL ORDER BY number", (key,)
        )
        yield from map(_told, found)


def of_corrected(connection: sqlite3.Connection, document: int) -> list[ToldFact]:
    """The facts of a document whose year is known, merged anew of its claims as people corrected them."""
    return [
        ToldFact(fact.indicator, fact.year, document, fact.unit, fact.status, fact.scope, fact.value_low,
                 fact.value_high, fact.state, fact.claims, fact.period, marked)
        for fact, marked in corrections.facts(connection, document) if fact.year is not None
    ]  # fmt: skip


def _told(row: Iterable[Any]) -> ToldFact:
    name, year, key, unit, status, scope, low, high, state, claims, period = row
    ids = (claims[2:-2],) if claims.count('"') == 2 else tuple(json.loads(claims))  # most facts rest on one claim
    first = low and Decimal(low)
    last = first if high == low else high and Decimal(high)
    return ToldFact(name, year, key, unit, status, scope, first, last, state, ids, period)


def reports(connection: sqlite3.Connection) -> list[ToldReport]:
    """The readable documents whose place is known, ordered by place, year and name."""
    found = connection.execute(
        "SELECT key, name, place, parent, year, level FROM documents WHERE place IS NOT NULL"
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
    """A digest that another state of the archive does not have (which contents it holds, what was run last, and what
    was corrected), and how many documents there are."""
    digest = hashlib.sha256()
    documents = connection.execute("SELECT sha256, key FROM documents ORDER BY sha256").fetchall()
    for row in documents:
        digest.update(repr(row).encode())
    digest.update(repr(connection.execute("SELECT max(id), max(started), max(finished) FROM runs").fetchone()).encode())
    digest.update(repr(connection.execute("SELECT max(key) FROM corrections").fetchone()).encode())
    return digest.hexdigest()[:32], len(documents)
