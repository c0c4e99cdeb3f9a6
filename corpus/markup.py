"""The markup of sources/ (see README.md) → text, segments and mentions, before any damage."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from numerals import NumberError, Quantity, dimension, read_quantity

MODELS = Path(__file__).resolve().parent.parent / "models"
TOPIC_OF = {  # label → its topic where the source names none
    "leadership": "leadership", "publicity": "publicity", "remediation": "remediation",
    "services": "health_service", "supervision": "supervision",
}  # fmt: skip
LABELS = {*TOPIC_OF, "furniture", "title", "overview", "results", "problems", "next_steps"}
TOPICS = {
    *TOPIC_OF.values(), "mechanism", "funding", "participation", "healthedu", "waste", "infrastructure", "vector",
    "premises", "offtopic", "general",
}  # fmt: skip
KINDS = {"date", "ordinal", "docno", "name", "attribute", "idiom", "noise", "part"}
STATUSES = {"done", "state", "target", "rule"}
KEYS = {"low", "high", "unit", "dim", "rel", "per", "part", "code", "id"}
HEADERS = {"file", "place", "year", "encoding", "damage", "layout"}

_TOKEN = re.compile(r"\\(?P<escaped>[{}%\\])|\{(?P<mark>[^{}]*)\}|(?P<plain>[^\\{}]+)|(?P<stray>.)")
_CANDIDATE = re.compile(r"[0-9０-９]+(?:[.,，．][0-9０-９]+)*|(?<![A-Za-z])[XxＸ×]+(?![A-Za-z])")
_HEAD = r"(?:(?<=^)|(?<=[。；！？;：\n\t 　]))[ 　]*"
_TO = r"(?:[—–～~\-－至到、]+{0})*"
_YEAR = r"(?:(?:19|20)[0-9]{2}|20[Xx]{2}|[Xx]{4})"
_DAY = "(?:[0-9]{1,2}月)?[0-9]{1,2}"
_PLAIN = {  # what need not be marked: the numerals in group n of a match
    "date": [
        rf"(?P<n>{_YEAR}年?{_TO.format(_YEAR + '年?')})(?<=年)",
        rf"(?P<n>[0-9]{{1,2}}(?:月[0-9]{{1,2}}日)?{_TO.format('[0-9]{1,2}(?:月[0-9]{1,2}日)?')}月)",
        rf"(?P<n>月[0-9]{{1,2}}{_TO.format(_DAY)}日{_TO.format(_DAY + '日')})",
        r"(?P<n>(?<![0-9])[0-9]{1,2}[:：][0-9]{2}(?![0-9]))",
        r"(?P<n>20[0-9]{2}[.\-/][0-9]{1,2}(?:[.\-/][0-9]{1,2})?)",
    ],
    "docno": [r"(?P<n>〔[0-9]{4}〕[0-9]+)号", r"(?P<n>\[20[0-9]{2}\][0-9]+)号"],
    "ordinal": [
        rf"{_HEAD}[（(]?(?P<n>[0-9]{{1,2}})(?:[、）)]|[.．](?![0-9]))",
        r"第(?P<n>[0-9]{1,3})(?![0-9.])",
        rf"{_HEAD}[（(]?(?P<n>[一二三四五六七八九十]+)[、）)]",
        r"(?:(?<=^)|(?<=[。；！？;：，\n]))[ 　]*(?P<n>[一二三四五六七八九十]+)是(?!否)",
        r"(?:(?<=^)|(?<=[。；！？;：，\n]))[ 　]*第(?P<n>[一二三四五六七八九十]+)[，、]",
    ],
}
_PLAIN_PATTERNS = [(kind, re.compile(pattern, re.MULTILINE)) for kind, ps in _PLAIN.items() for pattern in ps]
_SEGMENT_HEAD = re.compile(r"[（(]?([0-9]{1,2}|[一二三四五六七八九十]+)(?:[、）)是]|[.．](?![0-9]))")
_NUMERAL = re.compile(r"[0-9０-９]+|[XxＸ×]+|[一二三四五六七八九十]+")


class MarkupError(ValueError):
    """A source that does not follow the markup; the message names file and line."""


@dataclass(slots=True)
class Segment:
    """A stretch of the text with its label; segments tile the text."""

    label: str
    topic: str
    start: int
    end: int = 0


@dataclass(slots=True)
class Mention:
    """A number of the text; a claim has a quantity and what it is said of."""

    kind: str
    start: int
    end: int
    line: int = 0
    quantity: Quantity | None = None
    status: str = ""
    action: str | None = None
    object: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    whole: Mention | None = None  # the claim that this one is a stated part of


@dataclass(slots=True)
class Source:
    """One annotated report. Lines between `tables[i]` (first, last) are rows whose cells are separated by tabs."""

    path: Path
    headers: dict[str, str]
    text: str = ""
    segments: list[Segment] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    tables: list[tuple[int, int]] = field(default_factory=list)  # spans of the text

    @property
    def file(self) -> str:
        """Name of the report's file."""
        return self.headers["file"]

    @property
    def name(self) -> str:
        """What its gold is filed under: the report's file name without its ending."""
        return self.file.rpartition(".")[0]

    @property
    def options(self) -> dict[str, dict[str, str]]:
        """`damage` and `layout` as tables, in the order written; an option without a value has an empty one."""
        return {key: _options(self.headers.get(key, "")) for key in ("damage", "layout")}

    def claims(self) -> list[Mention]:
        """The claims in their order."""
        return [m for m in self.mentions if m.kind == "claim"]


