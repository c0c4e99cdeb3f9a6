"""A pool of worker processes. Each holds one file at a time and the parent knows which, so a worker that dies or hangs
takes nothing with it and leaves no doubt about the culprit."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path

from pipeline import limits, remote
from pipeline.config import Settings
from pipeline.nursery import Death, Nursery
from pipeline.records import Report
from pipeline.store.parcel import Parcel, unpacked
from pipeline.workers import (
    DEADLY,
    BatchError,
    Begin,
    Cancelled,
    Job,
    Processor,
    Result,
    attempt,
    default_processor,
    failed,
    short_of_memory,
)  # fmt: skip

AHEAD = 64  # reports that may be finished before an earlier one is, where their order matters
FEW = 0  # so few files are read in the calling process, without limits: for debuggers, which cannot follow a fork
TICK = 0.5  # seconds after which a waiting parent looks whether it is to stop
LATELY, FIRST = 200, 20  # files that a pool remembers the times of; how many tell what is usual here
LONG, USUAL, STRANGE = 4, 0.9, 0.25  # of the time within which nine of ten files end; seconds that are never long
UNKNOWN = 3.0  # seconds that are long where nothing is known yet


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
        process = processor or default_processor()
        for job in work:
            _heed(cancel)
            if begin:
                begin(job)
            before = limits.time_used()
            yield Result(job, attempt(job, settings, process), limits.time_used() - before)
        return
    pool = Pool(settings, processes(workers), processor, begin, cancel)
    try:
        yield from pool.results(work, ahead)
    finally:
        pool.close()


def processes(workers: int) -> int:
    """The number of worker processes that is meant; 0 means one a processor."""
    return workers or len(os.sched_getaffinity(0))


def reports(
    work: Sequence[Job], settings: Settings, workers: int, processor: Processor | None = None
) -> Iterator[Report]:
    """One report a job, in the order of the jobs; otherwise as `results`."""
    numbers = {id(job): number for number, job in enumerate(work)}
    finished: dict[int, Report] = {}
    number = 0
    for result in results(work, settings, workers, processor, ahead=AHEAD):
        if not result.again:
            finished[numbers[id(result.job)]] = unpacked(result.report)
        while number in finished:
            yield finished.pop(number)
            number += 1


def _heed(cancel: Callable[[], bool] | None) -> None:
    if cancel and cancel():
        raise Cancelled("stopped as asked; what is stored stays")


class _Worker:
    """This end of the line to a worker, and the job that it holds with its number."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.pid: int | None = None  # until it has said so it is not ready
        self.holds: tuple[int, Job] | None = None
        self.budget = self.patience = 0.0
        self.since = self.used = 0.0
        self.deadline = float("inf")

    @property
    def idle(self) -> bool:
        """Whether it can be given a job."""
        return self.pid is not None and self.holds is None

    def take_up(self, budget: float, patience: float) -> None:
        """Begin to watch a job: its processor seconds, and for how many seconds it may do nothing."""
        self.budget, self.patience = budget, patience
        self.since = time.monotonic()
        self.deadline = self.since + patience
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
        self.times: deque[float] = deque(maxlen=LATELY)  # for which files held a worker
        self.aside: set[int] = set()  # jobs whose try has begun and will be taken up anew

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
        if self.begin and number not in self.aside:
            self.begin(job)
        self.aside.discard(number)
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
        now, long = time.monotonic(), self._long()
        ends = [min(w.deadline, w.since + long if self._may_wait(w) else w.deadline) for w in busy.values()]
        patience = max(0.0, min(ends, default=now) - now)
        for connection in wait(list(busy), min(patience, TICK) if until_one and not refused else 0.0):
            yield from self._hear(busy[connection])  # type: ignore[index]
        now = time.monotonic()
        for worker in busy.values():
            if self._may_wait(worker) and now - worker.since > long:
                self._put_aside(worker)
            elif worker.holds and worker.idles():
                yield self._lost(worker, "limit_time", f"it has done nothing for {worker.patience:.0f} seconds")

    def _long(self) -> float:
        """For how many seconds a file may hold a worker while others wait for one."""
        if len(self.times) < FIRST:
            return UNKNOWN
        return max(STRANGE, LONG * sorted(self.times)[int(USUAL * len(self.times))])

    def _may_wait(self, worker: _Worker) -> bool:
        """Whether others want this worker, and its job has not yet given way to them."""
        return bool(self.waiting) and worker.holds is not None and not worker.holds[1].suspect

    def _put_aside(self, worker: _Worker) -> None:
        """End a try that takes long. It is taken up anew, with all that the job is allowed, when no other file waits:
        what comes of it stays the same, and a file that never ends delays none. Where many take long, that is usual."""
        self.times.append(time.monotonic() - worker.since)
        entry, worker.holds = worker.holds, None
        assert entry is not None
        self._bury(worker)
        number, job = entry
        self.aside.add(number)
        self.again.append((number, replace(job, suspect=True)))

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
        self.times.append(time.monotonic() - worker.since)
        entry, worker.holds, worker.deadline = worker.holds, None, float("inf")
        assert entry is not None
        if worn:
            self._bury(worker)
        yield self._result(entry, answer, seconds)

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
            return "limit_memory", short_of_memory(self.settings)
        how = signal.Signals(-death.code).name if death.code < 0 else f"exit status {death.code}"
        return "crash", f"its process ended with {how}"

    def _result(self, entry: tuple[int, Job], report: Parcel, seconds: float) -> tuple[int, Result]:
        number, job = entry
        outcome = report.document.outcome
        if number in self.copies:
            remote.forget(self.copies.pop(number))
            report = report.labelled(report.frame.fingerprint, path=remote.url(job.path))
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
