"""What the desk says, in Chinese and English: words.toml has one pair a key."""

from __future__ import annotations

import tomllib
from functools import cache, partial
from importlib.resources import files
from typing import Any

from pipeline.lexicon import chinese, rows

LANGUAGES = ("zh", "en")


@cache
def pairs() -> dict[str, tuple[str, str]]:
    """`section.key` → (Chinese, English), the outcomes of models/outcomes.csv among them."""
    table = tomllib.loads((files("pipeline.serve") / "words.toml").read_text("utf-8"))
    found = {f"{name}.{key}": (zh, en) for name, section in table.items() for key, (zh, en) in section.items()}
    for row in rows("outcomes"):
        found[f"outcome.{row['outcome']}"] = row["name"], row["english"]
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


def learnt(language: str) -> dict[str, str]:
    """The labels of parts that `hebao train` learns, with what they are called."""
    return {label: called for label, called in names(language, "label").items() if label not in ("furniture", "title")}


@cache
def checks() -> dict[str, dict[str, str]]:
    """models/checks_english.csv: the code of a check → its name, what it is about, innocent explanation, question."""
    return {row["check"]: row for row in rows("checks_english")}


@cache
def indicators(language: str) -> dict[str, str]:
    """Code → name of every indicator of the catalogue."""
    return {row["code"]: row[f"name_{language}"] for row in rows("indicators")}


def indicator(language: str, code: str | None) -> str:
    """The name of an indicator; for a fact without code (`action|object`) its words."""
    return "" if code is None else indicators(language).get(code) or code.replace("|", "")


def called(language: str, field: str, value: str | None) -> str:
    """A value of a claim's field (`store.audit.FIELDS`) in words."""
    if field == "indicator":
        return indicator(language, value) or say(language, "ledger.no_code")
    return (value or "—") if field == "object" else name(language, field, value)


def told(language: str, message: str) -> str:
    """What the program says of a file, in Chinese for who reads Chinese and where it is known how."""
    return (chinese(message) if language == LANGUAGES[0] else None) or message


def bound(language: str) -> dict[str, Any]:
    """What templates use: t (words), name (codes), names, indicator, called (fields of claims), told (reasons), and the
    catalogue of indicators."""
    return {
        "t": partial(say, language),
        "name": partial(name, language),
        "names": partial(names, language),
        "indicator": partial(indicator, language),
        "called": partial(called, language),
        "told": partial(told, language),
        "catalogue": indicators(language),
    }
