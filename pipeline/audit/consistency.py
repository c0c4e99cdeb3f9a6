"""N04, N05: figures that contradict or outgrow one another in one report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import combinations

from pipeline.audit.arithmetic import number
from pipeline.audit.base import Check, Context, overlap
from pipeline.lexicon import rows
from pipeline.records import Claim, Finding

_CUMULATIVE = re.compile(r"累计|历年|总数达|总量达|存量|(?<!今年)以来|[三五两]年|“十[一二三四五]五”|期间")
_CHANGE = re.compile(
    r"(?<!新)增|降|提高|提升|上?升[到至]|上升|同比|年均|较|[高低好优快多少]于|比(?!例|率|重)|缩小|扩大|从|由(?!于)"
)
_AT_FIRST = re.compile("年初|期初|[起最当]初|整[治改]前|[之以此]前|原[来先]|过去|首[次轮]|往年|[上前]一?年|去年")
_LESS_THAN_ALL = re.compile(
    r"新增|[春夏秋冬](?:季|天|前)|本次|此次|首批|第[一二三四五]批|其中|另|再|又|先后|分别|每|各|同时|部分|前期|上半年|下半年|季度|剩余|尚|余下"
)
_QUALIFIED = re.compile(
    "学生|儿童|学校|农村|城镇|城市|居民|村民|老年|妇女|从业|重点|慢病|高血压|糖尿病|县级|乡镇|规上|小学|初中|高中|男|女"
)
_EVENTS = ("次", "场", "期", "场次", "轮", "项", "批", "批次", "人次", "人", "名")
_EVENTS_ONLY = ("次", "场", "期", "场次", "轮", "批", "批次", "人次", "件", "起")
_STOCKS = ("last", "mean")
_PERSONS = frozenset("人名位")
_PIECES = frozenset("个座处只台辆块盏所间株棵套支")
_HELD = ("共有", "现有", "有", "拥有", "设有", "已有", "建有", "配有", "保有")
_IS = re.compile("(?:共|现|已|总|设|拥|建|配|保)?有|(?:率)?(?:为|是|达到?)|共|总共|合计|累计|共计|")
_OWNED = re.compile(
    "^(?:(?:全|我|本)?[镇乡村县区街道办]+[里内上]?的|各(?:村|地|社区)的?|全域|境内的?|辖区内?的?|"
    "我(?:街道|[处镇乡村县市区办局所站院校们]))"
)
_FOR = re.compile("(?:为|给|向|对|替|帮)(?P<whom>[一-鿿]{2,8}?)(?=[一-鿿]{2}[^，。]*$)")
_STOCK = re.compile(
    r"^(?:[一-鿿]{2,3}[镇乡村县市区]|街道|全[镇乡村县市区]|全街道|我[镇乡村县市区]|本[镇乡村]|境内|辖区内?|镇内)?"
    r"(?P<has>(?:现|共|总共|一共|目前|现共)?(?:有|拥有|建有|设有|配有))?(?P<noun>[一-鿿]{2,8}?)"
    r"(?P<sum>(?:总数|总量)?(?:共|现|总)?(?:有|为|达|计)?)$"
)
_NOUN_BEHIND = re.compile("(?P<noun>[一-鿿]{2,8}?)(?=[把将均都全悉分日夜人各齐实统，。、；]|$)")
_HOLD = re.compile("^(?:组织|举办|举行|召开|开办|实施)")
_FILLER = re.compile(
    r"由于|因为|随着|得益于|据统计|经[统核][计实查]|[镇乡村县市区]里|本单位|这一?年|年末|岁末|全年|全域|全辖?[镇乡村县市区街道]+|我(?:街道|[处镇乡村县市区办局所站院校们])|本[镇乡村县市区年]|今年|年内|当年|目前|"
    r"一年下来|一年来|到?年底|截至|辖区|累计|总计|合计|共计|一共|总共|[共总现已有了“”：:（）()\s]"
)
_HEAD_UNIT = re.compile(r"[（(]([一-鿿]{1,2})[）)]\s*$")
_LEVELS = {"village": "村社", "township": "镇乡街", "county": "县市区旗", "prefecture": "市州盟", "province": "省区市"}
_MEASURED = re.compile("(?<=[一-鿿]{2})(?:总?面积|总?里程|总?长度|总数量?|数量|总量)$")
_NOW = re.compile("现(?=[有存藏辖设住管])")  # 农家书屋现藏书
_AVERAGE = re.compile("[人户]均")  # told of all, though of each
_YEARS = re.compile(
    r"(?<![全今当本]年)(?<!年内)累计|历年|总数达|总量达|存量|(?<!今年)以来|[三五两]年|“十[一二三四]五”|期间"
)
_AIM = re.compile("计划|预计|力争|拟|将|目标|任务|打算|争取|确保|有望|要|准备")
_WHOLE_CUE = re.compile(r"共|累计|合计|总|全年|今年|年内|全[镇乡街县村市区]")
_PLACE = re.compile(r"^[^一-鿿]*([一-鿿]{1,4}?(?:(?<![农乡])村|社区|片区?|集镇|组|街|巷))(?!民|容|庄)")
_BRACKET = re.compile(r"[（(][^（）()]*$")
NEARBY = Decimal("1.7")  # how far apart two figures of one thing may be where nothing but the same words tells them


def contradiction(context: Context) -> Iterator[Finding]:
    """N04: one indicator, or one thing in the same words, in one scope and period: two values."""
    groups: dict[tuple[object, ...], list[Claim]] = {}
    review = _review(context)
    for claim in context.claims:
        if claim.part_of or claim.repeat_of or claim.masked or claim.value_low is None or claim.doubt:
            continue
        if claim.status == "rule" or (claim.status == "target" and not _told_within_year(context, claim)):
            continue
        if claim.per and (review or not _AVERAGE.search(claim.object or "")):
            continue
        told = "".join(sorted(_words(claim) or ""))
        for name in (claim.indicator or _same_as(context, claim), told, _stock_name(context, claim)):
            if name:
                key = (name, claim.dimension, claim.per, _unit(context, claim), _scope(context, claim), _period(claim))
                groups.setdefault(key, []).append(claim)
    for claims in groups.values():
        pair = next((p for p in combinations(claims, 2) if _contradict(context, *p)), None)
        if pair:
            first, second = pair
            scope = first.scope or "未注明范围，视为本单位"
            what = first.object or first.action or ""
            yield context.finding(
                f"同一指标“{what}”前写{first.surface}，后写{second.surface}，两处不一（{scope}，"
                f"{first.period or '时期不明'}）。",
                [context.of_claim(first, note="前一处"), context.of_claim(second, "counterpart", "后一处")],
                formula=f"{first.surface}≠{second.surface}", severity=2 if review else None,
            )  # fmt: skip


def _same_as(context: Context, claim: Claim) -> str | None:
    """The indicator that a claim without one tells in other words: 全镇共9724户人家."""
    at = context.place_of(claim)
    said = context.shadow[max(0, at - 6) : at] + claim.surface + context.shadow[at + len(claim.surface) :][:4]
    return next((code for code, words in context.option("same").items() if re.search(words, said)), None)


def _words(claim: Claim) -> str | None:
    """What was done with what, in one string, so that 注册志愿者 and 注册|志愿者 are the same; none where too vague."""
    action = claim.action or ""
    thing = _core(claim)
    if action.startswith("率"):
        thing += "率"  # 签约|率为
    words = _HOLD.sub("开展", "" if _IS.fullmatch(action) else action) + thing
    words = re.sub("^[共现已]?有(?=[一-鿿]{3})", "", words)  # 有注册|企业
    words = re.sub("(?<=[一-鿿]{2})的(?=[一-鿿]{2})", "", words)  # 购置的吸污车
    if _rate(claim) and not re.search("率|度|占比|比[例重]", words):
        return None  # 是“十一五”时期的3.3倍
    return words if len(words) >= 3 and thing else None


def _stock_name(context: Context, claim: Claim) -> str | None:
    """The noun of which a figure is said to be all there is, marked as such: 境内有水库9座, 全部11座水库."""
    at = context.place_of(claim)
    before = context.clause_before(claim)
    behind = re.split("[，,。；;、）)\n]", context.shadow[at + len(claim.surface) : at + len(claim.surface) + 16])[0]
    if claim.dimension != "count" or claim.unit in _EVENTS_ONLY:
        return None
    found = _STOCK.match(before) if not behind else None
    if found and (found["has"] or found["sum"]) and found["noun"] not in context.option("vague"):
        return f"＝{found['noun']}"
    noun = _NOUN_BEHIND.match(behind)
    whole = context.pattern("all_there_is").search(before)
    subject = not before and noun and context.pattern("all_do").match(behind, noun.end())
    if noun and (whole or subject) and noun["noun"] not in context.option("vague"):
        return f"＝{noun['noun']}"
    return None


def _core(claim: Claim) -> str:
    """The object without the words that say whose it is or that it is measured: 镇里的环卫车辆, 违建面积."""
    return _NOW.sub("", _MEASURED.sub("", _OWNED.sub("", claim.object or "")))


def _unit(context: Context, claim: Claim) -> str | None:
    """The unit that a claim counts in; that of its row's head where a cell prints none."""
    at = context.place_of(claim)
    head = None if claim.unit else _HEAD_UNIT.search(context.shadow, max(0, at - 20), at)
    unit = claim.base_unit or claim.unit or (head.group(1) if head else None)
    return "人" if unit in _PERSONS else "个" if unit in _PIECES else unit


