"""What a lead goes by: its check in the reader's language, and the standard that it was held against."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.audit import base
from pipeline.lexicon import rows
from pipeline.serve import words


@dataclass(frozen=True, slots=True)
class Words:
    """What the desk says of a check."""

    name: str
    about: str
    innocent: str
    ask: str


def check(language: str, code: str) -> Words:
    """The words of a check: of models/checks.toml, in English of models/checks_english.csv. Its code alone where it is
    no longer known."""
    known = base.settings().get(code)
    row = words.checks().get(code) if language == "en" else None
    if row is not None:
        return Words(row["name"], row["about"], row["innocent"], row["ask"])
    return Words(known.name, " ".join(known.about), known.innocent, known.ask) if known else Words(code, "", "", "")


def standard(language: str, code: str | None) -> dict[str, str] | None:
    """What a card says of a standard (version, threshold, scope, level, alternative); None where the lead names none,
    or one that is no longer listed."""
    row = None if code is None else next((row for row in rows("standards") if row["standard"] == code), None)
    if row is None:
        return None
    told = f"{row['item']} {row['comparator']}{row['value']}{row['unit']}" if row["value"] else row["item"]
    level = f"{row['level']} {words.name(language, 'level', row['level'])}"
    return {"version": row["version"], "threshold": told, "scope": row["scope"], "level": level,
            "alternative": row["alternative"]}  # fmt: skip
