"""A place's reports held against its earlier ones: F08, N14."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from pipeline.audit.base import ArchiveCheck, ArchiveContext
from pipeline.compare.cells import is_whole
from pipeline.lexicon import rows
from pipeline.records import Evidence, Finding

SMALLEST = Decimal(10)  # one steering group is one in every year
GAP_OF_YEARS = 2
TENTH = Decimal("0.1")
_SEVERAL_YEARS = re.compile("[三五]年|十[二三四五六]五|到20\\d\\d年|20\\d\\d年底?[前末]")
Key = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as years are compared by."""

    document: str
    name: str
    place: str
    year: int  # that the report is on
    told_of: int | None  # that the figure is of
    indicator: str
    unit: str | None
    status: str
    scope: str | None
    low: Decimal | None
    high: Decimal | None
    state: str
    claim: str

    @property
    def key(self) -> Key:
        """What has to agree before two years are compared."""
        return self.indicator, self.unit, None if self.scope and is_whole(self.scope, self.place) else self.scope

    @property
    def exact(self) -> bool:
        """Whether it is one printed number."""
        return self.state == "exact"


def same_as_last_year(context: ArchiveContext) -> Iterator[Finding]:
    """N14: most figures of a report are those of the year before."""
    for before, after in _neighbours(_told(context)):
        earlier = {fact.key: fact for fact in before if _is_flow(fact)}
        pairs = [(earlier[fact.key], fact) for fact in after if _is_flow(fact) and fact.key in earlier]
        same = [(old, new) for old, new in pairs if old.low == new.low]
        if len(pairs) < context.option("least") or 100 * len(same) < context.option("least_percent") * len(pairs):
            continue
        share = round(100 * len(same) / len(pairs))
        new, old = same[0][1], same[0][0]
        shown = "、".join(f"{_name(fact.indicator)}{_number(fact)}" for _, fact in same[:6])
        message = (
            f"{new.place.partition('#')[0]}{new.year}年报告与{old.year}年可比的{len(pairs)}个数字中{len(same)}个完全相同"
            f"（{share}%）：{shown}{'等' if len(same) > 6 else ''}。"
        )
        here = [context.of_claim(fact.claim, note=f"{fact.year}年") for _, fact in same]
        there = [context.of_claim(fact.claim, "counterpart", f"{fact.year}年") for fact, _ in same]
        formula = f"{len(same)}÷{len(pairs)}={share}%"
        yield context.finding(message, here + there, [_number(fact) for _, fact in same], formula=formula)


def broken_promises(context: ArchiveContext) -> Iterator[Finding]:
    """F08: a target of last year's report that this year's result misses, or that this year's report is silent on."""
    planned = _planned(context)
    for before, after in _neighbours(_told(context)):
        results: dict[Key, list[Told]] = defaultdict(list)
        for fact in after:
            if fact.status in ("done", "state") and fact.told_of in (None, fact.year):
                results[fact.key].append(fact)
        silent: list[Told] = []
        if after[0].year != before[0].year + 1:
            continue
        for target in before:
            of_next_year = target.told_of in (None, target.year, target.year + 1)
            if target.status != "target" or target.claim not in planned or "|" in target.indicator or not of_next_year:
                continue
            found = [fact for fact in results.get(target.key, []) if fact.state in ("exact", "approx")]
            if not results.get(target.key):
                silent.append(target)
            elif found and all(_misses(target, fact) for fact in found):
                yield _missed(context, target, found[0])
        if silent:
            yield _unmentioned(context, silent, after)


def _told(context: ArchiveContext) -> list[Told]:
    """The facts of all reports whose place and year are known, by place, year and report."""
    found = context.database.connection.execute(
        "SELECT d.sha256, d.name, d.place, d.year, f.year, f.indicator, f.unit, f.status, f.scope,"
        " f.value_low, f.value_high, f.state, json_extract(f.claims, '$[0]') FROM facts AS f"
        " JOIN documents AS d ON d.key = f.document"
        " WHERE d.place IS NOT NULL AND d.year IS NOT NULL ORDER BY d.place, d.year, d.name, d.sha256, f.number"
    )
    return [Told(*values[:9], *(None if end is None else Decimal(end) for end in values[9:11]), *values[11:])
            for values in found]  # fmt: skip


