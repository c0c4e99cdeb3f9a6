"""Coverage, panel and search hits as tables on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.terminal import cell, safe
from pipeline.compare import COUNTED, KEYS
from pipeline.compare.amounts import SCALES, shown
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
WIDE = 100  # columns of a screen on which code and name of an indicator stand side by side
STYLES = {"masked": "yellow", "corrupted": "red", "conflicting": "red", "target_only": "blue"}


def coverage_table(coverage: pandas.DataFrame, most: int, out: Console) -> None:
    """How far each indicator can be compared; the `most` best covered ones."""
    if coverage.empty:
        out.print("no indicator of the catalogue is told by a report whose place and year are known")
        return
    table = Table(title="coverage: place-years with a comparable value, and what stands in the others' way",
                  title_justify="left", box=None, header_style="bold", padding=(0, 1))  # fmt: skip
    wide = out.width >= WIDE
    for name in ("indicator", "name (unit)") if wide else ("indicator",):
        table.add_column(name, overflow="fold")
    for name in ("share", "cells", "places"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("the other cells", overflow="fold")
    for row in coverage.head(most).to_dict("records"):
        unit = "" if missing(row["unit"]) else f" ({row['unit']})"
        names = [str(row["indicator"]), f"{'' if missing(row['name']) else row['name']}{unit}"]
        others = {name: int(row[name]) for name in (*COUNTED, "not_mentioned")}
        table.add_row(
            *map(cell, names if wide else ["\n".join(reversed(names))]), f"{row['share']:.0%}",
            f"{row['cells']:,}/{row['cells'] + sum(others.values()):,}", f"{row['places']:,}",
            cell("  ".join(f"{GLYPHS[name]} {count:,}" for name, count in others.items() if count)),
        )  # fmt: skip
    out.print(table)
    if len(coverage) > most:
        out.print(f"and {len(coverage) - most:,} more, less well covered: `hebao compare --json` has them all")


def panel_tables(panel: pandas.DataFrame, by: tuple[str, str], out: Console) -> None:
    """A long panel as one table for each value of the dimension that `by` (rows, columns) leaves over."""
    over = next(key for key in KEYS if key not in by)
    for _, part in panel.groupby(over, sort=False):
        rows, columns = (list(dict.fromkeys(part[key])) for key in by)
        cells: dict[tuple[Any, Any], Any] = {(row[by[0]], row[by[1]]): row for row in part.to_dict("records")}
        first = part.iloc[0]
        title = f"{first['name']} {first['indicator']}" if over == "indicator" else str(first[over])
        unit = _one_unit(part) if over == "indicator" else None
        texts = {column: [panel_cell(cells[row, column], unit) for row in rows] for column in columns}
        heads = [cell(row) for row in rows]
        out.print()
        out.print(Text(safe(title) + (f" ({unit})" if unit else ""), style="italic"))
        for some in _fitting(heads, texts, out.width):
            table = Table(box=None, header_style="bold", padding=(0, 1))
            table.add_column(by[0], no_wrap=True)
            for column in some:
                table.add_column(safe(str(column)), justify="right", no_wrap=True)
            for head, *line in zip(heads, *(texts[column] for column in some), strict=True):
                table.add_row(head, *line)
            out.print(table)
    out.print()
    out.print("   ".join(f"{glyph} {meaning}" for glyph, meaning in LEGEND.items()))


def _fitting(heads: list[Text], texts: dict[Any, list[Text]], width: int) -> Iterator[list[Any]]:
    """The columns in as many groups as the screen needs: a figure that is cut off is another figure."""
    room = width - max((head.cell_len for head in heads), default=0) - 2
    some: list[Any] = []
    left = room
    for column, cells in texts.items():
        needs = max(cell_len(str(column)), *(text.cell_len for text in cells), 0) + 2
        if some and needs > left:
            yield some
            some, left = [], room
        some.append(column)
        left -= needs
    yield some


def _one_unit(part: pandas.DataFrame) -> str | None:
    """The unit of all values of a table, where they have one that is written as it stands (not 元, but 万元)."""
    units = {str(unit) for unit in part["unit"] if not missing(unit)}
    return None if len(units) != 1 or units & SCALES.keys() else units.pop()


def panel_cell(row: dict[str, Any], unit: str | None) -> Text:
    """One cell: its value with a sign for how it is known, or the glyph of why there is none; with its unit where that
    is not `unit`, the table's."""
    state, low, high = row["state"], *(None if missing(row[end]) else row[end] for end in ("value_low", "value_high"))
    text = GLYPHS.get(state, "≈" if state == "approx" else "")
    if low is not None or high is not None:
        value = shown(low, high, "" if missing(row["unit"]) or row["unit"] == unit else str(row["unit"]))
        text = f"{text} {value}" if state in GLYPHS else f"{text}{value}"
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
    reports = f" in {_counted(hits['sha256'].nunique(), 'report')}" if len(hits) else ""
    out.print(f"{'the first ' if len(hits) == limit else ''}{_counted(len(hits), 'hit')} for {safe(words)}{reports}")


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _flat(text: str) -> str:
    return safe("".join(text.split()))
