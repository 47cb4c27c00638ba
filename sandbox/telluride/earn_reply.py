"""ProcessEarn's answer key by key (contract 4.7): strings and numbers side by side as printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.telluride.api import MESSAGE_1, MESSAGE_2, PULSE, SERVER, version_echo
from sandbox.telluride.earn_cart import CartLine
from sandbox.telluride.offers import COUPONS, EarnOffer
from sandbox.telluride.people import Account
from sandbox.telluride.points import dollars
from sandbox.telluride.reading import Body, Json, Refusal
from sandbox.telluride.state import State

POINTS_ONLY_SINCE = 10


@dataclass(frozen=True, slots=True)
class LineResult:
    """A line with its points; an offer with 0 points only qualifies."""

    line: CartLine
    base: int = 0
    offers: Sequence[tuple[EarnOffer, int]] = ()
    coupon: int = 0
    returned_bonus: int = 0
    origin: tuple[str, str] | None = None

    @property
    def other(self) -> int:
        """Bonus without coupons."""
        return self.returned_bonus + sum(points for _, points in self.offers)

    @property
    def points(self) -> int:
        """Everything."""
        return self.base + self.other + self.coupon


@dataclass(frozen=True, slots=True)
class Debit:
    """What becomes of the points to be taken back (U-19): taken, missing, or owed below zero."""

    balance: int = 0
    taken: int = 0
    short: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A computed call; `account` is None for a guest."""

    account: Account | None = None
    results: Sequence[LineResult] = field(default_factory=tuple)
    balance: int = 0
    short: int = 0
    redeemed: int = 0
    debit: Debit = Debit()

    @property
    def base(self) -> int:
        """Base points of the call."""
        return sum(result.base for result in self.results)

    @property
    def other(self) -> int:
        """Bonus points without coupons."""
        return sum(result.other for result in self.results)

    @property
    def coupon(self) -> int:
        """Points for coupons given up."""
        return sum(result.coupon for result in self.results)


def envelope(state: State, body: Body, outcome: Outcome) -> Json:
    """The answer of a success, without its wrapper."""
    number = "" if outcome.account is None else outcome.account.member.number
    version = int(body.text("MessageVersion"))
    lines: Json = {"LineItem": [_line(result, body, version) for result in outcome.results]}
    reply: Json = (
        _head(state, body, Refusal("0", "SUCCESS"), number)
        | _figures(state, outcome)
        | {
            "BonusPointsSummary": _bonus_summary(outcome),
            "Messages": {"Message": _messages(outcome)},
            "TenderList": {},
            "LineItems": lines,
            "StoreNumber": body.text("StoreNumber"),
            "MissedOffers": {},
        }
    )
    return reply


def wrapped(reply: Json) -> Json:
    """The reply in its two wrappers (Q-4)."""
    return {"ProcessEarnResult": {"ProcessEarnReply": [reply]}}


def refused(state: State, body: Body, refusal: Refusal) -> Json:
    """The error form of U-2."""
    head = _head(state, body, refusal, body.echo("MemberNumber"))
    reply: Json = head | _figures(state, Outcome())
    reply["LineItems"] = {}
    return wrapped(reply)


def _head(state: State, body: Body, outcome: Refusal, number: str) -> Json:
    additional = {
        "msg1": MESSAGE_1,
        "msg2": MESSAGE_2,
        "Status": outcome.code,
        "StatusText": outcome.text,
        "MessageVersion": version_echo(state, body.echo("MessageVersion")),
        "SysPulse": PULSE,
    }
    return {
        "MTServerName": SERVER,
        "Additional": additional,
        "Type": "PROCESSED",
        "MemberNumber": number,
    }


def _figures(state: State, outcome: Outcome) -> Json:
    return {
        "BasePointsEarned": str(outcome.base),
        "BonusPointsEarned": outcome.other + outcome.coupon,
        "PointsRedeemedOnBaseOffer": str(outcome.redeemed),
        "DollarValueOfPointsRedeemedOnBaseOffer": dollars(outcome.redeemed),
        "PointsRedeemedOnBonusOffer": "0",
        "DollarValueOfPointsRedeemedOnBonusOffer": "0.00",
        "TotalPointsEarned": str(_total(state, outcome)),
        "PointDebit": str(outcome.short),
        "CurrencyDebit": dollars(outcome.short) if outcome.short else "0",
        "MemberSavingsDollarValue": f"{_savings(outcome):.2f}",
        "TimeZone": "CST",
    }


def _total(state: State, outcome: Outcome) -> int:
    """The balance, or by switch the lifetime total (U-80)."""
    if outcome.account is None or state.word("total_points_earned") == "balance":
        return outcome.balance
    earned = sum(row.event.earned for row in state.standing(outcome.account).rows)
    return earned + outcome.base + outcome.other + outcome.coupon


def _savings(outcome: Outcome) -> Decimal:
    """Member pricing only: non-member price less the price before discounts."""
    bodies = [result.line.body for result in outcome.results]
    return sum(
        (
            line.amount("NonMemberPrice") - line.amount("DollarValuePreDisc", "DollarValuePostDisc")
            for line in bodies
            if line.text("LineItemAmountTypeCode") == "20"
        ),
        Decimal(0),
    )


