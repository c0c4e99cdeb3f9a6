"""Opening the file and bringing its tables up to date: one migration, one transaction, its record inside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

BUSY_MILLISECONDS = 30_000
WRITING = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "cache_size = -65536",  # kilobytes: ids of claims are digests, so each report touches leaves all over their index
    "wal_autocheckpoint = 8000",  # pages of 4 KB: a leaf that many reports touch is copied into the file less often
    "secure_delete = FAST",  # as most builds of SQLite come: what is deleted is not overwritten where that costs writes
)


class StoreError(Exception):
    """The database cannot be used as asked; the message is one line that names the file and the remedy."""


class NotStorableError(StoreError):
    """A report whose rows the tables refuse: two claims with one id, a lone surrogate, a number that is none."""


def migrations() -> list[str]:
    """The SQL of all migrations in order; the first brings an empty file to version 1."""
    found = {item.name: item for item in (files("pipeline.store") / "migrations").iterdir() if item.name[0].isdigit()}
    return [found[name].read_text("utf-8") for name in sorted(found)]


def connect(path: Path, read_only: bool) -> sqlite3.Connection:
    """An open connection in autocommit mode, migrated unless `read_only`. Raises StoreError."""
    if read_only and not path.is_file():
        raise StoreError(f"{path}: no database here; `hebao run PATH --db {path}` makes one, --db names another")
    if path.is_dir() or not path.parent.is_dir():
        raise StoreError(f"{path}: not a place for a database; --db takes a file in a folder that exists")
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}", uri=True, isolation_level=None
        )
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path}: cannot be opened ({error}); check that you may read and write it") from error
    try:
        _prepare(connection, path, read_only)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(f"{path}: not usable as a Hebao database ({error}); name another with --db") from error
    except StoreError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, read_only: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    connection.execute("PRAGMA foreign_keys = ON")
    known = migrations()
    version = _version(connection)
    if version > len(known):
        raise StoreError(f"{path}: from a newer Hebao (schema {version}, this one knows {len(known)}); update Hebao")
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        raise StoreError(f"{path}: a SQLite file, but not one of Hebao's; name another with --db")
    if read_only:
        if version < len(known):
            raise StoreError(f"{path}: schema {version} of {len(known)}; `hebao run` with it brings it up to date")
        return
    for pragma in WRITING:
        connection.execute(f"PRAGMA {pragma}")
    for number, sql in enumerate(known, 1):
        if number > version:
            _apply(connection, number, sql)


def _apply(connection: sqlite3.Connection, number: int, sql: str) -> None:
    with transaction(connection):
        if _version(connection) >= number:  # another process was faster
            return
        statement = ""
        for line in sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                connection.execute(statement)
                statement = ""
        connection.execute(f"PRAGMA user_version = {number}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: commits at the end of the block, rolls back when it is left by an exception. Inside another
    transaction it is part of that one, which the exception must leave too: a savepoint would make the search index
    write out what it has gathered."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield
