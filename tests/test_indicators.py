"""Units, base values and catalogue codes."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import config, indicators
from pipeline.lexicon import rows
from pipeline.records import Claim
from pipeline.run import process

SETTINGS = config.Indicators()


def claim(action: str | None, thing: str | None, unit: str | None, dimension: str = "count", value: str | None = "1",
          per: str | None = None, topic: str | None = None, headings: tuple[str, ...] = ()) -> Claim:  # fmt: skip
    number = None if value is None else Decimal(value)
    return Claim(
        id="c", start=0, end=1, surface="1", value_low=number, value_high=number, masked=number is None, relation="eq",
        unit=unit, dimension=dimension, per=per, action=action, object=thing, status="done", rule="test", topic=topic,
        heading_path=headings,
    )  # fmt: skip


def code(*args: str | None, **kwargs: str | tuple[str, ...] | None) -> str | None:
    return indicators.assign([claim(*args, **kwargs)], SETTINGS)[0].indicator


@pytest.mark.parametrize(
    ("value", "unit", "dimension", "per", "base", "base_unit"),
    [
        ("3", "亩", "area", None, "2000", "平方米"),
        ("1", "亩", "area", None, "666.666667", "平方米"),
        ("2.5", "公顷", "area", None, "25000", "平方米"),
        ("1.2", "公里", "length", None, "1200", "米"),
        ("6600", "米", "length", None, "6600", "米"),
        ("12.8", "吨", "mass", None, "12800", "千克"),
        ("75", "公斤", "mass", None, "75", "千克"),
        ("3", "斤", "mass", None, "1.5", "千克"),
        ("40", "方", "volume", None, "40", "立方米"),
        ("5.6", "‰", "percent", None, "0.56", "%"),
        ("100000", "元", "money", None, "100000", "元"),
        ("24956", "元", "money", "人", "24956", "元/人"),
        ("30", "微克", "level", "立方米", "30", "微克/立方米"),
        ("1.5", "小时", "duration", "日", "90", "分钟/日"),
        ("3", "次", "frequency", "周", "3", "次/周"),
        ("2", None, "frequency", "周", "2", "次/周"),
        ("3", "车", "count", None, "3", "车"),
        ("3", "人次", "count", None, "3", "人次"),
        ("7", "哪吒", "count", None, "7", "哪吒"),
        ("7", None, "count", None, "7", None),
        ("20", "度", "count", None, "20", "度"),  # energy is another dimension: nothing is converted
        ("1E+3", "米", "length", None, "1000", "米"),
    ],
)
def test_base_value(value: str, unit: str | None, dimension: str, per: str | None, base: str, base_unit: str) -> None:
    low, high, found = indicators.to_base(claim(None, None, unit, dimension, value, per))
    assert (str(low), str(high), found) == (base, base, base_unit)


def test_masked_claim_has_no_base_value() -> None:
    assert indicators.to_base(claim("清理", "垃圾", "吨", "mass", None)) == (None, None, "千克")


@given(st.decimals("0.001", "9999999", places=3), st.sampled_from(["吨", "公里", "公顷", "毫克", "立方", "千分点"]))
def test_conversion_is_exact_where_the_decimal_ends(value: Decimal, unit: str) -> None:
    known = indicators.units()[unit]
    low, _, _ = indicators.to_base(replace(claim(None, None, unit, known.dimension), value_low=value, value_high=value))
    assert low is not None
    assert Fraction(low) == Fraction(value) * known.factor


def test_units_table_is_consistent() -> None:
    table = indicators.units()
    with (config.models_path() / "units.csv").open(encoding="utf-8", newline="") as file:
        spellings = [row["unit"] for row in csv.DictReader(file)]
    assert len(spellings) == len(set(spellings))
    for unit in table.values():
        assert unit.factor > 0
        if unit.spelling_of:
            standard = table[unit.spelling_of]
            assert (standard.dimension, standard.base_unit, standard.factor) == (
                unit.dimension, unit.base_unit, unit.factor
            ), unit  # fmt: skip
    assert all(not (unit.dimension == "count" and unit.base_unit != unit.standard) for unit in table.values())


@pytest.mark.parametrize(
    ("action", "thing", "unit", "dimension", "expected"),
    [
        # verb, object and unit
        ("发放", "创卫宣传单", "份", "count", "publicity.leaflets_distributed"),
        ("召开", "专题推进会", "次", "count", "leadership.meetings_held"),
        ("清理", "河边陈年垃圾", "吨", "mass", "remediation.garbage_cleared_mass"),
        ("清运", "生活垃圾", "车", "count", "remediation.garbage_cleared_loads"),
        ("清运", "生活垃圾", "方", "volume", "remediation.garbage_cleared_volume"),
        ("清除", "小广告", "平方米", "area", "remediation.ads_removed_area"),
        ("栽种", "香樟、桂花", "株", "count", "green.trees_planted"),
        ("投放", "溴敌隆毒饵", "公斤", "mass", "vector.rodent_bait_mass"),
        ("投放", "鼠药", "包", "count", "vector.rodent_bait_packs"),
        ("新（改）建", "农村公路", "公里", "length", "infra.rural_roads"),
        # the same act said otherwise, and two acts in a row
        ("新修", "公厕", "座", "count", "toilets.public_built"),
        ("挪走", "柴草堆", "堆", "count", "remediation.piles_cleared"),
        ("租来", "挖机", "台", "count", "remediation.vehicles"),
        ("完成", "菜市场升级改造", "个", "count", "infra.markets_upgraded"),
        # opposite verbs flip
        ("悬挂", "过街横幅", "条", "count", "publicity.banners"),
        ("拆除", "过街横幅", "条", "count", "remediation.billboards_removed"),
        ("新建", "公厕", "座", "count", "toilets.public_built"),
        ("提升改造", "公厕", "座", "count", "toilets.public_renovated"),
        ("拆除", "旱厕", "座", "count", "toilets.dry_removed"),
        ("改造", "旱厕", "座", "count", "toilets.household_renovated"),
        ("硬化", "道路", "公里", "length", "infra.roads_hardened"),
        ("绿化", "道路", "公里", "length", "green.road_length"),
        ("发现", "问题", "处", "count", "supervision.problems_found"),
        ("整改", "问题", "处", "count", "supervision.problems_fixed"),
        ("安装", "路灯", "盏", "count", "infra.streetlights"),
        ("检修", "路灯", "盏", "count", "infra.streetlights_repaired"),
        # a verb without meaning: the object names the act
        ("完成", "农村户厕改造", "户", "count", "toilets.household_renovated"),
        ("实施", "老旧小区改造", "个", "count", "housing.old_communities"),
        ("完成", "进村路硬化", "公里", "length", "infra.roads_hardened"),
        # object and unit alone
        (None, "农村无害化卫生厕所普及率", "%", "percent", "toilets.harmless_rate"),
        (None, "卫生厕所普及率", "%", "percent", "toilets.sanitary_rate"),
        ("达到", "城区建成区绿化覆盖率", "%", "percent", "green.coverage_rate"),
        (None, "行政村", "个", "count", "profile.admin_villages"),
        # urban and rural rates are two figures
        ("达", "城镇生活垃圾无害化处理率", "%", "percent", "waste.harmless_rate"),
        ("达", "农村生活垃圾无害化处理率", "%", "percent", "waste.rural_harmless_rate"),
        # any object, because the verb tells
        ("培训", "社区居民", "人次", "count", "healthedu.trainees"),
    ],
)
def test_code(action: str | None, thing: str, unit: str, dimension: str, expected: str) -> None:
    assert code(action, thing, unit, dimension) == expected


@pytest.mark.parametrize(
    ("action", "thing", "unit", "dimension"),
    [
        ("拆除", "明锅亮灶", "处", "count"),  # a violation, not an open kitchen
        ("突破", "高速公路", "公里", "length"),  # a road that is neither hardened nor greened
        ("覆盖", "行政村", "个", "count"),  # some villages, not the number of villages
        ("新增", "规模以上工业企业", "家", "count"),
        ("开展", "户厕改造培训", "次", "area"),  # no such dimension
        ("清理", "垃圾", "平方米", "area"),
        ("下降", "森林覆盖率", "%", "percent"),  # by how much, not how high
        ("提高", "森林覆盖率", "百分点", "percent"),
        ("完成", "户厕改造项目", "个", "count"),  # projects are not toilets
        ("收获", "土豆", "吨", "mass"),
        ("仅有", "停车位", "个", "count"),  # what there is was not done
        (None, "路灯", "盏", "count"),  # set up or repaired: two rows fit equally
        (None, None, "处", "count"),
        ("清理", None, "处", "count"),
    ],
)
def test_no_code(action: str | None, thing: str | None, unit: str, dimension: str) -> None:
    assert code(action, thing, unit, dimension) is None


def test_rate_is_no_total() -> None:
    assert code("召开", "工作会议", "次", per="月") is None
    assert code("清运", "生活垃圾", "吨", "mass") == "remediation.garbage_cleared_mass"
    assert code("清运", "生活垃圾", "吨", "mass", per="日") == "waste.daily_volume"


def test_topic_and_headings_decide_between_equal_rows() -> None:
    assert code("发现", "问题", "个", topic="supervision") == "supervision.problems_found"
    assert code("发现", "问题", "个", topic="premises") == "food.problems_found"
    assert code("发现", "问题", "个", headings=("二、主要做法", "（三）食品安全")) == "food.problems_found"


def test_verb_unit_and_topic_without_object() -> None:
    assert code("培训", None, "人次", topic="healthedu") == "healthedu.trainees"
    assert code("培训", None, "人次") is None


@pytest.mark.parametrize(("unit", "base_unit"), [("户", "户"), ("座", "户"), ("个", "户")])
def test_measure_words_of_the_same_thing_share_a_base_unit(unit: str, base_unit: str) -> None:
    assigned = indicators.assign([claim("改造", "户厕", unit)], SETTINGS)[0]
    assert (assigned.indicator, assigned.base_unit, assigned.unit) == ("toilets.household_renovated", base_unit, unit)


def test_other_measure_words_keep_apart() -> None:
    units = {indicators.assign([claim("清除", "小广告", unit)], SETTINGS)[0].base_unit for unit in ("处", "张", "条")}
    assert units == {"处", "张"}
    people = {indicators.assign([claim("培训", "居民", unit)], SETTINGS)[0].base_unit for unit in ("人", "名", "人次")}
    assert people == {"人", "人次"}


def in_text(text: str, unit: str) -> tuple[Claim, str]:
    """A claim without action and object about the number between ⟦ and ⟧, and the text without the brackets."""
    made = claim(None, None, unit, indicators.units()[unit].dimension)
    plain = text.replace("⟦", "").replace("⟧", "")
    return replace(made, start=text.index("⟦"), end=text.index("⟧") - 1), plain


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        # before the number, with the act, with nothing between but filling
        ("广泛发动，新装毒饵站⟦50个⟧、总数460个。", "个", "vector.bait_stations"),
        ("整治有力，群众满意率电话抽查达到⟦95.1%⟧。", "%", "supervision.satisfaction_rate"),
        ("垃圾桶更新⟦640只⟧，保洁员定岗132名", "只", "waste.bins"),
        # behind it
        ("集镇和各村划成⟦48个⟧安全网格，配齐人员", "个", "leadership.zones_divided"),
        # the parts of a rate's name may stand apart in its sentence
        ("添清运车2辆，收运覆盖自然村113个，覆盖率⟦89.7%⟧。", "%", "waste.village_coverage_rate"),
        ("明年再改厕100户，普及率达到⟦75%⟧。", "%", "toilets.sanitary_rate"),
        # but not in another sentence, nor too far off
        ("明年再改厕100户。普及率达到⟦75%⟧。", "%", None),
        ("垃圾桶在去年冬天坏了不少。今年又添⟦3个⟧", "个", None),
        # nor where several things are told of in order
        ("燃气普及率、绿化覆盖率分别达⟦90.5%⟧和33.8%", "%", None),
        # another verb, a word that is against it, another unit
        ("机关拆掉毒饵站⟦50个⟧", "吨", None),
        ("问题整改基本完成⟦7个⟧", "个", None),
    ],
)
def test_clause_is_asked_where_the_object_tells_nothing(text: str, unit: str, expected: str | None) -> None:
    asked, plain = in_text(text, unit)
    found = indicators.assign([asked], SETTINGS, plain)[0]
    assert found.indicator == expected
    assert indicators.assign([asked], SETTINGS)[0].indicator is None, "without the text nothing tells it"


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        # an act only: the thing was told before in the sentence, last of all
        ("镇区公厕15座，每平方公里3.6座；复审周期内新建⟦2座⟧", "座", "toilets.public_built"),
        ("垃圾桶在去年冬天坏了不少，今年又添⟦3个⟧", "个", "waste.bins"),
        ("横幅少挂了，只挂⟦75条⟧，因为大家更爱看视频", "条", "publicity.banners"),
        ("组织义诊9次，服务群众⟦1100余人⟧。", "人", "publicity.consultations"),
        ("健康讲座走进村组，全年共⟦12场⟧，", "场", "healthedu.lectures"),
        # nor an act that does not belong to it, a thing of its own, a sum that may be of anything
        ("镇区公厕15座，每平方公里3.6座；撤销⟦2座⟧", "座", None),
        ("镇区公厕15座；新建凉亭⟦2座⟧", "座", None),
        ("农贸市场方面反馈问题10个，基本完成⟦2个⟧", "个", None),
        ("公厕建设提速。新建⟦2座⟧", "座", None),
        # the name of a thing that has stood apart
        ("粮食播种面积52.3万亩，产量⟦21.6吨⟧；", "吨", "farm.grain_output"),
        ("粮食产量791亿斤，蔬菜产量⟦200吨⟧、", "吨", None),
        ("未完成指标为生活污水治理率，目标50%，实际⟦46.3%⟧，", "%", "infra.rural_sewage_rate"),
        # a noun that does something itself, all of it
        ("⟦36个⟧网格全部公示责任人", "个", "leadership.zones_divided"),
        ("全镇⟦486名⟧党员全部挂牌亮责任区", "名", "participation.party_members"),
        ("雁坪、塘下等⟦4个⟧村被命名为省级卫生村", "个", "honour.sanitary_villages"),
        ("⟦31家⟧小餐饮、小作坊、小摊点检查了4轮", "家", "food.premises_checked"),
        # all villages and some of them, what is left, what was lost, what a clause only describes
        ("⟦14个⟧村中仍有3个没有建立制度", "个", "profile.admin_villages"),
        ("⟦17个⟧村（社区）实现网格管理", "个", None),
        ("明年保洁员将减少⟦12名⟧", "名", None),
        ("贫困人口由692万人减少到⟦189人⟧", "人", None),
        ("抽查公共场所，张贴禁烟标识的⟦77处⟧", "处", None),
    ],
)
def test_what_was_told_before_is_asked_where_the_clause_leaves_it_out(
    text: str, unit: str, expected: str | None
) -> None:
    asked, plain = in_text(text, unit)
    assert indicators.assign([asked], SETTINGS, plain)[0].indicator == expected


def test_part_of_the_villages_is_not_their_number() -> None:
    text = "9个村中有2个村从未组织"
    claims = [replace(claim("有", "村", "个", topic="overview"), id=str(at), start=at, end=at + 2) for at in (0, 5)]
    found = indicators.assign(claims, SETTINGS, text)
    assert [c.indicator for c in found] == ["profile.admin_villages", None]


def test_list_of_what_there_is_goes_on() -> None:
    text = "全镇14个行政村和1个社区人居环境持续向好"
    villages = replace(claim(None, "行政村", "个"), id="a", start=2, end=5)
    community = replace(claim(None, "社区人居环境", "个"), id="b", start=9, end=11)
    found = indicators.assign([villages, community], SETTINGS, text)
    assert [c.indicator for c in found] == ["profile.admin_villages", "profile.communities"]


def test_list_of_honours_goes_on_with_another_rank() -> None:
    text = "创建省级卫生村1个、市级2个，县级奖补3个"
    first = replace(claim("创建", "省级卫生村", "个"), id="a", start=7, end=9)
    second = replace(claim("创建", "市级", "个"), id="b", start=12, end=14)
    other = replace(claim("奖补", "县级", "个"), id="c", start=19, end=21)
    found = indicators.assign([first, second, other], SETTINGS, text)
    assert [c.indicator for c in found] == [*["honour.sanitary_villages"] * 2, None]


def test_opening_without_an_act_tells_what_there_is() -> None:
    assert code(None, "农贸市场", "个", topic="overview") is None
    assert code("新建", "农贸市场", "个", topic="overview") == "infra.markets_upgraded"


def test_people_came_to_what_was_told_just_before() -> None:
    text = "举办培训班4期、280人次，检查16人次"
    sessions = replace(claim("举办", "培训班", "期"), id="a", start=5, end=7)
    people = replace(claim("举办", None, "人次"), id="b", start=8, end=13)
    others = replace(claim("检查", None, "人次"), id="c", start=16, end=20)
    found = indicators.assign([sessions, people, others], SETTINGS, text)
    assert [c.indicator for c in found] == ["healthedu.trainings", "healthedu.trainees", None]


def test_who_attends_are_rows_of_the_catalogue() -> None:
    codes = {row.code for row in indicators.catalogue()}
    assert all({row["event"], row["people"]} <= codes for row in rows("attendance"))


def test_noun_goes_on_with_the_act_of_the_same_row() -> None:
    text = "废旧农膜回收3.2吨，农药包装物0.45吨"
    film = replace(claim("回收", "废旧农膜", "吨", "mass"), id="a", start=6, end=10)
    packs = replace(claim(None, "农药包装物", "吨", "mass"), id="b", start=16, end=21)
    found = indicators.assign([film, packs], SETTINGS, text)
    assert [c.indicator for c in found] == ["remediation.agri_waste"] * 2


def test_whole_name_in_the_clause_goes_before_the_last_part_of_it() -> None:
    text = "与经营户重新签订责任书432份；精神障碍患者196人，规范管理率90.8%"
    letters = replace(claim("签订", "责任书", "份"), id="a", start=11, end=15)
    rate = replace(claim(None, "规范管理率", "%", "percent"), id="b", start=32, end=37)
    found = indicators.assign([letters, rate], SETTINGS, text)
    assert [c.indicator for c in found] == ["leadership.frontage_contracts", "health.smd_mgmt_rate"]


def test_how_much_more_is_no_figure_of_the_thing() -> None:
    more = replace(claim("增加", "专项经费", "元", "money"), scope="增减")
    assert indicators.assign([more], SETTINGS)[0].indicator is None


def test_an_assigned_task_is_a_target() -> None:
    task = indicators.assign([claim("下达", "户厕改造任务", "户")], SETTINGS)[0]
    assert (task.indicator, task.status) == ("toilets.household_planned", "target")


def test_word_that_says_little_tells_in_its_topic_only() -> None:
    assert code("开展", "文明实践活动", "场", topic="publicity") == "publicity.events"
    assert code("开展", "文明实践活动", "场", topic="remediation") == "remediation.campaigns"
    assert code("开展", "文明实践活动", "场", topic="health_service") is None


def test_noun_behind_the_number_before_is_that_numbers() -> None:
    text = "辖14个行政村和1个驿站"
    villages = replace(claim("辖", "行政村", "个"), id="a", start=1, end=4)
    stations = replace(claim(None, None, "个"), id="b", start=8, end=10)
    found = indicators.assign([villages, stations], SETTINGS, text)
    assert [c.indicator for c in found] == ["profile.admin_villages", None]


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        (
            "辖14个行政村，9612户、3.46万人。", ((1, 4), (8, 13), (14, 20)),
            ["admin_villages", "households", "population_total"],
        ),
        ("全镇9588户。", ((2, 7),), ["households"]),
        ("帮扶企业46万户，惠及9万户。", ((4, 8), (11, 14)), [None, None]),
    ],
)
def test_unit_and_topic_tell_where_nothing_is_named(
    text: str, spans: tuple[tuple[int, int], ...], expected: list[str | None]
) -> None:
    claims = []
    for start, end in spans:
        made = claim("辖" if start == 1 else None, "行政村" if start == 1 else None, text[end - 1], topic="overview")
        claims.append(replace(made, id=str(start), start=start, end=end))
    found = indicators.assign(claims, SETTINGS, text)
    assert [c.indicator for c in found] == [code and f"profile.{code}" for code in expected]


def test_end_of_a_change_takes_the_code_of_its_beginning() -> None:
    text = "群众满意率由93.7%升到95.1%，村均3%"
    claims = [replace(claim(None, thing, "%", "percent"), id=str(start), start=start, end=end)
              for start, end, thing in ((6, 11, "群众满意率"), (13, 18, None), (21, 23, None))]  # fmt: skip
    found = indicators.assign(claims, SETTINGS, text)
    assert [c.indicator for c in found] == [*["supervision.satisfaction_rate"] * 2, None]


def test_part_takes_the_code_of_the_whole() -> None:
    text = "改造户厕640户，其中大茅坝村212户，贫困户9人"
    whole = replace(claim("改造", "户厕", "户"), id="a", start=4, end=8)
    part = replace(claim("改造", "大茅坝村", "户"), id="b", start=15, end=19, part_of="a")
    other = replace(claim(None, "贫困户", "人"), id="c", start=23, end=25, part_of="a")
    found = indicators.assign([whole, part, other], SETTINGS, text)
    assert [c.indicator for c in found] == ["toilets.household_renovated", "toilets.household_renovated", None]


def test_towns_and_country_are_told_apart() -> None:
    text = "城乡居民人均可支配收入分别达到38420元、18960元"
    towns, country = (
        replace(claim("达到", "城乡居民人均可支配收入", "元", "money", per="人"), start=start, end=start + 6)
        for start in (15, 22)
    )
    found = indicators.assign([towns, country], SETTINGS, text)
    assert [c.indicator for c in found] == ["econ.urban_income", "econ.rural_income"]
    assert found[0].object == towns.object, "what extraction found stays as it is"


def test_reason_names_the_words_that_told() -> None:
    sure = claim("清运", "陈年垃圾", "吨", "mass", topic="waste")
    near, text = in_text("新装毒饵站⟦50个⟧。", "个")
    assert indicators.explain([sure], SETTINGS) == ("宾语“陈年垃圾”，动词“清”，单位“吨”，栏目“waste”",)
    assert indicators.explain([near], SETTINGS, text) == ("句中“毒饵站”，动词“新装”，单位“个”",)
    assert indicators.explain([claim("研究", "办法", "吨", "mass")], SETTINGS) == (None,)


def test_threshold_withholds_the_code() -> None:
    doubtful = claim(None, "毒饵站", "个")
    assert indicators.assign([doubtful], SETTINGS)[0].indicator == "vector.bait_stations"
    assert indicators.assign([doubtful], config.Indicators(threshold=0.95))[0].indicator is None


def test_score_is_kept_with_the_code() -> None:
    sure, less_sure = indicators.assign([claim("设置", "毒饵站", "个"), claim(None, "毒饵站", "个")], SETTINGS)
    assert sure.indicator_score == 1.0
    assert less_sure.indicator_score is not None
    assert SETTINGS.threshold <= less_sure.indicator_score < 1.0


def test_assign_changes_nothing_else() -> None:
    before = claim("清理", "垃圾", "吨", "mass", "2.5")
    after = indicators.assign([before], SETTINGS)[0]
    undone = replace(
        after, base_value_low=None, base_value_high=None, base_unit=None, indicator=None, indicator_score=None
    )
    assert undone == before


def test_catalogue_has_no_faults() -> None:
    assert indicators.lint() == ()


def test_catalogue_covers_the_groups() -> None:
    rows = indicators.catalogue()
    assert {row.tier for row in rows} == {1, 2, 3}
    assert {row.group for row in rows} >= {
        "profile", "leadership", "finance", "publicity", "healthedu", "tobacco", "school", "remediation", "waste",
        "infra", "toilets", "green", "env", "vector", "food", "health", "supervision", "participation", "honour",
    }  # fmt: skip
    assert {row.direction for row in rows} == {"+", "-", "0"}
    assert {row.aggregation for row in rows} == {"sum", "last", "mean"}
    assert all(row.code.startswith(row.group + ".") for row in rows)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"objects": ()}, "no word names its object"),
        ({"objects": ("*",), "verbs": ()}, "any object and any verb would match"),
        ({"units": (("辆车",),)}, "is not a standard spelling"),
        ({"units": (), "base_unit": "光年", "dimension": "length", "example": "安装 路灯 米"}, "has the base unit"),
        ({"example": "拆除 路灯 盏"}, "gets no code"),
        ({"topics": ("roads",)}, "neither a topic nor a label"),
        ({"denominator": "profile.lamps"}, "is no code"),
        ({"objects": ("路灯", "路灯")}, "stands twice among its objects"),
    ],
)
def test_lint_reports(change: dict[str, object], fault: str) -> None:
    row = next(row for row in indicators.catalogue() if row.code == "infra.streetlights")
    assert any(fault in found for found in indicators.lint([replace(row, **change)]))


def test_lint_reports_rows_that_collide() -> None:
    row = next(row for row in indicators.catalogue() if row.code == "infra.streetlights")
    faults = indicators.lint([row, replace(row, code="infra.lamps")])
    assert len(faults) == 2
    assert "code given twice" in indicators.lint([row, row])[0]


@given(st.text("清理垃圾户厕改造率达到的、和农村公", max_size=12), st.text("清理改造达到新建", max_size=4),
       st.sampled_from(["处", "吨", "%", "户", "米", "哪吒"]))  # fmt: skip
def test_any_words_give_a_sound_claim(thing: str, action: str, unit: str) -> None:
    known = indicators.units().get(unit)
    assigned = indicators.assign([claim(action, thing, unit, known.dimension if known else "count")], SETTINGS)[0]
    assert (assigned.indicator is None) == (assigned.indicator_score is None)
    assert assigned.base_unit is not None
    if assigned.indicator_score is not None:
        assert SETTINGS.threshold <= assigned.indicator_score <= 1.0


@pytest.mark.parametrize(("sentence", "surface", "code"), [
    ("基本养老、基本医疗保险参保率稳定在98%和95%以上。", "98%", "health.pension_insurance_rate"),
    ("基本养老、基本医疗保险参保率稳定在98%和95%以上。", "95%", "health.medical_insurance_rate"),
    ("城镇和农村居民人均可支配收入达到30660元和10730元。", "30660元", "econ.urban_income"),
    ("城镇和农村居民人均可支配收入达到30660元和10730元。", "10730元", "econ.rural_income"),
    ("财政总收入和一般公共预算收入分别达到59亿元和18亿元。", "59亿元", None),
    ("财政总收入和一般公共预算收入分别达到59亿元和18亿元。", "18亿元", "econ.budget_revenue"),
    ("检查餐饮单位348家，覆盖100%；理发店、浴室等“六小”行业219家。", "219家", "food.premises_checked"),
    ("还有2个贫困县、90个贫困村、11万贫困人口需要脱贫。", "90个", None),
    ("清运垃圾680吨，比上年的1560吨明显减少。", "1560吨", "remediation.garbage_cleared_mass"),
    ("年终综合考核，石门村以96.5分居首。", "96.5分", "supervision.score"),
    ("发现问题418件，随手拍受理96件，合计办结501件。", "501件", "supervision.problems_fixed"),
    ("户籍人口城镇化率达到45%。", "45%", None),
    ("整合投入各类帮扶资金5.92亿元。", "5.92亿元", None),
    ("消除路段积水点15个。", "15个", None),
    ("减免行政审批收费300万元。", "300万元", None),
    ("排查安全隐患52处，除4处需停产施工外全部整改到位。", "4处", None),
    ("排查安全隐患52处，其余48处均已整改到位。", "48处", "safety.hazards_fixed"),
])  # fmt: skip
def test_whose_a_number_is(tmp_path: Path, sentence: str, surface: str, code: str | None) -> None:
    path = tmp_path / "柳河市2023年工作总结.txt"
    path.write_text(f"柳河市2023年工作总结\n一、督查整治\n{sentence}\n", "utf-8")
    assert [claim.indicator for claim in process(path).claims if claim.surface.startswith(surface)] == [code]


@pytest.mark.parametrize(("sentence", "state", "year"), [
    ("与9个村签订责任状9份，组与户也层层签了，共3100多份。", "several", 2023),  # in one breath
    ("近三年婴儿死亡率3.1‰。", "exact", None),  # a rate of what happened in three years is no year's
])  # fmt: skip
def test_what_becomes_of_it(tmp_path: Path, sentence: str, state: str, year: int | None) -> None:
    path = tmp_path / "柳河镇2023年工作总结.txt"
    path.write_text(f"柳河镇2023年工作总结\n一、落实责任\n{sentence}\n", "utf-8")
    told = [fact for fact in process(path).facts if fact.indicator.split(".")[0] in ("leadership", "health")]
    assert [(fact.state, fact.year) for fact in told] == [(state, year)]
