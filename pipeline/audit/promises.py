"""N10: aims among the results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pipeline.audit.base import Check, Context
from pipeline.lexicon import verbs
from pipeline.records import Claim, Finding

_TOLD = ("action", "result", "overview", "rectification")
_QUOTED = re.compile("《[^》]*》|“[^”]*”")
_WHEN = (
    "于|在|年[底内末终]|全年|[一二三四]季度|[上下]半年|月|对|给|为|向|用|再|新|全|逐步|陆续|继续|分[批期]|可|能|将|[到至]"
)
_FUTURE = re.compile(r"将[^\d，,。；;]{1,22}$")
_DEED = re.compile(
    "^[一-鿿]{1,8}?(?:做|办|发|建|修|装|送|配|改|换|购|体检|筛查|接种|培训|慰问|服务|上门|适配|义诊|提供|"
    "开展|实施|进行|解决|落实|安排|组织)"
)
_AHEAD = re.compile(
    "下一步|明年|今后|接下来|下半年|下阶段|下年|未来|(?:年度|总体|工作|预期|发展|奋斗)目标|方案|规划"
)
_NO_AMOUNT = ("duration", "level")  # 力争用5年时间, 力争进入前3位


def aim_as_result(context: Context) -> Iterator[Finding]:
    """N10: a figure in the words of an aim where results are told."""
    achieved, obtained = (re.compile(context.option(key)) for key in ("achieved", "obtained"))
    review = any(words in (context.report.issuer.title or "") for words in context.option("reviews"))
    told: list[tuple[str, Claim, bool]] = []
    for claim, place in zip(context.claims, context.places, strict=True):
        segment = context.segment_of(claim.start)
        if claim.masked or claim.dimension in _NO_AMOUNT or segment is None or segment.role not in _TOLD:
            continue
        start, end = context.sentence_at(place[0])
        left = _QUOTED.sub("", context.shadow[max(start, place[0] - 40) : place[0]])
        if left.count("《") > left.count("》"):
            left = left[left.rfind("《") + 1 :]
        rest = re.split(r"[。；;]", context.shadow[place[1] : end])[0]
        words = _aim(context, left, rest, claim.status == "target")
        if rest.startswith("连"):
            continue  # 有望蝉联“八连冠”
        if words is None or achieved.search(left) or context.is_ahead(place[0]):
            continue
        if re.search(context.option("done_after"), rest[:30]) or _speaks_ahead(context, start, place[0]):
            continue
        if _result_beside(context, claim, (start, end)):
            continue
        if words.startswith("争取") and (claim.dimension == "money" or obtained.search(words)):
            continue  # 争取上级资金35万元 is to have got them
        told.append((words, claim, review and words.startswith(tuple(context.option("preliminary")))))
    firm = [(words, claim) for words, claim, preliminary in told if not preliminary]
    yield from _leads(context, firm, 2 if review else None)  # a government tells plans where it tells what was done
    yield from _leads(context, [(words, claim) for words, claim, preliminary in told if preliminary], 3)


def _leads(context: Context, told: list[tuple[str, Claim]], severity: int | None) -> Iterator[Finding]:
    """One lead for each, or one for all where they are many."""
    if len(told) > context.option("gathered_from"):
        shown = "、".join(f"“{words}{claim.surface}”" for words, claim in told[:3])
        spans = [context.of_claim(claim, note="目标口气") for _, claim in told]
        message = f"成绩部分有{len(told)}个目标或预计数：{shown}等，都不是完成数。"
        yield context.finding(message, spans, severity=severity)
        return
    for words, claim in told:
        message = f"成绩部分写“{words}{claim.surface}”，是目标或预计数，不是完成数。"
        yield context.finding(message, [context.of_claim(claim, note="目标口气")], severity=severity)


def _aim(context: Context, left: str, rest: str, target: bool) -> str | None:
    """The words of an aim that end at a figure. `target` says that extraction took the figure for one: then weaker
    words are enough (拟, 确保)."""
    strong, weak = (re.compile(f"(?:{context.option(key)})[^\\d，,。；;]{{0,22}}$") for key in ("aims", "weak_aims"))
    found = strong.search(left) or (weak.search(left) if target else None) or _FUTURE.search(left)
    if found is None:
        return None
    words = found.group()
    if words.startswith(("计划", "准备")) and not _plans_to().match(words[2:]):
        return None  # 入选人才计划4名, 准备资料120份
    serving = words.startswith(("将为", "将给", "将对", "将向")) and _DEED.search(rest)
    ends = _plans_to().match(words[1:]) and re.match("[，,]|$|用[于来]", rest)
    if found.re is _FUTURE and not (serving or ends):
        return None  # 将垃圾120吨运往填埋场
    return words.strip()


def _result_beside(context: Context, aim: Claim, sentence: tuple[int, int]) -> bool:
    """Whether the same sentence tells what came of an aim: 完成4个，计划5个，完成率80%; 为年计划200户的103%."""
    at = context.place_of(aim)
    for claim, place in context.claims_in(max(sentence[0], at - 40), min(sentence[1], at + 60)):
        lead = re.split("[，,；;]", context.shadow[max(sentence[0], place[0] - 16) : place[0]])[-1]
        between = context.shadow[min(place[0], at) : max(place[0], at)]
        done = re.search(context.option("results_beside"), lead) and not re.search(context.option("aims"), lead)
        of_it = claim is not aim and (claim.unit == aim.unit or claim.dimension == "percent")
        if of_it and done and not re.search("[；;]", between):
            return True
    return bool(re.match(r".{0,4}的[^，。]{0,4}\d", context.shadow[at + len(aim.surface) : sentence[1]]))


@cache
def _plans_to() -> re.Pattern[str]:
    """What follows 计划 and 将 where another verb or a time does."""
    return re.compile("|".join([*map(re.escape, sorted(verbs())), _WHEN, "[修拆铺购栽清建装种改]"]))


def _speaks_ahead(context: Context, start: int, at: int) -> bool:
    """Whether the sentence names a later year or says that it tells the plan."""
    words = context.shadow[start:at]
    years = [int(y) for y in re.findall(r"(20\d\d)年", words)]
    later = any(context.year and y > context.year for y in years)
    return later or bool(_AHEAD.search(words)) or bool(re.search(context.option("announced"), words))


CHECKS: dict[str, Check] = {"N10": aim_as_result}
