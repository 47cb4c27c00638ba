"""The offers that external bonuses are booked on, one for each answer of 4.8; books nothing."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sandbox.telluride.times import CENTRAL, end_of_day

FAR_BACK, FAR_AHEAD = timedelta(days=3650), timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class BonusOffer:
    """An offer for postings; a cap is (points, times) for one member or for everybody, 0 = none.

    With `validated` a posting may leave the points out and gets `flat` ones. `lasts` is the life
    of the points in days where the request does not say.
    """

    code: str
    name: str
    begins: timedelta = -FAR_BACK
    ends: timedelta = FAR_AHEAD
    active: bool = True
    tier: str = ""
    member_cap: tuple[int, int] = (0, 0)
    offer_cap: tuple[int, int] = (0, 0)
    validated: bool = False
    flat: int = 0
    lasts: int = 365

    def earns_at(self, moment: datetime, today: date) -> bool:
        """Whether the moment is in the earn period, which hangs on the world's first day."""
        first = datetime.combine(today + self.begins, time(), CENTRAL)
        return first <= moment <= end_of_day(today + self.ends)


BONUS_OFFERS = {
    offer.code: offer
    for offer in (
        BonusOffer("WELCOME1", "Welcome bonus"),
        BonusOffer("GOODWILL", "Goodwill of the shop"),
        BonusOffer("ADJUST", "Adjustment"),
        BonusOffer("ASLEEP", "Never activated", active=False),
        BonusOffer("SOON", "Begins in ten days", begins=timedelta(days=10)),
        BonusOffer("OVER", "Ended five days ago", ends=timedelta(days=-5)),
        BonusOffer("GOLDONLY", "For Gold members", tier="Gold"),
        BonusOffer("CAPMP", "5000 points a member", member_cap=(5000, 0)),
        BonusOffer("CAPMT", "Twice a member", member_cap=(0, 2)),
        BonusOffer("CAPOP", "10000 points for all", offer_cap=(10_000, 0)),
        BonusOffer("CAPOT", "Three times for all", offer_cap=(0, 3)),
        BonusOffer("FLAT500", "500 points", validated=True, flat=500),
        BonusOffer("NOFLAT", "No points defined", validated=True),
        BonusOffer("MONTH", "Points for thirty days", lasts=30),
    )
}
