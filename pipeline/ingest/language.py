"""In what language and script a text is written, by the shares of its characters; and dates in one form."""

from __future__ import annotations

import re
from functools import cache

import opencc

_SAMPLE = 20_000  # characters looked at
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_KANA = re.compile("[\u3040-\u30ff]")
_LETTER = re.compile(r"[^\W\d_]")
_CHINESE, _JAPANESE = 0.3, 0.05  # share of Han characters, and of kana, among the letters
_FEW = 30  # letters about which nothing is said
_COMMON = 0.75  # real reports stand above 0.91; one encoding read as another below 0.6
_LATIN = re.compile("[\u00a1-\u00ff]")  # what GBK bytes become where they are taken for Latin-1
_WESTERN = 0.5  # share of them among the letters that no Western language comes near
_MIXED = 0.1  # share of the rarer script from which on a text is mixed
_PDF_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?\s*(Z|[+-]\d\d)?'?(\d\d)?'?(?:\d\d'?)?$"
)


def language(text: str) -> dict[str, str]:
    """`language` (zh, ja, other) and, for zh, `script` (simplified, traditional, mixed); nothing for no letters."""
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    han = _HAN.findall(sample)
    if not letters:
        return {}
    if len(_KANA.findall(sample)) > _JAPANESE * letters:
        return {"language": "ja"}
    if len(han) < _CHINESE * letters:
        return {"language": "other"}
    simplified, traditional = (_changed(han, direction) for direction in ("s2t", "t2s"))
    both = simplified + traditional
    share = traditional / both if both else 0.0
    return {
        "language": "zh",
        "script": "simplified" if share < _MIXED else "traditional" if share > 1 - _MIXED else "mixed",
    }


def garbled(text: str) -> bool:
    """Whether a text is that of another encoding or font: mostly rare characters, since a wrong table spreads evenly
    over all characters, and writing does not. The common ones are those of level 1 of GB 2312."""
    sample = text[:_SAMPLE]
    han = _HAN.findall(sample)
    if len(han) < _FEW:
        letters = len(_LETTER.findall(sample))
        return letters > _FEW and len(_LATIN.findall(sample)) > _WESTERN * letters
    simplified = _converter("t2s").convert("".join(han))
    return sum(map(_common, simplified)) < _COMMON * len(simplified)


def date(text: str) -> str:
    """A date as PDF and OFD write it (D:20230105093000+08'00') in ISO form; anything else as it is."""
    found = _PDF_DATE.match(text.strip())
    if not found:
        return text
    year, month, day, hour, minute, second, zone, rest = found.groups()
    clock = f"T{hour}:{minute}:{second or '00'}" if hour else ""
    shift = "Z" if zone == "Z" else f"{zone}:{rest or '00'}" if zone else ""
    return f"{year}-{month}-{day}{clock}{shift if clock else ''}"


@cache
def _converter(direction: str) -> opencc.OpenCC:
    return opencc.OpenCC(direction)


@cache
def _common(sign: str) -> bool:
    return 0xB0 <= sign.encode("gb2312", "replace")[0] <= 0xD7


def _changed(han: list[str], direction: str) -> int:
    """How many of the characters are written otherwise in the other script."""
    signs = sorted(set(han))
    # one a line: no two of them may be taken for a phrase
    written = _converter(direction).convert("\n".join(signs)).split("\n")
    other = {sign for sign, converted in zip(signs, written, strict=True) if sign != converted}
    return sum(sign in other for sign in han)
