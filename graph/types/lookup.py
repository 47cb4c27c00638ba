"""Outcomes of questions that are put to a program as a whole: searches and quotes."""

from decimal import Decimal

import strawberry

from graph.context import Info
from graph.types.errors import LoyaltyError, error_view
from graph.types.member import Member
from graph.types.money import Money
from graph.types.offers import Offer
from graph.types.program import Program
from graph.types.sale import PointsEffect
from loyalty import sales
from loyalty.errors import LoyaltyError as Failure
from resolvers.members import Found


@strawberry.type(description="Outcome of a lookup in one program; each program fails alone.")
class LookupResult:
    """What one program found."""

    program: Program = strawberry.field(description="The program that was searched.")
    members: list[Member] | None = strawberry.field(
        description="All members that match; [] if none does, null if the search failed."
    )
    error: LoyaltyError | None = strawberry.field(description="What the search failed with.")

    @classmethod
    def of(cls, info: Info, found: Found) -> "LookupResult":
        """The view of what a program found."""
        members = found.members
        return cls(
            program=Program.of(info, found.account),
            members=None if members is None else [Member.known(info, record) for record in members],
            error=None if found.error is None else error_view(info, found.error),
        )


@strawberry.type(description="What a sale would earn and could take, without recording it.")
class QuotePayload:
    """A quote, or why there is none."""

    earns: PointsEffect | None = strawberry.field(description="The points it would earn.")
    redeemable: Decimal | None = strawberry.field(
        description="The most points it could take as payment."
    )
    redeemable_worth: Money | None = strawberry.field(description="What those are worth.")
    offers: list[Offer] | None = strawberry.field(description="The offers that would apply.")
    errors: list[LoyaltyError] = strawberry.field(
        description="Why there is no quote; empty if there is."
    )

    @classmethod
    def of(cls, info: Info, quote: sales.Quote) -> "QuotePayload":
        """The view of a quote."""
        offers = quote.offers
        return cls(
            earns=PointsEffect.maybe(quote.earns),
            redeemable=quote.redeemable,
            redeemable_worth=Money.maybe(quote.redeemable_worth),
            offers=None if offers is None else [Offer.of(info, offer) for offer in offers],
            errors=[],
        )

    @classmethod
    def refused(cls, info: Info, error: Failure) -> "QuotePayload":
        """The view of a failure."""
        return cls(
            earns=None,
            redeemable=None,
            redeemable_worth=None,
            offers=None,
            errors=[error_view(info, error)],
        )
