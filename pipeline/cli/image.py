"""`hebao show DOC --page N --image`: the page as printed, with what was read of it drawn on top.

Blocks are outlined (running heads and feet in grey, table cells in blue, all others in violet). Claims are filled:
green as read, yellow where the value is masked, red where there is a doubt.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.records import Block, Box, Claim, Document, Report

if TYPE_CHECKING:
    from PIL.Image import Image

Colour = tuple[int, int, int]
CLAIM, MASKED, DOUBTFUL = (0, 150, 60), (230, 170, 0), (210, 30, 30)
MARGIN, CELL, BLOCK = (140, 140, 140), (40, 110, 200), (150, 90, 190)
DOTS_PER_INCH = 150
MOST_DOTS = 6000  # along one side
_FILL, _OUTLINE = 70, 200  # opacity, of 255


class ImageError(Exception):
    """The page cannot be drawn; the message is one line with the remedy."""


def draw(report: Report, page: int, settings: Ingest, output: Path | None = None) -> Path:
    """Draw one page (counted from 1) as PNG into `output`, by default NAME-pN.png in the current folder.

    The file is read again, since a report keeps no place of single characters. Raises ImageError where the document is
    no PDF, the page does not exist, or the file is gone or another one now.
    """
    document = _read_again(report.document, settings)
    if document.format != "pdf":
        raise ImageError(f"{document.name} is {document.format}, which has no pages to draw; print it as PDF")
    if not 1 <= page <= (document.pages or 0):
        raise ImageError(f"{document.name} has {document.pages} pages; --page {page} is none of them")
    sheet, scale = _render(ingest.load(Path(document.path), settings), page)
    image = annotate(sheet, scale, document, report.claims, page)
    target = output or Path(f"{Path(document.name).name}-p{page}.png")
    image.save(target, "PNG")
    return target


def annotate(sheet: Image, scale: float, document: Document, claims: tuple[Claim, ...], page: int) -> Image:
    """The picture of a page, `scale` dots a point, with the blocks and claims that stand on it."""
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", sheet.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    for block in document.blocks:
        if block.page == page and block.box is not None:
            pen.rectangle(_scaled(block.box, scale, 2), outline=(*_colour_of_block(block), _OUTLINE), width=1)
    for claim in claims:
        if claim.page == page:
            colour = MASKED if claim.masked else DOUBTFUL if claim.doubt else CLAIM
            for box in line_boxes(document.boxes, claim.start, claim.end) or ([claim.box] if claim.box else []):
                corners = _scaled(box, scale, 1)
                pen.rectangle(corners, fill=(*colour, _FILL), outline=(*colour, _OUTLINE), width=2)
    return Image.alpha_composite(sheet.convert("RGBA"), layer).convert("RGB")


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


def _read_again(stored: Document, settings: Ingest) -> Document:
    document, _ = ingest.read(Path(stored.path), settings)
    if document.outcome == "missing":
        raise ImageError(f"{stored.path} is not there any more; give the file itself")
    if document.sha256 != stored.sha256:
        raise ImageError(f"{stored.path} has changed since it was read; run `hebao run` on it again")
    return document


def _render(data: bytes, page: int) -> tuple[Image, float]:
    """The page as printed, and its dots a point: fewer than usual for a page as large as a wall."""
    import pypdfium2

    with pypdfium2.PdfDocument(data) as pages:
        sheet = pages[page - 1]
        scale = min(DOTS_PER_INCH / 72, MOST_DOTS / max(sheet.get_size()))
        return sheet.render(scale=scale).to_pil(), scale


def _colour_of_block(block: Block) -> Colour:
    return MARGIN if block.kind in ("header", "footer") else CELL if block.kind == "cell" else BLOCK


def _scaled(box: Box, scale: float, around: int) -> list[float]:
    left, top, right, bottom = (side * scale for side in box)
    return [left - around, top - around, max(left, right) + around, max(top, bottom) + around]
