"""What reports leave out or say too loudly, and what shows only beside other reports: text → leads, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

import pipeline
from pipeline import audit
from pipeline.audit import base, sheets
from pipeline.audit.days import dates
from pipeline.audit.leads import _marked, _window
from pipeline.audit.leads import leads as stored_leads
from pipeline.records import Finding
from pipeline.store import Database

SHARED = Path(__file__).parents[2] / "shared"
TEXT_CHECKS = ("F01", "F02", "F03", "F07", "F09", "F12", "F13", "N17", "T06", "T07")
ARCHIVE_CHECKS = ("F04", "F05", "F08", "F10", "N07", "N12", "N14", "N15")
WORK = (
    "一、加强组织领导\n镇里成立爱国卫生工作领导小组，镇长任组长，全年召开专题会议6次，与各村签订责任书14份。\n"
    "二、广泛宣传发动\n印发宣传资料4800份，悬挂横幅62条，举办健康讲座12场，广播每天早晚播放。\n"
    "三、开展环境整治\n清理垃圾1260吨，清除卫生死角214处，改造户厕386户，硬化道路3.2公里，安装路灯75盏。"
    "对河道、路边和房前屋后的积存杂物集中清运，由村组干部分片包干，当天清理当天复查，发现反弹再清一遍。\n"
    "四、严格督查考核\n坚持月检查、季通报，全年督查18次，下发整改通知31份，逐一回访。\n"
)
PROBLEMS = "五、存在的问题\n一是集镇排水管网老旧，3处路段逢雨积水；二是岔河村保洁员年纪偏大，收运不及时。\n"
PLANS = "六、下一步打算\n一是更换老旧管网2公里；二是调整保洁队伍，增加收运频次；三是继续做好宣传。\n"


def leads(folder: Path, check: str, text: str, name: str = "岭前镇2022年爱国卫生工作总结") -> list[Finding]:
    """What a report check says of a text."""
    path = folder / f"{name}.txt"
    path.write_text(f"{name}\n{text}", "utf-8")
    return audit.check_report(pipeline.process(path), [check])


def surfaces(findings: Sequence[Finding]) -> list[str]:
    """The characters that each lead points at first."""
    return ["".join(finding.evidence[0].surface.split()) for finding in findings]


@pytest.mark.parametrize(
    ("text", "name", "missing"),
    [
        (WORK, "岭前镇2022年爱国卫生工作总结", "“存在问题”和“下一步打算”"),
        (WORK + PLANS, "岭前镇2022年爱国卫生工作总结", "“存在问题”"),
        (WORK + PROBLEMS, "岭前镇2022年爱国卫生工作总结", "“下一步打算”"),
        (WORK + PROBLEMS + PLANS, "岭前镇2022年爱国卫生工作总结", ""),
        (WORK, "岭前镇爱国卫生工作简报", ""),
        (WORK, "岭前镇2022年爱国卫生工作方案", ""),
        (WORK[:90], "岭前镇2022年爱国卫生工作总结", ""),  # too short to tell
        (
            WORK + "五、守护健康\n为六十五岁以上老人免费体检，家庭医生上门随访，一年来共服务群众和",
            "岭前镇2022年爱国卫生工作总结",
            "",
        ),
        (
            WORK + "回头看，与先进乡镇相比还有不小的差距。下一步，我们将重点抓好收运。\n",
            "岭前镇2022年爱国卫生工作总结",
            "",
        ),
    ],
)
def test_missing_sections(tmp_path: Path, text: str, name: str, missing: str) -> None:
    found = leads(tmp_path, "F01", text, name)
    assert [missing in finding.message for finding in found] == [True] * bool(missing)


@pytest.mark.parametrize(
    ("problems", "told"),
    [
        ("五、存在的问题\n个别工作还不够细致，有待进一步加强。\n", True),
        ("五、存在的问题\n与上级要求相比还有一定差距。\n", True),
        (PROBLEMS, False),
        ("五、存在的问题\n石板村垃圾收运不及时，集镇农贸市场秩序混乱，群众意见较大，管护资金没有着落。\n", False),
        ("", False),  # none at all is F01
    ],
)
def test_light_problems(tmp_path: Path, problems: str, told: bool) -> None:
    assert bool(leads(tmp_path, "F02", WORK + problems + PLANS)) is told


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("五、强化健康教育\n清理垃圾620吨，清除卫生死角114处，清掏沟渠，铲除杂草，拆除残垣断壁。\n", True),
        ("五、强化健康教育\n举办健康知识讲座12场，控烟培训3次，发放健康处方。\n", False),
        ("五、突出重点，狠抓落实\n清理垃圾620吨，清除卫生死角114处，清掏沟渠，铲除杂草。\n", False),
        ("五、防制病媒生物\n召开会议6次，签订责任书20份，成立领导小组，书记任组长，明确分管责任。\n", True),
    ],
)
def test_headings_and_what_stands_below(tmp_path: Path, part: str, told: bool) -> None:
    assert bool(leads(tmp_path, "F03", WORK + part)) is told


@pytest.mark.parametrize(
    ("problems", "plans", "unanswered"),
    [
        (
            "一是集镇排水管网老旧，逢雨积水；二是尚有旱厕12户没有改造。",
            "一是更换老旧管网2公里；二是继续做好宣传。",
            ["二是尚有旱厕12户没有改造"],
        ),
        ("一是集镇排水管网老旧，逢雨积水；二是尚有旱厕12户没有改造。", "一是更换老旧管网2公里；二是改造旱厕。", []),
        ("一是集镇排水管网老旧，逢雨积水。", "针对上述问题，逐项列出清单，限期整改销号，年底前全部解决。", []),
        (
            "一是管护经费缺口8万元，保洁工资拖欠。",
            "一是增加保洁员6名，加大清扫频次；二是开展讲座。",
            ["一是管护经费缺口8万元，保洁工资拖欠"],
        ),
    ],
)
def test_problems_and_measures(tmp_path: Path, problems: str, plans: str, unanswered: list[str]) -> None:
    text = f"{WORK}五、存在的问题\n{problems}\n六、下一步打算\n{plans}\n"
    assert surfaces(leads(tmp_path, "F07", text)) == unanswered


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("全镇卫生死角已彻底清除，群众拍手称快。", ["彻底"]),
        ("从未发生过食品安全事故。", ["从未"]),
        ("爱卫知识家喻户晓。", ["家喻户晓"]),
        ("群众100%满意。", ["100%"]),
        ("214处卫生死角全部清除。", []),  # a number stands for it
        ("要求各村彻底清除卫生死角。", []),  # asked for, not told
        ("力争全部完成改造。", []),
        ("有的卫生死角尚未彻底清除。", []),
        ("引导群众人人动手。", []),
        ("全部门参与整治。", []),
    ],
)
def test_absolute_words(tmp_path: Path, sentence: str, words: list[str]) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert surfaces(leads(tmp_path, "F09", text)) == words


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("清理垃圾8000吨，清除小广告15454处，粉刷墙面60000平方米。", True),
        ("清理垃圾6000余吨，清除小广告15454处，疏通沟渠6600余米。", True),
        ("清理垃圾8123吨，清除小广告15454处，粉刷墙面61240平方米。", False),
        ("清理垃圾8000吨，清除小广告15000处，粉刷墙面60000平方米。", False),
        ("清理垃圾80吨，清除小广告15454处，粉刷墙面600平方米。", False),
    ],
)
def test_odd_precision(tmp_path: Path, sentence: str, told: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert bool(leads(tmp_path, "N17", text)) is told


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("完善集乡功能，提升集乡形象。", ["集乡"]),
        ("规范城乡化建设。", ["城乡化"]),
        ("集乡村旅游、生态农业于一体。", []),
        ("征集乡贤意见，缩小城乡差距。", []),
    ],
)
def test_what_replacing_leaves(tmp_path: Path, sentence: str, words: list[str]) -> None:
    assert surfaces(leads(tmp_path, "T06", WORK + sentence)) == words


def test_washed_words(tmp_path: Path) -> None:
    washed = "撤除乱搭乱建铁皮棚，为创卫打下坚实的根底，营造浓厚的气氛，屡次召开会议。"
    assert len(leads(tmp_path, "T07", WORK + washed)) == 1
    assert leads(tmp_path, "T07", WORK + "拆除乱搭乱建铁皮棚，打下坚实的基础，营造浓厚的氛围。") == []


def test_length_is_advice(tmp_path: Path) -> None:
    assert leads(tmp_path, "F13", WORK) == []
    (found,) = leads(tmp_path, "F13", WORK * 30)
    assert (found.severity, found.formula is not None) == (3, True)
    assert leads(tmp_path, "F13", WORK * 30, "岭前市2022年政府工作报告") == []


def test_every_text_check_explains_itself() -> None:
    for code in (*TEXT_CHECKS, *ARCHIVE_CHECKS):
        described = base.settings()[code]
        assert len(described.about) == 2
        assert described.innocent.endswith("。")
        assert described.ask.endswith("。")


# Beside other reports

Archive = Callable[..., Database]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Makes a database of reports given as name → text."""

    def make(**texts: str) -> Database:
        database = Database(tmp_path / f"{len(list(tmp_path.iterdir()))}.db")
        for name, text in texts.items():
            path = tmp_path / f"{name}.txt"
            path.write_text(f"{name}\n{text}", "utf-8")
            database.store(pipeline.process(path))
        return database

    return make


