"""Printed pages → blocks: lines, paragraphs, columns, running heads, ruled tables, and pages without usable text."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from math import isnan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest.glyphs import UNKNOWN, character, radicals
from pipeline.ingest.layout import write
from pipeline.ingest.page import Glyph, Line, Page, arrange, lines, once
from pipeline.ingest.pdftables import grid, tables_of_rules
from pipeline.ingest.reading import Reading
from pipeline.records import Document, Issue

SETTINGS = Ingest(ocr=False)
FONT = "STSong-Light"
SIZE, PITCH, LEFT, WIDTH = 16, 28, 80, 28  # type size, distance of lines, left margin, characters a line
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
_MARGINS = ("header", "footer")
PROSE = (
    "为切实做好爱国卫生工作镇党委政府高度重视成立了由镇长任组长的领导小组下设办公室配备专职工作人员明确任务逐级落实责任"
)


def canvas(stream: BytesIO, **options: object) -> Canvas:
    made = Canvas(stream, pagesize=(595, 842), **options)
    made.setFont(FONT, SIZE)
    return made


def put(sheet: Canvas, texts: Iterable[str], top: float = 120, left: float = LEFT, pitch: float = PITCH) -> None:
    """Write lines below each other; `top` counts downward from the upper edge."""
    for index, text in enumerate(texts):
        sheet.drawString(left, 842 - top - index * pitch, text)


def wrapped(text: str, indent: int = 2, width: int = WIDTH) -> list[str]:
    """A paragraph as a printer breaks it: every line but the last is full."""
    text = "　" * indent + text
    return [text[i : i + width] for i in range(0, len(text), width)]


def pdf(*pages: Sequence[str], **options: object) -> bytes:
    """Pages of lines."""
    stream = BytesIO()
    sheet = canvas(stream, **options)
    for page in pages:
        sheet.setFont(FONT, SIZE)
        put(sheet, page)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


def read(tmp_path: Path, data: bytes, settings: Ingest = SETTINGS) -> tuple[Document, tuple[Issue, ...]]:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    document, issues = ingest.read(path, settings)
    if document.boxes is not None:
        assert len(document.boxes) == 4 * len(document.text)
        for offset, sign in enumerate(document.text):
            left, top, right, bottom = document.boxes[4 * offset : 4 * offset + 4]
            assert isnan(left) if sign == "\n" else (isnan(left) or (left <= right and top <= bottom))
    return document, issues


def texts(document: Document, kind: str | None = None) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if kind in (None, block.kind)]


def joined(document: Document) -> list[str]:
    """Paragraphs without their line breaks."""
    return [text.replace("\n", "").strip("　") for text in texts(document, "paragraph")]


def test_paragraphs_are_joined_and_parted(tmp_path: Path) -> None:
    paragraphs = [
        PROSE + "。",
        "一、加强领导",
        PROSE[:40] + "，" + PROSE[:30] + "。",
        "（一）宣传到位。" + PROSE[:21] + "。",
    ]
    document, issues = read(tmp_path, pdf([line for text in paragraphs for line in wrapped(text)]))
    assert (document.format, document.outcome, document.pages, issues) == ("pdf", "ok", 1, ())
    assert joined(document) == paragraphs


def test_boxes_lie_where_the_characters_are(tmp_path: Path) -> None:
    document, _ = read(tmp_path, pdf(["清理垃圾3456吨"]))
    assert document.boxes is not None
    at = document.text.index("3456")
    left, top, right, bottom = document.boxes[4 * at : 4 * at + 4]
    assert left == pytest.approx(LEFT + 4 * SIZE, abs=1)
    assert top < 120 < bottom + 3
    assert right - left == pytest.approx(SIZE / 2, abs=1)
    block = document.blocks[0]
    assert block.page == 1
    assert block.box is not None
    assert block.box[0] == pytest.approx(LEFT, abs=1)
    assert block.box[2] == pytest.approx(LEFT + 7 * SIZE, abs=4)  # digits are a little narrower than half


@pytest.mark.parametrize(
    ("rotation", "left", "top"),  # where the first character is seen; the page is 842 wide and 595 high before turning
    [
        (0, LEFT, 595 - 400 - SIZE),
        (90, 400, LEFT),
        (180, 842 - LEFT - SIZE, 400),
        (270, 595 - 400 - SIZE, 842 - LEFT - SIZE),
    ],
)
@pytest.mark.parametrize("crop", [0, 30])
def test_boxes_on_turned_and_cropped_pages(tmp_path: Path, rotation: int, left: int, top: int, crop: int) -> None:
    stream = BytesIO()
    sheet = Canvas(stream, pagesize=(595, 842) if rotation % 180 else (842, 595))
    sheet.setFont(FONT, SIZE)
    sheet.setPageRotation(rotation)
    sheet.setCropBox((crop, crop, 842 - crop, 595 - crop))
    sheet.drawString(LEFT, 400, "清理垃圾")
    sheet.save()
    document, _ = read(tmp_path, stream.getvalue())
    assert document.boxes is not None
    assert (document.boxes[0], document.boxes[1]) == (
        pytest.approx(left - crop, abs=5),
        pytest.approx(top - crop, abs=5),
    )


def test_words_that_do_not_fit_still_join(tmp_path: Path) -> None:
    lines_ = ["　　" + PROSE[:24], "2023.05万人次，" + PROSE[:10] + "。"]  # the number had no room above
    document, _ = read(tmp_path, pdf([*wrapped(PROSE[:50]), *lines_]))
    assert joined(document)[-1] == "".join(lines_).strip("　")


def test_gaps_next_to_figures_are_not_blanks(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    place = float(LEFT)
    for piece, gap in (("清理", 4), ("3456", 4), ("吨", 40), ("合计", 0), ("two", 5), ("words", 0)):
        sheet.drawString(place, 700, piece)
        place += sheet.stringWidth(piece, FONT, SIZE) + gap
    sheet.save()
    assert read(tmp_path, stream.getvalue())[0].text == "清理3456吨 合计two words"


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    text = wrapped(PROSE * 3 + "。", width=13)
    put(sheet, text[:8], left=60)
    put(sheet, text[8:], left=310)
    sheet.save()
    assert joined(read(tmp_path, stream.getvalue())[0]) == [PROSE * 3 + "。"]


def test_what_is_drawn_late_comes_where_it_stands(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    put(sheet, wrapped(PROSE[:40] + "。"))
    put(sheet, wrapped(PROSE[:30] + "。"), top=300)
    put(sheet, ["框内：新建公厕12座。"], top=230)
    sheet.save()
    document, _ = read(tmp_path, stream.getvalue())
    assert joined(document) == [PROSE[:40] + "。", "框内：新建公厕12座。", PROSE[:30] + "。"]


def paged(*bodies: Sequence[str], head: str = "", foot: str = "— {} —") -> bytes:
    stream = BytesIO()
    sheet = canvas(stream)
    for number, body in enumerate(bodies, start=1):
        sheet.setFont(FONT, SIZE)
        sheet.drawString(250, 40, foot.format(number))
        put(sheet, [head] if head else [], top=50)
        put(sheet, body)
        sheet.showPage()
    sheet.save()
    return stream.getvalue()


@pytest.mark.parametrize("foot", ["— {} —", "- {} -", "第 {} 页", "第{}页 共3页", "{} / 3", "{}"])
def test_running_heads_and_page_numbers(tmp_path: Path, foot: str) -> None:
    text = wrapped(PROSE * 2 + "。", indent=2)
    data = paged(text[:2], text[2:4], ["　　另起一段。"], head="石门镇人民政府文件", foot=foot)
    document, issues = read(tmp_path, data)
    assert issues == ()
    kinds = [(block.page, block.kind, block.style) for block in document.blocks]
    assert kinds == [
        (1, "header", None),
        (1, "paragraph", None),
        (1, "footer", None),
        (2, "header", None),
        (2, "paragraph", "continued"),
        (2, "footer", None),
        (3, "header", None),
        (3, "paragraph", None),
        (3, "footer", None),
    ]


def test_numbers_in_the_text_are_no_page_numbers(tmp_path: Path) -> None:
    document, _ = read(tmp_path, pdf(["全镇共清理垃圾", "3456", "吨。"]))
    assert [block.kind for block in document.blocks] == ["paragraph"] * len(document.blocks)


def test_larger_type_is_a_heading(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    sheet.setFont(FONT, 22)
    put(sheet, ["石门镇2023年", "爱国卫生工作总结"], left=180)
    sheet.setFont(FONT, SIZE)
    put(sheet, wrapped(PROSE + "。"), top=200)
    sheet.save()
    document, _ = read(tmp_path, stream.getvalue())
    assert texts(document, "heading") == ["石门镇2023年\n爱国卫生工作总结"]


TABLE = [["乡镇", "改厕（座）", "满意率"], ["城关镇", "1,200", "98.5%"], ["河口乡", "860", "97%"]]


def ruled(rows: Sequence[Sequence[str]], before: str = "完成情况见下表。", top: float = 160) -> bytes:
    stream = BytesIO()
    sheet = canvas(stream)
    put(sheet, [before])
    draw_table(sheet, rows, top)
    put(sheet, ["完。"], top=top + 30 * len(rows) + 40)
    sheet.save()
    return stream.getvalue()


def draw_table(sheet: Canvas, rows: Sequence[Sequence[str]], top: float) -> None:
    xs = [LEFT + 120 * i for i in range(len(rows[0]) + 1)]
    ys = [842 - top - 30 * i for i in range(len(rows) + 1)]
    sheet.grid(xs, ys)
    for y, row in zip(ys, rows, strict=False):
        for x, text in zip(xs, row, strict=False):
            sheet.drawString(x + 5, y - 22, text)


def test_ruled_tables_become_cells(tmp_path: Path) -> None:
    document, issues = read(tmp_path, ruled(TABLE))
    assert issues == ()
    assert texts(document) == ["完成情况见下表。", *[cell for row in TABLE for cell in row], "完。"]
    found = next(block for block in document.blocks if (block.row, block.column) == (3, 2))
    assert (found.kind, found.table, found.row_head, found.column_head) == ("cell", 1, "河口乡", "改厕（座）")


def test_a_table_goes_on_over_the_page(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    draw_table(sheet, TABLE[:2], 600)
    sheet.showPage()
    sheet.setFont(FONT, SIZE)
    draw_table(sheet, TABLE[2:], 120)
    draw_table(sheet, [["姓名", "年龄"], ["王某", "41"]], 300)
    sheet.save()
    document, _ = read(tmp_path, stream.getvalue())
    cells = {(b.table, b.row, b.column): (b.page, b.row_head, b.column_head) for b in document.blocks}
    assert cells[1, 3, 2] == (2, "河口乡", "改厕（座）")
    assert cells[2, 2, 2] == (2, "王某", "年龄")


def test_a_frame_is_no_table(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    sheet.rect(60, 300, 480, 480)
    sheet.rect(70, 310, 460, 460)
    put(sheet, wrapped(PROSE + "。"))
    sheet.save()
    document, _ = read(tmp_path, stream.getvalue())
    assert joined(document) == [PROSE + "。"]


def test_struck_text_is_flagged(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    put(sheet, ["新建公厕99座12座。"])
    sheet.line(LEFT + 4 * SIZE, 842 - 120 + 5, LEFT + 6 * SIZE - 1, 842 - 120 + 5)
    sheet.save()
    document, issues = read(tmp_path, stream.getvalue())
    assert [(issue.code, document.text[issue.start : issue.end]) for issue in issues] == [("struck_text", "99座")]


def test_text_printed_twice_is_read_once(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    put(sheet, ["投入资金30万元——全部到位"])
    put(sheet, ["投入资金30万元——全部到位"], left=LEFT + 0.6)
    sheet.save()
    assert "".join(read(tmp_path, stream.getvalue())[0].text.split()).count("30万元") == 1


def test_pictures_without_text(tmp_path: Path) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(Image.new("L", (60, 80), 200))

    def scanned(*with_text: bool) -> bytes:
        stream = BytesIO()
        sheet = canvas(stream)
        for text in with_text:
            sheet.setFont(FONT, SIZE)
            sheet.drawImage(picture, 0, 0, 595, 842)
            put(sheet, ["清理垃圾3456吨。"] if text else [])
            sheet.showPage()
        sheet.save()
        return stream.getvalue()

    document, issues = read(tmp_path, scanned(False, False))
    assert (document.outcome, document.pages, document.text) == ("no_text_layer", 2, "")
    assert "OCR" in issues[-1].message
    document, issues = read(tmp_path, scanned(True, False))
    assert (document.outcome, [issue.code for issue in issues]) == ("ok_partial", ["page_without_text"] * 2)
    assert document.text == "清理垃圾3456吨。"


def unnamed_font(codes: bytes) -> bytes:
    """A page whose font gives no way from its codes to Unicode."""
    shown = codes.hex().encode()
    content = b"BT /F 16 Tf 80 700 Td <" + shown + b"> Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type0/BaseFont/Odd/Encoding/Identity-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Odd"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 7 0 R/DW 1000>>",
        b"<</Type/FontDescriptor/FontName/Odd/Flags 4/FontBBox[0 0 1000 1000]/Ascent 800/Descent -200/StemV 80"
        b"/ItalicAngle 0/CapHeight 700>>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 8\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer\n<</Size 8/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def test_fonts_that_name_nothing_yield_no_digits(tmp_path: Path) -> None:
    document, issues = read(tmp_path, unnamed_font(b"\x00\x31\x00\x32\x00\x33" * 10))
    assert (document.outcome, document.text) == ("no_text_layer", "")
    assert "unreadable_font" in [issue.code for issue in issues]


def test_encrypted(tmp_path: Path) -> None:
    data = pdf(["秘密"], encrypt=StandardEncryption("user", ownerPassword="owner"))
    document, issues = read(tmp_path, data)
    assert (document.outcome, "password" in issues[0].message) == ("encrypted", True)
    data = pdf(["公开12座"], encrypt=StandardEncryption("", ownerPassword="owner"))
    assert read(tmp_path, data)[0].text == "公开12座"


def test_damaged_and_too_large(tmp_path: Path) -> None:
    data = pdf(["一"], ["二"], ["三"])
    assert read(tmp_path, data[:200])[0].outcome == "corrupt"
    assert read(tmp_path, data, replace(SETTINGS, max_pages=2))[0].outcome == "limit_pages"
    assert read(tmp_path, data, replace(SETTINGS, max_characters=2))[0].outcome == "limit_characters"
    without_end = data[: data.rindex(b"xref")]
    assert read(tmp_path, without_end)[0].text == "一\n二\n三"  # pdfium rebuilds the table of objects


def test_metadata(tmp_path: Path) -> None:
    stream = BytesIO()
    sheet = canvas(stream)
    sheet.setTitle("工作总结")
    sheet.setAuthor("石门镇")
    put(sheet, ["一"])
    sheet.save()
    details = dict(read(tmp_path, stream.getvalue())[0].metadata)
    assert (details["title"], details["author"]) == ("工作总结", "石门镇")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0x2F00, "一"),
        (0x2EA0, "民"),
        (0x2ED3, "长"),
        (0x2F3E, "户"),
        (0x2FAD, "青"),
        (0xE000, UNKNOWN),
        (0xF0B7, UNKNOWN),
        (0xFFFD, UNKNOWN),
        (0xFFFE, UNKNOWN),
        (0x0003, UNKNOWN),
        (0xF0000, UNKNOWN),
        (0x20000, "\U00020000"),
        (0x4E00, "一"),
        (0x33, "3"),
    ],
)
def test_characters(code: int, expected: str) -> None:
    assert character(code) == expected


def test_radicals_cover_their_blocks() -> None:
    table = radicals()
    kangxi = set(range(0x2F00, 0x2FD6))
    assert kangxi <= set(table)
    assert all(len(target) == 1 and not 0x2E80 <= ord(target) <= 0x2FDF for target in table.values())


@given(st.integers(0, 0x10FFFF), st.booleans())
def test_every_code_becomes_one_character(code: int, named: bool) -> None:
    found = character(code, named)
    assert len(found) == 1
    assert named or found == UNKNOWN


def glyph(sign: str, left: float, top: float, gap: str = "") -> Glyph:
    return Glyph(sign, (left, top, left + 10, top + 10), gap)


@given(
    st.lists(
        st.builds(
            glyph,
            st.sampled_from("一二3。 "),
            st.floats(0, 500),
            st.floats(0, 800),
            st.sampled_from(["", " ", "\n"]),
        ),
        max_size=60,
    )
)
def test_any_layout_keeps_every_character(glyphs: list[Glyph]) -> None:
    found = lines(glyphs)
    shown = [sign for sign in "".join(line.text for line in found) if not sign.isspace()]
    assert shown == [item.character for item in glyphs if not item.character.isspace()]
    assert all(len(line.boxes) == 4 * len(line.text) for line in found)
    reading = Reading(10_000)
    write([Page(1, 600, 842, list(arrange(glyphs, [])))], reading)
    assert sorted("".join(reading.text.split())) == sorted(shown)
    assert reading.boxes is not None
    assert len(reading.boxes) == 4 * len(reading.text)


def test_once_keeps_rows_of_dashes() -> None:
    row = [glyph("—", 10 * i, 0) for i in range(4)]
    assert once([*row, *row]) == [*row, *row]
    assert once([glyph("3", 0, 0), glyph("3", 0.5, 0.2), glyph("3", 10, 0)]) == [glyph("3", 0, 0), glyph("3", 10, 0)]


def test_grid_of_merged_cells() -> None:
    found = grid([(0, 0, 50, 40), (50, 0, 150, 20), (50, 20, 100, 40), (100, 20, 150, 40)], 1)
    assert [(c.row, c.column, c.row_span, c.column_span) for c in found.cells] == [
        (1, 1, 2, 1),
        (1, 2, 1, 2),
        (2, 2, 1, 1),
        (2, 3, 1, 1),
    ]


def test_touching_tables_are_parted() -> None:
    flat = [(0, y, 300, y) for y in (0, 20, 40, 60)]
    upright = [(x, 0, x, 40) for x in (0, 100, 200, 300)] + [(x, 40, x, 60) for x in (0, 150, 300)]
    found = tables_of_rules([*map(tuple, flat), *map(tuple, upright)], 1)
    assert [len(table.cells) for table in found] == [6, 2]
    assert tables_of_rules([], 1) == []


RENDERED = [*(f"{name}.pdf" for name in ("plain2", "twocol2", "chrome2", "cid2", "rich0")),
            *(f"{name}.docx" for name in ("plain2", "twocol2", "rich0"))]  # fmt: skip


@pytest.mark.parametrize("name", RENDERED)
def test_reports_of_other_programs_come_back_whole(name: str) -> None:
    path = Path(__file__).parents[2] / "shared" / "files" / "rendered" / name
    if not path.is_file():
        pytest.skip("needs the reference files beside the checkout")
    document, _ = ingest.read(path, SETTINGS)
    body = "".join(text for b, text in zip(document.blocks, texts(document), strict=True) if b.kind not in _MARGINS)
    assert "".join(body.split()) == "".join(path.with_suffix(".truth.txt").read_text("utf-8").split())


def test_lines_have_an_extent() -> None:
    line = Line("一", array("f", (1, 2, 3, 4)), (1, 2, 3, 4), 2)
    assert (line.left, line.top, line.right, line.bottom) == (1, 2, 3, 4)
