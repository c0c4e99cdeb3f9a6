"""Which row of the catalogue a claim belongs to: by verb, object and unit, scored, with its reason.

First the object that extraction found is asked for the words of the rows. Where that names none, the words that stand
next to the number are asked, at a discount: what is counted stands just before it or just behind it, in its own part of
the sentence. Two rows that fit equally give no code, because the order of a table is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from pipeline.indicators.catalogue import Indicator, catalogue
from pipeline.indicators.clause import Clause, bare
from pipeline.indicators.units import standard, unit_of
from pipeline.records import Claim

# Verbs without a meaning of their own: the act is named by the object (完成农村户厕改造) or understood.
LIGHT_VERB = re.compile(
    r"(?:累计|全面|提前|超额|顺利|高质量|组织|启动|统筹|扎实|全力|深入|共|现|预计|力争|确保|继续)?"
    r"(?:完成|实施|开展|进行|达到?|达成|实现|推进|推动|拥有|有|新增|增加|落实|做好|抓[好实]|突破|超过?|占)|"
    r"累计|共|仍?[为是]|(?:保持|稳定|维持|控制)[在为]?|组织|启动|继续|加快|计划|预计|力争|争取|确保|"
    r"(?:增加?|提高|上升|升|扩大)[到至]"
)
OBJECT_WEIGHT, VERB_WEIGHT, UNIT_WEIGHT, TOPIC_WEIGHT = 0.55, 0.35, 0.1, 0.2
HEAD, ANY_OBJECT, NEAR, MIXED, MODIFIER = 1.0, 0.8, 0.8, 0.6, 0.2  # head; any; in the clause; one of several; modifier
SAID, UNSAID, OTHER = 1.0, 0.5, -0.5  # the verb is one of the row's; is not told; is another
_NEXT_PART = re.compile(r"[、，,；和及与或/]|[（(等].*")
_EMPTY_TAIL = re.compile(
    r"(?:建设)?(?:工程|工作|任务|行动|回头看|数量|总数|总量|目标|人数|测评|抽查|抽测)?(?:上半年|下半年|全年|上年末?|本年末?|年末)?"
)
_ALL_OF_THEM = "均|都|共|全|一道|一起|连同|上下|散落|分布|人人|人均|户均|平均|村均"
WHOLE = re.compile(r"(?:全[镇乡县市区村]|全街道|我[镇乡县市区村]|现)")
_RATE_OF = re.compile("(?:收缴|征收|拨付|到位|支付|完成)率$")
_QUOTES = re.compile("[“”‘’《》「」]")
_TITLE = re.compile(r"《[^》]*》|“[^”]*”")  # 自编快板《十劝乡亲》演了11场
_DONE, _WORKS = "完成", ("infrastructure", "remediation", "waste", "vector")  # what a cell of works leaves out
_UNDERSTOOD = "inhabitants"  # the rule by which extraction names what a bare 户 or 人 may count
LONGEST = 8  # characters that a name whose parts stand apart counts for, when words are compared
_ROLE = re.compile(r"(?:当|担任|充当|充任)(?:[一-鿿]{0,6})?")  # 58名当环境小卫士
ALONE = re.compile(rf"(?:(?:[中里内划等]|{_ALL_OF_THEM}).*)?")


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
    heading: str = ""  # the nearest
    carried: bool = False  # the object was told with an earlier number


@dataclass(frozen=True, slots=True)
class Match:
    """How well a row fits, and by which words; ordered by what decides between rows."""

    score: float
    word_length: int
    in_topic: bool
    verb_length: int
    earliness: int
    row: Indicator
    base_unit: str
    word: str  # as it stands in the object or the clause; empty where the verb alone told
    verb: str  # the row's verb that was said; empty where none was needed or told
    near: bool = False  # the word stands in the clause, not in the object
    topic_place: int = 0  # of the segment's topic among the row's
    status: str | None = None  # of the claim that told the verb, where that is another

    @property
    def rank(self) -> tuple[float, int, bool, int, int, int]:
        """Score, then the longer word, the topic, the longer verb, the part of a list that is named first, and the row
        that names the topic earlier."""
        score = round(self.score, 6)
        return score, self.word_length, self.in_topic, self.verb_length, self.earliness, -self.topic_place


def asked(claim: Claim) -> Asked:
    """What of `claim` decides its code."""
    known = unit_of(claim)
    return Asked(
        action=re.sub(r"[（）()]", "", claim.action or _DONE * (claim.rule == "cell" and claim.topic in _WORKS)),
        object="" if claim.rule == _UNDERSTOOD else _thing(claim),
        unit=standard(claim.unit),
        base_unit=known.base_unit if known else None,
        per=claim.per or "-",
        dimension=claim.dimension,
        topics=(claim.topic or "", claim.label or ""),
        headings=" ".join(claim.heading_path),
        heading=claim.heading_path[-1] if claim.heading_path else "",
        carried=claim.rule == "carried_object",
    )


def _thing(claim: Claim) -> str:
    """The object; of an amount, what its rate is of (按户收费收缴率71%，计11.4万元: 收费)."""
    thing = claim.object or ""
    return _RATE_OF.sub("", thing) if claim.dimension == "money" else thing


@lru_cache(maxsize=100_000)
def by_object(asked: Asked) -> Match | None:
    """The best row of the catalogue among those of which some word stands in the object."""
    if not asked.object:
        return best_of(asked, catalogue())
    return winner(_match(row, asked, words) for row, words in told_by(asked.object))


def by_clause(asked: Asked, near: Clause) -> Match | None:
    """The best row of which a word stands next to the number: at the end of its clause before it, or just behind it."""
    own = bare(near.before)
    apart = asked.dimension == "percent" or any(own[-length:] in _last_parts() for length in range(2, LONGEST))
    told = near.sentence if apart else near.before
    return winner(match_near(row, asked, near, words) for row, words in told_by(f"{told}\n{near.after}"))


def fuller(match: Match, asked: Asked, near: Clause) -> Match | None:
    """The row whose whole name the clause tells, where the object is the last part of it only.

    与经营户签订责任书: 经营户*责任书, not any 责任书; 精神障碍患者…，规范管理率: 精神障碍*规范管理率.
    """
    if match.word != asked.object or asked.object not in _last_parts():
        return None
    found = by_clause(asked, near)
    if found is None or found.row == match.row or len(found.word) <= len(match.word):
        return None
    return found if any(word.endswith(f"*{asked.object}") for word in found.row.objects) else None


@cache
def _last_parts() -> frozenset[str]:
    return frozenset(word.rpartition("*")[2] for row in catalogue() for word in row.objects if "*" in word)


def best_of(asked: Asked, rows: Sequence[Indicator]) -> Match | None:
    """The best of some rows by object, whether or not they are in the catalogue."""
    return winner(_match(row, asked, row.objects) for row in rows)


def winner(matches: Iterable[Match | None]) -> Match | None:
    """The best match; none where two different rows fit equally."""
    best: list[Match] = []
    for match in matches:
        if match is None or (best and match.rank < best[0].rank):
            continue
        best = [*best, match] if best and match.rank == best[0].rank else [match]
    return best[0] if len(best) == 1 else None


def rivals(claim: Claim) -> tuple[str, ...]:
    """The codes of the rows that fit a claim best and equally well; empty where there is one best row or none."""
    question = asked(claim)
    matches = [match for row, words in told_by(question.object) if (match := _match(row, question, words))]
    best = max((match.rank for match in matches), default=None)
    tied = [match.row.code for match in matches if match.rank == best and match.score >= HEAD * OBJECT_WEIGHT]
    return tuple(tied) if len(tied) > 1 else ()


def _match(row: Indicator, asked: Asked, words: Sequence[str]) -> Match | None:
    base_unit = accepted_unit(row, asked, asked.action, asked.object)
    if base_unit is None:
        return None
    in_topic = row.knows_topic(asked.topics, asked.headings)
    if not in_topic and row.needs_topic:
        return None
    strength, word_length, earliness, word, named = _object(row, asked.object, telling(row, words, in_topic))
    said, verb = _verb(row, asked.action, named)
    if in_topic and not verb and not asked.action and row.verb_needed and strength == HEAD:
        verb = max((verb for verb in row.verbs if verb in asked.heading[:LONGEST]), key=len, default="")
    verb_needed = row.verb_needed or strength == ANY_OBJECT or not asked.object or f"+{asked.object}" in words
    if (verb_needed and not verb) or (not asked.object and (not in_topic or row.stage == "context")):
        return None
    if said == UNSAID and _only_there(row, asked):
        return None
    score = OBJECT_WEIGHT * strength + VERB_WEIGHT * said + (UNIT_WEIGHT if asked.unit else 0.0)
    if not asked.object:
        score += TOPIC_WEIGHT
    place = row.topic_place(asked.topics[0])
    return Match(score, word_length, in_topic, len(verb), earliness, row, base_unit, word, verb, topic_place=place)


def match_near(row: Indicator, asked: Asked, near: Clause, words: Sequence[str]) -> Match | None:
    before, after = near.before, near.after
    # 热线工单1872件，满意率91.3%: the object of a rate, or one carried on, may say what the clause leaves out
    things = before + after + (asked.object if asked.dimension == "percent" or asked.carried else "")
    base_unit = accepted_unit(row, asked, before + after, things)
    if base_unit is None:
        return None
    in_topic = row.knows_topic(asked.topics, asked.headings)
    if not in_topic and row.needs_topic:
        return None
    whole = near.of_which or WHOLE.search(before) is not None
    found = max(_beside(row, near, telling(row, words, in_topic or whole)), default=None)
    if found is None:
        return None
    length, word = found
    said = "\n".join((before, near.follows or after, asked.action))
    verb = max((verb for verb in row.verbs if verb in said), key=len, default="")
    other = asked.action in before + after and asked.action not in word and not _says_nothing(row, asked.action)
    other = other and not (row.aggregation == "last" and _is_subject(word, near))
    weight = SAID if verb or not row.verbs else OTHER if asked.action and other else UNSAID
    if (row.verb_needed and not verb) or (weight == UNSAID and _only_there(row, asked)):
        return None
    score = OBJECT_WEIGHT * NEAR + VERB_WEIGHT * weight + (UNIT_WEIGHT if asked.unit else 0.0)
    place = row.topic_place(asked.topics[0])
    return Match(score, length, in_topic, len(verb), 0, row, base_unit, word, verb, near=True, topic_place=place)


def _only_there(row: Indicator, asked: Asked) -> bool:
    """Whether an opening tells no act (农贸市场1个), so that it is what there is, and the row counts what was done."""
    return row.aggregation == "sum" and row.dimension == "count" and "overview" in asked.topics


def accepted_unit(row: Indicator, asked: Asked, acts: str, things: str) -> str | None:
    """The base unit in which the row takes the claim; None where dimension, unit or a word is against it."""
    if row.dimension != asked.dimension:
        return None
    base_unit = row.comparable_unit(asked.unit, asked.per, asked.base_unit)
    if base_unit is None or holds(acts, row.not_verbs) or holds(things, row.not_objects):
        return None
    return base_unit


def holds(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def _beside(row: Indicator, near: Clause, words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The row's words beside the number, with nothing but its verbs and filling between: (length, word).

    The parts of an indicator's name may stand apart in its sentence: 收运覆盖113个自然村，覆盖率89.7%.
    """
    before, after = near.before, near.after
    for word in words:
        if word.startswith(("=", "+")):
            verb_told = word[0] == "=" or any(verb in near.before for verb in row.verbs)
            if verb_told and _is_all(word[1:], row, near):
                yield len(word) - 1, word[1:]
            continue
        if word == "*":
            continue
        tail = word.rpartition("*")[2] if "*" in word else ""
        apart = len(tail) > 1 and (row.dimension == "percent" or _names_only(tail, row, near))
        told = near.sentence if apart else before
        for start, end in places(word, told):
            if end > len(told) - len(before) and not bare(_without_verb(_TITLE.sub("", told[end:]), row.verbs)):
                yield min(end - start, LONGEST), told[start:end]
        for start, end in places(word, after):
            between = _QUOTES.sub("", after[:start])
            if not _without_verb(between, row.verbs) or _ROLE.fullmatch(between):
                yield end - start, after[start:end]


