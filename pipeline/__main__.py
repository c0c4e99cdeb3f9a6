"""The command line. Whatever is slow to import is imported by the command that needs it."""

from __future__ import annotations

import json
import sqlite3
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline import config
from pipeline.cli.options import Config, Corpus, Db, Folder, Json, OutputFile, Paths, Workers, open_database, print_json

if TYPE_CHECKING:
    from pipeline.records import Report

app = typer.Typer(
    help="Hebao 核报 reads Chinese work reports: sections, numeric claims, and a database to compare them in.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


class ExportFormat(StrEnum):
    """What tables are written as."""

    csv = "csv"
    xlsx = "xlsx"
    json = "json"
    parquet = "parquet"


class CompareFormat(StrEnum):
    """What a comparison is written as; `table` is for the screen."""

    table = "table"
    csv = "csv"
    json = "json"
    xlsx = "xlsx"
    parquet = "parquet"


GOLD = Path("corpus/gold")
CHOSEN, LISTED = 6, 24  # indicators whose values, and whose coverage, `compare` shows when none is named


@app.command()
def run(
    paths: Paths, db: Db = None, workers: Workers = None, config_file: Config = None, as_json: Json = False,
    retry: Annotated[bool, typer.Option(help="Try again what could not be read before.")] = False,
) -> None:  # fmt: skip
    """Read reports, extract, and store them. What is done already is skipped; interrupt and repeat at will."""
    from pipeline import batch
    from pipeline.cli.progress import progress, summarise
    from pipeline.cli.terminal import complain

    settings = config.load(config_file)
    with open_database(db, settings, read_only=False) as database:
        try:
            with progress() as step:
                summary = batch.run(paths, database, settings, workers, step, retry=retry)
        except KeyboardInterrupt:
            complain("interrupted; what is stored stays, the same command goes on from here")
            raise typer.Exit(130) from None
        if as_json:
            print_json(asdict(summary) | {"database": str(database.path), "exit_status": summary.exit_status})
        else:
            summarise(summary, database.path)
    raise typer.Exit(summary.exit_status)


@app.command()
def extract(
    paths: Paths, output: Folder, workers: Workers = None, config_file: Config = None, as_json: Json = False
) -> None:
    """Extract to files, without a database: documents, claims, sections and issues as .jsonl, and texts/."""
    from pipeline.batch import READABLE
    from pipeline.cli.extract import extract as write
    from pipeline.cli.progress import list_failed, progress
    from pipeline.cli.terminal import complain, console

    settings = config.load(config_file)
    with progress() as step:
        outcomes, failed = write(
            paths, output, settings, settings.run.workers if workers is None else workers, step, complain
        )
    if as_json:
        print_json({"outcomes": outcomes, "failed": [asdict(problem) for problem in failed], "folder": str(output)})
    else:
        out = console()
        out.print("documents  " + (", ".join(f"{n:,} {o}" for o, n in sorted(outcomes.items())) or "none"))
        list_failed(failed, out.print)
        out.print(f"written to {output}: documents.jsonl claims.jsonl sections.jsonl issues.jsonl texts/")
    read = any(outcomes[outcome] for outcome in READABLE)
    raise typer.Exit(0 if read and not failed else 1 if read else 2)


@app.command()
def show(
    document: Annotated[str, typer.Argument(metavar="DOC", help="A file, or a stored document's name or digits.")],
    edits: Annotated[bool, typer.Option("--edits", help="List what cleaning changed.")] = False,
    numbers: Annotated[bool, typer.Option("--numbers", help="List claims, and numbers that are none.")] = False,
    image: Annotated[bool, typer.Option("--image", help="Draw a PDF page with what was read of it, as PNG.")] = False,
    page: Annotated[int, typer.Option("--page", min=1, help="The page that --image draws.")] = 1,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where --image goes; default NAME-pN.png.")
    ] = None,
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """One report: its outline, its text with the claims in place, its issues."""
    from pipeline.cli.show import show as write
    from pipeline.cli.terminal import console
    from pipeline.store.export import json_value

    settings = config.load(config_file)
    report = _report(document, db, settings)
    if image:
        from pipeline.cli.image import draw

        print(draw(report, page, settings.ingest, output))
    elif as_json:
        table = asdict(report)
        table["document"]["boxes"] = None
        print_json(json_value(table))
    else:
        write(report, console(), edits, numbers)
    raise typer.Exit(0 if report.document.readable else 1)


def _report(document: str, db: Path | None, settings: config.Settings) -> Report:
    if Path(document).is_file():
        from pipeline.run import process

        return process(Path(document), settings)
    with open_database(db, settings) as database:
        return database.report(document)


@app.command()
def compare(
    indicator: Annotated[list[str] | None, typer.Option(metavar="CODE", help="Again for several.")] = None,
    by: Annotated[str, typer.Option(metavar="ROWS,COLUMNS", help="Two of place, year, indicator.")] = "place,year",
    form: Annotated[CompareFormat, typer.Option("--format", help="How to write it.")] = CompareFormat.table,
    output: OutputFile = None,
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Places side by side: how far each indicator can be compared, then its values, the empty cells told apart."""
    from pipeline import compare as comparison
    from pipeline.cli import tables
    from pipeline.cli.terminal import complain, console

    dimensions = tuple(by.split(","))
    if len(dimensions) != 2 or len(set(dimensions)) < 2 or not set(dimensions) <= set(comparison.KEYS):
        raise typer.BadParameter("two of place, year, indicator, as place,year", param_hint="--by")
    with open_database(db, config.load(config_file)) as database:
        coverage = comparison.coverage(database, indicator)
        chosen = indicator or list(coverage["indicator"])
        if form == CompareFormat.table and not as_json:
            chosen = indicator or [c for c, n in zip(chosen, coverage["cells"], strict=True) if n][:CHOSEN]
            out = console()
            tables.coverage_table(coverage, LISTED, out)
            long = comparison.panel(database, chosen, rows=comparison.KEYS, columns=()).reset_index()
            if chosen:
                tables.panel_tables(long, (dimensions[0], dimensions[1]), out)
        else:
            long = comparison.panel(database, chosen, rows=comparison.KEYS, columns=()).reset_index()
            _write_panel(coverage, long, "json" if as_json else form.value, output)
        if left := comparison.unplaced(database):
            complain(f"{left} documents are left out: their place or year is not known (`hebao export` lists them)")


def _write_panel(coverage: Any, long: Any, form: str, output: Path | None) -> None:
    from pipeline.store.export import csv_lines, json_lines, write_table

    if output is None and form in ("xlsx", "parquet"):
        raise typer.BadParameter(f"{form} goes to a file: name it with -o", param_hint="--format")
    if form == "json":
        both = {"coverage": coverage, "panel": long}
        table = {name: [json.loads(line) for line in json_lines(frame)] for name, frame in both.items()}
        text = json.dumps(table, ensure_ascii=False, indent=1) + "\n"
        sys.stdout.write(text) if output is None else output.write_text(text, "utf-8")
    elif output is None:
        sys.stdout.writelines(csv_lines(long))
    else:
        write_table(long, output, form)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="All of them in one section.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many hits.")] = 100,
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Find words in the reports and in what their claims are about."""
    from pipeline.cli.tables import hits_table
    from pipeline.cli.terminal import console
    from pipeline.store.export import json_lines

    with open_database(db, config.load(config_file)) as database:
        hits = database.search(" ".join(words), limit)
    if as_json:
        print("\n".join(json_lines(hits)))
    else:
        hits_table(hits, " ".join(words), limit, console())
    raise typer.Exit(0 if len(hits) else 1)


@app.command()
def export(
    output: Folder, form: Annotated[ExportFormat, typer.Option("--format", help="How to write it.")] = ExportFormat.csv,
    db: Db = None, config_file: Config = None, as_json: Json = False,
) -> None:  # fmt: skip
    """All tables as files, with a codebook that says what every column means."""
    from pipeline.store.export import write_all

    with open_database(db, config.load(config_file)) as database:
        paths = write_all(database, output, form.value)
    if as_json:
        print_json([str(path) for path in paths])
    else:
        print(f"written to {output}: {' '.join(path.name for path in paths)}")


@app.command()
def train(corpus: Corpus = GOLD, as_json: Json = False) -> None:
    """Learn the section weights from annotated reports and write them into models/."""
    from pipeline import evaluate

    card = evaluate.train(corpus, config.models_path())
    if as_json:
        print_json(card)
    else:
        held_out = ", ".join(f"{name} {card['held_out'][name]:.3f}" for name in evaluate.HEADLINES)
        print(f"{card['trained_on']['reports']} reports; scores on places held out: {held_out}")
        print(f"written to {config.models_path()}")


@app.command()
def evaluate(corpus: Corpus = GOLD, config_file: Config = None, as_json: Json = False) -> None:
    """Score the sections against annotated reports; status 1 where they are worse than what was recorded."""
    from pipeline import evaluate as evaluation

    result = evaluation.evaluate(corpus, config.load(config_file), as_json)
    raise typer.Exit(1 if result.sunk else 0)


@app.command()
def check(config_file: Config = None, as_json: Json = False) -> None:
    """What is installed, which optional parts are missing, and what each would open."""
    from pipeline.cli import checkup

    parts = checkup.parts(config_file)
    if as_json:
        print_json([asdict(part) for part in parts])
    else:
        checkup.show(parts)
    raise typer.Exit(2 if any(part.needed and not part.present for part in parts) else 0)


def _known_errors() -> tuple[type[Exception], ...]:
    from pipeline.cli.image import ImageError
    from pipeline.store import StoreError
    from pipeline.workers import BatchError

    return (config.ConfigError, ImageError, StoreError, BatchError, sqlite3.Error, OSError)


def main() -> None:
    """Run the command line. What is known to go wrong ends in one line on standard error and status 2."""
    try:
        app()
    except SystemExit:
        raise
    except _known_errors() as error:
        from pipeline.cli.terminal import complain

        complain(f"the database refused: {error}" if isinstance(error, sqlite3.Error) else str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
