"""Connections: slices of lists with opaque, forward-only cursors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from loyalty.errors import InvalidInput
from providers.port import Page, PageRequest
from resolvers.routing import Ids, Listing

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

LARGEST = 100
USUAL = 20


@dataclass(frozen=True, slots=True)
class Slice(Generic[T_co]):
    """A page as clients see it: each entry with its cursor."""

    entries: tuple[T_co, ...]
    cursors: tuple[str, ...]
    has_next: bool
    has_previous: bool


def page_request(ids: Ids, listing: Listing, first: int | None, after: str | None) -> PageRequest:
    """The page that `first` and `after` ask for; InvalidInput names the argument and the remedy."""
    size = USUAL if first is None else first
    if not 1 <= size <= LARGEST:
        msg = f"`first` must be from 1 to {LARGEST}"
        raise InvalidInput(msg, field=("first",))
    return PageRequest(size, ids.position(listing, after) if after else None)


def sliced(ids: Ids, listing: Listing, request: PageRequest, page: Page[T]) -> Slice[T]:
    """A provider's page with cursors of ours."""
    cursors = tuple(ids.cursor(listing, position) for position in page.positions)
    return Slice(page.entries, cursors, page.has_next, request.after is not None)


def cut(entries: Sequence[T], name: Callable[[T], str], request: PageRequest) -> Page[T]:
    """A page of a list that the provider gives whole; `name` tells an entry for the next cursor.

    An entry that has gone in the meantime ends the list: better a page too few than one twice.
    """
    start = 0
    if request.after is not None:
        names = [name(entry) for entry in entries]
        start = names.index(request.after) + 1 if request.after in names else len(entries)
    chosen = tuple(entries[start : start + request.first])
    positions = tuple(name(entry) for entry in chosen)
    return Page(chosen, positions, start + len(chosen) < len(entries))
