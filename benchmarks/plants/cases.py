"""A case: documents with marked spans that a check must point at, or must leave alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from random import Random

from opencc import OpenCC

from benchmarks.plants.bases import FRAMES, STYLES, WORK, Base, corpus, invent, place_name
from benchmarks.plants.grammar import Values, expand

EACH = 44  # plants of a check, and as many look-alikes
TRIES = 40 * EACH  # draws after which a table of frames is said to be too small
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
FAMILIES = tuple(FRAMES / f"{family}.csv" for family in ("template", "time", "sums", "numbers", "relations"))
HELD_OUT = FRAMES / "held_out.csv"  # that nobody looks at while a check is mended; fewer, so each makes more cases


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of a case. `marked` is its text with ⟦…⟧ round the spans; without marks all of it counts."""

    name: str
    marked: str
    word: bool = False  # written as .docx, where lines with tabs are rows of a table

    @property
    def text(self) -> str:
        """The text without the marks."""
        return re.sub("[⟦⟧]", "", self.marked)

    def spans(self, read: str) -> list[tuple[int, int]]:
        """The marked spans in the text that a reader made of the document: the same characters, met as often before."""
        found = []
        for match in re.finditer("⟦([^⟦⟧]+)⟧", self.marked):
            surface, before = match[1].strip("\n"), re.sub("[⟦⟧]", "", self.marked[: match.start()])
            at = -1
            for _ in range(_times(surface, before) + 1):
                at = read.find(surface, at + 1)
            if at < 0:
                raise ValueError(f"{self.name}: {surface!r} is not in the text that was read")
            found.append((at, at + len(surface)))
        return found


def _times(surface: str, before: str) -> int:
    return len(re.findall(f"(?={re.escape(surface)})", before + surface[:-1]))


@dataclass(frozen=True, slots=True)
class Case:
    """Documents in which `check` must fire (a plant) or must not (a look-alike) on the marked spans."""

    check: str
    plant: bool
    papers: tuple[Paper, ...]
    frame: str  # what it was made of, for the list of misses
    beside: tuple[Paper, ...] = ()  # documents that the archive must hold for the fault to show


@dataclass(frozen=True, slots=True)
class Frame:
    """A row of a table of frames."""

    check: str
    plant: bool
    where: tuple[str, ...]  # a part of the report for each piece, or line, head, tail, title, table
    base: str  # "", "invented", "county", "township", "township 2021" (since that year), "traditional" (as the frame)
    avoid: str  # what the report must not contain, a regular expression
    text: str


@cache
def frames(tables: tuple[Path, ...] = FAMILIES) -> tuple[Frame, ...]:
    """All rows of the tables of frames."""
    found = []
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                where = tuple(row["where"].split("+"))
                text = row["text"].replace("\\n", "\n").replace("\\t", "\t")
                found.append(Frame(row["check"], row["kind"] == "plant", where, row["base"], row["avoid"], text))
    return tuple(found)


def framed(check: str, plant: bool, wanted: int = EACH, tables: tuple[Path, ...] = FAMILIES) -> Iterator[Case]:
    """Cases made of the frames of a check: each frame in turn, each time another report, place in it and figures."""
    rows = [frame for frame in frames(tables) if frame.check == check and frame.plant is plant]
    seen: set[str] = set()
    for number in count() if rows else ():
        if len(seen) == wanted:
            return
        if number > TRIES:
            raise ValueError(f"{check}: the frames give only {len(seen)} different cases of {wanted}")
        frame = rows[number % len(rows)]
        random = Random(f"{check} {plant} {number}")
        base = _base(frame, random)
        values: Values = {"place": base.place or "本镇", "year": Decimal(base.year or 0), **base.values}
        pieces = expand(frame.text, random, values)
        paper = plant_in(base, frame, pieces.split("‖"), random)
        if paper.text not in seen:
            seen.add(paper.text)
            yield Case(check, plant, (paper,), frame.text)


def _base(frame: Frame, random: Random) -> Base:
    """A report in which the frame can be planted."""
    style = random.choice([style for style in STYLES if "number" not in style])  # whose numbers a list would repeat
    invented = invent(random, place_name(random.randrange(300)), random.randrange(2019, 2025), style=style)
    if frame.base == "traditional" and random.random() < 0.6:
        return in_traditional(invented)
    if frame.base == "invented":
        return invented
    chosen = [base for base in corpus() if _fits(frame, base)]
    return random.choice(chosen) if chosen else invented


