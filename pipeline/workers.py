"""Worker processes. Each holds one file at a time and the parent knows which, so a worker that dies or hangs takes
nothing with it and leaves no doubt about the culprit."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from pipeline.config import Settings
from pipeline.records import Document, Issue, Issuer, Report

Processor = Callable[[Path, Settings], Report]
AHEAD = 64  # reports that may be finished before an earlier one is
FEW, SMALL = 4, 1_000_000  # files and bytes that are not worth a worker's start
PATIENCE, PATIENCE_PER_BYTE = 300.0, 60e-6  # seconds for a file, and a minute more for each megabyte


class BatchError(Exception):
    """Nothing can be done; the message is one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Job:
    """One content to extract; `path` is the first of the paths that have it."""

    path: Path
    sha256: str
    size: int


def reports(
    work: Sequence[Job], settings: Settings, workers: int, processor: Processor | None = None
) -> Iterator[Report]:
    """One report a job, in the order of the jobs. `workers`: processes; 0 means one a processor, or none for a few
    small files. A file that breaks the program or kills its worker gives a report with outcome `crash`, one that takes
    far too long `limit_time`. Raises BatchError where no worker can start."""
    if not work:
        return iter(())
    if workers == 0 and len(work) <= FEW and sum(job.size for job in work) <= SMALL:
        process = processor or _default_processor()
        return (attempt(job, settings, process) for job in work)
    return _Pool(work, settings, workers or len(os.sched_getaffinity(0)), processor).reports()


def attempt(job: Job, settings: Settings, processor: Processor) -> Report:
    """The report of one file, whatever happens: the boundary at which any error becomes a row."""
    try:
        return processor(job.path, settings)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        return failed(job, "crash", f"{type(error).__name__}: {error} ({where})")


def failed(job: Job, outcome: str, what: str) -> Report:
    """The report of a file that could not be processed to the end."""
    message = f"the program failed on this file: {what}; please report it"
    document = Document(str(job.path), job.path.name, job.sha256, "unknown", outcome)
    nobody = Issuer(None, None, None, None, "unknown")
    return Report(document, nobody, issues=(Issue("run", outcome, message, severity="error"),))


def _default_processor() -> Processor:
    from pipeline.run import process

    return process


def _serve(connection: Connection, settings: Settings, processor: Processor | None) -> None:
    """What a worker does: load the program, say so, then answer each job with its report until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    process = processor or _default_processor()
    connection.send(None)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(attempt(job, settings, process))


class _Worker:
    """A child process, this end of the line to it, and the number of the job that it holds."""

    def __init__(self, settings: Settings, processor: Processor | None) -> None:
        context = get_context("spawn")  # no lock and no open database of the parent is copied into the child
        self.connection, theirs = context.Pipe()
        self.process: Any = context.Process(target=_serve, args=(theirs, settings, processor), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = False
        self.number: int | None = None
        self.deadline = float("inf")

    def give(self, number: int, job: Job) -> bool:
        """Hand it a job; False where it died while it had none."""
        try:
            self.connection.send(job)
        except ConnectionError:
            return False
        self.number = number
        self.deadline = time.monotonic() + PATIENCE + PATIENCE_PER_BYTE * job.size
        return True

    def cause_of_death(self) -> str:
        """How the process ended."""
        self.process.join()
        code = self.process.exitcode
        return signal.Signals(-code).name if code < 0 else f"exit status {code}"

    def stop(self) -> None:
        """End the process at once."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        self.process.close()


class _Pool:
    """Workers, the jobs that wait for one, and the reports that wait for an earlier one."""

    def __init__(self, work: Sequence[Job], settings: Settings, workers: int, processor: Processor | None) -> None:
        self.work = work
        self.make: Callable[[], _Worker] = partial(_Worker, settings, processor)
        self.workers = [self.make() for _ in range(min(workers, len(work)))]
        self.waiting = deque(range(len(work)))
        self.finished: dict[int, Report] = {}

    def reports(self) -> Iterator[Report]:
        """One report a job, in order."""
        try:
            for number in range(len(self.work)):
                while number not in self.finished:
                    self._collect(until_one=True)
                    self._assign(number + AHEAD)
                self._collect(until_one=False)  # the workers are kept busy while the caller writes
                self._assign(number + AHEAD)
                yield self.finished.pop(number)
        finally:
            for worker in self.workers:
                worker.stop()

    def _collect(self, until_one: bool) -> None:
        """Take what the workers have to say; with `until_one` wait for it."""
        now = time.monotonic()
        busy = {w.connection: w for w in self.workers if not w.ready or w.number is not None}
        patience = max(0.0, min((w.deadline for w in busy.values()), default=now) - now) if until_one else 0.0
        for connection in wait(list(busy), None if patience == float("inf") else patience):
            self._hear(busy[connection])  # type: ignore[index]
        for worker in busy.values():
            if worker.number is not None and time.monotonic() > worker.deadline:
                self._give_up(worker, worker.number, "limit_time", "it took far longer than files of its size do")

    def _hear(self, worker: _Worker) -> None:
        try:
            report = worker.connection.recv()
        except (EOFError, ConnectionError):
            how = worker.cause_of_death()
            if worker.number is None:
                remedy = "`hebao check` says what is missing"
                raise BatchError(f"a worker process cannot start ({how}); {remedy}") from None
            self._give_up(worker, worker.number, "crash", f"its process ended with {how}")
            return
        worker.ready = True
        if worker.number is not None:
            self.finished[worker.number] = report
        worker.number, worker.deadline = None, float("inf")

    def _give_up(self, worker: _Worker, number: int, outcome: str, what: str) -> None:
        self.finished[number] = failed(self.work[number], outcome, what)
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        worker.number = None
        worker.stop()
        self.workers[self.workers.index(worker)] = self.make()

    def _assign(self, before: int) -> None:
        """Hand jobs with numbers below `before` to workers that have none."""
        for worker in list(self.workers):
            if worker.ready and worker.number is None and self.waiting and self.waiting[0] < before:
                if worker.give(self.waiting[0], self.work[self.waiting[0]]):
                    self.waiting.popleft()
                else:
                    self._replace(worker)
