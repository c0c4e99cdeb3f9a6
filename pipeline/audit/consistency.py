"""N04, N05, N06, N11, N18, N22: figures that contradict, outgrow, mistake or repeat one another in one report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import combinations

from pipeline.audit.arithmetic import number, plain
from pipeline.audit.base import Check, Context
from pipeline.lexicon import rows
from pipeline.records import Claim, Finding

_CUMULATIVE = re.compile(r"累计|历年|总数达|总量达|存量|(?<!今年)以来|[三五两]年|“十[一二三四五]五”|期间")
_CHANGE = re.compile(r"增|降|提高|提升|上升|同比|年均|较|比(?!例|率|重)|缩小|扩大|达标率由|从|由")
_LESS_THAN_ALL = re.compile(
    r"新增|[春夏秋冬](?:季|天|前)|本次|此次|首批|第[一二三四五]批|其中|另|再|又|先后|分别|每|各|同时|部分|前期|上半年|下半年|季度|剩余|尚|余下"
)
_QUALIFIED = re.compile(
    "学生|儿童|学校|农村|城镇|城市|居民|村民|老年|妇女|从业|重点|慢病|高血压|糖尿病|县级|乡镇|规上|小学|初中|高中|男|女"
)
_EVENTS = ("次", "场", "期", "场次", "轮", "项", "批", "批次", "人次", "人", "名")
_STOCKS = ("last", "mean")
_WHOLE_CUE = re.compile(r"共|累计|合计|总|全年|今年|年内|全[镇乡街县村市区]")
_PLACE = re.compile(r"^[^一-鿿]*([一-鿿]{1,4}?(?:村|社区|片区?|集镇|组))(?!民|容|庄)")
_BRACKET = re.compile(r"[（(][^（）()]*$")
_PLANNED = re.compile(r"(?:任务|计划|目标|应|预定|原定|拟|下达|指标)[^\d，,。；;]{0,12}$")
_FINISHED = re.compile(r"(?:完成|实际|实绩|已|实现|建成|兑现|落实)[^\d，,。；;]{0,12}$")
_PLAN_HEAD = re.compile(r"(?:任务|计划|目标|指标)[^\d，,。；;：:]{0,6}[：:]")
_RESULT_HEAD = re.compile(r"(?:结果|实绩|完成|实际|落实)[^\d，,。；;：:]{0,6}[：:]")
_PEOPLE = re.compile(r"人数|人员|群众|居民|村民|干部|职工")


def contradiction(context: Context) -> Iterator[Finding]:
    """N04: one indicator, scope and period, two values."""
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for claim in context.claims:
        if claim.part_of or claim.repeat_of or claim.masked or claim.value_low is None or claim.doubt:
            continue
        if claim.status in ("target", "rule") or claim.per:
            continue
        name = claim.indicator or (f"{claim.action}|{claim.object}" if claim.object and claim.action else None)
        if name:
            key = (name, claim.dimension, claim.base_unit or claim.unit, _scope(claim), _period(claim))
            groups.setdefault(key, []).append(claim)
    for claims in groups.values():
        pair = next((p for p in combinations(claims, 2) if _contradict(context, *p)), None)
        if pair:
            first, second = pair
            scope = first.scope or "未注明范围，视为本单位"
            what = first.object or first.action or ""
            yield context.finding(
                f"同一指标“{what}”前写{first.surface}，后写{second.surface}，两处不一（{scope}，"
                f"{first.period or '时期不明'}）。",
                [context.of_claim(first, note="前一处"), context.of_claim(second, "counterpart", "后一处")],
                formula=f"{first.surface}≠{second.surface}",
            )  # fmt: skip


def _contradict(context: Context, first: Claim, second: Claim) -> bool:
    """Whether two claims under one key must be the same figure: told of the same thing in words that say all of it."""
    a, b = number(first), number(second)
    if a is None or b is None or (a.low <= b.high and b.low <= a.high) or not 20 * a.value > b.value > a.value / 20:
        return False
    left, right = context.clause_before(first), context.clause_before(second)
    if any(_LESS_THAN_ALL.search(lead) or _BRACKET.search(lead) or _CHANGE.search(lead) for lead in (left, right)):
        return False
    places = [found.group(1) for lead in (left, right) if (found := _PLACE.match(lead))]
    if len(places) == 2 and places[0] != places[1]:
        return False
    if _is_cumulative(context, first) != _is_cumulative(context, second):
        return False
    things = first.object or "", second.object or ""
    everything = all(_WHOLE_CUE.search(_so_far(context, claim)) for claim in (first, second))
    vague = things[0] in context.option("vague") and not (_has(left) and _has(right))
    invested = first.indicator == "finance.invested" or (first.action, things[0]) == ("投入", "资金")
    vague = vague and not (invested and everything)
    rate = first.dimension in ("percent", "ratio", "level") and first.indicator is not None
    if (
        not (first.indicator or _kin(first.action, second.action))
        or vague
        or (things[0] != things[1] and not (rate or (invested and everything)))
    ):
        return False
    if rate and _QUALIFIED.findall(left) != _QUALIFIED.findall(right):
        return False
    if any(context.is_ahead(context.place_of(claim)) for claim in (first, second)):
        return False
    review = any(words in (context.report.issuer.title or "") for words in context.option("reviews"))
    if review and _overlap(left, right) < Decimal(context.option("review_overlap")):
        return False
    if context.sentence_at(context.place_of(first)) == context.sentence_at(context.place_of(second)):
        return False
    if _aggregation(first.indicator) in _STOCKS or first.dimension in ("percent", "ratio", "level"):
        return first.indicator is not None or len(things[0]) >= 4
    if max(a.value, b.value) > 5 * min(a.value, b.value):
        return False
    if first.unit in _EVENTS and not everything:
        return False
    return len(things[0]) >= (2 if first.indicator else 4) and _overlap(left, right) >= Decimal("0.6")


def _scope(claim: Claim) -> str | None:
    """The claim's scope; none where it is the reporter itself (全镇, 我乡, 辖区)."""
    own = re.fullmatch("(?:全|我|本)(?:镇|乡|街道|县|市|区|村|社区)|辖区", claim.scope or "")
    return None if own else claim.scope


