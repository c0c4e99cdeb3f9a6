"""What the desk says, in Chinese and English: words.toml has one pair a key."""

from __future__ import annotations

import tomllib
from functools import cache, partial
from importlib.resources import files
from typing import Any

from pipeline.lexicon import rows

LANGUAGES = ("zh", "en")


@cache
def pairs() -> dict[str, tuple[str, str]]:
    """`section.key` → (Chinese, English), the outcomes of models/outcomes.csv among them."""
    table = tomllib.loads((files("pipeline.serve") / "words.toml").read_text("utf-8"))
    found = {f"{name}.{key}": (zh, en) for name, section in table.items() for key, (zh, en) in section.items()}
    for row in rows("outcomes"):
        found[f"outcome.{row['outcome']}"] = row["name"], row["outcome"].replace("_", " ")
        found.setdefault(f"issue.{row['outcome']}", found[f"outcome.{row['outcome']}"])
        found[f"remedy.{row['outcome']}"] = row["remedy"], ""  # in English the issue itself names it
    return found


def say(language: str, key: str, **values: object) -> str:
    """The words under a key, `{name}` filled in. Raises KeyError for a key that is not there."""
    text = pairs()[key][LANGUAGES.index(language)]
    return text.format(**values) if values else text


def name(language: str, section: str, code: str | None) -> str:
    """What a code of the data is called, for example name("zh", "status", "done"); the code itself where no word is
    listed, nothing for none."""
    if code is None:
        return ""
    return pairs().get(f"{section}.{code}", (code, code))[LANGUAGES.index(language)]


def names(language: str, section: str) -> dict[str, str]:
    """All codes of a section with what they are called, in the order of the table."""
    place, prefix = LANGUAGES.index(language), f"{section}."
    return {key.removeprefix(prefix): pair[place] for key, pair in pairs().items() if key.startswith(prefix)}


@cache
def indicators(language: str) -> dict[str, str]:
    """Code → name of every indicator of the catalogue."""
    return {row["code"]: row[f"name_{language}"] for row in rows("indicators")}


def indicator(language: str, code: str | None) -> str:
    """The name of an indicator; for a fact without code (`action|object`) its words."""
    return "" if code is None else indicators(language).get(code) or code.replace("|", "")


def bound(language: str) -> dict[str, Any]:
    """What templates use: t (words), name (codes), names, indicator, and the catalogue of indicators."""
    return {
        "t": partial(say, language),
        "name": partial(name, language),
        "names": partial(names, language),
        "indicator": partial(indicator, language),
        "catalogue": indicators(language),
    }
