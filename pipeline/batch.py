"""Many documents: find the files, skip what is done, extract in worker processes or on a cluster, write in one.

The database alone decides what is done. Reports are written as they come; what they say does not depend on the order.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from importlib import metadata
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipeline import inputs as listing
from pipeline import pool, remote, workers
from pipeline.config import Settings
from pipeline.inputs import Inputs, Problem, identify
from pipeline.records import Report
from pipeline.store import NotStorableError, attempts
from pipeline.store.lease import lease
from pipeline.store.parcel import Parcel
from pipeline.store.schema import transaction
from pipeline.tally import READABLE as READABLE
from pipeline.tally import Slow as Slow
from pipeline.tally import Summary as Summary
from pipeline.tally import Tally as Tally
from pipeline.workers import BatchError, Begin, Cancelled, Job, Processor, Result, failed

if TYPE_CHECKING:
    from pipeline.store import Database

Listed = Callable[[int, int], None]
TOGETHER, TOGETHER_SECONDS = 32, 0.2  # reports, and for how long they may wait for each other to be stored
LISTING = 200  # files after which listing says how far it is


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, told after each document."""

    finished: int
    total: int
    report: Report | Parcel  # of the document that was stored just now: its document, claims and issues
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


class Executor(Protocol):
    """Where files are read: in processes of this machine (`Local`), or on a cluster (`pipeline.cluster`)."""

    def size(self) -> int:
        """How many files it reads at once."""

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """As the builtin."""

    def results(
        self, work: Sequence[Job], settings: Settings, processor: Processor | None, begin: Begin,
        cancel: Callable[[], bool] | None,
    ) -> Iterator[Result]:  # fmt: skip
        """As `pool.results`."""


