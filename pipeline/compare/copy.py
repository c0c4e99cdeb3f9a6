"""A derived copy of all cells as Parquet, read by DuckDB: for archives with too many facts to resolve at each look.

It lies beside the database (x.cells.parquet, x.reports.parquet), carries the stamp of the archive and of the tables it
was made with, and is made anew when the stamp is another. Deleting it loses nothing.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.compare.cells import COMPARABLE, Cell
from pipeline.compare.live import Count, Grid, Key, Live, Source
from pipeline.config import models_path
from pipeline.store.export import replacing

Said = Callable[[str], None]
LAYOUT = 2  # of the files: another number makes every copy anew
EVERY = 10  # seconds between two words on how far it is
LARGE = 4000  # documents; smaller archives are resolved at each look
ROWS = 50_000  # of a row group: what one indicator's panel reads at least
TABLES = ("indicators.csv", "scopes.csv")  # what cells depend on besides the facts
CELLS = ("indicator", "place", "year", "state", "unit", "low", "high", "period", "note", "documents", "claims",
         "reported")  # fmt: skip


class Copy:
    """Cells as the Parquet copy has them; the same three methods as `Live`."""

    def __init__(self, folder: Path, stem: str) -> None:
        import duckdb

        self.cells_path, self.reports_path = (folder / f"{stem}.{name}.parquet" for name in ("cells", "reports"))
        self.connection = duckdb.connect(":memory:")

    def grid(self) -> Grid:
        """Place and year → their documents, in the order of place and year."""
        found = self.connection.execute("SELECT place, year, documents FROM read_parquet(?)", [str(self.reports_path)])
        return {(place, year): tuple(documents) for place, year, documents in found.fetchall()}

    def cells(
        self, indicators: Sequence[str] | None, wanted: Sequence[str] | None = None
    ) -> Iterator[tuple[Key, Cell]]:
        """The cells that are told of, by default of every place, ordered by indicator, place and year."""
        within = "" if wanted is None else " AND list_contains(?, place)"
        for code in self._codes(indicators):
            found = self.connection.execute(
                f"SELECT {', '.join(CELLS[:-1])} FROM read_parquet(?) WHERE indicator = ?{within} ORDER BY place, year",
                [str(self.cells_path), code] + ([] if wanted is None else [list(wanted)]),
            )
            for name, place, year, state, unit, low, high, period, note, documents, claims in found.fetchall():
                yield (name, place, year), Cell(state, unit, low and Decimal(low), high and Decimal(high), note,
                                                tuple(documents), tuple(claims), period)  # fmt: skip

    def levels(self) -> dict[str, str]:
        """Place → its level, where that is known."""
        found = self.connection.execute(
            "SELECT DISTINCT place, level FROM read_parquet(?) WHERE level IS NOT NULL", [str(self.reports_path)]
        )
        return dict(found.fetchall())

    def counts(self, indicators: Sequence[str] | None, wanted: Sequence[str] | None = None) -> dict[str, Count]:
        """Indicator → how many place-years that have a report are told of, and how; by default of every place."""
        chosen = "" if indicators is None else " AND list_contains(?, indicator)"
        chosen += "" if wanted is None else " AND list_contains(?, place)"
        values = [str(self.cells_path), *(list(given) for given in (indicators, wanted) if given is not None)]
        comparable = f"state IN {COMPARABLE}"
        found = self.connection.execute(
            f"SELECT indicator, state, unit, count(*) FROM read_parquet(?) WHERE reported{chosen} GROUP BY ALL", values
        ).fetchall()
        counts: dict[str, Count] = {}
        for code, state, unit, number in found:
            count = counts.setdefault(code, Count())
            count.states[state] += number
            if state in COMPARABLE:
                count.units[unit] += number
        for code, number in self.connection.execute(
            f"SELECT indicator, count(DISTINCT place) FROM read_parquet(?) WHERE reported AND {comparable}{chosen}"
            " GROUP BY ALL", values
        ).fetchall():  # fmt: skip
            counts[code].places = number
        return counts

    def _codes(self, indicators: Sequence[str] | None) -> list[str]:
        if indicators is not None:
            return sorted(set(indicators))
        found = self.connection.execute("SELECT DISTINCT indicator FROM read_parquet(?)", [str(self.cells_path)])
        return sorted(code for (code,) in found.fetchall())


def best(source: Source, names: Path | None, say: Said | None = None) -> Live | Copy:
    """The copy for a large archive where DuckDB is installed and the copy can lie beside the database, made first where
    it is missing or stale, while `say` is told how far it is; else the facts themselves."""
    wanted, large = stamp(source, names)
    if not large or find_spec("duckdb") is None or find_spec("pyarrow") is None:
        return Live(source, names)
    if _stamp_of(source.path.parent / f"{source.path.stem}.cells.parquet") != wanted:
        try:
            build(source, names, wanted, say)
        except OSError:  # a folder that may only be read, or a full disk: slower, not worse
            return Live(source, names)
    return Copy(source.path.parent, source.path.stem)


def build(source: Source, names: Path | None, made_of: str, say: Said | None = None) -> None:
    """Write the copy; memory holds one indicator's facts. `say` is told of the first row and then every ten seconds."""
    import pyarrow as pa

    live = Live(source, names)
    grid, levels = live.grid(), live.levels()
    texts, lists = pa.string(), pa.list_(pa.string())
    kinds = (texts, texts, pa.int32(), texts, texts, texts, texts, texts, texts, lists, lists, pa.bool_())
    rows = (
        (*key, c.state, c.unit, *_texts(c), c.period, c.note, c.documents, c.claims, key[1:] in grid)
        for key, c in _told_of(live.cells(None), say)
    )
    folder, stem = source.path.parent, source.path.stem
    reports = ((place, year, documents, levels.get(place)) for (place, year), documents in grid.items())
    names_, kinds_ = ("place", "year", "documents", "level"), (texts, pa.int32(), lists, texts)
    with _uncollected():
        _write(folder / f"{stem}.reports.parquet", names_, kinds_, reports, made_of)
        _write(folder / f"{stem}.cells.parquet", CELLS, kinds, rows, made_of)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: rows have none, and looking through millions of them takes as long as making
    them."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _told_of(cells: Iterable[tuple[Key, Cell]], say: Said | None) -> Iterator[tuple[Key, Cell]]:
    started = said = time.monotonic()
    for number, cell in enumerate(cells, 1):
        if say and number == 1:
            say("making the copy of all cells that DuckDB reads; only the first look after a change waits for it")
        if say and number % 10_000 == 0 and time.monotonic() - said > EVERY:
            said = time.monotonic()
            say(f"copy of all cells: {number:,} made in {said - started:.0f} s, at {cell[0][0]}")
        yield cell


