"""Percentages, ratios and levels: the object is the indicator that reaches them."""

from __future__ import annotations

import re

from pipeline.claims import phrases
from pipeline.claims import words as w
from pipeline.claims.governors import TASK, TASK_TAIL, Carry, Governor, completed
from pipeline.claims.words import Word
from pipeline.lexicon import rows, verbs, word_list
from pipeline.records import Quantity

# A rate that does not say of what, beside what was told before it: 交办问题83个，办结79个，办结率95.2%.
_BARE_RATE = re.compile(r"[一-鿿]{1,3}率")
# Words beside a figure that say what it is held against: 高于标准25%, 目标50%，实际46.3%, 同口径增长4.6%.
_STANDARDS = word_list("beside_measure")
_HELD_AGAINST = re.compile(r"(?<=率)(?:年度)?(?:目标|标准|任务|计划|实际|指标)值?$")  # 污水治理率目标50%
_CUTS = word_list("verb_of_share")  # 压减三公经费8.5%
_PLACE = re.compile(r"(?:[村镇乡县组]|社区|街道)$")
_AGAINST = frozenset("比较离距")  # 鼠密度较专项行动前下降58.3%
_DIFFERS = frozenset(("低", "高", "差", "缺", "少", "多", "尚差", "还差", "超"))


def measured(quantity: Quantity) -> bool:
    """Whether a number is reached by an indicator, rather than counts a thing."""
    return quantity.dimension in ("percent", "ratio", "level") or quantity.unit == "倍"


def governor(left: list[Word], carry: Carry, listed: bool) -> Governor:
    """The indicator and the verb that stand left of a percentage, ratio or level in its clause; `listed`: it is not the
    first of a list (增长4.1%、6.8%)."""
    words = _indicator_words(left)
    if reached := _reached(words):
        return reached
    if listed and not words and carry.object:
        return Governor(carry.action, carry.object, "carried_object")
    verb = _verb_at_end(words, carry)
    words = _without_comparison(words)
    opens = len(words) > 1 and words[0].verb in ("light", "act", "weak") and not words[0].nominal
    if opens:
        opened = words.pop(0)
        verb = verb or (opened.text if opened.text in _CUTS else None)
    share = next((i for i, word in enumerate(words) if word.text.startswith("占")), None)
    if share is not None and not phrases.STATE_HEAD.search(w.text(words)):
        what = phrases.clean(words[:share]) or carry.object or carry.subject or ""
        task = TASK.fullmatch(w.text(words[share + 1 :]).removesuffix("的"))
        said = w.text(words[share:]) + "比重"
        return Governor("占", completed(task[0], what, carry.action) + "完成率" if task else what + said, "share")
    said = phrases.clean(phrases.last_noun_phrase(words))
    said = _HELD_AGAINST.sub("", said)
    done = next((i for i, word in enumerate(words) if word.text in ("完成", "仅完成", "只完成")), None)
    if done and TASK.fullmatch(w.text(words[done:])) and (what := phrases.clean(words[:done])):
        said = completed(w.text(words[done + 1 :]), what, None) + "完成率"
        return Governor("完成", said, "indicator_value")  # 绿化补栽完成计划的62%
    if TASK.fullmatch(said) and carry.object:
        said = completed(said, carry.object, carry.action) + "完成率"
        return Governor(verb or _completes(left), said, "indicator_value")
    did = (carry.action, carry.before and carry.before.verb)
    bare = _BARE_RATE.fullmatch(said) or (said[-1:] == "率" and said[:-1] in did)
    if bare and all(word.text != "分别" for word in left):
        said = _of_what(said, carry)
    if said in phrases.SHARES and said != "比例" and (whole := carry.object or carry.subject):
        whole += "" if whole.endswith(tuple(phrases.SHARES)) else "占比"
        return Governor(verb or "占", whole, "share")  # 税收收入4.37亿元，占比63.9%
    if said in _STANDARDS or not said:
        spends = verbs().get(carry.action or "", ("", False))[0] == "act" and carry.unit == "元"
        spent = f"{carry.action}资金" if spends else ""
        said = carry.object or carry.subject or spent  # 累计投入132万元，同比增长52.6%
        if verb and verb.startswith("占"):
            said += "占比"
    return Governor(verb, said or None, "indicator_value")


