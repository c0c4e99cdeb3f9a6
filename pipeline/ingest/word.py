"""Word documents (.docx and its kin, also Strict): package → blocks in reading order."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from lxml import etree

from pipeline.config import Ingest
from pipeline.ingest.numbering import Numbering, W
from pipeline.ingest.package import Package, open_word, open_zip, parse, transitional
from pipeline.ingest.reading import Reading, UnreadableError
from pipeline.ingest.tables import Cell, heads
from pipeline.ingest.wordparts import Parts, ReadDocument
from pipeline.ingest.wordstyles import Styles, paragraph_styles
from pipeline.ingest.wordxml import MC, M, Paragraph, Symbols, Table, TableCell, Walk
from pipeline.lexicon import rows

_DETAILS = {
    "title": "title",
    "creator": "author",
    "lastModifiedBy": "last_author",
    "created": "created",
    "modified": "modified",
}
_AGREED = 0.9  # share of the stored characters that should be found
_STORED = (W + "t", M + "t")
_SHAPES = {W + "tr": W + "trPr", W + "tc": W + "tcPr"}
_COVERS = tuple(W + name for name in ("del", "hidden", "cellDel", "vMerge"))
_ASIDE = frozenset((MC + "Fallback", *(W + name for name in ("del", "moveFrom", "rt"))))
_LOST = {"embedded documents", "embedded objects", "charts", "diagrams"}  # may hold claims


def read_word(data: bytes, settings: Ingest, read_inner: ReadDocument | None = None) -> Reading:
    """Read a Word package; one block a paragraph, table cell, text box paragraph and note.

    `read_inner` reads the documents that are put into it as they are; without it they are left out.
    Raises UnreadableError for what is damaged beyond repair, protected or too large.
    """
    reading = Reading(settings.max_characters)
    with open_zip(data, settings) as archive:
        package = open_word(archive, reading)
        _read(package, Parts(package, settings, reading, read_inner), reading)
    return reading


def _read(package: Package, parts: Parts, reading: Reading) -> None:
    _describe(package, reading)
    styles = Styles(_optional(package, "styles", reading, paragraph_styles))
    walk = Walk(
        styles,
        lambda: Numbering.load(_optional(package, "numbering", reading), styles.lists),
        symbols(),
        parts.story,
        reading,
    )
    body = package.xml(package.main).find(W + "body")
    if body is None:
        raise UnreadableError("corrupt", f"{package.main} has no body; open the file in Word and save it again")
    writer = Writer(reading, {kind: _notes(package, kind, walk, reading) for kind in ("footnote", "endnote")})
    margins = {kind: _margins(package, kind, walk, reading) for kind in ("header", "footer")}
    writer.write(margins["header"], "header")
    before = len(reading.text)
    writer.write(walk.story(body, package.main))
    _compare(body, reading.text[before:], reading)
    writer.write(margins["footer"], "footer")
    walk.left_out["notes without a reference"] += writer.notes_left()
    _report(walk, reading)
    _report_unrelated(package, reading)
    if not reading.blocks:
        reading.outcome = "no_text_layer"
        message = f"no text, {walk.pictures} pictures; recognise pages that are pictures (OCR is an extra)"
        reading.issue("no_text_layer", message, severity="error")


class Writer:
    """Turns paragraphs and tables into blocks of a Reading."""

    def __init__(self, reading: Reading, notes: dict[str, dict[str, list[Paragraph | Table]]]) -> None:
        self._reading = reading
        self._notes = notes
        self._tables = 0

    def write(self, items: list[Paragraph | Table], kind: str | None = None) -> None:
        """Append blocks in order; `kind` overrides what the paragraphs would be by themselves."""
        for item in items:
            if isinstance(item, Table):
                self._table(item)
            else:
                self._paragraph(item, kind)

    def notes_left(self) -> int:
        """How many notes with text nothing refers to."""
        left = (item for notes in self._notes.values() for story in notes.values() for item in story)
        return sum(1 for item in left if isinstance(item, Table) or item.text.strip())

    def _paragraph(self, paragraph: Paragraph, kind: str | None) -> None:
        if paragraph.text.strip():
            start = self._reading.add(
                paragraph.text,
                kind or ("heading" if paragraph.heading else "paragraph"),
                path=paragraph.path,
                style=paragraph.style,
                level=paragraph.level,
            )
            self._struck(paragraph, start)
        self._hanging(paragraph)

    def _hanging(self, paragraph: Paragraph) -> None:
        if paragraph.boxes:
            self.write(paragraph.boxes, "textbox")
        for kind, key in paragraph.notes:
            self.write(self._notes[kind].pop(key, []), "note")

    def _struck(self, paragraph: Paragraph, start: int) -> None:
        for left, right in paragraph.struck:
            self._reading.issue("struck_text", "text with a line through it is kept", start + left, start + right)

    def _table(self, table: Table) -> None:
        self._tables += 1
        number = self._tables
        found = heads([Cell(c.row, c.column, c.row_span, c.column_span, _words(c)) for c in table.cells])
        for cell in table.cells:
            row_head, column_head = found.get((cell.row, cell.column), (None, None))
            run: list[Paragraph] = []
            for item in [*cell.content, None]:
                if isinstance(item, Paragraph):
                    run.append(item)
                    continue
                self._cell(run, cell, number, row_head, column_head)
                run = []
                if item is not None:
                    self._table(item)

    def _cell(
        self, run: list[Paragraph], cell: TableCell, table: int, row_head: str | None, column_head: str | None
    ) -> None:
        """One block for the paragraphs of a cell, up to a nested table."""
        filled = [paragraph for paragraph in run if paragraph.text.strip()]
        if filled:
            start = self._reading.add(
                "\n".join(paragraph.text for paragraph in filled),
                "cell",
                path=filled[0].path,
                style=filled[0].style,
                table=table,
                row=cell.row,
                column=cell.column,
                row_head=row_head,
                column_head=column_head,
            )
            for paragraph in filled:
                self._struck(paragraph, start)
                start += len(paragraph.text) + 1
        for paragraph in run:
            self._hanging(paragraph)


@cache
def symbols() -> Symbols:
    """models/symbols.csv: characters of symbol fonts by (font, code in hexadecimal)."""
    return {(row["font"], row["code"]): row["character"] for row in rows("symbols")}


def _words(cell: TableCell) -> str:
    return "\n".join(item.text for item in cell.content if isinstance(item, Paragraph))


def _optional(
    package: Package, kind: str, reading: Reading, only: Callable[[bytes], bytes] = bytes
) -> etree._Element | None:
    """The part of a kind, if there is a sound one; `only` keeps of its bytes what is needed."""
    for name in package.of_kind(kind):
        try:
            return parse(transitional(only(package.part(name))), name)
        except UnreadableError as error:
            reading.issue("part_damaged", f"{error}; {kind} left out", severity="error")
    return None


def _notes(package: Package, kind: str, walk: Walk, reading: Reading) -> dict[str, list[Paragraph | Table]]:
    root = _optional(package, kind + "s", reading)
    name = next(iter(package.of_kind(kind + "s")), "")
    notes = () if root is None else root.iterchildren(W + kind)
    # separators are notes too, of a type of their own
    return {n.get(W + "id", ""): walk.story(n, name) for n in notes if n.get(W + "type", "normal") == "normal"}


def _margins(package: Package, kind: str, walk: Walk, reading: Reading) -> list[Paragraph | Table]:
    """Paragraphs of all headers or footers, each text once."""
    found: dict[str, Paragraph | Table] = {}
    for name in package.of_kind(kind):
        try:
            root = package.xml(name)
        except UnreadableError as error:
            reading.issue("part_damaged", f"{error}; a {kind} left out", severity="error")
            continue
        for item in walk.story(root, name):
            found.setdefault(item.text if isinstance(item, Paragraph) else name, item)
    return list(found.values())


def _describe(package: Package, reading: Reading) -> None:
    for name in package.of_kind("core-properties"):
        try:
            root = package.xml(name)
        except UnreadableError as error:
            reading.issue("part_damaged", f"{error}; title and author unknown", severity="info")
            continue
        for element in root:
            key = str(element.tag).rpartition("}")[2]
            if key in _DETAILS:
                reading.describe(_DETAILS[key], element.text)
    for name in package.of_kind("extended-properties"):
        try:
            application = re.search(rb"<(?:\w+:)?Application>([^<]{1,80})<", package.part(name))
        except UnreadableError as error:
            reading.issue("part_damaged", f"{error}; producer unknown", severity="info")
            continue
        if application:
            reading.describe("producer", application[1].decode("utf-8", "replace"))


def _compare(body: etree._Element, text: str, reading: Reading) -> None:
    """A second count: text that the walk passes over, because of where it stands, becomes an issue."""
    found = len("".join(text.split()))
    if found >= _AGREED * len("".join("".join(map(str, body.itertext(*_STORED, with_tail=False))).split())):
        return  # as nearly always; what is rightly left out is looked for only now
    kept = (element for element in body.iter(*_STORED) if not _is_left_out(element))
    stored = sum(len("".join((element.text or "").split())) for element in kept)
    if found < _AGREED * stored:
        reading.issue("readers_disagree", f"{found} characters here, {stored} by a second reader")
        reading.outcome = "ok_partial"


def _is_left_out(text: etree._Element) -> bool:
    """Whether text is deleted, hidden, covered, an older form of what is read, or a reading aid."""
    for up in text.iterancestors():
        shape = up.find(_SHAPES[up.tag]) if up.tag in _SHAPES else None
        if up.tag in _ASIDE or (shape is not None and next(shape.iterchildren(*_COVERS), None) is not None):
            return True
    return next(text.itersiblings(W + "rPr", preceding=True), text).find(W + "vanish") is not None


def _report_unrelated(package: Package, reading: Reading) -> None:
    """Count the parts with text that nothing refers to; Word does not show them either."""
    count = sum(b":t>" in package.part(name) for _, name in package.unrelated())
    if count:
        reading.issue("left_out", f"{count} parts without a relation to the document left out", severity="info")


def _report(walk: Walk, reading: Reading) -> None:
    """One issue for each kind of thing that was left out, with how many there were."""
    insertions = walk.left_out.pop("tracked insertions", 0)
    deletions = walk.left_out.pop("tracked deletions", 0)
    if insertions or deletions:
        reading.issue("tracked_changes", f"{insertions} tracked insertions taken, {deletions} deletions left out")
    for what, count in sorted(walk.left_out.items()):
        if count:
            severity = "warning" if what in _LOST else "info"
            reading.issue("left_out", f"{count} {what} left out", severity=severity)
    if any(what in _LOST for what, count in walk.left_out.items() if count) and reading.outcome == "ok":
        reading.outcome = "ok_partial"
