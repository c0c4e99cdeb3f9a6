"""The pictures of the desk in docs/: reads corpus/reports, opens each screen in Chromium, writes docs/desk-*.png.

    python -m benchmarks.pictures [FOLDER]

Needs Playwright and a Chromium in PATH.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sqlite3
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline import audit, batch
from pipeline.config import Settings
from pipeline.serve.app import application
from pipeline.serve.security import ENTRANCE, Access, host_names
from pipeline.store import Database

ROOT = Path(__file__).resolve().parents[1]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
REPORT, TEMPLATE = "石坪乡2022年人居环境整治与爱国卫生工作情况报告.pdf", "2022年乡镇爱国卫生工作情况汇报范文.txt"
PLACES = ("云岭镇", "澄泉镇", "柳塘乡", "石坪乡")
INDICATORS = ("toilets.household_renovated", "remediation.dead_corners", "publicity.leaflets_distributed")
DRAWN_MILLISECONDS = 1500  # until charts and pages stand


def screens(database: Path) -> list[tuple[str, str, dict[str, int]]]:
    """Name of the picture, address and window of each screen."""
    connection = sqlite3.connect(database)

    def one(query: str, *values: str) -> str:
        return str(connection.execute(query, values).fetchone()[0])

    sha256 = one("SELECT sha256 FROM documents WHERE name = ?", REPORT)
    sums = [
        one('SELECT f.id FROM findings AS f JOIN documents AS d ON d.key = f.document WHERE d.name = ? AND "check" = ?',
            name, "N01") for name in (REPORT, TEMPLATE)
    ]  # fmt: skip
    connection.close()
    chosen = [*(f"place={place}" for place in PLACES), *(f"indicator={code}" for code in INDICATORS)]
    return [
        ("desk-archive", "/", WIDE),
        ("desk-audit", f"/leads/{sums[0]}?check=N01", WIDE),
        ("desk-ledger", "/claims?indicator=remediation.dead_corners", WIDE),
        ("desk-report", f"/reports/{sha256[:16]}", WIDE),
        ("desk-compare", f"/compare?{'&'.join(chosen)}", WIDE),
        ("desk-phone", f"/leads/{sums[1]}?check=N01", PHONE),
    ]


def serve(database: Path, listener: socket.socket) -> tuple[Any, str]:
    """A desk in a thread, and the address that lets in."""
    import uvicorn

    port = listener.getsockname()[1]
    access = Access(host_names("127.0.0.1", port), "k" * 43)
    app = application(database, Settings(), access, person="王审")
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    while not server.started:
        time.sleep(0.02)
    return server, f"http://127.0.0.1:{port}{ENTRANCE}?token={access.token}"


def main(out: Path) -> None:
    """Write the pictures into a folder."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        path = Path(folder) / "archive.db"
        with Database(path) as database:
            batch.run([ROOT / "corpus" / "reports"], database, Settings())
            audit.run(database)
        server, entrance = serve(path, listener)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for name, address, window in screens(path):
                page = browser.new_page(viewport=window, locale="zh-CN", color_scheme="light")
                page.goto(entrance)
                page.goto(entrance.partition(ENTRANCE)[0] + address)
                page.wait_for_timeout(DRAWN_MILLISECONDS)
                page.screenshot(path=str(out / f"{name}.png"), full_page=name == "desk-compare")
                page.close()
            browser.close()
        server.should_exit = True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs")
    main(parser.parse_args().folder)
