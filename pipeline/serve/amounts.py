"""The value of a claim as a person writes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipeline.compare.amounts import shown

SIGNS = {"approx": "≈", "gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def amount(claim: Mapping[str, Any] | sqlite3.Row) -> str:
    """The value of a row of `claims`; nothing where it is masked."""
    low, high = (None if claim[end] is None else Decimal(claim[end]) for end in ("value_low", "value_high"))
    if low is None and high is None:
        return ""
    per = f"/{claim['per']}" if claim["per"] else ""
    return f"{SIGNS.get(claim['relation'], '')}{shown(low, high, claim['unit'] or '')}{per}"
