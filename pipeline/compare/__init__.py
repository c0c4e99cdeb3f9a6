"""Facts → panel: place × year × indicator, and every cell says what it rests on or why it is empty.

`panel` and `coverage` are the doors; `cells` holds the rules by which facts become a cell, `places` which names mean
one place, `denominators` what amounts are divided by, `copy` the derived Parquet copy of large archives.
"""

from __future__ import annotations

from pipeline.compare.cells import COMPARABLE, MENTIONED, STATES, VALUELESS, Cell, Told, catalogue, interval, resolve
from pipeline.compare.files import write
from pipeline.compare.panel import COUNTED, KEYS, PANEL, coverage, panel, unknown, unplaced

__all__ = [
    "COMPARABLE", "COUNTED", "KEYS", "MENTIONED", "PANEL", "STATES", "VALUELESS", "Cell", "Told", "catalogue",
    "coverage", "interval", "panel", "resolve", "unknown", "unplaced", "write",
]  # fmt: skip
