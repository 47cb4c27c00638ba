"""A real server whose ledger or provider is away: nothing leaves, it says so, and gets over it."""

import contextlib
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.graph.counters import EVERYBODY, Counter, Json
from tests.graph.files_of_programs import Draft, public_pem, rsa_pem
from tests.graph.processes import Running, running
from tests.proofs.proxy import Proxy
from tests.small_disks import small_disk_in

PATIENCE = 45.0


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    key = tmp_path_factory.mktemp("sandbox") / "syw.pub.pem"
    key.write_text(public_pem(rsa_pem()))
    with running("sandbox", "--port", "0", "--telluride-public-key", key) as process:
        yield process.url()


@pytest.fixture
def draft(tmp_path: Path, sandbox: str) -> Draft:
    return Draft(tmp_path).over(sandbox)


@contextlib.contextmanager
def serving(draft: Draft) -> Iterator[Running]:
    with running("serve", "--config", draft.write(), "--port", "0", environ=draft.environ) as graph:
        yield graph


def refused(counter: Counter, program: str, sale: Json, code: str) -> Json:
    """A sale that is refused for now, and of which nothing reached the provider.

    Where the ledger does not even say in time that it cannot, it may yet be recorded: PENDING.
    """
    before = counter.effects(program), counter.writes(program)
    payload = counter.told(sale)
    [error] = payload["errors"] or [payload]
    assert (payload["status"], error.get("code"), error.get("retry")) in {
        ("REJECTED", code, "SAME_KEY_LATER"),
        ("PENDING", "LEDGER_UNAVAILABLE", "CHECK_OPERATION"),
    }
    assert payload["transaction"] is None
    assert (counter.effects(program), counter.writes(program)) == before
    return payload


def succeeds(counter: Counter, program: str, sale: Json) -> None:
    """The same sale with the same key goes through by itself, and once."""
    before = len(counter.effects(program))
    ends = time.monotonic() + PATIENCE
    while (payload := counter.told(sale))["status"] != "SUCCEEDED":
        assert time.monotonic() < ends, payload
        time.sleep(0.5)
    again = counter.told(sale)
    assert (again["status"], again["receipt"]["replayed"]) == ("SUCCEEDED", True)
    assert len(counter.effects(program)) == before + 1


def at_once(what: Callable[[str], object], programs: tuple[str, ...]) -> None:
    with ThreadPoolExecutor(len(programs)) as pool:
        list(pool.map(what, programs))


# ------------------------------------------------------------------ the ledger


@dataclass(frozen=True)
class Place:
    """A ledger's file, and the process that uses it."""

    ledger: Path
    process: int


