"""Whether a claim was done, stands, is aimed at, or is laid down as a rule; its base (per); whom it speaks of."""

from __future__ import annotations

import re
from functools import cache

import ahocorasick_rs

from pipeline.lexicon import rows, word_list
from pipeline.records import Quantity

_BASE = (
    "(?:半?年度?|季度?|个?月|周|旬|天|日|学期|星期|次|人|户|村|个?自然村|个?行政村|个?单位|个?部门|家|个?社区|个?村"
    "|亩|万人|公里|立方米|平方米|名|个?小组|所|班|座|平方公里|吨|万元)"
)
_EVERY = re.compile(
    rf"每(?P<base>(?:[一两二三四五六七八九十半千百万\d]+个?)?{_BASE}(?:老年人|居民|人口|村民|学生|口)?)(?P<between>[^，。；、]*)$"
)
_AVERAGE = re.compile(r"(?P<base>人|村|户|月|日|年|校|县|亩)均(?P<between>[^，。；]{0,12})$")
_DAILY = re.compile(
    r"(?:日(?=[^，。；]{0,4}(?:处理|供水|投入|收集|产出|清运|检测|接待|产|单采))|单日|年(?=出栏|产量|处理|接待))[^，。；、]{0,10}$"
)
_EACH_OF = re.compile(
    r"(?<![和及与从])各(?:相关|有关|级)?(?P<base>部门|村|社区|单位|乡镇|镇|片区|小组|村组|家庭|学校|站所|支部|街道|行政村|村（社区）|网格)(?:（[^）]{0,6}）)?[^，。；、各]{0,6}$"
)
_AVERAGE_ANYWHERE = re.compile(r"(?P<base>[人村户])均")
_PAY = re.compile(r"每(?P<base>[月年人户天亩])[^，。；]{0,8}$")
# 均 says "all of them" before these: 各村均有3名
_ALL_OF_THEM = re.compile(r".均(?:超过|达到|为|有|已|不|须|要|可|能|实现|完成|在|由|按|建|聘|设)")
_TWO_WEEKS = re.compile(r"(?P<base>(?:两|一|半|三|每)?(?:周|月|年|天|日|季度?))$")
_AIM = re.compile(
    r"(?:(?<![比为占])(?<![为占]年)计划(?![数任])|预计|(?<![模虚])拟(?!定)|力争|争取(?=到|在|实现|完成|创|达|年|用)|目标(?:任务)?(?:是|为)|确保(?:实现|达到|完成)?"
    r"|要(?:达到|实现|完成|建成|确保)|将(?:达到|实现|完成|建成|新建|投入|改造|继续|力争|再)|到20\d\d年(?:年?底|末)?"
    r"|年底前|年内(?=再|完成|实现|建成|启动|新建|力争)|明年|下一?年|\d+月底前(?=[^，。]{0,8}(?:完成|达到|实现)))"
    r"(?P<between>[^。；]*)$"
)
_MORNING_AND_NIGHT = re.compile(r"早中?晚各[^，。；\d]{0,4}$")
_PRIOR = 3  # a paragraph without any cue rather plans: what was done tells of itself
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


def per(shadow: str, quantity: Quantity) -> str | None:
    """The base of a rate or frequency: 每两年至少1次 → 两年, 人均 → 人, 各部门明确1名 → 部门."""
    if quantity.unit and quantity.unit.startswith("/"):
        return None
    clause = re.split(r"[。；;！？\n]", shadow[max(0, quantity.start - 40) : quantity.start])[-1]
    near = re.split(r"[，,：:]", clause)[-1]
    match = _last(near)
    if match and (quantity.dimension == "frequency" or not re.search(r"\d", match["between"])):
        return _base(match["base"])
    match = _last(clause)
    if match and quantity.unit in _PERIODIC and len(match["between"]) < 24:
        return _base(match["base"])
    match = _AVERAGE.search(near)
    yearly_share = match is not None and match["base"] == "年" and quantity.dimension == "percent"
    if match and not yearly_share and not _ALL_OF_THEM.match(near, match.start()):
        return _base(match["base"])
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
    return match["base"] if match else None


def _last(clause: str) -> re.Match[str] | None:
    """The 每 that stands nearest: 每村每月1次 is a frequency by month."""
    nearest = clause.rfind("每")
    return _EVERY.match(clause, nearest) if nearest >= 0 else None


def _base(words: str) -> str:
    words = re.sub(r"^一?个", "", words).replace("天", "日")
    return (
        re.sub(r"个(?=[月村单部社小自行])", "", words)
        if not re.match(r"[两二三四五六七八九十半千百万\d]", words)
        else words
    )


def status(shadow: str, quantity: Quantity, action: str | None, per_base: str | None, planned: bool) -> str:
    """done, state, target or rule. `planned`: whether the passage that it stands in speaks of what is to come."""
    before = re.split(r"[。；;！？\n]", shadow[max(0, quantity.start - 60) : quantity.start])[-1]
    clause = re.split(r"[，,：:]", before)[-1]
    countless = quantity.unit is None and quantity.script != "mask"
    periodic = per_base is not None and (quantity.unit in _PERIODIC or countless)
    if periodic and not re.search(r"(?:已|共|累计)", clause):
        return "rule"
    if planned:
        return "target"
    aim = _AIM.search(before)
    if aim and not re.search(r"(?:已|了|共|累计|实际|目前|只)", aim["between"]):
        return "target"
    if quantity.dimension in ("percent", "ratio", "level") or action is None:
        return "done" if action and re.match(r"增长|提高|下降|降低|减少|增加|提升|上升", action) else "state"
    if re.fullmatch(r"突破|有|共有|现有|下辖|辖|下设|拥有|达到?|为|管辖|设有|含|包括", action):
        return "state"
    return "done"
