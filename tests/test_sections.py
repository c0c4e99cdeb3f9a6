"""Sections: roles and topics of parts, headings that cover what is beneath, tiles without gaps, weights made again."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import evaluate
from pipeline.clean import clean
from pipeline.config import Sections, models_path
from pipeline.lexicon import rows
from pipeline.outline import outline
from pipeline.records import Document, Segment, Text
from pipeline.sections import classify, model, on_source
from pipeline.sections.features import cues, matrix, names
from pipeline.sections.rules import title_role
from pipeline.sections.units import split

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
SHARED = Path(__file__).parents[2] / "shared"


def read(raw: str, threshold: float = 0.0) -> tuple[Text, tuple[Segment, ...]]:
    document = Document("a.txt", "a.txt", "0" * 64, "txt", "ok", raw)
    text, _ = clean(document)
    headings, _ = outline(text, document)
    return text, classify(text, headings, None, Sections(threshold=threshold))[0]


def labels(raw: str) -> list[str]:
    """Labels of the segments, neighbours of the same label told once."""
    found = [segment.label for segment in read(raw)[1]]
    return [label for at, label in enumerate(found) if at == 0 or found[at - 1] != label]


REPORT = """某镇2022年爱国卫生工作总结
某镇位于县城东部，下辖12个行政村，总人口3.2万人。现将有关情况汇报如下：
一、加强组织领导
成立由镇长任组长的领导小组，召开专题会议6次，印发实施方案，与各村签订责任书。
二、广泛宣传发动
悬挂横幅80条，发放倡议书5000份，出动宣传车，营造全民参与的浓厚氛围。
三、开展环境整治
清理垃圾320吨，清除卫生死角45处，拆除乱搭乱建12处，取缔占道经营30起。
四、做好健康服务
为65岁以上老年人免费体检1200人，高血压、糖尿病患者规范管理率75%。
五、强化督导考核
纪委牵头开展暗访12次，通报批评3个村，考核结果与奖惩挂钩。
六、存在的问题
一是宣传力度不够。部分群众悬挂横幅意识不强。二是保洁员不足，垃圾清运不及时。
七、下一步打算
（一）加强领导。召开专题会议，签订责任书。
（二）清理垃圾。全面清除卫生死角。
"""


def test_a_whole_report() -> None:
    assert labels(REPORT) == [
        "title",
        "overview",
        "leadership",
        "publicity",
        "remediation",
        "services",
        "supervision",
        "problems",
        "next_steps",
    ]


def test_roles_topics_and_how_they_were_come_by() -> None:
    _, segments = read(REPORT)
    plans = [segment for segment in segments if segment.label == "next_steps"]
    assert {(segment.role, segment.decided_by, segment.probability) for segment in plans} == {("plan", "heading", 1.0)}
    assert [segment.topic for segment in plans][-2:] == ["leadership", "remediation"]
    assert plans[-1].heading_path == ("下一步打算", "清理垃圾")
    assert {segment.role for segment in segments} == {"title", "overview", "action", "problem", "plan"}


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("二、存在的困难和问题", "problem"),
        ("（三）主要问题及原因", "problem"),
        ("六、不足之处", "problem"),
        ("五、存在的问题和建议", "problem"),
        ("三、下一步工作打算", "plan"),
        ("三、2024年重点工作任务", "plan"),
        ("六、下阶段创建工作计划", "plan"),
        ("努力方向", "plan"),
        ("二、2023年工作总体部署", "plan"),
        ("二、2023年工作总体要求", "plan"),
        ("二、“十四五”发展的指导思想和目标任务", "plan"),
        ("三、切实做好2023年工作", "plan"),
        ("附：有关名词解释", "overview"),
        ("五、几点体会", "review"),
        ("四、2023年工作亮点", "result"),
        ("六、取得的成绩", "result"),
        ("一、基本情况", "overview"),
        ("二、反馈问题及整改情况", "rectification"),
        ("（三）坚持问题导向，集中整治", None),
        ("4、召开会议解决出现的情况和问题", None),
        ("（三）制定计划，保障经费", None),
        ("（四）完善机制，巩固创建成果", None),
        ("一、2023年工作总结", None),
        ("一、主要做法及成效", None),
        ("一、工作开展情况", None),
    ],
)
def test_what_headings_say(heading: str, role: str | None) -> None:
    assert title_role(heading) == role


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("在看到成绩的同时，我们也清醒地认识到，垃圾清运还不及时，群众参与度不高。", "problems"),
        ("但也要看到，部分村热一阵冷一阵，检查一过又回到老样子。", "problems"),
        ("下一步，镇里计划新建垃圾房3座，改造户厕50座。", "next_steps"),
        ("明年打算：继续改造户厕，完善收运体系，力争创成省级卫生镇。", "next_steps"),
        ("特此报告。", "overview"),
    ],
)
def test_turns_in_reports_without_headings(sentence: str, label: str) -> None:
    body = "全镇清理垃圾320吨，清除卫生死角45处，拆除乱搭乱建12处，取缔占道经营30起，整治河道8公里。\n"
    assert labels(f"{body}{sentence}\n") == ["remediation", label]


WORK = "全镇清理垃圾320吨，清除卫生死角45处，拆除乱搭乱建12处，取缔占道经营30起，整治河道8公里。"


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("一、2022年工作回顾", "二、2023年工作安排", "三、狠抓河道清理"), ["remediation", "next_steps"]),
        (("一、2022年工作回顾", "二、2023年工作安排", "三、2022年工作亮点"), ["remediation", "next_steps", "results"]),
        (("2022年工作回顾", "“十四五”时期主要任务", "2023年主要工作", "加强作风建设"), ["remediation", "next_steps"]),
        (("一、2023年工作目标", "二、狠抓河道清理", "三、狠抓占道经营"), ["next_steps", "remediation"]),
    ],
)  # fmt: skip
def test_what_follows_a_plan_is_planned_unless_the_plan_opens_the_report(
    headings: tuple[str, ...], expected: list[str]
) -> None:
    assert labels("".join(f"{heading}\n{WORK}\n" for heading in headings)) == expected


def test_an_address_in_the_middle_goes_on_with_the_plan_and_a_call_closes_it() -> None:
    address = "各位代表！垃圾清理关系千家万户，我们要再清河道8公里。"
    call = "各位代表！让我们团结一心，为建设美丽家园努力奋斗！"
    plan = f"二、2023年工作安排\n（一）清垃圾。{WORK}\n{address}\n（二）治河道。{WORK}\n{call}\n"
    raw = f"一、2022年工作回顾\n{WORK}\n{plan}"
    assert labels(raw) == ["remediation", "next_steps", "overview"]


def test_seeing_hardship_inside_a_plan_is_still_the_plan() -> None:
    plan = f"二、2023年工作安排\n同时也要看到，清运压力不小。\n（一）清垃圾。{WORK}\n（二）治河道。{WORK}\n"
    raw = f"一、2022年工作回顾\n{WORK}\n{plan}"
    assert labels(raw) == ["remediation", "next_steps"]


def test_what_a_part_tells_of_assessment_beats_a_heading_about_duties() -> None:
    duty = "成立由镇长任组长的领导小组，召开专题会议6次，印发实施方案，与各村签订责任书。"
    graded = "每季度对各村打分排名，考评垫底的村取消评优资格，奖惩结果张榜公布，连续两次不达标的予以约谈问责。"
    parts = f"（一）健全机构。{duty}\n（二）明确任务，落实责任。{graded}\n（三）制定计划。{duty}\n"
    raw = f"一、加强领导\n{parts}二、打算\n{WORK}\n"
    assert labels(raw) == ["leadership", "supervision", "leadership", "next_steps"]


def test_furniture_between_segments_is_a_segment_of_its_own() -> None:
    raw = "首页 > 范文 > 总结\n" + REPORT.replace("三、开展", "展开阅读全文\n三、开展") + "相关推荐\n猜你喜欢\n"
    text, segments = read(raw)
    tiles = on_source(text, segments)
    frame = [raw[tile.start : tile.end] for tile in tiles if tile.label == "furniture"]
    assert frame == ["首页 > 范文 > 总结\n", "展开阅读全文\n", "相关推荐\n猜你喜欢\n"]


def test_a_part_goes_on_behind_furniture() -> None:
    body = "清理垃圾320吨，清除卫生死角45处，拆除乱搭乱建12处，取缔占道经营30起。"
    raw = f"一、开展环境整治\n{body}\n展开阅读全文\n{body}\n二、存在的问题\n{body}\n"
    text, segments = read(raw)
    tiles = on_source(text, segments)
    assert [tile.label for tile in tiles] == ["remediation", "furniture", "remediation", "problems"]


def test_page_markers_open_no_segment() -> None:
    body = "清理垃圾320吨，清除卫生死角45处，拆除乱搭乱建12处，取缔占道经营30起，" * 30
    chunks = [body[at : at + 300] for at in range(0, len(body), 300)]
    raw = "".join(f"\n{number}、{chunk}" for number, chunk in enumerate(chunks, 1))
    text, segments = read(raw)
    assert [tile.label for tile in on_source(text, segments)] == ["remediation"]


def test_doubt_is_an_issue() -> None:
    document = Document("a.txt", "a.txt", "0" * 64, "txt", "ok", REPORT)
    text, _ = clean(document)
    headings, _ = outline(text, document)
    _, issues = classify(text, headings, None, Sections(threshold=1.01))
    assert {issue.code for issue in issues} == {"unclassified_section"}


PIECES = [*REPORT.split("\n"), "\n", "\n\n", " ", "一是", "二是", "（一）", "1.", "\n3、", "展开阅读全文\n",
          "第1页 / 共9页", "\t",
          "各位代表：", "特此报告。", "某镇人民政府\n2023年12月5日", "农(nóng)村", "１２"]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=30).map("".join))
def test_any_text_is_tiled(raw: str) -> None:
    """Segments tile the cleaned text, and on the source the whole raw text; no text is an exception."""
    text, segments = read(raw)
    tiles = on_source(text, segments)
    for pieces, whole in ((segments, text.clean), (tiles, raw)):
        assert sum(piece.end - piece.start for piece in pieces) == len(whole)
        assert all(left.end == right.start for left, right in pairwise(pieces))
        assert all(piece.start < piece.end for piece in pieces)
        assert not pieces or pieces[0].start == 0
    assert {tile.label for tile in tiles} <= {*model.load().labels, "title", "furniture"}


def test_units_and_features_have_one_row_each() -> None:
    document = Document("a.txt", "a.txt", "0" * 64, "txt", "ok", REPORT)
    text, _ = clean(document)
    units = split(text, outline(text, document)[0])
    found = matrix(text, units, cues())
    assert found.shape == (len(units), len(names(cues())))
    assert [unit.start for unit in units] == [0, *(unit.end for unit in units[:-1])]


def test_cue_words_stand_once_in_their_group() -> None:
    for row in rows("sections"):
        words = row["words"].split()
        assert len(words) == len(set(words)), row["group"]


def test_the_weights_belong_to_the_corpus_and_the_table() -> None:
    """Where this fails, `hebao train` makes them again."""
    card = json.loads((models_path() / model.CARD).read_text("utf-8"))
    assert model.load().cues == cues()
    assert card["trained_on"]["digest"] == evaluate.digest(CORPUS)
    assert card["floor"]["macro_f1"] >= 0.9
    assert card["floor"]["characters"] >= 0.9


def test_training_gives_the_same_numbers_every_time(tmp_path: Path) -> None:
    examples = evaluate.read(CORPUS)[:8]
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        model.save(evaluate.fit(examples), {}, tmp_path / name)
        written.append((tmp_path / name / model.WEIGHTS).read_bytes())
    assert written[0] == written[1]
    again, first = model.load(tmp_path / "one"), evaluate.fit(examples)
    assert again.labels == first.labels
    assert np.allclose(again.role.weights, first.role.weights, atol=1e-6)


def test_held_out_places_are_never_trained_on() -> None:
    examples = evaluate.read(CORPUS)
    assert len({example.group for example in examples}) >= 12
    seen = {example.group for example in examples if "澄泉镇" in example.text.shadow[:200]}
    assert seen == {"澄泉镇"}


def test_scores_of_a_perfect_and_of_a_wrong_answer() -> None:
    from collections import Counter

    right = [Counter({("overview", "overview"): 10}), Counter({("problems", "problems"): 5})]
    assert evaluate.scores(right, 1, False).macro_f1 == 1.0
    wrong = evaluate.scores([Counter({("overview", "problems"): 10}), *right], 1, False)
    assert (wrong.segments, wrong.characters) == (2 / 3, 15 / 25)
    assert wrong.confusion == {"overview>problems": 10}


def test_real_reports_against_their_annotation(capsys: pytest.CaptureFixture[str]) -> None:
    gold = SHARED / "gold" / "reports"
    if not gold.is_dir():
        pytest.skip("needs the annotated reports beside the checkout")
    result = evaluate.evaluate(gold)
    assert result.segments >= 0.92
    assert result.macro_f1 >= 0.85
    assert result.labels["furniture"]["f1"] >= 0.98
    assert "committed weights" in capsys.readouterr().out
