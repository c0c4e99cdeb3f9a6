"""The database as text that two machines can compare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline.store import rows, write
from pipeline.store.database import Database


def dump(database: Database) -> Iterator[str]:
    """Every row that extraction made, one JSON line each, ordered by content: equal for any number of workers and any
    order of files, and free of clocks and of this machine's paths (`paths` and `runs` are left out)."""
    connection = database.connection
    documents = write.DOCUMENT_COLUMNS.removesuffix("boxes") + "hex(boxes)"
    for key, sha256 in connection.execute("SELECT key, sha256 FROM documents ORDER BY sha256").fetchall():
        row = connection.execute(f"SELECT {documents} FROM documents WHERE key = ?", (key,)).fetchone()
        yield _line("documents", sha256, write.DOCUMENT_COLUMNS.split(", "), row)
        for table in rows.RECORDS:
            statement = f"SELECT {rows.column_list(table)} FROM {table} WHERE document = ? ORDER BY number"
            for values in connection.execute(statement, (key,)):
                yield _line(table, sha256, rows.names(table), values)


def _line(table: str, sha256: str, names: Any, values: Any) -> str:
    return json.dumps([table, sha256, dict(zip(names, values, strict=True))], ensure_ascii=False, sort_keys=True)
