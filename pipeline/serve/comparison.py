"""比较台: coverage first, then the values side by side; every mark leads to its sentence."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline import compare
from pipeline.compare import places
from pipeline.compare.amounts import shown
from pipeline.compare.cells import CORRECTED
from pipeline.compare.denominators import codes as denominators
from pipeline.serve import source, view, words, workbook
from pipeline.serve.amounts import SIGNS, amount
from pipeline.serve.ledger import COLUMNS, Texts
from pipeline.serve.view import chosen, given, number
from pipeline.store import Database, comparing, corrections
from pipeline.store.comparing import ToldFact, ToldReport
from pipeline.store.export import missing

PLACES, INDICATORS = 30, 12  # that one screen shows
MOST_PLACES, MOST_INDICATORS, CHARTS = 60, 40, 6
FEW = 4  # indicators beside whose columns the charts find room
MOST_CLAIMS = 100  # of one cell
GLYPHS = {
    "exact": "●", "range": "◒", "approx": "◐", "bounded": "◑", "conflicting": "≠", "several": "∷", "corrupted": "×",
    "partly_masked": "░", "masked": "▒", "unit_differs": "◇", "target_only": "▷", "scope_only": "◔",
    "not_mentioned": "·", "no_document": "",
}  # fmt: skip
HEAD = ("indicator", "name", "place", "year", "period", "unit", "value_low", "value_high", "state", "note",
        "denominator", "denominator_source", "documents", "claims")  # fmt: skip
IN_WORDS = ("indicator", "place", "year", "figure", "low", "high", "unit", "state", "meaning", "document", "code")
MOVED_AWAY = """SELECT c.id FROM corrected AS r JOIN claims AS c ON c.id = r.claim
WHERE r.document = ? AND r.field = 'indicator' AND c.indicator = ? ORDER BY c.number"""
_NAMES = re.compile(r"[^\s，、,;；]+")
Cells = dict[tuple[str, int, str], dict[str, Any]]


class Places:
    """The places of an archive as the panel names them, with their reports; made once for a state of the archive."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.state: tuple[Any, ...] = ()
        self.held: dict[str, list[ToldReport]] = {}

    def of(self, database: Database) -> dict[str, list[ToldReport]]:
        """Place → its reports, ordered by place."""
        with self.turn:
            state = _state(database)
            if state != self.state:
                self.held, self.state = _places(database), state
            return self.held


def _state(database: Database) -> tuple[Any, ...]:
    """What changes when documents or the table of places do; asked at each look, so nothing that reads every row."""
    counted = database.connection.execute(
        "SELECT (SELECT count(*) FROM documents), (SELECT max(key) FROM documents), max(id), max(finished) FROM runs"
    ).fetchone()
    beside = places.beside(Path(database.path))
    return (*counted, beside.stat().st_mtime_ns if beside.is_file() else None)


def _places(database: Database) -> dict[str, list[ToldReport]]:
    reports = database.reports()
    beside = places.beside(Path(database.path))
    table = places.read(beside) if beside.is_file() else ()
    labels = places.labels(((r.key, r.place, r.parent) for r in reports), table, database.masked())
    found: dict[str, list[ToldReport]] = {}
    for report in reports:
        if report.year is not None:
            found.setdefault(labels[report.key], []).append(report._replace(place=labels[report.key], parent=None))
    return dict(sorted(found.items()))


class Selected:
    """Some reports of an archive, as `pipeline.compare` asks for them."""

    def __init__(self, database: Database, reports: Sequence[ToldReport]) -> None:
        self.database, self.path, self.chosen = database, Path(database.path), list(reports)

    def told(self, indicators: Sequence[str] | None, places: Sequence[str] | None = None) -> Iterator[ToldFact]:
        """Their facts, ordered by indicator; the places are chosen already."""
        wanted = None if indicators is None else set(indicators)
        told = comparing.of_documents(self.database.connection, (report.key for report in self.chosen))
        chosen = [fact for fact in told if wanted is None or fact.indicator in wanted]
        yield from sorted(chosen, key=lambda fact: (fact.indicator, fact.year, fact.report))

    def reports(self) -> list[ToldReport]:
        """The reports themselves."""
        return self.chosen

    def masked(self) -> list[tuple[str, str]]:
        """Nothing: masked places are named already."""
        return []

    def unplaced(self) -> int:
        """None of them."""
        return 0

    def stamp(self) -> tuple[str, int]:
        """So few that no copy is made for them."""
        return "", len(self.chosen)


