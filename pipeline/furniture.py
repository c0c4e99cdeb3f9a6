"""What is not the report: the frame of the site, adverts, page numbers and the marks of preview hosts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick

from pipeline.lexicon import rows
from pipeline.records import Document, Edit, Text
from pipeline.script import simplify

ENUMERATOR = (
    r"(?:[（(〔]?[一二三四五六七八九十]{1,3}[）)〕]?[、.．:：]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[、.．)）](?!\d)"
    r"|[㈠-㈩①-⑳⑴-⒇]|第[一二三四五六七八九十]{1,3}[，,、章节条]|[一二三四五六七八九十]{1,3}是|——|--)"
)
TITLE = re.compile(r"(?:报告|总结|汇报|计划|方案|材料|要点|情况|意见|通知)(?:[(（].{1,12}[)）])?[》”]?$")
LONG_UNIT = 160  # a line longer than this is judged sentence by sentence
MARKER_GAPS = range(100, 3000)  # characters between two page markers of a preview host


class _Pattern(NamedTuple):
    scope: str  # line: its line is furniture; inline: what it matches; near: beside furniture; menu: a row of words
    kind: str
    search: re.Pattern[str]


@cache
def _patterns() -> tuple[Any, list[_Pattern], list[_Pattern]]:
    """An automaton of the words that must occur for a pattern to match, the pattern of each, and those without."""
    triggered: list[tuple[str, _Pattern]] = []
    free: list[_Pattern] = []
    for row in rows("clean_furniture"):
        pattern = _Pattern(row["scope"], row["kind"], re.compile(row["pattern"]))
        triggered += [(word, pattern) for word in row["triggers"].split()]
        if not row["triggers"]:
            free.append(pattern)
    return AhoCorasick([word for word, _ in triggered]), [pattern for _, pattern in triggered], free


def running_heads(text: Text, document: Document) -> Iterator[Edit]:
    """Headers and footers of the pages, as the reader marked them."""
    for block in document.blocks:
        if block.kind in ("header", "footer"):
            start, end = text.clean_offset(block.start), text.clean_offset(block.end)
            if start < end:
                yield Edit(start, over_breaks(text.clean, end), "", f"furniture.{block.kind}")


def furniture_lines(text: Text, document: Document) -> Iterator[Edit]:
    """Lines of navigation, adverts, download cards, licences, page numbers: one edit for each unbroken stretch."""
    readable = simplify(text.clean)
    units = list(_units(readable, cells(text, document)))
    kinds = _kinds(readable, units)
    for is_furniture, group in groupby(range(len(units)), key=lambda at: bool(kinds[at])):
        if is_furniture:
            stretch = list(group)
            start, end = units[stretch[0]][0], units[stretch[-1]][1]
            before = readable[:start].rstrip() if readable[start - 1 : start] == "\n" else ""
            start = len(before) if before.endswith(("，", ",", "、")) else start
            yield Edit(start, over_breaks(readable, end), "", f"furniture.{kinds[stretch[0]]}")


def furniture_phrases(text: Text, document: Document) -> Iterator[Edit]:
    """Furniture inside a line that holds the report's own words too."""
    readable = simplify(text.clean)
    units = list(_units(readable, cells(text, document)))
    spans = {
        (*match.span(), pattern.kind)
        for at, pattern in _triggered(readable, units)
        if pattern.scope == "inline"
        for match in pattern.search.finditer(readable, *units[at])
    }
    done = 0
    for start, end, kind in sorted(spans):
        if start >= done:
            yield Edit(start, end, "", f"furniture.{kind}")
            done = end


def over_breaks(text: str, end: int) -> int:
    """Past the blank lines that follow `end`, to the start of the next line that holds anything."""
    after = end
    while after < len(text) and text[after].isspace():
        after += 1
    return max(end, text.rfind("\n", end, after) + 1) if after < len(text) else after


def cells(text: Text, document: Document, kinds: tuple[str, ...] = ("cell",)) -> list[range]:
    """Where table cells stand in `text.clean`, in which a line means something else; or blocks of other kinds."""
    inside = [block for block in document.blocks if block.kind in kinds]
    return [range(text.clean_offset(block.start), text.clean_offset(block.end)) for block in inside]


def outside(spans: Iterable[tuple[int, int]], taken: list[range]) -> Iterator[tuple[int, int]]:
    """Those of `spans`, in order, that start in none of `taken`, in order."""
    at = 0
    for start, end in spans:
        while at < len(taken) and taken[at].stop <= start:
            at += 1
        if at == len(taken) or start not in taken[at]:
            yield start, end


def _units(text: str, taken: list[range]) -> Iterator[tuple[int, int]]:
    """Lines that hold anything and are no table cells; the sentences of a long one."""
    lines = (line.span() for line in re.finditer(r"[^\n]*[^\s][^\n]*", text))
    for start, end in outside(lines, taken):
        if end - start <= LONG_UNIT:
            yield start, end
        else:
            yield from (m.span() for m in _SENTENCE.finditer(text, start, end))


_SENTENCE = re.compile(r"[^。！？!\n]*[。！？!]+|[^。！？!\n]+")


