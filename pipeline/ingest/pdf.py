"""PDF: characters and boxes through pdfium; ruled tables through pdfplumber, on the pages that have rules."""

from __future__ import annotations

from collections import deque
from itertools import pairwise, repeat
from operator import not_

import numpy
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from pipeline.config import Ingest
from pipeline.ingest.glyphs import UNKNOWN, character
from pipeline.ingest.language import date
from pipeline.ingest.layout import write
from pipeline.ingest.ocr import available, recognise
from pipeline.ingest.page import Glyph, Line, Page, arrange, drawn, filled_in, once
from pipeline.ingest.pdfdrawing import Placer, drawing, notes_on, placer
from pipeline.ingest.pdffonts import one_font
from pipeline.ingest.pdfsecond import SecondReader
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
_MANY, _LOOKED_AT = 20, 400  # characters of a page that tell which way its text runs
_PICTURED, _FEW = 0.5, 50  # of a page's area, and characters: with more pictures and less text it is a scan
_PARTIAL = {"form_fields_not_read", "page_without_text", "unreadable_font", "recognised_by_ocr", "limit_ocr_pages"}
_ADVANCE = 0.6  # of a character's width: the next one may begin no earlier, or it is printed on top of this one
_WRITTEN = {2: 0x2D, 9: 0x20}  # pdfium writes 2 for the hyphen of a word broken at a line end


def read_pdf(data: bytes, settings: Ingest) -> Reading:
    """Read a PDF; blocks carry pages, every character its box.

    Raises UnreadableError (encrypted, corrupt, limit_pages, limit_characters).
    """
    reading = Reading(settings.max_characters)
    with one_font():
        pages = _pages(data, settings, reading)
    _judge_fonts(pages, reading)
    recognise(data, pages, settings, reading)
    _judge(pages, reading, settings.ocr and available())
    write(pages, reading)
    return reading


def _pages(data: bytes, settings: Ingest, reading: Reading) -> list[Page]:
    with _open(data) as document:
        reading.pages = len(document)
        if reading.pages > settings.max_pages:
            raise UnreadableError("limit_pages", f"{reading.pages} pages; raise ingest.max_pages or split the file")
        _describe(document, reading)
        if document.get_formtype() not in (raw.FORMTYPE_NONE, raw.FORMTYPE_ACRO_FORM):
            message = "made by a form program (XFA), which alone shows all of it; print it as PDF again"
            reading.issue("form_fields_not_read", message)
        second = SecondReader(data, reading)
        tables = RuledTables(second, reading)
        pages = [_page(document, index, tables, second, reading) for index in range(reading.pages)]
        off = second.layers_off()
        if off > 0:
            reading.issue("hidden_text", f"{off} layers are not shown; what stands on them is taken all the same")
        tables.close()
        second.close()
        files = max(raw.FPDFDoc_GetAttachmentCount(document.raw), sum(page.files for page in pages))
    comments = sum(page.comments for page in pages)
    if files > 0:
        reading.issue("left_out", f"{files} attached files left out")
    if comments:
        reading.issue("left_out", f"{comments} comments left out", severity="info")
    return pages


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
    if document.get_formtype() != raw.FORMTYPE_NONE:
        document.init_forms()  # draws the values of fields for which the file holds no drawing
    return document


def _describe(document: pdfium.PdfDocument, reading: Reading) -> None:
    for key, value in document.get_metadata_dict(skip_empty=True).items():
        if key in _DETAILS:
            reading.describe(_DETAILS[key], date(value) if key.endswith("Date") else value)


def _page(
    document: pdfium.PdfDocument, index: int, tables: RuledTables, second: SecondReader, reading: Reading
) -> Page:
    """One page; one that pdfium cannot load is reported and left empty."""
    try:
        sheet = document[index]
        page = Page(index + 1, *sheet.get_size())
        place = placer(sheet)
        glyphs = _text(sheet, place)
        drawn = drawing(sheet, place)
        page.printed = page.characters = _count(glyphs)
        notes = notes_on(sheet, place)
        if notes.typed:
            raw.FPDFPage_Flatten(sheet, raw.FLAT_NORMALDISPLAY)
            sheet.close()
            sheet = document[index]
            both = _text(sheet, place)
            signs = [glyph.character for glyph in both[: len(glyphs)]]
            drawn_last = signs == [glyph.character for glyph in glyphs]
            glyphs = filled_in(glyphs, both[len(glyphs) :]) if drawn_last else both
        glyphs = filled_in(glyphs, notes.undrawn)
        page.characters = _count(glyphs)
        page.comments, page.files = notes.comments, notes.files
        sheet.close()
    except pdfium.PdfiumError as error:
        reading.issue("page_damaged", f"page {index + 1} cannot be loaded ({error})", severity="error")
        reading.outcome = "ok_partial"
        return Page(index + 1, 0.0, 0.0)
    page.sideways = _runs_sideways(glyphs)
    page.unknown = [glyph.character for glyph in glyphs].count(UNKNOWN)
    if page.characters > page.printed:
        message = f"page {page.number}: {page.characters - page.printed} characters are typed onto it, as in a form"
        reading.issue("typed_on_page", message, severity="info")
    second.check(page)
    page.struck = [box for box in drawn.across if box[3] - box[1] <= _STRIKE]
    page.shows = drawn.objects > 0
    page.is_picture = drawn.pictured > _PICTURED * page.width * page.height and page.characters < _FEW
    page.items = arrange(glyphs, tables.on_page(page, drawn) if drawn.ruled and page.characters else [])
    return page


