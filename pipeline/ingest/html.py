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
_NO_TEXT = frozenset(_WORDS.findall("script style head svg del rt rp"))
_AROUND = frozenset(_WORDS.findall("noscript template nav aside footer form button select iframe object canvas"))
_VERBATIM = ("pre", "listing", "xmp", "plaintext", "textarea")
_LINE_END = "\u2028"  # stands for a line break that counts
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_BLOCKS = frozenset(
    _WORDS.findall(
        "address article blockquote body br caption center dd div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6"
        " footer form header hr li main nav ol p pre section table tbody td tfoot th thead tr ul"
    )
)
_HEADING = re.compile(r"h([1-6])$")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_WRAP = re.compile(r"(?<=[\u2e80-\uffef])[ \t\r\f]*\n[ \t\r\n\f]*|[ \t\r\f]*\n[ \t\r\n\f]*(?=[\u2e80-\uffef])")
_SENTENCE = re.compile(r"[，。；：！？、]|[,.;!?]\s")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_END = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)  # what follows is shown all the same, but not parsed
# of pages that are nested too deep, as where no tag is closed: elements that only dress text, or only part it
_FORMATTING = re.compile(r"</?(?:font|span|b|i|u|em|strong|big|small|a|\w+:\w+)\b[^<>]*>", re.IGNORECASE)
_NESTING = re.compile(
    r"</?(?:div|center|blockquote|table|tbody|thead|t[rdh]|[uo]l|li|d[ltd]|section|article|form|p)\b[^<>]*>",
    re.IGNORECASE,
)
_SWALLOWING = re.compile(r"<(!--|(?:script|style|title)\b)|(-->|(?<=</)(?:script|style|title)\b)", re.IGNORECASE)
_CLOSING = {"!--": "-->"}
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
    root, whole = _parse(source)
    if not whole:
        root, whole = _parse(_NESTING.sub("<br>", _FORMATTING.sub("", source)))
        result = "its tables and lists are read as lines" if whole else "what follows that place is lost"
        reading.issue("page_damaged", f"the page is nested too deep or broken; {result}")
        reading.outcome = "ok_partial"
    open_ended = _open_ended(source)
    if open_ended:
        reading.issue("page_damaged", f"the page does not close a “{open_ended}”; what follows that place is lost")
        reading.outcome = "ok_partial"
    reading.describe("title", root.findtext(".//title"))
    pieces, around = _parted([*_pieces(root)])
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
    _report(root, kept, [*pieces, *(piece for piece in around if piece.weight)], reading)
    return reading


