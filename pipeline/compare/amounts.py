"""Values as a person writes them: in the units of reports, not in the base units in which they are compared."""

from __future__ import annotations

from decimal import Decimal

from pipeline.compare.cells import interval

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
    unit, slash, per = unit.partition("/")
    scale, name = next((s for s in SCALES.get(unit, ()) if min(ends) >= s[0]), (Decimal(1), unit))
    low, high = (None if end is None else _plain(end / scale) for end in (low, high))
    return f"{interval(low, high)}{name}{slash}{per}"


def _plain(value: Decimal) -> Decimal:
    places = value.normalize().as_tuple().exponent
    rounded = value.quantize(ROUNDED) if isinstance(places, int) and places < LONGEST else value
    return Decimal(f"{rounded.normalize():f}")
