"""What a report leaves out, passes over or says under another heading: F01, F02, F03, F07, F13."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from ahocorasick_rs import AhoCorasick

from pipeline.audit.base import Check, Context, Span
from pipeline.lexicon import rows
from pipeline.records import Evidence, Finding, Heading
from pipeline.sections.rules import IN_TEXT, title_role

OUTSIDE = ("title", "furniture")
FRAMES = ("problem", "plan", "request", "result", "overview", "action")  # cue families that name no topic
SIGNATURE = 25  # characters
SENTENCE_END = "。！？…!?.”》）)；;"
UNTITLED = {"mechanism"}  # what goes with any topic
_LETTER = re.compile(r"\w")
ITEM = re.compile(r"[^。；！？;\n]+")  # what stands between two stops or semicolons
_NAMED = re.compile(r"[一-鿿]{2,6}(?:村|社区|屯|路|街|巷|市场|小区|河|沟|桥|学校|医院|公园|广场)")


def missing_sections(context: Context) -> Iterator[Finding]:
    """F01: a report that tells no problems, or nothing of what comes next."""
    body = [segment for segment in context.report.segments if segment.role not in OUTSIDE]
    if not body or _is_exempt(context) or _letters(context, body_spans(context)) < context.option("least_letters"):
        return
    if _is_cut(context, body[-1].end):
        return
    missing = [
        name
        for name, label, cues in (("存在问题", "problems", "problem_cues"), ("下一步打算", "next_steps", "plan_cues"))
        if not _told(context, label, context.option(cues))
    ]
    if not missing:
        return
    headings = [h for h in context.report.headings if h.level > 0]
    outline = [context.source_span(h.start, h.title_end, "context", "现有标题") for h in headings]
    last = body[-1]
    where = [_title(context), context.source_span(max(last.start, last.end - 40), last.end, note="正文到此为止")]
    yield context.finding(f"全文没有“{'”和“'.join(missing)}”部分，正文只写做法和成绩。", [*where, *outline])


def light_problems(context: Context) -> Iterator[Finding]:
    """F02: problems that take next to no room, or name no number, place or thing."""
    spans = _problem_spans(context)
    told, whole = _letters(context, spans), _letters(context, body_spans(context))
    if _is_exempt(context) or not told or whole < context.option("least_letters"):
        return
    share = 100 * told / whole
    concrete = any(context.claims_in(*span) or _NAMED.search(context.shadow, *span) for span in spans)
    small = share < context.option("least_percent")
    if small or not concrete:
        reasons = [f"只占正文{told}/{whole}字（{share:.1f}%）"] if small else []
        reasons += [] if concrete else ["没有写到任何数字、地点或具体对象"]
        evidence = [context.shadow_span(*_trimmed(context, span)) for span in spans]
        yield context.finding(f"问题部分{'，'.join(reasons)}。", evidence, formula=f"{told}÷{whole}={share:.1f}%")


def heading_mismatch(context: Context) -> Iterator[Finding]:
    """F03: a heading about one topic over a part about another."""
    if _is_named(context, "exempt"):
        return
    for heading in _leaves(context):
        start, title_end, end = (
            context.text.clean_offset(at) for at in (heading.start, heading.title_end, heading.end)
        )
        more = context.option("more")
        titled = _families(context.shadow[start:title_end], more)
        body = _families(context.shadow[title_end:end], more)
        telling = (words - set(context.option("generic")) for family, words in titled.items() if family not in UNTITLED)
        if not body or not any(telling):
            continue
        top = max(body, key=lambda family: (len(body[family]), family))
        most, same = len(body[top]), max(len(body.get(family, ())) for family in titled)
        if most >= context.option("least_words") and context.option("margin") * same < most:
            names = context.option("names")
            words = "、".join(sorted(body[top])[:6])
            told = "、".join(names.get(family, family) for family in sorted(titled))
            message = f"标题讲{told}，正文却主要讲{names.get(top, top)}（{words}）。"
            where = [context.shadow_span(start, title_end, note="标题")]
            yield context.finding(message, [*where, context.shadow_span(*_trimmed(context, (title_end, end)))])


def problems_without_measures(context: Context) -> Iterator[Finding]:
    """F07: a problem that no measure of the plan is about."""
    segments = context.report.segments
    plans = [_shadow(context, s.start, s.end) for s in segments if s.role in ("plan", "rectification")]
    planned = "\n".join(context.shadow[slice(*span)] for span in plans)
    general = re.search(context.option("general"), planned)
    if _is_named(context, "exempt") or general or _letters(context, plans) < context.option("least_letters"):
        return
    answered = _matters(planned, context.option("topics"))
    for span in _problem_spans(context):
        for item in ITEM.finditer(context.shadow, *span):
            asked = _asked(item.group(), context.option("topics"))
            own = asked - set(context.option("with_any")) or asked  # who knows how to sort is a matter of sorting
            if own and not own & answered and len(_LETTER.findall(item.group())) >= context.option("least_item"):
                here = context.shadow_span(*_trimmed(context, item.span()), note="问题")
                beside = context.shadow_span(*_trimmed(context, plans[0]), role="context", note="打算")
                told = "、".join(sorted(own))
                message = f"提出了问题“{_short(here.surface)}”，后文的打算中没有关于{told}的措施。"
                yield context.finding(message, [here, beside])


def _asked(item: str, table: Mapping[str, Sequence[str]]) -> set[str]:
    """What a problem is about: what its first clause is about that is about anything. What leads up to a colon
    only announces."""
    clauses = re.split("[，,]", re.split("[：:]", item)[-1])
    return next((found for clause in clauses if (found := _matters(clause, table))), set())


def _matters(shadow: str, table: Mapping[str, Sequence[str]]) -> set[str]:
    """What a text is about."""
    return {matter for matter, words in table.items() if any(word in shadow for word in words)}


def overlong(context: Context) -> Iterator[Finding]:
    """F13: longer than the rule for documents of its kind allows."""
    if _is_named(context, "exempt"):
        return
    limit = context.option("special_limit" if _is_named(context, "special") else "limit")
    count = _letters(context, body_spans(context))
    if count > limit:
        message = f"正文{count}字，超过{limit}字。"
        yield context.finding(message, [_title(context)], formula=f"{count}－{limit}={count - limit}")


def body_spans(context: Context) -> list[Span]:
    """The spans of the shadow that are neither title nor furniture."""
    return [_shadow(context, s.start, s.end) for s in context.report.segments if s.role not in OUTSIDE]


def _family(group: str) -> str:
    return group.split(".")[0]


def _families(shadow: str, more: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """The cue words of each family that a text has, and of further ones."""
    automaton, groups, words = _cues()
    found: dict[str, set[str]] = {name: {word for word in listed if word in shadow} for name, listed in more.items()}
    for at, _, _ in automaton.find_matches_as_indexes(shadow, overlapping=True):
        found.setdefault(_family(groups[at]), set()).add(words[at])
    return {family: cues for family, cues in found.items() if cues}


@cache
def _cues() -> tuple[AhoCorasick, list[str], list[str]]:
    pairs = [
        (row["group"], word)
        for row in rows("sections")
        if _family(row["group"]) not in FRAMES
        for word in row["words"].split()
    ]
    return AhoCorasick([word for _, word in pairs]), [group for group, _ in pairs], [word for _, word in pairs]


def _is_cut(context: Context, end: int) -> bool:
    """Whether the text breaks off within a sentence: a preview. A signature or a date is shorter than a sentence."""
    last = context.shadow[: context.text.clean_offset(end)].rstrip().rpartition("\n")[2]
    preview = any(edit.reason == "furniture.paywall" for edit in context.report.edits)
    return bool(last) and last[-1] not in SENTENCE_END and (preview or len(last) > SIGNATURE)


def _is_named(context: Context, option: str) -> bool:
    """Whether the title has one of the words of an option."""
    return any(word in (context.report.issuer.title or "") for word in context.option(option))


def _is_exempt(context: Context) -> bool:
    return bool(context.report.issuer.title) and (not _is_named(context, "kinds") or _is_named(context, "exempt"))


def _told(context: Context, label: str, cues: list[str]) -> bool:
    """Whether a part of the report, or a sentence in its later half, tells of it."""
    if any(s.label == label for s in context.report.segments):
        return True
    later = len(context.shadow) // 3
    return any(re.search(cue, context.shadow[later:]) for cue in cues)


def _problem_spans(context: Context) -> list[Span]:
    """Where problems are told: parts that are about them, else what stands under a line that says so."""
    told = [_shadow(context, s.start, s.end) for s in context.report.segments if s.role == "problem"]
    if told:
        return told
    lines = [match.span() for match in re.finditer(r"[^\n]+", context.shadow)]
    roles = [title_role(context.shadow[slice(*span)].strip()) if span[1] - span[0] <= 20 else None for span in lines]
    under = False
    for span, role in zip(lines, roles, strict=True):
        if under and role is None:
            told.append(span)
        under = role == "problem" or (under and role is None)
    return told


def _leaves(context: Context) -> Iterator[Heading]:
    headings = [h for h in context.report.headings if h.level > 0 and h.series not in IN_TEXT]
    for at, heading in enumerate(headings):
        if at + 1 == len(headings) or headings[at + 1].start >= heading.end:
            yield heading


def _title(context: Context) -> Evidence:
    found = next((s for s in context.report.segments if s.role == "title"), None)
    body = next((s for s in context.report.segments if s.role not in OUTSIDE), None)
    start, end = (found.start, found.end) if found else (body.start, body.start + 20) if body else (0, 20)
    return context.shadow_span(
        *_trimmed(context, _shadow(context, start, min(end, len(context.text.raw)))), note="题名"
    )


def _shadow(context: Context, start: int, end: int) -> Span:
    return context.text.clean_offset(start), context.text.clean_offset(end)


def _letters(context: Context, spans: list[Span]) -> int:
    return sum(len(_LETTER.findall(context.shadow, *span)) for span in spans)


def _trimmed(context: Context, span: Span) -> Span:
    text = context.shadow[slice(*span)]
    return span[0] + len(text) - len(text.lstrip()), max(span[0] + 1, span[1] - len(text) + len(text.rstrip()))


def _short(text: str, most: int = 40) -> str:
    flat = "".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


CHECKS: dict[str, Check] = {
    "F01": missing_sections,
    "F02": light_problems,
    "F03": heading_mismatch,
    "F07": problems_without_measures,
    "F13": overlong,
}
