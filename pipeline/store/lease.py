"""One run at a time writes a database. The kernel holds the lock, so that it ends as its holder does."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipeline.store.schema import StoreError


@contextmanager
def lease(database: Path) -> Iterator[None]:
    """Hold the right to run on a database while the block lasts: a lock on DATABASE-run, a file that says who holds it.

    Raises StoreError that names the holder where another run has it.
    """
    path = database.with_name(database.name + "-run")
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{database}: {_holder(descriptor)}; wait for it, or end that process") from error
        if _is(descriptor, path):
            break
        os.close(descriptor)  # its holder took it away between our two steps
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode(), 0)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    text = os.pread(descriptor, 1000, 0).decode("utf-8", "replace")
    os.close(descriptor)
    try:
        holder = json.loads(text)
    except json.JSONDecodeError:  # it has the lock, and is about to write its name
        return "another run has just begun on it"
    return f"another run is at work on it (process {holder['pid']} on {holder['host']} since {holder['since']})"


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
