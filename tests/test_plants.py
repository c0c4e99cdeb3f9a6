"""The bench of planted faults in little: a few plants and look-alikes of every check (python -m benchmarks.plants)."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from benchmarks.plants import arithmetic, score
from benchmarks.plants.bases import Base, corpus, invent, place_name
from benchmarks.plants.cases import Paper, frames
from benchmarks.plants.grammar import expand
from pipeline import audit

FEW = 10
RECALL, FALSE_ALARMS = 0.9, 0.05
SENTENCES = 780


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("新建公厕<a=3..3>座", "新建公厕3座"),
        ("<!a=2..2><!b=3..3>共<a+b>座，占<100*a/b:1>%", "共5座，占66.7%"),
        ("<!n=12..12>第<n:han>次、第<n+8:han>次", "第十二次、第二十次"),
        ("<1000..1000:,>户", "1,000户"),
        ("{甲|甲}{{乙}|乙}<year+1>年<-year+2023>", "甲乙2023年1"),
        ("<place>，<a=7..7><a>", "松渡镇，77"),
    ],
)
def test_a_frame_is_filled(frame: str, said: str) -> None:
    assert expand(frame, Random(0), {"place": "松渡镇", "year": Decimal(2022)}) == said


def test_a_name_that_stands_is_not_drawn_again() -> None:
    values = {"a": Decimal(5)}
    assert expand("<a=1..900>和<b=9..9>", Random(0), values) == "5和9"
    assert values == {"a": 5, "b": 9}


@pytest.mark.parametrize("frame", ["<a+b>", "<f(3)>", "<a.real>"])
def test_what_is_no_arithmetic_is_refused(frame: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        expand(frame, Random(0), {"b": Decimal(1)})


def test_spans_are_found_by_how_often_they_stood_before() -> None:
    paper = Paper("x", "公厕3座。另有⟦公厕3座⟧。")
    assert paper.spans(paper.text) == [(7, 11)]
    assert paper.spans("标题\n" + paper.text) == [(10, 14)]
    with pytest.raises(ValueError, match="not in the text"):
        paper.spans("公厕3座。")


def test_what_is_planted_in_adds_nothing_by_itself() -> None:
    report = invent(Random("clean"), place_name(7), 2022)
    assert report.place in report.text
    assert "⟦" not in report.text
    assert all(report.text[spot - 1] == "。" for spots in report.spots.values() for spot in spots)
    assert len({base.name for base in corpus()}) == len(corpus()) > 30


def test_places_are_distinct() -> None:
    assert len({place_name(index) for index in range(300)}) == 300


@pytest.mark.parametrize("base", corpus(), ids=lambda base: str(base.name))
def test_spots_lie_behind_full_stops(base: Base) -> None:
    assert all(base.text[spot - 1] == "。" for spots in base.spots.values() for spot in spots)


def test_every_check_has_plants_and_look_alikes() -> None:
    kinds = {(frame.check, frame.plant) for frame in frames()}
    assert {check for check, _ in kinds} == {check for check, plant in kinds if plant}
    assert {(check, not plant) for check, plant in kinds} == kinds


def test_cases_are_the_same_on_every_run() -> None:
    assert list(score.cases("N01", True, 12)) == list(score.cases("N01", True, 12))


@pytest.mark.parametrize("check", score.checks())
def test_plants_are_found_and_look_alikes_left_alone(check: str) -> None:
    result = score.score(check, FEW)
    assert result.recall >= RECALL, [case.frame for case in result.missed]
    assert result.false_alarms <= FALSE_ALARMS, [(case.frame, finding.message) for case, finding in result.alarmed]


def test_clean_arithmetic_gives_no_false_alarm() -> None:
    assert set(arithmetic.CHECKS) <= set(audit.CHECKS)
    count, faults = score.clean_arithmetic(SENTENCES)
    assert count == SENTENCES
    assert faults == []
