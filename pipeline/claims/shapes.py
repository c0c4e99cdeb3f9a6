"""Clauses that the words behind a number decide: how often, for how long, within what time, who took part."""

from __future__ import annotations

from pipeline.claims import before, behind, phrases
from pipeline.claims import words as w
from pipeline.claims.governors import Carry, Governor, Place
from pipeline.claims.measure_words import PEOPLE
from pipeline.claims.words import Word
from pipeline.lexicon import word_list
from pipeline.records import Quantity

SERVED = PEOPLE | {"户", None}  # 为2360名患者建立档案, 为8000万居民提供服务
_TAKES_PART = word_list("verb_of_people")
_GETS = word_list("verb_of_getting")
_SOLVED = frozenset(("个", "处", "起", "项", "条", "件", "户", "家", None))
_WITHIN = ("内", "之内", "以内")


def governor(place: Place, left: list[Word], parsed: phrases.Left, carry: Carry) -> Governor | None:
    """What governs a number of one of these shapes; None where it has none of them."""
    right, quantity = place.right, place.quantity
    if not right:
        return None
    return (
        _how_often(left, parsed, right, quantity)
        or _taking_part(left, parsed, right, quantity, carry)
        or _time_limit(place, parsed, right, carry)
    )


def _how_often(left: list[Word], parsed: phrases.Left, right: list[Word], quantity: Quantity) -> Governor | None:
    """A deed behind the number that counts it: 镇里3次召开专题党委会, 连续三年入选百强, 两降."""
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


def _in_a_row(left: list[Word], right: list[Word]) -> Governor:
    """连续三年入选百强: what was done, or how something stood, so many times in a row."""
    what = [word for word in right if word.kind not in ("adverb", "mark")]
    if what and what[0].kind == "verb":
        return Governor(what[0].text, phrases.clean(what[1:]) or phrases.clean(left) or None, "in_a_row")
    return Governor(None, phrases.clean(left) + w.text(what) or None, "in_a_row")


def _time_limit(place: Place, parsed: phrases.Left, right: list[Word], carry: Carry) -> Governor | None:
    """发现问题3日内反馈: within what time something is to be done."""
    beside = place.clause[max(0, place.position - 1) : place.position + 2]
    run = [word for word in right if word.kind not in ("adverb", "mark", "pause")]
    told = bool(run) and all(word.kind == "verb" for word in run)
    alone = place.after is None or place.after.dimension == "duration"  # 3日内反馈、7日内整改
    limits = beside[-1].text in _WITHIN or beside[0].text in ("限", "限期")
    if place.quantity.dimension != "duration" or not (limits and told and alone):
        return None
    listed = f"{carry.action}时限"
    met = carry.unit in _SOLVED or (carry.object or "").endswith(listed)
    known = (carry.object or "").removesuffix(listed) if met else ""  # not 整改通知书12份，限期10天拆除
    said = phrases.clean(parsed.object or parsed.subject).removesuffix("限") or known
    return Governor(run[0].text, f"{said}{run[0].text}时限", "time_limit")


def _taking_part(
    left: list[Word], parsed: phrases.Left, right: list[Word], quantity: Quantity, carry: Carry
) -> Governor | None:
    """先后有9800人次参与; 由5家增加到10家, told by the verb behind the number it starts from."""
    if right[0].text in _TAKES_PART and quantity.unit in PEOPLE and not parsed.verb:
        followed = next((word.kind for word in right[1:] if word.kind not in ("suffix", "mark")), "stop")
        if followed in ("stop", "claim", "bracket"):
            who = phrases.clean(parsed.subject) if parsed.subject and behind.names_person(parsed.subject) else ""
            return Governor(right[0].text, who or before.participants(right[0].text, carry), "people_verb")
    if right[0].text.removesuffix("了") in _GETS and quantity.unit in SERVED and not (parsed.verb or parsed.object):
        noun, _ = behind.noun(right[1:], phrases.Left(verb=right[0].text), False, quantity)
        return Governor(right[0].text, phrases.clean(noun) or None, "people_get")  # 118户用上了冲水厕所
    if parsed.preposition in ("从", "由") and right[0].verb == "change" and left:
        names = parsed.object and all(word.nominal for word in left if word.kind == "verb")
        named = left if names else parsed.object or parsed.subject  # 产品|认证|数量由4个增加到9个
        said = phrases.clean([word for word in named if word.kind != "preposition"])
        return Governor(right[0].text, before.property_of(said, carry) or carry.object, "from_value")
    return None
