"""models/indicators.csv: what can be compared, one row a code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.lexicon import rows


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
    verbs: tuple[str, ...]  # stems, contained in the action; empty: any; @a: those of models/verb_families.csv
    verb_needed: bool  # "!" among the verbs: the object alone does not tell (道路 硬化, 道路 绿化)
    not_verbs: tuple[str, ...]
    objects: tuple[str, ...]  # words, a*b for a before b, =a for nothing but a, ~a only in topic, or "*" for any
    not_objects: tuple[str, ...]
    direction: str  # + more is better, - less is better, 0 neither
    aggregation: str  # sum, last or mean of several reports of one place and year
    denominator: str
    topics: tuple[str, ...]  # topics and labels of the segment, or words of its headings; "!x": only there
    example: str  # action object unit [per], "-" for none; `lint` assigns it
    notes: str

    def comparable_unit(self, unit: str | None, per: str, base_unit: str | None) -> str | None:
        """The unit in which claims of this code may be compared; None where the claim's unit is not accepted.

        A unit left out in the text (349万 for 349万人) is understood where the row knows only one; but a bare number of
        residents is people, never 户."""
        if per not in (self.per or ("-",)):
            return None
        if unit is None:
            return self.units[0][0] if len(self.units) == 1 and self.units[0][0] != "户" else None
        if not self.units:
            return base_unit if base_unit == self.base_unit else None
        return next((group[0] for group in self.units if unit in group), None)

    def knows_topic(self, topics: tuple[str, str], headings: str) -> bool:
        """Whether one of the row's topics is the segment's topic or label, or stands in its headings."""
        return any(topic in (topics if topic.isascii() else headings) for topic in (t.lstrip("!") for t in self.topics))

    def topic_place(self, topic: str) -> int:
        """How early the segment's topic stands among the row's: 0 is first; a topic that is none of them is last."""
        topics = [topic.lstrip("!") for topic in self.topics]
        return topics.index(topic) if topic in topics else len(topics)

    @property
    def needs_topic(self) -> bool:
        """Whether the row holds only under its topics."""
        return any(topic.startswith("!") for topic in self.topics)


@cache
def catalogue() -> tuple[Indicator, ...]:
    """models/indicators.csv in the order of the file."""
    return tuple(indicator(row) for row in rows("indicators"))


def indicator(row: dict[str, str]) -> Indicator:
    """A row of the table, read."""

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
        verbs=_verbs(words("verbs")),
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


def _verbs(told: tuple[str, ...]) -> tuple[str, ...]:
    own = tuple(verb for verb in told if verb != "!" and not verb.startswith("@"))
    of_families = (verb for name in told if name.startswith("@") for verb in _verb_families()[name[1:]])
    return own + tuple(dict.fromkeys(verb for verb in of_families if verb not in own))


@cache
def _verb_families() -> dict[str, list[str]]:
    """models/verb_families.csv: verbs that tell the same act of many things, such as all ways of saying 新建."""
    families: dict[str, list[str]] = {}
    for row in rows("verb_families"):
        families.setdefault(row["family"], []).append(row["verb"])
    return families
