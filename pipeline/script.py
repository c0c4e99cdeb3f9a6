"""The shadow of a text, for matching only: Simplified script, wash words undone, every character in its place."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind
from opencc import OpenCC

from pipeline.lexicon import TableError, rows

TRADITIONAL_SHARE = 0.02  # of the characters that conversion would change; below it a text is Simplified


class _Variant(NamedTuple):
    reading: str
    traditional_only: bool
    after: re.Pattern[str] | None


def shadow(clean: str) -> str:
    """The text to match in: Simplified script, wash words undone; character by character as long as `clean`."""
    simplified = simplify(clean)
    result = _undo_variants(simplified, simplified != clean)
    assert len(result) == len(clean)
    return result


@lru_cache(maxsize=8)
def simplify(text: str) -> str:
    """Simplified script of the same length; the same string where a sample shows no Traditional script."""
    convert = _converter().convert
    sample = text[:: len(text) // 2000 + 1]
    if sum(map(str.__ne__, sample, convert(sample))) < TRADITIONAL_SHARE * len(sample):
        return text
    simplified: str = convert(text)
    if len(simplified) == len(text):
        return simplified
    return "".join(new if len(new := convert(old)) == 1 else old for old in text)


def _undo_variants(text: str, traditional: bool) -> str:
    automaton, variants = _variants()
    pieces, done = [], 0
    for at, start, end in automaton.find_matches_as_indexes(text):
        variant = variants[at]
        if (traditional or not variant.traditional_only) and (not variant.after or variant.after.match(text, end)):
            pieces += [text[done:start], variant.reading]
            done = end
    return "".join([*pieces, text[done:]])


@cache
def _converter() -> Any:
    return OpenCC("tw2s")


@cache
def _variants() -> tuple[Any, list[_Variant]]:
    table = rows("variants")
    for row in table:
        if len(row["written"]) != len(row["read"]):
            raise TableError(f"models/variants.csv: {row['written']} and {row['read']} differ in length")
    variants = [
        _Variant(row["read"], row["when"] == "traditional", re.compile(row["before"]) if row["before"] else None)
        for row in table
    ]
    return AhoCorasick([row["written"] for row in table], matchkind=MatchKind.LeftmostLongest), variants
