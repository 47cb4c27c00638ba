"""What the documented success of each change says, as Done; refusals and doubt are elsewhere."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import cast

from loyalty.errors import UpstreamWords
from loyalty.outcomes import Caution, CautionCode, Done
from loyalty.refs import VoucherRef
from providers.calls import Reply
from providers.onerewards.client.caller import Refused
from providers.onerewards.mapping.authorizations import Authorization
from providers.onerewards.mapping.outcomes import (
    PostOutcome,
    created_member,
    membership,
    post_outcome,
    uploads,
)
from providers.onerewards.mapping.program import Program
from providers.onerewards.profile import Upstream
from providers.onerewards.wire.model import BadAnswer, Renames, one, parsed, several
from providers.onerewards.wire.refusals import is_page
from providers.onerewards.wire.writes import (
    WireCreated,
    WireIssued,
    WireMembership,
    WirePostResult,
    WireUpload,
)
from providers.writing import Write

CODE_LASTS = timedelta(minutes=10)
"""How long a redemption code lives (contract 2.6)."""

UPLOAD_LASTS = timedelta(minutes=60)
"""How long an upload's address is good (contract 3.19)."""

CREATED, NO_CONTENT = 201, 204


class Answers:
    """The reading of answers, for one program."""

    def __init__(self, program: Program, renames: Renames, now: Callable[[], datetime]) -> None:
        self._program = program
        self._renames = renames
        self._now = now
        self._readings: Mapping[Upstream, Callable[[Write, Reply], Done]] = {
            Upstream.POST_TRANSACTION: self._posted,
            Upstream.UNPOST_TRANSACTION: _unposted,
            Upstream.UPDATE_MEMBER: _updated,
            Upstream.ISSUE_VOUCHER_TO_MEMBER: self._issued,
            Upstream.CREATE_MEMBER: self._created,
            Upstream.MIGRATE_MEMBER: self._created,
            Upstream.CREATE_MEMBER_FROM_MOBILE_USER: self._created,
            Upstream.GET_RECORD_BY_AUTH_CODE: self._membership,
            Upstream.GET_UPLOAD_RECEIPT_URL: self._uploads,
        }

    def read(self, write: Write, reply: Reply) -> Done:
        """The change that the answer says was made.

        Raises BadAnswer for what is no documented success, Refused where the body says no.
        """
        return self._readings[Upstream(write.name)](write, reply)

    def issued(self, write: Write, number: str) -> Done:
        """The voucher of this number is the member's."""
        if not number:
            msg = "a voucher without its number"
            raise BadAnswer(msg)
        voucher = VoucherRef(self._program.member(str(body_of(write)["memberId"])), number)
        return Done(native={"voucherNo": number}, native_id=number, voucher=voucher)

    def made(self, key: str) -> Done:
        """The member with this key is new."""
        return Done(native={"memberId": key}, native_id=key, member=self._program.member(key))

    def _posted(self, write: Write, reply: Reply) -> Done:
        outcome = post_outcome(one(WirePostResult, reply.body))
        if outcome.refusal is not None:
            words = UpstreamWords(message=outcome.words, http_status=CREATED)
            raise Refused(outcome.refusal, words)
        sent = body_of(write)
        native = {name: str(sent[name]) for name in ("docId", "docNo")}
        return Done(
            native=native,
            native_id=native["docId"],
            posted_at=self._now(),
            cautions=tuple(_cautions(outcome)),
        )

    def _issued(self, write: Write, reply: Reply) -> Done:
        return self.issued(write, one(WireIssued, reply.body, self._renames).voucher_no)

    def _created(self, _: Write, reply: Reply) -> Done:
        wire = one(WireCreated, reply.body, self._renames) if reply.body.strip() else None
        return self.made(created_member(wire, reply.headers.get("location")))

    def _membership(self, _: Write, reply: Reply) -> Done:
        found = membership(one(WireMembership, reply.body), self._program.zone)
        member = None if found.member is None else self._program.member(found.member)
        if found.redemption_code is None:
            return Done(member=member, mobile_user=found.mobile_user)
        ends = found.expires_at or self._now() + CODE_LASTS
        right = Authorization(found.redemption_code, ends, found.member)
        return Done(
            member=member,
            mobile_user=found.mobile_user,
            secret=str(right),
            secret_until=ends,
            expires_at=ends,
        )

    def _uploads(self, write: Write, reply: Reply) -> Done:
        receipts = [str(each) for each in cast("list[object]", _json(write))]
        wires = several(WireUpload, parsed(reply.body))
        return Done(uploads=uploads(receipts, wires, self._now() + UPLOAD_LASTS))


def unposted(write: Write) -> Done:
    """The document of this write is taken back."""
    return Done(native={"docId": str(body_of(write)["docId"])})


def body_of(write: Write) -> Mapping[str, object]:
    """The object that a write sends."""
    return cast("dict[str, object]", _json(write))


def _cautions(outcome: PostOutcome) -> list[Caution]:
    """What of a recorded document did not go as its caller may think."""
    found: list[Caution] = []
    if outcome.points_over_redeemed:
        msg = "more points were redeemed than the member has; the balance is below zero now"
        found.append(Caution(CautionCode.POINTS_OVER_REDEEMED, msg))
    if outcome.voucher_not_applied:
        why = "" if outcome.words is None else f" ({outcome.words})"
        msg = f"the voucher was not used{why}; void the transaction, or take its discount off it"
        found.append(Caution(CautionCode.VOUCHER_NOT_APPLIED, msg))
    return found


def _unposted(write: Write, reply: Reply) -> Done:
    _check_no_content(reply)
    return unposted(write)


def _updated(_: Write, reply: Reply) -> Done:
    _check_no_content(reply)
    return Done()


def _check_no_content(reply: Reply) -> None:
    """Raise BadAnswer unless it is the one documented success of a change (contract 1.6)."""
    if reply.status != NO_CONTENT or is_page(reply.body):
        msg = "not the documented success"
        raise BadAnswer(msg)


def _json(write: Write) -> object:
    return parsed(write.request.body or b"null")
