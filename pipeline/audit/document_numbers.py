"""T05: a document number that has lost its brackets, its year, its ordinal or the sign 号."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.audit.base import Check, Context
from pipeline.records import Finding

_DOCUMENT_NUMBER = re.compile(  # the mark of an agency, and a number whose year has lost its brackets, or itself
    r"(?P<mark>[一-鿿]{2,10}?)\s?第?(?P<brackets>[〔﹝\[［（(【「]?)(?:"
    r"(?P<glued>(?:19|20)\d{2}\d{1,4})(?P<closed>[〕﹞\]］）)】」]?)"
    r"|(?P<two>(?:19|20)\d{2}(?:\s*[\-—–年第.．·/／、#]\s*第?|\s+)\d{1,4})"
    r"|(?P<mixed>(?:(?<=[〔﹝])(?:19|20)\d{2}[\]］）)】]|(?<=[\[［])(?:19|20)\d{2}[〕）)】]|(?<=[（(])(?:19|20)\d{2}[〕\]］】])"
    r"第?\d{1,4})"
    r"|(?<=[〔\[［【])(?P<half>(?:19|20)\d{2}\s?第?\d{1,4})|(?P<unopened>(?:19|20)\d{2}[〕\]］】]第?\d{1,4})"
    r"|(?P<swapped>(?:19|20)\d{2}\s?[（(〔\[]\d{1,4}[）)〕\]])"
    r"|(?P<open>(?:19|20)\d{2})[〕\]］）)】]?(?P<lone>)|(?<=[〔\[［【])(?P<empty>\s*年?|\d{1,3}|\d{5,7})[〕\]］】]第?\d{1,4}"
    r"|(?P<bare>\d{1,3}))\s*号(?![召称线楼机码令院窗]|台风|提案|议案|建议|通告|公告|工单|地块|信箱|预案|会议室)"
)
_NO_NUMBER = re.compile(r"[一-鿿][〔\[［【](?:19|20)\d{2}[〕\]］】]第?\d{1,4}(?=文(?!件柜)|精神|通知|要求|规定|"
    r"[，,。；;、）)])")

_NO_SIGN = re.compile(  # 卫健字2021第46, 妇字2022-41, 府办发2020第〔23号: the sign 号 is lost, or a bracket has moved
    r"(?P<mark>[一-鿿×]{2,10}?)[〔\[［（(]?(?:19|20)\d{2}[〕\]］）)]?\s*(?:"
    r"[（(]\s*第?\d{1,4}号\s*[）)]|第\s*[〔\[［（(【]\s*\d{1,4}\s*[〕\]］）)】]?号?|(?:年?第|年|[\-—–.·/、])\s*\d{1,3}(?!\d|\s*[号年月日期届批轮季半度项个家户名次场\-—–.%％]))"
)


def broken_document_number(context: Context) -> Iterator[Finding]:
    """T05: 某办字202352号 instead of 某办字〔2023〕52号."""
    bare, marks, others = (re.compile(context.option(name)) for name in ("bare_marks", "marks", "others"))
    for match in _DOCUMENT_NUMBER.finditer(context.shadow):
        mark, found = match["mark"], match.groupdict()
        if others.search(mark) or (found["bare"] and not bare.search(mark)):
            continue
        if not found["glued"] and not found["bare"] and not marks.search(mark):
            continue
        if (found["open"] and found["lone"] is not None and found["brackets"] == "" and not bare.search(mark)) or (
            found["unopened"] and found["brackets"]):  # fmt: skip
            continue
        yield _broken(context, match)
    for short in _NO_SIGN.finditer(context.shadow):
        if bare.search(short["mark"]) and not others.search(short["mark"]):
            here = context.shadow_span(*short.span())
            yield context.finding(f"文号“{here.surface}”不完整，规范写法为“机关代字〔年份〕序号”。", [here])
    for lone in _NO_NUMBER.finditer(context.shadow):
        start = lone.start()
        if marks.search(context.shadow[max(0, start - 5) : start + 1]):
            here = context.shadow_span(max(0, start - 3), lone.end())
            yield context.finding(f"文号“{here.surface}”缺少“号”字，规范写法为“机关代字〔年份〕序号”。", [here])


def _broken(context: Context, match: re.Match[str]) -> Finding:
    """The finding for a document number, with what is wrong in it and, where the digits tell, what was meant."""
    here, found = context.shadow_span(*match.span()), match.groupdict()
    suggestion = None
    if glued := found["glued"]:
        suggestion = f"可能是{match['mark']}〔{glued[:4]}〕{glued[4:]}号"
        why = "年份与序号连写"
    elif found["bare"] or found["empty"] is not None:
        why = "缺少年份" if not found["empty"] else "年份不完整"
    elif found["open"]:
        why = "缺少序号"
    else:
        why = "六角括号不完整" if found["half"] or found["unopened"] or found["mixed"] else "没有六角括号"
    return context.finding(
        f"文号“{here.surface}”{why}，规范写法为“机关代字〔年份〕序号”。", [here], suggestion=suggestion
    )


CHECKS: dict[str, Check] = {"T05": broken_document_number}
