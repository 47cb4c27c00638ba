"""Wallets: what all memberships of a person are worth, and which programs are not in the figure.

Everything leaves in one wave; each program fails alone, and is named. What nobody asked for is not
read: the figures, the expiry and the vouchers are questions of their own.
"""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loyalty.customers import Wallet
from loyalty.money import Money
from loyalty.offers import Voucher
from loyalty.points import Balance, ExpiringPoints
from loyalty.refs import MemberRef
from providers.port import ListsVouchers, ReadsBalances, ReadsExpiry
from resolvers.accounts import Account, Accounts
from resolvers.loaders import Failed, Loaders, Settled


class Figure(StrEnum):
    """A part of a wallet that costs calls of its own."""

    WORTH = "WORTH"
    NEXT_EXPIRY = "NEXT_EXPIRY"
    USABLE_VOUCHERS = "USABLE_VOUCHERS"


@dataclass(slots=True)
class _Part:
    """What one membership adds; `missing` once anything that was asked is not known."""

    program: str
    worth: Money | None = None
    expiring: tuple[ExpiringPoints, ...] = ()
    usable_vouchers: int | None = None
    missing: bool = False


async def wallet(
    accounts: Accounts, loaders: Loaders, members: Sequence[MemberRef], figures: Collection[Figure]
) -> Wallet:
    """The wallet over these memberships; raises nothing for a program that cannot be read.

    A program that is no longer configured cannot be named, and makes the wallet incomplete all the
    same.
    """
    asked = figures or (Figure.WORTH,)  # whether it is complete is told by the figures alone
    known = [(ref, accounts.get(ref.program)) for ref in members]
    parts = await asyncio.gather(
        *(_part(account, loaders, ref, asked) for ref, account in known if account is not None)
    )
    missing = tuple(dict.fromkeys(part.program for part in parts if part.missing))
    counts = [part.usable_vouchers for part in parts if part.usable_vouchers is not None]
    return Wallet(
        worth=_sums(part.worth for part in parts if part.worth is not None),
        next_expiry=_soonest(each for part in parts for each in part.expiring),
        usable_vouchers=sum(counts) if counts else None,
        complete=not missing and len(parts) == len(members),
        missing=missing,
    )


async def _part(
    account: Account, loaders: Loaders, ref: MemberRef, asked: Collection[Figure]
) -> _Part:
    part = _Part(account.program.key)
    readings: list[Awaitable[None]] = []
    if Figure.WORTH in asked:
        readings.append(_add_worth(part, account, loaders, ref))
    if Figure.NEXT_EXPIRY in asked and isinstance(account.provider, ReadsBalances | ReadsExpiry):
        readings.append(_add_expiry(part, loaders, ref))
    if Figure.USABLE_VOUCHERS in asked and isinstance(account.provider, ListsVouchers):
        readings.append(_add_vouchers(part, loaders, ref))
    await asyncio.gather(*readings)
    return part


async def _add_worth(part: _Part, account: Account, loaders: Loaders, ref: MemberRef) -> None:
    """The worth of what can be spent; nothing at all is worth nothing, whatever the rate."""
    balance: Settled[Balance] = await loaders.balance(ref)
    if balance is None or isinstance(balance, Failed):
        part.missing = True
    elif balance.worth is not None:
        part.worth = balance.worth
    elif balance.points == 0:
        part.worth = Money(Decimal(0), account.program.currency)
    else:
        part.missing = True


async def _add_expiry(part: _Part, loaders: Loaders, ref: MemberRef) -> None:
    """What will be lost; a program that cannot tell (None) is no failure."""
    expiring = await loaders.expiring(ref)
    if isinstance(expiring, Failed):
        part.missing = True
    else:
        part.expiring = expiring or ()


async def _add_vouchers(part: _Part, loaders: Loaders, ref: MemberRef) -> None:
    vouchers: Settled[tuple[Voucher, ...]] = await loaders.vouchers(ref, None)
    if vouchers is None or isinstance(vouchers, Failed):
        part.missing = True
    else:
        usable = [voucher for voucher in vouchers if voucher.usable and voucher.usable.now]
        part.usable_vouchers = len(usable)


def _sums(worths: Iterable[Money]) -> tuple[Money, ...]:
    """One sum a currency: amounts of two currencies are never added."""
    sums: dict[str, Decimal] = {}
    for worth in worths:
        sums[worth.currency] = sums.get(worth.currency, Decimal(0)) + worth.amount
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))


def _soonest(expiring: Iterable[ExpiringPoints]) -> ExpiringPoints | None:
    return min(expiring, key=lambda each: each.expires_at, default=None)
