"""Text files: which encoding, and whether it is text at all."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from pipeline.config import Ingest
from pipeline.ingest.reading import Reading, UnreadableError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins like that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = ["gb18030", "big5", "big5hkscs"]
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_SAMPLE = 200_000  # bytes that are looked at to guess the encoding
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HAN_AND_ASCII = re.compile(r"[\t\n\r -~\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_MAX_CONTROLS = 0.005  # more of the characters than this and it is no text
_MAX_LOST = 0.01  # more undecodable bytes than this and the encoding is taken to be another


def read_text(data: bytes, settings: Ingest) -> Reading:
    """Decode a text file; every line is a block. Line ends become "\\n" before offsets are counted.

    Raises UnreadableError (not_this_format) for binary data, and for encodings that cannot be told.
    """
    reading = Reading(settings.max_characters)
    text, reading.encoding = decode(data)
    if len(text) > settings.max_characters:
        message = f"{len(text)} characters; raise ingest.max_characters or split the file"
        raise UnreadableError("limit_characters", message)
    lost = text.count("\ufffd")
    if lost:
        reading.issue("undecodable_bytes", f"{lost} places that are not {reading.encoding} are shown as U+FFFD")
        reading.outcome = "ok_partial"
    for line in text.split("\n"):
        reading.add(line)
    reading.blocks[:] = [block for block in reading.blocks if block.end > block.start]
    return reading


def decode(data: bytes) -> tuple[str, str]:
    """Text (without byte order mark, line ends as "\\n") and the name of its encoding.

    Raises UnreadableError (not_this_format) where the bytes are not text.
    """
    text, encoding = _decode(data)
    controls = len(_CONTROLS.findall(text))
    if controls > max(2, len(text) * _MAX_CONTROLS):
        raise UnreadableError("not_this_format", f"{controls} control characters: binary, not text; look what it is")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decode(data: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace"), wide
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    sample = _sample(data)
    for candidates in (_LEGACY, None):
        best = from_bytes(sample, cp_isolation=candidates).best()
        if best is None:
            continue
        # gb18030 and big5hkscs hold all that their narrower forms hold
        name = {"big5": "big5hkscs", "gbk": "gb18030", "gb2312": "gb18030"}.get(best.encoding, best.encoding)
        text = data.decode(name, "replace")
        if text.count("\ufffd") <= len(text) * _MAX_LOST:
            return text, name
    return _damaged(data)


def _damaged(data: bytes) -> tuple[str, str]:
    """The encoding that loses least, when none fits entirely."""
    readings = [(data.decode(name, "replace"), name) for name in ("utf-8", "gb18030", "big5hkscs")]
    text, name = min(readings, key=lambda reading: reading[0].count("\ufffd"))
    if text.count("\ufffd") > len(text) * _MAX_LOST:
        raise UnreadableError(
            "not_this_format",
            "neither UTF-8, UTF-16, GB18030 nor Big5 text; save it as UTF-8 text, or look what kind of file it is",
        )
    return text, name


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: the reading that is nearly all Han and ASCII, where the bytes hold zeros."""
    sample = data[:4096]
    if b"\0" not in sample:
        return None
    for encoding in _WIDE:
        text = sample[: len(sample) - len(sample) % 4].decode(encoding, "replace")
        if text and len(_HAN_AND_ASCII.findall(text)) > 0.9 * len(text):
            return encoding
    return None


def _sample(data: bytes) -> bytes:
    if len(data) <= _SAMPLE:
        return data
    end = data.rfind(b"\n", 0, _SAMPLE)
    return data[: end if end > 0 else _SAMPLE]