def flows(shift: int = 0) -> str:
    """Sentences with figures of the year."""
    return (
        f"全年清理垃圾{1263 + shift}吨，改造户厕{387 + shift}户，新建公厕{13 + shift}座，安装路灯{176 + shift}盏，"
        f"发放宣传资料{4821 + 10 * shift}份，栽植树木{2317 + shift}株，悬挂横幅{163 + shift}条，"
        f"聘请保洁员{48 + shift}名。\n"
    )


def found(database: Database, check: str) -> list[Finding]:
    """What an archive check says; every span is checked against its document."""
    with database:
        leads = audit.run(database, [check])
        texts = dict(database.connection.execute("SELECT sha256, text FROM documents"))
        for finding in leads:
            assert all(texts[e.document][e.start : e.end] == e.surface for e in finding.evidence)
            assert finding.innocent
        return leads


def test_two_years_with_the_same_figures(archive: Archive) -> None:
    same = archive(
        岭前镇2021年工作总结="一、工作\n" + flows(), 岭前镇2022年工作总结="一、工作\n本年工作如下。" + flows()
    )
    (lead,) = found(same, "N14")
    assert "2022年报告与2021年" in lead.message
    assert len(lead.evidence) >= 10
    new = archive(岭前镇2021年工作总结="一、工作\n" + flows(), 岭前镇2022年工作总结="一、工作\n" + flows(9))
    assert found(new, "N14") == []
    apart = archive(岭前镇2021年工作总结="一、工作\n" + flows(), 岭后镇2022年工作总结="一、工作\n" + flows())
    assert found(apart, "N14") == []


