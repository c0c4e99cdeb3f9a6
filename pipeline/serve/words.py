"""What the desk says, in Chinese and English: words.toml has one pair a key."""

from __future__ import annotations

import re
import tomllib
from functools import cache, partial
from importlib.resources import files
from typing import Any

from pipeline.lexicon import chinese, rows

LANGUAGES = ("zh", "en")
_HAN = re.compile("[\u4e00-\u9fff]")


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
    message = message.removeprefix("the archive: ")  # which the path beside it names
    return (chinese(message) if language == LANGUAGES[0] else None) or message


def english(language: str, said: str | None) -> str | None:
    """What the audit notes in Chinese on a lead (note, formula, suggestion) for who reads English: a row of
    models/evidence_english.csv, where `{}` stands for what is quoted and `{n}` for a number, or several rows in a list.
    Signs and numbers stay as they are. None for who reads Chinese, and where no row fits."""
    if not said or language == LANGUAGES[0]:
        return None
    if (whole := _english(said)) is not None:
        return whole
    pieces = [_english(piece) for piece in re.split("[，；]", said)]
    return None if None in pieces else ", ".join(filter(None, pieces))


def _english(said: str) -> str | None:
    if not _HAN.search(said):
        return said
    for pattern, told in _evidence():
        if found := pattern.fullmatch(said):
            return told.format(said, *(_part(part) for part in found.groups()))
    return indicators(LANGUAGES[1]).get(_coded().get(said, ""))


def _part(said: str) -> str:
    """A quoted part: an enumeration of numbers in the signs of English, else as it stands."""
    return said if _HAN.search(said) else said.replace("、", ", ")


@cache
def _coded() -> dict[str, str]:
    return {called: code for code, called in indicators(LANGUAGES[0]).items()}


@cache
def _evidence() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The rows of models/evidence_english.csv as patterns, those that say most first."""
    found = sorted(((re.split(r"(\{n?\})", row["said"]), row["english"]) for row in rows("evidence_english")),
                   key=lambda row: (-sum(map(len, row[0][::2])), row))  # fmt: skip
    blanks = {"{}": "(.+?)", "{n}": r"(\d+)"}
    return tuple(
        (re.compile("".join(blanks.get(piece) or re.escape(piece) for piece in pieces)), told) for pieces, told in found
    )


def bound(language: str) -> dict[str, Any]:
    """What templates use: t (words), name (codes), names, indicator, called (fields of claims), told (reasons), english
    (notes of leads), and the catalogue of indicators."""
    return {
        "t": partial(say, language),
        "name": partial(name, language),
        "names": partial(names, language),
        "indicator": partial(indicator, language),
        "called": partial(called, language),
        "told": partial(told, language),
        "english": partial(english, language),
        "catalogue": indicators(language),
    }
