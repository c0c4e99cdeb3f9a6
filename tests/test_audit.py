"""Leads: what each check finds and leaves alone; findings, verdicts and sheets keep what they were told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import audit
from pipeline.audit import arithmetic, base, divided, leads, sheets, standards
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
    ("T01", "召开调度会×次，改造农贸市场▇个，收缴**公斤。"),
    ("T01", "对**饭店下达整改通知书6份。"),
    ("T02", "65岁以上老人免费体检1*4人。"),
    ("T03", "一是新建公厕座，二是改造旱厕20座。"),
    ("T03", "为重度残疾人上门服务人次，送去护理用品40份。"),
    ("T03", "千方百计挤出万元用于购置垃圾车。"),
    ("T03", "农民人均收入由元增加到16200元。"),
    ("T05", "根据市爱卫〔2022〕第号文件，检查6次。"),
    ("T05", "执行建村函〔2O22〕56号的标准。"),
    ("T05", "依据市督字2022第号通报整改。"),
    ("T05", "学习市政办发〔2022〕文件精神。"),
    ("T08", "讲解蟑螂（zhānɡ lánɡ）的危害，清掏窨（yin4）井12口。"),
    ("T09", "更好地服务群众。\n——免费试读结束，付费14元继续——\n"),
    ("T09", "更好地服务群众。\n网站地图 | 联系我们 | 友情链接\n"),
    ("B01", "至2024年2月，累计改厕231户，余下的已销号。"),
    ("B04", "借“十四五”收官的2023年之势，宣讲12场。"),
    ("B04", "2022年是“十四五”规划的倒数第二年。"),
    ("B05", "2023年年底底考核，村组得分平均84分。"),
    ("B05", "2023年度度计划的15个点位全部动工。"),
    ("B05", "全面完成了2023年年度年任务。"),
    ("F09", "疾病传播途径被全面切断。"),
    ("F09", "居民的健康需求得到百分之百满足。"),
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
    ("N01", "购置雨衣84件、胶靴157双、手电243支，三样加起来514件。"),
    ("N01", "全年明查24次、暗访49次。回过头来算总账，明查暗访一共80次。"),
    ("N01", "受理来信、来访、来电分别为21件、72件、122件，总受理量207件。"),
    ("N02", "学龄儿童1323名，做了窝沟封闭的754名，约占69%。"),
    ("N02", "离田3507吨，总量6486吨，综合利用率达到74%。"),
    ("N02", "应登记农户4100户，已登记4092户，登记率99.21%。"),
    ("N02", "改造户厕300户，占总户数1200户的35%。"),
    ("N03", "全镇自来水普及率达到120%。"),
    ("N04", "一是改厕。全镇共改造户厕323户，群众满意。\n二是绿化。栽树500株。今年全镇改造户厕共327户，方便了群众。"),
    ("N04", "一是住房。改造农村危房37户。\n二是绿化。栽树500株。民生方面，农村危房改造40户。"),
    ("N06", "参加人员1.56人。"),
    ("N06", "汛前加固堤防210吨，险段都立了警示桩。"),
    ("N06", "收集废旧农膜12.4顿。"),
    ("N06", "一般公共预算收入1320，增幅不大。"),
    ("N06", "清运垃圾56顿。"),
    ("N06", "总户数1920户，7076户。"),
    ("N08", "落实“三定”，即定岗、定路段、定工资、定时间。"),
    ("N08", "坚持“三个结合”，即突击与长效相结合、教育与处罚相结合。"),
    ("N08", "成立综合协调、物资保障、现场处置、医疗救护、舆情应对六个小组。"),
    ("N08", "执行餐具“五道工序”——一刮、二洗、三冲、四消毒。"),
    ("N08", "抓“七个一”，即一块警示牌、一个救生圈、一根竹竿、一条救生绳、一名巡查员、一套台账。"),
    ("N08", "实行“双联三包”：县干联镇、镇干联村，包宣传、包清运。"),
    ("N09", "举措之一：开门办公，延时41次。举措之二：上门代办，62件。举措之四：网上通办，595件。"),
    ("N09", "1.冬春植树799亩；2.夏季抚育849亩；3.秋季管护391亩；3.冬季防火，开设隔离带9公里。"),
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
    ("N23", "第三方测评挑出毛病118条，改好49条，没改好的64条。"),
    ("N23", "已整改问题31个、正在整改问题70个，均来自排查发现的110个问题。"),
    ("N23", "反馈的问题百分之百整改到位。"),
    ("N23", "督查组来看了两天，指出不足39处，当场改了31处，余5处书面回复。"),
    ("N23", "各村自查110个问题。眼下整改完成80个，未完成11个。"),
    ("N23", "群众来电137个，当场答复98个，转部门办理31个。"),
    ("N23", "针对暗访曝光的脏乱点位，连夜行动，已全部整改到位。"),
    ("N22", "应急演练参加531人，从警报拉响到清点完毕不到一刻钟，共531人次受训。"),
    ("N20", "今年以来，我县完成高标准农田16万亩。"),
    ("N19", "群众对卫生状况的满意率为72.3%。"),
    ("N13", "粮食总产3392吨，上年3132吨，增产14.3%。"),
    ("N13", "去年网销579万元，今年612万元，多卖了四成。"),
    ("N13", "门诊量比上年翻了3番，增长256%。"),
    ("N11", "新增学位定128个、增128个，改造楼院定3个、改3个，新增车位定541个、增541个。"),
    ("N11", "责任状指标：宣传37场，排查17处，演练8次。\n平时抓得紧。\n兑现情况：宣传37场，排查17处，演练8次。"),
    ("N11", "县定修厕19座，修成19座；县定添车5辆，添置5辆；县定招员41人，招到41人。"),
    ("N11", "改厕310户（任务310户）、清塘22口（任务22口）、栽树4100株（任务4100株）。"),
    ("N11", "任务数与完成数分别为：户厕改造310户、310户，村道硬化12公里、12公里，路灯安装85盏、85盏。"),
    ("N11", "收集率、清运率、处理率、普及率均为100%。"),
    ("N13", "监测点从去年24个扩到42个，扩大41.0%。"),
    ("N13", "同比增长24.0%，从去年的120户增加到180户。"),
    ("N13", "完成改厕180户，比上年多60户，增长62.5%。"),
    ("N13", "知晓率由80%提高到92%，提高15个百分点。"),
    ("N13", "保洁员由20名增加到60名，翻了一番。"),
    ("N13", "签约家庭由1260户扩充至1590户，扩充40.2%。"),
    ("N19", "3岁以下儿童系统管理率81.6%。"),
    ("N19", "重点行业和单位防蝇防鼠设施合格率定格在95.0%。"),
    ("N20", "全县出动灭鼠人员2510人次。"),
    ("N20", "全县上下齐心，共清理卫生死角21300处。"),
    ("N21", "一个季度处理污水4900吨，四个季度合计处理19600吨。"),
    ("N21", "每车装垃圾5吨、每天跑12车，全年清运21900吨。"),
    ("N21", "按照抽样结果外推，全镇共有蟑螂侵害户430户。"),
    ("N22", "全镇总人口21340人。动员7.6万群众清院落。"),
    ("N22", "宣讲会到会人数1260人次。"),
    ("N17", "收缴鼠药4000包；发放毒饵23416包；更换鼠夹2000只。"),
    ("N18", "疏浚河道12.7公里，铺设管网12.7公里。"),
]  # fmt: skip
LEFT_ALONE = [
    ("T01", "卫生院添置X光机1台，推行“N+X”网格管理。"),
    ("T01", "某些村民意识不强。"),
    ("T02", "开展3X3篮球赛，建成5×9米宣传墙，暂扣云A·8X11车辆。"),
    ("T03", "近年来，全镇经费逐年增加，其余户数待改造。"),
    ("T04", "2023年取缔占道经营320起，自2023起实行新办法。"),
    ("T05", "印发了实施方案（青政办字〔2023〕52号）和第5号文件。"),
    ("T08", "种植人蔘加工原料，建设无线网络（wifi）。"),
    ("T01", "为46名老人做了X线胸片检查，排演小品《××的一天》，换下××牌三轮车，管网呈“X”形布置。"),
    ("T01", "**重点工作**：清理垃圾12吨。"),
    ("T03", "经费单位为万元，争先进位，以收定支，延伸产业链条，门诊人次、住院人次双升。"),
    ("T03", "2个亿元以上项目落地，突破万元大关，于月底前完成。"),
    ("T05", "办理建字第2022018号规划许可证，转发镇发电〔2022〕3号、4号文件。"),
    ("T05", "医疗机构登记号20220315号，财政部令第87号。"),
    ("T08", "境内有濞（bì）水河，埇（yǒng）口村沿河而建。"),
    ("T09", "扫码关注公众号的居民200人，阅读推文300次。\n附件：改厕台账3份\n"),
    ("B01", "2024年3月开播的广播剧正在录制，已录7集。"),
    ("B01", "通知2024年4月复诊的患者49人，预告2024年4月开讲的防疫课，报名家长55人。"),
    ("B01", "收缴医保费的截止日是2024年2月28日，已缴5733人。"),
    ("B01", "县里把2024年5月的现场会放在我镇，已腾出会场3处。"),
    ("B04", "2021年是“十三五”收官后的第一年，2023年是“十四五”倒数第三年。"),
    ("B05", "2023年末位淘汰2人，2023年度量化考核，2023年年底数清楚，2023年5月月均12吨。"),
    ("F09", "居民零散垃圾集中投放，镇上零售摊点规范。"),
    ("B01", "下一步，计划2024年5月召开现场会。"),
    ("B01", "2023年5月8日，召开现场会。"),
    ("B02", "利用第35个爱国卫生月开展宣传，2018年第30个爱国卫生月时已有基础。"),
    ("B04", "早在“十三五”收官之年，镇里就启动了改厕。"),
    ("B05", "印发《2023年年度工作要点》。"),
    ("I01", "对行动迟缓的村，在全镇通报，并报县爱卫办。"),
    ("N01", "全年检查餐饮单位42户，其中小型餐馆23家、中型餐馆1家、食堂9家、摊贩9家，发出通知书1份。"),
    ("N01", "投入资金120万元，其中县级补助60万元、镇级配套30万元等。"),
    ("N01", "发现问题418件、受理96件，合计办结501件，办结率97.5%。"),
    ("N01", "推动14个保交楼项目和71个保交房项目全部交付，累计建成棚改项目80个。"),
    ("N02", "今年改厕300户（全村662户），卫生厕所普及率66%。"),
    ("N03", "卫生费收缴率111%（补收上年欠费），账目公开。"),
    ("N04", "年初群众满意度86.3%，不算高。\n到年底，群众满意度升至90.1%。"),
    ("N06", "改造农村危房37户，一天吃上了三顿热饭。"),
    ("N08", "围绕“三个更加注重、两个持续推进”的要求。一是清脏。二是治乱。三是绿化。四是管护。五是督查。"),
    ("N08", "打好蓝天、碧水、净土三大保卫战。"),
    ("N09", "首先摸底，入户20天；其次算账，核减9户；最后公示，张榜4次。"),
    ("N10", "完成4个，计划5个，完成率80%。"),
    ("N10", "动员会上定调：今年计划投放466万元，逐月通报进度。"),
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
    ("N23", "第三方测评挑出毛病118条，改好49条，没改好的69条。"),
    ("N23", "计划新建公厕12座，已建成8座，在建4座。"),
    ("N23", "确保发现的问题年底前全部整改到位。"),
    ("N23", "各村自查110个问题。眼下整改完成80个，未完成30个。"),
    ("N22", "义诊来了385人，每人看诊1次，共385人次。"),
    ("N20", "全县普及率86.3%，我镇达到93.6%。"),
    ("N19", "防鼠防蝇设施合格率只有64%，整改后复查升至97.7%。"),
    ("N19", "集中式饮用水水质达标率100%。"),
    ("N18", "为818名留守儿童建卡；818名孩子都有了代理家长。"),
    ("N18", "共清理垃圾1263吨，清运的1263吨垃圾送县焚烧厂。"),
    ("N13", "收入翻了两番，增长300%。"),
    ("N11", "计划改厕310户、修路12公里、栽树3200棵。"),
    ("N11", "受理投诉56件，办结56件；发现隐患17处，消除17处；接到求助31起，帮办31起。"),
    ("N11", "上半年配桶310只，下半年310只；上半年修亭5座，下半年5座；上半年清塘11口，下半年11口。"),
    ("N13", "同比增长50.0%，从去年的120户增加到180户。"),
    ("N13", "全镇改厕330户，其中脱贫户比上年多改60户，增长50%。"),
    ("N13", "保洁员由20名增加到41名，翻了一番。"),
    ("N19", "生猪免疫接种率71%，家庭医生签约率64%。"),
    ("N20", "承办全市改厕培训班3期，学员120人。"),
    ("N20", "全县卫生厕所普及率为86.3%，我镇达到93.6%。"),
    ("N21", "保洁员每人每月1800元，全年每人21600元。"),
    ("N21", "平均每天洒水33车，雨天停洒，全年洒水9570车。"),
    ("N22", "全镇总人口21340人。卫生院全年门诊接诊7.6万人次。"),
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
            assert standard.indicator in codes or (not standard.indicator and standard.words)
            assert (standard.value is None) == (standard.level == "D")
            assert standard.comparator in standards.HOLDS or standard.level == "D"


def test_a_threshold_that_was_not_seen_is_not_compared(tmp_path: Path) -> None:
    assert found(tmp_path, "N19", "居民健康素养水平28.3%，达到国家标准。") == []


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


SETS = [["男", "女"], ["大型", "中型", "小型"], ["已", "未"]]


@pytest.mark.parametrize(("names", "told"), [
    (("男工·", "女工·"), True), (("·在大型市场", "·在小型市场"), True), (("大型犬·", "中型犬·", "小型犬·"), True),
    (("男工·", "男教师·"), False), (("男工·", "已签·"), False), (("男工·",), False), ((), False),
])  # fmt: skip
def test_names_are_complements_when_each_has_a_member_of_its_own(names: tuple[str, ...], told: bool) -> None:
    assert divided.complementary(names, SETS) is told
    assert divided.complementary(names[::-1], SETS) is told


@given(st.integers(2, 400), st.integers(2, 400), st.integers(1, 30))
@settings(max_examples=12, deadline=None)
def test_a_total_told_with_complements_is_questioned_exactly_where_they_do_not_add_up(
    tmp_path_factory: pytest.TempPathFactory, men: int, women: int, more: int
) -> None:
    said = "\n".join(f"有保洁员{men + women + n}名，男{men}名、女{women}名。" for n in (0, more))
    path = tmp_path_factory.mktemp("sums") / "青溪镇2023年爱国卫生工作总结.txt"
    path.write_text(f"青溪镇2023年爱国卫生工作总结\n一、主要工作\n{said}\n", "utf-8")
    found = audit.check_report(process(path), ["N01"])
    apart = men + women + more if (men + women) * 10 >= (men + women + more) * 6 else None
    assert [f.evidence[0].surface for f in found] == ([f"{apart}名"] if apart else [])
