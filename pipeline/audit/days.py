"""Days as reports write them: 2023年9月下旬, 二〇二三年十月二日, 2023.10.2, 今年冬至, 国庆期间.

A date is read to the earliest day that it can mean. What the parts of a year are called stands in models/checks.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.numerals import chinese

Day = tuple[int, int, int]
Parts = Mapping[str, Sequence[int]]
"""What a part of a year is called (a regular expression) → the first month and day that it can mean."""

_HAN_DIGITS = "〇一二三四五六七八九"
HAN_YEAR = r"[二2][〇○零0Oo][〇○零一二三四五六七八九]{2}"
HAN_DAY = r"(?:[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_HAN_OWN = r"元|(?<![一-鿿])(?:十[一二]?|[一二三四五六七八九])(?=月(?:份|[上中下]旬|[初底](?![一二三四五六七八九十])))"
_MONTH, _ARABIC_MONTH = r"1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九元]", r"1[0-2]|0?[1-9]"
_DAY = r"[12]\d|3[01]|0?[1-9]"
_THIRDS = {"上旬": 1, "中旬": 11, "下旬": 21, "初": 1, "中": 11, "底": 21, "末": 21}
_THIRD = r"[上中下]旬|[初中底末]"
_THIS_YEAR = r"今年|本年度?|当年"
_LATER_QUARTER = r"第?[二三四234]季度"
FULL = re.compile(  # a day with its year, as signatures write it; the day may be missing
    rf"(?:(?P<year>20\d\d)|(?P<han>{HAN_YEAR}))[年.\-/](?P<month>1[0-2]|0?[1-9]|{HAN_DAY})(?:[月.\-/](?P<day>\d{{1,2}}|{HAN_DAY})[日号]?|月)"
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date in a text, and the earliest day that it can mean."""

    start: int
    end: int
    day: Day
    told: str  # for people: 2023年9月
    year_alone: bool  # 2023年, 2023年底: no month is said
    own: bool  # no year is said: the report's is meant
    part: str | None  # what the part of the year is called, where it is


def dates(shadow: str, year: int, parts: Parts) -> Iterator[Date]:
    """The dates of a text, in order. `year` is the report's, for those that name none."""
    for match in _pattern(tuple(parts)).finditer(shadow):
        day, told = _read(match, year, parts)
        yield Date(
            *match.span(), day, told,
            year_alone=bool(match["year"] or match["han"]) and not (match["month"] or match["quarter"]),
            own=bool(match["own"] or match["season"]), part=match["part"],
        )  # fmt: skip


def full(match: re.Match[str]) -> Day:
    """The day of a match of `FULL`; the last of its month where it names none."""
    return year_of(match["year"], match["han"]), number(match["month"]), number(match["day"] or "31")


def number(written: str) -> int:
    """9, 09, 十二; 元 of 元月."""
    if written == "元":
        return 1
    return int(written) if written.isdigit() else int(chinese(written))


def year_of(arabic: str | None, han: str | None) -> int:
    """2023, 二〇二三."""
    if arabic or not han:
        return int(arabic or 0)
    return int("20" + "".join(str(max(0, _HAN_DIGITS.find(c))) for c in han[2:]))


@cache
def _pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    part = "|".join(sorted(parts, key=len, reverse=True))
    return re.compile(
        rf"(?<![\d.])(?:(?P<year>20\d\d)|(?P<han>{HAN_YEAR}))年度?的?(?:"
        rf"(?P<month>{_MONTH})月(?:份|(?P<day>{_DAY}|{HAN_DAY})[日号]|(?P<third>{_THIRD}))?"
        rf"|第?(?P<quarter>[一二三四1-4])季度|(?P<part>{part}))?"
        rf"|(?<![\d.])(?P<y>20\d\d)(?P<sign>[.\-/])(?P<m>{_ARABIC_MONTH})(?:(?P=sign)(?P<d>{_DAY}))?(?![\d.%％\-/])"
        rf"|(?:(?:{_THIS_YEAR})的?)?(?<![\d.])(?P<own>{_ARABIC_MONTH}|{_HAN_OWN})月(?:份|(?P<ownday>{_DAY})[日号]|"
        rf"(?P<ownthird>{_THIRD}))?(?!\d)"
        rf"|(?P<season>(?:{_THIS_YEAR})的?(?:{_LATER_QUARTER}|{part})|(?<![去前往历每逐上\d]年)"
        rf"(?:{_LATER_QUARTER}|{part})(?=节|期间|前后|长假|假期|黄金周|当[天日晚]|那天|，))"
    )


def _read(match: re.Match[str], year: int, parts: Parts) -> tuple[Day, str]:
    g = match.groupdict()
    if g["y"]:
        return (int(g["y"]), int(g["m"]), int(g["d"] or 1)), f"{g['y']}年{int(g['m'])}月"
    if g["season"]:
        quarter = re.search(r"([二三四234])季度", g["season"])
        month, first = _quarter(quarter[1]) if quarter else _part(match.string, *match.span("season"), parts)
        return (year, month, first), f"{year}年{month}月后"
    if g["own"]:
        day = year, number(g["own"]), int(g["ownday"] or _THIRDS.get(g["ownthird"] or "", 1))
        return day, f"{year}年{day[1]}月"
    named = year_of(g["year"], g["han"])
    if g["month"]:
        first = number(g["day"]) if g["day"] else _THIRDS.get(g["third"] or "", 1)
        return (named, number(g["month"]), first), f"{named}年{number(g['month'])}月"
    if g["quarter"]:
        month, first = _quarter(g["quarter"])
        return (named, month, first), f"{named}年{month // 3 + 1}季度"
    return (named, *(_part(match.string, *match.span("part"), parts) if g["part"] else (1, 1))), f"{named}年"


def _quarter(written: str) -> tuple[int, int]:
    at = "一二三四".find(written) if written in "一二三四" else int(written) - 1
    return 3 * at + 1, 1


def _part(shadow: str, start: int, end: int, parts: Parts) -> tuple[int, int]:
    """The first month and day of the part of a year that ends a span of the text."""
    for words in sorted(parts, key=len, reverse=True):
        found = re.compile(words).search(shadow, start)
        if found and found.end() == end:
            month, first = parts[words]
            return month, first
    return 1, 1
