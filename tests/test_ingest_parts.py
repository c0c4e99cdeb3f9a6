"""What a Word document shows from other parts: charts as the tables behind them, diagrams, documents put into it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from test_ingest_word import cell_at, lines, p, package, read

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
C = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
D = 'xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
CHART_RUN = f'<w:r><w:drawing><c:chart {C} {R} r:id="x"/></w:drawing></w:r>'
DIAGRAM_RUN = f'<w:r><w:drawing><d:relIds {D} {R} r:dm="x"/></w:drawing></w:r>'
CHUNK = f'<w:altChunk {R} r:id="x"/>'


def with_part(body: str, kind: str, name: str, content: bytes | str) -> bytes:
    """A Word package with one more part, which the main document calls x."""
    source = zipfile.ZipFile(BytesIO(package(body, styles="")))
    stream = BytesIO()
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    relation = f'<Relationship Id="x" Type="{base}{kind}" Target="{name}"/></Relationships>'
    with zipfile.ZipFile(stream, "w") as archive:
        for member in source.namelist():
            data = source.read(member)
            if member == "word/_rels/document.xml.rels":
                data = data.replace(b"</Relationships>", relation.encode())
            archive.writestr(member, data)
        archive.writestr(f"word/{name}", content)
    return stream.getvalue()


def points(values: list[str], form: str = "General") -> str:
    listed = "".join(f'<c:pt idx="{i}"><c:v>{value}</c:v></c:pt>' for i, value in enumerate(values))
    return f"<c:numRef><c:numCache><c:formatCode>{form}</c:formatCode>{listed}</c:numCache></c:numRef>"


def chart(*series: tuple[str, list[str], str]) -> str:
    drawn = "".join(
        f"<c:ser><c:tx>{points([name])}</c:tx><c:cat>{points(['2021年', '2022年'])}</c:cat>"
        f"<c:val>{points(values, form)}</c:val></c:ser>"
        for name, values, form in series
    )
    words = "<a:p><a:r><a:t>改厕</a:t></a:r><a:r><a:t>情况</a:t></a:r></a:p>"
    title = f"<c:title><c:tx><c:rich>{words}</c:rich></c:tx></c:title>"
    return f"<c:chartSpace {A} {C}><c:chart>{title}<c:plotArea>{drawn}</c:plotArea></c:chart></c:chartSpace>"


def test_a_chart_is_the_table_that_it_was_drawn_from(tmp_path: Path) -> None:
    made = chart(("户厕（户）", ["120", "35.300000000000004"], "General"), ("普及率", ["0.785", "0.9"], "0.0%"))
    document, issues = read(tmp_path, with_part(p("见图", CHART_RUN), "chart", "charts/chart1.xml", made))
    assert (document.outcome, issues) == ("ok", ())
    assert lines(document) == [
        "见图", "改厕情况", "户厕（户）", "普及率", "2021年", "120", "78.5%", "2022年", "35.3", "90%",
    ]  # fmt: skip
    cell = cell_at(document, 3, 3)
    assert (cell.row_head, cell.column_head, cell.path) == ("2022年", "普及率", "word/charts/chart1.xml#table")


def test_a_diagram_says_what_its_boxes_say(tmp_path: Path) -> None:
    made = f"<d:dataModel {A} {D}><d:pt><a:p><a:r><a:t>书记</a:t></a:r></a:p></d:pt><d:pt><a:p/></d:pt>"
    made += "<d:pt><a:p><a:r><a:t>镇长</a:t></a:r></a:p></d:pt></d:dataModel>"
    document, issues = read(tmp_path, with_part(p("架构", DIAGRAM_RUN), "diagramData", "d.xml", made))
    assert (lines(document), lines(document, "textbox"), issues) == (["架构", "书记", "镇长"], ["书记", "镇长"], ())


HTML = (
    "<html><body><h1>附件</h1><p>清理垃圾3456吨。</p><table><tr><td>村</td><td>户厕</td></tr>"
    "<tr><td>石门</td><td>41</td></tr></table></body></html>"
)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.html", HTML, ["附件", "清理垃圾3456吨。", "村", "户厕", "石门", "41"]),
        ("a.txt", "清理垃圾3456吨。\n新建公厕2座。", ["清理垃圾3456吨。", "新建公厕2座。"]),
        ("a.docx", package(p("里面")), ["里面"]),
    ],
)
def test_documents_inside_are_read_by_their_content(
    tmp_path: Path, name: str, content: bytes | str, expected: list[str]
) -> None:
    document, issues = read(tmp_path, with_part(p("一") + CHUNK + p("二"), "aFChunk", name, content))
    assert lines(document) == ["一", *expected, "二"]
    assert (document.outcome, issues) == ("ok", ())


@pytest.mark.parametrize(
    ("body", "kind", "content", "left"),
    [
        (CHUNK, "aFChunk", b"\x89PNG\r\n", "documents"),
        (CHUNK, "aFChunk", with_part(p("里") + CHUNK, "aFChunk", "b.docx", package(p("x"))), "documents"),
        (p(CHART_RUN), "chart", "<damaged", "charts"),
        (p(DIAGRAM_RUN), "other", "", "diagrams"),
        (p(CHART_RUN.replace('r:id="x"', 'r:id="y"')), "chart", chart(), "charts"),
    ],
    ids=["a picture", "two deep", "damaged", "empty", "of another id"],
)
def test_what_cannot_be_read_is_left_out_loudly(
    tmp_path: Path, body: str, kind: str, content: bytes | str, left: str
) -> None:
    document, issues = read(tmp_path, with_part(p("一") + body, kind, "part.xml", content))
    assert document.outcome == "ok_partial"
    assert any(issue.code == "left_out" and left in issue.message for issue in issues)
