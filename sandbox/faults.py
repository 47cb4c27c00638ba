"""What the next calls are to suffer, as data; frame.py does the suffering."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

KINDS = (
    "status",
    "drop",
    "truncate",
    "html",
    "empty",
    "wrong_types",
    "revoke_token",
    "rate_limited",
)
TOGETHER = ({"status", "html"}, {"status", "empty"})
EXTRAS = {"delay_ms", "body", "retry_after", "apply", "twice"}


class BadFault(ValueError):
    """A fault that cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail. A delay goes with any other; a status goes with `html` or `empty`.

    `status` answers without running the handler, or with `apply` after running it; a text `body`
    is sent as it is, any other as JSON, none is the upstream's own error body. `twice` runs the
    handler as if the call were delivered twice, and keeps the second answer; it goes alone or
    with any fault that runs the handler. `html` and `empty` without a status run the
    handler and lose its answer. `drop` cuts the connection before or after the handler ran.
    `truncate` cuts it after so many bytes of the right answer. `wrong_types` spoils the right
    answer: "all" makes arrays of objects too, "scalars" leaves the outline.
    """

    delay_ms: int = 0
    status: int | None = None
    body: object = None
    has_body: bool = False
    drop: Literal["before", "after"] | None = None
    truncate: int | None = None
    html: bool = False
    empty: bool = False
    wrong_types: Literal["all", "scalars"] | None = None
    revoke_token: bool = False
    rate_limited: bool = False
    retry_after: int | None = None
    apply: bool = False
    twice: bool = False

    @property
    def name(self) -> str:
        """The kinds in it, for the books."""
        return "+".join(self._named())

    def as_json(self) -> dict[str, object]:
        """The fault as it could be posted again."""
        shown = self._named()
        if self.has_body:
            shown["body"] = self.body
        if self.rate_limited:
            shown["retry_after"] = self.retry_after
        return shown

    def _named(self) -> dict[str, object]:
        kinds: dict[str, object] = {
            "delay_ms": self.delay_ms or None,
            "status": self.status,
            "drop": self.drop,
            "truncate": self.truncate,
            "html": self.html,
            "empty": self.empty,
            "wrong_types": self.wrong_types,
            "revoke_token": self.revoke_token,
            "rate_limited": self.rate_limited,
            "apply": self.apply,
            "twice": self.twice,
        }
        return {
            kind: value for kind, value in kinds.items() if value is not None and value is not False
        }


@dataclass(slots=True)
class Pending:
    """A fault waiting for its next `times` calls of `operation` ("*" = any but a token call)."""

    upstream: str
    operation: str
    times: int
    fault: Fault

    def hits(self, upstream: str, operation: str) -> bool:
        """Whether such a call would suffer this."""
        any_but_token = self.operation == "*" and operation != "token"
        return self.upstream == upstream and (any_but_token or self.operation == operation)

    def as_json(self) -> dict[str, object]:
        """The fault in the shape of `GET /__sandbox__/faults`."""
        return {
            "upstream": self.upstream,
            "operation": self.operation,
            "times": self.times,
            "fault": self.fault.as_json(),
        }


class Faults:
    """Faults in the order they were ordered; the first that fits a call is used up by it."""

    def __init__(self) -> None:
        self._pending: list[Pending] = []

    def add(self, upstream: str, operation: str, fault: Fault, times: int = 1) -> None:
        """Let the next `times` fitting calls suffer `fault`."""
        self._pending.append(Pending(upstream, operation, times, fault))

    def take(self, upstream: str, operation: str) -> Fault | None:
        """The fault of this call, counted down."""
        for pending in self._pending:
            if pending.hits(upstream, operation):
                pending.times -= 1
                if pending.times == 0:
                    self._pending.remove(pending)
                return pending.fault
        return None

    def pending(self) -> list[Pending]:
        """What is still to be suffered."""
        return list(self._pending)

    def reset(self) -> None:
        """Let everything go well from here on."""
        self._pending.clear()


def fault_from(spec: Mapping[str, object]) -> Fault:
    """Read a fault as a control call writes it; raises BadFault."""
    unknown = spec.keys() - {*KINDS, *EXTRAS}
    if unknown:
        message = f"unknown fault: {', '.join(sorted(unknown))}"
        raise BadFault(message)
    kinds = {kind for kind in KINDS if spec.get(kind) is not None and spec[kind] is not False}
    if len(kinds) > 1 and kinds not in TOGETHER:
        message = f"faults that do not go together: {', '.join(sorted(kinds))}"
        raise BadFault(message)
    if not kinds and not spec.keys() & {"delay_ms", "twice"}:
        message = "a fault needs delay_ms, twice or one of: " + ", ".join(KINDS)
        raise BadFault(message)
    fault = Fault(
        delay_ms=_whole(spec, "delay_ms") or 0,
        status=_status(spec),
        body=spec.get("body"),
        has_body="body" in spec,
        drop=_drop(spec.get("drop")),
        truncate=_whole(spec, "truncate"),
        html=_yes(spec, "html"),
        empty=_yes(spec, "empty"),
        wrong_types=_wrong_types(spec.get("wrong_types")),
        revoke_token=_yes(spec, "revoke_token"),
        rate_limited=_yes(spec, "rate_limited"),
        retry_after=_whole(spec, "retry_after"),
        apply=_yes(spec, "apply"),
        twice=_yes(spec, "twice"),
    )
    return _runnable(fault)


def _runnable(fault: Fault) -> Fault:
    """The fault, if whether and how often the handler runs makes sense in it."""
    if fault.apply and fault.status is None:
        message = "apply goes with a status"
        raise BadFault(message)
    never_runs = fault.drop == "before" or fault.rate_limited
    if fault.twice and (never_runs or (fault.status is not None and not fault.apply)):
        message = "twice goes only with a fault that applies the call"
        raise BadFault(message)
    return fault


def _whole(spec: Mapping[str, object], name: str) -> int | None:
    value = spec.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message = f"{name} takes a whole number from 0, not {value!r}"
        raise BadFault(message)
    return value


def _status(spec: Mapping[str, object]) -> int | None:
    status = _whole(spec, "status")
    if status is not None and not 200 <= status <= 599:  # noqa: PLR2004 - the range of final HTTP statuses
        message = f"status takes 200 to 599, not {status}"
        raise BadFault(message)
    return status


def _yes(spec: Mapping[str, object], name: str) -> bool:
    value = spec.get(name, False)
    if not isinstance(value, bool):
        message = f"{name} takes true or false, not {value!r}"
        raise BadFault(message)
    return value


def _drop(value: object) -> Literal["before", "after"] | None:
    match value:
        case None:
            return None
        case "before":
            return "before"
        case "after":
            return "after"
        case _:
            message = f'drop takes "before" or "after", not {value!r}'
            raise BadFault(message)


def _wrong_types(value: object) -> Literal["all", "scalars"] | None:
    match value:
        case None | False:
            return None
        case True | "all":
            return "all"
        case "scalars":
            return "scalars"
        case _:
            message = f'wrong_types takes true or "scalars", not {value!r}'
            raise BadFault(message)
