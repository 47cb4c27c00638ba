"""The answer of GetRewardBalance (contract 4.3): channels, buckets, surprise points."""

from typing import Annotated, Self

from pydantic import Field

from providers.recorded import Recorded
from providers.telluride.wire.scalars import Day, Digits, Dollars, Moment, Multiplier, Points, Text
from providers.telluride.wire.shapes import (
    CamelAnswer,
    Told,
    WireCamel,
    WireCamelStatus,
    listed,
    single,
)


class WireBucket(WireCamel):
    """Own points that expire on one day; at most five of these come (contract 5.2)."""

    points: Points = Field(default=None, alias="memberOwnPoints")
    expires_on: Day = Field(default=None, alias="memberOwnExpiryDate")
    base: Points = Field(default=None, alias="memberOwnBasePoints")
    bonus: Points = Field(default=None, alias="memberOwnBonusPoints")


class WireSurprise(Recorded, WireCamel):
    """Surprise points held under an offer; every field may be empty."""

    offer_code: Text = None
    offer_name: Text = None
    offer_title: Text = None
    offer_description: Text = None
    legal_copy: Text = None
    points: Points = Field(default=None, alias="surprisePoints")
    worth: Dollars = Field(default=None, alias="surprisePointsWorth")
    multiplier: Multiplier = Field(default=None, alias="surpriseMultiplier")
    available_for: Text = Field(default=None, alias="pointsAvailableFor")
    qualifier: Text = Field(default=None, alias="surpriseOfferQualifier")
    conditions: Text = Field(default=None, alias="surpriseOfferConditions")
    expires_on: Day = Field(default=None, alias="surprisePointsExpiryDate")
    offer_start_date: Moment = None
    offer_end_date: Moment = None
    registration_start_date: Moment = None


Surprises = Annotated[tuple[WireSurprise, ...], listed("availableSurprisePoints")]


class WireChannel(WireCamel):
    """The points of one channel."""

    channel_code: Text = None
    own: Points = Field(default=None, alias="memberOwnPoints")
    base: Points = Field(default=None, alias="availableBasePoints")
    bonus: Points = Field(default=None, alias="availableBonusPoints")
    surprise: Points = Field(default=None, alias="surprisePoints")
    restricted: Points = Field(default=None, alias="restrictedPoints")
    redeemable: Points = Field(default=None, alias="availablePointsToRedeem")
    redeemable_dollars: Dollars = None
    buckets: Annotated[tuple[WireBucket, ...], listed("memberOwnPointsToExpire")] = Field(
        default=(), alias="availableMemberOwnPointsList"
    )
    surprises: Surprises = Field(default=(), alias="availableSurprisePointsList")
    benefits: Surprises = Field(default=(), alias="availablePartnerBenefitsPointsList")

    @classmethod
    def empty(cls) -> Self:
        """The channel of a member without any points."""
        return cls.model_validate({"availablePointsToRedeem": 0, "redeemableDollars": 0})


class WirePoints(WireCamel):
    """The totals, and the channels below them."""

    total_available_points: Points = None
    channels: Annotated[tuple[WireChannel, ...], listed("channel")] = Field(
        default=(), alias="channelWisePointsSummary"
    )


class WireBalance(CamelAnswer):
    """The whole reply; the member's number is a JSON number in this API alone (Q-10)."""

    member_number: Digits = None
    additional: Annotated[WireCamelStatus | None, single] = None
    points: Annotated[WirePoints | None, single] = Field(
        default=None, alias="totalAvailablePointsSummary"
    )

    @property
    def told(self) -> Told | None:
        """The outcome, in additional."""
        return self.additional
