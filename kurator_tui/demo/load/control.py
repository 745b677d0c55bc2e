"""The endpoint that steers an estate made for load, for benchmarks and fault tests. Loopback HTTP, JSON answers.

    GET  /digest               what pods and nodes there are, and how many events were ever made
    GET  /traffic              streams and connections open now
    POST /rate?events=R        so many events a second from now on
    POST /burst?events=B       so many at once; answers when they are made
    POST /stop                 no more events; answers when the last one is written
    POST /play                 play the script from its start
    POST /kill?cluster=NAME    close the listener and all connections
    POST /revive?cluster=NAME  listen again
    POST /restart              cut all connections of all members, count those that come
    GET  /arrivals             new connections in each 100 ms after the restart, for 30 s
    POST /expire?cluster=NAME  forget the history: watches and pages from before get 410
    POST /truncate?cluster=NAME  cut the next write of each watch in the middle of a line

Without `cluster`, `kill`, `revive`, `expire` and `truncate` mean every member.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from kurator_tui.demo.load.estate import Estate
from kurator_tui.demo.loopback import Loopback

_WRITTEN_WITHIN = 30.0
_POLL = 0.01


class Control(Loopback):
    """The endpoint of one estate."""

    def __init__(self, estate: Estate) -> None:
        super().__init__()
        self._estate = estate
        self._routes: dict[tuple[str, str], Callable[[web.BaseRequest], Awaitable[object]]] = {
            ("GET", "/digest"): self._digest,
            ("GET", "/traffic"): self._traffic,
            ("GET", "/arrivals"): self._arrivals,
            ("POST", "/rate"): self._rate,
            ("POST", "/burst"): self._burst,
            ("POST", "/stop"): self._stop,
            ("POST", "/play"): self._play,
            ("POST", "/kill"): self._kill,
            ("POST", "/revive"): self._revive,
            ("POST", "/restart"): self._restart,
            ("POST", "/expire"): self._expire,
            ("POST", "/truncate"): self._truncate,
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        route = self._routes.get((request.method, request.path))
        if route is None:
            there = ", ".join(" ".join(key) for key in self._routes)
            return web.json_response({"error": f"there are {there}"}, status=404)
        try:
            return web.json_response(await route(request))
        except (ValueError, KeyError) as error:
            return web.json_response({"error": str(error)}, status=400)

    async def _digest(self, _request: web.BaseRequest) -> object:
        return self._estate.digest()

    async def _traffic(self, _request: web.BaseRequest) -> object:
        return self._estate.traffic_now()

    async def _arrivals(self, _request: web.BaseRequest) -> object:
        return {"arrivals": self._estate.arrivals()}

    async def _rate(self, request: web.BaseRequest) -> object:
        self._estate.generator.set_rate(_number(request, "events"))
        return {"rate": self._estate.generator.rate}

    async def _burst(self, request: web.BaseRequest) -> object:
        default = self._estate.options.burst
        count = int(_number(request, "events")) if "events" in request.query else default
        return {"events": await self._estate.generator.burst(count)}

    async def _stop(self, _request: web.BaseRequest) -> object:
        self._estate.generator.set_rate(0)
        self._estate.player.stop()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _WRITTEN_WITHIN
        while (behind := self._estate.behind()) and loop.time() < deadline:  # noqa: ASYNC110 - sockets tell nobody
            await asyncio.sleep(_POLL)
        return {"events": self._estate.generator.sent, "behind": behind}

    async def _play(self, _request: web.BaseRequest) -> object:
        self._estate.player.start()
        return {}

    async def _kill(self, request: web.BaseRequest) -> object:
        for listener in self._estate.chosen(request.query.get("cluster", "")):
            listener.close()
        return {}

    async def _revive(self, request: web.BaseRequest) -> object:
        for listener in self._estate.chosen(request.query.get("cluster", "")):
            await listener.open()
        return {}

    async def _restart(self, _request: web.BaseRequest) -> object:
        self._estate.restart()
        return {}

    async def _expire(self, request: web.BaseRequest) -> object:
        for listener in self._estate.chosen(request.query.get("cluster", "")):
            listener.member.expire()
        return {}

    async def _truncate(self, request: web.BaseRequest) -> object:
        return {"streams": self._estate.truncate(request.query.get("cluster", ""))}


def _number(request: web.BaseRequest, name: str) -> float:
    """A number of the query, 0 or more. Raises ValueError."""
    value = float(request.query.get(name, ""))
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be 0 or more")
    return value
