"""N10, N23: aims among the results, and problems found against problems mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.audit.arithmetic import Number, holds, number, plain
from pipeline.audit.base import Check, Context
from pipeline.records import Claim, Finding

_LISTED = re.compile(r"附件|附表|附：|清单|台账|详见|见表|一览表|销号表|明细")
_PLANS_TO = re.compile("完成|新?建|改造|实施|安排|投入|用|于|在|年内|全年|种植|栽|清|"
                       "修|拆|铺|购|添置|配备|硬化|安装|发放|培训|开展|召开|$")  # fmt: skip
_EXPLAINED = re.compile(r"[结销复决改成]率|其余|剩余|正在|限期|尚未|未完成|推进中|持续|长期|余下|转办|移交|合并")


MOST = Decimal("1.5")  # beyond so many times of what was found, something else was mended


@dataclass(slots=True)
class _Closure:
    found: Number
    mended: list[Number]
    pending: list[Number]
    end: int


def aim_as_result(context: Context) -> Iterator[Finding]:
    """N10: a figure in the words of an aim where results are told."""
    cues = re.compile(
        "("
        + "|".join(map(re.escape, sorted(context.option("cues"), key=len, reverse=True)))
        + r")([^\d，,。；;]{0,22})$"
    )
    achieved = re.compile("|".join(map(re.escape, context.option("achieved"))) + "|超过?[^，,]{0,6}计划")
    obtained, aggregates = re.compile(context.option("obtained")), re.compile(context.option("aggregates"))
    preliminary, aims = context.option("preliminary"), re.compile("|".join(context.option("aims")))
    review = any(words in (context.report.issuer.title or "") for words in context.option("reviews"))
    told: list[tuple[str, Claim]] = []
    for claim, place in zip(context.claims, context.places, strict=True):
        if claim.status != "target" and not aims.search(context.shadow[max(0, place[0] - 24) : place[0]]):
            continue
        segment = context.segment_of(claim.start)
        if (
            claim.masked
            or segment is None
            or segment.role not in ("action", "result", "overview")
            or context.is_ahead(place[0])
        ):
            continue
        start, end = context.sentence_at(place[0])
        left = re.sub("《[^》]*》|“[^”]*”", "", context.shadow[max(start, place[0] - 40) : place[0]])
        if left.count("《") > left.count("》"):
            left = left[left.rfind("《") + 1 :]
        cue = cues.search(left)
        rest = re.split(r"[。；;]", context.shadow[place[1] : end])[0]
        if cue is None or achieved.search(left) or _is_done_after(rest) or _speaks_ahead(context, start, place[0]):
            continue
        if cue.group(1) in ("计划", "准备") and not _PLANS_TO.match(cue.group(2)):
            continue  # 入选人才计划4名
        if (cue.group(1) == "争取" and obtained.search(cue.group(2))) or (
            review and cue.group(1) in preliminary and aggregates.search(left)
        ):
            continue  # 争取上级资金35万元; a government reports before its year has closed
        words = cue.group().strip()
        told.append((words, claim))
    if len(told) > context.option("gathered_from"):
        shown = "、".join(f"“{words}{claim.surface}”" for words, claim in told[:3])
        spans = [context.of_claim(claim, note="目标口气") for _, claim in told]
        yield context.finding(f"成绩部分有{len(told)}个目标或预计数：{shown}等，都不是完成数。", spans)
    else:
        for words, claim in told:
            message = f"成绩部分写“{words}{claim.surface}”，是目标或预计数，不是完成数。"
            yield context.finding(message, [context.of_claim(claim, note="目标口气")])


def _is_done_after(rest: str) -> bool:
    return bool(re.match(r"[^。；]{0,20}?(?:实际|已完成|现已|目前已|已建成|超额|提前)", rest))


def _speaks_ahead(context: Context, start: int, at: int) -> bool:
    """Whether the sentence names a later year or says that it tells the plan."""
    words = context.shadow[start:at]
    years = [int(y) for y in re.findall(r"(20\d\d)年", words)]
    return any(context.year and y > context.year for y in years) or bool(
        re.search("下一步|明年|今后|接下来|下半年|下阶段|下年|未来|年度目标|总体目标|工作目标|方案|规划", words)
    )


def closure(context: Context) -> Iterator[Finding]:
    """N23: found ≠ mended + pending, or 全部整改 with neither a figure nor a list."""
    told: list[tuple[int, int]] = []
    for start, end in context.sentences:
        counted = _closure(context, start, end)
        if counted:
            told.append((start, counted.end))
            finding = _unclosed(context, counted, context.shadow[start : context.sentence_at(counted.end)[1] + 20])
            if finding:
                yield finding
    for match in re.finditer(context.option("all_mended"), context.shadow):
        start, _ = context.sentence_at(match.start())
        if any(a <= match.start() < b for a, b in told) or _is_shown(context, match):
            continue
        here = context.shadow_span(*match.span())
        found = [c for c, p in context.claims_in(start, match.start()) if c.dimension == "count"]
        spans = [context.of_claim(c, "context", "发现数") for c in found[-1:]]
        yield context.finding(
            f"写“{here.surface}”，却没有清单、台账或逐项结果可查。", [here, *spans], severity=3 if found else None
        )


def _is_shown(context: Context, match: re.Match[str]) -> bool:
    """Whether 全部整改 is not told as done, or has its list, table or items beside it."""
    start, end = context.sentence_at(match.start())
    around = context.shadow[start : min(len(context.shadow), end + 60)]
    before = re.split(r"[。；;]", context.shadow[start : match.start()])[-1]
    lead = context.shadow[max(start, match.start() - 8) : match.start()]
    wanted = re.search("确保|力争|要|必须|限期|应|将|待|[未没不]$", lead)
    about = re.search("问题|隐患|不足|反馈|违规|违法|检查|发现|指出", before)
    return bool(wanted or not about or _LISTED.search(around) or _has_table(context) or _itemised(before)
                or context.is_ahead(match.start()))  # fmt: skip


def _closure(context: Context, start: int, end: int) -> _Closure | None:
    """The found, mended and pending figures of a sentence (and of the next ones of its line, where they go on)."""
    placed = context.claims_in(start, end)
    at = next((i for i, (c, p) in enumerate(placed) if _is_found(context, c, p)), None)
    total = number(placed[at][0]) if at is not None else None
    if at is None or total is None:
        return None
    after = placed[at][1][1]
    if re.search(context.option("all_mended"), re.split("[，,。；;]", context.shadow[after : after + 24])[0]):
        return None
    result = _Closure(total, [], [], end)
    last = after
    for claim, place in context.claims_in(after, _goes_on(context, end)):
        between, last = context.shadow[last : place[0]], place[1]
        left, right = _clause(context, place)
        mended, pending = (re.search(context.option(key), left + right) for key in ("mended", "pending"))
        again = re.search(context.option("found"), left) and not (mended or pending)
        if again or ("其中" in between and (result.mended or result.pending)):
            break
        n = number(claim) if place[1] <= end or claim.unit == total.claim.unit else None
        if claim.dimension != "count" or not _alike(claim, total.claim) or n is None or not (mended or pending):
            continue
        (result.pending if pending else result.mended).append(n)
        result.end = max(result.end, place[1])
    return result if result.mended or result.pending else None


def _goes_on(context: Context, end: int) -> int:
    """Where the sentences end that go on with what this one tells: at most two more, in the same line."""
    for _ in range(2):
        if not re.match(context.option("goes_on"), context.shadow[end : end + 8]):
            return end
        end = context.sentence_at(end)[1]
    return end


def _clause(context: Context, place: tuple[int, int]) -> tuple[str, str]:
    """The words of a figure's clause before and after it."""
    left = re.split(r"[，,。；;、\n]", context.shadow[max(0, place[0] - 22) : place[0]])[-1]
    return left, re.split(r"[，,。；;、\n]", context.shadow[place[1] : place[1] + 16])[0]


