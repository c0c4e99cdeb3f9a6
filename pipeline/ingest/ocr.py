"""Pages without usable text, recognised from their picture (extra `ocr`): characters with boxes and confidence.

The models lie inside the rapidocr package; nothing is fetched. A page is read in columns where it has them, else line
by line; tables of scans are read as lines, where the lines of a ruled cell stay together.
"""

from __future__ import annotations

import re
import resource
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

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
_NEAR = 0.8  # of the height of a line: the next one of the same cell is not farther away
_SECONDS = 10  # of processor time for one page
_REACH = 8  # heights of a line: how far from the text the rule beside its cell is looked for
_RULE = 100  # dots of a rule across: on a tilted page more would leave the row of dots
_FIGURE = re.compile(r"[\d.,%‰+—–-]+")
_SIDE = 6.0  # points beside a gutter, where the rules of a table cross it
_CROSSED = 0.15  # of the steps from line to line: rules that cross more often divide cells, of up to six lines

Piece = tuple[Box, list[Glyph]]
"""A stretch of text in one line, as the recogniser finds it; or the lines of one cell."""

Ruled = Callable[[Box, bool], bool]
"""Whether a rule goes all the way through a box: across it (False) or down (True)."""


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(data: bytes, pages: Sequence[Page], settings: Ingest, reading: Reading) -> None:
    """Fill the pages that show something and have no usable text, as far as the settings allow."""
    wanted = [page for page in pages if page.shows and (page.is_picture or not page.items)]
    if not wanted or not settings.ocr or not available():
        return
    with pdfium.PdfDocument(data) as document:  # opened again: what was opened for text lacks the system's fonts
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()
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
    _allow_more_time()
    glyphs = [*_in_order(_pieces(picture, scale), _rules(picture, scale))]
    if not glyphs or (page.items and len(glyphs) <= page.characters):
        return False
    page.items, page.characters, page.unknown, page.recognised = arrange(glyphs, []), len(glyphs), 0, True
    return True


