"""Report ⇄ SQLite: one file is the record of an archive.

`Database(path)` opens it; `store` writes one report in one transaction, keyed by content and fingerprint; the frames
(`claims()`, `facts()`, `documents()`, `segments()`, `issues()`, `search(words)`, `panel(…)`) lead out of it.
"""

from __future__ import annotations

from pipeline.store.database import Database
from pipeline.store.dump import dump
from pipeline.store.schema import NotStorableError, StoreError

__all__ = ["Database", "NotStorableError", "StoreError", "dump"]
