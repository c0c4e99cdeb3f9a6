"""核查台: the queue of leads, the source opened at the evidence, the card to decide on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.audit import sheets
from pipeline.audit.leads import leads as leads_of
from pipeline.serve import pages, source, standards, view, words
from pipeline.serve.report import noted
from pipeline.serve.sheets import PAGED
from pipeline.serve.view import chosen, given, number
from pipeline.store import Database, audit
from pipeline.store.schema import transaction

BEFORE, AFTER = 12, 36  # leads of the queue that are shown around the open one
COUNTED = 1000  # leads at most that are counted
SHEET = 5000  # leads at most in one sheet
WINDOW = 900  # characters of text on either side of the evidence
LISTED = 5  # places of evidence that lie open on the card, with room for the innocent explanation below
APART = 1500  # evidence of one document further apart is a source of its own
OPEN = "待核"
FILTERS = ("severity", "check", "place", "verdict", "document")
LAST = """(SELECT v.verdict FROM verdicts AS v WHERE v.finding = f.id AND v.state = f.state
ORDER BY v.key DESC LIMIT 1)"""
KEY = '(f.severity, f."check", f.key)'
COLUMNS = f'f.key, f.id, f."check", f.severity, f.message, d.name, d.place, d.year, {LAST} AS verdict'
QUEUE = f"""
SELECT {COLUMNS} FROM findings AS f JOIN documents AS d ON d.key = f.document WHERE {{where}}
ORDER BY f.severity {{order}}, f."check" {{order}}, f.key {{order}} LIMIT {{limit}}
"""
COUNT = f"SELECT count(*) FROM (SELECT 1 FROM findings AS f WHERE {{where}} LIMIT {COUNTED + 1})"
FINDING = """
SELECT f.*, d.name, d.sha256, d.place, d.year FROM findings AS f JOIN documents AS d ON d.key = f.document
WHERE f.id = ?
"""
EVIDENCE = """
SELECT e.number, e.document, e.start, e."end", e.surface, e.role, e.claim, e.note, d.sha256, d.name, d.place, d.year,
       d.format, d.pages, d.characters
