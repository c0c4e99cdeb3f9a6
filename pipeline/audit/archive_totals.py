"""What rates are reckoned by, held against what the place says elsewhere: N12."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.audit.base import ArchiveCheck, ArchiveContext
from pipeline.compare.cells import is_whole
from pipeline.lexicon import rows
from pipeline.records import Finding

CODES = ("profile.households", "profile.population_total", "profile.population_resident")
_RATE = re.compile("[%％]|百分之|率")
_ENDS = "。；！？\n"
_WHOLE = re.compile(r"(?:全[镇乡村]|全街道|辖区|总户数|总人口)(?:共|总?有|现有|总户数|农户|居民|为|计)*$")
_ALL_OF_THEM = re.compile("(?:农户|居民|住户|村民|群众|人口)?(?:中|全部|均|都|计|为基数|为分母|测算|来算)")
_OF_UNIT = {"户": CODES[0], "人": CODES[1]}
AROUND = 120  # characters of text on each side in which the sentence lies


@dataclass(frozen=True, slots=True)
class Total:
    """A number of all households or people that a report states."""

    who: str  # the place, or the report where its place is unknown
    year: int | None
    code: str
    unit: str
    value: Decimal
    claim: str
    sentence: str
    lead: str  # its clause up to the number


def shrinking_totals(context: ArchiveContext) -> Iterator[Finding]:
    """N12: a rate over fewer than the place has by its own word, or fewer of them than in the year before."""
    explained = re.compile(context.option("explained"))
    part = re.compile(context.option("part"))
    room = 1 - Decimal(context.option("least_percent")) / 100
    years: dict[tuple[str, str, str], dict[int | None, list[Total]]] = defaultdict(lambda: defaultdict(list))
    for total in _totals(context):
        years[total.who, total.code, total.unit][total.year].append(total)
    for by_year in years.values():
        for year, totals in by_year.items():
            most = max(totals, key=lambda total: total.value)
            rates = [one for one in totals if one.value < most.value * room and _RATE.search(one.sentence)]
            rates = [one for one in rates if not explained.search(one.sentence) and not part.search(one.lead)]
            yield from (_fewer(context, one, most) for one in rates)
            before = by_year.get(year - 1) if year is not None else None
            last = max(before, key=lambda total: total.value) if before else None
            if last and most.value < last.value * room and not explained.search(most.sentence):
                yield _fewer(context, most, last)


def _fewer(context: ArchiveContext, one: Total, most: Total) -> Finding:
    lost = f"{100 * (1 - one.value / most.value):.1f}%"
    here, there = context.of_claim(one.claim), context.of_claim(most.claim, "counterpart", f"{most.year or ''}年的总数")
    name = next(row["name_zh"] for row in rows("indicators") if row["code"] == one.code)
    when = f"{most.year}年" if most.year != one.year else "同年"
    message = f"{name}这里是{here.surface}，{when}另写为{there.surface}，少了{lost}；以它为分母的比率会偏高。"
    formula = f"1－{one.value:f}÷{most.value:f}={lost}"
    return context.finding(message, [here, there], [one.value, most.value], formula=formula)


def _totals(context: ArchiveContext) -> Iterator[Total]:
    found = context.database.connection.execute(
        "SELECT d.place, c.scope, coalesce(d.place, d.sha256), d.year, c.indicator, c.base_unit, c.base_value_low,"
        " c.id, substr(d.text, max(1, c.start + 1 - :around), min(c.start, :around)),"
        ' substr(d.text, c.start + 1, :around), c."end" - c.start'
        " FROM claims AS c JOIN documents AS d ON d.key = c.document"
        f" WHERE (c.indicator IN ({', '.join(map(repr, CODES))}) OR c.base_unit IN ('户', '人'))"
        " AND c.base_value_low = c.base_value_high"
        " AND c.part_of IS NULL AND c.doubt IS NULL AND c.status IN ('done', 'state')"
        " ORDER BY d.place, d.year, d.name, d.sha256, c.number",
        {"around": AROUND},
    )
    for place, scope, who, year, indicator, unit, value, claim, before, after, length in found:
        if scope and not is_whole(scope, place or ""):
            continue
        start = max(before.rfind(mark) for mark in _ENDS) + 1
        end = min((at for mark in _ENDS if (at := after.find(mark)) >= 0), default=len(after))
        lead = re.split("[，,；;]", before[start:])[-1]
        code = indicator if indicator in CODES else None
        if code is None and _WHOLE.search(lead) and _ALL_OF_THEM.match(after, length):
            code = _OF_UNIT[unit]  # 按全镇4300户计算, 全镇4200户居民全部建档
        if code:
            yield Total(who, year, code, unit, Decimal(value), claim, before[start:] + after[:end], lead)


ARCHIVE_CHECKS: dict[str, ArchiveCheck] = {"N12": shrinking_totals}
