"""Many documents on one machine: find the files, skip what is done, extract in worker processes, write in one.

The database alone decides what is done. Reports are written in the order of the files, whatever the number of workers.
"""

from __future__ import annotations

import glob
import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pipeline.config import Settings
from pipeline.ingest.reading import UnreadableError
from pipeline.records import Report
from pipeline.store import NotStorableError
from pipeline.workers import Job, Processor, failed, reports

if TYPE_CHECKING:
    from pipeline.store import Database

READABLE = ("ok", "ok_partial")
ARCHIVE = ".zip"


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that could not be taken up, or a file that could not be read, and why."""

    path: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Told after each document: how many are finished of how many, and what came of this one."""

    finished: int
    total: int
    report: Report


@dataclass(slots=True)
class Inputs:
    """What the given paths come to: files in order, inputs that are none, and files that a folder walk passed by."""

    files: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a run. Counts are over the files given to it, those finished earlier included."""

    run: int
    files: int
    extracted: int  # in this run
    unchanged: int  # contents that were done already
    duplicates: int  # further paths of the same content
    outcomes: dict[str, int]
    documents: int
    claims: int
    place_years: int
    issues: dict[str, int]
    failed: tuple[Problem, ...]
    ignored: dict[str, int]
    seconds: float

    @property
    def exit_status(self) -> int:
        """0: all fine; 1: some inputs failed; 2: nothing could be done."""
        return (1 if set(self.outcomes) & set(READABLE) else 2) if self.failed or not self.files else 0


def expand(paths: Iterable[Path | str], settings: Settings | None = None) -> Inputs:
    """Files, folders (walked), zip archives and glob patterns → files, sorted, each once; a member of an archive as
    `archive.zip/member.docx`. Nothing that was named is passed over in silence: what is not there is a problem, what a
    folder or archive holds besides reports is counted by its ending."""
    inputs = Inputs()
    settings = settings or Settings()
    for given in map(str, paths):
        found = [given] if os.path.lexists(given) else sorted(glob.glob(given, recursive=True))
        if not found:
            reason = "nothing matches" if glob.has_magic(given) else "no such file or folder"
            inputs.problems.append(Problem(given, "missing", f"{reason}; check the spelling"))
        for path in map(Path, found):
            if path.is_dir():
                _walk(path, inputs, settings)
            elif path.is_file() and path.suffix.lower() == ARCHIVE:
                _unpack(path, inputs, settings)
            elif path.is_file():
                inputs.files.append(path)
            else:
                inputs.problems.append(Problem(str(path), "missing", "not a regular file; give a report or a folder"))
    inputs.files = sorted({Path(os.path.abspath(path)): None for path in inputs.files}, key=lambda p: (p.name, str(p)))
    return inputs


def _walk(folder: Path, inputs: Inputs, settings: Settings) -> None:
    suffixes = _suffixes()
    count, problems = len(inputs.files), len(inputs.problems)
    errors: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if path.suffix.lower() == ARCHIVE and not name.startswith(".") and path.is_file():
                _unpack(path, inputs, settings)
            elif name.startswith((".", "~$")) or path.suffix.lower() not in suffixes or not path.is_file():
                inputs.ignored[path.suffix.lower() or name] += 1
            else:
                inputs.files.append(path)
    inputs.problems += [
        Problem(str(e.filename), "missing", f"cannot be listed ({e.strerror}); check its permissions") for e in errors
    ]
    if len(inputs.files) == count and len(inputs.problems) == problems:
        kinds = " ".join(sorted(suffixes))
        inputs.problems.append(Problem(str(folder), "missing", f"a folder without reports; Hebao reads {kinds}"))


def _unpack(path: Path, inputs: Inputs, settings: Settings) -> None:
    """List the members of an archive; they are unpacked in memory when their turn comes."""
    from pipeline.ingest.archive import Member, members

    suffixes = _suffixes()
    count, problems = len(inputs.files), len(inputs.problems)
    for found in members(path, settings.ingest):
        if not isinstance(found, Member):
            inputs.problems.append(Problem(str(path), found.code, found.message))
            continue
        name = PurePosixPath(found.name)
        hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in name.parts)
        if hidden or name.suffix.lower() not in suffixes:
            inputs.ignored[name.suffix.lower() or name.name] += 1
        else:
            inputs.files.append(path / name)
    if len(inputs.files) == count and len(inputs.problems) == problems:
        reason = f"an archive without reports; Hebao reads {' '.join(sorted(suffixes))}"
        inputs.problems.append(Problem(str(path), "missing", reason))


def _suffixes() -> frozenset[str]:
    from pipeline.ingest import SUFFIXES

    return frozenset(SUFFIXES)


def jobs(
    files: Sequence[Path], settings: Settings | None = None
) -> tuple[list[Job], dict[Path, str | None], list[Problem]]:
    """One job a content, in the order of the files; the digest of each file; files that cannot be opened."""
    found: dict[str, Job] = {}
    digests: dict[Path, str | None] = {}
    problems = []
    for path in files:
        try:
            digest, size = _digest(path, settings or Settings())
        except OSError as error:
            reason = f"cannot be opened ({error.strerror}); check its permissions"
            problems.append(Problem(str(path), "missing", reason))
            continue
        except UnreadableError as error:
            problems.append(Problem(str(path), error.outcome, str(error)))
            continue
        digests[path] = digest
        found.setdefault(digest, Job(path, digest, size))
    return list(found.values()), digests, problems


def _digest(path: Path, settings: Settings) -> tuple[str, int]:
    """sha256 and size of a file, or of a member of an archive."""
    if path.parent.is_dir():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest(), os.fstat(stream.fileno()).st_size
    from pipeline.ingest import load

    data = load(path, settings.ingest)
    return hashlib.sha256(data).hexdigest(), len(data)


def run(
    paths: Iterable[Path | str],
    database: Database,
    settings: Settings,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    processor: Processor | None = None,
    retry: bool = False,
) -> Summary:
    """Extract all reports under `paths` into `database`: one transaction a document, written by this process.

    What was read with these settings before is skipped, with `retry` only where it could be read. `workers`: processes,
    by default as in the settings; 0 means one a processor, or none for a few small files. `on_progress` is called after
    each document is stored. Raises BatchError where no worker can start.
    """
    began = time.monotonic()
    inputs = expand(paths, settings)
    fingerprint = settings.fingerprint()
    workers = settings.run.workers if workers is None else workers
    number = database.begin_run(fingerprint, workers, version())
    work, digests, problems = jobs(inputs.files, settings)
    todo = [job for job in work if not _finished(database, job, fingerprint, retry)]
    database.record_paths([(os.path.abspath(p.path), None, p.reason) for p in (*inputs.problems, *problems)], number)
    for finished, (job, report) in enumerate(zip(todo, reports(todo, settings, workers, processor), strict=True), 1):
        digests |= _write(database, job, replace(report, fingerprint=fingerprint), number)
        if on_progress:
            on_progress(Progress(finished, len(todo), report))
    gone = "disappeared while it was read; run the same command again"
    database.record_paths([(str(path), sha256, None if sha256 else gone) for path, sha256 in digests.items()], number)
    totals = database.run_totals(number)
    summary = Summary(
        run=number, files=len(inputs.files), extracted=len(todo), unchanged=len(work) - len(todo),
        duplicates=len(digests) - len(work), failed=tuple(Problem(*row) for row in totals.pop("failed")),
        ignored=dict(sorted(inputs.ignored.items())), seconds=round(time.monotonic() - began, 3), **totals,
    )  # fmt: skip
    database.end_run(number, asdict(summary))
    return summary


def _finished(database: Database, job: Job, fingerprint: str, retry: bool) -> bool:
    done = database.done(job.sha256, fingerprint)
    return done and not (retry and database.outcome(job.sha256) not in READABLE)


def _write(database: Database, job: Job, report: Report, run: int) -> dict[Path, str | None]:
    """Store a report, or the fact that it cannot be stored; the digest of the job's path where it has another now."""
    if not report.document.sha256:
        return {job.path: None}
    try:
        database.store(report, run)
    except NotStorableError as error:
        database.store(replace(failed(job, "crash", str(error)), fingerprint=report.fingerprint), run)
        return {}
    return {} if report.document.sha256 == job.sha256 else {job.path: report.document.sha256}


@cache
def version() -> str:
    """The version of the installed distribution, or `0+unknown` in a checkout that was never installed."""
    try:
        return metadata.version("hebao")
    except metadata.PackageNotFoundError:
        return "0+unknown"
