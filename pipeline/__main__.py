"""The command line. Whatever is slow to import is imported by the command that needs it."""

from __future__ import annotations

import sqlite3
import sys
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline import config
from pipeline.cli import indicators
from pipeline.cli.audit import audit_app, selfcheck
from pipeline.cli.batch import quarantine, run
from pipeline.cli.compare import compare, export, places_app
from pipeline.cli.options import Config, Corpus, Db, Folder, Json, Paths, Workers, open_database, print_json
from pipeline.cli.reuse import reuse
from pipeline.cli.serve import serve

if TYPE_CHECKING:
    from pipeline.records import Report

app = typer.Typer(
    help="Hebao 核报 reads Chinese work reports: sections, numeric claims, and a database to compare them in.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


GOLD = Path("corpus/gold")


def _version(wanted: bool) -> None:
    if wanted:
        from pipeline.batch import version

        print(f"hebao {version()}")
        raise typer.Exit


@app.callback()
def hebao(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Hebao 核报 reads Chinese work reports: sections, numeric claims, and a database to compare them in."""


app.command()(run)
app.command()(compare)
app.command()(export)
app.add_typer(places_app, name="places")


@app.command()
def extract(
    paths: Paths, output: Folder, workers: Workers = None, config_file: Config = None, as_json: Json = False
) -> None:
    """Extract to files, without a database: documents, claims, sections and issues as .jsonl, and texts/."""
    from pipeline.batch import READABLE
    from pipeline.cli.extract import extract as write
    from pipeline.cli.progress import progress
    from pipeline.cli.summary import list_failed
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
        write(report, console(), edits, numbers, settings)
    raise typer.Exit(0 if report.document.readable else 1)


def _report(document: str, db: Path | None, settings: config.Settings) -> Report:
    if Path(document).is_file():
        from pipeline.run import process

        return process(Path(document), settings)
    stored = db or Path(settings.store.path)
    if not stored.is_file():
        remedy = "give a file that is there, or name with --db the database that holds it"
        raise typer.BadParameter(f"{document}: no such file, no database {stored}; {remedy}", param_hint="DOC")
    with open_database(db, settings) as database:
        return database.report(document)


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


app.command()(quarantine)
app.add_typer(indicators.app, name="indicators")
app.add_typer(audit_app, name="audit")
app.command()(selfcheck)
app.command()(reuse)
app.command()(serve)


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
    from pipeline.charts import ChartError
    from pipeline.cli.image import ImageError
    from pipeline.compare.denominators import DenominatorError
    from pipeline.compare.places import PlacesError
    from pipeline.lexicon import TableError
    from pipeline.store import StoreError
    from pipeline.workers import BatchError

    return (
        config.ConfigError, ChartError, DenominatorError, PlacesError, ImageError, StoreError, TableError, BatchError,
        sqlite3.Error, OSError,
    )  # fmt: skip


def main() -> None:
    """Run the command line. What is known to go wrong ends in one line on standard error and status 2."""
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show Han must not end the work
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
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
