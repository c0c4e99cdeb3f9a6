"""Segments of the cleaned text on the source, where furniture stands between them."""

from __future__ import annotations

from dataclasses import replace

from pipeline.records import Edit, Segment, Text

FRAME = Segment(0, 0, "furniture", "general", "furniture", (), 1.0, "edit")
LONG = 20  # characters that a cut inside a line must have to be a segment of its own


def on_source(text: Text, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The segments with spans of `text.raw`, which they tile without gaps together with one of each piece of furniture."""
    places = [(text.source_span(segment.start, segment.end)[0], segment) for segment in segments]
    cut = [edit for edit in text.edits if _is_frame(text.raw, edit)]
    pieces = sorted([*((edit.start, 0, FRAME) for edit in cut), *((start, 1, segment) for start, segment in places)],
                    key=lambda piece: piece[:2])  # fmt: skip
    ends = iter(edit.end for edit in cut)
    tiles: list[Segment] = []
    current: Segment | None = None  # the report's own segment that goes on behind furniture
    for start, _, segment in pieces:
        if segment is FRAME:
            end = next(ends)
            tiles.append(replace(FRAME, start=start, end=end))
            if current and end < len(text.raw):
                tiles.append(replace(current, start=end))
        else:
            current = segment
            tiles.append(replace(segment, start=start))
    return _tiled(tiles, len(text.raw))


def _is_frame(raw: str, edit: Edit) -> bool:
    if not edit.reason.startswith("furniture"):
        return False
    whole_lines = raw[: edit.start].rstrip(" \t").endswith(("\n", "")) and raw[edit.end - 1 : edit.end] == "\n"
    return whole_lines or edit.end - edit.start >= LONG or edit.end == len(raw) or edit.start == 0


def _tiled(tiles: list[Segment], length: int) -> tuple[Segment, ...]:
    """Stretch the pieces, which are in order, so that each ends where the next begins; drop the empty ones."""
    if not tiles:
        return (replace(FRAME, end=length),) if length else ()
    starts = [0, *(tile.start for tile in tiles[1:])]
    ends = [*starts[1:], length]
    stretched = [replace(tile, start=start, end=end) for tile, start, end in zip(tiles, starts, ends, strict=True)]
    return tuple(tile for tile in stretched if tile.start < tile.end)
