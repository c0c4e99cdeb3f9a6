"""The times that words name: 2023年上半年 → "2023-H1", 近三年 → "2021/2023", 截至6月底 → "2023-01/2023-06"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

YEAR = r"(?P<year>(?:19|20)\d\d|[一二][〇○零九][〇○零一二三四五六七八九]{2})"
_HAN_DIGITS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}


def number(year: str) -> int:
    """The year that four figures or Chinese digits write."""
    return int("".join(_HAN_DIGITS.get(c, c) for c in year))


def stated(phrase: str, this_year: int | None, report_year: int | None) -> str | None:
    """The last time that a phrase names; of two that end together the longer one."""
    if not HINT.search(phrase):
        return None
    found: list[tuple[int, int, str]] = []
    for pattern, write in _TIMES:
        for match in pattern.finditer(phrase):
            against = phrase[: match.start()].endswith(("比", "较")) or phrase.startswith(("同期", "相比"), match.end())
            against = against and phrase[match.end() :] not in ("的", "同期的")  # 比上年的1560吨 is the year before
            period = None if against else write(match, _Years(this_year, report_year))
            if period:
                found.append((match.end(), -match.start(), period))
    return max(found)[2] if found else None


class _Years(NamedTuple):
    """The year that 今年 means, and the year whose work is reported."""

    this: int | None
    reported: int | None

    def of(self, match: re.Match[str]) -> int | None:
        """The year that an expression names, in figures or as 今年 or 去年; without either the year reported."""
        if match.group("year"):
            return number(match.group("year"))
        relative = match.group("relative")
        if relative and self.this:
            return self.this + _RELATIVE[relative[0]]
        return None if relative else self.reported


def _since(match: re.Match[str], years: _Years) -> str | None:
    year = years.of(match)
    return f"{year}/{years.reported}" if year and years.reported and year < years.reported else _plain(match, years)


def _plain(match: re.Match[str], years: _Years) -> str | None:
    year = years.of(match)
    return str(year) if year else None


def _last_years(match: re.Match[str], years: _Years) -> str | None:
    count = COUNT.get(match.group("count")) or int(match.group("count"))
    if not years.reported or not 1 <= count <= 20:
        return None
    return str(years.reported) if count == 1 else f"{years.reported - count + 1}/{years.reported}"


def _next_years(match: re.Match[str], years: _Years) -> str | None:
    count = COUNT.get(match.group("count")) or int(match.group("count"))
    return f"{years.reported + 1}/{years.reported + count}" if years.reported else None


def _plan(match: re.Match[str], years: _Years) -> str | None:
    """A five-year plan; with 以来 up to the year reported."""
    first = 2011 + 5 * (COUNT[match.group("plan")] - 2)
    if not match.group().endswith("以来") or years.reported is None:
        return f"{first}/{first + 4}"
    last = min(first + 4, years.reported)
    return None if last < first else f"{first}/{last}" if first < last else str(first)


def _quarters(match: re.Match[str], year: int) -> str | None:
    first, last = (COUNT.get(match.group(name)) or int(match.group(name)) for name in ("first", "quarter"))
    return f"{year}-{3 * first - 2:02}/{year}-{3 * last:02}" if first < last else None


def _within(suffix: Callable[[re.Match[str], int], str | None]) -> Callable[[re.Match[str], _Years], str | None]:
    """A part of a year, written from its match and the year."""

    def write(match: re.Match[str], years: _Years) -> str | None:
        year = years.of(match)
        return suffix(match, year) if year else None

    return write


def _months(match: re.Match[str], year: int) -> str | None:
    first, last = int(match.groupdict().get("first") or 1), int(match.group("month"))
    return f"{year}-{first:02}/{year}-{last:02}" if 1 <= first <= last <= 12 else None


def _month(match: re.Match[str], year: int) -> str | None:
    month, day = int(match.group("month")), int(match.group("day") or 1)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{year}-{month:02}" + (f"-{day:02}" if match.group("day") else "")


COUNT = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_RELATIVE = {"今": 0, "本": 0, "当": 0, "去": -1, "上": -1, "前": -2, "明": 1, "来": 1}
_WHICH = rf"(?:(?<!\d){YEAR}\s?年度?|(?P<relative>今年|本年度?|当年|去年|上年|前年|明年|来年))"
_TO = r"\s?(?:-|—+|–|~|～|至|到)\s?"
_TIMES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Years], str | None]], ...] = (
    (re.compile(_WHICH), _plain),
    (re.compile(rf"(?P<relative>(?!))?(?<!\d){YEAR}\s?年?{_TO}(?P<last>(?:19|20)\d\d)\s?年"),
     _within(lambda match, year: f"{year}/{match.group('last')}")),
    (re.compile(rf"{_WHICH}(?:以来|起|开始)"), _since),
    (re.compile(rf"截[至止]到?目?前?{_WHICH}?(?P<month>\d{{1,2}})\s?月(?:底|末|份|\d{{1,2}}日)?"), _within(_months)),
    (re.compile(rf"{_WHICH}?的?(?P<half>[上下])半年"),
     _within(lambda match, year: f"{year}-H{1 if match.group('half') == '上' else 2}")),
    (re.compile(rf"{_WHICH}?第?(?P<quarter>[一二三四1-4])季度"),
     _within(lambda match, year: f"{year}-Q{COUNT.get(match.group('quarter')) or match.group('quarter')}")),
    (re.compile(rf"{_WHICH}?第?(?P<first>[一二三1-3]){_TO}第?(?P<quarter>[二三四2-4])季度"), _within(_quarters)),
    (re.compile(rf"{_WHICH}?前三季度"), _within(lambda match, year: f"{year}-01/{year}-09")),
    (re.compile(rf"{_WHICH}?(?<!\d)(?P<first>\d{{1,2}})\s?月?份?{_TO}(?P<month>\d{{1,2}})\s?月份?"), _within(_months)),
    (re.compile(rf"{_WHICH}?(?<!\d)(?P<month>\d{{1,2}})\s?月(?:份|底|初)?(?:(?P<day>\d{{1,2}})\s?日)?"),
     _within(_month)),
    (re.compile(r"十(?P<plan>[二三四五])五[”\"]?(?:期间|时期|以来|末)"), _plan),
    (re.compile(r"(?:近|过去的?|最近|这|经过)(?P<count>[一二两三四五六七八九十]|\d{1,2})年[来里间中]?"), _last_years),
    (re.compile(r"(?<!\d)(?P<count>[一二两三四五六七八九十]|\d{1,2})年(?:以?来|间|累计|新增|共(?!同))"), _last_years),
    (re.compile(r"(?:未来|今后)(?P<count>[三五]|[35])年"), _next_years),
    (re.compile(r"(?P<relative>(?!))?(?P<year>(?!))?(?:全年度?|年内|年初以来)"), _plain),
)  # fmt: skip
HINT = re.compile("[年月季]|十.五")  # every expression above has one of these; most phrases have none


def plan_named(title: str) -> str | None:
    """The years of the five-year plan that a title names without 时期 (“十四五”发展目标)."""
    named = _PLAN_NAMED.search(title)
    return _plan(named, _Years(None, None)) if named else None


_PLAN_NAMED = re.compile(r"十(?P<plan>[二三四五])五[”\"]?(?=的?(?:主要|经济|发展|奋斗|目标|规划|工作|总体))")
