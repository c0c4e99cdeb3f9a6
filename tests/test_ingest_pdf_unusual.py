"""PDFs that are sound but unusual: notes, attached files, layers, text beside the page or across it."""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdfminer import pdftypes
from test_ingest_second import PROSE, pdf, read

from pipeline.ingest import pdfsecond
from pipeline.ingest.page import Page
from pipeline.ingest.pdfsecond import SecondReader, unpacked
from pipeline.ingest.reading import Reading

LINES = ["Cleared 3456 tons of waste", "and built 12 toilets"]
HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
DRAWN = "BT /F1 12 Tf 5 5 Td (41 households) Tj ET"


def stream(content: str, more: str = "") -> str:
    return f"<< /Length {len(content)} {more} >>\nstream\n{content}\nendstream"


def made(objects: Sequence[str] = (), *, content: str = "", page: str = "", catalog: str = "") -> bytes:
    """A page of LINES with more content; further objects count from 6."""
    shown = "".join(f"BT /F1 12 Tf 1 0 0 1 60 {700 - 30 * i} Tm ({line}) Tj ET\n" for i, line in enumerate(LINES))
    own = f"/MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> {page}"
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {own} >>",
        HELVETICA,
        stream(shown + content),
        *objects,
    ]
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(bodies) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\n"
    return data + f"{tail}startxref\n{len(data)}\n%%EOF\n".encode()


def note(kind: str, more: str) -> str:
    return f"<< /Type /Annot /Subtype /{kind} /Rect [60 500 400 560] {more} >>"


FORM = stream(DRAWN, "/Type /XObject /Subtype /Form /BBox [0 0 340 60] /Resources << /Font << /F1 4 0 R >> >>")


@pytest.mark.parametrize(
    ("objects", "typed"),
    [
        ([note("FreeText", "/Contents (41 households\\nin 2 villages)")], "41 households\nin 2 villages"),
        ([note("FreeText", "/AP << /N 7 0 R >> /Contents (41 households)"), FORM], "41 households"),
        *(([note(kind, "/AP << /N 7 0 R >>"), FORM], "41 households") for kind in ("Stamp", "Watermark", "Line")),
    ],
)  # fmt: skip
def test_what_lies_over_a_page_is_read_once(tmp_path: Path, objects: list[str], typed: str) -> None:
    document, issues = read(tmp_path, made(objects, page="/Annots [6 0 R]"))
    assert (document.outcome, document.text) == ("ok", "\n".join([*LINES, typed]))
    assert [*issues] == ["typed_on_page"]


@pytest.mark.parametrize("flag", [2, 32])
def test_notes_that_are_hidden_are_not_read(tmp_path: Path, flag: int) -> None:
    objects = [note("FreeText", f"/F {flag} /Contents (41 households)")]
    document, issues = read(tmp_path, made(objects, page="/Annots [6 0 R]"))
    assert (document.text, issues) == ("\n".join(LINES), {})


FILE = "<< /Type /Filespec /F (a.txt) /EF << /F 7 0 R >> >>"


@pytest.mark.parametrize(
    ("objects", "page", "catalog", "message", "severity"),
    [
        ([note("Text", "/Contents (wrong)")], "/Annots [6 0 R]", "", "1 comments left out", "info"),
        ([note("Highlight", "/Contents (check)")], "/Annots [6 0 R]", "", "1 comments left out", "info"),
        ([note("FileAttachment", f"/FS {FILE}"), stream("x")], "/Annots [6 0 R]", "",
         "1 attached files left out", "warning"),
        (["<< /Names [(a.txt) 8 0 R] >>", stream("x", "/Type /EmbeddedFile"), FILE], "",
         "/Names << /EmbeddedFiles 6 0 R >> /Collection << /View /T >>", "1 attached files left out", "warning"),
    ],
)  # fmt: skip
def test_comments_and_attached_files_are_counted(
    tmp_path: Path, objects: list[str], page: str, catalog: str, message: str, severity: str
) -> None:
    document, issues = read(tmp_path, made(objects, page=page, catalog=catalog))
    assert document.text == "\n".join(LINES)
    assert (issues["left_out"].message, issues["left_out"].severity) == (message, severity)


@pytest.mark.parametrize(
    ("state", "off"),
    [("/OFF [6 0 R]", 1), ("", 0), ("/BaseState /OFF", 2), ("/BaseState /OFF /ON [7 0 R]", 1), ("/OFF 99 0 R", 0)],
)
def test_layers_that_are_off_are_told(tmp_path: Path, state: str, off: int) -> None:
    layers = ["<< /Type /OCG /Name (a) >>", "<< /Type /OCG /Name (b) >>"]
    catalog = f"/OCProperties << /OCGs [6 0 R 7 0 R] /D << {state} >> >>"
    _, issues = read(tmp_path, made(layers, catalog=catalog))
    told = issues["hidden_text"].message if "hidden_text" in issues else ""
    assert told.split(" ")[0] == (str(off) if off else "")


@pytest.mark.parametrize(("content", "page", "count"), [
    ("BT /F1 12 Tf 60 2000 Td (beside the page) Tj ET", "", 15),
    ("BT /F1 12 Tf 60 -50 Td (beside the page) Tj ET", "", 15),
    ("", "/CropBox [0 0 50 50]", 46),
    ("", "", 0),
])  # fmt: skip
def test_text_beside_the_page_is_told(tmp_path: Path, content: str, page: str, count: int) -> None:
    _, issues = read(tmp_path, made(content=content, page=page))
    assert [issue.message.split(" ")[2] for issue in issues.values()] == ([str(count)] if count else [])


@pytest.mark.parametrize(("turn", "sideways"), [(0, False), (90, True), (180, False), (270, True)])
def test_text_across_the_page_is_told(tmp_path: Path, turn: int, sideways: bool) -> None:
    _, issues = read(tmp_path, made(page=f"/Rotate {turn}"))
    assert ("sideways_text" in issues) == sideways


@given(st.binary(max_size=3000), st.integers(0, 10**6), st.integers(0, 255))
def test_streams_are_unpacked_up_to_the_damage(data: bytes, place: int, wrong: int) -> None:
    packed = bytearray(zlib.compress(data * 20))
    packed[place % len(packed)] = wrong
    found, sound = unpacked(bytes(packed))
    try:
        assert found == zlib.decompress(bytes(packed))
    except zlib.error:
        unpacker, whole = zlib.decompressobj(), b""
        with suppress(zlib.error):
            for start in range(len(packed)):
                whole += unpacker.decompress(packed[start : start + 1])
        assert found == whole
        assert sound - start in (0, 1)


def test_damaged_streams_are_unpacked_in_time() -> None:
    packed = bytearray(zlib.compress(random.Random(1).randbytes(3_000_000)))
    packed[-4] ^= 1
    before = time.process_time()
    assert len(pdftypes.decompress_corrupted(bytes(packed))) == 3_000_000
    packed[len(packed) // 2 :] = bytes(len(packed))
    with pytest.raises(zlib.error):
        pdftypes.decompress_corrupted(bytes(packed))
    assert time.process_time() - before < 5


def test_a_long_damaged_file_is_not_read_twice_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfsecond, "_MOST_CHARACTERS", 10 * len(PROSE))
    reading = Reading(10**6, pages=5)
    reader = SecondReader(pdf(*([PROSE] * 4 for _ in range(5))), reading)
    for number in range(1, 6):
        reader.check(Page(number, 595, 842, printed=0))
    reader.close()
    codes = [(issue.code, issue.severity) for issue in reading.issues]
    assert codes == [("readers_disagree", "warning")] * 3 + [("not_compared", "warning")]
