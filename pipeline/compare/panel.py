"""The panel: indicator × place × year, the empty cells told apart; and how far each indicator can be compared.

Nothing is ranked and nothing is added up to a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.compare import denominators as per_head
from pipeline.compare import places as place_names
from pipeline.compare.cells import COMPARABLE, PLAIN, Cell, catalogue
from pipeline.compare.copy import Copy, Said, best
from pipeline.compare.live import Live, Source

if TYPE_CHECKING:
    import pandas

    from pipeline.store import Database

KEYS = ("indicator", "place", "year")
PANEL = (
    "indicator", "name", "place", "year", "period", "unit", "value", "value_low", "value_high", "state", "note",
    "documents", "claims", "denominator", "denominator_source", "level",
)  # fmt: skip
COUNTED = (
    "masked", "partly_masked", "corrupted", "conflicting", "several", "unit_differs", "target_only", "scope_only",
)  # fmt: skip


def panel(
    source: Source,
    indicators: Sequence[str] | None = None,
    rows: Sequence[str] = ("place",),
    columns: Sequence[str] = ("year",),
    places: Sequence[str] | None = None,
    years: Sequence[int] | None = None,
    per: str | None = None,
    denominators: Path | None = None,
    names: Path | None = None,
    level: str | None = None,
    say: Said | None = None,
) -> pandas.DataFrame:
    """The panel of the indicators (by default every catalogue code that is mentioned) over all places and years that
    have a readable report, or those given, or those of one `level` (township, county, …).

    The index is `rows`, before them whichever of indicator, place and year is in neither; the columns are (measure,
    *columns) with measure one of the columns that `pipeline/store/codebook.csv` lists for `panel`. So
    `panel["value"]` is a table of floats and `panel["state"]` says of each cell why it is there or not. With
    `columns=()` it is long: one row a cell, one column a measure. `value_low` and `value_high` hold exact `Decimal`s.

    `per` (人, 户 or 村) divides each amount by how many there are: by the report's own figure, else by the one in the
    table `denominators`; `denominator` and `denominator_source` say which. `names` is a table of places (see
    `pipeline.compare.places`), by default the one beside the database. Where a copy has to be made first (see
    `pipeline.compare.copy`), `say` is told how far it is.

    Raises ValueError for an unknown or repeated dimension, or an unknown `per`.
    """
    given = [*rows, *columns]
    if unknown := [d for d in given if d not in KEYS]:
        raise ValueError(f"{', '.join(unknown)}: a panel is laid out by {', '.join(KEYS)}")
    if len(set(given)) < len(given):
        raise ValueError(f"{', '.join(given)}: name each of {', '.join(KEYS)} once")
    if per is not None and per not in per_head.codes():
        raise ValueError(f"{per}: amounts are divided per {', '.join(per_head.codes())}")
    index = [k for k in KEYS if k not in given] + list(rows)
    held = best(source, _names(source, names), say)
    long = _long(held, indicators, _of_level(held, places, level), years, per, denominators)
    wide = long.set_index([*index, *columns])
    return wide.unstack(list(columns)) if columns else wide  # type: ignore[return-value]


def _of_level(held: Live | Copy, places: Sequence[str] | None, level: str | None) -> Sequence[str] | None:
    """The places that are of a level, among those given; all where no level is asked for."""
    if level is None:
        return places
    known = held.levels()
    asked = dict.fromkeys(place for place, _ in held.grid()) if places is None else places
    return [place for place in asked if known.get(place) == level]


def _names(source: Source, names: Path | None) -> Path | None:
    beside = place_names.beside(source.path)
    return names or (beside if beside.is_file() else None)


def _long(
    held: Live | Copy, indicators: Sequence[str] | None, places: Sequence[str] | None, years: Sequence[int] | None,
    per: str | None, denominators: Path | None,
) -> pandas.DataFrame:  # fmt: skip
    grid = held.grid()
    cells = dict(held.cells(indicators, places))
    by = _denominators(held, grid, per, denominators)
    codes = list(dict.fromkeys(indicators if indicators is not None else sorted({key[0] for key in cells})))
    place_list = list(dict.fromkeys(sorted({place for place, _ in grid}) if places is None else places))
    year_list = list(dict.fromkeys(sorted({year for _, year in grid}) if years is None else years))
    known, levels = catalogue(), held.levels()
    absent = Cell("no_document")
    data = []
    for code in codes:
        indicator = known.get(code, PLAIN)
        for place in place_list:
            for year in year_list:
                at = place, year
                cell = cells.get((code, place, year))
                if cell is None:
                    cell = Cell("not_mentioned", documents=grid[at]) if at in grid else absent
                under = by.get(at) if per else None
                if per:
                    cell = per_head.divided(cell, indicator.dimension, per, under)
                whole = cell.low is not None and cell.low == cell.high and cell.state in COMPARABLE
                data.append((
                    code, indicator.name or code, place, year, cell.period, cell.unit,
                    float(cell.low) if whole and cell.low is not None else None, cell.low, cell.high, cell.state,
                    cell.note, cell.documents, cell.claims,
                    under.low if under and cell.state in COMPARABLE else None,
                    under.source if under and cell.state in COMPARABLE else None,
                    levels.get(place),
                ))  # fmt: skip
    return _frame(data)


def _frame(data: list[tuple[Any, ...]]) -> pandas.DataFrame:
    import pandas

    columns = list(zip(*data, strict=True)) or [()] * len(PANEL)
    kinds = {"year": "Int64", "value": "float64"}
    kinds |= dict.fromkeys(("value_low", "value_high", "documents", "claims", "denominator"), "object")
    return pandas.DataFrame({
        name: pandas.Series(list(values), dtype=kinds.get(name, "string"))
        for name, values in zip(PANEL, columns, strict=True)
    })  # fmt: skip


def _denominators(
    held: Live | Copy, grid: Iterable[tuple[str, int]], per: str | None, table: Path | None
) -> dict[tuple[str, int], per_head.Denominator]:
    if per is None:
        return {}
    given = per_head.read(table, per) if table else {}
    told: dict[tuple[str, int, str], Cell] = {
        (place, year, code): cell for (code, place, year), cell in held.cells(per_head.codes()[per])
    }
    chosen = {at: per_head.choose(at, per, told, given) for at in grid}
    return {at: denominator for at, denominator in chosen.items() if denominator}


def coverage(
    source: Source, indicators: Sequence[str] | None = None, names: Path | None = None, level: str | None = None,
    say: Said | None = None,
) -> pandas.DataFrame:  # fmt: skip
    """For each indicator, how many places and place-years have a comparable value, and what stands in the others'
    way; best covered first; of one `level` of places only. Columns: indicator, name, unit, places, cells, share (of
    place-years with a report), masked, partly_masked, corrupted, conflicting, several, unit_differs, target_only,
    scope_only, not_mentioned."""
    import pandas

    held = best(source, _names(source, names), say)
    places = _of_level(held, None, level)
    counts = held.counts(indicators, places)
    total = sum(places is None or place in places for place, _ in held.grid())
    known = catalogue()
    data: list[tuple[Any, ...]] = []
    for code in dict.fromkeys([*(indicators or ()), *counts]):
        count = counts.get(code)
        states, units = (count.states, count.units) if count else ({}, {})
        good = sum(states.get(state, 0) for state in COMPARABLE)
        unit = min(units, key=lambda u: (-units[u], u or "")) if units else None
        data.append((code, known.get(code, PLAIN).name or code, unit, count.places if count else 0, good,
                     good / total if total else 0.0, *(states.get(state, 0) for state in COUNTED),
                     total - sum(states.values())))  # fmt: skip
    data.sort(key=lambda row: (-row[3], -row[4], row[0]))
    columns = ["indicator", "name", "unit", "places", "cells", "share", *COUNTED, "not_mentioned"]
    kinds = dict.fromkeys(columns, "Int64") | dict.fromkeys(columns[:3], "string") | {"share": "float64"}
    return pandas.DataFrame(data, columns=columns).astype(kinds)


def unknown(database: Database, indicators: Iterable[str]) -> list[str]:
    """Those that neither the catalogue nor any report of the archive knows: most likely typed wrong."""
    return [code for code in indicators if code not in catalogue() and database.facts(indicator=code).empty]


def unplaced(source: Source) -> int:
    """Readable documents that no panel can hold, since their place or year is not known."""
    return source.unplaced()

