"""Connections speak the HTTP that API clients use, one request after another."""

import asyncio
import gzip
import json
from typing import Any, cast

import pytest

from kurator_tui.demo.load.lists import GZIP_FROM, Lists
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.sessions import Session, Traffic
from tests.unit.demo.load.worlds import Client, settled

TOKEN = "secret"


class Pipe(Client):
    """A client and the transport to it in one."""

    def __init__(self, member: Member) -> None:
        super().__init__()
        self.traffic = Traffic()
        self.session = Session(member, Lists(member), self.traffic, TOKEN, set())
        self.session.connection_made(cast(asyncio.BaseTransport, self))

    def set_write_buffer_limits(self, high: int) -> None:
        """Nothing is buffered here."""

    def is_closing(self) -> bool:
        """Whether the server closed."""
        return self.closed

    def ask(
        self, path: str, *, method: str = "GET", token: str = TOKEN, body: bytes = b"", **headers: str
    ) -> None:
        """Send a request."""
        self.session.data_received(request(path, method=method, token=token, body=body, **headers))

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Take the first whole answer off what was received: status, headers, body."""
        head, _, rest = self.received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        length = int(headers.get("content-length", 0))
        self.received = rest[length:]
        return int(first.split()[1]), headers, rest[:length]


def request(path: str, *, method: str = "GET", token: str = TOKEN, body: bytes = b"", **headers: str) -> bytes:
    sent = {"Host": "x", "Authorization": f"Bearer {token}", **headers}
    if body:
        sent["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in sent.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture
async def pipe() -> Pipe:
    return Pipe(settled(pods=100)[0])


def got(pipe: Pipe, path: str, **asked: Any) -> tuple[int, Any]:
    pipe.ask(path, **asked)
    status, _, body = pipe.answer()
    return status, json.loads(body)


async def test_version_needs_no_token_and_everything_else_does(pipe: Pipe) -> None:
    assert got(pipe, "/version", token="wrong")[1]["gitVersion"].startswith("v1.")
    status, body = got(pipe, "/api/v1/pods", token="wrong")
    assert (status, body["kind"], body["reason"], body["code"]) == (401, "Status", "Unauthorized", 401)


async def test_discovery_both_ways(pipe: Pipe) -> None:
    assert got(pipe, "/api")[1]["kind"] == "APIVersions"
    assert got(pipe, "/apis")[1]["kind"] == "APIGroupList"
    plain = {entry["name"] for entry in got(pipe, "/api/v1")[1]["resources"]}
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    aggregated = got(pipe, "/api", Accept=accept)[1]
    assert aggregated["kind"] == "APIGroupDiscoveryList"
    named = {each["resource"] for each in aggregated["items"][0]["versions"][0]["resources"]}
    assert {"pods", "nodes", "namespaces", "events"} <= named <= plain
    assert got(pipe, "/apis/apps/v1")[1]["groupVersion"] == "apps/v1"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/unicorns", 404),
        ("GET", "/metrics", 404),
        ("GET", "/api/v1/namespaces/shop/pods/nobody", 404),
        ("DELETE", "/api/v1/namespaces/shop/pods/x", 405),
        ("POST", "/api/v1/namespaces/shop/pods", 405),
        ("GET", "/api/v1/pods?watch=true&resourceVersion=abc", 400),
    ],
)
async def test_what_is_not_served_is_a_status(pipe: Pipe, method: str, path: str, code: int) -> None:
    status, body = got(pipe, path, method=method)
    assert (status, body["kind"], body["code"]) == (code, "Status", code)


async def test_one_object_is_found(pipe: Pipe) -> None:
    item = got(pipe, "/api/v1/namespaces/shop/pods?limit=1")[1]["items"][0]
    status, body = got(pipe, f"/api/v1/namespaces/shop/pods/{item['metadata']['name']}")
    assert (status, body["kind"], body["metadata"]) == (200, "Pod", item["metadata"])
    assert got(pipe, "/api/v1/namespaces/shop")[1]["kind"] == "Namespace"


async def test_an_access_review_allows(pipe: Pipe) -> None:
    spec = {"resourceAttributes": {"verb": "list", "resource": "pods"}}
    status, body = got(
        pipe,
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        method="POST",
        body=json.dumps({"spec": spec}).encode(),
    )
    assert (status, body["spec"], body["status"]["allowed"]) == (201, spec, True)


async def test_requests_in_pieces_and_in_one_piece(pipe: Pipe) -> None:
    both = request("/version") + request("/api")
    for byte in both[:-1]:
        pipe.session.data_received(bytes([byte]))
    pipe.session.data_received(both[-1:])
    assert [pipe.answer()[0], pipe.answer()[0]] == [200, 200]
    pipe.session.data_received(both)
    assert json.loads(pipe.answer()[2])["major"]
    assert json.loads(pipe.answer()[2])["kind"] == "APIVersions"


@pytest.mark.parametrize("text", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"])
async def test_what_is_no_http_is_refused_and_closed(pipe: Pipe, text: bytes) -> None:
    pipe.session.data_received(text)
    assert pipe.answer()[0] == 400
    assert pipe.closed


async def test_large_lists_are_compressed_for_who_wants_it(pipe: Pipe) -> None:
    pipe.ask("/api/v1/pods?limit=100", Accept_Encoding="gzip, deflate")
    while not pipe.received:
        await asyncio.sleep(0)
    _, headers, packed = pipe.answer()
    assert headers["content-encoding"] == "gzip"
    pipe.ask("/api/v1/pods?limit=100")
    _, headers, plain = pipe.answer()
    assert "content-encoding" not in headers
    assert gzip.decompress(packed) == plain
    assert len(plain) > GZIP_FROM
    pipe.ask("/api/v1/pods?limit=2", Accept_Encoding="gzip")
    assert "content-encoding" not in pipe.answer()[1]


async def test_a_watch_streams_chunks_and_ends_for_the_next_request() -> None:
    member, generator = settled()
    pipe = Pipe(member)
    pipe.ask(f"/api/v1/pods?watch=true&resourceVersion={member.rv}&timeoutSeconds=30")
    status, headers, _ = pipe.answer()
    assert (status, headers["transfer-encoding"]) == (200, "chunked")
    (stream,) = pipe.traffic.streams
    generator.make(3)
    assert len(pipe.events()) == 3
    pipe.received = b""
    pipe.ask("/version")
    assert pipe.received == b""
    stream.housekeep(asyncio.get_running_loop().time() + 31)
    assert pipe.received == b"0\r\n\r\n"
    await asyncio.sleep(0)
    pipe.received = pipe.received.removeprefix(b"0\r\n\r\n")
    assert pipe.answer()[0] == 200
    assert not pipe.traffic.streams


async def test_a_lost_connection_takes_its_watch_along() -> None:
    member, generator = settled()
    pipe = Pipe(member)
    pipe.ask("/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    assert member.pods.followers
    assert pipe.traffic.connections == 1
    pipe.session.connection_lost(None)
    pipe.received = b""
    generator.make(2)
    assert (pipe.received, member.pods.followers, pipe.traffic.streams) == (b"", set(), set())
    assert (pipe.traffic.connections, pipe.traffic.lost) == (0, 1)


async def test_a_slow_client_is_written_to_when_it_reads_again() -> None:
    member, generator = settled(nodes=0)
    pipe = Pipe(member)
    pipe.ask(f"/api/v1/pods?watch=true&resourceVersion={member.rv}")
    pipe.answer()
    pipe.session.pause_writing()
    generator.make(5)
    assert pipe.received == b""
    pipe.session.resume_writing()
    assert len(pipe.events()) == 5
