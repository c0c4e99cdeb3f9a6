"""B01: what is told as done is dated after the report's own period, its signature or its upload.

A date is read to the earliest day that it can mean; what it dates counts as done unless the words around it look ahead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.audit.base import HALF_WIDTH, Check, Context
from pipeline.numerals import chinese
from pipeline.records import Evidence, Finding

Day = tuple[int, int, int]
NEAR = 9  # a year further ahead is a slip of the pen
HEAD = 300  # letters in which a date on a line of its own dates the report
_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_YEAR = r"[二2][〇○零0Oo][〇○零一二三四五六七八九]{2}"
_HAN_DAY = r"(?:[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_EARLIEST = {  # the earliest (month, day) that a part of a year can mean
    "元旦": (1, 1), "春节": (1, 1), "年初": (1, 1), "春季": (1, 1), "春": (1, 1), "上半年": (1, 1), "元宵": (1, 25),
    "清明": (3, 25), "五一": (4, 25), "端午": (5, 20), "六一": (5, 20), "夏季": (4, 1), "夏": (4, 1), "汛期": (4, 1),
    "年中": (5, 1), "七一": (6, 20), "暑期": (7, 1), "暑假": (7, 1), "下半年": (8, 1), "秋季": (7, 1), "秋": (7, 1),
    "中秋": (9, 1), "国庆": (9, 20), "重阳": (9, 25), "冬季": (10, 1), "冬": (10, 1), "年底": (11, 20),
    "年末": (11, 20), "岁末": (11, 20), "年终": (11, 20), "底": (11, 20), "末": (11, 20), "初": (1, 1), "中": (5, 1),
}  # fmt: skip
_DAYS = ("元旦", "春节", "清明", "五一", "端午", "六一", "七一", "中秋", "国庆", "重阳")
_NOT_ALONE = {"春": "(?=[，,天节])", "夏": "(?=[，,天])", "秋": "(?=[，,天后])", "冬": "(?=[，,天])",
              "中": "(?=[，,、]|(?:完|建|开|通))"}
_PART = "|".join(part + _NOT_ALONE.get(part, "") for part in sorted(_EARLIEST, key=len, reverse=True))
_DATE = re.compile(
    rf"(?<![\d.])(?:(?P<year>20\d\d)|(?P<han>{_HAN_YEAR}))年度?的?(?:"
    rf"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份|(?P<day>[12]\d|3[01]|0?[1-9]|{_HAN_DAY})[日号]|"
    rf"(?P<third>[上中下]旬|[初中底末]))?|第?(?P<quarter>[一二三四1-4])季度|(?P<part>{_PART}))?"
    r"|(?<![\d.])(?P<y>20\d\d)(?P<sign>[.\-/])(?P<m>1[0-2]|0?[1-9])(?:(?P=sign)(?P<d>[12]\d|3[01]|0?[1-9]))?(?![\d.%％\-/])"
    r"|(?:(?:今年|本年度?|当年)的?)?(?<![\d.])(?P<own>1[0-2]|0?[1-9])月(?:份|(?P<ownday>[12]\d|3[01]|0?[1-9])[日号]|"
    r"(?P<ownthird>[上中下]旬|[初中底末]))?(?!\d)"
    r"|(?P<season>(?:今年|本年度?)(?:第?[二三四234]季度|[的]?(?:中秋|国庆|重阳|下半年|年底|岁末|年末|入冬|入秋|冬季|秋季))|"
    r"(?<![去前往历每逐上\d]年)(?:第?[三四34]季度|国庆|中秋|重阳)(?=节|期间|前后|长假|假期|黄金周|当天|，))"
)
_THIRDS = {"上旬": 1, "中旬": 11, "下旬": 21, "初": 1, "中": 11, "底": 21, "末": 21}
_OTHER_YEAR = re.compile(r"去年|上年|前年|往年|历年|明年|次年|来年|翌年|下年|下一年|近年|每年|曾|同年|当年")
_ORIGIN = re.compile(r"(?:比|较|与|同|对比|相比)[^，。；]{0,2}$")
_NAMED = re.compile(  # the year is part of a name: of a class, a model, a programme, an aim, a document, a range
    r"(?:届|级|版|款|版本|工作(?:计划|要点|打算|思路|安排|目标|任务|部署|重点|方案|设想|展望|谋划)|计划|规划|目标|预算|要点|安排(?!了|\d)|预期|任务|"
    r"远景|愿景|议程|行动(?:计划|纲要|方案)?|纲要|打算|展望|的?(?:总体|主要|重点|具体|奋斗)(?:目标|任务|工作|要求|思路|安排)|"
    r"度?(?:的)?(?:城乡|居民)*(?:医保|医疗保险|合作医疗|养老保险|社保|保费|参保|缴费|征[订缴兵]|党报|报刊)|"
    r"度?(?:的)?(?:预算|计划|目标|打算|部署|工作(?:计划|要点|打算|思路|安排)))"
)
_BEHIND = re.compile(  # what follows a date of what is still to come
    r"(?:作为|定为|列为|设为|前(?!后)|之前|以前|底前|初前|止|为止|内|以内|起(?:施行|实施|执行|生效|正式|开始施行))|"
    r"[^，。；\n]{0,10}?(?:前(?:完成|建成|实现|达到|全面|投入|全部|基本|力争|要|把|将|拆|清|整|改|交|投|通)|到期|届满|期满)"
)
_RANGE = re.compile(r"(?:20\d\d年?(?:\d{1,2}月)?|[至—–\-~～]+)\s*[至—–\-~～]+\s*$|[\d年月日底末初]\s*至\s*$|"
    r"[—–\-~～]\s*$")
_UNTIL = re.compile(r"(?:[到至](?!20\d\d年底?，已)|面向|迈向|直到|直至|延[至到续长]+|展望|着眼|放眼|备战|迎战|迎接|"
    r"谋划|预留|聚焦)[^，。；]{0,3}$")
_OPENS = re.compile(r"(?:^|^[在于自从到早]|[在于自从]|^[我全本各][镇乡县市区村省州办]|街道|"
    r"[镇乡村])[^\S\n]*$")  # a year that dates the clause
_SAYS_WHAT = re.compile(r"度?[，,]?(?:我们)?(?:[是为系乃]|正值|恰逢|意味|重点|主要(?:目标|预期)|全[市县省区]经济|"
    r"经济社会)|度?(?:的|[^，。]{0,6}工作)")
_SO_FAR = re.compile(r"(?:截[至到止]|迄|直至目前)[^，。；]{0,3}$")
_DONE = re.compile(r"已|了[^解不]|完毕|过(?=[，。；])|先后|顺利|圆满|成功|累计|获得?|荣获|被评|通过|召开|完成|"
    r"举[办行]|捧回|拿下|摘得|夺得|挂牌|揭牌|建起|验收|授予|评为|创成|投用|启用|落成|开展|建成|参加|出动|组织")
_SPEECH = re.compile(r"[^\S\n]*(?:[）)*＊]|\n|$|[^，。\n]{0,30}(?:通过|修订)?[）)]\s*\n)|在[^，。]{0,30}(?:会议|大会|"
    r"全会|届)[^，。]{0,12}[上）)]\s*\n")
_DATED_HEAD = re.compile(r"(?:^|\n)[^\S\n]*[（(]?(20\d\d)[年.\-/](\d{1,2})[月.\-/](\d{1,2})日?[)）]?[^\S\n]*\n")
_POSTED = re.compile(
    r"(?:上传|发布|释出|發佈|发表|更新|报送|上报|成文|印发|填报|送审)(?:时间|時間|日期|于|於)?\s*[:：]\s*"
    r"(20\d\d)[-./年](\d{1,2})[-./月](\d{1,2})"
)
_SIGNED = re.compile(
    rf"\n[^\n。；]{{0,24}}?(?:(20\d\d)|({_HAN_YEAR}))[年.\-/](\d{{1,2}}|{_HAN_DAY})[月.\-/](\d{{1,2}}|{_HAN_DAY})日?"
    r"[^\S\n]*[）)]?[^\S\n]*\n*\s*$"
)
_FIRST_HALF = re.compile(r"上半年|半年")
_QUARTER = re.compile(r"第?([一二三1-3])季度")
_FIRST_QUARTERS = re.compile(r"前三季度|1[-—至到]9月|一至九月")
_YEARS = re.compile(r"20\d\d年?[—–\-~～至到]+(20\d\d)年")


@dataclass(frozen=True, slots=True)
class Limit:
    """The day after which nothing can have happened, why, and where that stands."""

    day: Day
    why: str
    source: Evidence | None = None


def after_publication(context: Context) -> Iterator[Finding]:
    """B01: an event that is told as past, dated after the report's period, its signature or its upload."""
    limit = _limit(context)
    if limit is None or context.year is None:
        return
    words = map(re.escape, sorted(context.option("plan_words"), key=len, reverse=True))
    ahead = re.compile("|".join([*words, context.option("modal")]))
    for match in _DATE.finditer(context.shadow):
        day, told = _day(match, context.year)
        if day <= limit.day or day[0] > context.year + NEAR or not _is_told_as_done(context, match, ahead, limit):
            continue
        here = context.shadow_span(*match.span(), note="正文所述日期")
        source = [limit.source] if limit.source else []
        formula = f"{told} > {'-'.join(map(str, limit.day))}"
        message = f"正文说“{here.surface}”（{told}）的事，却晚于{limit.why}。"
        yield context.finding(message, [here, *source], formula=formula)


