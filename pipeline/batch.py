"""Many documents on one machine: find the files, skip what is done, extract in worker processes, write in one.

Each worker holds one file at a time and the parent knows which, so a worker that dies takes nothing with it and
leaves no doubt about the culprit. Reports are handed on in the order of the files, whatever the number of workers.
"""

from __future__ import annotations

import glob
import hashlib
import os
import signal
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib import metadata
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.config import Settings
from pipeline.records import Document, Issue, Issuer, Report
from pipeline.store import NotStorableError

if TYPE_CHECKING:
    from pipeline.store import Database

Processor = Callable[[Path, Settings], Report]
AHEAD = 64  # reports that may be finished before an earlier one is
FEW, SMALL = 4, 1_000_000  # files and bytes that are not worth a worker's start
READABLE = ("ok", "ok_partial")


class BatchError(Exception):
    """Nothing can be done; the message is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that could not be taken up, or a file that could not be read, and why."""

    path: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Job:
    """One content to extract; `path` is the first of the paths that have it."""

    path: Path
    sha256: str
    size: int


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


def expand(paths: Iterable[Path | str]) -> Inputs:
    """Files, folders (walked) and glob patterns → files, sorted, each once. Nothing that was named is passed over in
    silence: what is not there is a problem, what a folder holds besides reports is counted by its ending."""
    inputs = Inputs()
    for given in map(str, paths):
        found = [given] if os.path.lexists(given) else sorted(glob.glob(given, recursive=True))
        if not found:
            reason = "nothing matches" if glob.has_magic(given) else "no such file or folder"
            inputs.problems.append(Problem(given, "missing", f"{reason}; check the spelling"))
        for path in map(Path, found):
            if path.is_dir():
                _walk(path, inputs)
            elif path.is_file():
                inputs.files.append(path)
            else:
                inputs.problems.append(Problem(str(path), "missing", "not a regular file; give a report or a folder"))
    inputs.files = sorted({Path(os.path.abspath(path)): None for path in inputs.files}, key=lambda p: (p.name, str(p)))
    return inputs


def _walk(folder: Path, inputs: Inputs) -> None:
    suffixes = _suffixes()
    count = len(inputs.files)
    errors: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if name.startswith((".", "~$")) or path.suffix.lower() not in suffixes or not path.is_file():
                inputs.ignored[path.suffix.lower() or name] += 1
            else:
                inputs.files.append(path)
    inputs.problems += [
        Problem(str(e.filename), "missing", f"cannot be listed ({e.strerror}); check its permissions") for e in errors
    ]
    if len(inputs.files) == count and not errors:
        kinds = " ".join(sorted(suffixes))
        inputs.problems.append(Problem(str(folder), "missing", f"a folder without reports; Hebao reads {kinds}"))


def _suffixes() -> frozenset[str]:
    from pipeline.ingest import SUFFIXES

    return frozenset(SUFFIXES)


def jobs(files: Sequence[Path]) -> tuple[list[Job], dict[Path, str | None], list[Problem]]:
    """One job a content, in the order of the files; the digest of each file; files that cannot be opened."""
    found: dict[str, Job] = {}
    digests: dict[Path, str | None] = {}
    problems = []
    for path in files:
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                size = os.fstat(stream.fileno()).st_size
        except OSError as error:
            reason = f"cannot be opened ({error.strerror}); check its permissions"
            problems.append(Problem(str(path), "missing", reason))
            continue
        digests[path] = digest
        found.setdefault(digest, Job(path, digest, size))
    return list(found.values()), digests, problems


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
    inputs = expand(paths)
    fingerprint = settings.fingerprint()
    workers = settings.run.workers if workers is None else workers
    number = database.begin_run(fingerprint, workers, version())
    work, digests, problems = jobs(inputs.files)
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
        database.store(replace(crashed(job, str(error)), fingerprint=report.fingerprint), run)
        return {}
    return {} if report.document.sha256 == job.sha256 else {job.path: report.document.sha256}