def locked(place: Place) -> Generator[None]:
    """Another program holds the file."""
    with contextlib.closing(sqlite3.connect(place.ledger, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def grown_over(place: Place) -> Generator[None]:
    """No file of the server may have a byte more: a quota, or a disk that is full."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = resource.prlimit(place.process, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(place.process, resource.RLIMIT_FSIZE, before)


def moved_away(place: Place) -> Generator[None]:
    """The file is somewhere else."""
    aside = place.ledger.with_suffix(".aside")
    place.ledger.rename(aside)
    try:
        yield
    finally:
        assert not place.ledger.exists(), "a second ledger was begun"
        aside.rename(place.ledger)


def full(place: Place) -> Generator[None]:
    """The file system has no room."""
    filler = place.ledger.parent / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(512))
    try:
        yield
    finally:
        filler.unlink()


def made_read_only(place: Place) -> Generator[None]:
    """The folder is mounted anew, read-only: what is opened from now on cannot be written."""
    folder = str(place.ledger.parent)
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not mount or not umount or _called(mount, "--bind", folder, folder):
        pytest.skip("a folder cannot be mounted here: needs root")
    try:
        assert _called(mount, "-o", "remount,bind,ro", folder) == 0
        yield
    finally:
        assert _called(umount, folder) == 0


def _called(*command: str) -> int:
    return subprocess.run(command, check=False).returncode  # noqa: S603 - mount, and our folders


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk_in(tmp_path) as disk:
        yield disk


_MANY = 100
"""Lines of a sale that does not fit between what is there already."""

Fault = Callable[[Place], Generator[None]]


def check_ledger(draft: Draft, sandbox: str, ledger: Path, fault: Fault) -> None:
    spoilt: Callable[[Place], AbstractContextManager[None]] = contextlib.contextmanager(fault)
    with serving(draft) as graph:
        counter = Counter(graph.url(), sandbox)
        sales = {program: counter.sale(program, lines=_MANY) for program in EVERYBODY}
        first = {program: counter.sale(program) for program in EVERYBODY}
        at_once(lambda program: succeeds(counter, program, first[program]), EVERYBODY)
        with spoilt(Place(ledger, graph.process.pid)):

            def check(program: str) -> None:
                refused(counter, program, sales[program], "LEDGER_UNAVAILABLE")
                assert counter.points(program)

            at_once(check, EVERYBODY)
        at_once(lambda program: succeeds(counter, program, sales[program]), EVERYBODY)
        for program in EVERYBODY:
            again = counter.told(first[program])
            assert (again["status"], again["receipt"]["replayed"]) == ("SUCCEEDED", True)
        assert graph.end() == 0
        assert "Traceback" not in graph.errors()


@pytest.mark.parametrize(
    "fault", [locked, grown_over, moved_away, made_read_only], ids=lambda f: f.__name__
)
def test_without_its_ledger_nothing_leaves_and_reads_go_on(
    draft: Draft, sandbox: str, fault: Fault
) -> None:
    check_ledger(draft, sandbox, draft.folder / "loyalty.db", fault)


def test_with_a_full_disk_nothing_leaves_and_reads_go_on(
    draft: Draft, sandbox: str, small_disk: Path
) -> None:
    ledger = small_disk / "loyalty.db"
    draft.change("sqlite:///loyalty.db", f"sqlite:///{ledger}")
    check_ledger(draft, sandbox, ledger, full)


# ------------------------------------------------------------------ the providers

ALONE = ("syw",)
"""Programs whose sale needs no read of the same address first; its token comes from another."""


@pytest.fixture
def proxy(sandbox: str) -> Iterator[Proxy]:
    made = Proxy(sandbox)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def moved(draft: Draft, sandbox: str, address: str) -> None:
    """Let the programs' addresses be others, but for those of their tokens."""
    for path in ("/onerewards", "/telluride", "/fabric/api"):
        draft.change(f'base_url = "{sandbox}{path}"', f'base_url = "{address}{path}"')


def test_a_provider_that_refuses_connections_is_asked_again_and_not_doubted(
    draft: Draft, sandbox: str, proxy: Proxy
) -> None:
    moved(draft, sandbox, proxy.url)
    with serving(draft) as graph:
        counter = Counter(graph.url(), sandbox)
        sales = {program: counter.sale(program) for program in EVERYBODY}
        with proxy.refusing():
            at_once(lambda p: refused(counter, p, sales[p], "PROVIDER_UNAVAILABLE"), EVERYBODY)
        at_once(lambda program: succeeds(counter, program, sales[program]), EVERYBODY)
        assert graph.end() == 0
        assert "Traceback" not in graph.errors()


@pytest.mark.parametrize("address", ["https", "nobody"], ids=["no TLS there", "no such name"])
def test_an_address_that_leads_nowhere_is_unsent_and_goes_once_it_is_mended(
    draft: Draft, sandbox: str, address: str
) -> None:
    with serving(draft) as graph:
        counter = Counter(graph.url(), sandbox)
        sales = {program: counter.sale(program) for program in EVERYBODY}
    nowhere = sandbox.replace("http:", "https:") if address == "https" else "http://nobody.invalid"
    good = draft.text
    moved(draft, sandbox, nowhere)
    with serving(draft) as graph:
        counter = Counter(graph.url(), sandbox)
        told: dict[str, Json] = {}

        def check(program: str) -> None:
            told[program] = refused(counter, program, sales[program], "PROVIDER_UNAVAILABLE")

        at_once(check, EVERYBODY)
        assert graph.end() == 0
    for program in ALONE:
        assert told[program]["receipt"]["status"] == "REJECTED", "it was recorded as unsent"
    draft.text = good
    with serving(draft) as graph:
        counter = Counter(graph.url(), sandbox)
        at_once(lambda program: succeeds(counter, program, sales[program]), EVERYBODY)


def test_a_full_pool_of_writes_is_told_and_got_over(draft: Draft, sandbox: str) -> None:
    draft.change('name = "Northshore Plus"', 'name = "Northshore Plus"\nmax_connections = 1')
    with serving(draft) as graph:
        counter = Counter(graph.url(), sandbox)
        slow, quick = counter.sale("northshore"), counter.sale("northshore")
        before = len(counter.effects("northshore"))
        arrived = counter.writes("northshore")
        counter.spoil("northshore", "earn", delay_ms=20_000)
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(counter.told, slow)
            while counter.writes("northshore") == arrived:
                time.sleep(0.05)
            assert counter.told(quick)["status"] in {"PENDING", "REJECTED"}
            while (receipt := counter.receipt(quick))["status"] == "PENDING":
                time.sleep(0.2)
            assert receipt["status"] == "REJECTED"
            [error] = receipt["errors"]
            assert (error["code"], error["retry"]) == ("PROVIDER_UNAVAILABLE", "SAME_KEY_LATER")
            assert counter.writes("northshore") == arrived + 1
            assert counter.points("northshore")
            assert first.result()["status"] == "PENDING"
        ends = time.monotonic() + PATIENCE
        while {counter.told(sale)["status"] for sale in (slow, quick)} != {"SUCCEEDED"}:
            assert time.monotonic() < ends
            time.sleep(0.5)
        assert len(counter.effects("northshore")) == before + 2
