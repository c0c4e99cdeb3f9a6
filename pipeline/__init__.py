"""Hebao reads Chinese work reports: sections, numeric claims, and where each stands in its source.

The flow, in ten lines:

    ingest      a file becomes a Document: its text, in blocks, with pages
    clean       edits to that text, never a new text: what is quoted stays as issued
    outline     headings, by whether their numbers follow one another
    segment     numbers and units are locked, then the rest is cut into words
    sections    every part gets a role and a topic
    claims      every number that is asserted gets value, unit, action, object and status
    indicators  claims that mean the same get the same code and base unit
    run         strings these together: `process(path)` gives a Report
    store       Reports lie in one SQLite file: `open_database(path)`
    compare     place × year × indicator, the missing cells told apart: `database.panel([...])`

    >>> import pipeline
    >>> report = pipeline.process("清河镇2022年爱国卫生工作总结.docx")        # doctest: +SKIP
    >>> report.claims[0].surface, report.claims[0].value_low               # doctest: +SKIP
    >>> with pipeline.open_database("hebao.db") as database:               # doctest: +SKIP
    ...     frame = database.claims(place="清河镇", masked=False)

Importing this costs nothing; each verb loads what it needs when it is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.config import Settings
    from pipeline.records import Document, Report
    from pipeline.store import Database

__all__ = ["load_settings", "open_database", "process", "read"]


def read(path: Path | str, settings: Settings | None = None) -> Document:
    """The file's text in blocks, nothing extracted. Never raises for bad content: see `Document.outcome`."""
    from pipeline import config, ingest

    return ingest.read(Path(path), (settings or config.Settings()).ingest)[0]


def process(path: Path | str, settings: Settings | None = None) -> Report:
    """Everything that one file yields. Never raises for bad content: see `Report.document.outcome` and its issues."""
    from pipeline import run

    return run.process(Path(path), settings)


def open_database(path: Path | str, read_only: bool = True) -> Database:
    """A database made by `hebao run`, for reading unless said otherwise. Raises pipeline.store.StoreError."""
    from pipeline.store import Database

    return Database(path, read_only)


def load_settings(path: Path | str | None = None) -> Settings:
    """Settings from a config.toml, by default the one here or the one that ships. Raises config.ConfigError."""
    from pipeline import config

    return config.load(None if path is None else Path(path))
