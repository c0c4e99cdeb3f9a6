"""Outline → role and topic of every part of a report.

units that headings and paragraphs open ──► features ──► labels in sequence ──► segments that tile the text
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.config import Sections
from pipeline.records import Heading, Issue, Segment, Text
from pipeline.sections.labels import decide
from pipeline.sections.model import Model, load
from pipeline.sections.source import on_source
from pipeline.sections.units import split

__all__ = ["classify", "on_source"]


def classify(
    text: Text, headings: tuple[Heading, ...], words: Any, settings: Sections, learned: Model | None = None
) -> tuple[tuple[Segment, ...], tuple[Issue, ...]]:
    """Segments that tile `text.clean`, and an issue for each whose label is less likely than `settings.threshold`: such
    a segment keeps the likeliest label, but `decided_by` says "unclassified", so that it can be left out.

    `words`, the tokens, are not needed: the model looks for its words in the text itself. `learned` takes the place of
    the committed weights.
    """
    units = split(text, headings)
    segments: list[Segment] = []
    issues: list[Issue] = []
    for unit, decision in zip(units, decide(text, units, learned or load()), strict=True):
        path = tuple(heading.title for heading in unit.path)
        doubtful = decision.probability < settings.threshold
        if doubtful:
            message = f"{decision.label} only with probability {decision.probability:.2f}"
            issues.append(Issue("sections", "unclassified_section", message, unit.start, unit.end))
        new = Segment(
            unit.start,
            unit.end,
            decision.role,
            decision.topic,
            decision.label,
            path,
            decision.probability,
            "unclassified" if doubtful else decision.decided_by,
        )
        last = segments[-1] if segments and not unit.opens else None
        if last and (last.label, last.role, last.topic, last.heading_path) == (*decision[:3], path):
            segments[-1] = replace(last, end=new.end, probability=min(last.probability, new.probability))
        else:
            segments.append(new)
    return tuple(segments), tuple(issues)
