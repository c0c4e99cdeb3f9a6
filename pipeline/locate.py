"""Where a span of the source stands: page and rectangle, or the paragraph or table cell of the package."""

from __future__ import annotations

import math
from bisect import bisect_right

from pipeline.records import Block, Box, Document


def locate(document: Document, start: int, end: int) -> tuple[int | None, Box | None, str | None]:
    """(page counted from 1, box in PDF points, place in the package) of `document.text[start:end]`.

    The box is drawn round the characters where the format knows where they stand; a span that is wrapped gets the
    box of all its lines. A span over two blocks belongs to the block in which it starts.
    """
    block = block_at(document, start)
    if block is None:
        return None, None, None
    return block.page, _box(document, start, min(end, block.end)) or block.box, block.path


def block_at(document: Document, offset: int) -> Block | None:
    """The block that holds a character of the source, None between blocks."""
    position = bisect_right(document.blocks, offset, key=lambda block: block.start) - 1
    if position < 0:
        return None
    block = document.blocks[position]
    return block if offset < block.end else None


def _box(document: Document, start: int, end: int) -> Box | None:
    boxes = document.boxes
    if boxes is None:
        return None
    drawn = [boxes[4 * i : 4 * i + 4] for i in range(start, end) if not math.isnan(boxes[4 * i])]
    if not drawn:
        return None
    left, top = min(box[0] for box in drawn), min(box[1] for box in drawn)
    right, bottom = max(box[2] for box in drawn), max(box[3] for box in drawn)
    return (round(left, 2), round(top, 2), round(right, 2), round(bottom, 2))
