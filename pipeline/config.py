"""config.toml → settings. An unknown key is an error that lists the known ones."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

SOURCE_ROOT = Path(__file__).resolve().parent.parent
# Rooms, modules and tables that are read after extraction: a change to them makes no report anew. What audit finds has
# a digest of its own. All others count, so that a new room is never forgotten.
AFTERWARDS = {
    "audit", "cli", "compare", "serve", "store",
    "__main__.py", "charts.py", "inputs.py", "remote.py", "batch.py", "workers.py",
    "nursery.py", "pool.py", "tally.py", "limits.py", "cluster.py", "components.py", "evaluate.py", "vocabulary.py",
    "outcomes.csv", "checks.toml", "checks_english.csv", "evidence_english.csv", "reasons.csv", "standards.csv",
    "denominators.csv", "scopes.csv", "anniversaries.csv",
}  # fmt: skip
INSTALLED_DATA = Path(__file__).resolve().parent / "_data"


class ConfigError(ValueError):
    """A setting that cannot be used; the message names the key and what would be accepted."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """Limits of reading one file."""

    max_bytes: int = 200_000_000
    max_pages: int = 10_000
    max_characters: int = 20_000_000
    max_expansion: int = 100  # unpacked bytes per packed byte of an Office package, after the first 10 MB
    ocr: bool = True  # recognise PDF pages without usable text, where the extra is installed
    max_ocr_pages: int = 60  # of one file


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Which implementation of jieba's algorithm cuts the words."""

    engine: str = "rjieba"  # rjieba or jieba


@dataclass(frozen=True, slots=True)
class Sections:
    """Below `threshold` a segment is marked as doubtful."""

    threshold: float = 0.35


@dataclass(frozen=True, slots=True)
class Indicators:
    """Below `threshold` a claim gets no indicator code."""

    threshold: float = 0.6


@dataclass(frozen=True, slots=True)
class Store:
    """Where the database lies when --db is not given."""

    path: str = "hebao.db"


@dataclass(frozen=True, slots=True)
class Run:
    """Worker processes, and what each may use for one file."""

    workers: int = 0  # 0 means one a processor
    cpu_seconds: float = 30.0
    cpu_seconds_per_megabyte: float = 60.0
    memory_megabytes: int = 2048
    recycle: int = 500  # files after which a worker is replaced
    tries: int = 3  # after which a file is quarantined; 2 where it ended its worker


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, one group a room."""

    ingest: Ingest = field(default_factory=Ingest)
    segmentation: Segmentation = field(default_factory=Segmentation)
    sections: Sections = field(default_factory=Sections)
    indicators: Indicators = field(default_factory=Indicators)
    store: Store = field(default_factory=Store)
    run: Run = field(default_factory=Run)

    def fingerprint(self) -> str:
        """Digest of everything that the result of an extraction depends on besides the document: settings of the
        extracting rooms, the tables and weights in models/, and the code of the rooms themselves."""
        parts = repr((self.ingest, self.segmentation, self.sections, self.indicators))
        return hashlib.sha256((parts + _data_digest()).encode()).hexdigest()[:16]


@cache
def _data_digest() -> str:
    digest = hashlib.sha256()
    for path in extracting_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def extracting_files() -> list[Path]:
    """The modules and tables that the result of an extraction depends on, sorted."""
    code = Path(__file__).resolve().parent
    found = [(path, path.relative_to(code).parts[0]) for path in code.glob("**/*.py")]
    found += [(path, path.name) for path in models_path().glob("**/*.*") if path.is_file()]
    return sorted(path for path, room in found if room not in AFTERWARDS)


def models_path() -> Path:
    """The folder of tables and weights: models/ of a checkout, or what the wheel carries."""
    return INSTALLED_DATA / "models" if INSTALLED_DATA.is_dir() else SOURCE_ROOT / "models"


def default_config_path() -> Path:
    """The config.toml that ships with the program."""
    return (INSTALLED_DATA if INSTALLED_DATA.is_dir() else SOURCE_ROOT) / "config.toml"


def load(path: Path | None = None) -> Settings:
    """Read settings from `path`, by default from ./config.toml where there is one, else from the one that ships.

    Raises ConfigError for a file that is not there or not TOML, an unknown key, or a value of the wrong type.
    """
    here = Path("config.toml")
    chosen = path or (here if here.is_file() else default_config_path())
    try:
        table = tomllib.loads(chosen.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{chosen}: cannot be read ({error.strerror}); give --config a readable file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{chosen}: not valid TOML: {error}") from error
    settings: Settings = _build(Settings, table, str(chosen), "")
    if settings.segmentation.engine not in ("rjieba", "jieba"):
        raise ConfigError(f"{chosen}: segmentation.engine is {settings.segmentation.engine!r}; known: rjieba, jieba")
    return settings


def _build(cls: type[Any], table: dict[str, Any], source: str, prefix: str) -> Any:
    known = {f.name: f for f in fields(cls)}
    for key in table:
        if key not in known:
            raise ConfigError(f"{source}: unknown key {prefix}{key}; known: {', '.join(prefix + k for k in known)}")
    values: dict[str, Any] = {}
    defaults = cls()
    for key, value in table.items():
        default = getattr(defaults, key)
        if hasattr(default, "__dataclass_fields__"):
            if not isinstance(value, dict):
                raise ConfigError(f"{source}: {prefix}{key} is a table of settings, not {value!r}")
            values[key] = _build(type(default), value, source, f"{prefix}{key}.")
        elif type(value) is type(default) or (isinstance(default, float) and type(value) is int):
            values[key] = type(default)(value)
        else:
            raise ConfigError(f"{source}: {prefix}{key} is {value!r}; expected {type(default).__name__}")
    return cls(**values)
