"""What stands behind a quantity: the noun that it counts (5座|公厕), and the deed told of it (30个|整改)."""

from __future__ import annotations

import re

from pipeline.claims import words as w
from pipeline.claims.phrases import EVENT, Left
from pipeline.claims.words import Word
from pipeline.lexicon import one_of, word_list
from pipeline.records import Quantity

_FUND = re.compile(r"(?:资金|经费|专项|补助|奖补)$")
PERSON = re.compile(rf"(?:{one_of('person_tail')})$")
_PLACE = re.compile(rf"(?:{one_of('place_tail')})$")
_VILLAGES = frozenset(("村", "行政村", "自然村", "社区", "乡镇", "村民小组"))
_CAUSES = word_list("verb_of_causing")
_HONOURS = word_list("verb_of_honours")
_INSIDE = word_list("place_inside")
_PASSIVE = word_list("verb_of_becoming")  # 两个乡镇入选试点: what becomes something is counted, not acting
_CARRIES_OUT = frozenset(("开展", "实施", "推进", "启动"))  # in 239个村实施积分制 the villages act
_NOT = re.compile(r"没有?|[未没无][一-鿿]?|尚未|缺[少乏]?|未能|从未")
_MARKS_PASSED = frozenset(("大关", "台阶", "关口"))
_ONE_THING = frozenset(("支", "个", "批", "份", "条", "座", "张", "套"))
BY = frozenset(("被", "由", "转由", "交由", "改由", "经"))
_NAMED = frozenset(("项", "个", "条", "类"))
_STILL = frozenset(("还", "仍", "仍然", "至今", "尚", "目前", "仍旧"))
_CLOSES = frozenset(("pause", "etc", "preposition", "suffix", "mark"))


def noun(right: list[Word], parsed: Left, carried: bool, quantity: Quantity) -> tuple[list[Word], str | None]:
    """The noun phrase that starts right of the quantity, and the verb behind it where it has one."""
    words = right[1:] if right and right[0].kind == "of" else right
    if words and (words[0].text in _MARKS_PASSED | _INSIDE or w.text(words) in ("多", "少")):
        return [], None  # 突破100亿元|大关, 比计划的150户|少32户, 考评6次|中4次
    one = quantity.script == "chinese" and quantity.unit in _ONE_THING
    if one and (described := _described(words)):
        return described, None
    if related := _related(words):
        return related
    found: list[Word] = []
    for i, word in enumerate(words):
        if _belongs(found, words, i, bool(parsed.verb or carried), quantity):
            found.append(word)
            continue
        if found and word.text in BY and words[-1].text not in ("组成", "构成"):
            return _finish_noun(found, words[i + 1 :], parsed, carried)
        acts = word.kind == "adverb" or word.kind == "verb"
        if not acts or (found and word.text in _INSIDE):
            break
        if not found:
            return [], None
        if word.kind == "verb" and parsed.verb and (named := _named_deed(words, i)):
            return named, None
        return _finish_noun(_counted(found, parsed, carried, quantity), words[i:], parsed, carried)
    return _finish_noun(_counted(found, parsed, carried, quantity), [], parsed, carried)


def names_person(right: list[Word]) -> bool:
    """Whether a person or a post stands among the nouns right of a number."""
    return any(word.kind == "noun" and PERSON.search(word.text) for word in right)


def _related(words: list[Word]) -> tuple[list[Word], str | None] | None:
    """628个|需整改的|重点问题: the noun behind what tells which ones, with the deed told of it behind."""
    if not words or words[0].kind not in ("verb", "adverb") or words[0].nominal:
        return None
    at = next((i for i, word in enumerate(words) if word.kind == "of"), 0)
    if not at or all(word.kind != "verb" for word in words[:at]):
        return None
    if any(word.kind in ("pause", "preposition") for word in words[:at]):
        return None
    end = next((i for i in range(at + 1, len(words)) if words[i].kind not in ("noun", "adverb")), len(words))
    while words[end - 1].kind == "adverb":
        end -= 1
    noun, rest = words[at + 1 : end], words[end:]
    short = len(w.text(words[:at])) <= 5
    return (words[:end] if short else noun, _deed(rest)) if noun else None


