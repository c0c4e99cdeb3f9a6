"""Worker processes. Each holds one file at a time and the parent knows which, so a worker that dies or hangs takes
nothing with it and leaves no doubt about the culprit."""

from __future__ import annotations

import errno
import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import Connection, wait
from pathlib import Path

from pipeline import limits, remote
from pipeline.config import Settings
from pipeline.nursery import BatchError as BatchError
from pipeline.nursery import Death, Nursery
from pipeline.parcel import packed, unpacked
from pipeline.records import Document, Issue, Issuer, Report

Processor = Callable[[Path, Settings], Report]
Begin = Callable[["Job"], None]
AHEAD = 64  # reports that may be finished before an earlier one is, where their order matters
FEW = 0  # so few files are read in the calling process, without limits: for debuggers, which cannot follow a fork
TICK = 0.5  # seconds after which a waiting parent looks whether it is to stop
DEADLY = ("crash", "limit_memory")  # may be the worker's fault as well as the file's: tried again in a fresh one
REMEDIES = {"crash": "please report it", "limit_memory": "raise the limit, then `hebao quarantine release` it"}
FULL = (errno.ENOSPC, errno.EDQUOT)


class Cancelled(BatchError):  # noqa: N818 - it is no error
    """The caller asked to stop. What is stored stays."""


@dataclass(frozen=True, slots=True)
class Job:
    """One content to extract; `path` is the first of the paths that have it."""

    path: Path
    sha256: str
    size: int
    lives: int = 2  # workers that it may cost
    suspect: bool = False  # an earlier try never came to its end: its turn comes after all others


@dataclass(frozen=True, slots=True)
class Result:
    """One try at a job: its report and the processor seconds that it took. With `again` another try will follow."""

    job: Job
    report: Report
    seconds: float
    again: bool = False


def results(
    work: Sequence[Job],
    settings: Settings,
    workers: int = 0,
    processor: Processor | None = None,
    begin: Begin | None = None,
    cancel: Callable[[], bool] | None = None,
    ahead: int | None = None,
) -> Iterator[Result]:
    """Each job's results, as they come; with `ahead` no job is begun that far behind one that is not finished.

    `workers`: processes, 0 means one a processor. `begin` is called before a worker gets a job. A file that breaks the
    program or kills its worker gives a report with outcome `crash`, one beyond its limits `limit_time`, `limit_memory`
    or `limit_output`. Raises BatchError where no worker can start or a disk is full, Cancelled where `cancel` says so.
    """
    if not work:
        return
    if workers == 0 and len(work) <= FEW:
        process = processor or _default_processor()
        for job in work:
            _heed(cancel)
            if begin:
                begin(job)
            before = limits.time_used()
            yield Result(job, attempt(job, settings, process), limits.time_used() - before)
        return
    pool = Pool(settings, workers or len(os.sched_getaffinity(0)), processor, begin, cancel)
    try:
        yield from pool.results(work, ahead)
    finally:
        pool.close()


def reports(
    work: Sequence[Job], settings: Settings, workers: int, processor: Processor | None = None
) -> Iterator[Report]:
    """One report a job, in the order of the jobs; otherwise as `results`."""
    numbers = {id(job): number for number, job in enumerate(work)}
    finished: dict[int, Report] = {}
    number = 0
    for result in results(work, settings, workers, processor, ahead=AHEAD):
        if not result.again:
            finished[numbers[id(result.job)]] = result.report
        while number in finished:
            yield finished.pop(number)
            number += 1


def attempt(job: Job, settings: Settings, processor: Processor) -> Report:
    """The report of one file, whatever happens: the boundary at which any error becomes a row. Raises BatchError where
    the machine is at fault."""
    try:
        report = processor(job.path, settings)
    except MemoryError:
        return failed(job, "limit_memory", _short_of_memory(settings))
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        if number in FULL:
            raise BatchError("the disk for temporary files is full; make room, then repeat the command") from error
        if number == errno.EFBIG:
            return failed(job, "limit_output", f"it unpacks to more than {limits.MAX_OUTPUT} bytes")
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        return failed(job, "crash", f"{type(error).__name__}: {error} ({where})")
    return report


