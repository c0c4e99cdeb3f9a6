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


def chinese(said: str) -> str | None:
    """What the program says of a file in English, in Chinese: a row of models/reasons.csv, where `{}` stands for what
    changes, which may be said in a row of its own. After a name and a colon too. None where no row fits."""
    for piece, pattern, told in _reasons():
        if piece in said and (found := pattern.fullmatch(said)):
            return told.format(said, *(chinese(part) or part for part in found.groups()))
    for colon in re.finditer(": ", said):
        if (rest := chinese(said[colon.end() :])) is not None:
            return f"{said[: colon.start()]}：{rest}"
    return None


@cache
def _reasons() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """The rows of models/reasons.csv, those that say most first: the longest fixed piece, the pattern, the Chinese."""
    split = sorted(((row["said"].split("{}"), row["chinese"]) for row in rows("reasons")),
                   key=lambda entry: (-sum(map(len, entry[0])), entry))  # fmt: skip
    return tuple(
        (max(pieces, key=len), re.compile("(.+?)".join(map(re.escape, pieces)), re.DOTALL), told)
        for pieces, told in split
    )
