"""N01: totals against the parts that are listed with them, in sentences and in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from pipeline.audit.arithmetic import Number, holds, number, plain, reading
from pipeline.audit.base import Check, Context
from pipeline.claims import cells
from pipeline.claims.cells import Cell
from pipeline.records import Claim, Finding

Placed = tuple[Claim, tuple[int, int]]

_OPENS = re.compile(
    r"其中|分别(?:为|是|有)|包括|分为|包含|[，,]?(?:即|含|涵盖)(?!有)|[：:]|[（(](?![^）)]{0,6}(?:约|含|折合|其中|占))|由(?=[^。；]{4,90}(?:组成|构成))"
)
_TOTAL_BEFORE = re.compile(
    r"(?:共计|合计|总计|总共|一共|共|累计|总数|总量|总和|之和|相加|加起来|合起来)(?:[^\d，,。；;：:\n]{0,12})$"
)
_STRICT = re.compile(
    r"(?:合计|总计|共计|一共|总共|总和|之和|相加|[两二三四五六七八九十]+[个项片地处路村镇]?[^\d，,。；;\n]{0,3}(?:累计|共)|加起来|合起来)(?:[^\d，,。；;：:\n]{0,12})$"
)
_PARTITIONS = (("男", "女"), ("上半年", "下半年"), ("新建", "改建"), ("城镇", "农村"), ("党员", "群众"), ("主", "支"))
_OPPOSITES = (*_PARTITIONS, ("东", "西"), ("南", "北"), ("内", "外"), ("上游", "下游"), ("左", "右"), ("山上", "山下"))
_OVERLAPPING = re.compile(
    r"党员|女|妇|男|青年|老年|老人|儿童|少数民族|退休|退役|军人|低保|残疾|学历|大专|本科|硕士|研究生|博士|高级|中级|岁|"
    r"重点|特色|省级|市级|县级|国家级|新增|其他|外来|贫困|脱贫|困难|骨干|先进|示范"
)
_OPEN_LIST = re.compile(r"等(?:[^级于待候]|$)|主要|部分|之一|以及其他|在内")
_TOTAL_HEAD = re.compile(r"\s*(?:合\s*计|总\s*计|共\s*计)\s*(?:[（(].{1,6}[)）])?\s*")
_YEAR_HEAD = re.compile(r"\s*(?:全年|全年合计|年度|全年数)\s*(?:[（(].{1,6}[)）])?\s*")
_PART_OF_YEAR = re.compile(r"\s*(?:[上下]半年|第?[一二三四1-4]季度|\d{1,2}月份?)\s*(?:[（(].{1,6}[)）])?\s*")
_NO_PART = re.compile(r"任务|计划|目标|上年|去年|占|率|比|合计|总计|小计")
_COUNTED = ("count", "money", "area", "length", "mass", "volume")
NEAR = Decimal("0.93")  # 其中 may name some parts only: below this share of the total it is taken so
LIKELY = Decimal("0.75")  # 共 after a list may count something else: beyond this it does
PAIR = Decimal("0.97")  # the same where it names two


def totals(context: Context) -> Iterator[Finding]:
    """N01: 共42户，其中23家、1家、9家、9家 (holds), …合计42户 after a list, and the total rows of tables."""
    seen: set[str] = set()
    for start, end in context.sentences:
        if re.match("其中|包括", context.shadow[end : end + 2]):
            end = context.sentence_at(end)[1]
        placed = [(c, p) for c, p in context.claims_in(start, end) if c.dimension in _COUNTED]
        for total, parts, strict in (*_after(context, placed, end), *_before(context, placed, start)):
            if total.claim.id in seen or (finding := _judge(context, total, parts, strict)) is None:
                continue
            seen.add(total.claim.id)
            yield finding
    yield from _tables(context)


def _after(context: Context, placed: Sequence[Placed], end: int) -> Iterator[tuple[Number, list[Number], bool]]:
    """Totals with the list that 其中, 分别 or a colon opens after them."""
    for at, (claim, (_, stop)) in enumerate(placed):
        after = placed[at + 1][1][0] if at + 1 < len(placed) else end
        cue = _OPENS.search(context.shadow, stop, end)
        if cue is None or cue.start() >= after or cue.start() - stop > 16:
            if halves := _halves(context, placed[at : at + 4]):
                yield halves[0], halves[1:], True
            if not _paired(context, placed, at):
                continue
            cue = _OPENS.search(context.shadow, placed[at + 1][1][1], end)
            after = placed[at + 2][1][0]
            if cue is None or cue.start() >= after or cue.start() - placed[at + 1][1][1] > 8:
                continue
        between = context.shadow[stop:after]
        first = next((i for i, (_, p) in enumerate(placed) if p[0] >= after), len(placed))
        parts = _list(context, claim, placed[first:])
        total = number(claim)
        if total and len(parts) >= 2:
            said = context.shadow[max(0, stop - 40) : placed[first][1][0]]
            whole = not cue.group().startswith(("其中", "包括")) and not re.search("其中|包括", between)
            if cue.group() in ("（", "(") and (
                cue.start() > stop + 1 or not _fills_bracket(context, stop, placed[first:], parts)
            ):
                continue
            marked = bool(_TOTAL_BEFORE.search(context.shadow[max(0, placed[at][1][0] - 16) : placed[at][1][0]]))
            long = len(parts) > 2 and cue.start() == stop
            if cue.group() in ("：", ":") and not (marked or long or "其中" in between):
                continue
            if cue.group().startswith("分别") and len(context.shadow[stop : cue.start()].strip("，,（( ")) > 4:
                continue
            yield total, parts, whole and not _OPEN_LIST.search(said)


def _halves(context: Context, placed: Sequence[Placed]) -> list[Number]:
    """A total and the two parts right behind it that opposites tell apart: 91人，男41人、女45人; 82家，34家在东，…."""
    numbers = [n for claim, _ in placed[:3] if (n := number(claim))]
    if len(numbers) < 3 or len({n.claim.unit for n in numbers}) > 1 or numbers[0].claim.unit is None:
        return []
    if len(placed) > 3 and placed[3][0].unit == numbers[0].claim.unit and placed[3][1][0] - placed[2][1][1] < 8:
        return []  # a third part
    (_, stop), (start, end), (again, last) = (place for _, place in placed[:3])
    shadow = context.shadow
    before, between = shadow[stop:start], shadow[end:again]
    if not re.fullmatch("[，,：:（(][^，,、：:（(]{0,8}", before):
        return []
    if not re.fullmatch("[^，,、；;]{0,6}[，,、][^，,、]{0,6}", between):
        return []
    behind = re.split("[，,、；;。）)]", shadow[last : last + 8])[0]
    right, left = re.split("[，,、]", between)
    told = any(sum(a in x for x in one) == sum(b in y for y in two) == 1
               for a, b in (*_OPPOSITES, *(pair[::-1] for pair in _OPPOSITES))
               for one, two in (((before,), (left,)), ((right,), (behind,))))  # fmt: skip
    return numbers if told and LIKELY <= _share(numbers[0], numbers[1:]) <= 1 / LIKELY else []


def _fills_bracket(context: Context, at: int, rest: Sequence[Placed], parts: Sequence[Number]) -> bool:
    """Whether the list is all that a bracket after the total holds: 1252吨（东片414吨、中片619吨、西片209吨）."""
    closing = re.search("[）)]", context.shadow[at:])
    if closing is None:
        return False
    inside = [c for c, place in rest if place[1] <= at + closing.start() + 1]
    return len(inside) == len(parts) and all(c.id == n.claim.id for c, n in zip(inside, parts, strict=True))


def _paired(context: Context, placed: Sequence[Placed], at: int) -> bool:
    """Whether another unit's total stands between this one and its list: 1193户5992人，其中…"""
    if at + 2 >= len(placed):
        return False
    (claim, place), (other, beyond) = placed[at], placed[at + 1]
    return claim.unit != other.unit and beyond[0] - place[1] <= 3 and "。" not in context.shadow[place[1] : beyond[0]]


