"""The desk in a real browser: an auditor's walk by keyboard, a comparison, a correction, English, a phone, nothing that
a screen reader stumbles over, and not one request to anywhere else."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from desk import CORRUPTED, TITLE, build
from hostile import STRINGS, archive, identities

from pipeline.config import Settings
from pipeline.serve.app import application
from pipeline.serve.security import ENTRANCE, Access, host_names

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium in PATH: the desk is not tried in a browser")
OFFLINE = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SCREENS = ("/", "/search?q=垃圾", "/leads", "/claims", "/compare", "/keys")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def served(database: Path) -> Iterator[str]:
    """A desk on a free port of loopback; the address that lets in."""
    import socket

    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        access = Access(host_names("127.0.0.1", port), "k" * 43)
        app = application(database, Settings(), access, person="核查员")
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}{ENTRANCE}?token={access.token}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=OFFLINE)
        yield found
        found.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(build(tmp_path_factory.mktemp("browser"))) as address:
        yield address


@contextmanager
def visit(browser: Any, entrance: str, **options: Any) -> Iterator[tuple[Any, str]]:
    """A page inside the desk and the desk's address. When it is left: no dialog, no foreign request, no complaint."""
    context = browser.new_context(**{"viewport": WIDE, "locale": "zh-CN"} | options)
    page = context.new_page()
    faults: list[str] = []
    own = urlsplit(entrance).netloc
    page.on("dialog", lambda dialog: (faults.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: None if urlsplit(r.url).netloc in (own, "") else faults.append(f"request {r.url}"))
    page.goto(entrance)
    yield page, entrance.partition(ENTRANCE)[0]
    context.close()
    assert faults == []


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether a condition comes to hold, asked from here: what the browser would ask by itself, time after time, is a
    string made code, which the desk's policy forbids; and a page that is just being replaced cannot answer."""
    from playwright.sync_api import Error

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(Error):
            if condition():
                return True
        time.sleep(0.05)
    return False


def in_sight(page: Any, selector: str) -> bool:
    """Whether an element comes to lie inside the window and inside the pane that scrolls it: the script scrolls when
    the page has been laid out, which takes its time on a busy machine."""
    lies_inside = """element => {
        const a = element.getBoundingClientRect(), b = element.closest('.view').getBoundingClientRect()
        return a.height > 0 && a.top >= b.top && a.bottom <= b.bottom && a.bottom <= innerHeight && a.top >= 0 }"""
    return eventually(lambda: bool(page.locator(selector).first.evaluate(lies_inside, timeout=1000)))


def press(page: Any, key: str) -> None:
    """A key, once the page listens: what is typed while the next page is on its way reaches no script."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def test_an_auditor_decides_by_keyboard(browser: Any, desk: str) -> None:
    with visit(browser, desk) as (page, home):
        page.goto(f"{home}/leads?place=栗溪镇")
        for _ in range(10):
            if CORRUPTED in page.inner_text(".card h2"):
                break
            before = page.url
            press(page, "j")
            assert eventually(lambda before=before: page.url != before)
        assert CORRUPTED in page.inner_text(".card h2")
        lead = home + page.get_attribute(".queue li.open a", "href")
        assert "第 2 页" in page.inner_text(".pane header")
        drawn = page.locator(".sheet image").first
        assert eventually(lambda: drawn.evaluate("image => image.getBBox().width > 0", timeout=1000))
        assert in_sight(page, "rect.evidence")
        press(page, "n")
        page.keyboard.type("已电话核实")
        press(page, "Escape")
        press(page, "a")
        page.wait_for_selector(".decided")
        assert "属实" in page.inner_text(".decided")
        page.goto(lead)
        page.reload()
        assert "已电话核实" in page.inner_text(".card .history")
        press(page, "o")
        page.wait_for_selector("mark#e1")
        assert in_sight(page, "mark#e1")
        with page.expect_download() as download:
            page.goto(f"{home}/leads?place=栗溪镇&verdict=all")
            page.click("text=DOCX")
        assert Path(download.value.path()).read_bytes().startswith(b"PK")
        page.goto(lead)
        press(page, "u")
        assert eventually(lambda: page.locator(".card .history li b").first.inner_text(timeout=1000) == "待核")
        press(page, "?")
        page.wait_for_url("**/keys")


def test_a_second_source_opens_by_key(browser: Any, desk: str) -> None:
    with visit(browser, desk) as (page, home):
        page.goto(f"{home}/leads?check=F08&verdict=all")
        assert page.locator(".pane").count() == 2
        press(page, "s")
        assert eventually(lambda: page.locator(".pane").count() == 1)
        press(page, "s")
        assert eventually(lambda: page.locator(".pane").count() == 2)


def test_two_townships_are_compared_down_to_the_page(browser: Any, desk: str) -> None:
    with visit(browser, desk) as (page, _):
        page.click("nav >> text=比较台")
        for place in ("栗溪镇", "云岭镇"):
            page.check(f"tbody input[value='{place}']")
        page.check("thead input[value='remediation.dead_corners']")
        page.click("text=按所选显示")
        page.wait_for_selector("#charts canvas")
        assert page.locator("table.coverage tbody tr").count() == 3
        page.click("#toggles button >> nth=0")
        assert page.get_attribute("#toggles button >> nth=0", "aria-pressed") == "true"
        with page.expect_download() as picture:
            page.click("text=存为图片")
        assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
        with page.expect_download() as table:
            page.click(".files >> text=CSV")
        assert "栗溪镇,2023" in Path(table.value.path()).read_text("utf-8-sig")
        page.click("table.coverage >> text=128处")
        assert eventually(lambda: "清理卫生死角128处" in page.inner_text("main"))
        page.click(".hits a >> nth=0")
        assert eventually(lambda: TITLE in page.inner_text("h1"))
        assert eventually(lambda: page.locator("rect.evidence").count() == 1)


def test_a_code_is_corrected(browser: Any, desk: str) -> None:
    with visit(browser, desk) as (page, home):
        page.goto(f"{home}/claims?place=栗溪镇&indicator=remediation.dead_corners")
        page.click("td.n a")
        claim = page.url
        _correct(page, "remediation.street_vending", "原文指摊点")
        assert "原文指摊点" in page.inner_text("section.history")
        assert "原读作：清理卫生死角" in page.inner_text("dl")
        page.goto(f"{home}/claims?place=栗溪镇&indicator=remediation.street_vending")
        assert page.locator(f"td.n a[href='{urlsplit(claim).path}']").count() == 1
        page.goto(f"{home}/compare?place=栗溪镇&indicator=remediation.street_vending")
        assert page.locator("td.cell .pen").count() == 1
        page.goto(claim)
        _correct(page, "remediation.dead_corners", "看错了")
        assert page.locator("dd ins").count() == 0
        assert page.locator("section.history li").count() == 2


def _correct(page: Any, code: str, reason: str) -> None:
    before = page.locator("section.history li").count()
    page.select_option("form.correct select >> nth=0", code)
    page.fill("form.correct input[name=reason] >> nth=0", reason)
    page.click("form.correct button >> nth=0")
    assert eventually(lambda: page.locator("section.history li").count() == before + 1)


def test_in_english(browser: Any, desk: str) -> None:
    with visit(browser, desk) as (page, home):
        press(page, "l")
        page.wait_for_selector("nav >> text=Audit desk")
        for path in SCREENS:
            page.goto(home + path)
            shown = page.evaluate(
                "[...document.querySelectorAll('nav, h1, h2, h3, button, thead, label')].map(e => e.innerText).join()"
            )
            left = set(re.findall("[\u4e00-\u9fff]{2,}", shown)) - {"核报", "中文"}
            assert not [word for word in left if word in "筛选核查台指标库全部备注属实误报已解释"], path
        press(page, "l")
        page.wait_for_selector("nav >> text=核查台")


@pytest.mark.parametrize("options", [{"viewport": PHONE, "is_mobile": True, "has_touch": True}, {"viewport": WIDE}])
def test_nothing_runs_out_of_the_window(browser: Any, desk: str, options: dict[str, Any]) -> None:
    with visit(browser, desk, **options) as (page, home):
        for path in (*SCREENS, *_inner_pages(page, home)):
            page.goto(home + path)
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, path


def test_a_phone_opens_a_lead_at_its_card(browser: Any, desk: str) -> None:
    with visit(browser, desk, viewport=PHONE, is_mobile=True, has_touch=True) as (page, home):
        page.goto(f"{home}/leads?verdict=all")
        page.wait_for_load_state("load")
        assert page.evaluate("scrollY") == 0
        assert page.locator(".card h2").bounding_box()["y"] < PHONE["height"]


def _inner_pages(page: Any, home: str) -> list[str]:
    """A report, its printed page, a lead, a claim and a cell."""
    page.goto(f"{home}/?q=栗溪")
    report = page.get_attribute("tbody a[href^='/reports/']", "href")
    page.goto(f"{home}/claims?place=栗溪镇")
    claim = page.get_attribute("tbody a[href^='/claims/']", "href")
    page.goto(f"{home}/compare?place=栗溪镇")
    cell = page.get_attribute("td.cell.exact a", "href")
    return [report, f"{report}?view=page", f"{report}?view=clean", "/leads?place=栗溪镇&verdict=all", claim, cell]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_accessibility(browser: Any, desk: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with visit(browser, desk, color_scheme=scheme) as (page, home):
        for path in (*SCREENS, *_inner_pages(page, home)) if scheme == "light" else ("/", "/leads", "/compare"):
            page.goto(home + path)
            found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            serious = [
                (fault["id"], fault["nodes"][0]["html"][:200], len(fault["nodes"]))
                for fault in found
                if fault["impact"] in ("serious", "critical")
            ]
            assert serious == [], path


def test_it_reads_without_javascript(browser: Any, desk: str) -> None:
    with visit(browser, desk, java_script_enabled=False) as (page, home):
        page.goto(f"{home}/leads?place=栗溪镇&verdict=all")
        assert page.locator("rect.evidence").count() >= 1
        page.goto(f"{home}/leads?check=T04&place=柳塘&verdict=all")
        page.wait_for_url("**#e1")
        assert in_sight(page, "mark#e1")
        page.click(".evidence a >> nth=0")
        page.wait_for_url("**e=1#e1")
        page.goto(f"{home}/compare?place=栗溪镇&indicator=remediation.dead_corners")
        assert "128处" in page.inner_text("table.coverage")
        page.goto(f"{home}/claims")
        assert page.locator("tbody tr").count() > 10


def test_hostile_strings_do_nothing(browser: Any, tmp_path: Path) -> None:
    with served(archive(tmp_path / "hostile.db", STRINGS)) as entrance, visit(browser, entrance) as (page, home):
        details = [identities(number) for number in range(0, len(STRINGS), 17)]
        inner = [
            path
            for ids in details
            for path in (f"/reports/{ids.sha256}", f"/leads/{ids.finding}", f"/claims/{ids.claim}")
        ]
        for path in (*SCREENS[:-1], *inner):
            page.goto(home + path)
            assert page.locator("iframe, base, object, meta[http-equiv], script:not([src]):not([type])").count() == 0
            assert page.locator("[onerror], [onload], [onmouseover], [onfocus], [href^=javascript]").count() == 0
