"""Printed pages → blocks: paragraphs from lines, running heads and page numbers told apart, tables cell by cell."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import nan
from statistics import median

from pipeline.ingest.page import SURE, Grid, Line, Page
from pipeline.ingest.reading import Reading
from pipeline.ingest.tables import Cell, Heads, heads

_MARGIN = 0.13  # of the page's height: where running heads and page numbers stand
_REPEATED = 3  # pages on which the same line stands at the same place
_HEADING = 1.15  # times the size of the body
_TITLE_LENGTH = 80  # characters: larger type that runs longer is no heading
_PITCH = 1.35  # times the usual distance of lines: more is a gap between paragraphs
_PAGE_NUMBER = re.compile(
    r"[-—–－─·\s]*(?:第\s*)?[0-9０-９]{1,4}(?:\s*页)?(?:\s*[,，/／、]?\s*(?:共\s*)?[0-9０-９]{1,4}(?:\s*页)?)?[-—–－─·\s]*"
)
_DIGITS = re.compile(r"[0-9０-９]+")
_HANGING = "，。、；：！？”’）》,.;:!?)"
_SLACK = 0.6  # of the type size: room at a line end that is left though one more character would fit
_UNSURE = 0.2  # of a line's characters
_NUMERAL = "0-9０-９〇零一二三四五六七八九十百千万亿两Xx%％‰"
_NUMBER = re.compile(f"[{_NUMERAL}.．,，]*[{_NUMERAL}]")
_OPENS = re.compile(
    r"\s*(?:[一二三四五六七八九十百]{1,3}[、．.]|[（(][一二三四五六七八九十]{1,3}[）)]"
    r"|第[一二三四五六七八九十百]{1,3}[章节条部]|[0-9０-９]{1,2}[、．]|[（(][0-9０-９]{1,2}[）)]|[①-⑳]|[一二三四五六七八九]是)"
)
# what cannot be broken at a line end: a word or character, with what may not begin a line, and both sides of quotes
_UNIT = re.compile(
    r"\s*[“‘（《【「『〈〔(\[]*(?:[0-9A-Za-z.,%％/+:\-]+|.)"
    r"(?:[，。、；：！？）》】」』〉〕％,.;:!?)\]}…—]+|[“”‘’\"']+(?:[0-9A-Za-z.,%％/+:\-]+|.)?)*"
)
_ENDS, _PAUSES = "。！？；：!?;:", "，、,"


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together, and the edges of the column that they keep to."""

    page: Page
    lines: list[Line]
    left: float
    right: float
    continued: bool = False  # goes on with the paragraph before the page break


@dataclass(slots=True)
class Margin:
    """A running head or foot, or a page number."""

    page: Page
    line: Line
    kind: str


@dataclass(slots=True)
class Part:
    """A ruled table, or the part of it that stands on one page."""

    page: Page
    grid: Grid
    table: int = 0
    offset: int = 0  # rows of the table on pages before
    heads: Heads = field(default_factory=dict)


def write(pages: Sequence[Page], reading: Reading) -> None:
    """Append all pages to a Reading, whose `boxes` are filled along."""
    reading.boxes = array("f")
    margins = _margins(pages)
    body = _body_size(pages, margins)
    elements: list[Paragraph | Margin | Part] = []
    for page in pages:
        elements += _elements(page, margins, body)
    _join_pages(elements)
    _number_tables([element for element in elements if not isinstance(element, Margin)])
    for element in elements:
        if isinstance(element, Part):
            _write_table(element, reading)
        elif isinstance(element, Margin):
            _write_lines([element.line], element.page, element.kind, reading)
        else:
            large = median(line.size for line in element.lines) >= _HEADING * body
            short = sum(len(line.text) for line in element.lines) <= _TITLE_LENGTH
            style = "continued" if element.continued else None
            _write_lines(element.lines, element.page, "heading" if large and short else "paragraph", reading, style)


