"""Get Members (contract 6.3): one object by an id, an array by a search."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sandbox.fabric.answers import MemberUnknown, invalid, refuse
from sandbox.fabric.profile import Profile
from sandbox.fabric.queries import given, uuid_in
from sandbox.fabric.rendering import member_read
from sandbox.fabric.state import State
from sandbox.frame import Arrival

Reading = Callable[[Profile], tuple[str | None, ...]]

FILTERS: Mapping[str, Reading] = {
    "firstName": lambda profile: (profile.first_name,),
    "middleName": lambda profile: (profile.middle_name,),
    "lastName": lambda profile: (profile.last_name,),
    "phonenumber": lambda profile: (profile.phone,),
    "email": lambda profile: (profile.email,),
    "address": lambda profile: profile.address,
    "postalCode": lambda profile: (profile.postal_code,),
    "city": lambda profile: (profile.city,),
    "countryName": lambda profile: (profile.full_country,),
    "countryAbbreviation": lambda profile: (profile.country,),
    "regionName": lambda profile: (profile.full_region,),
    "regionAbbreviation": lambda profile: (profile.region,),
    "redemptionChoice": lambda profile: (profile.redemption_choice,),
}
CHOICES = {"bank", "auto"}


def members(state: State, arrival: Arrival) -> object:
    """The members asked for; an id without a match raises MemberUnknown."""
    query = arrival.query
    page = state.paging.page(query)
    wanted = _wanted(query)
    profile_id, number = uuid_in(query, "profileId"), given(query, "loyaltyNumber")
    by_id = profile_id is not None or number is not None
    found = [
        member_read(profile, state.style)
        for profile in page.of(_found(state, profile_id, number, wanted))
    ]
    if by_id and not found:
        raise MemberUnknown
    shape = state.choice("members_shape")
    if shape == "array" or (shape == "by_filter" and not by_id):
        return found
    return found[0] if found else {}


def _wanted(query: Mapping[str, str]) -> dict[str, str]:
    wanted = {
        name: value.casefold() for name in FILTERS if (value := given(query, name)) is not None
    }
    if wanted.get("redemptionChoice", "bank") not in CHOICES:
        raise refuse("redemptionChoice", invalid("Must be Bank or Auto."))
    return wanted


def _found(
    state: State, profile_id: str | None, number: str | None, wanted: Mapping[str, str]
) -> list[Profile]:
    if profile_id is not None:
        candidates = [state.profile(profile_id)]
    elif number is not None:
        candidates = [state.numbered(number)]
    else:
        candidates = list(state.profiles())
    seconds = state.count("member_lag_seconds")
    if seconds:
        cutoff = state.now - timedelta(seconds=seconds)
        candidates = [p for p in candidates if p.recorded_at is None or p.recorded_at <= cutoff]
    contains = state.choice("text_filters") == "contains"
    return [
        profile
        for profile in candidates
        if number in {None, profile.loyalty_number} and _fits(profile, wanted, contains=contains)
    ]


def _fits(profile: Profile, wanted: Mapping[str, str], *, contains: bool) -> bool:
    for name, value in wanted.items():
        texts = [text.casefold() for text in FILTERS[name](profile) if text]
        if not any(value in text if contains else value == text for text in texts):
            return False
    return True
