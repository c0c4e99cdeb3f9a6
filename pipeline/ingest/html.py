"""Web pages: the main text, block by block; navigation and other furniture around it is left out and counted."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from lxml import etree
from lxml import html as lxml_html

from pipeline.config import Ingest
from pipeline.ingest.layout import write
from pipeline.ingest.plain import decode
from pipeline.ingest.reading import Reading, UnreadableError
from pipeline.ingest.svg import drawn_pages
from pipeline.ingest.tables import Cell, heads

_WORDS = re.compile(r"\w+")
_DROPPED = frozenset(
    _WORDS.findall("script style noscript template head nav aside footer form button select svg iframe object canvas")
)
_BLOCKS = frozenset(
    _WORDS.findall(
        "address article blockquote body br caption center dd div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6"
        " header hr li main ol p pre section table tbody td tfoot th thead tr ul"
    )
)
_HEADING = re.compile(r"h([1-6])$")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_WRAP = re.compile(r"(?<=[\u2e80-\uffef])[ \t\r\f]*\n[ \t\r\n\f]*|[ \t\r\f]*\n[ \t\r\n\f]*(?=[\u2e80-\uffef])")
_SENTENCE = re.compile(r"[，。；：！？、]|[,.;!?]\s")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CHARSET = re.compile(r"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_MOST = 0.85  # of the sentences: the smallest part of the page that holds so much is the main text
_MOST_PLACES = 200_000  # rows times columns: with more it is no table for people
_LONG = 200  # characters: a table with such cells lays out a page


@dataclass(slots=True)
class Piece:
    """One block of text, or a table, and the element that it stands in."""

    element: etree._Element
    text: str = ""
    linked: int = 0  # how many of its characters are links
    level: int | None = None
    cells: list[Cell] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Characters that look like running text or figures, not like a menu."""
        return len(self.text) - self.linked if self.cells or _SENTENCE.search(self.text) else 0


def read_html(data: bytes, settings: Ingest) -> Reading:
    """Read the main text of a web page. Raises UnreadableError (not_this_format, limit_characters)."""
    reading = Reading(settings.max_characters)
    source, reading.encoding = decode(data)
    declared = _CHARSET.search(source[:4096])
    if declared and not _same_encoding(declared[1], reading.encoding):
        reading.issue("encoding_differs", f"declared {declared[1]}, read as {reading.encoding}", severity="info")
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_DECLARATION.sub("", source), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise UnreadableError("corrupt", f"no readable web page ({error}); save it again") from error
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        reading.issue("page_damaged", "the page is nested too deep or broken; what follows that place is lost")
        reading.outcome = "ok_partial"
    reading.describe("title", root.findtext(".//title"))
    pieces = [piece for piece in _pieces(root) if piece.text or piece.cells]
    pages = drawn_pages(root)
    if sum(page.characters for page in pages) > sum(len(piece.text) for piece in pieces):
        reading.pages = len(pages)
        write(pages, reading)
        return reading
    main = _main(root, pieces)
    within = [any(element is main for element in _upwards(piece.element)) for piece in pieces]
    first = within.index(True) if True in within else len(pieces)
    # the heading of the page often stands outside the part that holds its text
    kept = [piece for piece in pieces[:first] if piece.level == 1][-1:]
    kept += [piece for piece, inside in zip(pieces, within, strict=True) if inside]
    _write(kept, reading)
    left = sum(len(piece.text) for piece in pieces) - sum(len(piece.text) for piece in kept)
    if left:
        message = f"{len(pieces) - len(kept)} blocks around the main text left out, {left} characters"
        reading.issue("left_out", message, severity="info")
    return reading


def read_mhtml(data: bytes, settings: Ingest) -> Reading:
    """Read the page of a web archive, as browsers and Word save it. Raises as read_html does."""
    for part in email.message_from_bytes(data).walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(content, bytes):
            return read_html(content, settings)
    raise UnreadableError("corrupt", "the web archive holds no page; open it in a browser and save it as .html")


def _same_encoding(declared: str, found: str) -> bool:
    plain = declared.lower().replace("-", "").replace("_", "")
    family = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "utf16": "utf16le", "ascii": "utf8"}
    return family.get(plain, plain) == found.lower().replace("-", "")


