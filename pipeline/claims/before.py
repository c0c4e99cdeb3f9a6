"""Action and object of a quantity by what stands before it: verb object N, subject verb N, subject N, or nothing."""

from __future__ import annotations

import re
from functools import cache

from pipeline.claims import behind, phrases
from pipeline.claims.governors import TASK_TAIL, Carry, Governor
from pipeline.claims.measure_words import ANYTHING, FREQUENCIES, PEOPLE
from pipeline.claims.words import Word
from pipeline.lexicon import rows, verbs, word_list
from pipeline.records import Quantity

ROUNDS = frozenset(("次", "遍", "回", "趟", "轮", "轮次"))
INHABITANTS = {"户": "总户数", "人": "总人口", "口人": "总人口"}
_OF_BEFORE = word_list("property_of_before")
_WITH_OBJECT = word_list("verb_with_its_object")
_FITS = frozenset(("增设", "加装", "安装", "装", "缺", "尚缺"))
_HANDLES = word_list("verb_of_handling")
_VILLAGE = re.compile(r"^[一-鿿]{2,4}?(?:村|社区)")
_TAKES_PART = word_list("verb_of_people")
_NO_SUBJECT = word_list("no_subject")  # 现场|整改251条
_WHEN = re.compile(r"(?:(?:学|汛期|节|底|[日月年]|之|[春夏秋冬])[前后]|期间|以来|之际|过程中)$")  # 秋季开学前|投用3所
_CONSISTS = ("组成", "构成")
_EVENTS = FREQUENCIES | ROUNDS | {"堂", "届"}
_PEOPLE_UNITS = PEOPLE | {"户", "家"}
_MEASURES = word_list("measure_head")
_MORE = ("多", "少")
_THAN = re.compile(r"[比较].{1,8}[多少]")
_EACH = re.compile(r"^(?:人均|户均|平均|每人|每户|每月|[月年日])+(?=..)")
_BEGINS = re.compile(r"^(?:开展|进行|组织|实施|完成|新增)(?=..)")  # 开展督查46次 counts the 督查


@cache
def _implied() -> dict[str, str]:
    """models/implied_objects.csv: verb → what it is done to where nothing is named (日均清运30吨)."""
    return {row["verb"]: row["object"] for row in rows("implied_objects")}


def governor(
    parsed: phrases.Left, left: list[Word], right: list[Word], quantity: Quantity,
    carry: Carry, coordinate: bool, in_breakdown: bool, another: bool,
) -> Governor:  # fmt: skip
    """What governs a quantity that counts nothing behind it; `another` says that one more number follows."""
    if quantity.unit == "个单位":
        return Governor(parsed.verb, "单位", "unit_names")  # 从31个单位抽调
    if not left or not (parsed.subject or parsed.verb or parsed.object):
        shared = bool(left) and left[-1].text.endswith("均")
        return _nothing_before(right, quantity, carry, coordinate, shared)
    stated = left[-1].text.endswith("收入")
    own = left[0].verb in ("act", "light") and not left[0].nominal
    if coordinate and not parsed.object and left[-1].nominal and carry.action and not stated and not own:
        if quantity.unit in ROUNDS and carry.thing_met(phrases.clean(left)):
            return Governor(carry.action, carry.object, "told_before")  # 对24家餐饮店每月检查1次
        return Governor(carry.action, phrases.clean(left), "carried_verb")  # 检查5家药店用药安全检查2次
    if parsed.verb is None and quantity.dimension == "money" and len(left) == 1 and left[0].nominal and not stated:
        return Governor(left[0].text, None, "verb_number")
    if parsed.verb is None:
        return _subject_alone(parsed, left, right, quantity, carry, coordinate, in_breakdown, another)
    if parsed.object:
        return _verb_object(parsed, parsed.verb, quantity, carry)
    return _verb_last(parsed, parsed.verb, quantity, carry, coordinate)


