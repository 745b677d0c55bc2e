"""A loopback double of Thanos Query over the simulated estate."""

from collections.abc import Callable

from aiohttp import web

from kurator_tui.demo.loopback import Loopback
from kurator_tui.demo.world.world import World


class Thanos(Loopback):
    """Placeholder."""

    def __init__(self, world: World, wall: Callable[[], float]) -> None:
        super().__init__()
        self._world = world
        self._wall = wall

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        return web.Response(text="OK")
