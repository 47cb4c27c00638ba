"""Whatever happens in whatever order: the promises hold, as judged by the program's own book.

Mutations, lost answers, late effects, deaths of a server, a ledger that is away, two servers on one
journal, the same key again; then everything heals, and every operation must have come to an end.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.journal import OPEN, Record, State
from loyalty.commands import Command
from loyalty.errors import ErrorCode
from loyalty.operations import Operation
from loyalty.outcomes import OperationStatus
from providers.writing import Doubt, Sending, Write
from resolvers.accounts import Accounts
from resolvers.desk import Desk
from resolvers.pace import Pace
from resolvers.receipts import Told
from resolvers.reconcile import Resolver
from tests.resolvers.desks import ANN, account, bring_back, clocks, post, redeem, void
from tests.resolvers.fake_program import PATIENCE, FakeProgram, Plan
from tests.resolvers.memory_journal import MemoryJournal
from tests.resolvers.virtual_time import VirtualLoop, stopped

KEYS = st.sampled_from([f"key-number-{number:06d}" for number in range(9)])
SERVERS = st.integers(0, 1)
PLANS = st.lists(st.sampled_from(Plan), max_size=3)
WAITS = st.sampled_from([0.0, 0.1, 1.0, 10.0])
DOCUMENTS = [f"INV-{number}" for number in range(4)]
FINAL = {
    OperationStatus.SUCCEEDED,
    OperationStatus.REVERSED,
    OperationStatus.UNDER_REVIEW,
}
UNDOING = {Operation.TRANSACTION_VOID.value, Operation.TRANSACTION_RETURN.value}


@dataclass
class Server:
    """One process: what it was asked, and everything that runs in it."""

    desk: Desk
    running: "asyncio.Task[None]"
    asked: set["asyncio.Task[Told]"] = field(default_factory=set)


class AnyOrder(RuleBasedStateMachine):
    """Two servers, one journal, one program."""

    @initialize(
        doubt=st.sampled_from([Doubt.REPLAY, Doubt.LOOK, Doubt.LOOK_THEN_REPLAY, Doubt.NONE]),
        lag=st.sampled_from([None, 10.0]),
        safe=st.booleans(),
        takes=st.sampled_from([0.0, 2.0, 12.0]),
        shows_after=st.sampled_from([0.0, 500.0, 1e9]),
    )
    def begin(
        self, doubt: Doubt, lag: float | None, safe: bool, takes: float, shows_after: float
    ) -> None:
        self.loop = VirtualLoop()
        patience = replace(PATIENCE, read_lag=lag, replay_is_safe=safe)
        self.program = FakeProgram(
            doubt=doubt, patience_=patience, takes=takes, shows_after=shows_after
        )
        self.program.on_send = self._sent
        self.journal = MemoryJournal(self.loop.now)
        self.told: dict[str, OperationStatus] = {}
        self.keys: dict[str, str] = {}
        self.servers: list[Server] = []
        for _ in range(2):
            self.servers.append(self._run(self._server()))
        for number in range(2):
            sold = post(f"SOLD-{number}")
            self._run(self._ask(self.servers[number], f"key-of-sold-number-{number}", sold, 20.0))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def _server(self) -> Server:
        desk = Desk(
            Accounts([account(self.program)]), self.journal, clocks=clocks(), pace=Pace(poll=5.0)
        )
        return Server(desk, asyncio.create_task(Resolver(desk).run()))

    # ------------------------------------------------------------------ what may happen

    @rule(
        server=SERVERS,
        key=KEYS,
        what=st.sampled_from(["post", "redeem"]),
        which=st.integers(0, 3),
        plans=PLANS,
        wait=WAITS,
    )
    def ask(
        self, server: int, key: str, what: str, which: int, plans: list[Plan], wait: float
    ) -> None:
        self.program.plans.extend(plans)
        self._run(self._ask(self.servers[server], key, self._command(what, which), wait))

    @rule(
        keys=st.lists(KEYS, min_size=1, max_size=3, unique=True),
        what=st.sampled_from(["void", "void", "return"]),
        which=st.integers(0, 5),
        thoughts=st.lists(st.sampled_from([0.0, 0.02, 1.0, 3.0]), max_size=3),
        wait=WAITS,
    )
    def undo(
        self, keys: list[str], what: str, which: int, thoughts: list[float], wait: float
    ) -> None:
        """The same sale is undone under several keys at once, at both servers."""
        self.program.thoughts.extend(thoughts)
        self._run(self._undo(keys, what, which, wait))

    async def _undo(self, keys: list[str], what: str, which: int, wait: float) -> None:
        for number, key in enumerate(keys):
            server = self.servers[number % 2]
            command = self._command(what, which if what == "void" else which + 6 * number)
            await self._ask(server, key, command, 0.0)
        await asyncio.sleep(wait)

    async def _ask(self, server: Server, key: str, command: Command, wait: float) -> None:
        asking = asyncio.create_task(server.desk.do(ANN, key, command, "trace"))
        server.asked.add(asking)
        asking.add_done_callback(server.asked.discard)
        asking.add_done_callback(lambda task: self._heard(key, task))
        await asyncio.sleep(wait)

    def _command(self, what: str, which: int) -> Command:
        sales = [r.id for r in self.journal.records.values() if r.kind == "TRANSACTION_POST"]
        target = sales[which % 6 % len(sales)] if sales else "0" * 32
        match what:
            case "post":
                return post(DOCUMENTS[which % 4])
            case "redeem":
                return redeem()
            case "return":
                return bring_back(target, (1, "3"), document=f"RET-{which}")
            case _:
                return void(target)

    @rule(wait=st.sampled_from([0.05, 0.5, 3.0, 30.0, 70.0, 400.0]))
    def wait(self, wait: float) -> None:
        self._run(asyncio.sleep(wait))

    @rule(server=st.integers(0, 1))
    def die(self, server: int) -> None:
        self._run(self._died(server))

    async def _died(self, server: int) -> None:
        """Everything that this process was doing stops where it is; another one takes its place."""
        dead = self.servers[server]
        await stopped([*dead.asked, dead.running, *dead.desk._tasks])
        self.servers[server] = await self._server()

    @rule(seconds=st.sampled_from([0.2, 3.0, 100.0]))
    def ledger_away(self, seconds: float) -> None:
        self.journal.down = True
        self._run(asyncio.sleep(seconds))
        self.journal.down = False

    @rule(down=st.integers(1, 3))
    def script_away(self, down: int) -> None:
        self.program.script_down = down

    # ------------------------------------------------------------------ what must be so

    def _sent(self, write: Write, how: Sending) -> None:
        """S5, S6, S9, S10, as each write arrives."""
        sending = [
            (record, record.steps[-1])
            for record in self.journal.records.values()
            if record.state is State.SENDING and record.id in str(write.request.body)
        ]
        assert len(sending) == 1, "sent without a durable record"
        record, step = sending[0]
        assert step.request is not None
        assert step.reference == write.reference
        assert how.again == (step.sends > 1)
        lease = record.lease_until
        assert lease is not None
        left = (lease - self.loop.now()).total_seconds()
        assert left >= how.timeout, "the lease ends before the call does"
        assert self.loop.time() < how.leave_by
        if record.target is not None:
            target = self.journal.records[record.target]
            assert target.state is State.CONFIRMED, "undone before it was done"

    def _heard(self, key: str, task: "asyncio.Task[Told]") -> None:
        """S3, S7: what was told stays true; a key has one operation."""
        if task.cancelled() or task.exception() is not None:
            return
        told = task.result()
        receipt = told.receipt
        if receipt is None:
            assert told.status is OperationStatus.REJECTED
            assert told.errors
            return
        if told.errors and told.errors[0].code is ErrorCode.DUPLICATE:
            return
        assert receipt.operation in self.journal.records
        assert self.keys.setdefault(key, receipt.operation) == receipt.operation
        before = self.told.get(receipt.operation)
        is_final = self.journal.records[receipt.operation].state is not State.UNSENT
        if before is not None:
            assert receipt.status is before
        if receipt.status in FINAL or (receipt.status is OperationStatus.REJECTED and is_final):
            self.told[receipt.operation] = receipt.status

    @invariant()
    def no_effect_is_doubled(self) -> None:
        """S1, S8, and of what undoes a sale."""
        if not hasattr(self, "program"):
            return
        effects = Counter((e.name, e.operation) for e in self.program.book)
        assert all(count == 1 for count in effects.values()), effects
        references = Counter((e.name, e.reference) for e in self.program.book if e.reference)
        assert all(count == 1 for count in references.values()), references
        voids = Counter(e.target for e in self.program.book if e.name == "void")
        assert all(count == 1 for count in voids.values()), "voided twice"
        returns = Counter(e.target for e in self.program.book if e.name == "return")
        assert all(count == 1 for count in returns.values()), "six of four came back"

    @invariant()
    def every_state_is_true(self) -> None:
        """S2."""
        if not hasattr(self, "program"):
            return
        effects = Counter((e.operation, e.name) for e in self.program.book)
        for record in self.journal.records.values():
            self._check(record, {n: c for (o, n), c in effects.items() if o == record.id})

    def _check(self, record: Record, effects: dict[str, int]) -> None:
        match record.state:
            case State.CONFIRMED if record.kind == Operation.POINTS_REDEEM.value:
                assert effects == {"issue": 1, "use": 1}
            case State.CONFIRMED:
                assert sum(effects.values()) == 1
            case State.FAILED | State.UNSENT:
                assert effects == {}
            case State.COMPENSATED:
                assert effects == {"issue": 1, "back": 1}
            case _:
                pass

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self._heal()
        finally:
            self._run(stopped(asyncio.all_tasks(self.loop)))
            self.loop.close()

    def _heal(self) -> None:
        """L1: when all is well again every operation comes to an end."""
        self.program.plans.clear()
        self.program.script_down = 0
        self._run(asyncio.sleep(3 * 3600.0))
        open_ = [r for r in self.journal.records.values() if r.state in OPEN]
        assert open_ == []
        self.no_effect_is_doubled()
        self.every_state_is_true()
        if self.program.doubt is Doubt.REPLAY:
            assert State.NEEDS_REVIEW not in [r.state for r in self.journal.records.values()]


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