def test_two_places_with_the_same_figures(archive: Archive) -> None:
    same = archive(岭前镇2021年工作总结="一、工作\n" + flows(), 岭后镇2022年工作总结="一、做法\n" + flows())
    (lead,) = found(same, "N15")
    assert lead.evidence[0].document != lead.evidence[-1].document
    assert "岭前镇2021年报告" in lead.message
    other = archive(岭前镇2021年工作总结="一、工作\n" + flows(), 岭后镇2022年工作总结="一、做法\n" + flows(7))
    assert found(other, "N15") == []


@pytest.mark.parametrize(
    ("promised", "reached", "told"),
    [
        ("2022年计划改造户厕500户。", "全年改造户厕387户。", True),
        ("2022年计划改造户厕500户。", "全年改造户厕500户。", False),
        ("2022年计划改造户厕500户。", "全年改造户厕612户。", False),
        ("2022年计划改造户厕500户。", "全年安装路灯387盏。", False),  # another thing; told as not accounted for
        ("到2025年改造户厕5000户。", "全年改造户厕387户。", False),
        ("2022年计划改造户厕500户。", "五年来累计改造户厕387户。", False),
        ("2022年计划新增保洁员48名。", "全镇有保洁员40名。", False),  # what is added against what there is
        ("2022年计划改造户厕5000户。", "全年改造户厕12户。", False),  # too far apart to be of one thing
        ("2022年计划改造户厕500户。", "全年改造户厕498户。", False),  # but for rounding
    ],
)
def test_promises(archive: Archive, promised: str, reached: str, told: bool) -> None:
    database = archive(
        岭前镇2021年工作总结=f"一、工作\n清理垃圾320吨。\n二、下一步打算\n{promised}\n",
        岭前镇2022年工作总结=f"一、工作\n{reached}\n",
    )
    leads = found(database, "F08")
    assert [lead.severity for lead in leads if lead.severity == 1] == [1] * told
    if told:
        assert leads[0].formula == "387－500=-113户"


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("全镇总户数3200户，卫生厕所普及率达96.2%。", True),
        ("全镇总户数5000户，卫生厕所普及率达96.2%。", False),
        ("合村并居后全镇总户数3200户，卫生厕所普及率达96.2%。", False),
        ("改厕任务320户，已完成300户，完成率93.8%。", False),
    ],
)
def test_denominators(archive: Archive, sentence: str, told: bool) -> None:
    text = f"全镇辖12个行政村，总户数5000户，总人口1.8万人。\n一、工作\n清理垃圾320吨。{sentence}\n"
    leads = found(archive(岭前镇2021年工作总结=text), "N12")
    assert [lead.formula for lead in leads] == ["1－3200÷5000=36.0%"] * told


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("签订“门前三包”责任书28000余份。", True),
        ("签订“门前三包”责任书820份。", False),
        ("发放宣传资料4820份。", False),
        ("聘请保洁员9080名。", True),
    ],
)
def test_more_a_head_than_can_be(archive: Archive, sentence: str, told: bool) -> None:
    text = f"全镇总户数9000户，总人口5.2万人。\n一、工作\n{sentence}\n"
    leads = found(archive(岭前镇2021年工作总结=text), "N07")
    assert bool(leads) is told
    assert all("÷" in (lead.formula or "") for lead in leads)


