"""What a worker does with a job: a report, whatever happens."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from pipeline import limits
from pipeline.config import Settings
from pipeline.nursery import BatchError as BatchError
from pipeline.records import Document, Issue, Issuer, Report
from pipeline.store.parcel import Parcel, packed

Processor = Callable[[Path, Settings], Report]
Begin = Callable[["Job"], None]
DEADLY = ("crash", "limit_memory")  # may be the worker's fault as well as the file's: tried again in a fresh one
BROKE, GAVE_UP = "the program failed on this file", "reading this file was given up"
REMEDIES = {
    "crash": "please report it",
    "limit_time": "raise run.cpu_seconds, then repeat with --retry",
    "limit_memory": "raise run.memory_megabytes, then `hebao quarantine release` it",
    "limit_output": "find out where it comes from",
    "missing": "repeat the same command",
}
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
    suspect: bool = False  # it took long, or an earlier try never came to its end: its turn comes after all others


@dataclass(frozen=True, slots=True)
class Result:
    """One try at a job: its report and the processor seconds that it took. With `again` another try will follow."""

    job: Job
    report: Parcel
    seconds: float
    again: bool = False


def attempt(job: Job, settings: Settings, processor: Processor) -> Parcel:
    """The report of one file, as rows, whatever happens: the boundary at which any error becomes one of them. Raises
    BatchError where the machine is at fault."""
    try:
        return packed(processor(job.path, settings))
    except MemoryError:
        return failed(job, "limit_memory", short_of_memory(settings))
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        if number in FULL:
            raise BatchError("the disk for temporary files is full; make room, then repeat the command") from error
        if number == errno.EFBIG:
            return failed(job, "limit_output", f"it unpacks to more than {limits.MAX_OUTPUT} bytes")
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        return failed(job, "crash", f"{type(error).__name__}: {error} ({where})")


def failed(job: Job, outcome: str, what: str) -> Parcel:
    """The report of a file that could not be processed to the end."""
    how = BROKE if outcome == "crash" else GAVE_UP
    return told(job, outcome, f"{how}: {what}; {REMEDIES[outcome]}")


def told(job: Job, outcome: str, message: str) -> Parcel:
    """The report of a file of which there is only this to say."""
    document = Document(str(job.path), job.path.name, job.sha256, "unknown", outcome)
    nobody = Issuer(None, None, None, None, "unknown")
    return packed(Report(document, nobody, issues=(Issue("run", outcome, message, severity="error"),)))


def short_of_memory(settings: Settings) -> str:
    """Why a file is `limit_memory`."""
    return f"it needs more than run.memory_megabytes ({settings.run.memory_megabytes})"


def default_processor() -> Processor:
    """The real one."""
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
        answer: Parcel | str
        try:
            answer = attempt(job, settings, processor)
        except BatchError as error:
            answer = str(error)
        peak = limits.peak_kilobytes()
        if isinstance(answer, Parcel) and not answer.document.readable and limits.starved(peak, settings.run):
            # a parser that is refused memory often calls the file damaged
            answer = failed(job, "limit_memory", short_of_memory(settings))
        lost = isinstance(answer, Parcel) and answer.document.outcome in (*DEADLY, "limit_output")
        worn = lost or served >= settings.run.recycle or limits.starved(peak, settings.run, limits.WORN)
        connection.send((answer, limits.time_used() - before, worn))
