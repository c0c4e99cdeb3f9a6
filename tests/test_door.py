"""The Python door: cheap to open, and the same as the rooms behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from handmade import full_report

import pipeline
from pipeline import config
from pipeline.store import Database, StoreError

ROOT = Path(__file__).parents[1]


def test_importing_costs_nothing() -> None:
    code = "import sys; before = set(sys.modules); import pipeline; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert not {"pandas", "numpy", "spacy", "lxml", "sqlite3", "rich"} & set(eval(done.stdout))


def test_the_verbs_are_few_and_explained() -> None:
    assert pipeline.__all__ == ["load_settings", "open_database", "process", "read"]
    for verb in pipeline.__all__:
        assert getattr(pipeline, verb).__doc__


def test_open_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database here"):
        pipeline.open_database(tmp_path / "x.db")
    with Database(tmp_path / "x.db") as database:
        database.store(full_report())
    with pipeline.open_database(str(tmp_path / "x.db")) as database:
        assert len(database.claims()) == 3
        assert database.panel()["state"].notna().all().all()


def test_load_settings(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[run]\nworkers = 3\n", "utf-8")
    assert pipeline.load_settings(tmp_path / "c.toml").run.workers == 3
    assert pipeline.load_settings() == config.load()


def test_read_and_process(tmp_path: Path) -> None:
    path = tmp_path / "清河镇2022年总结.txt"
    path.write_text("清河镇2022年爱国卫生工作总结\n一、环境整治\n全镇共清理垃圾320余吨，改造户厕12座。\n", "utf-8")
    document = pipeline.read(path)
    assert (document.outcome, document.name, document.format) == ("ok", path.name, "txt")
    report = pipeline.process(path)
    assert report.document.text == document.text
    for claim in report.claims:
        assert document.text[claim.start : claim.end] == claim.surface
    assert "320余吨" in [claim.surface for claim in report.claims]
    assert pipeline.process(tmp_path / "none.txt").document.outcome == "missing"
