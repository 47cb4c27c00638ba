"""Reading rewards and asking for the discounts of a basket (contract 9.5, 10)."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

import orjson

from loyalty.errors import MemberNotFound
from loyalty.offers import Basket, Offer, Voucher, VoucherStatus
from loyalty.refs import VoucherRef
from providers.fabric.client.session import Ask, Session
from providers.fabric.mapping import rewards as mapping
from providers.fabric.mapping.bodies import stamp
from providers.fabric.mapping.tenant import uuid
from providers.fabric.profile import Upstream
from providers.fabric.wire.rewards import WireDiscountsReply, WireReward, WireRewardsReply
from providers.port import Answer


class Rewards(Session):
    """ListsVouchers, ChecksVouchers, ListsOffers."""

    async def vouchers(
        self,
        keys: Sequence[str],
        spending: Decimal | None,  # noqa: ARG002 - no reward here depends on a bill
    ) -> list[Answer[tuple[Voucher, ...]]]:
        """All rewards of the members, in the provider's order."""
        return await self.each(keys, self._vouchers)

    async def voucher(self, ref: VoucherRef) -> Voucher | None:
        """A reward by its redemptionCode, found in the member's history."""
        profile_id, code = uuid(ref.member.key), uuid(ref.code)
        if profile_id is None or code is None:
            return None
        try:
            rows = await self.pages(
                _history(profile_id), WireRewardsReply, partial(_has_code, code=code)
            )
        except MemberNotFound:
            return None
        found = self._rewards(rows, profile_id)
        return next((voucher for voucher in found if voucher.ref.code == code), None)

    async def offers(
        self, keys: Sequence[str], basket: Basket | None
    ) -> list[Answer[tuple[Offer, ...]]]:
        """The discounts the basket would get; None without a basket."""
        if basket is None:
            return [None] * len(keys)
        return await self.each(keys, partial(self._offers, basket=basket))

    async def _vouchers(self, profile_id: str) -> tuple[Voucher, ...]:
        rows = await self.pages(_history(profile_id), WireRewardsReply)
        return self._rewards(rows, profile_id)

    def _rewards(self, rows: list[WireReward], profile_id: str) -> tuple[Voucher, ...]:
        """Each reward once: between two pages the history may have grown."""
        with self.reading(Upstream.REWARDS_HISTORY):
            found = [mapping.voucher(row, profile_id, self.tenant, self.now()) for row in rows]
        for voucher in found:
            if voucher.status is VoucherStatus.UNKNOWN:
                self.unmapped[Upstream.REWARDS_HISTORY, f"status {voucher.native_status}"] += 1
        return tuple({voucher.ref: voucher for voucher in found}.values())

    async def _offers(self, profile_id: str, basket: Basket) -> tuple[Offer, ...]:
        body = self._basket(profile_id, basket)
        ask = Ask(Upstream.GET_DISCOUNTS, "/v1/discounts", body=body)
        reply = await self.ask(ask, WireDiscountsReply)
        return mapping.offers(reply.rows, self.tenant.ref(profile_id), self.tenant)

    def _basket(self, profile_id: str, basket: Basket) -> bytes:
        """The question of contract 10; gross includes tax, net is gross less tax."""
        lines = mapping.priced(basket, self.tenant)
        net = sum((line.net for line in lines), Decimal(0))
        tax = sum((line.tax for line in lines), Decimal(0))
        question = {
            "profileId": profile_id,
            "entityReference": basket.outlet or self.settings.store,
            "transactionTimestamp": stamp(self.now()),
            "grossAmount": net + tax,
            "taxAmount": tax,
            "netAmount": net,
            "transactionItems": [_item(line) for line in lines],
        }
        try:
            return orjson.dumps(question, default=_number)
        except orjson.JSONEncodeError:
            raise self.unsendable() from None


def _history(profile_id: str) -> Ask:
    """Always with a profileId: without, the whole company's rewards come (contract 9.5)."""
    return Ask(Upstream.REWARDS_HISTORY, "/v1/redeem", {"profileId": profile_id})


def _has_code(row: WireReward, code: str) -> bool:
    return row.redemption_code.lower() == code


def _item(line: mapping.PricedLine) -> dict[str, object]:
    return {
        "SKU": line.product_code,
        "categories": list(line.categories),
        "grossAmount": line.gross,
        "taxAmount": line.tax,
        "netAmount": line.net,
        "itemPrice": line.unit_price,
        "itemQuantity": line.quantity,
    }


def _number(value: object) -> orjson.Fragment:
    """A Decimal as a plain JSON number, digit by digit."""
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(type(value).__name__)
