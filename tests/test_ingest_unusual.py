"""Documents that are sound but unusual, and packages packed in odd ways: text comes once, or an issue says so."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_ingest_formats import content, ofd, text
from test_ingest_word import NAMESPACES, lines, p, package, rewritten, tc

from pipeline import ingest
from pipeline.config import Ingest
from pipeline.ingest import formats, office
from pipeline.ingest.reading import Reading
from pipeline.records import Document, Issue

SETTINGS = Ingest(ocr=False)
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
BOX = "<w:r><w:pict><v:shape>{}</v:shape></w:pict></w:r>"


def read(tmp_path: Path, name: str, data: bytes) -> tuple[Document, dict[str, Issue]]:
    path = tmp_path / name
    path.write_bytes(data)
    document, issues = ingest.read(path, SETTINGS)
    return document, {issue.code: issue for issue in issues}


def run(words: str) -> str:
    return f"<w:r><w:t>{words}</w:t></w:r>"


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(words: str) -> str:
    return f"<w:r><w:instrText>{words}</w:instrText></w:r>"


def either(choice: str, fallback: str) -> str:
    chosen = f'<mc:Choice Requires="wps">{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback>'
    return f"<w:r><mc:AlternateContent>{chosen}</mc:AlternateContent></w:r>"


ENTRIES = '<w:listEntry w:val="甲"/><w:listEntry w:val="乙"/>'
DROPDOWN = f'<w:ffData><w:ddList><w:result w:val="1"/>{ENTRIES}</w:ddList></w:ffData>'
OLD_BOX = BOX.format("<v:textbox><w:txbxContent>" + p("旧式") + "</w:txbxContent></v:textbox>")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (run("散落的文字") + p("段"), ["散落的文字", "段"]),
        ("<m:oMathPara><m:oMath><m:r><m:t>x=3456</m:t></m:r></m:oMath></m:oMathPara>", ["x=3456"]),
        ("<w:p><w:t>不在运行中</w:t></w:p>", ["不在运行中"]),
        ("<w:p><w:r>" + run("套中套") + "</w:r></w:p>", ["套中套"]),
        ("<w:tbl><w:smartTag><w:tr>" + tc(p("行")) + "</w:tr></w:smartTag></w:tbl>", ["行"]),
        ("<w:p><w:r><w:tbl><w:tr>" + tc(p("格")) + "</w:tr></w:tbl></w:r></w:p>", ["格"]),
        (p(BOX.format('<v:textpath string="工作简报"/>')), ["工作简报"]),
        (p(f"<w:r><w:drawing><a:p {A}><a:r><a:t>图中文字</a:t></a:r></a:p></w:drawing></w:r>"), ["图中文字"]),
        (p(either("", OLD_BOX)), ["旧式"]),
        (p(either("<w:t>新</w:t>", "<w:t>旧</w:t>")), ["新"]),
        (p("选", f'<w:r><w:fldChar w:fldCharType="begin">{DROPDOWN}</w:fldChar></w:r>', mark("end")), ["选乙"]),
    ],
)  # fmt: skip
def test_text_in_unusual_places_of_word(tmp_path: Path, body: str, expected: list[str]) -> None:
    document, issues = read(tmp_path, "a.docx", package(body))
    assert (document.outcome, lines(document), issues) == ("ok", expected, {})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (p(mark("begin"), code("PAGE"), "一") + p("二"), ["一", "二"]),
        (p(mark("begin"), mark("begin"), mark("separate"), "一", mark("end"), "二") + p("三"), ["一二", "三"]),
    ],
)
def test_fields_without_an_end_hide_nothing(tmp_path: Path, body: str, expected: list[str]) -> None:
    document, issues = read(tmp_path, "a.docx", package(body))
    assert (lines(document), [*issues]) == (expected, ["part_damaged"])


@pytest.mark.parametrize(
    ("body", "issue"),
    [
        (p("前") + f'<w:subDoc {R} r:id="none"/>', "left_out"),
        (p("前", code("EQ \\o\\ac(○,一)")), "left_out"),
        ("<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr>" + tc(p("藏")) + "</w:tr><w:tr>" + tc(p("前")) + "</w:tr></w:tbl>",
         "left_out"),
        ("<w:tbl><w:tr>" + tc(p("已删除"), shape="<w:cellDel/>") + tc(p("前")) + "</w:tr></w:tbl>", "tracked_changes"),
        ("<w:tbl><w:tr>" + p("行间的一段很长的文字") + tc(p("前")) + "</w:tr></w:tbl>", "readers_disagree"),
        (p(mark("begin"), run("域中的一段很长的文字"), mark("end"), "前"), "readers_disagree"),
    ],
)  # fmt: skip
def test_what_word_text_is_lost_is_said(tmp_path: Path, body: str, issue: str) -> None:
    document, issues = read(tmp_path, "a.docx", package(body))
    assert (lines(document), [*issues]) == (["前"], [issue])


def test_deleted_hidden_and_covered_text_is_no_loss(tmp_path: Path) -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏的一段很长的文字</w:t></w:r>"
    moved = "<w:moveFrom>" + run("移走的一段很长的文字") + "</w:moveFrom>"
    ruby = "<w:r><w:ruby><w:rt>" + run("duyin") + "</w:rt><w:rubyBase>" + run("读") + "</w:rubyBase></w:ruby></w:r>"
    _, issues = read(tmp_path, "a.docx", package(p("前", hidden, moved, ruby)))
    assert set(issues) == {"left_out", "tracked_changes"}


def test_notes_that_nothing_refers_to_are_counted(tmp_path: Path) -> None:
    notes = "".join(f'<w:footnote w:id="{key}">{p(words)}</w:footnote>' for key, words in ((2, "注一"), (3, "注二")))
    body = p("正文", '<w:r><w:footnoteReference w:id="2"/></w:r>')
    document, issues = read(tmp_path, "a.docx", package(body, footnotes=notes))
    assert (document.text, issues["left_out"].message) == ("正文\n注一", "1 notes without a reference left out")


def renamed(data: bytes, name: Callable[[str], str]) -> bytes:
    """A package whose members are called otherwise."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for member in source.namelist():
            target.writestr(name(member), source.read(member))
    return stream.getvalue()