def failed(job: Job, outcome: str, what: str) -> Report:
    """The report of a file that could not be processed to the end."""
    remedy = REMEDIES.get(outcome, "raise the limit, then repeat with --retry")
    message = f"the program failed on this file: {what}; {remedy}"
    document = Document(str(job.path), job.path.name, job.sha256, "unknown", outcome)
    nobody = Issuer(None, None, None, None, "unknown")
    return Report(document, nobody, issues=(Issue("run", outcome, message, severity="error"),))


def _heed(cancel: Callable[[], bool] | None) -> None:
    if cancel and cancel():
        raise Cancelled("stopped as asked; what is stored stays")


def _short_of_memory(settings: Settings) -> str:
    return f"it needs more than run.memory_megabytes ({settings.run.memory_megabytes})"


def _default_processor() -> Processor:
    from pipeline.run import process

    return process


def serve(connection: Connection, settings: Settings, processor: Processor) -> None:
    """What a worker does: answer each job with (report or what is wrong with the machine, processor seconds, whether
    the worker is worn out), until the line is closed."""
    connection.send(os.getpid())
    for served in count(1):
        try:
            job = connection.recv()
        except EOFError:
            return
        before = limits.time_used()
        limits.allow_cpu(limits.seconds(job.size, settings)[0])
        answer: Report | str
        try:
            answer = attempt(job, settings, processor)
        except BatchError as error:
            answer = str(error)
        peak = limits.peak_kilobytes()
        if isinstance(answer, Report) and not answer.document.readable and limits.starved(peak, settings.run):
            # a parser that is refused memory often calls the file damaged
            answer = failed(job, "limit_memory", _short_of_memory(settings))
        lost = isinstance(answer, Report) and answer.document.outcome in (*DEADLY, "limit_output")
        worn = lost or served >= settings.run.recycle or limits.starved(peak, settings.run, limits.WORN)
        parcel = packed(answer) if isinstance(answer, Report) else answer
        connection.send((parcel, limits.time_used() - before, worn))


