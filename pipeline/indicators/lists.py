"""Numbers in a list beside names in a list: which is whose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.records import Claim

AND = ("、", "和", "及", "与", "以上和")
_LIST = re.compile("[、和及与]")
_SHARED = re.compile(  # what the last of several names tells for all of them
    "(?:保险)?(?:参保|参合|覆盖|普及|入户|收集|处理|处置|利用|达标|合格|满意)率$|增加值$|[产面][积量]$|"
    "(?:(?:常住)?居民)?年?人均(?:可支配|纯|现金)?收入$|收入$"
)
_WHOLE_NAME = "率例重数额入值度"  # what the name of a figure ends in
_BOTH = "城乡居民"
_EACH = re.compile("(?<!人)均(?:增长|达|超|为|[一-鿿]?$)")


def told_apart(claims: Sequence[Claim], text: str) -> list[Claim]:
    """供水、供气普及率分别为98%、95%: of as many numbers as names each is of its own."""
    told = list(claims)
    start = 0
    while start < len(told):
        first, end = told[start], start + 1
        while end < len(told) and _is_listed(told[end - 1], told[end], text):
            end += 1
        names = _names(first.object or "")
        if len(names) == end - start > 1 and all(claim.object in (None, first.object) for claim in told[start:end]):
            grows = text[max(0, first.start - 4) : first.start].rstrip("到至").endswith("增长")
            act = first.action or ("增长" if grows else None)
            told[start:end] = [replace(claim, action=claim.action or act, object=name)
                               for claim, name in zip(told[start:end], names, strict=True)]  # fmt: skip
        elif (first.object or "").startswith(_BOTH) and _EACH.search(text[max(0, first.start - 5) : first.start]):
            told[start] = replace(first, object=names[0])  # 城乡居民收入均增长7%
        start = end
    return told


def _is_listed(claim: Claim, after: Claim, text: str) -> bool:
    return claim.unit == after.unit and text[claim.end : after.start].strip("余多左右以上") in AND


def _names(thing: str) -> list[str]:
    """The names in a list, each with the tail that the last one tells for all: 养老保险参保率, 医疗保险参保率."""
    if thing.startswith(_BOTH):
        return ["城镇" + thing[2:], "农村" + thing[2:]]
    *names, last = _LIST.split(thing)
    tail = _SHARED.search(last)
    shared = tail.group() if tail else ""
    return [name if name[-1:] in _WHOLE_NAME else name + shared for name in names] + [last]
