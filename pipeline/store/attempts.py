"""Tries at files: counted before a file is opened, so that one which takes the machine down is known the next day.

Three tries without a report, or two that ended their worker, put a content into quarantine until it is released. A new
fingerprint (other settings, a new version) begins to count anew.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.store import rows
from pipeline.store.schema import StoreError, transaction

FATAL = ("crash", "limit_memory")  # outcomes that cost a worker
FAILED = (*FATAL, "limit_time", "limit_output")
FATAL_TRIES = 2
QUARANTINED = "quarantined"  # outcome of a content of which no try has ever come to its end

COUNT = f"""
SELECT count(*), count(*) FILTER (WHERE outcome IN {FATAL}), count(*) FILTER (WHERE outcome IS NULL)
FROM attempts WHERE sha256 = ? AND fingerprint = ?
"""
HELD = f"""
SELECT a.sha256, max(a.path), a.fingerprint, count(*), max(a.begun), ifnull(max(d.outcome), 'unfinished')
FROM attempts AS a LEFT JOIN documents AS d ON d.sha256 = a.sha256
WHERE a.sha256 GLOB ? GROUP BY a.sha256, a.fingerprint
HAVING count(*) >= ? OR count(*) FILTER (WHERE a.outcome IN {FATAL}) >= {FATAL_TRIES} ORDER BY max(a.path), a.sha256
"""


class Tries(NamedTuple):
    """The tries at one content with one fingerprint that gave no report."""

    all: int
    fatal: int
    unfinished: int

    def spent(self, limit: int) -> bool:
        """Whether there may be no further one."""
        return self.all >= limit or self.fatal >= FATAL_TRIES


class Held(NamedTuple):
    """A content in quarantine."""

    sha256: str
    path: str
    fingerprint: str
    tries: int
    last: str  # UTC
    outcome: str


class Try(NamedTuple):
    """One try at a content; `outcome` is None where it never ended."""

    begun: str  # UTC
    run: int
    outcome: str | None
    reason: str | None


def tries(connection: sqlite3.Connection, sha256: str, fingerprint: str) -> Tries:
    """The tries so far."""
    return Tries(*connection.execute(COUNT, (sha256, fingerprint)).fetchone())


def begin(connection: sqlite3.Connection, sha256: str, fingerprint: str, path: str, run: int) -> None:
    """Commit that a try begins."""
    connection.execute(
        "INSERT INTO attempts (sha256, fingerprint, path, run, begun) VALUES (?, ?, ?, ?, ?)",
        (sha256, fingerprint, rows.storable(path), run, datetime.now(UTC).isoformat(timespec="seconds")),
    )


def end(connection: sqlite3.Connection, sha256: str, fingerprint: str, outcome: str, reason: str | None = None) -> None:
    """Note how the last try ended; one that gave a report clears all before it. Part of the caller's transaction."""
    if outcome in FAILED:
        connection.execute(
            "UPDATE attempts SET outcome = ?, reason = ? WHERE key ="
            " (SELECT max(key) FROM attempts WHERE sha256 = ? AND fingerprint = ? AND outcome IS NULL)",
            (outcome, reason and rows.storable(reason), sha256, fingerprint),
        )
    elif outcome != QUARANTINED:
        connection.execute("DELETE FROM attempts WHERE sha256 = ? AND fingerprint = ?", (sha256, fingerprint))


def withdraw(connection: sqlite3.Connection, run: int) -> None:
    """Forget the tries of a run that was stopped in good order: they say nothing about their files."""
    connection.execute("DELETE FROM attempts WHERE run = ? AND outcome IS NULL", (run,))


def held(connection: sqlite3.Connection, limit: int, document: str = "") -> list[Held]:
    """What is in quarantine, by path; with `document` (path, file name, digits of the sha256) only that."""
    prefix = document.lower() + "*" if document and all(c in "0123456789abcdef" for c in document.lower()) else "*"
    found = [Held(*row) for row in connection.execute(HELD, (prefix, limit))]
    if prefix == "*" and document:
        found = [one for one in found if one.path == document or one.path.rsplit("/", 1)[-1] == document]
    if document and not found:
        raise StoreError(f"{document}: not in quarantine; `hebao quarantine list` names what is")
    return found


def history(connection: sqlite3.Connection, one: Held) -> list[Try]:
    """All tries at a content in quarantine, the first first."""
    statement = "SELECT begun, run, outcome, reason FROM attempts WHERE sha256 = ? AND fingerprint = ? ORDER BY key"
    return [Try(*row) for row in connection.execute(statement, (one.sha256, one.fingerprint))]


def release(connection: sqlite3.Connection, one: Held) -> None:
    """Forget the tries, and that the content is done: the next run reads it again."""
    with transaction(connection):
        connection.execute("DELETE FROM attempts WHERE sha256 = ?", (one.sha256,))
        connection.execute("UPDATE documents SET fingerprint = '' WHERE sha256 = ?", (one.sha256,))
