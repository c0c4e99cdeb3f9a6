"""B01: what is told as done is dated after the report's own period, its signature or its upload.

A date is read to the earliest day that it can mean; what it dates counts as done unless the words around it look ahead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.audit.base import HALF_WIDTH, Check, Context
from pipeline.audit.days import FULL, Date, Day, dates, full, number
from pipeline.records import Evidence, Finding

NEAR = 9  # a year further ahead is a slip of the pen
HEAD = 300  # letters in which a line of its own dates the report
BACK = 200  # letters in which a year stands that 同年 takes up
TAIL = 4  # lines at the end in which the report may be signed
SIGNATURE = 26  # letters beside the day
LONGEST_QUOTE = 60  # letters
POSTED = "上传（发布）日期"
_ORIGIN = re.compile(r"(?:比|较|与|同(?!年)|对比|相比)[^，。；]{0,2}$")
_RANGE = re.compile(r"(?:20\d\d|[\d年月日底末初])\s*[至—–\-~～]+\s*$")
_OPENS = re.compile(  # a year that dates the clause
    r"(?:^|^[在于自从到早]|[在于自从]|^[我全本各][镇乡县市区村省州办]|街道|[镇乡村])[^\S\n]*$"
)
_SO_FAR = re.compile(r"(?:截(?:[至到]|止(?!日|期|时))|迄|直至目前)[^，。；]{0,3}$")
_TO = re.compile(r"(?:^|[，,；;：:])[至到]$")
_SINCE = re.compile(r"[^，。]{0,3}起(?P<told>[，,]?[^，。]{0,14}(?:已|了(?![解不])|累计|先后|共))?")
_EVENT = re.compile(r"(?:[那当][天日晚]|之[日夜]|仪式|活动|考核|检查|督查|督导|评比|演练|大会|验收|[上中]|时|会|赛|节|"
    r"了|夜|晚)[（(]$|已")
_SPEECH = re.compile(r"[^\S\n]*(?:[）)*＊]|\n|$|[^，。\n]{0,30}(?:通过|修订)?[）)]\s*\n)|在[^，。]{0,30}(?:会议|大会|"
    r"全会|届)[^，。\n]{0,12}[上）)]?\s*\n")
_BRACKETS = (("《", "》"), ("“", "”"), ("（", "）"), ("(", ")"), ("「", "」"))
_FIRST_MONTHS = re.compile(r"(?<!\d)[1一]月?(?:份)?[-—–~～至到]([2-9]|1[01]|[二三四五六七八九十]|十一)月")
_FIRST_HALF = re.compile(r"上半年|半年")
_QUARTER = re.compile(r"[第前]?([一二三1-3])季度")
_YEARS = re.compile(r"20\d\d年?[—–\-~～至到]+(20\d\d)年")


@dataclass(frozen=True, slots=True)
class Limit:
    """The day after which nothing can have happened, why, and where that stands."""

    day: Day
    why: str
    source: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """The words round a date: those of its sentence before it and behind it, and of its clause."""

    before: str
    clause: str
    rest: str
    after: str


def after_publication(context: Context) -> Iterator[Finding]:
    """B01: an event that is told as past, dated after the report's period, its signature or its upload."""
    if context.year is None or (limit := _limit(context, context.year)) is None:
        return
    ahead = re.compile("|".join(context.option("ahead")))
    for date in dates(context.shadow, context.year, context.option("parts")):
        late = limit.day < date.day and date.day[0] <= context.year + NEAR
        if not late or not _is_told_as_done(context, date, ahead, limit):
            continue
        here = context.shadow_span(date.start, date.end, note="正文所述日期")
        source = [limit.source] if limit.source else []
        formula = f"{date.told} > {'-'.join(map(str, limit.day))}"
        message = f"正文说“{here.surface}”（{date.told}）的事，却晚于{limit.why}。"
        yield context.finding(message, [here, *source], formula=formula)


def _around(context: Context, date: Date) -> Around:
    start, end = context.sentence_at(date.start)
    before = re.split("[；;]", context.shadow[start : date.start])[-1][-30:]
    rest = re.split("[。；;\n]", context.shadow[date.end : end])[0]
    return Around(before, re.split("[，,；;：:]", before)[-1], rest, re.split("[，,]", rest)[0])


def _is_told_as_done(context: Context, date: Date, ahead: re.Pattern[str], limit: Limit) -> bool:
    """Whether the date is that of something done: not of a plan, a term, a name, a heading or a signature."""
    near = _around(context, date)
    if _stands_outside(context, date, limit) or context.is_ahead(date.start) or _is_of_other_year(context, date, near):
        return False
    if _is_name(context, date, near) or _bounds_time(context, date, near):
        return False
    as_of = _SO_FAR.search(near.clause)
    if as_of and ahead.search(near.clause[: as_of.start()]):  # 合同工期截止
        return False
    so_far = bool(as_of) or _is_reached(context, date, near, limit)
    before = near.clause, near.before[-14:]
    if not so_far and (context.pattern("until").search(near.clause) or any(map(ahead.search, before))):
        return False
    behind = re.sub("《[^》]*》|“[^”]*”", "", near.after[:14] if so_far else near.rest[:24])
    if not so_far and context.pattern("in_hand").search(near.rest) and not context.pattern("over").search(near.after):
        return False
    if ahead.search(behind) and not re.match("[^，。]{0,8}已", near.rest.lstrip("，,")):
        return False
    if so_far or not (date.year_alone or (date.own and date.part)):
        return True
    if date.year_alone and (not _OPENS.search(near.clause) or context.pattern("says_what").match(near.rest)):
        return False
    claims = context.claims_in(date.end, date.end + len(near.rest))
    return bool(context.pattern("done").search(near.rest)) or any(claim.status == "done" for claim, _ in claims)


