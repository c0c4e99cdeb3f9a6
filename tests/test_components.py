"""Our steps in spaCy pipelines of other people: by name, on any tokens, with exact spans."""

from __future__ import annotations

from decimal import Decimal

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

import pipeline.components  # noqa: F401

TEXT = "2023年，全镇累计清理卫生死角１８０处，发放宣传单3.5万份。力争合格率达到95％以上。"


def blank(tokenizer: bool) -> Language:
    config = {"nlp": {"tokenizer": {"@tokenizers": "hebao.tokenizer.v1"}}} if tokenizer else {}
    nlp = spacy.blank("zh", config=config)
    nlp.add_pipe("hebao_quantities")
    nlp.add_pipe("hebao_claims")
    return nlp


@pytest.mark.parametrize("tokenizer", [True, False])
def test_spans_are_exact_on_any_tokens(tokenizer: bool) -> None:
    doc = blank(tokenizer)(TEXT)
    assert doc.text == TEXT
    stated = [(span.text, span.label_, span._.claim.value_low, span._.claim.object) for span in doc.spans["claims"]]
    assert stated == [
        ("１８０处", stated[0][1], Decimal(180), "卫生死角"),
        ("3.5万份", stated[1][1], Decimal(35000), "宣传单"),
        ("95％", "target", Decimal(95), "合格率"),
    ]
    for span in doc.spans["claims"]:
        claim = span._.claim
        assert (claim.start, claim.end, claim.surface) == (span.start_char, span.end_char, span.text)
    found = [(span.text, span.label_, span._.quantity.unit) for span in doc.spans["quantities"]]
    assert found == [
        ("2023年", "duration", "年"),
        ("１８０处", "count", "处"),
        ("3.5万份", "count", "份"),
        ("95％", "percent", "%"),
    ]


def test_the_tokenizer_keeps_quantities_whole() -> None:
    words = [token.text for token in blank(True)(TEXT)]
    assert "".join(words) == TEXT
    assert {"１８０处", "3.5万份", "95％"} <= set(words)


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_the_engine_is_a_setting(engine: str) -> None:
    config = {"nlp": {"tokenizer": {"@tokenizers": "hebao.tokenizer.v1", "engine": engine}}}
    assert [token.text for token in spacy.blank("zh", config=config)("清理垃圾12吨")] == ["清理", "垃圾", "12吨"]


def test_a_pipeline_survives_bytes_and_disk(tmp_path: object) -> None:
    nlp = blank(True)
    again = blank(True).from_bytes(nlp.to_bytes())
    assert [token.text for token in again(TEXT)] == [token.text for token in nlp(TEXT)]
    nlp.to_disk(str(tmp_path))
    loaded = spacy.load(str(tmp_path))
    one, other = loaded(TEXT), nlp(TEXT)
    assert [span.text for span in one.spans["claims"]] == [span.text for span in other.spans["claims"]]


def test_pipes_of_many_texts() -> None:
    texts = [f"清理垃圾{n}吨。" for n in range(1, 6)]
    values = [doc.spans["claims"][0]._.claim.value_low for doc in blank(True).pipe(texts)]
    assert values == [1, 2, 3, 4, 5]


@settings(deadline=None, max_examples=50)
@given(st.text(st.sampled_from("清理垃圾０１2X％%处万余，。“”（） \n\tab近é😀"), max_size=30))
def test_any_text_passes(text: str) -> None:
    for nlp in (WITH, WITHOUT):
        doc = nlp(text)
        assert doc.text == text
        for key, attribute in (("quantities", "quantity"), ("claims", "claim")):
            for span in doc.spans[key]:
                record = getattr(span._, attribute)
                assert span.start_char <= record.start < record.end <= span.end_char


WITH, WITHOUT = blank(True), blank(False)


def test_empty_text() -> None:
    doc = WITH("")
    assert len(doc) == 0
    assert len(doc.spans["claims"]) == len(doc.spans["quantities"]) == 0
