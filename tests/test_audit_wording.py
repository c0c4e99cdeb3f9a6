"""The checks held against many ways to write one thing: tests/tables/audit_wordings.csv, faulty and innocent alike."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from pipeline import audit
from pipeline.lexicon import rows
from pipeline.run import process

HEAD = "青溪镇2023年爱国卫生工作总结\n青溪镇下辖12个村，总人口2.1万人。\n一、主要工作\n"
TAIL = "\n二、存在的问题\n个别村保洁不到位。\n三、下一步打算\n加强管理。\n"
TABLE = Path(__file__).parent / "tables" / "audit_wordings.csv"


def wordings() -> dict[str, list[tuple[str, bool]]]:
    """Check → (text, whether the check must fire on it); \\n and \\t stand for line and tabulator."""
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["check"]].append((row["text"].replace("\\n", "\n").replace("\\t", "\t"), row["fires"] == "1"))
    return found


@pytest.mark.parametrize("check", sorted(wordings()))
def test_every_wording_is_told_from_its_look_alike(tmp_path: Path, check: str) -> None:
    wrong = []
    for number, (text, fires) in enumerate(wordings()[check]):
        path = tmp_path / f"青溪镇2023年爱国卫生工作总结{number}.txt"
        path.write_text(f"{HEAD}{text}{TAIL}", "utf-8")
        if bool(audit.check_report(process(path), [check])) != fires:
            wrong.append(("silent: " if fires else "fires: ") + text)
    assert wrong == []


def test_anniversaries_are_whole() -> None:
    table = rows("anniversaries")
    assert len({(row["kind"], row["name"]) for row in table}) == len(table)
    for row in table:
        assert row["kind"] in ("ordinal", "years")
        assert 1900 < int(row["base"]) < 2030
        assert row["source"]
