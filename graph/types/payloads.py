"""Payloads of mutations: what happened, what went wrong, what there is now to be read."""

from datetime import datetime
from typing import Annotated

import strawberry

from graph.context import Info
from graph.types.errors import LoyaltyError
from graph.types.ledgered import redemption_told, transaction_told, voucher_told
from graph.types.member import Attribute, Member
from graph.types.offers import Voucher
from graph.types.receipt import MutationWarning, OperationReceipt, errors_of
from graph.types.redemption import Redemption
from graph.types.transaction import Transaction
from graph.types.write_enums import OperationStatus
from loyalty.commands import Command
from loyalty.errors import ErrorCode
from loyalty.outcomes import Upload
from resolvers.receipts import Told, member_of

MaybeMember = Annotated["Member", strawberry.lazy("graph.types.member")] | None

_NOBODY = {ErrorCode.MEMBER_NOT_FOUND, ErrorCode.FORBIDDEN}


@strawberry.interface(
    description="What happened, what went wrong, and what the ledger recorded: "
    "the same in every payload."
)
class MutationPayload:
    """What every payload has; `command` is None for an input that made no sense."""

    told: strawberry.Private[Told]
    command: strawberry.Private[Command | None]

    @strawberry.field(description="What became of it.")
    def status(self) -> OperationStatus:
        """The status."""
        return self.told.status

    @strawberry.field(
        description="Why it was not done, or nobody knows; empty where it was done, or is PENDING."
    )
    def errors(self, info: Info) -> list[LoyaltyError]:
        """The errors."""
        return errors_of(info, self.told.errors, self.command)

    @strawberry.field(description="What is not as you may think, though it was done.")
    def warnings(self) -> list[MutationWarning]:
        """The warnings."""
        receipt = self.told.receipt
        return [MutationWarning.of(caution) for caution in receipt.cautions] if receipt else []

    @strawberry.field(
        description="What was recorded; null where it was refused before it was recorded: "
        "the key may then be used again."
    )
    def receipt(self, info: Info) -> OperationReceipt | None:
        """The receipt."""
        receipt = self.told.receipt
        return None if receipt is None else OperationReceipt.of(info, receipt)


async def _member(info: Info, payload: MutationPayload) -> Member | None:
    """The member as it is now; nobody where there is none, or whoever asks may not know."""
    known = payload.told.members
    asked = None if payload.command is None else member_of(payload.command)
    ref = known[0] if known else asked
    if ref is None or any(error.code in _NOBODY for error in payload.told.errors):
        return None
    return await Member.seen(info, ref)


@strawberry.type(description="What became of a sale, a return, a void, or a correction.")
class TransactionPayload(MutationPayload):
    """A transaction."""

    @strawberry.field(description="The transaction, as it is now; null where there is none.")
    async def transaction(self, info: Info) -> Transaction | None:
        """The transaction."""
        return await transaction_told(info, self.told)

    @strawberry.field(description="The member; what is selected is read after the change.")
    async def member(self, info: Info) -> MaybeMember:
        """The member."""
        return await _member(info, self)


@strawberry.type(description="What became of a redemption.")
class RedemptionPayload(MutationPayload):
    """A redemption."""

    @strawberry.field(description="The redemption, as it is now; null where there is none.")
    async def redemption(self, info: Info) -> Redemption | None:
        """The redemption."""
        return await redemption_told(info, self.told)

    @strawberry.field(description="The member; what is selected is read after the change.")
    async def member(self, info: Info) -> MaybeMember:
        """The member."""
        return await _member(info, self)


@strawberry.type(description="What a member's one-time code gave.")
class AuthorizationPayload(MutationPayload):
    """A right to redeem."""

    @strawberry.field(
        description="The right to redeem: pass it on as `authorization`. "
        "It is a secret, and short-lived."
    )
    def authorization(self) -> str | None:
        """The right."""
        done = self.told.receipt.done if self.told.receipt else None
        return None if done is None else done.secret

    @strawberry.field(description="When it is over.")
    def expires_at(self) -> datetime | None:
        """The end of the right."""
        done = self.told.receipt.done if self.told.receipt else None
        return None if done is None else done.secret_until

    @strawberry.field(description="The member who showed it; null for an app user who is none yet.")
    async def member(self, info: Info) -> MaybeMember:
        """The member."""
        return await _member(info, self)

    @strawberry.field(description="The program's id of the app user who showed it.")
    def mobile_user(self) -> str | None:
        """The app user."""
        done = self.told.receipt.done if self.told.receipt else None
        return None if done is None else done.mobile_user


@strawberry.type(description="What became of a claim.")
class VoucherPayload(MutationPayload):
    """A voucher."""

    @strawberry.field(description="The voucher that the member has now.")
    async def voucher(self, info: Info) -> Voucher | None:
        """The voucher."""
        return await voucher_told(info, self.told)

    @strawberry.field(description="The member; what is selected is read after the change.")
    async def member(self, info: Info) -> MaybeMember:
        """The member."""
        return await _member(info, self)


@strawberry.type(description="What became of a change of a member.")
class MemberPayload(MutationPayload):
    """A member."""

    @strawberry.field(description="The member; what is selected is read after the change.")
    async def member(self, info: Info) -> MaybeMember:
        """The member."""
        return await _member(info, self)


@strawberry.type(description="Where one receipt is to be uploaded.")
class ReceiptUpload:
    """An address."""

    receipt_id: str = strawberry.field(description="Your id of the receipt.")
    url: str = strawberry.field(description="The address. It is a secret, and short-lived.")
    method: str = strawberry.field(description="The HTTP method to send the PDF by.")
    headers: list[Attribute] = strawberry.field(description="Headers to send with it.")
    expires_at: datetime = strawberry.field(description="When the address is over.")

    @classmethod
    def of(cls, value: Upload, begun_at: datetime) -> "ReceiptUpload":
        """The view of a value."""
        return cls(
            receipt_id=value.receipt,
            url=value.url,
            method=value.method,
            headers=[Attribute(key=each.key, value=each.value) for each in value.headers],
            expires_at=value.expires_at or begun_at,
        )


@strawberry.type(description="Where receipts are to be uploaded.")
class ReceiptUploadsPayload(MutationPayload):
    """Addresses."""

    @strawberry.field(description="One address a receipt, in their order.")
    def uploads(self) -> list[ReceiptUpload] | None:
        """The addresses."""
        receipt = self.told.receipt
        if receipt is None or receipt.done is None or receipt.done.uploads is None:
            return None
        return [ReceiptUpload.of(upload, receipt.started_at) for upload in receipt.done.uploads]
