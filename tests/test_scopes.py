"""Whom, where and when a figure speaks of, beside the reporter in the year of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.run import process


@pytest.mark.parametrize(("sentence", "surface", "scope"), [
    ("全年投入资金210万元，比上年多投入78万元。", "78万元", "增减"),
    ("全年投入资金210万元，比上年多投入78万元。", "210万元", None),
    ("满意度较上年提高6个百分点。", "6个百分点", "增减"),
    ("全镇生产总值比上年增长8%。", "8%", "全镇"),  # a rate of growth is a figure of its own
    ("保洁员原有54名，现在62名。", "54名", "此前"),
    ("保洁员原有54名，现在62名。", "62名", None),
    ("普及率由78.6%提高到84.2%。", "78.6%", "此前"),
    ("普及率由78.6%提高到84.2%。", "84.2%", None),
    ("五年来工业产值年均增长6.5%。", "6.5%", "年均"),
    ("全年清理垃圾320吨。", "320吨", None),
])  # fmt: skip
def test_scope(tmp_path: Path, sentence: str, surface: str, scope: str | None) -> None:
    path = tmp_path / "柳河镇2023年工作总结.txt"
    path.write_text(f"柳河镇2023年工作总结\n一、主要做法\n{sentence}\n", "utf-8")
    assert [claim.scope for claim in process(path).claims if claim.surface == surface] == [scope]


@pytest.mark.parametrize(("sentence", "surface", "scope"), [
    ("全市生产总值1776亿元。兰溪新区生产总值达到125亿元。", "125亿元", "兰溪新区"),
    ("全市生产总值1776亿元。兰溪新区生产总值达到125亿元。", "1776亿元", "全市"),
    ("地区生产总值1776亿元。", "1776亿元", None),
    ("地方生产总值完成1776亿元。", "1776亿元", None),
    ("酒埠经济总量突破千亿、达到1042亿元。", "1042亿元", "酒埠"),
    ("海洋经济生产总值达到2700亿元。", "2700亿元", "海洋经济"),
    ("零川、道山地区生产总值突破350亿元。", "350亿元", "零川、道山"),
    ("园区经济总量2586亿元。", "2586亿元", "园区"),
    ("高新区、经开区增容扩区，生产总值分别达到178亿元和225亿元。", "225亿元", "高新区、经开区"),
    ("高新区发展加快。全市生产总值达到2250亿元。", "2250亿元", "全市"),
    ("市区居民人均可支配收入41700元，农村居民人均纯收入20500元。", "20500元", None),
    ("兰溪新区生产总值增长20%，一般公共预算收入增长48.5%。", "48.5%", "兰溪新区"),
    ("兰溪新区生产总值增长20%，全市一般公共预算收入增长4.5%。", "4.5%", "全市"),
    ("兰溪新区生产总值增长20%。一般公共预算收入增长4.5%。", "4.5%", None),
    ("一般公共预算收入比“十二五”增长40.2%。", "40.2%", "多年"),
    ("一般公共预算收入比上年增长4.2%。", "4.2%", None),
    ("贫困地区农村居民人均可支配收入增长12.2%。", "12.2%", "贫困地区"),
    ("3个偏远村全年督查不足2次。", "2次", "3个偏远村"),
    ("全年督查12次。", "12次", None),
])  # fmt: skip
def test_a_part_of_the_place(tmp_path: Path, sentence: str, surface: str, scope: str | None) -> None:
    path = tmp_path / "柳河市2023年政府工作报告.txt"
    path.write_text(f"柳河市2023年工作总结\n一、主要成绩\n{sentence}\n", "utf-8")
    assert [claim.scope for claim in process(path).claims if claim.surface == surface] == [scope]


@pytest.mark.parametrize(("sentence", "code", "low"), [
    ("社会消费品零售总额下降8%。", "econ.retail_growth", "-8"),
    ("固定资产投资1350亿元，下降32%。", "econ.fixed_investment_growth", "-32"),
    ("完成地区生产总值2983亿元，减少2.3%。", "econ.gdp_growth", "-2.3"),
    ("一般公共预算收入增长2%。", "econ.budget_revenue_growth", "2"),
])  # fmt: skip
def test_a_bad_year_has_its_code_and_sign(tmp_path: Path, sentence: str, code: str, low: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"柳河市2023年工作总结\n一、主要成绩\n{sentence}\n", "utf-8")
    assert [str(fact.value_low) for fact in process(path).facts if fact.indicator == code] == [low]


@pytest.mark.parametrize("sentence", [
    "社会消费品零售总额降幅收窄8个百分点。", "单位GDP能耗下降3%。", "万元GDP用水量下降5%。", "亿元GDP死亡率下降4%。",
])  # fmt: skip
def test_no_growth_of_the_thing_itself(tmp_path: Path, sentence: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"柳河市2023年工作总结\n一、主要成绩\n{sentence}\n", "utf-8")
    assert [claim.indicator for claim in process(path).claims] == [None]


def test_growth_since_an_earlier_year_is_of_all_years_since(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("柳河市2023年工作总结\n一、主要成绩\n地区生产总值比2016年增长50%，较2022年增长5%。\n", "utf-8")
    assert [claim.period for claim in process(path).claims] == ["2016/2023", "2023"]


def test_a_paragraph_that_opens_with_years_speaks_of_them(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    sentences = "这五年，我们坚持绿色发展。建设公厕30座。\n改造公厕12座。"
    path.write_text(f"柳河市2023年工作总结\n一、主要成绩\n{sentences}\n", "utf-8")
    assert [claim.period for claim in process(path).claims if claim.unit == "座"] == ["2019/2023", "2023"]


def test_the_mean_of_years_holds_for_a_list(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("柳河市2023年工作总结\n一、主要成绩\n城乡居民人均可支配收入年均分别增长10%和13%。\n", "utf-8")
    assert [claim.scope for claim in process(path).claims] == ["年均", "年均"]


def test_a_report_of_half_a_year_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("柳河镇2023年上半年工作总结\n一、主要做法\n清理卫生死角120处。2022年清理卫生死角300处。\n", "utf-8")
    report = process(path)
    assert [(fact.year, fact.period) for fact in report.facts] == [(2023, "2023-H1"), (2022, "2022")]


def test_a_year_that_cannot_be_is_an_issue(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("柳河镇2023年工作总结\n一、主要做法\n开展第33个爱国卫生月活动，清理卫生死角120处。\n", "utf-8")
    report = process(path)
    found = [issue for issue in report.issues if issue.code == "year_conflict"]
    assert [report.document.text[issue.start : issue.end] for issue in found] == ["第33个爱国卫生月"]
