"""The sandbox's own calls under /__sandbox__/, for tests and people; no vendor has them."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.clock import NaiveInstant
from sandbox.faults import BadFault, fault_from
from sandbox.frame import Frame, Reply, rendered
from sandbox.jsons import as_object
from sandbox.personas import Persona, roll
from sandbox.switches import BadSwitch


class World(Protocol):
    """One upstream's seeded state, as far as the controls reach into it."""

    @property
    def personas(self) -> tuple[Persona, ...]:
        """The named members of this world."""
        ...

    def reset(self) -> None:
        """Back to the seeded world."""
        ...

    def member(self, number: str) -> dict[str, object] | None:
        """The sandbox's own books of one member, None when there is none."""
        ...


@runtime_checkable
class TakesCertificate(Protocol):
    """A world that authenticates its client by a signature."""

    def register_certificate(self, pem: str) -> None:
        """Trust this public key or certificate from here on; raises ValueError."""
        ...

    def private_key_pem(self) -> str | None:
        """The private key of the pair made by this process, None once another is registered."""
        ...


class BadRequest(ValueError):
    """A control call that cannot be understood; the message says why."""


Action = Callable[[Request, object], Reply]


def routes(frame: Frame, worlds: Mapping[str, World]) -> list[BaseRoute]:
    """All control routes, relative to the mount."""
    controls = Controls(frame, worlds)
    table: list[tuple[str, str, Action]] = [
        ("GET", "/calls", controls.calls),
        ("DELETE", "/calls", controls.forget_calls),
        ("GET", "/counts", controls.counts),
        ("GET", "/effects", controls.effects),
        ("POST", "/reset", controls.reset),
        ("GET", "/clock", controls.clock),
        ("PUT", "/clock", controls.set_clock),
        ("POST", "/faults", controls.add_fault),
        ("GET", "/faults", controls.faults),
        ("DELETE", "/faults", controls.forget_faults),
        ("GET", "/switches", controls.switches),
        ("PUT", "/switches", controls.set_switches),
        ("GET", "/personas", controls.personas),
        ("GET", "/members/{upstream}/{number}", controls.member),
        ("PUT", "/telluride/certificate", controls.register_certificate),
        ("GET", "/telluride/private-key", controls.private_key),
    ]
    return [Route(path, answering(action), methods=[method]) for method, path, action in table]


