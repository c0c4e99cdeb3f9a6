"""What a unit looks like to the model: cue words that it holds, those of the headings above it, and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from pipeline.lexicon import rows
from pipeline.records import Text
from pipeline.sections.units import Unit

Matrix = NDArray[np.float64]
Indices = NDArray[np.int64]
YEAR = re.compile(r"(?<!\d)(20\d\d)年")
PLACES = (
    "before the first heading",
    "last unit",
    "in the first tenth",
    "in the last tenth",
    "under a heading",
    "opens with an enumerator in the text",
    "says a later year than the report's",
    "short",
    "digits",
    "first paragraph under its heading",
    "ends with a colon",
)


@dataclass(frozen=True)
class Cues:
    """Groups of cue words, such as “problem.gap” or “vector”, found all at once.

    The part before the dot is a family: what its rarer groups mean is learned from the commoner ones.
    """

    groups: tuple[tuple[str, tuple[str, ...]], ...]

    @cached_property
    def automaton(self) -> Any:
        """Finds the words of all groups, overlapping."""
        return AhoCorasick([word for _, words in self.groups for word in words])

    @cached_property
    def group_of(self) -> Indices:
        """The group of each word that the automaton finds; a word of two groups is found twice."""
        return np.array([at for at, (_, words) in enumerate(self.groups) for _ in words], dtype=np.int64)

    @cached_property
    def families(self) -> tuple[str, ...]:
        """The families that have more than one group."""
        names = [name.split(".")[0] for name, _ in self.groups]
        return tuple(name for name in dict.fromkeys(names) if names.count(name) > 1)

    @cached_property
    def kinship(self) -> Matrix:
        """Groups × groups and families: each group counts for itself and for its family."""
        kin = np.array([[name.split(".")[0] == family for family in self.families] for name, _ in self.groups])
        return np.hstack([np.eye(len(self.groups)), kin.astype(np.float64)])


def cues() -> Cues:
    """The cue words of models/sections.csv."""
    return Cues(tuple((row["group"], tuple(row["words"].split())) for row in rows("sections")))


def names(cues: Cues) -> list[str]:
    """The name of every column of `matrix`."""
    columns = [*(group for group, _ in cues.groups), *cues.families]
    return [f"{place}:{column}" for place in ("body", "title", "above") for column in columns] + list(PLACES)


def matrix(text: Text, units: list[Unit], cues: Cues) -> Matrix:
    """One row a unit, one column for each of `names(cues)`: cue words by group, with diminishing weight, and places."""
    found = _found(text.shadow, cues)
    starts = np.array([unit.start for unit in units], dtype=np.int64)
    title_ends = np.array([unit.title_end for unit in units], dtype=np.int64)
    at_unit = np.searchsorted(starts, found[:, 1], side="right") - 1
    counts = np.zeros((3, len(units), len(cues.groups)))
    in_title = found[:, 2] <= title_ends[at_unit]
    np.add.at(counts, (in_title.astype(np.int64), at_unit, cues.group_of[found[:, 0]]), 1.0)
    titles: dict[int, Matrix] = {}
    for row, unit in enumerate(units):
        for heading in unit.path[:-1] if unit.opens else unit.path:
            if heading.start not in titles:
                hits = _found(text.shadow[heading.start : heading.title_end], cues)[:, 0]
                titles[heading.start] = np.bincount(cues.group_of[hits], minlength=len(cues.groups)).astype(np.float64)
            counts[2, row] += titles[heading.start]
    body, title, above = counts @ cues.kinship
    return np.hstack([np.log1p(body), np.minimum(title, 2), np.minimum(above, 2), _places(text, units)])


def _found(shadow: str, cues: Cues) -> Indices:
    """Word, start and end of every cue."""
    return np.array(cues.automaton.find_matches_as_indexes(shadow, overlapping=True), dtype=np.int64).reshape(-1, 3)


def _places(text: Text, units: list[Unit]) -> Matrix:
    first = next((unit.start for unit in units if unit.opens and unit.path[-1].level <= 4), 0)
    years = [int(year) for year in YEAR.findall(text.shadow[:600])]
    this_year = years[0] if years else 9999
    places = []
    for at, unit in enumerate(units):
        body = text.shadow[unit.title_end : unit.end].strip()
        where = unit.start / max(1, len(text.shadow))
        places.append(
            (
                unit.start < first,
                at == len(units) - 1,
                where < 0.1,
                where > 0.9,
                bool(unit.path),
                unit.opens and unit.path[-1].series in ("一是", "一要"),
                any(int(year) > this_year for year in YEAR.findall(text.shadow, unit.start, unit.end)),
                len(body) < 40,
                min(1.0, 8 * sum(map(str.isdigit, body)) / max(1, len(body))),
                at > 0 and not unit.opens and units[at - 1].opens,
                body.endswith(("：", ":")),
            )
        )
    return np.array(places, dtype=np.float64).reshape(-1, len(PLACES))
