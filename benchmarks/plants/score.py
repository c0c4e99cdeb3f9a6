"""Cases → what the checks said of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from benchmarks.plants import archives, arithmetic, documents
from benchmarks.plants.cases import EACH, FAMILIES, Case, Paper, framed, frames, write
from pipeline import audit, run
from pipeline.config import Ingest, Settings
from pipeline.records import Finding, Report

SETTINGS = Settings(ingest=Ingest(ocr=False))


@dataclass(slots=True)
class Score:
    """What a check made of its cases. `missed` plants and `alarmed` look-alikes are kept with what was found."""

    check: str
    plants: int = 0
    lookalikes: int = 0
    missed: list[Case] = field(default_factory=list)
    alarmed: list[tuple[Case, Finding]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the plants that were found."""
        return 1 - len(self.missed) / self.plants if self.plants else 0.0

    @property
    def false_alarms(self) -> float:
        """Share of the look-alikes that the check pointed at."""
        return len(self.alarmed) / self.lookalikes if self.lookalikes else 0.0


def checks(table: Path | None = None) -> tuple[str, ...]:
    """The codes that the bench, or one table of frames, has cases for."""
    if table:
        return tuple(sorted({frame.check for frame in frames((table,))}))
    return tuple(sorted({frame.check for frame in frames()} | set(documents.MAKERS) | set(archives.MAKERS)))


def cases(check: str, plant: bool, wanted: int = EACH, table: Path | None = None) -> Iterator[Case]:
    """The cases of a check, the same on every run; of one table of frames only where it is given."""
    if table:
        yield from framed(check, plant, wanted, (table,))
    elif check in archives.MAKERS:
        yield from islice(archives.archives(check, plant), wanted)
    elif check in documents.MAKERS:
        yield from islice(documents.documents(check, plant), wanted)
    else:
        yield from framed(check, plant, wanted, FAMILIES)


def score(check: str, wanted: int = EACH, table: Path | None = None) -> Score:
    """Run a check on its plants and look-alikes. Raises TableError for a check that does not exist."""
    audit.chosen([check])
    result = Score(check)
    both = [case for plant in (True, False) for case in cases(check, plant, wanted, table)]
    size = archives.BATCH.get(check, 1) * 2 if check in archives.BATCH else len(both)
    for batch in _batches(both, size):
        for case, finding in _judged(batch, check in audit.ARCHIVE_CHECKS):
            result.plants += case.plant
            result.lookalikes += not case.plant
            if case.plant and finding is None:
                result.missed.append(case)
            elif not case.plant and finding is not None:
                result.alarmed.append((case, finding))
    return result


def _batches(both: Sequence[Case], size: int) -> Iterator[Sequence[Case]]:
    for start in range(0, len(both), max(size, 1)):
        yield both[start : start + size]


def _judged(batch: Iterable[Case], archive: bool) -> Iterator[tuple[Case, Finding | None]]:
    """Each case with a finding that points at its spans. Cases of an archive check share one database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if archive:
            yield from _judged_together(tuple(batch), folder)
            return
        for number, case in enumerate(batch):
            (place := folder / str(number)).mkdir()
            found = None
            for paper in case.papers:
                report = _read(paper, place)
                findings = audit.check_report(report, [case.check])
                found = found or _pointing(findings, report, paper, case)
            yield case, found


def _judged_together(batch: Sequence[Case], folder: Path) -> Iterator[tuple[Case, Finding | None]]:
    from pipeline.store import Database

    reports: dict[tuple[str, str], Report] = {}
    with Database(folder / "plants.db") as database:
        for case in batch:
            for paper in (*case.papers, *case.beside):
                if (paper.name, paper.text) not in reports:
                    (place := folder / str(len(reports))).mkdir()
                    report = reports[paper.name, paper.text] = _read(paper, place)
                    database.store(report)
        findings = audit.run(database, [batch[0].check])
    for case in batch:
        own = {reports[paper.name, paper.text].document.sha256 for paper in case.papers}
        found = None
        for paper in case.papers[-1:] if case.check == "F04" else case.papers:
            among = findings if case.check in ("F04", "F05") else [
                finding for finding in findings if {one.document for one in finding.evidence} <= own
            ]  # fmt: skip
            found = found or _pointing(among, reports[paper.name, paper.text], paper, case)
        yield case, found


def _read(paper: Paper, folder: Path) -> Report:
    return run.process(write(paper, folder), SETTINGS)


def _pointing(findings: Iterable[Finding], report: Report, paper: Paper, case: Case) -> Finding | None:
    """The first finding that rests on a marked span of the paper, on anything of it where the case marks none."""
    spans = paper.spans(report.document.text)
    if not any("⟦" in one.marked for one in case.papers):
        spans = [(0, len(report.document.text))]
    for finding in findings:
        for one in finding.evidence:
            own = one.document == report.document.sha256 and one.role != "context"
            if own and any(one.start < end and start < max(one.end, one.start + 1) for start, end in spans):
                return finding
    return None


def clean_arithmetic(wanted: int) -> tuple[int, list[tuple[str, Finding]]]:
    """How many sentences of clean arithmetic were read, and those that a check of numbers found fault with."""
    sentences = arithmetic.sentences(wanted)
    faults: list[tuple[str, Finding]] = []
    chosen = [check for check in arithmetic.CHECKS if check in audit.CHECKS]
    with tempfile.TemporaryDirectory() as name:
        for number, start in enumerate(range(0, wanted, arithmetic.IN_ONE)):
            text = arithmetic.report(sentences[start : start + arithmetic.IN_ONE])
            report = _read(Paper(f"清单{number}", text), Path(name))
            for finding in audit.check_report(report, chosen):
                at = finding.evidence[0].start
                line = text.rfind("\n", 0, at) + 1
                faults.append((text[line : text.find("\n", at)], finding))
    return wanted, faults
