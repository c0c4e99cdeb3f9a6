"""What every check works with: the report or the archive, the check's own settings, and the one way to build findings.

A report check is `(Context) -> Iterator[Finding]`, an archive check `(ArchiveContext) -> Iterator[Finding]`. A module
of checks ends in `CHECKS` (report checks by code) or `ARCHIVE_CHECKS` (archive checks); pipeline/audit/__init__.py
merges them. What a check says of itself, its severity, thresholds and words stand in models/checks.toml under its code.

    def partly_masked(context: Context) -> Iterator[Finding]:
        for match in PATTERN.finditer(context.shadow):
            here = context.shadow_span(*match.span(), note="部分数字被遮蔽")
            yield context.finding(f"“{here.surface}”……", [here])
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipeline import clean, quantities
from pipeline.config import models_path
from pipeline.lexicon import TableError
from pipeline.records import Claim, Evidence, Finding, Quantity, Report, Segment, Text

if TYPE_CHECKING:
    from pipeline.store import Database

_PLAN_HEADING = re.compile(r"重点任务|主要任务|目标任务|下一步|打算|工作计划|工作安排|工作思路|努力方向|主要目标|展望")
HALF_WIDTH = {ord(full): ord(full) - 0xFEE0 for full in "０１２３４５６７８９ＸＹＮｘ％／＋－＝．"}
Span = tuple[int, int]
"""Half-open, of the shadow or of the source."""
Placed = tuple[Claim, Span]
"""A claim with its span in the shadow."""
DESCRIBED = {"name": str, "family": str, "severity": int, "on": bool, "about": list, "innocent": str, "ask": str}


@dataclass(frozen=True, slots=True)
class Settings:
    """A section of models/checks.toml."""

    check: str  # T01, N04, …
    name: str
    family: str  # 模板, 身份, 时间, 数值, 文本
    severity: int  # 1 (ask first), 2, 3
    on: bool
    about: tuple[str, ...]  # two lines of plain Chinese
    innocent: str  # what else could explain it
    ask: str  # what to ask the reporter
    options: Mapping[str, Any]  # thresholds and words of this check

    def option(self, name: str) -> Any:
        """A threshold or word list of this check. Raises TableError where models/checks.toml lacks it."""
        if name not in self.options:
            raise TableError(f"{models_path() / 'checks.toml'}: [{self.check}] needs {name}")
        return self.options[name]

    def finding(
        self, message: str, evidence: Sequence[Evidence], values: Iterable[object] = (), *,
        formula: str | None = None, innocent: str | None = None, ask: str | None = None, suggestion: str | None = None,
        standard: str | None = None, severity: int | None = None,
    ) -> Finding:  # fmt: skip
        """A finding of this check. Its id is the digest of the check and the evidence spans that are not mere context;
        its state the digest of `values`, of the formula and of the evidence's characters."""
        spans = [(e.document, e.start, e.end) for e in evidence if e.role != "context"]
        return Finding(
            id=digest(self.check, *spans),
            check=self.check,
            severity=severity or self.severity,
            message=message,
            evidence=tuple(evidence),
            formula=formula,
            innocent=innocent or self.innocent,
            ask=ask or self.ask,
            suggestion=suggestion,
            standard=standard,
            state=digest(formula, *(e.surface for e in evidence if e.role != "context"), *values),
        )