def test_a_whole_copy_and_a_passage(archive: Archive) -> None:
    changed = (WORK + PROBLEMS).replace("1260", "1388").replace("岔河村", "三岔村")
    copied = archive(岭前镇2021年工作总结=WORK + PROBLEMS, 岭后镇2022年工作总结=changed)
    (lead,) = found(copied, "F04")
    assert lead.severity == 1
    assert "岭前镇2021年报告" in lead.message
    assert "本库中以2021年的一份为最早" in lead.message

    passage = (
        "坚持把群众满不满意作为检验成效的标尺，请老党员当监督员，每月到各院落走一遍，"
        "谁家干净谁家脏当场说，晚上在广播里念名单。"
    )
    part = archive(岭前镇2021年工作总结=WORK + passage, 岭后镇2021年工作简报=flows() + passage)
    leads = found(part, "F05")
    assert len(leads) == 2, "of one year: nobody knows who was first, so both are asked"
    assert all("先后无法判断" in lead.message and passage[:40] in lead.evidence[0].surface for lead in leads)


def test_thanks_that_everybody_writes_are_no_copies(archive: Archive) -> None:
    thanks = (
        "在此，我代表镇人民政府，向全镇各族人民，向人大代表、政协委员，向各民主党派、工商联、人民团体，"
        "向驻镇解放军、武警官兵，向所有关心支持我镇发展的社会各界人士，表示衷心的感谢和崇高的敬意！"
    )
    both = archive(岭前镇2021年工作总结=WORK + thanks, 岭后镇2021年工作简报=flows() + thanks)
    assert found(both, "F05") == []


