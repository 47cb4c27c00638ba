"""What a write came to, out of its answer or of the row that shows it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from loyalty.outcomes import Caution, CautionCode, Done, RedemptionStatus
from loyalty.points import PointsState
from loyalty.refs import MemberRef, TransactionRef
from loyalty.sales import Award, PointsEffect, TransactionKind
from providers.telluride.mapping import earnings, transactions
from providers.telluride.mapping.account import Account
from providers.telluride.mapping.bonuses import balance_after
from providers.telluride.mapping.names import Name
from providers.telluride.mapping.redemptions import redeemed as redemption
from providers.telluride.wire.activity import WireRow
from providers.telluride.wire.bonuses import WireBonus
from providers.telluride.wire.earnings import WireEarnReply
from providers.telluride.wire.redemptions import WireRedemption

CODE = "code"
"""Where Done.native keeps the authorization code: the only handle for a void."""

_ZERO = Decimal(0)
_REPEATED = Caution(
    CautionCode.DUPLICATE_IGNORED, "the provider had recorded this before and did nothing more"
)


def earned(account: Account, member: MemberRef, name: Name, wire: WireEarnReply) -> Done:
    """A sale or a return that was booked."""
    return Done(
        native=name.kept,
        transaction=TransactionRef(member, name.key),
        effect=earnings.effect(account, wire, guest=False),
        awards=earnings.awards(wire),
    )


def redeemed(
    account: Account, member: MemberRef, name: Name, wire: WireRedemption, asked: Decimal
) -> Done:
    """Points turned into value; they are spent at once."""
    told = redemption(account, wire)
    points = told.points or asked
    code = {} if told.authorization is None else {CODE: told.authorization}
    return Done(
        native={**name.kept, **code},
        transaction=TransactionRef(member, name.key),
        redemption=RedemptionStatus.CAPTURED,
        points=points,
        worth=told.worth,
        effect=PointsEffect(
            redeemed=points, state=PointsState.AVAILABLE, balance_after=told.balance_after
        ),
    )


def voided(account: Account, member: MemberRef, name: Name, wire: WireRedemption | None) -> Done:
    """Points given back; without an answer's figures where they had been given back before."""
    told = None if wire is None else redemption(account, wire)
    points = None if told is None else told.points
    return Done(
        native=name.kept,
        transaction=TransactionRef(member, name.key),
        redemption=RedemptionStatus.VOIDED,
        points=points,
        worth=None if told is None else told.worth,
        effect=None
        if told is None or points is None
        else PointsEffect(adjusted=points, balance_after=told.balance_after),
        cautions=(_REPEATED,) if told is None else (),
    )


def adjusted(member: MemberRef, name: Name, wire: WireBonus, delta: Decimal, offer: str) -> Done:
    """Points posted against an offer; there is no reference to the posting."""
    return Done(
        native=name.kept,
        transaction=TransactionRef(member, name.key),
        kind=_kind(delta),
        effect=_adjustment(delta, balance_after(wire)),
        awards=(Award(offer, delta),),
    )


def _kind(delta: Decimal) -> TransactionKind:
    """What the history calls it: points of an offer without a sale, or a correction."""
    return TransactionKind.BONUS if delta > 0 else TransactionKind.ADJUSTMENT


def _adjustment(delta: Decimal, after: Decimal | None) -> PointsEffect:
    """External postings count as bonus points (U-85); those taken off are no earning."""
    return PointsEffect(
        earned=max(delta, _ZERO),
        adjusted=min(delta, _ZERO),
        base=_ZERO,
        bonus=delta,
        balance_after=after,
    )


def shown_sale(account: Account, member: MemberRef, name: Name, rows: Sequence[WireRow]) -> Done:
    """A sale or a return as its row shows it."""
    sums = transactions.Sums.of(rows)
    return Done(
        native=name.kept,
        native_id=rows[0].transaction_id,
        transaction=TransactionRef(member, name.key),
        posted_at=_posted_at(rows),
        effect=transactions.effect(account, sums, rows),
        awards=transactions.awards(rows),
    )


def shown_redemption(
    account: Account, member: MemberRef, name: Name, rows: Sequence[WireRow], asked: Decimal
) -> Done:
    """A redemption as its row shows it: without the code, so that nobody can void it."""
    sums = transactions.Sums.of(rows)
    return Done(
        native=name.kept,
        native_id=rows[0].transaction_id,
        transaction=TransactionRef(member, name.key),
        posted_at=_posted_at(rows),
        redemption=RedemptionStatus.CAPTURED,
        points=asked,
        worth=account.money(rows[0].redeemed_dollars),
        effect=transactions.effect(account, sums, rows),
    )


def shown_adjustment(
    account: Account, member: MemberRef, name: Name, rows: Sequence[WireRow], delta: Decimal
) -> Done:
    """A posting of points as its row shows it."""
    after = rows[0].point_balance if account.point_balance_is_running else None
    return Done(
        native=name.kept,
        native_id=rows[0].transaction_id,
        transaction=TransactionRef(member, name.key),
        posted_at=_posted_at(rows),
        kind=_kind(delta),
        effect=_adjustment(delta, after),
        awards=transactions.awards(rows),
    )


def _posted_at(rows: Sequence[WireRow]) -> datetime | None:
    return rows[0].posted_at


def repeated(done: Done) -> tuple[Caution, ...]:
    """What is said of a first try that the provider took for a repeat."""
    return (*done.cautions, _REPEATED)