def _nothing_before(
    right: list[Word], quantity: Quantity, carry: Carry, coordinate: bool, shared: bool
) -> Governor:
    """A quantity that stands alone in its clause takes over what was told before it; not what was done, where it says
    how much falls to each (`shared`: 户均4条)."""
    told = _told_before(carry, acting=True)
    if told and quantity.unit in FREQUENCIES and carry.before:
        return Governor(carry.before.verb, told, "clause_before")  # 每月召开例会，全年12次
    alone = not right or right[0].kind not in ("noun", "verb", "preposition", "adverb")  # not 17户|暂缓
    if alone and (people := _inhabitants(quantity, carry)):
        return Governor(None, people, "inhabitants")
    if carry.object and (done := deed_behind(right)):
        return Governor(done, carry.object, "number_verb")
    if coordinate or carry.object:
        return Governor(None if shared else carry.action, carry.thing(), "carried_object")
    return Governor(None, None, "none")


def _subject_alone(
    parsed: phrases.Left, left: list[Word], right: list[Word], quantity: Quantity,
    carry: Carry, coordinate: bool, in_breakdown: bool, another: bool,
) -> Governor:  # fmt: skip
    """subject N: no verb stands before the quantity."""
    said = phrases.clean(phrases.last_noun_phrase(parsed.subject))
    if carry.object and {said, _EACH.sub("", said)} & _OF_BEFORE:
        return Governor(None, property_of(said, carry), "property_of_before")  # 短视频14期，点击量20万次
    if carry.object and (said in _MORE or _THAN.fullmatch(said)):
        return Governor(said[-1], carry.object, "compared")  # 比上年多19件
    if said in _HANDLES and (handled := carry.counted(quantity.unit)):
        return Governor(said, handled, "told_before")  # 抽检食品96批次，合格95批次
    stative = bool(phrases.STATE_HEAD.search(said))
    acts = verbs().get(carry.action or "", ("", False))[0] in ("act", "light")
    if said in _MEASURES and carry.object and (coordinate or acts):
        return Governor(carry.action, said, "carried_verb")  # 拆除违建47处、面积6420平方米
    if quantity.unit in ROUNDS and carry.action and phrases.ACTOR.search(said):
        return Governor(carry.action, carry.object, "carried_object")  # 县级河长每季度巡查1次，乡级河长2次
    if said and quantity.unit in INHABITANTS and _VILLAGE.fullmatch(said):
        known = _VILLAGE.sub("", carry.object or "")  # 改造户厕486户：大茅坝村212户、石羊坳村274户
        known = said + known if known else INHABITANTS[quantity.unit]
        return Governor(carry.action, known, "carried_object")
    governed = another or (coordinate and carry.action is not None)
    if said and not governed and (done := deed_behind(right)) and done not in _CONSISTS:
        return Governor(done, said, "subject_number_verb")  # 乱搭乱建47处已全部拆除
    trained = quantity.unit in PEOPLE and len(said) > 2 and verbs().get(said[-2:]) == ("act", True)
    if trained and not coordinate:
        return Governor(said[-2:], said, "subject_number")  # 实用技术培训1870人次
    action = None if stative else carry.verb_for(quantity.unit, coordinate or in_breakdown)
    if action is None and not stative and (deed := _deed_at_end(parsed.subject, quantity)):
        return deed
    return Governor(action, said or carry.object, "subject_number" if action is None else "carried_verb")


def property_of(said: str, carry: Carry) -> str:
    """The full name of what belongs to what was told before: 保洁员18名，人均月工资600元 → 保洁员工资."""
    of, core = carry.object, _EACH.sub("", said)
    if not {said, core} & _OF_BEFORE or not of or phrases.STATE_HEAD.search(of):
        return said  # 月工资600元，服务费31万元
    return of + core


