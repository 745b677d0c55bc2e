"""A small HTTP server on a free loopback port; subclasses answer the requests."""

from aiohttp import web


class Loopback:
    """Starts and stops a listener on 127.0.0.1; `url` is known after `start`."""

    def __init__(self) -> None:
        self._runner: web.ServerRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen."""
        self._runner = web.ServerRunner(web.Server(self.handle, access_log=None), shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and close the connections; may be called twice."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        raise NotImplementedError
