"""Whom or where a figure speaks of, as its clause names it."""

from __future__ import annotations

import re

from pipeline.claims.bases import WITH_EACH
from pipeline.lexicon import one_of, verbs
from pipeline.records import Quantity

LAST_YEAR = "上年"  # the scope of a cell that tells the year before, for comparison
BEFORE = "此前"  # the scope of the first of two numbers in 由78.6%提高到84.2%
YEARLY = "年均"  # the scope of a mean of several years: 年均增长6.5%
DIFFERENCE = "增减"  # the scope of what only tells a change: 比上年多投入78万元

# The whole of an area, a kind of area, or a village or community by its name.
_VILLAGE = rf"(?!{one_of('no_village_name')})[一-鿿]{{2,4}}(?<![各每全该本农政制中辖])(?:村|社区)"
_SCOPE = re.compile(
    r"(?:(?P<scope>全(?:[县市区镇乡省州]|街道|村))|(?<![一-鿿])(?P<area>县?城区|建成区|集镇|镇区|各(?:村|社区|单位|部门))(?![、和及与])"
    rf"|(?<![一-鿿])(?P<name>(?:{_VILLAGE}、)*{_VILLAGE}))"
    r"(?![民委级庄组容干口道镇支])[^，。；\n]{0,30}$"
)
_NEXT = re.compile(rf"(?<=[、：，])(?P<name>{_VILLAGE})(?=\d|$)[^，。；\n]{{0,3}}$")  # 大茅坝村212户、石羊坳村156户
_NO_NAMES = ("个", "名", "岁", "群众")  # what a number before 村 leaves behind
# A rate of these is none of the whole place: 贫困地区自来水普及率86%.
_PART = re.compile(rf"(?<![一-鿿])(?:{one_of('part_of_place')})(?=[^，。；：\n]{{2,14}}率[^，。；\n]{{0,4}}$)")
_YEARLY = re.compile(r"(?:年均|年平均|平均每年)[^，。；：\n\d]{0,8}$")
_DIFFERS = re.compile(
    r"(?:比|较|同比|环比)[^，。；：\n]{0,14}?(?:多|少|增|减|高|低|升|降|涨|超)[^，。；：\n\d至到]{0,6}$|(?:同比|环比)[^，。；：\n\d至到]{0,6}$"
)
_FORMERLY = re.compile(r"原(?:来|有|本|先)[^，。；\n\d]{0,10}$")  # 原有保洁员54名，现在62名
_FROM = re.compile(
    r"[由从](?:(?:上年|去年|前年|年初|20\d\d年|\d+月)[初底末]?的?|原来的?|原先的?|最初的?|期初的?|(?:每(?:[人户月年村亩日斤吨次套]|公斤))+)?$"
)
_TO = re.compile(r"(?:以上|左右)?[，]?[一-鿿]{0,5}?[到至为]")
# 5座小码头压减到2座
_CUT_TO = re.compile(r"[^，。；、\d]{0,8}(?:压减|缩减|减少|压缩|整合|合并|归并|精简)(?:到|至|为|成)\s?\d")


def scope(shadow: str, quantity: Quantity) -> str | None:
    """Whom or where a quantity speaks of; None is the reporter itself."""
    start = quantity.start
    if _FROM.search(shadow, max(0, start - 8), start) and _TO.match(shadow, quantity.end):
        return BEFORE
    if _FORMERLY.search(shadow, max(0, start - 14), start) or _CUT_TO.match(shadow, quantity.end):
        return BEFORE
    if _YEARLY.search(shadow, max(0, start - 14), start):
        return YEARLY
    growth = quantity.dimension in ("percent", "ratio") and quantity.unit != "个百分点"  # a figure of its own: 增长8%
    if not growth and _DIFFERS.search(shadow, max(0, start - 30), start):
        return DIFFERENCE
    here = max(0, start - 40)
    if growth and (part := _PART.search(shadow, here, start)):
        return part[0]
    if WITH_EACH.search(shadow, here, start):
        return None
    if named := _NEXT.search(shadow, here, start):
        return str(named["name"])
    named = _SCOPE.search(shadow, here, start)
    if named is None:
        return None
    name = named["name"]
    if name and (any(name[:n] in verbs() for n in (2, 3)) or name.startswith(_NO_NAMES)):
        return None  # 培训村医, 备案农村聚餐: no name of a village
    return str(named["scope"] or named["area"] or name)
