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
from dataclasses import dataclass

from pipeline.claims import phrases
from pipeline.claims import words as w
from pipeline.claims.words import Word
from pipeline.lexicon import one_of, word_list
from pipeline.records import Quantity

_INSIDE = re.compile(r"[中里](?:仍|还|只|尚|就)?有$")
_COUNTS_TASKS = (None, "项", "个", "条", "件", "类")
_DONE = re.compile(r"完成|超额|超|落实|实现")
_MEASURES = word_list("measure_head")
_TIMES = word_list("unit_of_frequencies")
_PEOPLE = word_list("unit_of_people")
_LOOSE = word_list("unit_of_anything")
_TAKES_PART = word_list("verb_of_people")
# A rate that does not say of what, beside what was told before it: 交办问题83个，办结79个，办结率95.2%.
_BARE_RATE = re.compile(r"[一-鿿]{1,3}率")
# An object that only says that so much was laid down: 占任务数160户, 比计划的150户少32户.
_TASK = re.compile(r"(?:年度?|年初|县里|县定)?(?:目标|计划|任务|指标)(?:任务)?数?")
_TASK_WORD = re.compile(r"目标|计划|任务|指标")
_TASK_TAIL = re.compile(r"(?<=..)(?:任务|指标|计划)数?$")
_SIZE = re.compile(r"[大中小微]型|[A-D]级|[一二三]类|[甲乙丙]类")
# What money was spent on, told behind it.
_PURPOSE = re.compile(
    rf"(?:专项|资金|，)*(?:{one_of('purpose_verb')})了?(?P<what>[^，。；、]{{2,30}})"
    r"|，?对(?P<place>[^，。；]{2,24}?)进行了?(?P<deed>[^，。；、]{2,14})"
)


@dataclass(slots=True)
class Governor:
    """Action and object of one claim, and which shape of clause decided."""

    action: str | None = None
    object: str | None = None
    rule: str = "none"
    breakdown: int | None = None  # number of the claim of which this is a stated part


@dataclass(slots=True)
class _Carry:
    """What a coordinate clause may take over from the one before it."""

    action: str | None = None
    object: str | None = None
    claim: int | None = None
    unit: str | None = None
    subject: str | None = None
    before: phrases.Left | None = None  # verb and object of the clause before, if it has no number


def govern(words: Sequence[Word], quantities: Sequence[Quantity]) -> dict[int, Governor]:
    """Action and object of every claim in `words`; quantities are indexed by Word.claim."""
    found: dict[int, Governor] = {}
    for sentence in w.split(words, ("end",)):
        if any(word.kind == "claim" for word in sentence):
            _sentence(sentence, quantities, found)
    return found


def _sentence(sentence: list[Word], quantities: Sequence[Quantity], found: dict[int, Governor]) -> None:
    carry = _Carry()
    whole: int | None = None
    opened: list[Word] = []  # the clause that tells the first parts
    for clause in w.split(sentence, ("stop",)):
        if whole is None and any(word.text.startswith("其中") for word in clause):
            whole, opened = carry.claim, clause
        if any(word.text in ("另外", "此外", "同时") for word in clause):
            whole = None
        indices = [i for i, word in enumerate(clause) if word.kind == "claim"]
        if not indices:
            if not any(word.verb in ("reach", "have") for word in clause):
                carry.subject = _subject_of(clause)
            carry.before = phrases.parse_left(phrases.strip(clause))
            continue
        previous = 0
        for k, index in enumerate(indices):
            following = indices[k + 1] if k + 1 < len(indices) else len(clause)
            quantity = quantities[clause[index].claim]
            governor = _one(clause, previous, index, following, quantity, carry, k > 0, whole is not None)
            number = clause[index].claim
            if governor.rule == "carried_object" and carry.unit in ("户", "个") and quantity.unit in ("人", "口人"):
                resident = "常住" in f"{carry.action}{carry.object}"  # 常住居民1.9万户6.3万人
                governor.object = "常住人口" if resident else "人口"  # 农户4126户、13960人
            if whole is not None and k == 0 and clause is not opened and _speaks_anew(governor, found[whole], quantity):
                if governor.rule == "carried_object":
                    governor.object = found[whole].object
                whole = None
            if governor.object and carry.object:
                governor.object = _completed(
                    governor.object, (found[whole].object if whole is not None else None) or carry.object
                )
            if k > 0 and _INSIDE.search(w.text(clause[previous:index])):
                before = found[clause[previous - 1].claim]
                before.object = (before.object or "").removesuffix("中").removesuffix("里") or None
                governor.breakdown = clause[previous - 1].claim  # 9个村中有2个村
            if whole is not None and number != whole and _same_kind(quantities[whole], quantity):
                governor.breakdown = whole
                if governor.action is None or governor.rule.startswith("carried") or governor.rule == "subject_number":
                    governor.action = found[whole].action
            found[number] = governor
            if whole is None or carry.claim is None:
                carry.claim = number
            carry.action, carry.object, carry.unit = governor.action, governor.object, quantity.unit
            previous = index + 1
            carry.before = None
        _distribute(clause, indices, quantities, found)
    _purposes(sentence, quantities, found)


