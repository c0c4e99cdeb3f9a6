"""What is seen of a batch while it runs: a bar at a terminal, now and then a line elsewhere, events for machines."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from pipeline.batch import READABLE, Progress
from pipeline.cli.terminal import console, safe

LINES = 20  # at most so many lines of progress where there is no terminal, failures apart
LOG_BYTES, LOG_FILES = 10_000_000, 9


class Lines:
    """Plain lines on standard error: failures at once, the others now and then."""

    def listed(self, finished: int, total: int) -> None:
        """So many files of so many have been looked at."""
        if _now(finished, total) and total > LINES:
            print(f"{finished:,} of {total:,} files looked at", file=sys.stderr, flush=True)

    def __call__(self, done: Progress) -> None:
        """A document has been stored."""
        document = done.report.document
        failed = document.outcome not in READABLE
        if failed or _now(done.finished, done.total):
            what = document.outcome if failed else f"{len(done.report.claims)} claims"
            line = f"{done.finished}/{done.total} {safe(document.name)}: {what}"
            print(line if failed else f"{line} ({pace(done)})", file=sys.stderr, flush=True)


class Bar:
    """A bar at a terminal, with rate, time left and outcomes; failures scroll by above it."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.task = bars.add_task("looking at files", total=None, pace="")

    def listed(self, finished: int, total: int) -> None:
        """So many files of so many have been looked at."""
        self.bars.update(self.task, completed=finished, total=total)

    def __call__(self, done: Progress) -> None:
        """A document has been stored."""
        name = safe(done.report.document.name)
        self.bars.update(
            self.task, completed=done.finished, total=done.total, description=name[:30], pace=pace(done, False)
        )
        if done.report.document.outcome not in READABLE:
            self.bars.console.print(f"{name}: {done.report.document.outcome}")


class Events:
    """One JSON object a line on standard error: `listed` and `document`."""

    def listed(self, finished: int, total: int) -> None:
        """So many files of so many have been looked at."""
        self._say({"event": "listed", "finished": finished, "total": total})

    def __call__(self, done: Progress) -> None:
        """A document has been stored."""
        document = done.report.document
        left = done.seconds_left
        self._say({
            "event": "document", "finished": done.finished, "total": done.total, "path": document.path,
            "sha256": document.sha256, "outcome": document.outcome, "claims": len(done.report.claims),
            "seconds": round(done.spent, 3), "rate": round(done.rate, 1),
            "seconds_left": None if left is None else round(left), "outcomes": dict(sorted(done.outcomes.items())),
        })  # fmt: skip

    def _say(self, event: dict[str, object]) -> None:
        print(json.dumps(event, ensure_ascii=False), file=sys.stderr, flush=True)


Watcher = Lines | Bar | Events


@contextmanager
def progress(as_json: bool = False) -> Iterator[Watcher]:
    """A function to call after each document, and its method `listed` for the time before."""
    if as_json or not sys.stderr.isatty():
        yield Events() if as_json else Lines()
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[pace]}"),
    )  # fmt: skip
    with Bars(*columns, console=console(stderr=True), transient=True) as bars:
        yield Bar(bars)


def pace(done: Progress, with_time: bool = True) -> str:
    """Rate, time left and outcomes so far, as `35.2/s, 25 s left, 118 ok, 2 corrupt`."""
    left = done.seconds_left
    parts = [f"{done.rate:.1f}/s"]
    if with_time and left is not None:
        parts.append(f"{left:.0f} s left" if left < 600 else f"{left / 60:.0f} min left")
    return ", ".join([*parts, *(f"{number:,} {outcome}" for outcome, number in Counter(done.outcomes).most_common())])


class Log:
    """A file with one line a document: time, digits of its sha256, outcome, counts, codes of its issues. Never text of
    a document, and no name that could carry any; `hebao show DIGITS` leads from a line to its file."""

    def __init__(self, path: Path) -> None:
        """Append to `path`, which is set aside when it has grown to LOG_BYTES. Raises OSError."""
        self.handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")

    def say(self, message: str) -> None:
        """One line."""
        line = f"{datetime.now(UTC).isoformat(timespec='seconds')} {safe(message)}"
        self.handler.emit(logging.LogRecord("hebao", logging.INFO, "", 0, line, None, None))

    def __call__(self, done: Progress) -> None:
        """A document has been stored."""
        report = done.report
        codes = Counter(issue.code for issue in report.issues)
        told = " ".join(f"{code}={number}" for code, number in sorted(codes.items()))
        size = f"{len(report.claims)} claims {done.spent:.3f} s"
        self.say(f"{report.document.sha256[:12]} {report.document.outcome} {size} {told}".rstrip())

    def close(self) -> None:
        """Close the file."""
        self.handler.close()


def _now(finished: int, total: int) -> bool:
    return finished * LINES // total != (finished - 1) * LINES // total
