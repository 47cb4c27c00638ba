"""The desk: once a key, told in time, nothing sent before it is recorded."""

import asyncio
import dataclasses
import logging

import pytest

from ledger.journal import LedgerUnavailable, State
from loyalty.commands import RequestReceiptUploads
from loyalty.errors import ErrorCode, RetryAdvice
from loyalty.outcomes import CautionCode, OperationStatus
from loyalty.refs import MemberRef
from resolvers.pace import Pace
from tests.resolvers.desks import (
    ANN,
    BOB,
    World,
    authorize,
    post,
    redeem,
    world,
)
from tests.resolvers.fake_program import MEMBER, PROGRAM, FakeProgram, Plan
from tests.resolvers.virtual_time import virtual

KEY = "one-key-for-this-test"


def effects(world: World) -> list[str]:
    return [effect.name for effect in world.program.book]


@virtual
async def test_a_one_step_mutation_is_two_commits_and_one_effect() -> None:
    async with world() as w:
        told = await w.do(post())
        assert told.status is OperationStatus.SUCCEEDED
        assert told.errors == ()
        assert told.receipt is not None
        assert not told.receipt.replayed
        assert told.receipt.done is not None
        assert told.receipt.done.native_id == "n1"
        assert effects(w) == ["post"]
        assert w.journal.commits == 2
        assert told.members == (MEMBER,)
        assert w.changed == [MEMBER]


@virtual
async def test_its_record_is_durable_before_a_byte_leaves() -> None:
    async with world() as w:
        seen: list[State] = []

        def on_send(_write: object, _how: object) -> None:
            (record,) = w.journal.records.values()
            assert record.steps[-1].request is not None
            seen.append(record.state)

        w.program.on_send = on_send
        await w.do(post())
        assert seen == [State.SENDING]


@virtual
async def test_the_same_key_and_input_is_answered_from_the_record() -> None:
    async with world() as w:
        command = post()
        first = await w.do(command, KEY)
        again = await w.do(command, KEY)
        assert again.status is OperationStatus.SUCCEEDED
        assert again.receipt is not None
        assert first.receipt is not None
        assert again.receipt.replayed
        assert again.receipt.operation == first.receipt.operation
        assert effects(w) == ["post"]


@virtual
async def test_fifty_at_once_with_one_key_are_one_effect_and_one_answer() -> None:
    async with world(FakeProgram(takes=2.0)) as w:
        command = post()
        told = await asyncio.gather(*(w.do(command, KEY) for _ in range(50)))
        assert {t.status for t in told} == {OperationStatus.SUCCEEDED}
        assert len({t.receipt.operation for t in told if t.receipt}) == 1
        assert sum(not t.receipt.replayed for t in told if t.receipt) == 1
        assert effects(w) == ["post"]


@virtual
async def test_the_same_key_with_other_input_is_a_conflict_and_nothing_is_sent() -> None:
    async with world() as w:
        await w.do(post("INV-1"), KEY)
        told = await w.do(post("INV-2"), KEY)
        assert told.status is OperationStatus.REJECTED
        assert told.receipt is None
        assert told.errors[0].code is ErrorCode.IDEMPOTENCY_CONFLICT
        assert effects(w) == ["post"]


@virtual
async def test_another_principals_key_is_another_key() -> None:
    async with world() as w:
        first = await w.do(post("INV-1"), KEY)
        second = await w.do(post("INV-2"), KEY, BOB)
        assert first.receipt is not None
        assert second.receipt is not None
        assert second.receipt.operation != first.receipt.operation
        assert await w.desk.receipt(BOB, first.receipt.operation) is None
        assert await w.desk.receipt(ANN, first.receipt.operation) is not None
        assert await w.desk.operation(BOB, "some-other-key-of-bobs") is None


@virtual
async def test_a_fresh_right_to_redeem_is_the_same_input() -> None:
    async with world() as w:
        await w.do(post(authorization="first-right"), KEY)
        told = await w.do(post(authorization="second-right"), KEY)
        assert told.status is OperationStatus.SUCCEEDED
        assert effects(w) == ["post"]


