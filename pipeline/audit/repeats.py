"""N11, N18: results that are their plans to the digit, neighbours that are one number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from pipeline.audit.arithmetic import plain
from pipeline.audit.base import Check, Context, overlap, settings
from pipeline.records import Block, Claim, Evidence, Finding

Pair = tuple[str, Evidence, Evidence]  # what was planned, the plan, the result
MOST_BETWEEN = 8  # figures: a list of so many aims may stand before its results
ODD_DIGITS = 3  # with so many digits two things hardly have one number by chance
FAR = 90  # characters

_BOTH = re.compile(
    r"(?:任务|计划|目标|应)[^，。]{0,8}[与和、及][^，。]{0,6}(?:完成|实际|落实|实)[^，。]{0,8}(?:分别|依次|如下|[：:])"
)
_PLAN_COLUMN = re.compile("任务|计划|目标|应|指标")
_DONE_COLUMN = re.compile("完成|实际|实绩|落实|实[一-鿿]")
_ALL_OF_THEM = re.compile(r"[^\d，,。；;\n]{0,8}(?:都|均|全部|全数|悉数|无一|一个不|个个|人人|户户|件件)")
_SLASHED = re.compile(r"(?P<what>[一-鿿]{2,10})(?P<plan>\d[\d.]*)[/／](?P<done>\d[\d.]*)(?=[一-鿿])")
_GRADE = re.compile(r"[^\d，,。；;\n]?级")  # 30万吨级航道 is no quantity
_NAMES = ("线", "号", "级")  # 323线 is none either
_SOURCE = re.compile("数据|口径|核算|核定|修订|普查")


def exactly_as_planned(context: Context) -> Iterator[Finding]:
    """N11: three or more results that equal their targets to the digit, or nothing but 100 %."""
    pairs = [*_told_pairs(context), *_table_pairs(context), *_slashed_pairs(context)]
    if len(pairs) >= context.option("least_pairs"):
        told = "、".join(what + a.surface for what, a, _ in pairs[:5])
        yield context.finding(
            f"{len(pairs)}项任务的完成数与任务数完全相同：{told}。",
            [evidence for _, *pair in pairs for evidence in pair],
            formula="；".join(f"{b.surface}={a.surface}" for _, a, b in pairs[:8]),
        )
    rates = [(c, _names(context, c)) for c in context.claims if c.dimension == "percent" and c.value_low is not None]
    rates = [(c, names) for c, names in rates if names and c.status in ("done", "state")]
    count = sum(names for _, names in rates)
    if count >= context.option("least_rates") and all(c.value_low == 100 for c, _ in rates):
        spans = [context.of_claim(c) for c, _ in rates]
        yield context.finding(f"全文{count}个比率都恰为100%。", spans, formula="全部=100%")


def _names(context: Context, claim: Claim) -> int:
    """How many rates a percentage is told of: 收集率、清运率、处理率均为100% is three; 0 where it is no share."""
    lead = context.clause_before(claim)
    if not re.search("率|覆盖|完成|占|达", lead) or re.search("增|降|提高", lead):
        return 0
    names = re.split(r"[\d%％]|百分之百", lead)[-1].strip("、")
    return max(1, len(re.findall("率(?![先领])", names)), names.count("、") + 1)


def _told_pairs(context: Context) -> Iterator[Pair]:
    """Figures of the text that are a plan and its result: 应建210个，实建210个."""
    modes, taken = _modes(context), set[int]()
    for i, j in _told_again(context, modes):
        taken |= {i, j}
        first, second = context.claims[i], context.claims[j]
        yield first.object or "", context.of_claim(first, note="任务数"), context.of_claim(second, note="完成数")
    for i, first in enumerate(context.claims):
        for j in range(i + 1, min(i + MOST_BETWEEN, len(context.claims))):
            second, between = context.claims[j], context.shadow[context.places[i][1] : context.places[j][0]]
            if len(between) > FAR or i in taken:
                break
            same = j not in taken and first.unit == second.unit and first.value_low == second.value_low is not None
            if same and _meets(context, modes, i, j, between):
                taken |= {i, j}
                what = first.object or second.object or ""
                yield what, context.of_claim(first, note="任务数"), context.of_claim(second, note="完成数")


def _told_again(context: Context, modes: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Plans of a list that are told once more, in the same words, in a list of results far from it."""
    planned: dict[tuple[str, str], int] = {}
    for at, (claim, place) in enumerate(zip(context.claims, context.places, strict=True)):
        words = re.sub(r"^.*(?:[：:]|\d[^一-鿿]*)", "", _last_clause(context.shadow[: place[0]]))
        key = words, claim.surface
        if modes[at] == "plan" and len(words) > 1 and not _says("planned", words):
            planned[key] = at
        elif modes[at] == "done" and not _says("finished", words) and key in planned:
            yield planned.pop(key), at


