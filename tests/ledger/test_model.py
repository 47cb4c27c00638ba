"""The journal against a plain model of it: any order of what may be asked, the same answers."""

import asyncio
import contextlib
import os
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ledger.journal import (
    Change,
    DocumentTaken,
    KeyTaken,
    Overtaken,
    Record,
    ReferenceTaken,
    SerialTaken,
    State,
)
from tests.ledger.places import BACK_ENDS, opened, operation, place_of, step

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
EXAMPLES = 400 if os.environ.get("FULL") else 25
WORKING = {State.READY, State.SENDING, State.IN_DOUBT}
WITHOUT_EFFECT = {State.FAILED, State.UNSENT}

few = st.sampled_from(["a", "b", "c"])
maybe = st.none() | few


class Model:
    """What must hold, said as plainly as can be: a dictionary and loops over it."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.histories: dict[str, list[tuple[State | None, State]]] = {}

    def refusal(self, record: Record, *, new: bool) -> type[Exception] | None:
        """What of it another one has."""
        others = [one for one in self.records.values() if one.id != record.id]
        if new and any((one.scope, one.key) == (record.scope, record.key) for one in others):
            return KeyTaken
        live = record.state not in WITHOUT_EFFECT and record.document is not None
        same = (record.program, record.kind, record.document)
        if live and any(
            (one.program, one.kind, one.document) == same and one.state not in WITHOUT_EFFECT
            for one in others
        ):
            return DocumentTaken
        if _any_twice(_serials(record), *(_serials(one) for one in others)):
            return SerialTaken
        if _any_twice(_references(record), *(_references(one) for one in others)):
            return ReferenceTaken
        return None

    def keep(self, record: Record, before: State | None) -> None:
        self.records[record.id] = record
        self.histories.setdefault(record.id, []).append((before, record.state))


def _any_twice(own: list[tuple[str, ...]], *others: list[tuple[str, ...]]) -> bool:
    """Whether something of an operation is another's, or twice its own."""
    return len(own) > len(set(own)) or any(set(own) & set(other) for other in others)


def _serials(record: Record) -> list[tuple[str, ...]]:
    if record.state not in WORKING:
        return []
    return [
        (record.program, one.serial) for one in record.steps if one.serial and one.outcome is None
    ]


def _references(record: Record) -> list[tuple[str, ...]]:
    return [(record.program, one.name, one.reference) for one in record.steps if one.reference]


