"""T08–T10: what conversion programs and host sites left in the text. Cleaning set it apart; here it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from unicodedata import normalize

from pipeline.audit.base import Check, Context
from pipeline.records import Edit, Evidence, Finding
from pipeline.script import simplify

OWN = ("furniture.front_matter", "furniture.comment", "furniture.footer", "furniture.header", "furniture.imprint",
       "furniture.page_number")  # fmt: skip
LONGEST = 90  # characters of a line of a site
BROKEN = 25  # characters of a line that may have been broken by a converter
LEVEL_ONE = 0xD7  # first byte of the last character in daily use, in GB 2312
ALONE = ("nav", "social", "download")  # kinds of words that make a line of a site without another kind
ENDS = "。！？…!?：:》）)；;】]"
_NUMBERED = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十]+[）)、.]|[（(]?\d{1,2}[）)、.](?!\d)|第?[一二三四五六七八九十][是，、])"
)
_PINYIN = re.compile(
    r"(?P<han>[一-鿿]{1,8})[”\"」』]?[（(\[［【〔]\s?(?:[读讀]作?音?[:：]?|拼音[:：]?)?"
    r"(?P<letters>[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü](?:[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]|"
    r"['’ ·\-](?=[a-zā-ǜ])){1,40})\s?[)）\]］】〕]"
)


def conversion_artefacts(context: Context) -> Iterator[Finding]:
    """T08: words that a script converter or an injected reading damaged, gathered into one lead."""
    text = context.report.document.text
    found = [(*match.span(), meant) for words, meant in context.option("words").items()
             for match in re.finditer(words, text)]  # fmt: skip
    found += [(*match.span(), match["han"]) for match in _PINYIN.finditer(text) if _is_reading(context, match)]
    spans: list[Evidence] = []
    told: dict[str, str] = {}
    for start, end, meant in sorted(found, key=lambda one: (one[0], -one[1])):
        if not spans or start >= spans[-1].end:
            spans.append(context.source_span(start, end, note=f"应作“{meant}”"))
            told.setdefault(spans[-1].surface, meant)
    if spans:
        listed = "、".join(f"“{word}”应作“{meant}”" for word, meant in list(told.items())[:5])
        yield context.finding(f"{len(spans)}处用字像是繁简转换或注音程序留下的：{listed}。", spans)


def _is_reading(context: Context, match: re.Match[str]) -> bool:
    """Whether Latin letters read the characters before them: 清扫（qīngsǎo）, 庭院（ting yuan）, not 网络（wifi）."""
    letters = match["letters"]
    plain = "".join(c for c in normalize("NFD", letters) if c.isascii())
    toned = normalize("NFC", plain) != normalize("NFC", letters)
    if plain in context.option("not_readings") or re.search(context.option("glosses"), match["han"]):
        return False
    known = frozenset(context.option("syllables").split())
    counts = {0}
    for piece in re.split(r"['’ ·\-]+", plain):
        counts = {before + n for before in counts for n in _syllables(piece, known)}
    if any(not _is_common(letter) for letter in match["han"][-max(counts, default=1) :]):
        return False  # 埇（yǒng）口: a gloss that helps the reader
    return any((1 if toned else 2) <= n <= len(match["han"]) for n in counts) or (len(plain) <= 6 and toned)


def _is_common(letter: str) -> bool:
    """Whether a character is in the first level of GB 2312, those of daily use, or is no Simplified one at all."""
    try:
        code = simplify(letter).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return code[0] <= LEVEL_ONE


def _syllables(letters: str, known: frozenset[str]) -> set[int]:
    """Into how many syllables letters can be cut; within them, one that begins with a vowel needs a mark before it."""
    ways: list[set[int]] = [{0}, *(set[int]() for _ in letters)]
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 6), end):
            if letters[start:end] in known and (start == 0 or letters[start] not in "aoe"):
                ways[end] |= {n + 1 for n in ways[start]}
    return ways[-1]


def site_wrapper(context: Context) -> Iterator[Finding]:
    """T09: what cleaning set apart as furniture of a site, where it speaks of downloads, members or contacts."""
    text = context.report.document.text
    telling = [e for e in context.report.edits if e.reason.startswith("furniture.") and e.reason not in OWN]
    lines = re.compile("|".join(f"(?:{pattern})" for pattern in context.option("lines")))
    before = ""
    for match in re.finditer(r"(?m)^[^\S\n]*([^\n]+)$", text):
        line, fits = match.group(), 2 <= len(match.group()) <= LONGEST
        inside = any(e.start <= match.start() < e.end for e in telling)
        of_site = fits and not inside and not _goes_on(before)
        if of_site and (_has_mark(context, line, lines) or _is_of_site(context, line)):
            telling.append(Edit(*match.span(), "", "furniture.line"))
            inside = True
        before = "" if inside else line
    telling.sort(key=lambda edit: edit.start)
    if not telling:
        return
    shown = "、".join(f"“{_brief(text, edit)}”" for edit in telling[:3])
    characters = sum(e.end - e.start for e in telling)
    yield context.finding(
        f"正文外有{len(telling)}段网站或广告文字（共{characters}字）：{shown}；已与正文分开，原文保留。",
        [context.source_span(*_trimmed(text, edit), note="网站或广告文字") for edit in telling],
    )


def _has_mark(context: Context, line: str, lines: re.Pattern[str]) -> bool:
    """Whether a line has what only sites print; within sentences only where another word of sites stands beside it."""
    if "。" not in line.rstrip("。 "):
        return bool(lines.search(line))
    return any(lines.search(said) and sum(_signs(context, said).values()) > 1 for said in line.split("。"))


def _signs(context: Context, line: str) -> dict[str, int]:
    """How many words of sites a line has, of each kind of which it has any."""
    signs: dict[str, list[str]] = context.option("signs")
    counts = {kind: sum(bool(re.search(p, line)) for p in patterns) for kind, patterns in signs.items()}
    return {kind: count for kind, count in counts.items() if count}


def _goes_on(before: str) -> bool:
    """Whether a line is broken within a sentence, so that the next one goes on with it."""
    return len(before) >= BROKEN and before.rstrip()[-1:] not in ENDS


def _is_of_site(context: Context, line: str) -> bool:
    """Whether a line is made of the words of sites: of several kinds, or of prices alone."""
    told = _signs(context, line)
    total = sum(told.values())
    if "。" in line:
        return len(told) >= 3 and total >= 4 and not _NUMBERED.match(line)
    if told.get("shop", 0) >= 2 or len(told) >= 3 or (len(told) == 2 and total >= 3):
        return True
    return not re.search("[，。；]", line) and max(told.get(kind, 0) for kind in ALONE) >= 3


def page_markers(context: Context) -> Iterator[Finding]:
    """T10: the numbers that a host's preview puts between chunks of equal length."""
    text = context.report.document.text
    markers = [e for e in context.report.edits if e.reason == "page_marker"]
    if not markers:
        return
    gaps = [after.start - before.start for before, after in pairwise(markers)]
    told = f"，间距{min(gaps)}至{max(gaps)}字" if gaps else ""
    yield context.finding(
        f"{len(markers)}处“N、”是网站分块预览的页块标记{told}，混在句子中间，不是编号也不是数字。",
        [context.source_span(*_trimmed(text, edit), note="页块标记") for edit in markers],
        formula=f"间距：{'、'.join(map(str, gaps))}" if gaps else None,
    )


def _trimmed(text: str, edit: Edit) -> tuple[int, int]:
    surface = text[edit.start : edit.end]
    left = len(surface) - len(surface.lstrip())
    return edit.start + left, edit.end - (len(surface) - len(surface.rstrip()))


def _brief(text: str, edit: Edit) -> str:
    words = " ".join(text[edit.start : edit.end].split())
    return words if len(words) <= 24 else f"{words[:24]}…"


CHECKS: dict[str, Check] = {"T08": conversion_artefacts, "T09": site_wrapper, "T10": page_markers}
