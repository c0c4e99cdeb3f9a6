"""The time of what is planned, and of what a speech calls this year and the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import periods
from pipeline.claims import names_plan
from pipeline.run import process


@pytest.mark.parametrize(("headings", "expected"), [
    ((), ("2024", "report")),
    (("下一步打算",), ("2024", "report")),
    (("2024年工作安排",), ("2024", "stated")),
    (("“十四五”发展主要目标任务", "全面提升对外开放水平"), ("2021/2025", "stated")),
    (("十四五时期的目标",), ("2021/2025", "stated")),
    (("今后五年的目标任务", "2025年重点工作"), ("2025", "stated")),
    (("未来三年工作思路",), ("2024/2026", "stated")),
    (("明年工作打算",), ("2024", "stated")),
])  # fmt: skip
def test_the_time_of_a_plan_is_in_the_headings_above_it(headings: tuple[str, ...], expected: tuple[str, str]) -> None:
    assert periods.period_of_plan(headings, 2023) == expected


@pytest.mark.parametrize(("title", "expected"), [
    ("云岭镇2024年爱国卫生工作计划", True), ("云岭镇2024年工作要点（征求意见稿）", True), ("秋季灭鼠实施方案", True),
    ("云岭镇2023年工作总结及2024年工作计划", False), ("实施方案落实情况", False), ("2023年工作总结", False),
    ("", False),
])  # fmt: skip
def test_a_title_names_a_plan(title: str, expected: bool) -> None:
    assert names_plan(title) is expected


@pytest.mark.parametrize(("said", "expected"), [
    ("今年新建公厕8座", "2024"),  # held in January 2024, on the year 2023
    ("明年抓改厕。明年抓清运。明年新建公厕8座", "2024"),  # held in December 2023
])
def test_when_a_speech_is_held(said: str, expected: str) -> None:
    text = f"各位代表：现在报告工作。{said}"
    assert periods.period_of(text, text.rindex("8座"), 2023) == (expected, "stated")


def test_next_steps_are_of_the_next_year(tmp_path: Path) -> None:
    """A target that names no time is of the year after the report's, a deed and the target of a plan are not."""
    report = tmp_path / "report.txt"
    report.write_text("柳河镇2023年爱国卫生工作总结\n\n一、工作开展情况\n全镇新建公厕5座。\n\n二、下一步工作打算\n"
                      "新建公厕8座，2025年底前改造户厕300户。\n", "utf-8")  # fmt: skip
    told = [(claim.surface, claim.status, claim.period, claim.period_basis) for claim in process(report).claims]
    assert told == [("5座", "done", "2023", "report"), ("8座", "target", "2024", "report"),
                    ("300户", "target", "2025", "stated")]  # fmt: skip
    plan = tmp_path / "plan.txt"
    plan.write_text("柳河镇2024年爱国卫生工作计划\n\n一、环境整治\n新建公厕8座。目前有保洁员32名。每周清扫2次。\n",
                    "utf-8")  # fmt: skip
    told = [(claim.surface, claim.status, claim.period, claim.period_basis) for claim in process(plan).claims]
    assert told == [("8座", "target", "2024", "report"), ("32名", "state", "2024", "report"),
                    ("2次", "rule", "2024", "report")]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), [
    ("五年来，我们主要做了以下工作：\n（一）抓项目。\n建成公厕", "2019/2023"),
    ("五年来，我们主要做了以下工作：\n一、2023年抓项目\n建成公厕", "2023"),
    ("各位代表，过去五年，成绩不小。建成公厕", "2019/2023"),
    ("“十三五”时期经济社会发展\n五年来，我们坚持稳中求进。\n建成公厕", "2016/2020"),
    ("经过三年持续奋斗，村庄更美。一是建成公厕", "2021/2023"),
    ("教育经费比“十二五”末增长", "2015/2023"),
    ("教育经费比2022年增长", "2023"),
])
def test_years_that_are_told_before(said: str, expected: str) -> None:
    found, _ = periods.period_of(said + "40.2%", len(said), 2023)
    assert found == expected


def test_a_plan_told_in_a_speech(tmp_path: Path) -> None:
    """After what is aimed at, a government's report speaks of the year to come, whatever its headings are."""
    path = tmp_path / "report.txt"
    path.write_text(
        "柳河县2024年政府工作报告\n\n各位代表：\n2023年，全县完成财政收入5亿元，预计生产总值增长6%。\n\n"
        "今年经济社会发展主要预期目标是：生产总值增长7%；城镇新增就业3000人。\n\n"
        "抓好产业发展。新建标准厂房20万平方米，去年签约的12个项目全部开工。\n", "utf-8")  # fmt: skip
    told = [(claim.surface, claim.status, claim.period) for claim in process(path).claims]
    assert told == [("5亿元", "done", "2023"), ("6%", "done", "2023"), ("7%", "target", "2024"),
                    ("3000人", "target", "2024"), ("20万平方米", "target", "2024"),
                    ("12个", "done", "2023")]  # fmt: skip


SPEECH = (
    "柳河县2022年政府工作报告\n\n各位代表：\n{heading}\n\n过去五年，是柳河奋发的五年。\n\n"
    "基础设施不断完善。建成公路{roads}。森林覆盖率达到38%。\n\n"
    "（一）抓民生。改造危房{homes}。居民收入由9800元增加到15600元。\n\n"
    "刚刚过去的2021年，我们加快发展。新建学校2所。\n\n抓教育。新增学位600个。\n"
)


@pytest.mark.parametrize("heading", ["一、过去五年工作回顾", "一、“十三五”时期和2021年工作回顾", "工作回顾"])
def test_years_stand_from_paragraph_to_paragraph_of_a_speech(tmp_path: Path, heading: str) -> None:
    """Sums are of all years, what was reached is of the last one; a paragraph that opens with a year ends them."""
    path = tmp_path / "report.txt"
    path.write_text(SPEECH.format(heading=heading, roads="120公里", homes="900户"), "utf-8")
    told = {claim.surface: claim.period for claim in process(path).claims}
    assert told == {"120公里": "2017/2021", "38%": "2021", "900户": "2017/2021", "9800元": "2017/2021",
                    "15600元": "2021", "2所": "2021", "600个": "2021"}  # fmt: skip


def test_years_do_not_stand_beyond_a_paragraph_elsewhere() -> None:
    text = "五年来，我们坚持绿化。\n栽树"
    assert periods.period_of(text + "300株", len(text), 2021) == ("2021", "report")
