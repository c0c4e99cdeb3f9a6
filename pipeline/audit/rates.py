"""N13, N21: growth that does not follow or lacks its base, figures made by multiplying."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.audit.arithmetic import HUNDRED, Number, number, plain, rounded
from pipeline.audit.base import Check, Context
from pipeline.records import Claim, Evidence, Finding

Placed = tuple[Claim, tuple[int, int]]

_GROWTH = re.compile(
    r"(?P<verb>增长|增加|增多|上升|提高|提升|上涨|成长|增幅|涨幅|多|增|升|"
    r"下降|减少|降低|压减|降幅|减幅|少|减|降)(?:了|达到?|约|近|率为|率|为)?\s*$"
)
_WAY = re.compile(r"同比|环比|[比较](?:上年|去年|上月|上季度)(?:同期)?")
_DOWN = ("下降", "减少", "降低", "压减", "降幅", "减幅", "少", "减", "降")
_LAST = re.compile(r"(?:上年|去年|上年同期|去年同期|20\d\d年|从|由|原来的?)[^\d，,。；;]{0,10}$")
_FOLLOWS = re.compile(
    r"[，,、）)（( ]{0,3}(?:同比|比上年|较上年|比去年|较去年|环比|净|增幅|降幅|实际)?[^\d，,。；;、]{0,8}"
)
_MASKED_GROWTH = re.compile(
    r"(?:增长|增加|上升|提高|成长|增幅|涨幅|下降|减少|降低|降幅|减幅)(?:了|达到?|为|约)?\s?((?:[XxＸ×＊*]+[\d.]*|\d+[XxＸ×＊*]+[\d.]*)\s?[%％])"
)
_EVERY = {
    "天": (365, 366, 360), "日": (365, 366, 360), "周": (52, 53), "两周": (26,), "双周": (26,), "旬": (36,),
    "半月": (24,), "半个月": (24,), "月": (12,), "季度": (4,), "半年": (2,),
}  # fmt: skip
_PERIODIC = re.compile(
    r"(?:每|平均每|日均|月均|周均)(天|日|周|月|季度|旬|半个?月|[两双]周|半年)?[^\d，,。；;]{0,8}$|([日月周])(?:均|产|处理|"
    r"清运)[^\d，,。；;]{0,6}$"
)
OFTEN = 10  # times a week or a month: fewer are a timetable, and its product no wonder
_YEARLY = re.compile(r"(?:全年|年|一年|每年|年度|年均|年可|年达)[^\d，,。；;]{0,10}$")


def growth(context: Context) -> Iterator[Finding]:
    """N13: growth that does not follow from the figures beside it, lacks its figure, or is large and unexplained."""
    for match in _MASKED_GROWTH.finditer(context.shadow):
        here = context.shadow_span(*match.span(1), note="增幅残缺")
        formula = "(本期−上年)÷上年=？"
        yield context.finding(f"增幅“{here.surface}”残缺，无法还原同比。", [here], formula=formula)
    limit = Decimal(context.option("unexplained_percent"))
    explained = context.option("explanations")
    bare: list[Evidence] = []
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for at, (claim, place) in enumerate(placed):
            said = _GROWTH.search(context.shadow[max(start, place[0] - 18) : place[0]])
            rate = number(claim)
            if (
                said is None
                or rate is None
                or "年均" in context.shadow[max(start, place[0] - 18) : place[0]]
                or claim.dimension != "percent"
                or claim.status == "target"
            ):
                continue
            base = _base(context, placed[:at], place[0], start)
            if base:
                finding = _regrown(context, rate, said.group("verb") in _DOWN, *base)
                if finding:
                    yield finding
            elif (
                _WAY.search(context.shadow[max(start, place[0] - 18) : place[0]])
                and rate.value > limit
                and not any(w in context.shadow[start:end] for w in explained)
            ):
                bare.append(context.of_claim(claim, note="增减三成以上，没有上年数，也没有说明"))
    if bare:
        shown = "、".join(_clause(context, evidence) for evidence in bare[:3])
        yield context.finding(
            f"{len(bare)}处同比增减超过{limit}%，既无上年数，也无原因说明：{shown}。", bare, severity=3
        )


def _base(context: Context, before: Sequence[Placed], at: int, start: int) -> tuple[Number, Number] | None:
    """(old, new): 从a增加到b，增长; b，上年a，增长; 上年a，今年b，增长."""
    near = [(c, p) for c, p in before if at - p[1] <= 40]
    if len(near) < 2 or not _FOLLOWS.fullmatch(context.shadow[near[-1][1][1] : at]):
        return None
    (first, first_place), (second, second_place) = near[-2:]
    a, b = number(first), number(second)
    if first.unit != second.unit or a is None or b is None or first.dimension == "percent":
        return None
    left = context.shadow[max(start, first_place[0] - 14) : first_place[0]]
    between = context.shadow[first_place[1] : second_place[0]]
    if _LAST.search(left) and re.search(r"[增升提降减扩][^\d，,]{0,4}[到至为]|今年|本年|本期|20\d\d年", between):
        return a, b
    if re.search(r"(?:上年|去年)(?:同期)?(?:的|为|是)?[^\d，,。；;增减提升降多少]{0,6}$", between):
        return b, a
    return None


def _regrown(context: Context, rate: Number, down: bool, old: Number, new: Number) -> Finding | None:
    if old.value <= 0:
        return None
    sign = -1 if down else 1
    (old_low, old_high), (new_low, new_high) = rounded(old), rounded(new)
    if old_low <= 0:
        return None
    ends = sorted(sign * HUNDRED * (n - o) / o for n in (new_low, new_high) for o in (old_low, old_high))
    room = rate.step if rate.exact else max(rate.step, rate.value / 10)
    if ends[0] - room < rate.value < ends[-1] + room:
        return None
    found = round(sign * HUNDRED * (new.value - old.value) / old.value, max(1, rate.decimals))
    verb = "降幅" if down else "增幅"
    formula = f"({new.claim.surface}−{old.claim.surface})÷{old.claim.surface}={plain(sign * found)}%"
    return context.finding(
        f"由{old.claim.surface}到{new.claim.surface}，{verb}应为{plain(found)}%，文中写{rate.claim.surface}。",
        [context.of_claim(rate.claim, "total", verb), context.of_claim(new.claim, note="本期"),
         context.of_claim(old.claim, note="基期")],
        formula=formula,
    )  # fmt: skip


def extrapolated(context: Context) -> Iterator[Finding]:
    """N21: a yearly figure that is a periodic one times the periods of a year, or that says it was reckoned."""
    cues = re.compile("(?:" + "|".join(map(re.escape, context.option("cues"))) + r")[，,]?[^\d，,。；;]{0,14}$")
    taken: set[str] = set()
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for claim, place in placed:
            if claim.value_low is None or claim.dimension in ("percent", "ratio", "level", "duration"):
                continue
            left = context.shadow[max(start, place[0] - 22) : place[0]]
            base = _periodic_base(context, placed, claim, place, start)
            if base and claim.id not in taken:
                taken.add(claim.id)
                periodic, times = base
                yield context.finding(
                    f"“{claim.surface}”恰为“{periodic.surface}”的{times}倍，像是推算而非逐期统计。",
                    [context.of_claim(claim, "total", "全年数"), context.of_claim(periodic, note="单期数")],
                    formula=f"{periodic.surface}×{times}={claim.surface}",
                )
            elif cues.search(left) and claim.id not in taken and _reported(context, claim):
                taken.add(claim.id)
                cue = re.split(r"[，,]", left)[-1]
                yield context.finding(
                    f"“{cue}{claim.surface}”是估算或预计数，不是实际统计。", [context.of_claim(claim)]
                )


def _periodic_base(
    context: Context, placed: Sequence[Placed], claim: Claim, place: tuple[int, int], start: int
) -> tuple[Claim, int] | None:
    whole = number(claim)
    left = context.shadow[max(start, place[0] - 16) : place[0]]
    if whole is None or not _YEARLY.search(left):
        return None
    for other, (at, _) in placed:
        part = number(other)
        said = _PERIODIC.search(context.shadow[max(start, at - 14) : at])
        often = other.dimension == "frequency" and other.unit == claim.unit and (other.value_low or 0) >= OFTEN
        alike = other.dimension == claim.dimension or often
        if other is claim or part is None or not part.value or not alike or said is None:
            continue
        once = (other.value_low or Decimal(0)) if often else part.value
        every = said.group(1) or said.group(2) or (other.per or "").removeprefix("每")
        for times in _EVERY.get(every, ()):
            if once * times == whole.value and once > 1:
                return other, times
    return None


def _reported(context: Context, claim: Claim) -> bool:
    segment = context.segment_of(claim.start)
    return segment is None or segment.label not in ("next_steps", "problems")


def _clause(context: Context, evidence: Evidence) -> str:
    text = context.report.document.text
    left = re.split(r"[\s，。；：、,;]", text[max(0, evidence.start - 20) : evidence.start])[-1]
    return f"“{left}{evidence.surface}”"


CHECKS: dict[str, Check] = {"N13": growth, "N21": extrapolated}