def _parted(pieces: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """What may be text, and what stands in elements for menus, forms and the like; unless these hold most of it."""
    around = [any(up.tag in _AROUND for up in _upwards(piece.element)) for piece in pieces]
    inner = [piece for piece, out in zip(pieces, around, strict=True) if not out]
    outer = [piece for piece, out in zip(pieces, around, strict=True) if out]
    if not inner or sum(piece.weight for piece in outer) > sum(piece.weight for piece in inner):
        return pieces, []
    return inner, outer


def _report(root: etree._Element, kept: list[Piece], pieces: list[Piece], reading: Reading) -> None:
    """What was left out of the page, and what was taken though a browser would not show it."""
    left = sum(len(piece.text) for piece in pieces) - sum(len(piece.text) for piece in kept)
    if left:
        message = f"{len(pieces) - len(kept)} blocks around the main text left out, {left} characters"
        reading.issue("left_out", message, severity="info")
    pinned = () if any(piece.weight for piece in kept) else ("iframe",)  # mostly advertisements
    frames = sum(1 for _ in root.iter("frame", *pinned))
    if frames:
        reading.issue("left_out", f"{frames} frames left out")
    diagrams = sum(1 for drawing in root.iter("svg") if "".join(map(str, drawing.itertext())).strip())
    if diagrams:
        reading.issue("left_out", f"{diagrams} diagrams left out", severity="info")
    deleted = sum(1 for _ in root.iter("del"))
    if deleted:
        inserted = sum(1 for _ in root.iter("ins"))
        reading.issue("tracked_changes", f"{inserted} tracked insertions taken, {deleted} deletions left out")
    if any(_is_struck(piece) for piece in kept):
        reading.issue("struck_text", "text with a line through it is kept")
    hidden = sum(len(piece.text) for piece in kept if any(map(_hides, _upwards(piece.element))))
    if hidden:
        message = f"{hidden} characters that the page does not show are taken all the same"
        reading.issue("hidden_text", message, severity="info")


def _is_struck(piece: Piece) -> bool:
    return next(piece.element.iter("s", "strike"), None) is not None


def _hides(element: etree._Element) -> bool:
    return element.get("hidden") is not None or bool(_HIDING.search(element.get("style", "")))


def read_mhtml(data: bytes, settings: Ingest) -> Reading:
    """Read the page of a web archive, as browsers and Word save it. Raises as read_html does."""
    try:
        parts = [*email.message_from_bytes(data).walk()]
    except RecursionError as error:
        raise UnreadableError("corrupt", "the web archive is nested too deep; save the page as .html") from error
    pages = [part for part in parts if part.get_content_type() == "text/html"]
    for part in pages:
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            reading = read_html(content, settings)
            if len(pages) > 1:
                reading.issue("left_out", f"{len(pages) - 1} frames left out")
            return reading
    raise UnreadableError("corrupt", "the web archive holds no page; open it in a browser and save it as .html")


def _parse(source: str) -> tuple[etree._Element, bool]:
    """The page, and whether all of it could be parsed. Raises UnreadableError (corrupt) where nothing can."""
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_END.sub("", _DECLARATION.sub("", source)), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise UnreadableError("corrupt", f"no readable web page ({error}); save it again") from error
    return root, all(entry.level_name != "FATAL" for entry in parser.error_log)


def _open_ended(source: str) -> str | None:
    """What of a page, a comment or an element without markup, begins and never ends: it swallows all that follows."""
    opened: str | None = None
    for mark in _SWALLOWING.finditer(source):
        begins, ends = (name and name.lower() for name in mark.groups())
        if opened is None:
            opened = begins
        elif _CLOSING.get(opened, opened) == ends:
            opened = None
    return opened


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
    yield from (piece for piece in _walk(root, _Line(root)) if piece.text or piece.cells)


@dataclass(slots=True)
class _Line:
    """Inline text as it gathers until a block begins or ends."""

    element: etree._Element
    parts: list[str] = field(default_factory=list)
    linked: int = 0

    def add(self, text: str | None, in_link: bool, verbatim: bool) -> None:
        if text:
            self.parts.append(text.replace("\n", _LINE_END) if verbatim else text)
            self.linked += len("".join(text.split())) if in_link else 0

    def flush(self, element: etree._Element) -> Iterator[Piece]:
        for line in "".join(self.parts).split(_LINE_END):
            text = tidy(line).strip(" ")
            if text:
                within = takewhile(_is_inner, _upwards(self.element))
                heading = next((_HEADING.match(str(up.tag)) for up in within), None)
                yield Piece(self.element, text, min(self.linked, len(text)), int(heading[1]) if heading else None)
        self.parts, self.linked, self.element = [], 0, element


def _is_inner(element: etree._Element) -> bool:
    return element.tag not in ("body", "div", "td")


def tidy(text: str) -> str:
    """White space as a browser shows it, but none where the source only wraps a line next to a Chinese character."""
    return _BLANKS.sub(" ", _WRAP.sub("", text))


def _walk(element: etree._Element, line: _Line, in_link: bool = False, verbatim: bool = False) -> Iterator[Piece]:
    tag = element.tag
    if not isinstance(tag, str) or tag in _NO_TEXT:
        return
    table = _data_table(element) if tag == "table" else None
    if table is not None:
        yield from line.flush(element)
        yield Piece(element, "".join(cell.text for cell in table), cells=table)
        return
    outer = line
    if tag in _AROUND:
        line = _Line(element)
    if tag in _BLOCKS:
        yield from outer.flush(element)
    in_link, verbatim = in_link or tag == "a", verbatim or tag in _VERBATIM
    line.add(element.text, in_link, verbatim)
    for child in element:
        yield from _walk(child, line, in_link, verbatim)
        line.add(child.tail, in_link, verbatim)
    if tag in _BLOCKS or line is not outer:
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
