"""Earn Points and Reverse Earned Points (contract 8.1, 8.2); amounts are read in `sales`."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.fabric import formulas, sales
from sandbox.fabric.answers import ENTITY_UNKNOWN, cents, end_of_day, refuse
from sandbox.fabric.book import ZERO, Book
from sandbox.fabric.conversion import convert
from sandbox.fabric.events import Step, Transaction
from sandbox.fabric.evidence import Deed
from sandbox.fabric.rendering import posted
from sandbox.fabric.rewarding import known_reward
from sandbox.fabric.sales import Sale
from sandbox.fabric.scribe import Award, grant, next_code
from sandbox.fabric.state import State
from sandbox.fabric.takings import Taken, take_back
from sandbox.fabric.tenant import ITEM_RULES, POINT_DAYS, STORES
from sandbox.frame import Arrival

EARN, REVERSE = "EARN", "EARN_REVERSE"
LAUNCH_SKUS = {rule.sku for rule in ITEM_RULES}
USABLE = {Step.ISSUED.value, Step.REDEEMED.value}


def earn(state: State, arrival: Arrival) -> object:
    """Earn Points: points on the net amount, at once or pending."""
    sale = sales.purchase(arrival.json())
    state.profile(sale.profile_id)
    _check_duplicate(state, sale, EARN, "first")
    _check_sale(sale)
    for code in sale.codes:
        status = known_reward(state, sale.profile_id, code).status(state.now)
        if status not in USABLE:
            raise refuse("redemptionCode", f"Reward is {status}.")
    _check_duplicate(state, sale, EARN, "last")
    profile, book, now = state.settled(sale.profile_id), state.book(sale.profile_id), state.now
    code, award = next_code(book, "transaction"), _award(state, sale)
    grant(book, now, award, code, sale.activity_at)
    row = replace(
        _row(book, sale, code, now),
        kind=EARN,
        points=award.base + award.bonus + award.promotional,
        base=award.base,
        bonus=award.bonus,
        promotional=award.promotional,
    )
    book.journal.append(row)
    deed = Deed(
        kind="earn",
        operation="earn",
        reference=sale.reference,
        key=code,
        detail={"transactionCode": code, "pending": sale.pending},
    )
    state.note(profile, deed)
    convert(state, profile, "earn")
    return posted(profile.profile_id, row)


def _award(state: State, sale: Sale) -> Award:
    base = cents(sale.amounts.net * Decimal(state.choice("earn_rate")))
    launched = any(item["SKU"] in LAUNCH_SKUS for item in sale.items)
    return Award(
        base=base,
        promotional=Decimal(state.count("promotional_points")) if launched else ZERO,
        expires_at=end_of_day(sale.activity_at + timedelta(days=POINT_DAYS)),
        pending=sale.pending,
    )


def reverse(state: State, arrival: Arrival) -> object:
    """Reverse Earned Points: all points of the original, whatever the amounts, and only once."""
    sale = sales.returned(arrival.json())
    state.profile(sale.profile_id)
    _check_duplicate(state, sale, REVERSE, "first")
    _check_sale(sale)
    for code in sale.codes:
        known_reward(state, sale.profile_id, code)
    original = _original(state.book(sale.profile_id), sale.original)
    _check_duplicate(state, sale, REVERSE, "last")
    profile, book, now = state.settled(sale.profile_id), state.book(sale.profile_id), state.now
    code = next_code(book, "transaction")
    taken = take_back(state, book, original, code)
    row = _reversal(_row(book, sale, code, now), taken, original)
    book.journal.append(row)
    deed = Deed(
        kind="return",
        operation="reverse_earn",
        reference=sale.reference,
        key=code,
        undoes=original.code,
        detail={"transactionCode": code, "reverses": sale.original},
    )
    state.note(profile, deed)
    return posted(profile.profile_id, row)


def _reversal(row: Transaction, taken: Taken, original: Transaction) -> Transaction:
    return replace(
        row,
        kind=REVERSE,
        points=-taken.points,
        base=taken.base,
        bonus=taken.bonus,
        promotional=taken.promotional,
        reverses=original.code,
        # The reply has a positive discount although the request's is negative (contract 5.3).
        discount=abs(row.discount),
    )


def _original(book: Book, reference: str) -> Transaction:
    earned = [row for row in book.journal if row.kind == EARN and row.reference == reference]
    if not earned:
        raise refuse("reverseTransactionExternalRef", "Transaction not found.")
    reversed_codes = {row.reverses for row in book.journal}
    for row in earned:
        if row.code not in reversed_codes:
            return row
    raise refuse("reverseTransactionExternalRef", "Transaction already reversed.")


def _check_sale(sale: Sale) -> None:
    formulas.check(sale.amounts, sale.lines)
    if sale.store not in STORES:
        raise refuse("entityReference", ENTITY_UNKNOWN)


def _check_duplicate(state: State, sale: Sale, kind: str, when: str) -> None:
    if when != state.choice("duplicate_checked"):
        return
    if not sale.flagged or not state.flag("duplicate_detected"):
        return
    rows = state.book(sale.profile_id).journal
    if any(row.kind == kind and row.reference == sale.reference for row in rows):
        raise refuse("transactionExternalReference", state.choice("duplicate_text"))


def _row(book: Book, sale: Sale, code: str, now: datetime) -> Transaction:
    return Transaction(
        code=code,
        kind="",
        at=now,
        activity_at=sale.activity_at,
        points=ZERO,
        balance=book.balance(now) if sale.totals_wanted else None,
        reference=sale.reference,
        type_reference=sale.type_reference,
        store=sale.store,
        gross=sale.amounts.gross,
        paid=sale.amounts.paid,
        tax=sale.amounts.tax,
        net=sale.amounts.net,
        discount=sale.amounts.discount,
        discounts=sale.discounts,
        items=sale.items,
        reason_code=sale.reason_code,
        reason_description=sale.reason_description,
        issue_user=sale.issue_user,
        cancel_user=sale.cancel_user,
        redemption_codes=sale.codes,
    )
