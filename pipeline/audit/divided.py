"""A total and the parts that stand beside it without 其中 or 分别: told by what the parts are called.

    91人，男41人、女50人          complements: two or more of one set of names that leave nothing out
    58条巷道，水泥路37条、石板路12条、砂石路9条     kinds: three or more of one head
    原有74只，今年添置37只，现有111只               a stock, what was added to it, and the stock now
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.audit.arithmetic import Number, number
from pipeline.audit.base import Context, Placed

_SEPARATOR = "，,、；;：:。（()）\n"
_FIRST = re.compile(rf"[^\d{_SEPARATOR}]{{0,14}}(?:[，,：:（(；;]|—+|[中里内](?:有|含)?)[^\d{_SEPARATOR}]{{0,12}}")
_NEXT = re.compile(rf"[^\d{_SEPARATOR}]{{0,10}}(?:[，,、；;]|[和及与])[^\d{_SEPARATOR}]{{0,12}}")
_AMONG = re.compile(r"[中里内][，,：:]|[中里内](?:有|含)?[^\d，,]{1,6}$")
_WHOLE = re.compile(r"共|合计|总|现有|[下现]辖|全域|辖区|全[镇乡村县市区街]|各[类种式]")
_PERSONS = frozenset("人名位")
_BEFORE = re.compile(r"原有|原来|原先|上年末|去年[底末]|年初|此前|旧有|老的?|存量|原(?=[一-鿿]{0,6}$)")
_ADDED = re.compile(r"新增|添置|新[建购添设修装聘招]|增[设购建添配加]|补充|补[建配]|又[购建添]|再[购建添]|续建")
_NOW = re.compile(r"现有|现共|现已?达|总数|总量|累计|共有|共达|增[加至]到?|达到?$|保有|拥有|合计|总计")
_LESS = re.compile(r"报废|淘汰|减少|损坏|拆除|核减|撤销|退出|丢失|停用|注销|离岗|辞退|调出|更换")
_IS = ("占", "为", "是", "有", "达", "达到", "占了", "占到")  # verbs that tell of no deed
_EACH = re.compile("[一每各][个所座处家人户]?$")
REST = re.compile("其余|余下|剩余|其他|其它|余者|另有|尚有|还有")
NEAR = Decimal("0.8")  # the least share of the total that a list of kinds must make up, to be held to be all of it
PAIR = Decimal("0.85")  # the same for two, each named with a letter of what the total counts
COMPLEMENT = Decimal("0.6")  # the same for names that leave nothing out


@dataclass(frozen=True, slots=True)
class Run:
    """Claims in a row of one unit, and what each is called: the words of its own cell before and after it."""

    parts: tuple[Number, ...]
    names: tuple[str, ...]
    opening: str  # the words between the total and the first of them


def role_of(name: str) -> str:
    """What a figure's own words make it in the account of a stock: old, added, less, now; "" where nothing."""
    for role, words in (("less", _LESS), ("old", _BEFORE), ("added", _ADDED), ("now", _NOW)):
        if words.search(name):
            return role
    return ""


def same_unit(one: str | None, other: str | None) -> bool:
    """Whether two units count the same: 人 and 名 do."""
    return one == other or (one in _PERSONS and other in _PERSONS)


def complementary(names: Sequence[str], sets: Sequence[Sequence[str]]) -> bool:
    """Whether each of the names holds another member of one of the sets, given as regular expressions."""
    return len(names) > 1 and any(_distinct(names, members) for members in sets)


def _distinct(names: Sequence[str], members: Sequence[str]) -> bool:
    """Whether every name can be given a member of its own."""
    fitting = [[i for i, member in enumerate(members) if re.search(member, name)] for name in names]
    taken: dict[int, int] = {}

    def give(name: int, tried: set[int]) -> bool:
        for member in fitting[name]:
            if member not in tried:
                tried.add(member)
                if member not in taken or give(taken[member], tried):
                    taken[member] = name
                    return True
        return False

    return all(give(name, set()) for name in range(len(names)))


def name_of(context: Context, place: tuple[int, int]) -> str:
    """The words of a figure's own cell, before and after it."""
    left = re.split(rf"[{_SEPARATOR}\d和及与]", context.shadow[max(0, place[0] - 16) : place[0]])[-1]
    return left + "·" + re.split(rf"[{_SEPARATOR}\d]", context.shadow[place[1] : place[1] + 10])[0]


