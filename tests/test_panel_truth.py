"""The panel of the corpus against the truth that its annotation carries, cell by cell: value and state.

The truth is made from the gold alone: corpus/gold/*.mentions.jsonl (codes, values, parts, repetitions) and
corpus/scopes.csv (which coded claims speak of a part of the place, of the time before, or of another year). It does
not say for which year a target is set: one found in the year after counts as right.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline import compare
from pipeline.batch import run
from pipeline.config import Settings
from pipeline.lexicon import rows
from pipeline.store import Database

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
STATES = {"eq": "exact", "range": "range", "approx": "approx", "ge": "bounded", "le": "bounded", "lt": "bounded"}
SIZES = {"吨": 1000, "公里": 1000, "千米": 1000, "平方公里": 10**6, "亩": Decimal(2000) / 3, "公顷": 10**4, "小时": 60,
         "‰": Decimal("0.1"), "斤": Decimal("0.5"), "立方米": 1}  # fmt: skip
SAME = {"回": "次"}  # measure words that mean another
BREATH = 30  # characters within which nobody contradicts himself: two figures are of two things
FALLS = ("下降", "减少")  # a rate of growth that is told so is negative
DISTINCT = ("exact", "range", "approx", "bounded")
FLOOR = 0.9998  # of all cells: what is reached today; it may only rise

Key = tuple[str, int, str]
"""Place, year, indicator."""


def truth(issuers: dict[str, tuple[str, int]]) -> dict[Key, tuple[str, Decimal | None]]:
    """What a careful reader writes into each cell that is told of; `issuers`: report → place and year."""
    scopes = {(row["report"], int(row["start"])): row for row in _csv(CORPUS / "scopes.csv")}
    told: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for report, (place, year) in issuers.items():
        for claim in _claims(report):
            scope = scopes.get((report, claim["start"]), {"scope": "", "year": ""})
            if "/" in scope["year"]:
                continue  # a figure of several years stands beside no single year's
            average = claim["per"] and claim["dimension"] == "count"
            claim["scope"] = scope["scope"] or ("average" if average else "")
            told[place, int(scope["year"] or year), claim["indicator"]].append(claim | {"report": report})
    return {key: _cell(key, claims) for key, claims in told.items()}


def _claims(report: str) -> list[dict[str, Any]]:
    """The claims of the gold that have a code and are neither repetitions nor parts of what has the same code."""
    lines = (CORPUS / "gold" / f"{report.rsplit('.', 1)[0]}.mentions.jsonl").read_text("utf-8").splitlines()
    claims = [mention for mention in map(json.loads, lines) if mention["kind"] == "claim"]
    codes = {claim["id"]: claim["indicator"] for claim in claims}
    own = [claim for claim in claims if claim["indicator"] and claim["indicator"] != codes.get(claim["part_of"])]
    return [claim for claim in own if not claim["repeat"]]


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _cell(key: Key, told: list[dict[str, Any]]) -> tuple[str, Decimal | None]:
    row = next(row for row in rows("indicators") if row["code"] == key[2])
    own = [claim for claim in told if not claim["scope"]]
    firm = [claim for claim in own if claim["status"] in ("done", "state")]
    if not firm:
        return ("target_only" if own else "scope_only"), None
    if row["dimension"] not in ("percent", "ratio", "level"):
        firm = [c for c in firm if (c["status"] == "state") == (row["aggregation"] != "sum")] or firm
    firm = [claim for claim in firm if not claim["masked"]] or firm
    if firm[0]["masked"]:
        return "masked", None
    plain = [claim for claim in firm if str(claim["value_low"]) not in (str(key[1]), f"{key[1]}.0")]
    if not plain:
        return "corrupted", None
    groups = row["units"].split("|")
    alike = {*groups[0].split("="), *([None] if len(groups) == 1 else [])}  # 总人口1.87万: the unit is understood
    any_unit = row["dimension"] != "count" or not row["units"]
    fitting = [claim for claim in plain if any_unit or SAME.get(claim["unit"], claim["unit"]) in alike]
    if not fitting:
        return "unit_differs", None
    return _merged(fitting)


def _merged(claims: list[dict[str, Any]]) -> tuple[str, Decimal | None]:
    found = []
    for claim in claims:
        vague = any(c in claim["surface"] for c in "余餘多")
        state = STATES.get(claim["relation"], "approx" if vague else "bounded")
        low = claim["value_low"] if claim["value_low"] is not None else claim["value_high"]
        falls = claim["indicator"].endswith("_growth") and claim["action"] in FALLS
        sized = Decimal(str(low)) * SIZES.get(claim["unit"], 1)
        found.append((DISTINCT.index(state), -sized if falls else sized, claim))
    found.sort(key=lambda each: each[:2])
    state, value = found[0][:2]
    numbers = [number for rank, number, _ in found if rank == 0]
    if len(numbers) > 2 and sum(numbers) == 2 * max(numbers):
        return "exact", max(numbers)
    if all(number == value or (rank > state and abs(number - value) <= abs(value) / 10) for rank, number, _ in found):
        return DISTINCT[state], value
    same = len({claim["report"] for *_, claim in found}) == 1
    told = sorted((claim["start"], claim["end"]) for *_, claim in found)
    breath = any(after[0] - before[1] <= BREATH for before, after in pairwise(told))
    things = {claim["object"] for *_, claim in found}
    return ("several" if same and (breath or len(things) > 1) else "conflicting"), None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    opened = Database(tmp_path_factory.mktemp("truth") / "corpus.db")
    run([str(CORPUS / "reports")], opened, Settings(), 1)
    return opened


def differing(database: Database) -> tuple[Counter[str], list[str]]:
    """Right and wrong cells by class, and a line for each wrong one."""
    issuers = {
        path.read_text("utf-8").split("#file: ")[1].split("\n")[0].strip(): path
        for path in sorted((CORPUS / "sources").glob("*.txt"))
    }
    heads = {name: (_header(path, "place"), int(_header(path, "year") or 0)) for name, path in issuers.items()}
    placed = {report: (place, year) for report, (place, year) in heads.items() if place and year}
    true = truth(placed)
    targets = _targets(placed)
    codes = sorted({code for *_, code in true} | {fact.indicator for fact in database.told()})
    places = sorted({place for place, _ in placed.values()})
    years = sorted({at + ahead for _, at in placed.values() for ahead in (0, 1)})  # a target is of the year after
    long = database.panel(codes, rows=compare.KEYS, columns=(), places=places, years=years).reset_index()
    classes: Counter[str] = Counter()
    lines: list[str] = []
    for row in long.to_dict("records"):
        at = row["place"], int(row["year"])
        silent = "not_mentioned" if at in placed.values() else "no_document"
        state, value = true.get((*at, row["indicator"]), (silent, None))
        if state != row["state"] and "target_only" in (state, row["state"]):
            state = _target(targets, long, at, row["indicator"], state)
        same = row["state"] == state or (state == "masked" and row["state"] == "partly_masked")
        if same and value is not None:
            ends = (end for end in (row["value_low"], row["value_high"]) if end is not None)
            same = any(abs(end - value) < Decimal("0.001") for end in ends)
        classes[f"right {state}" if same else f"WRONG {state} → {row['state']}"] += 1
        if not same:
            told = compare.interval(row["value_low"], row["value_high"])
            lines.append(f"{at[0]} {at[1]} {row['indicator']}: true {state} {value}, found {row['state']} {told}"
                         f" {row['note'] if isinstance(row['note'], str) else ''}")
    return classes, lines


def _targets(issuers: dict[str, tuple[str, int]]) -> set[Key]:
    """Place, report year and indicator of every target."""
    return {(*at, claim["indicator"]) for report, at in issuers.items() for claim in _claims(report)
            if claim["status"] in ("target", "rule")}  # fmt: skip


def _target(targets: set[Key], long: Any, at: tuple[str, int], code: str, state: str) -> str:
    """The state that the cell is measured against where a target may have been set for the year after."""
    cells = long[(long["place"] == at[0]) & (long["indicator"] == code)].set_index("year")["state"]
    before = (at[0], at[1] - 1, code) in targets
    if state == "target_only" and cells.get(at[1] + 1) in ("target_only", *DISTINCT):
        return str(cells[at[1]])
    return "target_only" if state in ("no_document", "not_mentioned") and before else state


def _header(path: Path, name: str) -> str:
    lines = path.read_text("utf-8").split("\n%%")[0].splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(f"#{name}:")), "")


def test_every_cell(database: Database) -> None:
    classes, lines = differing(database)
    total = sum(classes.values())
    right = sum(n for name, n in classes.items() if name.startswith("right"))
    told = {name: n for name, n in classes.items() if name[6:] not in ("not_mentioned", "no_document")}
    right_told = sum(n for name, n in told.items() if name.startswith("right"))
    said = "\n".join([f"{right} of {total} cells right; of those told of or found {right_told} of {sum(told.values())}",
                      *(f"{n:5} {name}" for name, n in classes.most_common()), *lines])  # fmt: skip
    print(said)
    assert right / total >= FLOOR, said
