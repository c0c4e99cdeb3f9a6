"""Zip archives of reports: their members as bytes, within limits; names are data and never become paths."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.config import Ingest
from pipeline.ingest.package import BROKEN, open_zip
from pipeline.ingest.reading import UnreadableError
from pipeline.records import Issue

MAX_DEPTH = 3  # archives in archives
_UTF8_NAME = 0x800  # flag of a member whose name is UTF-8
_LINK = 0o120000


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name as stored (only to be shown) and its bytes."""

    name: str
    data: bytes


def members(path: Path, settings: Ingest) -> Iterator[Member | Issue]:
    """All files of a zip archive, those of archives in it too, in the order of the directory.

    Nothing is written to disk. What is refused (links, damage, passwords, sizes beyond the limits, archives deeper than
    MAX_DEPTH) comes as an Issue instead of a Member.
    """
    try:
        if path.stat().st_size > settings.max_bytes:
            yield _issue(path.name, UnreadableError("limit_size", "larger than ingest.max_bytes; unpack it by hand"))
            return
        data = path.read_bytes()
    except OSError as error:
        yield _issue(path.name, UnreadableError("missing", f"cannot be opened ({error.strerror})"))
        return
    yield from _members(data, "", settings, depth=1, budget=[settings.max_bytes])


def _members(data: bytes, prefix: str, settings: Ingest, depth: int, budget: list[int]) -> Iterator[Member | Issue]:
    try:
        archive = open_zip(data, settings)
    except UnreadableError as error:
        yield _issue(prefix or "archive", error)
        return
    with archive:
        for entry in archive.infolist():
            name = prefix + _name(entry)
            if entry.is_dir():
                continue
            if entry.external_attr >> 16 & 0o170000 == _LINK:
                yield _issue(name, UnreadableError("unsupported", "a link, not followed"))
                continue
            budget[0] -= entry.file_size
            if budget[0] < 0:
                yield _issue(name, UnreadableError("limit_expansion", "unpacks to more than ingest.max_bytes"))
                return
            try:
                content = archive.read(entry)
            except BROKEN as error:
                yield _issue(name, UnreadableError("corrupt", f"cannot be unpacked ({error})"))
                continue
            if not _is_archive(content, name):
                yield Member(name, content)
            elif depth < MAX_DEPTH:
                yield from _members(content, name + "/", settings, depth + 1, budget)
            else:
                yield _issue(name, UnreadableError("limit_expansion", f"more than {MAX_DEPTH} archives in each other"))


def _name(entry: zipfile.ZipInfo) -> str:
    """The stored name with forward slashes and without steps up; GBK where it is not marked as UTF-8."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437", "replace")  # zipfile read the bytes as that
        name = _decoded(raw) or name
    parts = PurePosixPath(name.replace("\\", "/").replace("\0", "")).parts
    return "/".join(part for part in parts if part not in ("..", "/", ".") and not part.endswith(":")) or "unnamed"


def _decoded(raw: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _is_archive(content: bytes, name: str) -> bool:
    return content.startswith(b"PK\x03\x04") and PurePosixPath(name).suffix.lower() == ".zip"


def _issue(name: str, error: UnreadableError) -> Issue:
    return Issue("ingest", error.outcome, f"{name}: {error}", severity="error")
