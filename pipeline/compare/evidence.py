"""The sentences behind the cells of a panel."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.store import frames

if TYPE_CHECKING:
    import pandas

    from pipeline.store import Database

AROUND = 40  # characters before and after a number
CHUNK = 500  # ids of one question
CLAIMS = """
SELECT c.id, d.key, d.name, c.page, c.start, c."end",
       (SELECT min(path) FROM paths AS p WHERE p.document = d.key)
FROM claims AS c JOIN documents AS d ON d.key = c.document WHERE c.id IN ({marks})
"""


def evidence(database: Database, long: pandas.DataFrame) -> pandas.DataFrame:
    """One row for each claim that a cell of a long panel rests on: see `evidence` in `pipeline/store/codebook.csv`."""
    wanted = iter(dict.fromkeys(claim for claims in long["claims"] for claim in claims))
    told: dict[str, tuple[Any, ...]] = {}
    while ids := list(islice(wanted, CHUNK)):
        told |= dict(_told(database.connection, ids))
    cells = zip(*(long[name] for name in ("indicator", "place", "year", "state", "claims")), strict=True)
    rows = [(*cell, claim, *told[claim]) for *cell, claims in cells for claim in claims if claim in told]
    return frames.frame("evidence", rows)


def _told(connection: sqlite3.Connection, ids: list[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    found = connection.execute(CLAIMS.format(marks=", ".join("?" * len(ids))), ids).fetchall()
    held, text = None, ""
    for claim, key, name, page, start, end, path in sorted(found, key=lambda row: (row[1], row[4])):
        if key != held:
            held, text = key, connection.execute("SELECT text FROM documents WHERE key = ?", (key,)).fetchone()[0]
        before = "".join(text[max(0, start - AROUND) : start].split())
        after = "".join(text[end : end + AROUND].split())
        yield claim, (name, page, before, text[start:end], after, path)
