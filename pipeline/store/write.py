"""Report ⇄ rows of one document. The caller holds the transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from functools import cache

from pipeline.records import Document, Issuer, Report
from pipeline.store import rows
from pipeline.store.parcel import Parcel, claim_words, squeeze

INDEXES = {"segments": "segment_words", "claims": "claim_words"}

DOCUMENT_COLUMNS = (
    "sha256, fingerprint, name, format, outcome, pages, encoding, metadata, title, place, level, year, basis, parent, "
    "characters, text, boxes"
)


def insert(connection: sqlite3.Connection, parcel: Parcel) -> int:
    """Write all rows of a report; the key of its document."""
    document, issuer = parcel.document, parcel.frame.issuer
    values = (
        document.sha256, parcel.frame.fingerprint, rows.storable(document.name), document.format, document.outcome,
        document.pages, document.encoding, json.dumps(document.metadata, ensure_ascii=False),
        issuer.title, issuer.place, issuer.level, issuer.year, issuer.basis, issuer.parent,
        len(document.text), document.text, rows.pack_boxes(document.boxes),
    )  # fmt: skip
    marks = ", ".join("?" * len(values))
    key = connection.execute(f"INSERT INTO documents ({DOCUMENT_COLUMNS}) VALUES ({marks})", values).lastrowid
    assert key is not None
    for table, made in parcel.rows.items():
        if made:
            connection.executemany(_statement(table), [(key, *row) for row in made])
    for table, words in parcel.words.items():
        _index(connection, table, zip(_keys(connection, table, key), words, strict=True))
    return key


@cache
def _statement(table: str) -> str:
    marks = ", ".join("?" * (len(rows.names(table)) + 2))
    return f"INSERT INTO {table} (document, number, {rows.column_list(table)}) VALUES ({marks})"


def _keys(connection: sqlite3.Connection, table: str, document: int) -> list[int]:
    found = connection.execute(f"SELECT key FROM {table} WHERE document = ? ORDER BY number", (document,))
    return [key for (key,) in found]


def delete(connection: sqlite3.Connection, key: int) -> None:
    """Remove a document with everything that hangs on it, its paths too."""
    text = connection.execute("SELECT text FROM documents WHERE key = ?", (key,)).fetchone()[0]
    segments = connection.execute('SELECT key, start, "end" FROM segments WHERE document = ?', (key,)).fetchall()
    claims = connection.execute("SELECT key, surface, object FROM claims WHERE document = ?", (key,)).fetchall()
    _index(connection, "segments", ((row, squeeze(text[start:end])) for row, start, end in segments), delete=True)
    _index(connection, "claims", ((row, claim_words(*words)) for row, *words in claims), delete=True)
    connection.execute("DELETE FROM documents WHERE key = ?", (key,))


def _index(connection: sqlite3.Connection, table: str, pairs: Iterable[tuple[int, str]], delete: bool = False) -> None:
    """Enter words of a table's rows in the search index, or take them out: an index that keeps no copy of its text
    must be told again what it was given."""
    index = INDEXES[table]
    columns, marks = (f"{index}, rowid, text", "'delete', ?, ?") if delete else ("rowid, text", "?, ?")
    connection.executemany(f"INSERT INTO {index} ({columns}) VALUES ({marks})", pairs)


def select(connection: sqlite3.Connection, key: int) -> Report:
    """The report that the rows of this document were made from. `document.path` is the first of its paths."""
    found = connection.execute(f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE key = ?", (key,)).fetchone()
    (sha256, fingerprint, name, format_, outcome, pages, encoding, metadata,
     title, place, level, year, basis, parent, _, text, boxes) = found  # fmt: skip
    path = connection.execute("SELECT min(path) FROM paths WHERE document = ?", (key,)).fetchone()[0]
    parts = {}
    for table in rows.RECORDS:
        statement = f"SELECT {rows.column_list(table)} FROM {table} WHERE document = ? ORDER BY number"
        parts[table] = tuple(rows.from_row(table, row) for row in connection.execute(statement, (key,)))
    document = Document(
        path=path or name, name=name, sha256=sha256, format=format_, outcome=outcome, text=text,
        blocks=parts.pop("blocks"), pages=pages, encoding=encoding,
        metadata=tuple((k, v) for k, v in json.loads(metadata)), boxes=rows.unpack_boxes(boxes),
    )  # fmt: skip
    return Report(document, Issuer(title, place, level, year, basis, parent), fingerprint=fingerprint, **parts)
