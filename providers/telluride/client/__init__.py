"""A Telluride program behind the port: the one room of the adapter that makes calls."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from loyalty.members import Affinity, Member, MemberLookup, MemberStatus
from loyalty.offers import Basket, Offer
from loyalty.points import Balance
from loyalty.sales import Activity, Quote, SaleDraft, Transaction
from providers.fan_out import FanOut
from providers.http import Transport
from providers.port import Answer, Page, PageRequest, Period, Probe, Profile
from providers.telluride.client.baskets import Till
from providers.telluride.client.bodies import Bodies
from providers.telluride.client.changes import Changes
from providers.telluride.client.desk import Desk
from providers.telluride.client.exchange import Address, Exchange
from providers.telluride.client.grants import Grants
from providers.telluride.client.numbers import number_of
from providers.telluride.client.pasts import Pasts
from providers.telluride.client.people import People
from providers.telluride.client.points import Points
from providers.telluride.client.prospects import Prospects
from providers.telluride.mapping.account import Account
from providers.telluride.profile import PROFILE
from providers.telluride.settings import TellurideSettings
from providers.tokens import Tokens


class Telluride(Changes):
    """Everything that can be read from one account, or changed there; all share one token."""

    def __init__(
        self,
        program: str,
        settings: TellurideSettings,
        api: Transport,
        token: Transport,
        now: Callable[[], datetime],
    ) -> None:
        tokens = Tokens(Grants(program, settings, token, now).token, program=program)
        address = Address(
            program=program,
            base_url=settings.base_url,
            client_id=settings.client_id,
            zone=settings.zone,
        )
        desk = Desk(
            account=_account(program, settings),
            exchange=Exchange(address, api, tokens),
            bodies=Bodies(settings, now),
            now=now,
            fan_out=FanOut(settings.max_connections, number_of),
        )
        span = timedelta(days=settings.assumptions.activity_span_days) - timedelta(days=1)
        self._program = program
        self._exchange = desk.exchange
        self._people = People(desk)
        self._points = Points(desk, self._people, settings.channels)
        self._pasts = Pasts(desk, self._people, span)
        super().__init__(settings, desk, self._people, self._pasts, self._points)
        self._prospects = Prospects(desk, self._people, Till(program, settings))

    @property
    def program(self) -> str:
        """The program's key."""
        return self._program

    @property
    def profile(self) -> Profile:
        """What is known of Telluride."""
        return PROFILE

    @property
    def unmapped(self) -> Counter[tuple[str, str]]:
        """How often an API answered a status that the table does not cover."""
        return self._exchange.unmapped

    async def probe(self) -> Probe:
        """A lookup of nobody: it needs the address, the token, the client id and the requestor."""
        began = time.perf_counter()
        await self._people.knock()
        return Probe(latency_ms=(time.perf_counter() - began) * 1000)

    async def members(self, keys: Sequence[str]) -> list[Answer[Member]]:
        """The members' records, one call each."""
        return await self._people.members(keys)

    async def member_by_number(self, number: str) -> Member | None:
        """The member with the number."""
        return await self._people.member(number)

    async def find_members(self, by: MemberLookup) -> list[Member]:
        """All members that match, by one of thirteen search types."""
        return await self._people.find(by)

    async def balances(self, keys: Sequence[str]) -> list[Answer[Balance]]:
        """The members' balances, with what expires and the surprise offers."""
        return await self._points.balances(keys)

    async def affinities(self, keys: Sequence[str]) -> list[Answer[tuple[Affinity, ...]]]:
        """The members' links to affiliated programmes."""
        return await self._people.affinities(keys)

    async def offers(
        self, keys: Sequence[str], basket: Basket | None
    ) -> list[Answer[tuple[Offer, ...]]]:
        """The offers that apply to the members; those they hold come with the balance."""
        return await self._prospects.offers(keys, basket)

    async def transactions(self, key: str, period: Period, page: PageRequest) -> Page[Transaction]:
        """A page of the member's history, newest first."""
        return await self._pasts.transactions(key, period, page)

    async def transaction(self, key: str, transaction: tuple[str, ...]) -> Transaction | None:
        """One transaction, by store, register, number and local date-time."""
        return await self._pasts.transaction(key, transaction)

    async def activity(self, key: str, starts_at: datetime, ends_at: datetime) -> Activity | None:
        """Totals of the period."""
        return await self._pasts.activity(key, starts_at, ends_at)

    async def quote(self, sale: SaleDraft) -> Quote:
        """What the sale would earn and could take."""
        return await self._prospects.quote(sale)


def _account(program: str, settings: TellurideSettings) -> Account:
    assumed = settings.assumptions
    return Account(
        program=program,
        currency=settings.currency,
        zone=settings.zone,
        more_statuses=(
            (assumed.suspended, MemberStatus.SUSPENDED),
            (assumed.pending, MemberStatus.PENDING),
        ),
        total_points_earned_is_balance=assumed.total_points_earned_is_balance,
        point_balance_is_running=assumed.point_balance_is_running,
        offer_reward_potential_is_points=assumed.offer_reward_potential_is_points,
    )
