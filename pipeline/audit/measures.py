"""N06: figures in units that do not measure them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipeline.audit.arithmetic import plain
from pipeline.audit.base import Check, Context
from pipeline.records import Claim, Finding

NAMES = {"length": "长度", "mass": "重量", "volume": "体积", "area": "面积"}
_FRACTION = re.compile(r"\d[.．]\d")
_MEASURED = re.compile(r"\d[余多万千]?[一-鿿]{1,2}$")
_POINTS = re.compile(r"[、和及与，,\d.个至到]{0,24}百分点|[/／]")


def wrong_unit(context: Context) -> Iterator[Finding]:
    """N06: fractions of persons and things, 顿 for 吨, two counts in 户 side by side, money without a unit."""
    fractions = set(context.option("fractions"))
    averages = re.compile("|".join(map(re.escape, context.option("averages"))))
    for at, (claim, place) in enumerate(zip(context.claims, context.places, strict=True)):
        surface = context.shadow[place[0] : place[1]]
        scaled = re.search("[万亿千百]", surface)
        start, _ = context.sentence_at(place[0])
        words = context.shadow[start : place[0]] + (claim.object or "")
        averaged = averages.search(words) or (claim.object or "").endswith("指标") or claim.per or start == place[0]
        whole = claim.dimension == "count" and claim.unit is not None and claim.unit not in fractions
        points = _POINTS.match(context.shadow, place[1])  # 提高1.2个和0.9个百分点, 9.4批次/千人
        if whole and _FRACTION.search(surface) and not (scaled or averaged or points):
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
        here = context.shadow_span(*match.span("slip" if match["slip"] else "more"))
        yield context.finding(f"“{match.group()}”的单位像是笔误。", [here], suggestion="可能是“吨”")
    yield from _bare_money(context)


def _wrong_dimension(context: Context, claim: Claim, place: tuple[int, int]) -> Finding | None:
    """A length of toilets, a mass of roads, inhabitants in 户, a rate in 人."""
    if claim.masked or claim.value_low is None:
        return None
    lead = context.clause_before(claim)
    for option, units, what in (("inhabitants_before", ("户",), "人口"), ("households_before", ("人", "名"), "户数")):
        pair = re.match(r"[，、]?\d[\d.,]*万?[人户名]", context.shadow[place[1] : place[1] + 12])  # 人口3638户10562人
        if claim.unit in units and re.search(context.option(option), lead) and not pair:
            return context.finding(f"“{lead}{claim.surface}”以{claim.unit}计{what}。", [context.of_claim(claim)])
    rate = re.search(context.option("rate_before"), lead)
    if rate and claim.unit and claim.unit not in context.option("rate_units") and claim.dimension != "percent":
        return context.finding(f"“{lead}{claim.surface}”以{claim.unit}计比率。", [context.of_claim(claim)])
    following = context.shadow[place[1] : place[1] + 2]
    if re.match("[一-鿿A-Za-z]", following) and not re.match("以[上内下]|左右|[和及与并等的每]", following):
        return None  # 选树10名专家
    bare = re.sub(context.option("fillers"), "", lead)
    if _MEASURED.search(bare):
        return None  # 垃圾245车约980吨
    thing = claim.object or ""
    named = thing if thing and bare.endswith((thing, f"{thing}{claim.action or ''}")) else bare
    never = any(_is_never(kind, claim, lead, (bare, named)) for kind in context.option("kinds"))
    if not never and not _is_no_measure(context, claim, lead, (bare, named)):
        return None
    return context.finding(
        f"“{lead.strip()}{claim.surface}”以{claim.unit}计，"
        f"该事物不用{NAMES.get(claim.dimension, claim.unit or '')}单位。",
        [context.of_claim(claim)], formula=f"{claim.unit}（{NAMES.get(claim.dimension, '计数')}）",
    )  # fmt: skip


def _is_never(kind: Mapping[str, Any], claim: Claim, clause: str, names: Sequence[str]) -> bool:
    """Whether a kind of things, one of which the clause ends in, is never told in the unit of the claim."""
    return bool(
        (claim.dimension in kind["dimensions"] or claim.unit in kind.get("units", ()))
        and any(re.search(kind["things"], name) for name in names)
        and re.search(kind.get("verbs", ""), clause)
        and not ("except" in kind and re.search(kind["except"], clause))
    )


def _is_no_measure(context: Context, claim: Claim, clause: str, names: Sequence[str]) -> bool:
    """Whether the clause ends in a quantity, as 面积 or 年龄, that only other units than the claim's measure."""
    if claim.unit is None or claim.dimension in ("percent", "ratio", "other"):
        return False
    measure = next((m for m in context.option("measures") if any(re.search(m["things"], name) for name in names)), None)
    if measure is None or ("except" in measure and re.search(measure["except"], clause)):
        return False
    return claim.dimension not in measure["dimensions"] and claim.unit not in measure["units"]


def _bare_money(context: Context) -> Iterator[Finding]:
    nouns, verbs = ("|".join(map(re.escape, context.option(key))) for key in ("money_nouns", "money_verbs"))
    pattern = re.compile(
        rf"(?:(?:{verbs})[^\W\d_]{{0,8}}(?:{nouns})(?:共|约|近|达|为|计)?"
        rf"|{context.option('money_totals')}{context.option('money_fillers')}"
        rf"|(?:{nouns})(?:总?支出|投入|拨付|到位|共计|合计|达到?|为))"
        r"(\d[\d.,]*)(?=[，。；;、）)\n]|用于)(?!\d)"
    )
    for match in pattern.finditer(context.shadow):
        line = context.shadow[context.shadow.rfind("\n", 0, match.start()) + 1 : match.start()]
        if re.search("单位[：:为]?[^，。；]{0,6}元|（[^）]{0,4}元）|[以按][万千百亿]?元[为计]", line):
            continue
        here = context.shadow_span(*match.span(1))
        yield context.finding(f"金额“{match.group()}”没有单位。", [here], suggestion="可能是万元或元")


CHECKS: dict[str, Check] = {"N06": wrong_unit}
