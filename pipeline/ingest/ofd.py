"""OFD (GB/T 33190), the page format of Chinese offices: a zip of XML, read with the place of every character."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from pipeline.config import Ingest
from pipeline.ingest.formats import BROKEN, usual
from pipeline.ingest.glyphs import UNKNOWN, character
from pipeline.ingest.language import date
from pipeline.ingest.layout import write
from pipeline.ingest.package import open_zip, parse, stored
from pipeline.ingest.page import Glyph, Page, arrange
from pipeline.ingest.pdftables import MOST_RULES, tables_of_rules
from pipeline.ingest.reading import Reading, UnreadableError
from pipeline.records import Box

_POINTS = 72 / 25.4  # OFD counts in millimetres
_TEXT = b"TextCode"
_A4 = (0.0, 0.0, 210.0, 297.0)
_ASCENT = 0.88  # of the type size: where a character's box begins above its base line
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_THIN = 1.0  # millimetre: a rule, not an area
_MAX_REPEAT = 100_000
_DETAILS = {
    "Title": "title",
    "Author": "author",
    "Creator": "creator",
    "CreationDate": "created",
    "ModDate": "modified",
}


def read_ofd(data: bytes, settings: Ingest) -> Reading:
    """Read an OFD file; blocks carry pages, characters their boxes in points.

    Raises UnreadableError for what is damaged, protected or too large.
    """
    reading = Reading(settings.max_characters)
    with open_zip(data, settings) as archive:
        parts = Parts(archive)
        root = parts.xml("OFD.xml")
        if root.find(".//{*}Encryptions") is not None:
            raise UnreadableError("encrypted", "protected by a password; remove the password and try again")
        for element in root.iterfind(".//{*}DocInfo/{*}*"):
            name = etree.QName(element).localname
            if name in _DETAILS:
                reading.describe(_DETAILS[name], date(element.text or "") if name.endswith("Date") else element.text)
        pages: list[Page] = []
        for place in root.iterfind(".//{*}DocRoot"):
            for page in _pages(parts, (place.text or "").strip(), reading, len(pages)):
                pages.append(page)
                if len(pages) > settings.max_pages:
                    raise UnreadableError("limit_pages", "too many pages; raise ingest.max_pages or split the file")
        _report_unread(parts, reading)
    reading.pages = len(pages)
    if not any(page.items for page in pages):
        reading.outcome = "no_text_layer"
        message = f"none of {len(pages)} pages has text; recognise it (OCR is an extra), or get the Word file"
        reading.issue("no_text_layer", message, severity="error")
    write(pages, reading)
    return reading


class Parts:
    """The XML parts of a file, and which of them were read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._seen: set[str] = set()

    def xml(self, name: str) -> etree._Element:
        """Root element of a part. Raises UnreadableError (corrupt) for one that is missing or damaged."""
        found = stored(self._archive, name)
        try:
            root = parse(self._archive.read(found), name)
        except BROKEN as error:
            message = f"{name} is missing or damaged; get the file again from its sender"
            raise UnreadableError("corrupt", message) from error
        self._seen.add(usual(found))
        return root

    def pass_over(self, name: str) -> None:
        """Take a part for read: what it holds shows only where others ask for it."""
        self._seen.add(usual(name))

    def unread_texts(self) -> int:
        """How many parts hold text that nobody asked for: notes, stamps, older versions of pages."""
        return sum(_TEXT in self._bytes(entry) for entry in self._archive.infolist() if self._is_unread(entry.filename))

    def doubles(self) -> bool:
        """Whether two parts go by one name, so that one of them hides the other."""
        names = self._archive.namelist()
        return len(set(names)) < len(names)

    def _is_unread(self, name: str) -> bool:
        return name.lower().endswith(".xml") and usual(name) not in self._seen

    def _bytes(self, entry: zipfile.ZipInfo) -> bytes:
        try:
            return self._archive.read(entry)
        except BROKEN:
            return _TEXT  # nobody knows, so it is counted


def _report_unread(parts: Parts, reading: Reading) -> None:
    if parts.doubles():
        reading.issue("package_damaged", "several parts have one name; the last of them is taken")
    count = parts.unread_texts()
    if count:
        reading.issue("left_out", f"{count} notes, stamps or older pages left out")


def _at(base: str, place: str) -> str:
    """The member that a location in the member `base` names."""
    return posixpath.normpath(place[1:] if place.startswith("/") else posixpath.join(posixpath.dirname(base), place))


def _pages(parts: Parts, name: str, reading: Reading, before: int) -> Iterator[Page]:
    document = parts.xml(_at("OFD.xml", name))
    base = _at("OFD.xml", name)
    templates = {t.get("ID", ""): t.get("BaseLoc", "") for t in document.iterfind(".//{*}TemplatePage")}
    for place in templates.values():
        parts.pass_over(_at(base, place))
    area = document.findtext(".//{*}CommonData//{*}PhysicalBox")
    for index, entry in enumerate(document.iterfind(".//{*}Pages/{*}Page"), start=before + 1):
        try:
            content = parts.xml(_at(base, entry.get("BaseLoc", "")))
            under = [templates.get(t.get("TemplateID", ""), "") for t in content.iterfind("{*}Template")]
            layers = [parts.xml(_at(base, place)) for place in under if place] + [content]
        except UnreadableError as error:
            reading.issue("page_damaged", f"page {index}: {error}", severity="error")
            reading.outcome = "ok_partial"
            yield Page(index, _A4[2] * _POINTS, _A4[3] * _POINTS)
            continue
        yield _page(index, content.findtext("{*}Area/{*}PhysicalBox") or area, layers, reading)


