"""A provider's JSON is read exactly, or refused; never with a crash."""

from decimal import Decimal

import pytest

from providers.exact_json import NotJson, parsed


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1234567890123456.789", Decimal("1234567890123456.789")),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"0.10", Decimal("0.10")),
        (b"1e400", Decimal("1e400")),
        (b"-0.0", Decimal("-0.0")),
        (b"[1, true, null, {}]", [1, True, None, {}]),
        ('"小明 😀"'.encode(), "小明 😀"),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\ud800"', "\\ud800"),
        (b"\xef\xbb\xbf{}", {}),
    ],
)
def test_what_was_written_is_what_is_read(body: bytes, value: object) -> None:
    read = parsed(body)
    assert (read, str(read), type(read)) == (value, str(value), type(value))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b"<html>",
        b"NaN",
        b"[-Infinity]",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'{"a": ["\\uDfff"]}',
        "{}".encode("utf-16"),
        b"1e99999999999999999999",
        b"9" * 5000,
        b"[" * 101 + b"]" * 101,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b"[" * 100_000,
    ],
    ids=lambda body: f"{body[:12]!r} of {len(body)}",
)
def test_what_cannot_be_read_is_refused_without_a_word_of_it(body: bytes) -> None:
    with pytest.raises(NotJson) as refused:
        parsed(body)
    assert str(refused.value) in {"not JSON", "nested too deeply"}
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_hundred_deep_is_deep_enough() -> None:
    assert parsed(b"[" * 100 + b"]" * 100)
    assert parsed(b"[" + b"{}," * 500 + b"{}]") == [{}] * 501