def _elements(page: Page, margins: dict[Line, str], body: float) -> list[Paragraph | Margin | Part]:
    """One page: running heads first, then paragraphs and tables in reading order, running feet last."""
    placed = [item for item in page.items if isinstance(item, Line) and item in margins]
    found: list[Paragraph | Margin | Part] = [Margin(page, x, "header") for x in placed if margins[x] == "header"]
    run: list[Line] = []
    for item in _settled(page.items):
        if isinstance(item, Grid):
            found += _paragraphs(run, page, body)
            found.append(Part(page, item))
            run = []
        elif item not in margins:
            run.append(item)
    found += _paragraphs(run, page, body)
    return found + [Margin(page, line, "footer") for line in placed if margins[line] == "footer"]


def _settled(items: Sequence[Line | Grid]) -> list[Line | Grid]:
    """Reading order, with what is drawn later (text boxes, stamps) put into the gap of the column that it stands in."""
    settled: list[Line | Grid] = []
    place = 0  # where the next item goes
    for item in items:
        before = settled[place - 1] if place else None
        if before is None or item.box[1] < before.box[1] - 0.5 * (before.box[3] - before.box[1]):
            gaps = (k for k in range(1, len(settled)) if _between(settled[k - 1], item, settled[k]))
            place = next(gaps, len(settled))
        elif place < len(settled) and not _between(before, item, settled[place]):
            place = len(settled)
        settled.insert(place, item)
        place += 1
    return settled


def _between(above: Line | Grid, item: Line | Grid, below: Line | Grid) -> bool:
    """Whether an item fits into the gap between two others of its column."""
    _, top, _, bottom = item.box
    return (
        above.box[3] <= top + 1
        and below.box[1] >= bottom - 1
        and all(other.box[0] < item.box[2] and other.box[2] > item.box[0] for other in (above, below))
    )


def _margins(pages: Sequence[Page]) -> dict[Line, str]:
    """Lines in the outer parts of pages that repeat from page to page, or are page numbers: header or footer."""
    candidates: list[tuple[Line, str, tuple[str, str, int]]] = []
    found: dict[Line, str] = {}
    for page in pages:
        free = [item for item in page.items if isinstance(item, Line)]
        for line in free:
            middle = (line.top + line.bottom) / 2
            if not (middle < _MARGIN * page.height or middle > (1 - _MARGIN) * page.height):
                continue
            kind = "header" if middle < page.height / 2 else "footer"
            shape = _DIGITS.sub("#", "".join(line.text.split()))
            candidates.append((line, kind, (kind, shape, round(line.top / (2 * max(line.size, 1.0))))))
            if _PAGE_NUMBER.fullmatch(line.text) and _outermost(line, kind, page):
                found[line] = kind
    counts = Counter(key for _, _, key in candidates)
    needed = max(2, min(_REPEATED, len(pages)))
    found.update({line: kind for line, kind, key in candidates if counts[key] >= needed})
    return found


def _outermost(line: Line, kind: str, page: Page) -> bool:
    """Whether nothing stands above a head, or below a foot, and the next line is some way off."""
    others = [item.box for item in page.items if item is not line]
    if kind == "footer":
        return all(box[3] < line.top + 0.3 * line.size for box in others)
    return all(box[1] > line.bottom - 0.3 * line.size for box in others)


