"""Annotated text → the bytes of a .txt, .docx or .pdf file, the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime

import docx
from damage import wrap_points
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from markup import MarkupError, Source
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

_MARKERS = (r"([一二三四五六七八九十]+)、", r"（([一二三四五六七八九十]+)）", r"([0-9]+)[.．](?![0-9])")
_HAN = "一二三四五六七八九十"
_LAYOUT = {"auto_numbering", "two_columns", "header", "footer", "page_numbers"}

Rows = list[list[str]]


def write(source: Source) -> bytes:
    """The report's file as bytes. Raises MarkupError for an unknown format, layout or encoding."""
    unknown = set(source.options["layout"]) - _LAYOUT
    if unknown:
        raise MarkupError(f"{source.path.name}: unknown layout {unknown.pop()!r}; known: {', '.join(sorted(_LAYOUT))}")
    ending = source.file.rpartition(".")[2]
    if ending not in WRITERS:
        raise MarkupError(f"{source.path.name}: no writer for .{ending}; known: {', '.join(WRITERS)}")
    return WRITERS[ending](source)


def _txt(source: Source) -> bytes:
    encoding = source.headers.get("encoding", "utf-8")
    try:
        if encoding == "utf-16":
            return b"\xff\xfe" + source.text.encode("utf-16-le")
        return source.text.encode(encoding)
    except (UnicodeEncodeError, LookupError) as error:
        raise MarkupError(f"{source.path.name}: {error}") from error


def _parts(source: Source) -> Iterator[tuple[str, str | Rows]]:
    """Paragraphs and tables in order: ("title", text), ("heading", text), ("body", text), ("table", rows)."""
    place = 0
    for start, end in [*source.tables, (len(source.text) + 1, 0)]:
        for line in source.text[place : max(0, start - 1)].split("\n") if start > place else ():
            titles = (s for s in source.segments if s.label == "title" and s.start <= place < s.end)
            short = len(line) <= 30 and not line.endswith("。") and any(re.match(m, line) for m in _MARKERS)
            if line:
                yield ("title" if any(titles) else "heading" if short else "body"), line
            place += len(line) + 1
        if end:
            yield "table", [row.split("\t") for row in source.text[start:end].split("\n")]
            place = end + 1


def _docx(source: Source) -> bytes:
    layout = source.options["layout"]
    document = docx.Document()
    stamp = datetime(int(source.headers["year"]) + 1, 1, 5, 9, 0)
    for key, value in (("author", ""), ("comments", ""), ("created", stamp), ("modified", stamp)):
        setattr(document.core_properties, key, value)
    _docx_font(document)
    numbering = _Numbering(document) if "auto_numbering" in layout else None
    for kind, content in _parts(source):
        if isinstance(content, list):
            _docx_table(document, content)
            continue
        level = next((i for i, m in enumerate(_MARKERS) if re.match(m, content)), None)
        style = {"title": "Title", "heading": f"Heading {(level or 0) + 1}"}.get(kind, "Normal")
        paragraph = document.add_paragraph(style=style)
        if kind == "title":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif kind == "body":
            paragraph.paragraph_format.first_line_indent = Pt(24)
        numbered = numbering is not None and level is not None and numbering.take(paragraph, level, content, source)
        paragraph.add_run(re.sub(_MARKERS[level], "", content, count=1) if numbered and level is not None else content)
    _docx_edges(document, layout)
    return _rezip(document)


def _docx_font(document: Document) -> None:
    for style in document.styles:
        if style.name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
            style.font.name = "FangSong"
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "仿宋")


def _docx_table(document: Document, rows: Rows) -> None:
    table = document.add_table(len(rows), max(map(len, rows)), style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=False):
            cell.text = text


def _docx_edges(document: Document, layout: dict[str, str]) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if "header" in layout:
        section.header.paragraphs[0].text = layout["header"]
    if "footer" in layout:
        section.footer.paragraphs[0].text = layout["footer"]
    if "page_numbers" in layout:
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        paragraph = section.footer.add_paragraph() if "footer" in layout else section.footer.paragraphs[0]
        paragraph._p.append(field)
    if "two_columns" in layout:
        for columns in section._sectPr.iter(qn("w:cols")):
            columns.set(qn("w:num"), "2")


class _Numbering:
    """A multilevel list 一、（一） 1. of Word's own; the text of a numbered paragraph does not hold its number."""

    def __init__(self, document: Document) -> None:
        self.counts = [0, 0, 0]
        root = document.part.numbering_part.element
        levels = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:suff w:val="nothing"/>'
            f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/></w:lvl>'
            for i, (form, text) in enumerate(
                [("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3.")]
            )
        )
        head = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:multiLevelType w:val="multilevel"/>'
        abstract = parse_xml(f"{head}{levels}</w:abstractNum>")
        root.insert(0, abstract)
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))

    def take(self, paragraph: Paragraph, level: int, text: str, source: Source) -> bool:
        """Number the paragraph; its written marker must be the one that Word will count."""
        self.counts[level] += 1
        self.counts[level + 1 :] = [0] * (2 - level)
        match = re.match(_MARKERS[level], text)
        count = self.counts[level]
        due = str(count) if level == 2 else _HAN[count - 1] if count <= 10 else "十" + _HAN[count - 11]
        if match is None or match[1] != due:
            raise MarkupError(f"{source.path.name}: auto_numbering would write {due!r} before {text[:20]!r}")
        properties = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'
        paragraph._p.get_or_add_pPr()._insert_numPr(parse_xml(properties))  # type: ignore[attr-defined]
        return True