@dataclass(frozen=True, slots=True)
class Local:
    """Processes of this machine; 0 means one a processor."""

    workers: int = 0

    def size(self) -> int:
        """The processes."""
        return pool.processes(self.workers)

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        """The builtin."""
        return map(function, items)

    def results(
        self, work: Sequence[Job], settings: Settings, processor: Processor | None, begin: Begin,
        cancel: Callable[[], bool] | None,
    ) -> Iterator[Result]:  # fmt: skip
        """`pool.results`."""
        return pool.results(work, settings, self.workers, processor, begin, cancel)


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
    on_stopped: Callable[[Summary], object] | None = None,
) -> Summary:
    """Extract all reports under `paths` into `database`: one transaction a document, written by this process.

    What was read with these settings before is skipped, with `retry` only where it could be read and is not in
    quarantine. `workers`: processes, by default as in the settings; `executor` takes their place. `on_progress` is
    called in this thread, before that `on_listed` with how many files of how many have been looked at; `cancel` is
    asked twice a second; `on_stopped` is told what has been done where KeyboardInterrupt or Cancelled stops it. Raises
    StoreError where another run holds the database, BatchError where no worker can start, Cancelled (a BatchError)
    where `cancel` said so.
    """
    executor = executor or Local(settings.run.workers if workers is None else workers)
    with lease(database.path):
        number = database.begin_run(settings.fingerprint(), executor.size(), version())
        this = _Run(database, settings, executor, number, on_progress, on_listed)
        try:
            return this.run(list(paths), processor, retry, cancel)
        except (KeyboardInterrupt, Cancelled):
            if on_stopped:
                on_stopped(this.so_far())
            raise
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
        self.tally, self.inputs, self.problems = Tally(), Inputs(), list[Problem]()
        self.work: list[Job] = []
        self.began = time.monotonic()

    def run(
        self, paths: list[Path | str], processor: Processor | None, retry: bool, cancel: Callable[[], bool] | None
    ) -> Summary:
        """All of it; see `run`."""
        self.inputs = inputs = expand(paths, self.settings)
        self.problems = problems = list(inputs.problems)
        self.work, digests, unread = jobs(inputs.files, self.settings, self.executor, self.on_listed)
        problems += unread
        self._record((_absolute(problem.path), None, problem.reason) for problem in problems)
        todo = [chosen for job in self.work if (chosen := self._choose(job, retry))]
        digests |= self._extract(todo, processor, cancel)
        gone = "disappeared while it was read; run the same command again"
        self._record((remote.url(path), sha256, None if sha256 else gone) for path, sha256 in digests.items())
        unknown = [problem.path for problem in problems if os.path.lexists(problem.path)]
        removed = self.database.mark_removed(map(_absolute, paths), list(map(_absolute, unknown)), self.number)
        totals = self.database.run_totals(self.number)
        limit, connection = self.settings.run.tries, self.database.connection
        summary = Summary(
            run=self.number, files=len(inputs.files), extracted=len(todo), unchanged=len(self.work) - len(todo),
            duplicates=len(digests) - len(self.work), failed=tuple(Problem(*row) for row in totals.pop("failed")),
            quarantined=sum(one.fingerprint == self.fingerprint for one in attempts.held(connection, limit)),
            removed=removed, **self._measured(), **totals,
        )  # fmt: skip
        self.database.end_run(self.number, asdict(summary))
        return summary

    def so_far(self) -> Summary:
        """What has been done until now, by what is in memory: whoever stops a run waits for it."""
        tally, inputs = self.tally, self.inputs
        outcomes = tally.outcomes + Counter(problem.outcome for problem in self.problems)
        return Summary(
            run=self.number, files=len(inputs.files), extracted=tally.outcomes.total(), unchanged=0, duplicates=0,
            outcomes=dict(sorted(outcomes.items())), documents=tally.outcomes.total(), claims=tally.claims,
            place_years=len(tally.place_years), issues=dict(tally.issues.most_common()),
            failed=tuple(sorted(self.problems + tally.failed, key=attrgetter("path"))), stopped=True,
            **self._measured(),
        )  # fmt: skip

    def _measured(self) -> dict[str, Any]:
        tally, ignored = self.tally, dict(sorted(self.inputs.ignored.items()))
        seconds = round(time.monotonic() - self.began, 3)
        slowest = tuple(sorted(tally.slowest, reverse=True))
        return {"ignored": ignored, "seconds": seconds, "pages": tally.pages, "slowest": slowest}

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
            changed.update(self._store_together(finished))
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

    def _store_together(self, finished: list[Result]) -> dict[Path, str | None]:
        """Store in one transaction; where the tables refuse one of the reports, each in its own."""
        changed: dict[Path, str | None] = {}
        try:
            with transaction(self.database.connection):
                for result in finished:
                    changed.update(self._store(result.job, result.report))
            return changed
        except NotStorableError:
            changed.clear()
        for result in finished:
            try:
                changed.update(self._store(result.job, result.report))
            except NotStorableError as error:
                self._store(result.job, failed(result.job, "crash", str(error)))
        return changed

    def _store(self, job: Job, report: Parcel) -> dict[Path, str | None]:
        """Store a report; the digest of its path where it has another now. Raises NotStorableError."""
        sha256 = report.document.sha256
        if not sha256 and report.document.outcome != "missing":  # refused before it was hashed: empty, too large
            sha256 = job.sha256
        with transaction(self.database.connection):
            if sha256:
                self.database.store(report.labelled(self.fingerprint, sha256=sha256), self.number)
            if sha256 == job.sha256:
                return {}
            attempts.end(self.database.connection, job.sha256, self.fingerprint, "changed")
            return {job.path: sha256 or None}

    def _record(self, paths: Iterable[tuple[str, str | None, str | None]]) -> None:
        self.database.record_paths(paths, self.number)


def _absolute(path: Path | str) -> str:
    return str(path) if remote.is_url(str(path)) else os.path.abspath(path)


def _quarantined(job: Job, tries: int) -> Parcel:
    message = f"{tries} tries, and the program or the machine was ended under each; see `hebao quarantine`"
    return workers.told(job, attempts.QUARANTINED, message)


@cache
def version() -> str:
    """The version of the installed distribution, or `0+unknown` in a checkout that was never installed."""
    try:
        return metadata.version("hebao")
    except metadata.PackageNotFoundError:
        return "0+unknown"
