"""Many documents: find the files, skip what is done, extract in worker processes or on a cluster, write in one.

The database alone decides what is done. Reports are written as they come; what they say does not depend on the order.
"""

from __future__ import annotations

import heapq
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline import inputs as listing
from pipeline import remote, workers
from pipeline.config import Settings
from pipeline.inputs import Inputs, Problem, identify
from pipeline.records import Issue, Report
from pipeline.store import NotStorableError, attempts
from pipeline.store.lease import lease
from pipeline.store.schema import transaction
from pipeline.workers import BatchError, Begin, Job, Processor, Result, failed

if TYPE_CHECKING:
    from pipeline.store import Database

READABLE = ("ok", "ok_partial")
Listed = Callable[[int, int], None]
SHEET = 22 * 28  # characters of a sheet in the official layout (GB/T 9704)
SLOWEST = 20
TOGETHER, TOGETHER_SECONDS = 32, 0.2  # reports, and for how long they may wait for each other to be stored
LISTING = 200  # files after which listing says how far it is


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, told after each document."""

    finished: int
    total: int
    report: Report  # of the document that was stored just now
    seconds: float = 0.0  # since reading began
    outcomes: Counter[str] = field(default_factory=Counter)  # of this run so far
    spent: float = 0.0  # processor seconds of this document

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.finished / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What remains at this rate; None while nothing can be said."""
        return (self.total - self.finished) / self.rate if self.rate else None


@dataclass(frozen=True, slots=True, order=True)
class Slow:
    """A file that took long, and the processor seconds that it took."""

    seconds: float
    path: str
    bytes: int
    outcome: str