def lists(context: Context, placed: Sequence[Placed]) -> Iterator[tuple[Number, list[Number]]]:
    """Every total of a sentence with the parts right behind it that must add up to it."""
    for at, (claim, _) in enumerate(placed):
        total = number(claim)
        if total is None or claim.unit is None or claim.per or _is_listed(context, placed, at):
            continue
        if _EACH.search(context.shadow[max(0, placed[at][1][0] - 4) : placed[at][1][0]]):
            continue  # 各新建一个500张床位的养老项目
        if stock := _stock(context, placed[at : at + 4]):
            yield stock
        run = _run(context, placed, at)
        if len(run.parts) > 1 and total.value and (least := _least(context, placed[at], run)):
            share = sum((n.value for n in run.parts), Decimal(0)) / total.value
            if least <= share <= 1 / least:
                yield total, list(run.parts)


def _is_listed(context: Context, placed: Sequence[Placed], at: int) -> bool:
    """Whether a figure is one of a list itself: 包括秸秆715吨，陈年垃圾210吨……"""
    (claim, (start, _)), (before, (_, stop)) = placed[at], placed[at - 1]
    gap = context.shadow[stop:start]
    if re.search("(?:其中|包括|分别[为是]|即|含)[^。；，,、]{0,14}$", context.shadow[max(0, start - 18) : start]):
        return True
    near = re.fullmatch("[^。]{0,6}[，,、；;和及与][^。]{0,7}", gap)
    return at > 0 and same_unit(before.unit, claim.unit) and near is not None


def _run(context: Context, placed: Sequence[Placed], at: int) -> Run:
    parts: list[Number] = []
    names: list[str] = []
    last = placed[at][1][1]
    opening, own, between = "", False, [""]  # own: whether a part has a verb of its own
    for claim, place in placed[at + 1 :]:
        gap, read = re.sub(r"\d+(?=岁)", "", context.shadow[last : place[0]]), number(claim)
        if read is None or claim.per or not same_unit(claim.unit, placed[at][0].unit):
            break
        if not (_NEXT if parts else _FIRST).fullmatch(gap) or re.search("其中|另|此外|同时|等$", gap):
            break
        name = name_of(context, place)
        told = bool(claim.action and claim.action in name and claim.action != placed[at][0].action)
        marks = re.findall("[，,、；;和及与]", gap)
        if len(parts) > 1 and told and not own and marks != between:
            break  # 91人，男41人、女50人，表彰12人
        own, between = own or told, marks
        opening = opening or gap
        parts.append(read)
        names.append(name)
        last = place[1]
    if REST.search(re.split("[。；;\n]", context.shadow[last : last + 40])[0]):
        return Run((), (), "")
    return Run(tuple(parts), tuple(names), opening)


def _least(context: Context, total: Placed, run: Run) -> Decimal | None:
    """The least share that the parts must have of the total; none where nothing says that they are all of it."""
    claim, (start, stop) = total
    sets = context.option("complements")
    if complementary((name_of(context, (start, stop)), *run.names), sets):
        return None  # the first part of a list is no total of the others
    if complementary(run.names, sets):
        return COMPLEMENT
    actions = [n.claim.action for n in run.parts]
    own = [action in name and action not in _IS if action else False
           for action, name in zip(actions, run.names, strict=True)]  # fmt: skip
    if complementary(run.names, context.option("kinds")) and (all(own) or not own[0]):
        return NEAR  # not 新增企业45户，培育省级35户、市级4户: what was fostered is another thing
    if any(told and action != claim.action for told, action in zip(own, actions, strict=True)):
        return None
    heads = {name.split("·")[0][-1:] for name in run.names}
    before = context.shadow[max(0, start - 14) : start]
    whole = _AMONG.search(run.opening) or _WHOLE.search(re.split("[，,。；;]", before)[-1])
    if len(run.parts) < 3:
        of_it = all(set(name.split("·")[0]) & set(claim.object or "") for name in run.names)  # 14个村居，社区5个，村9个
        apart = not any(context.pattern("overlapping").search(name) for name in run.names)
        return PAIR if whole and of_it and apart else None
    return NEAR if whole or (len(heads) == 1 and heads != {""}) else None


def _stock(context: Context, placed: Sequence[Placed]) -> tuple[Number, list[Number]] | None:
    """原有a，添置b，现有c: the last is the total, unless something went or there is a fourth."""
    numbers = [n for claim, _ in placed[:3] if (n := number(claim))]
    if len(numbers) < 3 or not all(same_unit(n.claim.unit, numbers[0].claim.unit) for n in numbers):
        return None
    first, added, now = (name_of(context, place) for _, place in placed[:3])
    said = context.shadow[placed[0][1][0] : placed[2][1][1]]
    if not (_BEFORE.search(first) and _ADDED.search(added) and _NOW.search(now)) or _LESS.search(said):
        return None
    old, new, total = numbers
    return (total, [old, new]) if NEAR < (old.value + new.value) / total.value < 1 / NEAR else None
