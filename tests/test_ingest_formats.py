"""OFD, web pages, old Word files and archives."""

from __future__ import annotations

import base64
import shutil
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ingest
from pipeline.batch import expand, jobs
from pipeline.config import Ingest
from pipeline.ingest import office
from pipeline.ingest.archive import Member, member, members
from pipeline.ingest.html import tidy
from pipeline.records import Document, Issue

SETTINGS = Ingest()


def read(tmp_path: Path, name: str, data: bytes, settings: Ingest = SETTINGS) -> tuple[Document, tuple[Issue, ...]]:
    path = tmp_path / name
    path.write_bytes(data)
    return ingest.read(path, settings)


def texts(document: Document, kind: str | None = None) -> list[str]:
    return [document.text[block.start : block.end] for block in document.blocks if kind in (None, block.kind)]


def packed(members_: dict[str, bytes | str]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members_.items():
            archive.writestr(name, content)
    return stream.getvalue()


OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd(*pages: str, **replaced: str) -> bytes:
    """An OFD file of page contents (objects of one layer)."""
    entries = "".join(f'<ofd:Page ID="{i}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(pages)))
    files: dict[str, bytes | str] = {
        "OFD.xml": f"<ofd:OFD {OFD}><ofd:DocBody><ofd:DocInfo><ofd:Title>总结</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {OFD}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
        '</ofd:PhysicalBox></ofd:PageArea><ofd:TemplatePage ID="9" BaseLoc="Tpls/T.xml"/></ofd:CommonData>'
        f"<ofd:Pages>{entries}</ofd:Pages></ofd:Document>",
        "Doc_0/Tpls/T.xml": content(text("石门镇文件", y=15)),
    }
    files |= {f"Doc_0/Pages/Page_{i}/Content.xml": content(page) for i, page in enumerate(pages)}
    return packed(files | dict(replaced))


def content(objects: str) -> str:
    return f"<ofd:Page {OFD}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>"


def text(words: str, x: float = 28, y: float = 50, steps: str = "g 99 5", matrix: str = "") -> str:
    transform = f'CTM="{matrix}"' if matrix else ""
    return (
        f'<ofd:TextObject Boundary="{x} {y} 160 6" Size="5" {transform}>'
        f'<ofd:TextCode X="0" Y="5" DeltaX="{steps}">{words}</ofd:TextCode></ofd:TextObject>'
    )


def test_ofd_pages_lines_and_places(tmp_path: Path) -> None:
    first = text("清理垃圾3456吨，整治卫生死角") + text("278处。", y=60)
    document, issues = read(tmp_path, "a.ofd", ofd(first, text("另起一页。")))
    assert (document.format, document.pages, issues) == ("ofd", 2, ())
    assert texts(document) == ["清理垃圾3456吨，整治卫生死角\n278处。", "另起一页。"]
    assert dict(document.metadata)["title"] == "总结"
    assert document.boxes is not None
    points = 72 / 25.4
    assert document.boxes[0] == pytest.approx(28 * points, abs=0.1)
    assert document.boxes[3] == pytest.approx((50 + 5 * 1.12) * points, abs=0.1)


def test_ofd_pieces_of_a_line_and_transforms(tmp_path: Path) -> None:
    pieces = text("府办〔2020〕", steps="5 5 5 3 3 3 3", x=28) + text("24", x=58, steps="3") + text("号", x=66)
    scaled = text("合计41座", y=80, steps="10 10 5 5", matrix="0.5 0 0 0.5 0 0")
    document, _ = read(tmp_path, "a.ofd", ofd(pieces + scaled))
    assert "".join(document.text.split()) == "府办〔2020〕24号合计41座"
    assert document.boxes is not None
    at = document.text.index("计")
    assert document.boxes[4 * at] == pytest.approx((28 + 5) * 72 / 25.4, abs=0.1)


def test_ofd_template_repeated_becomes_a_header(tmp_path: Path) -> None:
    page = '<ofd:Template TemplateID="9"/>'
    pages = [content(text("正文。")).replace("<ofd:Content>", page + "<ofd:Content>") for _ in range(3)]
    files = {f"Doc_0/Pages/Page_{i}/Content.xml": xml for i, xml in enumerate(pages)}
    document, _ = read(tmp_path, "a.ofd", ofd("", "", "", **files))
    assert texts(document, "header") == ["石门镇文件"] * 3


def test_ofd_ruled_table(tmp_path: Path) -> None:
    rules = [(20, y, 100, 0.2) for y in (40, 50, 60)] + [(x, 40, 0.2, 20) for x in (20, 70, 120)]
    drawn = "".join(f'<ofd:PathObject Boundary="{x} {y} {w} {h}"/>' for x, y, w, h in rules)
    cells = text("乡镇", 22, 42) + text("户厕", 72, 42) + text("石门", 22, 52) + text("41", 72, 52)
    document, _ = read(tmp_path, "a.ofd", ofd(drawn + cells))
    assert [(b.kind, b.row, b.column, b.row_head, b.column_head) for b in document.blocks][-1] == (
        ("cell", 2, 2, "石门", "户厕")
    )


@pytest.mark.parametrize(
    ("replaced", "outcome"),
    [
        ({"Doc_0/Document.xml": "<broken"}, "corrupt"),
        ({"OFD.xml": f"<!DOCTYPE x><ofd:OFD {OFD}/>"}, "corrupt"),
        ({"OFD.xml": f"<ofd:OFD {OFD}><ofd:Encryptions/></ofd:OFD>"}, "encrypted"),
        ({"Doc_0/Pages/Page_0/Content.xml": "<broken"}, "ok_partial"),
        ({"Doc_0/Pages/Page_0/Content.xml": content("<ofd:ImageObject/>")}, "ok_partial"),
    ],
)
def test_ofd_that_is_damaged(tmp_path: Path, replaced: dict[str, str], outcome: str) -> None:
    document, issues = read(tmp_path, "a.ofd", ofd(text("一"), text("二"), **replaced))
    assert document.outcome == outcome
    assert issues
    assert document.text == ("二" if outcome == "ok_partial" else "")


def test_ofd_locations_stay_in_the_package(tmp_path: Path) -> None:
    (tmp_path / "secret.xml").write_text(content(text("秘密")), "utf-8")
    root = f"<ofd:OFD {OFD}><ofd:DocBody><ofd:DocRoot>../../secret.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    assert read(tmp_path, "a.ofd", ofd(text("一"), **{"OFD.xml": root}))[0].outcome == "corrupt"


PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>石门镇工作总结 - 政务网</title>
<style>p{{}}</style></head>
<body><div id="top"><a href="/">首页</a> <a href="/a">政务公开</a></div><h1>石门镇工作总结</h1>
<div id="main"><div class="text"><p>　　2023年，全镇共清理垃圾<b>3456</b>吨，整治卫生死角
278处，发放宣传单1.2万份，群众满意率达到98.5%。</p><p>　　新建公厕12座；<br>改造户厕41座。</p>
<table><tr><th>村</th><th>户厕</th></tr><tr><td>石门村</td><td>41</td></tr></table></div>
<script>var n = 99;</script></div>
<div><ul><li><a href="/b">河口乡投入99万元，建公厕99座</a></li></ul></div>
<footer>网站标识码：1234567890</footer></body></html>"""


@pytest.mark.parametrize(("charset", "encoding"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("utf-8", "gb18030")])
def test_main_text_of_a_web_page(tmp_path: Path, charset: str, encoding: str) -> None:
    document, issues = read(tmp_path, "a.html", PAGE.format(charset=charset).encode(encoding))
    assert (document.format, document.encoding) == ("html", encoding)
    assert texts(document) == [
        "石门镇工作总结",
        "　　2023年，全镇共清理垃圾3456吨，整治卫生死角278处，发放宣传单1.2万份，群众满意率达到98.5%。",
        "　　新建公厕12座；",
        "改造户厕41座。",
        "村",
        "户厕",
        "石门村",
        "41",
    ]
    assert (document.blocks[0].kind, document.blocks[0].level) == ("heading", 1)
    assert (document.blocks[-1].row_head, document.blocks[-1].column_head) == ("石门村", "户厕")
    assert "99" not in document.text
    expected = ["left_out"] if (charset, encoding) != ("utf-8", "gb18030") else ["encoding_differs", "left_out"]
    assert [issue.code for issue in issues] == expected


def test_web_archive(tmp_path: Path) -> None:
    body = base64.encodebytes(PAGE.format(charset="gb2312").encode("gb18030")).decode()
    head = "From: a\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html"
    data = f"{head}\nContent-Transfer-Encoding: base64\n\n{body}\n--x--\n".encode()
    document, issues = read(tmp_path, "a.doc", data)
    assert (document.format, texts(document)[0], issues[-1].code) == ("mhtml", "石门镇工作总结", "extension_differs")
    assert read(tmp_path, "a.mht", data.replace(b"text/html", b"text/plain"))[0].outcome == "corrupt"


def test_pages_nested_too_deep_are_partial(tmp_path: Path) -> None:
    data = ("<html><body><p>清理垃圾3456吨。</p>" + "<div>" * 5000 + "12处" + "</div>" * 5000).encode()
    document, issues = read(tmp_path, "a.html", data)
    assert (document.text, document.outcome) == ("清理垃圾3456吨。\n12处", "ok_partial")
    assert [issue.code for issue in issues] == ["page_damaged"]


def test_web_page_without_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a.html", b"<html><body><script>1</script></body></html>")[0].outcome == "no_text_layer"


@given(st.text(alphabet="一二 \n\ta3", max_size=30))
def test_tidy_keeps_what_is_not_blank(source: str) -> None:
    assert "".join(tidy(source).split()) == "".join(source.split())


RTF = rb"{\rtf1\ansi\ansicpg936\uc1 \u28165?\u29702?\u22403?\u22334?3456\u21544?\par}"


def test_other_formats_need_a_converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.shutil, "which", lambda name: None)
    document, issues = read(tmp_path, "a.rtf", RTF)
    assert (document.outcome, "needs LibreOffice" in issues[0].message) == ("unsupported", True)


def test_a_converter_that_fails_or_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "soffice"
    hanging.write_text("#!/bin/sh\nsleep 60 &\nsleep 60\n", "utf-8")
    hanging.chmod(0o755)
    monkeypatch.setattr(office, "_SECONDS", 0.3)
    monkeypatch.setattr(office.shutil, "which", lambda name: str(hanging) if name == "soffice" else None)
    assert read(tmp_path, "a.rtf", RTF)[0].outcome == "corrupt"


def test_antiword_is_the_second_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "antiword"
    fake.write_text("#!/bin/sh\necho 清理垃圾3456吨\n", "utf-8")
    fake.chmod(0o755)
    monkeypatch.setattr(office.shutil, "which", lambda name: str(fake) if name == "antiword" else None)
    reading = office.read_through_office(b"", ".doc", SETTINGS)
    assert (reading.text, reading.outcome) == ("清理垃圾3456吨", "ok_partial")
    assert [issue.code for issue in reading.issues] == ["numbering_not_honoured"]


def test_rtf_through_libreoffice(tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("needs LibreOffice")
    document, _ = read(tmp_path, "a.rtf", RTF)
    assert (document.format, document.text) == ("rtf", "清理垃圾3456吨")
    assert dict(document.metadata)["converter"] == "LibreOffice"


def unpack(tmp_path: Path, data: bytes, settings: Ingest = SETTINGS) -> tuple[dict[str, bytes], list[str]]:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    files, codes = {}, []
    for found in members(path, settings):
        if isinstance(found, Member):
            files[found.name] = found.read()
            assert member(path, found.name, settings) == files[found.name]
        else:
            codes.append(found.code)
    return files, codes


def test_archive_members_with_names_of_all_kinds(tmp_path: Path) -> None:
    data = packed({"总结/a.txt": b"1", "b.txt": b"2"})
    raw = "河口乡".encode("gbk")
    data = data.replace(b"b.txt", b"b.txt")  # unmarked names stay as they are
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xxxxxx.txt", b"3")
    old = stream.getvalue().replace(b"xxxxxx", raw)
    assert unpack(tmp_path, data) == ({"总结/a.txt": b"1", "b.txt": b"2"}, [])
    assert unpack(tmp_path, old) == ({"河口乡.txt": b"3"}, [])


@pytest.mark.parametrize("name", ["../../a.txt", "/etc/a.txt", "C:\\a.txt", "..\\a.txt", "./a.txt"])
def test_archive_names_lead_nowhere(tmp_path: Path, name: str) -> None:
    found, _ = unpack(tmp_path, packed({name: b"1"}))
    assert [given.split("/")[-1] for given in found] == ["a.txt"]
    assert all(".." not in given and not given.startswith("/") and ":" not in given for given in found)


def test_archives_in_archives(tmp_path: Path) -> None:
    data = packed({"a.txt": b"1"})
    for depth in range(1, 5):
        found, issues = unpack(tmp_path, data)
        if depth <= 3:
            assert (list(found), issues) == (["in.zip/" * (depth - 1) + "a.txt"], [])
        else:
            assert (found, issues) == ({}, ["limit_expansion"])
        data = packed({"in.zip": data})


def test_archives_that_are_refused(tmp_path: Path) -> None:
    assert unpack(tmp_path, b"PK\x03\x04 broken") == ({}, ["corrupt"])
    bomb = packed({"zeros": bytes(50_000_000)})
    assert unpack(tmp_path, bomb) == ({}, ["limit_expansion"])
    assert unpack(tmp_path, packed({"a": b"1" * 100}), replace(SETTINGS, max_bytes=50))[1] == ["limit_size"]
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/hostname")
    assert unpack(tmp_path, stream.getvalue()) == ({}, ["unsupported"])
    assert [issue.code for issue in members(tmp_path / "none.zip", SETTINGS) if isinstance(issue, Issue)] == ["missing"]


def test_two_members_of_one_name_are_told_apart(tmp_path: Path) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", b"2")
    assert unpack(tmp_path, stream.getvalue()) == ({"a.txt": b"1", "a~2.txt": b"2"}, [])


def test_members_are_documents_of_their_own(tmp_path: Path) -> None:
    inner = packed({"河口乡.txt": "新建公厕3座。", "table.xlsx": b"x", "__MACOSX/._河口乡.txt": b"x"})
    (tmp_path / "年报.zip").write_bytes(packed({"2023/in.zip": inner, "a.md": "改厕120户。", "a.html": b""}))
    inputs = expand([tmp_path])
    archive = tmp_path / "年报.zip"
    assert inputs.files == [archive / "a.html", archive / "a.md", archive / "2023/in.zip/河口乡.txt"]
    assert (inputs.problems, inputs.ignored) == ([], {".xlsx": 1, ".txt": 1})
    assert expand([archive]).files == inputs.files
    empty, plain, deep = (ingest.read(path, SETTINGS)[0] for path in inputs.files)
    assert (empty.outcome, plain.text, deep.text) == ("corrupt", "改厕120户。", "新建公厕3座。")
    assert (deep.name, deep.path) == ("河口乡.txt", str(archive / "2023/in.zip/河口乡.txt"))
    (tmp_path / "plain.txt").write_text("新建公厕3座。", "utf-8")
    assert deep.sha256 == ingest.read(tmp_path / "plain.txt", SETTINGS)[0].sha256
    work, digests, problems = jobs(inputs.files)
    assert (len(work), len(digests), len(problems)) == (2, 2, 1)
    assert ingest.read(archive / "gone.txt", SETTINGS)[0].outcome == "missing"


def test_archives_without_reports_and_refused_ones_are_problems(tmp_path: Path) -> None:
    (tmp_path / "empty.zip").write_bytes(packed({"table.xlsx": b"x"}))
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 broken")
    inputs = expand([tmp_path])
    assert (inputs.files, [problem.outcome for problem in inputs.problems]) == ([], ["corrupt", "missing"])
    assert ingest.read(tmp_path / "broken.zip" / "a.txt", SETTINGS)[0].outcome == "corrupt"
    small = replace(SETTINGS, max_bytes=50)
    assert ingest.read(tmp_path / "empty.zip" / "a.txt", small)[0].outcome == "limit_size"


def drawn(lines: list[str], top: int = 0, transform: str = "") -> str:
    """A line a drawing, a character an element, as viewers save pages."""
    return "".join(
        f'<svg style="position:absolute;left:40px;top:{top + 30 * row}px">'
        + "".join(f'<text x="{20 * i}" y="18" font-size="20" {transform}>{c}</text>' for i, c in enumerate(line))
        + "</svg>"
        for row, line in enumerate(lines)
    )


def test_a_web_page_of_drawn_characters(tmp_path: Path) -> None:
    sheet = '<div style="position: relative;width:400px;height:560px">'
    pages = [drawn(["栗溪镇工作总结"]), drawn(["全年共清理垃圾三百二十吨，改造户", "厕45座，群众满意。"], top=60)]
    source = "<html><head><title>预览</title></head><body>" + "".join(f"{sheet}{page}</div>" for page in pages)
    document, _ = read(tmp_path, "a.html", source.encode())
    assert (document.outcome, document.pages) == ("ok", 2)
    assert texts(document) == ["栗溪镇工作总结", "全年共清理垃圾三百二十吨，改造户\n厕45座，群众满意。"]
    assert [block.page for block in document.blocks] == [1, 2]
    left, top, right, bottom = document.blocks[0].box or (0, 0, 0, 0)
    assert (left, right) == (30, 135)
    assert (round(top), round(bottom)) == (0, 15)


@pytest.mark.parametrize(
    ("transform", "left"),
    [("translate(100)", 105), ("matrix(2 0 0 2 4 0)", 33), ("translate(8,0) scale(0.5)", 36)],
)
def test_drawn_characters_are_where_they_are_moved_to(tmp_path: Path, transform: str, left: float) -> None:
    page = drawn(["清运垃圾9吨"], transform=f'transform="{transform}"')
    document, _ = read(tmp_path, "a.html", f'<body><div style="position:relative">{page}</div></body>'.encode())
    assert texts(document) == ["清运垃圾9吨"]
    box = document.blocks[0].box
    assert box is not None
    assert box[0] == pytest.approx(left)


def test_a_chart_in_a_web_page_is_no_text(tmp_path: Path) -> None:
    source = f"<html><body><p>全年清运垃圾9吨，改厕45座，清理河道3公里。</p>{drawn(['图1'])}</body></html>"
    document, _ = read(tmp_path, "a.html", source.encode())
    assert texts(document) == ["全年清运垃圾9吨，改厕45座，清理河道3公里。"]
