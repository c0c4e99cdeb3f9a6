"""More than one person at the desk, and a machine that lets them down: nothing is decided over somebody's head, nothing
is lost in silence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import CORPUS, SAMPLES, addresses, client, fill, post

from pipeline.store import Database, audit


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    fill(tmp_path / "x.db", [CORPUS / SAMPLES[5]])
    return tmp_path / "x.db"


@pytest.fixture
def two(archive: Path) -> Iterator[tuple[Any, Any, str]]:
    """Two desks over one database, and a lead that both have open."""
    with client(archive, person="甲") as first, client(archive, person="乙") as second:
        lead = addresses(first.get("/leads").text, "/leads/[0-9a-f]{16}")[0].partition("?")[0]
        yield first, second, lead


def decided(archive: Path) -> list[tuple[str, str, str]]:
    with Database(archive, read_only=True) as database:
        return [(v.verdict, v.note, v.person) for v in audit.verdicts(database)]


def test_a_verdict_that_crosses_anothers_is_shown_not_written(archive: Path, two: tuple[Any, Any, str]) -> None:
    first, second, lead = two
    assert post(first, f"{lead}/verdict", verdict="已解释", seen="0", note="来电说明").status_code == 303
    crossed = post(second, f"{lead}/verdict", verdict="属实", seen="0", note="不能采信", filters="severity=1")
    assert crossed.status_code == 409
    for told in ("甲 已记“已解释”", "您的“属实”尚未记入", "不能采信</textarea>", 'name="seen" value="1"'):
        assert told in crossed.text, told
    assert f'name="here" value="{lead}?severity=1"' in crossed.text, "the other language leads to the lead"
    assert decided(archive) == [("已解释", "来电说明", "甲")]
    assert post(second, f"{lead}/verdict", verdict="属实", seen="1", note="不能采信").status_code == 303
    assert decided(archive)[1:] == [("属实", "不能采信", "乙")]


def test_one_press_of_a_key_that_arrives_twice_is_one_verdict(archive: Path, two: tuple[Any, Any, str]) -> None:
    first, _, lead = two
    answers = [post(first, f"{lead}/verdict", verdict="误报", seen="0") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(decided(archive)) == 1


def test_undo_does_not_take_back_what_another_decided(archive: Path, two: tuple[Any, Any, str]) -> None:
    first, second, lead = two
    post(first, f"{lead}/verdict", verdict="误报", seen="0")
    post(second, f"{lead}/verdict", verdict="属实", seen="1")
    assert post(first, f"{lead}/verdict", verdict="待核", seen="1").status_code == 409
    assert decided(archive)[-1] == ("属实", "", "乙")


def test_a_correction_that_crosses_anothers_is_refused(two: tuple[Any, Any, str]) -> None:
    first, second, _ = two
    claim = addresses(first.get("/claims").text, "/claims/[0-9a-f]")[0]
    fields = {"field": "status", "value": "target", "reason": "看原件", "seen": "0"}
    assert post(first, f"{claim}/corrections", **fields).status_code == 303
    refused = post(second, f"{claim}/corrections", **fields | {"value": "rule"})
    assert refused.status_code == 409
    assert "已有人更正过这个数字" in refused.text
    assert post(second, f"{claim}/corrections", **fields | {"seen": "1"}).status_code == 303


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database or disk is full", "磁盘已满"),
        ("disk I/O error", "磁盘读写出错"),
        ("database is locked", "占用"),
        ("attempt to write a readonly database", "只能读"),
    ],
)
def test_what_could_not_be_written_says_so(
    two: tuple[Any, Any, str], archive: Path, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError(said)

    first, _, lead = two
    with monkeypatch.context() as patch:
        patch.setattr(audit, "decide", fail)
        answer = post(first, f"{lead}/verdict", verdict="属实", note="重要", seen="0")
    assert answer.status_code == 503
    assert told in answer.text
    assert "填写的内容还在" in answer.text
    assert decided(archive) == []
    assert post(first, f"{lead}/verdict", verdict="属实", note="重要", seen="0").status_code == 303


def test_a_database_replaced_under_the_desk_is_the_one_that_is_shown(archive: Path, two: tuple[Any, Any, str]) -> None:
    first, _, lead = two
    places = first.get("/compare").text
    for file in archive.parent.glob("x.db*"):
        file.unlink()
    gone = first.get("/")
    assert gone.status_code == 400
    assert "没有数据库" in gone.text
    fill(archive, [CORPUS / SAMPLES[0]])
    assert SAMPLES[0] in first.get("/").text
    assert first.get("/compare").text != places
    assert post(first, f"{lead}/verdict", verdict="属实", seen="0").status_code == 404
    archive.write_bytes(b"no database" * 999)
    assert first.get("/").status_code == 400


def test_a_verdict_on_a_value_that_moved_is_asked_again(archive: Path, two: tuple[Any, Any, str]) -> None:
    first, _, lead = two
    finding = lead.rpartition("/")[2]
    post(first, f"{lead}/verdict", verdict="误报", seen="0")
    with Database(archive) as database, database.connection:
        database.connection.execute("UPDATE findings SET state = 'another' WHERE id = ?", (finding,))
    assert "此后数值有变" in first.get(lead).text
    assert lead in [link.partition("?")[0] for link in addresses(first.get("/leads").text, "/leads/")]
