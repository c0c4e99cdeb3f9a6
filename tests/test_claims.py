"""Which numbers are claims, and what each claim says (tests/tables), and what holds of all texts."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import CORPUS, as_matched, cases, read, rows, unmark

from pipeline import clean, ingest, quantities, segment
from pipeline.claims import extract, identify
from pipeline.config import Settings
from pipeline.records import Heading


@pytest.mark.parametrize("row", cases("kinds"))
def test_kinds(row: dict[str, str]) -> None:
    text, start, end = unmark(row["text"])
    mentions, _, _ = read(text)
    found = next((m.kind for m in mentions if m.start <= start < m.end or start <= m.start < end), "none")
    assert found == row["kind"], [(m.kind, m.surface, m.rule) for m in mentions]


@pytest.mark.parametrize("row", cases("claims"))
def test_claims(row: dict[str, str]) -> None:
    _, claims, _ = read(row["text"], row["role"])
    if not row["surface"]:
        assert not claims
        return
    claim = next(claim for claim in claims if claim.surface == row["surface"])
    got = tuple(value or "" for value in (claim.action, claim.object, claim.unit, claim.per, claim.status))
    assert got == tuple(row[key] for key in ("action", "object", "unit", "per", "status"))


def _alike(one: str, other: str) -> bool:
    """Whether two names say the same: as the annotation guideline's scorer has it."""
    if one == other or not (one and other):
        return one == other
    if (one in other or other in one) and min(len(one), len(other)) * 2 >= max(len(one), len(other)):
        return True
    pairs = [Counter(map("".join, pairwise(name))) for name in (one, other)]
    return 2 * (pairs[0] & pairs[1]).total() >= 0.6 * (pairs[0].total() + pairs[1].total())


def test_voices_hold_their_floor() -> None:
    """Sentences in many voices, annotated before anything read them (tests/tables/voices.csv). Read for the first time
    they came to action 0.79, object and status both right 0.72; the last 41 of them, in the plain style of townships,
    to 0.87 and 0.86. What they taught raised these floors."""
    table = rows("voices")
    right: Counter[str] = Counter()
    for row in table:
        claim = next((claim for claim in read(row["text"])[1] if claim.surface == row["surface"]), None)
        if claim is None:
            continue
        action, named = claim.action or "", _alike(row["object"], claim.object or "")
        right["action"] += action == row["action"] or (bool(action and row["action"]) and (
            action in row["action"] or row["action"] in action
        ))
        stood = {"state": "done"}
        status = stood.get(row["status"], row["status"]) == stood.get(claim.status, claim.status)
        right["object"] += named
        right["both"] += named and status
    shares = {key: round(count / len(table), 3) for key, count in right.items()}
    assert shares["action"] >= 0.90, shares
    assert shares["object"] >= 0.85, shares
    assert shares["both"] >= 0.85, shares


def test_the_table_names_every_claim_of_its_sentences() -> None:
    stated: dict[tuple[str, str], list[str]] = {}
    for row in rows("claims"):
        stated.setdefault((row["text"], row["role"]), []).extend([row["surface"]] if row["surface"] else [])
    for (text, role), surfaces in stated.items():
        assert [claim.surface for claim in read(text, role)[1]] == surfaces, text


TABBED = (
    "指标名称\t单位\t任务数\t完成数\n改造户厕\t户\t500\t520\n清运垃圾\t吨\t1.2万\t13000\n发放宣传单\t份\t\t8000余\n"
)


def test_a_table_of_tabs() -> None:
    mentions, claims, _ = read(TABBED)
    got = [(c.surface, c.value_low, c.relation, c.unit, c.action, c.object, c.status) for c in claims]
    assert got == [
        ("500", 500, "eq", "户", "改造", "户厕", "target"),
        ("520", 520, "eq", "户", "改造", "户厕", "done"),
        ("1.2万", 12000, "eq", "吨", "清运", "垃圾", "target"),
        ("13000", 13000, "eq", "吨", "清运", "垃圾", "done"),
        ("8000余", 8000, "gt", "份", "发放", "宣传单", "done"),
    ]
    assert {m.kind for m in mentions if m.surface != "数"} == {"claim"}


