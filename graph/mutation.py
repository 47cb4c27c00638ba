"""The root of every mutation: each field is one call that hands a command to the desk."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol, TypeVar

import strawberry

from graph.asking import customers, members, redemptions, sales
from graph.asking.handing_in import CommandT, hand_in
from graph.asking.references import References
from graph.context import Info
from graph.principals import Scope
from graph.types.customer_inputs import LinkMembershipInput, UnlinkMembershipInput
from graph.types.customer_payload import CustomerPayload
from graph.types.member_inputs import (
    EnrollMemberInput,
    MigrateMemberInput,
    ReceiptUploadsInput,
    SetAffinityInput,
    UpdateMemberInput,
)
from graph.types.payloads import (
    AuthorizationPayload,
    MemberPayload,
    MutationPayload,
    ReceiptUploadsPayload,
    RedemptionPayload,
    TransactionPayload,
    VoucherPayload,
)
from graph.types.redemption_inputs import (
    ActivatePointsInput,
    AdjustPointsInput,
    AuthorizeRedemptionInput,
    ClaimVoucherInput,
    RedeemPointsInput,
    RedeemVoucherInput,
    RedemptionActionInput,
)
from graph.types.sale_inputs import (
    PostTransactionInput,
    ReturnTransactionInput,
    VoidTransactionInput,
)
from resolvers.receipts import Told


class Keyed(Protocol):
    """What every input has."""

    idempotency_key: str


AskedT = TypeVar("AskedT", bound=Keyed)
PayloadT = TypeVar("PayloadT", bound=MutationPayload)

_INPUT = strawberry.argument(description="What is wanted, and the key it is known by.")


@strawberry.type(
    description="Everything that can be changed; one change a request. What is refused is data: "
    "read `status` and `errors`. Repeat with the same idempotencyKey whenever an answer was lost."
)
class Mutation:
    """The mutation root."""

    @strawberry.mutation(description="Records a sale; its points are earned, and spent, with it.")
    async def post_transaction(
        self,
        info: Info,
        input: Annotated[PostTransactionInput, _INPUT],  # noqa: A002 - the contract's name
    ) -> TransactionPayload:
        """A sale."""
        now = info.context.now
        return await _done(
            info,
            TransactionPayload,
            Scope.TRANSACTIONS_WRITE,
            input,
            lambda references, asked: sales.post_sale(references, now, asked),
        )

    @strawberry.mutation(description="Takes back a part of a sale that went through this API.")
    async def return_transaction(
        self,
        info: Info,
        input: Annotated[ReturnTransactionInput, _INPUT],  # noqa: A002
    ) -> TransactionPayload:
        """A return."""
        now = info.context.now
        return await _done(
            info,
            TransactionPayload,
            Scope.TRANSACTIONS_WRITE,
            input,
            lambda references, asked: sales.return_sale(references, now, asked),
        )

    @strawberry.mutation(
        description="Undoes a sale that went through this API, with the points and the voucher "
        "that it redeemed itself. Redemptions made beforehand stay."
    )
    async def void_transaction(
        self,
        info: Info,
        input: Annotated[VoidTransactionInput, _INPUT],  # noqa: A002
    ) -> TransactionPayload:
        """A void."""
        return await _done(
            info, TransactionPayload, Scope.TRANSACTIONS_WRITE, input, sales.void_sale
        )

    @strawberry.mutation(description="Turns points into value, at once or held for later.")
    async def redeem_points(
        self,
        info: Info,
        input: Annotated[RedeemPointsInput, _INPUT],  # noqa: A002
    ) -> RedemptionPayload:
        """A redemption of points."""
        return await _done(
            info, RedemptionPayload, Scope.REDEMPTIONS_WRITE, input, redemptions.redeem_points
        )

    @strawberry.mutation(description="Uses a voucher up.")
    async def redeem_voucher(
        self,
        info: Info,
        input: Annotated[RedeemVoucherInput, _INPUT],  # noqa: A002
    ) -> RedemptionPayload:
        """A redemption of a voucher."""
        return await _done(
            info, RedemptionPayload, Scope.REDEMPTIONS_WRITE, input, redemptions.redeem_voucher
        )

    @strawberry.mutation(description="Spends what was held.")
    async def capture_redemption(
        self,
        info: Info,
        input: Annotated[RedemptionActionInput, _INPUT],  # noqa: A002
    ) -> RedemptionPayload:
        """A capture."""
        return await _done(
            info, RedemptionPayload, Scope.REDEMPTIONS_WRITE, input, redemptions.capture_redemption
        )

    @strawberry.mutation(description="Gives back what was held or spent.")
    async def void_redemption(
        self,
        info: Info,
        input: Annotated[RedemptionActionInput, _INPUT],  # noqa: A002
    ) -> RedemptionPayload:
        """A void."""
        return await _done(
            info, RedemptionPayload, Scope.REDEMPTIONS_WRITE, input, redemptions.void_redemption
        )

    @strawberry.mutation(
        description="Turns the one-time code a member shows into a short-lived right to redeem. "
        "It uses the code up."
    )
    async def authorize_redemption(
        self,
        info: Info,
        input: Annotated[AuthorizeRedemptionInput, _INPUT],  # noqa: A002
    ) -> AuthorizationPayload:
        """A right to redeem."""
        return await _done(
            info,
            AuthorizationPayload,
            Scope.REDEMPTIONS_WRITE,
            input,
            redemptions.authorize_redemption,
        )

    @strawberry.mutation(description="Makes an offer a voucher of the member.")
    async def claim_voucher(
        self,
        info: Info,
        input: Annotated[ClaimVoucherInput, _INPUT],  # noqa: A002
    ) -> VoucherPayload:
        """A claim."""
        return await _done(
            info, VoucherPayload, Scope.REDEMPTIONS_WRITE, input, redemptions.claim_voucher
        )

    @strawberry.mutation(description="Gives or takes points for a reason, without a sale.")
    async def adjust_points(
        self,
        info: Info,
        input: Annotated[AdjustPointsInput, _INPUT],  # noqa: A002
    ) -> TransactionPayload:
        """A correction."""
        return await _done(
            info, TransactionPayload, Scope.POINTS_ADJUST, input, redemptions.adjust_points
        )

    @strawberry.mutation(description="Makes the pending points of a period spendable.")
    async def activate_points(
        self,
        info: Info,
        input: Annotated[ActivatePointsInput, _INPUT],  # noqa: A002
    ) -> MemberPayload:
        """An activation."""
        return await _done(
            info, MemberPayload, Scope.TRANSACTIONS_WRITE, input, redemptions.activate_points
        )

    @strawberry.mutation(description="Makes a person, or an app user, a member.")
    async def enroll_member(
        self,
        info: Info,
        input: Annotated[EnrollMemberInput, _INPUT],  # noqa: A002
    ) -> MemberPayload:
        """An enrolment."""
        return await _done(info, MemberPayload, Scope.MEMBERS_WRITE, input, members.enrol_member)

    @strawberry.mutation(description="Changes what is known of a member.")
    async def update_member(
        self,
        info: Info,
        input: Annotated[UpdateMemberInput, _INPUT],  # noqa: A002
    ) -> MemberPayload:
        """Changes."""
        return await _done(info, MemberPayload, Scope.MEMBERS_WRITE, input, members.update_member)

    @strawberry.mutation(description="Takes a member of an older system over, with points.")
    async def migrate_member(
        self,
        info: Info,
        input: Annotated[MigrateMemberInput, _INPUT],  # noqa: A002
    ) -> MemberPayload:
        """A migration."""
        return await _done(info, MemberPayload, Scope.MEMBERS_WRITE, input, members.migrate_member)

    @strawberry.mutation(description="Makes, ends or answers a link to an affiliated programme.")
    async def set_affinity(
        self,
        info: Info,
        input: Annotated[SetAffinityInput, _INPUT],  # noqa: A002
    ) -> MemberPayload:
        """A link."""
        return await _done(info, MemberPayload, Scope.MEMBERS_WRITE, input, members.set_affinity)

    @strawberry.mutation(description="Gives an address for each receipt, to upload its PDF to.")
    async def request_receipt_uploads(
        self,
        info: Info,
        input: Annotated[ReceiptUploadsInput, _INPUT],  # noqa: A002
    ) -> ReceiptUploadsPayload:
        """Addresses."""
        return await _done(
            info, ReceiptUploadsPayload, Scope.TRANSACTIONS_WRITE, input, members.request_uploads
        )

    @strawberry.mutation(
        description="Makes a membership a person's: shown by a one-time code of the program's app, "
        "or by an operator's word. A membership is one person's at a time."
    )
    async def link_membership(
        self,
        info: Info,
        input: Annotated[LinkMembershipInput, _INPUT],  # noqa: A002
    ) -> CustomerPayload:
        """A link between a person and a membership."""
        context = info.context
        return await _done(
            info,
            CustomerPayload,
            Scope.READ,
            input,
            lambda references, asked: customers.link_membership(references, context.asker, asked),
            lambda command: context.people.link(
                context.asker, input.idempotency_key, command, context.trace_id
            ),
        )

    @strawberry.mutation(description="Takes a membership from the person whose it is.")
    async def unlink_membership(
        self,
        info: Info,
        input: Annotated[UnlinkMembershipInput, _INPUT],  # noqa: A002
    ) -> CustomerPayload:
        """The end of such a link."""
        context = info.context
        return await _done(
            info,
            CustomerPayload,
            Scope.READ,
            input,
            lambda references, asked: customers.unlink_membership(references, context.asker, asked),
            lambda command: context.people.unlink(
                context.asker, input.idempotency_key, command, context.trace_id
            ),
        )


async def _done(
    info: Info,
    payload: type[PayloadT],
    scope: Scope,
    asked: AskedT,
    read: Callable[[References, AskedT], CommandT],
    do: Callable[[CommandT], Awaitable[Told]] | None = None,
) -> PayloadT:
    """Hand it in, and tell what came of it; `read` makes a command of what is asked."""
    key = asked.idempotency_key
    handed = await hand_in(info.context, scope, key, lambda known: read(known, asked), do)
    return payload(told=handed.told, command=handed.command)
