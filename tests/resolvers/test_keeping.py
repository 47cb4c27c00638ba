"""Values as bytes: exact, readable by an older and a newer version, and never with a secret."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import commands
from loyalty.commands import KEPT, Command, Kept, PostSale, ProfileChanges, UpdateMember
from loyalty.errors import (
    ErrorCode,
    InsufficientPoints,
    InvalidInput,
    LoyaltyError,
    OutcomeUnknown,
    RetryAdvice,
    Unavailable,
    Unsupported,
    UpstreamWords,
)
from loyalty.operations import Operation
from loyalty.outcomes import Done
from providers.writing import Write
from resolvers.keeping import Unreadable, fingerprint, kept, told
from resolvers.secrecy import open_part, secret_part, whole
from tests.resolvers.desks import post

T = TypeVar("T")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INSTANTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]))


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value that a field of this type may have."""
    if kind == "Target":
        kind = commands.Target
    if get_origin(kind) is UnionType or type(kind).__name__ == "_UnionGenericAlias":
        return st.one_of(*(values(part) for part in get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=3).map(tuple)
    if get_origin(kind) is not None:
        return st.dictionaries(TEXTS, TEXTS, max_size=3)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXTS,
        int: st.integers(-(2**31), 2**31),
        bool: st.booleans(),
        bytes: st.binary(max_size=20),
        type(None): st.none(),
        Decimal: st.decimals(allow_nan=False, allow_infinity=False),
        datetime: INSTANTS,
        date: st.dates(),
    }
    if kind in plain:
        return plain[kind]
    if is_dataclass(kind):
        hints = get_type_hints(kind, vars(commands))
        return st.builds(kind, **{f.name: values(hints[f.name]) for f in fields(kind) if f.init})
    return st.sampled_from(kind)


@pytest.mark.parametrize("kind", [*get_args(Command), Done, Write], ids=lambda k: k.__name__)
def test_every_value_comes_back_as_it_was(kind: type) -> None:
    @given(values(kind))
    def check(value: object) -> None:
        again = told(kept(value), kind)
        assert again == value
        assert kept(again) == kept(value)

    check()


@given(values(ProfileChanges))
def test_what_is_kept_as_it_is_is_told_from_text_and_from_cleared(changes: ProfileChanges) -> None:
    again = told(kept(changes), ProfileChanges)
    for field in fields(changes):
        before, after = getattr(changes, field.name), getattr(again, field.name)
        assert (before is KEPT) is (after is KEPT)
        assert type(before) is type(after)


def update(**changes: Any) -> UpdateMember:
    return UpdateMember(member=commands.MemberRef("p", "1"), profile=ProfileChanges(**changes))


def test_the_text_of_the_mark_is_not_the_mark() -> None:
    again = told(kept(update(name=str(Kept.KEPT.value))), UpdateMember)
    assert again.profile.name is not KEPT


def test_decimals_keep_every_digit() -> None:
    text = "123456789012345678901234567890.000000000000000000010"
    assert str(told(kept(Decimal(text)), Decimal)) == text


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("no", field=("input", "lines", "0")),
        Unsupported("no", operation=Operation.TIER_READ, alternatives=(Operation.TIER_LIST,)),
        Unavailable("no", retry_after=1.5, upstream=UpstreamWords("99", "text", 500)),
        OutcomeUnknown("no", program="p"),
        InsufficientPoints("no", asked=Decimal("100.00"), available=Decimal("3.10"), program="p"),
        InsufficientPoints("no", asked=Decimal(1), field=("input", "amount")),
        LoyaltyError("no", code=ErrorCode.DUPLICATE, retry=RetryAdvice.CHECK_OPERATION),
    ],
)
def test_errors_come_back_with_their_kind(error: LoyaltyError) -> None:
    again = told(kept(error), LoyaltyError)
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_an_error_of_an_adapters_own_comes_back_as_what_it_is_to_us() -> None:
    class OutOfStock(InvalidInput):
        pass

    assert type(told(kept(OutOfStock("none left")), LoyaltyError)) is InvalidInput


def test_a_field_of_a_newer_version_is_left_out() -> None:
    data = orjson.loads(kept(update(name="Ann")))
    data["shoe_size"] = {"$": "decimal", "is": "41.5"}
    assert told(orjson.dumps(data), UpdateMember) == update(name="Ann")


def test_a_field_that_an_older_version_did_not_have_is_at_its_default() -> None:
    data = orjson.loads(kept(update(name="Ann")))
    data.pop("tier", None)
    assert told(orjson.dumps(data), UpdateMember).tier is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1]",
        b"3",
        b'{"$":"UpdateMember"}',
        b'{"$":"Exception"}',
        b'{"$":"UpdateMember","member":{"$":"decimal","is":"x"}}',
        b'{"no":"class"}',
        b'{"$":"enum","of":"PhoneType","is":"FAX"}',
    ],
)
def test_damage_is_told_as_damage(data: bytes) -> None:
    with pytest.raises(Unreadable):
        told(data, UpdateMember)


def test_text_that_is_no_text_is_refused_with_a_remedy() -> None:
    with pytest.raises(InvalidInput):
        kept(update(name="\ud800"))


def test_an_instant_without_a_zone_is_a_defect() -> None:
    with pytest.raises(TypeError):
        kept(datetime(2026, 5, 4))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.50"), Decimal("1.5")),
        (Decimal(100), Decimal("1E+2")),
        (Decimal("-0.0"), Decimal(0)),
        (
            datetime(2026, 5, 4, 12, tzinfo=UTC),
            datetime(2026, 5, 4, 20, tzinfo=timezone(timedelta(hours=8))),
        ),
        (update(), UpdateMember(member=commands.MemberRef("p", "1"), tier=None, attributes=())),
    ],
)
def test_one_input_has_one_fingerprint(one: object, other: object) -> None:
    assert fingerprint("K", one, "salt") == fingerprint("K", other, "salt")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.5"), Decimal("1.51")),
        (update(name=None), update()),
        (update(name="Ann"), update(given_name="Ann")),
        (("a", "b"), ("ab",)),
        (Decimal(1), "1"),
    ],
)
def test_another_input_has_another_fingerprint(one: object, other: object) -> None:
    assert fingerprint("K", one, "salt") != fingerprint("K", other, "salt")


@given(st.one_of(*(values(kind) for kind in get_args(Command))))
def test_a_secret_is_apart_and_comes_together_again(command: Command) -> None:
    marked = command
    for name in ("authorization", "code"):
        if hasattr(command, name) and not isinstance(command, commands.SetAffinity):
            marked = replace(command, **{name: "canary-secret"})
    bare = open_part(marked)
    assert b"canary-secret" not in kept(bare)
    assert "canary-secret" not in repr(marked)
    assert whole(bare, secret_part(marked)) == marked


def test_a_sale_is_kept_in_little_space() -> None:
    assert len(kept(post())) < 1000
    assert told(kept(post()), PostSale) == post()
