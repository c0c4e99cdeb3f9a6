"""The store: what goes in comes out, once, exactly, and can be found."""

from __future__ import annotations

import csv
import json
import sqlite3
import string
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas
import pytest
from handmade import full_report
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Claim, Issue, Report
from pipeline.store import Database, NotStorableError, StoreError, dump, export, frames, rows, schema
from pipeline.store.parcel import packed, unpacked


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "x.db") as opened:
        yield opened


def comparable(report: Report) -> tuple[object, ...]:
    """A report without its boxes, which hold NaN, and their bytes."""
    boxes = report.document.boxes
    return replace(report, document=replace(report.document, boxes=None)), boxes and (boxes.typecode, boxes.tobytes())


def test_a_report_comes_back_as_it_was(database: Database) -> None:
    report = full_report()
    database.store(report)
    assert comparable(database.report("清河镇2022.docx")) == comparable(report)
    assert comparable(database.report(report.document.path)) == comparable(report)
    assert comparable(database.report(report.document.sha256[:8])) == comparable(report)


def test_the_schema_has_the_fields_of_the_records(database: Database) -> None:
    for table in rows.RECORDS:
        columns = [row[1] for row in database.connection.execute(f"PRAGMA table_info({table})")]
        assert [c for c in columns if c not in ("key", "document", "number")] == list(rows.names(table)), table
    strict = dict(database.connection.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'"))
    assert all(strict[table] for table in (*rows.RECORDS, "documents", "paths", "runs"))


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
decimals = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=6)


