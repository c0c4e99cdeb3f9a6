"""The base of a rate or frequency (per): 每两年至少1次 → 两年, 人均 → 人, 各部门明确1名 → 部门."""

from __future__ import annotations

import re

from pipeline.claims.measure_words import FREQUENCIES
from pipeline.lexicon import one_of
from pipeline.records import Quantity

_EVERY = re.compile(
    rf"每(?P<base>[一两二三四五六七八九十半千百万\d]*个?(?:{one_of('base_of_rate')})(?!(?<=组)[织建成]|(?<=场)[所景馆])"
    r"(?:老年人|居民|人口|村民|学生|口)?)"
    r"(?P<between>[^，。；、]*)$"
)
_AVERAGE = re.compile(r"(?P<base>人|村|户|月|日|年|校|县|亩|次)均(?P<between>[^，。；]{0,12})$")
_DAILY = re.compile(
    rf"(?:日(?=[^，。；]{{0,4}}(?:{one_of('deed_of_a_day')}))|单日|亩(?=产(?!值|业))|(?<![全今去本当每上])年(?=出栏|产量|处理|接待)"
    r"|(?<![\d全今去本当每上下个])月(?=发放|支付|领取|销售|处理|接待))[^，。；、]{0,10}$"
)
# 集体经济收入村村过20万元
_EACH_EVERY = re.compile(r"(?P<base>[村户])(?P=base)(?:均|都|过|超过?|突破|达到?|有|建|配)[^，。；\d]{0,4}$")
_EACH_OF = re.compile(
    rf"(?<![和及与从])各(?:相关|有关|级)?(?P<base>{one_of('base_of_each')})(?:（[^）]{{0,6}}）)?[^，。；、各]{{0,6}}$"
)
# 集体收入一年才8万元; 扣罚落后村2个各1000元, 3个村各奖励5000元
_A_YEAR = re.compile(r"(?<![\d这近前后头过])一年(?:下来)?(?:才|只|就|能|可|要|得|大?约)[^，。；\d]{0,4}$")
_SO_MANY_EACH = re.compile(
    rf"(?:(?P<base>{one_of('base_of_each')})[\d一两二三四五六七八九十]+[个家名户]"
    rf"|[\d一两二三四五六七八九十]+[个家名户]?[一-鿿]{{0,4}}?(?P<one>{one_of('base_of_each')}))各[^，。；、\d]{{0,6}}$"
)
WITH_EACH = re.compile(r"[与跟同和向][^，。；\n]{0,12}[、和]各[^，。；、\n]{2,8}$")  # 与各村、各单位签订责任书28份
_AVERAGE_ANYWHERE = re.compile(r"(?P<base>[人村户])均")
_PAY = re.compile(r"每(?P<base>[月年人户天亩])[^，。；每]{0,8}$")
# A wage or a fee that bears its base in its name: 保洁员月工资, 单户成本, 一年服务费.
_NAMED = re.compile(
    r"(?:(?<![\d上本当全今去前每])(?P<base>[月年])|单(?P<one>[户村人次]))"
    rf"(?:{one_of('named_by_base')})[^，。；\d]{{0,5}}$"
)
# 每千人口床位数由6.4张提高到6.9张, 由每月600元提到800元: the base goes over both ends.
_RISES = re.compile(r"[^\d]*[由从][^，。；]*[到至为]|[\d.]+[万亿]?[余多]?元[一-鿿]{0,6}[到至为]")
_MONTHLY = re.compile(r"[人户]均每?个?月")
# 每月检查卫生，开展一次竞赛; but 每周督查、每月排名，开展督查46次
_TIME_AND_AGAIN = re.compile(
    r"每(?P<base>[两二三四五半]?个?(?:周|星期|月|季度?|年|天|日|旬|学期))(?P<between>[^。；每]*)$"
)
# 均 says "all of them" before these: 各村均有3名
_ALL_OF_THEM = re.compile(r".均(?:超过|达到|为|有|已|不|须|要|可|能|实现|完成|在|由|按|建|聘|设)")
_TWO_WEEKS = re.compile(  # 两周一次, 两周一通报、评定一次
    r"(?P<base>(?:两|一|半|三|每)?(?:周|月|年|天|日|(?<![春夏秋冬当本])季度?))(?:一[^，。；、一]{1,3}、[^，。；、周月年季日天旬]{0,4})?$"
)
_MORNING_AND_NIGHT = re.compile(r"早中?晚各[^，。；\d]{0,4}$")
_SENTENCES, _CLAUSES = re.compile(r"[。；;！？\n]"), re.compile(r"[，,：:]")


