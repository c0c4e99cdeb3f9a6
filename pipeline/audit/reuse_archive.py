"""Reuse in a database: looked for when the archive has changed, kept in its reuse tables, read from there.

with pipeline.open_database("hebao.db", read_only=False) as database:
    reuse_archive.refresh(database)
    for pair in reuse_archive.pairs(database):
        print(pair.earlier.name, pair.later.name, pair.share, len(pair.passages))
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import clean
from pipeline.audit.base import Span, settings
from pipeline.records import Edit, Text
from pipeline.store.audit import archive_digest
from pipeline.store.schema import transaction

if TYPE_CHECKING:
    from pipeline.audit.reuse import Pair as Found
    from pipeline.store import Database

TEXTS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Writing:
    """A document as reuse is told of: shares are of 1, of its letters."""

    sha256: str
    name: str
    place: str | None
    year: int | None
    letters: int
    own_share: float | None  # not in any earlier document of the archive; None where there is no text
    phrase_share: float | None  # in set phrases of the archive
    cluster: int  # documents that belong together have the same number


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that two documents share. Spans are of the source; counts are letters."""

    earlier: Span
    later: Span
    shared: int
    own: int  # shared, and no set phrase


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents that share passages, in the order of the later one's text.

    `directed` is false where both report on the same year or a year is unknown: then `earlier` is only the first by
    name. `share` is of the later one's letters.
    """

    earlier: Writing
    later: Writing
    directed: bool
    similarity: float  # Jaccard index of the two sets of five letters in a row
    shared: int
    share: float
    passages: tuple[Passage, ...]

    @property
    def same_place(self) -> bool:
        """Whether one issuer reports in both."""
        return self.earlier.place is not None and self.earlier.place == self.later.place


def refresh(database: Database, anew: bool = False) -> bool:
    """Look for reuse where the archive has changed since it was last done, or `anew`; whether it was done."""
    connection = database.connection
    state = (archive_digest(database), _method())
    if not anew and connection.execute("SELECT archive, method FROM reuse_state").fetchone() == state:
        return False
    from pipeline.audit import reuse

    documents = connection.execute(
        "SELECT key, sha256, place, year FROM documents WHERE outcome IN ('ok', 'ok_partial')"
        " ORDER BY year IS NULL, year, name, sha256"
    ).fetchall()
    keys = [key for key, *_ in documents]
    shadows = (_text(database, key).shadow for key in keys)
    found = reuse.find(shadows, [place or sha256 for _, sha256, place, _ in documents], _phrases())
    heads = reuse.clusters(len(keys), found.close)
    years = [year for *_, year in documents]
    with transaction(connection):
        for table in ("reuse_documents", "reuse_pairs", "reuse_state"):
            connection.execute(f"DELETE FROM {table}")
        connection.executemany(
            "INSERT INTO reuse_documents (document, letters, reused, phrases, cluster) VALUES (?, ?, ?, ?, ?)",
            zip(keys, found.letters, found.reused, found.phrases, (keys[head] for head in heads), strict=True),
        )
        _insert(database, found.pairs, keys, years, found.letters)
        connection.execute("INSERT INTO reuse_state VALUES (?, ?)", state)
    return True


def _insert(
    database: Database, pairs: Sequence[Found], keys: Sequence[int], years: Sequence[int | None], sizes: Sequence[int]
) -> None:
    from pipeline.audit.reuse_letters import letters

    @lru_cache(maxsize=TEXTS_KEPT)
    def read(key: int) -> tuple[Text, Any]:
        text = _text(database, key)
        return text, letters(text.shadow)[1]

    def source(key: int, span: Span) -> Span:
        text, places = read(key)
        return text.source_span(int(places[span[0]]), int(places[span[1] - 1]) + 1)

    for number, pair in enumerate(pairs, 1):
        earlier, later = keys[pair.earlier], keys[pair.later]
        known = years[pair.earlier] is not None and years[pair.later] is not None
        directed = known and years[pair.earlier] != years[pair.later]
        database.connection.execute(
            "INSERT INTO reuse_pairs (key, earlier, later, directed, similarity, shared, share)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, earlier, later, int(directed), pair.similarity, pair.shared, pair.shared / sizes[pair.later]),
        )
        database.connection.executemany(
            "INSERT INTO reuse_passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((number, place, *source(earlier, passage.earlier), *source(later, passage.later), passage.shared,
              passage.own) for place, passage in enumerate(pair.passages)),
        )  # fmt: skip


def _text(database: Database, key: int) -> Text:
    text = database.connection.execute("SELECT text FROM documents WHERE key = ?", (key,)).fetchone()[0]
    edits = database.connection.execute(
        'SELECT start, "end", replacement, reason FROM edits WHERE document = ? ORDER BY number', (key,)
    )
    return clean.apply(text, [Edit(*edit) for edit in edits])


def _phrases() -> tuple[str, ...]:
    return tuple(settings()["F05"].options["phrases"])


def _method() -> str:
    """Digest of the code and the phrases that reuse is found by."""
    total = hashlib.sha256(repr(_phrases()).encode())
    for path in sorted(Path(__file__).parent.glob("reuse*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def writings(database: Database) -> list[Writing]:
    """Every readable document, by place, year and name. Empty before the first `refresh`."""
    return [writing for _, writing in sorted(_writings(database).items(), key=_by_place)]


def _by_place(item: tuple[int, Writing]) -> tuple[Any, ...]:
    writing = item[1]
    return writing.place is None, writing.place, writing.year is None, writing.year, writing.name, writing.sha256


def _writings(database: Database) -> dict[int, Writing]:
    found = database.connection.execute(
        "SELECT d.key, d.sha256, d.name, d.place, d.year, r.letters, r.own_share,"
        " CASE WHEN r.letters > 0 THEN 1.0 * r.phrases / r.letters END, r.cluster"
        " FROM reuse_documents AS r JOIN documents AS d ON d.key = r.document"
    )
    return {key: Writing(*values) for key, *values in found}


def pairs(database: Database, sha256: str | None = None) -> list[Pair]:
    """Pairs of documents that share passages, those first that share the greatest part of the later one; all of them,
    or those of one document. Empty before the first `refresh`."""
    documents = _writings(database)
    found = database.connection.execute(
        "SELECT key, earlier, later, directed, similarity, shared, share FROM reuse_pairs ORDER BY share DESC, key"
    ).fetchall()
    return [
        Pair(documents[earlier], documents[later], bool(directed), similarity, shared, share,
             tuple(_passages(database, key)))
        for key, earlier, later, directed, similarity, shared, share in found
        if earlier in documents and later in documents
        and sha256 in (None, documents[earlier].sha256, documents[later].sha256)
    ]  # fmt: skip


def _passages(database: Database, pair: int) -> Iterator[Passage]:
    found = database.connection.execute(
        "SELECT earlier_start, earlier_end, later_start, later_end, shared, own FROM reuse_passages WHERE pair = ?"
        " ORDER BY number",
        (pair,),
    )
    yield from (Passage((row[0], row[1]), (row[2], row[3]), row[4], row[5]) for row in found)


def same_numbers(database: Database, pair: Pair) -> list[tuple[str, str]]:
    """The claims of two documents that stand in the same passage and say the same: (id in the earlier, id in the later
    one), in the order of the later text. Masked numbers say nothing."""
    query = (
        "SELECT c.id, c.base_value_low, c.base_value_high, c.base_unit, c.object FROM claims AS c"
        " JOIN documents AS d ON d.key = c.document"
        ' WHERE d.sha256 = ? AND c.start >= ? AND c."end" <= ? AND c.base_value_low IS NOT NULL ORDER BY c.start'
    )
    same: list[tuple[str, str]] = []
    for passage in pair.passages:
        before: dict[tuple[Any, ...], list[str]] = {}
        for id_, *said in database.connection.execute(query, (pair.earlier.sha256, *passage.earlier)):
            before.setdefault(tuple(said), []).append(id_)
        for id_, *said in database.connection.execute(query, (pair.later.sha256, *passage.later)):
            if waiting := before.get(tuple(said)):
                same.append((waiting.pop(0), id_))
    return same
