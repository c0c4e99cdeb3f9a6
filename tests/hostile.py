"""A hundred strings that try to become markup, script, an address or a formula, and archives made of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path

from pipeline.records import (
    Block,
    Claim,
    Document,
    Edit,
    Evidence,
    Fact,
    Finding,
    Heading,
    Issue,
    Issuer,
    Report,
    Segment,
)  # fmt: skip
from pipeline.store import Database, audit

_OPENINGS = (
    "",
    '"',
    "'",
    "`",
    "-->",
    "</title>",
    "</script>",
    "</textarea>",
    "</style>",
    "]]>",
    "{{",
    "%>",
    "\\",
    "&#34;",
    "\u202e",
)
_SCRIPTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe src=//evil.example>",
    "<a href=javascript:alert(1)>x</a>", "<link rel=stylesheet href=//evil.example/x.css>",
)  # fmt: skip
_OTHERS = (
    '" onmouseover=alert(1) x="', "' autofocus onfocus=alert(1) '", "=HYPERLINK(0)", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "{{7*7}}", "{% include 'x' %}", "${alert(1)}",
    "<!--", "<form action=//evil.example><button>", "<template><b>", "&lt;script&gt;alert(1)&lt;/script&gt;",
)  # fmt: skip
STRINGS = tuple(f"{opening}{script}" for opening, script in product(_OPENINGS, _SCRIPTS))[:88] + _OTHERS
HARMLESS = tuple("好" * len(text) for text in STRINGS)


@dataclass(frozen=True, slots=True)
class Planted:
    """Ids of one document and what hangs on it; the same for a hostile string and its harmless twin."""

    sha256: str
    claim: str
    finding: str


def identities(number: int) -> Planted:
    """The ids of the document that holds the string of this number."""
    return Planted(f"{number:064x}"[::-1], f"c{number:015x}", f"f{number:015x}")


def archive(path: Path, strings: tuple[str, ...]) -> Path:
    """A database with one document a string, which stands wherever a document can carry text."""
    with Database(path) as database:
        for number, text in enumerate(strings):
            database.store(_report(number, text))
        findings = [_finding(number, text) for number, text in enumerate(strings)]
        audit.replace(database, findings, None, audit.archive_digest(database), "test")
        for number, text in enumerate(strings):
            ids = identities(number)
            audit.decide(database, ids.finding, "待核", f"备注{text}", f"人{text}", "2026-01-01T00:00:00+00:00")
            field = "object" if number % 2 else "label"  # the facts of a report with another object are merged anew
            audit.correct(database, ids.claim, field, text, f"因{text}", f"人{text}", "2026-01-01T00:00:00+00:00")
    return path


def _report(number: int, text: str) -> Report:
    ids = identities(number)
    title, cell = f"标题{text}", f"格{text}"
    body = f"清理垃圾12吨，{text}。"
    whole = "\n".join((title, body, cell))
    second, third = len(title) + 1, len(title) + len(body) + 2
    surface = whole[second + 4 : second + 7]
    document = Document(
        path=f"/r/{number:03d}{text}", name=f"{number:03d}{text}", sha256=ids.sha256, format="txt", outcome="ok",
        text=whole, encoding="utf-8", metadata=(("title", text), ("author", text)),
        blocks=(
            Block("heading", 0, len(title)), Block("paragraph", second, third - 1),
            Block("cell", third, len(whole), table=1, row=1, column=1, row_head=text, column_head=text),
        ),
    )  # fmt: skip
    claim = Claim(
        id=ids.claim, start=second + 4, end=second + 7, surface=surface, value_low=Decimal(12), value_high=Decimal(12),
        masked=False, relation="eq", unit=f"吨{text}", dimension="mass", per=text, action="清理", object=f"垃圾{text}",
        status="done", rule="test", base_value_low=Decimal(12), base_value_high=Decimal(12), base_unit="千克",
        label="remediation", topic="remediation", heading_path=(title,), scope=text, period="2023",
        indicator="remediation.garbage_cleared_mass", indicator_score=1.0, doubt="year_as_value",
    )  # fmt: skip
    fact = Fact(
        f"{number:03d}{text}", 2023, "remediation.garbage_cleared_mass", "mass", "千克", "done", None, Decimal(12),
        Decimal(12), "exact", (ids.claim,),
    )  # fmt: skip
    return Report(
        document=document, issuer=Issuer(text, f"{number:03d}{text}", "township", 2023, "title"),
        edits=(Edit(second, second + 1, text, "space"),),
        headings=(Heading("title", None, 0, text, 0, len(title), len(whole)),),
        segments=(Segment(0, len(whole), "action", "waste", "remediation", (text,), 1.0, "heading"),),
        claims=(claim,), facts=(fact,), issues=(Issue("ingest", "left_out", f"message {text}", 0, 2),),
        fingerprint="test",
    )  # fmt: skip


def _finding(number: int, text: str) -> Finding:
    ids = identities(number)
    start = len(f"标题{text}") + 1 + 4
    evidence = (Evidence(ids.sha256, start, start + 3, "12吨", "operand", ids.claim, f"注{text}"),)
    return Finding(
        ids.finding, "T04", 1, f"线索{text}", evidence, f"12=12{text}", f"或{text}", f"问{text}", text, text, "s"
    )
