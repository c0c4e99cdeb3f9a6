"""Pages without text, recognised from their picture: order, confidence, limits, and no network."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest import ocr
from pipeline.records import Document, Issue

SETTINGS = Ingest()


def scan(*pages: str) -> bytes:
    """A PDF whose pages are pictures of lines of text; an empty page is white."""
    printed, scanned = BytesIO(), BytesIO()
    canvas = Canvas(printed, pagesize=(595, 842), invariant=True)
    for page in pages:
        canvas.setFont("Helvetica", 16)
        for number, line in enumerate(page.split("\n")):
            canvas.drawString(72, 740 - 40 * number, line)
        canvas.showPage()
    canvas.save()
    canvas = Canvas(scanned, pagesize=(595, 842), invariant=True)
    with pypdfium2.PdfDocument(printed.getvalue()) as document:
        for sheet in document:
            canvas.drawImage(ImageReader(sheet.render(scale=2).to_pil()), 0, 0, 595, 842)
            canvas.showPage()
    canvas.save()
    return scanned.getvalue()


def read(tmp_path: Path, data: bytes, settings: Ingest = SETTINGS) -> tuple[Document, tuple[Issue, ...]]:
    path = tmp_path / "scan.pdf"
    path.write_bytes(data)
    return ingest.read(path, settings)


@pytest.fixture
def installed() -> None:
    if not ocr.available():
        assert "HEBAO_CI" not in os.environ, "rapidocr and onnxruntime belong to the test environment"
        pytest.skip("needs the extra hebao[ocr]")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("nothing may be fetched")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.usefixtures("installed", "offline")
@pytest.mark.filterwarnings("default")  # what other packages warn of at their import is not ours to mend
def test_a_scan_is_read_with_places_and_without_the_network(tmp_path: Path) -> None:
    document, issues = read(tmp_path, scan("Garbage removed: 3456 tons\nToilets rebuilt: 278", ""))
    assert (document.outcome, document.pages) == ("ok_partial", 2)
    assert "".join(document.text.split()) == "Garbageremoved:3456tonsToiletsrebuilt:278"
    assert {block.style for block in document.blocks} == {"ocr"}
    assert {block.page for block in document.blocks} == {1}
    assert [issue.code for issue in issues][:2] == ["recognised_by_ocr", "page_without_text"]
    assert document.boxes is not None
    place = document.text.index("3456")
    left, top, right, bottom = document.boxes[4 * place : 4 * place + 4]
    drawn = 72 + stringWidth("Garbage removed: ", "Helvetica", 16)
    assert drawn - 6 < left < right < drawn + 16
    assert 76 < top < 94 < 100 < bottom < 118
    again, _ = read(tmp_path, scan("Garbage removed: 3456 tons\nToilets rebuilt: 278", ""))
    assert again.boxes is not None
    assert (again.text, again.boxes.tobytes()) == (document.text, document.boxes.tobytes())


Found = tuple[str, float, tuple[float, ...]]


def fake(monkeypatch: pytest.MonkeyPatch, pieces: list[Found], words: bool = True) -> None:
    """An engine that finds these pieces: text, confidence, and left, top, right, bottom in dots of 72 an inch."""

    def corners(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]

    def engine(picture: Any, **_: object) -> SimpleNamespace:
        scale = picture.shape[0] / 842
        found = SimpleNamespace(txts=[], scores=[], boxes=[], word_results=[])
        for text, score, sides in pieces:
            left, top, right, bottom = (side * scale for side in sides)
            step = (right - left) / len(text)
            found.txts.append(text)
            found.scores.append(score)
            found.boxes.append(corners(left, top, right, bottom))
            places = [corners(left + i * step, top, left + (i + 1) * step, bottom) for i in range(len(text))]
            found.word_results.append([(s, score, p) for s, p in zip(text, places, strict=True)] if words else [])
        return found

    monkeypatch.setattr(ocr, "available", lambda: True)
    monkeypatch.setattr(ocr, "_engine", lambda: engine)


def rows(*texts: str, left: float = 72, width: float = 450, score: float = 0.99) -> list[Found]:
    return [(text, score, (left, 80 + 30 * i, left + width, 95 + 30 * i)) for i, text in enumerate(texts)]


def test_numbers_that_are_not_sure_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sure, unsure = rows("清理垃圾3456吨，改厕120户。"), rows("", "整治死角278处。", score=0.7)[1:]
    fake(monkeypatch, sure + unsure)
    document, issues = read(tmp_path, scan("x"))
    doubts = [issue for issue in issues if issue.code == "low_confidence"]
    assert [document.text[issue.start : issue.end] for issue in doubts] == ["整治死角278处。"]
    assert "0.70" in doubts[0].message


@pytest.mark.parametrize("words", [True, False])
def test_one_unsure_digit_marks_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: bool) -> None:
    fake(monkeypatch, [("清理积存垃圾和杂物", 0.99, (72, 80, 342, 95)), ("12", 0.6, (345, 80, 375, 95)),
                       ("吨并改造户厕若干座", 0.99, (378, 80, 600, 95))], words)  # fmt: skip
    document, issues = read(tmp_path, scan("x"))
    assert document.text == "清理积存垃圾和杂物12吨并改造户厕若干座"
    assert [document.text[i.start : i.end] for i in issues if i.code == "low_confidence"] == ["12"]


def test_columns_are_read_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [f"左栏第{n}行的文字到头。" for n in "一二三四"]
    right = [f"右栏第{n}行的文字到头。" for n in "一二三四"]
    pieces = rows(*left, width=210) + rows(*right, left=310, width=210)
    fake(monkeypatch, [("横贯全页的标题", 0.99, (150, 40, 450, 60)), *sorted(pieces, key=lambda piece: piece[2][1])])
    document, _ = read(tmp_path, scan("x"))
    assert "".join(document.text.split()) == "".join(["横贯全页的标题", *left, *right])


def test_a_table_is_read_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corners = [(r, c, 72 + 120 * c, 80 + 30 * r) for c in range(4) for r in range(5)]
    fake(monkeypatch, [(f"{r}{c}", 0.99, (left, top, left + 28, top + 15)) for r, c, left, top in corners])
    document, _ = read(tmp_path, scan("x"))
    assert document.text.split() == [f"{r}{c}" for r in range(5) for c in range(4)]


def placed(text: str, left: float, top: float, width: float | None = None) -> ocr.Piece:
    """A line of 14 points, its characters side by side."""
    step = (width or 14.0 * len(text)) / len(text)
    boxes = [(left + i * step, top, left + (i + 1) * step, top + 14) for i in range(len(text))]
    return (left, top, boxes[-1][2], top + 14), [ocr.Glyph(s, b) for s, b in zip(text, boxes, strict=True)]


def ruling(down: list[float], across: list[float]) -> ocr.Ruled:
    """A picture of rules that go all over the page."""
    return lambda box, is_down: any(
        (box[0] < x < box[2]) if is_down else (box[1] < x < box[3]) for x in (down if is_down else across)
    )


def order(pieces: list[ocr.Piece], ruled: ocr.Ruled) -> str:
    found = ((" " if glyph.gap == "\n" else glyph.gap) + glyph.character for glyph in ocr._in_order(pieces, ruled))
    return "".join(found).strip()


HEAD = [placed("乡镇", 80, 100), placed("清运垃圾", 200, 100), placed("群众满意", 320, 100),
        placed("（吨）", 207, 118), placed("率", 320, 118)]  # fmt: skip
BODY = [placed("城关", 80, 136), placed("3456.7", 200, 136), placed("98%", 320, 136),
        placed("河口", 80, 154), placed("12", 200, 154), placed("9", 320, 154)]  # fmt: skip
DOWN = [75.0, 195.0, 315.0, 435.0]


@pytest.mark.parametrize(("pieces", "ruled", "expected"), [
    (HEAD + BODY, ruling(DOWN, [98, 134, 152, 170]), "乡镇 清运垃圾 （吨） 群众满意 率 城关 3456.7 98% 河口 12 9"),
    (HEAD + BODY, ruling([], []), "乡镇 清运垃圾 群众满意 （吨） 率 城关 3456.7 98% 河口 12 9"),  # nothing shows a cell
    (HEAD + BODY, ruling([], [98, 134, 170]), "乡镇 清运垃圾 群众满意 （吨） 率 城关 3456.7 98% 河口 12 9"),
    (BODY, ruling(DOWN, [134, 170]), "城关 3456.7 98% 河口 12 9"),  # rows without rules between are rows
    ([placed("名称", 80, 109), *HEAD[1:]], ruling(DOWN, [98, 134]), "名称 清运垃圾 （吨） 群众满意 率"),  # low
    ([placed("【框】清理3456吨，", 120, 40), placed("整治278处。", 80, 58), *BODY], ruling(DOWN, [134, 152]),
     "【框】清理3456吨， 整治278处。 城关 3456.7 98% 河口 12 9"),
])  # fmt: skip
def test_the_lines_of_a_cell_stay_together(pieces: list[ocr.Piece], ruled: ocr.Ruled, expected: str) -> None:
    assert order(pieces, ruled) == expected
    assert order(pieces[::-1], ruled) == expected


def test_wide_cells_of_a_ruled_table_are_no_columns() -> None:
    sides = [placed(f"{side}栏第{n}行的文字到头了", left, 100 + 30 * i)
             for i, n in enumerate("一二三四") for side, left in (("左", 80), ("右", 300))]  # fmt: skip
    down, across = [75.0, 290.0, 520.0], [92.0, 122.0, 152.0, 182.0, 212.0]
    assert order(sides, ruling(down, across)).replace(" ", "")[::11] == "左右左右左右左右"
    assert order(sides, ruling([290], [])).replace(" ", "")[::11] == "左左左左右右右右"


def test_a_rule_between_columns_makes_no_cells_of_their_paragraphs() -> None:
    left = [placed(f"左栏第{n}行的文字到头了", 80, 100 + 18 * i + 40 * (i > 1)) for i, n in enumerate("一二三四")]
    right = [placed(f"右栏第{n}行的文字到头了", 300, 100 + 18 * i + 40 * (i > 2)) for i, n in enumerate("一二三四")]
    assert order([*left, *right], ruling([290], [90])).replace(" ", "")[::11] == "左左左左右右右右"


@pytest.mark.parametrize("lean", [0, 2])
def test_rules_are_found_on_a_picture(lean: int) -> None:
    picture = np.full((400, 400, 3), 240, np.uint8)
    for x in range(400):
        picture[100 + x * lean // 100, x] = 120  # across, thin and grey
    picture[:, 200] = 120
    picture[40:60, 40:180:3] = 0  # characters
    ruled = ocr._rules(picture, 2.0)
    assert ruled((10, 40, 60, 60), False)
    assert ruled((90, 20, 120, 60), True)
    assert not ruled((20, 15, 90, 35), False)  # characters are no rule
    assert not ruled((20, 15, 90, 45), True)
    assert not ruled((500, 500, 600, 600), False)  # beside the picture
    assert not ruled((10, 60, 10.5, 60.5), True)


@pytest.mark.parametrize(("found", "expected"), [
    ("(座)", "（座）"), ("活动(场", "活动（场"), ("次)", "次）"), ("(一)加大", "（一）加大"),
    ("PM2.5(3)", "PM2.5(3)"), ("(COVID)", "(COVID)"), ("(", "("), (")", ")"), ("1,015吨", "1,015吨"),
    ("上午8:30开会", "上午8:30开会"), ("家園,社群", "家園,社群"),
])  # fmt: skip
def test_brackets_around_chinese_are_wide(found: str, expected: str) -> None:
    assert "".join(glyph.character for glyph in ocr._widened(placed(found, 72, 80)[1])) == expected


def test_limits_and_the_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, rows("新建公厕3座。"))
    document, issues = read(tmp_path, scan("x", "x", "x"), replace(SETTINGS, max_ocr_pages=1))
    assert (document.outcome, document.text) == ("ok_partial", "新建公厕3座。")
    assert [issue.code for issue in issues] == ["recognised_by_ocr", "limit_ocr_pages", *["page_without_text"] * 2]
    for settings, there in ((replace(SETTINGS, ocr=False), True), (SETTINGS, False)):
        monkeypatch.setattr(ocr, "available", lambda there=there: there)
        assert read(tmp_path, scan("x"), settings)[0].outcome == "no_text_layer"


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 700), st.integers(1, 300)), min_size=1, max_size=12))
def test_any_order_keeps_every_character(places: list[tuple[int, int, int]]) -> None:
    pieces = []
    for number, (left, top, width) in enumerate(places):
        box = (float(left), float(top), float(left + width), float(top + 12))
        pieces.append((box, [ocr.Glyph(chr(0x4E00 + number), box)]))
    for ruled in (ruling([], []), ruling([50.0, 250.0], []), ruling([50.0, 250.0], [100.0, 200.0])):
        found = sorted(glyph.character for glyph in ocr._in_order(pieces, ruled))
        assert found == [chr(0x4E00 + n) for n in range(len(places))]


def test_a_stamped_scan_is_a_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = ImageReader(pypdfium2.PdfDocument(scan("x"))[0].render().to_pil())
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842), invariant=True)
    canvas.drawImage(picture, 0, 0, 595, 842)
    canvas.drawString(290, 30, "- 1 -")
    canvas.save()
    fake(monkeypatch, rows("清理垃圾3456吨。", "-1-"))
    assert "3456" in read(tmp_path, stream.getvalue())[0].text
    document, issues = read(tmp_path, stream.getvalue(), replace(SETTINGS, ocr=False))
    assert (document.text, document.outcome) == ("- 1 -", "ok_partial")
    assert "3 characters of text over it" in issues[0].message
    fake(monkeypatch, rows("x"))
    assert read(tmp_path, stream.getvalue())[0].text == "- 1 -"


def test_a_white_page_is_not_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, rows("不应出现"))
    document, issues = read(tmp_path, scan(""))
    assert (document.outcome, issues[-1].code) == ("no_text_layer", "no_text_layer")
