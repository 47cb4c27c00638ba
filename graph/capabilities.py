"""docs/capabilities.md: what works with which provider, printed from the adapters themselves."""

import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from graph import demo
from graph.app import Engines, account_of, fast_engine
from graph.settings import parsed
from loyalty.operations import OURS, Capability, Operation, SupportLevel
from providers.port import Profile
from providers.registry import ADAPTERS
from providers.settings import References
from resolvers.abilities import capabilities

_HEAD = """\
# What works with which provider

Printed by `loyalty-graph capabilities` from the adapters' own code, and checked by a test: an
ability counts only if the contract suite has proven it. The same is served by
`Provider.capabilities`, so that an app can ask before it builds a screen.

NATIVE: the provider does it. EMULATED: done by several calls, or by our own record. PARTIAL: done
with limits. A dash: not possible, refused before anything is sent.

"""


def matrix() -> str:
    """The page, in Markdown."""
    profiles = _profiles()
    names = [profile.name for profile, _ in profiles]
    lines = [
        f"| Operation | {' | '.join(names)} |",
        f"| --- |{' --- |' * len(names)}",
        *(_row(operation, profiles) for operation in Operation if operation not in OURS),
    ]
    return _HEAD + "\n".join(lines) + "\n\n" + "\n".join(_notes(profiles))


def _profiles() -> list[tuple[Profile, Mapping[Operation, Capability]]]:
    """Each provider with its capabilities, by an adapter that is built and never called."""
    with tempfile.TemporaryDirectory() as folder:
        path = demo.prepare(Path(folder), sandbox="http://127.0.0.1:1", port=0)
        kinds = {code: adapter.settings for code, adapter in ADAPTERS.items()}
        settings = parsed(tomllib.loads(path.read_text("utf-8")), kinds, References(path.parent))
        providers = [
            account_of(key, p, Engines(fast_engine(p), fast_engine(p), fast_engine(p))).provider
            for key, p in settings.programs.items()
        ]
    return [(p.profile, {c.operation: c for c in capabilities(p)}) for p in providers]


def _row(
    operation: Operation, profiles: list[tuple[Profile, Mapping[Operation, Capability]]]
) -> str:
    cells: list[str] = []
    for _, known in profiles:
        found = known[operation]
        mark = "-" if found.support is SupportLevel.UNSUPPORTED else found.support.value
        cells.append(f"{mark} *" if found.note else mark)
    return f"| {operation.value} | {' | '.join(cells)} |"


def _notes(profiles: list[tuple[Profile, Mapping[Operation, Capability]]]) -> list[str]:
    lines: list[str] = []
    for profile, known in profiles:
        noted = [c for c in known.values() if c.note]
        if noted:
            lines += [f"## Notes on {profile.name}", ""]
            lines += [f"- {c.operation.value}: {c.note}" for c in noted]
            lines.append("")
    return lines
