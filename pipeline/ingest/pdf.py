"""PDF: characters and boxes through pdfium; ruled tables through pdfplumber, on the pages that have rules."""

from __future__ import annotations

import numpy
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.config import Ingest
from pipeline.ingest.glyphs import UNKNOWN, character
from pipeline.ingest.language import date
from pipeline.ingest.layout import write
from pipeline.ingest.ocr import available, recognise
from pipeline.ingest.page import Glyph, Page, arrange, once
from pipeline.ingest.pdfdrawing import Placer, drawing, placer
from pipeline.ingest.pdftables import RuledTables
from pipeline.ingest.reading import Reading, UnreadableError

_DETAILS = {
    "Title": "title",
    "Author": "author",
    "Creator": "creator",
    "Producer": "producer",
    "CreationDate": "created",
    "ModDate": "modified",
}
_MAX_UNKNOWN = 0.5  # of a page's characters; with more the page has no usable text
_FEW_UNKNOWN = 0.05  # with more than this the page is reported
_STRIKE = 2.5  # points: bolder lines are no deletions
_PICTURED, _FEW = 0.5, 50  # of a page's area, and characters: with more pictures and less text it is a scan
_PARTIAL = {"page_without_text", "unreadable_font", "recognised_by_ocr", "limit_ocr_pages"}
_HYPHEN = 2  # how pdfium writes the hyphen of a word broken at a line end


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
        _judge_fonts(pages, reading)
        recognise(document, pages, settings, reading)
    finally:
        document.close()
    _judge(pages, reading, settings.ocr and available())
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
            reading.describe(_DETAILS[key], date(value) if key.endswith("Date") else value)


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
        place = placer(sheet)
        glyphs = once(_glyphs(textpage, place))
        drawn = drawing(sheet, place)
    finally:
        textpage.close()
        sheet.close()
    text = "".join([glyph.character for glyph in glyphs])
    page.characters, page.unknown = len("".join(text.split())), text.count(UNKNOWN)
    page.struck = [box for box in drawn.across if box[3] - box[1] <= _STRIKE]
    page.shows = drawn.objects > 0
    page.is_picture = drawn.pictured > _PICTURED * page.width * page.height and page.characters < _FEW
    page.items = arrange(glyphs, tables.on_page(page, drawn) if drawn.ruled and page.characters else [])
    return page


def _glyphs(textpage: pdfium.PdfTextPage, place: Placer) -> list[Glyph]:
    """Characters in the order of pdfium; what it puts in by guess becomes the gap before the next one."""
    code_at, guessed, unmapped = raw.FPDFText_GetUnicode, raw.FPDFText_IsGenerated, raw.FPDFText_HasUnicodeMapError
    handle = textpage.raw
    signs: list[str] = []
    gaps: list[str] = []
    places: list[int] = []
    gap, high = "", 0
    for index in range(textpage.count_chars()):
        code = code_at(handle, index)
        if code <= 0x20 or 0xD800 <= code < 0xE000:
            if code <= 0x20 and guessed(handle, index):
                gap = "\n" if code != 0x20 or gap == "\n" else " "
                continue
            if code in (0x0A, 0x0D):
                gap = "\n"
                continue
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if code >= 0xDC00 and high:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            elif code == _HYPHEN:
                code = 0x2D
            elif code == 0x09:
                code = 0x20
        high = 0
        signs.append(character(code, not unmapped(handle, index)))
        gaps.append(gap)
        places.append(index)
        gap = ""
    rectangles = (raw.FS_RECTF * len(places))()
    for index, rectangle in zip(places, rectangles, strict=True):
        raw.FPDFText_GetLooseCharBox(handle, index, rectangle)
    left, top, right, bottom = numpy.frombuffer(rectangles, "f4").reshape(-1, 4).T.astype(float)
    boxes = zip(*(side.tolist() for side in place(left, bottom, right, top)), strict=True)
    return [*map(Glyph, signs, boxes, gaps)]


def _judge_fonts(pages: list[Page], reading: Reading) -> None:
    """Report fonts that do not name their characters; a page of them has no usable text."""
    for page in pages:
        if page.unknown > _MAX_UNKNOWN * page.characters:
            reading.issue("unreadable_font", f"page {page.number}: the fonts do not name their characters")
            page.items.clear()
        elif page.unknown > _FEW_UNKNOWN * page.characters:
            reading.issue("unreadable_font", f"page {page.number}: {page.unknown} characters without a name")


def _judge(pages: list[Page], reading: Reading, tried: bool) -> None:
    """Report pages without usable text; the outcome is no_text_layer when no page has any. `tried`: by OCR too."""
    for page in pages:
        if page.is_picture and page.items and not page.recognised:
            message = f"page {page.number}: a picture, with {page.characters} characters of text over it"
            reading.issue("page_without_text", message)
        elif page.shows and not page.items and not page.unknown:
            reading.issue("page_without_text", f"page {page.number}: drawn, but no text")
    if not any(page.items for page in pages):
        reading.outcome = "no_text_layer"
        remedy = "OCR finds nothing either" if tried else "OCR is an extra (hebao[ocr], ingest.ocr)"
        message = f"none of {len(pages)} pages has usable text; {remedy}, or get the Word file"
        reading.issue("no_text_layer", message, severity="error")
    elif any(issue.code in _PARTIAL for issue in reading.issues):
        reading.outcome = "ok_partial"
