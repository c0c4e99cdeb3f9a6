"""Batches in figures: python -m benchmarks.batches [overhead|scaling|harm|memory|writer]

Without a word it measures everything; `--archive` only writes N synthetic reports for a run of your own.
Figures that are ratios are medians of rounds in one run, so that a busy machine gives about the same.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.stand_ins import harmful, quick, timed
from pipeline import batch
from pipeline.config import Run, Settings
from pipeline.records import Report
from pipeline.run import process
from pipeline.store import Database
from pipeline.store.parcel import Parcel, packed

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
CHARACTERS, FEW = 1700, 350  # of a report of 5 KB, and of the many of an archive
NAMES = "清平安宁和顺永兴新民大石云龙白沙金泉柳河东岭南桥西塘北坡"
WORDS_EVERY = 20  # of so many reports one is a Word file
DAMAGED = {97: b"", 193: b"%PDF-1.7\n1 0 obj\n", 389: b"PK\x03\x04 cut off", 777: b"\xd0\xcf\x11\xe0 old and broken"}


def variants(count: int, characters: int = CHARACTERS) -> Iterator[tuple[str, str]]:
    """`count` names and texts: passages of the sample reports with other places, years and figures."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "corpus" / "gold" / "texts").glob("*.txt"))]
    for number in range(count):
        chance = random.Random(number)
        place = f"{chance.choice(NAMES)}{chance.choice(NAMES)}{chance.choice('镇乡')}"
        year = chance.randint(2012, 2025)
        lines = texts[number % len(texts)].splitlines()
        at = chance.randrange(max(1, len(lines) - 20))
        body = "\n".join(lines[at:])[:characters]
        body = re.sub(r"[1-9](?=\d*[.\d]*[^年月日\d.])", lambda _: str(chance.randint(1, 9)), body)  # noqa: B023
        yield f"{place}{year}年总结{number:05}", f"{place}{year}年爱国卫生工作总结\n{body}\n"


def archive(folder: Path, count: int) -> None:
    """Write an archive as it might come: mostly text, some Word files, here and there a file that is broken."""
    import docx

    for number, (name, text) in enumerate(variants(count, FEW), 1):
        place = folder / f"{number // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        broken = next((data for every, data in DAMAGED.items() if number % every == 0), None)
        if broken is not None:
            (place / f"{name}.{'pdf' if broken[:4] == b'%PDF' else 'docx'}").write_bytes(broken)
        elif number % WORDS_EVERY == 0:
            document = docx.Document()
            for line in text.splitlines():
                document.add_paragraph(line)
            document.save(str(place / f"{name}.docx"))
        else:
            (place / f"{name}.txt").write_text(text, "utf-8")


@contextmanager
def written(count: int, characters: int = CHARACTERS) -> Iterator[tuple[Path, list[Path]]]:
    """A folder for databases, and `count` text files in it."""
    with tempfile.TemporaryDirectory(prefix="hebao-benchmark-") as name:
        files = []
        for title, text in variants(count, characters):
            files.append(Path(name, f"{title}.txt"))
            files[-1].write_text(text, "utf-8")
        yield Path(name), files


def overhead() -> None:
    """Processor time of a batch besides `run.process` itself and the database, per document of 5 KB; all in one run."""
    shares, stores = [], []
    with written(100) as (folder, files):
        size = sum(path.stat().st_size for path in files) / len(files)
        for turn in range(ROUNDS):
            with Database(folder / f"{turn}.db") as database:
                times: Counter[str] = Counter()
                plain = database.store

                def store(report: Report | Parcel, run: int | None = None) -> None:
                    times["store"] += _cpu(lambda: plain(report, run))  # type: ignore[assignment] # noqa: B023

                def step(now: batch.Progress) -> None:
                    times["child"] += now.spent  # type: ignore[assignment] # noqa: B023
                    times.update({name: float(value) for name, value in now.report.document.metadata})  # noqa: B023

                database.store = store  # type: ignore[method-assign]
                parent = _cpu(lambda: batch.run(files, database, Settings(), 1, step, timed))
            # `timed` packs twice more than the worker does
            layer = times["child"] - times["inside"] - 2 * times["packing"] + parent - times["store"]
            shares.append(layer / times["inside"])
            stores.append(times["store"] / times["inside"])
            each = {name: f"{seconds / len(files) * 1e3:.1f}" for name, seconds in sorted(times.items())}
            print(f"  ms each: {each}, parent {parent / len(files) * 1e3:.1f}; layer {shares[-1]:.1%}", flush=True)
    print(f"overhead on documents of {size:.0f} bytes: batch layer {median(shares):.1%}, storing {median(stores):.1%}")


def scaling() -> None:
    """Documents a second of two workers as a multiple of one, loading left out."""
    settings = Settings()
    ratios = []
    with written(150) as (folder, files):
        for turn in range(ROUNDS):
            rates = {}
            for workers in (1, 2):
                with Database(folder / f"{turn}-{workers}.db") as database:
                    marks: list[float] = []
                    batch.run(files, database, settings, workers, lambda now: marks.append(now.seconds))  # noqa: B023
                rates[workers] = (len(marks) - 20) / (marks[-1] - marks[19])
            ratios.append(rates[2] / rates[1])
            print(f"  {rates[1]:.1f} and {rates[2]:.1f} documents a second: {ratios[-1]:.2f}", flush=True)
    print(f"two workers: {median(ratios):.2f} times one")


