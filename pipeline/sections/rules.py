"""What headings and set phrases lay down outright, before any weighing of words."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pipeline.lexicon import rows
from pipeline.records import Text
from pipeline.sections.units import SIGNATURE, TURN, Unit

COVERING = {"problem": "problems", "plan": "next_steps", "result": "results", "overview": "overview"}
"""What a heading that says so makes of every part beneath it, whatever its topic (rule 1 of the guideline)."""
IN_TEXT = ("一是", "一要", "topic", "——")  # series that head clauses and paragraphs, whose words cover nothing else
CLOSING = re.compile(r"\s*(?:让我们|总之|新的一年|各位(?:代表|领导)(?=.*(?:让我们|团结|奋斗|谢谢)))")
FORMULA = re.compile(
    r"\s*(?:特此(?:报告|汇报)|专此报告|以上(?:汇报|报告|总结)[，,]?如|(?:汇报|报告)完毕|谢谢|感谢各位)"
)
COMING = re.compile(r"20\d\d年|十[一二三四五六]五|今后|下一|[今明来]年|下半年|新的一年")
ASSESSED = 3  # how many different words of assessment make a sentence one about assessment
LEAD = re.compile(r"\s*([^，。；：:\n]{2,14})[：:]")


def laid_down(text: Text, units: list[Unit]) -> list[str | None]:
    """The label of each unit that a heading above it, its own words or its place settle; None for the others."""
    settled: list[str | None] = []
    preamble = _preamble(units)
    turn: str | None = None  # what the paragraph has turned to
    planned = begun = False  # whether the report has come to what lies ahead, to any heading
    for at, unit in enumerate(units):
        if not (unit.opens and unit.path[-1].series in IN_TEXT[:2]):
            turn = _turn(text, unit)
        if unit.opens and len(unit.path) == 1 and unit.path[0].series not in IN_TEXT:
            title = text.shadow[unit.start : unit.title_end]
            planned, begun = _is_ahead(title, planned, begun, settled), True
        above = _by_heading(text, unit, settled, planned)
        turned = turn if above != "next_steps" or turn != "problems" else above
        settled.append("overview" if at < preamble else turned or above)
    return settled


def _is_ahead(title: str, planned: bool, begun: bool, before: list[str | None]) -> bool:
    """Whether a part of the highest level is a plan: it says so, or follows one and says nothing else.

    A plan that opens a report lays nothing down for what follows: those are the aims under which the work was done.
    """
    role = title_role(title)
    if role in (None, "year"):
        return planned or (role == "year" and "problems" in before)
    return role == "plan" and (planned or "problems" in before or (begun and bool(COMING.search(title))))


def is_assessment(body: str) -> bool:
    """Whether most of a part's own words stand in sentences about assessment, whatever it is headed."""
    words = [word for word in _assessment_words() if word in body]
    if len(words) < ASSESSED:
        return False
    told = [s for s in re.split("(?<=[。！？；\n])", body) if sum(word in s for word in words) >= ASSESSED]
    return 2 * sum(map(len, told)) > len(body)


@cache
def _assessment_words() -> tuple[str, ...]:
    groups = {row["group"]: row["words"] for row in rows("sections")}
    return tuple(f"{groups['supervision.grading']} {groups['supervision.sanctions']}".split())


def _preamble(units: list[Unit]) -> int:
    """How many units stand before the first heading of a report that has headings."""
    opening = [at for at, unit in enumerate(units) if unit.opens and unit.path[-1].level <= 3]
    return opening[0] if len(opening) >= 2 else 0


def _turn(text: Text, unit: Unit) -> str | None:
    """Problems or plans where the unit's first words turn to them."""
    words = None if unit.opens else TURN.match("\n" + text.shadow[unit.start : unit.start + 20], 1)
    return words and ("problems" if re.search("看到|认识到|成绩", words[1]) else "next_steps")


def _by_heading(text: Text, unit: Unit, before: list[str | None], planned: bool) -> str | None:
    above = roles_above(text, unit)
    if not unit.opens:
        if FORMULA.match(text.shadow, unit.start) or SIGNATURE.match("\n" + text.shadow[unit.start :]):
            return "overview"
        if CLOSING.match(text.shadow, unit.start):
            return None
        lead = LEAD.match(text.shadow, unit.start, unit.end)
        if lead and "rectification" not in above and (role := title_role(lead[1])) in COVERING:
            return COVERING[role]
    for role in above:
        if role in COVERING:
            return COVERING[role]
        if role == "year" and ("problems" in before or "next_steps" in before):
            return "next_steps"
    return "next_steps" if planned else None


def roles_above(text: Text, unit: Unit) -> list[str]:
    """What the headings over a unit, and its own, say that their parts are, outermost first."""
    titles = (text.shadow[h.start : h.title_end] for h in unit.path if h.series not in IN_TEXT)
    return [role for title in titles if (role := title_role(title))]


@lru_cache(maxsize=4096)
def title_role(written: str) -> str | None:
    """What a heading says that its part is: a role of models/section_headings.csv; None where it does not say."""
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
