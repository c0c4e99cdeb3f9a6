"""Consoles, and text of reports made safe to print."""

from __future__ import annotations

import re
import sys

from rich.console import Console
from rich.text import Text

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def console(stderr: bool = False) -> Console:
    """A console that takes text as it is; without a terminal it neither colours nor wraps."""
    stream = sys.stderr if stderr else sys.stdout
    wide = None if stream.isatty() else 10_000
    return Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=wide is not None, width=wide)


def safe(text: str) -> str:
    """Text whose control characters (escape sequences, changes of direction) cannot reach the terminal."""
    return CONTROL.sub("\ufffd", text)


def cell(value: object, style: str = "") -> Text:
    """A value as a cell of a table; empty for None."""
    return Text("" if value is None else safe(str(value)), style=style)


def complain(message: str) -> None:
    """One line on standard error."""
    print(f"hebao: {safe(' '.join(message.split()))}", file=sys.stderr)
