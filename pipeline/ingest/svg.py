"""Web pages whose text is drawn character by character, as viewers of OFD and PDF save what they show.

Their pages are SVG pictures laid over each other; the characters stand in `text` elements at places of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from lxml import etree

from pipeline.ingest.glyphs import character
from pipeline.ingest.page import Glyph, Page, arrange

_POINTS = 72 / 96  # a pixel of the web
_ASCENT = 0.88  # of the type size: where a character's box begins above its base line
_APART = 0.5  # of the type size: characters farther from each other have a blank between them
_USUAL_SIZE = "16"  # pixels, where none is given
_MOST = 500_000  # characters: with more it is no page for people
_FIGURE = r"-?\d*\.?\d+(?:[eE][-+]?\d+)?"
_STYLE = re.compile(rf"(left|top|width|height|font-size)\s*:\s*({_FIGURE})px")
_SHEET = re.compile(r"position\s*:\s*relative")
_TRANSFORM = re.compile(r"(matrix|translate|scale)\s*\(([^)]*)\)")

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f as in SVG: x becomes ax + cy + e, y becomes bx + dy + f."""


def drawn_pages(root: etree._Element) -> list[Page]:
    """Pages whose text is drawn, in order; their characters have boxes in points, from the top left of the page."""
    drawings = [svg for svg in root.iter("svg") if next(svg.iter("text"), None) is not None]
    pages: list[Page] = []
    left = _MOST
    for sheet, parts in groupby(drawings, key=_sheet):
        glyphs: list[Glyph] = []
        for glyph in (glyph for svg in parts for glyph in _glyphs(svg, sheet)):
            glyphs.append(glyph._replace(gap=_gap(glyphs[-1], glyph)) if glyphs else glyph)
            left -= 1
            if not left:
                break
        if any(not glyph.character.isspace() for glyph in glyphs):
            width = max(_pixels(sheet, "width") * _POINTS, *(glyph.box[2] for glyph in glyphs))
            height = max(_pixels(sheet, "height") * _POINTS, *(glyph.box[3] for glyph in glyphs))
            pages.append(Page(len(pages) + 1, width, height, [*arrange(glyphs, ())], characters=len(glyphs)))
    return pages


def _sheet(svg: etree._Element) -> etree._Element:
    """What a drawing is placed on: the nearest element around it by which others are placed, or itself."""
    return next((up for up in svg.iterancestors() if _SHEET.search(up.get("style", ""))), svg)


def _pixels(element: etree._Element, name: str) -> float:
    return float(dict(_STYLE.findall(element.get("style", ""))).get(name, 0))


def _glyphs(svg: etree._Element, sheet: etree._Element) -> Iterator[Glyph]:
    """Characters in the order of the file, each run from the place that its element names."""
    left, top = (_pixels(svg, side) if svg is not sheet else 0.0 for side in ("left", "top"))
    for run in svg.iter("text", "tspan"):
        a, b, c, d, e, f = _matrix(run, svg)
        size = float(_inherited(run, "font-size", _USUAL_SIZE))
        across, down = ([*map(float, re.findall(_FIGURE, _inherited(run, axis, "0")))] for axis in "xy")
        x, y = across[0], down[0]
        for index, sign in enumerate((run.text or "").strip("\r\n")):
            x = across[index] if index < len(across) else x
            y = down[index] if index < len(down) else y
            advance = size * (0.5 if ord(sign) < 0x2E80 else 1.0)
            corners = [(x, y - _ASCENT * size), (x + advance, y + (1 - _ASCENT) * size)]
            (x0, x1), (y0, y1) = (
                sorted(left + a * px + c * py + e for px, py in corners),
                sorted(top + b * px + d * py + f for px, py in corners),
            )
            shown = " " if sign.isspace() and sign != "\u3000" else character(ord(sign))
            yield Glyph(shown, (_POINTS * x0, _POINTS * y0, _POINTS * x1, _POINTS * y1))
            x += advance


def _inherited(run: etree._Element, name: str, usual: str) -> str:
    """A property of a run, by attribute or style, of its own or of what it stands in."""
    for element in (run, *run.iterancestors("text", "tspan", "g")):
        found = str(dict(_STYLE.findall(element.get("style", ""))).get(name) or element.get(name, ""))
        if re.search(_FIGURE, found):
            return found
    return usual


def _matrix(run: etree._Element, svg: etree._Element) -> Matrix:
    """All transformations from a run up to its drawing, as one."""
    whole: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    for element in (run, *run.iterancestors()):
        if element is svg:
            break
        for kind, words in reversed(_TRANSFORM.findall(element.get("transform", ""))):
            whole = _after(_one_matrix(kind, [*map(float, re.findall(_FIGURE, words))]), whole)
    return whole


def _one_matrix(kind: str, figures: Sequence[float]) -> Matrix:
    if kind == "matrix" and len(figures) == 6:
        a, b, c, d, e, f = figures
        return (a, b, c, d, e, f)
    x, y = [*figures, *figures][:2] if figures else (0.0, 0.0)
    if kind == "translate":
        return (1.0, 0.0, 0.0, 1.0, x, y if len(figures) > 1 else 0.0)
    return (x, 0.0, 0.0, y, 0.0, 0.0) if kind == "scale" and figures else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _after(outer: Matrix, inner: Matrix) -> Matrix:
    """What both do, the inner one first."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)


def _gap(last: Glyph, glyph: Glyph) -> str:
    size = min(last.size, glyph.size)
    overlap = min(last.box[3], glyph.box[3]) - max(last.box[1], glyph.box[1])
    step = glyph.box[0] - last.box[2]
    if overlap <= 0.5 * size or step < -0.5 * size:
        return "\n"
    return " " if step > _APART * size else ""
