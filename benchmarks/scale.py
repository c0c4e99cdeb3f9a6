"""Comparing in an archive of ten million claims: coverage, one indicator's panel, and an export, against DuckDB.

    python -m benchmarks.scale FOLDER [--documents 40000]

makes FOLDER/scale.db (250 claims and 110 facts with a code a document; some 3 GB), opens the coverage view and
one panel as `hebao compare` does, asks DuckDB the same of the same facts as Parquet in the same run, and exports a
million facts while watching memory. Prints JSON. No test runs this: it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline import compare
from pipeline.compare import copy
from pipeline.lexicon import rows
from pipeline.store import Database
from pipeline.store.export import write_table
from pipeline.store.frames import parts

YEARS, CLAIMS, CODED = 10, 250, 110
STATES = "('exact', 'exact', 'exact', 'exact', 'exact', 'exact', 'approx', 'approx', 'bounded', 'masked')"
NUMBERS = """
INSERT INTO temp.n
WITH RECURSIVE r (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i + 1 < {count}) SELECT i FROM r
"""
DOCUMENTS = """
INSERT INTO documents (sha256, fingerprint, name, format, outcome, metadata, place, level, year, basis, characters,
  text)
SELECT printf('%064x', i), 'f', printf('%06d.txt', i), 'txt', 'ok', '[]', printf('第%04d镇', i / {years}),
  'township', 2014 + i % {years}, 'title', 3000, 'text' FROM temp.n AS n WHERE i < {count}
"""
CLAIM_ROWS = """
INSERT INTO claims (document, number, id, start, "end", surface, value_low, value_high, masked, relation, unit,
  dimension, action, object, status, rule, base_value_low, base_value_high, base_unit, heading_path, indicator, period)
SELECT d.key, n.i, printf('%010x%06x', d.key, n.i), n.i * 10, n.i * 10 + 4, '300处',
  abs(random() % 1000), NULL, 0, 'eq', '处', 'count', '清理', '卫生死角', 'done', 'scale', NULL, NULL, '处', '[]',
  (SELECT code FROM temp.codes WHERE place = n.i), d.year FROM documents AS d
CROSS JOIN temp.n AS n WHERE n.i < {count}
"""
FACT_ROWS = """
INSERT INTO facts (document, number, place, year, indicator, dimension, unit, status, value_low, value_high, state,
  claims, period)
SELECT d.key, n.i, d.place, d.year, c.code, 'count', c.unit, 'done', v.low, v.low,
  json_extract(json_array{states}, '$[' || abs(random() % 10) || ']'), json_array(printf('%010x%06x', d.key, n.i)),
  d.year
FROM documents AS d CROSS JOIN temp.n AS n JOIN temp.codes AS c ON c.place = n.i
CROSS JOIN (SELECT abs(random() % 1000) AS low) AS v WHERE n.i < {count}
"""
FACTS = ("document", "place", "year", "indicator", "unit", "status", "value_low", "value_high", "state", "claims")
BASE = {
    "coverage": "SELECT indicator, count(DISTINCT place) FILTER (state IN ('exact', 'range', 'approx', 'bounded')),"
    " count(DISTINCT (place, year)) FILTER (state IN ('exact', 'range', 'approx', 'bounded')),"
    " count(DISTINCT (place, year)) FROM facts GROUP BY indicator ORDER BY 2 DESC",
    "panel": "SELECT place, year, min(value_low), max(value_high), list(state), list(document), list(claims) FROM facts"
    " WHERE indicator = 'toilets.household_renovated' GROUP BY place, year ORDER BY place, year",
}


def build(path: Path, documents: int) -> None:
    """A database as `hebao run` would leave it, of rows that are made up."""
    with Database(path) as database:
        connection = database.connection
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("CREATE TEMP TABLE codes (place INTEGER PRIMARY KEY, code TEXT, unit TEXT)")
        connection.execute("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)")
        connection.execute(NUMBERS.format(count=max(documents, CLAIMS)))
        catalogue = [(row["code"], row["base_unit"]) for row in rows("indicators")]
        catalogue.sort(key=lambda row: row[0] != "toilets.household_renovated")
        for place, (code, unit) in enumerate(islice(catalogue, CODED)):
            connection.execute("INSERT INTO temp.codes VALUES (?, ?, ?)", (place, code, unit))
        for sql, count in ((DOCUMENTS, documents), (CLAIM_ROWS, CLAIMS), (FACT_ROWS, CODED)):
            connection.execute("BEGIN")
            connection.execute(sql.format(count=count, years=YEARS, states=STATES))
            connection.execute("COMMIT")


def _as_parquet(database: Database, path: Path) -> None:
    """The facts as they are, for DuckDB."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.int32() if name in ("document", "year") else pa.string()) for name in FACTS])
    found = database.connection.execute(f"SELECT {', '.join(FACTS)} FROM facts")
    with pq.ParquetWriter(path, schema) as writer:
        while batch := found.fetchmany(100_000):
            writer.write_table(pa.table(list(map(list, zip(*batch, strict=True))), schema=schema))


def clock(work: Callable[[], Any], times: int = 3) -> float:
    """The best of some runs in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return round(min(taken), 3)


def peak() -> int:
    """The most memory that this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(folder: Path, documents: int) -> dict[str, Any]:
    """Build what is missing in `folder`, and measure."""
    import duckdb

    path, facts = folder / "scale.db", folder / "facts.parquet"
    found: dict[str, Any] = {}
    if not path.is_file():
        found["build_seconds"] = clock(lambda: build(path, documents), 1)
    with Database(path, read_only=True) as database:
        found["claims"] = database.connection.execute("SELECT count(*) FROM claims").fetchone()[0]
        found["facts"] = database.connection.execute("SELECT count(*) FROM facts").fetchone()[0]
        before = peak()
        stamp, _ = copy.stamp(database, None)
        found["copy_seconds"] = clock(lambda: copy.build(database, None, stamp), 1)
        found["copy_megabytes_of_memory"] = peak() - before
        found["coverage_seconds"] = clock(lambda: compare.coverage(database))
        codes = ["toilets.household_renovated"]
        found["panel_seconds"] = clock(lambda: compare.panel(database, codes, rows=compare.KEYS, columns=()))
        before = peak()
        million = (part for part in islice(parts(database.connection, "facts"), 50))
        found["export_seconds"] = clock(lambda: write_table(million, folder / "million.csv", "csv"), 1)
        found["export_megabytes_of_memory"] = peak() - before
        if not facts.is_file():
            _as_parquet(database, facts)
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW facts AS SELECT * FROM read_parquet('{facts}')")
    for name, sql in BASE.items():
        found[f"duckdb_{name}_seconds"] = clock(lambda sql=sql: connection.execute(sql).fetchall())
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=40_000)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps(measure(arguments.folder, arguments.documents), indent=1))


if __name__ == "__main__":
    main()
