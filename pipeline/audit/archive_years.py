"""A place's reports held against its earlier ones: N14, and what F08 needs too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from pipeline.audit.base import ArchiveCheck, ArchiveContext
from pipeline.compare.cells import is_whole
from pipeline.lexicon import rows
from pipeline.records import Finding

SMALLEST = Decimal(10)  # one steering group is one in every year
GAP_OF_YEARS = 2
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
    for before, after in _neighbours(facts_told(context)):
        earlier = {fact.key: fact for fact in before if _is_flow(fact)}
        pairs = [(earlier[fact.key], fact) for fact in after if _is_flow(fact) and fact.key in earlier]
        same = [(old, new) for old, new in pairs if old.low == new.low]
        if len(pairs) < context.option("least") or 100 * len(same) < context.option("least_percent") * len(pairs):
            continue
        share = round(100 * len(same) / len(pairs))
        new, old = same[0][1], same[0][0]
        shown = "、".join(f"{name_of(fact.indicator)}{number(fact)}" for _, fact in same[:6])
        message = (
            f"{new.place.partition('#')[0]}{new.year}年报告与{old.year}年可比的{len(pairs)}个数字中{len(same)}个完全相同"
            f"（{share}%）：{shown}{'等' if len(same) > 6 else ''}。"
        )
        here = [context.of_claim(fact.claim, note=f"{fact.year}年") for _, fact in same]
        there = [context.of_claim(fact.claim, "counterpart", f"{fact.year}年") for fact, _ in same]
        formula = f"{len(same)}÷{len(pairs)}={share}%"
        yield context.finding(message, here + there, [number(fact) for _, fact in same], formula=formula)


def facts_told(context: ArchiveContext) -> list[Told]:
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
    stock = catalogue().get(fact.indicator, {}).get("stage") == "context"
    if not fact.exact or stock or fact.low is None or fact.status not in ("done", "state"):
        return False
    return fact.low >= SMALLEST and not (fact.unit == "%" and fact.low == 100)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """The catalogue of indicators by code."""
    return {row["code"]: row for row in rows("indicators")}


def name_of(indicator: str) -> str:
    """What an indicator is called."""
    row = catalogue().get(indicator)
    return row["name_zh"] if row else indicator.replace("|", "")


def low_of(fact: Told) -> Decimal:
    """The number of a fact, its lower end where it has two."""
    value = fact.low if fact.low is not None else fact.high
    assert value is not None
    return value


def number(fact: Told) -> str:
    """The number of a fact as it is shown."""
    return plain(low_of(fact))


def plain(value: Decimal) -> str:
    """A number to two places, without noughts behind."""
    text = format(round(value, 2), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


ARCHIVE_CHECKS: dict[str, ArchiveCheck] = {
    "N14": same_as_last_year,
}
