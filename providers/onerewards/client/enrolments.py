"""Members made, changed and brought over, and addresses for receipts: the counter's scripts."""

from collections.abc import Mapping
from dataclasses import replace

from loyalty.commands import EnrolMember, MigrateMember, RequestReceiptUploads, UpdateMember
from loyalty.errors import Declined, ErrorCode, RetryAdvice
from providers.onerewards.client.account import Account
from providers.onerewards.client.notes import Note, Place
from providers.onerewards.client.steps import finished
from providers.onerewards.mapping import cautions, checks, profiles
from providers.onerewards.mapping.lookups import Condition, by_mobile_users, by_phones
from providers.onerewards.profile import Upstream
from providers.writing import Doubt, Finished, Job, Next, Write

_MOST_RECEIPTS = 100
_TIER = {"tier": ("tier",)}
_PROFILE: Mapping[str, Place] = {
    **_TIER,
    ErrorCode.CONTACT_IN_USE: ("profile", "phone"),
    "phone": ("profile", "phone"),
    "profile": ("profile",),
}
_MOBILE: Mapping[str, Place] = {
    **_TIER,
    ErrorCode.CONTACT_IN_USE: ("mobileUser",),
    ErrorCode.NOT_FOUND: ("mobileUser",),
    "phone": ("mobileUser",),
}


class Enrols(Account):
    """How people become members and their data change."""

    async def enrol_member(self, job: Job[EnrolMember, None]) -> Next:
        """A new member, by a profile or out of a user of the vendor's app."""
        command = job.command
        if job.steps:
            return finished(job, cautions.of_enrolment(command))
        if (command.profile is None) == (command.mobile_user is None):
            raise checks.wrong("say who: either a profile or a mobileUser", "profile")
        if command.profile is None:
            return await self._from_app(command)
        body = profiles.created(command, self._calling_code)
        return await self._making(Upstream.CREATE_MEMBER, body, command.profile.phone, Doubt.LOOK)

    async def migrate_member(self, job: Job[MigrateMember, None]) -> Next:
        """A member of another system, with the points they had there."""
        command = job.command
        if job.steps:
            return finished(job, cautions.of_migration(command))
        body = profiles.migrated(command, self._calling_code, self._assumed.point_decimals)
        doubt = Doubt.REPLAY if self._assumed.migrations_are_known else Doubt.LOOK
        phone = None if command.profile is None else command.profile.phone
        return await self._making(Upstream.MIGRATE_MEMBER, body, phone, doubt)

    async def update_member(self, job: Job[UpdateMember, None]) -> Next:
        """Other data for a member; done twice it is done once, as long as nothing comes between."""
        command = job.command
        if job.steps:
            end = finished(job, cautions.of_update(command))
            return (
                end
                if end.done is None
                else Finished(
                    done=replace(end.done, member=command.member, native_id=command.member.key)
                )
            )
        number = checks.number_of(command.member, "memberId")
        body = profiles.changed(command, self._calling_code)
        await self._check_shared(command.member.key, body)
        request = self._caller.request(
            Upstream.UPDATE_MEMBER, query={"memberId": str(number)}, body=body
        )
        return Write(
            name=Upstream.UPDATE_MEMBER.value,
            request=request,
            doubt=Doubt.REPLAY,
            serial=f"member:{number}",
            note=Note(fields={**_PROFILE, ErrorCode.MEMBER_NOT_FOUND: ("memberId",)}).written(),
        )

    async def request_uploads(self, job: Job[RequestReceiptUploads, None]) -> Next:
        """Addresses to put receipts at; asking again only gives new ones."""
        if job.steps:
            return finished(job, ())
        receipts = job.command.receipts
        if not 0 < len(receipts) <= _MOST_RECEIPTS:
            msg = f"ask for 1 to {_MOST_RECEIPTS} receipts at a time"
            raise checks.wrong(msg, "receiptIds")
        for index, receipt in enumerate(receipts):
            if not checks.is_guid(receipt):
                msg = "a receipt's id is a GUID; not this"
                raise checks.wrong(msg, "receiptIds", str(index))
        if len({receipt.lower() for receipt in receipts}) < len(receipts):
            raise checks.wrong("the same receipt twice; ask for it once", "receiptIds")
        operation = Upstream.GET_UPLOAD_RECEIPT_URL
        return Write(
            name=operation.value,
            request=self._caller.request(operation, body=list(receipts)),
            doubt=Doubt.REPLAY,
            note=Note().written(),
        )

    async def _from_app(self, command: EnrolMember) -> Write:
        body = profiles.from_mobile_user(command)
        user = str(body["mobileUserId"])
        await self._check_free(by_mobile_users([user]), ("mobileUser",))
        operation = Upstream.CREATE_MEMBER_FROM_MOBILE_USER
        return Write(
            name=operation.value,
            request=self._caller.request(operation, body=body),
            doubt=Doubt.LOOK,
            serial=self._serial("app", user),
            note=Note(fields=_MOBILE).written(),
        )

    async def _making(
        self, operation: Upstream, body: Mapping[str, object], phone: str | None, doubt: Doubt
    ) -> Write:
        """A new member, whose phone is nobody's yet: by it a lost answer is looked for."""
        full = str(body["phoneNo"])
        phones = (phone or full, *profiles.spellings(full, self._calling_code))
        await self._check_free(by_phones(phones, self._calling_code), ("profile", "phone"))
        return Write(
            name=operation.value,
            request=self._caller.request(operation, body=body),
            doubt=doubt,
            serial=self._serial("phone", full),
            note=Note(fields=_PROFILE).written(),
        )

    async def _check_free(self, condition: Condition | None, place: Place) -> None:
        """Raise Declined (CONTACT_IN_USE) where the contact is a member's already."""
        if condition is not None and await self._listing.all_that_meet([condition]):
            raise Declined(
                "another member has this contact; find the member instead",
                code=ErrorCode.CONTACT_IN_USE,
                field=("input", *place),
                retry=RetryAdvice.AFTER_CHANGE,
                program=self.program,
            )

    async def _check_shared(self, key: str, body: Mapping[str, object]) -> None:
        """Raise InvalidInput for a field that a linked member has from the app (contract 3.15)."""
        shared = profiles.PERSONAL.keys() & body.keys()
        if not shared or not self._assumed.linked_profile_is_fixed:
            return
        record = await self._record(key)
        if record is None or not record.mobile_user_id:
            return
        place = profiles.drifting(body, record, self._calling_code)
        if place is not None:
            msg = "the member is linked to the vendor's app: this is changed there"
            raise checks.wrong(msg, *place)