def per(shadow: str, quantity: Quantity) -> str | None:
    """The base of a rate or frequency: 每两年至少1次 → 两年, 人均 → 人, 各部门明确1名 → 部门."""
    if quantity.unit and quantity.unit.startswith("/"):
        return None
    clause = _SENTENCES.split(shadow[max(0, quantity.start - 40) : quantity.start])[-1]
    near = _CLAUSES.split(clause)[-1]
    match = _last(near)
    if match and (quantity.dimension == "frequency" or _reaches(match["between"])):
        return _base(match["base"])
    once = quantity.value_low == 1 and not _TWO_WEEKS.search(near)
    match = _last(clause) or (_TIME_AND_AGAIN.search(clause) if once else None)
    if match and quantity.unit in FREQUENCIES and len(match["between"]) < 24:
        return _base(match["base"])
    match = _AVERAGE.search(near)
    level = quantity.dimension == "percent" or "/" in (quantity.unit or "")  # 年均增长6.5%, PM2.5年均浓度31微克/立方米
    yearly_share = match is not None and level and (match["base"] == "年" or quantity.dimension in ("percent", "ratio"))
    all_of_them = match is not None and match["base"] in "村户校县人" and _ALL_OF_THEM.match(near, match.start())
    if match and not yearly_share and not (all_of_them and match.start()):
        return "月" if _MONTHLY.search(near) else _base(match["base"])
    if quantity.dimension == "money" and (match := _PAY.search(near)):
        return str(match["base"])
    if quantity.dimension in ("money", "area") and (match := _AVERAGE_ANYWHERE.search(near)):
        return str(match["base"])
    if quantity.dimension == "money" and (match := _NAMED.search(near)):
        return str(match["base"] or match["one"])
    if quantity.unit in ("次", None) and quantity.script == "chinese" and (match := _TWO_WEEKS.search(near)):
        return match["base"].lstrip("每一") or None
    if quantity.unit in FREQUENCIES and _MORNING_AND_NIGHT.search(near):
        return "日"
    if match := _DAILY.search(near):
        return near[match.start()] if near[match.start()] in "年月亩" else "日"
    if match := _EACH_EVERY.search(near):
        return match["base"]
    if quantity.dimension == "money" and _A_YEAR.search(near):
        return "年"
    if match := _SO_MANY_EACH.search(near):
        return _base(match["base"] or match["one"])
    match = _EACH_OF.search(near)
    return match["base"] if match and not WITH_EACH.search(near) else None


def _reaches(between: str) -> bool:
    """Whether a base that stands before these words goes over what follows them."""
    return not re.search(r"\d", between) or bool(_RISES.fullmatch(between))


def _last(clause: str) -> re.Match[str] | None:
    """The 每 that stands nearest: 每村每月1次 is a frequency by month."""
    nearest = clause.rfind("每")
    return _EVERY.match(clause, nearest) if nearest >= 0 else None


_BASES = {"公斤": "千克", "晚": "日", "早": "日", "季": "季度", "行政村": "村", "名": "人"}


def _base(words: str) -> str:
    words = _BASES.get(words := re.sub(r"^一?个", "", words).replace("天", "日"), words)
    return (
        re.sub(r"个(?=[月村单部社小自行])", "", words)
        if not re.match(r"[两二三四五六七八九十半千百万\d]", words)
        else words
    )


