"""The abilities to change something: narrow Protocols, an adapter implements those it has.

What a Job is, what Next means and what may be raised is told in providers/writing.py.
"""

from datetime import datetime
from typing import Protocol, runtime_checkable

from loyalty.commands import (
    ActivatePoints,
    AdjustPoints,
    AuthorizeRedemption,
    CaptureRedemption,
    ClaimVoucher,
    EnrolMember,
    MigrateMember,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    RequestReceiptUploads,
    ReturnSale,
    SetAffinity,
    UpdateMember,
    VoidRedemption,
    VoidSale,
)
from loyalty.outcomes import Done, Posted, Redeemed
from providers.writing import Beforehand, Job, Next, Patience, Sending, Write


@runtime_checkable
class Writes(Protocol):
    """What every program that can be changed has, whatever abilities it adds."""

    @property
    def patience(self) -> Patience:
        """How long doubt about its writes lasts."""
        ...

    async def send(self, write: Write, how: Sending) -> Done:
        """Send it once; see this module's head for what is returned and raised."""
        ...

    async def look(self, write: Write, sent_at: datetime) -> Done | None:
        """The effect of the write, if the provider shows it; None where it does not (yet).

        Raises Unavailable where it cannot be asked now, OutcomeUnknown where what it shows may or
        may not be this write.
        """
        ...


@runtime_checkable
class PostsSales(Protocol):
    """TRANSACTION_POST."""

    async def post_sale(self, job: Job[PostSale, Beforehand]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class ReturnsSales(Protocol):
    """TRANSACTION_RETURN."""

    async def return_sale(self, job: Job[ReturnSale, Posted]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class VoidsSales(Protocol):
    """TRANSACTION_VOID."""

    async def void_sale(self, job: Job[VoidSale, Posted]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class RedeemsPoints(Protocol):
    """POINTS_REDEEM; with `command.hold` REDEMPTION_HOLD (refused where not supported)."""

    async def redeem_points(self, job: Job[RedeemPoints, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class HoldsRedemptions(RedeemsPoints, Protocol):
    """REDEMPTION_HOLD: redeem_points can hold."""

    @property
    def holds(self) -> bool:
        """Always true; it tells a program that can hold from one that cannot."""
        ...


@runtime_checkable
class RedeemsVouchers(Protocol):
    """VOUCHER_REDEEM. The target is the redemption that holds the voucher, where it is ours."""

    async def redeem_voucher(self, job: Job[RedeemVoucher, Redeemed | None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class CapturesRedemptions(Protocol):
    """REDEMPTION_CAPTURE."""

    async def capture_redemption(self, job: Job[CaptureRedemption, Redeemed]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class VoidsRedemptions(Protocol):
    """REDEMPTION_VOID."""

    async def void_redemption(self, job: Job[VoidRedemption, Redeemed]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class AuthorizesRedemptions(Protocol):
    """REDEMPTION_AUTHORIZE."""

    async def authorize_redemption(self, job: Job[AuthorizeRedemption, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class ClaimsVouchers(Protocol):
    """VOUCHER_CLAIM."""

    async def claim_voucher(self, job: Job[ClaimVoucher, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class AdjustsPoints(Protocol):
    """POINTS_ADJUST."""

    async def adjust_points(self, job: Job[AdjustPoints, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class ActivatesPoints(Protocol):
    """POINTS_ACTIVATE."""

    async def activate_points(self, job: Job[ActivatePoints, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class EnrolsMembers(Protocol):
    """MEMBER_ENROLL."""

    async def enrol_member(self, job: Job[EnrolMember, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class UpdatesMembers(Protocol):
    """MEMBER_UPDATE."""

    async def update_member(self, job: Job[UpdateMember, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class MigratesMembers(Protocol):
    """MEMBER_MIGRATE."""

    async def migrate_member(self, job: Job[MigrateMember, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class SetsAffinities(Protocol):
    """AFFINITY_SET."""

    async def set_affinity(self, job: Job[SetAffinity, None]) -> Next:
        """The next step."""
        ...


@runtime_checkable
class UploadsReceipts(Protocol):
    """RECEIPT_UPLOAD."""

    async def request_uploads(self, job: Job[RequestReceiptUploads, None]) -> Next:
        """The next step."""
        ...
