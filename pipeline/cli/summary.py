"""What came of a batch: lines on the screen, and a report to keep, as a page for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import shlex
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.resources import files
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.batch import Summary
from pipeline.cli.terminal import console, safe
from pipeline.inputs import Problem
from pipeline.lexicon import chinese, rows
from pipeline.serve import words as desk
from pipeline.store.export import replacing

LISTED = 20  # failed files named in the summary on the screen


def summarise(summary: Summary, database: Path) -> None:
    """Print what came of a run, what failed and why, where the database lies and what to type next."""
    out = console()
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in summary.outcomes.items()) or "none"
    now = f"{summary.extracted:,} read now, {summary.unchanged:,} done before"
    copies = f", {summary.duplicates:,} copies of others" if summary.duplicates else ""
    pace = f" ({summary.pages_per_second:,.0f} pages a second)" if summary.pages else ""
    lines = {
        "documents": f"{outcomes} ({now}{copies})",
        "claims": f"{summary.claims:,}",
        "places × years": f"{summary.place_years:,}",
        "issues": ", ".join(f"{number:,} {code}" for code, number in summary.issues.items()) or "none",
        "passed by": ", ".join(f"{number:,} {ending}" for ending, number in summary.ignored.items()),
        "removed": f"{summary.removed:,} files have been moved or deleted since; their rows are kept, marked removed"
        if summary.removed else "",
        "quarantine": f"{summary.quarantined:,} contents; `hebao quarantine` says why" if summary.quarantined else "",
        "time": f"{summary.seconds:.1f} s{pace}",
        "database": str(database),
    }  # fmt: skip
    for name, line in lines.items():
        if line:
            out.print(safe(f"{name:<16}{line}"))
    list_failed(summary.failed, out.print)
    if summary.claims:
        where = f"--db {shlex.quote(str(database))}"
        for command in ("compare", "audit", "search 卫生死角", "export --format xlsx -o out"):
            out.print(f"next: hebao {command} {where}")
        out.print(f"next: hebao serve {shlex.quote(str(database))}")


def list_failed(failed: tuple[Problem, ...], show: Callable[[str], None]) -> None:
    """Name the inputs that failed, each with its reason."""
    if failed:
        show(f"failed: {len(failed):,}")
    for problem in failed[:LISTED]:
        show(safe(f"  {problem.path}: {problem.outcome}: {problem.reason}"))
    if len(failed) > LISTED:
        show(f"  and {len(failed) - LISTED:,} more; --json names them all")


def table(summary: Summary) -> dict[str, Any]:
    """A summary as JSON has it."""
    derived = {"exit_status": summary.exit_status, "pages_per_second": round(summary.pages_per_second, 2)}
    return asdict(summary) | derived


def write_report(summary: Summary, given: Sequence[str], version: str, folder: Path) -> list[Path]:
    """Write run.html and run.json into `folder`, which is made: every failure by reason and file, the slowest files,
    the pace. Paths are shown from the folder on that all of them share. Returns the files."""
    from jinja2 import Environment

    folder.mkdir(parents=True, exist_ok=True)
    names = [problem.path for problem in summary.failed] + [slow.path for slow in summary.slowest]
    shared = _shared(names)
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["short"] = lambda path: path.removeprefix(shared)
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["doubt"] = lambda code: desk.name("zh", "issue", code)
    environment.globals["why"] = _why
    template = environment.from_string((files("pipeline.cli") / "summary.html").read_text("utf-8"))
    words = defaultdict(dict[str, str], {row["outcome"]: row for row in rows("outcomes")})
    failures = [(kind, list(group)) for kind, group in groupby(sorted(summary.failed, key=_kind), key=_kind)]
    page = safe(template.render(summary=summary, given=given, version=version, words=words, failures=failures))
    content = table(summary) | {"given": list(given), "version": version}
    written = {"run.html": page, "run.json": json.dumps(content, ensure_ascii=False, indent=1) + "\n"}
    for name, text in written.items():
        with replacing(folder / name) as fresh:
            fresh.write_text(text, "utf-8", errors="replace")
    return [folder / name for name in written]


def _why(problem: Problem) -> str:
    """The reason in Chinese. The file's name before it is left out, since it stands beside; a copy of another file has
    that one's name there."""
    path = PurePosixPath(problem.path)
    name, colon, rest = problem.reason.partition(": ")
    if not colon or PurePosixPath(name).suffix.lower() != path.suffix.lower() or not path.suffix:
        return chinese(problem.reason) or problem.reason
    same = "" if name == path.name else f"（与 {name} 内容相同）"
    return f"{chinese(rest) or rest}{same}"


def _kind(problem: Problem) -> str:
    return problem.outcome


def _shared(paths: Sequence[str]) -> str:
    """The folder that all paths lie in, with a slash at its end; empty where there is none."""
    local = [os.path.dirname(path) for path in paths if path.startswith("/")]
    return os.path.join(os.path.commonpath(local), "") if local else ""
