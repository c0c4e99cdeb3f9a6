"""N08, N09, F11: lists with another number of items than they say, missing ordinals, headings that do not nest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline import enumerators
from pipeline.audit.base import Check, Context
from pipeline.enumerators import LOST, Mark
from pipeline.numerals import chinese
from pipeline.records import Evidence, Finding, Heading

_N = r"(?P<n>[二两三四五六七八九十]{1,3}|\d{1,2})"
_SAID = re.compile(
    rf"(?<![第十百\d.])[“「]?{_N}(?P<noun>(?:个|项|大|条|种|类|方面|点)?[一-鿿]{{0,5}}?)[”」]?(?:原则|要求|机制|制度|"
    r"举措|措施|标准|工程|目标)?"
    r"[，,]?(?P<cue>即|[（(]|—{1,2}|也就是|就是|分别是|分别为|指的是|是指|主要是|包括|"
    r"[：:])[：:]?[“「]?(?P<list>[^。\n”」：:（(）)]{3,200})"
)
_RUN_IN_SAID = re.compile(
    rf"(?<![第十百\d.]){_N}(?P<noun>(?:个方面|方面|项措施|项举措|项工作|项制度|项机制|条措施|个环节|点做法|个坚持|"
    r"项任务|大举措|大行动|"
    r"个问题|项原则|个重点|项重点|种方式|个到位|个强化|个结合|项内容|类问题|"
    r"步))[^。\n]{0,16}?[：:。，,]\s*(?=(?:一是|一要|1[.、]|（一）|第一))"
)
_OPEN = re.compile(r"等(?![级于待候离])|以及其他|之类|在内|部分|例如|如：|比如|主要|包括但")
_PAIRED = re.compile(r"[和与同](?=[^、，,；;]{1,10}(?:结合|并重|统一|融合|衔接|互动|对接|挂钩|并举))")
_TWIN = re.compile(r"[二两三四五六七八九十][一-鿿]{1,4}[、”“]{0,2}$")
_JOINED = re.compile(r"[和及与]|以及|并")
_NO_LIST = re.compile(r"级|年|月|日|期|届|届次|次|岁|时|小时|天|分|米|元|人|户|村|镇|组|部门|单位|线|楼|区|县|市")
_EACH = re.compile("一(手|方面|头|边)[^，,；;、]+")  # 一手抓清运，一手抓宣传: items told by the word that they repeat
_BODIES = re.compile("部门|单位|站所|科室")  # of them a bracket lists all: 六部门（住建、城管……）
_IN_LINE = re.compile(
    r"(?<![^\s。；;：:，,！!])(?:(?P<circled>[①-⑳⑴-⒇])|(?P<open>[（(]?)(?P<digits>[1-9]\d?)[）)]|第(?P<counted>[一二三四五六七八九十]{1,3})"
    r"(?P<step>[步点条招轮环]?)[，,：:]|(?P<run>[一二三四五六七八九十]{1,3})(?P<verb>[抓看查管治建促强改提保推创讲防拆清问比评学增补稳优扩立]))"
)
_BARE = re.compile(
    r"(?m)^[ \t　]*([一二三四五六七八九十]{1,3})[ 　]?(?=[一-鿿“])"
    r"(?![是要、年月日个些批名户次种条系直定切般旦律并样致起体度时级步道项季产把])[^。；\n]{2,24}"
)
_HEADINGS = ("one", "bracketed", "arabic", "small", "circled")
NAMES = {"one": "一、", "bracketed": "（一）", "arabic": "1.", "small": "（1）", "circled": "①"}


@dataclass(slots=True)
class _Open:
    family: str
    order: float
    mark: Mark
    count: int = 1


def item_counts(context: Context) -> Iterator[Finding]:
    """N08: “八有”，即…… and 三个方面：一是…… with another number of items."""
    taken: list[tuple[int, int]] = []
    marks = [m for m in _marks(context) if m.context != "N"]
    for match in _RUN_IN_SAID.finditer(context.shadow):
        said = _value(match.group("n"))
        items = _run_in(context, marks, match.end())
        if items and len(items) != said and said > 1:
            taken.append(match.span())
            yield _miscounted(context, match.span("n"), match.group(), said, items)
    for match in _SAID.finditer(context.shadow):
        said, text = _value(match.group("n")), match.group("list")
        noun = match.group("noun")
        if said < 2 or _OPEN.search(match.group()) or any(a <= match.start() < b for a, b in taken):
            continue
        each = [m for m in _EACH.finditer(text) if m.group(1) == noun[:1]]
        bodies = match.group("cue") in ("（", "(") and _BODIES.match(noun)
        if match.group("cue") in ("：", ":", "包括", "主要是", "（", "(", "—", "——") and not (
            noun[:1] in ("个", "项", "大", "条", "种", "类") or each or bodies or _quoted(match)
        ):
            continue
        if _TWIN.search(context.shadow[max(0, match.start() - 8) : match.start("n")]):
            continue  # “五化、五无”：……
        if not noun or (_NO_LIST.match(noun) and not bodies) or re.search(r"\d", text[:2]):
            continue
        if re.match(r"[一1①（(]", text) and not each:
            continue
        spans = _repeated(match.start("list"), each, said) if each else _split(match.start("list"), text, said)
        if len(spans) < 2 or (len(spans) < said / 2 and "、" not in text):
            continue
        yield _miscounted(context, match.span("n"), re.split("[：:，,]", match.group())[0], said, spans)


def _value(written: str) -> int:
    return int(written) if written.isdigit() else int(chinese(written.replace("两", "二")))


def _quoted(match: re.Match[str]) -> bool:
    return "“" in match.group()[:2] or "「" in match.group()[:2]


def _split(start: int, text: str, said: int) -> list[tuple[int, int]]:
    """The items of a list; none where some way to cut it gives as many as were said (和 may join two items or not)."""
    best: list[tuple[int, int]] = []
    text = _PAIRED.sub(lambda match: "·" * len(match.group()), text)
    for separator in "、，,；;":
        pieces = text.split(separator)
        joined = sum(len(_JOINED.findall(piece)) for piece in pieces)
        if len(pieces) > 1 and len(pieces) <= said <= len(pieces) + joined:
            return []
        if len(pieces) > len(best) and not (best and separator in "；;"):
            at, best = start, []
            for piece in pieces:
                best.append((at, at + len(piece)))
                at += len(piece) + 1
            if separator == "、":
                break
    return best


def _repeated(start: int, each: list[re.Match[str]], said: int) -> list[tuple[int, int]]:
    """The items that begin with one word; none where there are as many as were said."""
    return [] if len(each) == said else [(start + m.start(), start + m.end()) for m in each]


def _run_in(context: Context, marks: list[Mark], at: int) -> list[tuple[int, int]]:
    """The items 一是, 二是 … (or 1. 2. …) that begin at an offset, until their list ends; none where unsure."""
    shadow = context.shadow
    first = next((i for i, mark in enumerate(marks) if mark.start >= at), None)
    if first is None or marks[first].start - at > 6 or marks[first].ordinal != 1:
        return []
    family, expected = marks[first].series.family, 1
    items: list[tuple[int, int]] = []
    for mark in marks[first:]:
        if family == "run_in" and "\n" in shadow[at : mark.start] and not re.search(r"\n\s*$", shadow[at : mark.start]):
            break
        if mark.series.order < marks[first].series.order and mark.context == "L":
            break
        if mark.series.family != family:
            continue
        if mark.ordinal == 1 and items:
            break
        if mark.ordinal is not None and mark.ordinal >= expected:
            items.append((mark.start, mark.end))
            expected = mark.ordinal + 1
    return items if len(items) > 1 else []


def _miscounted(
    context: Context, here: tuple[int, int], words: str, said: int, items: list[tuple[int, int]]
) -> Finding:
    spans = [context.shadow_span(*span, note=f"第{n}项") for n, span in enumerate(items, 1) if span[1] > span[0]]
    return context.finding(
        f"“{words.strip('：:，,。 “”' + chr(10))}”说是{said}项，实际列出{len(items)}项。",
        [context.shadow_span(*here, role="total", note="所说项数"), *spans],
        formula=f"{len(items)}≠{said}",
    )


def ordinals(context: Context) -> Iterator[Finding]:
    """N09: a missing or repeated ordinal among 一是…, among headings, and （1） followed by （二）."""
    yield from _gaps(context, [m for m in _marks(context) if m.series.family == "run_in"])
    yield from _gaps(context, [m for m in _marks(context) if m.series.family in _HEADINGS and m.context == "L"])
    yield from _gaps_in_lines(context)
    yield from _same_titles(context)


def _gaps_in_lines(context: Context) -> Iterator[Finding]:
    """Gaps and repetitions in lists of three or more items that run on in one line: ①…；②…；④…, 第一步…第三步…."""
    for line in re.finditer("[^\n]+", context.shadow):
        lists: dict[str, list[tuple[int, re.Match[str]]]] = {}
        for match in _IN_LINE.finditer(context.shadow, line.start(), line.end()):
            digits = match["circled"] or match["digits"] or match["counted"] or match["run"]
            shape = "①" if match["circled"] else f"{match['open']}{match['step']}{match['verb']}{bool(match['digits'])}"
            lists.setdefault(shape, []).append((enumerators.ordinal(digits) or 0, match))
        for items in lists.values():
            if len(items) > 2 and all(a <= b <= a + 3 for (a, _), (b, _) in pairwise(items)):
                yield from (_skipped(context, *two) for two in pairwise(items) if two[1][0] != two[0][0] + 1)


def _skipped(context: Context, last: tuple[int, re.Match[str]], now: tuple[int, re.Match[str]]) -> Finding:
    """What is missing between two items of a line, or said twice."""
    (before, first), (ordinal, second) = last, now
    here, there = context.shadow_span(*second.span()), context.shadow_span(*first.span(), role="counterpart")
    missing = "、".join(str(n) for n in range(before + 1, ordinal))
    words = [m.group().strip("，,：:") for m in (first, second)]
    told = f"缺第{missing}项" if missing else "序号重复"
    return context.finding(f"“{words[0]}”之后是“{words[1]}”，{told}。", [here, there])


def _marks(context: Context) -> list[Mark]:
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
    if now > before + 1 and now - before <= 5:
        missing = "、".join(_numeral(n, mark) for n in range(before + 1, now))
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
        m for m in _marks(context) if m.series.family in ("one", "bracketed", "arabic", "small") and m.context == "L"
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
        if before and ordinal == last + 1 and not any(m.ordinal == ordinal for m in ones):
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


CHECKS: dict[str, Check] = {"N08": item_counts, "N09": ordinals, "F11": heading_scheme}
