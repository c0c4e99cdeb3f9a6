"""Which names mean one place: a user's table of names, and masked reports that are near-duplicates of each other.

Names come from the reports; this room only joins them. A masked name (XX镇) is never resolved to a real place: masked
reports with nearly the same words are one issuer (a text handed on, with its name blotted out), others stay apart.
"""

from __future__ import annotations

import csv
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SHINGLE = 8  # characters of a window
KEPT = 32  # one window of so many is looked at: those whose digest divides by it
ALIKE = 0.7  # share of the windows of two reports that they have in common
COLUMNS = ("name", "place", "parent", "level", "code")
HEADS = {
    "name": ("name", "名称", "区划名称", "地名"), "code": ("code", "代码", "区划代码", "行政区划代码"),
    "parent": ("parent", "上级", "上级名称", "上级代码", "parent_code"), "level": ("level", "级别", "层级"),
    "place": ("place", "规范名称", "alias_of", "canonical"),
}  # fmt: skip
LEVELS = {"1": "province", "2": "prefecture", "3": "county", "4": "township", "5": "village", "省级": "province",
          "地级": "prefecture", "县级": "county", "乡级": "township", "村级": "village"}  # fmt: skip


class PlacesError(ValueError):
    """A table of places that cannot be used; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a table of places: `name` as reports write it means `place`."""

    name: str
    place: str
    parent: str
    level: str
    code: str


def beside(database: Path) -> Path:
    """Where the table of places of a database lies, when none is named: x.places.csv beside x.db."""
    return database.with_suffix(".places.csv")


def read(path: Path) -> tuple[Place, ...]:
    """The rows of a table of places: CSV with the columns name and place, or of an official division table with code,
    name, parent (a name or a code) and level, in English or Chinese. Raises PlacesError."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise PlacesError(f"{path}: cannot be read ({error.strerror}); --places takes a CSV file") from error
    except UnicodeDecodeError as error:
        raise PlacesError(f"{path}: not UTF-8; save it as “CSV UTF-8”") from error
    table = list(csv.reader(text.splitlines()))
    heads = [cell.strip().lower() for cell in table[0]] if table else []
    at = {field: next((heads.index(h) for h in known if h in heads), None) for field, known in HEADS.items()}
    if at["name"] is None:
        raise PlacesError(f"{path}: line 1 names no column 'name' (名称); known columns: {', '.join(COLUMNS)}")
    found = []
    for number, cells in enumerate(table[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heads):
            raise PlacesError(f"{path}: line {number} has {len(cells)} fields, the heading has {len(heads)}")
        row = {field: cells[column].strip() if column is not None else "" for field, column in at.items()}
        if not row["name"] or "#" in row["place"]:
            raise PlacesError(f"{path}: line {number} needs a name, and a masked place is never resolved")
        row["place"] = row["place"] or row["name"]
        found.append(Place(**row | {"level": LEVELS.get(row["level"], row["level"])}))
    names = {place.code: place.place for place in found if place.code}
    return tuple(Place(p.name, p.place, names.get(p.parent, p.parent), p.level, p.code) for p in found)


def write(path: Path, places: Iterable[Place]) -> None:
    """Write a table of places, sorted, each row once."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(sorted({(p.name, p.place, p.parent, p.level, p.code) for p in places}))


def aliases(table: Sequence[Place]) -> dict[str, str]:
    """Name → place. A name that means several places (石坪乡 of two counties) is left as it is."""
    meant: dict[str, set[str]] = defaultdict(set)
    for place in table:
        meant[place.name].add(place.place)
    return {name: places.pop() for name, places in meant.items() if len(places) == 1 and "#" not in name}


def labels(
    reports: Iterable[tuple[int, str, str | None]], table: Sequence[Place], masked: Sequence[tuple[str, str]]
) -> dict[int, str]:
    """Key of a report → the name that its place has in a panel, from (key, place, parent). A name that reports put
    under several parents is written with its parent."""
    known = aliases(table) | clusters(masked)
    named = [(key, known.get(place, place), parent and known.get(parent, parent)) for key, place, parent in reports]
    parents: dict[str, set[str]] = defaultdict(set)
    for _, place, parent in named:
        if parent:
            parents[place].add(parent)
    return {key: f"{parent}{place}" if parent and len(parents[place]) > 1 else place for key, place, parent in named}


def clusters(masked: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Pseudonym → pseudonym of its cluster, the least of those whose reports are near-duplicates; from (pseudonym,
    text) of masked reports."""
    sketches: dict[str, set[int]] = {}
    for name, text in masked:
        sketches[name] = sketches.get(name, set()) | _sketch(text)
    held: dict[int, list[str]] = defaultdict(list)
    for name in sorted(sketches):
        for window in sketches[name]:
            held[window].append(name)
    first = {name: name for name in sketches}
    for name in sorted(sketches):
        others = {other for window in sketches[name] for other in held[window] if other < name}
        for other in sorted(others):
            same_level = other.partition("#")[0] == name.partition("#")[0]
            if same_level and _share(sketches[name], sketches[other]) >= ALIKE:
                _join(first, name, other)
    return {name: _root(first, name) for name in sketches if _root(first, name) != name}


def _sketch(text: str) -> set[int]:
    words = "".join(c for c in text if c.isalnum())
    windows = (words[i : i + SHINGLE].encode() for i in range(max(1, len(words) - SHINGLE + 1)))
    digests = {zlib.crc32(window) for window in windows}
    return {digest for digest in digests if digest % KEPT == 0} or {min(digests)}


def _share(a: set[int], b: set[int]) -> float:
    return len(a & b) / len(a | b)


def _root(first: Mapping[str, str], name: str) -> str:
    while first[name] != name:
        name = first[name]
    return name


def _join(first: dict[str, str], a: str, b: str) -> None:
    low, high = sorted((_root(first, a), _root(first, b)))
    first[high] = low
