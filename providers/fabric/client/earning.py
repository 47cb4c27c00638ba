"""Earn and Reverse (contract 8.1, 8.2): made ready, read, and found by their own references."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from loyalty.commands import PostSale, Settlement
from loyalty.errors import ErrorCode, LoyaltyError
from loyalty.outcomes import Done
from loyalty.sales import TransactionKind
from providers.fabric.client.session import Ask
from providers.fabric.client.standing import Standing
from providers.fabric.client.writing import Kind, Writer
from providers.fabric.mapping import outcomes
from providers.fabric.mapping.bills import Bill
from providers.fabric.mapping.bodies import APPENDED, amounts, breakdown, mark, stamp
from providers.fabric.profile import Upstream
from providers.fabric.wire.asked import WireAskedSale
from providers.fabric.wire.sales import (
    WireTransaction,
    WireTransactionReply,
    WireTransactionsReply,
)
from providers.writing import Doubt, Ticket, Write

_EARN, _REVERSE = Upstream.EARN_POINTS, Upstream.REVERSE_EARNED_POINTS
_TYPES = {_EARN: "EARN", _REVERSE: "EARN_REVERSE"}
_HISTORY = "/v2/earn/get-transaction"
_REFERENCE = "transactionExternalReference"
_LONGEST = 90
"""Of a document's id: of 100 characters of a reference some are kept for what we append."""
_LONGEST_REASON = 300


