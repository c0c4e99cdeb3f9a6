"""Two texts side by side: the exact runs of letters that they share, chained into passages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.audit.reuse_letters import GRAM, RUN, Codes, Flags, Hashes, Integers, hashes

GAP = 16  # letters between two runs of one passage, at most: a number or a name that was changed
REPEATS = 4  # a gram that stands in a text more often than this is a refrain, and no anchor


@dataclass(frozen=True, slots=True)
class Run:
    """Letters that stand in both texts, one for one."""

    earlier: int
    later: int
    length: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Runs that follow one another in both texts. Spans count letters."""

    runs: tuple[Run, ...]
    own: int  # shared letters that belong to no set phrase

    @property
    def earlier(self) -> tuple[int, int]:
        """Its span in the earlier text."""
        return self.runs[0].earlier, self.runs[-1].earlier + self.runs[-1].length

    @property
    def later(self) -> tuple[int, int]:
        """Its span in the later text."""
        return self.runs[0].later, self.runs[-1].later + self.runs[-1].length

    @property
    def shared(self) -> int:
        """How many letters are the same."""
        return sum(run.length for run in self.runs)


@dataclass(frozen=True, slots=True)
class Side:
    """One text as it is aligned. `phrases` flags the letters that belong to set phrases."""

    grams: Hashes
    phrases: Flags


def side(codes: Codes, phrases: Flags) -> Side:
    """A text made ready for aligning."""
    return Side(hashes(codes), phrases)


def passages(earlier: Side, later: Side, alike: bool = False) -> tuple[Passage, ...]:
    """What the later text has of the earlier one, in the later one's order: chains of runs that together have at least
    RUN letters beyond set phrases; of texts that are `alike` as wholes, set phrases count too. No letter of either text
    is in two passages."""
    chosen = _disjoint(_runs(earlier.grams, later.grams))
    found = (Passage(tuple(chain), _own(chain, later.phrases)) for chain in _chains(chosen))
    return tuple(passage for passage in found if (passage.shared if alike else passage.own) >= RUN)


def _runs(earlier: Hashes, later: Hashes) -> list[Run]:
    """All maximal runs of at least GRAM letters, the longest first."""
    left, right = _joined(earlier, later)
    order = np.lexsort((right, left - right))
    left, right = left[order], right[order]
    if not len(left):
        return []
    breaks = np.flatnonzero((np.diff(right) != 1) | (np.diff(left) != 1)) + 1
    begins = np.concatenate(([0], breaks))
    lengths = np.diff(np.concatenate((begins, [len(left)]))) + GRAM - 1
    found = zip(left[begins].tolist(), right[begins].tolist(), lengths.tolist(), strict=True)
    return sorted((Run(*run) for run in found), key=lambda run: (-run.length, run.later, run.earlier))


def _joined(earlier: Hashes, later: Hashes) -> tuple[Integers, Integers]:
    """Where the two texts have the same gram: its places in the one and in the other."""
    order = np.argsort(earlier, kind="stable")
    ordered = earlier[order]
    first, last = np.searchsorted(ordered, later), np.searchsorted(ordered, later, "right")
    counts = last - first
    counts[counts > REPEATS] = 0
    right = np.repeat(np.arange(len(later)), counts)
    within = np.arange(len(right)) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[np.repeat(first, counts) + within], right


def _disjoint(runs: list[Run]) -> list[Run]:
    """The longest runs that share no letter on either side; what is left of a shorter one beside them is dropped where
    it is shorter than a gram. In the later text's order."""
    taken: list[Run] = []
    for run in runs:
        for kept in taken:
            run = _beside(run, kept)
            if run.length < GRAM:
                break
        else:
            taken.append(run)
    return sorted(taken, key=lambda run: run.later)


def _beside(run: Run, kept: Run) -> Run:
    """The longer end of a run that sticks out of a kept one."""
    for which in ("earlier", "later"):
        ahead = getattr(kept, which) - getattr(run, which)
        before, skipped = (max(0, min(run.length, end)) for end in (ahead, ahead + kept.length))
        if skipped > before:  # they overlap
            after = run.length - skipped
            if before >= after:
                run = Run(run.earlier, run.later, before)
            else:
                run = Run(run.earlier + skipped, run.later + skipped, after)
    return run


def _chains(runs: list[Run]) -> Iterator[list[Run]]:
    chain: list[Run] = []
    for run in runs:
        if chain and not _follows(run, chain[-1]):
            yield chain
            chain = []
        chain.append(run)
    if chain:
        yield chain


def _follows(run: Run, last: Run) -> bool:
    return 0 <= run.later - last.later - last.length <= GAP and 0 <= run.earlier - last.earlier - last.length <= GAP


def _own(chain: list[Run], phrases: Flags) -> int:
    return sum(run.length - int(phrases[run.later : run.later + run.length].sum()) for run in chain)
