"""The open vocabulary: what claims without a code are grouped into, and what the commands say of the catalogue."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline import config, indicators, vocabulary
from pipeline.__main__ import app
from pipeline.run import process
from pipeline.store import Database
from pipeline.vocabulary import Told, candidates

REPORT = """{place}2022年政府工作报告
一、工作回顾
新增国家高新技术企业{n}家，新认定高新技术企业{n}家，高新技术企业达到{n}0家。外贸进出口总额增长{n}.5%，外贸进出口总额{n}亿元。
打通断头路{n}条。清理垃圾{n}吨，发放宣传单{n}00份。
"""


def told(action: str, thing: str, unit: str = "家", dimension: str = "count", place: str = "甲市") -> Told:
    return Told(action, thing, unit, unit, "", dimension, None, place, f"{place}.txt", "5" + unit)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with Database(folder / "a.db") as archive:
        for n, place in enumerate(("清河市", "云山市", "柳塘市"), 3):
            path = folder / f"{place}2022年政府工作报告.txt"
            path.write_text(REPORT.format(place=place, n=n), "utf-8")
            archive.store(process(path))
    return folder / "a.db"


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        # a longer name joins the shorter one that is told as often
        ([told("新增", "国家高新技术企业"), told("新增", "高新技术企业")], {"新增高新技术企业"}),
        # but not a name of two or three characters, which stands in too many others
        ([told("新增", "国家级企业联盟"), told("新增", "联盟")], {"新增国家级企业联盟", "新增联盟"}),
        # nor one that is told less often
        ([told("新增", "省级绿色工厂")] * 2 + [told("新增", "绿色工厂")], {"新增省级绿色工厂", "新增绿色工厂"}),
        # verbs that share a character are one act, opposites are two
        (
            [told(verb, "换电站", "座") for verb in ("新建", "建成", "拆除")],
            {"新建换电站", "拆除换电站"},
        ),
        # a change is no level, and a level has no verb
        (
            [told(verb, "进出口总额", "%", "percent") for verb in ("增长", "达到")],
            {"进出口总额增长", "进出口总额"},
        ),
        # what is held or reached is a level
        ([told(verb, "居民消费价格涨幅", "%", "percent") for verb in ("控制", "为")], {"居民消费价格涨幅"}),
        # other measure words are other things
        ([told("", "经营主体", "家"), told("", "经营主体", "户")], {"经营主体"}),
        # names that say nothing
        ([told("实施", "项目", "个"), told("抓好", "以下方面工作", "个"), told("有", "县", "个")], set()),
    ],
)
def test_grouping(claims: list[Told], names: set[str]) -> None:
    found = candidates(claims)
    assert {candidate.name for candidate in found} == names
    assert len({(candidate.name, candidate.unit) for candidate in found}) == len(found)


ACTIONS, PLACES = st.sampled_from(["", "新增", "新建", "增长", "达到"]), st.sampled_from(["甲市", "乙市"])
THINGS, UNITS = st.text("高新企业基地产", max_size=7), st.sampled_from(["家", "个"])


@given(st.lists(st.builds(told, ACTIONS, THINGS, UNITS, st.just("count"), PLACES)))
def test_no_claim_is_counted_twice(claims: list[Told]) -> None:
    found = candidates(claims)
    assert sum(candidate.claims for candidate in found) <= len(claims)
    assert all(sum(c.verbs.values()) in (0, c.claims) and len(c.examples) <= 3 for c in found)


def test_proposals_work_as_they_are(database: Path) -> None:
    with Database(database, read_only=True) as archive:
        proposed = vocabulary.suggest(archive, claims=3, places=3)
    names = [row["name_zh"] for row, _ in proposed]
    assert names[0] == "新增高新技术企业"
    assert {"高新技术企业", "外贸进出口总额增长", "外贸进出口总额", "打通断头路"} <= set(names)
    assert not {"清理垃圾", "发放宣传单"} & set(names), "what the catalogue knows is not proposed"
    rows = list(csv.DictReader(vocabulary.csv_rows(proposed).splitlines()))
    with (config.models_path() / "indicators.csv").open(encoding="utf-8", newline="") as file:
        assert list(rows[0]) == next(csv.reader(file))
    added = tuple(indicators.indicator(row) for row in rows)
    assert indicators.lint((*indicators.catalogue(), *added)) == ()


def test_usage_and_collisions(database: Path) -> None:
    with Database(database, read_only=True) as archive:
        used = {use.row.code: use for use in vocabulary.usage(archive)}
        collisions = vocabulary.collisions(archive)
    assert used["remediation.garbage_cleared_mass"].claims == 3
    assert used["remediation.garbage_cleared_mass"].places == 3
    assert used["vector.kill_rate"].claims == 0
    assert all(len(collision.codes) > 1 and collision.claims for collision in collisions)


def test_commands(database: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["indicators", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    assert "vector.bait_stations" in run("list", "毒饵站")
    assert json.loads(run("list", "毒饵站", "--json"))[0]["dimension"] == "count"
    assert "0 faults" in run("lint")
    assert "vector.kill_rate: matches nothing" in run("lint", "--db", str(database))
    assert json.loads(run("lint", "--db", str(database), "--json"))["faults"] == []
    assert "高新技术企业" in run("suggest", "--db", str(database), "--least", "3")
    assert json.loads(run("suggest", "--db", str(database), "--least", "3", "--json"))[0]["places"]
    run("suggest", "--db", str(database), "--least", "3", "-o", str(tmp_path / "own.csv"))
    assert (tmp_path / "own.csv").read_text("utf-8").startswith("code,tier,name_zh")
    assert CliRunner().invoke(app, ["indicators", "list", "没有的词"]).exit_code == 1
