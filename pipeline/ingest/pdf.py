"""PDF: characters and boxes through pdfium; ruled tables through pdfplumber, on the pages that have rules."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.config import Ingest
from pipeline.ingest.glyphs import UNKNOWN, character
from pipeline.ingest.layout import write
from pipeline.ingest.page import Glyph, Page, arrange, once
from pipeline.ingest.pdftables import RuledTables
from pipeline.ingest.reading import Reading, UnreadableError
from pipeline.records import Box

_DETAILS = {
    "Title": "title",
    "Author": "author",
    "Creator": "creator",
    "Producer": "producer",
    "CreationDate": "created",
    "ModDate": "modified",
}
_THIN = 2.5  # points: a rule, not an area
_MAX_UNKNOWN = 0.5  # of a page's characters; with more the page has no usable text
_FEW_UNKNOWN = 0.05  # with more than this the page is reported
_FORM_DEPTH = 3
_HYPHEN = 2  # how pdfium writes the hyphen of a word broken at a line end


@dataclass(slots=True)
class Drawing:
    """Rules, areas and pictures of a page, as far as they matter for its text."""

    across: list[Box] = field(default_factory=list)  # thin horizontal lines
    upright: int = 0
    frames: int = 0
    pictures: int = 0

    @property
    def ruled(self) -> bool:
        """Whether there may be a ruled table."""
        return self.frames > 1 or (len(self.across) + 2 * self.frames > 1 and self.upright + 2 * self.frames > 1)


def read_pdf(data: bytes, settings: Ingest) -> Reading:
    """Read a PDF; blocks carry pages, every character its box.

    Raises UnreadableError (encrypted, corrupt, limit_pages, limit_characters).
    """
    reading = Reading(settings.max_characters)
    document = _open(data)
    try:
        reading.pages = len(document)
        if reading.pages > settings.max_pages:
            raise UnreadableError("limit_pages", f"{reading.pages} pages; raise ingest.max_pages or split the file")
        _describe(document, reading)
        if document.get_formtype() != raw.FORMTYPE_NONE:
            reading.issue("form_fields_not_read", "what is typed into form fields is not read; print it as PDF again")
        tables = RuledTables(data, reading)
        pages = [_page(document, index, tables, reading) for index in range(reading.pages)]
        tables.close()
    finally:
        document.close()
    _judge(pages, reading)
    write(pages, reading)
    return reading


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise UnreadableError("encrypted", "protected by a password; remove the password and try again") from error
        raise UnreadableError("corrupt", f"no readable PDF ({error}); print or save it as PDF again") from error
    if len(document) == 0:
        document.close()
        raise UnreadableError("corrupt", "the PDF has no pages; get the file again from its sender")
    return document


def _describe(document: pdfium.PdfDocument, reading: Reading) -> None:
    for key, value in document.get_metadata_dict(skip_empty=True).items():
        if key in _DETAILS:
            reading.describe(_DETAILS[key], value)


def _page(document: pdfium.PdfDocument, index: int, tables: RuledTables, reading: Reading) -> Page:
    """One page; one that pdfium cannot load is reported and left empty."""
    try:
        sheet = document[index]
        page = Page(index + 1, *sheet.get_size())
        textpage = sheet.get_textpage()
    except pdfium.PdfiumError as error:
        reading.issue("page_damaged", f"page {index + 1} cannot be loaded ({error})", severity="error")
        reading.outcome = "ok_partial"
        return Page(index + 1, 0.0, 0.0)
    try:
        place = _placer(sheet)
        glyphs = once(_glyphs(textpage, place))
        drawing = _drawing(sheet, place)
    finally:
        textpage.close()
        sheet.close()
    page.characters = sum(not glyph.character.isspace() for glyph in glyphs)
    page.unknown = sum(glyph.character == UNKNOWN for glyph in glyphs)
    page.pictures, page.struck = drawing.pictures, drawing.across
    ruled = drawing.ruled and page.characters > 0
    page.items = arrange(glyphs, tables.on_page(page.number, page.characters) if ruled else [])
    return page


Placer = Callable[[float, float, float, float], Box]


def _placer(page: pdfium.PdfPage) -> Placer:
    """Left, bottom, right, top in the page's own space → the box as displayed, origin at the top left."""
    x0, y0, x1, y1 = page.get_bbox()
    turned = page.get_rotation() % 360

    def place(left: float, bottom: float, right: float, top: float) -> Box:
        if turned == 90:
            return (bottom - y0, left - x0, top - y0, right - x0)
        if turned == 180:
            return (x1 - right, bottom - y0, x1 - left, top - y0)
        if turned == 270:
            return (y1 - top, x1 - right, y1 - bottom, x1 - left)
        return (left - x0, y1 - top, right - x0, y1 - bottom)

    return place