class Controls:
    """What each control call does; all of it is synchronous, so no call of a client interferes."""

    def __init__(self, frame: Frame, worlds: Mapping[str, World]) -> None:
        self._frame = frame
        self._worlds = worlds

    def calls(self, request: Request, _: object) -> Reply:
        """Recorded calls, oldest first."""
        wanted = request.query_params
        calls = self._frame.books.calls(wanted.get("upstream"), wanted.get("operation"))
        return Reply(200, [call.as_json() for call in calls])

    def forget_calls(self, _request: Request, _: object) -> Reply:
        """Empty the books of calls."""
        self._frame.books.forget_calls()
        return Reply(204)

    def counts(self, _request: Request, _: object) -> Reply:
        """Calls by upstream and operation."""
        return Reply(200, self._frame.books.counts())

    def effects(self, request: Request, _: object) -> Reply:
        """What changed in the worlds."""
        asked = request.query_params
        found = self._frame.books.effects(
            asked.get("upstream"), asked.get("member"), asked.get("reference")
        )
        return Reply(200, [effect.as_json(number) for number, effect in found])

    def reset(self, _request: Request, _: object) -> Reply:
        """Everything back to the start: clock, books, faults, switches, then the worlds."""
        self._frame.reset()
        for world in self._worlds.values():
            world.reset()
        return Reply(204)

    def clock(self, _request: Request, _: object) -> Reply:
        """The present instant."""
        return Reply(200, {"now": self._frame.clock.now().isoformat()})

    def set_clock(self, request: Request, body: object) -> Reply:
        """Set (which stops it), release, or advance the clock."""
        orders = ordered(body)
        if orders.keys() - {"now", "advance_seconds"} or not orders:
            message = 'a clock takes {"now": instant or null} and {"advance_seconds": number}'
            raise BadRequest(message)
        if "now" in orders:
            self._frame.clock.set(_instant(orders["now"]))
        if "advance_seconds" in orders:
            self._frame.clock.advance(_seconds(orders["advance_seconds"]))
        return self.clock(request, None)

    def add_fault(self, _request: Request, body: object) -> Reply:
        """Let the next calls of an operation suffer a fault."""
        order = ordered(body)
        upstream = self._upstream(order.get("upstream"))
        operation = order.get("operation", "*")
        times = order.get("times", 1)
        if not isinstance(operation, str) or operation not in self._operations(upstream):
            message = f"unknown operation {upstream}.{operation}"
            raise BadRequest(message)
        if type(times) is not int or times < 1:
            message = f"times takes a whole number from 1, not {times!r}"
            raise BadRequest(message)
        fault = fault_from(ordered(order.get("fault")))
        self._frame.faults.add(upstream, operation, fault, times)
        return Reply(201, self._pending())

    def faults(self, _request: Request, _: object) -> Reply:
        """Faults still to be suffered."""
        return Reply(200, self._pending())

    def forget_faults(self, _request: Request, _: object) -> Reply:
        """Let everything go well from here on."""
        self._frame.faults.reset()
        return Reply(204)

    def switches(self, _request: Request, _: object) -> Reply:
        """Present values by upstream and name."""
        return Reply(200, self._frame.switches.as_json())

    def set_switches(self, _request: Request, body: object) -> Reply:
        """Turn switches, all or none."""
        changes = {upstream: ordered(values) for upstream, values in ordered(body).items()}
        self._frame.switches.set(changes)
        return Reply(200, self._frame.switches.as_json())

    def personas(self, _request: Request, _: object) -> Reply:
        """The named members of all worlds."""
        return Reply(200, [persona.as_json() for persona in roll(self._worlds.values())])

    def member(self, request: Request, _: object) -> Reply:
        """The sandbox's own books of one member."""
        world = self._worlds.get(request.path_params["upstream"])
        member = None if world is None else world.member(request.path_params["number"])
        return Reply(404, {"message": "no such member"}) if member is None else Reply(200, member)

    def register_certificate(self, _request: Request, body: object) -> Reply:
        """Let Telluride trust this public key or certificate."""
        pem = ordered(body).get("pem")
        if not isinstance(pem, str):
            message = 'a certificate is {"pem": text}'
            raise BadRequest(message)
        try:
            self._signed_world().register_certificate(pem)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return Reply(204)

    def private_key(self, _request: Request, _: object) -> Reply:
        """The private key that Telluride trusts, if it made the pair itself."""
        pem = self._signed_world().private_key_pem()
        return (
            Reply(404, {"message": "no generated key"}) if pem is None else Reply(200, {"pem": pem})
        )

    def _signed_world(self) -> TakesCertificate:
        world = self._worlds.get("telluride")
        if not isinstance(world, TakesCertificate):
            message = "no upstream takes a certificate"
            raise BadRequest(message)
        return world

    def _upstream(self, name: object) -> str:
        if not isinstance(name, str) or name not in self._frame.operations:
            message = f"unknown upstream {name!r}"
            raise BadRequest(message)
        return name

    def _operations(self, upstream: str) -> set[str]:
        return {"*", *self._frame.operations[upstream]}

    def _pending(self) -> list[dict[str, object]]:
        return [pending.as_json() for pending in self._frame.faults.pending()]


def answering(action: Action) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that takes and gives JSON and words what it cannot understand as 400."""

    async def answer(request: Request) -> Response:
        raw = await request.body()
        try:
            reply = action(request, _parsed(raw))
        except (BadRequest, BadFault, BadSwitch) as error:
            reply = Reply(400, {"message": str(error)})
        return rendered(reply)

    return answer


def _parsed(raw: bytes) -> object:
    if not raw:
        return None
    try:
        parsed: object = json.loads(raw)
    except ValueError as error:
        message = f"the body is not JSON: {error}"
        raise BadRequest(message) from error
    return parsed


def ordered(value: object) -> dict[str, object]:
    """The body of a control call that must be an object."""
    found = as_object(value)
    if found is None:
        message = f"an object is needed, not {value!r}"
        raise BadRequest(message)
    return found


def _instant(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    if instant.tzinfo is None:
        raise BadRequest(str(NaiveInstant(f"{instant.isoformat()} has no UTC offset")))
    return instant


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"advance_seconds takes a number, not {value!r}"
        raise BadRequest(message)
    return float(value)
