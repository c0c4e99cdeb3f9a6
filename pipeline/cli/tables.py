"""Coverage, panel and search hits as tables on the screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.terminal import cell, safe
from pipeline.compare import COUNTED, KEYS, interval
from pipeline.store.safe import missing

if TYPE_CHECKING:
    import pandas

GLYPHS = {"masked": "XX", "partly_masked": "X_", "corrupted": "??", "conflicting": "≠", "several": "⋮",
          "unit_differs": "◇", "target_only": "→", "scope_only": "◔", "no_denominator": "∅", "not_divisible": "∅",
          "not_mentioned": "·", "no_document": "—"}  # fmt: skip
LEGEND = {
    "≈": "approximate", "XX": "masked", "X_": "masked in part", "??": "overwritten", "≠": "reports disagree",
    "⋮": "several things, no total", "◇": "another unit", "→": "target or rule only", "◔": "told of a part only",
    "∅": "nothing to divide by", "·": "not mentioned", "—": "no report",
    "(H1)": "of that part of the year, or that time, only",
}  # fmt: skip
STYLES = {"masked": "yellow", "corrupted": "red", "conflicting": "red", "target_only": "blue"}


def coverage_table(coverage: pandas.DataFrame, most: int, out: Console) -> None:
    """How far each indicator can be compared; the `most` best covered ones."""
    if coverage.empty:
        out.print("no indicator of the catalogue is told by a report whose place and year are known")
        return
    table = Table(title="coverage: place-years with a comparable value, and what stands in the others' way",
                  title_justify="left", box=None, header_style="bold", padding=(0, 1))  # fmt: skip
    counts = ("places", "cells", *COUNTED, "not_mentioned")
    for name in ("indicator", "name", "unit"):
        table.add_column(name)
    for name in ("share", *counts):
        table.add_column(name.replace("_", " "), justify="right")
    for row in coverage.head(most).to_dict("records"):
        texts = [cell(None if missing(row[name]) else row[name]) for name in ("indicator", "name", "unit")]
        table.add_row(*texts, f"{row['share']:.0%}", *(f"{row[name]:,}" if row[name] else "·" for name in counts))
    out.print(table)
    if len(coverage) > most:
        out.print(f"and {len(coverage) - most:,} more, less well covered: `hebao compare --json` has them all")


def panel_tables(panel: pandas.DataFrame, by: tuple[str, str], out: Console) -> None:
    """A long panel as one table for each value of the dimension that `by` (rows, columns) leaves over."""
    over = next(key for key in KEYS if key not in by)
    for _, part in panel.groupby(over, sort=False):
        rows, columns = (list(dict.fromkeys(part[key])) for key in by)
        cells: dict[tuple[Any, Any], Any] = {(row[by[0]], row[by[1]]): row for row in part.to_dict("records")}
        units = [row["unit"] for row in cells.values() if not missing(row["unit"])]
        unit = max(sorted(set(units)), key=units.count) if units else None
        first = part.iloc[0]
        title = f"{first['name']} {first['indicator']}" if over == "indicator" else str(first[over])
        shown = f" ({unit})" if unit and over == "indicator" else ""
        table = Table(title=safe(title) + shown, title_justify="left", box=None, header_style="bold", padding=(0, 1))
        table.add_column(by[0])
        for column in columns:
            table.add_column(safe(str(column)), justify="right")
        for row in rows:
            table.add_row(cell(row), *(panel_cell(cells[row, c], unit if shown else None) for c in columns))
        out.print()
        out.print(table)
    out.print()
    out.print("   ".join(f"{glyph} {meaning}" for glyph, meaning in LEGEND.items()))


def panel_cell(row: dict[str, Any], unit: str | None) -> Text:
    """One cell: its value with a sign for how it is known, or the glyph of why there is none."""
    state, low, high = row["state"], *(None if missing(row[end]) else row[end] for end in ("value_low", "value_high"))
    text = GLYPHS.get(state, "≈" if state == "approx" else "")
    if low is not None or high is not None:
        other = row["unit"] if not missing(row["unit"]) and row["unit"] != unit else ""
        text = f"{text} {interval(low, high)}{other}" if state in GLYPHS else f"{text}{interval(low, high)}{other}"
        period = "" if missing(row["period"]) else str(row["period"])
        if period not in ("", year := str(row["year"])):  # half a year does not compare with a whole one
            text += f" ({period.removeprefix(f'{year}-')})"
    return cell(text, STYLES.get(state, ""))


def hits_table(hits: pandas.DataFrame, words: str, limit: int, out: Console) -> None:
    """Search hits in context, with document, page and section."""
    for row in hits.to_dict("records"):
        page = "" if missing(row["page"]) else f" p.{row['page']}"
        label = "" if missing(row["label"]) else f" [{row['label']}]"
        line = Text(safe(f"{row['document']}{page}{label}  …{row['before']}"))
        line.append(safe(re.sub(r"\s+", "", str(row["match"]))) if out.is_terminal else f"⟦{_flat(row['match'])}⟧",
                    style="bold green")  # fmt: skip
        line.append(safe(f"{row['after']}…"))
        if not missing(row["claim"]):
            line.append(f"  (claim {row['claim']})", style="dim")
        out.print(line)
    out.print(f"{'the first ' if len(hits) == limit else ''}{len(hits):,} hits for {safe(words)}")


def _flat(text: str) -> str:
    return safe("".join(text.split()))
