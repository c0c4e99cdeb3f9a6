"""Exports: no people, no formulas, no silent cuts, and files that say what their columns mean."""

from __future__ import annotations

import json
import random
import zipfile
from decimal import Decimal
from pathlib import Path

import pandas
import pytest
from handmade import full_report
from hypothesis import given
from hypothesis import strategies as st

from pipeline.store import Database, export, frames, sheets
from pipeline.store.export import Notes
from pipeline.store.safe import CELL_CHARACTERS, without_people

openpyxl = pytest.importorskip("openpyxl")


def identity(rng: random.Random) -> str:
    """An invented identity number with a right check digit."""
    digits = f"{rng.randint(110000, 659000)}{rng.randint(1950, 2015)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    digits += f"{rng.randint(0, 999):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


@pytest.mark.parametrize(("text", "masked"), [
    ("联系电话13812345678。", "联系电话138******78。"), ("电话138 1234 5678", "电话138 **** **78"),
    ("+86-13812345678", "+86-138******78"), ("电话：１３８１２３４５６７８", "电话：１３８******７８"),
    ("信箱zhang.san@example.gov.cn", "信箱zha**.***@*******.***.cn"),
    ("卡号6222021234567890128", "卡号622**************28"), ("卡号6222021234567890129", None),
    ("投入13800000000元", None),
    ("占地15912345678平方米", None),
    ("编号138123456789", None), ("1.3812345678", None), ("2023年10月清理13812处", None), ("文号〔2022〕17号", None),
])  # fmt: skip
def test_people(text: str, masked: str | None) -> None:
    assert without_people(text) == (masked or text)


def test_identity_numbers_are_masked_and_other_long_numbers_stay() -> None:
    rng = random.Random(6)
    numbers = [identity(rng) for _ in range(1000)]
    assert all(number not in without_people(f"身份证号{number}，") for number in numbers)
    wrong = [number[:17] + ("1" if number[17] != "1" else "2") for number in numbers]
    kept = sum(without_people(f"编号{number}，") == f"编号{number}，" for number in wrong)
    assert kept > 850  # one in ten passes as the number of a bank card


@given(st.text("0123456789１３X-@.a人元 ", max_size=40))
def test_masking_keeps_the_length(text: str) -> None:
    assert len(without_people(text)) == len(text)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(tmp_path / "x.db")
    opened.store(full_report("/a/1.txt", "清河镇2022年清理300余处，联系13812345678，XX份20萬張"))
    return opened


@pytest.mark.parametrize("personal", [False, True])
def test_exports_mask_people_unless_asked(database: Database, tmp_path: Path, personal: bool) -> None:
    export.write_all(database, tmp_path / "out", "csv", personal)
    text = (tmp_path / "out" / "segments.csv").read_text("utf-8-sig")
    assert ("13812345678" in text) == personal


def test_datapackage_describes_each_column(database: Database, tmp_path: Path) -> None:
    export.write_all(database, tmp_path / "out", "csv")
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        table = pandas.read_csv(tmp_path / "out" / resource["path"], encoding="utf-8-sig", dtype=str)
        described = resource["schema"]["fields"]
        assert [field["name"] for field in described] == list(table.columns)
        assert all(field["title"] and field["type"] for field in described)
        for field in described:
            values = table[field["name"]].dropna()
            if field["type"] in ("integer", "number"):
                pandas.to_numeric(values)
    assert "| value_low | decimal |" in (tmp_path / "out" / "codebook.md").read_text("utf-8")


def test_a_long_text_is_cut_aloud_and_a_long_table_goes_on(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"text": pandas.Series(["x" * 40_000, "=1+1", "http://a.b"], dtype="string"),
                              "number": [-1.5, 2.0, None]})  # fmt: skip
    notes = Notes()
    with sheets.workbook(tmp_path / "x.xlsx") as book:
        sheet = sheets.Sheet(book, "甲", notes, rows=3)
        sheet.add(frame)
        sheet.close()
    read = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert read.sheetnames == ["甲", "甲 (2)"]
    first, second = ([[cell.value for cell in row] for row in page] for page in read)
    assert (len(first[1][0]), first[1][0][-1], first[1][1]) == (CELL_CHARACTERS, "…", -1.5)
    assert [first[2][0], second[1][0]] == ["=1+1", "http://a.b"]
    assert {cell.data_type for page in read for row in page for cell in row} <= {"s", "n", "inlineStr"}
    assert len(notes.lines) == 2


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)))
def test_numbers_stay_numbers(values: list[Decimal]) -> None:
    from io import StringIO

    frame = pandas.DataFrame({"value": pandas.Series(values, dtype=object)})
    read = pandas.read_csv(StringIO("".join(export.csv_lines(frame))), dtype=str)["value"]
    assert [Decimal(text) for text in read] == values


def test_parts_make_the_same_file_as_the_whole(database: Database, tmp_path: Path) -> None:
    database.store(full_report("/a/2.txt", "另300余处XX份20萬張"))
    for format_ in ("csv", "json", "parquet", "xlsx", "dta"):
        whole, parts = tmp_path / f"whole.{format_}", tmp_path / f"parts.{format_}"
        export.write_table(frames.query(database.connection, "claims", {}), whole, format_)
        export.write_table(frames.parts(database.connection, "claims", size=2), parts, format_)
        if format_ == "xlsx":
            assert zipfile.ZipFile(whole).read("xl/worksheets/sheet1.xml") == zipfile.ZipFile(parts).read(
                "xl/worksheets/sheet1.xml"
            )
        elif format_ == "parquet":
            pandas.testing.assert_frame_equal(pandas.read_parquet(whole), pandas.read_parquet(parts))
        elif format_ == "dta":
            pandas.testing.assert_frame_equal(pandas.read_stata(whole), pandas.read_stata(parts))
        else:
            assert whole.read_bytes() == parts.read_bytes()
