"""A PDF page as printed, and where characters stand on it: from the file itself, since a report keeps no place of
single characters. The desk runs this in a process of its own, which a damaged file may take down."""

from __future__ import annotations

import hashlib
import math
import signal
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest.reading import UnreadableError
from pipeline.records import Box, Document

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument

Span = tuple[int, int, str]  # start, end, and the characters that must stand there
DOTS_PER_INCH = 150
MOST_DOTS = 6000  # along one side
A4 = (595.0, 842.0)  # points
PAGED = ("pdf", "ofd")  # formats whose pages can be shown
SHORT = 60  # pages: longer files are not read again for the sake of exact lines


class SheetError(Exception):
    """The page cannot be shown; the message is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Size of a page in points, and for each span the boxes of its lines; empty where they are not known exactly."""

    width: float
    height: float
    lines: tuple[tuple[Box, ...], ...]


def picture(path: str, sha256: str, page: int, settings: Ingest) -> bytes:
    """The page (counted from 1) as PNG. Raises SheetError."""
    image, _ = render(*_printed(path, sha256, page, settings))
    target = BytesIO()
    image.save(target, "PNG", compress_level=3)
    return target.getvalue()


def sheet(path: str, sha256: str, page: int, spans: Sequence[Span], settings: Ingest) -> Sheet:
    """Size of the page, and the lines of the spans of the document's text that start on it. Raises SheetError."""
    import pypdfium2

    data, at = _printed(path, sha256, page, settings)
    try:
        with pypdfium2.PdfDocument(data) as pages:
            width, height = _page(pages, at).get_size()
            exact = len(pages) <= SHORT
    except pypdfium2.PdfiumError as error:
        raise SheetError(f"{path}: page {page} cannot be loaded ({error})") from error
    document = _document(path, sha256, settings) if exact and spans else None
    return Sheet(width, height, tuple(_lines(document, span) for span in spans))


def _printed(path: str, sha256: str, page: int, settings: Ingest) -> tuple[bytes, int]:
    """A PDF, and the number of the page in it: the file itself, or one that is set from the characters of an OFD."""
    data = _bytes(path, sha256, settings)
    if b"%PDF" in data[:1024]:
        return data, page
    return set_in_type(_document(path, sha256, settings), page), 1


def _lines(document: Document | None, span: Span) -> tuple[Box, ...]:
    start, end, surface = span
    if document is None or document.text[start:end] != surface:
        return ()
    return tuple(line_boxes(document.boxes, start, end))


def render(data: bytes, page: int) -> tuple[Image, float]:
    """The page as printed, and its dots a point: fewer than usual for a page as large as a wall. Raises SheetError."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as pages:
            pages.init_forms()  # what is typed into fields is shown too
            sheet = _page(pages, page)
            scale = min(DOTS_PER_INCH / 72, MOST_DOTS / max(sheet.get_size()))
            return sheet.render(scale=scale).to_pil(), scale
    except pypdfium2.PdfiumError as error:
        raise SheetError(f"page {page} cannot be drawn ({error}); print or save the file as PDF again") from error


def line_boxes(boxes: array[float] | None, start: int, end: int) -> list[Box]:
    """One box a line around the characters `start:end`; `boxes` holds four numbers a character."""
    found: list[Box] = []
    for box in _drawn(boxes, start, end):
        last = found[-1] if found else None
        height = box[3] - box[1]
        # of the same line: half as high as one another at the least, and not back to the left
        if last and min(last[3], box[3]) - max(last[1], box[1]) > 0.5 * height and box[0] > last[0]:
            found[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            found.append(box)
    return found


def _drawn(boxes: array[float] | None, start: int, end: int) -> Iterator[Box]:
    for place in range(4 * start, 4 * end if boxes else 4 * start, 4):
        left, top, right, bottom = (boxes or array("f"))[place : place + 4]
        if not math.isnan(left):
            yield (left, top, right, bottom)


def set_in_type(document: Document, page: int) -> bytes:
    """A PDF of one page with each character at its place, in whatever Chinese font the machine has."""
    width, height = A4
    signs: list[tuple[str, Box]] = []
    for block in document.blocks:
        for place in range(block.start, block.end) if block.page == page else ():
            for box in _drawn(document.boxes, place, place + 1):
                width, height = max(width, box[2]), max(height, box[3])
                signs.append((document.text[place], box))
    drawn = "".join(
        f"/F {bottom - top:.2f} Tf 1 0 0 1 {left:.2f} {height - bottom + 0.12 * (bottom - top):.2f} Tm "
        f"<{sign.encode('utf-16-be').hex()}> Tj\n"
        for sign, (left, top, _, bottom) in signs
        if not sign.isspace() and ord(sign) < 0x10000
    )
    content = f"BT {drawn} ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.2f} {height:.2f}]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>".encode("ascii"),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 880/StemV 93>>",
    )
    parts, places = [b"%PDF-1.4\n"], []
    for number, body in enumerate(objects, start=1):
        places.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = sum(map(len, parts))
    count = len(objects) + 1
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table))
    parts.append(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start))
    return b"".join(parts)


def _page(pages: PdfDocument, page: int) -> Any:
    if not 1 <= page <= len(pages):
        raise SheetError(f"the file has {len(pages)} pages; {page} is none of them")
    return pages[page - 1]


@lru_cache(maxsize=4)
def _bytes(path: str, sha256: str, settings: Ingest) -> bytes:
    try:
        data = ingest.load(Path(path), settings)
    except UnreadableError as error:
        raise SheetError(f"{path}: {error}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SheetError(f"{path} has changed since it was read; run `hebao run` on it again")
    return data


@lru_cache(maxsize=4)
def _document(path: str, sha256: str, settings: Ingest) -> Document:
    _bytes(path, sha256, settings)
    document, _ = ingest.read(Path(path), replace(settings, ocr=False))
    return document


TASKS: dict[str, Callable[..., Any]] = {"picture": picture, "sheet": sheet}


def serve(line: Connection) -> None:
    """The child process: one task (its name and arguments) after the other until the desk is gone, which alone hears
    Ctrl-C. Stands here because the child imports this module and what it needs, not the desk."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            name, *arguments = line.recv()
        except EOFError:
            return
        try:
            line.send((True, TASKS[name](*arguments)))
        except SheetError as error:
            line.send((False, str(error)))