def is_task(governor: Governor, unit: str | None) -> bool:
    """Whether a claim tells what was laid down, not what was done: 县里下达改厕任务400座, but not 完成任务400座."""
    said = governor.object or ""
    if unit in _COUNTS_TASKS:
        return False  # 明确改革任务10项
    return bool(_TASK_TAIL.search(said) or _TASK.fullmatch(said)) and not _DONE.search(governor.action or "")


def _completed(said: str, known: str) -> str:
    """An object that only measures or sizes what was told before: 拆除私搭乱建47处、面积3860平方米; 其中大型9家."""
    if said in _MEASURES:
        return known
    if _TASK.fullmatch(said):
        word: str = _TASK_WORD.findall(said)[-1]
        return known if known.endswith(word) else _TASK_TAIL.sub("", known) + word
    return said + known if _SIZE.fullmatch(said) else said


def _same_kind(whole: Quantity, part: Quantity) -> bool:
    """Whether one may be counted into the other: 62名 and 8人, 97个 and 61处, but not 62名 and 38个."""
    if whole.dimension != part.dimension:
        return False
    together = any({whole.unit, part.unit} <= words for words in (_PEOPLE, _LOOSE))
    return whole.dimension != "count" or whole.unit == part.unit or together or None in (whole.unit, part.unit)


def _speaks_anew(governor: Governor, whole: Governor, quantity: Quantity) -> bool:
    """Whether a clause after the parts tells what else was done: 检查312家，其中小餐饮154家，责令整改29家."""
    own = governor.action is not None and governor.rule not in ("carried_verb", "subject_number")
    return own and quantity.dimension == "count" and whole.action is not None and governor.action != whole.action


def _subject_of(clause: list[Word]) -> str | None:
    first = next((i for i, word in enumerate(clause) if word.kind == "verb"), len(clause))
    return phrases.clean(clause[:first]) or None


def _one(
    clause: list[Word], previous: int, index: int, following: int, quantity: Quantity,
    carry: _Carry, coordinate: bool, in_breakdown: bool,
) -> Governor:  # fmt: skip
    left = phrases.strip(clause[previous:index])
    right = clause[index + 1 : following]
    while right and right[0].kind == "suffix":
        right = right[1:]
    parsed = phrases.parse_left(left)
    joined = coordinate and clause[previous].kind in ("pause", "conjunction")
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
    if parsed.preposition in ("从", "由") and right and right[0].verb == "change" and parsed.subject:
        return Governor(right[0].text, phrases.clean(parsed.subject) or carry.object, "from_value")
    measured = quantity.dimension in ("percent", "ratio", "level") or quantity.unit in ("倍",)
    if not measured or (right and right[0].kind == "of"):
        noun, verb_after = phrases.noun_right(right, parsed, coordinate and bool(carry.action), quantity)
        if noun:
            return _noun_after(noun, verb_after, parsed, quantity, carry, coordinate, measured)
    if measured:
        return _measured(left, carry)
    return _noun_before(parsed, left, quantity, carry, coordinate, in_breakdown)


def _in_a_row(left: list[Word], right: list[Word]) -> Governor:
    """连续三年入选百强: what was done, or how something stood, so many times in a row."""
    what = [word for word in right if word.kind not in ("adverb", "mark")]
    if what and what[0].kind == "verb":
        return Governor(what[0].text, phrases.clean(what[1:]) or phrases.clean(left) or None, "in_a_row")
    return Governor(None, phrases.clean(left) + w.text(what) or None, "in_a_row")


