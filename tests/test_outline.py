"""The outline: headings by the sequence of their ordinals, false friends rejected, broken sequences told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clean import clean
from pipeline.outline import outline
from pipeline.records import Block, Document, Heading, Issue, Text

SHARED = Path(__file__).parents[2] / "shared"


def read(
    raw: str, name: str = "a.txt", form: str = "txt", blocks: tuple[Block, ...] = ()
) -> tuple[Text, tuple[Heading, ...], tuple[Issue, ...]]:
    document = Document(name, name, "0" * 64, form, "ok", raw, blocks)
    text, _ = clean(document)
    return (text, *outline(text, document))


def tree(raw: str, name: str = "a.txt") -> list[str]:
    """Headings as “level title”, without the title of the document."""
    return [f"{heading.level} {heading.title}" for heading in read(raw, name)[1] if heading.level]


BODY = "我镇坚持领导带头、部门联动，先后清理垃圾120吨，群众满意度不断提高，村容村貌有了明显改观，各项工作取得实效。"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"一、组织领导\n{BODY}\n二、存在问题\n{BODY}", ["1 组织领导", "1 存在问题"]),
        (f"一、工作情况\n（一）健全机构。{BODY}\n（二）广泛宣传。{BODY}\n二、打算\n{BODY}",
         ["1 工作情况", "2 健全机构", "2 广泛宣传", "1 打算"]),
        (f"一、工作情况（一）健全机构。{BODY}（二）广泛宣传。{BODY}二、存在问题{BODY}",
         ["1 工作情况", "2 健全机构", "2 广泛宣传", "1 存在问题"]),
        (f"一、做法\n1、清垃圾。{BODY}\n2、改厕所。{BODY}\n二、打算\n1.清垃圾。{BODY}\n2.改厕所。{BODY}",
         ["1 做法", "3 清垃圾", "3 改厕所", "1 打算", "3 清垃圾", "3 改厕所"]),
        ("我们主要做到：一是抓宣传，营造氛围；二是抓整治，改善环境；三是抓督导，压实责任。",
         ["7 抓宣传，营造氛围", "7 抓整治，改善环境", "7 抓督导，压实责任"]),
        (f"一、工作情况 一精心组织、高位推动 1、制定方案。{BODY} 2、强化领导。{BODY} 二加大宣传、营造氛围 {BODY}"
         f" 二、存在问题 {BODY}",
         ["1 工作情况", "2 精心组织、高位推动", "3 制定方案", "3 强化领导", "2 加大宣传、营造氛围", "1 存在问题"]),
        (f"一：工作情况\n{BODY}\n二：存在问题\n{BODY}", ["1 工作情况", "1 存在问题"]),
        (f"㈠健全机构\n{BODY}\n㈡广泛宣传\n{BODY}", ["2 健全机构", "2 广泛宣传"]),
        (f"第一，抓机构。{BODY}第二，抓宣传。{BODY}", ["6 抓机构", "6 抓宣传"]),
        (f"一、工作情况\n——机构更加健全。{BODY}\n——宣传更加有力。{BODY}",
         ["1 工作情况", "6 机构更加健全", "6 宣传更加有力"]),
        (f"具体为：①清理垃圾，{BODY}②改造厕所，{BODY}", ["5 清理垃圾", "5 改造厕所"]),
        (f"组织领导有力\n{BODY}\n环境整治见效\n{BODY}", ["1 组织领导有力", "1 环境整治见效"]),
        (f"一、工作情况\n健全机构强保障。{BODY}\n广泛宣传造氛围。{BODY}",
         ["1 工作情况", "7 健全机构强保障", "7 广泛宣传造氛围"]),
        (f"（一）机构健全。{BODY}\n（二）面貌改观。{BODY}\n三村道路全部硬化，农户满意。\n（三）服务到位。{BODY}",
         ["2 机构健全", "2 面貌改观", "2 服务到位"]),
        (f"一、打算\n“垃圾不落地”行动再深入。{BODY}\n“春种一粒粟，秋收万颗子。”{BODY}\n“一户不落”。{BODY}",
         ["1 打算", "7 “垃圾不落地”行动再深入"]),
        (f"一、打算\n当前，村容整治已经到了关口。{BODY}", ["1 打算"]),
        (f"一是各站所年初按照省里县里镇里的要求认真收集并整理改厕台账和照片，{BODY}二是整理归档。{BODY}",
         ["7 各站所年初按照省里县里镇里的要求认真收集并整理改厕台账和照片", "7 整理归档"]),
    ],
)  # fmt: skip
def test_headings(raw: str, expected: list[str]) -> None:
    assert tree(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "落实周一、周四保洁日制度，周二、周五开展巡查。",
        "坚持安全第一、预防为主，坚持质量第一、群众第二的反面教训。",
        "去年8、9月份开展演出三场次，10、11月份开展回头看。",
        "在“五、一”节和“十、一”节期间开展大扫除。",
        "推进一、二、三产业融合，引进央企二、三级子公司，开通一、二线城市航线。",
        "推行多证合一、一照一码，实现规则统一、公开透明。",
        "PM2.5、PM10平均浓度下降，人均1.5吨、2.6吨。",
        "第一书记抓党建，第二季度抓整治。",
        "该镇是统一是非标准的典型，唯一是缺资金。",
        "一年来，我镇成效明显。二十大以来，三年行动圆满收官。",
        "按照第（一）项和第（二）项的规定执行。",
        "2.5万人次参加，3.8公里道路完成硬化。",
    ],
)
def test_false_friends(raw: str) -> None:
    assert tree(f"{BODY}{raw}{BODY}") == []
    assert tree(raw) == []


@pytest.mark.parametrize("marker", ["\n1、", "\n2、", "\n\n3、", "\n12、"])
@pytest.mark.parametrize("at", [10, 25, 40])
def test_a_stray_page_marker_is_no_heading(marker: str, at: int) -> None:
    raw = f"一、工作情况\n（一）健全机构。{BODY}\n（二）广泛宣传。{BODY}\n二、打算\n{BODY}"
    place = raw.index(BODY) + at
    expected = tree(raw)
    assert tree(raw[:place] + marker + raw[place:]) == expected


def test_titles() -> None:
    _, headings, _ = read(f"某镇人民政府\n2023年爱国卫生工作总结\n（2023年12月5日）\n{BODY}\n一、组织领导\n{BODY}\n")
    assert (headings[0].level, headings[0].title, headings[0].start) == (0, "2023年爱国卫生工作总结", 0)
    flat = f"2023年创卫工作情况汇报(参考模板)XX乡高度重视创卫工作，{BODY}"
    text, headings, _ = read(flat)
    assert headings[0].title == "2023年创卫工作情况汇报(参考模板)"
    assert text.clean[headings[0].title_end :].startswith("XX乡")
    assert read(f"各位代表：\n{BODY}\n")[1] == ()


def test_the_meeting_and_the_speaker_belong_to_the_title() -> None:
    head = "---\ntitle: 某县工作报告\n---\n\n**2023年2月3日在某县人民代表大会会议上**\n\n**县长 王 平**\n\n"
    raw = f"{head}一、回顾\n{BODY}\n二、打算\n{BODY}\n"
    _, headings, _ = read(raw, "a.md")
    assert [(heading.level, heading.title) for heading in headings] == [(0, "某县工作报告"), (1, "回顾"), (1, "打算")]


def test_a_bold_line_that_leads_on_is_no_heading() -> None:
    leads = "**今年要抓好以下六个方面工作。**", "**必须把握五个方面：**"
    for lead in leads:
        raw = f"一、打算\n\n{lead}\n\n（一）清垃圾。{BODY}\n\n（二）改厕所。{BODY}\n"
        assert tree(raw, "a.md") == ["1 打算", "2 清垃圾", "2 改厕所"]


def test_a_repeated_title_is_seen() -> None:
    _, headings, _ = read(f"某镇工作总结\n{BODY}\n某镇工作总结\n一、组织\n{BODY}\n二、宣传\n{BODY}\n")
    assert [heading.level for heading in headings] == [0, 0, 1, 1]


def test_spans_nest_and_run_in_items_end_with_their_paragraph() -> None:
    raw = f"一、做法\n一是抓宣传。{BODY}二是抓整治。{BODY}\n以上工作成效明显。\n二、打算\n{BODY}\n"
    text, headings, _ = read(raw)
    first, one, two, second = headings
    assert (first.start, first.end, second.end) == (0, second.start, len(text.clean))
    assert text.clean[one.start : one.end].startswith("一是")
    assert text.clean[two.start : two.end].rstrip().endswith("实效。")
    assert "以上工作" not in text.clean[two.start : two.end]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (f"一、组织\n{BODY}\n二、宣传\n{BODY}\n四、打算\n{BODY}\n", "四、打算: follows 2"),
        (f"（三）宣传\n{BODY}\n（四）整治\n{BODY}\n", "（三）宣传: begins with 3"),
        (f"一、组织\n{BODY}\n二、宣传\n{BODY}\n二、打算\n{BODY}\n", "二、打算: repeats 2"),
    ],
)
def test_broken_sequences_are_told_and_kept(raw: str, message: str) -> None:
    _, headings, issues = read(raw)
    assert [issue.message for issue in issues if issue.code == "broken_sequence"] == [message]
    assert len(headings) == raw.count("\n") // 2


def test_numbers_run_on_over_parts_and_lists_nest_in_their_own_kind() -> None:
    running = f"一、就业\n1.培训。{BODY}\n2.招聘。{BODY}\n二、住房\n3.改造。{BODY}\n4.配租。{BODY}\n"
    assert tree(running) == ["1 就业", "3 培训", "3 招聘", "1 住房", "3 改造", "3 配租"]
    assert read(running)[2] == ()
    nested = f"一、回顾\n{BODY}\n二、任务\n一、改革\n{BODY}\n二、开放\n{BODY}\n三、民生\n{BODY}\n三、保障\n{BODY}\n"
    assert tree(nested) == ["1 回顾", "1 任务", "2 改革", "2 开放", "2 民生", "1 保障"]


def test_styled_and_bold_headings_and_no_headings_in_tables() -> None:
    raw = "总体情况\n" + BODY + "\n1、\n垃圾\n2、\n厕所\n"
    at = raw.index("1、")
    blocks = (Block("heading", 0, 4, level=2), Block("paragraph", 5, 5 + len(BODY)),
              *(Block("cell", at + x, at + y, table=1) for x, y in ((0, 2), (3, 5), (6, 8), (9, 11))))  # fmt: skip
    _, headings, _ = read(raw, "a.docx", "docx", blocks)
    assert [(heading.series, heading.level, heading.title) for heading in headings] == [("style", 2, "总体情况")]
    bold = f"---\ntitle: 某市工作报告\n---\n**过去五年的工作**\n\n{BODY}\n\n**经济稳中有进。**{BODY}\n"
    assert tree(bold, "a.md") == ["1 过去五年的工作", "7 经济稳中有进"]


PIECES = [
    "一、",
    "二、",
    "三、",
    "（一）",
    "（二）",
    "1.",
    "2、",
    "①",
    "一是",
    "二是",
    "三是",
    "——",
    "第一，",
    "一精心组织 ",
    "\n",
    "\n\n",
    " ",
    "，",
    "。",
    "工作总结\n",
    BODY,
    "存在问题",
    "各位代表：",
    "【概况】",
    "\t",
    "8、9月份",
    "周一、周四",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=40).map("".join))
def test_any_text_has_a_tree(raw: str) -> None:
    text, headings, issues = read(raw)
    assert list(headings) == sorted(headings, key=lambda heading: heading.start)
    for heading in headings:
        assert 0 <= heading.start <= heading.title_end <= heading.end <= len(text.clean)
    for issue in issues:
        assert issue.start is not None
        assert issue.end is not None
        assert issue.start <= issue.end <= len(text.clean)


@pytest.mark.parametrize(
    ("name", "top"),
    [
        ("000_51a5d5274543a6a0", ["工作开展情况", "当前存在问题", "下一步努力方向"]),
        ("003_de3681796992a66a", ["目前主要工作", "存在的问题", "下一步工作打算"]),
        ("004_152c4e026af7ab14", ["2023年工作总结", "存在的困难和问题", "2024年重点工作任务", "2023年工作亮点"]),
    ],
)
def test_outlines_of_real_reports(name: str, top: list[str]) -> None:
    path = SHARED / "reports" / f"{name}.txt"
    if not path.is_file():
        pytest.skip("needs the real reports beside the checkout")
    _, headings, _ = read(path.read_text("utf-8"), path.name)
    assert [heading.title for heading in headings if heading.level == 1] == top
    assert not any(re.match("周|预防", heading.title) for heading in headings)
