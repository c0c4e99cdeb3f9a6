"""N23: problems found against problems mended and problems still open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations

from pipeline.audit.arithmetic import Number, holds, number, plain
from pipeline.audit.base import Check, Context, Placed
from pipeline.records import Claim, Finding

_NOT_DONE = re.compile("(?:尚未|还没有?|没有?|尚?待|仍?未|仍?不|[还正仍]在)([一-鿿]{1,2})")
_COUNTED_OTHERWISE = ("次", "类", "人", "人次", "户", "家", "名", "份", "期", "天", "日")
_COUNTED_WHOLE = frozenset(("户", "家", "人", "名", "份"))  # so counted, what was found may be all accounted for
_HOW = re.compile("居家|上门|入户|集中|住院|门诊|线上|线下|现场|当场|就地|异地|免费|依法")
_NO_DEED = frozenset(("有", "为", "达", "达到", "共", "共有", "包括", "其中", "分别"))
MOST = Decimal("1.5")  # beyond so many times of what was found, something else was mended
MOST_WORDS = 8  # of a clause that tells what became of some
LEAST = Decimal("0.7")  # of what was found that several deeds must make up, to be held to be all that was done
LEFT, RIGHT = 24, 16  # characters of a figure's clause that are read on either side


@dataclass(slots=True)
class _Closure:
    found: Number
    mended: list[Number]
    pending: list[Number]
    end: int
    untold: list[Number] = field(default_factory=list)  # of the same measure, and nothing says what became of them


def closure(context: Context) -> Iterator[Finding]:
    """N23: found ≠ mended + pending, or 全部整改 with neither a figure nor a list."""
    told: list[tuple[int, int]] = []
    review = any(words in (context.report.issuer.title or "") for words in context.option("reviews"))
    for start, end in context.sentences:
        counted = _closure(context, start, end)
        if counted:
            told.append((start, counted.end))
            finding = _unclosed(context, counted, context.shadow[start : context.sentence_at(counted.end)[1] + 20])
            if finding:
                yield finding
    for match in re.finditer(context.option("all_mended"), context.shadow):
        start, _ = context.sentence_at(match.start())
        some_only = context.pattern("not_all").match(context.shadow, match.end())
        if some_only or any(a <= match.start() < b for a, b in told) or _is_shown(context, match):
            continue
        here = context.shadow_span(*match.span())
        found = [c for c, p in context.claims_in(start, match.start()) if c.dimension == "count"]
        spans = [context.of_claim(c, "context", "发现数") for c in found[-1:]]
        yield context.finding(
            f"写“{here.surface}”，却没有清单、台账或逐项结果可查。", [here, *spans],
            severity=3 if found or review else None,
        )  # fmt: skip


def _is_shown(context: Context, match: re.Match[str]) -> bool:
    """Whether 全部整改 is not told as done, or has its list, table or items beside it."""
    start, end = context.sentence_at(match.start())
    around = context.shadow[start : min(len(context.shadow), end + 60)]
    before = re.split(r"[。；;]", context.shadow[start : match.start()])[-1]
    lead = re.split("[，,]", before)[-1]
    faults = re.search(context.option("faults"), before + match.group())
    return bool(context.pattern("wanted").search(lead) or not faults or context.pattern("listed").search(around)
                or _has_table(context) or _itemised(before) or context.is_ahead(match.start()))  # fmt: skip


def _closure(context: Context, start: int, end: int) -> _Closure | None:
    """The found, mended and pending figures of a sentence (and of the next ones of its line, where they go on)."""
    stop = _goes_on(context, end)
    counts = [(c, p) for c, p in context.claims_in(start, stop) if c.dimension == "count"]
    kinds = _kinds(context, counts)
    for at, (claim, place) in enumerate(counts):
        total, strong = _total(context, claim), _is_found(context, claim, place)
        if total is None or place[0] >= end or (kinds[at] and not strong):
            continue
        if re.search(context.option("all_mended"), re.split("[，,。；;]", context.shadow[place[1] : place[1] + 24])[0]):
            return None
        result = _Closure(total, [], [], end)
        if strong:
            kinds = [kind or ("told" if _has_deed(context, claim, *placed) else "")
                     for kind, placed in zip(kinds, counts, strict=True)]  # fmt: skip
        _gather(context, result, counts[at + 1 :], kinds[at + 1 :], end)
        both = bool(result.mended and result.pending)
        weak = claim.unit not in ("人", "人次", "次", "名") and (_is_problem(context, claim, place) or "pair" in kinds)
        if (both and weak) or (strong and (result.mended or result.pending)):
            return result
    return _told_last(context, counts, kinds, end)


def _total(context: Context, claim: Claim) -> Number | None:
    """How many were found: 指出不足30处 is thirty shortcomings, not fewer than thirty."""
    named = claim.relation == "lt" and re.search(rf"(?:{context.option('found')})不足$", context.clause_before(claim))
    return number(replace(claim, relation="eq") if named else claim)


def _gather(context: Context, into: _Closure, counts: Sequence[Placed], kinds: Sequence[str], end: int) -> None:
    """Put what follows a total under mended and pending, up to the next total."""
    last, untold = context.place_of(into.found.claim), list[Number]()
    for (claim, place), kind in zip(counts, kinds, strict=True):
        between, last = context.shadow[last : place[0]], place[1]
        again = not kind and re.search(context.option("found"), _clause(context, place)[0])
        if again or ("其中" in between and (into.mended or into.pending)):
            break
        n = number(claim) if place[1] <= end or claim.unit == into.found.claim.unit else None
        own = claim.object is not None and claim.object != claim.action and claim.object in _clause(context, place)[0]
        if n is None or not _alike(claim, into.found.claim) or (own and claim.unit != into.found.claim.unit):
            continue
        if not kind:
            untold.append(n)
            continue
        if kind == "pending" and untold:
            # what stands between what was found and what is open was dealt with
            into.mended, untold = [*into.mended, *untold], []
        (into.pending if kind == "pending" else into.mended).append(n)
        into.end = max(into.end, place[1])
    into.untold = untold


def _kinds(context: Context, counts: Sequence[Placed]) -> list[str]:
    """What became of each count by the words of its clause: pending, mended, "pair" where the next one is told as
    the part of which the same was not done (改好49条，没改好的64条), "" where nothing is said."""
    clauses = [_clause(context, place) for _, place in counts]
    kinds = []
    for at, both in enumerate(clauses):
        words = "".join(both)
        undone = _NOT_DONE.search("".join(clauses[at + 1])) if at + 1 < len(clauses) else None
        if any(context.pattern("pending").search(side) for side in both):
            kinds.append("pending")
        elif undone and undone.group(1).rstrip("的了") in words and _alike(counts[at][0], counts[at + 1][0]):
            kinds.append("pair")
        else:
            kinds.append("mended" if any(context.pattern("mended").search(side) for side in both) else "")
    return kinds


def _has_deed(context: Context, total: Claim | None, claim: Claim, place: tuple[int, int]) -> bool:
    """Whether a figure says in a verb of its own, and with no noun of its own, what became of so many of what was
    found: 讨回60条, 补办手续40宗; not 制定规章6件."""
    left, right = _clause(context, place)
    own = claim.object not in (None, claim.action, total.object if total else None) and not _HOW.fullmatch(claim.object)
    if own or any(context.pattern(key).search(left) for key in ("things", "found", "other_deeds")):
        return False
    deed = claim.action is not None and claim.action in left and claim.action not in _NO_DEED
    return deed and len(left) <= MOST_WORDS and not right and "其中" not in left


def _told_last(context: Context, counts: Sequence[Placed], kinds: Sequence[str], end: int) -> _Closure | None:
    """已整改31个、正在整改79个，均来自发现的110个问题: the parts first."""
    inside = [(c, p, kind) for (c, p), kind in zip(counts, kinds, strict=True) if p[1] <= end]
    if len(inside) < 3 or not _is_found(context, inside[-1][0], inside[-1][1]):
        return None
    claim, place, _ = inside[-1]
    total, result = number(claim), None
    if total and context.pattern("of_the_total").search(_clause(context, place)[0]):
        parts = [(n, kind) for c, _, kind in inside[:-1] if kind and _alike(c, claim) and (n := number(c))]
        pending = [n for n, kind in parts if kind == "pending"]
        result = _Closure(total, [n for n, kind in parts if kind != "pending"], pending, place[1])
    return result if result and result.mended and result.pending else None


def _goes_on(context: Context, end: int) -> int:
    """Where the sentences end that go on with what this one tells: at most two more, in the same line."""
    for _ in range(2):
        following = context.sentence_at(end)[1]
        if not (context.pattern("goes_on").match(context.shadow, end) or _tells_of_no_new(context, end, following)):
            return end
        end = following
    return end


def _tells_of_no_new(context: Context, start: int, end: int) -> bool:
    """Whether a sentence says at once what became of some, without naming what: 半年过去，销号34个，尚有13个挂账."""
    counts = [(c, p) for c, p in context.claims_in(start, end) if c.dimension == "count"]
    if not counts or context.shadow[start - 1] == "\n":
        return False
    claim, place = counts[0]
    left = "".join(_clause(context, place))
    named = claim.object is not None and claim.object != claim.action and claim.object in context.shadow[start:end]
    told = context.pattern("mended").search(left) or context.pattern("pending").search(left)
    return bool(told or _has_deed(context, None, claim, place)) and not named


def _clause(context: Context, place: tuple[int, int]) -> tuple[str, str]:
    """The words of a figure's clause before and after it."""
    left = re.split(r"[，,。；;、\n]", context.shadow[max(0, place[0] - LEFT) : place[0]])[-1]
    return left, re.split(r"[，,。；;、\n]", context.shadow[place[1] : place[1] + RIGHT])[0]