@pytest.mark.parametrize(
    "name", [lambda n: n.replace("/", "\\"), lambda n: f"/{n}", lambda n: f"./{n}", str.upper, str.swapcase]
)
@pytest.mark.parametrize(
    ("ending", "data"), [("docx", package(p("正文"), header=p("页眉"))), ("ofd", ofd(text("正文")))]
)
def test_packages_with_odd_names(tmp_path: Path, ending: str, data: bytes, name: Callable[[str], str]) -> None:
    expected, _ = read(tmp_path, f"a.{ending}", data)
    document, issues = read(tmp_path, f"b.{ending}", renamed(data, name))
    assert (document.format, document.outcome, document.text, issues) == (ending, "ok", expected.text, {})


@given(st.text(alphabet="aB/\\.", max_size=12))
def test_usual_names_are_names_already(name: str) -> None:
    assert formats.usual(name).lower() == formats.usual(name)
    assert "\\" not in formats.usual(name)


@pytest.mark.parametrize(
    "change",
    [
        {"word/_rels/document.xml.rels": None},
        {"word/_rels/document.xml.rels": "<Relationships"},
        {"[Content_Types].xml": None, "_rels/.rels": None},
    ],
)
def test_parts_without_relations_are_taken_by_name(tmp_path: Path, change: dict[str, str | None]) -> None:
    data = rewritten(package(p("正文"), header=p("页眉")), **change)
    document, issues = read(tmp_path, "a.docx", renamed(data, lambda name: name.replace("header.xml", "header1.xml")))
    assert (document.text, document.format, [*issues]) == ("页眉\n正文", "docx", ["package_damaged"])


def test_parts_that_nothing_refers_to_are_counted(tmp_path: Path) -> None:
    stream = BytesIO(package(p("正文"), header=p("页眉")))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("word/footer7.xml", f"<w:ftr {NAMESPACES}>{p('旧页脚')}</w:ftr>")
    document, issues = read(tmp_path, "a.docx", stream.getvalue())
    assert (document.text, issues["left_out"].severity) == ("页眉\n正文", "info")


