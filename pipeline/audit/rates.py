"""N02, N03, N13, N21: rates that do not recompute or cannot be, growth without a base, figures by multiplying."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.audit.arithmetic import Number, number, plain
from pipeline.audit.base import Check, Context
from pipeline.records import Claim, Evidence, Finding

Placed = tuple[Claim, tuple[int, int]]

HUNDRED = Decimal(100)
_SHARE_OF = re.compile(r"占(?:[^\d，,。；;]{0,14})$")  # a, 占总数b的p%
_TOTAL_SHARE = re.compile(r"占(?:总数|总量|总户数|总人数|比|全[镇乡县村市区]|其|应|任务|计划|目标|%|的|\d)|占$")
_RATES_OF = (  # a whole → the rates that can be of it
    ("任务|计划|目标", r"完成|任务|计划|目标|执行|^[^一-鿿]*(?:占|率)|开工|竣工|改造率|建成率"),
    ("发现|排查|检查|受理|收到|交办", "整改|办结|处[理置]|化解|合格|[答回办]复|解决|占|比|完成|销号|达标"),
    ("发放", "回收|收回|有效|使用|完成|占"),
)
_RATE_WORD = re.compile(
    r"(?:率|占比|比例|比重|占[^\d，,。；;]{0,14}|完成(?:任务|计划|目标)[^\d，,。；;]{0,8})(?:的|为|达到?|是|约|高达)*$"
)
_OTHER_RATE = re.compile(
    r"增长|增加|同比|提高|提升|上升|下降|降低|减少|增幅|增速|较上年|比上年|环比|较去年|比去年|超过|高于|低于|压减"
)
_WHOLE = re.compile(
    r"(?:应|任务|计划|目标|预算|总|共|现有|在册|抽查|抽检|抽取|抽样|排查|发现|检查|收到|受理|辖|全[镇乡县村市区]|"
    r"符合条件|需|适龄|摸排|"
    r"发放|符合|交办|转办|反馈)[^\d，,。；;]{0,14}$"
)
_DONE = re.compile(
    r"(?:已|完成|实际|拨付|支出|执行|实有|合格|达标|整改|接种|其中|建成|改造|覆盖|签约|建档|参加|参保|参合|知晓|"
    r"满意|办结|收回|回收|使用|"
    r"登记|通过|答对|成活|安装|解决|脱贫|入户|入学|有)[^\d，,。；;]{0,14}$"
)
_GROWTH = re.compile(r"(?P<verb>增长|增加|上升|提高|提升|增幅|下降|减少|降低|降幅)(?:了|达到?|约|近|率为|率|为)?\s*$")
_WAY = re.compile(r"同比|环比|[比较](?:上年|去年|上月|上季度)(?:同期)?")
_DOWN = ("下降", "减少", "降低", "降幅")
_LAST = re.compile(r"(?:上年|去年|上年同期|去年同期|20\d\d年|从|由|原来的?)[^\d，,。；;]{0,10}$")
_FOLLOWS = re.compile(
    r"[，,、）)（( ]{0,3}(?:同比|比上年|较上年|比去年|较去年|环比|净|增幅|降幅|实际)?[^\d，,。；;、]{0,8}"
)
_MASKED_GROWTH = re.compile(
    r"(?:增长|增加|上升|提高|下降|减少|降低)(?:了|达|约)?\s?((?:[XxＸ×＊*]+[\d.]*|\d+[XxＸ×＊*]+[\d.]*)\s?[%％])"
)
_EVERY = {"天": (365, 366, 360), "日": (365, 366, 360), "周": (52, 53), "月": (12,), "季度": (4,), "旬": (36,)}
_PERIODIC = re.compile(
    r"(?:每|平均每|日均|月均|周均)(天|日|周|月|季度|旬)?[^\d，,。；;]{0,8}$|([日月周])(?:均|产|处理|"
    r"清运)[^\d，,。；;]{0,6}$"
)
_YEARLY = re.compile(r"(?:全年|年|一年|每年|年度|年均|年可|年达)[^\d，,。；;]{0,10}$")


def recomputed(context: Context) -> Iterator[Finding]:
    """N02: a percentage beside the two figures that it was made from."""
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for at, (claim, place) in enumerate(placed):
            if claim.dimension != "percent" or claim.masked or claim.value_low != claim.value_high:
                continue
            left = context.shadow[max(start, place[0] - 24) : place[0]]
            if not (_RATE_WORD.search(left) or re.search("占[^，,。；;]{0,22}的$", left)) or _OTHER_RATE.search(
                left[-14:]
            ):
                continue
            pair = _operands(context, placed[:at], place[0], start)
            rate = number(claim)
            if pair and rate and rate.claim.relation in ("eq", "approx"):
                finding = _recompute(context, rate, *pair)
                if finding:
                    yield finding


def _operands(context: Context, before: Sequence[Placed], at: int, start: int) -> tuple[Number, Number] | None:
    """The two counts of one unit that stand right before a rate; (part, whole) by what the words say, else by size."""
    near = [(c, p) for c, p in before if at - p[1] <= 60]
    if len(near) < 2 or at - near[-1][1][1] > 24:
        return None
    (first, first_place), (second, second_place) = near[-2:]
    a, b = number(first), number(second)
    alike = first.unit == second.unit and first.dimension == second.dimension
    if not alike or first.dimension in ("percent", "ratio") or a is None or b is None or not (a.value and b.value):
        return None
    left = re.split("[。；;]", context.shadow[max(start, first_place[0] - 16) : first_place[0]])[-1]
    between = context.shadow[first_place[1] : second_place[0]]
    after = context.shadow[second_place[1] : at]
    if _SHARE_OF.search(between) or between.strip() in ("/", "／", "÷"):
        return a, b
    if _SHARE_OF.search(after) and not _TOTAL_SHARE.search(after):
        return None
    whole = _WHOLE.search(left)
    if whole and _DONE.search(between) and _fits(whole.group(), after):
        return b, a
    if re.search(r"(?:应|任务|计划|目标|总)[^\d，,。；;]{0,14}$", between) and _DONE.search(left):
        return a, b
    return None


def _fits(whole: str, rate: str) -> bool:
    """Whether the rate that follows can have this whole: a plan is completed, problems found are mended."""
    for wholes, fitting in _RATES_OF:
        if re.match(wholes, whole):
            return bool(re.search(fitting, rate))
    return True


def _recompute(context: Context, rate: Number, part: Number, whole: Number) -> Finding | None:
    printed = rate.claim.value_low or Decimal(0)
    for top, bottom in ((part, whole), (whole, part)):
        if _agrees(printed, rate, top, bottom):
            return None
    far = part.value > whole.value * 3 or whole.value > 50 * part.value
    if far or _agrees(HUNDRED - printed, rate, part, whole):
        return None
    found = round(HUNDRED * part.value / whole.value, max(2, rate.decimals))
    formula = f"{part.claim.surface}÷{whole.claim.surface}={plain(found)}%≠{rate.claim.surface}"
    return context.finding(
        f"按文中数字重算，{part.claim.surface}÷{whole.claim.surface}={plain(found)}%，文中写{rate.claim.surface}。",
        [context.of_claim(rate.claim, "total", "比率"), context.of_claim(part.claim, note="分子"),
         context.of_claim(whole.claim, note="分母")],
        formula=formula,
    )  # fmt: skip


def _agrees(printed: Decimal, rate: Number, part: Number, whole: Number) -> bool:
    """Whether a printed rate may come of the two: rounded or cut off at its last digit, the operands within their
    own precision."""
    room = rate.step * (Decimal("0.5") if rate.exact else 5) if rate.exact else max(rate.step, printed / 10)
    ends = [_rounded(n) for n in (part, whole)]
    (low, high), (least, most) = ends
    if least <= 0:
        return True
    bottom, top = HUNDRED * low / most, HUNDRED * high / least
    return bottom - rate.step < printed <= top + room if rate.exact else bottom - room <= printed <= top + room


def _rounded(n: Number) -> tuple[Decimal, Decimal]:
    half = n.step / 2 if n.decimals or (n.step > 1 and n.exact) else Decimal(0)
    return n.low - half, n.high + half


def out_of_range(context: Context) -> Iterator[Finding]:
    """N03: a share above 100 % or below 0."""
    bounded = re.compile("|".join(map(re.escape, context.option("bounded"))))
    unbounded = re.compile("|".join(map(re.escape, context.option("unbounded"))))
    for claim, place in zip(context.claims, context.places, strict=True):
        if claim.dimension != "percent" or claim.value_low is None or claim.per:
            continue
        left = re.split(r"[，,。；;\n]", context.shadow[max(0, place[0] - 30) : place[0]])[-1]
        left = re.sub("(?:提高|提升|上升|增加|增长|下降|降低)(?:到|至)", "", left)
        word = bounded.search(left) or bounded.search(claim.object or "")
        minus = context.shadow[max(0, place[0] - 1) : place[0]] in ("-", "－", "−", "负")
        value = -claim.value_low if minus and claim.value_low > 0 else claim.value_low
        if word is None or unbounded.search(left[left.rfind(word.group()) :] or left) or 0 <= value <= HUNDRED:
            continue
        if unbounded.search(left) and not re.search(r"率[^率]{0,6}$", left):
            continue
        here = context.of_claim(claim)
        bound = "大于100%" if value > 0 else "小于0"
        yield context.finding(
            f"“{left.strip()}{claim.surface}”{bound}，{word.group()}不可能超出0至100%。", [here],
            formula=f"{plain(value)}% {'> 100%' if value > 0 else '< 0'}",
        )  # fmt: skip


def growth(context: Context) -> Iterator[Finding]:
    """N13: growth that does not follow from the figures beside it, lacks its figure, or is large and unexplained."""
    for match in _MASKED_GROWTH.finditer(context.shadow):
        here = context.shadow_span(*match.span(1), note="增幅残缺")
        formula = "(本期−上年)÷上年=？"
        yield context.finding(f"增幅“{here.surface}”残缺，无法还原同比。", [here], formula=formula)
    limit = Decimal(context.option("unexplained_percent"))
    explained = context.option("explanations")
    bare: list[Evidence] = []
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for at, (claim, place) in enumerate(placed):
            said = _GROWTH.search(context.shadow[max(start, place[0] - 18) : place[0]])
            rate = number(claim)
            if (
                said is None
                or rate is None
                or "年均" in context.shadow[max(start, place[0] - 18) : place[0]]
                or claim.dimension != "percent"
                or claim.status == "target"
            ):
                continue
            base = _base(context, placed[:at], place[0], start)
            if base:
                finding = _regrown(context, rate, said.group("verb") in _DOWN, *base)
                if finding:
                    yield finding
            elif (
                _WAY.search(context.shadow[max(start, place[0] - 18) : place[0]])
                and rate.value > limit
                and not any(w in context.shadow[start:end] for w in explained)
            ):
                bare.append(context.of_claim(claim, note="增减三成以上，没有上年数，也没有说明"))
    if bare:
        shown = "、".join(_clause(context, evidence) for evidence in bare[:3])
        yield context.finding(
            f"{len(bare)}处同比增减超过{limit}%，既无上年数，也无原因说明：{shown}。", bare, severity=3
        )


def _base(context: Context, before: Sequence[Placed], at: int, start: int) -> tuple[Number, Number] | None:
    """(old, new): 从a增加到b，增长; b，上年a，增长; 上年a，今年b，增长."""
    near = [(c, p) for c, p in before if at - p[1] <= 40]
    if len(near) < 2 or not _FOLLOWS.fullmatch(context.shadow[near[-1][1][1] : at]):
        return None
    (first, first_place), (second, second_place) = near[-2:]
    a, b = number(first), number(second)
    if first.unit != second.unit or a is None or b is None or first.dimension == "percent":
        return None
    left = context.shadow[max(start, first_place[0] - 14) : first_place[0]]
    between = context.shadow[first_place[1] : second_place[0]]
    if _LAST.search(left) and re.search(r"[增升提降减扩][^\d，,]{0,4}[到至为]|今年|本年|本期|20\d\d年", between):
        return a, b
    if re.search(r"(?:上年|去年)(?:同期)?(?:的|为|是)?[^\d，,。；;增减提升降多少]{0,6}$", between):
        return b, a
    return None


def _regrown(context: Context, rate: Number, down: bool, old: Number, new: Number) -> Finding | None:
    if old.value <= 0:
        return None
    sign = -1 if down else 1
    (old_low, old_high), (new_low, new_high) = _rounded(old), _rounded(new)
    if old_low <= 0:
        return None
    ends = sorted(sign * HUNDRED * (n - o) / o for n in (new_low, new_high) for o in (old_low, old_high))
    room = rate.step if rate.exact else max(rate.step, rate.value / 10)
    if ends[0] - room < rate.value < ends[-1] + room:
        return None
    found = round(sign * HUNDRED * (new.value - old.value) / old.value, max(1, rate.decimals))
    verb = "降幅" if down else "增幅"
    formula = f"({new.claim.surface}−{old.claim.surface})÷{old.claim.surface}={plain(sign * found)}%"
    return context.finding(
        f"由{old.claim.surface}到{new.claim.surface}，{verb}应为{plain(found)}%，文中写{rate.claim.surface}。",
        [context.of_claim(rate.claim, "total", verb), context.of_claim(new.claim, note="本期"),
         context.of_claim(old.claim, note="基期")],
        formula=formula,
    )  # fmt: skip


def extrapolated(context: Context) -> Iterator[Finding]:
    """N21: a yearly figure that is a periodic one times the periods of a year, or that says it was reckoned."""
    cues = re.compile("(?:" + "|".join(map(re.escape, context.option("cues"))) + r")[^\d，,。；;]{0,14}$")
    taken: set[str] = set()
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for claim, place in placed:
            if claim.value_low is None or claim.dimension in ("percent", "ratio", "level", "duration"):
                continue
            left = context.shadow[max(start, place[0] - 22) : place[0]]
            base = _periodic_base(context, placed, claim, place, start)
            if base and claim.id not in taken:
                taken.add(claim.id)
                periodic, times = base
                yield context.finding(
                    f"“{claim.surface}”恰为“{periodic.surface}”的{times}倍，像是推算而非逐期统计。",
                    [context.of_claim(claim, "total", "全年数"), context.of_claim(periodic, note="单期数")],
                    formula=f"{periodic.surface}×{times}={claim.surface}",
                )
            elif cues.search(left) and claim.id not in taken and _reported(context, claim):
                taken.add(claim.id)
                cue = re.split(r"[，,]", left)[-1]
                yield context.finding(
                    f"“{cue}{claim.surface}”是估算或预计数，不是实际统计。", [context.of_claim(claim)]
                )


def _periodic_base(
    context: Context, placed: Sequence[Placed], claim: Claim, place: tuple[int, int], start: int
) -> tuple[Claim, int] | None:
    whole = number(claim)
    left = context.shadow[max(start, place[0] - 16) : place[0]]
    if whole is None or not _YEARLY.search(left):
        return None
    for other, (at, _) in placed:
        part = number(other)
        said = _PERIODIC.search(context.shadow[max(start, at - 14) : at])
        if other is claim or part is None or not part.value or other.dimension != claim.dimension or said is None:
            continue
        every = said.group(1) or said.group(2) or (other.per or "").removeprefix("每")
        for times in _EVERY.get(every, ()):
            if part.value * times == whole.value and part.value > 1:
                return other, times
    return None


def _reported(context: Context, claim: Claim) -> bool:
    segment = context.segment_of(claim.start)
    return segment is None or segment.label not in ("next_steps", "problems")


def _clause(context: Context, evidence: Evidence) -> str:
    text = context.report.document.text
    left = re.split(r"[\s，。；：、,;]", text[max(0, evidence.start - 20) : evidence.start])[-1]
    return f"“{left}{evidence.surface}”"


CHECKS: dict[str, Check] = {"N02": recomputed, "N03": out_of_range, "N13": growth, "N21": extrapolated}
