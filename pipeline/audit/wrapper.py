"""T09, T10: what host sites left in the text. Cleaning set it apart; here it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pipeline.audit.base import Check, Context
from pipeline.records import Edit, Finding

OWN = ("furniture.front_matter", "furniture.comment", "furniture.footer", "furniture.header", "furniture.imprint",
       "furniture.page_number")  # fmt: skip
LONGEST = 90  # characters of a line of a site
BROKEN = 25  # characters of a line that may have been broken by a converter
ALONE = ("nav", "social", "download")  # kinds of words that make a line of a site without another kind
ENDS = "。！？…!?：:》）)；;】]"
_NUMBERED = re.compile(
    r"\s*(?:[（(]?[一二三四五六七八九十]+[）)、.]|[（(]?\d{1,2}[）)、.](?!\d)|第?[一二三四五六七八九十][是，、])"
)


def site_wrapper(context: Context) -> Iterator[Finding]:
    """T09: what cleaning set apart as furniture of a site, where it speaks of downloads, members or contacts."""
    text = context.report.document.text
    telling = [e for e in context.report.edits if e.reason.startswith("furniture.") and e.reason not in OWN]
    lines = re.compile("|".join(f"(?:{pattern})" for pattern in context.option("lines")))
    before = ""
    for match in re.finditer(r"(?m)^[^\S\n]*([^\n]+)$", text):
        line, fits = match.group(), 2 <= len(match.group()) <= LONGEST
        inside = any(e.start <= match.start() < e.end for e in telling)
        of_site = fits and not inside and not _goes_on(before)
        if of_site and (_has_mark(context, line, lines) or _is_of_site(context, line)):
            telling.append(Edit(*match.span(), "", "furniture.line"))
            inside = True
        before = "" if inside else line
    telling.sort(key=lambda edit: edit.start)
    if not telling:
        return
    shown = "、".join(f"“{_brief(text, edit)}”" for edit in telling[:3])
    characters = sum(e.end - e.start for e in telling)
    yield context.finding(
        f"正文外有{len(telling)}段网站或广告文字（共{characters}字）：{shown}；已与正文分开，原文保留。",
        [context.source_span(*_trimmed(text, edit), note="网站或广告文字") for edit in telling],
    )


def _has_mark(context: Context, line: str, lines: re.Pattern[str]) -> bool:
    """Whether a line has what only sites print; within sentences only where another word of sites stands beside it."""
    if "。" not in line.rstrip("。 "):
        return bool(lines.search(line))
    return any(lines.search(said) and sum(_signs(context, said).values()) > 1 for said in line.split("。"))


def _signs(context: Context, line: str) -> dict[str, int]:
    """How many words of sites a line has, of each kind of which it has any."""
    signs: dict[str, list[str]] = context.option("signs")
    counts = {kind: sum(bool(re.search(p, line)) for p in patterns) for kind, patterns in signs.items()}
    return {kind: count for kind, count in counts.items() if count}


def _goes_on(before: str) -> bool:
    """Whether a line is broken within a sentence, so that the next one goes on with it."""
    return len(before) >= BROKEN and before.rstrip()[-1:] not in ENDS


def _is_of_site(context: Context, line: str) -> bool:
    """Whether a line is made of the words of sites: two in one that is no sentence, or of several kinds, or prices."""
    told = _signs(context, line)
    total = sum(told.values())
    if "。" in line:
        return len(told) >= 3 and total >= 4 and not _NUMBERED.match(line)
    if total >= 2 and len(re.findall("[；，,]", line)) <= 1 and not re.search("。|" + _NUMBERED.pattern, line):
        return True
    if told.get("shop", 0) >= 2 or len(told) >= 3 or (len(told) == 2 and total >= 3):
        return True
    return not re.search("[，。；]", line) and max(told.get(kind, 0) for kind in ALONE) >= 3


def page_markers(context: Context) -> Iterator[Finding]:
    """T10: the numbers that a host's preview puts between chunks of equal length."""
    text = context.report.document.text
    markers = [e for e in context.report.edits if e.reason == "page_marker"]
    if not markers:
        return
    gaps = [after.start - before.start for before, after in pairwise(markers)]
    told = f"，间距{min(gaps)}至{max(gaps)}字" if gaps else ""
    yield context.finding(
        f"{len(markers)}处“N、”是网站分块预览的页块标记{told}，混在句子中间，不是编号也不是数字。",
        [context.source_span(*_trimmed(text, edit), note="页块标记") for edit in markers],
        formula=f"间距：{'、'.join(map(str, gaps))}" if gaps else None,
    )


def _trimmed(text: str, edit: Edit) -> tuple[int, int]:
    surface = text[edit.start : edit.end]
    left = len(surface) - len(surface.lstrip())
    return edit.start + left, edit.end - (len(surface) - len(surface.rstrip()))


def _brief(text: str, edit: Edit) -> str:
    words = " ".join(text[edit.start : edit.end].split())
    return words if len(words) <= 24 else f"{words[:24]}…"


CHECKS: dict[str, Check] = {"T09": site_wrapper, "T10": page_markers}