def _neighbours(facts: Sequence[Told]) -> Iterator[tuple[list[Told], list[Told]]]:
    """For each report the facts of the place's reports one year or two before, and its own."""
    places: dict[str, dict[int, dict[str, list[Told]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for fact in facts:
        places[fact.place][fact.year][fact.document].append(fact)
    for years in places.values():
        for year, documents in years.items():
            before = next((year - gap for gap in range(1, GAP_OF_YEARS + 1) if year - gap in years), None)
            if before is not None:
                for own in documents.values():
                    yield [fact for told in years[before].values() for fact in told], own


def _is_flow(fact: Told) -> bool:
    """Whether the figure may well differ from year to year: no stock, no small number, no full mark."""
    stock = _catalogue().get(fact.indicator, {}).get("stage") == "context"
    if not fact.exact or stock or fact.low is None or fact.status not in ("done", "state"):
        return False
    return fact.low >= SMALLEST and not (fact.unit == "%" and fact.low == 100)


def _planned(context: ArchiveContext) -> set[str]:
    """The claims that stand in what reports say of the next year, and not of several years."""
    found = context.database.connection.execute(
        "SELECT c.id, c.heading_path, substr(d.text, max(1, c.start - 60), 80) FROM claims AS c"
        " JOIN documents AS d ON d.key = c.document WHERE c.label = 'next_steps'"
    )
    return {id_ for id_, path, around in found if not _SEVERAL_YEARS.search(path + around)}


def _misses(target: Told, result: Told) -> bool:
    """Whether a result falls short of a target; 左右 and 约 leave a tenth of room."""
    direction = _catalogue().get(target.indicator, {}).get("direction", "0")
    room = TENTH if target.state == "approx" or result.state == "approx" else Decimal(0)
    if result.low is None or direction == "0":
        return False
    if target.low is None or direction == "-":
        aim = target.high if target.high is not None else target.low
        return aim is not None and result.low > aim * (1 + room)
    return result.low < target.low * (1 - room)


def _missed(context: ArchiveContext, target: Told, result: Told) -> Finding:
    here = context.of_claim(result.claim, note=f"{result.year}年结果")
    there = context.of_claim(target.claim, "counterpart", f"{target.year}年提出的目标")
    message = (
        f"{target.year}年报告提出{_name(target.indicator)}{there.surface}，"
        f"{result.year}年报告的结果是{here.surface}，没有达到。"
    )
    gap = f"{_number(result)}－{_number(target)}={_plain(_low(result) - _low(target))}{target.unit or ''}"
    return context.finding(message, [here, there], [_number(result), _number(target)], formula=gap)


def _unmentioned(context: ArchiveContext, silent: list[Told], after: list[Told]) -> Finding:
    shown = silent[: context.option("most_silent")]
    evidence = [context.of_claim(fact.claim, "counterpart", "上年目标") for fact in shown]
    names = "、".join(f"{_name(fact.indicator)}{e.surface}" for fact, e in zip(shown, evidence, strict=True))
    message = (
        f"{silent[0].year}年报告提出的{len(silent)}个目标（{names}{'等' if len(silent) > len(shown) else ''}），"
        f"{after[0].year}年报告没有交代。"
    )
    where = _beginning(context, after[0].document)
    return context.finding(message, [where, *evidence], severity=context.option("silent_severity"))


def _beginning(context: ArchiveContext, sha256: str) -> Evidence:
    row = context.database.connection.execute(
        'SELECT s.start, s."end" FROM segments AS s JOIN documents AS d ON d.key = s.document'
        " WHERE d.sha256 = ? ORDER BY s.role <> 'title', s.number LIMIT 1",
        (sha256,),
    ).fetchone()
    return context.span(sha256, row[0], min(row[1], row[0] + 60), note="本年报告")


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows("indicators")}


def _name(indicator: str) -> str:
    row = _catalogue().get(indicator)
    return row["name_zh"] if row else indicator.replace("|", "")


def _low(fact: Told) -> Decimal:
    value = fact.low if fact.low is not None else fact.high
    assert value is not None
    return value


def _number(fact: Told) -> str:
    return _plain(_low(fact))


def _plain(value: Decimal) -> str:
    text = format(round(value, 2), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


ARCHIVE_CHECKS: dict[str, ArchiveCheck] = {
    "F08": broken_promises,
    "N14": same_as_last_year,
}
