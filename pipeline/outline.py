"""Text → heading tree, by sequence validation over characters, not by line starts.

    marks that may open a part ──► those whose ordinals follow one another in their place ──► headings with spans

A report that lies in one line is read like any other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from pipeline.enumerators import LOST, SENTENCE_END, Mark, OpenList, Sequence, Series, scan
from pipeline.records import Document, Heading, Issue, Text

TITLE_WORDS = r"报告|总结|汇报|材料|要点|通报|小结|简报|述职|体会|(?<=\w{10})(?:方案|计划|情况|回顾|做法|思路|说明)"
BELOW_TITLE = re.compile(
    r"(?:[—-]{1,2}|.{0,12}\d{4}年\d{1,2}月\d{1,2}日).*(?:会议|大会|全会).{0,4}上$|[（(].{2,40}[)）]$|.{0,12}\d{4}年\d{1,2}月(?:\d{1,2}日)?$"
    r"|.{0,20}(?:[省市县区州盟镇乡]长|主席|书记|主任|代理.长)[\s\u3000]*[^\W\d_]{2,4}(?:\s?[·\s]\s?[^\W\d_]{1,6})*$"
    r"|.{2,24}(?:人民政府|委员会|办公室|街道办事处|党委|指挥部|领导小组)$"
)
NO_HEADING = re.compile(
    r"我们|过去|今年|去年|截至|目前|当前，|同时|此外|但|各位|总之|为此|以上|上述|下面|现将|谢谢|附件|特此|这|那|在|\d"
    r"|“[^”]*(?:。|”。)"
)
TOPIC = Series("topic", "topic", 6.5, "L")
TOPIC_SENTENCE = re.compile(r"[^。；：:!！?？\d]{4,26}。(?=.{30})")
LEADS_ON = re.compile(r"[：:]$|(?:以下|下列|如下).{0,12}(?:工作|方面|任务)。$")
YEAR_HEADING = re.compile(
    r"(?:过去|新的|今后|未来)[一五]年$|\d{4}年.{0,8}(?:工作|任务|安排|打算|回顾|计划|目标|思路|要求|重点|亮点|成效).{0,4}$"
)
KNOWN_TITLE = re.compile(  # where a lost line break leaves no other sign of the end
    r"(?:当前|目前|工作)?存在的?(?:主要|突出)?(?:困难|不足|薄弱环节)?[和与及、]?(?:问题|不足|困难)(?:[和与及、]建议)?(?:及原因)?"
    r"|(?:今后|下一?(?:步|阶段)|明年|下半年)的?(?:工作)?(?:打算|计划|安排|思路|重点|努力方向|措施|任务)+"
    r"|(?:目前|主要)?工作(?:开展|进展|完成)?情况|基本(?:情况|概况)|主要(?:做法|成效|措施)|取得的(?:成绩|成效)"
)
RUN_IN_TITLE = re.compile(
    r"\s*[^。，,；：:\n]{4,70}?(?:报告|总结|汇报|材料|小结|通报)+(?:[(（][^()（）\n]{1,12}[)）])?(?![的中如，,会书期])"
)


def outline(text: Text, document: Document) -> tuple[tuple[Heading, ...], tuple[Issue, ...]]:
    """The headings of a text in order, with the span that each governs, and what is odd about their sequence.

    Spans count in `text.clean`. Level 0 is the title of the document, 1 the highest heading.
    """
    apart = _ranges(text, document, ("cell", "note", "caption", "textbox"))
    marks = [mark for mark in scan(text.shadow) if not _within(mark.start, apart)]
    title = _title(text, {mark.start for mark in marks if mark.context == "L" and mark.ordinal})
    marks = sorted([*marks, *_unnumbered(text, document, marks, apart)], key=lambda mark: (mark.start, -mark.end))
    titles = [range(heading.start, heading.title_end) for heading in title]
    headings, issues = _tree(text, [mark for mark in marks if not _within(mark.start, titles)])
    return tuple(sorted([*title, *headings], key=lambda heading: heading.start)), tuple(issues)


def _tree(text: Text, marks: list[Mark]) -> tuple[list[Heading], list[Issue]]:
    clean, sequence = text.clean, Sequence(marks)
    found: list[tuple[Mark, int]] = []  # with levels
    ends: dict[int, int] = {}
    issues: list[Issue] = []
    for mark in marks:
        if found and mark.start < found[-1][0].end:
            continue
        if mark.context == "N" and found and _after_title(clean, found[-1][0], mark):
            mark = mark._replace(context="T")
        if mark.context not in mark.series.contexts:
            continue
        accepted, oddity = sequence.judge(mark)
        if oddity and mark.context == "L" and mark.series.name != LOST:
            surface = clean[mark.start : mark.start + 20].split("\n")[0]
            message = f"{surface}: {oddity}" + ("" if accepted else ", read as text")
            issues.append(Issue("outline", "broken_sequence", message, mark.start, mark.end))
        if not accepted:
            continue
        _close(sequence, mark, ends)
        parent = sequence.open[-1].level if sequence.open else 0
        level = max(1, int(mark.series.order + 0.5), parent + 1)
        sequence.open.append(OpenList(mark.series, mark.ordinal, len(found), level, mark.context != "L"))
        found.append((mark, level))
    limits = [*(mark.start for mark, _ in found[1:]), len(text.clean)][: len(found)]
    return [
        _heading(clean, mark, level, limit, ends.get(at, len(clean)))
        for at, ((mark, level), limit) in enumerate(zip(found, limits, strict=True))
    ], issues


def _close(sequence: Sequence, mark: Mark, ends: dict[int, int]) -> None:
    """End what the mark ends: its own list's latest item and all below it, or else the parts that rank no higher."""
    item = sequence.current(mark) if mark.series.family not in ("style", "topic") else None
    nested = item is not None and mark.ordinal == 1 and sequence.resumes(item, mark)
    while sequence.open:
        last = sequence.open[-1]
        ranks_lower = last.series.order >= mark.series.order or (last.run_in and mark.context == "L")
        if item is None and (not ranks_lower or sequence.goes_on(last, mark.start)):
            return
        if nested and last is item:
            return
        ends[sequence.close().heading] = mark.start
        if last is item:
            return


