"""Batches: nothing lost, nothing done twice, the same rows whatever the workers and the order."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from handmade import stub

from pipeline import batch, workers
from pipeline.batch import READABLE, Progress, expand
from pipeline.config import Settings
from pipeline.records import Report
from pipeline.store import Database, dump
from pipeline.workers import BatchError

SETTINGS = Settings()


def slow(path: Path, settings: Settings) -> Report:
    time.sleep(0.05)
    return stub(path, settings)


def twins(path: Path, settings: Settings) -> Report:
    report = stub(path, settings)
    return replace(report, claims=report.claims * 2)


def boom(path: Path, settings: Settings) -> Report:
    raise AssertionError("should not be called")


@pytest.fixture(autouse=True)
def _suffixes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_suffixes", lambda: frozenset({".txt", ".md"}))
    monkeypatch.setattr(workers, "FEW", 100)


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
    monkeypatch.setattr(workers, "_default_processor", boom)  # not even loaded
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


def test_interrupted_and_continued_is_as_undisturbed(archive: Path, tmp_path: Path, database: Database) -> None:
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
    assert batch.run([archive], database, SETTINGS, 1, None, boom).extracted == 0  # not tried again unasked
    assert batch.run([archive], database, SETTINGS, 1, None, stub, retry=True).extracted == 3


def test_a_file_that_never_ends(archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 3.0)
    (archive / "hang.txt").write_text("!hang\n", "utf-8")
    summary = batch.run([archive], database, SETTINGS, 2, None, stub)
    assert summary.outcomes == {"limit_time": 1, "ok": 8}
    assert "far longer" in summary.failed[0].reason


def test_what_cannot_be_stored_is_a_crash_of_that_document(archive: Path, database: Database) -> None:
    summary = batch.run([archive], database, SETTINGS, 0, None, twins)
    assert summary.outcomes == {"crash": 8}
    assert "UNIQUE" in summary.failed[0].reason
    assert summary.exit_status == 2


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


def test_nothing_at_all(tmp_path: Path, database: Database) -> None:
    assert batch.run([tmp_path / "nowhere"], database, SETTINGS, 0, None, stub).exit_status == 2
    assert batch.run([], database, SETTINGS, 0, None, stub).exit_status == 2


def test_a_worker_that_cannot_start_is_said_once(
    archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_serve", os._exit)
    with pytest.raises(BatchError, match="cannot start"):
        batch.run([archive], database, SETTINGS, 2, None, stub)


def test_no_worker_outlives_the_run(archive: Path, database: Database) -> None:
    import multiprocessing

    def stop(step: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run([archive], database, SETTINGS, 2, stop, slow)
    assert multiprocessing.active_children() == []


def test_the_database_is_whole_after_a_torn_write(
    archive: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.store import write

    def full(connection: sqlite3.Connection, key: int, text: str, delete: bool) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(write, "_index", full)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            batch.run([archive], database, SETTINGS, 0, None, stub)
    assert database.documents().empty
    assert database.claims().empty
    assert batch.run([archive], database, SETTINGS, 0, None, stub).outcomes == {"ok": 8}


def test_readable_means_the_same_everywhere() -> None:
    from pipeline import compare
    from pipeline.store import database

    assert READABLE == compare.READABLE == database.READABLE
