"""The desk page by page: who is let in, what is shown, what is written and what never is."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
from desk import (
    ACCESS,
    CORPUS,
    CORRUPTED,
    HOST,
    PORT,
    SAMPLES,
    TITLE,
    TOKEN,
    addresses,
    build,
    client,
    fill,
    post,
    printed,
)
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline.serve
from pipeline import compare
from pipeline.serve import amounts, comparison, desk, source, standards, words
from pipeline.serve.security import HEADERS, Access, host_names
from pipeline.store import Database

PACKAGE = Path(pipeline.serve.__file__).parent
SCREENS = ("/", "/search?q=垃圾", "/leads", "/claims", "/compare", "/keys")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that tests of this module may add verdicts and corrections to."""
    return build(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def opened(archive: Path):  # type: ignore[no-untyped-def]
    with client(archive) as found:
        yield found


# Who is let in


@pytest.mark.parametrize("path", [*SCREENS, "/static/desk.css", "/runs.json", "/leads/0", "/claims.csv", "/nothing"])
def test_without_the_token_nothing_is_shown(archive: Path, path: str) -> None:
    with client(archive, enter=False) as stranger:
        for cookies in ({}, {ACCESS.cookie: ""}, {ACCESS.cookie: TOKEN[:-1]}, {ACCESS.cookie: "é"}, {"other": TOKEN}):
            stranger.cookies.clear()
            header = "; ".join(f"{name}={value}" for name, value in cookies.items()).encode("latin-1")
            answer = stranger.get(path, headers={b"Cookie": header} if header else {})
            assert answer.status_code == 401
            assert TITLE not in answer.text


HOSTS = [
    "evil.example", f"evil.example:{PORT}", "127.0.0.1", "localhost", f"127.0.0.1:{PORT + 1}", f"127.0.0.2:{PORT}",
    f"0.0.0.0:{PORT}", f"localhost.evil.example:{PORT}", f"127.0.0.1.nip.example:{PORT}",
    f"127.0.0.1:{PORT}@evil.example", f"evil.example#127.0.0.1:{PORT}", "", "null", f"[::2]:{PORT}",
    f"user@127.0.0.1:{PORT}", f"127.0.0.1:{PORT}.",
]  # fmt: skip
ORIGINS = [
    "http://evil.example", f"http://evil.example:{PORT}", "null", "", "http://127.0.0.1",
    f"http://127.0.0.1:{PORT + 1}", f"http://localhost:{PORT}", f"file://{HOST}", f"http://{HOST}@evil.example", f"http://{HOST}.evil.example",
    f"ftp://{HOST}", "http://[", f"chrome-extension://{HOST}", f"//{HOST}", HOST,
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused(opened, host: str) -> None:  # type: ignore[no-untyped-def]
    answer = opened.get("/", headers={"Host": host})
    assert answer.status_code == 403
    assert TITLE not in answer.text


@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}", f"[::1]:{PORT}", f"LOCALHOST:{PORT}"])
def test_every_name_of_loopback_is_served(opened, host: str) -> None:  # type: ignore[no-untyped-def]
    assert opened.get("/", headers={"Host": host}).status_code == 200


def test_two_hosts_are_refused(opened) -> None:  # type: ignore[no-untyped-def]
    assert opened.get("/", headers=[("Host", HOST), ("Host", "evil.example")]).status_code == 403


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_another_origin_is_refused(opened, origin: str, method: str) -> None:  # type: ignore[no-untyped-def]
    assert opened.request(method, "/runs", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("path", ["/runs", "/language", "/leads/0/verdict", "/claims/0/corrections", "/enter"])
def test_a_form_without_origin_is_refused(opened, path: str) -> None:  # type: ignore[no-untyped-def]
    assert opened.post(path, data={"do": "again"}).status_code == 403


def test_the_address_with_the_token_lets_in_once_and_for_all(archive: Path) -> None:
    with client(archive, enter=False) as stranger:
        assert stranger.get("/enter?token=wrong").status_code == 401
        answer = stranger.get(f"/enter?token={TOKEN}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert stranger.get("/").status_code == 200


def test_the_password_lets_in_where_one_is_set(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.serve.security.WRONG_PASSWORD_SECONDS", 0.0)
    with client(archive, enter=False) as stranger:
        assert post(stranger, "/enter", password="").status_code == 401, "no password is set: none lets in"
    with client(archive, Access(ACCESS.hosts, TOKEN, "长密码"), enter=False) as stranger:
        assert 'type="password"' in stranger.get("/").text
        assert post(stranger, "/enter", password="错").status_code == 401
        assert post(stranger, "/enter", password="长密码").status_code == 303
        assert stranger.get("/").status_code == 200


def test_a_named_address_answers_to_its_name_only() -> None:
    assert host_names("192.168.1.5", 8420) == {"192.168.1.5:8420"}
    assert "localhost:9" in host_names("::1", 9)


@pytest.mark.parametrize("path", [*SCREENS, "/static/desk.js", "/nothing"])
def test_every_answer_carries_the_policy(opened, path: str) -> None:  # type: ignore[no-untyped-def]
    answer = opened.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_no_page_has_inline_script_style_or_foreign_address() -> None:
    for template in PACKAGE.glob("templates/*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|application/json))|https?://", text), (
            template
        )
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", text), template


# What is shown


def test_the_archive_lists_every_document(opened) -> None:  # type: ignore[no-untyped-def]
    page = opened.get("/").text
    for name in (*SAMPLES, f"{TITLE}.pdf"):
        assert name in page
    assert TITLE not in opened.get("/?year=2020").text
    assert TITLE in opened.get("/?q=栗溪").text
    assert TITLE not in opened.get("/?format=docx").text


def test_lists_go_on_where_they_stopped(opened, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("pipeline.serve.archive.ROWS", 3)
    monkeypatch.setattr("pipeline.serve.ledger.ROWS", 60)
    for start, pattern, total in (("/", "/reports/", len(SAMPLES) + 1), ("/claims", "/claims/[0-9a-f]{16}$", None)):
        seen, address = [], start
        while address:
            page = opened.get(address).text
            seen += addresses(page, pattern)
            following = re.search(r'rel="next" href="([^"]*)"', page)
            address = start + following[1].replace("&amp;", "&") if following else ""
        assert len(seen) == len(set(seen)) == (total or _count(opened, "claims"))


def _count(opened, table: str) -> int:  # type: ignore[no-untyped-def]
    with Database(opened.app.state.desk.database, read_only=True) as database:
        return int(database.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_what_failed_is_told_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "坏.docx").write_bytes(b"PK\x03\x04 and no more")
    fill(tmp_path / "x.db", [tmp_path / "坏.docx"])
    with Database(tmp_path / "x.db") as database:
        database.record_paths([(str(tmp_path / "没有.pdf"), None, "cannot be opened")])
    with client(tmp_path / "x.db") as opened:
        page = opened.get("/?outcome=failed").text
        assert "2 份未能读取" in page
        assert "没有.pdf" in page
        assert words.name("zh", "outcome", "corrupt") in page
        assert words.name("zh", "remedy", "corrupt") in page
        report_page = opened.get(addresses(page, "/reports/")[0]).text
        assert "没有可显示的文字" in report_page


def test_the_archive_says_what_to_do_next(opened, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    waiting = re.search(r'href="/leads\?severity=1">(\d+) 条线索待先问', opened.get("/").text)
    assert waiting is not None
    assert f"{waiting[1]} 条线索" in opened.get("/leads?severity=1").text
    (tmp_path / "空.txt").write_bytes(b"")
    fill(tmp_path / "x.db", [tmp_path / "空.txt"])
    with client(tmp_path / "x.db") as other:
        assert "待先问" not in other.get("/").text
        assert '<option value="" selected></option>' not in other.get("/").text, "no format is not a format to choose"


def test_part_of_a_place_finds_it(opened) -> None:  # type: ignore[no-untyped-def]
    for screen in ("/claims", "/leads"):
        whole, part = (opened.get(f"{screen}?place={name}").text for name in ("栗溪镇", "栗溪"))
        counts = [re.search(r"([\d,]+) (?:个数字|条线索)", page) for page in (whole, part)]
        assert counts[0] is not None
        assert counts[1] is not None
        assert counts[0][1] == counts[1][1] != "0"


def test_search_shows_hits_in_context(opened) -> None:  # type: ignore[no-untyped-def]
    page = opened.get("/search?q=流动摊点").text
    assert '<b class="figure">流动摊点</b>' in page
    target = addresses(page, "/reports/.*at=")[0]
    assert '<rect class="evidence"' in opened.get(target).text  # a paged document opens at the printed page
    assert "<mark" in opened.get(target.replace("#", "&view=raw#")).text


def test_a_report_is_shown_whole_with_its_claims(opened) -> None:  # type: ignore[no-untyped-def]
    target = addresses(opened.get("/?q=栗溪").text, "/reports/")[0]
    page = opened.get(target).text
    shown = re.sub(r"<[^>]+>|\s", "", page)
    for paragraph in BODY_LINES:
        assert paragraph in shown
    assert re.search(rf'class="claim doubtful"[^>]*>{CORRUPTED}</a>', page)
    assert "存在问题" in page


BODY_LINES = (
    "召开会议6次，投入资金96万元",
    "清理卫生死角128处",
    "部分村民卫生意识有待提高。",
    "2024年计划改造户厕60户",
)


def test_cleaning_is_shown_beside_the_text_as_issued(opened) -> None:  # type: ignore[no-untyped-def]
    target = addresses(opened.get("/?q=柳塘&format=txt").text, "/reports/")[0]
    raw, clean = opened.get(target).text, opened.get(f"{target}?view=clean").text
    assert "<del data-why=" not in raw
    assert "<del data-why=" in clean


def test_a_printed_page_has_its_boxes_on_the_characters(opened) -> None:  # type: ignore[no-untyped-def]
    target = addresses(opened.get("/?q=栗溪").text, "/reports/")[0]
    page = opened.get(f"{target}?view=page&page=2").text
    box = re.search(r"<title>[^<]*2,023[^<]*</title><rect[^>]* x=\"([\d.]+)\" y=\"([\d.]+)\" width=\"([\d.]+)\"", page)
    assert box, "the overwritten figure has no box"
    left, top, width = map(float, box.groups())
    assert 64 < left < 72, "at the margin"
    assert 100 < top < 130, "on the third line of the page"
    assert 50 < width < 66, "four digits and two characters"
    picture = opened.get(addresses(page.replace('image href="', 'a href="'), ".*png")[0])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_file_that_moved_leaves_its_text(tmp_path: Path) -> None:
    database = build_one(tmp_path)
    (tmp_path / f"{TITLE}.pdf").unlink()
    with client(database) as opened:
        target = addresses(opened.get("/").text, "/reports/")[0]
        assert "不在原处" in opened.get(f"{target}?view=page").text
        lead = opened.get("/leads").text
        assert "不在原处" in lead
        assert "<mark" in lead
        assert opened.get(f"{target}/pages/1.png").status_code == 404


def build_one(folder: Path) -> Path:
    fill(folder / "one.db", [printed(folder / f"{TITLE}.pdf")])
    return folder / "one.db"


def test_a_damaged_file_takes_only_the_printer_down(opened) -> None:  # type: ignore[no-untyped-def]
    target = addresses(opened.get("/?q=栗溪").text, "/reports/")[0]
    opened.get(f"{target}/pages/1.png")
    printer = opened.app.state.desk.printer
    printer.kept.clear()
    printer.child[0].kill()
    assert opened.get(f"{target}/pages/1.png").status_code == 404, "the page that was under way is lost"
    assert opened.get(f"{target}/pages/1.png").status_code == 200, "the next one is drawn by a new process"


def lead_on(opened, words_: str, place: str = "栗溪镇") -> str:  # type: ignore[no-untyped-def]
    """The address of the lead whose message has the words."""
    page = opened.get(f"/leads?verdict=all&place={place}").text
    for address in addresses(page, "/leads/[0-9a-f]{16}"):
        if words_ in re.search(r"<h2[^>]*>(.*?)</h2>", opened.get(address).text)[1]:  # type: ignore[index]
            return address.partition("?")[0]
    raise AssertionError(f"no lead speaks of {words_}")


def test_a_lead_opens_at_its_evidence_on_the_page(opened) -> None:  # type: ignore[no-untyped-def]
    page = opened.get(lead_on(opened, CORRUPTED)).text
    assert "第 2 页，共 2 页" in page
    assert 'id="e1"' in page
    assert 'class="evidence"' in page
    text = opened.get(lead_on(opened, CORRUPTED) + "?source=text").text
    assert re.search(rf'<mark id="e1"[^>]*><a[^>]*>{CORRUPTED}</a></mark>', text)


def test_operands_of_a_formula_lead_to_their_figures(opened) -> None:  # type: ignore[no-untyped-def]
    page = opened.get(lead_on(opened, "96万元", "柳塘乡")).text
    formula = re.search(r'<p class="formula"[^>]*>(.*?)</p>', page)[1]  # type: ignore[index]
    assert {re.sub("<[^>]+>", "", link) for link in re.findall(r"<a .*?</a>", formula)} >= {"96"}


def test_numbers_of_a_formula_find_their_evidence_once() -> None:
    rows = [{"number": 0, "surface": "9处"}, {"number": 1, "surface": "1,200元"}, {"number": 2, "surface": "9处"}]
    parts = list(desk.linked("9+9+9=1200", rows))  # type: ignore[arg-type]
    assert [(part, at) for part, at in parts if part.strip("+=")] == [("9", 0), ("9", 2), ("9", None), ("1200", 1)]


def test_two_sources_stand_side_by_side(opened) -> None:  # type: ignore[no-untyped-def]
    with Database(opened.app.state.desk.database, read_only=True) as database:
        row = database.connection.execute(
            "SELECT f.id FROM findings AS f JOIN evidence AS e ON e.finding = f.key WHERE e.document <> f.document"
        ).fetchone()
    assert row, "the samples have a lead that rests on two reports"
    page = opened.get(f"/leads/{row[0]}").text
    assert page.count('<div class="pane">') == 2
    assert 'data-key="s"' in page
    assert opened.get(f"/leads/{row[0]}?second=0").text.count('<div class="pane">') == 1


def test_claims_are_filtered(opened) -> None:  # type: ignore[no-untyped-def]
    assert CORRUPTED in opened.get("/claims?state=corrupted&place=栗溪镇").text.replace("</a>", "")
    for query in ("status=target", "state=masked", "unit=户", "year=2020", "indicator=none", "q=厕", "q=卫生死角"):
        page = opened.get(f"/claims?{query}").text
        assert addresses(page, "/claims/[0-9a-f]{16}$"), query
        assert len(page) < len(opened.get("/claims").text) + 5000
    assert "没有符合条件" in opened.get("/claims?unit=光年").text


def test_a_cell_of_the_comparison_leads_to_its_sentence(opened) -> None:  # type: ignore[no-untyped-def]
    page = opened.get("/compare?indicator=remediation.dead_corners&place=栗溪镇").text
    cell = opened.get(addresses(page, "/compare/cell")[0]).text
    assert '清理卫生死角<b class="figure">128处</b>' in cell
    assert "第 2 页" in cell
    target = addresses(cell, "/reports/.*at=")[0]
    assert 'class="evidence"' in opened.get(target.replace("#e0", "")).text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("find=柳塘", ["柳塘乡"]),
        ("find=石坪、云岭镇", ["云岭镇", "石坪乡"]),
        ("find=云岭&place=柳塘乡", ["柳塘乡", "云岭镇"]),
        ("find=没有这个镇", []),
    ],
)
def test_places_of_the_comparison_are_found_by_part_of_their_names(opened, asked: str, shown: list[str]) -> None:  # type: ignore[no-untyped-def]
    page = opened.get(f"/compare?{asked}").text
    assert re.findall(r'name="place" value="([^"]*)"', page) == shown
    assert ("没有名称含这些字的单位" in page) == (not shown)


def test_the_comparison_is_the_panel(opened) -> None:  # type: ignore[no-untyped-def]
    with Database(opened.app.state.desk.database, read_only=True) as database:
        panel = compare.panel(database, rows=compare.KEYS, columns=()).reset_index()
    for place in ("云岭镇", "柳塘乡", "石坪乡"):
        for indicator in ("toilets.household_renovated", "publicity.leaflets_distributed"):
            lines = opened.get(f"/compare.csv?place={place}&indicator={indicator}").text.splitlines()[1:]
            there = panel[(panel["place"] == place) & (panel["indicator"] == indicator)]
            wanted = {(int(y), s) for y, s in zip(there["year"], there["state"], strict=True) if s != "no_document"}
            assert {(int(line.split(",")[3]), line.split(",")[8]) for line in lines if line} == wanted


@pytest.mark.parametrize(
    ("low", "high", "unit", "told"),
    [
        ("23140000000", "23140000000", "元", "231.4亿元"),
        ("678000", "678000", "元", "67.8万元"),
        ("1234.56", "1234.56", "元", "1,234.56元"),
        ("30000", "50000", "元", "3–5万元"),
        ("9000", "50000", "元", "9,000–50,000元"),
        ("1000000", None, "元", "≥ 100万元"),
        ("12000", "12000", "份", "12,000份"),
        ("1560000", "1560000", "千克", "1,560吨"),
        ("520000", "1260000", "千克", "520–1,260吨"),
        ("900", "1260000", "千克", "900–1,260,000千克"),
        ("9100", "9100", "米", "9.1公里"),
        ("1333.333333333333", "1333.333333333333", "平方米", "1,333.33平方米"),
        (None, None, "元", ""),
    ],
)
def test_values_are_shown_as_reports_write_them(low: str | None, high: str | None, unit: str, told: str) -> None:
    assert amounts.shown(low and Decimal(low), high and Decimal(high), unit) == told  # type: ignore[arg-type]


def test_every_state_has_its_glyph_and_words() -> None:
    for language in words.LANGUAGES:
        assert set(compare.STATES) <= set(words.names(language, "state"))
        assert set(compare.STATES) <= set(words.names(language, "state_help"))
    assert set(compare.STATES) <= set(comparison.GLYPHS)
    assert len(set(comparison.GLYPHS.values())) == len(comparison.GLYPHS)


# What is written


def test_a_verdict_is_kept_and_can_be_taken_back(archive: Path, opened) -> None:  # type: ignore[no-untyped-def]
    address = lead_on(opened, "96万元", "柳塘乡")
    finding = address.rpartition("/")[2]
    answer = post(
        opened, f"{address}/verdict", verdict="属实", note="已电话核实", person="王核查", filters="severity=1"
    )
    assert answer.status_code == 303
    assert f"decided={finding}" in answer.headers["location"]
    assert finding not in answer.headers["location"].partition("?")[0], "the next lead is opened"
    follow = opened.get(answer.headers["location"]).text
    assert "已记：属实" in follow
    page = opened.get(address).text
    assert "已电话核实" in page
    assert "王核查" in page
    assert address not in addresses(opened.get("/leads").text, "/leads/")
    assert post(opened, f"{address}/verdict", verdict="待核").status_code == 303
    assert address in [link.partition("?")[0] for link in addresses(opened.get("/leads").text, "/leads/")]
    with Database(archive, read_only=True) as database:
        rows = database.connection.execute(
            "SELECT verdict, person FROM verdicts WHERE finding = ?", (finding,)
        ).fetchall()
    assert [tuple(row) for row in rows] == [("属实", "王核查"), ("待核", "王核查")]


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/leads/0000000000000000/verdict", {"verdict": "属实"}, 404),
        ("/leads/ID/verdict", {"verdict": "有罪"}, 400),
        ("/leads/ID/verdict", {}, 400),
        ("/claims/CLAIM/corrections", {"field": "indicator", "value": "no.such", "reason": "r"}, 400),
        ("/claims/CLAIM/corrections", {"field": "indicator", "value": ""}, 400),
        ("/claims/CLAIM/corrections", {"field": "surface", "value": "1", "reason": "r"}, 400),
        ("/claims/0000000000000000/corrections", {"field": "object", "value": "1", "reason": "r"}, 400),
    ],
)
def test_what_makes_no_sense_is_not_written(opened, path: str, fields: dict[str, str], status: int) -> None:  # type: ignore[no-untyped-def]
    path = path.replace("ID", lead_on(opened, CORRUPTED).rpartition("/")[2])
    path = path.replace("CLAIM", addresses(opened.get("/claims").text, "/claims/[0-9a-f]{16}$")[0].rpartition("/")[2])
    before = _count(opened, "verdicts"), _count(opened, "corrections")
    assert post(opened, path, **fields).status_code == status
    assert (_count(opened, "verdicts"), _count(opened, "corrections")) == before


def test_a_correction_stands_beside_the_original(opened) -> None:  # type: ignore[no-untyped-def]
    address = addresses(opened.get("/claims?q=流动摊点").text, "/claims/[0-9a-f]{16}$")[0]
    answer = post(
        opened, f"{address}/corrections", field="object", value="占道摊点", reason="=原文另有所指", person="王核查"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    page = opened.get(address).text
    assert "占道摊点" in page
    assert "流动摊点" in page
    for words_ in ("流动摊点", "占道摊点"):
        listed = opened.get(f"/claims?q={words_}").text
        assert re.search(r"占道摊点<small[^>]*>已更正，原读作：流动摊点</small>", listed), "found under both"
    assert 'href="/claims?corrected=yes"' in opened.get("/claims").text
    assert addresses(opened.get("/claims?corrected=yes").text, "/claims/[0-9a-f]{16}$") == [address]
    table = opened.get("/corrections.csv")
    assert "占道摊点" in table.text
    assert ",'=原文另有所指," in table.text, "a formula stays text"
    assert table.headers["content-disposition"].startswith("attachment")


def test_a_desk_for_reading_only_writes_nothing(archive: Path) -> None:
    with client(archive, may_write=False) as opened:
        address = lead_on(opened, CORRUPTED)
        assert 'name="verdict"' not in opened.get(address).text.partition('class="card"')[2]
        assert post(opened, f"{address}/verdict", verdict="属实", person="x").status_code == 403
        assert post(opened, "/runs", do="again").status_code == 403


def test_the_reading_connection_cannot_write(archive: Path, opened) -> None:  # type: ignore[no-untyped-def]
    from starlette.requests import Request

    from pipeline.serve import view

    with (
        view.reading(Request({"type": "http", "app": opened.app})) as database,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        database.connection.execute("DELETE FROM documents")


@pytest.mark.parametrize("form", ["docx", "xlsx", "html", "jsonl"])
def test_the_queue_goes_out_as_a_sheet(opened, form: str) -> None:  # type: ignore[no-untyped-def]
    answer = opened.get(f"/leads/sheet.{form}?verdict=all&place=栗溪镇")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''leads.{form}"
    assert form in ("docx", "xlsx") or CORRUPTED in answer.text
    assert opened.get("/leads/sheet.exe").status_code == 404


def test_uploads_are_read_and_audited(tmp_path: Path) -> None:
    import time

    (tmp_path / "new.db").touch()
    (tmp_path / "new.db").unlink()
    with client(tmp_path / "new.db") as opened:
        assert "还没有文件" in opened.get("/").text
        files = [("files", ("../../逃逸.txt", (CORPUS / SAMPLES[5]).read_bytes(), "text/plain"))]
        answer = opened.post("/runs", data={"do": "upload"}, files=files, headers={"Origin": f"http://{HOST}"})
        assert answer.status_code == 303
        assert [path.name for path in (tmp_path / "new-files").iterdir()] == ["逃逸.txt"]
        assert post(opened, "/runs", do="folder", folder=str(tmp_path)).status_code == 409, "one batch at a time"
        for _ in range(600):
            state = opened.get("/runs.json").json()
            if not state["running"] and state["stage"] != "reading":
                break
            time.sleep(0.1)
        assert (state["stage"], state["finished"]) == ("done", 1)
        assert "逃逸.txt" in opened.get("/").text
        assert post(opened, "/runs", do="folder", folder=str(tmp_path / "nowhere")).status_code == 400


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--address", "0.0.0.0"], "name the one address"),
        (["--address", "192.0.2.1"], "HEBAO_PASSWORD"),
        (["--port", "70000"], "65535"),
        (["--db", "nowhere/x.db", "--port", "0", "--no-browser"], "folder that exists"),
    ],
)
def test_the_command_refuses_what_is_not_safe(options: list[str], said: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "serve", *options]
    environment = {name: value for name, value in os.environ.items() if name != "HEBAO_PASSWORD"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr


# Words and addresses


def test_every_word_of_the_pages_is_in_the_table_and_the_other_way_round() -> None:
    table = tomllib.loads((PACKAGE / "words.toml").read_text("utf-8"))
    files = [*PACKAGE.glob("templates/*.html"), *PACKAGE.glob("*.py")]
    text = "".join(path.read_text("utf-8") for path in files)
    known = {f"{section}.{key}" for section, pairs in table.items() for key in pairs}
    assert set(re.findall(r"""\bt\(["']([a-z_]+\.[a-z_0-9]+)["'](?! ~)""", text)) <= known
    named = set(re.findall(r"""["']([a-z_]+\.[a-z_0-9]+)["']""", text))
    built = ("nav.", "severity.", "run.", "report.view_", "column.", "chart.", "refused.")
    coded = {section for section in table if re.search(rf"""names?\((?:\w+, )?["']{section}["']""", text)}
    left = {key for key in known - named if key.partition(".")[0] not in coded and not key.startswith(built)}
    assert left == set()
    for section in table.values():
        for zh, en in section.values():
            assert zh
            assert en
            assert set(re.findall(r"{\w+}", zh)) == set(re.findall(r"{\w+}", en))


def test_the_other_language_is_one_form_away(archive: Path) -> None:
    with client(archive) as opened:
        assert "档案台" in opened.get("/").text
        answer = post(opened, "/language", language="en", here="/claims?unit=户")
        assert unquote(answer.headers["location"]) == "/claims?unit=户"
        page = opened.get("/claims").text
        assert "Claim ledger" in page
        assert 'lang="en"' in page
        for path in SCREENS:
            assert "核查台" not in opened.get(path).text


@pytest.mark.parametrize(
    "here", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "", "/a\nb"]
)
def test_a_form_never_leads_away(opened, here: str) -> None:  # type: ignore[no-untyped-def]
    assert post(opened, "/language", language="zh", here=here).headers["location"] == "/"


PARAMETERS = ("q", "year", "outcome", "format", "after", "place", "indicator", "status", "state", "unit", "severity",
              "check", "verdict", "pane", "second", "source", "view", "at", "until", "page", "per", "after_place",
              "document", "decided", "skip", "told")  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=20), st.integers().map(str),
    st.sampled_from(["'", '"', "%", "\\", "\0", "[1,2]", '["a","b"]', '["\\ud800","x"]', "9" * 30, "-1", "[[],{}]",
                     "1e9", "²"]),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(asked=st.dictionaries(st.sampled_from(PARAMETERS), VALUES, max_size=5), screen=st.integers(0, 12))
def test_no_address_breaks_the_server_or_the_database(opened, asked: dict[str, str], screen: int) -> None:  # type: ignore[no-untyped-def]
    report = addresses(opened.get("/?q=栗溪").text, "/reports/")[0]
    paths = ("/", "/search", "/leads", "/claims", "/compare", "/compare/cell", "/compare.csv", "/claims.csv", report,
             "/leads/sheet.jsonl", "/search.csv", "/claims.xlsx", "/compare.xlsx")  # fmt: skip
    answer = opened.get(paths[screen], params={k: v.encode("utf-8", "replace") for k, v in asked.items()})
    assert answer.status_code < 500


# Text in pieces


@given(
    text=st.text(max_size=60), spans=st.lists(st.tuples(st.integers(0, 70), st.integers(0, 20), st.sampled_from("cee")))
)
def test_pieces_are_the_text(text: str, spans: list[tuple[int, int, str]]) -> None:
    kinds = {"c": "claim", "e": "evidence"}
    marks = [source.Mark(start, start + length, kinds[kind]) for start, length, kind in spans]
    assert "".join(piece.text for piece in source.pieces(text, 5, marks)) == text


@pytest.mark.parametrize(
    ("text", "surface", "wanted"),
    [
        ("一句。清理垃圾8吨，运走5车。又一句。", "8吨", ("清理垃圾", "8吨", "，运走5车。")),
        ("清理垃\n圾8吨", "8吨", ("圾", "8吨", "")),
        ("8吨", "8吨", ("", "8吨", "")),
    ],
)
def test_a_claim_is_quoted_with_its_sentence(text: str, surface: str, wanted: tuple[str, str, str]) -> None:
    start = text.index(surface)
    assert source.sentence(text, start, start + len(surface)) == wanted


def test_a_wrapped_line_does_not_end_the_sentence() -> None:
    assert source.sentence("清理垃\n圾8吨", 5, 7, wraps={3}) == ("清理垃圾", "8吨", "")


def test_a_standard_is_told_with_its_version_and_level() -> None:
    told = standards.standard("zh", "WS2021-01")
    assert told is not None
    assert told["threshold"] == "食品生产经营风险分级管理率 ≥90%"
    assert told["level"] == "A 已见原文"
    assert standards.standard("zh", "no-such") is None
    assert standards.standard("zh", None) is None