def _is_subject(word: str, near: Clause) -> bool:
    """Whether the thing, all of it, does what follows: 486名党员全部挂牌, 265名志愿者人均服务16小时."""
    alone = not bare(WHOLE.sub("", near.before.strip("，,、和及与")))
    return alone and re.match(f"{re.escape(word)}(?:{_ALL_OF_THEM})", near.after) is not None


def telling(row: Indicator, words: Sequence[str], in_topic: bool) -> Sequence[str]:
    """The words that may tell here: without those that say little (=面积, =投入, =, ~活动) outside the row's topics."""
    if in_topic or not row.topics:
        return [word.lstrip("~") for word in words]
    return [word for word in words if not word.startswith("~") and (len(word) > 3 or not word.startswith("="))]


def _names_only(thing: str, row: Indicator, near: Clause) -> bool:
    """Whether the number's own part names `thing` and nothing else: 粮食播种面积52万亩，产量21.6万吨."""
    own = bare(near.before.strip("，,、；和及与"))
    return not bare(near.after) and thing in (own, _without_verb(own, row.verbs))


def _is_all(thing: str, row: Indicator, near: Clause) -> bool:
    """Whether `thing` is all that the clause counts; an empty one where it names nothing (全镇9588户)."""
    *_, last = re.split("[、和及与]", near.before)
    rest = bare(WHOLE.sub("", (last if WHOLE.search(last) else near.before).strip("，,、和及与")))
    if not thing:
        return not rest and not near.after
    behind = near.after.startswith(thing) and ALONE.fullmatch(near.after, len(thing))
    return bool(behind) or thing in (rest, _without_verb(rest, row.verbs))


