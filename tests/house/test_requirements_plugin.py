"""That nothing is skipped unseen: run on a small suite of its own, with and without REQUIRE_ALL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .rooms import HOUSE

_SUITE = {
    "test_alone.py": """
import pytest

def test_that_passes():
    pass

@pytest.mark.skip(reason="no server here")
def test_that_is_marked():
    pass

def test_that_gives_up():
    pytest.skip("nothing to talk to")

@pytest.mark.xfail(reason="known to break")
def test_that_is_expected_to_fail():
    assert False

@pytest.mark.xfail(reason="said to break", strict=False)
def test_that_passes_against_expectation():
    pass
""",
    "test_module.py": """
import pytest

pytest.skip("not on this system", allow_module_level=True)
""",
}


def _outcome(folder: Path, require_all: str | None) -> tuple[int, str]:
    for name, text in _SUITE.items():
        (folder / name).write_text(text)
    environment = {name: value for name, value in os.environ.items() if name != "REQUIRE_ALL"}
    if require_all is not None:
        environment["REQUIRE_ALL"] = require_all
    environment["PYTHONPATH"] = str(HOUSE)
    command = ["-m", "pytest", "-ra", "-p", "tests.requirements_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(  # noqa: S603 - our own interpreter and a suite written above
        [sys.executable, *command, "--rootdir", str(folder), "--continue-on-collection-errors"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("require_all", [None, "0"])
def test_a_skip_is_listed_with_its_reason_and_the_run_passes(
    tmp_path: Path, require_all: str | None
) -> None:
    code, said = _outcome(tmp_path, require_all)
    assert code == 0, said
    for reason in ("no server here", "nothing to talk to", "not on this system"):
        assert reason in said
    assert "1 passed, 3 skipped, 1 xfailed, 1 xpassed" in said


def test_under_require_all_everything_left_out_fails(tmp_path: Path) -> None:
    code, said = _outcome(tmp_path, "1")
    assert code == 1, said
    assert "3 failed, 1 passed, 2 errors" in said
    for reason in ("no server here", "nothing to talk to", "not on this system", "known to break"):
        assert f"REQUIRE_ALL=1: {reason}" in said
