"""N13: growth that does not follow from the figures beside it, lacks its figure, or is large and unexplained."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from pipeline.audit.arithmetic import HUNDRED, Number, number, plain, rounded
from pipeline.audit.base import Check, Context, Placed, compiled, settings
from pipeline.audit.multiples import multiples
from pipeline.records import Evidence, Finding

Roles = dict[str, Number]  # "old", "new", "difference" → the figure told as such

_MOVES = re.compile(r"[，,]?\s*(?:→|-+>|—+>|⇒|[一-鿿]{0,3}[增升提减降压扩缩涨跌][一-鿿]{0,3}[到至为])\s*")
_MORE = re.compile(r"(?:^|[，,、（(年期比较])(?:净|再)?[多少][一-鿿]{1,4}$")
_YEAR = re.compile(r"(20\d\d)年[^\d，,。；;]{0,10}$")
_BESIDE = re.compile(
    r"[，,、（( ]{0,2}(?:→|⇒|[-—]+>|[升提压扩缩涨跌比较与跟同净增减多少是而高低即达]|上年|去年|相比)"
)
_LINK = re.compile(
    r"[，,、）)（( ]{0,3}(?:同比|比上年|较上年|比去年|较去年|环比|净|增幅|降幅|实际)?[^\d，,。；;、]{0,8}"
)
_ANY_VERB = re.compile(r"\d[^\d，,。；;]{0,3}[，,](?!占|率|比重)[一-鿿]{2,4}$")  # …至1590户，扩充40.2%
_FROM = re.compile(r"[由从][^，,。；;]{0,24}\d[^\d，,。；;]{0,3}[^\d，,。；;]{0,6}[到至为]$")
_RELATIVE = ("%", "倍", "百分点")
_WITHIN = 30  # characters between figures that are compared
TENTHS = Decimal(10)  # how coarse a percentage in 成 is


def growth(context: Context) -> Iterator[Finding]:
    """N13: growth that does not follow from the figures beside it, lacks its figure, or is large and unexplained."""
    for match in _masked().finditer(context.shadow):
        here = context.shadow_span(*match.span("mask"), note="增幅残缺")
        formula = "(本期−上年)÷上年=？"
        yield context.finding(f"增幅“{here.surface}”残缺，无法还原同比。", [here], formula=formula)
    limit = Decimal(context.option("unexplained_percent"))
    explained = context.option("explanations")
    bare: list[Evidence] = []
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        yield from multiples(context, placed, start, end)
        for at, (claim, place) in enumerate(placed):
            lead = context.shadow[max(start, place[0] - 24) : place[0]]
            said, told = _growth().search(lead), number(claim)
            if told is None or claim.status == "target" or _words("otherwise").search(lead):
                continue
            roles = _roles(context, placed, at, start) if said or _is_verb(lead) else {}
            if said is None and not (claim.unit == "%" and _is_stated(context, roles, start)):
                continue
            if len(roles) >= 2 and claim.id not in {n.claim.id for n in roles.values()}:
                down = bool(said["down"]) if said else roles["new"].value < roles["old"].value
                finding = _held(context, told, down, roles)
                if finding:
                    yield finding
            elif (
                said
                and claim.unit == "%"
                and _is_large(lead, told, limit)
                and not _says_how_much(context, placed[:at], place[0])
                and not any(words in context.shadow[start:end] for words in explained)
            ):
                bare.append(context.of_claim(claim, note="增减三成以上，没有上年数，也没有说明"))
    if bare:
        shown = "、".join(_clause(context, evidence) for evidence in bare[:3])
        yield context.finding(
            f"{len(bare)}处同比增减超过{limit}%，既无上年数，也无原因说明：{shown}。", bare, severity=3
        )


@cache
def _words(key: str) -> re.Pattern[str]:
    """A regular expression that models/checks.toml holds under N13."""
    return compiled(settings()["N13"].option(key))


@cache
def _growth() -> re.Pattern[str]:
    """The words of growth or decline that end in its figure; `down` where it is a decline."""
    down, up = (settings()["N13"].options[key] for key in ("down", "up"))
    return re.compile(rf"(?:(?P<down>{down})|{up})(?:幅度?|率|数|量)?(?:了|出|达到?|约|近|为|是|超过?)*\s*$")


@cache
def _masked() -> re.Pattern[str]:
    """A growth whose figure lacks digits: `mask`."""
    down, up = (settings()["N13"].options[key] for key in ("down", "up"))
    return re.compile(
        rf"(?:{down}|{up})(?:幅度?|率)?(?:了|达到?|为|约)*\s?"
        r"(?P<mask>(?:[XxＸ×＊*]+[\d.]*|\d+\.?[XxＸ×＊*?？○□]+[\d.]*)\s?(?:[%％]|个?百分点))"
    )


def _is_verb(lead: str) -> bool:
    """Whether nothing but a verb of any kind stands between a figure and a percentage."""
    found = _ANY_VERB.search(lead)
    return bool(found and not _words("no_growth").search(found.group()))


def _is_stated(context: Context, roles: Roles, start: int) -> bool:
    """Whether the words themselves say which figure is that of before and which that of now: 由1260户扩充至1590户."""
    if not {"old", "new"} <= set(roles):
        return False
    at = context.place_of(roles["new"].claim)
    return bool(_FROM.search(context.shadow[start:at]))


def _is_large(lead: str, told: Number, limit: Decimal) -> bool:
    return bool(_words("way").search(lead)) and told.value > limit


def _says_how_much(context: Context, before: Sequence[Placed], at: int) -> bool:
    """Whether the figure before a rate says how many more there were, so that its base can be reckoned."""
    left = context.shadow[max(0, before[-1][1][0] - 18) : before[-1][1][0]] if before else ""
    near = bool(before) and at - before[-1][1][1] <= len("，同比增长了")
    return near and bool(_MORE.search(left) or _growth().search(left))


def _roles(context: Context, placed: Sequence[Placed], at: int, start: int) -> Roles:
    """The figures that a growth was made from: in a row right before it, right after it, or on both sides."""
    claim = placed[at][0]
    unit = "%" if claim.unit == "百分点" else None
    before = _row(context, placed[:at][::-1], placed[at], unit)[::-1]
    after = _row(context, placed[at + 1 :], placed[at], unit) if len(before) < 2 else []
    if before and after and before[-1][0].unit != after[0][0].unit:
        after = []
    row = [*before, *after][:3] if claim.unit != "%" else [*before, *after][-3:]
    lead = re.split("[，,、；;]", context.shadow[max(start, placed[at][1][0] - 24) : placed[at][1][0]])[-1]
    own = claim.object is not None and claim.object in lead
    if claim.unit not in _RELATIVE and row and own and claim.object != row[0][0].object:
        return {}  # 工业企业新增90家、总数达到737家，高新技术企业新增6家
    roles: Roles = {}
    years: list[int] = []
    for index, (one, place) in enumerate(row):
        told = number(one)
        left = context.shadow[max(start, place[0] - 18) : place[0]]
        if told is None or (claim.dimension == one.dimension == "percent" and unit is None):
            return {}
        stated = _YEAR.search(left)
        if stated:
            years.append(int(stated.group(1)))
        role = _role(left, stated is not None)
        if index + 1 < len(row) and row[index + 1][1][0] > place[1]:
            moves = _MOVES.fullmatch(context.shadow, place[1], row[index + 1][1][0])
            role = "old" if moves and role in ("", "new") else role  # 154起→133起
        if role == "" and (index or not _is_compared(context, row, placed[at])):
            return {}
        roles.setdefault(role or "new", told) if role != "year" else roles.setdefault(f"year{len(years)}", told)
    if len(years) == 2 and years[0] != years[1]:
        first, second = ("old", "new") if years[0] < years[1] else ("new", "old")
        roles = {first: roles["year1"], second: roles["year2"]}
    elif len(years) == 1:
        roles.setdefault("new" if "old" in roles else "old", roles["year1"])
    if claim.unit == "百分点":
        roles.pop("difference", None)  # 增长7%，占比达到23.5%，提高5.2个百分点
    return {role: told for role, told in roles.items() if role in ("old", "new", "difference")}


def _role(left: str, dated: bool) -> str:
    """What the words before a figure make it: that of before, of now, how much more, of a year; "" where nothing."""
    if _words("old").search(left):
        return "old"
    if dated:
        return "year"
    if _words("new").search(left):
        return "new"
    return "difference" if _growth().search(left) or _MORE.search(left) else ""


def _row(context: Context, placed: Sequence[Placed], rate: Placed, unit: str | None) -> list[Placed]:
    """Figures of one unit, each near the one before, the first of them joined to the rate by few words."""
    row: list[Placed] = []
    last = rate[1]
    for claim, place in placed[:3]:
        gap = context.shadow[min(last[1], place[1]) : max(last[0], place[0])]
        alike = claim.unit == (row[0][0].unit if row else unit or claim.unit) and not claim.part_of
        if not alike or (not _LINK.fullmatch(gap) if not row else len(gap) > _WITHIN or re.search("其中|；|;", gap)):
            break
        row.append((claim, place))
        last = place
    return row


def _is_compared(context: Context, row: Sequence[Placed], rate: Placed) -> bool:
    """Whether what follows a bare figure compares it: 改厕180户，比上年多60户."""
    first = row[0][1]
    following = row[1][1][0] if len(row) > 1 else rate[1][0]
    gap = context.shadow[first[1] : max(first[1], following)]
    return bool(_BESIDE.match(gap)) and "其中" not in gap


def _held(context: Context, told: Number, down: bool, roles: Roles) -> Finding | None:
    """A finding where the growth is not that of the figures."""
    if {"old", "new"} <= set(roles):
        old, new = roles["old"], roles["new"]
        ends = [(rounded(old), rounded(new))]
    else:
        part, whole = roles["difference"], roles.get("old") or roles["new"]
        if "old" in roles:
            old, new = whole, part
            ends = [(rounded(old), _plus(rounded(old), rounded(part), down))]
        else:
            old, new = part, whole
            ends = [(_plus(rounded(whole), rounded(part), not down), rounded(whole))]
    (old_low, old_high), (new_low, new_high) = ends[0]
    unit = told.claim.unit
    if old_low <= 0 or unit not in ("%", "倍", "百分点", old.claim.unit):
        return None
    sign = -1 if down else 1

    def grown(o: Decimal, n: Decimal) -> Decimal:
        apart = sign * (n - o)
        return HUNDRED * apart / o if unit == "%" else apart / o if unit == "倍" else apart

    reached = sorted(grown(o, n) for n in (new_low, new_high) for o in (old_low, old_high))
    step = TENTHS if "成" in told.claim.surface else told.step
    room = step if told.exact else max(step, told.value / 10)
    same_count = unit == old.claim.unit and told.exact and old.exact and new.exact and not told.decimals
    if (reached[0] <= told.value <= reached[-1]) if same_count else reached[0] - room < told.value < reached[-1] + room:
        return None
    return _off(context, told, down, roles, round((reached[0] + reached[-1]) / 2, max(1, told.decimals)))


def _plus(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal], minus: bool) -> tuple[Decimal, Decimal]:
    return (one[0] - other[1], one[1] - other[0]) if minus else (one[0] + other[0], one[1] + other[1])


def _off(context: Context, told: Number, down: bool, roles: Roles, found: Decimal) -> Finding:
    verb = "降幅" if down else "增幅"
    unit = told.claim.unit or ""
    names = {"old": "基期", "new": "本期", "difference": "增减数"}
    shown = "、".join(f"{names[role]}{n.claim.surface}" for role, n in sorted(roles.items()))
    sign = -1 if down else 1
    formula = f"{shown} ⇒ {plain(found)}{unit}"
    if {"old", "new"} <= set(roles) and unit == "%":
        old, new = roles["old"].claim.surface, roles["new"].claim.surface
        formula = f"({new}−{old})÷{old}={plain(sign * found)}%"
    return context.finding(
        f"按{shown}，{verb}应为{plain(found)}{unit}，文中写{told.claim.surface}。",
        [context.of_claim(told.claim, "total", verb),
         *(context.of_claim(n.claim, note=names[role]) for role, n in sorted(roles.items()))],
        formula=formula,
    )  # fmt: skip


def _clause(context: Context, evidence: Evidence) -> str:
    text = context.report.document.text
    left = re.split(r"[\s，。；：、,;]", text[max(0, evidence.start - 20) : evidence.start])[-1]
    return f"“{left}{evidence.surface}”"


CHECKS: dict[str, Check] = {"N13": growth}
