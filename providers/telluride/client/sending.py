"""Sending a write once, and what its answer means; what is not documented is never believed."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from loyalty.errors import (
    ErrorCode,
    InsufficientPoints,
    LoyaltyError,
    OutcomeUnknown,
    Unavailable,
)
from loyalty.outcomes import Done
from loyalty.refs import MemberRef
from providers.telluride.client.desk import Desk
from providers.telluride.client.exchange import Heard
from providers.telluride.client.looking import Looker
from providers.telluride.client.people import People
from providers.telluride.client.places import place
from providers.telluride.client.points import Points
from providers.telluride.client.sent import Deed, Sent
from providers.telluride.mapping import done
from providers.telluride.mapping.redemptions import is_repeat
from providers.telluride.mapping.refusals import Outcome
from providers.telluride.profile.apis import Api
from providers.telluride.wire.affinities import WireAffinityUpdate
from providers.telluride.wire.bonuses import WireBonus
from providers.telluride.wire.earnings import WireEarning
from providers.telluride.wire.members import WireCreatedMember
from providers.telluride.wire.redemptions import WireRedemption
from providers.telluride.wire.shapes import Answer
from providers.writing import Sending, Write

_ANSWERS: Mapping[Api, type[Answer]] = {
    Api.EARN: WireEarning,
    Api.REDEMPTION: WireRedemption,
    Api.EXTERNAL_BONUS: WireBonus,
    Api.CREATE_MEMBER: WireCreatedMember,
    Api.UPDATE_AFFINITIES: WireAffinityUpdate,
}

_OF_A_TWIN = frozenset({
    ErrorCode.INSUFFICIENT_POINTS, ErrorCode.OFFER_LIMIT, ErrorCode.NOT_VOIDABLE,
})  # fmt: skip
"""Refusals that a request meets which the network delivered twice, and the first time took effect.
"""


class Sender:
    """The program's writes on the wire."""

    def __init__(self, desk: Desk, people: People, points: Points, looker: Looker) -> None:
        self._desk = desk
        self._people = people
        self._points = points
        self._looker = looker

    async def send(self, write: Write, how: Sending) -> Done:
        """What came of it; raises as providers/writing.py says."""
        sent = Sent.of(write)
        heard = await self._heard(sent, write, how)
        code = heard.outcome.code
        if code is None:
            return await self._done(sent, write, heard.answer, how)
        if sent.deed is Deed.VOID and code is ErrorCode.ALREADY_VOIDED:
            account = self._desk.account
            return done.voided(account, account.ref(sent.member), sent.name, None)
        if code is ErrorCode.PROVIDER_UNAVAILABLE or not heard.outcome.known:
            raise self._unknown("it answered a fault", heard.outcome)
        if how.again:
            raise self._unknown(
                "a repeat was refused, which says nothing of the first", heard.outcome
            )
        return await self._refused(sent, write, heard.outcome)

    async def _heard(self, sent: Sent, write: Write, how: Sending) -> Heard[Answer]:
        """The answer; a redemption that wants an inquiry before it gets one, and goes again.

        It was refused for that reason alone, so that nothing is done twice (contract 4.6, 91).
        """
        exchange, answer = self._desk.exchange, _ANSWERS[sent.api]
        heard = await exchange.write(sent.api, write.request, answer, how)
        if heard.outcome.code is not ErrorCode.REDEMPTION_RULE:
            return heard
        await exchange.ask(sent.api, sent.inquiry, WireRedemption)
        return await exchange.write(sent.api, write.request, answer, how)

    # ------------------------------------------------------------------ done

    async def _done(self, sent: Sent, write: Write, answer: Answer, how: Sending) -> Done:
        """A documented success, of the member it was sent for."""
        account = self._desk.account
        match answer:
            case WireEarning():
                member = await self._member(sent, answer.reply.member_number)
                told = done.earned(account, member, sent.name, answer.reply)
                repeat = "DUPLICATE" in (answer.reply.response_text or "").upper()
            case WireRedemption():
                member = await self._member(sent, answer.member_number)
                told = self._redemption(sent, member, answer)
                repeat = is_repeat(answer)
            case WireBonus():
                member = await self._member(sent, answer.member_number)
                told = done.adjusted(member, sent.name, answer, sent.figure, sent.text("OfferId"))
                repeat = False
            case WireCreatedMember():
                return self._created(sent, answer)
            case _:
                return Done(member=account.ref(sent.member))
        return await self._repeated(sent, write, told, how) if repeat else told

    async def _repeated(self, sent: Sent, write: Write, told: Done, how: Sending) -> Done:
        """A success which the provider says is that of an earlier request of this name.

        Ours, sent again or delivered twice by the network; or somebody else's, whose numbers are
        the same (another client, a ledger that was lost), and then nothing of ours was done. What
        the provider shows decides; a void is named by its code, which nobody else has.
        """
        if sent.deed is Deed.REDEEM and told.points != sent.figure:
            raise self._desk.exchange.unknown("it takes this for another redemption's repeat")
        by_itself = sent.deed is Deed.VOID or (sent.deed is Deed.REDEEM and how.again)
        if not by_itself and await self._twin(write) is None:
            raise self._desk.exchange.unknown("it takes this for a repeat, and does not show it")
        return told if how.again else replace(told, cautions=done.repeated(told))

    def _redemption(self, sent: Sent, member: MemberRef, answer: WireRedemption) -> Done:
        account = self._desk.account
        if sent.deed is Deed.VOID:
            return done.voided(account, member, sent.name, answer)
        return done.redeemed(account, member, sent.name, answer, sent.figure)

    async def _member(self, sent: Sent, answered: str | None) -> MemberRef:
        """Whom it was booked for: the member asked for, or whom that one was merged into."""
        try:
            await self._people.expect(sent.member, answered)
        except LoyaltyError:
            raise self._desk.exchange.unknown("the answer is about another member") from None
        return self._desk.account.ref(answered or sent.member)

    def _created(self, sent: Sent, answer: WireCreatedMember) -> Done:
        numbers = {wire.member_number for wire in answer.members} - {None}
        if len(numbers) != 1:
            raise self._desk.exchange.unknown("it tells no member's number")
        number = next(iter(numbers)) or ""
        if number in sent.note.known:
            raise self._desk.exchange.unknown("it tells a member who was there before")
        return Done(member=self._desk.account.ref(number), native_id=number)

    # ------------------------------------------------------------------ refused

    async def _refused(self, sent: Sent, write: Write, outcome: Outcome) -> Done:
        """Raise the refusal, unless the same request has taken effect a moment ago."""
        if sent.deed is Deed.ENROL and outcome.code is ErrorCode.CONTACT_IN_USE:
            return await self._in_use(sent, outcome)
        if outcome.code in _OF_A_TWIN and (twin := await self._twin(write)) is not None:
            return twin
        raise await self._refusal(sent, outcome)

    async def _twin(self, write: Write) -> Done | None:
        try:
            return await self._looker.look(write)
        except Unavailable:
            return None

    async def _in_use(self, sent: Sent, outcome: Outcome) -> Done:
        """The contact was free just before: it is ours now, or somebody's who can be shown."""
        try:
            made, others = await self._looker.enrolled(sent)
        except LoyaltyError:
            raise self._unknown("who has the contact cannot be asked", outcome) from None
        if len(made) == 1:
            return self._looker.member(made[0])
        if others or sent.note.known:
            raise await self._refusal(sent, outcome)
        raise self._unknown("the contact is taken, and nobody has it", outcome)

    async def _refusal(self, sent: Sent, outcome: Outcome) -> LoyaltyError:
        error = self._desk.exchange.error(outcome)
        error.field = place(sent, outcome)
        if outcome.code is not ErrorCode.INSUFFICIENT_POINTS:
            return error
        return InsufficientPoints(
            error.message,
            asked=abs(sent.figure),
            available=await self._available(sent.member),
            field=error.field,
            program=error.program,
            upstream=error.upstream,
        )

    async def _available(self, number: str) -> Decimal | None:
        """What the member could spend; None where it is not told now."""
        (balance,) = await self._points.balances([number])
        return None if balance is None or isinstance(balance, LoyaltyError) else balance.points

    def _unknown(self, what: str, outcome: Outcome) -> OutcomeUnknown:
        return self._desk.exchange.unknown(what, outcome.words)
