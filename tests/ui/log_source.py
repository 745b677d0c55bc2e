"""A source whose streams are logs, and the lines that a test has them bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.kinds.log_lines import (
    LogBatch,
    LogLine,
    LogQuery,
    LogSource,
    LogState,
    decode_query,
    encode_batch,
)
from tests.ui.estate import NOW
from tests.ui.source import FakeFeeder, FakeSource, FakeStream

SECOND = 10**9
START = int(NOW) * SECOND
APP = LogSource(1, "prod-cloud", "shop", "web-1", "app")
OTHER = LogSource(2, "edge-1", "shop", "web-2", "app")


def line(number: int, text: str = "", source: int = 1) -> LogLine:
    """One line, `number` seconds after the start."""
    return LogLine(source, START + number * SECOND, text or f"line {number}")


@dataclass
class LogSourceOfTest(FakeSource):
    """One feeder reads the logs of all clusters."""

    worker: FakeFeeder = field(default_factory=FakeFeeder)

    def __post_init__(self) -> None:
        self.workers = [self.worker]

    def owners(self, clusters: Iterable[str]) -> dict[Any, list[str]]:
        return {self.worker: sorted(clusters)}

    @property
    def stream(self) -> FakeStream:
        """The one that was opened last."""
        return self.streams[-1]

    def query(self, at: int = -1) -> LogQuery:
        """What a stream was asked for."""
        return decode_query(self.streams[at].arguments["query"])

    def told(self, *lines: LogLine, sources: tuple[LogSource, ...] = (), state: LogState | None = None) -> None:
        """The last stream brings these."""
        self.stream.flow(encode_batch(LogBatch(list(sources), list(lines), state)))
