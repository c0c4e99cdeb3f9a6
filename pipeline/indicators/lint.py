"""What is wrong with a catalogue, as far as the tables alone can tell; `hebao indicators lint`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pipeline import config
from pipeline.indicators.catalogue import Indicator, catalogue
from pipeline.indicators.match import asked, best_of
from pipeline.indicators.units import to_base, units
from pipeline.records import Claim

TOPICS = frozenset({
    "overview", "leadership", "publicity", "remediation", "services", "supervision", "results", "problems",
    "next_steps", "mechanism", "funding", "participation", "healthedu", "waste", "infrastructure", "vector", "premises",
    "health_service", "general",
})  # labels and topics of segments


def lint(table: Sequence[Indicator] | None = None, threshold: float = config.Indicators().threshold) -> tuple[str, ...]:
    """Faults of a catalogue, each as one line that begins with the code.

    Codes given twice, words given twice, unknown units and topics, denominators that are no code, rows that cannot
    match, and examples that land on another row or on none because two rows fit them equally.
    """
    chosen = catalogue() if table is None else tuple(table)
    codes = {row.code for row in chosen} | {row.code for row in catalogue()}
    seen: set[str] = set()
    faults: list[str] = []
    for row in chosen:
        faults += [f"{row.code}: {fault}" for fault in _row_faults(row, seen, codes)]
        seen.add(row.code)
    for row in chosen:
        found = best_of(asked(example(row)), chosen)
        if found is None or found.row != row or found.score < threshold:
            faults.append(f"{row.code}: its example {row.example} gets {found.row.code if found else 'no code'}")
    return tuple(faults)


def example(row: Indicator) -> Claim:
    """The row's example as a claim without a value, in the row's first topic."""
    action, thing, unit, per = [*(None if part == "-" else part for part in row.example.split()), None][:4]
    topic = row.topics[0].lstrip("!") if row.topics else None
    return Claim(
        id="", start=0, end=0, surface="", value_low=None, value_high=None, masked=True, relation="eq", unit=unit,
        dimension=row.dimension, per=per, action=action, object=thing, status="done", rule="example", topic=topic,
    )  # fmt: skip


def _row_faults(row: Indicator, seen: Collection[str], codes: Collection[str]) -> Iterator[str]:
    if row.code in seen:
        yield "code given twice"
    if not row.objects:
        yield "no word names its object, so that nothing can match"
    if "*" in row.objects and not row.verbs:
        yield "any object and any verb would match"
    for column, words in (("verbs", row.verbs), ("objects", row.objects)):
        for word in sorted({word for word in words if words.count(word) > 1}):
            yield f"{word!r} stands twice among its {column}"
    for unit in (unit for group in row.units for unit in group):
        if unit not in units() or units()[unit].standard != unit:
            yield f"unit {unit!r} is not a standard spelling of units.csv"
    for topic in (topic.lstrip("!") for topic in row.topics):
        if topic.isascii() and topic not in TOPICS:
            yield f"topic {topic!r} is neither a topic nor a label of segments"
    if row.denominator and row.denominator not in codes:
        yield f"denominator {row.denominator!r} is no code of the catalogue"
    base_unit = to_base(example(row))[2]
    if not row.units and base_unit != row.base_unit:
        yield f"its example has the base unit {base_unit!r}, not {row.base_unit!r}"
