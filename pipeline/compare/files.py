"""A panel as files: one table, a workbook with values, states and evidence, or a folder that others can cite."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pipeline.compare.cells import catalogue
from pipeline.compare.evidence import evidence
from pipeline.store import frames
from pipeline.store.export import Notes, labels_of, replacing, write_table
from pipeline.store.safe import missing, without_people, writable
from pipeline.store.schema import StoreError

if TYPE_CHECKING:
    import pandas

    from pipeline.store import Database

LINKS = 65_530  # that Excel opens on one sheet
PARTS = ("panel", "coverage", "evidence")


def write(
    database: Database, long: pandas.DataFrame, coverage: pandas.DataFrame, path: Path, format_: str, personal: bool,
    lang: str = "zh",
) -> Notes:  # fmt: skip
    """Write a long panel to `path`: `package` makes a folder, `xlsx` a workbook, another format one table. `lang` is
    that of heads in a workbook and of labels in Stata. Returns what a reader has to know. Raises StoreError."""
    notes = Notes()
    if format_ == "package":
        _package(database, long, coverage, path, personal, notes)
    elif not path.parent.is_dir():
        raise StoreError(f"{path}: its folder does not exist; make it, or write somewhere else with -o")
    elif format_ == "xlsx":
        with replacing(path) as fresh:
            _workbook(database, long, coverage, fresh, personal, notes, lang)
    else:
        write_table(long, path, format_, personal, notes, labels_of("panel", format_, lang))
    return notes


def _package(
    database: Database, long: pandas.DataFrame, coverage: pandas.DataFrame, folder: Path, personal: bool, notes: Notes
) -> None:
    from pipeline.store import package

    folder.mkdir(parents=True, exist_ok=True)
    said = evidence(database, long)
    said = said.assign(path=_below(list(said["path"]))).astype({"path": "string"})
    for name, frame in zip(PARTS, (long, coverage, said), strict=True):
        write_table(frame, folder / f"{name}.csv", "csv", personal, notes)
    package.write(folder, "csv", PARTS, notes)


def _below(paths: list[Any]) -> list[Any]:
    """Paths as seen from the folder that they have in common: where that lies is nobody else's business."""
    local = {str(path) for path in paths if not missing(path) and "://" not in str(path)}
    common = os.path.commonpath([os.path.dirname(path) for path in local]) if local else ""
    return [os.path.relpath(path, common) if path in local else path for path in paths]


def _workbook(
    database: Database, long: pandas.DataFrame, coverage: pandas.DataFrame, path: Path, personal: bool, notes: Notes,
    lang: str,
) -> None:  # fmt: skip
    """Sheets 数值 values, 状态 states, 证据 evidence, 可比程度 coverage, 说明 notes."""
    from pipeline.store.sheets import Sheet, workbook

    said = evidence(database, long)
    if not personal:
        texts = ("document", "before", "surface", "after")
        said = said.assign(**{n: said[n].map(without_people, na_action="ignore").astype("string") for n in texts})
    with workbook(path) as book:
        for name, measure in (("数值 values", "value"), ("状态 states", "state")):
            _add(Sheet(book, name, notes, names=labels_of("panel", "xlsx", lang)), _wide(long, measure))
        _evidence(book, said, notes, labels_of("evidence", "xlsx", lang))
        _add(Sheet(book, "可比程度 coverage", notes, names=labels_of("coverage", "xlsx", lang)), coverage)
        meanings = [(c.column, c.meaning_zh, c.meaning) for c in frames.columns("panel")]
        _add(Sheet(book, "说明 notes", notes), _frame(("column", "含义", "meaning"), [*meanings, *_remarks(notes)]))


def _remarks(notes: Notes) -> list[tuple[str, str, str]]:
    return [("", "", line) for line in notes.lines]


def _add(sheet: Any, frame: pandas.DataFrame) -> None:
    sheet.add(frame)
    sheet.close()


def _wide(long: pandas.DataFrame, measure: str) -> pandas.DataFrame:
    """One row a place and year with the level, one column an indicator, headed with its code, name and unit."""
    known = catalogue()
    long = long.assign(level=long["level"].fillna(""))
    wide = long.pivot(index=["place", "level", "year"], columns="indicator", values=measure)
    wide = wide[list(dict.fromkeys(long["indicator"]))]
    heads = {code: f"{code} {known[code].name}（{known[code].unit or ''}）" if code in known else code for code in wide}
    return wide.rename(columns=heads).reset_index()


def _frame(names: tuple[str, ...], rows: list[tuple[str, ...]]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame(rows, columns=list(names), dtype="string")


def _evidence(book: Any, said: pandas.DataFrame, notes: Notes, heads: dict[str, str]) -> None:
    """The evidence with a link from each document's name to the file, at its page where it is a PDF."""
    sheet = book.add_worksheet("证据 evidence")
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    names = [name for name in said.columns if name != "path"]
    for place, name in enumerate(names):
        sheet.write_string(0, place, heads.get(name, name), bold)
    for number, row in enumerate(said.to_dict("records"), 1):
        for place, name in enumerate(names):
            value = row[name]
            if missing(value):
                continue
            if name in ("year", "page"):
                sheet.write_number(number, place, int(value))
            elif name == "document" and number <= LINKS and not missing(row["path"]):
                sheet.write_url(number, place, _link(row), string=writable(value)[:255])
            else:
                sheet.write_string(number, place, writable(value))
    if len(said) > LINKS:
        notes.lines.append(f"evidence: Excel opens {LINKS:,} links on a sheet; the rows after have none")


def _link(row: Any) -> str:
    path = str(row["path"])
    page = "" if missing(row["page"]) or PurePath(path).suffix.lower() != ".pdf" else f"#page={int(row['page'])}"
    # written so, since XlsxWriter turns the slashes of a `file:` address, which Linux needs, into backslashes
    return (path if "://" in path else f"FILE://{quote(path)}") + page