def test_a_lead_quotes_all_that_it_rests_on(archive: Archive) -> None:
    database = archive(
        岭前镇2021年工作总结="一、工作\n清理垃圾320吨。\n二、下一步打算\n2022年计划改造户厕500户。\n",
        岭前镇2022年工作总结="一、工作\n年初动手早，入户宣传细，施工队伍稳，材料备得足，全年改造户厕387户，群众满意。\n",
    )
    with database:
        audit.run(database, ["F08"])
        (lead,) = (lead for lead in stored_leads(database) if lead.severity == 1)
    here, there = lead.quote.split("\n")
    assert here == "年初动手早，入户宣传细，施工队伍稳，材料备得足，全年改造户厕【387户】，群众满意。"
    assert there.startswith("《岭前镇2021年工作总结")
    assert "2022年计划改造户厕【500户】。" in there
    assert "“全年改造户厕387户”" in lead.message


def test_quotes_begin_and_end_at_the_border_of_a_clause() -> None:
    long = "各村干部挨家挨户上门做工作讲政策，" * 6
    text = f"{long}收缴率达8X%，{long}完。"
    at = text.index("8X")
    start, end = _window(text, at, at + 3)
    assert text[start:end].startswith("各村干部")
    assert text[start:end].endswith("讲政策")
    assert _marked(text, (start, end), [(at, at + 3)]).count("【") == 1


def test_remarks_on_websites_stay_out_of_the_township_s_sheet(archive: Archive, tmp_path: Path) -> None:
    database = archive(岭前镇2022年工作总结="一、工作\n清理垃圾XX吨，改造户厕XX户。\n点击下载全文 会员免费\n")
    with database:
        audit.run(database, ["T01", "T09"])
        listed = stored_leads(database)
    assert {lead.check for lead in listed} == {"T01", "T09"}
    for form in ("html", "docx", "xlsx", "jsonl"):
        sheets.write(listed, tmp_path / f"all.{form}", form)
        sheets.write([lead for lead in listed if lead.check == "T09"], tmp_path / f"asked.{form}", form)
    page = (tmp_path / "all.html").read_text("utf-8")
    assert "T09" not in page
    assert "另有1条" in page
    assert "T09" in (tmp_path / "asked.html").read_text("utf-8")
    assert len((tmp_path / "all.jsonl").read_text("utf-8").splitlines()) == len(listed)


def test_phrase_density_needs_an_archive(archive: Archive) -> None:
    database = archive(岭前镇2021年工作总结=WORK)
    with database:
        check, settings = audit.ARCHIVE_CHECKS["F10"], base.settings()["F10"]
        assert list(check(base.ArchiveContext(database, settings))) == []
        low = replace(settings, options={**settings.options, "least_documents": 1, "least_percent": 0})
        assert len(list(check(base.ArchiveContext(database, low)))) == 1


@pytest.mark.parametrize(
    ("name", "check", "quoted"),
    [
        ("002_b12af443c6d6256f", "F01", "報告"), ("004_152c4e026af7ab14", "F02", "存在的困难和问题"),
        ("002_b12af443c6d6256f", "F09", "從未"), ("002_b12af443c6d6256f", "N17", "15454"),
        ("003_de3681796992a66a", "T07", "撤除"), ("001_ba523bc7b4a83eb8", "T06", "集乡"),
        ("004_152c4e026af7ab14", "F13", "7个专项行动"),
    ],
)  # fmt: skip
def test_the_catalogue_s_examples(name: str, check: str, quoted: str) -> None:
    path = SHARED / "reports" / f"{name}.txt"
    if not path.is_file():
        pytest.skip("other people's reports do not lie beside the checkout")
    told = audit.check_report(pipeline.process(path), [check])
    assert any(quoted in evidence.surface for finding in told for evidence in finding.evidence)


