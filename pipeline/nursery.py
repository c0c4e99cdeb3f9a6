"""The process that workers are forked from: it has loaded dictionary and models once, so that a new worker costs
milliseconds, and it holds nothing else (no database, no thread), so that forking is safe.

The parent sends it one end of a line for each worker that it wants; it tells the parent how each of them ended.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from pipeline import limits
from pipeline.config import Settings

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}  # as many workers as processors
PATIENCE = 1.0  # seconds for all workers to end
FORK, KILL = b"f", b"k"  # a worker for the descriptor that comes with it; the worker whose number follows
WARM_UP = "某镇2023年工作总结\n一、环境整治\n清理垃圾300余吨，改造户厕1.2万户，占95%。\n二、下一步\n继续整治。\n"


class Death(NamedTuple):
    """How a worker ended: as in `subprocess.Popen.returncode`, and the most memory that it held."""

    pid: int
    code: int
    peak_kilobytes: int


class BatchError(Exception):
    """Nothing can be done; the message is one line with the remedy."""


class Nursery:
    """The parent's end: asks for workers and hears of their deaths."""

    def __init__(self, settings: Settings, processor: Any) -> None:
        """Start the process. `processor` is a function that another process can import, or None for the real one."""
        self.socket, theirs = socket.socketpair()
        code = f"import sys; sys.path[:] = {sys.path!r}; from pipeline.nursery import main; main({theirs.fileno()})"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", code], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            env=ONE_THREAD | os.environ,
        )  # fmt: skip
        theirs.close()
        self.line = Connection(os.dup(self.socket.fileno()))
        self.deaths: dict[int, Death] = {}
        try:
            self.line.send((settings, processor))
        except OSError as error:
            raise self._ended() from error

    def worker(self) -> Connection:
        """The line to a new worker, which will first send its process id. Raises BatchError."""
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self.socket, [FORK], [theirs.fileno()])
        except OSError as error:
            raise self._ended() from error
        finally:
            theirs.close()
        return Connection(ours.detach())

    def death(self, pid: int) -> Death:
        """How the worker ended, waiting until it has. Raises BatchError."""
        while pid not in self.deaths:
            try:
                death: Death = self.line.recv()
            except (EOFError, OSError) as error:
                raise self._ended() from error
            self.deaths[death.pid] = death
        return self.deaths.pop(pid)

    def kill(self, pid: int) -> Death:
        """End a worker at once, or learn how it ended before. Raises BatchError."""
        try:
            self.socket.sendall(KILL + pid.to_bytes(4))
        except OSError as error:
            raise self._ended() from error
        return self.death(pid)

    def close(self) -> None:
        """End the process with all workers; returns when they are gone."""
        self.line.close()
        self.socket.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:  # still loading: it does not listen yet
            self.process.kill()
            self.process.wait()

    def _ended(self) -> BatchError:
        self.close()
        code = self.process.returncode
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return BatchError(f"the process that starts the workers has ended ({how}); `hebao check` says what is missing")


def main(descriptor: int) -> None:
    """What the process does, from its first line to the end of the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    line = Connection(descriptor)
    settings, processor = line.recv()
    limits.confine(settings.run)
    from pipeline.workers import serve

    processor = processor or warm(settings)
    gc.collect()
    gc.freeze()  # pages that no collection touches stay shared
    _Home(line, partial(serve, settings=settings, processor=processor)).keep()


def warm(settings: Settings) -> Any:
    """The real processor, after it has read a small report: tables, dictionary and weights are loaded by use."""
    from pipeline.run import process

    with tempfile.TemporaryDirectory(prefix="hebao-") as folder:
        path = Path(folder) / "report.txt"
        path.write_text(WARM_UP, "utf-8")
        process(path, settings)
    return process


class _Home:
    """The nursery's own end."""

    def __init__(self, line: Connection, serve: Callable[[Connection], None]) -> None:
        self.line, self.serve = line, serve
        self.socket = socket.socket(fileno=os.dup(line.fileno()))
        self.workers: set[int] = set()
        self.pid = os.getpid()
        self.bell, self.rope = os.pipe()  # a byte for each child that has ended
        os.set_blocking(self.rope, False)
        signal.set_wakeup_fd(self.rope, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _nothing)

    def keep(self) -> NoReturn:
        """Fork and bury until the parent closes the line, then end all children, and this process."""
        while True:
            readable = wait([self.socket, self.bell])
            if self.bell in readable:
                os.read(self.bell, 4096)
                self._bury()
            if self.socket in readable:
                try:
                    message, descriptors, _, _ = socket.recv_fds(self.socket, 1, 1)
                except ConnectionResetError:  # the parent was killed
                    break
                if not message:
                    break
                if message == FORK:
                    self._fork(descriptors[0])
                else:
                    self._kill(int.from_bytes(self.socket.recv(4, socket.MSG_WAITALL)))
        self.workers.clear()
        while self._end_orphans():  # a worker's end makes orphans of what it has started
            os.wait()
        os._exit(0)  # nothing is left to clean up, and somebody waits

    def _fork(self, descriptor: int) -> None:
        pid = os.fork()
        if pid:
            self.workers.add(pid)
            os.close(descriptor)
            return
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            limits.die_with_parent()
            for ours in (self.bell, self.rope):
                os.close(ours)
            self.socket.close()
            self.line.close()
            if os.getppid() == self.pid:
                self.serve(Connection(descriptor))
            status = 0
        finally:
            os._exit(status)

    def _kill(self, pid: int) -> None:
        if pid in self.workers:
            os.kill(pid, signal.SIGKILL)

    def _bury(self) -> None:
        """Tell the parent of each worker that has ended, and end what it left behind."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                break
            if pid in self.workers:
                self.workers.discard(pid)
                try:
                    self.line.send(Death(pid, os.waitstatus_to_exitcode(status), usage.ru_maxrss))
                except OSError:  # the parent has gone; its line says so too
                    return
        self._end_orphans()

    def _end_orphans(self) -> bool:
        """Kill the children that are no workers; whether there are any."""
        children = Path(f"/proc/self/task/{self.pid}/children").read_text("ascii").split()
        orphans = {int(child) for child in children} - self.workers
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        return bool(orphans)


def _nothing(signum: int, frame: object) -> None:
    """A handler, so that the signal rings the bell."""
