"""`hebao reuse`: which reports share passages that are no set phrases."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline import config
from pipeline.cli.options import Config, Db, Json, OutputFile, open_database

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.audit.reuse_archive import Pair, Writing
    from pipeline.store import Database

QUOTED = 160  # characters of a passage on the screen


class ReuseFormat(StrEnum):
    """What reuse is written as: csv has one row a passage, json documents and pairs; `table` is for the screen."""

    table = "table"
    csv = "csv"
    json = "json"


def reuse(
    document: Annotated[
        str | None, typer.Argument(metavar="[DOC]", help="Only what one document shares, passage by passage.")
    ] = None,
    form: Annotated[ReuseFormat, typer.Option("--format", help="How to write it.")] = ReuseFormat.table,
    output: OutputFile = None,
    gexf: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the network, for Gephi and others.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Pairs on the screen; the other formats have all.")] = 30,
    anew: Annotated[bool, typer.Option("--anew", help="Look again though nothing has changed.")] = False,
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Passages that several reports share, set phrases apart; which report is the earliest in the archive."""
    from pipeline.audit import reuse_archive
    from pipeline.audit.reuse_graph import write_gexf
    from pipeline.cli.terminal import complain, console

    settings = config.load(config_file)
    with open_database(db, settings, read_only=False) as database:
        sha256 = database.report(document).document.sha256 if document else None
        reuse_archive.refresh(database, anew)
        pairs = reuse_archive.pairs(database, sha256)
        writings = reuse_archive.writings(database)
        if gexf is not None:
            write_gexf(writings, pairs, gexf)
            complain(f"network of {len(writings):,} documents and {len(pairs):,} pairs written to {gexf}")
        if as_json or form == ReuseFormat.json:
            _write(json.dumps(_tree(writings, pairs), ensure_ascii=False, indent=1) + "\n", output)
        elif form == ReuseFormat.csv:
            _write_csv(database, pairs, output)
        elif sha256 is not None:
            _passages(database, pairs, console())
        else:
            _table(writings, pairs, most, console())
    raise typer.Exit(0 if pairs else 1)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, "utf-8")


def _tree(writings: list[Writing], pairs: list[Pair]) -> dict[str, Any]:
    listed = [asdict(pair) | {"earlier": pair.earlier.sha256, "later": pair.later.sha256} for pair in pairs]
    return {"documents": [asdict(writing) for writing in writings], "pairs": listed}


def _write_csv(database: Database, pairs: list[Pair], output: Path | None) -> None:
    import pandas

    from pipeline.store.export import csv_lines, write_table

    columns = (
        "earlier", "earlier_place", "earlier_year", "later", "later_place", "later_year", "directed", "share",
        "similarity", "shared", "own", "earlier_start", "earlier_end", "later_start", "later_end", "earlier_text",
        "later_text",
    )  # fmt: skip
    rows = [
        (pair.earlier.name, pair.earlier.place, pair.earlier.year, pair.later.name, pair.later.place, pair.later.year,
         pair.directed, round(pair.share, 4), pair.similarity, passage.shared, passage.own, *passage.earlier,
         *passage.later, _quote(database, pair.earlier.sha256, passage.earlier),
         _quote(database, pair.later.sha256, passage.later))
        for pair in pairs
        for passage in pair.passages
    ]  # fmt: skip
    frame = pandas.DataFrame(rows, columns=list(columns)).astype({"earlier_year": "Int64", "later_year": "Int64"})
    if output is None:
        sys.stdout.writelines(csv_lines(frame))
    else:
        write_table(frame, output, "csv")


def _quote(database: Database, sha256: str, span: tuple[int, int]) -> str:
    query = "SELECT substr(text, ?, ?) FROM documents WHERE sha256 = ?"
    return str(database.connection.execute(query, (span[0] + 1, span[1] - span[0], sha256)).fetchone()[0])


def _table(writings: list[Writing], pairs: list[Pair], most: int, out: Console) -> None:
    from rich.table import Table

    from pipeline.cli.terminal import cell

    table = Table(title="the part of each later report that stands in another one", title_justify="left", box=None,
                  header_style="bold", padding=(0, 1))  # fmt: skip
    for name in ("earliest here", "", "later"):
        table.add_column(name)
    for name in ("share", "letters", "passages", "similarity"):
        table.add_column(name, justify="right")
    for pair in pairs[:most]:
        arrow = "→" if pair.directed else "?"
        numbers = (f"{pair.share:.1%}", f"{pair.shared:,}", str(len(pair.passages)), f"{pair.similarity:.2f}")
        table.add_row(cell(_named(pair.earlier)), arrow, cell(_named(pair.later)), *numbers)
    if pairs:
        out.print(table)
    if len(pairs) > most:
        out.print(f"and {len(pairs) - most:,} more pairs: --most N shows them, --format csv has all passages")
    shares = sorted(writing.own_share for writing in writings if writing.own_share is not None)
    if shares:
        below = sum(share < 0.5 for share in shares)
        out.print(
            f"{len(shares):,} reports, {len(pairs):,} pairs; own content: median {shares[len(shares) // 2]:.0%}, "
            f"less than half in {below:,}; ? means that the years do not tell which came first"
        )


def _passages(database: Database, pairs: list[Pair], out: Console) -> None:
    from rich.text import Text

    from pipeline.cli.terminal import safe

    for pair in pairs:
        arrow = "→" if pair.directed else "?"
        out.print(Text(f"{safe(_named(pair.earlier))} {arrow} {safe(_named(pair.later))}  {pair.share:.1%}", "bold"))
        for passage in pair.passages:
            for label, writing, span in (("   ", pair.earlier, passage.earlier), (" → ", pair.later, passage.later)):
                quoted = "".join(_quote(database, writing.sha256, span).split())
                shown = quoted if len(quoted) <= QUOTED else quoted[: QUOTED - 1] + "…"
                out.print(Text(f"{label}{span[0]:>6}–{span[1]:<6} {safe(shown)}"))
    if not pairs:
        out.print("nothing that another report of the archive has, set phrases apart")


def _named(writing: Writing) -> str:
    return f"{writing.name} ({writing.year})" if writing.year else writing.name