def _verb_object(parsed: phrases.Left, verb: str, quantity: Quantity, carry: Carry) -> Governor:
    """verb object N."""
    thing = parsed.object
    if verb in phrases.WITH_PEOPLE and quantity.unit in _PEOPLE_UNITS:
        who = next((i for i in range(len(thing) - 1, 0, -1) if behind.names_person(thing[i - 1 : i])), 0)
        thing = thing[:who] if who and thing[-1].kind == "verb" else thing  # 引导摊主|入市经营67户
    if quantity.unit in ROUNDS:
        thing = _meeting(thing)
    said = phrases.clean(phrases.last_noun_phrase(thing))
    subject = phrases.clean(parsed.subject)
    fitted = verb in _FITS or parsed.verb_class in ("have", "change")
    whose = fitted and len(said) <= 2 and 0 < len(subject) <= 6 and not phrases.ORGANISATION.search(subject)
    if said == "编制" and subject:
        return Governor(verb, subject + said, "verb_object_number")  # 县爱卫办核定编制4名
    if whose and said and subject != said and parsed.subject[0].kind != "preposition":
        said = subject + said  # 既有住宅增设电梯200部
    return Governor(verb, said or carry.object, "verb_object_number")


def _meeting(thing: list[Word]) -> list[Word]:
    """召开党委会|研究农村工作17次: what was held, without what it was held for."""
    at = next((i for i, word in enumerate(thing) if word.kind == "noun" and word.text.endswith(("会", "会议"))), None)
    follows = at is not None and len(thing) > at + 2 and thing[at + 1].kind == "verb"
    return thing[: (at or 0) + 1] if follows else thing


def _verb_last(parsed: phrases.Left, verb: str, quantity: Quantity, carry: Carry, coordinate: bool) -> Governor:
    """subject verb N: the verb stands right before the quantity."""
    subject = phrases.clean(phrases.last_noun_phrase(phrases.without_agent(parsed.subject)))
    subject = "" if subject in _NO_SUBJECT or subject in _MORE or _WHEN.search(subject) else subject
    organisation = bool(phrases.ORGANISATION.search(subject))
    if parsed.verb_class in ("reach", "change", "have"):
        subject = property_of(subject, carry)
        if (carry.object or "").endswith("编制") and quantity.unit in PEOPLE and not subject:
            subject = f"{carry.object}".removesuffix("编制") + "人员"  # 核定编制4名，实有3人
        said = subject or (carry.object if not organisation else None) or carry.subject
        return Governor(verb, said, "subject_reach_number")
    if subject and parsed.subject[0].text in ("对", "对于"):
        return Governor(verb, subject, "subject_verb_number")  # 对村卫生室每季度考核1次
    if subject and not organisation:
        if verb in _WITH_OBJECT:
            return Governor(verb, verb, "verb_with_its_object")
        if quantity.unit in ROUNDS and phrases.ACTOR.search(subject):
            return Governor(verb, verb, "rounds")  # 保洁员每日清扫不少于两次
        return Governor(verb, subject, "subject_verb_number")
    passive = bool(parsed.subject) and parsed.subject[0].text == "被"  # 推送信息128条，被采用31篇
    same = coordinate or passive or carry.unit == quantity.unit
    known = carry.object if same else carry.lately(quantity.unit)
    if known and known != f"{carry.action}人员":
        done = TASK_TAIL.sub("", known)  # 下达户厕改造任务850户，实际完成862户
        return Governor(verb, done, "carried_object", own=True)  # 交办问题83个，办结79个
    return _verb_alone(verb, quantity, carry)


