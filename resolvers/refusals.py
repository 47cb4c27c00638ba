"""What of a mutation is refused by us, whatever it asks for: its key, its document, its program."""

import re

from loyalty.commands import (
    CaptureRedemption,
    Command,
    ReturnSale,
    VoidRedemption,
    VoidSale,
)
from loyalty.errors import Declined, ErrorCode, InvalidInput, MemberNotFound, RetryAdvice
from loyalty.sales import DocumentReference
from resolvers.accounts import Account
from resolvers.members import account_named
from resolvers.office import Office
from resolvers.receipts import member_of, program_of
from resolvers.targets import no_redemption, no_transaction

_KEY = re.compile(r"[A-Za-z0-9._:-]{16,128}")
_LONGEST_DOCUMENT = 100


def check_key(key: str) -> None:
    """Refuse what is no idempotency key."""
    if not _KEY.fullmatch(key):
        msg = "an idempotency key has 16 to 128 characters of A-Z a-z 0-9 . _ : -"
        raise InvalidInput(msg, field=("input", "idempotencyKey"))


def account_of(office: Office, command: Command) -> Account:
    """The command's program; one that is not configured (any more) has no such thing."""
    member = member_of(command)
    if member is None:
        return account_named(office.accounts, program_of(command), "input", "program")
    account = office.accounts.get(member.program)
    if account is not None:
        return account
    match command:
        case VoidSale() | ReturnSale():
            raise no_transaction()
        case CaptureRedemption() | VoidRedemption():
            raise no_redemption(("input", "redemptionId"))
        case _:
            msg = "there is no such member"
            raise MemberNotFound(msg, field=("input", "memberId"))


def document_of(command: Command) -> str | None:
    """What the shop calls it: unique in a program, among operations of one kind."""
    document: DocumentReference | None = getattr(command, "document", None)
    if document is None:
        return None
    if not 0 < len(document.id) <= _LONGEST_DOCUMENT or not document.id.isprintable():
        msg = f"a document's id has 1 to {_LONGEST_DOCUMENT} printable characters"
        raise InvalidInput(msg, field=("input", "document", "id"))
    return document.id


def conflict() -> Declined:
    """IDEMPOTENCY_CONFLICT."""
    return Declined(
        "the key was used before with other input; a key names one mutation",
        code=ErrorCode.IDEMPOTENCY_CONFLICT,
        field=("input", "idempotencyKey"),
        retry=RetryAdvice.AFTER_CHANGE,
    )


def reference_taken(command: Command) -> Declined:
    """DUPLICATE: not of an operation that is live, but of a name that was used up."""
    return Declined(
        "the program knows another operation by this document already; use another document id",
        code=ErrorCode.DUPLICATE,
        field=("input", "document", "id"),
        retry=RetryAdvice.AFTER_CHANGE,
        program=program_of(command),
    )