def test_a_table_of_places() -> None:
    text = "序号\t村名\t公厕（座）\t投入资金（万元）\t验收日期\n1\t柳沟村\t3\t12.5\t2022\n2\t石坪村\t2\t8\t2022\n"
    mentions, claims, _ = read(text)
    got = [(c.surface, c.value_low, c.unit, c.object, c.scope) for c in claims]
    assert got == [
        ("3", 3, "座", "公厕", "柳沟村"),
        ("12.5", 125000, "元", "资金", "柳沟村"),
        ("2", 2, "座", "公厕", "石坪村"),
        ("8", 80000, "元", "资金", "石坪村"),
    ]
    assert [m.kind for m in mentions if m.surface in ("1", "2022")] == ["ordinal", "ordinal", "ordinal"]


def test_a_caption_names_what_the_heads_leave_out() -> None:
    text = "各村改厕任务完成情况见下表：\n村名\t任务（座）\t完成（座）\n柳沟村\t80\t82\n合计\t80\t82\n"
    got = [(c.surface, c.action, c.object, c.scope, c.status) for c in read(text)[1]]
    assert got == [
        ("80", None, "改厕任务", "柳沟村", "target"),
        ("82", "完成", "改厕", "柳沟村", "done"),
        ("80", None, "改厕任务", None, "target"),
        ("82", "完成", "改厕", None, "done"),
    ]


def test_the_unit_of_a_column() -> None:
    text = "村名\t投入资金（万元）\n柳沟村\tXX\n石坪村\t8\n井沟村\t2万\n"
    got = [(c.surface, c.value_low, c.unit, c.dimension, c.masked) for c in read(text)[1]]
    assert got == [
        ("XX", None, "元", "money", True),
        ("8", 80000, "元", "money", False),
        ("2万", 20000, "元", "money", False),
    ]


