"""Which mutation is which: command, operation, ability, and the method that says what is next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from loyalty import commands
from loyalty.commands import Command, RedeemPoints
from loyalty.errors import Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Posted, Redeemed
from providers import write_abilities as abilities
from providers.port import has_ability
from providers.write_abilities import Writes
from providers.writing import Beforehand, Job, Next
from resolvers.accounts import Account
from resolvers.linking import NOTHING_TO_WRITE, link_membership, unlink_membership

Target = Posted | Redeemed | Beforehand | None


@dataclass(frozen=True, slots=True)
class Script:
    """One mutation: its operation, the ability it takes, and what else might help its caller."""

    operation: Operation
    ability: type[Any]
    method: str
    alternatives: tuple[Operation, ...] = ()


SCRIPTS: dict[type[Command], Script] = {
    commands.PostSale: Script(Operation.TRANSACTION_POST, abilities.PostsSales, "post_sale"),
    commands.ReturnSale: Script(
        Operation.TRANSACTION_RETURN,
        abilities.ReturnsSales,
        "return_sale",
        (Operation.TRANSACTION_VOID,),
    ),
    commands.VoidSale: Script(
        Operation.TRANSACTION_VOID,
        abilities.VoidsSales,
        "void_sale",
        (Operation.TRANSACTION_RETURN,),
    ),
    commands.RedeemPoints: Script(
        Operation.POINTS_REDEEM,
        abilities.RedeemsPoints,
        "redeem_points",
        (Operation.TRANSACTION_POST, Operation.VOUCHER_REDEEM),
    ),
    commands.RedeemVoucher: Script(
        Operation.VOUCHER_REDEEM,
        abilities.RedeemsVouchers,
        "redeem_voucher",
        (Operation.TRANSACTION_POST, Operation.POINTS_REDEEM),
    ),
    commands.CaptureRedemption: Script(
        Operation.REDEMPTION_CAPTURE,
        abilities.CapturesRedemptions,
        "capture_redemption",
        (Operation.POINTS_REDEEM,),
    ),
    commands.VoidRedemption: Script(
        Operation.REDEMPTION_VOID,
        abilities.VoidsRedemptions,
        "void_redemption",
        (Operation.TRANSACTION_VOID,),
    ),
    commands.AuthorizeRedemption: Script(
        Operation.REDEMPTION_AUTHORIZE, abilities.AuthorizesRedemptions, "authorize_redemption"
    ),
    commands.ClaimVoucher: Script(
        Operation.VOUCHER_CLAIM, abilities.ClaimsVouchers, "claim_voucher", (Operation.OFFER_LIST,)
    ),
    commands.AdjustPoints: Script(
        Operation.POINTS_ADJUST,
        abilities.AdjustsPoints,
        "adjust_points",
        (Operation.TRANSACTION_POST,),
    ),
    commands.ActivatePoints: Script(
        Operation.POINTS_ACTIVATE, abilities.ActivatesPoints, "activate_points"
    ),
    commands.EnrolMember: Script(
        Operation.MEMBER_ENROLL,
        abilities.EnrolsMembers,
        "enrol_member",
        (Operation.MEMBER_MIGRATE,),
    ),
    commands.UpdateMember: Script(
        Operation.MEMBER_UPDATE, abilities.UpdatesMembers, "update_member"
    ),
    commands.MigrateMember: Script(
        Operation.MEMBER_MIGRATE,
        abilities.MigratesMembers,
        "migrate_member",
        (Operation.MEMBER_ENROLL,),
    ),
    commands.SetAffinity: Script(Operation.AFFINITY_SET, abilities.SetsAffinities, "set_affinity"),
    commands.RequestReceiptUploads: Script(
        Operation.RECEIPT_UPLOAD, abilities.UploadsReceipts, "request_uploads"
    ),
}
"""Every command to a program, each with the ability that `providers.port` names for it."""


@dataclass(frozen=True, slots=True)
class OwnScript:
    """A mutation of ours, which may ask a program something on its way."""

    operation: Operation
    ask: Callable[[object, Job[Any, Any]], Awaitable[Next]]


OWN_SCRIPTS: dict[type[Command], OwnScript] = {
    commands.LinkMembership: OwnScript(Operation.MEMBERSHIP_LINK, link_membership),
    commands.UnlinkMembership: OwnScript(Operation.MEMBERSHIP_UNLINK, unlink_membership),
}
"""Every other command of the contract."""


def operation_of(command: Command) -> Operation:
    """The operation that a command is recorded as."""
    own = OWN_SCRIPTS.get(type(command))
    return SCRIPTS[type(command)].operation if own is None else own.operation


def next_step(account: Account, job: Job[Any, Any]) -> Awaitable[Next]:
    """Ask the program's script what comes next, or our own."""
    command: Command = job.command
    own = OWN_SCRIPTS.get(type(command))
    if own is not None:
        return own.ask(account.provider, job)
    script = SCRIPTS[type(command)]
    ask: Callable[[Job[Any, Any]], Awaitable[Next]] = getattr(account.provider, script.method)
    return ask(job)


def writer(account: Account, command: Command) -> Writes:
    """The program's port of writes; Unsupported, with what it can do instead, where it cannot."""
    if type(command) in OWN_SCRIPTS:
        return account.provider if isinstance(account.provider, Writes) else NOTHING_TO_WRITE
    script = SCRIPTS[type(command)]
    provider = account.provider
    if not isinstance(provider, Writes) or not isinstance(provider, script.ability):
        raise unsupported(account, script.operation, script.alternatives)
    holds = isinstance(command, RedeemPoints) and command.hold
    if holds and not has_ability(provider, Operation.REDEMPTION_HOLD):
        raise unsupported(
            account,
            Operation.REDEMPTION_HOLD,
            (Operation.POINTS_REDEEM,),
            field=("input", "hold"),
        )
    return provider


def unsupported(
    account: Account,
    operation: Operation,
    alternatives: tuple[Operation, ...] = (),
    *,
    field: tuple[str, ...] | None = None,
) -> Unsupported:
    """Refused before anything is sent; of the alternatives those that the program has."""
    possible = tuple(other for other in alternatives if has_ability(account.provider, other))
    hint = f"; it does offer {', '.join(other.value for other in possible)}" if possible else ""
    return Unsupported(
        f"{account.program.name} does not offer {operation.value}{hint}",
        operation=operation,
        alternatives=possible,
        field=field,
        program=account.program.key,
    )
