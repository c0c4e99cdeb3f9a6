"""Which numbers are claims, and what each claim says: tests/tables/kinds.csv and claims.csv, and what holds of all texts."""

from __future__ import annotations

import pytest
from marked import cases, read, unmark


@pytest.mark.parametrize("row", cases("kinds"))
def test_kinds(row: dict[str, str]) -> None:
    text, start, end = unmark(row["text"])
    mentions, _, _ = read(text)
    found = next((m.kind for m in mentions if m.start <= start < m.end or start <= m.start < end), "none")
    assert found == row["kind"], [(m.kind, m.surface, m.rule) for m in mentions]
