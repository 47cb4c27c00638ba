"""What may go wrong with a read, and the only outcomes that may come of it; runs nothing."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from loyalty.errors import ErrorCode
from providers.calls import Call, Reply
from tests.faults.reads import Read, numbers_replaced
from tests.providers.contract.worlds import World

HEALTHY = "the healthy answer"
ABSENT = "known absence"
NOTHING = "an empty answer"

Outcome = ErrorCode | str

TIMEOUT = ErrorCode.PROVIDER_TIMEOUT
DOWN = ErrorCode.PROVIDER_UNAVAILABLE
LIMITED = ErrorCode.PROVIDER_RATE_LIMITED
KEYS = ErrorCode.PROVIDER_CREDENTIALS
BAD = ErrorCode.PROVIDER_BAD_RESPONSE
UNMAPPED = ErrorCode.PROVIDER_ERROR

Inject = Callable[[World, Read], None]
ALWAYS = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail, what may come of it, and how often the upstream may be asked at most.

    `sent` counts calls of the read's operation. `others` are the upstreams (or upstream and read)
    where something else is right, and why is beside them.
    """

    name: str
    inject: Inject
    allowed: frozenset[Outcome]
    sent: int = 1
    others: Mapping[str, tuple[frozenset[Outcome], int]] = field(default_factory=dict)
    seconds: float | None = None
    retry_after: float | None = None

    def expected(self, world: World, read: Read) -> tuple[frozenset[Outcome], int]:
        """The allowed outcomes, and the most calls."""
        for place in (f"{world.code}.{read.name}", world.code):
            if place in self.others:
                return self.others[place]
        return self.allowed, self.sent


def only(*outcomes: Outcome) -> frozenset[Outcome]:
    return frozenset(outcomes)


def suffer(times: int = ALWAYS, **spec: object) -> Inject:
    """Let the sandbox do it."""

    def inject(world: World, read: Read) -> None:
        world.fault(read.operation, times, **spec)

    return inject


def bend(change: Callable[[Reply], Reply], times: int = ALWAYS) -> Inject:
    """Bend the right answer on its way."""

    def inject(world: World, read: Read) -> None:
        del read
        left = [times]

        def bent(call: Call, reply: Reply) -> Reply:
            if "token" in call.operation or left[0] == 0:
                return reply
            left[0] -= 1
            return change(reply)

        world.wire.bend = bent

    return inject


def bend_body(change: Callable[[bytes], bytes]) -> Inject:
    return bend(lambda reply: replace(reply, body=change(reply.body)))


