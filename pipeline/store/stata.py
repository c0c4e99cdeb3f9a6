"""Frames → Stata .dta (version 118, which holds Chinese), with labels of variables and values.

Stata has no exact decimals: values are doubles (15 digits). All rows are held at once, so a table has a limit; CSV and
Parquet have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store.safe import missing, plain, writable
from pipeline.store.schema import StoreError

if TYPE_CHECKING:
    import pandas

    from pipeline.store.export import Notes

ROWS = 1_000_000
LABELLED = ("state", "status", "outcome", "level", "relation", "dimension", "severity", "label", "topic", "role")
STATES = (
    "exact", "approx", "range", "bounded", "masked", "partly_masked", "corrupted", "several", "conflicting",
    "unit_differs", "scope_only", "target_only", "not_mentioned", "no_document",
)  # fmt: skip
"""Number their labels from 0 in this order in every file, so that files can be appended to each other; values of other
columns are numbered by the alphabet, over those that occur."""
SPELLED = {"end": "end_"}  # words of Stata
LONG, LABEL = 2000, 80  # bytes of a plain string variable, characters of a label


def write(parts: Iterable[pandas.DataFrame], path: Path, notes: Notes, labels: dict[str, str]) -> None:
    """The parts of a table as one .dta file. Raises StoreError for more than a million rows."""
    import pandas

    held: list[pandas.DataFrame] = []
    rows = 0
    for part in parts:
        held.append(part)
        rows += len(part)
        if rows > ROWS:
            raise StoreError(f"more than {ROWS:,} rows do not go into one .dta file; use --format csv or parquet")
    frame = pandas.concat(held, ignore_index=True) if len(held) > 1 else held[0]
    columns = {str(name): _column(str(name), frame[name]) for name in frame.columns}
    table = pandas.DataFrame(columns).rename(columns=SPELLED)
    long = [str(name) for name in table.columns if table[name].dtype == object and _longest(table[name]) > LONG]
    table.to_stata(
        path, write_index=False, version=118, convert_strl=long,
        variable_labels={SPELLED.get(name, name): labels[name][:LABEL] for name in columns if name in labels},
    )  # fmt: skip


def _column(name: str, column: pandas.Series[Any]) -> pandas.Series[Any]:
    import pandas

    if str(column.dtype) in ("Int64", "boolean"):
        return column.astype("float64")
    if str(column.dtype) == "float64":
        return column
    values = [None if missing(value) else value for value in column]
    if any(isinstance(value, Decimal) for value in values) or name.startswith(("value_", "base_value_")):
        return column.map(lambda value: float("nan") if missing(value) else float(value)).astype("float64")
    if name in LABELLED and any(values):
        known = [*STATES, *sorted({value for value in values if value} - set(STATES))] if name == "state" else None
        return column.astype(pandas.CategoricalDtype(known)) if known else column.astype("category")
    texts = ["" if value is None else writable(value if isinstance(value, str) else plain(value)) for value in values]
    return column.__class__(texts, index=column.index, dtype=object)


def _longest(column: pandas.Series[Any]) -> int:
    return max((len(text.encode()) for text in column), default=0)