@dataclass(frozen=True, slots=True)
class Context:
    """One report as its checks see it. `text.shadow` is Simplified and of the length of `text.clean`."""

    report: Report
    text: Text
    settings: Settings
    shadow: str  # the text to match in: text.shadow with digits, letters and signs in half width; same length
    quantities: tuple[Quantity, ...]  # every number of the shadow, claims or not; spans count in the shadow
    claims: tuple[Claim, ...]  # in order of the text; spans count in the source
    places: tuple[tuple[int, int], ...]  # the span of each of these claims in the shadow
    sentences: tuple[tuple[int, int], ...]  # spans of the shadow

    @property
    def year(self) -> int | None:
        """The year that is reported on."""
        return self.report.issuer.year

    def option(self, name: str) -> Any:
        """A threshold or word list of this check; see `Settings.option`."""
        return self.settings.option(name)

    def pattern(self, name: str) -> re.Pattern[str]:
        """A regular expression of this check; see `Settings.option`."""
        return compiled(self.settings.option(name))

    def source_span(self, start: int, end: int, role: str = "operand", note: str | None = None) -> Evidence:
        """Evidence for a span of the source."""
        document = self.report.document
        return Evidence(document.sha256, start, end, document.text[start:end], role, self._claim_at(start, end), note)

    def shadow_span(self, start: int, end: int, role: str = "operand", note: str | None = None) -> Evidence:
        """Evidence for a span of the shadow."""
        return self.source_span(*self.text.source_span(start, end), role, note)

    def of_claim(self, claim: Claim, role: str = "operand", note: str | None = None) -> Evidence:
        """Evidence for a claim."""
        return Evidence(self.report.document.sha256, claim.start, claim.end, claim.surface, role, claim.id, note)

    def finding(self, message: str, evidence: Sequence[Evidence], **more: Any) -> Finding:
        """A finding of this check; see `Settings.finding`. Its values are those of the claims among the evidence."""
        by_id = {claim.id: claim for claim in self.claims}
        values = [value_of(by_id[e.claim]) for e in evidence if e.role != "context" and e.claim in by_id]
        return self.settings.finding(message, evidence, values, **more)

    def sentence_at(self, offset: int) -> tuple[int, int]:
        """The sentence of the shadow that holds the offset."""
        at = bisect_right(self.sentences, offset, key=lambda span: span[0]) - 1
        return self.sentences[max(0, at)] if self.sentences else (0, 0)

    def place_of(self, claim: Claim) -> int:
        """Where a claim begins in the shadow."""
        return self.text.clean_offset(claim.start)

    def clause_before(self, claim: Claim) -> str:
        """The words of the claim's clause before it."""
        at = self.place_of(claim)
        return re.split(r"[，,；;]", self.shadow[self.sentence_at(at)[0] : at])[-1]

    def claims_in(self, start: int, end: int) -> list[Placed]:
        """The claims inside a span of the shadow, each with its own span there."""
        first, last = bisect_left(self.places, (start, -1)), bisect_left(self.places, (end, -1))
        found = zip(self.claims[first:last], self.places[first:last], strict=True)
        return [(claim, place) for claim, place in found if place[1] <= end]

    def segment_of(self, start: int) -> Segment | None:
        """The segment that holds an offset of the source."""
        at = bisect_right(self.report.segments, start, key=lambda segment: segment.start) - 1
        return self.report.segments[at] if at >= 0 and start < self.report.segments[at].end else None

    def is_ahead(self, offset: int) -> bool:
        """Whether an offset of the shadow stands in plans, requests or furniture: not in what is told as done."""
        segment = self.segment_of(self.text.source_span(offset, offset + 1)[0])
        if segment is None:
            return False
        planned = segment.label in ("next_steps", "furniture") or segment.role in ("plan", "request", "furniture")
        return planned or any(_PLAN_HEADING.search(heading) for heading in segment.heading_path)

    def _claim_at(self, start: int, end: int) -> str | None:
        at = bisect_left(self.claims, start, key=lambda claim: claim.start)
        found = at < len(self.claims) and self.claims[at].start < end
        return self.claims[at].id if found and self.claims[at].end <= end else None


