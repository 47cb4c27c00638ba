"""Making and changing members: by hand, from the app, from another system; moves no points else."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from sandbox.frame import Frame
from sandbox.onerewards import asked
from sandbox.onerewards.asked import Body
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.doors import Answer, Refused, Visit
from sandbox.onerewards.entities import Account, Company, Member
from sandbox.onerewards.profiles import (
    SHARED,
    Profile,
    profile_of,
    profile_of_user,
    read,
)
from sandbox.onerewards.reads import member_asked
from sandbox.onerewards.scribe import CENT, Scribe
from sandbox.onerewards.state import State


class Enrolment:
    """Create, update, from the app, migrate (OneRewards contract 3.14-3.16, 3.18)."""

    def __init__(self, frame: Frame, state: State) -> None:
        self._frame = frame
        self._state = state

    def create(self, visit: Visit) -> Answer:
        """A new member."""
        profile = self._new_profile(visit.company, asked.body_of(visit.arrival))
        member = self._admitted(visit.company, profile)
        self._scribe("create_member", member, profile.phone).existed(
            self._state.account(visit.company, member), "enroll"
        )
        return self._created(visit, member)

    def update(self, visit: Visit) -> Answer:
        """Other data for a member; what the app shares is not changed for a linked one."""
        member = member_asked(visit)
        before = profile_of(member)
        after = read(visit.company, asked.body_of(visit.arrival), before)
        if member.mobile_user_id is not None:
            after = self._kept_together(before, after)
        changed = after.changed(before)
        if "phone" in changed:
            self._check_phone(visit.company, after.phone)
        if changed:
            _write(visit.company, member, after)
            scribe = self._scribe("update_member", member, str(member.member_id), changed=changed)
            scribe.existed(self._state.account(visit.company, member), "update")
        return Answer(204)

    def from_app(self, visit: Visit) -> Answer:
        """An app user becomes a member, or the unlinked member of the same phone is linked."""
        company, body = visit.company, asked.body_of(visit.arrival)
        user = company.mobile_users.get(body.text("mobileUserId"))
        level_id = body.optional_integer("memberLevelId")
        if user is None:
            raise Refused(404, "Mobile user not found.")
        if company.by_mobile_user.get(user.mobile_user_id):
            raise Refused(400, "Mobile user is already a member.")
        if level_id is not None and level_id not in company.levels:
            raise Refused(400, "Unknown member level.")
        shared = profile_of_user(user)
        member = _linkable(company, user.phone)
        if member is None:
            fresh = replace(
                shared, joined=self._state.today(), level_id=level_id or _default_level(company)
            )
            member, kind = self._admitted(company, fresh, user.mobile_user_id), "enroll"
        else:
            kept = profile_of(member)
            own = replace(shared, level_id=kept.level_id, joined=kept.joined, expires=kept.expires)
            _write(company, member, own, user.mobile_user_id)
            kind = "link"
        scribe = self._scribe("create_from_mobile_user", member, user.mobile_user_id)
        scribe.existed(self._state.account(company, member), kind)
        return self._created(visit, member)

    def migrate(self, visit: Visit) -> Answer:
        """A member of another system with their points; known again by the number there."""
        company, body = visit.company, asked.body_of(visit.arrival)
        source = body.text("sourceMemberNo")
        opening = body.decimal("openingPoint") or Decimal(0)
        if opening < 0:
            raise Refused(400, "openingPoint must not be negative.")
        key = (visit.integration_id, source)
        known = company.register.migrated.get(key)
        recognises = self._frame.switches.text(UPSTREAM, "repeated_migration") == "same_member"
        if known is not None and recognises:
            return self._created(visit, company.members[known])
        member = self._admitted(company, self._new_profile(company, body))
        company.register.migrated[key] = member.member_id
        account = self._state.account(company, member)
        scribe = self._scribe("migrate_member", member, source)
        points = opening.quantize(CENT, ROUND_HALF_UP)
        scribe.moved(account, "migrate", points, entry="opening")
        return self._created(visit, member)

    def _new_profile(self, company: Company, body: Body) -> Profile:
        for name in ("name", "phoneNo"):
            body.text(name)
        sent = Body({name: value for name, value in body.properties.items() if value is not None})
        blank = Profile(joined=self._state.today(), level_id=_default_level(company))
        profile = read(company, sent, blank)
        self._check_phone(company, profile.phone)
        return profile

    def _check_phone(self, company: Company, phone: str | None) -> None:
        unique = self._frame.switches.flag(UPSTREAM, "unique_phones")
        if unique and phone is not None and company.of_phone(phone):
            raise Refused(400, "phoneNo is already used by another member.")

    def _kept_together(self, before: Profile, after: Profile) -> Profile:
        drifting = SHARED & set(after.changed(before))
        match self._frame.switches.text(UPSTREAM, "linked_fields"):
            case "accepted":
                return after
            case "ignored":
                return replace(
                    before, level_id=after.level_id, joined=after.joined, expires=after.expires
                )
            case _:
                if drifting:
                    raise Refused(400, "A field of a member linked to the app cannot be changed.")
                return after

    def _admitted(
        self, company: Company, profile: Profile, mobile_user_id: str | None = None
    ) -> Member:
        number = max(company.members, default=0) + 1
        member = Member(
            member_id=number,
            name=profile.name or "",
            phone=profile.phone,
            email=profile.email,
            born=profile.born,
            gender=profile.gender,
            level_id=profile.level_id,
            joined=profile.joined or self._state.today(),
            expires=profile.expires,
            mobile_user_id=mobile_user_id,
            created=self._frame.clock.now(),
        )
        company.admit(member)
        company.accounts[number] = Account()
        return member

    def _scribe(
        self, operation: str, member: Member, reference: str | None, **detail: object
    ) -> Scribe:
        return Scribe(self._frame, operation, member.member_id, reference or "", detail)

    def _created(self, visit: Visit, member: Member) -> Answer:
        told = self._frame.switches.text(UPSTREAM, "created_answer")
        integration = visit.arrival.path_params["iid"]
        base = visit.arrival.path.partition(integration)[0]
        host = visit.arrival.headers.get("host", "")
        place = f"http://{host}{base}{integration}/member?memberId={member.member_id}"
        return Answer(
            201,
            None if told == "location" else {"memberId": member.member_id},
            {} if told == "body" else {"location": place},
        )


def _default_level(company: Company) -> int | None:
    return next((each.level_id for each in company.levels.values() if each.is_default), None)


def _linkable(company: Company, phone: str) -> Member | None:
    """The unlinked member of this phone; 400 when all who have it are linked (6.2#36)."""
    owners = [company.members[number] for number in company.of_phone(phone)]
    unlinked = [owner for owner in owners if owner.mobile_user_id is None]
    if owners and not unlinked:
        raise Refused(400, "The phone number belongs to a member linked to another user.")
    return unlinked[0] if unlinked else None


def _write(
    company: Company, member: Member, profile: Profile, mobile_user_id: str | None = None
) -> None:
    """Store a profile, and with it a link where there is a new one."""
    company.dismiss(member)
    member.name = profile.name or member.name
    member.phone, member.email = profile.phone, profile.email
    member.born, member.gender = profile.born, profile.gender
    member.level_id, member.expires = profile.level_id, profile.expires
    member.joined = profile.joined or member.joined
    member.mobile_user_id = mobile_user_id or member.mobile_user_id
    company.admit(member)
