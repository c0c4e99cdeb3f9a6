"""T05: a document number that has lost its brackets, its year, its ordinal or the sign 号.

A candidate is the mark of an agency and what follows it of brackets, digits and signs. It is read into its parts, and
every way in which they are not those of 机关代字〔年份〕序号 has its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.audit.base import Check, Context
from pipeline.records import Finding

_PAIRS = dict(zip("〔﹝[［（(【「〖", "〕﹞]］）)】」〗", strict=True))
_ALIKE = str.maketrans("﹝﹞［］(){}", "〔〕[]（）{}")  # one bracket to a reader
_OPEN, _CLOSE = re.escape("".join(_PAIRS)), re.escape("".join(_PAIRS.values()))
_DIGIT = r"\dOoIl"
_HAN_YEAR = "[二一][〇○零九][〇○零一二三四五六七八九]{2}"
_YEAR = re.compile(rf"(?:19|20)\d\d|{_HAN_YEAR}")
_HEXAGONAL = re.compile("[〔〕﹝﹞]")
_NUMBER = re.compile(
    rf"(?P<mark>[一-鿿×]{{2,10}}?)\s?(?=第?\s?[{_OPEN}\d]|二[〇○零])第?\s?(?P<open>[{_OPEN}]*)\s?"
    rf"(?P<year>{_HAN_YEAR}|(?=\d)[{_DIGIT}]{{1,9}}|)(?P<inner>\s?年?度?)\s?(?P<close>[{_CLOSE}]*)"
    rf"(?P<sign>[\s\-—–.．·/／、#年第之]{{0,4}})(?P<second>[{_OPEN}]*[{_CLOSE}]*)\s?第?(?P<ordinal>(?=\d|[OoIl]\d)[{_DIGIT}]{{1,5}}|)"
    rf"(?:\s?(?P<last>[{_CLOSE}]*)\s*(?P<hao>号)\s?(?P<outer>[{_CLOSE}]?))?"
)
_CITED = re.compile("文(?!件柜|明|化)|精神|通知|要求|规定|批复|决定|部署|意见|的|[，,。；;、）)]")
_NO_SIGN = re.compile(  # what may stand behind a year and an ordinal without brackets and without 号
    r"(?!\d|\s*[号年月日期届批轮季半度项个家户名次场\-—–.%％])"
)


def broken_document_number(context: Context) -> Iterator[Finding]:
    """T05: 某办字202352号 instead of 某办字〔2023〕52号."""
    others, elsewhere = (re.compile(context.option(name)) for name in ("others", "not_behind"))
    for match in _NUMBER.finditer(context.shadow):
        if others.search(match["mark"]) or (match["hao"] and elsewhere.match(context.shadow, match.end("hao"))):
            continue
        if why := _fault(context, match):
            yield _broken(context, match, why)


def _fault(context: Context, match: re.Match[str]) -> str | None:
    """What is wrong with a candidate; None for a whole number and for what no document has."""
    bare, marked = (bool(re.search(context.option(name), match["mark"])) for name in ("bare_marks", "marks"))
    brackets = "".join(match[name] or "" for name in ("open", "close", "second", "last")).translate(_ALIKE)
    if not brackets:
        return _fault_without_brackets(match, bare, marked)
    hexagonal = bool(_HEXAGONAL.search(brackets))
    is_year = bool(_YEAR.fullmatch(match["year"]))
    if not (bare or (marked and (is_year or "（" not in brackets)) or (hexagonal and match["hao"])):
        return None
    if not match["hao"]:
        return _fault_without_sign(match, bare or (marked and "（" not in brackets), is_year)
    whole = len(brackets) == 2 and _PAIRS.get(brackets[0]) == brackets[1] and bool(match["open"] and match["close"])
    if match["year"] and not is_year and re.search("[OoIl]", match["year"]):
        return "年份里有字母"
    if not is_year:
        return "缺少年份" if not match["year"] else "年份不完整" if whole else "六角括号不完整"
    if not whole:
        return "没有六角括号" if match["second"] and not match["open"] else "六角括号不完整"
    if not match["ordinal"] and not re.search("[（(]", match["open"]):
        return "缺少序号"
    if re.search("[OoIl]", match["ordinal"]):
        return "序号里有字母"
    return "六角括号不完整" if match["outer"] and "〔" in match["outer"].translate(_ALIKE) else None


def _fault_without_brackets(match: re.Match[str], bare: bool, marked: bool) -> str | None:
    year, ordinal = match["year"], match["ordinal"]
    if not match["hao"]:
        signed = re.search("第|年|[-—–.·/、之]", match["inner"] + match["sign"])
        lone = bare and _YEAR.fullmatch(year) and signed and 0 < len(ordinal) <= 3 and "年" not in match["inner"][:-1]
        plain = lone and (match["sign"].strip() or "年" not in match["inner"] or ordinal)
        return "没有六角括号和“号”字" if plain and _NO_SIGN.match(match.string, match.end("ordinal")) else None
    if re.fullmatch(r"(?:19|20)\d{3,6}", year) and not ordinal:
        return "年份与序号连写"
    if _YEAR.fullmatch(year) and ordinal:
        return "没有六角括号" if marked else None
    if _YEAR.fullmatch(year):
        return "缺少序号" if bare or (marked and "第" in match["sign"]) else None
    if re.fullmatch(r"\d{1,3}", year) and not ordinal and not match["inner"].strip() and not match["sign"].strip():
        return "缺少年份" if bare else None
    return None


def _fault_without_sign(match: re.Match[str], sure: bool, is_year: bool) -> str | None:
    if not sure or not is_year or len(match["open"]) != 1 or len(match["close"]) != 1:
        moved = match["second"] and match["ordinal"]
        return "六角括号不完整" if sure and is_year and moved else None
    if re.search("年度", match["inner"]) or re.match(r"\d", match.string[match.end() :]):
        return None
    if not _CITED.match(match.string, match.end()):
        return None
    return "缺少“号”字" if match["ordinal"] else "缺少序号"


def _broken(context: Context, match: re.Match[str], why: str) -> Finding:
    """The finding for a document number, with what is wrong in it and, where the digits tell, what was meant."""
    here = context.shadow_span(match.start(), len(match.group().rstrip()) + match.start())
    suggestion = None
    if why == "年份与序号连写":
        suggestion = f"可能是{match['mark']}〔{match['year'][:4]}〕{match['year'][4:]}号"
    return context.finding(
        f"文号“{here.surface}”{why}，规范写法为“机关代字〔年份〕序号”。", [here], suggestion=suggestion
    )


CHECKS: dict[str, Check] = {"T05": broken_document_number}