def _told_within_year(context: Context, claim: Claim) -> bool:
    """Whether 年内 alone made a target of what is told as done."""
    said = _so_far(context, claim)
    return not _review(context) and bool(re.search("年内|全年|当年", said)) and not _AIM.search(said)


def _contradict(context: Context, first: Claim, second: Claim) -> bool:
    """Whether two claims under one key must be the same figure: told of the same thing in words that say all of it."""
    a, b = number(first), number(second)
    if a is None or b is None or (a.low <= b.high and b.low <= a.high) or not 20 * a.value > b.value > a.value / 20:
        return False
    left, right = context.clause_before(first), context.clause_before(second)
    leads = (left, right)
    if any(context.pattern("others").search(lead) for lead in leads) or _for_others(left, right):
        return False
    if any(_some_only(context, claim, lead) for claim, lead in zip((first, second), leads, strict=True)):
        return False
    if any(_BRACKET.search(lead) or _CHANGE.search(lead) or _AT_FIRST.search(lead) for lead in leads):
        return False
    partly = [set(_LESS_THAN_ALL.findall(lead)) for lead in leads]
    if partly[0] != partly[1] or partly[0] - {"新增"}:
        return False
    places = [found.group(1) for lead in (left, right) if (found := _PLACE.match(lead))]
    if len(places) == 2 and places[0] != places[1]:
        return False
    if _is_cumulative(context, first) != _is_cumulative(context, second):
        return False
    if context.sentence_at(context.place_of(first)) == context.sentence_at(context.place_of(second)):
        return False
    if any(context.is_ahead(context.place_of(claim)) for claim in (first, second)):
        return False
    if _review(context) and not _same_in_review(context, first, second):
        return False
    apart = max(a.value, b.value) / min(a.value, b.value)
    stocks = [_stock_name(context, claim) for claim in (first, second)]
    if stocks[0] and stocks[0] == stocks[1] and apart <= NEARBY and not _review(context):
        return True
    return _one_thing(context, first, second) and _all_of_it(context, first, second, apart)


