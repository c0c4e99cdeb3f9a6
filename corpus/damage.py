"""The damage that reports suffer on their way through hosts and converters, with every offset carried along."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import opencc
from markup import MarkupError, Mention, Source

Edit = tuple[int, int, str]
"""Start, end, replacement."""

_CLOSING = set("，。；：！？、）》”’％%…—】〕")
_OPENING = set("（《“‘【〔")
_UNBREAKABLE = re.compile(r"[0-9A-Za-z.,%％０-９]+|.", re.DOTALL)


def wrap_points(line: str, limit: float, width: Callable[[str], float]) -> list[int]:
    """Offsets at which `line` breaks so that no part is wider than `limit`: numbers and Latin words stay whole, closing
    punctuation hangs over the margin, opening brackets go to the next line."""
    points: list[int] = []
    used = 0.0
    for token in _UNBREAKABLE.finditer(line):
        step = width(token[0])
        if used + step > limit and token[0] not in _CLOSING and token.start() > (points[-1] if points else 0):
            point = token.start()
            if line[point - 1] in _OPENING and point - 1 > (points[-1] if points else 0):
                point -= 1
            points.append(point)
            used = width(line[point : token.start()])
        used += step
    return points


def damage(source: Source) -> None:
    """Apply the `#damage` of a source to it, in the order in which it is written."""
    for name, value in source.options["damage"].items():
        if name not in _STEPS:
            raise MarkupError(f"{source.path.name}: unknown damage {name!r}; known: {', '.join(_STEPS)}")
        _STEPS[name](source, value)


def _apply(source: Source, edits: list[Edit]) -> None:
    """Carry out insertions and deletions, in order, none overlapping; what begins at an insertion begins behind it."""

    def moved(offset: int, behind: bool) -> int:
        gone = (e for e in edits if e[0] < offset or (behind and e[0] == e[1] == offset))
        return offset + sum(len(text) - (min(end, offset) - start) for start, end, text in gone)

    last = len(source.text)
    for mention in source.mentions:
        mention.start, mention.end = moved(mention.start, True), moved(mention.end, False)
    for segment in source.segments:
        segment.start, segment.end = moved(segment.start, False), moved(segment.end, segment.end == last)
    source.tables = [(moved(start, True), moved(end, False)) for start, end in source.tables]
    for start, end, text in reversed(edits):
        source.text = source.text[:start] + text + source.text[end:]


def _wrap(source: Source, value: str) -> None:
    edits: list[Edit] = []
    for line in re.finditer(r"[^\n]+", source.text):
        if any(start <= line.start() < end for start, end in source.tables):
            continue
        edits += [(line.start() + p, line.start() + p, "\n") for p in wrap_points(line[0], int(value), len)]
    _apply(source, edits)


def _markers(source: Source, value: str) -> None:
    inside = {i for m in source.mentions for i in range(m.start + 1, m.end)}
    inside |= {i for start, end in source.tables for i in range(start, end)}
    place = next(s.start for s in source.segments if s.label != "furniture")
    end = max(s.end for s in source.segments if s.label != "furniture")
    edits: list[Edit] = [(place, place, "1、")]
    while (place := place + int(value)) < end - 10:
        while place in inside or not re.fullmatch(r"[一-鿿]{2}", source.text[place - 1 : place + 1]):
            place += 1
        edits.append((place, place, f"\n{len(edits) + 1}、"))
    _apply(source, edits)
    shift = 0
    for start, _, text in edits:
        number = text.strip("\n、")
        at = start + shift + text.index(number)
        source.mentions.append(Mention("noise", at, at + len(number)))
        shift += len(text)
    source.mentions.sort(key=lambda m: (m.start, -m.end))


def _han_spaces(source: Source, value: str) -> None:
    random = Random(source.file)
    places = [m.start() + 1 for m in re.finditer(r"[一-鿿](?=[一-鿿])", source.text)]
    _apply(source, [(p, p, " ") for p in places if random.random() < float(value)])


def _traditional(source: Source, value: str) -> None:
    text = opencc.OpenCC("s2tw").convert(source.text)
    if len(text) != len(source.text):
        raise MarkupError(f"{source.path.name}: the Traditional text has another length")
    source.text = text


def _fullwidth(source: Source, value: str) -> None:
    source.text = source.text.translate(str.maketrans("0123456789%", "０１２３４５６７８９％"))


def _lost_brackets(source: Source, value: str) -> None:
    found = re.finditer(r"[〔〕]|（(?=[一二三四五六七八九十0-9]{1,3}）)|(?<=（[一二三四五六七八九十0-9])）"
                        r"|(?<=（[一二三四五六七八九十0-9]{2})）", source.text)  # fmt: skip
    _apply(source, [(m.start(), m.end(), "") for m in found])


def _lost_quotes(source: Source, value: str) -> None:
    _apply(source, [(m.start(), m.end(), "") for m in re.finditer(r"[“”《》]", source.text)])


_STEPS = {
    "wrap": _wrap,
    "markers": _markers,
    "han_spaces": _han_spaces,
    "traditional": _traditional,
    "fullwidth": _fullwidth,
    "lost_brackets": _lost_brackets,
    "lost_quotes": _lost_quotes,
}
