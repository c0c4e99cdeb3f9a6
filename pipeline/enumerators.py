"""Enumerators in running text: 一、（一）1. ① 一是 and their kin, and which of them really number something.

An enumerator counts where its ordinal is the next one of a list that is open there, and what stands to its left lets
a part begin. 周一、周四, 安全第一、预防为主, 8、9月份 and stray page markers fail one or the other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pipeline.lexicon import rows

NUMERALS = "一二三四五六七八九十"
SENTENCE_END = "。！？；!?;…"
LOST = "一"  # the series whose brackets are lost
CLOSING = '”’」』）)》】"'
MARKS = {mark: at for row in ("㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩", "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
         "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛") for at, mark in enumerate(row, 1)}  # fmt: skip


class Series(NamedTuple):
    """One shape of enumerator: its kin, its rank among shapes, and what may stand to its left (a string of letters)."""

    name: str
    family: str
    order: float
    contexts: str


class Mark(NamedTuple):
    """Something that may open a part.

    `context` is what stands to the left: L a line's start, S the end of a sentence, W white space, C a colon,
    M a comma, N none of these; T, a heading's title just before, is seen only while the list of headings grows.
    """

    start: int
    end: int
    series: Series
    ordinal: int | None
    context: str


@dataclass(slots=True)
class OpenList:
    """A list that is going on: the latest ordinal, and the heading that has it."""

    series: Series
    ordinal: int | None
    heading: int
    level: int
    run_in: bool


def scan(text: str) -> list[Mark]:
    """All that looks like an enumerator, in order, whatever stands beside it."""
    pattern, series = _table()
    marks = []
    for match in pattern.finditer(text):
        at = int((match.lastgroup or "s0")[1:])
        start, written = match.start(), match[f"n{at}"]
        before = text[start - 1] if start else "\n"
        numeral = before in NUMERALS + "第其百千万零〇两"
        glued = numeral if written[:1] in NUMERALS else before.isascii() and before.isalnum()
        if not (written and glued):
            marks.append(Mark(start, match.end(), series[at], ordinal(written), _context(text, start, series[at])))
    return marks


@cache
def _table() -> tuple[re.Pattern[str], list[Series]]:
    table = rows("headings")
    series = [Series(row["series"], row["family"], float(row["order"]), row["contexts"]) for row in table]
    shapes = [row["pattern"].replace("CN", f"[{NUMERALS}]{{1,3}}") for row in table]
    branches = (f"(?P<s{at}>{shape.replace('?P<n>', f'?P<n{at}>')})" for at, shape in enumerate(shapes))
    first = f"[{NUMERALS}{''.join(MARKS)}\\d第其（(〔【—－-]"
    return re.compile(f"(?={first})(?:{'|'.join(branches)})"), series


def ordinal(written: str) -> int | None:
    """The number that an enumerator's own digits, numerals or sign say; None for a sign without one."""
    if not written:
        return None
    if written in MARKS:
        return MARKS[written]
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    value = (NUMERALS.index(tens) + 1) * 10 if ten and tens in NUMERALS and tens else 10 if ten else 0
    return value + (NUMERALS.index(ones) + 1 if ones in NUMERALS and ones else 0)


def _context(text: str, at: int, series: Series) -> str:
    left = at
    while left and text[left - 1] in " \t\u3000":
        left -= 1
    if left == 0:
        return "L"
    before = text[left - 1]
    if before == "\n":
        return "L" if series.name != "1、" or _finished(text, len(text[:left].rstrip())) else "N"
    inner = text[max(0, left - 3) : left].rstrip(CLOSING)[-1:]
    if before in SENTENCE_END or (before in CLOSING and inner and inner in SENTENCE_END):
        return "S"
    if before in "：:":
        return "C"
    if before in "，,":
        return "M"
    return "W" if left < at and (series.name != "1、" or _finished(text, left)) else "N"


def _finished(text: str, at: int) -> bool:
    """Whether what ends here can stand before a numbered item: a sentence, or a heading without a stop."""
    if at == 0 or text[at - 1] in SENTENCE_END + "：:" + CLOSING:
        return True
    line = re.split(f"[\n{SENTENCE_END}：:]", text[max(0, at - 60) : at])[-1]
    return len(line) <= 40 and not re.search("[，,]", line)


