"""T08: what a converter between the scripts, or one that adds readings, did to words.

Three ways to see it: words of models/checks.toml that only a converter writes; characters that the Simplified script
has merged, where a word is not written as it is when it is converted as a word (乾部, 麵積, 製度); readings in Latin
letters behind the characters that they read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from unicodedata import normalize

from opencc import OpenCC

from pipeline import segment
from pipeline.audit.base import Check, Context
from pipeline.records import Evidence, Finding
from pipeline.script import simplify

LEVEL_ONE = 0xD7  # first byte of the last character in daily use, in GB 2312
LONGEST = 4  # letters of a word that is cut round a reading
_CLAUSE = re.compile(r"[一-鿿]{2,}")
_OF_PLACE = re.compile("[村镇乡县寨组屯河江湖山岭]")
_PRINTED = str.maketrans("ɡɑ", "ga")  # as fonts for readings print them
_PINYIN = re.compile(
    r"(?P<han>[一-鿿]{1,8})[”\"」』]?[（(\[［【〔]\s?(?:[读讀]作?音?[:：]?|拼音[:：]?)?"
    r"(?P<letters>[a-zɡɑāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü](?:[a-zɡɑāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]|[1-4](?![\d一-鿿])|"
    r"['’ ·\-](?=[a-zɡɑā-ǜ])){1,40})\s?[)）\]］】〕]"
)


def conversion_artefacts(context: Context) -> Iterator[Finding]:
    """T08: words that a script converter or an injected reading damaged, gathered into one lead."""
    text = context.report.document.text
    found = [(*match.span(), meant) for words, meant in context.option("words").items()
             for match in re.finditer(words, text)]  # fmt: skip
    found += [(*match.span(), match["han"]) for match in _PINYIN.finditer(text) if _is_reading(context, match)]
    found += [(*context.text.source_span(start, end), meant) for start, end, meant in _miswritten(context)]
    spans: list[Evidence] = []
    told: dict[str, str] = {}
    for start, end, meant in sorted(found, key=lambda one: (one[0], -one[1])):
        if not spans or start >= spans[-1].end:
            spans.append(context.source_span(start, end, note=f"应作“{meant}”"))
            told.setdefault(spans[-1].surface, meant)
    if spans:
        listed = "、".join(f"“{word}”应作“{meant}”" for word, meant in list(told.items())[:5])
        yield context.finding(f"{len(spans)}处用字像是繁简转换或注音程序留下的：{listed}。", spans)


def _miswritten(context: Context) -> Iterator[tuple[int, int, str]]:
    """Words of a Traditional text with a character that stands for another word: their spans in the shadow, and how
    they are written."""
    clean = context.text.clean
    simplified = simplify(clean)
    if simplified == clean:
        return
    judged: Mapping[str, str] = context.option("merged")
    for clause in _CLAUSE.finditer(simplified):
        at = clause.start()
        for word in segment.words(clause[0], ()):
            end = at + len(word)
            if len(word) > 1 and any(clean[i] in judged.get(simplified[i], "") for i in range(at, end)):
                meant = _as_word(word)
                if len(meant) == len(word) and any(
                    clean[i] in judged.get(simplified[i], "") and clean[i] != meant[i - at] for i in range(at, end)
                ):
                    yield at, end, meant
            at = end


@lru_cache(maxsize=4096)
def _as_word(word: str) -> str:
    """A Simplified word in Traditional script."""
    converted: str = _converter().convert(word)
    return converted


@cache
def _converter() -> Any:
    return OpenCC("s2tw")


def _is_reading(context: Context, match: re.Match[str]) -> bool:
    """Whether Latin letters read the characters before them: 清扫（qīngsǎo）, 庭院（ting yuan）, not 网络（wifi）."""
    letters = match["letters"].translate(_PRINTED)
    plain = "".join(c for c in normalize("NFD", letters) if c.isascii() and not c.isdigit())
    toned = normalize("NFC", plain) != normalize("NFC", letters)
    if plain in context.option("not_readings") or re.search(context.option("glosses"), match["han"]):
        return False
    known = frozenset(context.option("syllables").split())
    counts = {0}
    for piece in re.split(r"['’ ·\-]+", plain):
        counts = {before + n for before in counts for n in _syllables(piece, known)}
    read = match["han"][-max(counts, default=1) :]
    if not all(map(_is_common, read)) and not _is_word(read, match.string[match.end() :]):
        return False  # 埇（yǒng）口村: a gloss that helps the reader
    return any((1 if toned else 2) <= n <= len(match["han"]) for n in counts) or (len(plain) <= 6 and toned)


def _is_common(letter: str) -> bool:
    """Whether a character is in the first level of GB 2312, those of daily use, or is no Simplified one at all."""
    try:
        code = simplify(letter).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return code[0] <= LEVEL_ONE


def _is_word(read: str, behind: str) -> bool:
    """Whether characters with a reading are a word of the language, or the first of one that goes on behind it."""
    rest = re.match("[一-鿿]*", behind[: LONGEST - 1])
    assert rest is not None
    if _OF_PLACE.search(rest[0]):
        return False
    words = [read + rest[0][:n] for n in range(len(rest[0]) + 1)]
    return any(len(word) > 1 and segment.words(word, ()) == [word] and segment.tag(word) not in ("ns", "nr")
               for word in words)  # fmt: skip


def _syllables(letters: str, known: frozenset[str]) -> set[int]:
    """Into how many syllables letters can be cut; within them, one that begins with a vowel needs a mark before it."""
    ways: list[set[int]] = [{0}, *(set[int]() for _ in letters)]
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 6), end):
            if letters[start:end] in known and (start == 0 or letters[start] not in "aoe"):
                ways[end] |= {n + 1 for n in ways[start]}
    return ways[-1]


CHECKS: dict[str, Check] = {"T08": conversion_artefacts}