def _rezip(document: Document) -> bytes:
    """The package with fixed dates, and its parts in the order of their names after [Content_Types].xml."""
    packed, out = io.BytesIO(), io.BytesIO()
    document.save(packed)
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return out.getvalue()


class _Page:
    """A4 pages filled from the top, in one or two columns."""

    margin, gutter = 72.0, 24.0

    def __init__(self, source: Source, out: io.BytesIO) -> None:
        self.layout = source.options["layout"]
        self.font = "MSung-Light" if "traditional" in source.options["damage"] else "STSong-Light"
        pdfmetrics.registerFont(UnicodeCIDFont(self.font))
        self.canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=0)
        self.canvas.setTitle(source.name)
        self.columns = 2 if "two_columns" in self.layout else 1
        self.width = float(A4[0] - 2 * self.margin - (self.columns - 1) * self.gutter) / self.columns
        self.page, self.column, self.y = 1, 0, A4[1] - self.margin
        self._edges()

    @property
    def x(self) -> float:
        """Left edge of the column."""
        return self.margin + self.column * (self.width + self.gutter)

    def room(self, height: float) -> None:
        """Go to the next column or page where less than `height` is left."""
        if self.y - height >= self.margin:
            return
        self.column = (self.column + 1) % self.columns
        if self.column == 0:
            self.canvas.showPage()
            self.page += 1
            self._edges()
        self.y = A4[1] - self.margin

    def text(self, x: float, y: float, text: str, size: float) -> None:
        """Draw one line of text from `x`, on the base line `y`."""
        self.canvas.setFont(self.font, size)
        self.canvas.drawString(x, y, text)

    def lines(self, text: str, size: float, width: float) -> list[str]:
        """The lines into which text breaks in `width`."""
        points = wrap_points(text, width, lambda part: float(pdfmetrics.stringWidth(part, self.font, size)))
        return [text[a:b] for a, b in zip([0, *points], [*points, len(text)], strict=True)]

    def _edges(self) -> None:
        header, footer = self.layout.get("header", ""), self.layout.get("footer", "")
        number = f"— {self.page} —" if "page_numbers" in self.layout else ""
        for y, text in ((A4[1] - 44, header), (44, footer), (30, number)):
            if text:
                self.text((A4[0] - pdfmetrics.stringWidth(text, self.font, 9)) / 2, y, text, 9)


def _pdf(source: Source) -> bytes:
    out = io.BytesIO()
    page = _Page(source, out)
    body = 10.5 if page.columns == 2 else 14.0
    for kind, content in _parts(source):
        if isinstance(content, list):
            _pdf_table(page, content)
            continue
        size = {"title": body + 4, "heading": body + 1}.get(kind, body)
        indent = 0.0 if kind == "title" else 2 * size
        for number, line in enumerate(page.lines("　" * bool(indent) * 2 + content, size, page.width)):
            shown = line.lstrip("　")
            drawn = pdfmetrics.stringWidth(shown, page.font, size)
            left = (page.width - drawn) / 2 if kind == "title" else indent if number == 0 else 0.0
            page.room(size * 1.7)
            page.y -= size * 1.7
            page.text(page.x + max(0.0, left), page.y, shown, size)
    page.canvas.save()
    return out.getvalue()


def _pdf_table(page: _Page, rows: Rows) -> None:
    """A ruled table; each column is as wide as its longest cell asks for."""
    size, pad = 10.5, 4.0
    longest = [max(len(row[i]) if i < len(row) else 0 for row in rows) + 2 for i in range(max(map(len, rows)))]
    widths = [page.width * n / sum(longest) for n in longest]
    page.y -= 8
    for row in rows:
        cells = [page.lines(text, size, width - 2 * pad) for text, width in zip(row, widths, strict=False)]
        height = max(map(len, cells)) * size * 1.4 + 2 * pad
        page.room(height)
        left = page.x
        for lines, width in zip(cells, widths, strict=False):
            page.canvas.rect(left, page.y - height, width, height)
            for number, line in enumerate(lines, 1):
                page.text(left + pad, page.y - pad - number * size * 1.4 + 4, line, size)
            left += width
        page.y -= height
    page.y -= 8


WRITERS = {"txt": _txt, "docx": _docx, "pdf": _pdf}
