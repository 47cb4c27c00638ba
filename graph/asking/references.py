"""Ids in a mutation's input: each stands for something of a configured program, or is refused.

A tampered or foreign id is as good as one that never was: *_NOT_FOUND, and no program is asked.
"""

from graph.types.checks import Place
from loyalty.commands import Target
from loyalty.errors import Declined, ErrorCode, MemberNotFound, RetryAdvice
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
from resolvers.accounts import Accounts
from resolvers.members import account_named
from resolvers.routing import Ids, Reference


class References:
    """Opens the ids of one input."""

    def __init__(self, accounts: Accounts, ids: Ids) -> None:
        self._accounts = accounts
        self._ids = ids

    def program(self, place: Place, key: str) -> str:
        """A program's key; InvalidInput lists those there are."""
        return account_named(self._accounts, key, *place.path).program.key

    def member(self, place: Place, text: str) -> MemberRef:
        """A member."""
        found = self._opened(text)
        if isinstance(found, MemberRef):
            return found
        msg = "there is no such member"
        raise MemberNotFound(msg, field=place.path, retry=RetryAdvice.AFTER_CHANGE)

    def voucher(self, place: Place, text: str, owner: MemberRef | None = None) -> VoucherRef:
        """A voucher, of the member who is named beside it."""
        found = self._opened(text)
        if isinstance(found, VoucherRef) and owner in {None, found.member}:
            return found
        whose = "" if owner is None else " of this member's"
        raise _missing(place, f"there is no such voucher{whose}", ErrorCode.VOUCHER_NOT_FOUND)

    def offer(self, place: Place, text: str, member: MemberRef) -> OfferRef:
        """An offer that was shown to the member."""
        found = self._opened(text)
        if isinstance(found, OfferRef) and _is_for(found, member):
            return found
        raise _missing(place, "there is no such offer of this member's", ErrorCode.NOT_FOUND)

    def transaction(self, place: Place, text: str) -> Target:
        """A transaction, by its operation of ours or by what its provider knows it as."""
        match self._opened(text):
            case PostedRef(member, operation):
                return Target(member=member, operation=operation)
            case TransactionRef() as native:
                return Target(member=native.member, native=native)
            case _:
                raise _missing(
                    place, "there is no such transaction", ErrorCode.TRANSACTION_NOT_FOUND
                )

    def redemption(self, place: Place, text: str, owner: MemberRef | None = None) -> RedemptionRef:
        """A redemption, of the member who is named beside it."""
        found = self._opened(text)
        if isinstance(found, RedemptionRef) and owner in {None, found.member}:
            return found
        raise _missing(place, "there is no such redemption", ErrorCode.REDEMPTION_NOT_FOUND)

    def customer(self, place: Place, text: str) -> str:
        """Our own id of a customer, who may be another's: that is the resolver's to refuse."""
        found = self._ids.reference(text)
        if isinstance(found, CustomerRef):
            return found.key
        raise _missing(place, "there is no such customer", ErrorCode.NOT_FOUND)

    def _opened(self, text: str) -> Reference | None:
        """What an id of a configured program stands for."""
        found = self._ids.reference(text)
        program = None if found is None else program_of(found)
        return None if program is None or self._accounts.get(program) is None else found


def program_of(reference: Reference) -> str | None:
    """The key of the program that something is of; None for what is of none."""
    match reference:
        case str(program) | MemberRef(program=program) | OfferRef(program=program):
            return program
        case ReceiptRef() | CustomerRef():
            return None
        case _:
            return reference.member.program


def _is_for(offer: OfferRef, member: MemberRef) -> bool:
    return offer.program == member.program and offer.member in {None, member.key}


def _missing(place: Place, message: str, code: ErrorCode) -> Declined:
    return Declined(message, code=code, field=place.path, retry=RetryAdvice.AFTER_CHANGE)
