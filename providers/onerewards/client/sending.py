"""Sending a change and saying what its answer means; looking for one whose answer is lost."""

from datetime import datetime

from loyalty.errors import (
    ErrorCode,
    LoyaltyError,
    OutcomeUnknown,
)
from loyalty.outcomes import Done
from providers.onerewards.client.account import Account
from providers.onerewards.client.answers import CREATED, body_of, unposted
from providers.onerewards.client.caller import Refused
from providers.onerewards.client.notes import Note
from providers.onerewards.mapping.lookups import by_mobile_users, by_phones
from providers.onerewards.mapping.profiles import is_of, spellings
from providers.onerewards.mapping.refusals import refused, too_few_points, unknown
from providers.onerewards.profile import Upstream
from providers.onerewards.wire.members import WireMember
from providers.onerewards.wire.model import BadAnswer
from providers.writing import Patience, Sending, Write

_NOT_FOUND = 404
_CANNOT_GET = {
    ErrorCode.OFFER_LIMIT,
    ErrorCode.OFFER_NOT_APPLICABLE,
    ErrorCode.INSUFFICIENT_POINTS,
}


class Sends(Account):
    """How a OneRewards program is changed, whatever the change is."""

    @property
    def patience(self) -> Patience:
        """How long doubt lasts, by the settings."""
        return self._patience

    async def send(self, write: Write, how: Sending) -> Done:
        """Send it once; see providers/writing.py for what is returned and raised."""
        operation = Upstream(write.name)
        try:
            reply = await self._caller.write(operation, write.request, how)
            return self._answers.read(write, reply)
        except BadAnswer:
            raise unknown(self.program) from None
        except Refused as refusal:
            return await self._refused(operation, write, how, refusal)

    async def look(self, write: Write, sent_at: datetime) -> Done | None:  # noqa: ARG002 - what is there tells no time
        """The effect, where the provider shows it: a new member, a voucher, or points."""
        match Upstream(write.name):
            case Upstream.ISSUE_VOUCHER_TO_MEMBER:
                return await self._voucher_issued(write)
            case Upstream.CREATE_MEMBER | Upstream.MIGRATE_MEMBER:
                return await self._member_made(write)
            case Upstream.CREATE_MEMBER_FROM_MOBILE_USER:
                return await self._member_linked(write)
            case Upstream.UNPOST_TRANSACTION:
                is_back = await self._is_back(write, Note.of(write))
                return unposted(write) if is_back else None
            case _:
                raise OutcomeUnknown(
                    "the provider shows nothing by which to tell", program=self.program
                )

    # ------------------------------------------------------------------ refusals

    async def _refused(
        self, operation: Upstream, write: Write, how: Sending, refusal: Refused
    ) -> Done:
        """Raise what a refusal means; return Done where it says that the change is made already.

        Of a repeat it proves nothing, but where the provider answers it as it did the first time.
        """
        status = refusal.words.http_status
        if operation is Upstream.UNPOST_TRANSACTION and status == _NOT_FOUND:
            return await self._not_there(write, refusal)
        told_before = status == CREATED and self._patience.replay_is_safe
        if how.again and not told_before:
            raise unknown(self.program, refusal.words)
        if await self._is_our_own(operation, write, refusal):
            raise unknown(self.program, refusal.words)
        raise await self._error(write, refusal)

    async def _not_there(self, write: Write, refusal: Refused) -> Done:
        """A document of ours that is gone: taken back already, or not; the balance may tell.

        What was posted through us was there. A delivery of ours before this one, or somebody else,
        has taken it back (docs/decisions/0010).
        """
        try:
            is_back = await self._is_back(write, Note.of(write))
        except LoyaltyError:
            is_back = False
        if not is_back:
            raise unknown(self.program, refusal.words)
        return unposted(write)

    async def _is_our_own(self, operation: Upstream, write: Write, refusal: Refused) -> bool:
        """Whether a refusal may be of our own change, delivered twice: the first one went through.

        Nobody had the contact when we asked, and now somebody has, with our data. Or the voucher
        could be had when we asked, and now it cannot; or one is there that was not.
        """
        try:
            if operation is Upstream.ISSUE_VOUCHER_TO_MEMBER:
                return refusal.code in _CANNOT_GET or bool(await self._new_vouchers(write))
            if operation is Upstream.CREATE_MEMBER_FROM_MOBILE_USER:
                return refusal.code is ErrorCode.CONTACT_IN_USE and refusal.about != "phone"
            if operation not in {Upstream.CREATE_MEMBER, Upstream.MIGRATE_MEMBER}:
                return False
            found = await self._of_contact(write)
        except LoyaltyError:
            return refusal.code is ErrorCode.CONTACT_IN_USE
        is_hidden = refusal.code is ErrorCode.CONTACT_IN_USE and not found
        return is_hidden or any(is_of(body_of(write), wire) for wire in found)

    async def _error(self, write: Write, refusal: Refused) -> LoyaltyError:
        note = Note.of(write)
        place = note.place(refusal.code, refusal.about)
        if refusal.code is not ErrorCode.INSUFFICIENT_POINTS or note.asked is None:
            return refused(refusal.code, self.program, refusal.words, place)
        try:
            found = await self._balance(str(body_of(write).get("memberId")))
        except LoyaltyError:
            found = None  # the refusal stands, only how many there are is not known
        available = None if found is None else found.points
        return too_few_points(self.program, refusal.words, place, note.asked, available)

    # ------------------------------------------------------------------ looking

    async def _is_back(self, write: Write, note: Note) -> bool:
        """Whether the balance is what taking the document back makes of it."""
        if note.before is None or not note.back:
            return False
        found = await self._balance(str(body_of(write)["memberId"]))
        return found is not None and found.points == note.before + note.back

    async def _new_vouchers(self, write: Write) -> list[str]:
        body, held = body_of(write), Note.of(write).held
        now = await self._vouchers.held_of(str(body["memberId"]), str(body["voucherId"]))
        return [number for number in now or () if number not in held]

    async def _voucher_issued(self, write: Write) -> Done | None:
        new = await self._new_vouchers(write)
        if len(new) > 1:
            raise OutcomeUnknown("more vouchers are new than were asked for", program=self.program)
        return self._answers.issued(write, new[0]) if new else None

    async def _member_made(self, write: Write) -> Done | None:
        found = await self._of_contact(write)
        ours = [wire for wire in found if is_of(body_of(write), wire)]
        if found and len(ours) != 1:
            raise OutcomeUnknown(
                "the contact is somebody's, perhaps another member's", program=self.program
            )
        return self._answers.made(str(ours[0].member_id)) if ours else None

    async def _member_linked(self, write: Write) -> Done | None:
        found = await self._of_contact(write)
        if len(found) > 1:
            raise OutcomeUnknown("several members have this app user", program=self.program)
        return self._answers.made(str(found[0].member_id)) if found else None

    async def _of_contact(self, write: Write) -> list[WireMember]:
        """The members with the phone, or of the user of the app, that the write is about."""
        body = body_of(write)
        user = body.get("mobileUserId")
        if user is not None:
            condition = by_mobile_users([str(user)])
        else:
            phones = spellings(str(body["phoneNo"]), self._calling_code)
            condition = by_phones(phones, self._calling_code)
        return await self._listing.all_that_meet([condition] if condition else [])
