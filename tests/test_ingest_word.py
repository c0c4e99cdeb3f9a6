"""Word packages → blocks: numbering, tables, boxes, notes, tracked changes, and packages that are damaged."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest.numbering import FORMATS, chinese, letters, roman
from pipeline.records import Block, Document, Issue

SETTINGS = Ingest()
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def package(body: str, *, content_type: str = MAIN, type_base: str = TYPE, **parts: str) -> bytes:
    """A Word package of a body and further parts, named after the kind of their relation."""
    stream = BytesIO()
    files = {kind: f"{kind}.xml" for kind in parts}
    roots = {"numbering": "numbering", "styles": "styles", "footnotes": "footnotes", "header": "hdr", "footer": "ftr"}
    relations = "".join(
        f'<Relationship Id="r{i}" Type="{type_base}{kind.rstrip("0123456789")}" Target="{name}"/>'
        for i, (kind, name) in enumerate(files.items())
    )
    relationships = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    )
    main = f'<Relationship Id="m" Type="{type_base}officeDocument" Target="word/document.xml"/>'
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>',
        )
        archive.writestr("_rels/.rels", relationships.format(main))
        archive.writestr("word/_rels/document.xml.rels", relationships.format(relations))
        archive.writestr("word/document.xml", f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>")
        for kind, xml in parts.items():
            root = roots[kind.rstrip("0123456789")]
            archive.writestr(f"word/{files[kind]}", f"<w:{root} {NAMESPACES}>{xml}</w:{root}>")
    return stream.getvalue()


def read(tmp_path: Path, data: bytes, settings: Ingest = SETTINGS) -> tuple[Document, tuple[Issue, ...]]:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    return ingest.read(path, settings)


def lines(document: Document, kind: str | None = None) -> list[str]:
    """Texts of the blocks, of one kind or all."""
    return [document.text[block.start : block.end] for block in document.blocks if kind in (None, block.kind)]


def cell_at(document: Document, row: int, column: int) -> Block:
    return next(block for block in document.blocks if (block.row, block.column) == (row, column))


def p(*runs: str, properties: str = "") -> str:
    """A paragraph; what is no XML becomes a run."""
    content = "".join(run if run.startswith("<") else f"<w:r><w:t>{run}</w:t></w:r>" for run in runs)
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def item(text: str, level: int = 0, number: int = 1) -> str:
    """A paragraph of a list."""
    return p(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def level(index: int, form: str, pattern: str, more: str = "", suffix: str = "nothing") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:suff w:val="{suffix}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
    )


OFFICIAL = (
    level(0, "chineseCounting", "%1、")
    + level(1, "chineseCounting", "（%2）")
    + level(2, "decimal", "%3.", suffix="space")
    + level(3, "decimalEnclosedCircle", "%4")
)


def numbering(levels: str = OFFICIAL, nums: str = '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>') -> str:
    return f'<w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>{nums}'


@pytest.mark.parametrize(
    ("levels", "items", "expected"),
    [
        (
            OFFICIAL,
            [(0, "甲"), (1, "乙"), (2, "丙"), (2, "丁"), (3, "戊"), (1, "己"), (2, "庚"), (0, "辛"), (1, "壬")],
            ["一、甲", "（一）乙", "1. 丙", "2. 丁", "①戊", "（二）己", "1. 庚", "二、辛", "（一）壬"],
        ),
        (
            level(0, "chineseCountingThousand", "第%1章", suffix="tab") + level(1, "decimal", "%1.%2", "<w:isLgl/>"),
            [(0, "总则"), (1, "目标"), (0, "附则"), (1, "解释")],
            ["第一章 总则", "1.1目标", "第二章 附则", "2.1解释"],
        ),
        (level(0, "ideographTraditional", "%1、"), [(0, "a"), (0, "b")], ["甲、a", "乙、b"]),
        (level(0, "bullet", "\uf0b7"), [(0, "a")], ["•a"]),
        (level(0, "none", ""), [(0, "a")], ["a"]),
        (
            level(0, "decimal", "%1.") + level(1, "lowerLetter", "%2)"),
            [(1, "a"), (0, "b"), (1, "c")],
            ["a)a", "1.b", "a)c"],
        ),
        (
            level(0, "decimal", "%1.") + level(1, "decimal", "%2)", '<w:lvlRestart w:val="0"/>'),
            [(0, "a"), (1, "b"), (0, "c"), (1, "d")],
            ["1.a", "1)b", "2.c", "2)d"],
        ),
        (level(0, "decimal", "%1.") + level(1, "decimal", "%3)"), [(1, "a")], [")a"]),
        (level(0, "decimal", "%1."), [(5, "no such level")], ["no such level"]),
    ],
)
def test_automatic_numbers(tmp_path: Path, levels: str, items: list[tuple[int, str]], expected: list[str]) -> None:
    body = "".join(item(text, index) for index, text in items)
    document, issues = read(tmp_path, package(body, numbering=numbering(levels)))
    assert lines(document) == expected
    assert issues == ()


def test_lists_that_share_and_restart_counts(tmp_path: Path) -> None:
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    nums = "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="7"/>{again if n == 3 else ""}</w:num>' for n in (1, 2, 3)
    )
    body = item("a") + item("b", number=2) + item("c", number=3) + item("d", number=3) + item("e", number=0)
    document, _ = read(tmp_path, package(body, numbering=numbering(nums=nums)))
    assert lines(document) == ["一、a", "二、b", "一、c", "二、d", "e"]


def test_numbers_and_levels_from_styles(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="n"><w:name w:val="Normal"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="n"/><w:pPr>'
        '<w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:basedOn w:val="1"/><w:pPr>'
        '<w:outlineLvl w:val="1"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="loop"><w:basedOn w:val="loop"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/></w:style>'
    )
    levels = level(0, "chineseCounting", "%1、", '<w:pStyle w:val="1"/>') + level(
        1, "chineseCounting", "（%2）", '<w:pStyle w:val="2"/>'
    )
    styled = [("t", "总结"), ("1", "组织"), ("2", "领导"), ("2", "机制"), ("1", "宣传"), ("loop", "文"), ("gone", "字")]
    body = "".join(p(text, properties=f'<w:pStyle w:val="{style}"/>') for style, text in styled)
    document, _ = read(tmp_path, package(body, styles=styles, numbering=numbering(levels)))
    assert lines(document) == ["总结", "一、组织", "（一）领导", "（二）机制", "二、宣传", "文", "字"]
    assert [(b.kind, b.level, b.style) for b in document.blocks[:3]] == [
        ("heading", 1, "Title"),
        ("heading", 1, "heading 1"),
        ("heading", 2, "heading 2"),
    ]


def test_unknown_number_format_is_reported_once(tmp_path: Path) -> None:
    body = item("a") + item("b")
    document, issues = read(tmp_path, package(body, numbering=numbering(level(0, "thaiNumbers", "%1."))))
    assert lines(document) == ["1.a", "2.b"]
    assert [issue.code for issue in issues] == ["numbering_format_unknown"]


@pytest.mark.parametrize(
    ("form", "count", "expected"),
    [
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 12, "十二"),
        ("chineseCounting", 20, "二十"),
        ("chineseCountingThousand", 105, "一百〇五"),
        ("chineseCountingThousand", 110, "一百一十"),
        ("chineseLegalSimplified", 11, "壹拾壹"),
        ("ideographDigital", 10, "一〇"),
        ("ideographTraditional", 11, "甲"),
        ("ideographZodiac", 12, "亥"),
        ("decimalFullWidth", 10, "１０"),
        ("decimalZero", 3, "03"),
        ("decimalEnclosedCircle", 20, "⑳"),
        ("decimalEnclosedCircle", 21, "㉑"),
        ("decimalEnclosedCircle", 51, "51"),
        ("decimalEnclosedParen", 2, "⑵"),
        ("upperRoman", 14, "XIV"),
        ("lowerRoman", 4, "iv"),
        ("upperLetter", 27, "AA"),
        ("decimal", 7, "7"),
    ],
)
def test_number_formats(form: str, count: int, expected: str) -> None:
    assert FORMATS[form](count) == expected


@given(st.integers(-5, 200_000))
def test_number_formats_take_any_count(count: int) -> None:
    assert all(isinstance(write(count), str) for write in FORMATS.values())


@given(st.integers(1, 99_999), st.integers(1, 99_999))
def test_numerals_differ_where_numbers_do(one: int, other: int) -> None:
    for write, top in ((chinese, 99_999), (roman, 3999), (letters, 999)):
        if one != other and max(one, other) <= top:
            assert write(one) != write(other)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (["清理", "<w:r><w:tab/><w:t>12</w:t><w:br/><w:t>处</w:t></w:r>"], "清理\t12\n处"),
        (["<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/></w:r>"], "a-b"),
        (["<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink>"], "链接"),
        (["<w:smartTag><w:r><w:t>2023年</w:t></w:r></w:smartTag>"], "2023年"),
        (["<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>"], "控件"),
        (['<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>', "合格"], "☑合格"),
        (['<w:r><w:sym w:font="Webdings" w:char="F099"/></w:r>'], "\ufffd"),
        (
            [
                "<w:r><w:ruby><w:rt><w:r><w:t>shi</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>石</w:t></w:r></w:rubyBase></w:ruby></w:r>"
            ],
            "石",
        ),
        (["<m:oMath><m:r><m:t>x=2</m:t></m:r></m:oMath>"], "x=2"),
        (
            [
                '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>SUM 99</w:instrText></w:r>',
                '<w:r><w:fldChar w:fldCharType="separate"/><w:t>41</w:t><w:fldChar w:fldCharType="end"/></w:r>',
                "座",
            ],
            "41座",
        ),
        (['<w:fldSimple w:instr="PAGE"><w:r><w:t>3</w:t></w:r></w:fldSimple>'], "3"),
        (["<mc:AlternateContent><mc:Fallback><w:r><w:t>备</w:t></w:r></mc:Fallback></mc:AlternateContent>"], "备"),
    ],
)
def test_what_runs_say(tmp_path: Path, runs: list[str], expected: str) -> None:
    assert read(tmp_path, package(p(*runs)))[0].text == expected


def test_tracked_changes(tmp_path: Path) -> None:
    body = p(
        "新建公厕",
        "<w:ins><w:r><w:t>12座</w:t></w:r></w:ins>",
        "<w:del><w:r><w:delText>99座</w:delText></w:r></w:del>",
        "<w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom>",
    )
    document, issues = read(tmp_path, package(body))
    assert document.text == "新建公厕12座"
    assert [(issue.code, issue.message) for issue in issues] == [
        ("tracked_changes", "1 tracked insertions taken, 2 deletions left out")
    ]


def test_paragraph_whose_mark_is_deleted_goes_on(tmp_path: Path) -> None:
    body = p("投入3", properties="<w:rPr><w:del/></w:rPr>") + p("0万元") + p("完")
    assert lines(read(tmp_path, package(body))[0]) == ["投入30万元", "完"]


def test_hidden_and_struck_text(tmp_path: Path) -> None:
    body = p(
        "拆除",
        "<w:r><w:rPr><w:strike/></w:rPr><w:t>99处</w:t></w:r>",
        '<w:r><w:rPr><w:strike w:val="0"/></w:rPr><w:t>12处</w:t></w:r>',
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>秘密</w:t></w:r>",
    )
    document, issues = read(tmp_path, package(body))
    assert document.text == "拆除99处12处"
    struck = next(issue for issue in issues if issue.code == "struck_text")
    assert document.text[struck.start : struck.end] == "99处"
    assert [issue.message for issue in issues if issue.code == "left_out"] == ["1 hidden runs left out"]


def tc(*content: str, shape: str = "") -> str:
    inner = "".join(part if part.startswith("<") else p(part) for part in content)
    return f"<w:tc><w:tcPr>{shape}</w:tcPr>{inner}</w:tc>"


def table(*rows: Sequence[str]) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows) + "</w:tbl>"


def test_merged_cells_say_their_text_once(tmp_path: Path) -> None:
    body = table(
        [tc("指标", shape='<w:vMerge w:val="restart"/>'), tc("2023年", shape='<w:gridSpan w:val="2"/>')],
        [tc("", shape="<w:vMerge/>"), tc("目标"), tc("完成")],
        [tc("蝇密度"), tc("40%"), tc("43.5%", "（自查）")],
    )
    document, _ = read(tmp_path, package(p("下表") + body + p("完")))
    assert lines(document) == ["下表", "指标", "2023年", "目标", "完成", "蝇密度", "40%", "43.5%\n（自查）", "完"]
    found = cell_at(document, 3, 3)
    assert (found.table, found.row_head, found.column_head) == (1, "蝇密度", "2023年/完成")
    assert found.path == "word/document.xml#p8"


def test_nested_tables_stand_where_they_are(tmp_path: Path) -> None:
    inner = table([tc("内1"), tc("内2")])
    body = table([tc("外1", inner, "外2"), tc("外3")])
    document, _ = read(tmp_path, package(body))
    assert lines(document) == ["外1", "内1", "内2", "外2", "外3"]
    assert [block.table for block in document.blocks] == [1, 2, 2, 1, 1]


def test_rows_and_cells_in_content_controls(tmp_path: Path) -> None:
    cell = f"<w:sdt><w:sdtContent>{tc('乙')}</w:sdtContent></w:sdt>"
    row = f"<w:sdt><w:sdtContent><w:tr>{tc('甲')}{cell}</w:tr></w:sdtContent></w:sdt>"
    deleted = f"<w:tr><w:trPr><w:del/></w:trPr>{tc('丙')}</w:tr>"
    document, issues = read(tmp_path, package(f"<w:tbl>{row}{deleted}</w:tbl>"))
    assert lines(document) == ["甲", "乙"]
    assert [issue.code for issue in issues] == ["tracked_changes"]


def test_text_box_is_read_once(tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框内12座</w:t></w:r></w:p></w:txbxContent>"
    run = (
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>" + box + "</wps:txbx></w:drawing></mc:Choice>"
        "<mc:Fallback><w:pict><v:textbox>" + box + "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    document, _ = read(tmp_path, package(p("正文", run, "继续")))
    assert lines(document) == ["正文继续", "框内12座"]
    assert lines(document, "textbox") == ["框内12座"]


def test_notes_headers_and_footers(tmp_path: Path) -> None:
    notes = (
        '<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>含改建41座。</w:t></w:r></w:p></w:footnote>'
    )
    body = p("新建公厕120座", '<w:r><w:footnoteReference w:id="2"/></w:r>', "。") + p("完")
    data = package(body, footnotes=notes, header1=p("石门镇文件"), header2=p("石门镇文件"), footer=p("第1页"))
    document, _ = read(tmp_path, data)
    assert [(block.kind, text) for block, text in zip(document.blocks, lines(document), strict=True)] == [
        ("header", "石门镇文件"),
        ("paragraph", "新建公厕120座。"),
        ("note", "含改建41座。"),
        ("paragraph", "完"),
        ("footer", "第1页"),
    ]


@pytest.mark.parametrize(
    ("content_type", "base", "namespace"),
    [
        ("application/vnd.ms-word.document.macroEnabled.main+xml", TYPE, ""),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml", TYPE, ""),
        (
            MAIN,
            "http://purl.oclc.org/ooxml/officeDocument/relationships/",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
    ],
)
def test_macro_template_and_strict_packages(tmp_path: Path, content_type: str, base: str, namespace: str) -> None:
    data = package(item("加强领导"), content_type=content_type, type_base=base, numbering=numbering())
    if namespace:
        data = rewritten(
            data, lambda xml: xml.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/main", namespace)
        )
    document, issues = read(tmp_path, data)
    assert (document.format, document.text, issues) == ("docx", "一、加强领导", ())


def rewritten(data: bytes, change: object = None, **replaced: str | None) -> bytes:
    """The package with its XML changed, or parts (slashes written as __) replaced or left away."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content: str | None = old.read(name).decode()
            assert content is not None
            if callable(change):
                content = change(content)
            content = replaced.get(name.replace("/", "__").replace(".", "_"), content)
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def test_damaged_packages(tmp_path: Path) -> None:
    data = package(item("加强领导"), numbering=numbering())
    document, issues = read(tmp_path, rewritten(data, word___rels__document_xml_rels="<broken"))
    assert (document.text, [issue.code for issue in issues]) == ("一、加强领导", ["package_damaged"])
    document, issues = read(tmp_path, rewritten(data, word__numbering_xml="<broken"))
    assert (document.text, [issue.code for issue in issues]) == ("加强领导", ["part_damaged"])
    for spoilt in ("<broken", f"<w:document {NAMESPACES}/>", None):
        assert read(tmp_path, rewritten(data, word__document_xml=spoilt))[0].outcome == "corrupt"
    for cut in (10, len(data) // 2, len(data) - 5):
        assert read(tmp_path, data[:cut])[0].outcome == "corrupt"


@pytest.mark.parametrize(
    "declaration",
    ['<!DOCTYPE x [<!ENTITY e "99">]>', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', "<!DOCTYPE x>"],
)
def test_document_types_are_refused(tmp_path: Path, declaration: str) -> None:
    body = f"<w:document {NAMESPACES}><w:body><w:p><w:r><w:t>A&e;B</w:t></w:r></w:p></w:body></w:document>"
    body = body if "ENTITY" in declaration else body.replace("&e;", "")
    document, issues = read(tmp_path, rewritten(package(""), word__document_xml=declaration + body))
    assert (document.outcome, "document type" in issues[0].message) == ("corrupt", True)


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    data = package(p("一" * 50))
    stream = BytesIO(data)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/zeros.bin", bytes(60_000_000))
    document, issues = read(tmp_path, stream.getvalue())
    assert (document.outcome, "max_expansion" in issues[0].message) == ("limit_expansion", True)
    assert read(tmp_path, data, replace(SETTINGS, max_characters=10))[0].outcome == "limit_characters"


def test_protected_member_is_encrypted(tmp_path: Path) -> None:
    data = bytearray(package(p("一")))
    place = data.index(b"PK\x01\x02", data.index(b"word/document.xml"))
    data[place + 8] |= 1
    assert read(tmp_path, bytes(data))[0].outcome in ("encrypted", "corrupt")


def test_pictures_without_text(tmp_path: Path) -> None:
    picture = "<w:r><w:pict><v:imagedata/></w:pict></w:r>"
    document, issues = read(tmp_path, package(p(picture) + p(picture)))
    assert (document.outcome, "2 pictures" in issues[-1].message) == ("no_text_layer", True)


def test_what_is_lost_makes_the_document_partial(tmp_path: Path) -> None:
    document, issues = read(tmp_path, package(p("一") + "<w:altChunk/>"))
    assert (document.outcome, issues[0].message) == ("ok_partial", "1 embedded documents left out")
    thing = (
        '<w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" ProgID="{}"/></w:object></w:r>'
    )
    document, issues = read(tmp_path, package(p("一", thing.format("Excel.Sheet.12"))))
    assert (document.outcome, issues[0].message) == ("ok_partial", "1 embedded objects left out")
    assert read(tmp_path, package(p("一", thing.format("Equation.3"))))[0].outcome == "ok"


def test_document_of_python_docx(tmp_path: Path) -> None:
    made = docx.Document()
    made.core_properties.title, made.core_properties.author = "工作总结", "石门镇"
    made.add_heading("工作总结", 0)
    made.add_paragraph("清理垃圾3456吨。")
    grid = made.add_table(2, 2)
    for cell, text in zip([c for row in grid.rows for c in row.cells], ["村", "户厕", "石门", "41"], strict=True):
        cell.text = text
    path = tmp_path / "a.docx"
    made.save(str(path))
    document, issues = ingest.read(path, SETTINGS)
    assert (lines(document), issues) == (["工作总结", "清理垃圾3456吨。", "村", "户厕", "石门", "41"], ())
    assert (dict(document.metadata)["title"], dict(document.metadata)["author"]) == ("工作总结", "石门镇")
    assert cell_at(document, 2, 2).row_head == "石门"
