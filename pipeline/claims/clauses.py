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
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from pipeline.claims import before, behind, distribution, measures, money, phrases
from pipeline.claims import words as w
from pipeline.claims.governors import Carry, Governor, completed, same_kind, speaks_anew
from pipeline.claims.measure_words import FREQUENCIES, PEOPLE
from pipeline.claims.words import Word
from pipeline.lexicon import one_of, rows, word_list
from pipeline.records import Quantity

_INSIDE = re.compile(r"[中里](?:仍|还|只|尚|就)?有$")
_SERVED = PEOPLE | {"户", None}  # 为2360名患者建立档案, 为8000万居民提供服务
_GROUP = re.compile(r"(?:群众|对象|人员|低保|五保|特困)$")  # 转移群众187户563人
_NAMES_KIND = word_list("verb_as_kind")  # 绿化道路, 生产矿山: kinds of things
_BEYOND = frozenset(("超", "超过", "不足", "低于", "高于", "不低于", "达", "达到", "满", "大于", "小于"))
_POOR = re.compile(r"(?<![农住商用总门租])户$")
_TAKEN_OVER = frozenset(("carried_object", "number_verb", "inhabitants", "rest", "none", "people_verb"))
_TAKES_PART = word_list("verb_of_people")
_GETS = word_list("verb_of_getting")
_REST = re.compile(rf"(?:{one_of('the_rest')})(?:的|还有|尚有|还)?")


@dataclass(slots=True)
class _Breakdown:
    """The claim that the claims after 其中 are parts of, while they are told; `opened` is the clause with 其中."""

    whole: int | None = None
    opened: list[Word] = field(default_factory=list)

    def enter(self, clause: list[Word], so_far: list[int], last: int | None, quantities: Sequence[Quantity]) -> None:
        if self.whole is None and any(word.text.startswith("其中") for word in clause):
            self.whole, self.opened = _whole_of(clause, so_far, last, quantities), clause
        if any(word.text in ("另外", "此外", "同时") for word in clause):
            self.whole = None

    def tell(self, governor: Governor, number: int, quantity: Quantity, whole: Governor, of: Quantity) -> None:
        """A part is counted into the whole, and shares its deed where it has none of its own."""
        if number == self.whole or not same_kind(of, quantity):
            return
        governor.breakdown = self.whole
        own = (governor.action or "").startswith(("新", "续", "扩", "迁", "翻"))  # 其中续建41个
        taken = governor.rule.startswith("carried") or governor.rule == "subject_number"
        if governor.action is None or (taken and not own):
            governor.action = whole.action


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
    parts = _Breakdown()
    so_far: list[int] = []
    for clause in w.split(sentence, ("stop",)):
        opens = last if clause[0] is sentence[0] else None
        parts.enter(clause, so_far, opens if carry.claim is None else carry.claim, quantities)
        indices = [i for i, word in enumerate(clause) if word.kind == "claim"]
        if not indices:
            _without_number(clause, carry)
            continue
        previous = 0
        for k, index in enumerate(indices):
            following = indices[k + 1] if k + 1 < len(indices) else len(clause)
            number = clause[index].claim
            quantity = quantities[number]
            governor = _one(clause, previous, index, following, quantity, carry, k > 0, parts.whole is not None)
            _people_of_households(governor, quantity, carry)
            _named_by_unit(governor, quantity, k > 0)
            if k > 0:
                _narrowed(governor, clause, [-1, *indices][k - 1] + 1, indices[k - 1], index)
            whole = found[parts.whole] if parts.whole is not None else None
            if whole and k == 0 and clause is not parts.opened and speaks_anew(governor, whole, quantity):
                if governor.rule == "carried_object":
                    governor.object = whole.object
                parts.whole = whole = None
            if governor.object and carry.object:
                told_last = carry.object if measures.measured(quantity) else carry.thing()
                known = (whole.object if whole else None) or told_last
                governor.object = completed(governor.object, known or "", carry.action) or None
            if k > 0 and _INSIDE.search(w.text(clause[previous:index])):
                governor.breakdown = _all_of_them(clause[previous - 1].claim, found)
            if whole and parts.whole is not None:
                parts.tell(governor, number, quantity, whole, quantities[parts.whole])
            found[number] = governor
            carry.take(governor, number, quantity, parts.whole is None)
            so_far.append(number)
            previous = index + 1
        _shared_object(clause, indices, found)
        distribution.distribute(clause, indices, first, quantities, found)
        distribution.kinds(clause, indices, quantities, found)
        distribution.levels([found[clause[i].claim] for i in indices])
    money.purposes(sentence, quantities, found)
    return carry.claim


