"""Points posted against an offer (PostExternalBonus), and links to affiliated programmes."""

from dataclasses import replace
from decimal import Decimal

from loyalty.commands import AdjustPoints, SetAffinity, VoidSale
from loyalty.members import AffinityStatus
from loyalty.operations import Operation
from loyalty.outcomes import Caution, Posted
from loyalty.points import PointsKind
from providers.telluride.client.baskets import Till
from providers.telluride.client.checks import Checks, given, outlet_words, told
from providers.telluride.client.orders import Orders
from providers.telluride.client.sent import Note
from providers.telluride.profile.codes import AFFINITY_LETTER
from providers.writing import Job, Next

_LONGEST_OFFER, _LONGEST_AFFILIATION = 20, 8
_MOST_POINTS = 10**9


class Adjustments:
    """The scripts of adjustPoints and setAffinity, and of an adjustment's void."""

    def __init__(self, checks: Checks, orders: Orders, till: Till) -> None:
        self._checks = checks
        self._orders = orders
        self._till = till

    async def adjust(self, job: Job[AdjustPoints, None]) -> Next:
        """The next step: one posting."""
        command = job.command
        delta = self._checked(command)
        if job.steps:
            return told(job.steps[0].outcome, self._cautions(command))
        front = self._till.front(command.outlet)
        name = await self._orders.posting_name(job.ticket, front)
        note = Note(member=("input", "memberId"), amount=("input", "delta"))
        return self._orders.bonus(command, delta, name, note)

    async def take_back(self, job: Job[VoidSale, Posted], posted: AdjustPoints) -> Next:
        """The next step of a void: the opposite posting against the same offer."""
        if job.steps:
            not_sent = [
                given("reason", job.command.reason),
                given("operator", job.command.operator),
            ]
            return told(job.steps[0].outcome, self._checks.not_sent(not_sent))
        opposite = replace(posted, starts_at=None, ends_at=None)
        name = await self._orders.posting_name(job.ticket, self._till.front(posted.outlet))
        place = ("input", "transactionId")
        delta = -posted.delta.quantize(Decimal(1))
        return self._orders.bonus(opposite, delta, name, Note(member=place, amount=place))

    async def link(self, job: Job[SetAffinity, None]) -> Next:
        """The next step: one update."""
        command, checks = job.command, self._checks
        checks.member(command.member, "memberId")
        if not 0 < len(command.code) <= _LONGEST_AFFILIATION:
            message = f"a programme's code has at most {_LONGEST_AFFILIATION} characters here"
            raise checks.invalid(message, "code")
        if command.status not in AFFINITY_LETTER or command.status is AffinityStatus.UNKNOWN:
            raise checks.invalid("this status cannot be set", "status")
        starts_at, ends_at = command.starts_at, command.ends_at
        if starts_at is not None and ends_at is not None and ends_at < starts_at:
            raise checks.invalid("a link ends after it starts", "endsAt")
        if job.steps:
            return told(job.steps[0].outcome, ())
        return self._orders.link(command)

    def _checked(self, command: AdjustPoints) -> Decimal:
        """The points to post; raises before anything is sent."""
        checks, delta = self._checks, command.delta
        checks.member(command.member, "memberId")
        if not delta or delta != delta.to_integral_value() or abs(delta) >= _MOST_POINTS:
            raise checks.invalid(
                f"points are a whole number below {_MOST_POINTS}, and not none", "delta"
            )
        if not command.offer_code:
            message = "this program books points on an offer; give its code"
            raise checks.invalid(message, "offerCode")
        if len(command.offer_code) > _LONGEST_OFFER:
            message = f"an offer's code has at most {_LONGEST_OFFER} characters here"
            raise checks.invalid(message, "offerCode")
        if command.kind not in {None, PointsKind.BONUS}:
            message = "points that are given or taken are bonus points here"
            raise checks.unsupported(message, Operation.POINTS_ADJUST, "kind")
        starts_at, ends_at = command.starts_at, command.ends_at
        if starts_at is not None and ends_at is not None and ends_at < starts_at:
            raise checks.invalid("points expire after they begin to count", "endsAt")
        return delta.quantize(Decimal(1))

    def _cautions(self, command: AdjustPoints) -> tuple[Caution, ...]:
        return self._checks.not_sent([
            given("reason", command.reason),
            given("document", command.document),
            given("operator", command.operator),
            *outlet_words(command.outlet),
        ])  # fmt: skip
