"""The faults of the matrix: how each is done, and its meaning at each upstream and errand.

Two kinds: those of the sandbox (or of the engine in front of it), which need no network and run by
the hundred; and those of the wire, which a real proxy does to real connections.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from providers.calls import Reply
from tests.proofs.errands import Errand
from tests.proofs.meanings import Meaning
from tests.proofs.wire_faults import (
    PLACES,
    ConnectionFault,
    CutReply,
    CutRequest,
    DelayReply,
    Late,
    LoseReply,
    LoseRequest,
    NeverAnswer,
    RequestFault,
    ResetOnAccept,
    SlowReply,
    StallReply,
    Twice,
)

ALWAYS = 100_000
Bend = Callable[[Reply], Reply]
Words = tuple[int, str]
"""A status and a text of an upstream's own tables."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the matrix.

    `spec` is a fault of the sandbox for the errand's write, `bend` spoils the right answer on its
    way, `instead` is answered by somebody on the way who passes nothing on, `says` is the
    upstream's own refusal by operation ("*": any), in its documented shape. `switches` are turned
    at the upstream. `on` is the sandbox's operation where it is not the write. `dark`: of so many
    calls after the first write the answers are lost, and they are not carried out. `elsewhere`
    gives another meaning, by upstream or by errand's title.
    """

    name: str
    meaning: Meaning
    spec: Mapping[str, Any] | None = None
    times: int = 1
    on: str | None = None
    bend: Bend | None = None
    instead: Callable[[], Reply] | None = None
    says: Mapping[str, Words] | None = None
    switches: Callable[[Errand], Mapping[str, Any] | None] = lambda _: None
    dark: int = 0
    elsewhere: Mapping[str, Meaning] = field(default_factory=dict[str, Meaning])
    only_for: frozenset[str] = frozenset()

    def meaning_for(self, errand: Errand) -> Meaning:
        """What it means for this errand."""
        by_upstream = self.elsewhere.get(errand.upstream, self.meaning)
        return self.elsewhere.get(errand.title, by_upstream)

    def fits(self, errand: Errand) -> bool:
        """Whether it makes sense there."""
        if errand.is_later and self.on is not None:
            return False
        return not self.only_for or bool(self.only_for & {errand.upstream, errand.title})


def _body(body: bytes) -> Bend:
    return lambda reply: replace(reply, body=body)


def anothers(reply: Reply) -> Reply:
    """Every number and id of a member in it is another's."""
    return replace(reply, body=_OF_A_MEMBER.sub(rb"\g<1>9\g<3>", reply.body))


_OF_A_MEMBER = re.compile(rb'("(?:[mM]emberNumber|memberId|profileId)":"?)([0-9a-f])([^",}]*)')


def _until_a_date() -> Reply:
    """A 429 with other advice than seconds, of which the sandbox knows itself."""
    return Reply(429, {"retry-after": _in_a_second("%a, %d %b %Y %H:%M:%S GMT")}, b"{}")


def _until_its_window_ends() -> Reply:
    return Reply(429, {"x-rate-limit-reset": _in_a_second("%Y-%m-%dT%H:%M:%SZ")}, b"{}")


def _in_a_second(form: str) -> str:
    return (datetime.now(UTC) + timedelta(seconds=1)).strftime(form)


def unknown_status(reply: Reply) -> Reply:
    """The status inside of the body is one that nobody has published."""
    body = re.sub(rb'"([Ss]tatus)":"\d*"', rb'"\1":"4711"', reply.body)
    return replace(reply, body=re.sub(rb'^\{"status":\d+', b'{"status":418', body))


def without_status(reply: Reply) -> Reply:
    """There is no status inside of the body."""
    body = re.sub(rb'"[Ss]tatus(Text)?":"[^"]*",?', b"", reply.body)
    body = re.sub(rb'^\{"status":\d+,', b"{", body).replace(b",}", b"}")
    return replace(reply, body=re.sub(rb'"isSuccess":(true|false),?', b"", body))


def _database_error(does: str) -> Callable[[Errand], Mapping[str, Any]]:
    return lambda errand: {"database_error_apis": f"{errand.write}{does}"}


_BODILESS = {
    "onerewards.void": Meaning.FINE,
    "onerewards.void redemption": Meaning.FINE,
}
"""An unpost answers 204: its body cannot be spoilt, and an empty one is the right one."""

_NO_STATUS = {
    **_BODILESS,
    "onerewards.claim": Meaning.FINE,
    "onerewards.enrol": Meaning.FINE,
}
"""Answers without a status inside."""

_SELF_HEALING = {"onerewards": Meaning.SHUT_OUT}
"""Its key is the credential: once revoked nothing helps, where others fetch another token."""

