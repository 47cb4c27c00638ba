"""Posting a sale: goods, and what comes back in exchange; with points redeemed in it, three steps.

A sale that redeems is a redemption, then the earning that names its code (contract 5.3); where the
earning is refused, the redemption is taken back.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from loyalty.commands import PostSale
from loyalty.errors import LoyaltyError
from loyalty.outcomes import Caution, CautionCode, Done
from loyalty.points import PointsState
from loyalty.sales import PointsEffect
from providers.telluride.client.bills import Bills, Ready
from providers.telluride.client.checks import Checks, given, outlet_words
from providers.telluride.client.orders import Fields, Orders, money
from providers.telluride.client.sent import Note
from providers.telluride.client.tenders import Tenders, tenders
from providers.telluride.mapping.done import CODE
from providers.telluride.settings import TellurideSettings
from providers.writing import Beforehand, Finished, Job, Next, Write

_MEMBER = Note(member=("input", "memberId"), amount=("input", "lines"))
_REDEEMS = Note(member=("input", "memberId"), amount=("input", "points", "redeem"))


class Sales:
    """The script of postTransaction."""

    def __init__(
        self, settings: TellurideSettings, checks: Checks, orders: Orders, bills: Bills
    ) -> None:
        self._settings = settings
        self._checks = checks
        self._orders = orders
        self._bills = bills

    async def post(self, job: Job[PostSale, Beforehand]) -> Next:
        """The next step: the earning alone, or redemption, earning, and the redemption's void."""
        ready = self._bills.ready(job)
        match job.steps:
            case [] if ready.redeem is not None:
                return await self._redemption(job, ready, ready.redeem)
            case []:
                return await self._earning(job, ready, None)
            case [first, *later] if isinstance(first.outcome, Done):
                if ready.redeem is None:
                    return self._told(job, first.outcome)
                return await self._after(job, ready, first.outcome, [s.outcome for s in later])
            case _:
                raise AssertionError("a first step that was refused ends the sale")

    async def _after(
        self,
        job: Job[PostSale, Beforehand],
        ready: Ready,
        redeemed: Done,
        later: Sequence[Done | LoyaltyError],
    ) -> Next:
        """What follows on the redemption."""
        match later:
            case []:
                return await self._earning(job, ready, redeemed)
            case [Done() as earned, *_]:
                return self._told(job, _both(redeemed, earned))
            case [LoyaltyError() as refusal]:
                return await self._undo(job, ready, redeemed, refusal)
            case [LoyaltyError() as refusal, Done(), *_]:
                return Finished(error=refusal, reversed_=True)
            case _:
                refusal = next(each for each in later if isinstance(each, LoyaltyError))
                return _half(redeemed, refusal)

    async def _earning(
        self, job: Job[PostSale, Beforehand], ready: Ready, redeemed: Done | None
    ) -> Write:
        command = job.command
        paid = self._tenders(job, ready, redeemed)
        name = await self._orders.sale_name(job.ticket, ready.front, command.occurred_at)
        pairs = [
            {"AttributeKey": pair.key, "AttributeValue": pair.value} for pair in command.attributes
        ]
        fields: Fields = {
            **ready.sums,
            "AssociateID": ready.operator,
            **paid.fields,
            **({"AttributeList": {"Attribute": pairs}} if pairs else {}),
            "LineItems": {"LineItem": list(ready.rows)},
        }
        return self._orders.earn(ready.member, name, fields, _MEMBER)

    async def _redemption(
        self, job: Job[PostSale, Beforehand], ready: Ready, asked: Decimal
    ) -> Write:
        name = await self._orders.redemption_name(job.ticket, ready.front)
        fields: Fields = {
            "RedemptionPoints": f"{asked:f}",
            "RedemptionDollarValue": money(self._checks.worth(asked)),
            "AssociateID": ready.operator,
        }
        lines = [line.redeeming() for line in ready.goods]
        return self._orders.redeem(ready.member, name, lines, fields, _REDEEMS)

    async def _undo(
        self,
        job: Job[PostSale, Beforehand],
        ready: Ready,
        redeemed: Done,
        refusal: LoyaltyError,
    ) -> Next:
        """Take the redemption back, whose sale was refused."""
        code = redeemed.native.get(CODE)
        if code is None:
            return _half(redeemed, refusal)
        name = await self._orders.redemption_name(job.ticket, ready.front)
        points = f"{redeemed.points or ready.redeem or 0:f}"
        return self._orders.void(ready.member, name, code, points, ready.operator, Note())

    def _told(self, job: Job[PostSale, Beforehand], done: Done) -> Finished:
        cautions = self._cautions(job.command, self._tenders(job, None, None).unnamed)
        return Finished(done=replace(done, cautions=(*done.cautions, *cautions)))

    def _tenders(
        self, job: Job[PostSale, Beforehand], ready: Ready | None, redeemed: Done | None
    ) -> Tenders:
        redeem = job.command.redeem if ready is None else ready.redeem
        redemptions = self._bills.redemptions(job, redeem, redeemed)
        back = job.command.totals.final < 0
        return tenders(self._settings, job.command.payments, redemptions, back=back)

    def _cautions(self, command: PostSale, unnamed: Sequence[str]) -> tuple[Caution, ...]:
        totals = command.totals
        payments = command.payments or ()
        places = [
            given("document.number", command.document.number),
            *outlet_words(command.outlet),
            given("points.collectNote", command.collect_note),
            given("points.redeemNote", command.redeem_note),
            given("receiptId", command.receipt),
            given("totals.serviceCharge", totals.service_charge),
            given("totals.serviceTax", totals.service_tax),
            given("totals.rounding", totals.rounding),
            given("lines.description", tuple(each.description for each in command.lines
                                             if each.description)),
            given("payments.description", tuple(each.description for each in payments
                                                if each.description)),
            *(f"the payment by {method} (the setting tender_types has no code for it)"
              for method in unnamed),
        ]  # fmt: skip
        return self._checks.not_sent(places)


def _both(redeemed: Done, earned: Done) -> Done:
    """A sale that redeemed and earned, as one."""
    effect = earned.effect or PointsEffect(state=PointsState.AVAILABLE)
    points = redeemed.points or Decimal(0)
    code = {CODE: redeemed.native[CODE]} if CODE in redeemed.native else {}
    return replace(
        earned,
        native={**earned.native, **code},
        parts=() if redeemed.transaction is None else (redeemed.transaction,),
        points=redeemed.points,
        worth=redeemed.worth,
        effect=replace(effect, redeemed=points),
        cautions=(*redeemed.cautions, *earned.cautions),
    )


def _half(redeemed: Done, refusal: LoyaltyError) -> Finished:
    """The sale was refused and its redemption stays: a person must take it back."""
    told = Caution(
        CautionCode.OTHER,
        "the points were redeemed, but the sale was refused and they could not be given back;"
        " the program's operator must do it",
    )
    return Finished(done=replace(redeemed, cautions=(*redeemed.cautions, told)), error=refusal)