def _some_only(context: Context, claim: Claim, lead: str) -> bool:
    """Whether a figure that opens its clause tells what some did: 30名保洁员参加了比武."""
    behind = context.shadow[context.text.clean_offset(claim.end - 1) + 1 :][:14]
    return not lead and bool(re.match(f"[一-鿿]{{2,6}}?{context.option('some_do')}", behind))


def _for_others(left: str, right: str) -> bool:
    """Whether two clauses name different people for whom something was done: 为残疾人发放, 给老人发放."""
    whom = [set(found["whom"]) if (found := _FOR.search(lead)) else None for lead in (left, right)]
    return whom[0] is not None and whom[1] is not None and whom[0] != whom[1]


def _apart(context: Context, first: str | None, second: str | None) -> bool:
    """Whether two verbs tell of deeds that one thing undergoes apart: 新建 and 改造."""
    one, other = (
        {i for i, verbs in enumerate(context.option("opposed")) if re.match(verbs, told or "")}
        for told in (first, second)
    )
    return bool(one and other and not one & other)


def _one_thing(context: Context, first: Claim, second: Claim) -> bool:
    """Whether two claims speak of the same thing."""
    left, right = context.clause_before(first), context.clause_before(second)
    same_words = _words(first) is not None and sorted(_words(first) or "") == sorted(_words(second) or "")
    if _rate(first) and _QUALIFIED.findall(left) != _QUALIFIED.findall(right):
        return False
    if _same_as(context, first) or _same_as(context, second):
        return True
    invested = first.indicator == "finance.invested" and not _review(context)
    if (invested or (first.action, first.object) == ("投入", "资金")) and _everything(context, first, second):
        return True
    if _apart(context, first.action, second.action):
        return False
    if first.object in context.option("vague") and not (_has(left) and _has(right)):
        every = same_words and first.action is not None and _everything(context, first, second)
        both = every and _is_bare(context, first) and _is_bare(context, second)
        return both and not _review(context)  # 全年签约项目5个, 全年共签约项目8个
    if same_words:
        return True
    if first.indicator is None and not _kin(first.action, second.action):
        return False
    longer = max(_core(first), _core(second), key=len)  # 新设宣传|展板 and 设置|宣传展板
    named = all(f"{claim.action or ''}{_core(claim)}".endswith(longer) for claim in (first, second))
    return (named and bool(longer)) or _core(first) == _core(second) or (_rate(first) and first.indicator is not None)


