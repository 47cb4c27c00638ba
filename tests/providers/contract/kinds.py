"""OneRewards, Telluride and fabric as worlds: facts of the sandbox and of the contracts."""

from decimal import Decimal
from typing import ClassVar

from loyalty.members import MemberStatus
from loyalty.offers import Basket, BasketLine, Offer, VoucherStatus
from providers.fabric.client import Fabric
from providers.onerewards.client import OneRewards
from providers.telluride.client import Telluride
from sandbox.fabric.cast import ROLES
from sandbox.onerewards.state import ACCOUNT_BOOK_ID
from tests.providers.contract.worlds import HOST, World


class OneRewardsWorld(World[OneRewards]):
    code = "onerewards"
    program = "kopi"
    nobody = "999999"
    malformed = ("", "0", "-1", "007", "4.5", "4821a", "٤٨٢١", " 4821", "9" * 30)
    statuses: ClassVar = {"active": MemberStatus.ACTIVE, "inactive": MemberStatus.INACTIVE}
    voucher_states: ClassVar = {
        "usable": VoucherStatus.USABLE,
        "used": None,
        "expired": VoucherStatus.EXPIRED,
        "not_yet": VoucherStatus.ISSUED,
        "below_minimum": VoucherStatus.USABLE,
        "birthday": VoucherStatus.ISSUED,
        "wrong_day": VoucherStatus.ISSUED,
        "wrong_time": VoucherStatus.ISSUED,
    }
    members_a_call = 100
    has_token = False
    settings: ClassVar = {
        "provider": "onerewards",
        "name": "Kopi Corner Rewards",
        "currency": "MYR",
        "time_zone": "Asia/Kuala_Lumpur",
        "base_url": f"http://{HOST}/onerewards",
        "point_worth": "0.10",
        "integration_id": "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11",
        "api_key": "kopi-secret",
        "key_id": "kopi-key",
    }

    def facts(self, persona: str) -> dict[str, str]:
        book = self.book(persona)
        member = self.sandbox.onerewards.companies[ACCOUNT_BOOK_ID].members[int(book["number"])]
        given, _, family = member.name.partition(" ")
        return {
            "number": book["number"],
            "native_id": book["native_id"],
            "email": member.email or "",
            "phone": member.phone,
            "attribute": f"memberNo={member.member_id}",
            "mobile_user": member.mobile_user_id or "",
            "given": given,
            "family": family,
            "postal": "50000",
        }

    def crowd(self, count: int) -> list[str]:
        return [str(number) for number in range(1, count + 1)]


class TellurideWorld(World[Telluride]):
    code = "telluride"
    program = "syw"
    nobody = "7081555999999999"
    a_transaction = ("09305", "001", "3", "2026-05-31T10:05:00")
    malformed = ("", "abc", "12-4", "٣٤", "1" * 19, "4.5", " 42")
    statuses: ClassVar = {
        "A": MemberStatus.ACTIVE,
        "I": MemberStatus.INACTIVE,
        "O": MemberStatus.MERGED,
        "R": MemberStatus.REPLACED,
        "S": MemberStatus.SUSPENDED,
        "P": MemberStatus.PENDING,
    }
    settings: ClassVar = {
        "provider": "telluride",
        "name": "Shop Your Way",
        "currency": "USD",
        "time_zone": "America/Chicago",
        "base_url": f"http://{HOST}/telluride",
        "token_url": f"http://{HOST}/telluride/oauthAS/service/oAuth/token.json",
        "client_id": "EXAMPLE_SHOP",
        "requestor_id": "LGPH",
    }

    def secrets(self) -> dict[str, object]:
        return {**self.settings, "private_key": self.sandbox.telluride.private_key_pem()}

    def facts(self, persona: str) -> dict[str, str]:
        book = self.book(persona)
        member = self.sandbox.telluride.world.members[str(book["number"])]
        return {
            "number": member.number,
            "native_id": book["native_id"],
            "email": member.email,
            "phone": member.phones[0].number,
            "attribute": f"CARD=C{member.number[-10:]}",
            "mobile_user": "MU-1",
            "given": member.first,
            "family": member.last,
            "postal": member.zip,
        }

    def crowd(self, count: int) -> list[str]:
        return list(self.sandbox.telluride.world.members)[-count:]


class FabricWorld(World[Fabric]):
    code = "fabric"
    program = "northshore"
    nobody = "00000000-0000-4000-8000-000000000000"
    malformed = ("", "70410002318", "../v1/redeem", "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b30", "*")
    statuses: ClassVar = {
        "Enabled": MemberStatus.ACTIVE,
        "Disabled": MemberStatus.INACTIVE,
        "Inactive": MemberStatus.INACTIVE,
    }
    voucher_states: ClassVar = {
        "usable": VoucherStatus.USABLE,
        "used": VoucherStatus.REDEEMED,
        "cancelled": VoucherStatus.CANCELED,
        "reversed": VoucherStatus.REVERSED,
        "expired": VoucherStatus.EXPIRED,
    }
    a_transaction = ("NS-2321-1", "EARN", "620cd194-c29e-5e0c-ba7e-9136e438b42c")
    nameless = frozenset({"balances"})
    basket = Basket(
        (
            BasketLine(
                product_code="NS-1", quantity=Decimal(2), unit_price=Decimal(40), tax=Decimal(6)
            ),
        )
    )
    settings: ClassVar = {
        "provider": "fabric",
        "name": "Northshore Plus",
        "currency": "USD",
        "time_zone": "UTC",
        "base_url": f"http://{HOST}/fabric/api",
        "token_url": f"http://{HOST}/fabric/oauth2/aus7k2northshore91/v1/token",
        "client_id": "ns-loyalty",
        "client_secret": "northshore-secret",
        "club": "NORTHSHORE_PLUS",
        "store": "ONLINE",
        "point_worth": "0.05",
    }

    def key(self, persona: str) -> str:
        return str(self.book(persona)["native_id"])

    def offer_name(self, offer: Offer) -> str:
        return offer.description or ""

    def facts(self, persona: str) -> dict[str, str]:
        book = self.book(persona)
        role = next(each for each in ROLES if each.key == persona)
        return {
            "number": role.number,
            "native_id": book["native_id"],
            "email": role.email,
            "phone": role.phone,
            "attribute": "favouriteStore=NS-SEA-04",
            "mobile_user": "MU-1",
            "given": role.first,
            "family": role.last,
            "postal": "98109",
        }

    def crowd(self, count: int) -> list[str]:
        return list(self.sandbox.fabric._profiles)[-count:]


WORLDS = (OneRewardsWorld, TellurideWorld, FabricWorld)
"""Every adapter of the registry has one; a test says so."""
