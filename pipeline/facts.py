"""Claims of one report → its facts: mentions of the same thing merged, with bounds, state and evidence.

Which claims are of the same thing
- The same catalogue code; without a code, the same action and object. And the same dimension, base unit, status, scope
  and year. 车 and 吨, 人 and 人次 have different base units and never meet; nor does a target meet a result, nor what
  was added (done) what there is (state). Only of a rate or level both tell the same: it was raised to 95%, it is 95%.
- The scope is the claim's; the place itself (全镇 in the report of a 镇) is none, nor is a column of the year before
  (上年), since its claims have that year. An average (每村2名) has the scope 每村 and never meets the total. An honour
  without a scope is told apart by its rank (省级, 县级): villages of two ranks are two figures, not a contradiction.
  So has an account of a part (兰州新区生产总值); the name of the place itself, with or without 市, is none.
- The year is the one that the claim's period lies in, else the report's. A period of several years has no year: such a
  figure stands beside no other year's. Of the parts of one year the longest counts, of equally long ones the last:
  1至10月 before 上半年, 上半年 before 4月, and the whole year before all of them; what was set up on a day stands from
  then on and counts beside the year's. The fact says its period.
  A rate that stands (五年来…，普及率达到91%) is of the last of the years that it is told of.
- A part (其中…) of what has its code is no total and makes no fact; one with a code of its own is that code's figure
  (发现问题97个，其中整改61个). A repetition adds evidence, not a value.
- A claim without code, action and object names nothing and makes no fact.

What the merged value is
- A rate of growth has the sign of its verb, here and not in the claim, which keeps what is written: 零售总额下降8% is
  −8, 下降8%以上 is −8 or less. 下降到 tells a level and 降幅收窄 a difference: neither changes a sign.
- Masked claims have no value and are never zero: state masked (XX), or partly_masked where digits are left (1X), unless
  another claim tells the value.
- A number that was overwritten (2023余起) is kept as written: corrupted, unless another claim tells the value.
- 余, 多, 左右, 约 are approx, the number told at both ends. 以上, 不少于, 超过, 不足 are bounded, one end open.
- One number told several times is one fact. An exact number agrees with a range that holds it, with a bound that it
  keeps, and with an approximate number within a tenth of it; the exact one is the value.
- Numbers that add up to the one just before them (42户：餐馆32家、食堂10家) are its parts, wherever they are told.
- Where one of three or more exact numbers is the sum of all others (4次、6次，合计10次), it is the value; numbers told
  twice count once. So is one that parts of the report, told one by one under headings side by side, do not exceed
  (反馈问题94个; （一）… 32个, （二）… 21个), whatever day it is told of.
- Otherwise two objects under one code (横幅48条, 标语75条), or two numbers in one breath (分别为73.5%、72.8%), are
  several: neither is the whole, and adding them up would be a guess. Numbers that differ for one object conflict. Both
  go from the least number told to the greatest.
- More villages than one are no figure of one village: what a place was honoured with has no part of it as its scope.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from pipeline.records import Claim, Fact, Issuer

PRECISION = ("exact", "range", "approx", "bounded")  # the more precise statement is the value of a fact
RATES = ("percent", "ratio", "level")
OF_A_TIME = ("_growth", "_mortality")  # rates of what happened in a time: told of three years, they are of all three
_RANK = re.compile(r"(?:国家|全国|省部?|市|州|县|区|镇|盟|旗)级|^(?:国家|全国|中国)")
_SINGLE_YEAR = re.compile(r"(\d{4})(?:-[\w-]+)?(?:/\1(?:-[\w-]+)?)?")
_DIGIT = re.compile(r"[\d０-９]")
_ABOUT = re.compile(r"[余餘多来來几幾]")
_FALLS = re.compile(r"下降|减少|降低|下滑|回落|萎缩|缩减|负增长")
_SET_UP = re.compile("成立|组建|设立|下设|组成|建立")  # what stands from its day on, and is no part of a year's sum
_TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
BREATH = 30  # characters within which nobody contradicts himself
_TENTH = Decimal("0.1")
_PARTS = {"H1": (1, 6), "H2": (7, 12), "Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}

Key = tuple[str, str, str | None, str, str | None, int | None]


@dataclass(frozen=True, slots=True)
class _Value:
    """One value told: an open end is null."""

    state: str
    low: Decimal | None
    high: Decimal | None

    def agrees_with(self, other: _Value) -> bool:
        """Whether a statement that is no more precise may speak of the same number."""
        if self == other:
            return True
        if other.state == "approx" and self.low is not None and other.low is not None:
            return self.state != "approx" and abs(self.low - other.low) <= abs(other.low) * _TENTH
        above = other.low is None or (self.low is not None and self.low >= other.low)
        below = other.high is None or (self.high is not None and self.high <= other.high)
        return self.state != other.state and above and below


def facts(claims: Sequence[Claim], issuer: Issuer) -> tuple[Fact, ...]:
    """The facts of one report in the order in which they are first told."""
    groups: dict[Key, list[Claim]] = {}
    repeats: dict[str, list[Claim]] = {}
    codes = {claim.id: claim.indicator for claim in claims}
    for claim in (_timed(_signed(claim), issuer.year) for claim in claims):
        within = claim.part_of is not None and claim.indicator in (None, codes.get(claim.part_of))
        if claim.repeat_of:
            repeats.setdefault(claim.repeat_of, []).append(claim)
        elif not within and (claim.indicator or claim.action or claim.object):
            groups.setdefault(_key(claim, issuer), []).append(claim)
    return tuple(_fact(key, group, repeats, issuer) for key, group in groups.items())


def _signed(claim: Claim) -> Claim:
    """A rate of growth with the sign of its verb: 下降8% is −8."""
    low, high, action = claim.base_value_low, claim.base_value_high, claim.action or ""
    falls = _FALLS.search(action) and not action.endswith(("到", "至", "为"))
    if not (claim.indicator or "").endswith("_growth") or not falls or low is None or high is None or low < 0:
        return claim
    relation = _TURNED.get(claim.relation, claim.relation)
    return replace(claim, base_value_low=-high, base_value_high=-low, relation=relation)


def _key(claim: Claim, issuer: Issuer) -> Key:
    name = claim.indicator or f"{claim.action or ''}|{claim.object or ''}"
    status = "state" if claim.status == "done" and claim.dimension in RATES else claim.status
    return name, claim.dimension, claim.base_unit, status, _scope(claim, issuer.place or ""), _year(claim, issuer)


def _scope(claim: Claim, place: str) -> str | None:
    if claim.per and claim.dimension not in RATES and "/" not in (claim.base_unit or ""):
        return f"每{claim.per}"
    name = place.partition("#")[0]  # a masked name carries a pseudonym
    own = claim.scope is not None and len(claim.scope) > 1 and name.startswith(claim.scope)  # 甘肃 of 甘肃省
    if own or claim.scope == "上年" or (claim.scope and claim.scope[0] in "全我本" and name.endswith(claim.scope[1:])):
        return None  # 全镇 in the report of a 镇
    if not (claim.indicator or "").startswith("honour."):
        return claim.scope
    if claim.scope and not (claim.scope.endswith(("村", "社区")) and (claim.value_low or 0) > 1):
        return claim.scope
    rank = _RANK.search(claim.object or "")
    return rank.group() if rank else None


def _year(claim: Claim, issuer: Issuer) -> int | None:
    if claim.period is None:
        return issuer.year
    single = _SINGLE_YEAR.fullmatch(claim.period)
    return int(single.group(1)) if single else None


def _timed(claim: Claim, reported: int | None) -> Claim:
    """A rate that stands at the end of years with the last one."""
    stands = claim.status == "state" and claim.dimension in RATES and not (claim.indicator or "").endswith(OF_A_TIME)
    if stands and claim.scope is None and (claim.period or "").endswith(f"/{reported}"):
        return replace(claim, period=str(reported))
    return claim


def months(period: str | None) -> tuple[int, int]:
    """How many months of its year a period covers (a day counts as none), and its last one."""
    if period is None or period.isdigit():
        return 12, 12
    first, _, last = period.partition("/")
    ends = [_PARTS.get(part[5:7]) or (int(part[5:7]),) * 2 for part in (first, last or first) if len(part) > 4]
    if not ends:
        return 12, 12
    return (0 if len(first) > 7 and not last else ends[-1][1] - ends[0][0] + 1), ends[-1][1]


def _fact(key: Key, group: Sequence[Claim], repeats: dict[str, list[Claim]], issuer: Issuer) -> Fact:
    indicator, dimension, unit, status, scope, year = key
    longest = max((months(claim.period) for claim in group), default=(12, 12)) if year else None
    lasts = [claim for claim in group if _SET_UP.search(claim.action or "")]
    told = [claim for claim in group if year is None or months(claim.period) == longest or claim in lasts]
    told = _above_its_parts(group) or told
    told = [claim for claim in told if not claim.masked] or told
    told = [claim for claim in told if not _is_corrupted(claim)] or told
    told = _without_parts(told)
    value = _merged([_value(claim) for claim in told], [m for claim in told for m in repeats.get(claim.id, ())])
    if value.state == "conflicting" and _several_things(told):
        value = replace(value, state="several")
    periods = {claim.period for claim in told}
    evidence = [mention for claim in told for mention in (claim, *repeats.get(claim.id, ()))]
    return Fact(
        place=issuer.place,
        year=year,
        indicator=indicator,
        dimension=dimension,
        unit=unit,
        status=status,
        scope=scope,
        value_low=value.low,
        value_high=value.high,
        state=value.state,
        claims=tuple(claim.id for claim in evidence),
        period=periods.pop() if len(periods) == 1 else None,
    )


def _value(claim: Claim) -> _Value:
    low, high = claim.base_value_low, claim.base_value_high
    if claim.masked or low is None or high is None:
        visible = claim.masked and _DIGIT.search(claim.surface)
        return _Value("partly_masked" if visible else "masked", None, None)
    if _is_corrupted(claim):
        return _Value("corrupted", low, high)
    if claim.relation == "range" or low != high:
        return _Value("range", low, high)
    if claim.relation == "approx" or (claim.relation == "gt" and _ABOUT.search(claim.surface)):
        return _Value("approx", low, high)
    if claim.relation in ("gt", "ge"):
        return _Value("bounded", low, None)
    if claim.relation in ("lt", "le"):
        return _Value("bounded", None, high)
    return _Value("exact", low, high)


def _merged(values: Sequence[_Value], repeated: Sequence[Claim] = ()) -> _Value:
    if values[0].state not in PRECISION:  # masked and corrupted claims stand only among their own kind
        if values[0].low is None:
            return min(values, key=lambda value: value.state != "partly_masked")
        return values[0] if len(set(values)) == 1 else _conflict(values)
    if total := _total(values) or _total([*values, *map(_value, repeated)]):
        return total
    best = min(values, key=lambda value: PRECISION.index(value.state))
    return best if all(best.agrees_with(value) for value in values) else _conflict(values)


def _without_parts(claims: Sequence[Claim]) -> list[Claim]:
    """The claims without those that add up to the one just before them (42户：餐馆32家、食堂10家), wherever told."""
    for place, whole in enumerate(claims):
        rest, parts = whole.base_value_low or Decimal(0), set[Decimal]()
        for count, part in enumerate(claims[place + 1 :], 1):
            rest -= part.base_value_low or Decimal(0)
            parts.add(part.base_value_low or Decimal(0))
            if rest == 0 and count > 1 and _value(whole).state == "exact":
                return [claim for claim in claims if claim is whole or claim.base_value_low not in parts]
            if rest <= 0:
                break
    return list(claims)


def _above_its_parts(claims: Sequence[Claim]) -> list[Claim]:
    """The claim whose number is no less than all others together, if these stand under headings side by side."""
    whole = max(claims, key=lambda claim: claim.base_value_low or 0)
    parts = [claim.heading_path for claim in claims if claim is not whole]
    beside = {path[:-1] for path in parts}
    if len(parts) < 3 or len(set(parts)) < len(parts) or len(beside) > 1 or () in parts or whole.heading_path in parts:
        return []
    rest = sum((claim.base_value_low or Decimal(0) for claim in claims if claim is not whole), Decimal(0))
    return [whole] if not whole.masked and rest <= (whole.base_value_low or 0) else []


def _several_things(claims: Sequence[Claim]) -> bool:
    """Whether the claims speak of more than one object, and agree on each, or are told in one breath: what a sentence
    goes on with (责任状9份，组与户也签了，共3100多份) is another thing, or it would not be told again."""
    if any(_goes_on(claim, after) for claim, after in pairwise(claims)):
        return True
    objects: dict[str | None, list[_Value]] = {}
    for claim in claims:
        objects.setdefault(claim.object, []).append(_value(claim))
    return len(objects) > 1 and all(_merged(values).state != "conflicting" for values in objects.values())


def _goes_on(claim: Claim, after: Claim) -> bool:
    return 0 <= after.start - claim.end <= BREATH and claim.heading_path == after.heading_path


def _total(values: Sequence[_Value]) -> _Value | None:
    """The one of three or more exact numbers that is the sum of all others."""
    numbers = [value.low for value in values if value.state == "exact" and value.low is not None]
    if len(numbers) < 3 or len(numbers) < len(values):
        return None
    sums = (sum(numbers, Decimal(0)), sum(set(numbers), Decimal(0)) if len(set(numbers)) > 2 else None)
    return next((value for value in values if value.low and 2 * value.low in sums), None)


def _conflict(values: Sequence[_Value]) -> _Value:
    ends = [end for value in values for end in (value.low, value.high) if end is not None]
    return _Value("conflicting", min(ends), max(ends))


def _is_corrupted(claim: Claim) -> bool:
    return claim.doubt == "year_as_value"
