"""Examples that the page opens with: queries that run as they are, for the sandbox's personas."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from graph.changing_examples import changing_examples
from graph.page_files import Example
from loyalty.operations import Environment
from providers.settings import ProgramSettings
from resolvers.routing import Ids

_EVERYWHERE = """\
query Everywhere {
%(members)s}

fragment Card on Member {
  id
  name
  program { name }
  tier { tier { name } }
  balance { points worth { amount currency } }
  vouchers(first: 3) { nodes { title status } }
  offers(first: 3) { nodes { title kind } }
  transactions(first: 3) { nodes { occurredAt kind effect { earned redeemed } } }
}
"""

_FIND = """\
query Find($email: String!) {
  findMembers(by: { email: $email }) {
    program { key name }
    members { id number name }
    error { code message }
  }
}
"""

_MEMBER = """\
query %(name)s($program: String!, $number: String!) {
  memberByNumber(program: $program, number: $number) {
    id
    name
    status
%(fields)s  }
}
"""

_DASHBOARD = """\
    program { name currency }
    tier { tier { name } progress { remaining currency } }
    balance { points worth { amount currency } expiring { points expiresAt precision } }
    vouchers(first: 5) { nodes { title code status usable { now reasons } } }
    offers(first: 5) { nodes { title kind points pointsCost } }
    transactions(first: 5) { nodes { occurredAt kind description effect { earned redeemed } } }
"""

_VOUCHERS = """\
    vouchers(spending: "50") {
      nodes {
        title
        code
        status
        discount {
          ... on AmountOff { amount { amount currency } }
          ... on PercentageOff { percentage }
        }
        usable { now reasons usableFrom }
        expiresAt
      }
    }
"""

_EXPIRING = """\
    balance {
      points
      worth { amount currency }
      expiring { points worth { amount } expiresAt precision }
      expired { points expiredAt }
      buckets { kind state points expiresAt }
    }
"""

_HISTORY = """\
    transactions(first: 10) {
      nodes {
        id occurredAt kind status
        total { amount }
        effect { earned redeemed adjusted balanceAfter }
      }
      pageInfo { hasNextPage endCursor }
    }
"""

_PLAIN = """\
    nativeStatus
    mergedInto { number name balance { points } }
    tier { tier { name } }
    balance { points worth { amount currency } pending restricted }
"""

_PROGRAMS = """\
query Programs {
  programs {
    key
    name
    currency
    timeZone
    health { state latencyMs }
    provider { code earnComputation lookupKeys }
    capabilities { operation support note }
  }
}
"""

_EMAIL = "aisyah.rahman@example.com"
_PERSON = {"onerewards": "4821", "telluride": "7081555000000117", "fabric": "70410002321"}

# Title, operation name, fields, and the persona's number at each provider of the sandbox.
_PERSONAS: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("Dashboard of a rich member", "Dashboard", _DASHBOARD, {"onerewards": "4801"}),
    ("Points that expire this week", "Expiring", _EXPIRING, {"telluride": "7081555000000034"}),
    ("Vouchers, and why not now", "Vouchers", _VOUCHERS, {"onerewards": "4810"}),
    ("Rewards in every status", "Rewards", _VOUCHERS, {"fabric": "70410002313"}),
    ("History, page by page", "History", _HISTORY, {"telluride": "7081555000000018"}),
    ("Surprise points and offers", "Surprise", _DASHBOARD, {"telluride": "7081555000000125"}),
    ("A merged membership", "Merged", _PLAIN, {"telluride": "7081555000000042"}),
    ("Pending points", "Pending", _PLAIN, {"fabric": "70410002315"}),
    ("A balance of twelve digits", "TwelveDigits", _PLAIN, {"fabric": "70410002307"}),
    ("A name in another script", "NonLatin", _PLAIN, {"onerewards": "4807"}),
)


def examples(
    programs: Mapping[str, ProgramSettings], headers: Mapping[str, str], ids: Ids, now: datetime
) -> list[Example]:
    """The tabs of the page: personas where a program is a sandbox, and what always runs.

    All bring `headers`; members are named by `ids`, and sales happen `now`.
    """
    sandboxes = _sandboxes(programs)
    tabs = [
        *_persona_tabs(sandboxes),
        *changing_examples(sandboxes, ids, now),
        Example("What works with which program", _PROGRAMS),
    ]
    return [replace(tab, headers=headers) for tab in tabs]


def _sandboxes(programs: Mapping[str, ProgramSettings]) -> dict[str, str]:
    """The first program of each provider that is a sandbox."""
    found: dict[str, str] = {}
    for key, program in programs.items():
        if program.environment is Environment.SANDBOX:
            found.setdefault(program.provider, key)
    return found


def _persona_tabs(sandboxes: Mapping[str, str]) -> Iterator[Example]:
    """One tab a persona whose program there is."""
    if sandboxes:
        members = "".join(
            f'  {provider}: memberByNumber(program: "{key}", number: "{_PERSON[provider]}") '
            "{ ...Card }\n"
            for provider, key in sandboxes.items()
            if provider in _PERSON
        )
        yield Example("One person in all programs", _EVERYWHERE % {"members": members})
        yield Example("Search everywhere at once", _FIND, {"email": _EMAIL})
    for title, name, fields, numbers in _PERSONAS:
        for provider, number in numbers.items():
            if provider in sandboxes:
                query = _MEMBER % {"name": name, "fields": fields}
                yield Example(title, query, {"program": sandboxes[provider], "number": number})
