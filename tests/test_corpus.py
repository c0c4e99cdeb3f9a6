"""corpus/: the built files are those that the sources give, and the gold is true of them."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

CORPUS = Path(__file__).parents[1] / "corpus"
sys.path.append(str(CORPUS))

import damage as damages  # noqa: E402
import markup  # noqa: E402
from align import Difference, align  # noqa: E402
from numerals import NumberError, read_quantity  # noqa: E402

TEXTS = sorted((CORPUS / "gold" / "texts").glob("*.txt"))
REPORTS = sorted(path for path in (CORPUS / "reports").iterdir())
BODY = "#file: 某镇.txt\n#place: 某镇\n#year: 2022\n%% overview\n"


def source(tmp_path: Path, body: str, headers: str = "") -> markup.Source:
    path = tmp_path / "某镇.txt"
    path.write_text(headers + BODY + body, "utf-8")
    return markup.parse(path)


def test_built_files_are_what_the_sources_give() -> None:
    done = subprocess.run([sys.executable, str(CORPUS / "build.py"), "--check"], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_gold_offsets_and_tiling(path: Path) -> None:
    text = path.read_bytes().decode()
    folder = path.parent.parent
    rows = [json.loads(line) for line in (folder / f"{path.stem}.mentions.jsonl").read_text("utf-8").splitlines()]
    ids = {row["id"] for row in rows}
    assert len(ids) == len(rows)
    for row in rows:
        assert text[row["start"] : row["end"]] == row["surface"] != ""
        assert row.get("part_of") in ids | {None}
        if row["kind"] == "claim":
            assert row["masked"] == (row["value_low"] is None)
    kept = sorted((r["start"], r["end"]) for r in rows if r["kind"] != "part")
    assert all(end <= start for (_, end), (start, _) in pairwise(kept)), "mentions overlap"
    segments = json.loads((folder / f"{path.stem}.sections.json").read_text("utf-8"))
    assert [s["start"] for s in segments] == [0, *(s["end"] for s in segments[:-1])]
    assert segments[-1]["end"] == len(text)
    assert {s["label"] for s in segments} <= markup.LABELS


@pytest.mark.parametrize("path", REPORTS, ids=lambda p: p.name)
def test_readers_give_the_true_text(path: Path) -> None:
    ingest = pytest.importorskip("pipeline.ingest")
    from pipeline.config import Ingest

    document, _ = ingest.read(path, Ingest())
    truth = (CORPUS / "gold" / "texts" / f"{path.stem}.txt").read_bytes().decode()
    lost = [d for d in align(truth, document.text).differences if d.expected]
    assert lost == []
    if path.suffix == ".txt":
        assert document.text == truth


@pytest.mark.parametrize(
    ("before", "surface", "after", "expected"),
    [
        ("清除", "6000余处", "，", ("6000", "6000", False, "gt", "处", "count")),
        ("牛皮癣", "20余万张", "、", ("200000", "200000", False, "gt", "张", "count")),
        ("总人口", "3.2万余人", "。", ("32000", "32000", False, "gt", "人", "count")),
        ("发放", "XX0余份", "，", (None, None, True, "gt", "份", "count")),
        ("死亡率", "≤8.9／10万", "，", ("8.9", "8.9", False, "le", "/10万", "ratio")),
        ("抽调", "十几名", "干部", ("11", "19", False, "range", "名", "count")),
        ("清理", "几十车", "。", ("20", "90", False, "range", "车", "count")),
        ("动员", "数百人", "。", ("200", "900", False, "range", "人", "count")),
        ("投入", "3—5万元", "。", ("30000", "50000", False, "range", "元", "money")),
        ("每年至少", "两次", "，", ("2", "2", False, "ge", "次", "count")),
        ("发放", "一万二千份", "，", ("12000", "12000", False, "eq", "份", "count")),
        ("知晓率", "百分之九十五点五", "以上", ("95.5", "95.5", False, "ge", "%", "percent")),
        ("附近", "12处", "，", ("12", "12", False, "eq", "处", "count")),
        ("签约", "300户", "，", ("300", "300", False, "eq", "户", "count")),
        ("大约", "300户", "，", ("300", "300", False, "approx", "户", "count")),
        ("不足", "3人", "，", ("3", "3", False, "lt", "人", "count")),
    ],
)
def test_quantities(before: str, surface: str, after: str, expected: tuple[Any, ...]) -> None:
    read = read_quantity(surface, before, after, None)
    low, high, *rest = expected
    ends = (None if low is None else Decimal(low), None if high is None else Decimal(high))
    assert (read.low, read.high, read.masked, read.relation, read.unit, read.dimension) == (*ends, *rest)


def test_no_number_is_refused() -> None:
    with pytest.raises(NumberError, match="若干处"):
        read_quantity("若干处", "", "", None)


@pytest.mark.parametrize(
    "plain",
    ["2021—2023年", "3月5日至12日", "5、6月份", "XXXX年", "早上7:30", "1、", "（2）", "第34个", "办发〔2022〕17号"],
)
def test_plain_numbers_need_no_mark(tmp_path: Path, plain: str) -> None:
    assert source(tmp_path, plain).text == plain


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("清理垃圾320吨", r"某镇.txt:5: unmarked number '320'"),
        ("XX镇", "unmarked number 'XX'"),
        ("清理{320吨|did|清理|垃圾}", "known status"),
        ("清理{320吨|done|清理}", "known status"),
        ("清理{320吨|done|清理|垃圾|size=3}", "unknown key"),
        ("其中{3吨|done|清理|垃圾|part=9}", "no such claim"),
        ("{?what:3}", "known kind"),
        ("{320吨", "stray"),
        ("%% nowhere", "known label"),
        ("[[table]]\na", r"without \[\[/table\]\]"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(markup.MarkupError, match=message):
        source(tmp_path, body)


@given(st.sets(st.integers(1, 39)), st.booleans())
def test_insertions_and_deletions_carry_the_offsets(places: set[int], insert: bool) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(40))
    mentions = [SimpleNamespace(start=i, end=i + 3) for i in range(0, 36, 4)]
    report = SimpleNamespace(text=text, mentions=mentions, segments=[SimpleNamespace(start=0, end=40)], tables=[])
    edits = [(i, i, "、") if insert else (i, i + 1, "") for i in sorted(places)]
    damages._apply(report, edits)  # type: ignore[arg-type]
    assert (report.segments[0].start, report.segments[0].end) == (0, len(report.text))
    for number, mention in enumerate(mentions):
        kept = [chr(0x4E00 + i) for i in range(number * 4, number * 4 + 3) if insert or i not in places]
        surface = report.text[mention.start : mention.end]
        assert surface.replace("、", "") == "".join(kept)
        assert not kept or (surface[0] == kept[0] and surface[-1] == kept[-1])


def test_alignment_skips_white_space_and_reports_differences() -> None:
    aligned = align("清理 垃圾\n320吨。", "— 1 —清理垃 圾320顿。")
    assert aligned.differences == (Difference(0, "", "—1—"), Difference(9, "吨", "顿"))
    assert aligned.span(0, 5) == (5, 10)
    assert aligned.span(2, 3) is None
