"""Reading balances, expiry and the settings of points (contract 11)."""

from collections.abc import Sequence
from decimal import Decimal
from time import perf_counter

from loyalty.points import Balance, ExpiredPoints, ExpiringPoints
from providers.fabric.client.session import Ask, Session, next_second
from providers.fabric.mapping import points as mapping
from providers.fabric.mapping.bodies import stamp
from providers.fabric.profile import Upstream
from providers.fabric.wire.points import (
    WireExpiredReply,
    WireExpiryReply,
    WirePointsReply,
    WirePointTypesReply,
    WireReasonsReply,
    WireRedeemableReply,
)
from providers.port import Answer, Period, Probe, Reason

_POINT_TYPES = Ask(Upstream.GET_POINT_TYPES, "/v1/inquire/point-type-choices")
_REASONS = Ask(Upstream.GET_ACTION_REASONS, "/v1/inquire/get_action_reasons")


class Points(Session):
    """ReadsBalances, ReadsExpiry, ReadsExpired, ReadsRedeemable, ListsReasons, ListsPointTypes."""

    async def balances(self, keys: Sequence[str]) -> list[Answer[Balance]]:
        """The members' balances, one call each."""
        return await self.each(keys, self._balance)

    async def expiring(self, keys: Sequence[str]) -> list[Answer[tuple[ExpiringPoints, ...]]]:
        """What will be lost within a year, by windows, soonest first."""
        return await self.each(keys, self._expiring)

    async def expired(self, key: str, period: Period) -> tuple[ExpiredPoints, ...]:
        """Points lost in the period, latest first; raises MemberNotFound."""
        profile_id = self.member_key(key)
        query: dict[str, str] = {}
        if period.starts_at is not None:
            query["startTimestampUTC"] = stamp(period.starts_at)
        if period.ends_at is not None:
            query["endTimestampUTC"] = stamp(next_second(period.ends_at))
        path = f"/v1/inquire/all-points-expiry/{profile_id}"
        reply = await self.ask(Ask(Upstream.GET_EXPIRED_POINTS, path, query), WireExpiredReply)
        return mapping.expired(reply.rows, period)

    async def redeemable_at(self, key: str, outlet: str) -> Decimal:
        """Points spendable at the store, restricted ones included; raises MemberNotFound."""
        query = {
            "profileId": self.member_key(key),
            "clubExternalReference": self.settings.club,
            "externalReference": outlet,
        }
        ask = Ask(Upstream.GET_REDEEMABLE_POINTS, "/v1/inquire/redeemable-points", query)
        rows = (await self.ask(ask, WireRedeemableReply)).rows
        return rows[0].total_points if rows else Decimal(0)

    async def adjustment_reasons(self) -> tuple[Reason, ...]:
        """All reason codes, each with the action it is for."""
        reply = await self.ask(_REASONS, WireReasonsReply)
        return tuple(mapping.reason(row) for row in reply.rows)

    async def point_types(self) -> tuple[str, ...]:
        """The names of the tenant's point types."""
        reply = await self.ask(_POINT_TYPES, WirePointTypesReply)
        names = (
            each.point_type_name for row in reply.rows for each in row.point_type_choices or ()
        )
        return tuple(dict.fromkeys(names))

    async def probe(self) -> Probe:
        """How long the point types take: they concern no member."""
        started = perf_counter()
        await self.point_types()
        return Probe(latency_ms=(perf_counter() - started) * 1000)

    async def _balance(self, profile_id: str) -> Balance | None:
        """No element is nobody's balance; of several the first counts (contract 14)."""
        path = f"/v1/inquire/{profile_id}/member-points"
        reply = await self.ask(Ask(Upstream.GET_MEMBER_POINTS, path), WirePointsReply)
        if not reply.rows:
            return None
        ref = self.tenant.ref(profile_id)
        return mapping.balance(reply.rows[0], ref, self.tenant, self.now())

    async def _expiring(self, profile_id: str) -> tuple[ExpiringPoints, ...]:
        query = {"profileId": profile_id}
        ask = Ask(Upstream.GET_POINTS_TO_BE_EXPIRED, "/v1/inquire/points-expiry", query)
        reply = await self.ask(ask, WireExpiryReply)
        ref = self.tenant.ref(profile_id)
        with self.reading(ask.operation):
            return mapping.expiring(reply.rows, ref, self.tenant, self.now())