def reports(
    work: Sequence[Job], settings: Settings, workers: int, processor: Processor | None = None
) -> Iterator[Report]:
    """One report a job, in order. A file that breaks the program, or kills its worker, gives a report with outcome
    `crash`. Raises BatchError where no worker can start."""
    if workers == 0 and len(work) <= FEW and sum(job.size for job in work) <= SMALL:
        process = processor or _default_processor()
        return (attempt(job, settings, process) for job in work)
    return _pooled(work, settings, workers or len(os.sched_getaffinity(0)), processor)


def attempt(job: Job, settings: Settings, processor: Processor) -> Report:
    """The report of one file, whatever happens: the boundary at which any error becomes a row."""
    try:
        return processor(job.path, settings)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return crashed(job, f"{type(error).__name__}: {error} ({Path(last.filename).name}, line {last.lineno})")


def crashed(job: Job, what: str) -> Report:
    """The report of a file that could not be processed to the end."""
    message = f"the program failed on this file: {what}; please report it"
    document = Document(str(job.path), job.path.name, job.sha256, "unknown", "crash")
    nobody = Issuer(None, None, None, None, "unknown")
    return Report(document, nobody, issues=(Issue("run", "crash", message, severity="error"),))


def _default_processor() -> Processor:
    from pipeline.run import process

    return process


@dataclass(slots=True)
class _Worker:
    """A child process, its end of the line, and the job that it holds: its number, or None while it has none."""

    connection: Connection
    process: Any
    number: int | None = None
    started: bool = False

    def give(self, number: int, job: Job) -> bool:
        """Hand it a job; False where it died while it had none."""
        try:
            self.connection.send(job)
        except ConnectionError:
            return False
        self.number = number
        return True

    def stop(self) -> None:
        """End the process at once."""
        self.connection.close()
        self.process.terminate()
        self.process.join()
        self.process.close()


def _start(settings: Settings, processor: Processor | None) -> _Worker:
    context = get_context("spawn")  # no lock and no open database of the parent is copied into the child
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, settings, processor), daemon=True)
    process.start()
    theirs.close()
    return _Worker(ours, process)


def _serve(connection: Connection, settings: Settings, processor: Processor | None) -> None:
    """What a worker does: warm up, say so, then answer each job with its report until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    process = processor or _default_processor()
    connection.send(None)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(attempt(job, settings, process))


def _pooled(work: Sequence[Job], settings: Settings, workers: int, processor: Processor | None) -> Iterator[Report]:
    waiting = deque(range(len(work)))
    finished: dict[int, Report] = {}
    emitted = 0
    pool = [_start(settings, processor) for _ in range(min(workers, len(work)))]
    try:
        while emitted < len(work):
            busy = {w.connection: w for w in pool if not w.started or w.number is not None}
            for connection in wait(list(busy), timeout=0 if emitted in finished else None):
                worker = busy[connection]  # type: ignore[index]
                answer = _answer(worker, work)
                if answer is not None:
                    number, report, alive = answer
                    finished[number] = report
                    if not alive:
                        worker.stop()
                        pool[pool.index(worker)] = _start(settings, processor)
            for place, worker in enumerate(pool):
                if worker.started and worker.number is None and waiting and waiting[0] < emitted + AHEAD:
                    if worker.give(waiting[0], work[waiting[0]]):
                        waiting.popleft()
                    else:
                        worker.stop()
                        pool[place] = _start(settings, processor)
            if emitted in finished:  # one at a time: the workers are kept busy while the caller writes
                yield finished.pop(emitted)
                emitted += 1
    finally:
        for worker in pool:
            worker.stop()


def _answer(worker: _Worker, work: Sequence[Job]) -> tuple[int, Report, bool] | None:
    """What the worker has to say: None when it is ready, else its job's number, the report, and whether it lives."""
    try:
        report = worker.connection.recv()
    except (EOFError, ConnectionError):
        worker.process.join()
        code = worker.process.exitcode
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        if worker.number is None:
            raise BatchError(f"a worker process cannot start ({how}); `hebao check` says what is missing") from None
        return worker.number, crashed(work[worker.number], f"its process ended with {how}"), False
    if not worker.started:
        worker.started = True
        return None
    number, worker.number = worker.number, None
    assert number is not None
    return number, report, True


@cache
def version() -> str:
    """The version of the installed distribution, or `0+unknown` in a checkout that was never installed."""
    try:
        return metadata.version("hebao")
    except metadata.PackageNotFoundError:
        return "0+unknown"
