"""I01, I02: who speaks: another rank than the issuer's, real names beside masks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pipeline.audit.base import Check, Context
from pipeline.records import Evidence, Finding

_SELF = re.compile(
    r"(?:全|我)(街道|镇|乡|县|市|区|村|社区|州|旗)(?![一-鿿]?(?:级|委书记会|域外))(?!域|长|场|镇|际|间|坊|里)"
)
_OWN = [("街道", "街道"), ("镇", "镇"), ("乡", "乡"), ("社区", "社区"), ("村", "村")]
_TOWNSHIPS = ("街道", "镇", "乡")
_MASKED_SELF = re.compile(r"[XxＸ×＊*]{1,4}(?:省|市|州|县|区|镇|乡|街道|村)")
_REAL = re.compile(
    r"(?:^|(?<=[^一-鿿])|(?<=[在到至从由向和与及于报往赴对为过]))(?P<name>[一-鿿]{2,3}?)"
    r"(?P<kind>自治县|县(?![级委城域处里政直内境乡])|村(?=委会|完小|民小组|[、，,。的])|社区(?=[、，,。]|居委会))"
)
_KNOWN_FEATURE = re.compile(r"(?P<name>[一-鿿]{2})(?=特色|籍|人民)")


def issuer_conflict(context: Context) -> Iterator[Finding]:
    """I01: a 街道 that speaks of 全镇, a 乡 that speaks of 全街道; a township that mostly says 我县."""
    own = own_rank(context)
    if own is None:
        return
    counts: Counter[str] = Counter()
    where: dict[str, list[Evidence]] = {}
    for match in _SELF.finditer(context.shadow):
        rank = match.group(1)
        counts[rank] += 1
        where.setdefault(rank, []).append(context.shadow_span(*match.span()))
    clashing = [rank for rank in _TOWNSHIPS if own in _TOWNSHIPS and rank != own and counts[rank]]
    if not clashing:
        return
    told = "、".join(f"“{where[rank][0].surface}”{counts[rank]}次" for rank in clashing)
    spans = [span for rank in clashing for span in where[rank]]
    context_spans = list(where.get(own, ())[:1])
    yield context.finding(
        f"报告主体是{own}，文中却自称{told}（自称“全{own}、我{own}”{counts[own]}次）。",
        [
            *spans,
            *(Evidence(s.document, s.start, s.end, s.surface, "context", None, "本级自称") for s in context_spans),
        ],
        formula="，".join(f"全（我）{rank}{n}次" for rank, n in sorted(counts.items())),
    )


def own_rank(context: Context) -> str | None:
    """The issuer's rank by its name, its title, or the first words of its text."""
    issuer = context.report.issuer
    name = (issuer.place or "").partition("#")[0]
    for ending, rank in _OWN:
        if name.endswith(ending):
            return rank
    if name and "#" not in (issuer.place or "") and issuer.level not in ("township", "village"):
        return None
    if name.endswith(("市", "县", "区", "州", "省")):
        return None
    title = issuer.title or ""
    opening = context.shadow[:400]
    if re.search("办事处|街道", title) or re.match(r"[^。]{0,120}?(?:街道办事处|街道下辖|街道辖)", opening):
        return "街道"
    found = re.search(r"[一-鿿XxＸ×]{1,6}(镇|乡)(?!镇)[^。\n]{0,30}(?:总结|汇报|报告|情况)", title)
    return found.group(1) if found and "乡镇" not in title else None


def leaked_names(context: Context) -> Iterator[Finding]:
    """I02: names are masked (XX镇), yet others that tell the place stand beside them."""
    text = context.shadow
    masks = _MASKED_SELF.findall(text)
    if len(masks) < 2 or "#" not in (context.report.issuer.place or "#"):
        return
    names: dict[str, list[Evidence]] = {}
    stop = re.compile(context.option("common_names"))
    for pattern in (_REAL, _KNOWN_FEATURE):
        for match in pattern.finditer(text):
            name = match.group("name")
            if stop.search(name) or re.search("[XxＸ×]", name):
                continue
            kind = match.groupdict().get("kind") or ""
            names.setdefault(name + kind, []).append(
                context.shadow_span(match.start("name"), match.end(), note="真实地名")
            )
    counties = {name[:2] for name in names if name.endswith("县") and len(name) == 3}
    kept = {n: e for n, e in names.items() if n.endswith(("县", "村", "社区")) or n in counties}
    if kept:
        spans = [span for found in kept.values() for span in found]
        spans.sort(key=lambda span: span.start)
        shown = "、".join(list(kept)[:5])
        yield context.finding(
            f"单位名称已隐去（{len(masks)}处），正文仍留有真实地名{len(kept)}个：{shown}，可能还原出主体。", spans
        )


CHECKS: dict[str, Check] = {"I01": issuer_conflict, "I02": leaked_names}
