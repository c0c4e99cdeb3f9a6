"""What came of a run: counted as it goes, and summed up at its end."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from pipeline import remote
from pipeline.inputs import Problem
from pipeline.workers import Result

READABLE = ("ok", "ok_partial")
SHEET = 22 * 28  # characters of a sheet in the official layout (GB/T 9704)
SLOWEST = 20


@dataclass(frozen=True, slots=True, order=True)
class Slow:
    """A file that took long, and the processor seconds that it took."""

    seconds: float
    path: str
    bytes: int
    outcome: str


@dataclass(slots=True)
class Tally:
    """What a run counts as it goes."""

    outcomes: Counter[str] = field(default_factory=Counter)
    issues: Counter[str] = field(default_factory=Counter)  # by code
    failed: list[Problem] = field(default_factory=list)
    place_years: set[tuple[str, int]] = field(default_factory=set)
    claims: int = 0
    pages: int = 0
    slowest: list[Slow] = field(default_factory=list)  # a heap

    def add(self, result: Result) -> None:
        """Count one document."""
        document, issuer, path = result.report.document, result.report.frame.issuer, remote.url(result.job.path)
        issues = result.report.issues
        self.outcomes[document.outcome] += 1
        self.issues.update(issue.code for issue in issues)
        self.claims += len(result.report.claims)
        if document.readable:
            self.pages += document.pages or -(-len(document.text) // SHEET)
            if issuer.place and issuer.year:
                self.place_years.add((issuer.place, issuer.year))
        else:
            errors = sorted(issues, key=lambda issue: issue.severity != "error")
            self.failed.append(Problem(path, document.outcome, errors[0].message if errors else ""))
        entry = Slow(round(result.seconds, 3), path, result.job.size, document.outcome)
        (heapq.heappush if len(self.slowest) < SLOWEST else heapq.heappushpop)(self.slowest, entry)


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a run. Counts are over the files given to it, those finished earlier included."""

    run: int
    files: int
    extracted: int  # in this run
    unchanged: int  # contents that were done already
    duplicates: int  # further paths of the same content
    outcomes: dict[str, int]
    documents: int
    claims: int
    place_years: int
    issues: dict[str, int]
    failed: tuple[Problem, ...]
    ignored: dict[str, int]
    seconds: float
    pages: int = 0  # read in this run; of formats without pages, sheets of the official layout
    slowest: tuple[Slow, ...] = ()  # of this run, the slowest first
    quarantined: int = 0  # contents that no run tries again unasked
    removed: int = 0  # files that were there once, below the given paths
    stopped: bool = False  # before its end: counts are of what this run has read, and of no file that was done earlier

    @property
    def pages_per_second(self) -> float:
        """Pace of this run, listing and storing included."""
        return self.pages / self.seconds if self.seconds else 0.0

    @property
    def exit_status(self) -> int:
        """0: all fine; 1: some inputs failed; 2: nothing could be done."""
        return (1 if set(self.outcomes) & set(READABLE) else 2) if self.failed or not self.files else 0