def _glyphs(textpage: pdfium.PdfTextPage, place: Placer) -> Iterator[Glyph]:
    """Characters in the order of pdfium; what it puts in by guess becomes the gap before the next one."""
    code_at, guessed, unmapped = raw.FPDFText_GetUnicode, raw.FPDFText_IsGenerated, raw.FPDFText_HasUnicodeMapError
    loose_box, rectangle = raw.FPDFText_GetLooseCharBox, raw.FS_RECTF()
    pointer = ctypes.byref(rectangle)
    gap, high = "", 0
    for index in range(textpage.count_chars()):
        code = code_at(textpage, index)
        if code <= 0x20 and guessed(textpage, index):
            gap = "\n" if code != 0x20 or gap == "\n" else " "
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        high = 0
        if code == _HYPHEN:
            code = 0x2D
        if code in (0x0A, 0x0D):
            gap = "\n"
            continue
        loose_box(textpage, index, pointer)
        box = place(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        yield Glyph(" " if code == 0x09 else character(code, not unmapped(textpage, index)), box, gap)
        gap = ""


def _drawing(page: pdfium.PdfPage, place: Placer) -> Drawing:
    drawing = Drawing()
    for index in range(raw.FPDFPage_CountObjects(page)):
        _look_at(raw.FPDFPage_GetObject(page, index), drawing, place, 0)
    return drawing


def _look_at(thing: raw.FPDF_PAGEOBJECT, drawing: Drawing, place: Placer, depth: int) -> None:
    kind = raw.FPDFPageObj_GetType(thing)
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        drawing.pictures += 1
    elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH:
        for index in range(raw.FPDFFormObj_CountObjects(thing)):
            _look_at(raw.FPDFFormObj_GetObject(thing, index), drawing, place, depth + 1)
    elif kind == raw.FPDF_PAGEOBJ_PATH:
        sides = [ctypes.c_float() for _ in range(4)]
        if raw.FPDFPageObj_GetBounds(thing, *sides):
            _count(place(*(side.value for side in sides)), drawing, on_page=depth == 0)


def _count(box: Box, drawing: Drawing, on_page: bool) -> None:
    width, height = box[2] - box[0], box[3] - box[1]
    if height <= _THIN < width:
        # boxes inside a form count in its own space: good for knowing of rules, not for where they lie
        drawing.across.append(box if on_page else (0.0, 0.0, 0.0, 0.0))
    elif width <= _THIN < height:
        drawing.upright += 1
    elif width > 10 and height > 5:
        drawing.frames += 1


def _judge(pages: list[Page], reading: Reading) -> None:
    """Report pages without usable text; the outcome is no_text_layer when no page has any."""
    empty = 0
    for page in pages:
        unreadable = page.unknown > _MAX_UNKNOWN * page.characters
        if page.characters and unreadable:
            reading.issue("unreadable_font", f"page {page.number}: the fonts do not name their characters")
            page.items.clear()
        elif page.unknown > _FEW_UNKNOWN * page.characters:
            reading.issue("unreadable_font", f"page {page.number}: {page.unknown} characters without a name")
        if not page.items:
            empty += 1
            if page.pictures and not unreadable:
                reading.issue("page_without_text", f"page {page.number}: pictures only, no text")
    if empty == len(pages):
        reading.outcome = "no_text_layer"
        message = f"none of {len(pages)} pages has usable text; recognise it (OCR is an extra), or get the Word file"
        reading.issue("no_text_layer", message, severity="error")
    elif any(issue.code in ("page_without_text", "unreadable_font") for issue in reading.issues):
        reading.outcome = "ok_partial"
