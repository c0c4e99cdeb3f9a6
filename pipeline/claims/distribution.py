"""Lists of numbers: 分别 gives each number to one of the things told before, a level takes over its noun, and numbers
that make up the one before them are its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.claims import phrases, scopes
from pipeline.claims import words as w
from pipeline.claims.governors import Governor
from pipeline.claims.words import Word
from pipeline.records import Claim, Quantity

_LEVEL = re.compile(r"国家级|[省市县区镇乡村州]级")


def distribute(
    clause: list[Word], indices: list[int], first: int, quantities: Sequence[Quantity], found: dict[int, Governor]
) -> None:
    """A、B分别达到3、4: the first object gets the first number."""
    marker = next((i for i, word in enumerate(clause) if word.text == "分别"), None)
    if marker is None:
        return
    after = [i for i in indices if i > marker]
    if len(after) < 2:
        return
    before = [i for i in indices if i < marker]
    if not before and all(word.kind in ("adverb", "verb", "time") for word in clause[: after[0]]):
        _distribute_back([clause[i].claim for i in after], first, quantities, found)
        return
    if any(word.kind == "noun" for word in clause[marker : after[0]] if after):
        return  # 三村分别打造小菜园21个、17个、12个: one object for all
    subject = clause[(before[-1] + 1) if before else 0 : marker]
    while subject and subject[0].kind in ("adverb", "preposition", "time"):
        subject = subject[1:]
    subject = [word for word in subject if word.kind != "bracket"]
    parts = w.split(subject, ("pause", "conjunction"))
    if len(parts) != len(after) or len(parts) < 2:
        return
    tail = parts[-1][min(len(parts[0]), len(parts[-1]) - 1) :] if len(parts[-1]) > 1 else []
    verb = next((w.text([word]) for word in clause[marker:] if word.kind == "verb"), None)
    for part, index in zip(parts, after, strict=True):
        said = phrases.clean(part)
        whole = phrases.STATE_HEAD.search(said)  # 地区生产总值、固定资产投资分别增长
        if part is not parts[-1] and tail and not whole and said[-1:] != w.text(tail)[-1:]:
            said += w.text(tail)
        governor = found[clause[index].claim]
        governor.object, governor.rule = said or governor.object, "distributed"
        governor.action = verb or governor.action


def _distribute_back(
    numbers: list[int], first: int, quantities: Sequence[Quantity], found: dict[int, Governor]
) -> None:
    """总收入2238亿元、支出1233亿元，分别增长11%和9.8%: each of the `numbers` belongs to one of the claims before."""
    told = range(numbers[0] - len(numbers), numbers[0])
    objects = [found[i].object for i in told if i >= first]
    if len({*objects} - {None}) == len(numbers) and len({quantities[i].dimension for i in told}) == 1:
        for number, said in zip(numbers, objects, strict=True):
            found[number].object, found[number].rule = said, "distributed"
            found[number].action = found[numbers[0]].action


def kinds(clause: list[Word], indices: list[int], quantities: Sequence[Quantity], found: dict[int, Governor]) -> None:
    """发现5类12个问题: both numbers count the same, by its kinds and one by one."""
    for here, after in pairwise(indices):
        if after == here + 1 and quantities[clause[here].claim].unit in ("类", "大类", "种"):
            found[clause[here].claim].object = found[clause[after].claim].object


def levels(governors: list[Governor]) -> None:
    """3个市级、8个县级卫生村: what the last one names holds for the levels before it."""
    for here, after in reversed(list(pairwise(governors))):
        level, head = _LEVEL.match(here.object or ""), _LEVEL.match(after.object or "")
        if level and head and level[0] == here.object and head[0] != after.object:
            here.object = level[0] + str(after.object)[head.end() :]


_SENTENCE_END = re.compile("[。；;！？\n]")
_LISTED = re.compile("[：:]|其中|包括|分布|分别|主要用于|含")
_BREAK = re.compile("[，：:（(]")  # none in 分别奖励5000元、3000元、2000元
_ADDED = frozenset(("count", "money", "area", "length", "mass", "volume"))
_FAR = 200  # characters
_SMALL = 20  # 2 may be 1 and 1 by chance


def sums(claims: list[Claim], shadow: str) -> list[Claim]:
    """The claims, in which those that make up one before them in its sentence point to it: 投入405万元，上级180万元，
    镇财政225万元."""
    linked = list(claims)
    for i, whole in enumerate(claims):
        for j in _addends(claims, i, shadow) if _may_be_sum(whole) else ():
            if linked[j].part_of is None:
                linked[j] = replace(linked[j], part_of=whole.id)
    return linked


def _may_be_sum(claim: Claim) -> bool:
    exact = claim.value_low is not None and claim.value_low == claim.value_high and claim.relation == "eq"
    compared = claim.scope in (scopes.LAST_YEAR, scopes.BEFORE, scopes.DIFFERENCE, scopes.YEARLY)
    return exact and not compared and claim.per is None and claim.dimension in _ADDED


def _addends(claims: Sequence[Claim], i: int, shadow: str) -> list[int]:
    """The numbers of the claims behind claim `i` in its sentence that add up to it; none where they do not."""
    whole, rest, parts = claims[i], claims[i].value_low, list[int]()
    end = _SENTENCE_END.search(shadow, whole.end, whole.end + _FAR)
    for j in range(i + 1, len(claims)):
        one = claims[j]
        if rest is None or one.start > (end.start() if end else whole.end + _FAR):
            break
        if one.unit != whole.unit or one.dimension != whole.dimension:
            continue
        if not _may_be_sum(one) or one.value_low is None or one.value_low > rest or not one.value_low:
            break
        if not parts and not _BREAK.search(shadow, whole.end, one.start):
            break
        parts.append(j)
        rest -= one.value_low
        if not rest:
            sure = (whole.value_low or 0) >= _SMALL or _LISTED.search(shadow, whole.end, claims[parts[0]].start)
            return parts if len(parts) > 1 and sure else []
    return []
