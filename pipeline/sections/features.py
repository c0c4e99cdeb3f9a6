"""What a unit looks like to the model: words that it holds, words of the headings above it, and where it stands."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
from ahocorasick_rs import AhoCorasick
from numpy.typing import NDArray

from pipeline.lexicon import rows
from pipeline.records import Text
from pipeline.sections.units import Unit

Matrix = NDArray[np.float64]
BLOCKS = 3  # words of the body, of the own title, of the titles above
TERM_SCALE = 0.6  # single words against groups of words: how much less a word that was only seen in training may say
YEAR = re.compile(r"(?<!\d)(20\d\d)年")


@cache
def cue_groups() -> dict[str, list[str]]:
    """The words of models/sections.csv by group, as “role.problem” or “topic.vector”."""
    return {f"{row['axis']}.{row['code']}": row["words"].split() for row in rows("sections")}


def names(terms: list[str]) -> list[str]:
    """The name of every column that `matrix` gives for these terms."""
    places = ("body", "title", "above")
    words = [f"{place}:{term}" for place in places for term in terms]
    groups = [f"{place}:{group}" for place in places for group in cue_groups()]
    return words + groups + list(PLACES)


def matrix(text: Text, units: list[Unit], terms: list[str], automaton: Any) -> Matrix:
    """One row a unit, one column for each of `names(terms)`. `automaton` finds `terms`, overlapping."""
    counts = _counts(text.shadow, units, len(terms), automaton)
    groups = _group_matrix(tuple(terms))
    body = np.log1p(counts[0])
    norm = np.sqrt((body**2).sum(axis=1, keepdims=True))
    shown = [body / np.maximum(norm, 1.0), np.minimum(counts[1], 1), np.minimum(counts[2], 1)]
    grouped = [np.log1p(counts[0] @ groups), np.minimum(counts[1] @ groups, 2), np.minimum(counts[2] @ groups, 2)]
    return np.hstack([*(block * TERM_SCALE for block in shown), *grouped, _places(text, units)])


def automaton(terms: list[str]) -> Any:
    """Finds all the terms in one pass."""
    return AhoCorasick(terms)


def _counts(shadow: str, units: list[Unit], size: int, automaton: Any) -> Matrix:
    found = np.array(automaton.find_matches_as_indexes(shadow, overlapping=True), dtype=np.int64).reshape(-1, 3)
    counts = np.zeros((BLOCKS, len(units), size))
    starts = np.array([unit.start for unit in units], dtype=np.int64)
    title_ends = np.array([unit.title_end for unit in units], dtype=np.int64)
    at_unit = np.searchsorted(starts, found[:, 1], side="right") - 1
    in_title = found[:, 2] <= title_ends[at_unit]
    np.add.at(counts, (in_title.astype(np.int64), at_unit, found[:, 0]), 1.0)
    titles: dict[int, Matrix] = {}
    for row, unit in enumerate(units):
        for heading in unit.path[:-1] if unit.opens else unit.path:
            if heading.start not in titles:
                title = shadow[heading.start : heading.title_end]
                hits = [hit[0] for hit in automaton.find_matches_as_indexes(title, overlapping=True)]
                titles[heading.start] = np.bincount(hits, minlength=size).astype(np.float64)
            counts[2, row] += titles[heading.start]
    return counts


@cache
def _group_matrix(terms: tuple[str, ...]) -> Matrix:
    place = {term: at for at, term in enumerate(terms)}
    groups = np.zeros((len(terms), len(cue_groups())))
    for column, words in enumerate(cue_groups().values()):
        for word in words:
            if word in place:  # a cue that was added since the weights were trained waits for `hebao train`
                groups[place[word], column] = 1.0
    return groups


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


def _places(text: Text, units: list[Unit]) -> Matrix:
    first = next((unit.start for unit in units if unit.opens and unit.path[-1].level <= 4), len(text.shadow))
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
