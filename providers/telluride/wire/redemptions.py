"""The answer of ProcessRedemption: redeem, inquire, void (contract 4.6)."""

from typing import Annotated

from pydantic import Field

from providers.telluride.wire.scalars import Day, Digits, Dollars, Points, Text
from providers.telluride.wire.shapes import Answer, Told, WireStatus, single


class WireRedemption(Answer):
    """Points spent, what could be, and the code that a void needs.

    `total_after` is the balance after the call, `own_before` the one before it (U-76).
    """

    member_number: Digits = None
    transaction_number: Text = None
    order_id: Text = None
    points: Points = Field(default=None, alias="RedemptionPoints")
    dollars: Dollars = Field(default=None, alias="RedemptionDollarValue")
    most_points: Points = Field(default=None, alias="MaxRedeemablePoints")
    most_dollars: Dollars = Field(default=None, alias="MaxRedeemableDollarValue")
    total_after: Points = Field(default=None, alias="TotalAvailableRewardPoints")
    own_before: Points = Field(default=None, alias="TotalAvailableMemberOwnPoints")
    authorization_code: Text = None
    response_text: Text = None
    duplicate_response: Text = None
    points_to_expire: Points = None
    expires_on: Day = Field(default=None, alias="PointExpirationDate")
    additional: Annotated[WireStatus | None, single] = None

    @property
    def told(self) -> Told | None:
        """The outcome, in Additional."""
        return self.additional
