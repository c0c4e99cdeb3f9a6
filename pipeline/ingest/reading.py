"""What a reader fills in while it goes through a file, and how it says that it cannot."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from math import nan

from pipeline.records import Block, Box, Issue

UNDRAWN: Box = (nan, nan, nan, nan)


class UnreadableError(Exception):
    """The file yields no text: `outcome` as in Document.outcome, the message says what is wrong and the remedy."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(slots=True)
class Reading:
    """Text and blocks of one file as they grow, in reading order; one line break between two blocks."""

    max_characters: int
    outcome: str = "ok"
    pages: int | None = None
    encoding: str | None = None
    blocks: list[Block] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    boxes: array[float] | None = None
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self._parts)

    def add(
        self,
        text: str,
        kind: str = "paragraph",
        *,
        boxes: array[float] | None = None,
        page: int | None = None,
        path: str | None = None,
        style: str | None = None,
        level: int | None = None,
        table: int | None = None,
        row: int | None = None,
        column: int | None = None,
        row_head: str | None = None,
        column_head: str | None = None,
    ) -> int:
        """Append one block and return the offset at which it starts. `boxes` holds four floats a character.

        Raises UnreadableError (limit_characters) when the text grows beyond `max_characters`.
        """
        if self._parts:
            self._append("\n", None)
        start = self._length
        self._append(text, boxes)
        if self._length > self.max_characters:
            raise UnreadableError(
                "limit_characters",
                f"more than {self.max_characters} characters of text; raise ingest.max_characters or split the file",
            )
        self.blocks.append(
            Block(
                kind=kind,
                start=start,
                end=self._length,
                page=page,
                box=None if boxes is None else enclosing(boxes),
                path=path,
                style=style,
                level=level,
                table=table,
                row=row,
                column=column,
                row_head=row_head,
                column_head=column_head,
            )
        )
        return start

    def issue(
        self, code: str, message: str, start: int | None = None, end: int | None = None, severity: str = "warning"
    ) -> None:
        """Record a doubt about what was read; the span counts in `text`."""
        self.issues.append(Issue("ingest", code, message, start, end, severity))

    def describe(self, name: str, value: str | None) -> None:
        """Record one metadata entry, unless the value is empty."""
        if value and value.strip():
            self.metadata[name] = " ".join(value.split())

    def _append(self, text: str, boxes: array[float] | None) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self.boxes is not None:
            self.boxes.extend(boxes if boxes is not None else array("f", UNDRAWN * len(text)))


def enclosing(boxes: array[float]) -> Box | None:
    """The smallest box around all characters that were drawn (four floats each), None where none was."""
    lefts, tops, rights, bottoms = ([value for value in boxes[side::4] if value == value] for side in range(4))
    return (min(lefts), min(tops), max(rights), max(bottoms)) if lefts else None
