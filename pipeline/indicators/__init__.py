"""Claim → catalogue code, base unit, comparable or not, and why.

The catalogue is models/indicators.csv, one row a code; the units are models/units.csv. A row says in which units a
thing is counted, which verbs act on it and which words name it; `assign` gives a claim the row that fits best, or none.
Measure words joined by `=` count the same thing and share a base unit; those parted by `|` never meet in one figure
(处 and 张, 人 and 人次). Lengths, masses and the like convert exactly; a cart load never becomes tonnes.

`explain` says which words gave a claim its code; `lint` what is wrong with the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline import config
from pipeline.indicators.catalogue import Indicator, catalogue, indicator
from pipeline.indicators.clause import Clause, clause
from pipeline.indicators.context import attending, by_context, listed_on, summed
from pipeline.indicators.lint import example, lint
from pipeline.indicators.lists import AND, told_apart
from pipeline.indicators.match import (
    Asked,
    Match,
    asked,
    best_of,
    by_clause,
    by_object,
    fuller,
    rivals,
)  # fmt: skip
from pipeline.indicators.parts import is_account, part_of, same_part
from pipeline.indicators.units import Unit, to_base, units
from pipeline.indicators.vetoes import of_some, speaks_on, vetoed
from pipeline.records import Claim

__all__ = [
    "Indicator",
    "Unit",
    "assign",
    "assign_to",
    "catalogue",
    "explain",
    "indicator",
    "lint",
    "rivals",
    "to_base",
    "units",
]

_CHANGE = "增减"  # the scope that extraction gives to what was added to, or taken from, the figure before
_YEARLY = "年均"  # and to a mean of several years
_YEARS = "多年"  # the scope of a growth since a plan before, or since years ago: no year's growth
_LONG_AGO = re.compile(
    r"[比较](?:[“\"]?十[一二三四五]五[”\"]?|[三四五六七八九十\d]+年前|上届|上个五年)[^，。；\d]{0,8}$"
)
_QUOTES = re.compile("[“”‘’《》「」]")
_TO = re.compile(r"(?:以上|左右|多|余)?(?:上升|提高|提升|跃升|增加|增长|扩大|升|增|下降|降低|减少|降|减)?(?:到|至)了?")


def assign(claims: Sequence[Claim], settings: config.Indicators, text: str = "") -> tuple[Claim, ...]:
    """The claims with base value, base unit, indicator and score filled in; without code below the threshold. One
    with a code that speaks of a part of the place (兰州新区生产总值) gets that part as its scope.

    `text` is what the claims' spans count in (`Text.shadow`): without it only action and object are asked.
    """
    matches = _matches(claims, settings.threshold, text)
    found: list[Claim] = []
    account: Claim | None = None  # the last sum or growth of the economy
    for claim, match in zip(claims, matches, strict=True):
        found.append(_assigned(_in_its_part(claim, match, text, found[-1] if found else None, account), match))
        account = found[-1] if match and is_account(match) else account
    return tuple(found)


def explain(claims: Sequence[Claim], settings: config.Indicators, text: str = "") -> tuple[str | None, ...]:
    """Why each claim has its code, in words of the catalogue and of the report, for people who check it; None without.

    The claims must be those that `assign` was given, with the same text and settings.
    """
    return tuple(None if match is None else _reason(claim, match)
                 for claim, match in zip(claims, _matches(claims, settings.threshold, text), strict=True))  # fmt: skip


def assign_to(row: dict[str, str]) -> str | None:
    """The code that the example of a row (with the columns of the table) would get if it stood in the catalogue."""
    added = indicator(row)
    match = best_of(asked(example(added)), (*catalogue(), added))
    return match.row.code if match and match.score >= config.Indicators().threshold else None


def _matches(claims: Sequence[Claim], threshold: float, text: str) -> list[Match | None]:
    found: list[Match | None] = []
    told: tuple[Claim, Match] | None = None
    matched: dict[str, tuple[Claim, Match]] = {}
    before, end = None, 0
    for claim in told_apart(claims, text):
        near = clause(text, claim, end) if text and claim.rule != "cell" else None
        last = found[-1] if found else None
        in_sentence = last
        if near and told and last is None and near.sentence.endswith(("，", "、")):
            in_sentence = told[1] if _since(told[0], claim, near.sentence) else None
        question = summed(asked(claim), near) if near else asked(claim)
        change = claim.scope == _CHANGE  # by how much, not how much
        match = None if change else _match(question, threshold, near)
        if match and near and not speaks_on(match, near, in_sentence):
            match = None
        if match is None and near and not change:
            match = _goes_on(question, threshold, near, last)
            if match is None and told and not question.action and _since(told[0], claim, near.told + near.before):
                match = _same_act(question, threshold, near, *told)
        whole = matched.get(claim.part_of or "")
        if whole and near and _is_part(claim, match, *whole) and not vetoed(whole[1], near):
            match = whole[1]
        if match is None and before and before.unit == claim.unit and _TO.fullmatch(text, end, claim.start):
            match = found[-1]  # 由93.7%升到95.1%
        found.append(match)
        if match:
            matched[claim.id] = claim, match
            told = claim, match
        before, end = claim, claim.end
    return found


def _match(question: Asked, threshold: float, near: Clause | None) -> Match | None:
    match = by_object(question)
    if match is None or match.score < threshold or (near and not _stands(match, near)):
        nearer = by_clause(question, near) if near and "分别" not in near.before else None  # a list in order
        weak = match is None or match.score < threshold
        behind = nearer and nearer.word and near and near.after.startswith(nearer.word)
        if nearer and nearer.score >= threshold and (weak or nearer.verb or behind):
            match = nearer
    elif near and (whole := fuller(match, question, near)):
        match = whole
    if match is None or match.score < threshold or (near and (of_some(match, near) or vetoed(match, near))):
        return None
    return match


def _goes_on(question: Asked, threshold: float, near: Clause, last: Match | None) -> Match | None:
    """The match of a clause that leaves out what the report told before it."""
    match = by_context(question, near) or listed_on(question, near, last) or attending(question, near, last)
    return None if match is None or match.score < threshold or vetoed(match, near) else match


def _same_act(question: Asked, threshold: float, near: Clause, claim: Claim, told: Match) -> Match | None:
    """The match of a clause that names another thing and no act: 废旧农膜回收3.2吨，农药包装物0.45吨."""
    match = by_clause(question._replace(action=told.verb), near) if told.verb else None
    if match is None or match.row != told.row or match.score < threshold or vetoed(match, near):
        return None
    return replace(match, status=claim.status)


def _since(claim: Claim, later: Claim, words: str) -> bool:
    """Whether a claim stands in the words before a later one."""
    return claim.end > later.start - len(words)


def _stands(match: Match, near: Clause) -> bool:
    """Whether the word that told stands in the claim's own clause; else the object was carried on from before."""
    return match.word in _QUOTES.sub("", near.before) or match.word in _QUOTES.sub("", near.after)


