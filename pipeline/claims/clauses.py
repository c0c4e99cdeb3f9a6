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
from functools import cache

from pipeline.claims import distribution, measures, money, phrases
from pipeline.claims import words as w
from pipeline.claims.governors import TASK_TAIL, Carry, Governor, completed, same_kind, speaks_anew
from pipeline.claims.words import Word
from pipeline.lexicon import rows, verbs, word_list
from pipeline.records import Quantity

_INSIDE = re.compile(r"[中里](?:仍|还|只|尚|就)?有$")
_TIMES = word_list("unit_of_frequencies")
_ROUNDS = frozenset(("次", "遍", "回", "趟", "轮", "轮次"))
_PEOPLE = word_list("unit_of_people")
_SERVED = _PEOPLE | {"户", None}  # 为2360名患者建立档案, 为8000万居民提供服务
_GROUP = re.compile(r"(?:群众|对象|人员)$")  # 转移群众187户563人
_OF_BEFORE = word_list("property_of_before")
_INHABITANTS = {"户": "总户数", "人": "总人口", "口人": "总人口"}
_WITH_OBJECT = word_list("verb_with_its_object")
_FITS = frozenset(("增设", "加装", "安装", "装", "缺", "尚缺"))
_HANDLES = word_list("verb_of_handling")
_VILLAGE = re.compile(r"^[一-鿿]{2,4}?(?:村|社区)")
_CONSISTS = ("组成", "构成")
_BEGINS = re.compile(r"^(?:开展|进行|组织|实施)(?=..)")  # 开展督查46次 counts the 督查
_TAKES_PART = word_list("verb_of_people")


@cache
def _implied() -> dict[str, str]:
    """models/implied_objects.csv: verb → what it is done to where nothing is named (日均清运30吨)."""
    return {row["verb"]: row["object"] for row in rows("implied_objects")}


def govern(words: Sequence[Word], quantities: Sequence[Quantity]) -> dict[int, Governor]:
    """Action and object of every claim in `words`; quantities are indexed by Word.claim."""
    found: dict[int, Governor] = {}
    told: list[tuple[str, str | None]] = []
    for sentence in w.split(words, ("end",)):
        if any(word.kind == "claim" for word in sentence):
            _sentence(sentence, quantities, found, told)
    return found


