"""The command line: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from handmade import full_report, stub
from rich.console import Console

from pipeline import __main__ as command_line
from pipeline import batch, pool
from pipeline.cli import extract as extraction
from pipeline.cli import terminal
from pipeline.cli.show import show

Hebao = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The stub extracts, in this process, and the working directory holds nothing but the test's files."""
    module = ModuleType("pipeline.run")
    module.process = stub  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pipeline.run", module)
    monkeypatch.setattr(batch, "_suffixes", lambda: frozenset({".txt"}))
    monkeypatch.setattr(pool, "FEW", 100)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def hebao(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hebao:
    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hebao", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for place, year, garbage, toilets in (
        ("甲镇", 2022, "300", "XX"),
        ("甲镇", 2023, "320.5", "12"),
        ("乙乡", 2023, "1200", "7"),
    ):
        (folder / f"{place}{year}.txt").write_text(
            f"{place} {year}\n清理 {garbage}吨 垃圾\n改造 {toilets}户 户厕\n", "utf-8"
        )
    return folder


@pytest.fixture
def stored(archive: Path, hebao: Hebao) -> Path:
    assert hebao("run", archive, "--db", "x.db")[0] == 0
    return Path("x.db")


def test_help_names_every_command(hebao: Hebao) -> None:
    status, out, _ = hebao("--help")
    assert status == 0
    for command in ("run", "extract", "show", "compare", "search", "export", "train", "evaluate", "check"):
        assert re.search(rf"^\s+{command}\s", out, re.MULTILINE)
        assert hebao(command, "--help")[0] == 0


def test_nothing_heavy_is_imported_for_help() -> None:
    heavy = "pandas, numpy, spacy, sklearn, pdfplumber, docx, jieba, rjieba, opencc, pypdfium2, xlsxwriter"
    code = f"import sys, pipeline.__main__; print([m for m in '{heavy}'.split(', ') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert done.stdout.strip() == "[]", done.stderr


def test_run_ends_with_a_summary(archive: Path, hebao: Hebao) -> None:
    status, out, err = hebao("run", archive, "--db", "x.db")
    assert status == 0
    assert "3 ok (3 read now, 0 done before)" in out
    assert re.search(r"claims +6\n", out)
    assert re.search(r"places × years +3\n", out)
    assert "next: hebao compare --db x.db" in out
    assert "3/3 甲镇2023.txt: 2 claims" in err
    assert "(0 read now, 3 done before)" in hebao("run", archive, "--db", "x.db")[1]


def test_run_says_what_failed(archive: Path, hebao: Hebao) -> None:
    (archive / "坏.txt").write_text("!raise\n", "utf-8")
    status, out, err = hebao("run", archive, "nowhere.pdf", "--db", "x.db")
    assert status == 1
    assert "failed: 2" in out
    assert "nowhere.pdf: missing: no such file or folder; check the spelling" in out
    assert "坏.txt: crash: the program failed on this file: ValueError: planted" in out
    assert "坏.txt: crash" in err
    status, out, _ = hebao("run", archive, "nowhere.pdf", "--db", "x.db", "--json")
    table = json.loads(out)
    assert (status, table["exit_status"], table["unchanged"], len(table["failed"])) == (1, 1, 4, 2)


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (("run", "nowhere", "--db", "none.db"), 2, "nowhere: no such file or folder"),
    (("run",), 2, "Missing argument"),
    (("walk",), 2, "No such command 'walk'"),
    (("run", ".", "--db", "no/such/x.db"), 2, "hebao: no/such/x.db: not a place for a database"),
    (("compare",), 2, "hebao: hebao.db: no database here; `hebao run PATH --db hebao.db` makes one"),
    (("search", "垃圾", "--db", "none.db"), 2, "hebao: none.db: no database here"),
    (("compare", "--by", "place"), 2, "two of place, year, indicator"),
    (("compare", "--by", "place,town"), 2, "two of place, year, indicator"),
    (("show", "x", "--config", "none.toml"), 2, "hebao: none.toml: cannot be read"),
    (("export",), 2, "Missing option"),
    (("audit", "--db", "none.db"), 2, "hebao: none.db: no database here"),
    (("audit", "verdict", "x", "属实", "--person", "x", "--db", "none.db"), 2, "hebao: none.db: no database here"),
    (("audit", "replies", "none.docx", "--db", "none.db"), 2, "hebao: none.db: no database here"),
    (("reuse", "--db", "none.db"), 2, "hebao: none.db: no database here"),
    (("quarantine", "release", "all", "--db", "none.db"), 2, "hebao: none.db: no database here"),
    (("audit", "--check", "ZZ", "--db", "none.db"), 2, "hebao: ZZ: no such check"),
    (("compare", "-o", "panel.doc"), 2, "say --format"),
    (("compare", "--format", "csv", "-o", "panel.xlsx"), 2, "ends otherwise"),
])  # fmt: skip
def test_errors_are_one_line_with_the_remedy(
    hebao: Hebao, arguments: tuple[str, ...], status: int, message: str
) -> None:
    code, out, err = hebao(*arguments)
    assert code == status
    assert message in err
    assert "Traceback" not in out + err
    if message.startswith("hebao:"):
        assert len(err.splitlines()) == 1
    assert not Path("none.db").exists()


