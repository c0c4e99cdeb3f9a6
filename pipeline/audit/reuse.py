"""Reuse: which texts of an archive have passages in common that are no set phrases.

    found = reuse.find(shadows, issuers)      # texts in order of time, the earliest first

Pairs worth comparing are nominated in two ways, both of which cost about as much as there is text: whole texts that
are alike by MinHash and LSH (datasketch), and passages by shared fingerprints. Each pair is then aligned exactly.
A text is compared with the first one that has the same fingerprint and with the NEAREST before it; which of them is
the origin nobody can know from an archive, only which is the earliest in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash, MinHashLSH

from pipeline.audit.reuse_align import Passage, passages, side
from pipeline.audit.reuse_letters import (
    RUN,
    WINDOW,
    Archive,
    Hashes,
    Integers,
    archive,
    common_length,
    fingerprints,
    hashes,
)

SHINGLE = 5  # letters by whose sets two whole texts are compared
ALIKE = 0.5  # Jaccard index of these sets from which on two texts are aligned as wholes
PERMUTATIONS = 128
NEAREST = 8
CLOSE = 0.1
FRAGMENTS = 3  # so many shared fingerprints are worth a look where no run is long



@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that share passages. Numbers count the texts as they were given."""

    earlier: int
    later: int
    similarity: float  # Jaccard index of their shingles
    passages: tuple[Passage, ...]  # spans count letters: see `reuse_letters.letters`

    @property
    def shared(self) -> int:
        """Letters of the later text that stand in the earlier one too."""
        return sum(passage.shared for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Reuse:
    """What the texts of an archive share. Counts are letters, one entry a text."""

    pairs: tuple[Pair, ...]
    letters: tuple[int, ...]
    reused: tuple[int, ...]  # in passages that an earlier text has
    phrases: tuple[int, ...]  # in set phrases

    @property
    def close(self) -> tuple[tuple[int, int], ...]:
        """The pairs that belong together: so much of the shorter text stands in the other one."""
        shorter = ((pair, min(self.letters[pair.earlier], self.letters[pair.later])) for pair in self.pairs)
        return tuple((pair.earlier, pair.later) for pair, size in shorter if pair.shared >= CLOSE * size)


def find(shadows: Iterable[str], issuers: Sequence[str], phrases: Sequence[str] = ()) -> Reuse:
    """All reuse among texts, which come one at a time in order of time; `issuers` names who issued each. `phrases` are
    set phrases that are known beside those that the archive teaches.

    The same texts in the same order give the same result, and the order of pairs is that of the later text, then of
    the earlier one.
    """
    read = archive(shadows, issuers, phrases)
    pairs = tuple(_aligned(read, sorted(_nominees(read), key=lambda pair: (pair[1], pair[0]))))
    covered = {pair.later: np.zeros(read.sizes[pair.later], dtype=np.bool_) for pair in pairs}
    for pair in pairs:
        for passage in pair.passages:
            covered[pair.later][slice(*passage.later)] = True
    return Reuse(
        pairs,
        tuple(read.sizes.tolist()),
        tuple(int(covered[number].sum()) if number in covered else 0 for number in range(len(read))),
        tuple(int(read.in_phrases(number).sum()) for number in range(len(read))),
    )


def clusters(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """For each of `count` things the least number among those that pairs connect it with."""
    least = list(range(count))

    def root(number: int) -> int:
        while least[number] != number:
            least[number] = least[least[number]]
            number = least[number]
        return number

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        least[high] = low
    return [root(number) for number in range(count)]


def similarity(one: Hashes, other: Hashes) -> float:
    """The Jaccard index of two sorted sets of shingles."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(1, len(one) + len(other) - common)


def _shingles(read: Archive, number: int) -> Hashes:
    return np.unique(hashes(read.text(number), SHINGLE))


def _aligned(read: Archive, nominees: Iterable[tuple[int, int]]) -> Iterator[Pair]:
    now, later, shingles = -1, None, None
    for first, second in nominees:
        if second != now or later is None or shingles is None:
            now, later = second, side(read.text(second), read.in_phrases(second))
            shingles = _shingles(read, second)
        alike = similarity(_shingles(read, first), shingles)
        found = passages(side(read.text(first), read.in_phrases(first)), later, alike >= ALIKE)
        if found:
            yield Pair(first, second, round(alike, 4), found)


def _nominees(read: Archive) -> set[tuple[int, int]]:
    return _alike(read) | _sharing(read)


def _alike(read: Archive) -> set[tuple[int, int]]:
    """Pairs of texts that are likely alike as wholes."""
    index = MinHashLSH(threshold=ALIKE, num_perm=PERMUTATIONS)
    found: set[tuple[int, int]] = set()
    sets = ((_shingles(read, number) >> np.uint64(32)).tolist() for number in range(len(read)))
    for number, sketch in enumerate(MinHash.generator(sets, num_perm=PERMUTATIONS, hashfunc=int)):
        before = sorted(index.query(sketch))
        found.update((other, number) for other in (*before[:1], *before[-NEAREST:]))
        index.insert(number, sketch)
    return found


def _sharing(read: Archive) -> set[tuple[int, int]]:
    """Pairs of texts with fingerprints in common that belong to a long run, or with several."""
    places, prints, owners = _fingerprints(read)
    heads = np.flatnonzero(np.concatenate(([True], prints[1:] != prints[:-1])))
    rank = np.arange(len(prints)) - np.repeat(heads, np.diff(np.concatenate((heads, [len(prints)]))))
    number = np.int64(max(1, len(read)))
    long_pairs: list[Integers] = []
    all_pairs: list[Integers] = []
    for back in range(NEAREST + 1):  # 0 stands for the first of all
        later = np.flatnonzero(rank > back) if back == 0 else np.flatnonzero(rank >= back)
        earlier = later - (rank[later] if back == 0 else back)
        apart = owners[earlier] != owners[later]
        earlier, later = earlier[apart], later[apart]
        keys = owners[earlier] * number + owners[later]
        common = common_length(read.codes, places[earlier], places[later], WINDOW)
        long_pairs.append(np.unique(keys[common >= RUN]))
        values, counts = np.unique(keys, return_counts=True)
        all_pairs.append(values[counts >= FRAGMENTS])
    chosen = np.unique(np.concatenate([*long_pairs, *all_pairs])).tolist()
    return {divmod(int(key), int(number)) for key in chosen}


def _fingerprints(read: Archive) -> tuple[Integers, Hashes, Integers]:
    """Of all texts: where fingerprints begin, their hashes, and whose they are; by hash, then by text."""
    parts = list(fingerprints(read))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing.astype(np.uint64), nothing
    places = np.concatenate([part[0] for part in parts])
    prints = np.concatenate([part[1] for part in parts])
    owners = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    order = np.lexsort((places, prints))
    return places[order], prints[order], owners[order]
