"""`hebao show --image`: boxes by line, colours by what is known of a claim, and what cannot be drawn."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import replace
from decimal import Decimal
from math import nan
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from test_ingest_formats import ofd, text

from pipeline import ingest
from pipeline.cli import image
from pipeline.cli.image import ImageError, draw
from pipeline.config import Ingest
from pipeline.records import Claim, Document, Issuer, Report
from pipeline.serve import sheets
from pipeline.serve.sheets import line_boxes

SETTINGS = Ingest()
NOBODY = Issuer(None, None, None, None, "unknown")


def claim(start: int, end: int, text: str, masked: bool = False, doubt: str | None = None) -> Claim:
    value = None if masked else Decimal(1)
    return Claim(
        "0" * 16, start, end, text[start:end], value, value, masked, "eq", None, "count", None, None, None, "done",
        "test", page=1, doubt=doubt,
    )  # fmt: skip


@pytest.fixture
def report(tmp_path: Path) -> Report:
    path = tmp_path / "page.pdf"
    canvas = Canvas(str(path), pagesize=(300, 200), invariant=True)
    canvas.drawString(50, 150, "alpha 12 beta 34 gamma 56")
    canvas.save()
    document, _ = ingest.read(path, SETTINGS)
    text = document.text
    places = [text.index(number) for number in ("12", "34", "56")]
    claims = (
        claim(places[0], places[0] + 2, text),
        claim(places[1], places[1] + 2, text, masked=True),
        claim(places[2], places[2] + 2, text, doubt="year_as_value"),
    )
    return Report(replace(document, boxes=None), NOBODY, claims=claims)


def test_claims_are_drawn_where_they_stand(report: Report, tmp_path: Path) -> None:
    target = draw(report, 1, SETTINGS, tmp_path / "out.png")
    document, _ = ingest.read(Path(report.document.path), SETTINGS)
    assert document.boxes is not None
    with Image.open(target) as opened:
        picture = opened.convert("RGB")
    scale = sheets.DOTS_PER_INCH / 72
    assert picture.size == (625, 417)
    for drawn, colour in zip(report.claims, (image.CLAIM, image.MASKED, image.DOUBTFUL), strict=True):
        left, top = (round(side * scale) for side in document.boxes[4 * drawn.start : 4 * drawn.start + 2])
        corner = picture.crop((left - 3, top - 3, left + 3, top + 3))
        edge = tuple(round(255 + (side - 255) * 200 / 255) for side in colour)  # what lies over white paper
        assert edge in {corner.getpixel((x, y)) for x in range(6) for y in range(6)}


def test_the_default_name_is_in_the_current_folder(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert draw(report, 1, SETTINGS) == Path("page.pdf-p1.png")
    assert (tmp_path / "page.pdf-p1.png").is_file()


def test_the_same_picture_each_time(report: Report, tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(draw(report, 1, SETTINGS, tmp_path / name).read_bytes()).digest() for name in ("1.png", "2.png")
    }
    assert len(digests) == 1


def test_an_ofd_page_is_set_in_type(tmp_path: Path) -> None:
    path = tmp_path / "a.ofd"
    path.write_bytes(ofd(text("清理垃圾3456吨，整治卫生死角")))
    document, _ = ingest.read(path, SETTINGS)
    at = document.text.index("3456")
    made = Report(document, NOBODY, claims=(claim(at, at + 4, document.text),))
    with Image.open(draw(made, 1, SETTINGS, tmp_path / "out.png")) as opened:
        picture = opened.convert("RGB")
    assert document.boxes is not None
    left, top, right, bottom = (round(side * 150 / 72) for side in document.boxes[4 * at : 4 * at + 4])
    inside = {picture.getpixel((x, y)) for x in range(left + 2, right - 1) for y in range(top + 2, bottom - 1)}
    paper = tuple(round(255 + (side - 255) * 70 / 255) for side in image.CLAIM)
    assert any(max(abs(one - other) for one, other in zip(paper, seen, strict=True)) < 3 for seen in inside)  # type: ignore[arg-type]
    assert picture.size == (1240, 1755)


def test_what_cannot_be_drawn_says_why(report: Report, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="has 1 pages; --page 2"):
        draw(report, 2, SETTINGS)
    note = tmp_path / "note.txt"
    note.write_text("新建公厕3座。", "utf-8")
    plain, _ = ingest.read(note, SETTINGS)
    with pytest.raises(ImageError, match="no pages to draw"):
        draw(Report(plain, NOBODY), 1, SETTINGS)
    note.write_text("新建公厕4座。", "utf-8")
    with pytest.raises(ImageError, match="has changed"):
        draw(Report(plain, NOBODY), 1, SETTINGS)
    note.unlink()
    with pytest.raises(ImageError, match="not there any more"):
        draw(Report(plain, NOBODY), 1, SETTINGS)


def test_a_page_as_large_as_a_wall_is_drawn_smaller(tmp_path: Path) -> None:
    path = tmp_path / "wall.pdf"
    canvas = Canvas(str(path), pagesize=(14_000, 200), invariant=True)
    canvas.drawString(50, 150, "12")
    canvas.save()
    document, _ = ingest.read(path, SETTINGS)
    with Image.open(draw(Report(document, NOBODY), 1, SETTINGS, tmp_path / "wall.png")) as picture:
        assert picture.size[0] == sheets.MOST_DOTS


@pytest.mark.parametrize(
    ("boxes", "lines"),
    [
        ([(0, 0, 10, 10), (10, 0, 20, 10)], [(0, 0, 20, 10)]),
        ([(90, 0, 100, 10), (0, 20, 10, 30)], [(90, 0, 100, 10), (0, 20, 10, 30)]),
        ([(0, 0, 10, 10), (nan,) * 4, (20, 1, 30, 11)], [(0, 0, 30, 11)]),
        ([(nan,) * 4], []),
    ],
    ids=["one line", "wrapped", "a blank between", "nothing drawn"],
)
def test_one_box_a_line(boxes: list[tuple[float, ...]], lines: list[tuple[float, ...]]) -> None:
    assert line_boxes(array("f", [side for box in boxes for side in box]), 0, len(boxes)) == lines
    assert line_boxes(None, 0, len(boxes)) == []


def test_a_document_without_boxes_is_drawn_by_the_claims_own(report: Report) -> None:
    sheet = Image.new("RGB", (100, 100), "white")
    plain = Document("x", "x", "0", "pdf", "ok", "12", pages=1)
    placed = replace(claim(0, 2, "12"), box=(10.0, 10.0, 20.0, 20.0))
    assert image.annotate(sheet, 1.0, plain, (placed,), 1).getpixel((15, 15)) != (255, 255, 255)
