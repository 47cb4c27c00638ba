"""Enrolling and changing members (contract 6.1, 6.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from loyalty.commands import KEPT, EnrolMember, ProfileChanges, UpdateMember
from loyalty.errors import ErrorCode, LoyaltyError, MemberNotFound, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Done
from loyalty.refs import MemberRef
from providers.fabric.client.members import Members
from providers.fabric.client.session import Ask
from providers.fabric.client.writing import Kind, Writer
from providers.fabric.mapping import cautions, people
from providers.fabric.mapping.bodies import mark
from providers.fabric.mapping.members import accounts, digits
from providers.fabric.mapping.tenant import Unreadable
from providers.fabric.profile import Upstream
from providers.fabric.wire.asked import WireAskedMember, WireAskedPerson
from providers.fabric.wire.members import (
    WireAccount,
    WireMember,
    WireMemberReply,
    WireMembersReply,
)
from providers.writing import Doubt, Finished, Job, Next, Write

_ENROLL, _UPDATE = Upstream.ENROLL_MEMBER, Upstream.UPDATE_MEMBER
_PATH = "/v1/members"


class Enrolling(Members, Writer):
    """EnrolsMembers, UpdatesMembers."""

    def kinds(self) -> Mapping[str, Kind]:
        """Enroll, found by e-mail and phone; Update, which is only repeated."""
        enroll = Kind(
            self.reads(_ENROLL, WireMemberReply, self._enrolled),
            self._find_enrolled,
            self._told_of_enrolment,
        )
        update = Kind(
            self.reads(_UPDATE, WireMemberReply, self._updated), self._find_no_update, self.as_told
        )
        return {**super().kinds(), _ENROLL: enroll, _UPDATE: update}

    async def enrol_member(self, job: Job[EnrolMember, None]) -> Next:
        """One Enroll, of a person whose e-mail and phone nobody of the club has."""
        command = job.command
        if job.steps:
            outcome = job.steps[-1].outcome
            if not isinstance(outcome, Done):
                return Finished(error=outcome)
            return Finished(done=replace(outcome, cautions=cautions.of_enrolment(command)))
        profile = command.profile
        if profile is None:
            raise Unsupported(
                "this program has no app whose users could be enrolled; give a profile",
                operation=Operation.MEMBER_ENROLL,
                field=("input", "mobileUser"),
                program=self.program,
            )
        self._check_person(people.faults(profile))
        body = {
            **people.newcomer(profile),
            "entityReference": self.store_of(command.outlet),
            "clubReference": self.settings.club,
            "enrollReasonNote": mark(job.ticket.operation),
        }
        if command.tier is not None:
            body["tierReference"] = command.tier
        if command.attributes:
            body["customAttributes"] = {each.key: each.value for each in command.attributes}
        write = self.write(_ENROLL, _PATH, body, Doubt.LOOK, reference=mark(job.ticket.operation))
        await self._check_contacts(profile.email, profile.phone)
        return write

    async def update_member(self, job: Job[UpdateMember, None]) -> Next:
        """One Update: what changes, and what would else be lost."""
        command = job.command
        if job.steps:
            outcome = job.steps[-1].outcome
            if not isinstance(outcome, Done):
                return Finished(error=outcome)
            return Finished(done=replace(outcome, cautions=cautions.of_update(command)))
        changes, profile_id = command.profile, self.member_of(command.member)
        self._check_person(people.faults_of(changes))
        body = dict(people.changed(changes))
        if command.tier is not None:
            body["tierReference"] = command.tier
        if not body and not command.attributes:
            raise self.invalid("name at least one thing to change that this program has", "profile")
        account = await self._account(profile_id)
        await self._check_new_contacts(changes, self.tenant.ref(profile_id))
        body = {"profileId": profile_id, **body, **people.kept(account, command.attributes)}
        return self.write(
            _UPDATE, _PATH, body, Doubt.REPLAY, method="PUT", serial=f"update {profile_id}"
        )

    # ------------------------------------------------------------------ what is refused

    def _check_person(self, faults: Iterable[people.Fault]) -> None:
        for text, place in faults:
            raise self.invalid(text, *place)

    async def _check_new_contacts(self, changes: ProfileChanges, member: MemberRef) -> None:
        email = changes.email if isinstance(changes.email, str) else None
        phone = changes.phone if isinstance(changes.phone, str) else None
        await self._check_contacts(
            None if changes.email is KEPT else email,
            None if changes.phone is KEPT else phone,
            but=member,
        )

    async def _check_contacts(
        self, email: str | None, phone: str | None, *, but: MemberRef | None = None
    ) -> None:
        """Refuse an e-mail or a phone that another member of the club has."""
        for name, found in (
            ("email", await self._by("email", (email or "").strip())),
            ("phone", await self._by("phonenumber", digits(phone or ""))),
        ):
            if people.is_member(found, self.tenant, but):
                raise self.declined(
                    f"another member has this {name}", ErrorCode.CONTACT_IN_USE, "profile", name
                )

    async def _by(self, name: str, value: str) -> tuple[WireMember, ...]:
        """Everybody with exactly that e-mail or phone: filters may be looser than asked."""
        if not value:
            return ()
        try:
            ask = Ask(Upstream.GET_MEMBERS, _PATH, {name: value})
            found = tuple(await self.pages(ask, WireMembersReply))
        except MemberNotFound:
            return ()
        return tuple(each for each in found if value.casefold() == _contact(each, name))

    async def _account(self, profile_id: str) -> WireAccount:
        """The account to be changed; raises MemberNotFound."""
        with self.at("memberId"):
            ask = Ask(Upstream.GET_MEMBERS, _PATH, {"profileId": profile_id})
            rows = (await self.ask(ask, WireMembersReply)).rows
            for _, account in accounts(rows, self.tenant):
                if account.profile_id.lower() == profile_id:
                    return account
            raise MemberNotFound("the program has no such member", program=self.program)

    # ------------------------------------------------------------------ answers and looks

    def _enrolled(self, write: Write, reply: WireMemberReply) -> Done:
        return people.newly(reply.data, self.asked(write, WireAskedPerson), self.tenant)

    def _updated(self, write: Write, reply: WireMemberReply) -> Done:
        profile_id = self.asked(write, WireAskedMember).profile_id
        for _, account in accounts((reply.data,), self.tenant):
            if account.profile_id.lower() == profile_id:
                return Done(member=self.tenant.ref(profile_id))
        raise Unreadable

    async def _find_enrolled(self, write: Write, sent_at: datetime) -> Done | None:
        del sent_at
        asked = self.asked(write, WireAskedPerson)
        rows = await self._with_contacts(asked)
        with self.reading(Upstream.GET_MEMBERS):
            found = people.enrolled(rows, asked, self.tenant)
        if len(found) > 1:
            raise self.unclear("the provider shows more than one such member")
        return found[0] if found else None

    async def _with_contacts(self, asked: WireAskedPerson) -> tuple[WireMember, ...]:
        by_email = await self._by("email", asked.email_address)
        return by_email + await self._by("phonenumber", asked.phone_number)

    async def _told_of_enrolment(self, write: Write, refusal: LoyaltyError) -> LoyaltyError:
        """A contact that is in use, and by nobody whom one can see, is perhaps in use by ours."""
        if refusal.code is not ErrorCode.CONTACT_IN_USE:
            return refusal
        known = await self._with_contacts(self.asked(write, WireAskedPerson))
        return refusal if known else self.unclear("the provider knows the person, unseen by us")

    async def _find_no_update(self, write: Write, sent_at: datetime) -> Done | None:
        """Nothing tells who changed a member: it is repeated."""
        del write, sent_at
        return None


def _contact(person: WireMember, name: str) -> str:
    if name == "email":
        return (person.email_address or "").strip().casefold()
    return digits(person.phone_number or "")