def _list(context: Context, total: Claim, rest: Sequence[Placed]) -> list[Number]:
    """The parts in a row that can belong to the total: of its own unit, or where there is none, of one other measure
    word. What stands in brackets inside the list speaks of one part only."""
    parts: list[Number] = []
    unit = total.unit if any(c.unit == total.unit for c, _ in rest[:3]) else None
    last = rest[0][1][0] if rest else 0
    base = context.sentence_at(last)[0]
    for claim, (start, stop) in rest:
        between = context.shadow[last:start]
        if re.search(r"共计|合计|总计|累计|其中|投入|增长|下降|完成|实际|年底|转运|运至|运往|送往", between) and parts:
            break
        if _depth(context.shadow[base:start]) > _depth(context.shadow[base : rest[0][1][0]]):
            continue
        unit = unit or (claim.unit if claim.dimension == total.dimension == "count" else total.unit)
        if claim.unit != unit:
            if unit != total.unit or total.dimension != claim.dimension:
                break
            last = stop
            continue
        read = number(claim)
        if re.search(r"[从由][^\d，,]{0,6}$", between) or re.search(r"[增提升降减][加高至到]至?$", between):
            return []
        if read is None or claim.dimension != total.dimension or claim.per:
            return []
        parts.append(read)
        last = stop
    return parts


