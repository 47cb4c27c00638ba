"""Totals of a period, out of GetMemberActivitySummary (contract 4.10)."""

from datetime import datetime

from loyalty.sales import Activity
from providers.telluride.wire.activity import WireSummary


def activity(wire: WireSummary, starts_at: datetime, ends_at: datetime) -> Activity | None:
    """The totals; None where a figure is missing or they do not add up to the closing balance."""
    opening, closing = wire.starting_balance, wire.ending_balance
    earned, redeemed, expired = wire.total_earned, wire.total_redeemed, wire.total_expired
    if opening is None or closing is None or earned is None or redeemed is None or expired is None:
        return None
    if opening + earned - redeemed - expired != closing:
        return None
    return Activity(
        starts_at=starts_at,
        ends_at=ends_at,
        opening=opening,
        earned=earned,
        redeemed=redeemed,
        expired=expired,
        closing=closing,
    )
