"""The units that are classified: the smallest parts that a heading or a paragraph opens. They tile the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.records import Heading, Text

SHORT = 16  # a line without a stop that is no longer than this belongs to what stands before it: a table, a signature


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
    starts |= _paragraphs(shadow, headings)
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
    own_lines = {_skip_breaks(shadow, h.title_end) for h in headings if h.level and _ends_line(shadow, h.title_end)}
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