def _before(context: Context, placed: Sequence[Placed], start: int) -> Iterator[tuple[Number, list[Number], bool]]:
    """Lists that end in 合计, 共计 or 共 and their total."""
    for at, (claim, place) in enumerate(placed):
        left = context.shadow[max(start, place[0] - 18) : place[0]]
        if at < 2 or claim.unit == "位" or not _TOTAL_BEFORE.search(left):
            continue
        strict = bool(_STRICT.search(left)) or (left.endswith("共") and at == 2)
        parts: list[Number] = []
        for other, _ in reversed(placed[:at]):
            read = number(other)
            if re.match("[两二三四五六七八九十]", other.surface) and other.surface in left:
                continue  # 三片累计, 两项合计
            if other.unit != claim.unit or other.dimension != claim.dimension or read is None:
                break
            parts.insert(0, read)
        total = number(claim)
        whole = len(parts) == at  # nothing else was counted before
        if total and len(parts) >= 2 and (strict or whole):
            listed = context.shadow[start : place[0]]
            near = LIKELY <= _share(total, parts) <= 1 / LIKELY
            same = any(claim.action == n.claim.action for n in parts)
            alike = claim.action in (None, "达到", "达", "为") or same or left.endswith("共") or (whole and near)
            if not _OPEN_LIST.search(listed) and (strict or near) and alike and "其中" not in listed:
                yield total, parts, True


def _judge(context: Context, total: Number, parts: list[Number], strict: bool) -> Finding | None:
    """A finding where neither the whole list nor its beginning adds up, and the list claims to be whole."""
    if any(holds(total, parts[:n]) for n in range(2, len(parts) + 1)):
        return None
    if any(holds(total, parts[n:]) for n in range(1, len(parts) - 1)):
        return None
    share = _share(total, parts)
    counted = total.claim.dimension == "count"
    things = [n.claim.object or "" for n in parts]
    divided = len(parts) == 2 and any(a in things[0] and b in things[1] for a, b in _PARTITIONS)
    overlapping = counted and not divided and any(_OVERLAPPING.search(thing) for thing in things)
    least = LIKELY if divided else NEAR if len(parts) > 2 else PAIR
    if not strict and (overlapping or share < least or share > 2):
        return None
    if strict and (share > 3 or share < Decimal("0.3") or (overlapping and share > 1)):
        return None
    said = sum((n.value for n in parts), Decimal(0))
    unit = _scaled(total)[1]
    terms = "+".join(_scaled(n)[0] for n in parts)
    relation = "≠"
    apart = _figure(abs(total.value - said), total)
    formula = f"{terms}={_figure(said, total)}{relation}{_scaled(total)[0]}"
    more = "多" if said > total.value else "少"
    return context.finding(
        f"“{total.claim.object or ''}{total.claim.surface}”与所列{len(parts)}项之和"
        f"{_figure(said, total)}{unit}不符，各项{more}{apart}{unit}。",
        [context.of_claim(total.claim, "total", "总数"), *(context.of_claim(n.claim, note="分项") for n in parts)],
        formula=formula,
        suggestion=reading(total, parts, context.year),
    )


