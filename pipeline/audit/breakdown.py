"""N01: totals told in other ways than as a sum of the figures beside them.

    慰问56户，其中低保19户、重残58户                    a part above its whole
    签约2230人，由三家卫生室完成：东片681人、…           as many parts as are said between the total and its list
    每村配备保洁员3名，12个村共配备41名                  so many of each, and how many there are of what has them
    原有74只，报废12只，添置37只，现有111只              a stock, what came and what went, and the stock now
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.audit import divided
from pipeline.audit.arithmetic import Number, holds, number, plain
from pipeline.audit.base import Context, Placed
from pipeline.records import Claim, Finding

COUNTED = ("count", "money", "area", "length", "mass", "volume")
MOST_PARTS = 12
WITHIN = 24  # characters between figures of one product
_OTHER_TIME = re.compile("累计|历年|上年|去年|计划|任务|目标|预计|原有|此前|近[两三五]年|总[数量]")
_AMONG = re.compile(  # 其中 and nothing but figures with their names up to the part
    r"其中[：:，,]?[^，,。；;、\d]{0,12}(?:\d[\d.]*[^，,。；;、\d]{0,10}[、，,和及][^，,。；;、\d]{0,12})*$"
)
_CHANGE = re.compile("[增减升降]|比[上去]年|较[上去]年|多|少")
_OPENS = re.compile(r"[^\d，,。；;：:]{0,8}(?:[：:]|[，,]?分别(?:为|是|有|完成)?)[^\d，,。；;：:]{0,6}$")
_EACH = re.compile(
    r"(?:每|各)(?:个|座|家|所|支|户|辆|名|处|条|间)?(?P<of>[一-鿿]{1,5}?)(?:[均都各]|平均)?(?:[一-鿿]{0,8})$"
)
_ALL = re.compile("(?:共计|合计|总计|一共|总共|累计|共)(?:[一-鿿]{0,8})$")


def beyond_whole(context: Context) -> Iterator[Finding]:
    """A part that is larger than what it is a part of."""
    by_id = {claim.id: claim for claim in context.claims}
    for claim in context.claims:
        total = by_id.get(claim.part_of or "")
        if total is None or not divided.same_unit(claim.unit, total.unit) or claim.per or total.per:
            continue
        part, whole = number(claim), number(total)
        between = context.shadow[context.place_of(total) : context.place_of(claim)]
        if part is None or whole is None or part.low <= whole.high or claim.dimension not in COUNTED:
            continue
        changed = _CHANGE.search(context.clause_before(total)[-12:])
        if not _AMONG.search(between) or _OTHER_TIME.search(between) or changed:
            continue
        yield context.finding(
            f"“{total.object or ''}{total.surface}”其中的{claim.surface}大于总数。",
            [context.of_claim(total, "total", "总数"), context.of_claim(claim, note="分项")],
            formula=f"{claim.surface}＞{total.surface}",
        )


def announced(context: Context, placed: Sequence[Placed]) -> Iterator[tuple[Number, list[Number]]]:
    """Totals whose list follows the number of its parts: 2230人，由三家卫生室完成：681人、726人、768人."""
    for (claim, place), (said, there), following in zip(
        placed, placed[1:], (placed[at:] for at in range(2, len(placed))), strict=False
    ):
        count, total = number(said), number(claim)
        if count is None or total is None or not 1 < count.value <= MOST_PARTS or said.dimension != "count":
            continue
        parts = [n for other, _ in following[: int(count.value)] if (n := number(other))]
        opened = following and _OPENS.fullmatch(context.shadow, there[1], following[0][1][0])
        alike = len(parts) == count.value and all(divided.same_unit(n.claim.unit, claim.unit) for n in parts)
        more = following[len(parts) :]
        goes_on = more and divided.same_unit(more[0][0].unit, claim.unit) and more[0][1][0] - following[-1][1][1] < 4
        if opened and alike and not goes_on and there[0] - place[1] <= WITHIN and said.unit != claim.unit:
            yield total, parts


def products(context: Context, placed: Sequence[Placed]) -> Iterator[Finding]:
    """每村配备保洁员3名，12个村共配备41名, in either order of the first two."""
    for at in range(2, len(placed)):
        three = placed[at - 2 : at + 1]
        (first, here), (second, _), (claim, place) = three
        told = [context.shadow[max(0, p[0] - WITHIN) : p[0]] for _, p in three]
        told = [re.split(r"[，,。；;、：:\n]", lead)[-1] for lead in told]
        if place[0] - here[1] > 2 * WITHIN or not _ALL.search(told[2]) or "其中" in "".join(told):
            continue
        for each, whole, lead in ((first, second, told[0]), (second, first, told[1])):
            of = _EACH.search(lead)
            if of and _has(of["of"], whole, context) and divided.same_unit(each.unit, claim.unit) and each is not whole:
                numbers = [number(one) for one in (each, whole, claim)]
                if all(n is not None and n.exact for n in numbers) and whole.unit != claim.unit:
                    yield from _multiplied(context, *(n for n in numbers if n))
                    break


def _has(of: str, whole: Claim, context: Context) -> bool:
    """Whether a figure counts what has so many each: 12个村 of 每村."""
    at = context.place_of(whole)
    around = (whole.object or "") + context.shadow[at : at + len(whole.surface) + 4]
    return bool(of) and of[-1] in around and whole.dimension == "count"


def _multiplied(context: Context, each: Number, whole: Number, total: Number) -> Iterator[Finding]:
    made = each.value * whole.value
    if made == total.value or not Decimal("0.5") < made / total.value < 2:
        return
    yield context.finding(
        f"按每个{each.claim.surface}、共{whole.claim.surface}计应为{plain(made)}，文中写{total.claim.surface}。",
        [context.of_claim(total.claim, "total", "总数"), context.of_claim(each.claim), context.of_claim(whole.claim)],
        formula=f"{each.claim.surface}×{whole.claim.surface}={plain(made)}≠{total.claim.surface}",
    )


def unbalanced(context: Context, placed: Sequence[Placed]) -> Iterator[Finding]:
    """原有74只，报废12只，添置37只，现有111只: four figures of one unit that do not balance."""
    for at in range(len(placed) - 3):
        four = placed[at : at + 4]
        numbers = [n for claim, _ in four if (n := number(claim)) and n.exact]
        roles = [divided.role_of(divided.name_of(context, place)) for _, place in four]
        if len(numbers) < 4 or not all(divided.same_unit(n.claim.unit, numbers[0].claim.unit) for n in numbers):
            continue
        if roles[0] != "old" or sorted(roles[1:3]) != ["added", "less"] or roles[3] != "now":
            continue
        old, now = numbers[0], numbers[3]
        added, less = numbers[roles.index("added")], numbers[roles.index("less")]
        made = old.value + added.value - less.value
        if made != now.value and not holds(now, [old, added]):
            yield context.finding(
                f"原有{old.claim.surface}，增{added.claim.surface}，减{less.claim.surface}，"
                f"应有{plain(made)}，文中写{now.claim.surface}。",
                [context.of_claim(now.claim, "total", "现有数"), *(context.of_claim(n.claim) for n in numbers[:3])],
                formula=f"{old.claim.surface}+{added.claim.surface}−{less.claim.surface}="
                f"{plain(made)}≠{now.claim.surface}",
            )
