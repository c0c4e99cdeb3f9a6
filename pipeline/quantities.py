"""Numbers with their comparators, multipliers and units, found on characters before any word is cut.

Everything that could be a number is answered, with or without a unit: whether it is a claim is decided later, with the
words around it. Text is `Text.shadow`: Simplified script, half-width digits.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from pipeline import numerals
from pipeline.lexicon import rows, units
from pipeline.records import Quantity

COMPARATORS = {"≥": "ge", "≧": "ge", "≤": "le", "≦": "le", ">": "gt", "＞": "gt", "<": "lt", "＜": "lt"}
# What stands right before the number, and right after the unit, and says on which side of it the truth lies.
BEFORE = (
    ("ge", r"不少于|不低于|不小于|不得少于|不得低于|(?:至少|最少)(?:[一-鿿]{1,4})?|起码"),
    ("le", r"不超过|不多于|不高于|不大于|不得超过|最多|至多|控制在|不超"),
    ("gt", r"超过|超出|突破|超|逾|多于|大于|高于|上|达到或超过"),
    ("lt", r"接近|将近|近|不足|不到|少于|低于|小于"),
    ("approx", r"大约|约为|约有|(?<![签预条合节制违公特契相誓])约|大概|大致|左右"),
)
AFTER = (
    ("ge", r"(?:及其?|或)?以上|起步"),
    ("le", r"(?:及其?)?以内|之内|(?:及其?)?以下|内(?![部容涝外设化河脏])"),
    ("approx", r"左右|上下|前后"),
    ("gt", r"有余|还多|多(?=[，。、；])"),
)
_AFFIX_BEFORE = re.compile("|".join(f"(?P<{name}>{words})" for name, words in BEFORE).join(("(?:", r")(?:达到?|为|了)?\s?$")))
_AFFIX_AFTER = re.compile("|".join(f"(?P<{name}>{words})" for name, words in AFTER))

_ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_MASK = r"(?<![A-Za-z])(?:\d*[Xx×]+[\dXx×]*(?:\.[\dXx×]+)?|\d+\.[Xx×]+)(?![A-Za-z])|[*＊○]{2,}(?=[余多]?[万亿]?[个处户人名份张条次元米座家亩吨场余多%])"
_HAN = r"(?<![唯统单])[零〇一二两三四五六七八九十百千万亿几数廿]+(?:点[零〇一二三四五六七八九]+)?"
_SCALE = r"万亿|[十百千]?[万亿]|[百千](?=[余多个]|元|人|户)"
_SINGLE = rf"(?:{_MASK}|{_ARABIC}|{_HAN})"
# 20余万, 3万多, 120多, 一百二十余; 余 and 多 belong to the number only where a unit or the end of the number follows
_NUMBER = rf"{_SINGLE}(?:\s?[余多来几](?=\s?(?:[万亿千百十]|[^余多来几])))?(?:\s?(?:{_SCALE}))?(?:[余多来])?"
_CANDIDATE = re.compile(
    rf"(?P<sign>[≥≧≤≦>＞<＜])?\s?(?:"
    rf"百分之(?P<percent>{_SINGLE})"
    rf"|(?P<denominator>{_HAN}|\d+)分之(?P<numerator>{_HAN}|\d+)"
    rf"|(?P<rate>{_MASK}|{_ARABIC})\s?/\s?(?P<base>(?:10|100|1000|1)?[万千]|10000|100000)(?![\d元个人])"
    rf"|(?P<part>\d{{1,3}})/(?P<whole>\d{{1,3}})(?![\d/年月])"
    rf"|(?P<ratio>{_ARABIC})\s?[:：∶]\s?1(?![\d.:：])"
    rf"|(?P<digits>[两三四五])位数"
    rf"|(?P<low>{_NUMBER})(?P<middle>[个名家处人户次场%]?)\s?(?:—{{1,2}}|[-–－~～至到])\s?(?P<high>{_NUMBER})"
    rf"|(?P<number>{_NUMBER})"
    rf")"
)


@cache
def _unit_pattern() -> re.Pattern[str]:
    """One unit, longest first, where the characters after it do not make another word of it (方 in 方面)."""
    traps = {row["unit"]: row["not_before"] for row in rows("unit_traps")}
    spelled = sorted(units(), key=lambda unit: (-len(unit), unit))
    one = "|".join(re.escape(unit) + (f"(?!{traps[unit]})" if unit in traps else "") for unit in spelled)
    return re.compile(rf"\s?(?P<unit>{one})(?P<also>[(（](?:{one})[)）]|/(?:{one}))?")


def find(shadow: str) -> tuple[Quantity, ...]:
    """All numbers of a text in order; they do not overlap."""
    found: list[Quantity] = []
    position = 0
    while match := _CANDIDATE.search(shadow, position):
        quantity = _read(shadow, match)
        if quantity is None:  # a range that is none: read its first number alone
            position = match.start() + 1
            continue
        found.append(quantity)
        position = max(quantity.end, match.start() + 1)
    return tuple(found)


def _read(shadow: str, match: re.Match[str]) -> Quantity | None:
    groups = match.groupdict()
    start = match.start() if groups["sign"] else next(match.start(k) for k, v in groups.items() if v and k != "sign")
    number_start = next(match.start(k) for k, v in groups.items() if v and k != "sign")
    end = match.end()
    unit: str | None = None
    dimension = "count"
    relation = "eq"
    try:
        if groups["percent"]:
            start = min(start, match.start("percent") - 3)
            number_start, unit, dimension = match.start("percent") - 3, "%", "percent"
            low = high = _value(groups["percent"])
        elif groups["denominator"]:
            low = high = numerals.fraction(numerals.numeral(groups["numerator"]), numerals.numeral(groups["denominator"]))
            dimension = "ratio"
        elif groups["rate"]:
            low = high = _value(groups["rate"])
            unit, dimension = "/" + groups["base"], "ratio"
        elif groups["part"]:
            low = high = numerals.fraction(Decimal(groups["part"]), Decimal(groups["whole"]))
            dimension = "ratio"
        elif groups["ratio"]:
            low = high = _value(groups["ratio"])
            dimension = "ratio"
        elif groups["digits"]:
            size = int(numerals.chinese(groups["digits"]))
            low, high = Decimal(10 ** (size - 1)), Decimal(10**size - 1)
            relation, dimension = "range", "percent"
        elif groups["low"]:
            pair = _range(groups["low"], groups["high"])
            if pair is None:
                return _single(shadow, match.start("low"), match.start("low") if not groups["sign"] else start)
            low, high = pair
            relation = "range" if low is not None else "eq"
        else:
            return _single(shadow, match.start("number"), start)
    except numerals.NotANumeral:
        return None
    text = next(v for k, v in groups.items() if v and k != "sign")
    return _with_unit(shadow, start, number_start, end, low, high, relation, unit, dimension, text, groups["sign"])


_ALONE = re.compile(_NUMBER)


def _single(shadow: str, number_start: int, start: int) -> Quantity | None:
    match = _ALONE.match(shadow, number_start)
    if match is None:
        return None
    text = match[0]
    relation = "eq"
    bare = re.sub(r"[\s]", "", text)
    approximate = re.search(r"[余多来]", bare)
    if approximate:
        relation = "approx" if approximate[0] == "来" else "gt"
        bare = re.sub(r"[余多来]", "", bare)
    low: Decimal | None
    high: Decimal | None
    try:
        between = numerals.bounded(bare) if not bare[0].isascii() else None
        if between:
            low, high = between
            relation = "range"
        else:
            low = high = _value(bare)
    except numerals.NotANumeral:
        low = high = None
        if not _masked(bare):
            # 三五 or 百千: no number by itself; give it back whole, so that nothing is dropped in silence
            return Quantity(start, match.end(), number_start, match.end(), None, None, False, "eq", None, "other", "chinese")
    sign = shadow[start] if shadow[start] in COMPARATORS else None
    return _with_unit(shadow, start, number_start, match.end(), low, high, relation, None, "count", text, sign)


def _with_unit(
    shadow: str, start: int, number_start: int, number_end: int, low: Decimal | None, high: Decimal | None,
    relation: str, unit: str | None, dimension: str, text: str, sign: str | None,
) -> Quantity:  # fmt: skip
    end = number_end
    masked = _masked(text)
    script = "mask" if masked else "arabic" if re.search(r"\d", text) else "chinese"
    if unit is None and (match := _unit_pattern().match(shadow, number_end)):
        unit, dimension = match["unit"], units()[match["unit"]][1]
        end = match.end()
        if match["also"] and match["also"][0] == "/":
            unit += match["also"]
            dimension = units().get(unit, (unit, "level" if dimension in ("mass", "other") else dimension))[1]
        if unit == "成" and low is not None and high is not None:
            low, high, unit, dimension = low * 10, high * 10, "%", "percent"
    if masked:
        low = high = None
    affix = _affix(shadow, start, end)
    if sign:
        relation = COMPARATORS[sign]
    elif affix and (relation == "eq" or (relation == "gt" and affix == "ge")):
        relation = affix if relation == "eq" else "gt"
    return Quantity(start, end, number_start, number_end, low, high, masked, relation, unit, dimension, script,
                    bool(re.search("[万亿]", text)))  # fmt: skip


def _affix(shadow: str, start: int, end: int) -> str | None:
    before = _AFFIX_BEFORE.search(shadow, max(0, start - 8), start)
    after = _AFFIX_AFTER.match(shadow, end)
    if before and not (before.lastgroup == "gt" and before[0].startswith("上") and shadow[start] not in "百千万亿"):
        return before.lastgroup
    return after.lastgroup if after else None


def _value(text: str) -> Decimal | None:
    return None if _masked(text) else numerals.numeral(text.replace(" ", ""))


def _masked(text: str) -> bool:
    return bool(re.search(r"[Xx×*＊○]", text))


def _range(low_text: str, high_text: str) -> tuple[Decimal | None, Decimal | None] | None:
    """The two ends of 3—5, 10至20万; None where the two do not make a range (2015-2020 does, 5-3 does not)."""
    if _masked(low_text) or _masked(high_text):
        return None, None
    strip = str.maketrans("", "", "余多来 ")
    low, high = numerals.numeral(low_text.translate(strip)), numerals.numeral(high_text.translate(strip))
    tail = re.search(r"[十百千万亿]+$", high_text)
    if tail and low_text[-1].isdecimal() and high_text[0].isascii():
        low *= numerals.MULTIPLIERS.get(tail[0], 1)
    return (low, high) if low < high else None
