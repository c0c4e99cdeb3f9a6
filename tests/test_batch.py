"""Batches: nothing lost, nothing done twice, the same rows whatever the workers and the order."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import chaos
import pytest
from handmade import stub

from pipeline import batch, limits, pool
from pipeline.batch import READABLE, Progress, Summary, expand
from pipeline.config import Run, Settings
from pipeline.records import Report
from pipeline.store import Database, StoreError, attempts, dump
from pipeline.workers import BatchError, Cancelled

SETTINGS = Settings()


def slow(path: Path, settings: Settings) -> Report:
    time.sleep(0.05)
    return stub(path, settings)


def twins(path: Path, settings: Settings) -> Report:
    report = stub(path, settings)
    return replace(report, claims=report.claims * 2)


def one_twin(path: Path, settings: Settings) -> Report:
    return twins(path, settings) if path.name.startswith("甲镇2022") else stub(path, settings)


def slow_first(path: Path, settings: Settings) -> Report:
    if path.name.startswith("0"):
        time.sleep(4)
    return stub(path, settings)


def boom(path: Path, settings: Settings) -> Report:
    raise AssertionError("should not be called")


@pytest.fixture(autouse=True)
def _suffixes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_suffixes", lambda: frozenset({".txt", ".md"}))
    monkeypatch.setattr(pool, "FEW", 100)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "x.db") as opened:
        yield opened


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    (folder / "甲镇").mkdir(parents=True)
    for place in ("甲镇", "乙乡"):
        for year in range(2020, 2024):
            text = f"{place} {year}\n清理 {year - 1700}吨 垃圾\n改造 XX户 户厕\n"
            (folder / ("甲镇" if place == "甲镇" else ".") / f"{place}{year}.txt").write_text(text, "utf-8")
    return folder


def test_expand(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (archive / "~$lock.txt").write_text("x", "utf-8")
    (archive / ".hidden").mkdir()
    (archive / ".hidden" / "no.txt").write_text("x", "utf-8")
    (archive / "table.xlsx").write_text("x", "utf-8")
    (archive / "empty").mkdir()
    inputs = expand([archive, archive / "乙乡2020.txt"])
    assert len(inputs.files) == 8
    assert inputs.files == sorted(inputs.files, key=lambda p: (p.name, str(p)))
    assert dict(inputs.ignored) == {".txt": 1, ".xlsx": 1}
    assert inputs.problems == []
    assert expand([archive / "table.xlsx"]).files == [archive / "table.xlsx"]  # named, so read
    assert len(expand([f"{archive}/**/*202[01].txt"]).files) == 4
    monkeypatch.chdir(archive)
    assert expand(["乙乡2020.txt"]).files == [archive / "乙乡2020.txt"]


@pytest.mark.parametrize(("given", "reason"), [
    ("nowhere", "no such file or folder"), ("*.nothing", "nothing matches"),
    ("empty", "a folder without reports; Hebao reads .md .txt"),
])  # fmt: skip
def test_what_is_not_there_is_a_problem(archive: Path, given: str, reason: str) -> None:
    (archive / "empty").mkdir()
    inputs = expand([archive / given, archive / "乙乡2020.txt"])
    assert len(inputs.files) == 1
    assert [p.path for p in inputs.problems] == [str(archive / given)]
    assert reason in inputs.problems[0].reason


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert expand([tmp_path / "pipe.txt"]).problems[0].reason.startswith("not a regular file")


def test_a_run_and_its_repetition(archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[Progress] = []
    first = batch.run([archive], database, SETTINGS, 0, steps.append, stub)
    assert (first.files, first.extracted, first.unchanged, first.claims, first.place_years) == (8, 8, 0, 16, 8)
    assert first.outcomes == {"ok": 8}
    assert first.exit_status == 0
    assert [(s.finished, s.total) for s in steps] == [(n, 8) for n in range(1, 9)]
    rows = list(dump(database))
    monkeypatch.setattr(pool, "default_processor", boom)  # not even loaded
    again = batch.run([archive], database, SETTINGS, 0)
    assert (again.extracted, again.unchanged, again.claims, again.outcomes) == (0, 8, 16, {"ok": 8})
    assert list(dump(database)) == rows
    assert len(database.runs()) == 2
    assert database.runs()["finished"].notna().all()


def test_a_new_fingerprint_extracts_again(archive: Path, database: Database) -> None:
    batch.run([archive], database, SETTINGS, 0, None, stub)
    other = replace(SETTINGS, sections=replace(SETTINGS.sections, threshold=0.5))
    assert batch.run([archive], database, other, 0, None, stub).extracted == 8
    assert len(database.documents()) == 8
    assert set(database.documents()["fingerprint"]) == {other.fingerprint()}


def test_interrupted_and_continued_is_as_undisturbed(
    archive: Path, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "TOGETHER", 1)  # so that it is known how many are stored when it ends

    def stop(step: Progress) -> None:
        if step.finished == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run([archive], database, SETTINGS, 0, stop, stub)
    assert len(database.documents()) == 3
    assert batch.run([archive], database, SETTINGS, 0, None, stub).extracted == 5
    with Database(tmp_path / "undisturbed.db") as other:
        batch.run([archive], other, SETTINGS, 0, None, stub)
        assert list(dump(other)) == list(dump(database))


def test_who_stops_a_run_is_told_what_is_done(
    archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "TOGETHER", 1)
    (archive / "0bad.txt").write_text("!raise\n", "utf-8")
    told: list[Summary] = []

    def stop(step: Progress) -> None:
        if step.finished == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run([archive, archive / "nowhere"], database, SETTINGS, 0, stop, stub, on_stopped=told.append)
    (summary,) = told
    assert summary.stopped
    assert (summary.files, summary.extracted, summary.claims, summary.place_years) == (9, 4, 6, 3)
    assert summary.outcomes == {"crash": 1, "missing": 1, "ok": 3}
    assert [Path(problem.path).name for problem in summary.failed] == ["0bad.txt", "nowhere"]
    assert "planted" in summary.failed[0].reason
    assert not batch.run([archive], database, SETTINGS, 0, None, stub, on_stopped=told.append).stopped
    assert len(told) == 1


@pytest.mark.parametrize(("asked", "stored"), [(0, len(os.sched_getaffinity(0))), (3, 3)])
def test_a_run_notes_how_many_workers_it_had(archive: Path, database: Database, asked: int, stored: int) -> None:
    batch.run([archive / "乙乡2020.txt"], database, SETTINGS, asked, None, stub)
    assert database.runs()["workers"].tolist() == [stored]


@pytest.mark.parametrize(("first", "outcome"), [
    ("甲镇 2001\n清理 7吨 垃圾", "ok"), ("!spin\n", "limit_time"), ("!hang\n", "limit_time"),
])  # fmt: skip
def test_a_file_that_takes_long_delays_no_other(
    archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch, first: str, outcome: str
) -> None:
    monkeypatch.setattr(pool, "UNKNOWN", 1.0)
    monkeypatch.setattr(limits, "WALL", 1.0)
    (archive / "0.txt").write_text(first, "utf-8")
    order: list[str] = []
    process = slow_first if outcome == "ok" else chaos.planted
    limit = 3.0  # well beyond what is long: the kernel counts whole seconds
    settings = SETTINGS if outcome == "ok" else replace(SETTINGS, run=Run(cpu_seconds=limit))
    summary = batch.run([archive], database, settings, 1, lambda now: order.append(now.report.document.name), process)
    expected = Counter(ok=8) + Counter([outcome])
    assert summary.outcomes == expected
    assert order.index("0.txt") == 8
    tries = database.connection.execute("SELECT count(*) FROM attempts").fetchone()[0]
    assert tries == (outcome != "ok")


def test_what_is_long_goes_by_what_is_usual() -> None:
    many = pool.Pool.__new__(pool.Pool)
    many.times = deque([0.1] * (pool.FIRST - 1), maxlen=pool.LATELY)
    assert many._long() == pool.UNKNOWN
    many.times.append(9.0)
    assert many._long() == pytest.approx(0.4)
    many.times.extend([0.01] * pool.LATELY)
    assert many._long() == pool.STRANGE
    many.times.extend([2.0] * (pool.LATELY // 8))  # where many take long, that is usual
    assert many._long() == pytest.approx(8.0)


def test_any_number_of_workers_and_any_order(archive: Path, tmp_path: Path) -> None:
    files = [str(path) for path in archive.rglob("*.txt")]
    dumps = []
    for number in (0, 1, 3):
        random.Random(number).shuffle(files)
        with Database(tmp_path / f"{number}.db") as database:
            batch.run(files, database, SETTINGS, number, None, stub)
            dumps.append(list(dump(database)))
    assert dumps[0] == dumps[1] == dumps[2]
    assert len(dumps[0]) > 8


def test_copies_and_moved_files_cost_nothing(archive: Path, database: Database) -> None:
    (archive / "copy.txt").write_bytes((archive / "乙乡2020.txt").read_bytes())
    summary = batch.run([archive], database, SETTINGS, 0, None, stub)
    assert (summary.files, summary.extracted, summary.duplicates, summary.documents) == (9, 8, 1, 8)
    (archive / "乙乡2021.txt").rename(archive / "moved.txt")
    assert batch.run([archive], database, SETTINGS, 0, None, boom).extracted == 0
    assert len(database.documents()) == 8


def test_an_edited_file_replaces_its_document(archive: Path, database: Database) -> None:
    batch.run([archive], database, SETTINGS, 0, None, stub)
    (archive / "乙乡2020.txt").write_text("乙乡 2020\n清理 7吨 垃圾\n", "utf-8")
    assert batch.run([archive], database, SETTINGS, 0, None, stub).extracted == 1
    assert database.claims(document="乙乡2020.txt")["surface"].tolist() == ["7吨"]
    assert len(database.documents()) == 8


@pytest.mark.parametrize("number", [0, 2])
def test_a_file_that_breaks_the_program(archive: Path, database: Database, number: int) -> None:
    (archive / "bad.txt").write_text("!raise\n", "utf-8")
    summary = batch.run([archive], database, SETTINGS, number, None, stub)
    assert summary.outcomes == {"crash": 1, "ok": 8}
    assert summary.exit_status == 1
    (failed,) = summary.failed
    assert failed.path == str(archive / "bad.txt")
    assert "ValueError: planted (handmade.py, line" in failed.reason
    assert "/" not in failed.reason.split("(")[1]  # the same on every machine


@pytest.mark.parametrize(("kind", "how"), [("!exit", "exit status 3"), ("!kill", "SIGKILL")])
def test_a_file_that_kills_its_worker(archive: Path, database: Database, kind: str, how: str) -> None:
    for number in range(3):
        (archive / f"{number}bad.txt").write_text(f"{kind}\n{number}", "utf-8")
    summary = batch.run([archive], database, SETTINGS, 2, None, stub)
    assert summary.outcomes == {"crash": 3, "ok": 8}
    assert all(how in problem.reason for problem in summary.failed)
    assert summary.quarantined == 3  # each was tried twice, the second time in a fresh worker
    assert batch.run([archive], database, SETTINGS, 1, None, boom, retry=True).extracted == 0
    for held in attempts.held(database.connection, SETTINGS.run.tries):
        assert [how in str(one.reason) for one in attempts.history(database.connection, held)] == [True, True]
        attempts.release(database.connection, held)
    assert batch.run([archive], database, SETTINGS, 1, None, stub).extracted == 3


@pytest.mark.parametrize(("kind", "reason"), [("!hang", "nothing for 5 seconds"), ("!spin", "processor time")])
def test_a_file_that_never_ends(archive: Path, database: Database, kind: str, reason: str) -> None:
    (archive / "endless.txt").write_text(f"{kind}\n", "utf-8")
    settings = replace(SETTINGS, run=Run(cpu_seconds=1.0))
    summary = batch.run([archive], database, settings, 2, None, chaos.planted)
    assert summary.outcomes == {"limit_time": 1, "ok": 8}
    assert reason in summary.failed[0].reason
    assert batch.run([archive], database, settings, 2, None, boom).extracted == 0
    assert batch.run([archive], database, settings, 2, None, chaos.planted, retry=True).extracted == 1


def test_what_cannot_be_stored_is_a_crash_of_that_document(archive: Path, database: Database) -> None:
    summary = batch.run([archive], database, SETTINGS, 0, None, twins)
    assert summary.outcomes == {"crash": 8}
    assert "UNIQUE" in summary.failed[0].reason
    assert summary.exit_status == 2


def test_what_cannot_be_stored_takes_nothing_with_it(archive: Path, database: Database) -> None:
    summary = batch.run([archive], database, SETTINGS, 1, None, one_twin)
    assert summary.outcomes == {"crash": 1, "ok": 7}
    assert Path(summary.failed[0].path).name == "甲镇2022.txt"
    assert len(database.claims()) == 14
    tries = "SELECT count(*), max(outcome) FROM attempts"
    assert database.connection.execute(tries).fetchone() == (1, "crash")


def test_failures_are_rows_with_reasons(archive: Path, database: Database) -> None:
    (archive / "scan.txt").write_text("!empty\n", "utf-8")
    for _ in range(2):  # told each time, read once
        summary = batch.run([archive, archive / "nowhere"], database, SETTINGS, 0, None, stub)
        assert summary.outcomes == {"missing": 1, "no_text_layer": 1, "ok": 8}
        assert [(Path(p.path).name, p.outcome) for p in summary.failed] == [
            ("nowhere", "missing"),
            ("scan.txt", "no_text_layer"),
        ]
        assert "OCR" in summary.failed[1].reason
    assert summary.extracted == 0
    assert database.issues(code="no_text_layer")["severity"].tolist() == ["error"]


def test_empty_files_are_read_once_and_have_their_reason(archive: Path, database: Database) -> None:
    for name in ("empty.txt", "also.txt"):
        (archive / name).write_bytes(b"")
    for extracted in (9, 0):
        summary = batch.run([archive], database, SETTINGS, 0, None, chaos.refusing)
        assert (summary.extracted, summary.outcomes) == (extracted, {"corrupt": 2, "ok": 8})
        assert [problem.reason for problem in summary.failed] == ["the file is empty (0 bytes)"] * 2


def test_nothing_at_all(tmp_path: Path, database: Database) -> None:
    assert batch.run([tmp_path / "nowhere"], database, SETTINGS, 0, None, stub).exit_status == 2
    assert batch.run([], database, SETTINGS, 0, None, stub).exit_status == 2


def test_a_worker_that_cannot_start_is_said_once(
    archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(BatchError, match="hebao check"):
        batch.run([archive], database, SETTINGS, 2, None, stub)


def test_no_worker_outlives_the_run(archive: Path, database: Database) -> None:
    def stop(step: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run([archive], database, SETTINGS, 2, stop, slow)
    assert chaos.running(parent=os.getpid(), word="nursery") == []


def test_the_database_is_whole_after_a_torn_write(
    archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.store import write

    def full(*arguments: object, **options: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(write, "_index", full)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            batch.run([archive], database, SETTINGS, 0, None, stub)
    assert database.documents().empty
    assert database.claims().empty
    assert batch.run([archive], database, SETTINGS, 0, None, stub).outcomes == {"ok": 8}


def test_a_full_disk_is_said_and_the_next_run_goes_on(archive: Path, tmp_path: Path) -> None:
    (archive / "long.txt").write_text("丙镇 2020\n" + "清理 3吨 垃圾\n" * 3000, "utf-8")
    with Database(tmp_path / "small.db") as database:
        pages = database.connection.execute("PRAGMA page_count").fetchone()[0]
        database.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(BatchError, match=r"small\.db: the disk is full; make room"):
            batch.run([archive], database, SETTINGS, 2, None, stub)
    with Database(tmp_path / "small.db") as database:
        assert database.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert batch.run([archive], database, SETTINGS, 2, None, stub).outcomes == {"ok": 9}


def test_a_full_disk_for_temporary_files_is_nobodys_fault(archive: Path, database: Database) -> None:
    (archive / "bad.txt").write_text("!full\n", "utf-8")
    with pytest.raises(BatchError, match="temporary files is full"):
        batch.run([archive], database, SETTINGS, 1, None, chaos.planted)
    assert database.documents(outcome="crash").empty
    assert database.connection.execute("SELECT count(*) FROM attempts").fetchone() == (0,)


def test_a_second_run_is_told_who_holds_the_database(archive: Path, database: Database) -> None:
    def meanwhile(step: Progress) -> None:
        with Database(database.path) as other, pytest.raises(StoreError, match=f"process {os.getpid()} on .* since 20"):
            batch.run([archive], other, SETTINGS, 0, None, stub)

    assert batch.run([archive], database, SETTINGS, 0, meanwhile, stub).extracted == 8
    assert not database.path.with_name("x.db-run").exists()
    assert batch.run([archive], database, SETTINGS, 0, None, boom).extracted == 0


@pytest.mark.parametrize("number", [0, 2])
def test_the_caller_may_stop_a_run(
    archive: Path, database: Database, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "TOGETHER", 1)
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        batch.run([archive], database, SETTINGS, number, seen.append, slow, cancel=lambda: len(seen) >= 2)
    assert 2 <= len(database.documents()) < 8
    assert database.connection.execute("SELECT count(*) FROM attempts").fetchone() == (0,)
    assert batch.run([archive], database, SETTINGS, number, None, stub).documents == 8


def test_removed_files_are_marked_and_come_back(archive: Path, database: Database) -> None:
    batch.run([archive], database, SETTINGS, 0, None, stub)
    shutil.move(archive / "甲镇", archive.parent / "elsewhere")
    (archive / "乙乡2020.txt").rename(archive / "renamed.txt")
    summary = batch.run([archive], database, SETTINGS, 0, None, boom)
    assert (summary.files, summary.removed, summary.outcomes) == (4, 5, {"ok": 4})
    assert len(database.documents()) == 8
    removed = "SELECT count(*) FROM paths WHERE removed IS NOT NULL"
    assert database.connection.execute(removed).fetchone() == (5,)
    assert batch.run([archive], database, SETTINGS, 0, None, boom).removed == 0  # told once
    shutil.move(archive.parent / "elsewhere", archive / "甲镇")
    assert batch.run([archive], database, SETTINGS, 0, None, boom).outcomes == {"ok": 8}
    assert database.connection.execute(removed).fetchone() == (1,)


def test_a_named_file_that_has_gone_is_missing_but_kept(archive: Path, database: Database) -> None:
    path = archive / "乙乡2020.txt"
    batch.run([path], database, SETTINGS, 0, None, stub)
    path.unlink()
    summary = batch.run([path], database, SETTINGS, 0, None, boom)
    assert (summary.outcomes, summary.removed, summary.exit_status) == ({"missing": 1}, 1, 2)
    assert len(database.claims()) == 2


def test_three_tries_that_never_ended_are_enough(archive: Path, database: Database) -> None:
    culprit = archive / "乙乡2020.txt"
    (job,), _, _ = batch.jobs([culprit])
    for number in range(3):
        run = database.begin_run(SETTINGS.fingerprint(), 1, "")
        assert attempts.tries(database.connection, job.sha256, SETTINGS.fingerprint()).unfinished == number
        attempts.begin(database.connection, job.sha256, SETTINGS.fingerprint(), str(culprit), run)
    summary = batch.run([archive], database, SETTINGS, 0, None, stub)
    assert summary.outcomes == {"ok": 7, "quarantined": 1}
    assert (summary.failed[0].path, summary.quarantined) == (str(culprit), 1)
    assert batch.run([archive], database, SETTINGS, 0, None, boom, retry=True).outcomes == summary.outcomes
    (held,) = attempts.held(database.connection, SETTINGS.run.tries, culprit.name)
    attempts.release(database.connection, held)
    assert batch.run([archive], database, SETTINGS, 0, None, stub).outcomes == {"ok": 8}


def test_a_suspect_comes_last_and_a_good_end_clears_it(archive: Path, database: Database) -> None:
    suspect = archive / "乙乡2020.txt"
    (job,), _, _ = batch.jobs([suspect])
    run = database.begin_run(SETTINGS.fingerprint(), 1, "")
    attempts.begin(database.connection, job.sha256, SETTINGS.fingerprint(), str(suspect), run)
    order: list[str] = []
    batch.run([archive], database, SETTINGS, 1, lambda step: order.append(step.report.document.name), stub)
    assert order.index(suspect.name) == 7
    assert attempts.tries(database.connection, job.sha256, SETTINGS.fingerprint()) == (0, 0, 0)


def test_what_is_told_while_it_runs(archive: Path, database: Database) -> None:
    (archive / "scan.txt").write_text("!empty\n", "utf-8")
    listed: list[tuple[int, int]] = []
    steps: list[Progress] = []
    told = replace(SETTINGS, run=Run(workers=2))
    summary = batch.run([archive], database, told, None, steps.append, slow, on_listed=lambda *n: listed.append(n))
    assert listed == [(9, 9)]
    assert steps[-1].outcomes == {"ok": 8, "no_text_layer": 1}
    assert steps[-1].seconds_left == 0.0
    assert steps[-1].rate > 0
    assert summary.pages == 8
    assert len(summary.slowest) == 9
    assert list(summary.slowest) == sorted(summary.slowest, reverse=True)


def test_no_network_and_no_more_open_files_than_allowed(archive: Path, database: Database) -> None:
    (archive / "net.txt").write_text("!network\n", "utf-8")
    (archive / "open.txt").write_text("!open\n", "utf-8")
    (archive / "write.txt").write_text("!write\n", "utf-8")
    summary = batch.run([archive], database, SETTINGS, 1, None, chaos.planted)
    reasons = {Path(problem.path).stem: problem for problem in summary.failed}
    assert "has no network" in reasons["net"].reason
    assert "Too many open files" in reasons["open"].reason
    assert reasons["write"].outcome == "limit_output"
    assert summary.outcomes["ok"] == 8


def test_what_a_killed_worker_leaves_behind_is_ended(archive: Path, database: Database) -> None:
    name = f"30{os.getpid()}"
    (archive / "orphan.txt").write_text(f"!orphan\n{name}", "utf-8")
    assert batch.run([archive], database, SETTINGS, 1, None, chaos.planted).outcomes["crash"] == 1
    for _ in range(100):  # it has been killed, and may still be about to end
        left = chaos.running(word=name)
        if not left:
            break
        time.sleep(0.1)
    assert left == []


def test_readable_means_the_same_everywhere() -> None:
    from pipeline.store import database

    assert READABLE == database.READABLE
