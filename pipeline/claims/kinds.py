"""Which numbers are claims, and what the others are: date, ordinal, docno, name, attribute, idiom, noise, part."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from string import ascii_letters

from pipeline.claims import times
from pipeline.claims.measure_words import ANYTHING, FREQUENCIES
from pipeline.lexicon import one_of, rows, word_list
from pipeline.records import Quantity

_HAN = "[一-鿿]"
_LATIN_UNIT = re.compile(r"km|kg|m²|mm|cm|m3|t|KW|kW|MW")
_QUOTES = {"“": "”", "「": "」", "『": "』", "《": "》", "‘": "’"}
# A list marker: after the start of a line or the end of a sentence, and followed by what closes markers.
_MARKER_LEFT = re.compile(r"(?:^|[\n。；;：:！？，,、”)）\]】 　])[（(〔\[#*—－-]*$")
_MARKER_RIGHT = re.compile(r"[、.．)）]|是(?!否)|要(?!求|点)|[，,](?=[^\d])|来[，,]|则[，,]")
_RATE_LEFT = re.compile(rf"(?:{one_of('before_counted_number')})\s?$")
_CONCRETE_VERB = re.compile(rf"(?:{one_of('verb_of_concrete_acts')})[了过]?(?:至少)?$")
_CONCRETE_UNIT = word_list("unit_of_concrete_things")
_ABSTRACT = re.compile(
    rf"{one_of('abstract_modifier')}|[^，。；]{{0,8}}?(?:{one_of('abstract_head')})"
)
_CONCRETE_PLACE = re.compile(rf"{_HAN}{{0,12}}?(?:{one_of('concrete_place')})(?!治|理)")
# Masks before these stand for a name (XX镇), and Chinese numerals before them are part of one (西部三镇).
_PLACE_UNITS = word_list("unit_of_places")
_HAN_UNITS = word_list("unit_after_chinese_numeral")
_STANDING = word_list("unit_of_thresholds")


_PROPERTY_UNITS = word_list("unit_of_properties")
_COUNTED_BEFORE = re.compile(rf"(?:{one_of('verb_before_property')})[^，。]{{0,8}}$")
_GOVERNED = re.compile(rf"(?:{one_of('verb_before_threshold')})[^，。、]{{0,5}}$")
_EVERY = re.compile(
    r"每(?:[两二三四五半\d]?个?(?:周|星期|月|季度?|年|天|日|旬|学期))[^，。；]{0,14}$"
    r"|[一两][周月年天旬日](?:一[^，。；、一]{1,3}、[^，。；、周月年季日天旬]{0,4})?$"
)
_DENIED = re.compile(rf"(?:未|没有?|无|零)(?:再|曾|有)?(?:{one_of('verb_of_occurrence')})过?$")
_TURN_LEFT = re.compile(r"(?:每|两|一)(?:两?周|月|两?年|天|日|季度?)[^，。]{0,4}$")
_TURN_RIGHT = re.compile(rf"(?:{one_of('act_of_turns')})|[扫督报评查清调巡议课访测练](?=[，。、；”\n]|$)")
_SETS_RIGHT = re.compile(r"大(?!力|家|部|气|量|型|于|学|规|幅|街|数|班|政)" + _HAN)
_SETS_LEFT = re.compile(rf"(?:{one_of('verb_of_sets')})$")
_SIGNS = frozenset("≥≤><＞＜≧≦")
# What a bare number may be held against or change from: 低于5的控制线, 由2.08缩小到2.03.
_HELD_LEFT, _HELD_RIGHT = re.compile(r"[低高]于$"), re.compile(r"的(?:国家|省|市|县)?(?:控制线|标准|红线|要求)")
_MOVES_LEFT = re.compile(r"[率比数分][由从]$")
_MOVES_RIGHT = re.compile(rf"(?:{one_of('verb_of_movement')})[到至为]")
_ZERO_LEFT = re.compile(r"[率数量](?:连续[^，。]{1,4})?(?:为|是|保持为?|降[为到至])$")
_CONCRETE_ACT = re.compile(rf"(?:{one_of('verb_of_concrete_acts')})")


_OPEN_QUOTE = re.compile(f"[{''.join(_QUOTES)}][^{''.join(_QUOTES)}]*$")


@cache
def _names() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """models/number_names.csv as one expression; the number of the group that matched is the row."""
    table = rows("number_names")
    return re.compile("|".join(f"({row['pattern']})" for row in table)), tuple(row["kind"] for row in table)


def kind_of(shadow: str, quantity: Quantity) -> tuple[str, str]:
    """(kind, the rule that decided) of one number in its text."""
    left = shadow[max(0, quantity.start - 14) : quantity.start]
    right = shadow[quantity.end : quantity.end + 14]
    for rule in _RULES:
        kind = rule(shadow, quantity, left, right)
        if kind:
            return kind, rule.__name__.strip("_")
    return ("claim", "unit") if quantity.unit else ("idiom", "no_unit")


def _marker(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    after = shadow[q.number_end : q.number_end + 3]
    if left.rstrip()[-1:] == "第":
        return "ordinal"
    if q.script == "mask" or q.multiplier or (q.value_low or 0) > 60:
        return None
    if left[-1:] in ("（", "(", "〔") and after[:1] in (")", "）", "〕") and q.unit is None:
        return "ordinal"
    if left[-1:] in ("", "\n") and re.match(r"\d{1,2}\.\d{1,2}\s", shadow[q.start : q.start + 6]):
        return "ordinal"  # 4.2 of a decimal outline
    if not _MARKER_RIGHT.match(after) or (re.match(r"[.．]\d", after) and "." in shadow[q.start : q.number_end]):
        return None
    if _MARKER_LEFT.search(left) or q.start == 0:
        at_line = q.start == 0 or re.search(r"(?:^|[\n。；;：:！？”)）])[ 　#*]*$", left)
        if after[:1] in "是要来则":
            return "ordinal" if q.script == "chinese" else None
        if at_line and q.unit is None and after[:1] not in "，,":
            return "ordinal"
        if after[:1] in "，," and q.script == "chinese" and at_line and q.unit is None:
            return "ordinal"
    return None


def _latin(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    if q.script == "mask":
        return None
    if left[-1:] in _LATIN or (left[-1:] in ("_", ".", "-") and left[-2:-1] in _LATIN):
        return "name"
    if (q.unit is None and right[:1] in _LATIN) or (
        shadow[q.number_end : q.number_end + 1] in _LATIN and not _LATIN_UNIT.match(shadow, q.number_end)
    ):
        return "name"
    if left[-1:] in _IN_ADDRESS and _ADDRESS.search(shadow, max(0, q.start - 200), q.start):
        return "name"
    return None


_LATIN = frozenset(ascii_letters)
_IN_ADDRESS = frozenset("/=&?%#-_.+")  # last characters before a number in a web address
_ADDRESS = re.compile(r"(?:://|www\.)[!-~]*$")


def _docno(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    after = shadow[q.number_end : q.number_end + 3]
    if q.script == "arabic" and "号" in after and re.match(r"\s?号(?!楼|线|机|病)", after):
        return "docno"
    if left[-1:] in _OPENING and after[:1] in _SHUTTING:
        return "noise" if q.number_end - q.number_start < 4 and left[-1] in "[［" else "docno"
    if left.endswith("[^"):
        return "noise"
    if q.unit is not None:
        return None
    if q.script == "arabic" and shadow[q.number_start : q.number_end].isdecimal() and q.number_end - q.number_start > 6:
        return "noise"
    return "noise" if _IDENTIFIER.search(left) else None


_OPENING, _SHUTTING = frozenset("〔[［﹝【"), frozenset("〕]］﹞】")
_IDENTIFIER = re.compile(rf"(?:{one_of('before_identifier')})[:：]?\s?$")


def _name(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    pattern, kinds = _names()
    for offset in (q.number_start, max(0, q.number_start - 1)):
        if (match := pattern.match(shadow, offset)) and match.lastindex:
            return kinds[match.lastindex - 1]
    return None


def _quoted(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    before = _OPEN_QUOTE.search(shadow, max(0, q.start - 16), q.start)
    if before is None:
        return None
    opened = before.start()
    closing = _QUOTES[shadow[opened]]
    closed = shadow.find(closing, opened)
    if closed < q.end or closed > opened + 26 or "\n" in shadow[opened:closed]:
        return None
    inside = shadow[opened + 1 : closed]
    if q.unit == "%" or re.search(r"[。；]", inside):
        return None
    if shadow[opened] == "《" or q.script == "chinese" or len(inside) <= 12 or "，" in inside:
        return "name"
    return None


def _attribute(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    if q.unit in ("岁", "周岁"):
        return "claim" if re.search(r"(?:寿命|年龄|平均|最大|最小)[^，。]{0,6}$", left) else "attribute"
    named = q.unit == "路" and q.script == "chinese"  # 一路畅通, 文一路
    if q.unit in _PROPERTY_UNITS and not named and not _COUNTED_BEFORE.search(left):
        return "attribute"
    if q.unit in ("升", "马力", "毫米") and re.match(_HAN, right) and not re.search(r"[率量达到为]$", left):
        return "attribute"  # 240升垃圾桶
    if q.dimension in ("mass", "length", "money", "power") and re.match(r"级(?:别)?(?:的)?" + _HAN, right):
        return "attribute"  # 10万吨级码头
    if q.unit == "期" and q.script == "chinese" and not re.search(r"[办训刊编印展出讲]", left + right[:6]):
        return "ordinal"  # a phase of a project
    if q.script == "chinese" and q.unit is None and shadow[q.number_end : q.number_end + 1] == "级":
        return "attribute"
    if q.unit in _STANDING and _THRESHOLD.match(right):
        return None if _GOVERNED.search(left) else "attribute"  # 亿元以上项目
    bounds = q.relation in ("lt", "gt") and q.dimension in ("money", "area", "mass") and _BOUNDED.match(right)
    if bounds and not _GOVERNED.search(left):
        return "attribute"  # 年收入不足10万元的村
    number = shadow[q.number_start : q.number_end]
    if number in ("万", "千", "百", "亿", "百万", "千万") and q.unit:
        if q.relation in ("gt", "ge") or re.search(r"(?:提升|突破|达到?|超过?|上|近|建设|改造|打造|创建)$", left):
            return "claim"
        return "attribute"
    return None


_BOUNDED = re.compile(rf"的(?!{one_of('head_of_demand')}){_HAN}")
_RANKED = tuple(sorted(word_list("before_rank")))
_THRESHOLD = re.compile(rf"及?以[上下](?!用于|的资金)的?{_HAN}")


def _base_of_rate(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    base = left.rstrip().endswith("每") and (q.unit or q.script != "mask") and q.relation != "range"
    return "part" if base else None


def _rank(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    if left.endswith(_RANKED) and q.unit in ("位", "名", "强", None):
        return "ordinal"
    if q.unit == "位" and re.search(r"(?:排名|位次|名次)[^，。；]{0,12}$", left):
        return "ordinal"  # 排名由25位升至19位
    if _CLIMBS.search(left) and (q.unit == "位" or right.startswith(("位次", "名次"))):
        return "ordinal"  # 比上年提升2位, 前移3个位次
    if left.endswith("之") and q.script == "chinese":
        return "idiom"
    return None


_CLIMBS = re.compile(rf"(?:{one_of('verb_of_rank')})了?$")


def _in_a_row(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    """九连冠, 翻两番: how often something was won or doubled, though no measure word says so."""
    if q.unit == "番":
        return "claim" if _DOUBLED.search(left) else "idiom"
    return "claim" if q.unit is None and q.relation == "eq" and _IN_A_ROW.match(right) else None


_IN_A_ROW, _DOUBLED = re.compile(r"连[冠丰增胜升降涨优捷]"), re.compile(r"翻了?(?:近|约|超过?)?$")


def _denied(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    """未发生1起火灾 says that there was none: to count one would turn it round."""
    return "idiom" if q.value_low == 1 == q.value_high and q.unit and _DENIED.search(left) else None


def _han_numeral(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    """Chinese numerals are mostly words; a claim needs a measure word and something that was counted."""
    if q.script != "chinese":
        return None
    number = shadow[q.number_start : q.number_end]
    if q.unit is not None and q.unit not in _HAN_UNITS:
        return "idiom" if number == "一" else "name"
    if number in ("几", "数", "几多", "多"):
        return "idiom"
    if q.value_low is None:
        return "idiom"  # 千百, 三五: no number by itself
    if q.dimension in ("ratio", "percent") and (q.unit == "%" or "分之" in number or "位数" in number):
        return "claim"
    if q.unit is None:
        if q.multiplier and len(number) > 1:
            return "claim"
        if _TURN_LEFT.search(left) and _TURN_RIGHT.match(right):
            return "claim"
        if _SETS_RIGHT.match(right) and len(number) <= 2 and number not in ("一", "千", "万", "百"):
            return "claim" if _SETS_LEFT.search(left) else "name"
        return "idiom"
    if number == "一":
        return "claim" if _one_is_counted(shadow, q, left, right) else "idiom"
    if number in ("千", "万", "百", "亿"):
        return "name"
    return None


def _one_is_counted(shadow: str, q: Quantity, left: str, right: str) -> bool:
    """一 counts where it could have been more: a frequency, or a concrete thing or act (组建一支突击队)."""
    if q.unit in ("百分点", "个百分点"):
        return True
    if q.unit in FREQUENCIES and _EVERY.search(shadow, max(0, q.start - 30), q.start):
        return True
    if q.unit not in _CONCRETE_UNIT:
        return False
    clause = re.split(r"[，。；：、\n]", left)[-1]
    if re.match(r"[，。；、]|$", right) and _CONCRETE_ACT.search(clause) and not re.search("[之第]$", left):
        return True  # 召开誓师大会一场
    if not _CONCRETE_VERB.search(left) or _ABSTRACT.match(right):
        return False
    return q.unit not in ANYTHING or bool(_CONCRETE_PLACE.match(right))


def _bare(shadow: str, q: Quantity, left: str, right: str) -> str | None:
    """Digits with no unit: a claim only where the words say that something is counted."""
    if q.script == "mask" and q.unit in _PLACE_UNITS:
        return "name"
    if q.unit is not None or q.script == "chinese":
        return None
    if q.script == "mask":
        if q.relation not in ("eq", "range") or q.multiplier:
            return "claim"
        number = shadow[q.number_start : q.number_end]
        return "claim" if re.search(r"\d", number) and _RATE_LEFT.search(left) else "name"
    if q.multiplier or q.dimension == "ratio":
        fraction = q.dimension != "ratio" or re.search(r"(?:占|比|达到?|为|的|近|超过?|至|到|约|[省市县国区])$", left)
        return "claim" if fraction else "name"
    if q.relation not in ("eq", "range") and (shadow[q.start] in _SIGNS or _RATE_LEFT.search(left)):
        return "claim"
    held = _HELD_LEFT.search(left) and _HELD_RIGHT.match(right)
    if held or (_MOVES_LEFT.search(left) and _MOVES_RIGHT.match(right)):
        return "claim"
    if q.value_low == 0 and _ZERO_LEFT.search(left) and re.match(r"[，。；、\n]|$", right):
        return "claim"
    if (
        _RATE_LEFT.search(left)
        and not re.match(r"[\-./:：A-Za-z、]", right)
        and (q.value_low or Decimal(0)) != Decimal(0)
    ):
        return "claim" if re.match(r"[，。；、）)]|(?:余|多)|$|\n", right) else "name"
    return "name"


_RULES = (
    _latin, _marker, _docno, times.date, _name, _rank, _in_a_row, _denied, _quoted, _base_of_rate, _attribute,
    _han_numeral, _bare,
)  # fmt: skip
