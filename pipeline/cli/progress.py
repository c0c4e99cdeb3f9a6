"""What a person sees of a batch: a bar at a terminal, now and then a line elsewhere, and a summary at the end."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.batch import READABLE, Problem, Summary
from pipeline.batch import Progress as Step
from pipeline.cli.terminal import console, safe

LINES = 20  # at most so many lines of progress where there is no terminal, failures apart
LISTED = 20  # failed files named in the summary on the screen


@contextmanager
def progress() -> Iterator[Callable[[Step], None]]:
    """A function to call after each document."""
    if not sys.stderr.isatty():
        yield _line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def step(done: Step) -> None:
            name = safe(done.report.document.name)
            bar.update(task, completed=done.finished, total=done.total, description=name[:30])
            if done.report.document.outcome not in READABLE:
                bar.console.print(f"{name}: {done.report.document.outcome}")

        yield step


def _line(done: Step) -> None:
    document = done.report.document
    failed = document.outcome not in READABLE
    if failed or done.finished * LINES // done.total != (done.finished - 1) * LINES // done.total:
        what = document.outcome if failed else f"{len(done.report.claims)} claims"
        print(f"{done.finished}/{done.total} {safe(document.name)}: {what}", file=sys.stderr, flush=True)


def summarise(summary: Summary, database: Path) -> None:
    """Print what came of a run, what failed and why, where the database lies and what to type next."""
    out = console()
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in summary.outcomes.items()) or "none"
    now = f"{summary.extracted:,} read now, {summary.unchanged:,} done before"
    copies = f", {summary.duplicates:,} copies of others" if summary.duplicates else ""
    lines = {
        "documents": f"{outcomes} ({now}{copies})",
        "claims": f"{summary.claims:,}",
        "places × years": f"{summary.place_years:,}",
        "issues": ", ".join(f"{number:,} {code}" for code, number in summary.issues.items()) or "none",
        "passed by": ", ".join(f"{number:,} {ending}" for ending, number in summary.ignored.items()),
        "time": f"{summary.seconds:.1f} s",
        "database": str(database),
    }
    for name, line in lines.items():
        if line:
            out.print(safe(f"{name:<16}{line}"))
    list_failed(summary.failed, out.print)
    if summary.claims:
        where = f"--db {shlex.quote(str(database))}"
        for command in ("compare", "search 卫生死角", "export --format xlsx -o out"):
            out.print(f"next: hebao {command} {where}")


def list_failed(failed: tuple[Problem, ...], show: Callable[[str], None]) -> None:
    """Name the inputs that failed, each with its reason."""
    if failed:
        show(f"failed: {len(failed):,}")
    for problem in failed[:LISTED]:
        show(safe(f"  {problem.path}: {problem.outcome}: {problem.reason}"))
    if len(failed) > LISTED:
        show(f"  and {len(failed) - LISTED:,} more; --json names them all")
