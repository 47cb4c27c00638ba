"""ProcessRedemption's answer key by key (contract 4.6): lines come back wrapped, as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.telluride.api import PULSE, SERVER, two_digits, version_echo
from sandbox.telluride.offers import BASE_XR, FAR_END, XrOffer
from sandbox.telluride.people import Account, Surprise
from sandbox.telluride.points import Standing, dollars
from sandbox.telluride.reading import Body, Json, Refusal
from sandbox.telluride.state import State

GUEST = "G"
ECHOED = ("PickUpStoreNumber", "OrderStoreNumber", "RegisterNumber")
ECHOED_AS_TEXT = ("TransactionNumber", "OrderId", "TransactionDate", "TransactionTime")
LINE_ECHOED = (
    "LineNumber",
    "ItemType",
    "Division",
    "ItemNumber",
    "LineItemAmountTypeCode",
    "LineRequestorId",
    "LineOrderStoreNumber",
    "LinePickUpStoreNumber",
)
LINE_MONEY = ("DollarValuePreDisc", "DollarValuePostDisc", "PriceMatchAmount",
              "PriceMatchBonusAmount")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a cart could take, and what there is; all zero for a guest or a refusal."""

    account: Account | None = None
    standing: Standing | None = None
    own: int = 0
    surprise: int = 0
    most_own: int = 0
    most_surprise: int = 0
    most: int = 0
    lines: Sequence[Body] = ()
    held: tuple[Surprise, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """What a call moved: points spent, or put back by a void; all zero for an inquiry."""

    points: int = 0
    code: str = ""
    after: int | None = None
    standing: Standing | None = None
    shares: Sequence[tuple[int, int]] = ()
    """Own and surprise points for each line."""


NOTHING = Moved()


def envelope(state: State, body: Body, inquiry: Inquiry, moved: Moved = NOTHING) -> Json:
    """The whole answer of a success."""
    number = "" if inquiry.account is None else inquiry.account.member.number
    reply: Json = {**_echo(body, number)} | _figures(inquiry, moved) | _lists(state, inquiry)
    if body.text("ApplyFunction") == GUEST:
        reply["TotalAdjustmentAmount"] = "0.00"
    shares = [*moved.shares, *[(0, 0)] * len(inquiry.lines)]
    lines = [_line(line, *share) for line, share in zip(inquiry.lines, shares, strict=False)]
    reply["LineItems"] = {"LineItem": lines}
    reply["ResponseText"] = "SUCCESS"
    ending = _expiring(moved.standing or inquiry.standing) | _redeemed(moved.points)
    return reply | ending | _tail(state, body, Refusal("0", "SUCCESS"))


def refused(state: State, body: Body, refusal: Refusal) -> Json:
    """The error form of U-2: echoed identifiers and zero figures."""
    reply: Json = {**_echo(body, body.echo("MemberNumber"))} | _figures(Inquiry(), NOTHING)
    reply |= {"LineItems": {}, "ResponseText": refusal.text}
    return reply | _redeemed(0) | _tail(state, body, refusal)


def _echo(body: Body, number: str) -> dict[str, str]:
    return {"MemberNumber": number} | {name: body.echo(name) for name in (*ECHOED, *ECHOED_AS_TEXT)}


def _figures(inquiry: Inquiry, moved: Moved) -> Json:
    """TotalAvailableRewardPoints is the balance after, the others are before (U-46, U-76)."""
    before = inquiry.own + inquiry.surprise
    return {
        "RedemptionPoints": moved.points,
        "RedemptionDollarValue": dollars(moved.points),
        "MaxRedeemablePoints": inquiry.most,
        "MaxRedeemableDollarValue": dollars(inquiry.most),
        "TotalAvailableRewardPoints": before if moved.after is None else moved.after,
        "AuthorizationCode": moved.code,
        "MaxRedeemableMemberOwnPoints": inquiry.most_own,
        "MaxRedeemableMemberOwnPointsDollarValue": dollars(inquiry.most_own),
        "MaxRedeemableSurprisePoints": inquiry.most_surprise,
        "MaxRedeemableSurprisePointsDollarValue": dollars(inquiry.most_surprise),
        "TotalAvailableMemberOwnPoints": inquiry.own,
        "TotalAvailableMemberOwnPointsDollarValue": dollars(inquiry.own),
        "TotalAvailableSurprisePoints": inquiry.surprise,
        "TotalAvailableSurprisePointsDollarValue": dollars(inquiry.surprise),
    }


def _lists(state: State, inquiry: Inquiry) -> Json:
    today = state.now.date()
    held = [_surprise(offer) for offer in inquiry.held if offer.points and offer.expires >= today]
    live = state.world.offers.redeemable(state.now) if inquiry.held else []
    return {
        "MaxRedeemableSurprisePointsList": {"RedeemableSurprisePoints": held},
        "TotalAvailableSurprisePointsList": {"AvailableSurprisePoints": held},
        "TotalQualifiedXRPointsList": {
            "QualifiedXRPoints": [
                _xr(BASE_XR, "1.0") | _ends(str(FAR_END)) | {"OfferCode": BASE_XR,
                                                            "OfferEndDate": str(FAR_END)}
            ]
        },
        "MaxRedeemableXRPointsList": {
            "RedeemableXRPoints": [
                _xr(BASE_XR, "1X") | _ends(str(FAR_END)) | _redeemable(),
                *(_xr_of(offer) | _redeemable() for offer in live),
            ]
        },
        "TotalAvailableXRPointsList": {
            "AvailableXRPoints": [_xr(BASE_XR, "1X"), *(_xr_of(offer) for offer in live)]
        },
    }  # fmt: skip


def _surprise(offer: Surprise) -> Json:
    return {
        "PointsAvailableFor": "Any item",
        "SurprisePoints": str(offer.points),
        "SurprisePointsWorth": dollars(offer.points),
        "SurpriseOfferQualifier": offer.qualifier,
        "SurpriseOfferConditions": "One per member",
        "SurprisePointsExpiryDate": offer.expires.isoformat(),
        "SurprisePointsExclusion": "NoEXC",
    }


def _xr(available_for: str, multiplier: str) -> Json:
    return {
        "XROfferPointsAvailableFor": available_for,
        "XROfferMultiplier": multiplier,
        "XROfferQualifier": "Spend>0.01",
        "XRPointsExclusion": "Coupons",
    }


def _xr_of(offer: XrOffer) -> Json:
    return _xr(offer.code, offer.multiplier) | _ends(offer.end.date().isoformat())


def _ends(day: str) -> Json:
    return {"XROfferExpiryDate": day}


def _redeemable() -> Json:
    blank: Json = {"OfferDescription": "", "OfferTitle": "", "OfferEndDate": "", "LegalCopy": ""}
    return {"XROfferConditions": "Any"} | blank


def _line(line: Body, own: int, surprise: int) -> Json:
    """Everything is text here; a number sent is a text answered."""
    echoed: Json = {name: line.text(name) for name in LINE_ECHOED}
    echoed |= {name: f"{line.amount(name):.2f}" for name in LINE_MONEY}
    offers: Json = {"RedemptionOffer": [_base_offer(own, surprise)] if own + surprise else []}
    return echoed | {
        "Quantity": f"{line.amount('Quantity'):.1f}",
        "PointsRedeemed": str(own + surprise),
        "DollarValueOfPointsRedeemed": dollars(own + surprise),
        "RedemptionExclusionFlag": line.text("RedemptionExclusionFlag") or "N",
        "TaxAmount": f"{line.amount('TaxAmount'):.2f}",
        "PostSalesAdjustmentAmount": f"{line.amount('PostSalesAdjustmentAmount'):.2f}",
        "RedemptionOffersList": offers,
        "NonMemberPrice": f"{line.amount('NonMemberPrice'):.2f}",
    }


def _base_offer(own: int, surprise: int) -> Json:
    """Everything is redeemed at the base rate; XR offers raise no worth here."""
    worth = Decimal(dollars(own + surprise))
    return {
        "OfferCode": BASE_XR,
        "RedemptionMultiplier": "1",
        "OfferPointsRedeemed": own + surprise,
        "RedeemedPointsOriginalDollarValue": worth,
        "RedeemedPointsXRDollarValue": worth,
        "RedeemedXRPointsWorth": own + surprise,
        "RedemptionCapDollarValue": 0,
        "OfferType": "B",
        "OfferSubType": "BASE",
        "RedemptionOfferMultiplierAndCapTxt": "1X CAP $0",
        "MemberOwnPointsRedeemed": str(own),
        "DollarValueOfMemberOwnPointsRedeemed": dollars(own),
        "SurprisePointsRedeemed": str(surprise),
        "DollarValueOfSurprisePointsRedeemed": dollars(surprise),
        "OfferDescription": "",
        "OfferTitle": "",
        "OfferEndDate": f"{FAR_END} 23:59:59",
        "LegalCopy": "",
        "MapOfferName": "Points",
    }


def _expiring(standing: Standing | None) -> Json:
    """The next bucket of own points (U-89)."""
    lots = [] if standing is None else standing.lots
    if not lots:
        return {"PointsToExpire": 0, "PointExpirationDate": ""}
    return {"PointsToExpire": lots[0].points, "PointExpirationDate": lots[0].expires.isoformat()}


def _redeemed(points: int) -> Json:
    return {
        "PointsRedeemedOnBaseOffer": str(points),
        "DollarValueOfPointsRedeemedOnBaseOffer": dollars(points),
        "PointsRedeemedOnBonusOffer": "0",
        "DollarValueOfPointsRedeemedOnBonusOffer": "0.00",
    }


def _tail(state: State, body: Body, outcome: Refusal) -> Json:
    additional: Json = {
        "msg1": {},
        "msg2": {},
        "Status": two_digits(state, outcome.code),
        "StatusText": outcome.text,
        "MessageVersion": version_echo(state, body.echo("MessageVersion")),
        "SysPulse": PULSE,
    }
    return {"Additional": additional, "MTServerName": SERVER}
