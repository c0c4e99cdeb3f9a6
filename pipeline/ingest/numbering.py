"""Automatic numbers of Word paragraphs, rebuilt as Word shows them: 一、 （一） 1. ① 第一章 1.1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from pipeline.ingest.reading import Reading

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = W + "val"
_DIGITS = "〇一二三四五六七八九"
_HEAVENLY = "甲乙丙丁戊己庚辛壬癸"
_EARTHLY = "子丑寅卯辰巳午未申酉戌亥"
_PLACEHOLDER = re.compile(r"%([1-9])")
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def value(element: etree._Element | None, child: str | None = None) -> str | None:
    """The w:val of an element, or of its child of that name; None where there is none."""
    if element is not None and child is not None:
        element = next(element.iterchildren(W + child), None)  # half the time of find()
    return None if element is None else element.get(_VAL)


def number(text: str | None, default: int = 0) -> int:
    """A whole number of an attribute; `default` for what is none."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text) else default


def chinese(count: int, digits: str = _DIGITS, units: str = "十百千万", leading_one: bool = False) -> str:
    """A whole number below 100,000 in Chinese numerals: 12 → 十二, 105 → 一百〇五."""
    if not 0 < count < 100_000:
        return str(count) if count else digits[0]
    text, gap = "", False
    for power in range(4, -1, -1):
        digit = count // 10**power % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += (digits[0] if gap else "") + digits[digit] + (units[power - 1] if power else "")
        gap = False
    short = not leading_one and 10 <= count < 20
    return text[1:] if short else text


def roman(count: int) -> str:
    """A whole number from 1 to 3999 in capital Roman numerals; beyond that in digits."""
    if not 0 < count < 4000:
        return str(count)
    text = ""
    for weight, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += sign * (count // weight)
        count %= weight
    return text


def letters(count: int) -> str:
    """a, b, … z, aa, bb, … as Word counts."""
    return chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1) if 0 < count < 1000 else str(count)


def circled(count: int) -> str:
    """①…⑳ ㉑…㉟ ㊱…㊿; beyond that digits."""
    for first, last, sign in ((1, 20, "①"), (21, 35, "㉑"), (36, 50, "㊱")):
        if first <= count <= last:
            return chr(ord(sign) + count - first)
    return str(count)


def _series(signs: str, count: int) -> str:
    return signs[(count - 1) % len(signs)] if count > 0 else str(count)


def _run(first: str, length: int, count: int) -> str:
    return chr(ord(first) + count - 1) if 1 <= count <= length else str(count)


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_CHINESE_DIGITS = str.maketrans("0123456789", _DIGITS)


def _counting(count: int) -> str:
    return chinese(count) if count < 100 else str(count).translate(_CHINESE_DIGITS)


FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda count: f"{count:02d}",
    "decimalFullWidth": lambda count: str(count).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda count: str(count).translate(_FULL_WIDTH),
    "decimalEnclosedCircle": circled,
    "decimalEnclosedCircleChinese": circled,
    "decimalEnclosedFullstop": lambda count: _run("⒈", 20, count),
    "decimalEnclosedParen": lambda count: _run("⑴", 20, count),
    "ideographEnclosedCircle": lambda count: _run("㊀", 10, count),
    "upperLetter": lambda count: letters(count).upper(),
    "lowerLetter": letters,
    "upperRoman": roman,
    "lowerRoman": lambda count: roman(count).lower(),
    "chineseCounting": _counting,
    "taiwaneseCounting": _counting,
    "japaneseCounting": chinese,
    "koreanCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCountingThousand": chinese,
    "ideographDigital": lambda count: str(count).translate(_CHINESE_DIGITS),
    "japaneseDigitalTenThousand": lambda count: str(count).translate(_CHINESE_DIGITS),
    "taiwaneseDigital": lambda count: str(count).translate(_CHINESE_DIGITS),
    "chineseLegalSimplified": lambda count: chinese(count, "零壹贰叁肆伍陆柒捌玖", "拾佰仟萬", leading_one=True),
    "ideographLegalTraditional": lambda count: chinese(count, "零壹貳參肆伍陸柒捌玖", "拾佰仟萬", leading_one=True),
    "ideographTraditional": lambda count: _series(_HEAVENLY, count),
    "ideographZodiac": lambda count: _series(_EARTHLY, count),
    "none": lambda count: "",
}
"""How each w:numFmt writes a count."""


@dataclass(slots=True)
class Level:
    """One level of a list: w:lvl."""

    start: int
    format: str
    pattern: str
    follow: str  # what stands between number and text: tab, space, nothing
    restart: int | None  # the level (from 1) that sets this one back; 0 never, None any higher one
    legal: bool  # all numbers in digits
    style: str | None


