"""What a PDF page shows beside its characters: rules, frames and pictures, by the objects that pdfium lists."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.ingest.glyphs import character
from pipeline.ingest.page import Glyph
from pipeline.records import Box

_THIN = 5.0  # points: a rule, however bold, not an area
_STRAIGHT = 1.0  # points that a rule may lean
_FORM_DEPTH = 3
_RECTANGLE = 5  # segments
_TYPED = (raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP)
_COMMENTS = (
    raw.FPDF_ANNOT_TEXT,
    raw.FPDF_ANNOT_HIGHLIGHT,
    raw.FPDF_ANNOT_UNDERLINE,
    raw.FPDF_ANNOT_SQUIGGLY,
    raw.FPDF_ANNOT_STRIKEOUT,
    raw.FPDF_ANNOT_CARET,
    raw.FPDF_ANNOT_INK,
)
_UNDRAWN = (raw.FPDF_ANNOT_POPUP, *_COMMENTS)  # what is drawn for these is a mark, no words
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_TALL = 14.0  # points: lines of free text that its own rectangle would stretch
_EMPTY = 2  # bytes of a string of pdfium that says nothing: its closing zero
_MOST_SEGMENTS = 2000  # of one path: beyond that it is a picture

Placer = Callable[[Any, Any, Any, Any], tuple[Any, Any, Any, Any]]
"""Left, bottom, right, top in the page's own space (numbers or arrays) → left, top, right, bottom as displayed."""


@dataclass(slots=True)
class Drawing:
    """Rules, areas and pictures of a page, as far as they matter for its text."""

    across: list[Box] = field(default_factory=list)  # thin horizontal lines
    upright: list[Box] = field(default_factory=list)
    frames: list[Box] = field(default_factory=list)  # rectangles and other areas
    placed: bool = True  # whether all of that is known in the page's own space
    pictured: float = 0.0  # square points that pictures take
    objects: int = 0  # of all kinds, text too

    @property
    def ruled(self) -> bool:
        """Whether there may be a ruled table."""
        frames = len(self.frames)
        return frames > 1 or (len(self.across) + 2 * frames > 1 and len(self.upright) + 2 * frames > 1)

    @property
    def rules(self) -> list[Box]:
        """All lines, the four sides of frames too."""
        sides = [
            side
            for left, top, right, bottom in self.frames
            for side in (
                (left, top, right, top),
                (left, bottom, right, bottom),
                (left, top, left, bottom),
                (right, top, right, bottom),
            )
        ]
        return [*self.across, *self.upright, *sides]


def placer(page: pdfium.PdfPage) -> Placer:
    """How places of the page's own space are displayed, with the origin at the top left."""
    x0, y0, x1, y1 = page.get_bbox()
    turned = page.get_rotation() % 360

    def place(left: Any, bottom: Any, right: Any, top: Any) -> tuple[Any, Any, Any, Any]:
        if turned == 90:
            return (bottom - y0, left - x0, top - y0, right - x0)
        if turned == 180:
            return (x1 - right, bottom - y0, x1 - left, top - y0)
        if turned == 270:
            return (y1 - top, x1 - right, y1 - bottom, x1 - left)
        return (left - x0, y1 - top, right - x0, y1 - bottom)

    return place


@dataclass(slots=True)
class Notes:
    """What lies over a page and is not part of it."""

    typed: bool = False  # something with words may be drawn there: fields of forms, free text, stamps, lines
    undrawn: list[Glyph] = field(default_factory=list)  # of free texts for which the file holds no drawing
    comments: int = 0
    files: int = 0


