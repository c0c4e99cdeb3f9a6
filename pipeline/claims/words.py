"""Tokens as a clause parser sees them: noun, verb of some class, adverb, preposition, pause, stop."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from pipeline.config import models_path

_ADVERB_PREFIX = re.compile("^(?:共计?|累计|已经?|再|又|还|各|均|全面|全部|深入|扎实|积极|大力|持续|集中|陆续|先后|主动|及时|认真|继续|重点|统一|加快|稳步|有序|新|成功|联合|自主|依法|强制|定期|圆满|多次|初步|顺利|分别|总)+")
_FILLERS = frozenset(
    "共 共计 累计 合计 总计 总共 一共 约 近 超 逾 达 达到 为 至少 最少 不少于 不低于 不超过 控制在 超过 突破 约为 将近 接近 不足 大约 已 已经 均 都 各 分别 同比 环比 比 年均 月均 日均 平均 全年 今年 去年 目前 截至 "
    "全部 基本 顺利 率先 先后 陆续 累计共 总数 多 余 数 在 到 至 了 过 出 起来 就 只 仅 才 还 又 再 也 更 最 很 较 将 要 会 可 能 应 须 需 力争 确保 争取 预计 计划 拟 持续 继续 进一步 深入 扎实 大力 积极 全面 圆满 成功 每 每年 每月 每周 "
    "每天 每日 每季度 每个 每学期 上年 上半年 下半年 年内 期间 其中 包括 另 另有 另外 此外 同时 并 并且 且 而 及时 以来 有效 有力 稳步 加快 切实 着力 努力 认真 严格 坚决 初步 只 共有 较上年 比上年 同期 通过 按照 根据 围绕 针对 聚焦 先行 逐步 陆续".split()
)
_CONJUNCTIONS = frozenset("和 与 及 以及 并 或 或者 暨 及其".split())
_PREPOSITIONS = frozenset("对 对于 在 于 从 由 向 把 将 被 给 为 以 用 使 让 与 同 跟 按 按照 经 经过 通过 因 沿 随着 关于 除 除了 当 自 较 比".split())
_SUFFIXES = frozenset("以上 以下 以内 左右 之内 上下 有余 内 及以上 多 余 次以上 个以上".split())
_ENDS = frozenset("。；;！？!?\n")
_STOPS = frozenset("，,：:— ‖|")
_OPEN = {"“": "”", "‘": "’", "《": "》", "「": "」", "『": "』", "【": "】"}
_BRACKETS = {"（": "）", "(": ")"}
_BRACKETED_VERB = re.compile(r"[新改扩续][（(][改扩续迁新]+[）)][建设装]|改[（(]扩[）)]建")


@dataclass(frozen=True, slots=True)
class Word:
    """One token: `kind` is claim, noun, verb, adverb, preposition, conjunction, of (的), etc (等), pause (、), stop or end.

    `verb` is the class in models/verbs.csv (light, act, reach, change, have, nominal, weak) and "" for other words;
    `nominal` says that the verb may also name what is done (整治, 改造).
    """

    text: str
    start: int
    end: int
    kind: str
    verb: str = ""
    nominal: bool = False
    claim: int = -1


@cache
def verbs() -> dict[str, tuple[str, bool]]:
    """models/verbs.csv: verb → (class, whether it is used as a noun too)."""
    with (models_path() / "verbs.csv").open(encoding="utf-8", newline="") as file:
        return {row["verb"]: (row["class"], row["nominal"] == "1") for row in csv.DictReader(file)}


@cache
def _classify(text: str, tag: str) -> tuple[str, str, bool]:
    """(kind, verb class, nominal) of a token outside quotes."""
    if text in _ENDS or text == "\n":
        return "end", "", False
    if text in _STOPS or text.isspace():
        return "stop", "", False
    if text == "、":
        return "pause", "", False
    if text == "的":
        return "of", "", False
    if text in ("等", "等等"):
        return "etc", "", False
    if text in _SUFFIXES:
        return "suffix", "", False
    if text in _CONJUNCTIONS:
        return "conjunction", "", False
    known = verbs().get(text)
    if known:
        return "verb", known[0], known[1]
    bare = _ADVERB_PREFIX.sub("", text)
    if bare and bare != text and bare in verbs() and len(text) <= 5:
        return "verb", verbs()[bare][0], verbs()[bare][1]
    if text[-1] in "了至到出成为" and text[:-1] in verbs():
        return "verb", verbs()[text[:-1]][0], verbs()[text[:-1]][1]
    if text in _FILLERS or (tag.startswith("d") and tag != "dg"):
        return "adverb", "", False
    if text in _PREPOSITIONS:
        return "preposition", "", False
    if tag == "v" and len(text) >= 2:
        return "verb", "weak", False
    if not any("一" <= c <= "鿿" or c.isalnum() for c in text):
        return "mark", "", False
    return "noun", "", False


def read(doc: Doc, claims: dict[int, tuple[int, int]]) -> list[Word]:
    """The tokens of a Doc as Words; `claims` maps the start of each claim to (its number, its end)."""
    shadow = doc.text
    merged = {match.start(): match.end() for match in _BRACKETED_VERB.finditer(shadow)}
    closing = _closing(shadow)
    found: list[Word] = []
    quoted_until = until = -1
    for token in doc:
        start, end = token.idx, token.idx + len(token.text)
        if end <= until:
            continue
        if start in claims:
            number, until = claims[start]
            found.append(Word(shadow[start:until], start, until, "claim", claim=number))
        elif start in merged:
            until = merged[start]
            found.append(Word(shadow[start:until], start, until, "verb", "act"))
        elif token.text in closing and start < quoted_until:
            continue
        elif (token.text in _OPEN or token.text in _BRACKETS) and closing.get(start):
            if token.text in _OPEN:
                quoted_until = max(quoted_until, closing[start])
            elif not any(start < claim < closing[start] for claim in claims):
                until = closing[start] + 1  # a bracket without claims explains a word: pass over it as part of that
                found.append(Word(shadow[start:until], start, until, "noun" if until - start <= 6 else "bracket"))
            else:
                found.append(Word(token.text, start, end, "stop"))
        elif token.text in _BRACKETS.values():
            found.append(Word(token.text, start, end, "stop"))
        elif start < quoted_until:
            found.append(Word(token.text, start, end, "noun" if token.text not in "，。、；" else "pause"))
        else:
            kind, verb, nominal = _classify(token.text, token.tag_)
            if kind == "verb" and found and found[-1].text == "新" and found[-1].end == start:
                start = found.pop().start  # 新改厕: newly done
            found.append(Word(shadow[start:end], start, end, kind, verb, nominal))
    return found


def _closing(shadow: str) -> dict[int, int]:
    """Start of each opening quote or bracket that is closed within 30 characters → where its closing mark stands."""
    pairs: dict[int, int] = {}
    for match in re.finditer("[“‘《「『【（(]", shadow):
        mark = (_OPEN | _BRACKETS)[match[0]]
        end = shadow.find(mark, match.end(), match.end() + 30)
        if end > 0 and "\n" not in shadow[match.end() : end] and not (match[0] in _OPEN and "。" in shadow[match.end() : end]):
            pairs[match.start()] = end
    return pairs


def split(words: Sequence[Word], kinds: Iterable[str]) -> list[list[Word]]:
    """Cut a list of words at those of the given kinds, which are left out."""
    cut = set(kinds)
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.kind in cut:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def text(words: Sequence[Word]) -> str:
    """What the words say, without quotes and spaces."""
    return re.sub(r"[\s“”‘’「」『』《》\"'*]", "", "".join(word.text for word in words))
