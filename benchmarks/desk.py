"""The desk over 20,000 documents and a million claims: each screen's first view, its time in the database, memory.

    python -m benchmarks.desk FOLDER [--copies 556]

makes FOLDER/desk.db once (the corpus so many times over, each copy a township of its own; some 3 GB, and one claim of
293 corrected), starts
`hebao serve` on it, and asks for each screen: the first time after the start, and the median of five more. Database
time is measured in this process over the same addresses and set against a bare SELECT of as many rows as are shown.
Prints JSON. No test runs this: it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline import audit, batch
from pipeline.config import Settings
from pipeline.store import Database

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "reports"
STEP = 10_000_000  # between the keys of two copies
SCREENS = {
    "archive": ("/", "SELECT * FROM documents LIMIT 100"),
    "archive, one township": ("/?q=云岭镇77", "SELECT * FROM documents WHERE key < 500 LIMIT 4"),
    "search": ("/search?q=灭鼠毒饵", "SELECT * FROM segments LIMIT 60"),
    "desk": ("/leads", "SELECT * FROM findings LIMIT 48"),
    "desk, one check": ("/leads?check=N09", "SELECT * FROM findings LIMIT 48"),
    "ledger": ("/claims", "SELECT * FROM claims LIMIT 50"),
    "ledger, one indicator": ("/claims?indicator=toilets.household_renovated", "SELECT * FROM claims LIMIT 50"),
    "ledger, masked": ("/claims?state=masked", "SELECT * FROM claims LIMIT 50"),
    "ledger, one township": ("/claims?place=云岭镇77", "SELECT * FROM claims LIMIT 50"),
    "ledger, one status": ("/claims?status=target", "SELECT * FROM claims LIMIT 50"),
    "ledger, corrected": ("/claims?corrected=yes", "SELECT * FROM claims LIMIT 50"),
    "ledger, words": ("/claims?q=灭鼠毒饵", "SELECT * FROM claims LIMIT 50"),
    "compare": ("/compare", "SELECT * FROM facts WHERE document IN (SELECT key FROM documents LIMIT 40)"),
    "report": ("/reports/REPORT", "SELECT * FROM claims WHERE document = (SELECT min(key) FROM documents)"),
}
COPIES = {
    "documents": {"key": "key + :n * :step", "sha256": "printf('%08x', :n) || substr(sha256, 9)",
                  "place": "place || :n", "name": "printf('%05d ', :n) || name"},
    "blocks": {"document": "document + :n * :step"},
    "edits": {"document": "document + :n * :step"},
    "headings": {"document": "document + :n * :step"},
    "segments": {"key": "key + :n * :step", "document": "document + :n * :step"},
    "claims": {"key": "key + :n * :step", "document": "document + :n * :step",
               "id": "printf('%08x', :n) || substr(id, 9)"},
    "facts": {"document": "document + :n * :step", "place": "place || :n"},
    "issues": {"document": "document + :n * :step"},
    "findings": {"key": "key + :n * :step", "document": "document + :n * :step",
                 "id": "printf('%08x', :n) || substr(id, 9)"},
    "evidence": {"finding": "finding + :n * :step", "document": "document + :n * :step",
                 "claim": "printf('%08x', :n) || substr(claim, 9)"},
}  # fmt: skip
"""Table → what is another value in each copy."""

CORRECTED = {"indicator": "toilets.household_renovated", "status": "target", "object": "户厕"}
"""Field → what one claim of 879 is corrected to."""


def build(path: Path, copies: int) -> None:
    """The corpus, and `copies` - 1 further townships of each."""
    with Database(path) as database:
        batch.run([CORPUS], database, Settings(), 1)
        audit.run(database)
        connection = database.connection
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        for table, changed in COPIES.items():
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            listed = ", ".join(f'"{name}"' for name in names)
            told = ", ".join(changed.get(name, f'"{name}"') for name in names)
            key = "finding" if table == "evidence" else "key" if table in ("documents", "findings") else "document"
            for number in range(1, copies):
                connection.execute(
                    f"INSERT INTO {table} ({listed}) SELECT {told} FROM {table} WHERE {key} < :step",
                    {"n": number, "step": STEP},
                )
        connection.execute(
            "INSERT INTO segment_words (rowid, text) SELECT s.key, substr(d.text, s.start + 1, s.\"end\" - s.start)"
            " FROM segments AS s JOIN documents AS d ON d.key = s.document WHERE s.key > ?", (STEP,),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO claim_words (rowid, text) SELECT key, surface || char(10) || ifnull(object, '')"
            " FROM claims WHERE key > ?", (STEP,),
        )  # fmt: skip
        for field, value in CORRECTED.items():
            connection.execute(
                "INSERT INTO corrections (claim, field, value, original, reason, person, time)"
                f" SELECT id, ?, ?, {field}, '核对', '核查员', '2026-01-01T00:00:00+00:00' FROM claims"
                " WHERE key % 879 = ?",
                (field, value, len(field)),
            )
        connection.execute("COMMIT")


class Timed(sqlite3.Connection):
    """A connection that adds up the time spent in statements and rows."""

    seconds = 0.0

    def cursor(self, *_: Any) -> sqlite3.Cursor:  # type: ignore[override]
        """A cursor that keeps the time."""
        return super().cursor(TimedCursor)

    def execute(self, *arguments: Any) -> sqlite3.Cursor:  # type: ignore[override]
        """The statement, timed."""
        return self.cursor().execute(*arguments)


def _kept(name: str) -> Any:
    own = getattr(sqlite3.Cursor, name)

    def timed(self: sqlite3.Cursor, *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return own(self, *arguments)
        finally:
            Timed.seconds += time.perf_counter() - began

    return timed


class TimedCursor(sqlite3.Cursor):
    """Its rows come at a measured price."""

    execute, fetchone, fetchall, __next__ = map(_kept, ("execute", "fetchone", "fetchall", "__next__"))


@contextmanager
def served(path: Path) -> Iterator[tuple[str, Any, int]]:
    """`hebao serve` in a process of its own: its address, an opener that was let in, its process number."""
    command = [sys.executable, "-m", "pipeline", "serve", str(path), "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        entrance = re.search(r"http\S+", process.stdout.readline())
        assert entrance
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        opener.open(entrance[0]).close()
        try:
            yield entrance[0].partition("/enter")[0], lambda url: opener.open(url).read(), process.pid
        finally:
            process.terminate()


def resident(process: int) -> float:
    """The most memory that a process has had, in MB."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0