_CREDENTIALS = {"onerewards": Meaning.TURNED_AWAY}
"""Documented there by its status (1.6): 401, credentials missing or wrong, and 403, the key lacks
permission for this method; so nobody looked at the request. Telluride documents seven literals
instead and says that a repeat is safe after these alone (2.5), fabric the body of its 401 (3.2)."""

_NOT_ONEREWARDS = frozenset({"telluride", "fabric"})

_UNPOSTS = ("onerewards.void", "onerewards.void redemption")

_FORBIDDEN = {**_CREDENTIALS, "fabric": Meaning.REFUSED}
_NOT_FOUND = {
    "onerewards": Meaning.REFUSED,
    "fabric": Meaning.REFUSED,
    **dict.fromkeys(_UNPOSTS, Meaning.IGNORED),
}
"""Documented at OneRewards by its status (1.6). But what is unposted was posted through us: that it
is not there is never "nothing was changed" (docs/decisions/0010). fabric's comes in the envelope of
its refusals (3.2), and is compared with what it shows; Telluride documents no status of HTTP."""

_BAD_REQUEST = {"onerewards": Meaning.REFUSED, "onerewards.claim": Meaning.IGNORED}
"""Documented at OneRewards by its status, with any body (1.6, 1.7): validation failed. The voucher
could be had a moment before: that it cannot now is perhaps our own doing, delivered twice."""

_UNPROCESSABLE = {"fabric": Meaning.REFUSED}
"""No status of OneRewards' table (1.6); fabric's comes in the envelope of its refusals."""

_WHAT_IT_MAY_BE = frozenset({*_NOT_ONEREWARDS, "onerewards.claim"})
"""Where a 400 in words of nobody is no documented refusal. Elsewhere it is one, and an upstream
that refuses in its documented way what it then does cannot be told from one that does not: sending
it again is refused again, and a person would have to look at every refusal."""

_REFUSALS: Mapping[str, Words] = {
    "ProcessEarn": (31, "MEMBER STATUS IS SUSPENDED"),
    "ProcessRedemption": (31, "status is Suspended"),
    "PostExternalBonus": (44, "Member is not Active"),
    "CreateMember": (92, "Please enter a valid address"),
    "post_transaction": (400, "The member is inactive."),
    "unpost_transaction": (400, "The points are already spent."),
    "issue_voucher": (400, "The member is inactive."),
    "create_member": (400, "phoneNo must be a phone number."),
    "*": (400, "The program is closed."),
}
_DATABASE = {"*": (90, "Database Error occurred")}

