"""The open vocabulary: claims without a code, grouped into candidates for the catalogue, and how the catalogue is used.

An archive on another theme tells things that models/indicators.csv does not know. Claims without a code are grouped
by action, object and unit:
- a longer name (国家高新技术企业) joins the shorter one that it ends in, where that is told as often;
- verbs that share a character (新建, 建成) are one act, opposites (新建, 拆除) are two;
- a change (增长 8%) is another thing than a level (达到 8%); a measure word stays what it is.

What comes out are rows that can be pasted into models/indicators.csv and work there as they are.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.indicators import Indicator, assign_to, catalogue, rivals
from pipeline.lexicon import verbs, word_list
from pipeline.records import Claim
from pipeline.store import Database

COLUMNS = (
    "code", "tier", "name_zh", "name_en", "group", "stage", "dimension", "base_unit", "units", "per", "verbs",
    "not_verbs", "objects", "not_objects", "direction", "aggregation", "denominator", "topics", "example", "notes",
)  # fmt: skip
GROUP = "own"  # of proposed codes; whoever takes a row over gives it the group and code that it should have
EXAMPLES, VERBS = 3, 8  # the most that a proposal shows
NAMED = 4  # characters from which on a shorter name is taken for the name of the longer one that ends in it
ABSTRACT = ("工作", "任务", "目标", "大关")  # things that end so are named by what stands before, which is no measure
HELD = ("控制", "稳定", "保持")  # a level is held: nothing is done to a thing
SHARED = "COALESCE(c.action, ''), COALESCE(c.object, ''), c.unit, c.base_unit, COALESCE(c.per, ''), c.dimension"
UNCODED = f"""
SELECT {SHARED}, c.topic, d.place, d.name, c.surface
FROM claims AS c JOIN documents AS d ON d.key = c.document
WHERE c.indicator IS NULL AND c.repeat_of IS NULL AND c.object IS NOT NULL AND c.unit IS NOT NULL
AND c.dimension NOT IN ('duration', 'frequency')
ORDER BY d.name, d.sha256, c.number
"""
CODED = """
SELECT c.indicator, count(*), count(DISTINCT d.place), min(c.indicator_score)
FROM claims AS c JOIN documents AS d ON d.key = c.document WHERE c.indicator IS NOT NULL GROUP BY 1
"""
ASKED = f"""
SELECT {SHARED}, c.topic, c.label, c.heading_path, count(*), min(c.surface)
FROM claims AS c WHERE c.indicator IS NULL AND c.object IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY count(*) DESC, 2, 1, 3
"""


class Told(NamedTuple):
    """A claim without a code, and where it stands."""

    action: str
    object: str
    unit: str
    base_unit: str | None
    per: str
    dimension: str
    topic: str | None
    place: str | None
    document: str
    surface: str


@dataclass(slots=True)
class Candidate:
    """Claims that tell the same thing, which the catalogue does not know."""

    object: str  # the name of the thing
    kind: str  # act, change, level
    unit: str
    base_unit: str
    per: str
    dimension: str
    claims: int = 0
    verbs: Counter[str] = field(default_factory=Counter)
    places: set[str] = field(default_factory=set)
    examples: list[tuple[str, str]] = field(default_factory=list)  # document, words of the claim

    @property
    def name(self) -> str:
        """What a reader would call it: 新增高新技术企业, 外贸进出口总额增长, 单位GDP能耗."""
        verb = self.verbs.most_common(1)[0][0] if self.verbs else ""
        return self.object + verb if self.kind == "change" else verb + self.object

    def row(self, code: str) -> dict[str, str]:
        """The row for models/indicators.csv."""
        counted = self.dimension == "count"
        acts = [verb for verb, _ in self.verbs.most_common(VERBS)]
        return dict.fromkeys(COLUMNS, "") | {
            "code": code,
            "tier": "3",
            "name_zh": self.name,
            "group": GROUP,
            "stage": {"act": "output", "change": "outcome", "level": "context"}[self.kind],
            "dimension": self.dimension,
            "base_unit": self.base_unit,
            "units": self.unit if counted else "",
            "per": self.per,
            "verbs": "|".join(["!", *acts]) if acts else "",
            "not_verbs": "" if acts else "增长|下降",
            "objects": self.object if len(self.object) >= NAMED else f"={self.object}",
            "direction": "0",
            "aggregation": "sum" if self.kind == "act" else "last",
            "example": " ".join(filter(None, (acts[0] if acts else "-", self.object, self.unit, self.per))),
            "notes": f"{self.claims} 次，{len(self.places)} 地：" + "；".join(f"{d} {s}" for d, s in self.examples),
        }


def suggest(database: Database, claims: int = 5, places: int = 2) -> list[tuple[dict[str, str], Candidate]]:
    """Rows for models/indicators.csv with what they rest on, those first that most places tell.

    `claims` and `places` are the least that a candidate is told by. A row whose own claims another row of the catalogue
    would take is left out: it is no new thing.
    """
    told = (Told(*row) for row in database.connection.execute(UNCODED))
    found = [c for c in candidates(told) if c.claims >= claims and len(c.places) >= places]
    found.sort(key=lambda c: (-len(c.places), -c.claims, c.name, c.unit, c.per))
    names = Counter(c.name for c in found)
    taken = {row.code for row in catalogue()}
    proposed: list[tuple[dict[str, str], Candidate]] = []
    for candidate in found:
        code = f"{GROUP}.{candidate.name}" + (f"_{candidate.base_unit}" if names[candidate.name] > 1 else "")
        row = candidate.row(code)
        if code not in taken and assign_to(row) == code:
            taken.add(code)
            proposed.append((row, candidate))
    return proposed


def candidates(told: Iterable[Told]) -> list[Candidate]:
    """Claims grouped by what they tell, in the order in which they are first told."""
    empty = word_list("object_without_content")
    by_thing: dict[tuple[str, str, str, str], dict[str, list[Told]]] = {}
    for claim in told:
        if len(claim.object) > 1 and claim.object not in empty and not claim.object.endswith(ABSTRACT):
            key = (claim.unit if claim.dimension == "count" else claim.base_unit or claim.unit,
                   claim.per, claim.dimension, _kind(claim.action))  # fmt: skip
            by_thing.setdefault(key, {}).setdefault(claim.object, []).append(claim)
    return [c for key, things in by_thing.items() for c in _of_kind(key[3], things)]


def csv_rows(proposed: Sequence[tuple[dict[str, str], Candidate]]) -> str:
    """Proposals as lines of models/indicators.csv, with its heading."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row, _ in proposed)
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class Use:
    """How often a row of the catalogue gave its code."""

    row: Indicator
    claims: int
    places: int
    least_score: float | None


