"""What README and docs tell is executed: commands exist, code blocks run, figures are those that were measured."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parent.parent
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [*READMES, *sorted((ROOT / "docs").glob("*.md"))]


NEEDS = {"study.md": "matplotlib"}  # what a page uses that is an extra


def _needed(path: Path) -> None:
    if path.name in NEEDS:
        pytest.importorskip(NEEDS[path.name], reason=f"{path.name} uses {NEEDS[path.name]} (hebao[charts])")


def blocks(path: Path, language: str) -> list[str]:
    """The fenced code blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place that looks like the checkout to a reader who types what the page says, with hebao.db made."""
    from pipeline.__main__ import app

    place = tmp_path_factory.mktemp("reader")
    (place / "corpus").symlink_to(ROOT / "corpus")
    (place / "报告文件夹").symlink_to(ROOT / "corpus" / "reports")
    done = CliRunner().invoke(app, ["run", str(place / "corpus" / "reports"), "--db", str(place / "hebao.db")])
    assert done.exit_code == 0, done.output
    return place


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_commands_run(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.__main__ import app

    _needed(path)
    monkeypatch.chdir(folder)
    lines = [line.split("#")[0].strip() for block in blocks(path, "bash") for line in block.splitlines()]
    for line in lines:
        words = shlex.split(line)
        if not words or not words[0].endswith("hebao"):
            assert not words or words[0] in ("make", "git", "cd", "python3"), f"{line}: not a command that is checked"
            continue
        arguments = [str(folder / word) if word.endswith(".db") else word for word in words[1:]]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, f"{line}\n{done.output}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_python_runs(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _needed(path)
    monkeypatch.chdir(folder)
    if path.name == "study.md":  # its Python reads what its commands wrote
        test_commands_run(path, folder, monkeypatch)
    names: dict[str, object] = {}
    for block in blocks(path, "python"):
        exec(compile(block, str(path), "exec"), names)


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_every_command_is_in_the_table(path: Path) -> None:
    from pipeline.__main__ import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    commands |= {
        group.name or group.typer_instance.info.name for group in app.registered_groups if group.typer_instance
    }
    told = set(re.findall(r"`hebao ([a-z]+)", path.read_text("utf-8")))
    assert commands == told


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        assert target.startswith("http") or (path.parent / target).exists(), f"{path.name}: {target} is not there"
