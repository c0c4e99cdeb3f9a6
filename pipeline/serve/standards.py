"""The standard that a lead was held against: its row of models/standards.csv."""

from __future__ import annotations

from pipeline.lexicon import rows
from pipeline.serve import words


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
