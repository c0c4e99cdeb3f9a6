"""Reports made by hand, and a small extractor that stands in for the real one where only the flow is under test.

A file for `stub` is a text whose first line is `PLACE YEAR`; each `verb number unit object` below is a claim. A first
line `!raise`, `!exit`, `!kill` or `!hang` makes the extractor fail in that way.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import time
from array import array
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from pipeline.config import Settings
from pipeline.records import Block, Claim, Document, Edit, Fact, Heading, Issue, Issuer, Mention, Report, Segment

CODES = {"垃圾": "remediation.garbage", "户厕": "toilets.renovated"}
LINE = re.compile(
    r"(?P<action>\S+) (?P<surface>(?P<number>X+|[\d.]+)(?P<unit>\S+)) (?P<object>\S+)(?: (?P<status>\w+))?"
)


def identifier(sha256: str, start: int, end: int) -> str:
    return hashlib.sha256(f"{sha256}:{start}:{end}".encode()).hexdigest()[:16]


def stub(path: Path, settings: Settings) -> Report:
    data = path.read_bytes()
    text = data.decode("utf-8")
    head = text.split("\n", 1)[0]
    if head == "!raise":
        raise ValueError("planted")
    if head == "!exit":
        os._exit(3)
    if head == "!kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if head == "!hang":
        time.sleep(600)
    sha256 = hashlib.sha256(data).hexdigest()
    if head == "!empty":
        document = Document(str(path), path.name, sha256, "txt", "no_text_layer")
        issue = Issue("ingest", "no_text_layer", "pictures only; OCR is needed", severity="error")
        return Report(document, Issuer(None, None, None, None, "unknown"), issues=(issue,))
    place, year = head.split(" ")
    document = Document(
        str(path), path.name, sha256, "txt", "ok", text, (Block("paragraph", 0, len(text), 1),), 1, "utf-8"
    )
    claims = tuple(_claim(sha256, match) for match in LINE.finditer(text))
    return Report(
        document,
        Issuer(head, place, "township", int(year), "title"),
        segments=(Segment(0, len(text), "action", "remediation", "remediation", (head,), 0.9, "cue"),),
        claims=claims,
        facts=tuple(_fact(claim, place, int(year)) for claim in claims),
        fingerprint=settings.fingerprint(),
    )


def _claim(sha256: str, match: re.Match[str]) -> Claim:
    start, end = match.span("surface")
    masked = "X" in match["number"]
    value = None if masked else Decimal(match["number"])
    return Claim(
        identifier(sha256, start, end), start, end, match["surface"], value, value, masked, "eq", match["unit"],
        "count", None, match["action"], match["object"], match["status"] or "done", "stub", value, value, match["unit"],
        indicator=CODES.get(match["object"]), page=1, doubt="masked" if masked else None,
    )  # fmt: skip


def _fact(claim: Claim, place: str, year: int) -> Fact:
    state = "masked" if claim.masked else "exact"
    indicator = claim.indicator or f"{claim.action}|{claim.object}"
    return Fact(place, year, indicator, "count", claim.unit, claim.status, None, claim.value_low, claim.value_high,
                state, (claim.id,))  # fmt: skip


def full_report(path: str = "/archive/清河镇2022.docx", text: str | None = None, fingerprint: str = "f1") -> Report:
    """A report in which every field of every record is used once."""
    text = text if text is not None else "清河镇2022年总结\n一、清理\n清理卫生死\n角300余处，发放XX份，宣傳20萬張。"
    sha256 = hashlib.sha256(text.encode()).hexdigest()

    def claim(surface: str, low: str | None, **more: object) -> Claim:
        start = text.index(surface)
        value = None if low is None else Decimal(low)
        end = start + len(surface)
        made = Claim(identifier(sha256, start, end), start, end, surface, value, value, low is None,
                     "gt", surface[-1], "count", None, "清理", "卫生死角", "done", "number_unit")  # fmt: skip
        return replace(made, **more)

    first = claim("300余处", "300", base_value_low=Decimal("300"), base_value_high=Decimal("300.50"), base_unit="处",
                  label="remediation", topic="remediation", heading_path=("总结", "一、清理"), scope="XX村",
                  period="2022", period_basis="report", indicator="remediation.dead_corners", indicator_score=0.75,
                  page=1, box=(1.5, 2.0, 3.25, 4.0), block="word/document.xml#3")  # fmt: skip
    second = claim("XX份", None, part_of=first.id, repeat_of=first.id, doubt="masked")
    third = claim("20萬張", "200000", object="宣传单", per="年", unit="张")
    end = len(text)
    return Report(
        Document(
            path, Path(path).name, sha256, "docx", "ok", text,
            (Block("heading", 0, 10, 1, (0.0, 1.0, 2.0, 3.0), "p1", "Title", 1),
             Block("cell", 11, end, 2, None, "p2", None, None, 1, 2, 3, "行", "列")),
            2, None, (("title", "总结"), ("author", "某")),
            array("f", [0.5, 1.5, float("nan"), 2.5]),
        ),
        Issuer("清河镇2022年总结", "清河镇", "township", 2022, "title"),
        (Edit(21, 22, "", "wrap"),),
        (Heading("一、", 1, 1, "清理", 11, 15, end),),
        (Segment(0, 11, "title", "general", "title", (), 1.0, "heading"),
         Segment(11, end, "action", "remediation", "remediation", ("总结", "一、清理"), 0.625, "model")),
        (Mention("date", 3, 8, "2022年", "year"),),
        (first, second, third),
        (Fact("清河镇", 2022, "remediation.dead_corners", "count", "处", "done", None, Decimal("300"), Decimal("300"),
              "approx", (first.id,)),),
        (Issue("claims", "masked_value", "a number is masked", second.start, second.end, "info"),),
        fingerprint,
    )  # fmt: skip
