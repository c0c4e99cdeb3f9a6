"""档案台: the documents and what came of them, and batches started from here."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.serve import desk, source, view, words
from pipeline.serve.view import after, chosen, given, number

ROWS = 100
MOST_FILES = 2000
READABLE = ("ok", "ok_partial")
COLUMNS = "d.key, d.sha256, d.name, d.format, d.outcome, d.pages, d.characters, d.place, d.year"
CLAIMS = "SELECT count(*) AS claims, ifnull(sum(masked), 0) AS masked FROM claims WHERE document = ?"
ISSUES = "SELECT count(*) FROM issues WHERE document = ? AND severity <> 'info'"
LEADS = "SELECT count(*) FROM findings WHERE document = ?"
REASON = "SELECT message FROM issues WHERE document = ? ORDER BY code <> ?, severity <> 'error', number LIMIT 1"
UNREAD = "SELECT path, problem FROM paths WHERE document IS NULL ORDER BY path LIMIT ?"


def archive(request: Request) -> Response:
    """GET /: the documents, a screenful at a time, filtered by words, outcome, year and format."""
    with view.reading(request) as database:
        connection = database.connection
        outcomes = dict(connection.execute("SELECT outcome, count(*) FROM documents GROUP BY outcome ORDER BY 2 DESC"))
        years = [row[0] for row in connection.execute(
            "SELECT DISTINCT year FROM documents WHERE year IS NOT NULL ORDER BY year DESC")]  # fmt: skip
        formats = [row[0] for row in connection.execute(
            "SELECT DISTINCT format FROM documents WHERE format <> '' ORDER BY format")]  # fmt: skip
        failed = given(request, "outcome") == "failed"
        where, values = _filter(request, outcomes, formats)
        found = connection.execute(
            f"SELECT {COLUMNS} FROM documents AS d WHERE {where} ORDER BY d.name, d.sha256 LIMIT {ROWS + 1}", values
        ).fetchall()
        rows = [_row(connection, row) for row in found[:ROWS]]
        unread = connection.execute(UNREAD, (ROWS if failed else 0,)).fetchall()
        unread_total = connection.execute("SELECT count(*) FROM paths WHERE document IS NULL").fetchone()[0]
        waiting = desk.waiting(database) if outcomes else 0
    return view.page(
        request, "archive.html", screen="archive", rows=rows, outcomes=outcomes, years=years, formats=formats,
        waiting=waiting, unread=unread, unread_total=unread_total, total=sum(outcomes.values()),
        failures=sum(n for outcome, n in outcomes.items() if outcome not in READABLE) + unread_total,
        more=after(rows[-1]["name"], rows[-1]["sha256"]) if len(found) > ROWS else None, digits=source.DIGITS,
    )  # fmt: skip


def _filter(request: Request, outcomes: Iterable[str], formats: Iterable[str]) -> tuple[str, list[Any]]:
    clauses, values = ["TRUE"], list[Any]()
    outcome = given(request, "outcome")
    if outcome == "failed":
        clauses.append("d.outcome NOT IN ('ok', 'ok_partial')")
    elif outcome in set(outcomes):
        clauses.append("d.outcome = ?")
        values.append(outcome)
    for name, known in (("year", number(request, "year")), ("format", chosen(request, "format", formats))):
        if known is not None:
            clauses.append(f"d.{name} = ?")
            values.append(known)
    if asked := given(request, "q"):
        pattern = "%" + re.sub(r"([\\%_])", r"\\\1", asked) + "%"
        clauses.append("(d.name LIKE ? ESCAPE '\\' OR d.place LIKE ? ESCAPE '\\')")
        values += [pattern, pattern]
    if key := view.cursor(request, 2):
        clauses.append("(d.name, d.sha256) > (?, ?)")
        values += key
    return " AND ".join(clauses), values


def _row(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    counted = connection.execute(CLAIMS, (row["key"],)).fetchone()
    reason = None if row["outcome"] in READABLE else connection.execute(REASON, (row["key"], row["outcome"])).fetchone()
    return source.plain(row) | {
        "claims": counted["claims"],
        "masked": counted["masked"] / counted["claims"] if counted["claims"] else 0.0,
        "own": own_share(connection, row["key"]),
        "issues": connection.execute(ISSUES, (row["key"],)).fetchone()[0],
        "leads": connection.execute(LEADS, (row["key"],)).fetchone()[0],
        "reason": reason and reason[0].removeprefix(f"{row['name']}: "),
    }


def own_share(connection: sqlite3.Connection, key: int) -> float | None:
    """How much of a report no other report of the archive has; None where that was not looked for."""
    row = connection.execute("SELECT own_share FROM reuse_documents WHERE document = ?", (key,)).fetchone()
    share: float | None = None if row is None else row[0]
    return share


def progress(request: Request) -> Response:
    """GET /runs.json: how far the batch is."""
    runner = view.desk(request).runner
    code = view.language(request)
    state = runner and runner.state()
    if not state:
        return JSONResponse({"running": False})
    recent = [d | {"said": words.name(code, "outcome", d["outcome"])} for d in state["recent"]]
    state["message"] = words.told(code, state["message"])
    return JSONResponse(state | {"said": words.say(code, f"run.{state['stage']}"), "recent": recent})


async def start(request: Request) -> Response:
    """POST /runs: read what was uploaded, a folder of this machine, or everything once more; or stop."""
    runner = view.desk(request).runner
    if runner is None:
        raise HTTPException(403, words.say(view.language(request), "error.no_runs"))
    async with request.form(max_files=MOST_FILES, max_fields=10) as form:
        if form.get("do") == "stop":
            runner.stop()
        else:
            audit_only = form.get("do") == "audit"
            paths = [] if audit_only else await run_in_threadpool(_paths, request, form, view.desk(request).database)
            if not paths and not audit_only:
                raise HTTPException(400, words.say(view.language(request), "error.no_files"))
            if not runner.start(paths, retry=form.get("do") == "again"):
                raise HTTPException(409, words.say(view.language(request), "error.busy"))
    return view.back(request, "/")


def _paths(request: Request, form: FormData, database: Path) -> list[str]:
    """What a batch is to read. `do` is upload, folder, or again (all paths that are known)."""
    if form.get("do") == "upload":
        uploads = [upload for upload in form.getlist("files") if isinstance(upload, UploadFile) and upload.filename]
        return [str(keep(upload, database.with_name(f"{database.stem}-files"))) for upload in uploads]
    if form.get("do") == "again":
        with view.reading(request) as opened:
            return [row[0] for row in opened.connection.execute("SELECT path FROM paths ORDER BY path")]
    folder = form.get("folder")
    if not isinstance(folder, str) or not os.path.lexists(os.path.expanduser(folder.strip()) or "\0"[:0]):
        return []
    return [os.path.abspath(os.path.expanduser(folder.strip()))]


def keep(upload: UploadFile, folder: Path) -> Path:
    """Write an uploaded file into `folder` under its own name, made harmless; a different file of that name stays."""
    folder.mkdir(exist_ok=True)
    given_name = PurePosixPath(PureWindowsPath(upload.filename or "").name).name
    plain = view.CONTROL.sub("_", re.sub(r'[<>:"/\\|?*]', "_", given_name)).lstrip(".") or "report"
    stem, ending = os.path.splitext(plain)
    stem, ending = stem[:80], ending[:12]
    for attempt in range(1, MOST_FILES):
        path = folder / (f"{stem}{ending}" if attempt == 1 else f"{stem}-{attempt}{ending}")
        if not path.exists():
            with path.open("xb") as target:
                shutil.copyfileobj(upload.file, target)
            return path
        if _same(upload, path):
            return path
    raise HTTPException(409, plain)


def _same(upload: UploadFile, path: Path) -> bool:
    upload.file.seek(0)
    held = path.read_bytes()
    equal = upload.file.read(len(held) + 1) == held
    upload.file.seek(0)
    return equal


def keys(request: Request) -> Response:
    """GET /keys: what the keys do, and what the glyphs mean."""
    return view.page(request, "keys.html", screen=None)


ROUTES = (
    Route("/", archive),
    Route("/runs.json", progress),
    Route("/runs", start, methods=["POST"]),
    Route("/keys", keys),
)