def _body_size(pages: Sequence[Page], margins: dict[Line, str]) -> float:
    """The type size of most characters outside tables."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for item in page.items:
            if isinstance(item, Line) and item not in margins:
                sizes[round(item.size, 1)] += len(item.text)
    return max(sizes, key=lambda size: (sizes[size], -size)) if sizes else 1.0


def _paragraphs(lines: Sequence[Line], page: Page, body: float) -> list[Paragraph]:
    """Join lines that run on: the one before reaches the right edge, the next neither indents nor stands off."""
    found: list[Paragraph] = []
    for flow in _flows(lines):
        left, right = _edges(flow, page)
        pitches = [b.top - a.top for a, b in pairwise(flow)]
        pitch = median(pitches) if pitches else 0.0
        for index, line in enumerate(flow):
            open_paragraph = found[-1] if found else Paragraph(page, [line], left, right)
            before = open_paragraph.lines[-1]
            next_column = line.left > before.right - before.size and line.top < before.top
            if not found or (index == 0 and not next_column):
                found.append(Paragraph(page, [line], left, right))
                continue
            near = index == 0 or line.top - before.top <= _PITCH * max(pitch, 1.1 * before.size)
            if near and _runs_on(before, line, left, open_paragraph, body):
                open_paragraph.lines.append(line)
                open_paragraph.right = right
            else:
                found.append(Paragraph(page, [line], left, right))
    return found


def _flows(lines: Sequence[Line]) -> list[list[Line]]:
    """Cut where the reading goes back up: a new column, a box."""
    flows: list[list[Line]] = []
    left = right = 0.0
    for line in lines:
        back = not flows or line.top <= flows[-1][-1].top - 0.5 * line.size
        if back or line.left >= right or line.right <= left:
            flows.append([])
            left, right = line.left, line.right
        flows[-1].append(line)
        left, right = min(left, line.left), max(right, line.right)
    return flows


def _edges(flow: Sequence[Line], page: Page) -> tuple[float, float]:
    """The edges that most lines of a flow keep to; for a short one, those of the page's lines around it."""
    lines = list(flow)
    if len(lines) < 3:
        free = [item for item in page.items if isinstance(item, Line)]
        lines += [line for line in free if line.left <= flow[0].left + 1 and line.right >= flow[-1].right - 1]
    size = median(line.size for line in lines)
    rights = sorted(map(_measure, lines), reverse=True)
    lefts = sorted(line.left for line in lines)
    right = next((a for a, b in pairwise(rights) if a - b <= size), rights[0])
    left = next((a for a, b in pairwise(lefts) if b - a <= size), lefts[0])
    return left, right


def _measure(line: Line) -> float:
    """Where the line ends but for punctuation, which may hang over the edge."""
    right = line.boxes[4 * len(line.text.rstrip(_HANGING)) - 2]
    return right if right == right else line.right


def _runs_on(before: Line, line: Line, left: float, paragraph: Paragraph, body: float) -> bool:
    if not 1 / 1.2 < line.size / max(before.size, 0.1) < 1.2:
        return False
    opens = bool(_OPENS.match(line.text))
    if before.size >= _HEADING * body:
        return not opens  # a title in several centred lines
    if opens and before.text[-1] in _ENDS:
        return False
    if before.text[-1] in _PAUSES and line.left - before.left < line.size:
        return not opens
    indented = line.left - left > line.size
    hanging = len(paragraph.lines) > 1 and abs(line.left - before.left) < 0.5 * line.size
    return _full(before, line, paragraph.right) and (not indented or hanging)


def _full(before: Line, line: Line, right: float) -> bool:
    """Whether the first word of `line` had no room at the end of the line before."""
    unit = _UNIT.match(line.text)
    count = unit.end() if unit else 1
    start = len(line.text) - len(line.text.lstrip())
    width = line.boxes[4 * count - 2] - line.boxes[4 * min(start, count - 1)]
    return right - before.right < (width if width == width else line.size) + _SLACK * line.size


def _join_pages(elements: Sequence[Paragraph | Margin | Part]) -> None:
    """Mark the paragraphs that go on after a page break."""
    body = [element for element in elements if not isinstance(element, Margin)]
    for before, element in pairwise(body):
        if not isinstance(before, Paragraph) or not isinstance(element, Paragraph) or before.page is element.page:
            continue
        last, line = before.lines[-1], element.lines[0]
        same_size = abs(last.size - line.size) < 0.1 * last.size
        ended = last.text[-1] in _ENDS and bool(_OPENS.match(line.text))
        # a line that begins far inside is a signature or a date, set to the right
        inside = line.left - min(element.left, before.left) > line.size or last.left - before.left > 3 * last.size
        element.continued = same_size and not ended and not inside and _full(last, line, before.right)


def _number_tables(body: Sequence[Paragraph | Part]) -> None:
    """Count tables; a table that ends a page and one with the same rules that begins the next are one."""
    table = 0
    groups: list[list[Part]] = []
    before: Paragraph | Part | None = None
    for element in body:
        if isinstance(element, Part):
            if isinstance(before, Part) and before.page is not element.page and _same_rules(before.grid, element.grid):
                element.table = before.table
                element.offset = before.offset + max(c.row + c.row_span - 1 for c in before.grid.cells)
                groups[-1].append(element)
            else:
                table += 1
                element.table = table
                groups.append([element])
        before = element
    for parts in groups:
        _find_heads(parts)


