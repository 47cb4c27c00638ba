"""Telluride's letters and what they mean to us; unknown ones are told as such, never guessed."""

from collections.abc import Mapping

from loyalty.members import AffinityStatus, MemberStatus
from loyalty.offers import OfferKind
from loyalty.sales import TransactionStatus

MEMBER_STATUS: Mapping[str, MemberStatus] = {
    "A": MemberStatus.ACTIVE,
    "I": MemberStatus.INACTIVE,
    "O": MemberStatus.MERGED,
    "R": MemberStatus.REPLACED,
}
"""ClubStatus (contract 4.1.1). No letter is published for suspended and pending (assumptions)."""

AFFINITY_STATUS: Mapping[str, AffinityStatus] = {
    "A": AffinityStatus.ACTIVE,
    "I": AffinityStatus.INACTIVE,
    "P": AffinityStatus.PENDING,
    "D": AffinityStatus.DECLINED,
}
"""AffinityStatus (contract 5.8)."""

AFFINITY_LETTER: Mapping[AffinityStatus, str] = {
    status: letter for letter, status in AFFINITY_STATUS.items()
}
"""The same the other way round."""

ROW_STATUS: Mapping[str, TransactionStatus] = {
    "A": TransactionStatus.POSTED,
    "V": TransactionStatus.VOIDED,
}
"""ProcessStatus of an activity row: A is seen in an example, V is an assumption (U-34)."""

OFFER_KIND: Mapping[str, OfferKind] = {
    "EARN": OfferKind.EARN,
    "XR": OfferKind.REDEMPTION_MULTIPLIER,
}
"""OfferRewardType (contract 5.9)."""

LANGUAGE: Mapping[str, str] = {"E": "en", "S": "es"}
"""LanguagePreference (contract 4.1)."""

LANGUAGE_LETTER: Mapping[str, str] = {language: letter for letter, language in LANGUAGE.items()}
"""The same the other way round."""