def _page(number: int, area: str | None, layers: list[etree._Element], reading: Reading) -> Page:
    sides = _numbers(area) if area and len(_numbers(area)) == 4 else list(_A4)
    page = Page(number, sides[2] * _POINTS, sides[3] * _POINTS)
    glyphs = [glyph for layer in layers for glyph in _glyphs(layer)]
    rules = [box for layer in layers for box in _rules(layer)]
    if len(rules) > MOST_RULES:
        reading.issue("tables_not_read", f"page {number}: {len(rules)} lines are drawn; tables are read as lines")
    page.items = arrange(glyphs, tables_of_rules(rules, number) if len(rules) <= MOST_RULES else [])
    page.struck = [box for box in rules if box[2] - box[0] > box[3] - box[1]]
    unknown = sum(glyph.character == UNKNOWN for glyph in glyphs)
    if unknown:
        reading.issue("unreadable_font", f"page {number}: {unknown} characters without a name")
    pictures = sum(1 for layer in layers for _ in layer.iterfind(".//{*}ImageObject"))
    if pictures and not page.items:
        reading.issue("page_without_text", f"page {number}: pictures only, no text")
        reading.outcome = "ok_partial"
    return page


def _glyphs(layer: etree._Element) -> Iterator[Glyph]:
    """Characters in the order of the file; pieces of a line are separate objects, so gaps are guessed between them."""
    last: Glyph | None = None
    for thing in layer.iterfind(".//{*}TextObject"):
        for code in thing.iterfind("{*}TextCode"):
            for index, glyph in enumerate(_run(thing, code)):
                if index == 0 and last is not None:
                    glyph = glyph._replace(gap=" " if _beside(last, glyph) else "\n")
                last = glyph
                yield glyph


def _beside(last: Glyph, glyph: Glyph) -> bool:
    overlap = min(last.box[3], glyph.box[3]) - max(last.box[1], glyph.box[1])
    return overlap > 0.5 * min(last.size, glyph.size) and glyph.box[0] > last.box[2] - 0.3 * glyph.size


def _run(thing: etree._Element, code: etree._Element) -> Iterator[Glyph]:
    """The characters of one TextCode at their places: X and Y of the first, then the steps to each next one."""
    text = (code.text or "").strip("\r\n")
    left, top = [*_numbers(thing.get("Boundary")), 0.0, 0.0][:2]
    a, b, c, d, e, f = matrix if len(matrix := _numbers(thing.get("CTM"))) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    size = (_numbers(thing.get("Size")) or [1.0])[0]
    width = size * (_numbers(thing.get("HScale")) or [1.0])[0]
    x, y = ((_numbers(code.get(axis)) or [0.0])[0] for axis in ("X", "Y"))
    across, down = _steps(code.get("DeltaX"), len(text)), _steps(code.get("DeltaY"), len(text))
    for index, sign in enumerate(text):
        usual = width * (0.5 if ord(sign) < 0x2E80 else 1.0)
        step = across[index] if index < len(across) and across[index] > 0 else usual
        advance = min(step, 1.2 * width) if index < len(text) - 1 else usual
        corners = [(x, y - _ASCENT * size), (x + advance, y + (1 - _ASCENT) * size)]
        placed = [(left + a * px + c * py + e, top + b * px + d * py + f) for px, py in corners]
        (x0, x1), (y0, y1) = sorted(p[0] for p in placed), sorted(p[1] for p in placed)
        box = (x0 * _POINTS, y0 * _POINTS, x1 * _POINTS, y1 * _POINTS)
        yield Glyph(" " if sign.isspace() and sign != "\u3000" else character(ord(sign)), box)
        x += across[index] if index < len(across) else (0.0 if down else usual)
        y += down[index] if index < len(down) else 0.0


def _steps(text: str | None, length: int) -> list[float]:
    """DeltaX and DeltaY: steps in order, `g n s` standing for n steps of s."""
    steps: list[float] = []
    words = iter((text or "").split())
    for word in words:
        if word == "g":
            count, step = (_numbers(next(words, "")) or [0.0])[0], (_numbers(next(words, "")) or [0.0])[0]
            steps += [step] * int(min(count, length, _MAX_REPEAT))
        else:
            steps += _numbers(word)[:1]
    return steps[:length]


def _rules(layer: etree._Element) -> Iterator[Box]:
    """Thin drawn lines; of a closed path all four sides of its boundary."""
    for path in layer.iterfind(".//{*}PathObject"):
        sides = _numbers(path.get("Boundary"))
        if len(sides) != 4:
            continue
        left, top, width, height = (side * _POINTS for side in sides)
        right, bottom = left + width, top + height
        if min(width, height) <= _THIN * _POINTS:
            if max(width, height) > _THIN * _POINTS:
                yield (left, top, right, bottom)
        elif (path.get("Stroke") or "true") == "true" and len(path.findtext("{*}AbbreviatedData") or "") < 200:
            yield from ((left, y, right, y) for y in (top, bottom))
            yield from ((x, top, x, bottom) for x in (left, right))


def _numbers(text: str | None) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text or "")]
