"""ProcessRedemption's balance inquiry B (contract 4.6, 5.3, 7.6): what a cart could take."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.telluride.api import Api, active, is_number
from sandbox.telluride.books import redeemable, surprise_points
from sandbox.telluride.people import Account
from sandbox.telluride.points import Standing
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.redemption_reply import Inquiry, envelope, refused
from sandbox.telluride.state import State
from sandbox.telluride.times import read_day, read_time

STRUCTURAL = Refusal("99", "Structural Validation Errors")
BAD_NUMBER = Refusal("3", "Invalid Member Number/Password")
BAD_POINTS = Refusal("94", "Points not valid")
NO_MEMBER = Refusal("30", "No member found")
POINTS_PER_DOLLAR = 1000
SALE = "1"
SOURCES = {"A": "OS", "P": "OS", "S": "OS", "M": "O", "F": "S", "G": ""}
"""Own and surprise points by ApplyFunction; an empty one counts as A."""

REQUIRED = (
    "PickUpStoreNumber",
    "OrderStoreNumber",
    "RegisterNumber",
    "TransactionDate",
    "TransactionTime",
    "RedemptionPoints",
)
REQUIRED_IN_LINES = (
    "LineNumber",
    "ItemType",
    "Division",
    "ItemNumber",
    "LineItemAmountTypeCode",
    "DollarValuePreDisc",
    "DollarValuePostDisc",
    "Quantity",
)
FIGURES = (
    "RedemptionPoints",
    "MaxRedeemablePoints",
    "MaxRedeemableDollarValue",
    "MaxRedeemableMemberOwnPoints",
)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the member has of each source that the call considers."""

    account: Account | None = None
    standing: Standing | None = None
    own: int = 0
    spendable: int = 0
    surprise: int = 0


def answer(state: State, body: Body) -> Json:
    """The inquiry; functions R and V, which store, are refused. Raises Refused."""
    apply = body.text("ApplyFunction") or "A"
    if body.text("Function") != "B" or apply not in SOURCES:
        raise Refused(*STRUCTURAL)
    lines = _checked_lines(body)
    if apply == "S" and not body.rows("MemberSelectedOffers", "MemberSelectedOffer"):
        raise Refused(*STRUCTURAL)
    account = None if apply == "G" else _account(state, body)
    holdings = _holdings(state, account, SOURCES[apply])
    return envelope(state, body, _inquiry(holdings, body, lines))


def _checked_lines(body: Body) -> list[Body]:
    lines = body.rows("LineItems", "LineItem")
    complete = all(body.has(name) for name in REQUIRED) and all(
        line.has(name) for line in lines for name in REQUIRED_IN_LINES
    )
    if not lines or not complete:
        raise Refused(*STRUCTURAL)
    if read_day(body.text("TransactionDate")) is None:
        raise Refused(*STRUCTURAL)
    if read_time(body.text("TransactionTime")) is None:
        raise Refused(*STRUCTURAL)
    for name in FIGURES:
        if not body.text(name).replace(".", "", 1).isdigit() and body.has(name):
            raise Refused(*BAD_POINTS)
    return lines


def _account(state: State, body: Body) -> Account:
    number, identifier = body.text("MemberNumber"), body.text("MemberIdentifier")
    if not (number or identifier) or (number and not is_number(number)):
        raise Refused(*BAD_NUMBER)
    return active(state, state.find(number, identifier), NO_MEMBER)


def _holdings(state: State, account: Account | None, sources: str) -> Holdings:
    """A source left out counts as nothing (U-91)."""
    if account is None:
        return Holdings()
    standing = state.standing(account)
    own = standing.own if "O" in sources else 0
    return Holdings(
        account=account,
        standing=standing,
        own=own,
        spendable=redeemable(account, own),
        surprise=surprise_points(account, state.now) if "S" in sources else 0,
    )


def _inquiry(holdings: Holdings, body: Body, lines: list[Body]) -> Inquiry:
    """Bounded by the cart, the balance, the cap and the limits of the request (5.3)."""
    cart = sum(_takes(line) for line in lines)
    own = min([holdings.spendable, cart, *_limits(body)])
    surprise = min(holdings.surprise, cart)
    return Inquiry(
        account=holdings.account,
        standing=holdings.standing,
        own=holdings.own,
        surprise=holdings.surprise,
        most_own=own,
        most_surprise=surprise,
        most=min(own + surprise, cart),
        lines=lines,
    )


def _takes(line: Body) -> int:
    """Points a line could be paid with; returns and excluded lines take none (U-47)."""
    if line.text("ItemType") != SALE or line.text("RedemptionExclusionFlag") == "Y":
        return 0
    return int(abs(line.amount("DollarValuePostDisc")) * POINTS_PER_DOLLAR)


def _limits(body: Body) -> list[int]:
    """Upper limits on own points; zero and empty are none (U-44)."""
    limits = [
        body.amount("MaxRedeemablePoints"),
        body.amount("MaxRedeemableMemberOwnPoints"),
        body.amount("MaxRedeemableDollarValue") * Decimal(POINTS_PER_DOLLAR),
    ]
    return [int(limit) for limit in limits if limit > 0]


API = Api(
    name="ProcessRedemption",
    folder="transaction",
    requestor="RequestorID",
    version="MessageVersion",
    answer=answer,
    refuse=refused,
    database_error=Refusal("90", "Database Error occurred."),
    structural=STRUCTURAL,
    version_bad=Refusal("99", "Message Version is invalid"),
    version_missing=Refusal("99", "Message Version is invalid"),
    requestor_missing=STRUCTURAL,
)
