"""What the fields of members, balances and programs ask; the roots are in root_prices.py."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from graph.plans import RECORD, Step
from graph.tally import NOBODY, Arguments, Rule, Scope, Tally, by_program, first_of, strangers
from graph.types.member import HISTORY
from loyalty.operations import Operation
from loyalty.refs import MemberRef
from providers.port import (
    ChecksVouchers,
    ListsOffers,
    ListsPointTypes,
    ListsReasons,
    ListsTiers,
    ListsTransactions,
    ListsVouchers,
    ReadsAffinities,
    ReadsBalances,
    ReadsExpired,
    ReadsExpiry,
    ReadsRedeemable,
    SummarisesActivity,
)
from resolvers.accounts import Account

_DAY = timedelta(days=1)
_OLDEST = timedelta(days=366 * 100)


def _capabilities(tally: Tally, _: Step, scope: Scope, __: Arguments) -> Scope:
    """No call, but a long list: shown for many members, it is an answer of many megabytes."""
    tally.list_entries(scope, len(Operation))
    return NOBODY


def _record(tally: Tally, _: Step, scope: Scope, __: Arguments) -> Scope:
    tally.ask_records(scope)
    return scope


def _merged_into(tally: Tally, step: Step, scope: Scope, _: Arguments) -> Scope:
    tally.ask_records(scope)
    found = [
        survivor
        for program, members in by_program(scope.members).items()
        for survivor in strangers(step, program, len(members))
    ]
    return Scope(tuple(found))


def _balance(tally: Tally, _: Step, scope: Scope, __: Arguments) -> Scope:
    tally.ask_members(scope, ReadsBalances, "balance")
    return scope


def _vouchers(tally: Tally, _: Step, scope: Scope, given: Arguments) -> Scope:
    if first_of(given) is not None:
        tally.ask_members(scope, ListsVouchers, ("vouchers", given.get("spending")))
    return scope


def _offers(tally: Tally, _: Step, scope: Scope, given: Arguments) -> Scope:
    if first_of(given) is not None:
        tally.ask_members(scope, ListsOffers, ("offers", repr(given.get("basket"))))
        with_balance = _whose(tally, scope, Operation.OFFER_LIST)
        tally.ask_members(Scope(with_balance), ReadsBalances, "balance")
    return scope


def _whose(tally: Tally, scope: Scope, operation: Operation) -> tuple[MemberRef, ...]:
    """The members whose balance carries what the operation tells."""
    carrying = {
        account.program.key
        for account in tally.accounts()
        if operation in account.provider.profile.with_balance
    }
    return tuple(member for member in scope.members if member.program in carrying)


def _transactions(tally: Tally, _: Step, scope: Scope, given: Arguments) -> Scope:
    first = first_of(given)
    if first is None:
        return scope
    question = ("transactions", given.get("from"), given.get("to"), first, given.get("after"))
    span = _span(tally.now(), given.get("from"), given.get("to"))
    for program, members in by_program(scope.members).items():
        account = tally.account(program)
        if account is not None:
            calls = _pages(account, span, first)
            tally.ask_members(Scope(tuple(members)), ListsTransactions, question, calls)
    return scope


def _span(now: datetime, starts_at: datetime | None, ends_at: datetime | None) -> timedelta:
    """How long a history is asked for: a period, or the last days where none is given."""
    if starts_at is None:
        return HISTORY + _DAY
    return min(max((ends_at or now) - starts_at, _DAY) + _DAY, _OLDEST)


def _pages(account: Account, span: timedelta, first: int) -> int:
    """The calls for one page of ours: windows of time, or pages of the provider's."""
    profile = account.provider.profile
    windows = 1
    if profile.history_days is not None:
        windows = (span + 2 * _DAY) // timedelta(days=profile.history_days) + 1
    rows = profile.history_rows
    return max(windows, 1 if rows is None else -(-(first + 1) // rows))


def _activity(tally: Tally, _: Step, scope: Scope, given: Arguments) -> Scope:
    tally.ask_members(scope, SummarisesActivity, ("activity", given["from"], given["to"]))
    return scope


def _affinities(tally: Tally, _: Step, scope: Scope, __: Arguments) -> Scope:
    tally.ask_members(scope, ReadsAffinities, "affinities")
    return scope


def _expiring(tally: Tally, _: Step, scope: Scope, __: Arguments) -> Scope:
    carried = set(_whose(tally, scope, Operation.EXPIRY_READ))
    apart = Scope(tuple(member for member in scope.members if member not in carried))
    tally.ask_members(apart, ReadsExpiry, "expiring")
    return scope


def _expired(tally: Tally, _: Step, scope: Scope, given: Arguments) -> Scope:
    tally.ask_members(scope, ReadsExpired, ("expired", given.get("from"), given.get("to")))
    return scope


def _redeemable_at(tally: Tally, _: Step, scope: Scope, given: Arguments) -> Scope:
    tally.ask_members(scope, ReadsRedeemable, ("redeemable", given["outlet"]))
    return scope


def _wallet(tally: Tally, step: Step, scope: Scope, _: Arguments) -> Scope:
    """Its figures have prices of their own; without any, the balances tell whether it is whole."""
    told = [child for child in step.children if child.parent == "Wallet" and not child.conditions]
    if not any(("Wallet", child.name) in PRICES for child in told):
        tally.ask_members(scope, ReadsBalances, "balance")
    return scope


def _next_expiry(tally: Tally, step: Step, scope: Scope, given: Arguments) -> Scope:
    carried = Scope(_whose(tally, scope, Operation.EXPIRY_READ))
    tally.ask_members(carried, ReadsBalances, "balance")
    return _expiring(tally, step, scope, given)


def _usable_vouchers(tally: Tally, _: Step, scope: Scope, __: Arguments) -> Scope:
    tally.ask_members(scope, ListsVouchers, ("vouchers", None))
    return scope


def _of_program(ability: type) -> Rule:
    """A question that is put to each program of the scope once."""

    def rule(tally: Tally, step: Step, scope: Scope, _: Arguments) -> Scope:
        for program in {*scope.programs, *(member.program for member in scope.members)}:
            account = tally.account(program)
            if account is not None and isinstance(account.provider, ability):
                tally.ask((step.name, program))
        return scope

    return rule


def _voucher(tally: Tally, step: Step, scope: Scope, _: Arguments) -> Scope:
    tally.ask_members(scope, ChecksVouchers, ("voucher", step.place))
    return scope


PRICES: Mapping[tuple[str, str], Rule] = {
    ("Transaction", "appliedVoucher"): _voucher,
    ("Redemption", "voucher"): _voucher,
    ("VoucherPayload", "voucher"): _voucher,
    ("InsufficientPointsError", "available"): _balance,
    ("Member", RECORD): _record,
    ("Member", "mergedInto"): _merged_into,
    ("Member", "balance"): _balance,
    ("Member", "vouchers"): _vouchers,
    ("Member", "offers"): _offers,
    ("Member", "transactions"): _transactions,
    ("Member", "activity"): _activity,
    ("Member", "affinities"): _affinities,
    ("Balance", "expiring"): _expiring,
    ("Balance", "expired"): _expired,
    ("Balance", "redeemableAt"): _redeemable_at,
    ("Customer", "wallet"): _wallet,
    ("Wallet", "worth"): _balance,
    ("Wallet", "nextExpiry"): _next_expiry,
    ("Wallet", "usableVouchers"): _usable_vouchers,
    ("Program", "capabilities"): _capabilities,
    ("Provider", "capabilities"): _capabilities,
    ("Program", "tiers"): _of_program(ListsTiers),
    ("Program", "adjustmentReasons"): _of_program(ListsReasons),
    ("Program", "pointTypes"): _of_program(ListsPointTypes),
}
"""By type and field."""
