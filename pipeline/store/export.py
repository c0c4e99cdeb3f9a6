"""Frames → files that people open elsewhere: CSV with a byte order mark, XLSX, JSON, Parquet, and the codebook.

Text from reports never becomes a formula or a link; what a format cannot hold is replaced by U+FFFD, and a text too
long for a cell ends in `…`. Every file appears under its name only when it is complete.
"""

from __future__ import annotations

import csv
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store import frames
from pipeline.store.database import Database
from pipeline.store.schema import StoreError

if TYPE_CHECKING:
    import pandas

TABLES = ("documents", "places", "segments", "claims", "facts", "issues", "runs")
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
SHEET_ROWS, CELL_CHARACTERS = 1_048_576, 32_767


def missing(value: Any) -> bool:
    """Whether a cell of a frame is empty: None, pandas' NA or a float that is no number."""
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and value != value)


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


def write_table(frame: pandas.DataFrame, path: Path, format_: str) -> None:
    """Write a frame with plain columns as one file. Raises StoreError where the format cannot be written."""
    if format_ not in WRITERS:
        raise StoreError(f"{format_}: not a format that is written; known: {', '.join(WRITERS)}")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: its folder does not exist; make it, or write somewhere else with -o")
    with replacing(path) as fresh:
        WRITERS[format_](frame, fresh)


def write_all(database: Database, folder: Path, format_: str) -> list[Path]:
    """All tables and the codebook as files in `folder`, which is made; their paths."""
    if format_ not in WRITERS:
        raise StoreError(f"{format_}: not a format that is written; known: {', '.join(WRITERS)}")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for table in (*TABLES, "codebook"):
        frame = codebook() if table == "codebook" else frames.query(database.connection, table, {})
        paths.append(folder / f"{table}.{format_}")
        write_table(frame, paths[-1], format_)
    return paths


def codebook() -> pandas.DataFrame:
    """Every exported column: table, column, dtype, meaning in English and in Chinese."""
    import pandas

    listed = [(c.table, c.column, c.dtype, c.meaning, c.meaning_zh) for c in frames.codebook()]
    return pandas.DataFrame(listed, columns=["table", "column", "dtype", "meaning", "meaning_zh"], dtype="string")


def csv_text(value: Any) -> str:
    """A cell as CSV holds it. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if missing(value):
        return ""
    if not isinstance(value, str):
        return plain(value)
    text = UNWRITABLE.sub("\ufffd", value)
    return "'" + text if text.startswith(FORMULA) else text


def plain(value: Any) -> str:
    """A value that is no string as text: exact decimals without exponent, tuples as their parts joined by blanks."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return str(value)


def _rows(frame: pandas.DataFrame) -> Iterator[tuple[Any, ...]]:
    return zip(*(list(frame[column]) for column in frame.columns), strict=True)


def csv_lines(frame: pandas.DataFrame) -> Iterator[str]:
    """The frame as lines of CSV, its header first."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    header = [tuple(map(str, frame.columns))]
    for row in chain(header, _rows(frame)):
        writer.writerow([csv_text(plain(v) if isinstance(v, tuple) else v) for v in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _csv(frame: pandas.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        lines.writelines(csv_lines(frame))


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
    for row in _rows(frame):
        yield json.dumps(dict(zip(names, map(json_value, row), strict=True)), ensure_ascii=False)


def _json(frame: pandas.DataFrame, path: Path) -> None:
    path.write_text("[\n" + ",\n".join(json_lines(frame)) + "\n]\n", "utf-8")


def _xlsx(frame: pandas.DataFrame, path: Path) -> None:
    import xlsxwriter

    if len(frame) >= SHEET_ROWS:
        raise StoreError(f"{len(frame)} rows are more than a sheet holds ({SHEET_ROWS}); use --format csv or parquet")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "constant_memory": True, "in_memory": False}  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(frame.columns):
            sheet.write_string(0, place, str(name), bold)
        for number, row in enumerate(_rows(frame), 1):
            for place, value in enumerate(row):
                _cell(sheet, number, place, value)
        if len(frame):
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if missing(value):
        return
    if isinstance(value, str) or not _is_number(value):
        text = UNWRITABLE.sub("\ufffd", value if isinstance(value, str) else plain(value))
        sheet.write_string(row, column, text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…")
    elif isinstance(value, bool) or type(value).__name__ == "bool":
        sheet.write_boolean(row, column, bool(value))
    else:
        sheet.write_number(row, column, value)


def _is_number(value: Any) -> bool:
    """Whether a sheet's floating point holds the value exactly; other decimals are written as text."""
    return not isinstance(value, tuple) and (not isinstance(value, Decimal) or Decimal(repr(float(value))) == value)


def _parquet(frame: pandas.DataFrame, path: Path) -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise StoreError("parquet needs pyarrow: install hebao[parquet], or use --format csv") from error
    exact = {
        name: frame[name].map(lambda v: None if missing(v) else json_value(v)).astype(object)
        for name in frame.columns
        if frame[name].dtype == object
    }
    frame.assign(**exact).to_parquet(path, engine="pyarrow", index=False)


WRITERS: dict[str, Callable[[Any, Path], None]] = {"csv": _csv, "xlsx": _xlsx, "json": _json, "parquet": _parquet}
"""Format → writer; the format is the ending of the file too."""
