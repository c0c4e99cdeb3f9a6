"""Text of reports made safe for the programs that open an export: no formulas, no control characters, no people.

Identity numbers (with a right check digit), mobile numbers, bank cards and mail addresses are masked unless asked for;
an amount (13800000000元) is no mobile number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
CELL_CHARACTERS = 32_767  # that a sheet's cell holds
OPAQUE = ("id", "sha256", "fingerprint", "claim", "claims", "part_of", "repeat_of")  # columns of digests, never masked

_MOBILE = r"(?<![\w.])(?:\+?86[- ]?)?(?P<mobile>1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?![\d.%]|\s*[万亿元人户吨米亩个台辆平公])"
_IDENTITY = r"(?<![\w.])(?P<identity>[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx])(?![\w])"
_CARD = r"(?<![\w.])(?P<card>[3-6]\d{15,18})(?![\w.])"
_MAIL = r"(?<![\w.])(?P<mail>[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
_PERSONAL = re.compile("|".join((_IDENTITY, _CARD, _MOBILE, _MAIL)), re.ASCII)
_SUSPECT = re.compile(r"@|[\d０-９][\d０-９ -]{9}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９ＸｘＡ", "0123456789XxA")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def without_people(text: str) -> str:
    """The text with the middle of each identity, mobile and card number and of each mail address starred; its length
    stays."""
    if not _SUSPECT.search(text):
        return text
    plain = text.translate(_FULL_WIDTH)
    found = [(match.span(match.lastgroup or 0), match) for match in _PERSONAL.finditer(plain)]
    for (start, end), match in reversed(found):
        if _CHECKS[match.lastgroup or ""](plain[start:end]):
            text = text[:start] + _starred(text[start:end]) + text[end:]
    return text


def _starred(number: str) -> str:
    return number[:3] + re.sub(r"[^@. -]", "*", number[3:-2]) + number[-2:]


def _identity(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def _card(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [2 * d - 9 * (d > 4) for d in digits[1::2]]) % 10 == 0


_CHECKS: dict[str, Callable[[str], bool]] = {
    "identity": _identity, "card": _card, "mobile": lambda _: True, "mail": lambda _: True,
}  # fmt: skip


def writable(text: str) -> str:
    """The text without what XML and CSV cannot hold."""
    return UNWRITABLE.sub("\ufffd", text)


def csv_safe(text: str) -> str:
    """Text as CSV holds it: what a spreadsheet would run as a formula gets an apostrophe before it."""
    text = writable(text)
    return "'" + text if text.startswith(FORMULA) else text


def missing(value: Any) -> bool:
    """Whether a cell of a frame is empty: None, pandas' NA or a float that is no number."""
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and value != value)


def plain(value: Any) -> str:
    """A value that is no string as text: exact decimals without exponent, tuples as their parts joined by blanks."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return str(value)


def is_exact(value: Any) -> bool:
    """Whether a sheet's floating point holds the number exactly; others are written as text."""
    return not isinstance(value, Decimal) or Decimal(repr(float(value))) == value
