"""What passes between the rooms: frozen, slotted dataclasses, nothing else.

Spans are half-open and count code points. Inside extraction (outline, segment, sections, claims) they count in
`Text.clean`; `run.process` turns each into the span of the source, so every span in a `Report` counts in
`Document.text`, and `document.text[claim.start:claim.end] == claim.surface` in every format.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in PDF points, origin at the top left corner of the page."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Doubt as a row: what was seen and not understood, cut away, skipped or failed."""

    stage: str  # ingest, clean, outline, segment, sections, claims, indicators, run
    code: str  # short and stable: masked_value, page_without_text, broken_sequence, …
    message: str
    start: int | None = None
    end: int | None = None
    severity: str = "warning"  # info, warning, error


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document in reading order. Blocks do not overlap; between them stand line breaks only."""

    kind: str  # paragraph, heading, cell, textbox, note, header, footer, caption
    start: int
    end: int
    page: int | None = None  # counted from 1
    box: Box | None = None
    path: str | None = None  # where in the package, for formats without pages
    style: str | None = None
    level: int | None = None  # of a heading or list item, counted from 1
    table: int | None = None  # tables, rows and columns are counted from 1
    row: int | None = None
    column: int | None = None
    row_head: str | None = None
    column_head: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One file as read: `text` is the decoded source that all offsets count in."""

    path: str
    name: str
    sha256: str
    format: str  # txt, docx, pdf, …; decided by the content, not by the extension
    outcome: str  # ok, ok_partial, no_text_layer, encrypted, not_this_format, unsupported, corrupt, missing, limit_*
    text: str = ""
    blocks: tuple[Block, ...] = ()
    pages: int | None = None
    encoding: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()  # title, author, producer, created, modified, …
    boxes: array[float] | None = None  # four floats a character of `text` (see Box), NaN where nothing was drawn

    @property
    def readable(self) -> bool:
        """Whether there is text to extract from."""
        return self.outcome in ("ok", "ok_partial")


@dataclass(frozen=True, slots=True)
class Edit:
    """One change that cleaning makes: `raw[start:end]` reads `replacement` from now on, and why."""

    start: int
    end: int
    replacement: str
    reason: str


@dataclass(frozen=True, slots=True)
class Text:
    """A document's text three times: as issued, cleaned, and as matched.

    `shadow` has the length of `clean`, character by character the same place: Simplified script, wash words undone.
    It is for matching only; what is shown and quoted is `raw`.
    """

    raw: str
    clean: str
    shadow: str
    edits: tuple[Edit, ...]
    runs: tuple[tuple[int, int, int], ...]  # (start in clean, start in raw, end in raw) of each kept or replaced run

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of `raw` that `clean[start:end]` was made from; exact, monotone, never empty unless asked so."""
        if not self.runs:
            return 0, 0
        run, shift = self._run(start)
        begin = min(run[1] + shift, run[2])
        if end <= start:
            return begin, begin
        run, shift = self._run(end - 1)
        return begin, run[1] + shift + 1 if self._one_to_one(run) else run[2]

    def clean_offset(self, offset: int) -> int:
        """The offset in `clean` of the first character that stems from `raw[offset]` or from what follows it."""
        at = bisect_right(self.runs, offset, key=_raw_start) - 1
        if at < 0:
            return 0
        run = self.runs[at]
        if offset < run[2]:
            return run[0] + (offset - run[1] if self._one_to_one(run) else 0)
        return self.runs[at + 1][0] if at + 1 < len(self.runs) else len(self.clean)

    def _run(self, offset: int) -> tuple[tuple[int, int, int], int]:
        run = self.runs[max(0, bisect_right(self.runs, offset, key=_clean_start) - 1)]
        return run, offset - run[0] if self._one_to_one(run) else 0

    def _one_to_one(self, run: tuple[int, int, int]) -> bool:
        after = bisect_right(self.runs, run[0], key=_clean_start)
        length = (self.runs[after][0] if after < len(self.runs) else len(self.clean)) - run[0]
        return length == run[2] - run[1]


def _clean_start(run: tuple[int, int, int]) -> int:
    return run[0]


def _raw_start(run: tuple[int, int, int]) -> int:
    return run[1]


@dataclass(frozen=True, slots=True)
class Heading:
    """An enumerated or styled heading and the span that it governs."""

    series: str  # the shape of its marker: 一、 （一） 1、 （1） 一是 …; "title" and "style" have none
    ordinal: int | None
    level: int  # 0 is the document title, 1 the highest heading
    title: str
    start: int
    title_end: int
    end: int  # where the part that it opens ends


@dataclass(frozen=True, slots=True)
class Segment:
    """The smallest part that a heading or enumerator introduces. Segments tile the text."""

    start: int
    end: int
    role: str  # overview, action, result, problem, request, plan, rectification, furniture, title
    topic: str  # leadership, publicity, remediation, … (models/sections.csv); "general" where none
    label: str  # the flat label of the annotation guideline
    heading_path: tuple[str, ...]
    probability: float
    decided_by: str  # heading, cue, model, neighbour, default; unclassified where the label is only the likeliest


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what is written around it, found on characters before words are cut."""

    start: int  # a comparator sign, or the number
    end: int  # end of the unit
    number_start: int
    number_end: int  # end of digits, multiplier and 余 / 多
    value_low: Decimal | None
    value_high: Decimal | None
    masked: bool
    relation: str
    unit: str | None  # canonical spelling; None where no unit of models/units.csv follows
    dimension: str
    script: str  # arabic, chinese, mask
    multiplier: bool = False  # ends in 万 or 亿


