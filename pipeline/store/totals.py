"""What the database holds for the paths that one run was given, in numbers."""

from __future__ import annotations

import sqlite3
from typing import Any

GIVEN = "(SELECT document FROM paths WHERE run = :run)"
OUTCOMES = """
SELECT iif(p.problem IS NULL, ifnull(d.outcome, 'missing'), 'missing'), count(*)
FROM paths AS p LEFT JOIN documents AS d ON d.key = p.document
WHERE p.run = :run GROUP BY 1 ORDER BY 1
"""
DOCUMENTS = "SELECT count(DISTINCT document) FROM paths WHERE run = :run"
CLAIMS = f"SELECT count(*) FROM claims WHERE document IN {GIVEN}"
PLACE_YEARS = f"""
SELECT count(*) FROM (
  SELECT DISTINCT place, year FROM documents
  WHERE place IS NOT NULL AND year IS NOT NULL AND outcome IN ('ok', 'ok_partial') AND key IN {GIVEN})
"""
ISSUES = f"SELECT code, count(*) FROM issues WHERE document IN {GIVEN} GROUP BY code ORDER BY count(*) DESC, code"
FAILED = """
SELECT p.path, iif(p.problem IS NULL, ifnull(d.outcome, 'missing'), 'missing'), coalesce(p.problem, (
  SELECT i.message FROM issues AS i WHERE i.document = d.key ORDER BY i.severity <> 'error', i.number LIMIT 1), '')
FROM paths AS p LEFT JOIN documents AS d ON d.key = p.document
WHERE p.run = :run AND (p.problem IS NOT NULL OR ifnull(d.outcome, '') NOT IN ('ok', 'ok_partial')) ORDER BY p.path
"""


def of_run(connection: sqlite3.Connection, run: int) -> dict[str, Any]:
    """`outcomes` (paths by outcome), `documents`, `claims`, `place_years`, `issues` (by code, most first), `failed`
    (path, outcome, reason)."""

    def rows(sql: str) -> list[Any]:
        return connection.execute(sql, {"run": run}).fetchall()

    return {
        "outcomes": dict(rows(OUTCOMES)),
        "documents": rows(DOCUMENTS)[0][0],
        "claims": rows(CLAIMS)[0][0],
        "place_years": rows(PLACE_YEARS)[0][0],
        "issues": dict(rows(ISSUES)),
        "failed": rows(FAILED),
    }
