"""Words and figures that say too much: F09, F12, N17, and words put for others: T07."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipeline.audit.base import Check, Context, Span
from pipeline.audit.text_parts import ITEM
from pipeline.lexicon import rows
from pipeline.records import Claim, Evidence, Finding
from pipeline.script import simplify
from pipeline.sections.rules import IN_TEXT

SIZES = ("count", "mass", "area", "length", "volume")
_COMMAS = "，。；！？\n,;"
_STAGES = ("output", "outcome")
_TOLD = ("action", "result", "rectification")


def absolute_words(context: Context) -> Iterator[Finding]:
    """F09: 全部, 彻底, 家喻户晓 of what was done, and no figure in the sentence to show for it."""
    told = list(_absolute(context))
    if len(told) > 1 and any(words in (context.report.issuer.title or "") for words in context.option("gathered")):
        shown = "、".join(f"“{here.surface}”" for _, here, _ in told[:3])
        message = f"有{len(told)}处绝对化表述（{shown}等），同句没有数字支持。"
        yield context.finding(message, [here for _, here, _ in told])
        return
    for said, here, near in told:
        message = f"“{said}”用了绝对化表述“{here.surface}”，同句没有数字支持。"
        beside = [context.of_claim(near, role="context", note="最近的数字")] if near else []
        yield context.finding(message, [here, *beside])


def _absolute(context: Context) -> Iterator[tuple[str, Evidence, Claim | None]]:
    """Each absolute word that no figure supports: its clause, where it stands, and the figure nearest to it."""
    wanted = re.compile("|".join(context.option("words")))
    hedged = re.compile("|".join(context.option("hedges")))
    headings = [(h.start, h.title_end) for h in context.report.headings if h.series not in IN_TEXT]
    for sentence in ITEM.finditer(context.shadow):
        word = next((w for w in wanted.finditer(*_inside(sentence)) if not _is_hedged(context, w, hedged)), None)
        told = context.claims_in(*sentence.span())
        if word is None or any(not _overlap(place, word.span()) and not _is_absolute(claim) for claim, place in told):
            continue
        here = context.shadow_span(*word.span(), note="绝对化表述")
        segment = context.segment_of(here.start)
        in_heading = any(start <= here.start < end for start, end in headings)
        if segment is None or segment.role not in _TOLD or in_heading:
            continue
        yield _short(context, word.start()), here, _nearest(context, word.start())


def _is_absolute(claim: Claim) -> bool:
    """Whether a figure says no more than the word does: 找不到一片纸屑, 从没有一天脱岗, 认可度百分之百."""
    if claim.unit is None and re.fullmatch("[一二三四五六七八九十百千万]+", claim.surface):
        return True  # 说一千道一万
    if claim.dimension == "percent":
        return claim.value_low == claim.value_high == 100
    return claim.value_low == 1 and claim.surface.startswith("一")


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _inside(match: re.Match[str]) -> tuple[str, int, int]:
    return match.string, match.start(), match.end()


def _is_hedged(context: Context, word: re.Match[str], hedged: re.Pattern[str]) -> bool:
    clause = context.shadow[slice(*_clause(context, word.start()))]
    return bool(hedged.search(clause)) or bool(
        re.search(context.option("attitudes"), clause) and not re.search("已|了(?!解)|均|都", clause)
    )


def _nearest(context: Context, offset: int) -> Claim | None:
    near = [(abs(place[0] - offset), claim.start, claim) for claim, place in
            zip(context.claims, context.places, strict=True)]  # fmt: skip
    near = [entry for entry in near if entry[0] <= 200]
    return min(near, key=lambda entry: entry[:2])[2] if near else None


def _clause(context: Context, offset: int) -> Span:
    start = max(context.shadow.rfind(mark, 0, offset) for mark in _COMMAS) + 1
    ends = [at for mark in _COMMAS if (at := context.shadow.find(mark, offset)) >= 0]
    return start, min(ends, default=len(context.shadow))


def _short(context: Context, offset: int) -> str:
    """The clause around an offset, a line at most."""
    return "".join(context.shadow[slice(*_clause(context, offset))].split())[:40]


def process_traces(context: Context) -> Iterator[Finding]:
    """F12: more figures of meetings, papers and inspections than of what came of them."""
    words, papers = re.compile(context.option("trace_words")), set(context.option("papers"))
    traces: list[Claim] = []
    results = 0
    for claim in context.claims:
        if claim.status not in ("done", "state") or claim.part_of or (claim.indicator or "").startswith("profile."):
            continue
        stage = _stage().get(claim.indicator or "", "")
        unnamed = claim.indicator is None and bool(claim.action)
        is_trace = unnamed and words.search(f"{claim.action}{claim.object}")
        if stage == "activity" or claim.indicator in papers or is_trace:
            traces.append(claim)
        else:
            results += stage in _STAGES or (unnamed and claim.dimension in SIZES)
    if len(traces) >= context.option("least") and len(traces) > results:
        message = f"过程性数字{len(traces)}个，产出和效果数字只有{results}个。"
        evidence = [context.of_claim(claim, note="过程性数字") for claim in traces]
        yield context.finding(message, evidence, formula=f"{len(traces)}＞{results}")


@cache
def _stage() -> dict[str, str]:
    return {row["code"]: row["stage"] for row in rows("indicators")}


def odd_precision(context: Context) -> Iterator[Finding]:
    """N17: one count told to the last unit among round ones of its size, or the other way round, in one sentence."""
    for start, end in context.sentences:
        counts = [(claim, digits) for claim, _ in context.claims_in(start, end)
                  if (digits := _digits(claim, context.option("least_value")))]  # fmt: skip
        fine = [claim for claim, digits in counts if digits >= context.option("fine_digits")]
        round_ = [claim for claim, digits in counts if digits <= context.option("round_digits")]
        if fine and len(round_) >= context.option("least_round"):
            exact, about = "、".join(c.surface for c in fine), "、".join(c.surface for c in round_)
            message = f"同一句中{exact}精确到个位，{about}却是整数，精确程度相差两个数量级以上。"
            evidence = [context.of_claim(c, note="精确到个位") for c in fine]
            yield context.finding(message, evidence + [context.of_claim(c, "counterpart", "整数") for c in round_])


def _digits(claim: Claim, least: int) -> int:
    """Significant digits of a large count or measure; 0 for anything else, and for a number that is printed in 万."""
    value = claim.value_low
    if claim.dimension not in SIZES or claim.masked or value is None or value != claim.value_high or value < least:
        return 0
    whole = value.to_integral_value()
    if value != whole or claim.status not in ("done", "state") or re.search("[万萬亿億]", claim.surface):
        return 0
    return len(format(whole, "f").rstrip("0"))


def washed_words(context: Context) -> Iterator[Finding]:
    """T07: several synonyms that do not go with their neighbours, as programs that disguise copies put them."""
    simplified = simplify(context.text.clean)
    found = []
    for row in rows("variants"):
        if row["when"] == "traditional":
            continue
        for match in re.finditer(re.escape(row["written"]), simplified):
            if context.shadow[slice(*match.span())] == row["read"]:
                found.append((match.start(), context.shadow_span(*match.span(), note=f"按“{row['read']}”识别")))
    if len(found) >= context.option("least"):
        evidence = [span for _, span in sorted(found, key=lambda entry: entry[0])]
        words = list(dict.fromkeys(e.surface for e in evidence))
        if len(words) >= context.option("least_words"):
            message = f"{len(found)}处用词与搭配不合（{'、'.join(words)}），疑似用同义词替换改写过。"
            yield context.finding(message, evidence)


CHECKS: dict[str, Check] = {
    "F09": absolute_words,
    "F12": process_traces,
    "N17": odd_precision,
    "T07": washed_words,
}