def _number(written: str) -> int:
    return int(written) if written.isdigit() else int(chinese(written))


def _year(arabic: str | None, han: str | None) -> int:
    if arabic or not han:
        return int(arabic or 0)
    return int("20" + "".join(str(max(0, _HAN_DIGITS.find(c))) for c in han[2:]))


def _day(match: re.Match[str], year: int) -> tuple[Day, str]:
    """The earliest day that a date can mean, and how it is told; the year is the report's where it names none."""
    g = match.groupdict()
    if g["y"]:
        day = int(g["y"]), int(g["m"]), int(g["d"] or 1)
        return day, f"{day[0]}年{day[1]}月"
    if g["season"]:
        quarter = re.search(r"[二三四234](?=季度)", g["season"])
        words = next((part for part in _EARLIEST if part in g["season"]), "冬季" if "冬" in g["season"] else "秋季")
        month, first = _EARLIEST[words]
        if quarter:
            month, first = 3 * max("一二三四".find(quarter[0]), "1234".find(quarter[0])) + 1, 1
        return (year, month, first), f"{year}年{month}月后"
    if g["own"]:
        day = year, int(g["own"]), int(g["ownday"] or _THIRDS.get(g["ownthird"] or "", 1))
        return day, f"{year}年{day[1]}月"
    named = _year(g["year"], g["han"])
    if g["month"]:
        first = _number(g["day"]) if g["day"] else _THIRDS.get(g["third"] or "", 1)
        return (named, _number(g["month"]), first), f"{named}年{_number(g['month'])}月"
    if g["quarter"]:
        at = "一二三四".find(g["quarter"]) if g["quarter"] in "一二三四" else int(g["quarter"]) - 1
        return (named, 3 * at + 1, 1), f"{named}年{at + 1}季度"
    return (named, *_EARLIEST.get(g["part"] or "", (1, 1))), f"{named}年"


def _is_told_as_done(context: Context, match: re.Match[str], ahead: re.Pattern[str], limit: Limit) -> bool:
    """Whether the date is that of something done: not of a plan, a term, a name, a heading or a signature."""
    start, end = context.sentence_at(match.start())
    before = re.split("[；;]", context.shadow[start : match.start()])[-1][-30:]
    clause = re.split("[，,；;：:]", before)[-1]
    rest = re.split("[。；;\n]", context.shadow[match.end() : end])[0]
    after = re.split("[，,]", rest)[0]
    own = bool(match.group("own") or match.group("season"))
    so_far = bool(_SO_FAR.search(clause)) or bool(_UNTIL.search(clause) and re.match("[，,]?[^，。]{0,8}已", rest))
    if _stands_outside(context, match, limit) or (own and (_OTHER_YEAR.search(before) or re.search(
        r"\d{4}年[^。；]{0,12}$", before))):  # fmt: skip
        return False
    if context.is_ahead(match.start()) or _RANGE.search(clause) or _ORIGIN.search(clause):
        return False
    if _BEHIND.match(after) and not (match.group("part") in _DAYS and after.startswith("前")):
        return False
    if _within_name(clause, rest) or _NAMED.match(after) or _SPEECH.match(context.shadow, match.end()):
        return False
    if not so_far and (_UNTIL.search(clause) or ahead.search(clause) or ahead.search(before[-14:])):
        return False
    if ahead.search(re.sub("《[^》]*》|“[^”]*”", "", after[:14] if so_far else rest[:24])) and not re.match(
        "[^，。]{0,8}已", rest.lstrip("，,")
    ):
        return False
    whole = match.group("year") or match.group("han")
    alone = whole and match.end() - match.start() <= 6
    if not (alone or match.group("season")) or so_far:
        return True
    if alone and (not _OPENS.search(clause) or _SAYS_WHAT.match(rest)):
        return False
    return bool(_DONE.search(rest)) or any(c.status == "done" for c, _ in context.claims_in(match.end(), end))