def _sentence(
    sentence: list[Word], quantities: Sequence[Quantity], found: dict[int, Governor],
    told: list[tuple[str, str | None]],
) -> None:
    carry = Carry(told=told)
    first = next(word.claim for word in sentence if word.kind == "claim")
    whole: int | None = None
    so_far: list[int] = []
    opened: list[Word] = []  # the clause that tells the first parts
    for clause in w.split(sentence, ("stop",)):
        if whole is None and any(word.text.startswith("其中") for word in clause):
            whole, opened = _whole_of(clause, so_far, carry.claim, quantities), clause
        if any(word.text in ("另外", "此外", "同时") for word in clause):
            whole = None
        indices = [i for i, word in enumerate(clause) if word.kind == "claim"]
        if not indices:
            if not any(word.verb in ("reach", "have") for word in clause):
                carry.subject = _subject_of(clause)
            elif phrases.STATE_HEAD.search(clause[-1].text):  # 未完成的指标为生活污水治理率，目标50%
                names = max((i + 1 for i, word in enumerate(clause) if word.verb == "reach"), default=0)
                carry.subject = phrases.clean(clause[names:])
            carry.before = phrases.parse_left(phrases.strip(clause))
            continue
        previous = 0
        for k, index in enumerate(indices):
            following = indices[k + 1] if k + 1 < len(indices) else len(clause)
            quantity = quantities[clause[index].claim]
            governor = _one(clause, previous, index, following, quantity, carry, k > 0, whole is not None)
            number = clause[index].claim
            if governor.rule == "carried_object" and carry.unit in ("户", "个") and quantity.unit in ("人", "口人"):
                named = _GROUP.search(governor.object or "")
                resident = "常住" in f"{carry.action}{carry.object}"  # 常住居民1.9万户6.3万人
                people = "常住人口" if resident else "人口"  # 农户4126户、13960人
                governor.object = governor.object if named else people
            if whole is not None and k == 0 and clause is not opened and speaks_anew(governor, found[whole], quantity):
                if governor.rule == "carried_object":
                    governor.object = found[whole].object
                whole = None
            if governor.object and carry.object:
                known = (found[whole].object if whole is not None else None) or carry.object
                governor.object = completed(governor.object, known, carry.action)
            if k > 0 and _INSIDE.search(w.text(clause[previous:index])):
                before = found[clause[previous - 1].claim]
                before.object = (before.object or "").removesuffix("中").removesuffix("里") or None
                governor.breakdown = clause[previous - 1].claim  # 9个村中有2个村
            if whole is not None and number != whole and same_kind(quantities[whole], quantity):
                governor.breakdown = whole
                own = (governor.action or "").startswith(("新", "续", "扩", "迁", "翻"))  # 其中续建41个
                taken = governor.rule.startswith("carried") or governor.rule == "subject_number"
                if governor.action is None or (taken and not own):
                    governor.action = found[whole].action
            found[number] = governor
            if whole is None or carry.claim is None:
                carry.claim = number
            carry.action, carry.object, carry.unit = governor.action, governor.object, quantity.unit
            told.append((governor.object or "", quantity.unit))
            so_far.append(number)
            previous = index + 1
            carry.before = None
        distribution.distribute(clause, indices, first, quantities, found)
        distribution.kinds(clause, indices, quantities, found)
        distribution.levels([found[clause[i].claim] for i in indices])
    money.purposes(sentence, quantities, found)


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
    left = phrases.strip(clause[previous:index])
    right = clause[index + 1 : following]
    while right and right[0].kind == "suffix":
        right = right[1:]
    if coordinate:
        left = _after_distribution(left)  # 对24家餐饮店|每两个月检查1次
    if len(left) > 2 and left[0].text in ("对", "将", "把") and left[-1].kind == "of" and carry.object:
        left = []  # 排查出租房73户，对存在隐患的18户限期整改
    if quantity.unit in _SERVED and any(word.verb in ("act", "light") and not word.nominal for word in right):
        left = [word._replace(kind="preposition", verb="") if word.text == "为" else word for word in left]
    parsed = phrases.parse_left(left)
    joined = coordinate and clause[previous].kind in ("pause", "conjunction")
    listed = in_breakdown or coordinate
    if quantity.dimension == "money" and (paid := money.governor(left, parsed, right, carry, listed)):
        return paid
    if joined and carry.action and left and parsed.verb and not (left[0].kind == "verb" and not left[0].nominal):
        if all(word.kind == "verb" for word in left):  # 河道清淤1254万方、综合整治281.9公里
            return Governor(w.text(left), carry.object, "carried_object")
        if parsed.verb_class not in ("reach", "change", "have"):
            parsed = phrases.Left(subject=left)  # 农村公路提质改造307公里、安防工程建设900公里: one verb governs both
    if (
        quantity.unit in (None, "次")
        and quantity.script == "chinese"
        and right
        and right[0].kind == "verb"
        and not parsed.object
    ):
        said = w.text(right[:1])
        if quantity.unit is None:
            return Governor(said, said, "verb_of_rate")
    if left and left[-1].text in ("连续", "已连续") and quantity.dimension in ("duration", "count") and right:
        return _in_a_row(left[:-1], right)
    if quantity.unit == "次" and right and right[0].verb in ("act", "light") and not (parsed.verb or parsed.object):
        noun, _ = phrases.noun_right(right[1:], phrases.Left(verb=right[0].text), False, quantity)
        if noun:
            return Governor(right[0].text, phrases.clean(noun), "times_verb")  # 镇里3次召开专题党委会
    if right and right[0].text in _TAKES_PART and quantity.unit in _PEOPLE and not parsed.verb:
        followed = next((word.kind for word in right[1:] if word.kind not in ("suffix", "mark")), "stop")
        if followed in ("stop", "claim", "bracket"):
            return Governor(right[0].text, right[0].text + "人员", "people_verb")  # 先后有9800人次参与
    if parsed.preposition in ("从", "由") and right and right[0].verb == "change" and left:
        said = phrases.clean(parsed.object) or phrases.clean(parsed.subject)
        return Governor(right[0].text, said or carry.object, "from_value")
    measured = quantity.dimension in ("percent", "ratio", "level") or quantity.unit in ("倍",)
    spent = quantity.dimension == "money" and bool(right) and right[0].text in money.PURPOSE_VERBS
    if (not measured and not spent) or (right and right[0].kind == "of"):
        noun, verb_after = phrases.noun_right(right, parsed, coordinate and bool(carry.action), quantity)
        if noun and not _told_left(left, parsed, right, quantity, following < len(clause)):
            return _noun_after(noun, verb_after, parsed, quantity, carry, coordinate, measured)
    if measured:
        return measures.governor(left, carry, coordinate)
    another = following < len(clause)
    return _noun_before(parsed, left, right, quantity, carry, coordinate, in_breakdown, another)


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
    counts = quantity.dimension not in ("money", "percent") and quantity.unit not in _TIMES | _ROUNDS
    return (counts and right[0].kind == "verb") or (another and all(word.kind in ("noun", "bracket") for word in right))


