"""T01–T05: what a template, a mask or a blind replacement left where a figure or a name belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.audit.base import Check, Context
from pipeline.lexicon import units
from pipeline.records import Claim, Evidence, Finding

MASK = r"[XxＸｘ×＊*]"
_NAME = re.compile(  # a mask that stands for a name or a year, not for a number
    rf"(?<=书记)(?:{MASK}{{1,4}}|某{{1,3}})(?=同志|为|任|担任|负责|带队)|某某(?=同志|书记|主任)|"
    rf"(?<=[长任由])(?:{MASK}{{1,4}}|某{{1,3}})(?=同志|为组长|任组长)"
    rf"|(?<![A-Za-z0-9\-—+]){MASK}{{1,8}}(?=[省市州县区镇乡村街社局办处组段路站厂校园人国公年]|书记|同志|委员会)"
    r"|(?<![A-Za-z0-9\-—+])[XxＸｘ]{1,8}(?=[、，。和与及的”》\s])"
    r"|(?<![一-鿿])某{1,3}(?=[省市州县区镇乡村街局社](?![一-鿿]{0,2}同志))|"
    r"(?<=[在我由])某{1,3}(?=[省市州县区镇乡村街局社])"
    r"|20[XxＸｘ×＊*_]{2}(?=年)|201[XxＸｘ×＊*](?=年)|_{2,}|[（(][\s　]{2,}[）)]|[○〇]{2,}(?=[省市州县区镇乡村街社局])"
)
_MASKED_COUNT = re.compile(rf"(?:{MASK}\s?)+[个項项次年月日岁多余家户名%％]")
_PARTLY = re.compile(
    rf"(?<![A-Za-z\d.\-—]){MASK}+[\d.]*\d{MASK}*(?=\s?(?:[余餘多]|[万亿]|[%％‰]|[一-鿿]))"
    rf"|(?<![A-Za-z\d.\-—·])\d[\d.]*[XxＸｘ＊*×]+[\d.]*(?=\s?(?:[余餘多]|[万亿]|[%％‰]|[一-鿿]))"
)
_YEAR_MASK = re.compile(r"20[XxＸｘ×＊*]{2}|201[XxＸｘ×＊*]")
_TIMES = re.compile(r"\d+(?:\.\d+)?\s?[Xx×*＊]\s?(?:[1-9]\d*(?:\.\d+)?|\d+\s?(?:米|厘米|毫米|公分|m|cm))")
_MEASURED = re.compile("[余餘多万亿萬億%％‰]|" + "|".join(map(re.escape, sorted(units(), key=len, reverse=True))))
_RAYS = re.compile("[Xx](?:[射光]?线|光)(?:摄影|机|片|检|透|拍|[（(])")
_AMOUNT = r"(?:亿元|万元|万人次|人次|平方米|平方公里|立方米|公里|公斤|千克|万平方米|万亩|元(?![宵旦月素件]))"
_GAP_BEFORE = r"(?:(?<=[一-鿿])(?<![零一二三四五六七八九十百千万亿两几数多余半上每/按以成]))"
_MISSING = [  # an empty place: group 1 is what stands before it
    re.compile(
        r"((?:筹措|筹集|投入|投资|完成|发放|清理|培训|拨付|争取|募集|安排|补助|支出|兑现)[^\W\d_]{0,4}?"
        r"(?<![最附靠邻临将贴远亲节签预制条契违履合公邀])(?:近|约|逾|超过|达到|达|共计|累计))(?=用于|用来|[，,。；;、])(?!近)"
    ),
    re.compile(
        r"((?:约为|增加到|提高到|减少到|共|约|近|达到?|超过|逾|累计|共计|合计|投入|投资|筹措|筹集|完成|补助|拨付|"
        r"支出|收入|增收|创收|捐款|捐资|产值|总值|资金|经费|面积|长度)"
        rf"{_GAP_BEFORE})(?={_AMOUNT})(?!.元以上|.元级)"
    ),
    re.compile(
        r"((?:改造|新建|建成|新增|安装|修建|清理|拆除|发放|种植|清运|购置|配备|悬挂|张贴|硬化|开展|培训|出动|整治|"
        r"取缔|疏通|铺设|印发|散发|清淤|粉刷|栽植|栽种|维修|检查|排查)"
        rf"[^\W\d_零一二三四五六七八九十百千万亿两]{{1,8}}?{_GAP_BEFORE})(?<![平立]方)(?=(?:吨|亩|盏|[余餘多](?:[份户个处条吨车米株棵幅名场册辆座盏]|台次|人次|"
        r"公里|平方米)|人次|万元|公里|平方米|立方米)[，,。；;、])"
    ),
    re.compile(
        r"((?:新建|改建|建成|新增|改造|修建)[^\W\d_]{0,4}(?:公厕|厕所|户厕|垃圾中转站|"
        r"水冲厕))(?=[座个户所][，,。；;、])"
    ),
    re.compile(r"((?:率|比重|比例|占比|增长|下降|提高|达到?|完成|为|超过|占)(?:了)?)(?=\s?[%％](?!\d))"),
    re.compile(r"((?<![其剩盈富结业有年残多多])[一-鿿](?<![0-9零一二三四五六七八九十百千万亿两几数其剩盈富结业年残节]))(?=[余餘](?:份|"
               r"户|处|人次|名|张|条|吨|幅|株|棵|[万亿]?元|[平立]?方米?|公里|米|亩|公斤)[，,。；;、])"),
]  # fmt: skip
_DOCUMENT_NUMBER = re.compile(
    r"[一-鿿]{1,8}?(?:字|发|办|函|政办|党办|指)\s?(?:第)?(?:[〔\[［（(【]?(?P<glued>(?:19|20)\d{2}\d{1,4})[〕\]］）)】]?"
    r"|(?P<two>(?:19|20)\d{2}\s*(?:[-—–年第.．·/／\s])\s*第?\d{1,4})"
    r"|(?P<bare>\d{1,3})|[〔\[［（(【]?(?P<open>20\d{2})[〕\]］）)】]?(?P<lone>))\s*号"
)


def placeholders(context: Context) -> Iterator[Finding]:
    """T01: masks where figures or names belong, gathered into one lead for figures and one for names."""
    masked = [claim for claim, place in zip(context.claims, context.places, strict=True)
              if claim.masked and not re.search(r"\d", claim.surface)
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
    named = re.search(context.option("names_before"), before) or re.match(context.option("names_behind"), after)
    return bool(
        phone or year or named or len(word) > 8 or _YEAR_MASK.fullmatch(word)
        or (before.endswith("月") and after[:1] in "日号")
        or (_TIMES.match(context.shadow, match.start()) and not ("X" in word.upper() and after[:1] in "起户名件份家"))
        or not _MEASURED.match(after)
    )  # fmt: skip


def missing_number(context: Context) -> Iterator[Finding]:
    """T03: a verb, an amount word and a unit without the number that belongs between them."""
    seen: set[int] = set()
    for pattern in (*_MISSING, *_bare_units(context)):
        for match in pattern.finditer(context.shadow):
            at = match.end()
            if at in seen or any(start < at < end for start, end in context.places) or _is_word(context, at):
                continue
            seen.add(at)
            end = at + 1 if context.shadow[at : at + 1] not in "，,。；;、\n" else at
            here = context.shadow_span(match.start(), end, note="此处缺少数字")
            left = context.shadow[max(0, match.start() - 6) : at].lstrip("，。；、\n ")
            right = re.split(r"[\n。]", context.shadow[at : at + 8])[0]
            yield context.finding(f"“{left}‸{right}”处缺少数字（‸为缺数位置）。", [here])


def _bare_units(context: Context) -> Iterator[re.Pattern[str]]:
    """Places of a number that has gone: 配备保洁员名， 下辖个村， 提高个百分点， 常住人口达到，"""
    verbs, things, measures = ("|".join(context.option(name)) for name in ("verbs", "things", "measures"))
    listed = context.option("counted").items()
    counted = "|".join(f"(?:{nouns})(?={unit}[，,。；;、\n])" for unit, nouns in listed)
    numeral = "零一二三四五六七八九十百千万亿两几数多每半各若"
    gap = rf"(?:四害|[^\W\d_{numeral}])"
    ends = r"(?=[，,。；;、\n])"
    yield re.compile(rf"((?:{verbs}){gap}{{0,8}}?(?:{counted}))")
    yield re.compile(rf"((?:{verbs}){gap}{{2,10}})(?=(?:{measures})(?:以上|左右)?{ends})")
    yield re.compile(rf"((?:{verbs})(?:{gap}{{2,6}})?)(?=(?:人次|台次|余处|余户|余人|余份)(?:[一-鿿]|{ends}))")
    yield re.compile(
        r"((?:下辖|辖有?|共有|设有|建有|拥有|配有|配备了?|共设))(?=(?:个|名|户|座|处|台|辆|家|所|条|间|支)[一-鿿])"
    )
    yield re.compile(r"((?:提高|提升|上升|下降|降低|增长|回落|高出?|低)了?)(?=个百分点)")
    yield re.compile(
        rf"((?:{things})(?:共|已|现|累计|总|约)?(?:达到|增至|增加到|提高到|提升到|升至|降至|约为|达))(?=[，,。；;、])"
    )
    yield re.compile(
        r"((?:率|比重|比例|占比|占[^\d，。]{0,6}的|增长|下降|提高到?|提升[到至]|达到?|升至|为|超过)了?)(?=\s?[%％](?!\d))"
    )


def _is_word(context: Context, at: int) -> bool:
    """Whether what looks like a bare unit is part of a word: 车辆, 讲座, 平台, 名优."""
    pair = context.shadow[at - 1 : at + 1], context.shadow[at : at + 2]
    return bool({*pair, context.shadow[at - 1 : at + 2]} & set(context.option("unit_words")))


def year_as_value(context: Context) -> Iterator[Finding]:
    """T04: a quantity that is the year of the report, or begins with it."""
    if context.year is None:
        return
    year = str(context.year)
    titled = next(iter(re.findall(r"20\d\d", context.report.issuer.title or "")), year)
    for claim, place in zip(context.claims, context.places, strict=True):
        digits = re.match(r"\D{0,2}(\d+)(?![\d.])", context.shadow[place[0] : place[1]])
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
    for match in _DOCUMENT_NUMBER.finditer(context.shadow):
        glued, bare = match.group("glued"), match.group("bare")
        if bare and not re.search(r"字(?:第)?\d+\s*号$", match.group()):
            continue
        if not glued and not bare and not match.group("two") and not match.group("open"):
            continue
        start = match.start()
        here = context.shadow_span(start, match.end())
        if glued:
            suggestion = f"可能是{match.group()[: match.start('glued') - start]}〔{glued[:4]}〕{glued[4:]}号"
            why = "年份与序号连写"
        else:
            suggestion, why = None, "缺少年份" if bare else "缺少序号" if match.group("open") else "没有六角括号"
        yield context.finding(
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
    "T03": missing_number,
    "T04": year_as_value,
    "T05": broken_document_number,
}