def _shared_object(clause: list[Word], indices: list[int], found: dict[int, Governor]) -> None:
    """解决26万贫困户118万人饮水安全问题: two numbers side by side share the noun behind the second."""
    for here, after in reversed(list(pairwise(indices))):
        one, other = found[clause[here].claim], found[clause[after].claim]
        if after == here + 1 and one.object is None and other.behind:
            one.object = other.object


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


def _all_of_them(number: int, found: dict[int, Governor]) -> int:
    """9个村中有2个村: the claim before is the whole, and 中 is not part of its object."""
    whole = found[number]
    whole.object = (whole.object or "").removesuffix("中").removesuffix("里") or None
    return number


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


def _whole_of(
    clause: list[Word], before: list[int], last: int | None, quantities: Sequence[Quantity]
) -> int | None:
    """The claim of which 其中 tells a part: the last one, or the last that counts in the same unit where the last one
    counts something else (新建420座，完成任务的105%，其中双瓮式34座)."""
    part = next((quantities[word.claim] for word in clause if word.kind == "claim"), None)
    if part is None or last is None or same_kind(quantities[last], part):
        return last
    return next((i for i in reversed(before[-4:]) if quantities[i].unit == part.unit), last)


def _subject_of(clause: list[Word]) -> str | None:
    first = next((i for i, word in enumerate(clause) if word.kind == "verb"), len(clause))
    return phrases.clean(clause[:first]) or None


def _one(
    clause: list[Word], previous: int, index: int, following: int, quantity: Quantity,
    carry: Carry, coordinate: bool, in_breakdown: bool,
) -> Governor:  # fmt: skip
    right = clause[index + 1 : following]
    while right and right[0].kind == "suffix":
        right = right[1:]
    left = _left(clause[previous:index], right, quantity, carry, coordinate)
    if 0 < len(left) < 4 and _REST.fullmatch(w.text(left)) and (known := _of_the_rest(quantity, carry)):
        return Governor(before.deed_behind(right), known, "rest")  # 当场办结1107件，剩下的136件转交部门
    parsed = phrases.parse_left(left)
    joined = coordinate and clause[previous].kind in ("pause", "conjunction")
    another = following < len(clause)
    if quantity.dimension == "money":
        paid = money.governor(left, parsed, right, carry, in_breakdown or coordinate)
        if paid:
            return paid
    if joined and carry.action and left and parsed.verb and not _opens_with_verb(left, parsed):
        counts = bool(behind.noun(right, parsed, True, quantity)[0])
        if all(word.kind == "verb" for word in left) and not counts:  # 河道清淤1254万方、综合整治281.9公里
            return Governor(w.text(left), carry.object, "carried_object")
        if parsed.verb_class not in ("reach", "change", "have") and not (counts and parsed.verb == w.text(left)):
            parsed = phrases.Left(subject=left)  # 农村公路提质改造307公里、安防工程建设900公里: one verb governs both
    if shaped := _how_often(left, parsed, right, quantity) or _taking_part(left, parsed, right, quantity, carry):
        return shaped
    measured = measures.measured(quantity)
    spent = quantity.dimension == "money" and bool(right) and right[0].text in money.PURPOSE_VERBS
    if (not measured and not spent) or (right and right[0].kind == "of"):
        noun, verb_after = behind.noun(right, parsed, coordinate and bool(carry.action), quantity)
        if noun and not _told_left(left, parsed, right, quantity, another):
            return _noun_after(noun, verb_after, parsed, quantity, carry, coordinate, measured, noun[-1] is right[-1])
    if measured:
        return measures.scored(measures.governor(left, carry, coordinate), quantity)
    return before.governor(parsed, left, right, quantity, carry, coordinate, in_breakdown, another)


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
    if quantity.unit in _SERVED and any(word.verb in ("act", "light") and not word.nominal for word in right):
        return [word._replace(kind="preposition", verb="") if word.text == "为" else word for word in left]
    return left