def _deed(rest: list[Word]) -> str | None:
    """What was done to what was just named, where no other thing follows: 问题|全部整改."""
    said = [word for word in rest if word.kind not in ("adverb", "mark")]
    done = bool(said) and all(word.verb in ("act", "light") for word in said)
    return w.text(said[-1:]) if done else None


def _described(words: list[Word]) -> list[Word] | None:
    """一支信念坚定、作风过硬的|干部队伍: the noun at the end of a long description of one thing."""
    at = next((i for i in range(len(words) - 1, 0, -1) if words[i].kind == "of"), 0)
    long = any(word.kind == "pause" for word in words[:at]) and all(word.kind != "of" for word in words[:at])
    ends = bool(words[at + 1 :]) and all(word.kind == "noun" or word.nominal for word in words[at + 1 :])
    return words[at + 1 :] if long and ends and words[-1].kind == "noun" else None


def _belongs(found: list[Word], words: list[Word], i: int, governed: bool, quantity: Quantity) -> bool:
    """Whether the word at `i` goes on with the noun `found` before it."""
    word, after = words[i], words[i + 1 :]
    if word.kind == "pause" and found and len(w.text(found)) <= 3 and after and after[0].kind == "noun":
        return True  # 15个国、省考核断面
    if found and (word.text in _INSIDE or word.text in BY):
        return False
    if word.kind in _CLOSES or word.kind == "adverb" or (word.kind == "bracket" and not found):
        return False
    if word.kind == "conjunction":
        joins = word.text in ("和", "与") and bool(found and after) and after[0].kind == "noun"
        return joins and not any(x.kind == "claim" for x in after)
    if word.kind == "verb" and not word.nominal:
        if found and word.verb == "act" and after and EVENT.search(after[0].text) and after[0].kind == "noun":
            return True  # 3个焦化|整合项目
        told = governed and not found and quantity.unit in _NAMED and word.verb == "act"  # 对照42项|自查指标
        names = (word.verb == "weak" or told) and bool(after) and (after[0].kind == "noun" or after[0].nominal)
        paid = quantity.dimension != "money" or bool(_FUND.search(w.text(words)))
        describes = word.verb == "weak" and bool(after) and bool(PERSON.search(after[0].text))  # 高龄独居老人
        return names and (governed or not found or describes) and paid
    return True


def _named_deed(words: list[Word], at: int) -> list[Word] | None:
    """The whole name of an undertaking, verbs and all, up to its head: 33项|农村饮水安全巩固提升工程."""
    end = next((i for i in range(at, len(words)) if words[i].kind not in ("noun", "verb")), len(words))
    return words[:end] if EVENT.search(words[end - 1].text) and words[end - 1].kind == "noun" else None


def _counted(noun: list[Word], parsed: Left, carried: bool, quantity: Quantity) -> list[Word]:
    """The person or place that is counted, without what is said of it: 3名村干部|诫勉谈话, 27个小区|基础设施老化."""
    if quantity.unit in ("名", "位"):
        tail = PERSON
    elif not (carried or parsed.verb) or parsed.verb in _CAUSES or parsed.verb_class == "have":
        tail = _PLACE
    else:
        return noun
    had = parsed.verb_class == "have"  # 有38个村民小组|人畜饮水困难, but not 下辖6个社区居委会
    for i, word in enumerate(noun[: -2 if had else -1]):
        after = noun[i + 1]
        if tail.search(word.text) and after.kind != "of" and not tail.search(after.text) and w.text(noun[:i]) != "各":
            return noun[: i + 1] if after.kind in ("noun", "verb", "time") else noun
    return noun


