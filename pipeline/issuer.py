"""Who reports, and on which year.

Evidence is taken in the order title, opening, body, file path, and the kind that decided is recorded. A place is never
guessed: a masked name (XX镇) gets a pseudonym made of the document's own words, so that it is the same on every run,
the same for the same text in another format, and never resolves to a real place.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from pathlib import PurePath

from pipeline import periods
from pipeline.lexicon import rows
from pipeline.periods import OPENING
from pipeline.records import Document, Heading, Issuer, Text

_GENRE = r"总结|报告|汇报|小结|回顾|情况|方案|计划|要点|思路|打算|简报|通报|自查|摘编"
_TITLE_LINE = re.compile(rf"[^。！？\n]{{2,70}}(?:{_GENRE})[^。！？\n]{{0,30}}")
_NO_TITLE = re.compile(r"^(?:现将|source:|http|[（(]?[一二三四五六七八九十\d]+[、.．）)])|>|首页|下载|登录")
_RUN_IN_TITLE = re.compile(rf"(?<![、.．）)\d])(?:\d{{4}}年|[Xx×]{{1,4}}[年乡镇县])[^。，,！？\n]{{2,40}}?(?:{_GENRE})")
_TITLE_MARK = re.compile(r"^(?:title[:：]|[#*《\ufeff\s]+)|(?:[*》\s]+|\.(?:docx?|pdf|txt|wps))$", re.IGNORECASE)
_POINTING = "我各该某"  # with which the word of a level names no place
_MASK = r"(?:[Xx×＊*○]{1,4}|某某?)"


def find(document: Document, text: Text, headings: Sequence[Heading]) -> Issuer:
    """The place that issues a report, its level, and the year whose work it tells.

    A government work report is delivered early in the year after the one that it reviews, so the year of its title or
    file name counts as the year after. `basis` names the evidence of place and year, parted by / where they differ.
    """
    clean = text.shadow or text.clean
    title = _title(document, clean, headings)
    place, level, place_basis = _place(title or "", clean, _path_words(document))
    year, year_basis = periods.reported_year(clean, text.raw, title or "", _path_words(document), headings)
    bases = [basis for basis in (place_basis, year_basis) if basis]
    parent = _parent(place, (title or "") + "\n" + clean) if place else None
    return Issuer(title, place, level, year, "/".join(dict.fromkeys(bases)) or "unknown", parent)


def _title(document: Document, clean: str, headings: Sequence[Heading]) -> str | None:
    for heading in headings:
        if heading.level == 0 and heading.title.strip():
            lines = map(_bare, clean[heading.start : heading.title_end].split("\n"))
            return " ".join(takewhile(lambda line: line and not _NO_TITLE.search(line), lines)) or _bare(heading.title)
    for line in clean[: 2 * OPENING].split("\n")[:40]:
        bare = _bare(line)
        if _TITLE_LINE.fullmatch(bare) and not _NO_TITLE.search(bare):
            return bare
    run_in = _RUN_IN_TITLE.search(clean[:OPENING])
    if run_in:
        return run_in.group()
    return dict(document.metadata).get("title") or None


def _bare(line: str) -> str:
    """A title line without markup, brackets and file extension."""
    while (shorter := _TITLE_MARK.sub("", line.strip())) != line:
        line = shorter
    return line


def _path_words(document: Document) -> str:
    path = PurePath(document.path)
    return "\n".join([path.stem, *(parent.name for parent in list(path.parents)[:2])])


def _place(title: str, clean: str, path: str) -> tuple[str | None, str | None, str]:
    opening = clean[:OPENING]
    introduced = [match.group(match.lastgroup or 0) for match in _introduction().finditer(opening)]
    introduced = [phrase for phrase in introduced if clean.count(phrase) > 1]
    for basis, phrases in (("title", [title]), ("body", introduced), ("path", path.split("\n"))):
        for phrase in phrases:
            found = _named(phrase)
            if found:
                return _trimmed(found, clean), found[1], basis
            found = _masked(phrase, clean)
            if found:
                return *found, basis
    own = Counter(re.findall(r"[我本](镇|乡|街道|县|区|市|村|社区|州|省)", clean)).most_common(1)
    return (None, _suffixes()[own[0][0]][1], "body") if own else (None, None, "")


def _named(phrase: str) -> tuple[str, str] | None:
    """The first place of a phrase, and its level; of names written in a row (望川县云岭镇) the last one reports."""
    found: tuple[str, str] | None = None
    end = -1
    for match in _place_pattern().finditer(phrase):
        word = match.group()
        if match.group("name")[-1] in _POINTING:  # 根据我市, 河北各市
            continue
        if match.group("name") in _suffixes() or word in _not_places() or word.endswith(_longer_not_places()):
            continue
        if found and match.start() != end:
            break
        canonical, level = _suffixes()[match.group("suffix")]
        name = match.group("name").removesuffix(canonical)  # 甘肃省省长
        found, end = (name + canonical, level), match.end()
    if found and found[0] in _provinces():
        return found[0], "province"
    short = next((name for name in _provinces() if phrase.startswith(name)), None)
    return (_provinces()[short], "province") if short and found is None else found


def _trimmed(found: tuple[str, str], clean: str) -> str:
    """A name without what a page put before it (免费南栅街道), where the text names it without that more often."""
    place, level = found
    shorter = [place[cut:] for cut in range(1, len(place) - 2) if _named(place[cut:]) == (place[cut:], level)]
    return next((name for name in shorter if clean.count(name) > clean.count(place)), place)


def _parent(place: str, words: str) -> str | None:
    """The place above, as a report names it: 望川县云岭镇, 云岭镇位于望川县; of several the one most often named."""
    name = rf"[一-鿿]{{1,7}}?(?:{_any_suffix()})"
    before = re.findall(rf"(?<![一-鿿])({name}){re.escape(place)}", words)
    after = re.findall(rf"{re.escape(place)}(?:位于|地处|隶属于?|是)({name})", words)
    named = (_named(phrase) for phrase in before + after if place not in phrase)
    provinces = tuple(_provinces().values())
    counted = Counter(
        next((name for name in provinces if found[0].endswith(name)), None) or _trimmed(found, words)
        for found in named
        if found  # 组建黑龙江省七台河市…队
    )
    return max(counted, key=lambda parent: (counted[parent], parent)) if counted else None


def _masked(phrase: str, clean: str) -> tuple[str, str] | None:
    """The pseudonym of a masked name; of several in a row (X县XX镇) the last one reports."""
    found = re.search(rf"(?:{_MASK}(?P<suffix>{_any_suffix()}))+", phrase)
    if found is None:
        return None
    canonical, level = _suffixes()[found.group("suffix")]
    digest = hashlib.sha256(re.sub(r"\s", "", clean).encode()).hexdigest()
    return f"XX{canonical}#{digest[:8]}", level


@cache
def _place_pattern() -> re.Pattern[str]:
    """A name of one to seven characters at the start of a phrase, and the suffix of its level."""
    before = r"(?<![一-鿿])|(?<=[年的于在对省市州县区盟镇乡])|(?<=关于)"
    name = r"(?![我本全各该某在对于是和与及为将把现年月届的]|关于|(?<=\d)日)[一-鿿]{1,7}?"
    return re.compile(rf"(?:{before})(?P<name>{name})(?P<suffix>{_any_suffix()})(?![市县区镇乡村州省盟旗道]|长(?!寿))")


@cache
def _introduction() -> re.Pattern[str]:
    """Where running text says who speaks: 在…第N届, 代表…政府, or a sentence that opens with what the place does."""
    name = r"(?!贯彻|落实|认真|坚持|按照|围绕)[^\W\da-zA-Z_委府党]{1,7}?|[Xx×]{2,4}"
    place = rf"(?P<place>(?:(?:{name})(?:{_any_suffix()})){{1,5}}?)"  # from the province down to the village
    does = (
        "位于|地处|下辖|辖|党委|政府|党政|人民政府|坚持|认真|高度重视|十分重视|按照|围绕|紧紧|积极|深入|全面|始终|把|将|以|在"
    )
    start = r"(?:^|[\n。，“])\s*(?:\d{4}\s?年(?:度|以来|，)*)?"
    speaker, subject = place.replace("place", "speaker"), place.replace("place", "subject")
    return re.compile(
        rf"在{place}(?=第[一二三四五六七八九十\d]+届)|代表{speaker}(?=人民政府|政府)|{start}{subject}(?={does})"
    )


@cache
def _any_suffix() -> str:
    return "|".join(sorted(_suffixes(), key=len, reverse=True))


@cache
def _table(kind: str) -> tuple[dict[str, str], ...]:
    return tuple(row for row in rows("places") if row["kind"] == kind)


@cache
def _suffixes() -> dict[str, tuple[str, str]]:
    """Suffix → (suffix of the normal name, level)."""
    return {row["text"]: (row["canonical"], row["level"]) for row in _table("suffix")}


@cache
def _provinces() -> dict[str, str]:
    return {row["text"]: row["canonical"] for row in _table("name")}


@cache
def _not_places() -> frozenset[str]:
    return frozenset(row["text"] for row in _table("not_place"))


@cache
def _longer_not_places() -> tuple[str, ...]:
    """Those that no name ends in (创建国家卫生区), unlike 街道."""
    return tuple(word for word in _not_places() if len(word) > 2 and word not in _suffixes())
