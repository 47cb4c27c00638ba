"""The answer of GetApplicableOffers (contract 4.9)."""

from typing import Annotated

from pydantic import Field

from providers.recorded import Recorded
from providers.telluride.wire.scalars import Digits, Flag, Moment, Multiplier, Text
from providers.telluride.wire.shapes import Answer, Told, Wire, listed


class WireOffer(Recorded, Wire):
    """An offer that applies to the member, or to the products asked about."""

    offer_code: Text = None
    offer_name: Text = None
    offer_title: Text = None
    offer_reward_type: Text = None
    description: Text = None
    offer_description: Text = None
    legal_copy: Text = None
    starts_at: Moment = Field(default=None, alias="StartDTTM")
    ends_at: Moment = Field(default=None, alias="EndDTTM")
    conditional: Flag = None
    stackable: Flag = None
    reward_potential: Text = Field(default=None, alias="OfferRewardPotential")
    multiplier: Multiplier = Field(default=None, alias="XRMultiplier")


class WireOffers(Answer):
    """The whole reply; the outcome is at the top level (Q-3)."""

    status: Text = None
    status_text: Text = None
    member_number: Digits = None
    offers: Annotated[tuple[WireOffer, ...], listed("ApplicableOffer")] = Field(
        default=(), alias="OffersSet"
    )

    @property
    def told(self) -> Told | None:
        """The outcome, at the top level."""
        return self
