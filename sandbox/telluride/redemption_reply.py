"""ProcessRedemption's answer key by key (contract 4.6): lines come back wrapped, as text."""

from collections.abc import Sequence
from dataclasses import dataclass

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


def envelope(state: State, body: Body, inquiry: Inquiry) -> Json:
    """The whole answer of a success."""
    number = "" if inquiry.account is None else inquiry.account.member.number
    reply: Json = {**_echo(body, number)} | _figures(inquiry) | _lists(state, inquiry)
    if body.text("ApplyFunction") == GUEST:
        reply["TotalAdjustmentAmount"] = "0.00"
    reply["LineItems"] = {"LineItem": [_line(line) for line in inquiry.lines]}
    reply["ResponseText"] = "SUCCESS"
    return reply | _expiring(inquiry) | _redeemed() | _tail(state, body, Refusal("0", "SUCCESS"))


def refused(state: State, body: Body, refusal: Refusal) -> Json:
    """The error form of U-2: echoed identifiers and zero figures."""
    reply: Json = {**_echo(body, body.echo("MemberNumber"))} | _figures(Inquiry())
    reply |= {"LineItems": {}, "ResponseText": refusal.text}
    return reply | _redeemed() | _tail(state, body, refusal)


def _echo(body: Body, number: str) -> dict[str, str]:
    return {"MemberNumber": number} | {name: body.echo(name) for name in (*ECHOED, *ECHOED_AS_TEXT)}


def _figures(inquiry: Inquiry) -> Json:
    """Nothing is spent, so the balances before and after are equal (U-46)."""
    return {
        "RedemptionPoints": 0,
        "RedemptionDollarValue": "0.00",
        "MaxRedeemablePoints": inquiry.most,
        "MaxRedeemableDollarValue": dollars(inquiry.most),
        "TotalAvailableRewardPoints": inquiry.own + inquiry.surprise,
        "AuthorizationCode": "",
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
    surprises = inquiry.account.member.surprises if inquiry.account and inquiry.surprise else ()
    held = [_surprise(offer) for offer in surprises if offer.expires >= state.now.date()]
    live = state.world.offers.redeemable(state.now) if surprises else []
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


def _line(line: Body) -> Json:
    """Everything is text here; a number sent is a text answered."""
    echoed: Json = {name: line.text(name) for name in LINE_ECHOED}
    echoed |= {name: f"{line.amount(name):.2f}" for name in LINE_MONEY}
    nothing_redeemed: Json = {"RedemptionOffer": []}
    return echoed | {
        "Quantity": f"{line.amount('Quantity'):.1f}",
        "PointsRedeemed": "0",
        "DollarValueOfPointsRedeemed": "0.00",
        "RedemptionExclusionFlag": line.text("RedemptionExclusionFlag") or "N",
        "TaxAmount": f"{line.amount('TaxAmount'):.2f}",
        "PostSalesAdjustmentAmount": f"{line.amount('PostSalesAdjustmentAmount'):.2f}",
        "RedemptionOffersList": nothing_redeemed,
        "NonMemberPrice": f"{line.amount('NonMemberPrice'):.2f}",
    }


def _expiring(inquiry: Inquiry) -> Json:
    """The next bucket of own points (U-89)."""
    lots = [] if inquiry.standing is None else inquiry.standing.lots
    if not lots:
        return {"PointsToExpire": 0, "PointExpirationDate": ""}
    return {"PointsToExpire": lots[0].points, "PointExpirationDate": lots[0].expires.isoformat()}


def _redeemed() -> Json:
    return {
        "PointsRedeemedOnBaseOffer": "0",
        "DollarValueOfPointsRedeemedOnBaseOffer": "0.00",
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
