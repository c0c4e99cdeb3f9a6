"""Noun phrases and verbs on either side of a quantity: what stands left of it, what right, and how it reads clean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.claims import words as w
from pipeline.claims.words import Word
from pipeline.lexicon import one_of, word_list
from pipeline.records import Quantity

# Heads that name an event: a light verb before them governs (开展清理垃圾活动12次).
EVENT = re.compile(rf"(?:{one_of('event_head')})$")
# Heads that name a standing measure, whose verbs are part of its name (生活污水治理率).
STATE_HEAD = re.compile(rf"(?:{one_of('state_head')})$")
# Who reports or acts is not what is counted.
ORGANISATION = re.compile(
    rf"(?:我[镇乡县市区街州省局办村委处]|全[镇乡县市区街道州省村域]|(?<![小园片景])区|(?<![范然旅级生])村|{one_of('organisation_tail')})$"
)
# Who does something again and again: what is counted then is the doing (督查室每日巡查两遍).
ACTOR = re.compile(rf"(?:{one_of('actor_tail')})$")
_LEADING = re.compile(
    r"(?:(?:[一二三四五六七八九十]{1,2}是|第[一二三四五六七八九十]{1,2}[，,]|使(?!用)"
    r"|截[至止][^，]{0,8}?[年月日底前]|20\d\d年(?:以来|度|底)?|\d{1,2}月(?:底|份)?"
    r"|(?:比|较|与)(?:上年|去年|上年同期|去年同期|同期|20\d\d年)(?:同期|相比|底)?"
    rf"|全[镇乡县市区州省域]|我[镇乡县市区州省]|{one_of('leading_word')})的?)+"
)
TRAILING = re.compile(
    r"(?:(?<=..)方面|等(?:各类|各种|各)?|的|共|各|(?<![公条契合签])约|近|达|为|(?<![人户总指次件])数|分别|累计|已|[人户村]?均|首次|做|全[镇乡县市区]|在|由|从|自|了|计|人数达)+$"
)


# A size before what is counted tells nothing else from it: 240升垃圾桶.
_MEASURED = re.compile(r"(?<=[率度平])(?:测评|抽测|抽查|调查|测算|评价|监测)$")
_SIZED = re.compile(r"^\d+(?:升|毫米|马力|千瓦|英寸|寸|座(?=[公客]))")
_FUND = re.compile(r"(?:资金|经费|专项|补助|奖补)$")
_PERSON = re.compile(rf"(?:{one_of('person_tail')})$")
_PLACE = re.compile(rf"(?:{one_of('place_tail')})$")
_VILLAGES = frozenset(("村", "行政村", "自然村", "社区", "乡镇", "村民小组"))
_SUPPLIES = word_list("verb_of_supply")
_NEGATIONS = ("未经", "未", "不", "非")
_CAUSES = word_list("verb_of_causing")
_HONOURS = word_list("verb_of_honours")
_INSIDE = word_list("place_inside")
_PASSIVE = word_list("verb_of_becoming")  # 两个乡镇入选试点: what becomes something is counted, not acting


@dataclass(slots=True)
class Left:
    """What stands left of a quantity: who, did, what; `preposition` says that it ended in one (对, 为)."""

    subject: list[Word] = field(default_factory=list)
    verb: str | None = None
    verb_class: str = ""
    object: list[Word] = field(default_factory=list)
    preposition: str = ""


def strip(left: list[Word]) -> list[Word]:
    """Without what only joins it to the clause before."""
    while left and left[0].kind in ("pause", "conjunction", "suffix", "mark", "etc", "of", "bracket"):
        left = left[1:]
    return left


def parse_left(left: list[Word]) -> Left:
    """Subject, verb and object of what stands before the quantity in its clause."""
    words = _for_whom(left)
    parsed = Left()
    if len(words) > 2 and words[-1].kind == "of" and words[-2].kind in ("time", "adverb"):
        words.pop()  # 由上年的
    while words and (
        words[-1].kind in ("adverb", "time", "preposition", "mark", "etc", "conjunction")
        or words[-1].text in ("人数", "数")
    ):
        if words[-1].kind == "preposition":
            parsed.preposition = words[-1].text
        words.pop()
    if not words:
        return parsed
    if len(words) > 1 and words[-1].text in ("为", "成", "到", "至") and words[-2].kind == "verb":
        words.pop()  # 划分为
        parsed.verb, parsed.verb_class, parsed.subject = words[-1].text, words[-1].verb, words[:-1]
        return parsed
    done = any(word.verb in ("act", "light") and not word.nominal for word in words[:-1])
    if words[-1].text == "占地" and done:
        words[-1] = words[-1]._replace(kind="noun", verb="")  # 查处违法占地
    if words[-1].kind == "verb" and words[-1].verb in ("reach", "change", "have"):
        parsed.verb, parsed.verb_class = words[-1].text, words[-1].verb
        parsed.subject = words[:-1]
        return parsed
    if words[-1].verb == "light" and len(words) > 1 and all(x.verb == "act" and x.nominal for x in words[:-1]):
        parsed.verb, parsed.verb_class = w.text(words), "light"  # 整改完成30个
        return parsed
    if words[-1].verb == "light" and len(words) > 1 and not any(x.kind == "verb" and not x.nominal for x in words[:-1]):
        parsed.verb, parsed.verb_class = words[-1].text, "light"  # 老旧小区改造启动112个
        parsed.subject = words[:-1]
        return parsed
    run = _leading_verb(words) if STATE_HEAD.search(w.text(words)) else _main_verb(words)
    if run is None:
        parsed.subject = words
        return parsed
    first, last = run
    rest = w.text(words[last + 1 :])
    if last > first and (len(rest) == 1 or rest in ("任务", "指标", "计划")):
        last -= 1  # 下发督办函, 下达改厕任务: the second verb belongs to the noun
    parsed.verb = w.text(words[first : last + 1])
    parsed.verb_class = words[first].verb
    parsed.subject, parsed.object = words[:first], words[last + 1 :]
    return parsed


def _for_whom(left: list[Word]) -> list[Word]:
    """The words with 为 as a preposition where another verb follows: 为65岁以上老人体检."""
    at = next((i for i, word in enumerate(left[:-1]) if word.text == "为"), None)
    if at is None or not any(word.verb in ("act", "light") for word in left[at + 2 :]):
        return list(left)
    return [*left[:at], left[at]._replace(kind="preposition", verb=""), *left[at + 1 :]]


def _leading_verb(words: list[Word]) -> tuple[int, int] | None:
    """A verb that opens the clause governs a whole indicator (实现污水治理率80%); verbs inside its name do not."""
    at = next((i for i, word in enumerate(words) if word.kind not in ("adverb", "time")), 0)
    first = words[at]
    listed = any(word.kind in ("pause", "conjunction") for word in words)
    governs = first.verb in ("light", "act", "reach") and not first.nominal
    told = next((i for i, word in enumerate(words[:-1]) if _tells(word, words[i + 1])), None)
    if told is not None and not governs:
        return (told, told)  # 盘州城区新增常住人口4万人
    return (at, at) if governs or (listed and first.verb == "act") else None  # 培训志愿者、居民及流动人口


def _tells(word: Word, after: Word) -> bool:
    """Whether a verb inside a clause governs its end, and does not name a thing (垃圾焚烧发电项目)."""
    return word.verb in ("light", "act") and not word.nominal and not EVENT.search(after.text)


def _main_verb(words: list[Word]) -> tuple[int, int] | None:
    """The run of verbs that governs the end of `words` (first, last), or None."""
    runs: list[tuple[int, int]] = []
    for i, word in enumerate(words):
        if word.kind != "verb" or word.verb == "nominal":
            continue
        if runs and runs[-1][1] == i - 1 and word.verb == "weak" and words[runs[-1][0]].verb == "light":
            continue  # 完成截污纳管项目
        follows = i + 1 < len(words) and words[i + 1].kind == "noun"
        if runs and words[i - 1].text in _NEGATIONS:
            continue  # 查获未经检疫猪肉
        if runs and runs[-1] == (i - 1, i - 1) and word.nominal and words[i - 1].text in _SUPPLIES and follows:
            continue  # 投入清扫车辆
        if runs and runs[-1] == (i - 1, i - 1) and word.verb == "weak" and follows and _governs(words[i - 1]):
            continue  # 整修健身广场
        ends = i == len(words) - 1 and len(word.text) == 1 and words[i - 1].kind == "noun"
        if ends and any(words[run[0]].text in _SUPPLIES for run in runs):
            continue  # 发放家用灭蝇拍
        if runs and runs[-1][1] == i - 1 and word.verb not in ("reach", "have"):
            if (
                words[runs[-1][0]].verb == "light"
                and word.nominal
                and i + 1 < len(words)
                and words[runs[-1][0]].text not in ("组织", "启动", "争取")
            ):
                continue  # 完成改造提升项目: the second verb belongs to what was completed
            runs[-1] = (runs[-1][0], i)
        else:
            runs.append((i, i))
    if not runs:
        return None
    strong = [run for run in runs if words[run[0]].verb != "weak"]
    runs = strong or runs
    chosen = runs[0]
    for run in runs[1:]:
        word = words[run[0]]
        after_noun = words[run[0] - 1].kind in ("noun", "bracket") or words[run[0] - 1].verb == "nominal"
        tail = words[run[1] + 1 :]
        if word.nominal and after_noun and (tail or words[chosen[0]].verb in ("light", "act")):
            continue  # 农村人居环境整治行动: part of the noun
        again = word.verb == "light" and not word.nominal and run[0] > chosen[1] + 1  # 组织干部下村开展义务劳动
        if words[chosen[0]].verb == "light" and EVENT.search(w.text(words)) and not again:
            continue
        names = words[chosen[0]].nominal and chosen[0] > 0  # 管网建设尚缺资金
        if word.verb in ("have", "reach") and tail and words[chosen[0]].verb in ("act", "light") and not names:
            continue
        chosen = run
    return chosen


def _governs(word: Word) -> bool:
    return word.verb == "act" and not word.nominal


def noun_right(right: list[Word], parsed: Left, carried: bool, quantity: Quantity) -> tuple[list[Word], str | None]:
    """The noun phrase that starts right of the quantity, and the verb behind it where it has one."""
    words = right[1:] if right and right[0].kind == "of" else right
    noun: list[Word] = []
    for i, word in enumerate(words):
        if (
            word.kind == "pause"
            and noun
            and len(w.text(noun)) <= 3
            and i + 1 < len(words)
            and words[i + 1].kind == "noun"
        ):
            noun.append(word)  # 15个国、省考核断面
            continue
        if noun and word.text in _INSIDE:
            break
        if noun and word.text == "被":
            return _finish_noun(noun, words[i + 1 :], parsed, carried)
        if word.kind in ("pause", "etc", "preposition", "suffix", "mark") or (word.kind == "bracket" and not noun):
            break
        if word.kind == "adverb":
            if noun:
                return _finish_noun(_counted(noun, parsed, carried, quantity), words[i:], parsed, carried)
            return [], None
        if word.kind == "conjunction":
            rest = words[i + 1 :]
            if (
                word.text in ("和", "与")
                and noun
                and rest
                and rest[0].kind == "noun"
                and not any(x.kind == "claim" for x in rest)
            ):
                noun.append(word)
                continue
            break
        if word.kind == "verb" and not word.nominal:
            follows = i + 1 < len(words) and (words[i + 1].kind == "noun" or words[i + 1].nominal)
            if (
                word.verb == "weak"
                and follows
                and (parsed.verb or carried or not noun)
                and (quantity.dimension != "money" or _FUND.search(w.text(words)))
            ):
                noun.append(word)
                continue
            if not noun:
                return [], None
            if parsed.verb and (named := _named_deed(words, i)):
                return named, None
            return _finish_noun(_counted(noun, parsed, carried, quantity), words[i:], parsed, carried)
        noun.append(word)
    return _finish_noun(_counted(noun, parsed, carried, quantity), [], parsed, carried)


def _named_deed(words: list[Word], at: int) -> list[Word] | None:
    """The whole name of an undertaking, verbs and all, up to its head: 33项|农村饮水安全巩固提升工程."""
    end = next((i for i in range(at, len(words)) if words[i].kind not in ("noun", "verb")), len(words))
    return words[:end] if EVENT.search(words[end - 1].text) and words[end - 1].kind == "noun" else None


def _counted(noun: list[Word], parsed: Left, carried: bool, quantity: Quantity) -> list[Word]:
    """The person or place that is counted, without what is said of it: 3名村干部|诫勉谈话, 27个小区|基础设施老化."""
    if quantity.unit in ("名", "位"):
        tail = _PERSON
    elif not (carried or parsed.verb) or parsed.verb in _CAUSES:
        tail = _PLACE
    else:
        return noun
    for i, word in enumerate(noun[:-1]):
        after = noun[i + 1]
        if tail.search(word.text) and after.kind != "of" and not tail.search(after.text) and w.text(noun[:i]) != "各":
            return noun[: i + 1] if after.kind in ("noun", "verb") else noun
    return noun


def _finish_noun(noun: list[Word], rest: list[Word], parsed: Left, carried: bool) -> tuple[list[Word], str | None]:
    while noun and noun[-1].kind in ("of", "conjunction", "bracket"):
        noun.pop()
    while parsed.verb_class == "act" and len(noun) > 1 and noun[-1].kind == "verb" and noun[-2].kind != "verb":
        noun.pop()  # 扣减3名村干部诫勉谈话
    if not any(word.kind == "noun" or (word.nominal and parsed.verb_class == "light") for word in noun):
        return [], None
    behind = [word for word in rest if word.kind == "verb"]
    behind = [word for word in behind if not word.nominal][:1] or behind
    verb: str | None = None
    if behind and behind[0].verb not in ("act", "light", "change", "nominal"):
        return noun, None  # 13个片区负责综合协调: the counted thing acts, nothing is done to it
    if behind and _acts(rest, behind[0]):
        return _such(noun, rest, behind[0]), None  # XX个村小组均聘请保洁员
    if behind:
        run = [behind[0]]
        for word in rest[rest.index(behind[0]) + 1 :]:
            if word.kind != "verb" or word.verb == "nominal":
                break
            run.append(word)
        if len(run) > 1 and run[0].verb == "light" and run[0].text in ("完成", "进行", "实现", "开展", "做了"):
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
    return verb.verb == "act" and following is not None and following.kind == "noun" and verb.text not in _PASSIVE


def last_noun_phrase(words: list[Word]) -> list[Word]:
    """What follows 等 names the class of what was listed before it; a verb inside cuts off what it governs."""
    for i in range(len(words) - 1, -1, -1):
        if words[i].kind == "etc" and i + 1 < len(words):
            titles = any(word.text == "》" for word in words[:i])  # 《门前三包管理办法》等制度
            short = len(w.text(words[i + 1 :])) <= 2 and not titles  # 等项目 says nothing by itself
            return [*words[:i], *words[i + 1 :]] if short else words[i + 1 :]
        if words[i].kind == "preposition" and i + 1 < len(words):
            return words[i + 1 :]
    return words


def clean(words: Sequence[Word]) -> str:
    words = [word for word in words if word.kind not in ("bracket", "claim", "mark", "suffix", "stop")]
    while words and words[0].kind in ("time", "adverb", "preposition", "pause", "conjunction"):
        words = words[1:]
    while words and words[-1].kind in ("time", "adverb", "preposition", "pause", "conjunction"):
        words = words[:-1]
    said = w.text(words)
    said = without_lead(said)
    said = _MEASURED.sub("", said)
    said = _SIZED.sub("", TRAILING.sub("", said)).strip("、，和及与")
    if "的" in said and len(said) > 14:
        tail = said.rsplit("的", 1)[1]
        said = tail if len(tail) >= 2 else said
    return said


def without_lead(said: str) -> str:
    match = _LEADING.match(said)
    return said[match.end() :] if match else said