def test_a_wrong_setting_is_named(hebao: Hebao) -> None:
    Path("config.toml").write_text("[store]\nfile = 1\n", "utf-8")
    code, _, err = hebao("check")
    assert code == 2
    assert "unknown key store.file; known: store.path" in err + _
    assert hebao("compare")[2].startswith("hebao: config.toml: unknown key store.file")


def test_the_database_of_the_settings_is_the_default(archive: Path, hebao: Hebao) -> None:
    Path("config.toml").write_text('[store]\npath = "mine.db"\n', "utf-8")
    hebao("run", archive)
    assert Path("mine.db").is_file()


def test_extract_keeps_the_contract(archive: Path, hebao: Hebao) -> None:
    (archive / "坏.txt").write_text("!raise\n", "utf-8")
    status, out, _ = hebao("extract", archive, "nowhere", "-o", "out")
    assert status == 1
    rows = {kind: [json.loads(line) for line in Path(f"out/{kind}.jsonl").read_text("utf-8").splitlines()]
            for kind in extraction.KINDS}  # fmt: skip
    assert [(d["doc"], d["outcome"]) for d in rows["documents"]] == [
        ("乙乡2023.txt", "ok"), ("坏.txt", "crash"), ("甲镇2022.txt", "ok"), ("甲镇2023.txt", "ok"),
        ("nowhere", "missing"),
    ]  # fmt: skip
    assert {"path", "sha256", "format", "outcome", "pages", "characters"} <= set(rows["documents"][0])
    assert len(rows["claims"]) == 6
    for row in rows["claims"]:
        text = Path(f"out/texts/{row['doc']}.txt").read_text("utf-8")
        assert text[row["start"] : row["end"]] == row["surface"]
    assert [row["value_low"] for row in rows["claims"]] == ["1200", "7", "300", None, "320.5", "12"]
    assert {"doc", "start", "end", "label"} <= set(rows["sections"][0])
    assert rows["issues"][0]["code"] == "crash"
    assert "坏.txt: crash: the program failed" in out
    assert sorted(p.name for p in Path("out").iterdir()) == sorted([*(f"{k}.jsonl" for k in extraction.KINDS), "texts"])


def test_extract_is_the_same_each_time(archive: Path, hebao: Hebao) -> None:
    for folder in ("one", "two"):
        hebao("extract", archive, "-o", folder)
    for kind in extraction.KINDS:
        assert Path(f"one/{kind}.jsonl").read_bytes() == Path(f"two/{kind}.jsonl").read_bytes()


