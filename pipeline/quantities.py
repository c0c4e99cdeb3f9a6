"""Numbers with their comparators, multipliers and units, found on characters before any word is cut.

Everything that could be a number is answered, with or without a unit: whether it is a claim is decided later, with the
words around it. Text is `Text.shadow`: Simplified script, half-width digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from pipeline import numerals
from pipeline.lexicon import rows, units
from pipeline.records import Quantity

COMPARATORS = {"≥": "ge", "≧": "ge", "≤": "le", "≦": "le", ">": "gt", "＞": "gt", "<": "lt", "＜": "lt"}


def _comparators(side: str) -> str:
    """The words of models/comparators.csv that stand on one side of a number, a group for each relation."""
    table = [row for row in rows("comparators") if row["side"] == side]
    words: dict[str, list[str]] = {}
    for row in table:
        words.setdefault(row["relation"], []).append(row["pattern"])
    return "|".join(f"(?P<{relation}>{'|'.join(patterns)})" for relation, patterns in words.items())


_AFFIX_BEFORE = re.compile(rf"(?:{_comparators('before')})(?:达到?|为|了|每(?:[日天周旬月年]|季度?))?\s?$")
_AFFIX_BEFORE_ENDS = frozenset("于少过多码在超出破逾上近足到约为有概致右达了满日天周旬月年季度 \t\n\u3000\xa0")
_ABOUT_A_SHARE = re.compile(r"约占[^，。；、\d]{1,16}$")  # 约占农产品销售总额的三成
_AFFIX_AFTER = re.compile(_comparators("after"))
_AFFIX_AFTER_STARTS = frozenset("及或以起之内左上前有还多不")

# Groups of three parted by a space are one number where a unit follows (5 600 平方米); a line may begin with a marker.
_SPACE = "[ \u00a0\u2009\u202f\u3000]"
_GROUPED = (
    rf"(?<=[^\n\d.．、）)第])(?<!\d{_SPACE})[1-9]\d{{0,2}}(?:{_SPACE}\d{{3}})+(?:\.\d+)?(?![\d,.]|{_SPACE}\d)"
    rf"(?=[余多]?{_SPACE}?(?:[万亿]?(?:[元人户个处份平立公米吨亩棵株件条名张次块座台辆家所项间栋套只%]|千克)))"
)
_ARABIC = rf"{_GROUPED}|\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_MASK = (
    r"(?<![A-Za-z])(?:\d*[Xx×][\dXx×]*(?:\.[\dXx×]+)?|\d+\.[Xx×]+)(?![A-Za-z])"
    r"|(?<![*＊○])[*＊○]{2,}+(?=[余多]?[万亿]?[个处户人名份张条次元米座家亩吨场余多%])"
)
_NUMERALS = "零〇一二两三四五六七八九十百千万亿几数廿"
# Formal numerals count only among others (队伍, 陆续, 收拾 are words); 唯一, 统一 and 单一 are none, 系统一套 is.
_FORMAL = "壹贰叁肆伍柒捌玖拾佰仟"
_HAN = (
    r"(?:(?!一)|(?<![唯统单])|(?<=[系传总]统))"
    rf"(?:[{_NUMERALS}]|[{_FORMAL}陆](?=[{_NUMERALS}{_FORMAL}]))"
    rf"(?:(?!(?<=[十百万亿])千[瓦米克伏])[{_NUMERALS}{_FORMAL}]|陆(?!续)|○(?=[一二三四五六七八九○年]))*"
    rf"(?:点[零〇一二三四五六七八九]+)?"
)
_SCALE = r"万亿|[十百千]?[万亿]|百(?![分姓货])|千(?![分瓦米克伏卡焦帕赫])"
_CHAIN = r"\d+(?:[千万亿]零?\d+)+"  # 3万4000, 1亿2000万
_SINGLE = rf"(?:{_MASK}|{_CHAIN}|{_ARABIC}|{_HAN})"
# 20余万, 3万多, 120多, 一百二十余; 余 and 多 belong to the number only where a unit or the end of the number follows
_NUMBER = rf"{_SINGLE}(?:\s?[余多来几](?=\s?(?:[万亿千百十]|[^余多来几])))?(?:\s?(?:{_SCALE}))?(?:[余多来])?"
_ALONE = re.compile(_NUMBER)
# Every number begins with one of these; to jump from one to the next is most of the speed of `find`.
_FIRST = re.compile(rf"[\dXx×*＊○{_NUMERALS}{_FORMAL}陆]")
# The marker of a list item that lost its space: things are not counted in tenths (8.6个项目 is item 8), nor are dates
# (3.2023年, 2.5月份).
_GLUED = re.compile(
    r"(?<![^\n。；;！？])\d{1,2}(?=\.(?:[1-9]\d{0,3}[余多]?(?:个(?!百分点|多?小时|工作日|月)|[项家名所座处条件次户村种类支台辆栋])"
    r"|(?:19|20)\d\d\s?年|\d{1,2}\s?月(?:\d|份|底|初|中)))"
)
# What stands right behind the first number of the longer shapes below.
_GOES_ON = frozenset("分位/:：∶—-–－~～至到个名家处人户场次元% \t\n\r\f\v\u3000\xa0")
_COMPOUND = re.compile(
    rf"百分之(?P<percent>{_SINGLE})"
    rf"|(?P<denominator>{_HAN}|\d{{1,9}})分之(?P<numerator>{_HAN}|\d{{1,9}}(?:\.\d{{1,9}})?)"
    rf"|(?P<rate>{_MASK}|{_ARABIC})\s?/\s?(?P<base>(?:10|100|1000|1)?[万千]|10000|100000)(?![\d元个人])"
    rf"|(?P<part>\d{{1,3}})/(?P<whole>\d{{1,3}})(?![\d/年月])"
    rf"|(?P<left>{_ARABIC})\s?[:：∶]\s?(?P<right>1)(?![\d.:：])"
    rf"|(?P<digits>[两三四五])位数"
    rf"|(?P<low>{_NUMBER})(?P<middle>[个名家处人户场次元%]?)\s?(?:—{{1,2}}|[-–－~～至到])\s?(?P<high>{_NUMBER})"
)


class _Number(NamedTuple):
    """A number as read, before its unit: `text` is what its script and masks are told from."""

    end: int
    text: str
    low: Decimal | None
    high: Decimal | None
    relation: str = "eq"
    unit: str | None = None
    dimension: str = "count"


@cache
def _units() -> dict[str, re.Pattern[str]]:
    """First character → one unit, longest first, where what follows does not make another word of it (方 in 方面)."""
    traps = {row["unit"]: row["not_before"] for row in rows("unit_traps")}
    spelled: dict[str, list[str]] = {}
    for unit in sorted(units(), key=lambda unit: (-len(unit), unit)):
        one = re.escape(unit) + (f"(?!{traps[unit]})" if unit in traps else "")
        spelled.setdefault(unit[0], []).append(one)
    return {first: re.compile("|".join(all_of_it)) for first, all_of_it in spelled.items()}


def _unit_at(shadow: str, start: int) -> re.Match[str] | None:
    pattern = _units().get(shadow[start : start + 1])
    return pattern.match(shadow, start) if pattern else None


def find(shadow: str) -> tuple[Quantity, ...]:
    """All numbers of a text in order; they do not overlap, and every digit lies in one of them."""
    found: list[Quantity] = []
    position = 0
    while first := _FIRST.search(shadow, position):
        match = _ALONE.match(shadow, first.start())
        if match and (glued := _GLUED.match(shadow, first.start())):
            match = _ALONE.match(shadow, first.start(), glued.end())
        if match is None:  # a letter, 统一, a lone asterisk
            position = first.end()
            continue
        number = None
        if shadow[match.end() : match.end() + 1] in _GOES_ON:
            number = _compound(shadow, first.start())
        found.append(_with_unit(shadow, position, first.start(), number or _single(match)))
        position = found[-1].end
    return tuple(found)


def _single(match: re.Match[str]) -> _Number:
    text = match[0]
    bare = "".join(text.split())
    relation = "eq"
    if affix := next((c for c in bare if c in "余多来"), None):
        relation = "approx" if affix == "来" else "gt"
        bare = bare.translate(_WITHOUT_AFFIX)
    if _masked(bare):
        return _Number(match.end(), text, None, None, relation)
    try:
        if between := numerals.bounded(bare):
            return _Number(match.end(), text, *between, "range")
        value = numerals.numeral(bare)
    except numerals.NumeralError:  # 百千: no number by itself; given back whole, so that nothing is dropped in silence
        return _Number(match.end(), text, None, None, dimension="other")
    return _Number(match.end(), text, value, value, relation)


def _compound(shadow: str, start: int) -> _Number | None:
    """A percentage, fraction, rate, ratio or range that starts here; None where there is only a single number."""
    match = _COMPOUND.match(shadow, start)
    if match is None:
        return None
    try:
        return _SHAPES[str(match.lastgroup)](match)
    except numerals.NumeralError:
        return None


def _percent(match: re.Match[str]) -> _Number:
    if not _masked(match["percent"]) and (between := numerals.bounded(match["percent"])):
        return _Number(match.end(), match["percent"], *between, "range", "%", "percent")
    value = _value(match["percent"])
    return _Number(match.end(), match["percent"], value, value, unit="%", dimension="percent")


def _fraction(match: re.Match[str]) -> _Number:
    value = numerals.fraction(numerals.numeral(match["numerator"]), numerals.numeral(match["denominator"]))
    return _Number(match.end(), match["denominator"], value, value, dimension="ratio")


def _part_of_whole(match: re.Match[str]) -> _Number:
    value = numerals.fraction(Decimal(match["part"]), Decimal(match["whole"]))
    return _Number(match.end(), match["part"], value, value, dimension="ratio")


def _rate(match: re.Match[str]) -> _Number:
    value = _value(match["rate"])
    return _Number(match.end(), match["rate"], value, value, unit="/" + match["base"], dimension="ratio")


def _ratio(match: re.Match[str]) -> _Number:
    value = _value(match["left"])
    return _Number(match.end(), match["left"], value, value, dimension="ratio")


def _digits(match: re.Match[str]) -> _Number:
    size = int(numerals.chinese(match["digits"]))
    low, high = Decimal(10 ** (size - 1)), Decimal(10**size - 1)
    return _Number(match.end(), match["digits"], low, high, "range", dimension="percent")


def _range(match: re.Match[str]) -> _Number | None:
    """The two ends of 3—5, 10至20万; None where the two do not make a range (2015-2020 does, 5-3 does not)."""
    low_text, high_text = (match[name].translate(_WITHOUT_AFFIX) for name in ("low", "high"))
    if _masked(low_text) or _masked(high_text):
        return _Number(match.end(), match[0], None, None, "range")
    low, high = numerals.numeral(low_text), numerals.numeral(high_text)
    tail = re.search(r"[十百千万亿]+$", high_text)
    if tail and low_text[-1].isdecimal() and high_text[0].isascii():
        low = numerals.times(low, numerals.MULTIPLIERS.get(tail[0], 1))
    return _Number(match.end(), match[0], low, high, "range") if low < high else None


_HALF = Decimal("0.5")
_TENTH_OF_TENTH = re.compile("[一二三四五六七八九](?=以|左右|[，。、；的）]|$)")
_WITHOUT_AFFIX = str.maketrans("", "", "余多来 \u00a0\u2009\u202f\u3000")
_SHAPES: dict[str, Callable[[re.Match[str]], _Number | None]] = {
    "percent": _percent, "numerator": _fraction, "base": _rate, "whole": _part_of_whole, "right": _ratio,
    "digits": _digits, "high": _range,
}  # fmt: skip


def _with_unit(shadow: str, after: int, number_start: int, number: _Number) -> Quantity:
    """The number with its comparator, which stands behind `after`, and its unit."""
    low, high, unit, dimension, end = number.low, number.high, number.unit, number.dimension, number.end
    relation = number.relation
    masked = _masked(number.text)
    if unit is None and dimension != "other":
        at = end + 1 if shadow[end : end + 1].isspace() and not _ends_row(shadow, end) else end
        if match := _unit_at(shadow, at):
            unit, end = match[0], match.end()
            dimension = units()[unit][1]
            unit, dimension, end = _second_unit(shadow, unit, dimension, end)
            if "多" in unit:  # 三个多月: more than three 个月
                unit, relation = unit.replace("多", ""), "gt"
            if shadow[end : end + 1] == "半" and low is not None and low == high:
                whole = end
                unit, dimension, end = _half(shadow, unit, dimension, end)
                low = high = low + _HALF if end > whole else low
        if unit == "成" and low is not None and high is not None:
            low, high, unit, dimension = numerals.times(low, 10), numerals.times(high, 10), "%", "percent"
            if rest := _TENTH_OF_TENTH.match(shadow, end):  # 八成五
                more = numerals.chinese(rest[0])
                low, high, end = low + more, high + more, rest.end()
    start = number_start
    at = start - 2 if shadow[start - 1 : start].isspace() else start - 1
    if at >= after and shadow[at] in COMPARATORS:
        start, relation = at, COMPARATORS[shadow[at]]
    elif low is not None and high is not None and start > after and _minus(shadow, start, dimension):
        start, low, high = start - 1, -high, -low
    if relation in ("eq", "gt") and start == number_start and (affix := _affix(shadow, start, end)):
        relation = affix if relation == "eq" else relation
    script = "mask" if masked else "chinese" if _DIGITS.isdisjoint(number.text) else "arabic"
    return Quantity(start, end, number_start, number.end, low, high, masked, relation, unit, dimension, script,
                    "万" in number.text or "亿" in number.text)  # fmt: skip


def _ends_row(shadow: str, end: int) -> bool:
    """Whether a number ends a short line: the last cell of a row, not a sentence broken before its unit."""
    return shadow[end] == "\n" and end - shadow.rfind("\n", 0, end) <= _WRAPPED


_WRAPPED = 16  # characters; lines that were broken at an edge are longer


def _second_unit(shadow: str, unit: str, dimension: str, end: int) -> tuple[str, str, int]:
    """元/亩 is a unit of its own."""
    if shadow[end : end + 1] != "/" or not (other := _unit_at(shadow, end + 1)):
        return unit, dimension, end
    unit = f"{unit}/{other[0]}"
    return unit, units().get(unit, (unit, "level" if dimension in ("mass", "other") else dimension))[1], other.end()


_DIGITS = frozenset("0123456789")
_MASKS = frozenset("Xx×*＊")


def _minus(shadow: str, start: int, dimension: str) -> bool:
    """Whether 增长-3.2% or 为负3.9 is meant, not the second half of 5%-3%, a dash, or 减负30亿元."""
    sign, before = shadow[start - 1], shadow[max(0, start - 2) : start - 1]
    if sign == "负":
        return before in _BEFORE_MINUS and (shadow[start] in _DIGITS or shadow[start + 1 : start + 2] in _AFTER_MINUS)
    return dimension == "percent" and sign in "-−－" and not re.match(r"[\d%A-Za-z]", before)


_AFTER_MINUS = frozenset("一二三四五六七八九十百千万点")  # 负三十二 and 负六点六, not 负一层
_BEFORE_MINUS = frozenset(["", *"为至达是到从由长比度温约了，、；：（( \n"])


def _half(shadow: str, unit: str, dimension: str, end: int) -> tuple[str, str, int]:
    """两年半 and 一个半小时: the unit and the end behind the half; the same end where there is none."""
    if unit == "个" and (other := _unit_at(shadow, end + 1)) and units()[other[0]][1] == "duration":
        return unit + other[0], "duration", other.end()
    if dimension in ("duration", "length", "area", "mass") and not _HALF_OF_WORD.match(shadow, end):
        return unit, dimension, end + 1
    return unit, dimension, end


_HALF_OF_WORD = re.compile("半[成数径天年月日夜自封导永决程山坡个开边]")


def _affix(shadow: str, start: int, end: int) -> str | None:
    if shadow[start - 1 : start] in _AFFIX_BEFORE_ENDS or "少" in shadow[max(0, start - 10) : start]:
        before = _AFFIX_BEFORE.search(shadow, max(0, start - 10), start)
        if before and not (before[0].startswith("上") and shadow[start] not in "百千万亿"):
            return before.lastgroup
    if shadow[start - 1 : start] in "的占" and _ABOUT_A_SHARE.search(shadow, max(0, start - 18), start):
        return "approx"
    if shadow[end : end + 1] in _AFFIX_AFTER_STARTS and (after := _AFFIX_AFTER.match(shadow, end)):
        return after.lastgroup
    return None


def _value(text: str) -> Decimal | None:
    return None if _masked(text) else numerals.numeral(text.replace(" ", ""))


def _masked(text: str) -> bool:
    return not _MASKS.isdisjoint(text) or text.startswith("○")  # 二○二三 is a year
