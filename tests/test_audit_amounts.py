"""Amounts for one person, household or village, and products of so many each: what is beyond all others is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import audit
from pipeline.records import Report
from pipeline.run import process
from pipeline.store import Database

TITLE = "青溪镇2023年爱国卫生工作总结\n"
PEOPLE = "青溪镇下辖12个村，总人口2.1万人。\n"


def report(folder: Path, body: str, people: str = PEOPLE) -> Report:
    path = folder / "青溪镇2023年爱国卫生工作总结.txt"
    path.write_text(f"{TITLE}{people}一、工作开展情况\n{body}\n", "utf-8")
    return process(path)


def found(folder: Path, body: str, people: str = PEOPLE) -> list[str]:
    with Database(folder / "amounts.db") as database:
        database.store(report(folder, body, people))
        return [finding.message for finding in audit.run(database, ["N07"])]


@pytest.mark.parametrize(("body", "told"), [
    ("每户配发垃圾桶337个。", "每户337个"),
    ("户均硬化道路55公里。", "每户55000米"),
    ("人均公园绿地面积3559平方米。", "每人3559平方米"),
    ("每村新建公厕6000座。", "每村6000座"),
    ("人均可支配收入达到320万元。", "每人3200000元"),
    ("全镇拆除乱搭乱建960万平方米。", "按总人口21000折算"),
])  # fmt: skip
def test_an_amount_that_nobody_can_have_is_told(tmp_path: Path, body: str, told: str) -> None:
    assert any(told in message for message in found(tmp_path, body))


@pytest.mark.parametrize("body", [
    "每户配发垃圾桶2个。", "户均硬化入户路19米。", "人均公园绿地面积12平方米。", "每村新建公厕2座。",
    "村均集体收入62万元。",
    "人均可支配收入达到2.3万元。", "人均日产垃圾1.2公斤。", "全镇拆除乱搭乱建9600平方米。",
])  # fmt: skip
def test_an_ordinary_amount_is_left_alone(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, body) == []


def test_without_a_population_the_largest_place_of_the_level_stands_for_it(tmp_path: Path) -> None:
    assert "没有写人口" in found(tmp_path, "全镇拆除乱搭乱建960万平方米。", people="")[0]


@settings(max_examples=25, deadline=None)
@given(each=st.integers(2, 9), villages=st.integers(11, 40), off=st.integers(-5, 5))
def test_so_many_each_are_questioned_exactly_where_the_total_is_another(
    tmp_path_factory: pytest.TempPathFactory, each: int, villages: int, off: int
) -> None:
    total = each * villages + off
    body = f"每村配备保洁员{each}名，{villages}个村共配备{total}名。"
    findings = audit.check_report(report(tmp_path_factory.mktemp("each"), body), ["N01"])
    assert bool(findings) == bool(off)
