"""A provider's own record, as it came: beside our view of it, never part of it."""

from collections.abc import Mapping
from typing import TypeAlias

RawRecord: TypeAlias = Mapping[str, object]
"""A parsed JSON object, its fractions as Decimal.

Personal data, and nobody's to log, to keep or to compare by: fields that hold one are
`field(default=None, repr=False, compare=False)`.
"""
