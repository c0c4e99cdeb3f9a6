"""Speed as ratios to yardsticks in the same run: python -m benchmarks [FOLDER]

Every figure is CPU time of one process divided by the CPU time that the yardstick took on the same input moments
before, so that another machine, or a busy one, gives about the same table. The text is corpus/gold/texts, or the
.txt and .md files of FOLDER.
"""

from __future__ import annotations

import argparse
import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from pipeline import claims, clean, facts, indicators, ingest, issuer, outline, periods, quantities, sections, segment
from pipeline.config import Settings
from pipeline.records import Document

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
SECTIONS = ("clean", "outline", "sections")
NEEDED = {"text → sections": SECTIONS, "text → claims": (*SECTIONS, "quantities", "segment", "claims")}


class Clock:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str, function: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.process_time()
        result = function(*arguments)
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.process_time() - begun
        return result


def stages(document: Document, settings: Settings, clock: Clock) -> None:
    """Every room on one document, as run.process calls them."""
    text, _ = clock("clean", clean.clean, document)
    headings, _ = clock("outline", outline.outline, text, document)
    numbers = clock("quantities", quantities.find, text.shadow)
    words = clock("segment", segment.segment, text.shadow, numbers, settings.segmentation)
    parts, _ = clock("sections", sections.classify, text, headings, words, settings.sections)
    who = clock("issuer", issuer.find, document, text, headings)
    _, stated, _ = clock("claims", claims.extract, text, words, numbers, parts, headings, document)
    stated = clock("indicators", indicators.assign, stated, settings.indicators, text.shadow)
    clock("periods", lambda: [periods.period_of(text.shadow, claim.start, who.year) for claim in stated])
    clock("facts", facts.facts, stated, who)


def jieba_seconds(texts: list[str]) -> float:
    """CPU seconds of a plain jieba.lcut of the texts: the yardstick of everything done to text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.ERROR)
    yardstick = jieba.Tokenizer()
    yardstick.initialize()
    begun = time.process_time()
    for text in texts:
        yardstick.lcut(text)
    return time.process_time() - begun


def main() -> None:
    """Print the table: megabytes a second of the yardstick, then each stage as a multiple of it."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "corpus" / "gold" / "texts")
    folder = parser.parse_args().folder
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".txt", ".md"))[:60]
    settings = Settings()
    documents = [document for path in files if (document := ingest.read(path, settings.ingest)[0]).readable]
    if not documents:
        parser.error(f"no readable .txt or .md file in {folder}")
    texts = [document.text for document in documents]
    size = sum(len(text.encode()) for text in texts) / 1e6
    stages(documents[0], settings, Clock())  # tables and weights are loaded once a process
    ratios: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        yardstick = jieba_seconds(texts)
        clock = Clock()
        for document in documents:
            stages(document, settings, clock)
        for stage, seconds in clock.seconds.items():
            ratios.setdefault(stage, []).append(seconds / yardstick)
        for goal, needed in NEEDED.items():
            ratios.setdefault(goal, []).append(sum(clock.seconds[stage] for stage in needed) / yardstick)
        ratios.setdefault("everything", []).append(sum(clock.seconds.values()) / yardstick)
    print(f"{len(documents)} documents, {size:.2f} MB; jieba.lcut ({size / yardstick:.2f} MB/s) is 1.00; medians")
    for stage, values in ratios.items():
        print(f"{stage:16} {median(values):5.2f}")


if __name__ == "__main__":
    main()
