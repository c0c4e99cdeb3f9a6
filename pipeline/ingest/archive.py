"""Zip archives of reports: their members as bytes, within limits; names are data and never become paths."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.config import Ingest
from pipeline.ingest.formats import BROKEN
from pipeline.ingest.package import open_zip
from pipeline.ingest.reading import UnreadableError
from pipeline.records import Issue

MAX_DEPTH = 3  # archives in archives
_UTF8_NAME = 0x800  # flag of a member whose name is UTF-8
_LINK = 0o120000


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name as stored, with those of the archives that it stands in, and its size."""

    name: str
    size: int
    _archive: zipfile.ZipFile
    _entry: zipfile.ZipInfo

    def read(self) -> bytes:
        """The bytes, while the walk that gave this member has not gone on. Raises UnreadableError (corrupt)."""
        try:
            return self._archive.read(self._entry)
        except BROKEN as error:
            raise UnreadableError("corrupt", f"{self.name} cannot be unpacked ({error})") from error


def members(path: Path, settings: Ingest) -> Iterator[Member | Issue]:
    """All files of a zip archive, those of archives in it too, in the order of the directory.

    Nothing is written to disk. What is refused (links, damage, passwords, sizes beyond the limits, archives deeper than
    MAX_DEPTH) comes as an Issue instead of a Member; its message begins with the name.
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


def member(path: Path, name: str, settings: Ingest) -> bytes:
    """The bytes of one member of a zip archive, by its name as `members` gives it.

    Raises UnreadableError (missing) where there is none of that name, else as the archive demands.
    """
    if path.stat().st_size > settings.max_bytes:
        raise UnreadableError("limit_size", "the archive is larger than ingest.max_bytes; unpack it by hand")
    for found in _members(path.read_bytes(), "", settings, depth=1, budget=[settings.max_bytes], only=name):
        if isinstance(found, Issue):
            raise UnreadableError(found.code, found.message)
        if found.name == name:
            return found.read()
    raise UnreadableError("missing", f"{path.name} holds no {name}; it has changed since it was listed")


def _members(
    data: bytes, prefix: str, settings: Ingest, depth: int, budget: list[int], only: str | None = None
) -> Iterator[Member | Issue]:
    """Walk one archive; with `only` nothing is unpacked or reported but that member and the archives around it."""
    try:
        archive = open_zip(data, settings)
    except UnreadableError as error:
        yield _issue(prefix.rstrip("/") or "the archive", error)
        return
    given: Counter[str] = Counter()
    with archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            name = prefix + _once(_name(entry), given)
            budget[0] -= entry.file_size
            if only is not None and name != only and not only.startswith(name + "/"):
                continue
            if entry.external_attr >> 16 & 0o170000 == _LINK:
                yield _issue(name, UnreadableError("unsupported", "a link, not followed"))
                continue
            if budget[0] < 0:
                yield _issue(name, UnreadableError("limit_expansion", "unpacks to more than ingest.max_bytes"))
                return
            found = Member(name, entry.file_size, archive, entry)
            if not name.lower().endswith(".zip"):
                yield found
            elif depth < MAX_DEPTH:
                try:
                    inner = found.read()
                except UnreadableError as error:
                    yield _issue(name, error)
                    continue
                yield from _members(inner, name + "/", settings, depth + 1, budget, only)
            else:
                yield _issue(name, UnreadableError("limit_expansion", f"more than {MAX_DEPTH} archives in each other"))


def _once(name: str, given: Counter[str]) -> str:
    """The name, with a number where the archive holds another file of that name."""
    given[name] += 1
    if given[name] == 1:
        return name
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}~{given[name]}{path.suffix}"))


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


def _issue(name: str, error: UnreadableError) -> Issue:
    return Issue("ingest", error.outcome, f"{name}: {error}", severity="error")