def _how_often(left: list[Word], parsed: phrases.Left, right: list[Word], quantity: Quantity) -> Governor | None:
    """A deed behind the number that counts it: 镇里3次召开专题党委会, 连续三年入选百强, 两降."""
    if not right:
        return None
    verb = right[0]
    if quantity.unit is None and quantity.script == "chinese" and verb.kind == "verb" and not parsed.object:
        return Governor(w.text(right[:1]), w.text(right[:1]), "verb_of_rate")
    if left and left[-1].text in ("连续", "已连续") and quantity.dimension in ("duration", "count"):
        return _in_a_row(left[:-1], right)
    if parsed.verb_class == "light" and not parsed.object and quantity.unit in before.ROUNDS and verb.verb == "act":
        end = next((i for i, word in enumerate(right) if word.kind != "verb"), len(right))
        ends = all(word.kind != "noun" for word in right[end:])
        return Governor(parsed.verb, w.text(right[:end]), "rounds") if ends else None  # 开展3轮|摸排
    if quantity.unit == "次" and verb.verb in ("act", "light") and not (parsed.verb or parsed.object):
        noun, _ = behind.noun(right[1:], phrases.Left(verb=verb.text), False, quantity)
        if noun:
            return Governor(verb.text, phrases.clean(noun), "times_verb")
    return None


def _taking_part(
    left: list[Word], parsed: phrases.Left, right: list[Word], quantity: Quantity, carry: Carry
) -> Governor | None:
    """先后有9800人次参与; 由5家增加到10家, told by the verb behind the number it starts from."""
    if not right:
        return None
    if right[0].text in _TAKES_PART and quantity.unit in PEOPLE and not parsed.verb:
        followed = next((word.kind for word in right[1:] if word.kind not in ("suffix", "mark")), "stop")
        if followed in ("stop", "claim", "bracket"):
            return Governor(right[0].text, right[0].text + "人员", "people_verb")
    if right[0].text.removesuffix("了") in _GETS and quantity.unit in _SERVED and not (parsed.verb or parsed.object):
        noun, _ = behind.noun(right[1:], phrases.Left(verb=right[0].text), False, quantity)
        return Governor(right[0].text, phrases.clean(noun) or None, "people_get")  # 118户用上了冲水厕所
    if parsed.preposition in ("从", "由") and right[0].verb == "change" and left:
        names = parsed.object and all(word.nominal for word in left if word.kind == "verb")
        named = left if names else parsed.object or parsed.subject  # 产品|认证|数量由4个增加到9个
        said = phrases.clean([word for word in named if word.kind != "preposition"])
        return Governor(right[0].text, said or carry.object, "from_value")
    return None


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
    counts = quantity.dimension not in ("money", "percent") and quantity.unit not in FREQUENCIES | before.ROUNDS
    return (counts and right[0].kind == "verb") or (another and all(word.kind in ("noun", "bracket") for word in right))


def _in_a_row(left: list[Word], right: list[Word]) -> Governor:
    """连续三年入选百强: what was done, or how something stood, so many times in a row."""
    what = [word for word in right if word.kind not in ("adverb", "mark")]
    if what and what[0].kind == "verb":
        return Governor(what[0].text, phrases.clean(what[1:]) or phrases.clean(left) or None, "in_a_row")
    return Governor(None, phrases.clean(left) + w.text(what) or None, "in_a_row")


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
    if action is None and verb_after and parsed.preposition in ("对", "将", "把"):
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
