"""N19: rates below, or exactly at, the standard that applies to them. models/standards.csv holds the standards.

A standard has a scope, a version with its years, and a level of verification. A: its number was seen in the issued
text, and every report of its years is held against it. B: seen in older versions or other schemes; only a report
that names the scheme is held against it. C: a local target, shown for reference only. D: its number was not seen; a
value is held against the other versions of the standard, and only what none of them accepts is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from pipeline.audit.arithmetic import HUNDRED, plain
from pipeline.audit.base import Check, Context
from pipeline.lexicon import rows
from pipeline.records import Claim, Finding

# Of whom, and of what, no standard speaks.
_OTHERS = re.compile("[犬禽畜猪牛羊鸡鸭]|动物|自费|HPV|流感|狂犬|新冠|水痘|二类|加强|成年人|老年人")
_REQUIRED = re.compile("(?:以上)?的(?:[^，。；]{0,6})(?:要求|标准|规定|底线|红线)")
_LATER = re.compile(  # 首轮合格率只有64%，整改后复查升至97.7%: the value before a change
    r"[，,；;（(][^。\d]{0,16}(?:[升提增涨补]高?[到至]|提升[到至]|复[查检测]|整改后|目前|现[已在])[^。\d]{0,8}\d"
)
_SCHOOL = re.compile("学校(?!食堂|周边|门口|附近)|校园(?!周边)")
_STEP = re.compile("先|第一步|逐步|分步|首期|阶段")
_LEVELS = {"county": ("县城", "城市", "城市建成区", "城区"), "prefecture": ("城市", "城市建成区", "城区")}
_HIGHER_SCOPES = ("县城", "城市", "城市建成区", "城区")
_TOWNSHIP_SCOPES = ("镇", "镇区", "乡镇", "乡镇建成区", "所辖村")
LEVELS = {"A": "已见原文", "B": "见于转述或旧版", "C": "地方目标", "D": "标准值未录入"}
HOLDS = {"≥": Decimal.__ge__, ">": Decimal.__gt__, "≤": Decimal.__le__, "<": Decimal.__lt__, "=": Decimal.__eq__}


@dataclass(frozen=True, slots=True)
class Standard:
    """One threshold. `value` is None where its number was not seen."""

    standard: str
    indicator: str  # code of the catalogue; empty where it has none
    item: str
    words: str  # a regular expression of what reports call it, for figures that bear no code
    comparator: str
    value: Decimal | None
    unit: str
    scope: str
    version: str
    named_by: str  # what a report must say to be held against it; empty where nothing
    first_year: int
    last_year: int
    level: str
    alternative: str  # what else the standard accepts, as 或持续改善


@cache
def standards() -> dict[str, tuple[Standard, ...]]:
    """Indicator → its standards, the best verified and latest first; under "" those of no code."""
    found: dict[str, list[Standard]] = {}
    for row in rows("standards"):
        made = Standard(
            row["standard"], row["indicator"], row["item"], row["words"], row["comparator"],
            Decimal(row["value"]) if row["value"] else None, row["unit"], row["scope"], row["version"],
            row["named_by"], int(row["first_year"] or 0), int(row["last_year"] or 0), row["level"], row["alternative"],
        )  # fmt: skip
        found.setdefault(made.indicator, []).append(made)
    return {
        code: tuple(sorted(some, key=lambda s: (s.level, -s.first_year, s.standard))) for code, some in found.items()
    }


def against_standards(context: Context) -> Iterator[Finding]:
    """N19: a value below its standard, or exactly at it."""
    unknown: set[str] = set()
    for claim, place in zip(context.claims, context.places, strict=True):
        if claim.masked or claim.value_low is None or claim.value_low != claim.value_high:
            continue
        start, end = context.sentence_at(place[0])
        clause = context.shadow[max(start, place[0] - 30) : place[1]]
        if _REQUIRED.match(context.shadow, place[1]) or _is_of_others(context, claim, place):
            continue  # 不低于90%的要求: the standard itself
        lead = context.shadow[max(start, place[0] - 40) : place[0]]
        following = context.shadow[place[1] : min(end, place[1] + 24)]
        named = _told(claim, lead, following)
        fitting = [s for s in named if _fits(context, claim, s, clause)]
        held = next((s for s in fitting if s.value is not None and s.level in "AB"), None)
        if held is not None:
            yield from _compare(context, claim, held, clause)
            continue
        admitted = context.pattern("admitted").search(context.shadow, place[1], end)
        if fitting and fitting[0].level == "D" and fitting[0].indicator not in unknown and not admitted:
            finding = _against_others(context, claim, fitting[0])
            if finding:
                unknown.add(fitting[0].indicator)
                yield finding
                continue
        if named and _says_it_complies(context, start, end) and not _OTHERS.search(clause.rpartition("，")[2]):
            yield from _belied(context, claim, standards()[named[0].indicator] if named[0].indicator else named)


def _is_of_others(context: Context, claim: Claim, place: tuple[int, int]) -> bool:
    """Whether a value is one of a time before, or of a part only: 五年前处理率只有33%, 补种前这部分儿童的接种率."""
    lead = context.shadow[max(context.sentence_at(place[0])[0], place[0] - 40) : place[0]]
    own = re.split("[，；;]", lead)
    before = own[-1] if len(own[-1]) > 4 else "".join(own[-2:])
    return bool(context.pattern("before").search(before) or context.pattern("part").search(claim.scope or ""))


def _says_it_complies(context: Context, start: int, end: int) -> bool:
    """Whether a sentence says that it meets a standard that it or the one before it names."""
    before = context.sentence_at(start - 1)[0] if start and context.shadow[start - 1] != "\n" else start
    complies = context.pattern("complies").search(context.shadow, start, end)
    return bool(complies and context.pattern("schemes").search(context.shadow, before, end))


def _belied(context: Context, claim: Claim, versions: Sequence[Standard]) -> Iterator[Finding]:
    """A value told as meeting a standard that no version of it of any year accepts."""
    value = claim.value_low
    known = [one for one in versions if one.value is not None and one.level in "AB"]
    known = [one for one in known if one.unit in (claim.unit, claim.base_unit) and "学校" not in one.scope]
    if value is None or not known or claim.status not in ("done", "state"):
        return
    if any(HOLDS[one.comparator](value, one.value or value) for one in known):
        return
    limits = "、".join(f"《{one.version}》{one.comparator}{plain(one.value or value)}{one.unit}" for one in known)
    message = f"“{claim.object or ''}{claim.surface}”自称达标，却低于已知各版本的标准值（{limits}）。"
    yield context.finding(message, [context.of_claim(claim)], standard=known[0].standard, severity=3)


def _against_others(context: Context, claim: Claim, standard: Standard) -> Finding | None:
    """Where the number of the version that applies is not held: a finding for a value that no other version of the
    standard accepts. A value of 100 % leaves nothing to ask."""
    value = claim.value_low
    if value is None or claim.status not in ("done", "state") or (claim.unit == "%" and value >= HUNDRED):
        return None
    others = [one for one in standards()[standard.indicator] if one.value is not None and _is_alike(one, claim)]
    others = [one for one in others if one.level in "AB"]
    name, told = f"《{standard.version}》", f"{claim.object or ''}{claim.surface}"
    if others and not any(HOLDS[one.comparator](value, one.value or value) for one in others):
        limits = "、".join(f"《{one.version}》{one.comparator}{plain(one.value or value)}{one.unit}" for one in others)
        message = f"“{told}”达不到其他版本的任何一个标准值（{limits}）；{name}该项标准值未录入。"
    else:
        return None
    return context.finding(message, [context.of_claim(claim)], standard=standard.standard, severity=3)


def _is_alike(standard: Standard, claim: Claim) -> bool:
    """Whether a standard of another version is one for what a claim counts: of places and not of schools, in its unit;
    a version that asks for all of them is an ideal, and what falls short of it no wonder."""
    ideal = standard.unit == "%" and standard.value == HUNDRED
    return not ideal and "学校" not in standard.scope and standard.unit in (claim.unit, claim.base_unit)


def _told(claim: Claim, lead: str, following: str) -> Sequence[Standard]:
    """The standards of what a figure is of: by its code, else by the words that it is told with, before it or behind:
    接种率，恰为90%; 接种率由92%滑到81%; 86%的接种率."""
    if claim.indicator is not None:
        return standards().get(claim.indicator, ())
    lead, following = (re.sub("[“”\"、]", "", words) for words in (lead, following))
    few = r"[^\d，,。；;率]{0,8}"
    return [one for some in standards().values() for one in some if one.words and (
        re.search(rf"(?:{one.words})(?:{few}[，,：:])?(?:{few}[由从]\d[\d.]*[%％])?{few}$", lead)
        or re.match(rf"的{few}(?:{one.words})", following)
    )]  # fmt: skip


def _fits(context: Context, claim: Claim, standard: Standard, clause: str) -> bool:
    """Whether year, scheme, unit and scope of a standard are those of the claim."""
    if context.year is None or not standard.first_year <= context.year <= standard.last_year:
        return False
    if standard.named_by and not re.search(standard.named_by, context.shadow):
        return False
    if (
        standard.value is not None
        and standard.unit
        and standard.unit.replace("／", "/") not in (claim.unit, claim.base_unit)
    ):
        return False
    years = re.findall(r"\d{4}", claim.period or "") if claim.period_basis == "stated" else []
    if _OTHERS.search(clause.rpartition("，")[2]) or (years and int(max(years)) < context.year):
        return False
    if ("学校" in standard.scope) != bool(_SCHOOL.search(clause)):
        return False
    if re.search(r"[由从][^，。\d]{0,6}$", clause[: -len(claim.surface)]):
        return False  # the value before a change
    if _LATER.match(context.shadow, context.text.clean_offset(claim.end - 1) + 1):
        return False
    level = context.report.issuer.level or ""
    if level == "province":
        return False  # no standard is one for provinces
    if standard.scope in _TOWNSHIP_SCOPES and level not in ("township", "village"):
        return False
    higher = _LEVELS.get(level, ())
    return standard.scope not in _HIGHER_SCOPES or standard.scope in higher


def _compare(context: Context, claim: Claim, standard: Standard, clause: str) -> Iterator[Finding]:
    value, limit = claim.value_low, standard.value
    if value is None or limit is None or claim.relation not in ("eq", "approx", "ge", "gt", "le", "lt"):
        return
    holds = HOLDS[standard.comparator](value, limit)
    at_limit = value == limit and standard.comparator in "≥≤"
    if holds and not at_limit:
        return
    told = f"{standard.item}{standard.comparator}{plain(limit)}{standard.unit}"
    source = f"《{standard.version}》{told}（范围：{standard.scope}；{LEVELS[standard.level]}）"
    if claim.status == "target" and re.search("力争|争取|确保|保持" if at_limit else _STEP, clause):
        return
    aim = "目标" if claim.status == "target" else "数值"
    state = "恰好等于" if at_limit else "未达到"
    yield context.finding(
        f"“{claim.object or ''}{claim.surface}”的{aim}{state}标准{plain(limit)}{standard.unit}：{source}。",
        [context.of_claim(claim)],
        formula=f"{plain(value)}{'=' if at_limit else '<' if value < limit else '>'}{plain(limit)}",
        innocent=f"{context.settings.innocent}"
        f"{f'标准另允许“{standard.alternative}”。' if standard.alternative else ''}",
        standard=standard.standard,
        severity=3 if at_limit else None,
    )


CHECKS: dict[str, Check] = {"N19": against_standards}
