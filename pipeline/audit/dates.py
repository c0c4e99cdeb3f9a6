"""B02–B05: ordinals and slogans of other years, title against body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from pipeline.audit.base import HALF_WIDTH, Check, Context, Span
from pipeline.lexicon import rows
from pipeline.numerals import chinese
from pipeline.records import Evidence, Finding

_N = r"(?P<n>[零〇一二三四五六七八九十百廿卅]{1,5}|\d{1,3})"
_NTH = r"第\s*{n}\s*[个次届]"
_PLANS = {"一五": 1953, "二五": 1958, "三五": 1966, "四五": 1971, "五五": 1976, "六五": 1981, "七五": 1986,
          "八五": 1991, "九五": 1996, "十五": 2001, "十一五": 2006, "十二五": 2011, "十三五": 2016, "十四五": 2021,
          "十五五": 2026}  # fmt: skip
_BASELINE = re.compile(r"(?:比|较|从|由|自|与|以|对比|相比)[^，。；]{0,2}$")
_TOWARDS = re.compile(r"(?:截至|到|至)[^，。；]{0,2}$")
_PAST = re.compile("往年|历年|前年|曾|以来|自从|回[顾望首眸想]|早在|当年|彼时|那时|那年|想起|记得|起步于|始于|"
                   "老(?:照片|标语|横幅|墙|物件|账|档案)|旧[^，。]{0,6}|档案里|翻[出开检]|保[留存]|留[下存]")
_THEN = re.compile("以来|起(?=，)|[，的]?(?:那时|当时|那年|那会)|[^，。]{0,6}[旧老](?=[^，。])|[^。；]{0,14}当年")
_REVIEWS = ("政府工作报告", "人民政府工作")
_YEAR = re.compile(r"(?<!\d)(20\d\d|19\d\d)年")
_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_YEAR = re.compile("([二][〇零○][〇零○一二三][〇零○一二三四五六七八九])年")
_RELATIVE = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "来年": 1, "下一年": 1, "新的一年": 1}
_DOUBLED = re.compile(  # a year, or what says which part of it, twice
    r"(?P<same>(?<!\d)20\d{2}年度?)(?P=same)|(?<!\d)20\d\d年度年度|(?<!\d)20\d\d年年?(?:度(?=度)|初(?=初)|底(?=底)|末(?=末)|度(?=年(?![均产报])))[度初底末年]|(?<!\d)20\d\d年(?:[上下]半年年|第?[一二三四1-4]季度度|\s年(?=[，,。；\s]))"
    r"|(?<!\d)20\d\d年\d{1,2}月(?:月|\d{1,2}日日)|(?<!\d)(?P<digits>20\d\d)(?P=digits)年"
    r"|(?<!\d)(?:19|20)\d{2}年年|年度年度?(?![均产报])"
)


def ordinal_events(context: Context) -> Iterator[Finding]:
    """B02: 第35个爱国卫生月 can only have been in 2023, 建党102周年 too."""
    reviews = any(words in (context.report.issuer.title or "") for words in context.option("reviews"))
    for kind, pattern in _anniversaries():
        for match in pattern.finditer(context.shadow):
            count, name = _counted(match.group("n")), match.group("event")
            what = f"第{count}个{name}" if kind == "ordinal" else match.group()
            implied = _base_years()[name] + count
            if reviews and context.year and context.year - 5 <= implied <= context.year + 1:
                continue
            towards = re.search("迎接|备战|献礼", context.shadow[max(0, match.start() - 8) : match.start()])
            if kind == "years" and towards and context.year and implied > context.year + 1:
                continue
            yield from _other_year(context, *match.span(), implied, what)


def _counted(written: str) -> int:
    """35, 三十五, 卅五, 一百零二, 百."""
    if written.isdigit():
        return int(written)
    plain = written.replace("卅", "三十").replace("廿", "二十")
    return int(chinese(f"一{plain}" if plain.startswith("百") else plain))


@cache
def _base_years() -> dict[str, int]:
    """models/anniversaries.csv: event → the year that its Nth time or Nth year counts from; the days of the country
    without its name too, where what is left has three letters: 全国“爱眼日”."""
    bases = {row["name"]: int(row["base"]) for row in rows("anniversaries")}
    short = {name[2:]: base for name, base in bases.items() if name[:2] in ("全国", "中国") and len(name) > 4}
    return short | bases


@cache
def _anniversaries() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """How the events of each kind are told with their number: 第N个……日, ……日（第N个）, ……N周年, N周年……华诞."""
    known = {row["name"]: row["kind"] for row in rows("anniversaries")}
    names = {
        kind: "|".join(sorted((name for name in _base_years() if known.get(name, "ordinal") == kind), key=len)[::-1])
        for kind in ("ordinal", "years")
    }
    nth, event, founded = _NTH.format(n=_N), f"(?P<event>{names['ordinal']})", f"(?P<event>{names['years']})"
    gap = r"[^\W\d_零一二三四五六七八九十百第]"
    return (
        ("ordinal", re.compile(rf"{nth}[“”\"「《\s]{{0,2}}(?:{gap}{{0,6}}?)[“\"「『《]?{event}")),
        ("ordinal", re.compile(rf"{event}[”\"」』》]?[（(，]?(?:期间)?(?:{gap}{{0,3}}?[是为系属]|迎来|进入|"
            rf"恰[是逢])?(?:国家|全国|我国|的)?{nth}"
                               r"(?=[）),，。；、\s]|了)")),
        ("years", re.compile(rf"{founded}[”\"」』]?{gap}{{0,6}}?\s?{_N}\s?(?:周年|周岁|岁(?=生日|华诞)|年?华诞|"
            rf"年(?=庆典|诞辰|之际|纪念))")),
        ("years", re.compile(rf"{_N}\s?(?:周年|年)?(?:国庆|华诞|生日)?(?:前夕|之际|来临)?(?:，)?(?:庆祝|纪念|喜迎|"
            rf"庆贺|献礼){founded}(?!\d)")),
    )  # fmt: skip


def plan_years(context: Context) -> Iterator[Finding]:
    """B04: “十四五”开局之年 can only be 2021."""
    for match in context.pattern("year_of_plan").finditer(context.shadow):
        named = match.groupdict()
        plan = named["plan"] or named["plan_bare"] or f"{(named['whole'] or '')[1:3]}五"
        first = _PLANS.get(plan)
        if first is None or (len(plan) == 2 and not named["quote"]) or _is_quoted(context, match):
            continue
        nth = 5 - _counted(named["back"]) if named["back"] else _counted(named["nth"] or "1") - 1
        nth = 1 if named["second"] else nth
        if nth > 4:
            here = context.shadow_span(*match.span())
            yield context.finding(
                f"“{match.group()}”不可能：五年规划没有第{nth + 1}年。", [here], formula=f"{nth + 1} > 5"
            )
            continue
        at = 4 if named["last"] or named["last_bare"] else 2 if named["middle"] else nth
        implied = first + at
        if context.year and implied > context.year and context.is_ahead(match.start()):
            continue
        yield from _other_year(context, match.start(), match.end(), implied, match.group().strip('“”"'))


def _is_quoted(context: Context, match: re.Match[str]) -> bool:
    """Whether words before it stand in the same quotation or title: “奋战‘九五’第一年”, 《“十一五”开局之年》."""
    before = context.shadow[max(0, match.start() - 20) : match.start()]
    return any(before.count(mark) > before.count(close) for mark, close in ("“”", "《》", "「」"))


def _other_year(context: Context, start: int, end: int, implied: int, what: str) -> Iterator[Finding]:
    """A finding where neither the year that stands beside it nor, without one, the report's year is the implied one."""
    sentence, _ = context.sentence_at(start)
    near = context.shadow[max(sentence, start - 40) : start]
    stated = [int(y) for y in _YEAR.findall(context.shadow[sentence:start])] + [
        int(y) for y in _YEAR.findall(context.shadow[end : end + 8])
    ]
    if implied in stated or (not stated and context.year is None):
        return
    if context.year is not None and implied in _meant(context, start, near, context.year, bool(stated)):
        return
    year = context.year or 0
    told_before = _PAST.search(near) or _THEN.match(context.shadow, end)
    if not stated and implied < year and told_before:
        return
    said = str(stated[-1]) if stated else f"报告年份{year}"
    here = context.shadow_span(start, end)
    yield context.finding(
        f"“{what}”应在{implied}年，与{said}{'年' if stated else ''}不符，"
        f"相差{abs(implied - (stated[-1] if stated else year))}年。",
        [here], formula=f"{what} ⇒ {implied}年",
    )  # fmt: skip


