"""The units that are classified: the smallest parts that a heading or a paragraph opens. They tile the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.records import Heading, Text

SHORT = 16  # a line without a stop that is no longer than this belongs to what stands before it: a table, a signature

TURN = re.compile(
    r"(?<=[。！？；\n\s])((?:但|不过|当然|同时)?[，,]?(?:我们)?(?:也|又)(?:要|应|应该|必须|应当)?(?:清醒|深刻|客观)?地?(?:看到|认识到)[，,]"
    r"|在(?:看到|肯定|总结)成绩的同时|(?:下一?步|下一?阶段|下半年|明年|接下来)[，,])"
)
"""Words at the head of a sentence with which a report without headings turns to problems or to plans."""
SIGNATURE = re.compile(
    r"\n[ \t\u3000]*([^\n。，]{2,24}(?:政府|委员会|办公室|办事处|党委|指挥部|爱卫办|村委会|大队|局)\s*\n"
    r"\s*[\dXx×〇○零一二三四五六七八九十]{2,4}年[^\n]{2,9}日\s*)$"
)


class Unit(NamedTuple):
    """`path` are the headings that govern the unit, outermost first; the last one is its own where `opens`."""

    start: int
    end: int
    path: tuple[Heading, ...]
    opens: bool
    is_title: bool
    title_end: int  # where its own heading ends, `start` without one

    @property
    def heading(self) -> Heading | None:
        """The heading that opens the unit."""
        return self.path[-1] if self.opens and self.path else None


def split(text: Text, headings: tuple[Heading, ...]) -> list[Unit]:
    """Cut the text where a heading or a paragraph begins. A heading on a line of its own keeps its first paragraph."""
    shadow = text.shadow
    if not shadow:
        return []
    titles = {heading.start: heading for heading in headings if heading.level == 0}
    opened = {heading.start: heading for heading in headings if heading.level > 0}
    starts = set(opened) | set(titles) | {_skip_breaks(shadow, heading.title_end) for heading in titles.values()}
    starts |= _paragraphs(shadow, headings) | {match.start(1) for match in TURN.finditer(shadow)}
    if signed := SIGNATURE.search(shadow):
        starts.add(signed.start(1))
    cuts = sorted(start for start in starts if start < len(shadow) and not _inside_title(start, titles))
    cuts = cuts if cuts else [0]
    units: list[Unit] = []
    path: list[Heading] = []
    for start, end in zip([0, *cuts[1:]], [*cuts[1:], len(shadow)], strict=True):
        own = opened.get(cuts[len(units)])
        path = [heading for heading in path if heading.end > cuts[len(units)]]
        if own:
            path = [heading for heading in path if heading.level < own.level] + [own]
        is_title = cuts[len(units)] in titles
        units.append(Unit(start, end, tuple(path), own is not None, is_title, own.title_end if own else start))
    return units


def _paragraphs(shadow: str, headings: tuple[Heading, ...]) -> set[int]:
    bare = [h.title_end for h in headings if h.level and _ends_line(shadow, h.title_end)]
    own_lines = {_skip_breaks(shadow, end) for end in bare if shadow[end - 1] != "。" and shadow[end : end + 1] != "。"}
    found = set()
    for line in re.finditer(r"[^\s].*", shadow):
        short = len(line.group()) <= SHORT and line.group().rstrip()[-1] not in "。！？；：:!?;"
        if not short and "\t" not in line.group() and line.start() not in own_lines:
            found.add(line.start())
    return found


def _ends_line(shadow: str, offset: int) -> bool:
    return not shadow[offset : shadow.find("\n", offset) % (len(shadow) + 1)].strip(" \t\u3000。：:")


def _skip_breaks(shadow: str, offset: int) -> int:
    match = re.compile(r"[\s。：:]*").match(shadow, offset)
    return match.end() if match else offset


def _inside_title(offset: int, titles: dict[int, Heading]) -> bool:
    return any(heading.start < offset < heading.title_end for heading in titles.values())
