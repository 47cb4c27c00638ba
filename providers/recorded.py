"""Wire models that remember the JSON object they were read from; what it means is the adapter's."""

from collections.abc import Mapping
from typing import Self, cast

from pydantic import BaseModel, ModelWrapValidatorHandler, model_validator

_RECORD = "(record)"
"""No name of a field: what is kept under it is in no print, no dump and no comparison."""


class Recorded(BaseModel):
    """A record of the upstream's that clients may ask for as it came.

    A reference to what was parsed anyway: it costs no copy, and the room of the reply for as long
    as the value lives.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(value)
        if isinstance(value, dict):
            vars(made)[_RECORD] = value
        return made

    @property
    def raw(self) -> Mapping[str, object] | None:
        """The object, every name and number as it came; None where it was not read from one."""
        return cast("Mapping[str, object] | None", vars(self).get(_RECORD))
