"""N20: figures of a higher place told as the reporter's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.audit.base import Check, Context
from pipeline.audit.identity import own_rank
from pipeline.records import Claim, Finding

_HIGHER = re.compile(
    r"(全县|全市|全省|全州|全旗|全盟|全区(?!域)|全国|[我本](?:县|市|省|州|旗)|县域|市域|市区|"
    r"城市(?!管理|品|化|精|环|建设|综合|规划|执法|道|面貌|绿化美化工程)|县城(?!关|区域)|城区|各(?:乡镇|镇街|街镇)(?!村))"
    r"(?P<between>[^，,。；;\n]{0,24}|[^，,。；;\n\d]{0,12}[，,](?:一?共|累计|先后|总计|合计)[^，,。；;\n]{0,14})$"
)
_RATES = ("percent", "ratio", "level", "area")
_STREET = re.compile(r"街道|办事处|社区")
_INVOLVED = re.compile(
    r"(?:争创|迎接|占|列|居|为|被|获|从|自|返|按|依|参照|根据|围绕|助力|离|距|在|低于|高于|向|往|运[到至]|[承协主举]办|参加|参与|配合|响应|"
    r"服务|面向|代表|邀请|赴|至|与|和|比|较|争取|协助|借鉴|学习|落实|贯彻|执行|出席|进入|入选|纳入|跻身|融入|辐射|支援|支持)"
    r"[^，,]{0,6}$"
)
# What may stand before a higher place that opens its clause: times, and verbs that make its state the reporter's work.
_OPENING = re.compile(
    r"[^\d]{0,2}$|.{0,14}(?:[年月日底初末前后来间内今]|目前|累计|其中|同时|此外|另外|统计|[使让令把将对]|推动|带动|促进|"
    r"实现|确保|我们|现已?|为止|[：:—–])$"
)
_OWN = re.compile(r"[我本](?:镇|乡|街道|办|社区|村|辖区)|全(?:镇|乡|街道)")
_SAID_OF = r"[^，,。；;]{0,20}(?:\d|[一二三四五六七八九十]成|过半)|[^，,。；;]{0,6}[占高低]"  # how much its own part is
_UNITS_OF_GOVERNMENT = re.compile(
    "(?:[镇乡]|(?<!贫困)(?<!空壳)(?<!薄弱)(?<!落后)(?<!卫生)(?<!文明)(?<!示范)村|街道|(?:^|[级各直驻员关个])单位|部门|社区)$"
)


def higher_scope(context: Context) -> Iterator[Finding]:
    """N20: a township tells figures of the whole county or city as its own."""
    issuer = context.report.issuer
    own = own_rank(context)
    if own is None:
        return
    background = re.compile("|".join(context.option("background")))
    reporter = (issuer.place or "").partition("#")[0] or f"某{own}"
    street = own == "街道" or bool(_STREET.search(issuer.title or ""))
    for claim, place in zip(context.claims, context.places, strict=True):
        units = claim.dimension == "count" and _UNITS_OF_GOVERNMENT.search(claim.object or "")
        if claim.masked or claim.value_low is None or units:
            continue
        start, end = context.sentence_at(place[0])
        left = context.shadow[max(start, place[0] - 40) : place[0]]
        scope = _HIGHER.search(left)
        if scope is None or (street and scope.group(1) in ("城市", "城区")):
            continue
        clause = left[scope.start() :] + re.split("[，,。；;\n]", context.shadow[place[1] : end])[0]
        before = re.split("[，,。；;\n]", left[: scope.start()])[-1]
        if background.search(clause) or _INVOLVED.search(before) or not _is_told_of(claim, scope, before):
            continue
        if _tells_its_own(clause + context.shadow[place[1] : end], reporter):
            continue
        yield context.finding(
            f"“{scope.group().strip()}{claim.surface}”是{scope.group(1)}的口径，本报告主体为{reporter}。",
            [context.of_claim(claim), context.shadow_span(place[0] - len(scope.group()), place[0], "context", "口径")],
        )


def _is_told_of(claim: Claim, scope: re.Match[str], before: str) -> bool:
    """Whether a figure is that of the higher place: a rate always, anything else where the place opens its clause."""
    if claim.dimension in _RATES:
        return True
    opens = bool(_OPENING.match(before))
    return opens and (claim.indicator is not None or claim.status in ("done", "state"))


def _tells_its_own(words: str, reporter: str) -> bool:
    """Whether the reporter's own part stands beside it: 全县普及率86.3%，我镇达到93.6%."""
    own = f"{_OWN.pattern}|{re.escape(reporter)}" if len(reporter) > 2 else _OWN.pattern
    return bool(re.search(f"(?:{own})(?:{_SAID_OF})", words))


CHECKS: dict[str, Check] = {"N20": higher_scope}
