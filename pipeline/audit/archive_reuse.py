"""Reports held against one another as texts: F04, F05, and N15, which adds the numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from pipeline.audit import reuse_archive
from pipeline.audit.base import ArchiveCheck, ArchiveContext, settings
from pipeline.audit.reuse_archive import Pair, Passage, Writing
from pipeline.records import Evidence, Finding

SHORTEST = 200  # letters of a report that can be told a copy as a whole
NUMBERS_SHOWN = 10
MANY_PLACES = 12  # a figure that more of them have was given to them

_HANDED_OUT = re.compile(r"(?:任务|下达|分配|指标|计划|目标)[^\d，,。；;]{0,8}$")


def whole_copies(context: ArchiveContext) -> Iterator[Finding]:
    """F04: most of a report stands in another one."""
    for pair, own, other in _views(context):
        if not _is_whole(pair, context.option("least_percent")):
            continue
        share = min(100, round(100 * pair.shared / own.letters))
        same = reuse_archive.same_numbers(context.database, pair)
        message = f"本报告{share}%的文字（{pair.shared}字）与{_named(other)}相同，其中{len(same)}个数字也相同；"
        message += _order(pair, other)
        longest = sorted(pair.passages, key=lambda passage: (-passage.shared, passage.later))[:5]
        formula = f"{pair.shared}÷{own.letters}={share}%"
        yield context.finding(
            message,
            _sides(context, pair, own, longest) + _numbers(context, same, own is pair.later),
            [share],
            formula=formula,
        )


def copied_passages(context: ArchiveContext) -> Iterator[Finding]:
    """F05: passages of a report that stand in another one and are no set phrases."""
    limit = settings()["F04"].options["least_percent"]
    for pair, own, other in _views(context):
        telling = [] if _is_whole(pair, limit) else [
            passage for passage in pair.passages
            if not _is_set(context, own.sha256, passage.later if own is pair.later else passage.earlier)]  # fmt: skip
        if not telling:
            continue
        longest = sorted(telling, key=lambda passage: (-passage.own, passage.later))[: context.option("shown")]
        severity = context.option("own_place_severity") if pair.same_place else None
        same = reuse_archive.same_numbers(context.database, pair)
        count = f"{len(telling)}段" if len(telling) > 1 else "一段"
        shared = sum(passage.shared for passage in telling)
        message = f"有{count}共{shared}字与{_named(other)}相同"
        message += f"，其中{len(same)}个数字也相同；" if same else "；"
        yield context.finding(
            message + _order(pair, other),
            _sides(context, pair, own, longest) + _numbers(context, same, own is pair.later),
            [shared],
            severity=severity,
        )


def _is_set(context: ArchiveContext, sha256: str, span: tuple[int, int]) -> bool:
    """Whether a passage is what everybody writes: thanks, guidance, a term explained, and next to nothing else."""
    passage = context.span(sha256, *span).surface
    line = context.span(sha256, max(0, span[0] - 40), span[1]).surface[: min(40, span[0])].rpartition("\n")[2]
    if re.search(context.option("glossary"), line + passage[:20]):
        return True
    set_clause = re.compile("|".join(context.option("set_clauses")))
    own = (clause for clause in re.split("[，,。；;：:、！!？?\n]", passage) if not set_clause.search(clause.strip()))
    least: int = context.option("least_own")
    return sum(len(re.findall(r"\w", clause)) for clause in own) < least


def same_figures(context: ArchiveContext) -> Iterator[Finding]:
    """N15: two places whose reports tell the same odd figures."""
    reuse_archive.refresh(context.database)
    in_text: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    documents = {writing.sha256: writing for writing in reuse_archive.writings(context.database)}
    odd = _odd_claims(context)
    for pair in reuse_archive.pairs(context.database):
        if not pair.same_place and pair.earlier.place and pair.later.place:
            same = reuse_archive.same_numbers(context.database, pair)
            in_text[pair.earlier.sha256, pair.later.sha256] += [both for both in same if both[0] in odd]
    told = {key: both for key, some in _same_facts(context).items()
            if (both := [match for match in some if match[0] in odd and match[1] in odd])}  # fmt: skip
    for key in sorted({*in_text, *told}):
        by_text, by_fact = in_text.get(key, []), told.get(key, [])
        seen = {later for _, later in by_text}
        both = by_text + [match for match in by_fact if match[1] not in seen]
        if len(by_text) < context.option("least_with_text") and len(both) < context.option("least"):
            continue
        for own, other, claims in (
            (documents[key[1]], documents[key[0]], both),
            (documents[key[0]], documents[key[1]], [(late, early) for early, late in both]),
        ):
            if own.year is not None and other.year is not None and own.year < other.year:
                continue  # the later one is asked
            here = [context.of_claim(late) for _, late in claims]
            there = [context.of_claim(early, "counterpart", _named(other)) for early, _ in claims]
            shown = "、".join(dict.fromkeys(e.surface for e in here[:8]))
            text = f"，其中{len(by_text)}个所在文字也相同" if by_text else ""
            message = f"有{len(claims)}个数字与{_named(other)}完全相同（{shown}）{text}。"
            yield context.finding(message, here + there, [e.surface for e in here])


def _views(context: ArchiveContext) -> Iterator[tuple[Pair, Writing, Writing]]:
    """Each pair, whom to ask, and the other one: the later report, or both where nobody can tell which that is."""
    reuse_archive.refresh(context.database)
    for pair in reuse_archive.pairs(context.database):
        yield pair, pair.later, pair.earlier
        if not pair.directed:
            yield pair, pair.earlier, pair.later


def _is_whole(pair: Pair, least_percent: int) -> bool:
    """Whether the two are one text, not an excerpt and its whole."""
    fewer, more = sorted((pair.earlier.letters, pair.later.letters))
    alike = 100 * pair.shared >= least_percent * fewer and 100 * pair.shared >= (least_percent - 20) * more
    return fewer >= SHORTEST and (alike or 100 * pair.similarity >= least_percent)


def _sides(context: ArchiveContext, pair: Pair, own: Writing, passages: list[Passage]) -> list[Evidence]:
    other = pair.earlier if own is pair.later else pair.later
    here, there = [], []
    for passage in passages:
        mine, theirs = (passage.later, passage.earlier) if own is pair.later else (passage.earlier, passage.later)
        here.append(context.span(own.sha256, *mine, note=f"相同{passage.shared}字"))
        there.append(context.span(other.sha256, *theirs, role="counterpart", note=_named(other)))
    return here + there


def _numbers(context: ArchiveContext, same: list[tuple[str, str]], later: bool) -> list[Evidence]:
    return [context.of_claim(both[later], "context", "数字也相同") for both in same[:NUMBERS_SHOWN]]


def _named(other: Writing) -> str:
    place = (other.place or "单位不明").partition("#")[0]
    return f"{place}{other.year}年报告《{other.name}》" if other.year else f"{place}报告《{other.name}》"


def _order(pair: Pair, other: Writing) -> str:
    return f"本库中以{other.year}年的一份为最早。" if pair.directed else "两份年份相同或不明，先后无法判断。"


def _odd_claims(context: ArchiveContext) -> set[str]:
    """The claims whose number two places hardly have by chance, and that were not handed out to them alike."""
    found = context.database.connection.execute(
        "SELECT c.id, c.value_low, substr(d.text, max(1, c.start - 11), min(12, c.start)) FROM claims AS c"
        " JOIN documents AS d ON d.key = c.document"
        " WHERE c.value_low = c.value_high AND c.status IN ('done', 'state')"
    )
    digits = context.option("digits")
    return {id_ for id_, value, lead in found if _is_odd(value, digits) and not _HANDED_OUT.search(lead)}


def _is_odd(value: str, digits: int) -> bool:
    """Whether a number has so many significant digits that two places hardly have it by chance; years have not."""
    significant = value.replace(".", "").strip("0")
    is_year = re.fullmatch("20[0-3][0-9]", value)
    return len(significant) >= digits and not is_year and Decimal(value) > 0


def _same_facts(context: ArchiveContext) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(sha256 of the earlier report, of the later) → claims of both that say the same of the same indicator."""
    found = context.database.connection.execute(
        "SELECT f.indicator, f.unit, f.value_low, d.place, d.year, d.name, d.sha256, json_extract(f.claims, '$[0]')"
        " FROM facts AS f JOIN documents AS d ON d.key = f.document"
        " WHERE f.state = 'exact' AND f.status IN ('done', 'state') AND d.place IS NOT NULL"
        " ORDER BY f.indicator, f.unit, f.value_low, d.year IS NULL, d.year, d.name, d.sha256"
    )
    groups: dict[tuple[str, ...], list[tuple[str, str, str]]] = defaultdict(list)
    for indicator, unit, value, place, _, _, sha256, claim in found:
        if _is_odd(value, context.option("digits")):
            groups[indicator, unit, value].append((place, sha256, claim))
    same: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for members in groups.values():
        if len({place for place, *_ in members}) > MANY_PLACES:
            continue
        for (place, sha256, claim), (other_place, other, other_claim) in combinations(members, 2):
            if place != other_place:
                same[sha256, other].append((claim, other_claim))
    return same


ARCHIVE_CHECKS: dict[str, ArchiveCheck] = {
    "F04": whole_copies,
    "F05": copied_passages,
    "N15": same_figures,
}
