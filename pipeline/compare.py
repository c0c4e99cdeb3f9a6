"""Facts → panel: place × year × indicator, and every cell says what it rests on or why it is empty.

States with a value: `exact`, `approx`, `bounded`, `range`. Mentioned, yet without a comparable value: `masked` (XX),
`corrupted` (overwritten, as 2023余起), `conflicting` (the reports disagree; the bounds span what they say),
`target_only` (aimed at or laid down, not told as done), `scope_only` (told of a part of the place only).
Not mentioned: `not_mentioned` (there is a report, it does not speak of it), `no_document` (there is no report).
Nothing is ranked and nothing is added up to a score.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.lexicon import rows

if TYPE_CHECKING:
    import pandas

COMPARABLE = ("exact", "range", "approx", "bounded")  # of several that agree, the first is taken
VALUELESS = ("conflicting", "corrupted", "masked")  # of several, the first is told
MENTIONED = (*COMPARABLE, *VALUELESS, "target_only", "scope_only")
STATES = (*MENTIONED, "not_mentioned", "no_document")
PANEL = (
    "indicator", "name", "place", "year", "unit", "value", "value_low", "value_high", "state", "note", "documents",
    "claims",
)  # fmt: skip
KEYS = ("indicator", "place", "year")
FACT = (*KEYS, "document", "unit", "status", "scope", "value_low", "value_high", "state", "claims")
COUNTED = ("masked", "corrupted", "conflicting", "target_only", "scope_only")
READABLE = ("ok", "ok_partial")
TENTH = Decimal("0.1")
Key = tuple[str, int, str]


class Source(Protocol):
    """What holds facts and documents: `pipeline.store.Database`."""

    def facts(self, **filters: Any) -> pandas.DataFrame:
        """One row a fact."""
        ...

    def documents(self, **filters: Any) -> pandas.DataFrame:
        """One row a document."""
        ...


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as the panel needs it."""

    document: str
    unit: str | None
    status: str
    scope: str | None
    low: Decimal | None
    high: Decimal | None
    state: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """What the panel needs of a row of models/indicators.csv. A stock is what there is, not what was added."""

    name: str
    stock: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What all reports together say of one indicator in one place and year."""

    state: str
    unit: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    note: str | None = None
    documents: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


def resolve(facts: Sequence[Told], stock: bool = False) -> Cell:
    """The cell for facts of one place, year and indicator.

    Facts of the place itself count before facts of a part of it; what was done before what there is (for a `stock` the
    other way round), both before targets and rules; facts with a value before those without. What is left must agree,
    and the most exact is taken; where it does not agree that is a conflict, and no side is taken.
    """
    own = [f for f in facts if f.scope is None]
    told = [f for f in own if f.status in ("done", "state")]
    if not told:
        state, which = ("target_only", own) if own else ("scope_only", facts)
        why = (f"{f.status} {interval(f.low, f.high)}" if own else str(f.scope) for f in which)
        return _cell(state, which, note="; ".join(dict.fromkeys(why)))
    aside = [f for f in told if (f.status == "state") != stock]
    told = [f for f in told if f not in aside] or told
    valued = [f for f in told if f.state in COMPARABLE]
    clashing = [f for f in told if f.state == "conflicting"]
    if not valued and not clashing:
        return _cell(min((f.state for f in told), key=VALUELESS.index), told)
    best = min(valued, key=_exactness, default=clashing[0] if clashing else None)
    if best is None or clashing or not all(agree(best, other) for other in valued):
        return _conflict(valued + clashing)
    notes = [f"also told in {unit}" for unit in sorted({f.unit or "" for f in valued} - {best.unit or ""})]
    notes += [f"{f.status} {interval(f.low, f.high)}{f.unit or ''}" for f in aside if f not in told]
    return _cell(best.state, valued, best.unit, best.low, best.high, "; ".join(notes) or None)


def agree(best: Told, other: Told) -> bool:
    """Whether a statement that is no more exact may speak of the same number: it is equal, or it is a range, a bound
    or (within a tenth) an approximate number that the best one keeps to. Equal numbers agree whatever is counted;
    numbers that only fit each other must be of one unit."""
    if (best.low, best.high) == (other.low, other.high):
        return True
    if best.unit != other.unit or best.state == other.state:
        return False
    slack = abs(other.low) * TENTH if other.state == "approx" and other.low is not None else Decimal(0)
    above = other.low is None or (best.low is not None and best.low >= other.low - slack)
    below = other.high is None or (best.high is not None and best.high <= other.high + slack)
    return above and below


def is_whole(scope: str, place: str) -> bool:
    """Whether a scope is the reporting place itself: 全镇 in the report of a 镇, 全州 in that of an 自治州."""
    name = place.partition("#")[0]  # a masked name carries a pseudonym
    return scope == name or (scope[:1] in "全我本" and len(scope) > 1 and name.endswith(scope[1:]))


def _exactness(fact: Told) -> tuple[int, str]:
    return COMPARABLE.index(fact.state), fact.unit or ""


def _conflict(facts: Sequence[Told]) -> Cell:
    note = "; ".join(f"{f.document}: {interval(f.low, f.high)}{f.unit or ''}" for f in facts)
    if len({f.unit for f in facts}) > 1:  # bounds over different measure words would mean nothing
        return _cell("conflicting", facts, note=note)
    ends = [end for f in facts for end in (f.low, f.high) if end is not None]
    return _cell("conflicting", facts, facts[0].unit, min(ends, default=None), max(ends, default=None), note)


def _cell(
    state: str, facts: Iterable[Told], unit: str | None = None,
    low: Decimal | None = None, high: Decimal | None = None, note: str | None = None,
) -> Cell:  # fmt: skip
    facts = list(facts)
    documents = tuple(dict.fromkeys(f.document for f in facts))
    return Cell(state, unit, low, high, note, documents, tuple(dict.fromkeys(c for f in facts for c in f.claims)))


def interval(low: Decimal | None, high: Decimal | None) -> str:
    """Two ends as a person writes them: 320, 3–5, ≥ 85, ≤ 5, or … where neither is known."""
    if low is None and high is None:
        return "…"
    if low == high:
        return f"{low:,f}"
    if low is None or high is None:
        return f"≤ {high:,f}" if low is None else f"≥ {low:,f}"
    return f"{low:,f}–{high:,f}"


def panel(
    source: Source,
    indicators: Sequence[str] | None = None,
    rows: Sequence[str] = ("place",),
    columns: Sequence[str] = ("year",),
    places: Sequence[str] | None = None,
    years: Sequence[int] | None = None,
) -> pandas.DataFrame:
    """The panel of the indicators (by default every catalogue code that is mentioned) over all places and years that
    have a readable report, or those given.

    The index is `rows`, before them whichever of indicator, place and year is in neither; the columns are (measure,
    *columns) with measure one of name, unit, value, value_low, value_high, state, note, documents, claims. So
    `panel["value"]` is a table of floats and `panel["state"]` says of each cell why it is there or not. With
    `columns=()` it is long: one row a cell, one column a measure. `value_low` and `value_high` hold exact `Decimal`s.

    Raises ValueError for an unknown or repeated dimension.
    """
    given = [*rows, *columns]
    if unknown := [d for d in given if d not in KEYS]:
        raise ValueError(f"{', '.join(unknown)}: a panel is laid out by {', '.join(KEYS)}")
    if len(set(given)) < len(given):
        raise ValueError(f"{', '.join(given)}: name each of {', '.join(KEYS)} once")
    index = [k for k in KEYS if k not in given] + list(rows)
    long = _long(source, indicators, places, years)
    wide = long.set_index([*index, *columns])
    return wide.unstack(list(columns)) if columns else wide  # type: ignore[return-value]


def _long(
    source: Source, indicators: Sequence[str] | None, places: Sequence[str] | None, years: Sequence[int] | None
) -> pandas.DataFrame:
    import pandas

    cells, reports = _cells(source, indicators), _reports(source)
    wanted = list(indicators) if indicators is not None else sorted({key[2] for key in cells})
    place_list = sorted({place for place, _ in reports}) if places is None else list(places)
    year_list = sorted({year for _, year in reports}) if years is None else list(years)
    known = catalogue()
    data = []
    for indicator in dict.fromkeys(wanted):
        for place in dict.fromkeys(place_list):
            for year in dict.fromkeys(year_list):
                documents = reports.get((place, year), ())
                missing = Cell("not_mentioned", documents=documents) if documents else Cell("no_document")
                c = cells.get((place, year, indicator), missing)
                value = float(c.low) if c.low is not None and c.low == c.high and c.state in COMPARABLE else None
                name = known[indicator].name if indicator in known else indicator
                data.append((indicator, name, place, year, c.unit, value, c.low, c.high, c.state, c.note, c.documents,
                             c.claims))  # fmt: skip
    frame = pandas.DataFrame(data, columns=list(PANEL)).astype({"value_low": object, "value_high": object})
    texts = ("indicator", "name", "place", "unit", "state", "note")
    frame = frame.astype({"year": "Int64", "value": "float64"} | dict.fromkeys(texts, "string"))
    for end in ("value_low", "value_high"):
        frame[end] = frame[end].where(frame[end].notna(), None)
    return frame


def coverage(source: Source, indicators: Sequence[str] | None = None) -> pandas.DataFrame:
    """For each indicator, how many places and place-years have a comparable value, and what stands in the others'
    way; best covered first. Columns: indicator, name, unit, places, cells, share (of place-years with a report),
    masked, corrupted, conflicting, target_only, scope_only, not_mentioned."""
    import pandas

    cells, reports = _cells(source, indicators), _reports(source)
    by_indicator: dict[str, list[tuple[Key, Cell]]] = {code: [] for code in indicators or ()}
    for key, cell in cells.items():
        if key[:2] in reports:
            by_indicator.setdefault(key[2], []).append((key, cell))
    known = catalogue()
    data: list[tuple[Any, ...]] = []
    for code, held in by_indicator.items():
        good = [(key, cell) for key, cell in held if cell.state in COMPARABLE]
        units = Counter(cell.unit for _, cell in good)
        states = Counter(cell.state for _, cell in held)
        unit = min(units, key=lambda u: (-units[u], u or "")) if units else None
        share = len(good) / len(reports) if reports else 0.0
        name = known[code].name if code in known else code
        data.append((code, name, unit, len({key[0] for key, _ in good}), len(good), share,
                     *(states[s] for s in COUNTED), len(reports) - len(held)))  # fmt: skip
    data.sort(key=lambda row: (-row[3], -row[4], row[0]))
    names = ["indicator", "name", "unit", "places", "cells", "share", *COUNTED, "not_mentioned"]
    counts = dict.fromkeys(("places", "cells", *COUNTED, "not_mentioned"), "Int64")
    kinds = counts | dict.fromkeys(("indicator", "name", "unit"), "string") | {"share": "float64"}
    return pandas.DataFrame(data, columns=names).astype(kinds)


def unplaced(source: Source) -> int:
    """Readable documents that no panel can hold, since their place or year is not known."""
    frame = source.documents(outcome=list(READABLE))
    return int((frame["place"].isna() | frame["year"].isna()).sum())


def _cells(source: Source, indicators: Sequence[str] | None) -> dict[Key, Cell]:
    """Place, year, indicator → cell, for what is mentioned. By default codes of the catalogue only."""
    frame = source.facts() if indicators is None else source.facts(indicator=list(indicators))
    frame = frame[frame["place"].notna() & frame["year"].notna()]
    plain = frame[list(FACT)].astype(object)
    groups: dict[Key, list[Told]] = defaultdict(list)
    for code, place, year, *told in plain.where(plain.notna(), None).itertuples(index=False, name=None):
        if indicators is not None or "|" not in code:
            fact = Told(*told)
            whole = fact.scope is not None and is_whole(fact.scope, place)
            groups[place, year, code].append(replace(fact, scope=None) if whole else fact)
    stocks = {code for code, indicator in catalogue().items() if indicator.stock}
    return {key: resolve(told, key[2] in stocks) for key, told in groups.items()}


def _reports(source: Source) -> dict[tuple[str, int], tuple[str, ...]]:
    """Place, year → the readable documents of it."""
    frame = source.documents(outcome=list(READABLE))
    frame = frame[frame["place"].notna() & frame["year"].notna()]
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for place, year, document in zip(frame["place"], frame["year"], frame["document"], strict=True):
        found[str(place), int(year)] = (*found.get((str(place), int(year)), ()), str(document))
    return found


@cache
def catalogue() -> dict[str, Indicator]:
    """Indicator code → its row, from models/indicators.csv."""
    return {row["code"]: Indicator(row["name_zh"], row["aggregation"] != "sum") for row in rows("indicators")}