def usage(database: Database) -> list[Use]:
    """Every row of the catalogue in its order, also those that matched nothing."""
    counts = {code: rest for code, *rest in database.connection.execute(CODED)}
    return [Use(row, *counts.get(row.code, (0, 0, None))) for row in catalogue()]


@dataclass(frozen=True, slots=True)
class Collision:
    """Claims without a code because two or more rows fit them equally well."""

    codes: tuple[str, ...]
    claims: int
    example: str


def collisions(database: Database) -> list[Collision]:
    """Which rows of the catalogue cannot be told apart on this database, the most frequent first."""
    counts: Counter[tuple[str, ...]] = Counter()
    examples: dict[tuple[str, ...], str] = {}
    for *asked, topic, label, headings, count, surface in database.connection.execute(ASKED):
        codes = rivals(_claim(asked, topic, label, headings))
        if codes:
            counts[codes] += count
            examples.setdefault(codes, f"{asked[0]}{asked[1]}{surface}")
    return [Collision(codes, count, examples[codes]) for codes, count in counts.most_common()]


def _claim(asked: Sequence[str | None], topic: str | None, label: str | None, headings: str | None) -> Claim:
    action, thing, unit, base_unit, per, dimension = asked
    return Claim(
        id="", start=0, end=0, surface="", value_low=None, value_high=None, masked=False, relation="eq", unit=unit,
        dimension=dimension or "count", per=per or None, action=action or None, object=thing or None, status="done",
        rule="", base_unit=base_unit, topic=topic, label=label, heading_path=(headings or "",),
    )  # fmt: skip


def _of_kind(kind: str, things: dict[str, list[Told]]) -> Iterator[Candidate]:
    """The candidates among claims of one unit and kind."""
    grouped: dict[str, list[Told]] = {}
    for thing, claims in things.items():
        grouped.setdefault(_name_of(thing, things), []).extend(claims)
    for name, claims in grouped.items():
        acts = _families({claim.action for claim in claims}) if kind != "level" else {}
        found: dict[str, Candidate] = {}
        for claim in claims:
            family = acts.get(claim.action, "")
            candidate = found.setdefault(family, Candidate(
                name, kind, claim.unit, claim.base_unit or claim.unit, claim.per, claim.dimension))  # fmt: skip
            candidate.claims += 1
            if kind != "level":
                candidate.verbs[claim.action] += 1
            if claim.place:
                candidate.places.add(claim.place)
            if len(candidate.examples) < EXAMPLES and claim.document not in dict(candidate.examples):
                candidate.examples.append((claim.document, f"{claim.action}{claim.object}{claim.surface}"))
        yield from found.values()


def _name_of(thing: str, things: dict[str, list[Told]]) -> str:
    """The shortest name in which `thing` ends and that is told at least as often; itself where there is none."""
    tails = (thing[start:] for start in range(len(thing) - NAMED, 0, -1))
    return next((tail for tail in tails if len(things.get(tail, ())) >= len(things[thing])), thing)


def _kind(action: str) -> str:
    known = verbs().get(action, ("act" if action else "", False))[0]
    return known if known in ("act", "change") and not action.startswith(HELD) else "level"


def _families(actions: Iterable[str]) -> dict[str, str]:
    """Each verb → the first of those that it shares a character with, straight or through others."""
    family: dict[str, str] = {}
    for action in sorted(actions):
        near = sorted({family[other] for other in family if set(other) & set(action)})
        for other, head in family.items():
            if head in near:
                family[other] = near[0]
        family[action] = near[0] if near else action
    return family


def as_json(proposed: Sequence[tuple[dict[str, str], Candidate]]) -> list[dict[str, object]]:
    """Proposals for machines: the row, and what it rests on."""
    return [
        {"row": row, "name": candidate.name, "claims": candidate.claims, "verbs": dict(candidate.verbs),
         "places": sorted(candidate.places), "examples": candidate.examples}
        for row, candidate in proposed
    ]  # fmt: skip
