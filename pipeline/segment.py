"""Text → spaCy Doc: quantities are locked on characters, then jieba's algorithm cuts what is left.

The tokenizer and two components are registered with spaCy by `pipeline.components`, for other people's pipelines.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path

import rjieba
from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.config import Segmentation
from pipeline.lexicon import rows, verbs, word_list
from pipeline.records import Quantity

_ADVERBS = frozenset("仍仅只再又已共均")
_PLACES = frozenset("省市县区乡镇村组")
Cut = Callable[[str], list[str]]


@cache
def dictionary() -> dict[str, str]:
    """models/dictionary.csv: domain word → part-of-speech tag (ICTCLAS letters, as jieba's)."""
    return {row["word"]: row["tag"] for row in rows("dictionary")}


@cache
def _rjieba() -> rjieba.Jieba:
    own = rjieba.Jieba()
    for word in dictionary():
        own.add_word(word, None, None)
    return own


@cache
def _jieba() -> Cut:
    """jieba's own implementation, with a tokenizer of ours (its global is not touched) and a private cache."""
    with warnings.catch_warnings():  # its source has invalid escape sequences that new Pythons warn about
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(60)
    own = jieba.Tokenizer()
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hebao"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own.tmp_dir = str(folder)  # the default is a predictable name that all users of the machine share
    own.initialize()
    for word in dictionary():
        before = own.FREQ.get(word) or 0
        own.add_word(word)
        own.total -= before  # jieba counts a word that it knew twice, rjieba does not
    cut: Cut = own.lcut
    return cut


def cutter(engine: str) -> Cut:
    """The function that cuts a string into words, for `engine` "rjieba" or "jieba"."""
    return _jieba() if engine == "jieba" else _rjieba().cut


@cache
def tag(word: str) -> str:
    """The dictionary's tag of a word: ours where it has one, else jieba's; x for what is not a word."""
    own = dictionary().get(word)
    if own:
        return own
    pieces: list[tuple[str, str]] = _rjieba().tag(word)
    return pieces[-1][1] if pieces else "x"


@cache
def pieces(word: str, opens: bool) -> tuple[str, ...]:
    """A word that no dictionary has, only guessed by the cut, falls apart where a verb or adverb of one character
    begins or ends it: 建小|广场 that `opens` a clause → 建, 小; 村建|公厕 → 村, 建; 仍为 → 仍, 为; 员仅 → 员, 仅."""
    if len(word) == 4 and word not in dictionary() and (known := verbs().get(word[:2])) and word[2:] not in verbs():
        governs = known[0] in ("light", "act") and not known[1] and word[2:] not in word_list("state_head")
        return (word[:2], word[2:]) if governs else (word,)  # 筹集|资金
    if len(word) == 4 and word[:2] in word_list("filler") and word[2:] in verbs():
        return word[:2], word[2:]  # 同比|增加
    if not 2 <= len(word) <= 3 or not word.isalpha() or _rjieba().has_word(word) or word in verbs():
        return (word,)
    if len(word) == 2 and word[0] == "率" and (word[1] in verbs() or word[1] in "离较比距"):
        return word[0], word[1]
    if word[0] in _ADVERBS or (opens and word[0] in verbs()):
        return word[0], word[1:]
    if len(word) == 2 and (word[1] in _ADVERBS or (word[1] in verbs() and word[0] in _PLACES)):
        return word[0], word[1]
    return (word,)


def _again(found: list[str]) -> list[str]:
    """The words of a cut with those taken apart that `pieces` takes apart."""
    doubtful = [i for i, word in enumerate(found) if word not in _kept and not _keeps(word)]
    for i in reversed(doubtful):
        before = found[i - 1] if i else ""
        opens = not before[-1:].isalpha() or before in word_list("filler")
        found[i : i + 1] = pieces(found[i], opens)
    return found


_kept: set[str] = set()  # words that stay whole wherever they stand: nearly all of them


def _keeps(word: str) -> bool:
    if len(pieces(word, True)) == 1:
        _kept.add(word)
    return word in _kept


@cache
def vocabulary() -> Vocab:
    """One shared vocabulary, so that Docs of a process can be compared and merged."""
    return Vocab()


def words(shadow: str, locked: Iterable[tuple[int, int]], engine: str = "rjieba") -> list[str]:
    """Cut `shadow` into words; each locked span (in order, not overlapping) stays one word.

    The words join up to `shadow` exactly.
    """
    cut = cutter(engine)
    found: list[str] = []
    position = 0
    for start, end in locked:
        if start > position:
            found += cut(shadow[position:start])
        found.append(shadow[start:end])
        position = end
    if position < len(shadow):
        found += cut(shadow[position:])
    return found


def segment(shadow: str, quantities: Sequence[Quantity], settings: Segmentation) -> Doc:
    """The words of `shadow` as a spaCy Doc with tags; a quantity with digits, mask or unit is one token tagged m.

    Digits and masks are locked before the cut. A quantity in Chinese numerals becomes one token only where the cut
    respects both its ends: 五台 of 五台社区 stays a piece of the name that it is.
    `"".join(token.text for token in doc) == shadow`, and token.idx is the offset in it.
    """
    locked = [(q.start, q.end) for q in quantities if q.script != "chinese"]
    found = _again(words(shadow, locked, settings.engine))
    places = {start: i for i, start in enumerate(accumulate(map(len, found), initial=0))}
    tags = list(map(tag, found))
    for start, _ in locked:
        tags[places[start]] = "m"
    for q in reversed(quantities):  # from the end, so that the places before stay what they are
        if q.script == "chinese" and q.unit and q.start in places and q.end in places:
            first, last = places[q.start], places[q.end]
            found[first:last], tags[first:last] = [shadow[q.start : q.end]], ["m"]
    return Doc(vocabulary(), words=found, spaces=[False] * len(found), tags=tags)
