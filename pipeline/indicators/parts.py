"""Which part of the place a figure of its accounts speaks of: 兰州新区生产总值, 海洋经济生产总值, 零陵地区生产总值.

A report names whom an account is of before the name of the account, or at the head of the sentence. What models/
part_names.csv lists as an area or a sector is a part of the place for every account of the economy. Before the name of
the product of a place any other name is a place, too; whether it is the reporter itself, `facts` knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipeline.indicators.catalogue import catalogue
from pipeline.indicators.clause import Clause
from pipeline.indicators.match import Match
from pipeline.lexicon import rows
from pipeline.records import Claim

_PRODUCT = ("econ.gdp", "econ.gdp_growth")
_WHOLE = re.compile(r"[全我本](?:[省市州盟县区旗镇乡村疆]|街道|自治[区州县])")
_NAMES = re.compile(r"[一-鿿]{2,6}(?:、[一-鿿]{2,6})*(?:[和及与][一-鿿]{2,6})?")
_SENTENCE = re.compile(r"[。！？；;]")
_LEADING = re.compile(r"^(?:预计|初步|前三季度|全年|当年|年内|今年|其中|加快|发挥|推动|支持|我们|力争|是|在|使|的)+")
_BEFORE = 4  # sentences of a paragraph that goes on about one area
_ACTS = re.compile(r"(?:确定|提出|设定|实现|完成|达到?|突破|预计|为|年|月|以来|时期|目标|使|推动)$")
_SOME = re.compile(
    r"(?:^|[，,；：])(?P<some>(?:个别|部分|少数|一些|有的|\d+个(?:偏远|边远|后进|落后|薄弱))[一-鿿]{0,4}?"
    r"(?:村|社区|小区|单位|部门|路段|乡镇))(?!庄)[^，；]*$"
)


def part_of(claim: Claim, match: Match, near: Clause, text: str) -> str | None:
    """The part of the place that a claim with a code speaks of, as `text` names it; None where it is the whole."""
    if claim.scope is not None:
        return None
    some = _SOME.search(near.sentence)
    if some and match.row.group != "profile" and match.word not in some["some"]:
        return some["some"]
    if match.row.group != "econ" or not match.word:
        return None
    thing = claim.object if match.word in (claim.object or "") else near.before
    lead = (thing or "").partition(match.word)[0]
    if "全国" in lead or "我国" in lead:
        return "全国"
    if _WHOLE.search(lead) or claim.dimension not in ("money", "percent") or not is_account(match):
        return None
    named = _LEADING.sub("", re.split("[，。；：]", lead)[-1].strip("、的"))
    product = match.row.code in _PRODUCT
    if named:
        return _named(named, product)
    paragraph = text[text.rfind("\n", 0, claim.start) + 1 : claim.start]
    return _subject(_SENTENCE.split(paragraph)[-_BEFORE if product else -1 :], product)


def is_account(match: Match) -> bool:
    """Whether a match is of a sum of money or a growth of the economy."""
    return match.row.group == "econ" and match.row.code in _accounts()


def same_part(claim: Claim, match: Match, text: str, before: Claim | None) -> str | None:
    """The part that the account before it in its sentence is of, where nothing names the place itself since then:
    兰州新区生产总值增长20%，一般公共预算收入增长48.5%."""
    if before is None or before.scope is None or not is_account(match):
        return None
    since = text[before.end : claim.start]
    area = before.scope.endswith((*_table("area"), *"市州县区")) and before.scope[0] not in "全我本"
    area = area and before.scope != "市区"  # 市区居民人均可支配收入…，农村居民…
    return None if not area or "。" in since or "\n" in since or _WHOLE.search(since) else before.scope


def _named(words: str, product: bool) -> str | None:
    """The part that the words before the name of an account tell."""
    if words in _table("whole") or _ACTS.search(words):
        return None
    if words in _table("sector") or words.endswith(_table("area")):
        return words
    return words if product and _NAMES.fullmatch(words) and not words.endswith(_table("whole")) else None


def _subject(sentences: Sequence[str], product: bool) -> str | None:
    """The area at the head of the last sentence that has one (高新区、经济区增容扩区，…).

    None where the place itself is named since, or where the head is of another account (市区居民…，农村居民…).
    """
    for sentence in reversed(sentences):
        found = _head().match(sentence)
        if _WHOLE.search(sentence, found.end() if found else 0):
            return None
        if found and (product or not sentence.startswith("居民", found.end())):
            return _LEADING.sub("", found["area"])
    return None


@cache
def _accounts() -> frozenset[str]:
    """The codes of sums of money and of their growth: rates of a place (城镇化率) name their part themselves."""
    return frozenset(row.code for row in catalogue() if row.dimension == "money" or row.code.endswith("_growth"))


@cache
def _head() -> re.Pattern[str]:
    areas = "|".join(sorted(_table("area"), key=len, reverse=True))
    return re.compile(
        rf"[\s—*#]*(?:[（(]?[一二三四五六七八九十\d]+[）)、.]|[一二三四五六七八九]是)?(?:\d{{4}}年，?|全年，?)?(?:预计)?"
        rf"(?P<area>(?:(?:(?![和及与])[一-鿿\d]){{2,8}}[、和及与])*[一-鿿]{{0,8}}?(?:{areas}))"
    )


@cache
def _table(kind: str) -> tuple[str, ...]:
    return tuple(row["text"] for row in rows("part_names") if row["kind"] == kind)
