"""B01–B05: events after the report, ordinals and slogans of other years, title against body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import chain

from pipeline.audit.base import HALF_WIDTH, Check, Context
from pipeline.lexicon import rows
from pipeline.numerals import chinese
from pipeline.records import Evidence, Finding

_N = r"(?P<n>[零〇一二三四五六七八九十百廿卅]{1,5}|\d{1,3})"
_EVENT = re.compile(
    r"(?<!\d)(?:(?P<year>20\d\d)年)?(?P<month>1[0-2]|0?[1-9])月(?:份|(?P<day>[12]\d|3[01]|0?[1-9])[日号])?(?!\d)"
)
_PART_OF_YEAR = re.compile(
    r"(?<!\d)(20\d\d)年(?=(春节|元旦|春季|五一|端午|上半年|暑期|国庆|中秋|秋季|冬季|下半年|年初|年底|"
    r"[一二三四1-4]季度|第[一二三四]季度))"
)
_FIRST_MONTH = {"端午": 5, "暑期": 7, "中秋": 9, "国庆": 10, "冬季": 11}  # the earliest it can be
_IN_WORDS = re.compile(r"(?P<year>二[〇○零][〇○零一二三四五六七八九]{2})年(?P<month>十[一二]?|[一二三四五六七八九])月")
_NEAR = 9  # a year further ahead is a slip of the pen
_DATED_HEAD = re.compile(r"(?:^|\n)[（(]?(20\d\d)年(\d{1,2})月(\d{1,2})日[)）]?[ 　]*\n")
_HEAD = 300  # letters in which a date on a line of its own dates the report
_POSTED = re.compile(
    r"(?:上传|发布|释出|發佈|发表|更新)(?:时间|時間|日期|于|於)?\s*[:：]\s*(20\d\d)[-./年](\d{1,2})[-./月](\d{1,2})"
)
_SIGNED = re.compile(r"\n[^\n]{0,6}?(20\d\d)年(\d{1,2})月(\d{1,2})日[ 　]*\n*\s*$")
_FIRST_HALF = re.compile(r"上半年|半年")
_QUARTER = re.compile(r"(?:第)?([一二三1-3])季度")
_OTHER_YEAR = re.compile(r"去年|上年|前年|往年|历年|明年|次年|来年|下年|下一年|近年|曾")
_PLAN_YEAR = re.compile(
    r"[“\"「『]?(?P<plan>十[一二三四五]五|一五|二五|三五|四五|五五|六五|七五|八五|九五|十五)[”\"」』]?(?:规划|时期|"
    r"期间)?(?:的|实施|建设)*的?"
    r"(?:第(?P<nth>[一二三四五六七八九])年|(?P<first>开局(?:起步|之)*之?年|起步之年|开篇之年)|"
    r"(?P<last>收官(?:之)?年|决胜之年|最后一年)"
    r"|(?P<middle>中期(?:评估)?之年))"
)
_PLANS = {"一五": 1953, "十五": 2001, "十一五": 2006, "十二五": 2011, "十三五": 2016, "十四五": 2021, "十五五": 2026}
_SPEECH = re.compile(r"[^\S\n]*(?:[）)*＊]|\n|$|在?[^，。]{0,30}(?:会议|大会|届)|[^，。\n]{0,30}(?:通过|修订|稿))")
_BASELINE = re.compile(r"(?:比|较|从|由|自|与|以|截至|到|至|对比|相比)[^，。；]{0,2}$")
_YEAR = re.compile(r"(?<!\d)(20\d\d|19\d\d)年")
_DOUBLED = re.compile(r"(?<!\d)[12１２][90９０]\d{2}年年(?![度底初末中终終内內间間报報均产產])")


def after_publication(context: Context) -> Iterator[Finding]:
    """B01: an event that is told as past, dated after the report's period, its signature or its upload."""
    year, title = context.year, context.report.issuer.title or ""
    limit, why, source = _limit(context, year, title)
    if limit is None or year is None:
        return
    future = re.compile("|".join(map(re.escape, sorted(context.option("plan_words"), key=len, reverse=True))))
    dates = (pattern.finditer(context.shadow) for pattern in (_EVENT, _PART_OF_YEAR, _IN_WORDS))
    for match in chain.from_iterable(dates):
        event = _day(match, year)
        if event <= limit or event[0] > year + _NEAR or _posted_here(context, match.start(), source):
            continue
        start, end = context.sentence_at(match.start())
        clause = re.split("[；;]", context.shadow[start : match.start()])[-1][-30:]
        after = re.split("[，,。；;]", context.shadow[match.end() : end])[0]
        named = match.re is not _EVENT or match.group("year")
        if not named and (_OTHER_YEAR.search(clause) or re.search(r"\d{4}年[^。；]{0,12}$", clause)):
            continue
        if _SPEECH.match(context.shadow, match.end()) or any(
            h.level == 0 and h.start <= context.text.source_span(match.start(), match.end())[0] < h.title_end
            for h in context.report.headings
        ):
            continue
        if future.search(clause) or re.match(
            r"[^，。]{0,8}?(?:前(?:完成|建成|实现|达到|全面|投入|全部|基本)|底前|止|将|拟|计划|预计|届时|起施行)", after
        ):
            continue
        if context.is_ahead(match.start()) or re.search(r"[至到—–\-]\s*$", clause):
            continue
        here = context.shadow_span(*match.span(), note="正文所述日期")
        told = f"{event[0]}年" if match.re is _PART_OF_YEAR else f"{event[0]}年{event[1]}月"
        yield context.finding(
            f"正文说“{here.surface}”（{told}）的事，却晚于{why}。", [here, *([source] if source else [])],
            formula=f"{told} > {'-'.join(map(str, limit))}",
        )  # fmt: skip