def notes_on(page: pdfium.PdfPage, place: Placer) -> Notes:
    """Fields, notes and marks of a page; those that are not shown are passed over."""
    found = Notes()
    for index in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        note = raw.FPDFPage_GetAnnot(page.raw, index)
        if note and not raw.FPDFAnnot_GetFlags(note) & _UNSEEN:
            kind = raw.FPDFAnnot_GetSubtype(note)
            drawn = raw.FPDFAnnot_GetAP(note, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > _EMPTY
            found.typed |= kind in _TYPED or (drawn and kind not in _UNDRAWN)
            found.files += kind == raw.FPDF_ANNOT_FILEATTACHMENT
            found.comments += kind in _COMMENTS and bool(_contents(note).strip())
            if kind == raw.FPDF_ANNOT_FREETEXT and not drawn:
                found.undrawn += _spread(note, place)
        raw.FPDFPage_CloseAnnot(note)
    return found


def _contents(note: raw.FPDF_ANNOTATION) -> str:
    size = raw.FPDFAnnot_GetStringValue(note, b"Contents", None, 0)
    buffer = ctypes.create_string_buffer(max(size, _EMPTY))
    raw.FPDFAnnot_GetStringValue(note, b"Contents", ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: max(size - _EMPTY, 0)].decode("utf-16-le", "replace")


def _spread(note: raw.FPDF_ANNOTATION, place: Placer) -> Iterator[Glyph]:
    """Characters of a note, line by line from the top of its rectangle; where each would stand is not known better."""
    rectangle = raw.FS_RECTF()
    lines = _contents(note).splitlines()
    if not lines or not raw.FPDFAnnot_GetRect(note, rectangle):
        return
    left, top, right, bottom = place(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
    height = min((bottom - top) / len(lines), _TALL)
    for row, line in enumerate(lines):
        for column, sign in enumerate(line):
            width = min((right - left) / len(line), height)
            x, y = left + column * width, top + row * height
            yield Glyph(character(ord(sign)), (x, y, x + width, y + height), "" if column else "\n")


def drawing(page: pdfium.PdfPage, place: Placer) -> Drawing:
    """Everything drawn on a page but its text."""
    found = Drawing()
    handle = page.raw
    found.objects = raw.FPDFPage_CountObjects(handle)
    for index in range(found.objects):
        _look_at(raw.FPDFPage_GetObject(handle, index), found, place, 0)
    return found


def _look_at(thing: raw.FPDF_PAGEOBJECT, found: Drawing, place: Placer, depth: int) -> None:
    kind = raw.FPDFPageObj_GetType(thing)
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        for left, bottom, right, top in _bounds(thing):
            found.pictured += (right - left) * (top - bottom) if depth == 0 else 0.0
    elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _FORM_DEPTH:
        for index in range(raw.FPDFFormObj_CountObjects(thing)):
            _look_at(raw.FPDFFormObj_GetObject(thing, index), found, place, depth + 1)
    elif kind == raw.FPDF_PAGEOBJ_PATH:
        for box in _parts(thing, depth):
            _sort(place(*box), found, on_page=depth == 0)


def _bounds(thing: raw.FPDF_PAGEOBJECT) -> Iterator[Box]:
    """Left, bottom, right, top of an object, if it has an extent."""
    sides = [ctypes.c_float() for _ in range(4)]
    if raw.FPDFPageObj_GetBounds(thing, *sides):
        yield (sides[0].value, sides[1].value, sides[2].value, sides[3].value)


def _parts(path: raw.FPDF_PAGEOBJECT, depth: int) -> Iterator[Box]:
    """Straight strokes of a path as left, bottom, right, top; of a thin area, or one that is not placed, the bounds."""
    count = raw.FPDFPath_CountSegments(path)
    bounds = [*_bounds(path)]
    if all(x1 - x0 <= _THIN and y1 - y0 <= _THIN for x0, y0, x1, y1 in bounds) and bounds:
        return  # a dot, a part of a letter: of pictures there are many thousands
    thin = 2 < count <= _RECTANGLE and any(min(x1 - x0, y1 - y0) <= _THIN for x0, y0, x1, y1 in bounds)
    if thin or depth or count > _MOST_SEGMENTS:
        yield from bounds
        return
    for (x0, y0), (x1, y1) in _strokes(path, count):
        if abs(x0 - x1) <= _STRAIGHT or abs(y0 - y1) <= _STRAIGHT:
            yield (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


Point = tuple[float, float]


def _strokes(path: raw.FPDF_PAGEOBJECT, count: int) -> Iterator[tuple[Point, Point]]:
    """The straight strokes of a path, from point to point in the page's space."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(path, matrix):
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    begun: list[Point] = []
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begun = []
        elif kind == raw.FPDF_SEGMENT_LINETO and begun:
            yield begun[-1], point
        begun.append(point)
        if raw.FPDFPathSegment_GetClose(segment):
            yield point, begun[0]


def _sort(box: Box, found: Drawing, on_page: bool) -> None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    # places inside a form count in its own space: good for knowing of rules, not for where they lie
    if height <= _THIN < width:
        found.across.append(box if on_page else (0.0, 0.0, 0.0, 0.0))
    elif width <= _THIN < height:
        found.upright.append(box)
    elif width > 10 and height > 5:
        found.frames.append(box)
    else:
        return
    found.placed &= on_page