class _Worker:
    """This end of the line to a worker, and the job that it holds with its number."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.pid: int | None = None  # until it has said so it is not ready
        self.holds: tuple[int, Job] | None = None
        self.budget = self.patience = 0.0
        self.deadline, self.used = float("inf"), 0.0

    @property
    def idle(self) -> bool:
        """Whether it can be given a job."""
        return self.pid is not None and self.holds is None


    def take_up(self, budget: float, patience: float) -> None:
        """Begin to watch a job: its processor seconds, and for how many seconds it may do nothing."""
        self.budget, self.patience = budget, patience
        self.deadline = time.monotonic() + patience
        self.used = limits.time_used_by(self.pid or 0)

    def idles(self) -> bool:
        """Whether it has done nothing for too long; one that does something will meet the limit of the kernel."""
        if time.monotonic() <= self.deadline:
            return False
        used, before = limits.time_used_by(self.pid or 0), self.used
        self.deadline, self.used = time.monotonic() + self.patience, used
        return used - before < limits.IDLE * self.patience


class Pool:
    """Workers, and the jobs that wait for one."""

    def __init__(
        self,
        settings: Settings,
        workers: int,
        processor: Processor | None = None,
        begin: Begin | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        self.settings, self.size, self.begin, self.cancel = settings, workers, begin, cancel
        self.nursery = Nursery(settings, processor)
        self.workers: list[_Worker] = []
        self.copies: dict[int, Path] = {}  # of remote files, by the number of the job
        self.refused: list[tuple[int, Result]] = []  # jobs whose file could not be fetched

    def results(self, work: Sequence[Job], ahead: int | None = None) -> Iterator[Result]:
        """As the function of that name; may be called again when it has come to its end."""
        order = sorted(enumerate(work), key=lambda entry: entry[1].suspect) if ahead is None else enumerate(work)
        self.waiting = deque(order)
        self.again: deque[tuple[int, Job]] = deque()
        unfinished = set(range(len(work)))
        ready: deque[Result] = deque()
        first = 0
        while unfinished or ready:
            while first < len(work) and first not in unfinished:
                first += 1
            if len(ready) < AHEAD:  # else the caller is slower than the workers
                self._assign(first + ahead if ahead is not None else len(work))
            for number, result in self._collect(until_one=not ready):
                if not result.again:
                    unfinished.discard(number)
                    result = replace(result, job=work[number])
                ready.append(result)
            if ready:
                yield ready.popleft()

    def close(self) -> None:
        """End all workers at once."""
        for worker in self.workers:
            worker.connection.close()
        self.nursery.close()
        for copy in self.copies.values():
            remote.forget(copy)

    def _assign(self, before: int) -> None:
        """Hand jobs with numbers below `before`, then those to be tried again, to idle workers; start what is short."""
        wanted = min(self.size, len(self.waiting) + len(self.again) + sum(not w.idle for w in self.workers))
        while len(self.workers) < wanted:
            self.workers.append(_Worker(self.nursery.worker()))
        for worker in [w for w in self.workers if w.idle]:
            if self.waiting and self.waiting[0][0] < before:
                self._give(worker, self.waiting.popleft())
            elif self.again:
                self._give(worker, self.again.popleft())

    def _give(self, worker: _Worker, entry: tuple[int, Job]) -> None:
        number, job = entry
        if self.begin:
            self.begin(job)
        try:
            if remote.is_remote(job.path) and number not in self.copies:
                self.copies[number] = remote.fetch(job.path)
        except OSError as error:
            report = failed(job, "missing", f"it cannot be fetched ({error})")
            self.refused.append((number, Result(job, report, 0.0)))
            return
        worker.holds = entry
        worker.take_up(*limits.seconds(job.size, self.settings))
        try:
            worker.connection.send(replace(job, path=self.copies.get(number, job.path)))
        except ConnectionError:  # it has died while it was idle: no fault of the job
            worker.holds = None
            self._bury(worker)
            self.again.appendleft(entry)

    def _collect(self, until_one: bool) -> Iterator[tuple[int, Result]]:
        """What the workers have to say; with `until_one` wait for it, but no longer than a tick."""
        _heed(self.cancel)
        refused, self.refused = self.refused, []
        yield from refused
        busy = {w.connection: w for w in self.workers if not w.idle}
        now = time.monotonic()
        patience = max(0.0, min((w.deadline for w in busy.values()), default=now) - now)
        for connection in wait(list(busy), min(patience, TICK) if until_one and not refused else 0.0):
            yield from self._hear(busy[connection])  # type: ignore[index]
        for worker in busy.values():
            if worker.holds and worker.idles():
                yield self._lost(worker, "limit_time", f"it has done nothing for {worker.patience:.0f} seconds")

    def _hear(self, worker: _Worker) -> Iterator[tuple[int, Result]]:
        try:
            said = worker.connection.recv()
        except (EOFError, ConnectionError):
            if worker.pid is None:
                raise BatchError("a worker process cannot start; `hebao check` says what is missing") from None
            yield self._lost(worker, "", "")
            return
        if worker.pid is None:
            worker.pid = said
            return
        answer, seconds, worn = said
        if isinstance(answer, str):
            raise BatchError(answer)
        entry, worker.holds, worker.deadline = worker.holds, None, float("inf")
        assert entry is not None
        if worn:
            self._bury(worker)
        yield self._result(entry, unpacked(answer), seconds)

    def _lost(self, worker: _Worker, outcome: str, what: str) -> tuple[int, Result]:
        """A worker that has ended, or must, and with it the try at the job that it holds."""
        entry, worker.holds = worker.holds, None
        assert entry is not None
        death = self._bury(worker)
        if not outcome:
            outcome, what = self._cause(death, worker.budget)
        return self._result(entry, failed(entry[1], outcome, what), worker.budget)

    def _cause(self, death: Death, budget: float) -> tuple[str, str]:
        if death.code == -signal.SIGXCPU:
            return "limit_time", f"it needs more than {budget:.0f} seconds of processor time"
        if limits.starved(death.peak_kilobytes, self.settings.run):
            return "limit_memory", _short_of_memory(self.settings)
        how = signal.Signals(-death.code).name if death.code < 0 else f"exit status {death.code}"
        return "crash", f"its process ended with {how}"

    def _result(self, entry: tuple[int, Job], report: Report, seconds: float) -> tuple[int, Result]:
        number, job = entry
        outcome = report.document.outcome
        if number in self.copies:
            remote.forget(self.copies.pop(number))
            report = replace(report, document=replace(report.document, path=remote.url(job.path)))
        again = outcome in DEADLY and job.lives > 1
        if again:
            self.again.append((number, replace(job, lives=job.lives - 1)))
        return number, Result(job, report, seconds, again)

    def _bury(self, worker: _Worker) -> Death:
        """End a worker and forget it."""
        self.workers.remove(worker)
        worker.connection.close()
        assert worker.pid is not None
        return self.nursery.kill(worker.pid)
