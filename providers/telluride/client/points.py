"""What members have: balances, with the surprise points and the expiry that come along."""

from collections.abc import Sequence

from loyalty.points import Balance
from providers.port import Answer
from providers.telluride.client.desk import Desk
from providers.telluride.client.people import People
from providers.telluride.mapping.balances import balance, channel
from providers.telluride.profile.apis import Api
from providers.telluride.wire.balances import WireBalance


class Points:
    """Balances of the program, one a call."""

    def __init__(self, desk: Desk, people: People, wanted_channel: str | None) -> None:
        self._desk = desk
        self._people = people
        self._channel = wanted_channel

    async def balances(self, keys: Sequence[str]) -> list[Answer[Balance]]:
        """The balances, in the order of the keys."""
        return await self._desk.fan_out.each(keys, self._balance)

    async def _balance(self, number: str) -> Balance | None:
        desk = self._desk
        body = desk.bodies.balance(number)
        answer = await desk.exchange.read(Api.REWARD_BALANCE, body, WireBalance)
        if answer is None:
            return None
        await self._people.expect(number, answer.member_number)
        found = channel(answer.points, self._channel)
        if found is None:
            raise desk.bad("no channel, or several and none that the setting channels names")
        told = balance(desk.account, desk.account.ref(number), found, desk.now())
        if told is None:
            raise desk.bad("availablePointsToRedeem is missing")
        return told
