"""Characters → exact numbers: Arabic, Chinese and mixed numerals, fractions, and those that are only bounded.

Everything here takes Simplified, half-width text (`Text.shadow`) and answers in `Decimal`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5}
SCALES = {"十": 10, "百": 100, "千": 1000, "廿": 20}
GROUPS = {"万": 10**4, "亿": 10**8, "兆": 10**12}
MULTIPLIERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
               "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12}  # fmt: skip


class NotANumeral(ValueError):
    """The characters do not spell a number."""


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent: 23000.0 → 23000."""
    whole = value.to_integral_value()
    return whole if whole == value else Decimal(format(value, "f").rstrip("0"))


def chinese(text: str) -> Decimal:
    """三千五百 → 3500, 二〇二三 → 2023, 一点五 → 1.5, 百 → 100. Raises NotANumeral."""
    if not text:
        raise NotANumeral(text)
    if "点" in text:
        whole, _, fraction = text.partition("点")
        return chinese(whole) + Decimal("0." + "".join(_digit(c) for c in fraction))
    if all(c in DIGITS for c in text):
        return Decimal("".join(str(DIGITS[c]) for c in text))
    total, section, digit = 0, 0, -1
    for c in text:
        if c in DIGITS:
            if digit > 0:
                raise NotANumeral(text)  # 三五 is no single number
            digit = DIGITS[c]
        elif c in SCALES:
            section += SCALES[c] if digit < 0 and SCALES[c] < 100 else max(digit, 1) * SCALES[c]
            digit = -1
        elif c in GROUPS:
            total = (total + section + max(digit, 0) or 1) * GROUPS[c]
            section, digit = 0, -1
        else:
            raise NotANumeral(text)
    return Decimal(total + section + max(digit, 0))


def _digit(c: str) -> str:
    if c not in DIGITS:
        raise NotANumeral(c)
    return str(DIGITS[c])


def bounded(text: str) -> tuple[Decimal, Decimal] | None:
    """Numerals that only say between what: 十几 → 11..19, 几十 → 20..90, 数百 → 200..900, 三五 → 3..5, 两三百 → 200..300."""
    vague = {"几", "数"}
    if len(text) >= 2 and text[-1] == "几":  # 十几, 二十几
        low = chinese(text[:-1])
        return low + 1, low + 9
    if len(text) >= 2 and text[0] in vague and text[1:] in MULTIPLIERS:
        scale = MULTIPLIERS[text[1:]]
        return Decimal(2 * scale), Decimal(9 * scale)
    head = text.rstrip("十百千万亿")
    if len(head) == 2 and all(c in DIGITS for c in head) and 0 < DIGITS[head[0]] < DIGITS[head[1]]:
        scale = MULTIPLIERS.get(text[2:], 1 if text == head else 0)
        if scale:
            return Decimal(DIGITS[head[0]] * scale), Decimal(DIGITS[head[1]] * scale)
    return None


def numeral(text: str) -> Decimal:
    """Any single numeral without mask: 15454, 1,200, 2.3, 三千五百, 2.3万, 120万. Raises NotANumeral."""
    body = text.rstrip("十百千万亿")
    suffix = text[len(body):]
    if body and body[0].isascii() and (suffix == "" or suffix in MULTIPLIERS):
        digits = body.replace(",", "").replace(" ", "")
        if digits.replace(".", "", 1).isdecimal():
            return plain(Decimal(digits) * MULTIPLIERS.get(suffix, 1))
    return chinese(text)


def fraction(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The exact quotient where it is finite, else rounded to 12 places."""
    if denominator == 0:
        raise NotANumeral("division by zero")
    exact = Fraction(numerator) / Fraction(denominator)
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value if Fraction(value) == exact else round(value, 12)
