"""What the network may do to one request or its connection, as data; proxy.py does it."""

from dataclasses import dataclass
from typing import Literal

RequestPlace = Literal["first byte", "mid-headers", "end of headers", "mid-body", "last byte"]
ReplyPlace = Literal["first byte", "mid-headers", "end of headers", "mid-body", "last byte"]
PLACES: tuple[RequestPlace, ...] = (
    "first byte",
    "mid-headers",
    "end of headers",
    "mid-body",
    "last byte",
)


@dataclass(frozen=True, slots=True)
class ResetOnAccept:
    """The connection is reset before a byte of it is read."""


@dataclass(frozen=True, slots=True)
class NeverAnswer:
    """The connection is taken, and nothing is read, passed on or answered."""


@dataclass(frozen=True, slots=True)
class CutRequest:
    """The first bytes go on, the rest never does; the caller's connection is reset."""

    at: RequestPlace


@dataclass(frozen=True, slots=True)
class LoseRequest:
    """Nothing goes on; the caller's connection is reset once the request is in."""


@dataclass(frozen=True, slots=True)
class LoseReply:
    """The request is answered, and of the answer not a byte comes back: a reset instead."""


@dataclass(frozen=True, slots=True)
class CutReply:
    """The first bytes of the answer come back, then a reset (or, politely, an end)."""

    at: ReplyPlace
    reset: bool = True


@dataclass(frozen=True, slots=True)
class StallReply:
    """The first bytes of the answer come back, then nothing until the caller leaves."""

    at: ReplyPlace


@dataclass(frozen=True, slots=True)
class SlowReply:
    """The answer comes in pieces of so many bytes, so many seconds apart."""

    piece: int
    pause: float


@dataclass(frozen=True, slots=True)
class DelayReply:
    """The request is carried out at once and its answer comes so many seconds later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Twice:
    """The same bytes are delivered once more on a second connection; the named answer comes."""

    answer: Literal["first", "second"] = "first"


@dataclass(frozen=True, slots=True)
class Late:
    """The request arrives so many seconds later; its caller is reset at once, or left to hang."""

    seconds: float
    hang: bool = False


ConnectionFault = ResetOnAccept | NeverAnswer
RequestFault = (
    CutRequest
    | LoseRequest
    | LoseReply
    | CutReply
    | StallReply
    | SlowReply
    | DelayReply
    | Twice
    | Late
)


def cut(data: bytes, at: RequestPlace) -> bytes:
    """As much of a message as comes before a place in it."""
    head = data.find(b"\r\n\r\n") + 4
    match at:
        case "first byte":
            return data[:1]
        case "mid-headers":
            return data[: head // 2]
        case "end of headers":
            return data[:head]
        case "mid-body":
            return data[: head + (len(data) - head) // 2]
        case "last byte":
            return data[:-1]
