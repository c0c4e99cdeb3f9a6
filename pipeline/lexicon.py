"""The tables of models/ as every room reads them: text files that a domain expert can edit and diff."""

from __future__ import annotations

import csv
import re
from functools import cache

from pipeline.config import models_path


class TableError(ValueError):
    """A table of models/ that cannot be used; the message names the file and what is wrong."""


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of models/NAME.csv, one dict a row. Raises TableError where the table is missing or a row is ragged."""
    path = models_path() / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = tuple(csv.DictReader(file))
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror}); reinstall Hebao or restore the table") from error
    for number, row in enumerate(table, start=2):
        if None in row or None in row.values():
            raise TableError(f"{path}: line {number} does not have as many fields as the heading")
    return table


@cache
def units() -> dict[str, tuple[str, str]]:
    """models/units.csv: unit as written → (canonical spelling, dimension)."""
    return {row["unit"]: (row["spelling_of"] or row["unit"], row["dimension"]) for row in rows("units")}


@cache
def verbs() -> dict[str, tuple[str, bool]]:
    """models/verbs.csv: verb → (class, whether it also names what is done)."""
    return {row["verb"]: (row["class"], row["nominal"] == "1") for row in rows("verbs")}


@cache
def word_list(name: str) -> frozenset[str]:
    """The words that models/word_lists.csv has under `name`."""
    found = frozenset(row["word"] for row in rows("word_lists") if row["list"] == name)
    if not found:
        raise TableError(f"{models_path() / 'word_lists.csv'}: no words under {name!r}; restore the table")
    return found


def one_of(name: str) -> str:
    """A regular expression that matches one word of a list, the longest that fits."""
    return "|".join(re.escape(word) for word in sorted(word_list(name), key=lambda word: (-len(word), word)))
