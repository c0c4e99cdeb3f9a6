"""T03: a place where a number belongs and none stands.

What surrounds the gap is written in tables: verbs that take a count, things that are measured, words that lead up to
an amount, measure words with what they count, and the words in which such a measure word is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.audit.base import Check, Context
from pipeline.lexicon import units
from pipeline.records import Finding

_NUMERAL = "零〇一二三四五六七八九十百千万亿两几数多半每各若"
_END = r"(?=[，,。；;、）)\n])"
_WORD = rf"(?:四害|[^\W\d_{_NUMERAL}])"


def missing_number(context: Context) -> Iterator[Finding]:
    """T03: a verb, an amount word and a unit without the number that belongs between them."""
    seen: set[int] = set()
    for pattern in _patterns(context):
        for match in pattern.finditer(context.shadow):
            at = match.end(1)
            if at in seen or any(start < at < end for start, end in context.places) or _is_word(context, at):
                continue
            if _is_table_head(context, at):
                continue
            seen.add(at)
            end = at + 1 if context.shadow[at : at + 1] not in "，,。；;、\n" else at
            here = context.shadow_span(match.start(), end, note="此处缺少数字")
            left = context.shadow[max(0, match.start() - 6) : at].lstrip("，。；、\n ")
            right = re.split(r"[\n。]", context.shadow[at : at + 8])[0]
            yield context.finding(f"“{left}‸{right}”处缺少数字（‸为缺数位置）。", [here])


def _patterns(context: Context) -> Iterator[re.Pattern[str]]:
    """The shapes of a gap; group 1 ends where the number belongs."""
    verbs, things, leads, exact, measures, counts, spent = (
        "|".join(sorted(context.option(name), key=len, reverse=True))
        for name in ("verbs", "things", "leads", "exact", "measures", "counts", "spent")
    )
    counted = context.option("counted").items()
    # 垃圾处理的支出为万元， 修补屋面平方米， 占地亩， 占总数的%，
    yield re.compile(rf"([^\W\d_{_NUMERAL}余按以论上整单双成超过逾破])(?=(?:{exact}){_END})")
    yield re.compile(rf"((?:{leads}|{things}|{verbs})(?:了|资金|经费|专款|款)?)(?=(?:万元|亿元|万人次|平方米|平方公里|"
        rf"公里|立方米)(?:用于|用来|资金|建设|购|新建|对))")
    yield re.compile(rf"([一-鿿](?<![{_NUMERAL}余按])(?:了)?)(?=\s?[%％](?!\d|[A-Za-z]))")
    # 提高近个百分点， 约占分之一， 列全县第， 于月日召开
    yield re.compile(rf"([^\W\d_{_NUMERAL}]|了)(?=个(?:多)?百分点)")
    yield re.compile(r"((?:占|约占|近|超过|"
        r"达)[^\W\d_，。]{0,4}?)(?=分之[一二三四五六七八九十])(?<![百千万一二三四五六七八九十几数])")
    yield re.compile(r"(百分之)(?=[，,。；;、\n]|以上|左右)")
    yield re.compile(r"((?:[列居获]|排名|名列|位居|位列)(?:全|在)?[一-鿿]{0,3}?(?:[县市区省国镇乡州]|"
        r"全)?第)(?=[位名]?[，,。；;、\n])")
    yield re.compile(r"((?<=[于在自至到截，。；\n])年?|20\d\d年)(?=\s?月\s?日)")
    yield re.compile(r"((?<=[自从于至到截]))(?=年月(?:[起至份底初]|日))")
    # 现有人口近人， 辖区常住人口约人
    yield re.compile(rf"((?:人口|户数|村民|居民|群众|人员|劳力|农户|住户|党员|职工|学生)(?:共|已|现|总数)?(?:约有|"
        rf"约为|{leads}))(?=[人户名个]{_END})(?<!平易近)")
    # 筹措近用于， 投入达，
    yield re.compile(
        rf"((?:{spent})[^\W\d_]{{0,4}}?"
        r"(?<![最附靠邻临将贴远亲节签预制条契违履合公邀])(?:近|约|逾|超过|达到|达|共计|累计))(?=用于|用来|[，,。；;、])(?!近)"
    )
    yield re.compile(
        rf"((?:{things})(?:共|已|现|累计|总|约)?(?:达到了?|已达|增至|增加到|提高到|提升到|升至|降至|提升至|提高至|增加至|下降至|约为|达))(?=[，,。；;、])"
    )
    yield re.compile(r"((?:率|比例|比重|占比|密度|覆盖面|满意度)(?:分别)?为)(?=[，,。；;、])")
    yield re.compile(rf"((?:[共现辖]有?|总)(?:农户|居民|住户|村民|人口|总人口))(?=(?:万?[人户]){_END})")
    # 修缮房屋余间， 轮训楼长近人次，
    in_han = [unit for unit in units() if re.fullmatch("[一-鿿]+", unit) and unit != "村"]
    any_unit = "|".join(sorted(in_han, key=len, reverse=True))
    yield re.compile(rf"((?:(?<!业)[一-鿿](?<![{_NUMERAL}其剩盈富结业年残节有之])))(?=[余餘](?:{any_unit}){_END})")
    yield re.compile(rf"({_WORD}(?:约|近|逾|达|超|共|累计))(?=(?:人次|台次|户次|车次|班次|万元|"
        rf"亿元){_END})(?!(?<=[超逾])[万亿])")
    yield re.compile(rf"((?:{verbs}){_WORD}{{1,6}}(?<![很许好众诸繁大太更最较如差第]))(?=多(?:户|间|亩|吨|米|公里|"
        rf"平方米|立方米|元|万元|公斤|人次|盏|株|棵){_END})")
    # 配备保洁员名， 新建座公厕， 发放约份资料， 下辖个村
    for unit, nouns in counted:
        yield re.compile(rf"((?:{verbs}){_WORD}{{0,8}}?(?:{nouns}))(?={unit}{_END})")
        yield re.compile(rf"((?:{verbs})(?:了|{leads})?)(?={unit}(?!{unit})[一-鿿]{{0,4}}?(?:{nouns}))")
    yield re.compile(rf"((?:{verbs}){_WORD}{{2,10}})(?=(?:{measures})(?:以上|左右)?{_END})")
    yield re.compile(rf"((?:{verbs})(?:{_WORD}{{2,6}})?)(?=(?:人次|台次|余处|余户|余人|余份)(?:[一-鿿]|{_END}))")
    yield re.compile(rf"((?:{verbs}){_WORD}{{0,8}}?(?:{leads}))(?=(?:{counts}|人次|台次){_END})")
    yield re.compile(
        r"((?:下辖|管辖|辖区?有?|共有|设有|建有|拥有|配有|配备了?|共设|现有|分为|划为|划分为)(?:约|近)?)"
        r"(?=(?:个|名|户|座|处|台|辆|家|所|条|间|支)[一-鿿])"
    )


def _is_word(context: Context, at: int) -> bool:
    """Whether what looks like a bare unit is part of a word: 车辆, 讲座, 平台, 名优."""
    pair = context.shadow[at - 1 : at + 1], context.shadow[at : at + 2]
    return bool({*pair, context.shadow[at - 1 : at + 2]} & set(context.option("unit_words")))


def _is_table_head(context: Context, at: int) -> bool:
    """Whether a place stands in a line without sentences: the head of a column names a unit and no number."""
    start, end = context.shadow.rfind("\n", 0, at) + 1, context.shadow.find("\n", at)
    line = context.shadow[start : end if end >= 0 else len(context.shadow)]
    return not re.search("[，,。；;：:]", line) or "单位：" in line[:20]


CHECKS: dict[str, Check] = {"T03": missing_number}
