"""`hebao compare`, `hebao export` and `hebao places`: figures side by side, and everything as files."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline import config
from pipeline.cli.options import Config, Db, Folder, Json, open_database, print_json

CHOSEN, LISTED = 6, 24  # indicators whose values, and whose coverage, `compare` shows when none is named


class ExportFormat(StrEnum):
    """What tables are written as."""

    csv = "csv"
    xlsx = "xlsx"
    json = "json"
    parquet = "parquet"
    dta = "dta"


class CompareFormat(StrEnum):
    """What a comparison is written as; `table` is for the screen, `package` a folder that others can cite."""

    table = "table"
    csv = "csv"
    json = "json"
    xlsx = "xlsx"
    parquet = "parquet"
    dta = "dta"
    package = "package"


class Per(StrEnum):
    """What amounts are divided by."""

    person = "人"
    household = "户"
    village = "村"


class Level(StrEnum):
    """Levels of places, the lowest first."""

    village = "village"
    township = "township"
    county = "county"
    prefecture = "prefecture"
    province = "province"


class Lang(StrEnum):
    """The language of the heads of a workbook and of the labels in Stata; other formats have the names of columns."""

    zh = "zh"
    en = "en"


Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="PATH", help="Default: standard output.")]
Personal = Annotated[bool, typer.Option("--personal", help="Keep identity, mobile and card numbers as written.")]
Heads = Annotated[Lang, typer.Option("--lang", help="Heads of a workbook, labels in Stata.")]
Names = Annotated[
    Path | None, typer.Option("--places", metavar="FILE", help="Table of places; default x.places.csv beside x.db.")
]


def compare(
    indicator: Annotated[list[str] | None, typer.Option(metavar="CODE", help="Again for several.")] = None,
    by: Annotated[str, typer.Option(metavar="ROWS,COLUMNS", help="Two of place, year, indicator.")] = "place,year",
    per: Annotated[Per | None, typer.Option(help="Divide amounts by people, households or villages.")] = None,
    denominators: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of place,year,per,value,source, where reports tell none.")
    ] = None,
    level: Annotated[Level | None, typer.Option(help="Only places of this level.")] = None,
    absent: Annotated[bool, typer.Option("--absent", help="In files, list the years without a report too.")] = False,
    form: Annotated[CompareFormat, typer.Option("--format", help="How to write it.")] = CompareFormat.table,
    chart: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it too, as .svg or .png.")] = None,
    lang: Heads = Lang.zh, output: Output = None, places: Names = None, personal: Personal = False,
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Places side by side: how far each indicator can be compared, then its values, the empty cells told apart."""
    from pipeline import compare as comparison
    from pipeline.cli import tables
    from pipeline.cli.terminal import complain, console

    form = _form(form, output)
    dimensions = tuple(by.split(","))
    if len(dimensions) != 2 or len(set(dimensions)) < 2 or not set(dimensions) <= set(comparison.KEYS):
        raise typer.BadParameter("two of place, year, indicator, as place,year", param_hint="--by")
    shown = form == CompareFormat.table and not as_json
    if output is None and form in ("xlsx", "parquet", "dta", "package") and not as_json:
        raise typer.BadParameter(f"{form.value} goes to a file: name it with -o", param_hint="--format")
    with open_database(db, config.load(config_file)) as database:
        if unknown := comparison.unknown(database, indicator or ()):
            hint = "`hebao indicators list` names the catalogue, `hebao indicators suggest` what is beyond it"
            raise typer.BadParameter(f"{', '.join(unknown)}: no such indicator; {hint}", param_hint="--indicator")
        of_level = level and level.value
        coverage = comparison.coverage(database, indicator, names=places, level=of_level, say=complain)
        chosen = indicator or list(coverage["indicator"])
        if shown or (chart and not indicator):
            chosen = indicator or [c for c, n in zip(chosen, coverage["cells"], strict=True) if n][:CHOSEN]
        long = comparison.panel(
            database, chosen, rows=comparison.KEYS, columns=(), per=per and per.value, denominators=denominators,
            names=places, level=of_level, say=complain,
        ).reset_index()[list(comparison.PANEL)]  # fmt: skip
        told = long if absent else long[long["state"] != "no_document"].reset_index(drop=True)
        if shown:
            out = console()
            tables.coverage_table(coverage, LISTED, out)
            if chosen:
                tables.panel_tables(long, (dimensions[0], dimensions[1]), out)
        elif as_json or output is None:
            _print(coverage, told, "json" if as_json else form.value)
        elif form == CompareFormat.json:
            output.write_text(_as_json(coverage, told), "utf-8")
        else:
            for note in comparison.write(database, told, coverage, output, form.value, personal, lang.value).lines:
                complain(note)
        if chart:
            _draw(long, chart)
        if left := comparison.unplaced(database):
            complain(f"documents left out because their place or year is not known: {left} (`hebao export` lists them)")


