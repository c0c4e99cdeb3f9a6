"""Cells made from the facts of the database: what the panel and the coverage are computed from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pipeline.compare import places
from pipeline.compare.cells import COMPARABLE, PLAIN, Cell, Told, catalogue, is_whole, resolve
from pipeline.store.comparing import ToldFact, ToldReport

Key = tuple[str, str, int]
"""Indicator, place, year."""


class Source(Protocol):
    """What holds facts and reports: `pipeline.store.Database`."""

    path: Path

    def told(self, indicators: Sequence[str] | None, places: Sequence[str] | None) -> Iterable[ToldFact]:
        """Facts whose place and year are known, ordered by indicator; of reports by these places."""
        ...

    def reports(self) -> list[ToldReport]:
        """Readable documents whose place is known."""
        ...

    def masked(self) -> list[tuple[str, str]]:
        """Pseudonym and text of the documents whose place is masked."""
        ...

    def unplaced(self) -> int:
        """How many readable documents have no place or no year."""
        ...

    def stamp(self) -> tuple[str, int]:
        """A digest of the state of the archive, and how many documents it holds."""
        ...


@dataclass(slots=True)
class Count:
    """Of one indicator: the places with a comparable value, and place-years by state and by unit of such values."""

    places: int = 0
    states: Counter[str] = field(default_factory=Counter)
    units: Counter[str | None] = field(default_factory=Counter)


Grid = dict[tuple[str, int], tuple[str, ...]]
"""Place and year → the documents that report on them."""


class Live:
    """Cells as the facts of a database say now."""

    def __init__(self, source: Source, names: Path | None) -> None:
        self.source = source
        self.documents = {report.key: report for report in source.reports()}
        table = places.read(names) if names else ()
        reports = ((report.key, report.place, report.parent) for report in self.documents.values())
        self.labels = places.labels(reports, table, source.masked())
        self.given = {place.place: place.level for place in table if place.level}

    def grid(self) -> Grid:
        """Place and year → their documents, in the order of place and year."""
        found: Grid = {}
        for key, report in self.documents.items():
            if report.year is not None:
                at = self.labels[key], report.year
                found[at] = (*found.get(at, ()), report.document)
        return dict(sorted(found.items()))

    def levels(self) -> dict[str, str]:
        """Place → its level: of the table of places, else what most of its reports have."""
        told: dict[str, Counter[str]] = defaultdict(Counter)
        for key, report in self.documents.items():
            if report.level:
                told[self.labels[key]][report.level] += 1
        return {place: max(sorted(found), key=found.__getitem__) for place, found in told.items()} | self.given

    def cells(
        self, indicators: Sequence[str] | None, wanted: Sequence[str] | None = None
    ) -> Iterator[tuple[Key, Cell]]:
        """The cells that are told of, by default of every place, ordered by indicator, place and year; one indicator at
        a time is held."""
        asked = frozenset(wanted or ())
        chosen = None if wanted is None else {key for key, label in self.labels.items() if label in asked}
        reporters = None if chosen is None else sorted({self.documents[key].place for key in chosen})
        told: dict[tuple[str, int], list[Told]] = defaultdict(list)
        code = ""
        known = {key: (self.labels[key], report.document, report.place) for key, report in self.documents.items()
                 if chosen is None or key in chosen}  # fmt: skip
        for name, year, key, unit, status, scope, low, high, state, claims, period, fixed in self.source.told(
            indicators, reporters
        ):
            if name != code:
                yield from _resolved(code, told)
                code, told = name, defaultdict(list)
            if key in known:
                label, document, place = known[key]
                part = None if scope and is_whole(scope, place) else scope
                told[label, year].append(
                    Told(document, unit, status, part, low, high, state, claims, period, fixed)
                )
        yield from _resolved(code, told)

    def counts(self, indicators: Sequence[str] | None, wanted: Sequence[str] | None = None) -> dict[str, Count]:
        """Indicator → how many place-years that have a report are told of, and how; by default of every place."""
        grid = self.grid()
        found: dict[str, Count] = {}
        comparable: dict[str, set[str]] = defaultdict(set)
        for (code, place, year), cell in self.cells(indicators, wanted):
            if (place, year) in grid:
                count = found.setdefault(code, Count())
                count.states[cell.state] += 1
                if cell.state in COMPARABLE:
                    count.units[cell.unit] += 1
                    comparable[code].add(place)
        for code, count in found.items():
            count.places = len(comparable[code])
        return found


def _resolved(code: str, told: dict[tuple[str, int], list[Told]]) -> Iterator[tuple[Key, Cell]]:
    indicator = catalogue().get(code, PLAIN)
    for (place, year), facts in sorted(told.items()):
        cell = resolve(facts, indicator)
        yield (code, place, year), cell
