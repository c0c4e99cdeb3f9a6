"""The font that stands in for those that a PDF lacks, while its text is read.

Left alone, pdfium opens whatever fonts the machine has. That takes longer than to read a report, the boxes differ from
machine to machine, and where no Chinese font is installed single characters without an outline are left out. So text
is read with one font made here, in which every character is the same dot: widths and heights then come from the
PDF alone. Pictures of pages need true fonts; they are back afterwards.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pypdfium2.raw as raw

_ASCENT, _DESCENT, _ADVANCE = 880, -120, 500  # thousandths of the type size
_DOT = (0, 0, 100, 100)  # left, bottom, right, top: inside the place of any character
_BOX = (0, _DESCENT, 1000, _ASCENT)  # what the font claims to need: the height of characters without a description
_HANDLE = 1
_restored: list[object] = []  # what pdfium was given back last; its memory is ours to free


@contextmanager
def one_font() -> Iterator[None]:
    """Let pdfium use the font of this module for all that are missing.

    Documents that are opened meanwhile must be closed by then, and give no pictures.
    """
    raw.FPDF_SetSystemFontInfo(_only_font())
    while _restored:
        raw.FPDF_FreeDefaultSystemFontInfo(_restored.pop())
    try:
        yield
    finally:
        fonts = raw.FPDF_GetDefaultSystemFontInfo()
        raw.FPDF_SetSystemFontInfo(fonts)
        _restored.append(fonts)


@cache
def _only_font() -> raw.FPDF_SYSFONTINFO:
    """How pdfium asks for fonts: any name gives the same one."""
    font = dot_font()

    def data(_info: object, _font: object, table: int, buffer: int | None, size: int) -> int:
        if table:
            return 0  # no collection of fonts, and no single tables
        if buffer and size >= len(font):
            ctypes.memmove(buffer, font, len(font))
        return len(font)

    kinds = dict(raw.FPDF_SYSFONTINFO._fields_)
    info = raw.FPDF_SYSFONTINFO(version=1)
    info.MapFont = kinds["MapFont"](lambda *_: _HANDLE)
    info.GetFont = kinds["GetFont"](lambda *_: _HANDLE)
    info.GetFontData = kinds["GetFontData"](data)
    return info


def dot_font() -> bytes:
    """A TrueType font in which all characters of Unicode have one glyph, a dot."""
    left, bottom, right, top = _DOT
    points = [(left, bottom), (left, top), (right, top), (right, bottom)]
    steps = [(x - x0, y - y0) for (x, y), (x0, y0) in zip(points, [(0, 0), *points], strict=False)]
    glyph = struct.pack(">5h", 1, *_DOT) + struct.pack(">HH4B", 3, 0, 1, 1, 1, 1)
    glyph += struct.pack(">8h", *(x for x, _ in steps), *(y for _, y in steps))
    every = struct.pack(">HHIIIIII", 13, 0, 28, 0, 1, 0x20, 0x10FFFF, 1)  # characters 0x20 and up: glyph 1
    tables = {
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 10, 12) + every,
        b"glyf": glyph,
        b"head": struct.pack(">IIIIHHQQ4hHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000, 0, 0, *_BOX, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, _ASCENT, _DESCENT, 0, _ADVANCE, *[0] * 11, 2),
        b"hmtx": struct.pack(">HhHh", _ADVANCE, 0, _ADVANCE, left),
        b"loca": struct.pack(">3I", 0, 0, len(glyph)),  # glyph 0 is empty
        b"maxp": struct.pack(">I14H", 0x10000, 2, 4, 1, 0, 0, 2, *[0] * 8),
    }
    head = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64)
    directory, body = b"", b""
    for name, table in tables.items():
        place = len(head) + 16 * len(tables) + len(body)
        directory += name + struct.pack(">III", 0, place, len(table))
        body += table + b"\0" * (-len(table) % 4)
    return head + directory + body
