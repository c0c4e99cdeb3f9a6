"""Which row a claim belongs to where its own part of the sentence leaves out the thing, because it was told before.

A clause that tells an act only (镇区公厕15座；周期内新建2座) gets the row whose word the sentence, or the head of
the part, told last. A list goes on with what there is (14个行政村和1个社区), and people without a name came to what
was told just before (集中轮训4期280人次, models/attendance.csv). All score below what the clause itself tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from pipeline.indicators.catalogue import Indicator, catalogue
from pipeline.indicators.clause import Clause, bare
from pipeline.indicators.match import (
    LIGHT_VERB,
    LONGEST,
    OBJECT_WEIGHT,
    SAID,
    UNIT_WEIGHT,
    UNSAID,
    VERB_WEIGHT,
    Asked,
    Match,
    accepted_unit,
    holds,
    match_near,
    places,
    telling,
    told_by,
    winner,
)
from pipeline.lexicon import rows

ACT = 20  # the most characters that an act takes which names no thing
AGO = 0.6  # what was told before counts less than what stands in the clause
_ACTUAL = re.compile(r"实际(?:完成|达到|值)?")
_AROUND = re.compile(
    r"[^，、；]{0,4}(?:期内|期间|以来|年内|全年|今年|当年|上半年|下半年)|[省市州县区镇乡村](?:里|上|级)?|上级|下达|全|实际|群众|居民|村民|学生"
)
_ACT = re.compile(r"(?:革命|改造|行动|工程|建设)$")
_RANK = re.compile(r"[、，和及](?:国家|[省市州县区镇盟旗])级")
_IN_ALL = re.compile(r"共|累计|总计|合计|先后")
_NEXT = re.compile(r"[^，、；,;\d]*[，,]")  # nothing but the rest of its own part
_CONTEST = re.compile("考核|考评|测评")
_SUMMED = re.compile("(?:加上|连同)[^。；]{2,24}，?(?:累计|合计|总计|共计|一共|总投入)[^。；，\\d]{0,4}$")
_PLACED = re.compile("(?:名列|位居|排名|排在)?第一|居首|垫底|领先|落后|名列|位居|排名|夺魁|拔得头筹|末位")
_PARTS = re.compile(r"[，、；,;]|\d")


def by_context(asked: Asked, near: Clause) -> Match | None:
    """The best row for a clause that tells an act and no thing (…公厕15座；周期内新建2座): the thing was told before.

    Asked are what the sentence told, then the head of the part; of two rows the one whose word was told last.
    """
    if asked.unit == "分":
        return _scored(asked, near)
    if len(near.before) > ACT or not asked.unit or bare(near.after):
        return None
    if asked.dimension == "percent":
        return _actual(asked, near)
    heading = asked.heading if len(asked.heading) <= LONGEST else ""
    found: dict[int, list[Match]] = {}
    for told in (near.told, heading):
        for row, words in told_by(told):
            if match := _told_before(row, asked, near.before, told, words):
                found.setdefault(-match.earliness, []).append(match)
        if found:
            return winner(found[max(found)])
    return None


def _actual(asked: Asked, near: Clause) -> Match | None:
    """The rate that the sentence named before what was aimed at: 未完成指标为污水治理率，目标50%，实际46.3%."""
    if not _ACTUAL.fullmatch(bare(near.before.strip("，,、"))):
        return None
    name = re.split("[为是]", _PARTS.split(near.told)[0])[-1]
    return winner(match_near(row, asked, Clause(name, "", name), words) for row, words in told_by(name))


def summed(asked: Asked, near: Clause) -> Asked:
    """Of a sum of several sources (争取90万元，加上村集体投入，累计达213.6万元) the thing is funds, not the first."""
    if asked.dimension == "money" and _SUMMED.search(near.sentence):
        return asked._replace(action="投入", object="资金")
    return asked


def _scored(asked: Asked, near: Clause) -> Match | None:
    """The score of a contest that the sentence named before, told with its place: 年终考核，甲村以96.5分居首."""
    contest = _CONTEST.findall(near.told) if _PLACED.match(near.after) else []
    name = f"{contest[-1]}得分" if contest else ""
    return winner(match_near(row, asked, Clause(name, "", name), words) for row, words in told_by(name))


def _told_before(row: Indicator, asked: Asked, own: str, told: str, words: Sequence[str]) -> Match | None:
    if row.stage == "context":
        return None
    acts = own + asked.action if asked.carried else own  # 每两个月检查1次，全年6次
    verb = max((verb for verb in row.verbs if verb in acts), key=len, default="")
    in_all = _IN_ALL.search(own) is not None
    if not verb and not in_all:
        return None
    in_topic = row.knows_topic(asked.topics, asked.headings)
    named = (place for word in telling(row, words, in_topic) if word != "*" for place in places(word, told))
    last = max(((end, start) for start, end in named), default=None)
    if last is None or _left(own.replace(verb, "", 1), row) or not (verb or _NEXT.fullmatch(told, last[0])):
        return None
    word = told[last[1] : last[0]]
    stock = row.aggregation == "last" and word in asked.object
    if verb and LIGHT_VERB.fullmatch(verb) and not (stock or holds(word, row.verbs) or _ACT.search(word)):
        return None  # 继续改厕，明年完成260户; but not 农贸市场方面…，基本完成2个
    another = asked.object not in own and word not in asked.object and len(_left(asked.object, row)) > 1
    if another and not (verb and in_all and "；" not in told[last[0] :]):  # told since; a total is of all that was told
        return None
    thing = _PARTS.split(told[: last[0]])[-1] + _PARTS.split(told[last[0] :])[0]
    base_unit = accepted_unit(row, asked, own, thing)
    if base_unit is None or (row.needs_topic and not in_topic):
        return None
    score = OBJECT_WEIGHT * AGO + VERB_WEIGHT * (SAID if verb or not row.verbs else UNSAID) + UNIT_WEIGHT
    return Match(score, len(word), in_topic, len(verb), -last[0], row, base_unit, word, verb, near=True)


def _left(words: str, row: Indicator) -> str:
    """The words without the row's verbs, when, by whom and for whom: what else they name."""
    for verb in sorted(row.verbs, key=len, reverse=True):
        words = words.replace(verb, "")
    return bare(_AROUND.sub("", words.strip("，,、；;和及与")))


