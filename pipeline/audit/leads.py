"""Stored findings as a person reads them: place, file, page, quote, verdict. The rows of tables and sheets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.audit import base
from pipeline.audit.base import Span
from pipeline.records import Evidence, Finding
from pipeline.store import audit as stored

if TYPE_CHECKING:
    from pipeline.store import Database

BEFORE, AFTER = 40, 60  # characters of a quote around the evidence, cut at the borders of sentences and clauses
LONGEST = 120  # characters of evidence that are shown
MOST_QUOTES = 4
TEXTS_KEPT = 16
SENTENCE_ENDS, CLAUSE_ENDS = "。！？!?\n", "，,；;：:、"
SEVERITIES = {1: "先问", 2: "查看", 3: "提示"}


@dataclass(frozen=True, slots=True)
class Lead:
    """A finding with where it stands. `quote` is the source, the evidence in it between 【 and 】: a line for each
    sentence or table cell that the finding rests on."""

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

    @lru_cache(maxsize=TEXTS_KEPT)
    def text_of(sha256: str) -> str:
        found = database.connection.execute("SELECT text FROM documents WHERE sha256 = ?", (sha256,))
        return str(found.fetchone()[0])

    made = []
    for finding in stored.findings(database, **filters):
        here = finding.evidence[0]
        key, name, place, year = documents[here.document]
        names = {sha256: "" if sha256 == here.document else row[1] for sha256, row in documents.items()
                 if sha256 in {e.document for e in finding.evidence}}  # fmt: skip
        quote = _quotes(database, finding, text_of, names)
        made.append(_lead(finding, name, place, year, _page(database, key, here), quote, verdicts.get(finding.id)))
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


def _quotes(database: Database, finding: Finding, text_of: Callable[[str], str], names: dict[str, str]) -> str:
    """What the finding rests on, a line for each sentence or table cell; evidence of one passage stands in one line,
    and that of another document behind its name."""
    groups: list[tuple[str, Span, list[Span]]] = []
    for here in finding.evidence:
        if here.role == "context" and groups:
            continue
        window = _window(text_of(here.document), here.start, here.end)
        for at, (document, (start, end), marks) in enumerate(groups):
            if document == here.document and start < here.end and here.start < end:
                groups[at] = (document, (min(start, window[0]), max(end, window[1])), [*marks, (here.start, here.end)])
                break
        else:
            groups.append((here.document, window, [(here.start, here.end)]))
    lines = []
    for document, window, marks in groups[:MOST_QUOTES]:
        heads = _heads(database, document, marks[0][0])
        named = f"《{names[document]}》" if names[document] else ""
        lines.append(f"{named}{heads}{_marked(text_of(document), window, marks)}")
    return "\n".join([*lines, *([f"……等{len(groups)}处"] if len(groups) > MOST_QUOTES else [])])


def _window(text: str, start: int, end: int) -> Span:
    """The evidence with the rest of its sentence; where that is long, whole clauses of it."""
    left, right = text[max(0, start - BEFORE) : start], text[end : end + AFTER]
    if left and text[end - 1 : end] not in SENTENCE_ENDS:
        right = re.split(f"(?<=[{SENTENCE_ENDS}])", right)[0]
    elif left:
        right = ""
    sentence = re.split(f"[{SENTENCE_ENDS}]", left)[-1]
    if sentence == left and start > BEFORE:  # the sentence begins further ahead
        clauses = re.split(f"(?<=[{CLAUSE_ENDS}])", left, maxsplit=1)
        sentence = clauses[-1] if len(clauses) > 1 else left
    if len(right) == AFTER and right[-1] not in SENTENCE_ENDS:
        clauses = re.split(f"[{CLAUSE_ENDS}](?=[^{CLAUSE_ENDS}]*$)", right)
        right = clauses[0] if len(clauses) > 1 else right
    return start - len(sentence), end + len(right.rstrip("\n"))


def _marked(text: str, window: Span, marks: list[Span]) -> str:
    """A window with its evidence between 【 and 】, white space made plain."""
    parts: list[str] = []
    at = window[0]
    for start, end in sorted(set(marks)):
        if start < at and parts:  # inside the evidence before it
            continue
        shown = " ".join(text[start:end].split())
        shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
        parts += [" ".join(text[at:start].split()), f"【{shown}】"]
        at = end
    return "".join([*parts, " ".join(text[at : max(at, window[1])].split())])


def _heads(database: Database, sha256: str, start: int) -> str:
    """The heads of the row and column of a table cell: 户厕改造／完成数："""
    row = database.connection.execute(
        "SELECT b.row_head, b.column_head FROM blocks AS b JOIN documents AS d ON d.key = b.document"
        " WHERE d.sha256 = ? AND b.kind = 'cell' AND b.start <= ? AND b.\"end\" > ? LIMIT 1",
        (sha256, start, start),
    ).fetchone()
    told = [" ".join(head.split()) for head in row or () if head]
    return f"{'／'.join(told)}：" if told else ""
