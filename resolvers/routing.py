"""Public ids and cursors <-> references; nothing else in the house reads either.

A public id is the reference itself, encrypted with AES-SIV: deterministic, so that one thing has
one id; authenticated, so that a tampered or foreign id is simply not an id; and opaque, so that no
card number can be read from it. It needs no look-up table and no upstream call.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from loyalty.errors import InvalidInput
from loyalty.refs import (
    CustomerRef,
    MemberRef,
    OfferRef,
    PostedRef,
    ReceiptRef,
    RedemptionRef,
    TransactionRef,
    VoucherRef,
)

Reference = (
    MemberRef
    | VoucherRef
    | OfferRef
    | TransactionRef
    | PostedRef
    | RedemptionRef
    | ReceiptRef
    | CustomerRef
    | str
)
"""What an id stands for; a plain string is a program's key."""

_ID = b"loyalty-graph/id/1"
_CURSOR = b"loyalty-graph/cursor/1"
# Longer than any id of ours: a transaction is named by texts of its upstream.
_LONGEST = 8192
KEY_BYTES = 64


class Ids:
    """Turns references into public ids and back; the first key writes, all keys read."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take at least one key of 64 bytes."""
        self._ciphers = [AESSIV(key) for key in keys]

    def of(self, reference: Reference) -> str:
        """The public id of a reference."""
        return self._sealed(_packed(reference), _ID)

    def reference(self, text: str) -> Reference | None:
        """What an id stands for; None for anything that is not an id of ours."""
        fields = self._opened(text, _ID)
        return None if fields is None else _unpacked(fields)

    def member(self, text: str) -> MemberRef | None:
        """The member that an id stands for, if it is a member's."""
        reference = self.reference(text)
        return reference if isinstance(reference, MemberRef) else None

    def cursor(self, listing: "Listing", position: str) -> str:
        """A cursor: a position of the provider's own, bound to the list it belongs to."""
        return self._sealed([listing.fingerprint, position], _CURSOR)

    def position(self, listing: "Listing", cursor: str) -> str:
        """The position in a cursor of this very list; InvalidInput for any other text."""
        match self._opened(cursor, _CURSOR):
            case [listing.fingerprint, str(position)]:
                return position
            case None:
                msg = "`after` is not a cursor: pass pageInfo.endCursor of the page before"
            case _:
                msg = "`after` is a cursor of another list: keep all other arguments as they were"
        raise InvalidInput(msg, field=("after",))

    def _sealed(self, fields: list[str], purpose: bytes) -> str:
        sealed = self._ciphers[0].encrypt(orjson.dumps(fields), [purpose])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")

    def _opened(self, text: str, purpose: bytes) -> list[str] | None:
        sealed = _decoded(text)
        if sealed is None:
            return None
        for cipher in self._ciphers:
            try:
                fields = orjson.loads(cipher.decrypt(sealed, [purpose]))
            except InvalidTag:
                continue
            return [str(field) for field in fields]
        return None


@dataclass(frozen=True, slots=True)
class Listing:
    """Which list a cursor belongs to: its name and everything that decides its content."""

    name: str
    arguments: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """A short name of the list that two different lists do not share."""
        text = orjson.dumps([self.name, *self.arguments])
        return hashlib.blake2b(text, digest_size=9).hexdigest()


def _decoded(text: str) -> bytes | None:
    """The bytes behind canonical, unpadded base64url; None for any other text."""
    if not 0 < len(text) <= _LONGEST or not text.isascii():
        return None
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    try:
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    canonical = base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
    # The 16 bytes of the tag come first; AES-SIV takes no empty message.
    return data if canonical == text and len(data) > 16 else None  # noqa: PLR2004


def _packed(reference: Reference) -> list[str]:
    match reference:
        case str(key):
            return ["p", key]
        case MemberRef(program, key):
            return ["m", program, key]
        case VoucherRef(MemberRef(program, key), code):
            return ["v", program, key, code]
        case OfferRef(program, member, kind, code):
            return ["o", program, member or "", kind, code]
        case TransactionRef(MemberRef(program, key), parts):
            return ["t", program, key, *parts]
        case _:
            return _packed_of_ours(reference)


def _packed_of_ours(reference: PostedRef | RedemptionRef | ReceiptRef | CustomerRef) -> list[str]:
    """What only our ledger knows."""
    match reference:
        case PostedRef(MemberRef(program, key), operation):
            return ["x", program, key, operation]
        case RedemptionRef(MemberRef(program, key), operation):
            return ["d", program, key, operation]
        case ReceiptRef(operation):
            return ["r", operation]
        case CustomerRef(key):
            return ["c", key]


def _unpacked(fields: list[str]) -> Reference | None:
    match fields:
        case ["p", key]:
            return key
        case ["m", program, key]:
            return MemberRef(program, key)
        case ["v", program, key, code]:
            return VoucherRef(MemberRef(program, key), code)
        case ["o", program, member, kind, code]:
            return OfferRef(program, member or None, kind, code)
        case ["t", program, key, *parts]:
            return TransactionRef(MemberRef(program, key), tuple(parts))
        case _:
            return _unpacked_of_ours(fields)


def _unpacked_of_ours(fields: list[str]) -> Reference | None:
    match fields:
        case ["x", program, key, operation]:
            return PostedRef(MemberRef(program, key), operation)
        case ["d", program, key, operation]:
            return RedemptionRef(MemberRef(program, key), operation)
        case ["r", operation]:
            return ReceiptRef(operation)
        case ["c", key]:
            return CustomerRef(key)
        case _:
            return None
