"""The faults of the matrix: how each is done, and its meaning at each upstream and errand.

Two kinds: those of the sandbox (or of the engine in front of it), which need no network and run by
the hundred; and those of the wire, which a real proxy does to real connections.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from providers.calls import Reply
from tests.proofs.errands import Doubt, Errand
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


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the matrix.

    `spec` is a fault of the sandbox for the errand's write, `bend` spoils the right answer on its
    way, `switches` are turned at the upstream. `on` is the sandbox's operation where it is not the
    write. `dark`: after the first write nothing at all is answered any more. `elsewhere` gives
    another meaning, by upstream or by errand's title.
    """

    name: str
    meaning: Meaning
    spec: Mapping[str, Any] | None = None
    times: int = 1
    on: str | None = None
    bend: Bend | None = None
    switches: Callable[[Errand], Mapping[str, Any] | None] = lambda _: None
    dark: bool = False
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

_KEY_MAY_NOT = {"onerewards": Meaning.TURNED_AWAY}
"""Documented there (1.7): the key lacks the permission, so nobody looked at the request."""

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
    Fault("413", Meaning.TURNED_AWAY, {"status": 413}),
    Fault(
        "F58 token revoked",
        Meaning.TURNED_AWAY,
        {"revoke_token": True},
        elsewhere=_SELF_HEALING,
    ),
    Fault("F30 token always revoked", Meaning.SHUT_OUT, {"revoke_token": True}, ALWAYS),
    Fault("F31 403", Meaning.STRANGE, {"status": 403}, elsewhere=_KEY_MAY_NOT),
    Fault("F32 404", Meaning.STRANGE, {"status": 404}),
    Fault("F32 400 in words of nobody", Meaning.STRANGE, {"status": 400, "body": {"oops": "?"}}),
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
          elsewhere={"onerewards": Meaning.FINE}),
    Fault("F42 201 without success", Meaning.REFUSED,
          {"status": 201, "body": {"isSuccess": False, "isOverRedeemPoint": True,
                                   "voucherErrorMessage": None}},
          only_for=frozenset({"onerewards.redeem"})),
    Fault("F43 a thousand brackets", Meaning.APPLIED, bend=_body(b"[" * 1000)),
    Fault("F44 no UTF-8", Meaning.APPLIED, bend=_body(b'{"isSuccess": true, "x": "\xff\xfe"}')),
    Fault("F55 code 90", Meaning.NEVER_APPLIED, switches=_database_error(""),
          only_for=frozenset({"telluride"})),
    Fault("F55 code 90 applied", Meaning.APPLIED, switches=_database_error(":apply"),
          only_for=frozenset({"telluride"})),
    Fault("F12 delivered twice", Meaning.TWICE, {"twice": True}),
    Fault("F57 no token to be had", Meaning.NEVER_LEFT, {"status": 503}, ALWAYS, on="token",
          only_for=frozenset({"telluride", "fabric"})),
    Fault("dropped before, always", Meaning.NEVER_APPLIED, {"drop": "before"}, ALWAYS),
    Fault("dropped before, then dark", Meaning.IGNORED_DARK, {"drop": "before"}, dark=True),
    Fault("F52 dropped after, then dark", Meaning.APPLIED_DARK, {"drop": "after"}, dark=True),
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
    WireFault("F3 reset on accept", Meaning.IGNORED, connection=ResetOnAccept()),
    *(WireFault(f"F9 request cut: {at}", Meaning.IGNORED, CutRequest(at)) for at in PLACES),
    WireFault("F11 request lost", Meaning.IGNORED, LoseRequest()),
    WireFault("F12 delivered twice, first answer", Meaning.TWICE, Twice("first")),
    WireFault("F12 delivered twice, second answer", Meaning.TWICE, Twice("second")),
    WireFault("F13 late, reset at once", Meaning.LATE, Late(1.2)),
    WireFault("F13 late, left to hang", Meaning.LATE, Late(2.5, hang=True)),
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


@dataclass(frozen=True, slots=True)
class Flip:
    """One assumption of a contract the other way round, and whose doubt it changes."""

    upstream: str
    name: str
    value: bool | int | str
    doubts: Mapping[str, Doubt] = field(default_factory=dict[str, Doubt])
    program: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def title(self) -> str:
        return f"{self.upstream}.{self.name}={self.value}"


_NO_ROWS: Mapping[str, Doubt] = dict.fromkeys(("sale", "void", "redeem", "adjust"), Doubt.BLIND)

_UNSAFE = {"replay_is_safe": False}

FLIPS = (
    Flip("onerewards", "duplicates", "applied_again",
         dict.fromkeys(("sale", "redeem", "adjust"), Doubt.BLIND), _UNSAFE),
    Flip("onerewards", "duplicate_check", "after_code"),
    Flip("onerewards", "failed_posts", "remembered"),
    Flip("onerewards", "changed_content", "first_result"),
    Flip("onerewards", "redemption_code_use", "once"),
    Flip("onerewards", "claimed_at_issue", value=False),
    Flip("onerewards", "unpost_again", "not_found"),
    Flip("onerewards", "post_after_unpost", "first_result"),
    Flip("onerewards", "created_answer", "location"),
    Flip("onerewards", "error_body", "empty"),
    Flip("onerewards", "read_lag_seconds", 3600, {"claim": Doubt.BLIND, "enrol": Doubt.BLIND}),
    Flip("telluride", "earn_duplicates_detected", value=False),
    Flip("telluride", "earn_duplicates_marked", value=False),
    Flip("telluride", "redemption_duplicates_detected", value=False),
    Flip("telluride", "redemption_duplicate_mark", "none"),
    Flip("telluride", "bonus_row", value=False, doubts={"adjust": Doubt.BLIND}),
    # What is not a sale is booked in the second that it says, as a rule.
    Flip("telluride", "row_times", "posted", {"sale": Doubt.BLIND}),
    Flip("telluride", "row_transaction_number", "bare"),
    Flip("telluride", "row_types", "only_p"),
    Flip("telluride", "activity_delay_seconds", 3600, _NO_ROWS),
    Flip("telluride", "bare_redemption_row", value=False, doubts={"redeem": Doubt.BLIND}),
    Flip("telluride", "auth_failure", "body"),
    Flip("telluride", "starred_texts", value=False),
    Flip("fabric", "duplicate_detected", value=False,
         doubts=dict.fromkeys(("sale", "void"), Doubt.LOOK), program=_UNSAFE),
    Flip("fabric", "duplicate_text", "Order already exists."),
    Flip("fabric", "duplicate_checked", "last"),
    Flip("fabric", "duplicate_members", "allowed"),
    Flip("fabric", "repeated_step", "accepted"),
    Flip("fabric", "audit_user_echoed", value=False, doubts={"redeem": Doubt.BLIND}),
    Flip("fabric", "note_echoed", value=False),
    Flip("fabric", "read_lag_seconds", 3600, {"redeem": Doubt.BLIND, "adjust": Doubt.BLIND}),
    Flip("fabric", "member_lag_seconds", 3600, {"enrol": Doubt.BLIND}),
    Flip("fabric", "failures_in_ok", value=True),
    Flip("fabric", "transactions_order", "oldest_first"),
    Flip("fabric", "unset_values", "absent"),
)  # fmt: skip
"""The switches that change what a client must do or may conclude, each flipped alone."""
