"""What a marked quantity means: the small number parser of the gold. It shares nothing with the product, on purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_ARABIC = r"[0-9０-９XxＸ×]+(?:,[0-9]{3})*(?:[.．][0-9０-９XxＸ×]+)?"
_HAN = r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零一二三四五六七八九]+)?|[几数][十百千万亿]+"
_QUANTITY = re.compile(
    rf"(?P<sign>[≥≤＞＜><])?(?P<percent>百分之)?(?P<low>{_ARABIC}|{_HAN})(?P<scale_low>(?:[百万亿]|千(?![米瓦伏克]))*)"
    rf"(?:[—–～~－\-至到](?P<high>{_ARABIC}|{_HAN}))?(?P<more>[余多几])?(?P<scale>(?:[百万亿]|千(?![米瓦伏克]))*)(?P<more_after>[余多])?"
    r"(?P<unit>.*)",
    re.DOTALL,
)
_SIGNS = {"≥": "ge", "≤": "le", "＞": "gt", ">": "gt", "＜": "lt", "<": "lt"}
_BEFORE = (
    (r"(不少于|不低于|不小于|不得少于|不得低于|至少[一-鿿]{0,3})$", "ge"),
    (r"(不超过|不得超过|不高于|不大于|不多于|至多|最多)$", "le"),
    (r"(超过|超|逾|突破|大于|高于|多于)$", "gt"),
    (r"(不足|不到|接近|小于|低于|(?<![最附临靠远就])近)$", "lt"),
    (r"((?<![节签条预合履契])约|大概|大致)$", "approx"),
)
_AFTER = ((r"及?以上", "ge"), (r"及?以下|以内|之内", "le"), (r"左右|上下", "approx"), (r"有余", "gt"))
_DIMENSIONS = {
    "money": "元",
    "length": "米 公里 千米 里 厘米 毫米 延米",
    "area": "平方米 平方公里 平米 ㎡ 亩 公顷",
    "volume": "立方米 立方 方 升 毫升 土方",
    "mass": "吨 公斤 千克 斤 克",
    "percent": "% ‰ 百分点",
    "ratio": "/10万 倍",
    "duration": "年 个月 月 周 天 日 小时 分钟 岁 课时 学时",
    "level": "级 分 分贝 微克 微克/立方米 毫克/升",
    "other": "千瓦 兆瓦 千瓦时 度 摄氏度",
}
_DIMENSION_OF = {unit: dimension for dimension, units in _DIMENSIONS.items() for unit in units.split()}
_CLOCK = "日 周 月 年 季度 季 学期 旬 小时 两周 两年 两个月 两日 半年 半月 夜 晚"
_EVENTS = (None, "次", "遍", "回", "轮", "场", "场次", "趟", "期")


class NumberError(ValueError):
    """A surface that holds no number that can be read."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Value in the unit's base count (万 and 亿 multiplied out); both ends null when masked."""

    low: Decimal | None
    high: Decimal | None
    masked: bool
    relation: str
    unit: str | None
    dimension: str


def read_quantity(surface: str, before: str, after: str, per: str | None) -> Quantity:
    """Read a marked quantity; `before` and `after` are the few characters beside it, `per` the base of a rate.

    Raises NumberError where `surface` does not begin with a number.
    """
    match = _QUANTITY.fullmatch(surface)
    if match is None:
        raise NumberError(f"no number in {surface!r}")
    unit = _unit(match["unit"], match["percent"])
    masked = bool(re.search(r"[XxＸ×]", match["low"] + (match["high"] or "")))
    relation = _relation(match, before, after)
    low = high = None
    if not masked:
        low, high = _ends(match)
    if unit == "成" and low is not None and high is not None:
        return Quantity(low * 10, high * 10, False, relation, "%", "percent")  # 四成 is 40 %
    return Quantity(low, high, masked, relation, unit, dimension(unit, per))


def dimension(unit: str | None, per: str | None) -> str:
    """The dimension of a unit; an event per stretch of time is a frequency."""
    if per in _CLOCK.split() and unit in _EVENTS:
        return "frequency"
    return _DIMENSION_OF.get(unit or "", "count")


def _unit(unit: str, percent: str | None) -> str | None:
    unit = unit.replace("％", "%").replace("／", "/")
    return "%" if percent else {"个百分点": "百分点", "个小时": "小时"}.get(unit, unit) or None


def _relation(match: re.Match[str], before: str, after: str) -> str:
    if match["sign"]:
        return _SIGNS[match["sign"]]
    if match["high"] or match["more"] == "几" or match["low"][0] in "几数":
        return "range"
    if match["more"] or match["more_after"]:
        return "gt"
    found = [name for pattern, name in _BEFORE if re.search(pattern, before)]
    found += [name for pattern, name in _AFTER if re.match(pattern, after)]
    return found[0] if found else "eq"


def _ends(match: re.Match[str]) -> tuple[Decimal, Decimal]:
    scale, scale_low = _scale(match["scale"]), _scale(match["scale_low"])
    first = match["low"]
    if first[0] in "几数":
        step = _scale(first[1:]) * scale
        return 2 * step, 9 * step
    low = _number(first) * scale_low
    if match["more"] == "几":
        step = Decimal(1) if low % 100 else low / 10
        return (low + step) * scale, (low + 9 * step) * scale
    if match["high"] is None:
        return low * scale, low * scale
    return low * (scale if scale_low == 1 else 1), _number(match["high"]) * scale


def _scale(characters: str) -> Decimal:
    product = Decimal(1)
    for character in characters:
        product *= _POWERS[character]
    return product


def _number(text: str) -> Decimal:
    if re.match(r"[0-9０-９]", text):
        return Decimal(text.replace(",", "").replace("．", "."))
    whole, _, fraction = text.partition("点")
    value = Decimal(_han_integer(whole))
    return value + Decimal("0." + "".join(str(_DIGITS[c]) for c in fraction)) if fraction else value


def _han_integer(text: str) -> int:
    if not any(c in _POWERS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = section = digit = 0
    for character in text:
        power = _POWERS.get(character, 0)
        if not power:
            digit = _DIGITS[character]
        elif power < 10**4:
            section += (digit or 1) * power
            digit = 0
        else:
            total = (total + section + digit) * power
            section = digit = 0
    return total + section + digit
