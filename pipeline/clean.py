"""Document → Text: cleaners yield edits with reasons, one function applies them and keeps the exact map back.

    raw text ── CLEANERS, in order, until none finds anything more ──► clean ── script, wash words ──► shadow

A cleaner deletes, or replaces character by character. Its edits count in the text as cleaned so far; `clean` carries
them back to the source, so that every edit of a finished `Text` counts in the document as issued.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import cycle, islice, pairwise

from pipeline.furniture import (
    ENUMERATOR,
    cells,
    furniture_lines,
    furniture_phrases,
    outside,
    page_markers,
    page_numbers,
    running_heads,
)
from pipeline.lexicon import rows
from pipeline.records import Block, Document, Edit, Issue, Text
from pipeline.script import shadow, simplify

Cleaner = Callable[[Text, Document], Iterable[Edit]]

HAN = "\u3400-\u9fff\uf900-\ufaff"
MARKS = "，、。；：！？“”‘’（）《》〔〕—…,;:()"
SENTENCE_END = tuple("。！？!?；;：:…")
LINE = re.compile(r"[^\n]+")
BEGINS = re.compile(rf"\s|{ENUMERATOR}|[-—–－·]?\s*\d{{1,4}}\s*[-—–－·]?$")
OPENS_LINE = re.compile(rf"{ENUMERATOR}|[一二三四五六七八九十]{{1,3}}[{HAN}]{{2,14}}[、。：:\s]")
MOST_ROUNDS = 50  # after which cleaners that undo each other's work are stopped; three are usual
DRAWN = ("pdf", "ofd")  # formats whose lines are drawn: only their blocks tell what a paragraph is


def clean(document: Document) -> tuple[Text, tuple[Issue, ...]]:
    """Clean a document: every cleaner in order, again until none finds anything, which makes cleaning idempotent.

    Issues of this stage count in the source, like the edits.
    """
    text = _applied(document.text, ())
    silent = 0  # how many cleaners in a row found nothing
    for cleaner in islice(cycle(CLEANERS.values()), MOST_ROUNDS * len(CLEANERS)):
        edits = [edit for edit in cleaner(text, document) if text.clean[edit.start : edit.end] != edit.replacement]
        silent = 0 if edits else silent + 1
        if silent == len(CLEANERS):
            break
        if edits:
            text = _applied(document.text, _composed(text, edits))
    finished = apply(document.text, _merged(text.edits))
    remarks = [*_remarks(finished)]
    if silent < len(CLEANERS):
        remarks.append(Issue("clean", "unfinished", "cleaners undo each other's work; please report this file"))
    return finished, tuple(remarks)


def apply(raw: str, edits: Iterable[Edit]) -> Text:
    """`raw` with the edits made, its exact map, and the shadow for matching. ValueError where edits overlap."""
    text = _applied(raw, edits)
    return Text(text.raw, text.clean, shadow(text.clean), text.edits, text.runs)


def _applied(raw: str, edits: Iterable[Edit]) -> Text:
    ordered = tuple(sorted(edits, key=lambda edit: edit.start))
    pieces: list[str] = []
    runs: list[tuple[int, int, int]] = []
    done = length = 0
    exact = False  # whether the last run maps character by character
    for edit in (*ordered, Edit(len(raw), len(raw), "", "")):
        if not done <= edit.start <= edit.end <= len(raw):
            raise ValueError(f"edit {edit.start}..{edit.end} overlaps another one or leaves the text")
        for start, end, piece in ((done, edit.start, raw[done : edit.start]), (edit.start, edit.end, edit.replacement)):
            if not piece:
                continue
            if exact and len(piece) == end - start and runs[-1][2] == start:
                runs[-1] = (runs[-1][0], runs[-1][1], end)
            else:
                runs.append((length, start, end))
                exact = len(piece) == end - start
            pieces.append(piece)
            length += len(piece)
        done = edit.end
    return Text(raw, "".join(pieces), "", ordered, tuple(runs))


def _composed(text: Text, edits: Iterable[Edit]) -> Iterator[Edit]:
    """Edits of the source that do what `text.edits` and then `edits`, which count in `text.clean`, do."""
    moved: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: edit.start):
        if len(edit.replacement) == edit.end - edit.start:  # one by one, since a later edit may touch only some
            for at, character in enumerate(edit.replacement, edit.start):
                moved.append(Edit(*text.source_span(at, at + 1), character, edit.reason))
        else:
            moved.append(Edit(*text.source_span(edit.start, edit.end), edit.replacement, edit.reason))
    starts = [edit.start for edit in moved]
    for edit in text.edits:
        at = bisect_right(starts, edit.start) - 1
        if at < 0 or edit.end > moved[at].end:
            yield edit
    yield from moved


def _merged(edits: Iterable[Edit]) -> list[Edit]:
    """Neighbours as one edit: stretches of furniture, and characters replaced for the same reason."""
    merged: list[Edit] = []
    for edit in edits:
        last = merged[-1] if merged else Edit(-1, -1, "", "")
        furniture = last.reason.startswith("furniture") and edit.reason.startswith("furniture")
        replaced = last.reason == edit.reason and all(0 < len(e.replacement) == e.end - e.start for e in (last, edit))
        if last.end == edit.start and (furniture or replaced):
            merged[-1] = Edit(last.start, edit.end, last.replacement + edit.replacement, last.reason)
        else:
            merged.append(edit)
    return merged


def _remarks(text: Text) -> Iterator[Issue]:
    markers = [edit for edit in text.edits if edit.reason == "page_marker"]
    if markers:
        first, last = markers[0], markers[-1]
        ends = f"{text.raw[first.start : first.end].strip()} … {text.raw[last.start : last.end].strip()}"
        message = f"{len(markers)} page markers of a host cut out of the sentences: {ends}"
        yield Issue("clean", "page_markers", message, first.start, last.end, "info")
    cut = sum(edit.end - edit.start for edit in text.edits if edit.reason.startswith("furniture"))
    if cut > len(text.raw) / 2:
        message = f"{cut} of {len(text.raw)} characters are not the report's"
        yield Issue("clean", "mostly_furniture", message, 0, len(text.raw))
    if simplify(text.clean) != text.clean:
        yield Issue("clean", "traditional_script", "matched in Simplified script, quoted as issued", severity="info")


def front_matter(text: Text, document: Document) -> Iterator[Edit]:
    """The head of a Markdown file, except the title that it names."""
    if front := re.match(r"---\n(?:.*?\n)?---(?:\n\s*|\Z)", text.clean, re.DOTALL):
        title = re.search(r"^title: *(?=\S)(.*\n)", front.group(), re.MULTILINE)
        start, end = title.span(1) if title else (front.end(), front.end())
        yield Edit(0, start, "", "furniture.front_matter")
        if end < front.end():
            yield Edit(end, front.end(), "", "furniture.front_matter")


def comments(text: Text, document: Document) -> Iterator[Edit]:
    """HTML comments: captions and notes of the site."""
    for match in re.finditer(r"<!--.*?-->\s*", text.clean, re.DOTALL):
        yield Edit(*match.span(), "", "furniture.comment")


def markdown(text: Text, document: Document) -> Iterator[Edit]:
    """Marks of headings and of bold type, which stay known by their edits."""
    matter = any(edit.reason == "furniture.front_matter" for edit in text.edits)
    if matter or document.name.lower().endswith((".md", ".markdown")):
        for match in re.finditer(r"(?m)^#{1,6} +(?=\S)", text.clean):
            yield Edit(*match.span(), "", "heading_mark")
        for match in re.finditer(r"\*\*(?=\S)[^*\n]{1,200}(?<=\S)\*\*", text.clean):
            yield Edit(match.start(), match.start() + 2, "", "bold")
            yield Edit(match.end() - 2, match.end(), "", "bold")


def tags(text: Text, document: Document) -> Iterator[Edit]:
    """HTML tags left in the text."""
    names = "p|br|div|span|strong|b|font|a|td|tr|th|table|tbody|img|em|i|u|h[1-6]|li|ul|ol|section"
    for match in re.finditer(rf"</?(?:{names})(?:\s[^<>\n]{{0,300}})?/?>", text.clean):
        ends_line = re.match("<br|</(?:p|div|tr|h|li)", match.group())
        yield Edit(*match.span(), "\n" if ends_line else "", "tag")


def entities(text: Text, document: Document) -> Iterator[Edit]:
    """&nbsp; and the like."""
    for match in re.finditer(r"&(?:[a-zA-Z]{2,8}|#\d{2,5});", text.clean):
        if len(html.unescape(match.group())) == 1:
            yield Edit(*match.span(), html.unescape(match.group()), "entity")


def characters(text: Text, document: Document) -> Iterator[Edit]:
    """Full-width digits and letters, radicals for ideographs, invisible characters: by tables, not a normal form."""
    table, pattern = _characters()
    for match in pattern.finditer(text.clean):
        yield Edit(*match.span(), *table[match.group()])


@cache
def _characters() -> tuple[dict[str, tuple[str, str]], re.Pattern[str]]:
    def read(cell: str) -> str:
        return chr(int(cell[2:], 16)) if cell.startswith("U+") else cell

    table = {read(row["from"]): (read(row["to"]), row["reason"]) for row in rows("clean_characters")}
    table |= {read(row["code_point"]): (row["ideograph"], "radical") for row in rows("radicals")}
    return table, re.compile("[" + re.escape("".join(table)) + "]")


def pinyin(text: Text, document: Document) -> Iterator[Edit]:
    """Readings set into words: 農(nóng)村, 建(读:jiàn)立."""
    toned = "āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜ"
    said = rf"(?:读|音|读音|拼音)\s*[:：]\s*[a-zü{toned} ]{{1,20}}|[a-zü ]{{0,12}}[{toned}][a-zü{toned} ]{{0,20}}"
    for match in re.finditer(rf"[(（](?<=[{HAN}].)\s*(?:{said})\s*[)）]", text.clean):
        yield Edit(*match.span(), "", "pinyin")


def footnote_marks(text: Text, document: Document) -> Iterator[Edit]:
    """[7] and [^47] behind a term; a definition keeps its mark."""
    for match in re.finditer(r"\[(?<=[^\s\[\]].)\^?\d{1,3}\](?![:：])", text.clean):
        yield Edit(*match.span(), "", "footnote_mark")


def drawn_breaks(text: Text, document: Document) -> Iterator[Edit]:
    """Breaks where lines are drawn: inside a block, between the blocks of one heading, and at the edge of the page."""
    if document.format not in DRAWN:
        return
    places = set(_typed_places(text, cells(text, document, ("cell", "heading", "caption", "note", "textbox"))))
    blocks = [(block, text.clean_offset(block.start), text.clean_offset(block.end)) for block in document.blocks]
    filled = [entry for entry in blocks if entry[1] < entry[2]]
    for (first, start, end), (second, after, _) in pairwise([*filled, (None, len(text.clean), len(text.clean))]):
        places |= {match.span() for match in re.compile(r"[ \t]*\n\s*").finditer(text.clean, start, end - 1)}
        last = text.clean[max(start, end - 200) : end].rstrip().rpartition("\n")[2].strip()
        apart = end == after or text.clean[end:after].strip() or OPENS_LINE.match(text.clean, after)
        if apart or not first or not second:
            continue
        over_page = first.kind == second.kind == "paragraph" and first.page != second.page
        if (over_page and len(last) >= 12 and last[-1] not in SENTENCE_END) or _one_heading(first, second):
            places.add((end, after))
    yield from _joins(text.clean, sorted(places))


def _one_heading(first: Block, second: Block) -> bool:
    """Whether two blocks are the lines of one heading: equally high, one close below the other."""
    if not first.kind == second.kind == "heading" or first.page != second.page or not first.box or not second.box:
        return False
    height = first.box[3] - first.box[1]
    same_size = abs(second.box[3] - second.box[1] - height) <= 0.15 * height
    return same_size and 0 <= second.box[1] - first.box[3] <= 0.9 * height


def typed_breaks(text: Text, document: Document) -> Iterator[Edit]:
    """Breaks of hard-wrapped text: most lines equally long, by characters or by columns, and cut mid-sentence."""
    if document.format not in DRAWN:
        yield from _joins(text.clean, _typed_places(text, cells(text, document)))


def _typed_places(text: Text, apart: list[range]) -> Iterator[tuple[int, int]]:
    lines = [
        (*span, text.clean[slice(*span)]) for span in outside((m.span() for m in LINE.finditer(text.clean)), apart)
    ]
    for size in (len, _columns):
        sizes = [size(line) for _, _, line in lines]
        common = [width for width in sizes if width >= 15]
        width = Counter(common).most_common(1)[0][0] if common else 0
        near = [line for (_, _, line), width_of in zip(lines, sizes, strict=True) if abs(width_of - width) <= 2]
        cut = [line for line in near if line.rstrip()[-1:] not in SENTENCE_END]
        if width > 140 or len(near) < 5 or 2 * len(near) < len(lines) or 5 * len(cut) < 3 * len(near):
            continue
        for (_, end, line), (start, _, following), width_of in zip(lines, lines[1:], sizes, strict=False):
            word = re.match(r"[\w.%％]*", following, re.ASCII)
            full = width_of + (len(word.group()) if word else 0) >= width - 2
            if full and start == end + 1 and line.rstrip()[-1:] not in SENTENCE_END and not BEGINS.match(following):
                yield end, start
        return


def _joins(clean: str, places: Iterable[tuple[int, int]]) -> Iterator[Edit]:
    done = 0
    for start, end in places:
        latin = re.match(r"[A-Za-z]\s+[A-Za-z]", clean[max(0, start - 1) : end + 1])
        if start >= done:
            yield Edit(start, end, " " if latin else "", "line_break")
            done = end


def _columns(line: str) -> int:
    return len(line.encode("gb18030", "replace"))


def spaces(text: Text, document: Document) -> Iterator[Edit]:
    """Spaces that a wrapped line left between characters; those that stand for the end of a line of its own stay."""
    found = list(re.finditer(rf"(?<=[{HAN}{MARKS}\w])[ \u3000]{{1,2}}(?=[{HAN}{MARKS}\w])", text.clean))
    gaps = [right.start() - left.start() for left, right in pairwise(found)]
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0
    rhythm = sum(abs(gap - usual) * 7 <= usual for gap in gaps)
    wrapped = len(gaps) >= 8 and 15 <= usual <= 70 and 2 * rhythm >= len(gaps)
    inside = re.compile(rf"[{HAN}]\s+[{HAN}]")
    for match in found:
        around = text.clean[match.start() - 1 : match.end() + 1]
        if wrapped:
            needless = not re.fullmatch(r"\w\s+\w", around, re.ASCII)
        else:
            stands_for_break = OPENS_LINE.match(text.clean, match.end()) or _ends_heading(text.clean, match.start())
            needless = bool(inside.fullmatch(around)) and not stands_for_break
        if needless:
            yield Edit(*match.span(), "", "space")


def _ends_heading(clean: str, at: int) -> bool:
    """Whether a heading stands before this space, so that the space is where its own line ended."""
    before = re.split(r"[\s。；！？]", clean[max(0, at - 40) : at])[-1]
    return bool(re.fullmatch(rf"(?:{ENUMERATOR}|[一二三四五六七八九十]{{1,3}})[^，,]{{3,30}}", before))


CLEANERS: dict[str, Cleaner] = {
    "front_matter": front_matter,
    "comments": comments,
    "markdown": markdown,
    "tags": tags,
    "entities": entities,
    "characters": characters,
    "running_heads": running_heads,
    "drawn_breaks": drawn_breaks,
    "furniture_lines": furniture_lines,
    "furniture_phrases": furniture_phrases,
    "page_markers": page_markers,
    "page_numbers": page_numbers,
    "pinyin": pinyin,
    "footnote_marks": footnote_marks,
    "typed_breaks": typed_breaks,
    "spaces": spaces,
}
"""The cleaners, by the name that an edit's reason or a setting refers to, in the order in which they run."""
