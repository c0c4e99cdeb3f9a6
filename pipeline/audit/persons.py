"""N22: persons told as visits, more persons than there are inhabitants, or than there are of a group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.audit import groups
from pipeline.audit.arithmetic import Number, number, plain
from pipeline.audit.base import Check, Context
from pipeline.records import Claim, Evidence, Finding

LEAST_INHABITANTS = 500
NEAR = 40  # characters between two figures of one event, beyond the end of a sentence
LEFT = 12  # characters of the words round a figure
LARGE = ("prefecture", "province")  # whose households stand in no row with their inhabitants
UNITS = ("人", "人次", "名", "位")
OWN = (None, "全镇", "全乡", "辖区", "全街道", "全县")
_INHABITANTS = re.compile(r"(?:总人口|户籍人口|常住人口|辖区人口|人口总数|全[镇乡县街道]+人口|^人口)[^人]{0,6}$")
_BEHIND_HOUSEHOLDS = re.compile(
    r"(?:全(?:镇|乡|村|街道)|辖区|总户数|居民|人口)(?:现?[共有为计住]|总户数|农户|居民)*\d+[余多]?户[、，,（(共]{0,2}$"
)  # 全镇6120户21340人
_ALL_OF_THEM = re.compile(
    r"(?:^|[，,。；;：:\n])(?:本|我|全)(?:镇|乡|村|街道|社区)(?:上下|里)?(?:现有|共有|总共|共计|总计|共|有|仅|只有|才)*$"
)  # 全镇16929人
_MOST_INHABITANTS = re.compile("(?:农业|农村|乡村|农牧民)人口[^人]{0,6}$")
_PEOPLE = re.compile("(?:干部)?(?:群众|居民|村民|乡民|市民|农民|志愿者|妇女|学生|职工|党员)")
NEARLY_ALL = Decimal("1.5")  # so many times the farming population nobody can have inhabitants
RESIDENTS = Decimal("1.2")  # so many times the residents, whom those registered may outnumber
_COUNTED_ELSE = ("户", "家", "次", "场", "份", "个", "支")
_COUNTED_AS = r"(?:共|合计|达到?|为|有|计|约|近|超过?|是|累计)*$"
_PERSONS_AS_VISITS = re.compile(
    rf"(?:(?<!诊疗)(?<!服务)人数|参与者|参加者|(?:总|户籍|常住)人口){_COUNTED_AS}|(?:现有|拥有|在[编册岗职校籍])[^，,。；;\d]{{0,10}}$"
)
_VISITS_AS_PERSONS = re.compile(rf"人次(?:总?数|总量)?{_COUNTED_AS}")
# People who are not, or not only, the reporter's own, and services that one person has many times a year.
_OTHERS = re.compile(
    "全县|全市|全省|全国|[两三四五六七八九]县|周边|辐射|过路|过境|外来|旅游|游客|旅客|客流|景区|景点|赶集|点击|浏览|阅读|直播|(?<!现场)(?<!到场)观看(?!演出|电影|文艺|戏|比赛)|收看|"
    "收听|受众|播放|短信|推送|关注|粉丝|设计|规划|容纳|可供|承载|能力"
)
_OFTEN = re.compile("核酸|抗原|采样|检测|测温|扫码|客运|运送|乘")
_ILL = re.compile("门诊|门急诊|诊疗|就诊|看病|问诊")
MOST_ILL = Decimal(12)  # times a year that an inhabitant sees a doctor


def persons(context: Context) -> Iterator[Finding]:
    """N22: more persons than there are inhabitants, or persons told in 人次."""
    inhabitants = _inhabitants(context)
    for claim, place in zip(context.claims, context.places, strict=True):
        bare = _PEOPLE.match(claim.unit or claim.object or "") and claim.unit not in _COUNTED_ELSE  # 发动7.6万群众
        if (claim.unit not in UNITS and not bare) or claim.masked or (told := number(claim)) is None:
            continue
        lead = context.clause_before(claim)
        pattern = _PERSONS_AS_VISITS if claim.unit == "人次" else _VISITS_AS_PERSONS
        if pattern.search(lead) and not _OTHERS.search(lead):
            wrong, right = ("人数", "人次") if claim.unit == "人次" else ("人次", "人数")
            yield context.finding(
                f"“{lead.strip()[-12:]}{claim.surface}”把{wrong}写成{right}，无法知道实际人数。",
                [context.of_claim(claim)],
            )
        elif not claim.part_of:
            yield from _beyond(context, claim, told, *_population(context, inhabitants, place), lead)
        yield from _both(context, claim, place)
    yield from groups.more_than_all(context)
    yield from groups.visits_among_persons(context)
    yield from groups.visits_of_one_event(context)


def _population(
    context: Context, told: Sequence[tuple[int, Number]], place: tuple[int, int]
) -> tuple[Number | None, Decimal]:
    """How many inhabitants a figure is held against, those told in its own sentence before all others, and beyond how
    many times of that nobody can be."""
    start, _ = context.sentence_at(place[0])
    beside = [one for one in told if start <= context.place_of(one[1].claim) < place[0]]
    rank, population = min(beside or told, key=lambda one: one[0], default=(0, None))
    return population, NEARLY_ALL if rank == 3 else RESIDENTS if rank == 2 else Decimal(1)


def _inhabitants(context: Context) -> list[tuple[int, Number]]:
    """The figures that tell how many inhabitants there are, with how far each may be from all: the less, the nearer."""
    told: list[tuple[int, Number]] = []
    level = context.report.issuer.level
    for claim, place in zip(context.claims, context.places, strict=True):
        lead, n = context.clause_before(claim), number(claim)
        if claim.scope not in OWN or claim.unit not in ("人", "名") or n is None or n.value < LEAST_INHABITANTS:
            continue
        told += [(0, n)] * (claim.indicator == "profile.population_total" and bool(_INHABITANTS.search(lead)))
        behind = _BEHIND_HOUSEHOLDS.search(context.shadow[max(0, place[0] - 20) : place[0]])
        told += [(1, n)] * ((claim.object or "人口") == "人口" and bool(behind) and level not in LARGE)
        told += [(1, n)] * _is_everybody(context, claim, place)
        township = level in ("township", "village")
        told += [(2, n)] * (claim.indicator == "profile.population_resident" and township)
        told += [(3, n)] * bool(township and _MOST_INHABITANTS.search(lead))
    return told


def _is_everybody(context: Context, claim: Claim, place: tuple[int, int]) -> bool:
    """Whether a bare figure is that of all inhabitants: 全镇16929人，……; not 全镇1200人参加."""
    before = context.shadow[max(0, place[0] - 16) : place[0]]
    alone = context.shadow[place[1] : place[1] + 1] in "，,；;、。（("
    return alone and bool(_ALL_OF_THEM.search(before)) and (claim.value_low or 0) >= LEAST_INHABITANTS * 2


def _beyond(
    context: Context, claim: Claim, told: Number, population: Number | None, most: Decimal, lead: str
) -> Iterator[Finding]:
    """More than the inhabitants, or, where the report does not tell them, than any place of its level has."""
    level = context.report.issuer.level or ""
    whole = population.high if population else Decimal(context.option("most_persons").get(level, 0))
    if told.low <= 0 or not whole.is_finite() or not whole or (population and population.claim.id == claim.id):
        return
    times = told.low / whole
    limit = Decimal(context.option("most_times")) if claim.unit == "人次" else most
    if times <= limit or claim.status == "target" or (claim.indicator or "").startswith("profile."):
        return
    if _OTHERS.search(lead) or (claim.unit == "人次" and _OFTEN.search(lead)):
        return
    if _ILL.search(lead) and times <= MOST_ILL:
        return
    what = "人次" if claim.unit == "人次" else "人数"
    if population is None:
        yield context.finding(
            f"“{claim.object or ''}{claim.surface}”{what}超过同级辖区可能有的总人口。", [context.of_claim(claim)],
            formula=f"{claim.surface}＞{plain(whole * limit)}人",
        )  # fmt: skip
        return
    each = plain(round(times, 2))
    yield context.finding(
        f"“{claim.object or ''}{claim.surface}”{what}为总人口{population.claim.surface}的{each}倍。",
        [context.of_claim(claim), context.of_claim(population.claim, "counterpart", "总人口")],
        formula=f"{claim.surface}÷{population.claim.surface}={each}",
    )


def _both(context: Context, claim: Claim, place: tuple[int, int]) -> Iterator[Finding]:
    """人 and 人次 of one number for one event."""
    if claim.unit != "人次" or claim.value_low is None or claim.value_low < 10:
        return
    here = _around(context, place)
    for other, there in zip(context.claims, context.places, strict=True):
        same = other.unit in ("人", "名", "位") and other.value_low == claim.value_low
        if same and (_is_near(context, place, there) or _shared(here, _around(context, there)) >= 3):
            yield _mixed(context, claim, context.of_claim(other))
            return
    again = re.compile(rf"(?<![\d.]){plain(claim.value_low)}(?:人(?!次)|名|位)")
    _, end = context.sentence_at(place[0])
    if (found := again.search(context.shadow, place[1], end)) and _is_near(context, place, found.span()):
        yield _mixed(context, claim, context.shadow_span(*found.span()))  # 767人次，这767人均建了档


def _mixed(context: Context, claim: Claim, other: Evidence) -> Finding:
    message = f"同一数字一处写{other.surface}，一处写{claim.surface}，人与人次混用。"
    return context.finding(message, [context.of_claim(claim), other])


def _is_near(context: Context, here: tuple[int, int], there: tuple[int, int]) -> bool:
    """Whether two figures stand in one sentence or close together, and are not told as once for each: 每人一次."""
    first, second = sorted((here, there))
    between = context.shadow[first[1] : second[0]]
    close = "\n" not in between and (len(between) <= NEAR or not re.search("[。！？]", between))
    begin, end = context.sentence_at(first[0])[0], context.sentence_at(second[0])[1]
    around = context.shadow[max(begin, first[0] - LEFT) : min(second[1] + LEFT, end)]
    return close and not re.search(context.option("each_once"), around)


def _around(context: Context, place: tuple[int, int]) -> str:
    """The words beside a number, in its own clause or the one after it."""
    left = re.split(r"[，,。；;\n]", context.shadow[max(0, place[0] - 14) : place[0]])[-1]
    right = re.split(r"[，,。；;\n]", context.shadow[place[1] : place[1] + 10])[0]
    return left + right


def _shared(first: str, second: str) -> int:
    """The length of the longest run of characters that both have."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, first, second, autojunk=False).find_longest_match().size


CHECKS: dict[str, Check] = {"N22": persons}
