"""What governs a quantity: tables of clauses → action and object, and what holds of every clause."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from marked import as_matched, cases, read, rows

from pipeline import quantities, segment
from pipeline.claims import words as w
from pipeline.config import Segmentation
from pipeline.lexicon import rows as table
from pipeline.lexicon import verbs

FRAGMENTS = [row["text"] for row in rows("fragments")]
# Words at which the cut and the clause differ: glued tokens, names of several words, marks that end a sentence.
SEAMS = ["口", "率", "率达", "每人", "每两天", "在校生", "对象", "不", "新", "去", "。", "\n", "数由", "其中"]


@pytest.mark.parametrize("row", cases("clauses"))
def test_clauses(row: dict[str, str]) -> None:
    _, claims, _ = read(row["text"], row["role"])
    claim = next(claim for claim in claims if claim.surface == row["surface"])
    got = tuple(value or "" for value in (claim.action, claim.object, claim.unit, claim.per, claim.status))
    assert got == tuple(row[key] for key in ("action", "object", "unit", "per", "status"))


@pytest.mark.parametrize("row", rows("governed"), ids=lambda row: row["text"])
def test_what_was_done_to_what(row: dict[str, str]) -> None:
    """Families of phrasing, each with several themes: who did it, parts of a whole, what belongs to what was told."""
    claim = next(claim for claim in read(row["text"])[1] if claim.surface == row["surface"])
    assert (claim.action or "", claim.object or "") == (row["action"], row["object"])


def words_of(text: str) -> list[w.Word]:
    shadow = as_matched(text).shadow
    found = quantities.find(shadow)
    doc = segment.segment(shadow, found, Segmentation())
    return w.read(shadow, w.Tokens(doc), {quantity.start: (i, quantity.end) for i, quantity in enumerate(found)})


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(FRAGMENTS + SEAMS), max_size=20).map("".join))
@example("清理垃圾12处。口12处。")
@example("12处\n率12处")
def test_words_are_pieces_of_the_text_in_their_order(text: str) -> None:
    shadow = as_matched(text).shadow
    read_off = words_of(text)
    assert all(word.text for word in read_off if word.kind != "end")
    assert [word.start for word in read_off] == sorted(word.start for word in read_off)
    for word in read_off:
        assert word.kind == "end" or word.text == shadow[word.start : word.end].replace("\n", word.text)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(FRAGMENTS + SEAMS), max_size=20).map("".join))
def test_what_governs_is_words_or_nothing(text: str) -> None:
    for claim in read(text)[1]:
        assert claim.action != ""
        assert claim.object != ""
        assert not set("。；\n") & set((claim.object or "") + (claim.action or ""))


THINGS = ["公厕", "健身广场", "垃圾桶", "宣传栏", "停车场", "文化墙"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["新建", "改造", "修建", "安装"]), st.sampled_from(THINGS), st.booleans()),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_every_member_of_a_list_keeps_its_own_verb_and_thing(members: list[tuple[str, str, bool]]) -> None:
    """新建5座公厕、改造垃圾桶6座: whether the number stands before or behind the thing."""
    said = [
        f"{verb}{number}座{thing}" if behind else f"{verb}{thing}{number}座"
        for number, (verb, thing, behind) in enumerate(members, start=2)
    ]
    claims = read("、".join(said) + "。")[1]
    assert [(claim.action, claim.object) for claim in claims] == [(verb, thing) for verb, thing, _ in members]


def test_verbs_have_a_known_class() -> None:
    known = {"light", "act", "reach", "change", "have", "nominal", "weak"}
    assert {kind for kind, _ in verbs().values()} <= known
    listed = [row["verb"] for row in table("verbs")]
    assert len(listed) == len(set(listed))