@pytest.mark.parametrize("ending", ["docx", "ofd"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_reported(tmp_path: Path, ending: str) -> None:
    stream = BytesIO(package(p("甲")) if ending == "docx" else ofd(text("甲")))
    with zipfile.ZipFile(stream, "a") as archive:
        name = "word/document.xml" if ending == "docx" else "Doc_0/Pages/Page_0/Content.xml"
        archive.writestr(name, archive.read(name))
    document, issues = read(tmp_path, f"a.{ending}", stream.getvalue())
    assert (document.text, [*issues]) == ("甲", ["package_damaged"])


def test_text_of_ofd_that_no_page_shows_is_counted(tmp_path: Path) -> None:
    extra = {"Doc_0/Annots/Annot_0.xml": content(text("批注文字"))}
    document, issues = read(tmp_path, "a.ofd", ofd(text("正文"), **extra))
    assert (document.text, [*issues]) == ("正文", ["left_out"])


PROSE = "<p>全镇清理垃圾3456吨，新建公厕12座。</p><p>召开会议5次，发放资料2000份。</p>"
SHOWN = "全镇清理垃圾3456吨，新建公厕12座。\n召开会议5次，发放资料2000份。"


@pytest.mark.parametrize(
    "page",
    [
        *(f"<html><body><{tag}>{PROSE}</{tag}></body></html>" for tag in ("form", "nav", "aside", "footer", "noscript",
                                                                          "template", "object", "center", "x-report")),
        PROSE,
        " " * 9000 + f"<html>{PROSE}",
        f"<!-- {'x' * 9000} --><html>{PROSE}",
        f"<html><body></body></html>{PROSE}",
        f"<html><body></body></html><html><body>{PROSE}</body></html>",
        f"<html><body><form>{PROSE}</form><nav><a href=x>首页</a></nav></body></html>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16", "gb18030"])
def test_text_of_web_pages_wherever_it_stands(tmp_path: Path, page: str, encoding: str) -> None:
    document, issues = read(tmp_path, "a.html", page.encode(encoding))
    assert (document.format, document.text) == ("html", SHOWN)
    assert not {issue.code for issue in issues.values() if issue.severity != "info"}


def test_forms_in_a_page_of_text_are_left_out_with_a_word(tmp_path: Path) -> None:
    page = f"<html><body>{PROSE}<form><p>请登录，输入密码。</p></form></body></html>"
    document, issues = read(tmp_path, "a.html", page.encode())
    assert (document.text, [*issues]) == (SHOWN, ["left_out"])


@pytest.mark.parametrize(
    ("page", "expected", "issue"),
    [
        ("<pre>一行\n二行</pre>", "一行\n二行", None),
        ("<p>新建<del>12</del><ins>13</ins>座</p>", "新建13座", "tracked_changes"),
        ("<p>新建<s>12</s>座</p>", "新建12座", "struck_text"),
        ("<p><ruby>汉<rp>(</rp><rt>han</rt><rp>)</rp></ruby>字</p>", "汉字", None),
        ("<p>甲</p><p style='display: none'>乙</p>", "甲\n乙", "hidden_text"),
        ("<p>见下</p><iframe src=a.html></iframe>", "见下", "left_out"),
    ],
)
def test_what_web_pages_mark(tmp_path: Path, page: str, expected: str, issue: str | None) -> None:
    document, issues = read(tmp_path, "a.html", f"<html><body>{page}</body></html>".encode())
    assert (document.text, [*issues]) == (expected, [issue] if issue else [])


@pytest.mark.parametrize("opened", ["<!--", "<script>", "<style>", "<STYLE>", "<script>var a = '<!-- -->';"])
def test_what_swallows_the_rest_of_a_page_is_reported(tmp_path: Path, opened: str) -> None:
    document, issues = read(tmp_path, "a.html", f"<html><!-- 注 --><title>题</title>{PROSE}{opened}{PROSE}".encode())
    assert (document.outcome, document.text, [*issues]) == ("ok_partial", SHOWN, ["page_damaged"])


@pytest.mark.parametrize("tag", ["font", "b", "div", "table><tr><td", "ul><li", "form", "o:p"])
def test_tags_that_are_never_closed_lose_nothing(tmp_path: Path, tag: str) -> None:
    lines_ = [f"第{number}项清理垃圾{number}吨。" for number in range(400)]
    document, issues = read(tmp_path, "a.html", f"<html>{''.join(f'<{tag}>{line}<br>' for line in lines_)}".encode())
    assert document.text.split("\n") == lines_
    assert not {issue.code for issue in issues.values()} - {"page_damaged"}


def test_web_archives_of_unusual_build(tmp_path: Path) -> None:
    page = f"Content-Type: text/html; charset=utf-8\n\n<html>{PROSE}</html>\n".encode()
    head = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
    document, issues = read(tmp_path, "a.mht", head + b"--x\n" + page + b"--x\n" + page + b"--x--\n")
    assert (document.text, [*issues]) == (SHOWN, ["left_out"])
    for level in range(2000):
        before = b"Content-Type: multipart/related; boundary=b%d\n\n--b%d\n" % (level, level)
        page = before + page + b"\n--b%d--\n" % level
    assert read(tmp_path, "b.mht", b"MIME-Version: 1.0\n" + page)[0].outcome == "corrupt"


def test_text_is_no_web_page_for_a_few_brackets(tmp_path: Path) -> None:
    document, _ = read(tmp_path, "a.txt", "<br>是换行。增长<b的情形下有3处。".encode())
    assert document.format == "txt"


def test_letters_that_a_conversion_loses_are_told() -> None:
    for own, outcome in ((100, "ok"), (80, "ok_partial")):
        reading = Reading(1000)
        reading.add("字" * own + "|" * 50)
        office._compare("字" * 100 + "|" * 500, reading)
        assert (reading.outcome, len(reading.issues)) == (outcome, int(own < 100))
