"""Exec, attach, debug containers and port-forward on the demo's server."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from kurator_tui.demo.apiserver import logs
from kurator_tui.demo.apiserver.remote.spdy import DICTIONARY, data_frame
from kurator_tui.demo.apiserver.storage import rfc3339
from kurator_tui.demo.apiserver.validation import apply_defaults
from tests.unit.demo.apiserver.serving import CATALOGUE, NOW, Api, serving

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
PODS = CATALOGUE.by_plural("pods")
Socket = aiohttp.ClientWebSocketResponse


def running(name: str) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, "state": {"running": {"startedAt": rfc3339(NOW - 60)}}}


def add_pod(api: Api, name: str = "p", image: str = "registry.example/web:v1") -> dict[str, Any]:
    container = {"name": "main", "image": image, "ports": [{"containerPort": 8080}]}
    env = [{"name": "LEVEL", "value": "high"}]
    if api.storage.find(CATALOGUE.by_plural("nodes"), "", "n") is None:
        api.add("nodes", {"metadata": {"name": "n"}})
    pod = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "d"},
        "spec": {"nodeName": "n", "containers": [{**container, "env": env}]},
        "status": {"phase": "Running", "podIP": "10.244.0.9", "containerStatuses": [running("main")]},
    }
    return api.add("pods", apply_defaults(PODS, pod))


@asynccontextmanager
async def connected(
    api: Api,
    subresource: str,
    query: str,
    *,
    pod: str = "p",
    token: str = "a",
    protocol: str = V5,
    prefix: str = "",
) -> AsyncIterator[Socket]:
    url = f"{api.server.url}{prefix}/api/v1/namespaces/d/pods/{pod}/{subresource}?{query}"
    headers = {"Authorization": f"Bearer {token}"}
    async with api.http.ws_connect(url, protocols=(protocol,), headers=headers) as socket:
        assert socket.protocol == protocol
        yield socket


class Talk:
    """What came over a socket, by channel; `end` is the status on the error channel."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.text: dict[int, bytes] = {1: b"", 2: b""}
        self.end: dict[str, Any] = {}

    async def until(self, words: str = "") -> str:
        """All of stdout up to `words`, or to the end."""
        while not words or words.encode() not in self.text[1]:
            message = await asyncio.wait_for(self.socket.receive(), 5)
            if message.type is not aiohttp.WSMsgType.BINARY:
                assert not words, self.text
                break
            channel, data = message.data[0], message.data[1:]
            if channel == 3:
                self.end = json.loads(data)
            else:
                self.text[channel] += data
        text, self.text[1] = self.text[1].decode(), b""
        return text

    async def type(self, text: str) -> None:
        await self.socket.send_bytes(b"\x00" + text.encode())

    @property
    def code(self) -> int:
        if self.end["status"] == "Success":
            return 0
        assert self.end["reason"] == "NonZeroExitCode"
        return int(self.end["details"]["causes"][0]["message"])


async def ran(api: Api, *command: str, stdin: str | None = None, pod: str = "p") -> tuple[int, str, str]:
    """(code, stdout, stderr) of a command without a terminal."""
    query = "&".join(f"command={word}" for word in command) + ("&stdin=true" if stdin is not None else "")
    async with connected(api, "exec", query, pod=pod) as socket:
        talk = Talk(socket)
        if stdin is not None:
            await talk.type(stdin)
            await socket.send_bytes(b"\xff\x00")
        out = await talk.until()
        return talk.code, out, talk.text[2].decode()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("echo", "a", "b"), (0, "a b\n", "")),
        (("sh", "-c", "exit 3"), (3, "", "")),
        (("sh", "-c", "false || echo $LEVEL"), (0, "high\n", "")),
        (("sh", "-c", "false %26%26 echo no; echo $?"), (0, "1\n", "")),
        (("sh", "-c", "true %26%26 cd /app %26%26 ls"), (0, "VERSION\nconfig.yaml\n", "")),
        (("sh", "-c", "'nope' 2>/dev/null; echo $?"), (0, "127\n", "")),
        (("sh", "-c", "echo unseen > /dev/null"), (0, "", "")),
        (("sh", "-c", "cat /nope"), (1, "", "cat: /nope: No such file or directory\n")),
        (("sh", "-c", "echo 'unended"), (2, "", "sh: syntax error: unterminated quoted string\n")),
        (("cat", "/app/VERSION"), (0, "v1\n", "")),
        (("hostname",), (0, "p\n", "")),
        (("stty", "size"), (1, "", "stty: standard input: Not a tty\n")),
        (("seq", "3"), (0, "1\n2\n3\n", "")),
        (("/bin/echo", "x"), (0, "x\n", "")),
    ],
)
async def test_programs(command: tuple[str, ...], expected: tuple[int, str, str]) -> None:
    async with serving() as api:
        add_pod(api)
        assert await ran(api, *command) == expected


async def test_a_script_on_standard_input() -> None:
    async with serving() as api:
        add_pod(api)
        code, out, _ = await ran(api, "sh", stdin="echo one\ncd /etc\npwd\nexit 7\necho never\n")
        assert (code, out) == (7, "one\n/etc\n")
        assert await ran(api, "cat", stdin="größe\nno end") == (0, "größe\nno end", "")


