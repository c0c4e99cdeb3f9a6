"""Claims in tables: the heads of a cell's row and column say what its number counts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.claims.scopes import LAST_YEAR
from pipeline.lexicon import units, verbs
from pipeline.records import Claim, Document, Quantity, Text

# Heads that say nothing of what is counted: then the other head names it.
_EMPTY_HEAD = re.compile(
    r"(?:项目|指标|名称|内容|类别|事项|数量|数|数值|单位|完成(?:数|情况|量)?|实际(?:完成)?(?:数)?|任务(?:数)?|计划(?:数)?|目标(?:值|数)?|合计|小计|总计|(?:本|上|今|去|全)年(?:年?末|末)?(?:数)?|[上下]半年|第?[一二三四]季度|金额|投入|(?:19|20)\d\d年?(?:数|完成)?|备注|序号|\d+)?"
)
_PLACE_HEAD = re.compile(r".{1,8}(?:村|社区|镇|乡|街道|县|区|市|居委会|片区?|组|单位)|合计|小计|总计|全[镇乡县市区]")
_WHOLE_HEAD = re.compile(r"合计|小计|总计|全[镇乡县市区]")
_NOT_COUNTED = re.compile(r"序号|编号|年份|年度|时间|日期|备注|说明|电话|联系|文号|名次|排名")
_REMARK_HEAD = re.compile(r"备注|说明")  # 道路硬化 | 18.5万元 | 740米
_UNIT_IN_HEAD = re.compile(r"[（(](?P<unit>[^（()）]{1,8})[)）]|[/／](?P<behind>[一-鿿%]{1,4})$")
_BEFORE_HEAD = re.compile(r"上年|去年|上一年|往年|同期")
_TARGET_HEAD = re.compile(r"任务|计划|目标|应|标准")
_DONE_HEAD = re.compile(r"实际|完成")
_NEARLY = re.compile(r"[\s约近余多以上≥≤]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT_DEED = re.compile(r"[改拆栽][一-鿿]{2,6}(?<!率)$")  # 改户厕, 拆旱厕
_TASKS = ("任务", "目标", "计划")
_MONEY_HEADS = ("金额", "投入")
# What a caption says its table tells of: 改厕任务较重的几个村完成情况见下表.
_CAPTION = re.compile(
    r"(?:各(?:村|社区|单位|部门|方面)|全[镇乡县市区年])?(?P<what>[一-鿿]{2,8}?)(?:任务|完成|进[度展]|情况|统计|汇总|明细)"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell in the cleaned text, with the heads of its row and column."""

    start: int
    end: int
    row_head: str
    column_head: str
    unit: str | None = None  # from a unit column or a bracket in a head
    caption: str = ""  # the line before the table

    @property
    def counted(self) -> bool:
        """Whether numbers of this column or row count anything (序号 and 日期 do not)."""
        return not (_NOT_COUNTED.search(self.column_head) or _NOT_COUNTED.fullmatch(self.row_head))

    @property
    def target(self) -> bool:
        """Whether the column tells what was planned (任务数, 计划)."""
        return bool(_TARGET_HEAD.search(self.column_head))

    @property
    def last_year(self) -> bool:
        """Whether the column tells the year before, for comparison (上年数)."""
        return bool(_BEFORE_HEAD.search(self.column_head))

    def governor(self) -> tuple[str | None, str | None, str | None]:
        """(action, object, scope) as the heads say them: 清运垃圾 → 清运, 垃圾."""
        row, column = (_UNIT_IN_HEAD.sub("", head).strip() for head in (self.row_head, self.column_head))
        placed = _PLACE_HEAD.fullmatch(row) and not _EMPTY_HEAD.fullmatch(column)
        scope = row if placed and not _WHOLE_HEAD.fullmatch(row) else None
        said = row if _EMPTY_HEAD.fullmatch(column) else row + column
        if placed or _EMPTY_HEAD.fullmatch(row):
            said = column
        told = _CAPTION.search(self.caption)
        if told and _PLACE_HEAD.fullmatch(row) and _EMPTY_HEAD.fullmatch(column) and column not in _MONEY_HEADS:
            task = "任务" if self.target else ""
            action = "完成" if _DONE_HEAD.search(column) else None
            return action, told["what"] + task, None if _WHOLE_HEAD.fullmatch(row) else row
        if verbs().get(said, ("", False))[0] == "act":
            return said, said, scope  # 改厕, 投工
        for length in (4, 3, 2):
            if len(said) > length + 1 and verbs().get(said[:length], ("nominal",))[0] in ("act", "light"):
                return said[:length], said[length:], scope
        if _SHORT_DEED.match(said):
            return said[0], said[1:], scope
        return None, said or None, scope

    def alone(self, shadow: str, quantity: Quantity) -> str | None:
        """The kind of a number that fills the cell; None where the cell says more."""
        rest = shadow[self.start : quantity.start] + shadow[quantity.end : self.end]
        if _NEARLY.sub("", rest) or (quantity.script == "chinese" and quantity.unit is None):
            return None
        number = shadow[quantity.number_start : quantity.number_end]
        year = quantity.unit in (None, "年") and _YEAR.fullmatch(number) and "年" in self.column_head + self.row_head
        remark = quantity.unit is not None and _REMARK_HEAD.search(self.column_head)
        return "claim" if (self.counted or remark) and not year else "ordinal"

    def beside(self, claim: Claim) -> Claim:
        """The claim of a number that stands among other words of the cell: it speaks of the place of its row."""
        told = _CAPTION.search(self.caption)
        if told and claim.object in _TASKS:
            claim = replace(claim, object=told["what"] + claim.object)
        placed = _PLACE_HEAD.fullmatch(self.row_head) and not _WHOLE_HEAD.fullmatch(self.row_head)
        return replace(claim, scope=self.row_head) if placed and claim.scope is None else claim

    def read(self, claim: Claim) -> Claim:
        """The claim of a number that fills the cell, with what the heads say of it."""
        action, counted, scope = self.governor()
        if claim.unit is None and self.unit:
            claim = _counted_in(claim, self.unit)
        known = units().get(claim.unit or "")
        told = claim.status == "state" and (action or claim.dimension == "money")
        stage = "target" if self.target else "done" if told else claim.status
        return replace(
            claim, action=action, object=counted, dimension=known[1] if known else claim.dimension, rule="cell",
            scope=LAST_YEAR if self.last_year else scope or claim.scope, status=stage,
        )  # fmt: skip


