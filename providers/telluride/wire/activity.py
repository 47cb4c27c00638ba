"""The answers about a member's past: totals and rows (contract 4.10, 4.11)."""

from typing import Annotated

from pydantic import Field

from providers.recorded import Recorded
from providers.telluride.wire.scalars import Digits, Dollars, Moment, Points, Text
from providers.telluride.wire.shapes import Answer, CamelAnswer, Told, Wire, listed


class WireSummary(CamelAnswer):
    """Totals of a period, every figure a string."""

    status: Text = None
    status_text: Text = None
    member_number: Digits = None
    starting_balance: Points = None
    total_earned: Points = None
    total_redeemed: Points = None
    total_expired: Points = None
    ending_balance: Points = None

    @property
    def told(self) -> Told | None:
        """The outcome, at the top level."""
        return self


class WireRowOffer(Wire):
    """An offer that earned in a past transaction."""

    code: Text = Field(default=None, alias="EarnOfferCode")
    name: Text = Field(default=None, alias="EarnOfferName")
    points: Points = Field(default=None, alias="PointsEarned")


class WireRow(Recorded, Wire):
    """One row of the history; every field may be empty."""

    occurred_at: Moment = Field(default=None, alias="TransactionDTTM")
    posted_at: Moment = Field(default=None, alias="PostTS")
    transaction_id: Text = Field(default=None, alias="TransactionID")
    transaction_description: Text = None
    transaction_type: Text = None
    process_status: Text = None
    store_location: Text = None
    register_number: Text = None
    transaction_number: Text = None
    order_id: Text = None
    gross_spend: Dollars = None
    total_tax: Dollars = None
    total_dollar_saving: Dollars = None
    points: Points = Field(default=None, alias="TotalPoints")
    base: Points = Field(default=None, alias="TotalBasePoints")
    bonus: Points = Field(default=None, alias="TotalBonusPoints")
    special: Points = Field(default=None, alias="SpecialUsePoints")
    redeemed: Points = Field(default=None, alias="TotalPointsRedeemed")
    redeemed_dollars: Dollars = Field(default=None, alias="DollarValueOfPointsRedeemed")
    expired: Points = Field(default=None, alias="TotalExpired")
    point_balance: Points = None
    offers: Annotated[tuple[WireRowOffer, ...], listed("EarnOffer")] = Field(
        default=(), alias="EarnOffers"
    )


class WireRows(Answer):
    """All rows of a period; there is no paging. The outcome is at the top level."""

    status: Text = None
    status_text: Text = None
    rows: Annotated[tuple[WireRow, ...], listed("TransactionDetail")] = Field(
        default=(), alias="TransactionDetails"
    )

    @property
    def told(self) -> Told | None:
        """The outcome, at the top level."""
        return self
