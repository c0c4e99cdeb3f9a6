"""What the frames are planted in: the reports of the corpus, and reports invented from frames/report.csv."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from benchmarks.plants.grammar import Values, expand, written

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
FRAMES = Path(__file__).parent / "frames"
TEMPLATE = "柳塘乡2023年工作总结（模板待填）"  # a form, not a report: nearly every figure of it is a mask
WORK = ("leadership", "publicity", "remediation", "services", "supervision")
WRAPPED = 55  # a text none of whose lines is longer was broken into lines by a converter
HEADINGS = {
    "overview": ("基本情况",),
    "leadership": ("加强领导，落实保障", "压实责任，健全机制"),
    "publicity": ("广泛宣传，营造氛围", "宣传发动，健康教育"),
    "remediation": ("集中整治，改善环境", "清脏治乱，提升面貌"),
    "services": ("做好服务，守护健康",),
    "supervision": ("强化督查，务求实效", "督导考核，跟踪问效"),
    "problems": ("存在的问题", "问题和不足"),
    "plan": ("下一步工作打算", "下步计划"),
}
STYLES = ("{han}、{title}\n", "（{han}）{title}\n", "{number}.{title}\n", "{han}、{title}。", "{title}\n")


@dataclass(frozen=True, slots=True)
class Base:
    """A report to plant in. `spots` are the offsets where a sentence may be put, by label of the section."""

    name: str
    text: str
    place: str
    year: int | None
    spots: dict[str, tuple[int, ...]]
    title: tuple[int, int]
    traditional: bool = False
    values: Values = field(default_factory=dict)  # the figures that an invented report was made with

    @property
    def wrapped(self) -> bool:
        """Whether lines end where a page did, not where a paragraph does."""
        return max(map(len, self.text.split("\n"))) <= WRAPPED


@cache
def corpus() -> tuple[Base, ...]:
    """The reports of the corpus as the texts that their annotation counts in."""
    return tuple(base for path in sorted((CORPUS / "sources").glob("*.txt")) if (base := _read(path)).name != TEMPLATE)


def _read(source: Path) -> Base:
    lines = (line.removeprefix("#").partition(":") for line in source.read_text("utf-8").split("\n") if line[:1] == "#")
    header = {key: value.strip() for key, _, value in lines}
    name = header["file"].rpartition(".")[0]
    text = (CORPUS / "gold" / "texts" / f"{name}.txt").read_text("utf-8")
    sections = json.loads((CORPUS / "gold" / f"{name}.sections.json").read_text("utf-8"))
    spots: dict[str, list[int]] = {}
    title = (0, 0)
    for part in sections:
        if part["label"] == "title" and title == (0, 0):
            title = (part["start"], part["start"] + len(text[part["start"] : part["end"]].rstrip()))
        label = "plan" if part["label"] == "next_steps" else part["label"]
        ends = [match.end() for match in re.finditer(r"。(?![”’）\d])", text[part["start"] : part["end"]])]
        spots.setdefault(label, []).extend(part["start"] + end for end in ends)
    year = (
        header.get("year", "") if re.search("20|二〇|２０", text[slice(*title)]) else ""
    )  # only a year that is stated
    return Base(name, text, header.get("place", ""), int(year) if year else None,
                {label: tuple(found) for label, found in spots.items()}, title,
                "traditional" in header.get("damage", ""))  # fmt: skip


@cache
def _frames() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    with (FRAMES / "report.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["part"], []).append(row["text"])
    return {part: tuple(texts) for part, texts in found.items()}


def invent(
    random: Random, place: str, year: int, known: Values | None = None, parts: Sequence[str] | None = None,
    style: str | None = None, titles: dict[str, str] | None = None, bodies: dict[str, str] | None = None,
) -> Base:  # fmt: skip
    """A report made of frames. `known` figures are not drawn; `parts`, the `style` of the headings, their `titles` and
    the `bodies` under them are taken from the tables where they are not given. A body may hold marks and slots."""
    values: Values = {**(known or {}), "place": place, "year": Decimal(year)}
    style = style or random.choice(STYLES)
    text = expand(random.choice(_frames()["title"]), random, values) + "\n"
    title, spots, number = (0, len(text) - 1), {}, 0
    for part in parts or tuple(HEADINGS):
        if part != "overview" or style == STYLES[0]:
            number += 1
            title_of = (titles or {}).get(part) or random.choice(HEADINGS[part])
            text += style.format(han=written(Decimal(number), "han"), number=number, title=title_of)
        body = (bodies or {}).get(part)
        first = len(text)
        text += (expand(body, random, values) if body else "".join(_sentences(random, part, values))) + "\n"
        spots[part] = tuple(first + match.end() for match in re.finditer("。", text[first:]))
    return Base(f"{place}{year}年工作总结", text, place, year, spots, title, values=values)


def _sentences(random: Random, part: str, values: Values) -> Iterator[str]:
    """Sentences of a part, none of which repeats a figure that another states, and prose without figures."""
    told: set[str] = set()
    frames = list(_frames()[part])
    random.shuffle(frames)
    for frame in frames[: 1 if part in ("overview", "problems", "plan") else len(frames)]:
        names = set(re.findall(r"<([a-z]+)=", frame))
        if not names & told:
            told |= names
            yield expand(frame, random, values)
    yield from random.sample(_frames().get(f"{part} prose", ()), len(_frames().get(f"{part} prose", ())))


_FIRST, _SECOND = "青白赤玄金银松竹柏榆", "岗坪埠垸浦塬畈洼岭渡"


def place_name(index: int) -> str:
    """An invented place; another for each number below 300."""
    return _FIRST[index % 10] + _SECOND[index // 10 % 10] + ("镇", "乡", "街道")[index // 100]
