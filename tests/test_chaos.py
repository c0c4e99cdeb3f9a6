"""A hostile archive, a machine that is switched off, other machines and other settings: the same rows, exact counts.

`make chaos` runs the long variants (HEBAO_CHAOS files, HEBAO_KILLS kills).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import chaos
import pytest
from handmade import stub

from pipeline import batch, limits
from pipeline.config import Run, Settings
from pipeline.store import Database, dump

FILES = int(os.environ.get("HEBAO_CHAOS", "200"))
KILLS = int(os.environ.get("HEBAO_KILLS", "6"))
PLAN = {"!exit": 2, "!kill": 2, "!abort": 1, "!memory": 5, "!spin": 2, "!hang": 1, "garbage": 3}  # in a hundred
COMES_TO = {
    "!exit": "crash", "!kill": "crash", "!abort": "crash", "!memory": "limit_memory", "!spin": "limit_time",
    "!hang": "limit_time", "garbage": "corrupt", "good": "ok",
}  # fmt: skip
# to take all that memory needs a tenth of that processor time
LIMITS = replace(Settings(), run=Run(cpu_seconds=2.0, memory_megabytes=300))
TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent


def good(number: int) -> str:
    """A report that the stub reads; every second one is a copy of another place and year."""
    return f"甲{number}镇 {2000 + number % 24}\n" + "".join(f"清理 {number + line}吨 垃圾\n" for line in range(5))


def archive(folder: Path, files: int, plan: dict[str, int]) -> Counter[str]:
    """Write `files` files in random order, of each hundred as many harmful ones as `plan` says; outcomes to expect."""
    folder.mkdir()
    kinds = [kind for kind, share in plan.items() for _ in range(files * share // 100)]
    kinds += ["good"] * (files - len(kinds))
    random.Random(7).shuffle(kinds)
    for number, kind in enumerate(kinds):
        text = good(number) if kind == "good" else f"{kind}\n{number}"
        (folder / f"{number:05}.txt").write_text(text, "utf-8")
    return Counter(COMES_TO[kind] for kind in kinds)


def test_each_file_comes_to_what_was_planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WALL", 2.5)  # five seconds: a worker that a busy machine holds up does not idle yet
    expected = archive(tmp_path / "archive", FILES, PLAN)
    with Database(tmp_path / "x.db") as database:
        summary = batch.run([tmp_path / "archive"], database, LIMITS, 2, None, chaos.planted)
        assert summary.outcomes == expected
        lost = expected["crash"] + expected["limit_memory"]
        assert summary.quarantined == lost
        assert len(summary.failed) == FILES - expected["ok"]
        tried = database.connection.execute("SELECT count(*) FROM attempts").fetchone()[0]
        assert tried == 2 * lost + expected["limit_time"]
        assert batch.run([tmp_path / "archive"], database, LIMITS, 2, None, stub).extracted == 0


DRIVER = """
import sys, time
from pathlib import Path
from pipeline import batch
from pipeline.config import Settings
from pipeline.store import Database
import chaos
began = time.monotonic()
def step(done):
    print(f"{time.monotonic() - began:.2f}", flush=True)
def stopped(summary):
    print("stopped", summary.stopped, summary.extracted, flush=True)
with Database(sys.argv[2]) as database:
    summary = batch.run([sys.argv[1]], database, Settings(), 2, step, chaos.slowly, on_stopped=stopped)
    print(dict(summary.outcomes))
"""


def drive(folder: Path, database: Path) -> subprocess.Popen[str]:
    """A run in a process of its own; it prints a line when a document is stored, the seconds since it began."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{TESTS}"}
    command = [sys.executable, "-c", DRIVER, str(folder), str(database)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)


def follow(process: subprocess.Popen[str], documents: int) -> list[str]:
    """Wait until so many documents are stored, however long that takes on this machine; the lines."""
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(documents)]


