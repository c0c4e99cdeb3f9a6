"""N21: figures made by multiplying, or that say they were reckoned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from pipeline.audit.arithmetic import Number, number
from pipeline.audit.base import Check, Context, Placed
from pipeline.numerals import chinese
from pipeline.records import Claim, Finding

_PERIODS = {"日": "天", "双周": "两周", "半个月": "半月", "季": "季度"}
_IN_A_YEAR = {
    "天": (365, 366, 360), "周": (52, 53), "两周": (26,), "旬": (36,), "半月": (24,), "月": (12,), "季度": (4,),
    "半年": (2,),
}  # fmt: skip
_IN_HALF_A_YEAR = {
    "天": (180, 181, 182, 183, 184), "周": (26,), "两周": (13,), "旬": (18,), "半月": (12,), "月": (6,), "季度": (2,),
}  # fmt: skip
_PERIODIC = re.compile(
    r"(?:(?:每|平均每?|单)个?|(?<![第十二三四\d])一个?)(?P<each>天|日|周|月|季度?|旬|半个?月|[两双]周|半年)[^\d，,。；;]{0,14}$|"
    r"(?P<again>[天日周月季])(?P=again)[^\d，,。；;]{0,14}$|(?P<mean>[日月周旬季])(?:均|产|[跑拉运收清接送排耗供用](?!费)|处理|清运|收运|出动|平均)[^\d，,。；;]{0,10}$"
)
_YEARLY = re.compile(r"(?:全年|累计|总共|共计|合计|年|一年|每年|年度|年均|年可|年达|四季|一年到头)[^\d，,。；;]{0,14}$")
_HALF_YEARLY = re.compile(r"(?:上半年|下半年|半年)[^\d，,。；;]{0,14}$")
_SO_MANY = re.compile(
    r"(?<![第\d])(?P<n>\d{1,3}|[二两三四五六七八九十]{1,3})个?(?P<of>天|日|周|月|季度?|旬)(?!份)[^\d，,。；;]{0,14}$"
)
_TWICE = re.compile("早晚|上下午|两[次班趟]|双班")
_FIXED = re.compile("工资|补[贴助]|津贴|租|报酬|薪|酬|承包|合同|服务费|[每户人]均|每[人户]|标准|限额|定额|编制|预算")
_OF_LATER = re.compile("明年|来年|下一?年|今后|届时|建成后|投[产用入][^，。]{0,4}后|达产|投资|规划|估价")
OFTEN = 10  # times a week or a month: fewer are a timetable, and its product no wonder
FACTORS = 2  # figures beside the periodic one that may have been multiplied with it


def extrapolated(context: Context) -> Iterator[Finding]:
    """N21: a yearly figure that is a periodic one times the periods of a year, or that says it was reckoned."""
    cues = re.compile(context.option("cues"))
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for claim, place in placed:
            timed = claim.dimension == "duration" and claim.unit not in ("小时", "分钟")
            if claim.value_low is None or timed or claim.dimension in ("percent", "ratio", "level"):
                continue
            left = context.shadow[max(start, place[0] - 40) : place[0]]
            made = _made_of(context, placed, claim, place, start)
            if made:
                periodic, times, others = made
                terms = "×".join([periodic.surface, *(c.surface for c in others), str(times)])
                yield context.finding(
                    f"“{claim.surface}”恰为“{periodic.surface}”的{times}倍"
                    f"{'再乘' + '、'.join(c.surface for c in others) if others else ''}，像是推算而非逐期统计。",
                    [context.of_claim(claim, "total", "全年数"), context.of_claim(periodic, note="单期数"),
                     *(context.of_claim(c, note="因数") for c in others)],
                    formula=f"{terms}={claim.surface}",
                )  # fmt: skip
            elif (cue := cues.search(left)) and _reported(context, claim, left):
                yield context.finding(
                    f"“{cue.group().strip('，,')}{claim.surface}”是估算或预计数，不是实际统计。",
                    [context.of_claim(claim)],
                )


def _made_of(
    context: Context, placed: Sequence[Placed], claim: Claim, place: tuple[int, int], start: int
) -> tuple[Claim, int, tuple[Claim, ...]] | None:
    """The periodic figure, how many periods, and what else beside it: their product is the claim."""
    whole, left = number(claim), context.shadow[max(start, place[0] - 24) : place[0]]
    spans = _spans(left) if whole and whole.value > 1 else {}
    if whole is None or not spans:
        return None
    for other, there in placed:
        words = context.shadow[max(start, there[0] - 20) : there[0]]
        period = _period(other, words) if other is not claim else ""
        if not period or other.value_low is None or (claim.dimension == "money" and _FIXED.search(words + left)):
            continue
        often = other.dimension == "frequency" and other.unit == claim.unit
        once, others = number(other), [c for c, p in placed if c is not claim and c is not other and p[0] < place[0]]
        value = other.value_low if often else once.value if once else Decimal(0)
        same = other.dimension == claim.dimension or often
        if same and (value >= OFTEN or (value > 1 and not often and claim.dimension != "count") or whole.value > 99):
            for times in spans.get(period, ()):
                if value > 1 and value * times * (2 if _TWICE.search(words) else 1) == whole.value:
                    return other, times, ()
        for times in spans.get(period, ()):
            if (found := _factors(value * times, whole, others)) and value:
                return other, times, found
    return None


def _spans(left: str) -> dict[str, tuple[int, ...]]:
    """How many of each period the time has that a figure is told of: 全年, 上半年, 十二个月."""
    if so_many := _SO_MANY.search(left):
        n = so_many["n"]
        return {_PERIODS.get(so_many["of"], so_many["of"]): (int(n) if n.isdigit() else int(chinese(n)),)}
    return _IN_HALF_A_YEAR if _HALF_YEARLY.search(left) else _IN_A_YEAR if _YEARLY.search(left) else {}


def _period(claim: Claim, words: str) -> str:
    """The period that a figure is told of: 天, 月, …; "" where it is told of none."""
    said = _PERIODIC.search(words)
    every = (said["each"] or said["again"] or said["mean"]) if said else (claim.per or "").removeprefix("每")
    every = _PERIODS.get(every, every)
    return every if every in _IN_A_YEAR else ""


def _factors(product: Decimal, whole: Number, others: Sequence[Claim]) -> tuple[Claim, ...]:
    """One or two further figures that the product has to be multiplied with to give the whole."""
    counted = [c for c in others if c.dimension not in ("percent", "duration")]
    told = [(c, n.value) for c in counted if (n := number(c)) and n.value > 1]
    for count in range(1, FACTORS + 1):
        for some in combinations(told, count):
            value = product
            for _, factor in some:
                value *= factor
            if value == whole.value:
                return tuple(c for c, _ in some)
    return ()


def _reported(context: Context, claim: Claim, left: str) -> bool:
    segment = context.segment_of(claim.start)
    if re.search("[人户]均", left[-8:]) or (claim.indicator or "").startswith("econ."):
        return False  # 按常住人口计算，人均; 初步测算，实现地区生产总值
    return (segment is None or segment.label not in ("next_steps", "problems")) and not _OF_LATER.search(left)


CHECKS: dict[str, Check] = {"N21": extrapolated}
