"""Rows of the last session, shown as what they are until the feeders say more.

They are treated as rows of an earlier feeder: in the store, stale since they were last known to be true, replaced
cluster by cluster when a feeder's first replacement is complete, forgotten with the clusters nobody names. The row
of a cluster that never answered in this session keeps its old numbers and says why it does not answer.

Nothing is shown of another estate: as soon as the host turns out to be another one, all is dropped. A file that
cannot be read holds nothing, one that cannot be written costs one line in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec
from msgspec import structs

from kurator_tui import __version__
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.link import messages as m
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.saved import About, Collector, Part, Table, decode, pack, plain, unpack
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

INTERVAL = 60.0
"""Seconds between two savings while the console runs."""
TOO_OLD = 30 * 86400.0
"""Seconds after which rows are no help any more."""
REASON = "from the last session"

_OVERVIEWS: dict[str, AnyKind] = {kind.id: kind for kind in (FLEETS, CLUSTERS)}
"""Small and shown first: in the store with the subscription, other kinds follow in slices."""
_UNANSWERED = (State.CONNECTING, State.SYNCING, State.UNREACHABLE)
"""States of a cluster whose row says less than the last session knew."""

Place = tuple[str, str]
"""(kind id, cluster)"""


class Keeper(Protocol):
    """Where the bytes are kept (`config.rows_file.RowsFile` is one)."""

    estate: str

    def read(self) -> bytes:
        """The content, b"" when there is none."""

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Replace the content. Raises OSError."""


class Remembered:
    """What the last session knew of one estate, and what this one will leave to the next. Without a `keeper`,
    nothing."""

    def __init__(self, store: Store, keeper: Keeper | None, clock: Callable[[], float]) -> None:
        self._store = store
        self._keeper = keeper
        self._clock = clock
        self._about = About(__version__, keeper.estate if keeper is not None else "")
        self._parts: dict[Place, Part] = {}
        """What no feeder has replaced yet."""
        self._shown: set[Place] = set()
        """Those of `_parts` whose rows are in the store."""
        self._told: dict[Place, Freshness] = {}
        """What feeders say of places whose rows are still the old ones."""
        self._open: set[Place] = set()
        """Replacements under way: their rows are old and new ones."""
        self._wanted: asyncio.Queue[tuple[str, frozenset[str]]] = asyncio.Queue()
        self._heard = False
        """Whether a feeder said anything that is worth keeping."""
        self._changed = False
        self._warned = False
        self._load()

    def _load(self) -> None:
        saved = unpack(self._keeper.read(), self._about) if self._keeper is not None else None
        if saved is None:
            return
        self._about, self._shapes = saved.about, saved
        oldest = self._clock() - TOO_OLD
        self._parts = {(part.kind, part.cluster): part for part in saved.parts if part.since > oldest}