def _within_name(clause: str, rest: str) -> bool:
    """Whether a date stands inside a name or an aside: 《三年行动方案（2023—2025年）》."""
    within = [(o, rest.partition(c)[0]) for o, c in ("《》", "“”", "（）", "()", "「」")
              if clause.count(o) > clause.count(c) and c in rest[:40]]  # fmt: skip
    return any(o not in "（(" or not _DONE.search(inside) for o, inside in within)  # not 已交付（9月6日举行了仪式）


def _stands_outside(context: Context, match: re.Match[str], limit: Limit) -> bool:
    """Whether a date stands in the title or in the very line that dates the report."""
    start, _ = context.text.source_span(match.start(), match.end())
    if limit.source is not None and limit.source.start <= start < limit.source.end:
        return True
    return any(h.level == 0 and h.start <= start < h.title_end for h in context.report.headings)


def _limit(context: Context) -> Limit | None:
    """What dates the report: its signature, its upload, a date under its title, or else the end of its period."""
    text, year = context.report.document.text.translate(HALF_WIDTH), context.year
    title = context.report.issuer.title or ""
    if signed := _SIGNED.search(text):
        day = _year(signed[1], signed[2]), _number(signed[3]), _number(signed[4])
        if year is None or year <= day[0] <= year + 1:
            start = signed.start(1 if signed[1] else 2)
            source = context.source_span(start, signed.end(4) + 1, "counterpart", "落款日期")
            return Limit(day, f"落款日期{day[0]}年{day[1]}月{day[2]}日", source)
    for pattern, name, most in ((_POSTED, "上传（发布）日期", len(text)), (_DATED_HEAD, "文首日期", HEAD)):
        dated = pattern.search(text, 0, most)
        if dated and (pattern is _POSTED or int(dated[1]) in (year, (year or 0) + 1)):
            day = int(dated[1]), int(dated[2]), int(dated[3])
            source = context.source_span(dated.start(1), dated.end(3) + 1, "counterpart", name)
            return Limit(day, f"{name}{day[0]}年{day[1]}月{day[2]}日", source)
    if year is None:
        return None
    if _FIRST_QUARTERS.search(title):
        return Limit((year, 10, 31), f"报告期（{year}年前三季度）")
    if _FIRST_HALF.search(title) and "下半年" not in title:
        return Limit((year, 7, 31), f"报告期（{year}年上半年）")
    if quarter := _QUARTER.search(title):
        at = "一二三".find(quarter[1]) + 1 or int(quarter[1])
        return Limit((year, 3 * at + 1, 30), f"报告期（{year}年{quarter[0]}）")
    years = _YEARS.search(title)
    last = max(year, int(years[1])) if years else year
    return Limit((last, 12, 31), f"报告年份{last}年")


CHECKS: dict[str, Check] = {"B01": after_publication}
