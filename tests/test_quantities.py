"""Numbers with comparators, multipliers and units: tests/tables/numbers.csv, and what holds of every text."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import CORPUS, SHARED, as_matched, cases, rows, unmark

from pipeline import quantities
from pipeline.lexicon import units


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
    assert got == (
        decimal(row["low"]),
        decimal(row["high"]),
        row["relation"],
        row["unit"],
        row["dimension"],
        row["masked"] == "1",
    )


PIECES = st.lists(
    st.one_of(
        st.text("0123456789０１２", min_size=1, max_size=6),
        st.text("一二三十百千万亿几数余多两零点〇廿壹拾佰", min_size=1, max_size=4),
        st.sampled_from(
            [*"XxX×*○，。、；：:/-—~至到约近超≥≤＞<%‰（()） \n\tab年月日第", "百分之", "分之", "位数", "左右", "以上"]
        ),
        st.sampled_from(
            ["个", "万元", "平方米", "人次", "清理", "卫生死角", "每周", "不少于", "条(块)", "元/亩", "/10万", "统一"]
        ),
    ),
    max_size=12,
).map("".join)


@settings(deadline=None, max_examples=500)
@given(PIECES)
def test_what_holds_of_every_text(text: str) -> None:
    shadow = as_matched(text).shadow
    found = quantities.find(shadow)
    covered = [0] * len(shadow)
    for q in found:
        assert q.start <= q.number_start < q.number_end <= q.end
        covered[q.start : q.end] = [n + 1 for n in covered[q.start : q.end]]
        assert (q.value_low is None) == (q.value_high is None)
        assert isinstance(q.value_low, Decimal | None)
        assert isinstance(q.value_high, Decimal | None)
        if q.value_low is not None and q.value_high is not None:
            assert q.value_low <= q.value_high
            assert q.value_low.is_finite()
        number = shadow[q.number_start : q.number_end]
        assert q.masked == (q.script == "mask")
        assert not q.masked or (q.value_low is None and set(number) & set("Xx×*＊○"))
        assert q.relation in ("eq", "approx", "gt", "ge", "lt", "le", "range")
        assert q.unit is None or q.dimension != "other" or q.unit in units() or q.unit.startswith("/") or "/" in q.unit
    assert list(found) == sorted(found, key=lambda q: q.start)
    assert max(covered, default=0) <= 1, "quantities overlap"
    lost = [c for c, n in zip(shadow, covered, strict=True) if c in "0123456789" and not n]
    assert not lost, "a digit lies in no quantity"


@settings(deadline=None)
@given(PIECES, st.integers(1, 10**7), st.sampled_from(["处", "份", "人次", "平方米", "吨", "元"]), PIECES)
def test_a_plain_quantity_is_found_in_any_surroundings(before: str, number: int, unit: str, after: str) -> None:
    shadow = as_matched(f"{before}。清理{number}{unit}，").shadow + as_matched(after).shadow
    start = shadow.index("。清理", len(as_matched(before).shadow)) + 3
    q = next(q for q in quantities.find(shadow) if q.start == start)
    assert (shadow[q.start : q.end], q.value_low, q.value_high) == (f"{number}{unit}", number, number)


@settings(deadline=None)
@given(st.lists(st.sampled_from("0123456789Xx×.余多万亿"), min_size=1, max_size=8).map("".join))
def test_a_mask_never_yields_a_value(number: str) -> None:
    for q in quantities.find(f"发放{number}份。"):
        if set(f"发放{number}份。"[q.number_start : q.number_end]) & set("Xx×"):
            assert q.masked
            assert q.value_low is None
            assert q.value_high is None


def seconds(text: str) -> float:
    start = time.process_time()
    quantities.find(text)
    return time.process_time() - start


@pytest.mark.parametrize("unit", [row["text"] for row in rows("hostile")])
@pytest.mark.parametrize("tail", ["", "a"])
def test_time_is_linear_on_hostile_text(unit: str, tail: str) -> None:
    short, long = (unit * (length // len(unit)) + tail for length in (1_500, 12_000))
    allowed = 20 * min(seconds(short) for _ in range(3)) + 0.05  # eight times the length; a square takes 64 times
    assert seconds(long) <= allowed or seconds(long) <= allowed


@pytest.mark.parametrize("path", CORPUS + sorted((SHARED / "gov").glob("*2020.md")), ids=lambda path: path.stem)
def test_digits_of_real_texts(path: Path) -> None:
    shadow = as_matched(path.read_text("utf-8")).shadow
    found = quantities.find(shadow)
    inside = {i for q in found for i in range(q.start, q.end)}
    assert sum(q.end - q.start for q in found) == len(inside)
    assert all(i in inside for i, c in enumerate(shadow) if c in "0123456789")
