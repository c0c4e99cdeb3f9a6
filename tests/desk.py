"""A small archive with everything the desk shows, and a client that was let in: for the tests of pipeline/serve."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pipeline
from pipeline import audit
from pipeline.config import Settings
from pipeline.serve.app import application
from pipeline.serve.security import Access, host_names
from pipeline.store import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the test client asks for another HTTP library than the one that it works with
    from starlette.testclient import TestClient

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "reports"
SAMPLES = (
    "云岭镇2021年人居环境提升和爱国卫生工作报告.docx", "云岭镇二〇二二年爱国卫生与乡村建设工作回顾.pdf",
    "2022年乡镇爱国卫生工作情况汇报范文.txt", "柳塘乡2023年工作总结（模板待填）.docx",
    "石坪乡2022年人居环境整治与爱国卫生工作情况报告.pdf", "石坪乡2020年爱国卫生运动总结.txt",
)  # fmt: skip
CORRUPTED = "2023余起"
TITLE = "栗溪镇2023年爱国卫生工作总结"
BODY = (
    "2023年，栗溪镇深入开展爱国卫生运动。现总结如下：",
    "一、加强组织领导",
    "成立由镇长任组长的领导小组，召开会议6次，投入资金96万元，其中清扫保洁52万元。",
    "二、开展环境整治",
    f"全年清理卫生死角128处，清运垃圾640吨，取缔流动摊点{CORRUPTED}，改造户厕85户。",
    "三、存在问题",
    "部分村民卫生意识有待提高。",
    "四、下一步打算",
    "2024年计划改造户厕60户。",
)
LINE = 28  # characters; the overwritten figure comes first on its line
PORT = 8420
HOST = f"127.0.0.1:{PORT}"
TOKEN = "t" * 43
ACCESS = Access(host_names("127.0.0.1", PORT), TOKEN)


def printed(path: Path) -> Path:
    """The report above as a PDF of two pages."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = Canvas(str(path), pagesize=(595, 842), invariant=True)
    page.setFont("STSong-Light", 20)
    page.drawCentredString(297, 770, TITLE)
    height = 730.0
    for number, paragraph in enumerate(BODY):
        if number == 3:
            page.showPage()
            height = 770.0
        page.setFont("STSong-Light", 14)
        for start in range(0, len(paragraph), LINE):
            page.drawString(70, height, paragraph[start : start + LINE])
            height -= 26
    page.save()
    return path


def fill(database: Path, paths: list[Path]) -> None:
    """Read files into a database and look for leads."""
    with Database(database) as opened:
        for path in paths:
            opened.store(pipeline.process(path))
        audit.run(opened)


def build(folder: Path) -> Path:
    """The small archive."""
    fill(folder / "archive.db", [printed(folder / f"{TITLE}.pdf"), *(CORPUS / name for name in SAMPLES)])
    return folder / "archive.db"


@contextmanager
def client(database: Path, access: Access = ACCESS, enter: bool = True, **options: Any) -> Iterator[TestClient]:
    """A client of a desk over the database, with the cookie of its token unless `enter` is false."""
    app = application(database, Settings(), access, **{"person": "核查员"} | options)
    with TestClient(app, base_url=f"http://{HOST}", follow_redirects=False) as opened:
        if enter:
            opened.cookies.set(access.cookie, access.token)
        yield opened


def post(opened: TestClient, path: str, **fields: str) -> Any:
    """A form sent by a page of the desk itself."""
    return opened.post(path, data=fields, headers={"Origin": f"http://{HOST}"})


def addresses(page: str, pattern: str) -> list[str]:
    """The addresses of a page's links that a pattern matches, each once, in order."""
    found = (link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*)"', page))
    return list(dict.fromkeys(link for link in found if re.match(pattern, link)))


class Skeleton(HTMLParser):
    """The elements of a page with the names of their attributes: what data must not be able to change."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.nodes.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