def headed(status: int, **headers: str) -> Inject:
    """Another status with headers, over the right body."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return bend(lambda reply: Reply(status, {**reply.headers, **named}, reply.body))


def unknown_status(body: bytes) -> bytes:
    """The status inside of the body is one that nobody has published."""
    body = re.sub(rb'"([Ss]tatus)":"\d*"', rb'"\1":"4711"', body)
    return re.sub(rb'^\{"status":\d+', b'{"status":418', body)


def without_status(body: bytes) -> bytes:
    """There is no status inside of the body."""
    body = re.sub(rb'"[Ss]tatus(Text)?":"[^"]*",?', b"", body)
    return re.sub(rb'^\{"status":\d+,', b"{", body).replace(b",}", b"}")


_ONE_OF_A_LIST = {"onerewards.members", "onerewards.by_number"}
_LISTS = {
    *("onerewards.find", "onerewards.list", "onerewards.tiers"),
    *("onerewards.vouchers", "onerewards.offers"),
}
_ALL_IN_TEXT = ("affinities", "offers", "activity")
_LISTING = {f"onerewards.{read}" for read in ("members", "by_number", "find", "list")}


def for_each(reads: Iterable[str], *outcomes: Outcome) -> dict[str, tuple[frozenset[Outcome], int]]:
    """Other outcomes of some reads, after a single call."""
    return {read: (only(*outcomes), 1) for read in reads}


_NO_STATUS = for_each(["onerewards"], HEALTHY)
"""Its answers have no status within, so that there is nothing to spoil."""

_NO_NUMBERS = for_each(
    ["onerewards.mobile_user", *(f"telluride.{read}" for read in _ALL_IN_TEXT)], HEALTHY
)
"""These answers have no bare number, so that there is nothing to spoil."""

CONNECTION = (
    Fault("dropped before, once", suffer(1, drop="before"), only(HEALTHY), 2),
    Fault("dropped after, once", suffer(1, drop="after"), only(HEALTHY), 2),
    Fault("dropped before", suffer(drop="before"), only(DOWN), 3),
    Fault("dropped after", suffer(drop="after"), only(DOWN), 3),
    *(
        Fault(f"cut after {length}, once", suffer(1, truncate=length), only(HEALTHY), 2)
        for length in (0, 40)
    ),
    *(Fault(f"cut after {length}", suffer(truncate=length), only(DOWN), 3) for length in (0, 40)),
    Fault("a little late", suffer(1, delay_ms=30), only(HEALTHY), 1),
    Fault("too late", suffer(delay_ms=60_000), only(TIMEOUT), 1, seconds=0.1),
)

HTTP = (
    Fault("500", suffer(status=500), only(DOWN)),
    Fault("500 without a body", suffer(status=500, empty=True), only(DOWN)),
    Fault("500 in HTML", suffer(status=500, html=True), only(DOWN)),
    Fault("502 in HTML", suffer(status=502, html=True), only(DOWN), 3),
    Fault("502 in HTML, once", suffer(1, status=502, html=True), only(HEALTHY), 2),
    Fault("503", suffer(status=503), only(DOWN), 3),
    Fault("503, once", suffer(1, status=503), only(HEALTHY), 2),
    Fault("504 without a body", suffer(status=504, empty=True), only(DOWN), 3),
    Fault("503 for a second", headed(503, retry_after="1"), only(DOWN), 3, retry_after=1),
    Fault("503 for long", headed(503, retry_after="300"), only(DOWN), 1, retry_after=300),
    Fault("501", suffer(status=501), only(DOWN)),
    Fault("403", suffer(status=403), only(KEYS)),
    Fault("403 in HTML", suffer(status=403, html=True), only(KEYS)),
    Fault("401", suffer(status=401), only(KEYS), 2, {"onerewards": (only(KEYS), 1)}),
    Fault(
        "401, once",
        suffer(1, status=401),
        only(HEALTHY),
        2,
        {"onerewards": (only(KEYS), 1)},  # it has no token that could be renewed
    ),
    Fault(
        "the token is revoked, once",
        suffer(1, revoke_token=True),
        only(HEALTHY),
        2,
        {"onerewards": (only(KEYS), 1)},  # its API key is gone for good
    ),
    Fault("every token is revoked", suffer(revoke_token=True), only(KEYS), 2),
    Fault(
        "404",
        suffer(status=404),
        only(BAD),
        1,
        # In its own words a 404 is no such member, or, of a list, no such integration.
        for_each(_LISTING, KEYS)
        | for_each(["onerewards.tiers", "fabric"], UNMAPPED)
        | for_each(["onerewards"], ABSENT),
    ),
    Fault("404 in HTML", suffer(status=404, html=True), only(BAD)),
    Fault(
        "418",
        suffer(status=418),
        only(UNMAPPED),
        1,
        for_each(["telluride"], BAD),  # all that counts there is the status within
    ),
    Fault("429", suffer(rate_limited=True), only(LIMITED)),
    Fault("429 for a second, once", suffer(1, rate_limited=True, retry_after=1), only(HEALTHY), 2),
    Fault("429 for a second", suffer(rate_limited=True, retry_after=1), only(LIMITED), 3),
    Fault(
        "429 for long",
        suffer(rate_limited=True, retry_after=300),
        only(LIMITED),
        1,
        retry_after=300,
    ),
    *(
        Fault(
            f"{status} to another place",
            headed(status, location="http://elsewhere.test/"),
            only(BAD),
        )
        for status in (302, 307)
    ),
    Fault("304", headed(304), only(BAD)),
    Fault("204", bend(lambda reply: Reply(204, reply.headers, b"")), only(BAD)),
    Fault(
        "206 of half", bend(lambda r: Reply(206, r.headers, r.body[: len(r.body) // 2])), only(BAD)
    ),
)

BODY = (
    Fault("HTML", suffer(html=True), only(BAD)),
    Fault("nothing", suffer(empty=True), only(BAD)),
    Fault("wrong types", suffer(wrong_types="all"), only(BAD)),
    Fault("wrong scalars", suffer(wrong_types="scalars"), only(BAD)),
    *(
        Fault(
            f"{part} of it, and all is said",
            bend_body(lambda body, part=part: body[: int(len(body) * part)]),  # type: ignore[misc]
            only(BAD),
        )
        for part in (0.1, 0.9)
    ),
    Fault("all but the last byte", bend_body(lambda body: body[:-1]), only(BAD)),
    Fault("a second answer behind it", bend_body(lambda body: body + body), only(BAD)),
    *(
        Fault(f"the body {text}", suffer(status=200, body=text), only(BAD))
        for text in ("null", "42", "{}", "[null]", "[{}]")
    ),
    Fault(
        "the body []",
        suffer(status=200, body="[]"),
        only(BAD),
        1,
        for_each(_LISTS, NOTHING) | for_each(_ONE_OF_A_LIST, ABSENT),  # lists are bare there
    ),
    Fault("no UTF-8", bend_body(lambda body: body.replace(b'"', b'"\xff', 1)), only(BAD)),
    Fault("NaN", bend_body(lambda body: numbers_replaced(body, b"NaN")), only(BAD), 1, _NO_NUMBERS),
    Fault(
        "Infinity",
        bend_body(lambda body: numbers_replaced(body, b"-Infinity")),
        only(BAD),
        1,
        _NO_NUMBERS,
    ),
    Fault(
        "1e400", bend_body(lambda body: numbers_replaced(body, b"1e400")), only(BAD), 1, _NO_NUMBERS
    ),
    Fault(
        "a number of 5000 digits",
        bend_body(lambda b: numbers_replaced(b, b"9" * 5000)),
        only(BAD),
        1,
        _NO_NUMBERS,
    ),
    Fault("10000 deep", suffer(status=200, body="[" * 10_000 + "]" * 10_000), only(BAD)),
    Fault("10000 deep and open", suffer(status=200, body='{"a":' * 10_000), only(BAD)),
    Fault("6 MB", suffer(status=200, body='"' + "x" * 6_000_000 + '"'), only(BAD)),
    Fault("an unknown status within", bend_body(unknown_status), only(UNMAPPED), 1, _NO_STATUS),
    Fault("no status within", bend_body(without_status), only(BAD), 1, _NO_STATUS),
)

FAULTS = (*CONNECTION, *HTTP, *BODY)
