"""F08: what a place's report aimed at for the coming year, held against what its next report tells."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.audit.archive_years import Key, Told, catalogue, facts_told, low_of, name_of, number, plain
from pipeline.audit.base import ArchiveCheck, ArchiveContext
from pipeline.records import Evidence, Finding

AROUND = 40  # letters before a figure in which its clause is looked for
_BORDER = re.compile("[，,；;。！？!?：:、\n]")


@dataclass(frozen=True, slots=True)
class Said:
    """The words in which a claim is put."""

    object: str
    clause: str  # from the border before it to the end of the figure
    before: str  # the words of its sentence before it, with the headings above
    after: str


def broken_promises(context: ArchiveContext) -> Iterator[Finding]:
    """F08: a target of last year's report that this year's result misses, or that this year's report is silent on."""
    planned = _said(context, "c.label = 'next_steps'")
    told = _said(context, "c.status IN ('done', 'state')")
    several = re.compile(context.option("several_years"))
    for before, after in _years(facts_told(context)):
        results: dict[Key, list[Told]] = defaultdict(list)
        for fact in after:
            if fact.status in ("done", "state") and fact.told_of in (None, fact.year):
                results[fact.key].append(fact)
        silent: list[Told] = []
        for target in before:
            aim = planned.get(target.claim)
            of_next_year = target.told_of in (None, target.year, target.year + 1)
            if target.status != "target" or aim is None or "|" in target.indicator or not of_next_year or (
                several.search(aim.before) or re.match(context.option("criterion_behind"), aim.after)):  # fmt: skip
                continue
            found = [fact for fact in results.get(target.key, []) if fact.state in ("exact", "approx")]
            if not results.get(target.key):
                silent.append(target)
            elif found and all(_misses(context, target, fact) for fact in found):
                alike = [fact for fact in found if _are_alike(context, (target, aim), (fact, told.get(fact.claim)))]
                yield from [_missed(context, target, max(alike, key=low_of))] if alike else []
        if silent:
            yield _unmentioned(context, silent, after)


def _years(facts: list[Told]) -> Iterator[tuple[list[Told], list[Told]]]:
    """The facts of a place's reports on one year, and of all its reports on the next."""
    places: dict[tuple[str, int], list[Told]] = defaultdict(list)
    for fact in facts:
        places[fact.place, fact.year].append(fact)
    for (place, year), after in places.items():
        if before := places.get((place, year - 1)):
            yield before, after


def _said(context: ArchiveContext, where: str) -> dict[str, Said]:
    """The words of the claims that a condition chooses, by id."""
    found = context.database.connection.execute(
        "SELECT c.id, c.object, c.surface, c.heading_path, substr(d.text, max(1, c.start - ?), min(?, c.start)),"
        ' substr(d.text, c."end" + 1, 12) FROM claims AS c JOIN documents AS d ON d.key = c.document WHERE ' + where,
        (AROUND - 1, AROUND),
    )
    return {
        id_: Said(object_ or "", _BORDER.split(before)[-1].strip() + surface, path + re.split("[。！？\n]", before)[-1],
                  after)
        for id_, object_, surface, path, before, after in found
    }  # fmt: skip


def _misses(context: ArchiveContext, target: Told, result: Told) -> bool:
    """Whether a result falls short of a target by more than rounding; 左右 and 约 leave a tenth of room."""
    direction = catalogue().get(target.indicator, {}).get("direction", "0")
    approx = "approx" in (target.state, result.state)
    room = Decimal(context.option("room_of_approx" if approx else "room"))
    if result.low is None or direction == "0":
        return False
    if target.low is None or direction == "-":
        aim = target.high if target.high is not None else target.low
        return direction == "-" and aim is not None and result.low > aim * (1 + room)
    return result.low < target.low * (1 - room)


def _are_alike(context: ArchiveContext, aim: tuple[Told, Said], outcome: tuple[Told, Said | None]) -> bool:
    """Whether target and result are of one thing: of one size, named alike, both what was added or neither, both of
    one year."""
    (target, promised), (result, told) = aim, outcome
    most, (low, high) = Decimal(context.option("most_apart")), sorted((abs(low_of(target)), abs(low_of(result))))
    if told is None or (target.unit != "%" and high > most * low):
        return False
    added = re.compile(context.option("added"))
    if bool(added.search(promised.clause)) != bool(added.search(told.clause)) and target.unit != "%":
        return False
    if re.search(context.option("several_years"), told.before):
        return False
    return not promised.object or not told.object or bool(_pairs(promised.clause) & _pairs(told.clause))


def _pairs(words: str) -> set[str]:
    """The pairs of neighbouring Chinese characters of a text."""
    return {words[at : at + 2] for at in range(len(words) - 1) if re.fullmatch("[一-鿿]{2}", words[at : at + 2])}


def _missed(context: ArchiveContext, target: Told, result: Told) -> Finding:
    here = context.of_claim(result.claim, note=f"{result.year}年结果")
    there = context.of_claim(target.claim, "counterpart", f"{target.year}年提出的目标")
    both = _said(context, f"c.id IN ('{target.claim}', '{result.claim}')")
    message = (
        f"{target.year}年报告提出“{both[target.claim].clause}”（{name_of(target.indicator)}），"
        f"{result.year}年报告的结果是“{both[result.claim].clause}”，没有达到。"
    )
    short = abs(low_of(result) - low_of(target)) / max(abs(low_of(target)), Decimal(1))
    slight = target.unit == "%" or short < Decimal(context.option("slight"))
    gap = f"{number(result)}－{number(target)}={plain(low_of(result) - low_of(target))}{target.unit or ''}"
    return context.finding(
        message, [here, there], [number(result), number(target)], formula=gap,
        severity=context.option("slight_severity") if slight else None,
    )  # fmt: skip


def _unmentioned(context: ArchiveContext, silent: list[Told], after: list[Told]) -> Finding:
    shown = silent[: context.option("most_silent")]
    evidence = [context.of_claim(fact.claim, "counterpart", "上年目标") for fact in shown]
    names = "、".join(f"{name_of(fact.indicator)}{e.surface}" for fact, e in zip(shown, evidence, strict=True))
    message = (
        f"{silent[0].year}年报告提出的{len(silent)}个目标（{names}{'等' if len(silent) > len(shown) else ''}），"
        f"{after[0].year}年报告没有交代。"
    )
    where = _beginning(context, after[0].document)
    return context.finding(message, [where, *evidence], severity=context.option("silent_severity"))


def _beginning(context: ArchiveContext, sha256: str) -> Evidence:
    """Where a report begins: it says nothing itself, and names who is asked."""
    row = context.database.connection.execute(
        'SELECT s.start, s."end" FROM segments AS s JOIN documents AS d ON d.key = s.document'
        " WHERE d.sha256 = ? ORDER BY s.role <> 'title', s.number LIMIT 1",
        (sha256,),
    ).fetchone()
    return context.span(sha256, row[0], min(row[1], row[0] + 60), "context", "本年报告")


ARCHIVE_CHECKS: dict[str, ArchiveCheck] = {"F08": broken_promises}
