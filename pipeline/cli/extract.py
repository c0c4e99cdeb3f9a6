"""Reports as files, without a database: the contract of the scorer.

documents.jsonl, claims.jsonl, sections.jsonl, issues.jsonl, and texts/NAME.txt, the decoded source that all offsets
count in. `doc` is the input's file name; where two inputs share one, the names of their folders are put before it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline import batch
from pipeline.batch import Progress
from pipeline.config import Settings
from pipeline.inputs import Problem
from pipeline.pool import reports
from pipeline.records import Report
from pipeline.store.export import replacing
from pipeline.workers import Job, Processor

KINDS = ("documents", "claims", "sections", "issues")


def extract(
    paths: Iterable[Path | str], folder: Path, settings: Settings, workers: int,
    on_progress: Callable[[Progress], None], say: Callable[[str], None], processor: Processor | None = None,
) -> tuple[Counter[str], tuple[Problem, ...]]:  # fmt: skip
    """Write the files into `folder`, which is made; documents by outcome, and what failed. `say` is told once where
    names had to be told apart. The .jsonl files appear when all is done, each whole."""
    inputs = batch.expand(paths, settings)
    work, problems = _jobs(inputs.files, settings)
    problems = [*inputs.problems, *problems]
    names = document_names([job.path for job in work])
    if changed := [name for path, name in names.items() if name != path.name]:
        say(f"{len(changed)} inputs share their file names; told apart by folder, as {changed[0]}")
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    outcomes = Counter(problem.outcome for problem in problems)
    failed = list(problems)
    with ExitStack() as stack:
        fresh = {kind: stack.enter_context(replacing(folder / f"{kind}.jsonl")) for kind in KINDS}
        files = {kind: stack.enter_context(path.open("w", encoding="utf-8")) for kind, path in fresh.items()}
        for number, (job, report) in enumerate(zip(work, reports(work, settings, workers, processor), strict=True), 1):
            for kind, row in lines(report, names[job.path], job):
                files[kind].write(json.dumps(row, ensure_ascii=False, default=_number) + "\n")
            if report.document.readable:
                _write_text(folder / "texts" / f"{names[job.path]}.txt", report.document.text)
            else:
                failed.append(Problem(str(job.path), report.document.outcome, _reason(report)))
            outcomes[report.document.outcome] += 1
            on_progress(Progress(number, len(work), report))
        for problem in problems:
            files["documents"].write(json.dumps(_unread(problem), ensure_ascii=False) + "\n")
        for file in files.values():
            file.close()
    return outcomes, tuple(failed)


def document_names(paths: Sequence[Path]) -> dict[Path, str]:
    """A name for each path: its file name, or with as many of its folders before it, joined by `__`, as it takes to
    tell it apart."""
    names = {path: path.name for path in paths}
    for depth in range(2, max((len(path.parts) for path in paths), default=0) + 1):
        shared = _shared(names)
        names |= {
            path: "__".join(path.relative_to(path.anchor).parts[-depth:]) for path in paths if names[path] in shared
        }
    shared = _shared(names)  # a file that is itself called a__b beside a/b
    return {
        path: f"{number}__{name}" if name in shared else name for number, (path, name) in enumerate(names.items(), 1)
    }


def _shared(names: dict[Path, str]) -> set[str]:
    return {name for name, number in Counter(names.values()).items() if number > 1}


def lines(report: Report, doc: str, job: Job) -> Iterator[tuple[str, dict[str, Any]]]:
    """A report as (file, row) pairs."""
    document, issuer = report.document, report.issuer
    yield "documents", {
        "doc": doc, "path": str(job.path), "sha256": document.sha256 or job.sha256, "format": document.format,
        "outcome": document.outcome, "pages": document.pages, "characters": len(document.text),
        "encoding": document.encoding, "title": issuer.title, "place": issuer.place, "level": issuer.level,
        "year": issuer.year, "basis": issuer.basis, "fingerprint": report.fingerprint,
    }  # fmt: skip
    for kind, records in (("claims", report.claims), ("sections", report.segments), ("issues", report.issues)):
        for record in records:
            yield kind, {"doc": doc, **asdict(record)}


def _jobs(files: Sequence[Path], settings: Settings) -> tuple[list[Job], list[Problem]]:
    """One job a path: here every input has its row, copies of another too."""
    work, digests, problems = batch.jobs(files, settings)
    sizes = {job.sha256: job.size for job in work}
    return [Job(path, digest or "", sizes.get(digest or "", 0)) for path, digest in digests.items()], problems


def _unread(problem: Problem) -> dict[str, Any]:
    return {"doc": Path(problem.path).name, "path": problem.path, "sha256": None, "format": None,
            "outcome": problem.outcome, "pages": None, "characters": 0, "reason": problem.reason}  # fmt: skip


def _reason(report: Report) -> str:
    errors = sorted(report.issues, key=lambda issue: issue.severity != "error")
    return errors[0].message if errors else ""


def _write_text(path: Path, text: str) -> None:
    with replacing(path) as fresh, fresh.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.write(text)


def _number(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in these files")
