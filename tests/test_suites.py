"""Cases of a public test suite (numbers and units): where we agree, and where we differ on purpose.

tests/tables/suite_conventions.csv names, by suite and number of the case, those that we read otherwise and why; the
conventions are explained in CONVENTIONS. All other cases count, and the share of them that agrees must not sink.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest
from marked import SHARED, TABLES, as_matched, read

from pipeline import quantities

SUITES = SHARED / "suites"
CONVENTIONS = {
    "spaces": "a number that spaces cut to pieces is several: in reports they part columns of a table",
    "letters": "k, M, e, ^ make no multiplier or power: beside digits they are part of a name",
    "dozen": "打 and 倆 are no units of reports",
    "discount": "折 and 对折 are discounts, not shares",
    "minus": "a dash makes a percentage negative, nothing else: elsewhere it is a bullet or a range",
    "clause_comma": "，is the comma of clauses, never of thousands",
    "mega": "兆 is 10^6 or 10^12; as a unit it stays unread",
    "formal_alone": "a formal numeral alone (贰, 伍) is mostly part of a word",
    "mixed_fraction": "whole number and fraction with 又 are two quantities",
    "ratio": "千分之 and 万分之 are ratios, not percentages",
    "bounded": "几 gives both ends: 二十几万 is 210000 to 290000",
    "myriad_myriad": "万万 is an idiom",
    "not_asserted": "whether a number with a unit asserts something is not told by the number",
    "two_units": "an amount in two units (五元三毛) is two quantities",
    "name_of_unit": "a unit without a number is no quantity",
    "scaled_unit": "multipliers belong to the number: 三千比特 is 3000 bit",
    "range": "5-20% is one range, not its upper end",
    "leading_point": "a number does not begin with its decimal point",
    "kept_whole": "numbers that run into one another stay unread as a whole",
}
FLOORS = {  # share that agrees: of the cases without a convention, of all cases
    "NumberModel": (0.99, 0.73),
    "PercentModel": (0.96, 0.50),
    "OrdinalModel": (1.0, 1.0),
    "units": (0.94, 0.81),
}
UNITS = ("DimensionModel", "CurrencyModel", "AgeModel", "TemperatureModel")

pytestmark = pytest.mark.skipif(not SUITES.is_dir(), reason="the public suites are not beside the checkout")


@cache
def cases(suite: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SUITES / f"{suite}.jsonl").read_text("utf-8").splitlines()]


def conventions() -> dict[tuple[str, int], str]:
    lines = (TABLES / "suite_conventions.csv").read_text("utf-8").splitlines()[1:]
    return {(suite, int(case)): why for suite, case, why in (line.split(",") for line in lines)}


def agrees(case: dict[str, Any]) -> bool:
    """Every span of the case has a quantity of its value; a case without spans yields no claim."""
    if not case["spans"]:
        return not read(case["input"])[1]
    found = quantities.find(as_matched(case["input"]).shadow)
    return all(any(matches(q, span) for q in found) for span in case["spans"])


def matches(q: quantities.Quantity, span: dict[str, Any]) -> bool:
    if q.value_low is None or q.value_low != q.value_high or not isinstance(span["value"], int | float):
        return False
    together = q.start < span["end"] and span["start"] < q.end
    percent = span["type"] != "percentage" or q.dimension == "percent"
    return together and percent and float(q.value_low) == pytest.approx(span["value"], rel=1e-9)


def model(case: dict[str, Any]) -> str | None:
    """The kind of a case; None for ranges, which we tell by relation and not by interval."""
    name = str(case["meta"]["model"])
    return "units" if name in UNITS else None if name.startswith("NumberRange") else name


def supported() -> list[tuple[str, int, str, dict[str, Any]]]:
    found = []
    for suite in ("recognizers_number", "recognizers_number_with_unit"):
        for number, case in enumerate(cases(suite)):
            kind = model(case)
            if kind is not None:
                found.append((suite, number, kind, case))
    return found


def test_pass_rates_do_not_sink() -> None:
    listed = conventions()
    passed, total, passed_of_all, all_of_them = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for suite, number, kind, case in supported():
        agreed = agrees(case)
        all_of_them[kind] += 1
        passed_of_all[kind] += agreed
        if (suite, number) not in listed:
            total[kind] += 1
            passed[kind] += agreed
    rates = {kind: (passed[kind] / total[kind], passed_of_all[kind] / all_of_them[kind]) for kind in FLOORS}
    sunk = [kind for kind, rate in rates.items() if rate[0] < FLOORS[kind][0] or rate[1] < FLOORS[kind][1]]
    assert not sunk, rates


def test_every_convention_is_explained_and_still_differs() -> None:
    listed = conventions()
    assert set(listed.values()) == set(CONVENTIONS)
    assert [key for key in listed if agrees(cases(key[0])[key[1]])] == []