def _period(claim: Claim) -> str | None:
    """The claim's period; the year alone where the report does not say that a part of it is meant."""
    part = claim.period and "-" in claim.period and claim.period_basis != "stated"
    return claim.period[:4] if claim.period and part else claim.period


def _so_far(context: Context, claim: Claim) -> str:
    """The claim's sentence up to it."""
    at = context.place_of(claim)
    return context.shadow[context.sentence_at(at)[0] : at]


def _has(lead: str) -> bool:
    """Whether a clause says how many there are: 下辖14个村."""
    return bool(re.search(r"(?:辖|共有|现有|总)[^\d]{0,4}$", lead))


def _is_cumulative(context: Context, claim: Claim) -> bool:
    """Whether the claim's sentence speaks of several years."""
    start, end = context.sentence_at(context.place_of(claim))
    return bool(_CUMULATIVE.search(context.shadow[start:end]))


def _kin(first: str | None, second: str | None) -> bool:
    return first == second or first is None or second is None or first in second or second in first


@cache
def _aggregations() -> dict[str, str]:
    return {row["code"]: row["aggregation"] for row in rows("indicators")}


def _aggregation(indicator: str | None) -> str:
    return _aggregations().get(indicator or "", "")


def cumulative(context: Context) -> Iterator[Finding]:
    """N05: a cumulative figure below the current one of the same indicator and scope."""
    told = [c for c in context.claims if c.indicator and c.status == "done" and not c.part_of and not c.per]
    for whole in told:
        if not _CUMULATIVE.search(context.clause_before(whole)):
            continue
        for part in told:
            same = (whole.indicator, whole.base_unit, whole.scope) == (part.indicator, part.base_unit, part.scope)
            if part is whole or not same or _CUMULATIVE.search(context.clause_before(part)):
                continue
            a, b = number(whole), number(part)
            if a and b and a.high < b.low and re.search("今年|本年|全年|当年|年内", context.clause_before(part)):
                yield context.finding(
                    f"“{whole.object or ''}”累计{whole.surface}，却少于当年的{part.surface}。",
                    [context.of_claim(whole, "total", "累计"), context.of_claim(part, note="当期")],
                    formula=f"{whole.surface}<{part.surface}",
                )


def exactly_as_planned(context: Context) -> Iterator[Finding]:
    """N11: three or more results that equal their targets to the digit, or nothing but 100 %."""
    pairs: list[tuple[Claim, Claim]] = []
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for (first, here), (second, there) in combinations(placed, 2):
            same = first.unit == second.unit and first.value_low == second.value_low is not None
            if same and _meets(context.shadow[start : here[0]], context.shadow[here[1] : there[0]]):
                pairs.append((first, second))
    if len(pairs) >= context.option("least_pairs"):
        told = "、".join(f"{(a.object or b.object or '')}{a.surface}" for a, b in pairs[:5])
        yield context.finding(
            f"{len(pairs)}项任务的完成数与任务数完全相同：{told}。",
            [context.of_claim(c) for pair in pairs for c in pair],
            formula="；".join(f"{b.surface}={a.surface}" for a, b in pairs[:8]),
        )
    rates = [
        c
        for c in context.claims
        if c.dimension == "percent" and c.status in ("done", "state") and c.value_low is not None
    ]
    rates = [
        c
        for c in rates
        if re.search("率|覆盖|完成|占|达", context.clause_before(c))
        and not re.search("增|降|提高", context.clause_before(c))
    ]
    if len(rates) >= context.option("least_rates") and all(c.value_low == 100 for c in rates):
        yield context.finding(
            f"全文{len(rates)}个比率都恰为100%。", [context.of_claim(c) for c in rates], formula="全部=100%"
        )