def _day(match: re.Match[str], year: int) -> tuple[int, int, int]:
    """The earliest day that a date can mean; its year is the report's where it names none."""
    if match.re is _PART_OF_YEAR:
        return int(match.group(1)), _FIRST_MONTH.get(match.group(2), 1), 1
    if match.re is _IN_WORDS:
        digits = "".join(str(max(0, "〇一二三四五六七八九".find(c))) for c in match.group("year"))
        return int(digits), int(chinese(match.group("month"))), 1
    return int(match.group("year") or year), int(match.group("month")), int(match.group("day") or 1)


def _limit(context: Context, year: int | None, title: str) -> tuple[tuple[int, int, int] | None, str, Evidence | None]:
    """The day after which nothing can have happened, why, and where that stands."""
    text = context.report.document.text.translate(HALF_WIDTH)
    if signed := _SIGNED.search(text):
        day = tuple(map(int, signed.groups()))
        if year is None or year <= day[0] <= year + 1:
            start = signed.start(1)
            source = context.source_span(start, signed.end(3) + 1, "counterpart", "落款日期")
            return (day[0], day[1], day[2]), f"落款日期{day[0]}年{day[1]}月{day[2]}日", source
    if posted := _POSTED.search(text):
        day = tuple(map(int, posted.groups()))
        source = context.source_span(*posted.span(), "counterpart", "上传或发布日期")
        return (day[0], day[1], day[2]), f"上传（发布）日期{day[0]}年{day[1]}月{day[2]}日", source
    if year is None:
        return None, "", None
    if (dated := _DATED_HEAD.search(text, 0, _HEAD)) and int(dated.group(1)) in (year, year + 1):
        day = tuple(map(int, dated.groups()))
        source = context.source_span(dated.start(1), dated.end(3) + 1, "counterpart", "文首日期")
        return (day[0], day[1], day[2]), f"文首日期{day[0]}年{day[1]}月{day[2]}日", source
    if _FIRST_HALF.search(title):
        return (year, 7, 31), f"报告期（{year}年上半年）", None
    if quarter := _QUARTER.search(title):
        month = 3 * int(
            "一二三".find(quarter.group(1)) + 1 or int(quarter.group(1) if quarter.group(1).isdigit() else 1)
        )
        return (year, month + 1, 30), f"报告期（{year}年{quarter.group()}）", None
    return (year, 12, 31), f"报告年份{year}年", None


def _posted_here(context: Context, at: int, source: Evidence | None) -> bool:
    start, _ = context.text.source_span(at, at + 1)
    return source is not None and source.start <= start < source.end


def ordinal_events(context: Context) -> Iterator[Finding]:
    """B02: 第35个爱国卫生月 can only have been in 2023, 建党102周年 too."""
    reviews = any(words in (context.report.issuer.title or "") for words in context.option("reviews"))
    for kind, pattern in _anniversaries().items():
        for match in pattern.finditer(context.shadow):
            written = match.group("n")
            count = int(written) if written.isdigit() else int(chinese(written.replace("卅", "三十")))
            name = match.group("event")
            what = f"第{count}个{name}" if kind == "ordinal" else match.group()
            implied = _base_years()[name] + count
            if reviews and context.year and context.year - 5 <= implied <= context.year + 1:
                continue
            yield from _other_year(context, *match.span(), implied, what)


@cache
def _base_years() -> dict[str, int]:
    """models/anniversaries.csv: event → the year that its Nth time or Nth year counts from."""
    return {row["name"]: int(row["base"]) for row in rows("anniversaries")}


@cache
def _anniversaries() -> dict[str, re.Pattern[str]]:
    """How the events of each kind are told with their number: 第N个……日, ……N周年."""
    names = {
        kind: "|".join(sorted((row["name"] for row in rows("anniversaries") if row["kind"] == kind), key=len)[::-1])
        for kind in ("ordinal", "years")
    }
    return {
        "ordinal": re.compile(
            rf"第\s*{_N}\s*[个次届][“”\"「《\s]{{0,2}}(?:[^\W\d_第]{{0,6}}?)[“\"「]?(?P<event>{names['ordinal']})"
        ),
        "years": re.compile(rf"(?P<event>{names['years']})[^\W\d_零一二三四五六七八九十百]{{0,4}}?{_N}"
                            r"(?:周年|周岁|岁(?=生日|华诞)|年?华诞)"),
    }  # fmt: skip


