"""Gold ↔ output: trains the sections, and says how good they are on reports that were not trained on.

The corpus is a folder with gold/NAME.sections.json and gold/texts/NAME.txt (see corpus/README.md). Reports that share
a place share their sentences too, so a place is held out whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.clean import clean
from pipeline.config import models_path
from pipeline.outline import outline
from pipeline.records import Document, Text
from pipeline.sections import features, model
from pipeline.sections.decide import decide
from pipeline.sections.features import Matrix
from pipeline.sections.units import Unit, split

LABELS = ("leadership", "next_steps", "overview", "problems", "publicity", "remediation", "results", "services", "supervision")
TOPIC_OF = {"leadership": "leadership", "publicity": "publicity", "remediation": "remediation", "services": "health_service",
            "supervision": "supervision"}  # fmt: skip
WORDS = 700  # words that training adds to the cues of models/sections.csv
STRENGTH = 0.5  # inverse of the regularisation of the weights
SEQUENCE = 0.5  # how much of the logarithm of a transition counts
FOLDS = 6
RARE = 4  # a topic with fewer units counts as the main one of its label


@dataclass(frozen=True)
class Example:
    """One annotated report, read as the pipeline reads it; labels and topics one a unit, empty for titles and frame."""

    name: str
    group: str
    text: Text
    units: list[Unit]
    labels: list[str]
    topics: list[str]


@dataclass(frozen=True)
class Scores:
    """How output and gold agree: shares of 1, supports and confusions in characters."""

    reports: int
    segments: float
    characters: float
    macro_f1: float
    labels: dict[str, dict[str, float]]
    confusion: dict[str, int]
    digest: str = ""
    before: dict[str, float] = field(default_factory=dict)


def read(corpus: Path) -> list[Example]:
    """The annotated reports of a corpus, in order of their names."""
    gold = corpus / "gold" if (corpus / "gold").is_dir() else corpus
    return [_example(path, gold) for path in sorted(gold.glob("*.sections.json"))]


def _example(path: Path, gold: Path) -> Example:
    name = path.name.removesuffix(".sections.json")
    raw = (gold / "texts" / f"{name}.txt").read_bytes().decode("utf-8")
    document = Document(name, f"{name}.txt", hashlib.sha256(raw.encode()).hexdigest(), "txt", "ok", raw)
    text, _ = clean(document)
    headings, _ = outline(text, document)
    units = split(text, headings)
    segments = json.loads(path.read_text("utf-8"))
    labels, topics = [], []
    for unit in units:
        start, end = text.source_span(unit.start, unit.end)
        shares = Counter[tuple[str, str]]()
        for segment in segments:
            shared = min(end, segment["end"]) - max(start, segment["start"])
            if shared > 0 and segment["label"] in LABELS:
                label, topic = segment["label"], segment.get("topic", "general")
                shares[label, TOPIC_OF.get(label, "") if topic == "general" else topic] += shared
        label, topic = shares.most_common(1)[0][0] if shares and not unit.is_title else ("", "")
        labels.append(label)
        topics.append(topic if label in TOPIC_OF else "")
    place = re.search(r"[^\d\W]{2}(?:[镇乡县区市村]|街道)", f"{name}\n{text.shadow[:200]}")
    return Example(name, place.group() if place else name, text, units, labels, topics)


def fit(examples: list[Example]) -> model.Model:
    """Learn words, weights and transitions from annotated reports; the same examples give the same numbers."""
    from sklearn.linear_model import LogisticRegression

    cues = list(dict.fromkeys(word for words in features.cue_groups().values() for word in words))
    terms = [*cues, *(word for word in _words(examples) if word not in set(cues))]
    automaton = features.automaton(terms)
    rows = np.vstack([features.matrix(example.text, example.units, terms, automaton) for example in examples])

    def regress(wanted: list[str]) -> model.Linear:
        known = np.array([bool(value) for value in wanted])
        weights = LogisticRegression(C=STRENGTH, max_iter=3000, tol=1e-7)
        weights.fit(rows[known], np.array([value for value in wanted if value]))
        coefficients: Matrix = np.round(weights.coef_, 3)
        return model.Linear(tuple(str(value) for value in weights.classes_), coefficients, np.round(weights.intercept_, 3))

    role = regress([model.ACTION if value in TOPIC_OF else value for example in examples for value in example.labels])
    kinds = [(label, topic) for e in examples for label, topic in zip(e.labels, e.topics, strict=True)]
    support = Counter(kinds)
    topic = regress(
        ["" if not topic else f"{label}.{topic if support[label, topic] >= RARE else TOPIC_OF[label]}" for label, topic in kinds]
    )
    return model.Model(
        tuple(terms), role, topic, *_transitions(examples, model.flat_labels(role.classes, topic.classes))
    )


def _words(examples: list[Example]) -> list[str]:
    """Character sequences that tell labels apart, by their chi-square over units, none of which another one contains."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.feature_selection import chi2

    def pieces(unit: str) -> list[str]:
        runs = re.findall("[一-鿿]+", unit)
        return [run[at : at + size] for run in runs for size in (2, 3, 4) for at in range(len(run) - size + 1)]

    bodies = [(e.text.shadow[u.start : u.end], label) for e in examples for u, label in zip(e.units, e.labels, strict=True)]
    known = [(body, label) for body, label in bodies if label]
    counter = CountVectorizer(analyzer=pieces, min_df=5, max_df=0.4, binary=True)
    counts = counter.fit_transform([body for body, _ in known])
    strength = np.nan_to_num(chi2(counts, [label for _, label in known])[0])
    vocabulary = counter.get_feature_names_out()
    ranked = sorted(zip(np.round(strength, 6), vocabulary, strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [str(word) for _, word in ranked[:WORDS]]


def _transitions(examples: list[Example], classes: tuple[str, ...]) -> tuple[Matrix, Matrix]:
    stay, leave = (np.full((len(classes), len(classes)), 0.5) for _ in range(2))
    for example in examples:
        known = [(unit, label) for unit, label in zip(example.units, example.labels, strict=True) if label]
        for (unit, label), (after, following) in zip(known, known[1:], strict=False):
            tops = [one.path[0].start if one.path else -1 for one in (unit, after)]
            counts = stay if tops[0] == tops[1] else leave
            counts[classes.index(label), classes.index(following)] += 1
    return tuple(np.round(SEQUENCE * np.log(c / c.sum(axis=1, keepdims=True)), 3) for c in (stay, leave))  # type: ignore[return-value]


def compare(examples: Iterable[Example], learned: model.Model) -> list[tuple[str, str, int]]:
    """Gold label, given label and length in characters of every unit that the gold labels."""
    found = []
    for example in examples:
        for unit, label, decision in zip(
            example.units, example.labels, decide(example.text, example.units, learned), strict=True
        ):
            if label:
                found.append((label, decision.label, unit.end - unit.start))
    return found


def scores(pairs: list[tuple[str, str, int]], reports: int) -> Scores:
    """Precision, recall and F1 of every label, by characters; segments is the share of units that agree."""
    agreed, gold, given, confusion = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for label, other, size in pairs:
        gold[label] += size
        given[other] += size
        agreed[label] += size * (label == other)
        if label != other:
            confusion[f"{label}>{other}"] += size
    labels = {}
    for label in sorted(gold):
        precision, recall = agreed[label] / max(1, given[label]), agreed[label] / gold[label]
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        labels[label] = {"precision": precision, "recall": recall, "f1": f1, "support": gold[label]}
    return Scores(
        reports,
        sum(label == other for label, other, _ in pairs) / max(1, len(pairs)),
        sum(agreed.values()) / max(1, sum(gold.values())),
        sum(entry["f1"] for entry in labels.values()) / max(1, len(labels)),
        labels,
        dict(confusion.most_common()),
    )


def cross_validate(examples: list[Example]) -> Scores:
    """Scores of reports whose place was held out of the training."""
    groups = sorted({example.group for example in examples})
    pairs = []
    for fold in range(min(FOLDS, len(groups))):
        held = set(groups[fold::FOLDS])
        learned = fit([example for example in examples if example.group not in held])
        pairs += compare([example for example in examples if example.group in held], learned)
    return scores(pairs, len(examples))


def train(corpus: Path | None = None, folder: Path | None = None) -> dict[str, Any]:
    """Train on the whole corpus, write weights and card into `folder` (models/), and return the card.

    The card holds the digest of what was trained on and the scores of held-out reports.
    """
    corpus, folder = corpus or Path("corpus"), folder or models_path()
    examples = read(corpus)
    if not examples:
        raise FileNotFoundError(f"{corpus}: no gold/*.sections.json to train on")
    held_out = cross_validate(examples)
    card = {
        "what": "labels and topics of the parts of a report",
        "trained_on": {"digest": digest(corpus), "reports": len(examples), "units": sum(len(e.units) for e in examples)},
        "method": {"regression": "multinomial, L2", "C": STRENGTH, "learned_words": WORDS, "sequence": SEQUENCE},
        "held_out": asdict(held_out),
        "floor": {"characters": round(held_out.characters - 0.01, 3), "macro_f1": round(held_out.macro_f1 - 0.02, 3)},
    }
    model.save(fit(examples), card, folder)
    model.load.cache_clear()
    return card


def digest(corpus: Path) -> str:
    """Of the annotated texts and their sections: 16 hexadecimal digits."""
    gold = corpus / "gold" if (corpus / "gold").is_dir() else corpus
    whole = hashlib.sha256()
    for path in sorted([*gold.glob("*.sections.json"), *gold.glob("texts/*.txt")]):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]
