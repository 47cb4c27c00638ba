"""Raw records beside their values: no copy, no part of them, and nothing of them in the ledger."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ConfigDict

from loyalty.members import Member, MemberStatus
from loyalty.offers import Offer, Voucher
from loyalty.raw import RawRecord
from loyalty.refs import MemberRef
from loyalty.sales import Transaction
from providers.recorded import Recorded
from resolvers.keeping import kept, told
from resolvers.raw import HIDDEN, shown

RECORD: RawRecord = {"name": "Aisyah", "cents": Decimal("0.10"), "more": [1]}


class Named(Recorded):
    """Any record."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str


class Box(Recorded):
    """A record within a record."""

    inner: list[Named]


def member(raw: RawRecord | None) -> Member:
    return Member(
        ref=MemberRef("kopi", "1"),
        number="1",
        status=MemberStatus.ACTIVE,
        fetched_at=datetime(2026, 6, 15, tzinfo=UTC),
        raw=raw,
    )


def test_a_wire_record_remembers_the_very_object_it_was_read_from() -> None:
    whole = {"inner": [RECORD, {"name": "Bee"}]}
    box = Box.model_validate(whole)
    assert box.raw is whole
    assert box.inner[0].raw is RECORD
    assert box.model_copy(update={"inner": []}).raw is whole


def test_what_was_not_read_has_none() -> None:
    assert Named.model_construct(name="x").raw is None


def test_it_is_no_part_of_a_wire_record() -> None:
    one, other = Named.model_validate(RECORD), Named.model_validate({"name": "Aisyah"})
    assert one == other
    assert hash(one) == hash(other)
    assert repr(one) == "Named(name='Aisyah')"
    assert one.model_dump() == {"name": "Aisyah"}
    assert one.model_dump_json() == '{"name":"Aisyah"}'


@pytest.mark.parametrize("kind", [Member, Voucher, Offer, Transaction])
def test_it_is_no_part_of_a_value(kind: type) -> None:
    [raw] = [field for field in fields(kind) if field.name == "raw"]
    assert (raw.default, raw.repr, raw.compare) == (None, False, False)


def test_a_value_is_the_same_with_and_without() -> None:
    assert member(RECORD) == member(None)
    assert hash(member(RECORD)) == hash(member(None))
    assert "Aisyah" not in repr(member(RECORD))
    assert replace(member(RECORD), name="B").raw is RECORD


def test_the_ledger_keeps_none() -> None:
    assert kept(member(RECORD)) == kept(member(None))
    assert told(kept(member(RECORD)), Member).raw is None


def test_what_is_shown_is_a_copy_in_the_same_order() -> None:
    record = {"b": {"pin": 1}, "a": [{"AuthCode": "x"}, None, [True]], "c": Decimal("1.50")}
    seen = shown(record, with_codes=False)
    assert list(seen) == ["b", "a", "c"]
    assert seen == {
        "b": {"pin": HIDDEN},
        "a": [{"AuthCode": HIDDEN}, None, [True]],
        "c": record["c"],
    }
    assert record["b"] == {"pin": 1}
    assert shown(record, with_codes=True)["a"] == record["a"]


@pytest.mark.parametrize(
    "name",
    ["PIN", "pin_code", "PinNumber", "Password", "memberPassword", "refresh_token", "apiKey"],
)
@pytest.mark.parametrize("with_codes", [True, False])
def test_secrets_are_hidden_by_their_names(name: str, *, with_codes: bool) -> None:
    assert shown({name: "x"}, with_codes=with_codes) == {name: HIDDEN}


@pytest.mark.parametrize(
    "name",
    ["redemptionCode", "RedemptionCode", "redemption_code", "Authorization Code", "authCode"],
)
def test_codes_are_hidden_by_their_names(name: str) -> None:
    assert shown({name: "x"}, with_codes=False) == {name: HIDDEN}
    assert shown({name: "x"}, with_codes=True) == {name: "x"}


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_an_empty_secret_stays_empty(value: object) -> None:
    assert shown({"password": value}, with_codes=False) == {"password": value}


@pytest.mark.parametrize("name", ["shipping", "spinner", "opinion", "code", "reasonCode", "pinned"])
def test_other_names_hide_nothing(name: str) -> None:
    assert shown({name: "x"}, with_codes=False) == {name: "x"}
