"""Segments of the cleaned text on the source, where furniture stands between them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from pipeline.records import Edit, Segment, Text

FRAME = Segment(0, 0, "furniture", "general", "furniture", (), 1.0, "edit")
LONG = 20  # characters that a cut inside a line must have to be a segment of its own


def on_source(text: Text, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The segments with spans of `text.raw`, which they tile without gaps together with the pieces of furniture."""
    tiles = [replace(segment, start=text.source_span(segment.start, segment.end)[0]) for segment in segments]
    starts = [segment.start for segment in segments]
    resumed = []
    for edit in text.edits:
        if _is_frame(text.raw, edit):
            tiles.append(replace(FRAME, start=edit.start))
            after = text.clean_offset(edit.end)
            at = bisect_right(starts, after) - 1
            if at >= 0 and starts[at] < after < len(text.clean):
                resumed.append(replace(segments[at], start=edit.end))
    return _tiled(sorted([*tiles, *resumed], key=lambda tile: tile.start), len(text.raw))


def _is_frame(raw: str, edit: Edit) -> bool:
    """Whether an edit cuts a piece of furniture out, and not only a few characters between two words."""
    opens_line = edit.start == 0 or raw[edit.start - 1] == "\n"
    ends_line = edit.end == len(raw) or raw[edit.end - 1] == "\n"
    return edit.reason.startswith("furniture") and ((opens_line and ends_line) or edit.end - edit.start >= LONG)


def _tiled(tiles: list[Segment], length: int) -> tuple[Segment, ...]:
    """Stretch the pieces, which are in order, so that each ends where the next begins; drop the empty ones."""
    if not tiles:
        return (replace(FRAME, end=length),) if length else ()
    starts = [0, *(tile.start for tile in tiles[1:])]
    ends = [*starts[1:], length]
    stretched = [replace(tile, start=start, end=end) for tile, start, end in zip(tiles, starts, ends, strict=True)]
    return tuple(tile for tile in stretched if tile.start < tile.end)
