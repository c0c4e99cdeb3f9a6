"""Reports held against their own population and against reports of their kind: N07, F10."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from pipeline.audit import reuse_archive
from pipeline.audit.base import ArchiveCheck, ArchiveContext
from pipeline.compare.cells import is_whole
from pipeline.lexicon import rows
from pipeline.records import Finding

PERSONS = 3  # of a household, where a report tells households only
LARGE = ("prefecture", "province")  # whose parts are told in the same words as they are
OFTEN = 3  # times that one may have what there is at most of it on the average


@dataclass(frozen=True, slots=True)
class Figure:
    """A claim with a code and a number."""

    document: str
    level: str | None
    indicator: str
    unit: str | None
    value: Decimal
    claim: str
    name: str = ""  # of what the catalogue has no code for


def unlikely_per_head(context: ArchiveContext) -> Iterator[Finding]:
    """N07: more a head or household than there can be, or far more than anywhere else."""
    figures = _figures(context)
    totals: dict[tuple[str, str], Figure] = {}
    for figure in figures:
        key = figure.document, figure.indicator
        if figure.value and (key not in totals or totals[key].value < figure.value):
            totals[key] = figure
    peers: dict[tuple[str, str | None, str | None], list[tuple[Decimal, Figure, Figure]]] = defaultdict(list)
    told: set[str] = set()
    caps = context.option("caps")
    for figure in figures:
        whole = totals.get((figure.document, _catalogue()[figure.indicator][1]))
        if whole and whole.unit != figure.unit:
            peers[figure.indicator, figure.unit, figure.level].append((figure.value / whole.value, figure, whole))
        for code, most in caps.get(figure.indicator, {}).items():
            whole = totals.get((figure.document, code))
            if whole and whole.claim != figure.claim and figure.value / whole.value > Decimal(most):
                told.add(figure.claim)
                yield _unlikely(context, figure, whole, f"，一般不会超过{most}", f"＞{most}")
                break
    for figure, whole, most in _beyond_kind(context, totals, told):
        told.add(figure.claim)
        yield _unlikely(context, figure, whole, f"，一般不会超过{_short(most)}", f"＞{_short(most)}")
    yield from _of_each(context)
    for group in peers.values():
        if len(group) < context.option("least_peers"):
            continue
        low, high = _quartiles([ratio for ratio, _, _ in group])
        fence = high * (high / low) ** context.option("fences") if low else Decimal(0)  # ratios spread by factors
        for ratio, figure, whole in group:
            if ratio > fence > high and figure.claim not in told:
                spread = f"；本库{len(group)}个同类数字的中间一半在{_short(low)}到{_short(high)}之间"
                yield _unlikely(context, figure, whole, spread, f"＞{_short(fence)}")


def _beyond_kind(
    context: ArchiveContext, totals: Mapping[tuple[str, str], Figure], told: Set[str]
) -> Iterator[tuple[Figure, Figure | None, Decimal]]:
    """(figure, whole, the most) of claims that no cap of their own holds, by what was done and in what unit; without a
    whole where the report tells of none, and the figure is beyond the largest place of its level."""
    for place, scope, sha256, level, indicator, unit, value, claim, name, _ in _claims(context, "c.per IS NULL"):
        if claim in told or indicator in context.option("caps") or not _is_own(scope, place, level) or level in LARGE:
            continue
        if (cap := _kind_cap(context, unit, name)) is None:
            continue
        figure = Figure(sha256, level, indicator or "", unit, Decimal(value), claim, name)
        codes = ("profile.population_total", "profile.population_resident", "profile.households")
        whole = next((totals[sha256, code] for code in codes if (sha256, code) in totals), None)
        if whole is None:
            most = cap * Decimal(context.option("largest").get(level or "", 0))
            if 0 < most < figure.value:
                yield figure, None, most
            continue
        most = cap * (PERSONS if whole.indicator == "profile.households" else 1)
        if figure.value / whole.value > most:
            yield figure, whole, most


def _is_own(scope: str | None, place: str | None, level: str | None) -> bool:
    """Whether a scope is all of the reporting place, though a 街道 may write 全镇."""
    township = level == "township" and scope in ("全镇", "全乡", "全街道", "我镇", "我乡")
    return scope is None or township or is_whole(scope, place or "")


def _kind_cap(context: ArchiveContext, unit: str | None, name: str) -> Decimal | None:
    """The most for one inhabitant of what is told in a unit under a name; none where nothing is known of it."""
    for kind in context.option("kinds"):
        if unit in kind["units"] and re.search(kind["verbs"], name) and not re.search(kind["except"], name):
            return Decimal(kind["most"])
    return None


def _of_each(context: ArchiveContext) -> Iterator[Finding]:
    """Figures told for one of something, as 每户配发垃圾桶337个, beyond what one of it can have."""
    persons, codes = context.option("persons"), {"户": "profile.households", "人": "profile.population_total"}
    for _, _, _, _, indicator, unit, value, claim, name, per in _claims(context, "c.per IS NOT NULL"):
        if per not in persons:
            continue
        cap = context.option("caps").get(indicator, {}).get(codes.get(per))
        unit = (unit or "").split("/")[0]
        kind = _kind_cap(context, unit, name)
        most = Decimal(cap) * OFTEN if cap else kind * Decimal(persons[per]) if kind is not None else None
        if most is not None and Decimal(value) > most:
            short = _short(Decimal(value))
            message = f"{name}每{per}{short}{unit}，一般不会超过{_short(most)}。"
            yield context.finding(message, [context.of_claim(claim)], [value], formula=f"{short}＞{_short(most)}")


def _claims(context: ArchiveContext, which: str) -> Iterator[Any]:
    """(place, scope, sha256, level, indicator, unit, value, id, name, per) of what is told as done or as it is."""
    yield from context.database.connection.execute(
        "SELECT d.place, c.scope, d.sha256, d.level, c.indicator,"
        " CASE WHEN c.dimension IN ('count', 'frequency') THEN c.unit ELSE c.base_unit END, c.base_value_low, c.id,"
        " COALESCE(c.action, '') || COALESCE(c.object, ''), c.per"
        " FROM claims AS c JOIN documents AS d ON d.key = c.document WHERE c.base_value_low IS NOT NULL"
        " AND c.dimension IN ('count', 'frequency', 'length', 'area', 'mass', 'money')"
        f" AND c.status IN ('done', 'state') AND c.doubt IS NULL AND {which}"
        " ORDER BY d.name, d.sha256, c.number"
    )


def _unlikely(context: ArchiveContext, figure: Figure, whole: Figure | None, against: str, limit: str) -> Finding:
    name = figure.name or _catalogue()[figure.indicator][0]
    told = f"{name}{figure.value:f}{figure.unit or ''}"
    if whole is None:
        message = f"{told}{against}（报告没有写人口，按同级最大的辖区计）。"
        formula = f"{figure.value:f}{limit}"
        return context.finding(message, [context.of_claim(figure.claim)], [figure.value], formula=formula)
    ratio, base = _short(figure.value / whole.value), _catalogue()[whole.indicator][0]
    message = f"{told}，按{base}{whole.value:f}折算为{ratio}{against}。"
    evidence = [context.of_claim(figure.claim), context.of_claim(whole.claim, "counterpart", base)]
    formula = f"{figure.value:f}÷{whole.value:f}={ratio}{limit}"
    return context.finding(message, evidence, [figure.value, whole.value], formula=formula)


def _figures(context: ArchiveContext) -> list[Figure]:
    found = context.database.connection.execute(
        "SELECT d.place, c.scope, d.sha256, d.level, c.indicator, c.base_unit, c.base_value_low, c.id FROM claims AS c"
        " JOIN documents AS d ON d.key = c.document WHERE c.base_value_low IS NOT NULL"
        " AND c.status IN ('done', 'state') AND c.part_of IS NULL AND c.doubt IS NULL AND c.indicator IS NOT NULL"
        " ORDER BY d.name, d.sha256, c.number"
    )
    return [
        Figure(sha256, level, indicator, unit, Decimal(value), claim)
        for place, scope, sha256, level, indicator, unit, value, claim in found
        if indicator in _catalogue() and _is_own(scope, place, level)
    ]


def _quartiles(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    ordered = sorted(values)
    return ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]


def _short(value: Decimal) -> str:
    digits = 2 if value >= Decimal("0.1") else 4
    return format(round(value, digits).normalize(), "f")


@cache
def _catalogue() -> dict[str, tuple[str, str]]:
    return {row["code"]: (row["name_zh"], row["denominator"]) for row in rows("indicators")}


def dense_phrases(context: ArchiveContext) -> Iterator[Finding]:
    """F10: a report that consists of set phrases more than nearly all of its kind."""
    reuse_archive.refresh(context.database)
    levels: dict[Any, list[tuple[float, str]]] = defaultdict(list)
    level_of = dict(context.database.connection.execute("SELECT sha256, level FROM documents"))
    for writing in reuse_archive.writings(context.database):
        if writing.phrase_share is not None:
            levels[level_of[writing.sha256]].append((writing.phrase_share, writing.sha256))
    for group in levels.values():
        group.sort()
        if len(group) < context.option("least_documents"):
            continue
        typical = group[len(group) // 2][0]
        for share, sha256 in group[len(group) * context.option("percentile") // 100 :]:
            if 100 * share >= context.option("least_percent"):
                length = context.database.connection.execute(
                    "SELECT characters FROM documents WHERE sha256 = ?", (sha256,)
                ).fetchone()[0]
                message = f"全文{100 * share:.0f}%的字属于各地通用的套话，"
                message += f"同级{len(group)}份报告的中位数是{100 * typical:.0f}%。"
                yield context.finding(message, [context.span(sha256, 0, min(60, length))], [round(100 * share)])


ARCHIVE_CHECKS: dict[str, ArchiveCheck] = {
    "F10": dense_phrases,
    "N07": unlikely_per_head,
}
