"""Corrections of claims: written with their reason, and handed on as a table and as lessons for `hebao train`."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.serve import view, words
from pipeline.serve.ledger import Texts
from pipeline.store import audit
from pipeline.store import corrections as stored
from pipeline.store.schema import transaction

HEAD = ("claim", "document", "sha256", "start", "end", "surface", "field", "original", "value", "reason", "person",
        "time", "sentence")  # fmt: skip
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the time of every file in a package: the same corrections are the same bytes


async def correct(request: Request) -> Response:
    """POST /claims/ID/corrections: another code, status, object or part, with a reason; beside what was read."""
    claim_id = request.path_params["claim"]
    async with request.form(max_files=0, max_fields=10) as form:
        sent = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    field, value = sent.get("field", ""), sent.get("value", "")
    code = view.language(request)
    known = {"indicator": {"": ""} | words.indicators(code), "status": words.names(code, "status"),
             "label": words.learnt(code)}.get(field)  # fmt: skip
    if not sent.get("reason"):
        raise HTTPException(400, words.say(code, "error.reason"))
    if known is not None and value not in known:
        raise HTTPException(400, words.say(code, "error.unknown_value"))
    signed = sent.get("person") or view.person(request)
    sent |= {"value": value, "person": signed}
    await run_in_threadpool(_write, request, claim_id, field, sent)
    return view.remember(view.back(request, f"/claims/{claim_id}"), signed)


def _write(request: Request, claim_id: str, field: str, sent: dict[str, str]) -> None:
    """Write the correction, unless somebody corrected the claim since the page was made that it was sent from (`seen`:
    the corrections that it showed)."""
    with view.writing(request) as database, transaction(database.connection):
        held = database.connection.execute("SELECT count(*) FROM corrections WHERE claim = ?", (claim_id,)).fetchone()
        if sent.get("seen", "").isdigit() and int(sent["seen"]) != held[0]:
            raise HTTPException(409, words.say(view.language(request), "error.crossed"))
        audit.correct(database, claim_id, field, sent["value"] or None, sent["reason"], sent["person"])


def table(request: Request) -> Response:
    """GET /corrections.csv: everything that people corrected, with the sentence; the original beside it."""
    with view.reading(request) as database:
        rows = database.connection.execute(
            'SELECT r.claim, d.name, d.sha256, c.start, c."end", c.surface, r.field, r.original, r.value, r.reason,'
            " r.person, r.time, c.document FROM corrections AS r LEFT JOIN claims AS c ON c.id = r.claim"
            " LEFT JOIN documents AS d ON d.key = c.document ORDER BY r.key"
        ).fetchall()
        texts = Texts(database)
        lines = [[*row[:12], "".join(texts.sentence(row[12], row[3], row[4])) if row[12] else None] for row in rows]
    return view.table_file("corrections.csv", HEAD, lines)


def lessons(request: Request) -> Response:
    """GET /corrections.zip: the parts whose label was corrected, as annotated reports that `hebao train` takes.
    Unpacked over a corpus they stand in its gold/ beside the others."""
    packed = BytesIO()
    with view.reading(request) as database, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for lesson in stored.lessons(database.connection):
            parts = [{"start": start, "end": end, "label": label} for start, end, label in lesson.parts]
            for name, text in (
                (f"gold/texts/{lesson.name}.txt", lesson.text),
                (f"gold/{lesson.name}.sections.json", json.dumps(parts, indent=1) + "\n"),
            ):
                package.writestr(zipfile.ZipInfo(name, LONG_AGO), text.encode())
    return Response(packed.getvalue(), media_type="application/zip", headers=view.attachment("corrections.zip"))


ROUTES = (
    Route("/corrections.csv", table),
    Route("/corrections.zip", lessons),
    Route("/claims/{claim}/corrections", correct, methods=["POST"]),
)