def _in_a_row(left: list[Word], right: list[Word]) -> Governor:
    """连续三年入选百强: what was done, or how something stood, so many times in a row."""
    what = [word for word in right if word.kind not in ("adverb", "mark")]
    if what and what[0].kind == "verb":
        return Governor(what[0].text, phrases.clean(what[1:]) or phrases.clean(left) or None, "in_a_row")
    return Governor(None, phrases.clean(left) + w.text(what) or None, "in_a_row")


def _noun_after(
    noun: list[Word], verb_after: str | None, parsed: phrases.Left, quantity: Quantity,
    carry: Carry, coordinate: bool, measured: bool,
) -> Governor:  # fmt: skip
    """verb N object, or N object verb."""
    said = phrases.clean(noun)
    if said == "人家" and quantity.unit == "户":
        said = _INHABITANTS["户"]
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
    return Governor(action, said, rule)


def _noun_before(
    parsed: phrases.Left, left: list[Word], right: list[Word], quantity: Quantity,
    carry: Carry, coordinate: bool, in_breakdown: bool, another: bool,
) -> Governor:  # fmt: skip
    """verb object N, subject verb N, or subject N."""
    if quantity.unit == "个单位":
        return Governor(parsed.verb, "单位", "unit_names")  # 从31个单位抽调
    if not left or not (parsed.subject or parsed.verb or parsed.object):
        told = _told_before(carry, acting=True)
        if told and quantity.unit in _TIMES and carry.before:
            return Governor(carry.before.verb, told, "clause_before")  # 每月召开例会，全年12次
        alone = not right or right[0].kind not in ("noun", "verb", "preposition", "adverb")  # not 17户|暂缓
        if alone and (people := _inhabitants(quantity, carry)):
            return Governor(None, people, "inhabitants")
        if carry.object and (done := _deed_behind(right)):
            return Governor(done, carry.object, "number_verb")
        if coordinate or carry.object:
            return Governor(carry.action, carry.object, "carried_object")
        return Governor(None, None, "none")
    stated = left[-1].text.endswith("收入")
    if coordinate and not parsed.object and left[-1].nominal and carry.action and not stated:
        return Governor(carry.action, phrases.clean(left), "carried_verb")  # 检查9所学校食品安全专项检查4次
    if parsed.verb is None and quantity.dimension == "money" and len(left) == 1 and left[0].nominal and not stated:
        return Governor(left[0].text, None, "verb_number")
    if parsed.verb is None:
        said = phrases.clean(phrases.last_noun_phrase(parsed.subject))
        if said in _OF_BEFORE and carry.object:
            return Governor(None, carry.object + said, "property_of_before")  # 短视频14期，点击量20万次
        if said in ("多", "少") and any(word.text in ("比", "较") for word in left) and carry.object:
            return Governor("增加" if said == "多" else "减少", carry.object, "compared")
        stative = bool(phrases.STATE_HEAD.search(said))
        if said and quantity.unit in _INHABITANTS and _VILLAGE.fullmatch(said):
            known = _VILLAGE.sub("", carry.object or "")  # 改造户厕486户：大茅坝村212户、石羊坳村274户
            known = said + known if known else _INHABITANTS[quantity.unit]
            return Governor(carry.action, known, "carried_object")
        if said and not (coordinate or another) and (done := _deed_behind(right)) and done not in _CONSISTS:
            return Governor(done, said, "subject_number_verb")  # 乱搭乱建47处已全部拆除
        trained = quantity.unit in _PEOPLE and len(said) > 2 and verbs().get(said[-2:]) == ("act", True)
        if trained and not coordinate:
            return Governor(said[-2:], said, "subject_number")  # 实用技术培训1870人次
        action = None if stative else carry.verb_for(quantity.unit, coordinate or in_breakdown)
        if action is None and not stative and (deed := _deed_at_end(parsed.subject, quantity)):
            return deed
        return Governor(action, said or carry.object, "subject_number" if action is None else "carried_verb")
    if parsed.object:
        said = phrases.clean(phrases.last_noun_phrase(parsed.object))
        subject = phrases.clean(parsed.subject)
        fitted = parsed.verb in _FITS or parsed.verb_class in ("have", "change")
        whose = fitted and len(said) <= 2 and 0 < len(subject) <= 6 and not phrases.ORGANISATION.search(subject)
        if whose and said and subject != said and parsed.subject[0].kind != "preposition":
            said = subject + said  # 既有住宅增设电梯200部
        return Governor(parsed.verb, said or carry.object, "verb_object_number")
    subject = phrases.clean(phrases.last_noun_phrase(parsed.subject))
    if parsed.verb_class in ("reach", "change", "have"):
        return Governor(
            parsed.verb,
            subject or (carry.object if not phrases.ORGANISATION.search(subject or "") else None) or carry.subject,
            "subject_reach_number",
        )
    if subject and not phrases.ORGANISATION.search(subject):
        if parsed.verb in _WITH_OBJECT:
            return Governor(parsed.verb, parsed.verb, "verb_with_its_object")
        if quantity.unit in _ROUNDS and phrases.ACTOR.search(subject):
            return Governor(parsed.verb, parsed.verb, "rounds")  # 保洁员每日清扫不少于两次
        return Governor(parsed.verb, subject, "subject_verb_number")
    if carry.object and (coordinate or carry.unit == quantity.unit):
        done = TASK_TAIL.sub("", carry.object)  # 下达户厕改造任务850户，实际完成862户
        return Governor(parsed.verb, done, "carried_object")  # 交办问题83个，办结79个
    if quantity.unit in ("人", "人次", "名"):
        said = _implied().get(parsed.verb) or parsed.verb + "人员"
        return Governor(parsed.verb, said, "verb_number")
    if told := _told_before(carry):
        return Governor(parsed.verb, told, "clause_before")  # 开设广播专栏，播出156期
    if quantity.dimension == "money":
        return Governor(parsed.verb, None, "verb_number")
    if parsed.verb in _HANDLES and (handled := carry.counted(quantity.unit)):
        return Governor(parsed.verb, handled, "told_before")  # 检查餐饮单位312家；停业整顿2家
    return Governor(parsed.verb, _implied().get(parsed.verb, _BEGINS.sub("", parsed.verb)), "verb_number")