def test_killed_at_any_instant_and_begun_again(tmp_path: Path) -> None:
    archive(tmp_path / "archive", 80, {})
    with Database(tmp_path / "undisturbed.db") as database:
        batch.run([tmp_path / "archive"], database, Settings(), 0, None, stub)
        expected = list(dump(database))
    with drive(tmp_path / "archive", tmp_path / "timed.db") as process:
        (begins,) = map(float, follow(process, 1))  # seconds that a start takes here and now
        process.communicate()
    path = tmp_path / "x.db"
    chance = random.Random(KILLS)
    interrupted = 0
    for number in range(10 * KILLS):
        with drive(tmp_path / "archive", path) as process:
            documents = chance.choice((0, chance.randrange(60)))
            follow(process, documents)
            time.sleep(chance.uniform(0, 0.25) if documents else chance.uniform(0, 2 * begins))
            os.killpg(process.pid, signal.SIGKILL) if number % 2 else process.kill()
            killed = process.wait() == -signal.SIGKILL
        interrupted += killed
        if killed and interrupted < KILLS and number % 3 < 2:
            continue  # the same database is hit again
        with drive(tmp_path / "archive", path) as process:
            *seconds, outcomes = process.communicate()[0].splitlines()
        assert outcomes == "{'ok': 80}"
        assert not seconds or float(seconds[0]) < max(5, 10 * begins)
        with Database(path, read_only=True) as database:
            assert list(dump(database)) == expected
            assert database.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for file in tmp_path.glob("x.db*"):
            file.unlink()
        if interrupted == KILLS:
            break
    assert interrupted == KILLS


def test_no_process_survives_a_killed_run(tmp_path: Path) -> None:
    archive(tmp_path / "archive", 80, {"!hang": 3})
    with drive(tmp_path / "archive", tmp_path / "x.db") as process:
        follow(process, 1)
        process.kill()
    for _ in range(300):
        left = chaos.running(session=process.pid)
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def test_ctrl_c_ends_within_two_seconds(tmp_path: Path) -> None:
    archive(tmp_path / "archive", 60, {"!hang": 10})
    in_time: list[bool] = []
    while len(in_time) < 3 and not any(in_time):  # further tries are for a machine that was busy
        path = tmp_path / f"{len(in_time)}.db"
        began = time.monotonic()
        with drive(tmp_path / "archive", path) as process:
            follow(process, 1)
            starts = time.monotonic() - began  # half a second; where that takes longer, so does the end
            began = time.monotonic()
            os.killpg(process.pid, signal.SIGINT)
            *_, last = process.communicate()[0].splitlines()
            in_time.append(time.monotonic() - began < max(2, starts))
        with Database(path) as database:
            assert database.connection.execute("SELECT count(*) FROM attempts").fetchone() == (0,)
            assert last == f"stopped True {len(database.documents())}"
    assert any(in_time)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real reports in four formats, with a file that is none."""
    folder = tmp_path_factory.mktemp("reports")
    files = sorted((ROOT / "corpus" / "reports").iterdir())
    for suffix in (".txt", ".docx", ".pdf"):
        path = next(file for file in files if file.suffix == suffix)
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing")
    return folder


SAME = """
import hashlib, sys
from pipeline import batch
from pipeline.config import Settings
from pipeline.store import Database, dump
from pathlib import Path
if __name__ == "__main__":
    folder, path, workers, cluster = sys.argv[1:]
    files = sorted(Path(folder).iterdir(), key=lambda file: hash(file.name))
    with Database(path) as database:
        executor = None
        if cluster:
            from pipeline.cluster import Cluster
            executor = Cluster("local", Settings(), 2)
        print(batch.run(files, database, Settings(), int(workers), executor=executor).outcomes, file=sys.stderr)
        if executor:
            executor.__exit__(None, None, None)
        print(hashlib.sha256("".join(dump(database)).encode()).hexdigest(), len(database.documents()))
"""


def same(folder: Path, path: Path, workers: int, cluster: bool = False, **environment: str) -> subprocess.Popen[str]:
    """A run in a process of its own, which prints the digest of the dump, and how many documents it has."""
    script = path.with_suffix(".py")
    script.write_text(SAME, "utf-8")
    command = [sys.executable, str(script), str(folder), str(path), str(workers), "yes" if cluster else ""]
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)


def test_the_same_rows_everywhere(reports: Path, tmp_path: Path) -> None:
    runs = [
        same(reports, tmp_path / "one.db", 1, PYTHONHASHSEED="1"),
        same(reports, tmp_path / "two.db", 2, PYTHONHASHSEED="2", LC_ALL="C", TZ="Pacific/Kiritimati"),
        same(reports, tmp_path / "eight.db", 8, PYTHONHASHSEED="3", LC_ALL="C.UTF-8", TZ="America/Anchorage"),
    ]
    found = {run.communicate()[0].strip() for run in runs}
    runs.append(same(reports, tmp_path / "cluster.db", 2, cluster=True, PYTHONHASHSEED="4"))  # it minds a busy machine
    found.add(runs[-1].communicate()[0].strip())
    assert {run.returncode for run in runs} == {0}
    assert len(found) == 1, found
    assert found.pop().endswith(" 4")
