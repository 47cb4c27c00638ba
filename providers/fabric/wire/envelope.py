"""The envelope around every answer, and the two shapes of a failure (contract 3.1, 3.2)."""

from typing import Generic, TypeVar, cast

from pydantic import ConfigDict, Field

from providers.fabric.wire.values import MaybeText, Status, WireObject

R = TypeVar("R", bound=WireObject)


class WireNothing(WireObject):
    """`{}` where a record or a list is expected."""

    model_config = ConfigDict(extra="forbid")


class WireRecord(WireObject):
    """A record that is the whole `data`; `ExceptionString` tells of a failure (contract 7.2)."""

    exception_string: MaybeText = Field(default=None, alias="ExceptionString")


class WireFailure(WireObject):
    """A failure: the envelope, or `detail` alone (contract 3.2); everything may be missing."""

    status: Status | None = None
    message: MaybeText = None
    errors: object = None
    detail: MaybeText = None
    data: object = None


class WireReply(WireObject):
    """What is common to all successes; `status` is the one inside the body."""

    status: Status
    errors: object = None

    @property
    def exception(self) -> str | None:
        """The failure that is told inside of `data`, if any."""
        return None


class WireAny(WireReply):
    """An answer whose `data` is untyped or says nothing: Activate, Redeem, Cancel, Reverse."""

    data: object = None

    @property
    def exception(self) -> str | None:
        """`ExceptionString` of an object."""
        data = self.data
        if not isinstance(data, dict):
            return None
        text = cast("dict[str, object]", data).get("ExceptionString")
        return text.strip() or None if isinstance(text, str) else None


class WireOne(WireReply, Generic[R]):
    """An answer with one record."""

    data: R

    @property
    def exception(self) -> str | None:
        """What the record tells."""
        return self.data.exception_string if isinstance(self.data, WireRecord) else None


class WireRows(WireReply, Generic[R]):
    """An answer with records; the vendor's lists may come as one object, `{}` or null."""

    data: list[R] | WireNothing | R | None = Field(default=None, union_mode="left_to_right")

    @property
    def exception(self) -> str | None:
        """What a lone record tells."""
        return self.data.exception_string if isinstance(self.data, WireRecord) else None

    @property
    def rows(self) -> tuple[R, ...]:
        """The records, whatever they were wrapped in."""
        if self.data is None or isinstance(self.data, WireNothing):
            return ()
        return tuple(self.data) if isinstance(self.data, list) else (self.data,)