def _form(form: CompareFormat, output: Path | None) -> CompareFormat:
    """The format asked for, or that which the name of the file says; the two may not contradict each other."""
    ending = output.suffix.lstrip(".").lower() if output else ""
    said = CompareFormat(ending) if ending in (one.value for one in CompareFormat) else None
    if form == CompareFormat.table and output is not None:
        if said is None:
            raise typer.BadParameter(f"{output.name}: say --format, or end its name in .csv, .xlsx, …", param_hint="-o")
        return said
    if said not in (None, form):
        raise typer.BadParameter(f"{output}: ends otherwise; leave --format out, or rename it", param_hint="--format")
    return form


def _draw(long: Any, chart: Path) -> None:
    from pipeline import charts
    from pipeline.cli.terminal import complain

    if left := charts.draw(long, chart):
        complain(left)


def _print(coverage: Any, long: Any, form: str) -> None:
    from pipeline.store.export import csv_lines

    if form == "json":
        sys.stdout.write(_as_json(coverage, long))
    else:
        sys.stdout.writelines(csv_lines(long))


def _as_json(coverage: Any, long: Any) -> str:
    from pipeline.store.export import json_lines

    both = {"coverage": coverage, "panel": long}
    table = {name: [json.loads(line) for line in json_lines(frame)] for name, frame in both.items()}
    return json.dumps(table, ensure_ascii=False, indent=1) + "\n"


def export(
    output: Folder, form: Annotated[ExportFormat, typer.Option("--format", help="How to write it.")] = ExportFormat.csv,
    lang: Heads = Lang.zh, personal: Personal = False, db: Db = None, config_file: Config = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """All tables as files, with a codebook that says what every column means, and datapackage.json."""
    from pipeline.cli.terminal import complain
    from pipeline.store.export import write_all

    with open_database(db, config.load(config_file)) as database:
        paths, notes = write_all(database, output, form.value, personal, lang.value)
    for note in notes.lines:
        complain(note)
    if as_json:
        print_json([str(path) for path in paths])
    else:
        print(f"written to {output}: {' '.join(path.name for path in paths)}")


places_app = typer.Typer(help="Which names mean one place.", no_args_is_help=True, rich_markup_mode=None)


@places_app.command("list")
def list_places(db: Db = None, config_file: Config = None, as_json: Json = False) -> None:
    """The places that report, with the place above, level, documents and years."""
    from pipeline.cli.terminal import cell, console
    from pipeline.store.export import json_lines, missing

    with open_database(db, config.load(config_file)) as database:
        found = database.places()
    if as_json:
        print_json([json.loads(line) for line in json_lines(found)])
        return
    from rich.table import Table

    table = Table(box=None, header_style="bold", padding=(0, 1))
    for name in ("place", "parent", "level", "years"):
        table.add_column(name)
    table.add_column("documents", justify="right")
    for row in found.to_dict("records"):
        told = ("" if missing(row[name]) else str(row[name]) for name in ("place", "parent", "level"))
        first, last = row["first_year"], row["last_year"]
        years = "" if missing(first) else str(first) if first == last else f"{first}–{last}"
        table.add_row(*map(cell, (*told, years)), cell(row["documents"]))
    console().print(table)


@places_app.command("import")
def import_places(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: code,name,parent,level, or name,place.")],
    db: Db = None, config_file: Config = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: x.places.csv beside x.db.")
    ] = None,
) -> None:  # fmt: skip
    """Add an official division table, or your own names, to the table of places; `compare` then reads it."""
    from pipeline.compare import places

    target = output or places.beside(db or Path(config.load(config_file).store.path))
    before = places.read(target) if target.is_file() else ()
    added = places.read(file)
    places.write(target, (*before, *added))
    print(f"{len(added):,} names read from {file}; written to {target}")
