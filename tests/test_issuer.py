"""Who reports, on which year, and which time a claim speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import issuer, periods
from pipeline.records import Document, Heading, Issuer, Text

GOVERNMENT_REPORTS = Path(__file__).parents[2] / "shared" / "gov"


def find(words: str, path: str = "report.txt", *headings: Heading) -> Issuer:
    document = Document(path, Path(path).name, "0" * 64, "txt", "ok", words)
    return issuer.find(document, Text(words, words, words, (), ()), headings)


@pytest.mark.parametrize(
    ("words", "path", "place", "level", "year", "basis"),
    [
        ("柳河镇2022年爱国卫生工作总结\n今年以来，成效明显。", "a.txt", "柳河镇", "township", 2022, "title"),
        ("东门街道办事处2021年度创卫工作汇报\n各位领导：", "a.txt", "东门街道", "township", 2021, "title"),
        ("云山县青溪乡人民政府关于2020年环境整治情况的报告\n", "a.txt", "青溪乡", "township", 2020, "title"),
        ("三合村二〇二二年人居环境整治工作小结\n一、做法", "a.txt", "三合村", "village", 2022, "title"),
        ("柳河镇2023年工作总结及2024年工作思路\n一、", "a.txt", "柳河镇", "township", 2023, "title"),
        # a government work report reviews the year before
        ("北川市2020年政府工作报告\n各位代表：\n现在报告。", "a.txt", "北川市", "prefecture", 2019, "title"),
        ("政府工作报告\n——2019年1月6日在北川市第八届人民代表大会上\n北川市市长\n各位代表：\n北川市坚持发展。", "a.txt",
         "北川市", "prefecture", 2018, "body/title"),
        ("北川市政府工作报告（2022年12月20日 某人）\n各位代表：", "a.txt", "北川市", "prefecture", 2022, "title"),
        ("政府工作报告\n各位代表：\n**一、2016年工作回顾**", "x/北川市-2017.md", "北川市", "prefecture", 2016,
         "path/heading"),
        ("河北省政府工作报告\n各位代表：\n一、2016年工作回顾", "a.txt", "河北省", "province", 2016, "title/heading"),
        # opening, path, body
        ("爱国卫生工作总结\n现将2021年工作情况汇报如下。", "白石镇/总结.txt", "白石镇", "township", 2021, "path/body"),
        ("爱国卫生工作总结\n我镇狠抓落实。", "柳河镇2019年总结.docx", "柳河镇", "township", 2019, "path"),
        ("工作总结\n我镇2018年改厕，2018年硬化，2017年谋划。", "a.txt", None, "township", 2018, "body"),
        ("卫生工作汇报\n青溪乡认真落实要求。青溪乡党委重视。", "a.txt", "青溪乡", "township", None, "body"),
        ("工作总结\n我们做了很多工作。", "a.txt", None, None, None, "unknown"),
        ("甘肃省代省长在大会上的报告\n2020年工作回顾", "甘肃省-2021.md", "甘肃省", "province", 2020, "title/body"),
        # words that end like a place and are none
        ("乡镇2021年工作总结\n我乡做了很多工作。", "a.txt", None, "township", 2021, "body/title"),
        ("2020年创建国家卫生镇工作总结\n做了很多工作。", "a.txt", None, None, 2020, "title"),
        # what a page put before the name
        ("免费南门街道2021年工作总结\n南门街道辖6个社区。南门街道坚持整治。", "a.txt", "南门街道", "township", 2021,
         "title"),
        # implied: the number of a yearly event, a year of a plan, the days that are named, the day of publication
        ("工作简报\n今年4月是第34个爱国卫生月。2023年3月部署。", "a.txt", None, None, 2022, "implied"),
        ("工作总结\n第三十五个全国爱国卫生月活动。", "a.txt", None, None, 2023, "implied"),
        ("工作总结\n今年是“十四五”开局之年。", "a.txt", None, None, 2021, "implied"),
        ("工作总结\n今年是“十三五”规划的收官之年，明年是十四五开局之年。", "a.txt", None, None, 2020, "implied"),
        ("整改报告\n2022年7月11日暗访，7月19日反馈。", "a.txt", None, None, 2022, "implied"),
        ("整改报告\n做了工作。\n2022年1月9日", "a.txt", None, None, 2021, "implied"),
        ("发布时间：2022-01-19\n工作总结\n一年来做了工作。", "a.txt", None, None, 2021, "implied"),
        ("发布时间：2022-06-19\n工作总结\n做了工作。", "a.txt", None, None, 2022, "implied"),
        ("工作总结\n第3期培训，十几个爱国卫生月。", "a.txt", None, None, None, "unknown"),
        # a date is no year of report
        ("柳河镇工作总结（2022年1月5日）\n现将2021年工作汇报如下。", "a.txt", "柳河镇", "township", 2021, "title/body"),
    ],
)  # fmt: skip
def test_find(words: str, path: str, place: str | None, level: str | None, year: int | None, basis: str) -> None:
    found = find(words, path)
    assert (found.place, found.level, found.year, found.basis) == (place, level, year, basis)


def test_title_heading_comes_first() -> None:
    words = "下载须知总结\n青溪乡2022年度工作总结\n一、基本情况"
    start = words.index("青溪乡")
    title = Heading("title", None, 0, "青溪乡2022年度工作总结", start, start + 13, len(words))
    found = find(words, "a.txt", title)
    assert (found.title, found.place, found.year) == ("青溪乡2022年度工作总结", "青溪乡", 2022)


def test_numbered_heading_is_no_title() -> None:
    found = find("简介\n七、2023年工作思路\n内容", "柳河镇2022年总结.txt")
    assert (found.title, found.year) == (None, 2022)


@pytest.mark.parametrize(
    ("words", "start", "level"),
    [
        ("XX镇2023年工作总结\n", "XX镇#", "township"),
        ("XX县XX乡2023年工作总结\n", "XX乡#", "township"),
        ("××街道2023年工作总结\n", "XX街道#", "township"),
        ("某县2023年工作总结\n", "XX县#", "county"),
    ],
)
def test_masked_place_gets_a_pseudonym(words: str, start: str, level: str) -> None:
    found = find(words)
    assert found.place is not None
    assert found.place.startswith(start)
    assert found.level == level
    assert find(words, "elsewhere/b.txt").place == found.place
    assert find(words + " \n").place == found.place  # white space is no content
    assert find(words + "一、").place != found.place


def period(sentence: str, year: int | None, before: str = "") -> tuple[str | None, str]:
    words = before + sentence
    start = words.index("#")
    return periods.period_of(words.replace("#", ""), start, year)


@pytest.mark.parametrize(
    ("sentence", "year", "expected"),
    [
        ("2023年，共清理垃圾#30吨", 2023, ("2023", "stated")),
        ("二〇二二年投入#5万元", None, ("2022", "stated")),
        ("今年上半年清理#3处", 2023, ("2023-H1", "stated")),
        ("2022年下半年清理#3处", 2023, ("2022-H2", "stated")),
        ("第三季度召开会议#2次", 2023, ("2023-Q3", "stated")),
        ("前三季度完成#60%", 2023, ("2023-01/2023-09", "stated")),
        ("截至10月底，改造户厕#12户", 2022, ("2022-01/2022-10", "stated")),
        ("截止2021年6月30日，改造#12户", 2022, ("2021-01/2021-06", "stated")),
        ("1-6月，清理#2处", 2023, ("2023-01/2023-06", "stated")),
        ("2023年1月至10月，清理#2处", 2023, ("2023-01/2023-10", "stated")),
        ("4月开展活动#2次", 2023, ("2023-04", "stated")),
        ("5月9日开展活动#1场", 2023, ("2023-05-09", "stated")),
        ("三年来投入#80万元", 2023, ("2021/2023", "stated")),
        ("近5年来投入#80万元", 2023, ("2019/2023", "stated")),
        ("一年来召开会议#4次", 2023, ("2023", "stated")),
        ("自2020年以来，投入#80万元", 2023, ("2020/2023", "stated")),
        ("2021—2023年投入#80万元", 2023, ("2021/2023", "stated")),
        ("“十三五”期间新建#8座", 2020, ("2016/2020", "stated")),
        ("过去五年，成绩很大。改造#30户", 2023, ("2019/2023", "stated")),
        ("“十四五”时期，成绩很大。建成#3座", 2023, ("2021/2025", "stated")),
        ("五年来，成绩很大。2023年，我们攻坚。建成#3座", 2023, ("2023", "stated")),
        ("4月8日举行启动仪式。清理#3处", 2023, ("2023", "report")),
        ("五年来，成绩很大。\n清理#3处", 2023, ("2023", "report")),
        ("一至三季度清理#30户", 2023, ("2023-01/2023-09", "stated")),
        ("“十四五”以来改造#30户", 2023, ("2021/2023", "stated")),
        ("十三五以来改造#30户", 2023, ("2016/2020", "stated")),
        ("十四五期间改造#30户", 2023, ("2021/2025", "stated")),
        ("去年完成#30户", 2023, ("2022", "stated")),
        ("明年计划改造#30户", 2023, ("2024", "stated")),
        ("到2025年，普及率达到#95%", 2023, ("2025", "stated")),
        ("2022年改造30户，2023年改造#20户", 2023, ("2023", "stated")),  # the nearest one before the number
        # what the figure is only measured against
        ("比2022年增加#3个", 2023, ("2023", "report")),
        ("较上年增长#8%", 2023, ("2023", "report")),
        ("知晓率由上年的82%跃升到#85.6%", 2023, ("2023", "report")),
        ("知晓率由2021年的82%提高到2022年的#85.6%", 2023, ("2022", "stated")),
        ("从2020年的82%提高到#85.6%", 2023, ("2023", "report")),
        # nothing said
        ("清理垃圾#30吨", 2023, ("2023", "report")),
        ("清理垃圾#30吨", None, (None, "unknown")),
        ("今年清理垃圾#30吨", None, (None, "unknown")),
        ("为65岁以上老人体检#30人", 2023, ("2023", "report")),
        ("实施三年行动，清理#3处", 2023, ("2023", "report")),
        ("第13月清理#3处", 2023, ("2023", "report")),
    ],
)
def test_period(sentence: str, year: int | None, expected: tuple[str | None, str]) -> None:
    assert period(sentence, year) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("一、2023年工作总结\n做法很多。二、2024年工作安排\n", ("2024", "stated")),
        ("一、2022年工作回顾。做法很多。\n二、存在问题\n", ("2023", "report")),
        ("2022年做了工作。\n", ("2023", "report")),  # another sentence
        ("2024年重点工作\n一、强化项目带动\n", ("2024", "stated")),  # a line that a plan begins with
        ("2022年爱国卫生工作总结\n一、做法\n", ("2023", "report")),
        ("二、今后五年目标任务\n", ("2024/2028", "stated")),
    ],
)
def test_period_of_a_heading(before: str, expected: tuple[str, str]) -> None:
    assert period("建设公厕#2座", 2023, before) == expected


def test_part_of_a_year_is_of_the_year_of_its_heading() -> None:
    assert period("全年改造户厕#200户", 2023, "二、2024年工作安排\n") == ("2024", "stated")
    assert period("6月底前改造户厕#80户", 2023, "二、2024年工作安排\n") == ("2024-06", "stated")


def test_this_year_of_a_speech_to_delegates() -> None:
    assert period("今年要改造户厕#200户", 2018, "各位代表：\n") == ("2019", "stated")
    assert period("去年改造户厕#200户", 2018, "各位代表：\n") == ("2018", "stated")


@given(st.text("年月日12340今去上半自至—到来以三“”、，。\n", max_size=40), st.none() | st.integers(2000, 2030))
def test_any_text_has_a_sound_period(words: str, year: int | None) -> None:
    found, basis = periods.period_of(words + "3吨", len(words), year)
    assert basis in ("stated", "report", "unknown")
    assert (found is None) == (basis == "unknown")


def test_places_and_years_of_government_reports() -> None:
    if not GOVERNMENT_REPORTS.is_dir():
        pytest.skip("needs the government reports beside the checkout")
    wrong = []
    for path in sorted(GOVERNMENT_REPORTS.glob("*.md")):
        place, _, year = path.stem.rpartition("-")
        found = find(path.read_text("utf-8"), str(path))
        if (found.place, found.year) != (place, int(year) - 1):
            wrong.append((path.name, found.place, found.year))
    assert len(wrong) <= 3, wrong  # 博尔塔拉州 is how the report itself shortens its name


@pytest.mark.parametrize(("title", "expected"), [
    ("柳河镇2023年上半年工作总结", "2023-H1"), ("柳河镇2023年1-10月工作总结", "2023-01/2023-10"),
    ("柳河镇2023年工作总结", "2023"), ("柳河镇2023年工作总结及2024年工作思路", "2023"), (None, "2023"),
    ("柳河镇工作总结（2023年12月5日）", "2023"),
])  # fmt: skip
def test_what_a_report_covers(title: str | None, expected: str) -> None:
    covered = periods.report_period(Issuer(title, None, None, 2023, "title"))
    assert covered == expected
    assert periods.period_of("清理30吨", 2, 2023, covered) == (expected, "report")


@pytest.mark.parametrize(("words", "year", "surfaces"), [
    ("开展第33个爱国卫生月活动", 2023, ["第33个爱国卫生月"]), ("开展第35个爱国卫生月活动", 2023, []),
    ("迎接第36个爱国卫生月", 2023, []), ("新中国成立70周年", 2019, []), ("新中国成立70周年", None, []),
    ("今年是十四五开局之年", 2022, ["今年是十四五开局之年"]), ("明年是十四五开局之年", 2022, []),
])  # fmt: skip
def test_years_that_conflict(words: str, year: int | None, surfaces: list[str]) -> None:
    found = periods.conflicts(words, Issuer(None, None, None, year, "title"))
    assert [words[issue.start : issue.end] for issue in found] == surfaces
    assert {issue.code for issue in found} <= {"year_conflict"}


@pytest.mark.parametrize(("place", "words", "parent"), [
    ("云岭镇", "望川县云岭镇2022年工作总结", "望川县"),
    ("云岭镇", "云岭镇位于望川县北部", "望川县"),
    ("江门市", "加快推进广东省江门市的建设。", "广东省"),
])  # fmt: skip
def test_the_place_above(place: str, words: str, parent: str) -> None:
    assert issuer._parent(place, words) == parent
