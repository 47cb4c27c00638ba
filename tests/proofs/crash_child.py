"""A process that forks one child a case; a child runs a mutation and dies at its N-th step.

Run as a module, it reads a case a line (JSON) and answers a line a case. A step is a line, or an
opcode, of our own rooms, in whatever thread, or one of the named points (failpoints); the child is
warm: only the mutation itself is counted. Nothing of a child survives it but the ledger's file and
what reached the upstream.
"""

import asyncio
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from graph.app import Openings, create_app
from graph.auth import DevelopmentTokens
from graph.principals import Kind
from graph.settings import key_bytes, load
from providers.registry import ADAPTERS
from resolvers.pace import Pace
from tests.proofs.errands import Scene, errand
from tests.proofs.failpoints import Failpoints
from tests.proofs.labs import entered
from tests.proofs.tills import Till, Told

HOUSE = Path(__file__).parents[2]
ROOMS = tuple(
    f"{HOUSE}/{room}/" for room in ("graph", "resolvers", "providers", "ledger", "loyalty")
)
FUNDS = "50000"
ONE_CHILD = 60
TRIES = 6
"""How often an app asks again while it is told that nothing left, or that it is being settled."""

PACE = Pace(
    answer=8.0,
    leave=1.0,
    margin=0.5,
    work=1.0,
    schedule=(0.2, 0.4, 0.8),
    slow=1.0,
    backoff=(0.05, 0.2),
    poll=0.05,
    drain=1.0,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One death: where, and of what.

    `at`: so many steps into the mutation; None only counts. `point`: a named one instead; "" only
    names them. `loses`: see Failpoints. `pauses`: it is stopped there, and not killed.
    """

    config: str
    upstream: str
    errand: str
    number: str
    n: int
    key: str
    at: int | None
    opcodes: bool = False
    recovering: bool = False
    seconds: float = 30.0
    point: str | None = None
    loses: str = ""
    pauses: bool = False

    @property
    def scene_file(self) -> Path:
        """Where the child leaves what is needed to ask the same again."""
        return Path(self.config).parent / f"{self.key}.json"


class Steps:
    """Counts the steps of our rooms once armed, and ends the process at the N-th."""

    def __init__(self, at: int | None, *, opcodes: bool) -> None:
        self.count = 0
        self._at = at
        self._opcodes = opcodes
        self._armed = False
        threading.settrace(self._trace)
        sys.settrace(self._trace)

    def arm(self) -> None:
        self._armed = True

    def disarm(self) -> None:
        self._armed = False

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "call" and not frame.f_code.co_filename.startswith(ROOMS):
            return None
        if self._opcodes:
            frame.f_trace_opcodes = True
        if self._armed and event == ("opcode" if self._opcodes else "line"):
            self.count += 1
            if self.count == self._at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._trace


@asynccontextmanager
async def till_of(config: str, points: Failpoints | None = None) -> AsyncGenerator[Till]:
    """A graph in this process, and a signed-in client of it."""
    settings = load(Path(config), {code: each.settings for code, each in ADAPTERS.items()}, {})
    app = create_app(settings, points.openings(PACE) if points else Openings(pace=PACE))
    transport = httpx.ASGITransport(app=app)
    token = DevelopmentTokens(key_bytes(settings.server.id_keys[0])).mint("till-1", Kind.DEVELOPER)
    async with AsyncExitStack() as stack:
        await entered(stack, app)
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60)
        yield Till(await stack.enter_async_context(client), token)


async def scene_of(till: Till, case: Case) -> Scene:
    """Everything that must be there before: points to spend, a sale to void, an offer to claim."""
    asked = errand(case.upstream, case.errand)
    if case.errand == "enrol":
        return Scene("", case.n)
    member = str((await till.member(asked.program, case.number))["id"])
    funds = errand(case.upstream, "adjust").given(Scene(member, case.n + 500_000))
    await _done(till, "adjustPoints", f"funds-{case.key}", {**funds, "delta": FUNDS})
    offers = await till.offers(member) if case.errand == "claim" else {}
    before: dict[str, str | None] = {}
    if asked.first is not None:
        first = errand(case.upstream, asked.first)
        told = await _done(
            till, first.mutation, f"first-{case.key}", first.given(Scene(member, case.n))
        )
        before[first.name] = told.result(first.result or "")
    return Scene(member, case.n, before, offers)


async def _done(till: Till, mutation: str, key: str, given: dict[str, Any]) -> Told:
    told = await till.tell(mutation, key, given)
    if told.status == "PENDING":
        await till.settled(key, 20)
        told = await till.tell(mutation, key, given)
    assert told.status == "SUCCEEDED", (mutation, told, told.payload)
    return told


async def die(case: Case) -> dict[str, Any]:
    """Run the mutation, and die in it if it is long enough; what its path has, and was told."""
    if case.point is not None:
        return await die_at_point(case)
    asked = errand(case.upstream, case.errand)
    steps = Steps(case.at, opcodes=case.opcodes)
    async with till_of(case.config) as till:
        scene = await scene_of(till, case)
        given = asked.given(scene)
        case.scene_file.write_text(json.dumps({"given": given}))
        steps.arm()
        told = await till.tell(asked.mutation, case.key, given)
        steps.disarm()
    return {"steps": steps.count, "told": told.status}


async def die_at_point(case: Case) -> dict[str, Any]:
    """The same at a named point, and the names that were passed."""
    asked = errand(case.upstream, case.errand)
    how = signal.SIGSTOP if case.pauses else signal.SIGKILL
    points = Failpoints(case.key, case.point, how, case.loses)
    async with till_of(case.config, points) as till:
        given = asked.given(await scene_of(till, case))
        case.scene_file.write_text(json.dumps({"given": given}))
        points.is_armed = True
        told = await till.tell(asked.mutation, case.key, given)
        status = await till.settled(case.key, case.seconds)
        points.is_armed = False
    return {"points": points.passed, "told": told.status, "status": status}


async def recover(case: Case) -> dict[str, Any]:
    """Open the same ledger again, ask with the same key, and wait until it is settled."""
    asked = errand(case.upstream, case.errand)
    steps = Steps(case.at, opcodes=case.opcodes) if case.recovering else None
    given = json.loads(case.scene_file.read_text())["given"]
    if steps is not None:
        steps.arm()
    tries: list[Told] = []
    status = "PENDING"
    async with till_of(case.config) as till:
        found = await till.outcome(case.key)
        for _ in range(TRIES):
            tries.append(await till.tell(asked.mutation, case.key, given))
            status = await till.settled(case.key, case.seconds)
            if not (status == "REJECTED" and tries[-1].is_unsent) and tries[-1].status == status:
                break
    return {
        "found": None if found is None else found["status"],
        "told": [told.status for told in tries],
        "final": [told.status for told in tries if told.is_final and not told.is_unsent],
        "status": status,
        "codes": tries[-1].codes,
        "steps": None if steps is None else steps.count,
    }


@dataclass(frozen=True, slots=True)
class Child:
    """A process that was forked, and where it will write what it has found."""

    pid: int
    answer: int

    def has_stopped(self) -> bool:
        """Whether it stopped where it should; it has ended otherwise."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def ended(self) -> dict[str, Any]:
        """What it wrote, and how it ended."""
        with os.fdopen(self.answer, "rb") as answer:
            said = answer.read()
        _, status = os.waitpid(self.pid, 0)
        signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        return {
            "killed": signalled == signal.SIGKILL,
            "hung": signalled == signal.SIGALRM,
            "said": json.loads(said) if said else None,
        }


def started(case: Case, doing: str) -> Child:
    """A case in a child of its own."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        code = 0
        try:
            signal.alarm(ONE_CHILD)
            result: Any = asyncio.run(die(case) if doing == "die" else recover(case))
            os.write(writes, json.dumps(result).encode())
        except BaseException:  # noqa: BLE001 - a child must not go on as its parent
            os.write(writes, json.dumps({"error": traceback.format_exc()[-3000:]}).encode())
            code = 1
        os._exit(code)
    os.close(writes)
    return Child(child, reads)


def run(cases: list[Case], doing: str, at_once: int) -> list[dict[str, Any]]:
    """Cases in children of their own, so many at a time."""
    answers: list[dict[str, Any]] = []
    for start in range(0, len(cases), at_once):
        some = [started(case, doing) for case in cases[start : start + at_once]]
        answers += [child.ended() for child in some]
    return answers


async def _together(cases: list[Case]) -> list[Any]:
    found: list[Any] = await asyncio.gather(
        *(recover(case) for case in cases), return_exceptions=True
    )
    return found


def recovered(cases: list[Case]) -> list[Any]:
    """Many ledgers recovered side by side in one child."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        signal.alarm(4 * ONE_CHILD)
        ends = [
            {"error": repr(each)} if isinstance(each, BaseException) else each
            for each in asyncio.run(_together(cases))
        ]
        with os.fdopen(writes, "wb") as answer:
            answer.write(json.dumps(ends).encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    results: list[Any] = json.loads(said) if said else [{"error": "the child ended"}] * len(cases)
    return results


def main() -> None:
    """Serve cases from standard input until it ends."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    stopped: dict[str, Child] = {}
    for line in sys.stdin:
        order = json.loads(line)
        cases = [Case(**each) for each in order["cases"]]
        match order["do"]:
            case "recover together":
                answer: Any = recovered(cases)
            case "pause":
                stopped |= {each.key: started(each, "die") for each in cases}
                answer = [stopped[each.key].has_stopped() for each in cases]
            case "resume":
                for each in cases:
                    os.kill(stopped[each.key].pid, signal.SIGCONT)
                answer = [stopped.pop(each.key).ended() for each in cases]
            case doing:
                answer = run(cases, doing, order["at_once"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for child in stopped.values():
        os.kill(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