HARM = {"!crash!": 5, "!memory": 5, "!spin!!": 3, "\0\1\2": 3}  # in a hundred files: the last is garbage
HARMED = replace(Settings(), run=Run(cpu_seconds=3, memory_megabytes=500))


def harm(count: int = 400) -> None:
    """Good files of a hostile archive a second, until the last of them is done, as a share of what they come to alone.

    Beside it the processor time that harm takes from them: what a file that spins or takes memory has used until it
    ends, or is put aside, cannot be had for less; the rest (deaths, new workers, tries again) could.
    """
    kinds = [kind for kind, share in HARM.items() for _ in range(count * share // 100)]
    random.Random(7).shuffle(kinds)
    shares = []
    with written(count - len(kinds)) as (folder, good):
        among = random.Random(7).sample(good, len(kinds))  # files are read in the order of their names
        bad = [path.with_stem(f"{path.stem}+") for path in among]
        for number, (path, kind) in enumerate(zip(bad, kinds, strict=True)):
            path.write_bytes(f"{kind}{number}".encode())
        mixed = good + bad
        for turn in range(3):
            pace = {}
            for files in (good, mixed):
                marks: list[float] = []

                def step(now: batch.Progress) -> None:
                    if now.report.document.readable:
                        marks.append(now.seconds)  # noqa: B023

                with Database(folder / f"{turn}-{len(files)}.db") as database:
                    summary = batch.run(files, database, HARMED, 2, step, harmful)
                assert len(marks) == len(good)
                pace[len(files)] = (len(marks) - 20) / (marks[-1] - marks[19])  # the first wait for loading
            shares.append(pace[count] / pace[len(good)])
            print(f"  {pace[len(good)]:.1f} good documents a second alone, {pace[count]:.1f} among {summary.outcomes}:"
                  f" {shares[-1]:.0%}; {summary.seconds:.0f} s until the last harmful file", flush=True)  # fmt: skip
    print(f"good files among harmful ones: {median(shares):.0%} of their pace alone")


def memory(count: int = 50_000) -> None:
    """Memory of the parent as `count` small documents go by."""
    seen: dict[int, int] = {}

    def look(now: batch.Progress) -> None:
        if now.finished % (count // 10) == 0:
            seen[now.finished] = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
            print(f"  {now.finished:7,} documents: {seen[now.finished] / 1e6:.0f} MB", flush=True)

    with tempfile.TemporaryDirectory(prefix="hebao-benchmark-") as name:
        files = [Path(name, f"{number}.txt") for number in range(count)]
        for number, path in enumerate(files):
            path.write_text(f"第{number}号", "utf-8")
        with Database(Path(name, "x.db")) as database:
            summary = batch.run(files, database, Settings(), 2, look, quick)
    sizes = list(seen.values())
    growth = (sizes[-1] - sizes[0]) / (count * 0.9)
    print(f"memory grows by {growth:.0f} bytes a document; {count / summary.seconds:.0f} empty documents a second")


def writer() -> None:
    """Documents a second that the one writer can store: the limit of a cluster that feeds one database."""
    settings = Settings()
    with written(100) as (folder, files):
        reports = [packed(process(path, settings)) for path in files]  # as a worker hands them over
        rates = []
        for turn in range(ROUNDS):
            with Database(folder / f"{turn}.db") as database:
                seconds = _cpu(lambda: deque(map(database.store, reports), 0))
            rates.append(len(reports) / seconds)
            size = (folder / f"{turn}.db").stat().st_size / len(reports)
        claims = sum(len(report.claims) for report in reports) / len(reports)
    print(f"the writer stores {median(rates):.0f} documents of {claims:.0f} claims a second, {size / 1e3:.0f} KB each")


def _cpu(action: Callable[[], object]) -> float:
    before = time.process_time()
    action()
    return time.process_time() - before


def main() -> None:
    """Measure what is named."""
    kinds: dict[str, Callable[[], None]] = {
        "overhead": overhead, "scaling": scaling, "harm": harm, "memory": memory, "writer": writer,
    }  # fmt: skip
    parser = argparse.ArgumentParser(
        "python -m benchmarks.batches", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", default=list(kinds), metavar="KIND", help=", ".join(kinds))
    parser.add_argument("--archive", nargs=2, metavar=("FOLDER", "N"), help="only write an archive of N documents")
    arguments = parser.parse_args()
    if arguments.archive:
        archive(Path(arguments.archive[0]), int(arguments.archive[1]))
        return
    for kind in arguments.kinds:
        if kind not in kinds:
            parser.error(f"{kind!r} is none of {', '.join(kinds)}")
        kinds[kind]()


if __name__ == "__main__":
    main()
