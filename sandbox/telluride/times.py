"""The wire's many time forms, all US Central (contract Q-8, Q-9, U-10); no clock of its own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CENTRAL = ZoneInfo("America/Chicago")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WITH_T = "%Y-%m-%dT%H:%M:%S"
WITH_SPACE = "%Y-%m-%d %H:%M:%S"
STAMP_LENGTH = 19
DAY_LENGTH = 10
# On 1970-01-01 the server's zone was six hours behind UTC, which the time of day carries (U-90).
CENTRAL_IN_1970 = 6 * 3_600_000


def central(instant: datetime) -> datetime:
    """The instant on the server's wall clock."""
    return instant.astimezone(CENTRAL)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, exact."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def midnight_ms(moment: datetime) -> int:
    """Epoch milliseconds of the server-local midnight before `moment`."""
    return epoch_ms(datetime.combine(central(moment).date(), time(), CENTRAL))


def time_of_day_ms(moment: datetime) -> int:
    """The wall-clock time as an instant on 1970-01-01 in the server's zone, in milliseconds."""
    wall = central(moment)
    return (wall.hour * 3600 + wall.minute * 60 + wall.second) * 1000 + CENTRAL_IN_1970


def end_of_day(day: date) -> datetime:
    """The last second of a day, Central; points live until then (U-62)."""
    return datetime.combine(day, time(23, 59, 59), CENTRAL)


def stamp(moment: datetime, form: str = WITH_T) -> str:
    """`moment` as a 19-character text without zone."""
    return central(moment).strftime(form)


def read_stamp(text: str, form: str = WITH_T) -> datetime | None:
    """A 19-character text as a Central moment, or None if it is none."""
    if len(text) != STAMP_LENGTH:
        return None
    try:
        return datetime.strptime(text, form).replace(tzinfo=CENTRAL)
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """A `YYYY-MM-DD` text, or None if it is none."""
    if len(text) != DAY_LENGTH:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """A `HH:MM:SS` text (or the table's `HH.MM.SS`, contract 4.6), or None if it is none."""
    try:
        return datetime.strptime(text.replace(".", ":"), "%H:%M:%S").replace(tzinfo=CENTRAL).time()
    except ValueError:
        return None