def _counted_in(claim: Claim, unit: str) -> Claim:
    """The claim in the unit that a head names; 万 and 亿 of the head are multiplied out."""
    for word, size in (("亿", 10**8), ("万", 10**4)):
        if unit.startswith(word) and len(unit) > 1:
            factor = 1 if word in claim.surface else size
            low, high = claim.value_low, claim.value_high
            if low is not None and high is not None:
                claim = replace(claim, value_low=low * factor, value_high=high * factor)
            unit = unit[1:]
    return replace(claim, unit=unit)


def find(text: Text, document: Document | None) -> list[Cell]:
    """The cells of a document's tables in order: of its blocks, or of tab-separated lines where it has none."""
    blocks = [block for block in document.blocks if block.kind == "cell"] if document else []
    if not blocks:
        return _tabbed(text.shadow)
    found: list[Cell] = []
    units = (
        {(b.table, b.row): document.text[b.start : b.end] for b in blocks if (b.column_head or "") == "单位"}
        if document
        else {}
    )
    starts = [text.source_span(run[0], run[0])[0] for run in text.runs]
    captions: dict[object, str] = {}
    for block in blocks:
        first = text.runs[max(0, bisect_right(starts, block.start) - 1)] if text.runs else (0, 0, 0)
        start = first[0] + max(0, block.start - first[1])
        last = text.runs[max(0, bisect_right(starts, block.end) - 1)] if text.runs else (0, 0, 0)
        end = last[0] + min(block.end, last[2]) - last[1]
        row_head, column_head = block.row_head or "", block.column_head or ""
        caption = captions.setdefault(block.table, _line_before(text.shadow, start))
        unit = units.get((block.table, block.row)) or _unit(row_head, column_head)
        found.append(Cell(start, end, row_head, column_head, unit, caption))
    return found


def _line_before(shadow: str, start: int) -> str:
    lines = shadow[max(0, start - 80) : start].rstrip().rsplit("\n", 1)
    return lines[-1]


def at(cells: Sequence[Cell], offset: int) -> Cell | None:
    """The cell that holds an offset of the cleaned text."""
    position = bisect_right(cells, offset, key=lambda cell: cell.start) - 1
    return cells[position] if position >= 0 and offset < cells[position].end else None


def _unit(*heads: str) -> str | None:
    match = next((m for head in heads if (m := _UNIT_IN_HEAD.search(head))), None)
    return (match["unit"] or match["behind"]) if match else None


def _tabbed(shadow: str) -> list[Cell]:
    """Consecutive lines with the same number of tabs are a table whose first line holds the column heads."""
    if "\t" not in shadow:
        return []
    found: list[Cell] = []
    heads: list[str] = []
    caption = ""
    offset = 0
    for line in shadow.split("\n"):
        values = line.split("\t")
        if len(values) < 2:
            heads, caption = [], line
        elif len(heads) != len(values):
            heads = [value.strip() for value in values]
        else:
            label = 1 if _NOT_COUNTED.search(heads[0]) and len(values) > 2 else 0
            unit = next((value.strip() for head, value in zip(heads, values, strict=True) if head == "单位"), None)
            position = offset
            for i, value in enumerate(values):
                if i != label:
                    row_head = values[label].strip()
                    at_end, counted_in = position + len(value), unit or _unit(row_head, heads[i])
                    found.append(Cell(position, at_end, row_head, heads[i], counted_in, caption))
                position += len(value) + 1
        offset += len(line) + 1
    return found
