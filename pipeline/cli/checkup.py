"""`hebao check`: what is there, what is missing, and what each missing part would open."""

from __future__ import annotations

import csv
import platform
import shutil
import sqlite3
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pipeline import config
from pipeline.batch import version
from pipeline.cli.terminal import complain, console, safe

PACKAGES = ("ahocorasick-rs", "charset-normalizer", "jieba", "lxml", "numpy", "opencc", "pandas", "pdfplumber",
            "pypdfium2", "python-docx", "rich", "rjieba", "scikit-learn", "spacy", "typer", "xlsxwriter")  # fmt: skip
EXTRAS = {
    "onnxruntime": "runs rapidocr (install hebao[ocr])",
    "pyarrow": "hebao export --format parquet (install hebao[parquet])",
    "rapidocr": "recognises scanned PDF pages (install hebao[ocr])",
}
PROGRAMS = {
    "soffice": "reads .doc, .wps and .rtf (install LibreOffice)",
    "antiword": "reads .doc where LibreOffice is missing (install antiword)",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Something that the program uses. `opens`: what it is for, said where it is missing."""

    name: str
    present: bool
    detail: str
    needed: bool = True
    opens: str = ""


def parts(config_file: Path | None) -> list[Part]:
    """Everything that is looked for, in the order in which it is shown."""
    found = [Part("hebao", True, version()), Part("python", True, platform.python_version())]
    found += [_package(name) for name in PACKAGES]
    found += [_package(name, opens) for name, opens in EXTRAS.items()]
    paths = {name: shutil.which(name) for name in PROGRAMS}
    found += [Part(name, path is not None, path or "", False, PROGRAMS[name]) for name, path in paths.items()]
    return [*found, _search(), _settings(config_file), *_tables()]


def show(found: list[Part]) -> None:
    """Print them, one a line."""
    out = console()
    for part in found:
        mark = "ok     " if part.present else "MISSING" if part.needed else "absent "
        what = part.detail if part.present or not part.opens else f"would open: {part.opens}"
        out.print(safe(f"{mark} {part.name}  {what}"))
    if lacking := [part.name for part in found if part.needed and not part.present]:
        complain(f"cannot work without {', '.join(lacking)}: install Hebao anew")


def _package(name: str, opens: str = "") -> Part:
    try:
        return Part(name, True, metadata.version(name), not opens, opens)
    except metadata.PackageNotFoundError:
        return Part(name, False, "", not opens, opens or "part of every installation")


def _search() -> Part:
    try:
        sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'trigram')")
    except sqlite3.OperationalError as error:
        opens = "full-text search (SQLite 3.37 or later)"
        return Part("sqlite", False, f"{sqlite3.sqlite_version}: {error}", opens=opens)
    return Part("sqlite", True, f"{sqlite3.sqlite_version}, with trigram search")


def _settings(config_file: Path | None) -> Part:
    try:
        settings = config.load(config_file)
    except config.ConfigError as error:
        return Part("settings", False, str(error))
    where = config_file or (Path("config.toml") if Path("config.toml").is_file() else config.default_config_path())
    return Part("settings", True, f"{where}, database {settings.store.path}, fingerprint {settings.fingerprint()}")


def _tables() -> list[Part]:
    folder = config.models_path()
    found = [Part("models", folder.is_dir(), str(folder))]
    for path in sorted(folder.glob("**/*.csv")):
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                rows = sum(1 for _ in csv.reader(lines, strict=True)) - 1
        except (csv.Error, UnicodeDecodeError, OSError) as error:
            found.append(Part(f"models/{path.name}", False, str(error)))
        else:
            found.append(Part(f"models/{path.name}", rows > 0, f"{rows:,} rows"))
    return found
