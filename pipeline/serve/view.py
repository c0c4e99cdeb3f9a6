"""From a request to an answer: parameters, the read connection, words, template."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

import jinja2
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pipeline.config import Settings
from pipeline.serve import standards, words
from pipeline.serve.sheets import PAGED
from pipeline.store import Database

if TYPE_CHECKING:
    from pipeline.serve.comparison import Places
    from pipeline.serve.pages import Printer
    from pipeline.serve.runs import Runner

PERSON = "hebao_person"
LANGUAGE = "hebao_language"
YEAR_SECONDS = 365 * 24 * 3600
LARGEST = 2**63 - 1
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Desk:
    """What all screens share."""

    database: Path
    settings: Settings
    printer: Printer  # pictures of PDF pages
    places: Places  # what the comparison calls the places
    runner: Runner | None  # starts batches; None where nobody may
    may_write: bool  # verdicts and corrections
    person: str  # who signs, until somebody gives another name


def desk(request: Request) -> Desk:
    """What all screens share."""
    shared: Desk = request.app.state.desk
    return shared


@contextmanager
def reading(request: Request) -> Iterator[Database]:
    """The database, for reading only; rows can be asked by column name."""
    with Database(desk(request).database, read_only=True) as database:
        database.connection.execute("PRAGMA query_only = ON")
        database.connection.row_factory = sqlite3.Row
        yield database


@contextmanager
def writing(request: Request) -> Iterator[Database]:
    """The database, for a verdict or a correction. 403 where the desk only shows."""
    if not desk(request).may_write:
        raise HTTPException(403, words.say(language(request), "error.read_only"))
    with Database(desk(request).database) as database:
        yield database


# Parameters: what makes no sense is as good as absent, so that no address is an error of the server.


def given(request: Request, name: str) -> str | None:
    """A parameter's text without blanks around it; None where it is empty."""
    return request.query_params.get(name, "").strip().replace("\0", "") or None


def number(request: Request, name: str, low: int = 0, high: int = LARGEST) -> int | None:
    """A parameter as a number from `low` to `high`, None otherwise."""
    text = given(request, name) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high else None


def chosen(request: Request, name: str, known: Iterable[str]) -> str | None:
    """A parameter that is one of the known words, None otherwise."""
    text = given(request, name)
    return text if text in set(known) else None


def cursor(request: Request, length: int) -> list[Any] | None:
    """The key of the row after which a list goes on, from `after`; None for the beginning."""
    try:
        key = json.loads(given(request, "after") or "null")
    except ValueError:
        return None
    plain = isinstance(key, list) and len(key) == length and all(isinstance(v, (str, int)) for v in key)
    fits = plain and all(isinstance(v, str) or abs(v) <= LARGEST for v in key)
    return [v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for v in key] if fits else None


def after(*key: object) -> str:
    """The parameter that `cursor` reads."""
    return json.dumps(key, ensure_ascii=False, separators=(",", ":"))


def language(request: Request) -> str:
    """zh, unless the reader has switched to en."""
    wanted = request.cookies.get(LANGUAGE)
    return wanted if wanted in words.LANGUAGES else words.LANGUAGES[0]


def person(request: Request) -> str:
    """Who signs verdicts and corrections at this browser."""
    return CONTROL.sub("", unquote(request.cookies.get(PERSON, ""))).strip()[:60] or desk(request).person


# Answers


@cache
def environment() -> jinja2.Environment:
    """Templates: everything is escaped, an unknown name is an error."""
    loader = jinja2.PackageLoader("pipeline.serve")
    found = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters["visible"] = visible
    found.filters["thousands"] = lambda n: f"{n:,}"
    found.filters["percent"] = lambda share: f"{share:.0%}"
    found.filters["place"] = lambda name: visible(name).partition("#")[0]  # a masked name carries a pseudonym
    found.filters["runs_of"] = runs_of
    found.filters["json_block"] = lambda value: Markup(data(value))
    found.globals["after"] = after
    return found


def visible(text: object) -> str:
    """Text whose control characters (changes of direction above all) cannot fool the reader."""
    return CONTROL.sub("\ufffd", str(text))


def runs_of(items: Iterable[Any], attribute: str) -> Iterator[tuple[Any, list[Any]]]:
    """Neighbours with the same attribute, together, in their order."""
    for value, members in groupby(items, key=lambda item: getattr(item, attribute)):
        yield value, list(members)


def page(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page of the desk. `screen` among the context names the tab that it belongs to."""
    shared = desk(request)

    def with_query(**changes: object) -> str:
        """This address with some parameters changed; None takes one away. Lists begin anew."""
        kept = [(k, v) for k, v in request.query_params.multi_items() if k not in changes and k != "after"]
        return "?" + urlencode(kept + [(k, str(v)) for k, v in changes.items() if v is not None])

    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    code = language(request)
    text = environment().get_template(template).render(
        words.bound(code) | {"screen": None} | context, language=code, here=here, with_query=with_query,
        paged=PAGED, may_write=shared.may_write, runner=shared.runner, person=person(request),
        check=partial(standards.check, code), parameters=defaultdict(str, request.query_params),
    )  # fmt: skip
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def data(value: object) -> str:
    """A value as JSON for a script's data block or a data attribute: no character of it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(f"\\u{ord(c):04x}" if c in "<>&\u2028\u2029" else c for c in text)


def back(request: Request, path: str) -> Response:
    """After a form was sent: to a page of this desk, never elsewhere."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return RedirectResponse(path if own else "/", 303)


def table_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A table as CSV with a byte order mark; no cell of it runs as a formula."""
    from pipeline.store.export import csv_text

    text = StringIO()
    writer = csv.writer(text)
    for row in (head, *rows):
        writer.writerow([csv_text(value) for value in row])
    content = text.getvalue().encode("utf-8-sig", "replace")
    return Response(content, media_type="text/csv; charset=utf-8", headers=attachment(name))


def remember(answer: Response, name: str) -> Response:
    """Keep the name of who signs in the browser."""
    answer.set_cookie(PERSON, quote(name[:60]), max_age=YEAR_SECONDS, httponly=True, samesite="strict")
    return answer


def attachment(name: str) -> dict[str, str]:
    """The header that makes a browser save the answer as a file of this name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