def _share(total: Number, parts: Sequence[Number]) -> Decimal:
    return sum((n.value for n in parts), Decimal(0)) / total.value if total.value else Decimal(0)


def _factor(n: Number) -> Decimal:
    """What the printed figure of a total is multiplied by: 12.5万元 is told in 万元."""
    printed = re.search(r"\d[\d,，]*(?:[.．]\d+)?", n.claim.surface)
    if printed is None or not n.value:
        return Decimal(1)
    said = Decimal(re.sub("[,，]", "", printed.group()).replace("．", "."))
    return n.value / said if said else Decimal(1)


def _figure(value: Decimal, total: Number) -> str:
    return plain(round(value / _factor(total), 6))


def _scaled(n: Number) -> tuple[str, str]:
    """The printed figure with what stands around it, and the unit that it was printed in."""
    surface = "".join(n.claim.surface.split())
    printed = re.search(r"\d[\d,，]*(?:[.．]\d+)?", surface)
    if printed is None:
        return surface, n.claim.unit or ""
    return surface, surface[printed.end() :].lstrip("余餘多")


def _depth(text: str) -> int:
    return sum(text.count(c) for c in "（(") - sum(text.count(c) for c in "）)")


def _tables(context: Context) -> Iterator[Finding]:
    """Rows and columns of tables whose last cell is their total: 合计, or 全年 after 上半年 and 下半年."""
    found: list[tuple[Cell, Number]] = []
    for cell in cells.find(context.text, context.report.document):
        reach = cell.end + 2  # a figure may have been read on into the next row
        inside = [(c, place) for c, place in context.claims_in(cell.start, reach) if place[0] < cell.end]
        if len(inside) == 1 and inside[0][0].dimension in _COUNTED and (n := number(inside[0][0])):
            found.append((cell, n))
    for _, row in groupby(found, key=lambda entry: entry[0].row_head):
        yield from _line(context, [(cell.column_head, n) for cell, n in row])
    columns: dict[str, list[tuple[str, Number]]] = {}
    for cell, n in found:
        column = columns.setdefault(cell.column_head, [])
        column.append((cell.row_head, n))
        if _TOTAL_HEAD.fullmatch(cell.row_head) and len(column) > 1:
            yield from _line(context, columns.pop(cell.column_head))
    for column in columns.values():  # a total in the first row
        if _TOTAL_HEAD.fullmatch(column[0][0]):
            yield from _line(context, column)


def _unit(n: Number) -> str | None:
    """The unit that a cell prints; none where the word behind the figure is the next row's."""
    return None if "\n" in n.claim.surface else n.claim.unit


def _line(context: Context, line: Sequence[tuple[str, Number]]) -> Iterator[Finding]:
    at = next(
        (i for i, (head, _) in enumerate(line) if _TOTAL_HEAD.fullmatch(head) or _YEAR_HEAD.fullmatch(head)), None
    )
    if at is None:
        return
    head, total = line[at]
    parts = [n for other, n in line if n is not total and _unit(n) == _unit(total) and not _NO_PART.search(other)]
    if _YEAR_HEAD.fullmatch(head):
        parts = [n for other, n in line if _PART_OF_YEAR.fullmatch(other) and _unit(n) == _unit(total)]
    if len(parts) >= 2 and not holds(total, parts) and (finding := _judge(context, total, parts, True)):
        yield finding


CHECKS: dict[str, Check] = {"N01": totals}