def test_inputs_with_one_name_are_told_apart(archive: Path, hebao: Hebao) -> None:
    (archive / "2022").mkdir()
    (archive / "2022" / "甲镇2022.txt").write_text("甲镇 2022\n清理 1吨 垃圾\n", "utf-8")
    status, _, err = hebao("extract", archive, "-o", "out")
    assert status == 0
    assert "2 inputs share their file names" in err
    assert sorted(p.name for p in Path("out/texts").iterdir()) == [
        "2022__甲镇2022.txt.txt", "archive__甲镇2022.txt.txt", "乙乡2023.txt.txt", "甲镇2023.txt.txt"
    ]  # fmt: skip


@pytest.mark.parametrize(("paths", "names"), [
    (["/a/x", "/b/y"], ["x", "y"]),
    (["/a/x", "/b/x", "/b/y"], ["a__x", "b__x", "y"]),
    (["/a/c/x", "/b/c/x"], ["a__c__x", "b__c__x"]),
    (["/x", "/a/x"], ["x", "a__x"]),
    (["/a__x", "/a/x", "/b/x"], ["1__a__x", "2__a__x", "b__x"]),
])  # fmt: skip
def test_document_names(paths: list[str], names: list[str]) -> None:
    assert list(extraction.document_names([Path(p) for p in paths]).values()) == names


def test_show_from_a_file_and_from_the_database(archive: Path, stored: Path, hebao: Hebao) -> None:
    status, fresh, _ = hebao("show", archive / "甲镇2022.txt", "--numbers", "--edits")
    assert status == 0
    assert hebao("show", "甲镇2022.txt", "--db", stored, "--numbers", "--edits")[1] == fresh
    assert "remediation  甲镇 2022\n             清理 ⟦300吨⟧ 垃圾\n             改造 ⟦XX户|masked⟧ 户厕" in fresh
    assert "2 claims, 1 of them masked" in fresh
    assert "\x1b" not in fresh
    table = json.loads(hebao("show", "甲镇2022.txt", "--db", stored, "--json")[1])
    assert table["claims"][0]["value_low"] == "300"
    assert "hebao: 丙.txt: not in x.db" in hebao("show", "丙.txt", "--db", stored)[2]


def test_show_says_why_there_is_nothing(archive: Path, hebao: Hebao) -> None:
    (archive / "scan.txt").write_text("!empty\n", "utf-8")
    status, out, _ = hebao("show", archive / "scan.txt")
    assert status == 1
    assert "error ingest/no_text_layer: pictures only; OCR is needed" in out


def screen(styled: bool) -> Console:
    return Console(file=StringIO(), force_terminal=styled, width=200, color_system="standard" if styled else None,
                   markup=False, highlight=False)  # fmt: skip


def test_show_uses_every_part_of_a_report() -> None:
    for styled in (False, True):
        console = screen(styled)
        show(full_report(), console, edits=True, numbers=True)
        out = console.file.getvalue()  # type: ignore[attr-defined]
        for words in ("outline", "清理", "masked", "20萬張", "200,000张/年", "宣传单", "year", "wrap", "masked_value"):
            assert words in out
        assert ("\x1b[" in out) == styled


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\u202eb", "a\x07b", "a\x9bb"])
def test_a_report_cannot_drive_the_terminal(text: str) -> None:
    assert terminal.safe(text).count("\ufffd") == 1
    console = screen(True)
    show(full_report(text=f"{text}300余处XX份20萬張"), console)
    assert text not in console.file.getvalue()  # type: ignore[attr-defined]


def test_compare_on_the_screen(stored: Path, hebao: Hebao) -> None:
    status, out, _ = hebao("compare", "--db", stored)
    assert status == 0
    assert out.index("coverage") < out.index("remediation.garbage (吨)")
    assert re.search(r"乙乡 +— +1,200\b", out)
    assert re.search(r"甲镇 +300 +320\.5", out)
    assert re.search(r"甲镇 +XX +12", out)
    assert "— no report" in out
    _, out, _ = hebao("compare", "--db", stored, "--by", "year,place", "--indicator", "remediation.garbage")
    assert re.search(r"2023 +1,200 +320\.5", out)
    assert "toilets" not in out
    _, out, _ = hebao("compare", "--db", stored, "--by", "place,indicator")
    assert re.search(r"甲镇 +320\.5吨 +12户", out)


