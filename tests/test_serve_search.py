"""Full text search by report, and what the screens hand on as workbooks."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from desk import addresses, build, client, post
from openpyxl import load_workbook

from pipeline.serve import search, words, workbook
from pipeline.store import Database
from pipeline.store import search as stored

INDICATOR = "toilets.household_renovated"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("search"))


@pytest.fixture(scope="module")
def opened(archive: Path) -> Iterator[Any]:
    with client(archive) as inside:
        yield inside


def told(archive: Path, asked: str) -> list[tuple[Any, ...]]:
    with Database(archive, read_only=True) as database:
        return list(stored.hits(database.connection, asked))


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    return list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))


@pytest.mark.parametrize("asked", ["垃圾", "公厕", "卫生死角", "改造 户厕"])
def test_every_report_that_has_the_words_is_listed_once(opened: Any, archive: Path, asked: str) -> None:
    found = told(archive, asked)
    reports = {hit[1][:16] for hit in found}
    page = opened.get("/search", params={"q": asked}).text
    assert f"{len(reports)} 份报告，{len(found)} 处" in page
    assert page.count("<li data-row>") == len(reports)
    assert {re.split("[/?]", link)[2] for link in addresses(page, "/reports/")} == reports
    assert page.count('<b class="figure">') == len(found), "what does not lie open unfolds"


def test_hits_are_told_by_year_and_a_year_leaves_its_own(opened: Any, archive: Path) -> None:
    found = told(archive, "垃圾")
    page = opened.get("/search?q=垃圾").text
    years = dict(re.findall(r'year=(\d{4})"[^>]*>\d{4} <b>(\d+)</b>', page))
    assert years == {str(year): str(len({hit[1] for hit in found if hit[3] == year})) for year in {h[3] for h in found}}
    for year, count in years.items():
        assert opened.get(f"/search?q=垃圾&year={year}").text.count("<li data-row>") == int(count)


def test_a_long_answer_goes_on_and_says_where_it_was_cut(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = re.findall(r'class="where" href="([^"]*)"', opened.get("/search?q=垃圾").text)
    monkeypatch.setattr(search, "REPORTS", 2)
    found: list[str] = []
    address = "/search?q=垃圾"
    while address:
        page = opened.get(address).text
        found += re.findall(r'class="where" href="([^"]*)"', page)
        following = re.search(r'rel="next" href="([^"]*)"', page)
        address = "/search" + following[1].replace("&amp;", "&") if following else ""
    assert found == whole
    monkeypatch.setattr(search, "COUNTED", 3)
    assert "前 3 处" in opened.get("/search?q=垃圾").text


@pytest.mark.parametrize(
    ("asked", "code"), [("户厕", INDICATOR), ("household toilets", INDICATOR), ("卫生死角", "remediation.dead_corners")]
)
def test_search_offers_the_indicators_of_that_name(opened: Any, asked: str, code: str) -> None:
    page = opened.get("/search", params={"q": asked}).text
    assert f"/compare?indicator={code}&amp;told=yes" in page
    assert f"/claims?indicator={code}" in page


def test_words_that_no_report_has_are_told_so(opened: Any) -> None:
    page = opened.get("/search?q=没有这样的词").text
    assert "没有找到" in page
    assert "相关指标" not in page
    assert "下载" not in page


def test_the_table_of_hits_has_them_all(opened: Any, archive: Path) -> None:
    lines = opened.get("/search.csv?q=垃圾").text.splitlines()
    assert len(lines) == 1 + len(told(archive, "垃圾"))
    year = told(archive, "垃圾")[0][3]
    assert len(opened.get(f"/search.csv?q=垃圾&year={year}").text.splitlines()) - 1 == sum(
        hit[3] == year for hit in told(archive, "垃圾")
    )


def test_places_that_tell_an_indicator_are_listed_alone(opened: Any) -> None:
    def listed(asked: str) -> set[str]:
        return set(re.findall(r'name="place" value="([^"]*)"', opened.get(f"/compare?{asked}").text))

    with Database(opened.app.state.desk.database, read_only=True) as database:
        names = {row[0] for row in database.connection.execute(
            "SELECT DISTINCT d.place FROM facts AS f JOIN documents AS d ON d.key = f.document WHERE f.indicator = ?"
            " AND d.place IS NOT NULL AND d.year IS NOT NULL", ("toilets.public_built",))}  # fmt: skip
    assert listed("indicator=toilets.public_built&told=yes") == names
    assert names < listed("indicator=toilets.public_built")
    assert listed("told=yes") == listed(""), "without an indicator there is nothing to tell"


def test_the_ledger_as_a_workbook_is_in_words(archive: Path) -> None:
    with client(archive) as inside:
        rows = sheet(inside.get(f"/claims.xlsx?indicator={INDICATOR}"))
        assert rows[0][:6] == ("单位", "年份", "指标", "写法", "下界", "上界")
        assert {row[2] for row in rows[1:]} == {"改造户厕"}
        assert {row[8] for row in rows[1:]} <= set(words.names("zh", "status").values())
        listed = [*csv.reader(StringIO(inside.get(f"/claims.csv?indicator={INDICATOR}").text))]
        assert len(rows) == len(listed)
        post(inside, "/language", language="en", here="/")
        english = sheet(inside.get(f"/claims.xlsx?indicator={INDICATOR}"))
        assert english[0][:4] == ("Place", "Year", "Indicator", "As told")
        assert [row[3:6] for row in english[1:]] == [row[3:6] for row in rows[1:]]


def test_what_was_corrected_stands_in_the_workbook_with_what_was_read(tmp_path: Path) -> None:
    with client(build(tmp_path)) as inside:
        claim = addresses(inside.get(f"/claims?indicator={INDICATOR}").text, r"/claims/\w+$")[0]
        post(inside, f"{claim}/corrections", field="status", value="rule", reason="是要求", person="王审")
        row = next(row for row in sheet(inside.get("/claims.xlsx?corrected=yes"))[1:])
        assert row[8] == "规定"
        assert row[15].startswith("性质: ")


def test_the_comparison_as_a_workbook_is_the_table(opened: Any) -> None:
    asked = f"place=石坪乡&place=云岭镇&indicator={INDICATOR}"
    rows = sheet(opened.get(f"/compare.xlsx?{asked}"))
    assert " ".join(rows[0]) == "指标 单位 年份 写法 下界 上界 计量单位 数值状态 说明 文件 指标代码"
    lines = opened.get(f"/compare.csv?{asked}").text.splitlines()[1:]
    assert [str(row[2]) for row in rows[1:]] == [line.split(",")[3] for line in lines if line]
    assert all(isinstance(row[2], int) for row in rows[1:])


def test_a_workbook_runs_nothing_and_fits_its_columns() -> None:
    text = '=HYPERLINK("file:///x")'
    answer = workbook.response("x.xlsx", "表", ["名称", "句子"], [[text, "字" * 300], [None, "\x00a"]])
    found = load_workbook(BytesIO(bytes(answer.body))).active
    assert found is not None
    assert found["A2"].value == text
    assert found["A2"].data_type == "s"
    assert found["B3"].value == "\ufffda"
    assert found.column_dimensions["A"].width < found.column_dimensions["B"].width <= workbook.WIDEST + 1
    assert found.freeze_panes == "A2"


def test_a_lead_with_much_evidence_folds_it(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import pipeline.serve.desk as screen

    lead = next(link for link in addresses(opened.get("/leads?verdict=all&check=N01").text, r"/leads/\w{16}"))
    whole = re.findall(r'<li data-number="(\d+)"', opened.get(lead).text)
    monkeypatch.setattr(screen, "LISTED", 1)
    page = opened.get(lead).text
    assert re.findall(r'<li data-number="(\d+)"', page) == whole
    assert f"另外 {len(whole) - 1} 处" in page
    assert "<details open>" in opened.get(f"{lead.partition('?')[0]}?e={len(whole)}").text


def test_each_check_is_offered_once_with_all_its_leads(opened: Any) -> None:
    chooser = re.search(r'<select name="check">(.*?)</select>', opened.get("/leads").text, re.DOTALL)
    assert chooser is not None
    offered = re.findall(r'<option value="(\w+)"[^>]*>[^<]* (\d+)</option>', chooser[1])
    assert len(offered) == len(dict(offered)) > 5
    for code, count in offered:
        assert f"{int(count):,} 条线索" in opened.get(f"/leads?check={code}&verdict=all").text


def test_a_path_that_is_an_archive_is_not_named_twice() -> None:
    said = "the archive: the package is protected by a password; remove the password and try again"
    assert words.told("zh", said).startswith("压缩包有密码")
    assert words.told("en", said).startswith("the package")
