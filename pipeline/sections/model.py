"""Weights as plain arrays: what evaluate.train writes, and the probabilities that they give."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config import models_path
from pipeline.records import Text
from pipeline.sections.features import Cues, Matrix, matrix
from pipeline.sections.units import Unit

ACTION = "action"
WEIGHTS, CARD = "sections_weights.npz", "sections_weights.json"


@dataclass(frozen=True)
class Linear:
    """One multinomial regression: `classes`, weights [classes × columns], bias [classes]."""

    classes: tuple[str, ...]
    weights: Matrix
    bias: Matrix

    def log_probabilities(self, rows: Matrix) -> Matrix:
        """Natural logarithms, one row a unit and one column a class."""
        scores = rows @ self.weights.T + self.bias
        scores -= scores.max(axis=1, keepdims=True)
        normalised: Matrix = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return normalised


@dataclass(frozen=True)
class Model:
    """What is learned: what a unit does, what work it tells of, and which label follows which, all from cue words.

    `role` knows the labels that are no work, and “action” for the rest; `topic` tells those apart, as “label.topic”.
    `stay` and `leave` hold the logarithms of transitions inside a part of the highest level and from one to the next,
    in the order of `labels`.
    """

    cues: Cues
    role: Linear
    topic: Linear
    stay: Matrix
    leave: Matrix

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The flat labels, in order."""
        return flat_labels(self.role.classes, self.topic.classes)

    def score(self, text: Text, units: list[Unit]) -> tuple[Matrix, Matrix]:
        """Logarithms of the probabilities of labels, and of topics given that the unit tells of work."""
        rows = matrix(text, units, self.cues)
        roles, topics = self.role.log_probabilities(rows), self.topic.log_probabilities(rows)
        columns = []
        for label in self.labels:
            if label in self.role.classes:
                columns.append(roles[:, self.role.classes.index(label)])
            else:
                mine = [at for at, name in enumerate(self.topic.classes) if name.split(".")[0] == label]
                columns.append(roles[:, self.role.classes.index(ACTION)] + np.logaddexp.reduce(topics[:, mine], axis=1))
        return np.stack(columns, axis=1), topics


def flat_labels(roles: tuple[str, ...], topics: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that the two regressions together tell apart."""
    return tuple(sorted({role for role in roles if role != ACTION} | {name.split(".")[0] for name in topics}))


def save(model: Model, card: dict[str, Any], folder: Path) -> None:
    """Write the weights without pickle, and the card that says what they were trained on."""
    arrays = {
        "cues": np.array("\n".join(" ".join((name, *words)) for name, words in model.cues.groups).encode("utf-8")),
        "roles": np.array("\n".join(model.role.classes).encode("utf-8")),
        "topics": np.array("\n".join(model.topic.classes).encode("utf-8")),
        "role_weights": model.role.weights.astype(np.float32),
        "role_bias": model.role.bias.astype(np.float32),
        "topic_weights": model.topic.weights.astype(np.float32),
        "topic_bias": model.topic.bias.astype(np.float32),
        "stay": model.stay.astype(np.float32),
        "leave": model.leave.astype(np.float32),
    }
    with (folder / WEIGHTS).open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    (folder / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")


@lru_cache(maxsize=2)
def load(folder: Path | None = None) -> Model:
    """The committed model, or that of another folder. FileNotFoundError where none was trained yet."""
    with np.load((folder or models_path()) / WEIGHTS, allow_pickle=False) as arrays:
        words = {name: tuple(bytes(arrays[name]).decode("utf-8").split("\n")) for name in ("cues", "roles", "topics")}
        numbers = {name: arrays[name].astype(np.float64) for name in arrays.files if name not in words}
    return Model(
        Cues(tuple((line.split()[0], tuple(line.split()[1:])) for line in words["cues"])),
        Linear(words["roles"], numbers["role_weights"], numbers["role_bias"]),
        Linear(words["topics"], numbers["topic_weights"], numbers["topic_bias"]),
        numbers["stay"],
        numbers["leave"],
    )
