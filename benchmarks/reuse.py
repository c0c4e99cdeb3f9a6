"""Reuse at scale: python -m benchmarks.reuse [DOCUMENTS...] (1000 3000 10000 by default)

Each archive is made up from halves of the clauses of corpus/sources, shuffled anew for each document, so that many
have the same phrases and nobody the same text: 5 KB a document, five years an issuer. A tenth of the documents then is
a whole copy of another with its numbers changed, a fifth has a passage of 60 to 200 characters of another one. Printed
are seconds, CPU seconds a thousand documents, the resident size before and at its peak, which share of the plants was
found (not those of fewer than 40 letters beyond set phrases, which are no passages), and how many documents were found
beside them. Every archive is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from pipeline.audit import reuse

SOURCES = Path(__file__).resolve().parent.parent / "corpus" / "sources"
SIZE = 1700  # characters: 5 KB of UTF-8
YEARS = 5
WHOLE, PASSAGE = 0.1, 0.2
SEED = 20

Plants = dict[int, tuple[int, bool]]


def clauses() -> list[str]:
    """The clauses of the corpus without markup, those of 6 to 40 characters."""
    whole = "".join(path.read_text("utf-8") for path in sorted(SOURCES.glob("*.txt")))
    pieces = re.split(r"[，。；！？\s]+", re.sub(r"[A-Za-z_]|[^\w\s，。；！？、（）《》%.]", "", whole))
    return sorted({piece for piece in pieces if 6 <= len(piece) <= 40})


def archive(count: int) -> tuple[list[str], list[str], Plants]:
    """Texts, their issuers, and for each text that was copied from another (which one, whether as a whole)."""
    draw, stock = random.Random(SEED), clauses()
    texts: list[str] = []
    plants: Plants = {}
    for number in range(count):
        source = draw.randrange(number) if number else 0
        kind = draw.random()
        if number and kind < WHOLE:
            texts.append(re.sub(r"\d+", lambda _: str(draw.randrange(1, 900)), texts[source]))
            plants[number] = (source, True)
            continue
        text = ""
        while len(text) < SIZE:
            one, other = draw.choice(stock), draw.choice(stock)
            text += one[: len(one) // 2 + 1] + other[len(other) // 2 :]
            text += f"{draw.randrange(2, 900)}，{draw.choice(stock)}。"
        if number and kind < WHOLE + PASSAGE:
            length, at = draw.randrange(60, 201), draw.randrange(SIZE - 200)
            text = text[:at] + texts[source][at : at + length] + text[at + length :]
            plants[number] = (source, False)
        texts.append(text)
    return texts, [f"issuer {number % max(1, count // YEARS)}" for number in range(count)], plants


def measure(count: int) -> None:
    """Print one line of the table."""
    texts, issuers, plants = archive(count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, spent = time.perf_counter(), time.process_time()
    found = reuse.find(texts, issuers)
    seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    later = {pair.later for pair in found.pairs}
    recall = sum(number in later for number in plants) / max(1, len(plants))
    cost = f"{count:9} {seconds:8.1f} {spent:8.1f} {1000 * spent / count:9.2f} {before / 1e3:9.0f} {peak / 1e3:8.0f}"
    worth = f"{len(found.pairs):8} {len(plants):7} {recall:7.3f} {len(later - plants.keys()):6}"
    print(cost, worth, flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=int, nargs="*", default=[1000, 3000, 10000])
    parser.add_argument("--one", type=int, help="measure an archive of so many documents in this process")
    arguments = parser.parse_args()
    if arguments.one:
        measure(arguments.one)
        return
    print("documents  seconds      cpu  cpu/1000  MB before  MB peak    pairs  plants   found others", flush=True)
    for count in arguments.documents:
        subprocess.run([sys.executable, "-m", "benchmarks.reuse", "--one", str(count)], check=True)


if __name__ == "__main__":
    main()
