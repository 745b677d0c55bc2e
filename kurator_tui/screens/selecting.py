"""Labels of rows that hold none, such as pods: servers say which uids a selector means while it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.selectors import Selector, query
from kurator_tui.link import selections
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.source import Source, Stream
from kurator_tui.store.search import Condition

PATIENCE = 0.3
"""Seconds without another letter after which a selector that is being typed is asked for."""
PAUSE = 0.2
"""Seconds between two looks at what was told, while much is."""


class LiveSelector:
    """One selector over clusters; `changed` is called when it means other rows than before."""

    def __init__(self, source: Source, selector: Selector, namespace: str, changed: Callable[[], None]) -> None:
        self.selector = selector
        self._source = source
        self._namespace = namespace
        self._changed = changed
        self._selection = selections.Selection()
        self._streams: list[Stream] = []
        self._clusters: frozenset[str] = frozenset()
        self._version = 0
        self._due: asyncio.TimerHandle | None = None
        self._telling: asyncio.TimerHandle | None = None
        self._broken = False
        self._closed = False

    def ask(self, clusters: Iterable[str], delay: float = 0.0) -> None:
        """Ask `clusters`, after `delay` seconds unless asked again before; what was asked of others ends."""
        wanted = frozenset(clusters)
        if (wanted == self._clusters and not self._broken) or self._closed:
            return
        self._clusters = wanted
        if self._due is not None:
            self._due.cancel()
        if delay:
            self._due = asyncio.get_running_loop().call_later(delay, self._open)
        else:
            self._open()

    def _open(self) -> None:
        self._hang_up()
        self._broken = False
        self._selection = selections.Selection()
        for worker, clusters in self._source.owners(self._clusters).items():
            asked = selections.arguments(clusters, self._namespace, query(self.selector))
            stream = self._source.open_stream(selections.METHOD, asked, self._take, self._ended, worker)
            self._streams.append(stream)

    def rest(self) -> None:
        """Nothing is asked for until `ask`."""
        self._clusters = frozenset()
        self._hang_up()

    def close(self) -> None:
        """Nothing is asked for any more."""
        self._closed = True
        self._hang_up()

    def _hang_up(self) -> None:
        for timer in (self._due, self._telling):
            if timer is not None:
                timer.cancel()
        self._due = self._telling = None
        for stream in self._streams:
            stream.close()
        self._streams.clear()

    @property
    def condition(self) -> Condition:
        """Whether a row is meant, as far as was told; another spec when that has changed."""
        selection = self._selection
        return Condition(
            ("selected", query(self.selector), self._version), lambda row: selection.holds(row.cluster, row.uid)
        )

    def means(self, row: Row) -> bool:
        """Whether `row` is meant."""
        return self._selection.holds(row.cluster, row.uid)

    @property
    def note(self) -> str:
        """What a title says while something is missing."""
        if self._broken:
            return "labels are not known: the feeder is lost"
        waiting = self._clusters - self._selection.listed
        if waiting:
            return f"labels of {len(waiting)} of {len(self._clusters)} clusters are asked for"
        if self._selection.errors:
            cluster, reason = min(self._selection.errors.items())
            return f"without labels of {cluster} ({reason})"
        return ""

    def _take(self, data: bytes) -> None:
        news = selections.decode(data)
        self._selection.take(news)
        if news.listed:
            self._tell()
        elif self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(PAUSE, self._tell)

    def _tell(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        self._version += 1
        self._changed()

    def _ended(self, end: StreamEnded) -> None:
        self._broken = True
        self._tell()
