"""The text of a report as it is shown: paragraphs and table rows by section, cut where a mark begins or ends."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

from starlette.exceptions import HTTPException

from pipeline.records import Box
from pipeline.store import Database, corrections

DIGITS = 16  # of a document's sha256, in addresses
SENTENCE = 160  # characters at most on either side of a figure
_END = re.compile("[。！？!?；;\n]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the source that is set off. `kind`: claim, evidence, hit, edit."""

    start: int
    end: int
    kind: str
    number: int = 0  # of a piece of evidence, counted from 1
    id: str = ""  # of a claim
    state: str = ""  # of a claim: masked, doubtful, target, or nothing
    note: str = ""  # what it is, in the reader's language; of an edit what is read instead


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that all lie under the same marks; `begins`: evidence whose first characters they are."""

    text: str
    claim: Mark | None
    evidence: Mark | None
    edit: Mark | None
    begins: bool
    last: bool  # the edit ends here: what is read instead follows


@dataclass(slots=True)
class Paragraph:
    """A paragraph (`kind` as of its block), or a row of a table with its cells."""

    kind: str
    page: int | None
    pieces: list[Piece] = field(default_factory=list)
    cells: list[list[Piece]] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """A segment as shown: what it is, and its paragraphs."""

    label: str
    topic: str
    role: str
    start: int
    unsure: bool
    paragraphs: list[Paragraph]
    read: str = ""  # the label as it was read, where a person gave it another


def document(database: Database, digits: str) -> sqlite3.Row:
    """The row of a document given by the first digits of its sha256, without text. 404 where there is none."""
    row = None
    if 6 <= len(digits) <= 64 and re.fullmatch("[0-9a-f]+", digits):
        row = database.connection.execute(
            "SELECT key, sha256, name, format, outcome, pages, encoding, metadata, title, place, level, year, basis,"
            " characters, fingerprint FROM documents WHERE sha256 >= ? AND sha256 < ? || 'g' ORDER BY sha256 LIMIT 1",
            (digits, digits),
        ).fetchone()
    if row is None:
        raise HTTPException(404)
    found: sqlite3.Row = row
    return found


def slice_of(database: Database, key: int, start: int, end: int) -> str:
    """Characters of a document's text."""
    query = "SELECT substr(text, ?, ?) FROM documents WHERE key = ?"
    return str(database.connection.execute(query, (max(0, start) + 1, max(0, end - max(0, start)), key)).fetchone()[0])


def page_at(database: Database, key: int, offset: int) -> int | None:
    """The page on which a character stands; None in formats without pages."""
    row = database.connection.execute(
        "SELECT page FROM blocks WHERE document = ? AND start <= ? ORDER BY number DESC LIMIT 1", (key, offset)
    ).fetchone()
    found: int | None = None if row is None else row[0]
    return found


def heads(database: Database, key: int, offset: int) -> str:
    """What row and column of the table cell that holds a character are called, as `〔合计 · 卫生死角〕`."""
    row = database.connection.execute(
        "SELECT row_head, column_head FROM blocks WHERE document = ? AND start <= ? AND kind = 'cell'"
        " ORDER BY number DESC LIMIT 1",
        (key, offset),
    ).fetchone()
    found = [" ".join(head.split()) for head in row or () if head and head.strip()]
    return f"〔{' · '.join(found)}〕" if found else ""


def box(text: str) -> Box:
    """A box as the database stores it."""
    left, top, right, bottom = json.loads(text)
    return left, top, max(left, right), max(top, bottom)


def line_wraps(database: Database, key: int) -> set[int]:
    """Where a line of a document ends inside a sentence, as cleaning found."""
    rows = database.connection.execute(
        "SELECT start, \"end\" FROM edits WHERE document = ? AND reason IN ('line_break', 'space')", (key,)
    )
    return {offset for row in rows for offset in range(row["start"], row["end"])}


def sentence(text: str, start: int, end: int, wraps: Collection[int] = ()) -> tuple[str, str, str]:
    """The sentence around a span: before it, the span, after it. Line ends inside sentences (`wraps`, offsets in
    `text`) neither end it nor are shown."""
    ends = [match.end() for match in _END.finditer(text) if match.start() not in wraps]
    begin = max((at for at in ends if at <= start), default=0)
    finish = min((at for at in ends if at >= end), default=len(text))
    return tuple(  # type: ignore[return-value]
        "".join(c for at, c in enumerate(text[a:b], a) if at not in wraps and c != "\n")
        for a, b in ((begin, start), (start, end), (end, finish))
    )