def _is_found(context: Context, claim: Claim, place: tuple[int, int]) -> bool:
    """Whether a count is told as that of problems that were found."""
    left, right = _clause(context, place)
    found = re.search(context.option("found"), left) or re.search("^[^，]{0,4}(?:问题|隐患).{0,2}被", right)
    found = found or re.search("(?:发现|反馈|交办|指出|查出|通报)的$", left)
    thing = re.search(context.option("things"), (claim.object or "") + left[-10:] + right[:6])
    told = re.search("整改|办结|销号", left) and not re.search("发现|反馈|交办|登记|台账|清单|清点", left)
    if claim.unit in _COUNTED_WHOLE:
        return bool(context.pattern("counted_whole").search(left))
    return claim.dimension == "count" and bool(found and thing) and claim.unit not in _COUNTED_OTHERWISE and not told


def _is_problem(context: Context, claim: Claim, place: tuple[int, int]) -> bool:
    """Whether a count is one of problems or of what was found, as far as either word goes."""
    left, right = _clause(context, place)
    words = (claim.object or "") + left + right[:6]
    return bool(re.search(context.option("found"), left) or re.search(context.option("things"), words))


def _alike(claim: Claim, total: Claim) -> bool:
    return claim.unit == total.unit or {claim.unit, total.unit} <= set("个处项条件起宗座间点")


