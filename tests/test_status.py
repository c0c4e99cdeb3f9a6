"""Whether a figure was done or stands, by what base, of what whole: sentences of our own, each one of a family."""

from __future__ import annotations

import pytest
from marked import read

from pipeline.records import Claim


def the(text: str, surface: str) -> Claim:
    return next(claim for claim in read(text)[1] if claim.surface == surface)


@pytest.mark.parametrize(("text", "surface", "status"), [
    ("成立护林专班1个，下设3个小队。", "3个", "done"),
    ("充实了防汛指挥部力量，下设会商、抢险等6个组。", "6个", "done"),
    ("全镇下设14个村。", "14个", "state"),
    ("县爱卫中心核定编制9名。", "9名", "state"),
    ("编制了12个村庄规划。", "12个", "done"),
    ("实际开放床位65张。", "65张", "state"),
    ("今年新增床位30张。", "30张", "done"),
    ("管网维修经费缺口80万元。", "80万元", "state"),
    ("全镇共设垃圾收集点45个。", "45个", "state"),
    ("每斤收购价从6元涨到9元。", "9元", "state"),
    ("每斤收购价从6元涨到9元。", "6元", "state"),
    ("保洁员由8名增至11名。", "11名", "state"),
    ("库存由8月初的900吨降至月底的300吨。", "300吨", "state"),
    ("每天转运垃圾6吨。", "6吨", "state"),
    ("全年转运垃圾600吨。", "600吨", "done"),
    ("老水管已使用20余年。", "20余年", "state"),
    ("问题正在整改3个。", "3个", "state"),
    ("短视频阅读量累计6万次。", "6万次", "done"),
    ("拆除违建18处、面积900平方米。", "900平方米", "done"),
    ("有望实现文明县城“三连冠”。", "三", "target"),
])  # fmt: skip
def test_done_or_standing(text: str, surface: str, status: str) -> None:
    assert the(text, surface).status == status


def test_last_year_in_a_plan_is_only_compared_with() -> None:
    text = "财政收入较上年增长9%，新建公厕4座。目前有公厕12座。"
    assert [claim.status for claim in read(text, "plan")[1]] == ["target", "target", "state"]


@pytest.mark.parametrize(("text", "surface", "per"), [
    ("每个市场配备保洁员2名。", "2名", "市场"),
    ("每个县区建成公园1座。", "1座", "县区"),
    ("每单位明确1名联络员。", "1名", "单位"),
    ("每组织一次活动补助200元。", "200元", None),
    ("每场所张贴标识2张。", "2张", None),
    ("3个先进村各奖励3000元。", "3000元", "村"),
    ("扣罚落后村2个各500元。", "500元", "村"),
    ("集体收入一年才6万元。", "6万元", "年"),
    ("农民人均纯收入增长9%。", "9%", None),
    ("农民人均纯收入15600元。", "15600元", "人"),
    ("每月检查各户卫生,开展一次评比。", "一次", "月"),
    ("每周督查、每月排名，开展督查46次。", "46次", None),
])  # fmt: skip
def test_base(text: str, surface: str, per: str | None) -> None:
    assert the(text, surface).per == per


@pytest.mark.parametrize(("text", "parts"), [
    ("全年投入90万元，县级拨款40万元，镇级配套30万元，村级自筹20万元。", 3),
    ("全年投入95万元，县级拨款40万元，镇级配套30万元，村级自筹20万元。", 0),
    ("前三名分别奖励5000元、3000元、2000元。", 0),
    ("改厕300户：东片120户，西片100户，南片80户。", 3),
    ("改厕300户。东片120户，西片100户，南片80户。", 0),
    ("成立小组2个，设办公室1个，建站1个。", 0),
])  # fmt: skip
def test_what_adds_up_is_part_of_its_sum(text: str, parts: int) -> None:
    claims = read(text)[1]
    assert [claim.part_of for claim in claims if claim.part_of] == [claims[0].id] * parts


@pytest.mark.parametrize(("text", "surface", "dimension"), [
    ("蚊虫路径指数1.4。", "1.4", "level"),
    ("收入比由2.31缩小到2.2。", "2.2", "ratio"),
    ("每天广播3遍。", "3遍", "frequency"),
])  # fmt: skip
def test_dimension(text: str, surface: str, dimension: str) -> None:
    assert the(text, surface).dimension == dimension


def test_a_half_width_comma_ends_a_clause() -> None:
    half = "以集镇、公路沿线为重点,开展大扫除28场次;发放资料1,200份。"
    both = (half, half.replace("点,", "点，").replace(";", "；"))
    told = [[(c.surface, c.value_low, c.scope, c.action, c.object) for c in read(text)[1]] for text in both]
    assert told[0] == told[1]
    assert told[0][0][2] is None