@pytest.mark.parametrize(
    ("sentence", "spans"),
    [
        ("截至2024年底，已有7个村通过验收。", ["2024年底"]),
        ("2024.3.21，全员上街清扫，出动78人。", ["2024.3.21"]),
        ("2024年3月召开总结大会，表扬先进35名。", ["2024年3月"]),
        ("2025年，捧回市级卫生村牌匾3块。", ["2025年"]),
        ("计划2024年5月建成中转站。", []),  # still to come
        ("与保洁公司的合同2025年6月30日到期，费用12万元。", []),
        ("印发《三年行动方案（2023—2025年）》，分解任务11项。", []),  # within a name
        ("2024年底前完成剩余户厕改造110户。", []),
        ("传来好消息——2024年5月8日，茶厂点火试产。", ["2024年5月8日"]),  # no range
        ("新馆开放当天（2024年3月8日），来了68位老人。", ["2024年3月8日"]),
        ("2024年腊月二十，村宴上人人戒了敬烟。", ["2024年腊月"]),
        ("茶厂预定2024年5月点火试产，设备正在进场。", []),
        ("从2024年1月1日起停止散葬，已登记旧墓38座。", []),
        ("自2024年1月1日起，累计办件380件。", ["2024年1月1日"]),
        ("合同工期截止2024年9月30日，桩基打了12根。", []),
        ("群众说：“盼着2024年10月新卫生院开门。”地基已经挖好。", []),
    ],
)
def test_dates_after_the_report(tmp_path: Path, sentence: str, spans: list[str]) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert surfaces(leads(tmp_path, "B01", text)) == spans


@pytest.mark.parametrize(
    ("signed", "found"),
    [
        ("2022年9月2日于岭前镇自然资源所", True),
        ("报送日期：2022.9.12", True),
        ("（岭前镇农技站，2022年8月2日）", True),
        ("二〇二二年八月", True),
        ("2022年11月2日", False),
    ],
)
def test_events_after_the_signature(tmp_path: Path, signed: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", "三、开展环境整治\n10月9日夜里，监测员撤走坡下5户人家。")
    assert bool(leads(tmp_path, "B01", f"{text}{signed}\n")) is found


FORMS = ("{y}年{m}月{d}日", "{y}.{m}.{d}", "{y}-{m:02}-{d:02}")


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)), st.sampled_from(FORMS))
def test_a_day_is_read_as_it_is_written(day: date, form: str) -> None:
    said = form.format(y=day.year, m=day.month, d=day.day)
    read = list(dates(f"于{said}，", 2022, base.settings()["B01"].options["parts"]))
    assert [(one.day, one.own, one.year_alone) for one in read] == [((day.year, day.month, day.day), False, False)]


