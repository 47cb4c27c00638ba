"""The bodies of our requests, each in its API's own spelling (contract 4, Q-1); no addresses."""

from collections.abc import Callable
from datetime import datetime

from providers.telluride.client.baskets import Line, Product, StoreFront, tax_of, total_of
from providers.telluride.client.exchange import Body
from providers.telluride.client.searches import Search
from providers.telluride.profile.apis import GUEST_VERSION, Api
from providers.telluride.settings import TellurideSettings

_UNUSED_NUMBER = "1"
"""A trial and an inquiry store nothing: their transaction number names nothing (contract 7.3)."""


class Bodies:
    """What the program sends; dates and times are the server's local ones (Q-9)."""

    def __init__(self, settings: TellurideSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now

    def lookup(self, search: Search) -> Body:
        """GetMemberLookup."""
        return {**self._pascal(Api.MEMBER_LOOKUP), "SearchType": search.type, **search.fields}

    def balance(self, number: str) -> Body:
        """GetRewardBalance, as of now."""
        at = self._local(self._now())
        channels = self._settings.channels
        return {
            **self._camel(Api.REWARD_BALANCE),
            "memberNumber": number,
            "memberIdentifier": "",
            "pointType": "",
            "currentDate": at.date().isoformat(),
            "currentTime": at.strftime("%H:%M:%S"),
            "storeNumber": self._settings.store_number,
            **({} if channels is None else {"channels": channels}),
        }

    def affinities(self, number: str) -> Body:
        """GetMemberAffinitySubscriptions."""
        return {
            **self._camel(Api.AFFINITIES),
            "memberNumber": number,
            "storeNumber": self._settings.store_number,
            "terminal": self._settings.terminal,
        }

    def summary(self, number: str, starts_at: datetime, ends_at: datetime) -> Body:
        """GetMemberActivitySummary."""
        return {
            **self._camel(Api.ACTIVITY_SUMMARY),
            "memberNumber": number,
            "memberIdentifier": "",
            "startDate": self._stamp(starts_at),
            "endDate": self._stamp(ends_at),
        }

    def details(self, number: str, starts_at: datetime, ends_at: datetime) -> Body:
        """GetMemberActivityDetail."""
        return {
            **self._pascal(Api.ACTIVITY_DETAIL),
            "MemberNumber": number,
            "StartDTTM": self._stamp(starts_at),
            "EndDTTM": self._stamp(ends_at),
            "BenefitOnly": "N",
        }

    def offers(self, number: str, store: str, products: tuple[Product, ...]) -> Body:
        """GetApplicableOffers; its own date and time has a space (Q-8 e)."""
        listed = {"ProductList": {"Product": [product.wire() for product in products]}}
        return {
            **self._pascal(Api.APPLICABLE_OFFERS),
            "MemberNumber": number,
            "OrderStoreNumber": store,
            "TenderStoreNumber": "0",
            "PickUpStoreNumber": "0",
            "CurrentDTTM": self._local(self._now()).strftime("%Y-%m-%d %H:%M:%S"),
            "RequestOfferType": "",
            "BenefitOnly": "N",
            **(listed if products else {}),
        }

    def trial(self, number: str | None, front: StoreFront, lines: tuple[Line, ...]) -> Body:
        """ProcessEarn as a trial, which stores nothing; without a number, for a guest."""
        version = self._settings.version(Api.EARN)
        if number is None and int(version) < GUEST_VERSION:
            version = str(GUEST_VERSION)
        return {
            **self._pascal(Api.EARN),
            **self._moment(),
            "MessageVersion": version,
            "EarnFlag": "G" if number is None else "T",
            "MemberNumber": number,
            "StoreNumber": front.store,
            "OrderStoreNumber": front.store,
            "RegisterNumber": front.register,
            "TransactionNumber": _UNUSED_NUMBER,
            "TransactionTotal": total_of(lines),
            "TransactionTotalTax": tax_of(lines),
            "AssociateID": self._settings.associate_id,
            "LineItems": {"LineItem": [line.earning() for line in lines]},
        }

    def inquiry(self, number: str, front: StoreFront, lines: tuple[Line, ...]) -> Body:
        """ProcessRedemption's balance inquiry: function B; Preview is no dry run (Q-16)."""
        return {
            **self._pascal(Api.REDEMPTION),
            **self._moment(),
            "Function": "B",
            "ApplyFunction": "M",
            "MemberNumber": number,
            "PickUpStoreNumber": front.store,
            "OrderStoreNumber": front.store,
            "RegisterNumber": front.register,
            "TransactionNumber": _UNUSED_NUMBER,
            "AssociateID": self._settings.associate_id,
            "RedemptionPoints": "0",
            "MaxRedeemablePoints": "0",
            "MaxRedeemableDollarValue": "0",
            "ShowQualifiedOffers": "N",
            "LineItems": [line.redeeming() for line in lines],
        }

    def _pascal(self, api: Api) -> Body:
        settings = self._settings
        return {"RequestorID": settings.requestor_id, "MessageVersion": settings.version(api)}

    def _camel(self, api: Api) -> Body:
        settings = self._settings
        return {"requestorID": settings.requestor_id, "messageVersion": settings.version(api)}

    def _moment(self) -> Body:
        at = self._local(self._now())
        return {
            "TransactionDate": at.date().isoformat(),
            "TransactionTime": at.strftime("%H:%M:%S"),
        }

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._settings.zone)

    def _stamp(self, at: datetime) -> str:
        return self._local(at).strftime("%Y-%m-%dT%H:%M:%S")
