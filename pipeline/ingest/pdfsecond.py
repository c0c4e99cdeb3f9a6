"""A second reader for every PDF: text that pdfium leaves out without a word becomes an issue, never a success.

To read each page twice would take ten times as long. So the content of a page is only scanned for the strings that it
shows; where pdfium gives clearly fewer characters, pdfplumber reads that page in full and the two counts are compared.
"""

from __future__ import annotations

import logging
import re
import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pdfplumber
from pdfminer import pdftypes
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psexceptions import PSException
from pdfminer.psparser import literal_name
from pdfplumber.page import Page as PlumberPage
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from pipeline.ingest.page import Page
from pipeline.ingest.reading import Reading

# pdfminer lets errors of its own code through for damaged files; none of them is ours to mend
FAILURES = (
    MalformedPDFException,
    PdfminerException,
    PDFException,
    PSException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,  # damaged files name rows of gigabytes
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What the second reader raises for files that it cannot read."""

_AGREED = 0.9  # share of characters that both engines should find
_SMALL = 20  # characters: pages with fewer are not compared
_SUSPECT = 0.8  # of the characters that a page shows; with blanks, so a little less than agreed
_MOST_COMPARED = 50  # pages that are read in full by both
_MOST_CHARACTERS = 100_000  # that these show: the second engine takes seconds for more
_DEPTH = 4  # of content that is drawn inside other content
_PIECE = 4096  # bytes
_AGAIN = 50  # times the size of a file that may be read before the second reader is taken to run in circles
_STRING = rb"\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]*)>"
_SHOWN = re.compile(
    rb"/ActualText\s*(?:\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>)"
    rb"|/([^\s/\[\]<>()]+)\s+-?[\d.]+\s+Tf\b|/([^\s/\[\]<>()]+)\s+Do\b|" + _STRING,
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:[0-7]{1,3}|.)", re.DOTALL)


class _Bounded(BytesIO):
    """Bytes that may be read a good many times over, but not without end."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._left = _AGAIN * len(data) + 10_000_000

    def read(self, size: int | None = -1, /) -> bytes:
        part = super().read(size)
        self._left -= len(part)
        if self._left < 0:
            raise OSError("read over and over")
        return part


class SecondReader:
    """pdfplumber on the same file. Where it fails, an issue says that nothing could be compared."""

    def __init__(self, data: bytes, reading: Reading) -> None:
        """Compares the number of pages with `reading.pages`."""
        self._reading = reading
        self._pages: Sequence[PlumberPage] = ()
        self._failed: list[int] = []
        self._suspected: list[int] = []  # their content shows more than was read, and the second reader does not help
        self._left = _MOST_CHARACTERS
        self._compared: set[int] = set()
        self._catalog: dict[str, Any] = {}
        self._shown: dict[int, int] = {}  # by object id of a form: the characters that it shows
        logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font that it does not like
        try:
            document = pdfplumber.open(_Bounded(data), raise_unicode_errors=False)
            self._pages, self._catalog = document.pages, document.doc.catalog
        except FAILURES as error:
            reason = f"{type(error).__name__}: {error}"[:100]
            reading.issue("not_compared", f"damaged; a second reader cannot open it ({reason})", severity="info")
            return
        self._compare("", reading.pages or 0, len(self._pages), "pages")

    def page(self, number: int) -> PlumberPage | None:
        """A page (counted from 1) as pdfplumber gives it, None where it does not find it."""
        return self._pages[number - 1] if number <= len(self._pages) else None

    def layers_off(self) -> int:
        """How many layers of the file are not shown when it is opened."""
        try:
            layers = resolve1(self._catalog.get("OCProperties")) or {}
            usual = resolve1(layers.get("D")) or {}
            base = resolve1(usual.get("BaseState"))
            listed_as = "OFF" if base is None or literal_name(base) != "OFF" else "ON"
            named = len(resolve1(usual.get(listed_as)) or ())
            return named if listed_as == "OFF" else len(resolve1(layers.get("OCGs")) or ()) - named
        except FAILURES:
            return 0

    def check(self, page: Page) -> None:
        """Compare a page that pdfium has read with what its content shows."""
        other = self.page(page.number)
        if other is None:
            return
        try:
            shown = self._shown_by(other.page_obj.contents, other.page_obj.resources, page.number, 0)
        except FAILURES:
            self._failed.append(page.number)
            return
        if page.printed >= _SUSPECT * shown - _SMALL:
            return
        if self._left < 0:
            self._suspected.append(page.number)
            return
        self._left -= shown
        try:
            self.compare(page, other)
            other.close()
        except FAILURES:
            self._suspected.append(page.number)

    def compare(self, page: Page, other: PlumberPage) -> None:
        """Read a page in full and compare the characters. Raises one of FAILURES."""
        if page.number in self._compared:
            return
        if len(self._compared) >= _MOST_COMPARED:
            self._failed.append(page.number)
            return
        self._compared.add(page.number)
        seen = sum(not char["text"].isspace() for char in other.chars)
        if seen > page.printed:  # what is printed twice to look bold is counted once here
            seen = sum(not char["text"].isspace() for char in other.dedupe_chars(extra_attrs=("size",)).chars)
        if max(seen, page.printed) > _SMALL and min(seen, page.printed) < _AGREED * max(seen, page.printed):
            self._compare(f"page {page.number}: ", page.printed, seen, "characters")

    def close(self) -> None:
        """Report the pages that could not be compared, and let go of the file."""
        for pages, severity in ((self._failed, "info"), (self._suspected, "warning")):
            if pages:
                message = f"pages {listed(pages)}: a second reader fails; characters are not compared"
                self._reading.issue("not_compared", message, severity=severity)
        self._pages = ()

    def _compare(self, where: str, own: int, other: int, what: str) -> None:
        if own != other:
            lost = other > own
            message = f"{where}{own} {what} here, {other} by a second reader"
            self._reading.issue("readers_disagree", message, severity="warning" if lost else "info")
            self._reading.outcome = "ok_partial" if lost else self._reading.outcome

    def _shown_by(self, streams: Sequence[Any], resources: Any, number: int, depth: int) -> int:
        """About how many characters, blanks aside, content shows."""
        content = b" ".join(self._content(resolve1(stream), number) for stream in streams)
        named = resolve1(resources) or {}
        forms = resolve1(named.get("XObject")) or {}
        strings: dict[bytes, list[bytes]] = {}
        font, shown = b"", 0
        for chosen, form, literal, hexadecimal in _SHOWN.findall(content):
            if form:
                shown += self._shown_in(forms, form, named, number, depth)
            elif chosen:
                font = chosen
            elif literal or hexadecimal:
                text = _ESCAPE.sub(b"x", literal) if b"\\" in literal else literal or hexadecimal[::2]
                strings.setdefault(font, []).append(text)
        return shown + sum(map(_characters, strings.values()))

    def _shown_in(self, forms: Any, name: bytes, outer: Any, number: int, depth: int) -> int:
        form = resolve1(forms.get(name.decode("latin-1")))
        if not isinstance(form, PDFStream) or literal_name(form.get("Subtype")) != "Form" or depth >= _DEPTH:
            return 0
        key = form.objid if form.objid is not None else id(form)
        if key not in self._shown:
            self._shown[key] = self._shown_by([form], form.get("Resources") or outer, number, depth + 1)
        return self._shown[key]

    def _content(self, stream: Any, number: int) -> bytes:
        """Content unpacked; an issue where it breaks off, which both engines pass over."""
        if not isinstance(stream, PDFStream):
            return b""
        filters = [literal_name(name) for name, _ in stream.get_filters()]
        if filters in (["FlateDecode"], ["Fl"]) and stream.decipher is None and stream.rawdata:
            unpacker = zlib.decompressobj()
            try:
                content, whole = unpacker.decompress(stream.rawdata), unpacker.eof
            except zlib.error:
                content, whole = unpacked(stream.rawdata)[0], False
            if not whole:
                self._reading.issue("page_damaged", f"page {number}: its content is damaged; text may be missing")
                self._reading.outcome = "ok_partial"
            return content
        return stream.get_data()


def unpacked(data: bytes) -> tuple[bytes, int]:
    """What a damaged stream holds up to the damage, and how many of its bytes are sound."""
    unpacker = zlib.decompressobj()
    found: list[bytes] = []
    for start in range(0, len(data), _PIECE):
        before = unpacker.copy()
        try:
            found.append(unpacker.decompress(data[start : start + _PIECE]))
        except zlib.error:
            last = _byte_by_byte(before, data[start : start + _PIECE])
            return b"".join([*found, *last]), start + len(last)
    return b"".join(found), len(data)


def _byte_by_byte(unpacker: Any, piece: bytes) -> list[bytes]:
    found: list[bytes] = []
    for place in range(len(piece)):
        try:
            found.append(unpacker.decompress(piece[place : place + 1]))
        except zlib.error:
            break
    return found


def _without_checksum(data: bytes) -> bytes:
    """A stream of which at most the checksum is damaged. Raises zlib.error for any other."""
    found, sound = unpacked(data)
    if sound < len(data) - 3:
        raise zlib.error("damaged")
    return found


# that of the engine puts all it has so far together anew for every byte: minutes for half a megabyte
pdftypes.decompress_corrupted = _without_checksum


def _characters(strings: list[bytes]) -> int:
    """How many characters the strings of one font show: two bytes each, as in Chinese fonts, unless one is odd."""
    size = sum(map(len, strings))
    if all(len(string) % 2 == 0 for string in strings):
        return size // 2
    return size - sum(string.count(b" ") for string in strings)


def listed(numbers: Sequence[int]) -> str:
    """The first ten of many."""
    return ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "")
