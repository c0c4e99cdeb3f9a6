"""Whether a claim was done, stands, is aimed at, or is laid down as a rule; its base (per); whom it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import ahocorasick_rs

from pipeline.lexicon import rows, verbs, word_list
from pipeline.records import Quantity

_BASE = (
    "(?:半?年度?|季度?|个?月|周|旬|天|日|晚|早|学期|星期|次|人|户|村|个?自然村|个?行政村|个?单位|个?部门|家|个?社区|个?网格|个?村"
    "|亩|餐|趟|万人|公里|立方米|平方米|名|个?小组|所|班|座|平方公里|吨|万元)"
)
_EVERY = re.compile(
    rf"每(?P<base>(?:[一两二三四五六七八九十半千百万\d]+个?)?{_BASE}(?:老年人|居民|人口|村民|学生|口)?)(?P<between>[^，。；、]*)$"
)
_AVERAGE = re.compile(r"(?P<base>人|村|户|月|日|年|校|县|亩)均(?P<between>[^，。；]{0,12})$")
_DAILY = re.compile(
    r"(?:日(?=[^，。；]{0,4}(?:处理|转运|供水|投入|收集|产出|清运|检测|接待|产|单采))|单日|年(?=出栏|产量|处理|接待))[^，。；、]{0,10}$"
)
_EACH_OF = re.compile(
    r"(?<![和及与从])各(?:相关|有关|级)?(?P<base>部门|村|社区|单位|乡镇|镇|片区|小组|村组|家庭|学校|站所|支部|街道|行政村|村（社区）|网格)(?:（[^）]{0,6}）)?[^，。；、各]{0,6}$"
)
WITH_EACH = re.compile(r"[与跟同和向][^，。；\n]{0,12}[、和]各[^，。；、\n]{2,8}$")  # 与各村、各单位签订责任书28份
_AVERAGE_ANYWHERE = re.compile(r"(?P<base>[人村户])均")
_PAY = re.compile(r"每(?P<base>[月年人户天亩])[^，。；]{0,8}$")
_MONTHLY = re.compile(r"[人户]均每?个?月")
_IN_ALL = re.compile(r"，(?:全年|累计|共|先后|开展|组织)")  # 每周督查、每月排名，开展督查46次
# 均 says "all of them" before these: 各村均有3名
_ALL_OF_THEM = re.compile(r".均(?:超过|达到|为|有|已|不|须|要|可|能|实现|完成|在|由|按|建|聘|设)")
_TWO_WEEKS = re.compile(r"(?P<base>(?:两|一|半|三|每)?(?:周|月|年|天|日|季度?))$")
_AIM = re.compile(
    r"(?:(?<![比为占])(?<![为占]年)(?<!完成)(?<!年度)计划(?![数任])|预计|(?<![模虚])拟(?!定)|力争|争取(?=到|在|实现|完成|创|达|年|用)|目标(?:任务)?(?:是|为)|确保(?:实现|达到|完成)?"
    r"|要(?:达到|实现|完成|建成|确保)|将(?:达到|实现|完成|建成|新建|投入|改造|继续|力争|再)|(?<![高长低加降升少])到20\d\d年(?:年?底|末)?"
    r"|年底前|年内(?=再|实现|力争|将|要|计划|确保)|明年|下一?年|\d+月底前(?=[^，。]{0,8}(?:完成|达到|实现)))"
    r"(?P<between>[^。；]*)$"
)
_MORNING_AND_NIGHT = re.compile(r"早中?晚各[^，。；\d]{0,4}$")
_PRIOR = 3  # a paragraph without any cue rather plans: what was done tells of itself
_SENTENCES, _CLAUSES = re.compile(r"[。；;！？\n]"), re.compile(r"[，,：:]")
_EXACT = 8  # weight of a figure with four digits that count, beside the weights of models/tense.csv
_PERIODIC = word_list("unit_of_frequencies")


@cache
def _cues() -> tuple[ahocorasick_rs.AhoCorasick, list[int]]:
    cues = rows("tense")
    found = ahocorasick_rs.AhoCorasick([row["cue"] for row in cues], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    return found, [int(row["weight"]) for row in cues]


@cache
def tense(passage: str) -> int:
    """How much a passage speaks of what is to come (positive) or of what was done (negative), by the cues of
    models/tense.csv; each cue counts once."""
    machine, weights = _cues()
    told = {match[0] for match in machine.find_matches_as_indexes(passage)}
    return _PRIOR + sum(weights[cue] for cue in told)


def exactness(shadow: str, quantities: Sequence[Quantity]) -> int:
    """How much the figures of a passage look counted, not planned: 23119辆 was counted, 2万辆 may be a plan."""
    digits = (re.sub(r"\D", "", shadow[q.number_start : q.number_end]).strip("0") for q in quantities)
    return _EXACT * sum(len(number) >= 4 for number in digits)


def per(shadow: str, quantity: Quantity) -> str | None:
    """The base of a rate or frequency: 每两年至少1次 → 两年, 人均 → 人, 各部门明确1名 → 部门."""
    if quantity.unit and quantity.unit.startswith("/"):
        return None
    clause = _SENTENCES.split(shadow[max(0, quantity.start - 40) : quantity.start])[-1]
    near = _CLAUSES.split(clause)[-1]
    match = _last(near)
    if match and (quantity.dimension == "frequency" or not re.search(r"\d", match["between"])):
        return _base(match["base"])
    match = _last(clause)
    if match and quantity.unit in _PERIODIC and len(match["between"]) < 24 and not _IN_ALL.search(match["between"]):
        return _base(match["base"])
    match = _AVERAGE.search(near)
    yearly_share = match is not None and match["base"] == "年" and quantity.dimension == "percent"
    if match and not yearly_share and not (match["base"] in "村户校县人" and _ALL_OF_THEM.match(near, match.start())):
        return "月" if _MONTHLY.search(near) else _base(match["base"])
    if quantity.dimension in ("money", "area") and (match := _AVERAGE_ANYWHERE.search(near)):
        return str(match["base"])
    if quantity.dimension == "money" and (match := _PAY.search(near)):
        return str(match["base"])
    if quantity.unit in ("次", None) and quantity.script == "chinese" and (match := _TWO_WEEKS.search(near)):
        return match["base"].removeprefix("每")
    if quantity.unit in _PERIODIC and _MORNING_AND_NIGHT.search(near):
        return "日"
    if match := _DAILY.search(near):
        return "年" if near[match.start()] == "年" else "日"
    match = _EACH_OF.search(near)
    return match["base"] if match and not WITH_EACH.search(near) else None


def _last(clause: str) -> re.Match[str] | None:
    """The 每 that stands nearest: 每村每月1次 is a frequency by month."""
    nearest = clause.rfind("每")
    return _EVERY.match(clause, nearest) if nearest >= 0 else None


_BASES = {"晚": "日", "早": "日", "季": "季度", "行政村": "村", "名": "人"}


def _base(words: str) -> str:
    words = _BASES.get(words := re.sub(r"^一?个", "", words).replace("天", "日"), words)
    return (
        re.sub(r"个(?=[月村单部社小自行])", "", words)
        if not re.match(r"[两二三四五六七八九十半千百万\d]", words)
        else words
    )


_TURNS = frozenset(("周", "旬", "半月", "月", "季度"))
_PAYS = word_list("verb_of_fees")
_GOAL = re.compile(r"(?:目标|指标)(?:值|任务)?[为是]?$")
# What others laid down, against which a figure is held: 低于标准85%, 满分1000分, 低于80分的扣减绩效, 距95%尚差.
_STANDARD = re.compile(
    r"(?:(?<![助资障费贴补])标准(?:要求[^，。；\d]{0,14}|[为是：:])?|满分[为是]?|[高低]于(?:国家|省定?|省级|国家级)标准|^距离?)[≥≤]?$"
)
_AGAINST = re.compile(r"的(?:[国省市县][家定级]?)?(?:标准|控制线|红线|及格线)")
_SANCTION = re.compile(r"(?:以[上下])?的[，]?(?:[一-鿿]{0,3})(?:扣|约谈|通报|问责|一律|取消)")
_COMPARED = ("高于", "低于", "超过", "超标")
_LIMIT = re.compile(r"(?:限期?|时限|期限)[为是在]?$")
_WITHIN = re.compile(r"之?内[^，。；]{0,4}(?:反馈|整改|办结|改好|到位|处置|处理|回复|答复|完成)")
_DEADLINES = ("日", "天", "小时", "个工作日", "工作日")


# 完成全年任务4万平方米的59.5%: the figure between the two was laid down.
_ASSIGNED = re.compile(r"(?:完成|占|为|达)[^，。；]{0,6}(?:任务|目标|计划)数?的?$")
_OF_IT = re.compile(r"的(?:\d[\d.]*%|百分之)")
_HAPPENS = frozenset(("场", "场次", "人次", "台次", "车次"))
_SET_UP = re.compile(r"(?:小组|指挥部|专班|办公室|委员会|工作组|公司)[，]?(?:内|并|共)?下?设(?:立|置|有)?$")
# What should be done, and what was not: 应拆旱厕225座，已拆117座，未拆95座.
_DUE = re.compile(r"^(?:全[镇乡县市区村])?应(?![急用对邀])[一-鿿]{1,8}$")
_UNDONE = re.compile(r"^(?:尚|还|仍)?未(?!来)[一-鿿]{1,4}$")
_TOLD = re.compile(r"已|了|共|累计|实际|目前|只")
_ESTIMATE = re.compile(r"增长|下降|达到|突破|总量|总值")


def _estimated(aim: re.Match[str], quantity: Quantity) -> bool:
    """Whether 预计 tells the figure of a year that is just over (预计地区生产总值增长4%), not what is aimed at."""
    said = aim["between"]
    over = aim[0].startswith("预计") and quantity.dimension in ("percent", "money")
    return over and bool(_ESTIMATE.search(said)) and not re.search(r"[可将能]|年底|明年|完成|目标", said)


def _laid_down(clause: str, after: str, quantity: Quantity, per_base: str | None) -> bool:
    """Whether a figure is a standard, a deadline, or a time laid down for every day."""
    if quantity.dimension == "duration":
        deadline = quantity.unit in _DEADLINES and (_LIMIT.search(clause) or _WITHIN.match(after))
        return bool(deadline) or ("每" in clause and per_base == "日" and quantity.relation in ("ge", "le"))
    if clause.endswith(_COMPARED) and (_AGAINST.match(after) or _SANCTION.match(after)):
        return True
    return bool(_STANDARD.search(clause[-24:]))


def status(shadow: str, quantity: Quantity, action: str | None, per_base: str | None, planned: bool) -> str:
    """done, state, target or rule. `planned`: whether the passage that it stands in speaks of what is to come."""
    before = _SENTENCES.split(shadow[max(0, quantity.start - 60) : quantity.start])[-1]
    clause = _CLAUSES.split(before)[-1]
    countless = quantity.unit is None and quantity.script != "mask"
    periodic = per_base is not None and (quantity.unit in _PERIODIC or countless)
    mean = "平均" in clause
    if _ASSIGNED.search(clause) and _OF_IT.match(shadow, quantity.end):
        return "target"
    if periodic and not mean and not re.search(r"(?:已|共|累计)", clause):
        return "rule"
    aim = _AIM.search(before)
    aimed = aim is not None and not (_estimated(aim, quantity) or _TOLD.search(aim["between"]))
    after = shadow[quantity.end : quantity.end + 12]
    if not aimed and _laid_down(clause, after, quantity, per_base):
        return "rule"
    if planned or aimed or _GOAL.search(clause) or _DUE.search(clause):
        return "target"
    if per_base and not mean and "每" in clause and quantity.dimension != "percent":
        paid = quantity.dimension == "money" and action in _PAYS
        if paid or quantity.relation in ("ge", "le") or (quantity.dimension == "count" and per_base in _TURNS):
            return "rule"
    if action is None and quantity.unit in _HAPPENS and quantity.dimension != "percent":
        return "done"  # 讲座12场: what is counted in these took place
    if quantity.dimension in ("percent", "ratio", "level") or action is None:
        return "done" if action and re.match(r"增长|提高|下降|降低|减少|增加|提升|上升", action) else "state"
    if _UNDONE.search(clause):
        return "state"
    if _SET_UP.search(clause):
        return "done"  # 指挥部下设9个工作组, but 全镇下设14个村
    stands = verbs().get(action, ("", False))[0] in ("have", "reach") and action != "覆盖"
    if stands or re.fullmatch(r"突破|有|共有|现有|下辖|辖|下设|拥有|达到?|为|管辖|设有|含|包括", action):
        return "state"
    return "done"
