"""Characters → exact numbers, against a speller of our own, and by refusals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.numerals import MULTIPLIERS, NumeralError, bounded, chinese, fraction, numeral, plain, times

DIGITS = "零一二三四五六七八九"
FORMAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")


def spell(number: int) -> str:
    """A number below 10^12 as it is read aloud: group by group, one 零 for every gap."""
    if number == 0:
        return "零"
    said = ""
    gap = False
    for place in reversed(range(len(str(number)))):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + DIGITS[digit] + ("", "十", "百", "千")[place % 4]
        gap = not digit
        if place in (4, 8) and number // 10**place % 10**4:
            said += "万" if place == 4 else "亿"
            gap = gap and number % 10**place > 0
    return said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (10, "一十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (10010, "一万零一十"),
        (100000, "一十万"),
        (1050000, "一百零五万"),
        (20003, "二万零三"),
        (120000000, "一亿二千万"),
    ],
)
def test_the_speller_itself(number: int, said: str) -> None:
    assert spell(number) == said


def test_every_number_below_a_hundred_thousand() -> None:
    assert all(chinese(spell(number)) == number for number in range(100_000))


@settings(deadline=None)
@given(st.integers(1, 10**12 - 1))
def test_round_trip(number: int) -> None:
    said = spell(number)
    assert chinese(said) == number
    assert chinese(said.translate(FORMAL)) == number
    if 10 <= number < 20:
        assert chinese(said[1:]) == number  # 十五 for 一十五
    digits = "".join(DIGITS[int(c)] for c in str(number))
    assert chinese(digits) == number
    assert chinese(digits.replace("零", "〇")) == number


@settings(deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(sorted(MULTIPLIERS)))
def test_digits_with_multiplier(number: int, multiplier: str) -> None:
    assert numeral(f"{number}{multiplier}") == number * MULTIPLIERS[multiplier]
    assert numeral(f"{number:,}{multiplier}") == number * MULTIPLIERS[multiplier]


@settings(deadline=None)
@given(st.decimals(0, 10**15, places=4), st.sampled_from(["", "万", "亿", "万亿"]))
def test_decimals_stay_exact(number: Decimal, multiplier: str) -> None:
    value = numeral(f"{number:f}{multiplier}")
    assert isinstance(value, Decimal)
    assert value == number * MULTIPLIERS.get(multiplier, 1)
    assert "E" not in str(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三千五百", "3500"),
        ("二〇二三", "2023"),
        ("二零二三", "2023"),
        ("一点五", "1.5"),
        ("百", "100"),
        ("十", "10"),
        ("万", "10000"),
        ("廿", "20"),
        ("廿三", "23"),
        ("二百廿", "220"),
        ("两千", "2000"),
        ("三百五", "350"),
        ("一万五", "15000"),
        ("三百零五", "305"),
        ("十五", "15"),
        ("一万二千亿", "1200000000000"),
        ("三万亿", "3000000000000"),
        ("一亿零五万", "100050000"),
        ("七十八万五佰零六", "780506"),
        ("百三", "130"),
        ("零点零五", "0.05"),
        ("两千点零", "2000"),
        ("三五八", "358"),
    ],
)
def test_chinese(text: str, value: str) -> None:
    assert chinese(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "百千",
        "千百",
        "十百千万",
        "三五十",
        "二十十",
        "三百五百",
        "三万五万",
        "万万",
        "亿万",
        "亿亿",
        "一亿一万一亿",
        "几",
        "数",
        "abc",
        "12",
        "一点",
        "点五",
        "一点十",
        "一点五点五",
        "三 五",
        "余",
        "-一",
        "一/二",
        "一百万万万",
    ],
)
def test_no_chinese_numeral(text: str) -> None:
    with pytest.raises(NumeralError):
        chinese(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15454", "15454"),
        ("1,200", "1200"),
        ("2.3万", "23000"),
        ("0.35亿", "35000000"),
        ("120万", "1200000"),
        ("5千", "5000"),
        ("3百万", "3000000"),
        ("1.50", "1.5"),
        ("007", "7"),
        ("1.05万亿", "1050000000000"),
        ("一点五亿", "150000000"),
        ("三千万", "30000000"),
        ("0.00", "0"),
    ],
)
def test_numeral(text: str, value: str) -> None:
    assert numeral(text) == Decimal(value)
    assert str(numeral(text)) == value


@pytest.mark.parametrize("text", ["", "1.2.3", "12个", "1万千", "X5", "5十百", "1e5", "+5", "一点五千百"])
def test_no_numeral(text: str) -> None:
    with pytest.raises(NumeralError):
        numeral(text)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("十几", 11, 19),
        ("二十几", 21, 29),
        ("30几", 31, 39),
        ("几十", 20, 90),
        ("几百", 200, 900),
        ("数百", 200, 900),
        ("数千", 2000, 9000),
        ("数十万", 200000, 900000),
        ("十几万", 110000, 190000),
        ("几千万", 20000000, 90000000),
        ("三五", 3, 5),
        ("两三", 2, 3),
        ("两三百", 200, 300),
        ("七八千", 7000, 8000),
        ("四五万", 40000, 50000),
        ("八九十", 80, 90),
        ("一百几", 101, 109),
    ],
)
def test_bounded(text: str, low: int, high: int) -> None:
    assert bounded(text) == (low, high)


@pytest.mark.parametrize(
    "text", ["五", "十", "五三", "三三", "一二三", "二十", "百", "三百五", "15", "几", "数", "零五", "十五几"]
)
def test_not_bounded(text: str) -> None:
    assert bounded(text) is None


@settings(deadline=None)
@given(st.integers(0, 10**40), st.integers(1, 10**40))
def test_fraction(numerator: int, denominator: int) -> None:
    value = Fraction(fraction(Decimal(numerator), Decimal(denominator)))
    assert abs(value - Fraction(numerator, denominator)) <= Fraction(1, 2 * 10**12)


def test_fraction_of_few_digits_is_exact() -> None:
    assert str(fraction(Decimal(3), Decimal(4))) == "0.75"
    assert str(fraction(Decimal(1), Decimal(3))) == "0.333333333333"
    assert str(fraction(Decimal(6), Decimal(3))) == "2"
    with pytest.raises(NumeralError):
        fraction(Decimal(1), Decimal(0))


@settings(deadline=None)
@given(st.text("123456789", min_size=1, max_size=300), st.sampled_from(["", "万", "亿"]))
def test_no_digit_is_lost_however_many(digits: str, multiplier: str) -> None:
    assert str(numeral(digits + multiplier)) == digits + "0" * (len(str(MULTIPLIERS.get(multiplier, 1))) - 1)
    assert times(Decimal(digits), 10) == Decimal(digits + "0")


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_plain_keeps_the_value(value: Decimal) -> None:
    assert plain(value) == value
    assert "E" not in str(plain(value))
