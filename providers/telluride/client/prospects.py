"""What members could get: applicable offers, and quotes for a sale that has not happened."""

import asyncio
from collections.abc import Sequence

from loyalty.errors import ErrorCode
from loyalty.offers import Basket, Offer
from loyalty.sales import PointsEffect, Quote, SaleDraft
from providers.port import Answer
from providers.telluride.client.baskets import Line, StoreFront, Till
from providers.telluride.client.desk import Desk
from providers.telluride.client.numbers import is_number
from providers.telluride.client.people import People
from providers.telluride.mapping.earnings import earning_offers, effect
from providers.telluride.mapping.offers import offers
from providers.telluride.mapping.redemptions import Redeemable, nothing_redeemable, redeemable
from providers.telluride.profile.apis import Api
from providers.telluride.wire.earnings import WireEarning
from providers.telluride.wire.offers import WireOffers
from providers.telluride.wire.redemptions import WireRedemption

Earned = tuple[PointsEffect, tuple[Offer, ...]]


class Prospects:
    """Offers and quotes of the program; nothing of it is stored upstream."""

    def __init__(self, desk: Desk, people: People, till: Till) -> None:
        self._desk = desk
        self._people = people
        self._till = till

    async def offers(
        self, keys: Sequence[str], basket: Basket | None
    ) -> list[Answer[tuple[Offer, ...]]]:
        """The applicable offers of each member, for the basket where there is one."""
        store, products = self._till.store(basket), self._till.products(basket)

        async def one(number: str) -> tuple[Offer, ...] | None:
            desk = self._desk
            body = desk.bodies.offers(number, store, products)
            answer = await desk.exchange.read(Api.APPLICABLE_OFFERS, body, WireOffers)
            if answer is None:
                return None
            await self._people.expect(number, answer.member_number)
            return offers(desk.account, desk.account.ref(number), answer.offers)

        return await self._desk.fan_out.each(keys, one)

    async def quote(self, sale: SaleDraft) -> Quote:
        """What the sale would earn and could take; a member's two questions leave together.

        A guest has nothing to redeem, so only the earning is asked for.
        """
        front, lines = self._till.front(sale.outlet), self._till.lines(sale.lines)
        if sale.member is None:
            earns, found = await self._trial(None, front, lines)
            return Quote(earns=earns, offers=found)
        number = sale.member.key
        if not is_number(number):
            raise self._desk.nobody()
        trial, inquiry = await asyncio.gather(
            self._trial(number, front, lines),
            self._inquiry(number, front, lines),
            return_exceptions=True,
        )
        if isinstance(trial, BaseException):
            raise trial
        if isinstance(inquiry, BaseException):
            raise inquiry
        return Quote(
            earns=trial[0],
            redeemable=inquiry.points,
            redeemable_worth=inquiry.worth,
            offers=trial[1],
        )

    async def _trial(
        self, number: str | None, front: StoreFront, lines: tuple[Line, ...]
    ) -> Earned:
        desk = self._desk
        body = desk.bodies.trial(number, front, lines)
        answer = await desk.exchange.read(Api.EARN, body, WireEarning)
        if answer is None:
            raise desk.nobody()
        if number is not None:
            await self._people.expect(number, answer.reply.member_number)
        earns = effect(desk.account, answer.reply, guest=number is None)
        if earns is None:
            raise desk.bad("base or bonus points are missing")
        member = None if number is None else desk.account.ref(number)
        return earns, earning_offers(desk.account, member, answer.reply)

    async def _inquiry(self, number: str, front: StoreFront, lines: tuple[Line, ...]) -> Redeemable:
        """The most the sale could take; to have no points at all is an answer, not a failure."""
        desk = self._desk
        body = desk.bodies.inquiry(number, front, lines)
        heard = await desk.exchange.ask(Api.REDEMPTION, body, WireRedemption)
        match heard.outcome.code:
            case None:
                await self._people.expect(number, heard.answer.member_number)
                return redeemable(desk.account, heard.answer)
            case ErrorCode.INSUFFICIENT_POINTS:
                return nothing_redeemable(desk.account)
            case _:
                raise desk.exchange.error(heard.outcome)
