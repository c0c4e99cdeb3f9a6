"""Who governs a quantity: the action (what was done) and the object (what was counted), clause by clause.

A clause of this genre is one of few shapes, N being the quantity:
    verb object N        清理卫生死角180处        object between verb and N
    verb N object        新建5座公厕              object right of N
    subject verb N       农村劳动力转移4.1万人     the subject is what is counted
    subject reach N      覆盖率达到87%            the subject is the indicator
    N object verb        33个农贸市场完成提升改造   the verb follows
and coordination carries verb and object on: 清理小广告20余万张、7000平方米; 改造棚户区2527户、老旧小区117个.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from pipeline.claims import before, behind, distribution, measures, money, parts, phrases, shapes
from pipeline.claims import words as w
from pipeline.claims.governors import GOVERNED_BEHIND, Carry, Governor, Place, completed, speaks_anew
from pipeline.claims.measure_words import FREQUENCIES, PEOPLE
from pipeline.claims.parts import Breakdown
from pipeline.claims.words import Word
from pipeline.lexicon import one_of, rows, word_list
from pipeline.records import Quantity

_GROUP = re.compile(r"(?:群众|对象|人员|人口|低保|五保|特困)$")  # 转移群众187户563人
_NAMES_KIND = word_list("verb_as_kind")  # 绿化道路, 生产矿山: kinds of things
_BEYOND = frozenset(("超", "超过", "不足", "低于", "高于", "不低于", "达", "达到", "满", "大于", "小于"))
_POOR = re.compile(r"(?<![农住商用总门租])户$")
_TAKEN_OVER = frozenset(("carried_object", "number_verb", "inhabitants", "rest", "none", "people_verb"))
_UNGOVERNED = ("verb_number_object", "subject_number")
_TIMES = FREQUENCIES | before.ROUNDS
_DONE_TO = ("对", "将", "把", "为", "给", "让", "使")
_REST = re.compile(rf"(?:{one_of('the_rest')})(?:的|还有|尚有|还)?")


def govern(words: Sequence[Word], quantities: Sequence[Quantity]) -> dict[int, Governor]:
    """Action and object of every claim in `words`; quantities are indexed by Word.claim."""
    found: dict[int, Governor] = {}
    told: list[tuple[str, str | None]] = []
    last: int | None = None
    for sentence in w.split(words, ("end",)):
        if any(word.kind == "claim" for word in sentence):
            last = _sentence(sentence, quantities, found, told, last)
    return found


def _sentence(
    sentence: list[Word], quantities: Sequence[Quantity], found: dict[int, Governor],
    told: list[tuple[str, str | None]], last: int | None,
) -> int | None:  # fmt: skip
    """Find what governs the claims of a sentence, after one of which the `last` claim may be broken down (。其中…).
    Returns the claim that the next sentence may break down."""
    carry = Carry(told=told, first=len(told))
    first = next(word.claim for word in sentence if word.kind == "claim")
    breakdown = Breakdown()
    for clause in w.split(sentence, ("stop",)):
        opens = last if clause[0] is sentence[0] else None
        breakdown.enter(clause, opens if carry.claim is None else carry.claim, quantities, found)
        indices = [i for i, word in enumerate(clause) if word.kind == "claim"]
        if not indices:
            _without_number(clause, carry)
            continue
        for place in _places(clause, indices, quantities, breakdown):
            _number(place, indices, quantities, found, carry, breakdown)
        _shared(clause, indices, quantities, found)
        distribution.distribute(clause, indices, first, quantities, found)
        distribution.kinds(clause, indices, quantities, found)
        distribution.levels([found[clause[i].claim] for i in indices])
    money.purposes(sentence, quantities, found)
    return carry.claim


def _places(
    clause: list[Word], indices: list[int], quantities: Sequence[Quantity], breakdown: Breakdown
) -> Iterator[Place]:
    """The numbers of a clause; lazily, for one of them may end the breakdown that the next would stand in."""
    previous = 0
    for index, following in zip(indices, [*indices[1:], len(clause)], strict=True):
        after = quantities[clause[following].claim] if following < len(clause) else None
        quantity = quantities[clause[index].claim]
        right = clause[index + 1 : following]
        right = right[next((i for i, word in enumerate(right) if word.kind != "suffix"), len(right)) :]
        yield Place(clause, previous, index, following, right, quantity, after, breakdown.whole is not None)
        previous = index + 1


def _number(
    place: Place, indices: list[int], quantities: Sequence[Quantity], found: dict[int, Governor], carry: Carry,
    breakdown: Breakdown,
) -> None:  # fmt: skip
    """Find what governs one number, and what the next ones may take over from it."""
    clause, quantity, number = place.clause, place.quantity, place.clause[place.position].claim
    governor = _one(place, carry)
    _people_of_households(governor, quantity, carry)
    _named_by_unit(governor, quantity, place.coordinate)
    if place.coordinate:
        k = indices.index(place.position)
        _narrowed(governor, clause, [-1, *indices][k - 1] + 1, indices[k - 1], place.position)
    whole = found[breakdown.whole] if breakdown.whole is not None else None
    begins = not place.coordinate and clause is not breakdown.opened
    if whole and begins and speaks_anew(governor, whole, quantity):
        if governor.rule == "carried_object":
            governor.object = whole.object
        breakdown.whole = whole = None
    if governor.object and carry.object:
        told_last = carry.object if measures.measured(quantity) else carry.thing()
        known = (whole.object if whole else None) or told_last
        governor.object = completed(governor.object, known or "", carry.action) or None
    if place.coordinate:
        span = (place.previous, place.position, place.following)
        parts.inside(clause, span, governor, quantity.unit if quantity.unit in _nouns() else None, found)
    if whole and breakdown.whole is not None:
        breakdown.tell(governor, number, quantity, whole, quantities[breakdown.whole])
    found[number] = governor
    carry.take(governor, number, quantity, breakdown.whole is None)


def _shared(
    clause: list[Word], indices: list[int], quantities: Sequence[Quantity], found: dict[int, Governor]
) -> None:
    """解决26万贫困户118万人饮水安全问题: two numbers side by side share the noun behind the second; and 建议96件、提案
    83件全部办结: those of a list share the verb behind the last."""
    for here, after in reversed(list(pairwise(indices))):
        one, other = found[clause[here].claim], found[clause[after].claim]
        if after == here + 1 and one.object is None and other.behind:
            one.object = other.object
        between = clause[here + 1 : after]
        people = {quantities[clause[i].claim].unit in PEOPLE for i in (here, after)}
        listed = len(people) == 1 and any(word.kind in ("pause", "conjunction") for word in between)
        if listed and one.action is None and one.rule in _UNGOVERNED and other.rule in GOVERNED_BEHIND:
            one.action = other.action


def _without_number(clause: list[Word], carry: Carry) -> None:
    """What a clause without a number leaves to the one after it: its subject, its verb and object."""
    if not any(word.verb in ("reach", "have") for word in clause):
        carry.subject = _subject_of(clause)
    elif phrases.STATE_HEAD.search(clause[-1].text):  # 没有做完的是改厕率，目标50%
        names = max((i + 1 for i, word in enumerate(clause) if word.verb == "reach"), default=0)
        carry.subject = phrases.clean(clause[names:])
    carry.before = phrases.parse_left(phrases.strip(clause))


def _named_by_unit(governor: Governor, quantity: Quantity, listed: bool) -> None:
    """9个社区、6.3万居民: a noun in the place of the measure word is what is counted."""
    if quantity.unit in _nouns() and (governor.object is None or governor.rule in _TAKEN_OVER):
        governor.object = quantity.unit
        governor.action = governor.action if listed or governor.rule != "carried_object" else None


@cache
def _nouns() -> frozenset[str]:
    return frozenset(row["unit"] for row in rows("units") if row["kind"] == "noun" and len(row["unit"]) > 1)


def _narrowed(governor: Governor, clause: list[Word], before_last: int, last: int, index: int) -> None:
    """Put the threshold before the object that it narrows."""
    if governor.object:
        governor.object = _threshold(clause, before_last, last, index) + governor.object


def _threshold(clause: list[Word], before_last: int, last: int, index: int) -> str:
    """Which ones are counted, where the number before is a threshold: 年收入不足10万元的|村还有3个."""
    words = [word for word in clause[last + 1 : index] if word.kind not in ("suffix", "mark")]
    beyond = clause[last - 1].text in _BEYOND if last else False
    if not words or words[0].kind != "of" or not any(word.kind == "noun" for word in words):
        return ""
    if not beyond and clause[last + 1].kind != "suffix":
        return ""
    named = phrases.parse_left(phrases.strip(clause[before_last:last]))
    suffix = clause[last + 1].text if clause[last + 1].kind == "suffix" else ""
    said = phrases.clean(named.object or named.subject)
    return said + (clause[last - 1].text if beyond else "") + clause[last].text + suffix + "的"


def _people_of_households(governor: Governor, quantity: Quantity, carry: Carry) -> None:
    """农户4126户、13960人: the second number counts people, not households."""
    if governor.rule != "carried_object" or carry.unit not in ("户", "个") or quantity.unit not in ("人", "口人"):
        return
    resident = "常住" in f"{carry.action}{carry.object}"  # 常住居民1.9万户6.3万人
    if _POOR.search(governor.object or ""):
        governor.object = f"{governor.object}"[:-1] + "人口"  # 建档立卡贫困户1024户3687人
    elif not _GROUP.search(governor.object or ""):
        governor.object = "常住人口" if resident else "人口"


def _subject_of(clause: list[Word]) -> str | None:
    first = next((i for i, word in enumerate(clause) if word.kind == "verb"), len(clause))
    return phrases.clean(clause[:first]) or None


def _one(place: Place, carry: Carry) -> Governor:
    """Action and object of one number by the words of its clause and what was told before."""
    quantity, coordinate, right, another = place.quantity, place.coordinate, place.right, place.after is not None
    left = _left(place.clause[place.previous : place.position], right, quantity, carry, coordinate)
    if 0 < len(left) < 4 and _REST.fullmatch(w.text(left)) and (known := _of_the_rest(quantity, carry)):
        noun, done = behind.noun(right, phrases.Left(), False, quantity)  # 剩下的58户旱厕全部改完
        return Governor(done or before.deed_behind(right), phrases.clean(noun) or known, "rest")  # 剩下的136件转交部门
    parsed = phrases.parse_left(left)
    if left and left[0].text in ("对", "将", "把") and not parsed.verb:
        parsed.preposition = left[0].text  # 对沿江|27个排污口予以封堵
    if quantity.dimension == "money" and parsed.verb_class not in ("reach", "change"):
        paid = money.governor(left, parsed, right, carry, place.in_breakdown or coordinate)
        if paid:
            return paid
    joined = coordinate and place.clause[place.previous].kind in ("pause", "conjunction")
    if joined and carry.action and left and parsed.verb and not _opens_with_verb(left, parsed):
        counts = bool(behind.noun(right, parsed, True, quantity)[0])
        if all(word.kind == "verb" for word in left) and not counts:  # 河道清淤1254万方、综合整治281.9公里
            return Governor(w.text(left), carry.object, "carried_object")
        if parsed.verb_class not in ("reach", "change", "have") and not (counts and parsed.verb == w.text(left)):
            parsed = phrases.Left(subject=left)  # 农村公路提质改造307公里、安防工程建设900公里: one verb governs both
    if shaped := shapes.governor(place, left, parsed, carry):
        return shaped
    measured = measures.measured(quantity)
    spent = quantity.dimension == "money" and bool(right) and right[0].text in money.PURPOSE_VERBS
    if (not measured and not spent) or (right and right[0].kind == "of"):
        noun, verb_after = behind.noun(right, parsed, coordinate and bool(carry.action), quantity)
        empty = not noun or (len(noun) == 1 and not phrases.clean(noun))  # 15项|全省推广
        if not empty and not _told_left(left, parsed, right, quantity, another):
            verb_after = None if _acts_on(quantity, place.after, right) else verb_after
            return _noun_after(noun, verb_after, parsed, quantity, carry, coordinate, measured, noun[-1] is right[-1])
    if measured:
        return measures.scored(measures.governor(left, carry, coordinate), quantity)
    return before.governor(parsed, left, right, quantity, carry, coordinate, place.in_breakdown, another)


def _acts_on(quantity: Quantity, after: Quantity | None, right: list[Word]) -> bool:
    """Whether a place or thing acts on what the next number counts: 5座码头压减到|2座, but not 31家检查了|4轮. What
    people do is told of them: 10名党员挂钩|3个网格."""
    if quantity.unit in PEOPLE or after is None or after.dimension != "count" or after.unit in _TIMES:
        return False
    last = next((word for word in reversed(right) if word.kind not in ("adverb", "mark")), None)
    return last is not None and last.kind == "verb"


def _of_the_rest(quantity: Quantity, carry: Carry) -> str | None:
    return quantity.unit if quantity.unit in _nouns() else carry.counted(quantity.unit) or carry.object


def _opens_with_verb(left: list[Word], parsed: phrases.Left) -> bool:
    """Whether a clause of a list has a verb of its own in front: 改造|户厕10万个, but not 改造|项目3个."""
    first = next((word for word in left if word.kind != "adverb"), left[0])
    governs = first.kind == "verb" and not first.nominal
    names = first.verb in ("act", "light") and (parsed.verb or "").startswith(first.text)
    names = names and first.text not in _NAMES_KIND and not phrases.EVENT.search(w.text(left))
    return governs or (names and bool(parsed.object))


def _left(
    words: list[Word], right: list[Word], quantity: Quantity, carry: Carry, coordinate: bool
) -> list[Word]:  # fmt: skip
    """What stands before the quantity and may govern it."""
    if coordinate and not measures.measured(quantity):
        words = _after_object(words, carry.behind)
    left = phrases.strip(words)
    if coordinate:
        left = _after_distribution(left)  # 对24家餐饮店|每两个月检查1次
    if len(left) > 2 and left[0].text in ("对", "将", "把") and left[-1].kind == "of" and carry.object:
        return []  # 排查出租房73户，对存在隐患的18户限期整改
    if quantity.unit in shapes.SERVED and any(word.verb in ("act", "light") and not word.nominal for word in right):
        return [word._replace(kind="preposition", verb="") if word.text == "为" else word for word in left]
    return left


def _after_object(words: list[Word], end: int) -> list[Word]:
    """What a list goes on with after the object behind the number before: 完成5万座|户厕改造|、139个村庄污水治理."""
    pause = next((i for i, word in enumerate(words) if word.kind == "pause"), 0)
    if pause and all(word.kind in ("verb", "adverb") for word in words[:pause]):
        return words[pause:]  # 53.7万人|脱贫|、513个贫困村退出
    rest = [word for word in words if end and word.start >= end]
    return rest if rest and rest[0].kind in ("pause", "conjunction") and rest[0].text not in ("及", "与") else words


def _after_distribution(left: list[Word]) -> list[Word]:
    """What follows 每… where only the noun of the number before stands before it."""
    at = next((i for i, word in enumerate(left) if word.kind == "adverb" and word.text[0] == "每"), None)
    if at is not None and left[at].text == "每" and left[at + 1 : at + 2] and left[at + 1].text[0] in "两三半":
        return left[at + 2 :]  # 每|两个月|检查
    return left[at:] if at and all(word.kind == "noun" for word in left[:at]) else left


def _told_left(
    left: list[Word], parsed: phrases.Left, right: list[Word], quantity: Quantity, another: bool
) -> bool:
    """Whether what is counted was told before the number, and what stands behind it says something else:
    抽调干部11名|集中办公, 无物业小区27个|管理难; or, with `another` number behind it, 讲座30场|听众2550人次."""
    told = phrases.clean(parsed.object or parsed.subject)
    if not left or left[-1].kind != "noun" or len(told) < 2 or phrases.ORGANISATION.search(told) or parsed.preposition:
        return False
    if quantity.unit in ("名", "人", "位") and behind.PERSON.search(told) and not behind.names_person(right):
        return True  # 抽调干部58名|实体办公
    counts = quantity.dimension not in ("money", "percent") and quantity.unit not in FREQUENCIES | before.ROUNDS
    return (counts and right[0].kind == "verb") or (another and all(word.kind in ("noun", "bracket") for word in right))


def _noun_after(
    noun: list[Word], verb_after: str | None, parsed: phrases.Left, quantity: Quantity,
    carry: Carry, coordinate: bool, measured: bool, alone: bool,
) -> Governor:  # fmt: skip
    """verb N object, or N object verb; `alone`: nothing follows the object."""
    said = phrases.clean(noun)
    if said == "人家" and quantity.unit == "户" and alone:
        said = before.INHABITANTS["户"]
    modifier = (
        parsed.object
        if parsed.object and all(x.kind == "noun" for x in parsed.object) and len(w.text(parsed.object)) <= 6
        else []
    )
    if modifier:
        said = phrases.clean(modifier) + said
    action = parsed.verb
    rule = "verb_number_object"
    if action is None and verb_after and parsed.preposition in _DONE_TO:
        action, rule = verb_after, "number_object_verb"
    if action is None and not parsed.preposition:
        if verb_after:
            action, rule = verb_after, "number_object_verb"
        elif coordinate or phrases.clean(parsed.subject) == "":
            action = carry.verb_for(quantity.unit, coordinate)
            rule = "carried_verb" if action else rule
    if measured:
        said += "比例"
    return Governor(action, said, rule, behind=noun[-1].end)
