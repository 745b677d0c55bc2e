"""An endpoint in memory: answers are JSON by path and query, or errors; what is held back waits until told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from kurator_tui.metrics.answers import Answer, Parameters, Payload, payload, vector


def vector_of(*samples: tuple[dict[str, str], float | str]) -> dict[str, Any]:
    """An instant answer."""
    result = [{"metric": labels, "value": [1, str(value)]} for labels, value in samples]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def matrix_of(*series: tuple[dict[str, str], Sequence[tuple[float, float | str]]]) -> dict[str, Any]:
    """An answer of a range."""
    result = [
        {"metric": labels, "values": [[at, str(value)] for at, value in points]} for labels, points in series
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def data_of(data: Any) -> dict[str, Any]:
    """Any other answer."""
    return {"status": "success", "data": data}


class FakeEndpoint:
    """`replies` maps a path to what is answered, or to a function of the query's parameters."""

    name = "thanos:9090"

    def __init__(self, **replies: Any) -> None:
        self.replies: dict[str, Any] = replies
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = 0
        self.most_at_once = 0
        self.cancelled = 0
        self.closed = False

    async def query(self, promql: str) -> Answer:
        return vector(await self.get("query", (("query", promql),)), self.name)

    async def get(self, path: str, parameters: Parameters) -> Payload:
        given = dict(parameters)
        self.asked.append((path, given))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.at_once -= 1
        reply = self.replies.get(path, {"status": "success", "data": []})
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if isinstance(reply, Callable):  # type: ignore[arg-type]
            reply = reply(given)
        if isinstance(reply, Exception):
            raise reply
        return payload(reply if isinstance(reply, bytes) else json.dumps(reply).encode(), self.name)

    async def close(self) -> None:
        self.closed = True

    def queries(self, path: str = "query_range") -> list[str]:
        """The PromQL that was asked at `path`."""
        return [given.get("query", "") for asked, given in self.asked if asked == path]
