"""What stands around a number: its own part of the sentence, and what the sentence told before."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.lexicon import one_of
from pipeline.records import Claim

_SENTENCE_END = re.compile(r"[。；！？：;!?:\n\t]")
_STOP = re.compile(r"[。！？!?\n\t]")
_PART_END = re.compile(r"[，、。；！？：,;!?:\n\t（(和及与]|\d")
_COUNT = re.compile(r"^\d+[个项条处件]")
_END = r"，。；！？：,;!?:\n\t（("
_LIST = re.compile(rf"[^{_END}\d]*(?:(?<=、)\d+[^{_END}\d]*)*")  # 31名乡干部、97名党员包联
_DONE_NEXT = re.compile(r"[^，。；\n]{2,12}，(?=[一-鿿]{2}了?[\d两二三四五六七八九十]+[遍轮次回])")  # 有21家店，检查3遍
_NAMED = re.compile(r"[“‘]([一二三四五六七八九十][一-鿿])[”’](?=[一-鿿])")  # “六小”行业
_BOUND = re.compile(r"(?<=.)(?:不到|不足|不及|不超过)$")
_COMPARED = re.compile(r"[比较](?:上年|去年|前年|往年|同期|上年同期|去年同期)的?$")
_OF_WHICH = re.compile(r"(?:[中里]|当中|之中)(?=(?:仍|还|尚|只|仅|就)?[有是])|(?=[仍还尚只仅]有)")  # 14个村中仍有3个
_FILLING = re.compile(rf"(?:{one_of('filling_before_number')}|{one_of('filler')})*")
REACH, FAR = 60, 90  # characters before a number in which its sentence is looked for, and what was told before


class Clause(NamedTuple):
    """What stands around a number."""

    before: str  # in its own part of the sentence; what belongs to the number before is left out
    after: str
    sentence: str  # up to the number
    follows: str = ""  # `after` with the rest of a list of nouns and their verb: 31家小餐饮、小作坊检查了4轮
    told: str = ""  # before its own part, also where the sentence goes on after a semicolon
    subset: bool = False  # N个村中有M个: this is M
    of_which: bool = False  # and this is N


def clause(text: str, claim: Claim, previous_end: int) -> Clause:
    """The clause of a claim, given where the claim before it ends.

    A noun that follows the number before (14个行政村) is that number's and is left out.
    """
    sentence = _SENTENCE_END.split(text[max(0, claim.start - REACH) : claim.start])[-1]
    before = sentence[-max(0, claim.start - previous_end) :] if previous_end < claim.start else ""
    subset = False
    if previous_end > claim.start - len(sentence) and not _PART_END.match(before):
        part = _PART_END.search(before)
        subset = part is None and _OF_WHICH.search(before) is not None
        act = before.rfind(claim.action) if claim.action else -1
        own_act = act >= 0 and not before.endswith("的")  # 从31个单位抽调干部58名
        before = before[part.start() :] if part else before[act:] if own_act else ""
    *_, head, last = ["", *re.split("[，,]", before)]
    behind = text[claim.end : claim.end + 24]
    if claim.unit == "类":
        behind = _COUNT.sub("", behind)  # 5类12个问题
    after = _PART_END.split(behind[:16], 1)[0]
    after += "（" if after == "村" and behind[1:2] in ("（", "(") else ""  # 17个村（社区）are more than villages
    follows = _follows(behind) if after else ""
    of_which = _OF_WHICH.search(after)
    own = last if after or len(last) > 1 else head + last
    told = _STOP.split(text[max(0, claim.start - FAR) : claim.start - len(own)])[-1]
    after = after[: of_which.start()] if of_which else after
    if _COMPARED.search(own):
        after = ""  # 比上年的1560吨明显减少: what rose or fell is another figure
    own = _NAMED.sub(r"\1", _BOUND.sub("", own))
    return Clause(own, after, sentence, follows, told, subset, of_which is not None)


def _follows(behind: str) -> str:
    """The rest of a list of nouns and its verb, also where that stands in a clause of its own that counts how often."""
    next_act = _DONE_NEXT.match(behind)
    start = next_act.end() if next_act else 0
    listed = _LIST.match(behind, start)
    return behind[: listed.end()] if listed else behind


def bare(words: str) -> str:
    """The words without adverbs and other filling at their head."""
    return _FILLING.sub("", words)
