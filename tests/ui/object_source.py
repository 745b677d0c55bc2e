"""A source that reads objects live: what a test answered for a cluster comes through a stream, and changes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.reading import LIVE, Standing, Told, Version, encode
from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.streams import OnData, OnEnd
from tests.ui.estate import NOW
from tests.ui.source import FakeSource, FakeStream


@dataclass
class ObjectSource(FakeSource):
    """As `FakeSource`; streams of objects begin with what `answer` was told."""

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd, worker: Any = None
    ) -> FakeStream:
        stream = super().open_stream(method, arguments, on_data, on_end, worker)
        if method == "object":
            asyncio.get_running_loop().call_soon(self._begin, stream)
        return stream

    def _begin(self, stream: FakeStream) -> None:
        answer = self.answers.get(("object", stream.arguments["cluster"], stream.arguments["name"]))
        if stream.closed:
            return
        if isinstance(answer, str):
            for told in (Version(answer.encode(), True), Standing(LIVE, NOW)):
                stream.flow(encode(told))
        elif isinstance(answer, ConsoleError):
            stream.closed = True
            stream.end(StreamEnded(1, title=answer.title, message=answer.message))

    def open_objects(self, cluster: str = "") -> list[FakeStream]:
        """Streams of objects that are read now."""
        return [
            stream
            for stream in self.streams
            if stream.method == "object" and not stream.closed and cluster in ("", stream.arguments["cluster"])
        ]

    def becomes(self, cluster: str, obj: dict[str, Any]) -> None:
        """The object of that name is another one now; whoever reads it is told."""
        self.answer(cluster, obj)
        self.told(cluster, Version(json.dumps(obj).encode(), True))

    def told(self, cluster: str, *told: Told) -> None:
        """Whoever reads an object of the cluster is told."""
        for stream in self.open_objects(cluster):
            for one in told:
                stream.flow(encode(one))
