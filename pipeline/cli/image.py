"""`hebao show DOC --page N --image`: the page as printed, with what was read of it drawn on top.

Blocks are outlined (running heads and feet in grey, table cells in blue, all others in violet). Claims are filled:
green as read, yellow where the value is masked, red where there is a doubt. A PDF page is shown as printed; an OFD page
by its characters at their places, without its pictures and seals. Other formats have no pages.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.records import Block, Box, Claim, Document, Report
from pipeline.serve.sheets import PAGED, line_boxes, render, set_in_type

if TYPE_CHECKING:
    from PIL.Image import Image

Colour = tuple[int, int, int]
CLAIM, MASKED, DOUBTFUL = (0, 150, 60), (230, 170, 0), (210, 30, 30)
MARGIN, CELL, BLOCK = (140, 140, 140), (40, 110, 200), (150, 90, 190)
_FILL, _OUTLINE = 70, 200  # opacity, of 255


class ImageError(Exception):
    """The page cannot be drawn; the message is one line with the remedy."""


def draw(report: Report, page: int, settings: Ingest, output: Path | None = None) -> Path:
    """Draw one page (counted from 1) as PNG into `output`, by default NAME-pN.png in the current folder.

    The file is read again, since a report keeps no place of single characters. Raises ImageError where the document has
    no pages, not that page, or the file is gone or another one now.
    """
    document = _read_again(report.document, settings)
    if document.format not in PAGED:
        remedy = "`hebao show` prints its text with the claims in place, --numbers where each stands"
        raise ImageError(f"{document.name} is {document.format}, which has no pages to draw; {remedy}")
    if not 1 <= page <= (document.pages or 0):
        raise ImageError(f"{document.name} has {document.pages} pages; --page {page} is none of them")
    if document.format == "pdf":
        sheet, scale = render(ingest.load(Path(document.path), settings), page)
    else:
        sheet, scale = render(set_in_type(document, page), 1)
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


def _read_again(stored: Document, settings: Ingest) -> Document:
    document, _ = ingest.read(Path(stored.path), settings)
    if document.outcome == "missing":
        raise ImageError(f"{stored.path} is not there any more; give the file itself")
    if document.sha256 != stored.sha256:
        raise ImageError(f"{stored.path} has changed since it was read; run `hebao run` on it again")
    return document


def _colour_of_block(block: Block) -> Colour:
    return MARGIN if block.kind in ("header", "footer") else CELL if block.kind == "cell" else BLOCK


def _scaled(box: Box, scale: float, around: int) -> list[float]:
    left, top, right, bottom = (side * scale for side in box)
    return [left - around, top - around, max(left, right) + around, max(top, bottom) + around]