def _is_of_other_year(context: Context, date: Date, near: Around) -> bool:
    """Whether the words before a date without a year give it another one than the report's."""
    named = re.search(r"\d{4}年[^。；]{0,12}$", near.before)
    if re.search("[同当]年$", near.clause) and context.year is not None:  # the year that was named last
        told = re.findall(r"(?<!\d)(20\d\d)年", context.shadow[max(0, date.start - BACK) : date.start])
        return bool(told) and int(told[-1]) != context.year
    return date.own and bool(named or context.pattern("other_year").search(near.before))


def _is_reached(context: Context, date: Date, near: Around, limit: Limit) -> bool:
    """Whether a state is told as of the date: 至10月末，亮灯商户稳定在86家; 到2025年底，已……"""
    if context.pattern("until").search(near.clause) and re.match("[，,]?[^，。]{0,8}已", near.rest):
        return True
    if _TO.search(near.clause) and not date.year_alone and re.match("[，,]?[^，。]{0,4}累计", near.rest):
        return True
    claims = context.claims_in(date.end, date.end + len(near.rest))
    stated = bool(claims) and all(claim.status != "target" for claim, _ in claims)
    return bool(_TO.search(near.clause)) and not date.year_alone and date.day[0] <= limit.day[0] and stated


def _bounds_time(context: Context, date: Date, near: Around) -> bool:
    """Whether the date bounds a time instead of dating an event: a range, a base, a deadline, a day from which on."""
    if _RANGE.search(near.clause) or _ORIGIN.search(near.clause):
        return True
    if (since := _SINCE.match(near.rest)) and not since["told"]:
        return True
    feast = date.part and near.after.startswith("前")  # 国庆前
    return bool(context.pattern("behind").match(near.after)) and not feast


def _is_name(context: Context, date: Date, near: Around) -> bool:
    """Whether a date is part of a name, of a citation or of what somebody said: 《三年行动方案（2023—2025年）》."""
    behind = context.shadow[date.end : date.end + LONGEST_QUOTE]
    within = [(mark, behind.partition(close)[0]) for mark, close in _BRACKETS
              if near.clause.count(mark) > near.clause.count(close) and close in behind]  # fmt: skip
    if within:
        return any(mark not in "（(" or not _is_day_of_event(context, near, inside) for mark, inside in within)
    return bool(context.pattern("named").match(near.after) or _SPEECH.match(context.shadow, date.end))


def _is_day_of_event(context: Context, near: Around, inside: str) -> bool:
    """Whether a date between round brackets dates what is told: 已交付（9月6日举行了仪式）, 开馆那天（12月5日）."""
    if context.pattern("done").search(inside):
        return True
    return not inside.strip() and near.clause.endswith(("（", "(")) and bool(_EVENT.search(near.clause))


def _stands_outside(context: Context, date: Date, limit: Limit) -> bool:
    """Whether a date stands in the title or in the very line that dates the report."""
    start, _ = context.text.source_span(date.start, date.end)
    if limit.source is not None and limit.source.start <= start < limit.source.end:
        return True
    return any(h.level == 0 and h.start <= start < h.title_end for h in context.report.headings)


def _limit(context: Context, year: int) -> Limit | None:
    """What dates the report: its signature, its upload, a date under its title, or else the end of its period."""
    text = context.report.document.text.translate(HALF_WIDTH)
    for name, match in _dating(context, text):
        day = full(match)
        if year <= day[0] <= year + 1 or name == POSTED:
            source = context.source_span(*match.span(), "counterpart", name)
            return Limit(day, f"{name}{day[0]}年{day[1]}月{day[2]}日", source)
    title = context.report.issuer.title or ""
    if months := _FIRST_MONTHS.search(title):
        return Limit((year, number(months[1]) + 1, 31), f"报告期（{year}年{months[0]}）")
    if _FIRST_HALF.search(title) and "下半年" not in title:
        return Limit((year, 7, 31), f"报告期（{year}年上半年）")
    if quarter := _QUARTER.search(title):
        return Limit((year, 3 * number(quarter[1]) + 1, 30), f"报告期（{year}年{quarter[0]}）")
    years = _YEARS.search(title)
    last = max(year, int(years[1])) if years else year
    return Limit((last, 12, 31), f"报告年份{last}年")


def _dating(context: Context, text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The days that a report is dated by, each with what it is, the surest first."""
    lines = list(re.finditer(r"[^\n]*\S[^\n]*", text))
    for line in reversed(lines[-TAIL:]):
        beside = re.sub(rf"\W|{FULL.pattern}", "", line[0])
        if len(beside) <= SIGNATURE and not re.search("[。；]", line[0].strip("。")):
            yield from (("落款日期", match) for match in FULL.finditer(text, *line.span()))
    labels = context.pattern("labels")
    for label in labels.finditer(text):
        if match := FULL.match(text, label.end()):
            yield POSTED, match
    for line in lines:
        if line.start() <= HEAD and (match := context.pattern("head").match(text, line.start())):
            yield "文首日期", FULL.search(text, match.start(), match.end()) or match


CHECKS: dict[str, Check] = {"B01": after_publication}
