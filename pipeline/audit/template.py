"""T01, T02, T04, T05: what a template, a mask or a blind replacement left where a figure or a name belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.audit.base import Check, Context
from pipeline.lexicon import units
from pipeline.records import Claim, Evidence, Finding

MASK = r"[XxＸｘ×＊*]"
_NAME = re.compile(  # a mask that stands for a name or a year, not for a number
    r"(?:(?<=[长记任员责师医由为是给对让请与和同叫])|(?<![一-鿿]))某{2,3}(?=[^一-鿿]|[一-鿿])(?!些|种|个|时)"
    r"|(?<![A-Za-z0-9\-—+×＊*.])(?:[XxＸｘ]{2,12}|[×＊]{2,12}|\*{3,12})(?=[一-鿿、，。；：\n）)”》])(?!光|线|射)"
    r"|[（(【\[](?:此处|这里)?(?:待?填写?|待补充?|待核[实定]?|待定|数据待\w{1,3}|请填\w{0,6}|填\w{0,4}数[字据]?|具体\w{0,6}待\w{1,3}|空缺|补充数据)[）)】\]]"
    r"|某{1,3}(?=[名户座处吨亩场份辆台盏株幅](?![一-鿿]?[字师优]))|(?<=[一-鿿])[NnMYZ](?=[名人户座处亩吨元万条次场](?![A-Za-z]))"
    r"|[【〔\[](?:数量|数字|数据|金额|人数|户数|名称|姓名|地名|单位|时间|日期|年份|内容)[】〕\]]"
    r"|[○〇]{2,}(?=[万亿元个户名处座吨亩公米人次])|□{1,8}(?=[一-鿿])|【\s*】|\[\s*\](?=[一-鿿])|…{1,4}(?=[个户名座处份万亩吨])(?<=[一-鿿]…)|(?:[?？]{2,}|(?<=[一-鿿])[?？])(?=[个户名座处份万亩吨人元条场次棵株只辆盏张米])|(?<=[一-鿿])N(?=[个户名座处份亩吨条场次](?![A-Za-z]))"
    r"|"
    rf"(?<=书记)(?:{MASK}{{1,4}}|某{{1,3}})(?=同志|为|任|担任|负责|带队)|某某(?=同志|书记|主任)|"
    rf"(?<=[长任由])(?:{MASK}{{1,4}}|某{{1,3}})(?=同志|为组长|任组长)"
    rf"|(?<![A-Za-z0-9\-—+]){MASK}{{1,8}}(?=[省市州县区镇乡村街社局办处组段路站厂校园人国公年]|书记|同志|委员会)"
    r"|(?<![A-Za-z0-9\-—+])[XxＸｘ]{1,8}(?=[、，。和与及的”》\s])"
    r"|(?<![一-鿿])某{1,3}(?=[省市州县区镇乡村街局社](?![一-鿿]{0,2}同志))|"
    r"(?<=[在我由])某{1,3}(?=[省市州县区镇乡村街局社])"
    r"|20[XxＸｘ×＊*_]{2}(?=年)|201[XxＸｘ×＊*](?=年)|_{2,}|[（(][\s　]{2,}[）)]|[○〇]{2,}(?=[省市州县区镇乡村街社局])"
)
_MASKED_COUNT = re.compile(rf"(?:{MASK}\s?)+[个項项次年月日岁多余家户名%％]")
_MASKED_DIGIT = r"[XxＸｘ×＊*]"
_HOLE = r"[XxＸｘ＊*×_□■○●◯△▲?？]"
_PARTLY = re.compile(  # the mask before the digits, or the digits before the mask
    rf"(?<![A-Za-z\d.\-—]){_MASKED_DIGIT}+(?:[,，]?{_MASKED_DIGIT}+)*[\d.,]*\d{_MASKED_DIGIT}*(?=\s?(?:[余餘多]|[万亿]|[%％‰]|[一-鿿]))"
    rf"|(?<![A-Za-z\d.\-—·])\d[\d.,]*{_HOLE}(?:{_HOLE}|[\d.]|,(?=\d))*(?=\s?(?:[余餘多]|[万亿]|[%％‰]|[一-鿿]))"
)
_YEAR_MASK = re.compile(r"20[XxＸｘ×＊*]{2}|201[XxＸｘ×＊*]")
_TIMES = re.compile(r"\d+(?:\.\d+)?\s?[Xx×*＊]\s?(?:[1-9]\d*(?:\.\d+)?|0\.\d+|\d+\s?(?:米|厘米|毫米|公分|m|cm))")
_MEASURED = re.compile("[余餘多万亿萬億%％‰]|" + "|".join(map(re.escape, sorted(units(), key=len, reverse=True))))
_THINGS = "起户名件份家辆座个处条只张组次场人盏株吨亩棵套台余"  # that are counted, not multiplied by
_SINGLE = "起户名件份家辆座处条盏株"  # that nobody lays out in rows
_TIMES_PRICE = re.compile(rf"\d\s?(?:{_MEASURED.pattern})\s?$")  # 190户×35元
_RAYS = re.compile("[Xx](?:[射光]?线|光)(?:摄影|机|片|检|透|拍|[（(])")
_DOCUMENT_NUMBER = re.compile(  # the mark of an agency, and a number whose year has lost its brackets, or itself
    r"(?P<mark>[一-鿿]{2,10}?)\s?第?(?P<brackets>[〔﹝\[［（(【「]?)(?:"
    r"(?P<glued>(?:19|20)\d{2}\d{1,4})(?P<closed>[〕﹞\]］）)】」]?)"
    r"|(?P<two>(?:19|20)\d{2}(?:\s*[\-—–年第.．·/／、#]\s*第?|\s+)\d{1,4})"
    r"|(?<=[〔\[［【])(?P<half>(?:19|20)\d{2}\s?第?\d{1,4})|(?P<unopened>(?:19|20)\d{2}[〕\]］】]第?\d{1,4})"
    r"|(?P<swapped>(?:19|20)\d{2}\s?[（(〔\[]\d{1,4}[）)〕\]])"
    r"|(?P<open>(?:19|20)\d{2})[〕\]］）)】]?(?P<lone>)|(?<=[〔\[［【])(?P<empty>\s*年?|\d{1,3}|\d{5,7})[〕\]］】]第?\d{1,4}"
    r"|(?P<bare>\d{1,3}))\s*号(?![召称线楼机码令院窗]|台风|提案|议案|建议|通告|公告|工单|地块|信箱|预案|会议室)"
)
_NO_NUMBER = re.compile(r"[一-鿿][〔\[［【](?:19|20)\d{2}[〕\]］】]第?\d{1,4}(?=文(?!件柜)|精神|通知|要求|规定|"
    r"[，,。；;、）)])")

_NO_SIGN = re.compile(  # 卫健字2021第46, 妇字2022-41, 府办发2020第〔23号: the sign 号 is lost, or a bracket has moved
    r"(?P<mark>[一-鿿×]{2,10}?)[〔\[［（(]?(?:19|20)\d{2}[〕\]］）)]?\s*(?:"
    r"第\s*[〔\[［（(【]\s*\d{1,4}\s*[〕\]］）)】]?号?|(?:第|[\-—–.·/、])\s*\d{1,3}(?!\d|\s*[号年月日期届批轮季半\-—–.%％]))"
)


def placeholders(context: Context) -> Iterator[Finding]:
    """T01: masks where figures or names belong, gathered into one lead for figures and one for names."""
    masked = [claim for claim, place in zip(context.claims, context.places, strict=True)
              if claim.masked and not re.search(r"\d", claim.surface)
              and not re.search("[+＋][”\"]?$", context.shadow[max(0, place[0] - 2) : place[0]])
              and not _RAYS.match(context.shadow, place[0])]  # fmt: skip
    spans = [(claim.start, claim.end) for claim in masked]
    if masked:
        total = len([c for c in context.claims if c.masked or c.value_low is not None])
        shown = "、".join(_told(claim) for claim in masked[: context.option("names_shown")])
        message = (
            f"{len(masked)}处数字仍是占位符：{shown}{'等' if len(masked) > context.option('names_shown') else ''}，"
            f"占全文{total}个数字的{round(100 * len(masked) / total)}%，这些指标无法比较。"
        )
        yield context.finding(message, [context.of_claim(c, note=_named(c)) for c in masked])
    numbers = [(c.start, c.end) for c in context.claims if c.masked]
    names: list[Evidence] = []
    found = [context.shadow_span(*match.span(), note="名称或年份空缺") for match in _NAME.finditer(context.shadow)]
    found += [
        context.source_span(m.start, m.end, note="空缺")
        for m in context.report.mentions
        if m.kind in ("date", "attribute", "part", "name") and _MASKED_COUNT.match(m.surface)
    ]
    for here in sorted(found, key=lambda evidence: evidence.start):
        if names and here.start < names[-1].end:
            continue
        if not any(here.start < end and start < here.end for start, end in (*spans, *numbers)):
            names.append(here)
    if names:
        around = [_around(context, e) for e in names[: context.option("names_shown")]]
        message = f"{len(names)}处名称或年份仍是占位符：{'、'.join(dict.fromkeys(around))}。"
        yield context.finding(message, names, severity=2)


def partly_masked(context: Context) -> Iterator[Finding]:
    """T02: mask and digits in one number."""
    for match in _PARTLY.finditer(context.shadow):
        if _is_name(context, match):
            continue
        here = context.shadow_span(*match.span())
        digits = re.sub(r"[^\d.]", "", match.group())
        yield context.finding(
            f"“{_around(context, here)}”只遮去了数字的一部分，不能读作{digits}，原数未知。", [here],
            formula=f"{here.surface} ≠ {digits}",
        )  # fmt: skip


def _is_name(context: Context, match: re.Match[str]) -> bool:
    """Whether letters and digits name a thing or multiply: 3X3篮球, 2×66万千瓦, X207线, 3XX号, 138xxxx5678, 202X年."""
    before = context.shadow[max(0, match.start() - 10) : match.start()]
    after = context.shadow[match.end() : match.end() + 6].lstrip()
    word = match.group()
    phone = re.match(r"1[3-9]\d", word) and len(word) >= 7
    year = after[:1] == "年" and word.startswith(("19", "20", "2"))
    counted = _THINGS if "X" in word.upper() else _SINGLE
    times = _TIMES.match(context.shadow, match.start()) and after[:1] not in counted
    named = re.search(context.option("names_before"), before) or re.match(context.option("names_behind"), after)
    return bool(
        phone or year or named or len(word) > 8 or _YEAR_MASK.fullmatch(word)
        or (before.endswith("月") and after[:1] in "日号")
        or times or (word[0] in "×*＊xX" and _TIMES_PRICE.search(before))
        or not _MEASURED.match(after)
    )  # fmt: skip


def year_as_value(context: Context) -> Iterator[Finding]:
    """T04: a quantity that is the year of the report, or begins with it."""
    if context.year is None:
        return
    year = str(context.year)
    titled = next(iter(re.findall(r"20\d\d", context.report.issuer.title or "")), year)
    for claim, place in zip(context.claims, context.places, strict=True):
        digits = re.match(r"\D{0,2}(\d+)(?:\.\d+)?(?![\d.])", context.shadow[place[0] : place[1]])
        if not digits or claim.unit in (None, "年", "年度", "届", "级", "款", "版") or (
            claim.dimension == "duration" and claim.unit not in ("小时", "分钟")
        ):
            continue
        if claim.unit == "起" and re.search("[自从于到]$", context.shadow[max(0, place[0] - 1) : place[0]]):
            continue  # 自2023起
        exact = digits.group(1) in (year, titled)
        glued = digits.group(1)[:4] == year and len(digits.group(1)) == 5
        if not exact and not (glued and (claim.dimension == "percent" or not _is_stock(claim))):
            continue
        meant = digits.group(1)[4:]
        guess = f"去掉年份后为{meant}{claim.unit}，仅供核对" if meant else None
        yield context.finding(
            f"“{_around(context, context.of_claim(claim))}”的数量{'等于' if exact else '以'}报告年份{year}"
            f"{'' if exact else '开头'}，像是批量改年份时误改了数量。",
            [context.of_claim(claim)], suggestion=guess, severity=None if exact or claim.dimension == "percent" else 2,
        )  # fmt: skip


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
        why = "六角括号不完整" if found["half"] or found["unopened"] else "没有六角括号"
    return context.finding(
        f"文号“{here.surface}”{why}，规范写法为“机关代字〔年份〕序号”。", [here], suggestion=suggestion
    )


def _told(claim: Claim) -> str:
    return f"{claim.object or claim.action or ''}{claim.surface}"


def _named(claim: Claim) -> str | None:
    return f"所遮蔽的指标：{claim.object}" if claim.object else None


def _around(context: Context, evidence: Evidence, width: int = 6) -> str:
    """The evidence with a few characters of its clause on each side, as issued."""
    text = context.report.document.text
    left = re.split(r"[\s，。；：、,;]", text[max(0, evidence.start - width) : evidence.start])[-1]
    right = re.split(r"[\s，。；：、,;]", text[evidence.end : evidence.end + width])[0]
    return f"{left}{evidence.surface}{right}"


def _is_stock(claim: Claim) -> bool:
    return (claim.indicator or "").startswith("profile.") or claim.dimension in ("money", "area")


CHECKS: dict[str, Check] = {
    "T01": placeholders,
    "T02": partly_masked,
    "T04": year_as_value,
    "T05": broken_document_number,
}
