"""N22: a group of people beside a larger part of it, and visits told as a part of persons.

在校生688名，有1376名学生听了课         more of a group than there are of it
参加460人，其中老年人380人次             a part in 人次 of a whole in 人
出动志愿者900人、600人次                 fewer visits than persons
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pipeline.audit.arithmetic import Number, number, plain
from pipeline.audit.base import Context, Placed
from pipeline.records import Claim, Finding

PERSONS = ("人", "名", "位")
WITHIN = 60  # characters between a group and its part
_HAS = (
    None,
    "有",
    "现有",
    "共有",
    "拥有",
    "登记",
    "在册",
    "为",
    "是",
    "达",
    "达到",
    "共",
    "总数",
    "总数为",
    "总数达",
    "下辖",
    "建档",
)
_WHOSE = re.compile(
    r"全(?:镇|乡|村|县|市|区|街道|社区)|本[镇乡村]|我[镇乡村]|辖区内?|境内|现有|共有|共|总数|人数|登记|在册|在籍|建档|"
    r"[一-鿿]{0,3}(?:小学|中学|学校|中心校|幼儿园|医院|卫生院)(?!生)|6[05]岁及?以上|目前|今年|"
    r"的|了|有|为|是|达|仅|只|才"
)
_MORE = re.compile("新增|新发展|发展|净增|增[加聘补设]|招[录聘]|培训|慰问|表彰|评[选出]|减少|流失|外出")
_OWN_SCOPE = re.compile("全[镇乡村县市区]|各[镇乡村校]|周边|外[地来县]|邻")


def more_than_all(context: Context) -> Iterator[Finding]:
    """More of a group than the report has just said that there are."""
    for at, (claim, place) in enumerate(zip(context.claims, context.places, strict=True)):
        group = _group(context, claim, place)
        if group is None or (whole := number(claim)) is None or not whole.high.is_finite():
            continue
        _, end = context.sentence_at(place[0])
        for other, there in zip(context.claims[at + 1 :], context.places[at + 1 :], strict=True):
            if there[0] >= end or there[0] - place[1] > WITHIN:
                break
            part = number(other)
            if part and part.low > whole.high and _is_part(context, group, place, (other, there)):
                yield _too_many(context, whole, part)
                break


def _group(context: Context, claim: Claim, place: tuple[int, int]) -> str | None:
    """What group a figure is all of, as a regular expression; none where a deed or a narrower kind is told."""
    lead = re.split("[，,。；;、（(：:\n]", context.shadow[max(0, place[0] - 24) : place[0]])[-1]
    if claim.unit not in PERSONS or claim.masked or claim.part_of or _MORE.search(lead):
        return None
    if claim.action not in _HAS and claim.action not in (claim.object or ""):
        return None
    named = lead + re.split("[，,。；;、）)]", context.shadow[place[1] : place[1] + 8])[0]
    for group in context.option("groups"):
        rest = re.sub(group, "", named)
        if rest != named and len(_WHOSE.sub("", rest)) <= 1:
            return str(group)
    return None


def _is_part(context: Context, group: str, place: tuple[int, int], part: Placed) -> bool:
    """Whether a figure tells what some of a group did, of whom another at `place` says how many there are."""
    other, there = part
    if other.unit not in (*PERSONS, None) or other.masked or other.status == "target":
        return False
    between = context.shadow[place[1] : there[0]]
    lead = re.split("[，,。；;、：:\n]", between)[-1]
    right = re.split("[，,。；;、）)\n]", context.shadow[there[1] : there[1] + 12])[0]
    if _OWN_SCOPE.search(lead) or _MORE.search(lead):
        return False
    if re.search(rf"其中(?:的|有|{group})*$", between) and "其中" in lead:
        return True
    before = re.search(rf"(?:{group})(?:中?[^一-鿿]*|[一-鿿]{{0,6}})$", lead)
    behind = re.match(rf"(?:的)?(?:{group})", right)
    deed = (other.action not in _HAS) or "的" in lead or len(right) > 3
    family = re.search(rf"(?:{group})(?:家[长属庭]|子女|亲属|之家|服务)", lead + right)
    return bool((before or behind) and deed and not family)


def _too_many(context: Context, whole: Number, part: Number) -> Finding:
    return context.finding(
        f"“{whole.claim.object or ''}{whole.claim.surface}”，其中的{part.claim.surface}却多于总数。",
        [context.of_claim(part.claim), context.of_claim(whole.claim, "counterpart", "总数")],
        formula=f"{plain(part.value)}＞{plain(whole.value)}",
    )


def visits_among_persons(context: Context) -> Iterator[Finding]:
    """A part told in 人次 of a whole told in 人, and fewer visits than persons of one deed."""
    for start, end in context.sentences:
        for (claim, place), (other, there) in pairwise(context.claims_in(start, end)):
            if claim.unit not in PERSONS or other.unit != "人次" or claim.masked or other.masked:
                continue
            between = context.shadow[place[1] : there[0]]
            persons, visits = number(claim), number(other)
            if persons is None or visits is None or persons.value < visits.value:
                continue
            among = re.fullmatch("[一-鿿]{0,6}[，,（(：: ]*其中[^，,。；;、]{0,12}", between)
            beside = re.fullmatch("[、，,和及/（( ]{1,2}", between) and persons.value > visits.value
            if among or beside:
                yield _visits(context, claim, other, "其中" if among else "")


def visits_of_one_event(context: Context) -> Iterator[Finding]:
    """More visits than persons at what was held once, where everybody counts once: 讲座当天听课105人，受教育420人次."""
    for start, end in context.sentences:
        told = context.shadow[start:end]
        if not context.pattern("held_once").search(told) or context.pattern("held_often").search(told):
            continue
        for (claim, place), (other, there) in pairwise(context.claims_in(start, end)):
            if claim.unit not in PERSONS or other.unit != "人次" or claim.masked or other.masked:
                continue
            persons, visits = number(claim), number(other)
            between = context.shadow[place[1] : there[0]]
            if persons and visits and visits.value > persons.value and len(between) <= WITHIN and "其中" not in between:
                yield _visits(context, other, claim, "同一场活动")


def _visits(context: Context, claim: Claim, other: Claim, among: str) -> Finding:
    what = f"{claim.surface}却只有{other.surface}"
    if among:
        what = (
            f"{claim.surface}中的{other.surface}，人与人次混用"
            if among == "其中"
            else f"{among}{other.surface}、{claim.surface}"
        )
    spans = [context.of_claim(other), context.of_claim(claim, "counterpart")]
    return context.finding(f"“{claim.object or ''}”{what}，无法知道实际人数。", spans)
