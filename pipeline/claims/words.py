"""Tokens as a clause parser sees them: noun, verb of some class, adverb, preposition, pause, stop."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from spacy.tokens import Doc

from pipeline.lexicon import one_of, verbs, word_list

_ADVERB_PREFIX = re.compile(
    "^(?:共计?|累计|已经?|再|又|还|各|均|全面|全部|深入|扎实|积极|大力|持续|集中|陆续|先后|主动|及时|认真|继续|重点|统一|加快|稳步|有序|新|成功|联合|自主|依法|强制|定期|圆满|多次|初步|顺利|分别|总)+"
)
_FILLERS = word_list("filler")
_CONJUNCTIONS = word_list("conjunction")
_PREPOSITIONS = word_list("preposition")
_NO_VERBS = word_list("no_verb")
_SUFFIXES = word_list("suffix")
_PARTICLES = frozenset("了到至成为出完过掉上起去来")
_DIRECTIONS = frozenset(("上来", "下去", "出来", "起来", "下来", "过来", "回来", "出去", "进去", "上去", "回去"))
# One character after a verb of two makes a noun of both (收缴|率, 巡查|队); a thing may also be its object.
_COMPOUND_HEADS = word_list("head_of_compound")
_THINGS = word_list("head_of_compound_thing")
_NOT_BEFORE = {word[1:] for word in _FILLERS if word[0] == "不"}
_JOINS = _PARTICLES | _DIRECTIONS | _COMPOUND_HEADS | _THINGS | _NOT_BEFORE | {"口", "奖", "好"}
_WHEN = re.compile(
    r"(?:19|20)\d\d年?(?:度|底|末|初)?|\d{1,2}月(?:份|底|初)?|\d{1,2}日|旺季|淡季|年初|年中|年末|春秋两季|期间|其间|现|现在|目前"
)
_ENDS = frozenset("。；;！？!?\n")
_STOPS = frozenset("，,：:—‖|")
_OPEN = {"“": "”", "‘": "’", "《": "》", "「": "」", "『": "』", "【": "】"}
_BRACKETS = {"（": "）", "(": ")"}
_CLOSERS = frozenset(_OPEN.values())
_BRACKET_MARKS = frozenset("（）()")
_MARKS = frozenset(_OPEN) | _CLOSERS | _BRACKET_MARKS
_SENTENCE_END = re.compile("[。；;！？!?\\n]")
# What the cut takes apart and the clause needs whole: 新（改）建, 乱堆乱挂, and 一是 which opens a clause.
_MERGED = (
    ("verb", re.compile(r"[新改扩续][（(][改扩续迁新]+[）)][建设装]|改[（(]扩[）)]建")),
    ("verb", re.compile(r"并网(?!络)|(?:脱贫|摘帽)出列|出列|脱贫摘帽|[用喝住穿吃]上了|到会(?!议)|劝离|对照(?=\d)")),
    ("verb", re.compile(r"新(?:[栽植购添铺聘扩挖打埋]|种(?![子类植])|招(?![商牌募])|配(?![套备]))(?=[一-鿿])")),
    ("verb", re.compile(r"[上下]转(?=病人|患者|\d)")),
    ("noun", re.compile(r"乱[一-鿿](?:乱[一-鿿])+|大(?:清[理扫洗运]|整[治改]|排查|检查|走访|扫除|会战|宣传)")),
    ("noun", re.compile(one_of("whole_noun"))),  # 监测对象, 可支配收入, 脱贫不稳定户
    ("noun", re.compile(r"在(?:[册编岗孵读职保训外](?!园|人(?!员|数)|地|面|围|部)|校生?)|占比|建成区")),
    ("noun", re.compile(r"比(?<=[一-鿿]比)(?<![年期季月占同环对相]比)(?=[由从为]|达到?\d)")),  # 收入比由2.08缩小到2.03
    ("adverb", re.compile(r"每个?[半两三四六]?个?(?:天|日|周|月|季度|年|学期)(?=[一-鿿])(?![度底末份初刊报费薪])")),
    ("adverb", re.compile(r"(?:平均每|每)(?:个)?(?:\d{1,4}|[一二两三四五六七八九十百千万半]{0,3})(?:个)?"
                          rf"(?:{one_of('base_of_rate')})(?=[\d一两二三四五六七八九十]|不少于|不低于|至少|约|达)")),
    ("preposition", re.compile(r"对(?=[村镇乡县市区](?!口))")),  # 对村|卫生室
    ("stop", re.compile(r"[一二三四五六七八九十](?<![一-鿿].)[一二三四五六七八九十]?是(?!否)")),
    ("stop", re.compile(r"\d(?<![^\n。；！？]\d)\d?[.．、](?![\d.])")),
)
_ENUMERATOR = re.compile(r"[（(][一二三四五六七八九十\d]+[）)]")


class Word(NamedTuple):
    """One token: `kind` is claim, noun, time, verb, adverb, preposition, conjunction, of (的), etc (等), pause (、),
    stop or end.

    `verb` is the class in models/verbs.csv (light, act, reach, change, have, nominal, weak) and "" for other words;
    `nominal` says that the verb may also name what is done (整治, 改造).
    """

    text: str
    start: int
    end: int
    kind: str
    verb: str = ""
    nominal: bool = False
    claim: int = -1


@cache
def _classify(text: str, tag: str) -> tuple[str, str, bool]:
    """(kind, verb class, nominal) of a token outside quotes."""
    if text in _ENDS or text == "\n":
        return "end", "", False
    if text in _STOPS:
        return "stop", "", False
    if text.isspace():
        return ("stop" if "\t" in text else "mark"), "", False
    if text == "、":
        return "pause", "", False
    if text == "的":
        return "of", "", False
    if text in ("等", "等等"):
        return "etc", "", False
    if text in _SUFFIXES:
        return "suffix", "", False
    if text in _CONJUNCTIONS:
        return "conjunction", "", False
    known = verbs().get(text) or (verbs().get(text[1:]) if text[0] == "率" else None)
    if known:
        return "verb", *known
    if text[-1] in "去来" and text[:-2] in verbs() and text[-2:] in _DIRECTIONS:
        return "verb", verbs()[text[:-2]][0], False
    bare = _ADVERB_PREFIX.sub("", text)
    if bare and bare != text and bare in verbs() and len(text) <= 5:
        return "verb", verbs()[bare][0], verbs()[bare][1]
    if text[-1] in "了至到出成为" and text[:-1] in verbs():
        return "verb", verbs()[text[:-1]][0], verbs()[text[:-1]][1]
    if text[0] == "每" and "人口" in text:
        return "noun", "", False  # 每千人口床位数 is a name
    each = text[0] == "每" and len(text) > 1
    if text in _FILLERS or (tag.startswith("d") and tag != "dg") or each:
        return "adverb", "", False
    if text in _PREPOSITIONS:
        return "preposition", "", False
    if tag == "v" and len(text) >= 2 and text not in _NO_VERBS:
        return "verb", "weak", False
    if not any("一" <= c <= "鿿" or c.isalnum() for c in text):
        return "mark", "", False
    if tag == "t" or _WHEN.fullmatch(text):
        return "time", "", False
    return "noun", "", False


class Tokens:
    """Where the tokens of a Doc start, and their tags, as plain lists: spaCy makes an object a token on the way."""

    def __init__(self, doc: Doc) -> None:
        lengths, tags = doc.to_array(["LENGTH", "TAG"]).T
        self.strings = doc.vocab.strings
        self.starts: list[int] = [0, *lengths.cumsum().tolist()]  # the last one is the length of the text
        self.tags: list[int] = tags.tolist()

    def holds(self, start: int, end: int) -> bool:
        """Whether one token spans exactly start..end."""
        position = bisect_left(self.starts, start)
        return self.starts[position : position + 2] == [start, end]

    def between(self, start: int, end: int) -> range:
        """The numbers of the tokens from `start` up to `end`."""
        return range(bisect_left(self.starts, start), min(bisect_left(self.starts, end), len(self.tags)))


def read(
    shadow: str, tokens: Tokens, claims: dict[int, tuple[int, int]], dates: dict[int, int] | None = None,
) -> list[Word]:  # fmt: skip
    """The words of all sentences that hold a claim; `claims` maps the start of each to (its number, its end), and
    `dates` the start of each date to its end."""
    special: dict[int, tuple[int, str]] = {
        match.start(): (match.end(), kind) for kind, pattern in _MERGED for match in pattern.finditer(shadow)
    }
    starts = sorted(claims)
    special = {start: found for start, found in special.items() if not _any_between(starts, start, found[0])}
    special |= {start: (end, "time") for start, end in (dates or {}).items()}
    special |= {start: (end, "claim") for start, (_, end) in claims.items()}
    closing = _closing(shadow)
    found: list[Word] = []
    done = 0
    for start in starts:
        if start < done:
            continue
        begin = max((shadow.rfind(mark, done, start) for mark in _ENDS), default=-1) + 1 or done
        match = _SENTENCE_END.search(shadow, claims[start][1])
        done = match.end() if match else len(shadow)
        _sentence(shadow, tokens, tokens.between(begin, done), special, claims, starts, closing, found)
        found.append(Word("", done, done, "end"))
    return found


def _sentence(
    shadow: str, tokens: Tokens, inside: range, special: dict[int, tuple[int, str]],
    claims: dict[int, tuple[int, int]], starts: list[int], closing: dict[int, int], found: list[Word],
) -> None:  # fmt: skip
    quoted_until = until = -1
    for i in inside:
        start = tokens.starts[i]
        end = tokens.starts[i + 1]
        if start < until:
            if end <= until or found[-1].kind in ("claim", "time"):
                continue
            start = until  # a token that a longer word cuts: 在校|生
        text = shadow[start:end]
        if start in special:
            until, kind = special[start]
            number = claims[start][0] if kind == "claim" else -1
            found.append(Word(shadow[start:until], start, until, kind, "act" if kind == "verb" else "", False, number))
        elif text in _MARKS:
            if text in _CLOSERS and start < quoted_until:
                continue
            if text in _OPEN and start in closing:
                quoted_until = max(quoted_until, closing[start])
            elif text in _BRACKETS and start in closing and not _any_between(starts, start, closing[start]):
                until = closing[start] + 1  # a bracket without claims explains a word: it is passed over as part of it
                short = until - start <= 6 and not _ENUMERATOR.fullmatch(shadow, start, until)
                found.append(Word(shadow[start:until], start, until, "noun" if short else "bracket"))
            elif text in _BRACKET_MARKS:
                found.append(Word(text, start, end, "stop" if start in closing or text not in _BRACKETS else "mark"))
            else:
                found.append(Word(text, start, end, "noun" if start < quoted_until else "mark"))
        elif start < quoted_until:
            found.append(Word(text, start, end, "noun" if text not in "，。、；" else "pause"))
        else:
            kind, verb, nominal = _classify(text, tokens.strings[tokens.tags[i]])
            if text in _JOINS and found and found[-1].end == start and (joined := _joined(found, text, end)):
                found[-1] = joined
                continue
            if kind == "suffix" and (not found or found[-1].kind != "claim"):
                kind = "noun"  # 规模以上企业
            elif kind == "noun" and text[1:] == "由" and text[0] in "数率量额值度价":
                found.append(Word(text[0], start, start + 1, "noun"))  # 发案|数由|53起降到38起
                start, text, kind = start + 1, "由", "preposition"
            elif kind == "verb":
                start, verb = _verb(text, start, verb, found)
                text = shadow[start:end]
            found.append(Word(text, start, end, kind, verb, nominal))


def _joined(found: list[Word], text: str, end: int) -> Word | None:
    """The word before and this one as the one word that they are: 清洗|队 is a noun, 花|了 and 升|到 are verbs."""
    before = found[-1]
    whole = before.text + text
    if before.text == "不" and whole in _FILLERS:
        return Word(whole, before.start, end, "adverb")
    if text == "口" and before.text.startswith("每") and before.text.endswith("人"):
        return Word(whole, before.start, end, "adverb")
    if before.kind not in ("verb", "noun"):
        return None
    if text == "奖" and before.kind == "noun":
        return Word(whole, before.start, end, "noun")
    if text == "好" and before.kind == "verb":
        return Word(whole, before.start, end, "verb", before.verb, before.nominal)
    goes = before.verb == "act" and not before.nominal and (text in _DIRECTIONS or text in "去来")
    if goes or (text in _PARTICLES and (len(before.text) == 1 if before.kind == "verb" else whole in verbs())):
        verb, nominal = verbs().get(whole) or (before.verb, False)
        return Word(whole, before.start, end, "verb", verb, nominal)
    if before.kind != "verb" or len(before.text) < 2 or before.verb not in ("act", "weak", "nominal"):
        return None
    if text in _COMPOUND_HEADS or (text in _THINGS and _governed(found[:-1])):
        return Word(whole, before.start, end, "noun")
    return None


def _governed(found: list[Word]) -> bool:
    """Whether the clause has a verb: then another one before a thing says what it is for (购买高压冲洗|车)."""
    for word in reversed(found):
        if word.kind in ("stop", "end", "claim"):
            return False
        if word.kind == "verb":
            return True
    return False


def _verb(text: str, start: int, verb: str, found: list[Word]) -> tuple[int, str]:
    """Where a verb really starts, and its class: 参合|率达 ends a noun first, and 新 before a verb belongs to it."""
    if text[0] == "率" and text not in verbs():
        joined = _joined(found, "率", start + 1) if found and found[-1].end == start else None
        found[-1:] = [joined] if joined else [*found[-1:], Word("率", start, start + 1, "noun")]
        return start + 1, verb
    if found and found[-1].text == "新" and found[-1].end == start:
        return found.pop().start, verb  # 新改厕: newly done
    return start, verb


def _any_between(starts: list[int], start: int, end: int) -> bool:
    return bisect_left(starts, start) != bisect_left(starts, end)


def _closing(shadow: str) -> dict[int, int]:
    """Start of each opening quote or bracket that is closed within 30 characters → where its closing mark stands."""
    pairs: dict[int, int] = {}
    for match in re.finditer("[“‘《「『【（(]", shadow):
        mark = (_OPEN | _BRACKETS)[match[0]]
        end = shadow.find(mark, match.end(), match.end() + 30)
        if (
            end > 0
            and "\n" not in shadow[match.end() : end]
            and not (match[0] in _OPEN and "。" in shadow[match.end() : end])
        ):
            pairs[match.start()] = end
    return pairs


def split(words: Sequence[Word], kinds: Iterable[str]) -> list[list[Word]]:
    """Cut a list of words at those of the given kinds, which are left out."""
    cut = set(kinds)
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.kind in cut:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


_SILENT = re.compile(r"[\s“”‘’「」『』《》\"'*]")


def text(words: Sequence[Word]) -> str:
    """What the words say, without quotes and spaces."""
    said = "".join([word.text for word in words])
    return said if said.isalnum() else _SILENT.sub("", said)