def _allow_more_time() -> None:
    """Raise the limit on processor time, where this process stands under one: only recognising takes that long, so a
    broken file that never comes to it must not be given the time for it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if soft != resource.RLIM_INFINITY:
        more = soft + _SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (more if hard == resource.RLIM_INFINITY else min(more, hard), hard))


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
        glyphs = _widened(glyphs)
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


def _widened(glyphs: list[Glyph]) -> list[Glyph]:
    """Narrow brackets next to Chinese inside them in full width; other signs are printed in both widths: left alone."""
    wide = list(glyphs)
    for i, glyph in enumerate(glyphs):
        inside = glyphs[i + 1 : i + 2] if glyph.character == "(" else glyphs[max(0, i - 1) : i]
        if glyph.character in "()" and inside and "\u4e00" <= inside[0].character <= "\u9fff":
            wide[i] = glyph._replace(character="（" if glyph.character == "(" else "）")
    return wide


def _rules(picture: Any, scale: float) -> Ruled:
    """Finds the rules of a picture (height × width × 3, bytes), for boxes in points."""
    grey = picture.min(axis=2)
    step = max(1, min(grey.shape) // 500)
    levels = sorted(grey[::step, ::step].ravel().tolist())
    paper, ink = levels[len(levels) // 2], levels[len(levels) // 200]
    dark = grey < paper - 0.3 * (paper - ink)

    def ruled(box: Box, down: bool) -> bool:
        left, top, right, bottom = (max(0, round(side * scale)) for side in box)
        part = dark[top:bottom, left:right].T if down else dark[top:bottom, left : min(right, left + _RULE)]
        if part.shape[0] < 3 or part.shape[1] < 3:
            return False
        # three dots deep: a thin rule that leans changes over from one row of dots to the next
        return bool(((part[:-2] | part[1:-1] | part[2:]).mean(axis=1) > 0.95).any())

    return ruled


def _in_order(pieces: Sequence[Piece], ruled: Ruled) -> Iterator[Glyph]:
    """Characters in reading order; a new line opens with a line break, a new piece in it with a blank."""
    for part in _columns(pieces, ruled):
        for row in _rows(_cells(part, ruled)):
            gap = "\n"
            for _, glyphs in row:
                yield glyphs[0]._replace(gap=gap)
                yield from glyphs[1:]
                gap = " " if glyphs[-1].box[1] == glyphs[0].box[1] else "\n"


def _cells(pieces: Sequence[Piece], ruled: Ruled) -> list[Piece]:
    """The lines of one ruled cell as one piece, all others as they are."""
    ordered = sorted(pieces, key=lambda piece: (piece[0][1], piece[0][0]))
    stacked = [(above, below) for below in ordered if (above := _above(below, ordered)) is not None]
    open_pairs = [(above, below) for above, below in stacked if not ruled(_between(above[0], below[0]), False)]
    # figures on top of each other without a rule between: there are rows that no rules divide
    undivided = [(above[0][1], below[0][3]) for above, below in open_pairs if _is_figure(above) and _is_figure(below)]
    cells = {id(piece): [piece] for piece in ordered}  # by id of its last line
    for above, below in open_pairs:
        middle = (above[0][3] + below[0][1]) / 2
        free = not _is_figure(below) and not any(top < middle < bottom for top, bottom in undivided)
        if free and id(above) in cells and _is_enclosed(above[0], below[0], ruled):
            cells[id(below)] = [*cells.pop(id(above)), below]
    return sorted((_joined(lines) for lines in cells.values()), key=lambda piece: (piece[0][1], piece[0][0]))


def _above(piece: Piece, pieces: Sequence[Piece]) -> Piece | None:
    """The next piece over another, close to it."""
    left, top, right, bottom = piece[0]
    found = None
    for other in pieces:
        box = other[0]
        height = min(bottom - top, box[3] - box[1])
        shared = min(right, box[2]) - max(left, box[0])
        aligned = shared > 0.5 * min(right - left, box[2] - box[0])
        if aligned and box[1] + 0.5 * height < top and top - box[3] < _NEAR * height:
            found = other if found is None or box[3] > found[0][3] else found
    return found


def _between(above: Box, below: Box) -> Box:
    """The strip between two lines, where a rule would stand."""
    slack = 0.15 * min(above[3] - above[1], below[3] - below[1])
    top, bottom = sorted((above[3], below[1]))
    return (max(above[0], below[0]), top - slack, min(above[2], below[2]), bottom + slack)


def _is_enclosed(above: Box, below: Box, ruled: Ruled) -> bool:
    """Whether a rule runs down beside both lines."""
    reach = _REACH * (below[3] - below[1])
    left, right = min(above[0], below[0]), max(above[2], below[2])
    return any(ruled((*x, below[3]), True) for x in ((left - reach, above[1], left), (right, above[1], right + reach)))


def _is_figure(piece: Piece) -> bool:
    return _FIGURE.fullmatch("".join(glyph.character for glyph in piece[1])) is not None


def _joined(lines: Sequence[Piece]) -> Piece:
    lefts, tops, rights, bottoms = zip(*(box for box, _ in lines), strict=True)
    (_, glyphs), *others = lines
    broken = [glyph for _, (first, *rest) in others for glyph in (first._replace(gap="\n"), *rest)]
    return (min(lefts), min(tops), max(rights), max(bottoms)), [*glyphs, *broken]


def _columns(pieces: Sequence[Piece], ruled: Ruled) -> list[list[Piece]]:
    """Parts of a page to be read one after the other: across what stands in one column, then column by column."""
    ordered = sorted(pieces, key=lambda piece: (piece[0][1], piece[0][0]))
    gutter = _gutter([box for box, _ in ordered], ruled)
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


def _gutter(boxes: Sequence[Box], ruled: Ruled) -> float | None:
    """The middle between two columns of prose, None where the text runs across or stands in a ruled table."""
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
            strips = [(place - _SIDE, one[1] + one[3], place, two[1] + two[3]) for one, two in pairwise(before)]
            crossed = [ruled((left, top / 2, right, bottom / 2), False) for left, top, right, bottom in strips]
            return place if sum(crossed) < max(2, _CROSSED * len(crossed)) else None
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
