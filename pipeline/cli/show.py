"""One report in the terminal: head, outline, text with its claims in place and its sections in the margin, issues.

At a terminal claims are coloured; elsewhere they stand in ⟦…⟧, masked and doubtful ones as ⟦XX个|masked⟧.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.cli.terminal import cell, safe
from pipeline.compare import interval
from pipeline.config import Settings
from pipeline.records import Claim, Report, Segment
from pipeline.run import explain

CLAIM, MASKED, DOUBTFUL, FURNITURE, MARGIN = "bold green", "bold black on yellow", "bold red underline", "dim", "cyan"
LABEL_WIDTH = 12
SIGNS = {"eq": "", "approx": "≈", "gt": ">", "ge": "≥", "lt": "<", "le": "≤", "range": ""}


def show(
    report: Report, out: Console, edits: bool = False, numbers: bool = False, settings: Settings | None = None
) -> None:
    """Print the report; with `numbers` its numbers and why they got their codes, with `edits` what cleaning changed."""
    _head(report, out)
    if report.document.readable:
        _outline(report, out)
        _text(report, out)
        if numbers:
            _claims(report, explain(report, settings), out)
            _mentions(report, out)
        if edits:
            _edits(report, out)
    _issues(report, out)


def _head(report: Report, out: Console) -> None:
    document, issuer = report.document, report.issuer
    size = f"{document.pages} pages, " if document.pages else ""
    year = f"{issuer.year}" if issuer.year else "year unknown"
    out.print(cell(document.name, "bold"))
    out.print(cell(f"{document.format}, {document.outcome}, {size}{len(document.text):,} characters, "
                   f"{len(report.claims)} claims, {sum(c.masked for c in report.claims)} of them masked"))  # fmt: skip
    out.print(cell(f"{issuer.place or 'place unknown'}, {year} (from {issuer.basis}); sha256 {document.sha256[:12]}"))


def _outline(report: Report, out: Console) -> None:
    _rule(out, "outline")
    open_levels: list[int] = []
    for heading in report.headings:
        while open_levels and open_levels[-1] >= heading.level:
            open_levels.pop()
        out.print(cell("  " * len(open_levels) + _cleaned(report, heading.start, heading.title_end).strip()))
        open_levels.append(heading.level)
    if not report.headings:
        out.print("no headings found")


def _cleaned(report: Report, start: int, end: int) -> str:
    """A span of the source as cleaning left it: without the page markers and line ends that cut through it."""
    parts, position = [], start
    for edit in report.edits:
        if position <= edit.start and edit.end <= end:
            parts += [report.document.text[position : edit.start], edit.replacement]
            position = edit.end
    return "".join([*parts, report.document.text[position:end]]).replace("\n", " ")


def _text(report: Report, out: Console) -> None:
    _rule(out, "text")
    segments = report.segments or (Segment(0, len(report.document.text), "", "", "", (), 0.0, "default"),)
    table = Table.grid(padding=(0, 1))
    table.add_column(width=LABEL_WIDTH, no_wrap=True)
    table.add_column()
    for segment in segments:
        body = marked(report, segment, out.is_terminal)
        if out.is_terminal:
            table.add_row(Text(segment.label, style=MARGIN), body)
        else:
            for number, line in enumerate(body.plain.splitlines()):
                out.print(f"{'' if number else segment.label:<{LABEL_WIDTH}} {line}")
    if out.is_terminal:
        out.print(table)


def marked(report: Report, segment: Segment, styled: bool) -> Text:
    """The segment's text with its claims set off, by style or by brackets."""
    text = report.document.text
    body = Text(style=FURNITURE if segment.label == "furniture" and styled else "")
    at = segment.start
    for claim in sorted(report.claims, key=lambda c: (c.start, c.end)):
        if at <= claim.start and claim.end <= segment.end:
            body.append(safe(text[at : claim.start]))
            remark = "masked" if claim.masked else claim.doubt
            surface = safe(text[claim.start : claim.end])
            if styled:
                body.append(surface, MASKED if claim.masked else DOUBTFUL if claim.doubt else CLAIM)
            else:
                body.append(f"⟦{surface}|{remark}⟧" if remark else f"⟦{surface}⟧")
            at = claim.end
    body.append(safe(text[at : segment.end]))
    body.rstrip()
    return body


def amount(claim: Claim) -> str:
    """The claim's value as a person writes it."""
    if claim.value_low is None and claim.value_high is None:
        return "masked" if claim.masked else "no value"
    per = f"/{claim.per}" if claim.per else ""
    return f"{SIGNS.get(claim.relation, '')}{interval(claim.value_low, claim.value_high)}{claim.unit or ''}{per}"


def _claims(report: Report, reasons: Sequence[str | None], out: Console) -> None:
    _rule(out, "claims")
    head = ("page", "surface", "value", "action", "object", "status", "indicator", "score", "because", "section",
            "doubt")  # fmt: skip
    _table(out, head, (
        (c.page, c.surface, amount(c), c.action, c.object, c.status, c.indicator, c.indicator_score, reason, c.label,
         c.doubt) for c, reason in zip(report.claims, reasons, strict=True)
    ))  # fmt: skip


def _mentions(report: Report, out: Console) -> None:
    _rule(out, "numbers that are no claims")
    others = (m for m in report.mentions if m.kind not in ("claim", "part"))
    _table(out, ("kind", "surface", "context", "rule"), (
        (m.kind, m.surface, _context(report.document.text, m.start, m.end), m.rule) for m in others
    ))  # fmt: skip


def _edits(report: Report, out: Console) -> None:
    _rule(out, "edits: what cleaning reads instead of what stands there")
    text = report.document.text
    _table(out, ("at", "stands", "reads", "why", "context"), (
        (e.start, repr(text[e.start : e.end])[1:-1], e.replacement or "(nothing)", e.reason,
         _context(text, e.start, e.end)) for e in report.edits
    ))  # fmt: skip


def _issues(report: Report, out: Console) -> None:
    _rule(out, "issues")
    if not report.issues:
        out.print("none")
    text = report.document.text
    for issue in report.issues:
        where = f" 「{_context(text, issue.start, issue.end or issue.start)}」" if issue.start is not None else ""
        style = {"error": "red", "warning": "yellow"}.get(issue.severity, "")
        out.print(cell(f"{issue.severity} {issue.stage}/{issue.code}: {issue.message}{where}", style))


def _context(text: str, start: int, end: int, around: int = 10) -> str:
    return "".join(text[max(0, start - around) : min(end, start + 40) + around].split())


def _rule(out: Console, title: str) -> None:
    out.print()
    if out.is_terminal:
        out.rule(title, align="left", style=MARGIN)
    else:
        out.print(f"== {title}")


def _table(out: Console, head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
    if not out.is_terminal:
        out.print("\t".join(head))
        for row in rows:
            out.print("\t".join(cell(value).plain.replace("\t", " ").replace("\n", " ") for value in row))
        return
    table = Table(*head, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    out.print(table)