def _fits(frame: Frame, base: Base) -> bool:
    """Whether a report of the corpus has what the frame needs, and nothing that it must not meet."""
    kind, _, since = frame.base.partition(" ")
    levels = {"county": ("县", "市"), "township": ("镇", "乡", "道")}
    return (
        (bool(base.year) or not re.search("<year|year[+-]", frame.text))
        and not (frame.avoid and re.search(frame.avoid, base.text))
        and all(base.spots.get(part) for part in frame.where if part in ("overview", "results", "problems", "plan"))
        and (kind != "traditional" or base.traditional)
        and (kind not in levels or base.place.endswith(levels[kind]))
        and (not since or (base.year or 0) >= int(since))
    )


def plant_in(base: Base, frame: Frame, pieces: list[str], random: Random) -> Paper:
    """The report with each piece put at a drawn place of its part, in the script and layout of the report."""
    width = base.text.count("１") > 3 or (random.random() < 0.12 and "table" not in frame.where)
    text = base.text
    for part, piece in sorted(zip(frame.where, pieces, strict=True), key=lambda pair: pair[0] == "title"):
        said = in_script(piece, base) if frame.base != "traditional" else piece
        said = said.translate(FULL_WIDTH) if width else said
        text = _put(base, text, part, said, random)
    return Paper(base.name, text, "table" in frame.where)


def in_script(said: str, base: Base) -> str:
    """A sentence in the script of the report."""
    return traditional().convert(said) if base.traditional else said


def in_traditional(base: Base) -> Base:
    """The report in Traditional script, character by character, so that its spots stay."""
    text = "".join(new if len(new := traditional().convert(old)) == 1 else old for old in base.text)
    return replace(base, text=text, traditional=True)


@cache
def traditional() -> OpenCC:
    """The converter to Traditional script."""
    return OpenCC("s2tw")


def _put(base: Base, text: str, part: str, said: str, random: Random) -> str:
    """`text` with a piece put in. Offsets of the base hold for the text where marks and pieces before are counted."""
    if part == "title":
        return text[: base.title[0]] + said + text[base.title[1] :]
    if part == "head":
        at = base.title[1]
        return text[:at] + "\n" + said + text[at:]
    if part == "tail":
        return text.rstrip("\n") + "\n" + said + "\n"
    if part in ("line", "table"):
        ends = [match.start() for match in re.finditer(r"(?<=。)\n", text)]
        inside = [end for end in ends if len(text) * 0.2 < end < len(text) * 0.8] or ends or [len(text)]
        at = random.choice(inside)
        return text[:at] + "\n" + said + text[at:]
    labels = [part] if base.spots.get(part) else [label for label in WORK if label in base.spots]
    spot = random.choice([spot for label in labels for spot in base.spots[label]])
    at = _moved(base.text, text, spot)
    if base.wrapped:
        said = re.sub(r"((?:[⟦⟧]*[^⟦⟧\n]){38}[⟦⟧]*)", r"\1\n", said)
    return text[:at] + said + text[at:]


def _moved(base: str, text: str, spot: int) -> int:
    """Where the place behind `base[:spot]` is in a text with pieces put into it: told by what follows it, or, where a
    piece was put into that, by what comes before it."""
    following, before = base[spot : spot + 25], base[max(0, spot - 25) : spot]
    if not following:
        return len(text)
    for at in (text.find(following, spot), text.find(following)):
        if at >= 0:
            return at
    return text.index(before) + len(before)


def write(paper: Paper, folder: Path) -> Path:
    """The document as a file in `folder`."""
    if not paper.word:
        path = folder / f"{paper.name}.txt"
        path.write_text(paper.text, "utf-8")
        return path
    import docx

    document = docx.Document()
    rows: list[list[str]] = []
    for line in [*paper.text.split("\n"), ""]:
        if "\t" in line:
            rows.append(line.split("\t"))
            continue
        if rows:
            table = document.add_table(len(rows), len(rows[0]))
            for row, cells in zip(table.rows, rows, strict=True):
                for cell, said in zip(row.cells, cells, strict=True):
                    cell.text = said
            rows = []
        if line.strip():
            document.add_paragraph(line)
    path = folder / f"{paper.name}.docx"
    document.save(str(path))
    return path