@virtual
async def test_another_one_time_code_is_other_input() -> None:
    async with world() as w:
        await w.do(authorize("111111"), KEY)
        told = await w.do(authorize("222222"), KEY)
        assert told.errors[0].code is ErrorCode.IDEMPOTENCY_CONFLICT


@pytest.mark.parametrize("key", ["short", "x" * 129, "with space in it....", "ключ-ключ-ключ-ключ"])
def test_a_key_has_a_form(key: str) -> None:
    @virtual
    async def check() -> None:
        async with world() as w:
            told = await w.do(post(), key)
            assert told.errors[0].code is ErrorCode.INVALID_INPUT
            assert told.errors[0].field == ("input", "idempotencyKey")
            assert not w.journal.records

    check()


@virtual
async def test_a_refusal_is_recorded_and_replayed() -> None:
    async with world(FakeProgram(plans=[Plan.REFUSED])) as w:
        command = post()
        for replayed in (False, True):
            told = await w.do(command, KEY)
            assert told.status is OperationStatus.REJECTED
            assert told.errors[0].code is ErrorCode.INSUFFICIENT_POINTS
            assert told.receipt is not None
            assert told.receipt.replayed is replayed
        assert w.record(told).state is State.FAILED
        assert len(w.program.tries) == 1


@virtual
async def test_a_refused_document_is_known_upstream_by_another_reference() -> None:
    async with world(FakeProgram(plans=[Plan.REFUSED])) as w:
        await w.do(post())
        told = await w.do(post())
        assert told.status is OperationStatus.SUCCEEDED
        assert [t.write.reference for t in w.program.tries] == ["INV-1", "INV-1~1"]


@virtual
async def test_a_document_under_another_key_is_a_duplicate_with_the_first_receipt() -> None:
    async with world() as w:
        first = await w.do(post())
        told = await w.do(post())
        assert told.status is OperationStatus.REJECTED
        assert told.errors[0].code is ErrorCode.DUPLICATE
        assert told.receipt is not None
        assert first.receipt is not None
        assert told.receipt.operation == first.receipt.operation
        others = await w.do(post(), caller=BOB)
        assert others.errors[0].code is ErrorCode.DUPLICATE
        assert others.receipt is None
        assert effects(w) == ["post"]


@virtual
async def test_a_slow_program_is_told_as_pending_and_settles_by_itself() -> None:
    async with world(FakeProgram(takes=20.0)) as w:
        began = asyncio.get_running_loop().time()
        command = post()
        told = await w.do(command, KEY)
        assert asyncio.get_running_loop().time() - began == pytest.approx(8.0, abs=0.1)
        assert told.status is OperationStatus.PENDING
        assert told.errors == ()
        await w.quiet(15)
        assert (await w.do(command, KEY)).status is OperationStatus.SUCCEEDED
        assert effects(w) == ["post"]


@virtual
async def test_a_client_that_goes_away_changes_nothing() -> None:
    async with world(FakeProgram(takes=2.0)) as w:
        asking = asyncio.create_task(w.do(post(), KEY))
        await asyncio.sleep(1.0)
        asking.cancel()
        await w.quiet(5)
        receipt = await w.desk.operation(ANN, KEY)
        assert receipt is not None
        assert receipt.status is OperationStatus.SUCCEEDED


@virtual
async def test_what_never_left_is_tried_again_while_the_client_waits() -> None:
    async with world(FakeProgram(plans=[Plan.UNAVAILABLE] * 3)) as w:
        told = await w.do(post())
        assert told.status is OperationStatus.SUCCEEDED
        assert effects(w) == ["post"]
        assert len(w.program.tries) == 1
        assert not w.program.tries[0].how.again


