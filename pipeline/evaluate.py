"""Gold ↔ output: trains the sections, and says how good they are on reports that were not trained on.

The corpus is a folder with gold/NAME.sections.json and gold/texts/NAME.txt (see corpus/README.md). Reports that share
a place share their sentences too, and so do reports that were copied from one another: what is connected by place or by
reuse is held out whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import config
from pipeline.audit import reuse
from pipeline.clean import clean
from pipeline.config import models_path
from pipeline.outline import outline
from pipeline.records import Document, Heading, Text
from pipeline.sections import classify, features, model, on_source
from pipeline.sections.features import Matrix
from pipeline.sections.units import Unit, split

TOPIC_OF = {
    "leadership": "leadership",
    "publicity": "publicity",
    "remediation": "remediation",
    "services": "health_service",
    "supervision": "supervision",
}
LABELS = (*TOPIC_OF, "next_steps", "overview", "problems", "results")
STRENGTH = 0.5  # inverse of the regularisation of the weights
SEQUENCE = 0.2  # how much of the logarithm of a transition counts
FOLDS = 6
SLACK = 0.01  # how far below the recorded scores the floor lies
HEADLINES = ("segments", "characters", "macro_f1")
RARE = 4  # a topic with fewer units counts as the main one of its label


@dataclass(frozen=True)
class Example:
    """One annotated report, read as the pipeline reads it; labels and topics one a unit, empty for titles and frame."""

    group: str
    text: Text
    headings: tuple[Heading, ...]
    units: list[Unit]
    labels: list[str]
    topics: list[str]
    gold: list[dict[str, Any]]


@dataclass(frozen=True)
class Scores:
    """How output and gold agree. Shares are of 1, supports and confusions in characters of the source.

    `segments` is the share of annotated segments most of whose characters have the right label; `before` what the last
    recorded run had; `sunk` what lies below the floor that the card of the weights lays down.
    """

    reports: int
    held_out: bool
    segments: float
    characters: float
    macro_f1: float
    labels: dict[str, dict[str, float]]
    confusion: dict[str, int]
    before: dict[str, float] = field(default_factory=dict)
    sunk: tuple[str, ...] = ()


def read(corpus: Path) -> list[Example]:
    """The annotated reports of a corpus, in order of their names."""
    gold = corpus / "gold" if (corpus / "gold").is_dir() else corpus
    return _connected([_example(path, gold) for path in sorted(gold.glob("*.sections.json"))])


def _connected(examples: list[Example]) -> list[Example]:
    """The examples with one group for all that a place or a reused passage connects."""
    groups = [example.group for example in examples]
    found = reuse.find((example.text.shadow for example in examples), groups)
    same = [(groups.index(group), number) for number, group in enumerate(groups)]
    heads = reuse.clusters(len(examples), [*same, *found.close])
    return [replace(example, group=groups[head]) for example, head in zip(examples, heads, strict=True)]


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
    return Example(place.group() if place else name, text, headings, units, labels, topics, segments)


def fit(examples: list[Example]) -> model.Model:
    """Learn weights and transitions from annotated reports; the same examples give the same numbers."""
    from sklearn.linear_model import LogisticRegression

    cues = features.cues()
    rows = np.vstack([features.matrix(example.text, example.units, cues) for example in examples])

    def regress(wanted: list[str]) -> model.Linear:
        known = np.array([bool(value) for value in wanted])
        weights = LogisticRegression(C=STRENGTH, max_iter=2000, tol=1e-5)
        weights.fit(rows[known], np.array([value for value in wanted if value]))
        classes = tuple(str(value) for value in weights.classes_)
        return model.Linear(classes, np.round(weights.coef_, 3), np.round(weights.intercept_, 3))

    role = regress([model.ACTION if value in TOPIC_OF else value for example in examples for value in example.labels])
    kinds = [(label, topic) for e in examples for label, topic in zip(e.labels, e.topics, strict=True)]
    support = Counter(kinds)
    common = [(label, topic if support[label, topic] >= RARE else TOPIC_OF.get(label, "")) for label, topic in kinds]
    topic = regress([f"{label}.{topic}" if topic else "" for label, topic in common])
    stay, leave = _transitions(examples, model.flat_labels(role.classes, topic.classes))
    return model.Model(cues, role, topic, stay, leave)


def _transitions(examples: list[Example], classes: tuple[str, ...]) -> tuple[Matrix, Matrix]:
    stay, leave = (np.full((len(classes), len(classes)), 0.5) for _ in range(2))
    for example in examples:
        known = [(unit, label) for unit, label in zip(example.units, example.labels, strict=True) if label]
        for (unit, label), (after, following) in pairwise(known):
            tops = [one.path[0].start if one.path else -1 for one in (unit, after)]
            counts = stay if tops[0] == tops[1] else leave
            counts[classes.index(label), classes.index(following)] += 1
    logs = [np.round(SEQUENCE * np.log(counts / counts.sum(axis=1, keepdims=True)), 3) for counts in (stay, leave)]
    return logs[0], logs[1]


def compare(examples: Iterable[Example], learned: model.Model | None = None) -> list[Counter[tuple[str, str]]]:
    """For every annotated segment, how many characters of its label (first) got which label (second)."""
    found = []
    for example in examples:
        segments, _ = classify(example.text, example.headings, None, config.Sections(), learned)
        given = [
            segment.label for segment in on_source(example.text, segments) for _ in range(segment.end - segment.start)
        ]
        for segment in example.gold:
            found.append(Counter((segment["label"], label) for label in given[segment["start"] : segment["end"]]))
    return found


def scores(found: list[Counter[tuple[str, str]]], reports: int, held_out: bool) -> Scores:
    """Precision, recall and F1 of every label by characters, as the annotation guideline counts them."""
    pairs = sum(found, Counter[tuple[str, str]]())
    labels = {}
    for label in sorted({gold for gold, _ in pairs}):
        support = sum(count for (gold, _), count in pairs.items() if gold == label)
        given = sum(count for (_, other), count in pairs.items() if other == label)
        precision, recall = pairs[label, label] / max(1, given), pairs[label, label] / support
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        labels[label] = {"precision": precision, "recall": recall, "f1": f1, "support": support}
    right = sum(counts.most_common(1)[0][0][0] == counts.most_common(1)[0][0][1] for counts in found)
    confusion = {f"{gold}>{given}": count for (gold, given), count in pairs.most_common() if gold != given}
    agreed = sum(count for (gold, given), count in pairs.items() if gold == given)
    macro_f1 = sum(entry["f1"] for entry in labels.values()) / max(1, len(labels))
    return Scores(
        reports, held_out, right / max(1, len(found)), agreed / max(1, pairs.total()), macro_f1, labels, confusion
    )


def cross_validate(examples: list[Example]) -> Scores:
    """Scores of reports whose place was held out of the training."""
    groups = sorted({example.group for example in examples})
    found = []
    for fold in range(min(FOLDS, len(groups))):
        held = set(groups[fold::FOLDS])
        learned = fit([example for example in examples if example.group not in held])
        found += compare([example for example in examples if example.group in held], learned)
    return scores(found, len(examples), held_out=True)


def train(corpus: Path, folder: Path | None = None) -> dict[str, Any]:
    """Train on the whole corpus, write weights and card into `folder` (models/), and return the card.

    The card holds the digest of what was trained on, the scores of held-out reports, and the floor below which no
    later run may sink unseen. FileNotFoundError where the corpus has no annotation.
    """
    examples = read(corpus)
    if not examples:
        raise FileNotFoundError(f"{corpus}: no *.sections.json to train on")
    held_out = cross_validate(examples)
    card = {
        "what": "labels and topics of the parts of a report",
        "trained_on": {
            "digest": digest(corpus),
            "reports": len(examples),
            "units": sum(len(example.units) for example in examples),
        },
        "method": {
            "regression": "multinomial, L2",
            "C": STRENGTH,
            "sequence": SEQUENCE,
            "folds by place": FOLDS,
        },
        "held_out": asdict(held_out),
        "floor": {name: round(getattr(held_out, name) - SLACK, 3) for name in HEADLINES},
        "known_confusions": list(held_out.confusion.items())[:8],
    }
    model.save(fit(examples), card, folder or models_path())
    model.load.cache_clear()
    return card


def evaluate(corpus: Path, settings: config.Settings | None = None, as_json: bool = False) -> Scores:
    """Score the sections against a folder of annotated reports and print it, as text or as JSON.

    The corpus that the committed weights were trained on is scored by training anew without the place that is scored;
    any other folder is scored with the committed weights. Compared with the last recorded run and its floor where the
    corpus is the same.
    """
    examples = read(corpus)
    if not examples:
        raise FileNotFoundError(f"{corpus}: no *.sections.json to score against")
    card = json.loads((models_path() / model.CARD).read_text("utf-8"))
    known = card["trained_on"]["digest"] == digest(corpus)
    result = cross_validate(examples) if known else scores(compare(examples), len(examples), held_out=False)
    if known:
        before = {name: float(card["held_out"][name]) for name in HEADLINES}
        sunk = tuple(name for name in HEADLINES if getattr(result, name) < card["floor"][name])
        result = replace(result, before=before, sunk=sunk)
    print(json.dumps(asdict(result), ensure_ascii=False, indent=1) if as_json else _told(result))
    return result


def _told(result: Scores) -> str:
    how = "each place scored by weights that never saw it" if result.held_out else "the committed weights"
    lines = [f"{result.reports} reports, {how}"]
    if model.load().cues != features.cues():
        lines.append("models/sections.csv has changed since the weights were trained: run hebao train")
    for name in HEADLINES:
        value = getattr(result, name)
        change = f"  ({value - result.before[name]:+.3f} against the last recorded run)" if result.before else ""
        lines.append(f"{name:12} {value:.3f}{change}")
    lines += ["", f"{'label':12} {'precision':>9} {'recall':>7} {'f1':>6} {'characters':>11}"]
    for label, entry in result.labels.items():
        lines.append(
            f"{label:12} {entry['precision']:9.3f} {entry['recall']:7.3f} {entry['f1']:6.3f} {entry['support']:11.0f}"
        )
    lines += ["", "taken for another (annotated > given, characters)"]
    lines += [f"{pair:28} {count}" for pair, count in list(result.confusion.items())[:12]]
    lines += [f"BELOW THE FLOOR: {name}" for name in result.sunk]
    return "\n".join(lines)


def digest(corpus: Path) -> str:
    """Of the annotated texts and their sections: 16 hexadecimal digits."""
    gold = corpus / "gold" if (corpus / "gold").is_dir() else corpus
    whole = hashlib.sha256()
    for path in sorted([*gold.glob("*.sections.json"), *gold.glob("texts/*.txt")]):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]