def _after_title(clean: str, heading: Mark, mark: Mark) -> bool:
    """Whether only a heading's title stands between, as where line breaks are lost: 一、工作开展情况（一）提高站位."""
    between = clean[heading.end : mark.start]
    return 2 <= len(between) <= 40 and not re.search(f"[\n{SENTENCE_END}：:]", between) and "T" in mark.series.contexts


def _heading(clean: str, mark: Mark, level: int, limit: int, end: int) -> Heading:
    line_end = clean.find("\n", mark.end)
    line_end = len(clean) if line_end < 0 else line_end
    begin = mark.end + len(clean[mark.end :][:3]) - len(clean[mark.end :][:3].lstrip())
    stop = _title_end(clean, begin, min(limit, line_end), mark)
    if mark.context not in "L" and mark.series.order >= 3:
        end = max(stop, min(end, line_end))
    title = clean[begin:stop].strip(" \t\u3000。：:；，,")
    return Heading(mark.series.name, mark.ordinal, level, title, mark.start, stop, end)


def _title_end(clean: str, begin: int, limit: int, mark: Mark) -> int:
    """Where the title ends: with its line, or in running text at the stop, break or clause that ends it."""
    text = clean[begin:limit]
    sentence = "。" in text.rstrip("。 ") or (len(text) > 30 and text.rstrip().endswith("。"))
    whole_line = clean[limit : limit + 1] in ("", "\n") and not sentence
    if len(text) <= 60 and whole_line and mark.series.family != "run_in":
        gap = re.search(r"(?<=[^\W\d_]{4})[ \t\u3000]+(?=\w)", text)
        return begin + gap.start() if gap and not re.search("[，。]", text[: gap.start()]) else limit
    if known := KNOWN_TITLE.match(text):
        return begin + known.end()
    stop = re.search("[。：:；！？]|[ \t\u3000]+(?=\\w)", text[2:45])
    if stop:
        return begin + 2 + stop.end()
    comma = re.search("[，,]", text[4:45])
    return begin + (4 + comma.start() if comma else len(text) if len(text) <= 40 else 20)