def _all_of_it(context: Context, first: Claim, second: Claim, apart: Decimal) -> bool:
    """Whether two claims of one thing, one of them `apart` times the other, both say all of it."""
    telling = any(_IS.fullmatch(claim.action or "") and (claim.action or "") in _HELD for claim in (first, second))
    if _rate(first) or _aggregation(first.indicator) in _STOCKS or telling:
        return first.indicator is not None or len(_words(first) or "") >= 4
    if apart <= NEARBY and not _review(context) and _is_bare(context, first) and _is_bare(context, second):
        return True
    if apart > 5 or (first.unit in _EVENTS and not _everything(context, first, second)):
        return False
    long = len(_core(first)) >= 2 if first.indicator else len(_words(first) or _core(first)) >= 4
    return long and overlap(context.clause_before(first), context.clause_before(second)) >= Decimal("0.6")


def _is_bare(context: Context, claim: Claim) -> bool:
    """Whether a claim's clause holds nothing but what was done to what, and words for all of it."""
    rest = re.split("[：:]", context.clause_before(claim))[-1]
    for words in (claim.action, claim.object, _core(claim)):
        rest = rest.replace(words or "", "") if words and len(words) > 1 else rest
    rest = _FILLER.sub("", re.sub("[（(][^）)]*[）)]", "", rest))
    return not set(rest) - set(f"{claim.action or ''}{claim.object or ''}{claim.unit or ''}在")


