"""The panel: every cell says what it rests on, or why it is empty."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from handmade import full_report
from hypothesis import given
from hypothesis import strategies as st

from pipeline import compare
from pipeline.compare import COMPARABLE, STATES, Cell, Told, cells, interval, resolve
from pipeline.compare.cells import Indicator
from pipeline.records import Fact, Issuer, Report
from pipeline.store import Database, frames


def told(low: str | None = "300", state: str = "exact", **more: object) -> Told:
    value = None if low is None else Decimal(low)
    return replace(Told("a.txt", "处", "done", None, value, value, state, ("c1",)), **more)


@pytest.mark.parametrize(("facts", "state", "low", "high"), [
    ([told()], "exact", "300", "300"),
    ([told(state="approx")], "approx", "300", "300"),
    ([told(state="approx"), told()], "exact", "300", "300"),  # the same value, the more exact way of telling it
    ([told(), told(document="b.txt")], "exact", "300", "300"),
    ([told(), told(unit="个")], "exact", "300", "300"),  # the same number in another measure word
    ([told("3", "range", high=Decimal(5))], "range", "3", "5"),
    ([told("85", "bounded", high=None)], "bounded", "85", None),
    ([told(), told("320")], "conflicting", "300", "320"),
    ([told(), told("320", status="state")], "exact", "300", "300"),  # what was done and what there is are two things
    ([told("320", status="state")], "exact", "320", "320"),
    ([told(None, "masked"), told("320", status="state")], "masked", None, None),
    ([told(), told("310", "approx", document="b.txt")], "exact", "300", "300"),  # within a tenth
    ([told(), told("500", "approx")], "conflicting", "300", "500"),
    ([told(), told("200", "bounded", high=None)], "exact", "300", "300"),
    ([told(), told("301", "bounded", high=None)], "conflicting", "300", "301"),
    ([told(), told("200", "range", high=Decimal(400))], "exact", "300", "300"),
    ([told(), told("200", "bounded", high=None, unit="户")], "conflicting", None, None),
    ([told(), told("320", unit="户")], "conflicting", None, None),  # bounds over 处 and 户 would mean nothing
    ([told("1", "conflicting", high=Decimal(9)), told("5")], "conflicting", "1", "9"),
    ([told("48", "several", high=Decimal(75))], "several", "48", "75"),
    ([told("48", "several", high=Decimal(75)), told("123", document="b.txt")], "conflicting", "48", "123"),
    ([told(None, "partly_masked"), told(None, "masked")], "partly_masked", None, None),
    ([told("2", scope="省级")], "exact", "2", "2"),  # the one rank of an honour
    ([told("2", scope="省级"), told("5", scope="县级")], "scope_only", None, None),
    ([told("2", scope="每村")], "scope_only", None, None),
    ([told(None, "masked")], "masked", None, None),
    ([told(None, "masked"), told()], "exact", "300", "300"),
    ([told(None, "corrupted"), told(None, "masked")], "corrupted", None, None),
    ([told(None, "corrupted"), told("7")], "exact", "7", "7"),
    ([told(status="target")], "target_only", None, None),
    ([told(status="rule")], "target_only", None, None),
    ([told(status="target"), told("250")], "exact", "250", "250"),
    ([told(scope="XX村")], "scope_only", None, None),
    ([told("5", scope="XX村"), told("9")], "exact", "9", "9"),
    ([told("5", scope="XX村"), told(status="target")], "target_only", None, None),
])  # fmt: skip
def test_resolve(facts: list[Told], state: str, low: str | None, high: str | None) -> None:
    for order in (facts, facts[::-1]):
        cell = resolve(order)
        assert (cell.state, cell.low, cell.high) == (state, low and Decimal(low), high and Decimal(high))
        assert cell.documents
        assert cell.claims == ("c1",)


def test_a_stock_is_what_there_is() -> None:
    cell = resolve([told("3"), told("20", status="state")], Indicator("", stock=True))
    assert (cell.low, cell.note) == (Decimal(20), "done 3处")
    assert resolve([told("3")], Indicator("", stock=True)).low == Decimal(3)


@pytest.mark.parametrize(("facts", "state", "low", "unit", "note"), [
    ([told(unit="张")], "unit_differs", "300", "张", "300张"),
    ([told(unit="张"), told("5", unit="户")], "unit_differs", None, None, "300张; 5户"),
    ([told(unit="张"), told("5")], "exact", "5", "处", "also 300张"),
    ([told(None, "masked", unit="张")], "masked", None, None, None),
    ([told("9", scope="集镇")], "exact", "9", "处", "集镇"),
    ([told("9", scope="集镇"), told("7")], "exact", "7", "处", None),
    ([told("9", scope="甲村")], "scope_only", None, None, "甲村 9处"),
])  # fmt: skip
def test_units_and_areas_of_the_indicator(
    facts: list[Told], state: str, low: str | None, unit: str | None, note: str | None
) -> None:
    cell = resolve(facts, Indicator("", unit="处", scopes=frozenset({"集镇", "镇区"})))
    assert (cell.state, cell.low and str(cell.low), cell.unit, cell.note) == (state, low, unit, note)


def test_evidence_and_notes() -> None:
    assert resolve([told(), told("320", document="b.txt", claims=("c2",))]) == Cell(
        "conflicting", "处", Decimal(300), Decimal(320), "a.txt: 300处; b.txt: 320处", ("a.txt", "b.txt"), ("c1", "c2")
    )
    assert resolve([told(status="target")]).note == "target 300处"
    assert resolve([told(scope="甲村"), told(scope="乙村")]).note == "甲村 300处; 乙村 300处"
    assert resolve([told(), told(unit="个")]).note == "also told in 处"


def test_half_a_year_never_meets_a_whole_one() -> None:
    half, whole = told("120", period="2023-H1"), told("300", document="b.txt", period="2023")
    for order in ([half, whole], [whole, half]):
        cell = resolve(order)
        assert (cell.state, cell.low, cell.period, cell.note) == ("exact", Decimal(300), "2023", "2023-H1 120处")
        assert cell.documents == ("b.txt",)
    assert resolve([half]).period == "2023-H1"


@pytest.mark.parametrize(("scope", "place", "whole"), [
    ("全镇", "甲镇", True), ("全乡", "XX乡#3fa2", True), ("全街道", "乙街道", True), ("全区", "某自治区", True),
    ("全州", "某自治州", True), ("我镇", "甲镇", True), ("甲镇", "甲镇", True), ("全县", "甲镇", False),
    ("建成区", "甲区", False),
    ("各村", "甲镇", True), ("某村", "甲村", False), ("全", "甲镇", False), ("农村", "甲镇", False),
])  # fmt: skip
def test_is_whole(scope: str, place: str, whole: bool) -> None:
    assert cells.is_whole(scope, place) == whole


facts = st.builds(
    told, st.sampled_from(["1", "2", "3.5"]), st.sampled_from(compare.COMPARABLE),
    status=st.sampled_from(["done", "state", "target", "rule"]), scope=st.sampled_from([None, None, "甲村"]),
    unit=st.sampled_from(["处", "个"]),
)  # fmt: skip


@given(st.lists(facts, min_size=1, max_size=6))
def test_a_cell_never_says_more_than_its_facts(given_facts: list[Told]) -> None:
    cell = resolve(given_facts)
    assert cell.state in STATES
    values = {f.low for f in given_facts if f.scope is None and f.status in ("done", "state")}
    if cell.state in COMPARABLE:
        assert cell.low in values
    elif cell.state == "conflicting":
        assert len(values) > 1
    else:
        assert not values
        assert cell.low is cell.high is None


@pytest.mark.parametrize(("low", "high", "text"), [
    ("320", "320", "320"), ("1234567", "1234567", "1,234,567"), ("3", "5", "3–5"), ("85", None, "≥ 85"),
    (None, "5", "≤ 5"), (None, None, "…"), ("0.50", "0.50", "0.50"), ("1E+3", "1E+3", "1,000"),
])  # fmt: skip
def test_interval(low: str | None, high: str | None, text: str) -> None:
    assert interval(low and Decimal(low), high and Decimal(high)) == text


def report(place: str | None, year: int | None, *facts: Fact, outcome: str = "ok") -> Report:
    made = full_report(f"/a/{place}{year}.txt", f"{place}{year}年300余处XX份20萬張")
    document = replace(made.document, outcome=outcome)
    return replace(made, document=document, issuer=Issuer(None, place, None, year, "title"), facts=facts)


def fact(place: str, year: int, indicator: str, value: str | None, **more: object) -> Fact:
    number = None if value is None else Decimal(value)
    state = "exact" if value else "masked"
    return replace(Fact(place, year, indicator, "count", "处", "done", None, number, number, state, ("c",)), **more)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(tmp_path / "x.db")
    opened.store(report("甲镇", 2022, fact("甲镇", 2022, "a", "300"), fact("甲镇", 2022, "b", None)))
    later = (fact("甲镇", 2023, "a", "1", unit="个"), fact("甲镇", 2030, "a", "9", status="target"))
    opened.store(report("甲镇", 2023, *later, fact("甲镇", 2023, "清理|杂物", "5")))
    opened.store(report("乙乡", 2022, fact("乙乡", 2022, "a", "20", status="target")))
    opened.store(report("乙乡", 2023, outcome="corrupt"))
    opened.store(report("丙村", None, fact("丙村", 2022, "a", "7")))
    return opened


def test_panel(database: Database) -> None:
    panel = database.panel()
    assert list(panel.index) == [("a", "乙乡"), ("a", "甲镇"), ("b", "乙乡"), ("b", "甲镇")]
    assert panel.columns.names == [None, "year"]
    assert panel["state"].to_numpy().tolist() == [
        ["target_only", "no_document"], ["exact", "exact"],
        ["not_mentioned", "no_document"], ["masked", "not_mentioned"],
    ]  # fmt: skip
    assert panel["value"][2022].dropna().tolist() == [300.0]
    assert panel["value_low"][2022]["a", "甲镇"] == Decimal(300)
    assert panel["documents"][2023]["b", "甲镇"] == ("甲镇2023.txt",)
    assert panel["claims"][2022]["a", "甲镇"] == ("c",)


def test_long_panel_has_the_documented_columns(database: Database) -> None:
    long = database.panel(rows=compare.KEYS, columns=()).reset_index()
    kinds = {c.column: frames.DTYPES.get(c.dtype, c.dtype) for c in frames.columns("panel")}
    assert {name: str(kind) for name, kind in long[list(kinds)].dtypes.items()} == kinds
    assert len(long) == 2 * 2 * 2
    assert all(v is None or isinstance(v, Decimal) for v in long["value_low"])
    empty = database.panel([], rows=compare.KEYS, columns=())
    assert empty.empty


def test_a_panel_of_what_is_asked(database: Database) -> None:
    panel = database.panel(["清理|杂物", "unheard-of"], places=["甲镇", "丁镇"], years=[2023, 2030])
    assert panel.loc[("清理|杂物", "甲镇"), ("state", 2023)] == "exact"
    assert panel.loc[("unheard-of", "甲镇"), ("state", 2023)] == "not_mentioned"
    assert set(panel["state"][2030]) == {"no_document"}
    assert set(panel["state"].loc[(slice(None), "丁镇"), 2023]) == {"no_document"}
    future = database.panel(["a"], years=[2030])
    assert future["state"][2030]["a", "甲镇"] == "target_only"
    by_year = database.panel(["a"], rows=("year",), columns=("place",))
    assert by_year["value"]["甲镇"]["a", 2022] == 300.0


@pytest.mark.parametrize(("rows", "columns", "message"), [
    (("town",), ("year",), "town: a panel is laid out by indicator, place, year"),
    (("place",), ("place",), "place, place: name each"),
])  # fmt: skip
def test_a_layout_that_makes_no_sense(database: Database, rows: tuple[str], columns: tuple[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        database.panel(rows=rows, columns=columns)


def test_coverage(database: Database) -> None:
    coverage = database.coverage()
    kinds = {c.column: c.dtype for c in frames.columns("coverage")}
    assert {name: str(kind) for name, kind in coverage.dtypes.items()} == kinds
    a, b = coverage.to_dict("records")
    assert (a["indicator"], a["places"], a["cells"], a["target_only"], a["not_mentioned"]) == ("a", 1, 2, 1, 0)
    assert a["share"] == pytest.approx(2 / 3)
    assert (b["indicator"], b["cells"], b["masked"], b["not_mentioned"]) == ("b", 0, 1, 2)
    assert database.coverage(["nobody"])["not_mentioned"].tolist() == [3]


def test_documents_that_no_panel_holds_are_counted(database: Database) -> None:
    assert compare.unplaced(database) == 1


def test_an_empty_database(tmp_path: Path) -> None:
    with Database(tmp_path / "empty.db") as database:
        assert database.panel().empty
        assert database.coverage().empty
        assert compare.unplaced(database) == 0


def test_the_catalogue_has_names() -> None:
    assert compare.catalogue()
    assert all(indicator.name for indicator in compare.catalogue().values())
