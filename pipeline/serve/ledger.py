"""指标库: one row a claim, filtered; one page a claim, to cite and to correct it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.serve import pages, source, view, words
from pipeline.serve.amounts import amount
from pipeline.serve.sheets import PAGED
from pipeline.serve.view import after, chosen, given, number
from pipeline.store import Database, audit
from pipeline.store.search import INDEXED

ROWS = 50
COUNTED = 5_000  # claims at most that are counted for the distribution
DOWNLOADED = 200_000
AROUND = 250  # characters of the report that are shown on either side of a claim
STATES = {
    "masked": "c.doubt IS NOT NULL AND c.masked",
    "corrupted": "c.doubt = 'year_as_value'",
    "range": "c.relation = 'range' AND c.doubt IS NULL",
    "approx": "c.relation = 'approx' AND c.doubt IS NULL",
    "bounded": "c.relation IN ('gt', 'ge', 'lt', 'le') AND c.doubt IS NULL",
    "exact": "c.relation = 'eq' AND c.doubt IS NULL",
}
"""How a claim's value stands → the condition for it."""
COLUMNS = (
    'c.key, c.document, c.number, c.id, c.start, c."end", c.surface, c.value_low, c.value_high, c.masked, c.relation,'
    " c.unit, c.per, c.dimension, c.action, c.object, c.status, c.label, c.scope, c.period, c.indicator,"
    " c.indicator_score, c.page, c.doubt, c.rule, c.heading_path"
)
LIST = f"SELECT {COLUMNS} FROM claims AS c WHERE {{where}} ORDER BY c.document, c.number LIMIT {{limit}}"
DISTRIBUTION = f"""
SELECT status, masked, relation, doubt, count(*) AS n FROM (
  SELECT c.status, c.masked, c.relation, c.doubt FROM claims AS c WHERE {{where}} LIMIT {COUNTED + 1})
GROUP BY 1, 2, 3, 4
"""
HEAD = ("id", "place", "year", "document", "sha256", "page", "start", "end", "surface", "value_low", "value_high",
        "relation", "unit", "per", "action", "object", "status", "indicator", "indicator_name", "state",
        "corrected_indicator", "corrected_status", "corrected_object", "sentence")  # fmt: skip
CORRECTIONS = ("claim", "document", "sha256", "start", "end", "surface", "field", "original", "value", "reason",
               "person", "time", "sentence")  # fmt: skip


def state_of(claim: sqlite3.Row) -> str:
    """How the claim's value stands: a key of STATES."""
    if claim["masked"]:
        return "masked"
    if claim["doubt"] == "year_as_value":
        return "corrupted"
    return {"eq": "exact", "range": "range", "approx": "approx"}.get(claim["relation"], "bounded")


