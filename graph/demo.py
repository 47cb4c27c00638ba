"""The demonstration: keys and a configuration for the sandbox's programs, made on first use."""

import base64
import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

FOLDER = Path(".loyalty")
_RSA_BITS = 2048
_RUN = "run-"

_CONFIGURATION = """\
# Made by `loyalty-graph run` for its sandbox, anew at every start.

[server]
host = "127.0.0.1"
port = {port}
id_keys = ["file:id.key"]

[auth]
mode = "dev"

[ledger]
url = "sqlite:///{ledger}"
encryption_keys = ["file:ledger.key"]

[cache]
url = "memory://"

[programs.kopi]
provider = "onerewards"
name = "Kopi Corner Rewards"
environment = "SANDBOX"
currency = "MYR"
time_zone = "Asia/Kuala_Lumpur"
base_url = "{sandbox}/onerewards"
integration_id = "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11"
api_key = "kopi-secret"
key_id = "kopi-key"
point_worth = "0.10"

[programs.syw]
provider = "telluride"
name = "Shop Your Way"
environment = "SANDBOX"
currency = "USD"
time_zone = "America/Chicago"
base_url = "{sandbox}/telluride"
token_url = "{sandbox}/telluride/oauthAS/service/oAuth/token.json"
client_id = "EXAMPLE_SHOP"
private_key = "file:telluride.key.pem"
requestor_id = "LGPH"
store_number = "00001"
register_number = "001"
terminal = "001"
associate_id = "GRAPH"
created_by = "GRAPH"
tender_types = {{ CASH = "1", CARD = "2", POINTS = "3", VOUCHER = "4", OTHER = "9" }}

[programs.northshore]
provider = "fabric"
name = "Northshore Plus"
environment = "SANDBOX"
currency = "USD"
time_zone = "UTC"
base_url = "{sandbox}/fabric/api"
token_url = "{sandbox}/fabric/oauth2/aus7k2northshore91/v1/token"
client_id = "ns-loyalty"
client_secret = "northshore-secret"
club = "NORTHSHORE_PLUS"
store = "ONLINE"
point_worth = "0.05"
"""


def keys(folder: Path) -> None:
    """Make the folder and its keys on first use; later they stay what they were."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _once(folder / "id.key", lambda: _random_key(64))
    _once(folder / "ledger.key", lambda: _random_key(32))
    _once(folder / "telluride.key.pem", _private_key)


def prepare(folder: Path, *, sandbox: str, port: int, ledger: str = "loyalty.db") -> Path:
    """The path of a configuration for a sandbox at that address; its keys stay what they were.

    `ledger` is the ledger's file, relative to the folder.
    """
    keys(folder)
    path = folder / "config.toml"
    text = _CONFIGURATION.format(sandbox=sandbox, port=port, ledger=ledger)
    _written(path, text).replace(path)
    return path


@contextmanager
def run_folder(folder: Path) -> Generator[Path]:
    """A folder inside for the ledger of one run, gone at its end.

    A sandbox forgets everything when it ends, so a ledger that outlived it would tell as done what
    is not in the books of the next one. What runs that were killed have left goes, too: a folder
    is held by a lock, which ends with its process.
    """
    with alone_in(folder):
        for left in folder.glob(f"{_RUN}*"):
            # Another's that runs, or has just gone.
            with contextlib.suppress(BlockingIOError, FileNotFoundError):
                _remove(left)
        own = Path(tempfile.mkdtemp(prefix=_RUN, dir=folder))
        holding = contextlib.ExitStack()
        holding.enter_context(_held(own))
    with holding:
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)


def _remove(folder: Path) -> None:
    """Remove a folder; BlockingIOError where somebody holds it."""
    with _held(folder, fcntl.LOCK_NB):
        shutil.rmtree(folder)


@contextmanager
def alone_in(folder: Path) -> Generator[None]:
    """Keeps other runs from changing what is in the folder meanwhile."""
    with _held(folder):
        yield


@contextmanager
def _held(folder: Path, how: int = 0) -> Generator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(descriptor)


def public_key(folder: Path) -> str:
    """The PEM of the public half of the demonstration's Telluride key; ValueError if it is none."""
    private = serialization.load_pem_private_key(
        (folder / "telluride.key.pem").read_bytes(), password=None
    )
    return (
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def public_key_file(folder: Path) -> Path:
    """The public half in a file, for the sandbox."""
    path = folder / "telluride.public.pem"
    _written(path, public_key(folder)).replace(path)
    return path


def _once(path: Path, make: Callable[[], str]) -> None:
    """Write a key unless there is one: whole or not at all, and of two writers one wins."""
    if path.exists():
        return
    written = _written(path, make() + "\n")
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(written)
    written.unlink()


def _written(path: Path, text: str) -> Path:
    """A new file beside `path`, readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def _random_key(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode("ascii")


def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode("ascii").strip()
