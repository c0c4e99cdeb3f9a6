"""Codes against the annotation: most claims that a careful reader names get the code; few of those given are wrong."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import indicators
from pipeline.records import Claim
from pipeline.run import process

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "gold"
CODES = ROOT / "corpus" / "codes"
TIER = {row.code: row.tier for row in indicators.catalogue()}
RECALL, PRECISION = 0.85, 0.95  # what is asked of first-rank codes, and of every code given
Truth = dict[tuple[int, int], str]

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the annotated reports are not beside the checkout")


def annotated(name: str) -> Iterator[tuple[Path, Truth]]:
    """The development texts with the codes that a reader gave, "" for none."""
    truths: dict[str, Truth] = {}
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            truths.setdefault(row["file"], {})[int(row["start"]), int(row["end"])] = row["code"]
    for text, truth in truths.items():
        yield SHARED / name / "texts" / f"{text}.txt", truth


def invented(folder: Path) -> Iterator[tuple[Path, Truth]]:
    """The texts of the corpus with the codes of their sources."""
    for path in sorted(folder.glob("*.mentions.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        truth = {(row["start"], row["end"]): row["indicator"] or "" for row in rows if row["kind"] == "claim"}
        yield folder / "texts" / f"{path.name.removesuffix('.mentions.jsonl')}.txt", truth


def score(texts: Iterator[tuple[Path, Truth]]) -> dict[str, float]:
    """Recall of all codes and of those of first rank, and precision."""
    count: Counter[str] = Counter()
    for path, truth in texts:
        claims = process(path).claims
        for span, code in truth.items():
            claim = max(claims, key=lambda c: overlap(c, span), default=None)
            given = claim.indicator if claim and overlap(claim, span) > 0 else None
            count["given"] += given is not None
            for kind in ("named", "first") if TIER.get(code) == 1 else ("named",) if code else ():
                count[kind] += 1
                count[f"{kind} found"] += given == code
    right = count["named found"]
    return {"recall": right / count["named"], "first": count["first found"] / count["first"],
            "precision": right / count["given"]}  # fmt: skip


def overlap(claim: Claim, span: tuple[int, int]) -> int:
    return min(claim.end, span[1]) - max(claim.start, span[0])


@needs_shared
@pytest.mark.parametrize("name", ["reports", "paragraphs"])
def test_development_reports(name: str) -> None:
    found = score(annotated(name))
    assert found["first"] >= RECALL, found
    assert found["precision"] >= PRECISION, found


@pytest.mark.parametrize("folder", ["gold", "held_out/gold"])
def test_corpus(folder: str) -> None:
    found = score(invented(ROOT / "corpus" / folder))
    assert min(found["recall"], found["first"]) >= RECALL, found
    assert found["precision"] >= PRECISION, found


@needs_shared
@pytest.mark.parametrize("name", ["reports", "paragraphs"])
def test_every_claim_is_annotated_once(name: str) -> None:
    for path, truth in annotated(name):
        mentions = (path.parent.parent / f"{path.stem}.mentions.jsonl").read_text("utf-8").splitlines()
        claims = {(row["start"], row["end"]) for row in map(json.loads, mentions) if row["kind"] == "claim"}
        assert truth.keys() == claims, path.name


@pytest.mark.parametrize("name", ["reports", "paragraphs"])
def test_annotation_holds_codes_and_no_text(name: str) -> None:
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == {"file", "start", "end", "code"}
    assert {row["code"] for row in rows} - {""} <= TIER.keys()
    assert len({(row["file"], row["start"]) for row in rows}) == len(rows)
    assert all(row["file"].isascii() and int(row["start"]) < int(row["end"]) for row in rows)