def _without_verb(text: str, verbs: Sequence[str]) -> str:
    """The text without the row's acts at its head, of which several may follow each other (升级改造)."""
    while named := max((verb for verb in verbs if text.startswith(verb)), key=len, default=""):
        text = text[len(named) :].removeprefix("了")
    return text.removeprefix("了")


def _object(row: Indicator, thing: str, words: Sequence[str]) -> tuple[float, int, int, str, str]:
    """Strength, length and earliness of the row's best word in the object, the word, and its part of the list."""
    best = (0.0, 0, 0, "", "")
    for word in words:
        if word == "*":
            best = max(best, (ANY_OBJECT, 0, 0, "", thing))
            continue
        for start, end in places(word, thing):
            tail, *others = _NEXT_PART.split(thing[end:])
            strength = HEAD if _is_head(tail, row.verbs) else MODIFIER
            if strength == HEAD and row.dimension != "percent" and others and others[-1]:
                strength = HEAD if any(w in others[-1] for w in row.objects) else MIXED
            part = _NEXT_PART.split(thing[:start])[-1] + thing[start:end] + tail
            best = max(best, (strength, end - start, -start, thing[start:end], part))
    return best


def _is_head(tail: str, verbs: Sequence[str]) -> bool:
    """Whether nothing follows the word but the act itself (户厕改造) or a noun of no weight (改造工程)."""
    return _EMPTY_TAIL.fullmatch(_without_verb(tail, verbs)) is not None