ANSWERS = (
    Fault("healthy", Meaning.FINE),
    Fault("F20 a little late", Meaning.FINE, {"delay_ms": 40}),
    Fault("F11 dropped before", Meaning.IGNORED, {"drop": "before"}),
    Fault("F15 dropped after", Meaning.APPLIED, {"drop": "after"}),
    *(
        Fault(f"F16 cut after {length}", Meaning.APPLIED, {"truncate": length}, elsewhere=_BODILESS)
        for length in (0, 1, 20)
    ),
    Fault("F24 500 applied", Meaning.APPLIED, {"status": 500, "apply": True}),
    Fault("F25 500", Meaning.IGNORED, {"status": 500}),
    Fault("F26 502 in HTML", Meaning.IGNORED, {"status": 502, "html": True}),
    Fault("F26 502 in HTML applied", Meaning.APPLIED, {"status": 502, "html": True, "apply": True}),
    Fault("F26 504 empty", Meaning.IGNORED, {"status": 504, "empty": True}),
    Fault("F26 504 empty applied", Meaning.APPLIED, {"status": 504, "empty": True, "apply": True}),
    Fault("F27 503", Meaning.IGNORED, {"status": 503}),
    Fault("F27 503 applied", Meaning.APPLIED, {"status": 503, "apply": True}),
    Fault("408", Meaning.IGNORED, {"status": 408}),
    Fault("408 applied", Meaning.APPLIED, {"status": 408, "apply": True}),
    Fault("F28 429, wait a second", Meaning.TURNED_AWAY, {"rate_limited": True, "retry_after": 1}),
    Fault("F28 429 without advice", Meaning.TURNED_AWAY, {"rate_limited": True}),
    Fault("F28 429 always", Meaning.SHUT_OUT, {"rate_limited": True}, ALWAYS),
    Fault("F28 429, until a date", Meaning.TURNED_AWAY, instead=_until_a_date),
    Fault("F28 429, until its window ends", Meaning.TURNED_AWAY, instead=_until_its_window_ends),
    Fault("413", Meaning.TURNED_AWAY, {"status": 413}),
    Fault("415", Meaning.TURNED_AWAY, {"status": 415}),
    Fault(
        "F58 token revoked",
        Meaning.TURNED_AWAY,
        {"revoke_token": True},
        elsewhere=_SELF_HEALING,
    ),
    Fault("F30 token always revoked", Meaning.SHUT_OUT, {"revoke_token": True}, ALWAYS),
    Fault("F29 401 in words of nobody", Meaning.IGNORED, {"status": 401, "body": {"oops": "?"}},
          elsewhere=_CREDENTIALS),
    Fault("F29 401 in words of nobody, applied", Meaning.APPLIED,
          {"status": 401, "body": {"oops": "?"}, "apply": True}, only_for=_NOT_ONEREWARDS),
    Fault("F31 403", Meaning.IGNORED, {"status": 403}, elsewhere=_FORBIDDEN),
    Fault("F31 403 applied", Meaning.APPLIED, {"status": 403, "apply": True},
          only_for=_NOT_ONEREWARDS),
    Fault("F31 the account may not", Meaning.SHUT_OUT,
          switches=lambda errand: {"forbidden_apis": errand.write},
          only_for=frozenset({"telluride"})),
    Fault("F32 404", Meaning.IGNORED, {"status": 404}, elsewhere=_NOT_FOUND),
    Fault("F32 404 applied", Meaning.APPLIED, {"status": 404, "apply": True},
          only_for=frozenset({*_NOT_ONEREWARDS, *_UNPOSTS})),
    Fault("F32 400 in words of nobody", Meaning.IGNORED, {"status": 400, "body": {"oops": "?"}},
          elsewhere=_BAD_REQUEST),
    Fault("F32 400 in words of nobody, applied", Meaning.APPLIED,
          {"status": 400, "body": {"oops": "?"}, "apply": True}, only_for=_WHAT_IT_MAY_BE),
    Fault("F32 422", Meaning.IGNORED, {"status": 422}, elsewhere=_UNPROCESSABLE),
    Fault("F32 422 applied", Meaning.APPLIED, {"status": 422, "apply": True}),
    Fault("F33 302", Meaning.IGNORED, {"status": 302}),
    Fault("F33 302 applied", Meaning.APPLIED, {"status": 302, "apply": True}),
    Fault("F34 empty, applied", Meaning.APPLIED, {"empty": True}, elsewhere=_BODILESS),
    Fault("F34 200 and empty", Meaning.IGNORED, {"status": 200, "empty": True}),
    Fault("F35 HTML, applied", Meaning.APPLIED, {"html": True}),
    Fault("F35 200 in HTML", Meaning.IGNORED, {"status": 200, "html": True}),
    Fault("F38 half of a JSON", Meaning.IGNORED, {"status": 200, "body": '{"isSuccess": tr'}),
    Fault(
        "F38 half of a JSON, applied",
        Meaning.APPLIED,
        {"status": 200, "body": '{"isSuccess": tr', "apply": True},
    ),
    Fault("F39 wrong types", Meaning.APPLIED, {"wrong_types": "all"}, elsewhere=_BODILESS),
    Fault("F39 wrong scalars", Meaning.APPLIED, {"wrong_types": "scalars"}, elsewhere=_BODILESS),
    Fault("F40 {}", Meaning.IGNORED, {"status": 200, "body": {}}),
    Fault("F40 {}, applied", Meaning.APPLIED, {"status": 200, "body": {}, "apply": True}),
    Fault("F40 no status inside", Meaning.APPLIED, bend=without_status, elsewhere=_NO_STATUS),
    Fault("F41 unknown status inside", Meaning.APPLIED, bend=unknown_status,
          elsewhere={"onerewards": Meaning.FINE}),  # which has none
    Fault("F42 201 without success", Meaning.REFUSED,
          {"status": 201, "body": {"isSuccess": False, "isOverRedeemPoint": True,
                                   "voucherErrorMessage": None}},
          only_for=frozenset({"onerewards.redeem"})),
    Fault("F42 refused in its own words", Meaning.REFUSED, says=_REFUSALS),
    Fault("F43 a thousand brackets", Meaning.APPLIED, bend=_body(b"[" * 1000)),
    Fault("F43 ten thousand levels", Meaning.APPLIED,
          bend=_body(b'{"status":' * 10_000 + b"0" + b"}" * 10_000)),
    Fault("F43 not a number", Meaning.APPLIED, bend=_body(b'{"isSuccess": NaN, "status": NaN}')),
    Fault("F43 beyond all numbers", Meaning.APPLIED,
          bend=_body(b'{"isSuccess": 1e400, "status": 1e400, "Status": 1e400}')),
    Fault("F44 no UTF-8", Meaning.APPLIED, bend=_body(b'{"isSuccess": true, "x": "\xff\xfe"}')),
    Fault("F45 about another member", Meaning.APPLIED, bend=anothers, elsewhere=_BODILESS),
    Fault("F55 code 90 once", Meaning.IGNORED, says=_DATABASE, only_for=frozenset({"telluride"})),
    Fault("F55 code 90", Meaning.NEVER_APPLIED, switches=_database_error(""),
          only_for=frozenset({"telluride"})),
    Fault("F55 code 90 applied", Meaning.APPLIED, switches=_database_error(":apply"),
          only_for=frozenset({"telluride"})),
    Fault("F12 delivered twice", Meaning.TWICE, {"twice": True}),
    Fault("F57 no token to be had", Meaning.NEVER_LEFT, {"status": 503}, ALWAYS, on="token",
          only_for=_NOT_ONEREWARDS),
    Fault("F57 no token in time", Meaning.NEVER_LEFT, {"delay_ms": 4000}, ALWAYS, on="token",
          only_for=_NOT_ONEREWARDS),
    Fault("F59 its secret is another by now", Meaning.NEVER_LEFT, {"status": 401}, ALWAYS,
          on="token", only_for=_NOT_ONEREWARDS),
    Fault("dropped before, always", Meaning.NEVER_APPLIED, {"drop": "before"}, ALWAYS),
    Fault("dropped before, then dark", Meaning.IGNORED_DARK, {"drop": "before"}, dark=ALWAYS),
    Fault("F52 dropped after, then dark", Meaning.APPLIED_DARK, {"drop": "after"}, dark=ALWAYS),
    Fault("F52 dropped before, dark a while", Meaning.IGNORED, {"drop": "before"}, dark=1),
    Fault("F52 dropped after, dark a while", Meaning.APPLIED, {"drop": "after"}, dark=1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WireFault:
    """One row that needs a network: what the proxy does to the write, or to its connection."""

    name: str
    meaning: Meaning
    request: RequestFault | None = None
    connection: ConnectionFault | None = None
    refused: bool = False
    elsewhere: Mapping[str, Meaning] = field(default_factory=dict[str, Meaning])

    def meaning_for(self, errand: Errand) -> Meaning:
        """What it means for this errand."""
        return self.elsewhere.get(errand.title, self.meaning)

    def fits(self, errand: Errand) -> bool:
        """Whether it makes sense there: what hits connections hits the first step's."""
        return self.request is not None or not errand.is_later


_HEADERS_ARE_ALL = {
    "onerewards.void": Meaning.FINE,
    "onerewards.void redemption": Meaning.FINE,
}

WIRE = (
    WireFault("F1 refused", Meaning.NEVER_LEFT, refused=True),
    WireFault("F2 taken, never answered", Meaning.IGNORED, connection=NeverAnswer()),
    WireFault("F3 reset on accept", Meaning.CUT_OFF, connection=ResetOnAccept()),
    *(WireFault(f"F9 request cut: {at}", Meaning.IGNORED, CutRequest(at)) for at in PLACES),
    WireFault("F11 request lost", Meaning.IGNORED, LoseRequest()),
    WireFault("F12 delivered twice, first answer", Meaning.TWICE, Twice("first")),
    WireFault("F12 delivered twice, second answer", Meaning.TWICE, Twice("second")),
    WireFault("F13 late, reset at once", Meaning.LATE, Late(1.2)),
    WireFault("F13 late, left to hang", Meaning.LATE, Late(2.5, hang=True)),
    WireFault("F13 after it was looked for", Meaning.LATE, Late(4.5, hang=True)),
    WireFault("F15 reset before the answer", Meaning.APPLIED, LoseReply()),
    *(
        WireFault(
            f"F16 answer cut: {at}{'' if reset else ', politely'}",
            Meaning.APPLIED,
            CutReply(at, reset=reset),
            elsewhere=_HEADERS_ARE_ALL if at in {"end of headers", "mid-body"} else {},
        )
        for at in PLACES
        for reset in (True, False)
    ),
    WireFault("F17 slow answer", Meaning.FINE, SlowReply(200, 0.01)),
    WireFault("F18 headers, then nothing", Meaning.APPLIED, StallReply("end of headers"),
              elsewhere=_HEADERS_ARE_ALL),
    WireFault("F19 body without an end", Meaning.APPLIED, StallReply("last byte")),
    WireFault("F20 latency", Meaning.FINE, DelayReply(0.1)),
    WireFault("F22 after the wire deadline", Meaning.APPLIED, DelayReply(30.0)),
)  # fmt: skip

EVERY: tuple[Fault | WireFault, ...] = (*ANSWERS, *WIRE)
