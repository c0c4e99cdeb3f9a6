"""T06: what replacing a name or a rank all through a text left behind.

Three traces: words that only the replacement can have made (集镇 → 集乡); the reporter's own name with another rank;
and another place that tells of itself as the reporter does. The last two are told by the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

from pipeline import segment
from pipeline.audit.base import Check, Context, Span
from pipeline.records import Evidence, Finding
from pipeline.script import simplify

RANKS = ("街道", "镇", "乡")
_RENAMED = re.compile(r"区划|原名|撤[镇乡县市区]|改[设为称]|更名|前身|旧称|合并|划[入归出]")


def replacement_residue(context: Context) -> Iterator[Finding]:
    """T06: words that only a replacement can have made, a name in two ranks, another place that reports."""
    simplified = simplify(context.text.clean)  # the shadow reads some of them as what was meant
    found = [(*match.span(), meant) for pattern, meant in context.option("words").items()
             for match in re.finditer(pattern, simplified)]  # fmt: skip
    found += [(*span, meant) for pattern, meant in context.option("seams").items()
              for span in _between_words(simplified, pattern)]  # fmt: skip
    found = [one for before, one in pairwise([(0, 0, ""), *sorted(found)]) if one[0] >= before[1]]
    if found:
        evidence = [context.shadow_span(start, end, note=f"应为“{meant}”") for start, end, meant in sorted(found)]
        pairs = dict.fromkeys(f"“{e.surface}”{e.note}" for e in evidence)
        yield context.finding(f"疑似整体替换地名或层级后的残留：{'、'.join(pairs)}，共{len(found)}处。", evidence)
    yield from _other_names(context)


def _between_words(text: str, pattern: str) -> Iterator[Span]:
    """Where a pattern stands and no word of its sentence reaches across its ends."""
    for match in re.finditer(pattern, text):
        start = max(text.rfind(mark, 0, match.start()) for mark in "，。；、\n") + 1
        clause = re.match(r"[^，。；、\n]*", text[start:])
        assert clause is not None
        ends = {0, *accumulate(map(len, segment.words(clause[0], ())))}
        if {match.start() - start, match.end() - start} <= ends:
            yield match.span()


def _own_rank(context: Context) -> str | None:
    place = (context.report.issuer.place or "").partition("#")[0].removesuffix("办事处")
    return next((rank for rank in RANKS if place.endswith(rank)), None)


def _other_names(context: Context) -> Iterator[Finding]:
    """The reporter's name with another rank, and other places that tell of themselves as the reporter does."""
    place, rank = (context.report.issuer.place or "").partition("#")[0].removesuffix("办事处"), _own_rank(context)
    if rank is None or not re.fullmatch("[一-鿿]{3,6}", place):
        return
    stem = place.removesuffix(rank)
    ranked = re.compile(rf"{stem}(?!{rank})(?:街道|镇|乡)(?!村|镇|亲|贤)")
    two = [context.shadow_span(*m.span(), note=f"本报告主体为{place}") for m in ranked.finditer(context.shadow)
           if not _RENAMED.search(context.shadow[max(0, m.start() - 12) : m.end() + 12])
           and context.shadow[max(0, m.start() - 1) : m.start()] not in ("原", "老", "旧")]  # fmt: skip
    if two:
        shown = "、".join(dict.fromkeys(f"“{one.surface}”" for one in two))
        yield context.finding(f"主体是{place}，文中却写成{shown}{len(two)}次，像是替换地名时留下的。", two)
    others: dict[str, list[Evidence]] = {}
    for match in re.finditer(context.option("speaks"), context.shadow):
        name = match.group("name")
        if name.endswith(place) or place.endswith(name) or stem in name or re.search(context.option("no_names"), name):
            continue
        others.setdefault(name, []).append(context.shadow_span(*match.span("name"), note=f"本报告主体为{place}"))
    for name, spans in others.items():
        yield context.finding(f"主体是{place}，文中却有{len(spans)}处以{name}的口吻叙述，像是借用了别处的文稿。", spans)


CHECKS: dict[str, Check] = {"T06": replacement_residue}
