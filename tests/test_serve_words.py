"""What the desk says: checks in English, reasons in Chinese, and corrections that count."""

from __future__ import annotations

import ast
import json
import re
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from desk import TITLE, addresses, build, client, post, printed
from hypothesis import given
from hypothesis import strategies as st

import pipeline
from pipeline import evaluate
from pipeline.audit import base
from pipeline.batch import Slow, Summary
from pipeline.cli import summary
from pipeline.inputs import Problem
from pipeline.lexicon import chinese, rows
from pipeline.serve import view, words
from pipeline.store import Database, audit, schema

PACKAGE = Path(pipeline.__file__).parent
HAN = re.compile("[一-鿿]")
WORDS = re.compile(r"(?<![\w.`])(?:the|and|cannot|more than|page|file)\b")  # of English sentences, not of settings
DEAD_CORNERS, GARBAGE_POINTS = "remediation.dead_corners", "remediation.garbage_points_cleared"
CELL = "/compare/cell?place=栗溪镇&year=2023&indicator="


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="module")
def opened(archive: Path):  # type: ignore[no-untyped-def]
    with client(archive) as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A desk over one report, for corrections."""
    path = printed(tmp_path / f"{TITLE}.pdf")
    with Database(tmp_path / "x.db") as database:
        database.store(pipeline.process(path))
    with client(tmp_path / "x.db") as found:
        yield found


def claim_on(opened, asked: str) -> str:  # type: ignore[no-untyped-def]
    """The address of the first claim that the words find."""
    return addresses(opened.get(f"/claims?q={asked}").text, "/claims/[0-9a-f]{16}$")[0]


def correct(opened, address: str, field: str, value: str):  # type: ignore[no-untyped-def]
    answer = post(opened, f"{address}/corrections", field=field, value=value, reason="看原件", person="王核查")
    assert answer.status_code == 303, answer.text


# Checks in English


def test_every_check_has_its_english_words() -> None:
    assert set(words.checks()) == set(base.settings())
    for row in words.checks().values():
        assert all(row.values()), row
        assert not HAN.search(row["name"] + row["ask"]), row["check"]
        assert row["about"].endswith(".")
        assert row["innocent"].endswith(".")
        assert row["ask"].endswith((".", "?"))


@pytest.mark.parametrize("code", sorted(base.settings()))
def test_every_check_speaks_both_languages(code: str) -> None:
    from pipeline.serve import standards

    said = {language: standards.check(language, code) for language in words.LANGUAGES}
    assert HAN.search(said["zh"].name)
    assert not HAN.search(said["en"].name)
    assert said["zh"].innocent == base.settings()[code].innocent


def test_a_lead_is_explained_in_english(opened) -> None:  # type: ignore[no-untyped-def]
    address = addresses(opened.get("/leads?verdict=all&check=T04").text, "/leads/[0-9a-f]{16}")[0]
    opened.cookies.set("hebao_language", "en")
    try:
        page = opened.get(address).text
    finally:
        opened.cookies.delete("hebao_language")
    for said in words.checks()["T04"].values():
        assert said in page
    card = page.partition('class="card"')[2]
    assert re.search(r"<h2>the quantity of “[^”]+” is the report year \d{4}", card)
    assert base.settings()["T04"].innocent not in card
    assert base.settings()["T04"].innocent in opened.get(address).text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("分项", "one of its parts"),
        ("第3项", "item 3"),
        ("2021年提出的目标", "target set in 2021"),
        ("2021年的总数", "total of 2021"),
        ("所遮蔽的指标：户厕", "masked figure of 户厕"),
        ("应作“社区”", "should read “社区”"),
        ("望溪镇2021年报告《总结.docx》", "望溪镇, report of 2021: 总结.docx"),
        ("改造户厕", "Household toilets renovated"),
        ("14.5项不是整数", "14.5项 is not a whole number"),
        ("一、（缺二）、三", "一, (二 missing), 三"),
        ("间距：302、303", "distances: 302, 303"),
        ("2021年3次，2022年11次", "2021 × 3, 2022 × 11"),
        ("2023年8月 > 2023-4-21", "2023-8 > 2023-4-21"),
        ("9+4+5+2=20≠19", "9+4+5+2=20≠19"),
        ("可能是万元或元", "perhaps 万元 or 元"),
        ("60万元+21万元=81≠96万元", None),
        ("没有人写过的话", None),
        ("分项，没有人写过的话", None),
        ("", None),
    ],
)
def test_notes_of_leads_in_english(said: str, told: str | None) -> None:
    assert words.english("en", said) == told
    assert words.english("zh", said) is None


def test_every_row_of_notes_can_be_said() -> None:
    for row in rows("evidence_english"):
        blanks = re.findall(r"\{n?\}", row["said"])
        assert set(map(int, re.findall(r"\{(\d)\}", row["english"]))) == set(range(1, len(blanks) + 1)), row
        said = row["said"].replace("{n}", "7").replace("{}", "甲")
        assert words.english("en", said), row


def test_what_stays_chinese_in_english_says_so(opened) -> None:  # type: ignore[no-untyped-def]
    opened.cookies.set(view.LANGUAGE, "en")
    lead = addresses(opened.get("/leads?verdict=all&check=N01").text, "/leads/[0-9a-f]{16}")[0]
    page = opened.get(lead).text
    opened.cookies.delete(view.LANGUAGE)
    assert "one of its parts" in page
    listed = page.partition('<ol class="evidence"')[2].partition("</ol>")[0]
    own = re.sub(r"<(\w+)[^>]* lang=\"zh-Hans\".*?</\1>|href=\"[^\"]*\"", "", listed, flags=re.DOTALL)
    assert not HAN.search(own), own


def test_what_a_lead_says_beyond_its_check_is_shown_too() -> None:
    from pipeline.serve import desk

    usual = base.settings()["N19"]
    own = {"check": "N19", "innocent": f"{usual.innocent}标准另允许“甲”。", "ask": usual.ask}
    assert desk._own_words(own) == {"innocent": own["innocent"]}  # type: ignore[arg-type]


def test_a_lead_opens_at_its_evidence_without_script_too(opened) -> None:  # type: ignore[no-untyped-def]
    address = addresses(opened.get("/leads?verdict=all&check=T04").text, "/leads/[0-9a-f]{16}")[0]
    page = opened.get(address).text
    assert '<noscript><meta http-equiv="refresh" content="0; url=#e1"></noscript>' in page
    assert 'id="e1"' in page


# Reasons in Chinese


def said_in(path: Path) -> list[tuple[str, str]]:
    """What a module can say of a file: kind of call and message, `7` where something changes."""

    def text(node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.JoinedStr):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
        return None

    messages = {"Issue": 2, "issue": 1, "UnreadableError": 1, "Problem": 2, "SheetError": 0}
    tree = ast.parse(path.read_text("utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in messages and len(node.args) > messages[name] and (said := text(node.args[messages[name]])):
                found.append((name, said))
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
            found.append(("message", text(node.value) or ""))
    return found


@pytest.mark.parametrize(
    "path",
    sorted({*PACKAGE.glob("ingest/*.py"), PACKAGE / "inputs.py", PACKAGE / "batch.py", PACKAGE / "workers.py",
            PACKAGE / "pool.py", PACKAGE / "periods.py", *PACKAGE.glob("sections/*.py"), PACKAGE / "clean.py",
            *PACKAGE.glob("claims/*.py"), PACKAGE / "serve" / "sheets.py", PACKAGE / "serve" / "pages.py"}),
    ids=lambda path: path.name,
)  # fmt: skip
def test_everything_said_of_a_file_has_its_chinese(path: Path) -> None:
    """A row of models/reasons.csv for each; what only hands on another message is said by that one."""
    said = [message for _, message in said_in(path) if re.search("[a-z]{3}", message)]
    assert [message for message in said if not HAN.search(chinese(message) or "")] == []


def test_a_form_that_cannot_be_taken_says_why_in_chinese(opened) -> None:  # type: ignore[no-untyped-def]
    finding = addresses(opened.get("/leads?verdict=all").text, "/leads/[0-9a-f]{16}")[0].partition("?")[0]
    answer = post(opened, f"{finding}/verdict", verdict="有罪", person="王")
    assert answer.status_code == 400
    assert "“有罪”不是结论；可选：属实, 已解释, 误报, 待核" in answer.text


def test_every_format_that_is_not_read_has_its_chinese() -> None:
    from pipeline.ingest import formats

    assert [said for said in formats.UNSUPPORTED.values() if chinese(said) is None] == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("protected by a password; remove the password and try again", "有密码保护，请去掉密码后重试"),
        ("the program failed on this file: it needs more than 12 seconds of processor time;"
         " raise the limit, then repeat with --retry",
         "程序处理此文件时中断：需要的处理器时间超过 12 秒；请调高限制，再加 --retry 重跑"),
        ("报告.docx: the file is empty (0 bytes); get it again from its sender",
         "报告.docx：空文件（0 字节），请报送单位重新提供"),
        ("cannot be opened (Permission denied); check its permissions", "无法打开（没有权限），请检查权限"),
        ("3 comments left out", "略去 3 处批注"),
        ("X次: the number is masked; no value is given", "“X次”：数字被遮蔽，没有数值"),
        ("/甲/x.db: another run is at work on it (process 7 on box since 2026-01-01); wait for it, or end that process",
         "/甲/x.db：另一批次正在读取（box 上的进程 7，自 2026-01-01 起），请等它结束，或结束该进程"),
        ("what nobody has ever said", None),
        ("", None),
    ],
)  # fmt: skip
def test_reasons_in_chinese(said: str, told: str | None) -> None:
    assert chinese(said) == told


@given(st.text(max_size=40))
def test_no_text_breaks_the_telling(text: str) -> None:
    told = chinese(f"cannot be opened ({text}); check its permissions")
    assert text == "" or told == f"无法打开（{chinese(text) or text}），请检查权限"


def test_every_row_of_reasons_can_be_said() -> None:
    for row in rows("reasons"):
        said = row["said"].replace("{}", "7")
        assert chinese(said) is not None, said
        assert row["said"].count("{}") >= len(set(re.findall(r"\{(\d)\}", row["chinese"]))), row


def test_every_doubt_has_a_name() -> None:
    places = {"issue": 0, "Issue": 1}
    codes = {
        node.args[places[name]].value
        for path in PACKAGE.glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and (name := getattr(node.func, "id", getattr(node.func, "attr", ""))) in places
        and len(node.args) > places[name]
        and isinstance(node.args[places[name]], ast.Constant)
    }
    assert codes
    assert [code for code in sorted(codes) if words.name("zh", "issue", code) == code] == []


def test_the_end_report_is_chinese(tmp_path: Path) -> None:
    reasons = {
        "missing": "no such file or folder; check the spelling",
        "corrupt": "坏.pdf: no readable PDF (Failed to load document (PDFium: Data format error).);"
                   " print or save it as PDF again",
        "encrypted": "坏.pdf: protected by a password; remove the password and try again",
        "limit_memory": "the program failed on this file: it needs more than run.memory_megabytes (900);"
                        " raise the limit, then `hebao quarantine release` it",
        "quarantined": "3 tries, and the program or the machine was ended under each; see `hebao quarantine`",
        "unsupported": "坏.pdf: a presentation; save it as PDF",
    }  # fmt: skip
    failed = tuple(Problem("/甲/坏.pdf", outcome, reason) for outcome, reason in reasons.items())
    failed += (Problem("/甲/又.pdf", "encrypted", reasons["encrypted"]),)
    done = Summary(
        run=1, files=6, extracted=6, unchanged=0, duplicates=0, outcomes=dict.fromkeys(reasons, 1), documents=0,
        claims=0, place_years=0, issues={"no_object": 2, "year_conflict": 1}, failed=failed, ignored={}, seconds=1.0,
        slowest=(Slow(1.0, "/甲/坏.pdf", 10, "corrupt"),), removed=3,
    )  # fmt: skip
    page = summary.write_report(done, ["/甲"], "1", tmp_path)[0].read_text("utf-8")
    body = re.sub("<[^>]+>", " ", page.partition("<body>")[2])
    assert not WORDS.search(body), WORDS.search(body)
    assert "有密码保护，请去掉密码后重试（与 坏.pdf 内容相同）" in body
    assert "坏.pdf：" not in body, "the file stands in its own column"
    assert "没有找到所指对象" in body


def test_what_is_gone_is_told_plainly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    done = Summary(
        run=1, files=0, extracted=0, unchanged=0, duplicates=0, outcomes={}, documents=0, claims=0, place_years=0,
        issues={}, failed=(), ignored={}, seconds=0.0, removed=2,
    )  # fmt: skip
    summary.summarise(done, tmp_path / "x.db")
    assert "2 files have been moved or deleted since" in " ".join(capsys.readouterr().out.split())


# Corrections count


def test_a_claim_is_listed_under_its_corrected_code(fresh) -> None:  # type: ignore[no-untyped-def]
    address = claim_on(fresh, "128处")
    assert addresses(fresh.get(f"/claims?indicator={DEAD_CORNERS}").text, "/claims/[0-9a-f]{16}$") == [address]
    correct(fresh, address, "indicator", GARBAGE_POINTS)
    assert addresses(fresh.get(f"/claims?indicator={DEAD_CORNERS}").text, "/claims/[0-9a-f]{16}$") == []
    listed = fresh.get(f"/claims?indicator={GARBAGE_POINTS}").text
    assert addresses(listed, "/claims/[0-9a-f]{16}$") == [address]
    assert f"已更正，原读作：{words.indicator('zh', DEAD_CORNERS)}" in listed
    page = fresh.get(address).text
    assert f"<h1>{words.indicator('zh', GARBAGE_POINTS)}" in page
    assert f'value="{GARBAGE_POINTS}" selected' in page
    table = fresh.get(f"/claims.csv?indicator={GARBAGE_POINTS}").text
    assert DEAD_CORNERS in table, "the reading stays in its column, the correction in another"
    correct(fresh, address, "indicator", "")
    assert addresses(fresh.get("/claims?indicator=none&q=128处").text, "/claims/[0-9a-f]{16}$") == [address]
    correct(fresh, address, "indicator", DEAD_CORNERS)
    assert "已更正" not in fresh.get(f"/claims?indicator={DEAD_CORNERS}").text, "corrected back is taken back"
    assert fresh.get(address).text.count("<del>") == 3, "the history keeps all three"


def test_a_corrected_status_is_counted(fresh) -> None:  # type: ignore[no-untyped-def]
    def counts() -> dict[str, int]:
        found = re.findall(r'href="\?status=(\w+)">\S+ <b>(\d+)</b>', fresh.get("/claims").text)
        return {status: int(number) for status, number in found}

    before, address = Counter(counts()), claim_on(fresh, "128处")
    correct(fresh, address, "status", "target")
    assert Counter(counts()) == before - Counter(done=1) + Counter(target=1)
    assert address in addresses(fresh.get("/claims?status=target").text, "/claims/[0-9a-f]{16}$")
    assert address not in addresses(fresh.get("/claims?status=done").text, "/claims/[0-9a-f]{16}$")
    report = addresses(fresh.get("/").text, "/reports/")[0]
    assert re.search(r'class="claim target" href="/claims/\w+" title="128处 · 目标 · [^"]* · 已更正"',
                     fresh.get(f"{report}?view=raw").text)  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [("status", ""), ("status", "maybe"), ("label", "title"), ("label", "")])
def test_no_correction_to_nothing(fresh, field: str, value: str) -> None:  # type: ignore[no-untyped-def]
    address = claim_on(fresh, "128处")
    answer = post(fresh, f"{address}/corrections", field=field, value=value, reason="r", person="王")
    assert answer.status_code == 400


def test_the_comparison_goes_by_the_correction_and_says_so(fresh) -> None:  # type: ignore[no-untyped-def]
    address = claim_on(fresh, "128处")
    assert "128处" in fresh.get(CELL + DEAD_CORNERS).text
    correct(fresh, address, "indicator", GARBAGE_POINTS)
    page = fresh.get(CELL + GARBAGE_POINTS).text
    assert words.say("zh", "compare.corrected") in page
    assert '<span class="figure">128处</span>' in page
    left = fresh.get(CELL + DEAD_CORNERS).text
    assert words.name("zh", "state", "not_mentioned") in left
    assert words.say("zh", "compare.moved_away") in left
    assert address in addresses(left, "/claims/")
    assert 'class="pen"' in fresh.get(f"/compare?indicator={GARBAGE_POINTS}").text
    path = fresh.app.state.desk.database
    with Database(path) as database:
        panel = database.panel([DEAD_CORNERS, GARBAGE_POINTS], rows=("indicator", "place"), columns=())
        told = {row["indicator"]: (row["state"], row["value"], row["note"])
                for _, row in panel.reset_index().iterrows()}  # fmt: skip
        assert told[GARBAGE_POINTS] == ("exact", 128.0, "corrected")
        assert told[DEAD_CORNERS][0] == "not_mentioned"
        before = database.stamp()
        audit.correct(database, address.rpartition("/")[2], "indicator", DEAD_CORNERS, "看错了", "王")
        assert database.stamp() != before, "a copy made before the correction is stale"
        panel = database.panel([DEAD_CORNERS], rows=("indicator", "place"), columns=())
        assert list(panel["note"].isna()) == [True]


def test_a_part_corrected_is_a_lesson_for_training(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "/corrections.zip" not in fresh.get("/claims").text
    address = claim_on(fresh, "128处")
    correct(fresh, address, "label", "results")
    assert "/corrections.zip" in fresh.get("/claims").text
    report = addresses(fresh.get("/").text, "/reports/")[0]
    assert "已更正，原读作：环境整治" in fresh.get(f"{report}?view=raw").text
    packed = fresh.get("/corrections.zip").content
    assert packed == fresh.get("/corrections.zip").content, "the same corrections, the same bytes"
    with zipfile.ZipFile(BytesIO(packed)) as package:
        package.extractall(tmp_path / "corpus")
    (example,) = evaluate.read(tmp_path / "corpus")
    assert set(example.labels) == {"", "results"}, "parts that nobody corrected teach nothing"
    taught = [unit for unit, label in zip(example.units, example.labels, strict=True) if label]
    assert any("128处" in example.text.clean[unit.start : unit.end] for unit in taught)
    parts = json.loads(next((tmp_path / "corpus" / "gold").glob("*.sections.json")).read_text("utf-8"))
    assert all(set(part) == {"start", "end", "label"} for part in parts)


def test_corrections_outlive_the_change_of_their_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, known = tmp_path / "x.db", schema.migrations()
    monkeypatch.setattr(schema, "migrations", lambda: known[:6])
    with Database(path) as database:
        database.connection.execute(
            "INSERT INTO corrections (claim, field, value, original, reason, person, time)"
            " VALUES ('c', 'object', '新', '旧', '因', '人', '2026')"
        )
    monkeypatch.setattr(schema, "migrations", lambda: known)
    with Database(path) as database:
        kept = database.connection.execute("SELECT key, claim, field, value, original FROM corrections").fetchall()
        assert [tuple(row) for row in kept] == [(1, "c", "object", "新", "旧")]
        with pytest.raises(Exception, match="only grow"):
            database.connection.execute("DELETE FROM corrections")


def test_a_figure_alone_in_its_cell_is_led_in_by_its_heads(opened) -> None:  # type: ignore[no-untyped-def]
    page = opened.get("/claims?place=石坪乡&year=2022&q=84处").text
    assert '〔合计 · 卫生死角〕<b class="figure">84处</b>' in page
    assert "〔" not in opened.get("/claims?q=流动摊点").text.partition("<tbody>")[2], "a sentence needs no help"
