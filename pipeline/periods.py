"""Which year a report tells of, and which time each of its figures speaks of.

A year is stated (title, heading, opening, path) or implied: by the number of a yearly event (第35个爱国卫生月 is 2023,
models/editions.csv), by a year of a five-year plan (十四五开局之年), by the days that a text names, or by the day on
which it was published. Where nothing says it there is none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from pipeline import dates, numerals
from pipeline.dates import COUNT, HINT, YEAR, number
from pipeline.lexicon import rows
from pipeline.records import Heading, Issue, Issuer

OPENING = 1500  # characters of the report in which it introduces itself
_YEAR_STATED = re.compile(rf"(?<!\d){YEAR}\s?(?:年度?|上半年)(?!\s?\d{{1,2}}\s?月\s?\d{{1,2}}\s?日)")
_YEAR_REVIEWED = re.compile(
    rf"(?<!\d){YEAR}\s?年度?[一-鿿]{{0,14}}?(?:回顾|总结|完成情况|进展情况|开展情况|工作情况|成效)"
)
_YEAR_INTRODUCED = re.compile(
    rf"现[将就][^。\n]{{0,20}}?{YEAR}\s?年|(?:^|\n)\W*{YEAR.replace('year', 'first')}\s?年(?:度?以来|，)"
)
_YEAR_IN_PATH = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)|(?P<han>二[〇○零][〇○零一二三四五六七八九]{2})")
_DAY = re.compile(r"(?P<year>20\d\d)\s?年\s?(?P<month>\d{1,2})\s?月\s?\d{1,2}\s?日")
_SPOKEN = re.compile(r"各位代表|政府工作报告")
_PLAN_YEAR = re.compile(
    r"(?P<lead>[^，。；\n]{0,12})是[“\"]?十(?P<plan>[二三四五])五[”\"]?(?:规划|时期)?的?"
    r"(?P<which>开局|起步|首|第一|承上启下|收官|最后一)之?年"
)
_PLAN_PLACE = {"承上启下": 2, "收官": 4, "最后一": 4}  # in a plan of five years; the others open it
_PUBLISHED = re.compile(
    r"(?:发布|發佈|發布|发表|發表|更新|时间|時間|日期)[^\n\d]{0,6}(?P<year>20\d\d)[-/.年](?P<month>\d{1,2})[-/.月]\d{1,2}"
)
_OFTEN = 3  # times that a speech says 明年 where it is held before the year is over
_NEW_YEAR = 2  # up to this month a report tells of the year before


def reported_year(
    clean: str, issued: str, title: str, path: str, headings: Sequence[Heading]
) -> tuple[int | None, str]:
    """The year whose work a report tells, and where that is found: title, heading, body, path, implied, or nowhere.

    `clean` is the text as matched, `issued` the source with what a page prints around it, `path` the file's name and
    folders. A government work report is delivered early in the year after the one that it reviews.
    """
    spoken = bool(_SPOKEN.search(title + clean[:OPENING]))
    for heading in headings:
        reviewed = _YEAR_REVIEWED.search(heading.title)
        if reviewed and heading.level > 0:
            return number(reviewed.group("year")), "heading"
    if spoken:
        reviewed = _YEAR_REVIEWED.search(clean[: 2 * OPENING])
        if reviewed:
            return number(reviewed.group("year")), "heading"
    stated = _YEAR_STATED.search(title)
    if stated:
        return number(stated.group("year")) - spoken, "title"
    delivered = _DAY.search(title + clean[:OPENING])
    if delivered and spoken:
        return int(delivered.group("year")) - (int(delivered.group("month")) < 10), "title"
    for pattern in (_YEAR_REVIEWED, _YEAR_INTRODUCED):
        introduced = pattern.search(clean[:OPENING])
        if introduced:
            return number(next(year for year in introduced.groupdict().values() if year)), "body"
    in_path = _YEAR_IN_PATH.search(path)
    if in_path:
        return number(in_path.group("year") or in_path.group("han")) - spoken, "path"
    counted = Counter(number(match.group("year")) for match in _YEAR_STATED.finditer(clean))
    if counted and not implied_years(clean):
        return max(counted, key=lambda year: (counted[year], year)), "body"
    implied = _implied_year(clean, issued)
    return implied, "implied" if implied else ""


def implied_years(clean: str) -> list[tuple[int, int, int]]:
    """(year, start, end) of each expression that implies the year of a report: the number of a yearly event, an
    anniversary, a year of a five-year plan."""
    found = []
    for match in _edition().finditer(clean):
        base = _editions()[match.group("event") or match.group("founded")]
        year = base + int(numerals.numeral(match.group("number") or match.group("age")))
        if 1980 < year < 2100:
            found.append((year, match.start(), match.end()))
    for match in _PLAN_YEAR.finditer(clean):
        if not re.search("明年|来年|下一年", match.group("lead")):
            first = 2011 + 5 * (COUNT[match.group("plan")] - 2)
            found.append((first + _PLAN_PLACE.get(match.group("which"), 0), match.start(), match.end()))
    return sorted(found, key=lambda year: year[1])


def _implied_year(clean: str, issued: str) -> int | None:
    years = [year for year, _, _ in implied_years(clean)]
    days = [(int(day.group("year")), int(day.group("month"))) for day in _DAY.finditer(clean)]
    if not years and days:
        early = all(month <= _NEW_YEAR for _, month in days)
        years = [year - early for year, _ in days]
    if not years and (published := _PUBLISHED.search(issued)):
        years = [int(published.group("year")) - (int(published.group("month")) <= _NEW_YEAR)]
    counted = Counter(years)
    return max(counted, key=lambda year: (counted[year], year)) if counted else None


def conflicts(clean: str, issuer: Issuer) -> tuple[Issue, ...]:
    """An issue for each expression that implies another year than the one that the report is filed under; the year
    after is none, since plans speak of it. Spans count in `clean`."""
    if issuer.year is None:
        return ()
    return tuple(
        Issue("issuer", "year_conflict", f"{clean[start:end].strip()} is {year}; the report is filed under "
              f"{issuer.year} (from {issuer.basis}): check which holds", start, end)
        for year, start, end in implied_years(clean) if year not in (issuer.year, issuer.year + 1)
    )  # fmt: skip


@cache
def _editions() -> dict[str, int]:
    return {row["event"]: int(row["base_year"]) for row in rows("editions")}


@cache
def _edition() -> re.Pattern[str]:
    """第35个爱国卫生月, 新中国成立70周年."""
    names = {kind: "|".join(r["event"] for r in rows("editions") if r["counted"] == kind) for kind in ("个", "周年")}
    number = r"(?:\d{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    return re.compile(
        rf"第\s?(?P<number>{number})\s?[个届次期][“\"]?(?:全国|世界|国际|中国)?[“\"]?(?P<event>{names['个']})"
        rf"|(?P<founded>{names['周年']})[”\"]?\s?(?P<age>{number})\s?周年"
    )


def report_period(issuer: Issuer) -> str | None:
    """The time that a report covers: the part of its year that its title names (上半年), else the year."""
    if issuer.year is None:
        return None
    stated = dates.stated(issuer.title or "", issuer.year, issuer.year)
    part = stated and stated.startswith(f"{issuer.year}-") and not _ONE_DAY.fullmatch(stated)
    return stated if part else str(issuer.year)


_ONE_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def period_of(clean: str, start: int, year: int | None, covered: str | None = None) -> tuple[str | None, str]:
    """The time that the characters at `start` speak of, and whether it is stated, the report's year, or unknown.

    Written as "2023", "2023-H1", "2023-Q2", "2023-07", "2023-07-15", or with a slash from first to last. The nearest
    expression before the number in its sentence counts; else the years that a sentence before it in the paragraph opens
    with, in a speech also a paragraph before it; else the heading that it stands under; else what the report covers, by
    default its year. 全年 and 6月底 are of the year of the heading: under 2024年工作安排 they are of 2024.
    A level that was reached in years told before (五年来，…率达到85%) is of the last of them.
    A time that the figure is only measured against (比2022年, 较上年) does not count; a rate against a year before the
    last (比2015年增长50%) is of all years since. In a speech to delegates 今年 is the year after the one reviewed.
    """
    spoken_in = year and year + spoken_after(clean)
    left = max(clean.rfind(mark, max(0, start - 300), start) for mark in "。！？\n；") + 1
    since = _RATE_SINCE.search(clean, left, start)
    if since and year and (from_year := _since_year(since)) < year - 1 and _RATE.match(clean, start):
        return f"{from_year}/{year}", "stated"
    headed = dates.stated(_governing_heading(clean, start), spoken_in, year)
    of_part = int(headed) if headed and headed.isdigit() else year
    sentence = _FROM.sub("", clean[left:start])
    for phrase in (sentence, _opened_with(clean, left), _standing(clean, start, year)):
        stated = dates.stated(phrase, spoken_in, of_part)
        if stated:
            return (str(year) if _reached_at_last(clean[left:start], stated, year) else stated), "stated"
    if headed:
        return headed, "stated"
    return (covered or str(year), "report") if year else (None, "unknown")


_RATE_SINCE = re.compile(
    rf"[比较](?:{YEAR}年?末?|[“\"]?十(?P<plan>[二三四五])五[”\"]?末?(?:期间|时期)?)(?:的?同期)?[^，。；、\d]{{0,6}}?(?:增长|下降|提高|提升|增加|减少|降低|上升|翻)了?(?:近|约|超过?)?$"
)


def _since_year(since: re.Match[str]) -> int:
    """The year that a rate is measured against; of a five-year plan the last one (比“十二五”增长40.2%)."""
    if since.group("plan"):
        return 2015 + 5 * (COUNT[since.group("plan")] - 2)
    return number(since.group("year"))


_RATE = re.compile(r"[\d.]+\s?(?:[%％]|个?百分点|倍)")
# 由上年的82%升到85%: the year before is that of the number which the figure rose from
_FROM = re.compile(r"[由从][^，。；\d]{0,8}(?:20\d\d年)?[^，。；\d]{0,6}\d[^，。；年月]*?[到至]")


def _opened_with(clean: str, before: int) -> str:
    """The opening words of the last sentence before `before`, in its paragraph, that begins with years (五年来，…):
    what follows speaks of them too."""
    far = max(0, before - 1500)
    paragraph = max(clean.rfind("\n", far, before), far)
    found = ""
    for match in _OPENER.finditer(clean, paragraph, before):
        found = match.group("words")
    return found


def _standing(clean: str, start: int, year: int | None) -> str:
    """In a speech: the years that a paragraph before `start` opens with (过去五年，…), up to one that opens with the
    year reported or the next, or to a 一、-heading."""
    if not year or not is_speech(clean):
        return ""
    places, titles = _headings(clean, _PARAGRAPH)
    headed, _ = _headings(clean, _HEADING)
    above = bisect_right(headed, start)
    last = bisect_right(places, start) - 1
    for i in range(last, max(-1, last - _FAR), -1):
        if above and places[i] < headed[above - 1]:
            break
        told = _opening_time(titles[i], year + spoken_after(clean), year)
        if told and ("/" in told or told in (str(year), str(year + 1))):
            return titles[i]
    return ""


_opening_time = lru_cache(maxsize=256)(dates.stated)
_FAR = 40  # paragraphs that open with a time
_PARAGRAPH = re.compile(
    r"(?:^|\n)[\s*#—（）()、一二三四五六七八九十\d.]{0,8}?(?:各位代表[，,！!：:]{1,2})?(?:回顾|展望|做好|刚刚|刚|在)?"
    r"(?P<title>(?:过去的?|近|这)?[三四五\d]年来?(?=[，,、来间是里])|[“\"]?十[二三四五]五[”\"]?(?:期间|时期|以来)"
    r"|(?:过去的?)?20\d\d年(?=[，,是工我全])|过去的?一年|一年来|今年|明年)"
)
_REACHED = re.compile(
    r"(?:达到?|[高加长升降小]到|[升增降]至|突破)[^，。；\d]{0,4}(?:\d[\d.]*[^，。；\d、和.]{0,6}[、和])*$"
)
_SUMMED = re.compile(r"累计|共|合计|年均|新增|平均|连续")


def _reached_at_last(sentence: str, stated: str, year: int | None) -> bool:
    """Whether a figure is a level that several years led up to, not their sum: it is of the last one."""
    clause = re.split("[，：]", sentence)[-1]
    several = stated.endswith(f"/{year}") and len(stated) == len("2019/2023")
    return several and bool(_REACHED.search(clause)) and not _SUMMED.search(clause)


_OPENER = re.compile(
    r"(?:^|[。！？\n])[\s*#—（）()、一二三四五六七八九十\d.]{0,8}?(?:各位代表[，,！!：:]{1,2})?(?:回顾)?"
    r"(?P<words>(?:过去的?|近|这)?[三四五六七八九十\d]年来?(?=[，,、来间])|经过[三四五六七八九十]年(?=[一-鿿])|[“\"]?十[二三四五]五[”\"]?(?:期间|时期|以来)|20\d\d年(?=[，,]))"
)


def period_of_plan(headings: Sequence[str], reported: int, spoken: bool = False) -> tuple[str, str]:
    """The time of a target whose words name none, and whether it is stated: what the nearest of the `headings` above
    it names (“十四五”发展目标), else the year after the one reported. `spoken`: in a speech 今年 is that year."""
    for title in reversed(headings):
        stated = dates.stated(title, reported + spoken, reported) or dates.plan_named(title)
        if stated:
            return stated, "stated"
    return str(reported + 1), "report"


def is_speech(clean: str) -> bool:
    """Whether a text is the work report of a government, spoken to delegates."""
    return bool(_SPOKEN.search(clean, 0, OPENING))


@lru_cache(maxsize=4)
def spoken_after(clean: str) -> bool:
    """Whether a text is a speech held in the year after the one that it reviews: one held in December says 明年."""
    return is_speech(clean) and clean.count("明年") < _OFTEN


_HEADING = re.compile(r"(?:^|[\n。；])[\s*#]*[一二三四五六七八九十]{1,3}、(?P<title>[^。\n]{2,40})")
_PLAN_LINE = re.compile(
    r"(?:^|\n)[\s*#]*(?P<title>(?:20\d\d年|今年|明年|来年|未来|今后)[^。，；\n]{0,12}(?:工作|任务|重点|安排|打算|计划|思路))"
    r"(?=[\s*]*(?:\n|$))"
)  # a line of its own under which the 一、-headings of a plan begin anew


def _governing_heading(clean: str, start: int) -> str:
    """The title of the last 一、-heading before `start`, so that 二、2024年工作安排 dates what stands under it.

    Where it names no time, the line that the plan begins with."""
    for pattern in (_HEADING, _PLAN_LINE):
        places, titles = _headings(clean, pattern)
        after = bisect_right(places, start)
        if after and HINT.search(titles[after - 1]):
            return titles[after - 1]
    return _years_told(clean, start)


def _years_told(clean: str, start: int) -> str:
    """A line of its own that opens a list of what years brought (五年来，我们主要做了以下工作：), unless a heading with
    another time stands between."""
    places, titles = _headings(clean, _YEARS_LINE)
    after = bisect_right(places, start)
    if not after:
        return ""
    line = places[after - 1]
    between = _headings(clean, _HEADING)
    inside = between[1][bisect_right(between[0], line) : bisect_right(between[0], start)]
    return "" if any(HINT.search(title) for title in inside) else titles[after - 1]


_YEARS_LINE = re.compile(
    r"(?:^|\n)[\s*#]*(?:各位代表[，,！!：:]{1,2})?(?P<title>(?:过去的?|近|这)?[三四五六七八九十\d]年来?[^。\n]{0,40}(?=[：:])"
    r"|[“\"]?十[二三四五]五[”\"]?(?:时期|期间)[^。，；：\n]{0,20})[：:]?(?=[\s*]*\n)"
)


@lru_cache(maxsize=8)
def _headings(clean: str, pattern: re.Pattern[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    found = [(match.start("title"), match.group("title")) for match in pattern.finditer(clean)]
    return tuple(place for place, _ in found), tuple(title for _, title in found)
