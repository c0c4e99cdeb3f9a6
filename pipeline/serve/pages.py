"""Pictures of PDF pages: made on demand by a child process, kept up to a bound."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.config import Ingest
from pipeline.records import Box
from pipeline.serve import sheets, source, view
from pipeline.serve.sheets import Sheet, SheetError, Span
from pipeline.store import Database

PATIENCE_SECONDS = 20.0
KEPT_BYTES = 64_000_000


class Printer:
    """Asks the child process, which is started at the first page and again when a file has taken it down."""

    def __init__(self, settings: Ingest) -> None:
        self.settings = settings
        self.turn = threading.Lock()
        self.child: tuple[BaseProcess, Connection] | None = None
        self.kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def picture(self, path: str, sha256: str, page: int) -> bytes:
        """The page as PNG. Raises SheetError."""
        with self.turn:
            found = self.kept.get((sha256, page)) or self._ask("picture", path, sha256, page, self.settings)
            self.kept[sha256, page] = found
            self.kept.move_to_end((sha256, page))
            while sum(map(len, self.kept.values())) > KEPT_BYTES and len(self.kept) > 1:
                self.kept.popitem(last=False)
        return bytes(found)

    def sheet(self, path: str, sha256: str, page: int, spans: Sequence[Span]) -> Sheet:
        """Size of the page and the lines of spans on it. Raises SheetError."""
        with self.turn:
            found: Sheet = self._ask("sheet", path, sha256, page, tuple(spans), self.settings)
        return found

    def close(self) -> None:
        """End the child."""
        with self.turn:
            self._end()

    def _ask(self, *task: Any) -> Any:
        if self.child is None:
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.get_context("spawn").Process(target=sheets.serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self.child = process, ours
        _, line = self.child
        try:
            line.send(task)
            if not line.poll(PATIENCE_SECONDS):
                raise EOFError
            good, answer = line.recv()
        except (EOFError, OSError) as error:
            self._end()
            raise SheetError(f"{task[1]}: the page could not be drawn; the text is complete") from error
        if not good:
            raise SheetError(answer)
        return answer

    def _end(self) -> None:
        if self.child is not None:
            process, line = self.child
            process.kill()
            process.join()
            line.close()
            self.child = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A box on a page, in points: x, y, width, height, and the mark that it shows."""

    x: float
    y: float
    width: float
    height: float
    mark: source.Mark
    first: bool  # the first of its mark


@dataclass(frozen=True, slots=True)
class Picture:
    """A page to be shown with its boxes; `missing` says why there is none."""

    page: int
    pages: int
    address: str = ""
    width: float = 0.0
    height: float = 0.0
    figures: tuple[Figure, ...] = ()
    missing: str = ""


def shown(
    request: Request, database: Database, document: sqlite3.Row, page: int, marks: Iterable[source.Mark]
) -> Picture:
    """The page of a PDF with the marks that start on it, claims of the page among them. Marks whose exact lines are not
    known get the box that the database has: of the claim, or of the paragraph."""
    found = [mark for mark in marks if source.page_at(database, document["key"], mark.start) == page]
    spans = [(mark.start, mark.end, source.slice_of(database, document["key"], mark.start, mark.end)) for mark in found]
    try:
        path = existing(database, document)
        sheet = view.desk(request).printer.sheet(path, document["sha256"], page, spans)
    except SheetError as error:
        return Picture(page, document["pages"] or 1, missing=str(error))
    figures = [
        Figure(round(box[0], 2), round(box[1], 2), round(box[2] - box[0], 2), round(box[3] - box[1], 2), mark, not at)
        for mark, lines in zip(found, sheet.lines, strict=True)
        for at, box in enumerate(lines or _stored(database, document["key"], mark))
    ]
    address = f"/reports/{document['sha256'][: source.DIGITS]}/pages/{page}.png"
    return Picture(page, document["pages"] or 1, address, sheet.width, sheet.height, tuple(figures))


def _stored(database: Database, key: int, mark: source.Mark) -> tuple[Box, ...]:
    row = database.connection.execute(
        "SELECT ifnull((SELECT box FROM claims WHERE document = ?1 AND start = ?2),"
        ' (SELECT box FROM blocks WHERE document = ?1 AND start <= ?2 AND "end" > ?2))',
        (key, mark.start),
    ).fetchone()
    return (source.box(row[0]),) if row[0] else ()


def existing(database: Database, document: sqlite3.Row) -> str:
    """A path at which the document's file still lies. Raises SheetError."""
    rows = database.connection.execute("SELECT path FROM paths WHERE document = ? ORDER BY path", (document["key"],))
    paths = [str(row[0]) for row in rows]
    for path in paths:
        if Path(path).is_file() or any(outer.is_file() for outer in Path(path).parents):
            return path
    raise SheetError(f"{paths[0] if paths else document['name']} is not there any more")


def picture(request: Request) -> Response:
    """GET: a page of a PDF as PNG."""
    with view.reading(request) as database:
        document = source.document(database, request.path_params["document"])
        if document["format"] not in sheets.PAGED:
            raise HTTPException(404)
        try:
            path = existing(database, document)
            png = view.desk(request).printer.picture(path, document["sha256"], request.path_params["page"])
        except SheetError as error:
            raise HTTPException(404, str(error)) from error
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


ROUTES = (Route("/reports/{document}/pages/{page:int}.png", picture),)
