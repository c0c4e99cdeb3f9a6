"""Rules of PDF pages: however a table is drawn, its cells are found."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest import pdftables
from pipeline.ingest.pdfdrawing import drawing, placer
from pipeline.records import Document, Issue

LEFTS, TOPS = (100, 200, 300, 400), (700, 670, 640, 610)
CELLS = [(row, column) for row in (1, 2, 3) for column in (1, 2, 3)]


def lines(sheet: Canvas) -> None:
    for x in LEFTS:
        sheet.line(x, TOPS[0], x, TOPS[-1])
    for y in TOPS:
        sheet.line(LEFTS[0], y, LEFTS[-1], y)


def one_path(sheet: Canvas) -> None:
    path = sheet.beginPath()
    for x in LEFTS:
        path.moveTo(x, TOPS[0])
        path.lineTo(x, TOPS[-1])
    for y in TOPS:
        path.moveTo(LEFTS[0], y)
        path.lineTo(LEFTS[-1], y)
    sheet.drawPath(path)


def rectangles(sheet: Canvas) -> None:
    for x in LEFTS[:-1]:
        for y in TOPS[1:]:
            sheet.rect(x, y, 100, 30)


def rectangles_in_one_path(sheet: Canvas) -> None:
    path = sheet.beginPath()
    for x in LEFTS[:-1]:
        for y in TOPS[1:]:
            path.rect(x, y, 100, 30)
    sheet.drawPath(path)


def thin_areas(sheet: Canvas) -> None:
    for x in LEFTS:
        sheet.rect(x, TOPS[-1], 0.5, TOPS[0] - TOPS[-1], stroke=0, fill=1)
    for y in TOPS:
        sheet.rect(LEFTS[0], y, LEFTS[-1] - LEFTS[0], 0.5, stroke=0, fill=1)


def bold(sheet: Canvas) -> None:
    sheet.setLineWidth(3)
    lines(sheet)


def moved_and_scaled(sheet: Canvas) -> None:
    sheet.saveState()
    sheet.translate(100, 610)
    sheet.scale(3, 0.9)
    path = sheet.beginPath()
    for x in (0, 100 / 3, 200 / 3, 100):
        path.moveTo(x, 0)
        path.lineTo(x, 100)
    for y in (0, 100 / 3, 200 / 3, 100):
        path.moveTo(0, y)
        path.lineTo(100, y)
    sheet.drawPath(path)
    sheet.restoreState()


def in_a_form(sheet: Canvas) -> None:
    sheet.beginForm("grid")
    lines(sheet)
    sheet.endForm()
    sheet.doForm("grid")


def page(draw: Callable[[Canvas], None], turned: int = 0) -> bytes:
    stream = BytesIO()
    sheet = Canvas(stream, pagesize=(595, 842), invariant=True)
    sheet.setPageRotation(turned)
    draw(sheet)
    for row, column in CELLS:
        sheet.drawString(LEFTS[column - 1] + 10, TOPS[row] + 10, f"{row}{column}")
    sheet.save()
    return stream.getvalue()


def read(tmp_path: Path, data: bytes) -> tuple[Document, tuple[Issue, ...]]:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    return ingest.read(path, Ingest(ocr=False))


@pytest.mark.parametrize(
    "draw", [lines, one_path, rectangles, rectangles_in_one_path, thin_areas, bold, moved_and_scaled, in_a_form]
)
def test_a_table_is_found_however_it_is_drawn(tmp_path: Path, draw: Callable[[Canvas], None]) -> None:
    document, _ = read(tmp_path, page(draw))
    cells = [(b.kind, b.row, b.column, document.text[b.start : b.end]) for b in document.blocks]
    assert cells == [("cell", row, column, f"{row}{column}") for row, column in CELLS]


@pytest.mark.parametrize(("turned", "extent"), [(90, (90, 300)), (180, (300, 90)), (270, (90, 300))])
def test_rules_turn_with_the_page(turned: int, extent: tuple[int, int]) -> None:
    with pypdfium2.PdfDocument(page(lines, turned)) as document:
        found = drawing(document[0], placer(document[0]))
    assert (len(found.across), len(found.upright)) == (4, 4)
    width = max(box[2] for box in found.rules) - min(box[0] for box in found.rules)
    height = max(box[3] for box in found.rules) - min(box[1] for box in found.rules)
    assert (width, height) == pytest.approx(extent, abs=3)


def test_curves_and_slanted_strokes_are_no_rules(tmp_path: Path) -> None:
    def circles(sheet: Canvas) -> None:
        path = sheet.beginPath()
        for x in LEFTS:
            path.circle(x, 650, 40)
            path.moveTo(x, 600)
            path.lineTo(x + 80, 700)
        sheet.drawPath(path)

    document, _ = read(tmp_path, page(circles))
    assert {block.kind for block in document.blocks} == {"paragraph"}
    with pypdfium2.PdfDocument(page(circles)) as opened:
        assert not drawing(opened[0], placer(opened[0])).ruled


def test_too_many_rules_are_an_issue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdftables, "MOST_RULES", 5)
    document, issues = read(tmp_path, page(lines))
    assert {block.kind for block in document.blocks} == {"paragraph"}
    assert [issue.code for issue in issues] == ["tables_not_read"]