@pytest.mark.parametrize(
    ("part", "first"),
    [
        ("今年冬至", (12, 20)), ("2022年底", (11, 20)), ("国庆期间", (9, 20)), ("今年第三季度", (7, 1)),
        ("2022年夏天", (4, 1)),
    ],
)
def test_parts_of_a_year_are_read_to_their_first_day(part: str, first: tuple[int, int]) -> None:
    assert [one.day for one in dates(part, 2022, base.settings()["B01"].options["parts"])] == [(2022, *first)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("正值“十三五”圆满收官的年份，村村通了路。", True),
        ("今年是“十二五”规划的完成之年。", True),
        ("十五五规划进入第二年，镇里不折腾。", True),
        ("今年是“十四五”第二年。", False),
        ("老照片里那条横幅写着“奋战‘九五’第一年”。", False),  # quoted
        ("档案里翻出“八五”最后一年的台账。", False),
        ("今年是产业强镇创建的收官之年。", False),
    ],
)
def test_years_of_a_plan(tmp_path: Path, sentence: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert bool(leads(tmp_path, "B04", text)) is found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("2022年年间两次寒潮。", True),
        ("2022年年关两次寒潮。", False),
        ("2022年年头雪大。", False),
        ("2022年年会从简。", False),
    ],
)
def test_doubled_years(tmp_path: Path, sentence: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert bool(leads(tmp_path, "B05", text)) is found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("为＿＿名退役士兵办了证。", True),
        ("扑杀病禽●●●羽，无害化处理。", True),
        ("投资（数额）万元，翻修集市。", True),
        ("身份信息按规定隐去后四位（****）公示。", False),
        ("卫生课讲到XX、XY染色体。", False),
        ("三星级★★★级旅游厕所投用。", False),
    ],
)
def test_blanks_for_names_and_figures(tmp_path: Path, sentence: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert bool(leads(tmp_path, "T01", text)) is found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("温馨提示：当前文档最多预览5页，若文档总页数超出请下载查看", True),
        ("此处省略725字，下载后可见", True),
        ("【廣告】老筆桿代寫講話稿", True),
        ("猜您想看：街道创卫总结｜控烟方案", True),
        ("供销社会员423人，会员价购肥、免费配方，人人得利。镇里补了差价。", False),
        ("直播间打赏4千元，全部捐给敬老院。老人添了棉被。", False),
    ],
)
def test_lines_of_a_site(tmp_path: Path, line: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"{line}\n三、开展环境整治\n")
    assert bool(leads(tmp_path, "T09", text)) is found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("修补屋面平方米，住上了安心房。", True),
        ("群众满意率稳定在%，测评2次。", True),
        ("年终考评名列全县第，受到表扬。", True),
        ("新建座公厕，方便了赶集群众。", True),
        ("投入达到万元，修起小游园。", True),
        ("修筑河堤米、水闸座，洪水绕着走。", True),
        ("看望孤寡老人位，送煤送面。", True),
        ("先后引进种粮大户户，撂荒地见了绿。", True),
        ("新增经营主体家家亮证。", False),
        ("支持首台套、首批次示范应用。", False),
        ("设有公平秤和投诉台，随脏随扫。", False),
        ("按公里计酬，台账公开。", False),
        ("地砖每平方米造价60元。", False),
        ("平易近人的老支书带头清扫。", False),
        ("万元以上开支须经村民代表表决。", False),
    ],
)
def test_numbers_that_have_gone(tmp_path: Path, sentence: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert bool(leads(tmp_path, "T03", text)) is found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("按县政办秘202357号部署。", True),
        ("按县政办发〔2023 57号部署。", True),
        ("按县政办发2023〕57号部署。", True),
        ("按县政办发〔〕57号部署。", True),
        ("按县水办字2022年38的口径丈量。", True),
        ("按县教体字〔2022]76号办理。", True),
        ("接市爱卫办函2022(40号)，自查51处。", True),
        ("按县政办发〔2023〕57号部署。", False),
        ("答复县政协第2023040号提案。", False),
        ("转发市卫健委2023年第6号通告。", False),
    ],
)
def test_document_numbers(tmp_path: Path, sentence: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert bool(leads(tmp_path, "T05", text)) is found


@pytest.mark.parametrize(
    ("reading", "found"),
    [
        ("庭院（tingyuan）", True), ("庭院（ting yuan）", True), ("毒饵（du'er）", True), ("清（qīng）扫", True),
        ("登革热（dengue）", False), ("网络（wifi）", False), ("支管（PE管）", False), ("特产（sale）", False),
    ],
)  # fmt: skip
def test_readings_between_brackets(tmp_path: Path, reading: str, found: bool) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n整治{reading}12处。")
    assert bool(leads(tmp_path, "T08", text)) is found


def test_residue_of_a_replaced_rank(tmp_path: Path) -> None:
    text = WORK.replace("三、开展环境整治\n", "三、开展环境整治\n把爱国卫生融入镇村振兴，镇风文明有了新气象。")
    found = leads(tmp_path, "T06", text)
    assert [evidence.surface for finding in found for evidence in finding.evidence] == ["镇村振兴", "镇风文明"]


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("园县道路硬化2公里。", "园县"),
        ("父老镇亲们主动捐料。", "镇亲"),
        ("公园县里出钱、镇里出地。", ""),  # the words break elsewhere
        ("全镇民兵参加清淤。", ""),
        ("集镇、镇区主街纳入清扫范围。", ""),
    ],
)
def test_residue_between_words(tmp_path: Path, sentence: str, told: str) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert surfaces(leads(tmp_path, "T06", text)) == ([told] if told else [])


