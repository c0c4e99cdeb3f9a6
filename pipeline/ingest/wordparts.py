"""What a Word document shows from other parts of its package: charts, diagrams, and whole documents put into it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation

from lxml import etree

from pipeline.config import Ingest
from pipeline.ingest.package import Package
from pipeline.ingest.reading import Reading, UnreadableError
from pipeline.ingest.wordxml import Paragraph, Table, TableCell

Story = list[Paragraph | Table]
ReadDocument = Callable[[bytes, Ingest], Reading]
_A_P, _A_T = (f"{{http://schemas.openxmlformats.org/drawingml/2006/main}}{name}" for name in "pt")
_AS_SHOWN = Context(prec=15)  # digits: more than any program shows are left over from binary fractions
_MOST_ROWS = 1000  # of a chart


class Parts:
    """Reads related parts by the ids that the main document calls them; None where one cannot be read."""

    def __init__(self, package: Package, settings: Ingest, reading: Reading, read: ReadDocument | None) -> None:
        """`read` reads a document that is put into this one; without it such documents are left out."""
        self._package, self._settings, self._reading, self._read = package, settings, reading, read

    def story(self, kind: str, key: str | None, part: str) -> Story | None:
        """Paragraphs and tables of a "chart", "diagram" or "document" that the part `part` names by an id."""
        name = self._package.targets.get(key or "")
        if name not in self._package.archive.NameToInfo or part != self._package.main or name is None:
            return None
        try:
            if kind == "document":
                return self._document(name)
            root = self._package.xml(name)
        except UnreadableError as error:
            self._reading.issue("part_damaged", f"{error}; a {kind} left out", severity="error")
            return None
        return _chart(root, name) if kind == "chart" else _paragraphs(root, name)

    def _document(self, name: str) -> Story | None:
        if self._read is None:
            return None
        inner = self._read(self._package.part(name), self._settings)
        if inner.outcome == "ok_partial":
            self._reading.outcome = "ok_partial"
        for issue in inner.issues:
            self._reading.issue(issue.code, f"{name}: {issue.message}", severity=issue.severity)
        text = inner.text
        story: Story = []
        tables: dict[int, Table] = {}
        for count, block in enumerate(inner.blocks, start=1):
            paragraph = Paragraph(text[block.start : block.end], f"{name}#p{count}", block.style, block.level)
            paragraph.heading = block.kind == "heading"
            if block.table is None or block.row is None or block.column is None:
                story.append(paragraph)
                continue
            if block.table not in tables:
                story.append(tables.setdefault(block.table, Table([])))
            tables[block.table].cells.append(TableCell(block.row, block.column, 1, 1, [paragraph]))
        return story


def _paragraphs(root: etree._Element, name: str) -> Story:
    """All paragraphs of drawn text, in the order of the part."""
    texts = ("".join(run.text or "" for run in paragraph.iter(_A_T)) for paragraph in root.iter(_A_P))
    return [Paragraph(text, f"{name}#p{count}") for count, text in enumerate(texts, start=1) if text.strip()]


def _chart(root: etree._Element, name: str) -> Story:
    """Titles, and the figures as the table that they were drawn from: a row a category, a column a series."""
    story = _paragraphs(root, name)
    series = [*root.iterfind(".//{*}ser")]
    columns = [_points(one, ("val", "yVal", "bubbleSize")) for one in series]
    heads = [_points(one, ("tx",)).get(0, "") for one in series]
    rows = next((names for one in series if (names := _points(one, ("cat", "xVal")))), {})
    count = min(max((max(column, default=-1) for column in columns), default=-1) + 1, _MOST_ROWS)
    cells = [(1, place + 2, head) for place, head in enumerate(heads)]
    for row in range(count):
        cells.append((row + 2, 1, rows.get(row, "")))
        cells += [(row + 2, place + 2, column.get(row, "")) for place, column in enumerate(columns)]
    path = f"{name}#table"
    table = Table([TableCell(row, column, 1, 1, [Paragraph(text, path)]) for row, column, text in cells])
    return [*story, table] if count else story


def _points(series: etree._Element, names: tuple[str, ...]) -> dict[int, str]:
    """Values of a series by their place, as they are shown; of what a chart is drawn from only the stored copy."""
    found: dict[int, str] = {}
    for name in names:
        for point in series.iterfind(f"{{*}}{name}//{{*}}pt"):
            index, text = point.get("idx", ""), point.findtext("{*}v") or ""
            cache = point.getparent()
            form = "" if cache is None else cache.findtext("{*}formatCode") or ""
            if index.isdecimal() and len(index) < 6 and int(index) not in found:
                found[int(index)] = _shown(text, point.get("formatCode") or form)
        plain = series.findtext(f"{{*}}{name}/{{*}}v")
        if plain and not found:
            found[0] = plain
    return found


def _shown(text: str, form: str) -> str:
    """A stored number as a person reads it; per cent where its format says so."""
    try:
        value = _AS_SHOWN.create_decimal(text.strip())
    except InvalidOperation:
        return text
    if not value.is_finite() or abs(value.adjusted()) > 15:
        return text
    percent = "%" in form
    value = value.scaleb(2) if percent else value
    return f"{value.normalize() if value else Decimal(0):f}" + ("%" if percent else "")
