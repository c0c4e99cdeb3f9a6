"""Outline and words → role and topic of every part of a report.

    units that headings and paragraphs open ──► features ──► labels in sequence ──► segments that tile the text
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.config import Sections
from pipeline.records import Heading, Issue, Segment, Text
from pipeline.sections.decide import decide
from pipeline.sections.model import load
from pipeline.sections.source import on_source
from pipeline.sections.units import split

__all__ = ["classify", "on_source"]


def classify(
    text: Text, headings: tuple[Heading, ...], words: Any, settings: Sections
) -> tuple[tuple[Segment, ...], tuple[Issue, ...]]:
    """Segments that tile `text.clean`, and an issue for each whose label is less likely than `settings.threshold`.

    `words`, the tokens, are not needed: the model looks for its words in the text itself.
    """
    units = split(text, headings)
    segments: list[Segment] = []
    issues: list[Issue] = []
    for unit, decision in zip(units, decide(text, units, load()), strict=True):
        path = tuple(heading.title for heading in unit.path)
        if decision.probability < settings.threshold:
            message = f"{decision.label} only with probability {decision.probability:.2f}"
            issues.append(Issue("sections", "doubtful_section", message, unit.start, unit.end))
        last = segments[-1] if segments else None
        if last and not unit.opens and (last.label, last.role, last.topic) == decision[:3] and last.heading_path == path:
            segments[-1] = replace(last, end=unit.end, probability=min(last.probability, decision.probability))
            continue
        segments.append(Segment(unit.start, unit.end, decision.role, decision.topic, decision.label, path,
                                decision.probability, decision.decided_by))  # fmt: skip
    return tuple(segments), tuple(issues)