def places(word: str, thing: str) -> Iterator[tuple[int, int]]:
    """Where `word` stands in `thing`; of a*b, from the first a to the last b; of =a and +a, where a is all of it."""
    if word.startswith(("=", "+")):
        if thing == word[1:]:
            yield 0, len(thing)
        return
    if "*" in word:
        found = _pattern(word).search(thing)
        if found:
            yield found.span()
        return
    start = thing.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = thing.find(word, start + 1)


@cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile("(?:(?!率[、和及与]).)*".join(map(re.escape, word.split("*"))))  # never over two rates


def _says_nothing(row: Indicator, action: str) -> bool:
    """Whether the act leaves open what was done; but what there is (停车位仅有42个) was not done."""
    return LIGHT_VERB.fullmatch(action) is not None and not (row.stage == "output" and action.endswith("有"))


def _verb(row: Indicator, action: str, named: str) -> tuple[float, str]:
    if not row.verbs:
        return SAID, ""
    verb = max((verb for verb in row.verbs if verb in action), key=len, default="")
    if verb:
        return SAID, verb
    if action and not _says_nothing(row, action):
        return OTHER, ""
    verb = max((verb for verb in row.verbs if verb in named), key=len, default="")
    return (SAID, verb) if verb else (UNSAID, "")


def told_by(text: str) -> list[tuple[Indicator, list[str]]]:
    """The rows of which some word, or the longest part of it, stands in `text`, each with those words, in order."""
    finder, told_of = _words()
    found: dict[int, list[str]] = {}
    hits = {hit[0] for hit in finder.find_matches_as_indexes(text, overlapping=True)}
    for hit in (*sorted(hits), -1):
        for row, word in told_of[hit]:
            found.setdefault(row, []).append(word)
    table = catalogue()
    return [(table[row], found[row]) for row in sorted(found)]


@cache
def _words() -> tuple[AhoCorasick, list[list[tuple[int, str]]]]:
    """What finds all words of the catalogue at once, and for each its (row, word) pairs; last, those for any object."""
    told_of: dict[str, list[tuple[int, str]]] = {}
    for place, row in enumerate(catalogue()):
        for word in row.objects:
            told_of.setdefault(max(word.lstrip("=+~").split("*"), key=len), []).append((place, word))
    any_object = told_of.pop("", [])
    return AhoCorasick(list(told_of)), [*told_of.values(), any_object]