def _noun_after(
    noun: list[Word], verb_after: str | None, parsed: phrases.Left, quantity: Quantity,
    carry: _Carry, coordinate: bool, measured: bool,
) -> Governor:  # fmt: skip
    """verb N object, or N object verb."""
    said = phrases.clean(noun)
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
        elif (
            coordinate
            or (carry.action and not parsed.subject)
            or (phrases.clean(parsed.subject) == "" and carry.action)
        ):
            action, rule = carry.action, "carried_verb"
    if measured:
        said += "比例"
    return Governor(action, said, rule)


def _measured(left: list[Word], carry: _Carry) -> Governor:
    """Percentages, ratios and levels: the object is the indicator that reaches them."""
    words = [word for word in left if word.kind != "mark"]
    while words and (words[-1].kind in ("adverb", "time", "preposition", "etc", "conjunction")):
        words.pop()
    while words and words[0].kind in ("adverb", "time"):
        words.pop(0)
    verb: str | None = None
    last = words[-1] if words else None
    if last and last.kind == "verb" and (last.verb in ("reach", "change") or (not last.nominal and len(words) > 1)):
        names_measure = last.verb == "weak" and phrases.STATE_HEAD.search(w.text(words))  # 得分
        verb = None if names_measure else words.pop().text
    if (
        len(words) > 1
        and words[0].kind == "verb"
        and not words[0].nominal
        and words[0].verb in ("light", "act", "weak")
    ):
        opened = words.pop(0)
        verb = verb or (opened.text if opened.text in ("实现", "完成") else None)
    share = next((i for i, word in enumerate(words) if word.text.startswith("占")), None)
    if share is not None and not phrases.STATE_HEAD.search(w.text(words)):
        what = phrases.clean(words[:share]) or carry.object or carry.subject or ""
        return Governor("占", what + w.text(words[share:]) + "比重", "share")
    said = phrases.clean(phrases.last_noun_phrase(words))
    bare = _BARE_RATE.fullmatch(said) or said == f"{carry.action}率"
    if (
        bare
        and carry.object
        and not carry.object.endswith(said)
        and carry.unit != "%"
        and all(word.text != "分别" for word in left)
    ):
        known = _TASK_TAIL.sub("", carry.object)
        said = (known if not known.endswith(said[:-1]) else known[: 1 - len(said)]) + said  # 整改49个，整改率90.7%
    if said in ("", "实际", "名义", "可比口径"):
        said = carry.object or carry.subject or ""
        if verb and verb.startswith("占"):
            said += "占比"
    return Governor(verb, said or None, "indicator_value")


def _noun_before(
    parsed: phrases.Left, left: list[Word], quantity: Quantity,
    carry: _Carry, coordinate: bool, in_breakdown: bool,
) -> Governor:  # fmt: skip
    """verb object N, subject verb N, or subject N."""
    if quantity.unit == "个单位":
        return Governor(parsed.verb, "单位", "unit_names")  # 从31个单位抽调
    if not left or not (parsed.subject or parsed.verb or parsed.object):
        told = _told_before(carry, acting=True)
        if told and quantity.unit in _TIMES and carry.before:
            return Governor(carry.before.verb, told, "clause_before")  # 每月召开例会，全年12次
        if coordinate or carry.object:
            return Governor(carry.action, carry.object, "carried_object")
        return Governor(None, None, "none")
    if coordinate and not parsed.object and left[-1].nominal and carry.action:
        return Governor(carry.action, phrases.clean(left), "carried_verb")  # 检查9所学校食品安全专项检查4次
    if parsed.verb is None and quantity.dimension == "money" and len(left) == 1 and left[0].nominal:
        return Governor(left[0].text, None, "verb_number")
    if parsed.verb is None:
        said = phrases.clean(phrases.last_noun_phrase(parsed.subject))
        stative = bool(phrases.STATE_HEAD.search(said))
        action = carry.action if (coordinate or in_breakdown or carry.action) and not stative else None
        return Governor(action, said or carry.object, "subject_number" if action is None else "carried_verb")
    if parsed.object:
        said = phrases.clean(phrases.last_noun_phrase(parsed.object))
        subject = phrases.clean(parsed.subject)
        if (
            0 < len(said) <= 2
            and 0 < len(subject) <= 6
            and not phrases.ORGANISATION.search(subject)
            and subject != said
        ):
            said = subject + said
        return Governor(parsed.verb, said or carry.object, "verb_object_number")
    subject = phrases.clean(phrases.last_noun_phrase(parsed.subject))
    if parsed.verb_class in ("reach", "change", "have"):
        return Governor(
            parsed.verb,
            subject or (carry.object if not phrases.ORGANISATION.search(subject or "") else None) or carry.subject,
            "subject_reach_number",
        )
    if subject and not phrases.ORGANISATION.search(subject):
        return Governor(parsed.verb, subject, "subject_verb_number")
    if carry.object and (coordinate or carry.unit == quantity.unit):
        done = _TASK_TAIL.sub("", carry.object)  # 下达户厕改造任务850户，实际完成862户
        return Governor(parsed.verb, done, "carried_object")  # 交办问题83个，办结79个
    if quantity.unit in ("人", "人次", "名"):
        return Governor(parsed.verb, parsed.verb + "人员", "verb_number")
    if told := _told_before(carry):
        return Governor(parsed.verb, told, "clause_before")  # 开设广播专栏，播出156期
    return Governor(parsed.verb, None if quantity.dimension == "money" else parsed.verb, "verb_number")


