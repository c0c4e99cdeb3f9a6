"""Zip packages of Office and OFD files: opened within limits, their XML parsed without DTD, entities or network."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise

from docx.opc.constants import RELATIONSHIP_TARGET_MODE
from docx.opc.packuri import PACKAGE_URI, PackURI
from lxml import etree

from pipeline.config import Ingest
from pipeline.ingest.formats import BROKEN, add_usual_names, usual
from pipeline.ingest.reading import Reading, UnreadableError

MAX_MEMBERS = 10_000
FREE_BYTES = 10_000_000  # unpacked size up to which no ratio is asked for

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_STRICT_TO_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_READ = ("numbering", "styles", "footnotes", "endnotes", "header", "footer")  # kinds of parts
_CONVENTIONAL = re.compile(rf"word/({'|'.join(_READ)})\d*\.xml$")
_PARSER = etree.XMLParser(
    resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
)


@dataclass(slots=True)
class Package:
    """A Word package: the name of the main document, and the parts related to it by the kind of relation."""

    archive: zipfile.ZipFile
    main: str
    related: list[tuple[str, str]] = field(default_factory=list)  # (numbering, styles, header, …; part name)
    targets: dict[str, str] = field(default_factory=dict)  # part names by the ids that the main document calls them

    def of_kind(self, kind: str) -> list[str]:
        """Names of the parts that stand in this relation to the main document."""
        return [name for relation, name in self.related if relation == kind and name in self.archive.NameToInfo]

    def unrelated(self) -> list[tuple[str, str]]:
        """Kind and name of the parts that are there under their usual names but in no relation to the document."""
        known = {usual(name) for _, name in self.related} | {usual(self.main)}
        names = [name for name in self.archive.namelist() if usual(name) not in known]
        return [(found[1], name) for name in sorted(names) if (found := _CONVENTIONAL.match(usual(name)))]

    def part(self, name: str) -> bytes:
        """A part as stored. Raises UnreadableError (corrupt) for one that cannot be unpacked."""
        try:
            return self.archive.read(name)
        except BROKEN as error:
            raise UnreadableError("corrupt", f"{name} cannot be unpacked ({error}); get the file again") from error

    def xml(self, name: str) -> etree._Element:
        """Root element of a part; Strict names are turned into Transitional ones. Raises as part() and parse() do."""
        return parse(transitional(self.part(name)), name)


def transitional(data: bytes) -> bytes:
    """XML of a part with the names of the Strict form turned into those that everybody writes."""
    return _STRICT.sub(_STRICT_TO_TRANSITIONAL, data) if b"purl.oclc.org" in data else data


def parse(data: bytes, name: str) -> etree._Element:
    """Root element of XML that comes from outside.

    Raises UnreadableError (corrupt) for what is not well-formed, and for any document type: entities could hide text.
    """
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("corrupt", f"{name} is damaged XML ({error}); repair the file in Word") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("corrupt", f"{name} declares a document type, as Office never does; not read")
    return root


def check_limits(archive: zipfile.ZipFile, packed: int, settings: Ingest) -> None:
    """Refuse an archive that would unpack to too much; zipfile itself never reads more than a member declares.

    Raises UnreadableError (limit_expansion) for too many members, shared bytes, or a ratio beyond the setting.
    """
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise UnreadableError("limit_expansion", f"{len(members)} members; more than {MAX_MEMBERS} are not unpacked")
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(FREE_BYTES, settings.max_expansion * packed):
        raise UnreadableError(
            "limit_expansion",
            f"{packed} bytes would unpack to {unpacked}; raise ingest.max_expansion if the file is to be trusted",
        )
    ordered = sorted(members, key=lambda member: member.header_offset)
    for one, following in pairwise(ordered):
        if one.header_offset + 30 + one.compress_size > following.header_offset:
            raise UnreadableError("limit_expansion", "members overlap, as in a zip bomb; not unpacked")


def open_zip(data: bytes, settings: Ingest) -> zipfile.ZipFile:
    """An archive within limits. Raises UnreadableError (corrupt, encrypted, limit_expansion)."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except BROKEN as error:
        raise UnreadableError("corrupt", f"the zip package is damaged ({error}); get the file again") from error
    check_limits(archive, len(data), settings)
    if any(member.flag_bits & 1 for member in archive.infolist()):
        raise UnreadableError("encrypted", "the package is protected by a password; remove the password and try again")
    add_usual_names(archive)
    return archive


def stored(archive: zipfile.ZipFile, name: str) -> str:
    """The name under which a member that is called `name` can be found, if there is one."""
    return name if name in archive.NameToInfo else usual(name)


def open_word(archive: zipfile.ZipFile, reading: Reading) -> Package:
    """The parts of a Word package by their relations, or by their usual names where the relations are damaged."""
    reason = ""
    try:
        package = _by_relations(archive)
        lost = [name for kind, name in package.related if kind in _READ and name not in archive.NameToInfo]
        if lost:
            reason = f"no {lost[0]}"
        elif not package.targets and package.unrelated():
            reason = "no relations"
    except (*BROKEN, UnreadableError) as error:
        package, reason = Package(archive, "word/document.xml"), str(error)
    if stored(archive, package.main) not in archive.NameToInfo:
        raise UnreadableError("corrupt", "the Word package holds no readable document part; get the file again")
    if reason:
        reading.issue("package_damaged", f"relations between parts are damaged ({reason}); taken by name")
        package.related += package.unrelated()
    if len(set(archive.namelist())) < len(archive.namelist()):
        reading.issue("package_damaged", "several parts have one name; the last of them is taken")
    return package


def _by_relations(archive: zipfile.ZipFile) -> Package:
    outer = [*_relations(archive, PackURI(PACKAGE_URI))]
    main = next((name for kind, name, _ in outer if kind == "officeDocument"), "")
    if stored(archive, main) not in archive.NameToInfo:
        raise KeyError("no main document")
    inner = [*_relations(archive, PackURI(f"/{main}"))]
    related = [(kind, name) for kind, name, _ in (*inner, *outer)]
    return Package(archive, main, related, {key: name for _, name, key in inner})


def _relations(archive: zipfile.ZipFile, source: PackURI) -> Iterator[tuple[str, str, str]]:
    """Kind of relation, name and id of each part that a part (or the package itself) is related to."""
    name = stored(archive, source.rels_uri.membername)
    if name not in archive.NameToInfo:
        return
    for relation in parse(transitional(archive.read(name)), name):
        if relation.get("TargetMode") != RELATIONSHIP_TARGET_MODE.EXTERNAL:
            target = PackURI.from_rel_ref(source.baseURI, relation.get("Target", ""))
            kind = relation.get("Type", "").rpartition("/")[2]
            yield kind, stored(archive, target.membername), relation.get("Id", "")
