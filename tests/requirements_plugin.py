"""A pytest plugin: with REQUIRE_ALL=1 a skipped or expectedly failing test is a failed one.

Without it pytest's own summary lists what was skipped and why (`-ra`). CI runs with it, as a
skipped test is one that nobody sees failing.
"""

import os
from collections.abc import Generator

import pytest


def _required() -> bool:
    return os.environ.get("REQUIRE_ALL") == "1"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why it was skipped: pytest gives a (file, line, reason) for a skip."""
    match report.longrepr:
        case (str(), int(), str(reason)):
            return reason.removeprefix("Skipped: ")
        case other:
            return str(other)


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = getattr(report, "wasxfail", None) or _reason(report)
    vars(report).pop("wasxfail", None)  # as long as it is there, pytest counts it as expected
    report.outcome = "failed"
    report.longrepr = f"Nothing may be skipped with REQUIRE_ALL=1: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)  # after all that may still say "skipped"
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped or expectedly failed test into a failed one."""
    report = yield
    if _required() and (report.skipped or hasattr(report, "wasxfail")):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a module that skips itself while it is read into a failed one."""
    report = yield
    if _required() and report.skipped:
        _fail(report)
    return report
