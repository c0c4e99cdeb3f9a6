"""Findings, verdicts and corrections ⇄ rows. Verdicts and corrections only grow; one function writes each."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from pipeline.records import Evidence, Finding, Report
from pipeline.store import rows, write
from pipeline.store.database import Database
from pipeline.store.schema import StoreError, transaction

VERDICTS = ("属实", "已解释", "误报", "待核")
FIELDS = ("indicator", "status", "object", "label")
COLUMNS = 'id, "check", severity, message, formula, innocent, ask, suggestion, standard, state'
EVIDENCE = 'start, "end", surface, role, claim, note'


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided on a finding. `current` is false where the finding's values have moved since."""

    finding: str
    verdict: str
    note: str
    person: str
    time: str  # ISO 8601, UTC
    current: bool


def archive_digest(database: Database) -> str:
    """Digest of what the archive holds: every document and how it was extracted."""
    total = hashlib.sha256()
    for row in database.connection.execute("SELECT sha256, fingerprint FROM documents ORDER BY sha256"):
        total.update(repr(row).encode())
    return total.hexdigest()[:16]


def audited(database: Database) -> tuple[str, str] | None:
    """The state of (archive, checks) at the last full audit; None before the first."""
    row = database.connection.execute("SELECT archive, checks FROM audits ORDER BY key DESC LIMIT 1").fetchone()
    return (str(row[0]), str(row[1])) if row else None


def reports(database: Database) -> Iterator[Report]:
    """Every readable report, one after the other, by name and digest."""
    query = "SELECT key FROM documents WHERE outcome IN ('ok', 'ok_partial') ORDER BY name, sha256"
    for (key,) in database.connection.execute(query).fetchall():
        yield write.select(database.connection, key)


def replace(
    database: Database, findings: Iterable[Finding], checks: Sequence[str] | None, archive: str, digest: str
) -> None:
    """Store findings in place of those of `checks`, of all checks where it is None, in one transaction. Only a full
    audit is noted as done. Raises StoreError for evidence on a document that is not stored."""
    connection = database.connection
    keys = dict(connection.execute("SELECT sha256, key FROM documents"))
    with transaction(connection):
        if checks is None:
            connection.execute("DELETE FROM findings")
        else:
            connection.executemany('DELETE FROM findings WHERE "check" = ?', [(code,) for code in checks])
            connection.execute("DELETE FROM audits")
        for finding in findings:
            _insert(connection, finding, keys)
        if checks is None:
            connection.execute("INSERT INTO audits (archive, checks, time) VALUES (?, ?, ?)", (archive, digest, _now()))


def _insert(connection: sqlite3.Connection, finding: Finding, keys: dict[str, int]) -> None:
    if missing := {e.document for e in finding.evidence} - keys.keys():
        raise StoreError(f"finding {finding.id}: its evidence names documents that are not stored: {sorted(missing)}")
    names = ("id", "check", "severity", "message", "formula", "innocent", "ask", "suggestion", "standard", "state")
    values = [getattr(finding, name) for name in names]
    key = connection.execute(
        f"INSERT INTO findings (document, {COLUMNS}) VALUES ({', '.join('?' * 11)})",
        (keys[finding.evidence[0].document], *values),
    ).lastrowid
    connection.executemany(
        f"INSERT INTO evidence (finding, number, document, {EVIDENCE}) VALUES ({', '.join('?' * 9)})",
        ((key, number, keys[e.document], e.start, e.end, e.surface, e.role, e.claim, e.note)
         for number, e in enumerate(finding.evidence)),
    )  # fmt: skip


def findings(database: Database, **filters: Any) -> list[Finding]:
    """Stored findings by severity, then place, document and position. Filters: check, severity, place, year, document
    (file name), id; each a value or several to choose from. Raises StoreError for another one."""
    known = {"check": 'f."check"', "severity": "f.severity", "place": "d.place", "year": "d.year",
             "document": "d.name", "id": "f.id"}  # fmt: skip
    if unknown := sorted(set(filters) - set(known)):
        raise StoreError(f"findings have no {', '.join(unknown)} to filter by; known: {', '.join(known)}")
    clauses, values = ["TRUE"], []
    for name, wanted in filters.items():
        options = list(wanted) if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
        clauses.append(f"{known[name]} IN ({', '.join('?' * len(options))})")
        values += [rows.to_sql(option) for option in options]
    found = database.connection.execute(
        f"SELECT f.key, {', '.join('f.' + c.strip() for c in COLUMNS.split(','))} FROM findings AS f"
        " JOIN documents AS d ON d.key = f.document JOIN evidence AS e ON e.finding = f.key AND e.number = 0"
        f" WHERE {' AND '.join(clauses)}"
        ' ORDER BY f.severity, d.place IS NULL, d.place, d.year, d.name, d.sha256, e.start, f."check", f.id',
        values,
    ).fetchall()
    return [_finding(database.connection, key, values) for key, *values in found]


