"""`hebao indicators`: the catalogue, what is wrong with it, and what an archive tells that it does not know."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import config
from pipeline.cli.options import Config, Db, Json, OutputFile, open_database, print_json

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(
    help="The catalogue of indicators: list it, check it, and find what an archive tells that it does not know.",
    no_args_is_help=True,
)
Least = Annotated[int, typer.Option("--least", min=1, help="Claims that a proposal must be told by.")]
Places = Annotated[int, typer.Option("--places", min=1, help="Places that a proposal must be told by.")]
Most = Annotated[int, typer.Option("--most", min=1, help="Proposals on the screen; -o and --json have them all.")]


@app.command("list")
def list_(
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]...", help="Only rows with all of them.")] = None,
    as_json: Json = False,
) -> None:
    """The catalogue: code, name, unit, and the words that tell it."""
    from pipeline.cli.terminal import console
    from pipeline.indicators import catalogue

    chosen = [row for row in catalogue() if all(word in str(asdict(row)) for word in words or ())]
    if as_json:
        print_json([asdict(row) for row in chosen])
    else:
        table = _table("code", "tier", "name", "unit", "verbs", "objects")
        for row in chosen:
            units = "|".join("=".join(group) for group in row.units) or row.base_unit
            _add(table, row.code, row.tier, row.name_zh, units, _short(row.verbs), _short(row.objects))
        console().print(table)
    raise typer.Exit(0 if chosen else 1)


@app.command()
def lint(db: Db = None, config_file: Config = None, as_json: Json = False) -> None:
    """What is wrong with the catalogue; with --db also rows that never match and rows that cannot be told apart."""
    from pipeline import indicators, vocabulary
    from pipeline.cli.terminal import console

    settings = config.load(config_file)
    faults = indicators.lint(threshold=settings.indicators.threshold)
    unused: list[vocabulary.Use] = []
    collisions: list[vocabulary.Collision] = []
    if db is not None:
        with open_database(db, settings) as database:
            unused = [use for use in vocabulary.usage(database) if not use.claims]
            collisions = vocabulary.collisions(database)
    if as_json:
        print_json({"faults": faults, "never_matched": [use.row.code for use in unused],
                    "collisions": [asdict(collision) for collision in collisions]})  # fmt: skip
    else:
        out = console()
        for fault in faults:
            out.print(fault)
        for collision in collisions:
            out.print(f"{' = '.join(collision.codes)}: fit {collision.claims:,} claims equally, as {collision.example}")
        for use in unused:
            out.print(f"{use.row.code}: matches nothing in this database ({use.row.name_zh})")
        out.print(f"{len(faults)} faults, {len(indicators.catalogue())} rows")
        if db is not None:
            out.print(f"{len(collisions)} collisions and {len(unused)} unused rows in {db}")
    raise typer.Exit(1 if faults else 0)


@app.command()
def suggest(
    least: Least = 5, places: Places = 2, most: Most = 40, output: OutputFile = None, db: Db = None,
    config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Propose rows for models/indicators.csv from the claims without a code; -o writes them ready to paste."""
    from pipeline import vocabulary
    from pipeline.cli.terminal import console

    with open_database(db, config.load(config_file)) as database:
        proposed = vocabulary.suggest(database, least, places)
    if output is not None:
        output.write_text(vocabulary.csv_rows(proposed), "utf-8", newline="")
    if as_json:
        print_json(vocabulary.as_json(proposed))
    elif output is not None:
        print(f"{len(proposed)} rows written to {output}")
    else:
        table = _table("name", "unit", "claims", "places", "verbs", "example")
        for _, candidate in proposed[:most]:
            per = f"/{candidate.per}" if candidate.per else ""
            document, said = candidate.examples[0]
            _add(table, candidate.name, candidate.base_unit + per, candidate.claims, len(candidate.places),
                 _short(tuple(candidate.verbs)), f"{said} ({document})")  # fmt: skip
        out = console()
        out.print(table)
        covered = sum(candidate.claims for _, candidate in proposed)
        out.print(f"{len(proposed)} proposals for {covered:,} claims without a code; -o FILE.csv writes them as rows")
    raise typer.Exit(0 if proposed else 1)


def _table(*heads: str) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", padding=(0, 1))
    for head in heads:
        table.add_column(head, justify="right" if head in ("claims", "places", "tier") else "left")
    return table


def _add(table: Table, *values: object) -> None:
    from pipeline.cli.terminal import cell

    table.add_row(*(cell(value) for value in values))


def _short(words: tuple[str, ...], most: int = 4) -> str:
    return "|".join(words[:most]) + ("|…" if len(words) > most else "")
