"""Rewards as redemptions: issued is held, redeemed is captured (contract 4.7, 9.1 to 9.4)."""

from dataclasses import replace
from decimal import Decimal

from loyalty.commands import (
    CaptureRedemption,
    RedeemPoints,
    RedeemVoucher,
    VoidRedemption,
)
from loyalty.errors import ErrorCode, LoyaltyError
from loyalty.outcomes import Caution, CautionCode, Done, Redeemed, RedemptionStatus
from providers.fabric.client.rewarding import Rewarding
from providers.fabric.mapping import cautions
from providers.fabric.mapping import rewards as mapping
from providers.fabric.profile import Upstream
from providers.writing import Finished, Job, Next, Step

_REDEEM, _CANCEL = Upstream.REDEEM_REWARDS, Upstream.CANCEL_REWARDS
_REVERSE = Upstream.REVERSE_REDEEMED_REWARDS


class Redeeming(Rewarding):
    """RedeemsPoints, HoldsRedemptions, RedeemsVouchers, CapturesRedemptions, VoidsRedemptions."""

    # ------------------------------------------------------------------ the abilities

    @property
    def holds(self) -> bool:
        """An issued reward is held until it is redeemed or cancelled."""
        return True

    async def redeem_points(self, job: Job[RedeemPoints, None]) -> Next:
        """Issue; then redeem, unless it is only to be held. Refused there, it is cancelled."""
        command = job.command
        if not job.steps:
            issue = self.issue(command, self._amount(command), job.ticket.operation)
            await self.check_active(command.member, "memberId")
            return issue
        held, *later = (step.outcome for step in job.steps)
        if not isinstance(held, Done):
            return Finished(error=held)
        told = (*cautions.of_points(command), *_rounded(command, held))
        held = replace(held, cautions=told)
        if command.hold and not later:
            held = replace(held, expires_at=await self.expiry(held))
        return self._after_issue(command, held, later, job.ticket.operation)

    def _after_issue(
        self, command: RedeemPoints, held: Done, later: list[Done | LoyaltyError], ours: str
    ) -> Next:
        match later:
            case [] if command.hold:
                return Finished(done=held)
            case []:
                return self.step(_REDEEM, held, command.outlet.code, ours, command)
            case [Done(), *_]:
                return Finished(done=replace(held, redemption=RedemptionStatus.CAPTURED))
            case [LoyaltyError()]:
                return self.step(_CANCEL, held, None, ours, command)
            case _:
                return _taken_back(held, later[0], later[1])

    async def redeem_voucher(self, job: Job[RedeemVoucher, Redeemed | None]) -> Next:
        """A held reward is captured, for all that it is worth."""
        command = job.command
        if job.steps:
            return _finished(job.steps, cautions.of_voucher(command))
        with self.at("voucherId"):
            reward = await self.usable(command.voucher)
        await self.check_active(command.voucher.member, "voucherId")
        worth = reward.amount_to_redeem
        if command.discount is not None and worth not in (None, command.discount):
            raise self.invalid(f"this voucher is worth {worth:f}, no other amount", "discount")
        held = Done(
            native={"code": mapping.code(reward)},
            member=self.tenant.ref(command.voucher.member.key),
        )
        store = self.store_of(command.outlet)
        return self.step(_REDEEM, held, store, job.ticket.operation, command, reward)

    async def capture_redemption(self, job: Job[CaptureRedemption, Redeemed]) -> Next:
        """Redeem what is held, where it was held."""
        command, target = job.command, job.target
        if job.steps:
            return _finished(job.steps, (), target.done)
        if target.status is not RedemptionStatus.HELD:
            raise self.declined(
                f"the redemption is {target.status}", ErrorCode.REDEMPTION_NOT_OPEN, "redemptionId"
            )
        store = target.done.native.get("store") or self.settings.store
        return self.step(_REDEEM, target.done, store, job.ticket.operation, command)

    async def void_redemption(self, job: Job[VoidRedemption, Redeemed]) -> Next:
        """Cancel what is held, reverse what is captured."""
        command, target = job.command, job.target
        if job.steps:
            return _finished(job.steps, (), target.done)
        match target.status:
            case RedemptionStatus.HELD:
                step = _CANCEL
            case RedemptionStatus.CAPTURED:
                step = _REVERSE
            case RedemptionStatus.VOIDED:
                raise self.declined(
                    "the redemption is void already", ErrorCode.ALREADY_VOIDED, "redemptionId"
                )
            case _:
                raise self.declined(
                    f"the redemption is {target.status}", ErrorCode.NOT_VOIDABLE, "redemptionId"
                )
        return self.step(step, target.done, None, job.ticket.operation, command)

    def _amount(self, command: RedeemPoints) -> Decimal:
        """What is redeemed, in money: the only measure that the provider takes (contract 9.1)."""
        points, money = command.points, command.money
        if money is None:
            if points is None or points <= 0:
                raise self.invalid("redeem more than 0", "amount", "points")
            return self._priced(points)
        if money <= 0 or self.tenant.money(money).amount != money:
            raise self.invalid(
                f"more than 0, and no finer than {self.tenant.currency} can be", "amount", "money"
            )
        return money

    def _priced(self, points: Decimal) -> Decimal:
        rate = self.settings.point_worth
        if rate is None:
            raise self.invalid(
                "this program prices redemptions in money, and no point_worth is configured;"
                " give amount.money",
                "amount",
                "points",
            )
        amount = points * rate
        if self.tenant.money(amount).amount != amount:
            raise self.invalid(
                f"{points:f} points are worth {amount.normalize():f}, which cannot be paid;"
                " give amount.money",
                "amount",
                "points",
            )
        return amount


def _rounded(command: RedeemPoints, held: Done) -> tuple[Caution, ...]:
    """The provider's rate may be another than the configured one: its figure counts."""
    if command.points in (None, held.points) or held.points is None:
        return ()
    text = f"{held.points:f} points were taken for what {command.points:f} should be worth"
    return (Caution(CautionCode.ROUNDED, text),)


def _taken_back(
    held: Done, refusal: Done | LoyaltyError, cancelled: Done | LoyaltyError
) -> Finished:
    if isinstance(cancelled, Done) and isinstance(refusal, LoyaltyError):
        return Finished(error=refusal, reversed_=True)
    text = "it could neither be captured nor cancelled: capture or void the held redemption"
    return Finished(done=replace(held, cautions=(*held.cautions, cautions.other(text))))


def _finished(
    steps: tuple[Step, ...], told: tuple[Caution, ...], held: Done | None = None
) -> Finished:
    """The end after a single step; what the answer does not tell is known from the holding."""
    outcome = steps[-1].outcome
    if not isinstance(outcome, Done):
        return Finished(error=outcome)
    if held is not None:
        outcome = replace(
            outcome,
            native={**held.native, **outcome.native},
            voucher=held.voucher,
            points=held.points if outcome.points is None else outcome.points,
            worth=outcome.worth or held.worth,
        )
    return Finished(done=replace(outcome, cautions=told))
