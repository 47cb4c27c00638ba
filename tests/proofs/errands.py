"""What clients come for: one mutation each, and what the upstream's books show of it when done.

An errand knows nothing of how the graph does it. `write` is the upstream's operation that moves
the money (the faults are aimed at it), `path` where it is on the wire. `once` counts the effects,
by kind, that one success leaves; `undone` those of a success that was taken back before its end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

Json = dict[str, Any]


class Doubt(StrEnum):
    """How an upstream lets a lost answer be settled, by its contract's defaults.

    REPLAY: the same again is the same once, documented so: OneRewards' documents (3.12) and unposts
    (3.13), Telluride's voids (5.6: 93 means done), fabric's earn and reverse, whose flag 1 says
    "reject duplicates" (8.1, 8.2) and which are looked for first all the same, and its steps of a
    reward, each of which a code can take but once (14). LOOK: a read shows it, once it is there.
    BLIND: nothing shows it.
    """

    REPLAY = "REPLAY"
    LOOK = "LOOK"
    BLIND = "BLIND"


class Numbered(Protocol):
    """Whatever has a number of its own."""

    @property
    def n(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an errand is run: whose, the how-manieth, and the ids of what went before.

    `number` is the member's at the upstream.
    """

    member: str
    n: int
    before: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    offers: Mapping[str, str] = field(default_factory=dict[str, str])
    authorization: str | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """One kind of mutation at one upstream."""

    upstream: str
    name: str
    mutation: str
    given: Callable[[Scene], Json]
    write: str
    path: str
    doubt: Doubt
    once: Mapping[str, int]
    undone: tuple[Mapping[str, int], ...] = ()
    first: str | None = None
    result: str | None = None
    twins: bool = False
    """Nothing in the request lets the upstream know a second delivery from a second wish."""
    told_apart: bool = False
    """A second delivery is answered otherwise: marked as a repeat, or refused because of the first.
    Whose the first was (ours, or another's with the same five values, phone, or code) is believed
    once the upstream shows it."""
    needs_code: bool = False
    """The member is linked to the app, and has shown its one-time code before."""
    is_later: bool = False
    """The write is not the first step: something has happened when it is met by a fault."""

    @property
    def program(self) -> str:
        """The program that stands for the upstream in the demonstration's configuration."""
        return PROGRAMS[self.upstream]

    @property
    def title(self) -> str:
        """Its name in a report."""
        return f"{self.upstream}.{self.name}"


PROGRAMS = {"onerewards": "kopi", "telluride": "syw", "fabric": "northshore"}


def outlet(upstream: str, scene: Scene) -> Json:
    """Where it is done; the registers differ, since what is done at one has numbers of its own."""
    match upstream:
        case "onerewards":
            return {"code": "KL01", "name": "KLCC"}
        case "telluride":
            return {"code": "00001", "register": f"{1 + scene.n % 900:03d}"}
        case _:
            return {"code": "ONLINE"}


def money(amount: Decimal | int) -> str:
    return f"{Decimal(amount):.2f}"


def product(scene: Numbered) -> str:
    """A code that only this errand's line has: five digits are what every upstream takes."""
    return f"{10_000 + scene.n:05d}"


def document_id(scene: Numbered, what: str) -> Json:
    return {"id": f"{what}-{scene.n:06d}", "number": f"{scene.n:06d}"}


def line(scene: Scene, amount: Decimal) -> Json:
    return {
        "productCode": product(scene),
        "division": "001",
        "description": "A thing",
        "quantity": "1",
        "unitPrice": money(amount),
        "discount": "0.00",
        "tax": "0.00",
        "subtotalExTax": money(amount),
        "subtotal": money(amount),
    }


