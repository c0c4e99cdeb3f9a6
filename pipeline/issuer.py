"""Who reports, and on which year; and which time a claim speaks of.

Evidence is taken in the order title, opening, body, file path, and the kind that decided is recorded. A place is never
guessed: a masked name (XX镇) gets a pseudonym made of the document's own words, so that it is the same on every run,
the same for the same text in another format, and never resolves to a real place.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import PurePath
from typing import NamedTuple

from pipeline.lexicon import rows
from pipeline.records import Document, Heading, Issuer, Text

OPENING = 1500  # characters of the report in which it introduces itself
_GENRE = r"总结|报告|汇报|小结|回顾|情况|方案|计划|要点|思路|打算|简报|通报|自查|摘编"
_TITLE_LINE = re.compile(rf"[^。！？\n]{{2,70}}(?:{_GENRE})[^。！？\n]{{0,30}}")
_NO_TITLE = re.compile(r"^(?:现将|source:|http|[（(]?[一二三四五六七八九十\d]+[、.．）)])|>|首页|下载|登录")
_RUN_IN_TITLE = re.compile(rf"(?<![、.．）)\d])(?:\d{{4}}年|[Xx×]{{1,4}}[年乡镇县])[^。，,！？\n]{{2,40}}?(?:{_GENRE})")
_TITLE_MARK = re.compile(r"^(?:title[:：]|[#*《\ufeff\s]+)|(?:[*》\s]+|\.(?:docx?|pdf|txt|wps))$", re.IGNORECASE)
_YEAR = r"(?P<year>(?:19|20)\d\d|[一二][〇○零九][〇○零一二三四五六七八九]{2})"
_YEAR_STATED = re.compile(rf"(?<!\d){_YEAR}\s?(?:年度?|上半年)(?!\s?\d{{1,2}}\s?月\s?\d{{1,2}}\s?日)")
_YEAR_REVIEWED = re.compile(
    rf"(?<!\d){_YEAR}\s?年度?[一-鿿]{{0,14}}?(?:回顾|总结|完成情况|进展情况|开展情况|工作情况|成效)"
)
_YEAR_INTRODUCED = re.compile(
    rf"现[将就][^。\n]{{0,20}}?{_YEAR}\s?年|(?:^|\n)\W*{_YEAR.replace('year', 'first')}\s?年(?:度?以来|，)"
)
_YEAR_IN_PATH = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)|(?P<han>二[〇○零][〇○零一二三四五六七八九]{2})")
_DELIVERED = re.compile(r"(?P<year>20\d\d)\s?年\s?(?P<month>\d{1,2})\s?月\s?\d{1,2}\s?日")
_MASK = r"(?:[Xx×＊*○]{1,4}|某某?)"
_HAN_DIGITS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_SPOKEN = re.compile(r"各位代表|政府工作报告")


def find(document: Document, text: Text, headings: Sequence[Heading]) -> Issuer:
    """The place that issues a report, its level, and the year whose work it tells.

    A government work report is delivered early in the year after the one that it reviews, so the year of its title or
    file name counts as the year after. `basis` names the evidence of place and year, parted by / where they differ.
    """
    clean = text.shadow or text.clean
    title = _title(document, clean, headings)
    place, level, place_basis = _place(title or "", clean, _path_words(document))
    year, year_basis = _year(document, clean, title or "", headings)
    bases = [basis for basis in (place_basis, year_basis) if basis]
    return Issuer(title, place, level, year, "/".join(dict.fromkeys(bases)) or "unknown")


def period_of(clean: str, start: int, year: int | None) -> tuple[str | None, str]:
    """The time that the characters at `start` speak of, and whether it is stated, the report's year, or unknown.

    Written as "2023", "2023-H1", "2023-Q2", "2023-07", "2023-07-15", or with a slash from first to last. The nearest
    expression before the number in its sentence counts; else the heading that it stands under; else the report's year.
    A time that the figure is only measured against (比2022年, 较上年) does not count. In a speech to delegates 今年 is
    the year after the one that it reviews.
    """
    spoken_in = year and year + bool(_SPOKEN.search(clean[:OPENING]))
    left = max(clean.rfind(mark, max(0, start - 300), start) for mark in "。！？\n；") + 1
    for phrase in (clean[left:start], _governing_heading(clean, start)):
        stated = _stated_period(phrase, spoken_in, year)
        if stated:
            return stated, "stated"
    return (str(year), "report") if year else (None, "unknown")


def _stated_period(phrase: str, this_year: int | None, report_year: int | None) -> str | None:
    """The last time that a phrase names; of two that end together the longer one."""
    if not _HINT.search(phrase):
        return None
    found: list[tuple[int, int, str]] = []
    for pattern, write in _TIMES:
        for match in pattern.finditer(phrase):
            against = phrase[: match.start()].endswith(("比", "较")) or phrase.startswith(("同期", "相比"), match.end())
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
            return _number(match.group("year"))
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
    count = _COUNT.get(match.group("count")) or int(match.group("count"))
    if not years.reported or not 1 <= count <= 20:
        return None
    return str(years.reported) if count == 1 else f"{years.reported - count + 1}/{years.reported}"


def _plan(match: re.Match[str], years: _Years) -> str:
    first = 2011 + 5 * (_COUNT[match.group("plan")] - 2)
    return f"{first}/{first + 4}"


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


_COUNT = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_RELATIVE = {"今": 0, "本": 0, "当": 0, "去": -1, "上": -1, "前": -2, "明": 1, "来": 1}
_WHICH = rf"(?:(?<!\d){_YEAR}\s?年度?|(?P<relative>今年|本年度?|当年|去年|上年|前年|明年|来年))"
_TO = r"\s?(?:-|—+|–|~|～|至|到)\s?"
_TIMES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Years], str | None]], ...] = (
    (re.compile(_WHICH), _plain),
    (re.compile(rf"(?P<relative>(?!))?(?<!\d){_YEAR}\s?年?{_TO}(?P<last>(?:19|20)\d\d)\s?年"),
     _within(lambda match, year: f"{year}/{match.group('last')}")),
    (re.compile(rf"{_WHICH}(?:以来|起|开始)"), _since),
    (re.compile(rf"截[至止]到?目?前?{_WHICH}?(?P<month>\d{{1,2}})\s?月(?:底|末|份|\d{{1,2}}日)?"), _within(_months)),
    (re.compile(rf"{_WHICH}?的?(?P<half>[上下])半年"),
     _within(lambda match, year: f"{year}-H{1 if match.group('half') == '上' else 2}")),
    (re.compile(rf"{_WHICH}?第?(?P<quarter>[一二三四1-4])季度"),
     _within(lambda match, year: f"{year}-Q{_COUNT.get(match.group('quarter')) or match.group('quarter')}")),
    (re.compile(rf"{_WHICH}?前三季度"), _within(lambda match, year: f"{year}-01/{year}-09")),
    (re.compile(rf"{_WHICH}?(?<!\d)(?P<first>\d{{1,2}})\s?月?份?{_TO}(?P<month>\d{{1,2}})\s?月份?"), _within(_months)),
    (re.compile(rf"{_WHICH}?(?<!\d)(?P<month>\d{{1,2}})\s?月(?:份|底|初)?(?:(?P<day>\d{{1,2}})\s?日)?"),
     _within(_month)),
    (re.compile(r"十(?P<plan>[二三四五])五[”\"]?(?:期间|时期|以来|末)"), _plan),
    (re.compile(r"(?:近|过去的?|最近|这)(?P<count>[一二两三四五六七八九十]|\d{1,2})年[来里间中]?"), _last_years),
    (re.compile(r"(?<!\d)(?P<count>[一二两三四五六七八九十]|\d{1,2})年(?:以?来|间)"), _last_years),
    (re.compile(r"(?P<relative>(?!))?(?P<year>(?!))?(?:全年度?|年内|年初以来)"), _plain),
)  # fmt: skip
_HINT = re.compile("[年月季]|十.五")  # every expression above has one of these; most phrases have none
_HEADING = re.compile(r"(?:^|[\n。；])[\s*#]*[一二三四五六七八九十]{1,3}、(?P<title>[^。\n]{2,40})")


def _governing_heading(clean: str, start: int) -> str:
    """The title of the last 一、-heading before `start`, so that 二、2024年工作安排 dates what stands under it."""
    places, titles = _headings(clean)
    after = bisect_right(places, start)
    return titles[after - 1] if after else ""


@lru_cache(maxsize=2)
def _headings(clean: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    found = [(match.start("title"), match.group("title")) for match in _HEADING.finditer(clean)]
    return tuple(place for place, _ in found), tuple(title for _, title in found)


def _title(document: Document, clean: str, headings: Sequence[Heading]) -> str | None:
    for heading in headings:
        if heading.level == 0 and heading.title.strip():
            lines = map(_bare, clean[heading.start : heading.title_end].split("\n"))
            return " ".join(takewhile(lambda line: line and not _NO_TITLE.search(line), lines)) or _bare(heading.title)
    for line in clean[: 2 * OPENING].split("\n")[:40]:
        bare = _bare(line)
        if _TITLE_LINE.fullmatch(bare) and not _NO_TITLE.search(bare):
            return bare
    run_in = _RUN_IN_TITLE.search(clean[:OPENING])
    if run_in:
        return run_in.group()
    return dict(document.metadata).get("title") or None


def _bare(line: str) -> str:
    """A title line without markup, brackets and file extension."""
    while (shorter := _TITLE_MARK.sub("", line.strip())) != line:
        line = shorter
    return line


def _path_words(document: Document) -> str:
    path = PurePath(document.path)
    return "\n".join([path.stem, *(parent.name for parent in list(path.parents)[:2])])


def _place(title: str, clean: str, path: str) -> tuple[str | None, str | None, str]:
    opening = clean[:OPENING]
    introduced = [match.group(match.lastgroup or 0) for match in _introduction().finditer(opening)]
    introduced = [phrase for phrase in introduced if clean.count(phrase) > 1]
    for basis, phrases in (("title", [title]), ("body", introduced), ("path", path.split("\n"))):
        for phrase in phrases:
            found = _named(phrase)
            if found:
                return _trimmed(found, clean), found[1], basis
            found = _masked(phrase, clean)
            if found:
                return *found, basis
    own = Counter(re.findall(r"[我本](镇|乡|街道|县|区|市|村|社区|州|省)", clean)).most_common(1)
    return (None, _suffixes()[own[0][0]][1], "body") if own else (None, None, "")


def _named(phrase: str) -> tuple[str, str] | None:
    """The first place of a phrase, and its level; of names written in a row (望川县云岭镇) the last one reports."""
    found: tuple[str, str] | None = None
    end = -1
    for match in _place_pattern().finditer(phrase):
        word = match.group()
        if match.group("name") in _suffixes() or word in _not_places() or word.endswith(_longer_not_places()):
            continue
        if found and match.start() != end:
            break
        canonical, level = _suffixes()[match.group("suffix")]
        found, end = (match.group("name") + canonical, level), match.end()
    if found and found[0] in _provinces():
        return found[0], "province"
    short = next((name for name in _provinces() if phrase.startswith(name)), None)
    return (_provinces()[short], "province") if short and found is None else found


def _trimmed(found: tuple[str, str], clean: str) -> str:
    """A name without what a page put before it (免费南栅街道), where the text names it without that more often."""
    place, level = found
    shorter = [place[cut:] for cut in range(1, len(place) - 2) if _named(place[cut:]) == (place[cut:], level)]
    return next((name for name in shorter if clean.count(name) > clean.count(place)), place)


def _masked(phrase: str, clean: str) -> tuple[str, str] | None:
    """The pseudonym of a masked name; of several in a row (X县XX镇) the last one reports."""
    found = re.search(rf"(?:{_MASK}(?P<suffix>{_any_suffix()}))+", phrase)
    if found is None:
        return None
    canonical, level = _suffixes()[found.group("suffix")]
    digest = hashlib.sha256(re.sub(r"\s", "", clean).encode()).hexdigest()
    return f"XX{canonical}#{digest[:8]}", level


def _year(document: Document, clean: str, title: str, headings: Sequence[Heading]) -> tuple[int | None, str]:
    spoken = bool(_SPOKEN.search(title + clean[:OPENING]))
    for heading in headings:
        reviewed = _YEAR_REVIEWED.search(heading.title)
        if reviewed and heading.level > 0:
            return _number(reviewed.group("year")), "heading"
    if spoken:
        reviewed = _YEAR_REVIEWED.search(clean[: 2 * OPENING])
        if reviewed:
            return _number(reviewed.group("year")), "heading"
    stated = _YEAR_STATED.search(title)
    if stated:
        return _number(stated.group("year")) - spoken, "title"
    delivered = _DELIVERED.search(title + clean[:OPENING])
    if delivered and spoken:
        return int(delivered.group("year")) - (int(delivered.group("month")) < 10), "title"
    for pattern in (_YEAR_REVIEWED, _YEAR_INTRODUCED):
        introduced = pattern.search(clean[:OPENING])
        if introduced:
            return _number(next(year for year in introduced.groupdict().values() if year)), "body"
    in_path = _YEAR_IN_PATH.search(_path_words(document))
    if in_path:
        return _number(in_path.group("year") or in_path.group("han")) - spoken, "path"
    counted = Counter(_number(match.group("year")) for match in _YEAR_STATED.finditer(clean))
    if counted:
        return max(counted, key=lambda year: (counted[year], year)), "body"
    return None, ""


def _number(year: str) -> int:
    return int("".join(_HAN_DIGITS.get(c, c) for c in year))


@cache
def _place_pattern() -> re.Pattern[str]:
    """A name of one to seven characters at the start of a phrase, and the suffix of its level."""
    before = r"(?<![一-鿿])|(?<=[年的于在对省市州县区盟镇乡])|(?<=关于)"
    name = r"(?![我本全各该某在对于是和与及为将把现年月届的]|关于|(?<=\d)日)[一-鿿]{1,7}?"
    return re.compile(rf"(?:{before})(?P<name>{name})(?P<suffix>{_any_suffix()})(?![市县区镇乡村州省盟旗道])")


@cache
def _introduction() -> re.Pattern[str]:
    """Where running text says who speaks: 在…第N届, 代表…政府, or a sentence that opens with what the place does."""
    name = r"(?!贯彻|落实|认真|坚持|按照|围绕)[^\W\da-zA-Z_委府党]{1,7}?|[Xx×]{2,4}"
    place = rf"(?P<place>(?:(?:{name})(?:{_any_suffix()}))+?)"
    does = (
        "位于|地处|下辖|辖|党委|政府|党政|人民政府|坚持|认真|高度重视|十分重视|按照|围绕|紧紧|积极|深入|全面|始终|把|将|以|在"
    )
    start = r"(?:^|[\n。，“])\s*(?:\d{4}\s?年(?:度|以来|，)*)?"
    speaker, subject = place.replace("place", "speaker"), place.replace("place", "subject")
    return re.compile(
        rf"在{place}(?=第[一二三四五六七八九十\d]+届)|代表{speaker}(?=人民政府|政府)|{start}{subject}(?={does})"
    )


@cache
def _any_suffix() -> str:
    return "|".join(sorted(_suffixes(), key=len, reverse=True))


@cache
def _table(kind: str) -> tuple[dict[str, str], ...]:
    return tuple(row for row in rows("places") if row["kind"] == kind)


@cache
def _suffixes() -> dict[str, tuple[str, str]]:
    """Suffix → (suffix of the normal name, level)."""
    return {row["text"]: (row["canonical"], row["level"]) for row in _table("suffix")}


@cache
def _provinces() -> dict[str, str]:
    return {row["text"]: row["canonical"] for row in _table("name")}


@cache
def _not_places() -> frozenset[str]:
    return frozenset(row["text"] for row in _table("not_place"))


@cache
def _longer_not_places() -> tuple[str, ...]:
    """Those that no name ends in (创建国家卫生区), unlike 街道."""
    return tuple(word for word in _not_places() if len(word) > 2 and word not in _suffixes())