@virtual
async def test_what_never_left_at_all_is_rejected_and_its_key_may_ask_again() -> None:
    async with world(FakeProgram(plans=[Plan.UNAVAILABLE] * 100)) as w:
        command = post(authorization="old-right")
        told = await w.do(command, KEY)
        assert told.status is OperationStatus.REJECTED
        assert told.errors[0].retry is RetryAdvice.SAME_KEY_LATER
        assert w.record(told).state is State.UNSENT
        assert w.record(told).secret is None
        assert w.program.tries == []
        conflict = await w.do(post("INV-2"), KEY)
        assert conflict.errors[0].code is ErrorCode.IDEMPOTENCY_CONFLICT
        w.program.plans.clear()
        told = await w.do(dataclasses.replace(command, authorization="fresh"), KEY)
        assert told.status is OperationStatus.SUCCEEDED
        assert b"fresh" in (w.program.tries[0].write.request.body or b"")
        assert effects(w) == ["post"]
        assert len(w.journal.records) == 1


@virtual
async def test_a_document_that_was_never_sent_is_free_for_another_key() -> None:
    async with world(FakeProgram(plans=[Plan.UNAVAILABLE] * 100)) as w:
        command = post()
        await w.do(command, KEY)
        w.program.plans.clear()
        assert (await w.do(post())).status is OperationStatus.SUCCEEDED
        told = await w.do(command, KEY)
        assert told.errors[0].code is ErrorCode.DUPLICATE
        assert effects(w) == ["post"]


@virtual
async def test_without_a_ledger_nothing_is_sent() -> None:
    async with world() as w:
        w.journal.down = True
        command = post()
        told = await w.do(command, KEY)
        assert told.receipt is None
        assert told.errors[0].code is ErrorCode.LEDGER_UNAVAILABLE
        assert told.errors[0].retry is RetryAdvice.SAME_KEY_LATER
        assert w.program.tries == []
        w.journal.down = False
        assert (await w.do(command, KEY)).status is OperationStatus.SUCCEEDED
        assert effects(w) == ["post"]


@virtual
async def test_an_answer_that_cannot_be_recorded_is_kept_until_it_can() -> None:
    async with world(FakeProgram(takes=1.0)) as w:
        asking = asyncio.create_task(w.do(post(), KEY))
        await asyncio.sleep(0.5)
        w.journal.down = True
        assert (await asking).status is OperationStatus.PENDING
        await w.quiet(20)
        w.journal.down = False
        await w.quiet(10)
        receipt = await w.desk.operation(ANN, KEY)
        assert receipt is not None
        assert receipt.status is OperationStatus.SUCCEEDED
        assert len(w.program.tries) == 1


@virtual
async def test_an_answer_wins_over_a_doubt_that_came_meanwhile() -> None:
    """The ledger is away for longer than the lease: recovery takes over, and is overtaken."""
    async with world(FakeProgram(takes=1.0)) as w:
        asking = asyncio.create_task(w.do(post(), KEY))
        await asyncio.sleep(0.5)
        w.journal.down = True
        await asking
        await w.quiet(600)
        w.journal.down = False
        await w.quiet(600)
        receipt = await w.desk.operation(ANN, KEY)
        assert receipt is not None
        assert receipt.status is OperationStatus.SUCCEEDED
        assert effects(w) == ["post"]


@virtual
async def test_the_second_server_waits_for_the_first() -> None:
    async with world(FakeProgram(takes=3.0)) as w:
        from resolvers.desk import Desk  # noqa: PLC0415
        from tests.resolvers.desks import clocks  # noqa: PLC0415

        other = Desk(w.desk.office.accounts, w.journal, clocks=clocks())
        command = post()
        first = asyncio.create_task(w.do(command, KEY))
        await asyncio.sleep(1.0)
        told = await other.do(ANN, KEY, command, "trace")
        assert told.status is OperationStatus.SUCCEEDED
        assert told.receipt is not None
        assert told.receipt.replayed
        await first
        await other.aclose()
        assert effects(w) == ["post"]


@virtual
async def test_a_script_that_cannot_read_is_refused_before_anything_is_recorded() -> None:
    async with world(FakeProgram(script_down=1)) as w:
        told = await w.do(post())
        assert told.errors[0].code is ErrorCode.PROVIDER_UNAVAILABLE
        assert not w.journal.records


