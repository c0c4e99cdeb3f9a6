"""Finding words: the trigram index where words have three characters, a scan where they have fewer.

White space in the text never hides a word (a hard line wrap inside 卫生死角), capital letters neither.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

CONTEXT = 24
INDEXED = 3  # characters that the trigram tokenizer needs

SEGMENTS = """
SELECT d.key, s.start, s."end", s.label, s.heading_path
FROM segments AS s JOIN documents AS d ON d.key = s.document
WHERE {where} ORDER BY d.name, d.sha256, s.number
"""
CLAIMS = """
SELECT d.key, c.start, c."end", c.label, c.heading_path, c.id, c.surface, c.object
FROM claims AS c JOIN documents AS d ON d.key = c.document
WHERE {where} ORDER BY d.name, d.sha256, c.number
"""

# a text is scanned once, not once for each of its segments
WHOLE = "d.key IN (SELECT key FROM documents WHERE {})"


def hits(connection: sqlite3.Connection, words: str) -> Iterator[tuple[Any, ...]]:
    """Rows of the table `hits`: each place where the first word stands in a segment that has all of them, then each
    claim whose object has them though the text of its segment does not."""
    terms = words.split()
    if not terms:
        return
    patterns = [re.compile(r"\s*".join(map(re.escape, term)), re.IGNORECASE) for term in terms]
    texts = _Texts(connection)
    found: dict[int, list[tuple[int, int]]] = {}
    where, values = _where(terms, "segment_words", "s.key", "text", WHOLE)
    for key, start, end, label, path in connection.execute(SEGMENTS.format(where=where), values):
        segment = texts[key][start:end]
        if all(pattern.search(segment) for pattern in patterns):
            found.setdefault(key, []).append((start, end))
            for match in patterns[0].finditer(segment):
                yield texts.hit(key, start + match.start(), start + match.end(), label, path, None)
    where, values = _where(terms, "claim_words", "c.key", "c.surface || char(10) || ifnull(c.object, '')")
    for key, start, end, label, path, claim, surface, thing in connection.execute(CLAIMS.format(where=where), values):
        shown = any(first <= start < last for first, last in found.get(key, ()))
        if not shown and all(pattern.search(f"{surface}\n{thing or ''}") for pattern in patterns):
            yield texts.hit(key, start, end, label, path, claim)


def _where(terms: list[str], index: str, key: str, text: str, scan: str = "{}") -> tuple[str, list[str]]:
    """The condition that every term stands in `text`, by the index or, all terms being short, by the scan."""
    long = [term for term in terms if len(term) >= INDEXED]
    if long:
        quoted = " AND ".join('"' + term.replace('"', '""') + '"' for term in long)
        return f"{key} IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)", [quoted]
    escaped = [[re.sub(r"([\\%_])", r"\\\1", character) for character in term] for term in terms]
    told = " AND ".join([f"{text} LIKE ? ESCAPE '\\'"] * len(terms))
    return scan.format(told), ["%" + "%".join(term) + "%" for term in escaped]


class _Texts:
    """The text of the document that was asked for last, and hits in it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.key: int | None = None

    def __getitem__(self, key: int) -> str:
        if key != self.key:
            row = self.connection.execute("SELECT text, name, sha256, place, year FROM documents WHERE key = ?", (key,))
            self.key = key
            self.text, *self.head = row.fetchone()
        text: str = self.text
        return text

    def hit(self, key: int, start: int, end: int, label: str | None, path: str, claim: str | None) -> tuple[Any, ...]:
        text = self[key]
        page = self.connection.execute(
            "SELECT page FROM blocks WHERE document = ? AND start <= ? ORDER BY start DESC LIMIT 1", (key, start)
        ).fetchone()
        before = " ".join(text[max(0, start - CONTEXT) : start].split())
        after = " ".join(text[end : end + CONTEXT].split())
        return (*self.head, page and page[0], label, path, start, end, before, text[start:end], after, claim)