@dataclass(frozen=True, slots=True)
class Mention:
    """A number, mask or numeral as found, with the kind that the annotation guideline gives it."""

    kind: str  # claim, date, ordinal, docno, name, attribute, idiom, noise, part
    start: int
    end: int
    surface: str
    rule: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A quantity that a report asserts, and the characters that state it."""

    id: str  # sha256 of document hash and source span, 16 hexadecimal digits
    start: int
    end: int
    surface: str
    value_low: Decimal | None  # 万 and 亿 multiplied out; both null when masked
    value_high: Decimal | None
    masked: bool
    relation: str  # eq, approx, gt, ge, lt, le, range
    unit: str | None  # as written, Simplified, without 万 and 亿
    dimension: str  # count, money, length, area, volume, mass, percent, ratio, duration, frequency, level, other
    per: str | None
    action: str | None
    object: str | None
    status: str  # done, state, target, rule
    rule: str  # what fired
    base_value_low: Decimal | None = None
    base_value_high: Decimal | None = None
    base_unit: str | None = None
    label: str | None = None  # flat label and topic of the segment that it stands in
    topic: str | None = None
    heading_path: tuple[str, ...] = ()
    scope: str | None = None  # who or where; null is the reporter itself
    period: str | None = None  # the time spoken of, as "2023", "2023-H1", "2021/2023"
    period_basis: str | None = None  # stated, report, unknown
    part_of: str | None = None
    repeat_of: str | None = None
    indicator: str | None = None
    indicator_score: float | None = None
    page: int | None = None
    box: Box | None = None
    block: str | None = None  # where in the package: path of the Word paragraph or table cell
    doubt: str | None = None  # why a reader should look twice: year_as_value, masked, …


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who reports, and on which year."""

    title: str | None
    place: str | None  # as issued; a masked name (XX镇) gets a pseudonym that never resolves to a real place
    level: str | None  # village, township, county, prefecture, province
    year: int | None
    basis: str  # where place and year were found: title, heading, body, path, implied, unknown
    parent: str | None = None  # the place above it, where the report names it


@dataclass(frozen=True, slots=True)
class Fact:
    """What one report says of one indicator: its mentions merged, its evidence named."""

    place: str | None
    year: int | None
    indicator: str  # catalogue code, or "action|object" where the catalogue has none
    dimension: str
    unit: str | None  # base unit
    status: str
    scope: str | None
    value_low: Decimal | None
    value_high: Decimal | None
    state: str  # exact, approx, bounded, range, masked, partly_masked, corrupted, several, conflicting
    claims: tuple[str, ...]
    period: str | None = None  # the time that the value speaks of, as "2023", "2023-H1", "2021/2023"


@dataclass(frozen=True, slots=True)
class Report:
    """All that one file yields; the only thing that crosses a process."""

    document: Document
    issuer: Issuer
    edits: tuple[Edit, ...] = ()
    headings: tuple[Heading, ...] = ()
    segments: tuple[Segment, ...] = ()
    mentions: tuple[Mention, ...] = ()
    claims: tuple[Claim, ...] = ()
    facts: tuple[Fact, ...] = ()
    issues: tuple[Issue, ...] = ()
    fingerprint: str = ""  # of the settings and tables that the report was made with


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of one report that a finding rests on."""

    document: str  # sha256
    start: int
    end: int
    surface: str  # document.text[start:end]
    role: str  # operand, total, counterpart, context
    claim: str | None = None  # id of the claim that stands there
    note: str | None = None  # what it means here, in Chinese


@dataclass(frozen=True, slots=True)
class Finding:
    """A lead, never a verdict: what to ask about, why, and what else could explain it. Texts are Chinese."""

    id: str  # digest of check and evidence spans: the same lead keeps its id under other rules
    check: str  # T01, N04, …: a section of models/checks.toml
    severity: int  # 1 (ask first), 2, 3
    message: str  # one sentence that names the figures
    evidence: tuple[Evidence, ...]  # the first is where a reader should look first
    formula: str | None = None  # the recomputation spelled out
    innocent: str = ""  # the innocent explanation
    ask: str = ""  # what to ask the reporter
    suggestion: str | None = None  # a reading that would make it hold; never written back
    standard: str | None = None  # code of the standard that it was held against
    state: str = ""  # digest of the values of the evidence: a verdict on another state is asked again
