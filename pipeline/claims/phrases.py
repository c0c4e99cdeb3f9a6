"""Noun phrases and verbs before a quantity: who did what to what, and how a phrase reads clean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.claims import words as w
from pipeline.claims.words import Word
from pipeline.lexicon import one_of, word_list

# Heads that name an event: a light verb before them governs (开展清理垃圾活动12次).
EVENT = re.compile(rf"(?:{one_of('event_head')})$")
# Heads that name a standing measure, whose verbs are part of its name (生活污水治理率).
STATE_HEAD = re.compile(rf"(?:{one_of('state_head')})$")
# Who reports or acts is not what is counted.
ORGANISATION = re.compile(
    rf"(?:我[镇乡县市区街州省局办村委处]|全[镇乡县市区街道州省村域]|(?<![小园片景])区|(?<![范然旅级生])村|{one_of('organisation_tail')})$"
)
# Who does something again and again: what is counted then is the doing (督查室每日巡查两遍).
ACTOR = re.compile(rf"(?:{one_of('actor_tail')})$")
_LEADING = re.compile(
    r"(?:(?:[一二三四五六七八九十]{1,2}是|第[一二三四五六七八九十]{1,2}[，,]|使(?!用)"
    r"|截[至止][^，]{0,8}?[年月日底前]|20\d\d年(?:以来|度|底)?|\d{1,2}月(?:底|份)?"
    r"|(?:比|较|与)(?:上年|去年|上年同期|去年同期|同期|20\d\d年)(?:同期|相比|底)?"
    rf"|全[镇乡县市区州省域]|我[镇乡县市区州省]|(?!共[建享同青产管治富]|对[象口外标]|在[册校编岗建孵读职保训园外]|实际(?:使用|利用|到位))(?:{one_of('leading_word')}))的?)+"
)
TRAILING = re.compile(
    r"(?:(?<=..)方面|等(?:各类|各种|各)?|的|共|各|(?<![公条契合签])约|近|达|(?<!行)为|(?<=[村镇乡组队区县])以|(?<![人户总指次件])数|分别|累计|已|[人户村]?均|首次|做|全[镇乡县市区]|在|由|从|自|了|计|人数达)+$"
)


# A size before what is counted tells nothing else from it: 240升垃圾桶.
SHARES = frozenset(("占比", "比重", "比例"))
_MEASURED = re.compile(r"(?<=[率度平])(?:测评|抽测|抽查|调查|测算|评价|监测)$")
_SIZED = re.compile(r"^\d+(?:升|毫米|马力|千瓦|英寸|寸|座(?=[公客]))")
_SUPPLIES = word_list("verb_of_supply")
_HOLDS = frozenset(("召开", "举行", "举办", "组织召开", "召集"))
_WITH_DEEDS = frozenset(("组织", "启动", "争取", "开工"))  # 启动改造 is one deed, 完成改造 completes one
_WITH_OTHERS = frozenset(("建设", "实施", "完成"))
_COMPLETES = _SUPPLIES | word_list("verb_of_completion")
_OPENS = word_list("verb_at_opening")
_COMPOUND = re.compile(rf"(?:{one_of('head_after_deed')})$")  # 管理人员, 服务中心
WITH_PEOPLE = word_list("verb_with_people")
_PEOPLE = re.compile(rf"(?:{one_of('person_tail')}|专家|公司|机构|[一二三]方)$")
PUNCTUAL = frozenset(("按期", "及时", "按时", "如期"))  # 按期答复率 is not 答复率
_MAKES = word_list("verb_of_causing") | {"争取", "支持", "完成"}  # 推动|农牧业产值突破万亿元
_NEGATIONS = ("未经", "未", "不", "非")
_PAPERS = frozenset(("文件", "制度", "资料", "材料", "规章"))
_STATES = frozenset(("已", "已经", "未", "尚未", "没有", "从未"))


_AGENT_MARKS = ("被", "由", "经")  # 信息被省级媒体|采用31篇: who did it is not what it was done to


@dataclass(slots=True)
class Left:
    """What stands left of a quantity: who, did, what; `preposition` says that it ended in one (对, 为)."""

    subject: list[Word] = field(default_factory=list)
    verb: str | None = None
    verb_class: str = ""
    object: list[Word] = field(default_factory=list)
    preposition: str = ""


def strip(left: list[Word]) -> list[Word]:
    """Without what only joins it to the clause before."""
    while left and left[0].kind in ("pause", "conjunction", "suffix", "mark", "etc", "of", "bracket"):
        left = left[1:]
    return left


def parse_left(left: list[Word]) -> Left:
    """Subject, verb and object of what stands before the quantity in its clause."""
    words = _for_whom(_names_listed(left))
    parsed = Left(preposition=_without_end(words))
    if not words:
        return parsed
    if len(words) > 1 and words[-1].text in ("为", "成", "到", "至") and words[-2].kind == "verb":
        words.pop()  # 划分为
        parsed.verb, parsed.verb_class, parsed.subject = words[-1].text, words[-1].verb, words[:-1]
        return parsed
    verbs = [word for word in words if word.kind == "verb"]
    if not verbs and _OPENS.isdisjoint([word.text for word in words]):
        parsed.subject = words
        return parsed
    done = any(word.verb in ("act", "light") and not word.nominal for word in words[:-1])
    if words[-1].text == "占地" and done:
        words[-1] = words[-1]._replace(kind="noun", verb="")  # 查处违法占地
    if words[-1].kind == "verb" and words[-1].verb in ("reach", "change", "have"):
        opens = words[0].verb in ("light", "act") and not words[0].nominal and len(words) > 2
        if opens and words[-1].nominal and words[0].text in _COMPLETES:  # 实施农村公路安全提升20条
            parsed.verb, parsed.verb_class, parsed.object = words[0].text, words[0].verb, words[1:]
            return parsed
        parsed.verb, parsed.verb_class = words[-1].text, words[-1].verb
        parsed.subject = words[1:-1] if opens and words[0].text in _MAKES else words[:-1]
        return parsed
    if words[-1].verb == "light" and len(words) > 1 and all(x.verb == "act" and x.nominal for x in words[:-1]):
        parsed.verb, parsed.verb_class = w.text(words), "light"  # 整改完成30个
        return parsed
    if words[-1].verb == "light" and len(words) > 1 and not any(x.kind == "verb" and not x.nominal for x in words[:-1]):
        parsed.verb, parsed.verb_class = words[-1].text, "light"  # 老旧小区改造启动112个
        parsed.subject = words[:-1]
        return parsed
    if words[-1].kind == "of" and not (verbs and verbs[0].verb in ("act", "light")):
        parsed.subject = words  # 有条件的|3个村先试行, 反映强烈的|5个问题: the verb only tells which ones
        return parsed
    described = "of" in [word.kind for word in words]
    if (described or words[-1].text.endswith("缺口")) and _described(words):
        parsed.subject = words
        return parsed
    run = _verb_of_described(words) if described else None
    if run is None:
        measured = STATE_HEAD.search(w.text(words))
        run = _leading_verb(words) if measured else _main_verb(words) or _opening_verb(words)
    if run is None:
        parsed.subject = words
        return parsed
    first, last = run
    rest = w.text(words[last + 1 :])
    if last > first and (len(rest) == 1 or rest in ("任务", "指标", "计划")):
        last -= 1  # 下发督办函, 下达改厕任务: the second verb belongs to the noun
    parsed.verb = w.text(words[first : last + 1])
    parsed.verb_class = words[first].verb
    parsed.subject, parsed.object = words[:first], words[last + 1 :]
    return parsed


def without_agent(words: list[Word]) -> list[Word]:
    """The subject without who did it: 信息|被省级媒体, and nothing of 由物业公司."""
    at = next((i for i, word in enumerate(words) if word.text in _AGENT_MARKS), len(words))
    return words[:at]


def _without_end(words: list[Word]) -> str:
    """Take off what stands between verb and number and governs nothing; the preposition among it, if any."""
    preposition = ""
    if len(words) > 2 and words[-1].kind == "of" and words[-2].kind in ("time", "adverb"):
        words.pop()  # 由上年的
    while words and (
        words[-1].kind in ("adverb", "time", "preposition", "mark", "etc", "conjunction")
        or words[-1].text in ("人数", "数")
    ):
        if words[-1].kind == "preposition":
            preposition = words[-1].text
        words.pop()
    return preposition


def _names_listed(left: list[Word]) -> list[Word]:
    """下设产业、项目、督查等|5个专班: what 等 closes is a list of names, verbs that also name deeds among them."""
    if not left or left[-1].kind != "etc":
        return left
    first = next((i for i, word in enumerate(left) if word.kind == "pause"), 0)
    if not first or any(word.kind == "verb" and not word.nominal for word in left[first:]):
        return left
    return [*left[:first], *(word._replace(kind="noun", verb="") if word.nominal else word for word in left[first:])]


def _for_whom(left: list[Word]) -> list[Word]:
    """The words with 为 as a preposition where another verb follows: 为65岁以上老人体检."""
    texts = [word.text for word in left[:-1]]
    at = texts.index("为") if "为" in texts else None
    if at is None or not any(word.verb in ("act", "light") for word in left[at + 2 :]):
        return list(left)
    return [*left[:at], left[at]._replace(kind="preposition", verb=""), *left[at + 1 :]]


def _leading_verb(words: list[Word]) -> tuple[int, int] | None:
    """A verb that opens the clause governs a whole indicator (实现污水治理率80%); verbs inside its name do not."""
    at = next((i for i, word in enumerate(words) if word.kind not in ("adverb", "time")), 0)
    first = words[at]
    listed = any(word.kind in ("pause", "conjunction") for word in words)
    governs = first.verb in ("light", "act", "reach") and not first.nominal
    if first.verb == "act" and words[-1].text in ("面积", "长度", "里程") and words[at + 1].kind == "noun":
        governs = at + 2 < len(words)  # 治理|水土流失面积, but not 消杀面积
    told = next((i for i, word in enumerate(words[:-1]) if _tells(word, words[i + 1])), None)
    if told is not None and not governs:
        return (told, told)  # 盘州城区新增常住人口4万人
    return (at, at) if governs or (listed and first.verb == "act") else None  # 培训志愿者、居民及流动人口


def _described(words: list[Word]) -> bool:
    """Whether a verb before a number only tells which ones are counted: 已消除风险的监测户39户; or what is lacking."""
    if words[-1].text.endswith("缺口"):
        return words[0].verb not in ("have", "light")  # 管护经费缺口420万元
    of = next((i for i, word in enumerate(words) if word.kind == "of"), 0)
    at = next((i for i, word in enumerate(words) if word.kind == "verb"), of)
    states = any(word.text in _STATES for word in words[:at])
    return at < of < len(words) - 1 and states and all(word.kind == "noun" for word in words[of + 1 :])


def _verb_of_described(words: list[Word]) -> tuple[int, int] | None:
    """落实|优化营商环境的20条意见: the verb in front governs what a description before 的 belongs to."""
    at = next((i for i, word in enumerate(words) if word.kind not in ("adverb", "time")), 0)
    governs = words[at].verb in ("act", "light") and not words[at].nominal
    described = words[-1].kind == "of" and any(word.kind == "verb" for word in words[at + 1 :])
    return (at, at) if governs and described else None


def _tells(word: Word, after: Word) -> bool:
    """Whether a verb inside a clause governs its end, and does not name a thing (垃圾焚烧发电项目)."""
    return word.verb in ("light", "act") and not word.nominal and not EVENT.search(after.text)


def _main_verb(words: list[Word]) -> tuple[int, int] | None:
    """The run of verbs that governs the end of `words` (first, last), or None."""
    runs = _verb_runs(words)
    strong = [run for run in runs if words[run[0]].verb != "weak"]
    runs = strong or runs
    if not runs:
        return None
    if len(runs) > 1 and (led := _led(words)) is not None:
        return led
    chosen = runs[0]
    for run in runs[1:]:
        if not _belongs_to(chosen, run, words):
            chosen = run
    return chosen


def _led(words: list[Word]) -> tuple[int, int] | None:
    """组织志愿者|清理垃圾, 请专家来办讲座: the verb of those who are led governs, where it has an object."""
    at = next((i for i, word in enumerate(words) if word.kind not in ("adverb", "time")), 0)
    if words[at].text not in WITH_PEOPLE:
        return None
    verbs = (i for i in range(at + 2, len(words) - 1) if words[i].kind == "verb" and words[i].verb != "nominal")
    for i in verbs:
        who = words[i - 1].kind == "noun" and (ACTOR.search(words[i - 1].text) or _PEOPLE.search(words[i - 1].text))
        if who and words[i + 1].kind == "noun" and not EVENT.search(w.text(words[i + 1 :])):
            return (i, i)
    return None


def _verb_runs(words: list[Word]) -> list[tuple[int, int]]:
    """Verbs that stand side by side (first, last), without those that only name a thing."""
    runs: list[tuple[int, int]] = []
    listed = _listed(words)
    for i, word in enumerate(words):
        if word.kind != "verb" or word.verb == "nominal" or (i in listed and runs):
            continue
        if runs and (_names(word, i, words, runs) or words[i - 1].text in _NEGATIONS):
            continue  # 查获未经检疫猪肉
        if runs and runs[-1][1] == i - 1 and word.verb not in ("reach", "have"):
            acts = word.verb in ("act", "light") and not word.nominal and word.text not in _WITH_OTHERS
            alone = runs == [(i - 1, i - 1)] and words[i - 1].verb == "weak" and i + 1 < len(words)
            runs[-1] = (i, i) if acts and alone and i > 1 else (runs[-1][0], i)
        else:
            runs.append((i, i))
    return runs


def _names(word: Word, i: int, words: list[Word], runs: list[tuple[int, int]]) -> bool:
    """Whether a verb behind another one is part of the name of a thing."""
    ends = i == len(words) - 1 and len(word.text) == 1 and words[i - 1].kind == "noun"
    chained = all(x.kind == "verb" for x in words[runs[-1][1] + 1 : i]) and words[runs[-1][0]].text in _SUPPLIES
    if runs[-1][1] != i - 1 and not chained:
        return ends and any(words[run[0]].text in _SUPPLIES for run in runs)  # 发放家用灭蝇拍
    opened, before = words[runs[-1][0]], words[i - 1]
    after = words[i + 1].kind if i + 1 < len(words) else ""
    weak = word.verb == "weak"
    if opened.text in _HOLDS and i == len(words) - 2 and EVENT.search(words[-1].text):
        return True  # 召开动员大会, 举行启动仪式
    named = word.nominal and any(x.kind == "noun" for x in words[i + 1 :]) and opened.text not in _WITH_DEEDS
    if opened.verb == "light" and (weak or named):
        return True  # 完成亮化项目, 完成翻新项目, but not 进行绿化美化
    if opened.text in _SUPPLIES and word.text not in _SUPPLIES and any(x.kind == "noun" for x in words[i + 1 :]):
        return True  # 投入创卫巩固资金, 兑付改厕奖补资金
    if runs[-1] != (i - 1, i - 1):
        return False
    if before.verb == "have" and (word.nominal or weak):
        return True  # 现有集中供水工程
    if (word.nominal or word.verb == "weak") and before.text in _SUPPLIES and after in ("noun", ""):
        return True  # 投入清扫车辆, 发放补贴, 核定编制
    opens = i == 1 and before.verb == "act"
    if weak and after == "noun":
        return opens or _governs(before)  # 整修健身广场
    return weak and after == "pause" and _governs(before)  # 查处无证驾驶、酒驾


def _belongs_to(chosen: tuple[int, int], run: tuple[int, int], words: list[Word]) -> bool:
    """Whether a later run of verbs belongs to the object of the chosen one."""
    governor, word, tail = words[chosen[0]], words[run[0]], words[run[1] + 1 :]
    after_noun = words[run[0] - 1].kind in ("noun", "bracket") or words[run[0] - 1].verb == "nominal"
    if word.nominal and after_noun and (tail or governor.verb in ("light", "act")):
        return True  # 农村人居环境整治行动: part of the noun
    again = word.verb == "light" and not word.nominal and run[0] > chosen[1] + 1  # 组织干部下村开展义务劳动
    if governor.verb == "light" and EVENT.search(w.text(words)) and not again:
        return True
    named = words[run[1]].nominal or governor.text == "完成"  # 完成制度规范65项
    ends = named and run[1] == len(words) - 1 and not governor.nominal
    governs = (governor.verb == "light" or governor.text in _COMPLETES) and governor.text != "进行"  # 对河堤进行绿化
    if ends and governs and words[run[0] - 1].kind not in ("pause", "conjunction"):
        return True  # 新增风电装机500万千瓦, 发放稳岗返还5亿元
    names = governor.nominal and chosen[0] > 0  # 管网建设尚缺资金
    return word.verb in ("have", "reach") and bool(tail) and governor.verb in ("act", "light") and not names


def _opening_verb(words: list[Word]) -> tuple[int, int] | None:
    """A name of a deed that governs where it opens a clause without another verb: 管理|糖尿病患者826人."""
    at = next((i for i, word in enumerate(words) if word.kind not in ("adverb", "time")), 0)
    named = words[at + 1 : at + 2]
    opens = words[at].text in _OPENS and bool(named)
    opens = opens and (named[0].kind == "noun" or (named[0].nominal and words[-1].kind == "noun"))  # 回收|废旧农膜
    head = _COMPOUND.search(w.text(words[at + 1 :])) if opens else None
    names = head is not None and (len(head[0]) > 1 or head.start() == 0)  # 管理员, but not 维护|毒饵站
    return (at, at) if opens and not names else None


def _listed(words: list[Word]) -> range:
    """Where the names stand that 等 closes, but for the first one: 解决垃圾清运|、改厕材料等难题."""
    if "etc" not in [word.kind for word in words]:
        return range(0)
    end = next((i for i in range(len(words) - 2, 0, -1) if words[i].kind == "etc"), 0)
    first = next((i for i in range(end) if words[i].kind == "pause"), end)
    return range(first, end)


def _governs(word: Word) -> bool:
    return word.verb == "act" and not word.nominal


def last_noun_phrase(words: list[Word]) -> list[Word]:
    """What follows 等 names the class of what was listed before it; a verb inside cuts off what it governs."""
    for i in range(len(words) - 1, -1, -1):
        if words[i].kind == "etc" and i + 1 < len(words):
            titles = any(word.text == "》" for word in words[:i]) or words[-1].text in _PAPERS  # 《管理办法》等制度
            short = len(w.text(words[i + 1 :])) <= 2 and not titles  # 等项目 says nothing by itself
            return [*words[:i], *words[i + 1 :]] if short else words[i + 1 :]
        if words[i].kind == "preposition" and i + 1 < len(words):
            return words[i + 1 :]
    return words


def clean(words: Sequence[Word]) -> str:
    words = [word for word in words if word.kind not in ("bracket", "claim", "mark", "suffix", "stop")]
    rate = words[-1].text[-1:] == "率" if words else False
    while words and words[0].kind in ("time", "adverb", "preposition", "pause", "conjunction"):
        if rate and words[0].text in PUNCTUAL:
            break
        words = words[1:]
    while words and words[-1].kind in ("time", "adverb", "preposition", "pause", "conjunction"):
        words = words[:-1]
    return _clean(w.text(words))


@lru_cache(maxsize=4096)
def _clean(said: str) -> str:
    said = without_lead(said)
    said = _MEASURED.sub("", said)
    said = _SIZED.sub("", TRAILING.sub("", said)).strip("、，和及与")
    if "的" in said and len(said) > 14:
        tail = said.rsplit("的", 1)[1]
        said = tail if len(tail) >= 2 and tail not in SHARES else said
    return said


def without_lead(said: str) -> str:
    match = _LEADING.match(said)
    return said[match.end() :] if match else said
