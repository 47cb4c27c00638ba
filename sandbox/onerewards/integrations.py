"""The handshake by which an app is let into a company; approval itself is the owner's."""

from sandbox.books import Effect
from sandbox.frame import Frame
from sandbox.onerewards import asked, wording
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.doors import Refused, Visit
from sandbox.onerewards.entities import IntegrationRequest

COUNTRY = "Malaysia"
"""The only country that the vendor supports (OneRewards contract 3.1)."""


class Integrations:
    """Asking to be let in, and asking what became of it (OneRewards contract 3.1, 3.20)."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def add(self, visit: Visit) -> object:
        """Record a request, or tell the present state of the one that exists."""
        asked.whole(visit.arrival, "accountBookId")
        body = asked.body_of(visit.arrival)
        app = asked.guid(body.text("appAccountId"), "appAccountId")
        name = body.text("appAccountName")
        if body.text("appCountry") != COUNTRY:
            raise Refused(400, f"appCountry must be {COUNTRY}.")
        request = visit.company.requests.get(app)
        if request is None:
            request = IntegrationRequest(app, name)
            visit.company.requests[app] = request
            self._record(app)
        return wording.integration(request)

    def status(self, visit: Visit) -> object:
        """Tell where a request stands."""
        asked.whole(visit.arrival, "accountBookId")
        app = asked.guid(asked.word(visit.arrival, "appAccountId"), "appAccountId")
        request = visit.company.requests.get(app)
        if request is None:
            raise Refused(404, "Integration request not found.")
        return wording.integration(request)

    def _record(self, app: str) -> None:
        at = self._frame.clock.now()
        effect = Effect(
            upstream=UPSTREAM,
            operation="add_integration_request",
            kind="integration_requested",
            member=app,
            at=at,
        )
        self._frame.books.effect(effect)
