"""Claim → catalogue code, base unit, comparable or not.

The catalogue is models/indicators.csv, one row a code; the units are models/units.csv. A row says in which units a
thing is counted, which verbs act on it and which words name it; `assign` gives a claim the row that fits best, or none.
Measure words joined by `=` count the same thing and share a base unit; those parted by `|` never meet in one figure
(处 and 张, 人 and 人次). Lengths, masses and the like convert exactly; a cart load never becomes tonnes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from pipeline import config
from pipeline.lexicon import rows
from pipeline.records import Claim

# Verbs without a meaning of their own: the act is named by the object (完成农村户厕改造) or understood.
LIGHT_VERB = re.compile(
    r"(?:累计|全面|提前|超额|顺利|高质量|组织|启动|统筹|扎实|全力|深入|共|现|预计|力争|确保|继续)?"
    r"(?:完成|实施|开展|进行|达到?|达成|实现|推进|推动|拥有|有|新增|增加|落实|做好|抓[好实]|突破|超过?|占)|"
    r"累计|共|为|是|保持|稳定|组织|启动|继续|加快|计划|预计|力争|争取|确保"
)
OBJECT_WEIGHT, VERB_WEIGHT, UNIT_WEIGHT, TOPIC_WEIGHT = 0.55, 0.35, 0.1, 0.2
HEAD, ANY_OBJECT, MIXED, MODIFIER = 1.0, 0.8, 0.6, 0.2  # head of the object; any; one of several things; modifier
SAID, UNSAID, OTHER = 1.0, 0.5, -0.5  # the verb is one of the row's; is not told; is another
_NEXT_PART = re.compile(r"[、，,；和及与或/]|[（(等].*")
_EMPTY_TAIL = re.compile(r"(?:建设)?(?:工程|工作|任务|行动|数量|总数|总量|目标|人数)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A row of models/units.csv: `value × factor` is the value in `base_unit`."""

    unit: str
    dimension: str
    base_unit: str
    factor: Fraction
    spelling_of: str

    @property
    def standard(self) -> str:
        """The spelling that the catalogue uses."""
        return self.spelling_of or self.unit


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of models/indicators.csv."""

    code: str
    tier: int  # 1 is shown first
    name_zh: str
    name_en: str
    group: str
    stage: str  # context, input, activity, output, outcome, target
    dimension: str
    base_unit: str
    units: tuple[tuple[str, ...], ...]  # groups of measure words that count the same; empty: whatever has the base unit
    per: tuple[str, ...]  # accepted bases of a rate, "-" for none; empty: no rate
    verbs: tuple[str, ...]  # stems, contained in the action; empty: any
    verb_needed: bool  # "!" among the verbs: the object alone does not tell (道路 硬化, 道路 绿化)
    not_verbs: tuple[str, ...]
    objects: tuple[str, ...]  # words, a*b for a before b, =a for nothing but a, or "*" for any
    not_objects: tuple[str, ...]
    direction: str  # + more is better, - less is better, 0 neither
    aggregation: str  # sum, last or mean of several reports of one place and year
    denominator: str
    topics: tuple[str, ...]  # topics and labels of the segment, or words of its headings; "!x": only there
    example: str  # action object unit [per], "-" for none; `lint` assigns it
    notes: str

    def comparable_unit(self, unit: str | None, per: str, base_unit: str | None) -> str | None:
        """The unit in which claims of this code may be compared; None where the claim's unit is not accepted.

        A unit left out in the text (349万 for 349万人) is understood where the row knows only one."""
        if per not in (self.per or ("-",)):
            return None
        if unit is None:
            return self.units[0][0] if len(self.units) == 1 else None
        if not self.units:
            return base_unit if base_unit == self.base_unit else None
        return next((group[0] for group in self.units if unit in group), None)


class Asked(NamedTuple):
    """What of a claim decides its code."""

    action: str
    object: str
    unit: str | None
    base_unit: str | None
    per: str
    dimension: str
    topics: tuple[str, str]
    headings: str


@dataclass(frozen=True, slots=True)
class Match:
    """How well a row fits; ordered by what decides between rows."""

    score: float
    word_length: int
    in_topic: bool
    verb_length: int
    earliness: int
    row: Indicator
    base_unit: str

    @property
    def rank(self) -> tuple[float, int, bool, int, int]:
        """Score, then the longer word, the topic, the longer verb, and the part of a list that is named first."""
        return round(self.score, 6), self.word_length, self.in_topic, self.verb_length, self.earliness


@cache
def units() -> dict[str, Unit]:
    """models/units.csv by spelling."""
    return {
        row["unit"]: Unit(row["unit"], row["dimension"], row["base_unit"], Fraction(row["factor"]), row["spelling_of"])
        for row in rows("units")
    }


@cache
def catalogue() -> tuple[Indicator, ...]:
    """models/indicators.csv in the order of the file."""
    return tuple(_indicator(row) for row in rows("indicators"))


def to_base(claim: Claim) -> tuple[Decimal | None, Decimal | None, str | None]:
    """Bounds and unit of a claim in its base unit: (low, high, unit).

    Exact where the decimal ends, else to six places (1 亩 is 666.666667 平方米). A rate keeps its base: 3 次 a week has
    the unit 次/周. An unknown unit, or one that the claim uses in another dimension, stays as it is.
    """
    unit = _unit(claim.unit, claim.per, claim.dimension)
    if unit is None:
        return claim.value_low, claim.value_high, None
    low, high = (None if v is None else _scaled(v, unit.factor) for v in (claim.value_low, claim.value_high))
    return low, high, unit.base_unit


def assign(claims: Sequence[Claim], settings: config.Indicators) -> tuple[Claim, ...]:
    """The claims with base value, base unit, indicator and score filled in; without code below the threshold."""
    return tuple(_assigned(claim, settings.threshold) for claim in claims)


def lint(table: Sequence[Indicator] | None = None, threshold: float = config.Indicators().threshold) -> tuple[str, ...]:
    """What is wrong with a catalogue: unknown units, table that cannot match, examples that land on another row."""
    chosen = catalogue() if table is None else tuple(table)
    seen: set[str] = set()
    faults: list[str] = []
    for row in chosen:
        faults += [f"{row.code}: {fault}" for fault in _row_faults(row, seen)]
        seen.add(row.code)
    for row in chosen:
        found = _winner(_asked(_example(row)), chosen)
        if found is None or found.row != row or found.score < threshold:
            faults.append(f"{row.code}: its example {row.example} gets {found.row.code if found else 'no code'}")
    return tuple(faults)


def _assigned(claim: Claim, threshold: float) -> Claim:
    low, high, base_unit = to_base(claim)
    found = _find(_asked(claim))
    sure = found if found and found.score >= threshold else None
    return replace(
        claim,
        base_value_low=low,
        base_value_high=high,
        base_unit=sure.base_unit if sure else base_unit,
        indicator=sure.row.code if sure else None,
        indicator_score=round(min(1.0, sure.score), 3) if sure else None,
    )


def _asked(claim: Claim) -> Asked:
    known = _unit(claim.unit, claim.per, claim.dimension)
    return Asked(
        action=re.sub(r"[（）()]", "", claim.action or ""),
        object=claim.object or "",
        unit=_standard(claim.unit),
        base_unit=known.base_unit if known else None,
        per=claim.per or "-",
        dimension=claim.dimension,
        topics=(claim.topic or "", claim.label or ""),
        headings=" ".join(claim.heading_path),
    )


@lru_cache(maxsize=100_000)
def _find(asked: Asked) -> Match | None:
    """The best row of the catalogue among those of which some word stands in the object."""
    if not asked.object:
        return _winner(asked, catalogue())
    finder, rows_of = _words()
    found = {row for word in finder.find_matches_as_indexes(asked.object, overlapping=True) for row in rows_of[word[0]]}
    return _winner(asked, [catalogue()[row] for row in sorted(found.union(rows_of[-1]))])


def _winner(asked: Asked, rows: Sequence[Indicator]) -> Match | None:
    """The best row; none where two different rows fit equally, because the order of a table is no evidence."""
    best: list[Match] = []
    for row in rows:
        match = _match(row, asked)
        if match is None or (best and match.rank < best[0].rank):
            continue
        best = [*best, match] if best and match.rank == best[0].rank else [match]
    return best[0] if len(best) == 1 else None


def _match(row: Indicator, asked: Asked) -> Match | None:
    base_unit = row.comparable_unit(asked.unit, asked.per, asked.base_unit)
    if row.dimension != asked.dimension or base_unit is None:
        return None
    if any(word in asked.action for word in row.not_verbs) or any(word in asked.object for word in row.not_objects):
        return None
    in_topic = any(_in_topic(topic.lstrip("!"), asked) for topic in row.topics)
    if not in_topic and any(topic.startswith("!") for topic in row.topics):
        return None
    strength, word_length, earliness, named = _object(row, asked.object)
    verb, verb_length = _verb(row, asked.action, named)
    verb_needed = row.verb_needed or strength == ANY_OBJECT or not asked.object
    if (verb_needed and verb_length == 0) or (not asked.object and not in_topic):
        return None
    score = OBJECT_WEIGHT * strength + VERB_WEIGHT * verb + (UNIT_WEIGHT if asked.unit else 0.0)
    if not asked.object:
        score += TOPIC_WEIGHT
    return Match(score, word_length, in_topic, verb_length, earliness, row, base_unit)


def _in_topic(topic: str, asked: Asked) -> bool:
    return topic in (asked.topics if topic.isascii() else asked.headings)


def _object(row: Indicator, thing: str) -> tuple[float, int, int, str]:
    """Strength, length and earliness of the row's best word in the object, and its part of the list from there on."""
    best = (0.0, 0, 0, "")
    for word in row.objects:
        if word == "*":
            best = max(best, (ANY_OBJECT, 0, 0, thing))
            continue
        for start, end in _places(word, thing):
            tail, *others = _NEXT_PART.split(thing[end:])
            strength = HEAD if _is_head(tail, row.verbs) else MODIFIER
            if strength == HEAD and row.dimension != "percent" and others and others[-1]:
                strength = HEAD if any(w in others[-1] for w in row.objects) else MIXED
            best = max(best, (strength, end - start, -start, thing[start:end] + tail))
    return best


