"""Tokens → claims: which numbers are claims, what was done to what, how firmly, by whom.

`extract` is the room's door; each step is a function of its own: `kinds.kind_of` (claim, date, name, …),
`clauses.govern` (action and object), `status.per` and `status.status`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Doc

from pipeline.claims import cells as tables
from pipeline.claims import clauses, governors, kinds, status
from pipeline.claims import words as w
from pipeline.lexicon import one_of, units, verbs
from pipeline.records import Claim, Document, Heading, Issue, Mention, Quantity, Segment, Text

# Whom or where a figure speaks of: the whole of an area, a kind of area, or a village or community by its name.
_VILLAGE = rf"(?!{one_of('no_village_name')})[一-鿿]{{2,4}}(?<![各每全该本农政制中辖])(?:村|社区)"
_SCOPE = re.compile(
    r"(?:(?P<scope>全(?:[县市区镇乡省州]|街道|村))|(?<![一-鿿])(?P<area>县?城区|建成区|集镇|镇区|各(?:村|社区|单位|部门))"
    rf"|(?<![一-鿿])(?P<name>(?:{_VILLAGE}、)*{_VILLAGE}))"
    r"(?![民委级庄组容干口道镇支])[^，。；\n]{0,30}$"
)
_NEXT = re.compile(rf"(?<=[、：，])(?P<name>{_VILLAGE})(?=\d|$)[^，。；\n]{{0,3}}$")  # 大茅坝村212户、石羊坳村156户
# A rate of these is none of the whole place: 贫困地区自来水普及率86%.
_PART = re.compile(
    r"(?<![一-鿿])(?:[脱原]?贫困?地区|易地?(?:扶贫)?搬?迁(?:集中)?(?:安置)?[点区]|安置[点区]|城中村|城乡结合部|山区|库区)"
    r"(?=[^，。；：\n]{2,14}率[^，。；\n]{0,4}$)"
)
LAST_YEAR = "上年"  # the scope of a cell that tells the year before, for comparison
BEFORE = "此前"  # the scope of the first of two numbers in 由78.6%提高到84.2%
YEARLY = "年均"  # the scope of a mean of several years: 年均增长6.5%
_YEARLY = re.compile(r"(?:年均|年平均|平均每年)[^，。；：\n\d]{0,8}$")
DIFFERENCE = "增减"  # the scope of what only tells a change: 比上年多投入78万元
_DIFFERS = re.compile(
    r"(?:比|较|同比|环比)[^，。；：\n]{0,14}?(?:多|少|增|减|高|低|升|降|涨|超)[^，。；：\n\d至到]{0,6}$|(?:同比|环比)[^，。；：\n\d至到]{0,6}$"
)
_FORMERLY = re.compile(r"原(?:来|有|本|先)[^，。；\n\d]{0,10}$")  # 原有保洁员54名，现在62名
_FROM = re.compile(r"[由从](?:(?:上年|去年|年初|20\d\d年|\d+月)的?|原来的?|最初的?)?$")
_TO = re.compile(r"(?:以上|左右)?[，]?[一-鿿]{0,5}?[到至为]")
_DATE_TAIL = re.compile("(?:月?份|[年月日号底末初前])*")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")


def extract(
    text: Text, doc: Doc, quantities: Sequence[Quantity], segments: Sequence[Segment], headings: Sequence[Heading] = (),
    document: Document | None = None,
) -> tuple[tuple[Mention, ...], tuple[Claim, ...], tuple[Issue, ...]]:  # fmt: skip
    """Every number of the text with its kind, the claims among them, and what is doubtful about those.

    `quantities` are `quantities.find(text.shadow)` and `doc` its words; spans count in `text.clean`. With `document`,
    numbers in table cells are read with the heads of their rows and columns.
    """
    shadow = text.shadow
    cells = tables.find(text, document)
    tokens = w.Tokens(doc)
    mentions: list[Mention] = []
    chosen: list[Quantity] = []
    dates: dict[int, int] = {}
    for quantity in _shared_units(shadow, quantities):
        kind, rule = kinds.kind_of(shadow, quantity)
        spelled = quantity.script == "chinese" and quantity.unit is not None
        if kind == "claim" and spelled and not tokens.holds(quantity.start, quantity.end):
            kind, rule = "name", "inside_word"
        cell = tables.at(cells, quantity.start)
        if cell is not None and (alone := _alone_in(cell, shadow, quantity)):
            kind, rule = alone, "cell"
        mentions.append(Mention(kind, quantity.start, quantity.end, text.clean[quantity.start : quantity.end], rule))
        if kind == "claim":
            chosen.append(quantity)
        elif kind == "date":
            tail = _DATE_TAIL.match(shadow, quantity.end)
            dates[quantity.start] = tail.end() if tail else quantity.end
    words = w.read(shadow, tokens, {quantity.start: (i, quantity.end) for i, quantity in enumerate(chosen)}, dates)
    governed = clauses.govern(words, chosen)
    years = set(_YEAR.findall(shadow))
    torn = _torn_out(shadow, headings)
    looks_ahead = torn and status.tense(shadow) > status.exactness(shadow, chosen)
    claims: list[Claim] = []
    position = 0
    for i, quantity in enumerate(chosen):
        while position + 1 < len(segments) and segments[position].end <= quantity.start:
            position += 1
        segment = (
            segments[position]
            if segments and segments[position].start <= quantity.start < segments[position].end
            else None
        )
        planned = looks_ahead if torn else segment is not None and segment.role == "plan"
        claim = _claim(text, quantity, governed.get(i, governors.Governor()), segment, planned, years, claims)
        cell = tables.at(cells, quantity.start)
        if cell is not None and _alone_in(cell, shadow, quantity) == "claim":
            claim = _in_cell(claim, cell)
        claims.append(claim)
    return tuple(mentions), tuple(_linked(claims)), tuple(_doubts(claims))


def _shared_units(shadow: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """分别为3、4、5个: the unit at the end of a list holds for all its numbers, unless 万 or 亿 leaves doubt."""
    shared = list(quantities)
    for i in range(len(shared) - 2, -1, -1):
        here, following = shared[i], shared[i + 1]
        listed = shadow[here.end : following.start] in ("、", "和", "及") and here.script == "arabic"
        if listed and here.unit == "个" and following.unit == "个百分点":  # 提高1个和0.9个百分点
            shared[i] = replace(here, unit=following.unit, dimension=following.dimension)
            continue
        if not listed or here.unit is not None or following.unit is None or following.multiplier or here.multiplier:
            continue
        clause = re.split(r"[，。；：\n]", shadow[max(0, here.start - 40) : here.start])[-1]
        if "分别" in clause:
            shared[i] = replace(here, unit=following.unit, dimension=following.dimension)
    return shared


def _torn_out(shadow: str, headings: Sequence[Heading]) -> bool:
    """Whether the text is a passage without the headings it stood under: only its tense tells deed from plan.

    A sentence or two have no room for cues, and a long text has headings of its own.
    """
    headed = any(heading.level == 0 or heading.series in ("一、", "第一章", "style") for heading in headings)
    return 150 < len(shadow) < 2000 and not headed


def _alone_in(cell: tables.Cell, shadow: str, quantity: Quantity) -> str | None:
    """The kind of a number that fills its cell; None where the cell says more."""
    rest = shadow[cell.start : quantity.start] + shadow[quantity.end : cell.end]
    if re.sub(r"[\s约近余多以上≥≤]", "", rest) or (quantity.script == "chinese" and quantity.unit is None):
        return None
    year = quantity.unit in (None, "年") and re.fullmatch(
        r"(?:19|20)\d\d", shadow[quantity.number_start : quantity.number_end]
    )
    return "claim" if cell.counted and not (year and re.search("年", cell.column_head + cell.row_head)) else "ordinal"


def _in_cell(claim: Claim, cell: tables.Cell) -> Claim:
    action, counted, scope = cell.governor()
    unit, dimension = claim.unit, claim.dimension
    if unit is None and cell.unit:
        unit, factor = cell.unit, 1
        for word, size in (("亿", 10**8), ("万", 10**4)):
            if unit.startswith(word) and len(unit) > 1:
                unit, factor = unit[1:], 1 if word in claim.surface else size
        if claim.value_low is not None and claim.value_high is not None:
            claim = replace(claim, value_low=claim.value_low * factor, value_high=claim.value_high * factor)
    known = units().get(unit or "")
    dimension = known[1] if known else dimension
    stage = "target" if cell.target else "done" if action and claim.status == "state" else claim.status
    if cell.last_year:
        scope = LAST_YEAR
    return replace(claim, action=action, object=counted, unit=unit, dimension=dimension, rule="cell",
                   scope=scope or claim.scope, status=stage)  # fmt: skip


def _claim(
    text: Text, q: Quantity, governor: governors.Governor, segment: Segment | None, planned: bool, years: set[str],
    before: list[Claim],
) -> Claim:  # fmt: skip
    shadow = text.shadow
    per = status.per(shadow, q)
    if (
        per is None
        and before
        and before[-1].per
        and re.fullmatch(r"[^，。；\d]{0,8}、[^，。；\d]{0,8}", shadow[before[-1].end : q.start])
    ):
        per = before[-1].per  # 每个网格配1名镇干部、2名村干部
    dimension = (
        "frequency"
        if per and q.dimension == "count" and (q.unit is None or q.unit in ("次", "场", "期", "轮"))
        else q.dimension
    )
    counted = governor.object or None
    if q.unit == "群众":  # 惠及3.38万群众: what is counted stands where the unit would
        q, counted = replace(q, unit=None), "群众"
    unit = q.unit.removeprefix("个") if q.unit in ("个百分点", "个小时", "个工作日") else q.unit
    low, high, doubt = q.value_low, q.value_high, None
    digits = re.sub(r"\D", "", shadow[q.number_start : q.number_end])
    if q.masked:
        doubt = "masked"
    elif (
        len(digits) in (4, 5)
        and digits[:4] in years
        and q.unit not in ("年", None)
        and "." not in shadow[q.start : q.end]
    ):
        doubt = "year_as_value"
    part_of = (
        before[governor.breakdown].id if governor.breakdown is not None and governor.breakdown < len(before) else None
    )
    scope = _scope_of(shadow, q)
    stage = "state" if scope == BEFORE else status.status(shadow, q, governor.action, per, planned)
    beyond = "超" in shadow[max(0, q.start - 6) : q.start]  # 超任务5户
    laid_down = governors.is_task(governor, q.unit) and q.dimension not in ("percent", "ratio") and not beyond
    if laid_down and stage in ("done", "state"):
        stage = "target"
    return Claim(
        id=f"{q.start}-{q.end}", start=q.start, end=q.end, surface=text.clean[q.start : q.end],
        value_low=low, value_high=high, masked=q.masked, relation=_listed_relation(shadow, q, before), unit=unit,
        dimension=dimension, per=per, action=governor.action or None, object=counted,
        status=stage,
        rule=governor.rule,
        label=segment.label if segment else None, topic=segment.topic if segment else None,
        heading_path=segment.heading_path if segment else (), scope=scope,
        part_of=part_of, doubt=doubt,
    )  # fmt: skip


def _scope_of(shadow: str, q: Quantity) -> str | None:
    """Whom or where a quantity speaks of, as its clause names it; None is the reporter itself."""
    if _FROM.search(shadow, max(0, q.start - 8), q.start) and _TO.match(shadow, q.end):
        return BEFORE
    if _FORMERLY.search(shadow, max(0, q.start - 14), q.start):
        return BEFORE
    if _YEARLY.search(shadow, max(0, q.start - 14), q.start):
        return YEARLY
    growth = q.dimension in ("percent", "ratio") and q.unit != "个百分点"  # a figure of its own: 增长8%
    if not growth and _DIFFERS.search(shadow, max(0, q.start - 30), q.start):
        return DIFFERENCE
    here = max(0, q.start - 40)
    if growth and (part := _PART.search(shadow, here, q.start)):
        return part[0]
    if status.WITH_EACH.search(shadow, here, q.start):
        return None
    named = _NEXT.search(shadow, here, q.start) or _SCOPE.search(shadow, here, q.start)
    if named is None:
        return None
    name = named["name"]
    if named.re is _NEXT:
        return str(name)
    if name and (any(name[:n] in verbs() for n in (2, 3)) or name.startswith(("个", "名", "岁", "群众"))):
        return None  # 培训村医, 备案农村聚餐: no name of a village
    return str(named["scope"] or named["area"] or name)


def _listed_relation(shadow: str, q: Quantity, before: list[Claim]) -> str:
    """分别超过40平方米和60平方米: a relation that stands before the list holds for each of its numbers."""
    if q.relation != "eq" or not before or before[-1].relation not in ("gt", "lt", "ge", "le", "approx"):
        return q.relation
    between = shadow[before[-1].end : q.start]
    start = max(0, before[-1].start - 8)
    return (
        before[-1].relation
        if between in ("和", "、", "及", "与") and "分别" in shadow[start : before[-1].start]
        else "eq"
    )


def _linked(claims: list[Claim]) -> list[Claim]:
    """Claims that only say an earlier one again point to it."""
    first: dict[tuple[object, ...], str] = {}
    linked: list[Claim] = []
    for claim in claims:
        said = (claim.object, claim.action, claim.unit, claim.per, claim.value_low, claim.value_high, claim.status)
        if claim.object is not None and not claim.masked and first.setdefault(said, claim.id) != claim.id:
            claim = replace(claim, repeat_of=first[said])
        linked.append(claim)
    return linked


def _doubts(claims: Sequence[Claim]) -> list[Issue]:
    found: list[Issue] = []
    for claim in claims:
        if claim.doubt == "masked":
            found.append(
                Issue(
                    "claims",
                    "masked_value",
                    f"{claim.surface}: the number is masked; no value is given",
                    claim.start,
                    claim.end,
                    "info",
                )
            )
        elif claim.doubt == "year_as_value":
            found.append(
                Issue(
                    "claims",
                    "year_as_value",
                    f"{claim.surface}: a year stands where a quantity is expected; kept as written",
                    claim.start,
                    claim.end,
                )
            )
        if claim.object is None:
            found.append(
                Issue(
                    "claims",
                    "no_object",
                    f"{claim.surface}: what is counted was not found",
                    claim.start,
                    claim.end,
                    "info",
                )
            )
    return found


def identify(sha256: str, start: int, end: int) -> str:
    """The id of a claim: a hash of the evidence, so that it survives a new version of the rules."""
    return hashlib.sha256(f"{sha256}:{start}:{end}".encode()).hexdigest()[:16]