def listed_on(asked: Asked, near: Clause, previous: Match | None) -> Match | None:
    """The row of the next member of a list of what there is, whatever its noun does: 14个行政村和1个社区持续向好.

    And of the same honour in another rank: 省级卫生村1个、市级2个."""
    if previous and previous.row.group == "honour" and _RANK.fullmatch(near.before) and not bare(near.after):
        return previous if accepted_unit(previous.row, asked, "", "") == previous.base_unit else None
    goes_on = near.before in ("、", "和", "及", "与", "") and not near.sentence.endswith(("，", ","))
    if previous is None or previous.row.group != "profile" or not goes_on:
        return None
    found = []
    for row, words in told_by(near.after):
        for word in (word[1:] for word in words if row.group == "profile" and len(word) > 2 and word[0] == "="):
            if near.after.startswith(word):
                found.append(match_near(row, asked, near._replace(after=word), [f"={word}"]))
    return winner(found)


def attending(asked: Asked, near: Clause, previous: Match | None) -> Match | None:
    """The row of the people who came to what was told just before: 举办讲座14场、1200余人次, 集中轮训4期280人次."""
    row = _attendance().get(previous.row.code) if previous else None
    if row is None or row.dimension != asked.dimension or bare(near.after):
        return None
    own = bare(near.before.strip("，,、及共")).removesuffix("群众")
    if own and own not in row.verbs:
        return None
    base_unit = accepted_unit(row, asked, own, own)
    if base_unit is None:
        return None
    score = OBJECT_WEIGHT * AGO + VERB_WEIGHT * SAID + UNIT_WEIGHT
    return Match(score, 0, False, len(own), 0, row, base_unit, previous.word if previous else "", own, near=True)


@cache
def _attendance() -> dict[str, Indicator]:
    by_code = {row.code: row for row in catalogue()}
    return {row["event"]: by_code[row["people"]] for row in rows("attendance")}
