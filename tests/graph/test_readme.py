"""README's code, run as it stands against the demonstration."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.graph.world import signed_in_at

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def _environ(url: str) -> dict[str, str]:
    token = signed_in_at(url)["Authorization"].removeprefix("Bearer ")
    return {**os.environ, "TOKEN": token, "LOYALTY_URL": f"{url}/graphql"}


def test_an_app_that_retries_as_the_readme_says_redeems(live_server: str) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    ran = subprocess.run(  # noqa: S603 - our own README
        [sys.executable, "-c", code],
        env=_environ(live_server),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "SUCCEEDED\n", "")


def test_the_one_mutation_of_the_readme_succeeds(live_server: str) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    [script] = [block for block in blocks if "postTransaction" in block]
    ran = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", script.replace("http://127.0.0.1:8000", live_server)],
        env=_environ(live_server),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert '"status":"SUCCEEDED","errors":[]' in ran.stdout, ran.stdout + ran.stderr
    assert '"earned":"25"' in ran.stdout
