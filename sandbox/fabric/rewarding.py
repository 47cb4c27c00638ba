"""Issue, Redeem, Cancel and Reverse Reward (contract 9.1-9.4, 4.7); totals are read elsewhere."""

from decimal import Decimal

from sandbox.fabric.answers import ENTITY_UNKNOWN, points, refuse
from sandbox.fabric.bodies import Fields
from sandbox.fabric.book import ZERO
from sandbox.fabric.events import Reward, Step
from sandbox.fabric.evidence import Deed
from sandbox.fabric.scribe import handle
from sandbox.fabric.scribe import issue as write_reward
from sandbox.fabric.state import State
from sandbox.fabric.tenant import MERCHANT, STORES
from sandbox.frame import Arrival

REWARD_UNKNOWN = "Reward not found."
BEFORE = {
    Step.REDEEMED: Step.ISSUED,
    Step.CANCELLED: Step.ISSUED,
    Step.REVERSED: Step.REDEEMED,
}
DEEDS = {
    Step.REDEEMED: ("capture", "redeem_reward"),
    Step.CANCELLED: ("cancel", "cancel_reward"),
    Step.REVERSED: ("reverse", "reverse_reward"),
}


def issue(state: State, arrival: Arrival) -> object:
    """Issue Reward: the points leave at once; no two calls are ever the same reward."""
    fields = Fields(arrival.json(), {})
    profile_id, amount = fields.uuid("profileId"), fields.number("amountToRedeem")
    store = fields.text("locationExternalReference")
    tier_discount = fields.number("tierDiscountValue")
    user = fields.optional_text("issueAuditUser", least=1)
    if amount <= ZERO and fields.sound("amountToRedeem"):
        fields.fault("amountToRedeem", "Must be greater than 0.")
    fields.check()
    state.profile(profile_id)
    if store not in STORES:
        raise refuse("locationExternalReference", ENTITY_UNKNOWN)
    _check_means(state, profile_id, store, amount)
    profile, book = state.settled(profile_id), state.book(profile_id)
    code = write_reward(
        book,
        state.now,
        amount,
        state.point_value,
        store=store,
        user=user or "",
        pending_hours=state.count("pending_hours"),
        tier_discount=tier_discount,
    )
    deed = Deed(
        kind="issue",
        operation="issue_reward",
        reference=user or code,
        voucher=code,
        key=code,
        detail={"issueAuditUser": user, "amountToRedeem": f"{amount:f}"},
    )
    state.note(profile, deed)
    reward = book.rewards[code]
    return {
        "redemptionCode": code,
        "rewardName": f"{MERCHANT} reward",
        "rewardPointCost": reward.point_cost,
        "rewardValue": points(reward.points),
    }


def _check_means(state: State, profile_id: str, store: str, amount: Decimal) -> None:
    at_hand = state.spendable(profile_id, store)
    cap = state.count("reward_cap")
    if at_hand < amount / state.point_value:
        raise refuse("amountToRedeem", "Insufficient points.")
    if at_hand < state.profile(profile_id).redemption_threshold:
        raise refuse("amountToRedeem", "Threshold not reached.")
    if cap and amount > cap:
        raise refuse("amountToRedeem", "Reward limit exceeded.")


def redeem(state: State, arrival: Arrival) -> object:
    """Redeem Rewards: an Active one within its expiry becomes Redeemed."""
    fields = Fields(arrival.json(), {})
    code, profile_id = fields.uuid("redemptionCode"), fields.optional_uuid("profileId")
    store = fields.text("locationExternalReference")
    user = fields.optional_text("redeemAuditUser", least=1)
    fields.check()
    owner = _owner(state, code, profile_id)
    if store not in STORES:
        raise refuse("locationExternalReference", ENTITY_UNKNOWN)
    _step(state, owner, code, Step.REDEEMED, user or "", store)
    return None


def cancel(state: State, arrival: Arrival) -> object:
    """Cancel Rewards: an Active one goes back to points."""
    fields = Fields(arrival.json(), {})
    code, profile_id = fields.uuid("redemptionCode"), fields.optional_uuid("profileId")
    user = fields.optional_text("cancelAuditUser", least=1)
    fields.check()
    _step(state, _owner(state, code, profile_id), code, Step.CANCELLED, user or "")
    return None


def reverse(state: State, arrival: Arrival) -> object:
    """Reverse Redeemed Rewards: a Redeemed one goes back to points."""
    fields = Fields(arrival.json(), {})
    code, profile_id = fields.uuid("redemptionCode"), fields.optional_uuid("profileId")
    fields.check()
    _step(state, _owner(state, code, profile_id), code, Step.REVERSED, "")
    return None


def known_reward(state: State, profile_id: str, code: str) -> Reward:
    """A member's reward of that code; raises Refused."""
    reward = state.book(profile_id).rewards.get(code)
    if reward is None:
        raise refuse("redemptionCode", REWARD_UNKNOWN)
    return reward


def _owner(state: State, code: str, profile_id: str | None) -> str:
    if profile_id is not None:
        state.profile(profile_id)
    owner = state.owner(code)
    if owner is None:
        raise refuse("redemptionCode", REWARD_UNKNOWN)
    if profile_id not in {None, owner}:
        raise refuse("profileId", "The reward belongs to another member.")
    return owner


def _step(
    state: State, owner: str, code: str, step: Step, user: str, store: str | None = None
) -> None:
    reward = known_reward(state, owner, code)
    status = reward.status(state.now)
    if status == step.value and state.choice("repeated_step") == "accepted":
        return
    if status != BEFORE[step].value:
        raise refuse("redemptionCode", f"Reward is {status}.")
    profile = state.settled(owner)
    handle(state.book(owner), code, step, state.now, user=user, store=store)
    kind, operation = DEEDS[step]
    deed = Deed(
        kind=kind,
        operation=operation,
        reference=code,
        voucher=code,
        key=f"{code}/{step.value}",
        undoes=None if step is Step.REDEEMED else code,
    )
    state.note(profile, deed)