def _modes(context: Context) -> list[str]:
    """Whether each figure is told as a plan, as done, or as neither. What is joined by 、 goes on in one mode, and so
    does what stands under a head with a colon."""
    modes: list[str] = []
    end, mode, headed = 0, "", False
    for place in context.places:
        since = context.shadow[max(end, place[0] - FAR) : place[0]]
        stated = _mode(re.split("[，,。；;、：:（）()\n]", since)[-1], "planned", "finished")
        head = _mode(since, "plan_head", "result_head")
        headed = bool(head) or (headed and not stated and not re.search("[。\n]", since))
        joined = not re.search("[，,。；;（）()\n]", since)
        mode = stated or head or (mode if joined or headed else "")
        modes.append(mode)
        end = place[1]
    return modes


def _mode(words: str, plan: str, done: str) -> str:
    return "plan" if _says(plan, words) else "done" if _says(done, words) else ""


def _says(kind: str, words: str) -> bool:
    """Whether words are of a kind that models/checks.toml names under N11; N18 reads them as well."""
    return bool(re.search(settings()["N11"].options[kind], words))


def _meets(context: Context, modes: Sequence[str], i: int, j: int, between: str) -> bool:
    """Whether of two equal figures one is the plan for the other."""
    if modes[i] == "plan" and modes[j] != "plan":
        here, there = (_last_clause(context.shadow[: context.places[n][0]]) for n in (i, j))
        told_again = any(here[at : at + 2] in there for at in range(len(here) - 1))
        return j == i + 1 or modes[j] == "done" or told_again
    if modes[i] == modes[j] == "plan" and j == i + 1 and re.fullmatch("[、，,/][一-鿿]{1,2}", between):
        return _says("planned", _last_clause(context.shadow[: context.places[i][0]]))  # 定128个、增128个
    if modes[i] != "plan" and modes[j] == "plan" and j == i + 1 and not re.search("[。；;\n]", between):
        return bool(re.search("[（(]|[与和同跟等是为即合符占如恰]|任务", between))
    if j == i + 1 and context.pattern("exactly").search(between):
        return True  # 新建冷库5座，结果就是5座
    if j == i + 1 and re.fullmatch("[、/／和与，,]", between):
        at = context.places[i][0]
        return bool(_BOTH.search(context.shadow[context.sentence_at(at)[0] : at]))
    return False


def _last_clause(words: str) -> str:
    return re.split("[，,。；;：:、\n]", words[-40:])[-1]


def _table_pairs(context: Context) -> Iterator[Pair]:
    """Rows of a table whose planned and whose finished number are the same."""
    planned: dict[tuple[int | None, int | None], Block] = {}
    for block in context.report.document.blocks:
        head, text = block.column_head or "", context.report.document.text[block.start : block.end].strip()
        if block.kind != "cell" or not re.fullmatch(r"[\d.,]*[1-9][\d.,]*[^\d\W]{0,4}", text):
            continue
        if _PLAN_COLUMN.search(head) and not _DONE_COLUMN.search(head):
            planned[block.table, block.row] = block
            continue
        plan = planned.pop((block.table, block.row), None) if _DONE_COLUMN.search(head) else None
        if plan and context.report.document.text[plan.start : plan.end].strip() == text:
            here = context.source_span(plan.start, plan.end, note="任务数")
            yield (block.row_head or "").strip(), here, context.source_span(block.start, block.end, note="完成数")


def _slashed_pairs(context: Context) -> Iterator[Pair]:
    """新办企业42/42家 in a line that says 任务/完成."""
    for match in _SLASHED.finditer(context.shadow):
        line = context.shadow[context.shadow.rfind("\n", 0, match.start()) + 1 : match.start()]
        if match["plan"] == match["done"] and context.pattern("plan_and_result").search(line):
            plan, done = (context.shadow_span(*match.span(name)) for name in ("plan", "done"))
            yield match["what"], plan, done


