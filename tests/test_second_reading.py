"""A second, deliberately simple parser reads every claim again: it must come to the same value.

The second reader is the one that makes the corpus gold (corpus/numerals.py); it shares nothing with the product.
"""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.records import Claim
from pipeline.run import process

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
sys.path.insert(0, str(ROOT / "corpus"))
import numerals as second  # noqa: E402  (the corpus tools are scripts, not a package)

FOLD = str.maketrans("０１２３４５６７８９％．／萬億餘兩個", "0123456789%./万亿余两个")


# What the second reader is too simple for, seen over 39,000 claims of the reference reports, each kind read by eye:
# a bare 万亿元 or 亿吨, 两位数, 两三个, 八成五, and a range whose first end has a unit too (30%—50%).
TOO_SIMPLE = re.compile(
    r"[万亿千百]|[一二三四五六七八九]成[一二三四五六七八九]|[两三四]位数|两三|一[二两]|[\d.]+%\s*[—~～至-]"
)


def again(surface: str) -> tuple[Decimal | None, Decimal | None] | None:
    """What the second reader makes of the characters; None where it cannot read them."""
    try:
        read = second.read_quantity("".join(surface.translate(FOLD).split()), "", "", None)
    except second.NumberError:
        return None
    return read.low, read.high


def disagreements(claims: tuple[Claim, ...]) -> list[str]:
    """Claims whose value the second reader reads otherwise. Cells are left out: their 万 may stand in the head."""
    found = []
    for claim in claims:
        if claim.rule == "cell" or claim.dimension == "ratio" or TOO_SIMPLE.match(claim.surface):
            continue
        read = again(claim.surface)
        if read is not None and read != (claim.value_low, claim.value_high):
            found.append(f"{claim.surface}: {claim.value_low}..{claim.value_high}, again {read[0]}..{read[1]}")
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "corpus" / "reports").iterdir()), ids=lambda path: path.name)
def test_corpus_is_read_the_same_twice(path: Path) -> None:
    assert disagreements(process(path).claims) == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the reference reports beside the checkout")
def test_real_reports_are_read_the_same_twice() -> None:
    paths = [*sorted((SHARED / "reports").glob("*.txt")), *sorted((SHARED / "gov").glob("*.md"))[:40]]
    found = {path.name: wrong for path in paths if (wrong := disagreements(process(path).claims))}
    assert found == {}
