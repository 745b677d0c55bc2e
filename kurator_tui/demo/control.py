"""A loopback HTTP endpoint through which tests fault the demo's servers from outside.  Off unless asked for.

`GET /failures` tells the moments in which pods began to be unwell: `[{"wall": seconds since 1970, "place":
"cluster/namespace/name", "reason": …}]`.
`POST /fault {"cluster": name, "mode": mode, "seconds": 1.0}` answers 200 when the server has taken the mode up,
400 for a body or mode it does not know, 404 for a cluster that is not there.  `GET /state` tells the modes.
"""

import json
from collections.abc import Mapping

from aiohttp import web

from kurator_tui.demo.apiserver.faults import Mode
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.loopback import Loopback
from kurator_tui.demo.world.story import Story


class Control(Loopback):
    """The endpoint over these servers."""

    def __init__(self, servers: Mapping[str, ClusterServer], story: Story | None = None) -> None:
        super().__init__()
        self._servers = servers
        self._story = story or Story()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.method == "GET" and request.path == "/state":
            return web.json_response({name: str(server.faults.mode) for name, server in self._servers.items()})
        if request.method == "GET" and request.path == "/failures":
            return web.json_response([each._asdict() for each in self._story.failures])
        if request.method == "POST" and request.path == "/fault":
            return await self._fault(await request.text())
        return _refusal(
            404, f"no {request.method} {request.path}; there are POST /fault, GET /state and GET /failures"
        )

    async def _fault(self, text: str) -> web.Response:
        try:
            body = json.loads(text)
            name, mode, seconds = str(body["cluster"]), Mode(body["mode"]), float(body.get("seconds", 1.0))
        except (ValueError, KeyError, TypeError, AttributeError):
            modes = ", ".join(Mode)
            return _refusal(400, f'expected {{"cluster": name, "mode": mode}} with a mode of {modes}')
        server = self._servers.get(name)
        if server is None:
            return _refusal(404, f"no cluster {name!r}; there are {', '.join(self._servers)}")
        await server.faults.set(mode, seconds=seconds)
        return web.json_response({"cluster": name, "mode": str(mode)})


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
