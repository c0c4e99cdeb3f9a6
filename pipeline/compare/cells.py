"""Facts → one cell: what all reports together say of one indicator in one place and year, or why nothing can be read.

States with a value: `exact`, `range`, `approx`, `bounded`. Told, yet without a comparable value: `conflicting` (the
reports disagree; the bounds span what they say), `several` (one report tells of several things that the indicator
counts, and not of all together), `corrupted` (overwritten, as 2023余起), `partly_masked` (1X),
`masked` (XX), `unit_differs` (told in a unit that does not convert into the indicator's), `target_only` (aimed at or
laid down, not told as done), `scope_only` (told of a part of the place, or on average, only).
Not told: `not_mentioned` (there is a report, it does not speak of it), `no_document` (there is no report).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from pipeline.facts import months
from pipeline.lexicon import rows

COMPARABLE = ("exact", "range", "approx", "bounded")  # surest first: of several that agree, the first is taken
VALUELESS = ("conflicting", "several", "corrupted", "partly_masked", "masked")  # of several, the first is told
MENTIONED = (*COMPARABLE, *VALUELESS, "unit_differs", "target_only", "scope_only")
STATES = (*MENTIONED, "not_mentioned", "no_document")
TENTH = Decimal("0.1")
CORRECTED = "corrected"  # the note of a cell that rests on a claim whose reading a person corrected
_RANK = re.compile(r"(?:国家|全国|中国|省部?|市|州|县|区|镇|盟|旗)级?")


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as the panel needs it."""

    document: str
    unit: str | None
    status: str
    scope: str | None
    low: Decimal | None
    high: Decimal | None
    state: str
    claims: tuple[str, ...]
    period: str | None = None
    corrected: bool = False  # a person corrected a claim that it rests on


@dataclass(frozen=True, slots=True)
class Indicator:
    """What comparing needs of a row of models/indicators.csv and models/scopes.csv.

    A stock is what there is, not what was added; `unit` None compares whatever is told; `scopes` are kinds of area that
    the indicator is about by its definition, so that they are no part of the place.
    """

    name: str
    stock: bool = False
    unit: str | None = None
    dimension: str = ""
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cell:
    """What all reports together say of one indicator in one place and year."""

    state: str
    unit: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    note: str | None = None
    documents: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    period: str | None = None  # the part of the year that the value speaks of, as "2023-H1"; the year where it is whole


PLAIN = Indicator("")


@cache
def catalogue() -> dict[str, Indicator]:
    """Indicator code → what comparing needs of it."""
    scopes = {row["indicator"]: frozenset(row["scope"].split("|")) for row in rows("scopes")}
    return {
        row["code"]: Indicator(row["name_zh"], row["aggregation"] != "sum", row["base_unit"] or None, row["dimension"],
                               scopes.get(row["code"], frozenset()))
        for row in rows("indicators")
    }  # fmt: skip


def resolve(facts: Sequence[Told], indicator: Indicator = PLAIN) -> Cell:
    """The cell for facts of one place, year and indicator.

    1. Facts of the place itself count before facts of a part of it. Where there are none, a kind of area that the
       indicator is about, or the one rank of an honour (省级), stands for the place, and the note says so.
    2. What was done counts before what there is (for a stock the other way round), both before targets and rules.
    3. Facts in the indicator's unit count before those in another; facts with a value before those without.
    4. Of parts of the year the longest counts, the whole year before all of them; what a shorter one says is noted.
       Half a year is never held against a whole one.
    5. What is left must agree, and the most exact is taken; where it does not agree that is a conflict, and no side is
       taken.
    """
    if len(facts) == 1 and (simple := _of_one(facts[0], indicator)):
        return simple
    own, kind = _of_the_place(facts, indicator)
    told = [f for f in own if f.status in ("done", "state")]
    if not told:
        state, which = ("target_only", own) if own else ("scope_only", facts)
        why = (f"{f.status} {_amount(f)}" if own else f"{f.scope} {_amount(f)}" for f in which)
        return _cell(state, which, note="; ".join(dict.fromkeys(why)))
    aside = [f for f in told if (f.status == "state") != indicator.stock]
    told = [f for f in told if f not in aside] or told
    longest = max(months(f.period) for f in told)
    shorter = [f for f in told if months(f.period) != longest]
    told = [f for f in told if f not in shorter]
    valued = [f for f in told if f.state in COMPARABLE]
    clashing = [f for f in told if f.state in ("conflicting", "several")]
    if not valued and not clashing:
        return _cell(min((f.state for f in told), key=VALUELESS.index), told)
    fitting = [f for f in valued + clashing if indicator.unit is None or f.unit == indicator.unit]
    if not fitting:
        return _in_other_units(valued + clashing)
    others = [f for f in valued if f not in fitting]
    valued, clashing = [f for f in valued if f in fitting], [f for f in clashing if f in fitting]
    best = min(valued, key=_exactness, default=clashing[0] if clashing else None)
    if not valued and len({(f.state, f.low, f.high) for f in clashing}) == 1 and clashing[0].state == "several":
        best = clashing[0]
        return _cell("several", clashing, best.unit, best.low, best.high, kind)
    if best is None or clashing or not all(agree(best, other) for other in valued):
        return _conflict(valued + clashing)
    notes = [kind] if kind else []
    notes += [f"also told in {unit}" for unit in sorted({f.unit or "" for f in valued} - {best.unit or ""})]
    notes += dict.fromkeys(f"also {_amount(f)}" for f in others)
    notes += dict.fromkeys(f"{f.status} {_amount(f)}" for f in aside if f not in (*told, *shorter))
    notes += dict.fromkeys(f"{f.period} {_amount(f)}" for f in shorter)
    return _cell(best.state, valued, best.unit, best.low, best.high, "; ".join(notes) or None)


