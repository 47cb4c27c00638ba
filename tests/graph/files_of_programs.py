"""Configurations for tests: the shape of config.example.toml, with its secrets and key files."""

import base64
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from graph.settings import ConfigurationError, Settings, load
from providers.registry import ADAPTERS

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
KINDS = {code: adapter.settings for code, adapter in ADAPTERS.items()}
ENVIRON = {
    "LOYALTY_ID_KEY": base64.b64encode(bytes(range(64))).decode(),
    "LOYALTY_LEDGER_KEY": base64.b64encode(bytes(range(32))).decode(),
    "KOPI_API_KEY": "kopi-secret",
    "KOPI_KEY_ID": "kopi-key",
    "NORTHSHORE_SECRET": "northshore-secret",
}
NOWHERE = "http://127.0.0.1:9100"


@cache
def rsa_pem(bits: int = 2048, password: bytes | None = None, which: int = 0) -> str:
    """A private key; `which` tells several of a size apart."""
    del which
    key = rsa.generate_private_key(65537, bits)
    return _pem(key, password)


@cache
def ec_pem() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()), None)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None) -> str:
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


@cache
def public_pem(private: str) -> str:
    key = serialization.load_pem_private_key(private.encode(), None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


@dataclass(slots=True)
class Draft:
    """A configuration that a test may change before it is read."""

    folder: Path
    text: str = field(default_factory=lambda: EXAMPLE.read_text(encoding="utf-8"))
    environ: dict[str, str] = field(default_factory=lambda: dict(ENVIRON))

    def __post_init__(self) -> None:
        (self.folder / "syw.key.pem").write_text(rsa_pem())
        (self.folder / "issuer.pem").write_text(public_pem(rsa_pem()))

    @property
    def path(self) -> Path:
        return self.folder / "loyalty.toml"

    def change(self, old: str, new: str) -> "Draft":
        """Replace a text that is there, wherever it is."""
        assert old in self.text, f"{old!r} is not in the configuration"
        self.text = self.text.replace(old, new)
        return self

    def real(self, provider: str) -> "Draft":
        """Let the program of a provider be a real one, with addresses over TLS."""
        head, mark, tail = self.text.partition(f'provider = "{provider}"')
        own, bracket, rest = tail.partition("\n[programs.")
        own = own.replace('"SANDBOX"', '"PRODUCTION"').replace("http://", "https://")
        self.text = head + mark + own + bracket + rest
        return self

    def over(self, sandbox: str) -> "Draft":
        return self.change(NOWHERE, sandbox)

    def write(self) -> Path:
        self.path.write_text(self.text, encoding="utf-8")
        return self.path

    def read(self) -> Settings:
        return load(self.write(), KINDS, self.environ)

    def faults(self) -> list[str]:
        """The lines that the configuration is refused with."""
        try:
            self.read()
        except ConfigurationError as fault:
            return fault.lines
        return []

    def fault(self) -> str:
        """The one line that it is refused with."""
        lines = self.faults()
        assert len(lines) == 1, lines
        return lines[0]