def instant(scene: Scene) -> str:
    """A time of the last days that no two errands share: the upstreams know them to the second."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=600 + scene.n % 80_000)
    return moment.isoformat()


def sale_amount(scene: Scene) -> Decimal:
    return Decimal(20 + scene.n % 50)


def redeemed_points(scene: Scene) -> int:
    """A magnitude that is a whole number of cents everywhere."""
    return 1000 + 20 * (scene.n % 100)


def _sale(upstream: str) -> Callable[[Scene], Json]:
    def given(scene: Scene) -> Json:
        amount = sale_amount(scene)
        sale: Json = {
            "memberId": scene.member,
            "document": document_id(scene, "S"),
            "occurredAt": instant(scene),
            "outlet": outlet(upstream, scene),
            "lines": [line(scene, amount)],
            "totals": {
                "gross": money(amount),
                "discount": "0.00",
                "tax": "0.00",
                "final": money(amount),
            },
            "payments": [{"method": "CASH", "amount": money(amount)}],
        }
        if upstream == "onerewards":
            sale["points"] = {"collect": str(10 + scene.n)}
        return sale

    return given


def _void(scene: Scene) -> Json:
    return {"transactionId": scene.before["sale"], "reason": "wrong member"}


def _redeem(upstream: str) -> Callable[[Scene], Json]:
    def given(scene: Scene) -> Json:
        asked: Json = {
            "memberId": scene.member,
            "amount": {"points": str(redeemed_points(scene))},
            "outlet": outlet(upstream, scene),
        }
        if upstream == "telluride":
            asked["lines"] = [line(scene, Decimal(50))]
        if upstream == "onerewards":
            asked["document"] = document_id(scene, "R")
        if scene.authorization is not None:
            asked["authorization"] = scene.authorization
        return asked

    return given


def _void_redemption(scene: Scene) -> Json:
    return {"redemptionId": scene.before["redeem"]}


def _adjust(upstream: str) -> Callable[[Scene], Json]:
    def given(scene: Scene) -> Json:
        asked: Json = {
            "memberId": scene.member,
            "delta": str(100 + scene.n),
            "reason": "4102" if upstream == "fabric" else "goodwill",
            "outlet": outlet(upstream, scene),
        }
        if upstream == "telluride":
            asked["offerCode"] = "GOODWILL"
        if upstream == "onerewards":
            asked["document"] = document_id(scene, "A")
        return asked

    return given


def _claim(scene: Scene) -> Json:
    return {
        "memberId": scene.member,
        "offerId": scene.offers["12"],
        "outlet": outlet("onerewards", scene),
    }


def _enrol(upstream: str) -> Callable[[Scene], Json]:
    def given(scene: Scene) -> Json:
        number = f"{scene.n:07d}"
        profile: Json = {"email": f"newcomer.{number}@example.com", "birthDate": "1990-05-17"}
        if upstream == "onerewards":
            profile |= {"name": "Nadia Newcomer", "phone": f"+60198{number}"}
        else:
            profile |= {"givenName": "Nadia", "familyName": "Newcomer", "postalCode": "98101"}
            profile |= {"phone": f"+1206{number}", "phoneType": "MOBILE"}
        return {
            "program": PROGRAMS[upstream],
            "profile": profile,
            "consents": {"terms": True, "termsVersion": "1", "email": True, "sms": False,
                         "mail": False, "phone": False},
            "outlet": outlet(upstream, scene),
        }  # fmt: skip

    return given


ONEREWARDS = (
    Errand(
        "onerewards", "sale", "postTransaction", _sale("onerewards"),
        "post_transaction", "POST .*/transaction/post", Doubt.REPLAY, {"earn": 1},
        result="transaction",
    ),
    Errand(
        "onerewards", "void", "voidTransaction", _void,
        "unpost_transaction", "POST .*/transaction/unpost", Doubt.REPLAY, {"void": 1}, first="sale",
    ),
    Errand(
        "onerewards", "redeem", "redeemPoints", _redeem("onerewards"),
        "post_transaction", "POST .*/transaction/post", Doubt.REPLAY, {"redeem": 1},
        result="redemption",
    ),
    Errand(
        "onerewards", "redeem by code", "redeemPoints", _redeem("onerewards"),
        "post_transaction", "POST .*/transaction/post", Doubt.REPLAY, {"redeem": 1},
        result="redemption", needs_code=True,
    ),
    Errand(
        "onerewards", "void redemption", "voidRedemption", _void_redemption,
        "unpost_transaction", "POST .*/transaction/unpost", Doubt.REPLAY, {"void": 1},
        first="redeem",
    ),
    Errand(
        "onerewards", "adjust", "adjustPoints", _adjust("onerewards"),
        "post_transaction", "POST .*/transaction/post", Doubt.REPLAY, {"adjust": 1},
    ),
    Errand(
        "onerewards", "claim", "claimVoucher", _claim,
        "issue_voucher", "POST .*/member/issuevoucher", Doubt.LOOK, {"issue": 1}, twins=True,
    ),
    Errand(
        "onerewards", "enrol", "enrollMember", _enrol("onerewards"),
        "create_member", r"POST /onerewards/[^/]*/member\b(?!/)", Doubt.LOOK, {"enroll": 1},
        told_apart=True,
    ),
)  # fmt: skip

TELLURIDE = (
    Errand(
        "telluride", "sale", "postTransaction", _sale("telluride"),
        "ProcessEarn", "POST .*/ProcessEarn", Doubt.LOOK, {"earn": 1}, result="transaction",
        told_apart=True,
    ),
    Errand(
        "telluride", "void", "voidTransaction", _void,
        "ProcessEarn", "POST .*/ProcessEarn", Doubt.LOOK, {"return": 1}, first="sale",
        told_apart=True,
    ),
    Errand(
        "telluride", "redeem", "redeemPoints", _redeem("telluride"),
        "ProcessRedemption", "POST .*/ProcessRedemption", Doubt.LOOK, {"redeem": 1},
        result="redemption", told_apart=True,
    ),
    Errand(
        "telluride", "void redemption", "voidRedemption", _void_redemption,
        "ProcessRedemption", "POST .*/ProcessRedemption", Doubt.REPLAY, {"void": 1},
        first="redeem",
    ),
    Errand(
        "telluride", "adjust", "adjustPoints", _adjust("telluride"),
        "PostExternalBonus", "POST .*/PostExternalBonus", Doubt.LOOK, {"bonus": 1}, twins=True,
    ),
    Errand(
        "telluride", "enrol", "enrollMember", _enrol("telluride"),
        "CreateMember", "POST .*/CreateMember", Doubt.LOOK, {"enroll": 1}, told_apart=True,
    ),
)  # fmt: skip

FABRIC = (
    Errand(
        "fabric", "sale", "postTransaction", _sale("fabric"),
        "earn", r"POST .*/v2/earn\b(?!/)", Doubt.REPLAY, {"earn": 1}, result="transaction",
    ),
    Errand(
        "fabric", "void", "voidTransaction", _void,
        "reverse_earn", "POST .*/v2/earn/reverse", Doubt.REPLAY, {"return": 1}, first="sale",
    ),
    Errand(
        "fabric", "redeem", "redeemPoints", _redeem("fabric"),
        "issue_reward", "POST .*/redeem/reward/issue", Doubt.LOOK, {"issue": 1, "capture": 1},
        undone=({"issue": 1, "cancel": 1}, {"issue": 1, "capture": 1, "reverse": 1}),
        result="redemption", twins=True,
    ),
    Errand(
        "fabric", "capture of redeem", "redeemPoints", _redeem("fabric"),
        "redeem_reward", "POST .*/redeem/member-reward", Doubt.REPLAY, {"issue": 1, "capture": 1},
        undone=({"issue": 1, "cancel": 1}, {"issue": 1, "capture": 1, "reverse": 1}),
        result="redemption", is_later=True,
    ),
    Errand(
        "fabric", "void redemption", "voidRedemption", _void_redemption,
        "reverse_reward", "POST .*/redeem/reverse", Doubt.REPLAY, {"reverse": 1}, first="redeem",
    ),
    Errand(
        "fabric", "adjust", "adjustPoints", _adjust("fabric"),
        "adjust_points", "POST .*/members/points-adjustment", Doubt.LOOK, {"adjust": 1}, twins=True,
    ),
    Errand(
        "fabric", "enrol", "enrollMember", _enrol("fabric"),
        "enroll_member", r"POST .*/v1/members\b(?!/)", Doubt.LOOK, {"enroll": 1},
        told_apart=True,
    ),
)  # fmt: skip

ERRANDS = (*ONEREWARDS, *TELLURIDE, *FABRIC)


def errand(upstream: str, name: str) -> Errand:
    """The errand of that name."""
    return next(each for each in ERRANDS if (each.upstream, each.name) == (upstream, name))
