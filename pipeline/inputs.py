"""What the given paths come to: files, members of archives, addresses; and which content each has."""

from __future__ import annotations

import glob
import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline import remote
from pipeline.config import Ingest
from pipeline.ingest.reading import UnreadableError

ARCHIVE = ".zip"


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that could not be taken up, or a file that could not be read, and why."""

    path: str
    outcome: str
    reason: str


@dataclass(slots=True)
class Inputs:
    """What the given paths come to: files in order, inputs that are none, and files that a folder walk passed by."""

    files: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def expand(paths: Iterable[Path | str], suffixes: frozenset[str], settings: Ingest) -> Inputs:
    """Files, folders (walked), zip archives, glob patterns and addresses → files, sorted, each once; of folders and
    archives those that end in one of `suffixes`; a member of an archive as `archive.zip/member.docx`. Nothing that was
    named is passed over in silence: what is not there is a problem, what a folder or archive holds besides reports is
    counted by its ending."""
    inputs = Inputs()
    for given in map(str, paths):
        if remote.is_url(given):
            _list(given, inputs, suffixes)
            continue
        found = [given] if os.path.lexists(given) else sorted(glob.glob(given, recursive=True))
        if not found:
            reason = "nothing matches" if glob.has_magic(given) else "no such file or folder"
            inputs.problems.append(Problem(given, "missing", f"{reason}; check the spelling"))
        for path in map(Path, found):
            if path.is_dir():
                _walk(path, inputs, suffixes, settings)
            elif path.is_file() and path.suffix.lower() == ARCHIVE:
                _unpack(path, inputs, suffixes, settings)
            elif path.is_file():
                inputs.files.append(path)
            else:
                inputs.problems.append(Problem(str(path), "missing", "not a regular file; give a report or a folder"))
    files = {path if remote.is_remote(path) else Path(os.path.abspath(path)) for path in inputs.files}
    inputs.files = sorted(files, key=lambda p: (p.name, str(p)))
    return inputs


def _list(url: str, inputs: Inputs, suffixes: frozenset[str]) -> None:
    try:
        found = remote.find(url)
    except OSError as error:
        inputs.problems.append(Problem(url, "missing", f"cannot be listed ({error})"))
        return
    reports = [path for path in found if path.suffix.lower() in suffixes and not path.name.startswith((".", "~$"))]
    inputs.ignored.update(path.suffix.lower() or path.name for path in set(found) - set(reports))
    inputs.files += reports
    if not reports:
        inputs.problems.append(Problem(url, "missing", f"no reports; Hebao reads {' '.join(sorted(suffixes))}"))


def _walk(folder: Path, inputs: Inputs, suffixes: frozenset[str], settings: Ingest) -> None:
    count, problems = len(inputs.files), len(inputs.problems)
    errors: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if path.suffix.lower() == ARCHIVE and not name.startswith(".") and path.is_file():
                _unpack(path, inputs, suffixes, settings)
            elif name.startswith((".", "~$")) or path.suffix.lower() not in suffixes or not path.is_file():
                inputs.ignored[path.suffix.lower() or name] += 1
            else:
                inputs.files.append(path)
    inputs.problems += [
        Problem(str(e.filename), "missing", f"cannot be listed ({e.strerror}); check its permissions") for e in errors
    ]
    if len(inputs.files) == count and len(inputs.problems) == problems:
        kinds = " ".join(sorted(suffixes))
        inputs.problems.append(Problem(str(folder), "missing", f"a folder without reports; Hebao reads {kinds}"))


def _unpack(path: Path, inputs: Inputs, suffixes: frozenset[str], settings: Ingest) -> None:
    """List the members of an archive; they are unpacked in memory when their turn comes."""
    from pipeline.ingest.archive import Member, members

    count, problems = len(inputs.files), len(inputs.problems)
    for found in members(path, settings):
        if not isinstance(found, Member):
            inputs.problems.append(Problem(str(path), found.code, found.message))
            continue
        name = PurePosixPath(found.name)
        hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in name.parts)
        if hidden or name.suffix.lower() not in suffixes:
            inputs.ignored[name.suffix.lower() or name.name] += 1
        else:
            inputs.files.append(path / name)
    if len(inputs.files) == count and len(inputs.problems) == problems:
        reason = f"an archive without reports; Hebao reads {' '.join(sorted(suffixes))}"
        inputs.problems.append(Problem(str(path), "missing", reason))


def identify(path: Path, settings: Ingest) -> tuple[str, int] | Problem:
    """sha256 and size of a file, or of a member of an archive; or why it cannot be opened."""
    try:
        if remote.is_remote(path):
            return remote.digest(path)
        if path.parent.is_dir():
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest(), os.fstat(stream.fileno()).st_size
        from pipeline.ingest import load

        data = load(path, settings)
        return hashlib.sha256(data).hexdigest(), len(data)
    except OSError as error:
        return Problem(remote.url(path), "missing", f"cannot be opened ({error.strerror}); check its permissions")
    except UnreadableError as error:
        return Problem(str(path), error.outcome, str(error))
