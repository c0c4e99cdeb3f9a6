"""file → Document: which format, which encoding, which outcome; and that offsets, blocks and boxes hold."""

from __future__ import annotations

import codecs
import hashlib
import os
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest import formats
from pipeline.ingest.language import date, language
from pipeline.ingest.plain import decode
from pipeline.ingest.reading import UnreadableError
from pipeline.ingest.tables import Cell, heads
from pipeline.records import Document, Issue

SETTINGS = Ingest()
SAMPLE = "石门镇2023年爱国卫生工作总结\n一、共清理垃圾3456吨，整治卫生死角278处。\n\n二、发放宣传单1.2万份。\n"
SHARED = Path(__file__).parents[2] / "shared"


def read(path: Path, settings: Ingest = SETTINGS) -> tuple[Document, tuple[Issue, ...]]:
    """Read, and hold what must hold of every document."""
    document, issues = ingest.read(path, settings)
    assert (document, issues) == ingest.read(path, settings) or document.boxes is not None  # NaN differs from itself
    ends = 0
    for block in document.blocks:
        assert ends <= block.start < block.end <= len(document.text)
        assert not document.text[ends : block.start].strip("\n")
        ends = block.end
    if document.boxes is not None:
        assert len(document.boxes) == 4 * len(document.text)
    if not document.readable:
        assert document.text == ""
        assert document.blocks == ()
        assert [issue.severity for issue in issues].count("error") >= 1
    assert all(issue.stage == "ingest" for issue in issues)
    return document, issues


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (SAMPLE.encode(), "utf-8"),
        (codecs.BOM_UTF8 + SAMPLE.encode(), "utf-8"),
        (SAMPLE.encode("gb18030"), "gb18030"),
        (SAMPLE.encode("utf-16"), "utf-16-le"),
        (SAMPLE.encode("utf-16-le"), "utf-16-le"),
        (SAMPLE.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF16_BE + SAMPLE.encode("utf-16-be"), "utf-16-be"),
        (SAMPLE.encode("utf-32"), "utf-32-le"),
        (SAMPLE.encode("utf-32-be"), "utf-32-be"),
    ],
)
def test_encodings(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = tmp_path / "总结.txt"
    path.write_bytes(data)
    document, issues = read(path)
    assert (document.text, document.encoding, document.outcome, issues) == (SAMPLE, encoding, "ok", ())
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert [document.text[b.start : b.end] for b in document.blocks] == [line for line in SAMPLE.split("\n") if line]


def test_traditional_text_in_big5(tmp_path: Path) -> None:
    text = "社區衛生工作總結：全年清理垃圾3456噸，整治衛生死角278處，發放宣傳單，群眾滿意率98.5%。\n" * 3
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("big5"))
    document, _ = read(path)
    assert (document.text, document.encoding) == (text, "big5hkscs")


