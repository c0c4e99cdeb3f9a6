"""T08–T10: what conversion programs and host sites left in the text. Cleaning set it apart; here it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from unicodedata import normalize

from pipeline.audit.base import Check, Context
from pipeline.records import Edit, Evidence, Finding

OWN = ("furniture.front_matter", "furniture.comment", "furniture.footer", "furniture.header", "furniture.imprint",
       "furniture.page_number")  # fmt: skip
_FINAL = (
    "(?:iang|iong|uang|ueng|ang|eng|ing|ong|ian|iao|uai|uan|üan|ai|ei|ao|ou|an|en|in|un|ün|ia|ie|iu|ua|uo|ui|ue|üe|er"
    "|a|o|e|i|u|ü|v)"
)
_SYLLABLE = (
    f"(?:(?:zh|ch|sh|[bpmdtnlgkhjqxzcsry]){_FINAL}|[fw](?:ang|eng|ai|ei|an|en|ou|a|o|u)|er|ai|ao|an|ang|ou|en|a|e)"
)
_PINYIN = re.compile(r"(?P<han>[一-鿿]{1,4})[（(](?:读[:：])?(?P<letters>[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{2,24})[)）]")


def conversion_artefacts(context: Context) -> Iterator[Finding]:
    """T08: words that a script converter or an injected reading damaged, gathered into one lead."""
    text = context.report.document.text
    words: dict[str, str] = context.option("words")
    listed_words = "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))
    pattern = re.compile(
        f"{listed_words}|人[蔘](?=[加與与会會选選观觀赛賽军軍考政战戰訓训評评建演閱阅](?!工))|{_PINYIN.pattern}"
    )
    found: list[Evidence] = []
    told: dict[str, str] = {}
    for match in pattern.finditer(text):
        if match.group("letters") and not _is_pinyin(match.group("han"), match.group("letters")):
            continue
        meant = words.get(match.group(), match.group("han") or "人参")
        told.setdefault(match.group(), meant)
        found.append(context.source_span(*match.span(), note=f"应作“{meant}”"))
    if found:
        listed = "、".join(f"“{word}”应作“{meant}”" for word, meant in list(told.items())[:5])
        yield context.finding(f"{len(found)}处用字像是繁简转换或注音程序留下的：{listed}。", found)


def _is_pinyin(han: str, letters: str) -> bool:
    """Whether Latin letters read one or more of the characters before them: 清扫（qīngsǎo）, not 网络（wifi）."""
    plain = "".join(c for c in normalize("NFD", letters) if c.isascii())
    toned = plain != letters
    return any(re.fullmatch(f"{_SYLLABLE}{{{n}}}", plain) for n in range(1 if toned else 2, len(han) + 1)) or (
        len(plain) <= 6 and toned
    )


def site_wrapper(context: Context) -> Iterator[Finding]:
    """T09: what cleaning set apart as furniture of a site, where it speaks of downloads, members or contacts."""
    text = context.report.document.text
    telling = [e for e in context.report.edits if e.reason.startswith("furniture.") and e.reason not in OWN]
    lines = re.compile("|".join(f"(?:{pattern})" for pattern in context.option("lines")))
    for match in re.finditer(r"[^\n]{2,60}", text):
        inside = any(e.start <= match.start() < e.end for e in telling)
        if not inside and lines.search(match.group()):
            telling.append(Edit(*match.span(), "", "furniture.line"))
    telling.sort(key=lambda edit: edit.start)
    if not telling:
        return
    shown = "、".join(f"“{_brief(text, edit)}”" for edit in telling[:3])
    characters = sum(e.end - e.start for e in telling)
    yield context.finding(
        f"正文外有{len(telling)}段网站或广告文字（共{characters}字）：{shown}；已与正文分开，原文保留。",
        [context.source_span(*_trimmed(text, edit), note="网站或广告文字") for edit in telling],
    )


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


CHECKS: dict[str, Check] = {"T08": conversion_artefacts, "T09": site_wrapper, "T10": page_markers}
