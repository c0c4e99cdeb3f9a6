"""全文检索: the reports that have the words, where in each, by year, and the indicators that are called so."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.serve import source, view, words
from pipeline.serve.view import given, number
from pipeline.store.search import hits

REPORTS = 40  # on one screen
SHOWN = 3  # hits of a report that lie open; the others unfold
COUNTED = 2_000  # hits at most that are gathered for one answer
CALLED = 12  # indicators at most that are offered
NAMES = ("name", "sha256", "place", "year", "page", "label", "path", "start", "end", "before", "match", "after",
         "claim")  # fmt: skip
HEAD = ("document", "sha256", "place", "year", "page", "start", "end", "label", "before", "match", "after")


def search(request: Request) -> Response:
    """GET /search?q=…: the reports that have all of the words, each with its places in context."""
    asked, year, first = given(request, "q") or "", number(request, "year"), number(request, "skip", high=COUNTED) or 0
    found, more = _found(request, asked)
    by_report: dict[str, list[dict[str, Any]]] = {}
    for hit in found:
        by_report.setdefault(hit["sha256"], []).append(hit)
    years = Counter(places[0]["year"] for places in by_report.values() if places[0]["year"])
    reports = [places for places in by_report.values() if year in (None, places[0]["year"])]
    return view.page(
        request, "search.html", screen="archive", asked_words=asked, reports=reports[first : first + REPORTS],
        total=len(reports), hits=sum(map(len, reports)), counted=COUNTED if more else None, shown=SHOWN,
        years=sorted(years.items()), called=_called(asked), first=first, digits=source.DIGITS,
        onward=first + REPORTS if len(reports) > first + REPORTS else None,
    )  # fmt: skip


def _found(request: Request, asked: str) -> tuple[list[dict[str, Any]], bool]:
    """The hits, COUNTED at most, and whether there are more."""
    with view.reading(request) as database:
        found = list(islice(hits(database.connection, asked), COUNTED + 1))
    return [dict(zip(NAMES, hit, strict=True)) for hit in found[:COUNTED]], len(found) > COUNTED


def _called(asked: str) -> list[str]:
    """The indicators whose name, in either language, has one of the words."""
    terms = asked.lower().split()
    return [
        code for code, called in words.indicators("zh").items()
        if any(term in called or term in words.indicators("en")[code].lower() for term in terms)
    ][:CALLED]  # fmt: skip


def download(request: Request) -> Response:
    """GET /search.csv: every place that the screen of the same words shows or unfolds."""
    found, _ = _found(request, given(request, "q") or "")
    year = number(request, "year")
    rows = [[hit["name"], *(hit[name] for name in HEAD[1:])] for hit in found if year in (None, hit["year"])]
    return view.table_file("search.csv", HEAD, rows)


ROUTES = (
    Route("/search", search),
    Route("/search.csv", download),
)
