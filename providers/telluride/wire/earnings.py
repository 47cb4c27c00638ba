"""The answer of ProcessEarn: a sale, a return or a trial (contract 4.7)."""

from typing import Annotated

from pydantic import Field

from providers.recorded import Recorded
from providers.telluride.wire.scalars import Digits, Dollars, Points, Text
from providers.telluride.wire.shapes import Answer, Told, Wire, WireStatus, listed, single


class WireSaleOffer(Recorded, Wire):
    """An offer that earned in the whole sale."""

    code: Text = Field(default=None, alias="TxnEarnOfferCode")
    name: Text = Field(default=None, alias="TxnEarnOfferName")
    receipt: Text = Field(default=None, alias="TxnEarnOfferReceiptDesc")
    kind: Text = Field(default=None, alias="TxnEarnOfferType")
    points: Points = Field(default=None, alias="TxnPointsEarned")


class WireLineOffer(Recorded, Wire):
    """An offer that earned in one line."""

    code: Text = Field(default=None, alias="EarnOfferCode")
    name: Text = Field(default=None, alias="EarnOfferName")
    receipt: Text = Field(default=None, alias="EarnOfferReceiptDesc")
    kind: Text = Field(default=None, alias="EarnOfferType")
    points: Points = Field(default=None, alias="PointsEarned")


class WireEarnedLine(Wire):
    """A line of the sale, with what it earned."""

    line_number: Text = None
    base_points: Points = None
    other_points: Points = None
    coupon_points: Points = None
    offers: Annotated[tuple[WireLineOffer, ...], listed("EarnOffer")] = Field(
        default=(), alias="EarnOffers"
    )


class WireBonusSummary(Wire):
    """What offers over the whole sale gave."""

    offers: Annotated[tuple[WireSaleOffer, ...], listed("TxnEarnOffer")] = Field(
        default=(), alias="TxnEarnOffers"
    )


class WireEarnReply(Wire):
    """The inner envelope. `total_points_earned` is the member's balance, not a sum (Q-15)."""

    additional: Annotated[WireStatus | None, single] = None
    member_number: Digits = None
    base_points_earned: Points = None
    bonus_points_earned: Points = None
    total_points_earned: Points = None
    point_debit: Points = None
    currency_debit: Dollars = None
    summary: Annotated[WireBonusSummary | None, single] = Field(
        default=None, alias="BonusPointsSummary"
    )
    lines: Annotated[tuple[WireEarnedLine, ...], listed("LineItem")] = Field(
        default=(), alias="LineItems"
    )
    response_text: Text = None


class WireEarnResult(Wire):
    """The outer envelope: an array of one reply."""

    reply: Annotated[WireEarnReply | None, single] = Field(default=None, alias="ProcessEarnReply")


class WireEarning(Answer):
    """The answer of ProcessEarn."""

    result: Annotated[WireEarnResult | None, single] = Field(
        default=None, alias="ProcessEarnResult"
    )

    @property
    def reply(self) -> WireEarnReply:
        """The inner envelope, an empty one where it is missing."""
        found = None if self.result is None else self.result.reply
        return WireEarnReply() if found is None else found

    @property
    def told(self) -> Told | None:
        """The outcome, in Additional of the inner envelope."""
        return self.reply.additional
