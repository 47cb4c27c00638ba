"""GetRewardBalance (contract 4.3): own points in buckets, surprise points, cap and restriction."""

from datetime import datetime

from sandbox.telluride.api import PULSE, SERVER, Api, is_club_number, moment_of, starred
from sandbox.telluride.books import redeemable, surprise_points
from sandbox.telluride.people import Account, Cap, Surprise
from sandbox.telluride.points import POINTS_PER_CENT, Standing, dollars
from sandbox.telluride.reading import TOO_LONG, Body, Json, Refusal, Refused
from sandbox.telluride.state import State
from sandbox.telluride.times import WITH_SPACE, end_of_day, stamp

NEAREST = 5
BAD_DATE_OR_NUMBER = "Invalid current date. Member number is not valid or length is not proper"


def answer(state: State, body: Body) -> Json:
    """The points as of the request's moment (U-65); raises Refused."""
    _check_lengths(state, body)
    at = moment_of(state, body, "currentDate", "currentTime")
    number, identifier = body.text("memberNumber"), body.text("memberIdentifier")
    if at is None or (number and not is_club_number(number)) or not (number or identifier):
        raise Refused("99", starred(state, BAD_DATE_OR_NUMBER))
    account = state.find(number, identifier)
    if account is None:
        raise Refused("44", "Club ID Not Found")
    member = account.member
    return {
        "mtServerName": SERVER,
        "emailAddress": member.email,
        "firstName": member.first,
        "lastName": member.last,
        "memberNumber": int(member.number),
        "additional": _additional("0", "Good Balance"),
        "totalAvailablePointsSummary": _summary(state, body, account, at),
    }


def refuse(_state: State, _body: Body, refusal: Refusal) -> Json:
    """The error form of U-2."""
    return {"mtServerName": SERVER, "additional": _additional(refusal.code, refusal.text)}


def _additional(status: str, text: str) -> Json:
    return {"status": status, "statusText": text, "sysPulse": PULSE}


def _check_lengths(state: State, body: Body) -> None:
    if len(body.text("storeNumber")) > len("00001"):
        raise Refused("99", starred(state, f"StoreNumber is invalid; {TOO_LONG}"))
    if len(body.text("associateId", "associateID")) > len("000000000001"):
        raise Refused("99", starred(state, f"Associate ID is invalid; {TOO_LONG}"))


def _summary(state: State, body: Body, account: Account, at: datetime) -> Json:
    standing = state.standing(account, at)
    surprise = surprise_points(account, at)
    channel = _points(state, account, standing, surprise) | _offers(state, account, at)
    channel |= _redeemable(account, standing)
    if body.has("channels") and state.flag("channel_code"):
        channel["channelCode"] = body.text("channels")
    return {
        "totalAvailableBasePoints": str(standing.base),
        "totalAvailableBonusPoints": str(standing.bonus),
        "totalAvailablePoints": str(standing.own + surprise),
        "totalAvailableMemberOwnPoints": str(standing.own),
        "totalAvailableSurprisePoints": str(surprise),
        "channelWisePointsSummary": {"channel": [channel]},
    }


def _points(state: State, account: Account, standing: Standing, surprise: int) -> Json:
    everything = standing.own + surprise
    worth = everything if state.word("available_dollars") == "all" else standing.own
    return {
        "memberOwnPoints": standing.own,
        "pointsPerCent": POINTS_PER_CENT,
        "availablePoints": everything,
        "surprisePoints": surprise,
        "restrictedPoints": min(account.member.restricted, standing.own),
        "availableDollars": dollars(worth),
        "availableBonusPoints": standing.bonus,
        "availableBasePoints": standing.base,
        "availableMemberOwnPointsList": {"memberOwnPointsToExpire": _buckets(standing)},
    }


def _buckets(standing: Standing) -> list[Json]:
    return [
        {
            "memberOwnPoints": str(lot.points),
            "memberOwnExpiryDate": f"{lot.expires:%Y%m%d}",
            "memberOwnBasePoints": lot.base,
            "memberOwnBonusPoints": lot.bonus,
        }
        for lot in standing.lots[:NEAREST]
    ]


def _offers(state: State, account: Account, at: datetime) -> Json:
    held = [
        offer
        for offer in account.member.surprises
        if offer.points and end_of_day(offer.expires) >= at
    ]
    live = state.world.offers.redeemable(at) if held else []
    offers = [
        {
            "offerCode": offer.code,
            "offerName": offer.name,
            "xROfferPointsAvailableFor": "Any item",
            "xROfferMultiplier": offer.multiplier,
            "xROfferQualifier": "Spend>0.01",
            "xROfferConditions": offer.description,
            "xROfferExpiryDate": f"{offer.end:%Y%m%d}",
            "xRPointsExclusion": "Coupons",
            "offerStartDate": stamp(offer.start, WITH_SPACE),
            "offerEndDate": stamp(offer.end, WITH_SPACE),
        }
        for offer in live
    ]
    begun = state.world.offers.earn[0].start
    return {
        "availableSurprisePointsList": {
            "availableSurprisePoints": [_surprise(offer, begun) for offer in held]
        },
        "availablePartnerBenefitsPointsList": {"availableSurprisePoints": []},
        "availableXROfferList": {"totalAvailableXROffers": offers},
    }


def _surprise(offer: Surprise, begun: datetime) -> Json:
    return {
        "surpriseMultiplier": "0.0",
        "offerName": offer.name,
        "registrationStartDate": stamp(begun, WITH_SPACE),
        "registrationEndDate": stamp(end_of_day(offer.expires), WITH_SPACE),
        "offerCode": offer.code,
        "surprisePoints": str(offer.points),
        "surprisePointsExclusion": "NoEXC",
        "pointsAvailableFor": "Any item",
        "surpriseOfferQualifier": offer.qualifier,
        "surpriseOfferConditions": "One per member",
        "surprisePointsWorth": dollars(offer.points),
        "surprisePointsExpiryDate": f"{offer.expires:%Y%m%d}",
    }


def _redeemable(account: Account, standing: Standing) -> Json:
    points = redeemable(account, standing.own)
    return {
        "availablePointsToRedeem": points,
        "redeemableDollars": dollars(points),
        "redemptionCapDetails": _cap(account.member.cap),
    }


def _cap(cap: Cap | None) -> Json:
    if cap is None:
        return {"capDuration": "", "capValue": "0", "capType": ""}
    return {"capDuration": cap.duration, "capValue": str(cap.points), "capType": cap.kind}


INPUT_PROBLEM = Refusal(
    "99", "* Indicates a problem with the input. Telluride could not perform the match"
)

API = Api(
    name="GetRewardBalance",
    folder="profile",
    requestor="requestorID",
    version="messageVersion",
    answer=answer,
    refuse=refuse,
    database_error=Refusal("4", "Retry DB Error"),
    structural=INPUT_PROBLEM,
    version_bad=INPUT_PROBLEM,
    version_missing=None,
    requestor_missing=None,
    requestor_long=Refusal("99", f"* Requestor Id is invalid {TOO_LONG}"),
)
