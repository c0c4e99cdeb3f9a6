"""A scheduler and two machines started by hand, one of which is lost half way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import chaos
import pytest
from handmade import stub
from test_chaos import ROOT, TESTS, archive, good

from pipeline import batch, remote
from pipeline.batch import Progress
from pipeline.config import Run, Settings
from pipeline.pool import results
from pipeline.store import Database, dump
from pipeline.workers import BatchError, Job

pytest.importorskip("distributed", reason="the extra hebao[cluster] is not installed")
SETTINGS = replace(Settings(), run=Run(memory_megabytes=300))


def start(*arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{TESTS}", "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler on loopback, and the processes of its two workers."""
    where = tmp_path / "scheduler.json"
    here = ("--scheduler-file", str(where), "--host", "127.0.0.1", "--no-dashboard")
    scheduler = start("scheduler", "--port", "0", *here)
    workers = [
        start("worker", "--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path / "dask"), *here)
        for _ in range(2)
    ]
    yield _address(where), workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def _address(where: Path) -> str:
    """What the scheduler writes into the file when it listens, however long it takes to start."""
    for _ in range(1200):
        with suppress(FileNotFoundError, json.JSONDecodeError):
            return str(json.loads(where.read_text("utf-8"))["address"])
        time.sleep(0.1)
    pytest.fail("the scheduler does not start")


def test_a_machine_that_is_lost_loses_nothing(
    tmp_path: Path, machines: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    from pipeline.cluster import Cluster

    address, workers = machines
    expected = archive(tmp_path / "archive", 200, {"!exit": 2, "!memory": 1, "garbage": 1})
    killed = []

    def kill(step: Progress) -> None:
        if step.finished == 60:
            workers[0].send_signal(signal.SIGKILL)
            killed.append(workers[0].wait())

    with Database(tmp_path / "x.db") as database, Cluster(address, SETTINGS, timeout=120) as cluster:
        cluster.client.wait_for_workers(2, timeout=120)
        summary = batch.run([tmp_path / "archive"], database, SETTINGS, None, kill, chaos.slowly, executor=cluster)
        assert killed == [-signal.SIGKILL]
        assert summary.outcomes == expected
        assert summary.quarantined == expected["crash"] + expected["limit_memory"]
        rows = list(dump(database))
    with Database(tmp_path / "alone.db") as database:
        batch.run([tmp_path / "archive"], database, SETTINGS, 2, None, chaos.slowly)
        assert list(dump(database)) == rows


def test_no_scheduler_is_one_line() -> None:
    from pipeline.cluster import Cluster

    with pytest.raises(BatchError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9"):
        Cluster("tcp://127.0.0.1:9", SETTINGS, timeout=1)


def test_files_that_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec", reason="the extra hebao[cluster] is not installed")
    monkeypatch.setattr(batch, "_suffixes", lambda: frozenset({".txt"}))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    archive(tmp_path / "archive", 20, {"!exit": 5})
    (tmp_path / "archive" / "table.xlsx").write_bytes(b"PK")
    with Database(tmp_path / "near.db") as database:
        near = batch.run([tmp_path / "archive"], database, SETTINGS, 2, None, chaos.planted)
        rows = list(dump(database))
    with Database(tmp_path / "far.db") as database:
        address = f"file://{tmp_path}/archive"
        far = batch.run([address], database, SETTINGS, 2, None, chaos.planted)
        assert list(dump(database)) == rows
        assert (far.outcomes, far.ignored) == (near.outcomes, near.ignored) == ({"crash": 1, "ok": 19}, {".xlsx": 1})
        (crashed,) = far.failed
        assert crashed.path.startswith(address + "/")
        assert far.removed == 0
        assert batch.run([address], database, SETTINGS, 2, None, stub).extracted == 0
    assert list(tmp_path.glob(f"{remote.PREFIX}*")) == []


@pytest.mark.parametrize(("address", "reason"), [
    ("nosuch://bucket/reports", "install hebao"), ("file:///no/such/folder", "nothing at"),
])  # fmt: skip
def test_addresses_that_lead_nowhere(tmp_path: Path, address: str, reason: str) -> None:
    pytest.importorskip("fsspec", reason="the extra hebao[cluster] is not installed")
    with Database(tmp_path / "x.db") as database:
        (problem,) = batch.run([address], database, SETTINGS, 2, None, stub).failed
    assert problem.path == address
    assert reason in problem.reason


def test_a_file_that_cannot_be_fetched_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pytest.importorskip("fsspec", reason="the extra hebao[cluster] is not installed")
    (tmp_path / "a.txt").write_text(good(1), "utf-8")
    (there,) = remote.find(f"file://{tmp_path}/a.txt")
    gone = there.with_name("b.txt")
    found = list(results([Job(gone, "0" * 64, 1), Job(there, "1" * 64, 1)], SETTINGS, 1, stub))
    assert {(one.job.path, one.report.document.outcome) for one in found} == {(gone, "missing"), (there, "ok")}
    assert list(tmp_path.glob(f"{remote.PREFIX}*")) == []
    assert remote.url(there) == f"file://{tmp_path}/a.txt"
