"""Where the characters of one text stand in another that differs in white space, page furniture or a little more."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Difference:
    """Characters of the truth that the reading lacks, and what it has in their place; white space left out."""

    start: int  # in the truth
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """`offsets[i]` is the place in the reading of character i of the truth; None for white space and what lacks."""

    offsets: tuple[int | None, ...]
    differences: tuple[Difference, ...]

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """The span of the reading that holds `truth[start:end]`, or None where no character of it was read."""
        found = [offset for offset in self.offsets[start:end] if offset is not None]
        return (min(found), max(found) + 1) if found else None


def align(truth: str, read: str) -> Alignment:
    """Align by the characters that are not white space. What only `read` has (page numbers, running headers) is a
    Difference with nothing expected."""
    here = [i for i, c in enumerate(truth) if not c.isspace()]
    there = [i for i, c in enumerate(read) if not c.isspace()]
    left, right = "".join(truth[i] for i in here), "".join(read[i] for i in there)
    offsets: list[int | None] = [None] * len(truth)
    differences = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for tag, a, b, c, d in [("equal", 0, len(left), 0, len(left))] if left == right else matcher.get_opcodes():
        if tag == "equal":
            for i, j in zip(range(a, b), range(c, d), strict=True):
                offsets[here[i]] = there[j]
        else:
            place = here[a] if a < len(here) else len(truth)
            differences.append(Difference(place, left[a:b], right[c:d]))
    return Alignment(tuple(offsets), tuple(differences))
