"""What `reflect` tells of one kind of one cluster. Their order and meaning is `reflector`'s contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import Row


class Began(msgspec.Struct, frozen=True, gc=False):
    """A list begins: what is told up to `Listed` is everything there is."""


class Changed(msgspec.Struct, frozen=True, gc=False):
    """The state of some objects: uid -> its row, None when it was deleted (or left the selection)."""

    rows: Mapping[str, Row | None]


class Listed(msgspec.Struct, frozen=True, gc=False):
    """The list is complete at this version: what it did not hold is gone."""

    resource_version: str


class Bookmarked(msgspec.Struct, frozen=True, gc=False):
    """The server is alive and at this version."""

    resource_version: str


class Lost(msgspec.Struct, frozen=True, gc=False):
    """What is known may be stale from now on.

    `retry_in` is in seconds; `permanent` when the server said no, so that trying again soon is useless.
    """

    error: ConsoleError
    retry_in: float
    permanent: bool


class Resumed(msgspec.Struct, frozen=True, gc=False):
    """A watch that was lost goes on where it was; what is known is true again."""


Fact: TypeAlias = Began | Changed | Listed | Bookmarked | Lost | Resumed
Tell: TypeAlias = Callable[[Fact], None]