@dataclass(slots=True)
class Tally:
    """What a run counts as it goes."""

    outcomes: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    slowest: list[Slow] = field(default_factory=list)  # a heap

    def add(self, result: Result) -> None:
        """Count one document."""
        document = result.report.document
        self.outcomes[document.outcome] += 1
        if document.readable:
            self.pages += document.pages or -(-len(document.text) // SHEET)
        entry = Slow(round(result.seconds, 3), remote.url(result.job.path), result.job.size, document.outcome)
        (heapq.heappush if len(self.slowest) < SLOWEST else heapq.heappushpop)(self.slowest, entry)


class Executor(Protocol):
    """Where files are read: in processes of this machine (`Local`), or on a cluster (`pipeline.cluster`)."""

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """As the builtin."""

    def results(
        self, work: Sequence[Job], settings: Settings, processor: Processor | None, begin: Begin,
        cancel: Callable[[], bool] | None,
    ) -> Iterator[Result]:  # fmt: skip
        """As `workers.results`."""


@dataclass(frozen=True, slots=True)
class Local:
    """Processes of this machine; 0 means one a processor."""

    workers: int = 0

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """The builtin."""
        return map(function, items)

    def results(
        self, work: Sequence[Job], settings: Settings, processor: Processor | None, begin: Begin,
        cancel: Callable[[], bool] | None,
    ) -> Iterator[Result]:  # fmt: skip
        """`workers.results`."""
        return workers.results(work, settings, self.workers, processor, begin, cancel)


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
    pages: int = 0  # read in this run; of formats without pages, sheets of the official layout
    slowest: tuple[Slow, ...] = ()  # of this run, the slowest first
    quarantined: int = 0  # contents that no run tries again unasked
    removed: int = 0  # files that were there once, below the given paths

    @property
    def pages_per_second(self) -> float:
        """Pace of this run, listing and storing included."""
        return self.pages / self.seconds if self.seconds else 0.0

    @property
    def exit_status(self) -> int:
        """0: all fine; 1: some inputs failed; 2: nothing could be done."""
        return (1 if set(self.outcomes) & set(READABLE) else 2) if self.failed or not self.files else 0


def expand(paths: Iterable[Path | str], settings: Settings | None = None) -> Inputs:
    """`inputs.expand` for all formats that Hebao reads."""
    return listing.expand(paths, _suffixes(), (settings or Settings()).ingest)


def _suffixes() -> frozenset[str]:
    from pipeline.ingest import SUFFIXES

    return frozenset(SUFFIXES)


def jobs(
    files: Sequence[Path],
    settings: Settings | None = None,
    executor: Executor | None = None,
    on_listed: Listed | None = None,
) -> tuple[list[Job], dict[Path, str | None], list[Problem]]:
    """One job a content, in the order of the files; the digest of each file; files that cannot be opened."""
    found: dict[str, Job] = {}
    digests: dict[Path, str | None] = {}
    problems = []
    identified = (executor or Local()).map(partial(identify, settings=(settings or Settings()).ingest), files)
    for number, (path, entry) in enumerate(zip(files, identified, strict=True), 1):
        if isinstance(entry, Problem):
            problems.append(entry)
        else:
            digests[path] = entry[0]
            found.setdefault(entry[0], Job(path, *entry))
        if on_listed and (number % LISTING == 0 or number == len(files)):
            on_listed(number, len(files))
    return list(found.values()), digests, problems


def run(
    paths: Iterable[Path | str],
    database: Database,
    settings: Settings,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    processor: Processor | None = None,
    retry: bool = False,
    cancel: Callable[[], bool] | None = None,
    executor: Executor | None = None,
    on_listed: Listed | None = None,
) -> Summary:
    """Extract all reports under `paths` into `database`: one transaction a document, written by this process.

    What was read with these settings before is skipped, with `retry` only where it could be read and is not in
    quarantine. `workers`: processes, by default as in the settings; `executor` takes their place. `on_progress` is
    called in this thread, before that `on_listed` with how many files of how many have been looked at; `cancel` is
    asked twice a second. Raises StoreError where another run holds the database, BatchError where no worker can start,
    Cancelled (a BatchError) where `cancel` said so.
    """
    workers = settings.run.workers if workers is None else workers
    with lease(database.path):
        number = database.begin_run(settings.fingerprint(), workers, version())
        try:
            this = _Run(database, settings, executor or Local(workers), number, on_progress, on_listed)
            return this.run(list(paths), processor, retry, cancel)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
                raise
            raise BatchError(f"{database.path}: the disk is full; make room, then repeat the command") from error
        finally:
            with suppress(sqlite3.Error):  # a full disk has been reported already
                attempts.withdraw(database.connection, number)


class _Run:
    """One run over a database that is held."""

    def __init__(
        self, database: Database, settings: Settings, executor: Executor, number: int,
        on_progress: Callable[[Progress], None] | None, on_listed: Listed | None,
    ) -> None:  # fmt: skip
        self.database, self.settings, self.executor, self.number = database, settings, executor, number
        self.on_progress, self.on_listed = on_progress, on_listed
        self.fingerprint = settings.fingerprint()
        self.tally = Tally()

    def run(
        self, paths: list[Path | str], processor: Processor | None, retry: bool, cancel: Callable[[], bool] | None
    ) -> Summary:
        """All of it; see `run`."""
        began = time.monotonic()
        inputs = expand(paths, self.settings)
        work, digests, problems = jobs(inputs.files, self.settings, self.executor, self.on_listed)
        problems += inputs.problems
        self._record((_absolute(problem.path), None, problem.reason) for problem in problems)
        todo = [chosen for job in work if (chosen := self._choose(job, retry))]
        digests |= self._extract(todo, processor, cancel)
        gone = "disappeared while it was read; run the same command again"
        self._record((remote.url(path), sha256, None if sha256 else gone) for path, sha256 in digests.items())
        unknown = [problem.path for problem in problems if os.path.lexists(problem.path)]
        removed = self.database.mark_removed(map(_absolute, paths), list(map(_absolute, unknown)), self.number)
        totals = self.database.run_totals(self.number)
        limit, connection = self.settings.run.tries, self.database.connection
        summary = Summary(
            run=self.number, files=len(inputs.files), extracted=len(todo), unchanged=len(work) - len(todo),
            duplicates=len(digests) - len(work), failed=tuple(Problem(*row) for row in totals.pop("failed")),
            ignored=dict(sorted(inputs.ignored.items())), seconds=round(time.monotonic() - began, 3),
            pages=self.tally.pages, removed=removed,
            slowest=tuple(sorted(self.tally.slowest, reverse=True)),
            quarantined=sum(one.fingerprint == self.fingerprint for one in attempts.held(connection, limit)), **totals,
        )  # fmt: skip
        self.database.end_run(self.number, asdict(summary))
        return summary

    def _choose(self, job: Job, retry: bool) -> Job | None:
        """The job as it is to be tried; None where its content is done or may not be tried again."""
        done = self.database.done(job.sha256, self.fingerprint)
        if done and (not retry or self.database.outcome(job.sha256) in READABLE):
            return None
        tries = attempts.tries(self.database.connection, job.sha256, self.fingerprint)
        if not tries.spent(self.settings.run.tries):
            return replace(job, lives=attempts.FATAL_TRIES - tries.fatal, suspect=tries.unfinished > 0)
        if not done:
            self._store(job, _quarantined(job, tries.all))
        return None

    def _extract(
        self, todo: list[Job], processor: Processor | None, cancel: Callable[[], bool] | None
    ) -> dict[Path, str | None]:
        """Read and store; the digests of files that have changed meanwhile. Reports that come in quick succession are
        stored in one transaction: a commit costs as much as the rows of a short report."""
        changed: dict[Path, str | None] = {}
        began = stored = time.monotonic()
        finished: list[Result] = []

        def settle() -> None:
            with transaction(self.database.connection):
                for result in finished:
                    changed.update(self._store(result.job, result.report))
            now_stored, finished[:] = list(finished), []
            for result in now_stored:
                self._tell(result, len(todo), time.monotonic() - began)

        try:
            for result in self.executor.results(todo, self.settings, processor, self._begin, cancel):
                if result.again:
                    issue, document = result.report.issues[0], result.report.document
                    attempts.end(
                        self.database.connection, result.job.sha256, self.fingerprint, document.outcome, issue.message
                    )
                    continue
                finished.append(result)
                if len(finished) >= TOGETHER or time.monotonic() - stored > TOGETHER_SECONDS:
                    settle()
                    stored = time.monotonic()
        finally:
            settle()
        return changed

    def _tell(self, result: Result, total: int, seconds: float) -> None:
        self.tally.add(result)
        outcomes = self.tally.outcomes
        if self.on_progress:
            self.on_progress(Progress(outcomes.total(), total, result.report, seconds, outcomes, result.seconds))

    def _begin(self, job: Job) -> None:
        attempts.begin(self.database.connection, job.sha256, self.fingerprint, remote.url(job.path), self.number)

    def _store(self, job: Job, report: Report) -> dict[Path, str | None]:
        """Store a report, or the fact that it cannot be stored; the digest of its path where it has another now."""
        document = report.document
        if not document.sha256 and document.outcome != "missing":  # refused before it was hashed: empty, too large
            document = replace(document, sha256=job.sha256)
        sha256 = document.sha256
        report = replace(report, document=document, fingerprint=self.fingerprint)
        if sha256:
            try:
                self.database.store(report, self.number)
            except NotStorableError as error:
                self.database.store(
                    replace(failed(job, "crash", str(error)), fingerprint=self.fingerprint), self.number
                )
                return {}
        if sha256 == job.sha256:
            return {}
        attempts.end(self.database.connection, job.sha256, self.fingerprint, "changed")
        return {job.path: sha256 or None}

    def _record(self, paths: Iterable[tuple[str, str | None, str | None]]) -> None:
        self.database.record_paths(paths, self.number)


def _absolute(path: Path | str) -> str:
    return str(path) if remote.is_url(str(path)) else os.path.abspath(path)


def _quarantined(job: Job, tries: int) -> Report:
    report = failed(job, attempts.QUARANTINED, "")
    message = f"{tries} tries, and the program or the machine was ended under each; see `hebao quarantine`"
    return replace(report, issues=(Issue("run", attempts.QUARANTINED, message, severity="error"),))


@cache
def version() -> str:
    """The version of the installed distribution, or `0+unknown` in a checkout that was never installed."""
    try:
        return metadata.version("hebao")
    except metadata.PackageNotFoundError:
        return "0+unknown"