def _meets(before: str, between: str) -> bool:
    """Whether of two figures, by the words before the first and between them, one is the plan for the other."""
    left, here, there = before[-16:], _last_clause(before), _last_clause(between)
    headed = _PLAN_HEAD.search(before) and not _RESULT_HEAD.search(before) and _RESULT_HEAD.search(between)
    if len(between) > 40 or headed:
        return bool(headed and here == there and len(between) <= 90)
    if _PLANNED.search(left):
        told_again = any(here[at : at + 2] in there for at in range(len(here) - 1))
        return bool(_FINISHED.search(between) or re.search("[了毕得]$", there) or told_again)
    return bool(_FINISHED.search(left) and _PLANNED.search(between))


def _last_clause(words: str) -> str:
    return re.split("[，,。；;：:、]", words)[-1]


def neighbours_alike(context: Context) -> Iterator[Finding]:
    """N18: one number with its unit for two different things in neighbouring sentences."""
    taken: set[str] = set()
    sentence_of = [context.sentences.index(context.sentence_at(p[0])) for p in context.places]
    counted = [
        i
        for i, c in enumerate(context.claims)
        if c.value_low is not None and not c.masked and c.value_low == c.value_high
    ]
    for i, j in combinations(counted, 2):
        first, second = context.claims[i], context.claims[j]
        if sentence_of[j] - sentence_of[i] > 2 or first.unit != second.unit or first.value_low != second.value_low:
            continue
        if (
            first.id in taken
            or second.id in taken
            or not _worth(context, first)
            or first.dimension in ("percent", "duration")
        ):
            continue
        if first.per or second.per or "rule" in (first.status, second.status) or first.part_of == second.id:
            continue
        if (
            context.is_ahead(context.places[i][0])
            or _tells_the_same(context, i, j)
            or (first.surface != second.surface)
        ):
            continue
        taken |= {first.id, second.id}
        yield context.finding(
            f"相邻两处“{first.object or ''}”与“{second.object or ''}”的数字同为{second.surface}。",
            [context.of_claim(first), context.of_claim(second)], formula=f"{first.surface}={second.surface}",
        )  # fmt: skip


def _worth(context: Context, claim: Claim) -> bool:
    return claim.value_low is not None and claim.value_low >= context.option("least_value")


def _tells_the_same(context: Context, i: int, j: int) -> bool:
    """Whether the two can well be one figure told again, one standard kept twice, or a plan and its result."""
    first, second = context.claims[i], context.claims[j]
    left, right = context.clause_before(first), context.clause_before(second)
    if re.search("每|各|均|统一|标准|按", left + right):
        return True
    if _PLANNED.search(left) and _FINISHED.search(right) and not re.search("预计|计划", right):
        return True
    if re.search(r"这|该|上述|以上|其|全部|均|剩余|同期|相同|同样|也|仍", right):
        return True
    after = [context.shadow[context.places[n][1] : context.places[n][1] + 2] for n in (i, j)]
    if after[0] == after[1] and re.fullmatch("[一-鿿]{2}", after[0]):
        return True  # 572名老人…，572名老人全部…
    digits = plain(first.value_low or Decimal(0)).replace(".", "").strip("0")
    adjoining = not re.search(r"\d", context.shadow[context.places[i][1] : context.places[j][0]])
    alike = bool(set(first.object or "") & set(second.object or ""))
    if first.object == second.object or (alike and (first.object or "")[-2:] == (second.object or "")[-2:]):
        if adjoining and left != right and (left[:2], left[-2:]) == (right[:2], right[-2:]):
            return False  # 投入改厕资金247.5万元，投入绿化资金247.5万元
        subjects = _subject(context, first), _subject(context, second)
        return not all(len(subject) >= 4 for subject in subjects) or _overlap(*subjects) > Decimal("0.5")
    return len(digits) < 3 and not (adjoining and first.action and second.action and digits != "1")


def _subject(context: Context, claim: Claim) -> str:
    """The words of the claim's sentence before its own clause: who or what it speaks of."""
    return re.split("[；;]", _so_far(context, claim))[-1].removesuffix(context.clause_before(claim)).strip("，,")


def _overlap(first: str, second: str) -> Decimal:
    common = len(set(first) & set(second))
    return Decimal(common) / max(1, min(len(set(first)), len(set(second))))


CHECKS: dict[str, Check] = {
    "N04": contradiction,
    "N05": cumulative,
    "N11": exactly_as_planned,
    "N18": neighbours_alike,
}
