"""The calls about vouchers: held ones and obtainable ones, all of a member's or a single one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial

from loyalty.offers import Basket, Offer, Voucher
from providers.onerewards.client.caller import Caller
from providers.onerewards.mapping.program import Program
from providers.onerewards.mapping.refusals import bad_answer
from providers.onerewards.mapping.vouchers import bill, offer, voucher
from providers.onerewards.profile import Upstream
from providers.onerewards.wire.model import Renames, one, parsed, several
from providers.onerewards.wire.vouchers import WireObtainableVoucher, WireUsableVoucher


class VoucherCalls:
    """Vouchers of members; every key given here is a memberId."""

    def __init__(
        self, caller: Caller, program: Program, renames: Renames, now: Callable[[], datetime]
    ) -> None:
        self._caller = caller
        self._program = program
        self._renames = renames
        self._now = now

    async def held(self, key: str, spending: Decimal | None) -> tuple[Voucher, ...] | None:
        """All vouchers the member holds; None for an unknown member."""
        found = await self._held(key, spending)
        if found is None:
            return None
        now = self._now()
        return tuple(self._voucher(wire, key, now, spending) for wire in found)

    async def held_of(self, key: str, definition: str) -> tuple[str, ...] | None:
        """The numbers of the member's vouchers of one kind; None for an unknown member."""
        found = await self._held(key, None)
        if found is None:
            return None
        return tuple(
            wire.voucher_no for wire in found if str(wire.voucher_info.voucher_id) == definition
        )

    async def _held(
        self, key: str, spending: Decimal | None
    ) -> tuple[WireUsableVoucher, ...] | None:
        return await self._caller.read(
            Upstream.GET_USABLE_VOUCHER,
            lambda body: several(WireUsableVoucher, parsed(body), self._renames),
            query=_query(key, spending),
        )

    async def held_one(self, key: str, code: str) -> Voucher | None:
        """One voucher of the member; None for an unknown member, or one they do not hold."""
        wire = await self._caller.read(
            Upstream.CAN_USE_VOUCHER_NOW,
            partial(one, WireUsableVoucher, renames=self._renames),
            query={"memberId": key, "voucherNo": code},
        )
        if wire is None:
            return None
        if wire.voucher_no != code:
            raise bad_answer(self._caller.program)
        return self._voucher(wire, key, self._now(), None)

    async def obtainable(self, key: str, basket: Basket | None) -> tuple[Offer, ...] | None:
        """All vouchers the member could claim, now or not; None for an unknown member."""
        found = await self._caller.read(
            Upstream.GET_OBTAINABLE_VOUCHER,
            lambda body: several(WireObtainableVoucher, parsed(body), self._renames),
            query=_query(key, bill(basket)),
        )
        if found is None:
            return None
        now = self._now()
        return tuple(self._offer(wire, key, now) for wire in found)

    async def obtainable_one(self, key: str, code: str) -> Offer | None:
        """One voucher the member could claim; None for an unknown member or voucher."""
        wire = await self._caller.read(
            Upstream.CAN_GET_VOUCHER_NOW,
            partial(one, WireObtainableVoucher, renames=self._renames),
            query={"memberId": key, "voucherId": code},
        )
        if wire is None:
            return None
        if str(wire.voucher_info.voucher_id) != code:
            raise bad_answer(self._caller.program)
        return self._offer(wire, key, self._now())

    def _voucher(
        self, wire: WireUsableVoucher, key: str, now: datetime, spending: Decimal | None
    ) -> Voucher:
        self._count(
            Upstream.GET_USABLE_VOUCHER, wire.cant_use_now_reason, self._program.use_reasons
        )
        return voucher(wire, key, self._program, now, spending)

    def _offer(self, wire: WireObtainableVoucher, key: str, now: datetime) -> Offer:
        self._count(
            Upstream.GET_OBTAINABLE_VOUCHER, wire.cant_get_now_reason, self._program.get_reasons
        )
        return offer(wire, key, self._program, now)

    def _count(self, operation: Upstream, number: int | None, legend: Mapping[int, object]) -> None:
        if number is not None and number not in legend:
            self._caller.unmapped[operation.value, "reason", str(number)] += 1


def _query(key: str, spending: Decimal | None) -> dict[str, str]:
    """Without an amount the minimum spend is not tested; an empty one would be (contract 3.7)."""
    query = {"memberId": key}
    if spending is not None:
        query["spendingAmount"] = f"{spending:f}"
    return query