def _is_head(tail: str, verbs: Sequence[str]) -> bool:
    """Whether nothing follows the word but the act itself (户厕改造) or a noun of no weight (改造工程)."""
    named = max((verb for verb in verbs if tail.startswith(verb)), key=len, default="")
    return _EMPTY_TAIL.fullmatch(tail[len(named) :]) is not None


def _places(word: str, thing: str) -> Iterator[tuple[int, int]]:
    """Where `word` stands in `thing`; of a*b, from the first a to the last b; of =a, where a is all of it."""
    if word.startswith("="):
        if thing == word[1:]:
            yield 0, len(thing)
        return
    if "*" in word:
        found = re.search(".*".join(map(re.escape, word.split("*"))), thing)
        if found:
            yield found.span()
        return
    start = thing.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = thing.find(word, start + 1)


def _verb(row: Indicator, action: str, named: str) -> tuple[float, int]:
    if not row.verbs:
        return SAID, 0
    length = max((len(verb) for verb in row.verbs if verb in action), default=0)
    if length:
        return SAID, length
    if action and not LIGHT_VERB.fullmatch(action):
        return OTHER, 0
    length = max((len(verb) for verb in row.verbs if verb in named), default=0)
    return (SAID, length) if length else (UNSAID, 0)


def _unit(name: str | None, per: str | None, dimension: str) -> Unit | None:
    if name is None:
        if dimension != "frequency" or per is None:
            return None
        name = "次"
    known = units().get(name)
    joined = units().get(f"{known.standard if known else name}/{per}") if per else None
    if joined:
        return joined
    if known is None or (known.dimension != dimension and dimension != "frequency"):
        known = Unit(name, dimension, name, Fraction(1), "")
    return replace(known, base_unit=f"{known.base_unit}/{per}") if per else known


