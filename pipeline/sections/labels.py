"""Labels for the units of one document: what headings say outright, what the model says, what may follow what."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipeline.records import Text
from pipeline.sections.features import Matrix
from pipeline.sections.model import Model
from pipeline.sections.rules import is_assessment, laid_down, roles_above
from pipeline.sections.units import Unit

ROLES = {"overview": "overview", "results": "result", "problems": "problem", "next_steps": "plan", "title": "title"}
ELSEWHERE = 2.0  # how much less likely a label is outside the parts whose headings claim it


class Decision(NamedTuple):
    """One unit's label, and how it was come by."""

    label: str
    role: str
    topic: str
    probability: float
    decided_by: str


def decide(text: Text, units: list[Unit], model: Model) -> list[Decision]:
    """Label every unit."""
    if not units:
        return []
    scores, topics = model.score(text, units)
    said = laid_down(text, units)
    fixed = scores.copy()
    for at, label in enumerate(said):
        if label:
            fixed[at] = np.where(np.array(model.labels) == label, 0.0, -30.0)
        else:
            elsewhere = {"problems", "next_steps", "results"}.intersection(filter(None, said))
            if "rectification" in roles_above(text, units[at]):
                elsewhere |= {"problems", "supervision"}
            fixed[at][[model.labels.index(name) for name in elsewhere]] -= ELSEWHERE
    best = _best_path(fixed, _changes_part(units), model)
    decisions = []
    for at, unit in enumerate(units):
        label = "title" if unit.is_title else model.labels[best[at]]
        alone = model.labels[int(scores[at].argmax())]
        by = "heading" if unit.is_title or said[at] else "model" if label == alone else "neighbour"
        if by != "heading" and label not in ROLES and is_assessment(text.shadow[unit.title_end : unit.end]):
            label, by = "supervision", "cue"
        sure = 1.0 if by in ("heading", "cue") else float(np.exp(scores[at][best[at]]))
        topic = _topic(label, topics[at], model.topic.classes)
        decisions.append(Decision(label, _role(text, unit, label, model), topic, sure, by))
    return _bare_headings(text, units, decisions)


def _changes_part(units: list[Unit]) -> list[bool]:
    """Whether each unit stands in another part of the highest level than the unit before."""
    tops = [unit.path[0].start if unit.path else -1 for unit in units]
    return [True, *(left != right for left, right in pairwise(tops))]


def _best_path(scores: Matrix, changes: list[bool], model: Model) -> list[int]:
    """The likeliest sequence of labels (Viterbi)."""
    value, back = scores[0], []
    for at in range(1, len(scores)):
        steps = value[:, None] + (model.leave if changes[at] else model.stay)
        back.append(steps.argmax(axis=0))
        value = steps.max(axis=0) + scores[at]
    path = [int(value.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


def _topic(label: str, scores: Matrix, classes: tuple[str, ...]) -> str:
    """The likeliest topic under the label; for problems and plans any, where it is clear."""
    work = label not in ROLES
    names = [(float(scores[at]), name) for at, name in enumerate(classes) if not work or name.startswith(f"{label}.")]
    if work or (label in ("problems", "next_steps") and max(names)[0] > np.log(0.5)):
        return max(names)[1].partition(".")[2]
    return "general"


def _role(text: Text, unit: Unit, label: str, model: Model) -> str:
    if label != "problems":
        rectified = label not in ROLES and "rectification" in roles_above(text, unit)
        return "rectification" if rectified else ROLES.get(label, "action")
    body = text.shadow[unit.start : unit.end]
    return "request" if any(word in body for word in dict(model.cues.groups)["request"]) else "problem"


def _bare_headings(text: Text, units: list[Unit], decisions: list[Decision]) -> list[Decision]:
    """Headings without words of their own take the label of the part that follows beneath them."""
    settled = list(decisions)
    for at in range(len(units) - 2, -1, -1):
        unit, below = units[at], units[at + 1]
        bare = unit.opens and not text.shadow[unit.title_end : unit.end].strip(" \n。：:　")
        if bare and decisions[at].decided_by != "heading" and unit.path[-1] in below.path:
            settled[at] = settled[at + 1]._replace(decided_by="neighbour")
    return settled
