"""Text that says the same thing over and over: a pattern that can part it in many ways would try them all.

Separator lines of asterisks, template masks and headings with a bracket at the end are ordinary; each of them once
cost from seconds to hours. The bound is a hundred times what the longest of them takes.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import audit
from pipeline.config import Settings
from pipeline.run import process

SETTINGS = Settings()
PIECES = [
    *"*X×-_=.·…一1，、和镇村0年%（“《 \u3000",
    *("关于", "下载阅读", "和平区", "1,", "1万", "1.", "xx.", "3个4", "1-", "其中", "第", "2023年", "上年末", "（一）"),
]
TAILS = ["", "（", "x", "！", "|", "，清理垃圾30吨。", "个", "\n全镇清理垃圾30吨。"]


def seconds(text: str, path: Path) -> float:
    path.write_text(text, "utf-8")
    begun = time.process_time()
    audit.check_report(process(path, SETTINGS))
    return time.process_time() - begun


@pytest.mark.parametrize("tail", TAILS)
def test_repetition_takes_no_time(tail: str, tmp_path: Path) -> None:
    slow = {(piece, n) for piece in PIECES for n in (14, 60) if seconds(piece * n + tail, tmp_path / "a.txt") > 3}
    assert slow == set()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3), st.integers(5, 60), st.sampled_from(TAILS))
def test_any_repetition_takes_no_time(
    tmp_path_factory: pytest.TempPathFactory, unit: list[str], n: int, tail: str
) -> None:
    assert seconds("".join(unit) * n + tail, tmp_path_factory.getbasetemp() / "a.txt") < 3