def walls(path: Path, screens: dict[str, str]) -> tuple[dict[str, list[float]], float]:
    """Screen → seconds of the first view and the median of five more; the desk's memory after all of them."""
    found = {}
    with served(path) as (home, fetch, process):
        for name, address in screens.items():
            taken = []
            for _ in range(6):
                began = time.perf_counter()
                fetch(home + quote(address, safe="/?=&%"))
                taken.append(time.perf_counter() - began)
            found[name] = [round(taken[0], 3), round(statistics.median(taken[1:]), 3)]
        return found, resident(process)


def database_times(path: Path, screens: dict[str, str]) -> dict[str, list[float]]:
    """Screen → seconds in the database for one view, and for a bare SELECT of as many rows as it shows."""
    from starlette.testclient import TestClient

    from pipeline.serve.app import application
    from pipeline.serve.security import Access, host_names

    access = Access(host_names("127.0.0.1", 8420), "t" * 43)
    plain = sqlite3.connect

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        return plain(*arguments, **named, factory=Timed)

    sqlite3.connect = connect  # type: ignore[assignment]
    found = {}
    with TestClient(application(path, Settings(), access), base_url="http://127.0.0.1:8420") as client:
        client.cookies.set(access.cookie, access.token)
        for name, address in screens.items():
            taken = []
            for _ in range(3):
                Timed.seconds = 0.0
                client.get(address)
                taken.append(Timed.seconds)
            found[name] = [round(min(taken), 4), round(_bare(plain(path), SCREENS[name][1]), 5)]
    sqlite3.connect = plain
    return found


def _bare(connection: sqlite3.Connection, statement: str) -> float:
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        connection.execute(statement).fetchall()
        taken.append(time.perf_counter() - began)
    return min(taken)


def main() -> None:
    """Build once, measure, print."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("--copies", type=int, default=556)
    given = options.parse_args()
    path = given.folder / "desk.db"
    if not path.is_file():
        build(path, given.copies)
    with Database(path, read_only=True) as database:
        counts = {t: database.connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0]
                  for t in ("documents", "claims", "findings")}  # fmt: skip
        report = database.connection.execute("SELECT sha256 FROM documents LIMIT 1").fetchone()[0]
    screens = {name: address.replace("REPORT", report) for name, (address, _) in SCREENS.items()}
    seen, memory = walls(path, screens)
    inside = database_times(path, screens)
    table = {name: {"first": seen[name][0], "median": seen[name][1], "database": inside[name][0],
                    "ratio": round(inside[name][0] / inside[name][1], 1)} for name in screens}  # fmt: skip
    print(json.dumps({"counts": counts, "memory_mb": memory, "screens": table}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
