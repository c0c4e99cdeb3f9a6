"""报告: one report as its outline, its text with all claims and sections in the margin, and what was in doubt."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.serve import pages, source, view, words
from pipeline.serve.amounts import amount
from pipeline.serve.sheets import PAGED
from pipeline.serve.view import given, number
from pipeline.store import Database, corrections

PART = 20_000  # characters that one page of the desk shows
MODES = ("raw", "clean", "page")
FACTS = "SELECT count(*) AS claims, ifnull(sum(masked), 0) AS masked FROM claims WHERE document = ?"


def report(request: Request) -> Response:
    """GET /reports/DIGITS: a part of the text that holds `at`; with view=clean what cleaning changed, with view=page
    the printed page, which is also where a passage (`at` to `until`) of a paged document opens."""
    with view.reading(request) as database:
        row = source.document(database, request.path_params["document"])
        mode = given(request, "view")
        at = min(number(request, "at") or 0, row["characters"])
        until = number(request, "until", at) or at
        paged = row["format"] in PAGED
        if mode not in MODES or (mode == "page" and not paged):
            mode = "page" if paged and until > at else "raw"
        context = (_page if mode == "page" else _text)(request, database, row, at, until, mode)
        headings = [_heading(h) for h in database.connection.execute(
            "SELECT level, title, start FROM headings WHERE document = ? ORDER BY number", (row["key"],))]  # fmt: skip
        return view.page(
            request, "report.html", screen="archive", document=row, mode=mode, headings=headings, at=at,
            metadata=json.loads(row["metadata"]), digits=source.DIGITS, part=PART, hit=(at, until),
            issues=database.connection.execute(
                'SELECT stage, code, message, start, "end", severity FROM issues WHERE document = ?'
                " ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, number LIMIT 300",
                (row["key"],)).fetchall(),
            paths=[p[0] for p in database.connection.execute(
                "SELECT path FROM paths WHERE document = ? ORDER BY path", (row["key"],))],
            leads=database.connection.execute(
                'SELECT id, "check", severity, message FROM findings WHERE document = ? ORDER BY severity, "check", key'
                " LIMIT 200", (row["key"],)).fetchall(),
            facts=database.connection.execute(FACTS, (row["key"],)).fetchone(), **context,
        )  # fmt: skip


def _text(request: Request, database: Database, row: sqlite3.Row, at: int, until: int, mode: str) -> dict[str, Any]:
    start = at - at % PART
    end = min(start + PART, row["characters"])
    marks = noted(request, database, row["key"], start, end)
    if until > at:
        marks.append(source.Mark(at, until, "hit"))
    if mode == "clean":
        marks += source.edit_marks(database, row["key"], start, end)
    held = source.sections(database, row["key"], start, max(end - 1, start + 1), marks)
    sections = [section for section in held if start <= section.start < end]
    return {"sections": sections, "start": start, "end": end, "picture": None,
            "edits": database.connection.execute("SELECT count(*) FROM edits WHERE document = ?", (row["key"],))
            .fetchone()[0]}  # fmt: skip


def _page(request: Request, database: Database, row: sqlite3.Row, at: int, until: int, mode: str) -> dict[str, Any]:
    page = number(request, "page", 1, row["pages"] or 1) or source.page_at(database, row["key"], at) or 1
    span = database.connection.execute(
        'SELECT min(start), max("end") FROM blocks WHERE document = ? AND page = ?', (row["key"], page)
    ).fetchone()
    marks = noted(request, database, row["key"], span[0] or 0, span[1] or 0)
    if until > at:
        marks.append(source.Mark(at, until, "hit"))
    picture = pages.shown(request, database, row, page, marks)
    if picture.missing:
        here = at if until > at else span[0] or 0
        return _text(request, database, row, here, max(here, until), mode) | {"picture": picture}
    return {"sections": [], "start": 0, "end": 0, "edits": 0, "picture": picture}


def noted(request: Request, database: Database, key: int, start: int, end: int) -> list[source.Mark]:
    """The claims of a part of a document as marks that say what was read."""
    code = view.language(request)
    rows = database.connection.execute(
        'SELECT id, start, "end", masked, doubt, status, value_low, value_high, relation, unit, per, indicator'
        ' FROM claims WHERE document = ? AND start < ? AND "end" > ? ORDER BY start, number',
        (key, end, start),
    )
    claims = [source.plain(row) for row in rows]
    fixed = corrections.of_claims(database.connection, (claim["id"] for claim in claims))
    return [
        source.Mark(c["start"], c["end"], "claim", id=c["id"], state=source.claim_state(c),
                    note=_note(c, code, c["id"] in fixed))
        for c in (claim | fixed.get(claim["id"], {}) for claim in claims)
    ]  # fmt: skip


def _note(claim: Mapping[str, Any], code: str, corrected: bool) -> str:
    value = amount(claim) or words.say(code, "state.masked")
    status, indicator = words.name(code, "status", claim["status"]), words.indicator(code, claim["indicator"])
    return " · ".join(filter(None, (value, status, indicator, words.say(code, "claim.fixed") if corrected else "")))


def _heading(row: sqlite3.Row) -> dict[str, Any]:
    return {"level": min(row["level"], 6), "start": row["start"], "title": row["title"].strip()}


ROUTES = (Route("/reports/{document}", report),)
