"""What passes of a provider's own words."""

import pytest

from providers.scrubbing import LONGEST, scrubbed


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("CLUB MEMBER NOT FOUND", "CLUB MEMBER NOT FOUND"),
        ("Dear Aisyah Rahman, your card 7081555000000117 is locked", "…, your card … is locked"),
        ("Call Mei Ling on +60 12-345 6781 or mei@kopi.my", "Call … on … or …"),
        ("会员 王小明 not found", "… not found"),
        ("Document b7c1-000917 of 3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3", "Document … of …"),
        ("totalAmountPaid must be positive.", "totalAmountPaid must be positive."),
        ("nadiaOkafor must be positive", "… must be positive"),
        ("line 3: quantity 12", "line 3: quantity 12"),
        ("", ""),
    ],
)
def test_words_of_the_trade_pass_and_persons_do_not(told: str, shown: str) -> None:
    assert scrubbed(told) == shown


def test_a_long_text_is_cut() -> None:
    assert len(scrubbed("token " * 1000)) == LONGEST