def claim_marks(database: Database, key: int, start: int, end: int) -> list[Mark]:
    """The claims of a part of a document as marks, without notes."""
    rows = database.connection.execute(
        'SELECT id, start, "end", masked, doubt, status FROM claims WHERE document = ? AND start < ? AND "end" > ?'
        " ORDER BY start, number",
        (key, end, start),
    )
    return [Mark(r["start"], r["end"], "claim", id=r["id"], state=claim_state(r)) for r in rows]


def claim_state(claim: Mapping[str, Any] | sqlite3.Row) -> str:
    """How a claim is set off in its text."""
    if claim["masked"]:
        return "masked"
    return "doubtful" if claim["doubt"] else "target" if claim["status"] in ("target", "rule") else ""


def edit_marks(database: Database, key: int, start: int, end: int) -> list[Mark]:
    """What cleaning changed in a part of a document; `state` is the reason, `note` what is read instead."""
    rows = database.connection.execute(
        'SELECT start, "end", replacement, reason FROM edits WHERE document = ? AND start < ? AND "end" > ?',
        (key, end, start),
    )
    return [Mark(r["start"], r["end"], "edit", state=r["reason"], note=r["replacement"]) for r in rows]


def sections(database: Database, key: int, start: int, end: int, marks: Iterable[Mark]) -> list[Section]:
    """The segments that a part of a document touches, with their text; all of them whole."""
    connection = database.connection
    found = connection.execute(
        'SELECT start, "end", role, topic, label, decided_by FROM segments'
        ' WHERE document = ? AND start < ? AND "end" > ? ORDER BY number',
        (key, end, start),
    ).fetchall()
    if not found:
        return []
    first, last = found[0]["start"], found[-1]["end"]
    text = slice_of(database, key, first, last)
    blocks = connection.execute(
        'SELECT kind, start, "end", page, "table", "row" FROM blocks'
        ' WHERE document = ? AND start < ? AND "end" > ? ORDER BY number',
        (key, last, first),
    ).fetchall()
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
    right = {start: label for start, _, label in corrections.parts(connection, key)}
    return [
        Section(
            right.get(s["start"], s["label"]), "general" if s["start"] in right else s["topic"], s["role"], s["start"],
            s["decided_by"] == "unclassified" and s["start"] not in right,
            list(_paragraphs(text, first, (s["start"], s["end"]), blocks, ordered)),
            s["label"] if s["start"] in right else "",
        )
        for s in found
    ]  # fmt: skip


def _paragraphs(
    text: str, offset: int, span: tuple[int, int], blocks: Sequence[sqlite3.Row], marks: Sequence[Mark]
) -> Iterator[Paragraph]:
    inside = [b for b in blocks if b["start"] < span[1] and b["end"] > span[0]]
    own = [mark for mark in marks if mark.start < span[1] and mark.end > span[0]]

    def cut(block: sqlite3.Row) -> list[Piece]:
        start, end = max(block["start"], span[0]), min(block["end"], span[1])
        return list(pieces(text[start - offset : end - offset], start, own))

    for row, members in groupby(inside, key=lambda b: (b["table"], b["row"]) if b["kind"] == "cell" else b["start"]):
        if isinstance(row, tuple):
            cells = list(members)
            yield Paragraph("row", cells[0]["page"], cells=[cut(cell) for cell in cells])
        else:
            block = next(members)
            if found := cut(block):
                yield Paragraph(block["kind"], block["page"], found)


def pieces(text: str, offset: int, marks: Iterable[Mark]) -> Iterator[Piece]:
    """Cut a text that starts at `offset` wherever a mark begins or ends. Together the pieces are the text."""
    end = offset + len(text)
    own = [mark for mark in marks if mark.start < end and mark.end > offset]
    edges = {offset, end} | {min(max(edge, offset), end) for mark in own for edge in (mark.start, mark.end)}
    ordered = sorted(edges)
    for start, stop in pairwise(ordered):
        over = {mark.kind: mark for mark in own if mark.start <= start and stop <= mark.end}
        evidence, edit = over.get("evidence") or over.get("hit"), over.get("edit")
        yield Piece(
            text[start - offset : stop - offset], over.get("claim"), evidence, edit,
            begins=evidence is not None and evidence.start == start,
            last=edit is not None and edit.end == stop,
        )  # fmt: skip


def plain(row: sqlite3.Row) -> dict[str, Any]:
    """A row as a dict, for templates that add to it."""
    return dict(row)