@pytest.mark.parametrize(("meant", "taken"), [("utf-8", "gb18030"), ("gb18030", "big5hkscs"), ("gb18030", "latin-1")])
def test_an_encoding_taken_for_another_is_told(tmp_path: Path, meant: str, taken: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text((SAMPLE * 5).encode(meant).decode(taken, "ignore"), "utf-8")
    document, issues = read(path)
    assert document.outcome == "ok_partial"
    assert [issue.code for issue in issues] == ["garbled_text"]
    path.write_text(SAMPLE * 5 + "Ärger über Öl, déjà vu à l’été", "utf-8")
    assert read(path)[1] == ()


@pytest.mark.parametrize(("raw", "text"), [("一\r\n二\r三\n", "一\n二\n三\n"), ("\n\n一\n", "\n\n一\n"), ("一", "一")])
def test_line_ends_count_as_one(tmp_path: Path, raw: str, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(raw.encode())
    assert read(path)[0].text == text


def test_few_broken_bytes_are_marked_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes((SAMPLE * 20).encode() + b"\xff\xfe\x80" + SAMPLE.encode())
    document, issues = read(path)
    assert document.outcome == "ok_partial"
    assert document.text.count("\ufffd") == 3
    assert [issue.code for issue in issues] == ["undecodable_bytes"]


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff"), min_size=1))
def test_utf8_text_comes_back_unchanged(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8")


@given(st.binary(max_size=300))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    try:
        text, encoding = decode(data)
    except UnreadableError as refusal:
        text, encoding = "", refusal.outcome
    assert "\r" not in text
    assert encoding


def packed(members: dict[str, bytes | str]) -> bytes:
    """A zip file."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"%PDF-1.4\n", "pdf"),
        (b"junk\n%PDF-1.4\n", "pdf"),
        (b"1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n", "pdf"),
        (b"{\\rtf1\\ansi", "rtf"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>", "html"),
        ("<html><body>工作总结".encode("utf-16"), "html"),
        (b'<?xml version="1.0"?><html xmlns="x">', "html"),
        (b'<?xml version="1.0"?><rss>', "xml"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"From: a\nMIME-Version: 1.0\nContent-Type: multipart/related\n\n<html>", "mhtml"),
        (b"PK\x03\x04 broken", "damaged_package"),
        (packed({"[Content_Types].xml": "wordprocessingml", "word/document.xml": ""}), "docx"),
        (packed({"[Content_Types].xml": "spreadsheetml"}), "xlsx"),
        (packed({"OFD.xml": ""}), "ofd"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "odt"),
        (packed({"报告.txt": "text"}), "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged_package"),
        ("一、工作情况 <1%".encode(), "txt"),
        (b"", "txt"),
    ],
)
def test_content_tells_the_format(data: bytes, form: str) -> None:
    assert formats.detect(data) == form


@given(
    st.binary(max_size=2000), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7\n"])
)
def test_every_head_has_a_format(data: bytes, magic: bytes) -> None:
    known = {*formats.EXTENSIONS, *formats.UNSUPPORTED, "encrypted", "damaged_package"}
    assert formats.detect(magic + data) in known


@pytest.mark.parametrize(
    ("name", "data", "outcome", "remedy"),
    [
        ("a.txt", b"", "corrupt", "empty"),
        ("a.txt", b"\n \n", "no_text_layer", "blanks"),
        ("a.txt", bytes(range(256)) * 20, "not_this_format", "what kind of file"),
        ("a.txt", "记录\0\0\0\0\0\0".encode(), "not_this_format", "control characters"),
        ("a.docx", b"PK\x03\x04 broken", "corrupt", "again"),
        ("a.docx", packed({"[Content_Types].xml": "spreadsheetml"}), "unsupported", "spreadsheet"),
        ("a.pdf", b"%PDF-1.4\nnothing else", "corrupt", "PDF"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "unsupported", "OCR"),
        ("a.zip", packed({"a.txt": "text"}), "unsupported", "unpack"),
    ],
)
def test_unreadable_files_say_why(tmp_path: Path, name: str, data: bytes, outcome: str, remedy: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    document, issues = read(path)
    assert document.outcome == outcome
    assert remedy in issues[-1].message
    assert name in issues[-1].message


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.txt", tmp_path, Path("a\0b.txt")):
        document, issues = read(path)
        assert (document.outcome, document.sha256) == ("missing", "")
        assert issues[0].message
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    assert read(pipe)[0].outcome == "missing"


def test_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(SAMPLE, "utf-8")
    assert read(path, replace(SETTINGS, max_bytes=10))[0].outcome == "limit_size"
    assert read(path, replace(SETTINGS, max_characters=10))[0].outcome == "limit_characters"


def test_other_extension_is_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "总结.doc"
    path.write_text(SAMPLE, "utf-8")
    document, issues = read(path)
    assert (document.format, document.text) == ("txt", SAMPLE)
    assert [(issue.code, issue.severity) for issue in issues] == [("extension_differs", "info")]


def test_suffixes_have_readers() -> None:
    assert set(formats.EXTENSIONS) == set(ingest.READERS)
    assert {".txt", ".docx", ".pdf"} <= ingest.SUFFIXES


def grid(*rows: str) -> list[Cell]:
    """Cells from rows of words; ^ goes on with the cell above, < with the cell to the left."""
    table = [row.split() for row in rows]
    cells = []
    for r, row in enumerate(table):
        for c, text in enumerate(row):
            if text not in ("^", "<"):
                across = next((n for n in range(1, len(row) - c) if row[c + n] != "<"), len(row) - c)
                down = next((n for n in range(1, len(table) - r) if table[r + n][c] != "^"), len(table) - r)
                cells.append(Cell(r + 1, c + 1, down, across, "" if text == "_" else text))
    return cells


@pytest.mark.parametrize(
    ("rows", "place", "expected"),
    [
        (("乡镇 改厕（座）", "城关镇 1200"), (2, 2), ("城关镇", "改厕（座）")),
        (("乡镇 改厕（座）", "城关镇 1200"), (2, 1), (None, "乡镇")),
        (("指标 2023年 < 单位", "^ 目标值 完成值 ^", "蝇密度 40% 43.5% 疾控"), (3, 3), ("蝇密度", "2023年/完成值")),
        (("各镇完成情况 < <", "乡镇 改厕 清运", "石门镇 41 97%"), (3, 3), ("石门镇", "清运")),
        (("序号 乡镇 数量", "1 石门镇 41"), (2, 3), ("石门镇", "数量")),
        (("类别 项目 数量", "环卫 车辆 12", "^ 人员 41"), (3, 3), ("环卫/人员", "数量")),
        (("_ 2022年 2023年", "投入 41 56"), (2, 3), ("投入", "2023年")),
        (("姓名 张三 年龄 41", "电话 12345 性别 男"), (2, 2), ("电话", None)),
        (("姓名 _ 年龄 _", "电话 12345 工龄 8"), (2, 4), ("工龄", None)),
        (("1 2", "3 4"), (2, 2), (None, None)),
    ],
)
def test_heads_of_cells(rows: tuple[str, ...], place: tuple[int, int], expected: tuple[str | None, str | None]) -> None:
    assert heads(grid(*rows)).get(place, (None, None)) == expected


def test_gold_texts_come_back_as_they_are() -> None:
    folder = SHARED / "gold" / "reports" / "texts"
    if not folder.is_dir():
        pytest.skip("needs the reference files beside the checkout")
    for path in sorted(folder.glob("*.txt")):
        assert read(path)[0].text == path.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全镇新建公厕3座，清运垃圾3456吨。", {"language": "zh", "script": "simplified"}),
        ("全鎮新建公廁3座，清運垃圾3456噸。", {"language": "zh", "script": "traditional"}),
        ("全鎮清運垃圾3456噸。 全镇清运垃圾3456吨。", {"language": "zh", "script": "mixed"}),
        ("三人行", {"language": "zh", "script": "simplified"}),
        ("これは日本語の文章です。", {"language": "ja"}),
        ("12 toilets were rebuilt", {"language": "other"}),
        ("3456 %", {}),
        ("", {}),
    ],
)
def test_language_and_script(text: str, found: dict[str, str]) -> None:
    assert language(text) == found


@given(st.text(max_size=60))
def test_any_text_has_one_language_at_the_most(text: str) -> None:
    assert set(language(text)) <= {"language", "script"}


def test_language_is_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("新建公廁3座。", "utf-8")
    assert dict(ingest.read(path, Ingest())[0].metadata) == {"language": "zh", "script": "traditional"}


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("D:20230105093000+08'00'", "2023-01-05T09:30:00+08:00"),
        ("D:20230105093000Z00'00'", "2023-01-05T09:30:00Z"),
        ("20230105", "2023-01-05"),
        ("2023-01-05", "2023-01-05"),
        ("D:2023", "D:2023"),
        ("去年", "去年"),
    ],
)
def test_dates_in_one_form(written: str, iso: str) -> None:
    assert date(written) == iso
