"""Looking for a write whose answer was lost: in a history, or among the members (5.6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum

from loyalty.errors import LoyaltyError, OutcomeUnknown, Unavailable
from loyalty.outcomes import Done
from providers.telluride.client.desk import Desk
from providers.telluride.client.holders import Contact, Holder, Holders
from providers.telluride.client.pasts import Pasts
from providers.telluride.client.people import People
from providers.telluride.client.sent import Deed, Sent
from providers.telluride.mapping.done import shown_adjustment, shown_redemption, shown_sale
from providers.telluride.mapping.transactions import named_parts
from providers.telluride.wire.activity import WireRow
from providers.telluride.wire.scalars import array_of, object_of
from providers.writing import Write


class Likeness(Enum):
    """Whether a row is the write looked for."""

    SAME = "same"
    MAYBE = "maybe"
    OTHER = "other"


class Looker:
    """Finds the effects of writes; that it finds none proves nothing."""

    def __init__(self, desk: Desk, people: People, pasts: Pasts, holders: Holders) -> None:
        self._desk = desk
        self._people = people
        self._pasts = pasts
        self._holders = holders

    async def look(self, write: Write) -> Done | None:
        """The effect of the write; raises Unavailable, or OutcomeUnknown for what resembles it.

        What is simply sent again (a void, a link) is not looked for.
        """
        sent = Sent.of(write)
        try:
            match sent.deed:
                case Deed.EARN | Deed.REDEEM | Deed.BONUS:
                    return await self._in_history(sent)
                case Deed.ENROL:
                    return await self._enrolled(sent)
                case Deed.VOID | Deed.LINK:
                    return None
        except (Unavailable, OutcomeUnknown):
            raise
        except LoyaltyError as refusal:
            raise self._unknown("the provider refuses to be asked", refusal) from None

    async def enrolled(self, sent: Sent) -> tuple[list[Holder], list[Holder]]:
        """Who is the member that the request makes, and who else has its contact since."""
        contact = contact_of(sent)
        since = [
            holder
            for holder in await self._holders.of(contact)
            if holder.number not in sent.note.known
        ]
        fields = {field: sent.text(field) for field in _TOLD}
        made = [holder for holder in since if holder.is_made_of(fields, contact)]
        return made, [holder for holder in since if holder not in made]

    async def _enrolled(self, sent: Sent) -> Done | None:
        made, others = await self.enrolled(sent)
        if len(made) == 1:
            return self.member(made[0])
        if made or others:
            raise self._unknown("somebody else has the contact by now")
        return None

    def member(self, holder: Holder) -> Done:
        """The membership as what came of its enrolment."""
        return Done(member=self._desk.account.ref(holder.number), native_id=holder.number)

    # ------------------------------------------------------------------ history

    async def _in_history(self, sent: Sent) -> Done | None:
        """The row of the write; a merged member's stands under the survivor's number."""
        found = await self._row(sent, sent.member)
        if found is not None:
            return found
        known = await self._people.member(sent.member)
        survivor = None if known is None else known.merged_into
        return None if survivor is None else await self._row(sent, survivor.key)

    async def _row(self, sent: Sent, number: str) -> Done | None:
        at = datetime.fromisoformat(sent.name.at).replace(tzinfo=self._desk.account.zone)
        rows = await self._pasts.around(number, at)
        alike = [(row, self._likeness(sent, row)) for row in rows]
        same = [row for row, likeness in alike if likeness is Likeness.SAME]
        if len(same) == 1:
            return self._shown(sent, number, same)
        if same or any(likeness is Likeness.MAYBE for _, likeness in alike):
            raise self._unknown("its history shows something that only resembles it")
        return None

    def _likeness(self, sent: Sent, row: WireRow) -> Likeness:
        """By the five values and the figure; a field that the row lacks leaves it open (U-30)."""
        named = named_parts(self._desk.account, row)
        agreed = [
            None if part is None else part == own
            for part, own in zip(named, sent.name.key, strict=True)
        ]
        number, at = agreed[2:]
        figure = _figure(sent, row)
        if all(agreed):
            return Likeness.SAME if figure else Likeness.MAYBE
        if number is False or figure is False or (number is None and at is False):
            return Likeness.OTHER
        return Likeness.MAYBE

    def _shown(self, sent: Sent, number: str, rows: Sequence[WireRow]) -> Done:
        account, name = self._desk.account, sent.name
        member = account.ref(number)
        match sent.deed:
            case Deed.REDEEM:
                return shown_redemption(account, member, name, rows, sent.figure)
            case Deed.BONUS:
                return shown_adjustment(account, member, name, rows, sent.figure)
            case _:
                return shown_sale(account, member, name, rows)

    def _unknown(self, what: str, cause: LoyaltyError | None = None) -> OutcomeUnknown:
        return self._desk.exchange.unknown(what, None if cause is None else cause.upstream)


_TOLD = ("FirstName", "LastName", "ClubMembershipCreatedBy")


def contact_of(sent: Sent) -> Contact:
    """The contact of an enrolment, out of its request."""
    entries = array_of(sent.part("PhoneNumbers").get("Phone")) or [None]
    entry = object_of(entries[0]) or {}
    return Contact(
        sent.text("EmailAddress"),
        str(entry.get("PhoneNumber") or ""),
        is_home=entry.get("PhoneType") == "H",
    )


def _figure(sent: Sent, row: WireRow) -> bool | None:
    """Whether the row shows the spend or the points, whatever their sign; None: neither (U-82)."""
    shown: Iterable[Decimal | None] = {
        Deed.EARN: (row.gross_spend,),
        Deed.REDEEM: (row.redeemed,),
        Deed.BONUS: (row.bonus, row.points),
    }.get(sent.deed, ())
    told = [abs(figure) for figure in shown if figure is not None]
    return abs(sent.figure) in told if told else None
