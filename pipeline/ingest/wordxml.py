"""WordprocessingML in document order: paragraphs and tables as plain records, before they become text.

Insertions are taken and deletions left out; fields give their result; of alternative contents the first is read;
content controls, smart tags and links are walked through. What is left out is counted in `Walk.left_out`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from pipeline.ingest.numbering import Numbering, W, number, value
from pipeline.ingest.reading import Reading
from pipeline.ingest.wordstyles import Styles, outline

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V = "{urn:schemas-microsoft-com:vml}"
_SIGNS = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "softHyphen": "",
}
_SKIPPED = frozenset(
    W + name for name in ("pPr", "rPr", "sdtPr", "sdtEndPr", "instrText", "delInstrText", "rt", "rubyPr", "fldData")
) | {M + "rPr", M + "ctrlPr"}
_LEFT_OUT = {W + "del": "tracked deletions", W + "moveFrom": "tracked deletions"}
_OFF = ("0", "false", "off", "none")
_P, _R, _T, _TBL, _PPR, _RPR = (W + name for name in ("p", "r", "t", "tbl", "pPr", "rPr"))
_TR, _TC, _TCPR, _VMERGE = (W + name for name in ("tr", "tc", "tcPr", "vMerge"))
_STYLE, _OUTLINE, _LIST = (W + name for name in ("pStyle", "outlineLvl", "numPr"))
_OTHER_DOCUMENTS = (W + "altChunk", W + "subDoc")
_FIELD = W + "fldChar"
_BOX, _DRAWN, _ART = W + "txbxContent", A + "p", V + "textpath"
_LOOSE = (_R, _T, M + "oMath", M + "oMathPara")  # may stand in no paragraph
_WORDS = (_T, M + "t", A + "t", _ART)
_PROPERTIES = (_STYLE, _OUTLINE, _LIST, _RPR)  # those of a paragraph that are read
_VANISH = W + "vanish"
_EFFECTS = (_VANISH, W + "strike", W + "dstrike")
_ALTERNATIVES = MC + "AlternateContent"
_NO_BLOCKS = (M, W + "sect", W + "tcPr")  # names that begin so hold no paragraphs
_NO_WRAPPERS = frozenset((_P, _TBL, _TR, _TC, *_LEFT_OUT))  # of rows and cells
_MOST_COLUMNS = 1000  # Word itself allows 63
_PICTURES = ("}blip", "}imagedata")


Symbols = dict[tuple[str, str], str]
"""Characters for w:sym by (font, code in hexadecimal)."""


@dataclass(slots=True)
class Paragraph:
    """One paragraph: its text, and what hangs on it."""

    text: str = ""
    path: str = ""
    style: str | None = None
    level: int | None = None
    heading: bool = False
    struck: list[tuple[int, int]] = field(default_factory=list)  # spans of `text` with a line through
    notes: list[tuple[str, str]] = field(default_factory=list)  # (footnote or endnote, id)
    boxes: list[Paragraph | Table] = field(default_factory=list)  # what its text boxes hold


@dataclass(slots=True)
class TableCell:
    """One cell and its place; rows and columns count from 1."""

    row: int
    column: int
    row_span: int
    column_span: int
    content: list[Paragraph | Table]


@dataclass(slots=True)
class Table:
    """The cells of one table, row by row; cells merged into another are not listed."""

    cells: list[TableCell]


Linked = Callable[[str, str | None, str], list[Paragraph | Table] | None]
"""(what it is, its id, the part that names it) → what another part of the package shows, None where it is left out."""


class Walk:
    """Goes through the stories of one document, in order, since automatic numbers count on from one to the next."""

    def __init__(
        self, styles: Styles, numbering: Callable[[], Numbering], symbols: Symbols, linked: Linked, reading: Reading
    ) -> None:
        """`numbering` is called at the first paragraph that stands in a list, `linked` where other parts are shown."""
        self.left_out: Counter[str] = Counter()
        self.pictures = 0
        self._styles, self._load_numbering = styles, numbering
        self._numbering: Numbering | None = None
        self._symbols, self._linked, self._reading = symbols, linked, reading
        self._open_fields: list[bool] = []  # per nested field: whether its result has begun
        self._joined: Paragraph | None = None  # a paragraph whose mark was deleted: the next one goes on in it
        self._count = 0

    def story(self, parent: etree._Element, part: str) -> list[Paragraph | Table]:
        """All paragraphs and tables below an element, in order. `part` names the package part in their paths."""
        self._count = 0
        self._joined = None
        self._open_fields = []
        endless = _without_end(parent)
        for mark in endless:
            mark.set(W + "fldCharType", "none")
        if endless:
            message = f"{part}: {len(endless)} fields without an end; what follows them is taken for text"
            self._reading.issue("part_damaged", message)
        return list(self._blocks(parent, part))

    def _blocks(self, parent: etree._Element, part: str) -> Iterator[Paragraph | Table]:
        for element in parent:
            tag = element.tag
            if tag == _P:
                paragraph = self._paragraph(element, part)
                if paragraph is not None:
                    yield paragraph
            elif tag == _TBL:
                table = self._table(element, part)
                if table.cells:
                    yield table
            elif tag in _LEFT_OUT:
                self.left_out[_LEFT_OUT[tag]] += 1
            elif tag in _OTHER_DOCUMENTS:
                yield from self._other("document", element.get(R + "id"), part, "embedded documents")
            elif tag in _LOOSE:
                yield self._loose(element, part)
            elif tag == _ALTERNATIVES:
                chosen = _alternative(element)
                if chosen is not None:
                    yield from self._blocks(chosen, part)
            elif isinstance(tag, str) and tag not in _SKIPPED and not tag.startswith(_NO_BLOCKS):
                yield from self._blocks(element, part)  # sdt, sdtContent, customXml, smartTag, ins, moveTo

    def _paragraph(self, element: etree._Element, part: str) -> Paragraph | None:
        """Read one paragraph; None when it only went on in one before it, whose mark was deleted."""
        self._count += 1
        paragraph = self._joined or Paragraph(path=f"{part}#p{self._count}")
        continued = self._joined is not None
        shape = next(element.iterchildren(_PPR), None)
        properties = {} if shape is None else {child.tag: child for child in shape.iterchildren(*_PROPERTIES)}
        if not continued:
            self._describe(paragraph, properties)
        pieces = [paragraph.text]
        self._inline(element, pieces, paragraph, part)
        paragraph.text = "".join(pieces)
        mark = properties.get(_RPR)
        self._joined = None if mark is None or mark.find(W + "del") is None else paragraph
        return None if continued else paragraph

    def _loose(self, element: etree._Element, part: str) -> Paragraph:
        """What should stand in a paragraph and does not, as one."""
        paragraph = Paragraph(path=f"{part}#p{self._count}")
        pieces: list[str] = []
        self._inline((element,), pieces, paragraph, part)
        paragraph.text = "".join(pieces)
        return paragraph

    def _describe(self, paragraph: Paragraph, properties: dict[str, etree._Element]) -> None:
        key = value(properties.get(_STYLE)) or self._styles.default
        style = self._styles.get(key)
        paragraph.style = style.name or None
        level = value(properties.get(_OUTLINE))
        paragraph.level = style.level if level is None else outline(level)
        paragraph.heading = paragraph.level is not None
        listed = properties.get(_LIST)
        list_id = value(listed, "numId") or style.list_id
        if list_id is None or list_id == "0":
            return
        if self._numbering is None:
            self._numbering = self._load_numbering()
        index = number(value(listed, "ilvl"), style.list_level if style.list_level is not None else -1)
        if index < 0:
            index = self._numbering.level_of_style(list_id, key)
        paragraph.text = self._numbering.label(list_id, index, self._reading)
        if paragraph.text and not paragraph.heading:
            paragraph.level = index + 1

    def _inline(self, parent: Iterable[etree._Element], pieces: list[str], paragraph: Paragraph, part: str) -> None:
        for element in parent:
            tag = element.tag
            if tag == _R:
                self._run(element, pieces, paragraph, part)
            elif tag in _SKIPPED:
                continue
            elif tag in _LEFT_OUT:
                self.left_out[_LEFT_OUT[tag]] += 1
            elif tag == M + "t":
                pieces.append(element.text or "")
            elif tag == _T:
                self._run_content(element, pieces, paragraph, part)
            elif tag in _OTHER_DOCUMENTS:
                paragraph.boxes += self._other("document", element.get(R + "id"), part, "embedded documents")
            elif tag == _ALTERNATIVES:
                chosen = _alternative(element)
                if chosen is not None:
                    self._inline(chosen, pieces, paragraph, part)
            elif isinstance(tag, str):
                if tag == W + "ins" or tag == W + "moveTo":
                    self.left_out["tracked insertions"] += 1
                self._inline(element, pieces, paragraph, part)

    def _run(self, run: etree._Element, pieces: list[str], paragraph: Paragraph, part: str) -> None:
        properties = next(run.iterchildren(_RPR), None)
        effects = () if properties is None else properties.iterchildren(*_EFFECTS)
        shown = {child.tag for child in effects if value(child) not in _OFF}
        if _VANISH in shown:
            self.left_out["hidden runs"] += any(child.tag == _T for child in run)
            return
        struck = bool(shown)
        start = sum(map(len, pieces)) if struck else 0
        for element in run:
            tag = element.tag
            if tag == _T and not self._open_fields:  # nearly always, so not left to _run_content
                pieces.append(element.text or "")
            elif tag != _RPR:
                self._run_content(element, pieces, paragraph, part)
        end = sum(map(len, pieces)) if struck else 0
        if end > start:
            paragraph.struck.append((start, end))

    def _run_content(self, element: etree._Element, pieces: list[str], paragraph: Paragraph, part: str) -> None:
        tag = element.tag
        if tag == _T:
            if all(self._open_fields):
                pieces.append(element.text or "")
        elif tag in _SIGNS:
            if all(self._open_fields):
                pieces.append(_SIGNS[tag])
        elif tag == _FIELD:
            pieces.append(_chosen(element))
            self._field(element.get(W + "fldCharType"))
        elif tag == W + "instrText":
            self.left_out["formulas"] += (element.text or "").lstrip()[:3].upper() == "EQ "
        elif tag == W + "sym":
            key = (element.get(W + "font", ""), element.get(W + "char", "").upper())
            self.left_out["symbols without a character"] += key not in self._symbols
            pieces.append(self._symbols.get(key, "\ufffd"))
        elif tag in (W + "footnoteReference", W + "endnoteReference"):
            paragraph.notes.append((tag.removeprefix(W).removesuffix("Reference"), element.get(W + "id", "")))
        elif tag == W + "commentReference":
            self.left_out["comments"] += 1
        elif tag in (W + "drawing", W + "pict", W + "object"):
            self._drawing(element, paragraph, part)
        elif tag == _ALTERNATIVES:
            chosen = _alternative(element)
            for child in () if chosen is None else chosen:
                self._run_content(child, pieces, paragraph, part)
        elif tag == W + "ruby":
            base = element.find(W + "rubyBase")
            if base is not None:
                self._inline(base, pieces, paragraph, part)
        elif isinstance(tag, str) and tag not in _SKIPPED:
            self._inline((element,), pieces, paragraph, part)

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._open_fields.append(False)
        elif kind == "separate" and self._open_fields:
            self._open_fields[-1] = True
        elif kind == "end" and self._open_fields:
            self._open_fields.pop()

    def _drawing(self, drawing: etree._Element, paragraph: Paragraph, part: str) -> None:
        """Text boxes go to the paragraph that anchors them; a box nested in a box goes to the paragraph in that box."""
        fields, joined = self._open_fields, self._joined
        for element in _outermost(drawing, (_BOX, _DRAWN, _ART)):
            self._open_fields, self._joined = [], None
            if element.tag == _BOX:
                paragraph.boxes.extend(self._blocks(element, part))
            else:
                words = element.get("string") or "".join(text.text or "" for text in element.iter(A + "t"))
                paragraph.boxes.append(Paragraph(words, paragraph.path))
        self._open_fields, self._joined = fields, joined
        for element in drawing.iter():
            if isinstance(element.tag, str) and element.tag.endswith(_PICTURES):
                self.pictures += 1
            elif isinstance(element.tag, str) and element.tag.endswith("}OLEObject"):
                self.left_out["embedded objects"] += not element.get("ProgID", "").startswith("Equation")
            elif isinstance(element.tag, str) and element.tag.endswith("}relIds"):
                paragraph.boxes += self._other("diagram", element.get(R + "dm"), part, "diagrams")
            elif isinstance(element.tag, str) and element.tag.endswith(("/chart}chart", "/chartex}chart")):
                paragraph.boxes += self._other("chart", element.get(R + "id"), part, "charts")

    def _other(self, kind: str, key: str | None, part: str, what: str) -> list[Paragraph | Table]:
        """What another part of the package holds; counted as left out where that cannot be read."""
        story = self._linked(kind, key, part)
        self.left_out[what] += story is None
        return story or []

    def _table(self, element: etree._Element, part: str) -> Table:
        table = Table([])
        origins: dict[int, TableCell] = {}  # by column: the cell that a vertical merge goes on
        row = 0
        for line in _through(element, _TR):
            properties = line.find(W + "trPr")
            if properties is not None and properties.find(W + "del") is not None:
                self.left_out["tracked deletions"] += 1
                continue
            hidden = None if properties is None else properties.find(W + "hidden")
            if hidden is not None and value(hidden) not in _OFF:
                self.left_out["hidden runs"] += any(text.strip() for text in line.itertext(_T))
                continue
            row += 1
            column = 1 + min(max(0, number(value(properties, "gridBefore"))), _MOST_COLUMNS)
            for cell in _through(line, _TC):
                shape = next(cell.iterchildren(_TCPR), None)
                span = min(max(1, number(value(shape, "gridSpan"), 1)), _MOST_COLUMNS)
                merge = None if shape is None else next(shape.iterchildren(_VMERGE), None)
                origin = origins.get(column)
                if shape is not None and shape.find(W + "cellDel") is not None:
                    self.left_out["tracked deletions"] += 1
                elif merge is not None and value(merge) != "restart" and origin is not None:
                    origin.row_span = row - origin.row + 1
                    if any(text.strip() for text in cell.itertext(W + "t")):
                        self.left_out["texts hidden by merged cells"] += 1
                else:
                    origins.pop(column, None)
                    self._joined = None
                    found = TableCell(row, column, 1, span, list(self._blocks(cell, part)))
                    table.cells.append(found)
                    if merge is not None:
                        origins[column] = found
                column += span
        self._joined = None
        return table


def _alternative(element: etree._Element) -> etree._Element | None:
    """Of alternative contents the first, which is the newest form, that says anything; else the first of all."""
    forms = [*element.iterchildren(MC + "Choice", MC + "Fallback")]
    return next((form for form in forms if next(form.iter(*_WORDS), None) is not None), forms[0] if forms else None)


def _without_end(parent: etree._Element) -> list[etree._Element]:
    """The beginnings of fields that never end; all that follows one would be taken for its code."""
    begun: list[etree._Element] = []
    for mark in parent.iter(_FIELD):
        kind = mark.get(W + "fldCharType")
        if kind not in ("begin", "end") or any(up.tag in _LEFT_OUT for up in mark.iterancestors()):
            continue
        if kind == "begin":
            begun.append(mark)
        elif begun:
            begun.pop()
    return begun


def _chosen(field: etree._Element) -> str:
    """The entry that a field for choosing shows; it is stored nowhere else."""
    choice = field.find(f"{W}ffData/{W}ddList")
    entries = [] if choice is None else [entry.get(W + "val", "") for entry in choice.iterchildren(W + "listEntry")]
    place = number(value(choice, "result") or value(choice, "default"), 0)
    return entries[place] if 0 <= place < len(entries) else ""


def _outermost(parent: etree._Element, tags: Sequence[str]) -> Iterator[etree._Element]:
    """Descendants of these names that stand in no other of them, of alternatives only the chosen one."""
    for element in parent:
        if element.tag in tags:
            yield element
        elif element.tag == _ALTERNATIVES:
            chosen = _alternative(element)
            if chosen is not None:
                yield from _outermost(chosen, tags)
        else:
            yield from _outermost(element, tags)


def _through(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also inside content controls and the like; not those of nested tables."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag not in _NO_WRAPPERS:
            yield from _through(element, tag)