class Sequence:
    """The lists that are open while headings are read in order, and the ordinals that are still to come."""

    def __init__(self, marks: list[Mark]) -> None:
        self.open: list[OpenList] = []
        self._closed: dict[str, int | None] = {}
        self._coming: dict[str, list[tuple[int, int]]] = {}
        for mark in marks:
            if mark.context in mark.series.contexts and mark.ordinal is not None:
                self._coming.setdefault(LOST if mark.series.name == LOST else mark.series.family, []).append(
                    (mark.start, mark.ordinal)
                )

    def next_ordinal(self, series: Series, after: int) -> int | None:
        """The ordinal of the next enumerator of a family; lost brackets are told from words by their own kind only."""
        return next((coming for _, coming in self._after(series, after)), None)

    def _after(self, series: Series, offset: int) -> Iterator[tuple[int, int]]:
        coming = self._coming.get(LOST if series.name == LOST else series.family, [])
        for at in range(bisect_right(coming, (offset, 1_000)), len(coming)):
            yield coming[at]

    def goes_on(self, item: OpenList, after: int) -> bool:
        """Whether the next enumerator of the family continues this list."""
        return item.ordinal is not None and self.next_ordinal(item.series, after) == item.ordinal + 1

    def resumes(self, item: OpenList, mark: Mark) -> bool:
        """Whether the list goes on behind a list of its own shape that the mark begins inside it."""
        inner = 1
        for _, coming in self._after(mark.series, mark.start):
            if coming == inner + 1:
                inner = coming
            else:
                return coming - 1 == item.ordinal != inner
        return False

    def current(self, mark: Mark) -> OpenList | None:
        """The open list that the mark belongs to: where the ordinal fits, of its very shape, or else of its kin."""
        same = [item for item in reversed(self.open) if item.series.name == mark.series.name]
        kin = [item for item in reversed(self.open) if item.series.family == mark.series.family]
        fitting = (item for item in (*same, *kin) if item.ordinal is not None and item.ordinal + 1 == mark.ordinal)
        return next(fitting, same[0] if same else None)

    def close(self) -> OpenList:
        """End the innermost list; its numbers may still run on in a later part."""
        item = self.open.pop()
        self._closed[item.series.name] = item.ordinal
        return item

    def judge(self, mark: Mark) -> tuple[bool, str]:
        """Whether the mark opens a part, and what is odd about it (the empty string: nothing)."""
        if mark.ordinal is None:
            return True, ""
        item = self.current(mark)
        if mark.ordinal == 1:
            return self._begins(mark, item)
        if item is None or item.ordinal is None:
            return self._begins_late(mark)
        if mark.ordinal == item.ordinal + 1:
            lost = mark.series.name == LOST != item.series.name and self.goes_on(item, mark.start)
            return not lost, f"stands before another {mark.ordinal}" if lost else ""
        if mark.ordinal == item.ordinal:
            return mark.context == "L" and mark.series.order <= 3, f"repeats {mark.ordinal}"
        strong = mark.context in ("L" if mark.series.family == "arabic" else "LSW") and mark.series.name != LOST
        fits = strong and 1 < mark.ordinal - item.ordinal <= 3 and not self.goes_on(item, mark.start)
        return fits, f"follows {item.ordinal}"

    def _begins(self, mark: Mark, item: OpenList | None) -> tuple[bool, str]:
        if item and item.ordinal == 1 and item.series.name == mark.series.name and mark.context != "L":
            return False, ""
        kin = (o for o in self.open if o.series.family == mark.series.family and o.series != mark.series)
        if any(self.goes_on(other, mark.start) for other in kin):
            return False, ""
        if self.next_ordinal(mark.series, mark.start) == 2:
            return True, ""
        lone = mark.context == "L" and mark.series.order <= 2 and mark.series.name != LOST
        return lone, "stands alone"

    def _begins_late(self, mark: Mark) -> tuple[bool, str]:
        assert mark.ordinal is not None
        if mark.series.name == LOST or mark.context not in "LS":
            return False, ""
        if mark.context == "L" and self._closed.get(mark.series.name) == mark.ordinal - 1:
            return True, ""
        followed = self.next_ordinal(mark.series, mark.start) == mark.ordinal + 1
        fits = (followed and mark.ordinal <= 4) or (mark.context == "L" and (followed or mark.series.order <= 2))
        return fits, f"begins with {mark.ordinal}"
