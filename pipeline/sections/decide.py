"""Labels for the units of one document: what headings say outright, what the model says, what may follow what."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipeline.lexicon import rows
from pipeline.records import Text
from pipeline.sections.features import Matrix, cue_groups
from pipeline.sections.model import Model
from pipeline.sections.units import SIGNATURE, TURN, Unit

COVERING = {"problem": "problems", "plan": "next_steps", "result": "results", "overview": "overview"}
"""What a heading that says so makes of every part beneath it, whatever its topic (rule 1 of the guideline)."""
ROLES = {"overview": "overview", "results": "result", "problems": "problem", "next_steps": "plan", "title": "title"}
CLOSING = re.compile(r"\s*(?:各位代表|各位领导|让我们|总之|新的一年)")
FORMULA = re.compile(
    r"\s*(?:特此(?:报告|汇报)|专此报告|以上(?:汇报|报告|总结)[，,]?如|(?:汇报|报告)完毕|谢谢|感谢各位)"
)
LEAD = re.compile(r"\s*([^，。；：:\n]{2,14})[：:]")


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
    scores, topics = model.score(model.rows(text, units))
    preamble = _preamble(units)
    said = ["overview" if at < preamble else _said_by_heading(text, unit) for at, unit in enumerate(units)]
    fixed = scores.copy()
    for at, label in enumerate(said):
        if label:
            fixed[at] = np.where(np.array(model.labels) == label, 0.0, -30.0)
        else:
            spoken_for = said + (
                ["problems", "supervision"] if "rectification" in _roles_above(text, units[at]) else []
            )
            elsewhere = [model.labels.index(name) for name in COVERING.values() if name in spoken_for]
            fixed[at][elsewhere] -= ELSEWHERE
    best = _best_path(fixed, _changes_part(units), model)
    decisions = []
    for at, unit in enumerate(units):
        label = "title" if unit.is_title else model.labels[best[at]]
        alone = model.labels[int(scores[at].argmax())]
        by = "heading" if unit.is_title or said[at] else "model" if label == alone else "neighbour"
        sure = 1.0 if by == "heading" else float(np.exp(scores[at][best[at]]))
        topic = _topic(label, topics[at], model.topic.classes)
        decisions.append(Decision(label, _role(text, unit, label), topic, sure, by))
    return _bare_headings(text, units, decisions)


def _preamble(units: list[Unit]) -> int:
    """How many units stand before the first heading of a report that has headings."""
    opening = [at for at, unit in enumerate(units) if unit.opens and unit.path[-1].level <= 3]
    return opening[0] if len(opening) >= 2 else 0


def _said_by_heading(text: Text, unit: Unit) -> str | None:
    """The label that a heading above the unit, or its own, lays down; None where none does or the report closes."""
    if not unit.opens:
        if FORMULA.match(text.shadow, unit.start) or SIGNATURE.match("\n" + text.shadow[unit.start :]):
            return "overview"
        if CLOSING.match(text.shadow, unit.start):
            return None
        if turn := TURN.match("\n" + text.shadow[unit.start : unit.start + 20], 1):
            return "problems" if re.search("看到|认识到|成绩", turn[1]) else "next_steps"
        lead = LEAD.match(text.shadow, unit.start, unit.end)
        if lead and (role := title_role(lead[1])) in COVERING:
            return COVERING[role]
    return next((COVERING[role] for role in _roles_above(text, unit) if role in COVERING), None)


def _roles_above(text: Text, unit: Unit) -> list[str]:
    titles = (text.shadow[h.start : h.title_end] for h in unit.path if h.series not in ("一是", "一要", "topic"))
    return [role for title in titles if (role := title_role(title))]


def title_role(written: str) -> str | None:
    """What a heading says that its part is: problem, plan, result, rectification; None where it does not say."""
    title = re.sub(r"^[^\w“]*(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．:：，]+)?\s*|[\s。：:；，,]+$", "", written)
    title = title.split("。")[0]
    for role, pattern, exception in _heading_rules():
        if pattern.search(title) and not (exception and exception.search(title)):
            return role
    return None


@cache
def _heading_rules() -> list[tuple[str, re.Pattern[str], re.Pattern[str] | None]]:
    rules = []
    for row in rows("section_headings"):
        exception = re.compile(row["except"]) if row["except"] else None
        rules.append((row["role"], re.compile(row["pattern"]), exception))
    return rules


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


def _role(text: Text, unit: Unit, label: str) -> str:
    if label != "problems":
        rectified = label not in ROLES and "rectification" in _roles_above(text, unit)
        return "rectification" if rectified else ROLES.get(label, "action")
    body = text.shadow[unit.start : unit.end]
    return "request" if any(word in body for word in cue_groups()["role.request"]) else "problem"


def _bare_headings(text: Text, units: list[Unit], decisions: list[Decision]) -> list[Decision]:
    """Headings without words of their own take the label of the part that follows beneath them."""
    settled = list(decisions)
    for at in range(len(units) - 2, -1, -1):
        unit, below = units[at], units[at + 1]
        bare = unit.opens and not text.shadow[unit.title_end : unit.end].strip(" \n。：:　")
        if bare and decisions[at].decided_by != "heading" and unit.path[-1] in below.path:
            settled[at] = settled[at + 1]._replace(decided_by="neighbour")
    return settled
