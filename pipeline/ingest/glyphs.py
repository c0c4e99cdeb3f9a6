"""Characters as fonts of printed pages name them: look-alikes resolved, unknown ones marked, one for one."""

from __future__ import annotations

from functools import cache

from pipeline.lexicon import rows

UNKNOWN = "\ufffd"
"""Stands for every character that a font shows but does not name; it is no digit, so no number can run over it."""


@cache
def radicals() -> dict[int, str]:
    """models/radicals.csv: code points of CJK radicals → the ideograph that is meant."""
    return {ord(row["radical"]): row["ideograph"] for row in rows("radicals")}


@cache
def character(code: int, named: bool = True) -> str:
    """The character of a code point as a font gives it; UNKNOWN for private use, controls and non-characters.

    `named` is False where the font has no map to Unicode and the code is a guess.
    """
    if not named or code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code <= 0xF8FF or code >= 0xF0000:
        return UNKNOWN
    if 0x2E80 <= code <= 0x2FDF:
        return radicals().get(code, chr(code))
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return UNKNOWN
    return chr(code)