class JournalMachine(RuleBasedStateMachine):
    """Opens, changes, claims and forgets; after each step everything is compared."""

    back_end = "sqlite"

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = contextlib.AsyncExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        place = self.stack.enter_context(place_of(self.back_end, Path(folder)))
        self.now = START
        self.books = self.run(self.stack.enter_async_context(opened(place, clock=lambda: self.now)))
        self.model = Model()

    def run(self, awaitable):
        return self.loop.run_until_complete(awaitable)

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.run(self.stack.aclose())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()

    def chosen(self, data: st.DataObject) -> Record | None:
        if not self.model.records:
            return None
        ids = sorted(self.model.records)
        return self.model.records[data.draw(st.sampled_from(ids))]

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(
        key=few,
        program=st.sampled_from(["p", "q"]),
        document=maybe,
        serial=maybe,
        reference=maybe,
        lease=st.none() | st.integers(1, 60),
        member=maybe,
    )
    def open(self, key, program, document, serial, reference, lease, member) -> None:
        until = None if lease is None else self.now + timedelta(seconds=lease)
        only = step(0, serial=serial, reference=reference, sent_at=self.now)
        record = operation(
            key=key,
            program=program,
            document=document,
            member=member,
            created_at=self.now,
            lease_until=until,
            secret=b"secret",
            steps=(only,),
        )
        refusal = self.model.refusal(record, new=True)
        if refusal is not None:
            with pytest.raises(refusal):
                self.run(self.books.open(record))
            return
        assert self.run(self.books.open(record)) == record
        self.model.keep(record, None)

    @rule(
        data=st.data(),
        state=st.sampled_from(list(State)),
        stale=st.sampled_from([False, False, False, True]),
        renew=st.booleans(),
        final=st.booleans(),
        outcome=st.none() | st.just(b"ok"),
        again=st.sampled_from([None, "same", "next"]),
        serial=maybe,
        reference=maybe,
        native=maybe,
        next_=st.none() | st.integers(-1, 60),
    )
    def change(
        self, data, state, stale, renew, final, outcome, again, serial, reference, native, next_
    ) -> None:
        record = self.chosen(data)
        if record is None:
            return
        shown = replace(record, rev=record.rev - 1) if stale else record
        made = None
        if again == "same":
            made = replace(record.steps[-1], sends=7, outcome=outcome)
        elif again == "next":
            made = step(len(record.steps), serial=serial, reference=reference, sent_at=self.now)
        until = self.now + timedelta(seconds=30) if renew else None
        change = Change(
            state=state,
            why="model",
            step=made,
            lease_until=until,
            next_at=None if next_ is None else self.now + timedelta(seconds=next_),
            native=native,
            final=final,
        )
        after = self.expected(record, change)
        refusal = Overtaken if stale else self.model.refusal(after, new=False)
        if refusal is not None:
            with pytest.raises(refusal):
                self.run(self.books.change(shown, change))
            return
        assert self.run(self.books.change(shown, change)) == after
        self.model.keep(after, record.state)

    def expected(self, record: Record, change: Change) -> Record:
        steps = list(record.steps)
        if change.step is not None:
            steps[change.step.seq : change.step.seq + 1] = [change.step]
        if change.final:
            steps = [replace(one, request=None) for one in steps]
        if change.state in WORKING:
            finished = None
        elif change.state is record.state and record.finished_at is not None:
            finished = record.finished_at
        else:
            finished = self.now
        return replace(
            record,
            state=change.state,
            rev=record.rev + 1,
            steps=tuple(steps),
            lease_until=change.lease_until,
            owner=record.owner if change.lease_until else None,
            next_at=change.next_at or (record.next_at if change.state in WORKING else None),
            native=change.native or record.native,
            secret=None if change.final else record.secret,
            finished_at=finished,
        )

    @rule(most=st.integers(1, 5), owner=few)
    def claim(self, most: int, owner: str) -> None:
        free = [
            one
            for one in self.model.records.values()
            if (one.lease_until is None or one.lease_until <= self.now)
            and (one.next_at is None or one.next_at <= self.now)
        ]
        work = sorted((one.created_at, one.id) for one in free if one.state in WORKING)
        watched = sorted(
            (one.created_at, one.id)
            for one in free
            if one.state is State.FAILED and one.next_at is not None
        )
        due = sorted([*work, *watched[: max(0, most - len(work))]][:most])
        until = self.now + timedelta(seconds=40)
        claimed = self.run(self.books.claim(owner, self.now, until, most))
        assert [one.id for one in claimed] == [id_ for _, id_ in due]
        for one in claimed:
            before = self.model.records[one.id]
            after = replace(before, owner=owner, lease_until=until, rev=before.rev + 1)
            assert one == after
            self.model.records[one.id] = after

    @rule(program=st.sampled_from(["p", "q"]), member=few)
    def forget(self, program: str, member: str) -> None:
        gone = [
            one
            for one in self.model.records.values()
            if (one.program, one.member) == (program, member)
            and one.state not in WORKING | {State.NEEDS_REVIEW}
        ]
        assert self.run(self.books.forget(program, member)) == len(gone)
        for one in gone:
            steps = tuple(
                replace(each, request=None, serial=None, outcome=each.outcome and b"")
                for each in one.steps
            )
            self.model.records[one.id] = replace(
                one,
                member=None,
                command=b"",
                fingerprint=b"",
                native=None,
                next_at=None,
                secret=None,
                steps=steps,
                rev=one.rev + 1,
            )

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        kept = self.run(self.books.in_state(list(State), 1000))
        assert {one.id: one for one in kept} == self.model.records
        counted = self.run(self.books.counts())
        for state in State:
            same = [one for one in self.model.records.values() if one.state is state]
            assert counted[state] == len(same)
        for id_, history in self.model.histories.items():
            events = self.run(self.books.events(id_))
            assert [(one.before, one.after) for one in events] == history


@pytest.mark.timeout(600)
@pytest.mark.parametrize("back_end", BACK_ENDS)
def test_the_journal_and_its_model_agree(back_end: str) -> None:
    class Machine(JournalMachine):
        pass

    Machine.back_end = back_end
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
