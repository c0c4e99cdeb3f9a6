"""The desk as an ASGI application."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.config import Settings
from pipeline.serve import archive, comparison, corrections, desk, ledger, pages, report, search, security, view, words
from pipeline.serve.runs import Runner
from pipeline.store import Database, StoreError


def application(
    database: Path, settings: Settings, access: security.Access,
    may_write: bool = True, may_run: bool = True, person: str = "",
) -> Starlette:  # fmt: skip
    """The desk over a database, which is made or brought up to date. `may_write`: verdicts and corrections; `may_run`:
    files may be added and batches started. Raises StoreError where the database cannot be used."""
    Database(database, read_only=not may_write).close()
    printer = pages.Printer(settings.ingest)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=warm, args=(database, app.state.desk.places), daemon=True).start()
        yield
        printer.close()

    app = Starlette(
        routes=[
            *security.ROUTES, *archive.ROUTES, *search.ROUTES, *desk.ROUTES, *corrections.ROUTES, *ledger.ROUTES,
            *comparison.ROUTES, *report.ROUTES, *pages.ROUTES,
            Route("/language", change_language, methods=["POST"]),
            Mount("/static", StaticFiles(directory=str(files("pipeline.serve") / "static"))),
        ],
        middleware=[Middleware(security.Guard, access=access)],
        exception_handlers={HTTPException: refuse, StoreError: refuse, sqlite3.Error: refuse},
        lifespan=lifespan,
    )  # fmt: skip
    runner = Runner(database, settings) if may_write and may_run else None
    app.state.access = access
    app.state.desk = view.Desk(database, settings, printer, comparison.Places(), runner, may_write, person)
    return app


def warm(database: Path, places: comparison.Places) -> None:
    """Make ready what the first comparison would wait for: pandas, and the names of the places."""
    import pandas  # noqa: F401

    with Database(database, read_only=True) as opened:
        places.of(opened)


async def change_language(request: Request) -> Response:
    """POST: the other language from now on, at the same page."""
    async with request.form(max_files=0, max_fields=4) as form:
        wanted, here = form.get("language"), form.get("here")
    answer = view.back(request, here if isinstance(here, str) else "/")
    if isinstance(wanted, str) and wanted in words.LANGUAGES:
        answer.set_cookie(view.LANGUAGE, wanted, max_age=view.YEAR_SECONDS, httponly=True, samesite="strict")
    return answer


def refuse(request: Request, error: Exception) -> Response:
    """What went wrong as a page: not found, not possible, or the database is busy or unwell."""
    sent = request.method == "POST"
    if isinstance(error, HTTPException):
        said = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
        return view.page(
            request, "error.html", error.status_code, status_code=error.status_code, message=said, sent=sent
        )
    status = 400 if isinstance(error, StoreError) else 503
    said = words.told(view.language(request), str(error))
    return view.page(request, "error.html", status, status_code=status, message=said, sent=sent)