class Texts:
    """The text around claims; asks for each document's head once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.heads: dict[int, sqlite3.Row] = {}
        self.wraps: dict[int, set[int]] = {}

    def head(self, key: int) -> sqlite3.Row:
        """Name, digest, place and year of a document."""
        if key not in self.heads:
            self.heads[key] = self.database.connection.execute(
                "SELECT key, name, sha256, place, year, format, pages FROM documents WHERE key = ?", (key,)
            ).fetchone()
        return self.heads[key]

    def sentence(self, key: int, start: int, end: int) -> tuple[str, str, str]:
        """The sentence of a claim: before, the claim, after."""
        begin = max(0, start - source.SENTENCE)
        text = source.slice_of(self.database, key, begin, end + source.SENTENCE)
        if key not in self.wraps:
            self.wraps[key] = source.line_wraps(self.database, key)
        wraps = {at - begin for at in range(begin, begin + len(text)) if at in self.wraps[key]}
        return source.sentence(text, start - begin, end - begin, wraps)


def ledger(request: Request) -> Response:
    """GET /claims: the claims, a screenful at a time."""
    with view.reading(request) as database:
        where, values = condition(request)
        paged, key = where, view.cursor(request, 2)
        if key:
            paged, values_paged = f"{where} AND (c.document, c.number) > (?, ?)", [*values, *key]
        else:
            values_paged = values
        found = database.connection.execute(LIST.format(where=paged, limit=ROWS + 1), values_paged).fetchall()
        texts = Texts(database)
        corrected = corrections_of(database, [row["id"] for row in found[:ROWS]])
        rows = [_row(texts, row, corrected) for row in found[:ROWS]]
        statuses, states, total = Counter[str](), Counter[str](), 0
        for group in database.connection.execute(DISTRIBUTION.format(where=where), values):
            statuses[group["status"]] += group["n"]
            states[state_of(group)] += group["n"]
            total += group["n"]
        years = [row[0] for row in database.connection.execute(
            "SELECT DISTINCT year FROM documents WHERE year IS NOT NULL ORDER BY year DESC")]  # fmt: skip
        fixed = database.connection.execute("SELECT count(DISTINCT claim) FROM corrections").fetchone()[0]
    return view.page(
        request, "ledger.html", screen="ledger", rows=rows, total=total, counted=COUNTED, statuses=statuses,
        fixed=fixed, states=states, years=years, state_names=list(STATES), digits=source.DIGITS,
        more=after(found[ROWS - 1]["document"], found[ROWS - 1]["number"]) if len(found) > ROWS else None,
    )  # fmt: skip


def condition(request: Request) -> tuple[str, list[Any]]:
    """The filters of the address as a condition on `claims AS c`, and its values."""
    clauses, values = ["TRUE"], list[Any]()
    wanted = given(request, "indicator")
    if wanted == "none":
        clauses.append("c.indicator IS NULL")
    elif wanted:
        clauses.append("c.indicator = ?")
        values.append(wanted)
    if status := chosen(request, "status", words.names("en", "status")):
        clauses.append("c.status = ?")
        values.append(status)
    if state := chosen(request, "state", STATES):
        clauses.append(STATES[state])
    if unit := given(request, "unit"):
        clauses.append("c.unit = ?")
        values.append(unit)
    within = {"instr(place, ?)": given(request, "place"), "year = ?": number(request, "year"),
              "sha256 = ?": given(request, "document")}  # fmt: skip
    named = {clause: value for clause, value in within.items() if value is not None}
    if named:
        clauses.append(f"c.document IN (SELECT key FROM documents WHERE {' AND '.join(named)})")
        values += named.values()
    if given(request, "corrected"):
        clauses.append("c.id IN (SELECT claim FROM corrections)")
    if asked := given(request, "q"):
        clauses.append(_words(asked))
        values.append('"' + asked.replace('"', '""') + '"' if len(asked) >= INDEXED else asked)
    return " AND ".join(clauses), values


def _words(asked: str) -> str:
    """Three characters and more are looked up in the index of claims; fewer are looked for in the object."""
    if len(asked) >= INDEXED:
        return "c.key IN (SELECT rowid FROM claim_words WHERE claim_words MATCH ?)"
    return "instr(c.object, ?) > 0"


def _row(texts: Texts, row: sqlite3.Row, corrected: dict[str, dict[str, str | None]]) -> dict[str, Any]:
    return source.plain(row) | {
        "head": texts.head(row["document"]),
        "sentence": texts.sentence(row["document"], row["start"], row["end"]),
        "amount": amount(row),
        "state": state_of(row),
        "corrected": corrected.get(row["id"], {}),
    }


def corrections_of(database: Database, claims: list[str]) -> dict[str, dict[str, str | None]]:
    """Claim → field → the last value that a person gave it."""
    found: dict[str, dict[str, str | None]] = {}
    for claim in claims:
        for row in database.connection.execute(
            "SELECT field, value FROM corrections WHERE claim = ? ORDER BY key", (claim,)
        ):
            found.setdefault(claim, {})[row["field"]] = row["value"]
    return found


def download(request: Request) -> Response:
    """GET /claims.csv: the claims that the filters leave, with their sentences and corrections."""
    with view.reading(request) as database:
        where, values = condition(request)
        rows = database.connection.execute(LIST.format(where=where, limit=DOWNLOADED), values).fetchall()
        texts = Texts(database)
        return view.table_file("claims.csv", HEAD, (_line(database, texts, row) for row in rows))


def _line(database: Database, texts: Texts, row: sqlite3.Row) -> list[Any]:
    head = texts.head(row["document"])
    fixed = corrections_of(database, [row["id"]]).get(row["id"], {})
    own = [row[name] for name in HEAD[5:18]]
    return [row["id"], head["place"], head["year"], head["name"], head["sha256"], *own,
            words.indicator("zh", row["indicator"]), state_of(row), *(fixed.get(field) for field in audit.FIELDS),
            "".join(texts.sentence(row["document"], row["start"], row["end"]))]  # fmt: skip


def corrections(request: Request) -> Response:
    """GET /corrections.csv: everything that people corrected, with the sentence; the original beside it."""
    with view.reading(request) as database:
        rows = database.connection.execute(
            'SELECT r.claim, d.name, d.sha256, c.start, c."end", c.surface, r.field, r.original, r.value, r.reason,'
            " r.person, r.time, c.document FROM corrections AS r LEFT JOIN claims AS c ON c.id = r.claim"
            " LEFT JOIN documents AS d ON d.key = c.document ORDER BY r.key"
        ).fetchall()
        texts = Texts(database)
        lines = [[*row[:12], "".join(texts.sentence(row[12], row[3], row[4])) if row[12] else None] for row in rows]
    return view.table_file("corrections.csv", CORRECTIONS, lines)


def claim(request: Request) -> Response:
    """GET /claims/ID: one claim with its sentence, its page, how it was read, and what people corrected."""
    with view.reading(request) as database:
        row = database.connection.execute(
            f"SELECT {COLUMNS} FROM claims AS c WHERE c.id = ?", (request.path_params["claim"],)
        ).fetchone()
        if row is None:
            raise HTTPException(404)
        texts = Texts(database)
        head = texts.head(row["document"])
        mark = source.Mark(row["start"], row["end"], "evidence", number=1)
        printed = row["page"] and head["format"] in PAGED
        picture = pages.shown(request, database, head, row["page"], [mark]) if printed else None
        span = max(0, row["start"] - AROUND), row["end"] + AROUND
        others = [other for other in source.claim_marks(database, row["document"], *span) if other.id != row["id"]]
        around = source.sections(database, row["document"], *span, [mark, *others])
        history = database.connection.execute(
            "SELECT field, value, original, reason, person, time FROM corrections WHERE claim = ? ORDER BY key DESC",
            (row["id"],),
        ).fetchall()
        leads = database.connection.execute(
            'SELECT DISTINCT f.id, f."check", f.severity, f.message FROM evidence AS e JOIN findings AS f'
            " ON f.key = e.finding WHERE e.document = ? AND e.claim = ? ORDER BY f.severity, f.id LIMIT 20",
            (row["document"], row["id"]),
        ).fetchall()
        return view.page(
            request, "claim.html", screen="ledger", claim=_row(texts, row, corrections_of(database, [row["id"]])),
            picture=picture, sections=around, history=history, leads=leads, digits=source.DIGITS,
        )  # fmt: skip


async def correct(request: Request) -> Response:
    """POST /claims/ID/corrections: another code, status or object, with a reason; beside the original."""
    claim_id = request.path_params["claim"]
    async with request.form(max_files=0, max_fields=10) as form:
        sent = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    field, value = sent.get("field", ""), sent.get("value", "")
    known = {"indicator": words.indicators("zh"), "status": words.names("en", "status")}.get(field)
    code = view.language(request)
    if not sent.get("reason"):
        raise HTTPException(400, words.say(code, "error.reason"))
    if known is not None and value and value not in known:
        raise HTTPException(400, words.say(code, "error.unknown_value"))
    signed = sent.get("person") or view.person(request)
    await run_in_threadpool(_write, request, claim_id, field, value or None, sent["reason"], signed)
    return view.remember(view.back(request, f"/claims/{claim_id}"), signed)


def _write(request: Request, claim_id: str, field: str, value: str | None, reason: str, signed: str) -> None:
    with view.writing(request) as database:
        audit.correct(database, claim_id, field, value, reason, signed)


ROUTES = (
    Route("/claims", ledger),
    Route("/claims.csv", download),
    Route("/corrections.csv", corrections),
    Route("/claims/{claim}", claim),
    Route("/claims/{claim}/corrections", correct, methods=["POST"]),
)
