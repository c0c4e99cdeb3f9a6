"""On a user's machine a missing program skips its tests with the reason; where HEBAO_CI is set that is a failure."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

MAY_BE_MISSING = "beside the checkout"  # other people's reference files, which are not part of the project


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if os.environ.get("HEBAO_CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if MAY_BE_MISSING not in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped where nothing may be: {reason}"
