"""Extractors for benchmarks of batches, in a module that worker processes can import."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

from pipeline.config import Settings
from pipeline.nursery import warm
from pipeline.records import Document, Issuer, Report
from pipeline.store.parcel import packed

process = warm(Settings())


def timed(path: Path, settings: Settings) -> Report:
    """The report, and in its metadata the processor seconds of extraction, and of packing it."""
    # not process_time: it lags by half a tick where a limit on processor time is set
    inside = -time.thread_time()
    report = process(path, settings)
    inside += time.thread_time()
    packing = -time.thread_time()
    packed(report)
    packing += time.thread_time()
    ForkingPickler.dumps(packed(report))  # as the worker will do after it has told the time
    times = (("inside", f"{inside:.6f}"), ("packing", f"{packing:.6f}"))
    return replace(report, document=replace(report.document, metadata=times))


def quick(path: Path, settings: Settings) -> Report:
    """A report without extraction: what is left is the batch layer and the database."""
    data = path.read_bytes()
    document = Document(str(path), path.name, hashlib.sha256(data).hexdigest(), "txt", "ok", data.decode())
    return Report(document, Issuer(None, None, None, None, "unknown"))


def harmful(path: Path, settings: Settings) -> Report:
    """The report, but a file whose first bytes say so does harm instead."""
    with path.open("rb") as file:
        kind = file.read(7)
    if kind == b"!crash!":
        os.abort()
    if kind == b"!spin!!":
        while True:
            pass
    held = []
    while kind == b"!memory":
        held.append(b"\1" * (1 << 22))
    return process(path, settings)
