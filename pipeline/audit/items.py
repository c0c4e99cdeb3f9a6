"""N08: lists with another number of items than they say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.audit.base import Check, Context, Span
from pipeline.audit.listing import marks_of
from pipeline.enumerators import Mark
from pipeline.numerals import NumeralError, chinese
from pipeline.records import Finding

_N = r"(?P<n>(?:[二两三四五六七八九]|十一?){1,3}|\d{1,2})"
_SAID = re.compile(
    rf"(?<![第十百\d.])[“「]?{_N}(?P<noun>(?:个|项|大|条|种|类|方面|点)?[一-鿿]{{0,5}}?)(?:[”」][一-鿿]{{0,4}}?)?"
    r"[，,]?(?P<cue>即|[（(]|—{1,2}|也就是|就是|分别是|分别为|指的是|是指|主要是|包括|"
    r"[：:])[：:，,]?(?P<list>(?:[^。\n”」：:（(）)“]|“[^”\n]{1,20}”|（[^）\n]{1,30}）){3,240})"
)
_RUN_IN_SAID = re.compile(
    rf"(?<![第十百\d.]){_N}(?:(?P<noun>(?:个方面|方面|项措施|项举措|项工作|项制度|项机制|条措施|个环节|点做法|个坚持|"
    r"项任务|大举措|大行动|个问题|项原则|个重点|项重点|种方式|个到位|个强化|个结合|项内容|类问题|步))[^。\n]{0,16}?"
    r"|[个项大条类种点道][一-鿿]{1,8}(?=[：:])|[个项大条类种点道][一-鿿]{2,10}(?=[，,](?:一是|一要|其一)))"
    r"[：:。，,]\s*(?=(?:一是|一要|其一|1[.、]|（一）|第一(?![季产次批])))"
)
_HAN = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", *("十",) * 40)
FAR = 4000  # characters after a list in which its next item may stand
MOST_READ = 240  # characters of a list
_OPEN = re.compile(r"(?<![中平优高对相])等(?![级于待候离])|以及其他|之类|在内|部分|例如|如：|比如|主要|包括但")
_PAIRED = re.compile(r"[和与同](?=[^、，,；;]{1,10}(?:结合|并重|统一|融合|衔接|互动|对接|挂钩|并举))")
_TWIN = re.compile(r"[二两三四五六七八九十][一-鿿]{1,4}(?:[、”“]{0,2}|”[，,、和][一-鿿]{0,4}“?)$")
_JOINED = re.compile(r"[和及与]|以及|并")
_NO_LIST = re.compile(r"级|年|月|日|期|届|届次|次|岁|时|小时|天|分|米|元|人|户|村|镇|组|部门|单位|线|楼|区|县|市")
_COUNTERS = "个项大条种类步块本张支道件场轮环关招线手方头边把"  # a list after a bare colon counts its items so
_COUNTED = "[“”]{0,2}[两二三四五六七八九十](?:个|项|大)"
_TURNS = re.compile(r"(?:^|[，,；;、])(首先|其次|再次|然后|随后|接着|继而|最后|末了|先|再|后)(?=[^，,；;、]{2})")
_TITLES = re.compile("《[^《》]+》")
_PLACES = re.compile("[市县区镇乡村旗州街道社场、和及]+")  # 12个县（市、区）
_PROSE = re.compile("为[了在]?|是|指|系|由|在|通过|对|按|根据|以(?=[^、，]{6})")  # what begins an explanation, no list
_COMPOUND = re.compile("[一-鿿]{1,3}([一二两三四五六七八九])[一-鿿]{1,3}$")
_NUMBERED = re.compile("(?:^|[，,、；;])([一二三四五六七八九十])(?=[一-鿿])(?!个|种|项|块|条|名|套|张|支)")
_ONES = re.compile("(?:^|[，,；;、和及与])一[一-鿿]{2,}")
_ALIKE = re.compile(  # “十劝”歌，劝孝、劝勤……; “五级林长”责任链：县级、镇级……
    rf"(?<![第十百\d.])(?<![一二两三四五六七八九十][一-鿿]){_N}(?P<each>(?!一)[一-鿿])(?:个|[一-鿿]{{0,6}}?)[”」]?[一-鿿]{{0,6}}"
    r"(?:[：:，,（(]|—{1,2}|即)(?:即|是指|是|指)?[：:]?(?=(?P<list>[^。；;\n）)”]{4,90}[。；;\n）)”]))"
)
_NTH = re.compile(
    rf"(?<![第十百\d.]){_N}(?P<each>[道步个级关环类层项条轮])[^。；;\n]{{0,16}}?[，,：:](?=[^。，]{{0,4}}第一(?P=each))"
)
_COMPOUND_SAID = re.compile(
    rf"[“「]?(?<![第十百\d.]){_N}(?P<a>[一-鿿])(?P<m>[一二两三四五六七八九])(?P<b>[一-鿿])[”」]?[^。；;\n，,：:、\[【]{{0,6}}"
    r"(?:[：:，,（(]|—{1,2}|即|是)(?:即|是指|是|指)?(?P<list>[^。；;\n]{6,120})"
)
_PAIR = re.compile(
    r"“(?P<a>[双二两三四五六七八九])(?P<x>[一-鿿]{1,2})(?P<b>[双二两三四五六七八九])(?P<y>[一-鿿]{1,2})”"
    r"[，,]?(?:即|：|:|——|就是)[：:]?(?P<list>[^。\n“”：:（(\d]{6,80})"
)
_ENDS_IN_COUNT = re.compile(
    r"(?P<list>(?:[一-鿿]{2,12}、){2,11}[一-鿿]{2,10}?)"
    r"(?P<said>[“「]?(?P<n>[两二三四五六七八九十]{1,2})(?:[个大项类条种道块方][一-鿿]{1,4}|关|难|环|步)(?![一-鿿]{0,3}[、]))"
)
_NAMES_COUNTED = re.compile(  # 在清溪、白石、大塘、上湾5个村, 成立宣传、整治、督查、后勤4个工作组
    r"(?P<list>(?:[一-鿿]{2,12}、){1,11}[一-鿿]{2,10}?)(?P<said>(?P<n>[两二三四五六七八九]|十[一二]?|1?\d)"
    r"(?:(?P<kind>类|种|项(?![目赛])|方面|部门|单位|站所)|个(?:行政|自然)?(?:村|社区|镇|乡|县(?![级城域])|小组|工作组|专班|专项组|片区|部门|单位|"
    r"站所|方面|环节|小区|街道|行业|领域|窗口|网格|档次|步骤|阶段|品种|等级)))(?![、\d])"
)
_QUOTED_LIST = re.compile(  # “户分类、村收集、镇转运”三级体系
    r"“(?P<list>(?:[一-鿿]{2,8}、){1,8}[一-鿿]{2,8})”(?:的)?"
    r"(?P<said>(?P<n>[两二三四五六七八九十])[级类项种道个条步环位][一-鿿]{1,4})"
)
_QUOTED_EACH = re.compile(  # 镇干部包村、村干部包组“两包”机制
    r"(?P<list>(?:[一-鿿]{2,10}、){1,8}[一-鿿]{2,10})[的]?“(?P<said>(?P<n>[两二三四五六七八九])(?P<each>[一-鿿]))”"
)
_NO_ITEM = re.compile("[到在对由把将从向以给为的了等共各]|其中|开展|完成|建设|涉及")
_QUOTED_BEHIND = re.compile(
    r"(?:由|把|将|以|通过|依托|抓好|用好|打好|形成|实行|推行|推出|建立|整治|打造|[：:])(?P<list>(?:[一-鿿]{1,8}、){1,11}[一-鿿]{1,8}?)"
    r"[“「](?P<said>(?P<n>[两二三四五六七八九十]{1,2})(?:件套|[个大项类种道张条块级][一-鿿]{1,3}|[长制化]))[”」]"
)
LONGEST = 8  # characters of an item that begins or ends with what is counted
_BODIES = re.compile("部门|单位|站所|科室")  # of them a bracket lists all: 六部门（住建、城管……）


def item_counts(context: Context) -> Iterator[Finding]:
    """N08: “八有”，即…… and 三个方面：一是…… with another number of items."""
    taken: list[tuple[int, int]] = []
    for span, finding in _run_in_lists(context):
        taken.append(span)
        yield finding
    for make in (_named_alike, _nth, _compounds):
        for span, finding in make(context):
            if not any(a < span[1] and span[0] < b for a, b in taken):
                taken.append(span)
                yield finding
    yield from _pairs(context)
    yield from _counted_behind(context)
    yield from _listed(context, taken)


def _run_in_lists(context: Context) -> Iterator[tuple[Span, Finding]]:
    """三个方面：一是…二是…, each with its span."""
    marks = [m for m in marks_of(context) if m.context != "N"]
    for match in _RUN_IN_SAID.finditer(context.shadow):
        said = _value(match.group("n"))
        if re.search(rf"[、和及]{_COUNTED}|完成|落实到|见效", match.group()):
            continue  # “三个更加注重、两个持续推进”
        items = _run_in(context, marks, match.end())
        if len(items) > said > 1 and _told_at_once(context, match.start(), items[said - 1][0], items[said][0]):
            continue
        if items and re.search(f"{_HAN[len(items)]}[是要]", context.shadow[items[-1][1] :][:FAR]):
            continue  # the next item stands there, and was not read as one
        if len(items) * 2 >= said > 1 and len(items) != said:
            yield match.span(), _miscounted(context, match.span("n"), match.group(), said, items)


def _listed(context: Context, taken: list[tuple[int, int]]) -> Iterator[Finding]:
    """“八有”，即……: a list in one breath, unless it begins inside one that is `taken`."""
    for match in _SAID.finditer(context.shadow):
        said, text = _value(match.group("n")), match.group("list")
        noun = match.group("noun")
        if said < 2 or _OPEN.search(match.group()) or any(a <= match.start() < b for a, b in taken):
            continue
        if len(text) >= MOST_READ or "[" in match.group():
            continue  # it goes on, or is broken into by notes
        each = _each(noun, text)
        bodies = match.group("cue") in ("（", "(") and _BODIES.match(noun)
        if match.group("cue") in ("：", ":", "包括", "主要是", "（", "(", "—", "——") and not (
            noun[:1] in _COUNTERS or each or bodies or _quoted(match)
        ):
            continue
        if _TWIN.search(context.shadow[max(0, match.start() - 18) : match.start("n")]):
            continue  # “五化、五无”：……
        if not noun or noun[0] == "双" or (_NO_LIST.match(noun) and not bodies) or re.search(r"\d", text[:2]):
            continue
        if (re.match(r"[一1①（(]", text) and not each) or _PROSE.match(text) or _PLACES.fullmatch(text):
            continue
        closed = context.shadow[match.end() : match.end() + 1] in ("）", ")", "”", "」")
        spans = _repeated(match.start("list"), each, said) if each else _split(match.start("list"), text, said, closed)
        if (both := _COMPOUND.match(noun)) and _quoted(match):  # 三供两治: three and two
            leaves, said = len(re.split("[；、和及与]", text)), said + _value(both.group(1))
            if leaves in (said, said - _value(both.group(1))):
                continue
        if len(spans) == said + 1 and re.search("“一[一-鿿]{1,4}$", context.shadow[: match.start("n")][-6:]):
            continue  # “一规划三方案”: one and three
        if len(spans) < 2 or (len(spans) < said / 2 and "、" not in text):
            continue
        yield _miscounted(context, match.span("n"), re.split("[：:，,]", match.group())[0], said, spans)


def _each(noun: str, text: str) -> list[re.Match[str]]:
    """The items of a list whose every item begins alike: 一个…、一个…; 一块…、一名…; 一刮、二洗."""
    if noun == "个一":
        return list(_ONES.finditer(text))
    numbered = list(_NUMBERED.finditer(text))
    if len(numbered) > 1 and [_value(m.group(1)) for m in numbered] == list(range(1, len(numbered) + 1)):
        return numbered
    return list(re.finditer(f"一{re.escape(noun[:1])}[^，,；;、]+", text)) if noun[:1] in _COUNTERS else []


def _pairs(context: Context) -> Iterator[Finding]:
    """“双联三包”：a、b，c、d: two and three, one group of items for each."""
    for match in _PAIR.finditer(context.shadow):
        groups = [group.split("、") for group in re.split("[，,；;]", match.group("list"))][:2]
        counts = [2 if match.group(name) == "双" else _value(match.group(name)) for name in "ab"]
        if len(groups) < 2 or min(map(len, groups)) < 2 or _OPEN.search(match.group()):
            continue
        for name, word, said, group in zip("ab", "xy", counts, groups, strict=True):
            if said not in (len(group), len([item for item in group if match.group(word)[0] in item])):
                at = match.start("list") + context.shadow[match.start("list") :].index(group[0])
                items = _spans(at, group)
                yield _miscounted(context, match.span(name), match.group().split("”")[0], said, items)


def _counted_behind(context: Context) -> Iterator[Finding]:
    """Lists counted where they end: 东岸、西岸和新区五个网格, of items that are as long as one another."""
    for match in _ENDS_IN_COUNT.finditer(context.shadow):
        said, pieces = _value(match.group("n")), re.split("[、和及与]", match.group("list"))
        if context.shadow[match.start() - 1 : match.start()] in ("、", "”", "》", "）"):
            continue  # the list begins before what was read of it
        lengths = {len(piece) for piece in pieces[1:]}
        if len(lengths) != 1 or len(pieces[0]) < min(lengths) or _OPEN.search(match.group()):
            continue
        joined = any(_JOINED.search(piece) for piece in match.group("list").split("、")[:-1])
        if joined or len(pieces) == said or not said / 2 <= len(pieces) <= 2 * said:
            continue
        yield _miscounted(context, match.span("n"), match.group("said"), said, _spans(match.start("list"), pieces))
    yield from _names_counted(context)
    yield from _quoted_lists(context)
    for match in _QUOTED_BEHIND.finditer(context.shadow):
        said, pieces = _value(match.group("n")), match.group("list").split("、")
        flat = not any(_JOINED.search(piece) for piece in pieces) and not _OPEN.search(match.group())
        if flat and match.group("said")[-1] != "一" and 1 <= abs(len(pieces) - said) <= 2:
            yield _miscounted(context, match.span("n"), match.group("said"), said, _spans(match.start("list"), pieces))


def _names_counted(context: Context) -> Iterator[Finding]:
    """Names that their number follows at once: 清溪、白石、大塘、上湾5个村. The first may have a verb before it."""
    for match in _NAMES_COUNTED.finditer(context.shadow):
        said, told = _value(match.group("n")), match.group("list").split("、")
        pieces = [*told[:-1], *re.split("以及|[和及与]", told[-1])]
        begun = context.shadow[match.start() - 1 : match.start()] in ("、", "”", "》", "）")
        if begun or len(pieces) < 3 or said == len(told) or any(_JOINED.search(piece) for piece in told[:-1]):
            continue
        lengths = [len(piece) for piece in pieces[1:]]
        uneven = max(lengths) - min(lengths) > (3 if match.group("kind") else 1) or min(lengths) < 2
        if uneven or any(_NO_ITEM.search(piece) for piece in pieces[1:]):
            continue
        if 1 <= abs(len(pieces) - said) <= 2 and said > 1:
            yield _miscounted(context, match.span("n"), match.group("said"), said, _spans(match.start("list"), pieces))


def _quoted_lists(context: Context) -> Iterator[Finding]:
    """“户分类、村收集、镇转运、县处理”三级体系, and 镇包村、村包组“三包”: lists in quotation marks, or before them."""
    for match in _QUOTED_LIST.finditer(context.shadow):
        said, pieces = _value(match.group("n")), match.group("list").split("、")
        flat = not any(_JOINED.search(piece) for piece in pieces)
        if flat and len(pieces) > 2 and 1 <= abs(len(pieces) - said) <= 2:
            yield _miscounted(context, match.span("n"), match.group("said"), said, _spans(match.start("list"), pieces))
    for match in _QUOTED_EACH.finditer(context.shadow):
        said, pieces = _value(match.group("n")), match.group("list").split("、")
        whole = context.shadow[match.start() - 1 : match.start()] != "、" and len(pieces) > 2
        if whole and all(match.group("each") in piece for piece in pieces) and abs(len(pieces) - said) == 1:
            yield _miscounted(context, match.span("n"), match.group("said"), said, _spans(match.start("list"), pieces))


def _named_alike(context: Context) -> Iterator[tuple[Span, Finding]]:
    """“十劝”歌，劝孝、劝勤…: items that all begin, or all end, with what is counted, each list with its span."""
    for match in _ALIKE.finditer(context.shadow):
        said, each, text = _value(match.group("n")), match.group("each"), match.group("list")[:-1]
        if each == "个":
            each = re.split("[”」：:，,（(—即]", match.group())[0][-1]  # 五个意识：大局意识……
        listed = re.split("[，,]", text)[0]
        mark = "、" if "、" in listed else "，"
        pieces = listed.split("、") if mark == "、" else re.split("[，,]", text)
        fitting = [len(piece) <= LONGEST and each in piece[:2] + piece[-1:] for piece in pieces]
        items = pieces[: (*fitting, False).index(False)]
        loose = each in "年月日期次岁届" or not (_quoted(match) or re.search("[：:—即（(]", match.group()))
        if said < 2 or len(items) < 2 or loose or _OPEN.search(match.group() + text):
            continue
        whole = len(items) == len(pieces) or mark == "，"
        if whole and len(items) != said and said <= 2 * len(items) <= 4 * said and not _JOINED.search(items[-1][1:-1]):
            words = re.split("[：:，,—（]", match.group())[0]
            span = (match.start(), match.end() + len(text))
            yield span, _miscounted(context, match.span("n"), words, said, _spans(match.start("list"), items))


def _nth(context: Context) -> Iterator[tuple[Span, Finding]]:
    """五道防线，第一道疏沟，第二道抽排…: items that are numbered with the measure word, each list with its span."""
    for match in _NTH.finditer(context.shadow):
        said, end = _value(match.group("n")), context.sentence_at(match.end())[1]
        nth = list(re.finditer(f"第([一二三四五六七八九十]){match['each']}", context.shadow[match.end() : end]))
        numbers = [_value(m.group(1)) for m in nth]
        if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < 2 or len(numbers) == said or said < 2:
            continue
        items = [(match.end() + m.start(), match.end() + m.end()) for m in nth]
        yield (match.start(), end), _miscounted(context, match.span("n"), match.group().strip("，,：:"), said, items)


def _compounds(context: Context) -> Iterator[tuple[Span, Finding]]:
    """“三改一拆”：改厨、改厕…，拆违章: two counts, whose items begin with the word that is counted. One of the two must
    be right, so that the list is known to be one of this make."""
    for match in _COMPOUND_SAID.finditer(context.shadow):
        pieces = re.split("[、，,]", match.group("list"))
        said = [_value(match.group("n")), _value(match.group("m"))]
        begin = [[p for p in pieces if p[:1] == match.group(word)] for word in "ab"]
        hold = [[p for p in pieces if match.group(word) in p] for word in "ab"]
        right = [len(a) == n and a == b for a, b, n in zip(begin, hold, said, strict=True)]
        if _OPEN.search(match.group()) or begin != hold or sum(right) != 1 or not all(begin):
            continue
        at = right.index(False)
        spans = _spans(match.start("list"), pieces)
        items = [span for span, piece in zip(spans, pieces, strict=True) if piece in begin[at]]
        words = re.split("[：:，,—（]", match.group())[0]
        yield match.span(), _miscounted(context, match.span("nm"[at]), words, said[at], items)


def _spans(at: int, pieces: list[str]) -> list[tuple[int, int]]:
    """The spans of pieces that one character parts from one another, the first of them at an offset."""
    spans = []
    for piece in pieces:
        spans.append((at, at + len(piece)))
        at += len(piece) + 1
    return spans


def _told_at_once(context: Context, start: int, last: int, after: int) -> bool:
    """Whether one sentence holds all items that were said: then what comes after it is another list."""
    return "。" not in context.shadow[start:last] and "。" in context.shadow[last:after]


def _value(written: str) -> int:
    """The number that is written; 0 where it is none, as in 十四五."""
    try:
        return int(written) if written.isdigit() else int(chinese(written.replace("两", "二")))
    except NumeralError:
        return 0


def _quoted(match: re.Match[str]) -> bool:
    return match.string[match.start("n") - 1] in "“「"


def _split(start: int, text: str, said: int, closed: bool) -> list[tuple[int, int]]:
    """The items of a list; none where some way to cut it gives as many as were said (和 may join two items or not), or
    where commas part what need not be items. `closed` says that a bracket or quotation mark ends it."""
    text = _PAIRED.sub(lambda match: "·" * len(match.group()), text)
    for pattern in (_TITLES, _TURNS):
        found = list(pattern.finditer(text))
        if len(found) > 1:
            return [] if len(found) == said else [(start + m.start(), start + m.end()) for m in found]
    flat = re.sub("“[^”]*”|（[^）]*）", lambda match: "·" * len(match.group()), text)
    if len(re.split("[和及与]", flat)) == said:
        return []
    separator = next((s for s in "；、，" if s in flat), "\n")
    pieces, clauses = flat.split(separator), flat.split("，")
    if separator == "，" and not closed and len(pieces) > 2 and re.search(r"\d", pieces[-1]):
        pieces = pieces[:-1]  # what was done by it: …，办一次展，参加210人
    joined = sum(len(_JOINED.findall(piece)) for piece in pieces)
    if separator == "、" and joined == 1 and len(pieces) == said and _is_two(pieces):
        return _spans(start, [*pieces[:-1], *_JOINED.split(pieces[-1])])
    nested = len(clauses) in (said, said + 1) and all("、" in clause for clause in clauses[:said])
    first = len(flat.split("；")[0].split("、"))  # 就是激活改革、开放、创新“三大动力”；着力……
    if len(pieces) <= said <= len(pieces) + joined or said == first or nested or len(pieces) < 2:
        return []
    if separator == "、" and not closed and any("，" in piece for piece in pieces[:-1]):
        return []  # no flat list
    if separator == "，" and not closed and (len(pieces) - 1 == said or not _parallel(pieces)):
        return []  # the last may go on with the sentence
    return _spans(start, pieces)


def _is_two(pieces: list[str]) -> bool:
    """Whether the last piece is two items, each as long as every other: 孕产妇、婴幼儿、老年人和残疾人."""
    lengths, last = {len(piece) for piece in pieces[:-1]}, _JOINED.split(pieces[-1])
    alike = len(pieces) > 2 and len(lengths) == 1 and len(last) == 2 and len(last[0]) in lengths
    return alike and 2 < len(last[0]) <= len(last[1])


def _parallel(pieces: list[str]) -> bool:
    """Whether clauses are of one make: as long as one another, or with the same first or last character."""
    lengths = [len(piece) for piece in pieces]
    return max(lengths) - min(lengths) <= 1 or len({p[:1] for p in pieces}) == 1 or len({p[-1:] for p in pieces}) == 1


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


CHECKS: dict[str, Check] = {"N08": item_counts}