def test_a_table_of_word(tmp_path: Path) -> None:
    package = docx.Document()
    package.add_paragraph("爱国卫生工作总结")
    lines = [line.split("\t") for line in TABBED.strip().split("\n")]
    table = package.add_table(len(lines), 4)
    for row, values in zip(table.rows, lines, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    package.save(str(tmp_path / "a.docx"))
    document, _ = ingest.read(tmp_path / "a.docx", Settings().ingest)
    text, _ = clean.clean(document)
    found = quantities.find(text.shadow)
    doc = segment.segment(text.shadow, found, Settings().segmentation)
    title = Heading("title", None, 0, "", 0, 0, len(text.clean))
    _, claims, _ = extract(text, doc, found, (), (title,), document)
    expected = [(c.surface, c.value_low, c.unit, c.action, c.object, c.status) for c in read(TABBED)[1]]
    assert [(c.surface, c.value_low, c.unit, c.action, c.object, c.status) for c in claims] == expected


def test_a_sentence_alone_tells_what_was_done() -> None:
    matched = as_matched("全镇清理卫生死角180处。")
    found = quantities.find(matched.shadow)
    doc = segment.segment(matched.shadow, found, Settings().segmentation)
    assert extract(matched, doc, found, ())[1][0].status == "done"


def test_doubt_is_a_row() -> None:
    _, claims, issues = read("2023年，全镇清理垃圾2023余处，发放宣传单XX份。")
    assert [(c.surface, c.value_low, c.doubt) for c in claims] == [
        ("2023余处", 2023, "year_as_value"),
        ("XX份", None, "masked"),
    ]
    assert {(i.code, i.start) for i in issues} >= {
        ("year_as_value", claims[0].start),
        ("masked_value", claims[1].start),
    }


def test_repeats_and_parts_are_linked() -> None:
    _, claims, _ = read("全镇清理垃圾90吨，其中生活垃圾60吨。会后再次通报：全镇清理垃圾90吨。")
    whole, part, again = claims
    assert part.part_of == whole.id
    assert again.repeat_of == whole.id
    assert whole.part_of is whole.repeat_of is None


def test_ids_are_hashes_of_the_evidence() -> None:
    assert identify("0" * 64, 3, 9) == hashlib.sha256(f"{'0' * 64}:3:9".encode()).hexdigest()[:16]
    assert len({identify(sha, start, end) for sha in ("a", "b") for start in range(9) for end in range(9)}) == 2 * 81


SENTENCES = [
    sentence for path in CORPUS for sentence in path.read_text("utf-8").split("。") if 0 < len(sentence) < 300
][::7]  # fmt: skip
KNOWN = (("清理", "处", "卫生死角"), ("发放", "份", "宣传单"), ("改造", "户", "户厕"), ("清运", "吨", "生活垃圾"))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(SENTENCES), max_size=4),
    st.lists(st.sampled_from(SENTENCES), max_size=4),
    st.integers(1, 999_999),
    st.sampled_from(KNOWN),
    st.booleans(),
)
def test_a_claim_is_read_the_same_among_any_others(
    before: list[str], after: list[str], number: int, known: tuple[str, str, str], behind: bool
) -> None:
    verb, unit, noun = known
    sentence = f"{verb}{noun}{number}{unit}。" if behind else f"{verb}了{number}{unit}{noun}。"
    left = "".join(f"{s}。" for s in before)
    text = left + sentence + "".join(f"{s}。" for s in after)
    start = len(left) + sentence.index(str(number))
    _, claims, _ = read(text)
    claim = next(claim for claim in claims if claim.start == start)
    assert text[claim.start : claim.end] == claim.surface == f"{number}{unit}"
    assert (claim.value_low, claim.value_high, claim.unit, claim.relation) == (number, number, unit, "eq")
    assert (claim.object, (claim.action or "").removesuffix("了")) == (noun, verb)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from([row["text"] for row in rows("fragments")]),
        max_size=25,
    ).map("".join)
)
def test_what_holds_of_every_text(text: str) -> None:
    mentions, claims, issues = read(text)
    spans = [(m.start, m.end) for m in mentions]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    inside = {i for start, end in spans for i in range(start, end)}
    assert all(i in inside for i, c in enumerate(text) if c in "0123456789"), "a digit lies in no mention"
    assert [(c.start, c.end) for c in claims] == [(m.start, m.end) for m in mentions if m.kind == "claim"]
    assert len({c.id for c in claims}) == len(claims)
    for claim in claims:
        assert text[claim.start : claim.end] == claim.surface
        assert isinstance(claim.value_low, Decimal | None)
        assert not claim.masked or claim.value_low is claim.value_high is None
        assert claim.status in ("done", "state", "target", "rule")
        assert claim.part_of is None or claim.part_of in {c.id for c in claims}
        assert claim.repeat_of is None or claim.repeat_of in {c.id for c in claims}
        assert claim.object is None or claim.object.strip()
    assert all(0 <= (i.start or 0) <= (i.end or 0) <= len(text) for i in issues)


def seconds(text: str) -> float:
    matched = as_matched(text)
    found = quantities.find(matched.shadow)
    doc = segment.segment(matched.shadow, found, Settings().segmentation)
    start = time.process_time()
    extract(matched, doc, found, ())
    return time.process_time() - start


@pytest.mark.parametrize("unit", [row["text"] for row in rows("hostile_claims")])
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    short, long = (unit * (length // len(unit)) for length in (1_000, 8_000))
    allowed = 20 * min(seconds(short) for _ in range(3)) + 0.05  # eight times the length; a square takes 64 times
    assert seconds(long) <= allowed or seconds(long) <= allowed
