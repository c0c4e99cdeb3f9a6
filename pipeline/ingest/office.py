"""Formats that other programs turn into Word packages: .doc and .wps, .rtf, .odt through LibreOffice, or antiword."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipeline.config import Ingest
from pipeline.ingest.reading import Reading, UnreadableError
from pipeline.ingest.word import read_word

_SECONDS = 120.0  # for one file; a conversion takes two or three
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ufffd]")
_AGREED = 0.9  # share of the letters and digits that both programs should find
_MAX_NO_TEXT = 0.02  # of the characters: with more the converter took binary data for text


def read_through_office(data: bytes, suffix: str, settings: Ingest) -> Reading:
    """Convert with LibreOffice and read the result; Word 97 files fall back on antiword, which loses numbering.

    Raises UnreadableError (unsupported) where no converter is installed, (corrupt) where none can read the file.
    """
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    antiword = shutil.which("antiword") if suffix == ".doc" else None
    if soffice is None and antiword is None:
        raise UnreadableError("unsupported", "needs LibreOffice; install it, or save the file as .docx and try again")
    with tempfile.TemporaryDirectory(prefix="hebao-") as folder:
        source = Path(folder) / f"source{suffix}"
        source.write_bytes(data)
        converted = _libreoffice(soffice, source) if soffice else None
        if converted is not None:
            reading = read_word(converted, settings)
            reading.describe("converter", "LibreOffice")
            if antiword is not None:
                _compare(_words(antiword, source), reading)
        elif antiword is not None:
            reading = _antiword(antiword, source, settings)
        else:
            raise UnreadableError("corrupt", "LibreOffice cannot read it; open it in Word and save it as .docx")
    if len(_NO_TEXT.findall(reading.text)) > _MAX_NO_TEXT * len(reading.text):
        raise UnreadableError("corrupt", "the text is damaged; open it in Word and save it as .docx")
    return reading


def _libreoffice(program: str, source: Path) -> bytes | None:
    """The file as a Word package; None when the conversion fails or takes too long."""
    folder = source.parent
    profile = (folder / "profile").as_uri()
    command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nologo", "--nodefault"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "out"), str(source)]
    _run(command, folder)
    target = folder / "out" / f"{source.stem}.docx"
    return target.read_bytes() if target.is_file() else None


def _compare(other: str, reading: Reading) -> None:
    """Text that the conversion lost becomes an issue; signs are not counted, the second program draws with them."""
    if any(issue.code == "tracked_changes" for issue in reading.issues):
        return  # the second program shows what was deleted too
    own, seen = (sum(map(str.isalnum, text)) for text in (reading.text, other))
    if own < _AGREED * seen:
        reading.issue("readers_disagree", f"{own} characters here, {seen} by a second reader")
        reading.outcome = "ok_partial"


def _words(program: str, source: Path) -> str:
    """What antiword reads, one paragraph a line; nothing where it cannot."""
    output = _run([program, "-w", "0", "-m", "UTF-8.txt", str(source)], source.parent)
    return output.decode("utf-8", "replace").strip("\n")


def _antiword(program: str, source: Path, settings: Ingest) -> Reading:
    text = _words(program, source)
    if not text.strip():
        raise UnreadableError("corrupt", "neither LibreOffice nor antiword reads it; save it as .docx in Word")
    reading = Reading(settings.max_characters, outcome="ok_partial")
    for line in text.split("\n"):
        if line.strip():
            reading.add(line)
    reading.issue("numbering_not_honoured", "read with antiword: automatic numbers are lost, deleted text is shown")
    reading.describe("converter", "antiword")
    return reading


def _run(command: Sequence[str], folder: Path) -> bytes:
    """What a program prints; it and all that it starts are ended after _SECONDS."""
    # no settings, fonts or language of the user's account may change the result
    environment = {"HOME": str(folder), "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=_SECONDS)[0]
        except subprocess.TimeoutExpired:
            return b""
        finally:
            _end(process.pid)


def _end(group: int) -> None:
    """Kill what is left of a process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
