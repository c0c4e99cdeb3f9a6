"""Stored findings as a person reads them: place, file, page, quote, verdict. The rows of tables and sheets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.audit import base
from pipeline.records import Evidence, Finding
from pipeline.store import audit as stored

if TYPE_CHECKING:
    from pipeline.store import Database

BEFORE, AFTER = 40, 60  # characters of the quote around the evidence, cut at the ends of its sentence
SEVERITIES = {1: "先问", 2: "查看", 3: "提示"}


@dataclass(frozen=True, slots=True)
class Lead:
    """A finding with where it stands. `quote` is the source, the evidence in it between 【 and 】."""

    id: str
    place: str | None
    year: int | None
    document: str  # file name
    page: int | None
    check: str
    name: str
    severity: int
    quote: str
    message: str
    formula: str | None
    suggestion: str | None
    standard: str | None
    innocent: str
    ask: str
    verdict: str | None
    note: str | None
    person: str | None
    again: bool  # the verdict was given on other values


def leads(database: Database, **filters: Any) -> list[Lead]:
    """The stored findings as leads, by place, then severity, document and position. Filters: `store.audit.findings`."""
    verdicts = stored.standing(database)
    query = "SELECT sha256, key, name, place, year FROM documents"
    documents = {sha256: row for sha256, *row in database.connection.execute(query)}
    texts: dict[str, str] = {}
    made = []
    for finding in stored.findings(database, **filters):
        here = finding.evidence[0]
        key, name, place, year = documents[here.document]
        if here.document not in texts:
            texts.clear()
            found = database.connection.execute("SELECT text FROM documents WHERE key = ?", (key,))
            texts[here.document] = found.fetchone()[0]
        page = _page(database, key, here)
        made.append(
            _lead(finding, name, place, year, page, _quote(texts[here.document], here), verdicts.get(finding.id))
        )
    return sorted(made, key=lambda lead: (lead.place is None, lead.place or "", lead.year or 0, lead.severity))


def _lead(
    finding: Finding, document: str, place: str | None, year: int | None, page: int | None, quote: str,
    verdict: stored.Verdict | None,
) -> Lead:  # fmt: skip
    known = base.settings().get(finding.check)
    return Lead(
        id=finding.id,
        place=place.partition("#")[0] if place else None,
        year=year,
        document=document,
        page=page,
        check=finding.check,
        name=known.name if known else finding.check,
        severity=finding.severity,
        quote=quote,
        message=finding.message,
        formula=finding.formula,
        suggestion=finding.suggestion,
        standard=finding.standard,
        innocent=finding.innocent,
        ask=finding.ask,
        verdict=verdict.verdict if verdict else None,
        note=verdict.note if verdict else None,
        person=verdict.person if verdict else None,
        again=bool(verdict and not verdict.current),
    )


def _page(database: Database, document: int, here: Evidence) -> int | None:
    row = database.connection.execute(
        'SELECT page FROM blocks WHERE document = ? AND start <= ? AND "end" > ? AND page IS NOT NULL LIMIT 1',
        (document, here.start, here.start),
    ).fetchone()
    return int(row[0]) if row else None


def _quote(text: str, here: Evidence) -> str:
    """The evidence with the rest of its sentence on both sides, white space made plain."""
    left = re.split("[。！？\n]", text[max(0, here.start - BEFORE) : here.start])[-1]
    right = re.split("(?<=[。！？])|\n", text[here.end : here.end + AFTER])[0]
    shown = " ".join(here.surface.split())
    shown = shown if len(shown) <= 120 else f"{shown[:120]}…"
    return f"{' '.join(left.split())}【{shown}】{' '.join(right.split())}"