@dataclass(frozen=True, slots=True)
class ArchiveContext:
    """The whole archive as its checks see it: facts, claims, texts and reuse lie in `database`."""

    database: Database
    settings: Settings

    def option(self, name: str) -> Any:
        """A threshold or word list of this check; see `Settings.option`."""
        return self.settings.option(name)

    def span(
        self, sha256: str, start: int, end: int, role: str = "operand", note: str | None = None,
        claim: str | None = None,
    ) -> Evidence:  # fmt: skip
        """Evidence for a span of a stored document's text."""
        query = "SELECT substr(text, ?, ?) FROM documents WHERE sha256 = ?"
        surface = self.database.connection.execute(query, (start + 1, end - start, sha256)).fetchone()[0]
        return Evidence(sha256, start, end, surface, role, claim, note)

    def of_claim(self, claim: str, role: str = "operand", note: str | None = None) -> Evidence:
        """Evidence for a stored claim given by its id."""
        query = (
            'SELECT d.sha256, c.start, c."end", c.surface FROM claims AS c JOIN documents AS d ON d.key = c.document'
            " WHERE c.id = ?"
        )
        sha256, start, end, surface = self.database.connection.execute(query, (claim,)).fetchone()
        return Evidence(sha256, start, end, surface, role, claim, note)

    def finding(
        self, message: str, evidence: Sequence[Evidence], values: Iterable[object] = (), **more: Any
    ) -> Finding:
        """A finding of this check; see `Settings.finding`. `values` are the figures that it rests on."""
        return self.settings.finding(message, evidence, values, **more)


Check = Callable[[Context], Iterator[Finding]]
ArchiveCheck = Callable[[ArchiveContext], Iterator[Finding]]


def digest(*parts: object) -> str:
    """Sixteen hexadecimal digits that stand for the parts, in their order."""
    return hashlib.sha256("\x1f".join(map(repr, parts)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression of a table, read once."""
    return re.compile(pattern)


def overlap(first: str, second: str) -> Decimal:
    """The share of the letters of the shorter of two texts that the other holds too."""
    common = len(set(first) & set(second))
    return Decimal(common) / max(1, min(len(set(first)), len(set(second))))


def value_of(claim: Claim) -> str:
    """What a claim says, as text: a verdict given on another value is asked again."""
    return repr((claim.value_low, claim.value_high, claim.masked, claim.relation, claim.unit, claim.indicator,
                 claim.status))  # fmt: skip


def context_of(report: Report, settings: Settings) -> Context:
    """The report read for checking; `for_check` turns it to another check at no cost."""
    text = clean.apply(report.document.text, report.edits)
    ordered = sorted(report.claims, key=lambda claim: (claim.start, claim.end))
    spans = [(text.clean_offset(claim.start), text.clean_offset(claim.end - 1) + 1) for claim in ordered]
    return Context(
        report=report,
        text=text,
        settings=settings,
        shadow=text.shadow.translate(HALF_WIDTH),
        quantities=quantities.find(text.shadow),
        claims=tuple(ordered),
        places=tuple(spans),
        sentences=tuple(_sentences(text.shadow)),
    )


def for_check(context: Context, settings: Settings) -> Context:
    """The same report for another check."""
    return replace(context, settings=settings)


def _sentences(shadow: str) -> Iterator[tuple[int, int]]:
    ends = [0, *(i + 1 for i, c in enumerate(shadow) if c in "。！？!?\n"), len(shadow)]
    yield from ((start, end) for start, end in pairwise(ends) if end > start)


@cache
def settings() -> dict[str, Settings]:
    """models/checks.toml: code → its section. Raises TableError for a section that lacks a key or has a wrong type."""
    path = models_path() / "checks.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TableError(f"{path}: cannot be used ({error}); reinstall Hebao or restore the table") from error
    return {code: _section(path.name, code, section) for code, section in sorted(table.items())}


def _section(name: str, code: str, section: dict[str, Any]) -> Settings:
    for key, kind in DESCRIBED.items():
        if type(section.get(key)) is not kind:
            raise TableError(f"{name}: [{code}] needs {key} as {kind.__name__}")
    own = {key: section[key] for key in DESCRIBED}
    options = {key: value for key, value in section.items() if key not in DESCRIBED}
    return Settings(check=code, options=options, **own | {"about": tuple(section["about"])})
