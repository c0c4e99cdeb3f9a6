"""Report ⇄ rows of one document. The caller holds the transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from pipeline.records import Document, Issuer, Report
from pipeline.store import rows

DOCUMENT_COLUMNS = (
    "sha256, fingerprint, name, format, outcome, pages, encoding, metadata, title, place, level, year, basis, parent, "
    "characters, text, boxes"
)


def squeeze(text: str) -> str:
    """Text as the search index holds it: a line break inside a word must not hide the word."""
    return "".join(text.split())


def insert(connection: sqlite3.Connection, report: Report) -> int:
    """Write all rows of a report; the key of its document."""
    document, issuer = report.document, report.issuer
    values = (
        document.sha256, report.fingerprint, rows.storable(document.name), document.format, document.outcome,
        document.pages, document.encoding, json.dumps(document.metadata, ensure_ascii=False),
        issuer.title, issuer.place, issuer.level, issuer.year, issuer.basis, issuer.parent,
        len(document.text), document.text, rows.pack_boxes(document.boxes),
    )  # fmt: skip
    marks = ", ".join("?" * len(values))
    key = connection.execute(f"INSERT INTO documents ({DOCUMENT_COLUMNS}) VALUES ({marks})", values).lastrowid
    assert key is not None
    parts = {"blocks": document.blocks, **{t: getattr(report, t) for t in rows.RECORDS if t != "blocks"}}
    for table in rows.RECORDS:
        marks = ", ".join("?" * (len(rows.names(table)) + 2))
        connection.executemany(
            f"INSERT INTO {table} (document, number, {rows.column_list(table)}) VALUES ({marks})",
            ((key, number, *rows.to_row(table, part)) for number, part in enumerate(parts[table])),
        )
    _index(connection, key, document.text, delete=False)
    return key


def delete(connection: sqlite3.Connection, key: int) -> None:
    """Remove a document with everything that hangs on it, its paths too."""
    text = connection.execute("SELECT text FROM documents WHERE key = ?", (key,)).fetchone()[0]
    _index(connection, key, text, delete=True)
    connection.execute("DELETE FROM documents WHERE key = ?", (key,))


def _index(connection: sqlite3.Connection, key: int, text: str, delete: bool) -> None:
    """Enter the document's words in the search index, or take them out: an index that keeps no copy of its text
    must be told again what it was given."""
    segments = connection.execute('SELECT key, start, "end" FROM segments WHERE document = ?', (key,)).fetchall()
    claims = connection.execute("SELECT key, surface, object FROM claims WHERE document = ?", (key,)).fetchall()
    entries: dict[str, Iterable[tuple[int, str]]] = {
        "segment_words": ((row, squeeze(text[start:end])) for row, start, end in segments),
        "claim_words": ((row, f"{squeeze(surface)}\n{squeeze(thing or '')}") for row, surface, thing in claims),
    }
    for table, pairs in entries.items():
        columns, marks = (f"{table}, rowid, text", "'delete', ?, ?") if delete else ("rowid, text", "?, ?")
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", pairs)


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
