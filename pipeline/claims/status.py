"""Whether a claim was done, stands, is aimed at, or is laid down as a rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import ahocorasick_rs

from pipeline.claims.measure_words import FREQUENCIES, PEOPLE
from pipeline.lexicon import one_of, rows, verbs, word_list
from pipeline.records import Heading, Quantity, Segment

PLAN, REVIEW, OPEN = "plan", "review", "open"
_PLAN_TITLE = re.compile(
    rf"^(?!.*(?:{one_of('title_of_report')})).*(?:{one_of('title_of_plan')})(?:[（(][^）)]*[）)])?$"
)
_SPEECH = re.compile("各位代表|代表们")
_AIMED_AT = re.compile(r"预期目标(?:任务)?\s?(?:是|为|[:：])")
_GLOSSARY = re.compile(rf"\n[\s*#]*(?:{one_of('opening_of_glossary')})")
# In a plan, what was told in a clause or before it in the sentence as it stands today.
_TOLD_ALREADY = re.compile(
    r"(?:已(?!然|确定|建成的)|目前|现有)[^，。；]*$|截[至止]|(?<![比较])(?:去年|上年)|今年以来|20\d\d年以来"
)
_PRIOR = 3  # a paragraph without any cue rather plans: what was done tells of itself
_SENTENCES, _CLAUSES = re.compile(r"[。；;！？\n]"), re.compile(r"[，,：:]")
_EXACT = 8  # weight of a figure with four digits that count, beside the weights of models/tense.csv


@cache
def _cues() -> tuple[ahocorasick_rs.AhoCorasick, list[int]]:
    cues = rows("tense")
    found = ahocorasick_rs.AhoCorasick([row["cue"] for row in cues], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    return found, [int(row["weight"]) for row in cues]


def tense(passage: str) -> int:
    """How much a passage speaks of what is to come (positive) or of what was done (negative), by the cues of
    models/tense.csv; each cue counts once."""
    machine, weights = _cues()
    told = {match[0] for match in machine.find_matches_as_indexes(passage)}
    return _PRIOR + sum(weights[cue] for cue in told)


def _looks_ahead(passage: str) -> bool:
    """Whether a passage has any cue of models/tense.csv of what is to come."""
    machine, weights = _cues()
    return any(weights[match[0]] > 0 for match in machine.find_matches_as_indexes(passage))


@cache
def _aim() -> re.Pattern[str]:
    """Words of models/aims.csv before a figure in its sentence, and what stands between."""
    return re.compile(rf"(?:{'|'.join(row['pattern'] for row in rows('aims'))})(?P<between>[^。；]*)$")


def names_plan(title: str) -> bool:
    """Whether a title names a plan (2024年工作要点): all of it, and its year, is of what is to come."""
    return bool(_PLAN_TITLE.search(title.strip()))


def outlooks(
    shadow: str, headings: Sequence[Heading], segments: Sequence[Segment], quantities: Sequence[Quantity]
) -> list[str]:
    """PLAN, REVIEW or OPEN for each segment; one for the whole text where there is none.

    A title that names a plan speaks for all (2024年工作要点). Where only the likeness of its words calls a segment one,
    at least one cue of models/tense.csv must say so too: a last list of deeds is none.
    """
    other = REVIEW if _SPEECH.search(shadow) else OPEN
    if any(heading.level == 0 and names_plan(heading.title) for heading in headings[:3]):
        return [PLAN] * max(1, len(segments))
    if _torn_out(shadow, headings):
        return [PLAN if tense(shadow) > exactness(shadow, quantities) else other] * max(1, len(segments))
    first, last = _plan_of_speech(shadow) if other == REVIEW else (len(shadow), len(shadow))
    aimed = (first < (s.start + s.end) // 2 and s.start < last for s in segments)
    sure = (s.decided_by != "model" or _looks_ahead(shadow[s.start : s.end]) for s in segments)
    planned = (segment.role == "plan" and so for segment, so in zip(segments, sure, strict=True))
    return [PLAN if any(so) else other for so in zip(aimed, planned, strict=True)] or [other]


def _plan_of_speech(shadow: str) -> tuple[int, int]:
    """Where a speech to delegates turns to what is aimed at, and where its glossary begins: all between is a plan."""
    turn = _AIMED_AT.search(shadow)
    if turn is None:
        return len(shadow), len(shadow)
    glossary = _GLOSSARY.search(shadow, turn.end())
    return turn.start(), glossary.start() if glossary else len(shadow)


def _torn_out(shadow: str, headings: Sequence[Heading]) -> bool:
    """Whether the text is a passage without the headings it stood under: only its tense tells deed from plan.

    A sentence or two have no room for cues, and a long text has headings of its own.
    """
    headed = any(heading.level == 0 or heading.series in ("一、", "第一章", "style") for heading in headings)
    return 150 < len(shadow) < 2000 and not headed


def exactness(shadow: str, quantities: Sequence[Quantity]) -> int:
    """How much the figures of a passage look counted, not planned: 23119辆 was counted, 2万辆 may be a plan."""
    digits = (re.sub(r"\D", "", shadow[q.number_start : q.number_end]).strip("0") for q in quantities)
    return _EXACT * sum(len(number) >= 4 for number in digits)


_TURNS = word_list("base_of_turns")
_PAYS = word_list("verb_of_fees")
# 预期目标是：生产总值增长6%；投资增长10%
_FRAME = re.compile(r"(?:(?:预期|主要|奋斗|发展)目标(?:任务)?\s?(?:是|为|[:：])|目标(?:是|为)?[:：])[^。\n]*$")
_GOAL = re.compile(r"(?:目标|(?<![地耗量排])指标)(?:值|任务)?[为是]?$")
# What others laid down, against which a figure is held: 低于标准85%, 满分1000分, 低于80分的扣减绩效, 距95%尚差.
_STANDARD = re.compile(
    r"(?:(?<![助资障费贴补])标准(?:要求[^，。；\d]{0,14}|[为是：:])?|满分[为是]?|[高低]于(?:国家|省定?|省级|国家级)标准|^距离?)[≥≤]?$"
)
_AGAINST = re.compile(r"的(?:[国省市县][家定级]?)?(?:标准|控制线|红线|及格线)")
_SANCTION = re.compile(rf"(?:以[上下])?的[，]?(?:[一-鿿]{{0,3}})(?:一律|{one_of('sanction')})")
# 连续两季垫底的村要约谈, 被投诉3次的扣20元: what is done to whoever does so is a rule.
_OFFENCE = re.compile(rf"(?:{one_of('before_offence')}|被[一-鿿]{{0,4}}投诉)[^，。；\d]{{0,4}}$")
_SANCTION_AFTER = re.compile(rf"(?:[^，。；]{{0,6}}的|[^，。；]{{0,6}}末位的)[^，。；]{{0,8}}?(?:{one_of('sanction')})")
_SANCTIONED = re.compile(rf"[次天月分名位]的[，]?(?:一律|每次|每人)?(?:{one_of('sanction')})[一-鿿]{{0,4}}$")
_COMPARED = tuple(sorted(word_list("verb_of_comparison")))
_LIMIT = re.compile(r"(?:限期?|时限|期限)[为是在]?$")
_WITHIN = re.compile(rf"之?内[^，。；]{{0,4}}(?:{one_of('deed_with_deadline')})")
_DEADLINES = word_list("unit_of_deadlines")


# 完成全年任务4万平方米的59.5%: the figure between the two was laid down.
_ASSIGNED = re.compile(r"(?:完成|占|为|达)[^，。；]{0,6}(?:任务|目标|计划)数?的?$")
_OF_IT = re.compile(r"的(?:\d[\d.]*%|百分之)")
# 比计划的150户少32户, 离全县35%的要求还差3.5个百分点
_MEASURED_BY = re.compile(
    r"(?:[比较]|[高低]于|超过(?=[^，。；\d]*的$))[^，。；\d]{0,4}(?:计划|任务|目标|指标)(?:任务)?[数值]?的?$"
)
_FAR_FROM = re.compile(r"[离距][^，。；\d]{0,6}$")
_DEMANDED = re.compile(r"的(?:要求|目标|任务|指标)")
# What is there already is so in a plan too: 对正在办的8件事定好日期, 带动全县90个村…
_THERE = re.compile(r"(?:正在|剩余|余下|现有|原有|尚未|未|已)[^，。；\d]{0,6}的$")
_WHOLE_AREA = re.compile(r"全[省市县区州镇乡]$")
_AREAS = re.compile(rf"(?:{one_of('area_of_place')})")
# 2栋将于次年3月底前完成
_WILL = re.compile(r"[^，。；、\d]{0,10}(?:将[于在可会]|(?:计划|拟|预计)(?:[于在可]|20\d\d|\d+月|年底|明年)|有望)")
_HANDLING = re.compile(rf"(?:{one_of('deed_with_deadline')})(?:时间|时限|时长)?(?:一律)?(?:不超过|控制在)$")
_HAPPENS = word_list("unit_of_events")
_SET_UP = re.compile(
    rf"(?:{one_of('body_set_up')})(?:[\d一两二三四五]+个)?[，]?(?:内|并|共)?下?设(?:立|置|有)?$"
    rf"|(?:{one_of('verb_of_setting_up')})[^。；]*?(?:{one_of('body_set_up')})[^。；]*，(?:内|并|共)?下设[^，。；]{{0,14}}$"
)
# What should be done, and what was not: 应拆旱厕225座，已拆117座，未拆95座.
_DUE = re.compile(r"^(?:全[镇乡县市区村])?应(?![急用对邀届])[一-鿿]{1,8}$")
_UNDONE = re.compile(r"^(?:尚|还|仍)?未(?!来)[一-鿿]{1,4}$")
_TOLD = re.compile(one_of("word_of_deeds"))
_ESTIMATE = re.compile(one_of("word_of_estimates"))


def _estimated(aim: re.Match[str], quantity: Quantity) -> bool:
    """Whether 预计 tells the figure of a year that is just over (预计地区生产总值增长4%), not what is aimed at."""
    said = aim["between"]
    if re.match(r"预计20\d\d年(?!底|末)", aim[0]):
        return True  # 预计2016年实现生产总值396亿元
    over = aim[0].startswith("预计") and quantity.dimension in ("percent", "money")
    return over and bool(_ESTIMATE.search(said)) and not re.search(r"[可将能]|年底|明年|完成|目标", said)


def _laid_before(shadow: str, quantity: Quantity, clause: str) -> bool:
    """Whether a figure is only the plan or the demand that another one is measured by."""
    if _ASSIGNED.search(clause) and _OF_IT.match(shadow, quantity.end):
        return True
    return bool(_MEASURED_BY.search(clause) or (_FAR_FROM.search(clause) and _DEMANDED.match(shadow, quantity.end)))


# 核定编制12名, 开放床位78张, but 编制12个规划, 新增床位20张
_POSTS = re.compile(rf"(?:{one_of('noun_of_capacity')})(?:总?数)?(?:为|共|共有)?$")
_POST_ACTIONS = word_list("verb_of_capacity")
# 由3名增至5名, 每斤涨到110元: a level that stands now
_LEVEL = re.compile(r"[增降升涨减缩高加少短大小长调扩提][到至]了?(?:[^，。；、]{1,8}的)?$")
_LASTS = re.compile(rf"(?:{one_of('verb_of_lasting')})(?:了|已|近|约|超过?)*$")
_WANTS = re.compile(
    rf"(?:{one_of('noun_of_shortage')})[为约达近]?$|(?:共|一共|总共)设有?[^，。；\d]*$|正在[一-鿿]{{1,4}}$"
)


def _is_there(shadow: str, quantity: Quantity, clause: str) -> bool:
    areas = _WHOLE_AREA.search(clause) and _AREAS.match(shadow, quantity.end)
    return quantity.dimension == "count" and bool(areas or _THERE.search(clause))


def _laid_down(before: str, clause: str, after: str, quantity: Quantity, per_base: str | None) -> bool:
    """Whether a figure is a standard, a deadline, or a time laid down for every day."""
    if quantity.dimension == "duration":
        deadline = _LIMIT.search(clause) or _WITHIN.match(after) or _HANDLING.search(clause)
        daily = "每" in clause and per_base == "日" and quantity.relation in ("ge", "le")
        return daily or bool(deadline and quantity.unit in _DEADLINES)
    if _SANCTIONED.search(before[-30:]) or (_OFFENCE.search(clause) and _SANCTION_AFTER.match(after)):
        return True
    if clause.endswith(_COMPARED) and (_AGAINST.match(after) or _SANCTION.match(after)):
        return True
    return bool(_STANDARD.search(clause[-24:]))


def status(shadow: str, quantity: Quantity, action: str | None, per_base: str | None, outlook: str) -> str:
    """done, state, target or rule. `outlook`: whether its passage speaks of what is to come (PLAN), is the review of a
    speech to delegates (REVIEW), or neither is known (OPEN)."""
    before = _SENTENCES.split(shadow[max(0, quantity.start - 60) : quantity.start])[-1]
    clause = _CLAUSES.split(before)[-1]
    if _laid_before(shadow, quantity, clause):
        return "target"
    mean = "平均" in clause
    countless = quantity.unit is None and quantity.script != "mask"
    periodic = per_base is not None and (quantity.unit in FREQUENCIES or countless)
    if periodic and not mean and not re.search(r"(?:已|共|累计)", clause):
        return "rule"
    aimed = _aimed_at(shadow, quantity, before, outlook)
    if not aimed and _laid_down(before, clause, shadow[quantity.end : quantity.end + 12], quantity, per_base):
        return "rule"
    if _WILL.match(shadow, quantity.end):
        return "target"
    if _is_there(shadow, quantity, clause):
        return "state"
    planned = outlook == PLAN and not _TOLD_ALREADY.search(before)
    if planned or aimed or _GOAL.search(clause) or _DUE.search(clause):
        return "target"
    if per_base and not mean and "每" in clause and quantity.dimension != "percent":
        paid = quantity.dimension == "money" and action in _PAYS
        if paid or quantity.relation in ("ge", "le") or (quantity.dimension == "count" and per_base in _TURNS):
            return "rule"
    return "done" if _was_done(quantity, action, per_base, before, clause) else "state"


def _aimed_at(shadow: str, quantity: Quantity, before: str, outlook: str) -> bool:
    """Whether words before a figure in its sentence, or the list of aims that it stands in, say that it is to come."""
    far = max(0, quantity.start - 300)
    if shadow.rfind("目标", far, quantity.start) >= 0 and _FRAME.search(shadow, far, quantity.start):
        return True
    aim = _aim().search(before)
    if aim is None or _TOLD.search(aim["between"]):
        return False
    return not (aim[0].startswith("预计") and (outlook == REVIEW or _estimated(aim, quantity)))


def _was_done(quantity: Quantity, action: str | None, per_base: str | None, before: str, clause: str) -> bool:
    """Whether a figure of what was told was done in its time, or stands."""
    if action is None:
        happened = quantity.unit in _HAPPENS or "累计" in clause  # 讲座12场 took place
        return happened and quantity.dimension != "percent"
    if quantity.dimension in ("percent", "ratio", "level"):
        return action.startswith(_CHANGES)
    if _UNDONE.search(clause) or _stands_so(quantity, action, per_base, clause):
        return False
    if _SET_UP.search(before):
        return True  # 指挥部下设9个工作组, but 全镇下设14个村
    stands = verbs().get(action, ("", False))[0] in ("have", "reach") and action != "覆盖"
    return not (stands or action in _STANDS)


def _stands_so(quantity: Quantity, action: str | None, per_base: str | None, clause: str) -> bool:
    """Whether a figure beside a verb is a level, a capacity, a want, or what happens every day (日均清运垃圾15吨)."""
    posts = quantity.unit in (*PEOPLE, "张") and action in _POST_ACTIONS and _POSTS.search(clause)
    daily = per_base == "日" and (quantity.dimension in ("mass", "volume") or quantity.unit in PEOPLE)
    lasts = quantity.dimension == "duration" and _LASTS.search(clause)
    mean = per_base is not None and "平均" in clause
    return bool(daily or mean or posts or lasts or _LEVEL.search(clause) or _WANTS.search(clause))


_CHANGES = tuple(sorted(word_list("verb_of_change")))
_STANDS = word_list("verb_of_standing")
