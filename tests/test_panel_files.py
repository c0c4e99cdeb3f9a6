"""Places that are one, amounts per head, the Parquet copy, and the panel as files and pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import numpy
import pandas
import pytest
from handmade import full_report
from typer.testing import CliRunner

from pipeline import charts, compare
from pipeline.__main__ import app
from pipeline.compare import copy, denominators, places
from pipeline.compare.cells import Cell
from pipeline.records import Fact, Issuer, Report
from pipeline.store import Database, export, frames

CORNERS, PEOPLE, RATE = "remediation.dead_corners", "profile.population_total", "toilets.sanitary_rate"


def fact(place: str, year: int, indicator: str, value: str, unit: str = "处", **more: object) -> Fact:
    made = Fact(place, year, indicator, "count", unit, "done", None, Decimal(value), Decimal(value), "exact", ())
    return replace(made, period=str(year), **more)


def report(place: str, year: int, *told: tuple[str, str, str], parent: str | None = None) -> Report:
    made = full_report(f"/a/{parent or ''}{place}{year}.txt", f"{parent or ''}{place}{year}年300余处XX份20萬張")
    evidence = {"claims": (made.claims[0].id,)}
    facts = tuple(fact(place, year, indicator, value, unit, **evidence) for indicator, value, unit in told)
    return replace(made, issuer=Issuer(None, place, "township", year, "title", parent), facts=facts)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(tmp_path / "x.db")
    opened.store(report("甲镇", 2022, (CORNERS, "300", "处"), (PEOPLE, "30000", "人"), (RATE, "91.5", "%")))
    opened.store(report("甲镇", 2023, (CORNERS, "150", "处")))
    opened.store(report("乙乡", 2022, (CORNERS, "20", "处")))
    return opened


def test_names_that_mean_one_place(database: Database, tmp_path: Path) -> None:
    database.store(report("甲镇人民政府", 2021, (CORNERS, "7", "处")))
    table = tmp_path / "x.places.csv"
    assert compare.panel(database, [CORNERS])["value"].shape == (3, 3)
    table.write_text("name,place\n甲镇人民政府,甲镇\n", "utf-8")
    panel = database.panel([CORNERS])
    assert list(panel.index) == [(CORNERS, "乙乡"), (CORNERS, "甲镇")]
    assert panel["value"][2021][CORNERS, "甲镇"] == 7


def test_one_name_under_two_parents_is_two_places(database: Database) -> None:
    database.store(report("丙乡", 2022, (CORNERS, "1", "处"), parent="东县"))
    database.store(report("丙乡", 2022, (CORNERS, "2", "处"), parent="西县"))
    panel = database.panel([CORNERS], years=[2022])
    assert panel["value"][2022].to_dict() == {
        (CORNERS, "东县丙乡"): 1.0, (CORNERS, "乙乡"): 20.0, (CORNERS, "甲镇"): 300.0, (CORNERS, "西县丙乡"): 2.0
    }  # fmt: skip


def test_masked_places_are_one_where_their_reports_are_near_duplicates() -> None:
    text = "全镇清理卫生死角三百余处，" * 3 + "".join(chr(0x4E00 + 7 * i % 5000) for i in range(900))
    other = "".join(chr(0x5E00 + 11 * i % 5000) for i in range(900))
    masked = [("XX镇#bb", text), ("XX镇#aa", text.replace("三百", "四百", 1)), ("XX镇#cc", other), ("XX县#dd", text)]
    assert places.clusters(masked) == {"XX镇#bb": "XX镇#aa"}
    assert places.clusters(masked[::-1]) == {"XX镇#bb": "XX镇#aa"}
    assert places.clusters([]) == {}


def test_an_official_table(tmp_path: Path) -> None:
    table = tmp_path / "official.csv"
    table.write_text("代码,名称,上级代码,级别\n11,东县,1,县级\n1101,甲镇,11,乡级\n1201,甲镇,12,4\n\n", "utf-8-sig")
    read = places.read(table)
    assert [(p.name, p.parent, p.level) for p in read] == [
        ("东县", "1", "county"), ("甲镇", "东县", "township"), ("甲镇", "12", "township")
    ]  # fmt: skip
    places.write(tmp_path / "own.csv", read)
    assert set(places.read(tmp_path / "own.csv")) == set(read)


@pytest.mark.parametrize(("text", "message"), [
    ("nom,place\nx,y\n", "line 1 names no column 'name'"), ("name,place\nx\n", "line 2 has 1 fields"),
    ("name,place\nXX镇,XX镇#1\n", "a masked place is never resolved"), ("", "line 1 names no column"),
])  # fmt: skip
def test_tables_of_places_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.csv").write_text(text, "utf-8")
    with pytest.raises(places.PlacesError, match=message):
        places.read(tmp_path / "x.csv")


def test_per_head(database: Database, tmp_path: Path) -> None:
    table = tmp_path / "d.csv"
    table.write_text("place,year,per,value,source\n乙乡,,人,\"1,000\",统计年鉴\n甲镇,2022,人,5,never used\n", "utf-8")
    long = database.panel([CORNERS, RATE], rows=compare.KEYS, columns=(), per="人", denominators=table).reset_index()
    found = {(r["indicator"], r["place"], r["year"]): r for r in long.to_dict("records")}
    own, given = found[CORNERS, "甲镇", 2022], found[CORNERS, "乙乡", 2022]
    assert (own["value_low"], own["unit"], own["denominator"]) == (Decimal("0.01"), "处/人", Decimal(30000))
    assert own["denominator_source"] == f"{PEOPLE}: 甲镇2022.txt"
    assert (given["value"], given["denominator_source"]) == (0.02, "统计年鉴")
    assert found[CORNERS, "甲镇", 2023]["state"] == "no_denominator"  # nothing is carried over from 2022
    assert found[RATE, "甲镇", 2022]["state"] == "not_divisible"
    with pytest.raises(ValueError, match="per 人, 户, 村"):
        database.panel(per="头")


@pytest.mark.parametrize(("cell", "by", "state", "low", "high"), [
    (("exact", "6", "6"), ("exact", "3", "3"), "exact", "2", "2"),
    (("exact", "6", "6"), ("approx", "3", "3"), "approx", "2", "2"),
    (("exact", "6", "6"), ("range", "2", "3"), "range", "2", "3"),
    (("bounded", "6", None), ("exact", "3", "3"), "bounded", "2", None),
    (("exact", "1", "1"), ("exact", "3", "3"), "exact", "0.333333333333", "0.333333333333"),
])  # fmt: skip
def test_divided(cell: tuple[str, str, str | None], by: tuple[str, str, str], state: str, low: str, high: str) -> None:
    ends = [None if end is None else Decimal(end) for end in (*cell[1:], *by[1:])]
    under = denominators.Denominator(ends[2] or Decimal(0), ends[3] or Decimal(0), by[0], "x")
    found = denominators.divided(Cell(cell[0], "处", ends[0], ends[1]), "count", "人", under)
    assert (found.state, found.low and str(found.low), found.high and str(found.high)) == (state, low, high)


@pytest.mark.parametrize(("line", "message"), [
    ("甲镇,2022,人,many,", "line 2: 'many'"), ("甲镇,20xx,人,3,", "'20xx' is no number"),
    ("甲镇,2022,人,0,", "divided by 0"),
])  # fmt: skip
def test_denominators_that_cannot_be_used(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "d.csv").write_text(f"place,year,per,value,source\n{line}\n", "utf-8")
    with pytest.raises(denominators.DenominatorError, match=message):
        denominators.read(tmp_path / "d.csv", "人")


def test_the_copy_says_the_same(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb", reason="the copy is read by DuckDB (hebao[parquet])")
    live = [database.panel(rows=compare.KEYS, columns=()), database.panel([CORNERS], places=["甲镇"]),
            database.coverage(), database.coverage([RATE])]  # fmt: skip
    monkeypatch.setattr(copy, "LARGE", 1)
    stored = [database.panel(rows=compare.KEYS, columns=()), database.panel([CORNERS], places=["甲镇"]),
              database.coverage(), database.coverage([RATE])]  # fmt: skip
    for one, other in zip(live, stored, strict=True):
        pandas.testing.assert_frame_equal(one, other)
    made = (tmp_path / "x.cells.parquet").stat().st_mtime_ns
    database.coverage()
    assert (tmp_path / "x.cells.parquet").stat().st_mtime_ns == made
    database.store(report("丁村", 2022, (CORNERS, "4", "处")))
    assert "丁村" in database.panel([CORNERS]).index.get_level_values("place")  # a stale copy is made anew
    monkeypatch.setattr(copy, "build", _refuse)
    database.store(report("戊村", 2022, (CORNERS, "4", "处")))
    assert "戊村" in database.panel([CORNERS]).index.get_level_values("place")  # nowhere to write it: slower, not worse


def _refuse(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def command(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_workbook_leads_to_the_evidence(database: Database, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    asked = ("--indicator", CORNERS, "--absent", "--lang", "en")
    command("compare", *asked, "--format", "xlsx", "-o", tmp_path / "p.xlsx", "--db", database.path)
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert [name.split()[-1] for name in book.sheetnames] == ["values", "states", "evidence", "coverage", "notes"]
    values, states, said = (list(book[name].values) for name in book.sheetnames[:3])
    assert ("甲镇", "township", 2022, 300) in values
    assert ("乙乡", "township", 2023, "no_document") in states
    row = dict(zip(said[0], next(row for row in said if row[1:3] == ("甲镇", 2022)), strict=True))
    assert (row["document"], row["surface"]) == ("甲镇2022.txt", "300余处")
    assert book["证据 evidence"]["F2"].hyperlink.target.endswith(".txt")
    assert all(cell.data_type != "f" for sheet in book for line in sheet for cell in line)


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "dta", "package"])
def test_files_of_a_panel(database: Database, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"p.{form}"
    command("compare", "--indicator", CORNERS, "--format", form, "-o", target, "--db", database.path)
    if form == "csv":
        found = pandas.read_csv(target)
    elif form == "json":
        found = pandas.DataFrame(json.loads(target.read_text("utf-8"))["panel"])
    elif form == "parquet":
        found = pandas.read_parquet(target)
    elif form == "dta":
        found = pandas.read_stata(target)
        with pandas.io.stata.StataReader(target) as reader:
            assert reader.variable_labels()["value"] == "数值（浮点）"
            assert reader.value_labels()["state"][0] == "exact"  # the same number in every file
    else:
        names = {path.name for path in target.iterdir()}
        assert names == {"panel.csv", "coverage.csv", "evidence.csv", "codebook.csv", "codebook.md", "indicators.csv",
                         "datapackage.json"}  # fmt: skip
        found = pandas.read_csv(target / "panel.csv")
    assert list(found.columns) == list(compare.PANEL)
    assert found[(found["place"] == "甲镇") & (found["year"] == 2022)]["value"].tolist() == [300.0]


def test_years_without_a_report_are_listed_when_asked_for(database: Database) -> None:
    asked = ("compare", "--indicator", CORNERS, "--format", "csv", "--db", database.path)
    held = [pandas.read_csv(StringIO(command(*asked, *more)))["state"].tolist() for more in ((), ("--absent",))]
    assert held == [["exact"] * 3, ["exact", "no_document", "exact", "exact"]]


def test_places_of_one_level(database: Database) -> None:
    village = replace(report("丁村", 2022, (CORNERS, "9", "处")), issuer=Issuer(None, "丁村", "village", 2022, "title"))
    database.store(village)
    asked = ("compare", "--indicator", CORNERS, "--format", "csv", "--db", database.path)
    found = pandas.read_csv(StringIO(command(*asked, "--level", "village")))
    assert found[["place", "level", "value"]].values.tolist() == [["丁村", "village", 9.0]]
    assert set(pandas.read_csv(StringIO(command(*asked)))["level"]) == {"village", "township"}
    assert database.coverage([CORNERS], level="village")[["places", "cells"]].values.tolist() == [[1, 1]]
    assert database.coverage([CORNERS], level="county")[["places", "cells"]].values.tolist() == [[0, 0]]


def test_readers_get_back_what_was_written(database: Database, tmp_path: Path) -> None:
    for module in ("openpyxl", "pyarrow"):
        pytest.importorskip(module)
    for form in ("csv", "xlsx", "parquet", "dta"):
        export.write_all(database, tmp_path / form, form)
    meant = {column.column: column.meaning_zh for column in frames.columns("claims")}
    plain = pandas.read_csv(tmp_path / "csv" / "claims.csv", dtype=str)
    sheet = pandas.read_excel(tmp_path / "xlsx" / "claims.xlsx", sheet_name="claims", dtype=str)
    columns = pandas.read_parquet(tmp_path / "parquet" / "claims.parquet")
    stata = pandas.read_stata(tmp_path / "dta" / "claims.dta", convert_categoricals=True)
    assert list(sheet.columns) == list(meant.values())
    assert list(columns.columns) == list(plain.columns) == list(meant)
    for name in ("surface", "sentence", "status", "dimension", "unit"):
        read = [frame[key].fillna("").astype(str).tolist() for frame, key in (
            (plain, name), (sheet, meant[name]), (columns, name), (stata, name))]  # fmt: skip
        assert read == [read[0]] * 4
    high = "value_high"
    values = (plain[high], sheet[meant[high]], columns[high], stata[high])
    numbers = [pandas.to_numeric(column).tolist() for column in values]
    assert all(numpy.array_equal(numbers[0], other, equal_nan=True) for other in numbers)
    assert plain["sentence"][0] == "乙乡2022年300余处XX份20萬張"
    with pandas.io.stata.StataReader(tmp_path / "dta" / "claims.dta") as reader:
        assert reader.variable_labels()["sentence"] == "所在句子"
    export.write_all(database, tmp_path / "english", "xlsx", lang="en")
    assert list(pandas.read_excel(tmp_path / "english" / "claims.xlsx").columns) == list(meant)


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_pictures_are_the_same_each_time(database: Database, tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib", reason="pictures need hebao[charts]")
    long = database.panel(rows=compare.KEYS, columns=()).reset_index()
    try:
        assert charts.draw(long, tmp_path / f"a{suffix}") is None
    except charts.ChartError as error:
        pytest.skip(f"pictures need a Chinese font: {error}")
    charts.draw(long, tmp_path / f"b{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert (tmp_path / f"a{suffix}").stat().st_size > 5000


def test_pictures_that_cannot_be_drawn(database: Database, tmp_path: Path) -> None:
    long = database.panel(rows=compare.KEYS, columns=()).reset_index()
    for path, frame, message in ((tmp_path / "x.gif", long, "ends in"), (tmp_path / "no" / "x.svg", long, "folder"),
                                 (tmp_path / "x.svg", long.head(0), "nothing to draw")):  # fmt: skip
        with pytest.raises(charts.ChartError, match=message):
            charts.draw(frame, path)


def test_commands_on_places(database: Database, tmp_path: Path) -> None:
    (tmp_path / "official.csv").write_text("code,name,parent,level\n1,甲镇人民政府,,4\n", "utf-8")
    assert "甲镇" in command("places", "list", "--db", database.path)
    assert json.loads(command("places", "list", "--json", "--db", database.path))[0]["place"] == "乙乡"
    command("places", "import", tmp_path / "official.csv", "--db", database.path)
    assert places.read(places.beside(database.path))[0].name == "甲镇人民政府"
    shown = command("compare", "--indicator", CORNERS, "--per", "人", "--db", database.path)
    assert "0.01" in shown
    assert "∅" in shown


def test_scopes_name_indicators_of_the_catalogue() -> None:
    from pipeline.lexicon import rows

    known = compare.catalogue()
    assert [row["indicator"] for row in rows("scopes") if row["indicator"] not in known] == []
    assert [code for codes in denominators.codes().values() for code in codes if code not in known] == []
