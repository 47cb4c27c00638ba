"""What a redemption's cart could take, from which sources (contract 5.3, 7.6); spends nothing."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.telluride.api import active, is_number
from sandbox.telluride.books import redeemable, surprise_points
from sandbox.telluride.people import Account
from sandbox.telluride.points import Standing
from sandbox.telluride.reading import Body, Refusal, Refused
from sandbox.telluride.redemption_reply import Inquiry
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


def checked_lines(body: Body) -> list[Body]:
    """The lines of R and B, with everything else they must have (U-77); raises Refused."""
    lines = body.rows("LineItems", "LineItem")
    complete = all(body.has(name) for name in REQUIRED) and all(
        line.has(name) for line in lines for name in REQUIRED_IN_LINES
    )
    if not lines or not complete:
        raise Refused(*STRUCTURAL)
    check_when(body)
    for name in FIGURES:
        if not body.text(name).replace(".", "", 1).isdigit() and body.has(name):
            raise Refused(*BAD_POINTS)
    return lines


def check_when(body: Body) -> None:
    """Date and time must be readable; raises Refused."""
    if read_day(body.text("TransactionDate")) is None:
        raise Refused(*STRUCTURAL)
    if read_time(body.text("TransactionTime")) is None:
        raise Refused(*STRUCTURAL)


def account_of(state: State, body: Body) -> Account:
    """The account the call runs on; raises Refused."""
    number, identifier = body.text("MemberNumber"), body.text("MemberIdentifier")
    if not (number or identifier) or (number and not is_number(number)):
        raise Refused(*BAD_NUMBER)
    return active(state, state.find(number, identifier), NO_MEMBER)


def holdings(state: State, account: Account | None, sources: str) -> Holdings:
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


def inquiry(holdings: Holdings, body: Body, lines: list[Body]) -> Inquiry:
    """Bounded by the cart, the balance, the cap and the limits of the request (5.3)."""
    cart = sum(takes(line) for line in lines)
    own = max(0, min([holdings.spendable, cart, *limits(body)]))
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
        held=holdings.account.member.surprises if holdings.account and holdings.surprise else (),
    )


def takes(line: Body) -> int:
    """Points a line could be paid with; returns and excluded lines take none (U-47)."""
    if line.text("ItemType") != SALE or line.text("RedemptionExclusionFlag") == "Y":
        return 0
    return int(abs(line.amount("DollarValuePostDisc")) * POINTS_PER_DOLLAR)


def limits(body: Body) -> list[int]:
    """Upper limits on own points; zero and empty are none (U-44)."""
    limits = [
        body.amount("MaxRedeemablePoints"),
        body.amount("MaxRedeemableMemberOwnPoints"),
        body.amount("MaxRedeemableDollarValue") * Decimal(POINTS_PER_DOLLAR),
    ]
    return [int(limit) for limit in limits if limit > 0]
