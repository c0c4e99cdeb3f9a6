"""N13: growth told in multiples: 由20名增加到60名，翻了一番; 是去年114座的三倍，达到173座; 翻了近三番，增长256%."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from pipeline.audit.arithmetic import HUNDRED, Number, number, plain
from pipeline.audit.base import Context, Placed
from pipeline.numerals import chinese
from pipeline.records import Finding

_ADVERBS = r"(?:同比|总[量数额]|整整|足足|差不多|几乎|实现|已经?|就|是|也|净|共|了|将近|近|约)*"
_TOLD = r"(?P<told>翻(?:了|上)?(?:一番|番|倍|一倍))(?![多有余])"
_DOUBLED = re.compile(rf"[，,、]?{_ADVERBS}{_TOLD}")
_DOUBLED_FIRST = re.compile(rf"{_TOLD}[，,、（(：:]{{0,2}}[一-鿿]{{0,2}}[从由](?:[上去]年|原来)?的?$")
_TIMES = re.compile(
    r"(?P<told>的(?:整整|足足)?(?P<k>[两二三四五六七八九十]|\d{1,2}(?:\.\d+)?)倍)(?![多有余以半])(?:[，,](?P<more>[^\d。；;]{0,10}))?"
)
_IS = re.compile(r"[^\d，,。；;]{0,6}[，,]?[^\d，,。；;]{0,4}(?:是|为|相当于|等于|达到?)[^\d，,。；;]{0,10}")
_WITHIN = 30  # characters between figures that are compared
TWICE = (Decimal("1.7"), Decimal("2.6"))  # what may be called 翻番
HALF = Decimal("0.5")  # how far a whole multiple may be off


def multiples(context: Context, placed: Sequence[Placed], start: int, end: int) -> Iterator[Finding]:
    """Multiples in a sentence that the figures beside them do not give."""
    yield from _doubled(context, placed, start, end)
    yield from _redoubled(context, placed)
    yield from _times(context, placed, end)


def _doubled(context: Context, placed: Sequence[Placed], start: int, end: int) -> Iterator[Finding]:
    """由20名增加到60名，翻了一番, or 翻一番，从20名增加到60名: it did not."""
    for (first, here), (second, there) in pairwise(placed):
        a, b = number(first), number(second)
        left = context.shadow[max(start, here[0] - 18) : here[0]]
        lead = context.shadow[here[1] : there[0]]
        before = _DOUBLED_FIRST.search(context.shadow, max(start, here[0] - 24), here[0])
        match = _DOUBLED.match(context.shadow, there[1], end) or before
        alike = first.unit == second.unit != "%" and len(lead) <= _WITHIN
        if match is None or not alike or a is None or b is None:
            continue
        old, new = (a, b) if _was(context, left) else (b, a) if _was(context, lead) else (None, None)
        if old and new and old.value > 0 and not TWICE[0] <= new.value / old.value <= TWICE[1]:
            yield _off(context, old, new, match.span("told"))


def _was(context: Context, lead: str) -> bool:
    """Whether the words before a figure make it that of before."""
    return bool(context.pattern("old").search(lead))


def _times(context: Context, placed: Sequence[Placed], end: int) -> Iterator[Finding]:
    """173座，是去年114座的三倍, in either order."""
    for at, (claim, place) in enumerate(placed):
        match, old = _TIMES.match(context.shadow, place[1], end), number(claim)
        if match is None or old is None or old.value <= 0 or not old.exact:
            continue
        new = None
        if at and _IS.fullmatch(context.shadow, placed[at - 1][1][1], place[0]):
            new = number(placed[at - 1][0])
        elif match["more"] is not None:
            new = next((number(c) for c, p in placed[at + 1 :] if p[0] == match.end()), None)
        if new is None or new.claim.unit != claim.unit or not new.exact:
            continue
        told = match["k"].replace("两", "二")
        times = Decimal(told) if told[0].isdigit() else Decimal(int(chinese(told)))
        room = HALF if times == times.to_integral_value() else HALF.scaleb(times.as_tuple().exponent)  # type: ignore[arg-type]
        if abs(new.value / old.value - times) > room:
            yield _off(context, old, new, match.span("told"))


def _off(context: Context, old: Number, new: Number, told: tuple[int, int]) -> Finding:
    times, here = plain(round(new.value / old.value, 2)), context.shadow_span(*told, role="total")
    return context.finding(
        f"由{old.claim.surface}到{new.claim.surface}是{times}倍，文中写“{here.surface}”。",
        [here, context.of_claim(new.claim, note="本期"), context.of_claim(old.claim, note="基期")],
        formula=f"{new.claim.surface}÷{old.claim.surface}={times}",
    )


def _redoubled(context: Context, placed: Sequence[Placed]) -> Iterator[Finding]:
    """翻了近三番，增长256%: three doublings are 700 %."""
    for (first, here), (second, there) in pairwise(placed):
        times, rate = number(first), number(second)
        lead = context.shadow[here[1] : there[0]]
        beside = re.search(rf"(?:{context.option('up')})(?:了|达到?|约|近|为)*$", lead) and len(lead) <= _WITHIN
        if first.unit != "番" or second.unit != "%" or not (times and rate and beside):
            continue
        once, grown = 2 ** (times.value - 1), 1 + rate.value / HUNDRED
        if not TWICE[0] * once <= grown <= TWICE[1] * once:
            yield context.finding(
                f"翻{first.surface}即增长{plain((2 * once - 1) * HUNDRED)}%，文中写{second.surface}。",
                [context.of_claim(second, "total", "增幅"), context.of_claim(first, note="翻番数")],
                formula=f"2的{plain(times.value)}次方−1={plain((2 * once - 1) * HUNDRED)}%",
            )  # fmt: skip
