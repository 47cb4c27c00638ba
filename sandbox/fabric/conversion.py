"""Points of an Auto account become rewards by themselves (contract 4.4, 12.1)."""

from sandbox.fabric.book import ZERO
from sandbox.fabric.evidence import Deed
from sandbox.fabric.profile import Profile
from sandbox.fabric.scribe import issue
from sandbox.fabric.state import State

MOST_AT_ONCE = 100
"""A low threshold and a rich member would otherwise make rewards by the million."""

AUTO = "auto"


def convert(state: State, profile: Profile, operation: str) -> None:
    """One reward of the threshold's worth after the other, while free active points suffice."""
    threshold = profile.redemption_threshold
    if profile.redemption_choice != "Auto" or threshold <= ZERO:
        return
    amount = state.worth(threshold)
    cap = state.count("reward_cap")
    if not state.flag("auto_conversion") or (cap and amount > cap):
        return
    for _ in range(MOST_AT_ONCE):
        if state.spendable(profile.profile_id, None) < threshold:
            break
        code = issue(
            state.book(profile.profile_id),
            state.now,
            amount,
            state.point_value,
            store=profile.enrollment_entity,
            user=AUTO,
            pending_hours=state.count("pending_hours"),
        )
        detail = {"issueAuditUser": AUTO, "auto": True}
        deed = Deed(
            kind="issue",
            operation=operation,
            reference=code,
            voucher=code,
            key=code,
            detail=detail,
        )
        state.note(profile, deed)
