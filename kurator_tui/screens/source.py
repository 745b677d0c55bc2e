"""What a screen needs of the link, and nothing more: a `link.session.Session` is one, a test fills one by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from kurator_tui.link.messages import Costed, HostDescribed, ToConsole
from kurator_tui.link.streams import OnData, OnEnd
from kurator_tui.store.store import Store

FactListener = Callable[[ToConsole | None], None]
"""Called with each message that is not rows; with None when `feeder_state` changed."""

STARTING = "starting"
"""`feeder_state` until the first feeder greets."""
LIVE = "live"
"""`feeder_state` while all is well; anything else says why the feeder is lost."""


class Feeder(Protocol):
    """One feeder process, as the screen of costs tells it."""

    state: str
    """As `feeder_state`."""
    cost: Costed

    @property
    def pid(self) -> int:
        """Process id; 0 while there is none."""


class Stream(Protocol):
    """One open stream."""

    @property
    def waiting(self) -> int:
        """Bytes that were fed and wait for the far end."""

    def feed(self, data: bytes) -> None:
        """Send bytes to the far end, without waiting."""

    def hold(self) -> None:
        """Take no more for now: soon the far end waits."""

    def resume(self) -> None:
        """Go on."""

    def close(self) -> None:
        """End it."""


class Source(Protocol):
    """Rows with their freshness, and a way to ask for more."""

    store: Store
    host: HostDescribed | None

    @property
    def feeder_state(self) -> str:
        """`starting`, `live`, or why the feeder is lost."""

    @property
    def synced(self) -> bool:
        """Whether everything subscribed was once as complete as it can be."""

    @property
    def workers(self) -> Sequence[Feeder]:
        """The feeders, each with its share of the clusters."""

    def listen(self, listener: FactListener) -> Callable[[], None]:
        """Call `listener` with every fact that is not rows; returns the function that stops it."""

    def subscribe(
        self, kind: str, clusters: tuple[str, ...] = (), *, namespaces: tuple[str, ...] = (), reader: str = ""
    ) -> None:
        """Keep the rows of `kind` in the store from now on: those of `clusters`, if `reader` names any."""

    def unsubscribe(self, kind: str, reader: str = "") -> None:
        """`reader` needs the rows of `kind` no longer."""

    def resync(self, cluster: str = "") -> None:
        """List again, in one cluster or in all."""

    def pace(self, interval: float) -> None:
        """Have `interval` seconds between two batches of rows from now on."""

    async def call(self, method: str, **arguments: str) -> str:
        """Ask the feeder. Raises ConsoleError."""

    async def ask(self, worker: Any, method: str, arguments: dict[str, str]) -> str:
        """Ask one feeder, as `owners` names it. Raises ConsoleError."""

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        """Ask every feeder. Raises ConsoleError."""

    def define(self, definition: bytes) -> None:
        """Tell the feeders of a kind that the registry was told of: JSON of a `kinds.generic.Definition`."""

    def arrange(self, arrangements: bytes) -> None:
        """Tell the feeders of the user's columns: JSON of `kinds.arranging.Arrangements`."""

    def silence(self, silences: bytes) -> None:
        """Tell the feeders what the user does not want to hear of: JSON of `kinds.silences.Silences`."""

    def owners(self, clusters: Iterable[str]) -> Mapping[Any, Sequence[str]]:
        """`clusters` by the feeder that has them, as `open_stream` takes it."""

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> Stream:
        """Open a stream with a feeder; `link.streams` says what it promises."""

    async def run(self) -> None:
        """Read facts until `close`."""

    async def close(self) -> None:
        """End the feeder."""
