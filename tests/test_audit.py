"""Leads: what each check finds and leaves alone; findings, verdicts and sheets keep what they were told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import audit
from pipeline.audit import arithmetic, base, leads, sheets, standards
from pipeline.lexicon import TableError, rows
from pipeline.records import Claim, Finding, Report
from pipeline.run import process
from pipeline.store import Database, StoreError
from pipeline.store import audit as stored

TITLE = "青溪镇2023年爱国卫生工作总结\n青溪镇下辖12个村，总人口2.1万人。\n一、主要工作\n"
REPORTS = Path(__file__).parents[2] / "shared" / "reports"

# check, sentence; the first of a pair must be found, its twin not
FOUND = [
    ("T01", "全年改造户厕XXX户，清理垃圾XX吨。"),
    ("T01", "由分管领导某某同志兼任办公室主任。"),
    ("T02", "发放宣传单XX0余份。"),
    ("T02", "居民健康素养水平达xx.4%。"),
    ("T03", "镇政府千方百计筹措近用于环境整治。"),
    ("T03", "全年环卫经费增加到万元，保障了运转。"),
    ("T04", "取缔占道经营2023余起。"),
    ("T04", "户厕普及率达20230%。"),
    ("T05", "印发了实施方案（青政办字202352号）。"),
    ("T05", "印发了实施方案（青政发2023第40号）。"),
    ("T08", "组织人蔘加义务劳动。"),
    ("T08", "建（jiàn）立长效机制。"),
    ("T09", "更好地服务群众。\n专业代写公文，微信：wx34707\n"),
    ("B01", "2024年5月8日，召开现场会。"),
    ("B01", "2025年春节前，组织群众清理垃圾60吨。"),
    ("B02", "利用第30个爱国卫生月开展宣传。"),
    ("B02", "为庆祝建党98周年，开展义务劳动。"),
    ("B04", "2023年是“十四五”开局之年，全镇上下齐心。"),
    ("B05", "2023年年创卫工作扎实推进。"),
    ("I01", "对行动迟缓的村，在全乡通报。"),
    ("N01", "全年检查餐饮单位42户，其中小型餐馆23家、中型餐馆1家、食堂9家、摊贩8家。"),
    ("N01", "投入资金12.5万元，其中县级补助6.2万元、镇级配套5.1万元、群众自筹2.2万元。"),
    ("N01", "东村改厕12户、西村15户、南村20户，合计改厕46户。"),
    ("N01", "共清理垃圾1252吨（东片414吨、中片619吨、西片209吨）。"),
    ("N01", "项目\t单位\t上半年\t下半年\t全年\n清理垃圾\t吨\t264\t258\t524\n"),
    ("N02", "应登记农户4100户，已登记4092户，登记率99.21%。"),
    ("N02", "改造户厕300户，占总户数1200户的35%。"),
    ("N03", "全镇自来水普及率达到120%。"),
    ("N04", "一是改厕。全镇共改造户厕323户，群众满意。\n二是绿化。栽树500株。今年全镇改造户厕共327户，方便了群众。"),
    ("N06", "参加人员1.56人。"),
    ("N06", "清运垃圾56顿。"),
    ("N06", "总户数1920户，7076户。"),
    ("N08", "落实“三定”，即定岗、定路段、定工资、定时间。"),
    ("N08", "坚持“三个结合”，即突击与长效相结合、教育与处罚相结合。"),
    ("N09", "一是清脏。清理垃圾。二是治乱。规范摊点。三是绿化。栽树。五是督查。通报。"),
    ("N10", "绿化工程预计完成绿化面积800平方米。"),
    ("N13", "投入由139万元提高到249万元，增长49.1%。"),
    ("N13", "病媒投诉同比下降xx0.9%。"),
    ("N18", "铺设污水管网5330米。改造供水管道5330米。"),
    ("N19", "防蝇防鼠设施合格率92%。"),
    ("N20", "全县集中式饮用水水源水质达标率达到100%。"),
    ("N21", "每月清运垃圾1050吨，全年清运垃圾12600吨。"),
    ("N22", "清扫活动参与人数达9000多人次。"),
    ("N22", "发放宣传单时共培训群众25000人。"),
    ("N23", "排查问题193个，已整改35个，正在整改151个。"),
    ("N23", "检查发现问题较多，现已全部整改完毕。"),
]  # fmt: skip
LEFT_ALONE = [
    ("T01", "卫生院添置X光机1台，推行“N+X”网格管理。"),
    ("T01", "某些村民意识不强。"),
    ("T02", "开展3X3篮球赛，建成5×9米宣传墙，暂扣云A·8X11车辆。"),
    ("T03", "近年来，全镇经费逐年增加，其余户数待改造。"),
    ("T04", "2023年取缔占道经营320起，自2023起实行新办法。"),
    ("T05", "印发了实施方案（青政办字〔2023〕52号）和第5号文件。"),
    ("T08", "种植人蔘加工原料，建设无线网络（wifi）。"),
    ("B01", "下一步，计划2024年5月召开现场会。"),
    ("B01", "2023年5月8日，召开现场会。"),
    ("B02", "利用第35个爱国卫生月开展宣传，2018年第30个爱国卫生月时已有基础。"),
    ("B04", "早在“十三五”收官之年，镇里就启动了改厕。"),
    ("B05", "印发《2023年年度工作要点》。"),
    ("I01", "对行动迟缓的村，在全镇通报，并报县爱卫办。"),
    ("N01", "全年检查餐饮单位42户，其中小型餐馆23家、中型餐馆1家、食堂9家、摊贩9家，发出通知书1份。"),
    ("N01", "投入资金120万元，其中县级补助60万元、镇级配套30万元等。"),
    ("N01", "现有保洁员30名，其中女24名、党员9名、脱贫户6名。"),
    ("N01", "下达改厕任务363户，其中东村47户，年底完成365户。"),
    ("N01", "投入12.5万元，其中公厕4.2万元、路灯8.25万元。"),
    ("N01", "清理垃圾200余吨，其中东片120吨、西片85吨。"),
    ("N02", "应登记农户4100户，已登记4092户，登记率99.80%。"),
    ("N02", "发放问卷500份，回收480份，群众满意率98.7%。"),
    ("N02", "办理建议59件和提案112件，满意率100%。"),
    ("N03", "改厕任务完成率达到120%，投入增长130%。"),
    ("N04", "集镇新建公厕2座，东村新建公厕3座。"),
    ("N06", "每户平均2.6人，万元产值能耗下降。"),
    ("N08", "落实“八有”，即有计划、有内容、有资料、有记录、有教案、有宣传、有活动、有总结。"),
    ("N08", "落实“五项制度”，包括例会、台账、督办等。"),
    ("N09", "一是清脏。清理垃圾。二是治乱。规范摊点。三是绿化。栽树。"),
    ("N10", "超过年度计划5个百分点，完成《三年行动计划》确定的75项任务。"),
    ("N13", "投入由139万元提高到249万元，增长79.1%；五年年均增长6%。"),
    ("N18", "为572名老人体检，572名老人全部建档。"),
    ("N19", "防蝇防鼠设施合格率97%，学校自来水普及率92%。"),
    ("N20", "卫生考评在全县排名第一，得分95分。"),
    ("N22", "清扫活动参加群众9000多人次。"),
    ("N23", "排查问题186个，已整改35个，正在整改151个。"),
    ("N23", "反馈3个问题：垃圾桶破损、公厕缺水、沟渠淤堵，均已全部整改。"),
]  # fmt: skip


def report(folder: Path, body: str, name: str = "青溪镇2023年爱国卫生工作总结.txt") -> Report:
    path = folder / name
    path.write_text(f"{TITLE}{body}\n二、存在的问题\n个别村保洁不到位。\n三、下一步打算\n加强管理。\n", "utf-8")
    return process(path)


def found(folder: Path, check: str, body: str) -> list[Finding]:
    return audit.check_report(report(folder, body), [check])


@pytest.mark.parametrize(("check", "body"), FOUND, ids=[f"{c}-{b[:16].split()[0]}" for c, b in FOUND])
def test_found(tmp_path: Path, check: str, body: str) -> None:
    findings = found(tmp_path, check, body)
    assert findings
    assert all(f.message and f.innocent and f.ask and f.evidence for f in findings)


@pytest.mark.parametrize(("check", "body"), LEFT_ALONE, ids=[f"{c}-{b[:16].split()[0]}" for c, b in LEFT_ALONE])
def test_left_alone(tmp_path: Path, check: str, body: str) -> None:
    assert [f.message for f in found(tmp_path, check, body)] == []


def test_evidence_is_what_stands_in_the_source(tmp_path: Path) -> None:
    made = report(tmp_path, "".join(body for _, body in FOUND))
    for finding in audit.check_report(made):
        for evidence in finding.evidence:
            assert made.document.text[evidence.start : evidence.end] == evidence.surface != ""


def test_ids_follow_the_evidence_and_states_the_values(tmp_path: Path) -> None:
    made = report(tmp_path, "取缔占道经营2023余起。全镇自来水普及率达到120%。")
    before = audit.check_report(made, ["N03"])
    moved = replace(made, claims=tuple(
        replace(c, value_low=Decimal(130), value_high=Decimal(130)) if c.dimension == "percent" else c
        for c in made.claims
    ))  # fmt: skip
    after = audit.check_report(moved, ["N03"])
    assert [f.id for f in before] == [f.id for f in after]
    assert [f.state for f in before] != [f.state for f in after]
    assert len({f.id for f in audit.check_report(made)}) == len(audit.check_report(made))


def test_every_check_is_described_and_every_description_has_its_check() -> None:
    assert set(base.settings()) == {*audit.CHECKS, *audit.ARCHIVE_CHECKS}
    for own in base.settings().values():
        assert own.severity in (1, 2, 3)
        assert len(own.about) == 2
        assert own.family in ("模板", "身份", "时间", "数值", "文本")


def test_an_unknown_check_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such check"):
        found(tmp_path, "N99", "无。")


def test_a_check_switched_off_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    off = {code: replace(own, on=False) if code == "N03" else own for code, own in base.settings().items()}
    monkeypatch.setattr(base, "settings", lambda: off)
    made = report(tmp_path, "全镇自来水普及率达到120%。")
    assert "N03" not in {f.check for f in audit.check_report(made)}


# Arithmetic


def number(surface: str, value: str, relation: str = "eq") -> arithmetic.Number:
    v = Decimal(value)
    claim = Claim("x", 0, 1, surface, v, v, False, relation, "户", "count", None, None, None, "done", "test")
    made = arithmetic.number(claim)
    assert made is not None
    return made


@given(st.lists(st.integers(1, 5000), min_size=2, max_size=6))
def test_clean_sums_hold_and_any_other_total_does_not(parts: list[int]) -> None:
    numbers = [number(f"{p}户", str(p)) for p in parts]
    assert arithmetic.holds(number(f"{sum(parts)}户", str(sum(parts))), numbers)
    assert not arithmetic.holds(number(f"{sum(parts) + 1}户", str(sum(parts) + 1)), numbers)


@given(st.lists(st.decimals(Decimal("0.01"), Decimal(500), places=3), min_size=2, max_size=5))
def test_rounded_parts_of_a_rounded_sum_hold(exact: list[Decimal]) -> None:
    rounded = [round(value, 1) for value in exact]
    total = round(sum(exact, Decimal(0)), 1)
    numbers = [number(f"{value}户", str(value)) for value in rounded if value]
    if len(numbers) == len(exact):
        assert arithmetic.holds(number(f"{total}户", str(total)), numbers)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(3, 900), min_size=2, max_size=5), st.sampled_from(("其中", "分别为", "：其中")))
def test_clean_arithmetic_in_sentences_raises_no_alarm(
    tmp_path_factory: pytest.TempPathFactory, parts: list[int], cue: str
) -> None:
    names = ("东村", "西村", "南村", "北村", "中村")
    listed = "、".join(f"{name}{n}户" for name, n in zip(names, parts, strict=False))
    rate = round(Decimal(100 * parts[0]) / sum(parts), 2)
    body = (
        f"全年改造户厕{sum(parts)}户，{cue}{listed}。应接种{sum(parts)}人，已接种{parts[0]}人，接种率{rate}%。"
        f"排查问题{sum(parts)}个，已整改{parts[0]}个，正在整改{sum(parts) - parts[0]}个。"
    )
    made = report(tmp_path_factory.mktemp("clean"), body)
    assert [f.message for f in audit.check_report(made, ["N01", "N02", "N23"])] == []


@pytest.mark.parametrize(
    ("surface", "value", "relation", "low", "high"),
    [
        ("120余户", "120", "gt", "120", "130"), ("3000多户", "3000", "gt", "3000", "4000"),
        ("近200户", "200", "lt", "100", "200"), ("约300户", "300", "approx", "270", "330"),
        ("不少于900户", "900", "ge", "900", "Infinity"), ("57户", "57", "eq", "57", "57"),
    ],
)  # fmt: skip
def test_printed_numbers_are_intervals(surface: str, value: str, relation: str, low: str, high: str) -> None:
    made = number(surface, value, relation)
    assert (made.low, made.high) == (Decimal(low), Decimal(high))


def test_the_single_reading_that_would_make_a_sum_hold() -> None:
    total, parts = number("170户", "170"), [number("2023户", "2023"), number("96户", "96"), number("64户", "64")]
    assert arithmetic.reading(total, parts, 2023) == "若“2023户”读作10户则相符，仅供核对"
    assert arithmetic.reading(number("45户", "45"), [number("23户", "23"), number("21户", "21")], 2023) is None


def test_standards_are_whole() -> None:
    ids = [row["standard"] for row in rows("standards")]
    assert len(ids) == len(set(ids))
    codes = {row["code"] for row in rows("indicators")}
    for some in standards.standards().values():
        for standard in some:
            assert standard.indicator in codes
            assert (standard.value is None) == (standard.level == "D")
            assert standard.comparator in standards.HOLDS or standard.level == "D"


def test_a_threshold_that_was_not_seen_is_not_compared(tmp_path: Path) -> None:
    findings = found(tmp_path, "N19", "居民健康素养水平28.3%，达到国家标准。")
    assert [("标准值未录入" in f.message, f.formula, f.severity) for f in findings] == [(True, None, 3)]


# The archive


@pytest.fixture
def archive(tmp_path: Path) -> Database:
    database = Database(tmp_path / "archive.db")
    database.store(report(tmp_path, "取缔占道经营2023余起。\n=cmd|'/c calc'!A1全镇自来水普及率达到120%。"))
    return database


def test_an_audit_is_stored_and_not_repeated(archive: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with archive:
        first = audit.run(archive)
        assert {"T04", "N03"} <= {f.check for f in first}
        assert first == stored.findings(archive)
        monkeypatch.setattr(audit, "check_report", lambda *_: pytest.fail("audited again though nothing changed"))
        assert audit.run(archive) == first


def test_verdicts_stay_grow_and_are_asked_again(archive: Database) -> None:
    with archive:
        lead = next(f for f in audit.run(archive) if f.check == "N03")
        stored.decide(archive, lead.id, "待核", "先问", "李")
        stored.decide(archive, lead.id, "误报", "", "王")
        audit.run(archive, anew=True)
        assert [(v.verdict, v.person, v.current) for v in stored.verdicts(archive, lead.id)] == [
            ("待核", "李", True), ("误报", "王", True),
        ]  # fmt: skip
        archive.connection.execute("UPDATE findings SET state = 'moved' WHERE id = ?", (lead.id,))
        assert not stored.standing(archive)[lead.id].current
        assert leads.leads(archive, id=lead.id)[0].again


@pytest.mark.parametrize(("finding", "word", "person"), [("0" * 16, "属实", "李"), ("", "真", "李"), ("", "属实", " ")])
def test_a_verdict_that_cannot_stand_is_refused(archive: Database, finding: str, word: str, person: str) -> None:
    with archive:
        known = audit.run(archive)[0].id
        with pytest.raises(StoreError):
            stored.decide(archive, finding or known, word, "", person)


def test_corrections_stand_beside_what_was_extracted(archive: Database) -> None:
    with archive:
        claim = archive.connection.execute("SELECT id FROM claims LIMIT 1").fetchone()[0]
        stored.correct(archive, claim, "object", "摊点", "看原件", "李")
        row = archive.connection.execute("SELECT claim, field, value, person FROM corrections").fetchone()
        assert row == (claim, "object", "摊点", "李")
        with pytest.raises(StoreError, match="not a field"):
            stored.correct(archive, claim, "value_low", "1", "", "李")


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_sheets_go_out_and_replies_come_back(archive: Database, tmp_path: Path, form: str) -> None:
    sheet = tmp_path / f"sheet.{form}"
    with archive:
        audit.run(archive)
        listed = leads.leads(archive)
        sheets.write(listed, sheet, form)
        assert sheets.read_replies(sheet) == []
        _reply(sheet, listed[0].id, "已按台账更正为20余起", "青溪镇爱卫办")
        assert stored.import_replies(archive, sheets.read_replies(sheet)) == stored.Imported(1, 0, ())
        assert stored.import_replies(archive, sheets.read_replies(sheet)) == stored.Imported(0, 1, ())
        decided = stored.standing(archive)[listed[0].id]
        assert (decided.verdict, decided.note, decided.person) == ("待核", "答复：已按台账更正为20余起", "青溪镇爱卫办")
        unknown = [sheets.Reply("f" * 16, "无", "李", "")]
        assert stored.import_replies(archive, unknown).unknown == ("f" * 16,)


def _reply(sheet: Path, finding: str, text: str, person: str) -> None:
    if sheet.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.load_workbook(sheet)
        page = book.worksheets[0]
        head = [cell.value for cell in page[1]]
        for row in page.iter_rows(min_row=2):
            if row[0].value == finding:
                row[head.index(sheets.REPLY)].value, row[head.index(sheets.SIGNED)].value = text, person
        book.save(sheet)
        return
    import docx

    document = docx.Document(str(sheet))
    for table in document.tables:
        cells = {row.cells[0].text: row.cells[1] for row in table.rows}
        if cells[sheets.NUMBER].text == finding:
            cells[sheets.REPLY].text, cells[sheets.SIGNED].text = text, person
    document.save(str(sheet))


def test_text_of_reports_is_neither_formula_nor_markup(archive: Database, tmp_path: Path) -> None:
    import openpyxl

    with archive:
        audit.run(archive)
        hostile = [
            replace(lead, quote="=1+1<script>alert(1)</script>", place="<b>=镇") for lead in leads.leads(archive)
        ]
    for form in sheets.WRITERS:
        sheets.write(hostile, tmp_path / f"hostile.{form}", form)
    page = openpyxl.load_workbook(tmp_path / "hostile.xlsx").worksheets[0]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
    text = (tmp_path / "hostile.html").read_text("utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "<b>" not in text


def test_a_file_that_is_no_sheet_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "replies.txt"
    other.write_text("无")
    with pytest.raises(StoreError, match="replies are read from"):
        sheets.read_replies(other)


# The five reports that the catalogue of checks was made from

QUOTED = [
    ("000", "T01", "XXX"), ("000", "T09", "下载"), ("000", "T10", "2、"),
    ("001", "T01", "xx处"), ("001", "T03", "筹措近用"),
    ("001", "B03", "保增长"), ("002", "T02", "XX0"), ("002", "T08", "人蔘"),
    ("002", "I01", "全鎮"), ("002", "N22", "9000多人次"),
    ("003", "T04", "2023余起"), ("003", "T05", "永办字202352号"), ("003", "B05", "2023年年"), ("003", "B01", "8月份"),
    ("003", "F11", "一精心组织"), ("004", "N10", "800平方米"), ("004", "N20", "100％"), ("004", "N23", "全部整改完毕"),
    ("004", "N19", "≥95％"), ("004", "I02", "昌宁"), ("004", "T09", "素材库"),
    ("004", "T09", "paidbegin"), ("004", "N18", "800平方米"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "check", "quote"), QUOTED, ids=[f"{s}-{c}-{q}" for s, c, q in QUOTED])
def test_what_the_catalogue_quotes_is_found(source: str, check: str, quote: str) -> None:
    path = next(REPORTS.glob(f"{source}_*.txt"), None)
    if path is None:
        pytest.skip("the five reports lie beside the checkout")
    surfaces = [e.surface for f in audit.check_report(process(path), [check]) for e in f.evidence]
    assert any(quote in surface for surface in surfaces), surfaces[:8]


def test_a_sum_that_holds_is_no_finding() -> None:
    path = next(REPORTS.glob("004_*.txt"), None)
    if path is None:
        pytest.skip("the five reports lie beside the checkout")
    assert audit.check_report(process(path), ["N01", "N02"]) == []