def _standard(name: str | None) -> str | None:
    known = units().get(name) if name else None
    return known.standard if known else name


def _scaled(value: Decimal, factor: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        exact = Fraction(value) * factor
        quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
        if Fraction(quotient) != exact:
            quotient = quotient.quantize(Decimal("0.000001"))
        plain = quotient.normalize()
        return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


@cache
def _words() -> tuple[AhoCorasick, list[list[int]]]:
    """What finds all words of the catalogue at once, and the rows of each word; last, the rows for any object."""
    rows_of: dict[str, list[int]] = {}
    for place, row in enumerate(catalogue()):
        for word in row.objects:
            rows_of.setdefault(max(word.lstrip("=").split("*"), key=len), []).append(place)
    any_object = rows_of.pop("", [])
    return AhoCorasick(list(rows_of)), [*rows_of.values(), any_object]


def _indicator(row: dict[str, str]) -> Indicator:
    def words(column: str) -> tuple[str, ...]:
        return tuple(word for word in row[column].split("|") if word)

    return Indicator(
        code=row["code"],
        tier=int(row["tier"]),
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        group=row["group"],
        stage=row["stage"],
        dimension=row["dimension"],
        base_unit=row["base_unit"],
        units=tuple(tuple(group.split("=")) for group in words("units")),
        per=words("per"),
        verbs=tuple(verb for verb in words("verbs") if verb != "!"),
        verb_needed="!" in words("verbs"),
        not_verbs=words("not_verbs"),
        objects=words("objects"),
        not_objects=words("not_objects"),
        direction=row["direction"],
        aggregation=row["aggregation"],
        denominator=row["denominator"],
        topics=words("topics"),
        example=row["example"],
        notes=row["notes"],
    )


def _row_faults(row: Indicator, seen: Collection[str]) -> Iterator[str]:
    if row.code in seen:
        yield "code given twice"
    if not row.objects:
        yield "no word names its object, so that nothing can match"
    if "*" in row.objects and not row.verbs:
        yield "any object and any verb would match"
    for unit in (unit for group in row.units for unit in group):
        if unit not in units() or units()[unit].standard != unit:
            yield f"unit {unit!r} is not a standard spelling of units.csv"
    example = to_base(_example(row))[2]
    if not row.units and example != row.base_unit:
        yield f"its example has the base unit {example!r}, not {row.base_unit!r}"


def _example(row: Indicator) -> Claim:
    action, thing, unit, per = [*(None if part == "-" else part for part in row.example.split()), None][:4]
    topic = row.topics[0].lstrip("!") if row.topics else None
    return Claim(
        id="", start=0, end=0, surface="", value_low=None, value_high=None, masked=True, relation="eq", unit=unit,
        dimension=row.dimension, per=per, action=action, object=thing, status="done", rule="example", topic=topic,
    )  # fmt: skip