def _verb_alone(verb: str, quantity: Quantity, carry: Carry) -> Governor:
    """verb N: what it was done to was told before, or goes with the verb, or the doing itself is counted."""
    if quantity.unit in ("人", "人次", "名"):
        return Governor(verb, _implied().get(verb) or participants(verb, carry), "verb_number")
    if quantity.unit == "户" and verb in _TAKES_PART:
        return Governor(verb, verb + "农户", "verb_number")  # 受益210户
    if told := _told_before(carry):
        return Governor(verb, told, "clause_before")  # 开设广播专栏，播出156期
    if quantity.dimension == "money":
        return Governor(verb, _implied().get(verb), "verb_number")
    if verb in _HANDLES and (handled := carry.counted(quantity.unit)):
        return Governor(verb, handled, "told_before")  # 检查餐饮单位312家；停业整顿2家
    if quantity.unit in ROUNDS and carry.thing_met(verb):
        return Governor(verb, carry.object, "told_before")  # 街上有21家饭馆，检查3遍
    said = _implied().get(verb) or _deed(verb, quantity) or _of_same_unit(quantity, carry)
    return Governor(verb, said, "verb_number")


def participants(verb: str, carry: Carry) -> str:
    """举行启动仪式，参加300人: those who took part in what was told before."""
    event = _told_before(carry, acting=True) if carry.before else carry.object if carry.unit in _EVENTS else None
    takes_part = verb in _TAKES_PART and verb != "受益"
    who = "听众" if takes_part and "听" in verb else f"{verb}人员"
    return f"{event}{who}" if event and takes_part else who


def _deed(verb: str, quantity: Quantity) -> str | None:
    """The doing itself, where it is that which is counted: 开展督查46次; but 建成20个 does not say what."""
    deed = _BEGINS.sub("", verb)
    known, nominal = verbs().get(deed, ("", True))
    names = (nominal and known != "light") or deed != verb
    return deed if names or quantity.unit in FREQUENCIES | ROUNDS else None


def _of_same_unit(quantity: Quantity, carry: Carry) -> str | None:
    """开工二级公路12条1130公里，建成13条: what was told a moment before in a unit that few things are counted in."""
    return carry.counted(quantity.unit) if quantity.dimension == "count" and quantity.unit not in ANYTHING else None


def _told_before(carry: Carry, acting: bool = False) -> str | None:
    """What the clause before was done to, where it has no number of its own; it names nobody unless `acting`."""
    before = carry.before
    if before is None or before.verb_class not in ("act", "light") or len(before.object) > 4:
        return None
    if before.subject and not acting:
        return None
    return phrases.clean(phrases.last_noun_phrase(before.object)) or None


def deed_behind(right: list[Word]) -> str | None:
    """整改 of 其中9家已整改完毕: a verb behind the number that has no other object."""
    said = [word for word in right if word.kind not in ("adverb", "mark", "suffix", "time")]
    if said and said[0].kind == "preposition" and any(word.kind == "time" for word in right):
        said = said[1:]  # 91处|于5月底前整改到位
    said = [word for word in said if word.kind != "noun" or phrases.without_lead(word.text)]
    if right and right[0].text in behind.BY and right[-1].kind == "verb" and right[-1].text not in _CONSISTS:
        return right[-1].text  # 充电桩40个|由社区管理
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
    if quantity.unit not in INHABITANTS or not told or carry.unit in ("户", *PEOPLE):
        return None
    return INHABITANTS[quantity.unit]


def _deed_at_end(subject: list[Word], quantity: Quantity) -> Governor | None:
    """毒饵站维护40个: a deed that is also a name governs what stands before it, where nothing else does."""
    if quantity.dimension in ("money", "duration"):
        return None
    last = subject[-1].text if subject else ""
    weighed = quantity.dimension not in ("count", "frequency") or quantity.unit in ("车", "车次")
    if len(last) == 4 and weighed and verbs().get(last[2:], ("", False))[0] == "act":
        return Governor(last[2:], phrases.clean(subject)[:-2], "subject_verb_number")  # 垃圾清运|320吨
    governs = subject[1:] or last in _implied()
    if not (governs and subject[-1].verb == "nominal" and last != "达标"):
        return None
    said = phrases.clean(subject[:-1]) or _implied().get(last)
    return Governor(last, said or (last if quantity.unit in FREQUENCIES | ROUNDS else None), "subject_verb_number")
