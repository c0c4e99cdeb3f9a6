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
CLOSING = re.compile(r"\s*(?:各位代表|各位领导|让我们|总之|新的一年)")
FORMULA = re.compile(
    r"\s*(?:特此(?:报告|汇报)|专此报告|以上(?:汇报|报告|总结)[，,]?如|(?:汇报|报告)完毕|谢谢|感谢各位)"
)
LEAD = re.compile(r"\s*([^，。；：:\n]{2,14})[：:]")


def laid_down(text: Text, units: list[Unit]) -> list[str | None]:
    """The label of each unit that a heading above it, its own words or its place settle; None for the others."""
    settled: list[str | None] = []
    preamble = _preamble(units)
    turn: str | None = None  # what the paragraph has turned to
    for at, unit in enumerate(units):
        if not (unit.opens and unit.path[-1].series in IN_TEXT[:2]):
            turn = _turn(text, unit)
        label = "overview" if at < preamble else turn or _by_heading(text, unit, settled)
        settled.append(label)
    return settled


def _preamble(units: list[Unit]) -> int:
    """How many units stand before the first heading of a report that has headings."""
    opening = [at for at, unit in enumerate(units) if unit.opens and unit.path[-1].level <= 3]
    return opening[0] if len(opening) >= 2 else 0


def _turn(text: Text, unit: Unit) -> str | None:
    """Problems or plans where the unit's first words turn to them."""
    words = None if unit.opens else TURN.match("\n" + text.shadow[unit.start : unit.start + 20], 1)
    return words and ("problems" if re.search("看到|认识到|成绩", words[1]) else "next_steps")


def _by_heading(text: Text, unit: Unit, before: list[str | None]) -> str | None:
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
    return None


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