def _kinds(text: str, units: list[tuple[int, int]]) -> list[str]:
    """What kind of furniture each unit is; the empty string where it is the report's."""
    kinds = [""] * len(units)
    for at, pattern in _triggered(text, units):
        match = pattern.search.search(text, *units[at])
        if match and (pattern.scope == "line" or len(match.group()) >= 0.6 * (units[at][1] - units[at][0])):
            kinds[at] = kinds[at] or pattern.kind
    whole = [at for at, (start, _) in enumerate(units) if start == 0 or text[start - 1] == "\n"]
    lines = {at: line for at in whole if len(line := text[slice(*units[at])].strip()) <= LONG_UNIT}
    for at, line in lines.items():
        kinds[at] = kinds[at] or _kind(line, ("line", "menu"))
    if any(kinds):
        _spread(kinds, lines)
    return kinds


def _spread(kinds: list[str], lines: dict[int, str]) -> None:
    """Make furniture of what only furniture surrounds, in place; `lines` are the units that are whole short lines."""
    for step in (1, -1):
        for at in sorted(lines)[::step]:
            if not kinds[at] and 0 <= at - step < len(kinds) and kinds[at - step]:
                kinds[at] = _kind(lines[at], ("near",))
    short = {at for at, line in lines.items() if len(line) <= 40 and not re.search(f"[。；：:，,]|^{ENUMERATOR}", line)}
    body = max((at for at, kind in enumerate(kinds) if not kind and at not in short), default=-1)
    for left, right in pairwise([at for at, kind in enumerate(kinds) if kind]):
        between = range(left + 1, right)
        if len(between) <= 3 and all(at in short and (left > body or not TITLE.search(lines[at])) for at in between):
            kinds[left + 1 : right] = [kinds[left]] * len(between)


def _kind(line: str, scopes: tuple[str, ...]) -> str:
    for pattern in _patterns()[2]:
        if pattern.scope in scopes and pattern.search.search(line) and (pattern.scope != "menu" or _is_menu(line)):
            return pattern.kind
    return ""


def _triggered(text: str, units: list[tuple[int, int]]) -> Iterator[tuple[int, _Pattern]]:
    """Each unit, by its index, with each pattern of which a trigger stands in it."""
    automaton, patterns, _ = _patterns()
    seen = set()
    for hit, start, _ in automaton.find_matches_as_indexes(text, overlapping=True):
        at = bisect_right(units, (start, len(text) + 1)) - 1
        if at >= 0 and start < units[at][1] and (at, patterns[hit]) not in seen:
            seen.add((at, patterns[hit]))
            yield at, patterns[hit]


def _is_menu(line: str) -> bool:
    words = [word for word in re.split(r"[\s|｜>»/·]+", line) if word]
    return len(words) >= 4 and all(len(word) <= 6 and not re.search(r"[\d。，；]", word) for word in words)


def page_markers(text: Text, document: Document) -> Iterator[Edit]:
    """“3、” in the middle of a word: numbers that a preview host sets before each chunk of equally many characters.

    A chain of consecutive numbers at one distance, most of which cut a sentence; a line's start alone proves nothing.
    The distance is taken in the source and in the cleaned text, since furniture may have come before or after the host.
    """
    found = list(re.finditer(r"(\d{1,3})(?<!\d\d{3})、", text.clean))
    in_source = [text.source_span(match.start(), match.end())[0] for match in found]
    numbers = [int(match[1]) for match in found]
    best = max((_longest_chain(numbers, at) for at in (in_source, [match.start() for match in found])), key=len)
    chain = [found[at] for at in best]
    cuts = [_cuts_a_sentence(text.clean, match.start()) for match in chain if match.start() > 0]
    if len(chain) >= 3 and 2 * sum(cuts) >= len(cuts):
        for match in chain:
            yield Edit(len(text.clean[: match.start()].rstrip()), match.end(), "", "page_marker")


def _longest_chain(numbers: list[int], offsets: list[int]) -> list[int]:
    """Indices of the longest run of consecutive numbers at nearly one distance."""
    places: dict[int, list[int]] = {}
    for at, number in enumerate(numbers):
        places.setdefault(number, []).append(at)
    best: list[int] = []
    for first, number in enumerate(numbers):
        for second in places.get(number + 1, ()):
            gap = offsets[second] - offsets[first]
            if gap in MARKER_GAPS:
                chain, slack = [first, second], max(6, gap * 7 // 100)
                while following := [
                    at
                    for at in places.get(numbers[chain[-1]] + 1, ())
                    if abs(offsets[at] - offsets[chain[-1]] - gap) <= slack
                ]:
                    chain.append(following[0])
                best = max(best, chain, key=len)
    return best


def _cuts_a_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - 9) : at].rstrip()
    return bool(before) and before[-1] not in "。！？；：!?;:…”》)）"


def page_numbers(text: Text, document: Document) -> Iterator[Edit]:
    """Bare page numbers: lines that count on from one to the next, or what a flattened page left after a sentence."""
    spans = outside((m.span() for m in re.finditer(r"(?m)^[ \t]*\d{1,4}[ \t]*$\n?", text.clean)), cells(text, document))
    lines = [(start, end, int(text.clean[start:end])) for start, end in spans]
    counting = set()
    for left, right in pairwise(lines):
        if right[2] == left[2] + 1 and right[0] - left[0] in MARKER_GAPS:
            counting |= {left, right}
    for start, end, _ in sorted(counting):
        yield Edit(start, end, "", "furniture.page_number")
    if any(edit.reason == "page_marker" for edit in text.edits):
        for match in re.finditer(r"(?m)(?<=[。！？])[ \t]+\d{1,3}[ \t]*$", text.clean):
            yield Edit(*match.span(), "", "page_number")
