"""The whole sandbox as one ASGI app: three upstreams and the controls; no behaviour of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox import control, fabric, onerewards, telluride
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.server import announce, serve_app
from sandbox.switches import Switches


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What is behind one app; tests in the same process find it as `app.state.sandbox`."""

    frame: Frame
    onerewards: onerewards.State
    telluride: telluride.State
    fabric: fabric.State

    @property
    def worlds(self) -> dict[str, control.World]:
        """The three worlds by the name of their mount."""
        return {
            "onerewards": self.onerewards,
            "telluride": self.telluride,
            "fabric": self.fabric,
        }


def build(seed: int = 7, now: datetime | None = None) -> Sandbox:
    """A seeded sandbox; the same seed and day give the same worlds. `now` stops its clock there."""
    frame = Frame(Clock(now), Books(), Faults(), Switches())
    return Sandbox(
        frame=frame,
        onerewards=onerewards.State(frame, seed),
        telluride=telluride.State(frame, seed),
        fabric=fabric.State(frame, seed),
    )


def create_app(
    seed: int = 7, now: datetime | None = None, telluride_public_key: str | None = None
) -> Starlette:
    """The app over a fresh sandbox, with mounts /onerewards /telluride /fabric /__sandbox__.

    `telluride_public_key` is the PEM of the client's public key or certificate.
    """
    sandbox = build(seed, now)
    if telluride_public_key is not None:
        sandbox.telluride.register_certificate(telluride_public_key)
    frame = sandbox.frame
    app = Starlette(
        routes=[
            Mount("/onerewards", routes=onerewards.routes(frame, sandbox.onerewards)),
            Mount("/telluride", routes=telluride.routes(frame, sandbox.telluride)),
            Mount("/fabric", routes=fabric.routes(frame, sandbox.fabric)),
            Mount("/__sandbox__/onerewards", routes=onerewards.controls(frame, sandbox.onerewards)),
            Mount("/__sandbox__", routes=control.routes(frame, sandbox.worlds)),
        ]
    )
    app.state.sandbox = sandbox
    return app


def serve(
    host: str = "127.0.0.1",
    port: int = 9100,
    *,
    seed: int = 7,
    now: datetime | None = None,
    telluride_public_key: str | None = None,
    say: Callable[[str], None] = announce,
) -> None:
    """Serve a fresh sandbox until interrupted; `say` gets the URL (port 0 takes a free one)."""
    serve_app(create_app(seed, now, telluride_public_key), host, port, say)
