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
