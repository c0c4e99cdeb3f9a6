"""The house stands as DESIGN.md draws it: one-way imports, one broad except, no pickle, modules of readable size."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import config

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pipeline"
MODULES = sorted(PACKAGE.glob("**/*.py"))

# What every room may use: the records, the settings, the tables of models/, and exact numbers.
GROUND = {"records", "config", "lexicon", "numerals"}
# Rooms that consist of more than one module at the top level.
INSIDE = {
    "clean": {"furniture", "script"},
    "furniture": {"clean", "script"},
    "outline": {"enumerators"},
    "enumerators": set(),
    "issuer": {"periods"},
    "periods": {"dates"},
}
EXTRACTION = {
    "ingest", "clean", "furniture", "script", "outline", "enumerators", "quantities", "segment", "sections", "claims",
    "indicators", "issuer", "periods", "dates", "facts", "locate",
}  # fmt: skip
ABOVE = {
    "run", "components", "store", "compare", "charts", "inputs", "remote", "batch", "workers", "nursery", "pool",
    "tally", "limits", "cluster", "evaluate", "audit", "serve", "vocabulary", "cli", "__main__", "__init__",
}  # fmt: skip


def room(path: Path) -> str:
    """The room of a module: the folder below pipeline/, or the module itself."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The rooms of ours that a module imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "pipeline":
            parts = node.module.split(".")
            yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("pipeline."))


def test_every_room_is_placed() -> None:
    assert {room(path) for path in MODULES} - GROUND - EXTRACTION - ABOVE == set()


def test_what_extracts_is_what_makes_reports_anew() -> None:
    """A report is made anew where code or a table changed that it was extracted with; audit has a digest of its own."""
    code = [path for path in config.extracting_files() if path.suffix == ".py"]
    assert {room(path) for path in code} == GROUND | EXTRACTION | {"run", "__init__"}
    tables = {path.name for path in config.extracting_files()} - {path.name for path in code}
    assert {"units.csv", "indicators.csv", "sections_weights.npz"} <= tables
    assert not {"checks.toml", "reasons.csv"} & tables


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    here = room(path)
    used = set(imports(path)) - {here}
    if here == "records":
        assert used == set()
    elif here in GROUND:
        assert used <= GROUND
    elif here in EXTRACTION:
        assert used <= GROUND | INSIDE.get(here, set()), f"{here} is a room: it may not import another one"
    elif here == "run":
        assert used <= GROUND | EXTRACTION
    elif here not in ("cli", "__main__", "__init__", "batch", "workers", "evaluate"):
        assert "cli" not in used
        assert "__main__" not in used


def test_only_the_worker_boundary_catches_everything() -> None:
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
    ]
    assert [place.split(":")[0] for place in broad] in ([], ["pipeline/workers.py"]), broad


@pytest.mark.parametrize("word", ["import pickle", "joblib", "shelve", "allow_pickle=True", "yaml.load", "eval("])
def test_nothing_is_unpickled_or_evaluated(word: str) -> None:
    pattern = re.compile(r"(?<![\w.])" + re.escape(word))
    assert [str(p) for p in MODULES if pattern.search(p.read_text("utf-8"))] == []


def test_modules_can_be_read() -> None:
    """Four hundred lines are the limit; a longer module has become a drawer."""
    assert {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text("utf-8").splitlines())) > 400} == {}


def test_top_level_is_as_the_owner_set_it() -> None:
    wanted = {"pipeline", "models", "corpus", "config.toml", "pyproject.toml", "tests", "README.md"}
    assert wanted <= {path.name for path in ROOT.iterdir()}


def test_each_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    table = tomllib.loads("\n".join(lines))["project"]
    names = [*table["dependencies"], *(name for extra in table["optional-dependencies"].values() for name in extra)]
    for name in names:
        line = next(line for line in lines if line.strip().startswith(f'"{name}"'))
        assert "#" in line, f"{name}: say in pyproject.toml why it is needed"


def test_no_registry_address_in_any_file() -> None:
    """Addresses of package registries belong to the machine, not to the project."""
    hosts = ["pypi" + r"\.org", "files\\.python" + "hosted", r"registry\.npm" + "js", "deb" + r"\.debian"]
    address = re.compile("|".join([*hosts, r"--(?:extra-)?index-url\s+\S"]))
    names = ["pyproject.toml", "requirements.lock.txt", "Makefile", ".ci/run", "README.md", "README.zh-CN.md"]
    assert [name for name in names if address.search((ROOT / name).read_text("utf-8"))] == []


def test_lock_has_a_hash_for_everything() -> None:
    text = (ROOT / "requirements.lock.txt").read_text("utf-8")
    pinned = re.findall(r"^[a-z0-9][\w.\-\[\]]*==", text, re.M)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.M)
    assert len(pinned) > 30
    assert all("--hash=sha256:" in entry for entry in entries if entry.strip())
