"""file → Document. One module a format; what a file is, its content decides.

A file that cannot be read comes back as a Document without text whose `outcome` says why, with one Issue that names
the remedy. Blocks are in reading order. Conventions beyond records.Block: a `style` of "continued" marks a PDF or OFD
block that goes on with the paragraph before the page break (headers and footers between them aside).
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from pathlib import Path

from pipeline.config import Ingest
from pipeline.ingest import formats
from pipeline.ingest.reading import Reading, UnreadableError
from pipeline.records import Document, Issue

SUFFIXES: frozenset[str] = frozenset(suffix for suffixes in formats.EXTENSIONS.values() for suffix in suffixes)
"""File endings, lower case, that a walk through a folder picks up."""


def read(path: Path, settings: Ingest) -> tuple[Document, tuple[Issue, ...]]:
    """Read one file. Never raises for what a file holds, nor for one that is not there: see Document.outcome."""
    sha256, form = "", ""
    try:
        data = load(path, settings)
        sha256 = hashlib.sha256(data).hexdigest()
        form = _format(data, path)
        reading = READERS[form](data, settings)
    except UnreadableError as error:
        document = Document(str(path), path.name, sha256, form, error.outcome)
        return document, (Issue("ingest", error.outcome, f"{path.name}: {error}", severity="error"),)
    usual = formats.EXTENSIONS[form]
    if path.suffix.lower() not in usual:
        reading.issue("extension_differs", f"{path.name} is {form} by its content", severity="info")
    if not reading.text.strip() and reading.outcome in ("ok", "ok_partial"):
        reading.outcome = "no_text_layer"
        reading.issue("no_text_layer", f"{path.name}: nothing but blanks; get the file again", severity="error")
    readable = reading.outcome in ("ok", "ok_partial")
    if readable:
        from pipeline.ingest.language import garbled, language

        reading.metadata |= language(reading.text)
        if garbled(reading.text):
            reading.outcome = "ok_partial"
            reading.issue("garbled_text", f"{path.name}: rare characters nearly throughout, as if one encoding or font"
                          " had been taken for another; compare it with the page, get the file again")  # fmt: skip
    document = Document(
        path=str(path),
        name=path.name,
        sha256=sha256,
        format=form,
        outcome=reading.outcome,
        text=reading.text if readable else "",
        blocks=tuple(reading.blocks) if readable else (),
        pages=reading.pages,
        encoding=reading.encoding,
        metadata=tuple(sorted(reading.metadata.items())),
        boxes=reading.boxes if readable else None,
    )
    return document, tuple(reading.issues)


def load(path: Path, settings: Ingest) -> bytes:
    """The bytes of a file, or of a member of a zip archive whose path goes on with the member's name.

    Raises UnreadableError (missing, limit_size, corrupt for a file of 0 bytes, or what the archive demands).
    """
    try:
        archive = None if path.exists() else next((outer for outer in path.parents if outer.is_file()), None)
        if archive is not None:
            from pipeline.ingest.archive import member

            data = member(archive, path.relative_to(archive).as_posix(), settings)
        else:
            state = path.stat()
            if not stat.S_ISREG(state.st_mode):
                raise UnreadableError("missing", "not a regular file; give the files in the folder one by one")
            if state.st_size > settings.max_bytes:
                remedy = f"raise ingest.max_bytes ({settings.max_bytes}) or split the file"
                raise UnreadableError("limit_size", f"{state.st_size} bytes; {remedy}")
            data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableError("missing", f"cannot be opened ({reason}); check the path and the permissions") from error
    if not data:
        raise UnreadableError("corrupt", "the file is empty (0 bytes); get it again from its sender")
    return data


def _format(data: bytes, path: Path) -> str:
    form = formats.detect(data)
    if form == "encrypted":
        raise UnreadableError("encrypted", "protected by a password; remove the password and try again")
    if form == "damaged_package":
        raise UnreadableError("corrupt", "the package is damaged; get the file again from its sender")
    if form in formats.UNSUPPORTED:
        raise UnreadableError("unsupported", formats.UNSUPPORTED[form])
    return form


def _plain(data: bytes, settings: Ingest) -> Reading:
    from pipeline.ingest.plain import read_text

    return read_text(data, settings)


def _word(data: bytes, settings: Ingest) -> Reading:
    from pipeline.ingest.word import read_word

    return read_word(data, settings, _inner)


def _inner(data: bytes, settings: Ingest) -> Reading:
    """A document inside a Word document: by its content, and what it holds in its turn is left out."""
    form = formats.detect(data)
    if form == "docx":
        from pipeline.ingest.word import read_word

        return read_word(data, settings)
    if form not in READERS:
        raise UnreadableError("unsupported", f"holds a document of another kind ({form})")
    return READERS[form](data, settings)


def _pdf(data: bytes, settings: Ingest) -> Reading:
    from pipeline.ingest.pdf import read_pdf

    return read_pdf(data, settings)


def _ofd(data: bytes, settings: Ingest) -> Reading:
    from pipeline.ingest.ofd import read_ofd

    return read_ofd(data, settings)


def _html(data: bytes, settings: Ingest) -> Reading:
    from pipeline.ingest.html import read_html

    return read_html(data, settings)


def _mhtml(data: bytes, settings: Ingest) -> Reading:
    from pipeline.ingest.html import read_mhtml

    return read_mhtml(data, settings)


def _office(suffix: str) -> Callable[[bytes, Ingest], Reading]:
    def read_other(data: bytes, settings: Ingest) -> Reading:
        from pipeline.ingest.office import read_through_office

        return read_through_office(data, suffix, settings)

    return read_other


READERS: dict[str, Callable[[bytes, Ingest], Reading]] = {
    "txt": _plain,
    "docx": _word,
    "pdf": _pdf,
    "doc": _office(".doc"),
    "rtf": _office(".rtf"),
    "odt": _office(".odt"),
    "ofd": _ofd,
    "html": _html,
    "mhtml": _mhtml,
}
