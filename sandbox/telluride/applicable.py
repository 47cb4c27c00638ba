"""GetApplicableOffers (contract 4.9, U-71): offers for a member and products, with their worth."""

from datetime import datetime
from decimal import Decimal

from sandbox.telluride.api import PULSE, SERVER, Api, is_club_number
from sandbox.telluride.evaluation import Award, Piece, awards, base_points
from sandbox.telluride.offers import DIVISIONS, FAR_END, EarnOffer, XrOffer
from sandbox.telluride.points import dollars
from sandbox.telluride.reading import Body, Json, Refusal, Refused, WrongType
from sandbox.telluride.state import State
from sandbox.telluride.times import WITH_SPACE, end_of_day, read_stamp, stamp

INVALID = Refusal("2", "Validation Error")
BAD_LEVELS = Refusal("99", "HierarchyLevels are invalid")
MANDATORY = ("MemberNumber", "OrderStoreNumber", "CurrentDTTM", "BenefitOnly")
DIVISION, ITEM = "4", "8"
YES_NO = ("Y", "N")


def answer(state: State, body: Body) -> Json:
    """Offers and potential; a product nobody knows has none. Raises Refused."""
    at = _checked(body)
    found = state.find(body.text("MemberNumber"))
    account = None if found is None else state.follow(found) or found
    if account is None:
        raise Refused("30", "No member found")
    products = body.rows("ProductList", "Product")
    cart = [piece for product in products if (piece := _piece(product))]
    if products and not cart:
        return _envelope(account.member.number, [], [])
    earn = [
        offer
        for offer in state.world.offers.earnable(account.member.tier, at)
        if offer.benefit or body.text("BenefitOnly") == "N"
    ]
    given = awards(earn, cart) if products else [Award(offer, ()) for offer in earn]
    shown = [_earn_offer(award, body) for award in given] + _xr_offers(state, body, at, cart)
    wanted = [offer for offer in shown if _of_type(body, offer)]
    details = [_potential(body, cart, given)] if products else []
    return _envelope(account.member.number, details, wanted[: _limit(body)])


def refuse(_state: State, _body: Body, refusal: Refusal) -> Json:
    """The error form of U-2: status fields only."""
    return _status(refusal)


def _checked(body: Body) -> datetime:
    if not all(body.has(name) for name in MANDATORY) or body.text("BenefitOnly") not in YES_NO:
        raise Refused(*INVALID)
    if not is_club_number(body.text("MemberNumber")):
        raise Refused(*INVALID)
    at = read_stamp(body.text("CurrentDTTM"), WITH_SPACE)
    if at is None:
        raise Refused("99", "Invalid currentDTTM")
    return at


def _piece(product: Body) -> Piece | None:
    """The product as a line, None when its division is unknown (U-71)."""
    levels = _levels(product)
    division = levels.get(DIVISION, "").lstrip("0")
    if division not in DIVISIONS or not levels.get(ITEM):
        return None
    price = product.amount("ItemPrice")
    quantity = product.amount("Quantity") if product.has("Quantity") else Decimal(1)
    return Piece(division, price * quantity, quantity)


def _levels(product: Body) -> dict[str, str]:
    """Wrapped twice (Q-30)."""
    try:
        levels = [
            level
            for outer in product.rows("HierarchyLevels", "")
            for level in outer.rows("HierarchyLevel", "")
        ]
        named = {level.text("LevelCode"): level.text("LevelValue") for level in levels}
    except WrongType as error:
        raise Refused(*BAD_LEVELS) from error
    if not named or not all(code.isdigit() and value for code, value in named.items()):
        raise Refused(*BAD_LEVELS)
    return named


def _limit(body: Body) -> int | None:
    asked = body.text("MaxBenefits")
    if asked and not asked.isdigit():
        raise Refused(*INVALID)
    return int(asked) if asked else None