def _same_in_review(context: Context, first: Claim, second: Claim) -> bool:
    """Whether a report that looks back on several years and ahead tells two figures in the same words."""
    parts = [(s.heading_path or ("",))[0] for claim in (first, second) if (s := context.segment_of(claim.start))]
    if len(parts) < 2 or parts[0] != parts[1]:
        return False  # the year behind and the year ahead, told alike: 全年完成技改投入396亿元, 全年完成技改投入440亿元
    alike = overlap(context.clause_before(first), context.clause_before(second))
    whole = any(_WHOLE_CUE.search(_so_far(context, claim)) for claim in (first, second))
    return (whole or _aggregation(first.indicator) in _STOCKS) and alike >= Decimal(context.option("review_overlap"))


def _review(context: Context) -> bool:
    """Whether the report tells of the year before and of the year to come in the same words."""
    return any(words in (context.report.issuer.title or "") for words in context.option("reviews"))


def _rate(claim: Claim) -> bool:
    return claim.dimension in ("percent", "ratio", "level")


def _everything(context: Context, first: Claim, second: Claim) -> bool:
    return all(_WHOLE_CUE.search(_so_far(context, claim)) for claim in (first, second))


def _scope(context: Context, claim: Claim) -> str | None:
    """The claim's scope; none where it is the reporter itself (全镇, 我乡, 辖区), not 全县 in a township's words."""
    own = re.fullmatch("(?:我|本|全(?P<level>))(?P<name>镇|乡|街道|县|市|区|村|社区)|辖区", claim.scope or "")
    levels = _LEVELS.get(context.report.issuer.level or "")
    if own and own["level"] is not None and levels and own["name"][0] not in levels:
        return claim.scope
    return None if own else claim.scope


def _period(claim: Claim) -> str | None:
    """The claim's period; the year alone where the report does not say that a part of it is meant."""
    part = claim.period and "-" in claim.period and claim.period_basis != "stated"
    return claim.period[:4] if claim.period and part else claim.period


def _so_far(context: Context, claim: Claim) -> str:
    """The claim's sentence up to it."""
    at = context.place_of(claim)
    return context.shadow[context.sentence_at(at)[0] : at]


def _has(lead: str) -> bool:
    """Whether a clause says how many there are: 下辖14个村."""
    return bool(re.search(r"(?:辖|共有|现有|总)[^\d]{0,4}$", lead))


def _is_cumulative(context: Context, claim: Claim) -> bool:
    """Whether the claim's sentence speaks of several years."""
    start, end = context.sentence_at(context.place_of(claim))
    return bool(_YEARS.search(context.shadow[start:end]))


def _kin(first: str | None, second: str | None) -> bool:
    return first == second or first is None or second is None or first in second or second in first


@cache
def _aggregations() -> dict[str, str]:
    return {row["code"]: row["aggregation"] for row in rows("indicators")}


def _aggregation(indicator: str | None) -> str:
    return _aggregations().get(indicator or "", "")


def cumulative(context: Context) -> Iterator[Finding]:
    """N05: a cumulative figure below the current one of the same indicator and scope."""
    told = [c for c in context.claims if c.indicator and c.status == "done" and not c.part_of and not c.per]
    for whole in told:
        if not _CUMULATIVE.search(context.clause_before(whole)):
            continue
        for part in told:
            same = (whole.indicator, whole.base_unit, whole.scope) == (part.indicator, part.base_unit, part.scope)
            if part is whole or not same or _CUMULATIVE.search(context.clause_before(part)):
                continue
            a, b = number(whole), number(part)
            if a and b and a.high < b.low and re.search("今年|本年|全年|当年|年内", context.clause_before(part)):
                yield context.finding(
                    f"“{whole.object or ''}”累计{whole.surface}，却少于当年的{part.surface}。",
                    [context.of_claim(whole, "total", "累计"), context.of_claim(part, note="当期")],
                    formula=f"{whole.surface}<{part.surface}",
                )


CHECKS: dict[str, Check] = {
    "N04": contradiction,
    "N05": cumulative,
}
