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

    def grid(self) -> Grid:
        """Place and year → their documents, in the order of place and year."""
        found: Grid = {}
        for key, report in self.documents.items():
            if report.year is not None:
                at = self.labels[key], report.year
                found[at] = (*found.get(at, ()), report.document)
        return dict(sorted(found.items()))

    def cells(
        self, indicators: Sequence[str] | None, wanted: Sequence[str] | None = None
    ) -> Iterator[tuple[Key, Cell]]:
        """The cells that are told of, by default of every place, ordered by indicator, place and year; one indicator at
        a time is held."""
        chosen = None if wanted is None else {key for key, label in self.labels.items() if label in set(wanted)}
        reporters = None if chosen is None else sorted({self.documents[key].place for key in chosen})
        told: dict[tuple[str, int], list[Told]] = defaultdict(list)
        code = ""
        for fact in self.source.told(indicators, reporters):
            if fact.indicator != code:
                yield from _resolved(code, told)
                code, told = fact.indicator, defaultdict(list)
            if fact.report in (self.documents if chosen is None else chosen):
                report = self.documents[fact.report]
                scope = None if fact.scope and is_whole(fact.scope, report.place) else fact.scope
                told[self.labels[fact.report], fact.year].append(
                    Told(report.document, fact.unit, fact.status, scope, fact.low, fact.high, fact.state, fact.claims,
                         fact.period, fact.corrected)
                )  # fmt: skip
        yield from _resolved(code, told)

    def counts(self, indicators: Sequence[str] | None) -> dict[str, Count]:
        """Indicator → how many place-years that have a report are told of, and how."""
        grid = self.grid()
        found: dict[str, Count] = {}
        comparable: dict[str, set[str]] = defaultdict(set)
        for (code, place, year), cell in self.cells(indicators):
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
