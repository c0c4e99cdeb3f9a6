"""Leads → sheets that go to a township and come back: XLSX, DOCX, HTML, JSON lines; and the replies read again.

Text of reports never becomes a formula, a link or markup. Each lead keeps its number, by which a reply finds it again.
"""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.audit import base
from pipeline.audit.leads import SEVERITIES, Lead
from pipeline.store.export import UNWRITABLE, replacing
from pipeline.store.schema import StoreError

TITLE = "数据核查线索单"
PREFACE = "以下为程序比对得出的线索，不是结论。请逐条核实，在“答复”栏说明情况，并在需要处附上依据。"
WIDTHS = (2.6, 14.4)  # of the two columns of a Word table, in centimetres
NUMBER, REPLY, SIGNED, DECISION = "线索编号", "答复", "答复人", "核查结论"
COLUMNS: tuple[tuple[str, int], ...] = (  # heading and width in characters
    (NUMBER, 18), ("报告单位", 12), ("年份", 6), ("文件", 24), ("页", 4), ("级别", 6), ("检查项", 14), ("原文", 48),
    ("线索", 44), ("算式", 28), ("可能的解释", 30), ("请说明", 30), (REPLY, 40), (SIGNED, 10), (DECISION, 10),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back on one lead. `verdict` is empty where the column was left blank."""

    finding: str
    text: str
    person: str
    verdict: str


def cells(lead: Lead) -> tuple[str, ...]:
    """The lead as the cells of `COLUMNS`; the last three are for the reply."""
    formula = lead.formula or ""
    if lead.suggestion:
        formula = f"{formula}\n{lead.suggestion}".strip()
    return tuple(
        UNWRITABLE.sub("\ufffd", text)
        for text in (
            lead.id, lead.place or "（未识别）", str(lead.year or ""), lead.document, str(lead.page or ""),
            SEVERITIES[lead.severity], f"{lead.check} {lead.name}", lead.quote, lead.message, formula, lead.innocent,
            lead.ask, "", "", "",
        )
    )  # fmt: skip


def write(leads: Sequence[Lead], path: Path, form: str) -> int:
    """Write a sheet and return how many leads are on it. For a township leads of checks with `sheet = false` (what a
    website left in the file) stay out, unless no others were asked for; the sheet says how many. Raises StoreError
    where the format is unknown or the folder is missing."""
    if form not in WRITERS:
        raise StoreError(f"{form}: not a format of sheets; known: {', '.join(WRITERS)}")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: its folder does not exist; make it, or write somewhere else with -o")
    kept = [lead for lead in leads if _concerns_reporter(lead)] if form != "jsonl" else leads
    with replacing(path) as fresh:
        WRITERS[form](kept or leads, len(leads) - len(kept or leads), fresh)
    return len(kept or leads)


def _concerns_reporter(lead: Lead) -> bool:
    known = base.settings().get(lead.check)
    return known is None or bool(known.options.get("sheet", True))


def _preface(omitted: int) -> str:
    return f"{PREFACE}另有{omitted}条只涉及网站转存痕迹的提示，未列入本单。" if omitted else PREFACE


def lines(leads: Sequence[Lead]) -> Iterator[str]:
    """One JSON object a lead."""
    for lead in leads:
        yield json.dumps(asdict(lead), ensure_ascii=False)


def by_place(leads: Sequence[Lead]) -> Iterator[tuple[str, list[Lead]]]:
    """The leads of each place, in the order given."""
    for place, group in groupby(leads, key=lambda lead: lead.place or "（未识别报告单位）"):
        yield place, list(group)


def _jsonl(leads: Sequence[Lead], omitted: int, path: Path) -> None:
    path.write_text("".join(f"{line}\n" for line in lines(leads)).encode("utf-8", "replace").decode(), "utf-8")


def _xlsx(leads: Sequence[Lead], omitted: int, path: Path) -> None:
    import xlsxwriter

    from pipeline.store.audit import VERDICTS

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": TITLE, "created": datetime(2000, 1, 1)})
        sheet = book.add_worksheet("线索")
        plain = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BBBBBB"})
        head = book.add_format({"bold": True, "bg_color": "#EDEDED", "border": 1, "text_wrap": True, "valign": "top"})
        blank = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "bg_color": "#FFFDEB"})
        for at, (name, width) in enumerate(COLUMNS):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, name, head)
        for row, lead in enumerate(leads, 1):
            for at, text in enumerate(cells(lead)):
                sheet.write_string(row, at, text, blank if at >= len(COLUMNS) - 3 else plain)
        if omitted:
            book.add_worksheet("说明").write_string(0, 0, _preface(omitted))
        sheet.freeze_panes(1, 2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        if leads:
            sheet.autofilter(0, 0, len(leads), len(COLUMNS) - 1)
            sheet.data_validation(1, len(COLUMNS) - 1, len(leads), len(COLUMNS) - 1,
                                  {"validate": "list", "source": list(VERDICTS)})  # fmt: skip


def _docx(leads: Sequence[Lead], omitted: int, path: Path) -> None:
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    document = docx.Document()
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    for name in ("Normal", "Title", "Heading 1"):
        style = document.styles[name]
        style.font.name = "Times New Roman"
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
        style.font.color.rgb = RGBColor(0, 0, 0)
    document.styles["Normal"].font.size = Pt(10.5)
    document.core_properties.author, document.core_properties.created = "", datetime(2000, 1, 1)
    document.add_heading(TITLE, 0)
    document.add_paragraph(_preface(omitted))
    for place, group in by_place(leads):
        document.add_heading(f"{place}（{len(group)}条）", 1)
        for lead in group:
            labelled = dict(zip((name for name, _ in COLUMNS), cells(lead), strict=True))
            table = document.add_table(rows=0, cols=2, style="Table Grid")
            table.autofit = False
            for column, width in zip(table.columns, WIDTHS, strict=True):
                column.width = Cm(width)
            for label, text in _docx_rows(labelled):
                row = table.add_row().cells
                for cell, width, words in zip(row, WIDTHS, (label, text), strict=True):
                    cell.width = Cm(width)
                    cell.text = words
                    cell.paragraphs[0].paragraph_format.keep_with_next = label != DECISION
                row[0].paragraphs[0].runs[0].bold = True
                if label == REPLY:
                    row[1].add_paragraph()
                    row[1].add_paragraph()
            document.add_paragraph()
    document.save(str(path))


def _docx_rows(cells_: dict[str, str]) -> Iterator[tuple[str, str]]:
    where = f"{cells_['文件']}" + (f"，第{cells_['页']}页" if cells_["页"] else "")
    yield NUMBER, cells_[NUMBER]
    yield "检查项", f"{cells_['检查项']}（{cells_['级别']}）"
    yield "出处", where
    for name in ("原文", "线索", "算式", "可能的解释", "请说明"):
        if cells_[name]:
            yield name, cells_[name]
    yield from ((name, "") for name in (REPLY, SIGNED, DECISION))


STYLE = (
    "body{font:15px/1.7 'Songti SC','Noto Serif CJK SC',SimSun,serif;max-width:52em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.6em}h2{font-size:1.2em;border-bottom:1px solid #999;margin-top:2em}"
    "article{border:1px solid #bbb;padding:.6em 1em;margin:1em 0;break-inside:avoid}"
    "article h3{margin:0;font-size:1em}.s1{border-left:5px solid #a33}.s2{border-left:5px solid #b80}"
    ".s3{border-left:5px solid #999}"
    "dl{display:grid;grid-template-columns:6em 1fr;margin:.4em 0}dt{color:#666}dd{margin:0;white-space:pre-wrap}"
    "mark{background:#ffe9a8}.reply{border-top:1px dashed #999;min-height:4em;margin-top:.5em;color:#666}"
)


def _html(leads: Sequence[Lead], omitted: int, path: Path) -> None:
    parts = [
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{TITLE}</title><style>{STYLE}'
        "</style></head>"
        f"<body><h1>{TITLE}</h1><p>{_preface(omitted)}</p>"
    ]
    for place, group in by_place(leads):
        parts.append(f"<h2>{_safe(place)}（{len(group)}条）</h2>")
        parts += [_article(lead) for lead in group]
    parts.append("</body></html>\n")
    path.write_text("\n".join(parts), "utf-8")


def _article(lead: Lead) -> str:
    page = f"，第{lead.page}页" if lead.page else ""
    quote = re.sub("【(.*?)】", r"<mark>\1</mark>", _safe(lead.quote), flags=re.S)
    rows = [("出处", _safe(lead.document + page)), ("原文", quote), ("线索", _safe(lead.message)),
            ("算式", _safe(lead.formula or "")), ("提示", _safe(lead.suggestion or "")),
            ("可能的解释", _safe(lead.innocent)), ("请说明", _safe(lead.ask))]  # fmt: skip
    listed = "".join(f"<dt>{label}</dt><dd>{text}</dd>" for label, text in rows if text)
    return (
        f'<article class="s{lead.severity}" id="{lead.id}"><h3>{_safe(f"{lead.check} {lead.name}")}'
        f"（{SEVERITIES[lead.severity]}） <small>{NUMBER} {lead.id}</small></h3><dl>{listed}</dl>"
        f'<div class="reply">{REPLY}：</div></article>'
    )


def _safe(text: str) -> str:
    return html.escape(UNWRITABLE.sub("\ufffd", text))


WRITERS: dict[str, Callable[[Sequence[Lead], int, Path], None]] = {
    "xlsx": _xlsx,
    "docx": _docx,
    "html": _html,
    "jsonl": _jsonl,
}
"""Format → writer."""


def read_replies(path: Path) -> list[Reply]:
    """The replies of a sheet that came back, those left blank omitted. Raises StoreError for another file."""
    if path.suffix.lower() not in READERS:
        raise StoreError(f"{path}: replies are read from {', '.join(READERS)}")
    if not zipfile.is_zipfile(path):
        raise StoreError(f"{path}: not there, or not a sheet; give the .xlsx or .docx that came back")
    try:
        replies = list(READERS[path.suffix.lower()](path))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:  # so a package of another kind
        raise StoreError(f"{path}: cannot be read as a sheet ({error}); open it, save it again") from error
    if not replies:
        raise StoreError(f"{path}: no leads in it; is it one that `hebao audit` wrote?")
    return [reply for reply in replies if reply.finding and (reply.text or reply.verdict)]


def _from_xlsx(path: Path) -> Iterator[Reply]:
    import openpyxl

    with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
        head, *rows = [*book.worksheets[0].iter_rows(values_only=True)] or [()]
    names = [str(name or "").strip() for name in head]
    if NUMBER not in names or REPLY not in names:
        raise StoreError(
            f"{path}: no columns {NUMBER} and {REPLY} in its first sheet; is it one that `hebao audit` wrote?"
        )
    for row in rows:
        yield _reply(dict(zip(names, row, strict=False)))


def _from_docx(path: Path) -> Iterator[Reply]:
    import docx

    for table in docx.Document(str(path)).tables:
        pairs = {row.cells[0].text.strip(): row.cells[1].text for row in table.rows if len(row.cells) > 1}
        if NUMBER in pairs:
            yield _reply(pairs)


def _reply(cells_: dict[str, Any]) -> Reply:
    return Reply(*(str(cells_.get(name) or "").strip() for name in (NUMBER, REPLY, SIGNED, DECISION)))


READERS: dict[str, Callable[[Path], Iterator[Reply]]] = {".xlsx": _from_xlsx, ".docx": _from_docx}