def _unnumbered(text: Text, document: Document, numbered: list[Mark], apart: list[range]) -> Iterator[Mark]:
    """Headings that only their style or their place shows, and the topic sentences that open a paragraph."""
    shadow = text.shadow
    styled = {text.clean_offset(block.start): block.level or 1 for block in document.blocks if block.kind == "heading"}
    styled |= {text.clean_offset(e.end): e.end - e.start - 1 for e in text.edits if e.reason == "heading_mark"}
    marks = [edit for edit in text.edits if edit.reason == "bold"]
    pairs = zip(marks[::2], marks[1::2], strict=False)
    bold = {text.clean_offset(left.end): text.clean_offset(right.start) for left, right in pairs}
    taken = {mark.start for mark in numbered if mark.context == "L"}
    lines = [match.span() for match in re.finditer(r"[^\s].*", shadow) if not _within(match.start(), apart)]
    finished = True  # whether the line before can end a paragraph
    for (start, end), (after, after_end) in pairwise([*lines, (len(shadow), len(shadow))]):
        line = shadow[start:end].rstrip()
        begins, finished = finished, line[-1] in SENTENCE_END + "：:”）)" or len(line) <= 30
        if start in taken:
            continue
        follows = after_end - after > 40 or after in taken
        own_line = len(line) <= 60 and "。" not in line[:-1] and not line.endswith(("：", ":", "！", "!"))
        whole = bold.get(start, 0) >= start + len(line) and not line.endswith("。")
        if (start in styled and begins) or (own_line and whole):
            yield Mark(start, start, Series("style", "style", styled.get(start, 1) - 0.5, "L"), None, "L")
        elif _is_topic(line, start in bold):
            yield Mark(start, start, TOPIC, None, "L")
        elif begins and _stands_alone(line) and follows and shadow[end:after].count("\n") <= 2:
            yield Mark(start, start, Series("style", "style", 0.5, "L"), None, "L")


def _is_topic(line: str, bold: bool) -> bool:
    """Whether a paragraph's first words say what it is about; a line that only leads on to a list does not."""
    leads_on = LEADS_ON.search(line)
    return bool((bold or TOPIC_SENTENCE.match(line)) and not leads_on and not NO_HEADING.match(line))


def _stands_alone(line: str) -> bool:
    """Whether a line looks like a heading: short, no stop, no number but a year's, nothing that opens a sentence."""
    if len(line) > 30 or re.search("[。；！？：:;!?…|]", line) or len(re.findall(r"[，,]", line)) > 1:
        return False
    words = re.fullmatch(r"“?[^\W\d_]+(?:[、，,“”]?[^\W_])*”?", line)  # a plus in the bracket takes time without end
    return bool(YEAR_HEADING.match(line) or (words and not NO_HEADING.match(line)))


def _title(text: Text, numbered: set[int]) -> list[Heading]:
    """The title with the lines that belong to it, and the places where it is repeated."""
    clean, shadow = text.clean, text.shadow
    lines = [match.span() for match in re.finditer(r"[^\s].*", shadow)]
    head: list[tuple[int, int]] = []
    for start, end in lines[:7]:
        line = shadow[start:end].strip("-•* \u3000")
        titled = len(line) <= 60 and re.search(rf"(?:{TITLE_WORDS})(?:[(（].{{1,40}}[)）])?[》”]?$", line)
        first = not head and len(line) <= 40 and not re.search("[。，；：！？,;:]|^[（(一1]", line)
        stops = start in numbered or re.search("[。；！？：:]", line.rstrip("）)"))
        if stops or not (titled or first or BELOW_TITLE.fullmatch(line)):
            break
        head.append((start, end))
    words = [shadow[start:end].rstrip() for start, end in head]
    if not any(re.search(TITLE_WORDS, line) for line in words):
        head = []
        if run_in := RUN_IN_TITLE.match(shadow):
            head = [run_in.span()]
    if not head:
        return []
    start, end = next(span for span in head if re.search(TITLE_WORDS, shadow[slice(*span)]))
    name = clean[start:end].strip()
    repeated = [span for span in lines[len(head) :] if clean[slice(*span)].strip() == name]
    whole = Heading("title", None, 0, name, head[0][0], head[-1][1], len(clean))
    return [whole, *(Heading("title", None, 0, name, *span, span[1]) for span in repeated)]


def _ranges(text: Text, document: Document, kinds: tuple[str, ...]) -> list[range]:
    blocks = [block for block in document.blocks if block.kind in kinds]
    return [range(text.clean_offset(block.start), text.clean_offset(block.end)) for block in blocks]


def _within(offset: int, ranges: list[range]) -> bool:
    at = bisect_right(ranges, offset, key=lambda span: span.start) - 1
    return at >= 0 and offset in ranges[at]
