"""Each contract test runs for every adapter that claims what the test proves."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.providers.contract.kinds import WORLDS
from tests.providers.contract.proofs import LEDGER, Ledger, claims_of
from tests.providers.contract.worlds import World, can, keys_read_once, opened

_FOLDER = Path(__file__).parent
LAST = "test_every_claim_of_every_adapter_is_proven"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A world per adapter that can do what is to be proven; a module may be about ONLY one."""
    if "kind" in metafunc.fixturenames:
        claims = claims_of(metafunc.function)
        only = getattr(metafunc.module, "ONLY", None)
        kinds = [kind for kind in WORLDS if only in {None, kind.code}]
        able = [kind for kind in kinds if all(can(kind, claim) for claim in claims)]
        metafunc.parametrize("kind", able, ids=[kind.code for kind in able])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note the proofs, and let the judge of them come last; of some of them he judges nothing."""
    ledger = config.stash.setdefault(LEDGER, Ledger())
    for item in items:
        if isinstance(item, pytest.Function) and (kind := _kind(item)) is not None:
            ledger.find(kind.code, item.nodeid, claims_of(item.function))
    judging = [item for item in items if item.name.startswith(LAST)]
    others = [item for item in items if item not in judging]
    if _is_whole(config, others):
        items[:] = others + judging
    else:
        items[:] = others
        config.hook.pytest_deselected(items=judging)


def _kind(item: pytest.Function) -> type[World] | None:
    """The world of a test of this folder."""
    if item.path.parent != _FOLDER or not hasattr(item, "callspec"):
        return None
    kind: type[World] | None = item.callspec.params.get("kind")
    return kind


def _is_whole(config: pytest.Config, items: list[pytest.Item]) -> bool:
    """Whether all the tests of this folder take part in the run."""
    chosen = any("::" in argument for argument in config.args)
    modules = {item.path for item in items}
    return (
        not chosen
        and not config.getoption("keyword")
        and not config.getoption("lf", default=False)
        and modules.issuperset(_FOLDER.glob("test_*.py"))
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Note how each proof ended."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call" or not report.passed:
        item.config.stash[LEDGER].end(item.nodeid, passed=report.passed)


@pytest.fixture(scope="session", autouse=True)
def _keys_read_once() -> Iterator[None]:
    with keys_read_once():
        yield


@pytest.fixture
async def world(kind: type[World]) -> AsyncIterator[World]:
    async with opened(kind) as made:
        yield made
