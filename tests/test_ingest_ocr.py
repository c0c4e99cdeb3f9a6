"""Pages without text, recognised from their picture: order, confidence, limits, and no network."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

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
    assert sorted(glyph.character for glyph in ocr._in_order(pieces)) == [chr(0x4E00 + n) for n in range(len(places))]


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
