"""The archive's one file, as an object: what is done, storing a report, and the doors out of it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pipeline.records import Report
from pipeline.store import attempts, comparing, frames, rows, search, totals, write
from pipeline.store.parcel import Parcel, packed
from pipeline.store.schema import NotStorableError, StoreError, connect, transaction

if TYPE_CHECKING:
    import pandas

READABLE = ("ok", "ok_partial")
PATH = "path, problem, run, removed"
UNSEEN = """
SELECT path FROM paths WHERE document IS NOT NULL AND removed IS NULL AND (run IS NOT :run OR problem IS NOT NULL)
AND (path = :root OR substr(path, 1, length(:root) + 1) = :root || '/')
"""
REFUSED = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, ValueError, OverflowError)


class Database:
    """A Hebao database. A context manager; several processes may read while one writes.

    Frames (`documents`, `claims`, `facts`, `segments`, `issues`, `places`, `runs`, `search`, `panel`, `coverage`) have
    the columns and dtypes that `pipeline/store/codebook.csv` lists; exact values are `Decimal` objects in
    `value_low` and `value_high`, and `value` is a float for convenience.
    """

    def __init__(self, path: Path | str, read_only: bool = False) -> None:
        """Open `path`, making it unless `read_only`. Raises StoreError with one line that names the remedy."""
        self.path = Path(path)
        self.connection = connect(self.path, read_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    # What goes in

    def done(self, sha256: str, fingerprint: str) -> bool:
        """Whether these bytes have been extracted with these settings, whatever came of it."""
        found = self.connection.execute(
            "SELECT 1 FROM documents WHERE sha256 = ? AND fingerprint = ?", (sha256, fingerprint)
        )
        return found.fetchone() is not None

    def outcome(self, sha256: str) -> str | None:
        """What came of these bytes; None where they have not been seen."""
        found = self.connection.execute("SELECT outcome FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
        return found and str(found[0])

    def store(self, report: Report | Parcel, run: int | None = None) -> None:
        """Write a report with all its rows in one transaction. Bytes that were read with the same fingerprint are left
        as they are; with another, or where reading failed before, their rows are replaced. A document whose last path
        now has other bytes is removed: the database mirrors the files that it was given. Raises NotStorableError."""
        try:
            with transaction(self.connection):
                self._store(report if isinstance(report, Parcel) else packed(report), run)
        except REFUSED as error:
            raise NotStorableError(f"{report.document.name}: its rows cannot be stored ({error})") from error

    def _store(self, parcel: Parcel, run: int | None) -> None:
        document, fingerprint = parcel.document, parcel.frame.fingerprint
        old = self._key(document.sha256)
        if not (self.done(document.sha256, fingerprint) and self.outcome(document.sha256) in READABLE):
            paths = self.connection.execute(f"SELECT {PATH} FROM paths WHERE document = ?", (old,)).fetchall()
            if old is not None:
                write.delete(self.connection, old)
            key = write.insert(self.connection, parcel)
            marks = f"INSERT INTO paths (document, {PATH}) VALUES ({key}, ?, ?, ?, ?)"
            self.connection.executemany(marks, paths)
        self._record_path(document.path, document.sha256, None, run)
        reason = next((issue.message for issue in parcel.issues), None)
        attempts.end(self.connection, document.sha256, fingerprint, document.outcome, reason)

    def record_paths(self, paths: Iterable[tuple[str, str | None, str | None]], run: int | None = None) -> None:
        """Note for each (path, sha256, problem) that the path has these bytes, which are stored already, or that it
        cannot be read and why."""
        with transaction(self.connection):
            for path, sha256, problem in paths:
                self._record_path(path, sha256, problem, run)

    def mark_removed(self, roots: Iterable[str], unknown: Sequence[str], run: int) -> int:
        """Mark the paths at or below `roots` that `run` has not seen and that are there no more; how many. What lies
        at or below `unknown` could not be listed, and is left as it is."""
        found: set[str] = set()
        for root in map(rows.storable, roots):
            found |= {
                path
                for (path,) in self.connection.execute(UNSEEN, {"root": root, "run": run})
                if not any(path == place or path.startswith(place + "/") for place in unknown) and _gone(path)
            }
        with transaction(self.connection):
            marks = [(_now(), path) for path in sorted(found)]
            self.connection.executemany("UPDATE paths SET removed = ? WHERE path = ?", marks)
        return len(found)

    def begin_run(self, fingerprint: str, workers: int, version: str) -> int:
        """Note that a run begins; its number."""
        with transaction(self.connection):
            cursor = self.connection.execute(
                "INSERT INTO runs (started, version, fingerprint, workers) VALUES (?, ?, ?, ?)",
                (_now(), version, fingerprint, workers),
            )
        return int(cursor.lastrowid or 0)

    def end_run(self, run: int, summary: dict[str, Any]) -> None:
        """Note that a run came to its end, and what came of it."""
        with transaction(self.connection):
            self.connection.execute(
                "UPDATE runs SET finished = ?, summary = ? WHERE id = ?",
                (_now(), json.dumps(summary, ensure_ascii=False), run),
            )

    # What comes out

    def report(self, document: str) -> Report:
        """The stored report of a document given by file name, path, or the first 6 or more digits of its sha256.

        Raises StoreError where there is none, or more than one.
        """
        found = self.connection.execute(
            "SELECT DISTINCT d.key, d.sha256, p.path FROM documents AS d LEFT JOIN paths AS p ON p.document = d.key"
            " WHERE d.name = :given OR p.path = :given OR (length(:given) >= 6 AND d.sha256 GLOB :prefix)"
            " ORDER BY p.path",
            {"given": document, "prefix": "".join(c for c in document.lower() if c.isalnum()) + "*"},
        ).fetchall()
        if not found:
            raise StoreError(f"{document}: not in {self.path}; `hebao search` finds words, `hebao run` adds files")
        if len({key for key, _, _ in found}) > 1:
            choice = "; ".join(f"{sha256[:12]} is {path}" for _, sha256, path in found)
            raise StoreError(f"{document}: several documents have this name; say which by its digits: {choice}")
        return write.select(self.connection, found[0][0])

    def documents(self, **filters: Any) -> pandas.DataFrame:
        """All documents, failed ones too. Filters here and below: a column with a value, or a list to choose from."""
        return frames.query(self.connection, "documents", filters)

    def claims(self, **filters: Any) -> pandas.DataFrame:
        """All claims; for example `claims(place="清河镇", year=[2022, 2023], masked=False)`."""
        return frames.query(self.connection, "claims", filters)

    def facts(self, **filters: Any) -> pandas.DataFrame:
        """What each report says of each indicator, mentions merged."""
        return frames.query(self.connection, "facts", filters)

    def segments(self, **filters: Any) -> pandas.DataFrame:
        """All segments with label and text."""
        return frames.query(self.connection, "segments", filters)

    def issues(self, **filters: Any) -> pandas.DataFrame:
        """Everything that was in doubt."""
        return frames.query(self.connection, "issues", filters)

    def places(self) -> pandas.DataFrame:
        """The places that report, with the years that they cover."""
        return frames.query(self.connection, "places", {})

    def runs(self) -> pandas.DataFrame:
        """The runs that filled the database."""
        return frames.query(self.connection, "runs", {})

    def search(self, words: str, limit: int = 1000) -> pandas.DataFrame:
        """Where the first word stands in segments that have all of them, and claims whose object has them."""
        columns = frames.columns("hits")
        found = islice(search.hits(self.connection, words), limit)
        return frames.frame("hits", frames.converted(self.connection, columns, found))

    def panel(self, indicators: Sequence[str] | None = None, **options: Any) -> pandas.DataFrame:
        """Place × year × indicator, the missing cells told apart: see `pipeline.compare.panel`."""
        from pipeline import compare

        return compare.panel(self, indicators, **options)

    def coverage(self, indicators: Sequence[str] | None = None, **options: Any) -> pandas.DataFrame:
        """How far each indicator can be compared: see `pipeline.compare.coverage`."""
        from pipeline import compare

        return compare.coverage(self, indicators, **options)

    def told(
        self, indicators: Sequence[str] | None = None, places: Sequence[str] | None = None
    ) -> Iterator[comparing.ToldFact]:
        """Facts as comparing needs them, ordered by indicator: see `pipeline.store.comparing`."""
        return comparing.facts(self.connection, indicators, places)

    def reports(self) -> list[comparing.ToldReport]:
        """The readable documents whose place is known."""
        return comparing.reports(self.connection)

    def masked(self) -> list[tuple[str, str]]:
        """Pseudonym and text of the documents whose place is masked."""
        return comparing.masked(self.connection)

    def unplaced(self) -> int:
        """How many readable documents have no place or no year."""
        return comparing.unplaced(self.connection)

    def stamp(self) -> tuple[str, int]:
        """A digest of the state of the archive, and how many documents it holds."""
        return comparing.stamp(self.connection)

    def run_totals(self, run: int) -> dict[str, Any]:
        """What is held for the paths that a run was given: see `pipeline.store.totals`."""
        return totals.of_run(self.connection, run)

    # Inside

    def _key(self, sha256: str) -> int | None:
        found = self.connection.execute("SELECT key FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
        return found and int(found[0])

    def _record_path(self, path: str, sha256: str | None, problem: str | None, run: int | None) -> None:
        path = rows.storable(path)
        key = None if sha256 is None else self._key(sha256)
        before = self.connection.execute("SELECT document FROM paths WHERE path = ?", (path,)).fetchone()
        self._point(path, key, problem, run)
        if key is not None and before and before[0] not in (None, key) and not self._present(before[0]):
            write.delete(self.connection, before[0])

    def _present(self, key: int) -> bool:
        """Whether a document lies at a path still."""
        statement = "SELECT 1 FROM paths WHERE document = ? AND removed IS NULL"
        return self.connection.execute(statement, (key,)).fetchone() is not None

    def _point(self, path: str, key: int | None, problem: str | None, run: int | None) -> None:
        self.connection.execute(
            "INSERT INTO paths (path, document, problem, run) VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
            " document = ifnull(excluded.document, document), problem = excluded.problem, run = excluded.run,"
            " removed = NULL",
            (path, key, problem, run),
        )


def _gone(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # not to be seen is not to be gone
        return False
    return False


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