def _unclosed(context: Context, told: _Closure, words: str) -> Finding | None:
    parts = sorted([*told.mended, *told.pending], key=lambda n: n.claim.start)
    if told.untold and holds(told.found, [*parts, *told.untold]):
        return None
    if any(holds(told.found, some) for n in range(1, len(parts) + 1) for some in combinations(parts[:6], n)):
        return None
    said = sum((n.value for n in parts), told.found.value * 0)
    unit = told.found.claim.unit or ""
    apart = told.found.value - said
    some_only = len(told.mended) > 1 and said < told.found.value * LEAST
    if not told.pending and apart > 0 and (context.pattern("explained").search(words) or some_only):
        return None
    lead = context.shadow[context.place_of(told.found.claim) : context.place_of(parts[0].claim)]
    if not told.pending and apart > 0 and "其中" in lead:
        return None
    if not told.pending and apart > 0 and told.found.low <= said <= told.found.high:
        return None
    if said > told.found.value * MOST or said * 2 < told.found.value:
        return None
    if told.found.claim.unit in _COUNTED_WHOLE and apart > 0 and not told.pending:
        return None
    terms = "+".join(n.claim.surface for n in parts)
    rest = f"还有{plain(apart)}{unit}没有交代" if apart > 0 else f"多出{plain(-apart)}{unit}"
    return context.finding(
        f"发现{told.found.claim.surface}，已整改与整改中合计{plain(said)}{unit}，{rest}。",
        [context.of_claim(told.found.claim, "total", "发现数"),
         *(context.of_claim(n.claim, note="已整改") for n in told.mended),
         *(context.of_claim(n.claim, note="整改中") for n in told.pending)],
        formula=f"{terms}={plain(said)}≠{told.found.claim.surface}",
    )  # fmt: skip


def _itemised(before: str) -> bool:
    """Whether the problems are named one by one: 3个问题：甲、乙、丙，均已全部整改."""
    return bool(re.search("[：:][^：:]*、", before))


def _has_table(context: Context) -> bool:
    return any(block.kind == "cell" for block in context.report.document.blocks)


CHECKS: dict[str, Check] = {"N23": closure}
