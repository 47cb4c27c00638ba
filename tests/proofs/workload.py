"""The clients of a soak: many tills that ask, lose patience, ask again, and now and then cheat."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import httpx

from tests.proofs.errands import Errand, Scene, errand
from tests.proofs.history import Answer, History, Operation, Reading
from tests.proofs.houses import House
from tests.proofs.tills import Json, Refused, Till, Told

REMEMBERED = 1024
FUNDS = Decimal(100_000)


@dataclass(slots=True)
class Person:
    """One member of the workload, and what was done for them that could be undone."""

    upstream: str
    number: str
    id: str
    claimed: bool = False
    redeemed: int = 0
    sales: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    redemptions: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def errands_for(upstream: str) -> list[tuple[Errand, int]]:
    """What is asked for, and how often."""
    weights = {"sale": 6, "redeem": 5, "void": 2, "void redemption": 2, "adjust": 1, "enrol": 1}
    if upstream == "onerewards":
        weights["claim"] = 2
    return [(errand(upstream, name), weight) for name, weight in weights.items()]


class Workload:
    """All clients together: they share what they have done, so that one repeats another's."""

    def __init__(
        self,
        house: House,
        people: Sequence[Person],
        *,
        seed: int,
        leave: float = 0.1,
        timeout: float = 6.0,
    ) -> None:
        self.house = house
        self.people = people
        self.history = History()
        self._dice = random.Random(seed)  # noqa: S311 - repeatable work
        self._recent: deque[Operation] = deque(maxlen=REMEMBERED)
        self._n = 1000
        self._leave = leave
        self._timeout = timeout
        self._token = house.token()

    async def run(self, clients: int, until: Callable[[], bool]) -> None:
        """Let so many clients work until it is time."""
        async with asyncio.TaskGroup() as tasks:
            for client in range(clients):
                tasks.create_task(self._client(client, until))

    async def settle(self, seconds: float) -> None:
        """Ask for the outcome of every key until none is PENDING, or for so long."""
        async with self._till() as till:
            for operation in self.history.operations.values():
                await self._settle(till, operation, seconds)

    # ------------------------------------------------------------------ one client

    async def _client(self, client: int, until: Callable[[], bool]) -> None:
        while not until():
            if self._recent and self._dice.random() < 0.5:
                await self._again(client, self._dice.choice(self._recent))
                continue
            operation = self._new()
            if operation is None:
                continue
            self.history.operations[operation.key] = operation
            self._recent.append(operation)
            await self._insist(client, operation, until)

    async def _insist(self, client: int, operation: Operation, until: Callable[[], bool]) -> None:
        """Repeat with the same key until told an end, as an app does."""
        for turn in range(30):
            told = await self._try(client, operation, operation.given, changed=False)
            if told is not None and self._is_over(told):
                await self._remember(operation, told)
                return
            if turn:
                self.history.resends += 1
            if until():
                return
            await asyncio.sleep(0.05 + self._dice.random() * 0.3)

    def _is_over(self, told: Told) -> bool:
        return told.status == "UNDER_REVIEW" or (told.is_final and not told.is_unsent)

    async def _again(self, client: int, operation: Operation) -> None:
        # Before it is known to be recorded, other input may rightly be the first to use the key.
        recorded = any(told.operation is not None for told in operation.told)
        changed = recorded and self._dice.random() < 0.5
        given = operation.given
        if changed:
            given = _other(given)
            self.history.changed_resends += 1
        self.history.resends += 1
        await self._try(client, operation, given, changed=changed)

    async def _try(
        self, client: int, operation: Operation, given: Json, *, changed: bool
    ) -> Told | None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        leaves = self._dice.random() < self._leave
        told: Told | None = None
        try:
            async with asyncio.timeout(self._dice.random() * 0.2 if leaves else self._timeout):
                async with self._till() as till:
                    told = await till.tell(operation.errand.mutation, operation.key, given)
        except TimeoutError:
            self.history.disconnects += 1
        except (httpx.HTTPError, ValueError):
            self.history.broken += 1
        except Refused as refused:
            self.history.refused.append(f"{operation.errand.title}: {refused}"[:500])
        operation.answers.append(Answer(client, began, loop.time(), told, changed))
        return told

    async def _remember(self, operation: Operation, told: Told) -> None:
        if told.status != "SUCCEEDED":
            return
        person = self._person(operation)
        result = told.result(operation.errand.result or "")
        if result is not None and person is not None:
            place = {"sale": person.sales, "redeem": person.redemptions}[operation.errand.name]
            place.append((operation.key, result))
        if person is not None and self._dice.random() < 0.3:
            await self._read(person)

    async def _read(self, person: Person) -> None:
        """Read a balance between two looks into the books."""
        before = await self._booked(person)
        try:
            async with self._till() as till:
                program = errand(person.upstream, "sale").program
                member = await till.member(program, person.number)
        except (httpx.HTTPError, Refused, ValueError):
            return
        after = await self._booked(person)
        balance = member["balance"]
        if balance is not None:
            source = balance["freshness"]["source"]
            self.history.readings.append(
                Reading(person.number, person.upstream, balance["points"], before, after, source)
            )

    async def _booked(self, person: Person) -> str:
        book = await asyncio.to_thread(self.house.books.member, person.upstream, person.number)
        return str(book["points"])

    async def _settle(self, till: Till, operation: Operation, seconds: float) -> None:
        operation.status = await till.settled(operation.key, seconds)
        last = operation.told[-1] if operation.told else None
        if operation.status == "REJECTED" and last is not None and last.is_unsent:
            return
        if operation.status == "NONE" and last is not None and last.status == "REJECTED":
            operation.status = "REJECTED"  # refused before anything was recorded

    # ------------------------------------------------------------------ what is asked

    def _new(self) -> Operation | None:
        person = self._dice.choice(self.people)
        kinds = errands_for(person.upstream)
        chosen = self._dice.choices([kind for kind, _ in kinds], [many for _, many in kinds])[0]
        self._n += 1
        scene, undoes = Scene(person.id, self._n), None
        match chosen.name:
            case "void" | "void redemption":
                done = person.sales if chosen.name == "void" else person.redemptions
                if not done:
                    return None
                undoes, id_ = done.pop()
                name = "sale" if chosen.name == "void" else "redeem"
                scene = Scene(person.id, self._n, {name: id_})
            case "claim":
                if person.claimed or not self.offer:
                    return None
                person.claimed = True
                scene = Scene(person.id, self._n, offers={"12": self.offer[person.number]})
            case _:
                pass
        given = chosen.given(scene)
        if chosen.name == "redeem":
            person.redeemed += 1
            given["amount"] = {"points": str(200 + 20 * person.redeemed)}
        key = f"soak-{self._n:08d}-{self._dice.getrandbits(32):08x}"
        return Operation(key, chosen, person.number, person.id, self._n, given, undoes)

    offer: dict[str, str] = {}  # noqa: RUF012 - set once, before the run

    def _person(self, operation: Operation) -> Person | None:
        return next((each for each in self.people if each.number == operation.number), None)

    def _till(self) -> "_Opened":
        up = [server for server in self.house.servers if server.is_up] or self.house.servers
        return _Opened(self._dice.choice(up).url, self._token, self._timeout)


class _Opened:
    """A till with a connection of its own, so that a client that leaves takes nobody with it."""

    def __init__(self, url: str, token: str, timeout: float) -> None:
        # On loopback nothing is encrypted, and making a context for it takes most of a try's time.
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=timeout,
            verify=False,  # noqa: S501 - see above
            trust_env=False,
        )
        self._token = token

    async def __aenter__(self) -> Till:
        return Till(self._client, self._token)

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()


def _other(given: Json) -> Json:
    """The same but for one thing that matters."""
    if "lines" in given:
        first = {**given["lines"][0], "description": "Another thing"}
        return {**given, "lines": [first, *given["lines"][1:]]}
    if "amount" in given:
        return {**given, "amount": {"points": str(int(given["amount"]["points"]) + 20)}}
    if "delta" in given:
        return {**given, "delta": str(int(given["delta"]) + 1)}
    if "profile" in given:
        return {**given, "profile": {**given["profile"], "birthDate": "1991-01-01"}}
    if "outlet" in given:
        return {**given, "outlet": {**given["outlet"], "name": "Another place"}}
    return {**given, "operator": "ANOTHER"}
