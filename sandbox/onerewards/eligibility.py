"""Why a voucher cannot be obtained or used now; rules only, nothing is changed or rendered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum

from sandbox.onerewards.campaigns import weekday
from sandbox.onerewards.entities import (
    Account,
    Member,
    UseRule,
    VoucherDefinition,
    VoucherInstance,
)


class CantGet(IntEnum):
    """Reasons not to obtain (OneRewards contract 2.7); the lowest that applies is told."""

    NOT_STARTED = 1
    OVER = 2
    QUOTA_EXHAUSTED = 3
    ALREADY_OBTAINED = 4
    LEVEL = 5
    POINTS = 6


class CantUse(IntEnum):
    """Reasons not to use (OneRewards contract 2.7); the lowest that applies is told."""

    NOT_STARTED = 1
    OVER = 2
    BIRTHDAY = 3
    WEEKDAY = 4
    TIME_OF_DAY = 5
    MINIMUM_SPENDING = 6
    USED = 7


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and over which bill, a voucher is judged; `spending` None skips the minimum.

    `now` is on the company's wall clock. With `whole_days` an end at midnight includes that day
    (OneRewards contract 6.2#31).
    """

    now: datetime
    spending: Decimal | None = None
    whole_days: bool = True

    def is_after(self, end: datetime | None) -> bool:
        """Whether `end` is over."""
        if end is None:
            return False
        if self.whole_days and end.time() == time():
            return self.now >= end + timedelta(days=1)
        return self.now > end

    def is_before(self, start: datetime | None) -> bool:
        """Whether `start` is still to come."""
        return start is not None and self.now < start


def cannot_get(
    moment: Moment, member: Member, account: Account, definition: VoucherDefinition
) -> CantGet | None:
    """The lowest reason why the member cannot obtain this now, None when they can."""
    rule = definition.get
    held = any(instance.voucher_id == definition.voucher_id for instance in account.vouchers)
    reasons = {
        CantGet.NOT_STARTED: moment.is_before(rule.starts),
        CantGet.OVER: moment.is_after(rule.ends),
        CantGet.QUOTA_EXHAUSTED: (
            definition.quota is not None and definition.issued >= definition.quota
        ),
        CantGet.ALREADY_OBTAINED: held and not rule.again,
        CantGet.LEVEL: bool(rule.level_ids) and member.level_id not in rule.level_ids,
        CantGet.POINTS: account.balance < rule.points,
    }
    return min((reason for reason, applies in reasons.items() if applies), default=None)


def cannot_use(
    moment: Moment,
    member: Member,
    definition: VoucherDefinition,
    instance: VoucherInstance | None = None,
) -> CantUse | None:
    """The lowest reason why the member cannot use this now, None when they can.

    Without an instance: as if it were obtained at this moment.
    """
    return min(_use_reasons(moment, member, definition.use, instance), default=None)


def _use_reasons(
    moment: Moment, member: Member, rule: UseRule, instance: VoucherInstance | None
) -> Iterator[CantUse]:
    if moment.is_before(rule.starts):
        yield CantUse.NOT_STARTED
    if moment.is_after(rule.ends) or (instance is not None and moment.is_after(instance.until)):
        yield CantUse.OVER
    if not _birthday_holds(moment.now, member, rule):
        yield CantUse.BIRTHDAY
    if weekday(moment.now.date()) not in rule.days:
        yield CantUse.WEEKDAY
    if not _within(moment.now.time(), rule.from_time, rule.until_time):
        yield CantUse.TIME_OF_DAY
    if _is_below(moment.spending, rule.minimum):
        yield CantUse.MINIMUM_SPENDING
    if instance is not None and instance.used is not None:
        yield CantUse.USED


def _birthday_holds(now: datetime, member: Member, rule: UseRule) -> bool:
    if not rule.on_birthday and not rule.in_birthday_month:
        return True
    born = member.born
    if born is None or born.month != now.month:
        return False
    return not rule.on_birthday or born.day == now.day


def _within(now: time, start: time | None, end: time | None) -> bool:
    first, last = start or time.min, end or time.max
    if first <= last:
        return first <= now <= last
    return now >= first or now <= last  # a window over midnight


def _is_below(spending: Decimal | None, minimum: Decimal | None) -> bool:
    return spending is not None and minimum is not None and spending < minimum