@virtual
async def test_a_script_that_is_refused_as_a_client_leaves_the_key_free_and_says_so() -> None:
    async with world(FakeProgram(script_down=1, script_advice=RetryAdvice.NEVER)) as w:
        told = await w.do(post())
        assert told.errors[0].retry is RetryAdvice.SAME_KEY_LATER
        assert not w.journal.records
        assert (await w.do(post())).errors == ()


@virtual
async def test_an_unknown_program_has_no_such_member() -> None:
    async with world() as w:
        told = await w.do(post(member=MemberRef("gone", "7")))
        assert told.errors[0].code is ErrorCode.MEMBER_NOT_FOUND


@virtual
async def test_two_steps_are_each_recorded_before_they_are_sent() -> None:
    async with world() as w:
        told = await w.do(redeem())
        assert told.status is OperationStatus.SUCCEEDED
        assert effects(w) == ["issue", "use"]
        assert [step.request for step in w.record(told).steps] == [None, None]


@virtual
async def test_a_refused_later_step_takes_the_earlier_one_back() -> None:
    async with world(FakeProgram(plans=[Plan.DONE, Plan.REFUSED])) as w:
        told = await w.do(redeem())
        assert told.status is OperationStatus.REVERSED
        assert told.errors[0].code is ErrorCode.INSUFFICIENT_POINTS
        assert effects(w) == ["issue", "back"]


@virtual
async def test_a_later_step_that_never_left_is_carried_on_in_the_background() -> None:
    plans = [Plan.DONE, *[Plan.UNAVAILABLE] * 14]
    async with world(FakeProgram(plans=plans)) as w:
        told = await w.do(redeem(), KEY)
        assert told.status is OperationStatus.PENDING
        await w.quiet()
        assert w.record(told).state is State.CONFIRMED
        assert effects(w) == ["issue", "use"]


@virtual
async def test_a_slow_script_does_not_hold_up_the_record_of_what_was_done() -> None:
    async with world(FakeProgram(thinks=3.0)) as w:
        told = await w.do(redeem())
        assert "step 0 is over" in w.whys(told)
        await w.quiet(20)
        assert w.record(told).state is State.CONFIRMED
        assert effects(w) == ["issue", "use"]


@virtual
async def test_a_right_is_told_again_until_it_is_over() -> None:
    async with world() as w:
        command = authorize()
        told = await w.do(command, KEY)
        assert told.receipt is not None
        assert told.receipt.done is not None
        assert told.receipt.done.secret == "right-to-redeem"
        record = w.record(told)
        assert b"right-to-redeem" not in (record.result or b"")
        assert b"right-to-redeem" in (record.result_secret or b"")
        again = await w.do(command, KEY)
        assert again.receipt is not None
        assert again.receipt.done is not None
        assert again.receipt.done.secret == "right-to-redeem"
        await w.quiet(3600)
        late = await w.do(command, KEY)
        assert late.receipt is not None
        assert late.receipt.done is not None
        assert late.receipt.done.secret is None
        assert late.errors[0].code is ErrorCode.AUTHORIZATION_EXPIRED


@virtual
async def test_no_secret_is_kept_in_clear_parts_nor_after_the_end() -> None:
    async with world() as w:
        told = await w.do(post(authorization="canary-right"))
        code = await w.do(authorize("canary-code"))
        for record in (w.record(told), w.record(code)):
            assert record.secret is None
            assert b"canary" not in record.command
            assert b"canary" not in (record.result or b"")
            assert all(step.request is None for step in record.steps)
        assert told.receipt is not None
        assert "canary" not in repr(told)


@virtual
async def test_upload_urls_are_secrets_of_the_result() -> None:
    async with world() as w:
        told = await w.do(RequestReceiptUploads(program=PROGRAM, receipts=("r1",)))
        assert told.receipt is not None
        assert told.receipt.done is not None
        uploads = told.receipt.done.uploads
        assert uploads is not None
        assert uploads[0].url == "https://put.here/secret"
        assert b"put.here" not in (w.record(told).result or b"")


