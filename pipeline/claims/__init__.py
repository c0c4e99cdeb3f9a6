"""Tokens → claims: which numbers are claims, what was done to what, how firmly, by whom.

`extract` is the room's door; each step is a function of its own: `kinds.kind_of` (claim, date, name, …),
`clauses.govern` (action and object), `bases.per`, `status.status` and `scopes.scope`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Doc

from pipeline.claims import bases, clauses, distribution, governors, kinds, scopes, status
from pipeline.claims import cells as tables
from pipeline.claims import words as w
from pipeline.claims.measure_words import FREQUENCIES
from pipeline.lexicon import units
from pipeline.records import Claim, Document, Heading, Issue, Mention, Quantity, Segment, Text

LAST_YEAR = scopes.LAST_YEAR
names_plan = status.names_plan
_BRACKETED = re.compile("[（(]([一-鿿]{1,2})[）)]")
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
    mentions, chosen = _mentions(text, tokens, cells, _shared_units(shadow, quantities))
    dates = {m.start: _date_end(shadow, m.end) for m in mentions if m.kind == "date"}
    words = w.read(shadow, tokens, {q.start: (i, _behind_unit(shadow, q)) for i, q in enumerate(chosen)}, dates)
    governed = clauses.govern(words, chosen)
    years = set(_YEAR.findall(shadow))
    outlooks = status.outlooks(shadow, headings, segments, chosen)
    claims: list[Claim] = []
    position = 0
    for i, quantity in enumerate(chosen):
        while position + 1 < len(segments) and segments[position].end <= quantity.start:
            position += 1
        segment = segments[position] if segments else None
        if segment is not None and not segment.start <= quantity.start < segment.end:
            segment = None
        outlook = outlooks[position]
        claim = _claim(text, quantity, governed.get(i, governors.Governor()), segment, outlook, years, claims)
        cell = tables.at(cells, quantity.start)
        if cell is not None:
            claim = cell.read(claim) if cell.alone(shadow, quantity) == "claim" else cell.beside(claim)
        claims.append(claim)
    return tuple(mentions), tuple(_linked(distribution.sums(claims, shadow))), tuple(_doubts(claims))


def _mentions(
    text: Text, tokens: w.Tokens, cells: Sequence[tables.Cell], quantities: Sequence[Quantity]
) -> tuple[list[Mention], list[Quantity]]:
    """Every number with its kind, and the quantities that are claims."""
    mentions: list[Mention] = []
    chosen: list[Quantity] = []
    for quantity in quantities:
        kind, rule = kinds.kind_of(text.shadow, quantity)
        spelled = quantity.script == "chinese" and quantity.unit not in (None, "番")
        spelled = spelled and quantity.number_end - quantity.number_start < len("一百多")
        if kind == "claim" and spelled and not tokens.holds(quantity.start, quantity.end):
            kind, rule = "name", "inside_word"
        cell = tables.at(cells, quantity.start)
        if cell is not None and (alone := cell.alone(text.shadow, quantity)):
            kind, rule = alone, "cell"
        mentions.append(Mention(kind, quantity.start, quantity.end, text.clean[quantity.start : quantity.end], rule))
        if kind == "claim":
            chosen.append(quantity)
    return mentions, chosen


def _date_end(shadow: str, end: int) -> int:
    tail = _DATE_TAIL.match(shadow, end)
    return tail.end() if tail else end


def _behind_unit(shadow: str, quantity: Quantity) -> int:
    """Where what is counted may begin: behind a second unit in brackets, as in 4台（套）设备."""
    other = _BRACKETED.match(shadow, quantity.end) if quantity.unit else None
    return other.end() if other and other[1] in units() else quantity.end


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


def _claim(
    text: Text, q: Quantity, governor: governors.Governor, segment: Segment | None, outlook: str, years: set[str],
    before: list[Claim],
) -> Claim:  # fmt: skip
    shadow = text.shadow
    per = _base(shadow, q, before)
    counts = per and q.dimension == "count" and (q.unit is None or q.unit in FREQUENCIES)
    stage = _stage(shadow, q, governor, per, outlook, scope := scopes.scope(shadow, q))
    if stage == "state" and not governor.action and before and _BESIDE.fullmatch(shadow, before[-1].end, q.start):
        stage = before[-1].status
    people = q.unit if q.unit in _PEOPLE else None  # 惠及3.38万群众: what is counted stands where the unit would
    unit = None if people else _BARE_UNITS.get(q.unit or "", q.unit)
    return Claim(
        id=f"{q.start}-{q.end}", start=q.start, end=q.end, surface=text.clean[q.start : q.end],
        value_low=q.value_low, value_high=q.value_high, masked=q.masked,
        relation=_listed_relation(shadow, q, before), unit=unit,
        dimension="frequency" if counts else _dimension(shadow, q), per=per, status=stage, rule=governor.rule,
        action=governor.action or None, object=people or governor.object or None,
        label=segment.label if segment else None, topic=segment.topic if segment else None,
        heading_path=segment.heading_path if segment else (), scope=scope,
        part_of=before[governor.breakdown].id
        if governor.breakdown is not None and governor.breakdown < len(before) else None,
        doubt="masked" if q.masked else "year_as_value" if _overwritten(shadow, q, years) else None,
    )  # fmt: skip


_PEOPLE = ("群众", "居民")
# The same thing in another measure: 拆除违建47处、面积6420平方米; 退还红包2个，计1200元
_BESIDE = re.compile("[，、（(](?:(?:总|占地|建筑)?面积|[全总]?长度?|[共合]?计|价值)?")
_QUOTAS = ("用地指标", "能耗指标", "排放指标")  # things that are given out, no aims
# What a unit is written with and is no part of it: 0.9个百分点, 一百多号人, 8大类, 从14个单位.
_BARE_UNITS = {
    "个百分点": "百分点", "个小时": "小时", "个工作日": "工作日", "号人": "人", "大类": "类", "个单位": "个",
}  # fmt: skip
_LISTED = re.compile(r"[^，。；\d]{0,8}、[^，。；\d]{0,8}")


def _dimension(shadow: str, q: Quantity) -> str:
    """The dimension of a quantity: a bare number may be an index or a rate by the words before it."""
    if q.unit is not None or q.dimension != "count" or q.script != "arabic":
        return q.dimension
    named = _BARE_MEASURE.search(shadow, max(0, q.start - 24), q.start)
    return "level" if named and named["level"] else "ratio" if named else q.dimension


_BARE_MEASURE = re.compile(
    r"(?:(?P<level>指数|系数|评分|得分)|[一-鿿](?:率|比(?!上|较|去|[一-鿿]*[增减多少])))"
    r"[^，。；、\d]{0,4}(?:[\d.]+[一-鿿]{2,4}[到至为])?$"
)


def _base(shadow: str, q: Quantity, before: list[Claim]) -> str | None:
    """The base of a figure, its own or that of the list it stands in: 每个网格配1名镇干部、2名村干部."""
    per = bases.per(shadow, q)
    if per is None and before and before[-1].per and _LISTED.fullmatch(shadow[before[-1].end : q.start]):
        return before[-1].per
    return per


def _overwritten(shadow: str, q: Quantity, years: set[str]) -> bool:
    """Whether a year of the text stands where the figure was: 2023余起."""
    digits = re.sub(r"\D", "", shadow[q.number_start : q.number_end])
    whole = "." not in shadow[q.start : q.end]
    return len(digits) in (4, 5) and digits[:4] in years and q.unit not in ("年", None) and whole


def _stage(
    shadow: str, q: Quantity, governor: governors.Governor, per: str | None, outlook: str, scope: str | None
) -> str:
    if scope == scopes.BEFORE:
        return "state"
    stage = status.status(shadow, q, governor.action, per, outlook)
    beyond = "超" in shadow[max(0, q.start - 6) : q.start]  # 超任务5户
    given = (governor.object or "").endswith(_QUOTAS)
    task = governors.is_task(governor, _BARE_UNITS.get(q.unit or "", q.unit)) and not beyond and not given
    laid_down = task and q.dimension not in ("percent", "ratio") and stage in ("done", "state")
    return "target" if laid_down else stage


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
