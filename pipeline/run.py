"""The only place that knows the order of the rooms, and what a finished document is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline import claims, clean, facts, indicators, ingest, issuer, outline, periods, quantities, sections, segment
from pipeline.config import Settings
from pipeline.locate import locate
from pipeline.records import Claim, Document, Heading, Issue, Issuer, Mention, Report, Text


def process(path: Path | str, settings: Settings | None = None) -> Report:
    """Read one file and extract everything it yields.

    A pure function of the file's bytes, its path and the settings; never raises for bad content: a file that cannot be
    read gives a Report whose document has no text and whose issues say why.
    """
    settings = settings or Settings()
    document, issues = ingest.read(Path(path), settings.ingest)
    if not document.readable:
        nobody = Issuer(None, None, None, None, "unknown")
        return Report(replace(document, boxes=None), nobody, issues=issues, fingerprint=settings.fingerprint())

    text, clean_issues = clean.clean(document)
    headings, outline_issues = outline.outline(text, document)
    numbers = quantities.find(text.shadow)
    words = segment.segment(text.shadow, numbers, settings.segmentation)
    segments, section_issues = sections.classify(text, headings, words, settings.sections)
    who = issuer.find(document, text, headings)
    mentions, found, claim_issues = claims.extract(text, words, numbers, segments, headings, document)
    found = indicators.assign(found, settings.indicators, text.shadow)
    found = tuple(_dated(text, claim, who) for claim in found)
    located = _on_source(document, text, found)
    return Report(
        document=replace(document, boxes=None),
        issuer=who,
        edits=text.edits,
        headings=tuple(_heading_on_source(text, heading) for heading in headings),
        segments=sections.on_source(text, segments),
        mentions=tuple(_mention_on_source(text, mention) for mention in mentions),
        claims=located,
        facts=facts.facts(located, who),
        issues=issues + tuple(_issue_on_source(text, issue)
                              for issue in (*clean_issues, *outline_issues, *section_issues, *claim_issues,
                                            *periods.conflicts(text.shadow, who))),
        fingerprint=settings.fingerprint(),
    )  # fmt: skip


def _dated(text: Text, claim: Claim, who: Issuer) -> Claim:
    if claim.scope == claims.LAST_YEAR and who.year:
        return replace(claim, period=str(who.year - 1), period_basis="stated")
    period, basis = periods.period_of(text.shadow, claim.start, who.year, periods.report_period(who))
    if who.year and basis == "report" and period == str(who.year) and _is_next_step(text, claim, who):
        period, basis = periods.period_of_plan(claim.heading_path, who.year, periods.spoken_after(text.shadow))
    return replace(claim, period=period, period_basis=basis)


def _is_next_step(text: Text, claim: Claim, who: Issuer) -> bool:
    """Whether a claim is of the year to come: a target among the next steps, or anywhere in a speech to delegates."""
    ahead = claim.label == "next_steps" or periods.is_speech(text.shadow)
    return claim.status == "target" and ahead and not claims.names_plan(who.title or "")


def explain(report: Report, settings: Settings | None = None) -> tuple[str | None, ...]:
    """Why each claim of a report has its indicator, in Chinese; None for one without, or made with other rules."""
    text, _ = clean.clean(report.document)
    found = [replace(claim, start=text.clean_offset(claim.start), end=text.clean_offset(claim.end))
             for claim in report.claims]  # fmt: skip
    settings = settings or Settings()
    again = indicators.assign(found, settings.indicators, text.shadow)
    reasons = indicators.explain(found, settings.indicators, text.shadow)
    return tuple(reason if claim.indicator == now.indicator else None
                 for claim, now, reason in zip(report.claims, again, reasons, strict=True))  # fmt: skip


def _on_source(document: Document, text: Text, found: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Claims with the spans, ids and places of the source. Links between claims follow the new ids."""
    ids: dict[str, str] = {}
    located: list[Claim] = []
    for claim in found:
        start, end = text.source_span(claim.start, claim.end)
        ids[claim.id] = claims.identify(document.sha256, start, end)
        page, box, block = locate(document, start, end)
        located.append(replace(claim, id=ids[claim.id], start=start, end=end, surface=document.text[start:end],
                               page=page, box=box, block=block))  # fmt: skip
    return tuple(
        replace(claim, part_of=ids.get(claim.part_of or ""), repeat_of=ids.get(claim.repeat_of or ""))
        for claim in located
    )


def _heading_on_source(text: Text, heading: Heading) -> Heading:
    start, title_end = text.source_span(heading.start, heading.title_end)
    return replace(heading, start=start, title_end=title_end, end=text.source_span(heading.start, heading.end)[1])


def _mention_on_source(text: Text, mention: Mention) -> Mention:
    start, end = text.source_span(mention.start, mention.end)
    return replace(mention, start=start, end=end, surface=text.raw[start:end])


def _issue_on_source(text: Text, issue: Issue) -> Issue:
    """Issues of clean.py count in the source already; those of later rooms count in the cleaned text."""
    if issue.stage == "clean" or issue.start is None or issue.end is None:
        return issue
    start, end = text.source_span(issue.start, issue.end)
    return replace(issue, start=start, end=end)
