"""A provider's own words made fit to be shown: only words of the trade pass, a person's never do.

A pattern finds e-mails and long numbers, but no names: so it is said what passes, not what does
not. A word of no list becomes "…", and so does every number that may be part of a card or a phone.
"""

import re

LONGEST = 200
HIDDEN = "…"

_TOKEN = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PERSONAL = re.compile(r"\S+@\S+|\+?\d(?:[\s().-]?\d){3,}")
_OAUTH_ERROR = re.compile(r"[a-z_]{1,40}")
_HIDDEN_RUN = re.compile(r"…(?:[^\w…]*…)+")
_PLAIN = frozenset(" .,:;()-_/#<>=+*%'")
_SHORT_NUMBER = 3

_WORDS = frozenset(
    """
    a about above access accesstoken account action activate activated active activity add added
    additional address adjust adjusted adjustment affiliation affinity after again all allowance
    allowed already amount an and another any api app applicable applied are as associate at
    attempt attribute audit auth authenticate authentication authorization authorized available
    award awarded bad balance base basic be because before below between beyond birth body bonus
    book bounds branch breaks browser but by call called calls can cancel cancelled cannot cap
    card category certificate change changed channel character characters check choose city
    claim claimed class client closed club code company complete condition conflict connection
    consent contact content correct could count country create created credentials credit
    currency current customer daily data database date day days decimals declared deducted
    default defined definition deleted denied describe description detail details deviation
    device different differs digits direct disabled discount do document does doesn dollar
    domain double down due duplicate during e each earlier earn earned earns either eligible
    else email empty enabled end ended enrol enroll enrolled enrollment entity entry equal error
    errors exceed exceeded exception exist existing exists expected expired expires expiry
    external failed failure fault field fields file filter final first flag follow follows for
    forbidden format formula formulas found from full function future gateway gender given
    greater gross group guest guid has have header history home host hour hours http id
    identifier identity if in inactive incorrect indicates info information input insufficient
    integer integration internal invalid is isn issue issued issuer it item items its json key
    language large last later least length less level levels limit limits line lines link linked
    list listing location locked log login long longer longitude lookup mail main maintenance
    malformed many match matches matching maximum meet meets member members membership merge
    merged message method middle minimal minimum minus minute minutes missing mobile month more
    most multiple must name needed negative net new next no none not nothing null number numbers
    numeric object odd of offer offers on once one only opening operation option or order
    original other out outlet over owner page paid parameter parse part partner password path
    payment pending per percent period permission permissions permitted phone please plus point
    points policy position positive possible post posted posting present price problem process
    processed processing product profile program promotion promotional property provide provided
    purchase purpose quantity query quota range rate reached read reason reasons receipt
    received record records redeem redeemable redeemed redemption ref reference refused register
    registered reject rejected release request requested requestor required resource response
    restricted result retry returned reverse reversed reward rewards rule sale sales same scope
    search second seconds secret see seq server service session should sign size some something
    sorry source spend start state status still store string structural such sum support
    suspended system t tax tender term terminal terms test text than that the their then there
    this threshold tier time timeout times timestamp to today token too total transaction
    transactions transfer try type unable unauthorized unavailable under unexpected unique unit
    unknown unlinked unposted unprocessable unsupported until update updated upload url usable
    use used user uuid valid validation value values verified verify version void voided voucher
    vouchers wait was way web were when where which while with without wrong year yet you your
    zip zone
    """.split()  # noqa: SIM905 - a list of words is read as words
)


def scrubbed(text: str) -> str:
    """The words of a provider's text that cannot tell of a person, at most 200 characters of it."""
    plain = _PERSONAL.sub(HIDDEN, text)
    shown = " ".join(_shown(piece) for piece in plain.split())
    return _HIDDEN_RUN.sub(HIDDEN, shown)[:LONGEST]


def oauth_error(text: str) -> str:
    """An OAuth error code as it is (RFC 6749, 5.2: a lower-case word); other text scrubbed."""
    return text if _OAUTH_ERROR.fullmatch(text) else scrubbed(text)


def _shown(piece: str) -> str:
    """A piece between spaces; one that mixes letters with digits is a code, and hidden whole."""
    if any(c.isdigit() for c in piece) and any(c.isalpha() for c in piece):
        return HIDDEN
    return "".join(_shown_token(token) for token in _TOKEN.findall(piece))


def _shown_token(token: str) -> str:
    if token.isdigit():
        return token if len(token) <= _SHORT_NUMBER else HIDDEN
    if not token.isalpha():
        return token if token in _PLAIN else HIDDEN
    parts = _PARTS.findall(token)
    whole = token.isascii() and "".join(parts) == token
    known = token.lower() in _WORDS or (whole and all(part.lower() in _WORDS for part in parts))
    return token if known else HIDDEN