def _bonus_summary(outcome: Outcome) -> Json:
    totals: dict[str, tuple[EarnOffer, int]] = {}
    for offer, points in (pair for result in outcome.results for pair in result.offers):
        totals[offer.code] = (offer, points + totals.get(offer.code, (offer, 0))[1])
    entries = [_txn_offer(offer, points) for offer, points in totals.values() if points]
    entries += [
        _txn_entry(*COUPONS[number], "COUPON", points)
        for result in outcome.results
        for number, points in result.line.coupons
        if points
    ]
    total = outcome.other + outcome.coupon
    return {
        "TxnEarnOffers": {"TxnEarnOffer": entries} if entries else {},
        "CouponBonusPointsEarned": outcome.coupon,
        "CouponBonusPointsEarnedTxt": f"SYW CPN BONUS PTS: {outcome.coupon}",
        "OtherBonusPointsEarned": outcome.other,
        "OtherBonusPointsEarnedTxt": f"SYW NON CPN BONUS PTS: {outcome.other}",
        "TotalBonusPointsEarned": total,
        "TotalBonusPointsEarnedTxt": f"BONUS POINTS EARNED: {total}",
    }


def _txn_offer(offer: EarnOffer, points: int) -> Json:
    entry = _txn_entry(offer.code, offer.name, "BONUS", points)
    return entry | {
        "TxnEarnOfferReceiptDesc": offer.receipt,
        "TxnPointsEarnedTxt": f"{offer.receipt}: {points}",
    }


def _txn_entry(code: str, name: str, kind: str, points: int) -> Json:
    return {
        "TxnEarnOfferCode": code,
        "TxnEarnOfferName": name,
        "TxnEarnOfferReceiptDesc": name,
        "TxnEarnOfferType": kind,
        "TxnPointsEarned": points,
        "TxnItemLevelOffer": "N",
        "TxnPointsEarnedTxt": f"{name}: {points}",
    }


def _messages(outcome: Outcome) -> list[str]:
    bonus = outcome.other + outcome.coupon
    earned = [f"Base Points Earned: {outcome.base:,}", f"Bonus Points Earned: {bonus:,}"]
    if outcome.account is None:
        return earned
    kind = outcome.account.member.earn_type
    return [f"You are a {kind} Member", f"Current Points Balance: {outcome.balance:,}", *earned]


def _line(result: LineResult, body: Body, version: int) -> Json:
    shown = _echo(result.line) | {
        "BasePoints": result.base,
        "OtherPoints": result.other,
        "CouponPoints": result.coupon,
    }
    row = result.line.body
    points_only = row.text("MapCompliance") == "Y" and version >= POINTS_ONLY_SINCE
    earned = [_offer(pair, points_only) for pair in result.offers if pair[1]]
    qualified = [_offer(pair, points_only) for pair in result.offers if not pair[1]]
    attributes = [dict(entry.data) for entry in row.rows("LineAttributes", "LineAttribute")]
    show_all = qualified if _shows_all(body) else []
    return shown | {
        "EarnOffers": {"EarnOffer": earned} if earned else {},
        "QualifiedOffers": {"QualifiedOffer": show_all} if show_all else {},
        "MissedOffers": {},
        "PointsRedeemed": row.text("PointsRedeemed") or "0",
        "DollarValueOfPointsRedeemed": f"{row.amount('DollarValueOfPointsRedeemed'):.2f}",
        "TaxAmount": f"{row.amount('TaxAmount'):.2f}",
        "PostSalesAdjustmentAmount": f"{row.amount('PostSalesAdjustmentAmount'):.2f}",
        "NonMemberPrice": f"{row.amount('NonMemberPrice'):.2f}",
        "LineAttributes": {"LineAttribute": attributes} if attributes else {},
    }


def _echo(line: CartLine) -> Json:
    row = line.body
    shown: Json = {
        "LineNumber": line.number,
        "ItemType": line.kind,
        "Division": line.division,
        "ItemNumber": row.text("ItemNumber"),
        "LineItemAmountTypeCode": row.text("LineItemAmountTypeCode") or "1",
    }
    for name in ("LineRequestorId", "LineOrderStoreNumber"):
        if row.has(name):
            shown[name] = row.text(name)
    return shown | {
        "DollarValuePreDisc": f"{row.amount('DollarValuePreDisc', 'DollarValuePostDisc'):.2f}",
        "DollarValuePostDisc": f"{row.amount('DollarValuePostDisc'):.2f}",
        "PriceMatchAmount": f"{row.amount('PriceMatchAmount'):.2f}",
        "PriceMatchBonusAmount": f"{row.amount('PriceMatchBonusAmount'):.2f}",
        "Quantity": f"{line.quantity:.1f}",
    }


def _shows_all(body: Body) -> bool:
    return any(
        pair.text("AttributeKey") == "showAllQualifiedOffers" and pair.text("AttributeValue") == "Y"
        for pair in body.rows("AttributeList", "Attribute")
    )


def _offer(pair: tuple[EarnOffer, int], points_only: bool) -> Json:
    offer, points = pair
    entry: Json = {
        "EarnOfferCode": offer.code,
        "EarnOfferName": offer.points_only_name if points_only else offer.name,
        "EarnOfferReceiptDesc": offer.receipt,
        "EarnOfferType": "BONUS",
        "PointsEarned": points,
        "ItemLevelOffer": "N",
        "PointsEarnedTxt": f"{offer.receipt}: {points}",
        "ProgramType": offer.program,
    }
    if offer.subprogram:
        entry["ProgramSubType"] = offer.subprogram
    return entry | {"OfferCategory": "SINGLETRAN", "EarnType": offer.earn_type}