def _of_type(body: Body, offer: Json) -> bool:
    asked = body.text("RequestOfferType").upper()
    return asked not in {"EARN", "XR"} or offer["OfferRewardType"] == asked


def _potential(body: Body, cart: list[Piece], given: list[Award]) -> Json:
    """Over unconditional offers only; the base offer is one of them."""
    unconditional = [award for award in given if not award.offer.conditional]
    base = sum(base_points(piece.amount) for piece in cart)
    bonus = sum(award.total for award in unconditional)
    ends = min((award.offer.end for award in unconditional), default=end_of_day(FAR_END))
    split: Json = {
        "BasePoints": base,
        "BonusPoints": bonus,
        "EarliestExpiringOfferDate": stamp(ends),
    }
    worth = [
        {"RewardPotentialUnit": "Points", "RewardPotentialValue": str(base + bonus)},
        {"RewardPotentialUnit": "Dollars", "RewardPotentialValue": dollars(base + bonus)},
    ]
    sums: Json = {"RewardType": "EARN", "RewardPotential": worth}
    head: Json = {"Conditional": "N"}
    return head | sums if body.text("UnconditionalPointsOnly") == "Y" else head | split | sums


def _earn_offer(award: Award, body: Body) -> Json:
    offer = award.offer
    points_only = any(
        product.text("MapCompliance") == "Y" for product in body.rows("ProductList", "Product")
    )
    head: Json = {
        "Conditional": "Y" if offer.conditional else "N",
        "Stackable": "Y",
        "OfferRewardType": "EARN",
        "RewardBasis": "ItemCount" if offer.items else "DollarSpend",
        "RewardCalculationType": "Fixed",
    }
    named = _named(offer, offer.points_only_name if points_only else offer.name)
    return head | named | {"OfferRewardPotential": str(award.total)} | _blank()


def _xr_offers(state: State, body: Body, at: datetime, cart: list[Piece]) -> list[Json]:
    if body.text("BenefitOnly") == "Y":
        return []
    return [
        _xr_offer(offer)
        for offer in state.world.offers.redeemable(at)
        if not cart or any(piece.division in offer.divisions for piece in cart)
    ]


def _xr_offer(offer: XrOffer) -> Json:
    head: Json = {
        "Conditional": "Y",
        "Stackable": "Y",
        "OfferRewardType": "XR",
        "RewardBasis": "DollarSpend",
        "RewardCalculationType": "Fixed" if offer.flat else "Multiplier",
    }
    worth: Json = {"XRFlatOffer": "Y"} if offer.flat else {"XRMultiplier": offer.multiplier}
    return head | _named(offer, offer.name) | worth | _blank()


def _named(offer: EarnOffer | XrOffer, name: str) -> Json:
    return {
        "OfferCode": offer.code,
        "OfferName": name,
        "Description": offer.description,
        "StartDTTM": stamp(offer.start),
        "EndDTTM": stamp(offer.end),
    }


def _blank() -> Json:
    return {"OfferDescription": "", "OfferTitle": "", "OfferEndDate": "", "LegalCopy": ""}


def _envelope(number: str, details: list[Json], offers: list[Json]) -> Json:
    summary: Json = {
        "MemberNumber": number,
        "RewardsSummary": {"RewardPotentialDetails": details},
        "OffersSet": {"ApplicableOffer": offers},
    }
    return summary | _status(Refusal("0", "SUCCESS"))


def _status(outcome: Refusal) -> Json:
    return {
        "MTServerName": SERVER,
        "StatusText": outcome.text,
        "Status": outcome.code,
        "SysPulse": PULSE,
    }


API = Api(
    name="GetApplicableOffers",
    folder="transaction",
    requestor="RequestorID",
    version="MessageVersion",
    answer=answer,
    refuse=refuse,
    database_error=Refusal("81", "Failed During get"),
    structural=INVALID,
    version_bad=INVALID,
    version_missing=INVALID,
    requestor_missing=INVALID,
)
