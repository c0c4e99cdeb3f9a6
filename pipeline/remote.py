"""Archives that lie elsewhere: any address that fsspec knows (s3://, hdfs://, https://, file://).

Inside the program such a file is a relative path whose first part is the protocol; all other paths are absolute.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]+://")
CHUNK = 1 << 20
PREFIX = "hebao-fetched-"
BETWEEN = ("remote", "file")  # what readers of a path take for its folders must not be a name made by chance


def is_url(given: str) -> bool:
    """Whether it is an address rather than a path of this machine."""
    return ADDRESS.match(given) is not None


def is_remote(path: Path) -> bool:
    """Whether it stands for an address."""
    return not path.is_absolute() and path.parts[:1] != () and path.parts[0].endswith(":")


def url(path: Path) -> str:
    """The address that a path stands for; of a path of this machine the path itself."""
    if not is_remote(path):
        return str(path)
    _, place = _place(path)
    return f"{path.parts[0]}//{place}"


def find(address: str) -> list[Path]:
    """All files at or below an address. Raises OSError, also where fsspec or what the protocol needs is missing."""
    protocol, _, rest = address.partition("://")
    files = _filesystem(protocol).find(rest)
    if not files:
        raise FileNotFoundError(f"nothing at {address}")
    return [Path(f"{protocol}:", name.lstrip("/")) for name in files]


def digest(path: Path) -> tuple[str, int]:
    """sha256 and size. Raises OSError."""
    sha256, size = hashlib.sha256(), 0
    filesystem, place = _place(path)
    with filesystem.open(place, "rb") as stream:
        while chunk := stream.read(CHUNK):
            sha256.update(chunk)
            size += len(chunk)
    return sha256.hexdigest(), size


def fetch(path: Path) -> Path:
    """A copy of the file on this machine, with its name and those of its folders, which may tell place and year.
    Raises OSError."""
    filesystem, place = _place(path)
    copy = Path(tempfile.mkdtemp(prefix=PREFIX), *BETWEEN, *path.parts[1:])
    copy.parent.mkdir(parents=True)
    try:
        filesystem.get_file(place, str(copy))
    except OSError:
        forget(copy)
        raise
    return copy


def forget(copy: Path) -> None:
    """Remove what `fetch` made."""
    shutil.rmtree(next(folder for folder in copy.parents if folder.name.startswith(PREFIX)))


def _place(path: Path) -> tuple[Any, str]:
    filesystem = _filesystem(path.parts[0].removesuffix(":"))
    return filesystem, filesystem.root_marker + "/".join(path.parts[1:])


def _filesystem(protocol: str) -> Any:
    try:
        import fsspec

        return fsspec.filesystem(protocol)
    except (ImportError, ValueError) as error:
        raise OSError(f"{protocol}:// cannot be read here: {error}; install hebao[cluster]") from error
