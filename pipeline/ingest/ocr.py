"""Pages without usable text, recognised from their picture (extra `ocr`): characters with boxes and confidence.

The models lie inside the rapidocr package; nothing is fetched. A page is read in columns where it has them, else line
by line; ruled tables of scans are read as lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from statistics import median
from typing import Any

import pypdfium2 as pdfium

from pipeline.config import Ingest
from pipeline.ingest.page import Glyph, Page, arrange
from pipeline.ingest.reading import Reading
from pipeline.records import Box

_DOTS = 200 / 72  # a point
_MOST_DOTS = 2400  # along one side: A4 at 200 dots an inch
_SMALLEST = 32  # dots: nothing can be read on less
_BLANK = 4  # brightest minus darkest: nothing is printed
_SHARE = 0.35  # of the text's width that the middle line of a column takes; cells of tables are narrower
_FEW = 3  # lines: fewer are no column

Piece = tuple[Box, list[Glyph]]
"""A stretch of text in one line, as the recogniser finds it."""


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(document: pdfium.PdfDocument, pages: Sequence[Page], settings: Ingest, reading: Reading) -> None:
    """Fill the pages that show something and have no usable text, as far as the settings allow."""
    wanted = [page for page in pages if page.shows and (page.is_picture or not page.items)]
    if not wanted or not settings.ocr or not available():
        return
    done = [page for page in wanted[: settings.max_ocr_pages] if _recognise(document[page.number - 1], page)]
    if done:
        numbers = ", ".join(str(page.number) for page in done[:20]) + (" …" if len(done) > 20 else "")
        reading.issue("recognised_by_ocr", f"pages {numbers}: read from the picture; compare figures with the page")
    left = wanted[settings.max_ocr_pages :]
    if left:
        span = f"pages {left[0].number} to {left[-1].number}"
        remedy = f"raise ingest.max_ocr_pages ({settings.max_ocr_pages})"
        reading.issue("limit_ocr_pages", f"{span}: {len(left)} pages without text not recognised; {remedy}")


def _recognise(sheet: pdfium.PdfPage, page: Page) -> bool:
    """Put the recognised lines into the page; False where there are none, or no more than its text layer holds."""
    scale = min(_DOTS, _MOST_DOTS / max(page.width, page.height, 1.0))
    picture = sheet.render(scale=scale).to_numpy()[..., :3]
    if min(picture.shape[:2]) < _SMALLEST or int(picture.max()) - int(picture.min()) < _BLANK:
        return False
    glyphs = [*_in_order(_pieces(picture, scale))]
    if not glyphs or (page.items and len(glyphs) <= page.characters):
        return False
    page.items, page.characters, page.unknown, page.recognised = arrange(glyphs, []), len(glyphs), 0, True
    return True


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    one_thread = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    # the classifier that finds lines upside down also turns some that are not
    settings = {"Global.log_level": "critical", "Global.max_side_len": _MOST_DOTS, "Global.use_cls": False}
    return RapidOCR(params=settings | one_thread)


def _pieces(picture: Any, scale: float) -> list[Piece]:
    """Pieces of text on a picture (height × width × 3, bytes), their boxes in points."""
    found = _engine()(picture, return_word_box=True, return_single_char_box=True)
    texts, words = found.txts or (), found.word_results or ()
    if len(words) != len(texts):  # a picture without text comes with one empty list of words
        words = [()] * len(texts)
    pieces: list[Piece] = []
    for index, (text, score) in enumerate(zip(texts, found.scores or (), strict=True)):
        box = _box(found.boxes[index], scale)
        signs = [(sign, float(sure), _box(place, scale)) for sign, sure, place in words[index] if len(sign) == 1]
        if "".join(sign for sign, _, _ in signs) != "".join(text.split()):
            signs = [*_spread(text, float(score), box)]
        # all characters of a line get its height: those of a tilted one would drift from line to line
        glyphs = [Glyph(sign, (place[0], box[1], place[2], box[3]), "", sure) for sign, sure, place in signs]
        if glyphs:
            pieces.append((box, glyphs))
    return pieces


def _box(corners: Any, scale: float) -> Box:
    across, down = [float(x) / scale for x, _ in corners], [float(y) / scale for _, y in corners]
    return (min(across), min(down), max(across), max(down))


def _spread(text: str, score: float, box: Box) -> Iterator[tuple[str, float, Box]]:
    """Characters side by side, for a piece whose own places are not known."""
    step = (box[2] - box[0]) / max(len(text), 1)
    for index, sign in enumerate(text):
        if not sign.isspace():
            yield sign, score, (box[0] + index * step, box[1], box[0] + (index + 1) * step, box[3])


def _in_order(pieces: Sequence[Piece]) -> Iterator[Glyph]:
    """Characters in reading order; a new row opens with a line break, a new piece in it with a blank."""
    for part in _columns(pieces):
        for row in _rows(part):
            for index, (_, glyphs) in enumerate(row):
                yield glyphs[0]._replace(gap=" " if index else "\n")
                yield from glyphs[1:]


def _columns(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Parts of a page to be read one after the other: across what stands in one column, then column by column."""
    ordered = sorted(pieces, key=lambda piece: (piece[0][1], piece[0][0]))
    gutter = _gutter([box for box, _ in ordered])
    if gutter is None:
        return [ordered]
    parts: list[list[Piece]] = [[], []]
    for piece in ordered:
        left, _, right, _ = piece[0]
        if left < gutter < right:
            parts += [[piece], [], []]
        else:
            parts[-2 if right <= gutter else -1].append(piece)
    return [part for part in parts if part]


def _gutter(boxes: Sequence[Box]) -> float | None:
    """The middle between two columns of prose, None where the text runs across."""
    if len(boxes) < 2 * _FEW:
        return None
    width = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    for place in sorted({box[0] - 1 for box in boxes}):
        before = [box for box in boxes if box[2] <= place]
        after = [box for box in boxes if box[0] >= place]
        crossing = len(boxes) - len(before) - len(after)
        if min(len(before), len(after)) < _FEW or crossing > 0.2 * len(boxes):
            continue
        if all(median(box[2] - box[0] for box in side) > _SHARE * width for side in (before, after)):
            return place
    return None


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that stand beside each other, from left to right; rows from the top down."""
    rows: list[list[Piece]] = []
    for piece in pieces:
        (_, top, _, bottom), last = piece[0], rows[-1][-1][0] if rows else None
        if last and min(last[3], bottom) - max(last[1], top) > 0.5 * min(last[3] - last[1], bottom - top):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece[0][0]) for row in rows]