def _finish_noun(noun: list[Word], rest: list[Word], parsed: Left, carried: bool) -> tuple[list[Word], str | None]:
    while noun and noun[-1].kind in ("of", "conjunction", "bracket"):
        noun.pop()
    while parsed.verb_class == "act" and len(noun) > 1 and noun[-1].kind == "verb" and noun[-2].kind != "verb":
        noun.pop()  # 扣减3名村干部诫勉谈话
    if not any(word.kind == "noun" or (word.nominal and parsed.verb_class == "light") for word in noun):
        return [], None
    if rest and (lacking := _lacking(noun, rest)):
        return lacking, None
    if rest and _NOT.fullmatch(rest[0].text):
        return noun, None  # 5户的空心房|没拆下来
    behind = [word for word in rest if word.kind == "verb"]
    behind = [word for word in behind if not word.nominal][:1] or behind
    verb: str | None = None
    if behind and behind[0].verb not in ("act", "light", "change", "nominal"):
        return noun, None  # 13个片区负责综合协调: the counted thing acts, nothing is done to it
    if behind and _acts(rest, behind[0]):
        return noun if parsed.preposition else _such(noun, rest, behind[0]), None  # 12个院落都请了管水员
    if behind:
        run = [behind[0]]
        for word in rest[rest.index(behind[0]) + 1 :]:
            if word.text in ("了", "过"):
                continue  # 进行|了|硬化
            if word.kind != "verb" or word.verb == "nominal":
                break
            run.append(word)
        if len(run) > 1 and run[0].verb == "light" and run[0].text in ("完成", "进行", "实现", "开展", "做了", "予以"):
            run = run[1:]
        verb = w.text(run)
        if run[0].text.removesuffix("为") in _HONOURS:
            honour = rest[rest.index(run[-1]) + 1 :]
            honour = [word for word in honour if word.text not in ("为", "了", "成")]
            return honour or noun, verb  # 18个村被评为特色村寨: counted is what they became
    elif parsed.verb is None and not carried and noun[-1].kind == "verb":
        first = len(noun) - 1
        while first > 0 and noun[first - 1].kind == "verb":
            first -= 1
        if first > 0:
            return noun[:first], w.text(noun[first:])
    return noun, verb


def _lacking(noun: list[Word], rest: list[Word]) -> list[Word] | None:
    """The villages without something: 2个村|没有垃圾收集点 → 没有垃圾收集点的村."""
    said = [word for word in rest if word.text not in _STILL]
    end = next((i for i, word in enumerate(said) if word.kind not in ("noun", "verb", "adverb")), len(said))
    told = said[:end]
    if not told or not _NOT.fullmatch(told[0].text) or len(noun) > 2 or not 3 < len(w.text(told)) < 13:
        return None
    told[0] = told[0]._replace(kind="verb")
    return [*told, Word("的", told[-1].end, told[-1].end, "of"), *noun]


def _such(noun: list[Word], rest: list[Word], verb: Word) -> list[Word]:
    """The villages that do what not all of them do: 14个村|设立积分超市 → 设立积分超市的村."""
    done = [word for word in rest[rest.index(verb) + 1 :] if word.text != "了"]
    end = next((i for i, word in enumerate(done) if word.kind not in ("noun", "verb")), len(done))
    told = [verb._replace(text=verb.text.removesuffix("了")), *done[:end]]
    alone = len(noun) == 1 and noun[0].text in _VILLAGES and rest[0] is verb and end == len(done)
    if not alone or end == 0 or len(w.text(told)) > 9:
        return noun
    return [*told, Word("的", verb.end, verb.end, "of"), *noun]


def _acts(rest: list[Word], verb: Word) -> bool:
    """Whether the counted thing does something to another thing that is not counted: then nothing was done to it."""
    after = rest[rest.index(verb) + 1 :]
    following = next((word for word in after if word.kind in ("noun", "claim", "stop")), None)
    does = verb.verb == "act" or verb.text in _CARRIES_OUT
    return does and following is not None and following.kind == "noun" and verb.text not in _PASSIVE