def _options(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(",") if part.strip())
    return {key.strip(): value.strip() for key, _, value in pairs}


@cache
def known_codes() -> frozenset[str]:
    """The indicator codes of models/indicators.csv; empty where there is no such table yet."""
    path = MODELS / "indicators.csv"
    if not path.is_file():
        return frozenset()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return frozenset(row["code"] for row in csv.DictReader(stream))


class _Parser:
    """Reads one source line by line; `_fail` knows where it stands."""

    def __init__(self, path: Path) -> None:
        self.path, self.line = path, 0
        self.pieces: list[str] = []
        self.length = 0
        self.plain: list[tuple[int, int, int]] = []  # start, end, line of every unmarked stretch
        self.source = Source(path, {})
        self.table_start: int | None = None
        self.joined = True  # whether the next line continues the one before without a line break

    def parse(self) -> Source:
        source = self.source
        for number, line in enumerate(self.path.read_text("utf-8").split("\n"), 1):
            self.line = number
            if not source.segments and not line.startswith("%%"):
                self._header(line)
            elif line.startswith("%%"):
                self._segment(line)
            elif line in ("[[table]]", "[[/table]]"):
                self._table(line)
            else:
                self._body(line)
        self._finish()
        return source

    def _fail(self, message: str, line: int | None = None) -> MarkupError:
        return MarkupError(f"{self.path.name}:{line or self.line}: {message}")

    def _header(self, line: str) -> None:
        match = re.fullmatch(r"#(\w+):\s*(.*)", line.strip())
        if match is None:
            if line.strip():
                raise self._fail(f"expected a header “#key: value” or “%% LABEL”, not {line[:30]!r}")
        elif match[1] not in HEADERS:
            raise self._fail(f"unknown header {match[1]!r}; known: {', '.join(sorted(HEADERS))}")
        else:
            self.source.headers[match[1]] = match[2].strip()

    def _segment(self, line: str) -> None:
        match = re.fullmatch(r"%%(\+?)\s*(\w+)(?:\s+(\w+))?", line.strip())
        if match is None or match[2] not in LABELS or (match[3] or "general") not in TOPICS:
            raise self._fail(f"not “%% LABEL [TOPIC]” with a known label and topic: {line!r}")
        self.joined = self.joined or bool(match[1])
        if self.source.segments and not self.joined:
            self._add("\n")
            self.joined = True
        topic = match[3] or TOPIC_OF.get(match[2], "general")
        self.source.segments.append(Segment(match[2], topic, self.length))

    def _table(self, line: str) -> None:
        if (line == "[[table]]") == (self.table_start is not None):
            raise self._fail(f"{line} where it cannot stand")
        if self.table_start is None:
            self.table_start = self.length + (0 if self.joined else 1)
        else:
            self.source.tables.append((self.table_start, self.length))
            self.table_start = None

    def _body(self, line: str) -> None:
        if not line.strip() and not self.source.file.endswith(".txt"):
            return
        if not self.joined:
            self._add("\n")
        self.joined = False
        for token in _TOKEN.finditer(line.rstrip()):
            if token["stray"]:
                raise self._fail(f"stray {token['stray']!r}: a bracket that does not close, or one that needs a \\")
            if token["mark"] is not None:
                self._mark(token["mark"])
            else:
                text = token["escaped"] or token["plain"]
                self.plain.append((self.length, self.length + len(text), self.line))
                self._add(text)

    def _add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def _mark(self, mark: str) -> None:
        start = self.length
        if mark.startswith("?"):
            kind, colon, surface = mark[1:].partition(":")
            if kind not in KINDS or not colon or not surface:
                raise self._fail(f"not “{{?KIND:SURFACE}}” with a known kind: {mark!r}")
            mention = Mention(kind, start, start + len(surface), self.line)
        else:
            surface, *fields = mark.split("|")
            if len(fields) < 3 or fields[0] not in STATUSES or not surface:
                raise self._fail(f"not “{{SURFACE|STATUS|ACTION|OBJECT|…}}” with a known status: {mark!r}")
            keys = dict(self._key(option) for option in fields[3:])
            mention = Mention("claim", start, start + len(surface), self.line, None, fields[0], fields[1] or None,
                              fields[2] or None, keys)  # fmt: skip
        self._add(surface)
        self.source.mentions.append(mention)

    def _key(self, option: str) -> tuple[str, str]:
        key, equals, value = option.partition("=")
        if option != "repeat" and (key not in KEYS or not equals):
            raise self._fail(f"unknown key {option!r}; known: repeat, {', '.join(sorted(KEYS))}")
        if key == "code" and known_codes() and value not in known_codes():
            raise self._fail(f"code {value!r} is not in models/indicators.csv")
        return key, value

    def _finish(self) -> None:
        source = self.source
        if self.table_start is not None:
            raise self._fail("[[table]] without [[/table]]")
        for header in ("file", "place", "year"):
            if header not in source.headers:
                raise self._fail(f"no header #{header}", 1)
        source.text = "".join(self.pieces)
        for here, after in zip(source.segments, [*source.segments[1:], Segment("", "", self.length)], strict=True):
            here.end = after.start
            if here.end <= here.start:
                raise self._fail(f"empty segment {here.label}")
        for mention in source.claims():
            self._read(mention)
        self._link()
        source.mentions += _plain_mentions(source)
        source.mentions.sort(key=lambda m: (m.start, -m.end))
        self._complain()

    def _read(self, claim: Mention) -> None:
        keys, text = claim.keys, self.source.text
        before, after = text[max(0, claim.start - 5) : claim.start], text[claim.end : claim.end + 3]
        keys["per"] = keys.get("per", "").replace("天", "日")
        per = keys["per"] or None
        try:
            read = read_quantity(text[claim.start : claim.end], before, after, per)
            low = Decimal(keys["low"]) if "low" in keys else read.low
            high = Decimal(keys.get("high", keys["low"])) if "low" in keys else read.high
        except (NumberError, InvalidOperation, KeyError) as error:
            raise self._fail(f"{error} in claim {text[claim.start : claim.end]!r}", claim.line) from error
        unit = keys["unit"] or None if "unit" in keys else read.unit
        dim = keys.get("dim") or dimension(unit, per)
        claim.quantity = Quantity(low, high, read.masked and low is None, keys.get("rel", read.relation), unit, dim)

    def _link(self) -> None:
        claims = self.source.claims()
        named = {claim.keys["id"]: claim for claim in claims if "id" in claim.keys}
        for place, claim in enumerate(claims):
            part = claim.keys.get("part")
            if part is None:
                continue
            number = int(part) if re.fullmatch(r"-?[0-9]+", part) else None
            index = None if number is None else place + number if number < 0 else number - 1
            if index is None:
                claim.whole = named.get(part)
            elif 0 <= index < len(claims):
                claim.whole = claims[index]
            if claim.whole is None or claim.whole is claim:
                raise self._fail(f"part={part}: no such claim", claim.line)

    def _complain(self) -> None:
        taken = [(m.start, m.end) for m in self.source.mentions]
        for start, end, line in self.plain:
            for found in _CANDIDATE.finditer(self.source.text, start, end):
                characters = (i for i in range(*found.span()) if self.source.text[i] not in ".,，．")
                if not all(any(s <= i < e for s, e in taken) for i in characters):
                    around = self.source.text[max(0, found.start() - 8) : found.end() + 8]
                    raise self._fail(f"unmarked number {found[0]!r} in …{around}…", line)


def _plain_mentions(source: Source) -> list[Mention]:
    """Dates, document numbers and list markers, which need no mark, and every number of site furniture."""
    taken = {i for m in source.mentions for i in range(m.start, m.end)}
    found: list[Mention] = []

    def take(kind: str, start: int, end: int) -> None:
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            found.append(Mention(kind, start, end))

    for segment in source.segments:
        if segment.label == "furniture":
            for match in _CANDIDATE.finditer(source.text, segment.start, segment.end):
                take("noise", *match.span())
    heads = {segment.start for segment in source.segments}
    for kind, pattern in _PLAIN_PATTERNS:
        for match in pattern.finditer(source.text):
            for numeral in _NUMERAL.finditer(source.text, *match.span("n")):
                take(kind, *numeral.span())
    for start in heads:
        head = _SEGMENT_HEAD.match(source.text, start)
        if head:
            take("ordinal", *head.span(1))
    return found


def parse(path: Path) -> Source:
    """Read one annotated source. Raises MarkupError naming file and line."""
    return _Parser(path).parse()
