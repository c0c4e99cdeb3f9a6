"""The rules of merging, as a table."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts import facts
from pipeline.records import Claim, Fact, Issuer

ISSUER = Issuer("柳河镇2023年工作总结", "柳河镇", "township", 2023, "title")


def claim(number: str, relation: str = "eq", **changes: object) -> Claim:
    """`number` is as written: 30, 20-30, 30余, XX."""
    masked = "X" in number
    low, _, high = number.rstrip("余").partition("-")
    made = Claim(
        id=f"{number}{relation}", start=0, end=len(number), surface=number + "吨",
        value_low=None if masked else Decimal(low), value_high=None if masked else Decimal(high or low),
        masked=masked, relation=relation, unit="吨", dimension="mass", per=None, action="清理", object="垃圾",
        status="done", rule="test", base_value_low=None if masked else Decimal(low),
        base_value_high=None if masked else Decimal(high or low), base_unit="千克", period="2023",
        period_basis="report", indicator="remediation.garbage_cleared_mass",
    )  # fmt: skip
    return replace(made, **changes)


def value(fact: Fact) -> tuple[str, str | None, str | None]:
    ends = [None if end is None else str(end) for end in (fact.value_low, fact.value_high)]
    return fact.state, ends[0], ends[1]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([claim("30")], ("exact", "30", "30")),
        ([claim("30"), claim("30")], ("exact", "30", "30")),
        ([claim("0")], ("exact", "0", "0")),
        ([claim("30余", "gt")], ("approx", "30", "30")),
        ([claim("30", "approx")], ("approx", "30", "30")),
        ([claim("30", "gt")], ("bounded", "30", None)),
        ([claim("30", "ge")], ("bounded", "30", None)),
        ([claim("30", "lt")], ("bounded", None, "30")),
        ([claim("30", "le")], ("bounded", None, "30")),
        ([claim("20-30", "range")], ("range", "20", "30")),
        ([claim("XX")], ("masked", None, None)),
        ([claim("XX", "gt")], ("masked", None, None)),
        ([claim("2023余", "gt", doubt="year_as_value")], ("corrupted", "2023", "2023")),
        # told again with less precision
        ([claim("30余", "gt"), claim("32")], ("exact", "32", "32")),
        ([claim("32"), claim("30", "ge")], ("exact", "32", "32")),
        ([claim("25"), claim("20-30", "range")], ("exact", "25", "25")),
        ([claim("XX"), claim("30")], ("exact", "30", "30")),
        ([claim("2023余", "gt", doubt="year_as_value"), claim("30")], ("exact", "30", "30")),
        ([claim("30余", "gt"), claim("30余", "gt")], ("approx", "30", "30")),
        # contradictions
        ([claim("30"), claim("40")], ("conflicting", "30", "40")),
        ([claim("30"), claim("40"), claim("35")], ("conflicting", "30", "40")),
        ([claim("30余", "gt"), claim("45")], ("conflicting", "30", "45")),
        ([claim("25"), claim("30", "ge")], ("conflicting", "25", "30")),
        ([claim("35"), claim("20-30", "range")], ("conflicting", "20", "35")),
        ([claim("XX", surface="1X处")], ("partly_masked", None, None)),
        # a total beside its parts; several things under one code
        ([claim("4"), claim("6"), claim("10")], ("exact", "10", "10")),
        ([claim("4"), claim("6"), claim("11")], ("conflicting", "4", "11")),
        ([claim("48", object="横幅"), claim("75", object="标语")], ("several", "48", "75")),
        ([claim("48", object="横幅"), claim("48", object="标语")], ("exact", "48", "48")),
        ([claim("48", object="横幅"), claim("75", object="标语"), claim("5", object="横幅")],
         ("conflicting", "5", "75")),
        # of the parts of a year the longest, of equally long ones the last
        ([claim("5", period="2023-04"), claim("12", period="2023-H1")], ("exact", "12", "12")),
        ([claim("12", period="2023-H1"), claim("20", period="2023-01/2023-10")], ("exact", "20", "20")),
        ([claim("5", period="2023-04"), claim("6", period="2023-09")], ("exact", "6", "6")),
        ([claim("5", period="2023-04-08"), claim("6", period="2023-09")], ("exact", "6", "6")),
        # a part of the year enters only where the whole year is not told
        ([claim("12", period="2023-H1"), claim("30")], ("exact", "30", "30")),
        ([claim("12", period="2023-H1")], ("exact", "12", "12")),
    ],
)
def test_merged_value(claims: list[Claim], expected: tuple[str, str | None, str | None]) -> None:
    found = facts(claims, ISSUER)
    assert len(found) == 1
    assert value(found[0]) == expected
    assert (found[0].place, found[0].year, found[0].unit) == ("柳河镇", 2023, "千克")


@pytest.mark.parametrize(
    "change",
    [
        {"status": "target"},
        {"status": "state"},
        {"scope": "石桥村"},
        {"per": "村", "dimension": "count"},
        {"base_unit": "车", "dimension": "count"},
        {"dimension": "volume", "base_unit": "立方米"},
        {"indicator": "waste.recyclables"},
        {"period": "2022"},
        {"period": "2021/2023"},
    ],
)
def test_what_is_never_merged(change: dict[str, object]) -> None:
    found = facts([claim("30"), claim("40", **change)], ISSUER)
    assert [value(fact)[0] for fact in found] == ["exact", "exact"]


@pytest.mark.parametrize(
    ("period", "year"),
    [
        (None, 2023), ("2023", 2023), ("2022", 2022), ("2022-H1", 2022), ("2022-07-15", 2022),
        ("2022-01/2022-10", 2022), ("2021/2023", None), ("2022-11/2023-02", None),
    ],
)  # fmt: skip
def test_year_of_a_fact(period: str | None, year: int | None) -> None:
    assert facts([claim("30", period=period)], ISSUER)[0].year == year


@pytest.mark.parametrize(("action", "relation", "expected"), [
    ("下降", "eq", ("exact", "-8", "-8")), ("减少", "eq", ("exact", "-8", "-8")),
    ("下降", "ge", ("bounded", None, "-8")), ("下降", "le", ("bounded", "-8", None)),
    ("下降", "approx", ("approx", "-8", "-8")), ("增长", "eq", ("exact", "8", "8")),
    ("下降到", "eq", ("exact", "8", "8")), (None, "eq", ("exact", "8", "8")),
])  # fmt: skip
def test_growth_has_the_sign_of_its_verb(
    action: str | None, relation: str, expected: tuple[str, str | None, str | None]
) -> None:
    growth = {"dimension": "percent", "base_unit": "%", "indicator": "econ.retail_growth", "action": action}
    found = facts([claim("8", relation, **growth)], ISSUER)
    assert [value(fact) for fact in found] == [expected]
    rate = facts([claim("8", relation, **growth | {"indicator": "poverty.incidence"})], ISSUER)
    assert not any(end is not None and end < 0 for fact in rate for end in (fact.value_low, fact.value_high))


def test_a_rate_of_growth_is_turned_within_a_range() -> None:
    growth = {"dimension": "percent", "base_unit": "%", "indicator": "econ.gdp_growth", "action": "下降"}
    assert value(facts([claim("2-3", "range", **growth)], ISSUER)[0]) == ("range", "-3", "-2")


@pytest.mark.parametrize(("scope", "kept"), [
    ("柳河镇", None), ("柳河", None), ("全镇", None), ("柳河新区", "柳河新区"), ("园区", "园区"),
])  # fmt: skip
def test_a_part_is_a_scope_and_the_place_is_none(scope: str, kept: str | None) -> None:
    assert [fact.scope for fact in facts([claim("30", scope=scope)], ISSUER)] == [kept]


def test_rate_raised_and_standing_is_one_fact() -> None:
    rate = {"dimension": "percent", "base_unit": "%", "indicator": "toilets.sanitary_rate"}
    found = facts([claim("95", status="done", **rate), claim("95", status="state", **rate)], ISSUER)
    assert [(fact.status, *value(fact)) for fact in found] == [("state", "exact", "95", "95")]


def test_a_rate_that_stands_is_of_the_last_of_several_years() -> None:
    rate = {"dimension": "percent", "base_unit": "%", "indicator": "toilets.sanitary_rate", "period": "2019/2023"}
    assert [fact.year for fact in facts([claim("95", status="state", **rate)], ISSUER)] == [2023]
    assert [fact.year for fact in facts([claim("95", status="state", **rate, scope="年均")], ISSUER)] == [None]


def test_rank_of_an_honour_tells_facts_apart() -> None:
    villages = {"dimension": "count", "base_unit": "个", "indicator": "honour.sanitary_villages"}
    found = facts([claim("2", object="省级卫生村", **villages), claim("6", object="县级卫生村", **villages)], ISSUER)
    assert [(fact.scope, str(fact.value_low)) for fact in found] == [("省级", "2"), ("县级", "6")]


def test_without_code_action_and_object_name_the_fact() -> None:
    found = facts([claim("30", indicator=None), claim("30", indicator=None), claim("4", indicator=None, object="渣土"),
                   claim("5", indicator=None, object=None)], ISSUER)  # fmt: skip
    assert [(fact.indicator, len(fact.claims)) for fact in found] == [("清理|垃圾", 2), ("清理|渣土", 1), ("清理|", 1)]


def test_what_names_nothing_makes_no_fact() -> None:
    assert facts([claim("30", indicator=None, action=None, object=None)], ISSUER) == ()


def test_parts_are_no_totals_and_repetitions_are_evidence() -> None:
    total = claim("42", id="total")
    part = claim("23", id="part", part_of="total")
    again = claim("42", id="again", repeat_of="total", period="2022")
    found = facts([total, part, again], ISSUER)
    assert [(value(fact), fact.claims) for fact in found] == [(("exact", "42", "42"), ("total", "again"))]


def test_a_part_with_a_code_of_its_own_is_the_figure_of_that_code() -> None:
    found = facts([claim("97", id="total", indicator="a"), claim("61", part_of="total", indicator="b")], ISSUER)
    assert [(fact.indicator, fact.value_low) for fact in found] == [("a", 97), ("b", 61)]


def test_total_told_twice_is_still_the_total() -> None:
    (fact,) = facts([claim("2300", object="桂花"), *(claim(number) for number in ("1500", "800", "2300"))], ISSUER)
    assert value(fact) == ("exact", "2300", "2300")


def test_numbers_that_add_up_to_the_one_before_them_are_its_parts() -> None:
    told = [claim(number, object=number) for number in ("9", "42", "23", "1", "9", "9")]
    (fact,) = facts(told, ISSUER)
    assert (value(fact), len(fact.claims)) == (("exact", "42", "42"), 1)
    (fact,) = facts([*told, claim("50", object="50")], ISSUER)
    assert value(fact) == ("several", "42", "50")


def test_parts_told_under_headings_side_by_side_do_not_exceed_the_whole() -> None:
    whole = claim("94", id="whole", period="2023-07-19", heading_path=())
    parts = [claim(str(n), heading_path=("二、整改情况", f"（{n}）")) for n in (32, 21, 18)]
    (fact,) = facts([whole, *parts], ISSUER)
    assert (value(fact), fact.claims) == (("exact", "94", "94"), ("whole",))
    (fact,) = facts([claim("60", heading_path=()), *parts], ISSUER)
    assert fact.state == "conflicting", "together they exceed it"


def test_two_numbers_in_one_list_are_several() -> None:
    first = claim("73.5", dimension="percent", start=10, end=15)
    (fact,) = facts([first, claim("72.8", dimension="percent", start=16, end=21)], ISSUER)
    assert fact.state == "several"


def test_the_place_itself_is_no_scope() -> None:
    (fact,) = facts([claim("30"), claim("30", scope="全镇"), claim("30", scope="柳河镇")], ISSUER)
    assert (fact.scope, len(fact.claims)) == (None, 3)
    assert len(facts([claim("30"), claim("20", scope="全县")], ISSUER)) == 2


def test_more_villages_than_one_are_not_of_one_village() -> None:
    villages = {"dimension": "count", "base_unit": "个", "indicator": "honour.sanitary_villages", "scope": "石门村"}
    found = facts([claim("2", object="市级卫生村", **villages), claim("1", object="省级卫生村", **villages)], ISSUER)
    assert [(fact.scope, str(fact.value_low)) for fact in found] == [("市级", "2"), ("石门村", "1")]


NUMBERS = st.sampled_from(["30", "31", "40", "XX", "30余", "20-35"])
RELATIONS = st.sampled_from(["eq", "ge", "le", "gt", "approx"])


@given(st.lists(st.builds(claim, NUMBERS, RELATIONS, status=st.sampled_from(["done", "target"])), max_size=6))
def test_facts_are_sound(claims: list[Claim]) -> None:
    found = facts(claims, ISSUER)
    told = {claim.id for claim in claims}
    assert len(found) == len({claim.status for claim in claims})
    for fact in found:
        assert fact.claims
        assert set(fact.claims) <= told
        assert (fact.state == "masked") == (fact.value_low is None and fact.value_high is None)
        if fact.value_low is not None and fact.value_high is not None:
            assert fact.value_low <= fact.value_high
    assert facts(claims, ISSUER) == found


@given(st.permutations([claim("30"), claim("30余", "gt"), claim("XX"), claim("9", "ge"), claim("40", status="target")]))
def test_order_does_not_change_values(claims: list[Claim]) -> None:
    assert sorted(map(value, facts(claims, ISSUER))) == [("exact", "30", "30"), ("exact", "40", "40")]
