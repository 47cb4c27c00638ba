"""One company's account: what its questions and its changes share; it asks and changes nothing."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from loyalty.errors import Declined, ErrorCode, RetryAdvice
from loyalty.points import Balance
from loyalty.refs import MemberRef
from providers.fan_out import FanOut
from providers.http import Transport
from providers.onerewards.client.answers import Answers
from providers.onerewards.client.caller import Caller, Keys
from providers.onerewards.client.listing import Listing
from providers.onerewards.client.notes import Note, Place
from providers.onerewards.client.routes import routes
from providers.onerewards.client.vouchers import VoucherCalls
from providers.onerewards.mapping.authorizations import FIELD, Authorization
from providers.onerewards.mapping.lookups import by_numbers, member_key
from providers.onerewards.mapping.members import balance
from providers.onerewards.mapping.program import Program
from providers.onerewards.mapping.refusals import bad_answer
from providers.onerewards.profile import PROFILE, Upstream
from providers.onerewards.settings import Settings
from providers.onerewards.wire.members import WireMember, WireMemberInfo
from providers.onerewards.wire.model import one
from providers.port import Profile
from providers.writing import Doubt, Write


class Account:
    """Keys of members are their memberId in digits; others are nobody's."""

    def __init__(
        self, program: str, settings: Settings, api: Transport, now: Callable[[], datetime]
    ) -> None:
        assumptions = settings.assumptions
        self._caller = Caller(
            program,
            settings.base_url,
            Keys(settings.api_key, settings.key_id),
            routes(assumptions.paths),
            api,
            below=f"{settings.integration_id}/",
        )
        self._program = Program(
            key=program,
            zone=settings.zone,
            currency=settings.currency,
            point_worth=settings.point_worth,
            use_reasons=assumptions.use_reasons,
            get_reasons=assumptions.get_reasons,
            end_date_is_whole_day=assumptions.end_date_is_whole_day,
        )
        self._assumed, self._patience = assumptions.writes, settings.patience
        self._operator, self._outlet = settings.operator, settings.outlet
        self._calling_code = assumptions.country_calling_code
        self._renames = assumptions.fields
        self._serial_key = settings.key_id.get_secret_value().encode()
        self._now = now
        self._fan_out = FanOut(settings.max_connections, member_key)
        self._listing = Listing(self._caller, self._renames)
        self._answers = Answers(self._program, self._renames, now)
        self._vouchers = VoucherCalls(self._caller, self._program, self._renames, now)

    @property
    def program(self) -> str:
        """The program's key."""
        return self._program.key

    @property
    def profile(self) -> Profile:
        """What is known of OneRewards before any call."""
        return PROFILE

    @property
    def unmapped(self) -> Counter[tuple[str, str, str]]:
        """What no table knows, counted: (operation, native code, normalised text)."""
        return self._caller.unmapped

    async def _balance(self, key: str) -> Balance | None:
        wire = await self._caller.read(
            Upstream.GET_MEMBER_INFO,
            partial(one, WireMemberInfo, renames=self._renames),
            query={"memberId": key},
        )
        if wire is None:
            return None
        if wire.member_id is not None and str(wire.member_id) != key:
            raise bad_answer(self.program)
        return balance(wire, key, self._program, self._now())

    async def _record(self, key: str) -> WireMember | None:
        """The member's record; None for one that the listing does not show (yet)."""
        condition = by_numbers([key])
        found = await self._listing.page(1, [condition]) if condition else ()
        return found[0] if found else None

    async def _check_member(
        self, member: MemberRef, place: Place, right: Authorization | None, *, redeems: bool
    ) -> None:
        """Raise Declined for a member who is not active, or has to show the app and did not.

        Whether there is such a member the provider will say: a new one may not be shown yet.
        """
        if not self._assumed.members_are_checked:
            return
        record = await self._record(member.key)
        if record is None:
            return
        if record.is_active is False:
            raise Declined(
                "the member is not active; nothing can be recorded for them",
                code=ErrorCode.MEMBER_NOT_ACTIVE,
                field=("input", *place),
                program=self.program,
            )
        if redeems and right is None and record.mobile_user_id:
            raise Declined(
                "the member is linked to the app: ask for its code, call authorizeRedemption, "
                "and hand its authorization in",
                code=ErrorCode.AUTHORIZATION_REQUIRED,
                field=FIELD,
                retry=RetryAdvice.AFTER_CHANGE,
                program=self.program,
            )

    def _posting(
        self,
        body: Mapping[str, object],
        reference: str,
        note: Note,
        right: Authorization | None = None,
    ) -> Write:
        """A document to be posted: the provider knows it again by its reference."""
        known = self._patience.replay_is_safe
        lapses = right is not None and not self._assumed.known_before_code
        return Write(
            name=Upstream.POST_TRANSACTION.value,
            request=self._caller.request(Upstream.POST_TRANSACTION, body=body),
            doubt=Doubt.REPLAY if known else Doubt.NONE,
            reference=reference,
            note=note.written(),
            until=right.ends if right is not None and lapses else None,
        )

    def _unposting(self, member: int, document: str, operator: str | None, note: Note) -> Write:
        """A document to be taken back; taking it back again changes nothing (contract 3.13).

        It has no reference: after a refusal the same document may be taken back once more.
        """
        body = {
            "memberId": member,
            "docId": document,
            "createdUser": operator or self._operator,
        }
        return Write(
            name=Upstream.UNPOST_TRANSACTION.value,
            request=self._caller.request(Upstream.UNPOST_TRANSACTION, body=body),
            doubt=Doubt.REPLAY,
            serial=f"unpost:{document}",
            note=note.written(),
        )

    def _serial(self, kind: str, personal: str) -> str:
        """A serial that tells nobody whose phone or app it is about."""
        digest = hmac.new(self._serial_key, personal.casefold().encode(), hashlib.sha256)
        return f"{kind}:{digest.hexdigest()[:32]}"
