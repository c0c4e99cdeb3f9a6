"""Which numbers are dates, and which tell how long: 三年来 and 近3年 say when, 连续三年 and 为期100天 how long."""

from __future__ import annotations

import re

from pipeline.lexicon import one_of
from pipeline.records import Quantity

_DURATIONS = frozenset(("年", "个月", "月", "天", "周", "年度", "周年"))
_PERIOD_BEFORE = re.compile(rf"(?:{one_of('before_period')})的?$")
_DURATION_BEFORE = re.compile(rf"(?:{one_of('before_duration')})$")
# What a date shows of itself beside its number; most numbers show nothing of it.
_IN_DATE_AFTER = frozenset("年月日号时点季:：、,，.-/—–－~～至到)）")
_IN_DATE_BEFORE = frozenset("周期拜.:：")
# What stands left of a number, the number itself, and what stands behind it, where it is a date.
_SHAPES = tuple(
    (re.compile(rf"(?:{left})$"), re.compile(number), re.compile(after))
    for left, number, after in (
        ("", r"\d{1,2}", r"[:：]\d\d"),
        (r"\d[:：]", r"\d\d", ""),
        (r"(?:19|20)\d\d\.\d{1,2}\.", ".*", ""),  # 2023.5.9 is read as 2023.5 and 9
        ("", r"(?:19|20)\d\d\.\d{1,2}", r"\."),
        ("", r"(?:19|20)\d\d|[一二][九〇零][〇零一二三四五六七八九]{2}", r"\s?年"),
        ("", r"(?:19|20)\d\d\s?[—\-–－~～至到]+\s?(?:19|20)?\d\d", ""),
        ("", r"(?:19|20)\d\d", r"[-./—–－~～至到]\s?\d|\s?[)）]|\s?年度"),
        ("", r"\d{1,2}", r"[、,，]\s?\d{1,2}\s?月"),
        ("上午|下午|早上|晚上|凌晨|中午|早|晚|至|日|每天", ".*", r"\s?(?:时(?!间|期|段)|点(?!位|上|击)|点钟)"),
        ("", ".*", r"\s?[、]?季度?(?![节])"),
        ("", "[一二三四五六七八九十]+", "季"),
    )
)
_WEEKDAY = re.compile(r"(?<![两一二三几])(?P<each>每)?(?:周|星期|礼拜)$")
_MASKED_DATE = re.compile(r"\s?(?:年|月|日|号)")
_DAY = re.compile(r"\s?(?:月(?!均)|日(?!均)|号(?!楼|线|院|人))")
_IN_MONTH = re.compile(r"月\s?$|\d日?[、至到—\-－]$")


def date(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    """The kind of a number by what it shows of a calendar, a clock or a span of time; None where it shows nothing."""
    number = shadow[q.number_start : q.number_end]
    after = shadow[q.number_end : q.number_end + 6]
    shows = after.lstrip()[:1] in _IN_DATE_AFTER or left[-1:] in _IN_DATE_BEFORE
    if not shows and q.unit not in _DURATIONS and len(number) < 6:
        return None
    if _weekday(q, number, left) or (q.script == "mask" and _MASKED_DATE.match(after)):
        return "date"
    if any(a.search(left) and b.fullmatch(number) and c.match(after) for a, b, c in _SHAPES):
        return "date"
    if _DAY.match(after) and not q.multiplier and q.unit in (None, "月", "日", "号"):
        if _IN_MONTH.search(left) or re.match(r"\s?月", after):
            return "date"
        return "docno" if "号" in after[:2] else "date" if re.match(r"\s?日[前后]?[，。、上下]", after) else None
    if q.unit in _DURATIONS or (q.unit is None and re.match(r"年", after)):
        return _span_of_time(shadow, q, left, right)
    return None


def _weekday(q: Quantity, number: str, left: str) -> bool:
    """周五, but not 每周三次; 每周五 is a day, 每周一 may be a frequency (每周一评)."""
    day = _WEEKDAY.search(left)
    named = q.unit is None and number in ("四五六" if day and day["each"] else "一二三四五六")
    return bool(day) and q.script == "chinese" and named


_QUARANTINE = re.compile(r"(?:集中|居家|医学|健康)*(?:隔离|观察|监测)")  # 14天集中隔离
_POLICY = re.compile(r"不变|[，的]?(?:试点|政策|改革)")  # 土地承包到期后再延长30年试点


def _span_of_time(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    """三年来 and 近3年 say when; 连续三年 and 为期100天 say how long."""
    if shadow[q.number_start : q.number_end] in ("几", "数"):
        return "date"
    if q.unit == "周年":
        return "ordinal"  # an anniversary
    if q.unit is None:
        if right.startswith("年代"):
            return "date"
        right = right.removeprefix("年")  # 比四年前
    if left.endswith("连续"):
        return "claim"
    if shadow[q.number_start : q.number_end] == "一" and (
        right.startswith(("比一", "更比一", "一个样", "一变样")) or re.search(r"一[天年月]更?比$", left)
    ):
        return "idiom"  # day by day
    if re.match(r"及?以[上下]的", right):
        return "attribute"  # 20年以上的老旧小区
    if re.search(r"每\s?$", left) or re.match(r"一(?:次|通报|检查|调度|评比|考核|督查|总结|例会|清扫)", right):
        return "part"
    if re.match(r"(?:行动|计划|规划|提升|攻坚|任务|目标|期(?!间|限)|制)", right):
        return "name"
    if _QUARANTINE.match(right):
        return "attribute"
    if left.endswith("延长") and (left.endswith("后再延长") or _POLICY.match(right)):
        return "name"
    if re.match(r"(?:之|以)?内", right) and not left.endswith("近"):
        return "claim"
    if _PERIOD_BEFORE.search(left) or re.match(r"(?:多|余)?(?:以)?来|前|后(?!续)|之[前后]|间|里|中|[初末底]|度", right):
        return "date"
    if q.unit in ("年", "月") and q.script == "chinese" and q.value_low == 1:
        return "date"
    if _DURATION_BEFORE.search(left) or q.unit in ("天", "个月"):
        return "claim"
    if q.unit == "年" and q.script == "chinese":
        return "claim" if re.search(r"(?:经过|历经|任务)$", left) or re.match(r"完成", right) else "date"
    return "claim"