def test_what_is_typed_wrong_is_named(stored: Path, hebao: Hebao) -> None:
    for arguments, message in (
        (("compare", "--indicator", "nope.x"), "nope.x: no such indicator"),
        (("audit", "--place", "丁镇"), "丁镇: no such place"),
        (("audit", "replies", "none.docx"), "none.docx: not there, or not a sheet"),
        (("audit", "replies", stored), "replies are read from"),
    ):
        status, out, err = hebao(*arguments, "--db", stored)
        assert (status, message in err, "Traceback" in err) == (2, True, False), err
        assert out == ""


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_compare_to_a_file(stored: Path, hebao: Hebao, form: str) -> None:
    path = Path(f"panel.{form}")
    assert hebao("compare", "--absent", "--db", stored, "-o", path)[0] == 0
    if form == "csv":
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert len(rows) == 2 * 2 * 2
        assert {(r["place"], r["year"], r["state"]) for r in rows if r["indicator"] == "toilets.renovated"} == {
            ("甲镇", "2022", "masked"), ("甲镇", "2023", "exact"),
            ("乙乡", "2022", "no_document"), ("乙乡", "2023", "exact"),
        }  # fmt: skip
    elif form == "json":
        panel = json.loads(path.read_text("utf-8"))["panel"]
        assert [Decimal(r["value_low"]) for r in panel if r["value_low"]] == [1200, 300, Decimal("320.5"), 7, 12]
    else:
        assert path.read_bytes().startswith(b"PK")
        assert "goes to a file" in hebao("compare", "--db", stored, "--format", "xlsx")[2]


def test_compare_to_standard_output(stored: Path, hebao: Hebao) -> None:
    assert len(json.loads(hebao("compare", "--db", stored, "--json")[1])["coverage"]) == 2
    assert hebao("compare", "--db", stored, "--format", "csv")[1].startswith(
        "indicator,name,place,year,period,unit,value,"
    )


def test_search(stored: Path, hebao: Hebao) -> None:
    status, out, _ = hebao("search", "垃圾", "--db", stored)
    assert status == 0
    assert "甲镇2022.txt p.1 [remediation]  …甲镇 2022 清理 300吨⟦垃圾⟧改造 XX户 户厕…" in out
    assert "3 hits for 垃圾" in out
    assert len(hebao("search", "垃圾", "--db", stored, "--json", "--limit", "2")[1].splitlines()) == 2
    assert hebao("search", "没有", "--db", stored)[0] == 1


def test_export(stored: Path, hebao: Hebao) -> None:
    status, out, _ = hebao("export", "--db", stored, "--format", "xlsx", "-o", "out")
    assert status == 0
    assert "codebook.xlsx" in out
    assert len(list(Path("out").iterdir())) == 11


def test_check(hebao: Hebao, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.cli import checkup

    status, out, _ = hebao("check")
    assert status == 0
    assert "with trigram search" in out
    monkeypatch.setattr(checkup, "PROGRAMS", {"no-such-program": "nothing"})
    assert "absent  no-such-program  would open: nothing" in hebao("check")[1]
    monkeypatch.setattr(checkup, "PACKAGES", ("no-such-package",))
    status, _, err = hebao("check")
    assert status == 2
    assert "cannot work without no-such-package" in err
    assert all({"name", "present", "detail"} <= set(part) for part in json.loads(hebao("check", "--json")[1]))


def test_run_can_be_interrupted(archive: Path, hebao: Hebao, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["pipeline.run"], "process", interrupted)
    status, _, err = hebao("run", archive, "--db", "x.db")
    assert status == 130
    assert "the same command goes on from here" in err


def test_a_reader_that_stops_reading_is_no_error(stored: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "pipeline", "search", "垃圾", "--db", str(stored.absolute())]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    os.close(write)
    assert "Traceback" not in done.stderr
