"""Numbers with comparators, multipliers and units: tests/tables/numbers.csv, and what holds of every text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from marked import as_matched, cases, unmark

from pipeline import quantities
from pipeline.records import Quantity


def decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@pytest.mark.parametrize("row", cases("numbers"))
def test_numbers(row: dict[str, str]) -> None:
    text, start, end = unmark(row["text"])
    found = quantities.find(as_matched(text).shadow)
    if start < 0:
        assert not found
        return
    spans = {(q.start, q.end): q for q in found}
    assert (start, end) in spans, [text[q.start : q.end] for q in found]
    q = spans[start, end]
    got = (q.value_low, q.value_high, q.relation, q.unit or "", q.dimension, q.masked)
    assert got == (decimal(row["low"]), decimal(row["high"]), row["relation"], row["unit"], row["dimension"], row["masked"] == "1")
