"""Port-forward on the server's side, and what listens behind every port of a container: a small HTTP server."""

import re
import zlib
from collections.abc import Mapping

from kurator_tui.demo.apiserver.remote.box import Box
from kurator_tui.demo.apiserver.remote.sessions import Wire
from kurator_tui.demo.apiserver.remote.spdy import Closed, Data, Event, Opened, Pinged, Spdy, data_frame, pong

TUNNEL = "SPDY/3.1+portforward.k8s.io"
PROTOCOLS = (TUNNEL, "v4.channel.k8s.io")
_PIECE = 32 * 1024
_LENGTH = re.compile(rb"^content-length:\s*(\d+)\s*$", re.IGNORECASE | re.MULTILINE)
_BYTES = re.compile(r"/bytes/(\d{1,9})$")
_LONGEST_HEAD = 16 * 1024


class Hello:
    """One connection to a port: requests in, answers out. `closed` once it wants to end."""

    def __init__(self, box: Box, port: int) -> None:
        self._box = box
        self._port = port
        self._rest = b""
        self._body = 0
        """Bytes of a request's body still to come."""
        self.closed = False

    def feed(self, data: bytes) -> bytes:
        """The answers to the requests that `data` completes."""
        self._rest += data
        answers = b""
        while not self.closed:
            skipped = min(self._body, len(self._rest))
            self._rest, self._body = self._rest[skipped:], self._body - skipped
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                self.closed = len(self._rest) > _LONGEST_HEAD
                return answers
            self._rest = rest
            answers += self._answer(head)
        return answers

    def _answer(self, head: bytes) -> bytes:
        words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            self.closed = True
            return b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        length = _LENGTH.search(head)
        self._body = int(length[1]) if length else 0
        self.closed = words[2] == "HTTP/1.0" or b"connection: close" in head.lower()
        wanted = _BYTES.search(words[1])
        body = f"Hello from {self._box.pod} port {self._port}\n".encode()
        if wanted:
            body = b"x" * int(wanted[1])
        connection = "close" if self.closed else "keep-alive"
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: {connection}\r\n"
        return f"{answer}Content-Length: {len(body)}\r\n\r\n".encode() + (b"" if words[0] == "HEAD" else body)


def refused(box: Box, port: int) -> str:
    """What a node says when nothing listens on a port of the pod."""
    inside = f'inside namespace "{box.uid[:12]}", IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused'
    return (
        f"error forwarding port {port} to pod {box.uid.replace('-', '')}, uid : failed to execute portforward in "
        f'network namespace "/var/run/netns/cni-{box.uid[:12]}": failed to connect to localhost:{port} {inside}'
    )


async def forward(wire: Wire, box: Box, ports: list[int]) -> None:
    """The older form: two channels a port, data and errors, each begun by the port's number."""
    servers: dict[int, Hello] = {}
    for index, port in enumerate(ports):
        number = port.to_bytes(2, "little")
        for channel in (2 * index, 2 * index + 1):
            await wire.send(bytes((channel,)) + number)
        if port in box.ports:
            servers[2 * index] = Hello(box, port)
        else:
            await wire.send(bytes((2 * index + 1,)) + refused(box, port).encode())
    while servers and (message := await wire.receive()) is not None:
        server = servers.get(message[0]) if message else None
        if server is None:
            continue
        answer = server.feed(message[1:])
        for at in range(0, len(answer), _PIECE):
            await wire.send(message[:1] + answer[at : at + _PIECE])
        if server.closed:
            del servers[message[0]]


async def tunnel(wire: Wire, box: Box) -> None:
    """The newer form, kubectl's: SPDY in the websocket, a stream for errors and one for data a connection."""
    spdy, forwarded = Spdy(), _Tunnel(box)
    while (message := await wire.receive()) is not None:
        try:
            events = list(spdy.feed(message))
        except (ValueError, zlib.error):
            return
        for event in events:
            if isinstance(event, Opened):
                await wire.send(spdy.replied(event.stream))
            for frame in forwarded.answers(event):
                await wire.send(frame)


class _Tunnel:
    """The connections of one tunnel, by the number of their data stream."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._errors: dict[str, int] = {}
        """Request -> its stream for errors, until its stream for data is opened."""
        self._open: dict[int, tuple[Hello, int]] = {}

    def answers(self, event: Event) -> list[bytes]:
        """The frames that answer what the client did."""
        match event:
            case Pinged(number):
                return [pong(number)]
            case Opened(stream, headers):
                return self._opened(stream, headers.get("streamtype", ""), headers)
            case Closed(stream):
                self._open.pop(stream, None)
            case Data(stream, data, last) if stream in self._open:
                return self._fed(stream, data, last)
            case _:
                pass
        return []

    def _opened(self, stream: int, kind: str, headers: Mapping[str, str]) -> list[bytes]:
        request, port = headers.get("requestid", ""), headers.get("port", "")
        if kind == "error":
            self._errors[request] = stream
            return []
        errors = self._errors.pop(request, 0)
        number = int(port) if port.isdecimal() else 0
        if number not in self._box.ports:
            why = refused(self._box, number).encode()
            return [data_frame(errors, why, last=True), data_frame(stream, b"", last=True)]
        self._open[stream] = Hello(self._box, number), errors
        return []

    def _fed(self, stream: int, data: bytes, last: bool) -> list[bytes]:
        server, errors = self._open[stream]
        answer = server.feed(data)
        frames = [data_frame(stream, answer[at : at + _PIECE]) for at in range(0, len(answer), _PIECE)]
        if last or server.closed:
            del self._open[stream]
            frames += [data_frame(stream, b"", last=True), data_frame(errors, b"", last=True)]
        return frames