def _same_rules(one: Grid, other: Grid) -> bool:
    return len(one.edges) == len(other.edges) and all(
        abs(a - b) < 3 for a, b in zip(one.edges, other.edges, strict=True)
    )


def _find_heads(parts: Sequence[Part]) -> None:
    """Heads of all parts from the first one, unless a part repeats the head row itself."""
    whole = [cell for part in parts for cell in _cells(part, part.offset)]
    found = heads(whole)
    top = [cell.label for cell in _cells(parts[0], 0) if cell.row == 1]
    for part in parts:
        own = [cell.label for cell in _cells(part, 0) if cell.row == 1] == top
        if own:
            part.heads = heads(_cells(part, 0))
        else:
            part.heads = {(row - part.offset, column): names for (row, column), names in found.items()}


def _cells(part: Part, offset: int) -> list[Cell]:
    return [
        Cell(c.row + offset, c.column, c.row_span, c.column_span, "\n".join(line.text for line in c.lines))
        for c in part.grid.cells
    ]


def _write_table(part: Part, reading: Reading) -> None:
    for cell in part.grid.cells:
        if cell.lines:
            row_head, column_head = part.heads.get((cell.row, cell.column), (None, None))
            place = (part.table, cell.row + part.offset, cell.column)
            _write_lines(cell.lines, part.page, "cell", reading, None, place, row_head, column_head)


def _write_lines(
    lines: Sequence[Line],
    page: Page,
    kind: str,
    reading: Reading,
    style: str | None = None,
    place: tuple[int, int, int] | None = None,
    row_head: str | None = None,
    column_head: str | None = None,
) -> None:
    boxes = array("f")
    for line in lines:
        if boxes:
            boxes.extend((nan,) * 4)
        boxes.extend(line.boxes)
    table, row, column = place or (None, None, None)
    start = reading.add(
        "\n".join(line.text for line in lines),
        kind,
        boxes=boxes,
        page=page.number,
        style=style or ("ocr" if page.recognised else None),
        table=table,
        row=row,
        column=column,
        row_head=row_head,
        column_head=column_head,
    )
    _report_struck(lines, page, start, reading)
    _report_doubtful(lines, page, start, reading)


def _report_doubtful(lines: Sequence[Line], page: Page, start: int, reading: Reading) -> None:
    """Flag the numbers of which a recogniser was not sure, and whole lines with many such characters."""
    for line in lines:
        spans = [match.span() for match in _NUMBER.finditer(line.text)] if line.scores else []
        if len(line.scores) > _UNSURE * len(line.text):
            spans = [(0, len(line.text))]
        for first, end in spans:
            score = min(line.scores.get(place, 1.0) for place in range(first, end))
            if score < SURE:
                message = f"page {page.number}: “{line.text[first:end]}” was recognised with confidence {score:.2f}"
                reading.issue("low_confidence", message, start + first, start + end)
        start += len(line.text) + 1


def _report_struck(lines: Sequence[Line], page: Page, start: int, reading: Reading) -> None:
    """Flag the characters through whose middle a rule is drawn: a printer's way to show tracked deletions."""
    struck: list[int] = []
    text = "\n".join(line.text for line in lines)
    offset = 0
    for line in lines:
        upper, lower = line.top + 0.3 * line.size, line.bottom - 0.3 * line.size
        for left, top, right, bottom in page.struck:
            if upper < (top + bottom) / 2 < lower and left < line.right and right > line.left:
                middles = ((line.boxes[4 * i] + line.boxes[4 * i + 2]) / 2 for i in range(len(line.text)))
                struck += [offset + i for i, middle in enumerate(middles) if left <= middle <= right]
        offset += len(line.text) + 1
    for first, end in _runs(struck, text):
        message = f"page {page.number}: a line is drawn through “{text[first:end]}”; perhaps deleted"
        reading.issue("struck_text", message, start + first, start + end)


def _runs(places: Sequence[int], text: str) -> list[tuple[int, int]]:
    """Spans of places that follow each other, blanks in between aside."""
    runs: list[tuple[int, int]] = []
    for place in sorted(set(places)):
        if runs and not text[runs[-1][1] : place].strip():
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs
