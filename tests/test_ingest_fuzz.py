"""Damaged files of every format: each ends with an outcome, its blocks in order and its boxes in step with its text."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from test_ingest_formats import ofd, text
from test_ingest_pdf import pdf
from test_ingest_word import OFFICIAL, item, numbering, p, package

from pipeline import ingest
from pipeline.config import Ingest

SETTINGS = Ingest(ocr=False)
ROUNDS = 60
REPORTS = Path(__file__).resolve().parents[1] / "corpus" / "reports"
OUTCOMES = {
    "ok", "ok_partial", "no_text_layer", "encrypted", "not_this_format", "unsupported", "corrupt", "limit_pages",
    "limit_characters", "limit_expansion",
}  # fmt: skip
ROW = "<w:tr>" + 2 * ("<w:tc>" + p("格") + "</w:tc>") + "</w:tr>"
TABLE = "<w:tbl>" + 2 * ROW + "</w:tbl>"
HTML = (
    "<html><meta charset=utf-8><h1>总结</h1><p>清理垃圾3456吨，<a href=x>新建</a>公厕2座。</p>"
    "<table><tr><td>村<td>41</table></html>"
)


def smallest(suffix: str) -> bytes:
    return min(REPORTS.glob(f"*{suffix}"), key=lambda path: (path.stat().st_size, path.name)).read_bytes()


SOURCES = {
    "docx": lambda: package(item("甲") + item("乙", 1) + TABLE, numbering=numbering(OFFICIAL), header=p("文件")),
    "report.docx": lambda: smallest(".docx"),
    "pdf": lambda: pdf(["清理垃圾3456吨。"], ["新建公厕2座。"]),
    "report.pdf": lambda: smallest(".pdf"),
    "ofd": lambda: ofd(text("清理垃圾3456吨。") + text("278处", y=60), text("另起一页")),
    "html": lambda: HTML.encode(),
    "txt": lambda: "清理垃圾3456吨。\n新建公厕2座。\n".encode("gb18030"),
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Cut off, bytes changed, a piece taken out, or a piece repeated."""
    way, place = chance.randrange(4), chance.randrange(len(data))
    if way == 0:
        return data[:place]
    if way == 1:
        changed = bytearray(data)
        for _ in range(chance.choice((1, 5, 50))):
            changed[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(changed)
    if way == 2:
        return data[:place] + data[place + chance.randrange(1, 100) :]
    return data[:place] + data[max(0, place - 500) :]


def damaged_member(data: bytes, chance: random.Random) -> bytes:
    """A package with one member damaged, or missing."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        hit = chance.choice(names)
        for name in names:
            if name != hit:
                target.writestr(name, source.read(name))
            elif chance.random() < 0.8:
                target.writestr(name, damaged(source.read(name) or b" ", chance))
    return stream.getvalue()


@pytest.mark.parametrize("kind", SOURCES)
def test_every_damage_ends_with_an_outcome(tmp_path: Path, kind: str) -> None:
    data = SOURCES[kind]()
    path = tmp_path / f"a.{kind.rpartition('.')[2]}"
    seen: set[str] = set()
    for number in range(ROUNDS):
        chance = random.Random(f"{kind}{number}")
        spoil = damaged_member if data.startswith(b"PK") and number % 4 else damaged
        path.write_bytes(spoil(data, chance))
        document, issues = ingest.read(path, SETTINGS)
        seen.add(document.outcome)
        assert document.outcome in OUTCOMES
        assert document.readable or issues
        assert document.boxes is None or len(document.boxes) == 4 * len(document.text)
        assert all(one.end < other.start for one, other in pairwise(document.blocks))
        assert all(0 <= block.start < block.end <= len(document.text) for block in document.blocks)
    assert len(seen) > 1  # the damage does reach what is read


def test_a_member_that_does_not_unpack_is_corrupt(tmp_path: Path) -> None:
    data = bytearray(package(p("一")))
    start = data.index(b"[Content_Types].xml") + len(b"[Content_Types].xml")
    data[start : start + 8] = b"\xff" * 8
    path = tmp_path / "a.docx"
    path.write_bytes(bytes(data))
    assert ingest.read(path, SETTINGS)[0].outcome == "corrupt"
