"""Extractors that do harm where a file's first line tells them to, and what a file of each kind comes to."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from handmade import stub

from pipeline import limits
from pipeline.config import Settings
from pipeline.records import Document, Issue, Issuer, Report

MEGABYTE = 1 << 20


def planted(path: Path, settings: Settings) -> Report:
    """The stub of handmade.py, and more ways to fail."""
    kind, _, rest = path.read_bytes()[:200].decode("utf-8", "replace").partition("\n")
    if kind == "!spin":
        while True:
            pass
    if kind == "!memory":
        return _devour(path, settings)
    if kind == "garbage":
        return _damaged(path, settings)
    if kind == "!abort":
        os.abort()
    if kind == "!full":
        raise OSError(errno.ENOSPC, "No space left on device")
    if kind == "!network":
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    if kind == "!open":
        for _ in range(limits.MAX_OPEN_FILES):
            os.dup(0)
    if kind == "!write":
        with tempfile.TemporaryFile() as file:
            os.truncate(file.fileno(), limits.MAX_OUTPUT + 1)
    if kind == "!orphan":
        subprocess.Popen(["sleep", rest.strip()], start_new_session=True)
        time.sleep(0.2)
        os._exit(3)
    return stub(path, settings)


def _devour(path: Path, settings: Settings) -> Report:
    """Take memory until there is no more; every other file then says that it is damaged, as parsers written in C do."""
    held = []
    try:
        while True:
            held.append(b"\1" * MEGABYTE)
    except MemoryError:
        if path.stat().st_size % 2:
            raise
    return _damaged(path, settings)


def _damaged(path: Path, settings: Settings) -> Report:
    """What a reader says of a file that it cannot make sense of."""
    data = path.read_bytes()
    document = Document(str(path), path.name, hashlib.sha256(data).hexdigest(), "txt", "corrupt")
    issue = Issue("ingest", "corrupt", "unknown error (line 0)", severity="error")
    return Report(document, Issuer(None, None, None, None, "unknown"), issues=(issue,))


def slowly(path: Path, settings: Settings) -> Report:
    """As `planted`, in a time that leaves room for a kill."""
    time.sleep(0.02)
    return planted(path, settings)


def refusing(path: Path, settings: Settings) -> Report:
    """As `handmade.stub`, but an empty file is refused before it is hashed, as ingest does."""
    if path.stat().st_size:
        return stub(path, settings)
    issue = Issue("ingest", "corrupt", "the file is empty (0 bytes)", severity="error")
    document = Document(str(path), path.name, "", "", "corrupt")
    return Report(document, Issuer(None, None, None, None, "unknown"), issues=(issue,))


def running(session: int | None = None, parent: int | None = None, word: str = "") -> list[str]:
    """The command lines of the processes that are alive, of a session or of a parent, with `word` in them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            command = (folder / "cmdline").read_text("utf-8", "replace").replace("\0", " ")
            if fields[0] != "Z" and session in (None, int(fields[3])) and parent in (None, int(fields[1])):
                found.append(command)
    return [command for command in found if word in command]
