"""Writes made ready: their bodies, fixed to the byte, and what is done when doubt is about them."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

import orjson

from loyalty.commands import AdjustPoints, SetAffinity
from providers.telluride.client.baskets import Line, StoreFront, dollars
from providers.telluride.client.sent import Note
from providers.telluride.mapping.names import Name
from providers.telluride.profile.apis import Api, path
from providers.telluride.profile.codes import AFFINITY_LETTER
from providers.telluride.settings import TellurideSettings
from providers.writing import Doubt, Request, Ticket, Write

Fields = Mapping[str, object]

_MOST_EARNS = 9999
_MOST_OTHERS = 10**12
_FIRST_REDEMPTION = 10_000
"""A number of an earning has four digits at most, one of a redemption always more, and one of a
posting a letter: so no row of history can be taken for a write of another kind."""

_LONGEST_ORDER = 16


class Orders:
    """What the program sends with effect; dates and times are the server's local ones (Q-9)."""

    def __init__(self, settings: TellurideSettings) -> None:
        self._settings = settings

    async def sale_name(self, ticket: Ticket, front: StoreFront, at: datetime) -> Name:
        """The name of a sale or a return: of a counter of its own, four digits (contract 7.3)."""
        number = await ticket.number("earn", _MOST_EARNS)
        return self._name(front, f"{number:04d}", at)

    async def redemption_name(self, ticket: Ticket, front: StoreFront) -> Name:
        """The name of a redemption or of its void."""
        number = await ticket.number("redemption", _MOST_OTHERS)
        return self._name(front, str(_FIRST_REDEMPTION + number), ticket.began_at)

    async def posting_name(self, ticket: Ticket, front: StoreFront) -> Name:
        """The name of a posting of points."""
        number = await ticket.number("bonus", _MOST_OTHERS)
        return self._name(front, f"B{number}", ticket.began_at)

    def earn(self, member: str, name: Name, fields: Fields, note: Note) -> Write:
        """ProcessEarn, stored: a sale, a return, or both in one."""
        body = {
            **self._pascal(Api.EARN),
            "EarnFlag": "E",
            "MemberNumber": member,
            "StoreNumber": name.store,
            "OrderStoreNumber": name.store,
            **self._moment(name),
            **fields,
        }
        return self._write(Api.EARN, body, Doubt.LOOK_THEN_REPLAY, name=name, note=note)

    def redeem(
        self, member: str, name: Name, lines: Sequence[Fields], fields: Fields, note: Note
    ) -> Write:
        """ProcessRedemption's function R, out of the member's own points."""
        body = {
            **self._redemption(member, name),
            "Function": "R",
            "ApplyFunction": "M",
            "MaxRedeemablePoints": "0",
            "MaxRedeemableDollarValue": "0",
            "ShowQualifiedOffers": "N",
            **fields,
            "LineItems": list(lines),
        }
        return self._write(Api.REDEMPTION, body, Doubt.LOOK_THEN_REPLAY, name=name, note=note)

    def void(
        self, member: str, name: Name, code: str, points: str, operator: str, note: Note
    ) -> Write:
        """Function V, by the code of the redemption: the second one answers that it is done."""
        body: Fields = {
            **self._redemption(member, name),
            "Function": "V",
            "AuthorizationCode": code,
            "RedemptionPoints": points,
            "AssociateID": operator,
            "LineItems": [],
        }
        return self._write(Api.REDEMPTION, body, Doubt.REPLAY, name=name, note=note)

    def bonus(self, wanted: AdjustPoints, delta: Decimal, name: Name, note: Note) -> Write:
        """PostExternalBonus: no repeat is known again, so it is never sent twice."""
        settings = self._settings
        spans = {"PointsStartDate": wanted.starts_at, "PointsEndDate": wanted.ends_at}
        body = {
            **self._pascal(Api.EXTERNAL_BONUS),
            "StoreNumber": name.store,
            "RegisterNumber": name.register,
            "MemberNumber": wanted.member.key,
            "TransactionTs": name.at,
            "OfferId": wanted.offer_code,
            "PointsToAdd": f"{delta:f}",
            "FileIdentifier": settings.file_identifier or settings.requestor_id,
            "TransactionNumber": name.number,
            **{field: self.stamp(at) for field, at in spans.items() if at is not None},
        }
        return self._write(Api.EXTERNAL_BONUS, body, Doubt.LOOK, name=name, note=note)

    def enrol(self, fields: Fields, at: datetime, doubt: Doubt, serial: str, note: Note) -> Write:
        """CreateMember: the server gives the number."""
        local = self._local(at)
        body = {
            **self._pascal(Api.CREATE_MEMBER),
            "MemberNumber": "",
            "CurrentDate": local.date().isoformat(),
            "CurrentTime": local.strftime("%H:%M:%S"),
            "ClubMembershipCreatedBy": self._settings.created_by,
            **fields,
        }
        return self._write(Api.CREATE_MEMBER, body, doubt, serial=serial, note=note)

    def link(self, wanted: SetAffinity) -> Write:
        """UpdateMemberAffinitySubscriptions: the last write wins, so a repeat does no harm."""
        settings = self._settings
        spans = {"affinityStartTS": wanted.starts_at, "affinityEndTS": wanted.ends_at}
        entry: Fields = {
            "affinityNumber": "",
            "affinityStatus": AFFINITY_LETTER[wanted.status],
            "affiliationCode": wanted.code,
            **{field: self.stamp(at) for field, at in spans.items() if at is not None},
        }
        body = {
            "requestorID": settings.requestor_id,
            "messageVersion": settings.version(Api.UPDATE_AFFINITIES),
            "memberNumber": wanted.member.key,
            "affinities": [entry],
            "storeNumber": settings.store_number,
            "terminal": settings.terminal,
            "associateId": settings.associate_id,
        }
        serial = self.serial("affinity", wanted.member.key, wanted.code)
        note = Note(member=("input", "memberId"))
        return self._write(Api.UPDATE_AFFINITIES, body, Doubt.REPLAY, serial=serial, note=note)

    def stamp(self, at: datetime) -> str:
        """An instant as YYYY-MM-DDTHH:MM:SS on the server's clock."""
        return self._local(at).strftime("%Y-%m-%dT%H:%M:%S")

    def serial(self, *parts: str) -> str:
        """A name for what must not be under way twice; keyed, so that nobody can be found by it."""
        key = self._settings.private_key.get_secret_value().encode()
        return hmac.new(key, "\x00".join(parts).encode(), sha256).hexdigest()[:32]

    def _name(self, front: StoreFront, number: str, at: datetime) -> Name:
        return Name(front.store, front.register, number, self.stamp(at))

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._settings.zone)

    def _pascal(self, api: Api) -> dict[str, object]:
        settings = self._settings
        return {"RequestorID": settings.requestor_id, "MessageVersion": settings.version(api)}

    def _moment(self, name: Name) -> Fields:
        return {
            "RegisterNumber": name.register,
            "TransactionNumber": name.number,
            "TransactionDate": name.date,
            "TransactionTime": name.time,
        }

    def _redemption(self, member: str, name: Name) -> dict[str, object]:
        return {
            **self._pascal(Api.REDEMPTION),
            **self._moment(name),
            "MemberNumber": member,
            "PickUpStoreNumber": name.store,
            "OrderStoreNumber": name.store,
        }

    def _write(
        self,
        api: Api,
        body: Fields,
        doubt: Doubt,
        *,
        note: Note,
        name: Name | None = None,
        serial: str | None = None,
    ) -> Write:
        return Write(
            name=api.value,
            request=Request(method="POST", path=path(api), body=orjson.dumps(body)),
            doubt=doubt,
            reference=None if name is None else name.reference,
            serial=serial,
            note=note.written,
        )


def selling(line: Line, attributes: Sequence[Fields]) -> Fields:
    """A line of goods in ProcessEarn, with the caller's own pairs."""
    return {**line.earning(), **_pairs(attributes)}


def taking_back(line: Line, number: int, origin: Name, sequence: int) -> Fields:
    """A line that comes back: item type 2 with the six values of the line it was sold by (5.4)."""
    return {
        **line.earning(),
        "ItemType": "2",
        "LineNumber": str(number),
        "OriginalLineNumber": str(sequence),
        "OriginalStoreNumber": origin.store,
        "OriginalRegisterNumber": origin.register,
        "OriginalTransactionNumber": origin.number.zfill(4),
        "OriginalTransactionDate": origin.date,
        "OriginalTransactionTime": origin.time,
    }


def order_id(document: str | None) -> Fields:
    """The caller's document as OrderId, where it is short enough to come back whole (Q-12)."""
    return {} if document is None or len(document) > _LONGEST_ORDER else {"OrderId": document}


def money(amount: Decimal) -> str:
    """An amount with two decimals."""
    return dollars(amount)


def _pairs(attributes: Sequence[Fields]) -> Fields:
    return {"LineAttributes": {"LineAttribute": list(attributes)}} if attributes else {}
