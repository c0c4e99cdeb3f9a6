"""Styles of Word documents: the name, outline level and list that a paragraph takes from its style."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from pipeline.ingest.numbering import W, number, value

_STYLE_ID, _TYPE = W + "styleId", W + "type"
_UNUSED = (b'w:type="table"', b'w:type="character"')  # as nearly everybody writes it; tested without the expression
_UNUSED_STYLE = re.compile(rb'[^>]{0,200}?w:type="(?:table|character)"')


@dataclass(slots=True)
class Style:
    """What a paragraph takes from its style, with what the style takes from those that it is based on."""

    name: str
    level: int | None = None  # outline level from 1
    list_id: str | None = None
    list_level: int | None = None


def paragraph_styles(data: bytes) -> bytes:
    """styles.xml without what nothing here needs, nine tenths of it: defaults, styles of tables and characters."""
    head, *pieces = data.split(b"<w:style ")
    latent, end = head.find(b"<w:latentStyles"), head.find(b"</w:latentStyles>")
    kept = [head if latent < 0 or end < latent else head[:latent] + head[end + len(b"</w:latentStyles>") :]]
    for piece in pieces:
        if piece.startswith(_UNUSED) or _UNUSED_STYLE.match(piece):
            if not piece.endswith(b"</w:style>"):
                end = piece.rfind(b"</w:style>")
                kept.append(piece[end + len(b"</w:style>") :] if end >= 0 else piece)
        else:
            kept.append(b"<w:style " + piece)
    return b"".join(kept)


class Styles:
    """styles.xml: what each style gives, with what those that it is based on give."""

    def __init__(self, root: etree._Element | None) -> None:
        self.default = ""
        self.lists: dict[str, str] = {}  # numbering style → the numId that it stands for
        self._raw: dict[str, etree._Element] = {}
        self._resolved: dict[str, Style] = {}
        for element in () if root is None else root.iterchildren(W + "style"):
            key, kind = element.get(_STYLE_ID, ""), element.get(_TYPE)
            self._raw[key] = element
            if kind == "paragraph" and element.get(W + "default") in ("1", "true"):
                self.default = key
            if kind == "numbering":
                self.lists[key] = value(element.find(f"{W}pPr/{W}numPr"), "numId") or ""

    def get(self, key: str) -> Style:
        """The style of that id; one that only has a name where there is none."""
        if key not in self._resolved:
            self._resolved[key] = self._resolve(key)
        return self._resolved[key]

    def _resolve(self, key: str) -> Style:
        style = Style((value(self._raw[key], "name") if key in self._raw else None) or key)
        seen: set[str] = set()
        level: str | None = None
        current: str | None = key
        while current is not None and current in self._raw and current not in seen:
            seen.add(current)
            properties = self._raw[current].find(W + "pPr")
            level = level or value(properties, "outlineLvl")
            listed = None if properties is None else properties.find(W + "numPr")
            if listed is not None:
                style.list_id = style.list_id or value(listed, "numId")
                index = value(listed, "ilvl")
                if style.list_level is None and index is not None:
                    style.list_level = number(index)
            current = value(self._raw[current], "basedOn")
        style.level = None if level is None else outline(level)
        if style.level is None and style.name.lower() == "title":
            style.level = 1
        return style


def outline(level: str) -> int | None:
    """Outline level from 1 of a level as Word writes it, from 0; None for body text."""
    return number(level, 9) + 1 if 0 <= number(level, 9) < 9 else None
