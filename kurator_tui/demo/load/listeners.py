"""One member's API server: its listener, which can be closed and opened again, and its connections."""

import asyncio
import socket
import ssl

from kurator_tui.demo.load.lists import Lists
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.sessions import Session, Traffic

_BACKLOG = 1024


class Listener:
    """Serves `member` over TLS on a free loopback port, which stays its own over `close` and `open`."""

    def __init__(self, member: Member, traffic: Traffic, token: str, context: ssl.SSLContext) -> None:
        self.member = member
        self.lists = Lists(member)
        self.port = 0
        self._traffic = traffic
        self._token = token
        self._context = context
        self._sessions: set[Session] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """`https://127.0.0.1:port`; the port is known after the first `open`."""
        return f"https://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen; nothing when it does already. Raises OSError."""
        if self._server:
            return
        listener = _listening(self.port)
        self.port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._session, sock=listener, ssl=self._context, backlog=_BACKLOG, ssl_shutdown_timeout=1.0
        )

    def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server:
            self._server.close()
            self._server = None
        self.cut()

    def cut(self) -> None:
        """Cut every connection."""
        for session in tuple(self._sessions):
            session.abort()

    def _session(self) -> Session:
        return Session(self.member, self.lists, self._traffic, self._token, self._sessions)


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
