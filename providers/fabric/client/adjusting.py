"""Correcting and activating points (contract 7)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import cast

from loyalty.commands import ActivatePoints, AdjustPoints
from loyalty.errors import ErrorCode, LoyaltyError, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Done
from loyalty.points import Balance, PointsKind
from providers.fabric.client.points import Points
from providers.fabric.client.session import Ask, next_second
from providers.fabric.client.standing import Standing
from providers.fabric.client.writing import Kind, Writer
from providers.fabric.mapping import cautions, outcomes
from providers.fabric.mapping.bodies import stamp
from providers.fabric.profile import Upstream
from providers.fabric.wire.asked import WireAskedAdjustment, WireAskedMember
from providers.fabric.wire.envelope import WireAny
from providers.fabric.wire.points import WireAdjustmentReply
from providers.fabric.wire.sales import WireTransaction, WireTransactionsReply
from providers.port import Reason
from providers.writing import Doubt, Finished, Job, Next, Write

_ADJUST, _ACTIVATE = Upstream.ADJUST_POINTS, Upstream.ACTIVATE_POINTS
_KINDS = {
    PointsKind.BASE: "Base",
    PointsKind.BONUS: "Bonus",
    PointsKind.PROMOTIONAL: "Promotional",
}
_WINDOW = timedelta(days=1)
"""How far back the corrections are read that were there before: more than clocks differ."""
_FINEST = Decimal("0.01")
"""Points are numbers with two decimals at most in every sample (contract 3.3)."""
_REMEMBERED = 1000
_NAMED = 20


class Adjusting(Points, Standing, Writer):
    """AdjustsPoints, ActivatesPoints."""

    def kinds(self) -> Mapping[str, Kind]:
        """Adjust, found by what was not there before; Activate, which is only repeated."""
        adjust = Kind(
            self.reads(_ADJUST, WireAdjustmentReply, self._adjusted),
            self._find_adjustment,
            self._told_of_adjustment,
        )
        activate = Kind(
            self.reads(_ACTIVATE, WireAny, self._activated), self._find_nothing, self.as_told
        )
        return {**super().kinds(), _ADJUST: adjust, _ACTIVATE: activate}

    async def adjust_points(self, job: Job[AdjustPoints, None]) -> Next:
        """One Adjust; before it, the corrections that the member has are written down."""
        command = job.command
        if job.steps:
            outcome = job.steps[-1].outcome
            if not isinstance(outcome, Done):
                return Finished(error=outcome)
            return Finished(done=replace(outcome, cautions=cautions.of_adjustment(command)))
        body = self._adjustment(command)
        await self._check_reason(command.reason)
        await self.check_active(command.member, "memberId")
        profile_id = self.member_of(command.member)
        since = stamp(job.ticket.began_at - _WINDOW)
        with self.at("memberId"):
            known = await self._corrections(profile_id, since)
        note = json.dumps({"op": job.ticket.operation, "since": since, "known": sorted(known)})
        return self.write(
            _ADJUST,
            "/v1/members/points-adjustment",
            body,
            Doubt.LOOK,
            serial=f"adjust {profile_id}",
            note=note,
        )

    async def activate_points(self, job: Job[ActivatePoints, None]) -> Next:
        """One Activate of what is pending now: never of what may be pending at a repeat."""
        command, began_at = job.command, job.ticket.began_at
        if job.steps:
            outcome = job.steps[-1].outcome
            return Finished(done=outcome) if isinstance(outcome, Done) else Finished(error=outcome)
        ends_at = min(command.ends_at or began_at, began_at)
        if command.starts_at is not None and command.starts_at > ends_at:
            raise self.invalid("a span that begins before it ends, and has begun", "from")
        body = {
            "profileId": self.member_of(command.member),
            "startDate": None if command.starts_at is None else stamp(command.starts_at),
            "endDate": stamp(next_second(ends_at)),
        }
        return self.write(_ACTIVATE, "/v1/members/points-activate", body, Doubt.REPLAY)

    # ------------------------------------------------------------------ what is asked

    def _adjustment(self, command: AdjustPoints) -> Mapping[str, object]:
        for name, at in (("startsAt", command.starts_at), ("endsAt", command.ends_at)):
            if at is not None:
                raise Unsupported(
                    "corrected points of this program have no span of their own",
                    operation=Operation.POINTS_ADJUST,
                    field=("input", name),
                    program=self.program,
                )
        if not command.delta:
            raise self.invalid("give or take at least something", "delta")
        if command.delta != command.delta.quantize(_FINEST):
            raise self.invalid("points here have at most two decimals; round them", "delta")
        body: dict[str, object] = {
            "profileId": self.member_of(command.member),
            "points": command.delta,
            "reasonCode": command.reason,
        }
        if command.kind is not None:
            if command.kind not in _KINDS:
                raise self.invalid("BASE, BONUS or PROMOTIONAL", "kind")
            body["pointType"] = _KINDS[command.kind]
        if command.outlet is not None:
            body["billingEntity"] = self.store_of(command.outlet)
        return body

    async def _check_reason(self, reason: str) -> None:
        """A reason must be chosen from those configured, though the schema lets it out."""
        known = await self.adjustment_reasons()
        codes = [each.code for each in _for_adjusting(known)]
        if reason not in codes:
            listed = ", ".join(codes[:_NAMED])
            raise self.invalid(f"the code of an adjustmentReason: {listed}", "reason")

    # ------------------------------------------------------------------ answers and looks

    def _adjusted(self, write: Write, reply: WireAdjustmentReply) -> Done:
        asked = self.asked(write, WireAskedAdjustment)
        return self._ours(write, outcomes.adjusted(reply.data.transaction_code, asked, self.tenant))

    def _activated(self, write: Write, reply: WireAny) -> Done:
        del reply
        return Done(member=self.tenant.ref(self.asked(write, WireAskedMember).profile_id))

    async def _find_nothing(self, write: Write, sent_at: datetime) -> Done | None:
        """A Kind.find for what leaves no trace that could be told from others'."""
        del write, sent_at
        return None

    async def _find_adjustment(self, write: Write, sent_at: datetime) -> Done | None:
        """The one correction of this size that was not there before, and is no other of ours."""
        del sent_at
        asked = self.asked(write, WireAskedAdjustment)
        note: dict[str, object] = json.loads(write.note or "{}")
        known = _texts(note.get("known"))
        rows = await self._corrections(asked.profile_id, str(note.get("since")))
        found = [
            row
            for code, row in rows.items()
            if code not in known
            and self._results.get(code, note.get("op")) == note.get("op")
            and outcomes.is_of_size(row, asked.points)
        ]
        if len(found) > 1:
            raise self.unclear("the provider shows more than one correction that may be this one")
        if not found:
            return None
        with self.reading(Upstream.GET_TRANSACTIONS):
            code = found[0].transaction_code
            return self._ours(write, outcomes.adjusted(code, asked, self.tenant, found[0]))

    def _ours(self, write: Write, done: Done) -> Done:
        """Remember whose the correction is: a late reader must not take it for another's."""
        self._results[done.native["code"]] = json.loads(write.note or "{}").get("op")
        if len(self._results) > _REMEMBERED:
            del self._results[next(iter(self._results))]
        return done

    async def _corrections(self, profile_id: str, since: str) -> dict[str, WireTransaction]:
        """The member's corrections since then, by their codes."""
        found: dict[str, WireTransaction] = {}
        for kind in ("ADJUSTMENT", "DEDUCT"):
            query = {
                "profileId": profile_id,
                "startTimestampUTC": since,
                "transactionType": kind,
            }
            ask = Ask(Upstream.GET_TRANSACTIONS, "/v2/earn/get-transaction", query)
            rows = await self.pages(ask, WireTransactionsReply)
            mine = (row for row in rows if row.profile_id.lower() == profile_id)
            found |= {row.transaction_code.lower(): row for row in mine}
        return found

    async def _told_of_adjustment(self, write: Write, refusal: LoyaltyError) -> LoyaltyError:
        """How many points are missing, where more were to be taken than there are."""
        asked = self.asked(write, WireAskedAdjustment)
        doubtful = {ErrorCode.INSUFFICIENT_POINTS, ErrorCode.PROVIDER_ERROR}
        if asked.points > 0 or refusal.code not in doubtful:
            return refusal
        (answer,) = await self.balances([asked.profile_id])
        if not isinstance(answer, Balance):
            return refusal
        return outcomes.too_few(refusal, "delta", -asked.points, answer.points)

    @cached_property
    def _results(self) -> dict[str, object]:
        """Corrections made lately, by their codes: whose operation each was."""
        return {}


def _for_adjusting(reasons: Sequence[Reason]) -> Sequence[Reason]:
    """Those for correcting points; the word for it is the tenant's, so all where none fits."""
    fitting = [each for each in reasons if "adjust" in (each.action or "").lower()]
    return fitting or reasons


def _texts(value: object) -> frozenset[str]:
    texts = cast("list[object]", value) if isinstance(value, list) else []
    return frozenset(str(each) for each in texts)
