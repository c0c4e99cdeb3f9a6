"""Printed numbers as intervals, and which single misreading would make a sum hold.

An exact whole number is itself. 余 and 多 reach up to the next step of its last printed digit, 近 down to the one
before, 约 and 左右 a tenth to each side; 以上, 不少于 and their kin leave one end open. Digits after a point, and 万
beside figures that are printed finer, stand for whatever rounds to them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.records import Claim

INFINITE = Decimal("Infinity")
TENTH = Decimal("0.1")
HUNDRED = Decimal(100)
_PRINTED = re.compile(r"(\d[\d,，]*)(?:[.．](\d+))?")
_SCALE = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8, "億": 10**8}


@dataclass(frozen=True, slots=True)
class Number:
    """A claim as arithmetic sees it: what it may stand for, and how finely it was printed."""

    claim: Claim
    low: Decimal
    high: Decimal
    value: Decimal
    step: Decimal  # of the last printed digit
    decimals: int
    exact: bool  # printed without 余, 约, 以上 and the like


def number(claim: Claim) -> Number | None:
    """The claim as a number; None for a masked or overwritten one and for a range."""
    low = claim.base_value_low if claim.base_value_low is not None else claim.value_low
    if claim.masked or low is None or claim.value_low is None or claim.value_low != claim.value_high:
        return None
    scale = low / claim.value_low if claim.value_low else Decimal(1)
    step, decimals = _step(claim.surface)
    step *= scale
    bottom, top = _ends(claim, low)
    return Number(claim, bottom, top, low, step, decimals, claim.relation == "eq")


def _step(surface: str) -> tuple[Decimal, int]:
    printed = _PRINTED.search(surface)
    if printed is None:
        return Decimal(1), 0
    factor = 1
    for c in surface[printed.end() :]:
        if c in _SCALE:
            factor *= _SCALE[c]
        elif c not in "余餘多几 ":
            break
    decimals = len(printed.group(2) or "")
    return Decimal(factor).scaleb(-decimals), decimals


def _ends(claim: Claim, value: Decimal) -> tuple[Decimal, Decimal]:
    odd = re.search("[余餘多]", claim.surface)
    if claim.relation == "eq":
        return value, value
    if odd or (claim.relation == "lt" and "近" in claim.surface):
        reach = _reach(value)
        return (value, value + reach) if odd else (value - reach, value)
    if claim.relation == "approx":
        return value * (1 - TENTH), value * (1 + TENTH)
    if claim.relation in ("gt", "ge"):
        return value, INFINITE
    return -INFINITE, value


def _reach(value: Decimal) -> Decimal:
    """The step of the last digit that is not zero: 120余 may be up to 130, 3000多 up to 4000."""
    text = format(value, "f")
    text = text.split(".")[0] if value == value.to_integral_value() else text.rstrip("0")
    zeros = len(text) - len(text.rstrip("0")) if "." not in text else 0
    return Decimal(10) ** zeros


def slack(numbers: Sequence[Number]) -> Decimal:
    """How far a sum may be off because its operands were rounded in print: nothing where all are whole numbers printed
    equally fine, else half a step for each of them that is coarser than a whole unit or has digits after the point."""
    if all(n.decimals == 0 for n in numbers) and len({n.step for n in numbers}) == 1:
        return Decimal(0)
    finest = min(n.step for n in numbers)
    rounded = [n for n in numbers if n.decimals or n.step > finest]
    return sum((n.step / 2 for n in rounded), Decimal(0))


def holds(total: Number, parts: Sequence[Number]) -> bool:
    """Whether the parts can add up to the total."""
    low, high = (sum((getattr(n, end) for n in parts), Decimal(0)) for end in ("low", "high"))
    room = slack([total, *parts])
    return low - room <= total.high and total.low <= high + room


def rounded(n: Number) -> tuple[Decimal, Decimal]:
    """The least and the most that a number may stand for, half a step of its last printed digit included."""
    half = n.step / 2 if n.decimals or (n.step > 1 and n.exact) else Decimal(0)
    return n.low - half, n.high + half


def plain(value: Decimal) -> str:
    """A value for people: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def reading(total: Number, parts: Sequence[Number], year: int | None) -> str | None:
    """The one operand that, read otherwise, makes the sum hold: a figure that a year was written over, else the only
    one that a single slip of the pen would mend. None where no operand or more than one would do."""
    everything = [total, *parts]
    if not all(n.exact for n in everything):
        return None
    said = sum((n.value for n in parts), Decimal(0))
    needed = [(total, said), *((n, total.value - (said - n.value)) for n in parts)]
    needed = [(n, value) for n, value in needed if value > 0 and value % n.step == 0]
    overwritten = [(n, v) for n, v in needed if n.claim.doubt == "year_as_value" or str(year) in plain(n.value)[:4]]
    slips = [(n, v) for n, v in needed if one_slip(plain(n.value), plain(v))]
    for candidates in (overwritten, slips):
        if len(candidates) == 1:
            n, value = candidates[0]
            factor = n.value / n.claim.value_low if n.claim.value_low else Decimal(1)
            return f"若“{n.claim.surface}”读作{plain(value / factor)}{n.claim.unit or ''}则相符，仅供核对"
    return None


def one_slip(written: str, meant: str) -> bool:
    """Whether two numbers differ by one digit changed, dropped, added, or by two neighbours exchanged."""
    if len(written) == len(meant):
        differing = [i for i, (a, b) in enumerate(zip(written, meant, strict=True)) if a != b]
        if len(differing) == 2 and differing[1] == differing[0] + 1:
            i, j = differing
            return written[i] == meant[j] and written[j] == meant[i]
        return len(differing) == 1
    short, long = sorted((written, meant), key=len)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
