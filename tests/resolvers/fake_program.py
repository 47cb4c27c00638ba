"""A program for tests: it keeps its own book of effects, and answers as it is told to.

It obeys what its Patience declares: nothing has an effect later than `wire` + `processing` after it
was sent, and what is there shows after `read_lag` or, where that is undeclared, `shows_after`.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loyalty.commands import (
    AuthorizeRedemption,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    RequestReceiptUploads,
    ReturnSale,
    VoidRedemption,
    VoidSale,
)
from loyalty.commands import CaptureRedemption as Capture
from loyalty.errors import (
    Declined,
    ErrorCode,
    LoyaltyError,
    OutcomeUnknown,
    RetryAdvice,
    Unavailable,
)
from loyalty.operations import EarnComputation
from loyalty.outcomes import Done, Posted, Redeemed, RedemptionStatus, Upload
from loyalty.refs import MemberRef, TransactionRef, VoucherRef
from providers.port import Probe, Profile
from providers.writing import (
    Beforehand,
    Doubt,
    Finished,
    Job,
    Next,
    Patience,
    Request,
    Sending,
    Write,
)

PROGRAM = "shop"
MEMBER = MemberRef(PROGRAM, "7")
PATIENCE = Patience(wire=30.0, processing=20.0, read_lag=None, replay_is_safe=False, review=7200.0)
PROFILE = Profile(code="fake", name="Fake", earn_computation=EarnComputation.CALLER, lookup_keys=())


class Plan(StrEnum):
    """What becomes of a try."""

    DONE = "DONE"
    REFUSED = "REFUSED"
    UNAVAILABLE = "UNAVAILABLE"
    LOST_WITH_EFFECT = "LOST_WITH_EFFECT"
    LOST_WITHOUT_EFFECT = "LOST_WITHOUT_EFFECT"
    LOST_AND_LATE = "LOST_AND_LATE"
    HANGS_WITH_EFFECT = "HANGS_WITH_EFFECT"
    NEVER_RETURNS = "NEVER_RETURNS"
    DEFECT = "DEFECT"


@dataclass
class Effect:
    """One entry of the book."""

    name: str
    operation: str
    reference: str | None
    target: str | None
    at: float


@dataclass
class Try:
    """One call, as it came in."""

    write: Write
    how: Sending
    at: float
    digest: bytes


@dataclass
class FakeProgram:
    """Does everything; `doubt` and `patience` say what kind of provider it is."""

    doubt: Doubt = Doubt.REPLAY
    patience_: Patience = PATIENCE
    plans: list[Plan] = field(default_factory=list)
    takes: float = 0.0
    shows_after: float = 0.0
    thinks: float = 0.0
    thoughts: list[float] = field(default_factory=list)
    script_down: int = 0
    script_advice: RetryAdvice | None = None
    program: str = PROGRAM
    book: list[Effect] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    looks: int = 0
    under_way: Counter[str] = field(default_factory=Counter)
    on_send: Callable[[Write, Sending], None] = lambda _write, _how: None
    look_error: LoyaltyError | None = None
    uses: list[object] = field(default_factory=list)

    @property
    def profile(self) -> Profile:
        return PROFILE

    @property
    def patience(self) -> Patience:
        return self.patience_

    @property
    def holds(self) -> bool:
        return True

    async def probe(self) -> Probe:
        return Probe(0.0)

    # ------------------------------------------------------------------ the wire

    async def send(self, write: Write, how: Sending) -> Done:
        loop = asyncio.get_running_loop()
        if loop.time() >= how.leave_by:
            raise Unavailable("too late")
        plan = self.plans.pop(0) if self.plans else Plan.DONE
        if plan is Plan.UNAVAILABLE:
            raise Unavailable("not now")
        self.on_send(write, how)
        operation = _body(write)["operation"]
        digest = hashlib.sha256(write.request.body or b"").digest()
        self.tries.append(Try(write, how, loop.time(), digest))
        self.under_way[operation] += 1
        assert self.under_way[operation] == 1, "two at a time"
        try:
            return await self._answered(plan, write, how)
        finally:
            self.under_way[operation] -= 1

    async def _answered(self, plan: Plan, write: Write, how: Sending) -> Done:
        loop = asyncio.get_running_loop()
        match plan:
            case Plan.REFUSED if how.again and self._is_there(write):
                return self._done(write)
            case Plan.REFUSED:
                await asyncio.sleep(self.takes)
                raise Declined("no", code=ErrorCode.INSUFFICIENT_POINTS)
            case Plan.DONE:
                self._effect(write)
                await asyncio.sleep(self.takes)
                return self._done(write)
            case Plan.LOST_AND_LATE:
                late = how.timeout + self.patience.processing * 0.9
                loop.call_later(late, self._effect, write)
            case Plan.LOST_WITH_EFFECT | Plan.HANGS_WITH_EFFECT | Plan.NEVER_RETURNS | Plan.DEFECT:
                self._effect(write)
            case _:
                pass
        if plan is Plan.DEFECT:
            raise KeyError("member's name")
        if plan is Plan.NEVER_RETURNS:
            await asyncio.sleep(1e9)
        await asyncio.sleep(how.timeout if plan is Plan.HANGS_WITH_EFFECT else self.takes)
        raise OutcomeUnknown("lost")

    def _effect(self, write: Write) -> None:
        """A provider that knows repeats does nothing twice."""
        knows_repeats = self.doubt is Doubt.REPLAY or self.patience.replay_is_safe
        if knows_repeats and self._is_there(write):
            return
        body = _body(write)
        at = asyncio.get_running_loop().time()
        effect = Effect(write.name, body["operation"], write.reference, body.get("target"), at)
        self.book.append(effect)

    def _is_there(self, write: Write) -> bool:
        body = _body(write)
        return any((e.name, e.operation) == (write.name, body["operation"]) for e in self.book)

    async def look(self, write: Write, sent_at: datetime) -> Done | None:
        assert sent_at.tzinfo is not None
        self.looks += 1
        await asyncio.sleep(self.takes)
        if self.look_error is not None:
            raise self.look_error
        lag = self.shows_after if self.patience.read_lag is None else self.patience.read_lag
        at = asyncio.get_running_loop().time()
        seen = [e for e in self.book if e.at + lag <= at]
        named = (write.name, _body(write)["operation"])
        found = any((e.name, e.operation) == named for e in seen)
        return self._done(write) if found else None

    def _done(self, write: Write) -> Done:
        body = _body(write)
        match write.name:
            case "post" | "return":
                ref = TransactionRef(MEMBER, (str(write.reference),))
                return Done(native={"ref": str(write.reference)}, transaction=ref, native_id="n1")
            case "hold":
                voucher = VoucherRef(MEMBER, f"V{body['operation'][-6:]}")
                return Done(redemption=RedemptionStatus.HELD, voucher=voucher)
            case "authorize":
                return Done(member=MEMBER, secret="right-to-redeem")
            case "uploads":
                return Done(uploads=(Upload("r1", "https://put.here/secret"),))
            case _:
                return Done(native={"done": write.name})

    # ------------------------------------------------------------------ scripts

    async def _think(self) -> None:
        await asyncio.sleep(self.thoughts.pop(0) if self.thoughts else self.thinks)
        if self.script_down > 0:
            self.script_down -= 1
            raise Unavailable("script cannot read", retry=self.script_advice)

    async def _one_step(self, job: Job, write: Callable[[], Write]) -> Next:  # type: ignore[type-arg]
        self.uses.append(job)
        await self._think()
        if not job.steps:
            return write()
        outcome = job.steps[-1].outcome
        assert isinstance(outcome, Done)
        return Finished(done=outcome)

    def _write(self, job: Job, name: str, reference: str | None = None, **more: str) -> Write:  # type: ignore[type-arg]
        body = json.dumps({"operation": job.ticket.operation, **more}).encode()
        request = Request(method="POST", path=f"/{name}", body=body)
        return Write(name=name, request=request, doubt=self.doubt, reference=reference)

    async def post_sale(self, job: Job[PostSale, Beforehand]) -> Next:
        reference = job.ticket.reference(job.command.document.id)
        code = job.command.authorization or ""
        return await self._one_step(job, lambda: self._write(job, "post", reference, code=code))

    async def return_sale(self, job: Job[ReturnSale, Posted]) -> Next:
        reference = job.ticket.reference(job.command.document.id)
        target = job.target.operation
        return await self._one_step(
            job, lambda: self._write(job, "return", reference, target=target)
        )

    async def void_sale(self, job: Job[VoidSale, Posted]) -> Next:
        target = job.target.operation
        return await self._one_step(job, lambda: self._write(job, "void", target=target))

    async def redeem_points(self, job: Job[RedeemPoints, None]) -> Next:
        if job.command.hold:
            return await self._one_step(job, lambda: self._write(job, "hold"))
        return await self._two_steps(job, "issue", "use")

    async def _two_steps(self, job: Job, first: str, second: str) -> Next:  # type: ignore[type-arg]
        """First, then second; if second is refused, first is taken back."""
        self.uses.append(job)
        await self._think()
        names = [step.write.name for step in job.steps]
        if not names:
            return self._write(job, first)
        if names == [first]:
            return self._write(job, second)
        if names[-1] == "back" and isinstance(job.steps[-1].outcome, Done):
            error = job.steps[1].outcome
            assert isinstance(error, LoyaltyError)
            return Finished(error=error, reversed_=True)
        if isinstance(job.steps[-1].outcome, LoyaltyError):
            return self._write(job, "back")
        return Finished(done=Done(redemption=RedemptionStatus.CAPTURED))

    async def redeem_voucher(self, job: Job[RedeemVoucher, Redeemed | None]) -> Next:
        target = job.target.operation if job.target else ""
        return await self._one_step(job, lambda: self._write(job, "use-voucher", target=target))

    async def capture_redemption(self, job: Job[Capture, Redeemed]) -> Next:
        target = job.target.operation
        return await self._one_step(job, lambda: self._write(job, "capture", target=target))

    async def void_redemption(self, job: Job[VoidRedemption, Redeemed]) -> Next:
        target = job.target.operation
        return await self._one_step(job, lambda: self._write(job, "give-back", target=target))

    async def authorize_redemption(self, job: Job[AuthorizeRedemption, None]) -> Next:
        code = job.command.code
        return await self._one_step(job, lambda: self._write(job, "authorize", code=code))

    async def request_uploads(self, job: Job[RequestReceiptUploads, None]) -> Next:
        return await self._one_step(job, lambda: self._write(job, "uploads"))


def _body(write: Write) -> dict[str, str]:
    body: dict[str, str] = json.loads(write.request.body or b"{}")
    return body