def _text(sheet: pdfium.PdfPage, place: Placer) -> list[Glyph]:
    textpage = sheet.get_textpage()
    glyphs = once(_glyphs(textpage, place))
    textpage.close()
    return glyphs


def _count(glyphs: list[Glyph]) -> int:
    return len("".join("".join([glyph.character for glyph in glyphs]).split()))


def _glyphs(textpage: pdfium.PdfTextPage, place: Placer) -> list[Glyph]:
    """Characters in the order of pdfium; what it puts in by guess becomes the gap before the next one."""
    handle = textpage.raw
    codes, gaps, kept = _codes(handle, textpage.count_chars())
    places = kept.tolist()
    # called a million times for a long file: `map` keeps the loop out of Python
    unmapped = map(raw.FPDFText_HasUnicodeMapError, repeat(handle), places)
    signs = map(character, codes[kept].tolist(), map(not_, unmapped))
    rectangles = (raw.FS_RECTF * len(places))()
    deque(map(raw.FPDFText_GetLooseCharBox, repeat(handle), places, rectangles), maxlen=0)
    left, top, right, bottom = numpy.frombuffer(rectangles, "f4").reshape(-1, 4).T.astype(float)
    _part(left, right)
    boxes = zip(*(side.tolist() for side in place(left, bottom, right, top)), strict=True)
    return drawn(signs, boxes, [gaps[index] for index in places])


def _codes(handle: raw.FPDF_TEXTPAGE, count: int) -> tuple[NDArray[numpy.int64], list[str], NDArray[numpy.intp]]:
    """Code points by index, the gap before each, and the indices of those that are characters of the page."""
    codes = numpy.fromiter(map(raw.FPDFText_GetUnicode, repeat(handle), range(count)), "i8", count)
    gaps = [""] * (count + 1)
    kept = numpy.ones(count, bool)
    for index in numpy.flatnonzero((codes <= 0x20) | ((codes >= 0xD800) & (codes < 0xE000))).tolist():
        code = int(codes[index])
        guessed = code <= 0x20 and raw.FPDFText_IsGenerated(handle, index)
        if guessed or code in (0x0A, 0x0D):
            gaps[index + 1] = " " if guessed and code == 0x20 and gaps[index] != "\n" else "\n"
            kept[index] = False
        elif 0xD800 <= code < 0xDC00:
            gaps[index + 1] = gaps[index]
            kept[index] = False
        elif code >= 0xDC00 and index and 0xD800 <= codes[index - 1] < 0xDC00:
            codes[index] = 0x10000 + ((int(codes[index - 1]) - 0xD800) << 10) + (code - 0xDC00)
        elif code in _WRITTEN:
            codes[index] = _WRITTEN[code]
    return codes, gaps, numpy.flatnonzero(kept)


def _part(left: NDArray[numpy.float64], right: NDArray[numpy.float64]) -> None:
    """Cut boxes back to where the next character begins: a font that stands in for a missing one may be wider."""
    width, step = right[:-1] - left[:-1], left[1:] - left[:-1]
    over = (step < width) & (step > _ADVANCE * width)
    right[:-1][over] = left[1:][over]


def _runs_sideways(glyphs: list[Glyph]) -> bool:
    """Whether most characters of a page stand above or below the one before, as in vertical writing."""
    places = [glyph.box for glyph in glyphs[:_LOOKED_AT]]
    steps = [abs(after[1] - before[1]) > abs(after[0] - before[0]) for before, after in pairwise(places)]
    return len(steps) > _MANY and sum(steps) > len(steps) / 2


def _is_outside(line: Line, page: Page) -> bool:
    return line.right < 0 or line.bottom < 0 or line.left > page.width > 0 or line.top > page.height > 0


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
        outside = sum(len(item.text) for item in page.items if isinstance(item, Line) and _is_outside(item, page))
        if outside:
            message = f"page {page.number}: {outside} characters stand outside the page; they are taken all the same"
            reading.issue("hidden_text", message)
        if page.sideways:
            message = f"page {page.number}: most of its text runs up or down the page; its order may be another"
            reading.issue("sideways_text", message)
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
