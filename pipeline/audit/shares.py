"""N02, N03: percentages that do not follow from the counts beside them, shares that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from pipeline.audit.arithmetic import HUNDRED, Number, number, plain, rounded
from pipeline.audit.base import Check, Context
from pipeline.records import Claim, Finding

_BREAK = re.compile(r"[，,。；;：:\n\t（(]")
_RAISED_TO = re.compile(r"(?:提高|提升|上升|增加|增长|下降|降低|回升|恢复|巩固|稳定|增|升|降)(?:到|至|在)")
_BY = re.compile(r"(?:[较比](?:上|去|同|年初)|同比|提高|提升|上升|增加|增长|下降|降低|由|从).*")
_NAME = re.compile(
    r"(?P<name>[一-鿿]{1,12}?)(?:率(?![先领队])|进度|(?<=[意晓可持与任好])度"
    r"|(?<=参与|参加|覆盖|普及|合格|达标|签约|使用|拥有|受益|知晓|就业|入住|到会|出勤)的?比[例重])|占(?:比|[^\d，,。；;]{0,22})|比例|比重"
    r"|完成(?:全年|年度|年初|当年)?(?P<planned>任务|计划|目标)[^\d，,。；;]{0,8}|(?P<bare>完成)(?:了|达到?)?(?:约|近)?$"
)
_GENERIC = frozenset("总全镇乡县村市区街道社数量户人口的比例其中计划任务应目标年度预算例为达到约近本已个所有是以上")
_FIGURE = re.compile(r"[\d，,。；;、：:（(]")
_WHOLE = re.compile(
    r"应|任务|计划|目标|预算|总|全[长程部]|在[校籍编岗]|共|现有|在册|下达|全[镇乡县村市区]|拟|需|原有|登记"
)
_PLANNED = re.compile(r"任务|计划|目标|应|下达|预算|需|拟")
_DONE = re.compile(r"完成|实际|实[检缴测]|已|建成|竣工|实有|拨付|支出|改造|清淤")
_BEHIND = re.compile(r"[（(][^（）()]{4,40}[）)]|，即[^，。；]{4,20}[，、][^，。；]{3,20}")
_WITHIN = re.compile(r"^[^\d，,。；;、]{0,10}[中里内]")
_REST = re.compile("不|未|尚|剩|余下|其余|差|空|缺|失|减|非|无|超标|问题|投诉|发生")
REACH = 60  # characters between the first of two counts and their rate
_BARE_SHARE = re.compile("(?:[目当]前|[现已]|均|大?约|仅|只)*(?:占比?|达到?|为)(?:到|了|约|近|为|达)*")
_ALL = re.compile("总[量数]|一共|共有?$|应|全[镇乡村县市区组部域]")
_WITHIN_YEAR = re.compile("今年|本年|当年|年内|全年|本月|新[增建改]|上半年|下半年|季度")
_THOSE = re.compile("的(?:共?有|为|是|达|共|约|只有|仅有?)?$")
_OVER = re.compile("(?:超过?|高于|突破|不低于|不少于)$")
POINTS = 25  # between a printed rate and the one reckoned, where only 总量 or 全村 says which count is the whole
LIKELY = 12  # times that a printed rate may exceed the one reckoned, before it is held to be of something else
NEAR = 24  # between the second and the rate


@dataclass(frozen=True, slots=True)
class _Count:
    """A count near a rate: the words of its own clause before and after it."""

    number: Number
    place: tuple[int, int]
    left: str
    right: str

    @property
    def words(self) -> str:
        return self.left + self.right


def recomputed(context: Context) -> Iterator[Finding]:
    """N02: a percentage beside the two figures that it was made from."""
    other = re.compile("|".join(map(re.escape, context.option("changes"))))
    for start, end in context.sentences:
        placed = context.claims_in(start, end)
        for claim, place in placed:
            rate = number(claim) if claim.dimension == "percent" else None
            left = context.shadow[max(start, place[0] - 30) : place[0]]
            nearly = claim.relation == "lt" and bool(re.search("近$", left))
            told = nearly or claim.relation in ("eq", "approx", "gt", "ge")
            if rate is None or not told or other.search(_OVER.sub("", left[-14:])):
                continue
            lead = re.split(r"[，,。；;\n（(]", left)[-1]
            counts = [_count(context, n, p, start, end) for c, p in placed if (n := _counted(c))]
            said = list(_NAME.finditer(lead))
            pair = _of_those(context, said[-1] if said else None, lead, counts, place)
            if said:
                pair = _operands(context, said[-1], counts, place, end) or pair
                pair = pair or _marked_whole(context, said[-1], rate, counts, place)
            named = left[-14:] + "".join(c.words for c in counts)
            if pair and not _explained(rate, counts, pair, bool(_REST.search(named))):
                yield _miscalculated(context, rate, *pair)


def _counted(claim: Claim) -> Number | None:
    return None if claim.dimension in ("percent", "ratio", "level") else number(claim)


def _count(context: Context, n: Number, place: tuple[int, int], start: int, end: int) -> _Count:
    left = _FIGURE.split(context.shadow[max(start, place[0] - 18) : place[0]])[-1]
    right = _FIGURE.split(context.shadow[place[1] : min(end, place[1] + 16)])[0]
    return _Count(n, place, left, right)


def _operands(
    context: Context, said: re.Match[str], counts: Sequence[_Count], place: tuple[int, int], end: int
) -> tuple[Number, Number] | None:
    """(part, whole) of a rate: the two counts of one unit right before it, else the two in the bracket behind it."""
    before = [c for c in counts if c.place[1] <= place[0] and place[0] - c.place[1] <= REACH]
    behind = _BEHIND.match(context.shadow, place[1], end)
    bracket = [c for c in counts if behind and place[1] <= c.place[0] < behind.end()]
    after = [c for c in counts if c.place[0] >= place[1]][:2]
    ends = [place[1], *(c.place[1] for c in after)]
    if any(there.place[0] - end > NEAR // 2 for there, end in zip(after, ends, strict=False)):
        after = []  # 合格率91.2%，共抽检420批次，合格331批次
    for near, inside in ((bracket, True), (before, False), (after, False)):
        if len(near) < 2 or (near is before and place[0] - near[-1].place[1] > NEAR):
            continue
        a, b = near[-2:]
        if not _alike(a.number.claim, b.number.claim) or not (a.number.value and b.number.value):
            continue
        if near is after and len(before) > 1:
            continue
        if said.group("name") is None and not (said.group("planned") or said.group("bare")):
            return _share(context, said, a, b)
        between = context.shadow[b.place[1] : place[0]]
        return _rate(context, said, a, b, loose=not inside and bool(re.search("[%％]", between)), bracket=inside)
    return None


def _last_two(counts: Sequence[_Count], place: tuple[int, int], near: int) -> tuple[_Count, _Count] | None:
    """The last two counts before a rate, of one unit, the second near it."""
    before = [c for c in counts if c.place[1] <= place[0] and place[0] - c.place[1] <= REACH]
    if len(before) < 2 or place[0] - before[-1].place[1] > near or not _alike(*(c.number.claim for c in before[-2:])):
        return None
    return (before[-2], before[-1]) if before[-2].number.value and before[-1].number.value else None


def _of_those(
    context: Context, said: re.Match[str] | None, lead: str, counts: Sequence[_Count], place: tuple[int, int]
) -> tuple[Number, Number] | None:
    """Operands of 学龄儿童1323名，做了窝沟封闭的754名，约占57%: the part is told as those of the whole who …, or by a
    verb alone: 图斑228个，销号127个，整改率55.7%."""
    two = _last_two(counts, place, NEAR // 2)
    if two is None or not (_BARE_SHARE.fullmatch(lead) or (said and said.group("name"))):
        return None
    if said and any(word in lead for word in context.option("modifiers")):
        return None
    whole, part = two
    among = _THOSE.search(part.left) or (said and _says_what_became(whole, part))
    name = said.group("name") if said else None
    if name and (not _named_after(context, name, part) or _is_strange(name, whole.words + part.words)):
        return None
    return (part.number, whole.number) if among and part.number.value <= whole.number.value else None


def _named_after(context: Context, name: str, part: _Count) -> bool:
    """Whether a rate can be named after what is told of a part: 配套率 of those 配齐, 好评率 where there was praise."""
    words = [words for stems, words in context.option("parts").items() if re.search(stems, name[-2:])]
    if not words:
        return bool(set(name[-2:]) & set(part.words))
    return any(re.search(some, part.words) for some in words)


def _says_what_became(whole: _Count, part: _Count) -> bool:
    """Whether a count has a verb and no noun of its own, so that it is of what the one before it counted."""
    a, b = whole.number.claim, part.number.claim
    return a.object is not None and a.object == b.object and bool(b.action) and str(b.action) in part.left


def _marked_whole(
    context: Context, said: re.Match[str], rate: Number, counts: Sequence[_Count], place: tuple[int, int]
) -> tuple[Number, Number] | None:
    """Operands of 离田3507吨，总量6486吨，利用率54%: one count says that it is of all, and the rate comes near.

    What was done within the year is no part of a stock: 今年改厕300户（全村662户），普及率85%."""
    two = _last_two(counts, place, NEAR // 2)
    if two is None or said.group("name") is None or any(w in said.group("name") for w in context.option("modifiers")):
        return None
    marks = [bool(_ALL.search(c.left)) for c in two]
    if marks[0] == marks[1]:
        return None
    whole, part = two if marks[0] else (two[1], two[0])
    around = context.shadow[max(0, part.place[0] - 24) : part.place[0]]
    found = HUNDRED * part.number.value / whole.number.value
    if _WITHIN_YEAR.search(around) or found > HUNDRED or abs(found - (rate.claim.value_low or 0)) > POINTS:
        return None
    return part.number, whole.number


def _alike(a: Claim, b: Claim) -> bool:
    return a.dimension == b.dimension and (a.unit == b.unit or {a.unit, b.unit} == {"人", "名"})


def _share(context: Context, said: re.Match[str], a: _Count, b: _Count) -> tuple[Number, Number] | None:
    """Operands of 占…的p%: a，占总数b的p% and b，其中a，占p%; none where 占 names a whole of its own."""
    between = context.shadow[a.place[1] : b.place[0]]
    if re.search(r"占[^\d，,。；;]{0,14}$", between):
        return a.number, b.number
    named = set(re.sub(r"[^一-鿿]", "", said.group())) - _GENERIC - {"占"}
    subject = set(re.sub(r"[^一-鿿]", "", said.string[: said.start()])) - _GENERIC - set(a.words + b.words)
    if len(subject) > 1 or named - set(a.words) - set(a.number.claim.object or "") - set(a.number.claim.unit or ""):
        return None
    of_it = re.fullmatch("的[^，,。；;、]{1,14}", between)  # 全长52公里的村道已亮化32公里
    is_whole = of_it or _WITHIN.match(a.right) or _WHOLE.search(a.left) or re.search("其中|[中里]有?", between)
    same = a.number.claim.object == b.number.claim.object is not None  # 适龄儿童344名，已接种187名
    among = same and _DONE.search(b.left) and not _DONE.search(a.left)
    return (b.number, a.number) if (is_whole or among) and b.number.value <= a.number.value else None


def _rate(
    context: Context, said: re.Match[str], a: _Count, b: _Count, *, loose: bool, bracket: bool
) -> tuple[Number, Number] | None:
    """Operands of …率: the part is told with the verb that the rate has its name from, and the whole fits the verb.

    `loose` says that another percentage stands between: then a letter of the verb in common is not enough."""
    name = said.group("name") or "完成"
    stem = name[-2:]
    if any(word in name for word in context.option("modifiers")):
        return None
    if not bracket and _is_strange(name, a.words + b.words):
        return None
    listed = re.match("[、和及与]", context.shadow[a.place[1] : b.place[0]])
    for part, whole in ((b, a), (a, b)):
        if listed and not _PLANNED.search(whole.left):
            continue  # 建议59件、提案112件
        if stem == "完成":
            wanted = _WHOLE if said.group("bare") else _PLANNED
            told = bool(_DONE.search(part.left) and wanted.search(whole.left))
        else:
            alike = set(stem) & set(part.words)
            marked = re.search("[已实]", part.left) or (part is b and _WITHIN.match(a.right))  # 12个村中有9个创成
            known = [words for stems, words in context.option("parts").items() if re.search(stems, stem)]
            other = any(re.search(words, part.words) for words in known)
            hinted = len(alike) == 2 or bool(alike and marked and not known) or other
            own = stem in part.words or (hinted and not loose)
            told = own and (stem not in whole.left or bool(_WHOLE.search(whole.left) or _WITHIN.match(whole.right)))
        over = part.number.value > whole.number.value and not _PLANNED.search(whole.left)
        if told and not over and _fits(context, stem, whole):
            return part.number, whole.number
    return None


def _is_strange(name: str, words: str) -> bool:
    """Whether the name of a rate tells of something that the words of its counts do not: 宣传单入户率."""
    strange = set(name[:-2]) - _GENERIC - set(name[-2:])
    return len(strange) > 2 and not strange & set(words)


def _fits(context: Context, stem: str, whole: _Count) -> bool:
    """Whether what a rate is named after can have this whole: problems are mended, samples pass."""
    for stems, wholes in context.option("wholes").items():
        if re.search(stems, stem):
            return bool(re.search(wholes, whole.words + (whole.number.claim.object or "")))
    return True


def _explained(rate: Number, counts: Sequence[_Count], pair: tuple[Number, Number], rest: bool) -> bool:
    """Whether any two counts of the sentence give the rate, or what it leaves where the words tell of a rest."""
    part, whole = pair
    if part.value > whole.value * 3 or whole.value > 50 * part.value:
        return True
    printed = rate.claim.value_low or Decimal(0)
    if printed * whole.value > LIKELY * HUNDRED * part.value:
        return True
    alike = [c.number for c in counts if _alike(c.number.claim, whole.claim)]
    closed = rate.claim.relation not in ("gt", "ge")  # more than 48 % holds of many a pair
    return any(_agrees(said, rate, top, bottom) for pair_ in combinations(alike, 2)
               for top, bottom in (pair_, pair_[::-1]) if closed or top.value <= bottom.value
               for said in ((printed, HUNDRED - printed) if rest and closed else (printed,)))  # fmt: skip


def _agrees(printed: Decimal, rate: Number, part: Number, whole: Number) -> bool:
    """Whether a printed rate may come of the two: rounded or cut off at its last digit, the operands within their
    own precision."""
    (low, high), (least, most) = rounded(part), rounded(whole)
    if least <= 0:
        return True
    bottom, top = HUNDRED * low / most, HUNDRED * high / least
    if rate.claim.relation in ("gt", "ge"):
        return printed <= top + rate.step / 2
    room = rate.step / 2 if rate.exact else max(rate.step, printed / 10)
    return bottom - rate.step < printed <= top + room if rate.exact else bottom - room <= printed <= top + room


def _miscalculated(context: Context, rate: Number, part: Number, whole: Number) -> Finding:
    found = round(HUNDRED * part.value / whole.value, max(2, rate.decimals))
    formula = f"{part.claim.surface}÷{whole.claim.surface}={plain(found)}%≠{rate.claim.surface}"
    return context.finding(
        f"按文中数字重算，{part.claim.surface}÷{whole.claim.surface}={plain(found)}%，文中写{rate.claim.surface}。",
        [context.of_claim(rate.claim, "total", "比率"), context.of_claim(part.claim, note="分子"),
         context.of_claim(whole.claim, note="分母")],
        formula=formula,
    )  # fmt: skip


def out_of_range(context: Context) -> Iterator[Finding]:
    """N03: a share above 100 % or below 0, in sentences and in the cells of tables."""
    for value, (start, end), claim in _percentages(context):
        left = context.shadow[max(0, start - 40) : start]
        minus = left[-1:] in ("-", "－", "−", "负")
        signed = -value if minus and value > 0 else value
        if 0 <= signed <= HUNDRED:
            continue
        if re.match(context.option("owing"), context.shadow[end : end + 16]):
            continue  # 111%（补收上年欠费）
        name = _share_before(context, left.rstrip("-－−负")) or _share_behind(context, context.shadow[end : end + 12])
        if name is None and claim and claim.object and not _BREAK.split(left)[-1].strip():
            name = _share_before(context, claim.object)  # in a cell the heads say what is told
        if name is None:
            continue
        here = context.of_claim(claim) if claim else context.shadow_span(start, end)
        bound = "大于100%" if signed > 0 else "小于0"
        told = _BREAK.split(left)[-1].strip()
        yield context.finding(
            f"“{told}{here.surface}”{bound}，{name}不可能超出0至100%。", [here],
            formula=f"{plain(signed)}% {'> 100%' if signed > 0 else '< 0'}",
        )  # fmt: skip


def _percentages(context: Context) -> Iterator[tuple[Decimal, tuple[int, int], Claim | None]]:
    """Every percentage, with its claim where it is one: in 以120%的入户率 the number is told otherwise."""
    taken: list[tuple[int, int]] = []
    for claim, place in zip(context.claims, context.places, strict=True):
        if claim.dimension == "percent" and claim.value_low is not None and not claim.per:
            taken.append(place)
            if "百分点" not in (claim.unit or ""):
                yield claim.value_low, place, claim
    for q in context.quantities:
        inside = any(start < q.end and q.start < end for start, end in taken)
        if q.dimension == "percent" and q.value_low is not None and not inside and "百分点" not in (q.unit or ""):
            yield q.value_low, (q.start, q.end), None


def _share_before(context: Context, left: str) -> str | None:
    """The name of the share that the words before a percentage tell of; none where it may exceed the whole."""
    clauses = _BREAK.split(left)
    clause = _RAISED_TO.sub("", clauses[-1])
    if len(clauses) > 1 and re.fullmatch(context.option("continues"), clauses[-1]):
        clause = _BY.sub("", clauses[-2])
    names = list(re.finditer(context.option("shares"), clause))
    if not names:
        return None
    at = len(names) - 1
    if "分别" in clause[names[-1].end() :]:
        at = min(len(re.findall(r"\d[\d.]*[%％]", clause)), at) if len(names) > 1 else at
    name = clause[max(0, names[at].start() - 8) : names[at].end()].split("、")[-1]
    rest = clause[names[-1].end() :]
    free = re.compile("|".join(context.option("unbounded")))
    if re.search(context.option("no_share"), name) or free.search(name) or free.search(rest):
        return None
    return re.sub("^.*[的和及与]", "", name)


def _share_behind(context: Context, right: str) -> str | None:
    """The share that follows its percentage: 以120%的入户率, 108%的农户."""
    found = re.match(context.option("behind"), right)
    free = re.compile("|".join(context.option("unbounded")))
    return found.group("name") if found and not free.search(found.group()) else None


CHECKS: dict[str, Check] = {"N02": recomputed, "N03": out_of_range}
