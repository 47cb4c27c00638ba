"""Reads of members that need more than a loader: by number, by search, by list, app users."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    RetryAdvice,
    Unsupported,
)
from loyalty.members import Member, MemberFilter, MemberLookup, MobileUser
from loyalty.operations import Operation
from loyalty.refs import MemberRef
from providers.port import (
    FindsMembers,
    ListsMembers,
    Page,
    PageRequest,
    ReadsMembers,
    ReadsMobileUsers,
)
from resolvers.accounts import Account, Accounts
from resolvers.loaders import Loaders
from resolvers.paging import LARGEST


@dataclass(frozen=True, slots=True)
class Found:
    """What one program found: members, or the error that it failed with."""

    account: Account
    members: tuple[Member, ...] | None
    error: LoyaltyError | None = None


def account_named(accounts: Accounts, key: str, *field: str) -> Account:
    """The account of a program's key; InvalidInput lists the keys there are, and names `field`."""
    account = accounts.get(key)
    if account is None:
        known = ", ".join(a.program.key for a in accounts)
        msg = f"there is no program {key[:40]!r}; the programs are: {known}"
        raise InvalidInput(msg, field=field or ("program",))
    return account


async def ref_by_number(
    accounts: Accounts, loaders: Loaders, program: str, number: str
) -> MemberRef | None:
    """Where the member with a program's own number lives; a call only if the number is no key."""
    account = account_named(accounts, program)
    provider = account.provider
    if provider.profile.number_is_key:
        return MemberRef(program, number)
    if not isinstance(provider, ReadsMembers):
        return None
    member = await account.ask(lambda: provider.member_by_number(number))
    if member is None:
        return None
    loaders.know_member(member)
    return member.ref


async def find(
    accounts: Accounts, loaders: Loaders, by: MemberLookup, programs: Sequence[str] | None
) -> list[Found]:
    """Search all programs named (or all) at once; each fails alone."""
    if by == MemberLookup():
        msg = "give at least one criterion to search by"
        raise InvalidInput(msg, field=("by",))
    if programs is None:
        asked = list(accounts)
    else:
        asked = [account_named(accounts, key, "programs") for key in dict.fromkeys(programs)]
    found = await asyncio.gather(*(_found(account, by) for account in asked))
    for result in found:
        for member in result.members or ():
            loaders.know_member(member)
    return found


async def _found(account: Account, by: MemberLookup) -> Found:
    provider = account.provider
    if not isinstance(provider, FindsMembers):
        return Found(account, None, _unsupported(account, Operation.MEMBER_LOOKUP))
    try:
        members = await account.ask(lambda: provider.find_members(by))
    except LoyaltyError as error:
        return Found(account, None, error)
    if len(members) > LARGEST:
        return Found(account, None, _too_many(account))
    return Found(account, tuple(members))


async def list_members(
    account: Account, loaders: Loaders, where: MemberFilter, page: PageRequest
) -> Page[Member]:
    """A page of a program's members; Unsupported where it has no listing."""
    provider = account.provider
    if not isinstance(provider, ListsMembers):
        raise _unsupported(account, Operation.MEMBER_LIST, Operation.MEMBER_LOOKUP)
    found = await account.ask(lambda: provider.list_members(where, page))
    for member in found.entries:
        loaders.know_member(member)
    return found


async def mobile_user(account: Account, user_id: str) -> MobileUser | None:
    """A user of the program's own app."""
    provider = account.provider
    if not isinstance(provider, ReadsMobileUsers):
        raise _unsupported(account, Operation.MOBILE_USER_READ)
    return await account.ask(lambda: provider.mobile_user(user_id))


async def member_of_mobile_user(
    account: Account, loaders: Loaders, user_id: str
) -> MemberRef | None:
    """The member that an app user is linked to, if any."""
    provider = account.provider
    if not isinstance(provider, FindsMembers):
        return None
    members = await account.ask(lambda: provider.find_members(MemberLookup(mobile_user=user_id)))
    if not members:
        return None
    loaders.know_member(members[0])
    return members[0].ref


def _too_many(account: Account) -> LoyaltyError:
    return Declined(
        f"more than {LARGEST} members match; add another criterion",
        code=ErrorCode.MEMBER_AMBIGUOUS,
        field=("by",),
        retry=RetryAdvice.AFTER_CHANGE,
        program=account.program.key,
    )


def _unsupported(account: Account, operation: Operation, *alternatives: Operation) -> Unsupported:
    return Unsupported(
        f"{account.program.name} does not offer {operation.value}; "
        "see Program.capabilities before asking",
        operation=operation,
        alternatives=alternatives,
        program=account.program.key,
    )
