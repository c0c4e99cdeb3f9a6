"""What a file is, by its first bytes and, for packages, by what they contain; never by its extension."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from io import BytesIO

from pipeline.ingest import compound

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    LookupError,
    ValueError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    OSError,
)
"""What the standard library raises for damaged archives (RuntimeError: a member that needs a password)."""

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "txt": (".txt", ".text", ".md"),
    "pdf": (".pdf",),
    "docx": (".docx", ".docm", ".dotx", ".dotm"),
    "doc": (".doc", ".dot", ".wps", ".wpt"),
    "rtf": (".rtf",),
    "odt": (".odt",),
    "ofd": (".ofd",),
    "html": (".html", ".htm"),
    "mhtml": (".mht", ".mhtml"),
}
"""Formats that are read, with the file endings that are usual for each."""

UNSUPPORTED: dict[str, str] = {
    "xlsx": "a spreadsheet; save the sheet that holds the report as Word or PDF",
    "pptx": "a presentation; save it as PDF",
    "xls": "a spreadsheet or another Office file that is not a text; save it as Word or PDF",
    "zip": "an archive; unpack it and give the files in it",
    "epub": "an electronic book; save it as PDF",
    "image": "a picture; put it into a PDF, whose pages are read by OCR (extra hebao[ocr])",
    "gzip": "an archive; unpack it and give the files in it",
    "xml": "an XML file without a form that is known here; save it as Word, PDF or text",
}
"""Formats that are recognised and not read: what to call them, and the remedy."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\xdb\xa5", "doc"),  # Word 2
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "zip"),
    (b"7z\xbc\xaf", "zip"),
)
_LEADING = 65_536  # bytes in which blanks and comments may stand before the first that tells
_COMMENTS = re.compile(rb"(?:\s*<!--.*?-->)+\s*", re.DOTALL)
_MARKUP = re.compile(rb"</?(?:p|br|span|font|h[1-6]|center|[uo]l|a|b|strong|article|section|pre)\b", re.IGNORECASE)
_WIDE_MARKUP = re.compile(rb"[\0\s]*(?:\0<|<\0)")
_MARKS = 3  # as many tags without those of a whole page are a part of one
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|div|table)\b", re.IGNORECASE)
_PDF_OBJECT = re.compile(rb"^\s*\d+ \d+ obj\b", re.MULTILINE)
_MAIL = re.compile(rb"^(?:mime-version|content-type|from|date|subject):", re.IGNORECASE | re.MULTILINE)


def detect(data: bytes) -> str:
    """The format of a file: a key of EXTENSIONS or UNSUPPORTED, or "encrypted" or "damaged_package".

    Whatever has no signature is called txt; whether it is one is for the text reader to find out.
    """
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(compound.MAGIC):
        return _compound(data)
    if data.startswith(b"PK"):
        return _package(data)
    head = _without_mark(data[:_LEADING])[:4096]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:1] != b"<" and b"multipart/related" in head.lower() and _MAIL.search(head):
        return "mhtml"
    if head.startswith(b"<?xml") and (b"word/2003/wordml" in head or b"office/2006/xmlPackage" in head):
        return "doc"  # the same document as one XML file
    if head.startswith(b"<?xml") and b"<html" not in head.lower():
        return "xml"
    if b"startxref" in data or (b"trailer" in data and _PDF_OBJECT.search(data)):
        return "pdf"  # without its first line: pdfium finds out whether the rest can be read
    is_page = _HTML.search(head[:1024]) or len(_MARKUP.findall(head)) >= _MARKS
    return "html" if is_page and b"<" in head[:64] else "txt"


def _without_mark(head: bytes) -> bytes:
    """The head as bytes of ASCII markup: byte order mark, leading blanks, comments, the zeros of UTF-16 taken out."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[2:].replace(b"\0", b"")
    elif _WIDE_MARKUP.match(head):
        head = head.replace(b"\0", b"")
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    comments = _COMMENTS.match(head)
    return head[comments.end() :] if comments else head


def _compound(data: bytes) -> str:
    streams = compound.streams(data)
    if "EncryptedPackage" in streams:
        return "encrypted"
    word = streams.get("WordDocument")
    if word is None:
        return "xls" if streams else "damaged_package"
    # bit 8 of the flags in the file information block: encrypted or obfuscated
    return "encrypted" if len(word) > 11 and word[11] & 1 else "doc"


def add_usual_names(archive: zipfile.ZipFile) -> None:
    """Let members be found by `usual` names too: some packers write backslashes, a slash in front, other cases."""
    for name, entry in [*archive.NameToInfo.items()]:
        archive.NameToInfo.setdefault(usual(name), entry)


def usual(name: str) -> str:
    """The name of a member as all packers would write it but for its case, in lower case."""
    return name.replace("\\", "/").removeprefix("./").lstrip("/").lower()


def _package(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            types = "[Content_Types].xml"
            if types not in archive.NameToInfo:
                add_usual_names(archive)
                types = usual(types)
            names = set(archive.NameToInfo)
            if types in names and archive.getinfo(types).file_size < 1_000_000:
                return _office(archive.read(types), names)
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return _by_media_type(archive.read("mimetype"))
    except BROKEN:
        return "damaged_package"
    if "word/document.xml" in names:
        return "docx"  # without the list of its parts
    return "ofd" if "ofd.xml" in names else "zip"


def _office(content_types: bytes, names: set[str]) -> str:
    if b"wordprocessingml" in content_types or b"ms-word" in content_types or "word/document.xml" in names:
        return "docx"
    if b"spreadsheetml" in content_types or b"ms-excel" in content_types:
        return "xlsx"
    return "pptx" if b"presentationml" in content_types else "zip"


def _by_media_type(media_type: bytes) -> str:
    if b"opendocument.text" in media_type:
        return "odt"
    if b"opendocument" in media_type:
        return "xlsx" if b"spreadsheet" in media_type else "pptx"
    return "epub" if b"epub" in media_type else "zip"
