"""The wire samples of this folder, one JSON file a reply; no test in here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from providers.onerewards.profile import Upstream

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One reply as the contract shows it."""

    operation: Upstream
    status: int
    headers: Mapping[str, str]
    body: bytes


def sample(name: str) -> Sample:
    """The reply of that name; its numbers keep the text they have in the file."""
    written = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    body = written["text"] if "text" in written else _json(written.get("body"))
    return Sample(
        Upstream(written["operation"]), written["status"], written.get("headers", {}), body.encode()
    )


def _json(body: object) -> str:
    return "" if body is None else json.dumps(body)
