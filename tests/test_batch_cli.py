"""What people and machines see of a batch: lines, events, the log, the report to keep, and the quarantine."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from handmade import full_report
from rich.console import Console
from rich.progress import Progress as Bars
from test_cli import _stand_in, hebao

from pipeline import batch
from pipeline.batch import Progress, Slow, Summary
from pipeline.cli import progress
from pipeline.cli.summary import write_report
from pipeline.config import Settings
from pipeline.inputs import Problem
from pipeline.lexicon import rows
from pipeline.store import Database, attempts

__all__ = ["_stand_in", "hebao"]
Hebao = Callable[..., tuple[int, str, str]]
MARKER = "绝密标记"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for year in range(2020, 2024):
        (folder / f"甲镇{year}.txt").write_text(f"甲镇 {year}\n清理 {year - 1700}吨 {MARKER}\n", "utf-8")
    (folder / "坏.txt").write_text(f"!raise\n{MARKER}", "utf-8")
    return folder


def test_events_for_machines(archive: Path, hebao: Hebao) -> None:
    status, out, err = hebao("run", archive, "--db", "x.db", "--json")
    events = [json.loads(line) for line in err.splitlines()]
    assert [event["event"] for event in events] == ["listed"] + ["document"] * 5
    last = events[-1]
    assert (last["finished"], last["total"], last["seconds_left"]) == (5, 5, 0)
    assert last["outcomes"] == {"crash": 1, "ok": 4}
    summary = json.loads(out)
    assert (status, summary["exit_status"], summary["pages"], summary["quarantined"]) == (1, 1, 4, 0)
    assert len(summary["slowest"]) == 5


def test_the_log_has_no_text_of_a_document(archive: Path, hebao: Hebao) -> None:
    hebao("run", archive, "--db", "x.db", "--log", "run.log")
    text = Path("run.log").read_text("utf-8")
    assert MARKER not in text
    assert "甲镇" not in text
    assert len(re.findall(r"^\S+\+00:00 [0-9a-f]{12} ok 1 claims [\d.]+ s$", text, re.M)) == 4
    assert len(re.findall(r"^\S+ [0-9a-f]{12} crash 0 claims [\d.]+ s crash=1$", text, re.M)) == 1
    assert text.splitlines()[-1].split(" ", 1)[1].startswith("run 1 ended: 5 read, 1 failed")


def test_a_report_to_keep(archive: Path, hebao: Hebao) -> None:
    hebao("run", archive, "nowhere.pdf", "--db", "x.db", "--report", "kept")
    page = Path("kept/run.html").read_text("utf-8")
    assert "程序出错：1" in page
    assert re.search(r"坏\.txt</td><td>程序处理此文件时中断：ValueError: planted", page)
    assert "打不开：1" in page
    assert "每秒" in page
    kept = json.loads(Path("kept/run.json").read_text("utf-8"))
    assert [problem["outcome"] for problem in kept["failed"]] == ["crash", "missing"]
    assert kept["given"][1] == "nowhere.pdf"


def test_names_of_files_cannot_act_in_the_report(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>\u202e\x1b[2J\udc80.txt"
    summary = Summary(
        1, 1, 1, 0, 0, {"crash": 1, "no_such_outcome": 1}, 0, 0, 0, {"<b>": 1}, (Problem(f"/a/b/{bad}", "crash", bad),),
        {bad: 1}, 1.0, slowest=(Slow(1.0, f"/a/b/{bad}", 3, "crash"),),
    )  # fmt: skip
    write_report(summary, [bad], "0", tmp_path)
    page = (tmp_path / "run.html").read_text("utf-8")
    assert "<script" not in page
    assert "<b>" not in page
    assert not set("\u202e\x1b\udc80") & set(page)
    assert "/a/b/" not in page  # the folder that all share is left out


def test_every_outcome_has_its_words() -> None:
    known = {row["outcome"] for row in rows("outcomes")}
    assert {*batch.READABLE, *attempts.FAILED, attempts.QUARANTINED, "missing"} <= known
    code = "\n".join(path.read_text("utf-8") for path in Path(batch.__file__).parent.glob("ingest/*.py"))
    raised = set(re.findall(r'UnreadableError\(\s*"(\w+)"', code))
    assert raised
    assert raised <= known


def told(finished: int, seconds: float) -> Progress:
    return Progress(finished, 40, full_report(), seconds, Counter(ok=finished - 1, corrupt=1), 0.5)


def test_lines_tell_rate_time_left_and_outcomes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = progress.Lines()
    for finished in range(1, 41):
        lines(told(finished, finished / 4))
    err = capsys.readouterr().err.splitlines()
    assert len(err) == progress.LINES
    assert err[4].endswith(": 3 claims (4.0/s, 8 s left, 9 ok, 1 corrupt)")
    assert progress.pace(told(1, 1000.0)) == "0.0/s, 650 min left, 1 corrupt, 0 ok"


def test_the_bar_shows_the_same() -> None:
    console = Console(force_terminal=True, width=100, file=sys.stderr)
    with Bars(console=console) as bars:
        bar = progress.Bar(bars)
        bar.listed(10, 40)
        assert (bars.tasks[0].completed, bars.tasks[0].total) == (10, 40)
        bar(told(20, 5.0))
        assert bars.tasks[0].completed == 20
        assert bars.tasks[0].fields["pace"] == "4.0/s, 19 ok, 1 corrupt"


def test_quarantine(archive: Path, hebao: Hebao) -> None:
    assert hebao("run", archive, "--db", "x.db")[0] == 1
    assert hebao("quarantine", "--db", "x.db")[1] == "nothing is in quarantine\n"
    assert hebao("run", archive, "--db", "x.db", "--retry")[0] == 1
    _, out, _ = hebao("quarantine", "--db", "x.db")
    digits = out.split()[0]
    assert "坏.txt: crash, 2 tries, last 20" in out
    _, out, _ = hebao("quarantine", "explain", "坏.txt", "--db", "x.db")
    assert len(re.findall(r"run [12]: crash: .*ValueError: planted", out)) == 2
    (held,) = json.loads(hebao("quarantine", "list", "--db", "x.db", "--json")[1])
    assert [one["outcome"] for one in held["history"]] == ["crash", "crash"]
    assert "1 contents; `hebao quarantine`" in hebao("run", archive, "--db", "x.db")[1]
    for wrong in (("release",), ("explain", "甲镇2020.txt")):
        assert hebao("quarantine", *wrong, "--db", "x.db")[0] == 2
    assert "released" in hebao("quarantine", "release", digits, "--db", "x.db")[1]
    (archive / "坏.txt").touch()
    assert "(1 read now, 4 done before)" in hebao("run", archive, "--db", "x.db")[1]


def test_a_database_that_is_held_is_one_line(archive: Path, hebao: Hebao, tmp_path: Path) -> None:
    from pipeline.store.lease import lease

    with Database(tmp_path / "x.db") as database, lease(database.path):
        status, _, err = hebao("run", archive, "--db", "x.db")
    assert status == 2
    assert err.startswith("hebao: x.db: another run is at work on it (process ")


def test_settings_of_a_run_make_no_report_anew() -> None:
    from dataclasses import replace

    from pipeline.config import Run

    assert replace(Settings(), run=Run(cpu_seconds=1.0)).fingerprint() == Settings().fingerprint()
