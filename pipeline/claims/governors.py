"""What governs a claim, and what it may take over from the claims before it in its sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.claims.measure_words import ANYTHING, PEOPLE
from pipeline.claims.phrases import Left
from pipeline.claims.words import Word
from pipeline.lexicon import verbs, word_list
from pipeline.records import Quantity

_COUNTS_TASKS = (None, "项", "个", "条", "件", "类")
_DONE = re.compile(r"完成|超额|超|落实|实现")
_MEASURES = word_list("measure_head")
_CLEARS = word_list("verb_of_clearing")
_THINGS_MET = frozenset(("家", "户", "个", "处", "座", "所", "栋", "幢", "条", "口", "辆", "台", "村", "站"))
# An object that only says that so much was laid down: 占任务数160户, 比计划的150户少32户.
TASK = re.compile(r"(?:完成)?(?:全年|年度?|年初|县里|县定|调整|序时)?(?:目标|计划|任务|指标|预算)(?:任务)?数?")
_TASK_WORD = re.compile(r"目标|计划|任务|指标|预算")
TASK_TAIL = re.compile(r"(?<=..)(?:任务|指标|计划|目标)数?$")
_LEVEL = re.compile(r"(?:中央|国家|省|市|县|区|镇|乡|村)(?:本?级)?(?:财政)?")
_SIZE = re.compile(r"[大中小微]型|[A-D]级|[一二三]类|[甲乙丙]类|[一-鿿]{1,5}(?<![仪形方模公样])式")


GOVERNED_BEHIND = ("number_object_verb", "subject_number_verb")  # rules of a verb behind the number


@dataclass(slots=True)
class Governor:
    """Action and object of one claim, and which shape of clause decided."""

    action: str | None = None
    object: str | None = None
    rule: str = "none"
    breakdown: int | None = None  # number of the claim of which this is a stated part
    behind: int = 0  # where the object ends that stands behind the number
    own: bool = False  # the verb stands in the clause, where only the object is taken over


@dataclass(slots=True)
class Carry:
    """What a coordinate clause may take over from the one before it."""

    action: str | None = None
    object: str | None = None
    claim: int | None = None
    unit: str | None = None
    subject: str | None = None
    behind: int = 0  # where the object ends that stands behind the number of the last claim
    rule: str = "none"
    before: Left | None = None  # verb and object of the clause before, if it has no number
    # Objects and units of the claims before, the last one last.
    told: list[tuple[str, str | None]] = field(default_factory=list)
    first: int = 0  # how many of them stand in sentences before

    def counted(self, unit: str | None) -> str | None:
        """What was last counted in this unit, a few claims back."""
        told = (said for said, its in self.told[:-7:-1] if said and its == unit and unit)
        return next((said for said in told if said not in ("总户数", "总人口")), None)

    def thing(self) -> str | None:
        """What was told last; a rate is no object of an amount (收缴率71%，计11.4万元)."""
        if not (self.object or "").endswith("率"):
            return self.object
        here = (said for said, _ in reversed(self.told[self.first :]))
        return next((said for said in here if said and not said.endswith("率")), None)

    def thing_met(self, verb: str) -> bool:
        """Whether the last claim counts places or things to which `verb` may have been done so many times."""
        met = self.action is None or self.action == verb or verbs().get(self.action, ("", False))[0] == "have"
        return met and bool(self.object) and self.object != verb and self.unit in _THINGS_MET

    def lately(self, unit: str | None) -> str | None:
        """What was counted in this unit by one of the last two claims: 新增低保18户27人，停发11户."""
        here = self.told[self.first :][:-3:-1]
        return next((said for said, its in here if said and its == unit and unit not in ("元", None)), None)

    def verb_for(self, unit: str | None, joined: bool) -> str | None:
        """The verb that also governs the next claim: one of a list (`joined`), or one that counts in the same unit."""
        if joined or self.action is None:
            return self.action
        if self.rule in GOVERNED_BEHIND:
            return None  # 餐饮单位361家逐一检查，明厨亮灶298家: the deed was told of the first alone
        if self.action in _CLEARS:
            return self.action  # 清理垃圾1480吨，卫生死角410处
        governs = verbs().get(self.action, ("act", False))[0] in ("act", "light", "weak", "have", "nominal")
        return self.action if governs and unit == self.unit else None

    def take(self, governor: Governor, number: int, quantity: Quantity, begins: bool) -> None:
        """Remember a claim; `begins` says that parts told later are parts of this one."""
        if begins or self.claim is None:
            self.claim = number
        self.action, self.object, self.unit = governor.action, governor.object, quantity.unit
        self.behind, self.rule = governor.behind, governor.rule
        self.told.append((governor.object or "", quantity.unit))
        self.before = None


class Place(NamedTuple):
    """One number of a clause: where the words before it begin, where it stands, where the next number does."""

    clause: list[Word]
    previous: int
    position: int
    following: int
    right: list[Word]  # what stands behind it, up to the next one
    quantity: Quantity
    after: Quantity | None  # the next number of the clause
    in_breakdown: bool

    @property
    def coordinate(self) -> bool:
        """Whether another number stands before it in the clause."""
        return self.previous > 0


def is_task(governor: Governor, unit: str | None) -> bool:
    """Whether a claim tells what was laid down, not what was done: 县里下达改厕任务400座, but not 完成任务400座."""
    said = governor.object or ""
    if unit in _COUNTS_TASKS:
        return False  # 明确改革任务10项
    return bool(TASK_TAIL.search(said) or TASK.fullmatch(said)) and not _DONE.search(governor.action or "")


def completed(said: str, known: str, action: str | None) -> str:
    """An object that only measures or sizes what was told before: 拆除私搭乱建47处、面积3860平方米; 其中大型9家."""
    if said in _MEASURES:
        return known
    if TASK.fullmatch(said):
        word: str = _TASK_WORD.findall(said)[-1]
        if known.endswith(word):
            return known
        did = action if action and verbs().get(action, ("", False))[1] and action not in known else ""
        return TASK_TAIL.sub("", known) + did + word
    if _LEVEL.fullmatch(said) and known.endswith("资金"):
        return said + known.removeprefix("各级").removeprefix("各类")  # 其中中央1.62亿元、省级5300万元
    return said + _SIZE.sub("", known) if _SIZE.fullmatch(said) else said


def same_kind(whole: Quantity, part: Quantity) -> bool:
    """Whether one may be counted into the other: 62名 and 8人, 97个 and 61处, but not 62名 and 38个."""
    if whole.dimension != part.dimension:
        return False
    together = any({whole.unit, part.unit} <= words for words in (PEOPLE, ANYTHING))
    return whole.dimension != "count" or whole.unit == part.unit or together or None in (whole.unit, part.unit)


def speaks_anew(governor: Governor, whole: Governor, quantity: Quantity) -> bool:
    """Whether a clause after the parts tells what else was done: 检查312家，其中小餐饮154家，责令整改29家."""
    own = governor.action is not None and governor.rule not in ("carried_verb", "subject_number")
    return own and quantity.dimension == "count" and whole.action is not None and governor.action != whole.action
