"""What people corrected, as it counts: claims, facts and parts of reports with the last word on each field.

The rows of a report stay as they were read. A correction counts where it is asked for here, from the moment when it is
written, and no longer once a report is read that says the same by itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pipeline import facts as merging
from pipeline.indicators import catalogue, to_base
from pipeline.indicators.units import standard
from pipeline.records import Claim, Fact, Issuer
from pipeline.store import rows

Fixed = dict[str, str | None]
"""Field of a claim → the value that counts."""
OF_FACTS = ("indicator", "status", "object")  # what the facts of a report depend on


@dataclass(frozen=True, slots=True)
class Lesson:
    """A report whose parts were corrected: its text, and the parts with their right labels, as `hebao train` takes
    them. Spans count in `text`."""

    name: str
    text: str
    parts: tuple[tuple[int, int, str], ...]  # start, end, label


def of_claims(connection: sqlite3.Connection, claims: Iterable[str]) -> dict[str, Fixed]:
    """Claim id → what counts instead of what was read; only claims with a correction that counts."""
    found: dict[str, Fixed] = {}
    for claim, field, value in connection.execute(
        "SELECT claim, field, value FROM corrected WHERE claim IN (SELECT value FROM json_each(?))",
        (json.dumps(list(claims)),),
    ):
        found.setdefault(claim, {})[field] = value
    return found


def documents(connection: sqlite3.Connection) -> list[int]:
    """The documents whose facts are others than their rows say."""
    marks = ", ".join("?" * len(OF_FACTS))
    found = connection.execute(f"SELECT DISTINCT document FROM corrected WHERE field IN ({marks})", OF_FACTS)
    return sorted(int(key) for (key,) in found)


def facts(connection: sqlite3.Connection, document: int) -> list[tuple[Fact, bool]]:
    """The facts of a document as its corrected claims tell them, and of each whether a corrected claim is among its
    evidence."""
    statement = f"SELECT {rows.column_list('claims')} FROM claims WHERE document = ? ORDER BY number"
    claims: list[Claim] = [rows.from_row("claims", tuple(row)) for row in connection.execute(statement, (document,))]
    head = connection.execute(
        "SELECT title, place, level, year, basis, parent FROM documents WHERE key = ?", (document,)
    ).fetchone()
    fixed = of_claims(connection, (claim.id for claim in claims))
    told = merging.facts([_corrected(claim, fixed.get(claim.id, {})) for claim in claims], Issuer(*head))
    return [(fact, not fixed.keys().isdisjoint(fact.claims)) for fact in told]


def _corrected(claim: Claim, fixed: Fixed) -> Claim:
    changed = replace(claim, **{name: fixed[name] for name in OF_FACTS if name in fixed})  # type: ignore[arg-type]
    if "indicator" not in fixed:
        return changed
    own = to_base(claim)[2]
    row = next((row for row in catalogue() if row.code == fixed["indicator"]), None)
    unit = row.comparable_unit(standard(claim.unit), claim.per or "-", own) if row else None
    return replace(changed, base_unit=unit or own)


def lessons(connection: sqlite3.Connection) -> Iterator[Lesson]:
    """The reports with a part whose label was corrected. A correction of a figure holds for the whole part that the
    figure stands in; where two disagree, the one of the later figure."""
    keys = connection.execute("SELECT DISTINCT document FROM corrected WHERE field = 'label' ORDER BY document")
    for (key,) in keys.fetchall():
        name, text = connection.execute("SELECT sha256, text FROM documents WHERE key = ?", (key,)).fetchone()
        yield Lesson(name[:16], text, tuple(parts(connection, key)))


def parts(connection: sqlite3.Connection, document: int) -> list[tuple[int, int, str]]:
    """Start, end and label of each part of a document whose label was corrected, in their order."""
    found = connection.execute(
        'SELECT s.start, s."end", r.value FROM corrected AS r JOIN claims AS c ON c.id = r.claim'
        ' JOIN segments AS s ON s.document = c.document AND s.start <= c.start AND s."end" > c.start'
        " WHERE r.document = ? AND r.field = 'label' ORDER BY c.start",
        (document,),
    )
    return [(start, end, label) for (start, end), label in {(a, b): label for a, b, label in found}.items()]
