"""A batch that was started from the desk: in a process of its own, so that the desk stays quick and can stop it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import threading
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from pipeline.config import Settings

SHOWN = 12  # documents that the progress page lists


@dataclass(slots=True)
class Progress:
    """How far the batch is. `stage`: reading, auditing, done, failed, stopped."""

    stage: str = "reading"
    finished: int = 0
    total: int = 0
    recent: list[dict[str, str]] = field(default_factory=list)  # name, outcome and sha256 of the last documents
    message: str = ""
    failures: int = 0


class Runner:
    """Starts one batch at a time and keeps its progress."""

    def __init__(self, database: Path, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.progress: Progress | None = None
        self.process: BaseProcess | None = None
        self.turn = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether a batch is under way."""
        return self.process is not None and self.process.is_alive()

    def start(self, paths: list[str], retry: bool) -> bool:
        """Start a batch over files and folders, or only look for leads where there are none; False where one is
        under way."""
        with self.turn:
            if self.running:
                return False
            receiver, sender = multiprocessing.Pipe(duplex=False)
            work = (paths, self.database, self.settings, retry, sender)
            self.process = multiprocessing.get_context("spawn").Process(target=_work, args=work)
            self.progress = Progress("reading" if paths else "auditing")
            self.process.start()
            sender.close()
            threading.Thread(target=self._follow, args=(receiver, self.progress, self.process), daemon=True).start()
            return True

    def stop(self) -> None:
        """Interrupt the batch as Ctrl-C does: what is stored stays."""
        with self.turn:
            if self.running and self.process is not None and self.process.pid is not None:
                os.kill(self.process.pid, signal.SIGINT)

    def state(self) -> dict[str, Any] | None:
        """The progress of the last batch; None before the first."""
        return None if self.progress is None else asdict(self.progress) | {"running": self.running}

    def _follow(self, receiver: Connection, progress: Progress, process: BaseProcess) -> None:
        while True:
            try:
                told = receiver.recv()
            except (EOFError, OSError):
                break
            recent = told.pop("document", None)
            if recent:
                progress.recent = [recent, *progress.recent][:SHOWN]
                progress.failures += recent["outcome"] not in ("ok", "ok_partial")
            for name, value in told.items():
                setattr(progress, name, value)
        process.join()
        if progress.stage not in ("done", "failed"):
            progress.stage = "stopped"


def _work(paths: list[str], path: Path, settings: Settings, retry: bool, sender: Connection) -> None:
    """The child: read and store the files, then look for leads anew."""
    from pipeline import audit, batch
    from pipeline.store import Database, StoreError
    from pipeline.workers import BatchError

    def step(now: batch.Progress) -> None:
        read = now.report.document
        sender.send({"finished": now.finished, "total": now.total,
                     "document": {"name": read.name, "outcome": read.outcome, "sha256": read.sha256}})  # fmt: skip

    try:
        with Database(path) as database:
            if paths:
                batch.run(paths, database, settings, on_progress=step, retry=retry)
            sender.send({"stage": "auditing"})
            audit.run(database)
        sender.send({"stage": "done"})
    except (StoreError, BatchError, OSError, sqlite3.Error) as error:
        sender.send({"stage": "failed", "message": str(error)})
    except KeyboardInterrupt:
        sender.send({"stage": "stopped"})