def comparison(request: Request) -> Response:
    """GET /compare: the coverage matrix of some places, and the indicators chosen as charts with their table."""
    code = view.language(request)
    with view.reading(request) as database:
        known = view.desk(request).places.of(database)
        asked = [place for place in _several(request, "place", MOST_PLACES) if place in known]
        named = _NAMES.findall(given(request, "find") or "")
        onward = [place for place in known if place > (given(request, "after_place") or "")
                  and (not named or any(name in place for name in named))]  # fmt: skip
        listed = _several(request, "indicator", MOST_INDICATORS)
        told = bool(listed) and given(request, "told") is not None
        if told:
            telling = _telling(database, listed)
            onward = [place for place in onward if any(report.key in telling for report in known[place])]
        wanted = number(request, "year", 1, 9999)
        per = chosen(request, "per", denominators())
        shown = list(dict.fromkeys([*asked, *(onward[:PLACES] if named or not asked else [])]))[:MOST_PLACES]
        reports = [report for place in shown for report in known[place]]
        columns = listed or _often_told(database, reports)
        cells = _cells(database, reports, _years(known), columns, per)
    rows = [
        (place, year, [cells[place, year, indicator] for indicator in columns])
        for place in shown
        for year in _years(known)
        if wanted in (None, year) and any(cells[place, year, code]["state"] != "no_document" for code in columns)
    ]
    comparable = [sum(row[2][at]["state"] in compare.COMPARABLE for row in rows) for at in range(len(columns))]
    # a target for a year on which nobody reports is shown, but no report could have told the figure
    reported = sum(any(report.year == row[1] for report in known[row[0]]) for row in rows)
    charted = (listed or [c for c, n in zip(columns, comparable, strict=True) if n])[:CHARTS]
    return view.page(
        request, "compare.html", screen="compare", rows=rows, columns=columns, places=shown, years=_years(known),
        year=wanted, asked=asked, listed=listed, charted=charted, comparable=comparable, reported=reported,
        per=per, told=told, few=FEW, per_choices=list(denominators()),
        more=onward[PLACES - 1] if (named or not asked) and len(onward) > PLACES else None, glyphs=GLYPHS,
        chart=_chart(code, rows, columns, charted, per), digits=source.DIGITS,
    )  # fmt: skip


def _years(known: dict[str, list[ToldReport]]) -> list[int]:
    return sorted({report.year for reports in known.values() for report in reports if report.year is not None})


def _several(request: Request, name: str, most: int) -> list[str]:
    values = (value.strip().replace("\0", "") for value in request.query_params.getlist(name))
    return list(dict.fromkeys(value for value in values if value))[:most]


def _telling(database: Database, indicators: Sequence[str]) -> set[int]:
    """The documents that tell one of the indicators, as read or as corrected."""
    marks = ", ".join("?" * len(indicators))
    rows = database.connection.execute(
        f"SELECT document FROM facts WHERE indicator IN ({marks})"
        f" UNION SELECT document FROM corrected WHERE field = 'indicator' AND value IN ({marks})",
        [*indicators, *indicators],
    )
    return {row[0] for row in rows}


def _often_told(database: Database, reports: Sequence[ToldReport]) -> list[str]:
    """The catalogue's indicators that most of these reports tell."""
    count = Counter[str]()
    for report in reports:
        count.update(row[0] for row in database.connection.execute(
            "SELECT DISTINCT indicator FROM facts WHERE document = ? AND instr(indicator, '|') = 0", (report.key,)
        ))  # fmt: skip
    return sorted(count, key=lambda code: (-count[code], code))[:INDICATORS]


def _cells(
    database: Database, reports: Sequence[ToldReport], years: Sequence[int], indicators: Sequence[str], per: str | None
) -> Cells:
    """Place, year, indicator → the cell of the panel, as the screen needs it."""
    if not (reports and indicators):
        return {}
    frame = compare.panel(
        Selected(database, reports), indicators, rows=compare.KEYS, columns=(), per=per,
        places=list(dict.fromkeys(report.place for report in reports)),
        years=years,
    ).reset_index()  # fmt: skip
    found: Cells = {}
    for values in zip(*(frame[name] for name in frame.columns), strict=True):
        cell: dict[str, Any] = {
            name: None if missing(value) else value for name, value in zip(frame.columns, values, strict=True)
        }
        told = shown(cell["value_low"], cell["value_high"], cell["unit"] or "")
        if told and cell["state"] == "approx":
            told = SIGNS["approx"] + told
        notes = (cell["note"] or "").split("; ") if cell["note"] else []
        cell |= {
            "told": told,
            "claims": tuple(cell["claims"] or ()),
            "documents": tuple(cell["documents"] or ()),
            "corrected": CORRECTED in notes,
            "notes": [note for note in notes if note != CORRECTED],
        }
        found[cell["place"], int(cell["year"]), cell["indicator"]] = cell
    return found


def address(place: str, year: int, indicator: str, per: str | None) -> str:
    """Where a cell says what it rests on."""
    named = {"place": place, "year": str(year), "indicator": indicator} | ({"per": per} if per else {})
    return f"/compare/cell?{urlencode(named)}"


