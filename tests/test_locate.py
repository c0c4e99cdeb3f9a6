"""Where a span of the source stands: block, page and rectangle."""

from __future__ import annotations

from array import array
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.locate import block_at, locate
from pipeline.records import Block, Document

TEXT = "第一段话\n第二段\n\n格"
BLOCKS = (
    Block("paragraph", 0, 4, page=1, box=(0.0, 0.0, 9.0, 9.0), path="p[1]"),
    Block("paragraph", 5, 8, page=2, path="p[2]"),
    Block("cell", 10, 11, path="tbl[1]/tr[1]/tc[1]"),
)


def document(boxes: list[tuple[float, float, float, float]] | None = None) -> Document:
    flat = None if boxes is None else array("f", [number for box in boxes for number in box])
    return Document("a", "a", "0" * 64, "pdf", "ok", TEXT, BLOCKS, boxes=flat)


def test_without_rectangles_of_characters() -> None:
    assert locate(document(), 1, 3) == (1, (0.0, 0.0, 9.0, 9.0), "p[1]")
    assert locate(document(), 5, 8) == (2, None, "p[2]")
    assert locate(document(), 10, 11) == (None, None, "tbl[1]/tr[1]/tc[1]")


@pytest.mark.parametrize("offset", [4, 8, 9, 11, 99])
def test_between_and_behind_blocks_is_nowhere(offset: int) -> None:
    assert block_at(document(), offset) is None
    assert locate(document(), offset, offset + 1) == (None, None, None)


def test_no_blocks() -> None:
    assert locate(Document("a", "a", "0" * 64, "txt", "ok", "字"), 0, 1) == (None, None, None)


def test_the_rectangle_holds_the_characters_of_all_lines() -> None:
    boxes = [(nan,) * 4] * len(TEXT)
    boxes[1], boxes[2] = (10.0, 20.0, 18.0, 30.0), (2.0, 32.0, 10.0, 42.0)
    assert locate(document(boxes), 1, 3) == (1, (2.0, 20.0, 18.0, 42.0), "p[1]")
    assert locate(document(boxes), 1, 2) == (1, (10.0, 20.0, 18.0, 30.0), "p[1]")


def test_characters_that_were_not_drawn_leave_the_rectangle_of_the_block() -> None:
    boxes = [(nan,) * 4] * len(TEXT)
    assert locate(document(boxes), 0, 2) == (1, (0.0, 0.0, 9.0, 9.0), "p[1]")
    assert locate(document(boxes), 5, 6) == (2, None, "p[2]")


def test_a_span_over_two_blocks_belongs_to_the_first() -> None:
    boxes = [(float(i), 0.0, float(i + 1), 1.0) for i in range(len(TEXT))]
    assert locate(document(boxes), 2, 7) == (1, (2.0, 0.0, 4.0, 1.0), "p[1]")


@settings(deadline=None)
@given(st.data())
def test_every_character_of_a_block_lies_in_that_block(data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3)), min_size=1, max_size=9))
    blocks, position = [], 0
    for length, gap in lengths:
        blocks.append(Block("paragraph", position, position + length))
        position += length + gap
    made = Document("a", "a", "0" * 64, "txt", "ok", "字" * position, tuple(blocks))
    for offset in range(position):
        holding = [block for block in blocks if block.start <= offset < block.end]
        assert block_at(made, offset) == (holding[0] if holding else None)