def plan_years(context: Context) -> Iterator[Finding]:
    """B04: “十四五”开局之年 can only be 2021."""
    for match in _PLAN_YEAR.finditer(context.shadow):
        first = _PLANS.get(match.group("plan"))
        if first is None:
            continue
        nth = "一二三四五六七八九".find(match.group("nth") or "一")
        if nth > 4:
            here = context.shadow_span(*match.span())
            yield context.finding(
                f"“{match.group()}”不可能：五年规划没有第{nth + 1}年。", [here], formula=f"{nth + 1} > 5"
            )
            continue
        at = 4 if match.group("last") else 2 if match.group("middle") else nth
        yield from _other_year(context, match.start(), match.end(), first + at, match.group().strip('“”"'))


def _other_year(context: Context, start: int, end: int, implied: int, what: str) -> Iterator[Finding]:
    """A finding where neither the year that stands beside it nor, without one, the report's year is the implied one."""
    sentence, _ = context.sentence_at(start)
    near = context.shadow[max(sentence, start - 40) : start]
    stated = [int(y) for y in _YEAR.findall(context.shadow[sentence:start])] + [
        int(y) for y in _YEAR.findall(context.shadow[end : end + 8])
    ]
    if implied in stated or (not stated and context.year is None):
        return
    year = context.year or 0
    allowed = {year} | ({year + 1} if context.is_ahead(start) else set())
    if re.search("去年|上年", near):
        allowed.add(year - 1)
    if re.search("明年|来年|下一年|即将|迎来|新的一年", near):
        allowed.add(year + 1)
    told_before = re.search("往年|历年|前年|曾|以来|自从|回顾|早在|当年|彼时|那时", near)
    if not stated and (implied in allowed or told_before or context.shadow.startswith("以来", end)):
        return
    if implied > year and "迎接" in near[-8:]:
        return
    said = str(stated[-1]) if stated else f"报告年份{year}"
    here = context.shadow_span(start, end)
    yield context.finding(
        f"“{what}”应在{implied}年，与{said}{'年' if stated else ''}不符，"
        f"相差{abs(implied - (stated[-1] if stated else year))}年。",
        [here], formula=f"{what} ⇒ {implied}年",
    )  # fmt: skip


def slogans(context: Context) -> Iterator[Finding]:
    """B03: all dated slogans of the text went out of use years before the year that it claims."""
    if context.year is None:
        return
    periods: dict[str, list[int]] = context.option("slogans")
    found: list[tuple[Evidence, str, int, int]] = []
    for words, (first, last) in periods.items():
        at = context.shadow.find(words)
        if at >= 0:
            found.append((context.shadow_span(at, at + len(words)), words, first, last))
    if not found or any(last + int(context.option("years_apart")) >= context.year for *_, last in found):
        return
    found.sort(key=lambda entry: entry[0].start)
    told = "、".join(f"“{words}”（{first}–{last}年）" for _, words, first, last in found)
    yield context.finding(
        f"文中的时代性提法{told}都早于报告年份{context.year}年三年以上。", [here for here, *_ in found]
    )


def title_period(context: Context) -> Iterator[Finding]:
    """B05: 2023年年 in the title, or a body that speaks of another year than its title."""
    text = context.report.document.text
    doubled = list(_DOUBLED.finditer(text))
    if doubled:
        spans = [context.source_span(*match.span()) for match in doubled]
        yield context.finding(f"“{doubled[0].group()}”年字重复，像是批量替换年份留下的。", spans)
    titles = [h for h in context.report.headings if h.level == 0] or []
    stated = _YEAR.search(context.report.issuer.title or "")
    if stated is None or not titles:
        return
    year, counts = int(stated.group(1)), Counter[int]()
    where: dict[int, list[tuple[int, int]]] = {}
    for match in _YEAR.finditer(context.shadow):
        start, end = context.text.source_span(*match.span())
        if any(h.start <= start < h.title_end for h in titles) or context.is_ahead(match.start()):
            continue
        if _BASELINE.search(context.shadow[max(0, match.start() - 4) : match.start()]):
            continue
        counts[int(match.group(1))] += 1
        where.setdefault(int(match.group(1)), []).append((start, end))
    if not counts:
        return
    top, most = max(counts.items(), key=lambda item: (item[1], item[0]))
    share = Decimal(most) / sum(counts.values())
    if (
        top in (year, context.year)
        or max(counts[year], counts[context.year or 0]) > 1
        or most < context.option("least_mentions")
    ):
        return
    if share < Decimal(context.option("dominant_share")):
        return
    histogram = "，".join(f"{y}年{n}次" for y, n in sorted(counts.items()))
    head = next((h for h in titles), titles[0])
    at = text.find(stated.group(), head.start)
    title = context.source_span(at, at + len(stated.group()), "counterpart", "标题年份")
    spans = [context.source_span(*span, note="正文年份") for span in where[top][:5]]
    yield context.finding(
        f"标题写{year}年，正文却主要说{top}年（{histogram}）。", [title, *spans] if at >= 0 else spans,
        formula=histogram,
    )  # fmt: skip


CHECKS: dict[str, Check] = {
    "B01": after_publication,
    "B02": ordinal_events,
    "B03": slogans,
    "B04": plan_years,
    "B05": title_period,
}