def test_a_sheet_says_how_many_leads_are_on_it(tmp_path: Path) -> None:
    with Database(tmp_path / "a.db") as database:
        path = tmp_path / "岭前镇2022年爱国卫生工作总结.txt"
        path.write_text(f"岭前镇2022年爱国卫生工作总结\n{WORK}猜您想看：街道创卫总结｜控烟方案\n", "utf-8")
        database.store(pipeline.process(path))
        audit.run(database, ["F01", "T09"])
        found = stored_leads(database)
    assert {lead.check for lead in found} == {"F01", "T09"}
    assert sheets.write(found, tmp_path / "a.xlsx", "xlsx") == 1
    assert sheets.write(found, tmp_path / "a.jsonl", "jsonl") == 2


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("岭前乡党委把整治列入日程。", "岭前乡"),
        ("白坪镇下辖9个村，沟渠密布。", "白坪镇"),
        ("原岭前乡的收运设施一并移交。", ""),
        ("到邻近的白坪镇学习垃圾分类经验。", ""),
    ],
)
def test_names_of_other_reporters(tmp_path: Path, sentence: str, told: str) -> None:
    text = WORK.replace("三、开展环境整治\n", f"三、开展环境整治\n{sentence}")
    assert surfaces(leads(tmp_path, "T06", text)) == ([told] if told else [])


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("各村乾部到場，清理麵積200平方米。", ["村乾部", "麵積"]),
        ("嚴格落實製度，提醒老人註意飲食，鄉村有了新髮展。", ["製度", "註意", "髮展"]),
        ("機關幹部保持地面乾燥，註冊志願者30人，製作展板12塊，每公里設保潔員1名。", []),
    ],
)
def test_characters_that_a_converter_confuses(tmp_path: Path, sentence: str, found: list[str]) -> None:
    text = OpenCC("s2tw").convert(WORK).replace("籤", "簽") + sentence
    told = leads(tmp_path, "T08", text, "嶺前鎮2022年愛國衛生工作總結")
    assert [evidence.surface for finding in told for evidence in finding.evidence] == found


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("元月8日召开", [(2023, 1, 8)]), ("2023年元月，", [(2023, 1, 1)]), ("，九月份，", [(2023, 9, 1)]),
        ("，十二月下旬，", [(2023, 12, 21)]), ("，三月初三，", []),
    ],
)  # fmt: skip
def test_months_in_chinese(words: str, days: list[tuple[int, int, int]]) -> None:
    assert [date.day for date in dates(words, 2023, {"元旦": (1, 1)})] == days


def test_lines_that_explain_a_word_have_lost_no_stop(tmp_path: Path) -> None:
    gloss = "三治行动：指治脏、治乱、治差的行动。\n"
    assert leads(tmp_path, "F11", WORK.replace("三、开展环境整治\n", gloss + "三、开展环境整治\n")) == []
    note = WORK.partition("三、")[0] + gloss
    assert leads(tmp_path, "F11", note) == []
    assert leads(tmp_path, "F11", note.replace("：指", "，"))
