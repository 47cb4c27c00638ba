"""What is kept encrypted: AES-GCM under the first of several keys, bound to its place.

A sealed value is one byte of version, four that tell the key, twelve of nonce, and the ciphertext
with its tag. Its operation and column are authenticated with it, so that a value that was moved to
another row, or changed, does not open. Empty bytes stand for "erased" and are kept as they are.
"""

import hmac
import os
from collections.abc import Mapping, Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.journal import LedgerUnavailable

KEY_BYTES = 32
_VERSION = b"\x01"
_TAG_OF_KEY = 4
_HEADER = len(_VERSION) + _TAG_OF_KEY
_NONCE = 12


class Unreadable(LedgerUnavailable):
    """A sealed column does not open: its key is not in the list, or somebody has changed it."""


class BadKeys(ValueError):
    """The list of keys cannot be used; the text says why and shows no key."""


def _tag(key: bytes) -> bytes:
    """What tells a key from others without telling anything of it."""
    return sha256(b"loyalty-graph ledger key\x00" + key).digest()[:_TAG_OF_KEY]


def _derived(key: bytes, purpose: bytes) -> bytes:
    """A key for another purpose."""
    return sha256(b"loyalty-graph ledger " + purpose + b"\x00" + key).digest()


class Seals:
    """Seals under the first key, opens what any of them sealed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise BadKeys("The ledger needs at least one key of 32 bytes.")
        if any(len(key) != KEY_BYTES for key in keys):
            raise BadKeys("Each of the ledger's keys must be 32 bytes long.")
        self._ciphers: Mapping[bytes, AESGCM] = {_tag(key): AESGCM(key) for key in keys}
        self._blinds = [_derived(key, b"blind") for key in keys]
        self._header = _VERSION + _tag(keys[0])
        self._first = AESGCM(keys[0])

    @property
    def header(self) -> bytes:
        """How everything begins that is sealed now."""
        return self._header

    @property
    def first(self) -> str:
        """The public name of the key that seals."""
        return _tag_text(self._header)

    @property
    def known(self) -> frozenset[str]:
        """The public names of all keys."""
        return frozenset(tag.hex() for tag in self._ciphers)

    def blinded(self, clear: str, column: str) -> Sequence[bytes]:
        """Keyed hashes to find a text by, without keeping it: one a key, the first key's first."""
        text = f"{column}\x00{clear}".encode()
        return [hmac.digest(key, text, "sha256") for key in self._blinds]

    def seal(self, clear: bytes, row: str, column: str) -> bytes:
        """Encrypt for one column of one row."""
        if not clear:
            return b""
        nonce = os.urandom(_NONCE)
        place = _place(self._header, row, column)
        return self._header + nonce + self._first.encrypt(nonce, clear, place)

    def open(self, sealed: bytes, row: str, column: str) -> bytes:
        """Decrypt; raises Unreadable, which names the place and nothing that is in it."""
        if not sealed:
            return b""
        header, nonce = sealed[:_HEADER], sealed[_HEADER : _HEADER + _NONCE]
        cipher = self._ciphers.get(header[len(_VERSION) :])
        if cipher is None or not header.startswith(_VERSION):
            raise Unreadable(
                f"{column} of {row} was sealed with a key ({_tag_text(header)}) that is not among"
                " the ledger's keys: add it after the first one."
            )
        try:
            return cipher.decrypt(nonce, sealed[_HEADER + _NONCE :], _place(header, row, column))
        except (InvalidTag, ValueError):
            raise Unreadable(
                f"{column} of {row} is not what the ledger wrote there: restore it from a backup."
            ) from None


def _tag_text(header: bytes) -> str:
    return header[len(_VERSION) :].hex()


def _place(header: bytes, row: str, column: str) -> bytes:
    return header + f"{row}\x00{column}".encode()