def _told_before(carry: Carry, acting: bool = False) -> str | None:
    """What the clause before was done to, where it has no number of its own; it names nobody unless `acting`."""
    before = carry.before
    if before is None or before.verb_class not in ("act", "light") or len(before.object) > 4:
        return None
    if before.subject and not acting:
        return None
    return phrases.clean(phrases.last_noun_phrase(before.object)) or None


def _deed_behind(right: list[Word]) -> str | None:
    """整改 of 其中9家已整改完毕: a verb behind the number that has no other object."""
    said = [word for word in right if word.kind not in ("adverb", "mark", "suffix", "time")]
    if any(word.text.startswith(("未", "没", "不", "尚", "仍", "难")) for word in right):
        return None  # 旱厕126户未完成改造
    if len(said) in (2, 3) and said[0].verb == "light" and said[-1].verb == "act" and said[-1].nominal:
        return said[-1].text  # 老年人2100人做了免费体检
    if not said or said[0].verb not in ("act", "light", "weak") or right[0].kind == "pause":
        return None
    return said[0].text if all(word.kind == "verb" for word in said) else None


def _inhabitants(quantity: Quantity, carry: Carry) -> str | None:
    """辖14个村、9588户、3.41万人: households and people of the whole place, where only its parts were told before."""
    told = carry.action is None or verbs().get(carry.action, ("", False))[0] == "have"
    if quantity.unit not in _INHABITANTS or not told or carry.unit in ("户", *_PEOPLE):
        return None
    return _INHABITANTS[quantity.unit]


def _deed_at_end(subject: list[Word], quantity: Quantity) -> Governor | None:
    """毒饵站维护40个: a deed that is also a name governs what stands before it, where nothing else does."""
    governs = subject[1:] and subject[-1].verb == "nominal" and subject[-1].text != "达标"
    if not governs or quantity.dimension in ("money", "duration"):
        return None
    return Governor(subject[-1].text, phrases.clean(subject[:-1]) or None, "subject_verb_number")