@pytest.mark.parametrize("image", ["gcr.io/distroless/static", "registry.k8s.io/coredns/coredns:v1.11"])
async def test_an_image_without_a_shell(image: str) -> None:
    async with serving() as api:
        add_pod(api, image=image)
        async with connected(api, "exec", "command=sh&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until()
        assert talk.end["code"] == 500
        assert 'exec: "sh": executable file not found in $PATH' in talk.end["message"]


async def test_a_terminal() -> None:
    async with serving() as api:
        add_pod(api)
        script = "command -v bash >/dev/null %26%26 exec bash || exec sh"
        query = f"command=sh&command=-c&command={script}&stdin=true&tty=true&stdout=true"
        async with connected(api, "exec", query) as socket:
            talk = Talk(socket)
            await talk.until("root@p:/# ")
            await socket.send_bytes(b'\x04{"Width":132,"Height":43}')
            await talk.type("stty size\r")
            assert "43 132\r\n" in await talk.until("root@p:/# ")
            await talk.type("echo grüß\x7f\x7fün\x1b[A\r")
            assert "grün\r\n" in await talk.until("root@p:/# ")
            await talk.type("sleep 1000\r")
            await talk.until("sleep 1000\r\n")
            await talk.type("\x03")
            assert await talk.until("root@p:/# ") == "^C\r\nroot@p:/# "
            await talk.type("thrown away\x03")
            await talk.until("^C\r\nroot@p:/# ")
            await talk.type("cat\r")
            await talk.until("cat\r\n")
            await talk.type("again\r\x04")
            assert (await talk.until("root@p:/# ")).startswith("again\r\nagain\r\n")
            await talk.type("exit 9\r")
            await talk.until()
        assert talk.code == 9


async def test_the_end_of_input_ends_a_shell_with_the_last_code() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=sh&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until("/ # ")
            await talk.type("nope\r")
            assert "sh: nope: not found" in await talk.until("/ # ")
            await talk.type("\x04")
            assert await talk.until() == "exit\r\n"
        assert talk.code == 127


async def test_an_old_client_gets_the_old_protocol() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=hostname", protocol=V4) as socket:
            assert await Talk(socket).until() == "p\n"


async def test_a_pod_that_is_removed_ends_its_shells() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=sh&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until("/ # ")
            api.storage.remove(PODS, "d", "p")
            await talk.until()
        assert talk.code == 137


async def test_a_client_that_does_not_read_makes_the_program_wait() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=yes") as socket:
            await socket.receive()
        assert await ran(api, "echo", "still") == (0, "still\n", "")


@pytest.mark.parametrize(
    ("pod", "query", "token", "code"),
    [
        ("nope", "command=ls", "a", 404),
        ("p", "command=ls&container=x", "a", 400),
        ("p", "", "a", 400),
        ("p", "command=ls", "v", 403),
    ],
)
async def test_what_cannot_be_entered(pod: str, query: str, token: str, code: int) -> None:
    async with serving() as api:
        add_pod(api)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with connected(api, "exec", query, pod=pod, token=token):
                pytest.fail("it was entered")
        assert caught.value.status == code


async def test_without_an_upgrade() -> None:
    async with serving() as api:
        add_pod(api)
        status, body = await api.call("GET", "/api/v1/namespaces/d/pods/p/exec?command=ls")
        assert (status, body["message"]) == (400, "Upgrade request required")
        status, body = await api.call("GET", "/api/v1/namespaces/d/pods/p/exec?command=ls", token="v")
        assert status == 403


# -- attach and debug containers ------------------------------------------------------------------------------


async def test_attach_shows_what_the_container_writes() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "attach", "stdout=true") as socket:
            first = await socket.receive()
            assert first.data == b"\x01"
            api.storage.remove(PODS, "d", "p")
            talk = Talk(socket)
            await talk.until()
        assert talk.end


async def test_an_attached_process_goes_on_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_TICK", 0.01)
    now = [NOW]
    async with serving() as api:
        api.storage.clock = lambda: now[0]
        add_pod(api)
        async with connected(api, "attach", "stdout=true") as socket:
            talk, told = Talk(socket), list[str]()
            for _ in range(3):
                now[0] += 600
                told.append(await talk.until("\n"))
            assert len(set(told)) == 3
            assert talk.end == {}


