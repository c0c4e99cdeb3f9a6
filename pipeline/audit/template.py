"""T01, T02, T04: what a template, a mask or a blind replacement left where a figure or a name belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from pipeline import segment
from pipeline.audit.base import Check, Context
from pipeline.lexicon import units
from pipeline.records import Claim, Evidence, Finding

MASK = r"[XxＸｘ×＊*]"
_MASKED_COUNT = re.compile(rf"(?:{MASK}\s?)+[个項项次年月日岁多余家户名%％]")
_MASKED_DIGIT = r"[XxＸｘ×＊*]"
_HOLE = r"[XxＸｘ＊*×_□■○●◯△▲?？]"
_PARTLY = re.compile(  # the mask before the digits, or the digits before the mask
    rf"(?<![A-Za-z\d.\-—]){_MASKED_DIGIT}++(?:[,，]{_MASKED_DIGIT}++)*+[\d.,]*\d{_MASKED_DIGIT}*(?=\s?(?:[余餘多]|[万亿]|[%％‰]|[一-鿿]))"
    rf"|(?<![A-Za-z\d.\-—·])\d[\d.,]*{_HOLE}(?:{_HOLE}|[\d.]|,(?=\d))*(?=\s?(?:[余餘多]|[万亿]|[%％‰]|[一-鿿]))"
)
_YEAR_MASK = re.compile(r"20[XxＸｘ×＊*]{2}|201[XxＸｘ×＊*]")
_TIMES = re.compile(r"\d+(?:\.\d+)?\s?[Xx×*＊]\s?(?:[1-9]\d*(?:\.\d+)?|0\.\d+|\d+\s?(?:米|厘米|毫米|公分|m|cm))")
_MEASURED = re.compile("[余餘多万亿萬億%％‰]|" + "|".join(map(re.escape, sorted(units(), key=len, reverse=True))))
_THINGS = "起户名件份家辆座个处条只张组次场人盏株吨亩棵套台余"  # that are counted, not multiplied by
_SINGLE = "起户名件份家辆座处条盏株人余"  # that nobody lays out in rows
_TIMES_PRICE = re.compile(rf"\d\s?(?:{_MEASURED.pattern})\s?$")  # 190户×35元
_RAYS = re.compile("[Xx](?:[射光]?线|光)(?:摄影|机|片|检|透|拍|胸|诊|照|平|造影|设备|[（(]|[下和])|[Xx](?:形|型|字形)")


def placeholders(context: Context) -> Iterator[Finding]:
    """T01: masks where figures or names belong, gathered into one lead for figures and one for names."""
    masked = [claim for claim, place in zip(context.claims, context.places, strict=True)
              if claim.masked and not re.search(r"\d", claim.surface)
              and not re.search("[+＋][”\"]?$", context.shadow[max(0, place[0] - 2) : place[0]])
              and not _RAYS.match(context.shadow, place[0])]  # fmt: skip
    spans = [(claim.start, claim.end) for claim in masked]
    if masked:
        total = len([c for c in context.claims if c.masked or c.value_low is not None])
        shown = "、".join(_told(claim) for claim in masked[: context.option("names_shown")])
        message = (
            f"{len(masked)}处数字仍是占位符：{shown}{'等' if len(masked) > context.option('names_shown') else ''}，"
            f"占全文{total}个数字的{round(100 * len(masked) / total)}%，这些指标无法比较。"
        )
        yield context.finding(message, [context.of_claim(c, note=_named(c)) for c in masked])
    numbers = [(c.start, c.end) for c in context.claims if c.masked]
    names: list[Evidence] = []
    blanks = re.compile("|".join(context.option("blanks")).replace("<units>", _MEASURED.pattern))
    found = [context.shadow_span(*match.span(), note="名称或年份空缺") for match in blanks.finditer(context.shadow)
             if not _is_titled(context, match)
             and not context.pattern("hidden").search(_clause(context, match.start()))]  # fmt: skip
    found += [
        context.source_span(m.start, m.end, note="空缺")
        for m in context.report.mentions
        if m.kind in ("date", "attribute", "part", "name") and _MASKED_COUNT.match(m.surface)
    ]
    for here in sorted(found, key=lambda evidence: evidence.start):
        if names and here.start < names[-1].end:
            continue
        if not any(here.start < end and start < here.end for start, end in (*spans, *numbers)):
            names.append(here)
    if names:
        around = [_around(context, e) for e in names[: context.option("names_shown")]]
        message = f"{len(names)}处名称或年份仍是占位符：{'、'.join(dict.fromkeys(around))}。"
        yield context.finding(message, names, severity=2)


def partly_masked(context: Context) -> Iterator[Finding]:
    """T02: mask and digits in one number."""
    for match in _PARTLY.finditer(context.shadow):
        if _is_name(context, match):
            continue
        here = context.shadow_span(*match.span())
        digits = re.sub(r"[^\d.]", "", match.group())
        yield context.finding(
            f"“{_around(context, here)}”只遮去了数字的一部分，不能读作{digits}，原数未知。", [here],
            formula=f"{here.surface} ≠ {digits}",
        )  # fmt: skip


def _is_name(context: Context, match: re.Match[str]) -> bool:
    """Whether letters and digits name a thing or multiply: 3X3篮球, 2×66万千瓦, X207线, 3XX号, 138xxxx5678, 202X年."""
    before = context.shadow[max(0, match.start() - 10) : match.start()]
    after = context.shadow[match.end() : match.end() + 10].lstrip()
    word = match.group()
    phone = re.match(r"1[3-9]\d", word) and len(word) >= 7
    year = after[:1] == "年" and word.startswith(("19", "20", "2"))
    counted = _THINGS if "X" in word.upper() else _SINGLE
    times = _TIMES.match(context.shadow, match.start()) and after[:1] not in counted
    named = re.search(context.option("names_before"), before) or re.match(context.option("names_behind"), after)
    return bool(
        phone or year or named or len(word) > 8 or _YEAR_MASK.fullmatch(word)
        or (before.endswith("月") and after[:1] in "日号")
        or times or (word[0] in "×*＊xX" and _TIMES_PRICE.search(before))
        or not _MEASURED.match(after)
    )  # fmt: skip


def year_as_value(context: Context) -> Iterator[Finding]:
    """T04: a quantity that is the year of the report, or begins with it."""
    if context.year is None:
        return
    year = str(context.year)
    titled = next(iter(re.findall(r"20\d\d", context.report.issuer.title or "")), year)
    for claim, place in zip(context.claims, context.places, strict=True):
        digits = re.match(r"\D{0,2}(\d+)(?:\.\d+)?(?![\d.])", context.shadow[place[0] : place[1]])
        if (
            not digits
            or claim.unit in (None, "年", "年度", "届", "级", "款", "版")
            or (claim.dimension == "duration" and claim.unit not in ("小时", "分钟"))
        ):
            continue
        if claim.unit == "起" and re.search("[自从于到]$", context.shadow[max(0, place[0] - 1) : place[0]]):
            continue  # 自2023起
        exact = digits.group(1) in (year, titled)
        glued = digits.group(1)[:4] == year and len(digits.group(1)) == 5
        if not exact and not (glued and (claim.dimension == "percent" or not _is_stock(claim))):
            continue
        meant = digits.group(1)[4:]
        guess = f"去掉年份后为{meant}{claim.unit}，仅供核对" if meant else None
        yield context.finding(
            f"“{_around(context, context.of_claim(claim))}”的数量{'等于' if exact else '以'}报告年份{year}"
            f"{'' if exact else '开头'}，像是批量改年份时误改了数量。",
            [context.of_claim(claim)], suggestion=guess, severity=None if exact or claim.dimension == "percent" else 2,
        )  # fmt: skip


def _told(claim: Claim) -> str:
    return f"{claim.object or claim.action or ''}{claim.surface}"


def _named(claim: Claim) -> str | None:
    return f"所遮蔽的指标：{claim.object}" if claim.object else None


def _clause(context: Context, offset: int) -> str:
    """The clause of the shadow that holds an offset."""
    start, end = context.sentence_at(offset)
    before = re.split("[，,；;]", context.shadow[start:offset])[-1]
    return before + re.split("[，,；;]", context.shadow[offset:end])[0]


def _is_titled(context: Context, blank: re.Match[str]) -> bool:
    """Whether a blank belongs to what something is called or looks like: 小品《××的一天》, “X”形布置."""
    before, behind = context.shadow[max(0, blank.start() - 4) : blank.start()], context.shadow[blank.end() :][:3]
    played = re.search("(?:品|剧|戏|歌|舞|片|书|说|话|曲|声|板|词|诗|谣|记|演|唱|影|事)《$", before)
    return bool(played or (before.endswith(("“", "‘")) and re.match("[”’](?:字|形|型)", behind)))


def _around(context: Context, evidence: Evidence, width: int = 6) -> str:
    """The evidence with a few words of its clause on each side, as issued."""
    text = context.report.document.text
    sides = text[max(0, evidence.start - 3 * width) : evidence.start], text[evidence.end : evidence.end + 3 * width]
    left, right = (re.split("[，。；：、,;]", re.sub(r"\s", "", side)) for side in sides)
    before, behind = segment.words(left[-1], ())[::-1], segment.words(right[0], ())
    return "".join([*_first(before, width)[::-1], evidence.surface, *_first(behind, width)])


def _first(words: list[str], width: int) -> list[str]:
    """As many whole words from the first on as a number of characters holds, one at least."""
    ends = accumulate(map(len, words))
    return [word for at, (word, end) in enumerate(zip(words, ends, strict=True)) if at == 0 or end <= width]


def _is_stock(claim: Claim) -> bool:
    return (claim.indicator or "").startswith("profile.") or claim.dimension in ("money", "area")


CHECKS: dict[str, Check] = {
    "T01": placeholders,
    "T02": partly_masked,
    "T04": year_as_value,
}
