"""The built wheel carries the tables and the settings, and works away from the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_carries_tables_and_settings(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tables = {f"pipeline/_data/models/{path.name}" for path in (ROOT / "models").iterdir() if path.is_file()}
    assert tables <= names
    assert "pipeline/_data/config.toml" in names
    assert not any(name.startswith(("tests/", "corpus/")) for name in names)


def test_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Only the dependencies are lent to it, so that the test needs no network; the program comes from the wheel."""
    environment = tmp_path / "env"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    (site,) = (environment / "lib").glob("python*/site-packages")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target"]
    run(*pip, site, wheel, cwd=tmp_path)
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run(python, "-c", "import pipeline; print(pipeline.__file__)", cwd=tmp_path)
    assert str(environment) in where

    report = tmp_path / "青禾镇2022年总结.txt"
    report.write_text("青禾镇2022年工作总结\n一、整治行动\n全年清理卫生死角180余处，发放宣传单2.3万份。\n", "utf-8")
    run(python, "-m", "pipeline", "extract", report, "-o", tmp_path / "out", cwd=tmp_path)
    claims = [json.loads(line) for line in (tmp_path / "out" / "claims.jsonl").read_text("utf-8").splitlines()]
    assert [(claim["surface"], claim["object"]) for claim in claims] == [("180余处", "卫生死角"), ("2.3万份", "宣传单")]