async def test_a_debug_container_is_added_and_has_a_shell() -> None:
    path = "/api/v1/namespaces/d/pods/p/ephemeralcontainers"
    strategic = {"Content_Type": "application/strategic-merge-patch+json"}
    debug = {"name": "debug-x", "image": "busybox", "stdin": True, "tty": True, "targetContainerName": "main"}
    async with serving() as api:
        add_pod(api, image="gcr.io/distroless/static")
        body = {"spec": {"ephemeralContainers": [debug], "nodeName": "elsewhere"}}
        status, pod = await api.call("PATCH", path, body, **strategic)
        assert status == 200
        assert [each["name"] for each in pod["spec"]["ephemeralContainers"]] == ["debug-x"]
        assert pod["spec"]["nodeName"] == "n"
        assert (await api.call("PATCH", path, body, token="v", **strategic))[0] == 403
        live = api.storage.get(PODS, "d", "p")
        told = {**live["status"], "ephemeralContainerStatuses": [running("debug-x")]}
        api.storage.update(PODS, {**live, "status": told})
        async with connected(api, "attach", "container=debug-x&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until("/ # ")
            await talk.type("exit 4\r")
            await talk.until()
        assert talk.code == 4


# -- port-forward ---------------------------------------------------------------------------------------------


async def test_http_behind_a_container_port() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "ports=8080", protocol=V4) as socket:
            port = (8080).to_bytes(2, "little")
            assert (await socket.receive()).data == b"\x00" + port
            assert (await socket.receive()).data == b"\x01" + port
            await socket.send_bytes(b"\x00GET / HTTP/1.1\r\nHost: x\r\n")
            await socket.send_bytes(b"\x00\r\nPOST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nok")
            first, second = (await socket.receive()).data, (await socket.receive()).type
            assert first.count(b"Hello from p port 8080\n") == 2
            assert second is aiohttp.WSMsgType.CLOSE


async def test_nothing_listens_on_another_port() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "ports=81", protocol=V4) as socket:
            messages = [message.data async for message in socket]
        assert messages[2][:1] == b"\x01"
        assert b"connection refused" in messages[2]


@pytest.mark.parametrize("query", ["", "ports=0", "ports=http", "ports=70000"])
async def test_ports_that_are_none(query: str) -> None:
    async with serving() as api:
        add_pod(api)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with connected(api, "portforward", query, protocol=V4):
                pytest.fail("it was forwarded")
        assert caught.value.status == 400


# -- the newer form of port-forward ---------------------------------------------------------------------------

TUNNEL = "SPDY/3.1+portforward.k8s.io"


class Tunnelled:
    """kubectl's side of a tunnel: frames of SPDY."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.deflate = zlib.compressobj(zdict=DICTIONARY)

    async def control(self, kind: int, payload: bytes, flags: int = 0) -> None:
        head = ((0x8003 << 16) | kind).to_bytes(4, "big") + bytes((flags,)) + len(payload).to_bytes(3, "big")
        for byte in head + payload:  # frames may be cut anywhere
            await self.socket.send_bytes(bytes((byte,)))

    async def open(self, stream: int, *, last: bool = False, **headers: str) -> None:
        texts = [text.encode() for pair in headers.items() for text in pair]
        block = len(headers).to_bytes(4, "big") + b"".join(len(t).to_bytes(4, "big") + t for t in texts)
        packed = self.deflate.compress(block) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.control(1, stream.to_bytes(4, "big") + bytes(6) + packed, int(last))

    async def forward(self, port: int) -> None:
        """Open the two streams of a connection: 1 for errors, 3 for data."""
        await self.open(1, last=True, streamtype="error", port=str(port), requestid="0")
        await self.open(3, streamtype="data", port=str(port), requestid="0")
        for stream in (1, 3):
            reply = await self.received()
            assert (reply[:4], reply[8:12]) == (b"\x80\x03\x00\x02", stream.to_bytes(4, "big"))

    async def received(self) -> bytes:
        """The next frame: the server sends each as one message."""
        return bytes((await asyncio.wait_for(self.socket.receive(), 5)).data)


async def test_a_tunnel_carries_http() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "", protocol=TUNNEL) as socket:
            tunnel = Tunnelled(socket)
            await tunnel.forward(8080)
            await tunnel.control(6, b"\x00\x00\x00\x07")
            assert await tunnel.received() == b"\x80\x03\x00\x06\x00\x00\x00\x04\x00\x00\x00\x07"
            await socket.send_bytes(data_frame(3, b"GET / HTTP/1.0\r\n\r\n"))
            answer = await tunnel.received()
            assert answer[:5] == b"\x00\x00\x00\x03\x00"
            assert answer.endswith(b"Hello from p port 8080\n")
            assert await tunnel.received() == data_frame(3, b"", last=True)
            assert await tunnel.received() == data_frame(1, b"", last=True)


async def test_a_tunnel_to_a_port_that_nobody_listens_on() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "", protocol=TUNNEL) as socket:
            tunnel = Tunnelled(socket)
            await tunnel.forward(81)
            why = await tunnel.received()
            assert why[:5] == b"\x00\x00\x00\x01\x01"
            assert b"connection refused" in why
            assert await tunnel.received() == data_frame(3, b"", last=True)


@pytest.mark.parametrize(
    "nonsense", [b"\x80\xff\x00\x01\x00\x00\x00\x00", b"\x80\x03\x00\x01\x00\x00\x00\x0f" + b"\xff" * 15]
)
async def test_nonsense_ends_a_tunnel(nonsense: bytes) -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "", protocol=TUNNEL) as socket:
            await socket.send_bytes(nonsense)
            assert (await asyncio.wait_for(socket.receive(), 5)).type is aiohttp.WSMsgType.CLOSE


def test_the_dictionary_is_the_standards() -> None:
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)
