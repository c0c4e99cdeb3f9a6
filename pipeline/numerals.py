"""Characters → exact numbers: Arabic, Chinese and mixed numerals, fractions, and those that are only bounded.

Everything here takes Simplified, half-width text (`Text.shadow`) and answers in `Decimal`.
"""

from __future__ import annotations

import re
from decimal import MAX_PREC, Context, Decimal, Inexact
from fractions import Fraction

_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "廿": 20}
GROUPS = {"万": 10**4, "亿": 10**8}
MULTIPLIERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
               "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12}  # fmt: skip
_LINK = re.compile(r"(零?)(\d++)(万亿|[千百十]?[万亿]|[百千]|)")
_CHAIN = re.compile(rf"(?:{_LINK.pattern}){{2,}}")
_EXACT = Context(prec=MAX_PREC, traps=[Inexact])


class NumeralError(ValueError):
    """The characters do not spell a number."""


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent: 23000.0 → 23000."""
    whole = value.to_integral_value()
    return whole if whole == value else Decimal(format(value, "f").rstrip("0"))


def times(value: Decimal, factor: int) -> Decimal:
    """The exact product, however many digits it takes."""
    return _EXACT.multiply(value, Decimal(factor))


def chinese(text: str) -> Decimal:
    """三千五百 → 3500, 二〇二三 → 2023, 一点五 → 1.5, 三百五 → 350, 百 → 100. Raises NumeralError.

    Scales fall from left to right and need a digit but for the first (百千 and 千百 are no numbers); only 亿 may
    multiply what stands before it (一万二千亿).
    """
    if not text:
        raise NumeralError(text)
    text = text.translate(_FORMAL)
    if "点" in text:
        whole, _, fraction = text.partition("点")
        if not fraction:
            raise NumeralError(text)
        return _EXACT.add(chinese(whole), Decimal("0." + "".join(_digit(c) for c in fraction)))
    if all(c in DIGITS for c in text):
        return Decimal("".join(str(DIGITS[c]) for c in text))
    total = section = 0
    digit = -1  # one that waits for its scale
    last = 10  # the scale before: a digit at the end counts tenths of it, after 零 ones
    scale = group = 10**9
    for c in text:
        if c in DIGITS:
            if digit > 0:
                raise NumeralError(text)  # 三五 is no single number
            digit = DIGITS[c]
            last = last if digit else 10
        elif c in SCALES:
            if SCALES[c] >= scale or (digit < 0 and SCALES[c] >= 100 and (section or total)):
                raise NumeralError(text)
            section += max(digit, 1) * SCALES[c]
            scale, last, digit = SCALES[c], 10 if c == "廿" else SCALES[c], -1
        elif c in GROUPS:
            part = section + max(digit, 0)
            if total == 0 or (total < GROUPS[c] and group < GROUPS[c]):
                total = (total + part or 1) * GROUPS[c]
            elif part and GROUPS[c] < group:
                total += part * GROUPS[c]
            else:
                raise NumeralError(text)
            group = last = GROUPS[c]
            scale, section, digit = 10**9, 0, -1
        else:
            raise NumeralError(text)
    return Decimal(total + section + max(digit, 0) * last // 10)


def _digit(c: str) -> str:
    if c not in DIGITS:
        raise NumeralError(c)
    return str(DIGITS[c])


def bounded(text: str) -> tuple[Decimal, Decimal] | None:
    """Numerals that only say between what: 十几 → 11..19, 30几 → 31..39, 几十 → 20..90, 数百 → 200..900, 三五 → 3..5,
    两三百 → 200..300, 十几万 → 110000..190000. None for all others."""
    head, several, tail = text.partition("几")
    scale = MULTIPLIERS.get(tail, 0 if tail else 1)
    if head and several and scale:
        low = numeral(head)
        if _EXACT.remainder(low, Decimal(10)):
            return None
        return times(_EXACT.add(low, Decimal(1)), scale), times(_EXACT.add(low, Decimal(9)), scale)
    if text[0] in "几数" and text[1:] in MULTIPLIERS:
        scale = MULTIPLIERS[text[1:]]
        return Decimal(2 * scale), Decimal(9 * scale)
    head = text.rstrip("十百千万亿")
    if len(head) == 2 and all(c in DIGITS for c in head) and 0 < DIGITS[head[0]] < DIGITS[head[1]]:
        scale = MULTIPLIERS.get(text[2:], 1 if text == head else 0)
        if scale:
            return Decimal(DIGITS[head[0]] * scale), Decimal(DIGITS[head[1]] * scale)
    return None


def numeral(text: str) -> Decimal:
    """Any single numeral without mask: 15454, 1,200, 2.3, 三千五百, 2.3万, 一点五亿. Raises NumeralError."""
    body = text.rstrip("十百千万亿")
    suffix = text[len(body) :]
    if body and (body[0].isascii() or "点" in body):
        factor = MULTIPLIERS.get(suffix, 0) if suffix else 1
        digits = body.replace(",", "").replace(" ", "")
        if not factor:
            raise NumeralError(text)
        if "点" in body:
            return plain(times(chinese(body), factor))
        if digits.replace(".", "", 1).isdecimal():
            return plain(times(Decimal(digits), factor))
        return _chain(text)
    return chinese(text)


def _chain(text: str) -> Decimal:
    """3万4000, 1亿2000万, 1千零1: every part is less than one of the scale before it. Raises NumeralError."""
    if not _CHAIN.fullmatch(text):
        raise NumeralError(text)
    total = Decimal(0)
    scale: int | None = None
    for zero, digits, multiplier in _LINK.findall(text):
        value = times(Decimal(digits), MULTIPLIERS.get(multiplier, 1))
        if scale is not None and (value >= scale or (len(digits) == 1 and not multiplier and not zero)):
            raise NumeralError(text)  # 3万4 may be 34000 or 30004
        total = _EXACT.add(total, value)
        scale = MULTIPLIERS.get(multiplier, 1)
    return total


def fraction(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The quotient, rounded to 12 places where it is longer. Raises NumeralError for a division by zero."""
    if denominator == 0:
        raise NumeralError("division by zero")
    return plain(_EXACT.scaleb(Decimal(round(Fraction(numerator) / Fraction(denominator) * 10**12)), -12))