class Earning(Standing, Writer):
    """The two steps that sales are made of."""

    def kinds(self) -> Mapping[str, Kind]:
        """Earn and Reverse, found again by their own references."""
        return {
            **super().kinds(),
            **{
                operation: Kind(
                    self.reads(operation, WireTransactionReply, self._made),
                    self._find_sale,
                    self._told_of_sale,
                )
                for operation in _TYPES
            },
        }

    def earn(
        self, command: PostSale, bill: Bill, ticket: Ticket, reference: str, codes: list[str]
    ) -> Write:
        """One Earn, with the duplicate check on and our mark in it."""
        body = {
            "profileId": self.member_of(command.member),
            "entityReference": self.store_of(command.outlet),
            "transactionTypeExternalReference": self._type(TransactionKind.PURCHASE),
            "activityTimestamp": stamp(command.occurred_at),
            "transactionExternalReference": reference,
            "checkForDuplicateTransaction": 1,
            "fetchUpdatedMemberPointTotals": 1,
            **amounts(bill),
            **breakdown(bill),
            "issueAuditUser": mark(ticket.operation, self.operator(command.operator)),
            "redemptionCode": codes,
            "setToPending": command.settlement is Settlement.PENDING,
        }
        return self.write(_EARN, "/v2/earn", body, Doubt.LOOK_THEN_REPLAY, reference=reference)

    def reverse(
        self,
        sale: PostSale,
        rest: Bill,
        ticket: Ticket,
        stands: str,
        *,
        reference: str,
        at: datetime,
        reason: str | None,
        operator: str | None,
    ) -> Write:
        """One Reverse of what stands under a reference: `rest` is what of the sale that is."""
        profile_id = self.member_of(sale.member)
        body: dict[str, object] = {
            "profileId": profile_id,
            "entityReference": self.store_of(sale.outlet),
            "reverseTransactionExternalRef": stands,
            "transactionTypeExternalReference": self._type(TransactionKind.RETURN),
            "activityTimestamp": stamp(at),
            "transactionExternalReference": reference,
            "checkForDuplicateTransaction": 1,
            "fetchUpdatedMemberPointTotals": 1,
            **amounts(rest, reversal=True),
            "issueAuditUser": mark(ticket.operation),
            "redemptionCode": [],
        }
        if (who := self.operator(operator)) is not None:
            body["cancelAuditUser"] = who
        if reason:
            body["reasonDescription"] = self._reason(reason)
        return self.write(
            _REVERSE,
            "/v2/earn/reverse",
            body,
            Doubt.LOOK_THEN_REPLAY,
            reference=reference,
            serial=f"sale {profile_id} {stands}",
        )

    def reference(self, ticket: Ticket, document: str) -> str:
        """What a document is known by upstream; raises InvalidInput."""
        if not document.strip() or len(document) > _LONGEST:
            raise self.invalid(f"1 to {_LONGEST} characters", "document", "id")
        if APPENDED.search(document):
            raise self.invalid("it must not end like ~1 or ~r1", "document", "id")
        return ticket.reference(document)

    async def check_earlier(self, ticket: Ticket, command: PostSale) -> None:
        """Refuse a sale that the provider has by the reference of an earlier, refused try.

        It may have been there before, from elsewhere: under a new reference it would count twice.
        """
        for tries in range(ticket.tries):
            query = {
                "profileId": self.member_of(command.member),
                _REFERENCE: replace(ticket, tries=tries).reference(command.document.id),
                "transactionType": _TYPES[_EARN],
            }
            ask = Ask(Upstream.GET_TRANSACTIONS, _HISTORY, query)
            with self.at("memberId"):
                rows = await self.pages(ask, WireTransactionsReply)
            if any(row.transaction_external_reference == query[_REFERENCE] for row in rows):
                raise self.declined(
                    "the provider has a sale with this document already",
                    ErrorCode.DUPLICATE,
                    "document",
                    "id",
                )

    def _reason(self, reason: str) -> str:
        if len(reason) > _LONGEST_REASON:
            raise self.invalid(f"at most {_LONGEST_REASON} characters", "reason")
        return reason

    def _type(self, kind: TransactionKind) -> str:
        return self.settings.transaction_types.get(kind, kind.value.lower())

    # ------------------------------------------------------------------ answers and looks

    def _made(self, write: Write, reply: WireTransactionReply) -> Done:
        asked = self.asked(write, WireAskedSale)
        return outcomes.sale(reply.data, asked, _TYPES[Upstream(write.name)], self.tenant)

    async def _find_sale(self, write: Write, sent_at: datetime) -> Done | None:
        """By its reference and type; ours by our mark, or by its figures where none is shown."""
        del sent_at
        asked = self.asked(write, WireAskedSale)
        kind = _TYPES[Upstream(write.name)]
        rows = [row for row in await self._rows(write, asked) if outcomes.is_ours(row, asked)]
        if len(rows) > 1:
            raise self.unclear("the provider shows it more than once")
        with self.reading(Upstream.GET_TRANSACTIONS):
            return outcomes.sale(rows[0], asked, kind, self.tenant) if rows else None

    async def _rows(self, write: Write, asked: WireAskedSale) -> list[WireTransaction]:
        reference, kind = asked.transaction_external_reference, _TYPES[Upstream(write.name)]
        query = {
            "profileId": asked.profile_id,
            "transactionExternalReference": reference,
            "transactionType": kind,
        }
        rows = await self.pages(
            Ask(Upstream.GET_TRANSACTIONS, _HISTORY, query), WireTransactionsReply
        )
        mine = {
            row.transaction_code: row
            for row in rows
            if (row.transaction_external_reference, row.transaction_type) == (reference, kind)
            and row.profile_id.lower() == asked.profile_id
        }
        return list(mine.values())

    async def _told_of_sale(self, write: Write, refusal: LoyaltyError) -> LoyaltyError:
        """A duplicate, or a reversal, that nobody sees is perhaps ours, not yet shown."""
        asked = self.asked(write, WireAskedSale)
        if refusal.code is ErrorCode.DUPLICATE:
            seen = bool(await self._rows(write, asked))
        elif refusal.code is ErrorCode.ALREADY_VOIDED:
            seen = await self._is_reversed(asked)
        else:
            return refusal
        return refusal if seen else self.unclear("the provider has it, and does not show it")

    async def _is_reversed(self, asked: WireAskedSale) -> bool:
        """Whether the member has a reversal of so much."""
        query = {"profileId": asked.profile_id, "transactionType": _TYPES[_REVERSE]}
        ask = Ask(Upstream.GET_TRANSACTIONS, _HISTORY, query)
        rows = await self.pages(ask, WireTransactionsReply)
        return any(row.total_amount_paid == asked.total_amount_paid for row in rows)