@virtual
async def test_upload_urls_that_are_over_are_asked_for_anew() -> None:
    async with world() as w:
        command = RequestReceiptUploads(program=PROGRAM, receipts=("r1",))
        await w.do(command, KEY)
        again = await w.do(command, KEY)
        assert again.receipt is not None
        assert len(w.program.tries) == 1
        await w.quiet(3600)
        told = await w.do(command, KEY)
        assert told.status is OperationStatus.SUCCEEDED
        assert told.receipt is not None
        assert told.receipt.done is not None
        assert told.receipt.done.uploads is not None
        assert told.receipt.done.uploads[0].url == "https://put.here/secret"
        assert len(w.program.tries) == 2


@virtual
@pytest.mark.parametrize("fault", [Plan.UNAVAILABLE, Plan.LOST_WITH_EFFECT, "script", "ledger"])
async def test_upload_urls_that_cannot_be_had_anew_are_no_refusal(
    fault: Plan | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world() as w:
        command = RequestReceiptUploads(program=PROGRAM, receipts=("r1",))
        await w.do(command, KEY)
        await w.quiet(3600)
        with monkeypatch.context() as spoilt:
            match fault:
                case Plan():
                    w.program.plans = [fault] * 100
                case "script":
                    w.program.script_down = 1
                case _:
                    spoilt.setattr(w.journal, "note", _down)
            told = await w.do(command, KEY)
        assert (told.status, told.errors) == (OperationStatus.SUCCEEDED, ())
        assert told.receipt is not None
        assert told.receipt.done is not None
        assert told.receipt.done.uploads is None, "an address that is over is none"
        [caution] = told.receipt.cautions
        assert caution.code is CautionCode.OTHER
        assert "the addresses are over" in caution.message
        w.program.plans.clear()
        told = await w.do(command, KEY)
        assert told.receipt is not None
        assert told.receipt.cautions == ()
        assert told.receipt.done is not None
        assert told.receipt.done.uploads is not None
        assert told.receipt.done.uploads[0].url == "https://put.here/secret"


async def _down(*_: object) -> None:
    raise LedgerUnavailable


@virtual
async def test_a_defect_of_an_adapter_after_sending_is_doubt_and_never_logged() -> None:
    async with world(FakeProgram(plans=[Plan.DEFECT])) as w:
        told = await w.do(post())
        assert told.status is OperationStatus.PENDING
        await w.quiet()
        assert w.record(told).state is State.CONFIRMED
        assert effects(w) == ["post"]


def test_a_defect_is_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    @virtual
    async def check() -> None:
        async with world(FakeProgram(plans=[Plan.DEFECT])) as w:
            await w.do(post())

    with caplog.at_level(logging.ERROR):
        check()
    assert "KeyError" in [getattr(record, "kind", None) for record in caplog.records]
    assert "member's name" not in caplog.text


@virtual
async def test_a_stop_waits_for_what_is_on_the_wire() -> None:
    async with world(FakeProgram(takes=20.0)) as w:
        asking = asyncio.create_task(w.do(post(), KEY))
        await asyncio.sleep(1.0)
        await w.desk.aclose()
        await asking
        (record,) = w.journal.records.values()
        assert record.state is State.CONFIRMED
        told = await w.do(post("INV-9"))
        assert told.errors[0].code is ErrorCode.OVERLOADED


@virtual
async def test_an_idle_resolver_asks_the_journal_once_a_second() -> None:
    async with world() as w:
        await w.quiet(100)
        assert 95 <= w.journal.claims <= 105


@virtual
async def test_every_wait_is_scaled_by_the_pace() -> None:
    async with world(FakeProgram(takes=20.0), pace=Pace(scale=0.01)) as w:
        began = asyncio.get_running_loop().time()
        told = await w.do(post())
        assert told.status is OperationStatus.PENDING
        assert asyncio.get_running_loop().time() - began < 0.2
        assert w.program.tries[0].how.timeout == pytest.approx(0.3)