def neighbours_alike(context: Context) -> Iterator[Finding]:
    """N18: one number with its unit for two different things in neighbouring sentences."""
    taken: set[str] = set()
    sentence_of = [context.sentences.index(context.sentence_at(p[0])) for p in context.places]
    counted = [
        i
        for i, c in enumerate(context.claims)
        if c.value_low is not None and not c.masked and c.value_low == c.value_high
    ]
    for i, j in combinations(counted, 2):
        first, second = context.claims[i], context.claims[j]
        if sentence_of[j] - sentence_of[i] > 2 or first.unit != second.unit or first.value_low != second.value_low:
            continue
        if (
            first.id in taken
            or second.id in taken
            or not _worth(context, first)
            or first.dimension in ("percent", "duration")
        ):
            continue
        if first.per or second.per or "rule" in (first.status, second.status) or first.part_of == second.id:
            continue
        if first.unit in _NAMES or any(_GRADE.match(context.shadow, context.places[n][1]) for n in (i, j)):
            continue
        if _in_cell(context, first) != _in_cell(context, second):
            continue  # a table and its text tell one figure twice
        if (
            (context.is_ahead(context.places[i][0]) and len(_digits(first)) < ODD_DIGITS)
            or _tells_the_same(context, i, j)
            or (first.surface != second.surface)
        ):
            continue
        taken |= {first.id, second.id}
        yield context.finding(
            f"相邻两处“{first.object or ''}”与“{second.object or ''}”的数字同为{second.surface}。",
            [context.of_claim(first), context.of_claim(second)], formula=f"{first.surface}={second.surface}",
        )  # fmt: skip


def _in_cell(context: Context, claim: Claim) -> bool:
    return any(b.kind == "cell" and b.start <= claim.start < b.end for b in context.report.document.blocks)


def _worth(context: Context, claim: Claim) -> bool:
    value = claim.value_low or Decimal(0)
    return value >= context.option("least_value") or len(_digits(claim)) >= ODD_DIGITS


def _digits(claim: Claim) -> str:
    """The significant digits of a figure."""
    return plain(claim.value_low or Decimal(0)).replace(".", "").strip("0")


def _tells_the_same(context: Context, i: int, j: int) -> bool:
    """Whether the two can well be one figure told again, one standard kept twice, or a plan and its result."""
    first, second = context.claims[i], context.claims[j]
    left, right = context.clause_before(first), context.clause_before(second)
    if re.search("每|各|均|统一|标准|按", left + right) or _SOURCE.search(second.object or ""):
        return True
    if _says("planned", left) and _says("finished", right) and not re.search("预计|计划", right):
        return True
    if re.search(r"这|该|上述|以上|其|全部|均|剩余|同期|相同|同样|也|仍", right):
        return True
    if right.endswith("的") or _ALL_OF_THEM.match(context.shadow, context.places[j][1]):
        return True  # 为572名留守儿童建卡；572名孩子都有了代理家长；清运的1263吨垃圾
    after = [context.shadow[context.places[n][1] : context.places[n][1] + 2] for n in (i, j)]
    if after[0] == after[1] and re.fullmatch("[一-鿿]{2}", after[0]):
        return True  # 572名老人…，572名老人全部…
    digits = _digits(first)
    adjoining = not re.search(r"\d", context.shadow[context.places[i][1] : context.places[j][0]])
    alike = bool(set(first.object or "") & set(second.object or ""))
    act = max((found.end() for found in context.pattern("same_again").finditer(right)), default=-1)
    if adjoining and act == len(right):
        return True  # 敷设电缆3428米，验收合格3428米: what became of the same, with no thing of its own
    if adjoining and len(digits) >= ODD_DIGITS and _two_deeds(context, (first, left), (second, right)):
        return False
    if first.object == second.object or (alike and (first.object or "")[-2:] == (second.object or "")[-2:]):
        if adjoining and left != right and (left[:2], left[-2:]) == (right[:2], right[-2:]):
            return False  # 投入改厕资金247.5万元，投入绿化资金247.5万元
        subjects = _subject(context, first), _subject(context, second)
        return not all(len(subject) >= 4 for subject in subjects) or overlap(*subjects) > Decimal("0.5")
    return len(digits) < ODD_DIGITS and not (adjoining and first.action and second.action and digits != "1")


def _two_deeds(context: Context, *told: tuple[Claim, str]) -> bool:
    """Whether two claims, given with their clauses, each tell of a deed and a thing of its own: 清理陈年垃圾723吨，西片
    转运建筑垃圾723吨; not 排查隐患312处，整改312处."""
    (first, _), (second, right) = told
    own = all(c.action and c.object and c.action in words and c.object in words for c, words in told)
    if not own or context.pattern("same_again").search(right):
        return False
    things = (first.object or "", second.object or "")
    return first.action != second.action and things[0] not in things[1] and things[1] not in things[0]


def _subject(context: Context, claim: Claim) -> str:
    """The words of the claim's sentence before its own clause: who or what it speaks of."""
    at = context.place_of(claim)
    told = context.shadow[context.sentence_at(at)[0] : at]
    return re.split("[；;]", told)[-1].removesuffix(context.clause_before(claim)).strip("，,")


CHECKS: dict[str, Check] = {"N11": exactly_as_planned, "N18": neighbours_alike}
