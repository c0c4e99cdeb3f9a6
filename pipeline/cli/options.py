"""Options and small helpers that several commands share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline import config

if TYPE_CHECKING:
    from pipeline.store import Database

Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders or glob patterns.")]
Db = Annotated[Path | None, typer.Option("--db", metavar="FILE", help="The database; default from config.toml.")]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Settings; default ./config.toml.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Workers = Annotated[int | None, typer.Option(min=0, metavar="N", help="Worker processes; 0 means one a processor.")]
Folder = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the files go.")]
OutputFile = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: standard output.")]
Corpus = Annotated[Path, typer.Option("--corpus", metavar="DIR", help="Annotated reports.")]


def open_database(
    db: Path | None, settings: config.Settings, read_only: bool = True, create: bool = False
) -> Database:
    """The database that --db or config.toml names. Raises StoreError where it is not there, unless `create`: a name
    typed wrong must not become an empty archive about which there is nothing to say."""
    from pipeline.store import Database

    path = db or Path(settings.store.path)
    if not (read_only or create) and not (path.is_file() and path.stat().st_size):
        read_only = True  # which refuses
    return Database(path, read_only)


def print_json(value: Any) -> None:
    """A value as JSON on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))
