"""Our steps as spaCy components, for pipelines of other people.

    import pipeline.components, spacy
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"@tokenizers": "hebao.tokenizer.v1"}}})
    nlp.add_pipe("hebao_quantities")   # doc.spans["quantities"]: every number with its unit
    nlp.add_pipe("hebao_claims")       # doc.spans["claims"]; span._.claim is a records.Claim

They work on spaCy's own character tokens as well (`spacy.blank("zh")`): spans are set by character offsets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spacy import util
from spacy.language import Language
from spacy.tokens import Doc, Span

from pipeline import claims, quantities, segment
from pipeline.config import Segmentation
from pipeline.records import Text

# Full-width digits, percent and stop are read as half-width ones; every character stays in its place.
_FOLD = str.maketrans("０１２３４５６７８９％．／Ｘｘ", "0123456789%./Xx")


class Tokenizer:
    """Text → Doc of words, quantities locked; for `nlp.tokenizer`. `"".join` of the tokens is the text."""

    def __init__(self, engine: str = "rjieba") -> None:
        self.settings = Segmentation(engine=engine)

    def __call__(self, text: str) -> Doc:
        shadow = text.translate(_FOLD)
        doc = segment.segment(shadow, quantities.find(shadow), self.settings)
        if shadow == text:
            return doc
        words = [text[token.idx : token.idx + len(token.text)] for token in doc]
        return Doc(doc.vocab, words=words, spaces=[False] * len(words), tags=[token.tag_ for token in doc])

    def to_disk(self, path: object, **_: object) -> None:
        """Nothing is stored: the dictionary ships with the package."""

    def from_disk(self, path: object, **_: object) -> Tokenizer:
        return self

    def to_bytes(self, **_: object) -> bytes:
        return b""

    def from_bytes(self, data: bytes, **_: object) -> Tokenizer:
        return self


@util.registry.tokenizers("hebao.tokenizer.v1")  # type: ignore[untyped-decorator]
def tokenizer(engine: str = "rjieba") -> Callable[[Language], Tokenizer]:
    """The factory that a spaCy config names."""
    return lambda nlp: Tokenizer(engine)


@Language.component("hebao_quantities", assigns=["doc.spans"])
def hebao_quantities(doc: Doc) -> Doc:
    """doc.spans["quantities"]: every number with its unit, labelled with its dimension; see span._.quantity."""
    found = quantities.find(doc.text.translate(_FOLD))
    doc.spans["quantities"] = [_span(doc, q.start, q.end, q.dimension, "quantity", q) for q in found]
    return doc


@Language.component("hebao_claims", assigns=["doc.spans"])
def hebao_claims(doc: Doc) -> Doc:
    """doc.spans["claims"]: the quantities that assert something, labelled with their status; see span._.claim."""
    shadow = doc.text.translate(_FOLD)
    found = quantities.find(shadow)
    words = segment.segment(shadow, found, Segmentation())
    text = Text(doc.text, doc.text, shadow, (), ((0, 0, len(shadow)),))
    _, stated, _ = claims.extract(text, words, found, ())
    doc.spans["claims"] = [_span(doc, claim.start, claim.end, claim.status, "claim", claim) for claim in stated]
    return doc


def _span(doc: Doc, start: int, end: int, label: str, attribute: str, record: Any) -> Span:
    span = doc.char_span(start, end, label=label, alignment_mode="expand")
    assert span is not None  # a span of at least one character expands to at least one token
    span._.set(attribute, record)
    return span


for _attribute in ("quantity", "claim"):
    if not Span.has_extension(_attribute):
        Span.set_extension(_attribute, default=None)
