"""A report on its way to the database: as the rows that it will be, made where it was read, so that the one process
that writes has only to write. Between processes plain tuples cost a third of what slotted dataclasses do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from pipeline.records import Document, Issue, Report
from pipeline.store import rows

Row = tuple[Any, ...]
PARTS = tuple(table for table in rows.RECORDS if table != "blocks")


def squeeze(text: str) -> str:
    """Text as the search index holds it: a line break inside a word must not hide the word."""
    return "".join(text.split())


class Parcel(NamedTuple):
    """A report without its parts, the rows of each child table (`number` and the fields of its record), and what the
    search index is told of each segment and claim."""

    frame: Report
    rows: dict[str, list[Row]]
    words: dict[str, list[str]]

    @property
    def document(self) -> Document:
        """The document, without its blocks."""
        return self.frame.document

    @property
    def claims(self) -> list[Row]:
        """The rows of the claims."""
        return self.rows["claims"]

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The issues, as records."""
        return tuple(rows.from_row("issues", row[1:]) for row in self.rows["issues"])

    def labelled(self, fingerprint: str, **document: Any) -> Parcel:
        """The same with a fingerprint and other values of the document's fields."""
        changed = replace(self.frame.document, **document) if document else self.frame.document
        return self._replace(frame=replace(self.frame, fingerprint=fingerprint, document=changed))


def packed(report: Report) -> Parcel:
    """The report, ready to travel and to be stored. Raises ValueError where a number is none."""
    document = report.document
    parts = {"blocks": document.blocks, **{table: getattr(report, table) for table in PARTS}}
    made = {
        table: [(number, *rows.to_row(table, part)) for number, part in enumerate(parts[table])]
        for table in rows.RECORDS
    }
    words = {
        "segments": [squeeze(document.text[part.start : part.end]) for part in report.segments],
        "claims": [claim_words(claim.surface, claim.object) for claim in report.claims],
    }
    empty: dict[str, Any] = dict.fromkeys(PARTS, ())
    return Parcel(replace(report, document=replace(document, blocks=()), **empty), made, words)


def claim_words(surface: str, thing: str | None) -> str:
    """What the search index is told of a claim."""
    return f"{squeeze(surface)}\n{squeeze(thing or '')}"


def unpacked(parcel: Parcel) -> Report:
    """The report as it was; a number's trailing zeros apart, which no row keeps."""
    parts: dict[str, Any] = {
        table: tuple(rows.from_row(table, row[1:]) for row in made) for table, made in parcel.rows.items()
    }
    document = replace(parcel.document, blocks=parts.pop("blocks"))
    return replace(parcel.frame, document=document, **parts)