def _upwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _main(root: etree._Element, pieces: list[Piece]) -> etree._Element:
    """The smallest element that holds most of the running text; all of a page without links, which has no menus."""
    if not any(piece.linked for piece in pieces):
        return root
    weights: dict[etree._Element, int] = {}
    for piece in pieces:
        for element in _upwards(piece.element):
            weights[element] = weights.get(element, 0) + piece.weight
    total = weights.get(root, 0)
    main = root
    while total:
        inner = [child for child in main if weights.get(child, 0) >= _MOST * total]
        if not inner or (main.tag not in _BLOCKS and main is not root):
            break
        main = inner[0]
    return main


def _pieces(root: etree._Element) -> Iterator[Piece]:
    """Blocks in document order."""
    yield from _walk(root, _Line(root))


@dataclass(slots=True)
class _Line:
    """Inline text as it gathers until a block begins or ends."""

    element: etree._Element
    parts: list[str] = field(default_factory=list)
    linked: int = 0

    def add(self, text: str | None, in_link: bool) -> None:
        if text:
            self.parts.append(text)
            self.linked += len("".join(text.split())) if in_link else 0

    def flush(self, element: etree._Element) -> Iterator[Piece]:
        text = tidy("".join(self.parts)).strip(" ")
        if text:
            heading = next((_HEADING.match(str(up.tag)) for up in takewhile(_is_inner, _upwards(self.element))), None)
            yield Piece(self.element, text, self.linked, int(heading[1]) if heading else None)
        self.parts, self.linked, self.element = [], 0, element


def _is_inner(element: etree._Element) -> bool:
    return element.tag not in ("body", "div", "td")


def tidy(text: str) -> str:
    """White space as a browser shows it, but none where the source only wraps a line next to a Chinese character."""
    return _BLANKS.sub(" ", _WRAP.sub("", text))


def _walk(element: etree._Element, line: _Line, in_link: bool = False) -> Iterator[Piece]:
    tag = element.tag
    if not isinstance(tag, str) or tag in _DROPPED:
        return
    table = _data_table(element) if tag == "table" else None
    if table is not None:
        yield from line.flush(element)
        yield Piece(element, "".join(cell.text for cell in table), cells=table)
        return
    if tag in _BLOCKS:
        yield from line.flush(element)
    line.add(element.text, in_link or tag == "a")
    for child in element:
        yield from _walk(child, line, in_link or tag == "a")
        line.add(child.tail, in_link or tag == "a")
    if tag in _BLOCKS:
        parent = element.getparent()
        yield from line.flush(element if parent is None else parent)


def _data_table(table: etree._Element) -> list[Cell] | None:
    """The cells of a table of data; None for one that lays out a page."""
    if table.find(".//table") is not None:
        return None
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for row, line in enumerate(table.iter("tr"), start=1):
        column = 1
        for element in line:
            if element.tag not in ("td", "th"):
                continue
            while (row, column) in taken:
                column += 1
            across, down = _span(element, "colspan"), _span(element, "rowspan")
            if len(taken) > _MOST_PLACES:
                return None
            taken.update((row + r, column + c) for r in range(down) for c in range(across))
            text = "\n".join(filter(None, (piece.text for piece in _walk_cell(element))))
            cells.append(Cell(row, column, down, across, text))
            column += across
    wide = max((cell.column + cell.column_span - 1 for cell in cells), default=0) > 1
    return cells if wide and cells[-1].row > 1 and all(len(cell.text) < _LONG for cell in cells) else None


def _walk_cell(element: etree._Element) -> Iterator[Piece]:
    line = _Line(element)
    yield from _walk(element, line)
    yield from line.flush(element)


def _span(element: etree._Element, name: str) -> int:
    text = element.get(name, "1").strip()
    return min(max(int(text), 1), 100) if text.isdigit() and len(text) < 6 else 1


def _write(pieces: list[Piece], reading: Reading) -> None:
    tables = 0
    for piece in pieces:
        if not piece.cells:
            kind = "paragraph" if piece.level is None else "heading"
            reading.add(piece.text, kind, level=piece.level)
            continue
        tables += 1
        found = heads(piece.cells)
        for cell in piece.cells:
            if cell.text:
                row_head, column_head = found.get((cell.row, cell.column), (None, None))
                reading.add(
                    cell.text,
                    "cell",
                    table=tables,
                    row=cell.row,
                    column=cell.column,
                    row_head=row_head,
                    column_head=column_head,
                )