def _verb_at_end(words: list[Word], carry: Carry) -> str | None:
    """Take off the verb by which the indicator reaches its value, and the standard that it is held against."""
    last = words[-1] if words else None
    if last is None:
        return None
    known = bool(words[1:] or carry.object)
    if last.text in _STANDARDS and len(words) > 1 and words[-2].verb == "change":
        words.pop()
        return words.pop().text  # 收集率83.7%，低于标准85%
    if last.kind == "verb" and (last.verb in ("reach", "change", "have") or (not last.nominal and known)):
        names_measure = last.verb == "weak" and phrases.STATE_HEAD.search(w.text(words))  # 得分
        return None if names_measure else words.pop().text
    if last.text in _DIFFERS and (len(words) == 1 or words[-2].kind != "noun"):
        return words.pop().text
    return None


def scored(found: Governor, quantity: Quantity) -> Governor:
    """石门村96.5分: what a place reaches in points is its score."""
    if quantity.unit == "分" and found.object and _PLACE.search(found.object):
        found.object += "得分"
    return found


def _reached(words: list[Word]) -> Governor | None:
    """轮岗比例达到符合条件人数的10%, 泵站完成工程量的八成: what a share is of stands behind its verb."""
    at = next((i for i, word in enumerate(words) if word.text in ("达到", "达", "完成", "已完成")), 0)
    if not at or words[-1].kind != "of" or any(word.text.startswith("占") for word in words):
        return None
    said, of = phrases.clean(words[:at]), phrases.clean(words[at + 1 :])
    if not said or not of or TASK.fullmatch(of) or of.endswith(("水平", "同期", "标准")):
        return None
    if words[at].text in ("达到", "达"):
        of = "" if said.endswith(("率", "例", "比重")) else f"占{of}比重"
    return Governor(words[at].text, said + of, "indicator_value")


def _indicator_words(left: list[Word]) -> list[Word]:
    words = [word for word in left if word.kind != "mark"]
    if len(words) > 1 and words[-1].kind == "of" and words[-2].kind in ("time", "adverb"):
        words.pop()  # 提高到2021年的82%
    while words and words[-1].kind in ("adverb", "time", "preposition", "etc", "conjunction"):
        words.pop()
    rate = bool(words) and words[-1].text.endswith("率")
    while words and words[0].kind in ("adverb", "time") and not (rate and words[0].text in phrases.PUNCTUAL):
        words.pop(0)
    return words


def _without_comparison(words: list[Word]) -> list[Word]:
    """What stands before 比上年, 较专项行动前, 离全县."""
    at = next((i for i, word in enumerate(words) if word.text in _AGAINST or word.text == "比上"), None)
    if at is not None and not any(word.text.startswith("占") or word.text.endswith("之比") for word in words):
        return words[:at]
    return words


def _completes(left: list[Word]) -> str | None:
    return next((word.text for word in left if word.text in ("完成", "占", "超额", "超", "为")), None)


def _of_what(rate: str, carry: Carry) -> str:
    """The full name of a rate that does not say of what: by models/rates.csv, or by what its clause stands beside."""
    for row in rows("rates"):
        if row["rate"] == rate and any(re.search(row["beside"], said) for said, _ in carry.told[-6:]):
            return row["name"]
    before = carry.before
    if before and before.verb and rate.startswith(before.verb) and before.object:
        return phrases.clean(before.object) + rate  # 规范管理高血压患者，规范管理率72%
    if carry.object is None or carry.object.endswith(rate) or carry.unit == "%":
        return rate
    known = TASK_TAIL.sub("", carry.object)
    return (known if not known.endswith(rate[:-1]) else known[: 1 - len(rate)]) + rate  # 整改49个，整改率90.7%