def _finding(connection: sqlite3.Connection, key: int, values: Sequence[Any]) -> Finding:
    query = (
        'SELECT d.sha256, e.start, e."end", e.surface, e.role, e.claim, e.note FROM evidence AS e'
        " JOIN documents AS d ON d.key = e.document WHERE e.finding = ? ORDER BY e.number"
    )
    evidence = tuple(Evidence(*row) for row in connection.execute(query, (key,)))
    id_, check, severity, message, *rest = values
    return Finding(id_, check, severity, message, evidence, *rest)


def decide(database: Database, finding: str, verdict: str, note: str, person: str, time: str | None = None) -> Verdict:
    """Write a verdict on a finding given by its id. Raises StoreError for an unknown finding, another word than
    `VERDICTS`, or a verdict that nobody signs."""
    if verdict not in VERDICTS:
        raise StoreError(f"{verdict}: not a verdict; known: {', '.join(VERDICTS)}")
    if not person.strip():
        raise StoreError("a verdict needs the name of who gives it")
    with transaction(database.connection):
        row = database.connection.execute("SELECT state FROM findings WHERE id = ?", (finding,)).fetchone()
        if row is None:
            raise StoreError(f"{finding}: no such finding in {database.path}; `hebao audit` lists them")
        decided = Verdict(finding, verdict, note.strip(), person.strip(), time or _now(), True)
        database.connection.execute(
            "INSERT INTO verdicts (finding, state, verdict, note, person, time) VALUES (?, ?, ?, ?, ?, ?)",
            (finding, row[0], decided.verdict, decided.note, decided.person, decided.time),
        )
    return decided


def verdicts(database: Database, finding: str | None = None) -> list[Verdict]:
    """All that was decided on a finding, or on all of them, oldest first."""
    where = "" if finding is None else " WHERE v.finding = ?"
    found = database.connection.execute(
        "SELECT v.finding, v.verdict, v.note, v.person, v.time, v.state = f.state FROM verdicts AS v"
        f" LEFT JOIN findings AS f ON f.id = v.finding{where} ORDER BY v.key",
        () if finding is None else (finding,),
    )
    return [Verdict(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in found]


def standing(database: Database) -> dict[str, Verdict]:
    """Finding id → the last verdict on it. Where `current` is false it has to be asked again."""
    return {verdict.finding: verdict for verdict in verdicts(database)}


class Reply(Protocol):
    """What came back on a lead: `pipeline.audit.sheets.Reply`."""

    @property
    def finding(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def verdict(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the replies of a sheet; `unknown` are the numbers that no finding has."""

    written: int
    repeated: int
    unknown: tuple[str, ...]


def import_replies(database: Database, replies: Iterable[Reply], person: str | None = None) -> Imported:
    """Write each reply as a verdict: its own word, else 待核. One that stands there already is not written again.
    Raises StoreError for another word than `VERDICTS` and for a reply that neither the sheet nor `person` signs."""
    known = {row[0] for row in database.connection.execute("SELECT id FROM findings")}
    seen = {(v.finding, v.verdict, v.note, v.person) for v in verdicts(database)}
    unknown, written, repeated = [], 0, 0
    for reply in replies:
        signed, word = reply.person or (person or ""), reply.verdict or VERDICTS[-1]
        note = f"答复：{reply.text.strip()}" if reply.text.strip() else ""
        if reply.finding not in known:
            unknown.append(reply.finding)
        elif (reply.finding, word, note, signed.strip()) in seen:
            repeated += 1
        else:
            decide(database, reply.finding, word, note, signed)
            written += 1
    return Imported(written, repeated, tuple(unknown))


def correct(
    database: Database, claim: str, field: str, value: str | None, reason: str, person: str, time: str | None = None
) -> None:
    """Write a correction of a claim beside what was extracted. Raises StoreError for an unknown claim or field."""
    if field not in FIELDS:
        raise StoreError(f"{field}: not a field that is corrected; known: {', '.join(FIELDS)}")
    if not person.strip():
        raise StoreError("a correction needs the name of who makes it")
    with transaction(database.connection):
        row = database.connection.execute(f"SELECT {field} FROM claims WHERE id = ?", (claim,)).fetchone()
        if row is None:
            raise StoreError(f"{claim}: no such claim in {database.path}")
        database.connection.execute(
            "INSERT INTO corrections (claim, field, value, original, reason, person, time) VALUES (?,?,?,?,?,?,?)",
            (claim, field, value, row[0], reason.strip(), person.strip(), time or _now()),
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