def _is_part(claim: Claim, match: Match | None, whole: Claim, its: Match) -> bool:
    """其中岩口村32户: a part that names no act of its own is of the whole's code where its unit is; money is not."""
    return (
        (claim.unit, claim.per) == (whole.unit, whole.per)
        and claim.dimension in ("count", "mass", "volume")
        and its.row.stage != "context"
        and (match is None or match.verb in ("", its.verb))
    )


def _in_its_part(
    claim: Claim, match: Match | None, text: str, before: Claim | None, account: Claim | None
) -> Claim:
    """The claim with the part of the place that it speaks of; of a mean of years, as the number listed before it is."""
    if match is None or not text or claim.rule == "cell":
        return claim
    end = before.end if before else 0
    listed = before and before.unit == claim.unit and text[end : claim.start] in AND
    if before and listed and before.scope in (_YEARLY, _YEARS):
        return replace(claim, scope=before.scope)  # 年均分别增长10%和13%
    near = clause(text, claim, end)
    if match.row.code.endswith("_growth") and _LONG_AGO.search(near.before):
        return replace(claim, scope=claim.scope or _YEARS)
    part = claim.scope or part_of(claim, match, near, text)
    return replace(claim, scope=part or same_part(claim, match, text, account))


def _assigned(claim: Claim, match: Match | None) -> Claim:
    low, high, base_unit = to_base(claim)
    return replace(
        claim,
        base_value_low=low,
        base_value_high=high,
        base_unit=match.base_unit if match else base_unit,
        indicator=match.row.code if match else None,
        indicator_score=round(min(1.0, match.score), 3) if match else None,
        status=_status(claim, match),
    )


def _status(claim: Claim, match: Match | None) -> str:
    if match and match.row.stage == "target":
        return "target"
    return match.status if match and match.status and claim.status == "state" else claim.status


def _reason(claim: Claim, match: Match) -> str:
    said = [("句中" if match.near else "宾语", match.word), ("动词", match.verb), ("单位", claim.unit or "")]
    said += [("栏目", claim.topic or "")] if match.in_topic else []
    return "，".join(f"{name}“{word}”" for name, word in said if word)
