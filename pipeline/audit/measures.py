"""N06, N22: figures in units that do not measure them, persons told as visits, more persons than inhabitants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pipeline.audit.arithmetic import Number, number, plain
from pipeline.audit.base import Check, Context
from pipeline.records import Claim, Finding

OWN = (None, "全镇", "全乡", "辖区", "全街道", "全县")
NAMES = {"length": "长度", "mass": "重量", "volume": "体积", "area": "面积"}
_FRACTION = re.compile(r"\d[.．]\d")
_INHABITANTS = re.compile(r"(?:总人口|户籍人口|常住人口|辖区人口|人口总数|全[镇乡县街道]+人口|^人口)[^人]{0,6}$")


def wrong_unit(context: Context) -> Iterator[Finding]:
    """N06: fractions of persons and things, 顿 for 吨, two counts in 户 side by side, money without a unit."""
    whole = set(context.option("whole_units"))
    averages = re.compile("|".join(map(re.escape, context.option("averages"))))
    for at, (claim, place) in enumerate(zip(context.claims, context.places, strict=True)):
        surface = context.shadow[place[0] : place[1]]
        scaled = re.search("[万亿千百]", surface)
        start, _ = context.sentence_at(place[0])
        words = context.shadow[start : place[0]] + (claim.object or "")
        averaged = averages.search(words) or claim.per or start == place[0]
        if claim.unit in whole and _FRACTION.search(surface) and not scaled and not averaged:
            yield context.finding(
                f"“{(claim.object or '') + claim.surface}”以{claim.unit}计数，却写成小数。", [context.of_claim(claim)],
                formula=f"{claim.surface}不是整数",
            )  # fmt: skip
        if at and claim.unit == "户" == context.claims[at - 1].unit:
            before, gap = context.claims[at - 1], context.shadow[context.places[at - 1][1] : place[0]]
            a, b = before.value_low, claim.value_low
            in_list = at > 1 and context.claims[at - 2].unit == "户" and place[0] - context.places[at - 2][1] < 30
            if re.fullmatch(r"[，,\s（(]{0,2}", gap) and not in_list and a and b and Decimal("1.5") <= b / a <= 8:
                yield context.finding(
                    f"“{before.surface}{gap}{claim.surface}”两数都以户计，后一个像是人数。",
                    [context.of_claim(before), context.of_claim(claim)], formula=f"{plain(b)}÷{plain(a)}"
                                                                                 f"≈{plain(round(b / a, 1))}",
                    suggestion=f"可能是{claim.surface.replace('户', '人')}",
                )  # fmt: skip
        if finding := _wrong_dimension(context, claim, place):
            yield finding
    for match in re.finditer(context.option("slips"), context.shadow):
        here = context.shadow_span(*match.span("slip"))
        yield context.finding(f"“{match.group()}”的单位像是笔误。", [here], suggestion="可能是“吨”")
    yield from _bare_money(context)


def _wrong_dimension(context: Context, claim: Claim, place: tuple[int, int]) -> Finding | None:
    """A length of toilets, a mass of roads, inhabitants in 户, a rate in 人."""
    if claim.masked or claim.value_low is None:
        return None
    lead = context.clause_before(claim)
    for option, units, what in (("inhabitants_before", ("户",), "人口"), ("households_before", ("人", "名"), "户数")):
        if claim.unit in units and re.search(context.option(option), lead):
            return context.finding(f"“{lead}{claim.surface}”以{claim.unit}计{what}。", [context.of_claim(claim)])
    rate = re.search(context.option("rate_before"), lead)
    if rate and claim.unit and claim.unit not in context.option("rate_units") and claim.dimension != "percent":
        return context.finding(f"“{lead}{claim.surface}”以{claim.unit}计比率。", [context.of_claim(claim)])
    sentence = context.shadow[context.sentence_at(place[0])[0] : place[1]][-40:]
    for rule in context.option("impossible"):
        if _is_impossible(rule, claim, re.split("[，。；;]", sentence)[-1]):
            return context.finding(
                f"“{claim.action or ''}{claim.object}{claim.surface}”以{claim.unit}计，"
                f"该事物不用{NAMES.get(claim.dimension, claim.unit or '')}单位。",
                [context.of_claim(claim)], formula=f"{claim.unit}（{NAMES.get(claim.dimension, '计数')}）",
            )  # fmt: skip
    return None


def _is_impossible(rule: Mapping[str, Any], claim: Claim, words: str) -> bool:
    return bool(
        claim.dimension in rule["dimensions"]
        and re.search(rule["things"], claim.object or "")
        and (claim.unit in rule["units"] if "units" in rule else True)
        and re.search(rule.get("verbs", ""), words)
        and not ("except" in rule and re.search(rule["except"], words))
    )


def _bare_money(context: Context) -> Iterator[Finding]:
    nouns = "|".join(map(re.escape, context.option("money_nouns")))
    pattern = re.compile(
        rf"(?:(?:投入|筹措|筹集|拨付|安排|争取|发放|兑现|落实|完成)[^\W\d_]{{0,6}}(?:{nouns})(?:共|约|近|达|为|计)?"
        rf"|(?:{nouns})(?:总?支出|投入|拨付|到位|共计|合计|达到?|为))"
        r"(\d[\d.,]*)(?=[，。；;、）)\n]|用于)(?!\d)"
    )
    for match in pattern.finditer(context.shadow):
        here = context.shadow_span(*match.span(1))
        yield context.finding(f"金额“{match.group()}”没有单位。", [here], suggestion="可能是万元或元")


def persons(context: Context) -> Iterator[Finding]:
    """N22: more persons than there are inhabitants, or persons told in 人次."""
    inhabitants = (
        number(c)
        for c in context.claims
        if c.indicator == "profile.population_total"
        and c.scope in OWN
        and _INHABITANTS.search(context.clause_before(c))
    )
    population = next((n for n in inhabitants if n and n.value >= 500), None)
    for claim, place in zip(context.claims, context.places, strict=True):
        if claim.unit not in ("人", "人次", "名") or claim.masked or (told := number(claim)) is None:
            continue
        lead = context.clause_before(claim)
        if claim.unit == "人次" and re.search(
            r"(?:(?:参与|参加|参训|培训|发动|出动|受益|参会|到会|宣讲|咨询|到场|义诊|服务|覆盖)[^，。]{0,4}人数|"
            r"参与者|参加者)(?:共|达到?|为|约|近|超过?|有)*$",
            lead,
        ):
            yield context.finding(
                f"“{lead.strip()[-12:]}{claim.surface}”把人数写成人次，无法知道实际人数。", [context.of_claim(claim)]
            )
        elif population and not claim.part_of and claim.id != population.claim.id:
            yield from _beyond(context, claim, told, population, lead)
        yield from _both(context, claim, place)


def _beyond(context: Context, claim: Claim, told: Number, population: Number, lead: str) -> Iterator[Finding]:
    if not (told.low > 0 and population.high.is_finite()):
        return
    times = told.low / population.high
    limit = Decimal(context.option("most_times")) if claim.unit == "人次" else Decimal(1)
    if times <= limit or claim.status == "target" or (claim.indicator or "").startswith("profile."):
        return
    if re.search("全县|全市|全省|全国|游客|旅客|点击|浏览|阅读|直播|观看|收看|收听|受众|播放", lead):
        return
    each = plain(round(times, 2))
    what = "人次" if claim.unit == "人次" else "人数"
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
        same = other.unit in ("人", "名") and other.value_low == claim.value_low
        if same and _shared(here, _around(context, there)) >= 3:
            spans = [context.of_claim(claim), context.of_claim(other)]
            yield context.finding(f"同一数字一处写{other.surface}，一处写{claim.surface}，人与人次混用。", spans)
            return


def _around(context: Context, place: tuple[int, int]) -> str:
    """The words beside a number, in its own clause or the one after it."""
    left = re.split(r"[，,。；;\n]", context.shadow[max(0, place[0] - 14) : place[0]])[-1]
    right = re.split(r"[，,。；;\n]", context.shadow[place[1] : place[1] + 10])[0]
    return left + right


def _shared(first: str, second: str) -> int:
    """The length of the longest run of characters that both have."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, first, second, autojunk=False).find_longest_match().size


CHECKS: dict[str, Check] = {"N06": wrong_unit, "N22": persons}