def _meant(context: Context, start: int, near: str, year: int, stated: bool) -> set[int]:
    """The years that the words before a place of the shadow can mean: 去年, 明年, or else the report's."""
    last = max(_RELATIVE, key=near.rfind)
    dated = max((match.end() for match in _YEAR.finditer(near)), default=0)
    coming = {year + 1} if context.is_ahead(start) or _after_its_year(context, start, year) else set()
    if near.rfind(last) >= dated and last in near:
        return {year + _RELATIVE[last]} | (coming if _RELATIVE[last] == 0 else set())
    if stated and (not dated or not re.search("[，,；;]", near[dated:])):
        return set()
    return {year} | coming | ({year + 1} if re.search("即将|迎来|迎接|喜迎", near[-12:]) else set())


def _after_its_year(context: Context, start: int, year: int) -> bool:
    """Whether a place of the shadow stands under a heading or behind a line that names the coming year."""
    at = context.text.source_span(start, start + 1)[0]
    segment = context.segment_of(at)
    coming, own = str(year + 1), str(year)
    headings = [*(segment.heading_path if segment else ()), *(
        h.title for h in context.report.headings if h.level > 0 and h.start <= at < h.end)]  # fmt: skip
    above = [line for line in context.shadow[max(0, start - 200) : start].split("\n") if 0 < len(line.strip()) <= 30]
    return any(coming in line and own not in line for line in (*headings, *above[-2:]))


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
    proper = re.compile(context.option("year_words"))
    text = context.report.document.text.translate(HALF_WIDTH)
    doubled = [match for match in _DOUBLED.finditer(text) if not proper.match(text, match.end() - 1)]
    if doubled:
        spans = [context.source_span(*match.span()) for match in doubled]
        yield context.finding(f"“{doubled[0].group()}”年字重复，像是批量替换年份留下的。", spans)
    title, opening = _title(context)
    stated = _YEAR.search(title) or _HAN_YEAR.search(title)
    if stated is None or any(words in title for words in _REVIEWS):
        return
    year, where = _number_of(stated.group(1)), _years_of_body(context, opening[1])
    counts = [(len(spans), y) for y, spans in where.items()]
    most, top = max(counts, default=(0, 0))
    own = {year, context.year} if title == context.report.issuer.title else {year}  # else the body says the year
    told_own = max(len(where.get(of or 0, ())) for of in own)
    least = max(context.option("least_mentions"), len(context.shadow) // context.option("letters_per_mention"))
    looks_back = top == year - 1 and context.pattern("plans").search(title) and not re.search("总结|小结|汇报", title)
    if top in {0, *own} or told_own > 1 or most < least or looks_back:
        return
    if Decimal(most) / sum(map(len, where.values())) < Decimal(context.option("dominant_share")):
        return
    histogram = "，".join(f"{y}年{len(spans)}次" for y, spans in sorted(where.items()))
    spans = [context.shadow_span(*span, note="正文年份") for span in where[top][:5]]
    at = context.shadow.find(stated.group(), opening[0])
    written = [context.shadow_span(at, at + len(stated.group()), "counterpart", "标题年份")] if at >= 0 else []
    yield context.finding(
        f"标题写{year}年，正文却主要说{top}年（{histogram}）。", [*written, *spans], formula=histogram
    )


def _title(context: Context) -> tuple[str, Span]:
    """The title and its span in the shadow; the first line where no title was recognised and it could be one."""
    levels = [h for h in context.report.headings if h.level == 0]
    if levels and context.report.issuer.title:
        ends = context.text.clean_offset(levels[0].start), context.text.clean_offset(max(h.title_end for h in levels))
        return context.report.issuer.title, ends
    first = re.match(r"\s*([^\n。；，]{4,40})\n", context.shadow)
    return (first[1], first.span(1)) if first else ("", (0, 0))


def _number_of(written: str) -> int:
    """2015, 二〇一五."""
    plain = written.replace("零", "〇").replace("○", "〇")
    return int("".join(str(max(_HAN_DIGITS.find(c), 0)) for c in plain)) if plain[0] in _HAN_DIGITS else int(plain)


def _years_of_body(context: Context, body: int) -> dict[int, list[Span]]:
    """The years that the body speaks of as its own, each with its places in the shadow: no plans, no comparisons."""
    where: dict[int, list[Span]] = {}
    for match in _YEAR.finditer(context.shadow, body):
        if context.is_ahead(match.start()):
            continue
        before = context.shadow[max(0, match.start() - 4) : match.start()]
        after = context.shadow[match.end() : match.end() + 1]
        if _BASELINE.search(before) or (_TOWARDS.search(before) and after not in ("底", "末")):
            continue
        where.setdefault(int(match.group(1)), []).append(match.span())
    return where


CHECKS: dict[str, Check] = {
    "B02": ordinal_events,
    "B03": slogans,
    "B04": plan_years,
    "B05": title_period,
}