def _chart(
    code: str, rows: Sequence[Any], columns: Sequence[str], charted: Sequence[str], per: str | None
) -> dict[str, Any]:
    """What compare.js draws: for each indicator its marks, those without a comparable value among them."""
    charts = []
    for indicator in charted:
        at = columns.index(indicator)
        marks = [_mark(code, place, year, cells[at], per) for place, year, cells in rows]
        units = Counter(mark["unit"] for mark in marks if mark["comparable"])
        unit = min(units, key=lambda u: (-units[u], u)) if units else ""
        charts.append({"indicator": indicator, "name": words.indicator(code, indicator), "unit": unit, "marks": marks})
    said = {key: words.say(code, f"chart.{key}") for key in ("lines", "log", "no_value")}
    return {"charts": charts, "glyphs": GLYPHS, "words": said}


def _mark(code: str, place: str, year: int, cell: dict[str, Any], per: str | None) -> dict[str, Any]:
    ends = {end: None if cell[f"value_{end}"] is None else str(cell[f"value_{end}"]) for end in ("low", "high")}
    return ends | {
        "place": place, "year": year, "state": cell["state"], "said": words.name(code, "state", cell["state"]),
        "unit": cell["unit"] or "", "told": cell["told"], "comparable": cell["state"] in compare.COMPARABLE,
        "link": address(place, year, cell["indicator"], per),
    }  # fmt: skip


def cell(request: Request) -> Response:
    """GET /compare/cell?place&year&indicator: what a mark rests on, sentence by sentence."""
    place, indicator = given(request, "place") or "", given(request, "indicator") or ""
    year, per = number(request, "year", 1, 9999) or 0, chosen(request, "per", denominators())
    with view.reading(request) as database:
        reports = view.desk(request).places.of(database).get(place, [])
        cells = _cells(database, reports, [year], [indicator] if indicator else [], per)
        here = cells.get((place, year, indicator))
        texts = Texts(database)
        rows = _sentences(database, texts, here["claims"][:MOST_CLAIMS] if here else ())
        moved = [row[0] for report in reports if report.year == year
                 for row in database.connection.execute(MOVED_AWAY, (report.key, indicator))]  # fmt: skip
        aside = _sentences(database, texts, moved[:MOST_CLAIMS])
        documents = [texts.head(report.key) for report in reports if report.year == year]
    return view.page(
        request, "cell.html", screen="compare", cell=here, place=place, year=year, code=indicator, rows=rows,
        aside=aside, glyphs=GLYPHS, documents=documents, digits=source.DIGITS,
    )  # fmt: skip


def _sentences(database: Database, texts: Texts, claims: Sequence[str]) -> list[dict[str, Any]]:
    """Claims as they count, each with its sentence; `read` has what was read where that is something else."""
    fixed = corrections.of_claims(database.connection, claims)
    found = []
    for claim in claims:
        row = database.connection.execute(f"SELECT {COLUMNS} FROM claims AS c WHERE c.id = ?", (claim,)).fetchone()
        if row is not None:
            changed = fixed.get(claim, {})
            found.append(source.plain(row) | changed | {
                "head": texts.head(row["document"]), "amount": amount(row), "read": {f: row[f] for f in changed},
                "sentence": texts.sentence(row["document"], row["start"], row["end"]),
            })  # fmt: skip
    return found


def download(request: Request) -> Response:
    """GET /compare.csv: exactly the numbers of the screen that names the same places and indicators."""
    rows = [[cell[name] for name in HEAD] for cell in _downloaded(request)]
    return view.table_file("compare.csv", HEAD, rows)


def download_workbook(request: Request) -> Response:
    """GET /compare.xlsx: the same for people: a row a cell, what it says as on the screen, its state in words."""
    code = view.language(request)
    rows = [
        [words.indicator(code, cell["indicator"]), cell["place"], int(cell["year"]), cell["told"], cell["value_low"],
         cell["value_high"], cell["unit"], words.name(code, "state", cell["state"]),
         words.name(code, "state_help", cell["state"]), "\n".join(cell["documents"]), cell["indicator"]]
        for cell in _downloaded(request)
    ]  # fmt: skip
    head = [words.say(code, f"column.{name}") for name in IN_WORDS]
    return workbook.response("compare.xlsx", words.say(code, "nav.compare"), head, rows)


def _downloaded(request: Request) -> list[dict[str, Any]]:
    wanted = number(request, "year", 1, 9999)
    with view.reading(request) as database:
        known = view.desk(request).places.of(database)
        reports = [r for place in _several(request, "place", MOST_PLACES) for r in known.get(place, [])]
        indicators = _several(request, "indicator", MOST_INDICATORS)
        years = [wanted] if wanted else _years(known)
        cells = _cells(database, reports, years, indicators, chosen(request, "per", denominators()))
    return [cell for cell in cells.values() if cell["state"] != "no_document"]


ROUTES = (
    Route("/compare", comparison),
    Route("/compare/cell", cell),
    Route("/compare.csv", download),
    Route("/compare.xlsx", download_workbook),
)
