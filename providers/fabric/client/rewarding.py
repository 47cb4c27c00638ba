"""Issue, Redeem, Cancel and Reverse Reward (contract 9.1 to 9.4): made ready, read, and found."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from loyalty.commands import CaptureRedemption, RedeemPoints, RedeemVoucher, VoidRedemption
from loyalty.errors import ErrorCode, LoyaltyError
from loyalty.offers import VoucherStatus
from loyalty.outcomes import Done, RedemptionStatus
from loyalty.refs import VoucherRef
from providers.deadline import deadline_in
from providers.fabric.client.points import Points
from providers.fabric.client.session import Ask
from providers.fabric.client.standing import Standing
from providers.fabric.client.writing import Kind, Writer
from providers.fabric.mapping import outcomes
from providers.fabric.mapping import rewards as mapping
from providers.fabric.mapping.bodies import mark, marked
from providers.fabric.mapping.tenant import uuid
from providers.fabric.profile import Upstream
from providers.fabric.wire.asked import WireAskedReward, WireAskedStep
from providers.fabric.wire.envelope import WireAny
from providers.fabric.wire.rewards import WireIssuedReply, WireReward, WireRewardsReply
from providers.writing import Doubt, Write

_ISSUE, _REDEEM = Upstream.ISSUE_REWARD, Upstream.REDEEM_REWARDS
_CANCEL, _REVERSE = Upstream.CANCEL_REWARDS, Upstream.REVERSE_REDEEMED_REWARDS
_BEFORE = {
    _REDEEM: VoucherStatus.USABLE,
    _CANCEL: VoucherStatus.USABLE,
    _REVERSE: VoucherStatus.REDEEMED,
}
_AFTER = {
    _REDEEM: (VoucherStatus.REDEEMED, RedemptionStatus.CAPTURED),
    _CANCEL: (VoucherStatus.CANCELED, RedemptionStatus.VOIDED),
    _REVERSE: (VoucherStatus.REVERSED, RedemptionStatus.VOIDED),
}
_CLOCKS_APART = timedelta(minutes=5)
_SOON = 2.0
"""Seconds that are given to what is good to know beside a change."""


class Rewarding(Points, Standing, Writer):
    """The four steps that redemptions are made of."""

    def kinds(self) -> Mapping[str, Kind]:
        """Issue, found by our mark; the others, by the status of their reward."""
        issue = Kind(
            self.reads(_ISSUE, WireIssuedReply, self._issued),
            self._find_issued,
            self._told_of_issue,
        )
        steps: dict[str, Kind] = {
            operation: Kind(
                self.reads(operation, WireAny, self._stepped),
                self._find_step,
                self._told_of_step,
                repeats=True,
            )
            for operation in _AFTER
        }
        return {**super().kinds(), _ISSUE: issue, **steps}

    # ------------------------------------------------------------------ the steps

    def issue(self, command: RedeemPoints, amount: Decimal, operation: str) -> Write:
        """One Issue, with our mark in it."""
        body = {
            "profileId": self.member_of(command.member),
            "locationExternalReference": self.store_of(command.outlet),
            "amountToRedeem": amount,
            "tierDiscountValue": 0,
            "issueAuditUser": mark(operation, self.operator(command.operator)),
        }
        return self.write(
            _ISSUE, "/v1/redeem/reward/issue", body, Doubt.LOOK, reference=mark(operation)
        )

    def step(
        self,
        operation: Upstream,
        held: Done,
        store: str | None,
        ours: str,
        command: RedeemPoints | RedeemVoucher | CaptureRedemption | VoidRedemption,
        reward: WireReward | None = None,
    ) -> Write:
        """Redeem, Cancel or Reverse: each of them can happen to a code but once."""
        code = held.native.get("code")
        member = command.voucher.member if isinstance(command, RedeemVoucher) else command.member
        if code is None:
            raise self.declined(
                "the redemption has no code", ErrorCode.REDEMPTION_NOT_FOUND, "redemptionId"
            )
        body = {"redemptionCode": code, "profileId": self.member_of(member)}
        who = mark(ours, self.operator(command.operator))
        if operation is _REDEEM:
            body |= {"locationExternalReference": store or self.settings.store}
            body |= {"redeemAuditUser": who}
        if operation is _CANCEL:
            body |= {"cancelAuditUser": who}
        return self.write(
            operation,
            _PATHS[operation],
            body,
            Doubt.REPLAY,
            serial=f"reward {sha256(code.encode()).hexdigest()[:32]}",
            note=None if reward is None else reward.model_dump_json(by_alias=True),
        )

    async def usable(self, voucher: VoucherRef) -> WireReward:
        """The reward behind a voucher that can be used now; raises Declined."""
        code, profile_id = uuid(voucher.code), uuid(voucher.member.key)
        reward = None
        if code is not None and profile_id is not None:
            reward = await self._reward(profile_id, code)
        if reward is None:
            raise self.declined(
                "the member has no such voucher", ErrorCode.VOUCHER_NOT_FOUND, "voucherId"
            )
        status = mapping.status(reward, self.now())
        if status is not VoucherStatus.USABLE:
            raise self.declined(
                f"the voucher is {status}", ErrorCode.VOUCHER_NOT_USABLE, "voucherId"
            )
        return reward

    async def expiry(self, held: Done) -> datetime | None:
        """Until when a reward can be used, which Issue does not tell (contract 9.1).

        None where the provider does not say so soon: nothing that was done waits for it.
        """
        code = held.native.get("code")
        if held.expires_at is not None or held.member is None or code is None:
            return held.expires_at
        try:
            with deadline_in(_SOON):
                reward = await self._reward(held.member.key, code)
        except LoyaltyError:
            return None
        return None if reward is None else reward.expiration_date

    # ------------------------------------------------------------------ answers and looks

    def _issued(self, write: Write, reply: WireIssuedReply) -> Done:
        return outcomes.issued(reply.data, self.asked(write, WireAskedReward), self.tenant)

    def _stepped(self, write: Write, reply: WireAny) -> Done:
        """The answer says nothing of the reward: what it was is in the note."""
        del reply
        asked = self.asked(write, WireAskedStep)
        reward = None if write.note is None else WireReward.model_validate_json(write.note)
        status = _AFTER[Upstream(write.name)][1]
        return outcomes.stepped(asked, status, reward, self.tenant)

    async def _find_issued(self, write: Write, sent_at: datetime) -> Done | None:
        """The reward with our mark; one that has none and may be ours is OutcomeUnknown."""
        asked = self.asked(write, WireAskedReward)
        rows = await self._rewards_of(asked.profile_id)
        ours = [
            row for row in rows if marked(row.issue_audit_user) == marked(asked.issue_audit_user)
        ]
        since = sent_at - _CLOCKS_APART
        if len(ours) > 1:
            raise self.unclear("the provider shows more than one reward for it")
        if not ours and any(outcomes.may_be(row, asked, since) for row in rows):
            raise self.unclear("the provider shows a reward that may be this one")
        with self.reading(Upstream.REWARDS_HISTORY):
            return outcomes.issued_row(ours[0], asked, self.tenant) if ours else None

    async def _find_step(self, write: Write, sent_at: datetime) -> Done | None:
        """By the reward's status, and by our mark where another operation may have done it."""
        del sent_at
        asked = self.asked(write, WireAskedStep)
        reward = await self._reward(asked.profile_id, asked.redemption_code)
        wanted, status = _AFTER[Upstream(write.name)]
        if reward is None or mapping.status(reward, self.now()) is not wanted:
            return None
        told, sent = _audited(Upstream(write.name), reward, asked)
        if sent is not None and marked(told) != marked(sent):
            if told:
                return None
            raise self.unclear("the provider does not show who did it")
        return outcomes.stepped(asked, status, reward, self.tenant)

    async def _rewards_of(self, profile_id: str) -> list[WireReward]:
        """The member's rewards: always with a profileId (contract 9.5)."""
        ask = Ask(Upstream.REWARDS_HISTORY, "/v1/redeem", {"profileId": profile_id})
        rows = await self.pages(ask, WireRewardsReply)
        mine = (row for row in rows if row.profile_id.lower() == profile_id)
        return list({row.redemption_code.lower(): row for row in mine}.values())

    async def _reward(self, profile_id: str, code: str) -> WireReward | None:
        rows = await self._rewards_of(profile_id)
        return next((row for row in rows if row.redemption_code.lower() == code), None)

    async def _told_of_issue(self, write: Write, refusal: LoyaltyError) -> LoyaltyError:
        """How much is missing, where points are what it is about."""
        if refusal.code not in {ErrorCode.INSUFFICIENT_POINTS, ErrorCode.PROVIDER_ERROR}:
            return refusal
        asked, rate = self.asked(write, WireAskedReward), self.settings.point_worth
        if rate is None:
            return refusal
        wanted = asked.amount_to_redeem / rate
        at_hand = await self.redeemable_at(asked.profile_id, asked.location_external_reference)
        return outcomes.too_few(refusal, "amount", wanted, at_hand)

    async def _told_of_step(self, write: Write, refusal: LoyaltyError) -> LoyaltyError:
        """A reward that shows no reason for it is perhaps changed by us, and not yet shown so."""
        if refusal.code is not ErrorCode.REDEMPTION_NOT_OPEN:
            return refusal
        asked = self.asked(write, WireAskedStep)
        reward = await self._reward(asked.profile_id, asked.redemption_code)
        before = _BEFORE[Upstream(write.name)]
        if reward is None or mapping.status(reward, self.now()) is before:
            return self.unclear("the provider refuses it, and shows no reason")
        return refusal


_PATHS = {
    _REDEEM: "/v1/redeem/member-reward",
    _CANCEL: "/v1/redeem/cancel",
    _REVERSE: "/v1/redeem/reverse",
}


def _audited(
    operation: Upstream, reward: WireReward, asked: WireAskedStep
) -> tuple[str | None, str | None]:
    """Who is told to have done it, and who we said; Reverse has nobody."""
    match operation:
        case Upstream.REDEEM_REWARDS:
            return reward.redeem_audit_user, asked.redeem_audit_user
        case Upstream.CANCEL_REWARDS:
            return reward.cancel_audit_user, asked.cancel_audit_user
        case _:
            return None, None