@given(
    surface=texts,
    low=decimals,
    high=decimals,
    masked=st.booleans(),
    path=st.lists(texts).map(tuple),
    score=st.floats(0, 1),
)
def test_any_claim_survives_the_row(surface: str, low: Decimal | None, high: Decimal | None, masked: bool,
                                    path: tuple[str, ...], score: float) -> None:  # fmt: skip
    claim = Claim("id", 0, 1, surface, low, high, masked, "eq", None, "count", None, None, None, "done", "r",
                  heading_path=path, indicator_score=score, box=(score, 0.0, 1.0, 2.0))  # fmt: skip
    stored = tuple(sqlite3.connect(":memory:").execute(
        f"SELECT {', '.join('?' * len(rows.names('claims')))}", rows.to_row("claims", claim)
    ).fetchone())  # fmt: skip
    assert rows.from_row("claims", stored) == claim


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_decimal_text_is_canonical(value: Decimal) -> None:
    text = rows.decimal_text(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert text == rows.decimal_text(Decimal(text))
    assert rows.decimal_text(value * 1) == rows.decimal_text(value + 0) or abs(value) >= 10**28


@pytest.mark.parametrize(("value", "text"), [
    ("300.0", "300"), ("1E+3", "1000"), ("0.50", "0.5"), ("-0", "0"), ("-0.00", "0"), ("100", "100"), ("0.1", "0.1"),
    ("200000.00", "200000"), ("12345678901234567890.123", "12345678901234567890.123"),
])  # fmt: skip
def test_decimal_text(value: str, text: str) -> None:
    assert rows.decimal_text(Decimal(value)) == text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        rows.decimal_text(Decimal(value))


def test_a_report_comes_out_of_its_parcel_as_it_went_in() -> None:
    report = full_report()
    parcel = packed(report)
    assert unpacked(parcel) == report
    assert (parcel.document.blocks, len(parcel.claims), parcel.issues) == ((), len(report.claims), report.issues)
    assert parcel.labelled("f9", path="/b").frame.fingerprint == "f9"
    assert unpacked(parcel.labelled(report.fingerprint, path="/b")).document.path == "/b"


def test_storing_twice_changes_nothing(database: Database) -> None:
    report = full_report()
    assert not database.done(report.document.sha256, "f1")
    database.store(report)
    before = list(dump(database))
    database.store(replace(report, claims=()))
    assert list(dump(database)) == before
    assert database.done(report.document.sha256, "f1")
    assert not database.done(report.document.sha256, "f2")


def test_another_fingerprint_replaces_just_that_document(database: Database) -> None:
    other = full_report("/archive/b.docx", "另一份报告300余处XX份20萬張")
    database.store(full_report())
    database.store(other)
    database.store(replace(full_report(), fingerprint="f2", claims=(), facts=()))
    assert set(database.claims()["document"]) == {"b.docx"}
    assert len(database.documents()) == 2
    assert len(database.search("卫生死角")) == 1 + 2  # the text still; the claims' object in the other one
    assert database.report("清河镇2022.docx").document.path == "/archive/清河镇2022.docx"


def test_a_failed_reading_is_a_row_and_can_be_tried_again(database: Database) -> None:
    good = full_report()
    document = replace(good.document, outcome="corrupt", text="", blocks=(), boxes=None)
    issue = Issue("ingest", "corrupt", "torn", severity="error")
    failed = replace(good, document=document, segments=(), claims=(), facts=(), issues=(issue,))
    database.store(failed)
    assert database.outcome(good.document.sha256) == "corrupt"
    assert database.documents()["reason"].tolist() == ["torn"]
    database.store(good)
    assert database.outcome(good.document.sha256) == "ok"


def test_many_paths_one_document_and_a_path_with_new_bytes(database: Database) -> None:
    first, second = full_report("/a/x.docx"), full_report("/a/x.docx", "新的内容300余处XX份20萬張")
    database.store(first)
    database.record_paths([("/b/copy.docx", first.document.sha256, None), ("/c/gone.docx", None, "no such file")])
    assert database.documents()["paths"].tolist() == ["/a/x.docx\n/b/copy.docx"]
    database.store(second)  # /a/x.docx has new bytes, /b/copy.docx the old ones
    assert len(database.documents()) == 2
    database.store(full_report("/b/copy.docx", second.document.text))
    assert database.documents()["sha256"].tolist() == [second.document.sha256]
    assert len(database.search("一、清理")) == 0


def test_all_or_nothing(database: Database) -> None:
    report = full_report()
    database.store(report)
    before = list(dump(database))
    broken = full_report("/b.docx", "又一份300余处XX份20萬張")
    twin = replace(broken, claims=(*broken.claims, broken.claims[0]))
    with pytest.raises(NotStorableError, match=r"b\.docx: its rows cannot be stored"):
        database.store(twin)
    nonsense = replace(broken.claims[0], value_low=Decimal("NaN"))
    with pytest.raises(NotStorableError):
        database.store(replace(broken, claims=(nonsense,)))
    assert list(dump(database)) == before
    assert database.search("又一份").empty


def test_frames_have_the_columns_and_dtypes_of_the_codebook(database: Database) -> None:
    for filled in (False, True):
        if filled:
            database.store(full_report())
        for table in frames.SOURCES:
            frame = frames.query(database.connection, table, {})
            expected = {c.column: frames.DTYPES.get(c.dtype, c.dtype) for c in frames.columns(table)}
            assert {name: str(kind) for name, kind in frame.dtypes.items()} == expected, table
    claims = database.claims()
    assert claims["value_low"].tolist() == [Decimal(300), None, Decimal(200000)]
    assert claims["value"].isna().tolist() == [False, True, False]
    assert pandas.isna(claims["base_value"][0])  # a range has two ends and no middle
    assert claims["heading_path"][0] == "总结 / 一、清理"
    assert "".join(database.segments()["text"]) == full_report().document.text
    assert database.facts()["claims"][0] == (full_report().claims[0].id,)
    assert database.places().to_dict("records")[0]["place"] == "清河镇"


def test_every_column_is_explained() -> None:
    for column in frames.codebook():
        assert column.meaning, column
        assert column.meaning_zh, column
        assert column.dtype in {"string", "Int64", "float64", "boolean", *frames.DTYPES}, column


@pytest.mark.parametrize(("filters", "count"), [
    ({}, 3), ({"masked": True}, 1), ({"masked": False, "place": "清河镇"}, 2), ({"place": "别处"}, 0),
    ({"unit": ["处", "张"]}, 2), ({"indicator": None}, 2), ({"indicator": [None, "remediation.dead_corners"]}, 3),
    ({"value_low": Decimal("300.0")}, 1), ({"year": [2021, 2022]}, 3), ({"year": []}, 0),
])  # fmt: skip
def test_filters(database: Database, filters: dict[str, object], count: int) -> None:
    database.store(full_report())
    assert len(database.claims(**filters)) == count


def test_an_unknown_filter_names_the_known(database: Database) -> None:
    with pytest.raises(StoreError, match=r"no column 'town' to filter by; known: id, document, .*place"):
        database.claims(town="x")


@pytest.mark.parametrize(("words", "matches"), [
    ("卫生死角", ["卫生死\n角"]),  # a hard wrap hides nothing; claims of the same segment are not repeated
    ("死角", ["死\n角"]),
    ("清理", ["清理", "清理"]),
    ("清理 300余", ["清理", "清理"]),
    ("宣传单", ["20萬張"]),  # in the claim's object only
    ("传单", ["20萬張"]),
    ("没有的词", []), ("没有", []), ("", []), ('"OR', []), ("%", []), ("清理 没有", []), ("NEAR(清理", []),
])  # fmt: skip
def test_search(database: Database, words: str, matches: list[str]) -> None:
    database.store(full_report())
    hits = database.search(words)
    assert hits["match"].tolist() == matches
    for hit in hits.to_dict("records"):
        assert full_report().document.text[hit["start"] : hit["end"]] == hit["match"]


def test_search_tells_where(database: Database) -> None:
    database.store(full_report())
    hit = database.search("卫生死角").to_dict("records")[0]
    assert (hit["document"], hit["page"], hit["label"], hit["heading_path"]) == (
        "清河镇2022.docx",
        2,
        "remediation",
        "总结 / 一、清理",
    )
    assert hit["after"].startswith("300余处")
    assert len(database.search("清理", limit=1)) == 1


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database(tmp_path_factory.mktemp("filled") / "x.db") as opened:
        opened.store(full_report())
        yield opened


@given(words=st.text(alphabet=string.punctuation + "清理AB ", max_size=8))
def test_no_query_is_an_error(filled: Database, words: str) -> None:
    filled.search(words)


def test_names_that_are_not_unique_are_told_apart(database: Database) -> None:
    database.store(full_report("/a/x.docx"))
    database.store(full_report("/b/x.docx", "另一份300余处XX份20萬張"))
    with pytest.raises(StoreError, match=r"several documents have this name.*/a/x\.docx.*/b/x\.docx"):
        database.report("x.docx")
    assert database.report("/b/x.docx").document.text.startswith("另一份")
    with pytest.raises(StoreError, match="not in"):
        database.report("y.docx")


def test_opening(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database here"):
        Database(tmp_path / "none.db", read_only=True)
    with pytest.raises(StoreError, match="folder that exists"):
        Database(tmp_path / "no" / "x.db")
    (tmp_path / "text.db").write_text("这不是数据库" * 100, "utf-8")
    with pytest.raises(StoreError, match="not usable"):
        Database(tmp_path / "text.db")
    foreign = sqlite3.connect(tmp_path / "foreign.db")
    foreign.execute("CREATE TABLE t (x)")
    foreign.close()
    with pytest.raises(StoreError, match="not one of Hebao's"):
        Database(tmp_path / "foreign.db")
    Database(tmp_path / "x.db").close()
    with Database(tmp_path / "x.db", read_only=True) as database:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            database.store(full_report())
        assert database.claims().empty
    newer = sqlite3.connect(tmp_path / "x.db")
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StoreError, match="newer Hebao"):
        Database(tmp_path / "x.db")


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Database(tmp_path / "x.db").close()
    good = schema.migrations()
    monkeypatch.setattr(
        schema, "migrations", lambda: [*good, "CREATE TABLE fresh (x TEXT) STRICT;\nCREATE TABLE claims (y);\n"]
    )
    with pytest.raises(StoreError, match="already exists"):
        Database(tmp_path / "x.db")
    monkeypatch.setattr(schema, "migrations", lambda: [*good, "CREATE TABLE fresh (x TEXT) STRICT;\n"])
    with pytest.raises(StoreError, match="brings it up to date"):
        Database(tmp_path / "x.db", read_only=True)
    with Database(tmp_path / "x.db") as database:
        assert database.connection.execute("PRAGMA user_version").fetchone() == (len(good) + 1,)
        assert database.connection.execute("SELECT * FROM fresh").fetchall() == []


def test_people_read_while_a_batch_writes(tmp_path: Path) -> None:
    with Database(tmp_path / "x.db") as writer, Database(tmp_path / "x.db", read_only=True) as reader:
        writer.store(full_report())
        with schema.transaction(writer.connection):
            writer.connection.execute("DELETE FROM claims")
            assert len(reader.claims()) == 3


def test_dump_knows_no_paths_and_no_clocks(tmp_path: Path) -> None:
    lines = []
    for folder in ("a", "b"):
        with Database(tmp_path / f"{folder}.db") as database:
            database.begin_run("f", 1, "v")
            order = [full_report(f"/{folder}/1.docx"), full_report(f"/{folder}/2.docx", "另300余处XX份20萬張")]
            for report in order if folder == "a" else reversed(order):
                database.store(report)
            lines.append(list(dump(database)))
    assert lines[0] == lines[1]
    assert not any("/a/" in line for line in lines[0])
    assert all(json.loads(line) for line in lines[0])


DANGEROUS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_never_becomes_a_formula_in_csv(text: str) -> None:
    assert export.csv_text(text) == "'" + text


@pytest.mark.parametrize(("value", "text"), [
    ("普通", "普通"), ("a=b", "a=b"), (None, ""), (pandas.NA, ""), (float("nan"), ""), (Decimal("-5"), "-5"),
    (-5, "-5"), (Decimal("1E+3"), "1000"), (True, "True"), ("a\x00b", "a\ufffdb"), ("行\n行", "行\n行"),
])  # fmt: skip
def test_csv_text(value: object, text: str) -> None:
    assert export.csv_text(value) == text


@pytest.mark.parametrize("format_", list(export.WRITERS))
def test_export_writes_all_tables_and_the_codebook(database: Database, tmp_path: Path, format_: str) -> None:
    report = full_report(text="=清河镇\x0b300余处XX份20萬張 http://example.com")
    database.store(report)
    if format_ == "parquet":
        pytest.importorskip("pyarrow", reason="parquet is an extra")
    paths, notes = export.write_all(database, tmp_path / "out", format_)
    tables = (*export.TABLES, "codebook", "indicators")
    beside = ["codebook.md", "datapackage.json"]
    assert [path.name for path in paths] == [*(f"{table}.{format_}" for table in tables), *beside]
    assert notes.lines == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in paths)
    claims = tmp_path / "out" / f"claims.{format_}"
    if format_ == "csv":
        assert claims.read_bytes().startswith(b"\xef\xbb\xbf")
        with claims.open(encoding="utf-8-sig", newline="") as lines:
            assert [row["value_low"] for row in csv.DictReader(lines)] == ["300", "", "200000"]
        with (tmp_path / "out" / "segments.csv").open(encoding="utf-8-sig", newline="") as lines:
            assert next(csv.DictReader(lines))["text"].startswith("'=清河镇\ufffd")
    elif format_ == "json":
        assert [row["value_low"] for row in json.loads(claims.read_text("utf-8"))] == ["300", None, "200000"]
    elif format_ == "parquet":
        assert pandas.read_parquet(claims)["value_low"].dropna().tolist() == ["300", "200000"]
    elif format_ == "dta":
        assert pandas.read_stata(claims)["value_low"].dropna().tolist() == [300.0, 200000.0]
        with pandas.io.stata.StataReader(claims) as reader:
            assert reader.variable_labels()["surface"] == "原文"
            assert "done" in reader.value_labels()["status"].values()
    else:
        sheets = [zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode() for path in paths
                  if path.suffix == ".xlsx"]  # fmt: skip
        assert all("<f>" not in sheet and "<hyperlink" not in sheet for sheet in sheets)
        assert "<v>200000</v>" in zipfile.ZipFile(claims).read("xl/worksheets/sheet1.xml").decode()


def test_export_leaves_no_half_files(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(parts: object, path: Path, notes: object, labels: object) -> None:
        path.write_text("half", "utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(export.WRITERS, "csv", fail)
    with pytest.raises(OSError, match="No space"):
        export.write_all(database, tmp_path / "out", "csv")
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(StoreError, match="known: csv, xlsx, json, parquet, dta"):
        export.write_all(database, tmp_path / "out", "sas")
