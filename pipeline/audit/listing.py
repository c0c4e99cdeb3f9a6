"""N09, F11: missing ordinals, headings that do not nest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline import enumerators
from pipeline.audit.base import Check, Context
from pipeline.enumerators import LOST, Mark
from pipeline.records import Evidence, Finding, Heading

_NUMERAL = "[一二三四五六七八九十]"
_IN_LINE = re.compile(
    r"(?P<circled>[①-⑳⑴-⒇])|(?<![^\s。；;：:，,！!])(?:"
    r"(?P<open>[（(]?)(?P<digits>[1-9]\d?)[）)]|(?P<letter>[a-hA-H])[.、．)）]"
    r"|(?P<plain>[1-9]\d?)(?P<stop>[.．、])(?=[一-鿿“])"
    rf"|(?P<comma>{_NUMERAL}{{1,3}})(?P<dun>、)(?=[一-鿿“])"
    rf"|第(?P<counted>{_NUMERAL}{{1,3}})(?P<step>(?:[步点条招轮环项关类]?|阶段|方面)(?=[，,：:])|[步招道关](?=[一-鿿])|(?=是))"
    rf"|[（(](?P<han>{_NUMERAL}{{1,3}})(?P<close>[）)])"
    rf"|(?P<turn>首先|其次|再次)(?=[，,：:一-鿿])|(?P<its>[其之])(?P<nth>{_NUMERAL})(?=[，,：:是一-鿿])"
    rf"|(?P<label>[一-鿿]{{2,3}}?)(?:之|其)?(?P<number>{_NUMERAL}{{1,2}})[：:，,]"
    rf"|(?P<run>{_NUMERAL}{{1,3}})(?P<verb>[抓看查管治建促强改提保推创讲防拆清问比评学增补稳优扩立]))"
)
_SHAPES = ("open", "close", "stop", "dun", "step", "its", "label", "verb")  # what items of one list share
_ORDINALS = ("circled", "digits", "han", "plain", "comma", "counted", "run", "nth", "number")
_HEADING_LINE = re.compile(
    r"(?:^|\n)\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d+[.、])[^\n。]*"
)
_TURN = {"首先": 1, "其次": 2, "再次": 3}
_BEGINS = re.compile(r"首先|第一|其一|一方面|一[是要抓查看]|(?<!\d)1[.、．)）]|①|（一）|[（(]1")
_BARE = re.compile(
    r"(?m)^[ \t　]*([一二三四五六七八九十]{1,3})[ 　]?(?=[一-鿿“])"
    r"(?![是要、年月日个些批名户次种条系直定切般旦律并样致起体度时级步道项季产把])[^。；\n]{2,24}"
)
_GLOSS = re.compile(  # a line that explains a word: 四大行动：指……
    r"[^\n。；]{1,16}?(?:】|（P\d|[：:]\s*(?:指|即|是|为))"
)
_HEADINGS = ("one", "bracketed", "arabic", "small", "circled")
NAMES = {"one": "一、", "bracketed": "（一）", "arabic": "1.", "small": "（1）", "circled": "①"}


@dataclass(slots=True)
class _Open:
    family: str
    order: float
    mark: Mark
    count: int = 1


def ordinals(context: Context) -> Iterator[Finding]:
    """N09: a missing or repeated ordinal among 一是…, among headings, and （1） followed by （二）."""
    yield from _gaps(context, [m for m in marks_of(context) if m.series.family == "run_in"])
    yield from _gaps(context, [m for m in marks_of(context) if m.series.family in _HEADINGS and m.context == "L"])
    yield from _gaps_in_lines(context)
    yield from _headless(context)
    yield from _same_titles(context)


def _gaps_in_lines(context: Context) -> Iterator[Finding]:
    """Gaps and repetitions in lists of three or more items that run on in one line: ①…；②…；④…, 第一步…第三步…."""
    for line in re.finditer("[^\n]+", context.shadow):
        lists: dict[str, list[tuple[int, re.Match[str]]]] = {}
        for match in _IN_LINE.finditer(context.shadow, line.start(), line.end()):
            digits = next((match[name] for name in _ORDINALS if match[name]), "")
            ordinal = _TURN.get(match["turn"]) or ("abcdefgh".find((match["letter"] or "z").lower()) + 1)
            ordinal = ordinal or enumerators.ordinal(digits) or 0
            shape = "".join(match[name] or "" for name in _SHAPES) + str(bool(match["digits"]))
            shape = "①" if match["circled"] else shape
            for one in (shape, "其False") if match["turn"] else (shape,):  # 首先…第二…, 首先…其二…
                lists.setdefault(one, []).append((ordinal, match))
        for items in lists.values():
            first, match = items[0]
            few = len(items) == 2 and first == 1 and (match["its"] or match["number"] or match["counted"])
            if (len(items) > 2 or few) and all(a <= b <= a + 3 for (a, _), (b, _) in pairwise(items)):
                yield from (_skipped(context, *two) for two in pairwise(items) if two[1][0] != two[0][0] + 1)


def _headless(context: Context) -> Iterator[Finding]:
    """Lists 二是…三是… without their 一是, wherever between them and the last heading something could stand for it."""
    marks = [m for m in marks_of(context) if m.series.family == "run_in"]
    for before, mark, after in zip([None, *marks], marks, marks[1:], strict=False):
        ordinal = mark.ordinal or 0
        goes_on = after.ordinal == ordinal + 1 and "\n" not in context.shadow[mark.start : after.start]
        known = before is not None and (before.ordinal or 0) < ordinal and _near(context, before, mark)
        if known or not (1 < ordinal < 5 and goes_on):
            continue
        heading = max((m.end() for m in _HEADING_LINE.finditer(context.shadow, 0, mark.start)), default=0)
        if not _BEGINS.search(context.shadow, max(heading, mark.start - 1500), mark.start):
            missing = "、".join(_numeral(n, mark) for n in range(1, ordinal))
            yield context.finding(
                f"列举从“{_words(context, mark)}”开始，缺{missing}。",
                [_span(context, mark), _span(context, after, "counterpart")],
            )


def _skipped(context: Context, last: tuple[int, re.Match[str]], now: tuple[int, re.Match[str]]) -> Finding:
    """What is missing between two items of a line, or said twice."""
    (before, first), (ordinal, second) = last, now
    here, there = context.shadow_span(*second.span()), context.shadow_span(*first.span(), role="counterpart")
    missing = "、".join(str(n) for n in range(before + 1, ordinal))
    words = [m.group().strip("，,：:") for m in (first, second)]
    told = f"缺第{missing}项" if missing else "序号重复"
    return context.finding(f"“{words[0]}”之后是“{words[1]}”，{told}。", [here, there])


def marks_of(context: Context) -> list[Mark]:
    document = context.report.document
    cells = [(b.start, b.end) for b in document.blocks if b.kind in ("cell", "note", "caption")]
    marks = [m for m in enumerators.scan(context.shadow) if m.ordinal is not None and m.context in m.series.contexts]
    marks = [m for m in marks if m.series.name != LOST]
    if not cells:
        return marks
    inside = [context.text.source_span(m.start, m.end)[0] for m in marks]
    return [m for m, at in zip(marks, inside, strict=True) if not any(start <= at < end for start, end in cells)]


def _gaps(context: Context, marks: list[Mark]) -> Iterator[Finding]:
    """Walk the marks with the lists that are open: what is neither the next of one nor a first one is odd."""
    open_: list[_Open] = []
    for mark in marks:
        family, ordinal = mark.series.family, mark.ordinal or 0
        if ordinal == 1:
            open_ = [item for item in open_ if family == "run_in" or item.order < mark.series.order]
            open_.append(_Open(family, mark.series.order, mark))
            continue
        at = next((i for i in range(len(open_) - 1, -1, -1) if open_[i].family == family
                   and (open_[i].mark.ordinal or 0) + 1 == ordinal), None)  # fmt: skip
        if at is not None:
            open_[at].mark = mark
            open_[at].count += 1
            del open_[at + 1 :]
            continue
        last = next((item for item in reversed(open_) if item.family == family), None)
        if last is not None and _near(context, last.mark, mark):
            yield from _odd(context, last.mark, mark)
            last.mark = mark
        elif last is None and open_ and (open_[-1].mark.ordinal or 0) + 1 == ordinal and family != "run_in":
            yield context.finding(
                f"“{_words(context, open_[-1].mark)}”后接“{_words(context, mark)}”，序号体例前后不一。",
                [_span(context, mark), _span(context, open_[-1].mark, "counterpart")],
            )
            open_.append(_Open(family, mark.series.order, mark))
        else:
            open_.append(_Open(family, mark.series.order, mark))


def _near(context: Context, last: Mark, mark: Mark) -> bool:
    """Whether two marks can be of one list: for 一是 in one part of the text, with no heading between."""
    if mark.series.family != "run_in":
        return True
    between = context.shadow[last.end : mark.start]
    return len(between) < 1500 and not re.search(
        r"\n\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d+[.、])", between
    )


def _odd(context: Context, last: Mark, mark: Mark) -> Iterator[Finding]:
    before, now = last.ordinal or 0, mark.ordinal or 0
    spans = [_span(context, mark), _span(context, last, "counterpart")]
    between = context.shadow[last.end : mark.start]
    lost = [n for n in range(before + 1, now) if not re.search(rf"(?m)^\W*{n}\s*[.．、]", between)]
    if now > before + 1 and now - before <= 5 and lost:
        missing = "、".join(_numeral(n, mark) for n in lost)
        yield context.finding(
            f"“{_words(context, last)}”之后是“{_words(context, mark)}”，缺{missing}。", spans,
            formula=f"{_numeral(before, mark)}、（缺{missing}）、{_numeral(now, mark)}",
        )  # fmt: skip
    elif now == before:
        yield context.finding(
            f"序号“{_numeral(now, mark)}”重复：“{_words(context, last)}”与“{_words(context, mark)}”。", spans
        )


def _numeral(n: int, mark: Mark) -> str:
    if mark.series.family in ("arabic", "small", "circled"):
        return str(n)
    tens, ones = divmod(n, 10)
    written = "" if tens == 0 else "十" if tens == 1 else "一二三四五六七八九"[tens - 1] + "十"
    return written + ("一二三四五六七八九"[ones - 1] if ones else "")


def _span(context: Context, mark: Mark, role: str = "operand") -> Evidence:
    return context.shadow_span(mark.start, mark.end, role)


def _words(context: Context, mark: Mark) -> str:
    return (
        re.split(r"[。，,；;：:\n]", context.shadow[mark.start : mark.end + 10])[0].strip()
        or context.shadow[mark.start : mark.end]
    )


def _same_titles(context: Context) -> Iterator[Finding]:
    """Two headings of one level with one title under one parent."""
    seen: dict[tuple[int, int, str], Heading] = {}
    parents: list[Heading] = []
    for heading in context.report.headings:
        while parents and parents[-1].level >= heading.level:
            parents.pop()
        key = (parents[-1].start if parents else -1, heading.level, heading.title)
        if heading.level >= 1 and len(heading.title) >= 4 and (first := seen.setdefault(key, heading)) is not heading:
            yield context.finding(
                f"标题“{heading.title}”重复出现。",
                [context.source_span(heading.start, heading.title_end),
                 context.source_span(first.start, first.title_end, "counterpart")],
            )  # fmt: skip
        parents.append(heading)


def heading_scheme(context: Context) -> Iterator[Finding]:
    """F11: brackets lost, series mixed among siblings, numbering that begins again, levels left out."""
    odd: list[tuple[Evidence, str]] = []
    for heading in context.report.headings:
        if heading.series == LOST:
            span = context.source_span(heading.start, heading.title_end, note="括号丢失")
            odd.append(
                (span, f"“{_short(span)}”像是丢失了括号的（{enumerators.NUMERALS[(heading.ordinal or 1) - 1]}）")
            )
    open_: list[_Open] = []
    marks = [
        m for m in marks_of(context) if m.series.family in ("one", "bracketed", "arabic", "small") and m.context == "L"
    ]
    for mark in marks:
        family, ordinal = mark.series.family, mark.ordinal or 0
        same = next((item for item in reversed(open_) if item.family == family), None)
        if (
            ordinal == 1
            and same is not None
            and family in ("one", "bracketed")
            and open_[-1] is same
            and not _fresh(context, same.mark, mark)
        ):
            odd.append((_span(context, mark), f"“{_words(context, mark)}”处编号重新从头开始"))
        elif ordinal > 1 and same is None and open_ and (open_[-1].mark.ordinal or 0) + 1 == ordinal:
            odd.append(
                (_span(context, mark), f"“{_words(context, open_[-1].mark)}”与“{_words(context, mark)}”同级而体例不同")
            )
        elif ordinal == 1 and open_ and mark.series.order - open_[-1].order >= 3:
            odd.append(
                (_span(context, mark), f"“{_words(context, open_[-1].mark)}”之下直接用“{NAMES[family]}”，跳过了两级")
            )
        open_ = [item for item in open_ if item.order < mark.series.order]
        open_.append(_Open(family, mark.series.order, mark))
    odd += _stops_lost(context, marks)
    if odd:
        odd.sort(key=lambda entry: entry[0].start)
        told = "；".join(words for _, words in odd[:3])
        yield context.finding(f"标题层次有{len(odd)}处不合体例：{told}。", [span for span, _ in odd])


def _stops_lost(context: Context, marks: list[Mark]) -> list[tuple[Evidence, str]]:
    """Lines that go on a list of 一、 without its stop: 三强化督查 after 二、."""
    ones = [m for m in marks if m.series.family == "one"]
    found, expected = [], 0
    for match in _BARE.finditer(context.shadow):
        before = [m for m in ones if m.start < match.start()]
        ordinal = enumerators.ordinal(match.group(1)) or 0
        last = max((before[-1].ordinal or 0) if before else 0, expected)
        explains = _GLOSS.match(context.shadow, match.start())
        if before and ordinal == last + 1 and not explains and not any(m.ordinal == ordinal for m in ones):
            expected = ordinal
            span = context.shadow_span(*match.span(), note="顿号丢失")
            found.append((span, f"“{_short(span)}”像是丢失了顿号"))
    return found


def _fresh(context: Context, last: Mark, mark: Mark) -> bool:
    """Whether a new piece begins between two marks: an attachment, another title, a part with its own heading."""
    between = context.shadow[last.end : mark.start]
    if re.search(
        r"附件|附表|附：|第[一二三四五]部分|【|\n[^\n。，]{4,40}(?:方案|总结|报告|计划|清单|办法|措施|要点)\s*\n",
        between,
    ):
        return True
    lines = [line.strip() for line in between.split("\n")[1:-1]]
    return any(2 <= len(line) <= 30 and not re.search("[。；，,]", line) for line in lines)


def _short(evidence: Evidence) -> str:
    return " ".join(evidence.surface.split())[:12]


CHECKS: dict[str, Check] = {"N09": ordinals, "F11": heading_scheme}