def _told_before(carry: _Carry, acting: bool = False) -> str | None:
    """What the clause before was done to, where it has no number of its own; it names nobody unless `acting`."""
    before = carry.before
    if before is None or before.verb_class not in ("act", "light") or len(before.object) > 4:
        return None
    if before.subject and not acting:
        return None
    return phrases.clean(phrases.last_noun_phrase(before.object)) or None


def _distribute(
    clause: list[Word], indices: list[int], quantities: Sequence[Quantity], found: dict[int, Governor]
) -> None:
    """A、B分别达到3、4: the first object gets the first number."""
    marker = next((i for i, word in enumerate(clause) if word.text == "分别"), None)
    if marker is None:
        return
    after = [i for i in indices if i > marker]
    if len(after) < 2:
        return
    before = [i for i in indices if i < marker]
    if any(word.kind == "noun" for word in clause[marker : after[0]] if after):
        return  # 三村分别打造小菜园21个、17个、12个: one object for all
    subject = clause[(before[-1] + 1) if before else 0 : marker]
    subject = [word for word in subject if word.kind not in ("adverb", "preposition", "bracket")]
    parts = w.split(subject, ("pause", "conjunction"))
    if len(parts) != len(after) or len(parts) < 2:
        return
    tail = parts[-1][min(len(parts[0]), len(parts[-1]) - 1) :] if len(parts[-1]) > 1 else []
    verb = next((w.text([word]) for word in clause[marker:] if word.kind == "verb"), None)
    for part, index in zip(parts, after, strict=True):
        said = phrases.clean(part)
        if part is not parts[-1] and tail and said[-1:] != w.text(tail)[-1:]:
            said += w.text(tail)
        governor = found[clause[index].claim]
        governor.object, governor.rule = said or governor.object, "distributed"
        governor.action = verb or governor.action


def _purposes(sentence: list[Word], quantities: Sequence[Quantity], found: dict[int, Governor]) -> None:
    """Money without an object: what it was spent on stands behind it, or it is 资金."""
    for i, word in enumerate(sentence):
        if word.kind != "claim" or quantities[word.claim].dimension != "money":
            continue
        governor = found[word.claim]
        if governor.object and governor.object not in ("资金", "经费", "专项资金", "财政资金"):
            continue
        behind = "".join(x.text if x.kind != "claim" else "" for x in sentence[i + 1 : i + 16]).lstrip("，以上左右")
        match = _PURPOSE.match(behind)
        purpose = re.sub(r"(?:进行.*|的)$", "", match["what"] or match["place"] + match["deed"]) if match else ""
        if not purpose and i > 0 and governor.object is None:
            told = next((x for x in reversed(sentence[:i]) if x.kind == "claim"), None)
            purpose = (found[told.claim].object or "") if told and quantities[told.claim].dimension != "money" else ""
        governor.object = phrases.TRAILING.sub("", phrases.without_lead(purpose)) or governor.object or "资金"
