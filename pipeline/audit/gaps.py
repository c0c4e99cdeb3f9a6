"""T03: a place where a number belongs and none stands.

Two readings: the shapes of a gap in models/checks.toml, and the words of a clause that end in a bare measure word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from pipeline import segment
from pipeline.audit.base import Check, Context, Span
from pipeline.lexicon import units
from pipeline.records import Finding

_NUMERAL = "零〇一二三四五六七八九十百千万亿两几数多半每各若"
NEAR, LETTERS = 4, 8  # words, and letters of them, in which a numeral may stand before its unit
_CLAUSE = re.compile(r"[^，,。；;！？：:、（）()\[\]【】“”《》\s]+(?=[，,。；;、）)\n]|[^\S\n]+[，。；\n])")


def missing_number(context: Context) -> Iterator[Finding]:
    """T03: a verb, an amount word and a unit without the number that belongs between them."""
    seen: set[int] = set()
    shapes = (found for found in _shapes(context) if not _is_word(context, found[1]))
    for start, at in chain(shapes, _bare_units(context)):
        inside = at in seen or any(start < at < end for start, end in context.places)
        if inside or _is_table_head(context, at) or _names_its_unit(context, at):
            continue
        seen.add(at)
        end = at + 1 if context.shadow[at : at + 1] not in "，,。；;、\n" else at
        here = context.shadow_span(start, end, note="此处缺少数字")
        left = context.shadow[max(0, start - 6) : at].lstrip("，。；、\n ")
        right = re.split(r"[\n。]", context.shadow[at : at + 8])[0]
        yield context.finding(f"“{left}‸{right}”处缺少数字（‸为缺数位置）。", [here])


def _shapes(context: Context) -> Iterator[Span]:
    """Where a shape of the table begins, and where in it the number belongs: the end of its group 1."""
    names = ("verbs", "things", "leads", "exact", "measures", "counts", "spent")
    words = {name: "|".join(sorted(context.option(name), key=len, reverse=True)) for name in names}
    in_han = [unit for unit in units() if re.fullmatch("[一-鿿]+", unit) and unit != "村"]
    words |= {"units": "|".join(sorted(in_han, key=len, reverse=True)), "numeral": _NUMERAL}
    words |= {"end": r"(?=[，,。；;、）)\n])", "word": rf"(?:四害|[^\W\d_{_NUMERAL}])"}
    shapes = [_filled(shape, words) for shape in context.option("shapes")]
    for unit, nouns in context.option("counted").items():
        known = words | {"unit": unit, "nouns": nouns}
        shapes += [_filled(shape, known) for shape in context.option("counted_shapes")]
    for shape in shapes:
        for match in re.finditer(shape, context.shadow):
            yield match.start(), match.end(1)


def _filled(shape: str, words: Mapping[str, str]) -> str:
    return re.sub("<([a-z]+)>", lambda name: words[name[1]], shape)


def _bare_units(context: Context) -> Iterator[Span]:
    """Clauses that end in a measure word without a numeral near: 修筑河堤米, 水闸座, 看望孤寡老人位."""
    behind = {re.compile(units): re.compile(f"(?:{words})$") for units, words in context.option("bare").items()}
    ends = re.compile(f"(?:{'|'.join(context.option('bare'))})$")
    for clause in _CLAUSE.finditer(context.shadow):
        if not ends.search(clause[0]):
            continue
        words = segment.words(clause[0], ())
        if re.search(rf"[\d首{_NUMERAL}]", "".join(words[-NEAR:-1])[-LETTERS:]):
            continue
        if len(words) > 1 and (len(words[-2]) > 1 or len(words[-1]) > 1) and any(
            units.fullmatch(words[-1]) and before.search(words[-2]) for units, before in behind.items()
        ):
            yield clause.start(), clause.end() - len(words[-1])


def _is_word(context: Context, at: int) -> bool:
    """Whether what looks like a bare unit is part of a word: 车辆, 讲座, 平台, 名优."""
    pair = context.shadow[at - 1 : at + 1], context.shadow[at : at + 2]
    return bool({*pair, context.shadow[at - 1 : at + 2]} & set(context.option("unit_words")))


def _names_its_unit(context: Context, at: int) -> bool:
    """Whether words say in which unit figures are told: 单位为万元."""
    return bool(re.search("单位(?:[为是]|均为|[:：])?$", context.shadow[max(0, at - 5) : at]))


def _is_table_head(context: Context, at: int) -> bool:
    """Whether a place stands in a line without sentences: the head of a column names a unit and no number."""
    start, end = context.shadow.rfind("\n", 0, at) + 1, context.shadow.find("\n", at)
    line = context.shadow[start : end if end >= 0 else len(context.shadow)]
    return not re.search("[，,。；;：:]", line) or "单位：" in line[:20]


CHECKS: dict[str, Check] = {"T03": missing_number}
