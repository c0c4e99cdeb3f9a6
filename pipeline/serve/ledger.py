"""指标库: one row a claim, filtered; one page a claim, to cite and to correct it.

What a person corrected counts: a claim is listed, counted and found under it, with what was read beside it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.serve import pages, source, view, words, workbook
from pipeline.serve.amounts import amount
from pipeline.serve.sheets import PAGED
from pipeline.serve.view import after, chosen, given, number
from pipeline.store import Database, audit, corrections
from pipeline.store.search import INDEXED

ROWS = 50
COUNTED = 5_000  # claims at most that are counted for the distribution
FIXED_COUNTED = 100  # corrected claims at most that are counted in the line of help
DOWNLOADED = 200_000
AT_ONCE = 500  # claims of a download whose corrections are asked for together
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
STATUS = (
    "ifnull((SELECT r.value FROM corrections AS r WHERE r.claim = c.id AND r.field = 'status'"
    " ORDER BY r.key DESC LIMIT 1), c.status) AS status, c.masked, c.relation, c.doubt"
)
DISTRIBUTION = "SELECT status, masked, relation, doubt, count(*) AS n FROM ({rows}) GROUP BY 1, 2, 3, 4"
LAST = (
    "SELECT r.claim FROM corrections AS r WHERE r.field = '{field}' AND {value}"
    " AND r.key IN (SELECT max(key) FROM corrections GROUP BY claim, field)"
)
"""The claims whose last correction of a field is such a value; told without a look at the claims, which are many."""
FIXED = f"SELECT count(*) FROM (SELECT DISTINCT claim FROM corrected LIMIT {FIXED_COUNTED + 1})"
Part = tuple[str, list[Any]]
HEAD = ("id", "place", "year", "document", "sha256", "page", "start", "end", "surface", "value_low", "value_high",
        "relation", "unit", "per", "action", "object", "status", "indicator", "indicator_name", "state",
        "corrected_indicator", "corrected_status", "corrected_object", "corrected_label", "sentence")  # fmt: skip
IN_WORDS = ("place", "year", "indicator", "figure", "low", "high", "unit", "state", "status", "action", "object",
            "sentence", "label", "document", "page", "read", "code", "id")  # fmt: skip


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
        """The sentence of a claim: before, the claim, after. A table cell that holds nothing else is led in by what its
        row and column are called, in 〔〕."""
        begin = max(0, start - source.SENTENCE)
        text = source.slice_of(self.database, key, begin, end + source.SENTENCE)
        if key not in self.wraps:
            self.wraps[key] = source.line_wraps(self.database, key)
        wraps = {at - begin for at in range(begin, begin + len(text)) if at in self.wraps[key]}
        before, claim, after = source.sentence(text, start - begin, end - begin, wraps)
        return before if (before + after).strip() else source.heads(self.database, key, start), claim, after


def ledger(request: Request) -> Response:
    """GET /claims: the claims, a screenful at a time."""
    with view.reading(request) as database:
        parts, key = condition(request, database), view.cursor(request, 2)
        start = ("(c.document, c.number) > (?, ?)", key) if key else ("TRUE", [])
        onward = [(f"{where} AND {start[0]}", values + start[1]) for where, values in parts]
        found = _rows(database, onward, ROWS + 1)
        texts = Texts(database)
        corrected = corrections.of_claims(database.connection, (row["id"] for row in found[:ROWS]))
        rows = [_row(texts, row, corrected) for row in found[:ROWS]]
        statuses, states, total = Counter[str](), Counter[str](), 0
        counted, values = _select(STATUS, parts, f"LIMIT {COUNTED + 1}")
        for group in database.connection.execute(DISTRIBUTION.format(rows=counted), values):
            statuses[group["status"]] += group["n"]
            states[state_of(group)] += group["n"]
            total += group["n"]
        years = [row[0] for row in database.connection.execute(
            "SELECT DISTINCT year FROM documents WHERE year IS NOT NULL ORDER BY year DESC")]  # fmt: skip
        fixed = database.connection.execute(FIXED).fetchone()[0]
        lessons = database.connection.execute("SELECT 1 FROM corrected WHERE field = 'label' LIMIT 1").fetchone()
    return view.page(
        request, "ledger.html", screen="ledger", rows=rows, total=total, counted=COUNTED, statuses=statuses,
        fixed=fixed, fixed_counted=FIXED_COUNTED, lessons=lessons, states=states, years=years,
        state_names=list(STATES), digits=source.DIGITS,
        more=after(found[ROWS - 1]["document"], found[ROWS - 1]["number"]) if len(found) > ROWS else None,
    )  # fmt: skip


def _select(columns: str, parts: Sequence[Part], end: str) -> Part:
    """A query for columns of the claims that meet one of the parts, and its values."""
    queries = " UNION ALL ".join(f"SELECT {columns} FROM claims AS c WHERE {where}" for where, _ in parts)
    return f"{queries} {end}", [value for _, values in parts for value in values]


def _rows(database: Database, parts: Sequence[Part], limit: int) -> list[sqlite3.Row]:
    query, values = _select(COLUMNS, parts, f"ORDER BY document, number LIMIT {limit}")
    return database.connection.execute(query, values).fetchall()


def condition(request: Request, database: Database) -> list[Part]:
    """The filters of the address as conditions on `claims AS c` with their values. Two where people moved claims to or
    from the indicator that is asked for: those that were read so and those that were corrected so; no claim meets both,
    and each keeps the order of its index."""
    clauses, values = ["TRUE"], list[Any]()
    if status := chosen(request, "status", words.names("en", "status")):
        clause = "c.status = ?"
        if _moved(database, "status"):
            clause = " OR ".join(f"({part})" for part in _corrected("status"))
        clauses.append(f"({clause})")
        values += [status] * clause.count("?")
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
        clauses.append("c.id IN (SELECT claim FROM corrected)")
    if asked := given(request, "q"):
        clause = _words(asked)
        if _moved(database, "object"):
            clause = f"({clause} OR c.id IN ({LAST.format(field='object', value='instr(r.value, ?) > 0')}))"
        clauses.append(clause)
        values += ['"' + asked.replace('"', '""') + '"' if len(asked) >= INDEXED else asked, asked][: clause.count("?")]
    where = " AND ".join(clauses)
    if (indicator := given(request, "indicator")) is None:
        return [(where, values)]
    parts = _corrected("indicator") if _moved(database, "indicator") else ("c.indicator IS ?",)
    wanted = None if indicator == "none" else indicator
    return [(f"{part} AND {where}", [wanted] * part.count("?") + values) for part in parts]


def _corrected(field: str) -> tuple[str, str]:
    """Read as asked and not corrected to something else; corrected as asked and read as something else."""
    away, to = (LAST.format(field=field, value=f"r.value IS {no}?") for no in ("NOT ", ""))
    return f"c.{field} IS ? AND c.id NOT IN ({away})", f"c.{field} IS NOT ? AND c.id IN ({to})"


def _moved(database: Database, field: str) -> bool:
    """Whether people corrected this field of any claim: most archives are spared the detour."""
    query = "SELECT 1 FROM corrections WHERE field = ? LIMIT 1"
    return database.connection.execute(query, (field,)).fetchone() is not None


def _words(asked: str) -> str:
    """Three characters and more are looked up in the index of claims; fewer are looked for in the object."""
    if len(asked) >= INDEXED:
        return "c.key IN (SELECT rowid FROM claim_words WHERE claim_words MATCH ?)"
    return "instr(c.object, ?) > 0"


def _row(texts: Texts, row: sqlite3.Row, corrected: dict[str, corrections.Fixed]) -> dict[str, Any]:
    """A claim as it counts; `read` has what was read where that is something else."""
    fixed = corrected.get(row["id"], {})
    counts = source.plain(row) | fixed
    return counts | {
        "head": texts.head(row["document"]),
        "sentence": texts.sentence(row["document"], row["start"], row["end"]),
        "amount": amount(row),
        "state": state_of(row),
        "read": {field: row[field] for field in fixed},
    }


def download(request: Request) -> Response:
    """GET /claims.csv: the claims that the filters leave, with their sentences and corrections."""
    with view.reading(request) as database:
        rows = _rows(database, condition(request, database), DOWNLOADED)
        return view.table_file("claims.csv", HEAD, _lines(database, rows))


def _lines(database: Database, rows: Sequence[sqlite3.Row]) -> Iterator[list[Any]]:
    texts = Texts(database)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        corrected = corrections.of_claims(database.connection, (row["id"] for row in some))
        for row in some:
            yield _line(texts, row, corrected.get(row["id"], {}))


def _line(texts: Texts, row: sqlite3.Row, fixed: corrections.Fixed) -> list[Any]:
    head = texts.head(row["document"])
    own = [row[name] for name in HEAD[5:18]]
    return [row["id"], head["place"], head["year"], head["name"], head["sha256"], *own,
            words.indicator("zh", row["indicator"]), state_of(row), *(fixed.get(field) for field in audit.FIELDS),
            "".join(texts.sentence(row["document"], row["start"], row["end"]))]  # fmt: skip


def download_workbook(request: Request) -> Response:
    """GET /claims.xlsx: the same as the screen lists them, for people: in words, corrected where somebody did."""
    code = view.language(request)
    head = [words.say(code, f"column.{name}") for name in IN_WORDS]
    with view.reading(request) as database:
        rows = _rows(database, condition(request, database), DOWNLOADED)
        lines = _in_words(code, database, rows)
        return workbook.response("claims.xlsx", words.say(code, "nav.ledger"), head, lines)


def _in_words(code: str, database: Database, rows: Sequence[sqlite3.Row]) -> Iterator[list[Any]]:
    texts = Texts(database)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        corrected = corrections.of_claims(database.connection, (row["id"] for row in some))
        for row in (_row(texts, row, corrected) for row in some):
            head, ends = row["head"], [row[end] and Decimal(row[end]) for end in ("value_low", "value_high")]
            read = "；".join(f"{words.say(code, f'column.{field}')}: {words.called(code, field, value)}"
                            for field, value in row["read"].items())  # fmt: skip
            yield [head["place"], head["year"], words.indicator(code, row["indicator"]), row["surface"], *ends,
                   row["unit"], words.name(code, "state", row["state"]), words.name(code, "status", row["status"]),
                   row["action"], row["object"], "".join(row["sentence"]), words.name(code, "label", row["label"]),
                   head["name"], row["page"], read, row["indicator"], row["id"]]  # fmt: skip


def claim(request: Request) -> Response:
    """GET /claims/ID: one claim with its sentence, its page, how it was read, and what people corrected."""
    with view.reading(request) as database:
        row = database.connection.execute(
            f"SELECT {COLUMNS} FROM claims AS c WHERE c.id = ?", (request.path_params["claim"],)
        ).fetchone()
        if row is None:
            raise HTTPException(404)
        texts, corrected = Texts(database), corrections.of_claims(database.connection, [row["id"]])
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
            request, "claim.html", screen="ledger", claim=_row(texts, row, corrected),
            picture=picture, sections=around, history=history, leads=leads, digits=source.DIGITS,
            fields=audit.FIELDS, learnt=words.learnt(view.language(request)),
        )  # fmt: skip


ROUTES = (
    Route("/claims", ledger),
    Route("/claims.csv", download),
    Route("/claims.xlsx", download_workbook),
    Route("/claims/{claim}", claim),
)