def _of_one(fact: Told, indicator: Indicator) -> Cell | None:
    """The cell of the one fact there is, which most are, where it is a plain figure of the place: what the rules of
    `resolve` come to, ten times quicker."""
    plain = fact.scope is None and fact.status in ("done", "state") and fact.state in COMPARABLE and not fact.corrected
    if not plain or indicator.unit not in (None, fact.unit):
        return None
    claims = fact.claims if len(fact.claims) < 2 else tuple(dict.fromkeys(fact.claims))
    return Cell(fact.state, fact.unit, fact.low, fact.high, None, (fact.document,), claims, fact.period)


def _of_the_place(facts: Sequence[Told], indicator: Indicator) -> tuple[list[Told], str | None]:
    """The facts that speak of the place itself, and what kind of area or rank stands for it."""
    own = [f for f in facts if f.scope is None]
    kinds = {f.scope for f in facts if f.scope in indicator.scopes} or {
        f.scope for f in facts if f.scope and _RANK.fullmatch(f.scope)
    }
    if own or len(kinds) != 1:
        return own, None
    kind = kinds.pop()
    return [replace(f, scope=None) for f in facts if f.scope == kind], kind


def agree(best: Told, other: Told) -> bool:
    """Whether a statement that is no more exact may speak of the same number: it is equal, or it is a range, a bound
    or (within a tenth) an approximate number that the best one keeps to. Equal numbers agree whatever is counted;
    numbers that only fit each other must be of one unit."""
    if (best.low, best.high) == (other.low, other.high):
        return True
    if best.unit != other.unit or best.state == other.state:
        return False
    slack = abs(other.low) * TENTH if other.state == "approx" and other.low is not None else Decimal(0)
    above = other.low is None or (best.low is not None and best.low >= other.low - slack)
    below = other.high is None or (best.high is not None and best.high <= other.high + slack)
    return above and below


def is_whole(scope: str, place: str) -> bool:
    """Whether a scope is the reporting place itself: 全镇 in the report of a 镇, 全州 in that of an 自治州; all its
    villages or offices together (各村) are the place too."""
    name = place.partition("#")[0]  # a masked name carries a pseudonym
    if scope == name or scope in ("各村", "各社区", "各单位", "各部门"):
        return True
    return scope[:1] in "全我本" and len(scope) > 1 and name.endswith(scope[1:])


def _exactness(fact: Told) -> tuple[int, str]:
    return COMPARABLE.index(fact.state), fact.unit or ""


def _in_other_units(facts: Sequence[Told]) -> Cell:
    note = "; ".join(dict.fromkeys(_amount(f) for f in facts))
    alike = {(f.unit, f.low, f.high) for f in facts}
    unit, low, high = alike.pop() if len(alike) == 1 else (None, None, None)
    return _cell("unit_differs", facts, unit, low, high, note)


def _conflict(facts: Sequence[Told]) -> Cell:
    note = "; ".join(f"{f.document}: {_amount(f)}" for f in facts)
    if len({f.unit for f in facts}) > 1:  # bounds over different measure words would mean nothing
        return _cell("conflicting", facts, note=note)
    ends = [end for f in facts for end in (f.low, f.high) if end is not None]
    return _cell("conflicting", facts, facts[0].unit, min(ends, default=None), max(ends, default=None), note)


def _cell(
    state: str, facts: Iterable[Told], unit: str | None = None,
    low: Decimal | None = None, high: Decimal | None = None, note: str | None = None,
) -> Cell:  # fmt: skip
    facts = list(facts)
    documents = tuple(dict.fromkeys(f.document for f in facts))
    claims = tuple(dict.fromkeys(c for f in facts for c in f.claims))
    periods = {f.period for f in facts}
    if any(f.corrected for f in facts):
        note = f"{note}; {CORRECTED}" if note else CORRECTED
    return Cell(state, unit, low, high, note, documents, claims, periods.pop() if len(periods) == 1 else None)


def _amount(fact: Told) -> str:
    return f"{interval(fact.low, fact.high)}{fact.unit or ''}"


def interval(low: Decimal | None, high: Decimal | None) -> str:
    """Two ends as a person writes them: 320, 3–5, ≥ 85, ≤ 5, or … where neither is known."""
    if low is None and high is None:
        return "…"
    if low == high:
        return f"{low:,f}"
    if low is None or high is None:
        return f"≤ {high:,f}" if low is None else f"≥ {low:,f}"
    return f"{low:,f}–{high:,f}"