def _is_found(context: Context, claim: Claim, place: tuple[int, int]) -> bool:
    left, right = _clause(context, place)
    found = re.search(context.option("found"), left) or re.search("^[^，]{0,4}(?:问题|隐患).{0,2}被", right)
    found = found or re.search("(?:发现|反馈|交办|指出|查出|通报)的$", left)
    thing = re.search(context.option("things"), (claim.object or "") + left[-10:] + right[:6])
    odd = claim.unit in ("次", "类", "人", "人次", "户", "家", "名", "份", "期", "天", "日")
    told = re.search("整改|办结|销号", left) and not re.search("发现|反馈|交办|登记|台账|清单", left)
    return claim.dimension == "count" and bool(found and thing) and not odd and not told


def _alike(claim: Claim, total: Claim) -> bool:
    return claim.unit == total.unit or {claim.unit, total.unit} <= set("个处项条件起宗座间点")


def _unclosed(context: Context, told: _Closure, words: str) -> Finding | None:
    parts = sorted([*told.mended, *told.pending], key=lambda n: n.claim.start)
    if any(holds(told.found, parts[:n]) for n in range(1, len(parts) + 1)):
        return None
    said = sum((n.value for n in parts), told.found.value * 0)
    unit = told.found.claim.unit or ""
    apart = told.found.value - said
    if not told.pending and apart > 0 and (_EXPLAINED.search(words) or len(told.mended) > 1):
        return None
    if not told.pending and apart > 0 and told.found.low <= said <= told.found.high:
        return None
    if said > told.found.value * MOST or said * 2 < told.found.value:
        return None
    terms = "+".join(n.claim.surface for n in parts)
    rest = f"还有{plain(apart)}{unit}没有交代" if apart > 0 else f"多出{plain(-apart)}{unit}"
    return context.finding(
        f"发现{told.found.claim.surface}，已整改与整改中合计{plain(said)}{unit}，{rest}。",
        [context.of_claim(told.found.claim, "total", "发现数"),
         *(context.of_claim(n.claim, note="已整改") for n in told.mended),
         *(context.of_claim(n.claim, note="整改中") for n in told.pending)],
        formula=f"{terms}={plain(said)}≠{told.found.claim.surface}",
    )  # fmt: skip


def _itemised(before: str) -> bool:
    """Whether the problems are named one by one: 3个问题：甲、乙、丙，均已全部整改."""
    return bool(re.search("[：:][^：:]*、", before))


def _has_table(context: Context) -> bool:
    return any(block.kind == "cell" for block in context.report.document.blocks)


CHECKS: dict[str, Check] = {"N10": aim_as_result, "N23": closure}
