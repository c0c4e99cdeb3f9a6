"""N01: totals against the parts that are listed with them, in sentences and in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby, pairwise

from pipeline.audit import breakdown, divided
from pipeline.audit.arithmetic import Number, holds, number, plain, reading
from pipeline.audit.base import Check, Context, Placed
from pipeline.claims import cells
from pipeline.claims.cells import Cell
from pipeline.numerals import chinese
from pipeline.records import Claim, Finding

_TOTAL_HEAD = re.compile(r"\s*(?:合\s*计|总\s*计|共\s*计|总\s*数|总\s*额|总\s*量|总\s*和)\s*(?:[（(].{1,6}[)）])?\s*")
_YEAR_HEAD = re.compile(r"\s*(?:全年|全年合计|年度|全年数)\s*(?:[（(].{1,6}[)）])?\s*")
_PART_OF_YEAR = re.compile(r"\s*(?:[上下]半年|第?[一二三四1-4]季度|\d{1,2}月份?)\s*(?:[（(].{1,6}[)）])?\s*")
_NO_PART = re.compile(r"任务|计划|目标|上年|去年|占|率|比|合计|总计|小计|总数|总额|总量|总和")
_ETC = re.compile("等(?![级于待候])")
_PARTED = re.compile(r"共计|合计|总计|累计|其中|投入|增长|下降|完成|实际|年底|转运|运至|运往|送往")
_SUMMED = ("全长", "总长", "总面积", "总投资", "相加", "合计", "总计", "共计", "组成", "构成", "合成")
_SOME = ("其中", "包括", "用于", "投向", "来自", "分布")  # what opens a list that may leave some out
_SHARED = frozenset(("人", "名", "位", "户", "个", "家"))  # what is counted so may stand in two parts
_COUNTED = ("count", "money", "area", "length", "mass", "volume")
NEAR = Decimal("0.89")  # 其中 may name some parts only: below this share of the total it is taken so
LIKELY = Decimal("0.75")  # 共 after a list may count something else: beyond this it does
COLON = Decimal("0.85")  # 其中： with a colon and three or more
PAIR = Decimal("0.97")  # the same where it names two
FAR = Decimal(20)  # times that a table's total may be off, and still be meant as one


def totals(context: Context) -> Iterator[Finding]:
    """N01: 共42户，其中23家、1家、9家、9家 (holds), …合计42户 after a list, and the total rows of tables."""
    seen: set[str] = set()
    for start, end in context.sentences:
        if re.match("其中|包括", context.shadow[end : end + 2]):
            end = context.sentence_at(end)[1]
        placed = [(c, p) for c, p in context.claims_in(start, end) if c.dimension in _COUNTED and not _groups(c)]
        recalled = _recalled(context, placed, start)
        yield from breakdown.products(context, placed)
        yield from breakdown.unbalanced(context, placed)
        whole = (*divided.lists(context, placed), *breakdown.announced(context, placed))
        beside = ((total, parts, True) for total, parts in whole)
        listed = (*_after(context, placed, end), *_before(context, placed, start), *beside, *recalled)
        for total, parts, strict in listed:
            if total.claim.id in seen or (finding := _judge(context, total, parts, strict)) is None:
                continue
            seen.add(total.claim.id)
            yield finding
    yield from breakdown.beyond_whole(context)
    yield from _tables(context)


def _groups(claim: Claim) -> bool:
    """Whether a figure says into how many groups something is parted: 分成三类."""
    return claim.unit in ("类", "种", "档", "级") and not re.search(r"\d", claim.surface)


def _after(context: Context, placed: Sequence[Placed], end: int) -> Iterator[tuple[Number, list[Number], bool]]:
    """Totals with the list that 其中, 分别 or a colon opens after them."""
    for at, (claim, (_, stop)) in enumerate(placed):
        after = placed[at + 1][1][0] if at + 1 < len(placed) else end
        cue = context.pattern("opens").search(context.shadow, stop, end)
        if cue is None or cue.start() >= after or cue.start() - stop > 16:
            if not _paired(context, placed, at):
                continue
            cue = context.pattern("opens").search(context.shadow, placed[at + 1][1][1], end)
            after = placed[at + 2][1][0]
            if cue is None or cue.start() >= after or cue.start() - placed[at + 1][1][1] > 8:
                continue
        between = context.shadow[stop:after]
        first = next((i for i, (_, p) in enumerate(placed) if p[0] >= after), len(placed))
        parts = _list(context, claim, placed[first:])
        total = number(claim)
        if total and len(parts) >= 2:
            said = context.shadow[max(context.sentence_at(stop)[0], stop - 40) : placed[first][1][0]]
            whole = not cue.group().startswith(_SOME) and not re.search("其中|包括", between)
            if cue.group() in ("（", "(") and (
                cue.start() > stop + 1 or not _fills_bracket(context, stop, placed[first:], parts)
            ):
                continue
            before = context.shadow[max(0, placed[at][1][0] - 16) : placed[at][1][0]]
            marked = bool(context.pattern("total_before").search(before))
            near = COLON <= _share(total, parts) <= 1 / COLON
            long = cue.start() == stop and (len(parts) > 2 or near)
            if cue.group() in ("：", ":", "—", "——") and not (marked or long or "其中" in between):
                continue
            if cue.group().startswith("分别") and len(context.shadow[stop : cue.start()].strip("，,（( ")) > 4:
                continue
            yield total, parts, whole and not context.pattern("open_list").search(said)


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
        if _PARTED.search(between) and parts:
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
        if at < 2 or not context.pattern("total_before").search(left):
            continue
        strict = bool(context.pattern("strict").search(left)) or (left.endswith("共") and at == 2)
        parts: list[Number] = []
        rest = list(placed[:at])
        while rest:
            other = rest.pop()[0]
            read = number(other)
            if re.match("[两二三四五六七八九十]", other.surface) and other.surface in left:
                continue  # 三片累计, 两项合计
            if not divided.same_unit(other.unit, claim.unit) or other.dimension != claim.dimension or read is None:
                break
            parts.insert(0, read)
        total = number(claim)
        if total and len(parts) < 2 and (mixed := _counted_out(context, placed, at, start)):
            yield total, mixed, True
            continue
        whole = not rest  # nothing else was counted before
        if total and len(parts) >= 2 and (strict or whole):
            listed = context.shadow[start : place[0]]
            near = LIKELY <= _share(total, parts) <= 1 / LIKELY
            same = any(claim.action == n.claim.action for n in parts) or claim.action in _SUMMED
            alike = claim.action in (None, "达到", "达", "为") or same or left.endswith("共")
            alike = alike or (whole and near and (strict or _of_one_kind(total, parts)))
            if not context.pattern("open_list").search(listed) and (strict or near) and alike and "其中" not in listed:
                yield total, parts, True


def _counted_out(context: Context, placed: Sequence[Placed], at: int, start: int) -> list[Number]:
    """The parts of 雨衣70件、胶靴117双，两样加起来…: as many figures as are said, whatever their units. Where no number
    is said (牛310头，羊1200只，总共1510头只), all that was counted before, if the total is bare."""
    total, place = placed[at]
    said = context.pattern("said_count").search(context.shadow, max(start, place[0] - 24), place[0])
    before = [claim for claim, p in placed[:at] if said is None or p[1] <= said.start()]
    count = _value(said) if said else len(before)
    alike = [claim for claim in before if divided.same_unit(claim.unit, total.unit)]
    before = alike if said and len(alike) == count else before
    if said is None and not (
        context.pattern("bare_total").search(context.shadow, max(start, place[0] - 12), place[0])
        and any(_counts_as(claim.unit, total.unit) for claim in before)
    ):
        return []
    if len(before) < count or count < 2 or {claim.dimension for claim in before[-count:]} != {total.dimension}:
        return []
    parts = [read for claim in before[-count:] if not claim.per and (read := number(claim))]
    return parts if len(parts) == count else []


def _counts_as(unit: str | None, of_total: str | None) -> bool:
    """Whether what is counted in a unit can be part of a total in another: 户 of 户次, 头 of 头只."""
    return bool(unit and of_total) and (divided.same_unit(unit, of_total) or str(of_total).startswith(str(unit)))


def _recalled(context: Context, placed: Sequence[Placed], start: int) -> Iterator[tuple[Number, list[Number], bool]]:
    """明查24次、暗访49次。……明查暗访一共80次: a total that names the parts of the sentence before it, or says how many
    they are: 东片修渠11公里；中片修了9公里。两片共修渠20公里."""
    if not placed or start == 0 or context.shadow[start - 1] == "\n":
        return
    said = context.pattern("said_count").search(context.shadow, start, min(start + 24, placed[-1][1][0]))
    rest = [(c, p) for c, p in placed if said is None or p[0] >= said.end()]
    claim, place = rest[0] if rest else placed[0]
    total = number(claim)
    if total is None:
        return
    earlier = [c for c, _ in context.claims_in(*context.sentence_at(start - 1)) if _counts_as(c.unit, claim.unit)]
    if said and place[0] == said.end() and len(earlier) == _value(said):
        parts = [read for c in earlier if not c.per and (read := number(c))]
        if len(parts) == len(earlier):
            yield total, parts, True
        return
    cue = context.pattern("recalled").search(context.shadow, max(start, place[0] - 24), place[0])
    if cue is None:
        return
    named = [c for c in earlier if (c.object or c.action or "")[-2:] in cue.group("names") and (c.object or c.action)]
    parts = [read for c in named if (read := number(c))]
    if len(parts) > 1 and len(parts) == len(earlier):
        yield total, parts, True


def _of_one_kind(total: Number, parts: Sequence[Number]) -> bool:
    """Whether what the total counts has a letter of what a part counts: not 14个保交楼项目 and 80个棚改项目."""
    thing = set(total.claim.object or "") - set("项目工程数量")
    return not thing or any(thing & set(n.claim.object or "") for n in parts)


def _value(said: re.Match[str]) -> int:
    return int(chinese(said.group("n").replace("两", "二")))


def _of_another(total: Number, parts: Sequence[Number]) -> bool:
    """Whether the total tells of another deed than every part: 发现418件、受理96件，合计办结501件."""
    action = total.claim.action
    others = {n.claim.action for n in parts}
    if not action or action in _SUMMED or total.claim.start < parts[-1].claim.start:
        return False
    return len(others) == len(parts) and not others & {None, action}


def _judge(
    context: Context, total: Number, parts: list[Number], strict: bool, *, table: bool = False
) -> Finding | None:
    """A finding where neither the whole list nor its beginning adds up, and the list claims to be whole."""
    at = _place(context, total)[0]
    counted = context.pattern("said_count").search(context.shadow, max(0, at - 24), at)
    said_all = counted is not None and _value(counted) == len(parts)
    places = [_place(context, n) for n in parts]
    whole = divided.complementary([divided.name_of(context, p) for p in places], context.option("complements"))
    bare = all(context.shadow[a[1] : b[0]] in "、和与及" for a, b in pairwise(places))
    among = context.shadow[_place(context, total)[1] : places[0][0]]
    beginnings = [parts[:n] for n in range(2, len(parts))]
    if not re.match("[，,（(：:]?(?:其中|包括)", among):
        beginnings += [parts[n:] for n in range(1, len(parts) - 1)]
    if any(holds(total, some) for some in ([parts] if whole or bare or said_all else [parts, *beginnings])):
        return None
    share = _share(total, parts)
    behind = re.split("[。；;\n]", context.shadow[places[-1][1] : places[-1][1] + 40])[0]
    if _of_another(total, parts) or (share < 1 and (_ETC.match(behind) or divided.REST.search(behind))):
        return None
    things = "，".join(n.claim.object or "" for n in parts)
    overlapping = total.claim.unit in _SHARED and not whole and bool(context.pattern("overlapping").search(things))
    least = divided.COMPLEMENT if whole else NEAR if len(parts) > 2 else PAIR
    if len(parts) > 2 and re.search("其中[：:]", among):
        least = min(least, COLON)
    if not strict and (overlapping or share < least or share > 2):
        return None
    short = not strict and share < 1  # 其中 may leave a little out
    if whole and share * divided.COMPLEMENT > 1:
        return None
    most = FAR if table else Decimal(3)
    if strict and (share > most or share * most < 1 or (overlapping and share > 1)):
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
        severity=2 if short else None,
    )


def _place(context: Context, n: Number) -> tuple[int, int]:
    return context.text.clean_offset(n.claim.start), context.text.clean_offset(n.claim.end - 1) + 1


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
    if len(parts) >= 2 and not holds(total, parts) and (finding := _judge(context, total, parts, True, table=True)):
        yield finding


CHECKS: dict[str, Check] = {"N01": totals}
