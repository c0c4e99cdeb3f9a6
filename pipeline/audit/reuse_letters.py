"""Texts as letters: what is left when spaces and punctuation are gone, every thirteen of them hashed.

A *gram* is GRAM letters in a row. The archive's set phrases (以习近平新时代…为指导) are the grams that many issuers
have in common; which those are is learned from the archive itself. Fingerprints are grams chosen by winnowing
(Schleimer, Wilkerson and Aiken 2003): whatever two texts have in common over RUN letters, some of it beyond set
phrases, they have a fingerprint of it in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

GRAM = 13  # letters that hardly ever agree by chance
RUN = 40  # letters in a row that a copied passage has at least
WINDOW = RUN - GRAM + 1
FEWEST_ISSUERS = 5  # nothing that fewer issuers say is a set phrase
ISSUER_SHARE = 0.05  # and in a large archive, nothing that a smaller share of them says
GRAMS_AT_ONCE = 1 << 22  # how many are counted at a time: 32 MB

Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

NEVER = np.uint64(2**64 - 1)
_BREAK = 0x110000  # above every code point: what stands between two texts equals nothing
_IS_LETTER = np.array([chr(code).isalnum() for code in range(0x10000)], dtype=np.bool_)
_FULL_WIDTH = (0xFF10, 0xFF5B, 0xFEE0)  # ０ to ｚ, and how far they stand from 0 to z


def letters(shadow: str) -> tuple[Codes, Integers]:
    """The letters and digits of a text, full-width ones as plain ones, and where in the text each stands."""
    codes = np.frombuffer(shadow.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.flatnonzero(_IS_LETTER[np.minimum(codes, 0xFFFF)] | (codes > 0xFFFF))
    kept = codes[places]
    first, last, shift = _FULL_WIDTH
    wide = (kept >= first) & (kept < last)
    return np.where(wide, kept - np.uint32(shift), kept).astype(np.uint32), places


def hashes(codes: Codes, length: int = GRAM) -> Hashes:
    """The hash of every `length` letters in a row; empty where the text is shorter."""
    count = max(0, len(codes) - length + 1)
    total = np.zeros(count, dtype=np.uint64)
    for offset in range(length):
        total = total * np.uint64(0x100000001B3) + codes[offset : offset + count]
    total ^= total >> np.uint64(33)  # the finalizer of MurmurHash3: every bit of the input moves every bit
    total *= np.uint64(0xFF51AFD7ED558CCD)
    total ^= total >> np.uint64(33)
    total *= np.uint64(0xC4CEB9FE1A85EC53)
    return total ^ (total >> np.uint64(33))


@dataclass(frozen=True, slots=True)
class Archive:
    """The letters of all texts in one row, a break before, between and behind them.

    Text `i` has `codes[starts[i] : starts[i] + sizes[i]]`. `phrase` flags the letters at which a set phrase's gram
    begins.
    """

    codes: Codes
    starts: Integers
    sizes: Integers
    phrase: Flags

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, number: int) -> Codes:
        """The letters of one text."""
        start = self.starts[number]
        return self.codes[start : start + self.sizes[number]]

    def in_phrases(self, number: int) -> Flags:
        """Which letters of one text belong to a set phrase."""
        start, size = self.starts[number], self.sizes[number]
        steps = np.zeros(size + 1, dtype=np.int64)
        begins = np.flatnonzero(self.phrase[start : start + size])
        np.add.at(steps, begins, 1)
        np.subtract.at(steps, begins + GRAM, 1)
        return np.asarray(np.cumsum(steps[:-1]) > 0)


def archive(shadows: Iterable[str], issuers: Sequence[str], phrases: Sequence[str] = ()) -> Archive:
    """Read the texts, one at a time, and learn their set phrases; `issuers` says who issued each of them, `phrases`
    which are known before."""
    pieces = [np.array([_BREAK], dtype=np.uint32)]
    for number, shadow in enumerate(shadows, 1):
        pieces += [letters(shadow)[0], np.array([_BREAK + number], dtype=np.uint32)]
    sizes = np.array([len(piece) for piece in pieces[1::2]], dtype=np.int64)
    codes = np.concatenate(pieces)
    starts = np.cumsum(np.concatenate(([0], sizes[:-1] + 1))) + 1 if len(sizes) else np.zeros(0, dtype=np.int64)
    read = Archive(codes, starts, sizes, np.zeros(len(codes), dtype=np.bool_))
    known = [hashes(letters(phrase)[0]) for phrase in phrases]
    bank = np.unique(np.concatenate([_set_phrases(read, issuers), *known]))
    for number in range(len(read)):
        grams = hashes(read.text(number))
        read.phrase[starts[number] : starts[number] + len(grams)] = _among(grams, bank)
    return read


def _set_phrases(read: Archive, issuers: Sequence[str]) -> Hashes:
    """The grams that so many issuers have that they belong to nobody. Counted a part of them at a time."""
    texts: dict[str, list[int]] = {}
    for number, issuer in enumerate(issuers):
        texts.setdefault(issuer, []).append(number)
    least = max(FEWEST_ISSUERS, round(ISSUER_SHARE * len(texts)))
    parts = np.uint64(len(read.codes) // GRAMS_AT_ONCE + 1)
    found = [np.zeros(0, dtype=np.uint64)]
    for part in range(int(parts)):
        own = []
        for numbers in texts.values():
            grams = np.concatenate([hashes(read.text(number)) for number in numbers])
            own.append(np.unique(grams[grams % parts == part]))
        values, counts = np.unique(np.concatenate(own or found), return_counts=True)
        found.append(values[counts >= least])
    return np.concatenate(found)


def _among(grams: Hashes, bank: Hashes) -> Flags:
    at = np.searchsorted(bank, grams)
    inside = at < len(bank)
    inside[inside] = bank[at[inside]] == grams[inside]
    return np.asarray(inside)


def fingerprints(read: Archive) -> Iterator[tuple[Integers, Hashes]]:
    """For each text, where in `read.codes` its fingerprints begin, and their hashes: of every WINDOW grams the one
    with the least hash, set phrases last."""
    for number in range(len(read)):
        start = int(read.starts[number])
        grams = hashes(read.text(number))
        grams[read.phrase[start : start + len(grams)]] = NEVER
        if len(grams) > WINDOW:
            windows = np.lib.stride_tricks.sliding_window_view(grams, WINDOW)
            chosen = np.unique(windows.argmin(axis=1) + np.arange(len(windows)))
        else:
            chosen = np.array([grams.argmin()] if len(grams) else [], dtype=np.int64)
        chosen = chosen[grams[chosen] != NEVER]
        yield chosen + start, grams[chosen]


def common_length(codes: Codes, left: Integers, right: Integers, most: int) -> Integers:
    """How many letters around the grams that begin at `left` and `right` agree without a break, up to `most` on each
    side and the gram itself."""
    total = np.full(len(left), GRAM, dtype=np.int64)
    for step, origin in ((-1, -1), (1, GRAM)):
        alive = np.arange(len(left))
        for distance in range(most):
            shift = origin + step * distance
            alive = alive[codes[left[alive] + shift] == codes[right[alive] + shift]]
            if not len(alive):
                break
            total[alive] += 1
    return total


def spans(flags: Flags) -> list[tuple[int, int]]:
    """The stretches of letters that are flagged."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in list(pairwise(edges))[::2]]
