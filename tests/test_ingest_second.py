"""Nothing is lost in silence: a second reader of PDFs, what is typed onto pages, and fonts that a file lacks."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest import pdfsecond
from pipeline.ingest.page import Glyph, Page, filled_in
from pipeline.ingest.pdffonts import dot_font, one_font
from pipeline.ingest.pdfsecond import SecondReader
from pipeline.ingest.reading import Reading
from pipeline.records import Document, Issue

SETTINGS = Ingest(ocr=False)
FONT = "STSong-Light"
PROSE = "全镇清理垃圾3456吨，新建公厕12座，改造户厕678户，整治卫生死角90处。"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def pdf(*pages: list[str], compressed: int = 0) -> bytes:
    stream = BytesIO()
    sheet = Canvas(stream, pagesize=(595, 842), pageCompression=compressed, invariant=True)
    for page in pages:
        sheet.setFont(FONT, 12)
        for index, line in enumerate(page):
            sheet.drawString(60, 780 - 24 * index, line)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


def read(tmp_path: Path, data: bytes) -> tuple[Document, dict[str, Issue]]:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    document, issues = ingest.read(path, SETTINGS)
    return document, {issue.code: issue for issue in issues}


def second(data: bytes, pages: int = 1) -> tuple[SecondReader, Reading]:
    reading = Reading(10**6, pages=pages)
    return SecondReader(data, reading), reading


@pytest.mark.parametrize(
    ("pages", "outcome", "severity"), [(1, "ok_partial", "warning"), (2, "ok", None), (3, "ok", "info")]
)
def test_numbers_of_pages_are_compared(pages: int, outcome: str, severity: str | None) -> None:
    _, reading = second(pdf([PROSE], [PROSE]), pages)
    assert reading.outcome == outcome
    assert [(issue.code, issue.severity) for issue in reading.issues] == (
        [("readers_disagree", severity)] if severity else []
    )


@pytest.mark.parametrize(("share", "flagged"), [(1.0, False), (0.95, False), (0.5, True), (0.0, True)])
def test_characters_of_a_page_are_compared(share: float, flagged: bool) -> None:
    reader, reading = second(pdf([PROSE] * 4))
    page = Page(1, 595, 842, printed=int(share * 4 * len(PROSE)))
    reader.check(page)
    reader.close()
    assert (reading.outcome == "ok_partial", [issue.code for issue in reading.issues]) == (
        flagged,
        ["readers_disagree"] if flagged else [],
    )


def test_pages_without_a_loss_are_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, _ = second(pdf([PROSE] * 4))
    monkeypatch.setattr(reader, "compare", lambda *_: pytest.fail("read in full"))
    reader.check(Page(1, 595, 842, printed=4 * len(PROSE)))


def test_what_is_drawn_inside_forms_counts() -> None:
    stream = BytesIO()
    sheet = Canvas(stream, pagesize=(595, 842), invariant=True)
    sheet.beginForm("inner")
    sheet.setFont(FONT, 12)
    for index in range(4):
        sheet.drawString(60, 780 - 24 * index, PROSE)
    sheet.endForm()
    sheet.doForm("inner")
    sheet.save()
    reader, reading = second(stream.getvalue())
    reader.check(Page(1, 595, 842, printed=0))
    assert reading.outcome == "ok_partial"


def test_content_that_breaks_off_is_flagged(tmp_path: Path) -> None:
    data = pdf([PROSE] * 20)
    found = re.search(rb"/Length (\d+)\s*>>\s*stream\r?\n", data)
    assert found
    size = int(found[1])
    packed = zlib.compress(data[found.end() : found.end() + size])
    for content, outcome in ((packed, "ok"), (packed[:-20], "ok_partial")):
        head = data[: found.start()] + b"/Filter /FlateDecode /Length %d >>\nstream\n" % len(content)
        document, issues = read(tmp_path, head + content + b"\n" + data[found.end() + size :])
        assert (document.outcome, "page_damaged" in issues) == (outcome, outcome != "ok")


def test_a_file_that_only_one_engine_opens_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _, reading = second(b"%PDF-1.4 nothing else")
    assert [(issue.code, issue.severity) for issue in reading.issues] == [("not_compared", "info")]
    monkeypatch.setattr(pdfsecond, "_AGAIN", -(10**6))  # as if it had read the file over and over
    _, reading = second(pdf([PROSE]))
    assert [issue.code for issue in reading.issues] == ["not_compared"]


def test_what_is_typed_into_a_form_stands_where_it_was_typed(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = Canvas(stream, pagesize=(400, 300), invariant=True)
    sheet.setFont(FONT, 14)
    sheet.drawString(40, 250, "清理垃圾（吨）：")
    sheet.drawString(40, 200, "新建公厕：           座；改厕")
    sheet.acroForm.textfield(name="a", x=150, y=245, width=80, height=20, value="3456", fontSize=12)
    sheet.acroForm.textfield(name="b", x=110, y=195, width=30, height=20, value="12", fontSize=12)
    sheet.acroForm.checkbox(name="c", x=40, y=150, checked=True, size=20)
    sheet.save()
    document, issues = read(tmp_path, stream.getvalue())
    assert document.text.split("\n") == ["清理垃圾（吨）：3456", "新建公厕：12 座；改厕"]
    assert (document.outcome, "6 characters" in issues["typed_on_page"].message) == ("ok", True)
    assert document.boxes is not None
    at = 4 * document.text.index("3456")
    left, top, right, bottom = document.boxes[at : at + 4]
    assert 150 <= left < right <= 170
    assert 300 - 270 <= top < bottom <= 300 - 240


def test_what_is_typed_beside_nothing_comes_last() -> None:
    printed = [Glyph("甲", (10, 10, 20, 20)), Glyph("乙", (10, 30, 20, 40), "\n")]
    typed = [Glyph("1", (10, 80, 15, 90), "\n"), Glyph("2", (22, 11, 27, 19), "\n"), Glyph("3", (27, 11, 32, 19))]
    found = filled_in(printed, typed)
    assert [(glyph.character, glyph.gap) for glyph in found] == [
        ("甲", ""), ("2", " "), ("3", ""), ("乙", "\n"), ("1", "\n"),
    ]  # fmt: skip


def test_a_single_character_needs_no_font_of_the_machine(tmp_path: Path) -> None:
    document, issues = read(tmp_path, pdf(["吨"]))
    assert (document.text, issues) == ("吨", {})
    assert document.boxes is not None
    left, top, right, bottom = document.boxes[:4]
    assert (left, right) == pytest.approx((60, 72), abs=0.01)
    assert top < 842 - 780 < bottom


def test_pictures_have_the_fonts_of_the_machine_again() -> None:
    data = pdf([PROSE])

    def ink() -> int:
        with pdfium.PdfDocument(data) as document:
            return int((document[0].render(scale=1).to_numpy() < 128).sum())

    before = ink()
    for _ in range(3):
        with one_font():
            inside = ink()
        assert ink() == before
    assert inside != before
    assert len(dot_font()) < 1000
