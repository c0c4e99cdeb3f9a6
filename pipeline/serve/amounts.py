"""Values as a person writes them: the units of reports, not the base units in which they are compared."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from pipeline.compare import interval

SIGNS = {"approx": "≈", "gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
SCALES = {
    "元": ((Decimal(10**8), "亿元"), (Decimal(10**4), "万元")),
    "千克": ((Decimal(10**7), "万吨"), (Decimal(10**3), "吨")),
    "米": ((Decimal(10**3), "公里"),),
    "平方米": ((Decimal(10**4), "万平方米"),),
}
"""Unit → how much of it makes one of a larger unit, the largest first."""
LONGEST, ROUNDED = -4, Decimal("0.01")  # places after the point beyond which a value comes of a conversion


def shown(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    """Two ends in the largest unit that neither falls short of; "" where there is none. Exact, except that what a
    conversion left without end (亩 in 平方米) has two decimals."""
    ends = [abs(end) for end in (low, high) if end is not None]
    if not ends:
        return ""
    scale, name = next((s for s in SCALES.get(unit, ()) if min(ends) >= s[0]), (Decimal(1), unit))
    low, high = (None if end is None else _plain(end / scale) for end in (low, high))
    return f"{interval(low, high)}{name}"


def _plain(value: Decimal) -> Decimal:
    places = value.normalize().as_tuple().exponent
    rounded = value.quantize(ROUNDED) if isinstance(places, int) and places < LONGEST else value
    return Decimal(f"{rounded.normalize():f}")


def amount(claim: sqlite3.Row) -> str:
    """The value of a row of `claims`; nothing where it is masked."""
    low, high = (None if claim[end] is None else Decimal(claim[end]) for end in ("value_low", "value_high"))
    if low is None and high is None:
        return ""
    per = f"/{claim['per']}" if claim["per"] else ""
    return f"{SIGNS.get(claim['relation'], '')}{shown(low, high, claim['unit'] or '')}{per}"
