"""Tables of marked text: ⟦…⟧ stands round the characters that a row speaks of. And the way from text to claims."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from pipeline import claims, quantities, script, segment
from pipeline.components import _FOLD
from pipeline.config import Segmentation
from pipeline.records import Claim, Heading, Issue, Mention, Segment, Text

TABLES = Path(__file__).parent / "tables"
SHARED = Path(__file__).parents[2] / "shared"
CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "gold" / "texts").glob("*.txt"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of tests/tables/NAME.csv; \\n and \\t in a text stand for a line break and a tab."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        row["text"] = row["text"].replace("\\n", "\n").replace("\\t", "\t")
    return found


def cases(name: str) -> list[object]:
    """The rows as parameters of a test; those with a reason in `xfail` are known weaknesses, and strict."""
    return [
        pytest.param(row, marks=[pytest.mark.xfail(strict=True, reason=row["xfail"])] if row["xfail"] else [])
        for row in rows(name)
    ]


def unmark(marked: str) -> tuple[str, int, int]:
    """(text without marks, start, end) of the first marked span; (text, -1, -1) where nothing is marked."""
    start, end = marked.find("⟦"), marked.find("⟧")
    if start < 0:
        return marked, -1, -1
    return marked.replace("⟦", "").replace("⟧", ""), start, end - 1


def as_matched(text: str) -> Text:
    """A text that needs no cleaning, with its shadow."""
    return Text(text, text, script.shadow(text).translate(_FOLD), (), ((0, 0, len(text)),) if text else ())


@cache
def read(text: str, role: str = "") -> tuple[tuple[Mention, ...], tuple[Claim, ...], tuple[Issue, ...]]:
    """Mentions, claims and issues of a text under a title, as one segment of `role`, by default of work done."""
    matched = as_matched(text)
    found = quantities.find(matched.shadow)
    doc = segment.segment(matched.shadow, found, Segmentation())
    label = "next_steps" if role == "plan" else "remediation"
    part = Segment(0, len(text), role or "action", "general", label, (), 1.0, "heading")
    title = Heading("title", None, 0, "", 0, 0, len(text))
    return claims.extract(matched, doc, found, (part,), (title,))
