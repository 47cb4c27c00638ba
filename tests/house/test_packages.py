"""What we stand on: declared, locked with hashes, never older than a known weakness."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from itertools import pairwise

import pytest

from .rooms import HOUSE, PYPROJECT, ROOMS, modules

# The release in which the last known weakness of each was mended.
FLOORS = {
    "strawberry-graphql": "0.323.2",  # CVE-2026-47707 in 0.315.7; errors before execution masked
    "graphql-core": "3.3.2",  # a budget of tokens and a cap on nesting
    "starlette": "1.3.1",  # CVE-2026-54283
    "fastapi": "0.109.1",  # CVE-2024-24762
    "pyjwt": "2.13.0",  # CVE-2026-48522 to 48526
    "cryptography": "46.0.5",  # CVE-2026-26007
    "h11": "0.16.0",  # CVE-2025-43859
}
# What must not be here: we parse no form, and this parser had nine advisories in three years.
ABSENT = ("python-multipart", "multipart")

_LOCK = (HOUSE / "requirements.lock").read_text()
_PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)( ; .+)? \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release))


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _named(requirement: str) -> str:
    return _canonical(re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0])


def _project() -> dict[str, list[str]]:
    """The project's dependencies: those of running as "", the extras by their names."""
    project = PYPROJECT["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


def _locked() -> dict[str, str]:
    pins = (_PINNED.match(line) for line in _LOCK.splitlines())
    return {pin[1]: pin[2] for pin in pins if pin}


def _imported(room: str) -> Iterator[str]:
    """The top-level names that a room's modules import from elsewhere."""
    for path in modules(room):
        for node in ast.walk(ast.parse((HOUSE / path).read_text())):
            match node:
                case ast.Import(names=names):
                    yield from (alias.name.partition(".")[0] for alias in names)
                case ast.ImportFrom(module=str(module), level=0):
                    yield module.partition(".")[0]
                case _:
                    pass


@pytest.mark.parametrize("name", FLOORS)
def test_no_release_with_a_known_weakness_is_installed(name: str) -> None:
    assert _numbers(version(name)) >= _numbers(FLOORS[name])


@pytest.mark.parametrize("name", FLOORS)
def test_no_release_with_a_known_weakness_is_locked(name: str) -> None:
    assert _numbers(_locked()[name]) >= _numbers(FLOORS[name])


@pytest.mark.parametrize("name", ABSENT)
def test_what_must_not_be_here_is_not(name: str) -> None:
    with pytest.raises(PackageNotFoundError):
        version(name)
    assert name not in _locked()


def test_every_line_of_the_lock_is_a_pin_or_a_hash() -> None:
    lines = _LOCK.splitlines()
    assert [line for line in lines if not (_PINNED.match(line) or _HASH.match(line))] == []
    bare = [
        line
        for line, after in pairwise([*lines, ""])
        if _PINNED.match(line) and not _HASH.match(after)
    ]
    assert bare == []


def test_the_lock_names_no_host() -> None:
    assert re.findall(r"\S*(?:://|@|index|trusted|find-links)\S*", _LOCK) == []


def test_everything_the_project_names_is_locked() -> None:
    named = {_named(requirement) for group in _project().values() for requirement in group}
    assert named | {"hatchling"} <= set(_locked())


def test_everything_installed_is_the_locked_version() -> None:
    different = {name: pin for name, pin in _locked().items() if version(name) != pin}
    assert different == {}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_the_project_depends_on(room: str) -> None:
    project = _project()
    running = [*project[""], *project["postgres"]]
    ours = {_named(requirement) for requirement in running}
    ours |= {"pydantic-core", "psycopg-pool"}  # pydantic's, and psycopg's extra
    names = set(_imported(room)) - set(sys.stdlib_module_names) - set(ROOMS)
    distributions = packages_distributions()
    undeclared = {
        name
        for name in names
        if not ours & {_canonical(dist) for dist in distributions.get(name, ())}
    }
    assert undeclared == set()
