"""The list of faults that the matrix was planned from (F1 to F59), and where each row of it is met.

A row is met in the matrix where a fault's name begins with its number. The others are named here,
with the test that meets them, because they are below the writes, or about one adapter's meaning.
"""

import re
from collections.abc import Mapping

from tests.proofs.errands import ERRANDS, PROGRAMS
from tests.proofs.faults import EVERY

ROWS = tuple(f"F{number}" for number in range(1, 60))

_ENGINE = "tests/unit/test_transport_engine.py::"
_WRITE = "tests/unit/test_transport_write.py::"
_DESK = "tests/resolvers/test_desk.py::"
_FLIPS = "tests/proofs/flips.py::"
_ONEREWARDS = "tests/providers/test_onerewards_doubt.py::"
_TELLURIDE = "tests/providers/test_telluride_writes_doubt.py::"

ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "F4": ("DNS", f"{_ENGINE}test_an_unknown_host_never_left"),
    "F5": ("TLS, expired", f"{_ENGINE}test_tls_needs_a_trusted_certificate_of_the_very_host"),
    "F6": ("TLS, wrong host", f"{_ENGINE}test_tls_needs_a_trusted_certificate_of_the_very_host"),
    "F7": ("TLS, stalled", f"{_ENGINE}test_a_handshake_that_stalls_never_left"),
    "F8": ("pool exhausted", f"{_ENGINE}test_an_exhausted_pool_never_left"),
    "F10": (
        "a stalled write of a body: ours fit into a socket's buffer, so that it is F2 to us",
        f"{_ENGINE}test_an_answer_that_does_not_come_in_time_is_interrupted",
    ),
    "F14": (
        "an end on an idle connection: a write has a connection of its own",
        f"{_WRITE}test_a_connection_for_writes_is_never_used_twice",
    ),
    "F21": (
        "an answer after the client was told PENDING",
        f"{_DESK}test_a_slow_program_is_told_as_pending_and_settles_by_itself",
    ),
    "F23": ("a slow answer, as F17", "tests/proofs/test_proxy.py::test_an_answer_comes_slowly"),
    "F36": (
        "two lengths, bad chunks",
        f"{_ENGINE}test_a_request_that_was_sent_once_is_interrupted_and_not_sent_again",
    ),
    "F37": (
        "gzip bombs, 100 MB",
        f"{_ENGINE}test_a_request_that_was_sent_once_is_interrupted_and_not_sent_again",
    ),
    "F46": (
        "a duplicate's flag, with F12 and F15 under each mark",
        f"{_FLIPS}redemption_duplicate_mark",
    ),
    "F47": (
        "a duplicate's text, with F12 and F15",
        f"{_FLIPS}duplicate_text",
    ),
    "F48": (
        "a duplicate with other content: ours never have any, which every case checks",
        f"{_TELLURIDE}test_a_sale_that_has_anothers_name_is_not_taken_for_done",
    ),
    "F49": ("duplicates that nobody detects", f"{_FLIPS}duplicate_detected"),
    "F50": ("reads that lag, 4 s and for ever", f"{_FLIPS}read_lag_seconds"),
    "F51": ("rows without fields", f"{_FLIPS}activity_fields_missing"),
    "F53": (
        "voided already: every repeat of a void; unknown to the upstream: F32 404",
        f"{_ONEREWARDS}test_a_refused_repeat_proves_nothing",
    ),
    "F54": (
        "a code that lapses between tries",
        f"{_ONEREWARDS}test_a_right_that_is_over_leaves_a_repeat_in_doubt",
    ),
    "F56": (
        "a merged member",
        f"{_TELLURIDE}test_a_merged_members_writes_are_found_under_the_survivor",
    ),
}
"""Rows that are no fault of the matrix: what they are, and what test or switch meets them."""

ONLY_AT: Mapping[str, Mapping[str, str]] = {
    "F55": {
        "onerewards": "publishes no code for a failed database: F24 and F25",
        "fabric": "publishes no code for a failed database: F24 and F25",
    },
    "F57": {"onerewards": "has a key instead of a token: F58"},
    "F59": {"onerewards": "has a key instead of a secret for tokens: F58"},
}
"""Rows that an upstream cannot suffer, and why."""


def met() -> Mapping[str, frozenset[str]]:
    """The upstreams that meet each row in the matrix."""
    found: dict[str, set[str]] = {}
    for fault in EVERY:
        row = re.match(r"F\d+\b", fault.name)
        if row is not None:
            at = {each.upstream for each in ERRANDS if fault.fits(each)}
            found.setdefault(row[0], set()).update(at)
    return {row: frozenset(at) for row, at in found.items()}


def unmet() -> list[str]:
    """Rows, or a row at one upstream, that nothing meets and no reason is given for."""
    rows = met()
    missing = [row for row in ROWS if row not in rows and row not in ELSEWHERE]
    for row, at in rows.items():
        missing += [
            f"{row} {each}" for each in PROGRAMS if each not in {*at, *ONLY_AT.get(row, ())}
        ]
    return missing