@dataclass(slots=True)
class Numbering:
    """Definitions of numbering.xml, and the counters as they stand at this point of the document."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)  # by abstractNumId
    lists: dict[str, str] = field(default_factory=dict)  # numId → abstractNumId
    overrides: dict[str, dict[int, Level]] = field(default_factory=dict)  # numId → its own levels
    starts: dict[str, dict[int, int]] = field(default_factory=dict)  # numId → startOverride by level
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)  # by abstractNumId
    _begun: set[tuple[str, int]] = field(default_factory=set)
    _unknown: set[str] = field(default_factory=set)

    @classmethod
    def load(cls, root: etree._Element | None, style_lists: dict[str, str]) -> Numbering:
        """Read numbering.xml. `style_lists` maps numbering styles to the numId that they stand for."""
        numbering = cls()
        if root is None:
            return numbering
        links: dict[str, str] = {}
        for abstract in root.iterchildren(W + "abstractNum"):
            key = abstract.get(W + "abstractNumId", "")
            numbering.levels[key] = dict(_levels(abstract))
            link = value(abstract, "numStyleLink")
            if link is not None:
                links[key] = link
        for entry in root.iterchildren(W + "num"):
            key = entry.get(W + "numId", "")
            numbering.lists[key] = value(entry, "abstractNumId") or ""
            numbering.overrides[key] = {}
            numbering.starts[key] = {}
            for override in entry.iterchildren(W + "lvlOverride"):
                level = number(override.get(W + "ilvl"))
                numbering.overrides[key].update(_levels(override))
                start = value(override, "startOverride")
                if start is not None:
                    numbering.starts[key][level] = number(start)
        for key, style in links.items():
            target = numbering.lists.get(style_lists.get(style, ""))
            if target in numbering.levels and not numbering.levels[key]:
                numbering.levels[key] = numbering.levels[target]
        return numbering

    def level_of_style(self, list_id: str, style: str) -> int:
        """The level of a list that is tied to a paragraph style; 0 where none is."""
        levels = self.levels.get(self.lists.get(list_id, ""), {}) | self.overrides.get(list_id, {})
        return next((index for index, level in sorted(levels.items()) if level.style == style), 0)

    def label(self, list_id: str, index: int, reading: Reading) -> str:
        """Count one paragraph of a list at level `index` (from 0) and return its number as Word prints it."""
        abstract = self.lists.get(list_id)
        levels = self.levels.get(abstract or "", {}) | self.overrides.get(list_id, {})
        if abstract is None or index not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        self._advance(list_id, index, levels, counts)
        level = levels[index]
        if level.format == "bullet":
            text = _PRIVATE.sub("•", level.pattern)
        else:

            def written(match: re.Match[str]) -> str:
                return self._count(int(match[1]) - 1, level, levels, counts, reading)

            text = _PLACEHOLDER.sub(written, level.pattern)
        return text + (" " if text and level.follow != "nothing" else "")

    def _advance(self, list_id: str, index: int, levels: dict[int, Level], counts: dict[int, int]) -> None:
        starts = self.starts.get(list_id, {})
        if index in starts and (list_id, index) not in self._begun:
            counts[index] = starts[index]
        elif index in counts:
            counts[index] += 1
        else:
            counts[index] = starts.get(index, levels[index].start)
        self._begun.add((list_id, index))
        for lower in [other for other in counts if other > index]:
            restart = levels[lower].restart if lower in levels else None
            if restart is None or index < restart:
                del counts[lower]

    def _count(
        self, index: int, shown: Level, levels: dict[int, Level], counts: dict[int, int], reading: Reading
    ) -> str:
        if index not in levels:
            return ""
        name = "decimal" if shown.legal and levels[index].format != "none" else levels[index].format
        if name not in FORMATS and name not in self._unknown:
            self._unknown.add(name)
            reading.issue("numbering_format_unknown", f"automatic numbers of the form {name} are written in digits")
        return FORMATS.get(name, str)(counts.get(index, levels[index].start))


def _levels(parent: etree._Element) -> Iterator[tuple[int, Level]]:
    for element in parent.iterchildren(W + "lvl"):
        restart = value(element, "lvlRestart")
        legal = element.find(W + "isLgl")
        yield (
            number(element.get(W + "ilvl")),
            Level(
                start=number(value(element, "start"), 0),
                format=value(element, "numFmt") or _custom_format(element) or "decimal",
                pattern=value(element, "lvlText") or "",
                follow=value(element, "suff") or "tab",
                restart=None if restart is None else number(restart),
                legal=legal is not None and value(legal) not in ("0", "false"),
                style=value(element, "pStyle"),
            ),
        )


def _custom_format(level: etree._Element) -> str | None:
    """numFmt inside mc:AlternateContent, as Word writes newer formats: the fallback that old readers use."""
    found = next(level.iter(W + "numFmt"), None)
    return value(found)
