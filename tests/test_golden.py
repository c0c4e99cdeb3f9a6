"""Golden reports: what is read out of four sample reports, line by line; every change shows what it gains and loses.

After a change that is meant: `HEBAO_GOLDEN=write pytest tests/test_golden.py`, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.records import Claim, Report
from pipeline.run import process

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "corpus" / "reports"
GOLDEN = Path(__file__).resolve().parent / "golden"
CHOSEN = [
    "望溪镇2021年创建省级卫生乡镇工作汇报.pdf",
    "望溪镇2023年工作总结（爱卫）.docx",
    "云岭镇2023年爱国卫生工作总结及2024年工作思路.txt",
    "木垭鄉鞏固拓展脫貧攻堅成果工作總結.txt",
]
COLUMNS = "surface low high masked relation unit per action object status section indicator page"


def line(claim: Claim) -> str:
    values = (
        claim.surface.replace("\n", "⏎"), claim.value_low, claim.value_high, "masked" if claim.masked else None,
        claim.relation, claim.unit, claim.per, claim.action, claim.object, claim.status, claim.label, claim.indicator,
        claim.page,
    )  # fmt: skip
    return "\t".join("" if value is None else str(value) for value in values)


@pytest.fixture(scope="module", params=CHOSEN)
def report(request: pytest.FixtureRequest) -> Report:
    return process(REPORTS / request.param)


def test_claims_are_those_that_were_read_by_eye(report: Report) -> None:
    path = GOLDEN / f"{report.document.name}.tsv"
    read = "\n".join([COLUMNS.replace(" ", "\t"), *map(line, report.claims)]) + "\n"
    if os.environ.get("HEBAO_GOLDEN") == "write":
        path.write_text(read, "utf-8")
    assert read.splitlines() == path.read_text("utf-8").splitlines()


def test_every_claim_reads_itself_in_the_source(report: Report) -> None:
    text = report.document.text
    assert report.claims
    for claim in report.claims:
        assert text[claim.start : claim.end] == claim.surface
        assert claim.masked == (claim.value_low is None)


def test_segments_tile_the_source(report: Report) -> None:
    ends = [0, *(segment.end for segment in report.segments)]
    assert [segment.start for segment in report.segments] == ends[:-1]
    assert ends[-1] == len(report.document.text)


def test_a_pdf_claim_has_its_page_and_box(report: Report) -> None:
    if report.document.format != "pdf":
        assert all(claim.box is None for claim in report.claims)
        return
    for claim in report.claims:
        assert claim.page
        assert claim.page <= (report.document.pages or 0)
        assert claim.box
        left, top, right, bottom = claim.box
        assert 0 <= left < right <= 596
        assert 0 <= top < bottom <= 843