FROM evidence AS e JOIN documents AS d ON d.key = e.document WHERE e.finding = ? ORDER BY e.number
"""


@dataclass(frozen=True, slots=True)
class Pane:
    """One source: a document, the evidence that stands close together in it, and how it is shown."""

    number: int
    document: sqlite3.Row
    evidence: tuple[sqlite3.Row, ...]
    page: int | None
    picture: pages.Picture | None = None
    sections: Sequence[source.Section] = ()


def leads(request: Request) -> Response:
    """GET /leads: the first lead that the filters leave, open."""
    with view.reading(request) as database:
        where, values = condition(request)
        statement = QUEUE.format(where=where, order="ASC", limit=1)
        first = database.connection.execute(statement, values).fetchone()
        return _desk(request, database, first and first["id"])


def lead(request: Request) -> Response:
    """GET /leads/ID: one lead, with its neighbours in the queue."""
    with view.reading(request) as database:
        return _desk(request, database, request.path_params["finding"])


def _desk(request: Request, database: Database, finding: str | None, unsaid: dict[str, str] | None = None) -> Response:
    """The screen. `unsaid`: a verdict that was sent but not written, because another one came in between."""
    row = finding and database.connection.execute(FINDING, (finding,)).fetchone()
    if finding and row is None:
        raise HTTPException(404)
    context = _card(request, database, row) if row else {"lead": None}
    where, values = condition(request)
    total = database.connection.execute(COUNT.format(where=where), values).fetchone()[0]
    queue = _queue(database, row, where, values) if row else []
    return view.page(
        request, "desk.html", 409 if unsaid else 200, screen="desk", total=total, counted=COUNTED, unsaid=unsaid,
        queue=queue, beside=_beside(queue, row["id"] if row else None), checks=_checks(database),
        filters=urlencode([(k, v) for k, v in request.query_params.items() if k in FILTERS]),
        verdicts=audit.VERDICTS, decided=_decided(request, database), digits=source.DIGITS,
        audited=audit.audited(database) is not None, listed_evidence=LISTED, **context,
    )  # fmt: skip


def waiting(database: Database) -> int | None:
    """How many leads of the first severity nobody has decided, COUNTED + 1 at most; None before the first audit."""
    if audit.audited(database) is None:
        return None
    where = f"f.severity = 1 AND ifnull({LAST}, '{OPEN}') = '{OPEN}'"
    count: int = database.connection.execute(COUNT.format(where=where)).fetchone()[0]
    return count


def condition(request: Request) -> tuple[str, list[Any]]:
    """The filters of the address as a condition, and its values. Without `verdict` what is decided is left out."""
    documents = "f.document IN (SELECT key FROM documents WHERE {})"
    asked = {
        "f.severity = ?": number(request, "severity", 1, 3), 'f."check" = ?': given(request, "check"),
        documents.format("instr(place, ?)"): given(request, "place"),
        documents.format("sha256 = ?"): given(request, "document"),
    }  # fmt: skip
    clauses = ["TRUE", *(clause for clause, value in asked.items() if value is not None)]
    values: list[Any] = [value for value in asked.values() if value is not None]
    verdict = chosen(request, "verdict", (*audit.VERDICTS, "all")) or OPEN
    if verdict == OPEN:
        clauses.append(f"ifnull({LAST}, '{OPEN}') = '{OPEN}'")
    elif verdict != "all":
        clauses.append(f"f.id IN (SELECT finding FROM verdicts WHERE verdict = ?) AND {LAST} = ?")
        values += [verdict, verdict]
    return " AND ".join(clauses), values


def _queue(database: Database, row: sqlite3.Row, where: str, values: list[Any]) -> list[sqlite3.Row]:
    """The leads around the open one, which is among them though the filters may leave it out."""
    here = (row["severity"], row["check"], row["key"])
    found: list[sqlite3.Row] = []
    for clause, order, limit, given_ in (
        (f"{where} AND {KEY} < (?, ?, ?)", "DESC", BEFORE, [*values, *here]),
        ("f.key = ?", "ASC", 1, [row["key"]]),
        (f"{where} AND {KEY} > (?, ?, ?)", "ASC", AFTER, [*values, *here]),
    ):
        rows = database.connection.execute(QUEUE.format(where=clause, order=order, limit=limit), given_).fetchall()
        found += reversed(rows) if order == "DESC" else rows
    return found


def _beside(queue: Sequence[sqlite3.Row], finding: str | None) -> dict[str, str]:
    """Key → the lead that it opens: k the one before the open one, j the one after it."""
    at = next((n for n, held in enumerate(queue) if held["id"] == finding), 0)
    return {key: queue[n]["id"] for key, n in (("k", at - 1), ("j", at + 1)) if 0 <= n < len(queue)}


def following(database: Database, where: str, values: list[Any], row: sqlite3.Row) -> str | None:
    """The lead after this one among those that the filters leave; before it where it was the last."""
    here = (row["severity"], row["check"], row["key"])
    for sign, order in ((">", "ASC"), ("<", "DESC")):
        statement = QUEUE.format(where=f"{where} AND {KEY} {sign} (?, ?, ?)", order=order, limit=1)
        if found := database.connection.execute(statement, [*values, *here]).fetchone():
            return str(found["id"])
    return None


def _card(request: Request, database: Database, row: sqlite3.Row) -> dict[str, Any]:
    evidence = database.connection.execute(EVIDENCE, (row["key"],)).fetchall()
    groups = list(_groups(database, evidence))
    first = groups[(number(request, "pane", 1, len(groups)) or 1) - 1]
    others = [group for group in groups if group is not first]
    wanted = number(request, "second", 0, len(groups))
    apart = next((g for g in others if g.document["document"] != first.document["document"]), None)
    second = apart if wanted is None else next((g for g in others if g.number == wanted), None)
    as_text = given(request, "source") == "text"
    shown = [_shown(request, database, pane, as_text) for pane in (first, second) if pane is not None]
    numbers = {e["number"]: group.number for group in groups for e in group.evidence}
    told = words.english(view.language(request), row["formula"])
    return {
        "lead": row,
        "evidence": evidence,
        "groups": groups,
        "panes": shown,
        "pane_of": numbers,
        "as_text": as_text,
        "next_second": others[0].number if second is None and others else 0,
        "formula": list(linked(told or row["formula"] or "", evidence)),
        "formula_told": told is not None,
        "own": _own_words(row),
        "evidence_asked": number(request, "e", 1, len(evidence)) or first.evidence[0]["number"] + 1,
        "history": [*reversed(audit.verdicts(database, row["id"]))],
        "standard": standards.standard(view.language(request), row["standard"]),
    }


def _own_words(row: sqlite3.Row) -> dict[str, str]:
    """What a lead says in other words than its check does: innocent, ask."""
    usual = standards.check("zh", row["check"])
    return {name: row[name] for name in ("innocent", "ask") if row[name] and row[name] != getattr(usual, name)}


def _groups(database: Database, evidence: Sequence[sqlite3.Row]) -> Iterator[Pane]:
    """Evidence that can be seen together: on one page, or in one stretch of text."""
    groups: list[tuple[int | None, list[sqlite3.Row]]] = []
    for row in evidence:
        page = source.page_at(database, row["document"], row["start"])
        for held, members in groups:
            near = held == page if page is not None else abs(members[0]["start"] - row["start"]) < APART
            if members[0]["document"] == row["document"] and near:
                members.append(row)
                break
        else:
            groups.append((page, [row]))
    for count, (page, members) in enumerate(groups, 1):
        yield Pane(count, members[0], tuple(members), page)


def _shown(request: Request, database: Database, pane: Pane, as_text: bool) -> Pane:
    key, document = pane.document["document"], pane.document
    marks = [
        source.Mark(e["start"], e["end"], "evidence", number=e["number"] + 1, note=e["note"] or e["surface"])
        for e in pane.evidence
    ]
    if document["format"] in PAGED and pane.page and not as_text:
        picture = pages.shown(request, database, source.document(database, document["sha256"]), pane.page, marks)
        if not picture.missing:
            return Pane(pane.number, document, pane.evidence, pane.page, picture)
    else:
        picture = None
    start = max(0, min(mark.start for mark in marks) - WINDOW)
    end = min(document["characters"], max(mark.end for mark in marks) + WINDOW)
    marks += noted(request, database, key, start, end)
    sections = source.sections(database, key, start, end, marks)
    return Pane(pane.number, document, pane.evidence, pane.page, picture, sections)


def linked(formula: str, evidence: Sequence[sqlite3.Row]) -> Iterator[tuple[str, int | None]]:
    """The formula in parts, each number with the evidence that states it: the first not yet used that has it."""
    left = {e["number"]: set(re.findall(r"\d+(?:\.\d+)?", e["surface"].replace(",", ""))) for e in evidence}
    for part in re.split(r"(\d[\d,]*(?:\.\d+)?)", formula):
        plain = part.replace(",", "")
        at = next((n for n, figures in left.items() if plain in figures), None) if plain[:1].isdigit() else None
        if at is not None:
            left.pop(at)
        yield part, at


def _checks(database: Database) -> list[sqlite3.Row]:
    return database.connection.execute(
        'SELECT min(severity) AS severity, "check", count(*) AS n FROM findings GROUP BY "check" ORDER BY 1, 2'
    ).fetchall()


def _decided(request: Request, database: Database) -> dict[str, Any] | None:
    """The lead that was decided a moment ago, for the line that offers to take it back."""
    finding = given(request, "decided")
    held = audit.verdicts(database, finding) if finding else []
    return {"id": finding, "verdict": held[-1].verdict, "seen": len(held)} if held else None


def sheet(request: Request) -> Response:
    """GET /leads/sheet.docx (xlsx, html, jsonl): the queue as a sheet for the townships, as `hebao audit -o` writes."""
    form = request.path_params["form"]
    if form not in sheets.WRITERS:
        raise HTTPException(404)
    where, values = condition(request)
    with view.reading(request) as database, TemporaryDirectory() as folder:
        queue = database.connection.execute(QUEUE.format(where=where, order="ASC", limit=SHEET), values).fetchall()
        path = Path(folder) / f"leads.{form}"
        sheets.write(leads_of(database, id=[row["id"] for row in queue]) if queue else [], path, form)
        return Response(path.read_bytes(), media_type="application/octet-stream", headers=view.attachment(path.name))


async def decide(request: Request) -> Response:
    """POST /leads/ID/verdict: write a verdict, and go on to the next lead of the same queue."""
    async with request.form(max_files=0, max_fields=10) as form:
        sent = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_decide, request, request.path_params["finding"], sent)


def _decide(request: Request, finding: str, sent: dict[str, str]) -> Response:
    filters = [(name, value) for name, value in parse_qsl(sent.get("filters", "")) if name in FILTERS]
    asked = Request({**request.scope, "path": f"/leads/{finding}", "query_string": urlencode(filters).encode()})
    signed = sent.get("person") or view.person(request)
    if not signed:
        raise HTTPException(400, words.say(view.language(request), "error.person"))
    with view.reading(request) as database:
        row = database.connection.execute(FINDING, (finding,)).fetchone()
        if row is None:
            raise HTTPException(404)
        stays = sent.get("stay") or sent.get("verdict") == OPEN
        onward = finding if stays else following(database, *condition(asked), row) or finding
    if not _written(request, finding, sent, signed):
        with view.reading(request) as database:
            return _desk(asked, database, finding, sent)
    query = urlencode([*filters, *([] if stays else [("decided", finding)])])
    return view.remember(view.back(request, f"/leads/{onward}" + (f"?{query}" if query else "")), signed)


def _written(request: Request, finding: str, sent: dict[str, str], signed: str) -> bool:
    """Write the verdict, unless somebody gave another one since the page was made that it was sent from (`seen`: the
    verdicts that it showed). The same one once more, as two presses of a key send it, is as good as written."""
    word, note, seen = sent.get("verdict", ""), sent.get("note", ""), sent.get("seen", "")
    with view.writing(request) as database, transaction(database.connection):
        held = audit.verdicts(database, finding)
        if seen.isdigit() and int(seen) != len(held):
            last = held[-1] if held else None
            return last is not None and (last.verdict, last.note, last.person) == (word, note, signed.strip())
        audit.decide(database, finding, word, note, signed)
        return True


ROUTES = (
    Route("/leads", leads),
    Route("/leads/sheet.{form}", sheet),
    Route("/leads/{finding}", lead),
    Route("/leads/{finding}/verdict", decide, methods=["POST"]),
)
