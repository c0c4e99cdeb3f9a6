"""Frames → files that people open elsewhere: CSV with a byte order mark, XLSX, JSON, Parquet, Stata, and the codebook.

A table is written in parts, so that a million rows take no more memory than a part; only Stata needs all rows at once.
Text from reports never becomes a formula or a link, personal numbers are masked unless asked for, what a format cannot
hold is replaced by U+FFFD, and a text too long for a cell ends in `…` and is counted in the notes. Every file appears
under its name only when it is complete.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store import frames
from pipeline.store.database import Database
from pipeline.store.safe import FORMULA, OPAQUE, UNWRITABLE, csv_safe, missing, plain, without_people
from pipeline.store.schema import StoreError

if TYPE_CHECKING:
    import pandas

__all__ = ["FORMULA", "UNWRITABLE", "WRITERS", "Notes", "csv_lines", "csv_text", "json_lines", "json_value", "missing",
           "plain", "replacing", "write_all", "write_table"]  # fmt: skip
TABLES = ("documents", "places", "segments", "claims", "facts", "issues", "runs")


@dataclass(slots=True)
class Notes:
    """What a reader of the files has to know, one sentence each."""

    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Head:
    """What a workbook and Stata call a table and its columns; columns that are not named keep their names."""

    title: str
    columns: dict[str, str] = field(default_factory=dict)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A fresh file beside `path` that takes its place when the block ends well and leaves no trace when it does not."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_table(
    table: pandas.DataFrame | Iterable[pandas.DataFrame], path: Path, format_: str, personal: bool = False,
    notes: Notes | None = None, labels: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """Write a frame with plain columns, or the parts of one, as one file. `labels` name the columns (in a workbook and
    in Stata; other formats have the names themselves).

    Raises StoreError where the format cannot be written."""
    if format_ not in WRITERS:
        raise StoreError(f"{format_}: not a format that is written; known: {', '.join(WRITERS)}")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: its folder does not exist; make it, or write somewhere else with -o")
    with replacing(path) as fresh:
        parts = (part if personal else _anonymous(part) for part in _parts(table))
        WRITERS[format_](parts, fresh, notes or Notes(), Head(path.stem, labels or {}))


def write_all(
    database: Database, folder: Path, format_: str, personal: bool = False, lang: str = "zh"
) -> tuple[list[Path], Notes]:
    """All tables, the codebook and datapackage.json as files in `folder`, which is made; their paths, and notes."""
    from pipeline.store import package

    if format_ not in WRITERS:
        raise StoreError(f"{format_}: not a format that is written; known: {', '.join(WRITERS)}")
    folder.mkdir(parents=True, exist_ok=True)
    notes, paths = Notes(), []
    for table in TABLES:
        paths.append(folder / f"{table}.{format_}")
        labels = labels_of(table, format_, lang)
        write_table(frames.parts(database.connection, table), paths[-1], format_, personal, notes, labels)
    return [*paths, *package.write(folder, format_, TABLES, notes)], notes


def labels_of(table: str, format_: str, lang: str) -> dict[str, str]:
    """What the columns of a table are called in a language: in Chinese what they mean; in English a workbook has their
    names, and Stata what they mean."""
    if lang == "zh":
        return {column.column: column.meaning_zh for column in frames.columns(table)}
    return {column.column: column.meaning for column in frames.columns(table)} if format_ == "dta" else {}


def _parts(table: pandas.DataFrame | Iterable[pandas.DataFrame]) -> Iterable[pandas.DataFrame]:
    import pandas

    return [table] if isinstance(table, pandas.DataFrame) else table


def _anonymous(frame: pandas.DataFrame) -> pandas.DataFrame:
    """The frame with personal numbers masked in the text of reports."""
    masked = {
        name: frame[name].map(without_people, na_action="ignore").astype("string")
        for name in frame.columns
        if frame[name].dtype == "string" and name not in OPAQUE
    }
    return frame.assign(**masked)


def csv_text(value: Any) -> str:
    """A cell as CSV holds it. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if missing(value):
        return ""
    return csv_safe(value) if isinstance(value, str) else plain(value)


def rows_of(frame: pandas.DataFrame) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples of Python values."""
    return zip(*(list(frame[column]) for column in frame.columns), strict=True)


def csv_lines(frames_: pandas.DataFrame | Iterable[pandas.DataFrame]) -> Iterator[str]:
    """The frame, or the parts of one, as lines of CSV, the header first."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    for number, frame in enumerate(_parts(frames_)):
        header = [tuple(map(str, frame.columns))] if number == 0 else []
        for row in chain(header, rows_of(frame)):
            writer.writerow([csv_text(plain(v) if isinstance(v, tuple) else v) for v in row])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()


def json_value(value: Any) -> Any:
    """A value as JSON holds it: decimals as strings, since a JSON number would be read as a float."""
    if missing(value):
        return None
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (tuple, list)):
        return [json_value(v) for v in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value.item() if hasattr(value, "item") else value


def json_lines(frame: pandas.DataFrame) -> Iterator[str]:
    """One JSON object a row."""
    names = [str(c) for c in frame.columns]
    for row in rows_of(frame):
        yield json.dumps(dict(zip(names, map(json_value, row), strict=True)), ensure_ascii=False)


def _csv(parts: Iterable[pandas.DataFrame], path: Path, notes: Notes, head: Head) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        lines.writelines(csv_lines(parts))


def _json(parts: Iterable[pandas.DataFrame], path: Path, notes: Notes, head: Head) -> None:
    with path.open("w", encoding="utf-8") as file:
        before = "[\n"
        for line in chain.from_iterable(map(json_lines, parts)):
            file.write(before + line)
            before = ",\n"
        file.write("\n]\n" if before == ",\n" else "[\n\n]\n")


def _parquet(parts: Iterable[pandas.DataFrame], path: Path, notes: Notes, head: Head) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise StoreError("parquet needs pyarrow: install hebao[parquet], or use --format csv") from error
    kinds = {"string": pa.string(), "Int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_()}
    writer = None
    try:
        for part in parts:
            names = [str(name) for name in part.columns]
            lists = {n for n in names if part[n].dtype == object and any(isinstance(v, tuple) for v in part[n])}
            lists |= {n for n in names if n in ("claims", "documents") and part[n].dtype == object}
            schema = pa.schema([
                (n, pa.list_(pa.string()) if n in lists else kinds.get(str(part[n].dtype), pa.string())) for n in names
            ])  # fmt: skip
            writer = writer or pq.ParquetWriter(path, schema, compression="zstd")
            columns = (pa.array(map(json_value, part[n]), schema.field(n).type) for n in names)
            writer.write_table(pa.Table.from_arrays(list(columns), schema=schema))
    finally:
        if writer:
            writer.close()


def _xlsx(parts: Iterable[pandas.DataFrame], path: Path, notes: Notes, head: Head) -> None:
    from pipeline.store.sheets import write

    write(parts, path, notes, head)


def _dta(parts: Iterable[pandas.DataFrame], path: Path, notes: Notes, head: Head) -> None:
    from pipeline.store.stata import write

    write(parts, path, notes, head.columns)


WRITERS: dict[str, Callable[[Iterable[Any], Path, Notes, Head], None]] = {
    "csv": _csv, "xlsx": _xlsx, "json": _json, "parquet": _parquet, "dta": _dta,
}  # fmt: skip
"""Format → writer of the parts of a table; the format is the ending of the file too."""