def _write(
    path: Path, names: Sequence[str], kinds: Sequence[Any], rows: Iterable[tuple[Any, ...]], made_of: str
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(list(zip(names, kinds, strict=True)), metadata={"hebao": made_of})
    rows = iter(rows)
    with replacing(path) as fresh, pq.ParquetWriter(fresh, schema, compression="zstd") as writer:
        while batch := list(islice(rows, ROWS)):
            columns = zip(*batch, strict=True)
            arrays = [pa.array(list(c), kind) for c, kind in zip(columns, kinds, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def stamp(source: Source, names: Path | None) -> tuple[str, bool]:
    """The stamp that a copy must have, and whether the archive is large enough for one."""
    digest, documents = source.stamp()
    parts = hashlib.sha256(f"{digest} {LAYOUT}".encode())
    for path in [models_path() / name for name in TABLES] + ([names] if names else []):
        parts.update(path.read_bytes())
    return parts.hexdigest()[:32], documents >= LARGE


def _stamp_of(path: Path) -> str | None:
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    found: bytes = (pq.read_schema(path).metadata or {}).get(b"hebao", b"")
    return found.decode()


def _texts(cell: Cell) -> tuple[str | None, str | None]:
    low = None if cell.low is None else format(cell.low, "f")
    return low, low if cell.high is cell.low else None if cell.high is None else format(cell.high, "f")
